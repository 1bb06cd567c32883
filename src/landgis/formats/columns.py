"""Column names as files bear them, brought to the names of the house.

Ministry codes, Chinese labels, common headings, headings with a unit, and names that a shapefile
has cut: all are recognised by `schema`; what is not recognised stays as it is.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from landgis.formats import values
from landgis.model.errors import SchemaError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from landgis.model.schema import Column, Table

ROW_NUMBER = "#"  # as a source in `columns`: number the rows
LEFT_OUT = ""  # as a source in `columns`: leave the canonical column out

SUGGESTED = 5  # canonical names offered in place of an unknown one
CUT_BYTES = 10  # a .dbf keeps no more of a field name
CUT_LEAST = 8  # a name cut between characters of two or three bytes keeps at least so many
_UNIT_BEHIND = re.compile(r"(.+?)\((?:单位:)?([^()]+)\)")
_LEDGER_PART = re.compile(r"^(报批|合同|权利人)_")  # the ministry's tables name the part first


class Naming(NamedTuple):
    """Which source column became which canonical one, and in what unit its numbers are."""

    sources: dict[str, str]
    units: dict[str, str]


def recognise(
    fields: Sequence[str],
    of: Table,
    *,
    columns: Mapping[str, str] | None = None,
    cut: bool = False,
    file: str | Path | None = None,
) -> Naming:
    """Find the source of every canonical column that a file has.

    Parameters
    ----------
    fields : sequence of str
        Column names as read.
    of : Table
        The table of the house that they shall become.
    columns : mapping of str to str or None, optional
        Canonical name to source name, which goes before everything recognised; ``"#"`` numbers
        the rows, an empty text leaves the canonical column out.
    cut : bool, optional
        Whether names may have been cut after ten bytes, as in a shapefile.
    file : str or Path or None, optional
        Name for the error message.

    Returns
    -------
    Naming
        `sources`, canonical name to source name, and `units`, canonical name to the unit that a
        heading such as ``地块面积（亩）`` states.

    Raises
    ------
    UsageError
        ``unknown_column`` where `columns` names a canonical column that the table has not.
    SchemaError
        ``column_absent`` where `columns` names a source column that the file has not;
        ``column_twice`` where an unrecognised column bears the name of a canonical one.

    Notes
    -----
    Two source columns for one canonical column: the first by the schema's order of names wins,
    the other keeps its name.

    Examples
    --------
    >>> from landgis.model.schema import PARCELS
    >>> recognise(["DKBH", "地块面积（亩）", "note"], PARCELS)
    Naming(sources={'parcel_id': 'DKBH', 'declared_ha': '地块面积（亩）'}, units={'declared_ha': '亩'})
    """
    given = dict(columns or {})
    _check_given(given, fields, of, file)
    recognised = _candidates(
        [field for field in fields if field not in given.values()], of, cut=cut
    )
    sources, units = {}, {}
    for column in of.columns:
        if column.name not in given and column.name in recognised:
            sources[column.name], unit = recognised[column.name]
        elif given.get(column.name, LEFT_OUT) not in {LEFT_OUT, ROW_NUMBER}:
            sources[column.name] = given[column.name]
            _, unit = _stated_unit(_fold(given[column.name]), column)
        else:
            continue
        if unit:
            units[column.name] = unit
    kept = set(fields) - set(sources.values())
    twice = sorted((sources.keys() | given.keys()) & kept - {"geometry"})
    if twice:
        raise SchemaError(
            "column_twice",
            f"{', '.join(twice)} would stand twice: from {given.get(twice[0])!r} and of its own",
            hint=f"文件中已有名为 {'、'.join(twice)} 的列，与 columns 指定的来源列"
            f"“{given.get(twice[0], '')}”重名：请先改名或删去其一。",
            file=file,
        )
    return Naming(sources, units)


def meets(of: Table) -> Callable[[str], str]:
    """Give a function that recognises one heading of a table.

    Parameters
    ----------
    of : Table
        The table.

    Returns
    -------
    callable
        From a heading to its canonical name, empty where it is not recognised.

    Examples
    --------
    >>> from landgis.model.schema import PARCELS
    >>> met = meets(PARCELS)
    >>> met("地块面积（亩）"), met("甲方")
    ('declared_ha', '')
    """
    return partial(_recognised, of=of, met=_folded(of))


def _recognised(heading: str, of: Table, met: Mapping[str, str]) -> str:
    name, _ = _met(heading, of, met, cut=False)
    return met[name] if name else ""


def _folded(of: Table) -> dict[str, str]:
    """Give the canonical name for every name met, made comparable; the first of two alike wins."""
    met: dict[str, str] = {}
    for name, canonical in of.names_met().items():
        met.setdefault(_fold(name), canonical)
    return met


def _candidates(fields: Sequence[str], of: Table, *, cut: bool) -> dict[str, tuple[str, str]]:
    """Give source and stated unit of every canonical column met, the schema's first name first."""
    met = _folded(of)
    rank = {name: position for position, name in enumerate(met)}
    found: dict[str, list[tuple[int, str, str]]] = {}
    for field in fields:
        name, unit = _met(field, of, met, cut=cut)
        if name:
            found.setdefault(met[name], []).append((rank[name], field, unit))
    return {name: min(best, key=lambda one: one[0])[1:] for name, best in found.items()}


def _check_given(
    given: Mapping[str, str], fields: Iterable[str], of: Table, file: str | Path | None
) -> None:
    for canonical, source in given.items():
        known = [column.name for column in of.columns if column.kind != "geometry"]
        if canonical not in known:
            near = difflib.get_close_matches(canonical, known, SUGGESTED, cutoff=0.0)
            raise UsageError(
                "unknown_column",
                f"columns names {canonical!r} (from {source!r}), which the {of.name} table has not",
                hint=f"{of.label}表没有标准字段“{canonical}”（来源列“{source}”）：相近的有 {'、'.join(near)}。",
                file=file,
            )
        if source == ROW_NUMBER and canonical != of.index:
            raise UsageError(
                "unknown_column",
                f"only {of.index} can number the rows, not {canonical}",
                hint=f"“{ROW_NUMBER}”（按行号编号）只能用于 {of.index}，不能用于 {canonical}。",
                file=file,
            )
        if source not in {LEFT_OUT, ROW_NUMBER} and source not in fields:
            raise SchemaError(
                "column_absent",
                f"columns maps {canonical!r} to {source!r}, which the file has not",
                hint=f"columns 指定的来源列“{source}”（对应 {canonical}）不在文件中：文件有 {'、'.join(fields)}。",
                file=file,
            )


def _met(field: str, of: Table, met: Mapping[str, str], *, cut: bool) -> tuple[str, str]:
    """Give the name among `met` that a field bears, and the unit it states."""
    name = _fold(field)
    bare = name.partition("(")[0]
    if bare in met:
        stated, unit = _stated_unit(name, of.column(met[bare]))
        if unit:
            return stated, unit
    for candidate in (name, _fold(_LEDGER_PART.sub("", field))):
        if candidate in met:
            return candidate, ""
    return (_uncut(name, met) if cut else ""), ""


def _stated_unit(name: str, column: Column) -> tuple[str, str]:
    """Split a heading such as ``地块面积(亩)`` into name and unit, where the unit fits the column."""
    parts = _UNIT_BEHIND.fullmatch(name)
    if parts and column.unit and values.convertible(parts[2].lower(), column.unit):
        return parts[1], parts[2].lower()
    return name, ""


def _fold(name: str) -> str:
    """Make names comparable: width, case, blanks and underscores say nothing."""
    return re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", name)).upper()


def _uncut(name: str, met: Mapping[str, str]) -> str:
    """Give the only name that a shapefile could have cut to this one.

    A name cut behind an opened bracket has lost its unit, and is not recognised.
    """
    if "(" in name:
        return ""
    sizes = {len(name.encode(encoding, "replace")) for encoding in ("gb18030", "utf-8")}
    if not any(CUT_LEAST <= size <= CUT_BYTES for size in sizes):
        return ""
    longer = [full for full in met if full.startswith(name)]
    return longer[0] if len({met[full] for full in longer}) == 1 else ""

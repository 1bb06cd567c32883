"""Short names for the columns a user named himself, where a shapefile's ten bytes are too few.

Columns of the house have field codes and short names of their own (`headings`). A shapefile's other
columns are cut here, each to a name of its own; a list beside the shapefile keeps the full names,
and reading gives them back.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import TYPE_CHECKING

from landgis.formats.columns import CUT_BYTES, recognise
from landgis.formats.encoding import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from landgis.model.schema import Table

HEADINGS = ["短字段名", "原字段名"]
_OPENED = re.compile(r"[（(][^）)]*$")  # half a unit is worse than none


def shorten(
    names: Iterable[str], *, of: Table, taken: Iterable[str], encoding: str
) -> dict[str, str]:
    """Give every name that is too long for a shapefile one that fits and is nobody else's.

    Parameters
    ----------
    names : iterable of str
        Names of columns that `of` does not know.
    of : Table
        The table they stand in; no short name reads like one of its columns.
    taken : iterable of str
        Every field name of the file, these among them.
    encoding : str
        Encoding in which bytes are counted.

    Returns
    -------
    dict of str to str
        Short name by full name, of those that are too long alone.

    Notes
    -----
    A name loses its end, never half a character; a bracket left open goes too. Where that is taken
    already, upper or lower case alike, or would be read as another column, a number follows.

    Examples
    --------
    >>> from landgis.model.schema import PARCELS
    >>> names = ["built_share", "built_share_2019", "产值（万元）"]
    >>> shorten(names, of=PARCELS, taken=names, encoding="GBK")
    {'built_share': 'built_shar', 'built_share_2019': 'built_sh_1', '产值（万元）': '产值'}
    """
    used = {name.lower() for name in taken}
    short = {}
    for name in names:
        if len(name.encode(encoding, "replace")) <= CUT_BYTES:
            continue
        for number in itertools.count():
            tail = f"_{number}" if number else ""
            fitting = _cut(name, CUT_BYTES - len(tail), encoding) + tail
            if fitting.lower() not in used and not recognise([fitting], of, cut=True).sources:
                break
        used.add(fitting.lower())
        short[name] = fitting
    return short


def _cut(name: str, size: int, encoding: str) -> str:
    fitting = name.encode(encoding, "replace")[:size].decode(encoding, "ignore")
    return _OPENED.sub("", fitting).rstrip("_ ") or fitting


def list_beside(path: Path) -> Path:
    """Name the list of full names that belongs to a shapefile.

    Parameters
    ----------
    path : Path
        The ``.shp`` file.

    Returns
    -------
    Path
        Such as ``a.字段对照.csv`` beside ``a.shp``.
    """
    return path.with_suffix(".字段对照.csv")


def write_list(short: Mapping[str, str], path: Path) -> None:
    """Write short and full names as a CSV that Excel opens.

    Parameters
    ----------
    short : mapping of str to str
        Short name by full name.
    path : Path
        The file to write.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [HEADINGS, *((fitting, name) for name, fitting in short.items())]
        )


def full_names(path: Path, fields: Iterable[str]) -> dict[str, str]:
    """Give the full names that the list beside a shapefile keeps.

    Parameters
    ----------
    path : Path
        The ``.shp`` file.
    fields : iterable of str
        Its field names.

    Returns
    -------
    dict of str to str
        Full name by field name: none without a list, and none for a field that another program
        has removed or whose full name is another field's by now.

    Raises
    ------
    SourceError
        ``encoding_wrong``.
    """
    beside = list_beside(path)
    if not beside.is_file():
        return {}
    present = set(fields)
    rows = list(csv.reader(io.StringIO(decode(beside.read_bytes(), file=beside))))
    if not rows or rows[0] != HEADINGS:
        return {}
    pairs = [row for row in rows[1:] if len(row) == len(HEADINGS)]
    return {fitting: name for fitting, name in pairs if fitting in present and name not in present}

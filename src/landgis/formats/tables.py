"""The door for tables: the annex, disposals, lists and ledgers in, CSV out."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.formats.annex import read_annex
from landgis.formats.crosswalk import read_crosswalk
from landgis.formats.disposals import read_disposals
from landgis.formats.headings import TRUTH
from landgis.formats.ledgers import read_ledger
from landgis.formats.lists import read_list
from landgis.model.files import complete_file
from landgis.model.schema import LAYER_LABELS, TABLES
from landgis.model.units import DECIMALS, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pandas import DataFrame

    from landgis.model.schema import Column, Table

__all__ = [
    "read_annex",
    "read_crosswalk",
    "read_disposals",
    "read_ledger",
    "read_list",
    "table_text",
    "write_table",
]

PLAIN_DECIMALS = 6  # at most, of numbers without a unit: shares, ratios, coordinates of either kind


def write_table(table: DataFrame, path: str | Path, *, of: Table) -> Path:
    """Write a table as a CSV that Excel opens: UTF-8 with byte order mark, Chinese headings.

    Parameters
    ----------
    table : DataFrame
        Any table of the house; geometry is left out, a named index becomes the first column.
    path : str or Path
        The ``.csv`` file; an existing one is replaced.
    of : Table
        Which table it is: its labels become the headings; unknown columns keep their names.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        ``output_unwritable``.

    Notes
    -----
    公顷 with four decimals (six where square decimetres must add up), 平方米, 米 and 万元 with two,
    numbers without a unit with six at most, all half-up; 是, 否 and blank for truths; the planner's
    word for a value that has one (``Column.words``) and for a layer (``schema.LAYER_LABELS``);
    ISO dates; blank for the unknown. Decimals stay as printed. A program reads GeoPackage, Parquet
    or JSON, which keep every digit and code.

    Examples
    --------
    >>> import tempfile
    >>> from landgis.model.schema import ANNEX
    >>> annex = pd.DataFrame({"unit": ["灵山县"], "land_class": ["低效"], "official_ha": [76.11]})
    >>> path = write_table(annex, Path(tempfile.mkdtemp()) / "annex.csv", of=ANNEX)
    >>> print(path.read_text(encoding="utf-8-sig").strip())
    县区,类别,官方面积（公顷）
    灵山县,低效,76.1100
    """
    target = Path(path)
    with (
        complete_file(target) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        csv.writer(file, lineterminator="\r\n").writerows(_rows(table, of))
    return target


def table_text(table: DataFrame, *, of: Table) -> str:
    """Give a table as CSV text for a reader, its cells as `write_table` writes them.

    Parameters
    ----------
    table : DataFrame
        Any table of the house; geometry is left out, a named index becomes the first column.
    of : Table
        Which table it is: its labels become the headings; unknown columns keep their names.

    Returns
    -------
    str
        One line per row, the headings first, each ended by a line feed.

    Examples
    --------
    >>> from landgis.model.schema import GAP_CHOICES
    >>> choices = pd.DataFrame({"gap_m": [20.0], "cluster_count": [3], "area_m2": [0.1 + 0.2]})
    >>> print(table_text(choices, of=GAP_CHOICES), end="")
    间距（米）,连片数（片）,椭球面积（平方米）
    20.00,3,0.30
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_rows(table, of))
    return text.getvalue()


def _rows(table: DataFrame, of: Table) -> Iterator[tuple[str, ...] | list[str]]:
    frame = table.reset_index() if table.index.name is not None else table
    known = {column.name: column for column in of.columns}
    if of.name in TABLES and "layer" in known and "layer" in frame.columns:
        frame = frame.assign(layer=[LAYER_LABELS.get(layer, layer) for layer in frame["layer"]])
    names = [name for name in frame.columns if not _is_geometry(name, known.get(name))]
    yield [known[name].heading if name in known else str(name) for name in names]
    cells = [[_cell(cell, known.get(name)) for cell in frame[name].tolist()] for name in names]
    yield from zip(*cells, strict=True)


def _is_geometry(name: object, column: Column | None) -> bool:
    return str(name) == "geometry" and (column is None or column.kind == "geometry")


def _cell(cell: Any, column: Column | None) -> str:
    """Print one cell; the unknown is blank."""
    if isinstance(cell, list | tuple):
        return "、".join(_cell(item, column) for item in cell)
    if pd.isna(cell):
        return ""
    if column is not None and column.words:
        return column.word(str(cell))
    if isinstance(cell, float):
        return _figure(cell, column)
    return _plain(cell)


def _plain(cell: Any) -> str:
    if isinstance(cell, bool):
        return TRUTH[cell]
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    midnight = isinstance(cell, dt.datetime) and cell.time() == dt.time()
    return cell.date().isoformat() if midnight else str(cell)


def _figure(number: float, column: Column | None) -> str:
    decimals = None
    if column is not None:
        decimals = DECIMALS.get(column.unit) if column.decimals is None else column.decimals
    if decimals is not None:
        return show(number, decimals)
    return show(number, PLAIN_DECIMALS).rstrip("0").rstrip(".")

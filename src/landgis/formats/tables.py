"""The door for tables: the annex, disposals, lists and ledgers in, CSV out."""

from __future__ import annotations

import csv
import datetime as dt
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
from landgis.model.units import HA_DECIMALS, show

if TYPE_CHECKING:
    from pandas import DataFrame

    from landgis.model.schema import Column, Table

__all__ = [
    "read_annex",
    "read_crosswalk",
    "read_disposals",
    "read_ledger",
    "read_list",
    "write_table",
]

# Decimals printed by unit: ledgers print 公顷 to the square metre, surveys 平方米 to the square
# decimetre. Numbers of other units are printed in full.
_DECIMALS = {"公顷": HA_DECIMALS, "平方米": 2}


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
    公顷 with four decimals (six where square decimetres must add up), 平方米 with two, half-up;
    other numbers in full; 是, 否 and blank for truths; ISO dates; blank for the unknown. Decimals
    stay as printed.

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
    frame = table.reset_index() if table.index.name is not None else table
    known = {column.name: column for column in of.columns}
    names = [name for name in frame.columns if str(name) != "geometry"]
    headings = [known[name].heading if name in known else str(name) for name in names]
    cells = [[_cell(cell, known.get(name)) for cell in frame[name].tolist()] for name in names]
    with (
        complete_file(target) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(headings)
        writer.writerows(zip(*cells, strict=True))
    return target


def _cell(cell: Any, column: Column | None) -> str:
    """Print one cell; the unknown is blank."""
    if isinstance(cell, list | tuple):
        return "、".join(str(item) for item in cell)
    if pd.isna(cell):
        return ""
    if isinstance(cell, bool):
        return TRUTH[cell]
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, float):
        decimals = None
        if column is not None:
            decimals = _DECIMALS.get(column.unit) if column.decimals is None else column.decimals
        return repr(cell) if decimals is None else show(cell, decimals)
    midnight = isinstance(cell, dt.datetime) and cell.time() == dt.time()
    return cell.date().isoformat() if midnight else str(cell)

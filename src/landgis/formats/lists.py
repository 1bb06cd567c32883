"""Plain lists (清单): one row of headings that the schema knows, one row a thing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from landgis.formats import columns as names
from landgis.formats import sheets, values
from landgis.model.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

    from pandas import DataFrame

    from landgis.formats.sheets import Sheet
    from landgis.model.schema import Table


def read_list(path: str | Path, *, of: Table) -> DataFrame:
    r"""Read a list whose columns a table of the schema names.

    Parameters
    ----------
    path : str or Path
        Workbook or CSV: any rows of title and unit, one row of headings, the rows; every sheet
        that has such headings is read.
    of : Table
        What the list is of, such as `schema.TARGETS`.

    Returns
    -------
    DataFrame
        The table's columns that the file has, in the table's order and kinds, areas in 公顷
        whatever the sheet's unit; blank is unknown. Rows of sums and footnotes are left out.

    Raises
    ------
    SourceError
        ``file_missing``, ``format_unsupported``, ``not_workbook``, ``encoding_wrong``.
    SchemaError
        ``list_heading_missing``, ``unit_contradiction``, ``value_unreadable`` with the cell.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from landgis.model import schema
    >>> text = "2022年任务（单位：亩）\n县区,年度,年度任务\n灵山县,2022,1500\n合计,2022,1500"
    >>> path = Path(tempfile.mkdtemp()) / "targets.csv"
    >>> _ = path.write_text(text, encoding="gbk")
    >>> print(read_list(path, of=schema.TARGETS).to_string(index=False))
    unit  year  task_ha
     灵山县  2022    100.0
    """
    import pandas as pd

    parts = [
        _rows(sheet, head, of, path)
        for sheet in sheets.read_sheets(path)
        if (head := heading_row(sheet, of)) is not None
    ]
    if not parts:
        wanted = "、".join(column.label for column in of.columns if column.required)
        raise SchemaError(
            "list_heading_missing",
            f"no row of headings of the {of.name} table",
            hint=f"没有找到{of.label}的表头：应有一行含{wanted}。",
            file=path,
        )
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def heading_row(sheet: Sheet, of: Table) -> int | None:
    """Find the row that names every required column of a table.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    of : Table
        The table.

    Returns
    -------
    int or None
        The row, from 0; None where the sheet has none.
    """
    met = names.meets(of)
    wanted = {column.name for column in of.columns if column.required}
    for row, cells in enumerate(sheet.rows):
        if wanted <= {met(sheet.text(row, i)) for i in range(len(cells))}:
            return row
    return None


def _rows(sheet: Sheet, head: int, of: Table, path: str | Path) -> DataFrame:
    import pandas as pd

    texts = [sheet.text(head, i) for i in range(len(sheet.rows[head]))]
    naming = names.recognise([text for text in texts if text], of, file=path)
    note = sheets.unit_note(sheet)
    rows = [row for row in range(head + 1, len(sheet.rows)) if _is_thing(sheet, row)]
    table: dict[str, Any] = {}
    for name, heading in naming.sources.items():
        column, place = of.column(name), texts.index(heading)
        measured = column.unit and note and values.convertible(note, column.unit)
        table[name] = values.bring(
            pd.Series([sheet.rows[row][place] for row in rows], dtype="object"),
            column,
            place=partial(_address, sheet, rows, place),
            unit=naming.units.get(name, note if measured else ""),
            serials=True,
            file=path,
        )
    ordered = [column.name for column in of.columns if column.name in table]
    return pd.DataFrame(table)[ordered]


def _address(sheet: Sheet, rows: list[int], column: int, position: int) -> str:
    return sheet.address(rows[position], column)


def _is_thing(sheet: Sheet, row: int) -> bool:
    """Whether a row is neither blank, nor a sum, nor a footnote."""
    filled = [text for i in range(len(sheet.rows[row])) if (text := sheet.text(row, i))]
    if not filled or sheets.is_total(filled[0]):
        return False
    return not (sheets.is_note(filled[0]) and len(set(filled)) == 1)

"""What was disposed of: a register parcel by parcel, or a quarterly workbook unit by unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from landgis.formats import lists, sheets, values
from landgis.model import schema
from landgis.model.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pandas import DataFrame

    from landgis.formats.sheets import Sheet

_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_QUARTER = re.compile(r"(?:第?([一二三四1-4])季度?|Q([1-4]))", re.IGNORECASE)
_YEAR = re.compile(r"(20\d{2})(?:\.0)?")
# What a heading names, the first that fits; cumulated figures and rates are nobody's.
_ROLES = {
    "task": re.compile(r"任务"),
    "": re.compile(r"累计|率|序时|进度|差|排名|备注|达标|占比|%"),
    "quarter": re.compile(r"^季度$"),
    "year": re.compile(r"^(年度|年份|年)$"),
    "done": re.compile(r"完成|处置|[一二三四1-4]季度|^Q[1-4]$", re.IGNORECASE),
}
_HEADING_ROWS = 3  # at most


class _Columns(NamedTuple):
    """Where a sheet keeps what; ``done`` by quarter, 0 where a row names its own."""

    unit: int
    year: int | None
    quarter: int | None
    task: int | None
    done: dict[int, int]
    head: int
    data: int


def read_disposals(path: str | Path) -> DataFrame:
    r"""Read disposals, parcel by parcel or by unit and quarter.

    Parameters
    ----------
    path : str or Path
        Workbook or CSV. A register (处置台账) has one row per disposal: columns 地块编号,
        处置完成日期, 处置面积. A progress workbook has one row per unit and quarter (columns 县区,
        季度, 年度任务, 本季完成), one row per unit with a column per quarter (一季度 … 四季度), or
        one sheet per quarter; year and quarter stand in columns, in the sheet's name or in the
        title. All sheets are read.

    Returns
    -------
    DataFrame
        `schema.DISPOSALS` of a register; else `schema.REPORTS` in printed order: ``unit``,
        ``year``, ``quarter``, ``task_ha``, ``done_ha`` (公顷; unknown where the cell is blank). Rows
        of sums are left out.

    Raises
    ------
    SourceError
        ``file_missing``, ``format_unsupported``, ``not_workbook``, ``encoding_wrong``.
    SchemaError
        ``disposals_heading_missing``, ``column_missing``, ``year_missing``, ``quarter_missing``,
        ``unit_contradiction``, ``value_unreadable`` with the cell.

    Notes
    -----
    The unit of area is that of the heading (``本季完成（亩）``), else of the sheet (``单位：亩``),
    else 公顷. Cumulated figures and rates are not read: `progress` makes them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = "2022年一季度进度表（单位：亩）\n县区,年度任务,本季完成\n灵山县,1500,15\n合计,1500,15"
    >>> path = Path(tempfile.mkdtemp()) / "progress.csv"
    >>> _ = path.write_text(text, encoding="gbk")
    >>> print(read_disposals(path).to_string(index=False))
    unit  year  quarter  task_ha  done_ha
     灵山县  2022        1    100.0      1.0
    """
    import pandas as pd

    read = sheets.read_sheets(path)
    if any(lists.heading_row(sheet, schema.DISPOSALS) is not None for sheet in read):
        return lists.read_list(path, of=schema.DISPOSALS)
    found = [(sheet, columns) for sheet in read if (columns := _columns(sheet))]
    if not found:
        raise SchemaError(
            "disposals_heading_missing",
            "no row of headings with 县区 and 本季完成",
            hint="没有找到表头：季度进度表应有一行含“县区”“年度任务”“季度”“本季完成”（或一至四季度各一列），"
            "逐宗处置台账应有一行含“地块编号”“处置完成日期”“处置面积”。",
            file=path,
        )
    records = [record for sheet, columns in found for record in _records(sheet, columns)]
    table = pd.DataFrame(records, columns=[column.name for column in schema.REPORTS.columns])
    return table.astype(
        {column.name: schema.DTYPES[column.kind] for column in schema.REPORTS.columns}
    )


def _columns(sheet: Sheet) -> _Columns | None:
    for head in range(len(sheet.rows)):
        width = range(len(sheet.rows[head]))
        unit = next((i for i in width if sheets.UNIT_WORDS.fullmatch(sheet.text(head, i))), None)
        if unit is None or len({sheet.text(head, i) for i in width} - {""}) == 1:
            continue
        heading = sheet.text(head, unit)
        data = head + 1
        while data < len(sheet.rows) and (
            sheet.text(data, unit) in {"", heading} or sheet.numbers_columns(data)
        ):
            data += 1
        return _recognise(sheet, unit, head, data)
    return None


def _recognise(sheet: Sheet, unit: int, head: int, data: int) -> _Columns | None:
    places: dict[str, int] = {}
    done: dict[int, int] = {}
    for column in range(len(sheet.rows[head])):
        text = "".join(sheet.headings(head, data, column))
        role = "" if column == unit else _role(text)
        if role == "done":
            done[_quarter(text)] = column
        elif role:
            places[role] = column
    if not done:
        return None
    if len(done) > 1:
        done.pop(0, None)  # a column per quarter, and a sum beside them
    return _Columns(
        unit, places.get("year"), places.get("quarter"), places.get("task"), done, head, data
    )


def _role(heading: str) -> str:
    """Say what a column holds, empty for what is not read."""
    for role, words in _ROLES.items():
        if words.search(heading):
            return role
    return ""


def _records(sheet: Sheet, columns: _Columns) -> Iterator[tuple[object, ...]]:
    note = sheets.unit_note(sheet)
    name = ""
    for row in range(columns.data, len(sheet.rows)):
        name = sheets.name_of(sheet.rows[row][columns.unit]) or ("" if sheet.merges else name)
        if not name or sheets.is_total(sheets.squeeze(name)) or sheets.is_note(name):
            continue
        if not any(sheet.text(row, i) for i in columns.done.values()) and columns.task is None:
            continue
        task = None if columns.task is None else _area(sheet, row, columns.task, columns, note)
        for quarter, column in columns.done.items():
            yield (
                name,
                _year_of(sheet, row, columns),
                quarter or _quarter_of(sheet, row, columns),
                task,
                _area(sheet, row, column, columns, note),
            )


def _area(sheet: Sheet, row: int, column: int, columns: _Columns, note: str) -> float | None:
    heading = "".join(sheet.headings(columns.head, columns.data, column))
    stated = next((unit for unit in sheets.AREA_UNITS if f"({unit})" in heading), note)
    cell = sheet.rows[row][column]
    try:
        figure = values.number(cell)
    except ValueError as error:
        raise _unreadable(sheet, row, column, "数字") from error
    return None if figure is None else values.rescale(float(figure), stated, "公顷")


def _year_of(sheet: Sheet, row: int, columns: _Columns) -> int:
    if columns.year is not None:
        found = _YEAR.match(sheet.text(row, columns.year))
        if not found:
            raise _unreadable(sheet, row, columns.year, "年份")
        return int(found[1])
    for texts in ([sheet.name], _title(sheet, columns)):
        years = {int(year) for text in texts for year in _YEAR.findall(text)}
        if len(years) == 1:
            return years.pop()
    raise SchemaError(
        "year_missing",
        f"sheet {sheet.name!r} names no year",
        hint=f"工作表“{sheet.name}”没有写明年度：请在标题、工作表名或“年度”列写明，如“2022年”。",
        file=sheet.file,
    )


def _quarter_of(sheet: Sheet, row: int, columns: _Columns) -> int:
    if columns.quarter is not None:
        text = sheet.text(row, columns.quarter)
        quarter = _QUARTERS.get(text, 0) or _quarter(text)
        if not quarter:
            raise _unreadable(sheet, row, columns.quarter, "季度（一至四）")
        return quarter
    for texts in ([sheet.name], _title(sheet, columns)):
        quarters = {quarter for text in texts if (quarter := _quarter(text))}
        if len(quarters) == 1:
            return quarters.pop()
    raise SchemaError(
        "quarter_missing",
        f"sheet {sheet.name!r} names no quarter",
        hint=f"工作表“{sheet.name}”没有写明季度：请在标题、工作表名或“季度”列写明，如“一季度”。",
        file=sheet.file,
    )


def _title(sheet: Sheet, columns: _Columns) -> list[str]:
    return [sheets.squeeze(cell) for row in sheet.rows[: columns.head] for cell in row]


def _quarter(text: str) -> int:
    """Give the quarter a text names, 0 for none."""
    found = _QUARTER.search(text)
    return 0 if found is None else _QUARTERS[found[1] or found[2]]


def _unreadable(sheet: Sheet, row: int, column: int, wanted: str) -> SchemaError:
    address, cell = sheet.address(row, column), sheet.rows[row][column]
    return SchemaError(
        "value_unreadable",
        f"{address} cannot be read: {cell!r}",
        hint=f"{address} 的“{cell}”不是{wanted}：请改正。",
        file=sheet.file,
        row=row + 1,
    )

"""Ledgers (台账) as bureaus keep them in Excel: attributes by parcel, without geometry."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from landgis.formats import columns as names
from landgis.formats import sheets, values
from landgis.model import schema
from landgis.model.errors import SchemaError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pandas import DataFrame, Series

    from landgis.formats.sheets import Sheet

_SAME_AS_ABOVE = {"同上", "″", "〃", "”"}
_LEAST_RECOGNISED = 2  # headings that make a row of headings
_HEADING_ROWS = 3  # at most
_NOTE_TEXTS = 2  # a footnote has no more cells


class _Frame(NamedTuple):
    """Where a ledger stands in its sheet: first row of headings, first row of data, headings."""

    head: int
    data: int
    headings: list[str]


def read_ledger(
    path: str | Path, *, sheet: str | None = None, columns: Mapping[str, str] | None = None
) -> DataFrame:
    r"""Read the attributes of parcels from a ledger.

    Parameters
    ----------
    path : str or Path
        Workbook or CSV with title, unit note, headings of one to three rows.
    sheet : str or None, optional
        Sheet name; needed where several sheets hold a ledger.
    columns : mapping of str to str or None, optional
        Canonical name to the ledger's heading, as in `vector.read`; ``{"parcel_id": "#"}`` numbers
        the rows.

    Returns
    -------
    DataFrame
        Indexed by ``parcel_id`` (text, ``""`` where missing); recognised columns under canonical
        names with the dtypes of `schema.DTYPES`, areas in 公顷 whatever the sheet's unit; other
        columns as numbers or text under their headings, the rows of a heading joined by ``_``.

    Raises
    ------
    SourceError
        ``file_missing``, ``format_unsupported``, ``not_workbook``, ``encoding_wrong``,
        ``sheet_missing``, ``sheet_ambiguous``.
    SchemaError
        ``ledger_heading_missing``, ``unit_contradiction``, ``value_unreadable`` with the cell,
        ``column_absent``, ``column_twice``.
    UsageError
        ``unknown_column``.

    Notes
    -----
    Merged cells belong to all their rows; a CSV has lost them, so there an empty 县区 is that of
    the row above, as is 同上 everywhere. Rows of sums (合计, 小计, 其中) and footnotes are left
    out. Numbers in date columns are days of Excel's calendar.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = "单位：亩,,\n县区,地块编号,地块面积\n灵山县,A1,15\n,A2,1500\n合计,,1515"
    >>> path = Path(tempfile.mkdtemp()) / "ledger.csv"
    >>> _ = path.write_text(text, encoding="gbk")
    >>> read_ledger(path)
                 unit  declared_ha
    parcel_id
    A1         灵山县          1.0
    A2         灵山县        100.0
    """
    import pandas as pd

    chosen, frame = _choose(path, sheet, columns or {})
    of = schema.PARCELS
    naming = names.recognise(frame.headings, of, columns=columns, file=path)
    canonical = {source: name for name, source in naming.sources.items()}
    places = _data_rows(chosen, frame, canonical)
    note = sheets.unit_note(chosen)
    table: dict[str, Any] = {}
    for position, heading in enumerate(frame.headings):
        if not heading:
            continue
        cells = pd.Series(_cells(chosen, places, position, canonical.get(heading)), dtype="object")
        name = canonical.get(heading)
        if name is None:
            table[heading] = _unrecognised(cells)
            continue
        column = of.column(name)
        measured = column.unit and note and values.convertible(note, column.unit)
        table[name] = values.bring(
            cells,
            column,
            place=partial(_address, chosen, places, position),
            unit=naming.units.get(name, note if measured else ""),
            serials=True,
            file=path,
        )
    rows = [f"行{row}" for row in range(1, len(places) + 1)]
    ids = table.pop("parcel_id", pd.Series(rows, dtype="str")).fillna("")
    index = pd.Index(ids, name="parcel_id", dtype="str")
    ledger = pd.DataFrame(table).set_axis(index) if table else pd.DataFrame(index=index)
    ledger.attrs |= {"source": str(path), "sheet": chosen.name, "names": naming.sources}
    return ledger


def _address(sheet: Sheet, rows: list[int], column: int, position: int) -> str:
    return sheet.address(rows[position], column)


def _choose(
    path: str | Path, wanted: str | None, columns: Mapping[str, str]
) -> tuple[Sheet, _Frame]:
    """Give the one sheet that holds a ledger, and where it stands there."""
    found = sheets.read_sheets(path)
    if wanted is not None:
        found = [sheet for sheet in found if sheet.name == wanted]
        if not found:
            raise sheets.sheet_missing(path, wanted)
    framed = [(sheet, frame) for sheet in found if (frame := _frame(sheet, columns))]
    if not framed:
        raise SchemaError(
            "ledger_heading_missing",
            "no row of headings with 地块编号",
            hint="没有找到表头：应有一行含“地块编号”（或 DKBH）等列名；"
            "列名不同时请用 columns={'parcel_id': '列名'}（命令行 --column parcel_id=列名）指定。",
            file=path,
        )
    if len(framed) > 1:
        titles = "、".join(sheet.name for sheet, _ in framed)
        raise SourceError(
            "sheet_ambiguous",
            f"{len(framed)} sheets hold a ledger and none is chosen",
            hint=f"有多个工作表像台账，请用 sheet 参数指定其中一个：{titles}。",
            file=path,
        )
    return framed[0]


def _frame(sheet: Sheet, columns: Mapping[str, str]) -> _Frame | None:
    given = columns.get("parcel_id", "")
    met = names.meets(schema.PARCELS)

    def is_id(text: str) -> bool:
        return text == sheets.squeeze(given) if given else met(text) == "parcel_id"

    width = len(sheet.rows[0])
    for head in range(len(sheet.rows)):
        texts = [sheet.text(head, i) for i in range(width)]
        below = {sheet.text(row, i) for row in _near(sheet, head) for i in range(width)}
        recognised = {met(text) for text in below | set(texts)} - {""}
        keyed = [i for i, text in enumerate(texts) if text and is_id(text)]
        if given == names.ROW_NUMBER:
            keyed = [i for i, text in enumerate(texts) if met(text)][:1]
        if not keyed or len(set(texts) - {""}) < _LEAST_RECOGNISED:
            continue
        if given or len(recognised) >= _LEAST_RECOGNISED:
            data = _first_data_row(sheet, head, keyed[0])
            return _Frame(head, data, _names(sheet, head, data, met))
    return None


def _near(sheet: Sheet, head: int) -> range:
    return range(head, min(head + _HEADING_ROWS, len(sheet.rows)))


def _first_data_row(sheet: Sheet, head: int, key: int) -> int:
    heading = sheet.text(head, key)
    row = head + 1
    while row < len(sheet.rows) and row < head + _HEADING_ROWS:
        # under a heading merged downwards the cell repeats it; without merged cells it is empty,
        # as it may be in a row of data that lacks its id: then its other cells are no headings
        text = sheet.text(row, key)
        if text != heading and (text or not _all_words(sheet, row)):
            break
        row += 1
    while row < len(sheet.rows) and sheet.numbers_columns(row):
        row += 1
    return row


def _all_words(sheet: Sheet, row: int) -> bool:
    """Whether a row has texts and no figures, as a row of headings."""
    texts = [text for i in range(len(sheet.rows[row])) if (text := sheet.text(row, i))]
    return bool(texts) and not any(re.search(r"\d", text) for text in texts)


def _names(sheet: Sheet, head: int, data: int, met: Any) -> list[str]:
    """Name every column: the first wording that is recognised, else all rows joined."""
    found: list[str] = []
    for column in range(len(sheet.rows[head])):
        rows = sheet.headings(head, data, column)
        wordings = ["".join(rows), *reversed(rows)]
        name = next((text for text in wordings if met(text)), "_".join(rows))
        letter = sheet.address(head, column).rstrip("0123456789")
        if not name and any(sheet.text(row, column) for row in range(data, len(sheet.rows))):
            name = f"{letter}列"
        found.append(f"{name}（{letter}列）" if name and name in found else name)
    return found


def _data_rows(sheet: Sheet, frame: _Frame, canonical: Mapping[str, str]) -> list[int]:
    """Give the rows of parcels: neither blank, nor sums, nor footnotes."""
    labels = [
        i for i, name in enumerate(frame.headings) if canonical.get(name) in {"parcel_id", "unit"}
    ]
    rows = []
    for row in range(frame.data, len(sheet.rows)):
        texts = [sheet.text(row, i) for i in range(len(frame.headings))]
        filled = [text for text in texts if text]
        if not filled:
            continue
        marks = {filled[0], *(texts[i] for i in labels)}
        note = sheets.is_note(filled[0]) and len(set(filled)) <= _NOTE_TEXTS
        if not note and not any(sheets.is_total(mark) for mark in marks):
            rows.append(row)
    return rows


def _cells(sheet: Sheet, rows: list[int], column: int, name: str | None) -> list[Any]:
    """Give a column's cells, each that means the one above filled from it."""
    cells: list[Any] = []
    for row in rows:
        cell = sheet.rows[row][column]
        text = sheet.text(row, column)
        lost_merge = not text and name == "unit" and not sheet.merges
        if cells and (text in _SAME_AS_ABOVE or lost_merge):
            cell = cells[-1]
        cells.append(cell)
    return cells


def _unrecognised(cells: Series) -> Series:
    """Keep a column nobody knows: numbers where all its cells are, else text."""
    import pandas as pd

    present = [cell for cell in cells if values.plain(cell)]
    if present and all(isinstance(cell, int | float) for cell in present):
        return pd.to_numeric(cells.map(lambda cell: cell if values.plain(cell) else None))
    return cells.map(lambda cell: values.plain(cell) or None).astype("str")

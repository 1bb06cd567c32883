"""One table on one sheet of a workbook: headings, cells, live totals, filters and print setup.

Cells are written by kind, never guessed from text: a text that begins with ``=`` stays text. What is
unknown stays blank. Formulas carry their value, so that viewers that do not calculate show it too.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from landgis.model.schema import TOTAL
from landgis.model.units import round_half_up, show
from landgis.reports.print_setup import paper_for, set_up_print

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landgis.reports.ministry_forms import Field

MAX_ROWS = 1_000_000  # a sheet holds 1 048 576
MAX_TEXT = 32_767  # characters in a cell
SAMPLED_ROWS = 300  # for the width of a column
NARROWEST, WIDEST = 5, 50  # characters
NUMBER_WIDTH = 9  # of the running number
LONG_HEADING = 12  # characters; longer headings stand in two lines
LINE_POINTS, MAX_LINES = 14, 20  # a row is at most 409 points high
PRINTED_DECIMALS = (0, 1, 2, 4, 6)
EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - workbooks know no time zone

_INK, _RULE, _HEAD, _CODE, _SUM = "#1c2733", "#b9c2cb", "#dce6f0", "#f2f5f8", "#fdf6e3"


class Book(NamedTuple):
    """A workbook under way: XlsxWriter's object and its formats by name."""

    workbook: Any
    formats: dict[str, Any]


class Placed(NamedTuple):
    """Where a table's cells stand, for formulas on other sheets."""

    sheet: str
    first: int
    last: int
    column: dict[str, int]

    def range(self, source: str) -> str:
        """Give the absolute range of a column's cells.

        Parameters
        ----------
        source : str
            Source of the column.

        Returns
        -------
        str
            Such as ``'台账'!$F$8:$F$90``.
        """
        from xlsxwriter.utility import xl_range_abs

        place = self.column[source]
        cells = xl_range_abs(self.first, place, self.last, place)
        return f"'{self.sheet}'!{cells}"


def open_book(path: str, *, title: str, created: dt.date | None) -> Book:
    """Begin a workbook whose bytes depend on its content alone.

    Parameters
    ----------
    path : str
        File to write.
    title : str
        Title among the document's properties.
    created : datetime.date or None
        Date of creation to enter; a fixed day where None.

    Returns
    -------
    Book
        Close its `workbook` to write the file.
    """
    import xlsxwriter

    workbook = xlsxwriter.Workbook(path, {"strings_to_urls": False, "strings_to_formulas": False})
    moment = EPOCH if created is None else dt.datetime.combine(created, dt.time())
    workbook.set_properties({"title": title, "author": "landgis", "created": moment})
    workbook.set_calc_mode("auto")
    base = {"font_name": "宋体", "font_size": 10, "font_color": _INK, "valign": "vcenter"}
    cell = base | {"border": 1, "border_color": _RULE}
    head = cell | {"bold": True, "align": "center", "text_wrap": True, "bg_color": _HEAD}
    total = cell | {"bold": True, "bg_color": _SUM}
    styles = {
        "title": base | {"font_name": "黑体", "font_size": 16},
        "note": base | {"font_color": "#5d6975"},
        "head": head,
        "code": cell | {"align": "center", "font_size": 8, "bg_color": _CODE},
        "text": cell | {"text_wrap": True, "indent": 1},
        "middle": cell | {"align": "center"},
        "date": cell | {"num_format": "yyyy-mm-dd", "align": "center"},
        "total": total | {"align": "center"},
        "share": cell | {"num_format": "0.00%"},
        "sum": {"bold": True, "bg_color": _SUM},
        "alarm": {"font_color": "#c0272d", "bold": True},
        "blank": cell,
    }
    for decimals in PRINTED_DECIMALS:
        number = f"0.{'0' * decimals}" if decimals else "0"
        styles[f"number{decimals}"] = cell | {"num_format": number}
        styles[f"total{decimals}"] = total | {"num_format": number}
    # sums of nothing show a dash, as the annex leaves such cells blank
    for name, look in (("dash", cell), ("dash_total", total)):
        for decimals in (0, 4):
            number = f"0.{'0' * decimals}" if decimals else "0"
            styles[f"{name}{decimals}"] = look | {
                "num_format": f'{number};-{number};"—"',
                "align": "right",
            }
    return Book(workbook, {name: workbook.add_format(look) for name, look in styles.items()})


def write_table(
    book: Book,
    sheet: str,
    fields: Sequence[Field],
    rows: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    frozen: int = 2,
    widest: int = WIDEST,
) -> Placed:
    """Write one table on a sheet of its own.

    Parameters
    ----------
    book : Book
        Workbook under way.
    sheet : str
        Name of the sheet.
    fields : sequence of Field
        Columns; those whose source the rows do not have, or have no value for, are folded away.
    rows : DataFrame
        One column per source; the index is not written.
    title : str
        First line.
    subtitle : str
        Second line: date, unit, note.
    frozen : int, optional
        Columns that stay in view beside the running number.
    widest : int, optional
        Characters a column may be wide; longer texts take several lines.

    Returns
    -------
    Placed
        Where the cells stand.

    Notes
    -----
    Rows beyond what a sheet holds are left out, and the subtitle says so. Totals stand above the
    headings, the sum and the sum of what a filter leaves, so that a table may grow and be sorted;
    rows of sums among the others (合计) stand out. The paper follows from the width.
    """
    if len(rows) > MAX_ROWS:
        subtitle += f"　共 {len(rows)} 行，本表只列前 {MAX_ROWS} 行"
        rows = rows.iloc[:MAX_ROWS]
    page = book.workbook.add_worksheet(sheet)
    page.write_string(0, 0, title, book.formats["title"])
    page.write_string(1, 0, subtitle, book.formats["note"])
    page.set_row(0, 26)
    values = {field: _values(rows, field) for field in fields}
    totals = [field for field in fields if field.summed and any(map(_known, values[field]))]
    groups, codes = any(field.group for field in fields), any(field.code for field in fields)
    head = 2 + (2 if totals else 0)
    label = head + groups
    first = label + 1 + codes
    last = first + max(len(rows), 1) - 1
    _headings(book, page, fields, head=head, label=label, groups=groups, codes=codes)
    _numbers(book, page, first, len(rows))
    texts = []
    wide = NUMBER_WIDTH
    for place, field in enumerate(fields, start=1):
        column = values[field]
        _cells(book, page, first, place, field, column)
        width = _column(page, place, field, column, widest)
        wide += width
        _choices(page, first, last, place, field)
        if field.kind == "text":
            texts.append((width, column))
    _heights(page, first, texts, len(rows))
    if totals:
        _totals(book, page, fields, values, totals, first=first, last=last)
    page.freeze_panes(first, 1 + frozen)
    if len(rows):
        page.autofilter(first - 1, 0, last, len(fields))
        _stress_sums(book, page, fields, first=first, last=last)
    paper = paper_for(wide)
    set_up_print(page, paper=paper, repeat=(head, first - 1), title=title, note=subtitle)
    place_of = {field.source: place for place, field in enumerate(fields, 1) if field.source}
    return Placed(sheet, first, last, place_of)


def write_text(page: Any, row: int, column: int, text: str, look: Any) -> None:
    """Write text as text, whatever it begins with, cut to what a cell holds.

    Parameters
    ----------
    page : xlsxwriter.worksheet.Worksheet
        The sheet.
    row, column : int
        The cell, counted from 0.
    text : str
        Any text.
    look : xlsxwriter.format.Format
        Its format.
    """
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - 1] + "…"
    page.write_string(row, column, text, look)


def width_of(text: str) -> int:
    """Count the columns a text takes: Chinese characters take two.

    Parameters
    ----------
    text : str
        Any text; of several lines the longest counts.

    Returns
    -------
    int
        Width in characters.

    Examples
    --------
    >>> width_of("地块A1")
    6
    """
    return max(
        (
            sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
            for line in text.split("\n")
        ),
        default=0,
    )


def exact_sum(values: Iterable[Any]) -> float:
    """Sum printed figures without the error of binary fractions.

    Parameters
    ----------
    values : iterable of float
        Rounded figures; unknown ones count as nothing.

    Returns
    -------
    float
        The float next to the decimal sum.

    Examples
    --------
    >>> exact_sum([0.1, 0.2, None])
    0.3
    """
    return float(sum((Decimal(repr(value)) for value in values if _known(value)), Decimal(0)))


def _known(value: Any) -> bool:
    return value is not None


def _values(rows: pd.DataFrame, field: Field) -> list[Any]:
    """Read a column as Python values of its kind, rounded as printed; None is unknown."""
    if field.source not in rows.columns:
        return [None] * len(rows)
    values: list[Any] = []
    for value in rows[field.source].tolist():
        if pd.isna(value) or value == "":
            values.append(None)
        elif field.kind == "number":
            values.append(float(round_half_up(value, field.decimals)))
        elif field.kind == "integer":
            values.append(int(value))
        elif field.kind == "truth":
            values.append("是" if value else "否")
        elif field.kind == "date":
            values.append(pd.Timestamp(value).to_pydatetime())
        else:
            values.append(str(value))
    return values


def _headings(
    book: Book,
    page: Any,
    fields: Sequence[Field],
    *,
    head: int,
    label: int,
    groups: bool,
    codes: bool,
) -> None:
    """Write merged groups, Chinese headings with their unit, and field codes."""
    look = book.formats
    bottom = label + codes
    if bottom > head:
        page.merge_range(head, 0, bottom, 0, "序号", look["head"])
    else:
        page.write_string(head, 0, "序号", look["head"])
    page.set_column(0, 0, NUMBER_WIDTH)
    page.set_row(label, 42 if any(field.unit for field in fields) else 30)
    start = 0
    for place, field in enumerate(fields):
        unit = f"\n（{field.unit}）" if field.unit else ""
        page.write_string(label, place + 1, field.heading + unit, look["head"])
        if codes:
            page.write_string(label + 1, place + 1, field.code, look["code"])
        ends = place + 1 == len(fields) or fields[place + 1].group != field.group
        if groups and ends:
            if place > start:
                page.merge_range(head, start + 1, head, place + 1, field.group, look["head"])
            else:
                page.write_string(head, place + 1, field.group, look["head"])
        start = place + 1 if ends else start


def _numbers(book: Book, page: Any, first: int, count: int) -> None:
    for row in range(count):
        page.write_number(first + row, 0, row + 1, book.formats["middle"])
    if not count:
        page.write_string(first, 0, "（无）", book.formats["middle"])


def _cells(book: Book, page: Any, first: int, place: int, field: Field, values: list[Any]) -> None:
    number = book.formats[f"number{field.decimals if field.decimals in PRINTED_DECIMALS else 4}"]
    for row, value in enumerate(values, start=first):
        if value is None:
            page.write_blank(row, place, None, book.formats["blank"])
        elif field.kind in {"number", "integer"}:
            page.write_number(row, place, value, book.formats["share"] if field.share else number)
        elif field.kind == "date":
            page.write_datetime(row, place, value, book.formats["date"])
        elif field.kind == "truth":
            page.write_string(row, place, value, book.formats["middle"])
        else:
            write_text(page, row, place, value, book.formats["text"])


def _column(page: Any, place: int, field: Field, values: list[Any], widest: int) -> int:
    """Set the width by heading and content; fold a column away that has no value at all."""
    known = [value for value in values if value is not None]
    if values and not known:
        page.set_column(place, place, 10, None, {"level": 1, "hidden": True})
        return 0
    heading = width_of(field.heading)
    heading = heading if heading <= LONG_HEADING else (heading + 1) // 2
    heading = max(heading, width_of(f"（{field.unit}）") if field.unit else 0)
    if field.kind == "date":
        content = 10
    elif field.kind == "number":
        figures = [*known, exact_sum(known)] if field.summed else known
        content = max((len(show(value, field.decimals)) for value in figures), default=0)
    else:
        content = max((width_of(str(value)) for value in known[:SAMPLED_ROWS]), default=0) + 1
    width = min(max(heading, content, NARROWEST) + 2, widest)
    page.set_column(place, place, width)
    return width


def _heights(page: Any, first: int, columns: list[tuple[int, list[Any]]], count: int) -> None:
    """Make rows as high as their longest text: viewers do not do it by themselves."""
    lines = [1] * count
    for width, values in columns:
        for row, value in enumerate(values):
            if value is not None and width:
                lines[row] = max(lines[row], -(-width_of(value) // (width - 2)))
    for row, needed in enumerate(lines):
        page.set_row(first + row, LINE_POINTS * min(needed, MAX_LINES) + 3)


def _stress_sums(book: Book, page: Any, fields: Sequence[Field], *, first: int, last: int) -> None:
    """Let rows that are the sum of others stand out."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    for place, field in enumerate(fields, start=1):
        if field.source == "unit":
            cell = xl_rowcol_to_cell(first, place, col_abs=True)
            rule = {
                "type": "formula",
                "criteria": f'={cell}="{TOTAL}"',
                "format": book.formats["sum"],
            }
            page.conditional_format(first, 0, last, len(fields), rule)


def _choices(page: Any, first: int, last: int, place: int, field: Field) -> None:
    """Offer a drop-down list where the schema says which values there are."""
    choices = ["是", "否"] if field.kind == "truth" else list(field.values)
    if choices:
        page.data_validation(
            first,
            place,
            last,
            place,
            {
                "validate": "list",
                "source": choices,
                "error_type": "warning",
                "error_title": field.heading,
                "error_message": f"可选：{'、'.join(choices)}",
            },
        )


def _totals(
    book: Book,
    page: Any,
    fields: Sequence[Field],
    values: dict[Field, list[Any]],
    totals: list[Field],
    *,
    first: int,
    last: int,
) -> None:
    from xlsxwriter.utility import xl_range

    for row, name, function in ((2, "合计", "SUM("), (3, "筛选小计", "SUBTOTAL(109,")):
        page.write_string(row, 0, name, book.formats["total"])
        for place, field in enumerate(fields, start=1):
            if field in totals:
                cells = xl_range(first, place, last, place)
                look = book.formats[f"total{field.decimals}"]
                value = exact_sum(values[field])
                page.write_formula(row, place, f"={function}{cells})", look, value)
            else:
                page.write_blank(row, place, None, book.formats["total"])

"""The ledger's front sheet: the annex rebuilt by formulas, the printed figures, the differences."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from landgis.model.schema import LAND_CLASSES, TOTAL
from landgis.model.units import HA_DECIMALS, round_half_up
from landgis.reports import style
from landgis.reports.cells import texts
from landgis.reports.crosstab import crosstab
from landgis.reports.print_setup import A4, set_up_print
from landgis.reports.workbook import Book, Placed, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame

NO_UNIT = "（未注明单元）"
PARTS = ("宗数", "台账", "附表", "差值")
TOP = 2  # first heading row
FIRST = TOP + 2  # first unit's row


class _Layout(NamedTuple):
    """What stands where: units down; classes of the annex, their total, other classes across."""

    units: list[str]
    annexed: list[str]
    others: list[str]


class _Cell(NamedTuple):
    """One unit and class: how many parcels, how much by the ledger, how much by the annex."""

    parcels: int
    ledger: Decimal
    official: Decimal | None

    @property
    def difference(self) -> Decimal:
        return self.ledger - (self.official or Decimal(0))


def write_annex(
    book: Book,
    page: Any,
    rows: DataFrame,
    ledgers: dict[str, Placed],
    summary: DataFrame | None,
    *,
    title: str,
    subtitle: str,
    remarks: Sequence[str],
) -> None:
    """Lay the ledgers out as the annex does: units down, classes across.

    Parameters
    ----------
    book : Book
        Workbook under way.
    page : xlsxwriter.worksheet.Worksheet
        The sheet to fill.
    rows : DataFrame
        Parcels as plain rows.
    ledgers : dict
        Where each class's ledger stands.
    summary : DataFrame or None
        Reconciliation, for the printed official figures.
    title : str
        Begins the title.
    subtitle : str
        Second line.
    remarks : sequence of str
        Lines under the table.
    """
    layout = _layout(rows, ledgers, summary)
    units, classes = layout.units, layout.annexed
    if not (units and classes):
        page.write_string(0, 0, "没有存量类别或统计单元，未作汇总", book.formats["title"])
        return
    cells = _cells(rows, layout, summary)
    last = FIRST + len(units) - 1
    _headings(book, page, layout, title=title, subtitle=subtitle, last=last)
    for row, unit in enumerate(units, start=FIRST):
        write_text(page, row, 0, unit, book.formats["text"])
        for block, land_class in enumerate([*classes, TOTAL, *layout.others]):
            left = 1 + block * len(PARTS)
            if land_class == TOTAL:
                _across(book, page, row, left, [cells[unit, name] for name in classes])
            else:
                cell = cells[unit, land_class]
                _own_figures(book, page, row, left, cell, ledgers.get(land_class), unit)
                if land_class in classes:
                    _printed_figure(book, page, row, left, cell)
    _down(book, page, last, cells, layout)
    for line, remark in enumerate(remarks, start=last + 3):
        page.write_string(line, 0, remark, book.formats["note"])
    page.freeze_panes(FIRST, 1)
    set_up_print(page, paper=A4, repeat=(TOP, TOP + 1), title=f"{title}统计表", note=subtitle)


def _headings(
    book: Book, page: Any, layout: _Layout, *, title: str, subtitle: str, last: int
) -> None:
    look = book.formats
    page.write_string(0, 0, f"{title}统计表", look["title"])
    page.write_string(1, 0, f"{subtitle}　单位：公顷、宗", look["note"])
    page.set_row(0, 26)
    page.merge_range(TOP, 0, TOP + 1, 0, "县区", look["head"])
    page.set_column(0, 0, max([20, *(2 * len(unit) + 2 for unit in layout.units)]))
    for block, land_class in enumerate([*layout.annexed, TOTAL, *layout.others]):
        left = 1 + block * len(PARTS)
        outside = land_class in layout.others
        parts = PARTS[:2] if outside else PARTS
        heading = TOTAL if land_class == TOTAL else style.CLASS_TITLES.get(land_class, land_class)
        heading = f"附表以外：\n{heading}" if outside else heading
        page.merge_range(TOP, left, TOP, left + len(parts) - 1, heading, look["head"])
        for offset, part in enumerate(parts):
            page.write_string(TOP + 1, left + offset, part, look["head"])
        page.set_column(left, left, 7)
        page.set_column(left + 1, left + len(parts) - 1, 11)
        if not outside:
            page.conditional_format(
                FIRST, left + 3, last + 1, left + 3,
                {"type": "cell", "criteria": "!=", "value": 0, "format": look["alarm"]},
            )  # fmt: skip
    page.set_row(TOP, 30)
    for row in range(FIRST, last + 2):
        page.set_row(row, 20)


def _layout(rows: DataFrame, ledgers: dict[str, Placed], summary: DataFrame | None) -> _Layout:
    """Units in the annex's order, then any others; classes of the annex, and those outside it."""
    stock = rows[rows["land_class"].isin(list(ledgers))]
    met = texts(stock, "unit")
    units, classes = [], list(LAND_CLASSES)
    if summary is not None:
        table = crosstab(summary, "official_ha")
        units, classes = table.units[:-1], table.classes[:-1]
    units += [unit for unit in dict.fromkeys(met) if unit is not None and unit not in units]
    if None in met:
        units.append(NO_UNIT)
    return _Layout(units, classes, [name for name in ledgers if name not in classes])


def _cells(
    rows: DataFrame, layout: _Layout, summary: DataFrame | None
) -> dict[tuple[str, str], _Cell]:
    official = {} if summary is None else crosstab(summary, "official_ha").cells
    counts: dict[tuple[str, str], int] = {}
    sums: dict[tuple[str, str], Decimal] = {}
    areas = rows["declared_ha"].tolist() if "declared_ha" in rows else [None] * len(rows)
    for unit, land_class, area in zip(
        texts(rows, "unit"), texts(rows, "land_class"), areas, strict=True
    ):
        cell = (unit or NO_UNIT, land_class or "")
        counts[cell] = counts.get(cell, 0) + 1
        if area is not None and area == area:  # noqa: PLR0124 - NaN is unknown
            sums[cell] = sums.get(cell, Decimal(0)) + round_half_up(area, HA_DECIMALS)
    return {
        (unit, name): _Cell(
            counts.get((unit, name), 0),
            sums.get((unit, name), Decimal(0)),
            official.get((unit, name)),
        )
        for unit in layout.units
        for name in [*layout.annexed, *layout.others]
    }


def _own_figures(
    book: Book, page: Any, row: int, left: int, cell: _Cell, ledger: Placed | None, unit: str
) -> None:
    """Count and sum one unit's parcels of one class, by formulas on the class's ledger."""
    from xlsxwriter.utility import xl_rowcol_to_cell as name_of

    look = book.formats
    if ledger is None:
        page.write_number(row, left, 0, look["dash0"])
        page.write_number(row, left + 1, 0, look["dash4"])
        return
    wanted = '"="' if unit == NO_UNIT else name_of(row, 0, col_abs=True)
    units = ledger.range("unit")
    count = f"=COUNTIFS({units},{wanted})"
    total = f"=SUMIFS({ledger.range('declared_ha')},{units},{wanted})"
    page.write_formula(row, left, count, look["dash0"], cell.parcels)
    page.write_formula(row, left + 1, total, look["dash4"], float(cell.ledger))


def _printed_figure(book: Book, page: Any, row: int, left: int, cell: _Cell) -> None:
    """Write the official figure, blank where it is blank, and the difference."""
    if cell.official is None:
        page.write_blank(row, left + 2, None, book.formats["blank"])
    else:
        page.write_number(row, left + 2, float(cell.official), book.formats["number4"])
    _difference(book, page, row, left, cell.difference, "dash4")


def _difference(book: Book, page: Any, row: int, left: int, value: Decimal, look: str) -> None:
    """Ledger minus annex; rounded, because binary fractions would show as a difference."""
    from xlsxwriter.utility import xl_rowcol_to_cell as name_of

    formula = f"=ROUND({name_of(row, left + 1)}-{name_of(row, left + 2)},{HA_DECIMALS})"
    page.write_formula(row, left + 3, formula, book.formats[look], float(value))


def _across(book: Book, page: Any, row: int, left: int, own: list[_Cell]) -> None:
    """Write a unit's totals over the annex's classes, which stand to the left of them."""
    from xlsxwriter.utility import xl_rowcol_to_cell as name_of

    for offset, value in enumerate(_sums(own)):
        parts = [name_of(row, place + offset) for place in range(1, left, len(PARTS))]
        look = book.formats["dash_total4" if offset else "dash_total0"]
        page.write_formula(row, left + offset, f"=SUM({','.join(parts)})", look, float(value))
    _difference(book, page, row, left, sum((c.difference for c in own), Decimal(0)), "dash_total4")


def _down(
    book: Book, page: Any, last: int, cells: dict[tuple[str, str], _Cell], layout: _Layout
) -> None:
    """Write the totals over the units."""
    from xlsxwriter.utility import xl_range

    page.write_string(last + 1, 0, TOTAL, book.formats["total"])
    blocks = [*([name] for name in layout.annexed), layout.annexed, *([n] for n in layout.others)]
    for block, names in enumerate(blocks):
        own = [cells[unit, name] for unit in layout.units for name in names]
        left = 1 + block * len(PARTS)
        outside = names[0] in layout.others
        for offset, value in enumerate(_sums(own)[: 2 if outside else 3]):
            formula = f"=SUM({xl_range(FIRST, left + offset, last, left + offset)})"
            look = book.formats["dash_total4" if offset else "dash_total0"]
            page.write_formula(last + 1, left + offset, formula, look, float(value))
        if not outside:
            gap = sum((cell.difference for cell in own), Decimal(0))
            _difference(book, page, last + 1, left, gap, "dash_total4")


def _sums(cells: list[_Cell]) -> list[Decimal]:
    """Parcels, ledger and annex of several cells."""
    return [
        Decimal(sum(cell.parcels for cell in cells)),
        sum((cell.ledger for cell in cells), Decimal(0)),
        sum((cell.official or Decimal(0) for cell in cells), Decimal(0)),
    ]

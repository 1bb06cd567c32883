"""The official annex as it is printed: 县区 down, classes across, sums kept and never checked."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any, get_args

from landgis.formats import sheets, values
from landgis.model import schema, units
from landgis.model.errors import SchemaError, UsageError
from landgis.model.units import AreaUnit

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pandas import DataFrame

    from landgis.formats.sheets import Sheet

_TOTAL_WORDS = re.compile(r"合计|总计|小计|总面积")
_NO_AREA = re.compile(r"宗|个数|数量|比例|占比|%|率|序号|备注|说明|代码|排名")
_AS_OF = re.compile(r"截[至止]到?[^0-9]*(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-./]\d{1,2}[-./]\d{1,2})")
_SENTENCE = re.compile(r"[。，；：,;:]")  # stands in no unit's name
_TOTAL_LABELS = re.compile(r"(全市)?(合计|总计|共计)|全市")


def read_annex(
    path: str | Path, *, unit: AreaUnit | None = None, sheet: str | None = None
) -> DataFrame:
    r"""Read an official table of stock land as it is printed.

    Parameters
    ----------
    path : str or Path
        CSV (UTF-8 or GBK) or workbook with title, unit note, headings of one to three rows with
        merged cells, one row per unit, and printed sums.
    unit : {'ha', 'mu', 'wan_mu', 'm2', 'km2'} or None, optional
        Unit of the figures; None takes what the sheet says, 公顷 where it says nothing.
    sheet : str or None, optional
        Sheet name; the first sheet that holds such a table where None.

    Returns
    -------
    DataFrame
        `schema.ANNEX`, long, in printed order: ``unit`` (``合计`` for the printed column sums),
        ``land_class`` (``批而未供``, ``闲置``, ``低效``, ``合计``), ``official_ha``: Decimal
        exactly as printed, None where the cell is blank, which is not zero. Figures in another
        unit are converted exactly to 28 digits. ``attrs["as_of"]`` is the day the title prints
        after 截至, or None; ``attrs["step_ha"]`` the finest printed decimal in 公顷. Subtotals (小计,
        其中) are left out: they are neither units nor the total.

    Raises
    ------
    SourceError
        ``file_missing``, ``format_unsupported``, ``not_workbook``, ``encoding_wrong``,
        ``sheet_missing``.
    SchemaError
        ``annex_heading_missing``, ``annex_heading_unknown``, ``annex_heading_twice``,
        ``annex_unit_missing``, ``annex_unit_twice``, ``unit_contradiction``, ``value_unreadable`` with the cell.
    UsageError
        ``unknown_unit``.

    Notes
    -----
    Columns are recognised by words (批而未供, 闲置, 低效, 合计), so that
    ``2009—2020年批而未供土地`` is one. No sum is checked here: that is what `reconcile` does.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "annex.csv"
    >>> _ = path.write_text("县区,批而未供,闲置,低效,合计\n灵山县,351.0186,,76.1100,427.1286", "utf-8")
    >>> annex = read_annex(path)
    >>> [str(cell) for cell in annex["official_ha"]]
    ['351.0186', 'None', '76.1100', '427.1286']
    """
    import pandas as pd

    if unit is not None and unit not in get_args(AreaUnit):
        raise UsageError(
            "unknown_unit",
            f"unknown area unit {unit!r}",
            hint=f"面积单位应为 {'、'.join(get_args(AreaUnit))} 之一。",
        )
    chosen, head = _find(sheets.read_sheets(path), sheet, path)
    label = _label_column(chosen, head)
    first = _first_data_row(chosen, head, label)
    classes = _classes(chosen, head, first, label)
    measured = _unit(chosen, unit)
    records: list[tuple[str, str, Decimal | None]] = []
    for row in range(first, len(chosen.rows)):
        name = sheets.name_of(chosen.rows[row][label])
        if not name or _is_no_unit(chosen, row, name, classes):
            _check_unnamed(chosen, row, name, classes)
            continue
        name = schema.TOTAL if _TOTAL_LABELS.fullmatch(name) else name
        if name != schema.TOTAL and sheets.is_total(sheets.squeeze(name)):
            continue
        for column, land_class in classes.items():
            records.append((name, land_class, _hectares(chosen, row, column, measured)))
    _check_once(records, chosen)
    step = _finest(chosen, range(first, len(chosen.rows)), list(classes), measured)
    names, kinds, figures = zip(*records, strict=True) if records else ((), (), ())
    annex = pd.DataFrame(
        {
            "unit": pd.Series(names, dtype="str"),
            "land_class": pd.Series(kinds, dtype="str"),
            "official_ha": pd.Series(figures, dtype="object"),
        }
    )
    annex.attrs["as_of"] = _printed_day(chosen, first)
    annex.attrs["step_ha"] = step
    return annex


def _printed_day(sheet: Sheet, first: int) -> dt.date | None:
    """Find the day that the title says the figures describe (截至…)."""
    for row in range(first):
        for cell in sheet.rows[row]:
            found = _AS_OF.search(sheets.squeeze(cell))
            if found:
                return values.date(found[1])
    return None


def _find(found: list[Sheet], wanted: str | None, path: str | Path) -> tuple[Sheet, int]:
    """Give the sheet that holds the table, and the row its headings start at."""
    if wanted is not None:
        found = [sheet for sheet in found if sheet.name == wanted]
        if not found:
            raise sheets.sheet_missing(path, wanted)
    for sheet in found:
        for row, cells in enumerate(sheet.rows):
            texts = {sheets.squeeze(cell) for cell in cells} - {""}
            below = {sheets.squeeze(cell) for r in sheet.rows[row : row + 3] for cell in r}
            named = any(sheets.UNIT_WORDS.fullmatch(text) for text in texts)
            headed = sum(bool(_class_of(text)) for text in below)
            if headed >= 2 and (named and len(texts) > 1):  # noqa: PLR2004 - one may be a title
                return sheet, row
    raise SchemaError(
        "annex_heading_missing",
        "no row of headings with 县区 and the land classes",
        hint="没有找到表头：首列应为“县区”，其后各列含“批而未供”“闲置”“低效”“合计”。",
        file=path,
    )


def _label_column(sheet: Sheet, head: int) -> int:
    cells = range(len(sheet.rows[head]))
    return next(i for i in cells if sheets.UNIT_WORDS.fullmatch(sheet.text(head, i)))


def _first_data_row(sheet: Sheet, head: int, label: int) -> int:
    heading = sheet.text(head, label)
    for row in range(head + 1, len(sheet.rows)):
        if sheet.text(row, label) not in {"", heading}:
            return row
    return len(sheet.rows)


def _classes(sheet: Sheet, head: int, first: int, label: int) -> dict[int, str]:
    """Give the land class of every column of figures."""
    classes: dict[int, str] = {}
    for column in range(len(sheet.rows[head])):
        heading = sheet.headings(head, first, column)
        joined = "".join(heading)
        if column == label or _NO_AREA.search(heading[-1] if heading else ""):
            continue
        named = next((found for text in reversed(heading) if (found := _class_of(text))), "")
        if not named:
            if any(_is_figure(sheet.rows[row][column]) for row in range(first, len(sheet.rows))):
                raise SchemaError(
                    "annex_heading_unknown",
                    f"column {sheet.address(head, column)} holds figures under {joined!r}",
                    hint=f"{sheet.address(head, column)} 的表头“{joined}”不是批而未供、闲置、低效或合计："
                    "请改正表头，或删去该列。",
                    file=sheet.file,
                )
            continue
        if named in classes.values():
            raise SchemaError(
                "annex_heading_twice",
                f"two columns are {named}, the second at {sheet.address(head, column)}",
                hint=f"有两列都是“{named}”（第二列在 {sheet.address(head, column)}）：请只保留一列面积。",
                file=sheet.file,
            )
        classes[column] = named
    return classes


def _class_of(text: str) -> str:
    """Give the one class that a heading names; sums only where it names no class."""
    found = values.land_class(text)
    if found in schema.LAND_CLASSES:
        return found
    several = any(name in text for name in schema.LAND_CLASSES)
    return schema.TOTAL if not several and _TOTAL_WORDS.search(text) else ""


def _is_figure(cell: object) -> bool:
    try:
        return values.number(cell) is not None
    except ValueError:
        return False


def _is_no_unit(sheet: Sheet, row: int, name: str, classes: dict[int, str]) -> bool:
    """Whether a row with a label is a footnote or numbers the columns."""
    if sheets.is_note(name) or sheet.numbers_columns(row):
        return True
    cells = {sheet.text(row, column) for column in classes}
    merged = cells == {sheets.squeeze(name)}  # one text across the whole row
    return merged or (cells == {""} and _SENTENCE.search(name) is not None)


def _check_unnamed(sheet: Sheet, row: int, name: str, classes: dict[int, str]) -> None:
    """Refuse figures that belong to no unit."""
    for column in () if name else classes:
        if _is_figure(sheet.rows[row][column]):
            address = sheet.address(row, column)
            raise SchemaError(
                "annex_unit_missing",
                f"{address} holds a figure, but its row names no unit",
                hint=f"{address} 有数字，但该行没有县区名称：请补上。",
                file=sheet.file,
                row=row + 1,
            )


def _check_once(records: list[tuple[str, str, Decimal | None]], sheet: Sheet) -> None:
    seen: set[tuple[str, str]] = set()
    for name, land_class, _ in records:
        if (name, land_class) in seen:
            raise SchemaError(
                "annex_unit_twice",
                f"{name} stands twice",
                hint=f"“{name}”在表中出现了两次：请合并或改名。",
                file=sheet.file,
            )
        seen.add((name, land_class))


def _unit(sheet: Sheet, unit: AreaUnit | None) -> AreaUnit:
    stated = sheets.unit_note(sheet, in_headings=True)
    if unit is None:
        return units.area_unit(stated) if stated else "ha"
    if stated and units.area_unit(stated) != unit:
        raise SchemaError(
            "unit_contradiction",
            f"the sheet is in {stated}, the call says {unit}",
            hint=f"表中写明单位是{stated}，与指定的{units.LABELS[unit]}不同：请核对。",
            file=sheet.file,
        )
    return unit


def _hectares(sheet: Sheet, row: int, column: int, unit: AreaUnit) -> Decimal | None:
    cell: Any = sheet.rows[row][column]
    try:
        printed = values.number(cell, unit=units.LABELS[unit])
    except ValueError as error:
        address = sheet.address(row, column)
        raise SchemaError(
            "value_unreadable",
            f"{address} is not a number: {cell!r}",
            hint=f"{address} 的“{cell}”不是数字：请改正，空白表示没有数据。",
            file=sheet.file,
            row=row + 1,
        ) from error
    return None if printed is None else _in_hectares(printed, unit)


def _in_hectares(printed: Decimal, unit: AreaUnit) -> Decimal:
    """Convert exactly, to 28 digits where the decimals do not end."""
    if unit == "ha":
        return printed
    ratio = Fraction(printed) * units.ratio(unit, "ha")
    with localcontext() as context:
        context.prec = 28
        return Decimal(ratio.numerator) / Decimal(ratio.denominator)


def _finest(sheet: Sheet, rows: range, columns: list[int], unit: AreaUnit) -> Decimal | None:
    """Give the last decimal that any figure prints: how far rounding in print can reach."""
    exponents = [
        int(number.as_tuple().exponent)
        for row in rows
        for column in columns
        if (number := _number_or_none(sheet.rows[row][column], unit)) is not None
    ]
    return _in_hectares(Decimal(1).scaleb(min(*exponents, 0)), unit) if exponents else None


def _number_or_none(cell: object, unit: AreaUnit) -> Decimal | None:
    try:
        return values.number(cell, unit=units.LABELS[unit])
    except ValueError:
        return None

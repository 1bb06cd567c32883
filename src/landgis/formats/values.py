"""Cells as people write them, brought to the kind of their column.

A value that cannot be read is never dropped: it is an error that names the place and the value.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model.errors import SchemaError, UsageError
from landgis.model.schema import DTYPES, LAND_CLASSES
from landgis.model.units import area_unit, convert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pandas import Series

    from landgis.model.schema import Column

EXCEL_EPOCH = dt.date(1899, 12, 30)  # day 0 of Excel's calendar, leap-year error of 1900 included
FIRST_YEAR, LAST_YEAR = 1900, 2200  # dates of a land ledger
EXCEL_SERIALS = range(1, 109_575)  # 1899-12-31 to 2199-12-31
EXCEL_DIGITS = 15  # Excel keeps and shows no more
EXAMPLES = 3  # values quoted in an error message

_BLANKS = {"", "-", "--", "—", "——", "/", "\\", "null", "<null>", "none", "nan", "nat", "n/a"}
_UNKNOWN = {"未知", "不详", "待定", "待核", "不明"}
_TRUE = {"是", "有", "真", "√", "✓", "1", "true", "t", "yes", "y"}
_FALSE = {"否", "无", "假", "×", "0", "false", "f", "no", "n"}
_NO_DATE = {"无", "0", "00000000", "0000-00-00"}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(r"[ T]*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?")
_NUMBER_AND_UNIT = re.compile(r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\D*)")
_MONEY_IN_WAN = {"元": 0.0001, "万元": 1.0, "亿元": 10_000.0}


def bring(
    values: Series,
    column: Column,
    *,
    place: Callable[[int], str],
    unit: str = "",
    serials: bool = False,
    file: str | Path | None = None,
) -> Series:
    """Bring a whole column to the kind of its canonical column.

    Parameters
    ----------
    values : Series
        Cells as read, of any kind.
    column : Column
        The canonical column.
    place : callable
        Where the cell at a position (from 0) stands, such as ``row 5`` or ``B5``.
    unit : str, optional
        Unit the numbers are in, such as ``亩``; the column's own where empty.
    serials : bool, optional
        Whether a number may be a date of Excel's calendar.
    file : str or Path or None, optional
        Name for the error message.

    Returns
    -------
    Series
        The same index, the dtype of `schema.DTYPES`; blank is unknown.

    Raises
    ------
    SchemaError
        ``value_unreadable``, with the first places and values and their count.

    Examples
    --------
    >>> from landgis.model.schema import PARCELS
    >>> cells = pd.Series(["2021.3.5", "20210305", None])
    >>> dates = bring(cells, PARCELS.column("supply_date"), place=lambda i: f"row {i + 1}")
    >>> [str(date) for date in dates.dt.date]
    ['2021-03-05', '2021-03-05', 'NaT']
    """
    if column.kind == "date" and pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.tz_localize(None).dt.normalize().astype(DTYPES["date"])
    if (
        column.kind == "number"
        and pd.api.types.is_float_dtype(values)
        and unit in {"", column.unit}
    ):
        return values.astype("float64")
    read: list[Any] = []
    unreadable: list[tuple[str, object]] = []
    for position, cell in enumerate(values.tolist()):
        try:
            read.append(_read(cell, column, unit, serials=serials))
        except ValueError:
            read.append(None)
            unreadable.append((place(position), cell))
    if unreadable:
        raise _unreadable(column, unreadable, file)
    return pd.Series(read, index=values.index, name=column.name, dtype=DTYPES[column.kind])


def number(cell: object, *, unit: str = "") -> Decimal | None:
    """Read a number exactly as it is printed.

    Parameters
    ----------
    cell : object
        Text such as ``１,234.50`` or ``0.7655公顷``, or a number; a float is read by its shortest
        form of at most 15 digits, as Excel shows it.
    unit : str, optional
        Unit that may stand behind the number.

    Returns
    -------
    Decimal or None
        The number; None where the cell is blank or says that it is unknown.

    Raises
    ------
    ValueError
        Where the cell holds something else.

    Examples
    --------
    >>> number("１,234.50"), number(3100.6711999999998), number(" — ")
    (Decimal('1234.50'), Decimal('3100.6712'), None)
    """
    if isinstance(cell, bool):
        raise ValueError(cell)  # noqa: TRY004 - one kind of error for all that cannot be read
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    if isinstance(cell, float):
        if math.isinf(cell):
            raise ValueError(cell)
        return None if math.isnan(cell) else Decimal(format(cell, f".{EXCEL_DIGITS}g"))
    text = plain(cell).replace(",", "")
    if text.lower() in _BLANKS or text in _UNKNOWN:
        return None
    parts = _NUMBER_AND_UNIT.fullmatch(text)
    if parts is None or parts[2] not in {"", unit}:
        raise ValueError(cell)
    try:
        return Decimal(parts[1])
    except InvalidOperation as error:
        raise ValueError(cell) from error


def date(cell: object, *, serials: bool = False) -> dt.date | None:
    """Read a date as people write it.

    Parameters
    ----------
    cell : object
        Such as ``2021-03-05``, ``2021.3.5``, ``20210305``, ``2021年3月5日`` or a date; a clock
        time behind it is dropped.
    serials : bool, optional
        Whether a number may be a date of Excel's calendar.

    Returns
    -------
    date or None
        The date; None where the cell is blank or says that there is none.

    Raises
    ------
    ValueError
        Where the cell holds something else, such as a month without a day.

    Examples
    --------
    >>> str(date("2021年3月5日")), str(date(44260, serials=True))
    ('2021-03-05', '2021-03-05')
    """
    if isinstance(cell, dt.datetime):
        return None if pd.isna(cell) else cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = whole(plain(cell))
    if text.lower() in _BLANKS or text in _UNKNOWN | _NO_DATE:
        return None
    if serials and text.isdigit() and int(text) in EXCEL_SERIALS:
        return EXCEL_EPOCH + dt.timedelta(days=int(text))
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    parts = _DATE.match(text)
    if parts is None or (text[parts.end() :] and not _CLOCK.fullmatch(text[parts.end() :])):
        raise ValueError(cell)
    year, month, day = (int(part) for part in parts.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(cell)
    return dt.date(year, month, day)


def truth(cell: object) -> bool | None:
    """Read yes, no or unknown.

    Parameters
    ----------
    cell : object
        Such as ``是``, ``无``, ``Y``, ``0``, ``True``, ``未知``.

    Returns
    -------
    bool or None
        None where the cell is blank or says that it is unknown.

    Raises
    ------
    ValueError
        Where the cell holds something else.

    Examples
    --------
    >>> truth("是"), truth(0.0), truth("未知")
    (True, False, None)
    """
    text = whole(plain(cell)).lower()
    if text in _BLANKS or text in _UNKNOWN:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(cell)


def plain(cell: object) -> str:
    """Give a cell as text: full-width digits made narrow, outer blanks gone, nothing for null.

    Parameters
    ----------
    cell : object
        Any cell.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> plain(" ２０２１年 "), plain(None)
    ('2021年', '')
    """
    if cell is None or cell is pd.NA or cell != cell:  # noqa: PLR0124 - only NaN differs from itself
        return ""
    return unicodedata.normalize("NFKC", str(cell)).strip()


def whole(text: str) -> str:
    """Give a number without the ``.0`` that a float column adds to it.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        ``450702`` for ``450702.0``.

    Examples
    --------
    >>> whole("450702.0"), whole("1.0版")
    ('450702', '1.0版')
    """
    return text[:-2] if re.fullmatch(r"-?\d+\.0", text) else text


def land_class(text: str) -> str:
    """Bring the many names of an annex column to its class.

    Parameters
    ----------
    text : str
        Such as ``2009—2020年批而未供土地``, ``涉嫌闲置土地`` or ``城镇低效用地``.

    Returns
    -------
    str
        ``批而未供``, ``闲置`` or ``低效``; any text that names none or several stays as it is.

    Examples
    --------
    >>> land_class("涉嫌闲置土地"), land_class("批而未供和闲置土地"), land_class("合计")
    ('闲置', '批而未供和闲置土地', '合计')
    """
    named = [name for name in LAND_CLASSES if name in text]
    return named[0] if len(named) == 1 else text


def _text(cell: object) -> str | None:
    if isinstance(cell, dt.datetime | dt.date):
        return None if pd.isna(cell) else cell.isoformat()[:10]
    if cell is None or cell is pd.NA or cell != cell:  # noqa: PLR0124 - only NaN differs from itself
        return None
    text = str(cell).strip()
    return (whole(text) if isinstance(cell, float) else text) or None


def _read(cell: object, column: Column, unit: str, *, serials: bool) -> object:
    if column.kind == "date":
        return date(cell, serials=serials)
    if column.kind == "truth":
        return truth(cell)
    if column.kind == "text":
        text = _text(cell)
        return land_class(text) if text and column.name == "land_class" else text
    return _figure(cell, column, unit)


def _figure(cell: object, column: Column, unit: str) -> float | int | None:
    percent = not column.unit and plain(cell).endswith("%")
    value = number(plain(cell)[:-1] if percent else cell, unit=unit or column.unit)
    if value is None:
        return None
    if column.kind == "integer":
        if value != int(value):
            raise ValueError(cell)
        return int(value)
    return rescale(float(value / 100 if percent else value), unit, column.unit)


def rescale(value: float, source: str, target: str) -> float:
    """Express a number in another unit of area or money.

    Parameters
    ----------
    value : float
        Number in `source`.
    source : str
        Chinese name of its unit; empty where it is `target`.
    target : str
        Chinese name of the unit wanted.

    Returns
    -------
    float
        Number in `target`.

    Raises
    ------
    UsageError
        ``unknown_unit`` where the two do not measure the same thing.

    Examples
    --------
    >>> rescale(15.0, "亩", "公顷"), rescale(5e4, "元", "万元")
    (1.0, 5.0)
    """
    if source in {"", target}:
        return value
    if source in _MONEY_IN_WAN and target in _MONEY_IN_WAN:
        return value * _MONEY_IN_WAN[source] / _MONEY_IN_WAN[target]
    return float(convert(value, source=area_unit(source), target=area_unit(target)))


def convertible(source: str, target: str) -> bool:
    """Say whether two units measure the same thing.

    Parameters
    ----------
    source : str
        Chinese name of a unit.
    target : str
        Chinese name of another.

    Returns
    -------
    bool
        True where `rescale` can bring one to the other.

    Examples
    --------
    >>> convertible("亩", "公顷"), convertible("万元", "公顷"), convertible("图上", "公顷")
    (True, False, False)
    """
    try:
        rescale(0.0, source, target)
    except UsageError:
        return False
    return True


def _unreadable(
    column: Column, unreadable: list[tuple[str, object]], file: str | Path | None
) -> SchemaError:
    kinds = {
        "date": "日期（如 2021-03-05、2021年3月5日）",
        "truth": "是、否或未知",
        "number": f"数字{f'（{column.unit}）' if column.unit else ''}",
        "integer": "整数",
    }
    shown = ", ".join(f"{where}: {cell!r}" for where, cell in unreadable[:EXAMPLES])
    count = len(unreadable)
    return SchemaError(
        "value_unreadable",
        f"{count} value{'s' if count > 1 else ''} of {column.name} cannot be read: {shown}"
        + (", ..." if count > EXAMPLES else ""),
        hint=f"“{column.label}”应为{kinds.get(column.kind, '文字')}，有 {count} 处无法识别"
        f"（{shown}）：请改正，或用 columns={{'{column.name}': ''}}（命令行 --column"
        f" {column.name}=）不读入这一列。",
        file=file,
    )

"""What stands in one cell for a reader: numbers, dates, truths and gaps as Chinese text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model.units import DECIMALS, show

if TYPE_CHECKING:
    from pandas import DataFrame

    from landgis.model.schema import Column

PLAIN_DECIMALS = 4  # at most, for numbers whose unit has no decimals of its own


def cell_text(value: Any, column: Column) -> str | None:
    """Say one value of a table to a planner.

    Parameters
    ----------
    value : object
        Anything a table holds; None, NaN, NaT and NA are unknown.
    column : Column
        The column it stands in: kind and unit decide.

    Returns
    -------
    str or None
        The text, without the unit; None where the value is unknown.

    Examples
    --------
    >>> from landgis.model.schema import PARCELS
    >>> cell_text(1.5, PARCELS.column("declared_ha")), cell_text(True, PARCELS.column("road"))
    ('1.5000', '是')
    """
    if pd.isna(value):
        return None
    if column.kind == "truth":
        return "是" if value else "否"
    if column.kind == "date":
        return f"{pd.Timestamp(value):%Y-%m-%d}"
    if column.kind in {"number", "integer"}:
        if column.unit in DECIMALS:
            return show(value, DECIMALS[column.unit])
        text = show(value, PLAIN_DECIMALS)
        return text.rstrip("0").rstrip(".")
    return str(value)


def text(value: Any) -> str | None:
    """Read one value as text.

    Parameters
    ----------
    value : object
        Anything a table holds.

    Returns
    -------
    str or None
        None where the value is unknown.

    Examples
    --------
    >>> text("低效"), text(float("nan"))
    ('低效', None)
    """
    return None if value is None or pd.isna(value) else str(value)


def texts(table: DataFrame, name: str) -> list[str | None]:
    """Read one column as texts.

    Parameters
    ----------
    table : DataFrame
        Any table.
    name : str
        Column; a missing one is all unknown.

    Returns
    -------
    list of str or None
        One entry per row.

    Examples
    --------
    >>> texts(pd.DataFrame({"unit": ["灵山县", None]}), "unit")
    ['灵山县', None]
    """
    if name not in table.columns:
        return [None] * len(table)
    return [text(value) for value in table[name].tolist()]


def percent(share: Any, decimals: int = 1) -> str | None:
    """Print a share as percent.

    Parameters
    ----------
    share : float or None
        A part of one.
    decimals : int, optional
        Decimals to print.

    Returns
    -------
    str or None
        Such as ``12.5%``; None where the share is unknown.

    Examples
    --------
    >>> percent(0.125)
    '12.5%'
    """
    return None if share is None or pd.isna(share) else f"{show(share * 100, decimals)}%"


def classes_of(parcels: DataFrame) -> list[str | None]:
    """Give each parcel's class: the registered one, else the one that was judged.

    Parameters
    ----------
    parcels : DataFrame
        Parcels.

    Returns
    -------
    list of str or None
        Class by row, None where there is none.

    Examples
    --------
    >>> classes_of(pd.DataFrame({"land_class": ["低效", None], "judged_class": ["闲置", "闲置"]}))
    ['低效', '闲置']
    """
    registered, judged = texts(parcels, "land_class"), texts(parcels, "judged_class")
    return [own or other for own, other in zip(registered, judged, strict=True)]

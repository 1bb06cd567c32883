"""Column names on the way out: of the house, of the ministry, or Chinese."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

from landgis.model import schema
from landgis.model.errors import OutputError, UsageError

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Headings = Literal["canonical", "ministry", "chinese"]

TRUTH = {True: "是", False: "否"}


def headed(table: DataFrame, headings: Headings, *, short: bool = False) -> Any:
    """Give a table as it goes out: its index a column, its columns named, its cells plain.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Any table of the house; a named index becomes the first column.
    headings : {'canonical', 'ministry', 'chinese'}
        How columns are named; columns unknown to `schema` keep their names. With ministry and
        Chinese headings truths become 是 and 否.
    short : bool, optional
        Whether columns without a field code go out under their short names, as a shapefile
        wants.

    Returns
    -------
    DataFrame or GeoDataFrame
        A new table; days are dates without a clock, Decimals are floats.

    Raises
    ------
    UsageError
        ``unknown_headings``.
    OutputError
        ``heading_twice`` where two columns would bear one name, upper or lower case alike.

    Examples
    --------
    >>> import pandas
    >>> table = pandas.DataFrame({"parcel_id": ["A1"], "commenced": [True]}).set_index("parcel_id")
    >>> headed(table, "ministry").to_dict("records")
    [{'DKBH': 'A1', 'SFDG': '是'}]
    """
    if headings not in get_args(Headings):
        raise UsageError(
            "unknown_headings",
            f"unknown headings {headings!r}",
            hint=f"字段命名方式应为 {'、'.join(get_args(Headings))} 之一。",
        )
    frame = table.reset_index() if table.index.name is not None else table.reset_index(drop=True)
    own = columns_of(frame)
    for name in frame.columns:
        if name != "geometry":
            frame[name] = _plain(frame[name], words=headings != "canonical")
    renamed = {name: heading(column, headings, short=short) for name, column in own.items()}
    frame = frame.rename(columns=renamed)
    lower = [str(name).lower() for name in frame.columns]
    twice = sorted({name for name in lower if lower.count(name) > 1})
    if twice:
        raise OutputError(
            "heading_twice",
            f"two columns would be named {', '.join(twice)}",
            hint=f"写出时有重名的列：{'、'.join(twice)}，请先改名或删去其一。",
        )
    return frame


def columns_of(frame: DataFrame) -> dict[str, schema.Column]:
    """Find the schema's column for every column of a table that it knows.

    Parameters
    ----------
    frame : DataFrame
        A table with its index among the columns.

    Returns
    -------
    dict of str to Column
        By canonical name, all of one table of the house: the one that knows most of the columns.
    """
    present = {str(name) for name in frame.columns}
    return {
        column.name: column
        for column in table_of(frame).columns
        if column.name in present and column.kind != "geometry"
    }


def table_of(frame: DataFrame) -> schema.Table:
    """Find the table of the house that knows most of a table's columns.

    Parameters
    ----------
    frame : DataFrame
        A table with its index among the columns.

    Returns
    -------
    Table
        Of several that know as many, the first.
    """
    present = {str(name) for name in frame.columns}
    return max(
        schema.TABLES.values(),
        key=lambda table: len(present & {column.name for column in table.columns}),
    )


def heading(column: schema.Column, headings: Headings, *, short: bool = False) -> str:
    """Name a column on the way out.

    Parameters
    ----------
    column : Column
        The canonical column.
    headings : {'canonical', 'ministry', 'chinese'}
        How.
    short : bool, optional
        Whether the short name stands in where the ministry has no field code.

    Returns
    -------
    str
        Its name, its first field code (its name where it has none), or its Chinese heading.

    Examples
    --------
    >>> heading(schema.PARCELS.column("declared_ha"), "chinese")
    '地块面积（公顷）'
    """
    if headings == "chinese":
        return column.heading
    if headings == "ministry" and column.codes:
        return column.codes[0]
    if headings == "ministry" and short and column.short:
        return column.short
    return column.name


def _plain(values: Series, *, words: bool) -> Series:
    """Bring cells to kinds that every driver knows."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(values) and words:
        return values.astype("object").map(TRUTH).astype("str")
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.normalize() == values
        return values.dt.date.where(values.notna(), None) if days[values.notna()].all() else values
    if values.dtype == object and values.map(lambda cell: isinstance(cell, Decimal)).any():
        return values.astype("float64")
    return values

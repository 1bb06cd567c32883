"""What a call was given: tables that are tables, numbers that are numbers, names that are names.

A planner's script that hands over a column for a table, or a text for a number, hears which argument
it was and how to mend it, before anything is computed.
"""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

from landgis.model.errors import DataError, SchemaError, UsageError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

EXAMPLES = 5  # rows that are named one by one


def is_number(value: object) -> bool:
    """Say whether a value is one number; truth values and texts are none.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        True for whole, floating, decimal and exact numbers, infinite ones and NaN too; False for
        spans of time.

    Examples
    --------
    >>> is_number(20), is_number("20"), is_number(None), is_number(True)
    (True, False, False, False)
    """
    import numpy as np

    no_numbers = (bool, np.timedelta64)  # Python and NumPy count them among whole numbers
    return isinstance(value, (Real, Decimal)) and not isinstance(value, no_numbers)


def is_finite(value: object) -> bool:
    """Say whether a value is one finite number.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        False also for NaN, texts and None.

    Examples
    --------
    >>> is_finite(20), is_finite(float("nan")), is_finite("20")
    (True, False, False)
    """
    return isinstance(value, (Real, Decimal)) and is_number(value) and math.isfinite(value)


def several(value: Any, *, name: str, label: str, example: str) -> list[Any]:
    """Take one text or a collection of values as a list.

    Parameters
    ----------
    value : Any
        A text, or a collection.
    name : str
        Argument, for the message.
    label : str
        Chinese word for it.
    example : str
        How it should be written.

    Returns
    -------
    list
        The values in their order.

    Raises
    ------
    UsageError
        ``not_a_collection``.

    Examples
    --------
    >>> several("near", name="joins", label="连通关系", example='["shared"]')
    ['near']
    """
    if isinstance(value, str):
        return [value]
    try:
        return list(value)
    except TypeError as error:
        raise UsageError(
            "not_a_collection",
            f"{name} must be one text or a collection of them, got {_kind(value)}",
            hint=f"{label}（{name}）应为一个或几个文字，例如 {example}，现为 {_kind(value)}。",
        ) from error


def require_name(value: Any, *, name: str, label: str, example: str) -> None:
    """Refuse what is no name of a column.

    Parameters
    ----------
    value : Any
        What was handed over.
    name : str
        Argument, for the message.
    label : str
        Chinese word for it.
    example : str
        How it should be written.

    Raises
    ------
    UsageError
        ``not_a_name``.

    Examples
    --------
    >>> require_name("built_share", name="built", label="建筑占比字段", example='"built_share"')
    """
    if not isinstance(value, str):
        raise UsageError(
            "not_a_name",
            f"{name} must be the name of a column, got {_kind(value)}",
            hint=f"{label}（{name}）应为一个字段名，例如 {example}，现为 {_kind(value)}。",
        )


def require_table(table: Any, *, what: str) -> None:
    """Refuse what is no table with one level of row names.

    Parameters
    ----------
    table : Any
        What was handed over.
    what : str
        Chinese word for the table, used in the hint.

    Raises
    ------
    UsageError
        ``not_a_table``, ``index_of_levels``.
    """
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise UsageError(
            "not_a_table",
            f"a table is needed, got {_kind(table)}",
            hint=f"{what}应为一张表，现为 {_kind(table)}：文件请先用 landgis.read 读入；"
            '单列图形（GeoSeries）请用 .to_frame("geometry") 变成表。',
        )
    if table.index.nlevels > 1:
        raise UsageError(
            "index_of_levels",
            f"the index has {table.index.nlevels} levels, one of ids is needed",
            hint=f"{what}表的索引有 {table.index.nlevels} 层，应只有一层编号："
            "请用 reset_index 和 set_index 改正。",
        )


def require_shapes(table: Any, *, what: str) -> None:
    """Refuse what is no table with geometry.

    Parameters
    ----------
    table : Any
        What was handed over.
    what : str
        Chinese word for the table, used in the hint.

    Raises
    ------
    UsageError
        ``not_a_table``, ``index_of_levels``.
    SchemaError
        ``geometry_missing`` for a table without a column of geometry.
    """
    import geopandas as gpd

    require_table(table, what=what)
    if not isinstance(table, gpd.GeoDataFrame) or table.active_geometry_name is None:
        raise SchemaError(
            "geometry_missing",
            "the table has no active column of geometry",
            hint=f"{what or '数据'}表没有图形：请用 landgis.read 读入带图形的文件，"
            "或用 set_geometry 指明哪一列是图形。",
        )


def require_ids(
    ids: Iterable[Hashable], rows: Sequence[int] | NDArray[Any], *, name: str, what: str
) -> None:
    """Refuse rows without an id, naming where they stand.

    Parameters
    ----------
    ids : iterable
        Ids of the rows.
    rows : sequence of int
        Where the rows stand in their table, counted from 0.
    name : str
        Column of the ids.
    what : str
        Chinese word for the table, used in the hint.

    Raises
    ------
    DataError
        ``id_blank``; ``row`` is the first of them.

    Examples
    --------
    >>> try:
    ...     require_ids(["A", None, ""], [0, 4, 7], name="parcel_id", what="地块")
    ... except DataError as error:
    ...     print(error.hint)
    地块有 2 行没有编号（第 5、8 行）：请补上编号，或读入时用 parcel_id=# 按行编号。
    """
    import numpy as np
    import pandas as pd

    names = pd.Index(ids)
    unnamed = names.isna() | (names.astype("str").str.strip() == "")
    blank = [int(row) for row in np.asarray(rows)[np.flatnonzero(unnamed)]]
    if blank:
        told = "、".join(str(row + 1) for row in blank[:EXAMPLES])
        more = "等" if len(blank) > EXAMPLES else ""
        raise DataError(
            "id_blank",
            f"{len(blank)} rows have no id, the first is row {blank[0] + 1}",
            hint=f"{what}有 {len(blank)} 行没有编号（第 {told} 行{more}）：请补上编号，"
            f"或读入时用 {name}=# 按行编号。",
            row=blank[0] + 1,
        )


def _kind(value: object) -> str:
    return repr(value) if is_number(value) or value is None else type(value).__name__

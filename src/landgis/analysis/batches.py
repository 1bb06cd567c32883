"""How much of each approval is acquired and supplied? 批而未供 and 批而未征, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.model.errors import SchemaError
from landgis.model.schema import BATCHES, PARCELS, empty
from landgis.model.units import HA_DECIMALS, convert, show

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

__all__ = ["batches"]


def batches(parcels: DataFrame) -> DataFrame:
    """Add up the parcels of every approval batch.

    Parameters
    ----------
    parcels : DataFrame
        Parcels with ``approval_no`` and, as far as known, ``approval_date``, ``approved_ha`` (of
        the whole batch, in 公顷), ``acquired_ha`` and ``supplied_ha`` (of the parcel, in 公顷).

    Returns
    -------
    DataFrame
        `schema.BATCHES`, one row per approval number, sorted by it. ``unsupplied_ha`` is acquired
        but not supplied (批而未供), ``unacquired_ha`` approved but not acquired (批而未征): the two
        never overlap. A sum with an unknown part is unknown, and ``note`` says of how many parcels.

    Raises
    ------
    SchemaError
        ``column_kind`` where an area or a date holds something else.

    Notes
    -----
    Sums are whole square metres, as ledgers print four decimals of a hectare. An approval whose
    parcels give different approved areas has none. Parcels without an approval number are left out.

    Examples
    --------
    >>> import pandas
    >>> parcels = pandas.DataFrame({"approval_no": ["A", "A"], "approved_ha": [5.0, 5.0],
    ...                             "acquired_ha": [2.0, 2.0], "supplied_ha": [1.5, 0.0]})
    >>> batches(parcels)[["unsupplied_ha", "unacquired_ha", "state"]].values.tolist()
    [[2.5, 1.0, '部分供应']]
    """
    if "approval_no" not in parcels.columns or not parcels["approval_no"].notna().any():
        return empty(BATCHES)
    named = pd.DataFrame(parcels[parcels["approval_no"].notna()])
    keys = named["approval_no"].astype("str").str.strip()
    groups = named.groupby(keys, sort=True)
    answer = pd.DataFrame({"parcel_count": groups.size().astype("Int64")})
    answer["approval_date"] = _one(named, keys, "approval_date", "datetime64[ms]")
    approved = _metres(_one(named, keys, "approved_ha", "float64"))
    acquired, supplied = _sum(named, keys, "acquired_ha"), _sum(named, keys, "supplied_ha")
    for name, area_m2 in (
        ("approved_ha", approved),
        ("acquired_ha", acquired),
        ("supplied_ha", supplied),
        ("unsupplied_ha", (acquired - supplied).clip(lower=0)),
        ("unacquired_ha", (approved - acquired).clip(lower=0)),
    ):
        answer[name] = convert(area_m2, source="m2", target="ha")
    answer["state"] = pd.Series(
        _states(approved, acquired, supplied), index=answer.index, dtype="str"
    )
    answer["note"] = _notes(named, keys, approved, acquired, supplied)
    answer.index.name = "approval_no"
    return answer.reset_index()[[column.name for column in BATCHES.columns]]


def _metres(ha: Series) -> Series:
    square_metres = convert(ha, source="ha", target="m2")
    return pd.Series(np.floor(square_metres + 0.5), index=ha.index)


def _sum(named: DataFrame, keys: Series, name: str) -> Series:
    """Add whole square metres; unknown where any part is."""
    metres = _metres(_column(named, name, "float64"))
    return metres.groupby(keys).agg(lambda part: part.sum(skipna=False))


def _one(named: DataFrame, keys: Series, name: str, dtype: str) -> Series:
    """Give the one value a batch has; unknown where its parcels differ."""
    groups = _column(named, name, dtype).groupby(keys)
    return groups.first().where(groups.min() == groups.max())


def _column(named: DataFrame, name: str, dtype: str) -> Series:
    """Give a column of areas or dates, unknown throughout where the table has none."""
    if name not in named.columns:
        return pd.Series(index=named.index, dtype=dtype)
    try:
        return named[name].astype(dtype)
    except (ValueError, TypeError) as error:
        label = PARCELS.column(name).label
        raise SchemaError(
            "column_kind",
            f"column {name} does not hold {dtype}: {error}",
            hint=f"字段 {name}（{label}）的内容类型不对，请先订正原始数据。",
        ) from None


def _states(approved: Series, acquired: Series, supplied: Series) -> NDArray[np.object_]:
    answer = np.full(len(supplied), "待核", dtype=object)
    answer[(supplied == 0).to_numpy()] = "未供"
    answer[((supplied > 0) & (supplied < acquired)).to_numpy()] = "部分供应"
    answer[((supplied > 0) & (supplied >= acquired)).to_numpy()] = "已供完"
    answer[(supplied > approved).to_numpy()] = "超批准供应"
    return answer


def _notes(
    named: DataFrame, keys: Series, approved: Series, acquired: Series, supplied: Series
) -> Series:
    notes = pd.Series("", index=supplied.index, dtype="str")
    for name, words in (("acquired_ha", "征地完成面积"), ("supplied_ha", "已供面积")):
        gaps = _column(named, name, "float64").isna().groupby(keys).sum()
        notes += [f"{count}宗{words}未知；" if count else "" for count in gaps.tolist()]
    if "approved_ha" in named.columns:
        groups = _column(named, "approved_ha", "float64").groupby(keys)
        notes += np.where(groups.min() < groups.max(), "各宗填写的批准面积不一致；", "")
    for excess, words in (
        (supplied - approved, "已供超过批准"),
        (supplied - acquired, "已供超过征地完成"),
    ):
        more = [
            f"{words}{show(float(convert(over, source='m2', target='ha')), HA_DECIMALS)}公顷；"
            if over > 0
            else ""
            for over in excess.tolist()
        ]
        notes += more
    return notes.str.removesuffix("；")

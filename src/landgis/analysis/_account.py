"""Keep the accounts of an overlay in whole square decimetres, and lay out the parts: behind `overlay`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from landgis.analysis._cutting import rank_within, slivers, text, words
from landgis.model import schema
from landgis.model.errors import AccountError
from landgis.model.units import DM2_PER_M2, show, to_dm2

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.analysis._cutting import Cut, Ground
    from landgis.analysis._sharing import Shares

    Numbers = NDArray[np.float64]
    Rows = NDArray[np.intp]
    Whole = NDArray[np.int64]

CLOSURE_M2 = 0.01  # m²; what an account may lack and still close: one square decimetre,
CLOSURE_SHARE = 1e-8  # and this share of the parcel (the tolerance of statutory comparisons)


class Account(NamedTuple):
    """The account, and what the tables of pieces and of outside ground need of it."""

    table: DataFrame  # `schema.ACCOUNT`
    settled: Whole  # dm² of each pair: per key they sum to zoned + closure
    parcel_m2: Numbers  # of each row of the account
    outside: NDArray[np.object_]  # shape of each row of the account
    row: Rows  # row of the account of each pair


def keep_account(cut: Cut, shares: Shares, ground: Ground) -> Account:
    """Enter every part into the account of its parcel and layer, prove it, settle the pieces."""
    width = len(ground.layers)
    usable = np.flatnonzero(~np.isnan(ground.parcel_area))
    keys = (usable[:, None] * width + np.arange(width)).ravel()
    parcel, layer = np.divmod(keys, width)
    row, touched = np.searchsorted(keys, cut.key), np.searchsorted(keys, shares.key)
    outside = ground.parcels[parcel]
    outside[touched] = shares.rest
    parcel_m2 = ground.parcel_area[parcel]
    outside_m2 = parcel_m2.copy()
    outside_m2[touched] = shares.rest_area
    own_m2 = np.bincount(row, shares.own_area, minlength=len(keys))
    twice_m2 = np.bincount(row, cut.area - shares.own_area, minlength=len(keys))
    table = pd.DataFrame(
        {
            "parcel_id": text(ground.table.index).take(parcel),
            "layer": words(ground.layers).take(layer),
            "parcel_dm2": to_dm2(parcel_m2),
            "zoned_dm2": np.bincount(row, to_dm2(cut.area), minlength=len(keys)).astype(np.int64),
            "outside_dm2": to_dm2(outside_m2),
            "twice_dm2": to_dm2(twice_m2),
        }
    )
    _prove(parcel_m2 - own_m2 - outside_m2, table, parcel, ground)
    wanted = (table["parcel_dm2"] - table["outside_dm2"] + table["twice_dm2"]).to_numpy()
    table["closure_dm2"] = wanted - table["zoned_dm2"]
    settled = settle(cut.area, row, wanted)
    return Account(table, settled, parcel_m2, outside, row)


def _prove(open_m2: Numbers, table: DataFrame, parcel: Rows, ground: Ground) -> None:
    """Raise where the parts of a parcel, each cut and measured on its own, do not sum to it."""
    tolerance = CLOSURE_M2 + CLOSURE_SHARE * ground.parcel_area[parcel]
    excess = np.abs(open_m2) - tolerance
    if len(excess) == 0 or excess.max() <= 0:
        return
    worst = int(excess.argmax())
    name, layer = table["parcel_id"].iloc[worst], table["layer"].iloc[worst]
    raise AccountError(
        "account_open",
        f"the parts of the parcel in layer {layer} differ from it by {show(open_m2[worst], 4)} m2, "
        f"more than {show(tolerance[worst], 4)} m2",
        hint=f"地块“{name}”在图层“{layer}”中的面积账不闭合，差 {show(open_m2[worst], 4)} 平方米："
        "请检查该地块和相关分区的图形（landgis check）。",
        parcel=name,
    )


def settle(area_m2: Numbers, row: Rows, wanted: Whole) -> Whole:
    """Round the parts of every row so that they sum to what is wanted (largest remainder).

    Parts are rounded down; the square decimetres then missing go to the largest remainders, ties
    to the larger part, then to the earlier. What rounding cannot explain goes to the largest part.
    """
    exact = area_m2 * DM2_PER_M2
    settled = np.floor(exact).astype(np.int64)
    count = np.bincount(row, minlength=len(wanted))
    missing = wanted - np.bincount(row, settled, minlength=len(wanted)).astype(np.int64)
    by_rounding = np.clip(missing, 0, count)
    open_ = np.flatnonzero(missing[row])
    order = open_[np.lexsort((-exact[open_], (settled - exact)[open_], row[open_]))]
    settled[order[rank_within(row[order]) < by_rounding[row[order]]]] += 1
    largest = open_[np.lexsort((-exact[open_], row[open_]))]
    largest = largest[rank_within(row[largest]) == 0]
    settled[largest] += (missing - by_rounding)[row[largest]]
    return settled


def typed(table: DataFrame, of: schema.Table) -> DataFrame:
    """Give every column the dtype its kind has in the schema."""
    kinds = {column.name: column.kind for column in of.columns if column.kind != "geometry"}
    as_declared: DataFrame = table.astype(
        {name: schema.DTYPES[kind] for name, kind in kinds.items()}
    )
    return as_declared


def as_pieces(
    account: Account,
    row: NDArray[np.intp],
    named: dict[str, Any],
    *,
    dm2: NDArray[np.int64],
    geometry: NDArray[np.object_],
    ground: Ground,
) -> GeoDataFrame:
    """Lay out parts of parcels in the columns of `schema.PIECES`."""
    import geopandas as gpd

    parcel_dm2 = account.table["parcel_dm2"].to_numpy()[row]
    area_m2 = dm2 / DM2_PER_M2
    # a parcel below half a square decimetre has no whole ones to share
    whole = np.where(parcel_dm2 > 0, parcel_dm2 / DM2_PER_M2, account.parcel_m2[row])
    columns: dict[str, Any] = {
        "parcel_id": account.table["parcel_id"].array.take(row),
        "layer": account.table["layer"].array.take(row),
        "zone_id": None,
        "zone_code": None,
        "zone_name": None,
        **named,
        "area_m2": area_m2,
        "share": area_m2 / whole,
        "sliver": slivers(geometry, area_m2, ground.table),
    }
    table = typed(pd.DataFrame(columns), schema.PIECES)
    return gpd.GeoDataFrame(table, geometry=geometry, crs=ground.table.crs)

"""The members of clusters as accounts: behind `landgis.analysis.portrait`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis.area import areas
from landgis.model import schema
from landgis.model.errors import AccountError, DataError
from landgis.model.polygons import as_polygons
from landgis.model.units import DM2_PER_M2, show, to_dm2

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame, Series

    Numbers = NDArray[np.float64]
    Places = NDArray[np.intp]
    Shapes = NDArray[np.object_]
    Truths = NDArray[np.bool_]
    Whole = NDArray[np.int64]

BOUNDARY_LAYERS = ("CZKFBJ", "CSKFBJ", "城镇开发边界")
CONCENTRATED = "集中建设区"
SUB_ZONES = (CONCENTRATED, "弹性发展区", "特别用途区")
OPPOSED = ("禁止", "限制", "需调整")
OUTSIDE, NAMELESS = "图层范围外", "名称不详"


class Land(NamedTuple):
    """The members that lie in clusters, as accounts: cluster of each, whole dm² of each.

    `total` is the dm² of each cluster with every member in full; `facts` the rows of the members.
    """

    names: NDArray[np.object_]
    total: Whole
    facts: GeoDataFrame
    parcels: pd.Index
    place: Places
    dm2: Whole

    @property
    def size(self) -> int:
        """Number of clusters."""
        return len(self.names)

    def sum(self, values: ArrayLike) -> Numbers:
        """Sum a value per member over every cluster; exact for whole numbers below 2⁵³."""
        weights = np.asarray(values, dtype=np.float64)
        return np.bincount(self.place, weights, minlength=self.size).astype(np.float64)

    def tally(self, places: Places) -> Numbers:
        """Count how often each cluster is named."""
        return np.bincount(places, minlength=self.size).astype(np.float64)

    def ratio(self, above: ArrayLike, below: ArrayLike) -> Numbers:
        """Quotient of two sums, missing where the second is 0."""
        under = self.sum(below)
        quotient: Numbers = np.full(self.size, np.nan)
        return np.divide(self.sum(above), under, out=quotient, where=under > 0)


class Taken(NamedTuple):
    """Ground that control lines take: of each cluster, and by layer and verdict."""

    total_m2: Numbers
    parts: DataFrame


def land(clusters: GeoDataFrame, members: GeoDataFrame) -> Land:
    """Weigh the members, and prove that they sum to their clusters."""
    schema.need(members, "cluster_id")
    names = clusters.index.astype("str")
    inside = members[members["cluster_id"].notna().to_numpy()]
    place = names.get_indexer(inside["cluster_id"].astype("str"))
    met = np.bincount(place[place >= 0], minlength=len(names))
    if (place < 0).any() or (met == 0).any():
        strange = [*inside["cluster_id"][place < 0], *names[met == 0]]
        raise DataError(
            "members_of_other_clusters",
            f"clusters and members do not belong together, the first is {strange[0]}",
            hint="连片表与地块表不是同一次 landgis cluster 的结果，请一并使用同一次的结果。",
        )
    dm2 = to_dm2(areas(as_polygons(inside.geometry.to_numpy()), inside))
    total = to_dm2(clusters["area_m2"]) + to_dm2(clusters["overlap_m2"])
    return Land(
        names.to_numpy(dtype=object),
        total,
        inside,
        _texts(inside.index),
        place,
        _settled(dm2, place, total, names),
    )


def _settled(dm2: Whole, place: Places, total: Whole, names: pd.Index) -> Whole:
    """Give what rounding may leave over, one dm² a member at most, to the largest member."""
    missing = total - np.bincount(place, dm2, minlength=len(total)).astype(np.int64)
    open_ = np.abs(missing) > np.bincount(place, minlength=len(total))
    if open_.any():
        worst = int(np.abs(missing).argmax())
        lacking = show(missing[worst] / DM2_PER_M2, 2)
        raise AccountError(
            "account_open",
            f"the members of cluster {names[worst]} differ from it by {lacking} m2",
            hint=f"连片“{names[worst]}”的面积与其各宗之和差 {lacking} 平方米："
            "连片之后地块图形又有改动，请重新连片（landgis cluster）。",
        )
    settled = dm2.copy()
    order = np.lexsort((-dm2, place))
    largest = order[np.flatnonzero(np.diff(place[order], prepend=-1))]
    settled[largest] += missing[place[largest]]
    return settled


def by_item(land: Land, labels: Series | None, topic: str, order: Sequence[str]) -> DataFrame:
    """Sum the members of every cluster by a label of their own."""
    if labels is None:
        return _rows(topic)
    table = pd.DataFrame({"place": land.place, "item": labels.to_numpy(), "dm2": land.dm2})
    found = table.groupby(["place", "item"], as_index=False).agg(
        dm2=("dm2", "sum"), member_count=("dm2", "size")
    )
    rank = found["item"].map({name: at for at, name in enumerate(order)}).fillna(len(order))
    found = found.iloc[np.lexsort((found["item"], rank, found["place"]))]
    return _rows(topic, found)


def zoned(
    land: Land,
    pieces: DataFrame | None,
    account: DataFrame | None,
    topic: str,
    layers: Collection[str],
) -> DataFrame:
    """Sum the pieces of every cluster by the zones of the layers of a topic."""
    names = ["layer", "item", "parcel_id", "place", "dm2"]
    tables = []
    if pieces is not None:
        mine = _of_members(land, pieces[pieces["layer"].isin(list(layers))])
        item = mine["zone_name"].fillna(mine["zone_code"]).fillna(NAMELESS)
        tables.append(mine.assign(item=item, dm2=to_dm2(mine["area_m2"]))[names])
    if account is not None:
        bare = account[account["layer"].isin(list(layers)) & (account["outside_dm2"] > 0)]
        mine = _of_members(land, bare)
        tables.append(mine.assign(item=OUTSIDE, dm2=mine["outside_dm2"])[names])
    if not tables or not sum(map(len, tables)):
        return _rows(topic)
    table = pd.concat([one for one in tables if len(one)], ignore_index=True)
    found = table.groupby(["place", "layer", "item"], as_index=False, observed=True).agg(
        dm2=("dm2", "sum"), member_count=("parcel_id", "nunique")
    )
    found = found[found["dm2"] > 0]
    return _rows(topic, _largest_first(found))


def in_zones(land: Land, pieces: DataFrame | None, account: DataFrame | None) -> Numbers:
    """Share of every cluster in 集中建设区, over the members laid over the boundary's layer."""
    unknown = np.full(land.size, np.nan)
    if pieces is None:
        return unknown
    seen = pieces if account is None else account
    layer = next((name for name in BOUNDARY_LAYERS if (seen["layer"] == name).any()), None)
    if layer is None:
        return unknown
    pieces = pieces[pieces["layer"] == layer]
    told = pieces["zone_name"].fillna("") + "|" + pieces["zone_code"].fillna("")
    mine = _of_members(land, pieces.assign(inside=told.str.contains(CONCENTRATED)))
    laid = np.ones(len(land.dm2), dtype=np.bool_)
    if account is not None:
        laid = _laid(land, account[account["layer"] == layer])
    inside = mine[mine["inside"].to_numpy(dtype=np.bool_)]
    dm2 = np.bincount(inside["member"], to_dm2(inside["area_m2"]), minlength=len(land.dm2))
    dm2 = np.minimum(dm2, land.dm2)  # zones that overlap one another claim ground twice
    share = land.ratio(np.where(laid, dm2, 0), np.where(laid, land.dm2, 0))
    if not told.str.contains("|".join(SUB_ZONES)).any():
        share[mine["place"]] = np.nan  # inside the boundary, but in which of its sub-zones?
    return share


def control_lines(land: Land, conflicts: GeoDataFrame | None, account: DataFrame | None) -> Taken:
    """Sum the ground of members that stands against control lines, once each."""
    topic = "管控线"
    if conflicts is None:
        return Taken(np.full(land.size, np.nan), _rows(topic))
    mine = _of_members(land, conflicts[conflicts["verdict"].isin(OPPOSED)])
    each, once = np.zeros(len(land.dm2), dtype=np.int64), _once(land, mine, ["member"])
    each[once["member"]] = once["dm2"]
    total = land.sum(each) / DM2_PER_M2
    if account is not None:
        total[land.sum(~_laid(land, account)) > 0] = np.nan
    if mine.empty:
        return Taken(total, _rows(topic))
    found = _once(land, mine, ["member", "layer", "verdict"])
    found["place"] = land.place[found["member"]]
    found = found.groupby(["place", "layer", "verdict"], as_index=False).agg(
        dm2=("dm2", "sum"), member_count=("member", "nunique")
    )
    return Taken(total, _rows(topic, _largest_first(found.rename(columns={"verdict": "item"}))))


def _once(land: Land, mine: GeoDataFrame, keys: list[str]) -> DataFrame:
    """Area of the ground of each group of rows of one member, what they share counted once."""
    group = mine.groupby(keys, sort=True, observed=True).ngroup().to_numpy(dtype=np.intp)
    head = mine[keys].iloc[np.unique(group, return_index=True)[1]].reset_index(drop=True)
    each, own = to_dm2(mine["area_m2"]), land.dm2[head["member"]]
    size = np.bincount(group, minlength=len(head))
    dm2 = np.bincount(group, each, minlength=len(head)).astype(np.int64)
    whole = np.bincount(group, each >= own[group], minlength=len(head)) > 0
    order = np.argsort(group, kind="stable")
    order = order[(size > 1)[group[order]] & ~whole[group[order]]]
    for rows in np.unique(size[group[order]]):  # groups of as many rows at a time
        these = order[size[group[order]] == rows].reshape(-1, rows)
        united = shapely.union_all(mine.geometry.to_numpy()[these], axis=1)
        several = group[these[:, 0]]
        dm2[several] = np.minimum(to_dm2(areas(united, mine)), dm2[several])
    head["dm2"] = np.minimum(dm2, own)
    return head


def _texts(ids: pd.Index | Series) -> pd.Index:
    """Ids as Python texts, which are found faster than Arrow's."""
    return pd.Index(ids.astype("str").to_numpy(dtype=object))


def _laid(land: Land, account: DataFrame) -> Truths:
    """Which members an account speaks of."""
    member = land.parcels.get_indexer(_texts(account["parcel_id"]))
    laid = np.zeros(len(land.dm2), dtype=np.bool_)
    laid[member[member >= 0]] = True
    return laid


def _of_members(land: Land, table: DataFrame) -> DataFrame:
    """Keep the rows of members, with the place of the member and of its cluster."""
    member = land.parcels.get_indexer(_texts(table["parcel_id"]))
    mine = table[member >= 0]
    member = member[member >= 0]
    return mine.assign(member=member, place=land.place[member])


def _largest_first(found: DataFrame) -> DataFrame:
    """Order by cluster and layer, within which the largest comes first."""
    return found.iloc[np.lexsort((found["item"], -found["dm2"], found["layer"], found["place"]))]


def _rows(topic: str, found: DataFrame | None = None) -> DataFrame:
    """Name the topic; without rows, only the columns."""
    columns = ["place", "topic", "layer", "item", "member_count", "dm2"]
    if found is None or found.empty:
        return pd.DataFrame({name: [] for name in columns})
    told = found.assign(topic=topic)
    return (told if "layer" in told else told.assign(layer=None))[columns]

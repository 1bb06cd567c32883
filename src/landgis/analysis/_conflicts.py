"""Apply the rules about planning zones: the part of `landgis.analysis.overlay` behind `conflicts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
import shapely

from landgis.analysis._account import typed
from landgis.analysis._cutting import polygonal, slivers
from landgis.analysis.area import areas
from landgis.model import schema
from landgis.model.errors import UsageError
from landgis.model.units import DM2_PER_M2, convert, to_dm2

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series


class OverlapRule(Protocol):
    """What a planning zone means for a parcel; a policy brings such records.

    Attributes
    ----------
    layer : str
        Layer the rule speaks of; further names may stand in a field ``layers``.
    zone : str
        Code or name of the zone, of which the end suffices (弹性发展区 for 城镇弹性发展区);
        empty for any.
    where : str
        ``inside`` or ``outside``.
    verdict : str
        禁止, 限制, 需调整 or 符合.
    basis : str
        Document and clause.
    because : str
        The reason as a planner reads it.
    """

    @property
    def layer(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def because(self) -> str: ...


def conflicts_of(
    rule: OverlapRule, *, pieces: GeoDataFrame, outside: GeoDataFrame, account: DataFrame
) -> GeoDataFrame:
    """Apply one rule to every parcel and layer it speaks of."""
    import geopandas as gpd

    ground = _ground_under(rule, pieces, outside)
    keys = ["parcel_id", "layer"]
    group = ground.groupby(keys, sort=False).ngroup().to_numpy()
    rows = ground.groupby(keys, sort=False, as_index=False).agg(area_m2=("area_m2", "sum"))
    rows["zone_name"] = _names_by(group, ground["zone_name"], len(rows))
    joined = _union_by(group, ground.geometry.to_numpy(), len(rows))
    part, of_row = shapely.get_parts(joined, return_index=True)
    part_m2 = areas(part, ground)
    real = ~slivers(part, part_m2, ground)
    measured = to_dm2(np.bincount(of_row[real], part_m2[real], minlength=len(rows))) / DM2_PER_M2
    largest = np.zeros(len(rows))
    np.maximum.at(largest, of_row[real], part_m2[real])
    mine = rows.merge(account.drop_duplicates(keys), on=keys, how="left")
    # pieces were settled so that the account closes: keep their sum where it stands for this ground
    exact = (np.bincount(of_row[~real], minlength=len(rows)) == 0) & (mine["twice_dm2"] == 0)
    rows["area_m2"] = np.where(exact, rows["area_m2"], measured)
    rows["area_ha"] = convert(rows["area_m2"], source="m2", target="ha")
    rows["share"] = rows["area_m2"] * DM2_PER_M2 / mine["parcel_dm2"].astype("float64")
    rows["piece_count"] = np.bincount(of_row[real], minlength=len(rows))
    rows["largest_m2"] = to_dm2(largest) / DM2_PER_M2
    rows["verdict"] = rule.verdict
    rows["because"] = f"{rule.because}（{rule.basis}）" if rule.basis else rule.because
    kept = np.flatnonzero(rows["piece_count"] > 0)
    named = [column.name for column in schema.CONFLICTS.columns if column.kind != "geometry"]
    table = typed(rows[named].iloc[kept], schema.CONFLICTS)
    shapes = _union_by(of_row[real], part[real], len(rows))[kept]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=pieces.crs)


def _ground_under(rule: OverlapRule, pieces: GeoDataFrame, outside: GeoDataFrame) -> GeoDataFrame:
    """Give the parts of parcels that a rule speaks of."""
    layers = {getattr(rule, "layer", ""), *getattr(rule, "layers", ())} - {""}
    pieces = pieces[pieces["layer"].isin(layers)]
    outside = outside[outside["layer"].isin(layers)]
    named = pieces["zone_name"].str.endswith(rule.zone).fillna(value=False)
    meant = named.astype("bool") | (pieces["zone_code"] == rule.zone)
    if rule.where == "inside":
        return pieces[meant] if rule.zone else pieces
    if rule.where != "outside":
        raise UsageError(
            "unknown_where",
            f"a rule speaks of ground inside or outside a zone, not {rule.where!r}",
            hint="管控规则的 where 应为 inside（压占）或 outside（界外）。",
        )
    if not rule.zone:
        return outside
    return pd.concat([outside, pieces[~meant]], ignore_index=True)


def _union_by(
    group: NDArray[np.intp], shapes: NDArray[np.object_], count: int
) -> NDArray[np.object_]:
    """Join the shapes of each group; a group of one keeps its shape."""
    joined = np.full(count, shapely.MultiPolygon(), dtype=object)
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if len(rows):
            joined[group[rows[0]]] = (
                shapes[rows[0]] if len(rows) == 1 else shapely.union_all(shapes[rows])
            )
    return polygonal(joined)


def _names_by(group: NDArray[np.intp], names: Series[str], count: int) -> list[str]:
    """Join the different names of each group."""
    joined = [""] * count
    pairs = pd.DataFrame({"group": group, "name": names.to_numpy()}).dropna().drop_duplicates()
    for row, name in zip(pairs["group"], pairs["name"], strict=True):
        joined[row] = f"{joined[row]}、{name}" if joined[row] else str(name)
    return joined

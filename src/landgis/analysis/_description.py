"""What a cluster is on paper: its unit, its name and its outline, behind clusters.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

from landgis.analysis._outlines import outlines
from landgis.model import schema
from landgis.model.units import DM2_PER_M2

if TYPE_CHECKING:
    import numpy as np
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    Shapes = NDArray[np.object_]


def describe(
    members: DataFrame, polygons: Shapes, parcels: GeoDataFrame, *, gap_m: float
) -> GeoDataFrame:
    """Describe clusters as `schema.CLUSTERS`, the largest first.

    `members` has a row per polygon: ``cluster_id``, ``own_dm2``, ``twice_dm2``, and ``unit`` and
    ``location`` (missing where unknown).
    """
    if members.empty:
        nothing: GeoDataFrame = schema.empty(schema.CLUSTERS, crs=parcels.crs)
        later = [column.name for column in schema.CLUSTERS.columns if column.made_by]
        return nothing.drop(columns=later)
    grouped = members.groupby("cluster_id")
    clusters = grouped[["own_dm2", "twice_dm2"]].sum()
    clusters["member_count"] = grouped.size()
    clusters["area_dm2"] = clusters["own_dm2"] - clusters["twice_dm2"]
    clusters = clusters.sort_values("area_dm2", ascending=False, kind="stable")
    units = _by_area(members, "unit").reindex(clusters.index)
    unit_of = members["cluster_id"].map(units.str[0])
    there = members[unit_of.isna() | (members["unit"] == unit_of)]
    places = _by_area(there, "location").str[0].reindex(clusters.index)
    reaches = grouped["location"].nunique().reindex(clusters.index)
    table = gpd.GeoDataFrame(
        {
            "cluster_name": _names(units, places, reaches > 1),
            "unit": units.map("、".join, na_action="ignore"),
            "member_count": clusters["member_count"],
            "area_m2": clusters["area_dm2"] / DM2_PER_M2,
            "overlap_m2": clusters["twice_dm2"] / DM2_PER_M2,
        },
        geometry=outlines([polygons[grouped.indices[name]] for name in clusters.index], gap_m),
        crs=parcels.crs,
    )
    table.index = table.index.astype("str")
    return table.astype(
        {
            column.name: schema.DTYPES[column.kind]
            for column in schema.CLUSTERS.columns
            if column.name in table and column.kind != "geometry"
        }
    )


def _by_area(members: DataFrame, column: str) -> Series:
    """Values a column takes in each cluster, those with more area first."""
    known = members.dropna(subset=column)
    total = known.groupby(["cluster_id", column], as_index=False)["own_dm2"].sum()
    total = total.sort_values(["own_dm2", column], ascending=[False, True], kind="stable")
    return total.groupby("cluster_id")[column].agg(tuple).astype(object)


def _names(units: Series, places: Series, reaches_beyond: Series) -> list[str]:
    """Chinese names: unit, the place with most area in it, and the rank by area within the unit."""
    names, met = [], dict[str, int]()
    for own_units, place, beyond in zip(units, places.fillna(""), reaches_beyond, strict=True):
        unit = own_units[0] if isinstance(own_units, tuple) else ""
        met[unit] = met.get(unit, 0) + 1
        about = "一带" if place and beyond else ""
        names.append(f"{unit}{place.removeprefix(unit)}{about}第{met[unit]}片")
    return names

"""Read a vector layer under polygons: share of ground, number of features, distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis.area import areas
from landgis.model import crs as systems
from landgis.model.errors import DataError
from landgis.model.polygons import polygonal

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

STATISTICS = ("share", "count", "distance")
_POLYGON = 3  # shapely type number
_SURFACE = 2  # dimensions that make an area


class Observed(NamedTuple):
    """One figure per row, and the share of the polygon for which the layer was made."""

    figures: NDArray[np.float64]
    covered: NDArray[np.float64]


def read_under(
    parcels: GeoDataFrame,
    sound: NDArray[np.bool_],
    layer: GeoDataFrame,
    *,
    statistic: str,
    extent: GeoDataFrame | None,
) -> Observed:
    """Read a layer under the sound polygons of a table; NaN under the others.

    Where the layer was made for an `extent` only, nothing is known of the ground beyond it.
    """
    result = Observed(np.full(len(parcels), np.nan), np.full(len(parcels), np.nan))
    rows = np.flatnonzero(sound)
    ground = parcels.iloc[rows]
    crs = systems.require_crs(parcels, what="地块")
    features = _features(systems.align(layer, crs, what="证据图层"))
    if statistic == "share":
        _require_polygons(features)
    if extent is not None:
        result.covered[rows], ground = _within(ground, _polygons_of(extent, parcels))
        known = result.covered[rows] > 0
        rows, ground = rows[known], ground[known]
    else:
        result.covered[rows] = 1.0
    by = {"share": _share, "count": _count, "distance": _distance}[statistic]
    result.figures[rows] = by(ground, features)
    return result


def _features(layer: GeoDataFrame) -> NDArray[np.object_]:
    """Give the layer's features that have a geometry, valid."""
    geometry = layer.geometry.to_numpy()
    there = geometry[~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)]
    if not len(there):
        raise DataError(
            "layer_empty",
            "the layer has no features",
            hint="证据图层没有要素：空图层不能证明“没有”，请检查图层名称与筛选条件。",
        )
    broken = ~shapely.is_valid(there)
    there[broken] = shapely.make_valid(there[broken], method="structure", keep_collapsed=False)
    features: NDArray[np.object_] = there[~shapely.is_empty(there)]
    return features


def _require_polygons(features: NDArray[np.object_]) -> None:
    if (shapely.get_dimensions(features) < _SURFACE).any():
        raise DataError(
            "layer_not_polygons",
            "a share needs polygons, the layer has points or lines",
            hint="占比需要面图层：点、线图层请用 count（个数）或 distance（距离）。",
        )


def _polygons_of(extent: GeoDataFrame, parcels: GeoDataFrame) -> NDArray[np.object_]:
    crs = systems.require_crs(parcels, what="地块")
    polygons = _features(systems.align(extent, crs, what="证据范围"))
    _require_polygons(polygons)
    return polygons


def _within(
    parcels: GeoDataFrame, extent: NDArray[np.object_]
) -> tuple[NDArray[np.float64], GeoDataFrame]:
    """Give the share of every parcel within the extent, and the parcels cut to it."""
    covered = _share(parcels, extent)
    partly = np.flatnonzero((covered > 0) & (covered < 1))
    cut = parcels.geometry.to_numpy().copy()
    if len(partly):
        ground = shapely.union_all(extent)
        cut[partly] = polygonal(shapely.intersection(cut[partly], ground))
    return covered, parcels.set_geometry(
        type(parcels.geometry)(cut, parcels.index, crs=parcels.crs)
    )


def _share(parcels: GeoDataFrame, features: NDArray[np.object_]) -> NDArray[np.float64]:
    """Share of every parcel under the layer's polygons, where they overlap counted once."""
    geometry = parcels.geometry.to_numpy()
    tree = shapely.STRtree(geometry)
    _, whole = tree.query(features, predicate="covers")
    feature, row = tree.query(features, predicate="intersects")
    cut = ~np.isin(row, whole)
    feature, row = feature[cut], row[cut]
    pieces = shapely.intersection(features[feature], geometry[row])
    touched, union = _unite(pieces, row)
    area = areas(geometry, parcels)
    share = np.zeros(len(geometry))
    share[whole] = 1.0
    share[touched] = np.clip(areas(union, parcels) / area[touched], 0.0, 1.0)
    return share


def _unite(
    pieces: NDArray[np.object_], row: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Unite the pieces of every row, dropping the lines and points where polygons only touch."""
    parts, piece = shapely.get_parts(pieces, return_index=True)
    is_polygon = shapely.get_type_id(parts) == _POLYGON
    parts, row = parts[is_polygon], row[piece[is_polygon]]
    order = np.argsort(row, kind="stable")
    parts, row = parts[order], row[order]
    touched, starts, counts = np.unique(row, return_index=True, return_counts=True)
    united = parts[starts]
    for number in np.flatnonzero(counts > 1):
        united[number] = shapely.union_all(parts[starts[number] : starts[number] + counts[number]])
    return touched, united


def _count(parcels: GeoDataFrame, features: NDArray[np.object_]) -> NDArray[np.float64]:
    """How many features meet the interior of every parcel."""
    geometry = parcels.geometry.to_numpy()
    feature, row = shapely.STRtree(geometry).query(features, predicate="intersects")
    inside = ~shapely.touches(features[feature], geometry[row])
    return np.bincount(row[inside], minlength=len(geometry)).astype(np.float64)


def _distance(parcels: GeoDataFrame, features: NDArray[np.object_]) -> NDArray[np.float64]:
    """Metres from every parcel to the nearest feature."""
    metric = systems.metric_crs(parcels)
    layer = type(parcels)(geometry=features, crs=parcels.crs)
    flat = systems.align(layer, metric, what="证据图层").geometry.to_numpy()
    moved = systems.align(parcels, metric, what="地块").geometry.to_numpy()
    (row, _), distance = shapely.STRtree(flat).query_nearest(
        moved, return_distance=True, all_matches=False
    )
    nearest = np.full(len(moved), np.nan)
    nearest[row] = distance * metric.axis_info[0].unit_conversion_factor
    return nearest


def as_column(found: NDArray[np.float64], statistic: str) -> object:
    """Give counts as whole numbers that may be unknown, other figures as they are."""
    return pd.array(found, dtype="Int64") if statistic == "count" else found

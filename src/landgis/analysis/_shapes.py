"""Which polygons a table holds at places on earth, and how broken ones would be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from landgis.analysis._findings import DEGREES_ROUND, Batch, flag, spot
from landgis.model import crs as systems

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

# Cities near a zone's edge keep one zone: up to one zone width beyond the area of use is right.
RANGE_MARGIN_DEGREES = 3.0
FARTHEST = 1e9  # no coordinate on earth, zone prefix included, is larger; GEOS stays finite below
POLE = 90.0
ZONE_PREFIX = 1_000_000.0
MENDING_ROUNDS = 3  # GEOS 3.14 needs two for a crossed shell whose parts share an edge

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7  # shapely type numbers


class Shapes(NamedTuple):
    """The polygons one can compute with, as given and as mending leaves them; None elsewhere."""

    given: NDArray[np.object_]
    mended: NDArray[np.object_]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Rows that hold polygons at places on earth."""
        there: NDArray[np.bool_] = ~shapely.is_missing(self.given)
        return there


def shapes_of(parcels: GeoDataFrame) -> tuple[Shapes, list[Batch]]:
    """Take stock of a table's geometry."""
    crs = systems.require_crs(parcels, what="地块")
    given, batches = find_polygons(parcels.geometry.to_numpy(), crs)
    return Shapes(given, mend(given)), batches


def find_polygons(
    geometry: NDArray[np.object_], crs: CRS
) -> tuple[NDArray[np.object_], list[Batch]]:
    """Give the polygons at places on earth, collections reduced to theirs, and what the rest is."""
    missing = shapely.is_missing(geometry)
    empty = ~missing & shapely.is_empty(geometry)
    is_polygonal = polygonal(geometry)
    polygons = polygons_of(geometry)
    polygons[empty] = None
    not_finite = ~_finite(polygons)
    astray = np.flatnonzero(~shapely.is_missing(polygons) & ~not_finite)
    lost, messages = _out_of_range(polygons[astray], crs)
    astray = astray[lost]
    polygons[not_finite] = None
    polygons[astray] = None
    other = np.flatnonzero(~missing & ~empty & ~is_polygonal)
    return polygons, [
        flag("null_geometry", missing, "没有图形"),
        flag("empty_geometry", empty, "图形为空"),
        Batch(
            "not_polygon",
            other,
            [f"图形是 {shape.geom_type}，不是面" for shape in geometry[other]],
            mendable=~shapely.is_missing(polygons[other]),
        ),
        flag("coordinates_not_finite", not_finite, "坐标含有无穷大或非数值"),
        Batch("coordinates_out_of_range", astray, messages),
    ]


def polygonal(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which geometries are polygons or multipolygons."""
    is_polygonal: NDArray[np.bool_] = np.isin(
        shapely.get_type_id(geometry), (_POLYGON, _MULTIPOLYGON)
    )
    return is_polygonal


def _finite(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    points, owners = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), bool)
    finite[owners[~np.isfinite(points).all(axis=1)]] = False
    return finite


def only(geometry: NDArray[np.object_], keep: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Keep these geometries in their rows; None in the others."""
    kept = np.full(len(geometry), None, dtype=object)
    kept[keep] = geometry[keep]
    return kept


def polygons_of(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Reduce collections to their polygons; None where there are none."""
    kept = only(geometry, polygonal(geometry))
    for row in np.flatnonzero(shapely.get_type_id(geometry) == _COLLECTION):
        parts = shapely.get_parts(geometry[row])
        while (shapely.get_type_id(parts) == _COLLECTION).any():
            parts = shapely.get_parts(parts)
        parts = shapely.get_parts(parts[polygonal(parts) & ~shapely.is_empty(parts)])
        if len(parts):
            kept[row] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return kept


def mend(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Make polygons valid: shells filled, holes cut out of them; None where no area is left."""
    mended = geometry.copy()
    wrong = np.flatnonzero(~shapely.is_valid(geometry) & ~shapely.is_missing(geometry))
    filled = _shells(geometry[wrong])
    made = _valid_polygons(geometry[wrong])
    # GEOS turns a hole outside its shell into land; a hole can only take away
    gained = np.flatnonzero(shapely.area(shapely.difference(made, filled)) > 0)
    made[gained] = _valid_polygons(shapely.intersection(made[gained], filled[gained]))
    mended[wrong] = made
    mended[~(shapely.area(mended) > 0)] = None
    return mended


def _valid_polygons(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Make valid, and again where GEOS gave back parts that share an edge; None if never valid."""
    polygons = polygons_of(geometry)
    for _ in range(MENDING_ROUNDS):
        wrong = np.flatnonzero(~shapely.is_valid(polygons) & ~shapely.is_missing(polygons))
        made = shapely.make_valid(polygons[wrong], method="structure", keep_collapsed=False)
        polygons[wrong] = polygons_of(made)
    polygons[~shapely.is_valid(polygons)] = None
    return polygons


def _shells(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Fill the shells of polygons, whatever their holes."""
    parts, row = shapely.get_parts(geometry, return_index=True)
    shells = shapely.polygons(shapely.get_exterior_ring(parts))
    return _valid_polygons(shapely.multipolygons(shells, indices=row))


def _out_of_range(geometry: NDArray[np.object_], crs: CRS) -> tuple[NDArray[np.bool_], list[str]]:
    """Say which geometries lie off the earth or far from where their system is used, and why."""
    bounds = shapely.bounds(geometry)
    corners = np.stack([bounds[:, :2], bounds[:, 2:]])
    astray = ~(_at_home(corners[0], crs) & _at_home(corners[1], crs))
    low = corners[0][astray]
    causes = np.full(len(low), "，请核对坐标系、中央经线与坐标顺序", dtype=object)
    for cause, moved in _guesses(low, crs):
        causes[_at_home(moved, crs)] = cause
    return astray, [
        f"坐标 {spot(*place)} 超出“{systems.describe(crs)}”的适用范围{cause}"
        for place, cause in zip(low, causes, strict=True)
    ]


def _guesses(points: NDArray[np.float64], crs: CRS) -> list[tuple[str, NDArray[np.float64]]]:
    """List what a wrong declaration may be, and the coordinates it would set right."""
    swapped = ("，看来 X、Y 颠倒", points[:, ::-1])
    if not crs.is_projected:
        return [swapped]
    operation = crs.coordinate_operation
    values = {item.name: item.value for item in operation.params} if operation else {}
    prefix = float(values.get("False easting", 0.0)) // ZONE_PREFIX
    easting = points[:, 0] % ZONE_PREFIX + prefix * ZONE_PREFIX
    changed = np.where(points[:, 0] // ZONE_PREFIX == prefix, np.inf, easting)
    word = "缺少带号前缀，或带号不同" if prefix else "带有带号前缀"
    # PROJ's own inverse: what degrees would be in this plane
    degrees_like = (np.abs(points) <= [DEGREES_ROUND / 2, POLE]).all(axis=1)
    back = systems.transformer(systems.geographic(crs), crs)
    as_metres = np.column_stack(back.transform(points[:, 0], points[:, 1]))
    as_metres[~degrees_like] = np.inf
    return [
        swapped,
        (f"，看来横坐标{word}", np.column_stack([changed, points[:, 1]])),
        ("，看来是经纬度", as_metres),
    ]


def _at_home(points: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Say which points of a system lie on earth and within the area the system is used in."""
    small = (np.abs(points) < FARTHEST).all(axis=1)
    degrees = np.full(points.shape, np.inf)
    geodetic = systems.geographic(crs)
    if crs.is_projected:
        move = systems.transformer(crs, geodetic)
        degrees[small] = np.column_stack(move.transform(points[small, 0], points[small, 1]))
    else:
        degrees[small] = points[small]
    west, south, east, north = -DEGREES_ROUND / 2, -POLE, DEGREES_ROUND / 2, POLE
    used = crs.area_of_use
    if used is not None and used.west < used.east:  # else it lies across the date line
        west, south = used.west - RANGE_MARGIN_DEGREES, used.south - RANGE_MARGIN_DEGREES
        east, north = used.east + RANGE_MARGIN_DEGREES, used.north + RANGE_MARGIN_DEGREES
    longitude, latitude = degrees[:, 0], degrees[:, 1]
    on_earth = np.isfinite(degrees).all(axis=1) & (np.abs(latitude) <= POLE)
    home: NDArray[np.bool_] = (
        on_earth
        & (longitude >= west)
        & (longitude <= east)
        & (latitude >= south)
        & (latitude <= north)
    )
    return home

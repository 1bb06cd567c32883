"""What can be wrong with one parcel's geometry by itself, and how it would be mended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from landgis.analysis._findings import Batch, flag, number
from landgis.model import crs as systems

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

EARTH_RADIUS_M = 6_371_000.0  # a sphere does for angles and widths
RANGE_MARGIN_DEGREES = (
    3.0  # cities near a zone's edge keep one zone: one zone width beyond is right
)
FARTHEST = 1e9  # no coordinate on earth, zone prefix included, is larger; GEOS stays finite below
DEGREES_ROUND = 360.0
POLE = 90.0
NEAR_POLE = 89.9  # Mercator's map ends before the pole
ZONE_PREFIX = 1_000_000.0
MENDING_ROUNDS = 3  # GEOS 3.14 needs two for a crossed shell whose parts share an edge

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7  # shapely type numbers

# What GEOS calls the fault, and what landgis calls it.
_REASONS = {
    "Self-intersection": "self_intersection",
    "Ring Self-intersection": "ring_self_intersection",
    "Hole lies outside shell": "hole_outside_shell",
    "Holes are nested": "nested_holes",
    "Nested holes": "nested_holes",
    "Nested shells": "nested_shells",
    "Interior is disconnected": "disconnected_interior",
    "Too few points in geometry component": "too_few_points",
    "Duplicate Rings": "duplicate_rings",
}
_MESSAGES = {
    "self_intersection": "边界线自相交（蝴蝶结、环线交叉或各部分压叠）",
    "ring_self_intersection": "同一环在一点上相接",
    "hole_outside_shell": "孔洞不在外环之内",
    "nested_holes": "一个孔洞套在另一个孔洞里",
    "nested_shells": "一个外环套在另一个外环里",
    "disconnected_interior": "孔洞把地块内部切断",
    "too_few_points": "环的不同顶点少于 3 个",
    "duplicate_rings": "同一环出现两次",
    "invalid_geometry": "图形不符合面的规则",
}


class Shapes(NamedTuple):
    """The polygons one can compute with, as given and as mending leaves them; None elsewhere."""

    given: NDArray[np.object_]
    mended: NDArray[np.object_]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Rows that hold polygons at places on earth."""
        there: NDArray[np.bool_] = ~shapely.is_missing(self.given)
        return there


def polygonal(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which geometries are polygons or multipolygons."""
    is_polygonal: NDArray[np.bool_] = np.isin(
        shapely.get_type_id(geometry), (_POLYGON, _MULTIPOLYGON)
    )
    return is_polygonal


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


def check_validity(shapes: Shapes) -> list[Batch]:
    """Report what GEOS calls invalid, with the reason and its place."""
    rows = np.flatnonzero(shapes.usable & ~shapely.is_valid(shapes.given))
    parsed = [_parse(reason) for reason in shapely.is_valid_reason(shapes.given[rows])]
    codes = np.array([code for code, _, _ in parsed], dtype=object)
    places = np.array([(x, y) for _, x, y in parsed], dtype=np.float64).reshape(-1, 2)
    batches = []
    for code, message in _MESSAGES.items():
        these = codes == code
        batches.append(
            Batch(
                code,
                rows[these],
                [f"{message}，位于 {_at(x, y)}" for x, y in places[these].tolist()],
                places[these],
                ~shapely.is_missing(shapes.mended[rows[these]]),
            )
        )
    return batches


def _parse(reason: str) -> tuple[str, float, float]:
    """Take apart what GEOS says: words, then the place in brackets; give code and place."""
    match = re.fullmatch(r"(.*?)\s*\[(\S+) (\S+?)(?: \S+)?\]", reason)
    if match is None:
        return _REASONS.get(reason, "invalid_geometry"), np.nan, np.nan
    return _REASONS.get(match[1], "invalid_geometry"), float(match[2]), float(match[3])


def _at(x: float, y: float) -> str:
    decimals = 6 if max(abs(x), abs(y)) <= DEGREES_ROUND else 2
    return f"({number(x, decimals)}, {number(y, decimals)})"


def reasons(geometry: NDArray[np.object_]) -> list[str]:
    """Give the code of what GEOS finds wrong in invalid polygons."""
    return [_parse(reason)[0] for reason in shapely.is_valid_reason(geometry)]


def has_repeats(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which polygons repeat a vertex."""
    return _vertices(geometry).repeats > 0


class _Vertices(NamedTuple):
    """Vertices of polygons ring by ring, no two neighbours equal, the closing one left out."""

    points: NDArray[np.float64]
    ring: NDArray[np.intp]
    row: NDArray[np.intp]
    before: NDArray[np.intp]  # number of the vertex before it on its ring
    after: NDArray[np.intp]
    repeats: NDArray[np.intp]  # how many repeated vertices each row had
    first_repeat: NDArray[np.float64]  # where the first of them lies


def _vertices(geometry: NDArray[np.object_]) -> _Vertices:
    parts, part_row = shapely.get_parts(geometry, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    row = part_row[ring_part[ring]]
    starts = np.append(True, ring[1:] != ring[:-1])[: len(ring)]
    same = np.zeros(len(points), bool)
    same[1:] = ~starts[1:] & (points[1:] == points[:-1]).all(axis=1)
    repeats = np.bincount(row[same], minlength=len(geometry))
    first_repeat = np.full((len(geometry), 2), np.nan)
    at = np.flatnonzero(same)[::-1]
    first_repeat[row[at]] = points[at]  # reversed, so that the first one stays

    keep = ~same & ~starts  # the closing vertex stands for the first one
    points, ring, row = points[keep], ring[keep], row[keep]
    number = np.arange(len(points))
    opens = np.append(True, ring[1:] != ring[:-1])[: len(ring)]
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(points))[: len(first)] - 1
    before, after = number - 1, number + 1
    before[first], after[last] = last, first
    return _Vertices(points, ring, row, before, after, repeats, first_repeat)


def check_vertices(shapes: Shapes, crs: CRS, *, spike_deg: float) -> list[Batch]:
    """Report repeated vertices and very acute angles."""
    rows = np.flatnonzero(shapes.usable)
    vertices = _vertices(shapes.given[rows])
    repeated = np.flatnonzero(vertices.repeats)
    at = rows[repeated]
    places = vertices.first_repeat[repeated]
    return [
        Batch(
            "repeated_points",
            at,
            [
                f"重复顶点 {count} 个，首个位于 {_at(*place)}"
                for count, place in zip(vertices.repeats[repeated], places, strict=True)
            ],
            places,
            ~shapely.is_missing(shapes.mended[at]),
        ),
        _spikes(vertices, rows, crs, spike_deg=spike_deg),
    ]


def _spikes(vertices: _Vertices, rows: NDArray[np.intp], crs: CRS, *, spike_deg: float) -> Batch:
    flat = conformal(vertices.points, crs)
    back = flat[vertices.before] - flat
    ahead = flat[vertices.after] - flat
    cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
    angle = np.degrees(np.abs(np.arctan2(cross, (back * ahead).sum(axis=1))))
    sharp = np.flatnonzero((angle < spike_deg) & (vertices.before != vertices.after))
    sharp = sharp[np.lexsort((angle[sharp], vertices.row[sharp]))]
    owners, sharpest, counts = np.unique(vertices.row[sharp], return_index=True, return_counts=True)
    worst = sharp[sharpest]
    return Batch(
        "spike",
        rows[owners],
        [
            f"小于 {number(spike_deg, 1)}° 的尖角 {count} 处，最尖 {number(degrees, 2)}°，位于 {_at(*place)}"
            for count, degrees, place in zip(
                counts, angle[worst], vertices.points[worst], strict=True
            )
        ],
        vertices.points[worst],
    )


def conformal(points: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Bring points into a plane that keeps angles: metres, for degrees those of Mercator's map."""
    if crs.is_projected:
        return points * crs.axis_info[0].unit_conversion_factor
    latitude = np.radians(np.clip(points[:, 1], -NEAR_POLE, NEAR_POLE))
    northing = np.arcsinh(np.tan(latitude))
    return EARTH_RADIUS_M * np.column_stack([np.radians(points[:, 0]), northing])


def outline_m(geometry: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    """Length of outlines in metres, to a percent: for widths, not for accounts."""
    length = shapely.length(shapely.transform(geometry, lambda points: conformal(points, crs)))
    if crs.is_projected:
        return np.asarray(length)
    bounds = np.nan_to_num(shapely.bounds(geometry))
    stretched: NDArray[np.float64] = length * np.cos(np.radians(bounds[:, [1, 3]].mean(axis=1)))
    return stretched


def wrongly_wound(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which polygons have a hole that runs the way its shell runs."""
    wrong = np.zeros(len(geometry), bool)
    parts, part_row = shapely.get_parts(geometry, return_index=True)
    holed = np.flatnonzero(shapely.get_num_interior_rings(parts) > 0)
    rings, owner = shapely.get_rings(parts[holed], return_index=True)
    runs_left = shapely.is_ccw(rings)
    shell = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
    same_way = ~shell & (runs_left == runs_left[shell][owner])
    wrong[part_row[holed[owner[same_way]]]] = True
    return wrong


def check_winding(shapes: Shapes) -> list[Batch]:
    """Report holes that run the way their shell runs: sums by ring sign would add them."""
    rows = np.flatnonzero(shapely.is_valid(shapes.given))
    wrong = rows[wrongly_wound(shapes.given[rows])]
    message = "孔洞与外环走向相同，按环的正负号求面积会出错"
    return [
        Batch("ring_orientation", wrong, [message] * len(wrong), mendable=np.ones(len(wrong), bool))
    ]


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
        f"坐标 {_at(*place)} 超出“{systems.describe(crs)}”的适用范围{cause}"
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


def check_size(shapes: Shapes, area_m2: NDArray[np.float64], *, tiny_m2: float) -> list[Batch]:
    """Report polygons that hold no area, and those too small to be a parcel."""
    nothing = shapes.usable & shapely.is_missing(shapes.mended)
    tiny = np.flatnonzero(shapes.usable & ~nothing & (area_m2 < tiny_m2))
    return [
        flag("zero_area", nothing, "图形围不成面，面积为零"),
        Batch(
            "tiny_area",
            tiny,
            [f"面积仅 {number(area, 4)} 平方米" for area in area_m2[tiny].tolist()],
        ),
    ]


def shapes_of(parcels: GeoDataFrame) -> tuple[Shapes, list[Batch]]:
    """Take stock of a table's geometry."""
    crs = systems.require_crs(parcels, what="地块")
    given, batches = find_polygons(parcels.geometry.to_numpy(), crs)
    return Shapes(given, mend(given)), batches

"""What can be wrong with the polygons of one parcel by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis._findings import Batch, flag, number, spot

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from landgis.analysis._shapes import Shapes

EARTH_RADIUS_M = 6_371_000.0  # a sphere does for angles and widths
NEAR_POLE = 89.9  # Mercator's map ends before the pole

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


def check_validity(shapes: Shapes) -> list[Batch]:
    """Report what GEOS calls invalid, with the reason and its place."""
    rows = np.flatnonzero(shapes.usable & ~shapely.is_valid(shapes.given))
    parsed = _faults(shapes.given[rows])
    codes = np.array([code for code, _, _ in parsed], dtype=object)
    places = np.array([(x, y) for _, x, y in parsed], dtype=np.float64).reshape(-1, 2)
    batches = []
    for code, message in _MESSAGES.items():
        these = codes == code
        batches.append(
            Batch(
                code,
                rows[these],
                [f"{message}，位于 {spot(x, y)}" for x, y in places[these].tolist()],
                places[these],
                ~shapely.is_missing(shapes.mended[rows[these]]),
            )
        )
    return batches


def _faults(geometry: NDArray[np.object_]) -> list[tuple[str, float, float]]:
    """Give code and place of what is wrong with invalid polygons."""
    parsed = [_parse(reason) for reason in shapely.is_valid_reason(geometry)]
    parts, row = shapely.get_parts(geometry, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    outlines = shapely.to_wkb(shapely.normalize(shapely.polygons(rings)))
    told = pd.DataFrame({"row": row[part], "outline": outlines}).duplicated()
    for repeated in np.unique(row[part][told]):  # GEOS 3.14 calls it a self-intersection
        parsed[repeated] = ("duplicate_rings", *parsed[repeated][1:])
    return parsed


def _parse(reason: str) -> tuple[str, float, float]:
    """Take apart what GEOS says: words, then the place in brackets; give code and place."""
    match = re.fullmatch(r"(.*?)\s*\[(\S+) (\S+?)(?: \S+)?\]", reason)
    if match is None:
        return _REASONS.get(reason, "invalid_geometry"), np.nan, np.nan
    return _REASONS.get(match[1], "invalid_geometry"), float(match[2]), float(match[3])


def reasons(geometry: NDArray[np.object_]) -> list[str]:
    """Give the code of what GEOS finds wrong in invalid polygons."""
    return [code for code, _, _ in _faults(geometry)]


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
                f"重复顶点 {count} 个，首个位于 {spot(*place)}"
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
            f"小于 {number(spike_deg, 1)}° 的尖角 {count} 处，最尖 {number(degrees, 2)}°，位于 {spot(*place)}"
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

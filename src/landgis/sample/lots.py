"""Blocks split into lots: along their longer side, again and again; villages grow like cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely import affinity

from landgis.sample.bending import MILLIMETRE

FRONTAGE_M = 12.0  # every lot touches the street for at least so long
GRID_M = 10.0**-MILLIMETRE
SMALLEST_SHARE = 0.45  # of the smallest lot wanted: less is not split off
VILLAGE_LANE_M = 5.0
VILLAGE_CELLS_M2 = 9_000.0  # a group of houses between two village lanes
NARROWEST_M = 14.0


def divide(
    block: Any, sizes: tuple[float, float], rng: np.random.Generator, *, scale: float = 1.0
) -> list[Any]:
    """Split a block into lots that share their boundaries vertex by vertex."""
    low, high = sizes[0] * scale, sizes[1] * scale
    wanted = float(np.exp(rng.uniform(np.log(low), np.log(high))))  # lots of a block are alike
    street = block.exterior.buffer(0.01, quad_segs=1)
    shapely.prepare(street)
    pieces = _split(block, wanted, low * SMALLEST_SHARE, street, rng)
    return share_vertices(pieces)


def village(outline: Any, sizes: tuple[float, float], rng: np.random.Generator) -> list[Any]:
    """Grow an irregular village: groups of houses between crooked lanes."""
    cells = _cells(outline, VILLAGE_CELLS_M2, rng)
    found: list[Any] = []
    for cell in cells:
        group = cell.buffer(-VILLAGE_LANE_M / 2, join_style="mitre").simplify(0.5)
        if group.geom_type != "Polygon" or group.area < sizes[0]:
            continue
        size = float(np.exp(rng.uniform(*np.log(sizes))))
        found += share_vertices(_cells(group, size, rng) if group.area > 1.7 * size else [group])
    return [lot for lot in found if lot.area > 0.3 * sizes[0]]


def share_vertices(pieces: list[Any]) -> list[Any]:
    """Node the pieces of one block, so that a corner on a neighbour's edge is a vertex there too."""
    if len(pieces) == 1:
        return [shapely.set_precision(pieces[0], GRID_M)]
    lines = shapely.union_all([piece.boundary for piece in pieces], grid_size=GRID_M)
    lots = list(shapely.get_parts(shapely.polygonize([lines])))
    return [lot for lot in lots if lot.area > 1.0]


def _split(
    polygon: Any, wanted: float, smallest: float, street: Any, rng: np.random.Generator
) -> list[Any]:
    if polygon.area < 1.45 * wanted:
        return [polygon]
    share = rng.normal(0.5, 0.045)
    if polygon.area > 2.6 * wanted and rng.random() < 0.35:
        share = rng.choice([1 / 3, 2 / 3])
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))[:4]
    for across in (0, 1):
        parts = _cut(polygon, corners, share, across)
        if len(parts) == 2 and all(_is_lot(part, smallest, street) for part in parts):
            return [lot for part in parts for lot in _split(part, wanted, smallest, street, rng)]
    return [polygon]


def _cut(polygon: Any, corners: Any, share: float, across: int) -> list[Any]:
    """Cut across the longer side (or the shorter one) of the smallest rectangle around."""
    sides = [corners[1] - corners[0], corners[3] - corners[0]]
    order = np.argsort([-np.hypot(*side) for side in sides], kind="stable")
    along, beside = sides[order[across]], sides[order[1 - across]]
    start = corners[0] + share * along
    line = shapely.LineString([start - 0.2 * beside, start + 1.2 * beside])
    return [p for p in shapely.get_parts(shapely.ops.split(polygon, line)) if p.area > 1.0]


def _is_lot(part: Any, smallest: float, street: Any) -> bool:
    if part.area < smallest:
        return False
    a, b, c = shapely.get_coordinates(shapely.minimum_rotated_rectangle(part))[:3]
    if min(np.hypot(*(b - a)), np.hypot(*(c - b))) < NARROWEST_M:
        return False
    return bool(part.boundary.intersection(street).length > FRONTAGE_M)


def _cells(outline: Any, size: float, rng: np.random.Generator) -> list[Any]:
    """Cut an outline into irregular cells of about one size around jittered points."""
    step = float(np.sqrt(size))
    west, south, east, north = outline.bounds
    turn = rng.uniform(0, 90)
    x, y = np.meshgrid(
        np.arange(west - step, east + step, step), np.arange(south - step, north + step, step * 0.9)
    )
    x[::2] += step / 2
    points = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-0.33, 0.33, (x.size, 2)) * step
    cloud = affinity.rotate(shapely.MultiPoint(points), turn, origin=outline.centroid)
    inner = shapely.intersection(cloud, outline.buffer(-0.18 * step))
    if shapely.get_num_geometries(inner) < 2:
        return [outline]
    cells = shapely.get_parts(shapely.voronoi_polygons(inner, extend_to=outline))
    parts = shapely.get_parts(shapely.intersection(cells, outline))
    return [part for part in parts if part.geom_type == "Polygon" and part.area > 0.05 * size]

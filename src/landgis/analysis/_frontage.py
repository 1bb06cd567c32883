"""How much of an outline faces a road: what stands behind `landgis.analysis.portrait`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Places = NDArray[np.intp]
    Shapes = NDArray[np.object_]

CELL_M = 200.0  # roads are looked at cell by cell, and edges are no longer than a cell
THINNEST_M = 0.01  # half the width of a road that is drawn as a line without width
DEPTH_M = 0.001  # a road that only touches the edge from within is not in front of it
SURFACE = 2
WIDE = 2.0**24  # more cells than lie side by side on the earth


class _Edges(NamedTuple):
    """Edges of outlines, the land on their left: outline, start, direction, length."""

    outline: Places
    start: Numbers
    ahead: Numbers
    length: Numbers


def facing(outlines: Shapes, roads: Shapes, *, reach_m: float) -> Numbers:
    """Length of every outline from whose points a road lies straight ahead within reach.

    `roads` are surfaces in the same plane; the answer is in metres of that plane.
    """
    roads = shapely.get_parts(roads)
    edges = _near(_edges(outlines), roads, reach_m)
    if len(edges.length) == 0:
        return np.zeros(len(outlines))
    strips = _strips(edges, reach_m)
    pieces = _pieces(roads, shapely.bounds(strips))
    strip, piece = shapely.STRtree(pieces).query(strips, predicate="intersects")
    before, part_of = shapely.get_parts(
        shapely.intersection(strips[strip], pieces[piece]), return_index=True
    )
    surface = (shapely.get_dimensions(before) == SURFACE) & ~shapely.is_empty(before)
    before, edge = before[surface], strip[part_of[surface]]
    low, high = _shadows(before, edge, edges)
    deep = shapely.area(before) > DEPTH_M * (high - low)
    covered = _union(edge[deep], low[deep], high[deep], len(edges.length))
    return np.bincount(edges.outline, covered, minlength=len(outlines)).astype(np.float64)


def _edges(outlines: Shapes) -> _Edges:
    """Take the outer boundaries apart."""
    parts, of = shapely.get_parts(outlines, return_index=True)
    around = shapely.get_exterior_ring(shapely.orient_polygons(parts))
    points, ring = shapely.get_coordinates(shapely.segmentize(around, CELL_M), return_index=True)
    along = ring[1:] == ring[:-1]
    start, way = points[:-1][along], np.diff(points, axis=0)[along]
    length = np.hypot(way[:, 0], way[:, 1])
    real = length > 0.0
    outline = of[ring[:-1][along]]
    return _Edges(outline[real], start[real], way[real] / length[real][:, None], length[real])


def _near(edges: _Edges, roads: Shapes, reach_m: float) -> _Edges:
    """Leave out the edges that are out of reach of the box around every road."""
    end = edges.start + edges.ahead * edges.length[:, None]
    low, high = np.minimum(edges.start, end) - reach_m, np.maximum(edges.start, end) + reach_m
    at, _ = shapely.STRtree(roads).query(shapely.box(*low.T, *high.T))
    near = np.unique(at)
    return _Edges(*(values[near] for values in edges))


def _strips(edges: _Edges, reach_m: float) -> Shapes:
    """Ground in front of every edge, as deep as the reach."""
    end = edges.start + edges.ahead * edges.length[:, None]
    out = np.column_stack([edges.ahead[:, 1], -edges.ahead[:, 0]]) * reach_m
    strips: Shapes = shapely.polygons(
        np.stack([edges.start, end, end + out, edges.start + out], axis=1)
    )
    return strips


def _pieces(roads: Shapes, boxes: Numbers) -> Shapes:
    """Roads cut by the cells of a grid in which any of the boxes lies."""
    low, high = np.floor(boxes[:, :2] / CELL_M), np.floor(boxes[:, 2:] / CELL_M)
    steps = int((high - low).max()) + 1
    offsets = np.stack(np.meshgrid(np.arange(steps), np.arange(steps)), axis=-1).reshape(-1, 2)
    cells = (low[:, None, :] + offsets[None]).clip(max=high[:, None, :]).reshape(-1, 2)
    first = cells.min(axis=0)  # coordinates may be negative, places in the grid may not
    places = np.unique((cells - first) @ np.array([WIDE, 1.0]))
    east, north = (np.column_stack(np.divmod(places, WIDE)) + first).T * CELL_M
    squares = shapely.box(east, north, east + CELL_M, north + CELL_M)
    road, square = shapely.STRtree(squares).query(roads, predicate="intersects")
    pieces: Shapes = shapely.intersection(roads[road], squares[square])
    return pieces


def _shadows(before: Shapes, edge: Places, edges: _Edges) -> tuple[Numbers, Numbers]:
    """From where to where along its edge each piece of road lies in front of it."""
    points, of = shapely.get_coordinates(before, return_index=True)
    if len(of) == 0:
        return np.zeros(0), np.zeros(0)
    mine = edge[of]
    along = ((points - edges.start[mine]) * edges.ahead[mine]).sum(axis=1)
    first = np.flatnonzero(np.diff(of, prepend=-1))
    low = np.maximum(np.minimum.reduceat(along, first), 0.0)
    high = np.minimum(np.maximum.reduceat(along, first), edges.length[edge])
    return low, np.maximum(low, high)


def _union(edge: Places, low: Numbers, high: Numbers, count: int) -> Numbers:
    """Length of every edge that lies in any of its intervals."""
    order = np.lexsort((low, edge))
    edge, low, high = edge[order], low[order], high[order]
    apart = edge * (2.0 * CELL_M)  # edges one behind the other, so that one sweep does for all
    reached = np.maximum.accumulate(np.append(-1.0, high + apart))[:-1]
    fresh = np.maximum(high + apart - np.maximum(low + apart, reached), 0.0)
    return np.bincount(edge, fresh, minlength=count).astype(np.float64)

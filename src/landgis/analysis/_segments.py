"""Points, edges and segments: the compiled words of clusters.py in which pairs are measured.

Polygons are taken as directed edges (outer rings counter-clockwise, holes clockwise), so that the
interior lies to the left of every edge and no topology has to be built that could fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landgis.analysis._ground_kernel import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HIT = 1e-9  # of an edge's length: a ray through its end hits it


@compiled
def edges_near(edges: Floats, box: Floats, reach: float) -> Floats:
    """Keep the edges whose boxes come within `reach` of a box."""
    return edges_near_into(edges, box, reach, np.empty_like(edges))


@compiled
def edges_near_into(edges: Floats, box: Floats, reach: float, kept: Floats) -> Floats:
    """Keep the edges whose boxes come within `reach` of a box, in room given; it may be theirs."""
    west, south, east, north = box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach
    count = 0
    for i in range(len(edges)):
        x0, y0, x1, y1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if (
            min(x0, x1) <= east
            and max(x0, x1) >= west
            and min(y0, y1) <= north
            and max(y0, y1) >= south
        ):
            kept[count, 0], kept[count, 1], kept[count, 2], kept[count, 3] = x0, y0, x1, y1
            count += 1
    return kept[:count]


@compiled
def contains(edges: Floats, x: float, y: float) -> bool:
    """Whether a point lies inside the rings, by the even-odd rule."""
    inside = False
    for i in range(len(edges)):
        x0, y0, x1, y1 = edges[i]
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            inside = not inside
    return inside


@compiled
def foot(x: float, y: float, edge: Floats) -> tuple[float, float]:
    """Give the point of an edge that is nearest to a point."""
    dx, dy = edge[2] - edge[0], edge[3] - edge[1]
    square = dx * dx + dy * dy
    if square == 0.0:
        return edge[0], edge[1]
    t = min(1.0, max(0.0, ((x - edge[0]) * dx + (y - edge[1]) * dy) / square))
    return edge[0] + t * dx, edge[1] + t * dy


@compiled
def crossing(e: Floats, f: Floats) -> tuple[float, float]:
    """Give the parameters along two edges at which their lines cross; NaN where parallel."""
    dx, dy = e[2] - e[0], e[3] - e[1]
    gx, gy = f[2] - f[0], f[3] - f[1]
    turn = dx * gy - dy * gx
    if turn == 0.0:
        return np.nan, np.nan
    hx, hy = f[0] - e[0], f[1] - e[1]
    return (hx * gy - hy * gx) / turn, (hx * dy - hy * dx) / turn


@compiled
def crosses(edges: Floats, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether a segment meets any of the edges."""
    return first_crossed(edges, x0, y0, x1, y1) >= 0


@compiled
def first_crossed(edges: Floats, x0: float, y0: float, x1: float, y1: float) -> int:
    """Place of the first edge that a segment meets, -1 where it meets none."""
    left, right, below, above = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    for i in range(len(edges)):
        u0, v0, u1, v1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if max(u0, u1) < left or min(u0, u1) > right or max(v0, v1) < below or min(v0, v1) > above:
            continue
        first = (x1 - x0) * (v0 - y0) - (y1 - y0) * (u0 - x0)
        second = (x1 - x0) * (v1 - y0) - (y1 - y0) * (u1 - x0)
        third = (u1 - u0) * (y0 - v0) - (v1 - v0) * (x0 - u0)
        fourth = (u1 - u0) * (y1 - v0) - (v1 - v0) * (x1 - u0)
        if first * second <= 0.0 and third * fourth <= 0.0:
            return i
    return -1


@compiled
def distance(x: float, y: float, edges: Floats, most: float) -> float:
    """Distance of a point to the nearest edge, infinite beyond `most`."""
    best = np.inf
    for i in range(len(edges)):
        e = edges[i]
        if (
            min(e[0], e[2]) > x + most
            or max(e[0], e[2]) < x - most
            or min(e[1], e[3]) > y + most
            or max(e[1], e[3]) < y - most
        ):
            continue
        qx, qy = foot(x, y, e)
        best = min(best, np.hypot(qx - x, qy - y))
    return best if best <= most else np.inf


@compiled
def first_hit(edges: Floats, x: float, y: float, dx: float, dy: float) -> float:
    """Distance at which a ray of unit direction first hits an edge."""
    best = np.inf
    for j in range(len(edges)):
        f = edges[j]
        gx, gy = f[2] - f[0], f[3] - f[1]
        turn = dx * gy - dy * gx
        if turn == 0.0:
            continue
        hx, hy = f[0] - x, f[1] - y
        along, at = (hx * gy - hy * gx) / turn, (hx * dy - hy * dx) / turn
        if along >= -HIT and -HIT <= at <= 1.0 + HIT:
            best = min(best, max(along, 0.0))
    return best

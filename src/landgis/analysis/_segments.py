"""Points, edges and segments: the compiled words of clusters.py in which pairs are measured.

Polygons are taken as directed edges (outer rings counter-clockwise, holes clockwise), so that the
interior lies to the left of every edge and no topology has to be built that could fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit

from landgis.analysis._ground_kernel import compiled, inlined

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Function = TypeVar("Function", bound="Callable[..., Any]")

HIT = 1e-9  # of an edge's length: a ray through its end hits it


def borrowing(function: Function) -> Function:
    """Compile once, to be called without counting who holds the arrays: the caller does.

    Like `inlined` such a function makes no arrays and calls none that does, but its code is not
    written out again in every caller.
    """
    options = {"nogil": True, "error_model": "numpy", "_nrt": False}
    return cast("Function", njit(**options)(function))


@inlined
def length_of(dx: float, dy: float) -> float:
    """Length of a step of metres, which neither overflows nor vanishes: `numpy.hypot` is slower."""
    return float(np.sqrt(dx * dx + dy * dy))


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


@inlined
def contains(edges: Floats, low: int, high: int, x: float, y: float) -> bool:
    """Whether a point lies inside the rings of some of the edges, by the even-odd rule."""
    inside = False
    for i in range(low, high):
        x0, y0, x1, y1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            inside = not inside
    return inside


@inlined
def inside(edges: Floats, box: Floats, x: float, y: float) -> bool:
    """Whether a point lies inside rings that a box holds."""
    return box[0] <= x <= box[2] and box[1] <= y <= box[3] and contains(edges, 0, len(edges), x, y)


@inlined
def apart(edges: Floats, i: int, others: Floats, j: int, tolerance: float) -> bool:
    """Whether the boxes of two edges are farther apart than a tolerance, across or up."""
    return bool(
        min(edges[i, 0], edges[i, 2]) > max(others[j, 0], others[j, 2]) + tolerance
        or min(others[j, 0], others[j, 2]) > max(edges[i, 0], edges[i, 2]) + tolerance
        or min(edges[i, 1], edges[i, 3]) > max(others[j, 1], others[j, 3]) + tolerance
        or min(others[j, 1], others[j, 3]) > max(edges[i, 1], edges[i, 3]) + tolerance
    )


@inlined
def foot(x: float, y: float, edges: Floats, i: int) -> tuple[float, float]:
    """Give the point of an edge that is nearest to a point."""
    x0, y0 = edges[i, 0], edges[i, 1]
    dx, dy = edges[i, 2] - x0, edges[i, 3] - y0
    square = dx * dx + dy * dy
    t = 0.0
    if square != 0.0:
        t = min(1.0, max(0.0, ((x - x0) * dx + (y - y0) * dy) / square))
    return x0 + t * dx, y0 + t * dy


@inlined
def crossing(edges: Floats, i: int, others: Floats, j: int) -> tuple[float, float]:
    """Give the parameters along two edges at which their lines cross; NaN where parallel."""
    dx, dy = edges[i, 2] - edges[i, 0], edges[i, 3] - edges[i, 1]
    gx, gy = others[j, 2] - others[j, 0], others[j, 3] - others[j, 1]
    turn = dx * gy - dy * gx
    t = s = np.nan
    if turn != 0.0:
        hx, hy = others[j, 0] - edges[i, 0], others[j, 1] - edges[i, 1]
        t, s = (hx * gy - hy * gx) / turn, (hx * dy - hy * dx) / turn
    return t, s


@inlined
def crosses(edges: Floats, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether a segment meets any of the edges."""
    return first_crossed(edges, x0, y0, x1, y1, 0) >= 0


@inlined
def first_crossed(edges: Floats, x0: float, y0: float, x1: float, y1: float, first: int) -> int:
    """Place of an edge that a segment meets, looked for from a first one on; -1 where none."""
    left, right, below, above = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    met = -1
    for k in range(len(edges)):
        i = first + k if first + k < len(edges) else first + k - len(edges)
        u0, v0, u1, v1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if max(u0, u1) < left or min(u0, u1) > right or max(v0, v1) < below or min(v0, v1) > above:
            continue
        one = (x1 - x0) * (v0 - y0) - (y1 - y0) * (u0 - x0)
        other = (x1 - x0) * (v1 - y0) - (y1 - y0) * (u1 - x0)
        if one * other > 0.0:
            continue
        one = (u1 - u0) * (y0 - v0) - (v1 - v0) * (x0 - u0)
        other = (u1 - u0) * (y1 - v0) - (v1 - v0) * (x1 - u0)
        if one * other <= 0.0:
            met = i
            break
    return met


@borrowing
def distance(x: float, y: float, edges: Floats, most: float) -> float:
    """Distance of a point to the nearest edge, infinite beyond `most`."""
    best = np.inf
    for i in range(len(edges)):
        if (
            min(edges[i, 0], edges[i, 2]) > x + most
            or max(edges[i, 0], edges[i, 2]) < x - most
            or min(edges[i, 1], edges[i, 3]) > y + most
            or max(edges[i, 1], edges[i, 3]) < y - most
        ):
            continue
        qx, qy = foot(x, y, edges, i)
        best = min(best, length_of(qx - x, qy - y))
    return best if best <= most else np.inf


@borrowing
def first_hit(edges: Floats, x: float, y: float, dx: float, dy: float) -> float:
    """Distance at which a ray of unit direction first hits an edge."""
    best = np.inf
    for j in range(len(edges)):
        gx, gy = edges[j, 2] - edges[j, 0], edges[j, 3] - edges[j, 1]
        turn = dx * gy - dy * gx
        if turn == 0.0:
            continue
        hx, hy = edges[j, 0] - x, edges[j, 1] - y
        along, at = (hx * gy - hy * gx) / turn, (hx * dy - hy * dx) / turn
        if along >= -HIT and -HIT <= at <= 1.0 + HIT:
            best = min(best, max(along, 0.0))
    return best


@inlined
def clip(
    low: float, high: float, value: float, slope: float, least: float, most: float
) -> tuple[float, float]:
    """Part of [low, high] on which value + slope·t stays within [least, most]."""
    if slope == 0.0:
        return (low, high) if least <= value <= most else (1.0, 0.0)
    first, last = (least - value) / slope, (most - value) / slope
    if first > last:
        first, last = last, first
    return max(low, first), min(high, last)

"""How two parcels meet: the compiled part of clusters.py that measures pairs.

Polygons are taken as directed edges (outer rings counter-clockwise, holes clockwise), so that the
interior lies to the left of every edge and no topology has to be built that could fail.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CONTACT_M = 0.001  # parcels are surveyed to the millimetre: closer points are the same point
MOST_DIVERGENCE = 0.5  # sine of 30°: edges that diverge more meet at a corner, not along a length
HIT = 1e-9  # of an edge's length: a ray through its end hits it
PAIRS_PER_CHUNK = 20_000  # enough work per call that threads do not wait for one another

Compiled = TypeVar("Compiled", bound="Callable[..., Any]")


def compiled(function: Compiled) -> Compiled:
    """Compile on first use, keep the machine code on disk, release the interpreter lock."""
    return cast("Compiled", numba.njit(cache=True, nogil=True)(function))


class Rings(NamedTuple):
    """Polygons as directed edges x0, y0, x1, y1; polygon i owns ``edges[start[i]:start[i + 1]]``."""

    edges: Floats
    start: Ints
    boxes: Floats


class Relations(NamedTuple):
    """What was measured of every pair: distance, where, lengths in contact, whether they overlap."""

    gap: Floats
    nearest: Floats
    contact: Floats
    hairline: Floats
    deep: NDArray[np.bool_]

    def only(self, kept: NDArray[np.bool_]) -> Relations:
        """Keep some of the pairs."""
        return Relations(
            self.gap[kept],
            self.nearest[kept],
            self.contact[kept],
            self.hairline[kept],
            self.deep[kept],
        )


def rings(polygons: NDArray[np.object_]) -> Rings:
    """Take polygons apart into directed edges."""
    oriented = shapely.orient_polygons(polygons)
    parts, part_of = shapely.get_parts(oriented, return_index=True)
    loops, loop_of = shapely.get_rings(parts, return_index=True)
    points, owner = shapely.get_coordinates(loops, return_index=True)
    within = owner[1:] == owner[:-1]
    edges = np.ascontiguousarray(np.hstack([points[:-1], points[1:]])[within])
    polygon = part_of[loop_of[owner[:-1][within]]]
    start = np.searchsorted(polygon, np.arange(len(polygons) + 1)).astype(np.int64)
    boxes = shapely.bounds(polygons).reshape(-1, 4)
    return Rings(edges, start, np.ascontiguousarray(boxes, dtype=np.float64))


def in_chunks(work: Callable[[int, int], None], count: int) -> None:
    """Run compiled work on ranges of pairs, one thread per processor."""
    bounds = list(range(0, count, PAIRS_PER_CHUNK))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done in [pool.submit(work, low, min(low + PAIRS_PER_CHUNK, count)) for low in bounds]:
            done.result()


def relate(parcels: Rings, pairs: Ints, *, reach: float, hairline: float) -> Relations:
    """Measure every pair; pairs farther apart than `reach` get an infinite distance.

    The contact lengths count edges that run against one another no farther apart than
    `CONTACT_M` and `hairline`; `deep` says that the interiors overlap by more than `CONTACT_M`.
    """
    count = len(pairs)
    found = Relations(
        np.full(count, np.inf),
        np.zeros((count, 4)),
        np.zeros(count),
        np.zeros(count),
        np.zeros(count, dtype=np.bool_),
    )

    def work(low: int, high: int) -> None:
        _relate_range(parcels, pairs, low, high, reach, max(hairline, CONTACT_M), found)

    in_chunks(work, count)
    return found


@compiled
def _relate_range(
    parcels: Rings,
    pairs: Ints,
    low: int,
    high: int,
    reach: float,
    hairline: float,
    found: Relations,
) -> None:
    for k in range(low, high):
        a, b = pairs[k, 0], pairs[k, 1]
        whole_a = parcels.edges[parcels.start[a] : parcels.start[a + 1]]
        whole_b = parcels.edges[parcels.start[b] : parcels.start[b + 1]]
        near_a = edges_near(whole_a, parcels.boxes[b], reach)
        near_b = edges_near(whole_b, parcels.boxes[a], reach)
        gap = _nearest(near_a, near_b, reach, found.nearest[k])
        if gap > CONTACT_M and _one_within(near_a, near_b, whole_a, whole_b, found.nearest[k]):
            gap = 0.0
            found.deep[k] = True
        if gap <= CONTACT_M:
            found.contact[k] = _length_together(near_a, near_b, CONTACT_M)
            found.deep[k] = (
                found.deep[k]
                or _enters(near_a, near_b, whole_b)
                or _enters(near_b, near_a, whole_a)
            )
        if gap <= hairline:
            found.hairline[k] = _length_together(near_a, near_b, hairline)
        found.gap[k] = gap if gap > CONTACT_M else 0.0


@compiled
def edges_near(edges: Floats, box: Floats, reach: float) -> Floats:
    """Keep the edges whose boxes come within `reach` of a box."""
    kept = np.empty_like(edges)
    count = 0
    for i in range(len(edges)):
        x0, y0, x1, y1 = edges[i]
        if (
            min(x0, x1) <= box[2] + reach
            and max(x0, x1) >= box[0] - reach
            and min(y0, y1) <= box[3] + reach
            and max(y0, y1) >= box[1] - reach
        ):
            kept[count] = edges[i]
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
    left, right, below, above = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    for i in range(len(edges)):
        u0, v0, u1, v1 = edges[i]
        if max(u0, u1) < left or min(u0, u1) > right or max(v0, v1) < below or min(v0, v1) > above:
            continue
        first = (x1 - x0) * (v0 - y0) - (y1 - y0) * (u0 - x0)
        second = (x1 - x0) * (v1 - y0) - (y1 - y0) * (u1 - x0)
        third = (u1 - u0) * (y0 - v0) - (v1 - v0) * (x0 - u0)
        fourth = (u1 - u0) * (y1 - v0) - (v1 - v0) * (x1 - u0)
        if first * second <= 0.0 and third * fourth <= 0.0:
            return True
    return False


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


@compiled
def _nearest(near_a: Floats, near_b: Floats, reach: float, place: Floats) -> float:
    """Distance of two sets of edges; writes the nearest segment, infinite beyond `reach`."""
    best = reach
    found = False
    for i in range(len(near_a)):
        e = near_a[i]
        for j in range(len(near_b)):
            f = near_b[j]
            if (
                min(e[0], e[2]) > max(f[0], f[2]) + best
                or min(f[0], f[2]) > max(e[0], e[2]) + best
                or min(e[1], e[3]) > max(f[1], f[3]) + best
                or min(f[1], f[3]) > max(e[1], e[3]) + best
            ):
                continue
            t, s = crossing(e, f)
            if 0.0 <= t <= 1.0 and 0.0 <= s <= 1.0:
                x, y = e[0] + t * (e[2] - e[0]), e[1] + t * (e[3] - e[1])
                place[:] = (x, y, x, y)
                return 0.0
            for end in range(4):
                on, other = (f, e) if end < 2 else (e, f)  # noqa: PLR2004 - ends of e, then of f
                x, y = other[2 * (end % 2)], other[2 * (end % 2) + 1]
                qx, qy = foot(x, y, on)
                distance = np.hypot(qx - x, qy - y)
                if distance < best or (distance <= best and not found):
                    best = distance
                    found = True
                    place[:] = (x, y, qx, qy) if end < 2 else (qx, qy, x, y)  # noqa: PLR2004
    return best if found else np.inf


@compiled
def _one_within(
    near_a: Floats, near_b: Floats, whole_a: Floats, whole_b: Floats, place: Floats
) -> bool:
    """Whether some vertex of one parcel lies inside the other, though no edges meet."""
    for i in range(len(near_a)):
        x, y = near_a[i, 0], near_a[i, 1]
        if contains(whole_b, x, y):
            place[:] = (x, y, x, y)
            return True
    for i in range(len(near_b)):
        x, y = near_b[i, 0], near_b[i, 1]
        if contains(whole_a, x, y):
            place[:] = (x, y, x, y)
            return True
    return False


@compiled
def _length_together(near_a: Floats, near_b: Floats, tolerance: float) -> float:
    """Length along A's edges that B's edges accompany, against their direction, within tolerance."""
    total = 0.0
    lows, highs = np.empty(len(near_b)), np.empty(len(near_b))
    for i in range(len(near_a)):
        e = near_a[i]
        count = 0
        for j in range(len(near_b)):
            low, high = _beside(e, near_b[j], tolerance)
            if low < high:
                place = count
                while place > 0 and lows[place - 1] > low:
                    lows[place], highs[place] = lows[place - 1], highs[place - 1]
                    place -= 1
                lows[place], highs[place] = low, high
                count += 1
        covered, end = 0.0, 0.0
        for j in range(count):
            covered += max(0.0, highs[j] - max(lows[j], end))
            end = max(end, highs[j])
        total += covered * np.hypot(e[2] - e[0], e[3] - e[1])
    return total


@compiled
def _beside(e: Floats, f: Floats, tolerance: float) -> tuple[float, float]:
    """Part of e, as parameters, whose perpendicular feet on f are no farther than the tolerance."""
    if (
        min(e[0], e[2]) > max(f[0], f[2]) + tolerance
        or min(f[0], f[2]) > max(e[0], e[2]) + tolerance
        or min(e[1], e[3]) > max(f[1], f[3]) + tolerance
        or min(f[1], f[3]) > max(e[1], e[3]) + tolerance
    ):
        return 1.0, 0.0
    dx, dy = e[2] - e[0], e[3] - e[1]
    gx, gy = f[2] - f[0], f[3] - f[1]
    along, turn = dx * gx + dy * gy, gx * dy - gy * dx
    square = gx * gx + gy * gy
    if along >= 0.0 or abs(turn) > MOST_DIVERGENCE * np.sqrt(square * (dx * dx + dy * dy)):
        return 1.0, 0.0
    hx, hy = e[0] - f[0], e[1] - f[1]
    low, high = _clip(0.0, 1.0, hx * gx + hy * gy, along, 0.0, square)
    reach = tolerance * np.sqrt(square)
    return _clip(low, high, gx * hy - gy * hx, turn, -reach, reach)


@compiled
def _clip(
    low: float, high: float, value: float, slope: float, least: float, most: float
) -> tuple[float, float]:
    """Part of [low, high] on which value + slope·t stays within [least, most]."""
    if slope == 0.0:
        return (low, high) if least <= value <= most else (1.0, 0.0)
    first, last = (least - value) / slope, (most - value) / slope
    if first > last:
        first, last = last, first
    return max(low, first), min(high, last)


@compiled
def _enters(near_a: Floats, near_b: Floats, whole_b: Floats) -> bool:
    """Whether the ground just inside some part of A's boundary belongs to B."""
    cuts = np.empty(3 * len(near_b) + 2)
    for i in range(len(near_a)):
        e = near_a[i]
        dx, dy = e[2] - e[0], e[3] - e[1]
        length = np.hypot(dx, dy)
        if length == 0.0:
            continue
        stops = np.sort(cuts[: _cut(e, near_b, cuts)])
        for j in range(len(stops) - 1):
            t = 0.5 * (stops[j] + stops[j + 1])
            x = e[0] + t * dx - CONTACT_M * dy / length
            y = e[1] + t * dy + CONTACT_M * dx / length
            if stops[j] < stops[j + 1] and contains(whole_b, x, y):
                return True
    return False


@compiled
def _cut(e: Floats, others: Floats, cuts: Floats) -> int:
    """Parameters at which other edges cross e or end beside it; both ends of e among them."""
    cuts[0], cuts[1] = 0.0, 1.0
    count = 2
    dx, dy = e[2] - e[0], e[3] - e[1]
    square = dx * dx + dy * dy
    for j in range(len(others)):
        f = others[j]
        t, s = crossing(e, f)
        if 0.0 < t < 1.0 and 0.0 <= s <= 1.0:
            cuts[count] = t
            count += 1
        for end in range(2):
            x, y = f[2 * end] - e[0], f[2 * end + 1] - e[1]
            along = (x * dx + y * dy) / square
            if 0.0 < along < 1.0 and abs(dx * y - dy * x) <= CONTACT_M * np.sqrt(square):
                cuts[count] = along
                count += 1
    return count

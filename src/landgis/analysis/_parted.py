"""Does one stretch of a barrier's outline part two parcels? The quick "no" of clusters.py's sight.

Take a box that holds both parcels as far as they are within reach of one another. A stretch of an
outline that comes into the box and leaves it again parts the box in two, as a closed curve parts
the plane: two points lie on different sides where a line between them crosses it an odd number of
times. If one parcel lies on one side and the other on the other, as far as the barrier leaves them
open, every segment between them is cut, and no search is needed. Where rounding could decide,
nothing is proven.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._segments import clip, inside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landgis.analysis._contact import Rings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DOUBT_M = 1e-6  # points closer to a line are on neither side of it
DOUBTFUL = -1  # instead of a number of crossings


class Parts(NamedTuple):
    """What two parcels have within reach of one another, and the box that holds it."""

    a: Floats
    b: Floats
    box: Floats


@compiled
def clipped(edges: Floats, box: Floats, reach: float) -> Floats:
    """Parts of edges that lie within a box, taken that much wider."""
    kept = np.empty_like(edges)
    count = 0
    for i in range(len(edges)):
        x, y = edges[i, 0], edges[i, 1]
        dx, dy = edges[i, 2] - x, edges[i, 3] - y
        low, high = clip(0.0, 1.0, x, dx, box[0] - reach, box[2] + reach)
        low, high = clip(low, high, y, dy, box[1] - reach, box[3] + reach)
        if low <= high:
            kept[count, 0], kept[count, 1] = x + low * dx, y + low * dy
            kept[count, 2], kept[count, 3] = x + high * dx, y + high * dy
            count += 1
    return kept[:count]


@compiled
def within_reach(whole_a: Floats, whole_b: Floats, box_b: Floats, reach: float) -> Parts:
    """Parts of the edges of two parcels that can be within reach of the other's, and their box."""
    part_a = clipped(whole_a, box_b, reach)
    part_b = clipped(whole_b, _box(part_a), reach)
    part_a = clipped(part_a, _box(part_b), reach)
    part_b = clipped(part_b, _box(part_a), reach)
    box_a, box_b = _box(part_a), _box(part_b)
    return Parts(
        part_a, part_b, np.append(np.minimum(box_a, box_b)[:2], np.maximum(box_a, box_b)[2:])
    )


@compiled
def parted(walls_: Rings, pieces: Ints, parts: Parts, nearest: Floats) -> bool:
    """Whether one piece of a barrier lies between what two parcels have within reach."""
    x0, y0, x1, y1 = nearest[0], nearest[1], nearest[2], nearest[3]
    box = parts.box
    for piece in pieces:
        held = walls_.boxes[piece]
        if held[0] > box[2] or held[2] < box[0] or held[1] > box[3] or held[3] < box[1]:
            continue
        own = walls_.edges[walls_.start[piece] : walls_.start[piece + 1]]
        if _crossings(own, x0, y0, x1, y1) == 0 and not inside(own, held, x0, y0):
            continue
        if _piece_parts(own, held, box, parts.a, parts.b):
            return True
    return False


@compiled
def _box(edges: Floats) -> Floats:
    """Box that holds edges."""
    box = np.array([np.inf, np.inf, -np.inf, -np.inf])
    for i in range(len(edges)):
        box[0] = min(box[0], edges[i, 0], edges[i, 2])
        box[1] = min(box[1], edges[i, 1], edges[i, 3])
        box[2] = max(box[2], edges[i, 0], edges[i, 2])
        box[3] = max(box[3], edges[i, 1], edges[i, 3])
    return box


@compiled
def _piece_parts(own: Floats, held: Floats, box: Floats, part_a: Floats, part_b: Floats) -> bool:
    """Whether a piece parts them, looked for ring by ring."""
    open_a, open_b = _open_ends(own, held, part_a), _open_ends(own, held, part_b)
    if open_a[0, 0] == DOUBTFUL or open_b[0, 0] == DOUBTFUL:
        return False
    if len(open_a) == 1 or len(open_b) == 1:  # all of a parcel within reach is covered
        return True
    low = 0
    while low < len(own):
        high = _ring_end(own, low)
        if _ring_parts(own[low:high], box, open_a[1:], open_b[1:]):
            return True
        low = high
    return False


@compiled
def _open_ends(own: Floats, held: Floats, part: Floats) -> Floats:
    """Give the ends of edges outside a piece: what it leaves open of an edge hangs on one of them.

    The row before the first says `DOUBTFUL` where an edge comes close to the outline's corners or
    meets the outline more often than once.
    """
    ends = np.zeros((2 * len(part) + 1, 2))
    count = 1
    for i in range(len(part)):
        x0, y0, x1, y1 = part[i, 0], part[i, 1], part[i, 2], part[i, 3]
        across = _crossings(own, x0, y0, x1, y1)
        if not 0 <= across <= 1:
            ends[0, 0] = DOUBTFUL
            break
        covered = inside(own, held, x0, y0)
        if not covered:
            ends[count, 0], ends[count, 1] = x0, y0
            count += 1
        if covered == (across == 1):
            ends[count, 0], ends[count, 1] = x1, y1
            count += 1
    return ends[:count]


@inlined
def _ring_end(edges: Floats, low: int) -> int:
    """Place after the last edge of the ring that begins at a place."""
    high = low + 1
    while (
        high < len(edges)
        and edges[high, 0] == edges[high - 1, 2]
        and edges[high, 1] == edges[high - 1, 3]
    ):
        high += 1
    return high


@inlined
def _comes_in(edges: Floats, i: int, box: Floats) -> bool:
    return bool(
        min(edges[i, 0], edges[i, 2]) <= box[2]
        and max(edges[i, 0], edges[i, 2]) >= box[0]
        and min(edges[i, 1], edges[i, 3]) <= box[3]
        and max(edges[i, 1], edges[i, 3]) >= box[1]
    )


@compiled
def _ring_parts(ring: Floats, box: Floats, open_a: Floats, open_b: Floats) -> bool:
    """Whether a stretch of a ring, from where it comes into a box to where it leaves, parts them."""
    count = len(ring)
    first = 0
    while first < count and _comes_in(ring, first, box):
        first += 1
    if first == count:  # the ring never leaves the box
        return False
    stretch = np.empty_like(ring)
    long = 0
    for step in range(1, count + 1):
        i = first + step if first + step < count else first + step - count
        if _comes_in(ring, i, box):
            stretch[long] = ring[i]
            long += 1
        elif long > 0:
            if _stretch_parts(stretch[:long], open_a, open_b):
                return True
            long = 0
    return False


@compiled
def _stretch_parts(stretch: Floats, open_a: Floats, open_b: Floats) -> bool:
    """Whether all points of B lie beyond a stretch from one point of A, and those of A before it."""
    x, y = open_a[0, 0], open_a[0, 1]
    for i in range(len(open_b)):
        across = _crossings(stretch, x, y, open_b[i, 0], open_b[i, 1])
        if across == DOUBTFUL or across % 2 == 0:
            return False
    for i in range(1, len(open_a)):
        across = _crossings(stretch, x, y, open_a[i, 0], open_a[i, 1])
        if across == DOUBTFUL or across % 2 == 1:
            return False
    return True


@compiled
def _crossings(stretch: Floats, x0: float, y0: float, x1: float, y1: float) -> int:
    """How often a segment crosses a stretch; `DOUBTFUL` where it comes close to one of its ends."""
    west, east = min(x0, x1) - DOUBT_M, max(x0, x1) + DOUBT_M
    south, north = min(y0, y1) - DOUBT_M, max(y0, y1) + DOUBT_M
    dx, dy = x1 - x0, y1 - y0
    doubt = DOUBT_M * (abs(dx) + abs(dy))
    count = 0
    for i in range(len(stretch)):
        u0, v0, u1, v1 = stretch[i, 0], stretch[i, 1], stretch[i, 2], stretch[i, 3]
        if max(u0, u1) < west or min(u0, u1) > east or max(v0, v1) < south or min(v0, v1) > north:
            continue
        gx, gy = u1 - u0, v1 - v0
        begin, end = gx * (y0 - v0) - gy * (x0 - u0), gx * (y1 - v0) - gy * (x1 - u0)
        least = DOUBT_M * (abs(gx) + abs(gy))
        if min(begin, end) > least or max(begin, end) < -least:
            continue
        first, last = dx * (v0 - y0) - dy * (u0 - x0), dx * (v1 - y0) - dy * (u1 - x0)
        if min(first, last) > doubt or max(first, last) < -doubt:
            continue
        if min(abs(begin), abs(end)) <= least or min(abs(first), abs(last)) <= doubt:
            return DOUBTFUL
        count += 1
    return count

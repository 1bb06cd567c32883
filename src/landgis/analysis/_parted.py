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
    west, south, east, north = box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach
    kept = np.empty_like(edges)
    count = 0
    for i in range(len(edges)):
        x, y, u, v = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        left, right, below, above = min(x, u), max(x, u), min(y, v), max(y, v)
        if left > east or right < west or below > north or above < south:
            continue
        low, high = 0.0, 1.0
        if left < west or right > east:
            low, high = clip(low, high, x, u - x, west, east)
        if below < south or above > north:
            low, high = clip(low, high, y, v - y, south, north)
        if low <= high:
            kept[count, 0], kept[count, 1], kept[count, 2], kept[count, 3] = x, y, u, v
            if low > 0.0:
                kept[count, 0], kept[count, 1] = x + low * (u - x), y + low * (v - y)
            if high < 1.0:
                kept[count, 2], kept[count, 3] = x + high * (u - x), y + high * (v - y)
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
    box = np.empty(4)
    for i in range(2):
        box[i], box[i + 2] = min(box_a[i], box_b[i]), max(box_a[i + 2], box_b[i + 2])
    return Parts(part_a, part_b, box)


@compiled
def plainly_parted(walls_: Rings, pieces: Ints, parts: Parts) -> bool:
    """Whether one piece of a barrier lies between two parcels and covers nothing within reach.

    Then no segment between their edges is free; ground that both share is not looked at.
    """
    if len(parts.a) == 0 or len(parts.b) == 0:
        return False
    for piece in pieces:
        if _meet(walls_.boxes[piece], parts.box):
            own = walls_.edges[walls_.start[piece] : walls_.start[piece + 1]]
            if _piece_parts(own, parts.box, parts.a, parts.b):
                return True
    return False


@compiled
def parted(walls_: Rings, pieces: Ints, parts: Parts, nearest: Floats) -> bool:
    """Whether one piece of a barrier lies between what it leaves open of two parcels within reach."""
    x0, y0, x1, y1 = nearest[0], nearest[1], nearest[2], nearest[3]
    for piece in pieces:
        held = walls_.boxes[piece]
        if not _meet(held, parts.box):
            continue
        own = walls_.edges[walls_.start[piece] : walls_.start[piece + 1]]
        if _crossings(own, x0, y0, x1, y1) == 0 and not inside(own, held, x0, y0):
            continue
        open_a, open_b = _open_ends(own, held, parts.a), _open_ends(own, held, parts.b)
        if open_a[0, 0] == DOUBTFUL or open_b[0, 0] == DOUBTFUL:
            continue
        if len(open_a) == 1 or len(open_b) == 1:  # all of a parcel within reach is covered
            return True
        if _piece_parts(own, parts.box, open_a[1:], open_b[1:]):
            return True
    return False


@inlined
def _meet(box: Floats, other: Floats) -> bool:
    return bool(
        box[0] <= other[2] and box[2] >= other[0] and box[1] <= other[3] and box[3] >= other[1]
    )


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
def _piece_parts(own: Floats, box: Floats, part_a: Floats, part_b: Floats) -> bool:
    """Whether a piece parts two sets of edges in a box, looked for ring by ring."""
    low = 0
    while low < len(own):
        high = _ring_end(own, low)
        if _ring_parts(own[low:high], box, part_a, part_b):
            return True
        low = high
    return False


@compiled
def _open_ends(own: Floats, held: Floats, part: Floats) -> Floats:
    """Give the ends of edges outside a piece: what it leaves open of an edge hangs on one of them.

    They are edges without length. The row before the first says `DOUBTFUL` where an edge comes close
    to the outline's corners or meets the outline more often than once.
    """
    ends = np.zeros((2 * len(part) + 1, 4))
    count = 1
    for i in range(len(part)):
        x0, y0, x1, y1 = part[i, 0], part[i, 1], part[i, 2], part[i, 3]
        across = _crossings(own, x0, y0, x1, y1)
        if not 0 <= across <= 1:
            ends[0, 0] = DOUBTFUL
            break
        covered = inside(own, held, x0, y0)
        if not covered:
            ends[count, 0], ends[count, 1], ends[count, 2], ends[count, 3] = x0, y0, x0, y0
            count += 1
        if covered == (across == 1):
            ends[count, 0], ends[count, 1], ends[count, 2], ends[count, 3] = x1, y1, x1, y1
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
def _ring_parts(ring: Floats, box: Floats, part_a: Floats, part_b: Floats) -> bool:
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
            if _stretch_parts(stretch[:long], part_a, part_b):
                return True
            long = 0
    return False


@compiled
def _stretch_parts(stretch: Floats, part_a: Floats, part_b: Floats) -> bool:
    """Whether all edges of A lie on one side of a stretch and all of B on the other."""
    across = _crossings(stretch, part_a[0, 0], part_a[0, 1], part_b[0, 0], part_b[0, 1])
    if across == DOUBTFUL or across % 2 == 0:
        return False
    return _on_one_side(stretch, part_b) and _on_one_side(stretch, part_a)


@compiled
def _on_one_side(stretch: Floats, part: Floats) -> bool:
    """Whether a stretch crosses no edge and none lies on another side of it than the first."""
    x, y = part[0, 0], part[0, 1]
    for i in range(len(part)):
        if i > 0 and (part[i, 0] != part[i - 1, 2] or part[i, 1] != part[i - 1, 3]):
            across = _crossings(stretch, x, y, part[i, 0], part[i, 1])
            if across == DOUBTFUL or across % 2 == 1:
                return False
        if _crossings(stretch, part[i, 0], part[i, 1], part[i, 2], part[i, 3]) != 0:
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

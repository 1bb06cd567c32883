"""Does one stretch of a barrier's outline part two parcels? The quick "no" of clusters.py's sight.

Take a box that holds both parcels as far as they are within reach of one another. A stretch of an
outline that comes into the box and leaves it again parts the box in two, as a closed curve parts
the plane: two points lie on different sides where a line between them crosses it an odd number of
times. If one parcel lies on one side and the other on the other, as far as the barrier leaves them
open, every segment between their edges is cut, and no search is needed. Where rounding could
decide, nothing is proven.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._segments import borrowing, clip, inside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landgis.analysis._contact import Rings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DOUBT_M = 1e-6  # points closer to a line are on neither side of it
DOUBTFUL = -1  # instead of a number of crossings
NONE = -1  # instead of the place of a piece


class Sketch(NamedTuple):
    """Room for what is drawn of one pair after another.

    That is parts of parcels, their boxes and the one that holds both, edges of a piece of a barrier
    that come into it, where each stretch of them begins and ends, and ends that it leaves open.
    """

    part_a: Floats
    part_b: Floats
    boxes: Floats
    near: Floats
    stretch: Ints
    ends_a: Floats
    ends_b: Floats


class Parts(NamedTuple):
    """What two parcels have within reach of one another, and the box that holds it."""

    a: Floats
    b: Floats
    box: Floats


@compiled
def sketch_for(most: int) -> Sketch:
    """Make room for parcels and pieces of at most that many edges."""
    return Sketch(
        np.empty((most, 4)),
        np.empty((most, 4)),
        np.empty((3, 4)),
        np.empty((most, 4)),
        np.empty((most, 2), np.int64),
        np.empty((2 * most, 4)),
        np.empty((2 * most, 4)),
    )


@compiled
def within_reach(
    whole_a: Floats, whole_b: Floats, box_b: Floats, reach: float, sketch: Sketch
) -> Parts:
    """Parts of the edges of two parcels that can be within reach of the other's, and their box."""
    box, own_box, other_box = sketch.boxes[0], sketch.boxes[1], sketch.boxes[2]
    part_a = _clipped(whole_a, box_b, reach, sketch.part_a)
    _draw_box(part_a, own_box)
    part_b = _clipped(whole_b, own_box, reach, sketch.part_b)
    _draw_box(part_b, other_box)
    part_a = _clipped(part_a, other_box, reach, sketch.part_a)
    _draw_box(part_a, own_box)
    for i in range(2):
        box[i] = min(own_box[i], other_box[i])
        box[i + 2] = max(own_box[i + 2], other_box[i + 2])
    return Parts(part_a, part_b, box)


@compiled
def _clipped(edges: Floats, box: Floats, reach: float, kept: Floats) -> Floats:
    """Parts of edges that lie within a box, taken that much wider, in room given; it may be theirs."""
    west, south, east, north = box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach
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
        if low > high:
            continue
        kept[count, 0], kept[count, 1], kept[count, 2], kept[count, 3] = x, y, u, v
        if low > 0.0:
            kept[count, 0], kept[count, 1] = x + low * (u - x), y + low * (v - y)
        if high < 1.0:
            kept[count, 2], kept[count, 3] = x + high * (u - x), y + high * (v - y)
        count += 1
    return kept[:count]


@borrowing
def _draw_box(edges: Floats, box: Floats) -> None:
    """Write the box that holds edges."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for i in range(len(edges)):
        west, east = min(west, edges[i, 0], edges[i, 2]), max(east, edges[i, 0], edges[i, 2])
        south, north = min(south, edges[i, 1], edges[i, 3]), max(north, edges[i, 1], edges[i, 3])
    box[0], box[1], box[2], box[3] = west, south, east, north


@borrowing
def parting_piece(
    walls_: Rings, pieces: Ints, parts: Parts, nearest: Floats, likely: int, sketch: Sketch
) -> int:
    """Find a piece of a barrier between what it leaves open of two parcels; `NONE` where not seen.

    Without a nearest segment (NaN) only pieces are seen that cover nothing within reach. The likely
    piece is tried first: a road mostly parts several pairs.
    """
    if len(parts.a) == 0 or len(parts.b) == 0:
        return NONE
    for k in range(-1, len(pieces)):
        piece = likely if k < 0 else pieces[k]
        if piece == NONE or (k >= 0 and piece == likely):
            continue
        held = walls_.boxes[piece]
        if not (
            _may_meet(held, parts.a[0, 0], parts.a[0, 1], parts.b[0, 0], parts.b[0, 1])
            or _may_meet(held, nearest[0], nearest[1], nearest[2], nearest[3])
        ):
            continue
        own = walls_.edges[walls_.start[piece] : walls_.start[piece + 1]]
        if _parts(own, held, parts, nearest, sketch):
            return int(piece)
    return NONE


@inlined
def _may_meet(box: Floats, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Whether a box meets that of a segment; never where that is not known (NaN)."""
    return bool(
        box[0] <= max(x0, x1)
        and box[2] >= min(x0, x1)
        and box[1] <= max(y0, y1)
        and box[3] >= min(y0, y1)
    )


@borrowing
def _parts(own: Floats, held: Floats, parts: Parts, nearest: Floats, sketch: Sketch) -> bool:
    """Whether a piece lies between what it leaves open of two parcels."""
    count, stretches = _draw_near(own, parts.box, sketch)
    if _one_stretch_parts(sketch, stretches, parts.a, parts.b):
        return True
    if np.isnan(nearest[0]):
        return False
    near = sketch.near[:count]
    if _crossings(near, nearest[0], nearest[1], nearest[2], nearest[3]) == 0 and not inside(
        own, held, nearest[0], nearest[1]
    ):
        return False
    x, y = parts.a[0, 0], parts.a[0, 1]
    covered = inside(own, held, x, y)
    open_a = _open_ends(near, parts.a, x, y, covered, sketch.ends_a)
    open_b = _open_ends(near, parts.b, x, y, covered, sketch.ends_b)
    if DOUBTFUL in (open_a, open_b):
        return False
    if open_a == 0 or open_b == 0:  # all of a parcel within reach is covered
        return True
    return _one_stretch_parts(sketch, stretches, sketch.ends_a[:open_a], sketch.ends_b[:open_b])


@borrowing
def _draw_near(own: Floats, box: Floats, sketch: Sketch) -> tuple[int, int]:
    """Draw the edges of a piece that come into a box; give how many, and in how many stretches.

    A stretch reaches from where a ring comes into the box to where it leaves; a ring that never
    leaves has none.
    """
    near, stretch = sketch.near, sketch.stretch
    count = stretches = low = 0
    while low < len(own):
        high = _ring_end(own, low)
        first = low
        while first < high and _comes_in(own, first, box):
            first += 1
        for i in range(low, high if first == high else low):
            _copy_edge(own, i, near, count)
            count += 1
        begin = count
        for step in range(1, high - low + 1 if first < high else 1):
            i = first + step if first + step < high else first + step - (high - low)
            if _comes_in(own, i, box):
                _copy_edge(own, i, near, count)
                count += 1
            elif begin < count:
                stretch[stretches, 0], stretch[stretches, 1] = begin, count
                stretches, begin = stretches + 1, count
        low = high
    return count, stretches


@inlined
def _copy_edge(edges: Floats, i: int, others: Floats, j: int) -> None:
    for end in range(4):
        others[j, end] = edges[i, end]


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


@borrowing
def _open_ends(
    near: Floats,
    part: Floats,
    x: float,
    y: float,
    covered: bool,  # noqa: FBT001 - compiled
    ends: Floats,
) -> int:
    """Write the ends of edges outside a piece: what it leaves open of an edge hangs on one of them.

    They are edges without length. Gives how many, or `DOUBTFUL` where an edge comes close to the
    outline's corners or meets the outline more often than once. `covered` says whether the piece
    covers the point (x, y).
    """
    count = 0
    is_covered = covered
    for i in range(len(part)):
        x0, y0, x1, y1 = part[i, 0], part[i, 1], part[i, 2], part[i, 3]
        if i == 0 or x0 != part[i - 1, 2] or y0 != part[i - 1, 3]:
            across = _crossings(near, x, y, x0, y0)
            if across == DOUBTFUL:
                return DOUBTFUL
            is_covered = covered != (across % 2 == 1)
        across = _crossings(near, x0, y0, x1, y1)
        if not 0 <= across <= 1:
            return DOUBTFUL
        if not is_covered:
            ends[count, 0], ends[count, 1], ends[count, 2], ends[count, 3] = x0, y0, x0, y0
            count += 1
        is_covered = is_covered != (across == 1)
        if not is_covered:
            ends[count, 0], ends[count, 1], ends[count, 2], ends[count, 3] = x1, y1, x1, y1
            count += 1
    return count


@borrowing
def _one_stretch_parts(sketch: Sketch, stretches: int, part_a: Floats, part_b: Floats) -> bool:
    """Whether one of some stretches has all edges of A on one side and all of B on the other."""
    for k in range(stretches):
        stretch = sketch.near[sketch.stretch[k, 0] : sketch.stretch[k, 1]]
        across = _crossings(stretch, part_a[0, 0], part_a[0, 1], part_b[0, 0], part_b[0, 1])
        if (
            across != DOUBTFUL
            and across % 2 == 1
            and _on_one_side(stretch, part_b)
            and _on_one_side(stretch, part_a)
        ):
            return True
    return False


@borrowing
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


@borrowing
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

"""How two parcels meet: the part of clusters.py that measures pairs.

Most pairs are settled by few edges: the ends of edges tell at once how far apart the parcels are at
most, and only edges so close to the other parcel are looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from landgis.analysis import _ground as ruler
from landgis.analysis._boxes import in_chunks
from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._segments import apart, clip, crossing, edges_near_into, foot, inside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Truths = NDArray[np.bool_]

CONTACT_M = 0.001  # parcels are surveyed to the millimetre: closer points are the same point
MOST_DIVERGENCE = 0.5  # sine of 30°: edges that diverge more meet at a corner, not along a length
STRETCH_M = 1e-6  # shorter stretches of an edge are rounding
ROUNDING_M = 1e-9  # of distances between points a few kilometres apart


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
    deep: Truths

    def only(self, kept: Truths) -> Relations:
        """Keep some of the pairs."""
        return Relations(
            self.gap[kept],
            self.nearest[kept],
            self.contact[kept],
            self.hairline[kept],
            self.deep[kept],
        )


class Room(NamedTuple):
    """Room for the edges of two parcels that are near one another, and for numbers along an edge."""

    first: Floats
    second: Floats
    lows: Floats
    highs: Floats


def rings(polygons: NDArray[np.object_]) -> Rings:
    """Take polygons apart into directed edges."""
    laid = ruler.rings(polygons)
    count = np.append(0, np.cumsum(np.diff(laid.ring) - 1))
    edges = np.empty((count[-1], 4))
    in_chunks(
        lambda low, high: _direct(laid.points, laid.ring, laid.sign, low, high, edges),
        len(laid.sign),
    )
    boxes = shapely.bounds(polygons).reshape(-1, 4)
    return Rings(edges, count[laid.shape], np.ascontiguousarray(boxes, dtype=np.float64))


@compiled
def _direct(points: Floats, ring: Ints, sign: Floats, low: int, high: int, edges: Floats) -> None:
    """Write the edges of some rings so that ground lies to the left."""
    for r in range(low, high):
        first, last = ring[r], ring[r + 1] - 1
        for k in range(last - first):
            begin, end = (first + k, first + k + 1) if sign[r] > 0.0 else (last - k, last - k - 1)
            edge = edges[first - r + k]
            edge[0], edge[1] = points[begin, 0], points[begin, 1]
            edge[2], edge[3] = points[end, 0], points[end, 1]


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
    in_chunks(
        lambda low, high: _relate_range(
            parcels, pairs, low, high, reach, max(hairline, CONTACT_M), found
        ),
        count,
    )
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
    room = room_for(parcels, pairs[low:high])
    for k in range(low, high):
        found.gap[k], found.contact[k], found.hairline[k], found.deep[k] = relate_pair(
            parcels, pairs[k, 0], pairs[k, 1], reach, hairline, room, found.nearest[k]
        )


@compiled
def room_for(parcels: Rings, pairs: Ints) -> Room:
    """Make room for the edges of any of these pairs."""
    most = 0
    for k in range(len(pairs)):
        for i in range(2):
            parcel = pairs[k, i]
            most = max(most, parcels.start[parcel + 1] - parcels.start[parcel])
    return Room(np.empty((most, 4)), np.empty((most, 4)), np.empty(3 * most + 2), np.empty(most))


@compiled
def relate_pair(
    parcels: Rings, a: int, b: int, reach: float, hairline: float, room: Room, nearest: Floats
) -> tuple[float, float, float, bool]:
    """Measure one pair: distance, lengths in contact, whether they overlap; writes where."""
    whole_a = parcels.edges[parcels.start[a] : parcels.start[a + 1]]
    whole_b = parcels.edges[parcels.start[b] : parcels.start[b + 1]]
    box_a, box_b = parcels.boxes[a], parcels.boxes[b]
    near_a = edges_near_into(whole_a, box_b, reach, room.first)
    near_b = edges_near_into(whole_b, box_a, reach, room.second)
    most_apart = min(reach, between_ends(near_a, near_b))
    near_a = edges_near_into(near_a, box_b, max(most_apart, hairline), room.first)
    near_b = edges_near_into(near_b, box_a, max(most_apart, hairline), room.second)
    gap = _nearest(near_a, near_b, most_apart, nearest)
    contact = along = 0.0
    deep = False
    if gap > CONTACT_M and (
        _one_within(near_a, whole_b, box_b, nearest) or _one_within(near_b, whole_a, box_a, nearest)
    ):
        gap = 0.0
        deep = True
    if gap <= CONTACT_M:
        contact = _length_together(near_a, near_b, CONTACT_M, room)
        deep = (
            deep
            or _enters(near_a, near_b, whole_b, box_b, room.lows)
            or _enters(near_b, near_a, whole_a, box_a, room.lows)
        )
    if gap <= hairline:
        along = _length_together(near_a, near_b, hairline, room)
    return gap if gap > CONTACT_M else 0.0, contact, along, deep


@compiled
def between_ends(near_a: Floats, near_b: Floats) -> float:
    """Least distance between ends of edges, a trifle more: the edges are no farther apart."""
    least = np.inf
    for i in range(len(near_a)):
        x, y = near_a[i, 0], near_a[i, 1]
        for j in range(len(near_b)):
            dx, dy = near_b[j, 0] - x, near_b[j, 1] - y
            least = min(least, dx * dx + dy * dy)
    return float(np.sqrt(least) * (1.0 + ROUNDING_M) + ROUNDING_M)


@compiled
def _nearest(near_a: Floats, near_b: Floats, reach: float, place: Floats) -> float:
    """Distance of two sets of edges; writes the nearest segment, infinite beyond `reach`."""
    best = reach
    found = False
    for i in range(len(near_a)):
        for j in range(len(near_b)):
            if apart(near_a, i, near_b, j, best):
                continue
            t, s = crossing(near_a, i, near_b, j)
            if 0.0 <= t <= 1.0 and 0.0 <= s <= 1.0:
                x0, y0 = near_a[i, 0], near_a[i, 1]
                x, y = x0 + t * (near_a[i, 2] - x0), y0 + t * (near_a[i, 3] - y0)
                place[0], place[1], place[2], place[3] = x, y, x, y
                return 0.0
            for end in range(0, 4, 2):
                x, y = near_a[i, end], near_a[i, end + 1]
                u, v = foot(x, y, near_b, j)
                distance = np.hypot(u - x, v - y)
                if distance < best or (distance <= best and not found):
                    best, found = distance, True
                    place[0], place[1], place[2], place[3] = x, y, u, v
            for end in range(0, 4, 2):
                u, v = near_b[j, end], near_b[j, end + 1]
                x, y = foot(u, v, near_a, i)
                distance = np.hypot(x - u, y - v)
                if distance < best or (distance <= best and not found):
                    best, found = distance, True
                    place[0], place[1], place[2], place[3] = x, y, u, v
    return best if found else np.inf


@compiled
def _one_within(near: Floats, whole: Floats, box: Floats, place: Floats) -> bool:
    """Whether some vertex of one parcel lies inside the other, though no edges meet."""
    for i in range(len(near)):
        x, y = near[i, 0], near[i, 1]
        if inside(whole, box, x, y):
            place[0], place[1], place[2], place[3] = x, y, x, y
            return True
    return False


@compiled
def _length_together(near_a: Floats, near_b: Floats, tolerance: float, room: Room) -> float:
    """Length along A's edges that B's edges accompany, against their direction, within tolerance."""
    total = 0.0
    lows, highs = room.lows, room.highs
    for i in range(len(near_a)):
        count = 0
        for j in range(len(near_b)):
            if apart(near_a, i, near_b, j, tolerance):
                continue
            low, high = _beside(near_a, i, near_b, j, tolerance)
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
        dx, dy = near_a[i, 2] - near_a[i, 0], near_a[i, 3] - near_a[i, 1]
        total += covered * np.hypot(dx, dy)
    return total


@inlined
def _beside(edges: Floats, i: int, others: Floats, j: int, tolerance: float) -> tuple[float, float]:
    """Part of an edge, as parameters, whose feet on another are no farther than the tolerance."""
    dx, dy = edges[i, 2] - edges[i, 0], edges[i, 3] - edges[i, 1]
    gx, gy = others[j, 2] - others[j, 0], others[j, 3] - others[j, 1]
    along, turn = dx * gx + dy * gy, gx * dy - gy * dx
    square = gx * gx + gy * gy
    if along >= 0.0 or abs(turn) > MOST_DIVERGENCE * np.sqrt(square * (dx * dx + dy * dy)):
        return 1.0, 0.0
    hx, hy = edges[i, 0] - others[j, 0], edges[i, 1] - others[j, 1]
    low, high = clip(0.0, 1.0, hx * gx + hy * gy, along, 0.0, square)
    reach = tolerance * np.sqrt(square)
    return clip(low, high, gx * hy - gy * hx, turn, -reach, reach)


@compiled
def _enters(near_a: Floats, near_b: Floats, whole_b: Floats, box_b: Floats, cuts: Floats) -> bool:
    """Whether the ground just inside some part of A's boundary belongs to B."""
    for i in range(len(near_a)):
        x0, y0 = near_a[i, 0], near_a[i, 1]
        dx, dy = near_a[i, 2] - x0, near_a[i, 3] - y0
        length = np.hypot(dx, dy)
        if (
            length == 0.0
            or min(x0, near_a[i, 2]) > box_b[2] + CONTACT_M
            or max(x0, near_a[i, 2]) < box_b[0] - CONTACT_M
            or min(y0, near_a[i, 3]) > box_b[3] + CONTACT_M
            or max(y0, near_a[i, 3]) < box_b[1] - CONTACT_M
        ):
            continue
        count = _cut(near_a, i, near_b, cuts)
        for j in range(count - 1):
            if (cuts[j + 1] - cuts[j]) * length <= STRETCH_M:
                continue
            t = 0.5 * (cuts[j] + cuts[j + 1])
            x = x0 + t * dx - CONTACT_M * dy / length
            y = y0 + t * dy + CONTACT_M * dx / length
            if inside(whole_b, box_b, x, y):
                return True
    return False


@compiled
def _cut(edges: Floats, i: int, others: Floats, cuts: Floats) -> int:
    """Parameters, in order, at which others cross an edge or end beside it; its ends among them."""
    cuts[0], cuts[1] = 0.0, 1.0
    count = 2
    x0, y0 = edges[i, 0], edges[i, 1]
    dx, dy = edges[i, 2] - x0, edges[i, 3] - y0
    square = dx * dx + dy * dy
    for j in range(len(others)):
        if apart(edges, i, others, j, CONTACT_M):
            continue
        t, s = crossing(edges, i, others, j)
        if 0.0 < t < 1.0 and 0.0 <= s <= 1.0:
            count = _insert(cuts, count, t)
        for end in range(0, 4, 2):
            x, y = others[j, end] - x0, others[j, end + 1] - y0
            along = (x * dx + y * dy) / square
            if 0.0 < along < 1.0 and abs(dx * y - dy * x) <= CONTACT_M * np.sqrt(square):
                count = _insert(cuts, count, along)
    return count


@inlined
def _insert(cuts: Floats, count: int, value: float) -> int:
    """Put a value among sorted ones; give how many there are then."""
    place = count
    while cuts[place - 1] > value:
        cuts[place] = cuts[place - 1]
        place -= 1
    cuts[place] = value
    return count + 1

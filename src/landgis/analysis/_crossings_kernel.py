"""Where outlines cross parcels: the compiled part of `landgis.analysis._clipping` that looks.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._overlap_kernel import CLOSE, look_along, room_for_sight

if TYPE_CHECKING:
    from landgis.analysis._ground_kernel import Numbers, Rows, TileArrays, Truths
    from landgis.analysis._overlap_kernel import Outlines, Sight

MOST_CROSSINGS = 64  # of a parcel and an outline; more are left to GEOS
MOST_INNER = 16  # rings of an outline that lie within a parcel
PLAIN = 1e-7  # of a parcel's width: corners so near to the other's edges are left to GEOS


class Crossings(NamedTuple):
    """Where an outline crosses a parcel's ring, in the order in which they were found."""

    parcel_edge: Rows
    parcel_share: Numbers  # of the edge, from its beginning
    ring: Rows
    edge: Rows
    share: Numbers
    place: Numbers  # (crossings, 2), counted from the parcel's corner
    enters: Truths  # with its ground to the left, the outline enters the parcel
    inner: Rows  # rings of the outline that lie within the parcel
    sight: Sight  # of one ring


class Room(NamedTuple):
    """Where the sorted crossings of one pair are written down."""

    by_parcel: Rows  # crossings as they follow one another around the parcel, ground to the left
    by_outline: Rows  # and around the rings of the outline, ground to the left
    at_parcel: Rows  # the place of each crossing in either sequence
    at_outline: Rows
    used: Truths


@compiled
def room_for_crossings(outlines: Outlines) -> tuple[Crossings, Room]:
    """Make room for the crossings of one pair."""
    most = MOST_CROSSINGS
    found = Crossings(
        np.empty(most, np.int64), np.empty(most), np.empty(most, np.int64),
        np.empty(most, np.int64), np.empty(most), np.empty((most, 2)), np.empty(most, np.bool_),
        np.empty(MOST_INNER, np.int64), room_for_sight(outlines),
    )  # fmt: skip
    room = Room(
        np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64),
        np.empty(most, np.int64), np.empty(most, np.bool_),
    )  # fmt: skip
    return found, room


@inlined
def find_crossings(
    tiles: TileArrays, t: int, outlines: Outlines, s: int, found: Crossings
) -> tuple[int, int]:
    """Find where a shape's outline crosses a tile, and its rings within: how many of either.

    -1 where that is not plain. Plain are rings that cross the tile's in the midst of edges, and
    rings that keep clear of it, within or beyond.
    """
    west, south, east, north = tiles.box[t, 0], tiles.box[t, 1], tiles.box[t, 2], tiles.box[t, 3]
    near = PLAIN * max(east - west, north - south)
    west, south, east, north = west - near, south - near, east + near, north + near
    count = inner = 0
    for r in range(outlines.shape[s], outlines.shape[s + 1]):
        of_ring = count
        close = False
        seen = look_along(outlines, r, west, south, east, north, found.sight)
        for i in range(seen):
            if found.sight.place[i] != CLOSE:
                continue
            close = True
            count = cross_edge(tiles, t, outlines, r, found.sight.edge[i], near, found, count)
            if count < 0:
                return -1, 0
        # a ring that does not cross the tile lies in it, or beyond it
        if (
            close
            and count == of_ring
            and corner_lies_in(tiles, t, outlines.points, outlines.ring[r])
        ):
            if inner == MOST_INNER:
                return -1, 0
            found.inner[inner] = r
            inner += 1
    return count, inner


@inlined
def cross_edge(
    tiles: TileArrays, t: int, outlines: Outlines, r: int, k: int,
    near: float, found: Crossings, count: int,
) -> int:  # fmt: skip
    """Write down where one edge of an outline crosses a tile; -1 where that is not plain."""
    left, bottom = tiles.corner[t, 0], tiles.corner[t, 1]
    cx, cy = outlines.points[k, 0] - left, outlines.points[k, 1] - bottom
    dx, dy = outlines.points[k + 1, 0] - left, outlines.points[k + 1, 1] - bottom
    west, east, south, north = min(cx, dx), max(cx, dx), min(cy, dy), max(cy, dy)
    length = np.hypot(dx - cx, dy - cy)
    base_x, base_y = tiles.base[t, 0], tiles.base[t, 1]
    ring = tiles.first[t]
    for i in range(tiles.ring[ring], tiles.ring[ring + 1] - 1):
        ax, bx = tiles.points[i, 0] - base_x, tiles.points[i + 1, 0] - base_x
        if min(ax, bx) > east + near or max(ax, bx) < west - near:
            continue
        ay, by = tiles.points[i, 1] - base_y, tiles.points[i + 1, 1] - base_y
        if min(ay, by) > north + near or max(ay, by) < south - near:
            continue
        own_length = np.hypot(bx - ax, by - ay)
        of_c = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        of_d = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
        of_a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
        of_b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
        if min(abs(of_c), abs(of_d)) <= near * own_length:
            return -1
        if min(abs(of_a), abs(of_b)) <= near * length:
            return -1
        if of_c * of_d > 0.0 or of_a * of_b > 0.0:
            continue
        if count == MOST_CROSSINGS:
            return -1
        found.parcel_edge[count], found.parcel_share[count] = i, of_a / (of_a - of_b)
        found.ring[count], found.edge[count], found.share[count] = r, k, of_c / (of_c - of_d)
        x, y = meeting(ax, ay, bx, by, cx, cy, dx, dy)
        found.place[count, 0], found.place[count, 1] = x + left, y + bottom
        into_left = of_d > 0.0
        found.enters[count] = into_left == (tiles.sign[ring] * outlines.sign[r] > 0.0)
        count += 1
    return count


@compiled
def corner_lies_in(tiles: TileArrays, t: int, points: Numbers, corner: int) -> bool:
    """Say whether a corner lies within the ring of a tile."""
    x, y = points[corner, 0] - tiles.corner[t, 0], points[corner, 1] - tiles.corner[t, 1]
    left, bottom = tiles.base[t, 0], tiles.base[t, 1]
    ring = tiles.first[t]
    inside = False
    for k in range(tiles.ring[ring], tiles.ring[ring + 1] - 1):
        y_a, y_b = tiles.points[k, 1] - bottom, tiles.points[k + 1, 1] - bottom
        if (y_a > y) != (y_b > y):
            x_a, x_b = tiles.points[k, 0] - left, tiles.points[k + 1, 0] - left
            if x < x_a + (y - y_a) / (y_b - y_a) * (x_b - x_a):
                inside = not inside
    return inside


@inlined
def meeting(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> tuple[float, float]:
    """Give the point where two edges cross, the same whichever way the second is written."""
    if (dx, dy) < (cx, cy):
        cx, cy, dx, dy = dx, dy, cx, cy
    of_a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    of_b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    share = of_a / (of_a - of_b)
    return ax + share * (bx - ax), ay + share * (by - ay)


@compiled
def follows(one: Numbers, a: int, b: int, edge: Rows, ring: Rows) -> bool:
    """Say whether crossing a comes after crossing b on a ring as it is written."""
    later: bool = one[a] > one[b]
    if edge[a] != edge[b]:
        later = edge[a] > edge[b]
    if ring[a] != ring[b]:
        later = ring[a] > ring[b]
    return later


@compiled
def sort_crossings(
    found: Crossings, count: int, parcel_sign: float, signs: Numbers, room: Room
) -> None:
    """Bring crossings into the order of both outlines, each with its ground to the left."""
    same = np.zeros(count, np.int64)
    for i in range(count):
        room.by_parcel[i] = room.by_outline[i] = i
    for i in range(1, count):  # they are few
        j = i
        while j > 0 and follows(
            found.parcel_share, room.by_parcel[j - 1], room.by_parcel[j], found.parcel_edge, same
        ) == (parcel_sign > 0.0):
            room.by_parcel[j - 1], room.by_parcel[j] = room.by_parcel[j], room.by_parcel[j - 1]
            j -= 1
        j = i
        while j > 0:
            a, b = room.by_outline[j - 1], room.by_outline[j]
            after = follows(found.share, a, b, found.edge, found.ring)
            if found.ring[a] == found.ring[b] and signs[found.ring[a]] < 0.0:
                after = not after
            if not after:
                break
            room.by_outline[j - 1], room.by_outline[j] = b, a
            j -= 1
    for i in range(count):
        room.at_parcel[room.by_parcel[i]] = i
        room.at_outline[room.by_outline[i]] = i


@compiled
def step_along_outline(found: Crossings, room: Room, count: int, i: int, way: int) -> int:
    """Give the next crossing along the ring of an outline, or the one before it."""
    ring = found.ring[i]
    at = room.at_outline[i] + way
    if not (0 <= at < count and found.ring[room.by_outline[at]] == ring):
        at -= way  # around the end of the ring: to its other end
        while 0 <= at - way < count and found.ring[room.by_outline[at - way]] == ring:
            at -= way
    step: int = room.by_outline[at]
    return step


@compiled
def alternate(found: Crossings, room: Room, count: int) -> bool:
    """Say whether both outlines go in and out in turn, as they must."""
    if count % 2:
        return False
    for i in range(count):
        after = room.by_parcel[(room.at_parcel[i] + 1) % count]
        if found.enters[after] == found.enters[i]:
            return False
        if found.enters[step_along_outline(found, room, count, i, 1)] == found.enters[i]:
            return False
    return True

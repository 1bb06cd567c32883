"""The compiled part of `landgis.analysis._clipping`: cut a ring by an outline that plainly crosses it.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._overlap_kernel import (
    CLOSE,
    LONG_STRETCH,
    STRETCH,
    place_of,
    place_of_edge,
)

if TYPE_CHECKING:
    from landgis.analysis._ground_kernel import Numbers, Rows, TileArrays, Truths
    from landgis.analysis._overlap_kernel import Outlines

MOST_CROSSINGS = 64  # of a ring and an outline; more are left to GEOS
PLAIN = 1e-7  # of a parcel's width: corners so near to the other's edges are left to GEOS
INNER, OUTER = 0, 1


class Crossings(NamedTuple):
    """Where an outline crosses a parcel's ring, in the order in which they were found."""

    parcel_edge: Rows
    parcel_share: Numbers  # of the edge, from its beginning
    ring: Rows
    edge: Rows
    share: Numbers
    place: Numbers  # (crossings, 2), counted from the parcel's corner
    enters: Truths  # with its ground to the left, the outline enters the parcel


class Room(NamedTuple):
    """Where the sorted crossings of one pair are written down."""

    by_parcel: Rows  # crossings as they follow one another around the parcel, ground to the left
    by_outline: Rows  # and around the rings of the outline, ground to the left
    at_parcel: Rows  # the place of each crossing in either sequence
    at_outline: Rows
    used: Truths


@compiled
def room_for_crossings() -> tuple[Crossings, Room]:
    """Make room for the crossings of one pair."""
    most = MOST_CROSSINGS
    found = Crossings(
        np.empty(most, np.int64), np.empty(most), np.empty(most, np.int64),
        np.empty(most, np.int64), np.empty(most), np.empty((most, 2)), np.empty(most, np.bool_),
    )  # fmt: skip
    room = Room(
        np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64),
        np.empty(most, np.int64), np.empty(most, np.bool_),
    )  # fmt: skip
    return found, room


@inlined
def find_crossings(
    tiles: TileArrays, t: int, outlines: Outlines, s: int, found: Crossings
) -> int:
    """Find where a shape's outline crosses the ring of a tile; -1 where that is not plain.

    Plain are rings that cross in the midst of their edges, and rings that keep clear of the tile.
    """
    west, south, east, north = tiles.box[t, 0], tiles.box[t, 1], tiles.box[t, 2], tiles.box[t, 3]
    near = PLAIN * max(east - west, north - south)
    count = 0
    for r in range(outlines.shape[s], outlines.shape[s + 1]):
        first, end = outlines.ring[r], outlines.ring[r + 1] - 1
        of_ring = count
        close = False
        k = first
        while k < end:
            place, step = CLOSE, 0
            if (k - first) & (LONG_STRETCH - 1) == 0:
                step = LONG_STRETCH
                b = outlines.long_stretch[r] + (k - first) // LONG_STRETCH
                place = place_of(
                    outlines.long_box, b, west - near, south - near, east + near, north + near
                )
            if place == CLOSE and (k - first) & (STRETCH - 1) == 0:
                step = STRETCH
                b = outlines.stretch[r] + (k - first) // STRETCH
                place = place_of(
                    outlines.box, b, west - near, south - near, east + near, north + near
                )
            if place == CLOSE:
                step = 1
                place = place_of_edge(
                    outlines.points, k, west - near, south - near, east + near, north + near
                )
            if place == CLOSE:
                close = True
                count = cross_edge(tiles, t, outlines, r, k, near, found, count)
                if count < 0:
                    return -1
            k += step
        if close and count == of_ring:
            # a ring that does not cross the tile lies in it, or beyond it
            x, y = outlines.points[first, 0], outlines.points[first, 1]
            if west <= x <= east and south <= y <= north:
                return -1
    return count


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


@inlined
def follows(one: Numbers, a: int, b: int, edge: Rows, ring: Rows) -> bool:
    """Say whether crossing a comes after crossing b on a ring as it is written."""
    if ring[a] != ring[b]:
        return ring[a] > ring[b]
    if edge[a] != edge[b]:
        return edge[a] > edge[b]
    return one[a] > one[b]


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


@inlined
def step_along_outline(found: Crossings, room: Room, count: int, i: int, way: int) -> int:
    """Give the next crossing along the ring of an outline, or the one before it."""
    ring = found.ring[i]
    at = room.at_outline[i] + way
    if 0 <= at < count and found.ring[room.by_outline[at]] == ring:
        return room.by_outline[at]
    at = room.at_outline[i]  # around the end of the ring: to its other end
    while 0 <= at - way < count and found.ring[room.by_outline[at - way]] == ring:
        at -= way
    return room.by_outline[at]


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


@inlined
def copy_corners(
    points: Numbers, first: int, end: int, start: int, stop: int, forward: bool, wraps: bool,
    kept: Numbers, at: int,
) -> int:  # fmt: skip
    """Copy the corners of a ring between a point on edge `start` and one on edge `stop`.

    The edges of the ring are numbered from `first` to before `end`; `wraps` says that the way leads
    around the whole ring where both points lie on one edge.
    """
    corners = end - first
    steps = (stop - start) % corners if forward else (start - stop) % corners
    if steps == 0 and wraps:
        steps = corners
    k = start + 1 if forward else start
    for _ in range(steps):
        if k >= end:
            k -= corners
        elif k < first:
            k += corners
        kept[at, 0], kept[at, 1] = points[k, 0], points[k, 1]
        at += 1
        k += 1 if forward else -1
    return at


@inlined
def walk(
    tiles: TileArrays, t: int, outlines: Outlines, found: Crossings, room: Room, count: int,
    side: int, begin: int, kept: Numbers, at: int,
) -> int:  # fmt: skip
    """Write the ring that begins at a crossing: of the common ground, or of the tile's rest.

    The common ground follows the outline within the tile, then the tile within the outline; the
    rest follows the tile beyond the outline, then the outline backwards. Both keep to the left.
    """
    ring = tiles.first[t]
    first, end = tiles.ring[ring], tiles.ring[ring + 1] - 1
    forward = tiles.sign[ring] > 0.0
    start_at = at
    i = begin
    while True:
        room.used[i] = True
        kept[at, 0], kept[at, 1] = found.place[i, 0], found.place[i, 1]
        at += 1
        if found.enters[i] == (side == INNER):
            way = 1 if side == INNER else -1
            j = step_along_outline(found, room, count, i, way)
            r = found.ring[i]
            along = (outlines.sign[r] > 0.0) == (way > 0)
            wraps = found.edge[i] == found.edge[j] and (found.share[i] > found.share[j]) == along
            at = copy_corners(
                outlines.points, outlines.ring[r], outlines.ring[r + 1] - 1,
                found.edge[i], found.edge[j], along, wraps, kept, at,
            )  # fmt: skip
        else:
            j = room.by_parcel[(room.at_parcel[i] + 1) % count]
            wraps = found.parcel_edge[i] == found.parcel_edge[j] and (
                (found.parcel_share[i] > found.parcel_share[j]) == forward
            )
            at = copy_corners(
                tiles.points, first, end, found.parcel_edge[i], found.parcel_edge[j],
                forward, wraps, kept, at,
            )  # fmt: skip
        i = j
        if i == begin:
            break
    kept[at, 0], kept[at, 1] = kept[start_at, 0], kept[start_at, 1]
    return at + 1


@compiled
def clip(
    tiles: TileArrays, outlines: Outlines, tile: Rows, shape: Rows, with_rest: Truths,
    first: int, last: int,
) -> tuple[Numbers, Rows, Rows, Rows, Truths]:  # fmt: skip
    """Cut tiles by shapes, pair by pair: the common ground, and where wanted the rest of the tile.

    Gives points, rings, the pair and the side of each ring, and which pairs were cut.
    """
    kept, at = np.empty((1024 + 64 * (last - first), 2)), 0
    ring, rings = np.zeros(256 + 3 * (last - first), np.int64), 0
    pair, side_of = np.empty_like(ring), np.empty_like(ring)
    done = np.zeros(last - first, np.bool_)
    found, room = room_for_crossings()
    for n in range(first, last):
        t, s = tile[n], shape[n]
        count = -1
        if tiles.last[t] == tiles.first[t] + 1:
            count = find_crossings(tiles, t, outlines, s, found)
        if count <= 0:
            continue
        sort_crossings(found, count, tiles.sign[tiles.first[t]], outlines.sign, room)
        if not alternate(found, room, count):
            continue
        # no way along the parcel is taken twice, no way along the outline is longer than its ring
        most = 2 * (2 * count + tiles.ring[tiles.last[t]] - tiles.ring[tiles.first[t]])
        for i in range(count):
            if found.enters[i]:
                most += 2 * (outlines.ring[found.ring[i] + 1] - outlines.ring[found.ring[i]])
        while at + most > len(kept):
            kept = np.concatenate((kept, np.empty_like(kept)))
        while rings + 2 * count + 2 > len(pair):
            ring = np.concatenate((ring, np.zeros_like(ring)))
            pair = np.concatenate((pair, np.empty_like(pair)))
            side_of = np.concatenate((side_of, np.empty_like(side_of)))
        for side in range(2 if with_rest[n] else 1):
            for i in range(count):
                room.used[i] = False
            for i in range(count):
                # a ring begins where the outline enters the parcel
                if found.enters[i] and not room.used[i]:
                    at = walk(tiles, t, outlines, found, room, count, side, i, kept, at)
                    pair[rings], side_of[rings] = n, side
                    rings += 1
                    ring[rings] = at
        done[n - first] = True
    return kept[:at], ring[: rings + 1], pair[:rings], side_of[:rings], done

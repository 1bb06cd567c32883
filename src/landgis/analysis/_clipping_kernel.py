"""The compiled part of `landgis.analysis._clipping`: cut a ring by an outline that plainly crosses it.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._crossings_kernel import (
    alternate,
    find_crossings,
    room_for_crossings,
    sort_crossings,
    step_along_outline,
)
from landgis.analysis._ground_kernel import compiled, inlined

if TYPE_CHECKING:
    from landgis.analysis._crossings_kernel import Crossings, Room
    from landgis.analysis._ground_kernel import Numbers, Rows, TileArrays, Truths
    from landgis.analysis._overlap_kernel import Outlines

INNER, OUTER = 0, 1


class Sheet(NamedTuple):
    """Where polygons are written down."""

    points: Numbers
    ring: Rows  # the end of each ring, after a 0
    polygon: Rows  # the ring after the last of each polygon, after a 0
    pair: Rows  # of each polygon
    side: Rows  # of each polygon


@compiled
def copy_corners(
    points: Numbers, first: int, end: int, start: tuple[int, float], stop: tuple[int, float],
    way: int, kept: Numbers, at: int,
) -> int:  # fmt: skip
    """Copy the corners of a ring between two points on it, each an edge and a share of that edge.

    The edges of the ring are numbered from `first` to before `end`; `way` is 1 or -1.
    """
    corners = end - first
    steps = way * (stop[0] - start[0]) % corners
    if steps == 0 and way * (stop[1] - start[1]) < 0.0:
        steps = corners  # around the whole ring, back to the same edge
    k = start[0] + 1 if way > 0 else start[0]
    for _ in range(steps):
        if k >= end:
            k -= corners
        elif k < first:
            k += corners
        kept[at, 0], kept[at, 1] = points[k, 0], points[k, 1]
        at += 1
        k += way
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
            at = copy_corners(
                outlines.points, outlines.ring[r], outlines.ring[r + 1] - 1,
                (found.edge[i], found.share[i]), (found.edge[j], found.share[j]),
                way if outlines.sign[r] > 0.0 else -way, kept, at,
            )  # fmt: skip
        else:
            j = room.by_parcel[(room.at_parcel[i] + 1) % count]
            at = copy_corners(
                tiles.points, first, end,
                (found.parcel_edge[i], found.parcel_share[i]),
                (found.parcel_edge[j], found.parcel_share[j]),
                1 if tiles.sign[ring] > 0.0 else -1, kept, at,
            )  # fmt: skip
        i = j
        if i == begin:
            break
    kept[at, 0], kept[at, 1] = kept[start_at, 0], kept[start_at, 1]
    return at + 1


@compiled
def copy_ring(
    points: Numbers, first: int, end: int, east: float, north: float, kept: Numbers, at: int
) -> int:
    """Copy a whole ring, moved by (`east`, `north`)."""
    for k in range(first, end):
        kept[at, 0], kept[at, 1] = points[k, 0] + east, points[k, 1] + north
        at += 1
    return at


@compiled
def lies_within(points: Numbers, corner: int, ring: Numbers, first: int, end: int) -> bool:
    """Say whether a point lies within a closed ring."""
    x, y = points[corner, 0], points[corner, 1]
    inside = False
    for k in range(first, end - 1):
        if (ring[k, 1] > y) != (ring[k + 1, 1] > y):
            share = (y - ring[k, 1]) / (ring[k + 1, 1] - ring[k, 1])
            if x < ring[k, 0] + share * (ring[k + 1, 0] - ring[k, 0]):
                inside = not inside
    return inside


@compiled
def inner_are_plain(outlines: Outlines, found: Crossings, count: int, inner: int) -> bool:
    """Say whether no ring within a tile lies in another, and what lies around them is one ground."""
    for i in range(inner):
        a = found.inner[i]
        if count == 0 and outlines.outer[a] != outlines.outer[found.inner[0]]:
            return False
        for j in range(inner):
            b = found.inner[j]
            if i != j and lies_within(
                outlines.points, outlines.ring[a], outlines.points, outlines.ring[b],
                outlines.ring[b + 1],
            ):  # fmt: skip
                return False
    return True


@inlined
def write_shell(
    tiles: TileArrays, t: int, outlines: Outlines, found: Crossings, room: Room, count: int,
    side: int, i: int, kept: Numbers, at: int,
) -> int:  # fmt: skip
    """Write the ring that begins at a crossing, or the tile's own where nothing crosses it."""
    if count > 0:
        # a ring begins where the outline enters the parcel
        if found.enters[i] and not room.used[i]:
            at = walk(tiles, t, outlines, found, room, count, side, i, kept, at)
    elif outlines.outer[found.inner[0]] == (side == OUTER):
        east = tiles.corner[t, 0] - tiles.base[t, 0]
        north = tiles.corner[t, 1] - tiles.base[t, 1]
        first, end = tiles.ring[tiles.first[t]], tiles.ring[tiles.last[t]]
        at = copy_ring(tiles.points, first, end, east, north, kept, at)
    return at


@inlined
def write_side(
    tiles: TileArrays, t: int, outlines: Outlines, found: Crossings, room: Room,
    count: int, inner: int, side: int, sheet: Sheet, rings: int, polygons: int,
) -> tuple[int, int]:  # fmt: skip
    """Write the polygons on one side of an outline: shells with their holes, and rings within."""
    points = sheet.points
    at = sheet.ring[rings]
    for i in range(count):
        room.used[i] = False
    for i in range(max(count, 1)):
        begin = at
        at = end = write_shell(tiles, t, outlines, found, room, count, side, i, points, at)
        if at == begin:
            continue
        rings += 1
        sheet.ring[rings] = at
        for j in range(inner):
            r = found.inner[j]
            first, last = outlines.ring[r], outlines.ring[r + 1]
            is_hole = outlines.outer[r] == (side == OUTER)
            if is_hole and lies_within(outlines.points, first, points, begin, end):
                at = copy_ring(outlines.points, first, last, 0.0, 0.0, points, at)
                rings += 1
                sheet.ring[rings] = at
        polygons += 1
        sheet.polygon[polygons] = rings
    for j in range(inner):
        r = found.inner[j]
        if outlines.outer[r] != (side == OUTER):
            first, last = outlines.ring[r], outlines.ring[r + 1]
            at = copy_ring(outlines.points, first, last, 0.0, 0.0, points, at)
            rings, polygons = rings + 1, polygons + 1
            sheet.ring[rings], sheet.polygon[polygons] = at, rings
    return rings, polygons


@compiled
def find_and_sort(
    tiles: TileArrays, t: int, outlines: Outlines, s: int, found: Crossings, room: Room
) -> tuple[int, int]:
    """Find crossings and inner rings, and bring them in order; -1 where that is not plain."""
    if tiles.last[t] != tiles.first[t] + 1:
        return -1, 0
    count, inner = find_crossings(tiles, t, outlines, s, found)
    if count < 0 or count + inner == 0:
        return -1, 0
    if inner > 0 and not inner_are_plain(outlines, found, count, inner):
        return -1, 0
    if count > 0:
        sort_crossings(found, count, tiles.sign[tiles.first[t]], outlines.sign, room)
        if not alternate(found, room, count):
            return -1, 0
    return count, inner


@inlined
def most_corners(
    tiles: TileArrays, t: int, outlines: Outlines, found: Crossings, count: int, inner: int
) -> int:
    """Bound the corners of what cutting a tile will give.

    No way along the tile is taken twice, no way along the outline is longer than its ring.
    """
    most: int = 2 * (2 * count + tiles.ring[tiles.last[t]] - tiles.ring[tiles.first[t]])
    for i in range(count):
        most += outlines.ring[found.ring[i] + 1] - outlines.ring[found.ring[i]]
    for i in range(inner):
        most += 2 * (outlines.ring[found.inner[i] + 1] - outlines.ring[found.inner[i]])
    return most


@compiled
def grown(sheet: Sheet, corners: int, rings: int) -> Sheet:
    """Give a sheet with room for so many corners and rings."""
    points, ring, polygon, pair, side = sheet
    while len(points) < corners:
        points = np.concatenate((points, np.empty_like(points)))
    while len(ring) < rings:
        ring = np.concatenate((ring, np.zeros_like(ring)))
        polygon = np.concatenate((polygon, np.zeros_like(polygon)))
        pair = np.concatenate((pair, np.empty_like(pair)))
        side = np.concatenate((side, np.empty_like(side)))
    return Sheet(points, ring, polygon, pair, side)


@compiled
def clip(
    tiles: TileArrays, outlines: Outlines, tile: Rows, shape: Rows, with_rest: Truths,
    first: int, last: int,
) -> tuple[Sheet, Truths]:  # fmt: skip
    """Cut tiles by shapes, pair by pair: the common ground, and where wanted the rest of the tile.

    Gives the polygons, and which pairs were cut.
    """
    room_for = 256 + 3 * (last - first)
    sheet = Sheet(
        np.empty((1024 + 64 * (last - first), 2)), np.zeros(room_for, np.int64),
        np.zeros(room_for, np.int64), np.empty(room_for, np.int64), np.empty(room_for, np.int64),
    )  # fmt: skip
    rings = polygons = 0
    done = np.zeros(last - first, np.bool_)
    found, room = room_for_crossings(outlines)
    for n in range(first, last):
        t = tile[n]
        count, inner = find_and_sort(tiles, t, outlines, shape[n], found, room)
        if count < 0:
            continue
        corners = sheet.ring[rings] + most_corners(tiles, t, outlines, found, count, inner)
        sheet = grown(sheet, corners, rings + 2 * (count + inner) + 4)
        for side in range(2 if with_rest[n] else 1):
            begin = polygons
            rings, polygons = write_side(
                tiles, t, outlines, found, room, count, inner, side, sheet, rings, polygons
            )
            sheet.pair[begin:polygons], sheet.side[begin:polygons] = n, side
        done[n - first] = True
    written = Sheet(
        sheet.points[: sheet.ring[rings]], sheet.ring[: rings + 1], sheet.polygon[: polygons + 1],
        sheet.pair[:polygons], sheet.side[:polygons],
    )  # fmt: skip
    return written, done

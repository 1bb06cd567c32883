"""The compiled part of `landgis.analysis._overlap`: outlines, and the ground of pairs.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import (
    TileArrays,
    compiled,
    ground_between,
    ground_west_of,
    inlined,
    weight_of,
)

if TYPE_CHECKING:
    from landgis.analysis._ground_kernel import Numbers, Rows, Truths, Weight


STRETCH = 16  # edges in a row that share a box (fastest by trial)
LONG_STRETCH = 128

# where an edge or a stretch of edges lies as seen from a tile
CLOSE, BESIDE, BELOW = 0, 1, 2


class Outlines(NamedTuple):
    """Rings of many shapes, with boxes around stretches of their edges."""

    points: Numbers  # (points, 2), each ring with its first corner again at its end
    ring: Rows  # first point of each ring, and the end
    outer: Truths  # of each ring: a shell, not a hole
    sign: Numbers  # of each ring: +1 where ground lies to the left of its edges
    shape: Rows  # first ring of each shape, and the end
    extent: Numbers  # (shapes, 4)
    stretch: Rows  # first stretch of each ring, and the end
    box: Numbers  # (stretches, 4): west, south, east, north
    long_stretch: Rows
    long_box: Numbers


class Sight(NamedTuple):
    """What is seen of a ring from a tile: edges, and where they lie."""

    edge: Rows
    place: Rows


class Edges(NamedTuple):
    """Edges in a row, counted from the corner of a tile."""

    x: Numbers  # a point of each
    y: Numbers
    west: Numbers
    east: Numbers
    low: Numbers
    steep: Numbers  # northing by easting
    sign: Numbers  # +1 where ground lies below it
    many: Rows  # how many there are: one number


class Room(NamedTuple):
    """Where one pair after another is reckoned."""

    sight: Sight
    own: Edges  # of the tile


@compiled
def room_for_sight(outlines: Outlines) -> Sight:
    """Make room for what is seen of any ring."""
    most = 1
    for r in range(len(outlines.ring) - 1):
        most = max(most, outlines.ring[r + 1] - outlines.ring[r])
    return Sight(np.empty(most, np.int64), np.empty(most, np.int64))


@compiled
def room_for_pairs(tiles: TileArrays, outlines: Outlines) -> Room:
    """Make room for any pair of tile and shape."""
    edges = 1
    for t in range(len(tiles.first)):
        edges = max(edges, tiles.ring[tiles.last[t]] - tiles.ring[tiles.first[t]])
    return Room(
        room_for_sight(outlines),
        Edges(
            np.empty(edges), np.empty(edges), np.empty(edges), np.empty(edges),
            np.empty(edges), np.empty(edges), np.empty(edges), np.zeros(1, np.int64),
        ),
    )  # fmt: skip


@compiled
def count_stretches(ring: Rows, length: int) -> Rows:
    """Give the number of the first stretch of each ring, and the end."""
    first = np.zeros(len(ring), np.int64)
    for r in range(len(ring) - 1):
        edges = ring[r + 1] - ring[r] - 1
        first[r + 1] = first[r] + (edges + length - 1) // length
    return first


@compiled
def boxes_of_stretches(points: Numbers, ring: Rows, first: Rows, length: int) -> Numbers:
    """Draw boxes around stretches of edges; neighbours share a corner."""
    box = np.empty((first[-1], 4))
    for r in range(len(ring) - 1):
        last = ring[r + 1] - 1
        for b in range(first[r], first[r + 1]):
            begin = ring[r] + (b - first[r]) * length
            west = east = points[begin, 0]
            south = north = points[begin, 1]
            for k in range(begin + 1, min(begin + length, last) + 1):
                west, east = min(west, points[k, 0]), max(east, points[k, 0])
                south, north = min(south, points[k, 1]), max(north, points[k, 1])
            box[b, 0], box[b, 1], box[b, 2], box[b, 3] = west, south, east, north
    return box


@inlined
def place_of(box: Numbers, b: int, west: float, south: float, east: float, north: float) -> int:
    """Say where the edges within a box lie as seen from a tile that reaches from west to north.

    Ground below edges that lie below the tile is none of the tile's. Edges beside or above it
    bound ground that reaches over the whole height of the tile.
    """
    if box[b, 0] >= east or box[b, 2] <= west:
        return BESIDE
    if box[b, 3] <= south:
        return BELOW
    if box[b, 1] >= north:
        return BESIDE
    return CLOSE


@inlined
def ground_to(x: float, tiles: TileArrays, t: int) -> float:
    """Weigh the ground of a tile west of x."""
    if x <= tiles.box[t, 0]:
        return 0.0
    if x >= tiles.box[t, 2]:
        whole: float = tiles.area[t]
        return whole
    return ground_within(x, tiles, t)


@compiled
def ground_within(x: float, tiles: TileArrays, t: int) -> float:
    """Weigh the ground of a tile west of an x that runs through it."""
    weight = weight_of(tiles.weight, t)
    west: float = ground_west_of(x - tiles.corner[t, 0], tiles, t, weight)
    return west


@inlined
def look_along(
    outlines: Outlines, r: int, west: float, south: float, east: float, north: float, sight: Sight
) -> int:
    """Walk along a ring and write down what is seen from a tile that reaches from west to north.

    Every edge that comes close is written down, of other edges in a row that lie alike the first,
    and the end of the ring. Gives how many.
    """
    first, end = outlines.ring[r], outlines.ring[r + 1] - 1
    seen = 0
    before = CLOSE
    k = first
    while k < end:
        place, step = CLOSE, 0
        if (k - first) & (LONG_STRETCH - 1) == 0:
            step = LONG_STRETCH
            b = outlines.long_stretch[r] + (k - first) // LONG_STRETCH
            place = place_of(outlines.long_box, b, west, south, east, north)
        if place == CLOSE:
            step = STRETCH
            b = outlines.stretch[r] + (k - first) // STRETCH
            place = place_of(outlines.box, b, west, south, east, north)
        if place == CLOSE:
            for edge in range(k, min(k + STRETCH, end)):  # without a branch: none can be foreseen
                place = place_of_edge(outlines.points, edge, west, south, east, north)
                sight.edge[seen], sight.place[seen] = edge, place
                seen += (place == CLOSE) | (place != before)
                before = place
        elif place != before:
            sight.edge[seen], sight.place[seen] = k, place
            seen += 1
            before = place
        k += step
    sight.edge[seen], sight.place[seen] = end, BELOW
    return seen + 1


@inlined
def place_of_edge(
    points: Numbers, k: int, west: float, south: float, east: float, north: float
) -> int:
    """Say where one edge lies, as `place_of` does of many."""
    x, next_x, y, next_y = points[k, 0], points[k + 1, 0], points[k, 1], points[k + 1, 1]
    aside = (min(x, next_x) >= east) | (max(x, next_x) <= west)
    below = (max(y, next_y) <= south) & (not aside)
    above = (min(y, next_y) >= north) & (not below)
    place: int = BESIDE * (aside | above) + BELOW * below
    return place


@inlined
def ground_in_ring(
    outlines: Outlines, r: int, tiles: TileArrays, t: int, weight: Weight, room: Room
) -> float:
    """Weigh the ground of a tile to the left of a ring.

    Edge by edge the ground of the tile below the edge is added from east to west and taken away
    from west to east. Where edges in a row lie beside or above the tile, the sum over them is the
    ground between their first and their last corner; where they lie below it, nothing.
    """
    sight = room.sight
    west, south, east, north = tiles.box[t, 0], tiles.box[t, 1], tiles.box[t, 2], tiles.box[t, 3]
    seen = look_along(outlines, r, west, south, east, north, sight)
    if seen == 2 and sight.place[0] != CLOSE:  # noqa: PLR2004 - all of the ring, and its end
        return 0.0
    ground, from_x = 0.0, 0.0
    beside = False
    for i in range(seen):
        k, place = sight.edge[i], sight.place[i]
        x = outlines.points[k, 0]
        if beside:
            ground += ground_to(from_x, tiles, t) - ground_to(x, tiles, t)
        if place == CLOSE:
            if room.own.many[0] == 0:
                read_edges(tiles, t, room.own)
            ground += ground_below_edge(outlines.points, k, tiles, t, weight, room.own)
        beside, from_x = place == BESIDE, x
    return ground


@inlined
def ground_below_edge(
    points: Numbers, k: int, tiles: TileArrays, t: int, weight: Weight, own: Edges
) -> float:
    """Weigh the ground of a tile below an edge, negative where it runs from west to east.

    The tile is the signed sum of the ground below its own edges f, so the ground below an edge g is
    the signed sum of ∫ min(f, g) over them. Above every x the signs of a tile sum to nothing; so do
    the ∫ g, and what is left are the f below g: ∫ (f - g), one trapezoid each, or a triangle where
    the edges cross. Few edges of the tile reach below g.
    """
    left, bottom = tiles.corner[t, 0], tiles.corner[t, 1]
    x, next_x = points[k, 0] - left, points[k + 1, 0] - left
    y, next_y = points[k, 1] - bottom, points[k + 1, 1] - bottom
    if x == next_x:
        return 0.0
    a, y_a, b, y_b = (x, y, next_x, next_y) if x < next_x else (next_x, next_y, x, y)
    top, slope = max(y_a, y_b), (y_b - y_a) / (b - a)
    ground = 0.0
    for f in range(own.many[0]):
        if own.west[f] < b and own.east[f] > a and own.low[f] < top:
            ground += own.sign[f] * ground_below_both(own, f, a, y_a, b, slope, weight)
    return -ground if x < next_x else ground


@inlined
def ground_below_both(
    own: Edges, f: int, a: float, y_a: float, b: float, slope: float, weight: Weight
) -> float:
    """Weigh the ground between an edge f and another, from a to b, where f is the lower, negative."""
    x, y, steep = own.x[f], own.y[f], own.steep[f]
    west, east = max(own.west[f], a), min(own.east[f], b)
    f_west, f_east = y + steep * (west - x), y + steep * (east - x)
    g_west, g_east = y_a + slope * (west - a), y_a + slope * (east - a)
    over_west, over_east = f_west - g_west, f_east - g_east
    if over_west >= 0.0 and over_east >= 0.0:
        return 0.0
    if over_west > 0.0:
        share = over_west / (over_west - over_east)
        west += share * (east - west)
        f_west += share * (f_east - f_west)
        g_west = f_west
    elif over_east > 0.0:
        share = over_west / (over_west - over_east)
        east = west + share * (east - west)
        f_east = f_west + share * (f_east - f_west)
        g_east = f_east
    strip: float = ground_between(west, f_west, g_west, east, f_east, g_east, weight)
    return strip


@inlined
def read_edges(tiles: TileArrays, t: int, own: Edges) -> None:
    """Write down the edges of a tile that are not vertical."""
    left, bottom = tiles.base[t, 0], tiles.base[t, 1]
    count = 0
    for r in range(tiles.first[t], tiles.last[t]):
        for k in range(tiles.ring[r], tiles.ring[r + 1] - 1):
            x, next_x = tiles.points[k, 0] - left, tiles.points[k + 1, 0] - left
            if x == next_x:
                continue
            y, next_y = tiles.points[k, 1] - bottom, tiles.points[k + 1, 1] - bottom
            own.x[count], own.y[count] = x, y
            own.west[count], own.east[count] = min(x, next_x), max(x, next_x)
            own.low[count], own.steep[count] = min(y, next_y), (next_y - y) / (next_x - x)
            own.sign[count] = tiles.sign[r] if x > next_x else -tiles.sign[r]
            count += 1
    own.many[0] = count


@inlined
def ground_in_shape(outlines: Outlines, s: int, tiles: TileArrays, t: int, room: Room) -> float:
    """Weigh the ground that a tile and a shape have in common."""
    weight = weight_of(tiles.weight, t)
    ground = 0.0
    room.own.many[0] = 0  # not read yet
    for r in range(outlines.shape[s], outlines.shape[s + 1]):
        ground += outlines.sign[r] * ground_in_ring(outlines, r, tiles, t, weight, room)
    return ground


@compiled
def sweep(tiles: TileArrays, outlines: Outlines, tile: Rows, shape: Rows) -> Numbers:
    """Measure the common ground of pairs of tiles and shapes."""
    area = np.empty(len(tile))
    room = room_for_pairs(tiles, outlines)
    for n in range(len(tile)):
        area[n] = ground_in_shape(outlines, shape[n], tiles, tile[n], room)
    return area

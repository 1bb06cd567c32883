"""The compiled part of `landgis.analysis._ground`: signed edges, tiles and the ground below edges.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Numbers = NDArray[np.float64]
    Truths = NDArray[np.bool_]
    Weight = tuple[float, float, float, float, float, float]

Function = TypeVar("Function", bound="Callable[..., Any]")

TILE_EDGES = 128  # usually, as every edge of a tile is looked at beside every edge close to it
ANY_EDGES = 2**62
MANY_RINGS = 64  # of a polygon: the end of each is sought among the points of all
MAX_HALVINGS = 40  # between a shape and its smallest tile: where many edges meet in one point
NODE = 0.5 / 3.0**0.5  # half of 1/√3: where Gauss takes a stretch of unit length, from its middle


class TileArrays(NamedTuple):
    """Tiles: rings of shapes or of parts of shapes, counted from a corner of the shape."""

    points: Numbers  # (points, 2), each ring with its first corner again at its end
    ring: Rows  # first point of each ring, and the end
    sign: Numbers  # of each ring: +1 where ground lies to the left of its edges
    first: Rows  # first ring of each tile
    last: Rows  # and the ring after its last
    base: Numbers  # (tiles, 2): what to take from the points, that they count from the corner
    corner: Numbers  # (tiles, 2): where the corner lies in the plane
    box: Numbers  # (tiles, 4): west, south, east, north in the plane
    weight: Numbers  # (tiles, 6): what a square unit counts for around the tile
    area: Numbers  # of each tile


def compiled(function: Function) -> Function:
    """Compile once per installation; run without the interpreter's lock."""
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Function) -> Function:
    """Compile into the callers: handing over many arrays would cost more than the work.

    So would counting who holds them, array by array and pair by pair, which also makes threads wait
    for one another. Such a function therefore makes no arrays and calls none that does; its caller
    holds those that it reads.
    """
    options = {"nogil": True, "error_model": "numpy", "forceinline": True, "_nrt": False}
    return cast("Function", njit(**options)(function))


@compiled
def have_a_place(points: Numbers, first: Rows, farthest: float) -> Truths:
    """Say of runs of points whether all have coordinates below a bound."""
    placed = np.ones(len(first) - 1, np.bool_)
    for p in range(len(placed)):
        for k in range(first[p], first[p + 1]):
            x, y = abs(points[k, 0]), abs(points[k, 1])
            placed[p] &= (x < farthest) & (y < farthest)
    return placed


@compiled
def lengths_of_rings(points: Numbers, first: Rows, count: Rows) -> tuple[Rows, Truths]:
    """Give the points of every ring of polygons that have so many rings, one after the other.

    A ring ends where its first corner comes again. Where that corner comes once more after that,
    where points are left over or missing, the second answer is False and the lengths mean nothing.
    """
    length = np.zeros(count.sum(), np.int64)
    plain = count <= MANY_RINGS
    r = 0
    for p in range(len(count)):
        begin, end = first[p], first[p + 1]
        last = r + count[p] - 1
        if plain[p]:
            for ring in range(r, last):
                length[ring] = until_again(points, begin, end)
                begin += length[ring]
                if begin >= end or until_again(points, begin - 1, end) <= end - begin + 1:
                    plain[p] = False
                    break
        length[last] = end - begin
        if plain[p] and count[p] > 1:
            plain[p] = until_again(points, begin, end) == end - begin
        r = last + 1
    return length, plain


@compiled
def until_again(points: Numbers, begin: int, end: int) -> int:
    """Count the points until the first one has come again; one more than there are where not."""
    x, y = points[begin, 0], points[begin, 1]
    for k in range(begin + 1, end):
        if points[k, 0] == x and points[k, 1] == y:
            return k + 1 - begin
    return end - begin + 1


@compiled
def turns_left(points: Numbers, first: int, last: int) -> bool:
    """Tell whether a closed ring, written with its first corner again at the end, turns left."""
    x, y = points[first, 0], points[first, 1]
    twice = 0.0
    for k in range(first, last - 1):
        a, b = points[k, 0] - x, points[k, 1] - y
        twice += a * (points[k + 1, 1] - y) - (points[k + 1, 0] - x) * b
    return twice > 0.0


@compiled
def ring_signs(points: Numbers, ring: Rows, outer: Truths) -> Numbers:
    """Give +1 for rings with ground to the left of their edges, -1 for the others."""
    sign = np.empty(len(outer))
    for r in range(len(outer)):
        sign[r] = 1.0 if turns_left(points, ring[r], ring[r + 1]) == outer[r] else -1.0
    return sign


@compiled
def halve(
    points: Numbers, ring: Rows, sign: Numbers, axis: int, line: float, side: float
) -> tuple[Numbers, Rows, Numbers]:
    """Keep what lies on one side of a line (Sutherland and Hodgman 1974), ring by ring.

    The line runs across `axis`; `side` is +1 to keep what lies beyond it, -1 to keep what lies
    before it. Runs along the line shrink to their ends.
    """
    kept = np.empty((2 * len(points), 2))
    new_ring = np.zeros(len(ring), np.int64)
    new_sign = np.empty(len(sign))
    rings = at = 0
    for r in range(len(sign)):
        begin = at
        for k in range(ring[r], ring[r + 1] - 1):
            m, next_m = points[k, axis], points[k + 1, axis]
            if (m - line) * side >= 0.0:
                at = append(kept, begin, at, axis, m, points[k, 1 - axis], line)
            if (m - line) * (next_m - line) < 0.0:
                # from the smaller to the greater, so that neighbours cut a shared edge alike
                a, b = (k, k + 1) if m < next_m else (k + 1, k)
                slope = (points[b, 1 - axis] - points[a, 1 - axis]) / (
                    points[b, axis] - points[a, axis]
                )
                crossing = points[a, 1 - axis] + (line - points[a, axis]) * slope
                at = append(kept, begin, at, axis, line, crossing, line)
        if at - begin >= 3:  # noqa: PLR2004 - fewer corners enclose nothing
            kept[at, 0], kept[at, 1] = kept[begin, 0], kept[begin, 1]
            at += 1
            new_sign[rings] = sign[r]
            rings += 1
            new_ring[rings] = at
        else:
            at = begin
    return kept[:at].copy(), new_ring[: rings + 1].copy(), new_sign[:rings].copy()


@compiled
def append(
    kept: Numbers, begin: int, at: int, axis: int, across: float, along: float, line: float
) -> int:
    """Add a corner; of three in a row on the line the middle one goes."""
    if (
        at - begin > 1
        and across == line
        and kept[at - 1, axis] == line
        and kept[at - 2, axis] == line
    ):
        at -= 1
    kept[at, axis], kept[at, 1 - axis] = across, along
    return at + 1


@compiled
def reach_of(points: Numbers, first: int, last: int) -> tuple[float, float, float, float]:
    """Give west, south, east and north of some points."""
    west = south = np.inf
    east = north = -np.inf
    for k in range(first, last):
        west, south = min(west, points[k, 0]), min(south, points[k, 1])
        east, north = max(east, points[k, 0]), max(north, points[k, 1])
    return west, south, east, north


@compiled
def extents(points: Numbers, ring: Rows, first: Rows) -> Numbers:
    """Draw boxes around shapes: west, south, east, north; turned inside out without rings."""
    extent = np.empty((len(first) - 1, 4))
    for s in range(len(extent)):
        extent[s, 0], extent[s, 1], extent[s, 2], extent[s, 3] = reach_of(
            points, ring[first[s]], ring[first[s + 1]]
        )
    return extent


@compiled
def halve_until_small(
    points: Numbers, ring: Rows, sign: Numbers, largest: float, most_edges: int
) -> list[tuple[Numbers, Rows, Numbers]]:
    """Halve a shape across its longer side until no part has many edges or is beyond `largest`."""
    waiting = [(points, ring, sign, 0)]
    small = [(points, ring, sign)]
    small.clear()
    while len(waiting) > 0:
        part, part_ring, part_sign, halvings = waiting.pop()
        if len(part) == 0:
            continue
        west, south, east, north = reach_of(part, 0, len(part))
        wide = east - west > largest or north - south > largest
        if halvings == MAX_HALVINGS or not (wide or len(part) > most_edges):
            small.append((part, part_ring, part_sign))
            continue
        axis = 0 if east - west > north - south else 1
        line = 0.5 * (west + east) if axis == 0 else 0.5 * (south + north)
        for side in (1.0, -1.0):
            half = halve(part, part_ring, part_sign, axis, line, side)
            waiting.append((half[0], half[1], half[2], halvings + 1))
    return small


@compiled
def cut(
    points: Numbers, ring: Rows, sign: Numbers, shape: Rows, rows: Rows,
    largest: float, most_edges: int,
) -> tuple[Numbers, Rows, Numbers, Rows, Rows]:  # fmt: skip
    """Cut some shapes into tiles counted from the shape's south-west corner.

    Gives points, rings, signs, the rings of each tile and the shape each is a tile of.
    """
    tiles = [(points[:0], ring[:1], sign[:0])]
    tiles.clear()
    owners = [0]
    owners.clear()
    corners = rings = 0
    for s in rows:
        first, last = ring[shape[s]], ring[shape[s + 1]]
        west, south, _, _ = reach_of(points, first, last)
        own = np.empty((last - first, 2))
        for k in range(len(own)):
            own[k, 0], own[k, 1] = points[first + k, 0] - west, points[first + k, 1] - south
        own_ring = ring[shape[s] : shape[s + 1] + 1] - first
        own_sign = sign[shape[s] : shape[s + 1]].copy()
        for tile in halve_until_small(own, own_ring, own_sign, largest, most_edges):
            tiles.append(tile)
            owners.append(s)
            corners, rings = corners + len(tile[0]), rings + len(tile[2])
    all_points, all_rings = np.empty((corners, 2)), np.zeros(rings + 1, np.int64)
    all_signs, first_ring = np.empty(rings), np.zeros(len(tiles) + 1, np.int64)
    owner = np.empty(len(tiles), np.int64)
    corners = rings = 0
    for t in range(len(tiles)):
        part, part_ring, part_sign = tiles[t]
        all_points[corners : corners + len(part)] = part
        all_signs[rings : rings + len(part_sign)] = part_sign
        all_rings[rings : rings + len(part_ring)] = part_ring + corners
        corners, rings = corners + len(part), rings + len(part_sign)
        first_ring[t + 1], owner[t] = rings, owners[t]
    return all_points, all_rings, all_signs, first_ring, owner


@inlined
def height_weighed(x: float, y: float, weight: Weight) -> float:
    """Integrate the weight over the heights up to y."""
    w0, w1, w2, w3, w4, w5 = weight
    return y * (w0 + x * (w1 + x * w3) + y * (w2 + x * w4 + y * w5))


@inlined
def ground_below(a: float, y_a: float, b: float, y_b: float, weight: Weight) -> float:
    """Weigh the ground below a straight edge from (a, y_a) to (b, y_b).

    The weight is quadratic, so up to the edge it adds up to a cubic of x, which Gauss's rule with
    two points integrates exactly.
    """
    x, y = 0.5 * (a + b), 0.5 * (y_a + y_b)
    dx, dy = NODE * (b - a), NODE * (y_b - y_a)
    heights = height_weighed(x - dx, y - dy, weight) + height_weighed(x + dx, y + dy, weight)
    ground: float = 0.5 * (b - a) * heights
    return ground


@inlined
def height_between(x: float, f: float, g: float, weight: Weight) -> float:
    """Integrate the weight over the heights from g up to f."""
    w0, w1, w2, w3, w4, w5 = weight
    both = f + g
    return (f - g) * (w0 + x * (w1 + x * w3) + (w2 + x * w4) * both + w5 * (both * both - f * g))


@inlined
def ground_between(
    a: float, f_a: float, g_a: float, b: float, f_b: float, g_b: float, weight: Weight
) -> float:
    """Weigh the ground between two straight lines over a to b, negative where f is the lower."""
    x, f, g = 0.5 * (a + b), 0.5 * (f_a + f_b), 0.5 * (g_a + g_b)
    dx, df, dg = NODE * (b - a), NODE * (f_b - f_a), NODE * (g_b - g_a)
    before = height_between(x - dx, f - df, g - dg, weight)
    after = height_between(x + dx, f + df, g + dg, weight)
    ground: float = 0.5 * (b - a) * (before + after)
    return ground


@inlined
def weight_of(weights: Numbers, row: int) -> Weight:
    """Read the weight w0 + w1 x + w2 y + w3 x² + w4 x y + w5 y², made ready to integrate over y."""
    return (
        weights[row, 0], weights[row, 1], 0.5 * weights[row, 2],
        weights[row, 3], 0.5 * weights[row, 4], weights[row, 5] / 3.0,
    )  # fmt: skip


@inlined
def ground_west_of(x: float, tiles: TileArrays, t: int, weight: Weight) -> float:
    """Weigh the ground of a tile west of x, counted from its corner."""
    ground = 0.0
    left, bottom = tiles.base[t, 0], tiles.base[t, 1]
    for r in range(tiles.first[t], tiles.last[t]):
        of_ring = 0.0
        for k in range(tiles.ring[r], tiles.ring[r + 1] - 1):
            a, b = tiles.points[k, 0] - left, tiles.points[k + 1, 0] - left
            if a == b or min(a, b) >= x:
                continue
            y_a, y_b = tiles.points[k, 1] - bottom, tiles.points[k + 1, 1] - bottom
            if a > x:
                a, y_a = x, y_b + (y_a - y_b) / (a - b) * (x - b)
            elif b > x:
                b, y_b = x, y_a + (y_b - y_a) / (b - a) * (x - a)
            of_ring -= ground_below(a, y_a, b, y_b, weight)
        ground += tiles.sign[r] * of_ring
    return ground


@compiled
def measure(tiles: TileArrays, first: int, end: int) -> None:
    """Measure some tiles whole: the signed sum of the ground below their edges."""
    for t in range(first, end):
        tiles.area[t] = ground_west_of(np.inf, tiles, t, weight_of(tiles.weight, t))


@compiled
def blocks_of(box: Numbers, block: float, across: int) -> Rows:
    """Give the number of the square block in which the middle of each box lies."""
    number = np.empty(len(box), np.int64)
    for t in range(len(box)):
        x, y = 0.5 * (box[t, 0] + box[t, 2]), 0.5 * (box[t, 1] + box[t, 3])
        number[t] = int(np.floor(x / block)) * across + int(np.floor(y / block))
    return number


@compiled
def follow(
    corner: Numbers, box: Numbers, block: float, place: Rows, fitted: Numbers, weight: Numbers
) -> None:
    """Write the weight around every tile: the scale of its block, to the second degree.

    `fitted` holds the scale of each block as a polynomial of (u, v), from -1 to 1 across the block,
    of third degree in each; `place` says which is whose. The weight counts from the corner.
    """
    power = fitted.shape[1]
    half = 0.5 * block
    for t in range(len(weight)):
        x, y = 0.5 * (box[t, 0] + box[t, 2]), 0.5 * (box[t, 1] + box[t, 3])
        u = 2.0 * (x / block - np.floor(x / block)) - 1.0
        v = 2.0 * (y / block - np.floor(y / block)) - 1.0
        w0 = w1 = w2 = w3 = w4 = w5 = 0.0
        for i in range(power - 1, -1, -1):
            c = c_v = c_vv = 0.0  # a row of coefficients at v, and its derivatives
            for j in range(power - 1, -1, -1):
                c_vv = c_vv * v + c_v
                c_v = c_v * v + c
                c = c * v + fitted[place[t], i, j]
            w3, w1, w0 = w3 * u + w1, w1 * u + w0, w0 * u + c
            w4, w2 = w4 * u + w2, w2 * u + c_v
            w5 = w5 * u + c_vv
        w1, w2, w3, w4, w5 = w1 / half, w2 / half, w3 / half**2, w4 / half**2, w5 / half**2
        east, north = corner[t, 0] - x, corner[t, 1] - y
        weight[t, 0] = w0 + east * (w1 + w3 * east + w4 * north) + north * (w2 + w5 * north)
        weight[t, 1] = w1 + 2.0 * w3 * east + w4 * north
        weight[t, 2] = w2 + 2.0 * w5 * north + w4 * east
        weight[t, 3], weight[t, 4], weight[t, 5] = w3, w4, w5

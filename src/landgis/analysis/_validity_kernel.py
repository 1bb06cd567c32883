"""The compiled part of `landgis.analysis._validity`: shapes whose edges plainly keep apart.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import compiled, inlined

if TYPE_CHECKING:
    from landgis.analysis._ground_kernel import Numbers, Rows, Truths

CHAIN = 16  # edges at most
FEW_CHAINS = 64  # so few are compared as they come; more are first sorted from west to east
ROUNDING = 1e-15  # of a determinant, as a share of its two products; four roundings of 2^-53


class Chains(NamedTuple):
    """Runs of edges that all head for one quadrant, so that none touches another of its run."""

    first: Rows  # edge of each, named by the point where it begins
    stop: Rows  # and the edge after its last
    ring: Rows
    box: Numbers  # (chains, 4): west, south, east, north


@compiled
def plainly_valid(
    points: Numbers, ring: Rows, outer: Truths, shape: Rows, first: int, last: int, valid: Truths
) -> None:
    """Say of some shapes whether they are valid beyond doubt; the others are left alone."""
    most = 0
    for s in range(first, last):
        most = max(most, ring[shape[s + 1]] - ring[shape[s]])
    room = Chains(
        np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64),
        np.empty((most, 4)),
    )  # fmt: skip
    for s in range(first, last):
        begin, end = shape[s], shape[s + 1]
        if begin == end:
            continue
        count = link(points, ring, begin, end, room)
        valid[s] = (
            count > 0
            and chains_keep_apart(points, ring, room, count)
            and (end - begin == 1 or rings_are_nested(points, ring, outer, begin, end))
        )


@compiled
def link(points: Numbers, ring: Rows, begin: int, end: int, chains: Chains) -> int:
    """Write down the chains of rings and give their number; 0 where an edge has no length."""
    count = 0
    for r in range(begin, end):
        final = ring[r + 1] - 1
        if final - ring[r] < 3:  # noqa: PLR2004 - fewer corners enclose nothing
            return 0
        k = ring[r]
        while k < final:
            start = k
            x, y = points[k, 0], points[k, 1]
            west = east = x
            south = north = y
            right = left = up = down = False
            while k < final and k - start < CHAIN:
                next_x, next_y = points[k + 1, 0], points[k + 1, 1]
                right, left = right or next_x > x, left or next_x < x
                up, down = up or next_y > y, down or next_y < y
                if (right and left) or (up and down):
                    break
                if x == next_x and y == next_y:
                    return 0
                x, y = next_x, next_y
                west, east = min(west, x), max(east, x)
                south, north = min(south, y), max(north, y)
                k += 1
            chains.first[count], chains.stop[count], chains.ring[count] = start, k, r
            chains.box[count, 0], chains.box[count, 1] = west, south
            chains.box[count, 2], chains.box[count, 3] = east, north
            count += 1
    return count


@compiled
def chains_keep_apart(points: Numbers, ring: Rows, chains: Chains, count: int) -> bool:
    """Say whether no chains touch, but neighbours in their common corner."""
    box = chains.box
    order = np.arange(count)
    if count > FEW_CHAINS:
        order = np.argsort(box[:count, 0])
    for i in range(count):
        a = order[i]
        for j in range(i + 1, count):
            b = order[j]
            if box[b, 0] > box[a, 2]:
                if count > FEW_CHAINS:
                    break
                continue
            if box[b, 1] > box[a, 3] or box[a, 1] > box[b, 3] or box[a, 0] > box[b, 2]:
                continue
            one, later = min(a, b), max(a, b)
            if meet_in_a_corner(points, ring, chains, one, later):
                continue
            if not two_keep_apart(points, ring, chains, one, later):
                return False
    return True


@inlined
def meet_in_a_corner(points: Numbers, ring: Rows, chains: Chains, a: int, b: int) -> bool:
    """Say whether a chain and a later one are neighbours that a line through their corner parts.

    The one before keeps to one side of it, the one after to the other, and the edges at the corner
    do not run along it, so that no other point of theirs lies on it.
    """
    r = chains.ring[a]
    if r != chains.ring[b]:
        return False
    if chains.stop[a] != chains.first[b]:
        if chains.first[a] != ring[r] or chains.stop[b] != ring[r + 1] - 1:
            return False
        a, b = b, a  # around the end of the ring
    box, k, after = chains.box, chains.stop[a], chains.first[b] + 1
    x, from_x, to_x = points[k, 0], points[k - 1, 0], points[after, 0]
    y, from_y, to_y = points[k, 1], points[k - 1, 1], points[after, 1]
    if from_y < y < to_y and box[a, 3] <= y <= box[b, 1]:
        return True
    if from_y > y > to_y and box[a, 1] >= y >= box[b, 3]:
        return True
    if from_x < x < to_x and box[a, 2] <= x <= box[b, 0]:
        return True
    parted: bool = from_x > x > to_x and box[a, 0] >= x >= box[b, 2]
    return parted


@compiled
def two_keep_apart(points: Numbers, ring: Rows, chains: Chains, a: int, b: int) -> bool:
    """Say whether no edge of one chain touches one of a later chain, but its neighbours."""
    same = chains.ring[a] == chains.ring[b]
    first, final = ring[chains.ring[a]], ring[chains.ring[a] + 1] - 2
    around = chains.box[b]
    for i in range(chains.first[a], chains.stop[a]):
        if misses(points, i, around[0], around[1], around[2], around[3]):
            continue
        west, east = min(points[i, 0], points[i + 1, 0]), max(points[i, 0], points[i + 1, 0])
        south, north = min(points[i, 1], points[i + 1, 1]), max(points[i, 1], points[i + 1, 1])
        for j in range(chains.first[b], chains.stop[b]):
            if misses(points, j, west, south, east, north):
                continue
            if same and j == i + 1:
                apart = part_ways(points, i, j)
            elif same and i == first and j == final:
                apart = part_ways(points, j, i)
            else:
                apart = keep_apart(points, i, j)
            if not apart:
                return False
    return True


@inlined
def misses(points: Numbers, k: int, west: float, south: float, east: float, north: float) -> bool:
    """Say whether an edge keeps clear of a box that reaches from west to north."""
    x, next_x, y, next_y = points[k, 0], points[k + 1, 0], points[k, 1], points[k + 1, 1]
    beside: bool = min(x, next_x) > east or max(x, next_x) < west
    return beside or min(y, next_y) > north or max(y, next_y) < south


@inlined
def part_ways(points: Numbers, before: int, after: int) -> bool:
    """Say whether an edge does not turn back on the one before it, which ends where it begins."""
    x, y = points[after, 0], points[after, 1]
    a, b = points[before, 0] - x, points[before, 1] - y
    c, d = points[after + 1, 0] - x, points[after + 1, 1] - y
    if (a == 0.0 and b == 0.0) or (c == 0.0 and d == 0.0):
        return False
    bends: bool = abs(a * d - b * c) > ROUNDING * (abs(a * d) + abs(b * c))
    return bends or a * c + b * d < 0.0


@inlined
def keep_apart(points: Numbers, i: int, j: int) -> bool:
    """Say whether two edges plainly have no point in common."""
    ax, ay, bx, by = points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1]
    cx, cy, dx, dy = points[j, 0], points[j, 1], points[j + 1, 0], points[j + 1, 1]
    return on_one_side(ax, ay, bx, by, cx, cy, dx, dy) or on_one_side(
        cx, cy, dx, dy, ax, ay, bx, by
    )


@inlined
def on_one_side(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> bool:
    """Say whether c and d lie on one side of the line from a to b, beyond rounding."""
    one, two = (bx - ax) * (cy - ay), (by - ay) * (cx - ax)
    three, four = (bx - ax) * (dy - ay), (by - ay) * (dx - ax)
    of_c, of_d = one - two, three - four
    return (
        of_c * of_d > 0.0
        and abs(of_c) > ROUNDING * (abs(one) + abs(two))
        and abs(of_d) > ROUNDING * (abs(three) + abs(four))
    )


@compiled
def rings_are_nested(points: Numbers, ring: Rows, outer: Truths, begin: int, end: int) -> bool:
    """Say of rings that do not touch whether holes lie in their shell, and nothing in anything else.

    A part within a hole of another part is left in doubt.
    """
    shell = begin
    for r in range(begin, end):
        if outer[r]:
            shell = r
        elif not lies_in(points, ring, r, shell):
            return False
        for other in range(begin, end):
            sibling = other > shell and not outer[other]  # or a hole of a later part, which is far
            if other != r and (outer[r] or sibling) and lies_in(points, ring, r, other):
                return False
    return True


@compiled
def lies_in(points: Numbers, ring: Rows, r: int, other: int) -> bool:
    """Say whether a ring that does not touch another lies within it."""
    x, y = points[ring[r], 0], points[ring[r], 1]
    inside = False
    for k in range(ring[other], ring[other + 1] - 1):
        y_a, y_b = points[k, 1], points[k + 1, 1]
        if (y_a > y) != (y_b > y):
            x_a, x_b = points[k, 0], points[k + 1, 0]
            if x < x_a + (y - y_a) / (y_b - y_a) * (x_b - x_a):
                inside = not inside
    return inside

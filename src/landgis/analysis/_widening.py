"""Barriers taken wider by arithmetic: the compiled part of _walls.py for lines and rings that are plain.

Every edge moves outwards by itself and its neighbours are prolonged to where they meet it. Where all
edges keep their direction and the moved ring does not meet itself, that is the outline of everything
within reach, sharp corners kept. Where a corner is too sharp for that, an edge vanishes or the ring
comes near itself, nothing is given and the barrier is left to GEOS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._contact import Rings
from landgis.analysis._ground_kernel import compiled, inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Truths = NDArray[np.bool_]

BLUNTEST = 4.9  # distance of a corner over that of its edges: the sharper ones GEOS cuts off at 5
LEAST_COSINE = 2.0 / BLUNTEST**2  # one more than the cosine of the turn at such a corner
SHORTEST_M = 1e-6  # shorter edges, and edges closer to one another, are left to GEOS
LEFT_OUT = -1  # instead of a place
LEAST_CUT_M = 0.5  # of an edge of a line; shorter ones are not cut


class Lines(NamedTuple):
    """Open lines: line i owns ``points[start[i]:start[i + 1]]`` and is a stretch of line ``row[i]``."""

    points: Floats
    start: Ints
    row: Ints


class Wide(NamedTuple):
    """Room for outlines, and how much wider they are."""

    rings: Rings
    by: float


def room_for(start: Ints, by: float) -> Wide:
    """Make room for outlines of that many edges each."""
    return Wide(empty_rings(start), by)


def empty_rings(start: Ints) -> Rings:
    """Make room for polygons, the edges of polygon i from ``start[i]`` on."""
    return Rings(np.empty((start[-1], 4)), start, np.empty((len(start) - 1, 4)))


@compiled
def stretches(points: Floats, start: Ints, longest: float, most: int) -> Lines:
    """Cut lines in the middle of edges, so that stretches are about as long as `longest` at most.

    Stretches have `most` points or few more. A stretch taken wider fits to the next one without a
    crack or a corner, as the edge is straight there.
    """
    cuts = _most_cuts(points, start, longest)
    cut = np.empty((len(points) + 2 * cuts, 2))
    begin, row = np.zeros(len(start) + cuts, np.int64), np.empty(len(start) + cuts, np.int64)
    count = pieces = 0
    for i in range(len(start) - 1):
        begin[pieces], row[pieces] = count, i
        pieces += 1
        along = 0.0
        for k in range(start[i], start[i + 1]):
            x, y, left = points[k, 0], points[k, 1], 0.0
            if k > start[i]:
                left = np.hypot(x - points[k - 1, 0], y - points[k - 1, 1])
            while left >= LEAST_CUT_M and (
                along + left > longest or count - begin[pieces - 1] >= most
            ):
                part = min(0.5, 0.5 * longest / left)
                u = cut[count - 1, 0] + part * (x - cut[count - 1, 0])
                v = cut[count - 1, 1] + part * (y - cut[count - 1, 1])
                cut[count, 0], cut[count, 1], cut[count + 1, 0], cut[count + 1, 1] = u, v, u, v
                begin[pieces], row[pieces] = count + 1, i
                count, pieces, along, left = count + 2, pieces + 1, 0.0, np.hypot(x - u, y - v)
            along += left
            cut[count, 0], cut[count, 1] = x, y
            count += 1
    begin[pieces] = count
    return Lines(cut[:count].copy(), begin[: pieces + 1].copy(), row[:pieces].copy())


@compiled
def _most_cuts(points: Floats, start: Ints, longest: float) -> int:
    """Count the cuts of lines, rather one too many for every edge."""
    cuts = 0
    for i in range(len(start) - 1):
        for k in range(start[i] + 1, start[i + 1]):
            length = np.hypot(points[k, 0] - points[k - 1, 0], points[k, 1] - points[k - 1, 1])
            cuts += 2 + int(2.0 * length / longest)
    return cuts


@compiled
def ribbons(
    lines: Lines, half: Floats, low: int, high: int, outer: Wide, inner: Wide, plain: Truths
) -> None:
    """Take some open lines wider, by half their widths and as much as all on every side.

    Line i gets the edges from ``start[i]`` on, two per point; `plain` says where they are right.
    """
    for i in range(low, high):
        line = lines.points[lines.start[i] : lines.start[i + 1]]
        wide = outer.rings.edges[outer.rings.start[i] : outer.rings.start[i + 1]]
        tight = inner.rings.edges[inner.rings.start[i] : inner.rings.start[i + 1]]
        plain[i] &= (
            _ribbon(line, half[i] + outer.by, outer.by, wide)
            and not _meets_itself(wide)
            and _ribbon(line, half[i] + inner.by, inner.by, tight)
        )
        _draw_box(wide, outer.rings.boxes[i])
        _draw_box(tight, inner.rings.boxes[i])


@compiled
def _ribbon(line: Floats, aside: float, ahead: float, ring: Floats) -> bool:
    """Write the ring about a line, moved aside and ahead of its ends; say if no edge vanishes."""
    last = len(line) - 1
    if last < 1:
        return False
    vx = vy = 0.0
    for i in range(last + 1):
        ux, uy = vx, vy
        if i < last:
            vx, vy = line[i + 1, 0] - line[i, 0], line[i + 1, 1] - line[i, 1]
            length = np.hypot(vx, vy)
            if length < SHORTEST_M:
                return False
            vx, vy = vx / length, vy / length
        on = 0.0
        if i == 0:
            ux, uy, on = vx, vy, -ahead
        elif i == last:
            on = ahead
        more = 1.0 + ux * vx + uy * vy
        if more < LEAST_COSINE:
            return False
        x, y = line[i, 0] + on * ux, line[i, 1] + on * uy
        dx, dy = aside * (uy + vy) / more, -aside * (ux + vx) / more
        _put_corner(ring, i, x + dx, y + dy)
        _put_corner(ring, 2 * last + 1 - i, x - dx, y - dy)
    for i in range(last):
        dx, dy = line[i + 1, 0] - line[i, 0], line[i + 1, 1] - line[i, 1]
        right, left = ring[i], ring[2 * last - i]
        least = SHORTEST_M * np.hypot(dx, dy)
        if (
            min(
                (right[2] - right[0]) * dx + (right[3] - right[1]) * dy,
                (left[0] - left[2]) * dx + (left[1] - left[3]) * dy,
            )
            < least
        ):
            return False
    return True


@inlined
def _put_corner(ring: Floats, i: int, x: float, y: float) -> None:
    """Let edge i of a ring begin in a point, and the edge before it end there."""
    ring[i, 0], ring[i, 1] = x, y
    ring[i - 1, 2], ring[i - 1, 3] = x, y


@compiled
def outlines(polygons: Rings, low: int, high: int, outer: Wide, inner: Wide, plain: Truths) -> None:
    """Take some polygons wider on every side; `plain` says where that is right."""
    for i in range(low, high):
        begin, end = polygons.start[i], polygons.start[i + 1]
        while begin < end and plain[i]:
            after = _end_of_ring(polygons.edges, begin, end)
            ring = polygons.edges[begin:after]
            wide = outer.rings.edges[begin:after]
            plain[i] = (
                _moved(ring, outer.by, wide)
                and not _meets_itself(wide)
                and _moved(ring, inner.by, inner.rings.edges[begin:after])
            )
            begin = after
        begin = polygons.start[i]
        _draw_box(outer.rings.edges[begin:end], outer.rings.boxes[i])
        _draw_box(inner.rings.edges[begin:end], inner.rings.boxes[i])


@inlined
def _end_of_ring(edges: Floats, begin: int, end: int) -> int:
    """Place after the edge that leads back to where a ring began."""
    after = begin + 1
    while after < end and (
        edges[after - 1, 2] != edges[begin, 0] or edges[after - 1, 3] != edges[begin, 1]
    ):
        after += 1
    return after


@compiled
def _moved(ring: Floats, by: float, wide: Floats) -> bool:
    """Write a ring whose edges are moved to their right; say if none vanishes."""
    vx, vy = ring[-1, 2] - ring[-1, 0], ring[-1, 3] - ring[-1, 1]
    length = np.hypot(vx, vy)
    for i in range(len(ring)):
        if length < SHORTEST_M:
            return False
        ux, uy = vx / length, vy / length
        vx, vy = ring[i, 2] - ring[i, 0], ring[i, 3] - ring[i, 1]
        length = np.hypot(vx, vy)
        more = length + ux * vx + uy * vy
        if more < LEAST_COSINE * length:
            return False
        _put_corner(
            wide,
            i,
            ring[i, 0] + by * (uy * length + vy) / more,
            ring[i, 1] - by * (ux * length + vx) / more,
        )
    for i in range(len(ring)):
        dx, dy = ring[i, 2] - ring[i, 0], ring[i, 3] - ring[i, 1]
        along = (wide[i, 2] - wide[i, 0]) * dx + (wide[i, 3] - wide[i, 1]) * dy
        if along < SHORTEST_M * np.hypot(dx, dy):
            return False
    return True


@compiled
def _meets_itself(ring: Floats) -> bool:
    """Whether edges of a ring that are no neighbours meet, or nearly so."""
    for i in range(len(ring) - 2):
        x0, y0, x1, y1 = ring[i, 0], ring[i, 1], ring[i, 2], ring[i, 3]
        west, east = min(x0, x1) - SHORTEST_M, max(x0, x1) + SHORTEST_M
        south, north = min(y0, y1) - SHORTEST_M, max(y0, y1) + SHORTEST_M
        dx, dy = x1 - x0, y1 - y0
        doubt = SHORTEST_M * (abs(dx) + abs(dy))
        for j in range(i + 2, len(ring) - (i == 0)):
            u0, v0, u1, v1 = ring[j, 0], ring[j, 1], ring[j, 2], ring[j, 3]
            if (
                max(u0, u1) < west
                or min(u0, u1) > east
                or max(v0, v1) < south
                or min(v0, v1) > north
            ):
                continue
            first, last = dx * (v0 - y0) - dy * (u0 - x0), dx * (v1 - y0) - dy * (u1 - x0)
            if min(first, last) > doubt or max(first, last) < -doubt:
                continue
            gx, gy = u1 - u0, v1 - v0
            first, last = gx * (y0 - v0) - gy * (x0 - u0), gx * (y1 - v0) - gy * (x1 - u0)
            doubt_there = SHORTEST_M * (abs(gx) + abs(gy))
            if min(first, last) <= doubt_there and max(first, last) >= -doubt_there:
                return True
    return False


@compiled
def _draw_box(edges: Floats, box: Floats) -> None:
    """Write the box around edges."""
    box[0], box[1], box[2], box[3] = np.inf, np.inf, -np.inf, -np.inf
    for i in range(len(edges)):
        box[0], box[1] = min(box[0], edges[i, 0]), min(box[1], edges[i, 1])
        box[2], box[3] = max(box[2], edges[i, 0]), max(box[3], edges[i, 1])


@compiled
def lay_out(these: Rings, place: Ints, laid: Rings, low: int, high: int) -> None:
    """Write some polygons into their places among others."""
    for i in range(low, high):
        if place[i] != LEFT_OUT:
            begin, to = these.start[i], laid.start[place[i]]
            for k in range(these.start[i + 1] - begin):
                for end in range(4):
                    laid.edges[to + k, end] = these.edges[begin + k, end]
            laid.boxes[place[i]] = these.boxes[i]


@compiled
def convex_corners(outlines: Rings, first: Ints, low: int, high: int, corners: Floats) -> None:
    """Write the corners at which outlines turn left, those of outline i from ``first[i]`` on.

    Only those can a straight line graze. Each is written with the corner before it and the one
    after it; without room for any they are counted, in ``first[i + 1]``.
    """
    edges = outlines.edges
    for i in range(low, high):
        begin, end = outlines.start[i], outlines.start[i + 1]
        count = 0
        while begin < end:
            after = _end_of_ring(edges, begin, end)
            before = after - 1
            for k in range(begin, after):
                x, y = edges[k, 0], edges[k, 1]
                dx, dy = x - edges[before, 0], y - edges[before, 1]
                if dx * (edges[k, 3] - y) - dy * (edges[k, 2] - x) > 0.0:
                    if len(corners) > 0:
                        place = first[i] + count
                        corners[place, 0], corners[place, 1] = x, y
                        corners[place, 2], corners[place, 3] = edges[before, 0], edges[before, 1]
                        corners[place, 4], corners[place, 5] = edges[k, 2], edges[k, 3]
                    count += 1
                before = k
            begin = after
        if len(corners) == 0:
            first[i + 1] = count

"""The compiled part of `landgis.analysis._overlap`: signed edges, tiles and the sweep over pairs.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Numbers = NDArray[np.float64]
    Truths = NDArray[np.bool_]
    Weight = tuple[float, float, float, float, float, float]

TILE_EDGES = 128  # a tile with no more edges is not cut further (fastest by trial)
MAX_HALVINGS = 40  # between a zone and its smallest tile: where many edges meet in one point

# columns of an edge: its ends from west to east, its slope, +1 on top of ground, -1 below it
WEST, EAST, Y_WEST, Y_EAST, SLOPE, SIGN = 0, 1, 2, 3, 4, 5
EDGE_COLUMNS = 6


class Grid(NamedTuple):
    """Which polygons have their box in which cell of a regular grid."""

    start: Rows  # first item of each cell, row by row, and the end
    item: Rows
    west: float
    south: float
    cell: float
    columns: int
    rows: int


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile once per installation; run without the interpreter's lock."""
    fast: Callable[..., Any] = njit(cache=True, nogil=True, error_model="numpy")(function)
    return fast


@compiled
def from_own_corner(
    points: Numbers, first: Rows, shape: Rows
) -> tuple[Numbers, Numbers, Rows, Numbers]:
    """Count every shape from its south-west corner, and leave out the closing vertex of rings."""
    x, y = np.empty(len(points)), np.empty(len(points))
    ring = np.zeros(len(first), np.int64)
    origin = np.full((len(shape) - 1, 2), np.nan)
    at = 0
    for s in range(len(shape) - 1):
        west = south = np.inf
        for k in range(first[shape[s]], first[shape[s + 1]]):
            west, south = min(west, points[k, 0]), min(south, points[k, 1])
        for r in range(shape[s], shape[s + 1]):
            for k in range(first[r], first[r + 1] - 1):
                x[at], y[at] = points[k, 0] - west, points[k, 1] - south
                at += 1
            ring[r + 1] = at
        if shape[s] < shape[s + 1]:
            origin[s, 0], origin[s, 1] = west, south
    return x[:at].copy(), y[:at].copy(), ring, origin


@compiled
def left_turning(x: Numbers, y: Numbers, ring: Rows) -> Truths:
    """Tell of each ring whether it runs counter-clockwise."""
    left = np.empty(len(ring) - 1, np.bool_)
    for r in range(len(left)):
        twice = 0.0
        before = ring[r + 1] - 1
        for k in range(ring[r], ring[r + 1]):
            twice += x[before] * y[k] - x[k] * y[before]
            before = k
        left[r] = twice > 0.0
    return left


@compiled
def put_edges(
    x: Numbers, y: Numbers, ring: Rows, sign: Numbers, first: int, last: int, edge: Numbers, at: int
) -> int:
    """Write the signed edges of some rings; vertical ones bound no strip and are left out."""
    for r in range(first, last):
        before = ring[r + 1] - 1
        for k in range(ring[r], ring[r + 1]):
            if x[before] != x[k]:
                a, b = (before, k) if x[before] < x[k] else (k, before)
                edge[at, WEST], edge[at, EAST] = x[a], x[b]
                edge[at, Y_WEST], edge[at, Y_EAST] = y[a], y[b]
                edge[at, SLOPE] = (y[b] - y[a]) / (x[b] - x[a])
                edge[at, SIGN] = sign[r] if x[before] > x[k] else -sign[r]
                at += 1
            before = k
    return at


@compiled
def halve(
    m: Numbers, o: Numbers, ring: Rows, sign: Numbers, line: float, side: float
) -> tuple[Numbers, Numbers, Rows, Numbers]:
    """Keep what lies on one side of a line (Sutherland and Hodgman 1974), ring by ring.

    `m` is the coordinate across the line, `o` the one along it; `side` is +1 to keep the greater
    `m`, -1 to keep the smaller. Runs along the line shrink to their ends.
    """
    across, along = np.empty(2 * len(m)), np.empty(2 * len(m))
    new_ring = np.zeros(len(ring), np.int64)
    new_sign = np.empty(len(sign))
    rings = at = 0
    for r in range(len(sign)):
        begin = at
        before = ring[r + 1] - 1
        for k in range(ring[r], ring[r + 1]):
            if (m[before] - line) * (m[k] - line) < 0.0:
                # from the smaller to the greater, so that neighbours cut a shared edge alike
                a, b = (before, k) if m[before] < m[k] else (k, before)
                crossing = o[a] + (line - m[a]) * ((o[b] - o[a]) / (m[b] - m[a]))
                at = append(across, along, begin, at, line, crossing, line)
            if (m[k] - line) * side >= 0.0:
                at = append(across, along, begin, at, m[k], o[k], line)
            before = k
        if at - begin >= 3:  # noqa: PLR2004 - fewer corners enclose nothing
            new_sign[rings] = sign[r]
            rings += 1
            new_ring[rings] = at
        else:
            at = begin
    return (
        across[:at].copy(),
        along[:at].copy(),
        new_ring[: rings + 1].copy(),
        new_sign[:rings].copy(),
    )


@compiled
def append(
    across: Numbers, along: Numbers, begin: int, at: int, m: float, o: float, line: float
) -> int:
    """Add a corner; of three in a row on the line the middle one goes."""
    if at - begin > 1 and m == line and across[at - 1] == line and across[at - 2] == line:
        at -= 1
    across[at], along[at] = m, o
    return at + 1


@compiled
def cut_all(
    x: Numbers, y: Numbers, ring: Rows, sign: Numbers, shape: Rows, largest: float
) -> tuple[Numbers, Rows, Numbers, Rows]:
    """Cut every shape into tiles of few edges: edges, starts, boxes, and the shape of each tile.

    No tile is wider or higher than `largest`.
    """
    edge = np.empty((2 * len(x) + 64, EDGE_COLUMNS))
    start = np.zeros(len(shape) + 64, np.int64)
    box = np.empty((len(shape) + 64, 4))
    owner = np.empty(len(shape) + 64, np.int64)
    at = tiles = 0
    for s in range(len(shape) - 1):
        if shape[s] == shape[s + 1]:
            continue
        lo, hi = ring[shape[s]], ring[shape[s + 1]]
        waiting = [
            (
                x[lo:hi],
                y[lo:hi],
                ring[shape[s] : shape[s + 1] + 1] - lo,
                sign[shape[s] : shape[s + 1]],
                0,
            )
        ]
        while len(waiting) > 0:
            px, py, pring, psign, halvings = waiting.pop()
            if len(px) == 0:
                continue
            west, east, south, north = px.min(), px.max(), py.min(), py.max()
            wide = east - west > largest or north - south > largest
            if (len(px) > TILE_EDGES or wide) and halvings < MAX_HALVINGS:
                for side in (1.0, -1.0):
                    if east - west > north - south:
                        hx, hy, hring, hsign = halve(px, py, pring, psign, (west + east) / 2, side)
                    else:
                        hy, hx, hring, hsign = halve(
                            py, px, pring, psign, (south + north) / 2, side
                        )
                    waiting.append((hx, hy, hring, hsign, halvings + 1))
                continue
            while at + len(px) > len(edge):
                edge = np.concatenate((edge, np.empty_like(edge)))
            if tiles + 2 > len(owner):
                start = np.concatenate((start, np.zeros_like(start)))
                box = np.concatenate((box, np.empty_like(box)))
                owner = np.concatenate((owner, np.empty_like(owner)))
            at = put_edges(px, py, pring, psign, 0, len(psign), edge, at)
            box[tiles, 0], box[tiles, 1], box[tiles, 2], box[tiles, 3] = west, south, east, north
            owner[tiles] = s
            tiles += 1
            start[tiles] = at
    return edge[:at].copy(), start[: tiles + 1].copy(), box[:tiles].copy(), owner[:tiles].copy()


@compiled
def sort_into_cells(
    box: Numbers, west: float, south: float, cell: float, columns: int, rows: int
) -> tuple[Rows, Rows]:
    """List for each cell the boxes that reach into it."""
    start = np.zeros(columns * rows + 1, np.int64)
    item = np.empty(0, np.int64)
    for filling in (False, True):
        if filling:
            for here in range(columns * rows):  # where each cell ends
                start[here + 1] += start[here]
            item = np.empty(start[columns * rows], np.int64)
        for i in range(len(box) - 1, -1, -1):  # backwards, as cells are filled from their end
            if np.isnan(box[i, 0]):
                continue
            first, last = (
                cell_of(box[i, 0] - west, cell, columns),
                cell_of(box[i, 2] - west, cell, columns),
            )
            low, high = (
                cell_of(box[i, 1] - south, cell, rows),
                cell_of(box[i, 3] - south, cell, rows),
            )
            for row in range(low, high + 1):
                for column in range(first, last + 1):
                    here = row * columns + column
                    if filling:
                        start[here] -= 1
                        item[start[here]] = i
                    else:
                        start[here] += 1
    return start, item


@compiled
def cell_of(distance: float, cell: float, count: int) -> int:
    """Give the row or column of a grid; what lies beyond it belongs to the last."""
    return min(max(int(distance / cell), 0), count - 1)


@compiled
def ground_below(a: float, y_a: float, b: float, y_b: float, weight: Weight) -> float:
    """Weigh the ground below a straight edge from (a, y_a) to (b, y_b).

    The weight is quadratic, so up to the edge it adds up to a cubic of x, which Simpson's rule
    integrates exactly.
    """
    middle = height_weighed(0.5 * (a + b), 0.5 * (y_a + y_b), weight)
    ends = height_weighed(a, y_a, weight) + height_weighed(b, y_b, weight)
    ground: float = (b - a) * (ends + 4.0 * middle) / 6.0
    return ground


@compiled
def height_weighed(x: float, y: float, weight: Weight) -> float:
    """Integrate w = w0 + w1 x + w2 y + w3 x² + w4 x y + w5 y² from 0 to y."""
    w0, w1, w2, w3, w4, w5 = weight
    return y * (w0 + x * (w1 + x * w3) + y * (0.5 * (w2 + x * w4) + y * w5 / 3.0))


@compiled
def moved_weight(weights: Numbers, row: int, east: float, north: float) -> Weight:
    """Give the weight as it reads from another place, (`east`, `north`) of where it is written."""
    w0, w1, w2 = weights[row, 0], weights[row, 1], weights[row, 2]
    w3, w4, w5 = weights[row, 3], weights[row, 4], weights[row, 5]
    return (
        w0 + w1 * east + w2 * north + w3 * east * east + w4 * east * north + w5 * north * north,
        w1 + 2.0 * w3 * east + w4 * north,
        w2 + 2.0 * w5 * north + w4 * east,
        w3,
        w4,
        w5,
    )


@compiled
def own_areas(
    edge: Numbers, start: Rows, box: Numbers, origin: Numbers, weights: Numbers
) -> Numbers:
    """Measure whole polygons: the signed sum of the ground below their edges."""
    area = np.zeros(len(start) - 1)
    for p in range(len(area)):
        # weights are written down for the middle of the box, edges count from the origin
        weight = moved_weight(
            weights,
            p,
            origin[p, 0] - 0.5 * (box[p, 0] + box[p, 2]),
            origin[p, 1] - 0.5 * (box[p, 1] + box[p, 3]),
        )
        for i in range(start[p], start[p + 1]):
            area[p] += edge[i, SIGN] * ground_below(
                edge[i, WEST], edge[i, Y_WEST], edge[i, EAST], edge[i, Y_EAST], weight
            )
    return area


@compiled
def common_area(
    one: Numbers, one_first: int, one_last: int, other: Numbers, other_first: int, other_last: int,
    east: float, north: float, weight: Weight, west_end: float, east_end: float, foot: float,
) -> float:  # fmt: skip
    """Measure the common ground of two polygons: the signed sum of ∫ min(f, g) over their edges.

    (`east`, `north`) moves the other into the frame of the first, which reaches from `west_end` to
    `east_end`. Edges of the other below its `foot` see the first polygon's edges cancel.
    """
    total = 0.0
    for j in range(other_first, other_last):
        g_west, g_east = other[j, WEST] + east, other[j, EAST] + east
        if g_east <= west_end or g_west >= east_end:
            continue
        g_start, g_end = other[j, Y_WEST] + north, other[j, Y_EAST] + north
        if g_start <= foot and g_end <= foot:
            continue
        slope = other[j, SLOPE]
        strips = 0.0
        for i in range(one_first, one_last):
            a, b = max(one[i, WEST], g_west), min(one[i, EAST], g_east)
            if a >= b:
                continue
            f_a = one[i, Y_WEST] + one[i, SLOPE] * (a - one[i, WEST])
            f_b = one[i, Y_WEST] + one[i, SLOPE] * (b - one[i, WEST])
            g_a, g_b = g_start + slope * (a - g_west), g_start + slope * (b - g_west)
            over_a, over_b = f_a - g_a, f_b - g_b
            low_a, low_b = min(f_a, g_a), min(f_b, g_b)
            if over_a * over_b < 0.0:
                share = over_a / (over_a - over_b)
                c, low_c = a + share * (b - a), f_a + share * (f_b - f_a)
                strip = ground_below(a, low_a, c, low_c, weight)
                strip += ground_below(c, low_c, b, low_b, weight)
            else:
                strip = ground_below(a, low_a, b, low_b, weight)
            strips += one[i, SIGN] * strip
        total += other[j, SIGN] * strips
    return total


@compiled
def sweep(
    p_edge: Numbers, p_start: Rows, p_box: Numbers, p_origin: Numbers, p_reach: Numbers,
    t_edge: Numbers, t_start: Rows, t_box: Numbers, t_origin: Numbers, t_weight: Numbers,
    grid: Grid, first: int, last: int,
) -> tuple[Rows, Rows, Numbers]:  # fmt: skip
    """Measure the common ground of some tiles with every polygon whose box meets theirs."""
    polygon, tile = np.empty(1024, np.int64), np.empty(1024, np.int64)
    area = np.empty(1024)
    found = 0
    for t in range(first, last):
        west, east = t_box[t, 0], t_box[t, 2]
        south, north = t_box[t, 1], t_box[t, 3]
        column = cell_of(west - grid.west, grid.cell, grid.columns)
        row = cell_of(south - grid.south, grid.cell, grid.rows)
        last_column = cell_of(east - grid.west, grid.cell, grid.columns)
        last_row = cell_of(north - grid.south, grid.cell, grid.rows)
        for r in range(row, last_row + 1):
            for c in range(column, last_column + 1):
                here = r * grid.columns + c
                for k in range(grid.start[here], grid.start[here + 1]):
                    p = grid.item[k]
                    if (
                        p_box[p, 0] >= east
                        or p_box[p, 2] <= west
                        or p_box[p, 1] >= north
                        or p_box[p, 3] <= south
                    ):
                        continue
                    # boxes that meet in several cells are taken up in the first of them
                    if c != max(
                        column, cell_of(p_box[p, 0] - grid.west, grid.cell, grid.columns)
                    ) or r != max(row, cell_of(p_box[p, 1] - grid.south, grid.cell, grid.rows)):
                        continue
                    weight = moved_weight(
                        t_weight, t,
                        p_origin[p, 0] - 0.5 * (west + east), p_origin[p, 1] - 0.5 * (south + north),
                    )  # fmt: skip
                    ground = common_area(
                        p_edge, p_start[p], p_start[p + 1], t_edge, t_start[t], t_start[t + 1],
                        t_origin[t, 0] - p_origin[p, 0], t_origin[t, 1] - p_origin[p, 1],
                        weight, p_reach[p, 0], p_reach[p, 2], p_reach[p, 1],
                    )  # fmt: skip
                    if ground != 0.0:
                        if found == len(area):
                            polygon = np.concatenate((polygon, np.empty_like(polygon)))
                            tile = np.concatenate((tile, np.empty_like(tile)))
                            area = np.concatenate((area, np.empty_like(area)))
                        polygon[found], tile[found], area[found] = p, t, ground
                        found += 1
    return polygon[:found].copy(), tile[:found].copy(), area[:found].copy()

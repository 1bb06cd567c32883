"""The compiled part of `landgis.analysis._overlap`: outlines, and the sweep over pairs.

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

    Pairs = tuple[Rows, Rows, Numbers, Truths]

STRETCH = 16  # edges in a row that share a box (fastest by trial)
LONG_STRETCH = 128

# where an edge or a stretch of edges lies as seen from a tile
CLOSE, BESIDE, BELOW = 0, 1, 2


class Grid(NamedTuple):
    """Which tiles have their box in which cell of a regular grid."""

    start: Rows  # first item of each cell, row by row, and the end
    item: Rows
    west: float
    south: float
    cell: float
    columns: int
    rows: int


class Outlines(NamedTuple):
    """Rings of many shapes, with boxes around stretches of their edges."""

    points: Numbers  # (points, 2), each ring with its first corner again at its end
    ring: Rows  # first point of each ring, and the end
    outer: Truths  # of each ring: a shell, not a hole
    sign: Numbers  # of each ring: +1 where ground lies to the left of its edges
    shape: Rows  # first ring of each shape, and the end
    stretch: Rows  # first stretch of each ring, and the end
    box: Numbers  # (stretches, 4): west, south, east, north
    long_stretch: Rows
    long_box: Numbers
    extent: Numbers  # (shapes, 4)


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


@inlined
def meets(box: Numbers, b: int, west: float, south: float, east: float, north: float) -> bool:
    """Say whether a box shares ground with the one that reaches from west to north."""
    beside: bool = box[b, 0] >= east or box[b, 2] <= west
    return not (beside or box[b, 1] >= north or box[b, 3] <= south)


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


@compiled
def ground_to(x: float, tiles: TileArrays, t: int, weight: Weight) -> float:
    """Weigh the ground of a tile west of x."""
    if x <= tiles.box[t, 0]:
        return 0.0
    if x >= tiles.box[t, 2]:
        whole: float = tiles.area[t]
        return whole
    west: float = ground_west_of(x - tiles.corner[t, 0], tiles, t, weight)
    return west


@inlined
def ground_below_both(
    a: float, y_a: float, b: float, y_b: float, tiles: TileArrays, t: int, weight: Weight
) -> float:
    """Weigh the ground of a tile below an edge from (a, y_a) to (b, y_b), a west of b.

    The tile is the signed sum of the ground below its own edges f, so this is the signed sum of
    ∫ min(f, g) over them. Above every x the signs of a tile sum to nothing; so do the ∫ g, and what
    is left are the f below g: ∫ (f - g), one trapezoid each, or a triangle where the edges cross.
    """
    slope, top = (y_b - y_a) / (b - a), max(y_a, y_b)
    left, bottom = tiles.base[t, 0], tiles.base[t, 1]
    ground = 0.0
    for r in range(tiles.first[t], tiles.last[t]):
        of_ring = 0.0
        next_x = tiles.points[tiles.ring[r], 0] - left
        for k in range(tiles.ring[r], tiles.ring[r + 1] - 1):
            x, next_x = next_x, tiles.points[k + 1, 0] - left
            west, east = max(min(x, next_x), a), min(max(x, next_x), b)
            if west >= east:
                continue
            y, next_y = tiles.points[k, 1] - bottom, tiles.points[k + 1, 1] - bottom
            if min(y, next_y) >= top:
                continue
            steep = (next_y - y) / (next_x - x)
            f_west, f_east = y + steep * (west - x), y + steep * (east - x)
            g_west, g_east = y_a + slope * (west - a), y_a + slope * (east - a)
            over_west, over_east = f_west - g_west, f_east - g_east
            if over_west >= 0.0 and over_east >= 0.0:
                continue
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
            strip = ground_between(west, f_west, g_west, east, f_east, g_east, weight)
            of_ring += strip if x > next_x else -strip
        ground += tiles.sign[r] * of_ring
    return ground


@inlined
def place_of_edge(
    points: Numbers, k: int, west: float, south: float, east: float, north: float
) -> int:
    """Say where one edge lies, as `place_of` does of many."""
    x, next_x, y, next_y = points[k, 0], points[k + 1, 0], points[k, 1], points[k + 1, 1]
    if min(x, next_x) >= east or max(x, next_x) <= west:
        return BESIDE
    if max(y, next_y) <= south:
        return BELOW
    if min(y, next_y) >= north:
        return BESIDE
    return CLOSE


@inlined
def ground_in_ring(
    outlines: Outlines, r: int, tiles: TileArrays, t: int, weight: Weight
) -> tuple[float, bool]:
    """Weigh the ground of a tile to the left of a ring, and say whether an edge comes close.

    Edge by edge the ground of the tile below the edge is added from east to west and taken away
    from west to east. Where edges in a row lie beside or above the tile, the sum over them is the
    ground between their first and their last corner; where they lie below it, nothing.
    """
    west, south, east, north = tiles.box[t, 0], tiles.box[t, 1], tiles.box[t, 2], tiles.box[t, 3]
    first, end = outlines.ring[r], outlines.ring[r + 1] - 1
    ground, from_x, to_x = 0.0, 0.0, 0.0
    beside = close = False
    k = first
    while k < end:
        place, step = CLOSE, 0
        if (k - first) & (LONG_STRETCH - 1) == 0:
            step = LONG_STRETCH
            b = outlines.long_stretch[r] + (k - first) // LONG_STRETCH
            place = place_of(outlines.long_box, b, west, south, east, north)
        if place == CLOSE and (k - first) & (STRETCH - 1) == 0:
            step = STRETCH
            b = outlines.stretch[r] + (k - first) // STRETCH
            place = place_of(outlines.box, b, west, south, east, north)
        if place == CLOSE:
            step = 1
            place = place_of_edge(outlines.points, k, west, south, east, north)
        begin, k = k, min(k + step, end)
        if place == BESIDE:
            if not beside:
                beside, from_x = True, outlines.points[begin, 0]
            to_x = outlines.points[k, 0]
            continue
        if beside:
            ground += ground_to(from_x, tiles, t, weight) - ground_to(to_x, tiles, t, weight)
            beside = False
        if place == CLOSE:
            close = True
            ground += ground_below_edge(outlines.points, begin, tiles, t, weight)
    if beside:
        ground += ground_to(from_x, tiles, t, weight) - ground_to(to_x, tiles, t, weight)
    return ground, close


@inlined
def ground_below_edge(points: Numbers, k: int, tiles: TileArrays, t: int, weight: Weight) -> float:
    """Weigh the ground of a tile below an edge, negative where the edge runs from west to east."""
    left, bottom = tiles.corner[t, 0], tiles.corner[t, 1]
    x, next_x = points[k, 0] - left, points[k + 1, 0] - left
    if x == next_x:
        return 0.0
    y, next_y = points[k, 1] - bottom, points[k + 1, 1] - bottom
    sign = 1.0
    if x < next_x:
        x, y, next_x, next_y, sign = next_x, next_y, x, y, -1.0
    return sign * ground_below_both(next_x, next_y, x, y, tiles, t, weight)


@inlined
def ground_in_shape(outlines: Outlines, s: int, tiles: TileArrays, t: int) -> tuple[float, bool]:
    """Weigh the ground that a tile and a shape have in common."""
    weight = weight_of(tiles.weight, t)
    ground, close = 0.0, False
    for r in range(outlines.shape[s], outlines.shape[s + 1]):
        of_ring, close_to_ring = ground_in_ring(outlines, r, tiles, t, weight)
        ground += outlines.sign[r] * of_ring
        close = close or close_to_ring
    return ground, close


@inlined
def is_first_meeting(
    grid: Grid, row: int, column: int, box: Numbers, b: int, west: float, south: float
) -> bool:
    """Say whether a cell is the first of those in which a box meets one that begins at west, south.

    Boxes that meet in several cells are taken up once.
    """
    from_west, from_south = max(box[b, 0], west) - grid.west, max(box[b, 1], south) - grid.south
    return column == cell_of(from_west, grid.cell, grid.columns) and row == cell_of(
        from_south, grid.cell, grid.rows
    )


@compiled
def sweep(tiles: TileArrays, outlines: Outlines, grid: Grid, first: int, step: int) -> Pairs:
    """Measure the common ground of every `step`-th shape with each tile whose box meets its own."""
    tile, shape = np.empty(1024, np.int64), np.empty(1024, np.int64)
    area, crossed = np.empty(1024), np.empty(1024, np.bool_)
    found = 0
    for s in range(first, len(outlines.extent), step):
        west, south = outlines.extent[s, 0], outlines.extent[s, 1]
        east, north = outlines.extent[s, 2], outlines.extent[s, 3]
        if not west < east:
            continue
        last_column = cell_of(east - grid.west, grid.cell, grid.columns)
        last_row = cell_of(north - grid.south, grid.cell, grid.rows)
        for r in range(cell_of(south - grid.south, grid.cell, grid.rows), last_row + 1):
            for c in range(cell_of(west - grid.west, grid.cell, grid.columns), last_column + 1):
                here = r * grid.columns + c
                for k in range(grid.start[here], grid.start[here + 1]):
                    t = grid.item[k]
                    if not meets(tiles.box, t, west, south, east, north):
                        continue
                    if not is_first_meeting(grid, r, c, tiles.box, t, west, south):
                        continue
                    ground, close = ground_in_shape(outlines, s, tiles, t)
                    if ground == 0.0:
                        continue
                    if found == len(area):
                        tile = np.concatenate((tile, np.empty_like(tile)))
                        shape = np.concatenate((shape, np.empty_like(shape)))
                        area = np.concatenate((area, np.empty_like(area)))
                        crossed = np.concatenate((crossed, np.empty_like(crossed)))
                    tile[found], shape[found] = t, s
                    area[found], crossed[found] = ground, close
                    found += 1
    return tile[:found].copy(), shape[:found].copy(), area[:found].copy(), crossed[:found].copy()


@compiled
def grounds_of_pairs(
    tiles: TileArrays, outlines: Outlines, tile: Rows, shape: Rows, area: Numbers
) -> None:
    """Measure the common ground of given pairs of tiles and shapes."""
    for n in range(len(area)):
        area[n], _ = ground_in_shape(outlines, shape[n], tiles, tile[n])

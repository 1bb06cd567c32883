"""The compiled part of `landgis.analysis._overlap` that finds pairs: boxes in a regular grid.

Every function is plain Python on arrays and means the same when it is not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import compiled, inlined

if TYPE_CHECKING:
    from landgis.analysis._ground_kernel import Numbers, Rows


class Grid(NamedTuple):
    """Which tiles have their box in which cell of a regular grid."""

    start: Rows  # first item of each cell, row by row, and the end
    item: Rows
    west: float
    south: float
    cell: float
    columns: int
    rows: int


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
def meetings(box: Numbers, extent: Numbers, grid: Grid, first: int, end: int) -> tuple[Rows, Rows]:
    """Pair some extents with each box of the grid that they meet: boxes, extents."""
    item, other = np.empty(1024, np.int64), np.empty(1024, np.int64)
    found = 0
    for s in range(first, end):
        west, south = extent[s, 0], extent[s, 1]
        east, north = extent[s, 2], extent[s, 3]
        if not west < east:
            continue
        last_column = cell_of(east - grid.west, grid.cell, grid.columns)
        last_row = cell_of(north - grid.south, grid.cell, grid.rows)
        for r in range(cell_of(south - grid.south, grid.cell, grid.rows), last_row + 1):
            for c in range(cell_of(west - grid.west, grid.cell, grid.columns), last_column + 1):
                here = r * grid.columns + c
                for k in range(grid.start[here], grid.start[here + 1]):
                    i = grid.item[k]
                    if not meets(box, i, west, south, east, north):
                        continue
                    if not is_first_meeting(grid, r, c, box, i, west, south):
                        continue
                    if found == len(item):
                        item = np.concatenate((item, np.empty_like(item)))
                        other = np.concatenate((other, np.empty_like(other)))
                    item[found], other[found] = i, s
                    found += 1
    return item[:found], other[:found]


@compiled
def order_of_pairs(first: Rows, second: Rows) -> Rows:
    """Give the order that sorts pairs by the first row, then by the second; equal ones stay so."""
    return order_by_counting(first, order_by_counting(second, np.arange(len(second))))


@compiled
def order_by_counting(rows: Rows, order: Rows) -> Rows:
    """Sort an order by small whole numbers, which are counted, not compared (Seward 1954)."""
    largest = 0
    for row in rows:
        largest = max(largest, row)
    start = np.zeros(largest + 2, np.int64)
    for row in rows:
        start[row + 1] += 1
    for i in range(1, len(start)):
        start[i] += start[i - 1]
    by_row = np.empty_like(order)
    for k in order:
        by_row[start[rows[k]]] = k
        start[rows[k]] += 1
    return by_row

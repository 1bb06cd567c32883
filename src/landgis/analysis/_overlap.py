"""The engine behind `tabulate`: common areas of many polygons, without topology.

The common ground of two polygons is the signed sum, over all pairs of their edges, of the ground
below both: ∫ min(f, g) over the x they share, where f and g are straight, so that every term is a
closed form. No crossing is noded and no ring is built, so there is nothing that could fail to
close: touching, collinear and equal edges are ordinary terms.

Few edges of a zone come close to a parcel. The others are taken together: whole stretches of the
outline, which lie below the parcel and count for nothing, or beside and above it, where they sum to
the ground between their first and last corner. Pairs are found through a plain grid. Every figure
depends on its own parcel and zone alone, never on their neighbours, order or partition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis import _grid_kernel
from landgis.analysis import _ground as ground
from landgis.analysis import _overlap_kernel as kernel

if TYPE_CHECKING:
    from landgis.analysis._ground import Numbers, Rings, Rows, Tiles

SAMPLE = 10_000  # boxes, to see how large they usually are
CELLS_PER_BOX = 2  # of the search grid, about


class Common(NamedTuple):
    """Ground that pairs of shapes have in common, sorted by the first and the second."""

    left: Rows
    right: Rows
    area: Numbers
    own: Numbers  # area of every left shape


def common_areas(tiles: Tiles, others: kernel.Outlines, *, count: int) -> Common:
    """Measure the common ground of every pair of shapes.

    Parameters
    ----------
    tiles : Tiles
        Valid shapes, laid out in tiles.
    others : Outlines
        Valid shapes in the same plane.
    count : int
        How many shapes the tiles are of, with those that have no tile.

    Returns
    -------
    Common
        Row numbers and areas, in square units of the plane times their scale; pairs without common
        ground may stand with an area of arithmetic noise.
    """
    ground.announce_compiling(kernel.sweep, "the overlap kernel", seconds=20)
    found = _sum_tiles(_sweep(tiles, others), tiles.owner)
    return Common(*found, ground.whole_areas(tiles, count))


def areas_of_pairs(
    tiles: Tiles, others: kernel.Outlines, *, left: Rows, right: Rows, count: int
) -> Numbers:
    """Measure the common ground of given pairs of shapes."""
    order = np.argsort(tiles.owner, kind="stable")
    first = np.searchsorted(tiles.owner[order], np.arange(count + 1))
    many = np.diff(first)[left]
    pair = np.repeat(np.arange(len(left)), many)
    at = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    tile = order[first[left][pair] + at]
    area = kernel.sweep(tiles.arrays, others, tile, right[pair])
    summed: Numbers = np.bincount(pair, area, minlength=len(left)).astype(np.float64)
    return summed


def outlines(these: Rings) -> kernel.Outlines:
    """Draw boxes around stretches of edges."""
    short, long = (
        kernel.count_stretches(these.ring, length)
        for length in (kernel.STRETCH, kernel.LONG_STRETCH)
    )
    boxes, long_boxes = (
        kernel.boxes_of_stretches(these.points, these.ring, first, length)
        for first, length in ((short, kernel.STRETCH), (long, kernel.LONG_STRETCH))
    )
    return kernel.Outlines(*these, short, boxes, long, long_boxes)


def _sweep(tiles: Tiles, others: kernel.Outlines) -> tuple[Rows, Rows, Numbers]:
    """Measure all pairs of tiles and shapes that meet."""
    grid = _grid(tiles.arrays.box)

    def sweep(first: int, end: int) -> tuple[Rows, Rows, Numbers]:
        tile, shape = _grid_kernel.meetings(tiles.arrays.box, others.extent, grid, first, end)
        area = kernel.sweep(tiles.arrays, others, tile, shape)
        shared = np.flatnonzero(area)
        return tile[shared], shape[shared], area[shared]

    found = ground.in_spans(sweep, len(others.extent))
    tile, shape, area = (np.concatenate(part) for part in zip(*found, strict=True))
    return tile, shape, area


def _sum_tiles(found: tuple[Rows, Rows, Numbers], of_left: Rows) -> tuple[Rows, Rows, Numbers]:
    """Add up the tiles of each pair, always in the order in which the shapes were cut."""
    tile, right, area = found
    left = of_left[tile]
    order = _grid_kernel.order_of_pairs(left, right)
    tile, left, right, area = tile[order], left[order], right[order], area[order]
    differs = (np.diff(left, prepend=-1) != 0) | (np.diff(right, prepend=-1) != 0)
    first = np.flatnonzero(differs)
    if len(first) < len(area):  # some shapes are several tiles
        area = np.add.reduceat(area[np.lexsort((tile, np.cumsum(differs)))], first)
    return left[first], right[first], area


def _grid(box: Numbers) -> _grid_kernel.Grid:
    """Sort boxes into a regular grid."""
    if len(box) == 0:
        return _grid_kernel.Grid(np.zeros(2, np.int64), np.zeros(0, np.int64), 0.0, 0.0, 1.0, 1, 1)
    west, south = box[:, 0].min(), box[:, 1].min()
    width, height = box[:, 2].max() - west, box[:, 3].max() - south
    some = box[:: len(box) // SAMPLE + 1]
    usual = float(np.median(some[:, 2:] - some[:, :2]))
    few = np.sqrt(width * height / (CELLS_PER_BOX * len(box)))
    cell = max(usual, few, width / len(box), height / len(box))
    columns, rows = int(width / cell) + 1, int(height / cell) + 1
    start, item = _grid_kernel.sort_into_cells(box, west, south, cell, columns, rows)
    return _grid_kernel.Grid(start, item, west, south, cell, columns, rows)

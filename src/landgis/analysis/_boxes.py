"""Which boxes meet which: the compiled grid behind clusters.py that finds what can be near what.

Boxes are written into the square cells they touch, under keys of their own, so that a place far
away costs nothing. A pair is given by the one cell in which the common ground of both boxes begins.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from landgis.analysis._ground_kernel import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CHUNK = 8_192  # boxes or pairs: enough work per call that threads do not wait for one another
GEOS_CHUNK = 512  # shapes, which take longer
CELLS_PER_BOX = 8  # on average; where boxes are long, cells are larger instead
ROWS = 1 << 31  # more than any plane has cells across: one number names a cell
SPREAD = 0x9E3779B97F4A7C15 - (1 << 64)  # odd, near 2^64 over the golden ratio (Knuth)


def in_chunks(work: Callable[[int, int], Any], count: int, *, size: int = CHUNK) -> list[Any]:
    """Run compiled work on ranges, one thread per processor; give what it gave, in order."""
    lows = range(0, count, size)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda low: work(low, min(low + size, count)), lows))


def row_by_row(
    work: Callable[..., NDArray[Any]], *tables: NDArray[Any], size: int = GEOS_CHUNK
) -> NDArray[Any]:
    """Run work of GEOS on the rows of tables, one thread per processor."""
    done = in_chunks(
        lambda low, high: work(*(table[low:high] for table in tables)),
        len(tables[0]),
        size=size,
    )
    return np.concatenate(done) if done else work(*tables)


class Grid(NamedTuple):
    """Boxes by the cells they touch: bucket i holds ``box[start[i]:start[i + 1]]``, of cells `key`."""

    side: float
    start: Ints
    box: Ints
    key: Ints


def meeting(first: Floats, second: Floats, *, later: bool = False) -> tuple[Ints, Ints]:
    """Give the pairs of boxes that meet, one of each table, in order; touching counts.

    With `later` the tables hold the same things and a pair is given once, the smaller place first.
    """
    none = np.zeros(0, dtype=np.int64)
    if not len(first) or not len(second):
        return none, none
    grid = grid_of(second, max(usual_extent(first), usual_extent(second)))
    found = in_chunks(
        lambda low, high: _meeting_range(first, second, grid, low, high, later), len(first)
    )
    at = np.concatenate([pair[0] for pair in found])
    return at, np.concatenate([pair[1] for pair in found])


def usual_extent(boxes: Floats) -> float:
    """Give the mean of the longer sides of boxes, 0 where there are none."""
    if not len(boxes):
        return 0.0
    return float(np.mean(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])))


def grid_of(boxes: Floats, side: float) -> Grid:
    """Write boxes into cells of about that side."""
    side = max(side, 1e-3)
    while (count := _touched(boxes, side)) > CELLS_PER_BOX * len(boxes) + CHUNK:
        side *= 2.0
    buckets = 1 << max(4, int(count).bit_length())
    start = np.zeros(buckets + 1, dtype=np.int64)
    box, key = np.empty(int(count), dtype=np.int64), np.empty(int(count), dtype=np.int64)
    _write(boxes, side, start, box, key)
    return Grid(side, start, box, key)


def grid_about(boxes: Floats, others: Floats, reach: float) -> Grid:
    """Write boxes into cells for questions about other boxes, taken that much wider."""
    return grid_of(boxes, max(usual_extent(boxes), usual_extent(others) + 2.0 * reach))


@compiled
def _touched(boxes: Floats, side: float) -> float:
    """Count the cells that boxes touch, each as often as it is touched."""
    count = 0.0
    for i in range(len(boxes)):
        across = np.floor(boxes[i, 2] / side) - np.floor(boxes[i, 0] / side) + 1.0
        count += across * (np.floor(boxes[i, 3] / side) - np.floor(boxes[i, 1] / side) + 1.0)
    return count


@compiled
def _bucket(key: int, buckets: int) -> int:
    return ((key * SPREAD) >> 20) & (buckets - 1)


@compiled
def _write(boxes: Floats, side: float, start: Ints, box: Ints, key: Ints) -> None:
    """Count the boxes of every bucket, then write them in: a counting sort."""
    buckets = len(start) - 1
    for counting in (True, False):
        for i in range(len(boxes)):
            for column in range(
                int(np.floor(boxes[i, 0] / side)), int(np.floor(boxes[i, 2] / side)) + 1
            ):
                for row in range(
                    int(np.floor(boxes[i, 1] / side)), int(np.floor(boxes[i, 3] / side)) + 1
                ):
                    bucket = _bucket(column * ROWS + row, buckets)
                    if counting:
                        start[bucket + 1] += 1
                    else:
                        start[bucket] -= 1
                        box[start[bucket]] = i
                        key[start[bucket]] = column * ROWS + row
        if counting:
            for bucket in range(buckets):
                start[bucket + 1] += start[bucket]
            start[:-1] = start[1:].copy()


@compiled
def _meeting_range(
    first: Floats,
    second: Floats,
    grid: Grid,
    low: int,
    high: int,
    later: bool,  # noqa: FBT001 - compiled
) -> tuple[Ints, Ints]:
    at, which = np.empty(4 * (high - low) + 64, np.int64), np.empty(4 * (high - low) + 64, np.int64)
    count = 0
    for i in range(low, high):
        begin = count
        which, count = add_met(first[i], second, grid, i + 1 if later else 0, which, begin)
        while len(at) < len(which):
            at = _longer(at)
        at[begin:count] = i
    return at[:count].copy(), which[:count].copy()


@compiled
def add_met(
    box: Floats, boxes: Floats, grid: Grid, least: int, which: Ints, begin: int
) -> tuple[Ints, int]:
    """Write the boxes of a grid from `least` on that meet a box, in order, from a place on.

    Gives the list, another one where it had to grow, and the place after the last.
    """
    count = begin
    side, buckets = grid.side, len(grid.start) - 1
    west, south, east, north = box[0], box[1], box[2], box[3]
    for column in range(int(np.floor(west / side)), int(np.floor(east / side)) + 1):
        for row in range(int(np.floor(south / side)), int(np.floor(north / side)) + 1):
            key = column * ROWS + row
            bucket = _bucket(key, buckets)
            for place in range(grid.start[bucket], grid.start[bucket + 1]):
                j = grid.box[place]
                if (
                    grid.key[place] != key
                    or j < least
                    or boxes[j, 0] > east
                    or boxes[j, 2] < west
                    or boxes[j, 1] > north
                    or boxes[j, 3] < south
                    or int(np.floor(max(west, boxes[j, 0]) / side)) != column
                    or int(np.floor(max(south, boxes[j, 1]) / side)) != row
                ):
                    continue
                if count == len(which):
                    which = _longer(which)
                slot = count
                while slot > begin and which[slot - 1] > j:
                    which[slot] = which[slot - 1]
                    slot -= 1
                which[slot] = j
                count += 1
    return which, count


@compiled
def is_met(box: Floats, boxes: Floats, grid: Grid) -> bool:
    """Whether one of the boxes of a grid meets a box; touching counts."""
    side, buckets = grid.side, len(grid.start) - 1
    for column in range(int(np.floor(box[0] / side)), int(np.floor(box[2] / side)) + 1):
        for row in range(int(np.floor(box[1] / side)), int(np.floor(box[3] / side)) + 1):
            bucket = _bucket(column * ROWS + row, buckets)
            for place in range(grid.start[bucket], grid.start[bucket + 1]):
                j = grid.box[place]
                if (
                    boxes[j, 0] <= box[2]
                    and boxes[j, 2] >= box[0]
                    and boxes[j, 1] <= box[3]
                    and boxes[j, 3] >= box[1]
                ):
                    return True
    return False


@compiled
def _longer(places: Ints) -> Ints:
    longer = np.empty(2 * len(places), np.int64)
    longer[: len(places)] = places
    return longer

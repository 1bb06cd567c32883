"""Can one parcel be reached from another in a straight line past the barriers?

The part of clusters.py that finds the pairs whose nearest segment is cut and sets the scene of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._boxes import in_chunks, meeting
from landgis.analysis._contact import CONTACT_M, Rings
from landgis.analysis._ground_kernel import compiled
from landgis.analysis._parted import clipped, parted
from landgis.analysis._segments import contains, crosses, edges_near, edges_near_into
from landgis.analysis._sight import Scene, shortest_free

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landgis.analysis._walls import Walls

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Among(NamedTuple):
    """Pairs whose nearest segment is cut, and the pieces of barriers about each, in its window."""

    parcels: Rings
    pairs: Ints
    nearest: Floats
    barriers: Walls
    windows: Floats
    start: Ints
    piece: Ints


def reaches(
    parcels: Rings, pairs: Ints, nearest: Floats, barriers: Walls, *, limit: float
) -> tuple[Floats, Ints]:
    """Give the length of the shortest free segment of every pair, and what cuts the nearest one.

    `nearest` holds the nearest segment of every pair. The length is infinite where no free segment
    of at most `limit` metres exists; the barrier is the first row that cuts the nearest segment,
    however long the way round it, or -1 where nothing does.
    """
    found = np.hypot(nearest[:, 2] - nearest[:, 0], nearest[:, 3] - nearest[:, 1])
    by = np.full(len(pairs), -1, dtype=np.int64)
    ends = nearest.reshape(-1, 2, 2)
    start, piece = _pieces_in(np.hstack([ends.min(axis=1), ends.max(axis=1)]), barriers)
    in_chunks(
        lambda low, high: _cut_range(nearest, barriers, start, piece, low, high, by), len(pairs)
    )
    cut = np.flatnonzero(by >= 0)
    first, last = parcels.boxes[pairs[cut, 0]], parcels.boxes[pairs[cut, 1]]
    between = np.hstack([np.maximum(first, last)[:, :2], np.minimum(first, last)[:, 2:]])
    windows = between + np.array([-limit, -limit, limit, limit])
    start, piece = _pieces_in(windows, barriers)
    round_it = np.full(len(cut), np.inf)
    among = Among(parcels, pairs[cut], nearest[cut], barriers, windows, start, piece)
    in_chunks(lambda low, high: _reach_range(among, low, high, limit, round_it), len(cut))
    found[cut] = round_it
    found[found <= CONTACT_M] = 0.0
    return found, by


def _pieces_in(windows: Floats, barriers: Walls) -> tuple[Ints, Ints]:
    """Pieces of barriers that come into windows: those of window i from ``start[i]`` on."""
    at, piece = meeting(windows, barriers.outer.boxes)
    return np.searchsorted(at, np.arange(len(windows) + 1)).astype(np.int64), piece


@compiled
def _cut_range(
    nearest: Floats, barriers: Walls, start: Ints, piece: Ints, low: int, high: int, by: Ints
) -> None:
    """Write down the first barrier that cuts each nearest segment."""
    inner = barriers.inner
    for k in range(low, high):
        x0, y0, x1, y1 = nearest[k, 0], nearest[k, 1], nearest[k, 2], nearest[k, 3]
        for place in range(start[k], start[k + 1]):
            own = inner.edges[inner.start[piece[place]] : inner.start[piece[place] + 1]]
            if crosses(own, x0, y0, x1, y1) or contains(own, x0, y0):
                by[k] = barriers.row[piece[place]]
                break


@compiled
def _reach_range(among: Among, low: int, high: int, limit: float, found: Floats) -> None:
    """Write down the length of the shortest free segment of each pair that has one."""
    parcels, inner = among.parcels, among.barriers.inner
    for k in range(low, high):
        pieces = among.piece[among.start[k] : among.start[k + 1]]
        a, b = among.pairs[k, 0], among.pairs[k, 1]
        whole_a = parcels.edges[parcels.start[a] : parcels.start[a + 1]]
        whole_b = parcels.edges[parcels.start[b] : parcels.start[b + 1]]
        box_a, box_b = parcels.boxes[a], parcels.boxes[b]
        nearest = among.nearest[k]
        if np.hypot(nearest[2] - nearest[0], nearest[3] - nearest[1]) > CONTACT_M:
            part_a, part_b = clipped(whole_a, box_b, limit), clipped(whole_b, box_a, limit)
            if parted(inner, pieces, part_a, part_b, nearest):
                continue
        window = among.windows[k]
        scene = Scene(
            edges_near(whole_a, box_b, limit),
            edges_near(whole_b, box_a, limit),
            whole_a,
            whole_b,
            box_a,
            box_b,
            _edges_within(inner, pieces, window),
            inner,
            pieces,
            np.zeros(1, np.int64),
        )
        outline = _edges_within(among.barriers.outer, pieces, window)
        found[k] = shortest_free(scene, among.barriers, outline, window, limit)


@compiled
def _edges_within(walls_: Rings, pieces: Ints, window: Floats) -> Floats:
    """Edges of several pieces that come into a window, in one array."""
    count = 0
    for piece in pieces:
        count += walls_.start[piece + 1] - walls_.start[piece]
    edges = np.empty((count, 4))
    count = 0
    for piece in pieces:
        own = walls_.edges[walls_.start[piece] : walls_.start[piece + 1]]
        count += len(edges_near_into(own, window, 0.0, edges[count:]))
    return edges[:count]

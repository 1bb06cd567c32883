"""Can one parcel be reached from another in a straight line past the barriers?

The part of clusters.py that finds the pairs whose nearest segment is cut and sets the scene of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landgis.analysis._boxes import in_chunks, meeting
from landgis.analysis._contact import CONTACT_M, Rings
from landgis.analysis._ground_kernel import compiled
from landgis.analysis._segments import contains, crosses, distance, edges_near, edges_near_into
from landgis.analysis._sight import Scene, inside_wall, shortest_free

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landgis.analysis._walls import Walls

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


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
    in_chunks(
        lambda low, high: _reach_range(
            parcels, pairs[cut], barriers, windows, start, piece, low, high, limit, round_it
        ),
        len(cut),
    )
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
def _reach_range(
    parcels: Rings,
    pairs: Ints,
    barriers: Walls,
    windows: Floats,
    start: Ints,
    piece: Ints,
    low: int,
    high: int,
    limit: float,
    found: Floats,
) -> None:
    for k in range(low, high):
        pieces = piece[start[k] : start[k + 1]]
        a, b = pairs[k, 0], pairs[k, 1]
        whole_a = parcels.edges[parcels.start[a] : parcels.start[a + 1]]
        whole_b = parcels.edges[parcels.start[b] : parcels.start[b + 1]]
        scene = Scene(
            edges_near(whole_a, parcels.boxes[b], limit),
            edges_near(whole_b, parcels.boxes[a], limit),
            whole_a,
            whole_b,
            parcels.boxes[a],
            parcels.boxes[b],
            _edges_within(barriers.inner, pieces, windows[k]),
            barriers.inner,
            pieces,
            np.zeros(1, np.int64),
        )
        outline = _edges_within(barriers.outer, pieces, windows[k])
        grazed = _grazed(scene, barriers, windows[k], limit)
        found[k] = shortest_free(scene, outline, grazed, limit)


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


@compiled
def _grazed(scene: Scene, barriers: Walls, window: Floats, limit: float) -> Floats:
    """Corners of barriers that a segment of that length between the parcels can graze."""
    count = 0
    for piece in scene.pieces:
        count += barriers.corner_start[piece + 1] - barriers.corner_start[piece]
    corners = np.empty((count, 6))
    count = 0
    for piece in scene.pieces:
        for i in range(barriers.corner_start[piece], barriers.corner_start[piece + 1]):
            x, y = barriers.corners[i, 0], barriers.corners[i, 1]
            if not (window[0] <= x <= window[2] and window[1] <= y <= window[3]):
                continue
            to_a = distance(x, y, scene.near_a, limit)
            near = to_a <= limit and to_a + distance(x, y, scene.near_b, limit - to_a) <= limit
            if near and not inside_wall(scene, x, y):
                corners[count] = barriers.corners[i]
                count += 1
    return corners[:count]

"""Can one parcel be reached from another in a straight line past the barriers?

The part of clusters.py that finds the pairs whose nearest segment is cut and sets the scene of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._boxes import in_chunks, meeting
from landgis.analysis._contact import CONTACT_M, Rings
from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._parted import parted, within_reach
from landgis.analysis._scene import Scene, beside
from landgis.analysis._segments import contains, crosses, edges_near, edges_near_into
from landgis.analysis._sight import shortest_free

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
    windows = windows_of(parcels, pairs[cut], limit)
    start, piece = _pieces_in(windows, barriers)
    round_it = np.full(len(cut), np.inf)
    among = Among(parcels, pairs[cut], nearest[cut], barriers, windows, start, piece)
    in_chunks(lambda low, high: _reach_range(among, low, high, limit, round_it), len(cut))
    found[cut] = round_it
    found[found <= CONTACT_M] = 0.0
    return found, by


def windows_of(parcels: Rings, pairs: Ints, limit: float) -> Floats:
    """Draw a box for every pair that holds all segments of that length between its parcels."""
    windows = np.empty((len(pairs), 4))
    _draw_windows(parcels.boxes, pairs, limit, windows)
    return windows


@compiled
def _draw_windows(boxes: Floats, pairs: Ints, limit: float, windows: Floats) -> None:
    for k in range(len(pairs)):
        draw_window(boxes[pairs[k, 0]], boxes[pairs[k, 1]], limit, windows[k])


@inlined
def draw_window(first: Floats, last: Floats, limit: float, window: Floats) -> None:
    """Write the box that holds all segments of that length between two boxes."""
    for i in range(2):
        window[i] = max(first[i], last[i]) - limit
        window[i + 2] = min(first[i + 2], last[i + 2]) + limit


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
            if crosses(own, x0, y0, x1, y1) or contains(own, 0, len(own), x0, y0):
                by[k] = barriers.row[piece[place]]
                break


@compiled
def _reach_range(among: Among, low: int, high: int, limit: float, found: Floats) -> None:
    """Write down the length of the shortest free segment of each pair that has one.

    Parcels in contact are mostly still so beside the barrier: that is a small scene, looked at
    first. Of the others most are wholly parted, which is proven without a search.
    """
    parcels = among.parcels
    for k in range(low, high):
        pieces = among.piece[among.start[k] : among.start[k + 1]]
        nearest = among.nearest[k]
        if np.hypot(nearest[2] - nearest[0], nearest[3] - nearest[1]) <= CONTACT_M:
            found[k] = _reach(among, k, pieces, CONTACT_M, CONTACT_M - limit)
            if found[k] <= CONTACT_M:
                continue
        a, b = among.pairs[k, 0], among.pairs[k, 1]
        parts = within_reach(
            parcels.edges[parcels.start[a] : parcels.start[a + 1]],
            parcels.edges[parcels.start[b] : parcels.start[b + 1]],
            parcels.boxes[b],
            limit,
        )
        if parted(among.barriers.inner, pieces, parts, nearest):
            found[k] = np.inf
        else:
            found[k] = _reach(among, k, pieces, limit, 0.0)


@compiled
def _reach(among: Among, k: int, pieces: Ints, limit: float, wider: float) -> float:
    """Set the scene of a pair, in its window or one a little wider, and search it."""
    parcels, barriers = among.parcels, among.barriers
    a, b = among.pairs[k, 0], among.pairs[k, 1]
    whole_a = parcels.edges[parcels.start[a] : parcels.start[a + 1]]
    whole_b = parcels.edges[parcels.start[b] : parcels.start[b + 1]]
    window = among.windows[k] + np.array([-wider, -wider, wider, wider])
    pieces = _pieces_within(barriers.outer, pieces, window)
    scene = Scene(
        edges_near(whole_a, parcels.boxes[b], limit),
        edges_near(whole_b, parcels.boxes[a], limit),
        whole_a,
        whole_b,
        parcels.boxes[a],
        parcels.boxes[b],
        _edges_within(barriers.inner, pieces, window),
        barriers.inner,
        pieces,
        beside(barriers.inner, pieces, window),
        np.zeros(1, np.int64),
    )
    outline = _edges_within(barriers.outer, pieces, window)
    return shortest_free(scene, barriers, outline, window, limit)


@compiled
def _pieces_within(walls_: Rings, pieces: Ints, window: Floats) -> Ints:
    """Pieces whose boxes meet a window."""
    kept = np.empty_like(pieces)
    count = 0
    for piece in pieces:
        box = walls_.boxes[piece]
        if (
            box[0] <= window[2]
            and box[2] >= window[0]
            and box[1] <= window[3]
            and box[3] >= window[1]
        ):
            kept[count] = piece
            count += 1
    return kept[:count]


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

"""What stands about one pair: its parcels, and the barriers in its window. Part of clusters.py's sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._contact import CONTACT_M, Rings
from landgis.analysis._ground_kernel import compiled
from landgis.analysis._segments import borrowing, contains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Truths = NDArray[np.bool_]


class Beside(NamedTuple):
    """Edges of pieces of barriers that a ray from within a window can meet.

    The ray runs east, or north where the piece reaches farther east than north: then x and y change
    places. Piece i owns ``edges[start[i]:start[i + 1]]``.
    """

    edges: Floats
    start: Ints
    swapped: Truths
    window: Floats


class Scene(NamedTuple):
    """One pair among its barriers: edges within reach, whole parcels, walls near and whole.

    ``last`` is the place of the wall's edge that cut the last segment: it often cuts the next.
    A free segment of ``enough`` metres ends the search.
    """

    near_a: Floats
    near_b: Floats
    whole_a: Floats
    whole_b: Floats
    box_a: Floats
    box_b: Floats
    wall: Floats
    inner: Rings
    pieces: Ints
    beside: Beside
    last: Ints
    enough: float


@compiled
def beside(walls_: Rings, pieces: Ints, window: Floats) -> Beside:
    """Gather the edges that decide whether points of a window lie inside pieces."""
    count = 0
    for piece in pieces:
        count += walls_.start[piece + 1] - walls_.start[piece]
    edges, start = np.empty((count, 4)), np.zeros(len(pieces) + 1, np.int64)
    swapped = np.zeros(len(pieces), np.bool_)
    count = 0
    for i in range(len(pieces)):
        box = walls_.boxes[pieces[i]]
        swapped[i] = box[2] - box[0] > box[3] - box[1]
        along, across = (1, 0) if swapped[i] else (0, 1)
        first = window[along] - CONTACT_M  # where a ray begins, roundings aside
        low, high = window[across], window[across + 2]
        for k in range(walls_.start[pieces[i]], walls_.start[pieces[i] + 1]):
            x0, y0 = walls_.edges[k, along], walls_.edges[k, across]
            x1, y1 = walls_.edges[k, along + 2], walls_.edges[k, across + 2]
            if max(x0, x1) >= first and min(y0, y1) <= high and max(y0, y1) >= low:
                edges[count, 0], edges[count, 1], edges[count, 2], edges[count, 3] = x0, y0, x1, y1
                count += 1
        start[i + 1] = count
    return Beside(edges, start, swapped, window)


@borrowing
def inside_wall(scene: Scene, x: float, y: float) -> bool:
    inner, near = scene.inner, scene.beside
    window = near.window
    within = window[0] <= x <= window[2] and window[1] <= y <= window[3]
    for i in range(len(scene.pieces)):
        piece = scene.pieces[i]
        if not (
            inner.boxes[piece, 0] <= x <= inner.boxes[piece, 2]
            and inner.boxes[piece, 1] <= y <= inner.boxes[piece, 3]
        ):
            continue
        if not within:
            found = contains(inner.edges, inner.start[piece], inner.start[piece + 1], x, y)
        elif near.swapped[i]:
            found = contains(near.edges, near.start[i], near.start[i + 1], y, x)
        else:
            found = contains(near.edges, near.start[i], near.start[i + 1], x, y)
        if found:
            return True
    return False

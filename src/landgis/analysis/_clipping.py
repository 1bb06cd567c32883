"""Cut parcels by zones where one look tells how: the fast way behind `landgis.analysis.overlay`.

Most parcels that a zone's outline crosses are crossed in the midst of edges. Then the common ground
follows the outline from where it enters the parcel to where it leaves it, and the parcel's edge on
to where the outline enters next; the rest of the parcel follows the outline backwards. Both share
every corner. Where corners lie on or near the other's edges, where edges run along each other,
where either has holes in the other, the pair is left to GEOS.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from landgis.analysis import _clipping_kernel as kernel
from landgis.analysis import _ground as ground

if TYPE_CHECKING:
    from landgis.analysis._ground import Numbers, Rows, Shapes, Tiles, Truths
    from landgis.analysis._overlap_kernel import Outlines

SPANS = 32  # of work for the threads


class Clipped(NamedTuple):
    """What cutting gave, pair by pair; None where the pair was left alone."""

    piece: Shapes  # ground that parcel and zone have in common
    rest: Shapes  # what is left of the parcel
    done: Truths


def clip(
    tiles: Tiles, others: Outlines, *, left: Rows, right: Rows, with_rest: Truths, count: int
) -> Clipped:
    """Cut pairs of shapes that plainly cross; `count` shapes stand on the left."""
    tile = np.full(count, -1)
    tile[tiles.owner] = np.arange(len(tiles.owner))
    tile[np.bincount(tiles.owner, minlength=count) != 1] = -1
    mine = tile[left]
    tried = np.flatnonzero(mine >= 0)
    pieces = np.full((2, len(left)), None, dtype=object)
    done = np.zeros(len(left), np.bool_)

    def cut(span: tuple[int, int]) -> None:
        points, ring, pair, side, cut_here = kernel.clip(
            tiles.arrays, others, mine[tried], right[tried], with_rest[tried], *span
        )
        done[tried[slice(*span)]] = cut_here
        if len(pair):
            _build(pieces, points, ring, tried[pair], side)

    cuts = itertools.pairwise(np.linspace(0, len(tried), SPANS + 1).astype(int).tolist())
    with ThreadPoolExecutor(ground.threads()) as pool:
        list(pool.map(cut, cuts))
    return Clipped(pieces[kernel.INNER], pieces[kernel.OUTER], done)


def _build(pieces: Shapes, points: Numbers, ring: Rows, pair: Rows, side: Rows) -> None:
    """Make polygons of rings, and multipolygons where a pair has several on a side."""
    of_ring = np.repeat(np.arange(len(pair)), np.diff(ring))
    polygons = shapely.polygons(shapely.linearrings(points, indices=of_ring))
    key = 2 * pair + side  # sorted, as rings come pair by pair and side by side
    first = np.flatnonzero(np.diff(key, prepend=-1))
    many = np.diff(first, append=len(key))
    alone = first[many == 1]
    pieces[side[alone], pair[alone]] = polygons[alone]
    if (many > 1).any():
        several = np.repeat(many > 1, many)
        group = np.repeat(np.cumsum(many > 1) - 1, many)[several]
        joined = shapely.multipolygons(polygons[several], indices=group)
        begin = first[many > 1]
        pieces[side[begin], pair[begin]] = joined

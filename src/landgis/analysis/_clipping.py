"""Cut parcels by zones where one look tells how: the fast way behind `landgis.analysis.overlay`.

Most parcels that a zone's outline crosses are crossed in the midst of edges. Then the common ground
follows the outline from where it enters the parcel to where it leaves it, and the parcel's edge on
to where the outline enters next; the rest of the parcel follows the outline backwards. Both share
every corner. Where corners lie on or near the other's edges, where edges run along each other,
where either has holes in the other, the pair is left to GEOS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from landgis.analysis import _clipping_kernel as kernel
from landgis.analysis import _ground as ground
from landgis.analysis import _ground_kernel
from landgis.analysis._validity_kernel import plainly_valid

if TYPE_CHECKING:
    from landgis.analysis._ground import Numbers, Rings, Rows, Scale, Shapes, Tiles, Truths
    from landgis.analysis._overlap_kernel import Outlines


class Clipped(NamedTuple):
    """What cutting gave, pair by pair; None where the pair was left alone."""

    piece: Shapes  # ground that parcel and zone have in common
    rest: Shapes  # what is left of the parcel, where wanted
    area: Numbers  # of the piece
    rest_area: Numbers
    done: Truths


def clip(
    laid: Tiles, others: Outlines, scale: Scale,
    *, left: Rows, right: Rows, with_rest: Truths, count: int,
) -> Clipped:  # fmt: skip
    """Cut pairs of shapes that plainly cross; `count` shapes stand on the left."""
    ground.announce_compiling(kernel.clip, "the clipping kernel", seconds=20)
    tile = np.full(count, -1)
    tile[laid.owner] = np.arange(len(laid.owner))
    tile[np.bincount(laid.owner, minlength=count) != 1] = -1
    mine = tile[left]
    tried = np.flatnonzero(mine >= 0)
    pieces = np.full((2, len(left)), None, dtype=object)
    area = np.zeros((2, len(left)))
    done = np.zeros(len(left), np.bool_)

    def cut(first: int, end: int) -> None:
        (points, ring, polygon, pair, side), cut_here = kernel.clip(
            laid.arrays, others, mine[tried], right[tried], with_rest[tried], first, end
        )
        done[tried[first:end]] = cut_here
        if len(pair):
            outer = np.zeros(len(ring) - 1, np.bool_)
            outer[polygon[:-1]] = True
            these = ground.as_rings(points, ring, outer, polygon)
            made = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (ring, polygon))
            shape = side, tried[pair]
            np.add.at(area, shape, _areas(these, scale))
            _place(pieces, shape, made)
            # outlines that touch themselves may leave rings that do
            done[shape[1][~_sound(made, these)]] = False

    ground.in_spans(cut, len(tried))
    return Clipped(
        pieces[kernel.INNER], pieces[kernel.OUTER], area[kernel.INNER], area[kernel.OUTER], done
    )


def _areas(these: Rings, scale: Scale) -> Numbers:
    """Measure polygons as they lie in plain arrays."""
    laid = ground.tiles(these, scale, most_edges=_ground_kernel.ANY_EDGES)
    return ground.whole_areas(laid, len(these.shape) - 1)


def _sound(made: Shapes, these: Rings) -> Truths:
    """Say which polygons are valid, asking GEOS only in doubt."""
    valid = np.zeros(len(made), np.bool_)
    plainly_valid(these.points, these.ring, these.outer, these.shape, 0, len(valid), valid)
    doubtful = np.flatnonzero(~valid)
    valid[doubtful] = shapely.is_valid(made[doubtful])
    return valid


def _place(pieces: Shapes, shape: tuple[Rows, Rows], made: Shapes) -> None:
    """Put polygons to their pairs, as multipolygons where a pair has several on a side."""
    side, pair = shape
    key = 2 * pair + side  # sorted, as polygons come pair by pair and side by side
    first = np.flatnonzero(np.diff(key, prepend=-1))
    many = np.diff(first, append=len(key))
    alone = first[many == 1]
    pieces[side[alone], pair[alone]] = made[alone]
    if (many > 1).any():
        several = np.repeat(many > 1, many)
        group = np.repeat(np.cumsum(many > 1) - 1, many)[several]
        begin = first[many > 1]
        pieces[side[begin], pair[begin]] = shapely.multipolygons(made[several], indices=group)

"""Which plots lie in the ground that clusters close in, and how much of each meets its cluster; part of pockets.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from landgis.analysis._pocket_rooms import (
    HAIRLINE_M,
    POLYGONS,
    Pieces,
    Rooms,
    along_m,
    grown,
    less,
    mended,
)
from landgis.model.schema import POCKET_KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]

MILLIMETRE_M = 0.001  # lengths are compared to this
MOSTLY = 0.5
LEAST_SHARE = 0.1  # of its perimeter: a plot in no closed-in piece that meets less is not looked at
ENCLOSED, CUT_OFF, INTERLOCKED = POCKET_KINDS


class Plots(NamedTuple):
    """Pockets and their clusters.

    Attributes
    ----------
    shapes : ndarray
        Outline of each plot.
    row : ndarray
        Its row in the table of parcels, -1 for ground that no parcel covers.
    cluster : ndarray
        Place of its cluster.
    kind : ndarray
        One of `schema.POCKET_KINDS`.
    along_m : ndarray
        Length of its boundary that meets the cluster.
    room : ndarray
        The piece of ground it lies in, the plot itself where it lies in none.
    """

    shapes: Shapes
    row: Places
    cluster: Places
    kind: NDArray[np.object_]
    along_m: Numbers
    room: Shapes

    def only(self, which: Truths | Places) -> Plots:
        """Keep some of them."""
        return Plots._make(column[which] for column in self)


def plots_in(
    others: Shapes,
    row: Places,
    outlines: Shapes,
    about: Rooms,
    *,
    touching_share: float,
    largest_m2: Numbers,
) -> Plots:
    """Name the parcels of no cluster that lie mostly in closed-in ground or mostly against a cluster.

    Each goes to the cluster it has most contact with, the first of several.
    """
    cluster, other, along = _candidates(others, outlines, about, largest_m2)
    shapes = others[other]
    whole = shapely.area(shapes)
    enclosed, _ = _inside(shapes, cluster, about.own, about.holes)
    cut_off, room = _inside(shapes, cluster, about.closed, about.rooms)
    kind = np.select(
        [
            enclosed > MOSTLY * whole,
            cut_off > MOSTLY * whole,
            along + MILLIMETRE_M >= touching_share * shapely.length(shapes),
        ],
        POCKET_KINDS,
        "",
    ).astype(object)
    alone = (kind == INTERLOCKED) | shapely.is_missing(room)
    room[alone] = shapes[alone]
    found = Plots(shapes, row[other], cluster, kind, along, room).only(kind != "")
    order = np.lexsort((found.cluster, -found.along_m, found.row))
    found = found.only(order)
    return found.only(np.append(True, found.row[1:] != found.row[:-1])[: len(order)])


def _candidates(
    others: Shapes, outlines: Shapes, about: Rooms, largest_m2: Numbers
) -> tuple[Places, Places, Numbers]:
    """Clusters, the small plots that may be pockets of theirs, and how long they meet."""
    tree = shapely.STRtree(others)
    beside = tree.query(outlines, "dwithin", distance=HAIRLINE_M)
    within = [_meeting(tree, pieces) for pieces in (about.holes, about.rooms)]
    pairs = np.unique(np.hstack([beside, *within]), axis=1)
    pairs = pairs[:, shapely.area(others[pairs[1]]) <= largest_m2[pairs[0]]]
    cluster, other = pairs
    along = along_m(others[other], cluster, outlines)
    count = len(others)
    in_piece = np.isin(cluster * count + other, np.hstack([c * count + o for c, o in within]))
    kept = in_piece | (along >= LEAST_SHARE * shapely.length(others[other]))
    return cluster[kept], other[kept], along[kept]


def _meeting(tree: shapely.STRtree, pieces: Pieces) -> tuple[Places, Places]:
    """Clusters and the plots that meet a piece of theirs."""
    piece, plot = tree.query(pieces.shapes, "intersects")
    return pieces.of[piece], plot


def _inside(
    shapes: Shapes, cluster: Places, ground: Pieces, pieces: Pieces
) -> tuple[Numbers, Shapes]:
    """Area of each shape within the ground and the pieces of its cluster, and the piece it is most in."""
    at, _, on_ground = _common(shapes, cluster, ground)
    area = np.bincount(at, on_ground, len(shapes)).astype(np.float64)
    at, piece, part = _common(shapes, cluster, pieces)
    np.add.at(area, at, part)
    room = np.full(len(shapes), None, dtype=object)
    order = np.argsort(part, kind="stable")  # the largest part is written last
    room[at[order]] = pieces.shapes[piece[order]]
    return area, room


def _common(shapes: Shapes, cluster: Places, pieces: Pieces) -> tuple[Places, Places, Numbers]:
    """Shapes and the pieces of their clusters that they meet, and the area in common."""
    at, piece = shapely.STRtree(pieces.shapes).query(shapes)  # most that meet are of other clusters
    own = pieces.of[piece] == cluster[at]
    at, piece = at[own], piece[own]
    area = shapely.area(shapely.intersection(shapes[at], pieces.shapes[piece]))
    return at[area > 0.0], piece[area > 0.0], area[area > 0.0]


def bare_ground(rooms: Rooms, outlines: Shapes, parcels: Shapes, *, least_width_m: float) -> Plots:
    """Find the ground in the rooms that no parcel covers, each square metre once."""
    pieces = rooms.rooms
    shapes, of = _opened(less(pieces.shapes, parcels), least_width_m)
    cluster = pieces.of[of]
    along = along_m(shapes, cluster, outlines)
    order = np.lexsort((cluster, -along))
    shapes, cluster, of = _once(shapes[order]), cluster[order], of[order]
    shapes, part = _opened(shapes, least_width_m)
    cluster, of = cluster[part], of[part]
    enclosed, _ = _inside(shapes, cluster, rooms.own, rooms.holes)
    kind = np.where(enclosed > MOSTLY * shapely.area(shapes), ENCLOSED, CUT_OFF)
    return Plots(
        shapes,
        np.full(len(shapes), -1, dtype=np.int64),
        cluster,
        kind.astype(object),
        along_m(shapes, cluster, outlines),
        pieces.shapes[of],
    )


def _opened(shapes: Shapes, least_width_m: float) -> tuple[Shapes, Places]:
    """Parts of each shape that are wide enough, and the shape each comes from."""
    half = least_width_m / 2.0
    cores, of = shapely.get_parts(grown(shapes, -half), return_index=True)
    parts = mended(shapely.intersection(grown(cores, half), shapes[of]))
    kept = np.isin(shapely.get_type_id(parts), POLYGONS) & ~shapely.is_empty(parts)
    return parts[kept], of[kept]


def _once(shapes: Shapes) -> Shapes:
    """Leave common ground to the first of those that claim it."""
    first, later = shapely.STRtree(shapes).query(shapes, "intersects")
    both = first < later
    left = shapes.copy()
    for one, other in zip(first[both], later[both], strict=True):
        left[other] = shapely.difference(left[other], shapes[one])
    return left


def mostly_on(shapes: Shapes, ground: Shapes) -> Truths:
    """Whether most of each shape lies on that ground."""
    at, place = shapely.STRtree(ground).query(shapes, "intersects")
    part = shapely.area(shapely.intersection(shapes[at], ground[place]))
    covered = np.bincount(at, weights=part, minlength=len(shapes))
    on: Truths = covered > MOSTLY * shapely.area(shapes)
    return on


def beyond(plots: Plots, outlines: Shapes, areas_planned: Shapes) -> Truths:
    """Whether a plot is cut off on the far side of the planning area that holds its cluster."""
    planned = mostly_on(outlines, areas_planned)[plots.cluster]
    across: Truths = (plots.kind == CUT_OFF) & planned & ~mostly_on(plots.shapes, areas_planned)
    return across

"""Can one parcel be reached from another in a straight line past the barriers?

The part of clusters.py that finds the pairs whose nearest segment is cut and sets the scene of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.analysis._boxes import Grid, add_met, grid_about, in_chunks
from landgis.analysis._contact import CONTACT_M, Rings
from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._parted import NONE, parting_piece, sketch_for, within_reach
from landgis.analysis._scene import Scene, beside
from landgis.analysis._segments import borrowing, contains, crosses, edges_near, edges_near_into
from landgis.analysis._sight import shortest_free

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landgis.analysis._parted import Parts, Sketch
    from landgis.analysis._walls import Walls

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Truths = NDArray[np.bool_]

PAIRS = 2_048  # pairs at a time: some take a thousand times as long as others
USUALLY_NEAR = 64  # pieces of barriers near a parcel; the list grows
QUICKLY_COMPARED = 100_000  # pairs of vertices, in a tenth of a millisecond


class Among(NamedTuple):
    """Pairs of parcels among barriers, and the lengths in metres that matter.

    No longer segment than `limit` is looked for, and no shorter one once one of `enough` is found.
    No parcel and no piece of a barrier has more edges than `most`.
    """

    parcels: Rings
    pairs: Ints
    barriers: Walls
    cells: Grid
    limit: float
    enough: float
    most: int


def reaches(
    parcels: Rings,
    pairs: Ints,
    nearest: Floats,
    barriers: Walls,
    *,
    limit: float,
    enough: float = 0.0,
) -> tuple[Floats, Ints]:
    """Give the length of the shortest free segment of every pair, and what cuts the nearest one.

    `nearest` holds the nearest segment of every pair. The length is infinite where no free segment
    of at most `limit` metres exists, and that of any one no longer than `enough` where there is
    one; the barrier is the first row that cuts the nearest segment, however long the way round it,
    or -1 where nothing does. Quicker where pairs of the same first parcel follow one another.
    """
    found = np.hypot(nearest[:, 2] - nearest[:, 0], nearest[:, 3] - nearest[:, 1])
    by = np.full(len(pairs), -1, dtype=np.int64)
    among = _among(parcels, pairs, barriers, limit, enough)
    in_chunks(
        lambda low, high: _reach_range(among, nearest, low, high, found, by), len(pairs), size=PAIRS
    )
    found[found <= CONTACT_M] = 0.0
    return found, by


def plainly_cut(parcels: Rings, pairs: Ints, barriers: Walls, *, limit: float) -> Truths:
    """Which pairs have a barrier between them, as seen at once: no segment of that length is free."""
    cut = np.zeros(len(pairs), dtype=np.bool_)
    among = _among(parcels, pairs, barriers, limit, 0.0)
    in_chunks(lambda low, high: _cut_range(among, low, high, cut), len(pairs), size=PAIRS)
    return cut


def _among(parcels: Rings, pairs: Ints, barriers: Walls, limit: float, enough: float) -> Among:
    cells = grid_about(barriers.outer.boxes, parcels.boxes, limit)
    most = max(int(np.diff(these.start).max(initial=0)) for these in (parcels, barriers.inner))
    return Among(parcels, pairs, barriers, cells, float(limit), max(float(enough), CONTACT_M), most)


@inlined
def draw_window(first: Floats, last: Floats, limit: float, window: Floats) -> None:
    """Write the box that holds all segments of that length between two boxes."""
    for i in range(2):
        window[i] = max(first[i], last[i]) - limit
        window[i + 2] = min(first[i + 2], last[i + 2]) + limit


@compiled
def _pieces_near(among: Among, parcel: int, wider: Floats, which: Ints) -> tuple[Ints, int]:
    """List the pieces of barriers in the box that holds every segment from a parcel."""
    box = among.parcels.boxes[parcel]
    draw_window(box, box, among.limit, wider)
    return add_met(wider, among.barriers.outer.boxes, among.cells, 0, which, 0)


@compiled
def _cut_range(among: Among, low: int, high: int, cut: Truths) -> None:
    """Say of some pairs whether a barrier plainly lies between them."""
    boxes, inner = among.parcels.boxes, among.barriers.inner
    sketch, piece, unknown = sketch_for(among.most), NONE, np.full(4, np.nan)
    wider, which, count = np.empty(4), np.empty(USUALLY_NEAR, np.int64), 0
    for k in range(low, high):
        a, b = among.pairs[k, 0], among.pairs[k, 1]
        if k == low or a != among.pairs[k - 1, 0]:
            which, count = _pieces_near(among, a, wider, which)
        if count > 0 and not _one_holds_the_other(boxes[a], boxes[b]):
            parts = _within_reach(among, k, sketch)
            found = parting_piece(inner, which[:count], parts, unknown, piece, sketch)
            cut[k] = found != NONE
            piece = found if cut[k] else piece


@compiled
def _reach_range(
    among: Among, nearest: Floats, low: int, high: int, found: Floats, by: Ints
) -> None:
    """Write down what cuts the nearest segment of each pair, and the length of another that is free."""
    sketch, parting = sketch_for(among.most), np.full(1, NONE)
    wider, which, count = np.empty(4), np.empty(USUALLY_NEAR, np.int64), 0
    for k in range(low, high):
        a = among.pairs[k, 0]
        if k == low or a != among.pairs[k - 1, 0]:
            which, count = _pieces_near(among, a, wider, which)
        if count == 0:
            continue
        piece = _first_cutting(among.barriers.inner, which[:count], nearest[k])
        if piece >= 0:
            by[k] = among.barriers.row[piece]
            found[k] = _way_round(among, k, which[:count], nearest[k], parting, sketch)


@borrowing
def _first_cutting(inner: Rings, pieces: Ints, segment: Floats) -> int:
    """Place of the first piece that a segment meets, -1 where none."""
    x0, y0, x1, y1 = segment[0], segment[1], segment[2], segment[3]
    for piece in pieces:
        box = inner.boxes[piece]
        if (
            box[0] > max(x0, x1)
            or box[2] < min(x0, x1)
            or box[1] > max(y0, y1)
            or box[3] < min(y0, y1)
        ):
            continue
        own = inner.edges[inner.start[piece] : inner.start[piece + 1]]
        if crosses(own, x0, y0, x1, y1) or contains(own, 0, len(own), x0, y0):
            return int(piece)
    return -1


@compiled
def _way_round(
    among: Among, k: int, pieces: Ints, nearest: Floats, parting: Ints, sketch: Sketch
) -> float:
    """Length of the shortest free segment of a pair whose nearest one is cut.

    Parcels in contact are mostly still so beside the barrier: that is looked at first, and is seen
    at once where they have a vertex in common. Of the others most are wholly parted, which is
    proven without a search; `parting` holds the piece that parted a pair before, and then the one
    that parts this.
    """
    first, last = among.parcels.boxes[among.pairs[k, 0]], among.parcels.boxes[among.pairs[k, 1]]
    window = np.empty(4)
    if np.hypot(nearest[2] - nearest[0], nearest[3] - nearest[1]) <= CONTACT_M:
        if _meet_in_the_open(among, k, pieces):
            return 0.0
        draw_window(first, last, CONTACT_M, window)
        length = _search(among, k, pieces, window, CONTACT_M)
        if length <= CONTACT_M:
            return length
    parts = _within_reach(among, k, sketch)
    piece = parting_piece(among.barriers.inner, pieces, parts, nearest, parting[0], sketch)
    if piece != NONE:
        parting[0] = piece
        return np.inf
    draw_window(first, last, CONTACT_M, window)  # ground that both share
    shared = window[0] <= window[2] and window[1] <= window[3]
    for i in range(2):
        low, high = parts.box[i] - CONTACT_M, parts.box[i + 2] + CONTACT_M
        window[i] = min(low, window[i]) if shared else low
        window[i + 2] = max(high, window[i + 2]) if shared else high
    return _search(among, k, pieces, window, among.limit)


@borrowing
def _meet_in_the_open(among: Among, k: int, pieces: Ints) -> bool:
    """Whether two parcels have a vertex in common that no barrier covers, as seen at once."""
    parcels, inner = among.parcels, among.barriers.inner
    a, b = among.pairs[k, 0], among.pairs[k, 1]
    box = parcels.boxes[b]
    if _edges_of(parcels, a) * _edges_of(parcels, b) > QUICKLY_COMPARED:
        return False
    for i in range(parcels.start[a], parcels.start[a + 1]):
        x, y = parcels.edges[i, 0], parcels.edges[i, 1]
        if not (box[0] <= x <= box[2] and box[1] <= y <= box[3]):
            continue
        for j in range(parcels.start[b], parcels.start[b + 1]):
            if parcels.edges[j, 0] == x and parcels.edges[j, 1] == y:
                if not _is_covered(inner, pieces, x, y):
                    return True
                break
    return False


@inlined
def _edges_of(parcels: Rings, i: int) -> int:
    return int(parcels.start[i + 1] - parcels.start[i])


@borrowing
def _is_covered(inner: Rings, pieces: Ints, x: float, y: float) -> bool:
    for piece in pieces:
        box = inner.boxes[piece]
        if (
            box[0] <= x <= box[2]
            and box[1] <= y <= box[3]
            and contains(inner.edges, inner.start[piece], inner.start[piece + 1], x, y)
        ):
            return True
    return False


@inlined
def _one_holds_the_other(box: Floats, other: Floats) -> bool:
    return bool(
        (box[0] <= other[0] and box[1] <= other[1] and box[2] >= other[2] and box[3] >= other[3])
        or (box[0] >= other[0] and box[1] >= other[1] and box[2] <= other[2] and box[3] <= other[3])
    )


@compiled
def _within_reach(among: Among, k: int, sketch: Sketch) -> Parts:
    parcels = among.parcels
    a, b = among.pairs[k, 0], among.pairs[k, 1]
    return within_reach(
        parcels.edges[parcels.start[a] : parcels.start[a + 1]],
        parcels.edges[parcels.start[b] : parcels.start[b + 1]],
        parcels.boxes[b],
        among.limit + CONTACT_M,  # roundings aside
        sketch,
    )


@compiled
def _search(among: Among, k: int, pieces: Ints, window: Floats, limit: float) -> float:
    """Set the scene of a pair in a window that holds every segment that counts, and search it."""
    parcels, barriers = among.parcels, among.barriers
    a, b = among.pairs[k, 0], among.pairs[k, 1]
    whole_a = parcels.edges[parcels.start[a] : parcels.start[a + 1]]
    whole_b = parcels.edges[parcels.start[b] : parcels.start[b + 1]]
    pieces = _pieces_within(barriers.outer, pieces, window)
    scene = Scene(
        edges_near(whole_a, window, 0.0),
        edges_near(whole_b, window, 0.0),
        whole_a,
        whole_b,
        parcels.boxes[a],
        parcels.boxes[b],
        _edges_within(barriers.inner, pieces, window),
        barriers.inner,
        pieces,
        beside(barriers.inner, pieces, window),
        np.zeros(1, np.int64),
        among.enough,
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

"""The engine behind `tabulate`: common areas of many polygons, without topology.

A polygon is the signed sum of the strips below its edges: an upper edge adds the ground below it,
a lower edge takes it away again. The common ground of two polygons is therefore the signed sum,
over all pairs of their edges, of the ground below both: ∫ min(f, g) over the x they share, where f
and g are straight, so that every term is a closed form. No crossing is noded and no ring is built,
so there is nothing that could fail to close: touching, collinear and equal edges are ordinary
terms.

The sum is over all pairs of edges, so large shapes are first cut into tiles of few edges: the
longer side is halved by a half-plane until few are left. Partners are found through a plain grid.
Every figure depends on its own parcel and zone alone, never on their neighbours, order or
partition.
"""

from __future__ import annotations

import itertools
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.polynomial import chebyshev

from landgis.analysis import _overlap_kernel as kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Rows = NDArray[np.int64]
    Numbers = NDArray[np.float64]

LOG = logging.getLogger("landgis")

CELLS_PER_BOX = 2  # of the search grid, about
DEGREE = 3  # of the polynomial that follows the scale within a block
BLOCKS_ACROSS = 2**31  # more than any plane has: one number names a block
TILES_PER_BLOCK = 4  # no tile is larger, so that a second degree follows the scale within it
CHUNK = 250_000  # left shapes laid out at a time, which bounds the memory
SPANS = 32  # of work for the threads, as shapes differ
THREADS = 4  # at most; every thread writes arrays of its own


class Scale(NamedTuple):
    """What a square unit of the plane counts for, which varies smoothly from place to place."""

    at: Callable[[Numbers], Numbers]  # the scale at points, x and y in two columns
    block: float  # side of a square in which a polynomial of degree `DEGREE` follows it


class Rings(NamedTuple):
    """Polygons as plain arrays, each counted from its own south-west corner."""

    x: Numbers
    y: Numbers
    ring: Rows  # first vertex of each ring, and the end; the closing vertex is left out
    sign: Numbers  # of each ring: +1 where ground lies to the left of its edges
    shape: Rows  # first ring of each shape, and the end
    origin: Numbers  # (shapes, 2)


class Edges(NamedTuple):
    """Signed edges of many tiles."""

    edge: Numbers  # (edges, 6)
    start: Rows  # first edge of each polygon, and the end
    box: Numbers  # (polygons, 4): west, south, east, north in the plane
    origin: Numbers  # (polygons, 2): where the edges count from
    reach: Numbers  # (polygons, 4): the box as the edges count, without rounding
    owner: Rows  # shape each polygon is a tile of


class Common(NamedTuple):
    """Ground that pairs of shapes have in common, sorted by the first and the second."""

    left: Rows
    right: Rows
    area: Numbers
    own: Numbers  # area of every left shape


def common_areas(left: Shapes, right: Shapes, *, scale: Scale | None = None) -> Common:
    """Measure the common ground of every pair of shapes.

    Parameters
    ----------
    left : ndarray of shapely polygons, multipolygons or None
        Valid shapes in one plane.
    right : ndarray of shapely polygons, multipolygons or None
        Valid shapes in the same plane.
    scale : Scale or None, optional
        What a square unit counts for; one everywhere where None.

    Returns
    -------
    Common
        Row numbers and areas, in square units of the plane times their scale; pairs without common
        ground may stand with an area of arithmetic noise.
    """
    _announce_compiling()
    right = _near(right, left)
    largest = np.inf if scale is None else scale.block / TILES_PER_BLOCK
    tiles = _tiles(rings(right), largest)
    weights = _weights(tiles.box, scale)
    parts = []
    for first in range(0, max(len(left), 1), CHUNK):
        these = _tiles(rings(left[first : first + CHUNK]), largest)
        found = _sum_tiles(_sweep(these, tiles, weights), these.owner, tiles.owner)
        own = kernel.own_areas(*these[:4], _weights(these.box, scale))
        count = len(left[first : first + CHUNK])
        whole: Numbers = np.bincount(these.owner, own, minlength=count).astype(np.float64)
        parts.append(Common(found[0] + first, *found[1:], whole))
    return Common(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _sweep(these: Edges, tiles: Edges, weights: Numbers) -> tuple[Rows, Rows, Numbers]:
    """Measure all pairs of tiles that meet."""
    grid = _grid(these.box)

    def sweep(span: tuple[int, int]) -> tuple[Rows, Rows, Numbers]:
        found: tuple[Rows, Rows, Numbers] = kernel.sweep(
            *these[:5], *tiles[:4], weights, grid, *span
        )
        return found

    left, right, area = zip(*_in_threads(sweep, len(tiles.owner)), strict=True)
    return np.concatenate(left), np.concatenate(right), np.concatenate(area)


def _near(shapes: Shapes, others: Shapes) -> Shapes:
    """Leave out shapes that lie beyond the box around all others."""
    if len(others) == 0:
        return shapes[:0]
    west, south, east, north = shapely.total_bounds(others)
    box = shapely.bounds(shapes)
    near = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
    kept: Shapes = shapes.copy()
    kept[~near] = None
    return kept


def _sum_tiles(
    found: tuple[Rows, Rows, Numbers], of_left: Rows, of_right: Rows
) -> tuple[Rows, Rows, Numbers]:
    """Add up the tiles of each pair, always in the order in which the shapes were cut."""
    left_tile, right_tile, area = found
    left, right = of_left[left_tile], of_right[right_tile]
    order = np.lexsort((left_tile, right, left))
    left, right = left[order], right[order]
    new = (np.diff(left, prepend=-1) != 0) | (np.diff(right, prepend=-1) != 0)
    start = np.flatnonzero(new)
    total = np.add.reduceat(area[order], start) if len(start) else area
    return left[start], right[start], total


def _announce_compiling() -> None:
    """Say so before the one call per installation that takes long."""
    sweep: Any = kernel.sweep  # a dispatcher of numba, which has no types
    if sweep.signatures:
        return
    folder = Path(sweep.stats.cache_path)
    if not any(folder.glob(f"{kernel.__name__.rpartition('.')[2]}.sweep-*.nbi")):
        LOG.warning("compiling the overlap kernel: about 10 s, once per installation")


def _in_threads(work: Callable[[tuple[int, int]], Any], count: int) -> list[Any]:
    """Do compiled work span by span, in order; every span writes arrays of its own."""
    work((0, 0))  # compiled before the threads start
    cuts = np.linspace(0, count, SPANS + 1).astype(int).tolist()
    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        return list(pool.map(work, itertools.pairwise(cuts)))


def rings(shapes: Shapes) -> Rings:
    """Lay polygons out as plain arrays."""
    curves, outer, owner = _curves(shapes)
    count = shapely.get_num_coordinates(curves)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    shape = np.searchsorted(owner, np.arange(len(shapes) + 1)).astype(np.int64)
    x, y, ring, origin = kernel.from_own_corner(shapely.get_coordinates(curves), first, shape)
    left = kernel.left_turning(x, y, ring)
    return Rings(x, y, ring, np.where(left == outer, 1.0, -1.0), shape, origin)


def _curves(shapes: Shapes) -> tuple[Shapes, NDArray[np.bool_], Rows]:
    """Give every ring, whether it is an outer one, and the row of its shape.

    Taking rings out of polygons is slow, so a polygon without holes stands for its ring itself.
    """
    kinds = shapely.get_type_id(shapes)
    if (kinds == shapely.GeometryType.MULTIPOLYGON).any():
        parts, owner = shapely.get_parts(shapes, return_index=True)
    else:
        owner = np.flatnonzero(kinds == shapely.GeometryType.POLYGON)
        parts = shapes[owner]
    filled = ~shapely.is_empty(parts)
    parts, owner = parts[filled], owner[filled]
    plain = shapely.get_num_interior_rings(parts) == 0
    if plain.all():
        return parts, plain, owner
    inner, of_part = shapely.get_rings(parts[~plain], return_index=True)
    curves = np.concatenate([parts[plain], inner])
    outer = np.concatenate([plain[plain], np.diff(of_part, prepend=-1) != 0])
    owner = np.concatenate([owner[plain], owner[~plain][of_part]])
    order = np.argsort(owner, kind="stable")
    return curves[order], outer[order], owner[order]


def _tiles(these: Rings, largest: float) -> Edges:
    """Give the signed edges of shapes cut into tiles."""

    def cut(span: tuple[int, int]) -> tuple[Numbers, Rows, Numbers, Rows]:
        first, last = span
        found: tuple[Numbers, Rows, Numbers, Rows] = kernel.cut_all(
            *these[:4], these.shape[first : last + 1], largest
        )
        return *found[:3], found[3] + first

    edge, start, box, owner = zip(*_in_threads(cut, len(these.shape) - 1), strict=True)
    count = np.concatenate([np.diff(part) for part in start])
    owners = np.concatenate(owner)
    origin, reach = these.origin[owners], np.concatenate(box)
    return Edges(
        np.concatenate(edge),
        np.concatenate([[0], np.cumsum(count)]),
        reach + np.tile(origin, 2),
        origin,
        reach,
        owners,
    )


def _weights(box: Numbers, scale: Scale | None) -> Numbers:
    """Give the scale around the middle of every box as w0 + w1 x + w2 y + w3 x² + w4 x y + w5 y².

    The scale is read at the Chebyshev nodes of square blocks that lie fixed in the plane, so that
    it does not depend on what else is measured.
    """
    weights = np.zeros((len(box), 6))
    if scale is None:
        weights[:, 0] = 1.0
        return weights
    known = np.flatnonzero(~np.isnan(box[:, 0]))
    if len(known) == 0:
        return weights
    middle = 0.5 * (box[known, :2] + box[known, 2:])
    column, row = np.floor(middle / scale.block).astype(np.int64).T
    block, of_box = np.unique(column * BLOCKS_ACROSS + row, return_inverse=True)
    half = 0.5 * scale.block
    row = (block + BLOCKS_ACROSS // 2) % BLOCKS_ACROSS - BLOCKS_ACROSS // 2
    column = (block - row) // BLOCKS_ACROSS
    heart = (np.column_stack([column, row]) + 0.5) * scale.block
    order = np.argsort(of_box, kind="stable")
    inside = np.split(order, np.flatnonzero(np.diff(of_box[order])) + 1)
    for centre, fitted, rows in zip(heart, _fit(heart, half, scale), inside, strict=False):
        (u, du, ddu), (v, dv, ddv) = (
            _derivatives((middle[rows, axis] - centre[axis]) / half) for axis in (0, 1)
        )
        first, second = 1.0 / half, 1.0 / half**2
        for column, across, along, unit in (
            (0, u, v, 1.0),
            (1, du, v, first),
            (2, u, dv, first),
            (3, ddu, v, second / 2),
            (4, du, dv, second),
            (5, u, ddv, second / 2),
        ):
            weights[known[rows], column] = unit * ((across @ fitted) * along).sum(axis=1)
    return weights


def _fit(heart: Numbers, half: float, scale: Scale) -> Numbers:
    """Fit the scale in square blocks by products of Chebyshev polynomials."""
    node = chebyshev.chebpts1(DEGREE + 1)
    grid = np.stack(np.meshgrid(node, node, indexing="ij"), axis=-1).reshape(-1, 2)
    sample = scale.at((heart[:, None, :] + half * grid).reshape(-1, 2))
    inverse = np.linalg.inv(chebyshev.chebvander(node, DEGREE))
    fitted: Numbers = inverse @ sample.reshape(-1, DEGREE + 1, DEGREE + 1) @ inverse.T
    return fitted


def _derivatives(place: Numbers) -> tuple[Numbers, ...]:
    """Give the Chebyshev polynomials and their first and second derivatives, degree by degree."""
    bare: Numbers = chebyshev.chebvander(place, DEGREE).astype(np.float64)
    once = bare[:, :-1] @ chebyshev.chebder(np.eye(DEGREE + 1), 1)
    twice = bare[:, :-2] @ chebyshev.chebder(np.eye(DEGREE + 1), 2)
    return bare, once, twice


def _grid(box: Numbers) -> kernel.Grid:
    """Sort boxes into a regular grid."""
    known = box[~np.isnan(box[:, 0])]
    if len(known) == 0:
        return kernel.Grid(np.zeros(2, np.int64), np.zeros(0, np.int64), 0.0, 0.0, 1.0, 1, 1)
    west, south = known[:, 0].min(), known[:, 1].min()
    width, height = known[:, 2].max() - west, known[:, 3].max() - south
    usual = float(np.median(known[:, 2:] - known[:, :2]))
    few = np.sqrt(width * height / (CELLS_PER_BOX * len(known)))
    cell = max(usual, few, width / len(known), height / len(known))
    columns, rows = int(width / cell) + 1, int(height / cell) + 1
    start, item = kernel.sort_into_cells(box, west, south, cell, columns, rows)
    return kernel.Grid(start, item, west, south, cell, columns, rows)

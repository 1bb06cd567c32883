"""Polygons as signed edges, weighed by the scale of their plane: what the ruler is made of.

A polygon is the signed sum of the strips below its edges: an upper edge adds the ground below it,
a lower edge takes it away again. Where a square unit of the plane counts for more or less than a
square metre of ground, the strips are weighed by that scale, which varies so smoothly that a
polynomial of second degree follows it within a tile of a few kilometres. Larger shapes, and those
with many edges, are halved into tiles first.
"""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
import shapely
from numpy.polynomial import chebyshev

from landgis.analysis import _ground_kernel as kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Rows = NDArray[np.int64]
    Numbers = NDArray[np.float64]
    Truths = NDArray[np.bool_]

Found = TypeVar("Found")

LOG = logging.getLogger("landgis")

DEGREE = 3  # of the polynomial that follows the scale within a block
FARTHEST = 1e12  # no coordinate on earth is larger, in whatever unit
BLOCKS_ACROSS = 2**31  # more than any plane has: one number names a block
TILES_PER_BLOCK = 4  # no tile is larger, so that a second degree follows the scale within it
AT_A_TIME = 8192  # polygons that are read before other threads have their turn
SPANS = 32  # of work for the threads, as shapes differ
FEW = 8  # of work that is soon done
THREADS = 4  # at most; every thread writes arrays of its own


class Scale(NamedTuple):
    """What a square unit of the plane counts for, which varies smoothly from place to place."""

    at: Callable[[Numbers], Numbers]  # the scale at points, x and y in two columns
    block: float  # side of a square in which a polynomial of degree `DEGREE` follows it


class Corners(NamedTuple):
    """What GEOS holds of polygons."""

    shapes: Shapes
    parts: Shapes  # every polygon with corners that have a place
    owner: Rows  # and the row of its shape
    points: Numbers  # (points, 2)
    first: Rows  # point of each polygon, and the end


class Rings(NamedTuple):
    """Polygons as plain arrays."""

    points: Numbers  # (points, 2), each ring with its first corner again at its end
    ring: Rows  # first point of each ring, and the end
    outer: Truths  # of each ring: a shell, not a hole
    sign: Numbers  # of each ring: +1 where ground lies to the left of its edges
    shape: Rows  # first ring of each shape, and the end
    extent: Numbers  # (shapes, 4): west, south, east, north; turned inside out without rings


class Tiles(NamedTuple):
    """Shapes in tiles of few edges."""

    arrays: kernel.TileArrays
    owner: Rows  # shape each is a tile of


def announce_compiling(function: Any, what: str, *, seconds: int) -> None:
    """Say so before the one call per installation that takes long.

    `function` is a dispatcher of numba, which has no types.
    """
    if function.signatures:
        return
    folder, name = Path(function.stats.cache_path), function.__qualname__
    module = function.__module__.rpartition(".")[2]
    if not any(folder.glob(f"{module}.{name}-*.nbi")):
        hint = f"首次使用：正在编译计算程序，约 {seconds} 秒，只此一次。"
        LOG.warning(
            "compiling %s: some %d s, once per installation", what, seconds, extra={"hint": hint}
        )


def threads() -> int:
    """Give the number of threads for compiled work."""
    return min(THREADS, os.cpu_count() or 1)


def in_spans(
    work: Callable[[int, int], Found], count: int, *, spans: int = SPANS, at_once: int | None = None
) -> list[Found]:
    """Do compiled work on rows 0 to `count` in spans, from a row to another, on all cores or fewer.

    Neighbours in a table are mostly neighbours on the ground, so that a span meets again what the
    processor still has at hand.
    """
    ends = np.linspace(0, count, spans + 1).astype(int).tolist()
    with ThreadPoolExecutor(at_once or threads()) as pool:
        return list(pool.map(work, ends[:-1], ends[1:]))


def corners(shapes: Shapes) -> Corners:
    """Read polygons; what is no polygon, empty or without place has no corners.

    Only one thread can, as GEOS hands corners out through the interpreter. Others have their turn
    whenever some have been read.
    """
    parts, owner = _polygons(shapes)
    first = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(parts))])
    points = np.empty((first[-1], 2))
    placed = np.empty(len(parts), np.bool_)
    for begin in range(0, len(parts), AT_A_TIME):
        end = min(begin + AT_A_TIME, len(parts))
        points[first[begin] : first[end]] = shapely.get_coordinates(parts[begin:end])
        placed[begin:end] = kernel.have_a_place(points, first[begin : end + 1], FARTHEST)
    if placed.all():
        return Corners(shapes, parts, owner, points, first)
    shapes = shapes.copy()
    shapes[owner[~placed]] = None
    return corners(shapes)


def rings(shapes: Shapes) -> Rings:
    """Lay polygons out as plain arrays; what is no polygon, empty or without place has no rings."""
    return lay_out(corners(shapes))


def lay_out(read: Corners) -> Rings:
    """Tell the rings of polygons apart."""
    length, part = _ring_lengths(read.parts, read.points, read.first)
    ring = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    outer = np.diff(part, prepend=-1) != 0
    shape = np.searchsorted(read.owner[part], np.arange(len(read.shapes) + 1)).astype(np.int64)
    return as_rings(read.points, ring, outer, shape)


def as_rings(points: Numbers, ring: Rows, outer: Truths, shape: Rows) -> Rings:
    """Read off plain arrays which way rings turn and how far shapes reach."""
    sign, extent = kernel.ring_signs(points, ring, outer), kernel.extents(points, ring, shape)
    return Rings(points, ring, outer, sign, shape, extent)


def widths(these: Rings) -> Numbers:
    """Give the longer side of the box around every shape; 0 without rings."""
    extent = these.extent
    width: Numbers = np.maximum(extent[:, 2] - extent[:, 0], extent[:, 3] - extent[:, 1])
    return np.maximum(width, 0.0)


def _polygons(shapes: Shapes) -> tuple[Shapes, Rows]:
    """Give every polygon that is not empty, alone or part of a shape, and the row of its shape."""
    kinds = shapely.get_type_id(shapes)
    owner = np.flatnonzero((kinds == shapely.GeometryType.POLYGON) & ~shapely.is_empty(shapes))
    parts = shapes[owner]
    several = np.flatnonzero(kinds == shapely.GeometryType.MULTIPOLYGON)
    if len(several):
        more, of = shapely.get_parts(shapes[several], return_index=True)
        filled = ~shapely.is_empty(more)
        parts = np.concatenate([parts, more[filled]])
        owner = np.concatenate([owner, several[of[filled]]])
        order = np.argsort(owner, kind="stable")
        parts, owner = parts[order], owner[order]
    return parts, owner


def _ring_lengths(parts: Shapes, points: Numbers, first: Rows) -> tuple[Rows, Rows]:
    """Give the points of every ring, and the row of its polygon.

    Taking rings out of polygons is slow, so their ends are read off the points where that is plain.
    """
    count = shapely.get_num_interior_rings(parts).astype(np.int64) + 1
    part = np.repeat(np.arange(len(parts)), count)
    length, plain = kernel.lengths_of_rings(points, first, count)
    doubtful = np.flatnonzero(~plain)
    if len(doubtful) == 0:
        return length, part
    more, of = shapely.get_rings(parts[doubtful], return_index=True)
    length = np.concatenate([length[plain[part]], shapely.get_num_coordinates(more)])
    part = np.concatenate([part[plain[part]], doubtful[of]])
    part, length = part[length > 0], length[length > 0]  # GEOS allows holes without corners
    order = np.argsort(part, kind="stable")
    return length[order], part[order]


def tiles(these: Rings, scale: Scale | None, *, most_edges: int = kernel.TILE_EDGES) -> Tiles:
    """Lay shapes out in tiles: a shape is one, unless it has many edges or reaches far."""
    largest = np.inf if scale is None else scale.block / TILES_PER_BLOCK
    announce_compiling(kernel.measure, "the ruler", seconds=5)
    count = np.diff(these.ring[these.shape])
    large = (count > most_edges) | (widths(these) > largest)
    whole, rows = np.flatnonzero((count > 0) & ~large), np.flatnonzero(large)
    laid = _as_they_are(these, whole)
    if len(rows):
        laid = _side_by_side(laid, _cut(these, rows, these.extent[rows, :2], largest, most_edges))
    return _weighed(laid, scale)


def _as_they_are(these: Rings, rows: Rows) -> Tiles:
    """Take every shape as one tile."""
    extent = these.extent[rows]
    corner = np.ascontiguousarray(extent[:, :2])
    return _unweighed(
        these.points, these.ring, these.sign, these.shape[rows], these.shape[rows + 1],
        corner, corner, extent, owner=rows,
    )  # fmt: skip


def _cut(these: Rings, rows: Rows, corner: Numbers, largest: float, most_edges: int) -> Tiles:
    """Cut shapes into tiles, counted from the corner of the shape."""
    points, ring, sign, first, owner = kernel.cut(
        these.points, these.ring, these.sign, these.shape, rows, largest, most_edges
    )
    corner = corner[np.searchsorted(rows, owner)]
    box = kernel.extents(points, ring, first) + np.tile(corner, 2)
    return _unweighed(
        points, ring, sign, first[:-1], first[1:], np.zeros_like(corner), corner, box, owner=owner
    )


def _unweighed(*laid_out: Any, owner: Rows) -> Tiles:
    """Make room for the weights and areas of tiles."""
    laid = [*laid_out, np.zeros((len(owner), 6)), np.zeros(len(owner))]
    return Tiles(kernel.TileArrays._make(laid), owner)


def _side_by_side(one: Tiles, other: Tiles) -> Tiles:
    """Put two sets of tiles into one."""
    a, b = one.arrays, other.arrays
    ring = np.concatenate([a.ring[:-1], b.ring + len(a.points)])
    b = b._replace(first=b.first + len(a.sign), last=b.last + len(a.sign))
    joined = {
        name: np.concatenate([getattr(a, name), getattr(b, name)])
        for name in kernel.TileArrays._fields
        if name != "ring"
    }
    owner = np.concatenate([one.owner, other.owner])
    return Tiles(kernel.TileArrays(ring=ring, **joined), owner)


def _weighed(laid: Tiles, scale: Scale | None) -> Tiles:
    """Weigh tiles by the scale of their plane and measure them."""
    arrays = laid.arrays
    if scale is None:
        arrays.weight[:, 0] = 1.0
    elif len(laid.owner):
        place, block = pd.factorize(kernel.blocks_of(arrays.box, scale.block, BLOCKS_ACROSS))
        row = (block + BLOCKS_ACROSS // 2) % BLOCKS_ACROSS - BLOCKS_ACROSS // 2
        column = (block - row) // BLOCKS_ACROSS
        heart = (np.column_stack([column, row]) + 0.5) * scale.block
        fitted = _fit(heart, 0.5 * scale.block, scale)
        kernel.follow(arrays.corner, arrays.box, scale.block, place, fitted, arrays.weight)
    in_spans(lambda first, end: kernel.measure(arrays, first, end), len(laid.owner), spans=FEW)
    return laid


def _fit(heart: Numbers, half: float, scale: Scale) -> Numbers:
    """Fit the scale in square blocks by polynomials of (u, v), -1 to 1 across the block."""
    node = chebyshev.chebpts1(DEGREE + 1)
    grid = np.stack(np.meshgrid(node, node, indexing="ij"), axis=-1).reshape(-1, 2)
    sample = scale.at((heart[:, None, :] + half * grid).reshape(-1, 2))
    inverse = np.linalg.inv(np.vander(node, increasing=True))
    fitted: Numbers = inverse @ sample.reshape(-1, DEGREE + 1, DEGREE + 1) @ inverse.T
    return fitted


def whole_areas(these: Tiles, count: int) -> Numbers:
    """Measure whole shapes, `count` of them."""
    return np.bincount(these.owner, these.arrays.area, minlength=count).astype(np.float64)

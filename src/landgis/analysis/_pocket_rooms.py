"""What ground a cluster surrounds, and what it cuts off together with linear works; part of pockets.py."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.model import crs as systems
from landgis.model.errors import DataError
from landgis.model.polygons import COLLECTION, polygonal

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]

LINES, POLYGONS = (1, 2, 5), (3, 6)  # shapely type ids
# Two drawings of one boundary differ by this much at most: 0.1 m each (practice, not law)
HAIRLINE_M = 0.2
LEAST_CONTACT_M = 1.0  # ground that meets the cluster along less is not cut off by it
THIN_M = 0.5  # width of a line without one: more than two hairlines, so that it parts the ground
CORNERS = {"join_style": "mitre", "mitre_limit": 2.0}
TILE_CORNERS = 256
PLANNING_EDGE = "规划边界"


class Edges(NamedTuple):
    """Linear works and planning edges as polygons in the parcels' plane, with what planners call them."""

    shapes: Shapes
    names: NDArray[np.object_]


class Pieces(NamedTuple):
    """Pieces of ground, and the place of the cluster that each belongs to."""

    shapes: Shapes
    of: Places


class Rooms(NamedTuple):
    """Ground about clusters.

    Attributes
    ----------
    own : Pieces
        The outline of every cluster with its narrow inlets, in tiles.
    holes : Pieces
        What the cluster alone closes in.
    closed : Pieces
        The outline of every cluster, the edges near it and the narrow ground between them, in tiles.
    rooms : Pieces
        What the cluster and the edges close in together.
    """

    own: Pieces
    holes: Pieces
    closed: Pieces
    rooms: Pieces


def edges(
    barriers: GeoDataFrame | None, boundary: GeoDataFrame | None, parcels: GeoDataFrame
) -> Edges:
    """Gather linear works with their widths and the edges of planning areas."""
    shapes, names = [np.zeros(0, dtype=object)], [np.zeros(0, dtype=object)]
    for table, what in ((barriers, "阻隔"), (boundary, PLANNING_EDGE)):
        if table is None:
            continue
        kept, strips = _strips(table, parcels, what=what)
        shapes.append(strips)
        names.append(
            np.full(len(strips), PLANNING_EDGE, dtype=object)
            if what == PLANNING_EDGE
            else _names(kept)
        )
    return Edges(np.concatenate(shapes), np.concatenate(names))


def _strips(
    table: GeoDataFrame, parcels: GeoDataFrame, *, what: str
) -> tuple[GeoDataFrame, Shapes]:
    """Rows that have a geometry, and the ground each of them takes."""
    table = systems.align(table, parcels.crs, what=what)
    shapes = table.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    wrong = there & ~np.isin(shapely.get_type_id(shapes), LINES + POLYGONS)
    if wrong.any():
        raise DataError(
            "barrier_not_line_or_polygon",
            f"{int(wrong.sum())} rows are neither lines nor polygons,"
            f" the first is a {shapes[wrong][0].geom_type}",
            hint=f"{what}应为线或面图层，请检查所给的图层。",
        )
    table, shapes = table[there], mended(shapes[there])
    width = np.full(len(table), THIN_M)
    if what == PLANNING_EDGE:
        shapes = np.where(
            np.isin(shapely.get_type_id(shapes), POLYGONS), shapely.boundary(shapes), shapes
        )
    elif "width_m" in table.columns:
        width = np.fmax(pd.to_numeric(table["width_m"]).to_numpy(dtype=np.float64), THIN_M)
    line = np.isin(shapely.get_type_id(shapes), LINES)
    shapes[line] = shapely.buffer(
        shapes[line], width[line] / 2.0, cap_style="flat", join_style="mitre"
    )
    return table, shapes


def mended(shapes: Shapes) -> Shapes:
    """Read invalid shapes by their structure and collections by their polygons, in a working copy."""
    shapes = shapes.copy()
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    mixed = shapely.get_type_id(shapes) == COLLECTION
    shapes[mixed] = polygonal(shapes[mixed])
    return shapes


def planned(boundary: GeoDataFrame | None, parcels: GeoDataFrame) -> Shapes:
    """Give the polygons among the planning edges, in the parcels' plane."""
    if boundary is None:
        return np.zeros(0, dtype=object)
    shapes = mended(systems.align(boundary, parcels.crs, what=PLANNING_EDGE).geometry.to_numpy())
    return shapes[np.isin(shapely.get_type_id(shapes), POLYGONS)]


def _names(barriers: GeoDataFrame) -> NDArray[np.object_]:
    ids = np.array([str(name) for name in barriers.index], dtype=object)
    if "barrier_class" not in barriers.columns:
        return ids
    classes = barriers["barrier_class"]
    named = [
        one if pd.isna(name) else f"{name}（{one}）" for name, one in zip(classes, ids, strict=True)
    ]
    return np.array(named, dtype=object)


def rooms(outlines: Shapes, about: Edges, *, passage_m: float, largest_m2: Numbers) -> Rooms:
    """Find what every outline closes in, alone and together with the edges near it.

    No piece is larger than `largest_m2` of its cluster, and edges count as far from the cluster as
    the side of a square of that area.
    """
    reach = np.sqrt(largest_m2)
    which, edge = shapely.STRtree(about.shapes).query(outlines, "dwithin", distance=reach)
    order = np.argsort(which, kind="stable")
    start = np.searchsorted(which[order], np.arange(len(outlines) + 1))
    windows = shapely.bounds(outlines) + reach[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])

    def of(place: int) -> tuple[shapely.Geometry, Shapes, shapely.Geometry, Shapes]:
        near = about.shapes[edge[order[start[place] : start[place + 1]]]]
        outline, largest = outlines[place], float(largest_m2[place])
        own = _close(outline, passage_m)
        holes = _holes(own, largest)
        if not len(_within(passage_m, outline, near)):
            return own, holes, own, holes
        near = shapely.intersection(near, shapely.box(*windows[place]))
        closed = _close(shapely.union_all([outline, *near]), passage_m)
        pieces = _holes(closed, largest)
        return own, holes, closed, pieces[_within(HAIRLINE_M, outline, pieces)]

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = list(pool.map(of, range(len(outlines))))
    pieces = _pieces([pieces for _, _, _, pieces in found])
    beside = along_m(pieces.shapes, pieces.of, outlines) >= LEAST_CONTACT_M
    return Rooms(
        tiled(_array([own for own, _, _, _ in found])),
        _pieces([holes for _, holes, _, _ in found]),
        tiled(_array([closed for _, _, closed, _ in found])),
        Pieces(pieces.shapes[beside], pieces.of[beside]),
    )


def _within(distance_m: float, outline: shapely.Geometry, shapes: Shapes) -> Places:
    """Which of the shapes lie no farther from the outline than that."""
    near: Places = np.sort(
        shapely.STRtree(shapes).query(outline, "dwithin", distance=distance_m)
    ).astype(np.int64)
    return near


def _close(shape: shapely.Geometry, passage_m: float) -> shapely.Geometry:
    """Add the ground that is reached only through passages narrower than that."""
    half = passage_m / 2.0
    wide = shapely.buffer(shape, half, **CORNERS)
    closed: shapely.Geometry = grown(_array([wide]), -half)[0]
    return closed


def grown(shapes: Shapes, by_m: float) -> Shapes:
    """Move the edges of shapes outwards; what then crosses itself is read by its structure."""
    return mended(shapely.buffer(shapes, by_m, **CORNERS))


def _holes(shape: shapely.Geometry, largest_m2: float) -> Shapes:
    """Give the ground in the holes of a shape, each piece no larger than that."""
    parts = shapely.get_parts(shape)
    rings, of = shapely.get_rings(parts, return_index=True)
    inner = rings[1:][of[1:] == of[:-1]]  # the first ring of a part is its shell
    holes = shapely.polygons(inner)
    if len(parts) > 1:  # parts may stand in the holes of others
        holes = shapely.get_parts(less(holes, parts, that_it="covers"))
    small: Shapes = holes[shapely.area(holes) <= largest_m2]
    return small


def less(shapes: Shapes, others: Shapes, *, that_it: str = "intersects") -> Shapes:
    """Take off each shape the others that it meets or covers."""
    at, other = shapely.STRtree(others).query(shapes, that_it)
    order = np.argsort(at, kind="stable")
    which, start = np.unique(at[order], return_index=True)
    left = shapes.copy()
    groups = np.split(others[other[order]], start[1:])
    for place, group in zip(which, groups, strict=False):
        left[place] = shapely.difference(shapes[place], shapely.union_all(group))
    return left


def tiled(shapes: Shapes) -> Pieces:
    """Cut shapes in halves until each tile has few corners, so that a small place asks for few."""
    of, tiles = np.arange(len(shapes)), [_pieces([])]
    while len(shapes):
        few = shapely.get_num_coordinates(shapes) <= TILE_CORNERS
        tiles.append(Pieces(shapes[few], of[few]))
        shapes, of = _halves(shapes[~few]), np.tile(of[~few], 2)
    return Pieces(*(np.concatenate(column) for column in zip(*tiles, strict=True)))


def _halves(shapes: Shapes) -> Shapes:
    """Give the first halves of all shapes, across their longer sides, and then the second halves."""
    west, south, east, north = shapely.bounds(shapes).T
    wide = east - west > north - south
    middle_x = np.where(wide, (west + east) / 2.0, east)
    middle_y = np.where(wide, north, (south + north) / 2.0)
    first = shapely.box(west, south, middle_x, middle_y)
    second = shapely.box(
        np.where(wide, middle_x, west), np.where(wide, south, middle_y), east, north
    )
    return polygonal(
        np.concatenate([shapely.intersection(shapes, half) for half in (first, second)])
    )


def _pieces(of_each: list[Shapes]) -> Pieces:
    counts = [len(shapes) for shapes in of_each]
    shapes = np.concatenate([np.zeros(0, dtype=object), *of_each])
    return Pieces(mended(shapes), np.repeat(np.arange(len(of_each)), counts).astype(np.int64))


def _array(shapes: list[shapely.Geometry]) -> Shapes:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def along_m(shapes: Shapes, cluster: Places, outlines: Shapes) -> Numbers:
    """Length of the boundary of each shape against its cluster, hairlines bridged.

    What the width of the hairline adds at the ends of each stretch is taken off again.
    """
    used, at = np.unique(cluster, return_inverse=True)
    wider = grown(outlines[used], HAIRLINE_M)
    met = shapely.intersection(shapely.boundary(shapes), wider[at])
    stretches, of = shapely.get_parts(shapely.line_merge(met), return_index=True)
    length = shapely.length(stretches)
    length = np.where(shapely.is_closed(stretches), length, length - 2.0 * HAIRLINE_M)
    summed: Numbers = np.bincount(of, np.maximum(length, 0.0), len(shapes)).astype(np.float64)
    return summed

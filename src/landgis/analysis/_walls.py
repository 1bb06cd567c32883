"""Barriers as the sight lines of clusters.py meet them: cut small, a little wider than drawn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis._boxes import in_chunks, row_by_row
from landgis.analysis._contact import Rings, rings
from landgis.analysis._widening import (
    LEFT_OUT,
    convex_corners,
    empty_rings,
    lay_out,
    outlines,
    ribbons,
    room_for,
    stretches,
)
from landgis.model import crs as systems
from landgis.model.errors import CrsError, DataError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shapes = NDArray[np.object_]
    Truths = NDArray[np.bool_]

LINES, POLYGONS = (1, 2, 5), (3, 6)  # shapely type ids
# A barrier is taken this much wider on every side, so that cracks between its drawn parts and
# the thickness of a line do not count as passages. Segments graze the wider outline (OUTER) and
# are tested against the tighter one (INNER): passages are decided to twice the difference, 2 cm.
OUTER_M = 0.10
INNER_M = 0.09
PIECE_VERTICES = 160  # larger barriers are cut into pieces, so that each pair meets few edges
PIECE_EXTENT_M = 800.0
LEAST_EXTENT_M = 1.0  # never cut for ever
FARTHEST_M = 1e8  # beyond every plane, zone prefix included
RING_CHUNK = 1_024  # outlines, which take some microseconds each
GEOS_FEW = 32  # shapes at a time that GEOS widens, a tenth of a millisecond each
MITRE_LIMIT = 5.0  # a sharper corner is cut off, as GEOS does by default


class Walls(NamedTuple):
    """Barriers cut into pieces: wider and tighter outlines, row of each piece, id and class of each row.

    Piece i has its convex corners in ``corners[corner_start[i]:corner_start[i + 1]]``: the wider
    outline's corner, the one before it and the one after it, x and y each.
    """

    outer: Rings
    inner: Rings
    corners: Floats
    corner_start: Ints
    row: Ints
    ids: NDArray[np.object_]
    classes: NDArray[np.object_]


class Outlines(NamedTuple):
    """Wider and tighter outlines, the row of the barrier each belongs to, and which are right."""

    outer: Rings
    inner: Rings
    row: Ints
    plain: Truths


def walls(barriers: GeoDataFrame, parcels: GeoDataFrame) -> Walls:
    """Prepare barriers, lines with their widths or polygons, in the plane of the parcels."""
    shapes, widths, ids, classes = _read(barriers, parcels)
    broken = ~row_by_row(shapely.is_valid, shapes)
    shapes = shapes.copy()
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure")
    of_lines, left, left_row = _along_lines(shapes, widths)
    pieces, row = _cut_small(left)
    of_rings, doubtful = _about_polygons(pieces, left_row[row])
    of_geos = _by_geos(pieces[doubtful], left_row[row[doubtful]])
    outer, inner, row = _together([of_lines, of_rings, of_geos])
    corners, corner_start = _convex_corners(outer)
    return Walls(outer, inner, corners, corner_start, row, ids, classes)


def _along_lines(shapes: Shapes, widths: Floats) -> tuple[Outlines, Shapes, Ints]:
    """Draw outlines along open lines; give with them what is left to be widened, and its rows."""
    linear = np.flatnonzero(shapely.get_dimensions(shapes) == 1)
    parts, row = _parts_of(shapes[linear], linear)
    are_open = (shapely.get_type_id(parts) == LINES[0]) & ~shapely.is_closed(parts)
    lines, line_row = parts[are_open], row[are_open]
    start = np.append(0, np.cumsum(shapely.get_num_coordinates(lines))).astype(np.int64)
    laid = stretches(shapely.get_coordinates(lines), start, PIECE_EXTENT_M, PIECE_VERTICES // 2)
    row_of = line_row[laid.row]
    edges = 2 * laid.start
    outer, inner = (room_for(edges, by) for by in (OUTER_M, INNER_M))
    plain = np.diff(edges) <= PIECE_VERTICES
    half = widths[row_of] / 2.0
    in_chunks(
        lambda low, high: ribbons(laid, half, low, high, outer, inner, plain),
        len(plain),
        size=RING_CHUNK,
    )
    curled = np.flatnonzero(~plain)
    again = (
        shapely.linestrings(
            laid.points, indices=np.repeat(np.arange(len(plain)), np.diff(laid.start))
        )[curled]
        if len(curled)
        else shapes[:0]
    )
    solid = np.flatnonzero(shapely.get_dimensions(shapes) != 1)
    rest = np.concatenate([again, parts[~are_open]])
    rest_row = np.concatenate([row_of[curled], row[~are_open]])
    wide = widths[rest_row] > 0.0
    strips = row_by_row(_strips, rest[wide], widths[rest_row[wide]])
    # the lines too: GEOS may leave parts of them out of strips that are wider than their bends
    return (
        Outlines(outer.rings, inner.rings, row_of, plain),
        np.concatenate([shapes[solid], rest, strips]),
        np.concatenate([solid, rest_row, rest_row[wide]]),
    )


def _parts_of(shapes: Shapes, row: Ints) -> tuple[Shapes, Ints]:
    """Take apart what has several parts; give with the parts their rows."""
    single = shapely.get_type_id(shapes) == LINES[0]
    parts, of = shapely.get_parts(shapes[~single], return_index=True)
    return np.concatenate([shapes[single], parts]), np.concatenate([row[single], row[~single][of]])


def _about_polygons(pieces: Shapes, row: Ints) -> tuple[Outlines, Ints]:
    """Draw outlines about polygons; give with them the places of the pieces that are left."""
    solid = np.flatnonzero(shapely.get_type_id(pieces) == POLYGONS[0])
    drawn = rings(pieces[solid])
    outer, inner = (room_for(drawn.start, by) for by in (OUTER_M, INNER_M))
    plain = np.diff(drawn.start) <= PIECE_VERTICES
    in_chunks(
        lambda low, high: outlines(drawn, low, high, outer, inner, plain),
        len(plain),
        size=RING_CHUNK,
    )
    left = np.ones(len(pieces), dtype=np.bool_)
    left[solid[plain]] = False
    return Outlines(outer.rings, inner.rings, row[solid], plain), np.flatnonzero(left)


def _by_geos(pieces: Shapes, row: Ints) -> Outlines:
    outer, inner = (
        rings(row_by_row(_widened, pieces, np.full(len(pieces), by), size=GEOS_FEW))
        for by in (OUTER_M, INNER_M)
    )
    return Outlines(outer, inner, row, np.ones(len(row), dtype=np.bool_))


def _together(several: list[Outlines]) -> tuple[Rings, Rings, Ints]:
    """Lay the right outlines out in the order of their rows."""
    plain = np.concatenate([these.plain for these in several])
    row = np.concatenate([these.row for these in several])[plain]
    order = np.argsort(row, kind="stable")
    place = np.full(len(plain), LEFT_OUT)
    place[np.flatnonzero(plain)[order]] = np.arange(len(order))
    outer, inner = (
        _in_order([getattr(these, name) for these in several], place) for name in ("outer", "inner")
    )
    return outer, inner, row[order]


def _in_order(several: list[Rings], place: Ints) -> Rings:
    """Lay polygons of several tables out, each in its place."""
    counts = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.int64)
    kept = place != LEFT_OUT
    counts[place[kept]] = np.concatenate([np.diff(these.start) for these in several])[kept]
    laid = empty_rings(np.append(0, np.cumsum(counts)))
    for these in several:
        own, place = np.split(place, [len(these.boxes)])
        in_chunks(partial(lay_out, these, own, laid), len(own), size=RING_CHUNK)
    return laid


def _convex_corners(outer: Rings) -> tuple[Floats, Ints]:
    """Corners at which the boundary turns left: only those can a straight line graze."""
    count, none = len(outer.boxes), np.zeros((0, 6))
    start = np.zeros(count + 1, dtype=np.int64)
    in_chunks(lambda low, high: convex_corners(outer, start, low, high, none), count)
    start = np.cumsum(start)
    corners = np.empty((start[-1], 6))
    in_chunks(lambda low, high: convex_corners(outer, start, low, high, corners), count)
    return corners, start


def _strips(lines: Shapes, widths: Floats) -> Shapes:
    strips: Shapes = shapely.buffer(lines, widths / 2.0, cap_style="flat", join_style="mitre")
    return strips


def _widened(pieces: Shapes, by: Floats) -> Shapes:
    """Widen pieces on every side.

    GEOS now and then fills the ground that a barrier encloses. The area gives it away: widening
    adds a strip along every edge and a mitre at every corner, no more. Such a piece is put
    together again from its widened edges.
    """
    wide: Shapes = shapely.buffer(pieces, by, cap_style="square", join_style="mitre")
    sides = np.where(shapely.get_dimensions(pieces) == 1, 2.0, 1.0)
    mitres = MITRE_LIMIT * by * by * shapely.get_num_coordinates(pieces)
    filled = (
        shapely.area(wide) > shapely.area(pieces) + sides * by * shapely.length(pieces) + mitres
    )
    for i in np.flatnonzero(filled):
        strips = shapely.buffer(_segments(pieces[i]), by[i], cap_style="square")
        wide[i] = shapely.union_all([pieces[i], *strips])
    return wide


def _segments(shape: shapely.Geometry) -> Shapes:
    """Take a line or a polygon apart into its straight edges."""
    lines = shapely.get_rings(shape) if shapely.get_dimensions(shape) > 1 else [shape]
    points, line = shapely.get_coordinates(lines, return_index=True)
    follows = line[1:] == line[:-1]
    segments: Shapes = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[follows])
    return segments


def _read(
    barriers: GeoDataFrame, parcels: GeoDataFrame
) -> tuple[Shapes, Floats, NDArray[np.object_], NDArray[np.object_]]:
    """Geometry in the parcels' plane, width, id and class of every barrier, in the order of ids."""
    barriers = systems.align(barriers, parcels.crs, what="阻隔")
    shapes = barriers.geometry.to_numpy()
    kept = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    wrong = kept & ~np.isin(shapely.get_type_id(shapes), LINES + POLYGONS)
    if wrong.any():
        raise DataError(
            "barrier_not_line_or_polygon",
            f"{int(wrong.sum())} barriers are neither lines nor polygons,"
            f" the first is a {shapes[wrong][0].geom_type}",
            hint="阻隔（道路、铁路、河流等）应为线或面图层，请检查 barriers 指向的图层。",
        )
    table = barriers[kept]
    _require_beside(table, parcels)
    names = np.array([str(name) for name in table.index.to_numpy(dtype=object)], dtype=object)
    order = np.argsort(names.astype(np.str_), kind="stable")
    table = table.iloc[order]
    widths = _widths(table)
    ids = names[order]
    classes = np.full(len(table), None, dtype=object)
    if "barrier_class" in table.columns:
        known = table["barrier_class"].notna().to_numpy()
        classes[known] = table["barrier_class"][known].astype(str).to_numpy()
    return table.geometry.to_numpy(), widths, ids, classes


def _require_beside(barriers: GeoDataFrame, parcels: GeoDataFrame) -> None:
    """Refuse barriers nowhere near the parcels: their coordinates are not what they declare."""
    shapes = barriers.geometry.to_numpy()
    points = shapely.get_coordinates(shapes)
    known = bool((np.abs(points) < FARTHEST_M).all())  # no number is not known either
    low, high = np.split(parcels.total_bounds, 2)
    if known and len(points) and np.isfinite([low, high]).all():
        first, last = np.split(shapely.total_bounds(shapes), 2)
        apart = np.maximum(first - high, low - last).max()
        known = bool(apart < systems.PREFIX_STEP / 2)
    if not known:
        raise CrsError(
            "crs_out_of_range",
            f"the barriers do not lie where the parcels lie in {parcels.crs.name}",
            hint=f"阻隔与地块不在一处：有一方的坐标与声明的坐标系“{parcels.crs.name}”不符，"
            "请检查带号前缀、中央经线和 X/Y 顺序。",
        )


def _widths(barriers: GeoDataFrame) -> Floats:
    """Width of every barrier in metres, 0 where unknown."""
    if "width_m" not in barriers.columns:
        return np.zeros(len(barriers))
    widths = pd.to_numeric(barriers["width_m"], errors="coerce").to_numpy(dtype=np.float64)
    unreadable = np.isnan(widths) & barriers["width_m"].notna().to_numpy() | np.isinf(widths)
    if unreadable.any():
        raise DataError(
            "barrier_width_unreadable",
            f"{int(unreadable.sum())} barriers have a width_m that is no number of metres,"
            f" the first is {barriers['width_m'].iloc[int(unreadable.argmax())]}",
            hint="阻隔的宽度（width_m，米）应为数字；宽度不明的请留空。",
        )
    if (widths < 0.0).any():
        raise DataError(
            "barrier_width_negative",
            f"{int((widths < 0.0).sum())} barriers have a negative width_m",
            hint="阻隔的宽度（width_m，米）不能为负数，请改正。",
        )
    return np.where(np.isnan(widths), 0.0, widths)


def _cut_small(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Halve large shapes until each is small; give the pieces and the rows they come from."""
    small: list[Shapes] = [shapes[:0]]
    rows: list[Ints] = [np.zeros(0, dtype=np.int64)]
    row = np.arange(len(shapes), dtype=np.int64)
    while len(shapes):
        shapes, part_of = shapely.get_parts(shapes, return_index=True)
        row = row[part_of]
        kept = shapely.get_dimensions(shapes) >= 1
        shapes, row = shapes[kept], row[kept]
        low, high = np.split(shapely.bounds(shapes).reshape(-1, 4), 2, axis=1)
        extent = (high - low).max(axis=1, initial=0.0)
        large = (extent > PIECE_EXTENT_M) | (shapely.get_num_coordinates(shapes) > PIECE_VERTICES)
        large &= extent > LEAST_EXTENT_M
        small.append(shapes[~large])
        rows.append(row[~large])
        shapes, row, low, high = shapes[large], row[large], low[large], high[large]
        wide = (high - low)[:, :1] >= (high - low)[:, 1:]
        across = np.hstack([wide, ~wide])
        middle = (low + high) / 2.0
        first = shapely.box(*low.T, *np.where(across, middle, high).T)
        second = shapely.box(*np.where(across, middle, low).T, *high.T)
        shapes = row_by_row(shapely.intersection, np.r_[shapes, shapes], np.r_[first, second])
        row = np.r_[row, row]
    order = np.argsort(np.concatenate(rows), kind="stable")
    return np.concatenate(small)[order], np.concatenate(rows)[order]

"""Which parcels lie beside which, and how: the typed edges behind clusters.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis._boxes import meeting, row_by_row
from landgis.analysis._contact import CONTACT_M, relate
from landgis.analysis.area import areas
from landgis.model import schema
from landgis.model.arguments import require_ids
from landgis.model.errors import CrsError, DataError
from landgis.model.polygons import COLLECTION, polygonal
from landgis.model.units import to_dm2

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.analysis._candidates import Rules
    from landgis.analysis._contact import Rings

    Shapes = NDArray[np.object_]
    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]

POLYGONS = (3, 6)  # shapely type ids


class Ground(NamedTuple):
    """The candidates in the order of their ids: row in the table, id, polygons, statutory area."""

    row: Places
    ids: NDArray[np.object_]
    polygons: Shapes
    dm2: Places


class Adjacency(NamedTuple):
    """Every pair of candidates within reach, as places in the ground, with its nearest segment."""

    a: Places
    b: Places
    nearest: Numbers
    kind: NDArray[np.str_]
    shared_m: Numbers
    gap_m: Numbers
    reach_m: Numbers
    common: Shapes
    overlap_m2: Numbers
    barrier: NDArray[np.object_]
    barrier_class: NDArray[np.object_]
    together: Truths  # not kept apart by the places they lie in


def ground(parcels: GeoDataFrame, chosen: Truths) -> Ground:
    """Take the chosen rows that have polygons, in the order of their ids.

    Polygons that lie nowhere on the earth are left out.
    """
    row, polygons = solid(parcels, chosen)
    require_ids(parcels.index[row], row, name="parcel_id", what="地块")
    ids = np.array([str(name) for name in parcels.index.to_numpy()[row]], dtype=object)
    order = np.argsort(ids, kind="stable")
    row, ids, polygons = row[order], ids[order], polygons[order]
    twice = np.flatnonzero(ids[1:] == ids[:-1])
    if len(twice):
        raise DataError(
            "id_duplicate",
            f"{len(twice)} parcel ids occur more than once, the first is {ids[twice[0]]}",
            hint="地块编号重复，连片结果无法指明是哪一宗：请先用 landgis check 查出并改正。",
            parcel=str(ids[twice[0]]),
        )
    area = areas(polygons, parcels)
    there = _on_earth(area, ids, parcels)
    return Ground(row[there], ids[there], polygons[there], to_dm2(area[there]))


def solid(parcels: GeoDataFrame, chosen: Truths) -> tuple[Places, Shapes]:
    """Give the chosen rows that have polygons, and these.

    Invalid polygons are read by their structure, collections by their polygons, in a working copy.
    """
    polygons = np.array(parcels.geometry.to_numpy(), dtype=object)
    unsound = ~row_by_row(_is_valid, polygons) | (shapely.get_type_id(polygons) == COLLECTION)
    broken = chosen & unsound & ~shapely.is_missing(polygons)
    with np.errstate(invalid="ignore", over="ignore"):  # coordinates that are no numbers
        polygons[broken] = polygonal(shapely.make_valid(polygons[broken], method="structure"))
    chosen = chosen & np.isin(shapely.get_type_id(polygons), POLYGONS) & ~shapely.is_empty(polygons)
    row = np.flatnonzero(chosen)
    return row, polygons[row]


def on_earth(polygons: Shapes, names: NDArray[np.object_], parcels: GeoDataFrame) -> Truths:
    """Which polygons lie on the earth: all of them where the box around them does."""
    if len(polygons) == 0:
        return np.ones(0, dtype=np.bool_)
    around = np.array([shapely.box(*shapely.total_bounds(polygons))], dtype=object)
    if np.isfinite(areas(around, parcels)).all():
        return np.ones(len(polygons), dtype=np.bool_)
    return _on_earth(areas(polygons, parcels), names, parcels)


def _on_earth(area: Numbers, names: NDArray[np.object_], parcels: GeoDataFrame) -> Truths:
    measured: Truths = np.isfinite(area)
    if len(area) and not measured.any():
        raise CrsError(
            "crs_out_of_range",
            f"{len(area)} parcels lie outside the range of {parcels.crs.name}",
            hint=f"地块“{names[0]}”等 {len(area)} 宗的坐标超出声明的坐标系“{parcels.crs.name}”的范围："
            "请检查带号前缀、中央经线和 X/Y 顺序。",
            parcel=str(names[0]),
        )
    return measured


def _is_valid(polygons: Shapes) -> Truths:
    with np.errstate(invalid="ignore", over="ignore"):
        valid: Truths = shapely.is_valid(polygons)
    return valid


def adjacency(
    polygons: Shapes, shapes: Rings, parcels: GeoDataFrame, pairs: Places, rules: Rules
) -> Adjacency:
    """Measure and name those of the pairs that are no farther apart than is looked or a sliver."""
    met = relate(shapes, pairs, reach=reach_of(rules), hairline=rules.sliver_m)
    near = np.isfinite(met.gap)
    pairs, met = pairs[near], met.only(near)
    common, overlap_m2, width = _overlaps(polygons, parcels, pairs, met.deep)
    closest, long_enough = max(rules.sliver_m, CONTACT_M), least_contact(rules)
    kind = np.select(
        [
            width > closest,
            met.contact >= long_enough,
            met.hairline >= long_enough,
            met.gap <= closest,
        ],
        ["overlap", "shared", "sliver", "corner"],
        "near",
    )
    kept = (kind != "near") | (met.gap <= rules.look_m)
    length = np.where(kind == "sliver", met.hairline, met.contact)
    return Adjacency(
        pairs[kept, 0],
        pairs[kept, 1],
        met.nearest[kept],
        kind[kept],
        length[kept],
        met.gap[kept],
        met.gap[kept],
        common[kept],
        overlap_m2[kept],
        np.full(int(kept.sum()), None, dtype=object),
        np.full(int(kept.sum()), None, dtype=object),
        np.ones(int(kept.sum()), dtype=np.bool_),
    )


def pairs_near(shapes: Rings, rules: Rules) -> Places:
    """Pair the candidates whose boxes are no farther apart than is looked or a sliver."""
    reach = reach_of(rules)
    wider = shapes.boxes + np.array([-reach, -reach, reach, reach])
    return np.column_stack(meeting(wider, shapes.boxes, later=True))


def reach_of(rules: Rules) -> float:
    """Give the distance within which pairs are looked at."""
    return max(rules.look_m, rules.sliver_m, CONTACT_M)


def least_contact(rules: Rules) -> float:
    """Give the length of contact that is more than a corner."""
    return max(rules.min_shared_m - CONTACT_M, CONTACT_M)


def _overlaps(
    polygons: Shapes, parcels: GeoDataFrame, pairs: Places, deep: Truths
) -> tuple[Shapes, Numbers, Numbers]:
    """Give the common ground of pairs: geometry, statutory area, mean width."""
    common = np.full(len(pairs), None, dtype=object)
    overlap_m2, width = np.zeros(len(pairs)), np.zeros(len(pairs))
    first, second = polygons[pairs[deep, 0]], polygons[pairs[deep, 1]]
    common[deep] = polygonal(row_by_row(shapely.intersection, first, second))
    overlap_m2[deep] = areas(common[deep], parcels)
    perimeter = shapely.length(common[deep])
    plane = shapely.area(common[deep])
    width[deep] = np.divide(
        2.0 * plane, perimeter, out=np.zeros_like(plane), where=(plane > 0.0) & (perimeter > 0.0)
    )
    return common, overlap_m2, width


def reachable(pairs: Adjacency, *, gap_m: float, sliver_m: float) -> Truths:
    """Whether a free segment is short enough."""
    within: Truths = pairs.reach_m <= longest_segments(pairs.kind, gap_m=gap_m, sliver_m=sliver_m)
    return within


def longest_segments(kind: NDArray[np.str_], *, gap_m: float, sliver_m: float) -> Numbers:
    """Give the length of the longest segment that joins a pair of a kind.

    A hairline gap is an error of the drawing: it may be as wide as a sliver whatever the gap.
    """
    drawn_apart = np.isin(kind, ("sliver", "corner"))
    return np.where(drawn_apart, max(gap_m, sliver_m), gap_m)


def claimed_before(pairs: Adjacency, part: Places, parcels: GeoDataFrame) -> Places:
    """Ground of every candidate, in dm², that earlier members of its own part claim as well.

    Summed over a part this is what its members count twice, however many of them overlap.
    """
    dm2 = np.zeros(len(part), dtype=np.int64)
    both = (pairs.overlap_m2 > 0.0) & (part[pairs.a] == part[pairs.b])
    later, common = pairs.b[both], pairs.common[both]
    order = np.argsort(later, kind="stable")
    members, start = np.unique(later[order], return_index=True)
    claimed, common = common[order][start], common[order]
    end = np.append(start, len(order))[1:]
    for several in np.flatnonzero(end - start > 1):
        claimed[several] = shapely.union_all(common[start[several] : end[several]])
    dm2[members] = to_dm2(areas(claimed, parcels))
    return dm2


def edge_table(land: Ground, pairs: Adjacency, reached: Truths, joined: Truths) -> DataFrame:
    """Write the pairs down as `schema.EDGES`."""
    barrier, barrier_class = pairs.barrier.copy(), pairs.barrier_class.copy()
    barrier[reached] = barrier_class[reached] = None
    ids = pd.array(land.ids, dtype=schema.DTYPES["text"])
    table = pd.DataFrame(
        {
            "a": ids.take(pairs.a),
            "b": ids.take(pairs.b),
            "kind": pairs.kind,
            "shared_m": pairs.shared_m,
            "gap_m": pairs.gap_m,
            "reach_m": np.where(np.isfinite(pairs.reach_m), pairs.reach_m, np.nan),
            "overlap_m2": pairs.overlap_m2,
            "barrier": barrier,
            "barrier_class": barrier_class,
            "joins": joined,
        }
    )
    return table.astype(
        {column.name: schema.DTYPES[column.kind] for column in schema.EDGES.columns}
    )

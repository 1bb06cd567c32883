"""Whose ground is it? Pieces that overlap, and what is left: a part of `landgis.analysis.overlay`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from landgis.analysis._cutting import TOUCH_M2, alone, polygonal, slivers, text, words
from landgis.analysis._ground import rings, tiles
from landgis.analysis._overlap import areas_of_pairs, outlines
from landgis.analysis.area import areas, scale_of
from landgis.model.errors import DataError
from landgis.model.units import show

if TYPE_CHECKING:
    from pandas import DataFrame

    from landgis.analysis._cutting import Cut, Ground
    from landgis.analysis._ground import Numbers, Rows, Shapes, Truths

COVERED_M2 = 1e-3  # m²; less ground left of a parcel is a tenth of what an account can hold
NOISE_SHARE = 1e-10  # of a parcel's plane area; an overlap of zones below is not even looked at
LAST_DIGITS = 4  # units in the last place of the largest coordinate; less is one corner
PARTNERS_NAMED = 3  # overlaps named in an error; the rest are counted


class Shares(NamedTuple):
    """Ground given away once: what each pair has for itself, and what is left of each key."""

    own: Shapes
    own_area: Numbers  # m²
    key: Rows  # keys that have any pair
    rest: Shapes  # what no zone took of them
    rest_area: Numbers  # m²
    by_geos: Truths  # of each key: its ground was shared out by GEOS


def share_out(cut: Cut, ground: Ground) -> Shares:
    """Let the zones of each parcel and layer take their ground one after the other.

    Where no two pieces overlap, every piece is its zone's own, and what is left is empty or was
    found when the only zone was cut. Only the other parcels are cut again.
    """
    key, place = np.unique(cut.key, return_inverse=True)
    rest = np.full(len(key), shapely.Polygon(), dtype=object)
    own, own_area = cut.piece.copy(), cut.area.copy()
    left = ground.parcel_area[key // max(len(ground.layers), 1)] - np.bincount(place, cut.area)
    open_ = np.abs(left) > COVERED_M2
    open_[place[_overlapping(cut, ground)]] = True
    rest_area = np.zeros(len(key))
    known = np.flatnonzero(open_[place] & alone(cut.key) & ~shapely.is_missing(cut.rest))
    rest[place[known]], rest_area[place[known]] = cut.rest[known], cut.rest_area[known]
    open_[place[known]] = False
    rows = np.flatnonzero(open_[place])
    if len(rows):
        _take_turns(cut, ground, rows, place, rest, own, own_area)
        rest_area[open_] = areas(rest[open_], ground.table)
    return Shares(own, own_area, key, rest, rest_area, open_)


def join_corners(cut: Cut, shares: Shares, ground: Ground) -> tuple[Cut, Shares]:
    """Give parts of one parcel that GEOS cut one by one the same corners along common edges.

    The corner of two lines comes out a few digits in the last place apart where the lines were cut
    before; the first one stands: the parcel's, else that of the earlier piece.
    """
    of_pair = np.searchsorted(shares.key, cut.key)
    mixed = shares.by_geos.copy()
    mixed[of_pair[cut.by_geos]] = True
    keys, rows = np.flatnonzero(mixed), np.flatnonzero(mixed[of_pair])
    if len(keys) == 0:
        return cut, shares
    parcels = ground.parcels[shares.key[keys] // len(ground.layers)]
    shapes = np.concatenate([parcels, cut.piece[rows], shares.rest[keys]])
    corners, shape = shapely.get_coordinates(shapes, return_index=True)
    group = np.concatenate([keys, of_pair[rows], keys])[shape]
    first = _first_alike(corners, group)
    joined = _without_dust(shapely.set_coordinates(shapes.copy(), corners[first]))
    # a needle narrower than those digits would close upon itself: it stays as it was cut
    shapes = np.where(shapely.is_valid(joined), joined, shapes)
    piece, rest = cut.piece.copy(), shares.rest.copy()
    piece[rows] = shapes[len(keys) : len(keys) + len(rows)]
    rest[keys] = shapes[len(keys) + len(rows) :]
    return cut._replace(piece=piece), shares._replace(rest=rest)


def _without_dust(shapes: Shapes) -> Shapes:
    """Drop the parts that are nothing but rounding."""
    kept = shapes.copy()
    several = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    parts, of = shapely.get_parts(shapes[several], return_index=True)
    solid = shapely.area(parts) > NOISE_SHARE * shapely.area(shapes[several])[of]
    left = np.unique(of[solid], return_inverse=True)
    joined = shapely.multipolygons(parts[solid], indices=left[1])
    kept[several] = shapely.Polygon()
    kept[several[left[0]]] = joined
    single = np.flatnonzero(shapely.get_num_geometries(kept) == 1)
    kept[single] = shapely.get_geometry(kept[single], 0)
    return kept


def _first_alike(corners: Numbers, group: Rows) -> Rows:
    """Give for every corner the first one of its group that is the same but for last digits."""
    reach = LAST_DIGITS * np.spacing(np.abs(corners).max(initial=1.0))
    low = corners.min(axis=0, initial=np.inf)
    apart = 2.0 * (corners.max(initial=0.0) - low.min() + 1.0)
    tree = KDTree(np.column_stack([corners - low, group * apart]))
    pairs = np.sort(tree.query_pairs(reach, output_type="ndarray"), axis=1)
    first = np.arange(len(corners))
    np.minimum.at(first, pairs[:, 1], pairs[:, 0])
    return first[first]


def _overlapping(cut: Cut, ground: Ground) -> Rows:
    """Give the pairs whose piece shares ground with an earlier piece of the same key."""
    later, earlier = _earlier(cut, np.flatnonzero(cut.rank > 0))
    several = np.unique(np.concatenate([later, earlier]))
    laid = rings(cut.piece[several])
    common = areas_of_pairs(
        tiles(laid, scale_of(ground.table.crs)), outlines(laid),
        left=np.searchsorted(several, later), right=np.searchsorted(several, earlier),
        count=len(several),
    )  # fmt: skip
    return later[common > TOUCH_M2]


def _earlier(cut: Cut, rows: Rows) -> tuple[Rows, Rows]:
    """Set every one of these pairs beside all earlier ones of its key."""
    later = np.repeat(rows, cut.rank[rows])
    begin = np.repeat(rows - cut.rank[rows], cut.rank[rows])
    before = np.cumsum(cut.rank[rows]) - cut.rank[rows]
    return later, begin + np.arange(len(later)) - np.repeat(before, cut.rank[rows])


def _take_turns(
    cut: Cut, ground: Ground, rows: Rows, place: Rows, rest: Shapes, own: Shapes, own_area: Numbers
) -> None:
    """Take the ground of these pairs from their parcels, turn by turn, and write what is left.

    Every round is one vectorised call over all parcels that have that many zones. Where a zone
    takes from the remaining ground as much as its piece measures, the piece is its own; only where
    an earlier zone took part of it is it cut again.
    """
    rest[place[rows]] = ground.parcels[cut.parcel[rows]]
    by_rank = rows[np.argsort(cut.rank[rows], kind="stable")]
    for now in np.split(by_rank, np.flatnonzero(np.diff(cut.rank[by_rank])) + 1):
        at = place[now]
        before = rest[at]
        after = np.full(len(now), shapely.Polygon(), dtype=object)
        crossing = ~cut.inside[now]
        zone = ground.zones[cut.zone[now]]
        after[crossing] = polygonal(shapely.difference(before[crossing], zone[crossing]))
        taken = shapely.area(before) - shapely.area(after)
        noise = NOISE_SHARE * shapely.area(ground.parcels[cut.parcel[now]])
        again = np.abs(taken - shapely.area(cut.piece[now])) > noise
        own[now[again]] = polygonal(shapely.intersection(before[again], zone[again]))
        own_area[now[again]] = areas(own[now[again]], ground.table)
        rest[at] = after


def overlaps_among(cut: Cut, shares: Shares, ground: Ground) -> DataFrame:
    """Name the pairs of zones that claim the same ground of a parcel, beyond slivers."""
    b, a = _earlier(cut, np.flatnonzero(cut.area - shares.own_area > TOUCH_M2))
    common = polygonal(shapely.intersection(cut.piece[a], cut.piece[b]))
    met = ~shapely.is_empty(common)  # two zones may each overlap a third and not one another
    a, b, common = a[met], b[met], common[met]
    area = areas(common, ground.table)
    names = text(ground.zone_table.index)
    table = pd.DataFrame(
        {
            "parcel_id": text(ground.table.index).take(cut.parcel[a]),
            "layer": words(ground.layers).take(ground.layer[cut.zone[a]]),
            "a": names.take(cut.zone[a]),
            "b": names.take(cut.zone[b]),
            "area_m2": area,
            "x": shapely.get_x(shapely.centroid(common)),
            "y": shapely.get_y(shapely.centroid(common)),
        }
    )
    return table[~slivers(common, area, ground.table)]


def refuse_overlaps(found: DataFrame) -> None:
    """Raise when zones of one layer claim the same ground."""
    if found.empty:
        return
    first = found.nlargest(PARTNERS_NAMED, "area_m2").to_dict("records")
    english = "; ".join(
        f"{row['a']} and {row['b']} of layer {row['layer']} share {show(row['area_m2'], 2)} m2 "
        f"in parcel {row['parcel_id']}"
        for row in first
    )
    chinese = "；".join(
        f"图层“{row['layer']}”的分区 {row['a']} 与 {row['b']} 在地块 {row['parcel_id']} 内"
        f"重叠 {show(row['area_m2'], 2)} 平方米"
        for row in first
    )
    pairs = len(found[["layer", "a", "b"]].drop_duplicates())
    raise DataError(
        "zones_overlap",
        f"{pairs} pairs of zones of one layer overlap inside parcels: {english}",
        hint=f"{chinese}（共 {pairs} 对）：请先修正分区，或选择重复计算（twice）、按优先级（priority）。",
    )


def overlap_findings(found: DataFrame) -> list[dict[str, Any]]:
    """Say of each parcel which zones counted the same ground twice."""
    return [
        {
            "parcel_id": row["parcel_id"],
            "code": "zones_overlap",
            "severity": "提示",
            "message": f"图层“{row['layer']}”的分区 {row['a']} 与 {row['b']} 在地块内"
            f"重叠 {show(row['area_m2'], 2)} 平方米，两处均计入。",
            "mendable": False,
            "x": row["x"],
            "y": row["y"],
        }
        for row in found.to_dict("records")
    ]

"""Judge landgis by GEOS on one world: every pair, every account, any order of the rows.

Only public verbs are called. GEOS works on copies moved to the corner of each parcel, which is
exact in floating point and spares it the rounding of large coordinates; where the two differ, pairs
of few edges are settled by a third: exact rational arithmetic.
"""

from __future__ import annotations

import sys
import time
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

import landgis

if TYPE_CHECKING:
    from collections.abc import Callable

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    Numbers = NDArray[np.float64]
    Shapes = NDArray[np.object_]
    Point = tuple[Fraction, Fraction]
    Edge = tuple[Point, Point]

PAIR = ["parcel_id", "zone_id"]
ALLOWED_M2, ALLOWED_SHARE = 1e-6, 1e-9  # of the area of a pair
UNSEEN_M2 = 0.005001  # less ground outside is none in an account of whole square decimetres
ROUNDED_M2 = 0.015  # parcel, outside and twice of an account, each rounded to a square decimetre
CHORD_M = 5e-5  # wide is the strip between a straight edge and its chord of 70 m on the ellipsoid
RELATIVE_FROM_M2 = 1e-2  # below, a relative difference says nothing
FEW_EDGES = 200  # of both shapes, for rational arithmetic
PARTS = 3  # of the parcels, each laid over on its own
POLYGONAL = [shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value]


class Judged(NamedTuple):
    """What came out for one set of data; counts add up, differences keep the largest."""

    name: str
    pairs: int = 0  # that meet
    sharing: int = 0  # of them, that share ground
    wrong: int = 0
    witness_wrong: int = 0  # where rational arithmetic says so
    worst_m2: float = 0.0
    worst_share: float = 0.0
    pieces_wrong: int = 0  # geometry of `overlay`: pieces and what lies outside
    pieces_worst_m2: float = 0.0
    accounts: int = 0
    accounts_open: int = 0
    shares_off: int = 0
    moved_m2: float = 0.0  # by another order or a partition of the rows
    left_out: int = 0  # shapes named in findings
    died: int = 0  # runs that stopped
    seconds: float = 0.0

    def plus(self, other: Judged) -> Judged:
        """Join two sets into one line."""
        joined: dict[str, Any] = {"name": self.name}
        for field in self._fields[1:]:
            mine, theirs = getattr(self, field), getattr(other, field)
            largest = "worst_" in field or field == "moved_m2"
            joined[field] = max(mine, theirs) if largest else mine + theirs
        return Judged(**joined)

    @property
    def bad(self) -> bool:
        """Whether anything is wrong."""
        counted = self.wrong + self.pieces_wrong + self.accounts_open + self.shares_off
        counted += self.died
        return counted > 0 or self.moved_m2 > 0


def judge(
    name: str,
    parcels: GeoDataFrame,
    zones: GeoDataFrame,
    *,
    size: Callable[[Shapes], Numbers] = shapely.area,
) -> Judged:
    """Lay zones over parcels and compare with what GEOS makes of it; then in other orders.

    `size` measures what GEOS cut: its plane area, or in a plane of another scale a statutory one.
    """
    begun = time.perf_counter()
    try:
        cross = areas_of_pairs(parcels, zones)
        overlaid = landgis.overlay(parcels, zones, overlaps="twice")
    except Exception as error:  # noqa: BLE001 - no shape may stop the run
        print(f"{name}: the run stopped with {error!r}", file=sys.stderr, flush=True)
        return Judged(name, died=1)
    seconds = time.perf_counter() - begun
    witness, pairs = cut_by_geos(parcels, zones, size)
    found = compare(cross, witness["area_m2"])
    witness_wrong = 0
    if size is shapely.area:
        witness_wrong = _settle_by_reason(found, parcels, zones)
    sound = found[~found["excused"]]
    shares = sound[sound["witness"] > RELATIVE_FROM_M2]
    parts = _parts(overlaid, witness, parcels)
    return Judged(
        name,
        pairs=pairs,
        sharing=int((witness["area_m2"] > ALLOWED_M2).sum()),
        wrong=int(sound["wrong"].sum()),
        witness_wrong=witness_wrong,
        worst_m2=_largest(sound["off"]),
        worst_share=_largest(shares["off"] / shares["witness"]),
        pieces_wrong=int(parts["wrong"].sum()),
        pieces_worst_m2=_largest(parts["off"]),
        **closing(overlaid, cross, parcels, strip_m=0.0 if size is shapely.area else CHORD_M),
        moved_m2=_moved(parcels, zones, cross, overlaid),
        left_out=int((overlaid.findings["severity"] == "错误").sum()),
        seconds=seconds,
    )


def areas_of_pairs(parcels: GeoDataFrame, zones: GeoDataFrame) -> Series:
    """Ask landgis for the common ground of every pair."""
    return landgis.tabulate(parcels, zones, by="zone_id").set_index(PAIR)["area_m2"]


def cut_by_geos(
    parcels: GeoDataFrame, zones: GeoDataFrame, size: Callable[[Shapes], Numbers]
) -> tuple[DataFrame, int]:
    """Cut every pair that meets; give the pieces that have an area, and how many pairs met."""
    left, right = usable(parcels), usable(zones)
    zone, parcel = shapely.STRtree(left).query(right, predicate="intersects")
    corner = np.floor(shapely.bounds(left)[parcel, :2])
    common = shapely.intersection(shifted(left[parcel], -corner), shifted(right[zone], -corner))
    plane_m2 = shapely.area(common)
    columns = {
        "parcel_id": parcels.index.to_numpy()[parcel],
        "zone_id": zones.index.to_numpy()[zone],
        "plane_m2": plane_m2,
        "area_m2": plane_m2 if size is shapely.area else size(shifted(common, corner)),
        "piece": common,
    }
    table = pd.DataFrame(columns)
    return table[plane_m2 > 0].set_index(PAIR).sort_index(), len(table)


def usable(table: GeoDataFrame) -> Shapes:
    """Give the shapes an overlay can take, None in place of others."""
    shapes: Shapes = table.geometry.to_numpy().copy()
    polygonal = np.isin(shapely.get_type_id(shapes), POLYGONAL)
    shapes[~polygonal | shapely.is_empty(shapes) | ~shapely.is_valid(shapes)] = None
    return shapes


def shifted(shapes: Shapes, way: Numbers) -> Shapes:
    """Move every shape its own way."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    moved: Shapes = shapely.set_coordinates(shapes.copy(), points + way[owner])
    return moved


def compare(found: Series, witness: Series) -> DataFrame:
    """Set two answers side by side: every pair that one of them knows."""
    table = pd.DataFrame({"found": found, "witness": witness}).fillna(0.0)
    table["off"] = (table["found"] - table["witness"]).abs()
    table["wrong"] = table["off"] > ALLOWED_M2 + ALLOWED_SHARE * table["witness"]
    table["excused"] = False
    return table


def closing(
    overlaid: Any, cross: Series, parcels: GeoDataFrame, *, strip_m: float
) -> dict[str, int]:
    """Count the accounts, those that stay open, and those whose shares do not sum to one.

    Within an account not a square decimetre may lack; `measure` and `tabulate` may differ from it
    by rounding and by a strip along the edges, where those are no chords of the plane.
    """
    key = ["parcel_id", "layer"]
    account = overlaid.account.set_index(key)
    pieces, outside = (
        table.assign(dm2=(table["area_m2"] * 100).round().astype("int64"))
        .groupby(key)[["dm2", "share"]]
        .sum()
        .reindex(account.index, fill_value=0)
        for table in (overlaid.pieces, overlaid.outside)
    )
    parcel, twice = account["parcel_dm2"], account["twice_dm2"]
    ids = account.index.get_level_values("parcel_id")
    measured = landgis.measure(parcels)["area_m2"].reindex(ids).to_numpy()
    by_tabulate = cross.groupby("parcel_id").sum().reindex(ids, fill_value=0.0).to_numpy()
    allowed = ROUNDED_M2 + strip_m * parcels.length.reindex(ids).to_numpy()
    left_over = (outside["dm2"] - twice).to_numpy() / 100 + by_tabulate - measured
    closes = (
        (account["zoned_dm2"] + account["outside_dm2"] - twice + account["closure_dm2"] == parcel)
        & (pieces["dm2"] + outside["dm2"] - twice == parcel)
        & (outside["dm2"] == account["outside_dm2"])
        & (np.abs(parcel.to_numpy() / 100 - measured) <= allowed)
        & (np.abs(left_over) <= allowed)
    )
    whole = parcel > 0
    shares = (pieces["share"] + outside["share"] - twice / parcel.where(whole)).loc[whole]
    wanted = int((~shapely.is_missing(usable(parcels))).sum())
    return {
        "accounts": len(account),
        "accounts_open": int((~closes).sum()) + abs(wanted - len(account)),
        "shares_off": int(((shares - 1.0).abs() > ALLOWED_SHARE).sum()),
    }


def _parts(overlaid: Any, witness: DataFrame, parcels: GeoDataFrame) -> DataFrame:
    """Compare pieces and outside ground with those of GEOS, by plane area and by settled area.

    A corner of a piece can lie no closer than the grid of its coordinates.
    """
    corner = pd.DataFrame(np.floor(parcels.bounds[["minx", "miny"]].to_numpy()), parcels.index)
    grid = np.spacing(np.abs(parcels.total_bounds).max())
    pieces = witness["piece"].groupby("parcel_id").agg(lambda group: shapely.union_all([*group]))
    rest = pd.Series(shapely.area(usable(parcels)), parcels.index).dropna()
    rest = rest.sub(pd.Series(shapely.area(pieces.to_numpy()), pieces.index), fill_value=0.0)
    rest.index = pd.MultiIndex.from_product([rest.index, [""]], names=PAIR)
    both = pd.concat([overlaid.pieces, overlaid.outside.assign(zone_id="")])
    shapes = shifted(both.geometry.to_numpy(), -corner.loc[both["parcel_id"]].to_numpy())
    columns = {"plane_m2": shapely.area(shapes), "allowed": grid * shapely.length(shapes)}
    found = pd.DataFrame(columns, index=pd.MultiIndex.from_frame(both[PAIR]))
    table = found.join(pd.concat([witness["plane_m2"], rest]).rename("witness"), how="outer")
    table = table.fillna(0.0)
    table["off"] = (table["plane_m2"] - table["witness"]).abs()
    # outside ground below half a square decimetre is none by the account
    unseen = (table.index.get_level_values("zone_id") == "") & (table["plane_m2"] == 0)
    unseen &= table["witness"] <= UNSEEN_M2
    of_parcel = 1e-12 * parcels.area.reindex(table.index.get_level_values(0)).to_numpy()
    allowed = ALLOWED_M2 + ALLOWED_SHARE * table["witness"] + table["allowed"] + of_parcel
    table.loc[unseen, "off"] = 0.0
    table["wrong"] = table["off"] > allowed
    return table


def _moved(parcels: GeoDataFrame, zones: GeoDataFrame, cross: Series, overlaid: Any) -> float:
    """Lay over again in other orders and in parts; give how far any figure moves, in m²."""
    random = np.random.default_rng(len(parcels))
    order = random.permutation(len(parcels))
    runs = [
        (parcels.iloc[order[k::PARTS]], zones.iloc[random.permutation(len(zones))])
        for k in range(PARTS)
    ]
    laid = [landgis.overlay(*sides, overlaps="twice") for sides in runs]
    far = [_farthest(cross, pd.concat([areas_of_pairs(*sides) for sides in runs]))]
    for table, columns in (("pieces", PAIR), ("outside", ["parcel_id"])):
        key = [*columns, "layer"]
        then = getattr(overlaid, table).set_index(key)["area_m2"]
        now = pd.concat([getattr(one, table) for one in laid]).set_index(key)["area_m2"]
        far.append(_farthest(then, now))
    key = ["parcel_id", "layer"]
    then = overlaid.account.melt(key)
    now = pd.concat([one.account for one in laid]).melt(key)
    then, now = (table.set_index([*key, "variable"])["value"] for table in (then, now))
    return max(*far, _farthest(then, now) / 100)


def _farthest(then: Series, now: Series) -> float:
    return _largest(then.sub(now, fill_value=0.0).abs())


def _largest(values: Series) -> float:
    return float(values.max()) if len(values) else 0.0


def _settle_by_reason(found: DataFrame, parcels: GeoDataFrame, zones: GeoDataFrame) -> int:
    """Excuse landgis where rational arithmetic agrees with it; count where GEOS was off."""
    for pair in found.index[found["wrong"]]:
        shapes = parcels.geometry[pair[0]], zones.geometry[pair[1]]
        if sum(shapely.get_num_coordinates(shapes)) > FEW_EDGES:
            continue
        exact = rational_area(*shapes)
        found.loc[pair, "excused"] = (
            abs(found.loc[pair, "found"] - exact) <= ALLOWED_M2 + ALLOWED_SHARE * exact
        )
    return int(found["excused"].sum())


def rational_area(one: Any, other: Any) -> float:
    """Measure common ground without rounding: slabs between all corners and crossings."""
    left, right = _edges(one), _edges(other)
    places = {point[0] for edge in (*left, *right) for point in edge}
    places = places.union(*(_crossing(f, g) for f in left for g in right))
    total = Fraction(0)
    for west, east in pairwise(sorted(places)):
        middle = (west + east) / 2
        total += (east - west) * sum(
            max(Fraction(0), min(a[1], b[1]) - max(a[0], b[0]))
            for a in _spans(left, middle)
            for b in _spans(right, middle)
        )
    return float(total)


def _edges(shape: Any) -> list[Edge]:
    edges: list[Edge] = []
    rings = shapely.get_rings(shapely.get_parts(shape))
    for ring in rings:
        points = [(Fraction(x), Fraction(y)) for x, y in shapely.get_coordinates(ring).tolist()]
        edges += [(min(pair), max(pair)) for pair in pairwise(points) if pair[0][0] != pair[1][0]]
    return edges


def _height(edge: Edge, x: Fraction) -> Fraction:
    (x0, y0), (x1, y1) = edge
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _crossing(f: Edge, g: Edge) -> set[Fraction]:
    west, east = max(f[0][0], g[0][0]), min(f[1][0], g[1][0])
    if west >= east:
        return set()
    start, end = _height(f, west) - _height(g, west), _height(f, east) - _height(g, east)
    return {west + (east - west) * start / (start - end)} if start * end < 0 else set()


def _spans(edges: list[Edge], x: Fraction) -> list[tuple[Fraction, Fraction]]:
    heights = sorted(_height(edge, x) for edge in edges if edge[0][0] < x < edge[1][0])
    return list(zip(heights[::2], heights[1::2], strict=True))

"""Parcels that lie across a line on purpose: a straight cut, and what lies beyond it.

The cut is chosen first and the zones are drawn to it, so the strip is known without any overlay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

FARMLAND, REDLINE, BOUNDARY, LAND_USE = "YJJBNTTB", "STBHHX", "CZKFBJ", "GHYDYH"
CONTROL_LINES = (FARMLAND, REDLINE, BOUNDARY)
CORE, ELASTIC, SPECIAL = "城镇集中建设区", "城镇弹性发展区", "特别用途区"
OUTSIDE = "边界外"
BEYOND_M = 150.0  # how far a planted cut reaches out of town
BESIDE_M = 25.0  # and to both sides of the parcel
CLEAR_M = 1.0  # a cut keeps off the neighbours by so much
SLIVER_M = 0.1  # a cut so narrow is digitising noise
SLIVER_WIDTH_M = 0.15  # and remains so on average
APART_M = 420.0  # cuts do not disturb one another
# what is planted: where the part beyond the cut lies, its share of the parcel (None: a sliver)
WANTED: tuple[tuple[str, float | None], ...] = (
    (FARMLAND, 0.08), (REDLINE, 0.15), (OUTSIDE, 0.1), (ELASTIC, 0.12), (SPECIAL, 0.18),
    (FARMLAND, 0.22), (OUTSIDE, 0.25), (ELASTIC, 0.3), (FARMLAND, None), (REDLINE, 0.35),
    (FARMLAND, 0.45), (OUTSIDE, 0.5), (ELASTIC, 0.55), (SPECIAL, 0.4), (OUTSIDE, None),
    (FARMLAND, 0.03), (REDLINE, 0.05), (OUTSIDE, 0.04), (ELASTIC, 1.0), (SPECIAL, 0.06),
    (FARMLAND, 0.62), (OUTSIDE, 0.7), (FARMLAND, 1.0), (REDLINE, 1.0), (OUTSIDE, 1.0),
    (ELASTIC, 1.0), (OUTSIDE, 1.0),
)  # fmt: skip


class Cut(NamedTuple):
    """One planted cut through a parcel at the edge of a town."""

    parcel: str
    unit: str
    kind: str
    region: Any  # everything beyond the cut, off the neighbours
    part: Any  # the parcel's part of it
    sliver: bool


class Strip(NamedTuple):
    """One planted crossing: the part of a parcel that lies in a zone, or in none."""

    parcel: str
    layer: str
    zone: str
    part: Any
    sliver: bool


def plant_cuts(lots: GeoDataFrame, units: GeoDataFrame, *, rng: np.random.Generator) -> list[Cut]:
    """Choose stock parcels that look out over open country and cut each as wanted."""
    shapes = lots.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    middles = {
        place: shapely.centroid(shapely.union_all(group.geometry.to_numpy()))
        for place, group in lots[lots["soil"] != "村庄"].groupby("place")
    }
    stock = lots["land_class"].isin(["批而未供", "低效"]) & (lots["area_m2"] > 6_000)
    order = rng.permutation(np.flatnonzero(stock & ~lots["soil"].isin(["村庄", "城中村"])))
    by_unit = {
        unit: [int(i) for i in order if lots["unit"].iloc[i] == unit]
        for unit in lots["unit"].unique()
    }
    turns = list(by_unit)
    cuts: list[Cut] = []
    for number, (kind, share) in enumerate(WANTED):
        for turn in range(len(turns)):
            unit = turns[(number + turn) % len(turns)]
            cut = _first_fit(lots, by_unit[unit], kind, share, tree, middles, cuts)
            if cut is not None:
                on_land = shapely.intersection(cut.region, units.geometry[unit])
                cuts.append(cut._replace(region=on_land))
                break
        else:
            raise AssertionError(f"no parcel at the edge of a town is left for {kind} {share}")
    return cuts


def _first_fit(
    lots: GeoDataFrame,
    candidates: list[int],
    kind: str,
    share: float | None,
    tree: Any,
    middles: dict[str, Any],
    cuts: list[Cut],
) -> Cut | None:
    """Take the first candidate that fits; those that look at other lots are dropped for good."""
    shapes, places = lots.geometry.to_numpy(), lots["place"].to_numpy()
    others = np.array([cut.region for cut in cuts], dtype=object)
    for at in list(candidates):
        parcel = shapes[at]
        region = _region(parcel, middles[places[at]], share)
        if shapely.dwithin(others, region, APART_M).any():
            continue
        near = [int(i) for i in tree.query(region, predicate="intersects") if i != at]
        beside = shapely.union_all(shapely.buffer(shapes[near], CLEAR_M, join_style="mitre"))
        open_share = shapely.difference(region, beside).area / region.area
        if open_share < 0.9:
            candidates.remove(at)
            continue
        kept = shapely.get_parts(shapely.difference(region, beside))
        region = max(kept, key=lambda piece: piece.area)
        part = shapely.intersection(parcel, region)
        if share is None and not (part.area > 5.0 and 2 * part.area / part.length < SLIVER_WIDTH_M):
            continue
        candidates.remove(at)
        unit = str(lots["unit"].iloc[at])
        return Cut(str(lots.index[at]), unit, kind, region, part, share is None)
    return None


def _region(parcel: Any, middle: Any, share: float | None) -> Any:
    """Give the box beyond a line across the parcel, looking out of town."""
    centre = shapely.get_coordinates(parcel.centroid)[0]
    out = centre - shapely.get_coordinates(middle)[0]
    out /= np.hypot(*out)
    sides = np.diff(shapely.get_coordinates(shapely.minimum_rotated_rectangle(parcel)), axis=0)[:2]
    sides = np.vstack([sides, -sides]) / np.hypot(*np.vstack([sides, sides]).T)[:, None]
    out = sides[int(np.argmax(sides @ out))]  # square to the side that looks out most
    if share is None:
        out = _facing(parcel, out)
    left = np.array([-out[1], out[0]])
    corners = shapely.get_coordinates(parcel)
    ahead, beside = (corners - centre) @ out, (corners - centre) @ left

    def box(depth: float) -> Any:
        near, far = ahead.max() - depth, ahead.max() + BEYOND_M
        low, high = beside.min() - BESIDE_M, beside.max() + BESIDE_M
        ring = [(near, low), (far, low), (far, high), (near, high)]
        return shapely.Polygon([centre + a * out + b * left for a, b in ring])

    if share is None:
        return box(SLIVER_M)  # along the edge that looks out
    if share == 1.0:
        return box(ahead.max() - ahead.min() + BESIDE_M)
    low, high = 0.0, float(ahead.max() - ahead.min())
    for _ in range(40):
        depth = (low + high) / 2
        small = shapely.intersection(parcel, box(depth)).area < share * parcel.area
        low, high = (depth, high) if small else (low, depth)
    return box(round(low, 2))


def _facing(parcel: Any, out: Any) -> Any:
    """Give the square to the longest edge that looks out."""
    edges = np.diff(shapely.get_coordinates(shapely.orient_polygons(parcel)), axis=0)
    lengths = np.hypot(*edges.T)
    squares = np.column_stack([edges[:, 1], -edges[:, 0]]) / lengths[:, None]
    return squares[int(np.argmax(np.where(squares @ out > 0.9, lengths, 0.0)))]


def strips_of(cuts: list[Cut]) -> list[Strip]:
    """Say which zone each part lies in: land given to farmland or red line leaves the boundary."""
    strips = []
    for cut in cuts:
        if cut.kind in {FARMLAND, REDLINE}:
            strips.append(Strip(cut.parcel, cut.kind, "", cut.part, cut.sliver))
        zone = OUTSIDE if cut.kind in {FARMLAND, REDLINE, OUTSIDE} else cut.kind
        strips.append(Strip(cut.parcel, BOUNDARY, zone, cut.part, cut.sliver))
    return strips

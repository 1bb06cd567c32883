"""Cut parcels by zones: the geometry behind `landgis.analysis.overlay`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis._clipping import Clipped, clip
from landgis.analysis._ground import corners, lay_out, rings, tiles, whole_areas, widths
from landgis.analysis._overlap import common_areas, outlines
from landgis.analysis._validity import are_valid
from landgis.analysis.area import areas, scale_of, unit_m
from landgis.model import crs as systems
from landgis.model.errors import CrsError, DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionArray

    from landgis.analysis._ground import Corners, Rings, Tiles
    from landgis.analysis._overlap_kernel import Outlines

    Shapes = NDArray[np.object_]
    Rows = NDArray[np.intp]
    Numbers = NDArray[np.float64]
    Truths = NDArray[np.bool_]

SLIVER_AREA_M2 = 1.0  # m²; a smaller piece is digitising noise (common practice, not law)
SLIVER_WIDTH_M = 0.2  # m, mean width 2·area/perimeter; likewise
TOUCH_M2 = 1e-6  # m²; less is arithmetic noise where shapes only touch
WIDEST_M = 4_000_000.0  # of a parcel; wider shapes would be millions of tiles
UNUSABLE_NAMED = 3  # in an error; the rest are counted
AGREEMENT = 1e-9  # of a piece: by how much two ways to measure it may differ, beside `TOUCH_M2`
SINGLE_LAYER = "zones"  # name of the layer where the zones have no column `layer`

_FAULTS = {
    "geometry_missing": "没有图形",
    "geometry_empty": "图形为空",
    "geometry_not_polygon": "图形不是面",
    "geometry_too_large": "图形宽度超过 4000 千米",
    "geometry_off_earth": "坐标超出所声明坐标系的范围",
    "geometry_invalid": "图形自相交或环错误",
}


class Ground(NamedTuple):
    """Both sides made ready: shapes in one plane, None where unusable, layers as numbers."""

    table: GeoDataFrame  # the parcels as they came, for their coordinate system
    parcels: Shapes
    tiles: Tiles  # of the parcels
    parcel_area: Numbers  # m², NaN where unusable
    zones: Shapes
    outlines: Outlines  # of the zones
    zone_table: GeoDataFrame
    layer: Rows
    layers: list[str]
    turn: Rows  # place of each zone in the sequence in which zones take their ground
    findings: list[dict[str, Any]]


class Cut(NamedTuple):
    """Pairs of parcel and zone that share ground, sorted by parcel, layer and turn."""

    parcel: Rows
    zone: Rows
    inside: Truths  # the parcel lies wholly in the zone
    by_geos: Truths  # the pair was cut by GEOS
    piece: Shapes
    rest: Shapes  # of the parcel, where cutting gave it too; else None
    area: Numbers  # m², of the piece
    rest_area: Numbers  # m²
    key: Rows  # parcel and layer as one number
    rank: Rows  # 0, 1, … within the key


class Side(NamedTuple):
    """Shapes of one table that can be compared; None stands for those that cannot."""

    shapes: Shapes
    rings: Rings
    findings: list[dict[str, Any]]


def bring_together(
    parcels: GeoDataFrame, zones: GeoDataFrame
) -> tuple[Side, Tiles, Side, Outlines]:
    """Set aside what cannot be compared; lay out the parcels in tiles and the zones as outlines.

    Both tables must stand in one plane.
    """
    plane = systems.require_crs(parcels, what="地块")
    systems.require_same(zones, plane, what="规划分区")

    their_corners = corners(zones.geometry.to_numpy())

    def lay_out_zones() -> tuple[Side, Outlines]:
        theirs = usable(zones, their_corners, what="分区")
        return theirs, outlines(theirs.rings)

    with ThreadPoolExecutor(1) as beside:  # while the parcels are read
        zones_ready = beside.submit(lay_out_zones)
        read = corners(parcels.geometry.to_numpy())
        ours = usable(parcels, read, what="地块", widest=WIDEST_M / unit_m(plane))
        laid = tiles(ours.rings, scale_of(plane))
        return ours, laid, *zones_ready.result()


def prepare(parcels: GeoDataFrame, zones: GeoDataFrame, *, by_priority: bool = False) -> Ground:
    """Make both sides ready to be cut and accounted for, layer by layer."""
    ours, laid, theirs, drawn = bring_together(parcels, zones)
    names = pd.Series(SINGLE_LAYER, index=zones.index, dtype="str")
    if "layer" in zones.columns:
        names = zones["layer"].astype("str").fillna(SINGLE_LAYER)
    layer, layers = pd.factorize(names)
    area = whole_areas(laid, len(parcels))
    findings = ours.findings + theirs.findings + off_earth(area, ours.shapes, parcels)
    area[shapely.is_missing(ours.shapes)] = np.nan
    return Ground(
        parcels,
        ours.shapes,
        laid,
        area,
        theirs.shapes,
        drawn,
        zones,
        layer.astype(np.intp),
        [str(name) for name in layers] if "layer" in zones.columns else [SINGLE_LAYER],
        _turns(zones, by_priority=by_priority),
        findings,
    )


def off_earth(area: Numbers, shapes: Shapes, parcels: GeoDataFrame) -> list[dict[str, Any]]:
    """Name the parcels that have no area, as their coordinates do not lie on the earth."""
    there = ~shapely.is_missing(shapes)
    lost = np.flatnonzero(~np.isfinite(area) & there)
    if len(lost) == 0:
        return []
    if len(lost) == there.sum():
        name = str(parcels.index[lost[0]])
        raise CrsError(
            "crs_out_of_range",
            f"{len(lost)} parcels lie outside the range of {parcels.crs.name}",
            hint=f"地块“{name}”等 {len(lost)} 宗的坐标超出声明的坐标系“{parcels.crs.name}”的范围："
            "请检查带号前缀、中央经线和 X/Y 顺序。",
            parcel=name,
        )
    return [_finding("geometry_off_earth", str(parcels.index[i]), shapes[i], "地块") for i in lost]


def _turns(zones: GeoDataFrame, *, by_priority: bool) -> Rows:
    """Order by priority or row where that decides, else by name, so that rows may stand anyhow."""
    wanted: NDArray[Any] = np.arange(len(zones))
    if not by_priority:
        wanted = pd.factorize(text(zones.index), sort=True)[0]
    elif "priority" in zones.columns:
        wanted = zones["priority"].to_numpy(dtype=np.float64, na_value=np.nan)  # unknown comes last
    order = np.argsort(wanted, kind="stable")
    turns = np.empty(len(zones), dtype=np.intp)
    turns[order] = np.arange(len(zones))
    return turns


def usable(table: GeoDataFrame, read: Corners, *, what: str, widest: float = np.inf) -> Side:
    """Give the shapes that can be compared, and a finding for each of the others."""
    shapes = table.geometry.to_numpy().copy()
    laid = lay_out(read)
    wide = widths(laid) > widest
    wrong = np.flatnonzero(~are_valid(shapes, laid) | wide)
    if len(wrong) == 0:
        return Side(shapes, laid, [])
    broken = shapes[wrong]
    fault = np.select(
        [
            shapely.is_missing(broken),
            shapely.is_empty(broken),
            ~_is_polygonal(broken),
            wide[wrong],
        ],
        ["geometry_missing", "geometry_empty", "geometry_not_polygon", "geometry_too_large"],
        "geometry_invalid",
    )
    findings = [
        _finding(str(code), str(table.index[i]), shapes[i], what)
        for i, code in zip(wrong, fault, strict=True)
    ]
    shapes[wrong] = None
    return Side(shapes, rings(shapes), findings)


def refuse_unusable(findings: list[dict[str, Any]]) -> None:
    """Raise where any parcel or zone cannot be compared."""
    if not findings:
        return
    first = findings[:UNUSABLE_NAMED]
    raise DataError(
        "geometry_unusable",
        f"{len(findings)} parcels and zones cannot be compared: "
        + "; ".join(f"{found['parcel_id'] or 'a zone'}: {found['code']}" for found in first),
        hint=f"有 {len(findings)} 个图形不能参与叠加：{''.join(found['message'] for found in first)}"
        "请先用 landgis check 检查、landgis repair 修复，或选择不参与（exclude）。",
        parcel=first[0]["parcel_id"],
    )


def _finding(code: str, name: str, shape: Any, what: str) -> dict[str, Any]:
    """Say of one shape why it was set aside."""
    west, south, east, north = shapely.bounds(shape)
    return {
        "parcel_id": name if what == "地块" else None,
        "code": code if what == "地块" else f"zone_{code}",
        "severity": "错误",
        "message": f"{what}“{name}”{_FAULTS[code]}，未参与叠加。",
        "mendable": code == "geometry_invalid",
        "x": 0.5 * west + 0.5 * east,
        "y": 0.5 * south + 0.5 * north,
    }


def cut_pairs(ground: Ground) -> Cut:
    """Cut every pair of parcel and zone that share ground; a parcel wholly inside stays whole."""
    found = common_areas(ground.tiles, ground.outlines, count=len(ground.parcels))
    real = np.flatnonzero(found.area > TOUCH_M2)
    layer = ground.layer[found.right[real]]
    real = real[np.lexsort((ground.turn[found.right[real]], layer, found.left[real]))]
    parcel, zone, area = found.left[real], found.right[real], found.area[real]
    key = parcel * len(ground.layers) + ground.layer[zone]
    inside = ground.parcel_area[parcel] - area <= TOUCH_M2
    crossing = np.flatnonzero(~inside)
    piece, rest = ground.parcels[parcel], np.full(len(real), None, dtype=object)
    rest_area, by_geos = np.zeros(len(real)), np.zeros(len(real), np.bool_)
    clipped = _cut_crossing(
        ground, parcel[crossing], zone[crossing], area[crossing], single=alone(key)[crossing]
    )
    piece[crossing], rest[crossing], by_geos[crossing] = clipped.piece, clipped.rest, ~clipped.done
    area[crossing], rest_area[crossing] = clipped.area, clipped.rest_area
    cut = Cut(parcel, zone, inside, by_geos, piece, rest, area, rest_area, key, key)
    return sieve(cut, area > TOUCH_M2)


def alone(key: Rows) -> Truths:
    """Say which keys stand only once among sorted ones."""
    differs = np.diff(key, prepend=-1, append=-1) != 0
    once: Truths = differs[:-1] & differs[1:]
    return once


def _cut_crossing(
    ground: Ground, parcel: Rows, zone: Rows, expected: Numbers, *, single: Truths
) -> Clipped:
    """Cut parcels by zones that cross them; what is left is known only where the zone is single.

    What is cut in the plain way must have the area the signed sums say; all else is cut by GEOS.
    """
    clipped = clip(
        ground.tiles, ground.outlines, scale_of(ground.table.crs),
        left=parcel, right=zone, with_rest=single, count=len(ground.parcels),
    )  # fmt: skip
    agrees = np.abs(clipped.area - expected) <= TOUCH_M2 + AGREEMENT * expected
    done = clipped.done & agrees
    other = np.flatnonzero(~done)
    common = shapely.intersection(ground.parcels[parcel[other]], ground.zones[zone[other]])
    clipped.piece[other], clipped.rest[other] = polygonal(common), None
    clipped.area[other] = areas(clipped.piece[other], ground.table)
    return clipped._replace(done=done)


def sieve(cut: Cut, keep: Truths) -> Cut:
    """Keep some of the pairs, ranked anew."""
    key = cut.key[keep]
    return Cut(
        cut.parcel[keep],
        cut.zone[keep],
        cut.inside[keep],
        cut.by_geos[keep],
        cut.piece[keep],
        cut.rest[keep],
        cut.area[keep],
        cut.rest_area[keep],
        key,
        rank_within(key),
    )


def rank_within(sorted_keys: Rows) -> Rows:
    """Count 0, 1, … within each run of equal keys."""
    start = np.flatnonzero(np.diff(sorted_keys, prepend=-1))
    first = np.repeat(start, np.diff(start, append=len(sorted_keys)))
    return np.arange(len(sorted_keys)) - first


def slivers(shapes: Shapes, area: Numbers, table: GeoDataFrame) -> Truths:
    """Mark shapes that are too small or too thin to be more than digitising noise."""
    rim = perimeters(shapes, table)
    width = np.divide(2 * area, rim, out=np.zeros(len(rim)), where=rim > 0)
    thin: Truths = (area < SLIVER_AREA_M2) | (width < SLIVER_WIDTH_M)
    return thin


def perimeters(shapes: Shapes, table: GeoDataFrame) -> Numbers:
    """Measure how long the rims are, in metres of the plane (degrees go to a metric plane first)."""
    crs = systems.require_crs(table, what="地块")
    if crs.is_projected:
        factor = float(crs.axis_info[0].unit_conversion_factor)
        lengths: Numbers = shapely.length(shapes) * factor
        return lengths
    import geopandas as gpd

    placed = gpd.GeoDataFrame(geometry=shapes, crs=crs)
    if len(placed) == 0:
        return np.zeros(0)
    metric = systems.align(placed, systems.metric_crs(placed), what="地块")
    in_metres: Numbers = shapely.length(metric.geometry.to_numpy())
    return in_metres


def polygonal(shapes: Shapes) -> Shapes:
    """Keep the polygon parts of what a cut gave; points and lines are no ground."""
    kept = shapes.copy()
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    kept[~_is_polygonal(shapes) & ~mixed & ~shapely.is_missing(shapes)] = shapely.Polygon()
    for i in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[i])
        parts = shapely.get_parts(parts[_is_polygonal(parts)])
        kept[i] = parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
    return kept


def text(names: pd.Index) -> ExtensionArray:
    """Give names as text, whatever kind of index they came from."""
    words: ExtensionArray = names.astype("str").array
    return words


def words(names: Sequence[str]) -> ExtensionArray:
    """Give texts as a column that can be taken from."""
    column: ExtensionArray = pd.array(list(names), dtype="str")
    return column


def _is_polygonal(shapes: Shapes) -> Truths:
    kinds = shapely.get_type_id(shapes)
    return np.isin(
        kinds, [shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value]
    )

"""What can be wrong between parcels, and between parcels and the units they are counted in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landgis.analysis._findings import Batch, flag, identifiers, locate, number
from landgis.analysis._geometry_checks import outline_m
from landgis.analysis._shapes import find_polygons, mend, only
from landgis.analysis.area import areas, parts_held
from landgis.model import crs as systems

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

NOISE_M2 = 0.01  # what an account of areas may be off by: overlaps below it are rounding


def check_duplicates(
    mended: NDArray[np.object_], index: pd.Index
) -> tuple[Batch, NDArray[np.intp]]:
    """Report equal geometries; also give, for every row, the first row of its shape."""
    first = np.arange(len(mended))
    bounds = pd.DataFrame(shapely.bounds(mended))
    alike = np.flatnonzero(bounds.duplicated(keep=False) & ~shapely.is_missing(mended))
    shapes = shapely.to_wkb(shapely.normalize(shapely.force_2d(mended[alike])))
    if len(alike):
        group = pd.Series(alike).groupby(pd.Series(shapes, dtype=object), sort=False)
        first[alike] = group.transform("first").to_numpy()
    copies = np.flatnonzero(first != np.arange(len(mended)))
    names = identifiers(index)
    messages = [f"图形与{_named(names, row)}完全相同" for row in first[copies].tolist()]
    return Batch("duplicate_geometry", copies, messages), first


def _named(names: NDArray[np.object_], row: int) -> str:
    return f"地块 {names[row]} " if names[row] else f"第 {row + 1} 行"


def check_overlaps(
    mended: NDArray[np.object_],
    parcels: GeoDataFrame,
    area_m2: NDArray[np.float64],
    first: NDArray[np.intp],
    *,
    overlap_m2: float,
    overlap_width_m: float,
) -> list[Batch]:
    """Report pairs of parcels that cover the same ground; copies of one shape count as one."""
    shapes = only(mended, first == np.arange(len(mended)))
    a, b = shapely.STRtree(shapes).query(shapes)
    a, b = a[a < b], b[a < b]
    meet = shapely.relate_pattern(shapes[a], shapes[b], "T********")
    a, b = a[meet], b[meet]
    order = np.lexsort((b, a))
    a, b = a[order], b[order]
    pieces = shapely.intersection(shapes[a], shapes[b])
    common = areas(pieces, parcels)
    real = common > NOISE_M2
    a, b, pieces, common = a[real], b[real], pieces[real], common[real]
    crs = systems.require_crs(parcels, what="地块")
    small = (common < overlap_m2) | (_mean_width(pieces, common, crs) < overlap_width_m)
    names = identifiers(parcels.index)
    places = locate(pieces)
    batches = []
    for code, chosen in (("overlap", ~small), ("overlap_sliver", small)):
        messages = [
            f"与{_named(names, other)}重叠 {number(area, 2)} 平方米，占本地块{_percent(share)}"
            for other, area, share in zip(
                b[chosen].tolist(),
                common[chosen].tolist(),
                (common[chosen] / area_m2[a[chosen]]).tolist(),
                strict=True,
            )
        ]
        batches.append(Batch(code, a[chosen], messages, places[chosen]))
    return batches


def _percent(share: float) -> str:
    least = 0.0001  # what two decimals of a percent can show
    return f"不足 {100 * least:g}%" if share < least else f" {number(100 * share, 2)}%"


def _mean_width(
    pieces: NDArray[np.object_], area_m2: NDArray[np.float64], crs: CRS
) -> NDArray[np.float64]:
    """Width in metres of the long thin rectangle with the same area and outline."""
    outline = outline_m(pieces, crs)
    width = np.zeros_like(area_m2)
    np.divide(2 * area_m2, outline, out=width, where=outline > 0)
    return width


def check_units(
    mended: NDArray[np.object_],
    parcels: GeoDataFrame,
    area_m2: NDArray[np.float64],
    units: GeoDataFrame,
    *,
    tolerance: float,
    tolerance_m2: float,
) -> list[Batch]:
    """Report parcels that lie outside the units, across them, or in another than declared."""
    held = _held(mended, parcels, area_m2, units)
    allowed = np.maximum(tolerance_m2, tolerance * area_m2)
    measured = area_m2 > 0
    inside = held.groupby("row")["area_m2"].sum().reindex(range(len(mended)), fill_value=0.0)
    beyond = area_m2 - inside.to_numpy()
    nowhere = measured & (inside.to_numpy() <= 0)
    partly = np.flatnonzero(measured & ~nowhere & (beyond > allowed))
    main = held.drop_duplicates("row").set_index("row")["holder"]
    batches = [
        flag("outside_units", nowhere, "不在任何统计单元之内"),
        Batch(
            "partly_outside_units",
            partly,
            [f"有 {number(area, 2)} 平方米在统计单元之外" for area in beyond[partly].tolist()],
        ),
        _across(held, allowed),
    ]
    if "unit" in parcels.columns:
        batches += _declared(parcels["unit"], main, identifiers(units.index))
    return batches


def _held(
    mended: NDArray[np.object_],
    parcels: GeoDataFrame,
    area_m2: NDArray[np.float64],
    units: GeoDataFrame,
) -> pd.DataFrame:
    """How much of every parcel every unit holds, the largest part first."""
    crs = systems.require_crs(parcels, what="地块")
    shapes = systems.align(units, crs, what="统计单元").geometry.to_numpy()
    polygons, _ = find_polygons(shapes, crs)
    names = identifiers(units.index)
    return parts_held(mended, mend(polygons), parcels, whole_m2=area_m2, holders=names)


def _across(held: pd.DataFrame, allowed: NDArray[np.float64]) -> Batch:
    counted = held[held["area_m2"] > allowed[held["row"]]]
    several = counted[counted["row"].duplicated(keep=False)]
    messages = []
    for _, parts in several.groupby("row"):
        shares = "、".join(
            f"{name} {number(100 * share, 2)}%"
            for name, share in zip(parts["holder"], parts["share"].tolist(), strict=True)
        )
        messages.append(f"跨 {len(parts)} 个统计单元：{shares}")
    return Batch("across_units", np.unique(several["row"].to_numpy()), messages)


def _declared(declared: pd.Series, main: pd.Series, names: NDArray[np.object_]) -> list[Batch]:
    """Compare the declared unit with the one that holds the largest part."""
    said = identifiers(pd.Index(declared))
    lies_in = main.reindex(range(len(said))).to_numpy(object)
    missing = np.array([not name.strip() for name in said], dtype=bool)
    unknown = np.flatnonzero(~missing & ~np.isin(said.astype(str), names.astype(str)))
    placed = ~pd.isna(lies_in)
    listed = ~missing & placed
    listed[unknown] = False
    elsewhere = np.flatnonzero(listed & (said != lies_in))
    return [
        flag("unit_missing", missing, "没有填统计单元"),
        Batch("unit_unknown", unknown, [f"统计单元图层里没有“{said[row]}”" for row in unknown]),
        Batch(
            "unit_mismatch",
            elsewhere,
            [f"填的是{said[row]}，图形主要在{lies_in[row]}" for row in elsewhere],
        ),
    ]

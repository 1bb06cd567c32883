"""A small built-up raster: what stands on each lot, seen from above, in cells of ten metres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.model.files import complete_file
from landgis.sample.places import EPSG

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

CELL_M = 10.0
SEEN = ("市主城区", "自贸区钦州港片区")  # the picture covers two units only
UNSEEN = 255
# a cell is built when its middle is; kept off the boundary by more than half a cell's diagonal,
# no built cell reaches into the neighbour's lot
SETBACK_M = 7.2
CONTRADICTIONS = 5  # parcels said to be cleared on which something stands
HOUSES = {"老城": (11.0, 7.0), "新区": (17.0, 26.0), "城中村": (14.0, 4.0)}  # depth, gap in metres
HALLS = (48.0, 22.0)


class Cover(NamedTuple):
    """The raster, and the parcels on which it contradicts the ledger on purpose."""

    cells: NDArray[np.uint8]
    west: float
    north: float
    contradictions: list[str]


def build(
    lots: GeoDataFrame, parcels: GeoDataFrame, units: GeoDataFrame, *, rng: np.random.Generator
) -> Cover:
    """Put houses and halls on every lot that the ledger says is built on."""
    from rasterio.features import rasterize

    seen = lots["unit"].isin(SEEN)
    cleared = parcels.index[
        seen
        & parcels["structures_cleared"].fillna(value=False)
        & parcels["land_class"].eq("批而未供")
    ]
    liars = sorted(rng.choice(cleared.to_numpy(dtype=object), CONTRADICTIONS, replace=False))
    shapes: list[Any] = []
    facts = parcels[["land_class", "structures_cleared", "commenced"]]
    for lot, known in zip(lots[seen].itertuples(), facts[seen].itertuples(), strict=True):
        share = 0.35 if lot.Index in liars else _built_share(lot, known, rng)
        if share > 0:
            shapes += _buildings(lot.geometry, lot.soil, share, rng)
    area = shapely.union_all(units.geometry[list(SEEN)].to_numpy())
    west, south, east, north = (
        np.array(area.bounds) / CELL_M + np.array([-1, -1, 1, 1])
    ).round() * CELL_M
    size = (round((north - south) / CELL_M), round((east - west) / CELL_M))
    place = _placed(west, north)
    cells = rasterize([(area, 0)], out_shape=size, transform=place, fill=UNSEEN, dtype="uint8")
    rasterize([(shape, 1) for shape in shapes], out=cells, transform=place)
    return Cover(cells, float(west), float(north), [str(parcel) for parcel in liars])


def _built_share(lot: Any, facts: Any, rng: np.random.Generator) -> float:
    """Say how much of a lot is built on, as far as the ledger knows."""
    if lot.use in {"1401", "1402"}:
        return 0.0
    if facts.land_class == "批而未供":
        if _known(facts.structures_cleared, truth=True):
            return 0.0
        standing = _known(facts.structures_cleared, truth=False) or rng.random() < 0.5
        return float(rng.uniform(0.15, 0.6)) if standing else 0.0
    if facts.land_class == "闲置":
        return 0.3 if _known(facts.commenced, truth=True) else 0.0
    if _known(facts.commenced, truth=False):
        return 0.0
    return float(rng.uniform(0.75, 1.0))


def _known(fact: Any, *, truth: bool) -> bool:
    return bool(pd.notna(fact)) and bool(fact) is truth


def _buildings(lot: Any, soil: str, share: float, rng: np.random.Generator) -> list[Any]:
    """Stand rows of houses or halls along the longer side, and leave some out."""
    inner = lot.buffer(-SETBACK_M, join_style="mitre")
    if inner.is_empty:
        return []
    depth, gap = HOUSES.get(soil, HALLS)
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(inner))[:4]
    along, beside = sorted(
        (corners[1] - corners[0], corners[3] - corners[0]), key=lambda s: -np.hypot(*s)
    )
    length, width = float(np.hypot(*along)), float(np.hypot(*beside))
    reach = 2.6 * depth
    rows = np.arange(0.0, max(width - 0.6 * depth, 1.0), depth + gap)
    posts = np.arange(0.0, max(length - 0.5 * reach, 1.0), reach + 0.6 * gap)
    left, low = np.meshgrid(posts, rows)
    kept = rng.random(left.size) < share
    boxes = shapely.box(left, low, left + reach, low + depth).ravel()[kept]
    # the frame's origin is the corner from which both sides lead away
    turned = shapely.transform(boxes, lambda xy: corners[0] + xy @ _axes(along, beside))
    circle = shapely.maximum_inscribed_circle(inner, tolerance=1.0)
    middle = shapely.Point(shapely.get_coordinates(circle)[0])
    yard = middle.buffer(0.75 * CELL_M, cap_style="square")  # large enough to hold a cell's middle
    stand = shapely.intersection([*turned, yard], inner)
    return [house for house in stand if house.area > 20.0]


def _axes(along: NDArray[np.float64], beside: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.vstack([along / np.hypot(*along), beside / np.hypot(*beside)])


def _placed(west: float, north: float) -> Any:
    from affine import Affine

    return Affine(CELL_M, 0.0, west, 0.0, -CELL_M, north)


def write_cover(cover: Cover, path: Path, *, note: str) -> None:
    """Write the raster as a small compressed GeoTIFF."""
    import rasterio

    height, width = cover.cells.shape
    with (
        complete_file(path) as temporary,
        rasterio.open(
            temporary,
            "w",
            driver="GTiff",
            height=height,
            width=width,
            count=1,
            dtype="uint8",
            nodata=UNSEEN,
            crs=f"EPSG:{EPSG}",
            transform=_placed(cover.west, cover.north),
            compress="deflate",
            zlevel=9,
            tiled=True,
            blockxsize=256,
            blockysize=256,
        ) as raster,
    ):
        raster.write(cover.cells, 1)
        raster.update_tags(TIFFTAG_IMAGEDESCRIPTION=note, classes="1 建成 0 未建 255 无数据")
        raster.set_band_description(1, "建成区（示意数据）")

"""The made-up county of the benchmarks: parcels in blocks and three zone layers, all from seeds.

The county is as large as its lots need; about 10 000 zones lie over it, whatever its size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Shapes = NDArray[np.object_]

CRS = "EPSG:4545"
CORNER = np.array([463_000.0, 2_390_000.0])  # of the county
BLOCK_M = 340.0  # from street to street
LOTS = (5, 4)  # of a block, across and up
LOT_PARTS = 5  # edges on each side of a lot: 20 vertices
LOT_STEP = np.array([12.0, 16.0])  # metres of such an edge: lots of 60 × 80 m

PLAN_ZONES = 4_000  # a coverage
PLAN_STEP_M = 9.0
REDLINES = 24  # along its side: 576 large shapes of up to 6 000 vertices with many holes
FARMLANDS = 77  # along its side: 5 929 small shapes
MOST_VERTICES = 4_600  # of a shell; its holes add up to three tenths


def make_parcels(count: int) -> GeoDataFrame:
    """Make lots of 20 vertices that share their edges exactly, in blocks between streets."""
    side = blocks_across(count)
    corner = np.stack(np.divmod(np.arange(side * side), side), axis=-1) * BLOCK_M
    lot = np.stack(np.divmod(np.arange(LOTS[0] * LOTS[1]), LOTS[1]), axis=-1) * LOT_PARTS
    step = np.arange(LOT_PARTS)
    along, still = step, np.zeros(LOT_PARTS, int)
    ring = np.concatenate(
        [
            np.stack(part, axis=-1)
            for part in (
                (along, still),
                (still + LOT_PARTS, along),
                (LOT_PARTS - along, still + LOT_PARTS),
                (still, LOT_PARTS - along),
                (still[:1], still[:1]),
            )
        ]
    )
    lattice = (lot[:, None, :] + ring) * LOT_STEP
    points = corner[:, None, None, :] + lattice
    rings = points.reshape(-1, len(ring), 2)[:count]
    bent = _bend(rings.reshape(-1, 2), seed=2, sway=9.0, waves=(300.0, 3000.0))
    geometry = shapely.polygons(bent.reshape(rings.shape) + CORNER)
    index = pd.Index([f"P{number:07d}" for number in range(count)], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(geometry=geometry, index=index, crs=CRS)


def make_zones(count: int, *, share: float = 1.0, detail: int = 1) -> GeoDataFrame:
    """Make three layers over `count` lots: a plan that covers all, red lines, farmland.

    With `share` below 1 there are fewer zones of each layer; `detail` multiplies their vertices.
    """
    span = blocks_across(count) * BLOCK_M
    along = share**0.5
    shapes = {
        "GHFQ": _plan(max(4, round(PLAN_ZONES * share)), span, PLAN_STEP_M / detail),
        "STBHHX": _islands(
            max(2, round(REDLINES * along)), span, vertices=(200 * detail, MOST_VERTICES)
        ),
        "YJJBNT": _islands(
            max(4, round(FARMLANDS * along)), span, vertices=(40 * detail, 400 * detail)
        ),
    }
    table = gpd.GeoDataFrame(
        {"layer": np.repeat(list(shapes), [len(group) for group in shapes.values()])},
        geometry=np.concatenate(list(shapes.values())),
        crs=CRS,
    )
    table["zone_code"] = table["layer"] + (np.arange(len(table)) % 8).astype("str")
    table.index = pd.Index([f"Z{k:05d}" for k in range(len(table))], name="zone_id", dtype="str")
    return table


def blocks_across(count: int) -> int:
    """Give the side of the county in blocks."""
    return math.ceil(math.sqrt(count / (LOTS[0] * LOTS[1])))


def write_world(
    folder: Path, count: int, *, share: float = 1.0, detail: int = 1, for_qgis: bool = False
) -> str:
    """Write parcels and zones, as Parquet and for QGIS as GeoPackage; describe them in a line."""
    folder.mkdir(parents=True, exist_ok=True)
    parcels, zones = make_parcels(count), make_zones(count, share=share, detail=detail)
    if not (parcels.is_valid.all() and zones.is_valid.all()):
        raise AssertionError("the made-up county has invalid shapes")
    for name, table in (("parcels", parcels), ("zones", zones)):
        table.to_parquet(folder / f"{name}.parquet")
    if for_qgis:
        layers = [("parcels", parcels), *zones.groupby("layer")]
        for layer, table in layers:
            table.reset_index().to_file(folder / "world.gpkg", layer=layer)
    corners = shapely.get_num_coordinates(zones.geometry.to_numpy())
    holes = shapely.get_num_interior_rings(zones.geometry.to_numpy()).sum()
    return (
        f"{len(parcels):,} parcels of 20 vertices; {len(zones):,} zones in three layers with "
        f"{corners.sum():,} vertices ({corners.mean():.0f} on average, {corners.max():,} at most) "
        f"and {holes:,} holes"
    )


def _bend(
    points: Numbers, *, seed: int, sway: float, waves: tuple[float, float], count: int = 8
) -> Numbers:
    """Move points by smooth waves; what is straight becomes crooked, what touches keeps touching."""
    random = np.random.default_rng(seed)
    bent = points.copy()
    for _ in range(count):
        length, way, push = random.uniform((*waves[:1], 0, 0), (waves[1], 2 * np.pi, 2 * np.pi))
        phase = points @ [np.cos(way), np.sin(way)] * (2 * np.pi / length)
        bent += sway / count * np.sin(phase)[:, None] * [np.cos(push), np.sin(push)]
    return bent


def _plan(count: int, span: float, step: float) -> Shapes:
    """Cover the county with crooked cells, crowded in a few towns and large between them."""
    random = np.random.default_rng(3)
    towns = random.uniform(0.0, span, (max(2, count // 400), 2))
    crowd = towns[random.integers(0, len(towns), count - count // 3)]
    crowd = crowd + random.normal(0.0, span / 20, crowd.shape)
    seeds = np.concatenate([random.uniform(0.0, span, (count // 3, 2)), crowd])
    seeds = seeds[((seeds > 0) & (seeds < span)).all(axis=1)]
    county = shapely.box(-200.0, -200.0, span + 200.0, span + 200.0)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds)))
    cells = shapely.segmentize(shapely.intersection(cells, county), step)
    return shapely.transform(
        cells, lambda points: _bend(points, seed=4, sway=90.0, waves=(150.0, 2000.0)) + CORNER
    )


def _islands(across: int, span: float, *, vertices: tuple[int, int]) -> Shapes:
    """Put one lobed shape with holes into each square of a grid."""
    random = np.random.default_rng(across)
    square = span / across
    shapes = []
    for column, row in np.ndindex(across, across):
        middle = (np.array([column, row]) + random.uniform(0.48, 0.52, 2)) * square
        count = int(np.exp(random.uniform(*np.log(vertices))))
        radius = square * random.uniform(0.25, 0.45)
        shell = _lobes(random, middle, radius, count)
        angles = np.arange(random.integers(0, 7)) * (np.pi / 3)
        holes = [
            _lobes(random, middle + 0.3 * radius * way, 0.09 * radius, max(8, count // 20))
            for way in np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        ]
        shapes.append(shapely.Polygon(shell + CORNER, [hole + CORNER for hole in holes]))
    return np.array(shapes, dtype=object)


def _lobes(random: np.random.Generator, middle: Numbers, radius: float, count: int) -> Numbers:
    """Draw a closed curve around a point that no ray meets twice, 0.5 to 1 radius away from it."""
    angle = np.arange(count) * (2 * np.pi / count)
    lobes = np.arange(2, 2 + min(40, count // 4))
    height = random.normal(size=len(lobes)) / lobes
    wave = np.cos(np.outer(angle, lobes) + random.uniform(0, 2 * np.pi, len(lobes))) @ height
    reach = radius * (0.75 + 0.25 * wave / np.abs(wave).max())
    return middle + reach[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)

"""The made-up town of the cluster benchmark: lots in blocks between lanes, and what bars the way.

Lots share their edges exactly; the lanes are from a footpath to an arterial road wide, so that
every gap joins other blocks. Barriers are the middle lines of lanes, with widths, and crooked water
as polygons.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.world import CORNER, CRS, _bend

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Shapes = NDArray[np.object_]

LOTS = (5, 4)  # of a block, across and up
LOT_PARTS = 5  # edges on each side of a lot: 20 vertices
LOT_M = (25.0, 40.0)
LANES_M = (3.0, 6.0, 9.0, 14.0, 24.0, 40.0)  # in turn, from a footpath to an arterial road
SWAY = {"sway": 6.0, "waves": (200.0, 2000.0)}
WATER_PARTS = 0.2  # of all barriers
WATER_VERTICES = 60


def make_lots(count: int) -> GeoDataFrame:
    """Make lots of 20 vertices in blocks between lanes of different widths."""
    side = blocks_across(count)
    block = np.stack(np.divmod(np.arange(side * side), side), axis=-1)
    lot = np.stack(np.divmod(np.arange(LOTS[0] * LOTS[1]), LOTS[1]), axis=-1) * LOT_PARTS
    step = np.arange(LOT_PARTS)
    sides = (
        (step, 0 * step),
        (0 * step + LOT_PARTS, step),
        (LOT_PARTS - step, 0 * step + LOT_PARTS),
        (0 * step, LOT_PARTS - step),
        ((0,), (0,)),
    )
    ring = np.concatenate([np.stack(part, axis=-1) for part in sides])
    lattice = (lot[:, None, :] + ring) * (np.array(LOT_M) / LOT_PARTS)
    points = _corners(side)[block, [0, 1]][:, None, None, :] + lattice
    rings = points.reshape(-1, len(ring), 2)[:count]
    bent = _bend(rings.reshape(-1, 2), seed=5, **SWAY)
    geometry = shapely.polygons(bent.reshape(rings.shape) + CORNER)
    index = pd.Index([f"P{number:07d}" for number in range(count)], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(geometry=geometry, index=index, crs=CRS)


def make_barriers(count: int, *, lots: int) -> GeoDataFrame:
    """Make `count` barriers among that many lots: roads as lines with widths, water as polygons."""
    random = np.random.default_rng(7)
    side = blocks_across(lots)
    water = _water(random, round(WATER_PARTS * count), side)
    roads, width = _roads(random, count - len(water), side)
    shapes = np.concatenate([roads, water])
    table = gpd.GeoDataFrame(
        {
            "barrier_class": np.repeat(["道路", "水系"], [len(roads), len(water)]),
            "width_m": np.concatenate([width, np.full(len(water), np.nan)]),
        },
        geometry=shapely.transform(shapes, lambda xy: _bend(xy, seed=5, **SWAY) + CORNER),
        crs=CRS,
    )
    table.index = pd.Index([f"B{k:06d}" for k in range(count)], name="barrier_id", dtype="str")
    return table


def blocks_across(count: int) -> int:
    """Give the side of the town in blocks."""
    return math.ceil(math.sqrt(count / (LOTS[0] * LOTS[1])))


def _corners(side: int) -> Numbers:
    """South-west corner of the blocks of each column and row, the lane before them left out."""
    lanes = np.resize(LANES_M, side)
    block = np.array(LOTS) * LOT_M
    return np.stack([np.arange(side) * length + np.cumsum(lanes) for length in block], axis=-1)


def _roads(random: np.random.Generator, count: int, side: int) -> tuple[Shapes, Numbers]:
    """Middle lines of lanes, a few blocks long each, half as wide as the lane."""
    corner = np.concatenate([_corners(side), _corners(side)[-1:] + np.array(LOTS) * LOT_M])
    first = random.integers(0, side, count)
    last = np.minimum(first + random.integers(1, 6, count), side)
    axis, lane = random.integers(0, 2, count), random.integers(0, side, count)
    wide = np.resize(LANES_M, side)[lane]
    at = corner[lane, axis] - wide / 2
    lines = []
    for k in range(count):
        along = np.arange(corner[first[k], 1 - axis[k]], corner[last[k], 1 - axis[k]], 20.0)
        across = np.full(len(along), at[k])
        lines.append(
            shapely.LineString(np.stack([along, across][:: 1 if axis[k] else -1], axis=-1))
        )
    return np.array(lines, dtype=object), wide / 2


def _water(random: np.random.Generator, count: int, side: int) -> Shapes:
    """Crooked ponds and arms of rivers, wherever they fall."""
    span = _corners(side)[-1].min()
    middle = random.uniform(0, span, (count, 1, 2))
    angle = np.arange(WATER_VERTICES) * (2 * np.pi / WATER_VERTICES)
    radius = 1 + 0.25 * np.sin(5 * angle + random.uniform(0, 6, (count, 1)))
    oval = random.uniform((5, 20), (15, 120), (count, 2))
    turn = random.uniform(0, np.pi, (count, 1))
    u, v = oval[:, :1] * radius * np.cos(angle), oval[:, 1:] * radius * np.sin(angle)
    ring = [u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)]
    return shapely.polygons(middle + np.stack(ring, axis=-1))

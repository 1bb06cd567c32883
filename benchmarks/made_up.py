"""Made-up coverages full of what breaks overlays, from seeds: the worlds of `benchmarks.exactness`.

Every world lies in a cylindrical equal-area plane, whose areal scale is one everywhere: there the
statutory area of a shape is its plane area, and GEOS can judge both. It is the plane of a sphere,
because PROJ comes back from that of an ellipsoid by a series that is only good to 1e-9.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Shapes = NDArray[np.object_]

PLACES = {  # false easting of the plane, and the corner of the world
    "at the origin": (0.0, (0.0, 0.0)),
    "without prefix": (500_000.0, (562_000.0, 2_428_000.0)),
    "with zone prefix": (36_500_000.0, (36_562_000.0, 2_428_000.0)),
}
LATTICE_M = 10.0


class World(NamedTuple):
    """Parcels and zones in one plane."""

    name: str
    parcels: GeoDataFrame
    zones: GeoDataFrame


def plane(false_easting: float = 0.0) -> str:
    """Name an equal-area plane: what is measured there needs no scale."""
    return (
        f"+proj=cea +lat_ts=0 +lon_0=0 +x_0={false_easting:.0f} +y_0=0 "
        "+R=6378137 +units=m +type=crs"
    )


def tables(parcels: Shapes, zones: Shapes, crs: str) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Name shapes and give them a plane."""
    made = []
    for shapes, prefix, name in ((parcels, "P", "parcel_id"), (zones, "Z", "zone_id")):
        index = pd.Index([f"{prefix}{k:06d}" for k in range(len(shapes))], name=name, dtype="str")
        made.append(gpd.GeoDataFrame(geometry=shapes, index=index, crs=crs))
    return made[0], made[1]


def worlds(size: float = 1.0) -> Iterator[World]:
    """Give worlds without end: every kind at every place, then again from other seeds."""
    return (make_world(number, size) for number in itertools.count())


def make_world(number: int, size: float = 1.0) -> World:
    """Make one of the worlds, of about `size` thousand parcels."""
    seed, number = divmod(number, len(KINDS) * len(PLACES))
    kind, place = divmod(number, len(PLACES))
    random = np.random.default_rng([seed, kind, place])
    easting, corner = list(PLACES.values())[place]
    shapes = [_moved(group, corner) for group in list(KINDS.values())[kind](random, size)]
    parcels, zones = tables(*shapes, plane(easting))
    return World(f"{list(KINDS)[kind]}, {list(PLACES)[place]}", parcels, zones)


def _moved(shapes: Shapes, corner: tuple[float, float]) -> Shapes:
    """Put shapes in their place; drop what the rounding there makes invalid."""
    placed = shapely.transform(shapes, lambda points: points + corner)
    return placed[shapely.is_valid(placed) & ~shapely.is_empty(placed)]


def voronoi(random: np.random.Generator, size: float) -> tuple[Shapes, Shapes]:
    """Lay a coverage of large cells over one of small cells, of which it covers a part."""
    span = 1500.0 * size**0.5
    small = _cells(random, round(4_000 * size), span)
    large = _cells(random, round(1_500 * size), span)
    return small, shapely.transform(large, lambda points: points + 0.09 * span)


def bent_grid(random: np.random.Generator, size: float) -> tuple[Shapes, Shapes]:
    """Join cells of a bent grid to zones: equal edges, equal shapes, edges nearly collinear."""
    side = max(8, round(60 * size**0.5))
    nodes = np.stack(np.meshgrid(*[np.arange(3 * side + 1.0)] * 2, indexing="ij"), axis=-1)
    for _ in range(6):
        length, way, push = random.uniform((5.0, 0.0, 0.0), (40.0, 2 * np.pi, 2 * np.pi))
        phase = nodes @ [np.cos(way), np.sin(way)] * (2 * np.pi / length)
        nodes = nodes + 0.25 * np.sin(phase)[..., None] * [np.cos(push), np.sin(push)]
    parcels = [_block(nodes, 3 * i, 3 * j, 3) for i, j in np.ndindex(side, side)]
    zones = [_block(nodes, 3 * i, 3 * j, 3) for i, j in random.integers(0, side, (side * 4, 2))]
    for wide, step in ((2, 1), (3, 1), (5, 1), (4, 3)):  # with step 3 their edges are straightened
        corners = 3 * np.stack(np.divmod(np.arange((side // wide) ** 2), side // wide), -1) * wide
        zones += [_block(nodes, i, j, 3 * wide, step) for i, j in corners]
    first, second = (
        np.array([shapely.Polygon(7.0 * ring) for ring in rings]) for rings in (parcels, zones)
    )
    return first, second


def lattice(random: np.random.Generator, size: float) -> tuple[Shapes, Shapes]:
    """Gather squares of a lattice at random: parts and holes that touch in points."""
    side = round(132 * size**0.5)
    first = _gathered(random, side, block=4, odds=(0.5, 0.5))
    second = _gathered(random, side, block=6, odds=(0.7, 0.2, 0.1))
    shift = random.choice([0.0, 0.25, 0.5]) * LATTICE_M
    return first, shapely.transform(second, lambda points: points + shift)


def islands(random: np.random.Generator, size: float) -> tuple[Shapes, Shapes]:
    """Lay islands with holes over lots; holes and islands are parcels too, holes touch shells."""
    across = round(16 * size**0.5)
    square = 120.0
    zones, extra = [], []
    for column, row in np.ndindex(across, across):
        middle = (np.array([column, row]) + random.uniform(0.4, 0.6, 2)) * square
        count = int(random.integers(24, 400))
        shell = _star(random, middle, square * random.uniform(0.4, 0.7), count)
        holes = [_star(random, middle, 0.12 * square, 16)]
        tip = shell[int(random.integers(0, count))]
        inward = middle + 0.55 * (tip - middle)
        aside = (tip - middle)[::-1] * [-0.03, 0.03]
        holes.append(np.array([tip, inward + aside, inward - aside]))
        zones.append(shapely.Polygon(shell, holes))
        extra += [shapely.Polygon(hole) for hole in holes] + [zones[-1]]
    lots = _cells(random, round(3_000 * size), across * square)
    return np.concatenate([lots, np.array(extra, dtype=object)]), np.array(zones, dtype=object)


def tiny(random: np.random.Generator, size: float) -> tuple[Shapes, Shapes]:
    """Strew parcels of 0.01 m² over cells hardly larger; some zones are such parcels."""
    span = 30.0 * size**0.5
    count = round(5_000 * size)
    middle, turn = random.uniform(0, span, (count, 2)), random.uniform(0, np.pi, count)
    corner = np.arange(4) * (np.pi / 2) + turn[:, None]
    offset = 0.1 / 2**0.5 * np.stack([np.cos(corner), np.sin(corner)], axis=-1)
    squares = shapely.polygons(middle[:, None, :] + offset)
    cells = _cells(random, round(6_000 * size), span)
    return squares, np.concatenate([cells, squares[::10]])


def spikes(random: np.random.Generator, size: float) -> tuple[Shapes, Shapes]:
    """Cross cells with needles a millimetre to a decimetre wide, and needles with needles."""
    span = 400.0 * size**0.5
    count = round(500 * size)
    foot = random.uniform(0, span, (count, 2))
    turn, reach = random.uniform(0, 2 * np.pi, count), random.uniform(20, 120, count)
    way = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    wide = 10 ** random.uniform(-3, -1, count)
    aside = way[:, ::-1] * [-1, 1] * wide[:, None]
    needles = shapely.polygons(
        np.stack([foot - aside, foot + aside, foot + way * reach[:, None]], axis=1)
    )
    return needles, np.concatenate([_cells(random, round(600 * size), span), needles[::5]])


KINDS: dict[str, Callable[[np.random.Generator, float], tuple[Shapes, Shapes]]] = {
    "Voronoi cells": voronoi,
    "bent grid": bent_grid,
    "lattice": lattice,
    "islands with holes": islands,
    "parcels of 0.01 m²": tiny,
    "needles": spikes,
}


def _cells(random: np.random.Generator, count: int, span: float) -> Shapes:
    points = shapely.multipoints(random.uniform(0, span, (count, 2)))
    square = shapely.box(0, 0, span, span)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    return shapely.intersection(cells, square)


def _block(nodes: Numbers, i: int, j: int, wide: int, step: int = 1) -> Numbers:
    """Give the ring around a block of a grid, every `step`-th node of it."""
    along = np.arange(0, wide, step)
    ring = np.concatenate(
        [
            nodes[i + along, j],
            nodes[i + wide, j + along],
            nodes[i + wide - along, j + wide],
            nodes[i, j + wide - along],
        ]
    )
    return np.concatenate([ring, ring[:1]])


def _gathered(
    random: np.random.Generator, side: int, *, block: int, odds: tuple[float, ...]
) -> Shapes:
    """Divide every block of lattice squares among shapes, each of whatever squares it drew."""
    column, row = np.indices((side, side))
    squares = shapely.box(column, row, column + 1, row + 1).ravel()
    of_block = (column // block) * (side // block + 1) + row // block
    kind = random.choice(len(odds), size=(side, side), p=odds)
    drawn = (of_block * len(odds) + kind).ravel()
    order = np.argsort(drawn, kind="stable")
    groups = np.split(squares[order], np.flatnonzero(np.diff(drawn[order])) + 1)
    joined = np.array([shapely.union_all(group) for group in groups], dtype=object)
    return shapely.transform(joined, lambda points: points * LATTICE_M)


def _star(random: np.random.Generator, middle: Numbers, radius: float, count: int) -> Numbers:
    angle = np.arange(count) * (2 * np.pi / count) + random.uniform(0, 1)
    reach = radius * random.uniform(0.6, 1.0, count)
    return middle + reach[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)

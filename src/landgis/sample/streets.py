"""Streets first: arterials, rivers and rails cut a town into quarters, streets cut those into blocks.

Everything here happens in a town's straight plan; `bending` puts it into the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import affinity

from landgis.sample.places import SOILS

if TYPE_CHECKING:
    from landgis.sample.places import Place

LANE_M = 14.0  # 支路: what it is wide between the lots on both sides
STREET_M = 24.0  # 次干路
STREET_EVERY = 3  # every third street of a quarter is a 次干路
ARTERIAL_SPACING_M = (1150.0, 1750.0)
REACH_M = 12_000.0  # longer than any town
SMALLEST_BLOCK_M2 = 3_000.0
THINNEST = 0.28  # 4πA/P² below which a block is a left-over strip and becomes green
FINE_M = 120.0  # block edges carry a vertex at least so often, that they can bend


@dataclass(frozen=True, slots=True)
class Street:
    """One road or street: its middle line, class and reserved width."""

    line: Any
    kind: str
    width_m: float


@dataclass(frozen=True, slots=True)
class Block:
    """One block between streets, and the ground it stands on."""

    polygon: Any
    soil: str
    quarter: int


def body(place: Place, rng: np.random.Generator) -> Any:
    """Give a town's irregular outline around its middle."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    wobble = np.ones_like(angle)
    for wave, strength in ((2, 0.06), (3, 0.1), (5, 0.07), (7, 0.04)):
        wobble += strength * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    return shapely.Polygon(
        np.column_stack(
            [
                place.along_m * wobble * np.cos(angle),
                place.across_m * wobble * np.sin(angle),
            ]
        )
    )


def arterials(place: Place, outline: Any, rng: np.random.Generator) -> list[Street]:
    """Lay two families of main roads through a town, none quite parallel to the next."""
    streets = []
    for heading, reach in ((0.0, place.across_m), (90.0, place.along_m)):
        offset = -reach + rng.uniform(0.3, 0.8) * ARTERIAL_SPACING_M[0]
        while offset < reach:
            angle = heading + rng.normal(0, 2.5)
            line = affinity.rotate(
                shapely.LineString([(-REACH_M, 0), (REACH_M, 0)]), angle, origin=(0, 0)
            )
            dx, dy = (0.0, offset) if heading == 0 else (offset, 0.0)
            line = affinity.translate(line, dx, dy)
            streets.append(Street(line, "主干路", place.arterial_m))
            offset += rng.uniform(*ARTERIAL_SPACING_M)
    inside = outline.buffer(60.0)
    return [Street(piece, s.kind, s.width_m) for s in streets for piece in _lines(s.line, inside)]


def quarters(outline: Any, cuts: list[Any]) -> list[Any]:
    """Cut a town's outline by the space that its roads, rivers and rails need."""
    rest = shapely.difference(outline, shapely.union_all(cuts))
    pieces = shapely.get_parts(shapely.buffer(rest, 0))
    return [piece for piece in pieces if piece.area > 4 * SMALLEST_BLOCK_M2]


def soil_of(place: Place, quarter: Any, shore: Any | None, rng: np.random.Generator) -> str:
    """Choose what a quarter is made of: old in the middle, mixed outside, quays at the shore."""
    x, y = quarter.representative_point().coords[0]
    if shore is not None and quarter.distance(shore) < 60.0:
        return "码头"
    if np.hypot(x / place.along_m, y / place.across_m) < place.old_town:
        return "老城"
    names = [name for name, _ in place.mix]
    return str(rng.choice(names, p=[share for _, share in place.mix]))


def blocks(
    quarter: Any, soil: str, number: int, rng: np.random.Generator
) -> tuple[list[Block], list[Street]]:
    """Lay a quarter's own streets, each quarter a little turned, and give the blocks between."""
    spread = 9.0 if soil == "老城" else 5.0
    angle = rng.normal(0, spread)
    middle = quarter.centroid
    flat = affinity.rotate(quarter, -angle, origin=middle)
    west, south, east, north = flat.bounds
    streets = []
    for axis, (start, stop, step) in enumerate(
        ((west, east, SOILS[soil].block_m[0]), (south, north, SOILS[soil].block_m[1]))
    ):
        count = max(round((stop - start) / step), 1)
        even = (stop - start) / count
        for index in range(1, count):
            at = start + even * (index + rng.uniform(-0.13, 0.13))
            ends = [(at, south), (at, north)] if axis == 0 else [(west, at), (east, at)]
            wide = index % STREET_EVERY == 0 and soil != "老城"
            kind, width = ("次干路", STREET_M) if wide else ("支路", LANE_M)
            streets.append(Street(shapely.LineString(ends), kind, width))
    space = shapely.union_all([s.line.buffer(s.width_m / 2, cap_style="square") for s in streets])
    rest = affinity.rotate(shapely.difference(flat, space), angle, origin=middle)
    found = [
        Block(shapely.segmentize(piece.simplify(1.0), FINE_M), soil, number)
        for piece in shapely.get_parts(rest)
        if piece.area > SMALLEST_BLOCK_M2
    ]
    turned = [
        Street(piece, s.kind, s.width_m)
        for s in streets
        for piece in _lines(affinity.rotate(s.line, angle, origin=middle), quarter)
    ]
    return found, turned


def is_strip(polygon: Any) -> bool:
    """Tell whether a block is too thin to be built on."""
    return bool(4 * np.pi * polygon.area / polygon.length**2 < THINNEST)


def _lines(line: Any, inside: Any) -> list[Any]:
    parts = shapely.get_parts(shapely.intersection(line, inside))
    return [part for part in parts if part.geom_type == "LineString" and part.length > 30.0]

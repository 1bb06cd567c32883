"""The ground: every town grown and bent into place, with its lots, streets, rivers and rails."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from shapely import affinity

from landgis.sample import bending, lots, outline, streets
from landgis.sample.places import EPSG, PLACES, SOILS, WAYS, Place, Way

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

BANK_M = 16.0  # green between a river and the lots along it
VERGE_M = 1.0  # beside a railway, a highway or a small canal
CANAL_M = 20.0  # rivers narrower than this are canals: lots stand right beside them
RIVER_WAVE_M = 2_100.0  # from bend to bend and back
ROAD_WAVE_M = 7_500.0
COAST_M = 70.0  # quay wall and coast road
INSIDE_M = 260.0  # towns keep clear of the unit's outline
RAGGED = 1.1  # blocks are laid a little beyond the body and kept whole or not at all
FRINGE_GAPS = 0.16  # share of blocks at the edge of a town that are still fields
VILLAGE_CLEAR_M = 90.0


class Ground(NamedTuple):
    """What was grown: lots (parcels to be), barriers, units; all in metres of zone 36."""

    lots: GeoDataFrame
    barriers: GeoDataFrame
    units: GeoDataFrame
    bodies: dict[str, Any]


def grow_ground(seed: int) -> Ground:
    """Grow all towns, their villages and the ways between them."""
    import geopandas as gpd
    import pandas as pd

    units = outline.units().to_crs(EPSG)
    country = shapely.union_all(units.geometry.to_numpy())
    ways = {way.name: _lead(way, generator(seed, way.name)) for way in WAYS}
    tables, roads, bodies = [], [], {}
    for place in PLACES:
        rng = generator(seed, place.name)
        found, laid, body = _grow_place(place, units.geometry[place.unit], country, ways, rng)
        tables.append(found)
        roads += laid
        bodies[place.name] = body
    taken = shapely.union_all([body.buffer(VILLAGE_CLEAR_M) for body in bodies.values()])
    for place in PLACES:
        rng = generator(seed, f"{place.name}乡村")
        cells, taken = _grow_villages(place, units.geometry[place.unit], taken, ways, rng)
        tables.append(cells)
    frame = pd.concat(tables, ignore_index=True)
    grown = gpd.GeoDataFrame(frame, geometry="geometry", crs=EPSG)
    return Ground(grown, _barriers(ways, roads, country), units, bodies)


def generator(seed: int, name: str) -> np.random.Generator:
    """Give a stream of chance of one's own, so that one place does not disturb the next."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _lead(way: Way, rng: np.random.Generator) -> Any:
    numbers = np.array(way.through.split(), dtype=float).reshape(-1, 2)
    world = outline.to_metres(numbers)
    wave = RIVER_WAVE_M if way.kind == "河流" else ROAD_WAVE_M
    return bending.meander(world, rng, sway_m=way.sway_m, wave_m=wave)


def _reserve(way: Way) -> float:
    """Half of what a way needs between the lots on both sides."""
    is_river = way.kind == "河流" and way.width_m > CANAL_M
    return way.width_m / 2 + (BANK_M if is_river else VERGE_M)


def _grow_place(
    place: Place, unit: Any, country: Any, ways: dict[str, Any], rng: np.random.Generator
) -> tuple[Any, list[streets.Street], Any]:
    import pandas as pd

    east, north = outline.to_metres(np.array([[place.lon, place.lat]]))[0]
    phases = tuple(rng.uniform(0, 2 * np.pi, 2 * len(bending.SWINGS)))
    bend = bending.Bend(float(east), float(north), float(np.radians(place.turn_deg)), phases)
    free, shore = _free_ground(place, unit, country, bend)
    body = shapely.intersection(streets.body(place, rng), free)
    wide = shapely.intersection(affinity.scale(body, RAGGED, RAGGED, origin=(0, 0)), free)
    main = streets.arterials(place, wide, rng)
    cuts = [street.line.buffer(street.width_m / 2, cap_style="square") for street in main]
    for way in WAYS:
        near = shapely.intersection(ways[way.name], bend.to_world(wide).buffer(900.0))
        if not near.is_empty:
            cuts.append(shapely.simplify(bend.to_plan(near).buffer(_reserve(way)), 0.6))
    found, laid = [], list(main)
    for number, quarter in enumerate(streets.quarters(wide, cuts)):
        soil = streets.soil_of(place, quarter, shore, rng)
        new, own = streets.blocks(quarter, soil, number, rng)
        found += [block for block in new if _stands(block.polygon, body, rng)]
        laid += [street for street in own if street.kind != "支路"]
    soils = _with_villages(place, found, rng)
    rows = [
        (place.name, place.unit, block.quarter, number, soil, use, lot)
        for number, (block, soil) in enumerate(zip(found, soils, strict=True))
        for use, lot in _parcel_out(block.polygon, soil, rng)
    ]
    table = pd.DataFrame(
        rows, columns=["place", "unit", "quarter", "block", "soil", "use", "geometry"]
    )
    table["geometry"] = bending.to_millimetres(bend.to_world(table["geometry"].to_numpy()))
    world = [
        streets.Street(bend.to_world(shapely.segmentize(s.line, 90.0)), s.kind, s.width_m)
        for s in laid
    ]
    return table, world, shapely.convex_hull(shapely.union_all(table["geometry"].to_numpy()))


def _free_ground(place: Place, unit: Any, country: Any, bend: bending.Bend) -> tuple[Any, Any]:
    """Give, in the straight plan, where a town may grow, and its shore where it has one."""
    if not place.coast:
        return bend.to_plan(unit.buffer(-INSIDE_M)), None
    largest = max(shapely.get_parts(country), key=lambda part: part.area)
    coast = largest.exterior.intersection(unit.buffer(50.0))
    landward = unit.boundary.difference(coast.buffer(400.0)).buffer(INSIDE_M)
    free = unit.buffer(-0.4 * COAST_M).difference(landward)
    free = free.difference(coast.buffer(COAST_M))
    shore = shapely.segmentize(coast, 80.0).buffer(COAST_M)
    return bend.to_plan(shapely.segmentize(free, 80.0)), bend.to_plan(shore)


def _stands(block: Any, body: Any, rng: np.random.Generator) -> bool:
    """Tell whether a block is town or still field: fields bite into the fringe."""
    if not body.contains(block.centroid):
        return False
    fringe = not affinity.scale(body, 0.86, 0.86, origin=(0, 0)).contains(block.centroid)
    return not (fringe and rng.random() < FRINGE_GAPS)


def _with_villages(place: Place, found: list[streets.Block], rng: np.random.Generator) -> list[str]:
    """Give each block its ground, some of them old villages that the town has grown around."""
    soils = [block.soil for block in found]
    fit = [
        i
        for i, block in enumerate(found)
        if block.soil in {"新区", "老工业", "工业"}
        and 25_000 < block.polygon.area < 130_000
        and not streets.is_strip(block.polygon)
    ]
    for i in rng.permutation(fit)[: place.urban_villages]:
        soils[i] = "城中村"
    return soils


def _parcel_out(block: Any, soil: str, rng: np.random.Generator) -> list[tuple[str, Any]]:
    names, shares = zip(*SOILS[soil].uses, strict=True)
    use = str(rng.choice(names, p=shares))
    if soil == "城中村":
        return [(use, lot) for lot in lots.village(block, SOILS[soil].lot_m2, rng)]
    if streets.is_strip(block):
        return [("1402", lots.share_vertices([block])[0])]
    if use in {"1401", "1402"}:
        return [(use, lots.share_vertices([block])[0])]
    pieces = lots.divide(block, SOILS[soil].lot_m2, rng)
    return [(use, lot) for lot in pieces]


def _grow_villages(
    place: Place, unit: Any, taken: Any, ways: dict[str, Any], rng: np.random.Generator
) -> tuple[Any, Any]:
    """Scatter old villages over the country around a town."""
    import pandas as pd

    east, north = outline.to_metres(np.array([[place.lon, place.lat]]))[0]
    rows: list[tuple[Any, ...]] = []
    inside = unit.buffer(-INSIDE_M)
    roads = shapely.union_all([ways[way.name].buffer(_reserve(way) + 20) for way in WAYS])
    grown = 0
    while grown < place.villages:
        angle, reach = rng.uniform(0, 2 * np.pi), place.along_m * rng.uniform(1.15, 2.3)
        radius = rng.uniform(130.0, 230.0)
        ring = np.linspace(0, 2 * np.pi, 26, endpoint=False)
        wobble = 1 + 0.2 * np.cos(2 * ring + rng.uniform(0, 6)) + 0.1 * np.cos(3 * ring + angle)
        site = shapely.Polygon(
            np.column_stack(
                [
                    east + reach * np.cos(angle) + radius * wobble * np.cos(ring),
                    north + reach * np.sin(angle) + radius * wobble * np.sin(ring),
                ]
            )
        )
        if not inside.contains(site) or taken.intersects(site) or roads.intersects(site):
            continue
        grown += 1
        taken = shapely.union_all([taken, site.buffer(VILLAGE_CLEAR_M)])
        rows += [
            (place.name, place.unit, -grown, -grown, "村庄", "0703", lot)
            for lot in lots.village(site, SOILS["村庄"].lot_m2, rng)
        ]
    columns = ["place", "unit", "quarter", "block", "soil", "use", "geometry"]
    table = pd.DataFrame(rows, columns=columns)
    table["geometry"] = bending.to_millimetres(table["geometry"].to_numpy())
    return table, taken


def _barriers(ways: dict[str, Any], roads: list[streets.Street], country: Any) -> GeoDataFrame:
    """Gather what cuts land apart: rivers as water surfaces, the rest as lines with a width."""
    import geopandas as gpd

    rows = []
    for way in WAYS:
        line = shapely.intersection(ways[way.name], country).simplify(0.8)
        wet = way.kind == "河流"
        shape = shapely.buffer(line, way.width_m / 2, quad_segs=4) if wet else line
        rows.append((way.kind, way.name, way.width_m, bending.to_millimetres(shape)))
    for road in roads:
        shape = bending.to_millimetres(shapely.simplify(road.line, 0.4))
        rows.append((road.kind, "", road.width_m, shape))
    classes, names, widths, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"barrier_class": classes, "barrier_name": names, "width_m": widths},
        geometry=list(shapes),
        index=[f"ZG{number:04d}" for number in range(1, len(rows) + 1)],
        crs=EPSG,
    ).rename_axis("barrier_id")

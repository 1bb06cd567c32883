"""The plan as a bureau has it: 永久基本农田, 生态保护红线, 城镇开发边界, 规划用地用海."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from shapely import affinity

from landgis.analysis.area import areas
from landgis.model.units import convert
from landgis.sample.crossings import (
    BOUNDARY,
    CORE,
    ELASTIC,
    FARMLAND,
    LAND_USE,
    OUTSIDE,
    REDLINE,
    SPECIAL,
    Cut,
    Strip,
    plant_cuts,
    strips_of,
)
from landgis.sample.ground import BANK_M
from landgis.sample.names import COUNTY_OF_UNIT
from landgis.sample.places import EPSG, PLACES, USE_NAMES

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from landgis.sample.ground import Ground

ELASTIC_M = 300.0  # a lobe for growth reaches so far
ROUND_M = 120.0  # and has round corners
EDGE_M = 45.0  # the boundary runs so far outside the last lots
CLOSING_M = 90.0  # and closes gaps between blocks up to twice so wide
FIELDS_M = 1500.0  # fields lie around towns within so far
FIELD_SIZE_M = 410.0
FIELD_SHARE = 0.4
HILLS = {"市主城区": 0, "自贸区钦州港片区": 0, "灵山县": 7, "浦北县": 6, "钦南区": 3, "钦北区": 5}
HILL_RADIUS_M = (1800.0, 5200.0)
CLEAR_OF_TOWNS_M = 900.0
CLEAR_M = 12.0
GREEN_BELTS = 6  # parcels that a planned green belt runs through
BELT_M = 12.0
OTHER_USES = 8  # parcels planned for another use than approved
COUNTY_NAMES = {
    "450702": "钦南区",
    "450703": "钦北区",
    "450721": "灵山县",
    "450722": "浦北县",
}


class Plan(NamedTuple):
    """The four layers, with the standard's fields, and the crossings planted in them."""

    layers: dict[str, GeoDataFrame]
    strips: list[Strip]
    other_uses: list[str]  # parcels planned for another use than the one approved


Piece = tuple[str, str, Any]  # unit, what it is, polygon


def draw_plan(ground: Ground, lots: GeoDataFrame, *, rng: np.random.Generator) -> Plan:
    """Draw the layers around the lots, with the crossings planted in them."""
    cuts = plant_cuts(lots, ground.units, rng=rng)
    towns = _town_zones(ground, lots, cuts, rng)
    taken = shapely.union_all([zone for *_, zone in towns] + [cut.region for cut in cuts])
    built = _around(lots, ground)
    farmland = _fields(ground, shapely.union_all([taken, built]), rng)
    farmland += [(cut.unit, "水田", cut.region) for cut in cuts if cut.kind == FARMLAND]
    red = _hills(ground, shapely.union_all([taken, built]), farmland, rng)
    red += [(cut.unit, "沿江湿地", cut.region) for cut in cuts if cut.kind == REDLINE]
    uses, belts, others = _land_use(lots, {cut.parcel for cut in cuts}, rng)
    layers = {
        FARMLAND: _farmland_table(farmland),
        REDLINE: _redline_table(red),
        BOUNDARY: _boundary_table(towns),
        LAND_USE: _land_use_table(uses),
    }
    rural = [
        Strip(str(parcel), BOUNDARY, OUTSIDE, shape, sliver=False)
        for parcel, shape in lots.geometry[
            (lots["soil"] == "村庄") & (lots["land_class"] != "其他")
        ].items()
    ]
    return Plan(layers, [*strips_of(cuts), *belts, *rural], others)


def _town_zones(
    ground: Ground, lots: GeoDataFrame, cuts: list[Cut], rng: np.random.Generator
) -> list[Piece]:
    """Draw 集中建设区 around each town, an elastic lobe beside it, special use along its river."""
    villages = shapely.union_all(
        shapely.buffer(lots.geometry[lots["soil"] == "村庄"].to_numpy(), 25.0)
    )
    wet = ground.barriers["barrier_class"] == "河流"
    rivers = ground.barriers.geometry[wet & (ground.barriers["width_m"] > 40)].to_numpy()
    pieces: list[Piece] = []
    for place in PLACES:
        own = lots.geometry[(lots["place"] == place.name) & (lots["soil"] != "村庄")].to_numpy()
        town = shapely.union_all(shapely.buffer(own, CLOSING_M, quad_segs=2))
        town = shapely.buffer(town, EDGE_M - CLOSING_M, quad_segs=2).simplify(4.0)
        town = shapely.union_all([_filled(part) for part in shapely.get_parts(town)])
        hull = town.convex_hull
        near_river = shapely.union_all(shapely.buffer(rivers, BANK_M + 6.0, quad_segs=2))
        lots_here = shapely.union_all(shapely.buffer(own, 1.0, join_style="mitre"))
        special = shapely.difference(shapely.intersection(near_river, hull.buffer(150)), lots_here)
        x, y = hull.centroid.coords[0]
        lobe = affinity.rotate(
            shapely.box(x, y - 900, x + 9_000, y + 900), rng.uniform(0, 360), (x, y)
        )
        elastic = shapely.intersection(hull.buffer(ELASTIC_M, quad_segs=3).simplify(5.0), lobe)
        unit = ground.units.geometry[place.unit].buffer(-80)
        special = shapely.intersection(shapely.difference(special, villages), unit)
        core = shapely.difference(town, special)
        elastic = _rounded(shapely.intersection(elastic, unit))
        elastic = shapely.difference(elastic, shapely.union_all([town, special, villages]))
        zones = {CORE: core, ELASTIC: elastic, SPECIAL: special}
        _apply_cuts(zones, [cut for cut in cuts if shapely.intersects(cut.region, hull)])
        pieces += [
            (place.unit, f"{place.name}|{name}", part)
            for name, zone in zones.items()
            for part in shapely.get_parts(zone)
            if part.geom_type == "Polygon" and part.area > 50.0
        ]
    return pieces


def _apply_cuts(zones: dict[str, Any], cuts: list[Cut]) -> None:
    """Take each cut's region out of the zones and give it to the one it was planted for."""
    for cut in cuts:
        for name, zone in zones.items():
            zones[name] = shapely.difference(zone, cut.region)
        if cut.kind in zones:
            zones[cut.kind] = shapely.union_all([zones[cut.kind], cut.region])


def _rounded(area: Any) -> Any:
    return area.buffer(-ROUND_M).buffer(ROUND_M, quad_segs=4)


def _filled(polygon: Any) -> Any:
    return shapely.Polygon(polygon.exterior)


def _around(lots: GeoDataFrame, ground: Ground) -> Any:
    """Give the land that fields and hills leave free: lots, rivers, rails and roads."""
    wide = np.nan_to_num(ground.barriers["width_m"].to_numpy()) / 2 + 12
    ways = shapely.buffer(ground.barriers.geometry.to_numpy(), wide, quad_segs=2)
    villages = lots.geometry[lots["soil"] == "村庄"].to_numpy()
    return shapely.union_all([*ways, *shapely.buffer(villages, 30.0, quad_segs=1)]).simplify(3.0)


def _fields(ground: Ground, taken: Any, rng: np.random.Generator) -> list[Piece]:
    """Lay patches of permanent farmland over the country around each town."""
    pieces: list[Piece] = []
    shapely.prepare(taken)
    for place in PLACES:
        hull = ground.bodies[place.name]
        ring = hull.buffer(FIELDS_M)
        ring = shapely.intersection(ring, ground.units.geometry[place.unit].buffer(-100))
        west, south, east, north = ring.bounds
        x, y = np.meshgrid(
            np.arange(west, east, FIELD_SIZE_M), np.arange(south, north, FIELD_SIZE_M)
        )
        points = np.column_stack([x.ravel(), y.ravel()])
        points += rng.uniform(-0.4, 0.4, points.shape) * FIELD_SIZE_M
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points)))
        for cell in cells[rng.random(len(cells)) < FIELD_SHARE]:
            if not ring.contains(cell.centroid):
                continue
            rest = shapely.difference(shapely.intersection(cell, ring), taken).buffer(-8)
            pieces += [
                (place.unit, str(rng.choice(["水田", "水田", "旱地"])), part)
                for part in shapely.get_parts(rest.simplify(2.0))
                if part.area > 20_000
            ]
    return pieces


def _hills(
    ground: Ground, taken: Any, farmland: list[Piece], rng: np.random.Generator
) -> list[Piece]:
    """Draw red-line areas over hills and coast far from the towns."""
    towns = shapely.union_all([body.buffer(CLEAR_OF_TOWNS_M) for body in ground.bodies.values()])
    fields = shapely.union_all([field for *_, field in farmland])
    # what is drawn is simplified by 5 m afterwards and must not touch what lies around it
    away = shapely.union_all([towns, taken.buffer(CLEAR_M), fields.buffer(CLEAR_M)])
    pieces: list[Piece] = []
    for unit, count in HILLS.items():
        inside = ground.units.geometry[unit].buffer(-150)
        west, south, east, north = inside.bounds
        done = 0
        while done < count:
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            if not inside.contains(shapely.Point(x, y)) or towns.contains(shapely.Point(x, y)):
                continue
            done += 1
            radius = rng.uniform(*HILL_RADIUS_M)
            angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
            wobble = 1 + sum(
                s * np.cos(w * angle + rng.uniform(0, 6))
                for w, s in ((2, 0.25), (3, 0.2), (7, 0.08))
            )
            blob = shapely.Polygon(
                np.column_stack(
                    [x + radius * wobble * np.cos(angle), y + radius * wobble * np.sin(angle)]
                )
            )
            rest = shapely.difference(shapely.intersection(blob.buffer(0), inside), away)
            pieces += [
                (unit, "水源涵养林", part)
                for part in shapely.get_parts(rest.simplify(5.0))
                if part.area > 400_000
            ]
            away = shapely.union_all([away, blob.buffer(CLEAR_M)])
    return pieces


def _land_use(
    lots: GeoDataFrame, crossed: set[str], rng: np.random.Generator
) -> tuple[list[Piece], list[Strip], list[str]]:
    """Plan each block for what it is, but lead a green belt through a few unsupplied parcels.

    A few others are planned for another use than the one approved.
    """
    wide = lots["land_class"].eq("批而未供") & lots["area_m2"].between(15_000, 90_000)
    fit = [p for p in lots.index[wide & ~lots["use"].isin(["1401", "1402"])] if p not in crossed]
    picked = [str(parcel) for parcel in rng.choice(fit, GREEN_BELTS + OTHER_USES, replace=False)]
    others = sorted(picked[GREEN_BELTS:])
    lots = lots.copy()
    for parcel in others:
        lots.loc[parcel, "use"] = "1001" if lots.at[parcel, "use"] != "1001" else "0701"
    belts: list[Strip] = []
    pieces: list[Piece] = []
    for parcel in sorted(picked[:GREEN_BELTS]):
        shape = lots.geometry[parcel]
        corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
        middle = (corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2
        far = 0.2 * (middle[1] - middle[0])
        line = shapely.LineString([middle[0] - far, middle[1] + far])
        band = line.buffer(BELT_M / 2, cap_style="flat")
        belts.append(
            Strip(parcel, LAND_USE, "140200", shapely.intersection(shape, band), sliver=False)
        )
        pieces.append((lots.at[parcel, "unit"], "1402", belts[-1].part))
    greens = {belt.parcel: belt.part for belt in belts}
    for (_, _, _, use), block in lots.groupby(["place", "quarter", "block", "use"], sort=False):
        unit = block["unit"].iloc[0]
        shape = shapely.coverage_union_all(block.geometry.to_numpy())
        for parcel in set(block.index) & set(greens):
            shape = shapely.difference(shape, greens[parcel])
        pieces += [(unit, use, part) for part in shapely.get_parts(shape) if part.area > 1.0]
    return pieces, belts, others


def _measured(pieces: list[Piece], layer_code: str) -> tuple[GeoDataFrame, list[float]]:
    """Lay pieces out with the fields that all layers share: BSM, YSDM and county."""
    import geopandas as gpd

    shapes = np.array([shapely.orient_polygons(shape) for *_, shape in pieces], dtype=object)
    county = [COUNTY_OF_UNIT[unit] for unit, *_ in pieces]
    table = gpd.GeoDataFrame(
        {
            "BSM": [f"{code}{layer_code}{n:08d}" for n, code in enumerate(county, start=1)],
            "YSDM": f"20{layer_code}0000"[:10],
            "county": county,
        },
        geometry=shapes,
        crs=EPSG,
    )
    return table, areas(shapes, table).round(2).tolist()


def _farmland_table(pieces: list[Piece]) -> GeoDataFrame:
    table, measured = _measured(pieces, "2005")
    kinds = [kind for _, kind, _ in pieces]
    county = table.pop("county")
    return table.assign(
        YJJBNTTBBH=[f"{code}001001{n:06d}" for n, code in enumerate(county, start=1)],
        DLBM=["0101" if kind == "水田" else "0103" for kind in kinds],
        DLMC=kinds,
        QSXZ="30",
        ZLDWDM=county + "0000000000000",
        ZLDWMC=county.map(COUNTY_NAMES) + "示例村",
        YJJBNTTBMJ=measured,
        KCXS=0.0,
        KCMJ=0.0,
        YJJBNTMJ=measured,
        SJNF=2020,
        BZ="示意数据",
    )


def _redline_table(pieces: list[Piece]) -> GeoDataFrame:
    table, measured = _measured(pieces, "2006")
    county = table.pop("county")
    kinds = [kind for _, kind, _ in pieces]
    return table.assign(
        XJXZQHDM=county,
        LXDM=["11" if kind == "水源涵养林" else "21" for kind in kinds],
        SLDM=[f"{n:04d}" for n in range(1, len(pieces) + 1)],
        MC=[f"示例{name}生态保护红线" for name in kinds],
        DLWZ=county.map(COUNTY_NAMES),
        QYMJ=convert(measured, source="m2", target="km2")
        .round(4)
        .tolist(),  # as the standard has it
        SLSJ="20200901",
        BZ="示意数据",
    )


def _boundary_table(pieces: list[Piece]) -> GeoDataFrame:
    table, measured = _measured(pieces, "2007")
    county = table.pop("county")
    names = [name.split("|") for _, name, _ in pieces]
    codes = {CORE: "01", ELASTIC: "02", SPECIAL: "03"}
    return table.assign(
        XZQDM=county,
        XZQMC=county.map(COUNTY_NAMES),
        GHFQDM=[codes[zone] for _, zone in names],
        GHFQMC=[zone for _, zone in names],
        MJ=measured,
        CZMC=[place for place, _ in names],
        BZ="示意数据",
    )


def _land_use_table(pieces: list[Piece]) -> GeoDataFrame:
    table, measured = _measured(pieces, "2008")
    county = table.pop("county")
    codes = [use for _, use, _ in pieces]
    return table.assign(
        XZQDM=county,
        XZQMC=county.map(COUNTY_NAMES),
        YDYHFLDM=[f"{use}00" for use in codes],  # the standard pads to six digits
        YDYHFLMC=[USE_NAMES[use] for use in codes],
        TBMJ=measured,
        GHZT="规划",
    )

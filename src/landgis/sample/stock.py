"""Which lots are stock land: every cell of the annex filled to its last square metre."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import shapely.ops

from landgis.analysis.area import areas
from landgis.model.units import HA_DECIMALS, convert
from landgis.sample import groups, planting
from landgis.sample.bending import to_millimetres

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

# 钦政办〔2021〕41号 annex, hectares; None where the printed cell is blank
ANNEX: dict[str, tuple[str | None, str | None, str | None]] = {
    "市主城区": ("921.6116", "8.6559", "263.2333"),
    "自贸区钦州港片区": ("595.0824", None, "39.4193"),
    "灵山县": ("351.0186", None, "76.1100"),
    "浦北县": ("362.3102", "4.6971", "20.9800"),
    "钦南区": ("223.0094", "7.2405", None),
    "钦北区": ("201.0507", "26.2522", None),
}
CLASSES = ("批而未供", "闲置", "低效")
VILLAGE_STOCK = {"灵山县": 48, "浦北县": 44, "钦南区": 34, "钦北区": 34}
# what a few ledger rows are wrong by, in square metres (declared minus real)
LEDGER_ERRORS_M2 = {
    ("市主城区", "批而未供"): (37, -260),
    ("市主城区", "低效"): (-1350,),
    ("自贸区钦州港片区", "批而未供"): (2200,),
    ("灵山县", "批而未供"): (480,),
    ("浦北县", "批而未供"): (-52,),
    ("钦南区", "批而未供"): (120,),
    ("钦北区", "闲置"): (-95,),
}
OLD_GROUND = ("老工业", "老城", "城中村", "工业")
NEW_GROUND = ("新区", "工业", "港口", "码头")
GREEN = ("1401", "1402")
LEAST_REST_M2 = 4_000.0  # what is left for the lot that closes a cell
LARGEST_IDLE_M2 = 42_000.0
ROUNDING_M2 = 1.0  # a ledger area is the measured one within so much, unless planted otherwise


@dataclass(slots=True)
class Stock:
    """The lots with their class and ledger area, and what was planted among them."""

    lots: GeoDataFrame
    groups: list[dict[str, Any]]
    errors_m2: dict[int, int] = field(default_factory=dict)
    closing: dict[tuple[str, str], int] = field(default_factory=dict)


def choose(lots: GeoDataFrame, barriers: GeoDataFrame, *, rng: np.random.Generator) -> Stock:
    """Give every lot its class and ledger area, so that each cell sums to the annex."""
    lots = lots.copy()
    lots["area_m2"] = areas(lots.geometry.to_numpy(), lots)
    lots["land_class"] = "其他"
    scene = groups.look_around(lots, barriers)
    stock = Stock(lots, [])
    for unit, printed in ANNEX.items():
        for land_class in ("低效", "闲置", "批而未供"):
            text = printed[CLASSES.index(land_class)]
            if text is None:
                continue
            room = float(convert(float(text), source="ha", target="m2"))
            if land_class == "低效":
                chosen, closing = _low_efficiency(stock, unit, room, scene, rng)
            else:
                chosen, closing = _others(stock, unit, land_class, room, rng)
            _close_cell(stock, unit, land_class, Decimal(text), chosen, closing, rng)
    for unit, count in VILLAGE_STOCK.items():
        at = _free(stock.lots, unit, ("村庄",))
        stock.lots.loc[rng.choice(at, count, replace=False), "land_class"] = "农村存量"
    _declare(stock)
    return stock


def _free(lots: GeoDataFrame, unit: str, soils: tuple[str, ...]) -> Any:
    mask = (lots["unit"] == unit) & (lots["land_class"] == "其他") & lots["soil"].isin(soils)
    return lots.index[mask & ~lots["use"].isin(GREEN)].to_numpy()


def _low_efficiency(
    stock: Stock, unit: str, room: float, scene: groups.Scene, rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    """Plant low-efficiency land and say which lots out of its sight may close the cell."""
    lots = stock.lots
    area = lots["area_m2"].to_numpy()
    free = {int(i) for i in _free(lots, unit, OLD_GROUND) if 900 < area[i] < 60_000}
    field_ = groups.Field(scene, free)
    chosen = planting.fill(
        field_, area, lots["soil"].to_numpy(), room_m2=room - LEAST_REST_M2, rng=rng
    )
    stock.groups += [{"unit": unit, **group} for group in field_.groups]
    seen = set(chosen).union(*(scene.pairs.get(member, {}) for member in chosen))
    closing = [int(i) for i in _free(lots, unit, OLD_GROUND) if i not in seen]
    return chosen, closing


def _others(
    stock: Stock, unit: str, land_class: str, room: float, rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    """Take new ground: whole blocks at the fringe for unsupplied land, scattered lots for idle."""
    lots = stock.lots
    free = _free(lots, unit, NEW_GROUND)
    area = lots["area_m2"].to_numpy()
    if land_class == "闲置":
        order = [int(i) for i in rng.permutation(free) if 7_000 < area[i] < LARGEST_IDLE_M2]
    else:
        keys = lots.loc[free, ["place", "block"]].apply(tuple, axis=1)
        rank = {key: rng.random() for key in dict.fromkeys(keys)}
        order = [int(i) for i in sorted(free, key=lambda i: (rank[keys[i]], i))]
        order = [i for i in order if rng.random() < 0.8] + [int(i) for i in free]
    chosen: list[int] = []
    taken: set[int] = set()
    left = room - LEAST_REST_M2
    for lot in order:
        if lot not in taken and area[lot] < left:
            chosen.append(lot)
            taken.add(lot)
            left -= area[lot]
    closing = [int(i) for i in free if i not in taken]
    return chosen, closing


def _close_cell(
    stock: Stock,
    unit: str,
    land_class: str,
    official: Decimal,
    chosen: list[int],
    candidates: list[int],
    rng: np.random.Generator,
) -> None:
    """Cut the last lot so that the ledger areas of a cell sum to the printed one."""
    lots = stock.lots
    lots.loc[chosen, "land_class"] = land_class
    area = lots["area_m2"].to_numpy()
    large = sorted((i for i in chosen if area[i] > 12_000), key=lambda i: (-area[i], i))
    for error in LEDGER_ERRORS_M2.get((unit, land_class), ()):
        stock.errors_m2[large.pop(int(rng.integers(min(len(large), 9))))] = error
    declared = sum((_ledger_m2(stock, area, lot) for lot in chosen), 0)
    rest = int(official.scaleb(HA_DECIMALS)) - declared
    fit = [i for i in candidates if 1.5 * rest < area[i] and _is_plain(lots.geometry[i])]
    lot = min(fit, key=lambda i: (area[i], i))
    kept = _cut_off(stock, lot, float(rest))
    stock.lots.loc[kept, "land_class"] = land_class
    stock.closing[unit, land_class] = kept
    if land_class == "低效":
        stock.groups.append({"unit": unit, "kind": "单宗", "parts": [[kept]]})


def _ledger_m2(stock: Stock, area: Any, lot: int) -> int:
    return round(float(area[lot])) + stock.errors_m2.get(lot, 0)


def _is_plain(polygon: Any) -> bool:
    hull = polygon.convex_hull.area
    return bool(polygon.area > 0.995 * hull)


def _cut_off(stock: Stock, lot: int, wanted_m2: float) -> int:
    """Cut a lot straight across so that its first part has the statutory area wanted."""
    lots = stock.lots
    whole = lots.geometry[lot]
    scale = lots["area_m2"][lot] / whole.area  # constant across a lot to 1e-7
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(whole))[:4]
    sides = [corners[1] - corners[0], corners[3] - corners[0]]
    along, beside = sorted(sides, key=lambda side: -np.hypot(*side))

    def first(share: float) -> Any:
        edge = corners[0] + share * along
        start = corners[0] - 0.1 * along
        ring = [start - beside, edge - beside, edge + 2 * beside, start + 2 * beside]
        return shapely.Polygon(ring)

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        part = shapely.intersection(whole, first(middle)).area * scale
        low, high = (middle, high) if part < wanted_m2 else (low, middle)
    kept = to_millimetres(shapely.intersection(whole, first(low)))
    left = to_millimetres(shapely.difference(whole, first(low)))
    new_points = [
        xy for xy in shapely.get_coordinates(kept)[:-1] if xy.tolist() not in _points(whole)
    ]
    _tell_neighbours(lots, lot, new_points)
    row = lots.loc[lot].copy()
    other = int(lots.index.max()) + 1
    lots.loc[other] = row
    lots.at[lot, "geometry"], lots.at[other, "geometry"] = kept, left
    for changed in (lot, other):
        lots.at[changed, "area_m2"] = areas(np.array([lots.geometry[changed]], dtype=object), lots)[
            0
        ]
    return lot


def _points(polygon: Any) -> list[list[float]]:
    points: list[list[float]] = shapely.get_coordinates(polygon).tolist()
    return points


def _tell_neighbours(lots: GeoDataFrame, lot: int, points: list[Any]) -> None:
    """Give the neighbours of a cut lot the new corners on their common boundary."""
    shapes = lots.geometry
    for point in points:
        spot = shapely.Point(point)
        near = shapes.index[shapely.dwithin(shapes.to_numpy(), spot, 0.002)]
        for neighbour in near.drop(lot):
            ring = shapely.get_coordinates(shapes[neighbour])
            if point.tolist() in ring.tolist():
                continue
            edges = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
            at = int(np.argmin(shapely.distance(edges, spot)))
            ring = np.insert(ring, at + 1, point, axis=0)
            lots.at[neighbour, "geometry"] = shapely.Polygon(ring)


def _declare(stock: Stock) -> None:
    """Write ledger areas: the measured one rounded to the square metre, and what was planted."""
    lots = stock.lots
    lots["area_m2"] = areas(lots.geometry.to_numpy(), lots)
    rounded = lots["area_m2"].round().astype("int64")
    for lot, error in stock.errors_m2.items():
        rounded[lot] += error
    for (unit, land_class), closing in stock.closing.items():
        official = int(Decimal(ANNEX[unit][CLASSES.index(land_class)] or 0).scaleb(HA_DECIMALS))
        cell = (lots["unit"] == unit) & (lots["land_class"] == land_class)
        rounded[closing] += official - int(rounded[cell].sum())
        if abs(rounded[closing] - lots.at[closing, "area_m2"]) >= ROUNDING_M2:
            raise AssertionError(f"{unit} {land_class} does not close")
    lots["declared_ha"] = convert(rounded, source="m2", target="ha")

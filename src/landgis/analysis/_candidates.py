"""Who takes part in clusters.py, who stands in the way, and what counts as lying together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.arguments import is_finite, is_number, require_ids, several
from landgis.model.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]

Kind = Literal["shared", "overlap", "sliver", "corner", "near"]
JOINS: tuple[Kind, ...] = ("shared", "overlap", "sliver", "near")
# Two drawings of one boundary differ by this much at most (0.1 m each, the accuracy of urban
# cadastral points); wider gaps and overlaps are on the ground. Practice, not law: an argument.
SLIVER_M = 0.2
LENGTHS = {
    "gap_m": "连片间距",
    "look_m": "察看间距",
    "min_shared_m": "最短共边",
    "sliver_m": "绘图误差",
}
EXAMPLES = {"gap_m": 20, "look_m": 60, "min_shared_m": 1, "sliver_m": 0.2}
MOST_OF_IT = 0.5  # a parcel is in the zone that holds more than this share of it
NOWHERE = -1
AREAL = 2  # dimensions


class Rules(NamedTuple):
    """What counts as lying together, checked."""

    gap_m: float
    look_m: float
    joins: tuple[str, ...]
    min_shared_m: float
    sliver_m: float
    min_area_m2: float
    min_count: int
    single_area_m2: float


class Who(NamedTuple):
    """Who takes part, where, and what stands in the way."""

    barriers: GeoDataFrame | None
    barrier_rows: Mapping[str, Collection[str]]
    land_class: Collection[str] | None
    seeds: Collection[str] | None
    within: str | GeoDataFrame | None


class Connections(TypedDict, total=False):
    """The arguments of `cluster` that say who can be joined with whom, but for distances."""

    barriers: GeoDataFrame | None
    barrier_rows: Mapping[str, Collection[str]] | None
    land_class: str | Collection[str] | None
    within: str | GeoDataFrame | None
    joins: Collection[Kind]
    min_shared_m: float
    sliver_m: float


class Options(Connections, total=False):
    """Every argument of `cluster` that does not speak of distances to look at."""

    seeds: Collection[str] | None
    min_area_m2: float
    min_count: int
    single_area_m2: float | None


def asked(
    *,
    gap_m: float,
    look_m: float | None = None,
    barriers: GeoDataFrame | None = None,
    barrier_rows: Mapping[str, Collection[str]] | None = None,
    land_class: str | Collection[str] | None = None,
    seeds: Collection[str] | None = None,
    within: str | GeoDataFrame | None = None,
    joins: Collection[str] = JOINS,
    min_shared_m: float = 1.0,
    sliver_m: float = SLIVER_M,
    min_area_m2: float = 0.0,
    min_count: int = 1,
    single_area_m2: float | None = None,
) -> tuple[Who, Rules]:
    """Check every number and word, and put them together."""
    look_m = gap_m if look_m is None else look_m
    _require_lengths("bad_gap", gap_m=gap_m, look_m=look_m)
    _require_lengths("bad_tolerance", min_shared_m=min_shared_m, sliver_m=sliver_m)
    single = math.inf if single_area_m2 is None else single_area_m2
    sizes = is_finite(min_area_m2) and min_area_m2 >= 0 and is_number(single) and single >= 0
    if not (sizes and is_finite(min_count) and min_count >= 1 and min_count == int(min_count)):
        raise UsageError(
            "bad_minimum",
            "min_area_m2 and single_area_m2 must be 0 or more and min_count a whole number from 1,"
            f" got {min_area_m2}, {single_area_m2}, {min_count}",
            hint="最小连片面积、单宗独立成片面积应不小于 0 平方米，最少宗数应为不小于 1 的整数。",
        )
    joins = tuple(several(joins, name="joins", label="连通关系", example='["shared", "near"]'))
    unknown = [kind for kind in joins if kind not in get_args(Kind)]
    if unknown:
        raise UsageError(
            "unknown_join",
            f"unknown kinds of edges: {', '.join(map(str, unknown))}",
            hint=f"joins 只能取 {'、'.join(get_args(Kind))}。",
        )
    who = Who(barriers, _rows(barrier_rows), _classes(land_class), _seeds(seeds), within)
    if within is not None and not isinstance(within, str):
        systems.require_crs(within, what="范围")
    if barriers is not None:
        systems.require_crs(barriers, what="阻隔")
        row = np.flatnonzero(barriers.index.isna())  # edges name barriers
        require_ids(barriers.index[row], row, name="barrier_id", what="阻隔")
    look_m = max(gap_m, look_m)
    return who, Rules(gap_m, look_m, joins, min_shared_m, sliver_m, min_area_m2, min_count, single)


def asked_gaps(gaps_m: Iterable[float], options: Options) -> list[float]:
    """Check what `suggest` is given, and give its gaps in ascending order."""
    if options.keys() & {"gap_m", "look_m"}:
        raise UsageError(
            "gap_and_gaps",
            "suggest compares several gaps: gaps_m, not gap_m nor look_m",
            hint="间距比选请用 gaps_m 给出要比较的几个间距，例如 gaps_m=[10, 20]；"
            "gap_m、look_m 是 cluster 的参数。",
        )
    wanted = several(gaps_m, name="gaps_m", label="比选间距", example="[0, 10, 20]")
    for gap in wanted or [math.nan]:
        asked(gap_m=gap, **options)
    return sorted({float(gap) for gap in wanted})


def _require_lengths(code: str, **lengths: float) -> None:
    for name, value in lengths.items():
        if not (is_finite(value) and value >= 0):
            raise UsageError(
                code,
                f"{name} must be a number of metres, 0 or more, got {value}",
                hint=f"{LENGTHS[name]}（{name}）应为不小于 0 的米数，例如 {EXAMPLES[name]}。",
            )


def _rows(barrier_rows: Mapping[str, Collection[str]] | None) -> Mapping[str, Collection[str]]:
    if barrier_rows is None:
        return {}
    if not isinstance(barrier_rows, Mapping):
        raise UsageError(
            "bad_barrier_rows",
            f"barrier_rows must map columns to values, got {type(barrier_rows).__name__}",
            hint='阻隔行（barrier_rows）应写成 字段: 取值，例如 {"dlbm": ["1001", "1101"]}。',
        )
    return {
        column: several(
            values,
            name=f"barrier_rows[{column!r}]",
            label="阻隔行的取值",
            example='["1001", "1101"]',
        )
        for column, values in barrier_rows.items()
    }


def _classes(land_class: str | Collection[str] | None) -> list[str] | None:
    if land_class is None:
        return None
    return several(land_class, name="land_class", label="存量类别", example='"低效"')


def _seeds(seeds: Collection[str] | None) -> list[str] | None:
    if seeds is None:
        return None
    return several(seeds, name="seeds", label="起始地块", example='["450702-0001"]')


def are_candidates(parcels: GeoDataFrame, who: Who) -> Truths:
    """Which rows take part: those of the classes and the seeds, but no barriers."""
    chosen = np.ones(len(parcels), dtype=np.bool_)
    if who.land_class is not None:
        schema.need(parcels, "land_class")
        chosen = parcels["land_class"].isin(who.land_class).to_numpy(dtype=np.bool_)
    if who.seeds is not None:
        unknown = sorted(set(map(str, who.seeds)) - set(parcels.index.astype("str")))
        if unknown:
            raise UsageError(
                "unknown_seed",
                f"{len(unknown)} seeds are no parcels, the first is {unknown[0]}",
                hint=f"起始地块 {'、'.join(unknown[:5])} 不在地块表中，请核对编号。",
            )
        chosen = chosen | are_seeds(parcels, who.seeds)
    free: Truths = barrier_classes(parcels, who.barrier_rows).isna().to_numpy(dtype=np.bool_)
    return chosen & free


def are_seeds(parcels: DataFrame, seeds: Collection[str] | None) -> Truths:
    """Which parcels clusters may grow from: all of them where no seeds are named."""
    if seeds is None:
        return np.ones(len(parcels), dtype=np.bool_)
    found: Truths = parcels.index.astype("str").isin(set(map(str, seeds)))
    return found


def barrier_classes(parcels: GeoDataFrame, barrier_rows: Mapping[str, Collection[str]]) -> Series:
    """Give the class of the parcels that are barriers; missing where a parcel is none."""
    found = pd.Series(None, index=parcels.index, dtype="object")
    for column, values in barrier_rows.items():
        schema.need(parcels, column)
        missing = [str(value) for value in values if not parcels[column].eq(value).any()]
        if missing:
            raise UsageError(
                "barrier_value_unknown",
                f"no parcel has {column} = {', '.join(missing)}",
                hint=f"地块表的 {column} 中没有“{'、'.join(missing)}”，"
                "这些阻隔会落空：请核对取值，或从 barrier_rows 中去掉。",
            )
        found = found.where(~parcels[column].isin(values), parcels[column].astype("str"))
    return found


def all_barriers(parcels: GeoDataFrame, who: Who) -> GeoDataFrame | None:
    """Put the layer of barriers and the parcels that are barriers together, where there are any."""
    if not who.barrier_rows:
        return who.barriers
    systems.require_crs(parcels, what="地块")
    kind = barrier_classes(parcels, who.barrier_rows)
    there = who.barriers
    if there is not None:
        there = systems.align(there, parcels.crs, what="阻隔")
    name = "geometry" if there is None else there.geometry.name
    columns = {"barrier_class": kind, name: parcels.geometry}
    own = gpd.GeoDataFrame(columns, geometry=name, crs=parcels.crs)[kind.notna()]
    return own if there is None else gpd.GeoDataFrame(pd.concat([there, own]), geometry=name)


def places_within(parcels: GeoDataFrame, within: str | GeoDataFrame | None) -> Places | None:
    """Give the place every parcel may cluster in, as a number; `NOWHERE` where it has none."""
    if within is None:
        return None
    if isinstance(within, str):
        schema.need(parcels, within)
        return np.asarray(pd.factorize(parcels[within])[0], dtype=np.int64)
    zones = shapely.make_valid(
        systems.align(within, parcels.crs, what="范围").geometry.to_numpy(), method="structure"
    )
    if (shapely.get_dimensions(zones[~shapely.is_missing(zones)]) < AREAL).any():
        raise DataError(
            "within_not_polygons",
            "the layer that clusters must stay within is not of polygons",
            hint="连片不得跨越的范围应为面图层。",
        )
    polygons = shapely.make_valid(parcels.geometry.to_numpy(), method="structure")
    zone, parcel = shapely.STRtree(polygons).query(zones, predicate="intersects")
    common = shapely.area(shapely.intersection(polygons[parcel], zones[zone]))
    mostly = common > MOST_OF_IT * shapely.area(polygons[parcel])
    zone, parcel = zone[mostly], parcel[mostly]
    several = np.flatnonzero(np.bincount(parcel, minlength=len(parcels)) > 1)
    if len(several):
        first = str(parcels.index[several[0]])
        raise DataError(
            "within_overlaps",
            f"{len(several)} parcels lie mostly in several polygons, the first is {first}",
            hint=f"范围图层的面互相重叠，地块 {first} 同属几个范围：请先消除重叠。",
            parcel=first,
        )
    place = np.full(len(parcels), NOWHERE, dtype=np.int64)
    place[parcel] = zone
    return place

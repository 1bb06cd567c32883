"""What is which in a folder? Each layer is weighed against what parcels, zones, units look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from landgis.model import schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Role = Literal["parcels", "units", "zones", "barriers", "annex", "disposals", "evidence"]

# Layer names as bureaus write them (自然资源“一张图” volumes and 总体规划 database specifications),
# and plain words; each is searched in the name of the layer and of its file.
_NAMES: dict[str, re.Pattern[str]] = {
    "parcels": re.compile(r"地块|宗地|存量|parcel|^DK|PEWGDK|XZTDDK|DXYDDK|ZDDK", re.IGNORECASE),
    "units": re.compile(
        r"单元|县区|行政区|区县|unit|district|neighbo|^XZQ|boundary", re.IGNORECASE
    ),
    "zones": re.compile(
        r"YJJBNT|JBNTBH|STBHHX|C[ZS]KFBJ|CZJSBJ|GHFQ|GHYDYH|XZYDYH|DLTB|CSL[VX]?X|CSZX|CSHX"
        r"|农田|红线|边界线|开发边界|规划|分区|用地用海|zon(e|ing)|overlay|flood|historic|保护",
        re.IGNORECASE,
    ),
    "barriers": re.compile(
        r"阻隔|道路|铁路|河流|水系|barrier|road|rail|river|street", re.IGNORECASE
    ),
}
_ZONE_FIELDS = {"GHFQDM", "GHFQMC", "YDYHFLDM", "YDYHFLMC", "DLBM", "LHLX", "YJJBNTTBBH", "STBHHX"}
_BARRIER_FIELDS = {"ZGLB", "XZDWKD", "BARRIER_CLASS", "WIDTH_M", "阻隔类别"}
_BUILT = re.compile(r"built|building|建成|建筑|房屋", re.IGNORECASE)
MANY_UNITS = 200  # a layer with more polygons than this is no layer of statistical units
SURE, LIKELY = 5, 3  # points above which a guess is called 高 or 中


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of one file, as `describe` tells of it."""

    file: Path
    name: str
    geometry: str
    features: int
    crs: str
    fields: tuple[str, ...]
    extent: tuple[float, float, float, float] | None
    alone: bool

    @property
    def polygons(self) -> bool:
        """Whether the layer holds areas.

        Returns
        -------
        bool
            True for polygons and multipolygons.
        """
        return "Polygon" in self.geometry


@dataclass(frozen=True, slots=True)
class Guess:
    """What a layer may be, how strongly, and why."""

    role: Role
    layer: Layer
    points: int
    why: str

    @property
    def confidence(self) -> str:
        """Say how sure the guess is.

        Returns
        -------
        str
            高, 中 or 低.
        """
        return "高" if self.points >= SURE else "中" if self.points >= LIKELY else "低"


def weigh(layer: Layer) -> Guess | None:
    """Say what a layer most likely is, or None where nothing speaks for anything.

    Parameters
    ----------
    layer : Layer
        The layer's name, geometry, size and fields.

    Returns
    -------
    Guess or None
        The role with the most points; names, fields and geometry all count.
    """
    guesses = [
        guess
        for weighed in (_as_parcels, _as_units, _as_zones, _as_barriers)
        if (guess := weighed(layer)) is not None
    ]
    return max(guesses, key=lambda guess: guess.points, default=None)


def is_built_up(name: str) -> bool:
    """Say whether a raster's name speaks of buildings.

    Parameters
    ----------
    name : str
        File name.

    Returns
    -------
    bool
        True where it does.
    """
    return bool(_BUILT.search(name))


def recognised(fields: Iterable[str], table: schema.Table) -> dict[str, str]:
    """Find the columns of a table among a layer's fields.

    Parameters
    ----------
    fields : iterable of str
        Field names of the layer.
    table : Table
        The table it may be.

    Returns
    -------
    dict of str to str
        Field by canonical name.
    """
    met = table.names_met()
    found: dict[str, str] = {}
    for field in fields:
        canonical = met.get(field.strip().upper())
        if canonical is not None:
            found.setdefault(canonical, field)
    return found


def _named(layer: Layer, role: str) -> bool:
    pattern = _NAMES[role]
    return bool(pattern.search(layer.name) or (layer.alone and pattern.search(layer.file.stem)))


def _as_parcels(layer: Layer) -> Guess | None:
    if not layer.polygons:
        return None
    columns = recognised(layer.fields, schema.PARCELS)
    named = _named(layer, "parcels")
    points = 3 * named + min(len(columns), 6) - 1 + ("parcel_id" in columns)
    if points <= 0:
        return None
    why = f"认出 {len(columns)} 个地块字段" + ("，名称像地块" if named else "")
    return Guess("parcels", layer, points, why)


def _as_units(layer: Layer) -> Guess | None:
    if not layer.polygons or not 1 < layer.features <= MANY_UNITS:
        return None
    columns = recognised(layer.fields, schema.UNITS)
    named = _named(layer, "units")
    points = 3 * named + 2 * ("unit" in columns) + (len(layer.fields) <= 5)  # noqa: PLR2004
    why = f"{layer.features} 个面" + ("，名称像统计单元" if named else "")
    return Guess("units", layer, points, why) if points >= LIKELY else None


def _as_zones(layer: Layer) -> Guess | None:
    if not layer.polygons:
        return None
    fields = _ZONE_FIELDS & {field.upper() for field in layer.fields}
    named = _named(layer, "zones")
    points = 4 * named + 3 * bool(fields)
    why = "，".join(
        text
        for text in (
            "名称像规划图层" if named else "",
            f"含字段 {'、'.join(sorted(fields))}" if fields else "",
        )
        if text
    )
    return Guess("zones", layer, points, why) if points else None


def _as_barriers(layer: Layer) -> Guess | None:
    fields = _BARRIER_FIELDS & {field.upper() for field in layer.fields}
    named = _named(layer, "barriers")
    points = 4 * named + 3 * bool(fields) + ("Line" in layer.geometry)
    why = "线状" if "Line" in layer.geometry else "名称或字段像阻隔"
    return Guess("barriers", layer, points, why) if named or fields else None

"""From a project file to the tables it names, each in the parcels' coordinate system."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.formats import snapshots, tables, vector
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.errors import DataError, ProjectError
from landgis.model.units import area_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geopandas import GeoDataFrame
    from pandas import DataFrame
    from pyproj import CRS

    from landgis.formats.vector import Kind
    from landgis.model.snapshots import Snapshot
    from landgis.project import BarrierSource, Project, Source, ZoneSource


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a project reads; None where it names no such table."""

    parcels: GeoDataFrame
    units: GeoDataFrame | None
    zones: dict[str, GeoDataFrame]
    barriers: GeoDataFrame | None
    annex: DataFrame | None
    crosswalk: dict[str, str]
    listed: DataFrame | None
    disposals: DataFrame | None
    targets: DataFrame | None
    indicators: DataFrame | None
    parks: DataFrame | None
    snapshots: list[Snapshot]
    baseline: Snapshot | None
    evidence: dict[str, GeoDataFrame]


def take_in(project: Project) -> Inputs:
    """Read every table of a project.

    Parameters
    ----------
    project : Project
        The record of a landgis.toml.

    Returns
    -------
    Inputs
        Units, zones and barriers brought to the parcels' coordinate system; zones by layer name.

    Raises
    ------
    LandgisError
        Whatever reading raises; ``id_missing`` or ``id_duplicate`` where parcels cannot be told
        apart, because no account per parcel could be kept; ``layer_named_twice``.
    """
    parcels = _read(project, project.parcels, kind="parcels")
    _tell_apart(parcels, project)
    target = systems.require_crs(parcels, what="地块")
    if project.project.crs is not None:
        target = systems.named(project.project.crs)
        parcels = systems.align(parcels, target, what="地块")
    units = None
    if project.units is not None:
        units = systems.align(_read(project, project.units, kind="units"), target, what="统计单元")
    annex, crosswalk, listed = _official(project)
    disposals = None
    if project.disposals is not None:
        disposals = tables.read_disposals(project.path(project.disposals.file))
    return Inputs(
        parcels=parcels,
        units=units,
        zones=_zones(project, target),
        barriers=_barriers(project, target),
        annex=annex,
        crosswalk=crosswalk,
        listed=listed,
        disposals=disposals,
        **_measures(project),
        evidence={
            source.name: vector.read(project.path(source.file), layer=source.layer, kind="features")
            for source in project.evidence
            if source.file is not None
        },
    )


def _official(project: Project) -> tuple[DataFrame | None, dict[str, str], DataFrame | None]:
    """Read the official table, how its units are called here, and the parcels it was made from."""
    source = project.annex
    if source is None:
        return None, {}, None
    unit = None if source.unit is None else area_unit(source.unit)
    annex = tables.read_annex(project.path(source.file), unit=unit)
    crosswalk, listed = {}, None
    if source.crosswalk is not None:
        crosswalk = tables.read_crosswalk(project.path(source.crosswalk))
    if source.listed is not None:
        listed = tables.read_ledger(project.path(source.listed))
    return annex, crosswalk, listed


def _measures(project: Project) -> dict[str, Any]:
    """Read what progress is measured against, and the states kept of earlier days."""
    options = project.progress
    found: dict[str, Any] = {}
    for name, of in (
        ("targets", schema.TARGETS),
        ("indicators", schema.INDICATORS),
        ("parks", schema.PARKS),
    ):
        file = getattr(options, name)
        found[name] = None if file is None else tables.read_list(project.path(file), of=of)
    folder = options.snapshots
    kept = [] if folder is None else snapshots.read_snapshots(project.path(folder))
    named = options.baseline
    if named is not None and not _is_day(named):
        named = str(project.path(named))
    found["snapshots"] = kept
    found["baseline"] = None if named is None else snapshots.snapshot_of(named, kept)
    return found


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _read(project: Project, source: Source, *, kind: Kind) -> GeoDataFrame:
    return vector.read(
        project.path(source.file),
        layer=source.layer,
        kind=kind,
        encoding=source.encoding,
        crs=source.crs,
        columns=source.columns or None,
    )


def _tell_apart(parcels: GeoDataFrame, project: Project) -> None:
    """Stop where parcels share an identifier or have none."""
    ids = parcels.index
    nameless = int((ids.isna() | (ids == "")).sum())
    if nameless:
        raise DataError(
            "id_missing",
            f"{nameless} parcels have no parcel_id",
            hint=f"有 {nameless} 宗地块没有地块编号：请补齐后再运行，或在 [parcels.columns] 中"
            '写 parcel_id = "#" 按行编号。',
            file=project.path(project.parcels.file),
        )
    repeated = ids[ids.duplicated()].unique()
    if len(repeated):
        raise DataError(
            "id_duplicate",
            f"{len(repeated)} parcel_id values stand for several parcels",
            hint=f"有 {len(repeated)} 个地块编号重复（如 {'、'.join(map(str, repeated[:3]))}）：面积账无法逐宗核对，"
            "请改正后再运行；landgis check 可列出全部重复编号。",
            file=project.path(project.parcels.file),
            parcel=str(repeated[0]),
        )


def _zones(project: Project, target: CRS) -> dict[str, GeoDataFrame]:
    layers: dict[str, GeoDataFrame] = {}
    for source in project.zones:
        table = systems.align(_read(project, source, kind="zones"), target, what="规划分区")
        table = _matching(table, source)
        name = source.name or (str(table["layer"].iloc[0]) if len(table) else source.file)
        if name in layers:
            raise ProjectError(
                "layer_named_twice",
                f"two zone layers are called {name!r}",
                hint=f"两个规划图层重名“{name}”：请在 [[zones]] 中用 name 给其中一个另起名称。",
            )
        layers[name] = table.assign(layer=name)
    return layers


def _matching(table: GeoDataFrame, source: ZoneSource) -> GeoDataFrame:
    """Keep the zones whose fields have the wanted values."""
    for field, value in source.where.items():
        if field not in table.columns:
            raise ProjectError(
                "field_missing",
                f"{source.file} has no field {field!r} to select by",
                hint=f"{source.file} 中没有 where 所用的字段“{field}”，可用的有："
                f"{'、'.join(name for name in table.columns if name != 'geometry')}。",
            )
        table = table[table[field].astype("str") == value]
    return table


def joined(layers: Iterable[GeoDataFrame]) -> GeoDataFrame | None:
    """Stack zone layers into one table; None where there is none.

    Parameters
    ----------
    layers : iterable of GeoDataFrame
        Layers in one coordinate system.

    Returns
    -------
    GeoDataFrame or None
        Every row, with the column ``layer`` that tells them apart.
    """
    tables = [layer for layer in layers if len(layer)]
    return pd.concat(tables) if tables else None


def _barriers(project: Project, target: CRS) -> GeoDataFrame | None:
    parts = [_barrier_layer(project, source, target) for source in project.barriers]
    if not parts:
        return None
    joined = pd.concat(parts)
    joined.index = pd.Index(
        [f"{file}#{name}" for file, name in zip(joined["file"], joined.index, strict=True)]
        if joined.index.has_duplicates
        else joined.index,
        name="barrier_id",
    )
    return joined.drop(columns="file")


def _barrier_layer(project: Project, source: BarrierSource, target: CRS) -> GeoDataFrame:
    table = systems.align(_read(project, source, kind="barriers"), target, what="阻隔")
    if "width_m" not in table.columns:
        table = table.assign(width_m=float("nan"))
    if source.width_m is not None:
        table = table.assign(width_m=table["width_m"].fillna(source.width_m))
    if "barrier_class" not in table.columns:
        table = table.assign(barrier_class=source.file)
    if source.classes:
        table = table[table["barrier_class"].isin(source.classes)]
    return table[~(table["width_m"] < source.min_width_m)].assign(file=source.file)

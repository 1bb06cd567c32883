"""From the results to the folder that goes to the meeting, and its manifest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landgis import __version__
from landgis.formats import tables, vector
from landgis.model import crs as systems
from landgis.model import schema, units
from landgis.model.files import complete_file
from landgis.reports import sheet
from landgis.reports.atlas import draw_atlas
from landgis.reports.brief import write_brief
from landgis.reports.ledger import write_ledger
from landgis.reports.qgis import style_geopackage
from landgis.reports.web import draw_web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.intake import Inputs
    from landgis.policy import Policy
    from landgis.project import Project

MANIFEST = "manifest.json"
STACK = ("geopandas", "shapely", "pyproj", "pyogrio", "numpy", "pandas", "matplotlib")
READ_SIZE = 1 << 20  # bytes hashed at a time


@dataclass(frozen=True, slots=True)
class Results:
    """What the steps found."""

    parcels: GeoDataFrame
    findings: DataFrame
    changes: DataFrame
    verdicts: DataFrame
    pieces: GeoDataFrame
    account: DataFrame
    conflicts: GeoDataFrame
    clusters: GeoDataFrame
    edges: DataFrame
    summary: DataFrame
    differences: DataFrame
    progress: DataFrame | None


def open_folder(project: Project, out: str | Path | None) -> Path:
    """Make sure that results can be written before any work is done.

    Parameters
    ----------
    project : Project
        Names the folder.
    out : str or Path or None
        Overrides it.

    Returns
    -------
    Path
        The folder, which exists.

    Raises
    ------
    OutputError
        ``output_unwritable``.
    """
    folder = project.path(project.output.folder) if out is None else Path(out)
    probe = folder / ".landgis-probe"
    with complete_file(probe) as temporary:
        temporary.write_bytes(b"")
    probe.unlink(missing_ok=True)
    return folder


def headline(results: Results, folder: Path) -> list[str]:
    """Say what was found in five figures, and where the results lie.

    Parameters
    ----------
    results : Results
        What the steps found.
    folder : Path
        Where the results go.

    Returns
    -------
    list of str
        Chinese lines.
    """
    summary = results.summary.set_index(["unit", "land_class"])
    present = [name for name in schema.LAND_CLASSES if (schema.TOTAL, name) in summary.index]
    sums = [
        f"{name} {units.show(summary.at[(schema.TOTAL, name), 'ledger_ha'], units.HA_DECIMALS)}"
        for name in [*present, schema.TOTAL]
    ]
    whole = summary.loc[(schema.TOTAL, schema.TOTAL)]
    no_annex = results.summary["official_ha"].isna().all()
    agreement = "没有官方统计表" if no_annex else _agreement(whole["difference_ha"], results)
    readiness = results.parcels.get("readiness")
    counts = {} if readiness is None else readiness.value_counts().to_dict()
    members = int(results.parcels["cluster_id"].notna().sum())
    against = results.conflicts[results.conflicts["verdict"] != "符合"]
    forbidden = against.loc[against["verdict"] == "禁止", "parcel_id"].nunique()
    return [
        f"合计（公顷）：{'，'.join(sums)}",
        f"与官方统计表之差：{agreement}",
        f"集中连片：{len(results.clusters)} 片，{members} 宗",
        "净地、毛地、待核："
        + "，".join(f"{name} {counts.get(name, 0)} 宗" for name in schema.READINESS),
        f"与管控线冲突：{against['parcel_id'].nunique()} 宗，其中禁止 {forbidden} 宗",
        f"成果文件夹：{folder}",
    ]


def _agreement(difference: float, results: Results) -> str:
    cells = results.summary
    apart = cells["difference_ha"].round(units.HA_DECIMALS).fillna(0).ne(0).sum()
    shown = f"{units.show(difference, units.HA_DECIMALS)} 公顷"
    return f"{shown}，{apart} 格不符" if apart else f"{shown}，逐格一致"


def deliver(
    project: Project,
    policy: Policy,
    inputs: Inputs,
    results: Results,
    *,
    folder: Path,
    clock: dict[str, float],
    tell: Callable[[str, float], None] | None = None,
) -> None:
    """Write every file of the output folder, the manifest last.

    Parameters
    ----------
    project : Project
        What to print on the results.
    policy : Policy
        The rules applied, for the manifest.
    inputs : Inputs
        The tables read, drawn on maps.
    results : Results
        What the steps found.
    folder : Path
        Where to write.
    clock : dict of str to float
        Seconds each step took so far.
    tell : callable or None, optional
        Told of each file before it is written.

    Raises
    ------
    OutputError
        ``output_unwritable``.
    """
    earlier = _listed_outputs(folder)
    jobs = list(_jobs(project, inputs, results, folder))
    written: list[Path] = []
    begin = 0.38  # the share of a run that lies behind its steps, see landgis.pipeline.BEHIND
    for number, (path, write) in enumerate(jobs):
        if tell is not None:
            tell(f"写出 {path.name}", begin + (1 - begin) * number / len(jobs))
        write(path)
        written.append(path)
    _write_manifest(project, policy, inputs, results, folder, written, clock)
    for stale in earlier - {path.relative_to(folder).as_posix() for path in written}:
        (folder / stale).unlink(missing_ok=True)
    if tell is not None:
        tell("完成", 1.0)


def _jobs(
    project: Project, inputs: Inputs, results: Results, folder: Path
) -> Iterator[tuple[Path, Callable[[Path], Any]]]:
    """List every file of the folder with the function that writes it."""
    yield folder / "landgis.gpkg", lambda path: _write_geopackage(inputs, results, path)
    for table in _tables(results):
        yield folder / "tables" / f"{table[0].name}.csv", _csv_writer(*table)
    yield folder / "ledger.xlsx", lambda path: _ledger(project, results, path)
    yield from _sheets(project, inputs, results, folder / "maps")
    if project.maps.atlas and inputs.units is not None:
        yield folder / "atlas.pdf", lambda path: _atlas(project, inputs, results, path)
    yield folder / "map.html", lambda path: _web(project, inputs, results, path)
    yield folder / "brief.docx", lambda path: _brief(project, results, path)


def _tables(results: Results) -> Iterator[tuple[schema.Table, DataFrame]]:
    yield schema.FINDINGS, results.findings
    yield schema.CHANGES, results.changes
    yield schema.VERDICTS, results.verdicts
    yield schema.ACCOUNT, results.account
    yield schema.CONFLICTS, results.conflicts.drop(columns="geometry")
    yield schema.CLUSTERS, results.clusters.drop(columns="geometry")
    yield schema.EDGES, results.edges
    yield schema.SUMMARY, results.summary
    yield schema.ANNEX_DIFFERENCES, results.differences
    if results.progress is not None:
        yield schema.PROGRESS, results.progress


def _csv_writer(of: schema.Table, table: DataFrame) -> Callable[[Path], Any]:
    return lambda path: tables.write_table(table, path, of=of)


def _write_geopackage(inputs: Inputs, results: Results, path: Path) -> None:
    import geopandas as gpd

    places = gpd.points_from_xy(results.findings["x"], results.findings["y"])
    findings = gpd.GeoDataFrame(results.findings, geometry=places, crs=results.parcels.crs)
    layers: dict[str, GeoDataFrame] = {
        "parcels": results.parcels,
        "pieces": results.pieces,
        "conflicts": results.conflicts,
        "clusters": results.clusters,
        "findings": findings,
    }
    if inputs.units is not None:
        layers["units"] = inputs.units
    with complete_file(path) as temporary:
        vector.write_layers(layers, temporary)
        style_geopackage(temporary, layers)


def _imprint(project: Project) -> dict[str, Any]:
    about = project.project
    return {
        "place": about.place,
        "as_of": about.as_of,
        "agency": about.agency,
        "note": about.note,
        "font": project.maps.font,
    }


def _sheets(
    project: Project, inputs: Inputs, results: Results, folder: Path
) -> Iterator[tuple[Path, Callable[[Path], Any]]]:
    if inputs.units is None:
        return
    outlines = inputs.units
    margin = {**_imprint(project), "dpi": project.maps.dpi}
    options = {"scheme": project.maps.scheme, "allow_unmatched": inputs.annex is None}
    themes = _themes(results.summary)

    def choropleth(theme: str) -> Callable[[Path], Any]:
        return lambda path: sheet.draw_sheet(
            outlines, results.summary, path=path, land_class=theme, **options, **margin
        )

    for number, theme in enumerate(themes, start=1):
        yield folder / f"{number:02}_{theme}.png", choropleth(theme)
    yield (
        folder / f"{len(themes) + 1:02}_与官方统计表对照.png",
        lambda path: sheet.draw_comparison(results.summary, path=path, **margin),
    )

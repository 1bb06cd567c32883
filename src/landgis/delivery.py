"""From the results to the folder that goes to the meeting, and its manifest."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.analysis.reconciliation import Reconciled
from landgis.formats import tables, vector
from landgis.intake import joined
from landgis.model import schema, units
from landgis.model.files import complete_file
from landgis.reports.atlas import PARTS, draw_atlas
from landgis.reports.brief import write_brief
from landgis.reports.crosstab import crosstab
from landgis.reports.gap_chart import draw_gaps
from landgis.reports.ledger import write_ledger
from landgis.reports.progress_chart import draw_progress
from landgis.reports.qgis import style_geopackage
from landgis.reports.web import draw_web

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.intake import Inputs
    from landgis.project import Project

    Tell = Callable[[str, float], None]
    Writer = Callable[[Path], Any]

FILES_SHARE = 0.45  # of the time of writing goes into everything but the drawn sheets


@dataclass(frozen=True, slots=True)
class Results:
    """What the steps found."""

    parcels: GeoDataFrame
    findings: DataFrame
    changes: DataFrame
    verdicts: DataFrame
    audited: DataFrame
    conditions: DataFrame
    routes: DataFrame
    batches: DataFrame
    pieces: GeoDataFrame
    account: DataFrame
    conflicts: GeoDataFrame
    occupied: DataFrame
    clusters: GeoDataFrame
    edges: DataFrame
    cluster_parts: DataFrame
    pockets: GeoDataFrame
    separations: GeoDataFrame
    priorities: DataFrame
    renewal_units: GeoDataFrame
    gap_choices: DataFrame
    summary: DataFrame
    differences: DataFrame
    progress: DataFrame | None
    achievements: DataFrame | None
    contributions: DataFrame | None
    figures: DataFrame | None
    moves: DataFrame | None
    progress_day: dt.date | None
    clauses: dict[str, str]

    @property
    def figure(self) -> str:
        """Name the summary's column that maps show.

        Returns
        -------
        str
            The ledger's, or the measured one where no ledger is kept.
        """
        ledger = self.summary["ledger_ha"].fillna(0)
        return "ledger_ha" if ledger.gt(0).any() else "measured_ha"

    @property
    def agreement(self) -> str:
        """Say in one sentence whether ledger and official table agree.

        Returns
        -------
        str
            A Chinese sentence.
        """
        return Reconciled(self.summary, self.differences).sentence

    def counts(self) -> dict[str, int]:
        """Count the rows of every table.

        Returns
        -------
        dict of str to int
            Rows by table.
        """
        named = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: len(table.index) for name, table in named.items() if hasattr(table, "index")}


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
    printed = crosstab(results.summary, results.figure).cells
    sums = [
        f"{name} {units.show(printed[schema.TOTAL, name], units.HA_DECIMALS)}"
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
        + "，".join(f"{name} {counts.get(name, 0)} 宗" for name in schema.READINESS)
        + _beyond_the_annex(results),
        f"与管控线冲突：{against['parcel_id'].nunique()} 宗，其中禁止 {forbidden} 宗",
        f"成果文件夹：{folder}",
    ]


def _beyond_the_annex(results: Results) -> str:
    """Say how many judged parcels are of classes that the sheets, like the annex, leave out."""
    judged = results.parcels[results.parcels["readiness"].notna()]
    outside = judged["land_class"].notna() & ~judged["land_class"].isin(schema.LAND_CLASSES)
    counts = judged.loc[outside, "land_class"].value_counts()
    named = "，".join(f"含{name} {count} 宗" for name, count in counts.items())
    return f"（{named}）" if named else ""


def _agreement(difference: float, results: Results) -> str:
    gaps = results.summary["difference_ha"].fillna(0.0)
    apart = int((units.whole_steps(gaps, units.HA_DECIMALS) != 0).sum())
    shown = f"{units.show(difference, units.HA_DECIMALS)} 公顷"
    return f"{shown}，{apart} 格不符。{results.agreement}" if apart else f"{shown}，逐格一致"


def deliver(
    project: Project,
    inputs: Inputs,
    results: Results,
    *,
    folder: Path,
    tell: Callable[[str, float], None] | None = None,
) -> list[Path]:
    """Write every file of the output folder but its manifest.

    Parameters
    ----------
    project : Project
        What to print on the results.
    inputs : Inputs
        The tables read, drawn on maps.
    results : Results
        What the steps found.
    folder : Path
        Where to write.
    tell : callable or None, optional
        Told of each file before it is written, and of the share that is done, 0 to 1.

    Returns
    -------
    list of Path
        The files, in the order they were written.

    Raises
    ------
    OutputError
        ``output_unwritable``.
    """
    jobs = list(_jobs(project, inputs, results, folder))
    for number, (path, write) in enumerate(jobs):
        if tell is not None:
            tell(f"写出 {path.name}", FILES_SHARE * number / len(jobs))
        write(path)
    drawn = _book(project, inputs, results, folder, _telling_of_pages(tell))
    charts = _charts(project, results, folder)
    brief = folder / "brief.docx"
    pictures = [path for path in drawn if path.suffix == ".png"][:1] + charts[:1]
    _brief(project, results, brief, pictures=pictures)
    return [*(path for path, _ in jobs), *drawn, *charts, brief]


def _telling_of_pages(tell: Tell | None) -> Tell | None:
    if tell is None:
        return None
    return lambda heading, share: tell(f"绘制 {heading}", FILES_SHARE + (1 - FILES_SHARE) * share)


def _jobs(
    project: Project, inputs: Inputs, results: Results, folder: Path
) -> Iterator[tuple[Path, Writer]]:
    """List every file of the folder with the function that writes it."""
    yield folder / "landgis.gpkg", lambda path: _write_geopackage(inputs, results, path)
    for name, of, table in _tables(results):
        yield folder / "tables" / f"{name}.csv", _csv_writer(of, table)
    yield folder / "ledger.xlsx", lambda path: _ledger(project, results, path)
    yield folder / "map.html", lambda path: _web(project, inputs, results, path)


def _tables(results: Results) -> Iterator[tuple[str, schema.Table, DataFrame]]:
    yield "findings", schema.FINDINGS, results.findings
    yield "changes", schema.CHANGES, results.changes
    yield "verdicts", schema.VERDICTS, results.verdicts
    yield "conditions", schema.CONDITIONS, results.conditions
    yield "routes", schema.ROUTES, results.routes
    yield "batches", schema.BATCHES, results.batches
    yield "account", schema.ACCOUNT, results.account
    yield "conflicts", schema.CONFLICTS, results.conflicts.drop(columns="geometry")
    yield "clusters", schema.CLUSTERS, results.clusters.drop(columns="geometry")
    yield "edges", schema.EDGES, results.edges
    yield "cluster_parts", schema.CLUSTER_PARTS, results.cluster_parts
    yield "pockets", schema.POCKETS, results.pockets.drop(columns="geometry")
    yield "separations", schema.SEPARATIONS, results.separations.drop(columns="geometry")
    yield "priorities", schema.PRIORITIES, results.priorities
    yield "gap_choices", schema.GAP_CHOICES, results.gap_choices
    if len(results.renewal_units):
        units = results.renewal_units.drop(columns="geometry")
        yield "renewal_units", schema.RENEWAL_UNITS, units
    yield "reconciliation", schema.SUMMARY, results.summary
    yield "differences", schema.ANNEX_DIFFERENCES, results.differences
    settled = crosstab(results.summary, results.figure).moved
    if settled:
        columns = [column.name for column in schema.SETTLED.columns]
        rows = [(*cell, own, printed) for cell, own, printed in settled]
        yield "settled", schema.SETTLED, pd.DataFrame(rows, columns=columns)
    for name, of in (
        ("progress", schema.PROGRESS),
        ("achievements", schema.ACHIEVEMENTS),
        ("contributions", schema.CONTRIBUTIONS),
        ("figures", schema.FIGURES),
        ("moves", schema.MOVES),
    ):
        table = getattr(results, name)
        if table is not None:
            yield name, of, table


def _csv_writer(of: schema.Table, table: DataFrame) -> Writer:
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
        "pockets": results.pockets,
        "separations": results.separations,
        "findings": findings,
    }
    if len(results.renewal_units):
        layers["renewal_units"] = results.renewal_units
    if inputs.units is not None:
        layers["units"] = inputs.units
    with complete_file(path) as temporary:
        vector.write_layers(layers, temporary)
        style_geopackage(temporary, layers)


def _book(
    project: Project, inputs: Inputs, results: Results, folder: Path, tell: Tell | None
) -> list[Path]:
    """Draw the sheets once, into maps/ and into atlas.pdf; the sheets go over all together."""
    if inputs.units is None:
        return []
    about = project.project
    parts = PARTS if project.maps.unit_maps else tuple(part for part in PARTS if part != "details")
    book, maps = folder / "atlas.pdf", folder / "maps"
    with tempfile.TemporaryDirectory(prefix=".landgis-", dir=folder) as fresh:
        draw_atlas(
            inputs.units,
            results.summary,
            path=book,
            parcels=results.parcels,
            zones=joined(inputs.zones.values()),
            barriers=inputs.barriers,
            **_of_clusters(results),
            cluster_pages=project.maps.cluster_pages,
            sheets=fresh,
            parts=parts,
            value=results.figure,
            scheme=project.maps.scheme,
            title=about.title,
            tell=tell,
            place=about.place,
            as_of=about.as_of,
            agency=about.agency,
            note=about.note,
            font=project.maps.font and project.path(project.maps.font),
            dpi=project.maps.dpi,
        )
        drawn = sorted(Path(fresh).iterdir())
        maps.mkdir(exist_ok=True)
        return [book, *(sheet.replace(maps / sheet.name) for sheet in drawn)]


def _charts(project: Project, results: Results, folder: Path) -> list[Path]:
    """Draw how clusters change with the gap, and progress, all units and each of them."""
    charts, about = folder / "charts", project.project
    imprint: dict[str, Any] = {
        "place": about.place,
        "agency": about.agency,
        "note": about.note,
        "font": project.maps.font and project.path(project.maps.font),
        "dpi": project.maps.dpi,
    }
    drawn = []
    if results.progress is not None and not results.progress.empty:
        day = results.progress_day
        drawn += draw_progress(results.progress, folder=charts, as_of=day, **imprint)
    if results.gap_choices["cluster_count"].gt(0).any():
        charts.mkdir(exist_ok=True)
        picture, chosen = charts / "连片间距比选.png", project.clusters.gap_m
        drawn.append(
            draw_gaps(
                results.gap_choices, path=picture, chosen_m=chosen, as_of=about.as_of, **imprint
            )
        )
    return drawn


def _about(project: Project) -> dict[str, Any]:
    about = project.project
    return {"title": about.title, "as_of": about.as_of, "note": about.note}


def _of_clusters(results: Results) -> dict[str, Any]:
    """Give what is known of the clusters, by the words all reports use."""
    names = ("clusters", "cluster_parts", "pockets", "separations", "priorities", "renewal_units")
    return {name: getattr(results, name) for name in names}


def _ledger(project: Project, results: Results, path: Path) -> None:
    occupied = results.occupied.reindex(results.parcels.index)
    write_ledger(
        results.parcels.join(occupied),
        path=path,
        summary=results.summary,
        differences=results.differences,
        verdicts=results.audited,
        conditions=results.conditions,
        routes=results.routes,
        batches=results.batches,
        conflicts=results.conflicts,
        **_of_clusters(results),
        findings=results.findings,
        progress=results.progress,
        achievements=results.achievements,
        figures=results.figures,
        moves=results.moves,
        clauses=results.clauses,
        **_about(project),
    )


def _web(project: Project, inputs: Inputs, results: Results, path: Path) -> None:
    draw_web(
        results.parcels,
        path=path,
        units=inputs.units,
        zones=joined(inputs.zones.values()),
        **_of_clusters(results),
        barriers=inputs.barriers,
        conflicts=results.conflicts,
        summary=results.summary,
        verdicts=results.audited,
        **_about(project),
    )


def _brief(project: Project, results: Results, path: Path, *, pictures: list[Path]) -> None:
    write_brief(
        results.summary,
        path=path,
        parcels=results.parcels,
        clusters=results.clusters,
        priorities=results.priorities,
        conflicts=results.conflicts,
        progress=results.progress,
        agreement=results.agreement,
        achievements=results.achievements,
        pictures=pictures,
        **_about(project),
    )

"""The order of the steps: a project, its tables, the steps one by one, one output folder."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from landgis import policy as policies
from landgis.analysis.area import measure
from landgis.analysis.batches import batches
from landgis.analysis.classification import Classified, audit, classify
from landgis.analysis.evidence import observe
from landgis.analysis.location import locate
from landgis.analysis.overlay import Overlaid, conflicts, occupied, overlay
from landgis.analysis.progress import Moved, Progressed, movements, progress
from landgis.analysis.readiness import readiness
from landgis.analysis.reconciliation import reconcile
from landgis.analysis.routes import routes
from landgis.analysis.soundness import check, contradictions, repair
from landgis.delivery import Results, deliver, headline, open_folder
from landgis.formats.snapshots import keep_snapshot
from landgis.intake import take_in
from landgis.manifest import outputs_listed, write_manifest
from landgis.model import schema
from landgis.model.units import convert
from landgis.policy import OverlapRule
from landgis.project import Project, read_project
from landgis.renewal import renew

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.intake import Inputs
    from landgis.policy import Policy

    Tell = Callable[[str, float], None]

CONTROL_LINE_SHARES = {  # the ministry's columns of overlap, and the evidence the rules ask for
    "YNYZ": "farmland_share",
    "STHXYZ": "redline_share",
    "CZKFBJYZ": "town_boundary_share",
}
MAX_AUDITED = 5000  # parcels of stock whose every verdict is explained in the ledger and the page
# Share of the whole run that lies behind each step when it begins; only the progress bar uses it.
BEHIND = {
    "读取数据": 0.0,
    "检查": 0.06,
    "修复": 0.10,
    "量算面积": 0.11,
    "采集佐证": 0.13,
    "叠加规划分区": 0.15,
    "判定": 0.25,
    "集中连片": 0.30,
    "对账": 0.36,
    "统计进度": 0.37,
    "写出成果": 0.38,
}


class Ran(NamedTuple):
    """Where the results of a run lie, and its headline figures."""

    folder: Path
    headline: list[str]


@dataclass
class _Clock:
    """Tell which step begins, and remember how long each took."""

    tell: Tell | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, label: str) -> Iterator[None]:
        if self.tell is not None:
            self.tell(label, BEHIND[label])
        begun = time.perf_counter()
        yield
        self.seconds[label] = round(time.perf_counter() - begun, 3)

    def within(self, label: str) -> Tell | None:
        """Give a voice for the last step, whose own share runs from 0 to 1."""
        tell, behind = self.tell, BEHIND[label]
        if tell is None:
            return None
        return lambda text, share: tell(text, behind + (1 - behind) * share)


def run(
    project: str | Path | Project,
    *,
    out: str | Path | None = None,
    tell: Callable[[str, float], None] | None = None,
) -> Ran:
    """Run a project from its files to the folder that goes to the meeting.

    Parameters
    ----------
    project : str or Path or Project
        A landgis.toml, the folder that holds one, or the record read from it.
    out : str or Path or None, optional
        Where the results go; None takes the folder the project names.
    tell : callable or None, optional
        Called with a Chinese label and the share of the work that is done, 0 to 1.

    Returns
    -------
    Ran
        `folder` with the results, and `headline`: what was found, in Chinese, one line a figure.

    Raises
    ------
    LandgisError
        Whatever a step raises; ``output_unwritable`` before any work is done.

    Notes
    -----
    Parcels without usable geometry stay in the ledger and in its sums; they are findings, and no
    area, overlay or cluster claims them. Each file of the folder is complete or absent, and
    ``manifest.json`` is written last.

    Examples
    --------
    >>> import landgis
    >>> landgis.run("nowhere/landgis.toml")
    Traceback (most recent call last):
    ...
    landgis.model.errors.ProjectError: no such project file (nowhere/landgis.toml) [project_missing]
    """
    record = project if isinstance(project, Project) else read_project(project)
    folder = open_folder(record, out)
    clock = _Clock(tell)
    with clock.step("读取数据"):
        policy = policies.load(_policy_place(record))
        inputs = take_in(record)
    results = _analyse(record, policy, inputs, clock)
    earlier = outputs_listed(folder)
    with clock.step("写出成果"):
        written = deliver(record, inputs, results, folder=folder, tell=clock.within("写出成果"))
    write_manifest(
        record,
        policy,
        folder=folder,
        crs=results.parcels.crs,
        counts=results.counts(),
        seconds=clock.seconds,
        outputs=written,
    )
    for stale in earlier - set(written):
        stale.unlink(missing_ok=True)
    return Ran(folder, headline(results, folder))


def _policy_place(project: Project) -> str | Path:
    """Give a policy's name, or its folder where the project file stands beside one."""
    folder = project.path(project.policy)
    return folder if folder.is_dir() else project.policy


def _analyse(project: Project, policy: Policy, inputs: Inputs, clock: _Clock) -> Results:
    with clock.step("检查"):
        findings = check(inputs.parcels, units=inputs.units)
    with clock.step("修复"):
        parcels, changes = repair(inputs.parcels)
    with clock.step("量算面积"):
        parcels = measure(parcels, method=project.area.method)
        if inputs.units is not None:
            parcels = locate(parcels, inputs.units)
    with clock.step("采集佐证"):
        parcels, contradicted = _observe_all(project, policy, inputs, parcels)
    with clock.step("叠加规划分区"):
        overlaid = _overlay_layers(project, parcels, inputs.zones)
        taken = occupied(overlaid)
    with clock.step("判定"):
        seen = _with_control_lines(parcels, taken)
        classified = classify(seen, policy=policy, as_of=project.project.as_of)
        judged = _laid_before_people(project, policy, seen, classified)
        kept = [name for name in classified.parcels if name in parcels or name not in seen]
        parcels, verdicts = classified.parcels[kept], classified.verdicts
        rules = _rules(project, policy, inputs.zones)
        standing = conflicts(overlaid, rules=rules)
        standing = standing[standing["parcel_id"].isin(stock(parcels).index)]
    with clock.step("集中连片"):
        renewed = renew(
            parcels,
            project=project,
            policy=policy,
            barriers=inputs.barriers,
            zones=inputs.zones,
            overlaid=overlaid,
            conflicts=standing if _looked_at(rules, inputs.zones) else None,
        )
    with clock.step("对账"):
        summary, differences = reconcile(
            renewed.parcels,
            inputs.annex,
            listed=inputs.listed,
            crosswalk=inputs.crosswalk,
        )
    with clock.step("统计进度"):
        progressed, moved = _progress(project, policy, inputs, renewed.parcels)
    troubles = [] if progressed is None else [progressed.findings]
    found = _stacked([findings, *contradicted, overlaid.findings, *troubles])
    return Results(
        **renewed._asdict(),
        findings=found.drop_duplicates(ignore_index=True),  # layers tell of the same parcel
        changes=changes,
        verdicts=verdicts,
        **judged,
        pieces=overlaid.pieces,
        account=overlaid.account,
        conflicts=standing,
        occupied=taken,
        summary=summary,
        differences=differences,
        progress=None if progressed is None else progressed.quarters,
        achievements=None if progressed is None else progressed.achievements,
        contributions=None if progressed is None else progressed.contributions,
        figures=None if moved is None else moved.figures,
        moves=None if moved is None else moved.moves,
        progress_day=None if progressed is None else _cut_off(project, inputs.disposals),
        clauses={rule.id: rule.basis for rule in policy.rules},
    )


def _with_control_lines(parcels: GeoDataFrame, taken: DataFrame) -> GeoDataFrame:
    """Add the share of each parcel under the control lines, for the rules that ask for it."""
    if "area_m2" not in parcels.columns:
        return parcels
    area_ha = convert(parcels["area_m2"].to_numpy(dtype="float64"), source="m2", target="ha")
    mine = taken.set_axis(taken.index.astype("str")).reindex(parcels.index.astype("str"))
    shares = {
        name: mine[column].to_numpy(dtype="float64") / area_ha
        for column, name in CONTROL_LINE_SHARES.items()
        if column in mine.columns and name not in parcels.columns
    }
    return parcels.assign(**shares)


def _laid_before_people(
    project: Project, policy: Policy, parcels: GeoDataFrame, classified: Classified
) -> dict[str, DataFrame]:
    """Lay out, for the stock, how it was judged, what is ready, which routes are open."""
    verdicts, ours = classified.verdicts, stock(classified.parcels).index
    as_of = project.project.as_of
    shown = set(ours.astype("str"))
    conditions = readiness(parcels, policy=policy, as_of=as_of)
    proposed = routes(parcels, policy=policy, as_of=as_of)
    audited = verdicts.assign(basis=verdicts["rule_id"].map({r.id: r.basis for r in policy.rules}))
    if len(ours) <= MAX_AUDITED:
        audited = audit(parcels, policy=policy, as_of=as_of, only=ours)
    return {
        "audited": audited,
        "conditions": conditions[conditions["parcel_id"].isin(shown)],
        "routes": proposed[proposed["parcel_id"].isin(shown)],
        "batches": batches(parcels),
    }


def _progress(
    project: Project, policy: Policy, inputs: Inputs, parcels: GeoDataFrame
) -> tuple[Progressed | None, Moved | None]:
    """Set disposals beside the targets, say what moved since the last state, keep this one."""
    disposals = inputs.disposals
    own = parcels["disposed_ha"].notna().any() if "disposed_ha" in parcels.columns else False
    if disposals is None and not own:
        return None, None
    as_of = _cut_off(project, disposals)
    shared: dict[str, Any] = {
        "as_of": as_of,
        "snapshots": inputs.snapshots,
        "baseline": inputs.baseline,
        "policy": policy,
    }
    reached = progress(
        parcels,
        disposals,
        targets=inputs.targets,
        indicators=inputs.indicators,
        parks=inputs.parks,
        **shared,
    )
    register = None if disposals is not None and "parcel_id" not in disposals.columns else disposals
    earlier = [state for state in inputs.snapshots if state.date < as_of]
    moved = None
    if earlier and (register is not None or disposals is None):
        moved = movements(parcels, register, since=earlier[-1], **shared)
    if project.progress.snapshots is not None:
        folder = project.path(project.progress.snapshots)
        keep_snapshot(parcels, register, date=as_of, folder=folder)
    return reached, moved


def _cut_off(project: Project, disposals: DataFrame | None) -> dt.date:
    """Give the last day that counts; reports by quarter may speak of later days than the parcels."""
    if project.progress.as_of is not None:
        return project.progress.as_of
    as_of = project.project.as_of
    if disposals is None or "quarter" not in disposals.columns or disposals.empty:
        return as_of
    last = (disposals["year"].astype("str") + "Q" + disposals["quarter"].astype("str")).max()
    end: dt.date = pd.Period(last).end_time.date()
    return max(as_of, end)


def _observe_all(
    project: Project, policy: Policy, inputs: Inputs, parcels: GeoDataFrame
) -> tuple[GeoDataFrame, list[DataFrame]]:
    """Add every piece of evidence, and find where it contradicts what the ledger says."""
    findings = []
    limit = policy.limit("built_limit")  # what the rules of readiness call built
    above = {} if limit is None else {"threshold": float(limit)}
    for source in project.evidence:
        layer = inputs.evidence.get(source.name)
        parcels = observe(
            parcels,
            name=source.name,
            raster=None if source.raster is None else project.path(source.raster),
            layer=layer,
            statistic=source.statistic,
            values=source.values,
            source=source.source or source.raster or source.file or "",
            date=source.date or "",
        )
        if source.built and "structures_cleared" in parcels.columns:
            findings.append(contradictions(parcels, built_share=f"{source.name}_share", **above))
    return parcels, findings


def stock(parcels: GeoDataFrame) -> GeoDataFrame:
    """Give the parcels of stock land; all of them where no class is known.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels, with or without ``land_class``.

    Returns
    -------
    GeoDataFrame
        Rows of every class but 其他, which stands for the land around.
    """
    if "land_class" not in parcels.columns or parcels["land_class"].isna().all():
        return parcels
    return parcels[parcels["land_class"].notna() & (parcels["land_class"] != "其他")]


def _overlay_layers(
    project: Project, parcels: GeoDataFrame, zones: dict[str, GeoDataFrame]
) -> Overlaid:
    """Overlay layer by layer, each as its source says what overlapping zones mean."""
    manners = [source.overlaps for source in project.zones]
    parts = [
        overlay(parcels, layer, overlaps=manner)
        for layer, manner in zip(zones.values(), manners, strict=True)
    ]
    if not parts:
        nothing = schema.empty(schema.PIECES, crs=parcels.crs)
        return Overlaid(
            nothing, schema.empty(schema.ACCOUNT), schema.empty(schema.FINDINGS), nothing
        )
    return Overlaid(
        pieces=_stacked([part.pieces for part in parts]),
        account=_stacked([part.account for part in parts]),
        findings=_stacked([part.findings for part in parts]),
        outside=_stacked([part.outside for part in parts]),
    )


def _stacked(tables: list[Any]) -> Any:
    """Stack tables of one kind; those without rows only give their columns."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


def _rules(project: Project, policy: Policy, zones: dict[str, GeoDataFrame]) -> list[OverlapRule]:
    """Give the policy's rules for control lines, save for layers the project speaks of itself."""
    own: list[OverlapRule] = []
    spoken = set()
    for name, source in zip(zones, project.zones, strict=True):
        for where, verdict in (("inside", source.inside), ("outside", source.outside)):
            if verdict is not None:
                words = "压占" if where == "inside" else "位于其外"
                own.append(
                    OverlapRule(
                        layer=name,
                        zone="",
                        where=where,  # type: ignore[arg-type]
                        verdict=verdict,
                        basis="项目文件 landgis.toml",
                        because=f"{words}“{name}”",
                    )
                )
                spoken.add(name)
    return own + [rule for rule in policy.overlap_rules if not spoken & {rule.layer, *rule.layers}]


def _looked_at(rules: list[OverlapRule], zones: dict[str, GeoDataFrame]) -> bool:
    """Whether any layer of the project is a control line."""
    return any({rule.layer, *rule.layers} & set(zones) for rule in rules)

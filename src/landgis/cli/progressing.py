"""What `landgis progress` does with its many options: read, count, compare, keep, draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landgis.cli import speech
from landgis.model import schema
from landgis.model.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.model.schema import Table

TABLES = {
    "quarters": schema.PROGRESS,
    "achievements": schema.ACHIEVEMENTS,
    "contributions": schema.CONTRIBUTIONS,
    "findings": schema.FINDINGS,
    "figures": schema.FIGURES,
    "moves": schema.MOVES,
}
MOVED = ("figures", "moves")  # only where there is something to compare with


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    table: GeoDataFrame
    disposals: Path | None
    as_of: dt.date
    lists: dict[str, Path | None]
    snapshots: Path
    baseline: str | None
    since: str | None
    policy: str


def answer(
    request: Request, *, show: str | None, keep: bool, charts: Path | None
) -> tuple[DataFrame, Table]:
    """Do the work; give the table that was asked for, and talk of the rest."""
    from landgis.analysis.progress import movements, progress
    from landgis.formats import snapshots, tables

    name = show or ("quarters" if request.since is None else "moves")
    if name in MOVED and request.since is None:
        raise UsageError(
            "since_missing",
            f"{name} needs an earlier state to compare with",
            hint="要说明数字为何变动，请用 --since 指明对比的快照（日期或文件）。",
        )
    kept = snapshots.read_snapshots(request.snapshots)
    disposals = None if request.disposals is None else tables.read_disposals(request.disposals)
    named = request.baseline
    shared: dict[str, Any] = {
        "as_of": request.as_of,
        "snapshots": kept,
        "baseline": None if named is None else snapshots.snapshot_of(named, kept),
        "policy": request.policy,
    }
    found: dict[str, DataFrame] = {}
    if request.since is not None:
        since = snapshots.snapshot_of(request.since, kept)
        found |= movements(request.table, disposals, since=since, **shared)._asdict()
        _tell_figures(found["figures"], since.date)
    if name not in MOVED or charts is not None:
        lists: dict[str, Any] = {
            key: None if path is None else tables.read_list(path, of=TABLE_OF[key])
            for key, path in request.lists.items()
        }
        found |= progress(request.table, disposals, **shared, **lists)._asdict()
        _tell_findings(found["findings"])
    if charts is not None:
        from landgis.reports.progress_chart import draw_progress

        for path in draw_progress(found["quarters"], folder=charts, as_of=request.as_of):
            speech.say(str(path))
    if keep:
        register = disposals if disposals is None or "parcel_id" in disposals.columns else None
        path = snapshots.keep_snapshot(
            request.table, register, date=request.as_of, folder=request.snapshots
        )
        speech.say(f"已保存快照 {path}")
    return found[name], TABLES[name]


TABLE_OF = {
    "targets": schema.TARGETS,
    "indicators": schema.INDICATORS,
    "parks": schema.PARKS,
}


def _tell_figures(figures: DataFrame, since: dt.date) -> None:
    """Say every total that moved."""
    from landgis.model.units import convert, show

    whole = figures[(figures["unit"] == schema.TOTAL) & (figures["land_class"] == schema.TOTAL)]
    for row in whole.to_dict("records"):
        was, is_, change = (
            show(float(convert(row[name], source="m2", target="ha")), 4)
            for name in ("before_m2", "after_m2", "change_m2")
        )
        speech.say(
            f"{row['figure']}：{since} 为 {was} 公顷，现为 {is_} 公顷，变动 {change} 公顷，"
            f"涉及 {row['move_count']} 项。"
        )


def _tell_findings(findings: DataFrame) -> None:
    counts = findings["severity"].value_counts()
    told = "，".join(
        f"{word} {counts[word]} 条" for word in ("错误", "警告", "提示") if word in counts
    )
    if told:
        speech.say(f"数据问题：{told}（用 --show findings 查看）。")

"""The states that progress looks at, in order: the frozen baseline, what was kept since, today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.model.errors import DataError, UsageError
from landgis.model.snapshots import Snapshot

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from landgis.analysis._progress_findings import Findings
    from landgis.policy import Policy


def in_order(
    parcels: GeoDataFrame,
    as_of: dt.date,
    snapshots: Sequence[Snapshot],
    baseline: Snapshot | None,
    policy: Policy,
    findings: Findings,
) -> list[Snapshot]:
    """Put the states in order: the baseline, what was kept since, the parcels as they are."""
    if parcels.index.has_duplicates:
        name = str(parcels.index[parcels.index.duplicated()][0])
        raise DataError(
            "id_duplicate",
            "parcel_id stands for several parcels",
            hint=f"地块编号重复（如 {name}），处置无法逐宗计入：请改正后再运行。",
            parcel=name,
        )
    now = Snapshot(as_of, parcels.set_axis([str(one) for one in parcels.index]))
    kept = sorted(snapshots, key=lambda one: (one.date, one.revision))
    if baseline is None and kept:
        baseline = kept[0]
        if any(one.date == baseline.date and one.revision > 1 for one in kept):
            message = f"基期{baseline.date}有多个版本的快照，采用第1版；要用其他版本请指明基期快照"
            findings.add("baseline_revised", message)
    if baseline is None:
        baseline = Snapshot(_day_of(policy), now.parcels)
        message = f"没有基期快照，以当前地块为{baseline.date}的基期；请用 landgis progress --keep 保存快照"
        findings.add("baseline_not_frozen", message)
        now = baseline
    if as_of < baseline.date:
        raise UsageError(
            "as_of_before_baseline",
            f"{as_of} is before the baseline of {baseline.date}",
            hint=f"统计截止日（{as_of}）早于基期（{baseline.date}）：请改正日期或换用更早的基期快照。",
        )
    if now is baseline:
        return [baseline]
    last = {one.date: one for one in kept if baseline.date < one.date <= as_of}
    return [baseline, *last.values(), now]


def _day_of(policy: Policy) -> dt.date:
    if policy.baseline is None:
        raise UsageError(
            "baseline_missing",
            "neither a snapshot nor the policy names a baseline",
            hint="没有基期：请提供基期快照，或在政策的 [progress] 中写明 baseline = 2020-12-31。",
        )
    return policy.baseline

"""How far along: what was disposed of beside the targets, quarter by quarter, unit by unit.

Disposals are counted for the parcels of a frozen baseline, on the ground they had that day, so that
neither a split nor a merger nor a new survey changes a denominator or counts ground twice.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from landgis.analysis import _moves as moves
from landgis.analysis._achievements import Account, achievements
from landgis.analysis._counting import (
    Disposal,
    Stock,
    count,
    hectares,
    read_register,
    stock_of,
    within,
)
from landgis.analysis._moves import Moved
from landgis.analysis._progress_findings import Findings
from landgis.analysis._progress_states import in_order
from landgis.analysis._quarters import (
    TOLERANCE_HA,
    Tasks,
    by_quarter,
    quarterly,
    read_reports,
    read_tasks,
    require_told_once,
)
from landgis.model.errors import UsageError
from landgis.model.schema import (
    DISPOSALS,
    INDICATORS,
    PARCELS,
    PARKS,
    REPORTS,
    TARGETS,
    TOTAL,
    need,
)
from landgis.model.units import DM2_PER_HA
from landgis.policy import Policy, load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.model.schema import Table
    from landgis.model.snapshots import Snapshot

__all__ = ["TOLERANCE_HA", "Moved", "Progressed", "movements", "progress"]


class Progressed(NamedTuple):
    """How far along: four tables.

    Attributes
    ----------
    quarters : DataFrame
        `schema.PROGRESS`: every unit in every quarter, closed by 合计.
    achievements : DataFrame
        `schema.ACHIEVEMENTS`: every target with numerator, denominator, cut-off and consequence.
    contributions : DataFrame
        `schema.CONTRIBUTIONS`: every disposal and the parcel of the baseline it counts for.
    findings : DataFrame
        `schema.FINDINGS`: what is wrong with the figures.
    """

    quarters: DataFrame
    achievements: DataFrame
    contributions: DataFrame
    findings: DataFrame


def progress(
    parcels: GeoDataFrame,
    disposals: DataFrame | None = None,
    *,
    as_of: dt.date,
    targets: DataFrame | None = None,
    snapshots: Sequence[Snapshot] = (),
    baseline: Snapshot | None = None,
    indicators: DataFrame | None = None,
    parks: DataFrame | None = None,
    policy: str | Path | Policy = "qinzhou_2021",
) -> Progressed:
    """Set what was disposed of beside the targets.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels as they are known at `as_of`: index ``parcel_id``, columns ``unit``, ``land_class``,
        ``declared_ha`` (公顷; the measured area where it is missing).
    disposals : DataFrame or None, optional
        `schema.DISPOSALS`, one row a disposal; or `schema.REPORTS`, sums by unit and quarter, where
        no register is kept (then no rate by class can be told). None takes ``disposal_date`` and
        ``disposed_ha`` of the parcels themselves.
    as_of : date
        Last day that counts.
    targets : DataFrame or None, optional
        `schema.TARGETS`: the yearly task of every unit and, where known, next year's quota of new
        construction land before reward or penalty, 公顷.
    snapshots : sequence of Snapshot, optional
        Earlier states; those after `as_of` are left out.
    baseline : Snapshot or None, optional
        The frozen cohort. None takes the earliest of the snapshots, else the parcels as they are,
        with the policy's day.
    indicators : DataFrame or None, optional
        `schema.INDICATORS`: value and construction land (公顷) by indicator and year.
    parks : DataFrame or None, optional
        `schema.PARKS`: 万元/公顷 and 万元/亩 by park and year; rows of level 标杆 are the yardstick.
    policy : str or Path or Policy, optional
        Where the targets, the quarterly shares, reward and penalty stand.

    Returns
    -------
    Progressed
        `quarters`, `achievements`, `contributions` and `findings`.

    Raises
    ------
    SchemaError
        ``column_missing``, ``column_kind``.
    UsageError
        ``as_of_before_baseline``; ``baseline_missing`` where neither a snapshot nor the policy
        names a baseline.
    DataError
        ``id_duplicate``, ``row_incomplete``, ``row_twice``, ``bad_quarter``, ``quarter_twice``,
        ``task_changes``, ``number_not_finite``.
    CrsError
        ``crs_missing``, ``crs_no_transformation``.
    PolicyError
        ``policy_missing``, ``policy_faults``.

    Notes
    -----
    A disposal is read on the outline its parcel had in the last state before that day. The part of
    that parcel disposed of is the part disposed of everywhere on its ground; ground beyond the
    cohort does not count. No parcel counts for more than its area at the baseline, so the
    cumulative never falls; where an earlier state had counted more by its day, or reports fall, a
    finding tells. Amounts are whole square decimetres, split by largest remainder.

    Rate of a year = disposed of in that year out of the baseline's stock of the class / that stock
    (the usual reading; the official formula is unverified). A target is missed only when its time
    is over: until then it is reached or open. Sums and comparisons are exact; `TOLERANCE_HA` covers
    figures converted from 亩. Sources: 钦政办〔2021〕41号 一, 二（二）2, 四, 五（三）.

    Examples
    --------
    >>> import datetime, geopandas, pandas, shapely
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"unit": ["灵山县"], "land_class": ["闲置"], "declared_ha": [1.0]},
    ...     geometry=[shapely.box(562000, 2428000, 562100, 2428100)], crs="EPSG:4545", index=["A1"])
    >>> disposals = pandas.DataFrame({"parcel_id": ["A1"], "disposed_ha": [0.3],
    ...                               "disposal_date": [pandas.Timestamp(2022, 2, 1)]})
    >>> done = progress(parcels, disposals, as_of=datetime.date(2022, 12, 31))
    >>> rates = done.achievements
    >>> rates.loc[(rates["target_id"] == "MB-4") & (rates["unit"] == "合计"),
    ...           ["year", "numerator", "denominator", "value", "met"]].values.tolist()
    [[2021, 0.0, 1.0, 0.0, False], [2022, 0.3, 1.0, 0.3, True]]
    """
    rules = policy if isinstance(policy, Policy) else load(policy)
    findings = Findings()
    as_of = _day(as_of)
    states = in_order(parcels, as_of, snapshots, baseline, rules, findings)
    told = _told(targets, findings)
    for listed, of, keys in (
        (indicators, INDICATORS, ("indicator", "year")),
        (parks, PARKS, ("park", "year")),
    ):
        if listed is not None:
            _need_required(listed, of)
            require_told_once(listed, keys, of=of)
    base = states[0]
    if disposals is not None and "parcel_id" not in disposals.columns:
        _need_required(disposals, REPORTS)
        done, tasks = read_reports(disposals)
        tasks = {key: tasks.get(key) or told["task_ha"].get(key) for key in tasks | told["task_ha"]}
        contributions, stock = None, stock_of(base, findings, named="基期地块")
        units = list(dict.fromkeys(unit for unit, *_ in done if unit != TOTAL))
        limits = _limits(stock)
    else:
        rows = within(
            read_register(_register(parcels, disposals), findings), base.date, as_of, findings
        )
        contributions, stock = count(states, rows, findings)
        tasks, limits = told["task_ha"], {}
        units = _units(tasks, stock)
        done = by_quarter(
            contributions, units, _years(tasks, contributions, as_of), baseline=base.date
        )
        _compare_with_earlier(states, contributions, findings)
    having = {unit for unit, name in zip(stock.units, stock.classes, strict=True) if name}
    for unit in dict.fromkeys(unit for unit, _ in told["task_ha"] if unit not in having):
        findings.add(
            "unit_without_stock", f"任务分解表中的“{unit}”在基期地块中没有存量，请核对名称"
        )
    account = Account(contributions, done, stock, units, base.date, as_of, told["quota_ha"])
    quarters = quarterly(done, tasks, limits=limits, policy=rules, as_of=as_of, findings=findings)
    reached = achievements(account, rules, indicators=indicators, parks=parks, findings=findings)
    trail = count(states[:1], [], Findings())[0] if contributions is None else contributions
    return Progressed(
        quarters, reached, trail.drop(columns=["dm2", "recorded_dm2"]), findings.table()
    )


def movements(
    parcels: GeoDataFrame,
    disposals: DataFrame | None = None,
    *,
    since: Snapshot,
    as_of: dt.date,
    snapshots: Sequence[Snapshot] = (),
    baseline: Snapshot | None = None,
    policy: str | Path | Policy = "qinzhou_2021",
) -> Moved:
    """Say why the figures moved since an earlier state, parcel by parcel.

    Parameters
    ----------
    parcels : GeoDataFrame
        As in `progress`.
    disposals : DataFrame or None, optional
        As in `progress`, a register.
    since : Snapshot
        The earlier state.
    as_of : date
        Last day that counts now.
    snapshots : sequence of Snapshot, optional
        As in `progress`.
    baseline : Snapshot or None, optional
        As in `progress`.
    policy : str or Path or Policy, optional
        As in `progress`.

    Returns
    -------
    Moved
        `figures`: the stock there is (现有存量), what was disposed of since the baseline (累计处置)
        and in the year of `as_of`, by unit and class, before and after; `moves`: every parcel and
        disposal behind a change, with its reason. The moves sum to the change exactly.

    Raises
    ------
    UsageError
        ``since_after_as_of``; ``reports_without_parcels`` where only sums by quarter are given;
        and as in `progress`.
    LandgisError
        As in `progress`.

    Notes
    -----
    Where the earlier state kept no disposals and is not the baseline itself, only the stock can be
    compared.

    Examples
    --------
    >>> import datetime, geopandas, pandas, shapely
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"unit": ["灵山县"], "land_class": ["闲置"], "declared_ha": [1.0]},
    ...     geometry=[shapely.box(562000, 2428000, 562100, 2428100)], crs="EPSG:4545", index=["A1"])
    >>> from landgis.model.snapshots import Snapshot
    >>> before = Snapshot(datetime.date(2020, 12, 31), parcels)
    >>> disposals = pandas.DataFrame({"parcel_id": ["A1"], "disposed_ha": [0.3],
    ...                               "disposal_date": [pandas.Timestamp(2022, 2, 1)]})
    >>> moved = movements(parcels, disposals, since=before, baseline=before,
    ...                   as_of=datetime.date(2022, 3, 31))
    >>> moved.moves[["figure", "parcel_id", "move_m2", "because"]].values.tolist()
    [['累计处置', 'A1', 3000.0, '新处置'], ['2022年处置', 'A1', 3000.0, '新处置']]
    """
    rules = policy if isinstance(policy, Policy) else load(policy)
    as_of = _day(as_of)
    if since.date > as_of:
        raise UsageError(
            "since_after_as_of",
            f"the earlier state is of {since.date}, after {as_of}",
            hint=f"对比的快照（{since.date}）晚于统计截止日（{as_of}）：请换一个更早的快照。",
        )
    if disposals is not None and "parcel_id" not in disposals.columns:
        raise UsageError(
            "reports_without_parcels",
            "sums by quarter name no parcels",
            hint="季度填报数没有地块，不能逐宗说明变动：请改用逐宗处置台账（地块编号、处置完成日期、处置面积）。",
        )
    findings = Findings()
    states = in_order(parcels, as_of, snapshots, baseline, rules, findings)
    base = states[0]
    found = list(moves.stock_moves(since, states[-1], findings))
    if since.disposals is not None or since.date <= base.date:
        earlier = [state for state in states[:-1] if state.date < since.date] or [base]
        rows = _rows(since.disposals, base.date, since.date)
        was, _ = count([*earlier, since], rows, findings)
        rows = _rows(_register(parcels, disposals), base.date, as_of)
        now, _ = count(states, rows, findings)
        found += moves.disposal_moves(was, now, since=since.date, year=as_of.year)
    return moves.lay_out(found)


def _day(day: dt.date) -> dt.date:
    """Give the day of a moment, which is a date as well."""
    return day.date() if isinstance(day, dt.datetime) else day


def _rows(register: DataFrame | None, start: dt.date, end: dt.date) -> list[Disposal]:
    if register is None:
        return []
    return within(read_register(register, Findings()), start, end, Findings())


def _register(parcels: GeoDataFrame, disposals: DataFrame | None) -> DataFrame:
    """Give the register, or what the parcels themselves say of their disposal."""
    need(parcels, "unit", "land_class", of=PARCELS)
    if disposals is not None:
        _need_required(disposals, DISPOSALS)
        return disposals
    need(parcels, "disposal_date", "disposed_ha", of=PARCELS)
    said = parcels["disposal_date"].notna() | parcels["disposed_ha"].fillna(0).ne(0)
    own = parcels.loc[said, ["disposal_date", "disposed_ha"]]
    return own.assign(parcel_id=[str(one) for one in own.index]).reset_index(drop=True)


def _need_required(table: DataFrame, of: Table) -> None:
    need(table, *(column.name for column in of.columns if column.required), of=of)


def _told(targets: DataFrame | None, findings: Findings) -> dict[str, Tasks]:
    if targets is None:
        return {"task_ha": {}, "quota_ha": {}}
    _need_required(targets, TARGETS)
    return read_tasks(targets, of=TARGETS, findings=findings)


def _units(tasks: Tasks, stock: Stock) -> list[str]:
    """Name every unit: those that were told a task first, in their order."""
    having = [unit for unit, name in zip(stock.units, stock.classes, strict=True) if name]
    return list(dict.fromkeys([*(unit for unit, _ in tasks), *having]))


def _years(tasks: Tasks, contributions: DataFrame, as_of: dt.date) -> range:
    years = {year for _, year in tasks} | set(contributions["disposal_date"].dt.year)
    return range(min([*years, as_of.year]), as_of.year + 1)


def _limits(stock: Stock) -> dict[str, Fraction]:
    """Sum the baseline's stock of each unit."""
    limits: dict[str, Fraction] = {}
    for unit, land_class, dm2 in zip(stock.units, stock.classes, stock.dm2.tolist(), strict=True):
        if land_class and dm2 >= 0:
            limits[unit] = limits.get(unit, Fraction(0)) + Fraction(dm2, DM2_PER_HA)
    return limits


def _compare_with_earlier(
    states: Sequence[Snapshot], contributions: DataFrame, findings: Findings
) -> None:
    """Tell where the last kept state had counted more by its day than is counted now."""
    kept = [one for one in states[1:-1] if one.disposals is not None]
    if not kept:
        return
    last = kept[-1]
    earlier = [state for state in states if state.date < last.date]
    was, _ = count([*earlier, last], _rows(last.disposals, states[0].date, last.date), Findings())
    now = contributions[contributions["disposal_date"].dt.date <= last.date]
    keys = ["unit", "land_class"]
    fell = was.groupby(keys)["dm2"].sum().sub(now.groupby(keys)["dm2"].sum(), fill_value=0)
    for (unit, land_class), amount in fell[fell > 0].items():
        message = f"{unit}{land_class}截至{last.date}的累计处置比当时快照少{hectares(int(amount))}，累计下降"
        findings.add("cumulative_fell", message)

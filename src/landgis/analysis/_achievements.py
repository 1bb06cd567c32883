"""Every target of the plan beside what was reached: numerator, denominator, cut-off, consequence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.analysis._quarters import Amount, as_table, exact, last_day, number
from landgis.model.schema import ACHIEVEMENTS, TOTAL
from landgis.model.units import DM2_PER_HA, HA_DECIMALS, LABELS, ratio, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pandas import DataFrame

    from landgis.analysis._counting import Stock
    from landgis.analysis._progress_findings import Findings
    from landgis.analysis._quarters import Done, Tasks
    from landgis.policy import Policy
    from landgis.policy.records import Target

YARDSTICK = "标杆"
INCENTIVE = "JC"
PERCENT_DECIMALS = 2
CLOSE_DECIMALS = 4
AREA_UNITS = {label: unit for unit, label in LABELS.items()}


@dataclass(frozen=True, slots=True)
class Account:
    """What has been disposed of, and of what, as far as it is known.

    `contributions` is None where only sums by unit and quarter, `done`, were reported.
    """

    contributions: DataFrame | None
    done: Done
    stock: Stock
    units: Sequence[str]
    baseline: dt.date
    as_of: dt.date
    quotas: Tasks


def achievements(
    account: Account,
    policy: Policy,
    *,
    indicators: DataFrame | None,
    parks: DataFrame | None,
    findings: Findings,
) -> DataFrame:
    """Lay out `schema.ACHIEVEMENTS`: every target, every unit and year it is measured for."""
    records: list[dict[str, Any]] = []
    for target in policy.targets:
        if target.measure == "total":
            records.append(_total(account, target))
        elif target.measure == "yearly_rate":
            records += _yearly_rates(account, target, policy, findings)
        elif target.measure == "decline":
            records.append(_decline(account, target, indicators, findings))
        elif target.measure == "yardstick":
            records += _beside_yardstick(account, target, parks, findings)
    records += _incentives(account, policy, records)
    for record in records:
        for name in ("numerator", "denominator", "value", "target", "gap"):
            record[name] = number(record.get(name))
    return as_table(records, ACHIEVEMENTS)


def _record(
    account: Account, target: Target, end: dt.date, *, goal: Amount, **values: Any
) -> dict[str, Any]:
    """Give the row of one target: reached, missed once its time is over, else open."""
    value = values.get("value")
    gap = None if value is None or goal is None else value - goal
    met = None
    if gap is not None:
        met = True if gap >= 0 else False if account.as_of >= end else None
    if met is None and account.as_of < end and value is not None:
        values["note"] = "；".join(filter(None, [values.get("note", ""), f"{end}到期，尚未期满"]))
    return {
        "target_id": target.id,
        "title": target.title,
        "land_class": target.land_class or None,
        "cut_off": pd.Timestamp(min(account.as_of, end)),
        "target": goal,
        "gap": gap,
        "met": met,
        "basis": target.basis,
        **values,
    }


def _total(account: Account, target: Target) -> dict[str, Any]:
    """Set what was disposed of since the baseline beside the area the plan wants."""
    end = target.due or account.as_of
    cut_off = min(account.as_of, end)
    note = ""
    if account.contributions is not None:
        rows = account.contributions
        early = rows["disposal_date"].dt.date <= cut_off
        done: Amount = Fraction(int(rows.loc[early, "dm2"].sum()), DM2_PER_HA)
    else:
        done, note = _reported_until(account, cut_off)
    in_ha = ratio(AREA_UNITS.get(target.unit, "ha"), "ha")
    wanted = None if target.value is None else target.value * in_ha
    return _record(
        account,
        target,
        end,
        unit=TOTAL,
        cohort_date=pd.Timestamp(account.baseline),
        numerator=done,
        denominator=wanted,
        measure="公顷",
        value=None if done is None or not wanted else done / wanted,
        goal=Fraction(1),
        note=note,
    )


def _reported_until(account: Account, cut_off: dt.date) -> tuple[Amount, str]:
    """Sum the reports of the quarters that had begun; a gap among them makes the sum unknown."""
    counted: Amount = Fraction(0)
    years = [year for _, year, _ in account.done]
    for unit in account.units:
        for year in range(min(years, default=0), max(years, default=-1) + 1):
            for quarter in range(1, 5):
                begins = last_day(year, quarter).replace(day=1)
                if begins.replace(month=begins.month - 2) > cut_off:
                    continue
                amount = account.done.get((unit, year, quarter))
                if amount is None:
                    return None, f"{unit}{year}年第{quarter}季度未报，合计不全"
                assert counted is not None, "it is None only where it is returned"  # noqa: S101
                counted += amount
    return counted, "按季度填报数合计"


def _yearly_rates(
    account: Account, target: Target, policy: Policy, findings: Findings
) -> Iterator[dict[str, Any]]:
    """Give the share of the baseline's stock of a class disposed of in a year, by unit."""
    dues = [one.due.year for one in policy.targets if one.due is not None]
    last = min(account.as_of.year, max(dues, default=account.as_of.year))
    stock = _stock_by_unit(account.stock, target.land_class)
    units = account.units if account.contributions is not None else ()
    if account.contributions is None:
        message = f"季度填报没有分类别，{target.title}无法计算；请提供逐宗处置台账"
        findings.add("reports_without_class", message)
    for year in range(account.baseline.year + 1, last + 1):
        for unit in (*units, TOTAL):
            whole = stock.get(unit, Fraction(0))
            done = _done_in(account, unit, target.land_class, year)
            note = "" if done is not None else "季度填报没有分类别"
            if not whole:
                note = "基期没有该类存量" if whole == 0 else "基期存量面积不全，无法计算"
                if whole is None or (unit == TOTAL and not whole):
                    message = f"{unit}没有{target.land_class}的基期存量，{target.title}没有分母"
                    findings.add("denominator_missing", message)
            rate = done / whole if whole and done is not None else None
            yield _record(
                account,
                target,
                last_day(year, 4),
                unit=unit,
                year=year,
                cohort_date=pd.Timestamp(account.baseline),
                numerator=done,
                denominator=whole,
                measure="公顷",
                value=rate,
                goal=target.value,
                note=note,
            )


def _stock_by_unit(stock: Stock, land_class: str) -> dict[str, Amount]:
    """Sum the baseline's stock by unit; unknown where a parcel's area is."""
    sums: dict[str, Amount] = {}
    for unit, own, dm2 in zip(stock.units, stock.classes, stock.dm2.tolist(), strict=True):
        for name in (unit, TOTAL):
            before = sums.setdefault(name, Fraction(0))
            if own == land_class:
                unknown = before is None or dm2 < 0
                sums[name] = None if unknown else before + Fraction(dm2, DM2_PER_HA)  # type: ignore[operator]
    return sums


def _done_in(account: Account, unit: str, land_class: str, year: int) -> Amount:
    rows = account.contributions
    if rows is None:
        return None
    mine = rows["land_class"].eq(land_class) & rows["disposal_date"].dt.year.eq(year)
    if unit != TOTAL:
        mine &= rows["unit"].eq(unit)
    return Fraction(int(rows.loc[mine, "dm2"].sum()), DM2_PER_HA)


def _decline(
    account: Account, target: Target, indicators: DataFrame | None, findings: Findings
) -> dict[str, Any]:
    """Give the decline of construction land per unit of an indicator since its base year."""
    end = target.due or account.as_of
    base_year = target.base_year or account.baseline.year
    per: dict[int, Amount] = {}
    if indicators is not None:
        for _, row in indicators[indicators["indicator"] == target.subject].iterrows():
            value, land = exact(row["value"]), exact(row["land_ha"])
            if (value is not None and value <= 0) or (land is not None and land <= 0):
                message = f"{row['year']}年{target.subject}或建设用地面积不大于零，未采用"
                findings.add("indicator_not_positive", message)
                continue
            per[int(row["year"])] = land / value if value and land is not None else None
    years = [year for year, one in per.items() if base_year < year <= end.year and one is not None]
    year = max((year for year in years if year <= account.as_of.year), default=None)
    base = per.get(base_year)
    now = None if year is None else per[year]
    if base is None:
        message = f"缺{base_year}年{target.subject}及建设用地面积，{target.title}没有分母"
        findings.add("denominator_missing", message)
    over = dt.date(end.year, end.month, end.day) if year == end.year else dt.date.max
    record = _record(
        account,
        target,
        over,
        unit=TOTAL,
        year=year,
        cohort_date=pd.Timestamp(dt.date(base_year, 12, 31)),
        numerator=None if base is None or now is None else base - now,
        denominator=base,
        measure="公顷/指标单位",
        value=None if base is None or now is None else 1 - now / base,
        goal=target.value,
        note="" if base is not None and now is not None else "数据不全，无法计算",
    )
    return {**record, "cut_off": pd.Timestamp(min(account.as_of, end))}


def _beside_yardstick(
    account: Account, target: Target, parks: DataFrame | None, findings: Findings
) -> Iterator[dict[str, Any]]:
    """Set every park beside the yardstick of the same year, else the last one before."""
    if parks is None:
        return
    end = target.due or account.as_of
    rows = parks[parks["year"] <= account.as_of.year].sort_values(["park", "year"])
    goals = rows[rows["level"] == YARDSTICK].sort_values("year")
    values = goals.get(target.subject)
    known = {} if values is None else dict(zip(goals["year"], map(exact, values), strict=True))
    if not any(one is not None for one in known.values()):
        findings.add("yardstick_missing", f"没有{target.title}的标杆值，无法判断是否达到")
    last = rows[rows["level"] != YARDSTICK].groupby("park", sort=True).tail(1)
    for _, row in last.iterrows():
        usable = [year for year, one in known.items() if year <= row["year"] and one is not None]
        goal = known[max(usable)] if usable else None
        value = exact(row.get(target.subject))
        yield _record(
            account,
            target,
            end if row["year"] >= end.year else dt.date.max,
            unit=str(row["park"]),
            year=int(row["year"]),
            measure=target.unit,
            value=value,
            goal=goal,
            note="缺标杆值" if goal is None else "缺园区数值" if value is None else "",
        ) | {"cut_off": pd.Timestamp(min(account.as_of, dt.date(int(row["year"]), 12, 31)))}


def _incentives(
    account: Account, policy: Policy, records: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Say what follows for next year's quota: both rates met, or one of them missed."""
    if policy.reward is None or policy.penalty is None or account.contributions is None:
        return
    rates = [one for one in records if one["measure"] == "公顷" and one.get("year") is not None]
    for year, unit in dict.fromkeys((one["year"], one["unit"]) for one in rates):
        if unit == TOTAL:  # the plan rewards counties
            continue
        own = [one for one in rates if (one["year"], one["unit"]) == (year, unit)]
        asked = [one for one in own if one["denominator"] is None or one["denominator"] > 0]
        met = _all([one["met"] for one in asked]) if asked else None
        share = None if met is None else policy.reward if met else -policy.penalty
        quota = account.quotas.get((unit, year))
        change = None if share is None or quota is None else share * quota
        yield {
            "target_id": INCENTIVE,
            "title": "“增存挂钩”年度任务奖惩",
            "unit": unit,
            "year": year,
            "cohort_date": pd.Timestamp(account.baseline),
            "cut_off": pd.Timestamp(min(account.as_of, last_day(year, 4))),
            "numerator": change,
            "denominator": quota,
            "measure": "公顷（下一年度新增建设用地计划指标）",
            "value": share,
            "met": met,
            "consequence": _consequence(policy, change, met=met),
            "note": "；".join(_told(one) for one in asked) or "基期没有批而未供和闲置存量",
            "basis": policy.progress_basis,
        }


def _all(truths: Sequence[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _told(record: Mapping[str, Any]) -> str:
    word = {True: "达标", False: "未达标", None: "待定"}[record["met"]]
    share = record.get("value")
    decimals = PERCENT_DECIMALS
    if record["met"] is False and percent(share) == percent(record["target"]):
        decimals = CLOSE_DECIMALS  # a rate just missed is not printed as if it were reached
    return f"{record['land_class']}{percent(share, decimals)}{word}"


def percent(share: Amount, decimals: int = PERCENT_DECIMALS) -> str:
    """Print a share as a percentage; a dash for the unknown."""
    return "—" if share is None else f"{show(share * 100, decimals)}%"


def _consequence(policy: Policy, change: Amount, *, met: bool | None) -> str:
    """Say what becomes of next year's quota."""
    if met is None:
        return "待定"
    share = policy.reward if met else policy.penalty
    assert share is not None, "without both shares no consequence is asked for"  # noqa: S101
    verb, sign = ("奖励", "+") if met else ("核减", "−")
    area = "" if change is None else f"（{sign}{show(abs(change), HA_DECIMALS)}公顷）"
    return f"{verb}{float(share * 100):g}%的新增建设用地计划指标{area}"

"""Supplied land and what became of it: idle, poorly used, or in order; with the odd cases."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from landgis.sample import names
from landgis.sample.readiness import CLEAN

if TYPE_CHECKING:
    import numpy as np
    from geopandas import GeoDataFrame

Row = dict[str, Any]
PRICE_WAN_PER_HA = {"0701": 900.0, "0901": 780.0, "0902": 820.0, "1001": 300.0, "1101": 270.0}
INVESTMENT_WAN_PER_HA = 2_800.0
RENEWAL = {"城中村": "城中村", "老城": "老城区", "老工业": "老工业区", "工业": "老工业区"}
CAUSES = ("企业", "政府", "企业", "司法", "企业", "不可抗力", "政府")
KNOWN_SHARE = 0.72  # of ordinary land whose development is on record


def _day(rng: np.random.Generator, first: dt.date, last: dt.date) -> dt.date:
    return first + dt.timedelta(days=int(rng.integers(0, (last - first).days + 1)))


def _later(day: dt.date, years: int = 0, days: int = 0) -> dt.date:
    return day.replace(year=day.year + years, day=min(day.day, 28)) + dt.timedelta(days=days)


def _supply(row: Any, day: dt.date, rng: np.random.Generator) -> Row:
    """Write the contract: who, when, how, for how much."""
    public = row.use in names.PUBLIC_USES or row.use == "0703"
    price = PRICE_WAN_PER_HA.get(row.use, 260.0) * rng.uniform(0.8, 1.3) * row.declared_ha
    county = names.COUNTY_OF_UNIT[row.unit]
    return {
        "holder": names.holder(row, rng),
        "supplied_ha": row.declared_ha,
        "supply_date": day,
        "supply_method": "划拨" if public else "出让",
        "contract_no": names.contract_number(county, day.year, int(rng.integers(1, 99999))),
        "price_wan": None if public else round(price, 2),
        "land_use_code": row.use,
    }


def idle_story(
    chosen: GeoDataFrame,
    rows: dict[str, Row],
    readiness: dict[str, dict[str, Any]],
    odd: list[dict[str, Any]],
    rng: np.random.Generator,
) -> None:
    """闲置: not begun a year after the agreed day (T1), or stopped early (T2)."""
    for turn, row in enumerate(chosen.itertuples()):
        supply = _day(rng, dt.date(2012, 1, 10), dt.date(2016, 12, 1))
        start = _later(supply, days=365)
        should = row.declared_ha
        total = round(INVESTMENT_WAN_PER_HA * row.declared_ha * rng.uniform(0.7, 1.4), 2)
        facts = _supply(row, supply, rng) | CLEAN
        facts |= {
            "project_name": f"{row.place}示例项目{turn + 1:02d}",
            "agreed_start_date": start,
            "delivery_date": _later(supply, days=120),
            "should_develop_ha": should,
            "total_investment_wan": total,
            "idle_cause": CAUSES[turn % len(CAUSES)],
            "idle_recognised": turn % 3 != 0,
            "exempt_days": 0 if turn % 4 else 60,
            "in_town": True,
        }
        if turn % 5 in {1, 3}:
            facts |= _stopped(start, should, total, turn)
        else:
            facts |= {"commenced": False, "developed_ha": 0.0, "invested_wan": 0.0}
        rows[row.Index] |= facts
        readiness[row.Index] = {"readiness": "净地", "reasons": []}
    _idle_oddities(chosen, rows, odd)


def _stopped(start: dt.date, should: float, total: float, turn: int) -> Row:
    """T2: too little built, or too little spent, and at rest for more than a year."""
    little_built = turn % 2 == 1
    return {
        "commenced": True,
        "commence_date": _later(start, days=40),
        "developed_ha": round(should * (0.2 if little_built else 0.6), 4),
        "invested_wan": round(total * (0.4 if little_built else 0.15), 2),
        "suspended_since": dt.date(2018, 6, 15),
    }


def _idle_oddities(chosen: GeoDataFrame, rows: dict[str, Row], odd: list[dict[str, Any]]) -> None:
    last = [p for p in chosen.index if p.startswith("QB")]
    begun = [p for p in last if rows[p]["commenced"]]
    waiting = [p for p in last if not rows[p]["commenced"]]
    rows[waiting[0]] |= {
        "agreed_start_date": dt.date(2019, 12, 31),
        "supply_date": dt.date(2018, 12, 20),
        "delivery_date": dt.date(2019, 3, 1),
        "exempt_days": 0,
    }
    odd.append({"parcel_id": waiting[0], "case": "恰满一年未动工", "fact": "约定动工 2019-12-31"})
    rows[begun[0]]["suspended_since"] = dt.date(2019, 12, 31)
    odd.append({"parcel_id": begun[0], "case": "恰满一年中止", "fact": "中止开发 2019-12-31"})
    rows[waiting[1]] |= {"commenced": None, "developed_ha": None, "invested_wan": None}
    odd.append({"parcel_id": waiting[1], "case": "是否动工未知", "fact": "数据不足"})
    rows[waiting[2]] |= {"agreed_start_date": None, "delivery_date": dt.date(2016, 5, 20)}
    odd.append({"parcel_id": waiting[2], "case": "动工日期未约定", "fact": "自交地日起一年"})


def low_story(
    chosen: GeoDataFrame,
    rows: dict[str, Row],
    readiness: dict[str, dict[str, Any]],
    odd: list[dict[str, Any]],
    rng: np.random.Generator,
) -> None:
    """低效: old, built, in town, title clear, and used below what was agreed."""
    for row in chosen.itertuples():
        supply = _day(rng, dt.date(1996, 1, 1), dt.date(2007, 12, 1))
        start = _later(supply, days=200)
        total = round(900.0 * row.declared_ha * rng.uniform(0.6, 1.2), 2)
        facts = _supply(row, supply, rng) | {
            "agreed_start_date": start,
            "commenced": True,
            "commence_date": _later(start, days=30),
            "should_develop_ha": row.declared_ha,
            "developed_ha": row.declared_ha,
            "total_investment_wan": total,
            "invested_wan": total,
            "construction_in_2009_survey": True,
            "in_town": True,
            "title_clear": True,
            "disputed": False,
            "restricted_industry": False,
            "environment_ok": True,
            "safety_ok": True,
            "retreat_for_services": False,
        }
        facts |= _why_low(row, rng)
        rows[row.Index] |= facts
    _low_oddities(chosen, rows, odd)
    for parcel in chosen.index:
        missing = ["补偿未知", "附着物未知", "规划条件未知"]
        missing += ["权属未知"] if rows[parcel]["title_clear"] is None else []
        missing += ["争议未知"] if rows[parcel]["disputed"] is None else []
        readiness[parcel] = {"readiness": "待核", "reasons": missing}


def _why_low(row: Any, rng: np.random.Generator) -> Row:
    if row.soil == "城中村" or (row.soil == "老城" and rng.random() < 0.75):
        shanty = row.soil == "老城" and rng.random() < 0.25
        return {"renewal_plan": "棚户区" if shanty else RENEWAL[row.soil]}
    why = rng.choice(["plan", "restricted", "environment", "safety", "retreat"])
    agreed_far, agreed_tax = round(rng.uniform(0.8, 1.4), 2), round(rng.uniform(6, 14), 2)
    agreed = round(rng.uniform(1500, 2800), 1)
    facts: Row = {
        "contract_far": agreed_far,
        "actual_far": round(agreed_far * rng.uniform(0.3, 0.8), 2),
        "contract_intensity": agreed,
        "actual_intensity": round(agreed * rng.uniform(0.2, 0.7), 1),
        "contract_tax_per_mu": agreed_tax,
        "actual_tax_per_mu": round(agreed_tax * rng.uniform(0.0, 0.3), 2),
        "vacancy_share": round(float(rng.uniform(0.2, 0.95)), 2),
    }
    reasons: dict[str, Row] = {
        "plan": {"renewal_plan": RENEWAL[row.soil]},
        "restricted": {"restricted_industry": True},
        "environment": {"environment_ok": False},
        "safety": {"safety_ok": False},
        "retreat": {"retreat_for_services": True},
    }
    facts |= reasons[str(why)]
    return facts


def _low_oddities(chosen: GeoDataFrame, rows: dict[str, Row], odd: list[dict[str, Any]]) -> None:
    """Equalities that are not idle, gaps that leave the gates open, and one disputed title."""
    in_order: Row = {
        "restricted_industry": False,
        "environment_ok": True,
        "safety_ok": True,
        "retreat_for_services": False,
        "renewal_plan": None,
    }
    works = [p for p in chosen.index if rows[p].get("contract_far")]
    stopped = {"suspended_since": dt.date(2018, 3, 1)} | in_order
    third, quarter, half, poor = works[1], works[3], works[5], works[7]
    rows[third] |= stopped | {"should_develop_ha": 1.5, "developed_ha": 0.5}
    rows[third] |= {"total_investment_wan": 3000.0, "invested_wan": 1500.0}
    odd.append({"parcel_id": third, "case": "恰为三分之一", "fact": "已动工 0.5 / 应动工 1.5 公顷"})
    rows[quarter] |= stopped | {"should_develop_ha": 2.0, "developed_ha": 1.2}
    rows[quarter] |= {"total_investment_wan": 4000.0, "invested_wan": 1000.0}
    odd.append(
        {"parcel_id": quarter, "case": "恰为百分之二十五", "fact": "已投资 1000 / 4000 万元"}
    )
    rows[half] |= stopped | {"should_develop_ha": 2.0, "developed_ha": 1.0}
    rows[half] |= {"total_investment_wan": 4000.0, "invested_wan": 2000.0}
    odd.append({"parcel_id": half, "case": "开发过半中止", "fact": "不属闲置，开发未完成"})
    rows[poor] |= in_order
    odd.append({"parcel_id": poor, "case": "仅产出不达标", "fact": "亩均税收低于合同约定"})
    gaps = ("construction_in_2009_survey", "in_town", "title_clear", "disputed")
    for turn, parcel in enumerate(works[9:25:2]):
        rows[parcel][gaps[turn % len(gaps)]] = None
        odd.append({"parcel_id": parcel, "case": "低效前提未知", "fact": gaps[turn % len(gaps)]})


def ordinary_story(
    chosen: GeoDataFrame, rows: dict[str, Row], odd: list[dict[str, Any]], rng: np.random.Generator
) -> None:
    """其他: supplied and built; of some, little is on record."""
    for row in chosen.itertuples():
        if row.soil in {"村庄", "城中村"} or rng.random() > KNOWN_SHARE:
            rows[row.Index]["land_use_code"] = row.use
            continue
        old = row.soil in {"老城", "老工业"}
        first, last = (1992, 2008) if old else (2009, 2016)
        supply = _day(rng, dt.date(first, 1, 1), dt.date(last, 12, 1))
        rows[row.Index] |= _supply(row, supply, rng) | {
            "agreed_start_date": _later(supply, days=300),
            "commenced": True,
            "commence_date": _later(supply, days=330),
            "should_develop_ha": row.declared_ha,
            "developed_ha": row.declared_ha,
            "construction_in_2009_survey": old,
            "in_town": True,
        }
        total = round(INVESTMENT_WAN_PER_HA * row.declared_ha * rng.uniform(0.7, 1.4), 2)
        rows[row.Index] |= {"total_investment_wan": total, "invested_wan": total}
    _ordinary_oddities(chosen, rows, odd)


def _ordinary_oddities(
    chosen: GeoDataFrame, rows: dict[str, Row], odd: list[dict[str, Any]]
) -> None:
    """Land that looks idle and is not, and supply that broke a rule."""
    works = [p for p in chosen.index if chosen.at[p, "use"] == "1001" and "supply_date" in rows[p]]
    bare: Row = {
        "commenced": False,
        "commence_date": None,
        "developed_ha": 0.0,
        "invested_wan": 0.0,
    }
    almost, excused, given, over = works[2], works[11], works[23], works[37]
    rows[almost] |= bare | {
        "supply_date": dt.date(2019, 1, 15),
        "agreed_start_date": dt.date(2020, 1, 1),
        "exempt_days": 0,
    }
    odd.append(
        {"parcel_id": almost, "case": "差一日满一年", "fact": "约定动工 2020-01-01，不属闲置"}
    )
    rows[excused] |= bare | {
        "supply_date": dt.date(2018, 6, 1),
        "agreed_start_date": dt.date(2019, 6, 1),
        "exempt_days": 250,
    }
    odd.append({"parcel_id": excused, "case": "豁免后不满一年", "fact": "豁免 250 天，不属闲置"})
    rows[given] |= {"supply_method": "划拨", "price_wan": None}
    odd.append({"parcel_id": given, "case": "经营性用地划拨", "fact": "工业用地以划拨方式供应"})
    approved = round(rows[over]["supplied_ha"] * 0.8, 4)
    rows[over] |= {
        "supply_date": dt.date(2010, 6, 1),
        "agreed_start_date": dt.date(2011, 3, 1),
        "commence_date": dt.date(2011, 4, 1),
        "approval_no": names.approval_number(2008, 77),
        "approval_date": dt.date(2008, 3, 3),
        "approved_ha": approved,
        "approved_use_code": "1001",
        "acquired_ha": approved,
    }
    odd.append({"parcel_id": over, "case": "超批准面积供地", "fact": f"批准 {approved} 公顷"})

"""Does every boundary of the statute fall on the right side? Facts, verdict, clause.

Written from the texts (国土资源部令第53号 as reprinted, 钦政办〔2021〕41号, 国土资发〔2016〕147号), not
from the rules: 闲置 by the day and by the ratio, commencement, exempt days, causes and what follows;
批而未供 by year, acquisition and part; 净地 condition by condition and against what was seen; 低效
gates, reasons, equality, order; supply; routes. The table counts at least 200 cases.
"""

import datetime as dt
import functools
from typing import NamedTuple

import pandas as pd
import pytest

from landgis import policy
from landgis.analysis.classification import classify
from landgis.model import schema

QINZHOU = policy.load("qinzhou_2021")
DAY = "2020-12-31"
YES, NO, OPEN = "true", "false", "unknown"


class Case(NamedTuple):
    """One row of the table."""

    title: str
    facts: dict
    verdict: dict  # truth by rule, or "class" and "readiness"
    clause: str = ""  # words the basis of each rule that holds must contain
    day: str = DAY


# ---- 闲置 --------------------------------------------------------------------------------------

STATE = {"contract_no": "C1", "supply_date": "2010-01-15", "supply_method": "出让"}
T1 = {"XZ-1": YES, "class": "闲置"}
T2 = {"XZ-2": YES, "XZ-1": NO, "class": "闲置"}
NOT_IDLE = {"XZ-0": NO, "XZ-1": NO, "XZ-2": NO}
FIRST, SECOND = "第二条第一款", "第二条第二款"


def waiting(start, **more):
    return STATE | {"agreed_start_date": start, "commenced": False} | more


def stopped(developed=2.0, should=3.0, invested=5.0, total=10.0, since="2015-05-05", **more):
    return STATE | {
        "agreed_start_date": "2012-01-01", "commenced": True, "developed_ha": developed,
        "should_develop_ha": should, "invested_wan": invested, "total_investment_wan": total,
        "suspended_since": since,
    } | more  # fmt: skip


# the day that completes the year: the matching day, or the end of the month that has none
YEARS = [
    ("2019-12-31", "2020-12-31"), ("2020-01-01", "2021-01-01"), ("2019-01-31", "2020-01-31"),
    ("2018-06-30", "2019-06-30"), ("2019-03-01", "2020-03-01"), ("2019-02-28", "2020-02-28"),
    ("2020-02-28", "2021-02-28"), ("2020-02-29", "2021-02-28"), ("2020-03-01", "2021-03-01"),
    ("2016-02-29", "2017-02-28"), ("2019-10-31", "2020-10-31"), ("2012-07-15", "2013-07-15"),
]  # fmt: skip
IDLE = []
for start, due in YEARS:
    eve = str(dt.date.fromisoformat(due) - dt.timedelta(days=1))
    IDLE += [
        Case(f"约定{start}：{due}满一年", waiting(start), T1, FIRST, due),
        Case(f"约定{start}：{eve}未满一年", waiting(start), NOT_IDLE, day=eve),
    ]
# no clear start: a year after delivery, then the year of waiting
for delivered, due in [("2018-12-31", "2020-12-31"), ("2016-02-29", "2018-02-28"),
                       ("2018-02-28", "2020-02-28")]:  # fmt: skip
    eve = str(dt.date.fromisoformat(due) - dt.timedelta(days=1))
    facts = waiting(None, delivery_date=delivered)
    IDLE += [
        Case(f"未约定，{delivered}交地：{due}满", facts, T1, FIRST, due),
        Case(f"未约定，{delivered}交地：{eve}未满", facts, NOT_IDLE, day=eve),
    ]
IDLE += [
    Case("约定与交地均不明", waiting(None), {"XZ-1": OPEN, "class": None}),
    Case("约定明确则不看交地", waiting("2019-06-01", delivery_date="2020-11-01"), T1, FIRST),
    Case("是否动工未记载", waiting("2018-01-01", commenced=None), {"XZ-1": OPEN, "class": None}),
    Case("未约定且是否动工未记载", waiting(None, commenced=None), {"XZ-1": OPEN}),
    Case("豁免30天恰满", waiting("2019-12-01", exempt_days=30), T1, FIRST),
    Case("豁免31天差一日", waiting("2019-12-01", exempt_days=31), NOT_IDLE),
    Case("豁免0天", waiting("2019-12-31", exempt_days=0), T1, FIRST),
    Case("豁免1天未满", waiting("2019-12-31", exempt_days=1), NOT_IDLE),
    Case("豁免跨闰日：2月28日加1天为29日", waiting("2019-02-28", exempt_days=1), T1, FIRST,
         "2020-02-29"),
    Case("豁免跨闰日：前一日未满", waiting("2019-02-28", exempt_days=1), NOT_IDLE, day="2020-02-28"),
    Case("豁免一年半", waiting("2018-06-30", exempt_days=549), T1, FIRST),
    Case("延期一年后满一年", waiting("2018-06-01", extended_start_date="2019-06-01"), T1, FIRST,
         "2020-06-01"),
    Case("延期一年后前一日", waiting("2018-06-01", extended_start_date="2019-06-01"), NOT_IDLE,
         day="2020-05-31"),
    Case("划拨决定书同样适用", waiting("2019-01-01", supply_method="划拨"), T1, FIRST),
    Case("租赁同样适用", waiting("2019-01-01", supply_method="租赁"), T1, FIRST),
    Case("作价出资同样适用", waiting("2019-01-01", supply_method="作价出资"), T1, FIRST),
    Case("政府原因仍属闲置", waiting("2019-01-01", idle_cause="政府"), T1, FIRST),
    Case("不可抗力仍属闲置", waiting("2019-01-01", idle_cause="不可抗力"), T1, FIRST),
    Case("司法查封仍属闲置", waiting("2019-01-01", idle_cause="司法"), T1, FIRST),
    Case("农村宅基地不是国有建设用地", waiting("2019-01-01", land_use_code="070301"), NOT_IDLE),
    Case("尚未供应", {"supplied_ha": 0.0, "commenced": False}, NOT_IDLE),
    Case("截止日后才供应", waiting("2022-01-01", supply_date="2021-01-01"), NOT_IDLE),
    Case("办法施行前一日不判", waiting("2010-01-01", supply_date="2009-01-01"),
         {"XZ-1": None}, day="2012-06-30"),
    Case("办法施行当日", waiting("2010-01-01", supply_date="2009-01-01"), T1, FIRST, "2012-07-01"),
    Case("按期动工", waiting("2019-01-01", commenced=True, commence_date="2019-01-01",
                         developed_ha=3.0, should_develop_ha=3.0, invested_wan=9.0,
                         total_investment_wan=9.0), NOT_IDLE),
    Case("迟动工但已动工：不再属未动工", waiting("2017-01-01", commenced=True,
         commence_date="2020-12-31", developed_ha=3.0, should_develop_ha=3.0, invested_wan=9.0,
         total_investment_wan=9.0), NOT_IDLE),
    Case("截止日次日才动工", waiting("2019-01-01", commenced=True, commence_date="2021-01-01"),
         T1, FIRST),
    Case("认定书在案", {"idle_recognised": True}, {"XZ-0": YES, "class": "闲置"}, "认定书"),
    Case("认定为否不等于不涉嫌", waiting("2019-01-01", idle_recognised=False),
         T1 | {"RD-1": YES}, ""),
    Case("已认定的不再称涉嫌", waiting("2019-01-01", idle_recognised=True),
         {"XZ-0": YES, "RD-1": NO}, "闲置土地处置办法"),
    Case("截止日早于一切资料", waiting("2019-01-01", supply_date="2018-01-01"), NOT_IDLE,
         day="2013-01-01"),
]  # fmt: skip

# commencement as the statute defines it: permit, and pit / piles / a third of the foundation
PERMIT = {"commenced": None, "construction_permit": True}
DEFINED = [
    ("深基坑挖毕", PERMIT | {"foundation_kind": "深基坑", "foundation_done": True}, NO),
    ("深基坑未挖毕", PERMIT | {"foundation_kind": "深基坑", "foundation_done": False}, YES),
    ("桩全部打入", PERMIT | {"foundation_kind": "桩基础", "foundation_done": True}, NO),
    ("桩未打完", PERMIT | {"foundation_kind": "桩基础", "foundation_done": False}, YES),
    ("其他项目地基过三分之一", PERMIT | {"foundation_kind": "其他", "foundation_share": 0.5}, NO),
    ("其他项目地基不足三分之一", PERMIT | {"foundation_kind": "其他", "foundation_share": 0.3333}, YES),
    ("无施工许可，桩已打", {"commenced": None, "construction_permit": False,
                       "foundation_kind": "桩基础", "foundation_done": True}, YES),
    ("有许可，基础未记载", PERMIT, OPEN),
]  # fmt: skip
IDLE += [
    Case(f"动工定义：{title}", waiting("2019-01-01", **facts), {"XZ-1": truth},
         FIRST if truth == YES else "")
    for title, facts, truth in DEFINED
]  # fmt: skip
IDLE.append(
    Case("记为已动工而无施工许可：矛盾", waiting("2019-01-01", commenced=True, construction_permit=False),
         {"SH-7": YES}, "施工许可证")
)  # fmt: skip

# less than a third, strictly, in decimals as written; investment not below a quarter
THIRD = [
    (1.0, 3.0, NO), (0.9999, 3.0, YES), (1.0001, 3.0, NO), (0.3333, 1.0, YES), (0.3334, 1.0, NO),
    (0.1, 0.3, NO), (0.0999, 0.3, YES), (1.1, 3.3, NO), (1.0999, 3.3, YES), (0.7, 2.1, NO),
    (0.6999, 2.1, YES), (33.3333, 100.0, YES), (33.3334, 100.0, NO), (0.0333, 0.1, YES),
    (0.0, 3.0, YES), (3.0, 3.0, NO), (1.2345, 3.7035, NO), (1.2344, 3.7035, YES),
]  # fmt: skip
# less than 25 %, strictly; ground not below a third
QUARTER = [
    (1000.0, 4000.0, NO), (999.9999, 4000.0, YES), (1000.0001, 4000.0, NO), (24.9999, 100.0, YES),
    (25.0, 100.0, NO), (0.075, 0.3, NO), (0.0749, 0.3, YES), (833.25, 3333.0, NO),
    (833.2499, 3333.0, YES), (0.0, 4000.0, YES), (4000.0, 4000.0, NO), (308.625, 1234.5, NO),
]  # fmt: skip
IDLE += [
    Case(f"动工面积{part}/{whole}", stopped(part, whole), {"XZ-2": truth},
         SECOND if truth == YES else "")
    for part, whole, truth in THIRD
]  # fmt: skip
IDLE += [
    Case(f"投资{part}/{whole}", stopped(invested=part, total=whole), {"XZ-2": truth},
         SECOND if truth == YES else "")
    for part, whole, truth in QUARTER
]  # fmt: skip
IDLE += [
    Case("投资含地价：扣除后恰25%", stopped(invested=1500.0, total=4500.0, land_cost_in_invested_wan=500.0,
         land_cost_in_total_wan=500.0), {"XZ-2": NO}),
    Case("投资含地价：扣除后不足25%", stopped(invested=1499.0, total=4500.0,
         land_cost_in_invested_wan=500.0, land_cost_in_total_wan=500.0), T2, SECOND),
    Case("地价当投资则已过25%，扣除后不足", stopped(invested=2000.0, total=4000.0,
         land_cost_in_invested_wan=1900.0), T2, SECOND),
    Case("面积与投资均不足", stopped(0.5, 3.0, 1.0, 10.0), T2, SECOND),
    Case("只面积不足", stopped(0.5, 3.0, 9.0, 10.0), T2, SECOND),
    Case("只投资不足", stopped(2.0, 3.0, 1.0, 10.0), T2, SECOND),
    Case("面积不足，投资未记载", stopped(0.5, 3.0, None, None), T2, SECOND),
    Case("投资不足，面积未记载", stopped(None, None, 1.0, 10.0), T2, SECOND),
    Case("面积足，投资未记载", stopped(2.0, 3.0, None, 10.0), {"XZ-2": OPEN, "class": None}),
    Case("应动工面积为0：比例未知", stopped(0.0, 0.0), {"XZ-2": OPEN}),
    Case("中止满一年当日", stopped(0.5, since="2019-12-31"), T2, SECOND),
    Case("中止满一年前一日", stopped(0.5, since="2020-01-01"), NOT_IDLE),
    Case("闰日中止，次年2月28日满", stopped(0.5, since="2016-02-29"), T2, SECOND, "2017-02-28"),
    Case("闰日中止，2月27日未满", stopped(0.5, since="2016-02-29"), NOT_IDLE, day="2017-02-27"),
    Case("中止期内豁免10天未满", stopped(0.5, since="2019-12-31", exempt_days=10), NOT_IDLE),
    Case("中止期内豁免后恰满", stopped(0.5, since="2019-12-21", exempt_days=10), T2, SECOND),
    Case("未中止", stopped(0.5, since=None, actual_far=1.0), NOT_IDLE),
    Case("是否中止未记载", stopped(0.5, since=None), {"XZ-2": OPEN, "class": None}),
    Case("两比例均足，中止多年", stopped(), NOT_IDLE),
    Case("未动工的不按中止论", waiting("2019-01-01", developed_ha=0.0, should_develop_ha=3.0,
                              suspended_since="2018-01-01"), {"XZ-1": YES, "XZ-2": NO}, FIRST),
]  # fmt: skip

# what follows: 20 % for one to two years, taken back from two years, only of unstarted land
FEE = {"HG-1": YES, "HG-2": NO, "HG-3": NO, "HG-4": NO}
TAKEN = {"HG-1": NO, "HG-2": YES, "HG-3": NO, "HG-4": NO}
TALKS = {"HG-1": NO, "HG-2": NO, "HG-3": YES, "HG-4": NO}
NOTHING = {"HG-1": NO, "HG-2": NO, "HG-3": NO, "HG-4": NO}
ENTERPRISE = {"idle_cause": "企业", "price_wan": 1000.0}
CONSEQUENCES = [
    Case("企业，恰满一年：20%", waiting("2019-12-31", **ENTERPRISE), FEE | {"YY-2": YES}, "53号"),
    Case("企业，未满一年", waiting("2020-01-01", **ENTERPRISE), NOTHING),
    Case("企业，差一日满二年：仍20%", waiting("2019-01-01", **ENTERPRISE), FEE, "20%"),
    Case("企业，恰满二年：收回", waiting("2018-12-31", **ENTERPRISE), TAKEN, "收回"),
    Case("企业，多年：收回", waiting("2012-01-01", **ENTERPRISE), TAKEN, "收回"),
    Case("企业，闰日约定，二年后2月27日", waiting("2016-02-29", **ENTERPRISE), FEE, "20%",
         "2018-02-27"),
    Case("企业，闰日约定，二年后2月28日", waiting("2016-02-29", **ENTERPRISE), TAKEN, "收回",
         "2018-02-28"),
    Case("企业，豁免后不满二年", waiting("2018-12-31", exempt_days=1, **ENTERPRISE), FEE, "20%"),
    Case("企业，已中止：绝不计费", stopped(0.5, **ENTERPRISE),
         {"HG-1": NO, "HG-2": NO, "HG-4": YES}, "不自动计费"),
    Case("企业，中止多年：仍不收回", stopped(0.5, since="2013-01-01", **ENTERPRISE),
         {"HG-1": NO, "HG-2": NO, "HG-4": YES}, "第十四条"),
    Case("政府，一年：协商", waiting("2019-06-01", idle_cause="政府"), TALKS | {"YY-1": YES}, "53号"),
    Case("政府，多年：仍协商", waiting("2012-01-01", idle_cause="政府"), TALKS, "第十二条"),
    Case("政府，中止：协商", stopped(0.5, idle_cause="政府"), TALKS, "第十二条"),
    Case("不可抗力：协商", waiting("2012-01-01", idle_cause="不可抗力"), TALKS | {"YY-1": YES}, "53号"),
    Case("司法：不自动计费", waiting("2012-01-01", idle_cause="司法"), NOTHING | {"YY-3": YES}, ""),
    Case("原因未定：后果未知", waiting("2019-06-01"), {"HG-1": OPEN, "HG-3": OPEN, "YY-1": OPEN}),
    Case("不闲置则无后果", waiting("2020-06-01", idle_cause="政府"), NOTHING),
    Case("延长恰一年", waiting("2018-06-01", extended_start_date="2019-06-01"), {"SH-8": NO}),
    Case("延长一年零一日", waiting("2018-06-01", extended_start_date="2019-06-02"), {"SH-8": YES},
         "不得超过一年"),
    Case("闰日约定延长至次年2月28日", waiting("2016-02-29", extended_start_date="2017-02-28"),
         {"SH-8": NO}),
]  # fmt: skip

# ---- 批而未供 -----------------------------------------------------------------------------------

APPROVED = {
    "declared_ha": 2.5, "approval_no": "批1", "approval_date": "2015-06-01", "approved_ha": 9.0,
    "acquired_ha": 2.5, "supplied_ha": 0.0,
}  # fmt: skip
PLAN = "二（三）"
WHOLE = {"PG-3": YES, "class": "批而未供"}
NOT_PG = {"PG-1": NO, "PG-2": NO, "PG-3": NO}


def approved(**more):
    return APPROVED | more


UNSUPPLIED = [
    Case("已批已征未供", approved(), WHOLE, PLAN),
    Case("2009年1月1日批", approved(approval_date="2009-01-01"), WHOLE, PLAN),
    Case("2008年12月31日批：另列", approved(approval_date="2008-12-31"), NOT_PG | {"XL-2": YES}, PLAN),
    Case("2020年12月31日批", approved(approval_date="2020-12-31"), WHOLE, PLAN),
    Case("2021年批，当时尚未批", approved(approval_date="2021-01-01"), NOT_PG | {"XL-2": NO}),
    Case("2021年批，次年判：另列", approved(approval_date="2021-01-01"), NOT_PG | {"XL-2": YES}, PLAN,
         "2021-12-31"),
    Case("批复日期未记载", approved(approval_date=None), {"PG-3": OPEN, "class": None}),
    Case("征地少1平方米：批而未征", approved(acquired_ha=2.4999), NOT_PG | {"XL-1": YES}, PLAN),
    Case("未征：批而未征", approved(acquired_ha=0.0), NOT_PG | {"XL-1": YES}, PLAN),
    Case("征地多于地块", approved(acquired_ha=2.5001), WHOLE | {"XL-1": NO}, PLAN),
    Case("征地面积未记载", approved(acquired_ha=None), {"PG-3": OPEN, "XL-1": OPEN, "class": None}),
    Case("是否供应未记载", approved(supplied_ha=None), {"PG-3": OPEN, "class": None}),
    Case("供1平方米：部分供应", approved(supplied_ha=0.0001), {"PG-2": YES, "class": "批而未供"}, PLAN),
    Case("供一半", approved(supplied_ha=1.25), {"PG-2": YES, "class": "批而未供"}, PLAN),
    Case("差1平方米供完", approved(supplied_ha=2.4999), {"PG-2": YES, "class": "批而未供"}, PLAN),
    Case("供完", approved(supplied_ha=2.5), NOT_PG),
    Case("供完且超出", approved(supplied_ha=2.5001), NOT_PG | {"GY-11": NO}),
    Case("合同在案", approved(supplied_ha=None, contract_no="C"), NOT_PG),
    Case("划拨决定书在案", approved(supplied_ha=None, supply_method="划拨"), NOT_PG),
    Case("截止日次日才供", approved(supplied_ha=None, supply_date="2021-01-01"), WHOLE, PLAN),
    Case("截止日当日已供", approved(supplied_ha=None, supply_date="2020-12-31"), NOT_PG),
    Case("未办手续已使用", approved(commenced=True), {"PG-1": YES, "class": "批而未供"}, PLAN),
    Case("未办手续已建成", approved(actual_far=1.2), {"PG-1": YES, "class": "批而未供"}, PLAN),
    Case("未办手续未使用", approved(commenced=False), {"PG-1": NO, "PG-3": YES}, PLAN),
    Case("批次部分供应", approved(supplied_ha=1.0), {"PC-1": YES}, PLAN),
    Case("批次未供", approved(), {"PC-1": NO}),
    Case("批次供完", approved(approved_ha=2.5, supplied_ha=2.5), {"PC-1": NO}),
    Case("批次超1平方米以内为取位误差", approved(approved_ha=2.5, supplied_ha=2.5001), {"GY-2": NO}),
    Case("批次超2平方米", approved(approved_ha=2.5, supplied_ha=2.5002), {"GY-2": YES, "GY-3": YES},
         "超审批面积"),
    Case("批准面积未记载", approved(approved_ha=None, supplied_ha=1.0), {"GY-2": OPEN, "PC-1": OPEN}),
    Case("二调已建、无批复：不列", {"construction_in_2009_survey": True, "declared_ha": 1.0,
                            "supplied_ha": 0.0}, NOT_PG),
    Case("二调已建、有批复：照列", approved(construction_in_2009_survey=True), WHOLE, PLAN),
]  # fmt: skip

# ---- 净地、毛地、待核 ---------------------------------------------------------------------------

NET = {
    "title_clear": True, "compensation_done": True, "disputed": False,
    "plan_conditions_set": True, "structures_cleared": True,
}  # fmt: skip
READY = [Case("五项硬条件全是", NET, {"readiness": "净地"})]
for name, good in NET.items():
    READY += [
        Case(f"{name}不具备", NET | {name: not good}, {"readiness": "毛地"}),
        Case(f"{name}未知", NET | {name: None}, {"readiness": "待核"}),
    ]
READY += [
    Case("一项否、一项未知：毛地", NET | {"title_clear": False, "disputed": None}, {"readiness": "毛地"}),
    Case("全部未知", {"unit": "x"}, {"readiness": "待核"}),
    Case("征地未完：补偿不算到位", NET | {"declared_ha": 2.0, "acquired_ha": 1.9999},
         {"readiness": "毛地", "SH-5": YES}, ""),
    Case("征地完成", NET | {"declared_ha": 2.0, "acquired_ha": 2.0}, {"readiness": "净地", "SH-5": NO}),
    *(Case(f"软条件{name}为否不影响", NET | {name: False}, {"readiness": "净地"})
      for name in ("road", "water", "power", "levelled", "assessed")),
    Case("影像建筑恰5%", NET | {"commenced": False, "built_share": 0.05}, {"HD-2": NO}),
    Case("影像建筑超5%：矛盾，不代为改判", NET | {"commenced": False, "built_share": 0.0501},
         {"HD-2": YES, "readiness": "净地"}, "二（三）"),
    Case("一栋建筑轮廓", NET | {"commenced": False, "building_count": 1}, {"HD-2": YES}, "二（三）"),
    Case("无建筑轮廓", NET | {"commenced": False, "building_count": 0}, {"HD-2": NO}),
    Case("已动工的建筑不算遗留", NET | {"commenced": True, "built_share": 0.9}, {"HD-2": NO}),
    Case("没有影像", NET | {"commenced": False}, {"HD-2": OPEN}),
    Case("记为未清理而影像无建筑", NET | {"structures_cleared": False, "built_share": 0.0},
         {"HD-3": YES, "readiness": "毛地"}, "二（三）"),
    Case("与有效宗地重叠2%", NET | {"supplied_ha": 0.0, "title_share": 0.02}, {"HD-1": YES}, "二十一条"),
    Case("重叠恰为容差", NET | {"supplied_ha": 0.0, "title_share": 0.01}, {"HD-1": NO}),
    Case("详细规划外", NET | {"detailed_plan_share": 0.5}, {"HD-4": YES}, "规划条件"),
    Case("详细规划内", NET | {"detailed_plan_share": 1.0}, {"HD-4": NO}),
    Case("压占永久基本农田", NET | {"farmland_share": 0.2}, {"HD-5": YES}, "永久基本农田"),
    Case("记为通路而距道路50米", NET | {"road": True, "road_distance_m": 50.0}, {"HD-6": NO}),
    Case("记为通路而距道路51米", NET | {"road": True, "road_distance_m": 51.0}, {"HD-6": YES}, "二（二）"),
]  # fmt: skip

# ---- 低效 ---------------------------------------------------------------------------------------

GATES = {
    "construction_in_2009_survey": True,
    "in_town": True,
    "title_clear": True,
    "disputed": False,
}
FINE = {
    "restricted_industry": False, "environment_ok": True, "safety_ok": True,
    "retreat_for_services": False,
}  # fmt: skip
BUILT = STATE | GATES | FINE | {"commenced": True}
LOWS = [f"DX-{number}" for number in range(1, 10)]


def low(rule):
    return {rule: YES, "class": "低效"}


LOW = [
    Case("禁止类、淘汰类", BUILT | {"restricted_industry": True, "actual_far": 1.0}, low("DX-1"), "二（一）"),
    Case("环保不合格", BUILT | {"environment_ok": False, "actual_far": 1.0}, low("DX-2"), "二（一）"),
    Case("安全不合格", BUILT | {"safety_ok": False, "actual_far": 1.0}, low("DX-2"), "二（一）"),
    Case("安全未记载", BUILT | {"safety_ok": None}, {"DX-2": OPEN}),
    Case("退二进三", BUILT | {"retreat_for_services": True, "actual_far": 1.0}, low("DX-3"), "二（一）"),
    *(Case(f"列入{kind}改造", BUILT | {"renewal_plan": kind}, low("DX-4"), "二（一）")
      for kind in ("老城区", "城中村", "棚户区", "老工业区")),
    *(Case(f"前提{name}不具备", BUILT | {"restricted_industry": True, name: not good},
           dict.fromkeys(LOWS, NO)) for name, good in GATES.items()),
    *(Case(f"前提{name}未知", BUILT | {"restricted_industry": True, name: None}, {"DX-1": OPEN})
      for name in GATES),
    Case("恰三分之一而中止：归低效", stopped(1.0, 3.0) | GATES | FINE, low("DX-5"), "恰为三分之一"),
    Case("恰25%而中止：归低效", stopped(2.0, 3.0, 1.0, 4.0) | GATES | FINE, low("DX-5"), "25%"),
    Case("三分之一以上且25%以上而中止", stopped() | GATES | FINE, low("DX-5"), "未核实"),
    Case("未中止满一年", stopped(since="2020-01-01") | GATES | FINE, {"DX-5": NO}),
    Case("不足三分之一：先归闲置", stopped(0.5) | GATES | {"restricted_industry": True},
         {"XZ-2": YES, "DX-1": YES, "class": "闲置"}, ""),
    Case("未动工：先归闲置", waiting("2019-01-01") | GATES | {"restricted_industry": True},
         {"XZ-1": YES, "DX-1": YES, "class": "闲置"}, ""),
    Case("容积率恰为合同", BUILT | {"actual_far": 1.2, "contract_far": 1.2}, {"DX-6": NO}),
    Case("容积率低于合同", BUILT | {"actual_far": 1.19, "contract_far": 1.2}, low("DX-6"), "未核实"),
    Case("容积率高于合同", BUILT | {"actual_far": 1.21, "contract_far": 1.2}, {"DX-6": NO}),
    Case("合同容积率未记载", BUILT | {"actual_far": 1.0}, {"DX-6": OPEN}),
    Case("投资强度恰为合同", BUILT | {"actual_intensity": 1500.0, "contract_intensity": 1500.0}, {"DX-7": NO}),
    Case("投资强度低于合同", BUILT | {"actual_intensity": 1499.9999, "contract_intensity": 1500.0},
         low("DX-7"), "未核实"),
    Case("亩均税收恰为合同", BUILT | {"actual_tax_per_mu": 8.0, "contract_tax_per_mu": 8.0}, {"DX-8": NO}),
    Case("亩均税收低于合同", BUILT | {"actual_tax_per_mu": 7.9999, "contract_tax_per_mu": 8.0},
         low("DX-8"), "未核实"),
    Case("空置恰一半", BUILT | {"vacancy_share": 0.5}, {"DX-9": NO}),
    Case("空置过半", BUILT | {"vacancy_share": 0.5001}, low("DX-9"), "未核实"),
    Case("村庄存量", {"in_town": False, "construction_in_2009_survey": True, "supplied_ha": 0.0,
                  "commenced": True, "acquired_ha": 0.0, "declared_ha": 1.0},
         {"NC-1": YES, "class": "农村存量"}, "二"),
    Case("城镇内不是农村存量", {"in_town": True, "construction_in_2009_survey": True}, {"NC-1": NO}),
]  # fmt: skip

# ---- 供应监管 -----------------------------------------------------------------------------------

SOLD = STATE | {"commenced": True, "project_name": "某厂"}
ALLOCATED = SOLD | {"supply_method": "划拨"}
SUPPLY = [
    *(Case(f"划拨{code}", ALLOCATED | {"land_use_code": code}, {"GY-1": YES}, "二（四）")
      for code in ("0901", "090104", "0902", "0903", "0904", "1001", "100102", "1101", "商业用地")),
    *(Case(f"划拨{code}可以", ALLOCATED | {"land_use_code": code}, {"GY-1": NO})
      for code in ("0801", "0804", "1207", "1301", "1401", "1102", "1506")),
    Case("三调0601为工业", ALLOCATED | {"land_use_code": "0601", "use_code_system": "国土调查"},
         {"GY-1": YES}, "二（四）"),
    Case("规划0601为农村道路", ALLOCATED | {"land_use_code": "0601"}, {"GY-1": NO}),
    Case("三调1001为铁路", ALLOCATED | {"land_use_code": "1001", "use_code_system": "国土调查"},
         {"GY-1": NO}),
    Case("出让工业用地可以", SOLD | {"land_use_code": "1001"}, {"GY-1": NO}),
    Case("用途未记载", ALLOCATED, {"GY-1": OPEN}),
    Case("划拨住宅：人工核查", ALLOCATED | {"land_use_code": "070102"}, {"GY-1": NO, "GY-13": YES}, "二（四）"),
    Case("以公园名义：人工核查", SOLD | {"land_use_code": "1401"}, {"GY-5": YES}, "二（四）"),
    Case("以空闲地名义：人工核查", SOLD | {"land_use_code": "2301"}, {"GY-5": YES}, "二（四）"),
    Case("以公园名义而规划为工业", SOLD | {"land_use_code": "1401", "planned_use_code": "100101"},
         {"GY-12": YES}, "违反规划"),
    Case("公园而规划为公园", SOLD | {"land_use_code": "1401", "planned_use_code": "1401"}, {"GY-12": NO}),
    Case("无项目名称、未动工：人工核查", SOLD | {"commenced": False, "project_name": None}, {"GY-6": YES},
         "无实际建设项目"),
    Case("无项目名称、已动工", SOLD | {"project_name": None}, {"GY-6": NO}),
    Case("项目名称为待定", SOLD | {"commenced": False, "project_name": "待定"}, {"GY-6": YES}, "无实际建设项目"),
    Case("价款为0", SOLD | {"price_wan": 0.0}, {"GY-8": YES}, "虚假"),
    Case("价款0.0001", SOLD | {"price_wan": 0.0001}, {"GY-8": NO}),
    Case("供地早于批复一日", SOLD | {"approval_date": "2010-01-16"}, {"GY-9": YES, "SH-1": YES}, ""),
    Case("供地与批复同日", SOLD | {"approval_date": "2010-01-15", "agreed_start_date": "2010-01-15"},
         {"GY-9": NO, "SH-1": NO}),
    Case("约定动工早于供地", SOLD | {"agreed_start_date": "2010-01-14"}, {"GY-9": YES, "SH-2": YES}, ""),
    Case("毛地出让：附着物未清", SOLD | {"commenced": False, "structures_cleared": False}, {"GY-4": YES}, "毛地"),
    Case("毛地出让：补偿未到位", SOLD | {"commenced": False, "compensation_done": False}, {"GY-4": YES}, "毛地"),
    Case("毛地出让：权属不清", SOLD | {"commenced": False, "title_clear": False}, {"GY-4": YES}, "毛地"),
    Case("净地出让", SOLD | NET | {"commenced": False}, {"GY-4": NO}),
    Case("划拨不属毛地出让", ALLOCATED | {"commenced": False, "structures_cleared": False}, {"GY-4": NO}),
    Case("未动工却有动工面积", {"commenced": False, "developed_ha": 0.0001}, {"SH-3": YES}, ""),
    Case("已动工大于应动工", {"developed_ha": 1.0001, "should_develop_ha": 1.0}, {"SH-4": YES}, ""),
    Case("权属清晰又有争议", {"title_clear": True, "disputed": True}, {"SH-10": YES}, ""),
]  # fmt: skip

# ---- 处置路径 -----------------------------------------------------------------------------------

ROUTES = [
    Case("毛地：加快拆迁", approved(**NET | {"structures_cleared": False}), {"LJ-1": YES, "LJ-2": NO}, "二（三）1"),
    Case("补偿未到位：加快拆迁", approved(**NET | {"compensation_done": False}), {"LJ-1": YES}, "二（三）1"),
    Case("净地：招商供应", approved(**NET), {"LJ-1": NO, "LJ-2": YES}, "二（三）1"),
    Case("规划条件未定", approved(**NET | {"plan_conditions_set": False}), {"LJ-2": NO, "LJ-3": YES}, "二（三）2"),
    Case("城市道路", approved(**NET, approved_use_code="1207"), {"LJ-4": YES}, "二（三）3"),
    Case("公园绿地", approved(**NET, approved_use_code="140100"), {"LJ-4": YES}, "二（三）3"),
    Case("排水", approved(**NET, approved_use_code="1302"), {"LJ-4": YES}, "二（三）3"),
    Case("广场", approved(**NET, approved_use_code="1403"), {"LJ-4": YES}, "二（三）3"),
    Case("三调1004城镇村道路", approved(**NET, approved_use_code="1004", use_code_system="国土调查"),
         {"LJ-4": YES}, "二（三）3"),
    Case("工业用地不核发划拨", approved(**NET, approved_use_code="1001"), {"LJ-4": NO}),
    *(Case(f"{words}", approved(**NET, unsupplied_reason=words), {"LJ-5": YES}, "二（三）3")
      for words in ("边角地不可单独供", "道路绿化带", "安全间距")),
    *(Case(f"缺{name}", approved(**NET, **{name: False}), {"LJ-6": YES}, "二（三）4")
      for name in ("road", "water", "power")),
    Case("三通齐备", approved(**NET, road=True, water=True, power=True), {"LJ-6": NO}),
    Case("批而未征不入路径", approved(**NET | {"acquired_ha": 1.0}), {"LJ-1": NO, "LJ-2": NO}),
    Case("禁止类：收回收购", BUILT | {"restricted_industry": True, "actual_far": 1.0}, {"LJ-11": YES}, "二（一）1"),
    Case("停产：项目嫁接", BUILT | {"production_stopped": True, "vacancy_share": 0.9}, {"LJ-12": YES}, "二（一）2"),
    Case("无力续建：项目嫁接", stopped() | GATES | FINE, {"LJ-12": YES}, "二（一）2"),
    Case("布局调整：土地置换", BUILT | {"retreat_for_services": True, "actual_far": 1.0}, {"LJ-13": YES}, "二（一）3"),
    Case("产出低：兼并重组", BUILT | {"actual_tax_per_mu": 1.0, "contract_tax_per_mu": 8.0},
         {"LJ-14": YES}, "二（一）4"),
    Case("城中村：激活开发", BUILT | {"renewal_plan": "城中村"}, {"LJ-15": YES}, "二（一）5"),
    Case("老工业区不是城中村", BUILT | {"renewal_plan": "老工业区"}, {"LJ-15": NO, "LJ-11": YES}, "二（一）1"),
    Case("闲置的不入低效路径", stopped(0.5) | GATES | {"restricted_industry": True}, {"LJ-11": NO}),
]  # fmt: skip

CASES = [*IDLE, *CONSEQUENCES, *UNSUPPLIED, *READY, *LOW, *SUPPLY, *ROUTES]
OWN = QINZHOU.columns


def table(cases):
    """One row per case; batches and contracts are each case's own."""
    rows = [
        case.facts
        | {
            name: f"{case.facts[name]}-{number}"
            for name in ("approval_no", "contract_no")
            if case.facts.get(name)
        }
        for number, case in enumerate(cases)
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        name: pd.Series([row.get(name) for row in rows], dtype=schema.DTYPES[OWN[name].kind])
        for name in names
    }
    return pd.DataFrame(columns).set_index(pd.Index([case.title for case in cases]))


@functools.cache
def answers():
    """Judge all cases of one day together: class, readiness and the truth of every rule, by title."""
    found = {}
    for day in {case.day for case in CASES}:
        cases = [case for case in CASES if case.day == day]
        parcels, verdicts = classify(table(cases), policy=QINZHOU, as_of=day, all_rules=True)
        for title, row in parcels.iterrows():
            own = {"class": row["judged_class"], "readiness": row["readiness"]}
            found[title] = {name: None if pd.isna(value) else value for name, value in own.items()}
        for title, rule, truth in verdicts[["parcel_id", "rule_id", "truth"]].itertuples(
            index=False
        ):
            found[title][rule] = truth
    return found


def test_the_table_has_two_hundred_cases_and_no_two_alike():
    titles = [case.title for case in CASES]
    assert len(set(titles)) == len(titles) >= 200
    assert sum(YES in case.verdict.values() for case in CASES) > 60
    assert sum(NO in case.verdict.values() for case in CASES) > 60
    assert sum(OPEN in case.verdict.values() for case in CASES) > 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_case(case):
    told = answers()[case.title]
    assert {name: told.get(name) for name in case.verdict} == case.verdict
    for name, truth in case.verdict.items():
        if truth == YES and case.clause:
            assert case.clause in QINZHOU.rule(name).basis, name

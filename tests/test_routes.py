"""What may be done with a parcel, what speaks for and against it, who has to act?

Cases: the plan's four routes of 批而未供 and five of 低效 each proposed with its clause; reasons
against and what is not known; the body of the unit, and the ledger's where it differs; departments
of the plan by matter; parcels without a route; a policy without bodies; the sample.
"""

import pandas as pd
import pytest

from landgis import policy
from landgis.analysis.routes import routes
from landgis.model.schema import ROUTES

DAY = "2020-12-31"
APPROVED = {"declared_ha": 2.5, "approval_no": "A", "approval_date": "2015-06-01",
            "acquired_ha": 2.5, "supplied_ha": 0.0}  # fmt: skip
NET = {"title_clear": True, "compensation_done": True, "disputed": False,
       "plan_conditions_set": True, "structures_cleared": True}  # fmt: skip
LOW = {"contract_no": "C", "supply_date": "2010-01-15", "supply_method": "出让", "commenced": True,
       "construction_in_2009_survey": True, "in_town": True, "title_clear": True,
       "disputed": False, "actual_far": 1.0}  # fmt: skip


def of(**facts):
    """Routes of one parcel, by the id of their rule."""
    return routes(pd.DataFrame([facts], index=["P"]), as_of=DAY).set_index("rule_id")


@pytest.mark.parametrize(
    ("facts", "rule", "clause"),
    [
        (APPROVED | NET | {"structures_cleared": False}, "LJ-1", "二（三）1"),
        (APPROVED | NET, "LJ-2", "二（三）1"),
        (APPROVED | NET | {"plan_conditions_set": False}, "LJ-3", "二（三）2"),
        (APPROVED | NET | {"approved_use_code": "1207"}, "LJ-4", "二（三）3"),
        (APPROVED | NET | {"unsupplied_reason": "边角地"}, "LJ-5", "二（三）3"),
        (APPROVED | NET | {"water": False}, "LJ-6", "二（三）4"),
        (LOW | {"restricted_industry": True}, "LJ-11", "二（一）1"),
        (LOW | {"vacancy_share": 0.9}, "LJ-12", "二（一）2"),
        (LOW | {"retreat_for_services": True}, "LJ-13", "二（一）3"),
        (LOW | {"actual_tax_per_mu": 1.0, "contract_tax_per_mu": 8.0}, "LJ-14", "二（一）4"),
        (LOW | {"renewal_plan": "城中村"}, "LJ-15", "二（一）5"),
    ],
)
def test_the_routes_of_the_plan_with_their_clause(facts, rule, clause):
    found = of(**facts)
    assert clause in found.loc[rule, "basis"]
    assert found.loc[rule, "because"]
    assert list(found.columns) == [c.name for c in ROUTES.columns if c.name != "rule_id"]


@pytest.mark.parametrize(
    ("facts", "rule", "against", "to_check"),
    [
        (APPROVED | NET | {"disputed": True, "structures_cleared": False}, "LJ-1", "存在争议", ""),
        (APPROVED | NET | {"road": True, "water": False, "power": True}, "LJ-2", "配套未完善", ""),
        (APPROVED | NET | {"farmland_share": 0.5}, "LJ-2", "永久基本农田50.00%", "通路"),
        (APPROVED | NET | {"approved_use_code": "1207", "government_invested": False}, "LJ-4",
         "须为政府投资建设", ""),
        (APPROVED | NET | {"approved_use_code": "1207"}, "LJ-4", "", "政府投资建设"),
        (APPROVED | NET | {"unsupplied_reason": "边角地"}, "LJ-5", "面积2.5000公顷", ""),
        (LOW | {"restricted_industry": True, "price_wan": 500.0}, "LJ-11", "原成交价款500万元", ""),
        (LOW | {"vacancy_share": 0.9, "restricted_industry": True}, "LJ-12", "禁止类、淘汰类", ""),
        (LOW | {"retreat_for_services": True, "land_use_code": "0901"}, "LJ-13", "不是工业用地", ""),
        (LOW | {"actual_tax_per_mu": 1.0, "contract_tax_per_mu": 8.0, "land_use_code": "0901"},
         "LJ-14", "不是工业用地", ""),
        (LOW | {"renewal_plan": "城中村", "collective_land": False}, "LJ-15", "不是集体土地", ""),
        (LOW | {"renewal_plan": "城中村"}, "LJ-15", "", "集体土地"),
    ],
)  # fmt: skip
def test_reasons_against_and_what_is_not_known(facts, rule, against, to_check):
    row = of(**facts).loc[rule]
    assert against in row["against"]
    assert bool(row["against"]) is bool(against)
    assert to_check in row["to_check"]


def test_the_body_is_that_of_the_unit():
    units = ["灵山县", "自贸区钦州港片区", "市主城区", None]
    rows = [APPROVED | NET | {"unit": unit} for unit in units]
    rows.append(rows[0] | {"responsible": "某镇人民政府"})
    told = routes(pd.DataFrame(rows), as_of=DAY)["responsible"].tolist()
    rest = "所在县区人民政府或开发区、管理区管委（须明确）"
    assert told == [
        *("灵山县人民政府", "自贸区钦州港片区管委", rest, rest),
        "灵山县人民政府（台账：某镇人民政府）",
    ]


@pytest.mark.parametrize(
    ("facts", "rule", "department"),
    [
        (LOW | {"restricted_industry": True, "environment_ok": False}, "LJ-11", "市生态环境局"),
        (LOW | {"restricted_industry": True}, "LJ-11", "市税务局"),
        (LOW | {"restricted_industry": True}, "LJ-11", "市财政局"),
        (LOW | {"vacancy_share": 0.9}, "LJ-12", "市投资促进局"),
        (LOW | {"retreat_for_services": True}, "LJ-13", "市工业和信息化局、市统计局"),
        (APPROVED | NET | {"disputed": True, "structures_cleared": False}, "LJ-1", "市司法局"),
        (APPROVED | NET | {"compensation_done": False}, "LJ-1", "市人力资源社会保障局"),
        (APPROVED | NET | {"unit": "自贸区钦州港片区"}, "LJ-2", "市科技局、市商务局"),
    ],
)
def test_departments_by_matter(facts, rule, department):
    assert department in of(**facts).loc[rule, "supporting"]
    plain = of(**APPROVED | NET).loc["LJ-2", "supporting"]
    assert plain == "市自然资源局、市发展改革委、市投资促进局"


def test_idle_land_takes_the_routes_of_idle_land():
    waiting = {"contract_no": "C", "agreed_start_date": "2019-01-01", "commenced": False}
    found = of(**waiting, idle_cause="企业", price_wan=100.0, restricted_industry=True)
    assert found.index.tolist() == ["HG-1"]
    assert found.loc["HG-1", "against"] == "尚未认定，须先调查、认定"


def test_parcels_without_a_route_and_policies_without_bodies(tmp_path):
    assert of(land_class="其他").empty
    rule = (
        '[[rule]]\nid = "A"\ncategory = "处置路径"\ntitle = "走"\nbasis = "b"\n'
        "when = 'commenced'\nbecause = 'x'\n"
    )
    main = 'title = "t"\nbasis = "b"\nclasses = []\n'
    (tmp_path / "policy.toml").write_text(main + rule, encoding="utf-8")
    found = routes(pd.DataFrame({"commenced": [True]}), policy=policy.load(tmp_path), as_of=DAY)
    assert found[["route", "responsible", "supporting"]].iloc[0].tolist() == ["走", "", ""]

"""Which conditions of 净地 hold, and what was seen against them?

Cases: a row per parcel and condition with state, facts, clause; evidence beside the attribute; what
contradicts is said and never settled; nothing observed is unknown; the sample's five parcels that are
built although cleared, from its raster; no rows; a policy without conditions.
"""

import json
from pathlib import Path

import pandas as pd
import pytest

from landgis import policy
from landgis.analysis.classification import classify
from landgis.analysis.evidence import observe
from landgis.analysis.readiness import readiness
from landgis.formats.vector import read
from landgis.model.schema import CONDITIONS

DAY = "2020-12-31"
SAMPLE = Path(__file__).parents[1] / "sample_data"
NET = {"title_clear": True, "compensation_done": True, "disputed": False,
       "plan_conditions_set": True, "structures_cleared": True}  # fmt: skip


def of(**facts):
    """Conditions of one parcel, by their name."""
    return readiness(pd.DataFrame([facts], index=["P"]), as_of=DAY).set_index("condition")


def test_every_condition_of_the_plan_stands_in_the_table():
    table = of(**NET, road=False)
    assert list(table.columns) == [c.name for c in CONDITIONS.columns if c.name != "condition"]
    assert table.index.tolist() == [
        *("权属清晰", "补偿到位", "无争议", "规划条件明确", "附着物清理"),
        *("通路", "通水", "通电", "场地平整", "评估完成"),
    ]
    assert table["hard"].tolist() == [True] * 5 + [False] * 5
    assert table["state"].tolist() == ["是"] * 5 + ["否"] + ["未知"] * 4
    assert set(table["readiness"]) == {"净地"}
    assert table.loc["无争议", "facts"] == "存在争议 否"
    assert "土地权利清晰" in table.loc["权属清晰", "basis"]
    assert table["contradicted"].isna().all()  # nothing was observed


@pytest.mark.parametrize(
    ("condition", "facts", "seen", "contradicted"),
    [
        ("附着物清理", {"built_share": 0.4, "commenced": False}, "影像建筑占比 40.00%", True),
        ("附着物清理", {"built_share": 0.01, "commenced": False}, "影像建筑占比 1.00%", False),
        ("附着物清理", {"building_count": 2, "commenced": False}, "建筑轮廓个数 2个", True),
        ("权属清晰", {"title_share": 0.3, "supplied_ha": 0.0}, "与有效宗地重叠 30.00%", True),
        ("规划条件明确", {"detailed_plan_share": 0.2}, "位于已批详细规划内 20.00%", True),
        ("规划条件明确", {"farmland_share": 0.5}, "压占永久基本农田 50.00%", True),
        ("规划条件明确", {"town_boundary_share": 0.5}, "位于城镇开发边界内 50.00%", True),
        ("通路", {"road": True, "road_distance_m": 120.0}, "距道路 120米", True),
        ("通路", {"road": True, "road_distance_m": 12.0}, "距道路 12米", False),
        ("场地平整", {"levelled": True, "slope_mean": 20.0}, "平均坡度 20度", True),
    ],
)
def test_what_was_seen_stands_beside_what_is_recorded(condition, facts, seen, contradicted):
    row = of(**NET | facts).loc[condition]
    assert row["seen"] == seen
    assert bool(row["contradicted"]) is contradicted
    assert bool(row["doubt"]) is contradicted
    assert bool(row["look"]) is contradicted
    assert row["state"] == "是"  # the attribute is not overruled


def test_a_contradiction_is_shown_with_the_readiness_and_settles_nothing():
    facts = NET | {"built_share": 0.4, "commenced": False}
    parcel = classify(pd.DataFrame([facts], index=["P"]), as_of=DAY).parcels.iloc[0]
    assert parcel["readiness"] == "净地"
    assert parcel["readiness_because"] == (
        "硬条件均满足；矛盾待核实：记为附着物已清理，但影像或图层见建筑"
    )


def test_the_sample_is_built_where_it_was_planted():
    truths = json.loads((SAMPLE / "TRUTHS.json").read_text(encoding="utf-8"))
    parcels = read(SAMPLE / "parcels.gpkg")
    seen = observe(parcels, name="built", raster=SAMPLE / "built_up.tif", date="2020-10-31")
    stock = seen[seen["land_class"] == "批而未供"]
    table = readiness(stock, as_of=truths["as_of"])
    cleared = table[
        (table["condition"] == "附着物清理") & table["contradicted"].fillna(value=False)
    ]
    found = cleared.loc[cleared["state"] == "是", "parcel_id"]
    assert sorted(found) == truths["built_though_cleared"]


def test_no_rows_and_no_conditions(tmp_path):
    assert readiness(pd.DataFrame({"title_clear": []}), as_of=DAY).empty
    (tmp_path / "policy.toml").write_text(
        'title = "t"\nbasis = "b"\nclasses = ["闲置"]\n[[rule]]\nid = "A"\ncategory = "闲置"\n'
        "title = 't'\nbasis = 'b'\nwhen = 'commenced'\nbecause = 'x'\n",
        encoding="utf-8",
    )
    own = policy.load(tmp_path)
    assert readiness(pd.DataFrame({"commenced": [True]}), policy=own, as_of=DAY).empty

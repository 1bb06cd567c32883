"""Which cluster first, and why?

Cases: the score by hand out of two criteria, both directions, clipped at both ends; unknown values;
what only_if does not allow; too little known, exactly enough; weights of nothing; the packaged
criteria on a cluster worked through by hand; contributions sum to the score and weights decide the
share known (any facts); no criteria; empty tables; columns, order and input; reasons in Chinese.
"""

import dataclasses
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis import policy
from landgis.analysis.priority import prioritise
from landgis.model import schema
from landgis.model.errors import SchemaError

QINZHOU = policy.load("qinzhou_2021")
MAIN = """
title = "某市"
basis = "某文"
classes = []
"""
TWO = """
[priority]
least_known = "50%"
basis = "默认值，未核实"

[[criterion]]
id = "a"
title = "连片面积"
reads = "area_m2 / 10000"
unit = "公顷"
zero = 2
full = 10
weight = 3
because = "大者先"
basis = "某文一"

[[criterion]]
id = "b"
title = "建筑占比"
reads = "built_share"
unit = "%"
zero = "80%"
full = "40%"
weight = 1
basis = "某文二"
"""


@pytest.fixture
def rules(tmp_path):
    def read(text):
        (tmp_path / "policy.toml").write_text(MAIN, encoding="utf-8")
        (tmp_path / "clusters.toml").write_text(text, encoding="utf-8")
        return policy.load(tmp_path)

    return read


def clusters(**facts):
    size = len(next(iter(facts.values())))
    ids = pd.Index([f"LP-{i}" for i in range(size)], name="cluster_id")
    shapes = [shapely.box(0, 0, 1, 1)] * size
    return gpd.GeoDataFrame(facts, geometry=shapes, index=ids, crs=4545)


def test_the_score_by_hand(rules):
    table = clusters(area_m2=[40000.0, 10000.0, 120000.0], built_share=[0.5, 0.9, 0.4])
    told, parts = prioritise(table, policy=rules(TWO))
    # 4 ha of 2..10: 25; 50% of 80..40: 75; (3·25 + 75) / 4 = 37.5. Beyond the ends: 0 and 100.
    assert told["score"].tolist() == pytest.approx([37.5, 0.0, 100.0])
    assert told["score_known"].tolist() == [1.0, 1.0, 1.0]
    first = parts[parts["cluster_id"] == "LP-0"]
    assert first["value"].tolist() == [4.0, 50.0]
    assert first["value_unit"].tolist() == ["公顷", "%"]
    assert first["points"].tolist() == pytest.approx([25.0, 75.0])
    assert first["weight"].tolist() == [3.0, 1.0]
    assert first["contribution"].tolist() == pytest.approx([18.75, 18.75])
    assert first["basis"].tolist() == ["某文一", "某文二"]
    assert first["because"].tolist() == [
        "连片面积为4.0000公顷，2.0000公顷得0分、10.0000公顷得100分，得25.0分；大者先",
        "建筑占比为50.00%，80.00%得0分、40.00%得100分，得75.0分",
    ]


def test_what_is_unknown_does_not_count_and_too_little_is_no_score(rules):
    table = clusters(area_m2=[40000.0, np.nan], built_share=[np.nan, 0.5])
    told, parts = prioritise(table, policy=rules(TWO))
    assert told["score"].tolist() == pytest.approx([25.0, np.nan], nan_ok=True)
    assert told["score_known"].tolist() == [0.75, 0.25]
    assert parts["contribution"].tolist() == pytest.approx(
        [25.0, np.nan, np.nan, np.nan], nan_ok=True
    )
    assert parts["points"].tolist() == pytest.approx([25.0, np.nan, np.nan, 75.0], nan_ok=True)
    assert parts["because"].iloc[1] == "建筑占比未知，不计分"


@pytest.mark.parametrize(("least", "scored"), [('"25%"', True), ('"26%"', False), ('"0%"', True)])
def test_exactly_enough_is_enough(rules, least, scored):
    text = TWO.replace('"50%"', least)
    told = prioritise(clusters(built_share=[0.6]), policy=rules(text)).clusters
    assert told["score_known"].tolist() == [0.25]
    assert told["score"].notna().tolist() == [scored]


def test_thirds_that_are_known_are_exactly_enough(rules):
    text = TWO.replace("weight = 3", 'weight = "0.1"').replace("weight = 1", 'weight = "0.2"')
    told = prioritise(clusters(area_m2=[60000.0]), policy=rules(text.replace('"50%"', '"1/3"')))
    assert told.clusters["score"].tolist() == pytest.approx([50.0])


def test_nothing_known_is_no_score_even_where_nothing_is_asked(rules):
    told = prioritise(clusters(remark=["空"]), policy=rules(TWO.replace('"50%"', "0"))).clusters
    assert told["score"].isna().all()
    assert told["score_known"].tolist() == [0.0]


def test_only_if_makes_a_value_unknown(rules):
    text = TWO.replace('unit = "%"', 'unit = "%"\nonly_if = "holder_unknown == 0"')
    table = clusters(
        area_m2=[60000.0] * 3,
        built_share=[0.6] * 3,
        holder_unknown=pd.array([0, 1, None], dtype="Int64"),
    )
    told, parts = prioritise(table, policy=rules(text))
    assert told["score_known"].tolist() == [1.0, 0.75, 0.75]
    shown = parts[parts["criterion"] == "建筑占比"]
    assert shown["points"].tolist() == pytest.approx([50.0, np.nan, np.nan], nan_ok=True)
    assert shown["because"].iloc[1] == "建筑占比的资料不足以采信，不计分"


def test_a_criterion_without_weight_is_shown_and_does_not_count(rules):
    told, parts = prioritise(
        clusters(area_m2=[60000.0], built_share=[0.8]),
        policy=rules(TWO.replace("weight = 1", "weight = 0")),
    )
    assert told["score"].tolist() == pytest.approx([50.0])
    assert parts["contribution"].tolist() == pytest.approx([50.0, 0.0])


def test_the_packaged_criteria_by_hand():
    table = clusters(
        member_count=pd.array([10], dtype="Int64"),
        area_m2=[50000.0],  # (5 - 1) / 9 of 20
        overlap_m2=[0.0],
        cleared_m2=[20000.0],  # half of what is judged, of 15
        uncleared_m2=[20000.0],
        unjudged_m2=[10000.0],
        concentrated_share=[0.8],  # of 15
        control_m2=[2500.0],  # 5 % of 20..0: three quarters of 15
        holder_count=pd.array([5], dtype="Int64"),  # 1 per ha: all of 10
        holder_unknown=pd.array([1], dtype="Int64"),  # one in ten
        built_share=[0.35],  # half of 10
        compactness=[0.45],  # half of 5
        frontage_m=[50.0],  # a quarter of 5
        pocket_share=[0.2],  # beyond a tenth: none of 5
    )
    told, parts = prioritise(table, policy=QINZHOU)
    by_hand = 20 * 4 / 9 + 7.5 + 12 + 11.25 + 10 + 5 + 2.5 + 1.25 + 0
    assert told["score"].tolist() == pytest.approx([by_hand])
    assert told["score_known"].tolist() == [1.0]
    assert len(parts) == 9
    assert parts["basis"].str.contains("未核实").all()  # no statute fixes a score
    table["holder_unknown"] = pd.array([2], dtype="Int64")
    table["unjudged_m2"] = 40000.01
    told = prioritise(table, policy=QINZHOU).clusters
    assert told["score_known"].tolist() == [0.75]


FACTS = st.fixed_dictionaries(
    {
        name: st.one_of(st.none(), st.floats(0.0, top))
        for name, top in (
            *(("area_m2", 2e5), ("overlap_m2", 1e3), ("cleared_m2", 1e5), ("uncleared_m2", 1e5)),
            *(("unjudged_m2", 1e5), ("concentrated_share", 1.0), ("control_m2", 1e5)),
            *(("built_share", 1.0), ("compactness", 1.0), ("frontage_m", 1e3)),
            *(("pocket_share", 0.3), ("holder_count", 50.0), ("holder_unknown", 3.0)),
        )
    }
)


@settings(deadline=None, max_examples=60)
@given(st.lists(FACTS, min_size=1, max_size=6))
def test_contributions_sum_to_the_score(rows):
    facts = pd.DataFrame(rows).astype("float64")
    table = clusters(**{name: facts[name].to_numpy() for name in facts})
    told, parts = prioritise(table, policy=QINZHOU)
    total = sum(one.weight for one in QINZHOU.criteria)
    for name, row in told.iterrows():
        mine = parts[parts["cluster_id"] == name]
        known = mine["points"].notna()
        share = mine.loc[known, "weight"].sum() / float(total)
        assert row["score_known"] == pytest.approx(share)
        assert np.isnan(row["score"]) == (row["score_known"] < float(QINZHOU.least_known))
        assert mine["value"].notna().equals(known)
        if not np.isnan(row["score"]):
            assert mine["contribution"].sum() == pytest.approx(row["score"])
            assert 0.0 <= row["score"] <= 100.0 + 1e-9


def test_without_criteria_there_is_no_score():
    bare = dataclasses.replace(QINZHOU, criteria=(), least_known=None)
    told, parts = prioritise(clusters(area_m2=[5e4]), policy=bare)
    assert told["score"].isna().all()
    assert told["score_known"].tolist() == [0.0]
    assert parts.empty


def test_an_empty_table_stays_one():
    told, parts = prioritise(schema.empty(schema.CLUSTERS, crs=4545), policy=QINZHOU)
    assert len(told) == len(parts) == 0
    assert list(parts.columns) == [column.name for column in schema.PRIORITIES.columns]
    assert "score" in told.columns


def test_input_is_untouched_and_order_kept():
    table = clusters(remark=["甲", "乙"], area_m2=[1e4, 9e4])
    before = table.copy()
    told, parts = prioritise(table, policy=QINZHOU)
    assert table.equals(before)
    assert told.index.tolist() == table.index.tolist()
    assert list(told.columns) == ["area_m2", "score", "score_known", "geometry", "remark"]
    assert isinstance(told, gpd.GeoDataFrame)
    assert parts["cluster_id"].drop_duplicates().tolist() == ["LP-0", "LP-1"]
    assert parts["criterion"].iloc[:9].tolist() == [one.title for one in QINZHOU.criteria]
    for column in schema.PRIORITIES.columns:
        assert parts[column.name].dtype == schema.DTYPES[column.kind]


def test_a_column_of_words_is_refused():
    with pytest.raises(SchemaError, match="column_kind"):
        prioritise(clusters(area_m2=["大"]), policy=QINZHOU)


def test_weights_and_bounds_are_exact():
    assert sum(one.weight for one in QINZHOU.criteria) == 100
    assert QINZHOU.least_known == Fraction(3, 5)
    assert {one.id: (one.zero, one.full) for one in QINZHOU.criteria}["紧凑度"] == (
        Fraction(1, 5),
        Fraction(7, 10),
    )

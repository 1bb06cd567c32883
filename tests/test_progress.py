"""How far along the targets, from reports by quarter?

Cases: one year by hand, at, above and below 15/40/75/100 %; ties in rank; the sum row; figures
converted from 亩; a quarter, a unit or a figure left out; a fall; more than the baseline; a
reported total that is not the sum; tasks in one row only or in a table of their own; several years;
quarters that have not ended or begun; the total by 2022 and 2023; wrong tables; the plan's own
figures.
"""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis import policy
from landgis.analysis.progress import progress
from landgis.model import schema
from landgis.model.errors import DataError, SchemaError
from landgis.model.units import convert

QINZHOU = policy.load("qinzhou_2021")


def stock(**hectares):
    """One parcel of 批而未供 for every unit named, of so many 公顷."""
    boxes = [shapely.box(200 * i, 0, 200 * i + 100, 100) for i in range(len(hectares))]
    facts = {"unit": list(hectares), "land_class": "批而未供", "declared_ha": [*hectares.values()]}
    table = gpd.GeoDataFrame(facts, geometry=boxes, crs="EPSG:4545").set_index(
        pd.Index([f"P{i}" for i in range(len(boxes))], name="parcel_id")
    )
    return table.set_geometry(table.translate(562_000, 2_428_000))


def done(rows, *, parcels=None, as_of=dt.date(2023, 12, 31), **options):
    """Progress from reports, of units that have more than they can dispose of."""
    ground = stock(甲=1e6, 乙=1e6, 丙=1e6) if parcels is None else parcels
    return progress(ground, rows, as_of=as_of, **options)


def quarters(rows, **options):
    return done(rows, **options).quarters


def codes(result):
    return sorted(set(result.findings["code"]) - QUIET)


QUIET = {"baseline_not_frozen", "reports_without_class", "denominator_missing"}


def reports(rows):
    return pd.DataFrame(rows, columns=["unit", "year", "quarter", "task_ha", "done_ha"])


def column(table, unit, name):
    values = table.loc[table["unit"] == unit, name]
    return [None if pd.isna(value) else value for value in values]


# 甲 does exactly what is due, 乙 is 1 m² short in the first quarter, 丙 does double
YEAR = [
    *(("甲", 2022, q, 200.0, d) for q, d in ((1, 30.0), (2, 50.0), (3, 70.0), (4, 50.0))),
    *(("乙", 2022, q, 100.0, d) for q, d in ((1, 14.9999), (2, 25.0001), (3, 20.0), (4, 20.0))),
    *(("丙", 2022, q, 50.0, d) for q, d in ((1, 15.0), (2, 25.0), (3, 35.0), (4, 25.0))),
]


def test_a_year_by_hand():
    table = quarters(reports(YEAR))
    assert list(table.columns) == [c.name for c in schema.PROGRESS.columns]
    assert table["unit"].tolist() == ["甲", "乙", "丙", "合计"] * 4
    assert column(table, "甲", "cumulative_ha") == [30.0, 80.0, 150.0, 200.0]
    assert column(table, "甲", "rate") == [0.15, 0.4, 0.75, 1.0]
    assert column(table, "甲", "required_rate") == [0.15, 0.4, 0.75, 1.0]
    assert column(table, "甲", "gap_ha") == [0.0] * 4
    assert column(table, "甲", "on_schedule") == [True] * 4
    assert column(table, "乙", "gap_ha") == [-0.0001, 0.0, -15.0, -20.0]
    assert column(table, "乙", "on_schedule") == [False, True, False, False]
    assert column(table, "丙", "rate") == [0.3, 0.8, 1.5, 2.0]
    assert column(table, "丙", "rank") == [1] * 4
    assert column(table, "甲", "rank") == [2, 2, 2, 2]
    assert column(table, "乙", "rank") == [3, 2, 3, 3]  # 40 of 100 as 80 of 200: a tie
    assert column(table, "合计", "task_ha") == [350.0] * 4
    assert column(table, "合计", "cumulative_ha") == [59.9999, 160.0, 285.0, 380.0]
    assert column(table, "合计", "rank") == [None] * 4
    assert column(table, "合计", "on_schedule") == [True, True, True, True]
    assert set(table["note"]) == {""}


def test_the_plan_in_figures():
    rules = policy.load("qinzhou_2021")
    assert rules.quarters == (Fraction(15, 100), Fraction(40, 100), Fraction(75, 100), Fraction(1))
    assert (rules.reward, rules.penalty) == (Fraction(1, 10), Fraction(1, 5))
    targets = {target.id: target for target in rules.targets}
    assert (targets["MB-1"].value, targets["MB-1"].unit) == (Fraction("4.65"), "万亩")
    assert targets["MB-2"].value == Fraction("4.65") * Fraction(70, 100) == Fraction("3.255")
    assert targets["MB-2"].due == dt.date(2022, 12, 31)
    assert float(convert(3.255, source="wan_mu", target="ha")) == pytest.approx(2170, rel=1e-12)
    assert float(convert(3100.6712, source="ha", target="mu")) == pytest.approx(46510.068)
    assert Decimal("2654.0829") * 18 / 100 == Decimal("477.734922")
    assert (targets["MB-3"].value, targets["MB-4"].value) == (Fraction(18, 100), Fraction(25, 100))


def test_figures_converted_from_mu_are_on_time():
    # 1000 亩 a year and 150 亩 in the first quarter: exactly 15 %, but no finite decimal in 公顷
    task, done = (convert([1000.0, 150.0], source="mu", target="ha")).tolist()
    table = quarters(reports([("甲", 2022, 1, task, done)]))
    assert column(table, "甲", "on_schedule") == [True]


def test_what_is_left_out_stays_unknown():
    rows = [
        ("甲", 2022, 1, None, 15.0),
        ("甲", 2022, 2, 100.0, None),
        ("甲", 2022, 3, None, 35.0),
        ("乙", 2022, 1, 100.0, 15.0),
        ("乙", 2022, 3, 100.0, 60.0),
        ("丙", 2023, 1, None, 1.0),
    ]
    table = quarters(reports(rows))
    first, later = table[table["year"] == 2022], table[table["year"] == 2023]
    assert column(first, "甲", "task_ha") == [100.0] * 3  # given once a year is enough
    assert column(first, "甲", "cumulative_ha") == [15.0, None, None]
    assert column(first, "甲", "on_schedule") == [True, None, None]
    assert column(first, "甲", "note") == ["", "本季完成未填", ""]
    assert column(first, "乙", "note") == ["", "本季未报", ""]
    assert column(first, "乙", "rank") == [1, None, None]
    assert column(first, "丙", "note") == ["本季未报；缺年度任务"] * 3
    assert column(first, "合计", "cumulative_ha") == [None] * 3
    assert column(first, "合计", "note") == ["有县区未报，合计不全"] * 3
    assert column(later, "丙", "cumulative_ha") == [1.0]  # a new year begins at nothing
    assert column(later, "丙", "rate") == [None]


def test_a_fall_and_more_than_there_was_are_noted():
    ground = stock(甲=12.5)
    rows = [
        ("甲", 2022, 1, 10.0, 8.0),
        ("甲", 2022, 2, 10.0, -1.0),
        ("甲", 2023, 1, 10.0, 5.5),
        ("甲", 2023, 2, 10.0, 0.0001),
    ]
    result = done(reports(rows), parcels=ground)
    table = result.quarters
    assert column(table, "甲", "note") == [
        "",
        "本季完成为负，累计下降",
        "",
        "累计处置12.5001公顷超过基期面积12.5000公顷",
    ]
    assert column(table, "甲", "cumulative_ha") == [8.0, 7.0, 5.5, 5.5001]
    assert codes(result) == ["cumulative_fell", "reports_beyond_baseline"]


def test_a_reported_total_is_compared_and_not_counted():
    rows = [("甲", 2022, 1, 10.0, 1.0), ("乙", 2022, 1, 10.0, 2.0)]
    table = quarters(reports([*rows, ("合计", 2022, 1, 20.0, 3.5)]))
    assert column(table, "合计", "done_ha") == [3.0]
    assert column(table, "合计", "note") == ["填报合计3.5000公顷，各县区之和3.0000公顷"]
    table = quarters(reports([*rows, ("合计", 2022, 1, 20.0, 3.0)]))
    assert column(table, "合计", "note") == [""]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("甲", 2022, 5, 1.0, 1.0)], "bad_quarter"),
        ([("甲", 2022, 1.5, 1.0, 1.0)], "bad_quarter"),
        ([("甲", 2022, 1, 1.0, 1.0)] * 2, "quarter_twice"),
        ([("甲", 2022, 1, 1.0, 1.0), ("甲", 2022, 2, 2.0, 1.0)], "task_changes"),
        ([(None, 2022, 1, 1.0, 1.0)], "row_incomplete"),
        ([("甲", None, 1, 1.0, 1.0)], "row_incomplete"),
    ],
)
def test_tables_that_cannot_be_read_one_way_only(rows, code):
    with pytest.raises(DataError) as caught:
        quarters(reports(rows))
    assert caught.value.code == code
    assert caught.value.row == len(rows)


def test_missing_and_wrong_columns():
    with pytest.raises(SchemaError, match="column_missing"):
        quarters(reports(YEAR).drop(columns="done_ha"))
    with pytest.raises(SchemaError, match="column_kind"):
        quarters(reports([("甲", 2022, 1, "很多", 1.0)]))


def test_no_task_at_all_and_no_rows_at_all():
    table = quarters(reports(YEAR).drop(columns="task_ha"))
    assert table["rate"].isna().all()
    assert (table["cumulative_ha"] > 0).all()
    assert list(quarters(reports([])).columns) == [c.name for c in schema.PROGRESS.columns]


def test_quarters_that_have_not_ended_or_not_begun():
    rows = [
        ("甲", 2022, 1, 100.0, 15.0),
        ("甲", 2022, 2, 100.0, 10.0),
        ("乙", 2022, 1, 100.0, 14.0),
        ("乙", 2022, 2, 100.0, 30.0),
        ("乙", 2022, 3, 100.0, 1.0),
    ]
    result = done(reports(rows), as_of=dt.date(2022, 5, 15))
    table = result.quarters
    assert column(table, "甲", "on_schedule") == [True, None]  # 25 of 40: still to come
    assert column(table, "乙", "on_schedule") == [False, True]  # 44 of 40 cannot be lost again
    assert column(table, "甲", "note") == ["", "截至2022-05-15，本季未满"]
    assert codes(result) == ["report_after_as_of"]
    end = quarters(reports(rows[:4]), as_of=dt.date(2022, 6, 30))
    assert column(end, "甲", "on_schedule") == [True, False]
    assert column(end, "甲", "note") == ["", ""]


def test_tasks_in_a_table_of_their_own():
    told = pd.DataFrame({"unit": ["甲", "乙", "合计"], "year": 2022, "task_ha": [10.0, 20.0, 30.0]})
    rows = reports([("甲", 2022, 1, None, 1.5), ("乙", 2022, 1, None, 2.0)])
    table = quarters(rows, targets=told, as_of=dt.date(2022, 3, 31))
    assert column(table, "甲", "rate") == [0.15]
    assert column(table, "乙", "gap_ha") == [-1.0]
    assert column(table, "合计", "task_ha") == [30.0]


def test_the_total_of_the_reports_against_the_plan():
    # 3.255 万亩 are 2170 公顷 by 2022, 4.65 万亩 3100 公顷 by 2023
    rows = [("甲", 2022, 1, 2170.0, 1000.0), ("甲", 2022, 2, 2170.0, 0.0)]
    rows += [("甲", 2022, 3, 2170.0, 1000.0), ("甲", 2022, 4, 2170.0, 170.0)]
    rows += [("甲", 2023, 1, 930.0, 929.9999)]
    reached = done(reports(rows), as_of=dt.date(2023, 3, 31)).achievements.set_index("target_id")
    assert reached.loc["MB-2", ["numerator", "denominator", "value"]].tolist() == [2170, 2170, 1]
    assert bool(reached.loc["MB-2", "met"])
    assert reached.loc["MB-2", "cut_off"] == pd.Timestamp(2022, 12, 31)
    assert reached.loc["MB-1", "numerator"] == 3099.9999
    assert pd.isna(reached.loc["MB-1", "met"])  # nine months are left
    later = [*rows, ("甲", 2023, 2, 930.0, 0.0), ("甲", 2023, 3, 930.0, 0.0)]
    later += [("甲", 2023, 4, 930.0, 0.0)]
    ended = done(reports(later)).achievements.set_index("target_id")
    assert not ended.loc["MB-1", "met"]
    assert ended.loc["MB-1", "gap"] == pytest.approx(-0.0001 / 3100)
    gone = done(reports([row for row in later if row[1:3] != (2022, 2)]))
    assert gone.achievements.set_index("target_id").loc["MB-1"].isna()["numerator"]
    # no rate by class can be told from sums
    assert ended.loc["MB-3", "value"].isna().all()


amounts = st.lists(
    st.tuples(*[st.decimals(min_value=0, max_value=500, places=4)] * 4), min_size=1, max_size=5
)


@settings(max_examples=30, deadline=None)
@given(amounts, st.randoms(use_true_random=False))
def test_sums_close_and_order_does_not_matter(units, random):
    rows = [
        (f"县{number}", 2022, quarter, 100.0, float(done))
        for number, quarters in enumerate(units)
        for quarter, done in enumerate(quarters, start=1)
    ]
    table = quarters(reports(rows), policy=QINZHOU)
    total = column(table, "合计", "cumulative_ha")
    for quarter in range(4):
        exact = sum((sum(quarters[: quarter + 1], Decimal(0)) for quarters in units), Decimal(0))
        assert total[quarter] == float(exact)
    assert total == sorted(total)
    random.shuffle(rows)
    again = quarters(reports(rows), policy=QINZHOU).sort_values(
        ["quarter", "unit"], ignore_index=True
    )
    pd.testing.assert_frame_equal(table.sort_values(["quarter", "unit"], ignore_index=True), again)

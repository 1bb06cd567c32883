"""How far along, from a register of disposals on a frozen baseline?

Cases: rates of a year at, above and below 18 % and 25 %, with numerator, denominator, cohort and
cut-off; a year still open; reward and penalty of the quota; totals by 2022 and 2023; quarters from
a register and their edges; the denominator stays; a parcel split, merged, redrawn, renumbered,
resurveyed, without outline; disposals in parts, beyond the parcel, beyond the baseline, of new
ground, twice, of nobody, without day or area, negative, too early, too late; areas missing or
negative; a register that lost rows; declines and parks by hand, with and without their denominators;
bad calls. Properties: ground is conserved through random redraws; order does not matter; the
cumulative never falls.
"""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis import policy
from landgis.analysis._lineage import apportion, follow
from landgis.analysis._progress_findings import SEVERITIES
from landgis.analysis.progress import progress
from landgis.model import schema
from landgis.model.errors import DataError, SchemaError, UsageError
from landgis.model.snapshots import Snapshot
from strategies import CRS, at

QINZHOU = policy.load("qinzhou_2021")
BASE = dt.date(2020, 12, 31)
END = dt.date(2023, 12, 31)
QUIET = {"baseline_not_frozen", "task_missing", "denominator_missing"}


def box(west, south, east, north):
    """A box counted in hectares' sides: one step is 100 m."""
    return shapely.box(*at(10 * west, 10 * south), *at(10 * east, 10 * north))


def table(*rows, crs=CRS):
    """Parcels from (id, unit, class, declared hectares, outline)."""
    ids, units, classes, declared, outlines = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {
            "unit": pd.Series(units, dtype="str").to_numpy(),
            "land_class": pd.Series(classes, dtype="str").to_numpy(),
            "declared_ha": np.array(declared, dtype="float64"),
        },
        geometry=list(outlines),
        crs=crs,
        index=pd.Index(ids, name="parcel_id", dtype="str"),
    )


def register(*rows):
    """Disposals from (id, day, hectares)."""
    return pd.DataFrame(
        {
            "parcel_id": pd.Series([row[0] for row in rows], dtype="str"),
            "disposal_date": pd.to_datetime([row[1] for row in rows]),
            "disposed_ha": pd.Series([row[2] for row in rows], dtype="float64"),
        }
    )


def told(*rows):
    """Tasks from (unit, year, task, quota)."""
    return pd.DataFrame(rows, columns=["unit", "year", "task_ha", "quota_ha"])


def done(parcels, disposals, *, as_of=END, **options):
    return progress(parcels, disposals, as_of=as_of, policy=QINZHOU, **options)


def codes(result):
    return sorted(set(result.findings["code"]) - QUIET)


def achieved(result, target, unit="合计", year=None):
    rows = result.achievements
    rows = rows[(rows["target_id"] == target) & (rows["unit"] == unit)]
    if year is not None:
        rows = rows[rows["year"] == year]
    (row,) = rows.to_dict("records")
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def counted(result, by="baseline_id"):
    sums = result.contributions.groupby(by)["counted_ha"].sum()
    return {name: round(float(value), 6) for name, value in sums.items()}


# ---- rates, rewards, totals ------------------------------------------------------------------

TWO_UNITS = table(
    *((f"A{i}", "甲", "批而未供", 1.0, box(2 * i, 0, 2 * i + 1, 1)) for i in range(10)),
    *((f"B{i}", "甲", "闲置", 1.0, box(2 * i, 2, 2 * i + 1, 3)) for i in range(4)),
    *((f"C{i}", "乙", "批而未供", 2.0, box(2 * i, 4, 2 * i + 2, 5)) for i in range(5)),
    ("D0", "乙", "低效", 3.0, box(0, 6, 3, 7)),
    ("E0", "乙", "其他", 9.0, box(0, 8, 9, 9)),
)
YEAR_2022 = register(
    ("A0", "2022-02-01", 1.0),
    ("A1", "2022-12-31", 0.8),  # 甲: 1.8 of 10, exactly 18 %
    ("B0", "2022-06-30", 0.9999),  # 甲: 0.9999 of 4, below 25 %
    ("C0", "2022-03-31", 1.8001),  # 乙: just above 18 % of 10
    ("D0", "2022-07-01", 3.0),
)


def test_rates_of_a_year_on_the_frozen_baseline():
    result = done(TWO_UNITS, YEAR_2022, as_of=dt.date(2022, 12, 31))
    rate = achieved(result, "MB-3", "甲", 2022)
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (1.8, 10.0, 0.18)
    assert (rate["cohort_date"], rate["cut_off"]) == (
        pd.Timestamp(BASE),
        pd.Timestamp(2022, 12, 31),
    )
    assert (rate["target"], rate["gap"], rate["met"], rate["land_class"]) == (
        0.18, 0.0, True, "批而未供",
    )  # fmt: skip
    idle = achieved(result, "MB-4", "甲", 2022)
    assert (idle["numerator"], idle["denominator"], idle["met"]) == (0.9999, 4.0, False)
    assert achieved(result, "MB-3", "乙", 2022)["met"] is True
    nothing = achieved(result, "MB-4", "乙", 2022)
    assert (nothing["denominator"], nothing["value"], nothing["met"]) == (0.0, None, None)
    assert nothing["note"] == "基期没有该类存量"
    whole = achieved(result, "MB-3", year=2022)
    assert (whole["numerator"], whole["denominator"]) == (3.6001, 20.0)
    assert achieved(result, "MB-3", "甲", 2021)["met"] is False
    assert codes(result) == []


def test_a_year_that_has_not_ended_is_open_unless_already_reached():
    result = done(TWO_UNITS, YEAR_2022, as_of=dt.date(2022, 12, 30))
    assert achieved(result, "MB-3", "甲", 2022)["met"] is None
    assert achieved(result, "MB-3", "乙", 2022)["met"] is True
    assert achieved(result, "MB-4", "甲", 2022)["note"] == "2022-12-31到期，尚未期满"
    assert achieved(result, "JC", "甲", 2022)["consequence"] == "待定"
    assert codes(result) == ["disposal_after_as_of"]


def test_a_moment_stands_for_its_day():
    moment = done(TWO_UNITS, YEAR_2022, as_of=pd.Timestamp(2022, 12, 31, 9, 30))
    day = done(TWO_UNITS, YEAR_2022, as_of=dt.date(2022, 12, 31))
    pd.testing.assert_frame_equal(moment.achievements, day.achievements)


def test_reward_and_penalty_of_the_quota():
    quotas = told(("甲", 2022, 20.0, 50.0), ("乙", 2022, 20.0, 30.5))
    result = done(TWO_UNITS, YEAR_2022, as_of=dt.date(2022, 12, 31), targets=quotas)
    lost = achieved(result, "JC", "甲", 2022)
    assert (lost["value"], lost["numerator"], lost["denominator"]) == (-0.2, -10.0, 50.0)
    assert lost["consequence"] == "核减20%的新增建设用地计划指标（−10.0000公顷）"
    assert lost["note"] == "批而未供18.00%达标；闲置24.9975%未达标"  # never as 25.00 %
    gained = achieved(result, "JC", "乙", 2022)  # it had nothing idle to dispose of
    assert (gained["value"], gained["numerator"]) == (0.1, 3.05)
    assert gained["consequence"] == "奖励10%的新增建设用地计划指标（+3.0500公顷）"
    without = done(TWO_UNITS, YEAR_2022, as_of=dt.date(2022, 12, 31))
    assert achieved(without, "JC", "乙", 2022)["consequence"] == "奖励10%的新增建设用地计划指标"
    assert not (
        (result.achievements["target_id"] == "JC") & (result.achievements["unit"] == "合计")
    ).any()


def test_totals_by_the_milestone_and_by_the_end():
    ground = table(
        ("A", "甲", "批而未供", 2170.0, box(0, 0, 40, 50)),
        ("B", "乙", "低效", 929.9999, box(50, 0, 60, 90)),
        ("C", "乙", "闲置", 0.0001, box(70, 0, 71, 1)),
    )
    rows = [("A", "2022-12-31", 2170.0), ("B", "2023-12-30", 929.9999)]
    result = done(ground, register(*rows))
    assert achieved(result, "MB-2")["numerator"] == achieved(result, "MB-2")["denominator"] == 2170
    assert achieved(result, "MB-2")["met"] is True
    assert (achieved(result, "MB-1")["numerator"], achieved(result, "MB-1")["met"]) == (
        3099.9999, False,
    )  # fmt: skip
    all_of_it = done(ground, register(*rows, ("C", "2023-12-31", 0.0001)))
    assert achieved(all_of_it, "MB-1")["met"] is True
    late = done(ground, register(("A", "2023-01-01", 2170.0)))
    assert achieved(late, "MB-2")["numerator"] == 0
    assert achieved(late, "MB-2")["met"] is False


def test_quarters_from_a_register():
    tasks = told(("甲", 2022, 10.0, None), ("乙", 2022, 8.0, None))
    result = done(TWO_UNITS, YEAR_2022, as_of=dt.date(2022, 12, 31), targets=tasks)
    rows = result.quarters
    first = rows[rows["unit"] == "甲"]
    assert first["done_ha"].tolist() == [1.0, 0.9999, 0.0, 0.8]  # a quarter without any is nothing
    assert first["cumulative_ha"].tolist() == [1.0, 1.9999, 1.9999, 2.7999]
    assert first["on_schedule"].tolist() == [False] * 4
    second = rows[rows["unit"] == "乙"]
    assert second["cumulative_ha"].tolist() == [1.8001, 1.8001, 4.8001, 4.8001]
    assert second["rate"].tolist() == pytest.approx([0.2250125] * 2 + [0.6000125] * 2)
    assert second["gap_ha"].round(4).tolist() == [0.6001, -1.3999, -1.1999, -3.1999]
    assert second["rank"].tolist() == [1] * 4
    assert rows[rows["unit"] == "合计"]["cumulative_ha"].tolist() == [2.8001, 3.8, 6.8, 7.6]
    assert rows["year"].unique().tolist() == [2022]


# ---- ground that changes its parcels ---------------------------------------------------------

OLD = table(
    ("A", "甲", "批而未供", 2.0, box(0, 0, 2, 1)),
    ("B", "甲", "批而未供", 1.0, box(3, 0, 4, 1)),
    ("C", "乙", "闲置", 1.0, box(4, 0, 5, 1)),
    ("E", "乙", "批而未供", 1.0, box(6, 0, 7, 1)),
)
NEW = table(
    ("A1", "甲", "批而未供", 1.2, box(0, 0, 1.2, 1)),  # A split
    ("A2", "甲", "批而未供", 0.8, box(1.2, 0, 2, 1)),
    ("D", "乙", "批而未供", 2.0, box(3, 0, 5, 1)),  # B and C merged
    ("E", "乙", "批而未供", 1.5, box(6.5, 0, 8, 1)),  # E redrawn: half of it, and new ground
    ("N", "甲", "闲置", 1.0, box(9, 0, 10, 1)),  # new
)
FROZEN = {"baseline": Snapshot(BASE, OLD)}


def test_a_split_a_merger_and_a_redraw_are_followed():
    rows = register(
        ("A1", "2022-05-01", 1.2), ("D", "2022-06-01", 2.0), ("E", "2023-12-31", 1.5),
        ("N", "2022-07-01", 1.0),
    )  # fmt: skip
    result = done(NEW, rows, **FROZEN)
    # E of 2023-12-31 is read on today's outline: half of the old E, and a hectare beyond
    assert counted(result) == {"A": 1.2, "B": 1.0, "C": 1.0, "E": 0.5}
    assert counted(result, ["unit", "land_class"]) == {
        ("甲", "批而未供"): 2.2, ("乙", "闲置"): 1.0, ("乙", "批而未供"): 0.5,
    }  # fmt: skip
    outside = result.findings[result.findings["code"] == "disposal_outside_cohort"]
    assert outside["parcel_id"].tolist() == ["E", "N"]
    assert "1.0000公顷不属于基期地块" in outside["message"].iloc[0]
    for unit, whole in (("甲", 3.0), ("乙", 1.0)):
        assert achieved(result, "MB-3", unit, 2022)["denominator"] == whole


def test_a_disposal_is_read_on_the_outline_of_its_day():
    # E was disposed of while it was the old E
    between = Snapshot(dt.date(2022, 12, 31), OLD.drop(index="C"), register())
    result = done(NEW, register(("E", "2023-06-30", 1.0)), snapshots=[between], **FROZEN)
    assert counted(result) == {"E": 1.0}
    # A is gone from today's parcels, and still known
    result = done(NEW, register(("A", "2021-06-30", 0.5)), **FROZEN)
    assert counted(result) == {"A": 0.5}


def test_a_part_of_a_merged_parcel_is_a_part_of_each():
    result = done(NEW, register(("D", "2022-06-01", 0.5)), **FROZEN)
    assert counted(result) == {"B": 0.25, "C": 0.25}


def test_a_new_survey_changes_no_denominator():
    now = OLD.assign(declared_ha=[1.9, 1.05, 0.97, 1.0])
    rows = register(("A", "2022-02-01", 1.9), ("B", "2022-02-01", 1.05), ("C", "2022-02-01", 0.97))
    result = done(now, rows.assign(disposal_date=pd.Timestamp(END)), **FROZEN)
    assert achieved(result, "MB-3", year=2023)["denominator"] == 4.0
    # the whole of what it is today is the whole of what it was
    assert counted(result) == {"A": 2.0, "B": 1.0, "C": 1.0}


def test_a_hairline_between_two_surveys_is_no_ground():
    now = table(
        ("A9", "甲", "批而未供", 2.0, box(0.0005, 0, 2.0004, 1)),  # moved by four centimetres
        ("B", "甲", "批而未供", 1.0, box(3, 0, 4, 1)),
    )
    result = done(now, register(("A9", "2022-02-01", 2.0)), **FROZEN)
    assert counted(result) == {"A": 2.0}
    assert codes(result) == []


def test_a_small_piece_is_ground_and_ground_claimed_twice_counts_once():
    old = table(("A", "甲", "闲置", 1.0, box(0, 0, 0.05, 1.2)))  # 5 m wide, 120 m long
    now = table(("A1", "甲", "闲置", 1.0, box(0, 0.05, 0.05, 1.2)))  # without 5 m at its end
    result = done(now, register(("A1", "2022-02-01", 1.0)), baseline=Snapshot(BASE, old))
    assert counted(result) == {"A": pytest.approx(115 / 120, abs=1e-5)}
    # two parcels claim the western half, nobody the eastern
    both = table(
        ("W1", "甲", "闲置", 0.5, box(0, 0, 0.025, 1.2)),
        ("W2", "甲", "闲置", 0.5, box(0, 0, 0.025, 1.2)),
    )
    rows = register(("W1", "2022-02-01", 0.5), ("W2", "2022-02-01", 0.5))
    result = done(both, rows, baseline=Snapshot(BASE, old))
    assert counted(result) == {"A": pytest.approx(0.5, abs=1e-5)}


def test_a_parcel_without_outline_goes_by_its_identifier():
    old = OLD.copy()
    old.loc["A", "geometry"] = None
    now = NEW.rename(index={"A1": "A"})
    result = done(now, register(("A", "2023-12-31", 0.6)), baseline=Snapshot(BASE, old))
    assert counted(result) == {"A": 1.0}  # half of what A is today
    assert codes(result) == []


def test_another_coordinate_system_is_another_wording():
    result = done(NEW.to_crs("EPSG:4490"), register(("A1", "2022-05-01", 1.2)), **FROZEN)
    assert counted(result) == {"A": 1.2}


# ---- trouble in the register -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "code", "word"),
    [
        (("A0", "2022-02-01", 1.5), "disposal_beyond_parcel", "1.5000公顷大于地块面积1.0000公顷"),
        (("Z9", "2022-02-01", 1.0), "disposal_parcel_unknown", "不在任何快照和当前地块中"),
        ((None, "2022-02-01", 1.0), "disposal_without_id", "没有地块编号"),
        (("A0", None, 1.0), "disposal_without_date", "没有日期"),
        (("A0", "2022-02-01", None), "disposal_without_area", "没有面积"),
        (("A0", None, None), "disposal_blank", "有 1 行没有处置日期也没有面积"),
        (("A0", "2022-02-01", -1.0), "disposal_not_positive", "-1.0000公顷不大于零"),
        (("A0", "2022-02-01", 0.0), "disposal_not_positive", "不大于零"),
        (("A0", "2022-02-01", float("inf")), "disposal_without_area", "没有面积"),
        (("A0", "2020-12-31", 1.0), "disposal_before_baseline", "不晚于基期2020-12-31"),
        (("A0", "2024-01-01", 1.0), "disposal_after_as_of", "晚于统计截止日2023-12-31"),
        (("E0", "2022-02-01", 9.0), "disposal_outside_cohort", "不属于基期地块"),
    ],
)
def test_a_row_that_cannot_count_is_told(row, code, word):
    result = done(TWO_UNITS, register(row))
    assert codes(result) == [code]
    (message,) = result.findings.loc[result.findings["code"] == code, "message"]
    assert word in message
    assert result.contributions["counted_ha"].sum() == (code == "disposal_beyond_parcel")


def test_what_is_counted_never_passes_the_baseline():
    result = done(TWO_UNITS, register(("A0", "2022-02-01", 0.7), ("A0", "2022-05-01", 0.7)))
    assert counted(result) == {"A0": 1.0}
    assert counted(result, "disposal_date") == {
        pd.Timestamp(2022, 2, 1): 0.7, pd.Timestamp(2022, 5, 1): 0.3,
    }  # fmt: skip
    # the parent and then its parts: the ground counts once
    twice = register(("A", "2021-06-30", 2.0), ("A1", "2023-12-31", 1.2))
    result = done(NEW, twice, **FROZEN)
    assert counted(result) == {"A": 2.0}
    assert codes(result) == ["disposal_beyond_baseline"]
    again = done(TWO_UNITS, register(("A0", "2022-02-01", 0.5), ("A0", "2022-02-01", 0.5)))
    assert codes(again) == ["disposal_repeated"]
    assert counted(again) == {"A0": 1.0}


def test_areas_of_the_baseline_that_are_missing():
    ground = table(
        ("A", "甲", "批而未供", None, box(0, 0, 1, 1)),
        ("B", "甲", "闲置", None, None),
        ("C", None, "批而未供", -1.0, box(4, 0, 5, 1)),
    )
    result = done(ground, register(("A", "2022-02-01", 5.0)))
    assert codes(result) == [
        "disposal_beyond_parcel", "stock_area_missing", "stock_area_negative",
        "stock_area_unknown", "stock_without_unit",
    ]  # fmt: skip
    # the statute's area of 100 m x 100 m here, as the ruler's own example has it
    assert counted(result) == {"A": pytest.approx(0.9999, abs=1e-5)}
    assert achieved(result, "MB-4", "甲", 2022)["value"] is None
    assert achieved(result, "MB-4", "甲", 2022)["note"] == "基期存量面积不全，无法计算"
    assert "denominator_missing" in set(result.findings["code"])


def test_a_register_that_lost_rows_is_told():
    kept = Snapshot(dt.date(2022, 6, 30), TWO_UNITS, YEAR_2022)
    shorter = YEAR_2022[YEAR_2022["parcel_id"] != "C0"]
    result = done(TWO_UNITS, shorter, snapshots=[kept], baseline=Snapshot(BASE, TWO_UNITS))
    (message,) = result.findings.loc[result.findings["code"] == "cumulative_fell", "message"]
    assert message == "乙批而未供截至2022-06-30的累计处置比当时快照少1.8001公顷，累计下降"
    whole = done(TWO_UNITS, YEAR_2022, snapshots=[kept], baseline=Snapshot(BASE, TWO_UNITS))
    assert codes(whole) == []


def test_disposals_told_by_the_parcels_themselves():
    own = TWO_UNITS.assign(disposal_date=pd.NaT, disposed_ha=np.nan)
    own["disposal_date"] = pd.to_datetime(own["disposal_date"])
    own.loc["A0", ["disposal_date", "disposed_ha"]] = [pd.Timestamp(2022, 2, 1), 0.4]
    own.loc["A1", "disposed_ha"] = 0.4
    result = done(own, None)
    assert counted(result) == {"A0": 0.4}
    assert codes(result) == ["disposal_without_date"]


# ---- declines and parks ----------------------------------------------------------------------


def figures(*rows):
    return pd.DataFrame(rows, columns=["indicator", "year", "value", "land_ha"])


def test_declines_of_land_per_unit_of_output():
    # 40000/1400 = 28.571…, 41000/1600 = 25.625: down by 10.3125 %; industry by exactly 10.5 %
    known = figures(
        ("地区生产总值", 2020, 1400.0, 40000.0),
        ("地区生产总值", 2023, 1600.0, 41000.0),
        ("工业增加值", 2020, 400.0, 40000.0),
        ("工业增加值", 2023, 1000.0, 89500.0),
        ("工业增加值", 2022, 0.0, 50000.0),
    )
    result = done(TWO_UNITS, register(), indicators=known)
    gdp, industry = achieved(result, "MB-5"), achieved(result, "MB-6")
    assert gdp["value"] == pytest.approx(0.103125)
    assert gdp["denominator"] == pytest.approx(40000 / 1400)
    assert (gdp["met"], gdp["year"], gdp["cohort_date"]) == (True, 2023, pd.Timestamp(BASE))
    assert (industry["value"], industry["met"], industry["gap"]) == (0.105, True, 0.0)
    assert "indicator_not_positive" in codes(result)
    before = done(TWO_UNITS, register(), indicators=known[known["year"] != 2020])
    assert achieved(before, "MB-5")["value"] is None
    missing = before.findings.loc[before.findings["code"] == "denominator_missing", "message"]
    assert any("缺2020年地区生产总值" in message for message in missing)
    early = figures(("地区生产总值", 2020, 1.0, 100.0), ("地区生产总值", 2022, 1.0, 95.0))
    half = achieved(done(TWO_UNITS, register(), indicators=early), "MB-5")
    assert (half["value"], half["met"]) == (0.05, None)  # 2023 is not told yet


def test_parks_beside_a_yardstick():
    parks = pd.DataFrame(
        [
            ("甲园", "国家级", 2022, 4000.0, 20.0),
            ("甲园", "国家级", 2023, 5000.0, 20.0),
            ("乙园", "自治区级", 2023, 4999.9, None),
            ("西部平均", "标杆", 2022, 5000.0, 18.0),
        ],
        columns=["park", "level", "year", "intensity", "tax_per_mu"],
    )
    result = done(TWO_UNITS, register(), parks=parks)
    first = achieved(result, "MB-7", "甲园")
    assert (first["value"], first["target"], first["met"], first["year"]) == (
        5000,
        5000,
        True,
        2023,
    )
    assert achieved(result, "MB-7", "乙园")["met"] is False
    assert achieved(result, "MB-8", "甲园")["gap"] == 2.0
    assert achieved(result, "MB-8", "乙园")["note"] == "缺园区数值"
    without = done(TWO_UNITS, register(), parks=parks[parks["level"] != "标杆"])
    assert achieved(without, "MB-7", "甲园")["met"] is None
    assert codes(without) == ["yardstick_missing"]


# ---- bad calls -------------------------------------------------------------------------------


def refused(kind, code, *args, **options):
    with pytest.raises(kind, match=rf"\[{code}\]") as caught:
        done(*args, **options)
    assert caught.value.hint


def test_bad_calls():
    rows = register(("A0", "2022-02-01", 1.0))
    early = {"as_of": dt.date(2020, 12, 30)}
    refused(UsageError, "as_of_before_baseline", TWO_UNITS, rows, **early)
    refused(UsageError, "as_of_before_baseline", NEW, rows, **early, **FROZEN)
    refused(DataError, "id_duplicate", pd.concat([TWO_UNITS, TWO_UNITS]), rows)
    refused(SchemaError, "column_missing", TWO_UNITS, rows.drop(columns="disposed_ha"))
    refused(SchemaError, "column_missing", TWO_UNITS, None)
    refused(SchemaError, "column_missing", TWO_UNITS.drop(columns="unit"), rows)
    refused(SchemaError, "column_missing", TWO_UNITS, rows, targets=told().drop(columns="task_ha"))
    twice = told(("甲", 2022, 1.0, None), ("甲", 2022, 2.0, None))
    refused(DataError, "task_changes", TWO_UNITS, rows, targets=twice)
    refused(DataError, "row_incomplete", TWO_UNITS, rows, targets=told((None, 2022, 1.0, None)))
    endless = told(("甲", 2022, float("inf"), None))
    refused(DataError, "number_not_finite", TWO_UNITS, rows, targets=endless)
    twice = figures(("工业增加值", 2020, 1.0, 1.0), ("工业增加值", 2020, 2.0, 1.0))
    refused(DataError, "row_twice", TWO_UNITS, rows, indicators=twice)
    dateless = figures(("工业增加值", None, 1.0, 1.0))
    refused(DataError, "row_incomplete", TWO_UNITS, rows, indicators=dateless)
    refused(SchemaError, "column_missing", TWO_UNITS, rows, indicators=twice[["indicator", "year"]])
    refused(SchemaError, "column_missing", TWO_UNITS, rows, parks=twice)
    wordy = pd.DataFrame(
        [("甲园", "国家级", 2023, "很多", 1.0)], columns=[c.name for c in schema.PARKS.columns]
    )
    refused(SchemaError, "column_kind", TWO_UNITS, rows, parks=wordy)
    negative = done(TWO_UNITS, rows, targets=told(("甲", 2022, -1.0, -2.0)))
    assert codes(negative) == ["task_negative"]
    assert negative.quarters["rate"].isna().all()


def test_a_unit_that_is_spelt_otherwise():
    result = done(
        TWO_UNITS, register(), targets=told(("甲", 2022, 1.0, None), ("甲县", 2022, 1.0, 1.0))
    )
    (message,) = result.findings.loc[result.findings["code"] == "unit_without_stock", "message"]
    assert "“甲县”" in message


def test_a_policy_without_baseline(tmp_path):
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "policy.toml").write_text(
        'title = "x"\nbasis = "y"\nclasses = []\n', encoding="utf-8"
    )
    rules = policy.load(folder)
    with pytest.raises(UsageError, match=r"\[baseline_missing\]"):
        progress(TWO_UNITS, YEAR_2022, as_of=END, policy=rules)
    found = progress(TWO_UNITS, YEAR_2022, as_of=END, policy=rules, baseline=Snapshot(BASE, OLD))
    assert found.achievements.empty


def test_every_finding_is_on_the_page_for_planners():
    page = (Path(__file__).parent.parent / "docs" / "progress.md").read_text(encoding="utf-8")
    for code, severity in SEVERITIES.items():
        assert f"| `{code}` | {severity} |" in page, code


def test_an_empty_register_is_none_done():
    result = done(TWO_UNITS, register(), as_of=dt.date(2021, 3, 31))
    assert list(result.contributions.columns) == [c.name for c in schema.CONTRIBUTIONS.columns]
    assert result.quarters["cumulative_ha"].tolist() == [0.0, 0.0, 0.0]
    assert achieved(result, "MB-1")["value"] == 0
    assert done(TWO_UNITS, register(), as_of=BASE).quarters.empty  # nothing has begun


# ---- properties ------------------------------------------------------------------------------


@st.composite
def partitions(draw):
    """A rectangle of 60 x 40 steps of 10 m, cut again and again on half metres."""
    pieces = [(0, 0, 1200, 800)]
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, len(pieces) - 1))
        west, south, east, north = pieces.pop(place)
        if draw(st.booleans()) and east - west > 20:
            cut = draw(st.integers(west + 10, east - 10))
            pieces += [(west, south, cut, north), (cut, south, east, north)]
        elif north - south > 20:
            cut = draw(st.integers(south + 10, north - 10))
            pieces += [(west, south, east, cut), (west, cut, east, north)]
        else:
            pieces.append((west, south, east, north))
    return [shapely.box(*at(w / 20, s / 20), *at(e / 20, n / 20)) for w, s, e, n in pieces]


def state(outlines, prefix, hectares):
    rows = [
        (f"{prefix}{i}", "甲乙"[i % 2], ("批而未供", "闲置", "低效")[i % 3], ha, outline)
        for i, (outline, ha) in enumerate(zip(outlines, hectares, strict=True))
    ]
    return table(*rows)


areas = st.decimals(min_value="0.0001", max_value=50, places=4).map(float)


@settings(max_examples=40, deadline=None)
@given(st.data(), partitions(), partitions(), st.randoms(use_true_random=False))
def test_ground_is_conserved_and_order_does_not_matter(data, before, after, random):
    old = state(before, "A", data.draw(st.lists(areas, min_size=len(before), max_size=len(before))))
    new = state(after, "B", data.draw(st.lists(areas, min_size=len(after), max_size=len(after))))
    rows = [(f"B{i}", "2023-12-31", float(ha)) for i, ha in enumerate(new["declared_ha"])]
    whole = done(new, register(*rows), baseline=Snapshot(BASE, old))
    # all the ground there is today is all the ground there was, to the square decimetre
    expected = sum((Decimal(repr(ha)) for ha in old["declared_ha"].tolist()), Decimal(0))
    found = sum(
        (Decimal(repr(round(ha, 6))) for ha in whole.contributions["counted_ha"]), Decimal(0)
    )
    assert found == expected
    some = [(key, day, ha * data.draw(st.sampled_from([0.25, 0.5, 1.0]))) for key, day, ha in rows]
    some = some[: data.draw(st.integers(0, len(some)))]
    first = done(new, register(*some), baseline=Snapshot(BASE, old))
    random.shuffle(some)
    shuffled = new.sample(frac=1, random_state=random.randint(0, 99))
    again = done(shuffled, register(*some), baseline=Snapshot(BASE, old))
    pd.testing.assert_frame_equal(first.contributions, again.contributions)
    pd.testing.assert_frame_equal(first.achievements, again.achievements)


@settings(max_examples=40, deadline=None)
@given(partitions(), partitions(), st.integers(0, 3))
def test_shares_of_either_side_add_up_to_one(before, after, dropped):
    old = state(before, "A", [1.0] * len(before))
    new = state(after[dropped:] or after, "B", [1.0] * len(after[dropped:] or after))
    followed = follow(old, new)
    pairs = followed.pairs
    of_before = np.bincount(pairs["before"], weights=pairs["of_before"], minlength=len(old))
    of_after = np.bincount(pairs["after"], weights=pairs["of_after"], minlength=len(new))
    assert of_before + followed.lost == pytest.approx(np.ones(len(old)), abs=1e-12)
    assert of_after + followed.new == pytest.approx(np.ones(len(new)), abs=1e-12)
    ground = shapely.union_all(new.geometry.to_numpy())
    for row, outline in enumerate(old.geometry):  # GEOS is the witness
        covered = outline.intersection(ground).area / outline.area
        assert 1 - followed.lost[row] == pytest.approx(covered, abs=1e-5)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "A1", "D", "", " ", None, "Z"]),
            st.sampled_from(["2022-02-01", "二月", "", None, "1600-01-01", "9999-12-31"]),
            st.floats() | st.sampled_from([None, 1e300, 1e-12, "多", "1.5"]),
        ),
        max_size=6,
    ),
    st.lists(st.floats() | st.just(1e300), min_size=5, max_size=5),
    st.lists(st.sampled_from(["批而未供", "闲置土地", "", None, "其他"]), min_size=5, max_size=5),
)
def test_no_register_and_no_ledger_breaks_it(rows, declared, classes):
    ids, days, hectares = zip(*rows, strict=True) if rows else ((), (), ())
    wild = pd.DataFrame(
        {
            "parcel_id": pd.Series(ids, dtype=object),
            "disposal_date": pd.Series(days, dtype=object),
            "disposed_ha": pd.Series(hectares, dtype=object),
        }
    )
    now = NEW.assign(
        declared_ha=declared, land_class=pd.Series(classes, index=NEW.index, dtype=object)
    )
    for parcels, base in ((now, OLD), (NEW, now)):
        result = done(parcels, wild, baseline=Snapshot(BASE, base))
        sums = result.contributions.groupby("baseline_id")["counted_ha"].sum()
        assert (sums >= 0).all()
        assert all(value <= base.loc[key, "declared_ha"] + 1e-6 for key, value in sums.items())
    assert done(NEW.iloc[:0], wild).contributions.empty


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B", "C", "E", "A1", "D", "Z"]),
            st.dates(dt.date(2020, 6, 1), dt.date(2023, 12, 31)),
            st.floats(-1, 3, allow_nan=False),
        ),
        max_size=12,
    )
)
def test_the_cumulative_never_falls_and_never_passes_the_baseline(rows):
    days = [dt.date(2021, 3, 31), dt.date(2022, 2, 14), dt.date(2022, 12, 31), END]
    before = dict.fromkeys(OLD.index, 0.0)
    for day in days:
        result = done(NEW, register(*rows), as_of=day, **FROZEN)
        now = before | counted(result)
        assert all(now[key] >= before[key] - 1e-9 for key in before)
        assert all(now[key] <= OLD.loc[key, "declared_ha"] + 1e-9 for key in now)
        before = now


@given(st.integers(0, 10**9), st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_apportioning_closes(whole, shares):
    parts = apportion(whole, shares)
    total = sum(map(Fraction, shares))
    if total:
        assert sum(parts) == whole
        assert all(
            abs(part - whole * Fraction(s) / total) < 1
            for part, s in zip(parts, shares, strict=True)
        )

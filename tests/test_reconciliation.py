"""Do we agree with the official table?

Cases: the annex of the plan closes and a ledger made from it agrees in all 24 figures; blank is not
zero; every planted fault is named (deleted, duplicated by number and under a new number, moved to
another unit, reclassified, into a blank cell, changed annex cell, changed printed sum, unknown unit,
rounding) and the rows of `GAP_KINDS` sum to the gap, cell by cell, also for random faults together;
measured beside declared areas; unknown areas; classes beyond the annex; a crosswalk; no annex; no
printed sums; no parcels; the order of rows; the sentence; bad calls; input untouched.
"""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.analysis.reconciliation import GAP_KINDS, reconcile
from landgis.model import schema
from landgis.model.errors import DataError, SchemaError, UsageError

CLASSES = ("批而未供", "闲置", "低效", "合计")
ANNEX = {  # 钦州市存量土地统计表, 2020-12-31, 公顷, as printed
    "市主城区": ("921.6116", "8.6559", "263.2333", "1193.5008"),
    "自贸区钦州港片区": ("595.0824", None, "39.4193", "634.5017"),
    "灵山县": ("351.0186", None, "76.1100", "427.1286"),
    "浦北县": ("362.3102", "4.6971", "20.9800", "387.9873"),
    "钦南区": ("223.0094", "7.2405", None, "230.2499"),
    "钦北区": ("201.0507", "26.2522", None, "227.3029"),
    "合计": ("2654.0829", "46.8457", "399.7426", "3100.6712"),
}


def annex_table(**changes):
    rows = [
        (unit, name, None if text is None else Decimal(text))
        for unit, texts in ANNEX.items()
        for name, text in zip(CLASSES, texts, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["unit", "land_class", "official_ha"])
    for cell, value in changes.items():
        unit, name = cell.split("_")
        here = table.index[(table.unit == unit) & (table.land_class == name)]
        table.loc[here, "official_ha"] = pd.Series([Decimal(value)], index=here, dtype=object)
    return table


def honest_ledger(each=7):
    """Divide every filled cell into parcels of whole square metres, no two alike."""
    rng = np.random.default_rng(41)
    rows = []
    for unit, texts in list(ANNEX.items())[:-1]:
        for name, text in zip(CLASSES[:3], texts[:3], strict=True):
            if text is None:
                continue
            total = int(Decimal(text) * 10_000)
            cuts = np.sort(rng.choice(np.arange(1, total), each - 1, replace=False))
            parts = np.diff([0, *cuts, total])
            rows += [(unit, name, int(part) / 10_000) for part in parts]
    ledger = pd.DataFrame(rows, columns=["unit", "land_class", "declared_ha"])
    ledger["area_m2"] = ledger.declared_ha * 10_000
    ledger.index = [f"K{i:03}" for i in range(len(ledger))]
    return ledger


def gap_of(ledger, annex):
    """Ledger minus official in decimals, cell by cell: the witness for the differences."""
    gaps = {}
    for unit, name, value in annex.itertuples(index=False):
        gaps[unit, name] = -(value or Decimal(0))
    for unit, name, area, _ in ledger[["unit", "land_class", "declared_ha", "area_m2"]].itertuples(
        index=False
    ):
        gaps[unit, name] = gaps.get((unit, name), Decimal(0)) + Decimal(repr(area))
    return {cell: gap for cell, gap in gaps.items() if gap and "合计" not in cell}


def explained(differences):
    rows = differences[differences.kind.isin(GAP_KINDS)]
    return rows.groupby(["unit", "land_class"]).difference_ha.sum().to_dict()


def assert_explained(ledger, annex):
    found = reconcile(ledger, annex).differences
    sums, gaps = explained(found), gap_of(ledger, annex)
    assert {cell for cell, gap in sums.items() if abs(gap) > 1e-9} == set(gaps)
    for cell, gap in gaps.items():
        assert sums[cell] == pytest.approx(float(gap), abs=1e-9)
    return found


def test_an_honest_ledger_agrees_in_every_figure():
    summary, differences = reconcile(honest_ledger(), annex_table())
    assert list(summary.columns) == [column.name for column in schema.SUMMARY.columns]
    assert differences.empty
    assert list(differences.columns) == [column.name for column in schema.ANNEX_DIFFERENCES.columns]
    assert summary.unit.unique().tolist() == list(ANNEX)
    assert summary.land_class.tolist() == list(CLASSES) * 7
    printed = [text for texts in ANNEX.values() for text in texts]
    for row, text in zip(summary.itertuples(), printed, strict=True):
        if text is None:
            assert np.isnan(row.official_ha)
            assert np.isnan(row.difference_ha)
            assert row.ledger_ha == 0
        else:
            assert f"{row.ledger_ha:.4f}" == f"{row.official_ha:.4f}" == text
            assert row.difference_ha == 0
            assert row.measured_difference_ha == pytest.approx(0, abs=1e-9)


def test_the_sentence():
    agreed = reconcile(honest_ledger(), annex_table()).sentence
    assert agreed == (
        "台账 98 宗、3100.6712 公顷，官方 3100.6712 公顷，24 个有数的格（含合计）全部相符。"
    )
    ledger = honest_ledger()[1:]
    lost = f"{honest_ledger().declared_ha.iloc[0]:.4f}"
    said = reconcile(ledger, annex_table()).sentence
    whole = f"比官方 3100.6712 公顷少 {lost} 公顷；4 个格（含合计）不符"  # cell, row, column, total
    assert whole in said
    assert f"市主城区批而未供少 {lost} 公顷（疑似漏登）" in said
    assert "没有官方统计表" in reconcile(ledger, None).sentence


def kinds_at(differences, unit, name):
    return differences[(differences.unit == unit) & (differences.land_class == name)].kind.tolist()


def test_a_deleted_parcel():
    ledger = honest_ledger().drop("K003")
    found = assert_explained(ledger, annex_table())
    assert found.kind.tolist() == ["疑似漏登"]
    everything = ledger[~((ledger.unit == "浦北县") & (ledger.land_class == "闲置"))]
    found = assert_explained(everything, annex_table())
    assert kinds_at(found, "浦北县", "闲置") == ["台账无地块"]


@pytest.mark.parametrize("new_id", ["K005", "K999"])
def test_a_duplicated_parcel(new_id):
    ledger = honest_ledger()
    copy = ledger.loc[["K005"]].set_axis([new_id])
    found = assert_explained(pd.concat([ledger, copy]), annex_table())
    assert found.kind.tolist() == ["重复地块"]
    assert found.parcel_id.tolist() == [new_id]


def test_a_parcel_in_the_wrong_unit():
    ledger = honest_ledger()
    here = ledger.index[(ledger.unit == "灵山县") & (ledger.land_class == "低效")][2]
    ledger.loc[here, "unit"] = "浦北县"
    found = assert_explained(ledger, annex_table())
    assert found.kind.tolist() == ["疑似错归县区"] * 2
    assert found.parcel_id.tolist() == [here] * 2
    assert "灵山县" in found.message.iloc[0]


@pytest.mark.parametrize(("unit", "wrong"), [("浦北县", "低效"), ("灵山县", "闲置")])
def test_a_parcel_in_the_wrong_class(unit, wrong):
    ledger = honest_ledger()
    here = ledger.index[(ledger.unit == unit) & (ledger.land_class == "批而未供")][4]
    ledger.loc[here, "land_class"] = wrong  # for 灵山县 the official cell is blank
    found = assert_explained(ledger, annex_table())
    assert found.kind.tolist() == ["疑似错归类别"] * 2
    assert set(found.parcel_id) == {here}


def test_parcels_where_the_official_cell_is_blank():
    ledger = honest_ledger()
    extra = pd.DataFrame(
        {
            "unit": "灵山县",
            "land_class": "闲置",
            "declared_ha": [1.5, 0.25],
            "area_m2": [15e3, 25e2],
        },
        index=["N1", "N2"],
    )
    summary, found = reconcile(pd.concat([ledger, extra]), annex_table())
    assert found.kind.tolist() == ["官方为空"] * 2
    assert found.parcel_id.tolist() == ["N1", "N2"]
    row = summary[(summary.unit == "灵山县") & (summary.land_class == "闲置")].iloc[0]
    assert np.isnan(row.official_ha)
    assert (row.ledger_ha, row.difference_ha) == (1.75, 1.75)
    assert_explained(pd.concat([ledger, extra]), annex_table())


def test_a_changed_annex_cell():
    annex = annex_table(灵山县_低效="67.1100")  # 76.1100, two digits exchanged
    found = assert_explained(honest_ledger(), annex)
    # its row, its column and the grand total no longer close
    assert sorted(found.kind) == ["疑似附表有误", *["附表不闭合"] * 3]
    assert "76.1100" in found[found.kind == "疑似附表有误"].message.iloc[0]
    with pytest.raises(DataError, match="annex_sums") as caught:
        reconcile(honest_ledger(), annex, strict=True)
    assert "灵山县" in caught.value.hint


def test_a_changed_printed_sum():
    annex = annex_table(合计_合计="3100.6713")
    summary, found = reconcile(honest_ledger(), annex)
    assert found.kind.tolist() == ["附表不闭合"]
    assert found.difference_ha.iloc[0] == pytest.approx(0.0001)
    assert summary.difference_ha.iloc[-1] == pytest.approx(-0.0001)


def test_rounding_is_told_from_error():
    # 7 parcels explain 0.00035 公顷 at most
    near = annex_table(浦北县_闲置="4.6974", 浦北县_合计="387.9876", 合计_闲置="46.8460")
    near = near.assign(official_ha=near.official_ha)
    found = reconcile(honest_ledger(), near).differences
    assert kinds_at(found, "浦北县", "闲置") == ["取舍误差"]
    far = annex_table(浦北县_闲置="4.6975", 浦北县_合计="387.9877", 合计_闲置="46.8461")
    found = reconcile(honest_ledger(), far).differences
    assert kinds_at(found, "浦北县", "闲置") == ["疑似漏登"]


def test_an_unknown_unit_and_the_crosswalk():
    ledger = honest_ledger()
    ledger["unit"] = ledger.unit.replace({"浦北县": "浦北"})
    summary, found = reconcile(ledger, annex_table())
    strangers = found[found.kind == "县区不在附表"]
    assert len(strangers) == 21
    assert strangers.difference_ha.sum() == pytest.approx(387.9873)
    assert summary.unit.unique().tolist() == [*list(ANNEX)[:-1], "浦北", "合计"]
    assert summary.ledger_ha.iloc[-1] == 3100.6712
    assert_explained(ledger, annex_table())
    matched = reconcile(ledger, annex_table(), crosswalk={"浦北": "浦北县"})
    assert matched.differences.empty


def test_measured_beside_declared():
    ledger = honest_ledger()
    ledger.loc["K000", ["declared_ha", "area_m2"]] = [0.5, 5006.0]  # beyond 0.1 % of 5 000 m²
    ledger.loc["K001", "declared_ha"] += 0  # within
    ledger["area_m2"] += 0.9
    found = reconcile(ledger, annex_table()).differences
    outliers = found[found.kind == "台账与椭球面积不符"]
    assert outliers.parcel_id.tolist() == ["K000"]
    assert outliers.difference_ha.iloc[0] == pytest.approx(0.00069)
    exact = reconcile(ledger, annex_table(), tolerance_m2=0.5, tolerance_share=0.0).differences
    assert (exact.kind == "台账与椭球面积不符").sum() == len(ledger)
    strict = reconcile(ledger, annex_table(), tolerance_m2=0.0).differences
    small = ledger.declared_ha < 0.09  # 0.9 m² is more than 0.1 % of less than 900 m²
    assert (strict.kind == "台账与椭球面积不符").sum() == 1 + small.sum()


def test_unknown_areas():
    ledger = honest_ledger()
    ledger.loc["K000", "declared_ha"] = np.nan
    ledger.loc["K001", "area_m2"] = np.nan
    summary, found = reconcile(ledger, annex_table())
    by_kind = found.set_index("kind").parcel_id
    assert by_kind["缺台账面积"] == "K000"
    assert by_kind["缺椭球面积"] == "K001"
    assert np.isnan(summary.measured_ha.iloc[0])
    assert summary.measured_ha.notna().sum() == len(summary) - 4
    unmeasured = reconcile(honest_ledger().drop(columns="area_m2"), annex_table())
    assert unmeasured.differences.empty
    filled = unmeasured.summary[unmeasured.summary.parcel_count > 0]
    assert filled.measured_ha.isna().all()


def test_classes_beyond_the_annex_are_said():
    ledger = honest_ledger()
    others = pd.DataFrame(
        {
            "unit": "灵山县",
            "land_class": ["其他", "其他", "低效用地", None],
            "declared_ha": [1.0, 2.0, 3.0, 4.0],
            "area_m2": [1e4, 2e4, 3e4, 4e4],
        },
        index=["O1", "O2", "O3", "O4"],
    )
    summary, found = reconcile(pd.concat([ledger, others]), annex_table())
    assert summary.ledger_ha.iloc[-1] == 3100.6712
    rows = found.set_index("land_class")
    assert set(rows.kind) == {"类别不在附表"}
    assert rows.ledger_ha.to_dict() == {"其他": 3.0, "低效用地": 3.0, "（未注明）": 4.0}
    assert "O3" in rows.message["低效用地"]


def test_no_annex():
    summary, found = reconcile(honest_ledger(), None)
    assert summary.official_ha.isna().all()
    assert summary.difference_ha.isna().all()
    assert found.empty
    assert f"{summary.ledger_ha.iloc[-1]:.4f}" == "3100.6712"
    assert summary.land_class.tolist() == list(CLASSES) * 7


def test_no_printed_sums():
    annex = annex_table()
    bare = annex[(annex.unit != "合计") & (annex.land_class != "合计")]
    summary = reconcile(honest_ledger(), bare).summary
    assert f"{summary.official_ha.iloc[-1]:.4f}" == "3100.6712"
    assert (summary.difference_ha.fillna(0) == 0).all()


def test_no_parcels():
    summary, found = reconcile(honest_ledger()[:0], annex_table())
    assert set(found.kind) == {"台账无地块"}
    assert len(found) == 14
    assert summary.ledger_ha.sum() == 0
    assert summary.difference_ha.iloc[-1] == -3100.6712


def test_judged_class_and_order_of_rows():
    ledger = honest_ledger().rename(columns={"land_class": "judged_class"})
    expected = reconcile(ledger, annex_table(), class_column="judged_class")
    shuffled = ledger.sample(frac=1, random_state=3)
    again = reconcile(shuffled, annex_table(), class_column="judged_class")
    pd.testing.assert_frame_equal(expected.summary, again.summary)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_random_faults_together_are_explained_to_the_last_decimal(data):
    ledger = honest_ledger()
    for name in data.draw(st.lists(st.sampled_from(ledger.index.tolist()), max_size=8)):
        fault = data.draw(st.sampled_from(["drop", "copy", "unit", "class"]))
        if name not in ledger.index:
            continue
        if fault == "drop":
            ledger = ledger.drop(index=name)
        elif fault == "copy":
            ledger = pd.concat([ledger, ledger.loc[[name]][:1]])
        elif fault == "unit":
            ledger.loc[name, "unit"] = data.draw(st.sampled_from([*list(ANNEX)[:-1], "外县"]))
        else:
            ledger.loc[name, "land_class"] = data.draw(st.sampled_from(CLASSES[:3]))
    assert_explained(ledger, annex_table())


def test_bad_calls():
    with pytest.raises(UsageError, match="bad_tolerance"):
        reconcile(honest_ledger(), None, tolerance_m2=-1.0)
    with pytest.raises(SchemaError, match="column_missing"):
        reconcile(honest_ledger().drop(columns="unit"), annex_table())
    with pytest.raises(DataError, match="annex_duplicate"):
        reconcile(honest_ledger(), pd.concat([annex_table(), annex_table()[:1]]))


def test_input_is_untouched():
    ledger, annex = honest_ledger(), annex_table()
    before = ledger.copy(), annex.copy()
    reconcile(ledger, annex)
    pd.testing.assert_frame_equal(ledger, before[0])
    pd.testing.assert_frame_equal(annex, before[1])


def test_nothing_recorded_is_summed_by_measure_alone():
    table = pd.DataFrame({"area_m2": [10_000.0, 5_000.0]}, index=["a", "b"])
    summary, differences = reconcile(table, None)
    whole = summary[(summary["unit"] == "合计") & (summary["land_class"] == "合计")].iloc[0]
    assert whole["measured_ha"] == 1.5
    assert whole["parcel_count"] == 2
    assert np.isnan(whole["ledger_ha"])
    assert len(differences) == 0

"""Do we agree with the official table?

Cases: the annex of the plan closes and a ledger made from it agrees in all 24 figures; blank is not
zero; every planted fault is named (deleted, duplicated by number and under a new number, moved to
another unit, reclassified, into a blank cell, changed annex cells, changed printed sum, unknown or
missing unit, listed in two units, rounding of parcels and of print) and the rows of `GAP_KINDS` sum
to the gap, cell by cell, also for random faults together; outlines in no unit, in two, partly
outside, elsewhere with and without a gap; classes that the rules judge otherwise; against the list
of parcels (missing, extra, twice in either, area, unit, class, the annex itself); statutory beside
ledger areas, both accounts to the square decimetre, also for random ledgers; unknown areas; classes
beyond the annex; a crosswalk of parcels, of the annex, its unknown names; no annex; no printed
sums; no parcels; the order of rows; the sentence; bad calls; input untouched; a hundred thousand
parcels. Faults planted in the sample: tests/test_faults.py.
"""

import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.analysis.reconciliation import GAP_KINDS, reconcile
from landgis.formats.tables import write_table
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


def of_kind(differences, kind):
    return differences[differences.kind == kind]


def test_a_parcel_listed_in_two_units():
    ledger = honest_ledger()
    here = ledger.index[(ledger.unit == "灵山县") & (ledger.land_class == "低效")][1]
    copy = ledger.loc[[here]].assign(unit="浦北县")
    found = assert_explained(pd.concat([ledger, copy]), annex_table())
    assert found.kind.tolist() == ["一地两属"]
    row = found.iloc[0]
    assert (row.unit, row.parcel_id) == ("浦北县", here)
    assert "“灵山县”低效和“浦北县”低效" in row.message


def test_two_copies_in_one_cell_and_a_missing_parcel():
    ledger = honest_ledger()
    cell = ledger.index[(ledger.unit == "钦北区") & (ledger.land_class == "闲置")]
    twice = pd.concat([ledger, ledger.loc[cell[:2]]]).drop(index=cell[4])
    found = assert_explained(twice, annex_table())
    assert sorted(found.kind) == ["疑似漏登", "重复地块", "重复地块"]
    lost = of_kind(found, "疑似漏登").difference_ha.iloc[0]
    assert lost == pytest.approx(-ledger.declared_ha[cell[4]], abs=1e-9)


def test_missing_unit_is_no_unknown_unit():
    ledger = honest_ledger()
    ledger.loc["K000", "unit"] = None
    ledger["located_unit"] = ledger.unit.fillna("市主城区")
    found = reconcile(ledger, annex_table()).differences
    assert (
        found.kind.tolist() == ["县区与位置不一致"] * 2
    )  # closes: the outline says where it belongs
    assert "登记在“（未注明）”，图形在“市主城区”" in found.message.iloc[0]
    found = reconcile(ledger.drop(columns="located_unit"), annex_table()).differences
    assert sorted(found.kind) == ["未注明县区", "疑似漏登"]
    assert explained(found)["（未注明）", "批而未供"] == ledger.declared_ha["K000"]


def placed(ledger, **columns):
    """A ledger with what `locate` adds: every parcel whole in its own unit, save for changes."""
    table = ledger.assign(
        located_unit=ledger.unit, located_share=1.0, second_unit=None, second_share=np.nan,
        outside_share=0.0,
    )  # fmt: skip
    for name, (parcel, value) in columns.items():
        table.loc[parcel, name] = value
    return table


def test_outlines_in_no_unit_in_two_and_partly_outside():
    ledger = honest_ledger()
    table = placed(ledger)
    table.loc["K000", ["located_unit", "located_share", "outside_share"]] = [None, np.nan, 1.0]
    table.loc["K001", ["located_share", "second_unit", "second_share"]] = [0.75, "钦南区", 0.25]
    table.loc["K002", ["located_share", "outside_share"]] = [0.9, 0.1]
    table.loc["K003", ["located_share", "second_unit", "second_share"]] = [0.9995, "钦南区", 0.0005]
    found = reconcile(table, annex_table()).differences.set_index("kind")
    assert set(found.index) == {"不在任何单元", "跨两个单元", "部分在单元外"}  # K003: within 0.1 %
    assert found.parcel_id.to_dict() == {
        "不在任何单元": "K000", "跨两个单元": "K001", "部分在单元外": "K002",
    }  # fmt: skip
    assert found.difference_ha.isna().all()
    quarter = f"{ledger.declared_ha['K001'] / 4:.4f}"
    assert f"“钦南区”{quarter} 公顷" in found.message["跨两个单元"]
    assert f"{ledger.declared_ha['K002'] / 10:.4f} 公顷不在" in found.message["部分在单元外"]


def test_unit_by_attribute_and_by_location():
    ledger = honest_ledger()
    here = ledger.index[(ledger.unit == "灵山县") & (ledger.land_class == "低效")][2]
    drawn = placed(ledger, located_unit=(here, "浦北县"))
    found = reconcile(drawn, annex_table()).differences  # the annex agrees with the entry
    assert found.kind.tolist() == ["疑似图形移位"]
    assert found.parcel_id.tolist() == [here]
    entered = placed(ledger)
    entered.loc[here, "unit"] = "浦北县"
    found = assert_explained(entered, annex_table())
    assert found.kind.tolist() == ["县区与位置不一致"] * 2
    assert f"地块 {here}（{ledger.declared_ha[here]:.4f} 公顷）" in found.message.iloc[0]
    found = reconcile(drawn, None).differences  # nobody to say which of the two is right
    assert found.kind.tolist() == ["县区与位置不一致"]


def test_class_by_ledger_and_by_judgement():
    ledger = honest_ledger().assign(judged_class=lambda table: table.land_class)
    here = ledger.index[(ledger.unit == "浦北县") & (ledger.land_class == "批而未供")][3]
    ledger.loc[here, "land_class"] = "闲置"
    found = assert_explained(ledger, annex_table())
    assert found.kind.tolist() == ["类别与判定不一致"] * 2
    assert set(found.parcel_id) == {here}
    ledger.loc[here, ["land_class", "judged_class"]] = ["批而未供", "闲置"]
    found = reconcile(ledger, annex_table()).differences  # the annex agrees with the ledger
    assert found.kind.tolist() == ["类别与判定不一致"]
    assert found.difference_ha.isna().all()
    assert pd.isna(found.account.iloc[0])


def test_two_changed_cells_of_the_annex():
    for cells in (
        {"灵山县_低效": "67.1100", "浦北县_批而未供": "326.3102"},
        {"灵山县_低效": "67.1100", "灵山县_批而未供": "315.0186"},
        {"灵山县_低效": "67.1100", "浦北县_低效": "29.8000"},
    ):
        found = assert_explained(honest_ledger(), annex_table(**cells))
        named = of_kind(found, "疑似附表有误")
        assert {f"{row.unit}_{row.land_class}" for row in named.itertuples()} == set(cells)


def test_against_the_list_of_parcels():
    listed = honest_ledger()
    ledger = listed.copy()
    names = ledger.index
    ledger.loc[names[10], "declared_ha"] += 0.25
    ledger.loc[names[11], "unit"] = "浦北县"
    ledger.loc[names[12], "land_class"] = "低效"
    extra = ledger.loc[[names[13]]].assign(declared_ha=1.5, area_m2=15_000.0).set_axis(["N1"])
    ledger = pd.concat([ledger.drop(index=names[14]), extra, ledger.loc[[names[15]]]])
    found = reconcile(ledger, annex_table(), listed=listed).differences
    by_kind = found[found.account == "台账减官方"].groupby("kind").parcel_id.unique().to_dict()
    assert {kind: list(ids) for kind, ids in by_kind.items()} == {
        "台账漏列": [names[14]], "台账多列": ["N1"], "重复地块": [names[15]],
        "台账面积与名册不符": [names[10]], "县区与名册不符": [names[11]],
        "类别与名册不符": [names[12]],
    }  # fmt: skip
    sums, gaps = explained(found), gap_of(ledger, annex_table())
    for cell in {*sums, *gaps}:
        assert sums.get(cell, 0) == pytest.approx(float(gaps.get(cell, 0)), abs=1e-9)
    order = found.kind.drop_duplicates().tolist()
    assert (
        order.index("台账漏列") < order.index("台账面积与名册不符") < order.index("类别与名册不符")
    )


def test_what_hides_without_the_list():
    ledger = honest_ledger()
    first, second = ledger.index[:2]
    ledger.loc[second, "declared_ha"] += 0.5
    ledger.loc[first, "declared_ha"] -= 0.5  # the cell still sums to the annex
    ledger["area_m2"] = ledger.declared_ha * 10_000
    assert reconcile(ledger, annex_table()).differences.empty
    found = reconcile(ledger, annex_table(), listed=honest_ledger()).differences
    assert found.kind.tolist() == ["台账面积与名册不符"] * 2
    assert found.difference_ha.sum() == pytest.approx(0, abs=1e-12)


def test_the_list_itself_may_not_be_the_annex():
    listed = honest_ledger()
    listed = pd.concat([listed, listed.loc[["K004"]]])
    listed.loc["K020", "declared_ha"] += 1.0
    found = reconcile(honest_ledger(), annex_table(), listed=listed).differences
    kinds = set(found.kind)
    assert {"名册重复", "台账面积与名册不符", "附表与名册不符"} <= kinds
    sums = explained(found)
    assert all(abs(value) < 1e-9 for value in sums.values())  # ledger and annex agree


def test_statutory_areas_stand_beside_the_ledger():
    ledger = honest_ledger()
    ledger["area_m2"] += 0.31
    ledger.loc["K000", "area_m2"] += 500_000.0
    summary, found = reconcile(ledger, annex_table())
    first = summary.iloc[0]
    assert first.difference_ha == 0
    # seven parcels of 0.31 m², and 50 ha
    assert first.measured_gap_ha == pytest.approx(50 + 7 * 0.31 / 10_000, abs=1e-12)
    assert first.measured_difference_ha == first.measured_gap_ha
    assert summary.measured_gap_ha.iloc[-1] == pytest.approx(50 + 98 * 0.31e-4, abs=1e-9)
    mine = found[(found.unit == "市主城区") & (found.land_class == "批而未供")]
    assert mine.kind.tolist() == ["台账与椭球面积不符", "容差内面积差"]
    assert set(mine.account) == {"椭球减台账"}
    assert mine.difference_ha.tolist() == pytest.approx([50.000031, 6 * 0.31e-4])
    assert "6 宗地块" in mine.message.iloc[1]
    assert "1.86 平方米" in mine.message.iloc[1]


UNITS = (*list(ANNEX)[:-1], "外县", None)
entry = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(UNITS),
        "land_class": st.sampled_from([*CLASSES[:3], "其他"]),
        "declared": st.one_of(st.none(), st.integers(0, 60_000)),
        "off": st.one_of(st.none(), st.floats(-50, 50)),
        "number": st.integers(0, 30),
        "located_unit": st.sampled_from(UNITS),
        "judged_class": st.sampled_from([*CLASSES[:3], "其他", None]),
    }
)
cell = st.one_of(st.none(), st.integers(0, 200_000).map(lambda m2: Decimal(m2).scaleb(-4)))


@settings(max_examples=60, deadline=None)
@given(
    entries=st.lists(entry, max_size=25),
    cells=st.lists(cell, min_size=28, max_size=28),
    listed=st.one_of(st.none(), st.lists(entry, max_size=25)),
)
def test_both_accounts_close_for_any_ledger_and_any_annex(entries, cells, listed):
    def table(rows):
        frame = pd.DataFrame(rows, columns=list(entry_columns))
        declared = frame.declared.astype("float64")
        frame["declared_ha"] = declared / 10_000
        frame["area_m2"] = (declared.fillna(500) + frame.off.astype("float64")).abs()
        return frame.set_index(frame.pop("number").map("P{}".format))

    entry_columns = (
        "unit",
        "land_class",
        "declared",
        "off",
        "number",
        "located_unit",
        "judged_class",
    )
    annex = annex_table()
    annex["official_ha"] = pd.Series(cells, dtype=object)
    ledger = table(entries)
    done = reconcile(ledger, annex, listed=None if listed is None else table(listed))
    parts = done.differences.groupby(["unit", "land_class", "account"]).difference_ha
    sums = {where: sum(round(value * 1e6) for value in values.dropna()) for where, values in parts}
    official = {
        (unit, name): value
        for unit, name, value in annex.itertuples(index=False)
        if "合计" not in (unit, name)
    }
    stock = ledger[ledger.land_class.isin(CLASSES)].fillna({"unit": "（未注明）"})
    for where in {*official, *zip(stock.unit, stock.land_class, strict=True)}:
        own = stock[(stock.unit == where[0]) & (stock.land_class == where[1])]
        ours = int(own.declared.fillna(0).sum()) * 100
        theirs = int((official.get(where) or Decimal(0)).scaleb(6))
        assert sums.get((*where, "台账减官方"), 0) == ours - theirs, where
        if own.area_m2.notna().all():
            measured = sum(int(np.floor(area * 100 + 0.5)) for area in own.area_m2)
            both = sums.get((*where, "台账减官方"), 0) + sums.get((*where, "椭球减台账"), 0)
            assert both == measured - theirs, where


def test_a_crosswalk_of_the_annex_merges_and_says_so():
    ledger = honest_ledger()
    counties = {"市主城区": "钦南区与钦北区", "自贸区钦州港片区": "钦南区与钦北区",
                "钦南区": "钦南区与钦北区", "钦北区": "钦南区与钦北区"}  # fmt: skip
    summary, found = reconcile(ledger, annex_table(), crosswalk=counties)
    assert summary.unit.unique().tolist() == ["钦南区与钦北区", "灵山县", "浦北县", "合计"]
    merged = summary[(summary.unit == "钦南区与钦北区") & (summary.land_class == "合计")].iloc[0]
    # 1193.5008 + 634.5017 + 230.2499 + 227.3029
    assert f"{merged.official_ha:.4f}" == f"{merged.ledger_ha:.4f}" == "2285.5553"
    assert found.kind.tolist() == ["单元合并"]
    assert "“市主城区”、“自贸区钦州港片区”、“钦南区”、“钦北区”并入" in found.message.iloc[0]
    assert (summary.difference_ha.fillna(0) == 0).all()


def test_names_are_never_matched_by_likeness():
    ledger = honest_ledger()
    ledger["unit"] = ledger.unit.replace({"钦南区": "钦南区 ", "灵山县": "灵山"})
    found = reconcile(ledger, annex_table()).differences
    assert set(of_kind(found, "县区不在附表").unit) == {"灵山"}  # outer blanks are no name


@pytest.mark.parametrize(
    ("crosswalk", "named"),
    [
        ({"灵山": "灵山县"}, "“灵山”在地块和附表中都没有"),
        ({"钦南区": "钦南"}, "“钦南”不是附表的统计单元"),
    ],
)
def test_unknown_names_in_the_crosswalk(crosswalk, named):
    if "钦南区" in crosswalk:
        ledger, annex = honest_ledger(), annex_table().query("unit != '钦南区'")
    else:
        ledger, annex = honest_ledger(), annex_table()
    with pytest.raises(UsageError, match="crosswalk_unknown") as caught:
        reconcile(ledger, annex, crosswalk=crosswalk)
    assert named in caught.value.hint


def test_what_print_rounds_is_no_error():
    # the annex in 亩 with two decimals: 8.6559 公顷 = 129.8385 亩, printed 129.84
    annex = annex_table()
    annex["official_ha"] = pd.Series(
        [
            None if value is None else (value * 15).quantize(Decimal("0.01")) / 15
            for value in annex.official_ha
        ],
        dtype=object,
    )
    annex.attrs["step_ha"] = Decimal("0.01") / 15
    done = reconcile(honest_ledger(each=1), annex)
    assert set(done.differences.kind) <= {"取舍误差", "附表取舍"}
    assert "都在小数取舍之内" in done.sentence
    assert_explained(honest_ledger(each=1), annex.assign(official_ha=annex.official_ha))
    annex.attrs["step_ha"] = None
    assert "疑似漏登" in set(reconcile(honest_ledger(each=1), annex).differences.kind)


def test_sentences_people_can_say():
    ledger = honest_ledger()
    here = ledger.index[(ledger.unit == "灵山县") & (ledger.land_class == "低效")][2]
    area = f"{ledger.declared_ha[here]:.4f}"
    moved = ledger.copy()
    moved.loc[here, "unit"] = "浦北县"
    assert reconcile(moved, annex_table()).sentence == (
        "台账 98 宗、3100.6712 公顷，官方 3100.6712 公顷，总数相符；4 个格（含合计）不符："
        f"浦北县低效多、灵山县低效少 {area} 公顷（地块 {here}，疑似错归县区）；"
        "按椭球面积为 3100.6712 公顷，与官方相符。"
    )
    wrong = annex_table(合计_合计="3100.6713")
    assert "1 个格（含合计）不符，附表自身不闭合" in reconcile(ledger, wrong).sentence
    bare = pd.DataFrame({"area_m2": [10_000.0, 5_000.0]}, index=["a", "b"])
    assert reconcile(bare, None).sentence == (
        "地块 2 宗、椭球面积 1.5000 公顷；没有官方统计表可供核对。"
    )


def test_a_hundred_thousand_parcels():
    ledger = pd.concat([honest_ledger(each=7_000)]).set_axis(range(98_000))
    ledger["area_m2"] += 0.1
    began = time.perf_counter()
    done = reconcile(ledger, annex_table())
    assert time.perf_counter() - began < 60
    assert "24 个有数的格（含合计）全部相符" in done.sentence


def test_the_printed_tables_add_up_as_decimals(tmp_path):
    rng = np.random.default_rng(9)
    ledger = honest_ledger().drop(index=["K003", "K040"])
    ledger.loc["K010", "unit"] = "浦北县"
    ledger["area_m2"] += rng.uniform(-40, 40, len(ledger))
    done = reconcile(ledger, annex_table())
    write_table(done.summary, tmp_path / "summary.csv", of=schema.SUMMARY)
    write_table(done.differences, tmp_path / "differences.csv", of=schema.ANNEX_DIFFERENCES)
    read = {"dtype": str, "encoding": "utf-8-sig", "keep_default_na": False}
    rows = pd.read_csv(tmp_path / "differences.csv", **read)
    cells = pd.read_csv(tmp_path / "summary.csv", **read)
    for cell in cells[(cells["县区"] != "合计") & (cells["类别"] != "合计")].to_dict("records"):
        mine = rows[(rows["县区"] == cell["县区"]) & (rows["类别"] == cell["类别"])]
        sums = {
            account: sum(map(Decimal, part["差值（公顷）"]), Decimal(0))
            for account, part in mine.groupby("所属差额")
        }
        for account in ("台账减官方", "椭球减台账"):
            assert sums.get(account, 0) == Decimal(cell[f"{account}（公顷）"] or 0)
        assert sum(sums.values()) == Decimal(cell["椭球减官方（公顷）"] or 0)


def test_the_worked_example_of_the_method_note():
    ledger = pd.DataFrame(
        [
            ("A1", "甲县", "批而未供", 6.0, 60_012.40, "甲县"),
            ("A2", "甲县", "批而未供", 4.0, 39_991.15, "甲县"),
            ("A3", "甲县", "低效", 3.0, 30_000.0, "甲县"),
            ("A3", "甲县", "低效", 3.0, 30_000.0, "甲县"),
            ("A4", "乙县", "低效", 2.0, 20_000.0, "甲县"),
            ("B1", "乙县", "批而未供", 5.0, 50_120.0, "乙县"),
        ],
        columns=["parcel_id", "unit", "land_class", "declared_ha", "area_m2", "located_unit"],
    ).set_index("parcel_id")
    cells = {
        "甲县": ("10.0000", "5.0000", "15.0000"),
        "乙县": ("8.0000", None, "8.0000"),
        "合计": ("18.0000", "5.0000", "23.0000"),
    }
    annex = pd.DataFrame(
        [
            (unit, name, text and Decimal(text))
            for unit, texts in cells.items()
            for name, text in zip(("批而未供", "低效", "合计"), texts, strict=True)
        ],
        columns=["unit", "land_class", "official_ha"],
    )
    done = reconcile(ledger, annex)
    told = done.differences[["unit", "land_class", "kind", "parcel_id", "difference_ha"]]
    rows = [tuple(None if pd.isna(word) else word for word in row) for row in told.to_numpy()]
    assert sorted(rows, key=str) == sorted(
        [
            ("乙县", "低效", "县区与位置不一致", "A4", 2.0),
            ("甲县", "低效", "县区与位置不一致", "A4", -2.0),
            ("甲县", "低效", "重复地块", "A3", 3.0),
            ("乙县", "批而未供", "疑似漏登", None, -3.0),
            ("甲县", "批而未供", "容差内面积差", None, 0.000355),
            ("乙县", "批而未供", "台账与椭球面积不符", "B1", 0.012),
        ],
        key=str,
    )
    of_b = done.summary.query("unit == '乙县' and land_class == '批而未供'").iloc[0]
    assert of_b.measured_gap_ha == -2.988
    note = Path(__file__).parent.parent / "docs" / "methods" / "reconciliation.md"
    assert done.sentence in note.read_text(encoding="utf-8")

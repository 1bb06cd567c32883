"""Is the ledger what the ministry's forms ask for, and do its totals add up?

Cases: sheets by class; headings, groups and field codes in the forms' order; values, dates and
truths by kind; unknown stays blank, zero stays zero; live sums with exact cached values; the annex
by formulas, with blanks, differences and classes outside it; no error strings; formula injection
and over-long text; drop-down lists; frozen panes, filter, print setup, folded columns; overlap
columns from conflicts or taken over; the ministry's own columns taken over; audit sheet with
clauses; clusters by score, what is told of them only
where it has rows; parcels without class, without unit, empty; input untouched; equal input, equal file; an
unwritable place.
"""

import datetime as dt
import zipfile
from decimal import Decimal

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from landgis.model.errors import OutputError
from landgis.reports.ledger import write_ledger

AS_OF = dt.date(2020, 12, 31)
HEADING, CODE, FIRST = 6, 7, 8  # rows of a class's ledger, as Excel counts


@pytest.fixture
def parcels():
    facts = pd.DataFrame(
        {
            "parcel_name": ["甲地块", "=1+1", "丙地块", "丁地块", "戊地块"],
            "unit": ["灵山县", "灵山县", "浦北县", "浦北县", "浦北县"],
            "land_class": ["批而未供", "批而未供", "闲置", "低效", "农村存量"],
            "declared_ha": [0.1, 0.2, 1.0001, None, 5.5],
            "area_m2": [1000.004, 2000.005, 10001.0, 9999.049, 55000.0],
            "approval_date": pd.to_datetime(["2015-06-01", None, None, None, None]),
            "acquired_ha": [0.0, None, None, None, None],
            "approved_ha": [30.0, 30.0, None, None, None],
            "idle_cause": [None, None, "政府", None, None],
            "road": pd.array([True, False, None, None, None], dtype="boolean"),
            "readiness": ["净地", "毛地", "待核", None, None],
            "readiness_because": ["硬条件均满足", "附着物未清理", "缺：补偿到位", None, None],
        },
        index=pd.Index(["A-1", "A-2", "B-1", "C-1", "D-1"], name="parcel_id"),
    )
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(5)]
    return gpd.GeoDataFrame(facts, geometry=boxes, crs="EPSG:4545")


@pytest.fixture
def summary():
    cells = [
        ("灵山县", "批而未供", Decimal("0.3000")),
        ("灵山县", "闲置", None),
        ("灵山县", "低效", None),
        ("浦北县", "批而未供", None),
        ("浦北县", "闲置", Decimal("1.0000")),
        ("浦北县", "低效", None),
    ]
    return pd.DataFrame(cells, columns=["unit", "land_class", "official_ha"])


@pytest.fixture
def conflicts():
    return pd.DataFrame(
        {
            "parcel_id": ["A-1", "A-1", "A-2", "A-2", "A-2"],
            "layer": ["YJJBNTTB", "CZKFBJ", "STBHHX", "CZKFBJ", "CZKFBJ"],
            "zone_name": ["水田", "城镇集中建设区", "红线", "弹性发展区", ""],
            "verdict": ["禁止", "符合", "禁止", "需调整", "需调整"],
            "area_ha": [0.05, 0.1, 0.02, 0.15, 0.05],
        }
    )


def read(path, sheet, *, values=True):
    return openpyxl.load_workbook(path, data_only=values)[sheet]


def by_code(path, sheet, *, values=True):
    """Rows of a class's ledger as dicts by field code."""
    page = read(path, sheet, values=values)
    codes = {cell.column: cell.value for cell in page[CODE] if cell.value}
    return [
        {code: page.cell(row, column).value for column, code in codes.items()}
        for row in range(FIRST, page.max_row + 1)
    ]


def test_sheets_by_class(tmp_path, parcels):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx")
    names = openpyxl.load_workbook(path).sheetnames
    assert names == [
        "汇总",
        "批而未供台账",
        "闲置土地台账",
        "低效用地台账",
        "农村存量台账",
        "净毛地",
    ]
    assert [row["DKBH"] for row in by_code(path, "批而未供台账")] == ["A-1", "A-2"]


def test_forms_have_the_ministry_fields_in_order(tmp_path, parcels):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx")
    page = read(path, "批而未供台账")
    codes = [cell.value for cell in page[CODE] if cell.value]
    # domain notes 9.1, with the statistical unit after the administrative one
    assert codes[:6] == ["YSDM", "DKBH", "DKMC", "XZQDM", "XZQMC", "TJDY"]
    assert codes[6:11] == ["DKWZ", "DKMJ", "DKGHYT", "BPXMMC", "BPLX"]
    assert codes[21:26] == ["YNYZ", "STHXYZ", "CZKFBJYZ", "ZDWCMJ", "DKYGMJ"]
    assert codes[34:] == ["XJRQ", "TQMJ", "JMD", "JMDLY", "PDLB", "PDGZ", "LPBH", "ZRDW"]
    assert page.cell(HEADING, 9).value == "地块面积\n（公顷）"
    groups = [str(area) for area in page.merged_cells.ranges if area.min_row == 5]
    assert "B5:J5" in groups  # 基本信息 over its nine columns
    low = [cell.value for cell in read(path, "低效用地台账")[CODE] if cell.value]
    assert len(low) == 48 + 1 + 3 + 7  # the form, the unit, the overlaps, what landgis adds


def test_values_by_kind(tmp_path, parcels):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx")
    first, second = by_code(path, "批而未供台账")
    assert first["DKMJ"] == 0.1
    assert first["BPPFRQ"] == dt.datetime(2015, 6, 1)  # noqa: DTZ001 - a sheet knows no zone
    assert second["BPPFRQ"] is None
    assert first["ZDWCMJ"] == 0  # known to be zero
    assert second["ZDWCMJ"] is None  # unknown
    assert (first["TQMJ"], second["TQMJ"]) == (1000.0, 2000.01)  # half-up to two decimals
    assert by_code(path, "闲置土地台账")[0]["SFZFYY"] == "是"
    page = read(path, "批而未供台账")
    assert page.cell(FIRST, 9).number_format == "0.0000"
    assert page.cell(FIRST, 14).number_format == "yyyy-mm-dd"


def test_live_totals_with_exact_values(tmp_path, parcels):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx")
    formulas, values = (read(path, "批而未供台账", values=kind) for kind in (False, True))
    assert formulas["I3"].value == "=SUM(I8:I9)"
    assert formulas["I4"].value == "=SUBTOTAL(109,I8:I9)"
    assert values["I3"].value == values["I4"].value == 0.3  # not 0.30000000000000004
    codes = {cell.value: cell.column_letter for cell in values[CODE] if cell.value}
    assert values[f"{codes['BPPZMJ']}3"].value is None  # one batch stands with many parcels


def figures(page, row):
    return [page.cell(row, column).value for column in range(2, 20)]


def test_annex_by_formulas(tmp_path, parcels, summary):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx", summary=summary)
    page = read(path, "汇总")
    heads = [cell.value for cell in page[3] if cell.value]
    assert heads == [
        "县区",
        "批而未供土地",
        "涉嫌闲置土地",
        "城镇低效用地",
        "合计",
        "附表以外：\n农村存量建设用地",
    ]
    assert [page.cell(row, 1).value for row in (5, 6, 7)] == ["灵山县", "浦北县", "合计"]
    nothing = [0, 0, None, 0]
    assert figures(page, 5) == [
        *(2, 0.3, 0.3, 0), *nothing, *nothing, *(2, 0.3, 0.3, 0), 0, 0,
    ]  # fmt: skip
    assert figures(page, 6) == [
        *nothing, *(1, 1.0001, 1, 0.0001), *(1, 0, None, 0), *(2, 1.0001, 1, 0.0001), 1, 5.5,
    ]  # fmt: skip
    assert figures(page, 7)[12:] == [4, 1.3001, 1.3, 0.0001, 1, 5.5]
    live = read(path, "汇总", values=False)
    assert live["C5"].value == "=SUMIFS('批而未供台账'!$I$8:$I$9,'批而未供台账'!$G$8:$G$9,$A5)"
    assert live["E5"].value == "=ROUND(C5-D5,4)"
    assert live["C7"].value == "=SUM(C5:C6)"
    assert live["O5"].value == "=SUM(C5,G5,K5)"


def test_no_error_strings(tmp_path, parcels, summary, conflicts):
    path = write_ledger(
        parcels, path=tmp_path / "ledger.xlsx", summary=summary, conflicts=conflicts
    )
    for page in openpyxl.load_workbook(path, data_only=True):
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type != "e"
                assert not str(cell.value).startswith(("#", "nan", "NaT", "<NA>"))


def test_text_never_becomes_a_formula(tmp_path, parcels):
    hostile = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "http://example.org", "x" * 40_000]
    parcels["parcel_name"] = hostile
    parcels["unit"] = ["=1+1"] * 5
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx")
    page = read(path, "批而未供台账", values=False)
    assert page["D8"].value == "=1+1"
    assert page["D8"].data_type == "s"
    assert page["D9"].data_type == "s"
    assert read(path, "低效用地台账", values=False)["D8"].hyperlink is None
    assert len(read(path, "农村存量台账")["C8"].value) == 32_767
    with zipfile.ZipFile(path) as parts:
        assert "<f>1+1" not in parts.read("xl/worksheets/sheet2.xml").decode()


def test_lists_panes_filter_and_print(tmp_path, parcels):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx")
    page = read(path, "批而未供台账")
    lists = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    codes = {cell.value: cell.column_letter for cell in page[CODE] if cell.value}
    ready = codes["JMD"]
    assert lists[f"{ready}8:{ready}9"] == '"净地,毛地,待核"'
    assert page.freeze_panes == "E8"
    assert page.auto_filter.ref == "A7:AQ9"
    assert page.print_title_rows == "$5:$7"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.page_setup.fitToHeight == 0
    # a page torn off the pile says what it is of
    assert page.oddFooter.left.text.startswith("存量土地台账：批而未供")
    assert page.column_dimensions["B"].hidden  # 要素代码: nobody knows it
    assert not page.column_dimensions["C"].hidden
    readiness = read(path, "净毛地")
    assert [readiness.cell(row, 7).value for row in (6, 7, 8)] == ["净地", "毛地", "待核"]


@pytest.mark.parametrize(("sentence", "paper"), [("未到位", 9), ("征地补偿款尚未支付到位" * 9, 8)])
def test_wide_tables_go_on_larger_paper(tmp_path, parcels, sentence, paper):
    told = ["condition", "facts", "seen", "doubt", "look", "basis"]
    conditions = pd.DataFrame({name: [sentence] for name in told} | {"state": ["否"]})
    conditions["contradicted"] = pd.array([True], dtype="boolean")
    page = read(write_ledger(parcels, path=tmp_path / "a.xlsx", conditions=conditions), "净地条件")
    assert page.page_setup.paperSize == paper  # as Excel numbers A4 and A3
    wide = sum(place.width for place in page.column_dimensions.values())
    room = {9: 297, 8: 420}[paper] / 25.4 - 0.8  # inches between the margins
    assert room * 96 / 7 >= 0.7 * wide  # ten points print as seven or more


def test_shares_in_percent_and_sums_among_the_rows(tmp_path, parcels):
    progress = pd.DataFrame(
        {
            "unit": ["灵山县", "合计"],
            "year": [2022, 2022],
            "quarter": [1, 1],
            "done_ha": [10.0, 10.0],
            "rate": [0.17735, 1.0],
            "required_rate": [0.15, None],
        }
    )
    path = write_ledger(parcels.assign(actual_far=1.5), path=tmp_path / "a.xlsx", progress=progress)
    page = read(path, "进度")
    rates = [cell for row in page["F4:G5"] for cell in row]
    assert [cell.value for cell in rates] == [0.1774, 0.15, 1.0, None]  # 17.735 % half-up
    assert {cell.number_format for cell in rates[:3]} == {"0.00%"}
    assert page["E4"].number_format == "0.0000"
    ((where, (rule,)),) = page.conditional_formatting._cf_rules.items()
    assert (str(where.sqref), rule.formula, rule.dxf.font.b) == ("A4:G5", ['$B4="合计"'], True)
    ratios = [cell for cell in read(path, "低效用地台账")[FIRST] if cell.value == 1.5]
    assert [cell.number_format for cell in ratios] == ["0.0000"]  # 容积率 is no share


def test_batches_are_added_up(tmp_path, parcels):
    batches = pd.DataFrame(
        {
            "approval_no": ["甲", "乙"],
            "parcel_count": [2, 3],
            "approved_ha": [30.1, 20.2],
            "acquired_ha": [10.0, None],
            "state": ["未供", "未供"],
        }
    )
    path = write_ledger(parcels, path=tmp_path / "a.xlsx", batches=batches)
    sums = [cell.value for cell in read(path, "批次")[3]]
    assert sums == ["合计", None, 5, 50.3, 10.0, None]
    formulas = [cell.value for cell in read(path, "批次", values=False)[3]]
    assert formulas[3] == "=SUM(D6:D7)"


def test_overlap_columns(tmp_path, parcels, conflicts):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx", conflicts=conflicts)
    rows = by_code(path, "批而未供台账")
    overlaps = [[row[code] for code in ("YNYZ", "STHXYZ", "CZKFBJYZ")] for row in rows]
    # ground outside the boundary bears no zone name and is not inside it
    assert overlaps == [[0.05, None, 0.1], [None, 0.02, 0.15]]
    given = parcels.assign(YNYZ=[0.0, 0.01, None, None, None])
    path = write_ledger(given, path=tmp_path / "ledger.xlsx", conflicts=conflicts)
    assert [row["YNYZ"] for row in by_code(path, "批而未供台账")] == [0, 0.01]
    page = read(path, "冲突")
    assert [page.cell(row, 5).value for row in range(6, 11)] == [
        "禁止",
        "禁止",
        "需调整",
        "需调整",
        "符合",
    ]


def test_ministry_columns_are_taken_over(tmp_path, parcels):
    path = write_ledger(parcels.assign(BPLX="城市批次"), path=tmp_path / "ledger.xlsx")
    assert by_code(path, "批而未供台账")[0]["BPLX"] == "城市批次"


def test_audit_sheet(tmp_path, parcels):
    verdicts = pd.DataFrame(
        {
            "parcel_id": ["A-1", "B-1"],
            "rule_id": ["PG-3", "JD-2"],
            "category": ["批而未供", "净毛地"],
            "truth": ["true", "unknown"],
            "decides": pd.array([True, False], dtype="boolean"),
            "missing": ["", "compensation_done、road"],
            "because": ["2015年6月1日批准，尚未供应", "缺：补偿到位"],
        }
    )
    path = write_ledger(
        parcels,
        path=tmp_path / "ledger.xlsx",
        verdicts=verdicts,
        clauses={"PG-3": "钦政办〔2021〕41号"},
    )
    rows = [[cell.value for cell in row] for row in read(path, "核查").iter_rows(min_row=3)]
    assert rows[0] == [
        "序号", "地块编号", "规则编号", "判定事项", "真值", "起决定作用", "缺失字段", "理由", "条款",
    ]  # fmt: skip
    assert rows[1][3:7] == ["批而未供", "成立", "是", None]
    assert rows[1][8] == "钦政办〔2021〕41号"
    assert rows[2][3:7] == ["净毛地", "待核", "否", "补偿到位、通路"]
    assert rows[2][8] is None


def test_further_sheets_without_geometry(tmp_path, parcels):
    clusters = gpd.GeoDataFrame(
        {"cluster_name": ["一片"], "member_count": [3], "area_m2": [10_000.5]},
        index=pd.Index(["C-1"], name="cluster_id"),
        geometry=[shapely.box(0, 0, 1, 1)],
        crs="EPSG:4545",
    )
    findings = pd.DataFrame({"parcel_id": ["A-1"], "code": ["x"], "message": ["说明"]})
    path = write_ledger(
        parcels, path=tmp_path / "ledger.xlsx", clusters=clusters, findings=findings.iloc[:0]
    )
    rows = [[cell.value for cell in row] for row in read(path, "连片").iter_rows(min_row=5)]
    assert [text.split("\n")[0] for text in rows[0]] == [
        "序号",
        "连片编号",
        "连片名称",
        "宗数",
        "椭球面积",
    ]
    assert rows[1] == [1, "C-1", "一片", 3, 10_000.5]
    assert read(path, "检查发现")["A4"].value == "（无）"


def test_parcels_without_class_or_unit(tmp_path, parcels):
    plain = parcels.drop(columns=["land_class", "unit"])
    path = write_ledger(plain, path=tmp_path / "ledger.xlsx")
    assert openpyxl.load_workbook(path).sheetnames == ["汇总", "地块台账", "净毛地"]
    assert len(by_code(path, "地块台账")) > 0
    some = parcels.assign(unit=["灵山县", None, "浦北县", "浦北县", "浦北县"])
    path = write_ledger(some, path=tmp_path / "ledger.xlsx")
    page = read(path, "汇总")
    assert [page.cell(row, 1).value for row in (5, 6, 7)] == ["灵山县", "浦北县", "（未注明单元）"]
    assert [page.cell(row, 3).value for row in (5, 6, 7, 8)] == [0.1, 0, 0.2, 0.3]
    assert '"="' in read(path, "汇总", values=False)["C7"].value


def test_no_parcels(tmp_path, parcels, summary):
    path = write_ledger(parcels.iloc[:0], path=tmp_path / "ledger.xlsx", summary=summary)
    assert read(path, "汇总")["C7"].value == 0
    assert read(path, "汇总")["D7"].value == 0.3


def test_deterministic_and_input_untouched(tmp_path, parcels, summary, conflicts):
    tables = [parcels, summary, conflicts]
    before = [table.copy() for table in tables]
    options = {"summary": summary, "conflicts": conflicts, "as_of": AS_OF}
    first = write_ledger(parcels, path=tmp_path / "a.xlsx", **options).read_bytes()
    assert write_ledger(parcels, path=tmp_path / "b.xlsx", **options).read_bytes() == first
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(copy))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.properties.created == dt.datetime(2020, 12, 31)  # noqa: DTZ001 - as written


def test_unwritable(tmp_path, parcels):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="output_unwritable"):
        write_ledger(parcels, path=tmp_path / "file" / "ledger.xlsx")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file"]


@pytest.fixture
def clusters():
    table = {
        "cluster_name": ["甲片", "乙片", "丙片"],
        "unit": ["灵山县", "灵山县", "浦北县"],
        "member_count": [2, 3, 4],
        "area_m2": [300.005, 200.0, 100.0],
        "cleared_m2": [100.1, 200.2, None],
        "holder_count": pd.array([2, None, 0], dtype="Int64"),
        "built_share": [0.5, None, 0.12345],
        "score": [50.05, 80.0, None],
    }
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(3)]
    index = pd.Index(["LP-1", "LP-2", "LP-3"], name="cluster_id")
    return gpd.GeoDataFrame(table, index=index, geometry=boxes, crs="EPSG:4545")


def headed(path, sheet, *, values=True):
    """Rows of a sheet as dicts by heading without its unit."""
    page = read(path, sheet, values=values)
    line = next(row for row in page.iter_rows() if row[0].value == "序号")
    names = [str(cell.value).split("\n")[0] for cell in line]
    body = page.iter_rows(min_row=line[0].row + 1, values_only=True)
    return [dict(zip(names, row, strict=True)) for row in body]


def test_clusters_stand_in_the_order_of_their_score(tmp_path, parcels, clusters):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx", clusters=clusters)
    rows = headed(path, "连片")
    assert [row["连片编号"] for row in rows] == ["LP-2", "LP-1", "LP-3"]
    assert [row["优先度"] for row in rows] == [80.0, 50.1, None]  # 50.05 half-up; unknown is blank
    assert [row["椭球面积"] for row in rows] == [200.0, 300.01, 100.0]
    assert [row["净地面积"] for row in rows] == [200.2, 100.1, None]
    assert [row["权利人数"] for row in rows] == [None, 2, 0]  # zero stays zero
    page, formulas = read(path, "连片"), read(path, "连片", values=False)
    sums = {cell.column: cell.value for cell in page[3] if isinstance(cell.value, float | int)}
    # 2 + 3 + 4; 200 + 300.01 + 100; 200.2 + 100.1; scores and shares have no sum
    assert list(sums.values()) == [9, 600.01, 300.3]
    assert all(formulas.cell(3, column).value.startswith("=SUM(") for column in sums)
    scores = [cell for row in page.iter_rows(min_row=6) for cell in row if cell.value == 50.1]
    assert scores[0].number_format == "0.0"


def test_what_is_told_of_clusters_has_its_sheets(tmp_path, parcels, clusters):
    parts = pd.DataFrame(
        {
            "cluster_id": ["LP-1", "LP-1"],
            "topic": ["管控线", "净毛地"],
            "layer": ["YJJBNTTB", None],
            "item": ["水田", "净地"],
            "member_count": pd.array([1, None], dtype="Int64"),
            "area_m2": [12.345, 100.0],
        }
    )
    pockets = gpd.GeoDataFrame(
        {
            "cluster_id": ["LP-1", "LP-2"],
            "pocket_kind": ["夹心地", "边角地"],
            "area_m2": [10.0, 20.5],
            "within_limit": pd.array([True, None], dtype="boolean"),
        },
        index=pd.Index(["SD-1", "SD-2"], name="pocket_id"),
        geometry=[shapely.box(0, 0, 1, 1)] * 2,
        crs="EPSG:4545",
    )
    separations = pd.DataFrame(
        {"cluster_id": ["LP-1"], "cause": ["阻隔"], "gap_m": [12.5], "would_join_m2": [None]}
    )
    priorities = pd.DataFrame(
        {"cluster_id": ["LP-1"], "criterion": ["规模"], "points": [None], "weight": [0.25]}
    )
    path = write_ledger(
        parcels,
        path=tmp_path / "ledger.xlsx",
        clusters=clusters,
        cluster_parts=parts,
        pockets=pockets,
        separations=separations,
        priorities=priorities,
        renewal_units=pockets.iloc[:0],
    )
    names = openpyxl.load_workbook(path).sheetnames
    assert names[-5:] == ["连片", "连片构成", "三地", "连片分隔", "优先度评分"]
    told = [(row["图层"], row["面积"], row["宗数"]) for row in headed(path, "连片构成")]
    assert told == [("永久基本农田", 12.35, 1), (None, 100.0, None)]
    for sheet, first in (("连片构成", "甲片"), ("三地", "甲片"), ("连片分隔", "甲片")):
        assert headed(path, sheet)[0]["连片名称"] == first
    assert list(headed(path, "优先度评分")[0])[:3] == ["序号", "连片编号", "连片名称"]
    assert read(path, "连片构成")["A3"].value == "序号"  # one ground under several topics: no sum
    plots = headed(path, "三地")
    assert [row["三地编号"] for row in plots] == ["SD-1", "SD-2"]
    assert [row["不足三亩"] for row in plots] == ["是", None]
    assert 30.5 in [cell.value for cell in read(path, "三地")[3]]
    assert headed(path, "连片分隔")[0]["连通后增加面积"] is None
    assert headed(path, "优先度评分")[0]["得分（0—100）"] is None
    assert "geometry" not in headed(path, "三地")[0]


def test_clusters_without_what_is_told_of_them(tmp_path, parcels, clusters):
    path = write_ledger(parcels, path=tmp_path / "ledger.xlsx", clusters=clusters.iloc[:0])
    names = openpyxl.load_workbook(path).sheetnames
    assert "连片" in names
    assert not {"连片构成", "三地", "连片分隔", "优先度评分", "更新单元"} & set(names)

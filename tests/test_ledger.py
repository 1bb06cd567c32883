"""Is the ledger what the ministry's forms ask for, and do its totals add up?

Cases: sheets by class; headings, groups and field codes in the forms' order; values, dates and
truths by kind; unknown stays blank, zero stays zero; live sums with exact cached values; the annex
by formulas, with blanks, differences and classes outside it; no error strings; formula injection
and over-long text; drop-down lists; frozen panes, filter, print setup, folded columns; overlap
columns from conflicts or taken over; the ministry's own columns taken over; audit sheet with
clauses; parcels without class, without unit, empty; input untouched; equal input, equal file; an
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
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 8)
    assert page.page_setup.fitToHeight == 0
    assert page.column_dimensions["B"].hidden  # 要素代码: nobody knows it
    assert not page.column_dimensions["C"].hidden
    readiness = read(path, "净毛地")
    assert [readiness.cell(row, 7).value for row in (6, 7, 8)] == ["净地", "毛地", "待核"]


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

"""Tables in and out.

Cases: the annex as printed (CSV in UTF-8 and GBK, workbook with merged headings, blanks, units,
full-width figures, row of column numbers, footnotes, other units exact, contradictions, unknown and
repeated headings and units, unreadable cells by address, sums kept wrong, subtotals left out, the
last printed decimal, .xls, the plan's own text); the crosswalk of units; the progress workbook
(by quarter in rows, in columns, in sheets; 亩 and 公顷; sums left out; gaps named); ledgers (title,
two rows of headings, merged 县区, 同上, sums, dates of all kinds, unit of sheet and of column,
addresses, several sheets); CSV out, layers by their names; broken and missing files.
"""

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from landgis.cli.data import DESCRIBED
from landgis.formats.tables import (
    read_annex,
    read_crosswalk,
    read_disposals,
    read_ledger,
    table_text,
    write_table,
)
from landgis.model import schema
from landgis.model.errors import OutputError, SchemaError, SourceError, UsageError

# 钦州市存量土地统计表, as printed in 钦政办〔2021〕41号 (公顷)
PRINTED = [
    ("市主城区", "921.6116", "8.6559", "263.2333", "1193.5008"),
    ("自贸区钦州港片区", "595.0824", "", "39.4193", "634.5017"),
    ("灵山县", "351.0186", "", "76.1100", "427.1286"),
    ("浦北县", "362.3102", "4.6971", "20.9800", "387.9873"),
    ("钦南区", "223.0094", "7.2405", "", "230.2499"),
    ("钦北区", "201.0507", "26.2522", "", "227.3029"),
    ("合计", "2654.0829", "46.8457", "399.7426", "3100.6712"),
]
CLASSES = ("批而未供", "闲置", "低效", "合计")
HEADINGS = ("县区", "2009—2020年批而未供土地", "涉嫌闲置土地", "城镇低效用地", "合计")


def save_csv(path, rows, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def save_xlsx(path, rows, *, merges=(), **more):
    book = openpyxl.Workbook()
    sheets = {"表": (rows, merges), **more}
    for name, (cells, merged) in sheets.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append([None if cell == "" else cell for cell in row])
        for area in merged:
            sheet.merge_cells(area)
    book.remove(book["Sheet"])
    book.save(path)
    book.close()
    return path


def figures(annex):
    return {(unit, name): value for unit, name, value in annex.itertuples(index=False, name=None)}


def expected():
    return {
        (row[0], name): Decimal(cell) if cell else None
        for row in PRINTED
        for name, cell in zip(CLASSES, row[1:], strict=True)
    }


# -- the annex


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_annex_csv(tmp_path, encoding):
    rows = [
        ["钦州市存量土地统计表", "", "", "", ""],
        ["", "", "", "", "单位：公顷"],
        HEADINGS,
        *PRINTED,
        ["注：空白表示没有数据。", "", "", "", ""],
    ]
    annex = read_annex(save_csv(tmp_path / "a.csv", rows, encoding))
    assert figures(annex) == expected()
    assert list(figures(annex)) == list(expected())  # printed order
    assert [str(cell) for cell in annex["official_ha"][:2]] == ["921.6116", "8.6559"]
    assert annex.columns.tolist() == ["unit", "land_class", "official_ha"]


def workbook_rows(title="钦州市批而未供、闲置和低效土地统计表"):
    body = [[row[0], *(float(cell) if cell else "" for cell in row[1:])] for row in PRINTED]
    return [
        [title],
        ["（截至2020年12月31日）", "", "", "单位：公顷"],
        ["县区", "存量土地", "", "", "合计"],
        ["", "2009—2020年\n批而未供土地", "涉嫌闲置土地", "城镇低效用地", ""],
        ["甲", 1, 2, 3, 4],
        *body,
        ["填表人：张三　审核人：李四"],
    ]


MERGES = ("A1:E1", "A3:A4", "B3:D3", "E3:E4", "A13:E13")


def test_annex_workbook(tmp_path):
    path = save_xlsx(tmp_path / "a.xlsx", workbook_rows(), merges=MERGES)
    assert figures(read_annex(path)) == expected()


def test_annex_csv_that_lost_its_merged_cells(tmp_path):
    rows = [[str(cell) for cell in row] for row in workbook_rows()]
    assert figures(read_annex(save_csv(tmp_path / "a.csv", rows))) == expected()


def test_sums_computed_in_a_workbook_are_read_as_shown(tmp_path):
    # 0.1 + 0.2 and the like: a double's noise behind Excel's fifteen digits
    rows = [["县区", "批而未供", "闲置", "合计"], ["甲", 0.1, 0.2, 0.1 + 0.2]]
    annex = read_annex(save_xlsx(tmp_path / "a.xlsx", rows))
    assert annex["official_ha"].tolist() == [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]


def test_zero_is_not_blank_and_wrong_sums_stay(tmp_path):
    rows = [
        ["单位", "批而未供", "闲置", "合计"],
        ["合　计", "１，０００．５", "0", "—"],
        ["Area 2", "", "/", "9"],
    ]
    annex = figures(read_annex(save_csv(tmp_path / "a.csv", rows)))
    assert annex == {
        ("合计", "批而未供"): Decimal("1000.5"),
        ("合计", "闲置"): Decimal(0),
        ("合计", "合计"): None,
        ("Area 2", "批而未供"): None,
        ("Area 2", "闲置"): None,
        ("Area 2", "合计"): Decimal(9),
    }


def test_counts_and_remarks_beside_areas(tmp_path):
    rows = [
        ["序号", "县区", "批而未供", "", "闲置", "", "备注"],
        ["", "", "宗数", "面积", "宗数", "面积", ""],
        ["1", "甲", "7", "1.5", "2", "2.5", "2020年"],
    ]
    annex = figures(read_annex(save_csv(tmp_path / "a.csv", rows)))
    assert annex == {("甲", "批而未供"): Decimal("1.5"), ("甲", "闲置"): Decimal("2.5")}


@pytest.mark.parametrize(
    ("rows", "unit", "value"),
    [
        ([["单位：亩"]], None, Decimal(2)),
        ([["（单位：亩、万元）"]], "mu", Decimal(2)),
        ([["单位：平方米"]], None, Decimal("0.003")),
        ([["填报单位：钦州市自然资源局"]], None, Decimal(30)),
        ([], "mu", Decimal(2)),
        ([], None, Decimal(30)),
    ],
)
def test_units_of_the_annex(tmp_path, rows, unit, value):
    rows = [*rows, ["县区", "批而未供", "闲置"], ["甲", "30", ""]]
    assert read_annex(save_csv(tmp_path / "a.csv", rows), unit=unit)["official_ha"][0] == value


def test_unit_in_the_headings(tmp_path):
    rows = [["县区", "批而未供（亩）", "闲置（亩）"], ["甲", "30", ""]]
    assert read_annex(save_csv(tmp_path / "a.csv", rows))["official_ha"][0] == Decimal(2)


@pytest.mark.parametrize(
    ("rows", "options", "code", "named"),
    [
        ([["单位：亩"], HEADINGS], {"unit": "ha"}, "unit_contradiction", "亩"),
        ([["单位：亩"], ["单位：公顷"], HEADINGS], {}, "unit_contradiction", "公顷"),
        ([["县区", "面积"], ["甲", "1"]], {}, "annex_heading_missing", "县区"),
        ([[*HEADINGS, "农村"], [*PRINTED[0], "7"]], {}, "annex_heading_unknown", "F1"),
        ([[*HEADINGS, "闲置土地"], [*PRINTED[0], "7"]], {}, "annex_heading_twice", "F1"),
        ([HEADINGS, PRINTED[0], PRINTED[0]], {}, "annex_unit_twice", "市主城区"),
        ([HEADINGS, ("甲", "1", "约2", "", "")], {}, "value_unreadable", "C2"),
        (
            [HEADINGS, ("甲", "1", "", "", ""), ("", "1", "", "", "")],
            {},
            "annex_unit_missing",
            "B3",
        ),
    ],
)
def test_what_is_wrong_with_an_annex(tmp_path, rows, options, code, named):
    with pytest.raises(SchemaError) as caught:
        read_annex(save_csv(tmp_path / "a.csv", rows), **options)
    assert caught.value.code == code
    assert named in caught.value.hint


def test_annex_of_old_excel():
    # the sample's annex.xlsx, saved as Excel 97 by LibreOffice
    annex = read_annex(Path(__file__).parent / "data" / "annex.xls")
    assert figures(annex) == expected()
    assert annex.attrs["as_of"] == dt.date(2020, 12, 31)


def test_annex_as_the_plan_prints_it(tmp_path):
    lines = [
        "钦州市存量土地统计表", "", "(截至2020年12月31日)", "", "单位：公顷", "",
        "县区\t2009—2020年 批而未供土地\t涉嫌闲置土地\t城镇低效用地\t合计",
        *("\t".join(row) for row in PRINTED),
    ]  # fmt: skip
    path = tmp_path / "annex.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    annex = read_annex(path)
    assert figures(annex) == expected()
    assert annex.attrs["step_ha"] == Decimal("0.0001")


def test_subtotals_are_no_units(tmp_path):
    rows = [
        ["县区", "批而未供", "闲置", "合计"],
        ["甲", "5", "2", "7"], ["乙", "2", "2", "4"], ["市辖区小计", "7", "4", "11"],
        ["丙", "1", "", "1"], ["其中：开发区", "1", "", "1"], ["全市合计", "8", "4", "12"],
    ]  # fmt: skip
    annex = read_annex(save_csv(tmp_path / "a.csv", rows))
    assert annex["unit"].unique().tolist() == ["甲", "乙", "丙", "合计"]


def test_wan_mu_is_exact_and_says_how_fine_it_prints(tmp_path):
    rows = [["单位：万亩"], ["县区", "批而未供", "合计"], ["甲", "4.65", "4.65万亩"]]
    annex = read_annex(save_csv(tmp_path / "a.csv", rows))
    assert annex["official_ha"].tolist() == [Decimal(3100), Decimal(3100)]  # 4.65 万亩 = 3100 公顷
    # 0.01 万亩 = 100 亩 = 100/15 公顷, to 28 digits
    assert abs(Fraction(annex.attrs["step_ha"]) - Fraction(100, 15)) < Fraction(1, 10**26)


def test_crosswalk(tmp_path):
    rows = [["单元对照表"], ["名称", "统计单元", "备注"], ["灵山", "灵山县", ""], ["", "", ""],
            ["450702", "钦南区", ""], ["注：按2021年区划", "", ""]]  # fmt: skip
    assert read_crosswalk(save_csv(tmp_path / "a.csv", rows, "gbk")) == {
        "灵山": "灵山县", "450702": "钦南区",
    }  # fmt: skip
    numbers = [["名称", "统计单元"], [450702, "钦南区"]]
    assert read_crosswalk(save_xlsx(tmp_path / "a.xlsx", numbers)) == {"450702": "钦南区"}


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        ([["甲", "乙"]], "crosswalk_heading_missing", "统计单元"),
        ([["名称", "统计单元"], ["灵山", ""]], "crosswalk_blank", "B2"),
        ([["名称", "统计单元"], ["灵山", "灵山县"], ["灵山", "浦北县"]], "crosswalk_twice", "A3"),
    ],
)
def test_what_is_wrong_with_a_crosswalk(tmp_path, rows, code, named):
    with pytest.raises(SchemaError) as caught:
        read_crosswalk(save_csv(tmp_path / "a.csv", rows))
    assert caught.value.code == code
    assert named in caught.value.hint


def test_unit_nobody_knows(tmp_path):
    with pytest.raises(UsageError, match="unknown_unit"):
        read_annex(save_csv(tmp_path / "a.csv", [HEADINGS]), unit="acre")


def test_sheet_of_the_annex(tmp_path):
    path = save_xlsx(
        tmp_path / "a.xlsx", [["说明"], ["本表由县区填报"]], 附件=(workbook_rows(), MERGES)
    )
    assert figures(read_annex(path)) == expected()
    assert figures(read_annex(path, sheet="附件")) == expected()
    with pytest.raises(SourceError, match="sheet_missing") as caught:
        read_annex(path, sheet="附表")
    assert "附件" in caught.value.hint


@pytest.mark.parametrize("read", [read_annex, read_disposals, read_ledger])
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.xlsx", None, "file_missing"),
        ("a.xlsx", b"no workbook", "not_workbook"),
        ("a.docx", b"", "format_unsupported"),
        ("a.csv", b"\xff\x81\xff", "encoding_wrong"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, read, name, content, code):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(tmp_path / name)
    assert caught.value.code == code


@pytest.mark.parametrize("read", [read_annex, read_disposals, read_ledger])
def test_files_that_hold_something_else(tmp_path, read):
    for rows in ([], [["a", "b"], ["1", "2"]]):
        with pytest.raises(SchemaError, match="heading_missing"):
            read(save_csv(tmp_path / "a.csv", rows))


# -- progress


def test_quarters_in_rows(tmp_path):
    rows = [
        ["钦州市2022年盘活存量土地季度进度表", "", "", "", "", ""],
        ["单位：亩", "", "", "", "", ""],
        ["县区", "年度任务", "季度", "本季完成", "累计完成", "累计完成率"],
        ["灵山县", 1500, "一季度", 15, 15, "1%"],
        ["", "", "二季度", 30, 45, "3%"],
        ["小计", 1500, "", 45, 45, "3%"],
        ["浦北县", 3000, "一季度", "", "", ""],
    ]
    path = save_xlsx(tmp_path / "a.xlsx", rows, merges=("A1:F1", "A4:A5", "B4:B5"))
    table = read_disposals(path)
    assert table["unit"].tolist() == ["灵山县", "灵山县", "浦北县"]
    assert table["year"].tolist() == [2022, 2022, 2022]
    assert table["quarter"].tolist() == [1, 2, 1]
    assert table["task_ha"].tolist() == [100.0, 100.0, 200.0]
    assert table["done_ha"].tolist()[:2] == [1.0, 2.0]
    assert np.isnan(table["done_ha"].iloc[2])
    for column in schema.REPORTS.columns:
        assert table[column.name].dtype == schema.DTYPES[column.kind]


def test_quarters_in_columns(tmp_path):
    rows = [
        ["县区", "年度", "年度任务（公顷）", "一季度", "第二季度", "Q3", "四季度完成", "合计完成"],
        ["灵山县", "2022年", "100", "1", "2", "", "4", "7"],
        ["合计", "2022年", "100", "1", "2", "", "4", "7"],
    ]
    table = read_disposals(save_csv(tmp_path / "a.csv", rows, "gbk"))
    assert table["quarter"].tolist() == [1, 2, 3, 4]
    assert table["done_ha"].fillna(-1).tolist() == [1.0, 2.0, -1.0, 4.0]
    assert set(table["task_ha"]) == {100.0}


def test_quarters_in_sheets(tmp_path):
    rows = [["县区", "年度任务(亩)", "本季完成(亩)"], ["灵山县", 1500, 15]]
    later = [["县区", "年度任务(亩)", "本季完成(亩)"], ["灵山县", 1500, 30]]
    path = save_xlsx(
        tmp_path / "a.xlsx",
        [["说明"]],
        **{"2022年一季度": (rows, ()), "2022年二季度": (later, ())},
    )
    table = read_disposals(path)
    assert table[["year", "quarter", "done_ha"]].to_numpy().tolist() == [[2022, 1, 1], [2022, 2, 2]]


def test_its_own_csv_comes_back(tmp_path):
    table = pd.DataFrame(
        {"unit": ["甲"], "year": [2022], "quarter": [3], "task_ha": [1.5], "done_ha": [0.25]}
    )
    again = read_disposals(write_table(table, tmp_path / "a.csv", of=schema.REPORTS))
    assert again.iloc[0].tolist() == ["甲", 2022, 3, 1.5, 0.25]


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        ([["县区", "季度", "本季完成"], ["甲", "1", "2"]], "year_missing", "年度"),
        ([["2022年"], ["县区", "本季完成"], ["甲", "2"]], "quarter_missing", "季度"),
        (
            [["2022年"], ["县区", "季度", "本季完成"], ["甲", "五季度", "2"]],
            "value_unreadable",
            "B3",
        ),
        ([["2022年"], ["县区", "季度", "本季完成"], ["甲", "1", "二"]], "value_unreadable", "C3"),
        (
            [["2022年"], ["县区", "季度", "年度任务"], ["甲", "1", "2"]],
            "disposals_heading_missing",
            "本季完成",
        ),
    ],
)
def test_what_is_wrong_with_a_progress_table(tmp_path, rows, code, named):
    with pytest.raises(SchemaError) as caught:
        read_disposals(save_csv(tmp_path / "a.csv", rows))
    assert caught.value.code == code
    assert named in caught.value.hint


# -- ledgers

LEDGER = [
    ["钦州市闲置土地台账"],
    ["单位：亩、万元"],
    [
        "县区",
        "地块编号",
        "地块面积",
        "合同",
        "",
        "约定",
        "豁免天数",
        "是否动工",
        "经办人",
        "征地完成面积（公顷）",
    ],
    ["", "", "", "编号", "容积率", "动工日期", "", "", "", ""],
    ["灵山县", "LS-1", "1,500", "HT1", 2.5, 44260, 30, "否", "张三", 1.25],
    ["", "LS-2", 15, "同上", "", dt.date(2021, 3, 5), "", "未知", "李四", ""],
    ["小计", "", 1515, "", "", "", "", "", "", ""],
    ["浦北县", 450722001, "１．５", "HT3", "", "2021.3.5", "", "是", "", ""],
    ["浦北县", "", 3, "", "", "2021年3月5日", "", "", "", ""],
    ["合计", "", 1519.5, "", "", "", "", "", "", ""],
    ["注：以不动产登记为准"],
]


def ledger(tmp_path, rows=LEDGER, **more):
    merges = ("A1:J1", "A2:J2", "D3:E3", "A5:A6", *(f"{c}3:{c}4" for c in "ABCGHIJ"))
    return save_xlsx(tmp_path / "a.xlsx", rows, merges=merges, **more)


def check_ledger(table):
    assert table.index.tolist() == ["LS-1", "LS-2", "450722001", ""]
    assert table["unit"].tolist() == ["灵山县", "灵山县", "浦北县", "浦北县"]
    assert table["declared_ha"].tolist() == pytest.approx([100.0, 1.0, 0.1, 0.2])
    assert table["acquired_ha"].iloc[0] == 1.25  # its heading says 公顷
    assert table["contract_no"].tolist()[:3] == ["HT1", "HT1", "HT3"]
    assert table["contract_far"].iloc[0] == 2.5
    assert table["exempt_days"].iloc[0] == 30
    assert table["commenced"].tolist() == [False, pd.NA, True, pd.NA]
    assert set(table["agreed_start_date"]) == {pd.Timestamp(2021, 3, 5)}  # serial 44260 by hand
    assert table["经办人"].tolist()[:2] == ["张三", "李四"]


def test_ledger_workbook(tmp_path):
    check_ledger(read_ledger(ledger(tmp_path)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_ledger_csv_that_lost_its_merged_cells(tmp_path, encoding):
    check_ledger(read_ledger(save_csv(tmp_path / "a.csv", LEDGER, encoding)))


def test_ledger_of_one_row_of_headings(tmp_path):
    rows = [["DKBH", "DKMJ", "备注"], ["A1", "1.5", ""], ["", "2.5", "x"]]
    table = read_ledger(save_csv(tmp_path / "a.csv", rows))
    assert table.index.tolist() == ["A1", ""]
    assert table["declared_ha"].tolist() == [1.5, 2.5]
    assert table["备注"].isna().tolist() == [True, False]


def test_ledger_with_other_headings(tmp_path):
    rows = [["编号", "地块面积"], ["A1", "1.5"], ["A2", "2.5"]]
    path = save_csv(tmp_path / "a.csv", rows)
    with pytest.raises(SchemaError, match="ledger_heading_missing"):
        read_ledger(path)
    assert read_ledger(path, columns={"parcel_id": "编号"}).index.tolist() == ["A1", "A2"]
    numbered = read_ledger(path, columns={"parcel_id": "#"})
    assert numbered.index.tolist() == ["行1", "行2"]
    assert numbered["编号"].tolist() == ["A1", "A2"]


def test_errors_of_a_ledger_name_the_cell(tmp_path):
    rows = [row[:] for row in LEDGER]
    rows[7] = [*rows[7][:5], "2021年3月", *rows[7][6:]]
    with pytest.raises(SchemaError, match="value_unreadable") as caught:
        read_ledger(ledger(tmp_path, rows))
    assert "F8: '2021年3月'" in caught.value.hint


def test_sheets_of_a_ledger(tmp_path):
    path = ledger(tmp_path, 批而未供=([["地块编号", "地块面积"], ["B1", 1]], ()))
    with pytest.raises(SourceError, match="sheet_ambiguous") as caught:
        read_ledger(path)
    assert "批而未供" in caught.value.hint
    assert read_ledger(path, sheet="批而未供").index.tolist() == ["B1"]


# -- CSV out


def test_table_out(tmp_path):
    table = pd.DataFrame(
        {
            "parcel_id": ["A1", "A2"],
            "declared_ha": [1.00005, np.nan],
            "area_m2": [9999.049, 0.0],
            "contract_far": [2.123456, np.nan],
            "exempt_days": pd.array([30, None], dtype="Int64"),
            "commenced": pd.array([True, None], dtype="boolean"),
            "supply_date": pd.array([pd.Timestamp(2021, 3, 5), pd.NaT], dtype="datetime64[ms]"),
            "own": [Decimal("1.10"), None],
            "price_wan": [123.45600000000002, np.nan],
            "actual_far": [100.0, 1 / 3],
            "noise": [0.1 + 0.2, -1e-9],
            "many": [["甲", 1.0, 1 / 3], []],
            "geometry": ["left", "out"],
        }
    ).set_index("parcel_id")
    path = write_table(table, tmp_path / "new" / "a.csv", of=schema.PARCELS)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert rows == [
        [
            *("地块编号", "地块面积（公顷）", "椭球面积（平方米）", "合同容积率", "豁免天数（天）"),
            *("已动工", "供地日期", "own", "成交价款（万元）", "现状容积率", "noise", "many"),
        ],
        [
            *("A1", "1.0001", "9999.05", "2.123456", "30", "是", "2021-03-05"),
            *("1.10", "123.46", "100", "0.3", "甲、1、0.333333"),
        ],
        ["A2", "", "0.00", "", "", "", "", "", "", "0.333333", "0", ""],
    ]
    assert [file.name for file in path.parent.iterdir()] == ["a.csv"]


def test_words_of_a_planner_in_tables():
    edges = pd.DataFrame({"a": ["P1"], "kind": ["near"], "gap_m": [2.675], "joins": [True]})
    assert table_text(edges, of=schema.EDGES) == "地块甲,关系,间距（米）,连通\nP1,邻近,2.68,是\n"
    verdicts = pd.DataFrame({"truth": ["true", "false", "unknown"]})
    assert table_text(verdicts, of=schema.VERDICTS) == "真值\n成立\n不成立\n待核\n"


def test_layers_under_the_names_planners_use():
    layers = ["YJJBNTTB", "STBHHX", "CZKFBJ", "城中村范围", None]
    names = '永久基本农田\n生态保护红线\n城镇开发边界\n城中村范围\n""\n'
    table = pd.DataFrame({"layer": layers})
    for of in (schema.CONFLICTS, schema.ACCOUNT, schema.PIECES, schema.CLUSTER_PARTS):
        assert table_text(table, of=of) == f"图层\n{names}"
    assert table["layer"].tolist()[:4] == layers[:4]
    # a column of the user's own that happens to be called so, and what a file's layers are called
    # (one types these again), stay
    assert "YJJBNTTB" in table_text(table, of=schema.PARCELS)
    assert "YJJBNTTB" in table_text(table, of=DESCRIBED)


@pytest.mark.parametrize("of", schema.TABLES.values(), ids=lambda table: table.name)
def test_every_value_that_is_no_chinese_word_has_one(of):
    for column in of.columns:
        assert len(column.words) in (0, len(column.values))
        for value in column.values:  # noqa: PD011 - a column of the schema
            assert not column.word(value).isascii(), (of.name, column.name, value)


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="output_unwritable"):
        write_table(pd.DataFrame(), tmp_path / "file" / "a.csv", of=schema.FINDINGS)

"""Does the brief say the right figures, in fonts that hold?

Cases: title, date, note; sums, shares, 亩 and the largest unit; agreement and disagreement with the
annex; the table with blanks; readiness with obstacles and classes outside the annex; clusters, the
first three by score with their reasons, no scores;
conflicts of the stock by gravity; progress of the last quarter; optional tables left out; hostile
text; every run names a Chinese font; pictures; equal input, equal file; input untouched; an
unwritable place.
"""

import datetime as dt
from decimal import Decimal

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn

from landgis.model.errors import OutputError
from landgis.reports.brief import write_brief

AS_OF = dt.date(2020, 12, 31)


@pytest.fixture
def summary():
    cells = [
        ("灵山县", "批而未供", 2, Decimal("7.5000"), 7.5),
        ("灵山县", "闲置", 0, None, 0.0),
        ("浦北县", "批而未供", 0, None, 0.0),
        ("浦北县", "闲置", 1, Decimal("2.5000"), 2.5),
    ]
    columns = ["unit", "land_class", "parcel_count", "official_ha", "ledger_ha"]
    return pd.DataFrame(cells, columns=columns)


@pytest.fixture
def parcels():
    return pd.DataFrame(
        {
            "land_class": ["批而未供", "批而未供", "闲置", "农村存量", "其他"],
            "declared_ha": [4.0, 3.5, 2.5, 1.0, 9.0],
            "readiness": ["净地", "毛地", "毛地", "待核", "净地"],
            "readiness_because": [
                "硬条件均满足",
                "补偿未到位、附着物未清理",
                "补偿未到位；另未通水",
                "缺：补偿到位",
                None,
            ],
        },
        index=pd.Index(["A", "B", "C", "D", "E"], name="parcel_id"),
    )


def read(path):
    document = docx.Document(str(path))
    return document, "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_amounts_and_agreement(tmp_path, summary):
    path = write_brief(summary, path=tmp_path / "b.docx", title="试验县存量土地", as_of=AS_OF)
    _, text = read(path)
    assert text.startswith("试验县存量土地简报\n截至2020年12月31日　示意数据\n一、总量与分布\n")
    # 7.5 + 2.5 = 10 公顷 = 150 亩; shares 75 and 25 per cent
    assert "存量土地共3宗、10.0000公顷（150.00亩）。" in text
    assert "批而未供土地7.5000公顷，占75.0%；涉嫌闲置土地2.5000公顷，占25.0%。" in text
    assert "灵山县最多，7.5000公顷，占75.0%。" in text
    assert "台账合计与官方统计表合计10.0000公顷一致，逐格无差。" in text


def test_disagreement_is_named(tmp_path, summary):
    off = summary.assign(
        official_ha=[Decimal("7.4999"), None, Decimal("0.5000"), Decimal("2.5000")]
    )
    _, text = read(write_brief(off, path=tmp_path / "b.docx"))
    assert "合计10.4999公顷相差-0.4999公顷" in text
    assert "浦北县批而未供差-0.5000公顷、灵山县批而未供差0.0001公顷（台账减官方）" in text
    # gaps that cancel out are still gaps
    swapped = summary.assign(
        official_ha=[Decimal("7.4000"), None, Decimal("0.1000"), Decimal("2.5000")]
    )
    _, text = read(write_brief(swapped, path=tmp_path / "b.docx"))
    assert "相差0.0000公顷：浦北县批而未供差-0.1000公顷" in text


def test_table_keeps_blanks(tmp_path, summary):
    document, _ = read(write_brief(summary, path=tmp_path / "b.docx"))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows == [
        ["县区", "批而未供土地", "涉嫌闲置土地", "合计"],
        ["灵山县", "7.5000", "—", "7.5000"],
        ["浦北县", "—", "2.5000", "2.5000"],
        ["合计", "7.5000", "2.5000", "10.0000"],
    ]
    assert document.tables[0].rows[0]._tr.xpath("./w:trPr/w:tblHeader")


def test_readiness(tmp_path, summary, parcels):
    _, text = read(write_brief(summary, path=tmp_path / "b.docx", parcels=parcels))
    assert "已判定的4宗地块（含农村存量1宗）中，净地1宗、4.0000公顷；毛地2宗、6.0000公顷" in text
    assert "毛地的主要障碍：补偿未到位2宗，附着物未清理1宗。" in text
    assert "待核的主要缺项：补偿到位1宗。" in text


def test_clusters_and_conflicts(tmp_path, summary, parcels):
    clusters = pd.DataFrame(
        {
            "cluster_name": ["东片", "西片"],
            "member_count": [2, 3],
            "area_m2": [10_000.0, 25_000.0],
        },
        index=["C1", "C2"],
    )
    conflicts = pd.DataFrame(
        {
            "parcel_id": ["A", "A", "B", "E", "C"],
            "layer": ["YJJBNTTB", "STBHHX", "YJJBNTTB", "YJJBNTTB", "CZKFBJ"],
            "verdict": ["禁止", "禁止", "禁止", "禁止", "需调整"],
            "area_ha": [0.5, 0.25, 0.25, 9.0, 1.0],
        }
    )
    _, text = read(
        write_brief(
            summary,
            path=tmp_path / "b.docx",
            parcels=parcels,
            clusters=clusters,
            conflicts=conflicts,
        )
    )
    assert "集中连片2片，5宗，椭球面积3.5000公顷。" in text
    assert "最大的一片为“西片”，3宗、2.5000公顷。" in text
    forbidden = "按管控线判为“禁止”的：生态保护红线1宗、0.2500公顷；永久基本农田2宗、0.7500公顷。"
    assert forbidden in text  # parcel E is ordinary land
    assert "按管控线判为“需调整”的：城镇开发边界1宗、1.0000公顷。" in text
    _, text = read(write_brief(summary, path=tmp_path / "b.docx", conflicts=conflicts.iloc[:0]))
    assert "没有冲突" in text


def test_progress_of_the_last_quarter(tmp_path, summary):
    progress = pd.DataFrame(
        {
            "unit": ["甲", "甲", "乙", "合计"],
            "year": [2022, 2022, 2022, 2022],
            "quarter": [1, 2, 2, 2],
            "task_ha": [10.0, 10.0, 30.0, 40.0],
            "cumulative_ha": [1.0, 5.0, 5.0, 10.0],
            "on_schedule": pd.array([False, True, False, None], dtype="boolean"),
        }
    )
    _, text = read(write_brief(summary, path=tmp_path / "b.docx", progress=progress))
    assert "2022年第2季度末，年度任务40.0000公顷，累计完成10.0000公顷，完成率25.0%。" in text
    assert "未达序时进度的：乙。" in text


def test_what_is_absent_is_not_told(tmp_path, summary, parcels):
    plain = parcels.drop(columns=["readiness", "readiness_because"])
    _, text = read(write_brief(summary, path=tmp_path / "b.docx", parcels=plain))
    assert "二、" not in text
    _, text = read(write_brief(summary.iloc[:0], path=tmp_path / "b.docx"))
    assert "一、" not in text


def test_hostile_text_stays_text(tmp_path, summary):
    hostile = "<w:p/>&{{ 1 }}\x0b\x00"
    _, text = read(write_brief(summary, path=tmp_path / "b.docx", title=hostile, note=hostile))
    assert "<w:p/>&{{ 1 }}" in text


def test_every_run_names_a_chinese_font(tmp_path, summary):
    document, _ = read(write_brief(summary, path=tmp_path / "b.docx"))
    runs = document.element.body.findall(f".//{qn('w:r')}")
    assert len(runs) > 20
    for run in runs:
        assert run.rPr.rFonts.get(qn("w:eastAsia")) in {"方正小标宋简体", "黑体", "仿宋", "楷体"}
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        assert fonts.get(qn("w:eastAsia")) == "仿宋"
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_pictures(tmp_path, summary):
    from PIL import Image

    Image.new("RGB", (20, 10)).save(tmp_path / "map.png")
    path = write_brief(summary, path=tmp_path / "b.docx", pictures=[tmp_path / "map.png"])
    document, _ = read(path)
    assert len(document.inline_shapes) == 1
    assert document.inline_shapes[0].width.mm == pytest.approx(150, abs=0.1)


def test_deterministic_and_input_untouched(tmp_path, summary, parcels):
    before = summary.copy(), parcels.copy()
    first = write_brief(summary, path=tmp_path / "a.docx", parcels=parcels, as_of=AS_OF)
    again = write_brief(summary, path=tmp_path / "b.docx", parcels=parcels, as_of=AS_OF)
    assert first.read_bytes() == again.read_bytes()
    pd.testing.assert_frame_equal(summary, before[0])
    pd.testing.assert_frame_equal(parcels, before[1])
    assert docx.Document(str(first)).core_properties.created.date() == AS_OF


def test_unwritable(tmp_path, summary):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="output_unwritable"):
        write_brief(summary, path=tmp_path / "file" / "b.docx")


def test_targets_with_numerator_denominator_and_what_follows(tmp_path, summary):
    told = [
        ("MB-1", "盘活存量土地", "合计", None, 1550.0, 3100.0, 1.0, None, None),
        ("MB-4", "闲置土地年度处置率", "合计", 2021, 1.0, 46.8457, 0.25, False, None),
        ("MB-4", "闲置土地年度处置率", "合计", 2022, 11.7114, 46.8457, 0.25, False, None),
        ("MB-4", "闲置土地年度处置率", "灵山县", 2022, 1.0, 2.0, 0.25, True, None),
        ("JC", "", "灵山县", 2022, 1.0, 10.0, None, True, "奖励10%的指标（+1.0000公顷）"),
        ("JC", "", "浦北县", 2022, 1.0, 10.0, None, False, "核减20%的指标（−2.0000公顷）"),
        ("JC", "", "钦北区", 2022, 1.0, 10.0, None, False, "核减20%的指标（−4.0000公顷）"),
    ]
    names = ["target_id", "title", "unit", "year", "numerator", "denominator", "target"]
    rows = pd.DataFrame(told, columns=[*names, "met", "consequence"]).assign(
        cohort_date=pd.Timestamp(2020, 12, 31), cut_off=pd.Timestamp(2022, 12, 31), measure="公顷"
    )
    rows["value"] = rows["numerator"] / rows["denominator"]
    rows["year"], rows["met"] = rows["year"].astype("Int64"), rows["met"].astype("boolean")
    _, text = read(write_brief(summary, path=tmp_path / "b.docx", achievements=rows))
    assert (
        "盘活存量土地：截至2022年12月31日完成1550.0000公顷，为目标3100.0000公顷的50.00%，尚未到期。"
        in text
    )
    # 11.7114 of 46.8457 is 24.99995 %: printed so that it does not look like 25 %
    assert (
        "2022年闲置土地年度处置率24.9999%（处置11.7114÷基期46.8457公顷，基期2020年12月31日），"
        "目标25%，未达标。"
    ) in text
    assert "2022年度“增存挂钩”任务：灵山县应奖励10%的指标；浦北县、钦北区应核减20%的指标。" in text
    assert "2021年闲置" not in text


@pytest.fixture
def clusters():
    table = {
        "cluster_name": ["甲片", "乙片", None, "丁片"],
        "member_count": [2, 3, 4, 5],
        "area_m2": [20_000.0, 30_000.0, 40_000.0, 50_000.0],
        "score": [61.25, 88.05, 70.0, None],
        "score_known": [1.0, 0.8, None, None],
    }
    index = pd.Index(["LP-1", "LP-2", "LP-3", "LP-4"], name="cluster_id")
    return pd.DataFrame(table, index=index)


@pytest.fixture
def priorities():
    parts = [
        ("LP-2", "净地占比", 100.0, 30.0, "净地占九成。"),
        ("LP-2", "规模", 90.0, 40.05, None),
        ("LP-2", "权利人", 60.0, 18.0, "三户"),
        ("LP-2", "临路", None, None, "未知"),
        ("LP-1", "规模", 61.25, 61.25, "两公顷"),
    ]
    columns = ["cluster_id", "criterion", "points", "contribution", "because"]
    return pd.DataFrame(parts, columns=columns)


def test_the_first_clusters_are_named_with_their_reasons(tmp_path, summary, clusters, priorities):
    path = write_brief(summary, path=tmp_path / "b.docx", clusters=clusters, priorities=priorities)
    _, text = read(path)
    # half-up: 88.05 is 88.1, 61.25 is 61.3; the two largest contributions, the unknown never one
    assert (
        "更新优先度居前的3片依次为：\n"
        "1．“乙片”3.0000公顷，88.1分（依据齐备度80%），"
        "主要因为规模得40.1分、净地占比得30.0分（净地占九成）。\n"
        "2．“LP-3”4.0000公顷，70.0分。\n"
        "3．“甲片”2.0000公顷，61.3分（依据齐备度100%），主要因为规模得61.3分（两公顷）。\n"
        "另有1片依据不足，未评分。"
    ) in text
    assert "最大的一片为“丁片”" in text


def test_clusters_without_scores_are_not_ranked(tmp_path, summary, clusters):
    for table in (clusters.drop(columns="score"), clusters.assign(score=float("nan"))):
        _, text = read(write_brief(summary, path=tmp_path / "b.docx", clusters=table))
        assert "存量地块集中连片4片，14宗，椭球面积14.0000公顷。" in text
        assert "优先度" not in text
    _, text = read(write_brief(summary, path=tmp_path / "b.docx", clusters=clusters))
    assert "88.1分（依据齐备度80%）。" in text  # scores without their parts: no reasons made up
    assert "主要因为" not in text

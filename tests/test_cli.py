"""The command line, used as a person uses it.

Cases: help in Chinese within half a second of start-up work; every verb on the small county, data
on stdout and talk on stderr; JSON; exit codes 0, 1, 2, 3; wrong usage said in Chinese; an internal
error without a traceback; python -m landgis; the first call says in Chinese that it compiles.
"""

import csv
import json
import os
import re
import subprocess
import sys
import time

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

import landgis.pipeline
from landgis.cli import main

VERBS = [
    "init",
    "run",
    "sample",
    "describe",
    "convert",
    "check",
    "repair",
    "measure",
    "observe",
    "classify",
    "explain",
    "readiness",
    "routes",
    "batches",
    "tabulate",
    "overlay",
    "cluster",
    "suggest",
    "reconcile",
    "progress",
    "draw-sheet",
    "draw-atlas",
    "draw-web",
    "write-ledger",
    "write-brief",
]


@pytest.fixture
def landgis_in(county, monkeypatch, capsys):
    """Call landgis inside the county; give exit code, stdout, stderr."""
    monkeypatch.chdir(county)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["landgis", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return call


def test_help_answers_quickly():
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "landgis", "--help"], capture_output=True, text=True, check=True
    )
    assert time.perf_counter() - begun < 5  # a hung import; half a second is told by benchmarks
    assert "盘活存量土地工具" in done.stdout
    assert "Usage" not in done.stdout
    assert "Show this message" not in done.stdout
    for verb in VERBS:
        assert f" {verb} " in done.stdout


def test_help_loads_nothing_heavy():
    probe = (
        "import sys; sys.argv = ['landgis', '--help']\n"
        "from landgis.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pandas', 'geopandas', 'matplotlib', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_chinese_help(landgis_in, verb):
    code, out, _ = landgis_in(verb, "--help")
    assert code == 0
    assert "用法：" in out
    assert "显示本帮助" in out


def test_measure(landgis_in):
    code, out, _ = landgis_in("measure", "parcels.gpkg", "--json")
    rows = json.loads(out)
    assert code == 0
    assert [row["parcel_id"] for row in rows] == ["P1", "P2", "X1", "D1", "D2", "Q1"]
    assert rows[0]["area_m2"] == pytest.approx(9999.05, abs=0.1)
    assert "geometry" not in rows[0]


def test_csv_has_chinese_headings(landgis_in):
    _, out, err = landgis_in("measure", "parcels.gpkg")
    assert out.splitlines()[0] == "地块编号,地块面积（公顷）,椭球面积（平方米）"
    assert err == ""


def test_overlay_and_tabulate(landgis_in, county):
    code, out, _ = landgis_in("overlay", "parcels.gpkg", "zones.gpkg", "--account", "--json")
    d1 = next(row for row in json.loads(out) if row["parcel_id"] == "D1")
    assert code == 0
    assert d1["parcel_dm2"] == d1["zoned_dm2"] + d1["outside_dm2"] + d1["closure_dm2"]
    assert landgis_in("overlay", "parcels.gpkg", "zones.gpkg#zones", "-o", "pieces.gpkg")[0] == 0
    assert len(gpd.read_file(county / "pieces.gpkg")) == 1
    code, out, _ = landgis_in("tabulate", "parcels.gpkg", "zones.gpkg", "--by", "zone_id", "--json")
    assert json.loads(out)[0]["share"] == pytest.approx(0.5, abs=1e-4)


def test_cluster(landgis_in):
    command = ("cluster", "parcels.gpkg", "--gap", "20", "--class", "低效", "--json")
    code, out, err = landgis_in(*command)
    assert code == 0
    assert [row["member_count"] for row in json.loads(out)] == [2]
    assert "1 个连片，共 2 宗" in err


def test_cluster_by_rows_seeds_and_units(landgis_in, county):
    table = gpd.read_file(county / "parcels.gpkg")
    assert "CLLB" in table
    command = ["cluster", "parcels.gpkg", "--gap", "20", "--members", "--json"]
    code, out, _ = landgis_in(*command, "--barrier-rows", "land_class=低效")
    rows = json.loads(out)
    assert code == 0
    assert {row["land_class"] for row in rows if row["cluster_id"] is None} == {"低效"}
    seed = rows[0]["parcel_id"]
    code, out, _ = landgis_in(*command, "--seed", seed, "--joins", "shared,near")
    assert seed in [row["parcel_id"] for row in json.loads(out) if row["cluster_id"] is not None]
    code, out, _ = landgis_in(*command, "--within", "units.gpkg")
    assert code == 0
    code, out, err = landgis_in("cluster", "parcels.gpkg", "--gap", "9", "--class", "闲置不存在")
    assert (code, out.count("\n")) == (0, 1)
    assert "没有连片：没有符合条件的类别为“闲置不存在”的地块" in err


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ([], "LPBH LPMC TJDY ZS TQMJ CDMJ"),
        (["--members"], "DKBH CLLB LPBH"),
        (["--divide", "9000"], "GXDYBH LPBH ZS TQMJ"),
        (["--separations", "--look", "200"], "LPBH XLBH FGYY JJ LTZJMJ"),
        (["--pockets"], "SDBH LPBH SDLX DKBH TQMJ"),
    ],
)
def test_clusters_as_shapefiles(landgis_in, county, options, fields):
    command = ["cluster", "parcels.gpkg", "--gap", "20", "--class", "低效", *options]
    code, _, err = landgis_in(*command, "-o", "lp.shp")
    assert code == 0, err
    assert set(fields.split()) <= set(pyogrio.read_info(county / "lp.shp")["fields"])
    assert (county / "lp.cpg").read_text() == "UTF-8"


def test_suggest(landgis_in):
    command = ("suggest", "parcels.gpkg", "--gaps", "0,20", "--class", "低效", "--json")
    code, out, _ = landgis_in(*command)
    assert code == 0
    assert [(row["gap_m"], row["largest_count"]) for row in json.loads(out)] == [(0, 1), (20, 2)]
    code, out, err = landgis_in("suggest", "parcels.gpkg", "--gaps", "0,20", "--class", "不存在")
    assert code == 0
    assert "没有连片：没有符合条件的类别为“不存在”的地块" in err


def test_what_is_said_of_clusters(landgis_in, county):
    command = ["cluster", "parcels.gpkg", "--gap", "20", "--barriers", "roads.gpkg", "--json"]
    code, out, _ = landgis_in(*command, "--class", "低效", "--divide", "10000")
    assert code == 0
    assert [row["member_count"] for row in json.loads(out)] == [1, 1]
    code, out, _ = landgis_in(*command, "--look", "200", "--separations")
    causes = {(row["a"], row["b"]): row["cause"] for row in json.loads(out)}
    assert causes["D2", "Q1"] == "阻隔"  # the road
    assert causes["P2", "D1"] == "间距"  # 100 m of open ground
    near = ["cluster", "parcels.gpkg", "--gap", "5", "--separations", "--json"]  # D1 and D2: 10 m
    pairs = {(row["a"], row["b"]) for row in json.loads(landgis_in(*near)[1])}
    assert pairs == {("D1", "D2"), ("D2", "D1")}  # seen from either side
    code, out, err = landgis_in(*near, "--look", "5")
    assert (code, json.loads(out)) == (0, [])
    assert "5米以内没有被隔开的其他连片" in err
    code, out, _ = landgis_in(*command, "--pockets")
    assert (code, json.loads(out)) == (0, [])
    yard = gpd.read_file(county / "parcels.gpkg")
    inner = yard.geometry[0].buffer(-30)  # P1 is a yard of 40 m by 40 m within a ring of 低效
    ring = yard.geometry[0].difference(inner)
    lots = yard.iloc[:2].set_geometry([inner, ring], crs=yard.crs)
    lots.assign(CLLB=["其他", "低效"]).to_file(county / "yard.gpkg")
    inside = ["cluster", "yard.gpkg", "--gap", "0", "--class", "低效", "--pockets", "--json"]
    assert [row["parcel_id"] for row in json.loads(landgis_in(*inside)[1])].count("P1") == 1
    assert json.loads(landgis_in(*inside, "--barrier-rows", "land_class=其他")[1]) == []
    assert landgis_in(*command, "--edges", "-o", "edges.csv")[0] == 0
    assert (county / "edges.csv").read_text("utf-8-sig").startswith("地块甲,地块乙,关系")


@pytest.mark.parametrize(
    "arguments",
    [
        ["describe", "parcels.gpkg"],
        ["check", "parcels.gpkg", "--units", "units.gpkg"],
        ["measure", "parcels.gpkg"],
        ["classify", "parcels.gpkg"],
        ["classify", "parcels.gpkg", "--verdicts"],
        ["readiness", "parcels.gpkg"],
        ["batches", "parcels.gpkg"],
        ["observe", "parcels.gpkg", "zones.gpkg", "--name", "建成"],
        ["observe", "parcels.gpkg", "roads.gpkg", "--statistic", "distance", "--name", "路"],
        ["tabulate", "parcels.gpkg", "zones.gpkg", "--by", "zone_id"],
        ["overlay", "parcels.gpkg", "zones.gpkg"],
        ["overlay", "parcels.gpkg", "zones.gpkg", "--account"],
        ["cluster", "parcels.gpkg", "--gap", "20", "--class", "低效"],
        ["cluster", "parcels.gpkg", "--gap", "20", "--edges"],
        ["cluster", "parcels.gpkg", "--gap", "20", "--divide", "9000"],
        ["cluster", "parcels.gpkg", "--gap", "20", "--barriers", "roads.gpkg", "--separations"],
        ["suggest", "parcels.gpkg"],
        ["reconcile", "parcels.gpkg", "annex.csv"],
        ["policy", "check"],
    ],
    ids=" ".join,
)
def test_tables_are_printed_for_a_planner(landgis_in, arguments):
    code, out, err = landgis_in(*arguments)
    assert code in (0, 1), err
    headings, *rows = csv.reader(out.splitlines())
    assert not any(name.isascii() for name in headings), headings
    for cell in (cell for row in rows for cell in row):
        assert cell not in ("True", "False", "nan", "<NA>", "true", "false", "shared", "near")
        assert not re.search(r"\d\.\d{7}", cell), cell
        assert "e-" not in cell


def test_programs_get_every_digit(landgis_in):
    share = 9999.0490204 / 1e4  # of the statutory area, never a round number
    rows = json.loads(landgis_in("measure", "parcels.gpkg", "--json")[1])
    assert rows[0]["area_m2"] / 1e4 == pytest.approx(share, abs=1e-5)
    assert len(str(rows[0]["area_m2"])) >= len("9999.049020")
    printed = landgis_in("measure", "parcels.gpkg")[1].splitlines()[1].split(",")
    assert re.fullmatch(r"\d+\.\d{4}", printed[1])
    assert re.fullmatch(r"\d+\.\d{2}", printed[2])


def test_gaps_are_drawn(landgis_in, county):
    code, _, err = landgis_in("suggest", "parcels.gpkg", "--gaps", "0,20", "--chart", "gaps.png")
    assert code == 0
    assert "gaps.png" in err
    assert (county / "gaps.png").read_bytes().startswith(b"\x89PNG")


def test_overlapping_members_count_once_and_it_is_said(landgis_in, county):
    table = gpd.read_file(county / "parcels.gpkg")
    (county / "parcels.gpkg").unlink()
    twin = table.iloc[:1].assign(DKBH="PX")
    pd.concat([table, twin]).to_file(county / "parcels.gpkg")
    code, _, err = landgis_in("cluster", "parcels.gpkg", "--gap", "0", "--json")
    assert code == 0
    assert "有 1 对地块互相重叠" in err
    assert "只计一次" in err


def test_check_exit_code_tells_of_errors(landgis_in, county):
    assert landgis_in("check", "parcels.gpkg", "--units", "units.gpkg")[0] == 0
    table = gpd.read_file(county / "parcels.gpkg")
    (county / "parcels.gpkg").unlink()
    table.assign(DKBH="P1").to_file(county / "parcels.gpkg")
    code, out, _ = landgis_in("check", "parcels.gpkg", "--json")
    assert code == 1
    assert {row["code"] for row in json.loads(out)} >= {"duplicate_id"}


def test_classify_and_explain(landgis_in):
    as_of = ("--as-of", "2020-12-31")
    code, out, _ = landgis_in("classify", "parcels.gpkg", *as_of, "--json")
    judged = {row["parcel_id"]: row["judged_class"] for row in json.loads(out)}
    assert code == 0
    assert judged["X1"] == "闲置"  # agreed start 2019-01-01, not begun: over a year
    code, out, _ = landgis_in("explain", "parcels.gpkg", "X1", *as_of)
    assert code == 0
    assert "闲置" in out


def test_readiness_routes_and_batches(landgis_in):
    as_of = ("--as-of", "2020-12-31")
    code, out, _ = landgis_in("readiness", "parcels.gpkg", *as_of, "--json")
    rows = json.loads(out)
    assert code == 0
    assert {row["condition"] for row in rows} >= {"权属清晰", "附着物清理"}
    code, out, _ = landgis_in("routes", "parcels.gpkg", *as_of)
    assert code == 0
    assert out.splitlines()[0].startswith(
        "地块编号,统计单元,判定类别,规则编号,路径,有利理由,不利因素"
    )
    code, out, _ = landgis_in("batches", "parcels.gpkg")
    assert code == 0
    assert "批而未征（公顷）" in out


def test_policies_are_shown_and_checked(landgis_in, county):
    code, out, _ = landgis_in("policy", "show")
    assert code == 0
    assert "### XZ-1　超过动工开发日期满一年未动工" in out
    code, _, err = landgis_in("policy", "check", "--as-of", "2020-12-31")
    assert (code, "0 处警告" in err) == (0, True)
    code, out, _ = landgis_in("policy", "check", "--parcels", "parcels.gpkg", "--json")
    assert code == 0
    assert "column_missing_in_data" in {row["code"] for row in json.loads(out)}
    own = county / "own"
    own.mkdir()
    text = 'title = "t"\nbasis = "b"\nclasses = ["闲置"]\n'
    rule = '[[rule]]\nid = "{}"\ncategory = "闲置"\ntitle = "t"\nbasis = "b"\nwhen = "{}"\nbecause = "x"\n'
    both = rule.format("A", "commenced") + rule.format("B", "disputed")
    (own / "policy.toml").write_text(text + both, encoding="utf-8")
    code, out, err = landgis_in("policy", "check", "own")
    assert (code, "A、B" in out) == (1, True)
    code, out, _ = landgis_in("policy", "check", "own", "qinzhou_2021")
    assert (code, "两份政策都判定" in out) == (1, True)
    typo = rule.format("A", "comenced")
    (own / "policy.toml").write_text(text + typo, encoding="utf-8")
    code, out, err = landgis_in("policy", "show", "own")
    assert (code, out) == (2, "")
    assert (
        "policy.toml 第 9 行（A）：when：没有名为 comenced 的字段或术语（是否应为 commenced）。"
        in err
    )


def test_reconcile(landgis_in):
    code, out, _ = landgis_in("reconcile", "parcels.gpkg", "annex.csv", "--json")
    rows = {(row["unit"], row["land_class"]): row for row in json.loads(out)}
    assert code == 0
    assert rows["合计", "合计"]["official_ha"] == 4.9995
    assert rows["合计", "合计"]["difference_ha"] == 0


def test_reconcile_with_all_that_is_known(landgis_in, county):
    listed = "县区,存量类别,地块编号,地块面积（公顷）\n"
    code, out, err = landgis_in("reconcile", "parcels.gpkg", "annex.csv", "--units", "units.gpkg")
    assert code == 0
    assert "全部相符" in err
    assert "椭球减官方" in out
    (county / "listed.csv").write_text(listed + "东县,低效,NEU,0.5\n", encoding="utf-8")
    code, out, err = landgis_in(
        "reconcile", "parcels.gpkg", "annex.csv", "--listed", "listed.csv", "--differences"
    )
    assert code == 0
    assert "名册有地块 NEU（0.5000 公顷），台账没有。" in out
    (county / "crosswalk.csv").write_text("名称,统计单元\n北县,东县\n", encoding="utf-8")
    code, out, err = landgis_in(
        "reconcile", "parcels.gpkg", "annex.csv", "--crosswalk", "crosswalk.csv"
    )
    assert code == 2
    assert "“北县”在地块和附表中都没有" in err


def test_files_out(landgis_in, county):
    plain = ["parcels.gpkg"]
    for verb, arguments, name in [
        ("convert", [*plain, "--to-crs", "EPSG:4490"], "degrees.geojson"),
        ("repair", plain, "repaired.gpkg"),
        ("draw-sheet", [*plain, "units.gpkg", "--annex", "annex.csv", "--class", "低效"], "a.png"),
        ("draw-web", [*plain, "--units", "units.gpkg"], "a.html"),
        ("write-ledger", plain, "a.xlsx"),
        ("write-brief", [*plain, "--annex", "annex.csv"], "a.docx"),
        ("draw-atlas", [*plain, "units.gpkg", "--annex", "annex.csv"], "a.pdf"),
    ]:
        code, _, err = landgis_in(verb, *arguments, "-o", name)
        assert code == 0, err
        assert (county / name).stat().st_size > 0


def test_shapefiles_for_old_systems(landgis_in, county, caplog):
    code, _, err = landgis_in("convert", "parcels.gpkg", "-o", "old.shp", "--encoding", "gbk")
    assert code == 0, err
    assert (county / "old.cpg").read_text() == "GBK"
    assert "批而未供".encode("gbk") in (county / "old.dbf").read_bytes()
    code, _, err = landgis_in(*("measure", "parcels.gpkg", "-o", "new.shp"))
    assert code == 0, err
    assert (county / "new.cpg").read_text() == "UTF-8"
    noted = gpd.read_file(county / "parcels.gpkg").assign(my_long_remark="备注")
    noted.to_file(county / "own.gpkg")
    for verb in ("repair", "classify"):
        code, _, err = landgis_in(verb, "own.gpkg", "-o", "own.shp", "--encoding", "GBK")
        assert code == 0, err
        assert "my_long_remark → my_long_re" in caplog.messages.pop()
        assert (county / "own.cpg").read_text() == "GBK"


def test_run_and_describe(landgis_in, county):
    code, out, _ = landgis_in("run", ".", "--out", "results")
    assert code == 0
    assert "与官方统计表之差：0.0000 公顷" in out
    assert (county / "results" / "manifest.json").exists()
    code, out, _ = landgis_in("describe", "units.gpkg", "--json")
    assert json.loads(out)[0]["features"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["frobnicate"], 2, "没有这个命令"),
        (["measure"], 2, "缺少 地块"),
        (["cluster", "parcels.gpkg"], 2, "缺少 --gap"),
        (["cluster", "parcels.gpkg", "--gap", "wide"], 2, "应为数字"),
        (["cluster", "parcels.gpkg", "--gap", "9", "--edges", "--members"], 2, "只能选一个"),
        (["cluster", "parcels.gpkg", "--gap", "9", "--joins", "queen"], 2, "joins 只能取"),
        (["cluster", "parcels.gpkg", "--gap", "9", "--barrier-rows", "DLBM"], 2, "字段=值"),
        (["cluster", "parcels.gpkg", "--gap", "9", "--seed", "Z9"], 2, "Z9"),
        (["cluster", "parcels.gpkg", "--gap", "9", "--within", "zone"], 1, "zone"),
        (["measure", "parcels.gpkg", "--metod", "planar"], 2, "是否想写 --method"),
        (["measure", "parcels.gpkg", "--column", "parcel_id"], 2, "--column 应写作"),
        (["classify", "parcels.gpkg", "--as-of", "2020"], 2, "日期应写作"),
        (["measure", "nowhere.gpkg"], 3, "找不到"),
        (["measure", "parcels.gpkg#地块"], 3, "parcels"),
        (["reconcile", "parcels.gpkg", "landgis.toml"], 3, "landgis.toml"),
        (["run", "nowhere"], 2, "landgis init"),
    ],
)
def test_mistakes(landgis_in, arguments, code, said):
    left, out, err = landgis_in(*arguments)
    assert left == code
    assert said in err
    assert out == ""
    assert "Traceback" not in err


CLUSTER = ("cluster", "nowhere.gpkg", "--gap")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*CLUSTER, "-1"], "最大间距（--gap）应为不小于 0 的数，现为 -1"),
        ([*CLUSTER, "nan"], "--gap"),
        ([*CLUSTER, "inf"], "--gap"),
        ([*CLUSTER, "9", "--divide", "-5"], "更新单元面积（--divide）应为大于 0 的数，现为 -5"),
        ([*CLUSTER, "9", "--divide", "0"], "--divide"),
        ([*CLUSTER, "9", "--look", "-1"], "--look"),
        ([*CLUSTER, "9", "--sliver", "-1"], "--sliver"),
        ([*CLUSTER, "9", "--min-shared", "-1"], "--min-shared"),
        ([*CLUSTER, "9", "--min-area", "-1"], "--min-area"),
        ([*CLUSTER, "9", "--min-count", "0"], "连片最少宗数（--min-count）应为不小于 1"),
        ([*CLUSTER, "9", "--single-area", "-1"], "--single-area"),
        ([*CLUSTER, "9", "--joins", "near,queen"], "--joins 只能取 shared"),
        ([*CLUSTER, "9", "-o", "a.xlsx"], "后缀应为 .csv"),
        ([*CLUSTER, "9", "--edges", "-o", "a.shp"], "没有图形，文件后缀应为 .csv、"),
        (["suggest", "nowhere.gpkg", "--gaps", "a,b"], "逗号分隔"),
        (["suggest", "nowhere.gpkg", "--gaps", "0,-5"], "间距（--gaps）"),
        (["suggest", "nowhere.gpkg", "--chart", "a.docx"], "后缀应为 .png、.pdf"),
        (["suggest", "nowhere.gpkg", "-o", "a.shp"], "--out"),
        (["observe", "nowhere.gpkg", "a.tif", "--band", "0"], "--band"),
        (["check", "nowhere.gpkg", "-o", "a.shp"], "--out"),
        (["classify", "nowhere.gpkg", "--verdicts", "-o", "a.shp"], "没有图形"),
        (["overlay", "nowhere.gpkg", "z.gpkg", "--account", "-o", "a.shp"], "没有图形"),
        (["convert", "nowhere.gpkg", "-o", "a.dwg"], "后缀应为 .gpkg"),
        (["repair", "nowhere.gpkg", "-o", "a.csv"], "后缀应为 .gpkg"),
        (["convert", "nowhere.gpkg", "-o", "a.gpkg", "--encoding", "GBK"], "只用于 Shapefile"),
        (["measure", "nowhere.gpkg", "--encoding", "GBK"], "只用于 Shapefile"),
        (["repair", "nowhere.gpkg", "-o", "a.shp", "--encoding", "Big5"], "'gbk'"),
        (["draw-sheet", "nowhere.gpkg", "units.gpkg", "-o", "a.jpg"], "后缀应为 .png"),
        (["draw-atlas", "nowhere.gpkg", "units.gpkg", "-o", "a.png"], "后缀应为 .pdf"),
        (["draw-web", "nowhere.gpkg", "-o", "a.pdf"], "后缀应为 .html"),
        (["write-ledger", "nowhere.gpkg", "-o", "a.csv"], "后缀应为 .xlsx"),
        (["write-brief", "nowhere.gpkg", "-o", "a.doc"], "后缀应为 .docx"),
    ],
)
def test_bad_values_are_refused_before_any_file_is_read(landgis_in, arguments, said):
    code, out, err = landgis_in(*arguments)  # nowhere.gpkg does not exist: it was not looked for
    assert (code, out) == (2, "")
    assert said in err
    assert "找不到" not in err


def test_internal_error_is_no_traceback(landgis_in, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def explode(*_, **__):
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(landgis.pipeline, "run", explode)
    code, _, err = landgis_in("run", ".")
    assert code == 3
    assert "内部出错（ZeroDivisionError）" in err
    (log,) = tmp_path.glob("landgis-*.log")
    assert "by hand" in log.read_text(encoding="utf-8")


def test_compiling_is_announced_in_chinese(county, tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "landgis", "measure", str(county / "parcels.gpkg")]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert "首次使用：正在编译计算程序" in done.stderr
    assert "compiling" not in done.stderr

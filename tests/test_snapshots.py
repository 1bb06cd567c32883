"""Earlier states: kept, found again, and asked why a figure moved.

Cases: a state is read back as it was kept (missing cells, outlines, long decimals, no disposals);
the same state is kept once, another of that day as a revision; a changed file, another file, no
file, no such day; every reason for a move, and moves that sum to the change; a disposal added,
entered late, corrected, withdrawn; a year that begins anew; states without a register; the command
line from files to moves; a project that runs quarter after quarter, with evidence of rasters and
layers. Property: the moves sum to the change whatever happened between.
"""

import datetime as dt
import json
import re

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from landgis.analysis.progress import movements, progress
from landgis.cli import main
from landgis.formats.snapshots import keep_snapshot, read_snapshot, read_snapshots, snapshot_of
from landgis.model.errors import DataError, ProjectError, SourceError, UsageError
from landgis.model.snapshots import KEPT, Snapshot
from landgis.pipeline import run
from test_register import BASE, QINZHOU, areas, box, partitions, register, state, table

MARCH, JUNE = dt.date(2022, 3, 31), dt.date(2022, 6, 30)


# ---- kept and read ---------------------------------------------------------------------------


def stock():
    rows = table(
        ("B", "灵山县", "闲置", 0.1 + 0.2, box(0, 0, 1 / 3, 1)),
        ("A", None, None, None, None),
        ("C", "浦北县", "低效", 1 / 3, box(1, 1, 2, 2)),
    )
    dates = pd.to_datetime(["2010-01-02", None, "2011-02-03"])
    return rows.assign(approval_date=dates, road=True)


def test_a_state_is_read_back_as_it_was_kept(tmp_path):
    disposals = register(("B", "2022-01-01", 0.1 + 0.2), ("A", None, None))
    path = keep_snapshot(stock(), disposals, date=MARCH, folder=tmp_path / "快照")
    assert path.name == "2022-03-31.parquet"
    back = read_snapshot(path)
    assert (back.date, back.revision, len(back.sha256)) == (MARCH, 1, 64)
    assert back.parcels.index.tolist() == ["A", "B", "C"]
    assert set(back.parcels.columns) <= {*KEPT, "geometry"}
    assert back.parcels.crs == stock().crs
    assert back.parcels["declared_ha"].tolist()[1:] == [0.1 + 0.2, 1 / 3]
    assert back.parcels["declared_ha"].isna().tolist() == [True, False, False]
    assert back.parcels.geometry.to_list()[1:] == stock().geometry.to_list()[::2]
    kept = back.disposals.astype({"disposal_date": "datetime64[us]"})
    pd.testing.assert_frame_equal(kept, disposals.sort_values("parcel_id", ignore_index=True))
    assert gpd.read_parquet(path).crs == stock().crs  # any reader of GeoParquet opens it


def test_a_state_without_a_register_and_an_empty_register(tmp_path):
    first = keep_snapshot(stock(), None, date=MARCH, folder=tmp_path)
    assert read_snapshot(first).disposals is None
    second = keep_snapshot(stock(), register(), date=JUNE, folder=tmp_path)
    assert read_snapshot(second).disposals.empty
    assert [one.date for one in read_snapshots(tmp_path)] == [MARCH, JUNE]


def test_a_state_is_kept_once_and_never_overwritten(tmp_path):
    disposals = register(("B", "2022-01-01", 0.2))
    first = keep_snapshot(stock(), disposals, date=MARCH, folder=tmp_path)
    content = first.read_bytes()
    shuffled = stock().iloc[::-1]
    assert keep_snapshot(shuffled, disposals, date=MARCH, folder=tmp_path) == first
    second = keep_snapshot(stock(), register(), date=MARCH, folder=tmp_path)
    assert second.name == "2022-03-31.2.parquet"
    assert first.read_bytes() == content
    assert snapshot_of("2022-03-31", read_snapshots(tmp_path)).revision == 2
    assert snapshot_of(str(first), []).revision == 1


def test_a_snapshot_that_was_changed(tmp_path):
    path = keep_snapshot(stock(), register(("B", "2022-01-01", 0.2)), date=MARCH, folder=tmp_path)
    held = pq.read_table(path)
    about = json.loads(held.schema.metadata[b"landgis"])

    def write(table, about):
        metadata = {**held.schema.metadata, b"landgis": json.dumps(about).encode()}
        pq.write_table(table.replace_schema_metadata(metadata), path)

    def refused(kind, code):
        with pytest.raises(kind, match=rf"\[{code}\]") as caught:
            read_snapshot(path)
        assert caught.value.hint

    larger = held.set_column(
        held.schema.get_field_index("declared_ha"), "declared_ha", [[None, 9.0, 1 / 3]]
    )
    write(larger, about)
    refused(DataError, "snapshot_altered")
    write(held, {**about, "disposals": []})
    refused(DataError, "snapshot_altered")
    write(held, {**about, "date": "2022-04-01"})
    refused(DataError, "snapshot_altered")
    write(held, {name: value for name, value in about.items() if name != "sha256"})
    refused(SourceError, "not_snapshot")
    write(held, about)
    assert read_snapshot(path).date == MARCH
    stock().to_parquet(path)
    refused(SourceError, "not_snapshot")
    path.write_bytes(b"PAR1")
    refused(SourceError, "not_snapshot")
    path.unlink()
    refused(SourceError, "file_missing")
    with pytest.raises(UsageError, match=r"\[no_snapshot\]") as caught:
        snapshot_of("2021-03-31", [Snapshot(MARCH, stock())])
    assert "2022-03-31" in caught.value.hint


# ---- why a figure moved ----------------------------------------------------------------------

THEN = table(
    ("A", "甲", "批而未供", 2.0, box(0, 0, 2, 1)),
    ("B", "甲", "批而未供", 1.0, box(3, 0, 4, 1)),
    ("C", "甲", "批而未供", 1.0, box(4, 0, 5, 1)),
    ("E", "乙", "批而未供", 1.0, box(6, 0, 7, 1)),
    ("F", "乙", "批而未供", 1.0, box(0, 2, 1, 3)),
    ("G", "乙", "闲置", 1.0, box(2, 2, 3, 3)),
    ("H", "乙", "闲置", 1.0, box(4, 2, 5, 3)),
    ("I", "乙", "闲置", 1.0, box(6, 2, 7, 3)),
    ("K", "乙", "闲置", 1.0, box(0, 4, 1, 5)),
    ("L", "乙", "闲置", 1.0, box(1, 4, 2, 5)),
)
NOW = table(
    ("A1", "甲", "批而未供", 1.2, box(0, 0, 1.2, 1)),
    ("A2", "甲", "批而未供", 0.8, box(1.2, 0, 2, 1)),
    ("D", "甲", "批而未供", 2.1, box(3, 0, 5, 1)),
    ("E", "甲", "批而未供", 1.0, box(6, 0, 7, 1)),  # another unit
    ("F", "乙", "闲置", 1.0, box(0, 2, 1, 3)),  # another class
    ("G", "乙", "闲置", 1.1, box(2, 2, 3, 3)),  # another area
    ("H9", "乙", "闲置", 1.0, box(4, 2, 5, 3)),  # another number
    ("K", "乙", "闲置", 1.4, box(0, 4, 1.4, 5)),  # part of L
    ("L", "乙", "闲置", 0.6, box(1.4, 4, 2, 5)),
    ("N", "乙", "低效", 0.5, box(9, 9, 10, 9.5)),
)
STOCK_MOVES = {  # (unit, class, parcel): move in m2 and why, by hand
    ("甲", "批而未供", "A"): (-20000.0, "拆分为A1、A2"),
    ("甲", "批而未供", "A1"): (12000.0, "由A拆分"),
    ("甲", "批而未供", "A2"): (8000.0, "由A拆分"),
    ("甲", "批而未供", "B"): (-10000.0, "并入D"),
    ("甲", "批而未供", "C"): (-10000.0, "并入D"),
    ("甲", "批而未供", "D"): (21000.0, "由B、C合并"),
    ("乙", "批而未供", "E"): (-10000.0, "县区由乙改为甲"),
    ("甲", "批而未供", "E"): (10000.0, "县区由乙改为甲"),
    ("乙", "批而未供", "F"): (-10000.0, "类别由批而未供改为闲置"),
    ("乙", "闲置", "F"): (10000.0, "类别由批而未供改为闲置"),
    ("乙", "闲置", "G"): (1000.0, "地块面积更正"),
    ("乙", "闲置", "H"): (-10000.0, "改编号为H9"),
    ("乙", "闲置", "H9"): (10000.0, "由H改编号"),
    ("乙", "闲置", "I"): (-10000.0, "移出：原范围内已没有地块"),
    ("乙", "闲置", "K"): (4000.0, "划入L的用地"),
    ("乙", "闲置", "L"): (-4000.0, "部分划入K"),
    ("乙", "低效", "N"): (5000.0, "新增"),
}


def why(parcels, disposals, since, *, as_of=JUNE, **options):
    return movements(parcels, disposals, since=since, as_of=as_of, policy=QINZHOU, **options)


def test_every_reason_for_a_move_of_the_stock():
    since = Snapshot(MARCH, THEN)
    moved = why(NOW, register(), since, baseline=Snapshot(BASE, THEN))
    found = {
        (row["unit"], row["land_class"], row["parcel_id"]): (row["move_m2"], row["because"])
        for row in moved.moves.to_dict("records")
    }
    assert found == STOCK_MOVES
    assert set(moved.moves["figure"]) == {"现有存量"}
    figures = moved.figures.set_index(["unit", "land_class"])
    assert figures.loc[("合计", "合计"), ["before_m2", "after_m2"]].tolist() == [110000.0, 107000.0]
    assert figures.loc[("甲", "批而未供"), "change_m2"] == 11000.0
    assert figures.loc[("乙", "闲置"), "move_count"] == 7


def test_every_reason_for_a_move_of_what_was_disposed_of():
    then = register(
        ("B", "2022-02-01", 0.5),
        ("C", "2022-02-01", 0.5),
        ("E", "2022-02-01", 0.5),
        ("G", "2021-02-01", 0.5),
    )
    now = register(
        ("B", "2022-02-01", 0.5),
        ("C", "2022-02-01", 0.75),  # corrected
        ("G", "2021-02-01", 0.5),  # E withdrawn
        ("H", "2022-03-01", 1.0),  # entered late
        ("A1", "2022-05-01", 1.2),  # new, on ground of A
    )
    since = Snapshot(MARCH, THEN, then)
    after = NOW.drop(index=["D", "E"])
    moved = why(after, now, since, baseline=Snapshot(BASE, THEN), snapshots=[since])
    moves = moved.moves[moved.moves["figure"] == "累计处置"]
    assert {
        row["parcel_id"]: (row["move_m2"], row["because"]) for row in moves.to_dict("records")
    } == {
        "C": (2500.0, "处置面积由0.5000公顷更正为0.7500公顷"),
        "E": (-5000.0, "处置记录撤销"),
        "H": (10000.0, "补录2022-03-01的处置"),
        "A1": (12000.0, "新处置（计入基期地块A）"),
    }
    figures = moved.figures[moved.figures["unit"] == "合计"].set_index(["figure", "land_class"])
    assert figures.loc[("累计处置", "合计"), ["before_m2", "after_m2", "change_m2"]].tolist() == [
        20000.0, 39500.0, 19500.0,
    ]  # fmt: skip
    assert figures.loc[("2022年处置", "合计"), "before_m2"] == 15000.0  # G was of 2021
    reached = progress(
        after, now, as_of=JUNE, snapshots=[since], baseline=Snapshot(BASE, THEN), policy=QINZHOU
    )
    total = reached.contributions["counted_ha"].sum()
    assert total == pytest.approx(figures.loc[("累计处置", "合计"), "after_m2"] / 10_000)
    assert "cumulative_fell" in set(reached.findings["code"])  # E is gone


def test_a_new_year_begins_at_nothing():
    then = register(("B", "2021-11-01", 0.5))
    since = Snapshot(dt.date(2021, 12, 31), THEN, then)
    now = pd.concat([then, register(("C", "2022-01-05", 1.0))])
    moved = why(THEN, now, since, baseline=Snapshot(BASE, THEN))
    year = moved.figures[moved.figures["figure"] == "2022年处置"]
    assert year.loc[year["unit"] == "合计", "before_m2"].tolist() == [0.0, 0.0]


def test_a_state_without_a_register_moves_the_stock_only():
    since = Snapshot(MARCH, THEN)
    moved = why(THEN, register(("B", "2022-05-01", 1.0)), since, baseline=Snapshot(BASE, THEN))
    assert set(moved.figures["figure"]) == {"现有存量"}
    assert moved.moves.empty


def test_bad_comparisons():
    since = Snapshot(MARCH, THEN, register())
    for options, code in (
        ({"as_of": dt.date(2022, 3, 30)}, "since_after_as_of"),
        (
            {"disposals": pd.DataFrame(columns=["unit", "year", "quarter", "done_ha"])},
            "reports_without_parcels",
        ),
    ):
        disposals = options.pop("disposals", register())
        with pytest.raises(UsageError, match=rf"\[{code}\]"):
            why(THEN, disposals, since, baseline=Snapshot(BASE, THEN), **options)


@settings(max_examples=30, deadline=None)
@given(st.data(), partitions(), partitions())
def test_the_moves_sum_to_the_change(data, before, after):
    old = state(before, "A", data.draw(st.lists(areas, min_size=len(before), max_size=len(before))))
    new = state(after, "AB"[data.draw(st.integers(0, 1))], [1.0] * len(after))
    names = [*old.index, *new.index]

    def drawn():
        rows = st.tuples(st.sampled_from(names), st.dates(dt.date(2021, 1, 1), JUNE), areas)
        return register(*data.draw(st.lists(rows, max_size=6)))

    since = Snapshot(MARCH, old, drawn())
    moved = why(new, drawn(), since, baseline=Snapshot(BASE, old))
    keys = ["figure", "unit", "land_class"]
    whole = moved.figures[~moved.figures[["unit", "land_class"]].eq("合计").any(axis=1)]
    sums = (
        (moved.moves.set_index(keys)["move_m2"] * 100).round().astype("int64").groupby(keys).sum()
    )
    for row in whole.to_dict("records"):
        change = round(row["after_m2"] * 100) - round(row["before_m2"] * 100)
        assert sums.get((row["figure"], row["unit"], row["land_class"]), 0) == change
        assert round(row["change_m2"] * 100) == change
    for figure, rows in whole.groupby("figure"):
        total = moved.figures.set_index(keys).loc[(figure, "合计", "合计")]
        assert round(total["change_m2"] * 100) == round(rows["change_m2"].sum() * 100)


# ---- from the command line -------------------------------------------------------------------


@pytest.fixture
def say(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    THEN.to_file(tmp_path / "then.gpkg", layer="parcels")
    NOW.to_file(tmp_path / "now.gpkg", layer="parcels")
    lines = ["地块编号,处置完成日期,处置面积（亩）", "B,2022-02-01,7.5", "合计,,7.5"]
    (tmp_path / "march.csv").write_text("\n".join(lines), encoding="gbk")
    lines[2:] = ["A1,2022-05-01,18", "合计,,25.5"]
    (tmp_path / "june.csv").write_text("\n".join(lines), encoding="gbk")
    tasks = "单位：亩\n县区,年度,年度任务,新增建设用地计划指标\n甲,2022,60,300\n乙,2022,60,\n合计,2022,120,"
    (tmp_path / "targets.csv").write_text(tasks, encoding="utf-8")

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["landgis", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        heard = capsys.readouterr()
        return left.value.code, heard.out, heard.err

    return run


def test_from_files_to_moves(say, tmp_path):
    code, out, err = say("progress", "then.gpkg", "--as-of", "2020-12-31", "--keep")
    assert code == 1  # the parcels carry no disposals of their own
    assert "column_missing" in err
    (tmp_path / "none.csv").write_text("地块编号,处置完成日期,处置面积\n", encoding="utf-8")
    code, out, err = say("progress", "then.gpkg", "none.csv", "--as-of", "2020-12-31", "--keep")
    assert code == 0, err
    assert "已保存快照" in err
    march = (
        "progress",
        "then.gpkg",
        "march.csv",
        "--as-of",
        "2022-03-31",
        "--targets",
        "targets.csv",
    )
    code, out, err = say(*march, "--keep")
    assert code == 0, err
    assert out.splitlines()[0].startswith("县区,年度,季度,年度任务（公顷）")
    assert "甲,2022,1,4.0000,0.5000,0.5000,0.125,0.15,-0.1000" in out
    assert sorted(path.name for path in (tmp_path / "snapshots").iterdir()) == [
        "2020-12-31.parquet", "2022-03-31.parquet",
    ]  # fmt: skip
    june = ("progress", "now.gpkg", "june.csv", "--as-of", "2022-06-30", "--since", "2022-03-31")
    code, out, err = say(*june)
    assert code == 0, err
    assert (
        "累计处置：2022-03-31 为 0.5000 公顷，现为 1.7000 公顷，变动 1.2000 公顷，涉及 1 项。"
        in err
    )
    assert (
        "累计处置,甲,批而未供,A1,2022-05-01,0.00,12000.00,12000.00,新处置（计入基期地块A）" in out
    )
    assert out.count("\n") == 1 + len(STOCK_MOVES) + 2
    code, out, err = say(*june, "--json", "--show", "figures")
    assert {row["figure"] for row in json.loads(out)} == {"现有存量", "累计处置", "2022年处置"}
    code, out, err = say(*june[:-2], "--show", "achievements", "--targets", "targets.csv")
    assert "MB-3,批而未供土地年度处置率,甲,批而未供,2022,2020-12-31,2022-06-30,1.7,4" in out


def test_trouble_from_the_command_line(say, tmp_path):
    keep = ("progress", "then.gpkg", "march.csv", "--as-of", "2022-03-31", "--keep")
    assert say(*keep)[0] == 0
    file = tmp_path / "snapshots" / "2022-03-31.parquet"
    for arguments, code, word in (
        ((*keep[:3], "--as-of", "2022-06-30", "--since", "2021-01-01"), 2, "no_snapshot"),
        ((*keep[:3], "--as-of", "2022-06-30", "--since", "nowhere.parquet"), 3, "file_missing"),
        ((*keep[:3], "--as-of", "2022-06-30", "--show", "moves"), 2, "since_missing"),
        ((*keep[:3], "--as-of", "2020-01-01"), 2, "as_of_before_baseline"),
        ((*keep[:3], "--as-of", "2022-02-01", "--since", str(file)), 2, "since_after_as_of"),
    ):
        left, _, err = say(*arguments)
        assert (left, f"[{word}]" in err) == (code, True), err
        assert "Traceback" not in err
    held = pq.read_table(file)
    ids = pd.Series([f"X{i}" for i in range(len(held))])
    pq.write_table(
        held.set_column(held.schema.get_field_index("parcel_id"), "parcel_id", [ids]), file
    )
    left, _, err = say(*keep)
    assert left == 1
    assert "snapshot_altered" in err


def test_charts_from_the_command_line(say, tmp_path):
    code, _, err = say(
        "progress", "then.gpkg", "march.csv", "--as-of", "2022-03-31", "--targets", "targets.csv",
        "--charts", "charts",
    )  # fmt: skip
    assert code == 0, err
    names = sorted(path.name for path in (tmp_path / "charts").iterdir())
    assert names == ["进度_00_一览.png", "进度_01_甲.png", "进度_02_乙.png", "进度_03_合计.png"]


def test_outlines_are_what_a_snapshot_is_hashed_over(tmp_path):
    first = keep_snapshot(THEN, None, date=MARCH, folder=tmp_path)
    moved = THEN.set_geometry(shapely.transform(THEN.geometry, lambda p: p + np.array([0.001, 0])))
    assert keep_snapshot(moved, None, date=MARCH, folder=tmp_path) != first


# ---- a project that runs quarter after quarter -----------------------------------------------

PROGRESS_TOML = """
[disposals]
file = "register.csv"

[progress]
targets = "targets.csv"
snapshots = "snapshots"

[[evidence]]
name = "ground"
raster = "heights.tif"
statistic = "slope"
source = "高程"
date = 2020-06-30

[[evidence]]
name = "house"
file = "houses.gpkg"
statistic = "count"
"""


def grow_county(county):
    """Give the county a register, tasks, heights that rise 1 in 10 to the east, and two houses."""
    (county / "register.csv").write_text("地块编号,处置完成日期,处置面积\n", encoding="utf-8")
    tasks = "县区,年度,年度任务,新增计划指标\n东区,2022,1,10\n西区,2022,1,20\n"
    (county / "targets.csv").write_text(tasks, encoding="utf-8")
    rise = np.tile(np.arange(240, dtype="float32"), (40, 1))
    with rasterio.open(
        county / "heights.tif", "w", driver="GTiff", width=240, height=40, count=1,
        dtype="float32", crs="EPSG:4545", transform=from_origin(559_900, 2_420_200, 10, 10),
    ) as file:  # fmt: skip
        file.write(rise, 1)
    points = [shapely.Point(560_050, 2_420_050), shapely.Point(560_060, 2_420_050)]
    gpd.GeoDataFrame(geometry=points, crs=4545).to_file(county / "houses.gpkg", layer="房屋")
    file = county / "landgis.toml"
    file.write_text(file.read_text(encoding="utf-8") + PROGRESS_TOML, encoding="utf-8")


def run_on(county, day, rows):
    file = county / "landgis.toml"
    text = re.sub(r"as_of = \S+", f"as_of = {day}", file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    lines = ["地块编号,处置完成日期,处置面积", *rows]
    (county / "register.csv").write_text("\n".join(lines), encoding="utf-8")
    folder = run(county).folder
    return {path.stem: pd.read_csv(path) for path in (folder / "tables").glob("*.csv")}, folder


def test_a_project_keeps_its_states_and_says_what_moved(county):
    grow_county(county)
    tables, folder = run_on(county, "2020-12-31", [])
    assert "moves" not in tables
    assert [path.name for path in (county / "snapshots").iterdir()] == ["2020-12-31.parquet"]
    seen = gpd.read_file(folder / "landgis.gpkg", layer="parcels").set_index("parcel_id")
    assert seen["ground_slope_deg"].tolist() == pytest.approx(
        [np.degrees(np.arctan(0.1))] * 6, abs=1e-3
    )
    assert set(seen["ground_source"]) == {"高程"}
    assert seen["house_count"].tolist() == [2, 0, 0, 0, 0, 0]
    assert set(seen["house_source"]) == {"houses.gpkg"}

    rows = ["P1,2022-02-01,0.1999", "X1,2022-12-31,0.2"]
    tables, folder = run_on(county, "2022-12-31", rows)
    whole = tables["figures"].set_index(["数字", "县区", "类别"])
    assert whole.loc[("累计处置", "西区", "批而未供"), "变动（平方米）"] == 1999.0
    moves = tables["moves"]
    told = moves[moves["数字"] == "累计处置"].set_index("地块编号")
    assert told["变动（平方米）"].to_dict() == {"P1": 1999.0, "X1": 2000.0}
    assert set(told["原因"]) == {"新处置"}
    reached = tables["achievements"].set_index(["指标编号", "县区（园区）", "年度"])
    # 0.1999 of 0.9999 is 19.99 %, 0.2 of 0.9999 is 20.00 %: enough for 18 %, not for 25 %
    assert reached.loc[("MB-3", "西区", 2022), "达标"] == "是"
    assert reached.loc[("MB-4", "西区", 2022), "达标"] == "否"
    assert (
        reached.loc[("JC", "西区", 2022), "奖惩"] == "核减20%的新增建设用地计划指标（−4.0000公顷）"
    )
    assert (
        reached.loc[("JC", "东区", 2022), "奖惩"] == "核减20%的新增建设用地计划指标（−2.0000公顷）"
    )
    book = openpyxl.load_workbook(folder / "ledger.xlsx")
    assert {"进度", "指标", "数字变动", "变动明细"} <= set(book.sheetnames)
    told = [cell.value for row in book["变动明细"].iter_rows() for cell in row]
    assert {"P1", "X1", "新处置"} <= set(told)
    assert min(path.name for path in (folder / "charts").iterdir()) == "进度_00_一览.png"

    # the same again keeps nothing new, and compares with the state before, not with itself
    again, _ = run_on(county, "2022-12-31", rows)
    pd.testing.assert_frame_equal(again["moves"], moves)
    assert len(list((county / "snapshots").iterdir())) == 2


def test_evidence_of_a_project_has_one_source(county):
    grow_county(county)
    file = county / "landgis.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('raster = "heights.tif"\n', ""), encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        run(county)
    assert "只写一个" in caught.value.hint
    file.write_text(
        text.replace('statistic = "count"', 'built = true\nstatistic = "count"'), encoding="utf-8"
    )
    with pytest.raises(ProjectError) as caught:
        run(county)
    assert "比例" in caught.value.hint

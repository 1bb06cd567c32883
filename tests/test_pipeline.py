"""The main job, end to end, on a small county whose every figure can be told in the head.

Cases: every file of the output folder, complete, none half; the manifest names inputs and outputs
by their digests; headline figures; conflict, cluster and sums; stale files of an earlier run go; a
run that fails leaves the earlier results alone; inputs are never touched; what counts as built is
what the policy says; and the mistakes people make with projects, each with its code and exit code.
"""

import hashlib
import json
import shutil
import sqlite3
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import landgis
from landgis import pipeline
from landgis.model.errors import CrsError, DataError, LandgisError, OutputError, SourceError
from landgis.pipeline import run
from landgis.policy import load


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def edit(county, old, new):
    file = county / "landgis.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def change_parcels(county, change):
    path = county / "parcels.gpkg"
    table = gpd.read_file(path)
    path.unlink()
    change(table).to_file(path, layer="parcels")


def table(folder, name):
    return pd.read_csv(folder / "tables" / f"{name}.csv", encoding="utf-8-sig")


@pytest.fixture
def ran(county):
    before = {path.name: digest(path) for path in county.iterdir()}
    told = []
    result = run(county, tell=lambda label, share: told.append((label, share)))
    assert {name: digest(county / name) for name in before} == before, "an input was touched"
    return result, told


@pytest.mark.parametrize(("limit", "told"), [("5/100", ["P1"]), ("6/10", [])])
def test_the_policy_says_what_counts_as_built(county, tmp_path, limit, told):
    # the evidence covers the western half of P1, whose structures are said to be cleared
    parcels = landgis.read(county / "parcels.gpkg").iloc[:1].assign(structures_cleared=[True])
    west, south, east, north = parcels.total_bounds
    half = shapely.box(west, south, (west + east) / 2, north)
    built = gpd.GeoDataFrame(geometry=[half], crs=parcels.crs)
    folder = shutil.copytree(load("qinzhou_2021").folder, tmp_path / "city")
    terms = (folder / "terms.toml").read_text(encoding="utf-8")
    assert terms.count("is = '5/100'") == 1
    terms = terms.replace("is = '5/100'", f"is = '{limit}'")
    (folder / "terms.toml").write_text(terms, encoding="utf-8")
    source = SimpleNamespace(
        name="built", statistic="share", values=(1,), source="实地", built=True,
        raster=None, file=None, date=None,
    )  # fmt: skip
    project, inputs = SimpleNamespace(evidence=[source]), SimpleNamespace(evidence={"built": built})
    seen, (found,) = pipeline._observe_all(project, load(folder), inputs, parcels)
    assert seen["built_share"].tolist() == pytest.approx([0.5], abs=1e-6)
    assert found["parcel_id"].tolist() == told


def test_folder_is_complete(ran):
    folder, _ = ran[0]
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"manifest.json", "landgis.gpkg", "ledger.xlsx", "map.html", "brief.docx"} <= names
    assert "tables/findings.csv" in names
    assert (
        len([name for name in names if name.startswith("maps/")]) == 7
    )  # one of them the cluster's
    assert not [name for name in names if ".landgis-" in name]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    listed = {entry["path"]: entry["sha256"] for entry in manifest["outputs"]}
    assert {*listed, "manifest.json"} == names
    assert all(digest(folder / name) == sha for name, sha in listed.items())
    inputs = {entry["path"]: entry["sha256"] for entry in manifest["inputs"]}
    assert inputs["parcels.gpkg"] == digest(folder.parent / "parcels.gpkg")
    assert manifest["counts"]["parcels"] == 6
    assert manifest["parameters"]["clusters"]["gap_m"] == 20


def test_headline(ran):
    (folder, headline), told = ran
    assert headline[0] == "合计（公顷）：批而未供 1.9998，闲置 0.9999，低效 1.9998，合计 4.9995"
    assert headline[1] == "与官方统计表之差：0.0000 公顷，逐格一致"
    assert headline[2] == "集中连片：1 片，2 宗"
    assert headline[4] == "与管控线冲突：1 宗，其中禁止 1 宗"
    assert str(folder) in headline[5]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_conflict_and_cluster(ran):
    folder = ran[0].folder
    conflicts = gpd.read_file(folder / "landgis.gpkg", layer="conflicts")
    assert conflicts["parcel_id"].tolist() == ["D1"]
    assert conflicts["area_m2"].iloc[0] == pytest.approx(5000, rel=2e-4)  # half of D1
    clusters = gpd.read_file(folder / "landgis.gpkg", layer="clusters")
    assert clusters["member_count"].tolist() == [2]
    members = gpd.read_file(folder / "landgis.gpkg", layer="parcels").set_index("parcel_id")
    assert members["cluster_id"].dropna().index.tolist() == ["D1", "D2"]
    with sqlite3.connect(folder / "landgis.gpkg") as database:
        styled = {row[0] for row in database.execute("SELECT f_table_name FROM layer_styles")}
    database.close()
    assert {"parcels", "conflicts", "clusters", "units"} <= styled


def test_stale_results_go_and_own_files_stay(county):
    folder = run(county).folder
    (folder / "maps" / "meine.png").write_bytes(b"mine")
    edit(county, '[annex]\nfile = "annex.csv"\n', "")
    run(county)
    names = {path.name for path in (folder / "maps").iterdir()}
    assert "meine.png" in names
    assert not any("对照" in name for name in names)


def test_barrier_parts_the_cluster(county):
    road = shapely.LineString([(561305, 2419000), (561305, 2421000)])
    gpd.GeoDataFrame(
        {"BSM": ["R1"], "ZGLB": ["铁路"], "KD": [4.0]}, geometry=[road], crs=4545
    ).to_file(county / "roads.gpkg", layer="roads")
    assert run(county).headline[2] == "集中连片：2 片，2 宗"


def refused(county, kind, code, exit_code):
    with pytest.raises(LandgisError) as caught:
        run(county)
    error = caught.value
    assert (type(error), error.code, error.exit_code) == (kind, code, exit_code)
    assert any("一" <= character <= "鿿" for character in error.hint)
    assert not (county / "out" / "manifest.json").exists()
    return error


def test_wrong_layer_name(county):
    edit(county, 'file = "parcels.gpkg"', 'file = "parcels.gpkg"\nlayer = "地块"')
    assert "parcels" in refused(county, SourceError, "layer_missing", 3).hint


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_no_crs(county):
    change_parcels(county, lambda table: table.set_crs(None, allow_override=True))
    refused(county, CrsError, "crs_missing", 1)


def test_degrees_where_metres_are_needed(county):
    change_parcels(county, lambda table: table.to_crs(4490))
    assert "[project]" in refused(county, CrsError, "crs_degrees", 1).hint
    edit(county, "as_of", 'crs = "EPSG:4545"\nas_of')
    assert run(county).headline[2] == "集中连片：1 片，2 宗"


def test_zones_in_another_crs_change_nothing(county):
    here = table(run(county).folder, "conflicts")
    zones = gpd.read_file(county / "zones.gpkg").to_crs(4490)
    (county / "zones.gpkg").unlink()
    zones.to_file(county / "zones.gpkg", layer="zones")
    there = table(run(county).folder, "conflicts")
    column = next(name for name in here.columns if "平方米" in name)
    assert there[column].tolist() == pytest.approx(here[column].tolist(), abs=0.01)


def test_empty_parcel_layer(county):
    change_parcels(county, lambda table: table.iloc[:0])
    refused(county, DataError, "layer_empty", 1)


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        (["P1", "P1", "X1", "D1", "D2", "Q1"], "id_duplicate"),
        (["P1", None, "X1", "D1", "D2", "Q1"], "id_missing"),
    ],
)
def test_parcels_that_cannot_be_told_apart(county, ids, code):
    change_parcels(county, lambda table: table.assign(DKBH=ids))
    refused(county, DataError, code, 1)


def test_null_and_empty_geometry_are_findings(county):
    def blank(table):
        shapes = table.geometry.to_list()
        shapes[0], shapes[1] = None, shapely.Polygon()
        return table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs))

    change_parcels(county, blank)
    folder, headline = run(county)
    assert headline[1].startswith("与官方统计表之差：0.0000 公顷")  # the ledger still counts them
    found = table(folder, "findings")
    assert set(found["地块编号"]) >= {"P1", "P2"}
    parcels = gpd.read_file(folder / "landgis.gpkg", layer="parcels").set_index("parcel_id")
    assert pd.isna(parcels.loc["P1", "area_m2"])


def test_bow_tie_is_repaired_in_the_open(county):
    bow = shapely.Polygon(
        [(561200, 2420000), (561300, 2420100), (561300, 2420000), (561200, 2420100)]
    )

    def tie(table):
        shapes = table.geometry.to_list()
        shapes[3] = bow
        return table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs))

    change_parcels(county, tie)
    folder = run(county).folder
    assert table(folder, "changes")["地块编号"].tolist() == ["D1"]
    assert "D1" in table(folder, "findings")["地块编号"].tolist()


def test_annex_that_does_not_add_up(county):
    annex = (county / "annex.csv").read_text(encoding="utf-8").replace("2.9997", "3.0000")
    (county / "annex.csv").write_text(annex, encoding="utf-8")
    kinds = table(run(county).folder, "differences")["差异类型"].tolist()
    assert any("附表" in kind for kind in kinds)


def test_annex_unit_without_polygon(county):
    units = gpd.read_file(county / "units.gpkg")
    (county / "units.gpkg").unlink()
    units.iloc[:1].to_file(county / "units.gpkg", layer="units")
    assert "东区" in refused(county, DataError, "unit_without_polygon", 1).hint


def test_folder_that_cannot_be_written(county):
    (county / "out").write_text("a file stands where the folder should be", encoding="utf-8")
    with pytest.raises(OutputError, match="output_unwritable"):
        run(county)


def test_run_is_a_verb():
    assert landgis.run is run


def test_a_crosswalk_and_the_list_of_parcels(county):
    edit(
        county,
        'file = "annex.csv"',
        'file = "annex.csv"\ncrosswalk = "walk.csv"\nlisted = "list.csv"',
    )
    with pytest.raises(LandgisError, match="input_missing") as caught:
        run(county)
    assert "walk.csv" in caught.value.hint
    annex = (county / "annex.csv").read_text(encoding="utf-8")
    unit = annex.splitlines()[-2].split(",")[0]
    (county / "annex.csv").write_text(annex.replace(unit, "市直属区"), encoding="utf-8")
    (county / "walk.csv").write_text(f"名称,统计单元\n市直属区,{unit}\n", encoding="utf-8")
    parcels = gpd.read_file(county / "parcels.gpkg")
    rows = parcels.loc[parcels["CLLB"] != "其他", ["TJDY", "CLLB", "DKBH", "DKMJ"]]
    extra = pd.DataFrame([[unit, "低效", "NEU", 0.5]], columns=rows.columns)
    pd.concat([rows, extra]).to_csv(county / "list.csv", index=False)
    folder, headline = run(county)
    found = table(folder, "differences").set_index("差异类型")
    assert found.loc["单元合并", "县区"] == unit
    assert found.loc["台账漏列", "地块编号"] == "NEU"
    assert float(found.loc["台账漏列", "差值（公顷）"]) == -0.5
    assert "逐格一致" in headline[1]  # the annex does not count it either

"""The main job on the made-up Qinzhou, against the annex and against what was planted.

Cases: the fourteen filled cells to the printed decimal, blanks blank; the ledger errors, each with
its parcel and size; readiness of every stock parcel; clusters at 20 m; crossings of control lines;
buildings on ground said to be cleared; sheets at 300 dpi on A4; the web page without a network.

The planted truths were written by the generator, and the annex is the official one: neither comes
from the code under test.
"""

import json
import shutil
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from landgis.folder import init
from landgis.pipeline import run

SAMPLE = Path(__file__).parent.parent / "sample_data"
CLASSES = ["批而未供", "闲置", "低效", "合计"]
ANNEX = {  # 钦政办〔2021〕41号, annex, 公顷
    "市主城区": ["921.6116", "8.6559", "263.2333", "1193.5008"],
    "自贸区钦州港片区": ["595.0824", None, "39.4193", "634.5017"],
    "灵山县": ["351.0186", None, "76.1100", "427.1286"],
    "浦北县": ["362.3102", "4.6971", "20.9800", "387.9873"],
    "钦南区": ["223.0094", "7.2405", None, "230.2499"],
    "钦北区": ["201.0507", "26.2522", None, "227.3029"],
    "合计": ["2654.0829", "46.8457", "399.7426", "3100.6712"],
}


@pytest.fixture(scope="module")
def truths():
    return json.loads((SAMPLE / "TRUTHS.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    return run(SAMPLE, out=tmp_path_factory.mktemp("main_job") / "out")


@pytest.fixture(scope="module")
def parcels(ran):
    return gpd.read_file(ran.folder / "landgis.gpkg", layer="parcels").set_index("parcel_id")


def table(ran, name):
    return pd.read_csv(ran.folder / "tables" / f"{name}.csv", encoding="utf-8-sig", dtype=str)


def test_headline(ran):
    assert ran.headline[0].endswith(
        "批而未供 2654.0829，闲置 46.8457，低效 399.7426，合计 3100.6712"
    )
    assert ran.headline[1] == "与官方统计表之差：0.0000 公顷，逐格一致"
    assert ran.headline[3].endswith("（含农村存量 160 宗）")  # planted; the sheets leave them out


def test_every_cell_agrees_with_the_annex(ran):
    cells = table(ran, "reconciliation").set_index(["县区", "类别"])
    for unit, figures in ANNEX.items():
        for name, printed in zip(CLASSES, figures, strict=True):
            row = cells.loc[(unit, name)]
            if printed is None:
                assert pd.isna(row["官方面积（公顷）"])
                assert row["宗数（宗）"] == "0"
            else:
                assert f"{float(row['官方面积（公顷）']):.4f}" == printed
                assert f"{float(row['台账面积（公顷）']):.4f}" == printed
                assert float(row["台账减官方（公顷）"]) == 0


def test_planted_ledger_errors_are_the_only_ones(ran, parcels, truths):
    found = table(ran, "differences")
    found = found[found["差异类型"].str.contains("不符", na=False)].set_index("地块编号")
    ledger_m2 = parcels["declared_ha"] * 10_000
    planted = {
        row["parcel_id"]: row["declared_minus_measured_m2"] for row in truths["ledger_errors"]
    }
    beyond = {  # a thousandth of the parcel is tolerated
        name: m2 for name, m2 in planted.items() if abs(m2) > max(1, 0.001 * ledger_m2[name])
    }
    assert len(beyond) >= 5
    assert set(found.index) == set(beyond)
    measured_minus_ledger = found["差值（公顷）"].astype(float) * 10_000
    for parcel, error in beyond.items():
        assert measured_minus_ledger[parcel] == pytest.approx(-error, abs=1)


def test_readiness_of_every_stock_parcel(parcels, truths):
    planted = pd.Series({name: row["readiness"] for name, row in truths["readiness"].items()})
    assert parcels.loc[planted.index, "readiness"].tolist() == planted.tolist()


def test_clusters_are_the_planted_ones(parcels, truths):
    wanted = {
        frozenset(group["members"])
        for group in truths["clusters"]["groups"]
        if len(group["members"]) > 1 and group["area_m2"] >= 10_000
    }
    clustered = parcels["cluster_id"].dropna()
    found = {frozenset(members) for members in clustered.groupby(clustered).groups.values()}
    assert found == wanted
    assert len(found) > 20


def test_crossings_are_found_with_their_size(ran, truths):
    conflicts = gpd.read_file(ran.folder / "landgis.gpkg", layer="conflicts")
    area = conflicts.groupby(["parcel_id", "layer"])["area_m2"].sum()
    checked = 0
    for crossing in truths["crossings"]:
        if crossing["layer"] in {"YJJBNTTB", "STBHHX"}:
            place = crossing["parcel_id"], crossing["layer"]
            if crossing["sliver"]:
                assert place not in area.index
            else:
                assert area[place] == pytest.approx(crossing["area_m2"], abs=0.02)
            checked += 1
    assert checked >= 10
    forbidden = conflicts.loc[conflicts["verdict"] == "禁止", "parcel_id"]
    assert set(forbidden) == {
        row["parcel_id"]
        for row in truths["crossings"]
        if row["layer"] in {"YJJBNTTB", "STBHHX"} and not row["sliver"]
    }


def test_buildings_on_cleared_ground_are_shown(ran, truths):
    findings = table(ran, "findings")
    shown = findings.loc[findings["问题代码"] == "cleared_but_built", "地块编号"]
    assert set(shown) == set(truths["built_though_cleared"])


def test_sheets_are_a4_at_300_dpi(ran):
    sheets = sorted((ran.folder / "maps").iterdir())
    assert (
        len(sheets) == 24
    )  # three classes, total, comparison, readiness, six units, twelve clusters
    for path in sheets:
        pixels = imread(path)
        assert pixels.shape[:2] == (2480, 3508)
        assert np.ptp(pixels[..., :3]) > 0.5  # not a blank page
    assert (ran.folder / "atlas.pdf").read_bytes().startswith(b"%PDF-")


def test_page_opens_without_a_network(ran, chromium, tmp_path):
    page = (ran.folder / "map.html").as_uri()
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={tmp_path}", "--virtual-time-budget=20000", "--dump-dom", page,
        ],
        capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    assert "leaflet-container" in done.stdout
    assert "3100.6712" in done.stdout


def test_init_writes_a_project_that_gives_the_same_figures(ran, tmp_path):
    for path in SAMPLE.iterdir():
        if path.is_file() and path.name != "landgis.toml":
            shutil.copy(path, tmp_path)
    init(tmp_path)
    again = run(tmp_path)
    assert again.headline[:2] == ran.headline[:2]
    assert again.headline[3:5] == ran.headline[3:5]  # readiness and conflicts

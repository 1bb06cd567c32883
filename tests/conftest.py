"""What several test files share: browser, PostGIS, a small county, and the law that CI skips nothing."""

import os
import shutil

import geopandas as gpd
import pandas as pd
import pytest
import shapely

CRS = "EPSG:4545"
WEST, SOUTH = 560_000.0, 2_420_000.0
COUNTY_TOML = """
[project]
title = "小县存量土地"
place = "小县"
as_of = 2020-12-31
note = "测试数据"

[parcels]
file = "parcels.gpkg"

[units]
file = "units.gpkg"

[annex]
file = "annex.csv"

[[zones]]
file = "zones.gpkg"
name = "YJJBNTTB"

[[barriers]]
file = "roads.gpkg"

[clusters]
gap_m = 20
min_area_m2 = 0

[maps]
dpi = 72
unit_maps = false
"""
# unit, class, printed hectares; every box below is 100 m wide and 100 m high: 9999.05 m² by the
# statute here, so its ledger area is 0.9999 ha
ANNEX = """县区,批而未供,闲置,低效,合计
东区,0.9999,,1.9998,2.9997
西区,0.9999,0.9999,,1.9998
合计,1.9998,0.9999,1.9998,4.9995
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Under CI a skip is a failure: there the machine has all that the tests need."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped under CI: {call.excinfo.value}"
    return report


@pytest.fixture(scope="session")
def chromium():
    """Path of Debian's chromium; a machine without it skips what needs it, in one line."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    return binary


@pytest.fixture(scope="session")
def postgis():
    """A PostGIS server of our own in a temporary folder; a machine without it skips, in one line."""
    from benchmarks.postgis import Server

    try:
        server = Server()
    except (FileNotFoundError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        pytest.skip(f"no PostGIS (Debian: apt-get install postgresql-postgis): {reason}")
    yield server
    server.stop()


def box(column, row, width=1.0, height=1.0):
    """A box on the county's grid of 100 m."""
    west, south = WEST + 100 * column, SOUTH + 100 * row
    return shapely.box(west, south, west + 100 * width, south + 100 * height)


@pytest.fixture
def county(tmp_path):
    """A folder with a small county: five stock parcels in two units, a zone, a road, an annex.

    The two 低效 parcels stand 10 m apart; the zone takes the western half of D1; the ledger sums to
    the annex.
    """
    parcels = gpd.GeoDataFrame(
        {
            "DKBH": ["P1", "P2", "X1", "D1", "D2", "Q1"],
            "TJDY": ["西区", "东区", "西区", "东区", "东区", "东区"],
            "CLLB": ["批而未供", "批而未供", "闲置", "低效", "低效", "其他"],
            "DKMJ": [0.9999] * 6,
            "HTBH": [None, None, "合同1", None, None, None],
            "GDRQ": pd.to_datetime([None, None, "2018-01-01", None, None, None]),
            "YDKGRQ": pd.to_datetime([None, None, "2019-01-01", None, None, None]),
            "SFDG": [None, None, "否", None, None, None],
        },
        geometry=[box(0, 0), box(10, 0), box(2, 0), box(12, 0), box(13.1, 0), box(16, 0)],
        crs=CRS,
    )
    units = gpd.GeoDataFrame(
        {"TJDY": ["西区", "东区"]}, geometry=[box(-5, -5, 13, 11), box(8, -5, 13, 11)], crs=CRS
    )
    zones = gpd.GeoDataFrame({"BSM": ["Z1"]}, geometry=[box(11.5, -1, 1, 3)], crs=CRS)
    road = shapely.LineString([(WEST + 1500, SOUTH - 500), (WEST + 1500, SOUTH + 500)])
    roads = gpd.GeoDataFrame(
        {"BSM": ["R1"], "ZGLB": ["主干路"], "KD": [30.0]}, geometry=[road], crs=CRS
    )
    for name, table in {
        "parcels": parcels,
        "units": units,
        "zones": zones,
        "roads": roads,
    }.items():
        table.to_file(tmp_path / f"{name}.gpkg", layer=name)
    (tmp_path / "annex.csv").write_text(ANNEX, encoding="utf-8")
    (tmp_path / "landgis.toml").write_text(COUNTY_TOML, encoding="utf-8")
    return tmp_path

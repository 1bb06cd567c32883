"""What is which in a folder? init() writes a landgis.toml that runs.

Cases: the small county (every role recognised, with reason and confidence) and the run without an
edit; parcels in degrees (a system in metres is proposed); parcels without an id; files nobody
knows; an existing project file; no folder; no parcels.
"""

import shutil

import geopandas as gpd
import pytest
import shapely

from landgis.folder import init
from landgis.model.errors import SourceError, UsageError
from landgis.pipeline import run
from landgis.project import read_project


@pytest.fixture
def folder(county):
    (county / "landgis.toml").unlink()
    return county


def test_every_role_is_recognised_and_runs(folder):
    (folder / "readme.gpkg").write_text("not a GeoPackage", encoding="utf-8")
    text = init(folder).read_text(encoding="utf-8")
    project = read_project(folder)
    assert project.parcels.file == "parcels.gpkg"
    assert project.units.file == "units.gpkg"
    assert [source.file for source in project.zones] == ["zones.gpkg"]
    assert [source.file for source in project.barriers] == ["roads.gpkg"]
    assert project.annex.file == "annex.csv"
    assert "把握：高" in text
    assert "readme.gpkg" in text
    shutil.move(folder / "readme.gpkg", folder.parent / "elsewhere.gpkg")
    assert run(folder).headline[1].endswith("逐格一致")


def test_day_printed_in_the_annex(folder):
    annex = (folder / "annex.csv").read_text(encoding="utf-8")
    titled = "小县存量土地统计表(截至2019年6月30日),,,,\n" + annex
    (folder / "annex.csv").write_text(titled, encoding="utf-8")
    init(folder)
    assert read_project(folder).project.as_of.isoformat() == "2019-06-30"


def test_degrees_get_a_system_in_metres(folder):
    table = gpd.read_file(folder / "parcels.gpkg").to_crs(4490)
    (folder / "parcels.gpkg").unlink()
    table.to_file(folder / "parcels.gpkg", layer="parcels")
    init(folder)
    assert read_project(folder).project.crs == "EPSG:4545"


def test_parcels_without_an_id_are_numbered(tmp_path):
    table = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4545)
    table.to_file(tmp_path / "parcels.gpkg", layer="parcels")
    text = init(tmp_path).read_text(encoding="utf-8")
    assert read_project(tmp_path).parcels.columns == {"parcel_id": "#"}
    assert "可选的字段：name" in text


def test_existing_project_file(county):
    with pytest.raises(UsageError, match="project_exists"):
        init(county)
    before = (county / "landgis.toml").read_text(encoding="utf-8")
    init(county, overwrite=True)
    assert (county / "landgis.toml").read_text(encoding="utf-8") != before


def test_no_folder_and_no_parcels(tmp_path):
    with pytest.raises(SourceError, match="folder_missing"):
        init(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="no_parcels"):
        init(tmp_path)


def test_nothing_looks_like_parcels_so_the_largest_layer_is_taken(tmp_path):
    few = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4545)
    many = gpd.GeoDataFrame(
        {"b": range(9)}, geometry=[shapely.box(i, 0, i + 1, 1) for i in range(9)], crs=4545
    )
    few.to_file(tmp_path / "a.gpkg", layer="a")
    many.to_file(tmp_path / "b.gpkg", layer="b")
    text = init(tmp_path).read_text(encoding="utf-8")
    assert read_project(tmp_path).parcels.file == "b.gpkg"
    assert "把握：低（没有图层像地块，暂取面最多的图层，9 个面）" in text

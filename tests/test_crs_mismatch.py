"""Zones in another coordinate system than the parcels are refused, and both are named.

Cases: tabulate and overlay, degrees against metres, zones of another meridian, with and without
zone prefix; the same system under another name is no mismatch; the command line.
"""

import sys

import geopandas as gpd
import pytest
import shapely

import landgis
from landgis.cli import main
from landgis.model.errors import CrsError

SQUARE = shapely.box(562_000, 2_428_000, 562_100, 2_428_100)


def table(name, crs=4545):
    made = gpd.GeoDataFrame({"zone_code": ["A"]}, geometry=[SQUARE], crs=4545, index=["X1"])
    return made.rename_axis(name).to_crs(crs)


def verbs(parcels, zones):
    return (lambda: landgis.tabulate(parcels, zones), lambda: landgis.overlay(parcels, zones))


@pytest.mark.parametrize(
    ("ours", "theirs"), [(4545, 4490), (4490, 4545), (4545, 4524), (4545, 4546), (4545, 32649)]
)
def test_another_system_is_refused_and_both_are_named(ours, theirs):
    parcels, zones = table("parcel_id", ours), table("zone_id", theirs)
    for call in verbs(parcels, zones):
        with pytest.raises(CrsError) as caught:
            call()
        assert caught.value.code == "crs_mismatch"
        assert caught.value.exit_code == 1
        for crs in (parcels.crs, zones.crs):
            assert crs.name in str(caught.value)
            assert crs.name in caught.value.hint
        assert "坐标系" in caught.value.hint
        assert "to_crs" in caught.value.hint or "--to-crs" in caught.value.hint


def test_the_same_system_under_another_name_is_no_mismatch():
    parcels, zones = table("parcel_id"), table("zone_id")
    same = zones.set_crs(zones.crs.to_wkt(), allow_override=True)
    assert landgis.tabulate(parcels, same).share.tolist() == pytest.approx([1.0])
    assert len(landgis.overlay(parcels, same).pieces) == 1


def test_the_command_line_says_both(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"parcel_id": "DKBH", "zone_id": "BSM", "zone_code": "GHFQDM"}
    for name, index, crs in (("parcels", "parcel_id", 4545), ("zones", "zone_id", 4490)):
        table(index, crs).reset_index().rename(columns=names).to_file(f"{name}.gpkg", layer=name)
    for verb in ("tabulate", "overlay"):
        monkeypatch.setattr(sys, "argv", ["landgis", verb, "parcels.gpkg", "zones.gpkg"])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert left.value.code == 1
        assert said.out == ""
        for crs in (4545, 4490):
            assert gpd.GeoSeries(crs=crs).crs.name in said.err

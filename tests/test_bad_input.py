"""Bad input to measure, tabulate and overlay, in Python and on the command line.

Cases: zones that overlap under raise (the first pairs and how many); a layer without the column
asked for; degrees and feet where metres are needed; no declared system; empty layers (an empty
result with the right columns); zones outside all parcels; two rows with the same parcel_id;
unknown options. Every error has a stable code, names what is wrong, and hints at the mend in Chinese.
"""

import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely

import landgis
from landgis.cli import main
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError

X, Y = 562_000.0, 2_428_000.0
PIECES, ACCOUNT, FINDINGS = (
    [column.name for column in table.columns]
    for table in (schema.PIECES, schema.ACCOUNT, schema.FINDINGS)
)


def box(west, south, east, north):
    return shapely.box(X + west, Y + south, X + east, Y + north)


def table(shapes, index, name, crs=4545, **columns):
    made = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=list(index))
    return made.rename_axis(name)


def parcels(*shapes, index=None, crs=4545):
    return table(shapes, index or [f"P{k}" for k in range(len(shapes))], "parcel_id", crs)


def zones(*shapes, crs=4545, **columns):
    columns.setdefault("zone_code", ["A"] * len(shapes))
    return table(shapes, [f"Z{k}" for k in range(len(shapes))], "zone_id", crs, **columns)


def is_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.fixture
def in_folder(tmp_path, monkeypatch, capsys):
    """Call landgis on tables written to a folder; give exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, **layers):
        for name, layer in layers.items():
            known = {"parcel_id": "DKBH", "zone_id": "BSM", "zone_code": "GHFQDM"}
            layer.reset_index().rename(columns=known).to_file(f"{name}.gpkg", layer=name)
        monkeypatch.setattr(sys, "argv", ["landgis", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return call


SQUARE = box(0, 0, 100, 100)
CLAIMED = (box(0, 0, 60, 100), box(40, 0, 100, 100), box(50, 50, 70, 60), box(65, 55, 90, 80))


def test_overlapping_zones_are_refused_with_their_names_and_number():
    with pytest.raises(DataError) as caught:
        landgis.overlay(parcels(SQUARE), zones(*CLAIMED))
    assert caught.value.code == "zones_overlap"
    # Z0 and Z1 share 2000 m², Z1 and Z3 625 m², Z1 and Z2 200 m²: the three largest of five
    # (Z0 and Z2 100 m², Z2 and Z3 25 m²)
    for said in (str(caught.value), caught.value.hint):
        for words in ("Z0", "Z1", "Z2", "Z3", "P0", "5", "1999.8", "624.9", "199.98"):
            assert words in said
    assert is_chinese(caught.value.hint)
    assert "twice" in caught.value.hint
    assert "priority" in caught.value.hint


def test_overlapping_zones_on_the_command_line(in_folder):
    command = ("overlay", "parcels.gpkg", "zones.gpkg")
    code, out, err = in_folder(*command, parcels=parcels(SQUARE), zones=zones(*CLAIMED))
    assert code == 1
    assert out == ""
    assert "5 对" in err
    assert "zones_overlap" in err or "重叠" in err
    for how in ("twice", "priority"):
        assert in_folder(*command, "--overlaps", how)[0] == 0


def test_a_layer_without_the_column(in_folder):
    plan = zones(SQUARE, use=["田"])
    with pytest.raises(SchemaError) as caught:
        landgis.tabulate(parcels(SQUARE), plan, by="GHYT")
    assert caught.value.code == "column_missing"
    assert "GHYT" in str(caught.value)
    for known in ("GHYT", "zone_id", "zone_code", "use"):
        assert known in caught.value.hint
    command = ("tabulate", "parcels.gpkg", "zones.gpkg", "--by", "GHYT")
    code, out, err = in_folder(*command, parcels=parcels(SQUARE), zones=plan)
    assert (code, out) == (1, "")
    assert "GHYT" in err


def test_degrees_where_metres_are_needed(in_folder):
    degrees = parcels(SQUARE).to_crs(4490)
    for call in (
        lambda: landgis.measure(degrees, method="planar"),
        lambda: landgis.measure(degrees, method="tdt1055"),
    ):
        with pytest.raises(CrsError) as caught:
            call()
        assert caught.value.code == "crs_degrees"
        assert "4490" in str(caught.value)
        assert is_chinese(caught.value.hint)
        assert "EPSG:4545" in caught.value.hint
    # what has an answer in degrees gives the answer it gives in metres
    exact = landgis.measure(parcels(SQUARE)).area_m2.iloc[0]
    assert landgis.measure(degrees).area_m2.iloc[0] == pytest.approx(exact, abs=1e-4)
    cross = landgis.tabulate(degrees, zones(box(0, 0, 50, 200)).to_crs(4490))
    assert cross.share.tolist() == pytest.approx([0.5], abs=1e-5)
    command = ("measure", "parcels.gpkg", "--method", "planar")
    code, out, err = in_folder(*command, parcels=degrees)
    assert (code, out) == (1, "")
    assert "经纬度" in err


def test_feet_and_no_system():
    feet = parcels(shapely.box(7.5e5, 2.95e6, 7.51e5, 2.951e6), crs=2249)
    with pytest.raises(CrsError, match="crs_not_metres"):
        landgis.measure(feet, method="planar")
    nowhere = parcels(SQUARE).set_crs(None, allow_override=True)
    for call in (
        lambda: landgis.measure(nowhere),
        lambda: landgis.tabulate(nowhere, zones(SQUARE)),
        lambda: landgis.overlay(nowhere, zones(SQUARE)),
        lambda: landgis.overlay(parcels(SQUARE), zones(SQUARE).set_crs(None, allow_override=True)),
        lambda: landgis.tabulate(parcels(SQUARE), zones(SQUARE).set_crs(None, allow_override=True)),
    ):
        with pytest.raises(CrsError, match="crs_missing") as caught:
            call()
        assert is_chinese(caught.value.hint)


@pytest.mark.parametrize("overlaps", ["raise", "twice", "priority"])
def test_empty_layers(overlaps):
    nobody, plan, none = parcels(), zones(SQUARE), zones()
    assert landgis.measure(nobody).columns.tolist() == ["geometry", "area_m2"]
    for some, others in ((nobody, plan), (parcels(SQUARE), none), (nobody, none)):
        cross = landgis.tabulate(some, others)
        assert cross.columns.tolist() == ["parcel_id", "zone_code", "area_m2", "share"]
        assert cross.empty
        overlaid = landgis.overlay(some, others, overlaps=overlaps)
        assert overlaid.pieces.columns.tolist() == PIECES
        assert overlaid.outside.columns.tolist() == PIECES
        assert overlaid.account.columns.tolist() == ACCOUNT
        assert overlaid.findings.columns.tolist() == FINDINGS
        assert overlaid.pieces.empty
        assert overlaid.findings.empty
        assert len(overlaid.account) == len(some)
        assert overlaid.pieces.crs == some.crs
        # an empty table has the kinds of a full one
        full = landgis.overlay(parcels(SQUARE), plan)
        assert overlaid.pieces.dtypes.to_dict() == full.pieces.dtypes.to_dict()
        assert overlaid.account.dtypes.to_dict() == full.account.dtypes.to_dict()


def test_zones_outside_all_parcels():
    far = zones(box(1e4, 1e4, 2e4, 2e4), box(-2e4, 0, -1e4, 10))
    assert landgis.tabulate(parcels(SQUARE), far).empty
    overlaid = landgis.overlay(parcels(SQUARE), far)
    assert overlaid.pieces.empty
    assert overlaid.findings.empty
    (row,) = overlaid.account.itertuples()
    assert row.outside_dm2 == row.parcel_dm2
    assert shapely.equals_exact(overlaid.outside.geometry.iloc[0], SQUARE, tolerance=0.0)


def test_two_rows_with_one_parcel_id():
    # every row keeps figures of its own; nothing is lost, nothing is joined
    twins = parcels(SQUARE, box(200, 0, 250, 100), index=["P", "P"])
    plan = zones(box(0, 0, 50, 100), box(200, 0, 300, 100))
    overlaid = landgis.overlay(twins, plan)
    assert overlaid.account.parcel_id.tolist() == ["P", "P"]
    assert overlaid.account.outside_dm2.tolist() == pytest.approx([5e5, 0], rel=1e-4)
    assert overlaid.pieces.share.tolist() == pytest.approx([0.5, 1.0], abs=1e-4)
    cross = landgis.tabulate(twins, plan)
    assert cross.parcel_id.tolist() == ["P", "P"]
    assert cross.area_m2.tolist() == pytest.approx([5000, 5000], rel=1e-4)
    assert landgis.measure(twins).area_m2.tolist() == pytest.approx([10_000, 5_000], rel=1e-4)


def test_unknown_options():
    with pytest.raises(UsageError, match="unknown_overlaps"):
        landgis.overlay(parcels(SQUARE), zones(SQUARE), overlaps="ignore")
    with pytest.raises(UsageError, match="unknown_method"):
        landgis.measure(parcels(SQUARE), method="guess")
    for bad in (0.0, -1.0, np.nan):
        with pytest.raises(UsageError, match="bad_split"):
            landgis.measure(parcels(SQUARE), split_m=bad)

"""Layers in and out.

Cases: names met (codes, labels, headings with units, cut names, two sources, given columns); values
as people write them and what cannot be read; ids missing, null, repeated, numbered; encodings of
shapefiles (none declared, .cpg right and wrong, language byte, cut characters, explicit, Latin-1);
systems missing, given, contradicted, and every contradiction the numbers can prove; layers missing,
ambiguous, empty, chosen; other shapes, null and empty geometry, heights, curves; sources missing,
broken, drawings, zips with GBK names, folders, geodatabase, KML, GeoParquet; write then read over
formats and headings; shapefiles with fixed widths, no value cut, a user's own long names shortened,
told and given back; complete or absent.
"""

import datetime as dt
import itertools
import shutil
import zipfile

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from landgis.formats.vector import describe, read, write, write_layers
from landgis.model import schema
from landgis.model.errors import (
    CrsError,
    DataError,
    OutputError,
    SchemaError,
    SourceError,
    UsageError,
)

EAST, NORTH = 562_000.0, 2_428_000.0  # in EPSG:4545
PREFIX = 36e6
SQUARE = shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)


def layer(path, columns=None, *, shapes=None, crs="EPSG:4545", **options):
    columns = {"DKBH": ["A1"]} if columns is None else columns
    rows = len(next(iter(columns.values()))) if columns else len(shapes)
    table = gpd.GeoDataFrame(columns, geometry=shapes or [SQUARE] * rows, crs=crs)
    pyogrio.write_dataframe(table, path, **options)
    return path


def parcels(**columns):
    rows = len(columns["parcel_id"])
    squares = [shapely.affinity.translate(SQUARE, 100 * i) for i in range(rows)]
    return gpd.GeoDataFrame(columns, geometry=squares, crs="EPSG:4545").set_index("parcel_id")


# -- names


def test_codes_labels_and_units_become_canonical(tmp_path):
    path = layer(
        tmp_path / "a.gpkg",
        {
            "dkbh": ["A1"],
            "地块名称": ["甲"],
            "地块面积（亩）": ["1,500"],
            "合同_容积率": [2.5],
            "报批_批复文号": ["桂政土批函〔2017〕110号"],
            "备注": ["x"],
        },
    )
    table = read(path)
    row = table.loc["A1"]
    assert row["parcel_name"] == "甲"
    assert row["declared_ha"] == pytest.approx(100.0)
    assert row["contract_far"] == 2.5
    assert row["approval_no"] == "桂政土批函〔2017〕110号"
    assert row["备注"] == "x"
    assert table.attrs["names"]["declared_ha"] == "地块面积（亩）"


def test_first_name_of_the_schema_wins_and_the_other_stays(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1"], "BPXMMC": ["批"], "XMMC": ["供"]})
    assert read(path).loc["A1", ["project_name", "BPXMMC"]].tolist() == ["供", "批"]


def test_given_columns_go_first(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1"], "ML": ["7-1"], "CFKZQK": ["部分空置"]})
    table = read(path, columns={"parcel_id": "ML", "vacancy_share": ""})
    assert table.index.tolist() == ["7-1"]
    assert table.loc["7-1", ["DKBH", "CFKZQK"]].tolist() == ["A1", "部分空置"]


def test_units_are_never_lost(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1"], "面积（亩）": [15.0]})
    given = read(path, columns={"declared_ha": "面积（亩）"})
    assert given["declared_ha"].tolist() == [1.0]
    # 地块面积（亩） as GBK cuts it: whether it was 亩 or 公顷 nobody can tell any more
    path = layer(tmp_path / "a.shp", {"DKBH": ["A1"], "地块面积（": [15.0]}, encoding="GBK")
    assert "declared_ha" not in read(path).columns


@pytest.mark.parametrize(
    ("columns", "kind", "code", "named"),
    [
        ({"parcel_no": "DKBH"}, UsageError, "unknown_column", ("parcel_no", "DKBH")),
        ({"parcel_id": "ID"}, SchemaError, "column_absent", ("parcel_id", "ID")),
        ({"declared_ha": "#"}, UsageError, "unknown_column", ("declared_ha", "#")),
        ({"parcel_name": "DKBH"}, SchemaError, "column_twice", ("parcel_name", "DKBH")),
    ],
)
def test_given_columns_are_checked(tmp_path, columns, kind, code, named):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1"], "parcel_name": ["甲"]})
    with pytest.raises(kind) as caught:
        read(path, columns=columns)
    assert caught.value.code == code
    assert all(name in caught.value.hint for name in named)


def test_names_that_gbk_cut_to_five_characters(tmp_path):
    columns = {
        "地块编号": ["A1"],
        "处置完成日": ["20210305"],
        "批而未供原": ["征拆"],
        "规划条件明": ["是"],
    }
    path = layer(tmp_path / "a.shp", columns, encoding="GBK")
    row = read(path).loc["A1"]
    assert row["disposal_date"] == pd.Timestamp(2021, 3, 5)
    assert row["unsupplied_reason"] == "征拆"
    assert row["plan_conditions_set"]


# -- values


def test_values_take_the_dtypes_of_the_schema(tmp_path):
    path = layer(
        tmp_path / "a.gpkg",
        {
            "DKBH": [101, 102],
            "XZQDM": [450702.0, None],
            "DKMJ": ["１，２３４．５", " — "],
            "HMTS": [30.0, None],
            "SFDG": ["是", "未知"],
            "BPPFRQ": ["2021年3月5日", None],
            "CLLB": ["涉嫌闲置土地", "其他"],
            "CFKZQK": ["35%", "0.5"],
        },
    )
    table = read(path)
    for name in table.columns.drop("geometry"):
        assert table[name].dtype == schema.DTYPES[schema.PARCELS.column(name).kind]
    assert table.index.tolist() == ["101", "102"]
    assert table["county_code"].iloc[0] == "450702"
    assert table["declared_ha"].iloc[0] == 1234.5
    assert table["exempt_days"].tolist() == [30, pd.NA]
    assert table["commenced"].tolist() == [True, pd.NA]
    assert table["land_class"].tolist() == ["闲置", "其他"]
    assert table["vacancy_share"].tolist() == [0.35, 0.5]
    assert table.isna().loc["102", ["county_code", "declared_ha", "approval_date"]].all()


@pytest.mark.parametrize(
    "written",
    [
        "2021-03-05",
        "2021/3/5",
        "2021.3.5",
        "20210305",
        "2021年3月5日",
        "2021-03-05T08:00:00",
        "2021-3-5 0:00",
    ],
)
def test_dates_as_people_write_them(tmp_path, written):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1"], "GDRQ": [written]})
    assert read(path)["supply_date"].tolist() == [pd.Timestamp(2021, 3, 5)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("GDRQ", "2021年3月"),
        ("GDRQ", "2021-02-30"),
        ("GDRQ", "44260"),  # a day of Excel's calendar only in a table
        ("SFDG", "部分"),
        ("DKMJ", "约3公顷"),
        ("DKMJ", "3.5亩"),
        ("DKMJ", "1.2.3"),
        ("HMTS", "3.5"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_place(tmp_path, column, value):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1", "A2"], column: [None, value]})
    with pytest.raises(SchemaError, match="value_unreadable") as caught:
        read(path)
    assert "row 2" in str(caught.value)
    assert value in caught.value.hint
    assert str(path) in str(caught.value)


def test_long_integers_keep_their_digits(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"DKBH": pd.array([450702200500000001, None], dtype="Int64")})
    assert read(path).index.tolist() == ["450702200500000001", ""]


# -- ids


def test_missing_and_repeated_ids_are_left_for_check(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1", None, "A1", " "]})
    assert read(path).index.tolist() == ["A1", "", "A1", ""]


def test_no_id_column(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"名字": ["甲", "乙"]})
    with pytest.raises(SchemaError, match="id_missing") as caught:
        read(path)
    assert "'parcel_id': '#'" in caught.value.hint
    assert "名字" in caught.value.hint
    assert read(path, columns={"parcel_id": "#"}).index.tolist() == ["行1", "行2"]
    with pytest.raises(SchemaError, match="id_missing"):
        read(path, kind="units")
    for kind in ("zones", "barriers"):
        assert read(path, kind=kind).index.tolist() == ["行1", "行2"]


def test_zones_learn_their_layer(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"BSM": ["1"], "GHFQDM": ["01"]}, layer="CZKFBJ")
    zones = read(path, kind="zones")
    assert zones.loc["1", ["zone_code", "layer"]].tolist() == ["01", "CZKFBJ"]


def test_unknown_kind(tmp_path):
    with pytest.raises(UsageError, match="unknown_kind"):
        read(layer(tmp_path / "a.gpkg"), kind="roads")


# -- encodings


@pytest.fixture
def shapefile(tmp_path):
    """Write a GBK shapefile and declare its encoding as told: .cpg text, language byte."""

    def make(cpg, language, *, encoding="GBK", name="钦南区示例地块一号"):
        label = "地块名称" if encoding == "GBK" else "DKMC"
        path = layer(tmp_path / "a.shp", {"DKBH": ["A1"], label: [name]}, encoding=encoding)
        page = path.with_suffix(".cpg")
        page.unlink()
        if cpg:
            page.write_text(cpg, encoding="ascii")
        data = bytearray(path.with_suffix(".dbf").read_bytes())
        data[29] = language
        path.with_suffix(".dbf").write_bytes(data)
        return path

    return make


@pytest.mark.parametrize(
    ("cpg", "language", "verdict"),
    [
        ("", 0, "GB18030"),
        ("", 87, "GB18030"),
        ("", 0x4D, "GBK"),
        ("GBK", 0, "GBK"),
        ("936", 0, "cp936"),
        ("OEM", 0, "GB18030"),
        ("UTF-8", 0, "GB18030"),
    ],
)
def test_gbk_shapefiles(shapefile, cpg, language, verdict):
    path = shapefile(cpg, language)
    assert read(path).loc["A1", "parcel_name"] == "钦南区示例地块一号"
    row = describe(path).iloc[0]
    assert row["encoding"] == verdict
    assert row["encoding_sure"]
    assert "地块名称" in row["fields"]
    assert ("不符" in row["encoding_basis"]) == (cpg == "UTF-8")


@pytest.mark.parametrize("cpg", ["UTF-8", ""])
def test_utf8_shapefiles(tmp_path, cpg):
    path = layer(tmp_path / "a.shp", {"DKBH": ["A1"], "DKMC": ["钦南区"]}, encoding="UTF-8")
    path.with_suffix(".cpg").write_text(cpg)
    assert read(path).loc["A1", "parcel_name"] == "钦南区"


def test_explicit_encoding_wins(shapefile):
    path = shapefile("GBK", 0, encoding="Big5", name="欽州市")
    assert read(path, encoding="Big5").loc["A1", "parcel_name"] == "欽州市"


def test_western_text_does_not_become_chinese(tmp_path):
    path = layer(
        tmp_path / "a.shp", {"DKBH": ["A1"], "NOM": ["Forêt de Compiègne"]}, encoding="cp1252"
    )
    path.with_suffix(".cpg").unlink()
    assert read(path).loc["A1", "NOM"] == "Forêt de Compiègne"
    assert not describe(path)["encoding_sure"].iloc[0]


def test_names_and_texts_cut_inside_a_character(tmp_path):
    # as GDAL writes Chinese names in UTF-8: ten bytes, cut; geopandas cannot read them back
    columns = {"aaaaaaaaaa": ["A1"], "bbbbbbbbbb": ["征拆"], "DKMC": ["长" * 84 + "ab"]}
    path = layer(tmp_path / "a.shp", columns, encoding="UTF-8")
    table = path.with_suffix(".dbf")
    data = table.read_bytes()
    data = data.replace(b"a" * 10, "地块编号".encode()[:10])
    data = data.replace(b"b" * 10, "批而未供".encode()[:10])
    before = data.replace("长ab".encode(), "长长".encode()[:5])
    table.write_bytes(before)
    row = read(path).loc["A1"]
    assert row["unsupplied_reason"] == "征拆"
    assert row["parcel_name"] == "长" * 84
    assert table.read_bytes() == before  # the source itself is left alone
    assert describe(path)["fields"].iloc[0] == ["地块编", "批而未", "DKMC"]


def test_bytes_that_are_no_text_in_a_geopackage(tmp_path):
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A1"], "DKMC": ["XXXXXX"]})
    path.write_bytes(path.read_bytes().replace(b"XXXXXX", "钦南区".encode("gbk")))
    with pytest.raises(SourceError, match="encoding_wrong"):
        read(path)


def test_encoding_that_does_not_decode(shapefile):
    with pytest.raises(SourceError, match="encoding_wrong") as caught:
        read(shapefile("", 0), encoding="UTF-8")
    assert "encoding" in caught.value.hint


def test_encoding_nobody_knows(shapefile):
    with pytest.raises(UsageError, match="unknown_encoding"):
        read(shapefile("", 0), encoding="GBQ")


# -- systems


def test_no_system(tmp_path):
    path = layer(tmp_path / "a.shp", {"DKBH": ["A1"]}, crs="EPSG:4545")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="crs_missing") as caught:
        read(path)
    assert "EPSG:4545" in caught.value.hint
    assert read(path, crs="EPSG:4545").crs.to_epsg() == 4545
    assert describe(path)["crs"].tolist() == [""]


def test_given_system_must_agree(tmp_path):
    path = layer(tmp_path / "a.shp")  # its .prj is ESRI's spelling of 4545
    assert read(path, crs=4545).crs.to_epsg() == 4545
    with pytest.raises(CrsError, match="crs_contradiction"):
        read(path, crs="EPSG:2381")


def test_system_nobody_knows(tmp_path):
    with pytest.raises(CrsError, match="crs_unknown"):
        read(layer(tmp_path / "a.gpkg"), crs="EPSG:454545")


def test_geojson_without_crs_member_takes_the_given_one(tmp_path):
    path = layer(tmp_path / "a.geojson", shapes=[shapely.box(108, 21, 109, 22)], crs="EPSG:4326")
    text = path.read_text()
    path.write_text(text[: text.index('"crs"')] + text[text.index('"features"') :])
    assert read(path).crs.to_epsg() == 4326
    assert read(path, crs="EPSG:4490").crs.to_epsg() == 4490
    path.write_text(text)
    with pytest.raises(CrsError, match="crs_contradiction"):
        read(path, crs="EPSG:4490")


def moved(dx=0.0, dy=0.0):
    return shapely.affinity.translate(SQUARE, dx, dy)


DEGREES = shapely.box(108.60, 21.94, 108.61, 21.95)


@pytest.mark.parametrize(
    ("shape", "crs", "code", "mend"),
    [
        (moved(PREFIX), 4545, "crs_zone_prefix", "EPSG:4524"),
        (moved(19e6), 4508, "crs_zone_prefix", "EPSG:4497"),
        (moved(), 4524, "crs_zone_prefix_missing", "EPSG:4545"),
        (moved(37e6), 4524, "crs_zone_contradiction", "37"),
        (shapely.transform(SQUARE, np.fliplr), 4545, "crs_swapped_axes", "交换"),
        (shapely.transform(moved(PREFIX), np.fliplr), 4524, "crs_swapped_axes", "交换"),
        (shapely.transform(DEGREES, np.fliplr), 4490, "crs_swapped_axes", "交换"),
        (shapely.box(42.35, -71.16, 42.40, -71.06), 4269, "crs_swapped_axes", "交换"),
        (shapely.box(330_000, 4_690_000, 330_100, 4_690_100), 4326, "crs_metres_in_degrees", "crs"),
        (
            shapely.transform(shapely.box(330e3, 469e4, 331e3, 470e4), np.fliplr),
            32619,
            "crs_swapped_axes",
            "交换",
        ),
        (DEGREES, 4545, "crs_degrees_in_metres", "EPSG:4490"),
        (DEGREES, 3857, "crs_degrees_in_metres", "EPSG:4490"),
        (moved(), 4326, "crs_metres_in_degrees", "crs"),
        (shapely.box(2e5, -9e5, 2.1e5, -8e5), 4545, "crs_out_of_range", "15°"),
    ],
)
def test_numbers_that_contradict_the_system(tmp_path, shape, crs, code, mend):
    path = layer(tmp_path / "a.gpkg", shapes=[shape], crs=crs)
    with pytest.raises(CrsError) as caught:
        read(path)
    assert caught.value.code == code
    assert mend in caught.value.hint


@pytest.mark.parametrize(
    ("shape", "crs"),
    [
        (moved(), 4545),
        (moved(PREFIX), 4524),
        (shapely.box(690_000, 2_440_000, 690_100, 2_440_100), 4545),  # Pubei, beyond 109.5° E
        (shapely.box(236_000, 900_000, 237_000, 901_000), 26986),  # Massachusetts, metres
        (shapely.box(987_000, 201_000, 988_000, 202_000), 2263),  # New York, feet
        (shapely.box(12_089_000, 2_500_000, 12_090_000, 2_501_000), 3857),
        (shapely.box(42.0, 21.0, 42.1, 21.1), 4326),
        (shapely.box(500_000, 4_000_000, 500_100, 4_000_100), 32650),
    ],
)
def test_places_that_are_legal(tmp_path, shape, crs):
    assert len(read(layer(tmp_path / "a.gpkg", shapes=[shape], crs=crs))) == 1


def test_one_wild_row_does_not_condemn_the_layer(tmp_path):
    shapes = [moved(), moved(100), moved(PREFIX)]
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A", "B", "C"]}, shapes=shapes)
    assert len(read(path)) == 3


# -- layers and sources


def test_layers_are_chosen_or_named(tmp_path):
    path = tmp_path / "a.gpkg"
    layer(path, layer="甲")
    line = shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])
    layer(path, {"BSM": ["1"]}, shapes=[line], layer="路")
    assert read(path).attrs["layer"] == "甲"  # the only one with polygons
    layer(path, layer="乙")
    with pytest.raises(SourceError, match="layer_ambiguous") as caught:
        read(path)
    assert "甲" in caught.value.hint
    with pytest.raises(SourceError, match="layer_missing") as caught:
        read(path, layer="丙")
    assert "甲、路、乙" in caught.value.hint
    assert read(path, layer="乙").attrs["layer"] == "乙"
    layer(path, layer="parcels")
    assert read(path).attrs["layer"] == "parcels"
    assert read(path, layer="路", kind="barriers").geom_type.tolist() == ["LineString"]
    with pytest.raises(DataError, match="geometry_kind"):
        read(path, layer="路")


def test_empty_layers(tmp_path):
    path = write(parcels(parcel_id=["A1"], unit=["甲"]).iloc[:0], tmp_path / "a.gpkg")
    for kind in ("parcels", "units"):
        with pytest.raises(DataError, match="layer_empty"):
            read(path, kind=kind)
    zones = read(path, kind="zones")
    assert len(zones) == 0
    assert zones.index.name == "zone_id"
    assert "layer" in zones.columns


def test_shapes_that_are_no_parcels(tmp_path):
    shapes = [SQUARE, shapely.Point(EAST, NORTH)]
    path = layer(tmp_path / "a.gpkg", {"DKBH": ["A", "B"]}, shapes=shapes)
    with pytest.raises(DataError, match="geometry_kind") as caught:
        read(path)
    assert caught.value.row == 2


def test_null_and_empty_geometry_stay_and_heights_go(tmp_path):
    shapes = [None, shapely.Polygon(), shapely.force_3d(SQUARE, 7.0)]
    table = read(layer(tmp_path / "a.gpkg", {"DKBH": ["A", "B", "C"]}, shapes=shapes))
    assert table.geometry.isna().tolist() == [True, False, False]
    assert table.geometry.is_empty.tolist() == [False, True, False]
    assert not table.geometry.has_z.any()
    assert table.geometry["C"].equals(SQUARE)


def test_curves_become_chords(tmp_path):
    circle = "CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))"
    path = tmp_path / "a.csv"
    path.write_text(f'WKT,DKBH\n"{circle}",A1\n')
    vrt = tmp_path / "a.vrt"
    vrt.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource relativeToVRT="1">a.csv'
        "</SrcDataSource><LayerSRS>EPSG:4326</LayerSRS></OGRVRTLayer></OGRVRTDataSource>"
    )
    table = read(vrt)
    assert table.geometry["A1"].area == pytest.approx(np.pi, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.gpkg", None, "file_missing"),
        ("a.gpkg", b"not a database", "not_vector"),
        ("a.parquet", b"not parquet", "not_vector"),
        ("a.zip", b"not a zip", "not_vector"),
        ("a.dwg", b"AC1032", "format_unsupported"),
        ("a.txt", b"some words", "not_coordinates"),
    ],
)
def test_sources_that_cannot_be_read(tmp_path, name, content, code):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.code == code
    assert name in str(caught.value)


def test_table_without_geometry(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), path)
    with pytest.raises(SourceError, match="not_vector"):
        read(path)


def test_plain_parquet(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="not_vector"):
        read(tmp_path / "a.parquet")


class GbkMember(zipfile.ZipInfo):
    """A member as Windows packs it: its name in GBK, not marked as UTF-8."""

    def _encodeFilenameFlags(self):  # noqa: N802 - the name of the method replaced
        return self.filename.encode("gbk"), self.flag_bits


def test_zip_with_gbk_names_and_folder(tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    layer(folder / "地块.shp", {"DKBH": ["A1"], "地块名称": ["甲地块"]}, encoding="GBK")
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in folder.iterdir():
            packed.writestr(GbkMember(file.name), file.read_bytes())
    with zipfile.ZipFile(archive) as packed:
        assert "地块.shp" not in packed.namelist()
    for source in (archive, folder):
        table = read(source)
        assert table.loc["A1", "parcel_name"] == "甲地块"
        assert table.attrs["layer"] == "地块"
    shutil.copytree(folder, folder / "again")
    with pytest.raises(SourceError, match="layer_ambiguous"):
        read(folder)


def test_zip_stays_in_its_folder(tmp_path):
    archive = tmp_path / "sub" / "a.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../escaped.geojson", "{}")
    with pytest.raises(SourceError, match="not_vector"):
        read(archive)
    assert [path.name for path in tmp_path.rglob("*")] == ["sub", "a.zip"]


def test_file_geodatabase(tmp_path):
    path = tmp_path / "a.gdb"
    layer(path, {"地块编号": ["A1"], "DKMJ": [1.5]}, layer="存量地块", driver="OpenFileGDB")
    table = read(path)
    assert table.loc["A1", "declared_ha"] == 1.5
    assert table.crs.to_epsg() == 4545
    assert describe(path)["layer"].tolist() == ["存量地块"]


@pytest.mark.parametrize("driver", ["KML", "LIBKML"])
def test_kml(tmp_path, driver):
    path = tmp_path / "a.kml"
    layer(path, {"DKBH": ["A1"]}, shapes=[DEGREES], crs="EPSG:4326", driver=driver)
    table = read(path)
    assert table.index.tolist() == ["A1"]
    assert table.geometry["A1"].area == pytest.approx(DEGREES.area)


# -- writing


FACTS = {
    "parcel_id": ["A1", "A2"],
    "parcel_name": ["钦南区示例地块一", None],
    "declared_ha": [2.4960, np.nan],
    "exempt_days": pd.array([30, None], dtype="Int64"),
    "commenced": pd.array([True, None], dtype="boolean"),
    "approval_date": pd.array([pd.Timestamp(2017, 1, 8), pd.NaT], dtype="datetime64[ms]"),
    "note": ["自由列", "x"],
}


@pytest.mark.parametrize(
    ("suffix", "headings"),
    [
        *itertools.product([".gpkg", ".geojson", ".parquet"], ["canonical", "ministry", "chinese"]),
        (".shp", "canonical"),
        (".shp", "ministry"),
    ],
)
def test_write_then_read(tmp_path, suffix, headings):
    table = parcels(**FACTS)
    before = table.copy(deep=True)
    again = read(write(table, tmp_path / f"a{suffix}", headings=headings))
    assert table.equals(before)
    assert again.index.equals(table.index)
    assert again.crs.equals(table.crs, ignore_axis_order=True)
    for name in FACTS.keys() - {"parcel_id"}:
        expected = table[name].astype("str") if table[name].dtype == object else table[name]
        pd.testing.assert_series_equal(again[name], expected, check_dtype=name != "note")
    assert shapely.equals_exact(
        again.geometry.normalize(), table.geometry.normalize(), tolerance=1e-9
    ).all()


def test_ministry_names_and_words(tmp_path):
    path = write(parcels(**FACTS), tmp_path / "a.gpkg", headings="ministry")
    raw = pyogrio.read_dataframe(path)
    assert raw.columns.tolist() == [
        *("DKBH", "DKMC", "DKMJ", "HMTS", "SFDG", "BPPFRQ", "note", "geometry")
    ]
    assert raw["SFDG"].tolist() == ["是", None] or raw["SFDG"].isna().tolist() == [False, True]
    assert raw["SFDG"].iloc[0] == "是"


def test_shapefile_has_the_standard_widths(tmp_path):
    path = write(parcels(**FACTS), tmp_path / "a.shp")
    with fiona.open(path) as source:
        fields = source.schema["properties"]
    assert path.with_suffix(".cpg").read_text() == "UTF-8"
    assert fields["DKBH"] == "str:50"
    assert fields["DKMC"] == "str:100"
    assert fields["DKMJ"] == "float:15.4"
    assert fields["BPPFRQ"] == "date"
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        *("a.cpg", "a.dbf", "a.prj", "a.shp", "a.shx")
    ]


def test_gbk_shapefile_out(tmp_path):
    path = write(parcels(**FACTS), tmp_path / "a.shp", encoding="GBK")
    assert path.with_suffix(".cpg").read_text() == "GBK"
    table = path.with_suffix(".dbf").read_bytes()
    assert "钦南区示例地块一".encode("gbk") in table
    assert table[29] == 0x4D  # dBASE's language byte for Chinese GBK (code page 936)
    assert read(path).loc["A1", "parcel_name"] == "钦南区示例地块一"


@pytest.mark.parametrize(
    "of",
    [of for of in schema.TABLES.values() if schema.GEOMETRY in of.columns],
    ids=lambda of: of.name,
)
def test_every_column_of_a_layer_has_a_field_in_a_shapefile(tmp_path, of):
    path = write(schema.empty(of, crs=4545), tmp_path / "a.shp")
    with fiona.open(path) as source:
        fields = list(source.schema["properties"])
    codes = {code: column.name for column in of.columns for code in (*column.codes, column.short)}
    assert [codes.get(field, field) for field in fields] == [
        column.name for column in of.columns if column.kind != "geometry"
    ]
    assert all(len(field) <= 10 for field in fields)
    assert len({field.lower() for field in fields}) == len(fields)


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_clusters_as_a_shapefile(tmp_path, encoding):
    clusters = gpd.GeoDataFrame(
        {
            "cluster_id": ["LP-1", "LP-2"],
            "cluster_name": ["钦南区第1片", None],
            "member_count": pd.array([3, 1], dtype="Int64"),
            "area_m2": [12.345, np.nan],
            "concentrated_share": [0.5, np.nan],
            "members": [["甲", "乙"], []],
        },
        geometry=[SQUARE, shapely.MultiPolygon([SQUARE])],
        crs="EPSG:4545",
    ).set_index("cluster_id")
    path = write(clusters, tmp_path / "a.shp", encoding=encoding)
    with fiona.open(path) as source:  # another reader than our own
        rows = [dict(row["properties"]) for row in source]
    assert list(rows[0]) == ["LPBH", "LPMC", "ZS", "TQMJ", "JZQZB", "members"]
    assert [tuple(row.values()) for row in rows] == [
        ("LP-1", "钦南区第1片", 3, 12.35, 0.5, "甲、乙"),
        ("LP-2", None, 1, None, None, None),
    ]
    assert path.with_suffix(".cpg").read_text() == encoding


@pytest.mark.parametrize(
    ("columns", "options", "code"),
    [
        ({"note": ["长" * 85]}, {}, "text_too_long"),
        ({"parcel_name": ["长" * 34]}, {}, "text_too_long"),  # Char 100 by the standard
        ({"declared_ha": [1e10]}, {}, "number_too_wide"),
        ({"declared_ha": [1.0]}, {"headings": "chinese"}, "name_too_long"),
        ({"parcel_name": ["𠮷"]}, {"encoding": "GBK"}, "encoding_unable"),
        ({"DKMC": ["甲"], "parcel_name": ["乙"]}, {}, "heading_twice"),
    ],
)
def test_a_shapefile_cuts_nothing(tmp_path, columns, options, code):
    with pytest.raises(OutputError) as caught:
        write(parcels(parcel_id=["A1"], **columns), tmp_path / "a.shp", **options)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


OWN = (
    "产值（万元）",
    "产值（亿元）",
    "parcel_name_old",
    "Built_share_a",
    "built_share_b",
    "ten_bytes_",
)
SHORT = {
    # three bytes a character: 产值（ is nine, and a bracket left open goes
    "UTF-8": ["产值", "产值_1", "parcel_n_1", "Built_shar", "built_sh_1", "ten_bytes_"],
    # two bytes a character: the same cut, for 产值（万元 has left its bracket open too
    "GBK": ["产值", "产值_1", "parcel_n_1", "Built_shar", "built_sh_1", "ten_bytes_"],
}


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_long_names_of_the_users_own_are_shortened_told_and_given_back(tmp_path, caplog, encoding):
    table = parcels(parcel_id=["A1"], **{name: [float(row)] for row, name in enumerate(OWN)})
    path = write(table, tmp_path / "a.shp", encoding=encoding)
    with fiona.open(path) as source:  # another reader than our own
        row = dict(next(iter(source))["properties"])
    assert list(row) == ["DKBH", *SHORT[encoding]]
    assert list(row.values()) == ["A1", 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    listed = (tmp_path / "a.字段对照.csv").read_text(encoding="utf-8-sig").splitlines()
    assert listed == [
        "短字段名,原字段名",
        *(f"{short},{name}" for short, name in zip(SHORT[encoding][:5], OWN[:5], strict=True)),
    ]
    (told,) = caplog.records
    assert "产值（亿元） → 产值_1、parcel_name_old → parcel_n_1、" in told.hint
    assert "ten_bytes_" not in told.hint
    again = read(path)
    assert again.columns.drop("geometry").tolist() == list(OWN)
    assert again.loc["A1", list(OWN)].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_list_of_names_goes_with_its_shapefile(tmp_path):
    path = write(parcels(parcel_id=["A1"], 建成面积率=[0.5], 总产值合计=[9.0]), tmp_path / "a.shp")
    changed = gpd.read_file(path).drop(columns="总产值")  # by another program, which also gives
    changed["建成面积率"] = 0.25  # the full name, ten bytes in GBK, to a field of its own
    changed.to_file(path, encoding="GBK")
    again = read(path).loc["A1"].drop("geometry")
    assert again.to_dict() == {"建成面": 0.5, "建成面积率": 0.25}
    (tmp_path / "a.字段对照.csv").write_text("建成面,share", encoding="utf-8")  # no list of ours
    assert "建成面" in read(path).columns
    write(parcels(parcel_id=["A1"]), path)
    assert not (tmp_path / "a.字段对照.csv").exists()


def test_text_that_just_fits(tmp_path):
    text = "长" * 84 + "ab"  # 254 bytes
    path = write(parcels(parcel_id=["A1"], note=[text]), tmp_path / "a.shp")
    assert read(path).loc["A1", "note"] == text


def test_shapes_of_two_kinds(tmp_path):
    line = shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])
    barriers = gpd.GeoDataFrame(
        {"barrier_id": ["1", "2"], "width_m": [5.0, 6.0]}, geometry=[line, SQUARE], crs=4545
    ).set_index("barrier_id")
    with pytest.raises(OutputError, match="geometry_mixed"):
        write(barriers, tmp_path / "a.shp")
    again = read(write(barriers, tmp_path / "a.gpkg"), kind="barriers")
    assert again.geom_type.tolist() == ["LineString", "Polygon"]
    assert again["width_m"].tolist() == [5.0, 6.0]


def test_several_layers_in_one_file(tmp_path):
    account = pd.DataFrame({"parcel_id": ["A1"], "parcel_dm2": [1_000_000]})
    path = write_layers(
        {"parcels": parcels(**FACTS), "findings": account, "空": parcels(**FACTS).iloc[:0]},
        tmp_path / "a.gpkg",
    )
    assert set(pyogrio.list_layers(path)[:, 0]) == {"parcels", "findings", "空"}
    assert read(path).index.tolist() == ["A1", "A2"]
    with pytest.raises(OutputError, match="format_unsupported"):
        write_layers({"a": account}, tmp_path / "a.shp")


def test_columns_named_like_a_geopackages_own(tmp_path):
    table = parcels(parcel_id=["A1", "A2"], fid=[7, 7], geom=["x", "y"])
    again = read(write(table, tmp_path / "a.gpkg"))
    assert again["fid"].tolist() == [7, 7]
    assert again["geom"].tolist() == ["x", "y"]


def test_written_over_an_older_file_or_not_at_all(tmp_path):
    path = tmp_path / "a.gpkg"
    write(parcels(parcel_id=["A1"]), path)
    with pytest.raises(OutputError):
        write(parcels(parcel_id=["A2"], Note=["x"], note=["y"]), path)
    assert read(path).index.tolist() == ["A1"]
    write(parcels(parcel_id=["A3"]), path)
    assert read(path).index.tolist() == ["A3"]
    assert [file.name for file in tmp_path.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize("name", ["a.xyz", "a"])
def test_formats_that_cannot_be_written(tmp_path, name):
    with pytest.raises(OutputError, match="format_unsupported"):
        write(parcels(parcel_id=["A1"]), tmp_path / name)


def test_folder_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OutputError, match="output_unwritable"):
        write(parcels(parcel_id=["A1"]), blocked / "a.gpkg")


def test_dates_are_dates_in_the_file(tmp_path):
    path = write(parcels(**FACTS), tmp_path / "a.gpkg")
    info = pyogrio.read_info(path)
    kinds = dict(zip(info["fields"], info["ogr_types"], strict=True))
    assert kinds["approval_date"] == "OFTDate"
    raw = pyogrio.read_dataframe(path)
    assert raw["approval_date"].iloc[0] == pd.Timestamp(2017, 1, 8)
    assert dt.date(2017, 1, 8) == read(path)["approval_date"].iloc[0].date()

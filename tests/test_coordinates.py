"""界址点 texts in and out.

Cases: the format's own example (areas by the ruler, hole, two parcels) in GBK, UTF-8, with byte
order mark; round trip; every variant met in real tools (header keys missing, extra and reordered,
blocks before it, 分带=3度带, = in a value, blank and unit areas, areas in 平方米, wrong 界址点数,
points without closing, closing under a new number, closing under another ring's number, exchanged
columns, no zone prefix, full-width commas, blanks, identical headers, ring numbers that start with
the hole, parts of a multipolygon, degrees); contradictions as errors unless the caller decides;
overlapping and short rings with their line; not a 界址点 text; writing from other systems.
"""

import datetime as dt

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landgis.analysis.area import measure
from landgis.formats.coordinates import read_coordinates, write_coordinates
from landgis.formats.vector import describe, read
from landgis.model.errors import CrsError, DataError, OutputError, SourceError

# The example of the domain notes, its areas computed there by the official formula.
EXAMPLE = """[属性描述]
格式版本号=1.01版本
数据产生单位=钦州市自然资源局
数据产生日期=2021-12-30
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=36
精度=0.0001
转换参数=0,0,0,0,0,0,0
[地块坐标]
10,19.1977,QZ-2021-001,钦南区示例地块一,面,F49G001001,工业用地,100102,@
J1,1,2430400.0000,36570000.0000
J2,1,2430400.0000,36570500.0000
J3,1,2430000.0000,36570500.0000
J4,1,2430000.0000,36570000.0000
J1,1,2430400.0000,36570000.0000
J5,2,2430230.0000,36570150.0000
J6,2,2430150.0000,36570150.0000
J7,2,2430150.0000,36570250.0000
J8,2,2430230.0000,36570250.0000
J5,2,2430230.0000,36570150.0000
6,21.8205,QZ-2021-002,钦州港示例地块二,面,F49G001002,仓储用地,110101,@
J1,1,2404112.3456,36561020.1234
J2,1,2404398.7650,36561245.6780
J3,1,2404301.1110,36561602.2220
J4,1,2403950.5550,36561588.8880
J5,1,2403871.9990,36561180.4440
J1,1,2404112.3456,36561020.1234
"""
HEADER = """[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
带号=36
[地块坐标]
"""
SQUARE = ((100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0))  # north, east
NORTH, EAST = 2_428_000.0, 36_562_000.0
PLACED = shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)


@pytest.fixture
def text(tmp_path):
    def write(content, encoding="utf-8", name="a.txt"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return path

    return write


def ring(points, number=1, *, dn=0.0, de=0.0, close=True, swap=False, east=EAST, first=1):
    points = [*points, points[0]] if close else list(points)
    lines = []
    for i, (n, e) in enumerate(points):
        x, y = NORTH + n + dn, east + e + de
        x, y = (y, x) if swap else (x, y)
        lines.append(f"J{first + i},{number},{x:.3f},{y:.3f}")
    return "\n".join(lines) + "\n"


def only(table):
    assert len(table) == 1
    return table.geometry.iloc[0]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
def test_example(text, encoding):
    table = read_coordinates(text(EXAMPLE.replace("\n", "  \r\n"), encoding))
    assert table.crs.to_epsg() == 4524
    assert table.index.tolist() == ["QZ-2021-001", "QZ-2021-002"]
    assert table.index.name == "parcel_id"
    assert table["parcel_name"].tolist() == ["钦南区示例地块一", "钦州港示例地块二"]
    assert table["地类编码"].tolist() == ["100102", "110101"]
    assert table["declared_ha"].tolist() == [19.1977, 21.8205]
    assert [len(polygon.interiors) for polygon in table.geometry] == [1, 0]
    hectares = (measure(table)["area_m2"] / 10_000).round(4)
    assert hectares.tolist() == [19.1977, 21.8205]
    assert table.attrs["remarks"] == []


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_round_trip(text, tmp_path, encoding):
    table = read_coordinates(text(EXAMPLE))
    path = write_coordinates(
        table, tmp_path / "b.txt", encoding=encoding, produced=dt.date(2021, 12, 30)
    )
    again = read_coordinates(path)
    assert again.crs.equals(table.crs)
    assert shapely.equals_exact(
        again.geometry.normalize(), table.geometry.normalize(), tolerance=5e-5
    ).all()
    attributes = [name for name in table.columns if name != "geometry"]
    assert again[attributes].equals(table[attributes])


def test_written_text_follows_the_format(text, tmp_path):
    table = read_coordinates(text(EXAMPLE))
    path = write_coordinates(
        table,
        tmp_path / "b.txt",
        producer="钦州市自然资源局",
        produced=dt.date(2021, 12, 30),
    )
    data = path.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n")
    written = data.decode("gbk").splitlines()
    expected = EXAMPLE.splitlines()
    assert written[:24] == expected[:24]  # header, shell and hole of the first parcel
    # the second example parcel starts elsewhere; its north-west corner is its second point
    assert written[24] == written[29] == "J1,1,2404398.7650,36561245.6780"
    assert written[25] == "J2,1,2404301.1110,36561602.2220"  # clockwise


def test_other_systems_are_written_with_zone(tmp_path):
    square = shapely.box(562000, 2428000, 562100, 2428100)
    for epsg, zone, written in (
        (4545, 36, 4524),
        (4497, 19, 4497),
        (4508, 19, 4497),
        (2381, 36, 2360),
    ):
        shift = 19e6 if epsg == 4497 else 0.0
        moved = shapely.affinity.translate(square, shift)
        table = gpd.GeoDataFrame(geometry=[moved], index=["A"], crs=epsg)
        again = read_coordinates(write_coordinates(table, tmp_path / "a.txt"))
        assert again.total_bounds[0] == 562000 + zone * 1e6
        assert again.crs.to_epsg() == written


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=32649), "crs_no_zone"),
        (gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=4490), "crs_degrees"),
        (gpd.GeoDataFrame(geometry=[None], crs=4545), "geometry_missing"),
        (gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=4545), "geometry_kind"),
    ],
)
def test_what_cannot_be_written(tmp_path, table, code):
    with pytest.raises((CrsError, DataError)) as caught:
        write_coordinates(table, tmp_path / "a.txt")
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_name_that_gbk_cannot_write(tmp_path):
    table = gpd.GeoDataFrame(
        {"parcel_name": ["𠮷地块"]}, geometry=[PLACED], index=["A"], crs="EPSG:4524"
    )
    with pytest.raises(OutputError, match="encoding_unable"):
        write_coordinates(table, tmp_path / "a.txt")
    path = write_coordinates(table, tmp_path / "a.txt", encoding="GB18030")
    assert read_coordinates(path)["parcel_name"].tolist() == ["𠮷地块"]


def test_comma_in_a_name_keeps_the_columns(tmp_path):
    table = gpd.GeoDataFrame(
        {"parcel_name": ["甲,乙"], "地类编码": ["0601"]}, geometry=[PLACED], index=["A"], crs=4524
    )
    again = read_coordinates(write_coordinates(table, tmp_path / "a.txt"))
    assert again.loc["A", ["parcel_name", "地类编码"]].tolist() == ["甲、乙", "0601"]


@pytest.mark.parametrize(
    "header",
    [
        "[项目信息]\n项目名称=a=b\n[属性描述]\n带号=36\n坐标系=CGCS2000\n分带=3度带\n别的=1\n[地块坐标]\n",
        "[属性描述]\n格式版本号=1．01版本\n数据产生日期=二〇二一年\n坐标系=2000\n精度=3\n转换参数=,,,,,,\n[地块坐标]\n",
        "【属性描述】\n坐标系=2000国家大地坐标系\n几度分带=3\n中央经线=108\n带号=36\n【地块坐标】\n",
    ],
)
def test_header_variants(text, header):
    table = read_coordinates(text(header + "4,,A1,甲,面,,,,@\n" + ring(SQUARE), "gbk"))
    assert table.crs.to_epsg() == 4524
    assert only(table).equals(PLACED)


@pytest.mark.parametrize(
    ("line", "name", "hectares"),
    [
        ("5,1.0,A1,甲,面,,,,@", "A1", 1.0),
        ("5,1.0,A1,甲,面@", "A1", 1.0),
        ("5,1.0,A1,甲,面,F49,用途,0601,图斑,10,11,备注,@", "A1", 1.0),
        ('5," ",A1,甲,面, , , ,@ ', "A1", None),
        ("5,,A1,甲,面,,,地上,@,", "A1", None),
        ("5,0,A1,甲,面,,,,@", "A1", None),
        ("5,0.9999公顷,A1,甲,面,,,,@", "A1", 0.9999),
        ("5,9999.05平方米,A1,甲,面,,,,@", "A1", 0.999905),
        ("5,15亩,A1,甲,面,,,,@", "A1", 1.0),
        ("5，1.0，A1，甲，面，，，，@", "A1", 1.0),
        ("5,1.0,,甲,面,,,,@", "", 1.0),
    ],
)
def test_parcel_headers(text, line, name, hectares):
    line = line.replace('" "', " ")
    table = read_coordinates(text(HEADER + line + "\n" + ring(SQUARE)))
    assert table.index.tolist() == [name]
    stated = table["declared_ha"].iloc[0]
    assert np.isnan(stated) if hectares is None else stated == pytest.approx(hectares)
    assert only(table).equals(PLACED)
    assert table.attrs["remarks"] == []


def test_area_in_square_metres_is_proven_by_the_drawing(text):
    table = read_coordinates(text(HEADER + "5,9999.05,A1,甲,面,,,,@\n" + ring(SQUARE)))
    assert table["declared_ha"].iloc[0] == pytest.approx(0.999905)
    assert "平方米" in table.attrs["remarks"][0]


def test_wrong_count_is_remarked_and_not_obeyed(text):
    table = read_coordinates(text(HEADER + "3,1.0,A1,甲,面,,,,@\n" + ring(SQUARE)))
    assert only(table).equals(PLACED)
    assert table.attrs["remarks"] == ["第 6 行写明 3 个界址点，实有 5 行。"]


@pytest.mark.parametrize(
    "points",
    [
        ring(SQUARE, close=False),
        ring(SQUARE).replace("J5", "J1"),
        ring(SQUARE),
        ring(SQUARE, close=False) + ring(SQUARE[:1], 3, close=False),
        ring(SQUARE).replace(",", "，"),
        ring(SQUARE).replace(",", "\t"),
        ring(SQUARE).replace("\n", " ,\n\n"),
        ring(SQUARE, swap=True),
    ],
)
def test_point_variants(text, points):
    table = read_coordinates(text(HEADER + "5,1.0,A1,甲,面,,,,@\n" + points))
    assert only(table).equals(PLACED)
    assert table.crs.to_epsg() == 4524


def test_exchanged_columns_are_remarked(text):
    points = ring(SQUARE, swap=True)
    table = read_coordinates(text(HEADER + "5,1.0,A1,甲,面,,,,@\n" + points))
    assert "先东后北" in table.attrs["remarks"][0]


def test_identical_headers_stay_two_parcels(text):
    header = "5,1.0,A1,甲,面,,,,@\n"
    table = read_coordinates(text(HEADER + header + ring(SQUARE) + header + ring(SQUARE, de=500)))
    assert table.index.tolist() == ["A1", "A1"]
    assert table.geometry.iloc[1].equals(shapely.affinity.translate(PLACED, 500))


def small(points, factor, dn, de):
    return [(n * factor + dn, e * factor + de) for n, e in points]


def test_rings_are_sorted_by_containment(text):
    hole, island = small(SQUARE, 0.6, 20, 20), small(SQUARE, 0.2, 40, 40)
    apart = small(SQUARE, 1.0, 0, 300)
    points = ring(hole, 1) + ring(island, 2) + ring(SQUARE, 3) + ring(apart, 4)
    shape = only(read_coordinates(text(HEADER + "20,,A1,甲,面,,,,@\n" + points)))
    assert shape.geom_type == "MultiPolygon"
    # by hand: 100² - 60² + 20² + 100²
    assert shape.area == pytest.approx(10_000 - 3_600 + 400 + 10_000)
    assert shape.is_valid


@pytest.mark.parametrize(
    "other", [small(SQUARE, 1.0, 50, 50), list(SQUARE)], ids=["crossing", "the same"]
)
def test_overlapping_rings(text, other):
    content = HEADER + "10,,A1,甲,面,,,,@\n" + ring(SQUARE) + ring(other, 2)
    with pytest.raises(DataError, match="rings_overlap") as caught:
        read_coordinates(text(content))
    assert caught.value.row == 12


def test_parts_that_share_an_edge(text):
    content = HEADER + "10,,A1,甲,面,,,,@\n" + ring(SQUARE) + ring(SQUARE, 2, de=100)
    assert only(read_coordinates(text(content))).area == pytest.approx(20_000)


def test_a_bow_tie_stays_for_check_to_find(text):
    points = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    table = read_coordinates(text(HEADER + "5,,A1,甲,面,,,,@\n" + ring(points)))
    assert not only(table).is_valid


def test_short_ring(text):
    with pytest.raises(DataError, match="ring_too_short") as caught:
        read_coordinates(text(HEADER + "3,,A1,甲,面,,,,@\n" + ring(SQUARE[:2])))
    assert caught.value.row == 7


def test_parcel_without_points(text):
    with pytest.raises(DataError, match="ring_too_short"):
        read_coordinates(text(HEADER + "0,,A1,甲,面,,,,@\n5,,A2,乙,面,,,,@\n" + ring(SQUARE)))


def test_line_parcel(text):
    with pytest.raises(DataError, match="geometry_kind"):
        read_coordinates(text(HEADER + "5,,A1,甲,线,,,,@\n" + ring(SQUARE)))


def test_unreadable_line(text):
    content = HEADER + "5,,A1,甲,面,,,,@\n" + ring(SQUARE) + "J9,1,24281OO.0,36562000.0\n"
    with pytest.raises(SourceError, match="line_unreadable") as caught:
        read_coordinates(text(content))
    assert caught.value.row == 12


def test_not_a_coordinate_text(text):
    with pytest.raises(SourceError, match="not_coordinates"):
        read_coordinates(text("你好\n"))


def test_missing_file(tmp_path):
    with pytest.raises(SourceError, match="file_missing"):
        read_coordinates(tmp_path / "none.txt")


def header(**keys):
    lines = "".join(f"{key}={value}\n" for key, value in keys.items())
    return f"[属性描述]\n{lines}[地块坐标]\n5,,A1,甲,面,,,,@\n"


@pytest.mark.parametrize(
    ("keys", "east", "epsg"),
    [
        ({"坐标系": "80国家大地坐标系", "几度分带": "3", "带号": "36"}, EAST, 2360),
        ({"坐标系": "1954北京坐标系", "几度分带": "3", "带号": "36"}, EAST, 2412),
        ({"坐标系": "2000国家大地坐标系"}, EAST, 4524),
        ({"坐标系": "2000国家大地坐标系", "几度分带": "6"}, EAST - 17e6, 4497),
        ({"坐标系": "2000国家大地坐标系", "几度分带": "3", "带号": "36"}, EAST - 36e6, 4545),
        ({"坐标系": "2000国家大地坐标系", "中央子午线": "108"}, EAST - 36e6, 4545),
        ({"坐标系": "2000国家大地坐标系", "分带": "6度带", "带号": "19"}, EAST - 36e6, 4508),
    ],
)
def test_systems(text, keys, east, epsg):
    table = read_coordinates(text(header(**keys) + ring(SQUARE, east=east)))
    assert table.crs.to_epsg() == epsg
    assert table.total_bounds[0] == east


@pytest.mark.parametrize(
    ("keys", "east", "code"),
    [
        ({"坐标系": "2000国家大地坐标系", "带号": "38"}, EAST, "crs_zone_contradiction"),
        ({"坐标系": "2000国家大地坐标系", "几度分带": "6"}, EAST, "crs_zone_contradiction"),
        ({"坐标系": "2000国家大地坐标系", "中央经线": "111"}, EAST, "crs_zone_contradiction"),
        ({"坐标系": "2000国家大地坐标系"}, EAST - 36e6, "crs_missing"),
        ({"带号": "36"}, EAST, "crs_missing"),
        ({"坐标系": "独立坐标系"}, EAST, "crs_unknown"),
    ],
)
def test_contradictions_and_gaps_need_the_caller(text, keys, east, code):
    path = text(header(**keys) + ring(SQUARE, east=east))
    with pytest.raises(CrsError) as caught:
        read_coordinates(path)
    assert caught.value.code == code
    assert describe(path)["crs"].tolist() == [""]
    chosen = 4524 if east == EAST else 4545
    table = read_coordinates(path, crs=chosen)
    assert table.crs.to_epsg() == chosen
    assert "已按指定" in table.attrs["remarks"][-1]


def test_zones_mixed_in_one_text(text):
    content = header(坐标系="2000国家大地坐标系") + ring(SQUARE)
    content += "5,,A2,乙,面,,,,@\n" + ring(SQUARE, east=37_262_000.0)
    with pytest.raises(CrsError, match="crs_zone_contradiction"):
        read_coordinates(text(content))


def test_crs_that_the_text_contradicts(text):
    with pytest.raises(CrsError, match="crs_contradiction"):
        read_coordinates(text(EXAMPLE), crs="EPSG:4545")


def test_axes_that_no_number_tells(text):
    content = header(坐标系="2000国家大地坐标系", 带号="36") + "\n".join(
        f"J{i},1,{300_000 + n},{500_000 + e}" for i, (n, e) in enumerate(SQUARE)
    )
    with pytest.raises(CrsError, match="crs_axes_unclear"):
        read_coordinates(text(content))
    assert read_coordinates(text(content), crs=4545).total_bounds[0] == 500_000


@pytest.mark.parametrize("order", ["{1},{0}", "{0},{1}"], ids=["lat, lon", "lon, lat"])
def test_degrees_without_header(text, order):
    corners = ((108.6, 21.9), (108.7, 21.9), (108.7, 22.0))
    points = "\n".join(f"J{i},1,{order.format(*xy)}" for i, xy in enumerate(corners))
    path = text("3,,A1,甲,面,,,,@\n" + points)
    with pytest.raises(CrsError, match="crs_missing"):
        read_coordinates(path)
    table = read_coordinates(path, crs="EPSG:4490")
    assert table.total_bounds.tolist() == [108.6, 21.9, 108.7, 22.0]


def test_through_the_common_door(text):
    path = text(EXAMPLE, "gbk", "界址点.TXT")
    table = read(path)
    assert table.index.tolist() == ["QZ-2021-001", "QZ-2021-002"]
    assert table["declared_ha"].tolist() == [19.1977, 21.8205]
    row = describe(path).iloc[0]
    assert row["encoding"] == "GB18030"
    assert row["features"] == 2
    assert row["crs"] == "EPSG:4524"
    assert row["extent"] == (36561020.1234, 2403871.999, 36570500.0, 2430400.0)

"""Is the data sound? What a check finds, where, how grave, and what a repair mends.

Cases: every kind of broken polygon with its reason and place; null, empty, line, collection;
coordinates that are no numbers, carry a zone prefix, lack it, are swapped, are degrees; repeated
vertices, spikes in metres and in degrees, winding, tiny; identifiers missing and repeated; equal
shapes; overlaps, slivers, containment, in degrees; units: outside, partly, across, elsewhere,
unknown, missing; columns of the wrong kind, values outside lists, negative, infinite, share above
1, declared area, parts above wholes, dates, contradictions, cleared but built; order of findings;
one finding per pair; input untouched; bad calls; repair: area before, after, moved, kept columns,
unknown area, nothing deleted. Properties: a check never dies; a coverage is sound; what is mendable
is mended and logged; repair twice = once; facts of any kind. The page in docs explains every code.
"""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings

from landgis.analysis.location import locate
from landgis.analysis.soundness import CATALOGUE, check, contradictions, repair
from landgis.model import schema
from landgis.model.errors import CrsError, SchemaError, UsageError
from strategies import CRS, SOUTH, WEST, at, coverages, dirty_parcels, facts, named, with_value

SQUARE = shapely.box(*at(0, 0), *at(10, 10))  # 100 m a side


PAGE = Path(__file__).parent.parent / "docs" / "soundness.md"


def parcels(*shapes, crs=CRS, **columns):
    index = named(len(shapes))
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=index)


def lattice(*corners):
    return [at(*corner) for corner in corners]


def codes(findings):
    return findings["code"].tolist()


def only(findings, code):
    """The one finding of that code."""
    chosen = findings[findings["code"] == code]
    assert len(chosen) == 1, findings.to_string()
    return chosen.iloc[0]


BOW_TIE = shapely.Polygon(lattice((0, 0), (2, 2), (2, 0), (0, 2)))
SHELL = lattice((0, 0), (6, 0), (6, 6), (0, 6))
HOLE = lattice((1, 1), (1, 5), (5, 5), (5, 1))

# polygon, what it is called, a place the reason must name, what is left after mending in m²
BROKEN = [
    (BOW_TIE, "self_intersection", at(1, 1), 200.0),
    (
        shapely.Polygon(lattice((0, 0), (4, 0), (2, 2), (4, 4), (0, 4), (2, 2))),
        "ring_self_intersection",
        at(2, 2),
        800.0,
    ),
    (
        shapely.Polygon(SHELL, [lattice((8, 8), (8, 9), (9, 9))]),
        "hole_outside_shell",
        None,
        3600.0,
    ),
    (
        shapely.Polygon(SHELL, [HOLE, lattice((2, 2), (2, 3), (3, 3), (3, 2))]),
        "nested_holes",
        None,
        2000.0,
    ),
    (
        shapely.MultiPolygon([shapely.Polygon(SHELL), shapely.Polygon(HOLE)]),
        "nested_shells",
        None,
        3600.0,
    ),
    (
        shapely.Polygon(SHELL, [lattice((0, 3), (3, 6), (6, 3), (3, 0))]),
        "disconnected_interior",
        None,
        1800.0,
    ),
    (shapely.MultiPolygon([shapely.Polygon(SHELL)] * 2), "duplicate_rings", None, 3600.0),
    (shapely.Polygon(lattice((0, 0), (0, 0), (1, 0), (1, 0))), "too_few_points", at(0, 0), None),
]


@pytest.mark.parametrize("case", BROKEN, ids=[case[1] for case in BROKEN])
def test_broken_polygons_say_why_and_where(case):
    polygon, code, place, left = case
    finding = only(check(parcels(polygon)), code)
    assert finding["severity"] == "错误"
    assert finding["mendable"] == (left is not None)
    if place is not None:
        assert (finding["x"], finding["y"]) == pytest.approx(place)
        assert f"({place[0]:.2f}, {place[1]:.2f})" in finding["message"]
    repaired, changes = repair(parcels(polygon))
    if left is None:
        assert changes.empty
        assert repaired.geometry.iloc[0].equals_exact(polygon)
        return
    assert changes["code"].tolist() == [code]
    assert repaired.geometry.iloc[0].is_valid
    assert repaired.geometry.iloc[0].area == pytest.approx(left, rel=1e-12)
    # the ruler against the plane: 95 ppm apart at this place
    assert changes["area_after_m2"].iloc[0] == pytest.approx(left, rel=1e-4)


def test_repair_tells_how_much_ground_it_moved():
    # two parts of 4 x 4 cells that share 2 x 2 cells: even-odd leaves those 400 m² out
    twice = shapely.MultiPolygon(
        [shapely.box(*at(0, 0), *at(4, 4)), shapely.box(*at(2, 2), *at(6, 6))]
    )
    change = repair(parcels(twice)).changes.iloc[0]
    assert change["area_before_m2"] == pytest.approx(3200, rel=1e-4)
    assert change["area_after_m2"] == pytest.approx(2800, rel=1e-4)
    assert change["moved_m2"] == pytest.approx(400, rel=1e-4)
    # the wings of a bow-tie are mended without moving ground
    assert repair(parcels(BOW_TIE)).changes["moved_m2"].iloc[0] == pytest.approx(0, abs=1e-6)


def test_what_is_not_there_or_no_polygon():
    collection = shapely.GeometryCollection([SQUARE, shapely.Point(at(1, 1))])
    table = parcels(
        None, shapely.Polygon(), shapely.LineString(lattice((0, 0), (1, 1))), collection
    )
    findings = check(table)
    assert codes(findings) == ["null_geometry", "empty_geometry", "not_polygon", "not_polygon"]
    assert findings["mendable"].tolist() == [False, False, False, True]
    assert "LineString" in findings["message"][2]
    assert findings["x"].isna().tolist() == [True, True, False, False]
    repaired, changes = repair(table)
    assert changes["parcel_id"].tolist() == ["P04"]
    assert repaired.geometry.iloc[3].equals(SQUARE)
    assert list(repaired.index) == list(table.index)


@pytest.mark.parametrize(
    ("shift", "crs", "cause"),
    [
        (lambda xy: np.add(xy, [36_000_000, 0]), "EPSG:4545", "带有带号前缀"),
        (lambda xy: xy, "EPSG:4524", "缺少带号前缀"),
        (lambda xy: xy[:, ::-1], "EPSG:4545", "X、Y 颠倒"),
        (lambda xy: (xy - [WEST, SOUTH]) * 1e-5 + [108.6, 21.9], "EPSG:4545", "经纬度"),
        (lambda xy: (xy - [WEST, SOUTH]) * 1e-5 + [108.6, 21.9], "EPSG:4524", "经纬度"),
        (lambda xy: (xy - [WEST, SOUTH]) * 1e-5 + [21.9, 108.6], "EPSG:4490", "X、Y 颠倒"),
        (lambda xy: xy * 1e5, "EPSG:4545", "请核对"),
    ],
)
def test_coordinates_at_no_place_of_their_system(shift, crs, cause):
    astray = shapely.transform(SQUARE, shift)
    finding = only(check(parcels(astray, crs=crs)), "coordinates_out_of_range")
    assert cause in finding["message"]
    assert not finding["mendable"]
    assert repair(parcels(astray, crs=crs)).changes.empty


def test_coordinates_that_are_no_numbers():
    for bad in (np.nan, np.inf):
        assert codes(check(parcels(with_value(bad)))) == ["coordinates_not_finite"]
        assert repair(parcels(with_value(bad))).changes.empty


def test_repeated_vertices_in_shell_and_hole():
    ring = lattice((0, 0), (10, 0), (10, 0), (10, 10), (0, 10), (0, 0), (0, 0))
    hole = lattice((2, 2), (2, 4), (2, 4), (2, 4), (4, 4))
    finding = only(
        check(parcels(SQUARE.buffer(0), shapely.Polygon(ring, [hole]))), "repeated_points"
    )
    assert finding["parcel_id"] == "P02"
    assert "重复顶点 4 个" in finding["message"]  # one and one in the shell, two in the hole
    assert (finding["x"], finding["y"]) == at(10, 0)
    repaired, changes = repair(parcels(shapely.Polygon(ring, [hole])))
    assert shapely.get_num_coordinates(repaired.geometry.iloc[0]) == 5 + 4
    assert changes["moved_m2"].tolist() == [0.0]


def kite(degrees):
    """A triangle 100 m high whose tip has that angle."""
    half = 10 * np.tan(np.radians(degrees / 2))
    return shapely.Polygon(lattice((-half, 0), (half, 0), (0, 10)))


def test_spikes_are_angles_on_the_ground():
    findings = check(
        parcels(kite(4.9), shapely.transform(kite(5.1), lambda xy: np.add(xy, [500, 0])))
    )
    finding = only(findings, "spike")
    assert finding["parcel_id"] == "P01"
    assert finding["severity"] == "提示"
    assert "4.90°" in finding["message"]
    assert (finding["x"], finding["y"]) == pytest.approx(at(0, 10))
    assert codes(check(parcels(kite(4.9)), spike_deg=4.8)) == []
    # far from the equator a degree of longitude is shorter: 30° on the ground, not 54° on paper
    north = shapely.Polygon(
        [(10 - 1e-3 * np.tan(np.radians(15)) * 2, 60), (10, 60.001), (10.001, 60)]
    )
    tip = np.degrees(np.arctan(2 * np.tan(np.radians(15)) / 2) + np.arctan(0.5))
    sharp = only(check(parcels(north, crs=4326), spike_deg=tip + 0.5), "spike")
    assert f"{tip:.0f}" in sharp["message"]


def test_a_spike_out_and_back_has_no_angle_at_all():
    lick = shapely.Polygon(lattice((0, 0), (5, 0), (5, -3), (5, 0), (9, 0), (9, 9), (0, 9)))
    findings = check(parcels(lick))
    assert set(codes(findings)) == {"ring_self_intersection", "spike"} or "spike" in codes(findings)
    assert "0.00°" in only(findings, "spike")["message"]


def test_holes_run_against_their_shell():
    same = shapely.Polygon(SHELL, [HOLE[::-1]])
    table = parcels(shapely.Polygon(SHELL, [HOLE]), shapely.transform(same, lambda xy: xy + 100))
    assert only(check(table), "ring_orientation")["parcel_id"] == "P02"
    repaired, changes = repair(table)
    assert changes["code"].tolist() == ["ring_orientation"]
    ring = repaired.geometry.iloc[1]
    assert ring.exterior.is_ccw
    assert not ring.interiors[0].is_ccw
    # a table wound clockwise throughout, as shapefiles are, is left alone
    assert codes(check(parcels(shapely.Polygon(SHELL[::-1], [HOLE[::-1]])))) == []


def test_size():
    table = parcels(
        shapely.box(*at(0, 0), WEST + 0.9, SOUTH + 1.0), shapely.box(*at(1, 1), *at(2, 2))
    )
    finding = only(check(table), "tiny_area")
    assert finding["parcel_id"] == "P01"
    assert "0.89" in finding["message"]  # 0.9 m² in the plane, 95 ppm less on the ellipsoid
    assert codes(check(table, tiny_m2=0.5)) == []


def test_identifiers():
    table = parcels(*[shapely.box(*at(3 * i, 0), *at(3 * i + 2, 2)) for i in range(5)])
    table.index = pd.Index(["A", None, " ", "B", "A"], dtype=object, name="parcel_id")
    findings = check(table)
    assert codes(findings) == ["duplicate_id", "missing_id", "missing_id", "duplicate_id"]
    assert "第 5 行" in findings["message"][3]
    assert findings["parcel_id"][0] == "A"
    table.index.name = None
    assert codes(check(table)) == ["column_missing"]


def test_required_columns():
    finding = only(check(parcels(SQUARE), required=["declared_ha"]), "column_missing")
    assert finding["message"] == "缺少字段 declared_ha（地块面积）"
    assert finding["parcel_id"] == ""


def test_equal_shapes_are_told_once_each_and_not_as_overlaps():
    turned = shapely.Polygon([*SQUARE.exterior.coords[2:], *SQUARE.exterior.coords[1:3]])
    findings = check(parcels(SQUARE, turned, SQUARE.reverse()))
    assert codes(findings) == ["duplicate_geometry"] * 2
    assert findings["parcel_id"].tolist() == ["P02", "P03"]
    assert "P01" in findings["message"][0]


def test_overlaps_name_pair_and_area():
    table = parcels(
        SQUARE,
        shapely.box(*at(9, 0), *at(20, 10)),  # 10 m x 100 m of the first
        shapely.box(*at(2, 2), *at(3, 3)),  # within the first
        shapely.box(*at(-10, 0), *at(0, 10)),  # touches the first
    )
    findings = check(table)
    assert codes(findings) == ["overlap", "overlap"]
    assert findings["parcel_id"].tolist() == ["P01", "P01"]
    assert findings["severity"].tolist() == ["警告", "警告"]
    # 1000 and 100 m² in the plane, 95 ppm less on the ellipsoid
    assert findings["message"][0] == "与地块 P02 重叠 999.90 平方米，占本地块 10.00%"
    assert findings["message"][1] == "与地块 P03 重叠 99.99 平方米，占本地块 1.00%"
    for x, y in zip(findings["x"][:1], findings["y"][:1], strict=True):
        assert (
            table.geometry.iloc[0]
            .intersection(table.geometry.iloc[1])
            .contains(shapely.Point(x, y))
        )


@pytest.mark.parametrize(
    ("depth_m", "length_m", "code"),
    [
        (0.19, 100, "overlap_sliver"),  # thin
        (0.21, 100, "overlap"),
        (0.9, 1.0, "overlap_sliver"),  # small
        (0.00005, 100, None),  # rounding: half a square decimetre
    ],
)
def test_slivers(depth_m, length_m, code):
    other = shapely.box(WEST + 100 - depth_m, SOUTH, WEST + 150, SOUTH + length_m)
    findings = check(parcels(SQUARE, other))
    assert codes(findings) == ([] if code is None else [code])
    degrees = check(parcels(SQUARE, other).to_crs("EPSG:4490"))
    assert codes(degrees) == codes(findings)


def test_an_invalid_parcel_takes_part_in_overlaps():
    findings = check(parcels(BOW_TIE, shapely.box(*at(-1, 0), *at(0.5, 2))))
    assert codes(findings) == ["self_intersection", "overlap"]


UNITS = gpd.GeoDataFrame(
    geometry=[shapely.box(*at(0, 0), *at(100, 100)), shapely.box(*at(100, 0), *at(200, 100))],
    index=pd.Index(["钦南区", "钦北区"], name="unit"),
    crs=CRS,
)


def test_units():
    table = parcels(
        shapely.box(*at(1, 1), *at(2, 2)),
        shapely.box(*at(150, 1), *at(151, 2)),  # says 钦南区
        shapely.box(*at(97, 10), *at(101, 11)),  # across, 3 : 1
        shapely.box(*at(300, 0), *at(301, 1)),  # nowhere
        shapely.box(*at(198, 20), *at(202, 21)),  # half beyond
        shapely.box(*at(3, 3), *at(4, 4)),
        shapely.box(*at(5, 5), *at(6, 6)),
        None,
        unit=["钦南区", "钦南区", "钦南区", "钦北区", "钦北区", "灵山县", None, "钦北区"],
    )
    for units in (UNITS, UNITS.to_crs("EPSG:4490")):
        findings = check(table, units=units)
        found = dict(zip(findings["parcel_id"], findings["code"], strict=True))
        assert found == {
            "P02": "unit_mismatch",
            "P03": "across_units",
            "P04": "outside_units",
            "P05": "partly_outside_units",
            "P06": "unit_unknown",
            "P07": "unit_missing",
            "P08": "null_geometry",
        }
        assert len(findings) == 7
    assert only(findings, "unit_mismatch")["message"] == "填的是钦南区，图形主要在钦北区"
    assert "钦南区 75.00%、钦北区 25.00%" in only(findings, "across_units")["message"]
    assert "199.98 平方米" in only(findings, "partly_outside_units")["message"]


def test_a_unit_of_several_outlines_is_one_unit():
    mainland_and_island = UNITS.set_axis(["钦南区", "钦南区"])
    across = parcels(shapely.box(*at(97, 10), *at(101, 11)), unit=["钦南区"])
    assert codes(check(across, units=mainland_and_island)) == []
    names = ["钦南区", "钦北区", "钦南区"]  # 10 m in the first, 12 m in 钦北区, 8 m in the third
    strips = [(0, 100), (100, 112), (112, 200)]
    units = gpd.GeoDataFrame(
        geometry=[shapely.box(*at(west, 0), *at(east, 100)) for west, east in strips],
        index=pd.Index(names, name="unit"),
        crs=CRS,
    )
    table = parcels(shapely.box(*at(90, 10), *at(120, 11)), unit=["钦北区"])
    findings = check(table, units=units)
    assert "钦南区 60.00%、钦北区 40.00%" in only(findings, "across_units")["message"]
    assert only(findings, "unit_mismatch")["message"] == "填的是钦北区，图形主要在钦南区"
    assert locate(table, units)["located_unit"].tolist() == ["钦南区"]  # one place decides


def test_units_without_a_declared_unit():
    assert codes(check(parcels(SQUARE), units=UNITS)) == []


def rows(**columns):
    count = len(next(iter(columns.values())))
    shapes = [shapely.box(*at(3 * i, 0), *at(3 * i + 2, 2)) for i in range(count)]
    return parcels(*shapes, **columns)


def days(*texts):
    return pd.to_datetime(pd.Series(texts)).astype("datetime64[ms]").to_numpy()


def test_wrong_kinds_are_told_and_do_not_stop_the_rest():
    table = rows(
        declared_ha=["0.0400", "零点四", None],
        supply_date=["2020-03-01", "不详", None],
        commenced=["是", "否", "也许"],
    )
    findings = check(table)
    assert codes(findings) == ["wrong_kind"] * 3
    assert findings["message"].tolist() == [
        "“地块面积”不是数：零点四",
        "“供地日期”不是日期：不详",
        "“已动工”不是是否：也许",
    ]


def test_lists_and_numbers():
    table = rows(
        land_class=["闲置", "闲置地"],
        supply_method=["拍卖", "出让"],
        price_wan=[-5.0, np.inf],
        vacancy_share=[1.0, 1.2],
    )
    findings = check(table)
    assert findings[["parcel_id", "code"]].to_numpy().tolist() == [
        ["P01", "negative_number"],
        ["P01", "value_outside_list"],
        ["P02", "land_class_unknown"],
        ["P02", "number_not_finite"],
        ["P02", "share_out_of_range"],
    ]


def test_declared_area():
    # 10 000 m² in the plane are 9999.05 m² on the ellipsoid: within a thousandth of 1 公顷
    other = shapely.transform(SQUARE, lambda xy: xy + 200)
    table = parcels(other, SQUARE, declared_ha=[1.0, 1.0011])
    finding = only(check(table), "area_mismatch")
    assert finding["parcel_id"] == "P02"
    assert finding["message"] == "台账 1.0011 公顷，图形 0.9999 公顷，相差 -11.95 平方米"
    assert codes(check(table, area_tolerance=0.002)) == []
    # a small parcel may be off by one square metre
    assert codes(check(rows(declared_ha=[0.0401], area_m2=[400.0]))) == []
    assert codes(check(rows(declared_ha=[0.0402], area_m2=[400.0]))) == ["area_mismatch"]


def test_parts_and_wholes():
    table = rows(
        approved_ha=[1.0, 1.0, np.nan], supplied_ha=[1.0, 1.0002, 5.0], disposed_ha=[0.0, 0.0, 9.0]
    ).assign(should_develop_ha=3.0, developed_ha=[3.0, 3.0, 3.5])
    findings = check(table)
    assert findings[["parcel_id", "code"]].to_numpy().tolist() == [
        ["P02", "supplied_over_approved"],
        ["P03", "part_over_whole"],
    ]
    assert "已供面积 1.0002 公顷，大于批准面积 1.0000 公顷" in findings["message"][0]


def test_dates_out_of_order():
    table = rows(
        approval_date=days("2015-01-01", "2015-01-01", "2015-01-01"),
        supply_date=days("2015-01-01", None, "2014-12-31"),
        agreed_start_date=days("2016-01-01", "2014-06-01", None),
    )
    findings = check(table)
    assert codes(findings) == ["dates_out_of_order"] * 2
    assert findings["message"].tolist() == [
        "约定动工日期 2014-06-01 早于批复日期 2015-01-01",
        "供地日期 2014-12-31 早于批复日期 2015-01-01",
    ]


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"commenced": [False], "commence_date": days("2020-01-01")}, "动工日期"),
        ({"commenced": [False], "developed_ha": [0.1]}, "已动工面积"),
        ({"commenced": [False], "suspended_since": days("2020-01-01")}, "中止开发"),
        ({"title_clear": [True], "disputed": [True]}, "争议"),
        ({"idle_recognised": [True], "land_class": ["低效"]}, "已认定闲置"),
        ({"land_class": ["批而未供"], "declared_ha": [0.04], "supplied_ha": [0.04]}, "批而未供"),
        ({"supply_date": days("2020-01-01"), "supplied_ha": [0.0]}, "却为零"),
    ],
)
def test_facts_that_cannot_both_be_true(told, word):
    assert word in only(check(rows(**told)), "contradictory_facts")["message"]


def test_unknown_facts_contradict_nothing():
    table = rows(
        commenced=pd.array([None, True], dtype="boolean"),
        commence_date=days("2020-01-01", "2020-01-01"),
        disputed=pd.array([True, None], dtype="boolean"),
    )
    assert codes(check(table)) == []


def test_cleared_but_built():
    table = rows(
        structures_cleared=pd.array([True, True, False, None, True], dtype="boolean"),
        built_share=[0.05, 0.0501, 0.9, 0.9, np.nan],
    )
    finding = only(contradictions(table), "cleared_but_built")
    assert finding["parcel_id"] == "P02"
    assert "5.01%" in finding["message"]
    assert len(contradictions(table, threshold=0.2)) == 0
    begun = table.assign(commenced=pd.array([None, True, None, None, None], dtype="boolean"))
    assert len(contradictions(begun)) == 0  # the new buildings are what was meant to come
    with pytest.raises(SchemaError, match="built_share"):
        contradictions(table.drop(columns="built_share"))
    with pytest.raises(UsageError, match="bad_tolerance"):
        contradictions(table, threshold=-1)


def test_the_page_explains_every_code():
    told = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    known = [(kind.code, kind.severity, kind.label) for kind in CATALOGUE.values()]
    assert told == known


def test_bad_calls():
    with pytest.raises(CrsError, match="crs_missing"):
        check(parcels(SQUARE, crs=None))
    with pytest.raises(CrsError, match="crs_missing"):
        repair(parcels(SQUARE, crs=None))
    with pytest.raises(CrsError, match="crs_missing"):
        check(parcels(SQUARE), units=UNITS.set_crs(None, allow_override=True))
    with pytest.raises(UsageError, match="overlap_m2"):
        check(parcels(SQUARE), overlap_m2=-1)
    with pytest.raises(UsageError, match="spike_deg"):
        check(parcels(SQUARE), spike_deg=float("nan"))


def test_repair_keeps_columns_and_forgets_stale_areas():
    table = parcels(BOW_TIE, SQUARE, None, note=["a", "b", "c"], area_m2=[0.0, 9999.049, np.nan])
    table.index = pd.Index(["A", "A", None], name="parcel_id")
    before = table.copy(deep=True)
    repaired, _ = repair(table)
    assert repaired["note"].tolist() == ["a", "b", "c"]
    assert repaired["area_m2"].isna().tolist() == [True, False, True]
    assert repaired.crs == table.crs
    pd.testing.assert_frame_equal(table, before)


def test_empty_table_and_order_of_columns():
    findings = check(parcels(SQUARE).iloc[:0])
    assert list(findings) == [column.name for column in schema.FINDINGS.columns]
    assert len(findings) == 0
    changes = repair(parcels(SQUARE)).changes
    assert list(changes) == [column.name for column in schema.CHANGES.columns]


def as_table(findings, of):
    for column in of.columns:
        assert findings[column.name].dtype == schema.empty(of)[column.name].dtype, column.name


@settings(max_examples=60, deadline=None)
@given(table=dirty_parcels())
def test_a_check_never_dies_and_changes_nothing(table):
    before = shapely.to_wkb(table.geometry.to_numpy()).copy()
    findings = check(table, units=UNITS)
    as_table(findings, schema.FINDINGS)
    assert set(findings["code"]) <= set(CATALOGUE)
    assert findings["severity"].tolist() == [CATALOGUE[code].severity for code in findings["code"]]
    assert findings.equals(check(table, units=UNITS))
    assert (shapely.to_wkb(table.geometry.to_numpy()) == before).all()
    shapes = table.geometry.to_numpy()
    with np.errstate(invalid="ignore", over="ignore"):
        broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    grave = findings[findings["severity"] == "错误"]
    assert broken.sum() <= len(grave)


@settings(max_examples=60, deadline=None)
@given(table=dirty_parcels())
def test_what_is_mendable_is_mended_and_twice_is_once(table):
    table = table.set_axis(named(len(table)))
    findings = check(table)
    repaired, changes = repair(table)
    as_table(changes, schema.CHANGES)
    assert set(findings.loc[findings["mendable"], "parcel_id"]) == set(changes["parcel_id"])
    assert not check(repaired)["mendable"].any()
    again, nothing = repair(repaired)
    assert nothing.empty
    left, right = repaired.geometry.to_numpy(), again.geometry.to_numpy()
    assert (shapely.to_wkb(left) == shapely.to_wkb(right)).all()
    assert list(repaired.index) == list(table.index)


@settings(max_examples=30, deadline=None)
@given(table=coverages())
def test_a_coverage_is_sound(table):
    assert codes(check(table)) == []
    repaired, changes = repair(table)
    assert changes.empty
    assert repaired.geometry.geom_equals_exact(table.geometry, 0).all()


@settings(max_examples=60, deadline=None)
@given(table=facts())
def test_facts_of_any_kind(table):
    findings = check(table)
    as_table(findings, schema.FINDINGS)
    assert "wrong_kind" not in set(findings["code"])

"""What the verbs of clusters say when they are handed the wrong thing.

Cases: numbers that are texts, None, lists, truth values or spans of time; one gap where several are
compared; a fraction of a parcel; a GeoSeries, a
plain table, a path, a list or nothing for a table; a table without system; ids that are missing or
blank, of candidates and of barriers; one number where names are wanted; a mapping that is none;
words that are no kinds; an index of two levels; tables of another verb. Every call is refused with a
stable code, an English message and a Chinese hint that names the argument or the table.
"""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.analysis.barriers import barriers as keep
from landgis.analysis.clusters import cluster, in_the_way, suggest
from landgis.analysis.pockets import pockets
from landgis.analysis.portrait import portray
from landgis.analysis.priority import prioritise
from landgis.analysis.renewal_units import divide
from landgis.analysis.separations import separations
from landgis.model.arguments import require_ids
from landgis.model.errors import DataError, LandgisError
from landgis.policy import load

EAST, NORTH = 562_000.0, 2_428_000.0
IDS = pd.Index(["A", "B", "C"], name="parcel_id")
LOTS = gpd.GeoDataFrame(
    {"land_class": ["低效"] * 3, "unit": ["钦南区"] * 3, "dlbm": ["0601", "0601", "1003"]},
    geometry=[shapely.box(EAST + x, NORTH, EAST + x + 50, NORTH + 40) for x in (0, 50, 108)],
    index=IDS,
    crs=4545,
)
ROAD = gpd.GeoDataFrame(
    {"barrier_class": ["公路"]},
    geometry=[shapely.LineString([(EAST + 104, NORTH - 50), (EAST + 104, NORTH + 90)])],
    index=["R"],
    crs=4545,
)
PLAIN = pd.DataFrame({"name": ["甲"]}, index=["A"])
NO_TABLES = {
    "series": (ROAD.geometry, "not_a_table"),
    "plain": (PLAIN, "geometry_missing"),
    "no active geometry": (gpd.GeoDataFrame(PLAIN), "geometry_missing"),
    "path": ("roads.gpkg", "not_a_table"),
    "list": ([1], "not_a_table"),
    "no system": (ROAD.set_crs(None, allow_override=True), "crs_missing"),
    "two levels": (ROAD.set_axis(pd.MultiIndex.from_tuples([("R", 1)]), axis=0), "index_of_levels"),
}
NO_NUMBERS = (None, "10", [10], True, np.timedelta64(10, "s"), dt.timedelta(10))


@pytest.fixture(scope="module")
def done():
    return cluster(LOTS, gap_m=5, look_m=60)


@pytest.fixture(scope="module")
def policy():
    return load("qinzhou_2021")


def refused(call, *codes):
    with pytest.raises(LandgisError) as caught:
        call()
    error = caught.value
    assert error.code in codes
    assert error.message.isascii() or error.code == "column_missing"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in error.hint)
    return error


@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gap_m", "bad_gap"),
        ("look_m", "bad_gap"),
        ("min_shared_m", "bad_tolerance"),
        ("sliver_m", "bad_tolerance"),
        ("min_area_m2", "bad_minimum"),
        ("min_count", "bad_minimum"),
        ("single_area_m2", "bad_minimum"),
    ],
)
def test_numbers_of_cluster(name, code, value):
    if value is None and name in ("look_m", "single_area_m2"):
        return  # None is an answer there
    error = refused(lambda: cluster(LOTS, **{"gap_m": 10, name: value}), code)
    assert name in error.message
    if name not in ("gap_m", "look_m"):
        refused(lambda: suggest(LOTS, gaps_m=[10], **{name: value}), code)


def test_a_parcel_and_a_half():
    assert "整数" in refused(lambda: cluster(LOTS, gap_m=10, min_count=1.5), "bad_minimum").hint
    assert len(cluster(LOTS, gap_m=10, min_count=2.0).clusters) == 1


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_numbers_of_the_other_verbs(value, done):
    members, clusters, edges = done
    calls = [
        (lambda: pockets(members, clusters, limit_m2=value), "bad_limit"),
        (lambda: pockets(members, clusters, touching_share=value), "bad_share"),
        (lambda: pockets(members, clusters, passage_m=value), "bad_passage"),
        (lambda: separations(members, clusters, edges, gap_m=value), "bad_gap"),
        (lambda: divide(members, clusters, edges, size_m2=value), "bad_size"),
        (lambda: divide(members, clusters, edges, size_m2=2000, tolerance=value), "bad_tolerance"),
        (lambda: portray(clusters, members, frontage_m=value), "bad_frontage"),
    ]
    for call, code in calls:
        refused(call, code)


@pytest.mark.parametrize("named", NO_TABLES)
def test_what_is_no_table(named, done, policy):
    wrong, code = NO_TABLES[named]
    members, clusters, edges = done
    spatial = [
        lambda: cluster(wrong, gap_m=10),
        lambda: cluster(LOTS, gap_m=10, barriers=wrong),
        lambda: suggest(wrong, gaps_m=[10]),
        lambda: suggest(LOTS, gaps_m=[10], barriers=wrong),
        lambda: in_the_way(wrong, barrier_rows={"dlbm": ["1003"]}),
        lambda: in_the_way(LOTS, barriers=wrong),
        lambda: pockets(wrong, clusters),
        lambda: pockets(members, wrong),
        lambda: pockets(members, clusters, barriers=wrong),
        lambda: pockets(members, clusters, boundary=wrong),
        lambda: separations(wrong, clusters, edges, gap_m=5),
        lambda: divide(wrong, clusters, edges, size_m2=2000),
        lambda: portray(wrong, members),
        lambda: portray(clusters, wrong),
        lambda: portray(clusters, members, barriers=wrong),
        lambda: keep(wrong, rules=policy.barrier_rules),
    ]
    for call in spatial:
        refused(call, code)
    if named != "path":  # a text is a column
        refused(lambda: cluster(LOTS, gap_m=10, within=wrong), code)
    plain = [
        lambda: separations(members, wrong, edges, gap_m=5),
        lambda: separations(members, clusters, wrong, gap_m=5),
        lambda: divide(members, clusters, wrong, size_m2=2000),
        *(
            lambda table=table: portray(clusters, members, **{table: wrong})
            for table in ("pieces", "account", "conflicts", "pockets")
        ),
    ]
    for call in plain:
        refused(call, "not_a_table", "index_of_levels", "column_missing")
    if code == "not_a_table":
        refused(lambda: divide(members, wrong, edges, size_m2=2000), code)
        refused(lambda: prioritise(wrong, policy=policy), code)


def test_no_table_at_all(done, policy):
    members, clusters, edges = done
    for call in (
        lambda: cluster(None, gap_m=10),
        lambda: suggest(None, gaps_m=[10]),
        lambda: pockets(None, clusters),
        lambda: pockets(members, None),
        lambda: separations(members, clusters, None, gap_m=5),
        lambda: divide(members, None, edges, size_m2=2000),
        lambda: portray(None, members),
        lambda: portray(clusters, None),
        lambda: prioritise(None, policy=policy),
    ):
        assert "None" in refused(call, "not_a_table").hint


@pytest.mark.parametrize("value", [5, 5.0, True])
def test_one_number_where_names_are_wanted(value, done):
    members, clusters, edges = done
    for name in ("land_class", "seeds", "joins"):
        call = lambda name=name: cluster(LOTS, gap_m=10, **{name: value})  # noqa: E731
        assert name in refused(call, "not_a_collection").hint
    refused(lambda: cluster(LOTS, gap_m=10, joins=None), "not_a_collection")
    refused(lambda: cluster(LOTS, gap_m=10, within=value), "not_a_table")
    refused(lambda: cluster(LOTS, gap_m=10, within=["unit"]), "not_a_table")
    refused(lambda: cluster(LOTS, gap_m=10, barrier_rows={"dlbm": value}), "not_a_collection")
    for rows in (value, "dlbm", ["dlbm"]):
        refused(lambda rows=rows: cluster(LOTS, gap_m=10, barrier_rows=rows), "bad_barrier_rows")
        refused(lambda rows=rows: in_the_way(LOTS, barrier_rows=rows), "bad_barrier_rows")
    refused(lambda: in_the_way(LOTS, barrier_rows={5: ["1003"]}), "column_missing")
    apart = lambda joins: separations(members, clusters, edges, gap_m=5, joins=joins)  # noqa: E731
    refused(lambda: apart(value), "not_a_collection")
    refused(lambda: apart(None), "not_a_collection")
    assert "shared" in refused(lambda: apart(["lies beside"]), "unknown_join").hint
    portrait = lambda **options: portray(clusters, members, barriers=ROAD, **options)  # noqa: E731
    refused(lambda: portrait(road_classes=value), "not_a_collection")
    refused(lambda: portrait(layers=["CZKFBJ"]), "bad_layers")
    for built in (value, [1], None):
        assert (
            "建筑占比字段（built）" in refused(lambda b=built: portrait(built=b), "not_a_name").hint
        )
    refused(lambda: prioritise(clusters, policy="qinzhou_2021"), "not_a_policy")


@pytest.mark.parametrize("blank", [None, np.nan, pd.NA, pd.NaT, "", "  "])
def test_a_parcel_without_an_id_is_never_named_nan(blank, done):
    table = LOTS.set_axis(pd.Index(["A", blank, "C"], dtype=object), axis=0)
    for call in (lambda: cluster(table, gap_m=10), lambda: suggest(table, gaps_m=[10])):
        error = refused(call, "id_blank")
        assert "第 2 行" in error.hint
        assert error.row == 2
    # rows that take no part may be without: another class, no polygon
    classed = table.assign(land_class=["低效", "其他", "低效"])
    edge = cluster(classed, gap_m=60, land_class="低效").edges.iloc[0]
    assert (edge["a"], edge["b"]) == ("A", "C")
    hollow = table.set_geometry(
        gpd.GeoSeries([LOTS.geometry["A"], None, LOTS.geometry["C"]], index=table.index, crs=4545)
    )
    assert cluster(hollow, gap_m=60).clusters["member_count"].tolist() == [2]
    named = done.members.set_axis(table.index, axis=0)
    refused(lambda: divide(named, done.clusters, done.edges, size_m2=2000), "id_blank")


def test_a_pocket_without_an_id():
    yard = shapely.box(EAST + 10, NORTH + 10, EAST + 30, NORTH + 30)
    ring = shapely.box(EAST, NORTH, EAST + 50, NORTH + 40) - yard
    table = LOTS.iloc[:2].set_geometry(gpd.GeoSeries([ring, yard], index=IDS[:2], crs=4545))
    members, clusters, _ = cluster(table, gap_m=0, seeds=["A"], joins=["near"])
    assert pockets(members, clusters)["parcel_id"].tolist() == ["B"]
    blank = members.set_axis(pd.Index(["A", None], dtype=object), axis=0)
    assert "第 2 行" in refused(lambda: pockets(blank, clusters), "id_blank").hint


def test_a_barrier_without_an_id():
    blank = ROAD.set_axis(pd.Index([None], dtype=object), axis=0)
    error = refused(lambda: cluster(LOTS, gap_m=10, barriers=blank), "id_blank")
    assert "阻隔" in error.hint
    assert "barrier_id=#" in error.hint


def test_many_rows_without_an_id_are_not_all_listed():
    with pytest.raises(DataError) as caught:
        require_ids([""] * 9, range(9), name="parcel_id", what="地块")
    assert "有 9 行" in caught.value.hint
    assert "第 1、2、3、4、5 行等" in caught.value.hint


@pytest.mark.parametrize("name", ["gap_m", "look_m"])
def test_one_gap_where_several_are_compared(name):
    assert "gaps_m=[10, 20]" in refused(lambda: suggest(LOTS, **{name: 20}), "gap_and_gaps").hint


def test_a_collection_is_portrayed_by_its_polygons():
    point, whole = shapely.Point(EAST + 75, NORTH + 20), LOTS.geometry["B"]
    halves = shapely.MultiPolygon([whole & shapely.box(EAST, NORTH, EAST + 70, NORTH + 40)])
    rest = whole - halves
    for mixed in (
        shapely.GeometryCollection([whole, point]),
        shapely.GeometryCollection([shapely.GeometryCollection([halves, point]), rest]),
    ):
        shapes = gpd.GeoSeries([LOTS.geometry["A"], mixed], index=IDS[:2], crs=4545)
        members, clusters, _ = cluster(LOTS.iloc[:2].set_geometry(shapes), gap_m=0)
        members["readiness"] = ["净地", "毛地"]
        told = portray(clusters, members).clusters.iloc[0]
        # 50 m by 40 m each, at the scale of the plane there: 1999.81 m² of statutory area
        assert [told["cleared_m2"], told["uncleared_m2"]] == pytest.approx([1999.81] * 2, abs=0.02)
        assert told["cleared_m2"] + told["uncleared_m2"] == pytest.approx(told["area_m2"], abs=1e-9)


def test_a_collection_is_divided_by_its_polygons():
    whole = LOTS.geometry["B"]
    mixed = shapely.GeometryCollection([whole, shapely.Point(EAST + 75, NORTH + 20)])
    table = LOTS.iloc[:2]
    members, clusters, edges = cluster(table, gap_m=0)
    collected = members.set_geometry(
        gpd.GeoSeries([LOTS.geometry["A"], mixed], index=IDS[:2], crs=4545)
    )
    units = divide(collected, clusters, edges, size_m2=10_000).units
    assert units.geometry.iloc[0].equals(table.union_all())

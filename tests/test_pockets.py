"""Which small land would a renewal take along (三地)?

Cases: a yard in a ring, with its figures, sentence and id; the limit is exclusive and an argument;
ground beyond three limits or larger than its cluster; a strip in a covered lane; the lane itself is
no pocket; a corner between two roads, with a verge that is too narrow and one that is wide enough
to lead out; a road without a width; barriers in another system; a planning edge as a line and as a
polygon, its far side; interlocking land and its share; one cluster per plot; drawings a hairline
apart; members of other clusters, parcels on barriers and parcels on members are none; ground that
no parcel covers, each square metre once, and whose opening crosses itself; across a line; order of
rows; input untouched; schema; bad arguments.
"""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.analysis._pocket_rooms import Edges
from landgis.analysis.clusters import cluster
from landgis.analysis.pockets import _between, pockets
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError

EAST, NORTH = 562000, 2428000
M2_PER_PLANE_M2 = 0.99990490  # V1 of test_area: 10 000 m² in the plane here are 9999.0490 m²


def box(x0, y0, x1, y1):
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def world(members, others=(), gap_m=0.0):
    """All parcels with the clusters that the members make: M0, M1 … and P0, P1 …"""
    ids = [f"M{i}" for i in range(len(members))] + [f"P{i}" for i in range(len(others))]
    classes = ["低效"] * len(members) + ["其他"] * len(others)
    table = gpd.GeoDataFrame(
        {"land_class": classes},
        geometry=[*members, *others],
        index=pd.Index(ids, name="parcel_id", dtype="str"),
        crs=4545,
    )
    result = cluster(table, gap_m=gap_m, land_class="低效")
    return result.members, result.clusters


def layer(*shapes, **columns):
    ids = pd.Index([f"R{i}" for i in range(len(shapes))], name="barrier_id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=4545)


def told(table):
    """Kind of each pocket by its parcel."""
    return dict(zip(table["parcel_id"].fillna("-"), table["pocket_kind"], strict=True))


RING = box(0, 0, 120, 120) - box(40, 40, 70, 70)
YARD = box(40, 40, 70, 70)


def test_a_yard_in_a_ring():
    found = pockets(*world([RING], [YARD]))
    assert len(found) == 1
    one = found.iloc[0]
    assert (one.pocket_kind, one.parcel_id) == ("夹心地", "P0")
    assert one.area_m2 == pytest.approx(900 * M2_PER_PLANE_M2, abs=0.006)
    assert one.share == pytest.approx(900 / 13500, rel=1e-5)
    assert one.along_m == pytest.approx(120.0, abs=1e-6)
    assert one.within_limit
    assert one.because == (
        "被连片用地围合或夹在其中；面积899.91平方米（1.35亩），不足3亩；"
        "周长120.0米中120.0米（100%）与连片相邻。"
    )
    assert found.index[0] == f"{one.cluster_id}-P0"
    assert one.geometry.equals(YARD)


def test_the_limit_is_exclusive_and_an_argument():
    parcels, clusters = world([RING], [YARD])
    area = pockets(parcels, clusters)["area_m2"].iloc[0]
    for limit, within in ((area, False), (area + 0.01, True)):
        assert pockets(parcels, clusters, limit_m2=limit)["within_limit"].tolist() == [within]
    large = pockets(*world([box(0, 0, 200, 200) - box(40, 40, 117, 117)], [box(40, 40, 117, 117)]))
    assert large["within_limit"].tolist() == [False]  # 77 · 77 = 5929 m² of at most 6000
    assert "不在3亩以内" in large["because"].iloc[0]


def test_plots_within_the_limit_come_first_the_largest_before_the_others():
    yards = [box(10, 10, 30, 30), box(40, 10, 90, 60), box(100, 10, 130, 40)]  # 400, 2500, 900 m²
    ring = box(0, 0, 140, 90).difference(shapely.union_all(yards))
    found = pockets(*world([ring], yards))
    assert found["parcel_id"].tolist() == ["P2", "P0", "P1"]
    assert found["within_limit"].tolist() == [True, True, False]


def test_plots_together_beyond_the_limit_are_said_to_be():
    halves = [box(40, 40, 70, 100), box(70, 40, 100, 100)]  # 1800 m² each, 3600 m² = 5.40 亩
    found = pockets(*world([box(0, 0, 140, 140) - box(40, 40, 100, 100)], halves))
    assert told(found) == {"P0": "夹心地", "P1": "夹心地"}
    assert found["within_limit"].all()
    assert found["because"].str.contains("所在围合地段共5.40亩").all()
    assert found["along_m"].tolist() == pytest.approx([120.0, 120.0])


@pytest.mark.parametrize(
    ("outer", "hole"),
    [
        (box(0, 0, 200, 200), box(40, 40, 118, 118)),  # 78 · 78 = 6084 m², beyond three limits
        (box(0, 0, 40, 40), box(5, 5, 35, 35)),  # the hole is larger than the 700 m² around it
    ],
)
def test_a_site_of_its_own_is_no_pocket(outer, hole):
    assert pockets(*world([outer - hole], [hole])).empty


def test_a_strip_in_a_covered_lane_is_a_pocket_and_the_lane_is_not():
    members = [box(0, 0, 40, 100), box(48, 0, 88, 100)]
    parcels, clusters = world(members, [box(40, 0, 48, 60)], gap_m=10)
    found = pockets(parcels, clusters)
    assert told(found) == {"P0": "夹心地"}
    assert pockets(*world(members, gap_m=10)).empty


# A block whose south-western corner, 40 m by 40 m in two plots, the cluster leaves over
CORNER_MEMBERS = [box(40, 0, 100, 100), box(0, 40, 40, 100)]
CORNER_PLOTS = [box(0, 0, 20, 40), box(20, 0, 40, 40)]


def roads(verge, width=10.0, **columns):
    """Roads along the west and the south of the block, a verge away from it."""
    middle = -verge - width / 2
    west, south = line((middle, -99), (middle, 200)), line((-99, middle), (200, middle))
    columns = {"barrier_class": ["主干路", "铁路"], "width_m": [width, width]} | columns
    return layer(west, south, **columns)


@pytest.mark.parametrize("verge", [0.0, 3.0])
def test_a_corner_between_roads_and_the_cluster(verge):
    parcels, clusters = world(CORNER_MEMBERS, CORNER_PLOTS)
    found = pockets(parcels, clusters, barriers=roads(verge))
    assert told(found) == {"P0": "边角地", "P1": "边角地"}
    along = dict(zip(found["parcel_id"], found["along_m"], strict=True))
    assert along == pytest.approx({"P0": 20.0, "P1": 60.0})
    assert found["area_m2"].tolist() == pytest.approx([800 * M2_PER_PLANE_M2] * 2, abs=0.006)
    assert found["because"].str.startswith("被连片用地与主干路（R0）、铁路（R1）围合；").all()


def test_a_verge_wide_enough_leads_out():
    parcels, clusters = world(CORNER_MEMBERS, CORNER_PLOTS)
    # what is left is P1, half of whose perimeter of 120 m is against the cluster
    assert told(pockets(parcels, clusters, barriers=roads(6.0))) == {"P1": "插花地"}
    bridged = pockets(parcels, clusters, barriers=roads(6.0), passage_m=7.0)
    assert told(bridged) == {"P0": "边角地", "P1": "边角地"}


def test_roads_without_width_class_or_in_another_system():
    parcels, clusters = world(CORNER_MEMBERS, CORNER_PLOTS)
    cut = {"P0": "边角地", "P1": "边角地"}
    bare = roads(0.1, width=0.0)[["geometry"]]
    found = pockets(parcels, clusters, barriers=bare)
    assert told(found) == cut
    assert found["because"].str.contains("与R0、R1围合").all()
    unknown = roads(0.1, width=0.0, width_m=[np.nan, np.nan])
    assert told(pockets(parcels, clusters, barriers=unknown)) == cut
    degrees = roads(0.0).to_crs(4490)
    assert told(pockets(parcels, clusters, barriers=degrees)) == cut


def test_one_road_alone_cuts_nothing_off():
    parcels, clusters = world(CORNER_MEMBERS, CORNER_PLOTS)
    assert told(pockets(parcels, clusters, barriers=roads(0.0).iloc[:1])) == {"P1": "插花地"}


def test_a_planning_edge_cuts_off():
    parcels, clusters = world(CORNER_MEMBERS, CORNER_PLOTS)
    cut = {"P0": "边角地", "P1": "边角地"}
    for edge in (layer(line((0, 200), (0, 0), (200, 0))), layer(box(0, 0, 300, 300))):
        found = pockets(parcels, clusters, boundary=edge)
        assert told(found) == cut
        assert found["because"].str.startswith("被连片用地与规划边界围合；").all()
    both = pockets(parcels, clusters, barriers=roads(0.0).iloc[1:], boundary=edge)
    assert both["because"].str.startswith("被连片用地与规划边界、铁路（R1）围合；").all()


def test_the_far_side_of_a_planning_area_is_not_taken():
    body, arm = box(0, 0, 100, 40), box(0, 40, 10, 100)
    roof, leg = box(10, 90, 60, 100), box(50, 50, 60, 90)
    parcels, clusters = world([body, arm, roof, leg], [box(10, 50, 50, 90)])
    edge = layer(line((-50, 50), (200, 50)))
    # three of its four sides are against the cluster: without the edge it interlocks
    assert told(pockets(parcels, clusters)) == {"P0": "插花地"}
    assert told(pockets(parcels, clusters, boundary=edge)) == {"P0": "边角地"}
    inside = layer(box(-50, -50, 200, 50))  # holds most of the cluster and not the plot
    assert pockets(parcels, clusters, boundary=inside).empty


def test_interlocking_land_by_its_share_of_contact():
    members = [box(0, 0, 40, 60), box(60, 0, 100, 60), box(0, 60, 100, 90)]
    plot = box(40, 0, 60, 60)  # 140 of 160 m against the cluster: 87.5 %
    parcels, clusters = world(members, [plot])
    found = pockets(parcels, clusters, touching_share=0.875)
    assert told(found) == {"P0": "插花地"}
    assert found["along_m"].iloc[0] == pytest.approx(140.0, abs=1e-6)
    assert found["because"].iloc[0].startswith("与连片用地交错；")
    assert pockets(parcels, clusters, touching_share=0.88).empty


def test_drawings_a_hairline_apart_are_in_contact():
    ring = box(0, 0, 120, 120) - box(39.9, 39.9, 70.1, 70.1)
    found = pockets(*world([ring], [YARD]))
    assert told(found) == {"P0": "夹心地"}
    assert found["along_m"].iloc[0] == pytest.approx(120.0, abs=1e-6)


def test_a_plot_belongs_to_the_cluster_it_has_most_contact_with():
    west = [box(0, 0, 40, 60), box(40, 60, 60, 100)]  # along the plot's west and north: 80 m
    west.append(box(0, 60, 40, 100))
    east = [box(60, 0, 100, 60), box(40, -40, 60, -1), box(60, -40, 100, 0)]  # its east: 60 m
    parcels, clusters = world([*west, *east], [box(40, 0, 60, 60)])
    assert len(clusters) == 2
    found = pockets(parcels, clusters, touching_share=0.3)
    assert found["parcel_id"].tolist() == ["P0"]
    assert found["cluster_id"].iloc[0] == parcels["cluster_id"]["M0"]
    assert found["along_m"].iloc[0] == pytest.approx(80.0, abs=1e-6)


def test_other_members_and_barriers_and_doubles_are_none():
    parcels, clusters = world([RING, YARD.buffer(-6)])  # a second cluster in the yard
    assert len(clusters) == 2
    parcels.loc["M1", "land_class"] = "其他"
    assert "M1" not in told(pockets(parcels, clusters))
    road = box(40, 40, 70, 70)
    parcels, clusters = world([RING], [road])
    assert pockets(parcels, clusters, barriers=layer(road, width_m=[0.0])).empty
    parcels, clusters = world([RING], [box(10, 45, 40, 65)])  # drawn over a member
    assert "P0" not in told(pockets(parcels, clusters))


def test_ground_that_no_parcel_covers():
    found = pockets(*world([RING], [box(40, 40, 70, 60)]))
    assert told(found) == {"P0": "夹心地", "-": "夹心地"}
    bare = found[found["parcel_id"].isna()]
    assert bare["area_m2"].iloc[0] == pytest.approx(300 * M2_PER_PLANE_M2, abs=0.006)
    assert bare["along_m"].iloc[0] == pytest.approx(50.0, abs=1e-6)  # 30 + 10 + 10
    assert bare.index[0].endswith("-空1")
    assert bare["because"].iloc[0].endswith("图上无地块，权属和现状待查。")


@pytest.mark.parametrize(
    "corners",
    [
        [(19, 2), (4, 4), (1, 12), (-2, 5), (-8, 16), (-9, 14), (-5, 1), (-16, 1), (-5, 0),
         (-6, -13), (6, -15)],
        [(12, 0), (15, 10), (5, 4), (0, 9), (-9, -5), (-4, -4), (6, -13), (6, -10), (10, -12),
         (6, -2), (15, -5), (9, -1)],
    ],
)  # fmt: skip
def test_ground_whose_opening_crosses_itself(corners):
    from landgis.analysis._pocket_plots import _opened

    star = shapely.Polygon(corners)  # GEOS refuses to intersect it with its opening as drawn
    parts, of = _opened(np.array([star]), 4.0)
    assert shapely.is_valid(parts).all()
    assert set(of.tolist()) == {0}
    ground = shapely.union_all(parts)
    assert ground.difference(star).area < 1e-6
    assert star.buffer(-2).difference(ground).area < 1e-6


def test_cracks_and_verges_are_no_ground():
    plots = [box(40, 40, 53.1, 70), box(56.9, 40, 70, 70)]  # 3.8 m apart: no passage of 4 m
    assert told(pockets(*world([RING], plots))) == {"P0": "夹心地", "P1": "夹心地"}
    plots = [box(40, 40, 52, 70), box(58, 40, 70, 70)]
    assert "-" in told(pockets(*world([RING], plots)))


def test_what_two_clusters_close_in_together_neither_cuts_off():
    parcels, clusters = world([box(0, 0, 60, 40), box(90, 0, 150, 40)])
    walls = layer(line((-50, 45), (200, 45)), line((-50, -5), (200, -5)), width_m=[10.0, 10.0])
    assert pockets(parcels, clusters, barriers=walls).empty


def test_bare_ground_that_two_clusters_cut_off_counts_once():
    # within the corner of the block another cluster cuts off its own corner of 20 m by 20 m; it
    # leaves a strip of 6 m along the first one: 40² - 34² = 444 m²
    small = [box(20, 0, 34, 34), box(0, 20, 20, 34)]
    parcels, clusters = world([*CORNER_MEMBERS, *small])
    assert len(clusters) == 2
    found = pockets(parcels, clusters, barriers=roads(0.0))
    assert found["parcel_id"].isna().all()
    of = dict(zip(found["cluster_id"], found["area_m2"], strict=True))
    ids = parcels["cluster_id"]
    assert of == pytest.approx(
        {ids["M0"]: 444 * M2_PER_PLANE_M2, ids["M2"]: 400 * M2_PER_PLANE_M2}, abs=0.006
    )


def test_across_a_line_without_width_nothing_is_cut_off():
    triangle = shapely.Polygon([(EAST, NORTH), (EAST + 40, NORTH), (EAST + 20, NORTH - 20)])
    parcels, clusters = world([box(-50, 0, 90, 60)], [triangle])
    lines = layer(line((-99, 0), (99, 0)), line((-1, 1), (25, -25)), line((15, -25), (41, 1)))
    assert pockets(parcels, clusters, barriers=lines).empty
    assert told(pockets(parcels, clusters, barriers=lines.iloc[1:])) == {"P0": "边角地"}


def test_order_of_rows_changes_nothing():
    parcels, clusters = world(CORNER_MEMBERS, CORNER_PLOTS)
    first = pockets(parcels, clusters, barriers=roads(0.0))
    again = pockets(parcels.iloc[::-1], clusters.iloc[::-1], barriers=roads(0.0).iloc[::-1])
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.drop(columns="geometry")), pd.DataFrame(again.drop(columns="geometry"))
    )


def test_schema_and_input():
    parcels, clusters = world(CORNER_MEMBERS, [*CORNER_PLOTS, None, shapely.Polygon()])
    before, walls = parcels.copy(), roads(0.0)
    found = pockets(parcels, clusters, barriers=walls)
    assert parcels.equals(before)
    assert walls.equals(roads(0.0))
    for table in (found, pockets(parcels, clusters.iloc[:0]), pockets(parcels.iloc[:2], clusters)):
        columns = {column.name: column for column in schema.POCKETS.columns}
        assert [table.index.name, *table.columns] == list(columns)
        assert table.crs == parcels.crs
        for name in table.columns.drop("geometry"):
            assert str(table[name].dtype) == schema.DTYPES[columns[name].kind]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("options", "error", "code"),
    [
        ({"limit_m2": 0}, UsageError, "bad_limit"),
        ({"limit_m2": np.nan}, UsageError, "bad_limit"),
        ({"touching_share": 0}, UsageError, "bad_share"),
        ({"touching_share": 1.1}, UsageError, "bad_share"),
        ({"passage_m": 0}, UsageError, "bad_passage"),
        ({"barriers": layer(shapely.Point(EAST, NORTH))}, DataError, "barrier_not_line_or_polygon"),
        ({"boundary": layer(shapely.Point(EAST, NORTH))}, DataError, "barrier_not_line_or_polygon"),
    ],
)
def test_bad_arguments(options, error, code):
    with pytest.raises(error) as caught:
        pockets(*world([RING], [YARD]), **options)
    assert caught.value.code == code


def test_bad_tables():
    parcels, clusters = world([RING], [YARD])
    with pytest.raises(CrsError) as caught:
        pockets(parcels.to_crs(4490), clusters.to_crs(4490))
    assert caught.value.code == "crs_degrees"
    with pytest.raises(CrsError) as caught:
        pockets(parcels, clusters.to_crs(4490))
    assert caught.value.code == "crs_mismatch"
    for broken in (
        (parcels.drop(columns="cluster_id"), clusters),
        (parcels, clusters[["geometry"]]),
    ):
        with pytest.raises(SchemaError) as caught:
            pockets(*broken)
        assert caught.value.code == "column_missing"


def test_ground_cut_off_with_no_work_beside_it_is_said_in_words():
    ground = SimpleNamespace(room=shapely.box([0, 0], [0, 20], [10, 10], [10, 30]))
    works = Edges(shapely.box([10], [0], [12], [10]), np.array(["主干路（R0）"], dtype=object))
    assert _between(ground, works, 2.0) == ["主干路（R0）", "附近的线性工程或规划边界"]

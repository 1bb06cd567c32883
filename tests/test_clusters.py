"""Which parcels lie together enough to renew?

Cases: every kind of edge on boxes with measures known in the head (shared without common vertices,
hairline gap, thin and real overlap, twins, one within another, corner, contact too short, across a
lane, too far); kinds that join are an argument; barriers as lines, strips and polygons: between,
with an opening, around a corner, along a shared edge, cracked, over a parcel, in another system;
bad arguments and bad barriers; columns, index and order kept; a class without members; null and
empty geometry; areas against the vector of the ruler, overlaps counted once; minimum area and
count; ids; names, whose place lies in their unit; outlines; suggest agrees with cluster. The lasting
truths on random worlds stand in test_clusters_worlds.py.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.analysis.clusters import cluster, suggest
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError

EAST, NORTH = 562000, 2428000
M2_PER_PLANE_M2 = 0.99990490  # V1 of test_area: 10 000 m² in the plane here are 9999.0490 m²


def box(x0, y0, x1, y1):
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def parcels(*shapes, **columns):
    ids = pd.Index([chr(ord("A") + i) for i in range(len(shapes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=4545)


def barriers(*shapes, width_m=0.0, barrier_class="主干路"):
    ids = pd.Index([f"R{i}" for i in range(len(shapes))], name="barrier_id", dtype="str")
    columns = {"barrier_class": barrier_class, "width_m": width_m}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=4545)


def only_edge(table, **options):
    edges = cluster(table, **options).edges
    assert len(edges) == 1
    return edges.iloc[0]


UNIT = box(0, 0, 10, 10)
KINDS = [
    # second box, kind, shared_m, gap_m, overlap_m2 in the plane
    (box(10, -5, 20, 6), "shared", 6.0, 0.0, 0.0),  # no vertex in common
    (box(10, 9, 20, 19), "shared", 1.0, 0.0, 0.0),  # exactly min_shared_m
    (box(10.01, 2, 20, 9), "sliver", 7.0, 0.01, 0.0),
    (box(9.95, 2, 20, 9), "sliver", 7.0, 0.0, 0.35),
    (box(8, 2, 20, 9), "overlap", 0.0, 0.0, 14.0),
    (box(0, 0, 10, 10), "overlap", 0.0, 0.0, 100.0),  # twins
    (box(3, 3, 7, 7), "overlap", 0.0, 0.0, 16.0),  # one within the other
    (box(10, 10, 20, 20), "corner", 0.0, 0.0, 0.0),
    (box(10, 9.5, 20, 19.5), "corner", 0.5, 0.0, 0.0),  # contact too short
    (box(10.06, 10.08, 20, 20), "corner", 0.0, 0.1, 0.0),  # 6-8-10
    (box(18, 0, 28, 10), "near", 0.0, 8.0, 0.0),
    (box(16, 18, 28, 28), "near", 0.0, 10.0, 0.0),  # 6-8-10, as far as the gap
]


@pytest.mark.parametrize(("second", "kind", "shared", "gap", "overlap"), KINDS)
def test_kinds_of_edges(second, kind, shared, gap, overlap):
    edge = only_edge(parcels(UNIT, second), gap_m=10)
    assert (edge.a, edge.b, edge.kind) == ("A", "B", kind)
    assert edge.shared_m == pytest.approx(shared, abs=1e-6)
    assert edge.gap_m == pytest.approx(gap, abs=1e-6)
    assert edge.reach_m == pytest.approx(gap, abs=1e-6)
    assert edge.overlap_m2 == pytest.approx(overlap * M2_PER_PLANE_M2, rel=1e-6, abs=1e-6)
    assert edge.joins == (kind != "corner")
    assert pd.isna(edge.barrier)


def test_beyond_the_gap_is_no_edge():
    edges = cluster(parcels(UNIT, box(18.001, 0, 28, 10)), gap_m=8).edges
    assert edges.empty
    assert list(edges) == [column.name for column in schema.EDGES.columns]


def test_a_hairline_is_bridged_at_gap_zero_and_a_lane_is_not():
    table = parcels(UNIT, box(10.01, 0, 20, 10), box(21, 0, 30, 10))
    members = cluster(table, gap_m=0).members["cluster_id"]
    assert members["A"] == members["B"] != members["C"]
    assert cluster(table, gap_m=0, sliver_m=0).clusters["member_count"].tolist() == [1, 1, 1]


def test_kinds_that_join_are_an_argument():
    corner = parcels(UNIT, box(10, 10, 20, 20))
    assert len(cluster(corner, gap_m=0).clusters) == 2
    assert len(cluster(corner, gap_m=0, joins=("corner",)).clusters) == 1
    lane = parcels(UNIT, box(12, 0, 20, 10))
    assert len(cluster(lane, gap_m=5, joins=("shared", "overlap")).clusters) == 2


def test_a_hole_and_a_part_are_met():
    ring = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    island = box(12, 12, 18, 18)
    assert only_edge(parcels(ring, island), gap_m=2).gap_m == pytest.approx(2.0)
    apart = shapely.union(box(40, 0, 50, 10), box(33, 0, 35, 10))
    assert only_edge(parcels(ring, apart), gap_m=3).gap_m == pytest.approx(3.0)


ACROSS = parcels(UNIT, box(18, 0, 28, 10))


@pytest.mark.parametrize(
    ("wall", "width"),
    [
        (line((14, -50), (14, 60)), 0.0),
        (line((14, -50), (14, 60)), 6.0),
        (box(12, -50, 13, 60), np.nan),
        (line((10, -50), (10, 60)), 0.0),  # along the edge of A
        (box(9, -50, 11, 60), 0.0),  # over the edge of A
        (shapely.union(box(12, -50, 13, 5), box(12, 5.05, 13, 60)), 0.0),  # drawn with a crack
    ],
)
def test_a_barrier_between_cuts(wall, width):
    result = cluster(ACROSS, gap_m=30, barriers=barriers(wall, width_m=width))
    edge = result.edges.iloc[0]
    assert (edge.kind, edge.barrier, edge.barrier_class, edge.joins) == (
        "near",
        "R0",
        "主干路",
        False,
    )
    assert edge.gap_m == pytest.approx(8.0)
    assert np.isnan(edge.reach_m)
    assert len(result.clusters) == 2


def test_an_opening_joins():
    walls = barriers(line((14, -50), (14, 3)), line((14, 5), (14, 60)))
    edge = only_edge(ACROSS, gap_m=8, barriers=walls)
    assert edge.joins
    assert edge.reach_m == pytest.approx(8.0)
    assert pd.isna(edge.barrier)


def test_past_the_end_of_a_wall_the_way_is_longer():
    # the wall, 0.1 m thick on each side, ends at (14.1, 12.1); the shortest way grazes that corner
    # from B's corner (18, 10) and meets A's side x = 10: length 8·√(1 + (2.1 / 3.9)²)
    table = parcels(box(0, 0, 10, 30), box(18, 0, 28, 10))
    wall = barriers(line((14, -100), (14, 12)))
    length = 8 * np.hypot(1, 2.1 / 3.9)
    edge = only_edge(table, gap_m=length + 0.01, barriers=wall)
    assert edge.joins
    assert edge.reach_m == pytest.approx(length, abs=1e-6)
    blocked = only_edge(table, gap_m=length - 0.01, barriers=wall)
    assert not blocked.joins
    assert blocked.gap_m == pytest.approx(8.0)


def test_a_segment_may_turn_about_one_corner():
    # a quarter-plane wall whose thickened corner lies 3 m from both legs of a right angle:
    # the shortest segment through (3, 3) between the axes lies across the diagonal, 6·√2 long
    table = parcels(box(-5, 0, 0, 60), box(0, -5, 60, 0))
    wall = barriers(box(-9, -9, 2.9, 2.9))
    asked = {"barriers": wall, "joins": ("corner",)}
    assert only_edge(table, gap_m=9, **asked).reach_m == pytest.approx(6 * np.sqrt(2), abs=1e-6)
    assert not only_edge(table, gap_m=8.4, **asked).joins


def test_a_long_parcel_reaches_around_a_barrier():
    hook = shapely.union(box(0, 0, 10, 40), box(0, 30, 28, 40))
    table = parcels(hook, box(18, 0, 28, 10))
    wall = barriers(line((14, -100), (14, 20)))
    assert not only_edge(table, gap_m=8.5, barriers=wall).joins
    edge = only_edge(table, gap_m=20, barriers=wall)
    assert edge.joins
    # straight up from B to the hook are 20 m; shorter is the ladder about the end of the wall
    # (14.1, 20.1), between the lines x = 10 and y = 10: (4.1^⅔ + 10.1^⅔)^1½ m
    assert edge.reach_m == pytest.approx((4.1 ** (2 / 3) + 10.1 ** (2 / 3)) ** 1.5, abs=1e-6)


TOUCHING = parcels(UNIT, box(10, 0, 20, 10))


@pytest.mark.parametrize(
    ("wall", "joins"),
    [
        (line((10, 0), (10, 10)), False),  # along the whole of the shared edge
        (line((10, 0), (10, 7)), True),  # along a part
        (line((5, 5), (15, 5)), True),  # across it
        (box(9, -1, 11, 11), False),
        (box(9, -1, 11, 9), True),
        (box(-1, -1, 11, 11), False),  # A lies inside the barrier
    ],
)
def test_barriers_on_parcels_that_touch(wall, joins):
    edge = only_edge(TOUCHING, gap_m=15, barriers=barriers(wall))
    assert (edge.kind, edge.joins) == ("shared", joins)
    assert pd.isna(edge.barrier) == joins
    if joins:
        assert edge.reach_m == 0.0


def test_overlapping_parcels_reach_each_other_inside_a_ring_of_barriers():
    inner = box(3, 3, 7, 7)
    ring = barriers(shapely.LinearRing(inner.exterior))
    assert only_edge(parcels(UNIT, inner), gap_m=0, barriers=ring).joins
    covered = barriers(box(2, 2, 8, 8))
    assert not only_edge(parcels(UNIT, inner), gap_m=0, barriers=covered).joins


def test_a_large_barrier_is_cut_without_cracks():
    wall = line(*[(14 + 0.5 * np.sin(y / 7), y) for y in range(-3000, 3000)])
    table = parcels(box(0, -2000, 10, 2000), box(18, -2000, 28, 2000))
    assert not only_edge(table, gap_m=12, barriers=barriers(wall)).joins
    polygon = barriers(shapely.box(EAST + 12, NORTH - 3000, EAST + 16, NORTH + 3000))
    assert not only_edge(table, gap_m=12, barriers=polygon).joins


def test_barriers_in_another_system_are_brought_over():
    wall = barriers(line((14, -50), (14, 60)))
    away = cluster(ACROSS, gap_m=10, barriers=wall.to_crs(4490))
    assert len(away.clusters) == len(cluster(ACROSS, gap_m=10, barriers=wall).clusters) == 2


def test_barriers_without_geometry_or_width_are_read():
    table = barriers(None, shapely.Polygon(), line((14, -50), (14, 60))).drop(columns="width_m")
    assert not only_edge(ACROSS, gap_m=10, barriers=table).joins
    nothing = table.iloc[:0]
    assert only_edge(ACROSS, gap_m=10, barriers=nothing).joins


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"gap_m": -1}, "bad_gap"),
        ({"gap_m": np.nan}, "bad_gap"),
        ({"gap_m": np.inf}, "bad_gap"),
        ({"gap_m": 1, "min_shared_m": -1}, "bad_tolerance"),
        ({"gap_m": 1, "sliver_m": np.nan}, "bad_tolerance"),
        ({"gap_m": 1, "min_area_m2": -1}, "bad_minimum"),
        ({"gap_m": 1, "min_count": 0}, "bad_minimum"),
        ({"gap_m": 1, "joins": ("shared", "queen")}, "unknown_join"),
    ],
)
def test_bad_arguments(options, code):
    with pytest.raises(UsageError) as caught:
        cluster(ACROSS, **options)
    assert caught.value.code == code


def test_bad_tables():
    with pytest.raises(CrsError, match="crs_degrees"):
        cluster(ACROSS.to_crs(4490), gap_m=10)
    with pytest.raises(CrsError, match="crs_missing"):
        cluster(ACROSS.set_crs(None, allow_override=True), gap_m=10)
    wall = barriers(line((0, 0), (1, 1))).set_crs(None, allow_override=True)
    with pytest.raises(CrsError, match="crs_missing"):
        cluster(ACROSS, gap_m=10, barriers=wall)
    with pytest.raises(DataError, match="barrier_not_line_or_polygon"):
        cluster(ACROSS, gap_m=10, barriers=barriers(shapely.Point(EAST, NORTH)))
    with pytest.raises(DataError, match="barrier_width_negative"):
        cluster(ACROSS, gap_m=10, barriers=barriers(line((0, 0), (1, 1)), width_m=-3.0))
    with pytest.raises(DataError, match="id_duplicate"):
        cluster(pd.concat([ACROSS, ACROSS]), gap_m=10)
    with pytest.raises(SchemaError, match="column_missing"):
        cluster(ACROSS, gap_m=10, land_class="低效")


def test_the_table_is_kept():
    table = parcels(
        box(18, 0, 28, 10),
        None,
        UNIT,
        shapely.Polygon(),
        box(60, 0, 70, 10),
        land_class=["低效", "低效", "低效", "低效", "闲置"],
        cluster_id="old",
        note=[1, 2, 3, 4, 5],
    )
    before = table.copy()
    members, clusters, edges = cluster(table, gap_m=10, land_class="低效")
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(
        members.drop(columns="cluster_id"), before.drop(columns="cluster_id")
    )
    assert list(members) == list(before)
    assert members["cluster_id"].notna().tolist() == [True, False, True, False, False]
    assert members["cluster_id"].dropna().unique().tolist() == clusters.index.tolist()
    assert members["cluster_id"].dtype == clusters.index.dtype == "str"
    assert edges[["a", "b"]].to_numpy().tolist() == [["A", "C"]]


@pytest.mark.parametrize("classes", ["农村存量", (), ["其他"]])
def test_a_class_without_members_gives_empty_tables(classes):
    table = parcels(UNIT, land_class=["低效"])
    members, clusters, edges = cluster(
        table, gap_m=10, land_class=classes, barriers=barriers(line((0, 0), (1, 1)))
    )
    assert members["cluster_id"].isna().all()
    assert clusters.empty
    assert clusters.crs == table.crs
    assert edges.empty
    choices = suggest(table, gaps_m=[10], land_class=classes)
    assert choices.iloc[0].tolist() == [10, 0, 0, 0, 0, 0]


def test_columns_are_of_their_kind():
    result = cluster(parcels(UNIT, box(10, 0, 20, 10), unit="灵山县"), gap_m=0)
    for of, table in ((schema.CLUSTERS, result.clusters), (schema.EDGES, result.edges)):
        columns = [column for column in of.columns if not column.made_by]
        names = [column.name for column in columns if column.name != of.index]
        assert list(table) == names
        for column in columns:
            if column.kind != "geometry" and column.name != of.index:
                assert table[column.name].dtype == schema.DTYPES[column.kind]


def test_area_is_the_sum_of_the_members():
    hectare = box(0, 0, 100, 100)
    clusters = cluster(parcels(hectare, box(105, 0, 205, 100)), gap_m=10).clusters
    assert clusters["area_m2"].iloc[0] == pytest.approx(2 * 9999.05, abs=0.02)
    assert clusters["overlap_m2"].iloc[0] == 0.0


@pytest.mark.parametrize(
    ("shapes", "plane", "twice"),
    [
        ([box(0, 0, 100, 100), box(0, 0, 100, 100)], 10000, 10000),
        ([box(0, 0, 100, 100), box(50, 0, 150, 100)], 15000, 5000),
        # 3·3600 less pairs of 1200, 800 and 800 plus the 400 that all three claim
        ([box(0, 0, 60, 60), box(40, 0, 100, 60), box(20, 40, 80, 100)], 8400, 2400),
        ([box(0, 0, 60, 60)] * 3, 3600, 7200),
    ],
)
def test_ground_claimed_by_several_counts_once(shapes, plane, twice):
    clusters = cluster(parcels(*shapes), gap_m=0).clusters
    assert len(clusters) == 1
    assert clusters["area_m2"].iloc[0] == pytest.approx(plane * M2_PER_PLANE_M2, abs=0.03)
    assert clusters["overlap_m2"].iloc[0] == pytest.approx(twice * M2_PER_PLANE_M2, abs=0.03)


def test_minimum_area_and_count():
    table = parcels(UNIT, box(10, 0, 20, 10), box(100, 0, 200, 100))
    large = cluster(table, gap_m=5, min_area_m2=5000)
    assert large.members["cluster_id"].notna().tolist() == [False, False, True]
    assert large.clusters["member_count"].tolist() == [1]
    pair = cluster(table, gap_m=5, min_count=2)
    assert pair.members["cluster_id"].notna().tolist() == [True, True, False]
    assert len(pair.edges) == 1  # pairs are told whatever becomes of the cluster


def test_ids_come_from_the_members_alone():
    table = parcels(UNIT, box(10, 0, 20, 10), box(100, 0, 110, 10), box(112, 0, 120, 10))
    ids = cluster(table, gap_m=5).members["cluster_id"]
    assert ids.str.fullmatch("LP-[0-9A-HJKMNP-TV-Z]{8}").all()
    assert cluster(table.iloc[::-1], gap_m=5).members["cluster_id"].equals(ids.iloc[::-1])
    without = cluster(table.drop(index="D"), gap_m=5).members["cluster_id"]
    assert without.equals(ids.drop("D"))
    assert cluster(table.drop(index=["A", "B"]), gap_m=5).members["cluster_id"].eq(ids["C"]).all()


def test_names_are_chinese():
    shapes = [box(x, 0, x + size, 10) for x, size in ((0, 10), (10, 20), (100, 40), (300, 5))]
    table = parcels(*shapes, unit=["灵山县", "浦北县", "浦北县", None])
    clusters = cluster(table, gap_m=5).clusters
    assert clusters["cluster_name"].tolist() == ["浦北县第1片", "浦北县第2片", "第1片"]
    assert clusters["unit"].tolist()[:2] == ["浦北县", "浦北县、灵山县"]
    assert pd.isna(clusters["unit"].iloc[2])
    placed = table.assign(location=["灵城镇", "浦北县小江街道", "浦北县小江街道", None])
    assert cluster(placed, gap_m=5).clusters["cluster_name"].tolist() == [
        "浦北县小江街道第1片",
        "浦北县小江街道一带第2片",
        "第1片",
    ]


def test_the_place_in_a_name_lies_in_the_unit_in_it():
    # 25 m by 10 m of 灵山县 in two places, 24 m by 10 m of 浦北县 in one
    shapes = [box(x, 0, x + size, 10) for x, size in ((0, 13), (13, 12), (25, 24))]
    table = parcels(*shapes, unit=["灵山县", "灵山县", "浦北县"])
    placed = table.assign(location=["灵城镇", "檀圩镇", "小江街道"])
    assert cluster(placed, gap_m=5).clusters["cluster_name"].tolist() == ["灵山县灵城镇一带第1片"]
    placed = table.assign(location=[None, None, "小江街道"])
    assert cluster(placed, gap_m=5).clusters["cluster_name"].tolist() == ["灵山县第1片"]
    placed = placed.assign(unit=None)
    assert cluster(placed, gap_m=5).clusters["cluster_name"].tolist() == ["小江街道第1片"]


def test_the_outline_covers_the_lane_and_stays_close():
    table = parcels(UNIT, box(18, 0, 28, 10), box(30, 0, 40, 10), box(200, 0, 210, 10))
    clusters = cluster(table, gap_m=8).clusters
    shape = clusters.geometry.iloc[0]
    assert shape.equals_exact(box(0, 0, 40, 10).normalize(), 1e-6) or shape.symmetric_difference(
        box(0, 0, 40, 10)
    ).area == pytest.approx(0, abs=1e-4)
    assert clusters.geometry.iloc[1].equals(box(200, 0, 210, 10))
    assert clusters.crs == table.crs


def test_suggest_agrees_with_cluster():
    table = parcels(*[box(x, 0, x + 10, 10) for x in (0, 10, 24, 40, 75)])
    wall = barriers(line((37, -50), (37, 60)))
    choices = suggest(table, gaps_m=[40, 0, 5, 20, 5], barriers=wall, min_count=2)
    assert choices["gap_m"].tolist() == [0, 5, 20, 40]
    assert choices["cluster_count"].tolist() == [1, 1, 1, 2]
    assert choices["member_count"].tolist() == [2, 3, 3, 5]
    assert choices["largest_count"].tolist() == [2, 3, 3, 3]
    for row in choices.itertuples():
        clusters = cluster(table, gap_m=row.gap_m, barriers=wall, min_count=2).clusters
        assert row.area_m2 == pytest.approx(clusters["area_m2"].sum(), abs=1e-6)
        assert row.largest_m2 == pytest.approx(clusters["area_m2"].max(), abs=1e-6)
    with pytest.raises(UsageError, match="bad_gap"):
        suggest(table, gaps_m=[])
    with pytest.raises(UsageError, match="bad_gap"):
        suggest(table, gaps_m=[5, -1])


def test_outlines_are_polygons_even_where_the_closing_leaves_lines():
    from landgis.analysis._outlines import _with_lanes

    comb = shapely.union_all([box(0, 0, 60, 5), *[box(x, 5, x + 3, 40) for x in range(0, 60, 7)]])
    turned = shapely.affinity.rotate(comb, 33)
    shapes = np.array([comb, turned, shapely.MultiPolygon([UNIT, box(10, 10, 20, 20)])])
    for half in (0.1, 2.0, 5.0, 15.0):
        drawn = _with_lanes(shapes, np.full(len(shapes), half))
        assert shapely.is_valid(drawn).all()
        assert set(shapely.get_type_id(drawn)) <= {3, 6}
        assert (shapely.area(shapely.difference(shapes, drawn)) < 1e-6).all()

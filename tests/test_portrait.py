"""What does a cluster consist of, and how does it lie?

Cases: classes and readiness sum to the cluster in whole square decimetres, with overlaps (area +
overlap) and on random worlds; unknown class and readiness; zones, planned uses and the ground
outside, out of a real overlay; 集中建设区: half, none, survey-style layer, no layer, a member left out;
control lines: one, two on the same ground, none looked at, nothing found, conforming rows; holders
and those unknown; built share by area; pockets within and beyond the limit; compactness of square,
rectangle, disc and ring; frontage: one side, a corner, side streets, beyond reach, partly, twice,
slanting, from within, far longer than a cell, wide lines, broken roads, other system, no road, and
beside rays shot one by one; nothing given: everything missing; bad calls; columns, order and input.
"""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis import policy
from landgis.analysis.clusters import cluster
from landgis.analysis.overlay import conflicts, overlay
from landgis.analysis.portrait import portray
from landgis.model import schema
from landgis.model.errors import AccountError, CrsError, DataError, SchemaError, UsageError
from landgis.model.units import to_dm2

EAST, NORTH = 562000, 2428000
M2_PER_PLANE_M2 = 0.99990490  # V1 of test_area: 10 000 m² in the plane here are 9999.0490 m²
RULES = policy.load("qinzhou_2021").overlap_rules
MADE = [column.name for column in schema.CLUSTERS.columns if column.made_by == "portray"]


def box(x0, y0, x1, y1):
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def parcels(*shapes, **columns):
    ids = pd.Index([f"P{i:03d}" for i in range(len(shapes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=4545)


def zones(*rows):
    """Each row: layer, name, shape."""
    layer, name, shape = zip(*rows, strict=True)
    ids = pd.Index([f"Z{i}" for i in range(len(rows))], name="zone_id", dtype="str")
    columns = {"layer": layer, "zone_name": name, "zone_code": None}
    return gpd.GeoDataFrame(columns, geometry=list(shape), index=ids, crs=4545)


def roads(*shapes, width_m=0.0, barrier_class="公路"):
    ids = pd.Index([f"R{i}" for i in range(len(shapes))], name="barrier_id", dtype="str")
    columns = {"barrier_class": barrier_class, "width_m": width_m}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=4545)


def portrayed(table, gap_m=10.0, **options):
    members, clusters, _ = cluster(table, gap_m=gap_m)
    return portray(clusters, members, **options)


def laid(table, *rows):
    """Give what an overlay with these zones says, as the pipeline hands it on."""
    found = overlay(table, zones(*rows), overlaps="twice")
    return {"pieces": found.pieces, "account": found.account}


TWO = (box(0, 0, 50, 40), box(50, 0, 100, 40))


# -- what it consists of


def test_classes_and_readiness_by_hand():
    table = parcels(
        box(0, 0, 100, 100),
        box(100, 0, 150, 100),
        box(150, 0, 200, 100),
        land_class=["低效", "闲置", "低效"],
        readiness=["净地", "毛地", None],
    )
    clusters, parts = portrayed(table)
    row = clusters.iloc[0]
    assert row["cleared_m2"] == 9999.05  # V1, to the square decimetre
    assert row["uncleared_m2"] == pytest.approx(5000 * M2_PER_PLANE_M2, abs=0.02)
    assert row["unjudged_m2"] == pytest.approx(5000 * M2_PER_PLANE_M2, abs=0.02)
    shown = parts[["topic", "item", "member_count"]].to_numpy().tolist()
    assert shown == [
        ["存量类别", "闲置", 1],
        ["存量类别", "低效", 2],
        ["净毛地", "净地", 1],
        ["净毛地", "毛地", 1],
        ["净毛地", "待核", 1],
    ]
    assert parts["share"].tolist() == pytest.approx([0.25, 0.75, 0.5, 0.25, 0.25], abs=1e-5)
    for _, topic in parts.groupby("topic"):
        assert to_dm2(topic["area_m2"]).sum() == to_dm2(row["area_m2"])


def test_ground_claimed_twice_is_in_the_parts_of_both():
    table = parcels(box(0, 0, 60, 40), box(50, 0, 100, 40), readiness=["净地", "毛地"])
    clusters, parts = portrayed(table)
    row = clusters.iloc[0]
    assert row["area_m2"] == pytest.approx(4000 * M2_PER_PLANE_M2, abs=0.02)
    assert row["overlap_m2"] == pytest.approx(400 * M2_PER_PLANE_M2, abs=0.02)
    assert row["cleared_m2"] == pytest.approx(2400 * M2_PER_PLANE_M2, abs=0.02)
    assert row["uncleared_m2"] == pytest.approx(2000 * M2_PER_PLANE_M2, abs=0.02)
    assert to_dm2(parts["area_m2"]).sum() == to_dm2(row["area_m2"]) + to_dm2(row["overlap_m2"])
    assert parts["share"].sum() == pytest.approx(1.0)


def test_an_unknown_class_has_a_name_of_its_own():
    _, parts = portrayed(parcels(*TWO, land_class=["低效", None]))
    assert parts["item"].tolist() == ["低效", "类别不明"]


WORDS = {
    "land_class": st.sampled_from([*schema.ALL_LAND_CLASSES, None]),
    "readiness": st.sampled_from([*schema.READINESS, None]),
    "holder": st.sampled_from(["甲", "乙", " ", None]),
    "built_share": st.sampled_from([0.0, 0.25, 1.0, np.nan]),
}
BOXES = st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(1, 3), st.integers(1, 3))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(BOXES, st.fixed_dictionaries(WORDS)), min_size=1, max_size=12))
def test_every_topic_sums_to_area_and_overlap(rows):
    shapes = [box(20.7 * x, 20.7 * y, 20.7 * (x + w), 20.7 * (y + h)) for (x, y, w, h), _ in rows]
    table = parcels(*shapes, **{name: [facts[name] for _, facts in rows] for name in WORDS})
    given_zones = [
        ("CZKFBJ", "城镇集中建设区", box(0, 0, 130, 33)),
        ("GHYDYH", "工业", box(50, 0, 90, 90)),
    ]
    clusters, parts = portrayed(table, gap_m=0.0, **laid(table, *given_zones))
    whole = to_dm2(clusters["area_m2"]) + to_dm2(clusters["overlap_m2"])
    whole = pd.Series(whole, index=clusters.index)
    for _, topic in parts.groupby(["topic", "layer"], dropna=False):
        dm2 = pd.Series(to_dm2(topic["area_m2"]), index=topic["cluster_id"].to_numpy())
        assert dm2.groupby(level=0).sum().reindex(whole.index).tolist() == whole.tolist()
    ready = sum(to_dm2(clusters[name]) for name in ("cleared_m2", "uncleared_m2", "unjudged_m2"))
    assert ready.tolist() == whole.tolist()
    holders = [{facts["holder"] for _, facts in rows} - {" ", None}]
    assert clusters["holder_count"].fillna(0).max() <= len(holders[0])
    assert clusters["holder_unknown"].sum() == sum(f["holder"] in {" ", None} for _, f in rows)
    for share in ("concentrated_share", "built_share", "compactness"):
        assert clusters[share].dropna().between(0.0, 1.0).all()


# -- the plan


def test_zones_uses_and_what_lies_outside():
    table = parcels(*TWO)
    told = laid(
        table,
        ("CZKFBJ", "城镇集中建设区", box(-10, -10, 25, 50)),
        ("GHYDYH", "工业用地", box(-10, -10, 75, 50)),
        ("GHYDYH", "公园绿地", box(75, -10, 110, 50)),
        ("DLTB", "旱地", box(-10, -10, 110, 50)),
    )
    clusters, parts = portrayed(table, **told)
    assert clusters["concentrated_share"].iloc[0] == pytest.approx(0.25, abs=1e-5)
    shown = parts[["topic", "layer", "item", "member_count"]].to_numpy().tolist()
    assert shown == [
        ["规划分区", "CZKFBJ", "图层范围外", 2],
        ["规划分区", "CZKFBJ", "城镇集中建设区", 1],
        ["规划用途", "GHYDYH", "工业用地", 2],
        ["规划用途", "GHYDYH", "公园绿地", 1],
    ]
    assert parts["share"].tolist() == pytest.approx([0.75, 0.25, 0.75, 0.25], abs=1e-5)


def test_outside_the_boundary_is_nothing_only_where_it_was_looked_at():
    table = parcels(*TWO)
    told = laid(table, ("CZKFBJ", "城镇集中建设区", box(500, 0, 600, 40)))
    assert len(told["pieces"]) == 0
    assert portrayed(table, **told).clusters["concentrated_share"].iloc[0] == 0.0
    without = portrayed(table, pieces=told["pieces"]).clusters
    assert np.isnan(without["concentrated_share"].iloc[0])


def test_a_boundary_without_sub_zones_cannot_say_what_is_concentrated():
    table = parcels(*TWO)
    told = laid(table, ("CZKFBJ", "钦州城区", box(-10, -10, 25, 50)))
    assert np.isnan(portrayed(table, **told).clusters["concentrated_share"].iloc[0])
    told = laid(table, ("CZKFBJ", "钦州城区", box(500, 0, 600, 40)))
    assert portrayed(table, **told).clusters["concentrated_share"].iloc[0] == 0.0


def test_the_share_is_over_members_that_were_laid_over_the_layer():
    table = parcels(*TWO)
    told = laid(table.iloc[:1], ("CZKFBJ", "城镇集中建设区", box(-10, -10, 25, 50)))
    clusters = portrayed(table, **told).clusters
    assert clusters["concentrated_share"].iloc[0] == pytest.approx(0.5, abs=1e-5)


def control(table, *rows, **options):
    found = overlay(table, zones(*rows), overlaps="twice")
    standing = conflicts(found, rules=RULES, conforming=True)
    return portrayed(table, account=found.account, conflicts=standing, **options)


def test_control_lines_on_the_same_ground_count_once():
    clusters, parts = control(
        parcels(*TWO),
        ("YJJBNTTB", "旱地", box(-10, -10, 20, 50)),
        ("STBHHX", "红线", box(-10, -10, 10, 50)),
        ("CZKFBJ", "城镇集中建设区", box(-10, -10, 110, 50)),
    )
    plane = 1 / M2_PER_PLANE_M2
    assert clusters["control_m2"].iloc[0] * plane == pytest.approx(800, abs=0.02)
    shown = parts[["topic", "layer", "item", "member_count"]].to_numpy().tolist()
    assert shown == [
        ["管控线", "STBHHX", "禁止", 1],
        ["管控线", "YJJBNTTB", "禁止", 1],
    ]
    assert (parts["area_m2"] * plane).tolist() == pytest.approx([400, 800], abs=0.02)


def test_wholly_outside_two_lines_is_no_more_than_the_cluster():
    clusters, _ = control(
        parcels(*TWO),
        ("CZKFBJ", "特别用途区", box(-10, -10, 110, 50)),
        ("STBHHX", "红线", box(-10, -10, 110, 50)),
    )
    assert to_dm2(clusters["control_m2"]).tolist() == to_dm2(clusters["area_m2"]).tolist()


def test_no_conflict_is_nothing_and_no_look_is_missing():
    table = parcels(*TWO)
    clusters, _ = control(table, ("YJJBNTTB", "旱地", box(500, 0, 600, 40)))
    assert clusters["control_m2"].tolist() == [0.0]
    assert portrayed(table).clusters["control_m2"].isna().all()
    found = overlay(table.iloc[:1], zones(("YJJBNTTB", "旱地", box(500, 0, 600, 40))))
    told = {"account": found.account, "conflicts": conflicts(found, rules=RULES)}
    assert portrayed(table, **told).clusters["control_m2"].isna().all()  # one was left out


# -- people, evidence, pockets


def test_holders_are_counted_by_name_and_the_unknown_beside_them():
    shapes = [box(10 * i, 0, 10 * i + 10, 10) for i in range(6)]
    table = parcels(*shapes, holder=["甲公司", "乙公司", "甲公司 ", None, "", "乙公司"])
    clusters, _ = portrayed(table)
    assert clusters[["holder_count", "holder_unknown"]].to_numpy().tolist() == [[2, 2]]
    clusters, _ = portrayed(parcels(*TWO, holder=[None, None]))
    assert clusters["holder_count"].isna().all()
    assert clusters["holder_unknown"].tolist() == [2]


def test_built_share_is_weighted_by_the_area_where_it_is_known():
    table = parcels(
        box(0, 0, 30, 40),
        box(30, 0, 40, 40),
        box(40, 0, 90, 40),
        *TWO[:0],
        seen_share=[0.2, 0.6, np.nan],
    )
    clusters, _ = portrayed(table, built="seen_share")
    assert clusters["built_share"].iloc[0] == pytest.approx(0.3, abs=1e-6)  # (30·0.2 + 10·0.6) / 40
    table["seen_share"] = np.nan
    assert portrayed(table, built="seen_share").clusters["built_share"].isna().all()


def test_pockets_within_the_limit_are_summed():
    members, clusters, _ = cluster(parcels(*TWO, box(300, 0, 350, 40)), gap_m=10)
    first, second = clusters.index
    pockets = pd.DataFrame(
        {
            "cluster_id": [first, first, first],
            "area_m2": [100.10, 200.20, 5000.0],
            "within_limit": pd.array([True, True, False], dtype="boolean"),
        }
    )
    told = portray(clusters, members, pockets=pockets).clusters
    assert told.loc[first, "pocket_m2"] == 300.3
    assert told.loc[first, "pocket_share"] == pytest.approx(300.3 / (4000 * M2_PER_PLANE_M2))
    assert told.loc[second, ["pocket_m2", "pocket_share"]].tolist() == [0.0, 0.0]


# -- shape


def test_compactness_of_known_shapes():
    def of(shape):
        return portrayed(parcels(shape)).clusters["compactness"].iloc[0]

    assert of(box(0, 0, 70, 70)) == pytest.approx(np.pi / 4)
    assert of(box(0, 0, 100, 25)) == pytest.approx(4 * np.pi * 2500 / 250**2)
    assert of(shapely.Point(EAST, NORTH).buffer(50, quad_segs=200)) == pytest.approx(1, abs=1e-5)
    ring = box(0, 0, 30, 30).difference(box(10, 10, 20, 20))
    assert of(ring) == pytest.approx(4 * np.pi * 800 / 160**2)


LOT = box(0, 0, 100, 50)
FRONTAGES = [
    # roads, metres of frontage
    ([box(-50, -15, 150, -5)], 100.0),  # along one side; the side walls face no road
    ([box(-50, -15, 150, -10.1)], 0.0),  # beyond reach
    ([box(-50, -15, 60, -5)], 60.0),  # ends before the lot does
    ([box(-50, -15, 150, 0)], 100.0),  # the road's parcel touches the lot
    ([box(-50, -15, 150, -5), box(104, -50, 112, 80)], 150.0),  # a corner lot
    ([box(10, -8, 50, -5), box(30, -9, 70, -6)], 60.0),  # two roads before the same side
    ([box(10, -8, 20, -5), box(60, -8, 90, -5)], 40.0),
    ([box(20, 0, 40, 30)], 0.0),  # a lane inside
    ([box(20, -5, 40, 30)], 20.0),  # a lane that comes out
    ([line((-50, -12), (150, -12))], 0.0),  # a line without width
    ([box(-30, -30, -2, -2)], 0.0),  # off the corner: ahead of no side
]


@pytest.mark.parametrize(("shapes", "metres"), FRONTAGES)
def test_frontage_by_hand(shapes, metres):
    clusters, _ = portrayed(parcels(LOT), barriers=roads(*shapes), frontage_m=10)
    assert clusters["frontage_m"].iloc[0] == pytest.approx(metres, abs=1e-6)


@pytest.mark.parametrize(("east", "north"), [(-30_050, -20_050), (30_050, -20_050), (-150, -25)])
def test_coordinates_may_be_negative(east, north):
    def moved(table):
        shapes = table.translate(east - EAST, north - NORTH)
        return table.set_geometry(shapes.set_crs(6670, allow_override=True), crs=6670)

    long = moved(parcels(box(0, 0, 900, 700)))
    ways = moved(roads(box(-50, -15, 950, -5), box(905, -50, 915, 800)))
    told = portrayed(long, barriers=ways, frontage_m=10).clusters
    assert told["frontage_m"].iloc[0] == pytest.approx(1600.0, abs=1e-6)


def test_lines_are_as_wide_as_they_are():
    way = line((-50, -12), (150, -12))
    for width_m, metres in ((3.9, 0.0), (4.2, 100.0), (np.nan, 0.0)):
        clusters, _ = portrayed(parcels(LOT), barriers=roads(way, width_m=width_m), frontage_m=10)
        assert clusters["frontage_m"].iloc[0] == pytest.approx(metres, abs=1e-6)


def test_a_slanting_side_and_a_side_of_many_cells():
    half = shapely.Polygon([(EAST, NORTH), (EAST + 300, NORTH), (EAST, NORTH + 400)])
    way = line((310, 0), (10, 400))  # 8 m from the side of 500 m, which it faces from end to end
    way = shapely.LineString(
        [
            (x + dx, y + dy)
            for (x, y), (dx, dy) in zip(way.coords, [(24, -32), (-24, 32)], strict=True)
        ]
    )
    told = portrayed(parcels(half), barriers=roads(way), frontage_m=10).clusters
    assert told["frontage_m"].iloc[0] == pytest.approx(500.0, abs=1e-6)
    long = parcels(box(0, 0, 2500, 20))
    told = portrayed(long, barriers=roads(box(-500, -8, 4000, -3)), frontage_m=10).clusters
    assert told["frontage_m"].iloc[0] == pytest.approx(2500.0, abs=1e-6)


def test_roads_in_another_system_and_broken_ones():
    way = roads(box(-50, -15, 150, -5)).to_crs(4490)
    told = portrayed(parcels(LOT), barriers=way, frontage_m=10).clusters
    assert told["frontage_m"].iloc[0] == pytest.approx(100.0, abs=1e-4)
    bow = shapely.Polygon(
        [(EAST + x, NORTH + y) for x, y in ((10, -9), (30, -5), (30, -9), (10, -5))]
    )
    told = portrayed(parcels(LOT), barriers=roads(bow), frontage_m=10).clusters
    assert told["frontage_m"].iloc[0] == pytest.approx(20.0, abs=1e-6)


def test_only_roads_are_faced_and_no_road_known_is_missing():
    way = box(-50, -15, 150, -5)
    rail = roads(way, barrier_class="铁路")
    assert portrayed(parcels(LOT), barriers=rail).clusters["frontage_m"].isna().all()
    assert portrayed(parcels(LOT)).clusters["frontage_m"].isna().all()
    both = pd.concat([rail, roads(box(900, 0, 920, 50))])
    assert portrayed(parcels(LOT), barriers=both).clusters["frontage_m"].tolist() == [0.0]
    told = portrayed(parcels(LOT), barriers=rail, road_classes=["铁路"]).clusters
    assert told["frontage_m"].iloc[0] == pytest.approx(100.0)


def rays(shape, ways, reach, step):
    """Walk the outer boundary and shoot a ray outward from the middle of every step."""
    shape = shapely.orient_polygons(shape)
    met, points = 0.0, np.array(shape.exterior.coords)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = np.hypot(x1 - x0, y1 - y0)
        count = max(1, int(length / step))
        at = (np.arange(count) + 0.5) / count
        start = np.column_stack([x0 + at * (x1 - x0), y0 + at * (y1 - y0)])
        out = np.array([y1 - y0, x0 - x1]) / length
        shots = shapely.linestrings(np.stack([start + out * 1e-3, start + out * reach], axis=1))
        met += shapely.intersects(shots, ways).sum() * length / count
    return met


@pytest.mark.parametrize("seed", range(6))
def test_frontage_beside_rays_shot_one_by_one(seed):
    chance = np.random.default_rng(seed)
    turns = np.sort(chance.uniform(0, 2 * np.pi, 9))
    far = chance.uniform(60, 260, 9)
    shape = shapely.Polygon(
        np.column_stack([EAST + far * np.cos(turns), NORTH + far * np.sin(turns)])
    )
    ends = chance.uniform(-300, 300, (12, 2, 2)) + np.array([EAST, NORTH])
    ways = shapely.buffer(shapely.linestrings(ends), 4, cap_style="flat").tolist()
    told = portrayed(parcels(shape), barriers=roads(*ways), frontage_m=25).clusters
    seen = rays(shape, shapely.union_all(ways), 25, 0.05)
    assert seen > 100
    assert told["frontage_m"].iloc[0] == pytest.approx(seen, abs=0.05 * 60)


# -- what is not given, what is wrong


def test_what_is_not_given_is_missing():
    clusters, parts = portrayed(parcels(*TWO))
    unknown = [name for name in MADE if name != "compactness"]
    assert clusters[unknown].isna().all().all()
    assert parts.empty
    assert list(parts.columns) == [column.name for column in schema.CLUSTER_PARTS.columns]


def test_an_empty_table_stays_one():
    members, clusters, _ = cluster(parcels(*TWO, land_class="闲置"), gap_m=10, land_class="低效")
    told, parts = portray(clusters, members, **laid(members, ("CZKFBJ", "城镇集中建设区", LOT)))
    assert len(told) == len(parts) == 0
    assert set(MADE) <= set(told.columns)


def test_input_is_untouched_and_columns_keep_their_order():
    members, clusters, _ = cluster(parcels(*TWO, readiness="净地"), gap_m=10)
    clusters["remark"] = "看"
    before, beside = clusters.copy(), members.copy()
    told, _ = portray(clusters, members, barriers=roads(box(-50, -15, 150, -5)))
    assert clusters.equals(before)
    assert members.equals(beside)
    assert told.columns[-1] == "remark"
    declared = [column.name for column in schema.CLUSTERS.columns]
    assert list(told.columns[:-1]) == [
        n for n in declared if n in told.columns and n != "cluster_id"
    ]
    assert isinstance(told, gpd.GeoDataFrame)
    assert told.crs == clusters.crs
    for name in MADE:
        assert told[name].dtype == schema.DTYPES[schema.CLUSTERS.column(name).kind]
    again, _ = portray(told, members)
    assert again["frontage_m"].isna().all()  # made anew


def test_bad_calls():
    members, clusters, _ = cluster(parcels(*TWO), gap_m=10)
    for metres in (0, -1, np.nan, np.inf):
        with pytest.raises(UsageError, match="bad_frontage"):
            portray(clusters, members, frontage_m=metres)
    with pytest.raises(SchemaError, match="column_missing"):
        portray(clusters, members.drop(columns="cluster_id"))
    with pytest.raises(DataError, match="members_of_other_clusters"):
        portray(clusters.set_axis(["LP-OTHER"]).rename_axis("cluster_id"), members)
    with pytest.raises(AccountError, match="account_open") as caught:
        portray(clusters, members.set_geometry(members.scale(2.0, 2.0)))
    assert "重新连片" in caught.value.hint
    with pytest.raises(CrsError, match="crs_degrees"):
        portray(clusters.to_crs(4490), members)

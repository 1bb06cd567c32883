"""Who belongs together, and nothing else: `connected` beside `cluster` and beside brute force.

Cases: the parts of `cluster` with the same arguments on the random worlds of test_clusters_worlds,
with barriers, kinds of edges, minimum contact, places within; the seven boxes by hand; rows without
polygons, rows of another class and barrier rows have no part; an index with repeated
and missing ids; the order of numbers; parcels off the earth; empty tables.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.analysis.clusters import cluster, connected
from landgis.model.errors import CrsError, UsageError
from test_clusters_worlds import ALL, calm, partition, walls, worlds

EAST, NORTH = 562000.0, 2428000.0


def lots(*columns, index=None, crs="EPSG:4545"):
    """Boxes 40 m high between the given eastings."""
    shapes = [shapely.box(EAST + a, NORTH, EAST + b, NORTH + 40) for a, b in columns]
    return gpd.GeoDataFrame(geometry=shapes, index=index or list("ABCDEFG"[: len(shapes)]), crs=crs)


def groups(part):
    return {frozenset(rows) for rows in part.dropna().groupby(part.dropna()).groups.values()}


@settings(parent=calm, max_examples=60)
@given(
    world=worlds(most=9),
    gap=st.sampled_from([0.0, 1.5, 6.0, 15.0]),
    joins=st.sampled_from([ALL, ("shared",), ("shared", "overlap", "sliver", "near"), ("near",)]),
    sliver=st.sampled_from([0.0, 0.2]),
    shared=st.sampled_from([0.0, 1.0, 4.0]),
    data=st.data(),
)
def test_the_parts_are_those_of_cluster(world, gap, joins, sliver, shared, data):
    same = {"gap_m": gap, "joins": joins, "sliver_m": sliver, "min_shared_m": shared}
    if data.draw(st.booleans()):
        same["barriers"] = data.draw(walls(world))
    if data.draw(st.booleans()):
        world = world.assign(unit=[data.draw(st.sampled_from("EW")) for _ in world.index])
        same["within"] = "unit"
    assert groups(connected(world, **same)) == partition(cluster(world, **same).members)


@calm
@given(world=worlds(), gap=st.sampled_from([0.5, 3.0, 7.5]))
def test_distances_by_geos_give_the_same_parts(world, gap):
    shapes = world.geometry.array
    near = np.array([shapely.distance(shapes[i], shapes) for i in range(len(shapes))])
    if ((near > gap - 0.01) & (near < gap + 0.01)).any():
        return  # GEOS and we may round to different sides
    reach = near <= gap
    for _ in range(len(shapes)):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    expected = {frozenset(world.index[row]) for row in reach}
    assert groups(connected(world, gap_m=gap, joins=ALL, sliver_m=0.0)) == expected


def test_numbers_follow_the_rows():
    parcels = lots((300, 350), (0, 50), (50, 100), (108, 150))
    part = connected(parcels, gap_m=10)
    assert part.name == "part"
    assert part.to_dict() == {"A": 0, "B": 1, "C": 1, "D": 1}
    assert connected(parcels, gap_m=5).tolist() == [0, 1, 1, 2]


def test_who_takes_no_part_has_none():
    parcels = lots((0, 50), (50, 100), (100, 110), (110, 150), (150, 200))
    parcels["land_class"] = ["低效用地", "低效用地", "低效用地", "低效用地", "其他"]
    parcels["dlbm"] = ["0601", "0601", "1003", "0601", "0601"]
    parcels.loc["A", "geometry"] = None
    part = connected(parcels, gap_m=20, land_class="低效用地", barrier_rows={"dlbm": ["1003"]})
    assert part.isna().tolist() == [True, False, True, False, True]
    assert part["B"] != part["D"]  # the road between them is nearer than the gap
    without_road = connected(parcels.drop("C"), gap_m=20)
    assert without_road["B"] == without_road["D"]


def test_ids_are_not_looked_at():
    parcels = lots((0, 50), (50, 100), (200, 250), index=["A", "A", None])
    assert connected(parcels, gap_m=1).tolist() == [0, 0, 1]


def test_a_collection_counts_by_its_polygons():
    parcels = lots((0, 50), (50, 100), (100, 150))
    line = shapely.LineString([(EAST, NORTH), (EAST + 900, NORTH)])
    parcels.loc["B", "geometry"] = shapely.GeometryCollection([parcels.geometry["B"], line])
    assert connected(parcels, gap_m=0).tolist() == [0, 0, 0]
    assert cluster(parcels, gap_m=0).clusters["member_count"].tolist() == [3]


def test_a_barrier_with_a_gate_is_passed_by_another_pair():
    parcels = lots((0, 50), (56, 100), (100, 150))
    wall = shapely.LineString([(EAST + 53, NORTH - 100), (EAST + 53, NORTH + 100)])
    short = shapely.LineString([(EAST + 53, NORTH - 100), (EAST + 53, NORTH + 20)])
    for line, parts in ((wall, 2), (short, 1)):
        barriers = gpd.GeoDataFrame(geometry=[line], crs=parcels.crs)
        assert connected(parcels, gap_m=10, barriers=barriers).nunique() == parts


def test_parcels_off_the_earth_have_no_part():
    parcels = lots((0, 50), (50, 100))
    parcels.loc["Z"] = [shapely.box(9e9, 9e9, 9e9 + 50, 9e9 + 50)]
    assert connected(parcels, gap_m=1).isna().tolist() == [False, False, True]
    with pytest.raises(CrsError) as caught:
        connected(parcels.loc[["Z"]], gap_m=1)
    assert caught.value.code == "crs_out_of_range"


def test_nothing_gives_nothing_and_wrong_words_are_refused():
    parcels = lots((0, 50))
    empty = connected(parcels.iloc[:0], gap_m=1)
    assert (len(empty), str(empty.dtype)) == (0, "Int64")
    with pytest.raises(UsageError):
        connected(parcels, gap_m=-1)
    before = parcels.copy()
    connected(parcels, gap_m=1)
    pd.testing.assert_frame_equal(parcels, before)

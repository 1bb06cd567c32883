"""What keeps a cluster apart from its neighbours, and how much would join?

Cases: each cause on boxes measured in the head (a river, a lane too wide, a corner, another unit,
nearness that does not join); every pair from either side; the easiest bridge of several; candidates
outside any cluster, alone, in a group and with common ground counted once; order; segments; edges
made by hand; what is joined or out of sight is not listed; schema, empty tables, bad input.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.analysis.clusters import cluster
from landgis.analysis.separations import separations
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError

EAST, NORTH = 562000, 2428000
M2_PER_PLANE_M2 = 0.99990490  # V1 of test_area: 10 000 m² in the plane here are 9999.0490 m²


def box(x0, y0, x1, y1):
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def parcels(*shapes, **columns):
    ids = pd.Index([chr(ord("A") + i) for i in range(len(shapes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=4545)


def river(x0, x1):
    shape = box(x0, -500, x1, 500)
    return gpd.GeoDataFrame({"barrier_class": ["河流"]}, geometry=[shape], index=["R1"], crs=4545)


def apart(table, gap_m=10.0, look_m=60.0, joins=None, **options):
    chosen = {} if joins is None else {"joins": joins}
    members, clusters, edges = cluster(table, gap_m=gap_m, look_m=look_m, **chosen, **options)
    return separations(members, clusters, edges, gap_m=gap_m, **chosen), members["cluster_id"]


LEFT, RIGHT = box(0, 0, 40, 50), box(70, 0, 170, 50)  # 2000 m² and 5000 m², 30 m apart


def test_a_lane_too_wide():
    table, of = apart(parcels(LEFT, RIGHT))
    assert table["cause"].tolist() == ["间距", "间距"]
    assert table["barrier"].isna().all()
    assert table["barrier_class"].isna().all()
    seen = dict(zip(table["cluster_id"], table["other_id"], strict=True))
    assert seen == {of["A"]: of["B"], of["B"]: of["A"]}
    assert table["gap_m"].tolist() == pytest.approx([30.0, 30.0])
    # the larger cluster comes first and would gain the smaller one
    assert table["cluster_id"].tolist() == [of["B"], of["A"]]
    assert table["would_join_m2"].tolist() == pytest.approx(
        [2000 * M2_PER_PLANE_M2, 5000 * M2_PER_PLANE_M2], abs=0.006
    )
    assert table[["a", "b"]].to_numpy().tolist() == [["B", "A"], ["A", "B"]]


def test_segments_run_from_the_cluster_to_the_neighbour():
    table, _ = apart(parcels(LEFT, RIGHT))
    (x0, _), (x1, _) = shapely.get_coordinates(table.geometry.iloc[0]) - [EAST, NORTH]
    assert (x0, x1) == pytest.approx((70.0, 40.0))
    assert table.geometry.iloc[0].equals(table.geometry.iloc[1].reverse())
    assert table.length.tolist() == pytest.approx(table["gap_m"].tolist())


def test_a_river():
    table, _ = apart(parcels(LEFT, RIGHT), gap_m=40, barriers=river(50, 60))
    assert table["cause"].tolist() == ["阻隔", "阻隔"]
    assert table["barrier"].tolist() == ["R1", "R1"]
    assert table["barrier_class"].tolist() == ["河流", "河流"]


def test_a_river_beyond_the_gap_is_still_the_river():
    table, _ = apart(parcels(LEFT, RIGHT), gap_m=10, barriers=river(50, 60))
    assert set(table["cause"]) == {"阻隔"}


def test_a_corner():
    corner = parcels(box(0, 0, 40, 50), box(40, 50, 80, 90))
    table, _ = apart(corner)
    assert table["cause"].tolist() == ["角点", "角点"]
    assert table["gap_m"].tolist() == [0.0, 0.0]
    assert apart(corner, joins=("shared", "corner"))[0].empty


def test_another_unit():
    table, _ = apart(parcels(LEFT, box(45, 0, 80, 50), unit=["东区", "西区"]), within="unit")
    assert table["cause"].tolist() == ["范围", "范围"]
    assert table["gap_m"].tolist() == pytest.approx([5.0, 5.0])


def test_nearness_that_does_not_join_is_a_gap():
    table, _ = apart(parcels(LEFT, box(45, 0, 80, 50)), joins=("shared", "overlap"))
    assert set(table["cause"]) == {"间距"}


def test_joined_and_out_of_sight_are_not_listed():
    assert apart(parcels(LEFT, box(45, 0, 80, 50)))[0].empty
    assert apart(parcels(LEFT, RIGHT), look_m=29.9)[0].empty


def test_the_easiest_bridge_of_several():
    # by hand: LP-1 = {A, B}, LP-2 = {C, D}
    members = parcels(
        box(0, 0, 10, 10),
        box(10, 0, 20, 10),
        box(50, 0, 60, 10),
        box(60, 0, 70, 10),
        cluster_id=["LP-1", "LP-1", "LP-2", "LP-2"],
    )
    clusters = pd.DataFrame({"area_m2": [200.0, 200.0]}, index=["LP-1", "LP-2"])
    rows = {
        ("A", "B"): ("shared", 0.0, 0.0, None, True),
        ("B", "C"): ("near", 30.0, np.nan, "R1", False),
        ("A", "C"): ("near", 40.0, 40.0, None, False),
        ("B", "D"): ("near", 40.0, 40.0, None, False),
        ("C", "D"): ("shared", 0.0, 0.0, None, True),
    }
    edges = hand_made(rows)
    table = separations(members, clusters, edges, gap_m=20)
    # open land of 40 m before a crossing of 30 m; of two such, the ids decide
    assert table[["cluster_id", "other_id", "cause", "a", "b"]].to_numpy().tolist() == [
        ["LP-1", "LP-2", "间距", "A", "C"],
        ["LP-2", "LP-1", "间距", "C", "A"],
    ]
    easier = hand_made(rows | {("A", "D"): ("near", 5.0, 5.0, None, False)})
    assert set(separations(members, clusters, easier, gap_m=20)["cause"]) == {"范围"}
    easiest = hand_made(rows | {("A", "D"): ("corner", 0.1, 0.1, None, False)})
    assert set(separations(members, clusters, easiest, gap_m=20)["cause"]) == {"角点"}
    crossing = {pair: row for pair, row in rows.items() if row[0] == "shared" or row[3]}
    assert set(separations(members, clusters, hand_made(crossing), gap_m=20)["cause"]) == {"阻隔"}


def hand_made(rows):
    table = pd.DataFrame(
        [(*pair, *row) for pair, row in rows.items()],
        columns=["a", "b", "kind", "gap_m", "reach_m", "barrier", "joins"],
    )
    return table.assign(shared_m=0.0, overlap_m2=0.0, barrier_class=None)


def test_candidates_outside_any_cluster():
    shapes = [
        box(0, 0, 100, 100),  # A, a cluster
        box(130, 0, 150, 20),  # B and C join, 400 m² each, and are too small to be one
        box(150, 0, 170, 20),
        box(-60, 0, -20, 10),  # D and E overlap by 10 m by 10 m: 700 m² together
        box(-90, 0, -50, 10),
    ]
    table, of = apart(parcels(*shapes), min_area_m2=5000)
    assert of.notna().tolist() == [True, False, False, False, False]
    assert table["cluster_id"].tolist() == [of["A"]] * 2
    assert table["other_id"].tolist() == ["B", "D"]
    assert table["b"].tolist() == ["B", "D"]
    assert table["gap_m"].tolist() == pytest.approx([30.0, 20.0])
    assert table["would_join_m2"].tolist() == pytest.approx(
        [800 * M2_PER_PLANE_M2, 700 * M2_PER_PLANE_M2], abs=0.006
    )


def test_most_first_within_each_cluster_in_the_order_of_the_clusters():
    shapes = [box(0, 0, 50, 50), box(80, 0, 180, 50), box(-60, 0, -30, 50), box(0, 80, 50, 150)]
    table, of = apart(parcels(*shapes), look_m=40)  # A in the middle of B, C and D
    assert table["cluster_id"].tolist() == [of["B"], of["D"], *[of["A"]] * 3, of["C"]]
    assert table["other_id"].tolist()[2:5] == [of["B"], of["D"], of["C"]]
    back = apart(parcels(*shapes).iloc[::-1], look_m=40)[0]
    pd.testing.assert_frame_equal(
        pd.DataFrame(table.drop(columns="geometry")), pd.DataFrame(back.drop(columns="geometry"))
    )


def test_schema_and_empty_tables():
    members, clusters, edges = cluster(parcels(LEFT, RIGHT), gap_m=10, look_m=60)
    before = members.copy(), edges.copy()
    columns = {column.name: column for column in schema.SEPARATIONS.columns}
    for table in (
        separations(members, clusters, edges, gap_m=10),
        separations(members, clusters, edges.iloc[:0], gap_m=10),
        separations(members.assign(cluster_id=None), clusters.iloc[:0], edges, gap_m=10),
    ):
        assert list(table.columns) == list(columns)
        assert table.crs == members.crs
        for name in table.columns.drop("geometry"):
            assert str(table[name].dtype) == schema.DTYPES[columns[name].kind]
    assert members.equals(before[0])
    assert edges.equals(before[1])


def test_bad_input():
    members, clusters, edges = cluster(parcels(LEFT, RIGHT), gap_m=10, look_m=60)
    for gap in (-1, np.nan):
        with pytest.raises(UsageError) as usage:
            separations(members, clusters, edges, gap_m=gap)
        assert usage.value.code == "bad_gap"
    with pytest.raises(DataError) as data:
        separations(members.iloc[:1], clusters, edges, gap_m=10)
    assert data.value.code == "edge_unknown_parcel"
    with pytest.raises(SchemaError) as column:
        separations(members, clusters, edges.drop(columns="joins"), gap_m=10)
    assert column.value.code == "column_missing"
    with pytest.raises(CrsError) as system:
        separations(members.to_crs(4490), clusters, edges, gap_m=10)
    assert system.value.code == "crs_degrees"

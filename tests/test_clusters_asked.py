"""Who takes part in clusters, where they may grow, and what is looked at beyond the gap.

A row of boxes 50 m wide and 40 m deep on lanes and roads, whose distances are known in the head:
rows that are barriers; seeds; columns and polygons that clusters may not leave; single large
parcels; pairs listed beyond the gap; suggest takes the same arguments; every bad one is told.
"""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landgis.analysis.clusters import cluster, in_the_way, suggest
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError

EAST, NORTH = 562000, 2428000


def box(x0, x1, depth=40):
    return shapely.box(EAST + x0, NORTH, EAST + x1, NORTH + depth)


def row(**columns):
    """A, B side by side; a road of 8 m; C; a lane of 5 m; D; open ground of 40 m; E."""
    spans = {"A": (0, 50), "B": (50, 100), "R": (100, 108), "C": (108, 158), "D": (163, 213)}
    spans["E"] = (253, 303)
    ids = pd.Index(list(spans), name="parcel_id", dtype="str")
    table = gpd.GeoDataFrame(geometry=[box(*span) for span in spans.values()], index=ids, crs=4545)
    table["dlbm"] = ["0601", "0601", "1003", "0601", "0601", "0601"]
    return table.assign(**columns)


def groups(members):
    known = members["cluster_id"].dropna()
    return {"".join(sorted(ids)) for ids in known.groupby(known).groups.values()}


ROAD = {"dlbm": ["1003"]}


def test_rows_of_the_same_table_are_barriers_and_no_candidates():
    done = cluster(row(), gap_m=10, barrier_rows=ROAD)
    assert groups(done.members) == {"AB", "CD", "E"}
    edge = done.edges.set_index(["a", "b"]).loc[("B", "C")]
    assert (edge["barrier"], edge["barrier_class"], edge["joins"]) == ("R", "1003", False)
    assert pd.isna(done.members.loc["R", "cluster_id"])
    nothing = row().drop(columns="dlbm")
    assert groups(cluster(nothing, gap_m=10).members) == {"ABCDR", "E"}


def test_rows_and_a_layer_are_barriers_together():
    lane = gpd.GeoDataFrame(
        {"barrier_class": ["河流"]},
        geometry=[shapely.LineString([(EAST + 160, NORTH - 99), (EAST + 160, NORTH + 99)])],
        index=["W"],
        crs=4545,
    )
    degrees = lane.to_crs(4490).rename_geometry("shape")
    for layer in (lane, degrees):
        done = cluster(row(), gap_m=10, barriers=layer, barrier_rows=ROAD)
        assert groups(done.members) == {"AB", "C", "D", "E"}
        assert done.edges["barrier"].dropna().tolist() == ["R", "W"]
        standing = in_the_way(row(), barriers=layer, barrier_rows=ROAD)
        assert standing["barrier_class"].to_dict() == {"W": "河流", "R": "1003"}
        assert standing.crs == row().crs
    assert in_the_way(row()) is None


def test_seeds_grow_whatever_their_class():
    table = row(land_class=["低效", "低效", "其他", "闲置", "低效", "低效"])
    options = {"gap_m": 10, "barrier_rows": ROAD, "land_class": "低效"}
    assert groups(cluster(table, **options).members) == {"AB", "D", "E"}
    assert groups(cluster(table, seeds=["A"], **options).members) == {"AB"}
    assert groups(cluster(table, seeds=["C"], **options).members) == {"CD"}
    assert groups(cluster(table, seeds="E", **options).members) == {"E"}
    assert groups(cluster(table, seeds=[], **options).members) == set()


def test_clusters_stay_within_a_unit():
    table = row(unit=["甲", "乙", "乙", "乙", "乙", None])
    done = cluster(table, gap_m=10, within="unit")
    assert groups(done.members) == {"A", "BCDR"}
    edge = done.edges.set_index(["a", "b"]).loc[("A", "B")]
    assert (edge["kind"], edge["joins"]) == ("shared", False)
    assert edge["reach_m"] == 0.0
    assert pd.isna(edge["barrier"])


def test_clusters_stay_within_zones_that_hold_most_of_each_member():
    zones = gpd.GeoDataFrame(geometry=[box(-10, 80, 50), box(80, 190, 50)], crs=4545)
    # A and 30 of B's 50 m in the first, R, C and 27 of D's 50 m in the second, E in none
    for layer in (zones, zones.to_crs(4490)):
        assert groups(cluster(row(), gap_m=10, within=layer).members) == {"AB", "CDR"}
    half = gpd.GeoDataFrame(geometry=[box(-10, 75, 50)], crs=4545)
    assert groups(cluster(row(), gap_m=10, within=half).members) == {"A"}


def test_a_single_large_parcel_is_kept():
    options = {"gap_m": 10, "barrier_rows": ROAD, "min_count": 2}
    assert groups(cluster(row(), **options).members) == {"AB", "CD"}
    large = cluster(row(), single_area_m2=1990, **options)  # each is 2000 m² in the plane
    assert groups(large.members) == {"AB", "CD", "E"}
    assert groups(cluster(row(), single_area_m2=2010, **options).members) == {"AB", "CD"}


def test_pairs_beyond_the_gap_are_listed_and_do_not_join():
    near = cluster(row(), gap_m=10, barrier_rows=ROAD)
    far = cluster(row(), gap_m=10, barrier_rows=ROAD, look_m=65)
    assert groups(far.members) == groups(near.members)
    told = {(edge.a, edge.b): edge for edge in far.edges.itertuples()}
    assert set(told) == {("A", "B"), ("A", "C"), ("B", "C"), ("B", "D"), ("C", "D"), ("D", "E")}
    assert told["D", "E"].gap_m == told["D", "E"].reach_m == 40.0
    assert not told["D", "E"].joins
    assert pd.isna(told["D", "E"].barrier)
    assert (told["B", "D"].gap_m, told["B", "D"].barrier) == (63.0, "R")
    # the way about the end of the road is not within 10 m, so B and C stay apart
    assert (told["B", "C"].joins, told["B", "C"].barrier) == (False, "R")


def test_suggest_takes_the_same_arguments():
    table = row(unit=list("甲甲甲甲乙乙"))
    shared = {"barrier_rows": ROAD, "within": "unit", "min_count": 1}
    choices = suggest(table, gaps_m=[0, 10, 45], **shared)
    for choice in choices.itertuples():
        clusters = cluster(table, gap_m=choice.gap_m, **shared).clusters
        assert (choice.cluster_count, choice.member_count) == (len(clusters), 5)
    assert choices["cluster_count"].tolist() == [4, 4, 3]
    with pytest.raises(TypeError):
        suggest(table, reach=3)


@pytest.mark.parametrize(
    ("options", "kind", "code", "told"),
    [
        ({"look_m": -1}, UsageError, "bad_gap", "look_m"),
        ({"single_area_m2": -1}, UsageError, "bad_minimum", "single_area_m2"),
        ({"seeds": ["A", "Z9"]}, UsageError, "unknown_seed", "Z9"),
        ({"barrier_rows": {"dlbm": ["1003", "1101"]}}, UsageError, "barrier_value_unknown", "1101"),
        ({"barrier_rows": {"zldwdm": ["1"]}}, SchemaError, "column_missing", "zldwdm"),
        ({"within": "unit"}, SchemaError, "column_missing", "unit"),
        (
            {"within": gpd.GeoDataFrame(geometry=[box(0, 90), box(0, 60)], crs=4545)},
            DataError,
            "within_overlaps",
            "parcel A",
        ),
        ({"within": row().set_geometry(row().boundary)}, DataError, "within_not_polygons", ""),
        ({"within": row().set_crs(None, allow_override=True)}, CrsError, "crs_missing", ""),
    ],
)
def test_bad_arguments(options, kind, code, told):
    with pytest.raises(kind) as caught:
        cluster(row(), gap_m=10, **options)
    assert caught.value.code == code
    assert told in str(caught.value)
    assert caught.value.hint

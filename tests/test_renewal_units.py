"""Are very large clusters divided into balanced, connected units along the streets?

Cases: two and four blocks are cut at their lanes, a wide lane before a narrow one, a short shared
edge before a long one; a chain whose only balanced division is known; a grid within its bounds;
what fits stays whole; a star and a huge parcel cannot be balanced and stay; ground claimed twice
counts once; ids by the smallest member alone; columns, index and order kept; parcels outside
clusters; other edges, bad sizes, no cluster. On random towns, whatever the order of the rows: every
member in one unit, every unit connected (scipy is the witness), units sum to the cluster.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landgis.analysis.clusters import cluster
from landgis.analysis.renewal_units import divide
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError

EAST, NORTH = 562000, 2428000
M2_PER_PLANE_M2 = 0.99990490  # V1 of test_area: 10 000 m² in the plane here are 9999.0490 m²


def lots(*boxes):
    """Parcels P000, P001 and so on from boxes x0, y0, x1, y1 in metres."""
    shapes = [shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1) for x0, y0, x1, y1 in boxes]
    ids = pd.Index([f"P{i:03d}" for i in range(len(boxes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(geometry=shapes, index=ids, crs=4545)


def town(columns, rows, *, width=20, height=20, streets_after=(), street_m=8.0):
    """Lots in rows and columns, with streets across after some of the columns."""
    wests = np.arange(columns) * width + street_m * np.searchsorted(
        streets_after, np.arange(columns), side="right"
    )
    return lots(*[(x, y, x + width, y + height) for y in np.arange(rows) * height for x in wests])


def statutory(*plane_m2):
    """Statutory areas; each of at most 36 members is rounded to whole square decimetres."""
    return pytest.approx([area * M2_PER_PLANE_M2 for area in plane_m2], rel=1e-6, abs=36 * 0.005)


def groups(members):
    return sorted(members.groupby("renewal_unit").groups.values(), key=lambda ids: ids[0])


def sets(members):
    return {frozenset(ids) for ids in members.groupby("renewal_unit").groups.values()}


def connected(members, edges):
    """How many connected parts each unit has over its own joining edges."""
    parts = {}
    for unit, ids in members.groupby("renewal_unit").groups.items():
        own = edges[edges["joins"] & edges["a"].isin(ids) & edges["b"].isin(ids)]
        place = pd.Series(range(len(ids)), index=ids)
        links = (np.ones(len(own)), (place[own["a"]], place[own["b"]]))
        parts[unit], _ = connected_components(
            coo_array(links, shape=(len(ids), len(ids))), directed=False
        )
    return parts


def test_two_blocks_are_cut_at_the_lane_between_them():
    # six lots to the west of the lane, six to the east; ids run along the rows, across the lane
    table = town(6, 2, streets_after=[3])
    members, units = divide(*cluster(table, gap_m=10), size_m2=2400)
    west = {f"P{i:03d}" for i in (0, 1, 2, 6, 7, 8)}
    assert sets(members) == {frozenset(west), frozenset(set(table.index) - west)}
    assert units["area_m2"].tolist() == statutory(2400, 2400)
    assert units["member_count"].tolist() == [6, 6]


def test_four_blocks_are_cut_at_their_lanes():
    wests, souths = (0, 20, 48, 68), (0, 20, 48, 68)
    table = lots(*[(x, y, x + 20, y + 20) for x in wests for y in souths])
    members, _ = divide(*cluster(table, gap_m=10), size_m2=1600)
    block = pd.Series(
        [(x > 40, y > 40) for x in wests for y in souths], index=table.index, dtype=object
    )
    assert sets(members) == {frozenset(ids) for ids in block.groupby(block).groups.values()}


@pytest.mark.parametrize(("first", "second"), [(8, 3), (3, 8)])
def test_a_wide_lane_is_cut_before_a_narrow_one(first, second):
    middle, east = 40 + first, 80 + first + second
    table = lots((0, 0, 40, 40), (middle, 0, middle + 40, 40), (east, 0, east + 40, 40))
    members, _ = divide(*cluster(table, gap_m=10), size_m2=2400, tolerance=0.4)
    pair = {"P001", "P002"} if first > second else {"P000", "P001"}
    assert frozenset(pair) in sets(members)


def test_a_short_shared_edge_is_cut_before_a_long_one():
    # four lots of 1 200 m² in a row: 30 m shared, 5 m shared, 30 m shared
    table = lots((0, 0, 40, 30), (40, 0, 80, 30), (80, 25, 120, 55), (120, 25, 160, 55))
    members, _ = divide(*cluster(table, gap_m=0), size_m2=2400)
    assert sets(members) == {frozenset({"P000", "P001"}), frozenset({"P002", "P003"})}


def test_a_chain_has_one_balanced_division():
    # units of 3 lots ± 25 % can only be of 3 lots, and on a chain they follow one another
    members, units = divide(*cluster(town(12, 1), gap_m=0), size_m2=1200)
    assert [list(ids) for ids in groups(members)] == [
        [f"P{i:03d}" for i in range(start, start + 3)] for start in (0, 3, 6, 9)
    ]
    assert units["member_count"].tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize(
    ("columns", "rows", "size", "tolerance"),
    [(12, 12, 9, 0.25), (10, 10, 10, 0.1), (10, 10, 10, 0.25), (20, 7, 14, 0.25), (8, 8, 32, 0.0)],
)
def test_units_of_a_grid_keep_within_the_bounds(columns, rows, size, tolerance):
    plane = size * 400
    members, units = divide(
        *cluster(town(columns, rows), gap_m=0), size_m2=plane * M2_PER_PLANE_M2, tolerance=tolerance
    )
    assert members["renewal_unit"].notna().all()
    counts = units["member_count"]
    assert counts.min() >= size * (1 - tolerance)
    assert counts.max() <= size * (1 + tolerance)
    assert units["area_m2"].tolist() == statutory(*counts * 400)


def test_cuts_of_a_grid_are_short():
    # 12 × 12 lots of 20 m in 16 units: squares of 3 × 3 would cut 6 lines of 240 m
    members, _, edges = clustered = cluster(town(12, 12), gap_m=0)
    members, _ = divide(*clustered, size_m2=9 * 400)
    unit = members["renewal_unit"]
    crossed = unit[edges["a"]].to_numpy() != unit[edges["b"]].to_numpy()
    assert edges["shared_m"][crossed & (edges["kind"] == "shared")].sum() <= 1.25 * 6 * 240


def test_what_fits_is_one_unit():
    clustered = cluster(town(5, 1), gap_m=0)
    assert len(divide(*clustered, size_m2=1600.1).units) == 1  # 2 000 m² are 25 % more
    assert len(divide(*clustered, size_m2=1500).units) == 2
    assert len(divide(*clustered, size_m2=1500, tolerance=0.5).units) == 1


def test_a_star_cannot_be_balanced_and_stays():
    # a plaza with 12 stalls of 16 m² around it: units of 100 m² would leave stalls on their own
    stalls = [(x, -4, x + 4, 0) for x in range(0, 48, 8)] + [
        (x, 40, x + 4, 44) for x in range(0, 48, 8)
    ]
    table = lots((0, 0, 48, 40), *stalls)
    members, units = divide(*cluster(table, gap_m=0), size_m2=100)
    assert len(sets(members)) == 1
    assert units["area_m2"].tolist() == statutory(1920 + 12 * 16)


def test_a_huge_parcel_is_a_unit_and_the_rest_is_divided():
    # four lots, a huge one, four lots, in a row
    small = [(x, 0, x + 20, 20) for x in (-80, -60, -40, -20, 400, 420, 440, 460)]
    table = lots((0, 0, 400, 300), *small)
    members, units = divide(*cluster(table, gap_m=0), size_m2=1600)
    assert len(units) == 3
    assert members["renewal_unit"].value_counts()[members["renewal_unit"]["P000"]] == 1


def test_ground_claimed_twice_counts_once_in_a_unit():
    # 2 × 40 m of the first lot are claimed by the second, too
    table = lots((0, 0, 40, 40), (38, 0, 80, 40), (80, 0, 120, 40), (120, 0, 160, 40))
    members, clusters, edges = cluster(table, gap_m=0)
    divided = divide(members, clusters, edges, size_m2=3200)
    assert sets(divided.members) == {frozenset({"P000", "P001"}), frozenset({"P002", "P003"})}
    assert divided.units["area_m2"].tolist() == statutory(3200, 3200)
    assert divided.units.geometry.area.tolist() == pytest.approx([3200, 3200])


def test_ids_come_from_the_smallest_member_alone():
    near, far = town(6, 2, streets_after=[3]), town(3, 1)
    far = far.set_geometry(far.translate(5000, 0)).set_index("Q" + far.index)
    alone = divide(*cluster(near, gap_m=10), size_m2=2400).units
    together = divide(*cluster(pd.concat([near, far]), gap_m=10), size_m2=2400).units
    assert set(alone.index) < set(together.index)
    smallest = near.loc[["P000"]]
    assert divide(*cluster(smallest, gap_m=0), size_m2=2400).units.index[0] == alone.index[0]
    assert alone.index.str.fullmatch("GX-[0-9A-HJKMNP-TV-Z]{8}").all()


def test_the_input_stays_and_columns_are_kept():
    table = town(6, 1)
    table["holder"] = list("abcdef")
    table["renewal_unit"] = "old"
    table.loc["P005", "geometry"] = None
    clustered = cluster(table, gap_m=0, min_count=2)
    before = clustered.members.copy()
    members, units = divide(*clustered, size_m2=800)
    assert clustered.members.equals(before)
    assert members.index.equals(table.index)
    assert members["holder"].equals(table["holder"])
    assert pd.isna(members["renewal_unit"]["P005"])
    assert members["renewal_unit"].dtype == "str"
    assert list(units) == [column.name for column in schema.RENEWAL_UNITS.columns[1:]]
    assert units.index.name == "renewal_unit"
    assert units.crs == table.crs
    assert set(units["cluster_id"]) == set(clustered.clusters.index)


def test_only_the_clusters_given_are_divided():
    far = town(3, 1)
    far = far.set_geometry(far.translate(5000, 0)).set_index("Q" + far.index)
    members, clusters, edges = cluster(pd.concat([town(6, 1), far]), gap_m=0)
    divided = divide(members, clusters.iloc[:1], edges, size_m2=800)
    assert divided.members["renewal_unit"].isna().tolist() == [False] * 6 + [True] * 3


def test_no_cluster_gives_no_unit():
    table = town(3, 1)
    table["land_class"] = "闲置"
    members, units = divide(*cluster(table, gap_m=0, land_class="低效"), size_m2=800)
    assert members["renewal_unit"].isna().all()
    assert units.empty
    assert list(units) == [column.name for column in schema.RENEWAL_UNITS.columns[1:]]


CLUSTERED = cluster(town(4, 1, streets_after=[2]), gap_m=10)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"size_m2": 0}, "bad_size"),
        ({"size_m2": -5}, "bad_size"),
        ({"size_m2": np.nan}, "bad_size"),
        ({"size_m2": np.inf}, "bad_size"),
        ({"size_m2": 800, "tolerance": 1}, "bad_tolerance"),
        ({"size_m2": 800, "tolerance": -0.1}, "bad_tolerance"),
        ({"size_m2": 800, "tolerance": np.nan}, "bad_tolerance"),
    ],
)
def test_bad_arguments(options, code):
    with pytest.raises(UsageError) as caught:
        divide(*CLUSTERED, **options)
    assert caught.value.code == code


def test_edges_of_another_call_are_refused():
    members, clusters, _ = CLUSTERED
    other = cluster(members, gap_m=0).edges
    with pytest.raises(DataError) as caught:
        divide(members, clusters, other, size_m2=800)
    assert caught.value.code == "cluster_disconnected"
    assert clusters.index[0] in caught.value.hint


def test_tables_without_their_columns_are_refused():
    members, clusters, edges = CLUSTERED
    with pytest.raises(SchemaError):
        divide(members.drop(columns="cluster_id"), clusters, edges, size_m2=800)
    with pytest.raises(SchemaError):
        divide(members, clusters, edges.drop(columns="joins"), size_m2=800)
    with pytest.raises(CrsError):
        divide(members.to_crs(4490), clusters, edges, size_m2=800)
    with pytest.raises(DataError) as caught:
        divide(pd.concat([members, members]), clusters, edges, size_m2=800)
    assert caught.value.code == "id_duplicate"


@st.composite
def towns(draw):
    """Lots of uneven width and depth, some missing, some streets, ids in any order."""
    columns, rows = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    wide = draw(st.lists(st.integers(5, 40), min_size=columns, max_size=columns))
    deep = draw(st.lists(st.integers(5, 40), min_size=rows, max_size=rows))
    lanes = draw(st.lists(st.sampled_from([0, 0, 0, 4, 9]), min_size=13, max_size=13))
    wests = np.cumsum([0, *(w + g for w, g in zip(wide, lanes, strict=False))])
    souths = np.cumsum([0, *(d + g for d, g in zip(deep, lanes[7:], strict=False))])
    boxes = [
        (wests[i], souths[j], wests[i] + wide[i], souths[j] + deep[j])
        for j in range(rows)
        for i in range(columns)
    ]
    kept = draw(st.lists(st.booleans(), min_size=len(boxes), max_size=len(boxes)))
    boxes = [b for b, keep in zip(boxes, kept, strict=True) if keep] or boxes
    table = lots(*draw(st.permutations(boxes)))
    return table, draw(st.permutations(table.index.tolist()))


@settings(deadline=None, max_examples=40)
@given(towns(), st.integers(100, 5000), st.sampled_from([0.0, 0.1, 0.25, 0.5]))
def test_lasting_truths(world, size, tolerance):
    table, shuffled = world
    members, clusters, edges = cluster(table, gap_m=10)
    divided, units = divide(members, clusters, edges, size_m2=size, tolerance=tolerance)
    assert divided["renewal_unit"].notna().all()
    owner = divided.groupby("renewal_unit")["cluster_id"].agg(["nunique", "first", "size"])
    assert (owner["nunique"] == 1).all()
    assert owner["first"].reindex(units.index).tolist() == units["cluster_id"].tolist()
    assert owner["size"].reindex(units.index).tolist() == units["member_count"].tolist()
    assert set(connected(divided, edges).values()) == {1}
    dm2 = (units["area_m2"] * 100).round().astype(int).groupby(units["cluster_id"]).sum()
    assert dm2.to_dict() == (clusters["area_m2"] * 100).round().astype(int).to_dict()
    whole = clusters.index[clusters["area_m2"] <= size * (1 + tolerance)]
    assert (units["cluster_id"].value_counts().reindex(whole) == 1).all()
    other = cluster(table.loc[shuffled], gap_m=10)
    again = divide(
        other.members, other.clusters, other.edges.iloc[::-1], size_m2=size, tolerance=tolerance
    )
    pd.testing.assert_series_equal(
        again.members["renewal_unit"].reindex(table.index), divided["renewal_unit"]
    )
    assert again.units.index.tolist() == units.index.tolist()
    assert again.units["area_m2"].tolist() == units["area_m2"].tolist()

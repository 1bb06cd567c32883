"""What is always true of clusters, on random worlds, beside brute force.

Cases: distances and overlaps as GEOS gives them; without barriers the parts are those of DBSCAN
with one point needed (every pair no farther apart than the gap, by brute force); with barriers the
shortest free segments agree with a sampler of boundary points; order does not matter and ids stay
after shuffling; a larger gap never splits; a barrier never joins; one more parcel takes no edge
from others; clusters are never larger than their parcels; a parcel is in at most one cluster;
outlines hold their members and stay within the gap; any split of the rows gives the same edges.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landgis.analysis.area import areas
from landgis.analysis.clusters import cluster

EAST, NORTH = 562000.0, 2428000.0
ALL = ("shared", "overlap", "sliver", "corner", "near")
SEAL_M = 0.1  # barriers count that much wider on every side (stated in the notes of cluster)
STEP_M = 0.1  # of the sampler along boundaries

coordinate = st.integers(0, 40)
size = st.integers(2, 14)
angle = st.sampled_from([0.0, 0.0, 17.0, 45.0, 123.0])


@st.composite
def lots(draw):
    """A box, a turned box, or an L, on a lattice of metres so that edges and corners coincide."""
    x, y, w, h = draw(coordinate), draw(coordinate), draw(size), draw(size)
    shape = shapely.box(x, y, x + w, y + h)
    if draw(st.booleans()):
        cut = shapely.box(x + w / 2, y + h / 2, x + w + 1, y + h + 1)
        shape = shapely.difference(shape, cut)
    turned = gpd.GeoSeries([shape]).rotate(draw(angle)).translate(EAST, NORTH)
    return turned.iloc[0]


@st.composite
def worlds(draw, most=7):
    shapes = draw(st.lists(lots(), min_size=2, max_size=most))
    ids = pd.Index([f"P{i:02d}" for i in range(len(shapes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(geometry=shapes, index=ids, crs=4545)


@st.composite
def walls(draw, most=3):
    shapes = []
    for _ in range(draw(st.integers(1, most))):
        points = draw(
            st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=4, unique=True)
        )
        line = shapely.LineString([(EAST + x + 0.37, NORTH + y + 0.21) for x, y in points])
        wide = draw(st.booleans())
        shapes.append(shapely.buffer(line, 1.0, cap_style="flat") if wide else line)
    ids = pd.Index([f"R{i}" for i in range(len(shapes))], name="barrier_id", dtype="str")
    return gpd.GeoDataFrame({"width_m": 0.0}, geometry=shapes, index=ids, crs=4545)


def partition(members):
    groups = members["cluster_id"].dropna().groupby(members["cluster_id"]).groups.values()
    return {frozenset(group) for group in groups}


def finer(first, second):
    return all(any(group <= other for other in second) for group in first)


calm = settings(deadline=None, max_examples=30)


@calm
@given(world=worlds(), gap=st.sampled_from([0.5, 3.0, 7.5, 15.0]))
def test_dbscan_by_brute_force_and_geos_agree(world, gap):
    shapes = world.geometry.to_numpy()
    distance = shapely.distance(shapes[:, None], shapes[None, :])
    assume((np.abs(distance - gap) > 1e-6).all())
    _, label = connected_components(coo_array(distance <= gap), directed=False)
    expected = {frozenset(world.index[label == part]) for part in set(label)}
    members, _, edges = cluster(world, gap_m=gap, joins=ALL)
    assert partition(members) == expected
    a, b = world.geometry[edges["a"]].to_numpy(), world.geometry[edges["b"]].to_numpy()
    assert len(edges) == (np.triu(distance <= gap, 1)).sum()
    assert edges["gap_m"].to_numpy() == pytest.approx(shapely.distance(a, b), abs=2e-3)
    overlap = areas(shapely.intersection(a, b), world)
    perimeter = shapely.length(shapely.intersection(a, b))
    assert edges["overlap_m2"].to_numpy() == pytest.approx(
        overlap, abs=1e-6 + 2e-3 * perimeter.max(initial=0)
    )
    along = shapely.length(shapely.intersection(shapely.boundary(a), shapely.boundary(b)))
    shared = (edges["kind"] == "shared").to_numpy()
    assert edges["shared_m"].to_numpy()[shared] == pytest.approx(along[shared], abs=0.02)


def samples(shape, other, gap):
    """Points every STEP_M along a boundary, corners among them, within the gap of the other."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(rings, STEP_M)))
    return points[shapely.dwithin(points, other, gap)]


def sampled_reach(a, b, barrier, gap):
    """Length of the shortest segment between sampled points that keeps clear of the barrier."""
    common = shapely.get_parts(shapely.intersection(a, b))
    if not shapely.is_empty(shapely.difference(common, barrier)).all():
        return 0.0
    first, second = samples(a, b, gap), samples(b, a, gap)
    xy, uv = shapely.get_coordinates(first), shapely.get_coordinates(second)
    i, j = (index.ravel() for index in np.indices((len(xy), len(uv))))
    length = np.hypot(*(xy[i] - uv[j]).T)
    order = np.argsort(length)
    order = order[: np.searchsorted(length[order], gap, side="right")]
    shapely.prepare(barrier)
    for part in np.array_split(order, max(1, len(order) // 500)):
        lines = shapely.linestrings(np.stack([xy[i[part]], uv[j[part]]], axis=1))
        free = ~shapely.intersects(barrier, lines)
        if free.any():
            return length[part][free].min()
    return np.inf


@settings(deadline=None, max_examples=30)
@given(world=worlds(most=3), wall=walls(), gap=st.sampled_from([4.0, 9.0]))
def test_free_segments_agree_with_a_sampler(world, wall, gap):
    edges = cluster(world, gap_m=gap, barriers=wall, joins=ALL).edges
    drawn, sealed = (
        shapely.union_all(
            shapely.buffer(wall.geometry.to_numpy(), by, cap_style="square", join_style="mitre")
        )
        for by in (1e-6, SEAL_M)
    )
    for edge in edges.itertuples():
        a, b = world.geometry[edge.a], world.geometry[edge.b]
        reach = np.inf if np.isnan(edge.reach_m) else edge.reach_m
        # what the sampler finds among the widened barriers, landgis finds at least as short
        assert reach <= sampled_reach(a, b, sealed, gap) + 2e-3
        # and what landgis finds, the sampler finds among the drawn barriers, a step longer at most
        if reach < gap - 2 * STEP_M:
            assert sampled_reach(a, b, drawn, gap) <= reach + 2 * STEP_M
        assert edge.joins == (reach <= gap)
        assert pd.isna(edge.barrier) == edge.joins


@calm
@given(world=worlds(), wall=walls(), gap=st.sampled_from([0.0, 2.0, 6.0]), seed=st.randoms())
def test_order_and_company_do_not_matter(world, wall, gap, seed):
    members, clusters, edges = cluster(world, gap_m=gap, barriers=wall)
    order = list(range(len(world)))
    seed.shuffle(order)
    again = cluster(world.iloc[order], gap_m=gap, barriers=wall.iloc[::-1])
    pd.testing.assert_frame_equal(again.edges, edges)
    assert again.members["cluster_id"].sort_index().equals(members["cluster_id"])
    pd.testing.assert_frame_equal(
        again.clusters.drop(columns="geometry"), clusters.drop(columns="geometry")
    )
    fewer = cluster(world.iloc[order[1:]], gap_m=gap, barriers=wall).edges
    kept = edges[edges["a"].isin(world.index[order[1:]]) & edges["b"].isin(world.index[order[1:]])]
    pd.testing.assert_frame_equal(fewer, kept.reset_index(drop=True))


@calm
@given(world=worlds(), wall=walls())
def test_gaps_never_split_and_barriers_never_join(world, wall):
    open_before = before = set()
    for gap in (0.0, 1.5, 6.0):
        free = partition(cluster(world, gap_m=gap).members)
        cut = partition(cluster(world, gap_m=gap, barriers=wall).members)
        once = partition(cluster(world, gap_m=gap, barriers=wall.iloc[:1]).members)
        assert finer(cut, once)
        assert finer(once, free)
        assert finer(open_before, free)
        assert finer(before, cut)
        open_before, before = free, cut


@calm
@given(world=worlds(), gap=st.sampled_from([0.0, 3.0, 8.0]))
def test_clusters_are_no_larger_than_their_parcels(world, gap):
    members, clusters, _ = cluster(world, gap_m=gap)
    own = areas(world.geometry.to_numpy(), world)
    assert clusters["member_count"].sum() == members["cluster_id"].notna().sum() == len(world)
    assert clusters["area_m2"].sum() <= own.sum() + 0.01 * len(world)
    for name, group in world.groupby(members["cluster_id"]):
        united = shapely.union_all(group.geometry.to_numpy())
        row = clusters.loc[name]
        assert row["area_m2"] == pytest.approx(
            areas(np.array([united]), world)[0], abs=0.02 * len(group)
        )
        assert row.geometry.buffer(1e-6).covers(united)
        assert united.buffer(max(gap, 0.2) + 1e-6).covers(row.geometry)

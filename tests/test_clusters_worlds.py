"""What is always true of clusters, on random worlds, beside brute force.

Worlds: boxes, turned boxes, Ls, rings with islands, multiparts and needles on a lattice of metres,
and Voronoi cells edited by hairlines and lanes, with and without a zone prefix. Barriers: lines,
strips, rings, moats with openings, combs, dotted lines, lines along shared edges and from corner to
corner, ground that covers parcels.

Cases: distances and overlaps as GEOS gives them; without barriers the parts are those of DBSCAN
with one point needed (every pair no farther apart than the gap, by brute force); on coverages with
a reach of 0 the parts are those of edges in common, long enough, whatever the vertices; with barriers
the shortest free segments agree with a sampler of boundary points; order does not matter and ids stay
after shuffling; any partition of the rows, each part with its neighbours, gives the edges of the
whole; a larger gap never splits; a barrier never joins; one more parcel takes no edge from others;
clusters are never larger than their parcels; a parcel is in at most one cluster, the one of all it
is joined with; outlines hold their members and stay within the gap.
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
PREFIX = 36_000_000.0
ALL = ("shared", "overlap", "sliver", "corner", "near")
SEAL_M = 0.1  # barriers count that much wider on every side (stated in the notes of cluster)
PLANE = 0.9999049  # V1 of test_area: m² by the statute of a m² in the plane here
STEP_M = 0.1  # of the sampler along boundaries

coordinate = st.integers(0, 40)
size = st.integers(2, 14)
angle = st.sampled_from([0.0, 0.0, 17.0, 45.0, 123.0])


def moved(shape, x, y):
    return shapely.transform(shape, lambda points: np.add(points, [x, y]))


def turned(shape, degrees):
    return gpd.GeoSeries([shape]).rotate(degrees, origin=(20, 20)).iloc[0]


@st.composite
def lots(draw):
    """A shape on a lattice of metres, so that edges and corners coincide."""
    x, y, w, h = draw(coordinate), draw(coordinate), draw(size), draw(size)
    shape = shapely.box(x, y, x + w, y + h)
    kind = draw(st.sampled_from(["box", "L", "ring", "island", "parts", "needle"]))
    if kind == "L":
        shape = shape.difference(shapely.box(x + w / 2, y + h / 2, x + w + 1, y + h + 1))
    elif kind in ("ring", "island") and min(w, h) > 4:
        shape = shape.difference(shapely.box(x + 1, y + 1, x + w - 1, y + h - 1))
        if kind == "island" and min(w, h) > 6:
            shape = shape.union(shapely.box(x + 2, y + 2, x + w - 2, y + h - 2))
    elif kind == "parts":
        shape = shape.union(shapely.box(x + w + 1, y, x + w + 3, y + 2))
    elif kind == "needle":
        tip = draw(st.sampled_from([0.01, 0.1, 1.0]))
        shape = shapely.Polygon([(x, y), (x + w, y + h), (x + w + tip, y + h)])
    return turned(shape, draw(angle))


@st.composite
def cells(draw, most=7):
    """Voronoi cells, some left out: a coverage, or one with hairlines, lanes or overlaps."""
    points = draw(
        st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=most, unique=True)
    )
    shapes = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    shapes = shapely.intersection(shapes, shapely.box(0, 0, 40, 40))
    by = draw(st.sampled_from([0.0, 0.0, -0.03, -0.7, 0.04, 0.6]))
    shapes = shapely.buffer(shapes, by, join_style="mitre") if by else shapes
    shapes = [shape for shape in shapes if shape.area > 0.5 and shape.geom_type == "Polygon"]
    assume(len(shapes) >= 2)
    return shapes


@st.composite
def worlds(draw, most=7):
    several = st.lists(lots(), min_size=2, max_size=most)
    shapes = draw(st.one_of(several, several, cells(most=most)))
    prefix = draw(st.sampled_from([0.0, 0.0, PREFIX]))
    shapes = [moved(shape, EAST + prefix, NORTH) for shape in shapes]
    ids = pd.Index([f"P{i:02d}" for i in range(len(shapes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(geometry=shapes, index=ids, crs=4524 if prefix else 4545)


def moat(lot, inner, outer, opening):
    """A ring of water about a parcel, with an opening as wide as that at one of its corners."""
    wide, tight = (shapely.buffer(lot, by, join_style="mitre") for by in (outer, inner))
    x, y = lot.exterior.coords[0]
    gate = shapely.box(x - opening / 2, y - 9, x + opening / 2, y + 9)
    return wide.difference(tight).difference(gate)


def comb(x, y, teeth, pitch, depth):
    back = [[(x, y), (x + teeth * pitch, y)]]
    return shapely.MultiLineString(
        back + [[(x + i * pitch, y), (x + i * pitch, y + depth)] for i in range(teeth)]
    )


def dotted(x, y, crack):
    return shapely.MultiLineString(
        [[(x + 3 * i + crack / 2, y), (x + 3 * i + 3 - crack / 2, y)] for i in range(12)]
    )


@st.composite
def wall(draw, some):
    """One barrier that meets the parcels in an awkward way."""
    lot = shapely.get_parts(draw(st.sampled_from(some)))[0]
    corners = shapely.get_coordinates(lot.exterior)
    place = draw(st.integers(0, len(corners) - 2))
    width = st.sampled_from([0.05, 0.15, 0.19, 0.21, 0.5, 2.0])
    x, y = draw(coordinate), draw(coordinate)
    points = draw(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=4, unique=True))
    line = shapely.LineString(points)
    return draw(
        st.sampled_from(
            [
                moved(line, 0.37, 0.21),
                shapely.buffer(moved(line, 0.37, 0.21), 1.0, cap_style="flat"),
                line,
                lot.exterior,
                moat(lot, 0.5, 2.0, draw(width)),
                comb(x, y, draw(st.integers(2, 5)), draw(width), draw(size)),
                dotted(x - 20, y + 0.5, draw(width)),
                shapely.LineString([corners[place], points[0]]),
                shapely.LineString(corners[place : place + 2]),
                shapely.box(x, y, x + draw(size), y + draw(size)),
            ]
        )
    )


@st.composite
def walls(draw, world, most=3):
    """Barriers about the parcels of a world."""
    prefix = PREFIX * (world.crs == 4524)
    some = [moved(shape, -EAST - prefix, -NORTH) for shape in world.geometry]
    shapes = draw(st.lists(wall(some), min_size=1, max_size=most))
    shapes = [moved(shape, EAST + prefix, NORTH) for shape in shapes if shape.length > 0]
    assume(shapes)
    ids = pd.Index([f"R{i}" for i in range(len(shapes))], name="barrier_id", dtype="str")
    return gpd.GeoDataFrame({"width_m": 0.0}, geometry=shapes, index=ids, crs=world.crs)


def near_home(world, shapes):
    """Shapes moved to the corner of their world, where GEOS loses no digit."""
    west, south = world.total_bounds[:2]
    return moved(np.array(shapes, dtype=object), -west, -south)


def partition(members):
    groups = members["cluster_id"].dropna().groupby(members["cluster_id"]).groups.values()
    return {frozenset(group) for group in groups}


def finer(first, second):
    return all(any(group <= other for other in second) for group in first)


calm = settings(deadline=None, max_examples=30)


@calm
@given(world=worlds(), gap=st.sampled_from([0.5, 3.0, 7.5, 15.0]))
def test_dbscan_by_brute_force_and_geos_agree(world, gap):
    shapes = near_home(world, world.geometry)
    distance = shapely.distance(shapes[:, None], shapes[None, :])
    assume((np.abs(distance - gap) > 1e-6).all())
    _, label = connected_components(coo_array(distance <= gap), directed=False)
    expected = {frozenset(world.index[label == part]) for part in set(label)}
    members, _, edges = cluster(world, gap_m=gap, joins=ALL)
    assert partition(members) == expected
    home = pd.Series(shapes, index=world.index)
    a, b = home[edges["a"]].to_numpy(), home[edges["b"]].to_numpy()
    assert len(edges) == (np.triu(distance <= gap, 1)).sum()
    assert edges["gap_m"].to_numpy() == pytest.approx(shapely.distance(a, b), abs=2e-3)
    overlap = shapely.area(shapely.intersection(a, b)) * PLANE
    perimeter = shapely.length(shapely.intersection(a, b))
    assert edges["overlap_m2"].to_numpy() == pytest.approx(
        overlap, abs=1e-3 + 2e-3 * perimeter.max(initial=0)
    )
    same = (
        members.loc[edges["a"], "cluster_id"].array == members.loc[edges["b"], "cluster_id"].array
    )
    assert same[edges["joins"]].all()
    along = shapely.length(shapely.intersection(shapely.boundary(a), shapely.boundary(b)))
    shared = (edges["kind"] == "shared").to_numpy()
    beside = shapely.intersection(shapely.boundary(a), shapely.buffer(shapely.boundary(b), 1.1e-3))
    told = edges["shared_m"].to_numpy()[shared]
    apart = shapely.area(shapely.intersection(a, b))[shared] < 1e-6  # else edges run side by side
    assert (told >= along[shared] - 0.02)[apart].all()
    assert (told <= shapely.length(beside)[shared] + 0.02).all()


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
@given(world=worlds(most=3), gap=st.sampled_from([2.0, 4.0, 9.0]), data=st.data())
def test_free_segments_agree_with_a_sampler(world, gap, data):
    wall = data.draw(walls(world))
    edges = cluster(world, gap_m=gap, barriers=wall, joins=ALL).edges
    home = pd.Series(near_home(world, world.geometry), index=world.index)
    drawn, sealed = (
        shapely.union_all(
            shapely.buffer(
                near_home(world, wall.geometry), by, cap_style="square", join_style="mitre"
            )
        )
        for by in (1e-6, SEAL_M)
    )
    for edge in edges.itertuples():
        a, b = home[edge.a], home[edge.b]
        reach = np.inf if np.isnan(edge.reach_m) else edge.reach_m
        # what the sampler finds among the widened barriers, landgis finds at least as short
        assert reach <= sampled_reach(a, b, sealed, gap) + 2e-3
        # and what landgis finds, the sampler finds among the drawn barriers, a step longer at most
        if reach < gap - 2 * STEP_M:
            assert sampled_reach(a, b, drawn, gap) <= reach + 2 * STEP_M
        assert edge.joins == (reach <= gap)
        assert pd.isna(edge.barrier) == edge.joins


@calm
@given(world=worlds(), gap=st.sampled_from([0.0, 2.0, 6.0]), seed=st.randoms(), data=st.data())
def test_order_and_company_do_not_matter(world, gap, seed, data):
    wall = data.draw(walls(world))
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
@given(world=worlds(), data=st.data())
def test_gaps_never_split_and_barriers_never_join(world, data):
    wall = data.draw(walls(world))
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
@given(
    world=worlds(most=9), gap=st.sampled_from([0.0, 2.0, 6.0]), seed=st.randoms(), data=st.data()
)
def test_any_partition_of_the_rows_gives_the_same_edges(world, gap, seed, data):
    wall = data.draw(walls(world))
    whole = cluster(world, gap_m=gap, barriers=wall, joins=ALL)
    part = np.array([seed.randrange(3) for _ in world.index])
    found = []
    for number in range(3):
        own = world.geometry[part == number]
        reach = max(gap, 0.2) + 0.01
        near = [any(shapely.dwithin(shape, own.array, reach)) for shape in world.geometry]
        edges = cluster(world[near], gap_m=gap, barriers=wall, joins=ALL).edges
        found.append(edges[edges["a"].isin(own.index) | edges["b"].isin(own.index)])
    joined = pd.concat(found).drop_duplicates(["a", "b"]).sort_values(["a", "b"])
    pd.testing.assert_frame_equal(joined.reset_index(drop=True), whole.edges)
    # the clusters follow from the edges alone
    place = pd.Series(range(len(world)), index=world.index)
    links = joined[joined["joins"]]
    ends = (place[links["a"]].to_numpy(), place[links["b"]].to_numpy())
    graph = coo_array((np.ones(len(links)), ends), shape=(len(world),) * 2)
    label = connected_components(graph, directed=False)[1]
    assert partition(whole.members) == {frozenset(world.index[label == n]) for n in set(label)}


@calm
@given(
    points=st.lists(st.tuples(coordinate, coordinate), min_size=4, max_size=20, unique=True),
    step=st.sampled_from([1.7, 3.0, 100.0]),
    kept=st.randoms(),
    prefix=st.sampled_from([0.0, PREFIX]),
)
def test_a_reach_of_nothing_is_edges_in_common(points, step, kept, prefix):
    exact = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    exact = shapely.intersection(exact, shapely.box(-5, -5, 45, 45))
    length = shapely.length(
        shapely.intersection(
            shapely.boundary(exact)[:, None], shapely.boundary(exact)[None, :], grid_size=1e-7
        )
    )
    assume((np.abs(length - 1.0) > 0.02).all())
    # every second cell gets vertices that its neighbours lack
    shapes = [shapely.segmentize(cell, step if i % 2 else 100) for i, cell in enumerate(exact)]
    ids = pd.Index([f"P{i:02d}" for i in range(len(shapes))], name="parcel_id", dtype="str")
    world = gpd.GeoDataFrame(
        geometry=[moved(shape, EAST + prefix, NORTH) for shape in shapes],
        index=ids,
        crs=4524 if prefix else 4545,
    )
    there = np.array([kept.random() < 0.7 for _ in ids])
    assume(there.any())
    touching = (length > 1.0) & ~np.eye(len(ids), dtype=bool)
    touching = touching[np.ix_(there, there)]
    label = connected_components(coo_array(touching), directed=False)[1]
    expected = {frozenset(ids[there][label == part]) for part in set(label)}
    done = cluster(world[there], gap_m=0, joins=("shared",), min_shared_m=1.0)
    assert partition(done.members) == expected
    shared = done.edges[done.edges["kind"] == "shared"]
    at = [ids.get_indexer(shared[end]) for end in ("a", "b")]
    assert len(shared) == np.triu(touching).sum()
    assert shared["shared_m"].to_numpy() == pytest.approx(length[at[0], at[1]], abs=0.01)


@calm
@given(world=worlds(), gap=st.sampled_from([0.0, 3.0, 8.0]))
def test_clusters_are_no_larger_than_their_parcels(world, gap):
    members, clusters, _ = cluster(world, gap_m=gap)
    own = areas(world.geometry.to_numpy(), world)
    assert clusters["member_count"].sum() == members["cluster_id"].notna().sum() == len(world)
    assert clusters["area_m2"].sum() <= own.sum() + 0.01 * len(world)
    home = pd.Series(near_home(world, world.geometry), index=world.index)
    for name, group in home.groupby(members["cluster_id"]):
        united = shapely.union_all(group.to_numpy())
        row = clusters.loc[name]
        whole = areas(np.array([shapely.union_all(world.geometry[group.index].array)]), world)[0]
        assert row["area_m2"] == pytest.approx(whole, abs=0.02 * len(group))
        assert row["area_m2"] <= own[world.index.get_indexer(group.index)].sum() + 0.01 * len(group)
        (outline,) = near_home(world, [row.geometry])
        assert outline.buffer(1e-6).covers(united)
        assert united.buffer(max(gap, 0.2) + 1e-6).covers(outline)

"""The compiled kernel behind tabulate.

Cases: exact rational arithmetic (slabs between events, a different method) on random small
polygons with shared edges, collinear runs and corners on edges; GEOS on random shapes with holes
and parts, with zone prefix, in degrees and down to 0.01 m²; shapes equal, inside a hole,
touching; a zone of thousands of edges cut into tiles, and large shapes on both sides, in parts; a
coverage covers each parcel exactly; no figure depends on order or partition; the plain-Python
twin of every compiled step; statutory areas of the pieces GEOS cuts; 0.001 m² up to 50 ha;
degrees, Mercator, a state plane, feet; a county; long common edges; missing and empty shapes; the
notice before compiling.
"""

from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from landgis.analysis import _grid_kernel, _ground_kernel, _validity_kernel
from landgis.analysis import _ground as ground
from landgis.analysis import _overlap as engine
from landgis.analysis import _overlap_kernel as kernel
from landgis.analysis._validity import are_valid
from landgis.analysis.area import areas, measure
from landgis.analysis.overlay import overlay, tabulate


def array(*shapes):
    return np.array([*shapes, None], dtype=object)[:-1]


def common_areas(left, right):
    tiles = ground.tiles(ground.rings(left), None)
    return engine.common_areas(tiles, engine.outlines(ground.rings(right)), count=len(left))


def kernel_area(one, other):
    return float(common_areas(array(one), array(other)).area.sum())


def exact_edges(shape):
    edges = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            points = [(Fraction(x), Fraction(y)) for x, y in ring.coords]
            edges += [sorted(pair) for pair in pairwise(points) if pair[0][0] != pair[1][0]]
    return edges


def height(edge, x):
    (x0, y0), (x1, y1) = edge
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def crossing(f, g):
    """Give the x where two edges cross, or nothing."""
    a, b = max(f[0][0], g[0][0]), min(f[1][0], g[1][0])
    if a >= b:
        return set()
    start, end = height(f, a) - height(g, a), height(f, b) - height(g, b)
    return {a + (b - a) * start / (start - end)} if start * end < 0 else set()


def spans_at(edges, x):
    y = sorted(height(edge, x) for edge in edges if edge[0][0] < x < edge[1][0])
    return list(zip(y[::2], y[1::2], strict=True))


def slab_area(one, other):
    """Measure the common ground in rational numbers: slabs between all events (the witness)."""
    left, right = exact_edges(one), exact_edges(other)
    events = {point[0] for edge in (*left, *right) for point in edge}
    events = events.union(*(crossing(f, g) for f in left for g in right))
    total = Fraction(0)
    for west, east in pairwise(sorted(events)):
        x = (west + east) / 2
        common = sum(
            max(Fraction(0), min(p[1], q[1]) - max(p[0], q[0]))
            for p in spans_at(left, x)
            for q in spans_at(right, x)
        )
        total += common * (east - west)
    return float(total)


corner = st.tuples(st.integers(0, 6), st.integers(0, 6))  # few places: many coincidences


@st.composite
def lattice_polygon(draw):
    points = draw(st.lists(corner, min_size=3, max_size=9, unique=True))
    shape = shapely.Polygon(points)
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        assume(parts)
        shape = parts[0]
    assume(shape.area > 0)
    return shape


@settings(max_examples=80, deadline=None)
@given(one=lattice_polygon(), other=lattice_polygon())
def test_exact_arithmetic_on_shapes_full_of_coincidences(one, other):
    assert kernel_area(one, other) == pytest.approx(slab_area(one, other), abs=1e-13)


def star(rng, middle, radius, corners, *, hole=False):
    turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.3, 1.0, corners)
    unit = np.column_stack([np.cos(turn), np.sin(turn)])
    shell = shapely.Polygon(middle + reach[:, None] * unit)
    if hole:
        shell = shapely.difference(shell, shapely.Polygon(middle + 0.25 * radius * unit[::-1]))
    return shell


@pytest.mark.parametrize(
    ("place", "size"),
    [((0.0, 0.0), 1.0), ((562e3, 2428e3), 300.0), ((36_562_000.0, 2428e3), 300.0),
     ((36_562_000.0, 2428e3), 0.05), ((108.6, 21.9), 1e-3)],
)  # fmt: skip
def test_geos_on_random_shapes(place, size):
    rng = np.random.default_rng(17)
    shapes = [
        star(rng, rng.uniform(-1, 1, 2) * size, size, int(rng.integers(5, 60)), hole=i % 3 == 0)
        for i in range(40)
    ]
    shapes += [shapely.union(a, shapely.transform(b, lambda xy: xy + 5 * size))
               for a, b in zip(shapes[:8], shapes[8:16], strict=True)]  # fmt: skip
    moved = [shapely.transform(shape, lambda xy: xy + np.array(place)) for shape in shapes]
    moved = array(*[shape for shape in moved if shape.is_valid])
    assert len(moved) > 35
    found = common_areas(moved, moved)
    sums = np.zeros((len(moved), len(moved)))
    sums[found.left, found.right] = found.area
    i, j = np.indices(sums.shape)
    witness = shapely.area(shapely.intersection(moved[i.ravel()], moved[j.ravel()]))
    largest = shapely.area(moved).max()
    # GEOS rounds the corners it makes to the grid of the coordinates
    grid = np.abs(place).max() * 2**-52 * size * 40
    assert np.abs(sums.ravel() - witness).max() <= 1e-12 * largest + grid
    assert np.diag(sums) == pytest.approx(found.own, rel=1e-12)


def test_particular_neighbours():
    square = shapely.box(0, 0, 10, 10)
    ring = shapely.box(-5, -5, 15, 15).difference(square)
    assert kernel_area(square, square) == 100
    assert kernel_area(square, ring) == 0
    assert kernel_area(square, shapely.box(10, 0, 20, 10)) == 0
    assert kernel_area(square, shapely.box(10, 10, 20, 20)) == 0
    assert kernel_area(square, shapely.box(-100, -100, 100, 100)) == 100
    assert kernel_area(shapely.box(2, 2, 3, 3), square) == 1
    assert kernel_area(square, shapely.Polygon([(0, 0), (10, 10), (0, 10)])) == 50
    collinear = shapely.Polygon([(0, 5), (5, 5), (10, 5), (10, 10), (7, 10), (0, 10)])
    assert kernel_area(square, collinear) == 50


def test_a_zone_of_thousands_of_edges():
    rng = np.random.default_rng(3)
    zone = star(rng, np.array([5e5, 2.4e6]), 4000.0, 6000, hole=True)
    corners = np.add(rng.uniform(-4000, 3800, (200, 2)), [5e5, 2.4e6])
    parcels = array(*shapely.box(*corners.T, *(corners + rng.uniform(1, 200, (200, 2))).T))
    found = common_areas(parcels, array(zone))
    witness = shapely.area(shapely.intersection(parcels, zone))
    sums = np.bincount(found.left, found.area, minlength=len(parcels))
    assert sums == pytest.approx(witness, abs=1e-6)
    assert witness.max() > 1000


def test_large_shapes_on_both_sides():
    rng = np.random.default_rng(11)
    middles = np.add(rng.uniform(0, 3000, (12, 2)), [562e3, 2428e3])
    shapes = array(*(star(rng, middle, 2500.0, 900, hole=True) for middle in middles))
    found = common_areas(shapes, shapes)
    i, j = np.indices((12, 12))
    witness = shapely.area(shapely.intersection(shapes[i.ravel()], shapes[j.ravel()]))
    sums = np.zeros((12, 12))
    sums[found.left, found.right] = found.area
    assert sums.ravel() == pytest.approx(witness, rel=1e-12, abs=1e-5)
    assert found.own == pytest.approx(shapely.area(shapes), rel=1e-12)
    in_parts = common_areas(shapes[:5], shapes)
    some = found.left < 5
    assert all(np.array_equal(a[some], b) for a, b in zip(found[:3], in_parts[:3], strict=True))


def cells(seed, count, size):
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(np.add(rng.uniform(0, size, (count, 2)), [562e3, 2428e3]))
    square = shapely.box(562e3, 2428e3, 562e3 + size, 2428e3 + size)
    parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    return shapely.intersection(parts, square)


def test_a_coverage_covers_and_no_order_or_partition_matters():
    parcels, zones = cells(1, 300, 2000.0), cells(2, 40, 2000.0)
    found = common_areas(parcels, zones)
    covered = np.bincount(found.left, found.area)
    assert covered == pytest.approx(shapely.area(parcels), rel=1e-12)
    assert found.own == pytest.approx(shapely.area(parcels), rel=1e-12)
    expected = {(i, j): area for i, j, area in zip(*found[:3], strict=True)}
    turned = common_areas(parcels[::-1], zones[::-1])
    n, m = len(parcels) - 1, len(zones) - 1
    assert {(n - i, m - j): a for i, j, a in zip(*turned[:3], strict=True)} == expected
    some = common_areas(parcels[100:120], zones[5:])
    for i, j, area in zip(*some[:3], strict=True):
        assert expected[i + 100, j + 5] == area


def make_plain(monkeypatch):
    """Put the uncompiled function in place of every compiled one, in every module that names it."""
    modules = (_grid_kernel, _ground_kernel, _validity_kernel, kernel)
    names = set()
    for module in modules:
        for name, value in list(vars(module).items()):
            if hasattr(value, "py_func"):
                names.add(name)
                plain = value.py_func
                plain.signatures = value.signatures
                monkeypatch.setattr(module, name, plain)
    return names


def test_the_plain_python_twin(monkeypatch):
    parcels = cells(4, 12, 500.0)
    zones = array(
        star(np.random.default_rng(5), np.array([562_250, 2_428_250]), 250, 400, hole=True)
    )
    compiled = common_areas(parcels, zones)
    cut = common_areas(zones, parcels)
    assert make_plain(monkeypatch) >= {"ground_below_both", "sweep", "halve", "cut", "link"}
    for twin, was in (
        (common_areas(parcels, zones), compiled),
        (common_areas(zones, parcels), cut),
    ):
        assert np.array_equal(twin.left, was.left)
        assert np.array_equal(twin.right, was.right)
        assert twin.area == pytest.approx(was.area, abs=1e-9)
        assert twin.own == pytest.approx(was.own, rel=1e-13)
    shapes = np.concatenate([parcels, zones])
    assert are_valid(shapes, ground.rings(shapes)).all()


@settings(max_examples=200, deadline=None)
@given(
    rings=st.lists(st.lists(corner, min_size=3, max_size=8), min_size=1, max_size=3),
    parts=st.booleans(),
)
def test_valid_is_what_geos_calls_valid(rings, parts):
    """Rings on few places: spikes, bow ties, repeated corners, holes outside, nested or touching."""
    shape = shapely.Polygon(rings[0], rings[1:])
    if parts:
        shape = shapely.MultiPolygon([shapely.Polygon(ring) for ring in rings])
    shapes = array(shape, shapely.transform(shape, lambda xy: xy * 37.3 + [36_562_000, 2428e3]))
    assert are_valid(shapes, ground.rings(shapes)).tolist() == shapely.is_valid(shapes).tolist()


def test_plainly_valid_shapes_need_no_second_look():
    rng = np.random.default_rng(23)
    shapes = array(*(star(rng, rng.uniform(0, 1e4, 2), 100.0, 300, hole=True) for _ in range(20)))
    laid = ground.rings(shapes)
    plain = np.zeros(len(shapes), bool)
    _validity_kernel.plainly_valid(
        laid.points, laid.ring, laid.outer, laid.shape, 0, len(plain), plain
    )
    assert plain.sum() > 15
    assert shapely.is_valid(shapes[plain]).all()


def exact_area(shape, crs):
    """Measure with edges of at most 2 m in pyproj's own equal-area projection (the witness)."""
    plane = "+proj=cea +a=6378137 +rf=298.257222101 +units=m +type=crs"
    move = Transformer.from_crs(crs, plane, always_xy=True)
    dense = shapely.segmentize(shape, 2.0)
    return shapely.area(shapely.transform(dense, lambda xy: np.column_stack(move.transform(*xy.T))))


@pytest.mark.parametrize("crs", [4545, 4524, 4546])
def test_statutory_areas_of_the_pieces_geos_cuts(crs):
    size = 2000.0
    parcels = gpd.GeoDataFrame(geometry=cells(7, 25, size), crs=4545).to_crs(crs)
    zones = gpd.GeoDataFrame({"zone_code": [*"abcdefgh"]}, geometry=cells(8, 8, size), crs=4545)
    zones = zones.to_crs(crs)
    cross = tabulate(parcels, zones).set_index(["parcel_id", "zone_code"])
    pieces = overlay(parcels, zones).pieces
    assert len(cross) == len(pieces)
    for row in pieces.itertuples():
        found = cross.area_m2[row.parcel_id, row.zone_code]
        # the witness' edges are still chords: 2e-8 m of width at most
        assert found == pytest.approx(exact_area(row.geometry, crs), abs=1e-4)
        assert found == pytest.approx(row.area_m2, abs=0.01)  # settled to square decimetres
    if crs != 4546:  # moved to another meridian, edges that lay on one line no longer do
        assert cross.share.groupby(level=0).sum().to_numpy() == pytest.approx(1.0, abs=1e-10)


def test_the_bound_against_the_ruler():
    # up to 50 ha within 0.001 m² of edges split at 2 m, anywhere in a 3° zone and far beyond
    for east in (500e3, 560e3, 654e3, 800e3):
        for width, height in ((707, 707), (7070, 70), (100, 5000)):
            shape = shapely.affinity.rotate(
                shapely.box(east, 2.4e6, east + width, 2.4e6 + height), 30
            )
            parcels = gpd.GeoDataFrame(geometry=[shape], crs=4545)
            zones = gpd.GeoDataFrame({"zone_code": ["a"]}, geometry=[shape.buffer(9000)], crs=4545)
            (found,) = tabulate(parcels, zones).area_m2
            assert found == pytest.approx(exact_area(shape, 4545), abs=1e-3)
            assert found == pytest.approx(measure(parcels).area_m2[0], rel=1e-12)


@pytest.mark.parametrize("crs", [4490, 3857, 26986, 2249])
def test_other_planes(crs):
    west, south, size = {
        4490: (108.6, 21.9, 0.01), 3857: (12e6, 2.5e6, 1000.0),
        26986: (231e3, 9e5, 1000.0), 2249: (7.5e5, 2.95e6, 3000.0),
    }[crs]  # fmt: skip
    place = {"crs": crs}
    halves = [shapely.box(west, south, west + size / 3, south + size),
              shapely.box(west + size / 3, south, west + size, south + size)]  # fmt: skip
    parcels = gpd.GeoDataFrame(
        geometry=[shapely.box(west, south, west + size, south + size)], **place
    )
    zones = gpd.GeoDataFrame({"zone_code": ["a", "b"]}, geometry=halves, **place)
    cross = tabulate(parcels, zones)
    assert cross.area_m2.tolist() == pytest.approx(
        areas(zones.geometry.to_numpy(), zones, split_m=2.0), rel=1e-8
    )
    assert cross.share.sum() == pytest.approx(1.0, abs=1e-11)


def test_a_county():
    county = star(np.random.default_rng(9), np.array([6e5, 2.45e6]), 60e3, 300)
    parcels = gpd.GeoDataFrame(geometry=[county], crs=4545)
    halves = [shapely.box(4e5, 2e6, 6e5, 3e6), shapely.box(6e5, 2e6, 8e5, 3e6)]
    zones = gpd.GeoDataFrame({"zone_code": ["a", "b"]}, geometry=halves, crs=4545)
    cross = tabulate(parcels, zones)
    pieces = shapely.intersection(county, np.array(halves))
    assert cross.area_m2.tolist() == pytest.approx([exact_area(p, 4545) for p in pieces], rel=1e-9)
    assert cross.share.sum() == pytest.approx(1.0, abs=1e-12)


def test_touching_along_long_edges_is_no_overlap():
    # neighbours whose common straight edge is cut at other places on either side
    west = gpd.GeoDataFrame(
        geometry=[
            shapely.box(562e3, 2428e3 + i * 97, 562.1e3, 2428e3 + i * 97 + 97) for i in range(20)
        ],
        crs=4545,
    )
    east = gpd.GeoDataFrame(
        {"zone_code": ["a"]}, geometry=[shapely.box(562.1e3, 2427e3, 563e3, 2431e3)], crs=4545
    )
    assert tabulate(west, east).empty


def test_compiling_is_announced_once(monkeypatch, caplog, tmp_path):
    square = array(shapely.box(0, 0, 1, 1))
    common_areas(square, square)
    caplog.clear()
    common_areas(square, square)
    assert not caplog.records  # compiled in this process already

    def fresh(*arguments):
        return kernel_sweep(*arguments)

    kernel_sweep = kernel.sweep
    fresh.signatures, fresh.__module__, fresh.__qualname__ = [], kernel.__name__, "sweep"
    fresh.stats = SimpleNamespace(cache_path=str(tmp_path))
    monkeypatch.setattr(kernel, "sweep", fresh)
    common_areas(square, square)
    assert [record.hint[:4] for record in caplog.records] == ["首次使用"]
    caplog.clear()
    (tmp_path / "_overlap_kernel.sweep-1.py311.nbi").touch()
    common_areas(square, square)
    assert not caplog.records


def test_missing_and_empty_shapes():
    square = shapely.box(0, 0, 1, 1)
    shapes = array(None, square, shapely.Polygon(), square, shapely.MultiPolygon())
    found = common_areas(shapes, shapes)
    assert list(zip(found.left, found.right, strict=True)) == [(1, 1), (1, 3), (3, 1), (3, 3)]
    assert found.own.tolist() == [0, 1, 0, 1, 0]
    assert len(common_areas(shapes[:0], shapes).area) == 0
    assert len(common_areas(shapes, shapes[:1]).area) == 0

"""Barriers taken wider by arithmetic, beside GEOS.

Cases: crooked lines with and without width, rings and rings with holes, taken wider, cover what GEOS
gives within a millimetre and nothing more; lines that fold back, cross themselves, close or turn too
sharply and rings whose narrow ground or holes would close are left to GEOS, as is seen by their
outlines; long lines are cut without a crack, whatever the lengths of their edges; rows, ids and
classes keep to their barrier through parts, collections of kinds and disorder; a barrier far larger
than any pair, of which one window needs one stretch, cuts that pair and no other.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from landgis.analysis._walls import INNER_M, OUTER_M, walls
from landgis.analysis.clusters import cluster, connected

EAST, NORTH = 562000.0, 2428000.0
STEP_M = 1e-3  # GEOS may leave out corners that stand in by a hundredth of the distance


def to_plane(xy):
    return np.add(xy, [EAST, NORTH])


def town(*lots):
    shapes = shapely.transform(np.array(lots, dtype=object), to_plane)
    index = pd.Index([f"P{k:03d}" for k in range(len(lots))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(geometry=shapes, index=index, crs=4545)


def barriers_of(shapes, width=0.0, index=None, classes=None):
    moved = shapely.transform(np.array(shapes, dtype=object), to_plane)
    table = gpd.GeoDataFrame({"width_m": [width] * len(moved)}, geometry=moved, crs=4545)
    table.index = pd.Index(index or [f"R{k:03d}" for k in range(len(moved))], name="barrier_id")
    if classes:
        table["barrier_class"] = classes
    return table


def outlined(rings, row, wanted):
    """Union of the outlines of one barrier, drawn near the origin."""
    pieces = []
    for i in np.flatnonzero(row == wanted):
        edges = rings.edges[rings.start[i] : rings.start[i + 1]] - [EAST, NORTH, EAST, NORTH]
        box = rings.boxes[i] - [EAST, NORTH, EAST, NORTH]
        assert box[:2] == pytest.approx(edges[:, :2].min(axis=0))
        assert box[2:] == pytest.approx(edges[:, :2].max(axis=0))
        loops, begin = [], 0
        while begin < len(edges):
            after = begin + 1
            while not (edges[after - 1, 2:] == edges[begin, :2]).all():
                after += 1
            loops.append(shapely.linearrings(edges[begin:after, :2]))
            begin = after
        turns = shapely.is_ccw(loops)
        solid = shapely.union_all([shapely.polygons(ring) for ring in np.array(loops)[turns]])
        holes = shapely.union_all([shapely.polygons(ring) for ring in np.array(loops)[~turns]])
        pieces.append(shapely.difference(solid, holes))
    return shapely.union_all(pieces)


def by_geos(shape, width, by):
    shapes = [shape]
    if width > 0.0 and shapely.get_dimensions(shape) == 1:  # the line too, see the hook below
        shapes += [shapely.buffer(shape, width / 2, cap_style="flat", join_style="mitre")]
    parts = shapely.get_parts(shapes)
    return shapely.union_all(shapely.buffer(parts, by, cap_style="square", join_style="mitre"))


def agree(shape, width=0.0, more=STEP_M):
    """Both outlines of a barrier are those of GEOS, within a millimetre, or reach that far beyond."""
    made = walls(barriers_of([shape], width), town(shapely.box(0, 0, 9, 9)))
    assert (made.row == 0).all()
    for rings, by in ((made.outer, OUTER_M), (made.inner, INNER_M)):
        own, witness = outlined(rings, made.row, 0), by_geos(shape, width, by)
        assert shapely.buffer(own, STEP_M, join_style="mitre").covers(witness)
        assert shapely.buffer(witness, more, join_style="mitre").covers(own)
    return made


whole = st.integers(0, 60)
corners = st.lists(st.tuples(whole, whole), min_size=2, max_size=9, unique=True)


@settings(deadline=None, max_examples=150)
@given(points=corners, width=st.sampled_from([0.0, 0.0, 0.4, 3.0, 9.0]), closed=st.booleans())
def test_lines_are_as_wide_as_geos_makes_them(points, width, closed):
    if closed and len(points) > 2:
        points = [*points, points[0]]
    agree(shapely.LineString(points), width)


@settings(deadline=None, max_examples=150)
@given(points=st.lists(st.tuples(whole, whole), min_size=3, max_size=9, unique=True), hole=whole)
def test_rings_are_as_wide_as_geos_makes_them(points, hole):
    shape = shapely.Polygon(points)
    assume(shape.is_valid and shape.area > 1)
    court = shapely.box(hole, hole, hole + 0.19, hole + 7)  # closes when taken wider
    agree(shape)
    for cut in (court, shapely.box(hole, hole, hole + 3, hole + 7)):
        left = shapely.get_parts(shape.difference(cut))
        if left[0].area > 0.1:
            agree(left[0])


def test_corners_are_kept_sharp():
    # a turn by 90° at (30, 0), 2 m wide: by hand the outer corner lies 1.1 m beyond on either side
    made = agree(shapely.LineString([(0, 0), (30, 0), (30, 20)]), 2.0)
    points = made.outer.edges[:, :2] - [EAST, NORTH]
    for corner in [(31.1, -1.1), (28.9, 1.1), (-0.1, 1.1), (-0.1, -1.1), (31.1, 20.1)]:
        assert np.abs(points - corner).max(axis=1).min() < 1e-8
    assert len(points) == 6
    assert len(made.corners) == 5  # all but the one that turns right


@settings(deadline=None, max_examples=40)
@given(
    turns=st.lists(st.sampled_from([-0.12, -0.03, 0.0, 0.03, 0.1]), min_size=40, max_size=260),
    length=st.sampled_from([0.2, 0.6, 3.0, 25.0, 900.0]),
    width=st.sampled_from([0.0, 0.3]),  # GEOS leaves holes in roads wider than their bends
)
def test_long_lines_are_cut_without_a_crack(turns, length, width):
    angle = np.cumsum(turns)
    step = np.column_stack([np.cos(angle), np.sin(angle)]) * length
    line = shapely.LineString(np.vstack([[0.0, 0.0], np.cumsum(step, axis=0)]))
    assume(line.is_simple)
    # edges too short to be cut in the middle are left to GEOS, whose pieces end in sharp corners
    own = agree(line, width, more=STEP_M if length > 0.5 else OUTER_M)
    if length >= 25.0 and width == 0.0:
        assert len(own.row) > 1
    whole_line = outlined(own.outer, own.row, 0)
    # no pair of points of the line can see through: all of it lies inside, as one
    assert whole_line.covers(line)
    assert whole_line.geom_type == "Polygon"


def test_a_road_wider_than_its_bend_holds_its_own_line():
    line = shapely.LineString([(0, 0), (20, 0), (20.3, 0.5), (20, 1), (19.5, 1)])
    strip = shapely.buffer(line, 3.0, cap_style="flat", join_style="mitre")
    assert not shapely.buffer(strip, OUTER_M).covers(line)  # GEOS leaves a part of the hook out
    made = walls(barriers_of([line], 6.0), town(shapely.box(0, 0, 9, 9)))
    assert (made.row == 0).all()
    assert outlined(made.inner, made.row, 0).covers(line)


def test_rows_ids_and_classes_keep_to_their_barrier():
    shapes = [
        shapely.MultiLineString([[(0, 100), (5, 100)], [(0, 110), (9, 110), (0, 111), (9, 112)]]),
        shapely.box(0, 200, 2000, 203),
        shapely.LineString([(0, 300), (9, 300), (9, 309), (0, 300)]),
        shapely.MultiPolygon([shapely.box(0, 400, 5, 405), shapely.box(9, 400, 15, 405)]),
        shapely.LineString([(0, 500), (5000, 500)]),
        shapely.Polygon([(0, 600), (9, 609), (9, 600), (0, 609)]),  # a bow tie
    ]
    ids = ["F", "B", "E", "A", "D", "C"]
    table = barriers_of(shapes, 1.0, ids, [name.lower() for name in ids])
    made = walls(table, town(shapely.box(0, 0, 9, 9)))
    assert made.ids.tolist() == sorted(ids)
    assert made.classes.tolist() == sorted(name.lower() for name in ids)
    assert (np.diff(made.row) >= 0).all()
    assert set(made.row) == set(range(6))
    for place, name in enumerate(sorted(ids)):
        at = 100.0 * (1 + ids.index(name))
        south = made.outer.boxes[made.row == place, 1] - NORTH
        assert (np.abs(south - at) < 15.0).all(), name


def test_of_a_huge_barrier_one_window_needs_one_stretch():
    # pairs of lots 6 m apart every 700 m along a road of 20 km with one gap; one edge, 29 vertices
    pairs = range(0, 20_000, 700)
    lots = [shapely.box(x, y, x + 20, y + 30) for x in pairs for y in (3, -33)]
    parcels = town(*lots)
    dense = shapely.segmentize(shapely.LineString([(-900, 0), (6990, 0)]), 4.0)
    roads = [dense, shapely.LineString([(7030, 0), (20_900, 0)])]
    cut = cluster(parcels, gap_m=10, barriers=barriers_of(roads)).edges
    assert len(cut) == len(pairs)
    assert cut["joins"].tolist() == [x == 7000 for x in pairs]
    names = ["" if x == 7000 else f"R{int(x > 7000):03d}" for x in pairs]
    assert cut["barrier"].fillna("").tolist() == names
    assert connected(parcels, gap_m=10, barriers=barriers_of(roads)).nunique() == 2 * len(pairs) - 1
    gates = [shapely.box(x - 1, -3.5, x + 21, 3.5) for x in (2100, 9100)]
    land = shapely.Point(10_000, 0).buffer(30_000)
    frame = land.difference(shapely.union_all([*lots, *gates]))
    edges = cluster(parcels, gap_m=10, barriers=barriers_of([frame])).edges
    assert edges["joins"].tolist() == [x in (2100, 9100) for x in pairs]

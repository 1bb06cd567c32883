"""Which pairs a piece of a barrier parts: the quick "no" before the search for a free segment.

Cases: by hand, a wall across the reach of two lots parts them; one that ends within reach, a wall
beside them, one bank too few (an opening), a wall nearer than rounding do not prove it; a road that
covers the front edges of both lots parts them, and a lot all covered is parted from any other; on
random lots and walls GEOS finds no free segment between parted lots, boundary points by boundary
points, and the wall is found to part boxes that it crosses from side to side; lots in contact beside
a wall are reached at 0 and those in contact only under it are not; past the
end of a wall the length is as Pythagoras has it; a lot within another is joined to it.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from landgis.analysis._contact import rings
from landgis.analysis._parted import NONE, parting_piece, sketch_for, within_reach
from landgis.analysis.clusters import cluster, connected

SEAL_M = 0.1  # barriers count that much wider on every side
EAST, NORTH = 562000.0, 2428000.0


def is_parted(a, b, wall, reach):
    laid, walls = rings(np.array([a, b])), rings(np.array([wall]))
    first, second = laid.edges[: laid.start[1]], laid.edges[laid.start[1] :]
    sketch = sketch_for(100)
    parts = within_reach(first, second, laid.boxes[1], reach, sketch)
    nearest = shapely.get_coordinates(shapely.shortest_line(a, b)).ravel()
    return parting_piece(walls, np.array([0]), parts, nearest, NONE, sketch) != NONE


WEST, FAR = shapely.box(0, 0, 10, 10), shapely.box(16, 0, 26, 10)


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        (shapely.box(12, -30, 14, 40), True),
        (shapely.Polygon([(12, -30), (15, 5.3), (12, 40), (11, 40), (14, 5.3), (11, -30)]), True),
        (shapely.box(12, 2, 14, 8), False),  # a way past either end
        (shapely.box(12, -30, 14, 8), False),  # a way past the northern end
        (shapely.box(30, -30, 32, 40), False),  # behind the second
        (shapely.box(9.9, -30, 16.1, 40), True),  # covers both fronts
        (shapely.box(15, -30, 40, 40), True),  # covers the second
        (shapely.box(9, -30, 10, 40), False),  # its bank is the front itself: rounding decides
        (shapely.box(12, -30, 14, 40).difference(shapely.box(11, 4, 15, 6)).geoms[0], False),
    ],
)
def test_walls_between_two_lots(wall, expected):
    assert is_parted(WEST, FAR, wall, 8.0) == expected
    assert is_parted(FAR, WEST, wall, 8.0) == expected


coordinate = st.integers(0, 30)


@st.composite
def shapes(draw):
    points = draw(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=6, unique=True))
    kind = draw(st.sampled_from(["hull", "box", "L"]))
    x, y = points[0]
    box = shapely.box(x, y, x + points[1][0] / 2 + 1, y + points[1][1] / 2 + 1)
    if kind == "L":
        middle = box.centroid
        return box.difference(shapely.box(middle.x, middle.y, 99, 99))
    return box if kind == "box" else shapely.convex_hull(shapely.multipoints(points))


@st.composite
def strips(draw):
    points = draw(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=4, unique=True))
    width = draw(st.sampled_from([0.3, 1.0, 3.0]))
    line = shapely.transform(shapely.LineString(points), lambda xy: xy * 2.03 - 14.61)
    return shapely.buffer(line, width, cap_style="flat", join_style="mitre")


@settings(deadline=None, max_examples=300)
@given(a=shapes(), b=shapes(), wall=strips(), reach=st.sampled_from([3.0, 8.0, 20.0]))
def test_no_segment_between_parted_lots_is_free(a, b, wall, reach):
    assume(a.geom_type == b.geom_type == wall.geom_type == "Polygon")
    assume(0.01 < shapely.distance(a, b) <= reach)
    if not is_parted(a, b, wall, reach):
        # then the wall does not cross the box of both from side to side, clear of them
        box = shapely.box(*shapely.total_bounds([a, b]))
        sides = shapely.get_parts(shapely.difference(box, wall))
        clear = min(shapely.distance(a, wall), shapely.distance(b, wall)) > 0.01
        holding = [shapely.intersects(sides, lot) for lot in (a, b)]
        convex = len(shapely.get_coordinates(wall)) == 5
        assert not (clear and convex and not (holding[0] & holding[1]).any())
        return
    first, second = (
        shapely.get_coordinates(shapely.segmentize(lot.exterior, 0.7)) for lot in (a, b)
    )
    i, j = (index.ravel() for index in np.indices((len(first), len(second))))
    near = np.hypot(*(first[i] - second[j]).T) <= reach
    lines = shapely.linestrings(np.stack([first[i[near]], second[j[near]]], axis=1))
    shapely.prepare(wall)
    assert shapely.intersects(wall, lines).all()


def to_plane(xy):
    return np.add(xy, [EAST, NORTH])


def reach_m(lots, wall, gap):
    parcels = gpd.GeoDataFrame(
        geometry=shapely.transform(np.array(lots), to_plane),
        index=pd.Index(["A", "B"], name="parcel_id"),
        crs=4545,
    )
    moved = shapely.transform(wall, to_plane)
    barriers = gpd.GeoDataFrame(
        geometry=[moved], index=pd.Index(["R"], name="barrier_id"), crs=4545
    )
    return cluster(parcels, gap_m=gap, barriers=barriers).edges["reach_m"].to_numpy()


def test_lots_in_contact_beside_a_wall_and_only_under_it():
    beside = shapely.box(10, 0, 20, 10)
    assert reach_m([WEST, beside], shapely.box(9, -1, 11, 5), 2.0) == pytest.approx([0.0], abs=0)
    assert np.isnan(reach_m([WEST, beside], shapely.box(8, -5, 12, 15), 2.0)).all()


def test_past_the_end_of_a_wall():
    # 6 m lie between the lots; a wall that rises 2 m above both cuts all, a lower one nothing above
    assert np.isnan(reach_m([WEST, FAR], shapely.box(13, -30, 14, 12), 30.0)).all()
    assert reach_m([WEST, FAR], shapely.box(13, -30, 14, 7), 30.0) == pytest.approx([6.0])
    # from (10, 10) past (14.1, 8.0), the corner of the wall taken wider, down 2 m on 4.1 m: 3 m
    # down, on the upper edge of a lower lot, that is 6.15 m on
    low, wall = shapely.box(16, 0, 26, 7), shapely.box(13, -30, 14, 8 - SEAL_M)
    assert reach_m([WEST, low], wall, 30.0) == pytest.approx([np.hypot(6.15, 3.0)], abs=1e-6)


def test_a_lot_within_another_is_joined_whatever_stands_between_their_edges():
    # the wall leaves the lot's edges on one side and the only edge near it on the other, but all of
    # the lot is ground of both; beside the large lot it is parted from it
    large, wall = shapely.box(0, 0, 100, 100), shapely.box(1, -50, 2, 150)
    for lot, parts in ((shapely.box(3, 40, 13, 50), 1), (shapely.box(-20, 40, -1, 50), 2)):
        moved = wall if parts == 1 else shapely.transform(wall, lambda xy: xy - [1.9, 0])
        parcels = gpd.GeoDataFrame(
            geometry=shapely.transform(np.array([large, lot]), to_plane),
            index=pd.Index(["A", "B"], name="parcel_id"),
            crs=4545,
        )
        barriers = gpd.GeoDataFrame(
            geometry=[shapely.transform(moved, to_plane)],
            index=pd.Index(["R"], name="barrier_id"),
            crs=4545,
        )
        options = {"gap_m": 5.0, "barriers": barriers}
        assert connected(parcels, **options).nunique() == parts
        assert len(cluster(parcels, **options).clusters) == parts

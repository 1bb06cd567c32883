"""Outlines of clusters.

Cases: a lane within the gap is filled, a wider one is not, square to the axes or turned, with the
eastings of a numbered zone; lots whose closing crosses itself, on which GEOS refuses a union, are
drawn all the same; a block without lanes has the corners of its lots and no others;
members that overlap, lie within one another, occur twice or lack one another's corners are all
held and their area is counted once; groups come back in their order; one member is left as it is.
Areas and distances are arithmetic.
"""

import numpy as np
import pytest
import shapely
from shapely import box

from landgis.analysis._outlines import POLYGONS, outlines, united

EAST, NORTH = 36_562_000.0, 2_428_000.0


def group(*shapes, turn=0.0):
    placed = [
        shapely.affinity.translate(shapely.affinity.rotate(s, turn, origin=(0, 0)), EAST, NORTH)
        for s in shapes
    ]
    return np.array(placed, dtype=object)


def one(members, gap_m):
    (shape,) = outlines([members], gap_m)
    assert shape.is_valid
    assert max(member.difference(shape).area for member in members) < 1e-6
    farthest = shapely.distance(shapely.points(shapely.get_coordinates(shape)), united(members))
    assert farthest.max() <= gap_m
    return shape


@pytest.mark.parametrize("turn", [0.0, 33.0, 71.3])
@pytest.mark.parametrize(("lane_m", "filled"), [(3.0, True), (9.9, True), (10.1, False)])
def test_a_lane_is_filled_up_to_the_gap(turn, lane_m, filled):
    members = group(box(0, 0, 20, 40), box(20 + lane_m, 0, 50 + lane_m, 40), turn=turn)
    shape = one(members, 10.0)
    assert shapely.get_num_geometries(shape) == (1 if filled else 2)
    assert shape.area == pytest.approx(40 * 50 + filled * 40 * lane_m, abs=2e-3)
    assert shapely.get_num_interior_rings(shape) == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            [(-9, -6), (-19, -8), (-5, 1), (-2, 11), (3, 2)],
            [(3, 14), (-15, 13), (-25, 18), (-17, 20), (-4, 28)],
        ),
        (
            [(0, -30), (-8, -42), (-14, -32), (-29, -19), (8, -24)],
            [(5, -3), (0, -12), (-2, -5), (-17, -1), (-16, 8)],
        ),
    ],
)
def test_a_closing_that_crosses_itself(first, second):
    members = np.array([shapely.Polygon(first), shapely.Polygon(second)])
    together = shapely.union_all(members)
    sides = {"join_style": "mitre", "mitre_limit": 2.0}
    assert not together.buffer(5, **sides).buffer(-5 - 1e-6, **sides).is_valid
    (shape,) = outlines([members], 10.0)
    assert shape.is_valid
    assert max(member.difference(shape).area for member in members) < 1e-6
    farthest = shapely.distance(shapely.points(shapely.get_coordinates(shape)), together)
    assert farthest.max() <= 10.0


@pytest.mark.parametrize("turn", [0.0, 33.0, 71.3])
def test_a_block_without_lanes_keeps_the_corners_of_its_lots(turn):
    members = group(*[box(x, y, x + 25, y + 40) for x in (0, 25, 50) for y in (0, 40)], turn=turn)
    shape = one(members, 10.0)
    corners = {tuple(corner) for corner in shapely.get_coordinates(members).tolist()}
    assert {tuple(corner) for corner in shapely.get_coordinates(shape).tolist()} <= corners
    assert shapely.get_num_coordinates(shape) <= 4 + 2 + 4 + 1  # corners, lots' ends, closing
    assert shape.area == pytest.approx(75 * 80, abs=1e-3)


@pytest.mark.parametrize("turn", [0.0, 33.0])
@pytest.mark.parametrize(
    ("shapes", "area"),
    [
        ([box(0, 0, 20, 20), box(10, 10, 30, 30)], 700),
        ([box(0, 0, 20, 20), box(5, 5, 10, 10)], 400),
        ([box(0, 0, 20, 20), box(0, 0, 20, 20)], 400),
        ([box(0, 0, 20, 20), box(0, 0, 20, 20), box(20, 0, 40, 20)], 800),
        ([box(0, 0, 40, 20), box(0, 20, 13, 40), box(13, 20, 40, 40)], 1600),
        ([box(0, 0, 40, 20), box(0, 20, 40, 40), box(0, 39, 40, 50)], 2000),
    ],
)
def test_members_at_odds_are_united(shapes, area, turn):
    members = group(*shapes, turn=turn)
    together = united(members)
    assert together.is_valid
    assert together.area == pytest.approx(area, abs=1e-3)
    one(members, 10.0)


def test_most_agree_and_some_do_not():
    lots = [box(10 * x, 10 * y, 10 * x + 10, 10 * y + 10) for x in range(12) for y in range(12)]
    members = group(*lots, box(55, 115, 65, 125), box(0, 120, 120, 130), turn=20)
    assert united(members).area == pytest.approx(120 * 130, abs=1e-3)
    assert shapely.get_num_geometries(united(members)) == 1


def test_groups_come_back_in_their_order():
    groups = [
        group(box(0, 100 * k, 10 + k, 100 * k + 10), box(12 + k, 100 * k, 20 + k, 100 * k + 10))
        if k % 3
        else group(box(0, 100 * k, 10 + k, 100 * k + 10))
        for k in range(POLYGONS + 1)
    ]
    drawn = outlines(groups, 5.0)
    assert len(drawn) == len(groups)
    for k, (shape, members) in enumerate(zip(drawn, groups, strict=True)):
        assert shape.area == pytest.approx(10 * (20 + k) if k % 3 else 10 * (10 + k), abs=1e-3)
        assert shape.covers(shapely.centroid(members[0]))
    assert drawn[0] is groups[0][0]
    assert len(outlines([], 5.0)) == 0

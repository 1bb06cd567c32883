"""What the engine must survive, and how exactly its parts must fit.

Cases: coordinates that are no numbers; a hole without points, as parcel and as zone; a zone as
large as a continent; a parcel off the earth beside sound ones; figures of a row alone and among
others, bit for bit; pieces of one parcel with equal corners along their common edges.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import landgis
from benchmarks.made_up import make_world, plane, tables

ROOT = Path(__file__).parent.parent
SQUARE = shapely.box(0, 0, 10, 10)
WITH_EMPTY_HOLE = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), EMPTY)"
NEEDLES = 9  # a world of thin islands
X, Y = 562_000.0, 2_428_000.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_measure_survives_coordinates_that_are_no_numbers(bad):
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon([(0, 0), (bad, 0), (5, 5)])
    parcels, _ = tables(np.array([SQUARE, broken, SQUARE]), np.array([SQUARE]), plane())
    measured = landgis.measure(parcels).area_m2
    assert measured.iloc[[0, 2]].tolist() == pytest.approx([100.0, 100.0], abs=1e-6)
    assert np.isnan(measured.iloc[1])


def test_a_hole_without_points_is_no_hole():
    # run apart, because a crash of GEOS takes the whole process along
    probe = f"""
import numpy, shapely, landgis
from benchmarks.made_up import plane, tables
shape = shapely.from_wkt({WITH_EMPTY_HOLE!r})
square, east = shapely.box(0, 0, 10, 10), shapely.box(5, 0, 20, 10)
for one, other in ((shape, east), (east, shape), (shape, shape), (square, shape)):
    sides = tables(numpy.array([one, square]), numpy.array([other]), plane())
    common = one.intersection(other).area
    assert abs(landgis.measure(sides[0])["area_m2"].iloc[0] - one.area) < 1e-6
    cross = landgis.tabulate(*sides, by="zone_id")
    assert abs(cross["area_m2"].iloc[0] - common) < 1e-6
    overlaid = landgis.overlay(*sides)
    assert overlaid.pieces["area_m2"].iloc[0] == common
    assert len(overlaid.account) == 2
"""
    subprocess.run([sys.executable, "-c", probe], check=True, timeout=300, cwd=ROOT)


@pytest.mark.parametrize("reach", [1e6, 1e7, 1e9])
def test_a_zone_as_large_as_a_continent(reach):
    # run apart, because it may never end or take all memory
    probe = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
import geopandas, landgis, shapely
x, y, reach = {X}, {Y}, {reach}
parcels = geopandas.GeoDataFrame(geometry=[shapely.box(x, y, x + 100, y + 100)], crs=4545)
zones = geopandas.GeoDataFrame(
    {{"zone_code": ["a"]}}, geometry=[shapely.box(x - reach, y - reach, x + reach, y + reach)],
    crs=4545,
)
cross = landgis.tabulate(parcels, zones)
assert abs(cross["share"].iloc[0] - 1) < 1e-9, cross
assert landgis.overlay(parcels, zones).account["outside_dm2"].iloc[0] == 0
"""
    subprocess.run([sys.executable, "-c", probe], check=True, timeout=300, cwd=ROOT)


@pytest.mark.parametrize(
    "lost",
    [
        f"shapely.box({X + 36e6}, {Y}, {X + 36e6 + 10}, {Y + 10})",  # a zone prefix too many
        "shapely.box(-1e9, -1e9, 1e9, 1e9)",
        "shapely.box(-1e300, -1e300, 1e300, 1e300)",
    ],
)
def test_a_parcel_off_the_earth_is_a_finding(lost):
    # beside sound parcels it is trouble in the data; where all lie off, the call is wrong
    probe = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
import geopandas, landgis, shapely
near, lost = shapely.box({X}, {Y}, {X + 10}, {Y + 10}), {lost}
parcels = geopandas.GeoDataFrame(geometry=[near, lost], crs=4545, index=["P1", "P2"])
zones = geopandas.GeoDataFrame({{"zone_code": ["a"]}}, geometry=[near], crs=4545, index=["Z1"])
assert abs(landgis.measure(parcels)["area_m2"]["P1"] - 99.99) < 0.01
overlaid = landgis.overlay(parcels, zones)
assert overlaid.account["parcel_id"].tolist() == ["P1"]
assert overlaid.findings["parcel_id"].tolist() == ["P2"]
assert landgis.tabulate(parcels, zones)["parcel_id"].tolist() == ["P1"]
"""
    subprocess.run([sys.executable, "-c", probe], check=True, timeout=300, cwd=ROOT)


def test_a_row_alone_gives_the_figures_it_gives_among_others():
    random = np.random.default_rng(1)
    corner = np.add(random.uniform(0, 3000, (6, 2)), [X, Y])
    shapes = shapely.box(*corner.T, *(corner + random.uniform(500, 3000, (6, 2))).T)
    moved = shapely.transform(shapes, lambda points: np.add(points, [300.0, 200.0]))
    parcels, zones = tables(shapes, moved, "EPSG:4545")

    def figures(some, others):
        cross = landgis.tabulate(some, others, by="zone_id")
        return cross.set_index(["parcel_id", "zone_id"]).sort_index()

    whole = figures(parcels, zones)
    by_parcel = pd.concat([figures(parcels.iloc[[k]], zones) for k in range(6)])
    by_zone = pd.concat([figures(parcels, zones.iloc[[k]]) for k in range(6)])
    for parts in (by_parcel, by_zone):
        pd.testing.assert_frame_equal(parts.sort_index(), whole, check_exact=True)


@pytest.mark.parametrize("number", [0, 1, 2, 9, 15])
def test_pieces_of_a_parcel_have_equal_corners_along_their_edges(number):
    # where zones do not overlap, pieces and outside ground are a coverage
    world = make_world(number, 0.1)
    overlaid = landgis.overlay(world.parcels, world.zones, overlaps="twice")
    parts = pd.concat([overlaid.pieces, overlaid.outside])
    cut = landgis.tabulate(world.parcels, world.zones, by="zone_id")
    outside = overlaid.outside.set_index("parcel_id").geometry.area
    filled = cut.groupby("parcel_id").area_m2.sum().add(outside, fill_value=0.0)
    plain = filled.index[(filled - world.parcels.area.reindex(filled.index)).abs() < 1e-7]
    unfit = [
        name
        for name, group in parts[parts.parcel_id.isin(plain)].groupby("parcel_id").geometry
        if not shapely.coverage_is_valid(group.to_numpy())
    ]
    assert len(plain) > 10
    # tips narrower than the last digit of their coordinates have no two sides to share
    assert len(unfit) <= (len(plain) // 50 if number == NEEDLES else 0)


def test_zones_that_touch_themselves_in_points_give_valid_pieces():
    # holes that touch their shell in a corner: a piece there falls into parts
    world = make_world(NEEDLES, 0.3)
    overlaid = landgis.overlay(world.parcels, world.zones, overlaps="twice")
    assert len(overlaid.pieces) > 1000
    assert overlaid.pieces.is_valid.all()
    assert overlaid.outside.is_valid.all()

"""How large, by the statute?

Cases: the test vectors (closed form, GeographicLib and the official rounding, computed outside
landgis); zone prefix; degrees; hole; a spherical and a foreign ellipsoid; null geometry; additive
under cuts; bad arguments; input untouched.
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landgis.analysis.area import measure
from landgis.model.errors import CrsError, UsageError

V1 = shapely.box(562000, 2428000, 562100, 2428100)
V2 = shapely.Polygon(
    [
        (561020.1234, 2404112.3456),
        (561245.6780, 2404398.7650),
        (561602.2220, 2404301.1110),
        (561588.8880, 2403950.5550),
        (561180.4440, 2403871.9990),
    ]
)
V3 = shapely.Polygon(
    shapely.box(570000, 2430000, 570500, 2430400).exterior,
    [shapely.box(570150, 2430150, 570250, 2430230).exterior],
)
V5 = shapely.box(371000, 2467600, 371300, 2467900)

# planar of V2 by decimal arithmetic: 218225.429092
# geometry, EPSG, planar, official rounded, official unsplit, exact, geodesic
VECTORS = [
    (V1, 4545, 10000.0, 9999.0497, 9999.0490, 9999.0490, 9999.0490),
    (V2, 4545, 218225.4291, 218205.1033, 218205.1002, 218205.1505, 218205.1521),
    (V3, 4545, 192000.0, 191976.5929, 191976.5953, 191976.5954, 191976.5954),
    (V5, 4546, 90000.0, 89963.1003, 89963.1036, 89963.1036, 89963.1036),
]
PRINTED = 6e-5  # half a unit of the witness's last decimal, and float noise


def area(polygon, epsg, **options):
    table = gpd.GeoDataFrame(geometry=[polygon], crs=epsg)
    return float(measure(table, **options)["area_m2"].iloc[0])


@pytest.mark.parametrize("vector", VECTORS)
def test_vectors(vector):
    polygon, epsg, planar, _, unsplit, exact, geodesic = vector
    assert area(polygon, epsg, method="planar") == pytest.approx(planar, abs=PRINTED)
    assert area(polygon, epsg, split_m=1e9) == pytest.approx(unsplit, abs=PRINTED)
    assert area(polygon, epsg, split_m=5) == pytest.approx(exact, abs=PRINTED + 1e-4)
    assert area(polygon, epsg, method="geodesic") == pytest.approx(geodesic, abs=PRINTED + 1e-4)


@pytest.mark.parametrize("vector", VECTORS)
def test_bit_rules(vector):
    polygon, epsg, _, rounded, *_ = vector
    # the rule prints two decimals; the witness prints four
    assert area(polygon, epsg, method="tdt1055") == pytest.approx(rounded, abs=0.005 + 1e-4)


def test_default_splits_at_70_m():
    assert area(V2, 4545) == pytest.approx(218205.1511, abs=PRINTED)


def test_zone_prefix_changes_nothing():
    prefixed = shapely.transform(V2, lambda xy: np.add(xy, [36_000_000, 0]))
    assert area(prefixed, 4524) == pytest.approx(area(V2, 4545), abs=1e-4)


def test_degrees_of_a_sheet():
    # 1:10000 sheet, theoretical area from the official series
    sheet = shapely.box(108.5, 21 + 57.5 / 60, 108.5 + 3.75 / 60, 22)
    assert area(sheet, 4490) == pytest.approx(29_780_953.32, abs=0.005)
    xian = area(sheet, 4610)
    assert xian == pytest.approx(29_780_981.23, abs=0.005)


def test_other_ellipsoids_are_their_own():
    cell = shapely.box(0, 0, 1, 1)
    sphere = "+proj=longlat +R=6371000 +type=crs"
    expected = 6371000.0**2 * np.radians(1) * np.sin(np.radians(1))
    assert area(cell, sphere) == pytest.approx(expected, rel=1e-12)


def test_unknown_geometry_has_unknown_area_and_input_is_untouched():
    table = gpd.GeoDataFrame({"note": ["a", "b"]}, geometry=[V1, None], crs=4545, index=["p", "q"])
    before = table.copy()
    measured = measure(table)
    assert np.isnan(measured.loc["q", "area_m2"])
    assert list(measured.index) == ["p", "q"]
    assert list(measured["note"]) == ["a", "b"]
    assert "area_m2" not in table.columns
    assert table.geometry.geom_equals(before.geometry).tolist() == [True, False]


def test_broken_rings_are_summed_and_never_stop():
    """What a ring encloses by the trapezoid rule: nothing, two lobes that cancel, a part twice."""
    point = shapely.Polygon([(562000, 2428000)] * 4)
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    twice = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 10)])
    moved = [
        shapely.transform(shape, lambda xy: np.add(xy, (562000, 2428000))) for shape in (bow, twice)
    ]
    table = gpd.GeoDataFrame(geometry=[point, *moved, shapely.Polygon()], crs=4545)
    assert measure(table)["area_m2"].tolist() == pytest.approx([0, 0, 199.981, 0], abs=1e-3)


def test_holes_and_parts_add_up():
    ring = shapely.box(562000, 2428000, 562100, 2428100).difference(
        shapely.box(562025, 2428025, 562075, 2428075)
    )
    far = shapely.box(562200, 2428000, 562300, 2428100)
    whole = area(shapely.MultiPolygon([ring, far]), 4545)
    assert whole == pytest.approx(area(ring, 4545) + area(far, 4545), abs=1e-9)
    assert area(ring, 4545) == pytest.approx(0.75 * 9999.049, abs=2e-3)


def test_bad_calls():
    with pytest.raises(CrsError, match="crs_missing"):
        area(V1, None)
    with pytest.raises(CrsError, match="crs_degrees"):
        area(shapely.box(108, 21, 109, 22), 4490, method="planar")
    with pytest.raises(UsageError, match="unknown_method"):
        area(V1, 4545, method="eyeball")
    with pytest.raises(UsageError, match="bad_split"):
        area(V1, 4545, split_m=0)


@given(cut=st.floats(0.01, 0.99), width=st.floats(1, 900), height=st.floats(1, 900))
def test_additive_under_a_meridional_cut(cut, width, height):
    whole = shapely.box(108.6, 21.9, 108.6 + width * 1e-5, 21.9 + height * 1e-5)
    middle = 108.6 + cut * width * 1e-5
    west, south, east, north = whole.bounds
    pieces = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    total = area(whole, 4490)
    assert sum(area(piece, 4490) for piece in pieces) == pytest.approx(total, rel=1e-9, abs=1e-6)

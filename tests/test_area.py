"""How large, by the statute?

Cases: holes and parts; a sphere; null and empty geometry; broken rings; bad arguments; input
untouched. Figures against outside witnesses: test_area_witnesses.py.
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landgis.analysis.area import measure
from landgis.model.errors import CrsError, UsageError

V1 = shapely.box(562000, 2428000, 562100, 2428100)


def area(polygon, epsg, **options):
    table = gpd.GeoDataFrame(geometry=[polygon], crs=epsg)
    return float(measure(table, **options)["area_m2"].iloc[0])


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


def test_across_the_180th_meridian():
    """The same square, one zone's width from its central meridian, on either side of 180°."""
    square = shapely.box(829_000, 100_000, 831_000, 102_000)  # 180° is near easting 834 000
    across = shapely.transform(square, lambda xy: np.add(xy, [4_000, 0]))
    for method in ("statutory", "geodesic"):
        whole = area(across, 32660, method=method)
        assert whole == pytest.approx(area(square, 32660, method=method), rel=1e-4)
        assert whole == pytest.approx(4e6, rel=5e-3)


def test_feet_are_no_metres():
    acre = shapely.box(1_000_000, 200_000, 1_000_000 + 43_560, 200_001)  # US survey feet, New York
    assert area(acre, 2263) == pytest.approx(4046.87, rel=1e-3)
    with pytest.raises(CrsError, match="crs_not_metres"):
        area(acre, 2263, method="planar")


def test_beyond_the_projection_the_area_is_unknown():
    assert np.isnan(area(shapely.box(3.6e7, 2428000, 3.6e7 + 100, 2428100), 4545))

"""What do rasters and other layers say of a parcel?

Cases, all by arithmetic on a raster of 4 × 4 cells of 10 m: cells cut in half; several values; a
nodata cell told apart from one outside; a statistic; no cell at all; a raster in another system
than the parcels; a layer's share (overlaps once), count and distance; source and date; input
untouched; every wrong call with its code.
"""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from landgis.analysis.evidence import observe
from landgis.model.errors import CrsError, DataError, SourceError, UsageError

WEST, NORTH = 560_000, 2_420_040
NODATA = 255
ABS = 1e-6  # exactextract keeps cell fractions as float32; the scale of the projection varies too


def write_raster(path, crs="EPSG:4545", *, west=WEST):
    cells = np.array([[NODATA, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [2, 2, 0, 0]], dtype=np.uint8)
    profile = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "uint8"}
    transform = from_origin(west, NORTH, 10, 10)
    with rasterio.open(path, "w", crs=crs, transform=transform, nodata=NODATA, **profile) as file:
        file.write(cells, 1)
    return path


@pytest.fixture
def raster(tmp_path):
    return write_raster(tmp_path / "built_up.tif")


def cells(west, south, east, north):
    """A box in metres from the raster's south-west corner."""
    return shapely.box(WEST + west, NORTH - 40 + south, WEST + east, NORTH - 40 + north)


def parcels(*geometry, crs="EPSG:4545"):
    index = [f"P{i}" for i in range(len(geometry))]
    return gpd.GeoDataFrame({"note": "x"}, index=index, geometry=list(geometry), crs=crs)


def test_cells_are_cut_exactly(raster):
    half = cells(15, 10, 25, 20)  # 5 m of ones, 5 m of noughts
    quarter = cells(17.5, 12, 27.5, 18)  # 2.5 m of ten
    seen = observe(parcels(half, quarter), name="built", raster=raster)
    assert seen["built_share"].tolist() == pytest.approx([0.5, 0.25], abs=ABS)
    assert seen["built_covered"].tolist() == pytest.approx([1, 1], abs=ABS)


def test_several_values_and_a_statistic(raster):
    lower_left = parcels(cells(0, 0, 10, 20))  # one cell of two, one of one
    seen = observe(lower_left, name="b", raster=raster, values=(2,))
    assert seen["b_share"].iloc[0] == pytest.approx(0.5)
    assert observe(lower_left, name="b", raster=raster, values=(1, 2))["b_share"].iloc[0] == 1
    mean = observe(lower_left, name="b", raster=raster, statistic="mean")
    assert mean["b_mean"].iloc[0] == pytest.approx(1.5)


def test_nodata_and_outside_are_told_by_coverage(raster):
    on_nodata = cells(0, 30, 10, 40)
    half_nodata = cells(0, 20, 10, 40)  # one cell unknown, one of ones
    half_outside = cells(-10, 10, 10, 20)
    seen = observe(parcels(on_nodata, half_nodata, half_outside, None), name="b", raster=raster)
    assert np.isnan(seen["b_share"].iloc[0])
    assert seen["b_share"].tolist()[1:3] == pytest.approx([1, 1])
    assert seen["b_covered"].tolist()[:3] == pytest.approx([0, 0.5, 0.5])
    assert np.isnan(seen["b_covered"].iloc[3])


def test_raster_in_another_system(tmp_path):
    prefixed = write_raster(tmp_path / "zone36.tif", "EPSG:4524", west=36_000_000 + WEST)
    seen = observe(parcels(cells(15, 10, 25, 20)), name="b", raster=prefixed)
    assert seen["b_share"].iloc[0] == pytest.approx(0.5, abs=1e-6)
    degrees = parcels(cells(15, 10, 25, 20)).to_crs(4490)
    assert observe(degrees, name="b", raster=prefixed)["b_share"].iloc[0] == pytest.approx(
        0.5, abs=1e-3
    )


def test_layer():
    houses = gpd.GeoDataFrame(
        geometry=[cells(0, 0, 10, 10), cells(5, 0, 10, 10), cells(500, 0, 510, 10)], crs=4545
    )
    near, far = cells(0, 0, 20, 10), cells(30, 0, 40, 10)
    seen = observe(parcels(near, far, None), name="house", layer=houses, date="2020-10")
    assert seen["house_share"].tolist()[:2] == pytest.approx([0.5, 0], abs=ABS)
    assert seen["house_count"].tolist() == [2, 0, 0]
    assert seen["house_distance_m"].tolist()[:2] == [0, 20]
    assert seen["house_date"].tolist() == ["2020-10"] * 3
    roads = gpd.GeoDataFrame(geometry=[shapely.LineString([(WEST, 0), (WEST, 1e7)])], crs=4545)
    assert observe(parcels(far), name="road", layer=roads)["road_distance_m"].tolist() == [30]
    none = observe(parcels(far), name="road", layer=roads.iloc[:0])
    assert np.isnan(none["road_distance_m"].iloc[0])


def test_source_is_told_and_input_untouched(raster):
    table = parcels(cells(0, 0, 10, 10))
    seen = observe(table, name="b", raster=raster, date="2020")
    assert seen["b_source"].tolist() == ["built_up.tif"]
    assert list(table.columns) == ["note", "geometry"]
    assert list(seen.index) == ["P0"]


@pytest.mark.parametrize(
    ("options", "kind", "code"),
    [
        ({}, UsageError, "one_evidence"),
        ({"raster": "nowhere.tif"}, SourceError, "raster_missing"),
        ({"raster": __file__}, SourceError, "raster_unreadable"),
        ({"raster": "built_up.tif", "statistic": "magic"}, UsageError, "unknown_statistic"),
    ],
)
def test_wrong_calls(raster, monkeypatch, options, kind, code):
    monkeypatch.chdir(raster.parent)
    with pytest.raises(kind, match=code):
        observe(parcels(cells(0, 0, 10, 10)), name="b", **options)


def test_raster_elsewhere_or_nowhere(tmp_path, raster):
    with pytest.raises(DataError, match="raster_elsewhere"):
        observe(parcels(cells(5000, 0, 5010, 10)), name="b", raster=raster)
    with pytest.raises(CrsError, match="crs_missing"):
        observe(parcels(cells(0, 0, 1, 1)), name="b", raster=write_raster(tmp_path / "n.tif", None))

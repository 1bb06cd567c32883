"""What rasters and layers say of a parcel.

Cases: cells cut in half, nodata under a parcel, a parcel half outside, wholly outside, without
geometry, invalid; several values as one class; every statistic by hand; other coordinate systems;
float cells with NaN; a scaled band; a second band; a mask; reading by window and by streaming in
small chunks; more cells than the process may hold; a region's patches and its raster agree; nodata and
ground beyond the edge told apart; long edges between two systems; slope of tilted planes in metres,
feet and degrees; layer: overlapping polygons once, holes, touching only, counts, distances by
3-4-5, degrees, broken features, made for an extent only; source and date, one of each a name;
input untouched; overwriting only one's own columns; missing, broken, rotated, unreferenced and far
rasters; other bad calls. Properties: class areas add up over a coverage; two halves of a layer add
up to one.
"""

import datetime as dt
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from rasterio.transform import Affine, from_origin

from landgis.analysis import _raster_evidence, evidence
from landgis.analysis.evidence import observe
from landgis.cli import main
from landgis.model.errors import CrsError, DataError, LandgisError, SourceError, UsageError
from strategies import CRS, SOUTH, STEP, WEST, at, coverages, named

# north row first; 255 is nodata; every cell is 10 m wide
CELLS = np.array([[5, 5, 5, 5], [7, 7, 9, 9], [2, 2, 2, 3], [1, 255, 0, 1]], dtype="uint8")


def parcels(*shapes, crs=CRS, **columns):
    index = named(len(shapes))
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=index)


def cells(west, south, east, north):
    """A box counted in cells from the lower left corner of the raster."""
    return shapely.box(*at(west, south), *at(east, north))


@pytest.fixture
def grow(tmp_path):
    def write(*bands, nodata=255, crs=CRS, transform=None, **options):
        path = tmp_path / "cells.tif"
        height, width = bands[0].shape
        grid = transform or from_origin(WEST, SOUTH + STEP * height, STEP, STEP)
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=width,
            height=height,
            count=len(bands),
            dtype=bands[0].dtype,
            nodata=nodata,
            crs=crs,
            transform=grid,
        ) as file:
            for number, band in enumerate(bands, start=1):
                file.write(band, number)
            for name, value in options.items():
                setattr(file, name, value)
        return path

    return write


def seen(table, path, **options):
    observed = observe(table, name="built", raster=path, **options)
    return observed["built_share"].to_numpy(), observed["built_covered"].to_numpy()


def test_cells_are_cut_and_unknown_ground_is_told_apart(grow):
    bow_tie = shapely.Polygon([at(0, 0), at(2, 2), at(2, 0), at(0, 2)])
    table = parcels(
        cells(0, 0, 1, 0.5),  # half of a cell of class 1
        cells(0.5, 0, 1, 2),  # half a 1 above which half a 2
        cells(0, 0, 3, 1),  # 1, nodata, 0
        cells(1.25, 0.25, 1.75, 0.75),  # nodata only
        cells(-1, 0, 1, 1),  # half outside, 1 within
        cells(-9, -9, -8, -8),  # outside
        None,
        bow_tie,
    )
    share, covered = seen(table, grow(CELLS))
    nan = np.nan
    assert share == pytest.approx([1, 0.5, 0.5, nan, 1, nan, nan, nan], abs=1e-6, nan_ok=True)
    assert covered == pytest.approx([1, 1, 2 / 3, 0, 0.5, 0, nan, nan], abs=1e-6, nan_ok=True)


def test_several_values_make_one_class(grow):
    share, _ = seen(parcels(cells(0, 1, 4, 4)), grow(CELLS), values=(5, 9))
    assert share == pytest.approx([6 / 12], abs=1e-6)


@pytest.mark.parametrize(
    ("statistic", "value"),
    # quarter, whole of 7; whole, quarter of 9
    [("mean", 8.0), ("min", 7.0), ("max", 9.0)],
)
def test_statistics_weigh_cells_by_their_cut(grow, statistic, value):
    table = parcels(cells(0.75, 2.25, 3.25, 2.75))
    observed = observe(table, name="level", raster=grow(CELLS), statistic=statistic)
    assert observed[f"level_{statistic}"].iloc[0] == pytest.approx(value, abs=1e-6)
    assert observed["level_covered"].iloc[0] == pytest.approx(1, abs=1e-6)


def test_mean_and_majority_by_hand(grow):
    table = parcels(cells(2, 0.5, 4, 2))  # 0 and 1 half each, 2 and 3 whole
    path = grow(CELLS)
    mean = observe(table, name="a", raster=path, statistic="mean")["a_mean"].iloc[0]
    assert mean == pytest.approx((0 * 0.5 + 1 * 0.5 + 2 + 3) / 3, abs=1e-6)
    row = parcels(cells(1.8, 1, 4, 2))  # a fifth of 2, 2 and 3
    observed = observe(row, name="a", raster=path, statistic="majority")
    assert observed["a_majority"].iloc[0] == 2.0


def test_parcels_go_to_the_raster_whatever_its_system(grow):
    table = parcels(cells(0, 0, 3, 1), cells(0.5, 0, 1, 2))
    here = seen(table, grow(CELLS))
    there = seen(table.to_crs("EPSG:4490"), grow(CELLS))
    assert np.concatenate(there) == pytest.approx(np.concatenate(here), abs=1e-5)
    # a raster in degrees: west half 1, east half 0; the border at 108.6 E
    halves = np.array([[1, 0]], dtype="uint8")
    path = grow(halves, crs="EPSG:4490", transform=from_origin(108.59, 21.96, 0.01, 0.01))
    degrees = shapely.box(108.5975, 21.952, 108.6075, 21.953)
    both = parcels(degrees, crs="EPSG:4490").to_crs(CRS)
    assert seen(both, path)[0] == pytest.approx([0.25], abs=1e-3)


def test_float_cells_unknown_by_nan_and_scaled_bands(grow):
    path = grow(np.array([[1.0, np.nan, 2.0, 0.0]], dtype="float32"), nodata=None)
    share, covered = seen(parcels(cells(0, 0, 4, 1)), path)
    assert share == pytest.approx([1 / 3], abs=1e-6)
    assert covered == pytest.approx([3 / 4], abs=1e-6)
    path = grow(np.array([[10, 20, 255, 20]], dtype="uint8"), scales=(0.1,), offsets=(1.0,))
    share, covered = seen(parcels(cells(0, 0, 4, 1)), path, values=(3.0,))
    assert share == pytest.approx([2 / 3], abs=1e-6)
    assert covered == pytest.approx([3 / 4], abs=1e-6)


def test_bands_and_masks(grow):
    path = grow(np.zeros((1, 2), "uint8"), np.array([[1, 0]], "uint8"), nodata=None)
    assert seen(parcels(cells(0, 0, 2, 1)), path, band=2)[0] == pytest.approx([0.5], abs=1e-6)
    with rasterio.open(path, "r+") as file:
        file.write_mask(np.array([[255, 0]], "uint8"))
    share, covered = seen(parcels(cells(0, 0, 2, 1)), path, band=2)
    assert share == pytest.approx([1], abs=1e-6)
    assert covered == pytest.approx([0.5], abs=1e-6)


@pytest.mark.parametrize("cells_per_read", [0, 1e12])
def test_windows_and_streaming_agree(grow, monkeypatch, cells_per_read):
    rng = np.random.default_rng(7)
    values = rng.integers(0, 3, (40, 50)).astype("uint8")
    values[rng.random(values.shape) < 0.1] = 255
    boxes = []
    for west, south in rng.uniform(0, 45, (60, 2)):
        boxes.append(cells(west, south, west + 3.3, south + 2.7))
    table = parcels(*boxes)
    monkeypatch.setattr(_raster_evidence, "CELLS_PER_READ", cells_per_read)
    monkeypatch.setattr(_raster_evidence, "CELLS_AT_ONCE", 50)
    share, covered = seen(table, grow(values))
    for number, box in enumerate(boxes):  # the witness cuts every cell with GEOS
        known = built = 0.0
        for (row, column), value in np.ndenumerate(values):
            low = 39 - row
            part = cells(column, low, column + 1, low + 1).intersection(box).area
            known += part * (value != 255)
            built += part * (value == 1)
        if known == 0:
            assert np.isnan(share[number])
        else:
            assert share[number] == pytest.approx(built / known, abs=1e-5)
        assert covered[number] == pytest.approx(known / box.area, abs=1e-5)


def test_no_value_and_no_cell_are_told_apart(grow):
    table = parcels(
        cells(0, 0, 3, 1),  # 1, nodata, 0
        cells(-1, 0, 1, 1),  # half beyond the edge, 1 within
        cells(-2, 0, 2, 1),  # half beyond the edge, 1, nodata
        cells(0.3, 1.1, 0.7, 1.9),  # all known
        cells(-9, -9, -8, -8),
        None,
    )
    observed = observe(table, name="built", raster=grow(CELLS))
    nan = np.nan
    known = [2 / 3, 1 / 2, 1 / 4, 1, 0, nan]
    without = [1 / 3, 0, 1 / 4, 0, 0, nan]
    assert observed["built_covered"].to_numpy() == pytest.approx(known, abs=1e-6, nan_ok=True)
    assert observed["built_nodata"].to_numpy() == pytest.approx(without, abs=1e-6, nan_ok=True)


PROBE = """
import resource, sys
import geopandas, numpy, rasterio, shapely
from rasterio.windows import Window
from landgis.analysis.evidence import observe

path, side = sys.argv[1], 8_000
with rasterio.open(
    path, "w", driver="GTiff", width=side, height=side, count=1, dtype="uint8", nodata=255,
    crs="EPSG:4545", transform=rasterio.transform.from_origin(400_000, 2_500_000, 1, 1),
    tiled=True, SPARSE_OK=True,
) as file:
    file.write(numpy.ones((2000, side), "uint8"), 1, window=Window(0, 0, side, 2000))
whole = shapely.box(400_000, 2_500_000 - side, 400_000 + side, 2_500_000)
table = geopandas.GeoDataFrame(geometry=[whole, whole.buffer(-1)], crs="EPSG:4545")
observe(table.iloc[1:].set_geometry(table.iloc[1:].centroid.buffer(9)), name="a", raster=path)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = observe(table, name="built", raster=path)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seen["built_covered"].iloc[0], seen["built_nodata"].iloc[0], (after - before) / 1024)
"""


def test_a_raster_larger_than_what_it_may_hold(tmp_path):
    # 64 million cells are 488 MB as numbers; a quarter of them hold a value
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path / "large.tif")],
        capture_output=True,
        text=True,
        check=True,
    )
    covered, nodata, grown_mb = map(float, done.stdout.split())
    assert covered == pytest.approx(0.25, abs=1e-6)
    assert nodata == pytest.approx(0.75, abs=1e-6)
    assert grown_mb < 240


def test_patches_and_raster_say_the_same_of_a_region(grow):
    """A region's classes by its raster and by the polygons of its patches, and its own area."""
    rng = np.random.default_rng(11)
    values = rng.integers(1, 4, (12, 12)).astype("uint8")
    path = grow(values)
    region = shapely.Polygon([at(0.4, 0.2), at(11.3, 1.7), at(10.1, 11.8), at(5, 6.5), at(1, 9.9)])
    table = parcels(region)
    squares = [
        (values[11 - row, column], cells(column, row, column + 1, row + 1))
        for row in range(12)
        for column in range(12)
    ]
    shares = []
    for code in (1, 2, 3):
        share, covered = seen(table, path, values=(code,))
        assert covered == pytest.approx([1], abs=1e-6)
        patches = layer(shapely.union_all([square for one, square in squares if one == code]))
        as_layer = observe(table, name="patch", layer=patches)["patch_share"].to_numpy()
        assert share == pytest.approx(as_layer, abs=1e-5)
        by_hand = sum(square.intersection(region).area for one, square in squares if one == code)
        assert share[0] * region.area == pytest.approx(by_hand, rel=1e-5)
        shares.append(share[0])
    assert sum(shares) == pytest.approx(1, abs=1e-6)


def test_long_edges_bend_on_the_way_to_degrees(grow):
    # a strip 40 km long and 20 m high, straight in the plane: its ends lie south of the parallel
    # that bounds the cells, its middle bulges across it
    west, east = 480_000.0, 520_000.0
    strip = shapely.box(west, 2_428_000, east, 2_428_020)
    degrees = gpd.GeoSeries([shapely.Point(west, 2_428_020)], crs=CRS).to_crs("EPSG:4490")
    latitude = degrees.iloc[0].y
    path = grow(
        np.array([[1], [0]], dtype="uint8"),
        crs="EPSG:4490",
        transform=from_origin(107.5, latitude + 0.5, 1.0, 0.5),
    )
    share, _ = seen(parcels(strip), path)
    points = np.column_stack([np.linspace(west, east, 4001), np.full(4001, 2_428_010.0)])
    middle = gpd.GeoSeries(shapely.points(points), crs=CRS).to_crs("EPSG:4490")
    height = 20 / 110_740  # degrees
    above = np.clip((middle.y - latitude) / height + 0.5, 0, 1).mean()
    assert 0.2 < above < 0.5
    assert share == pytest.approx([above], abs=5e-3)


def heights(rows, columns, east=0.0, north=0.0):
    """A tilted plane: metres gained per cell to the east and to the north."""
    row, column = np.mgrid[:rows, :columns]
    return (100 + east * column - north * row).astype("float32")


def slope_of(table, path, **options):
    observed = observe(table, name="ground", raster=path, statistic="slope", **options)
    return observed["ground_slope_deg"].to_numpy(), observed["ground_covered"].to_numpy()


def test_slope_of_a_tilted_plane(grow):
    table = parcels(cells(1.3, 2.2, 6.9, 5.5), cells(0, 0, 8, 8), cells(0.1, 0.1, 0.9, 0.9))
    # 3 in 10 to the east and 4 in 10 to the north: 5 in 10 uphill
    slope, covered = slope_of(table, grow(heights(8, 8, 3, 4), nodata=None))
    expected = np.degrees(np.arctan(0.5))
    assert slope == pytest.approx([expected, expected, np.nan], abs=1e-4, nan_ok=True)
    assert covered == pytest.approx([1, 36 / 64, 0], abs=1e-6)  # unknown along the edge
    flat = grow(heights(8, 8), nodata=None)
    assert slope_of(table, flat)[0][0] == pytest.approx(0)


def test_slope_beside_unknown_cells_is_unknown(grow):
    values = heights(8, 8, 10)
    values[3, 3] = -9999
    slope, covered = slope_of(parcels(cells(0, 0, 8, 8)), grow(values, nodata=-9999))
    assert slope == pytest.approx([45], abs=1e-4)
    assert covered == pytest.approx([(36 - 9) / 64], abs=1e-6)


def test_slope_in_degrees_and_in_feet(grow):
    # one second of arc each way, the plane rises 30 m per cell to the east, at the equator's side
    second = 1 / 3600
    for latitude in (0.0, 60.0):
        path = grow(
            heights(9, 9, 30),
            nodata=None,
            crs="EPSG:4490",
            transform=from_origin(108, latitude + 4.5 * second, second, second),
        )
        ground = shapely.box(
            108 + 2 * second, latitude - 2 * second, 108 + 7 * second, latitude + 2 * second
        )
        slope, _ = slope_of(parcels(ground, crs="EPSG:4490"), path)
        # radius of the parallel on GRS80: 6378137 m, and 3197104.587 m at 60 degrees north
        radius = {0.0: 6_378_137.0, 60.0: 3_197_104.587}[latitude]
        step = np.radians(second) * radius
        assert slope == pytest.approx([np.degrees(np.arctan(30 / step))], abs=1e-3)
    path = grow(heights(9, 9, 30), nodata=None, units=("ft",))
    refused(DataError, "heights_not_metres", raster=path, statistic="slope")
    in_feet = grow(
        heights(8, 8, 0.3048),  # metres up for every foot-cell of one foot
        nodata=None,
        crs="EPSG:2263",
        transform=from_origin(980_000, 200_008, 1, 1),
    )
    lot = shapely.box(980_002, 200_002, 980_006, 200_006)
    slope, _ = slope_of(parcels(lot, crs="EPSG:2263"), in_feet)
    assert slope == pytest.approx([45], abs=1e-2)


def layer(*shapes, crs=CRS):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs)


def test_share_under_a_layer_counts_overlaps_once():
    table = parcels(
        cells(0, 0, 4, 4),
        cells(10, 0, 14, 4),  # covered by one
        cells(20, 0, 24, 4),  # touched along an edge, and by a corner that reaches in
        cells(30, 0, 34, 4),
        None,
    )
    houses = layer(
        cells(1, 1, 3, 3),
        cells(2, 1, 5, 3),
        cells(9, -1, 15, 5),
        cells(24, 0, 26, 4).union(cells(23, 3, 25, 6)),
        None,
        shapely.Polygon(),
    )
    expected = [6 / 16, 1.0, 1 / 16, 0.0, np.nan]
    for other in (houses, houses.to_crs("EPSG:4490")):
        share = observe(table, name="house", layer=other)["house_share"]
        assert share.to_numpy() == pytest.approx(expected, abs=1e-6, nan_ok=True)
    count = observe(table, name="house", layer=houses, statistic="count")["house_count"]
    assert count.dtype == "Int64"
    assert count.fillna(-1).tolist() == [2, 1, 1, 0, -1]
    assert "house_covered" not in observe(table, name="house", layer=houses)


def test_counting_needs_more_than_a_touch():
    table = parcels(cells(0, 0, 4, 4))
    points = layer(shapely.Point(at(1, 1)), shapely.Point(at(0, 1)), shapely.Point(at(9, 9)))
    assert observe(table, name="well", layer=points, statistic="count")["well_count"].tolist() == [
        1
    ]
    beside = layer(cells(4, 0, 5, 4), cells(-1, -1, 0, 0))
    assert observe(table, name="house", layer=beside, statistic="count")[
        "house_count"
    ].tolist() == [0]


def test_distance_by_three_four_five():
    table = parcels(cells(0, 0, 1, 1), cells(4, 5, 5, 6), None)
    road = layer(shapely.LineString([at(4, 5), at(9, 5)]))
    expected = [50.0, 0.0, np.nan]
    observed = observe(table, name="road", layer=road, statistic="distance")
    assert observed["road_distance_m"].to_numpy() == pytest.approx(expected, nan_ok=True)
    degrees = observe(
        table.to_crs("EPSG:4490"), name="road", layer=road.to_crs("EPSG:4490"), statistic="distance"
    )
    found = degrees["road_distance_m"].to_numpy()
    assert found == pytest.approx(expected, abs=1e-3, nan_ok=True)


def test_broken_features_are_read_as_polygons():
    bow_tie = shapely.Polygon([at(0, 0), at(2, 2), at(2, 0), at(0, 2)])
    observed = observe(parcels(cells(0, 0, 2, 2)), name="house", layer=layer(bow_tie))
    assert observed["house_share"].iloc[0] == pytest.approx(0.5, abs=1e-6)


def test_source_date_and_an_untouched_table(grow):
    table = parcels(cells(0, 0, 1, 1), cells(2, 0, 3, 1), note=["a", "b"], built_share=[9.0, 9.0])
    before = table.copy(deep=True)
    path = grow(CELLS)
    observed = observe(table, name="built", raster=path, date=dt.date(2023, 6, 30))
    assert list(observed.index) == list(table.index)
    assert observed["note"].tolist() == ["a", "b"]
    assert observed["built_share"].tolist() == pytest.approx([1, 0])  # one's own column is renewed
    assert observed["built_source"].tolist() == ["cells.tif"] * 2
    assert observed["built_date"].tolist() == ["2023-06-30"] * 2
    assert table.equals(before)
    again = observe(observed, name="built", raster=path, source="遥感影像", date="2024-01-01")
    assert again["built_source"].tolist() == ["遥感影像"] * 2
    assert observe(table, name="built", raster=path)["built_date"].tolist() == [""] * 2
    house = observe(table, name="house", layer=layer(cells(0, 0, 1, 1)))
    assert house["house_source"].tolist() == [""] * 2


def test_beyond_the_ground_a_layer_was_made_for_nothing_is_known(grow):
    table = parcels(
        cells(0, 0, 4, 4),  # within the extent
        cells(6, 0, 10, 4),  # half within
        cells(20, 0, 24, 4),  # beyond
        None,
    )
    extent = layer(cells(-1, -1, 3, 9), cells(2, -1, 8, 9))
    houses = layer(cells(0, 0, 2, 2), cells(6, 0, 7, 4), cells(9, 0, 10, 4))
    nan = np.nan
    for ground in (extent, extent.to_crs("EPSG:4490")):
        observed = observe(table, name="house", layer=houses, extent=ground)
        share, covered = observed["house_share"], observed["house_covered"]
        assert share.to_numpy() == pytest.approx([0.25, 0.5, nan, nan], abs=1e-6, nan_ok=True)
        assert covered.to_numpy() == pytest.approx([1, 0.5, 0, nan], abs=1e-6, nan_ok=True)
    counted = observe(table, name="house", layer=houses, extent=extent, statistic="count")
    assert counted["house_count"].fillna(-1).tolist() == [1, 1, -1, -1]
    far = observe(table, name="house", layer=houses, extent=extent, statistic="distance")
    assert far["house_distance_m"].isna().tolist() == [False, False, True, True]
    refused(DataError, "layer_not_polygons", layer=houses, extent=layer(shapely.Point(at(0, 0))))
    refused(UsageError, "extent_of_layer", raster=grow(CELLS), extent=extent)


def test_one_name_has_one_source_and_one_day():
    table = parcels(cells(0, 0, 1, 1))
    houses, day = layer(cells(0, 0, 1, 1)), "2023-06-30"
    share = observe(table, name="house", layer=houses, source="建筑轮廓", date=day)
    both = observe(
        share, name="house", layer=houses, source="建筑轮廓", date=day, statistic="count"
    )
    assert both["house_count"].tolist() == [1]
    # the day of the share would be lost
    for told in ({"source": "建筑轮廓", "date": "2024-06-30"}, {"source": "他图", "date": day}):
        refused(
            UsageError, "source_mixed", table=share, name="house", layer=houses,
            statistic="count", **told,
        )  # fmt: skip
    later = observe(share, name="house", layer=houses, source="建筑轮廓", date="2024-06-30")
    assert later["house_date"].tolist() == ["2024-06-30"]


def refused(kind, code, **options):
    table = options.pop("table", parcels(cells(0, 0, 1, 1)))
    options = {"name": "built", **options}
    with pytest.raises(kind, match=rf"\[{code}\]") as caught:
        observe(table, **options)
    assert isinstance(caught.value, LandgisError)
    assert caught.value.hint


def test_bad_rasters(grow, tmp_path):
    refused(SourceError, "file_missing", raster=tmp_path / "none.tif")
    (tmp_path / "text.tif").write_text("no raster")
    refused(SourceError, "raster_unreadable", raster=tmp_path / "text.tif")
    path = grow(CELLS)
    refused(UsageError, "unknown_band", raster=path, band=2)
    refused(DataError, "no_overlap", raster=path, table=parcels(cells(90, 0, 91, 1)))
    refused(CrsError, "crs_missing", raster=path, table=parcels(cells(0, 0, 1, 1), crs=None))
    whole = path.read_bytes()
    path.write_bytes(whole[:-8])  # the cells stand at the end of the file
    refused(SourceError, "raster_unreadable", raster=path)
    turned = from_origin(WEST, SOUTH + 40, STEP, STEP) @ Affine.rotation(5)
    refused(DataError, "raster_not_north_up", raster=grow(CELLS, transform=turned))
    upside_down = Affine(STEP, 0, WEST, 0, STEP, SOUTH)
    refused(DataError, "raster_not_north_up", raster=grow(CELLS, transform=upside_down))
    refused(CrsError, "crs_missing", raster=grow(CELLS, crs=None))
    refused(CrsError, "crs_no_transformation", raster=grow(CELLS, crs="EPSG:2381"))


def test_bad_calls():
    houses = layer(cells(0, 0, 1, 1))
    refused(UsageError, "one_source")
    refused(UsageError, "one_source", raster="a.tif", layer=houses)
    refused(UsageError, "bad_name", layer=houses, name="2 houses")
    refused(UsageError, "name_taken", layer=houses, name="vacancy")
    refused(UsageError, "name_taken", layer=houses, name="supply")  # supply_date is a fact
    refused(UsageError, "unknown_statistic", layer=houses, statistic="mean")
    refused(UsageError, "unknown_statistic", raster="a.tif", statistic="count")
    refused(UsageError, "no_values", raster="a.tif", values=())
    refused(UsageError, "bad_date", layer=houses, date="2023年6月")
    refused(DataError, "layer_empty", layer=houses.iloc[:0])
    refused(DataError, "layer_empty", layer=layer(None, shapely.Polygon()))
    refused(DataError, "layer_not_polygons", layer=layer(shapely.Point(at(0, 0))))
    refused(CrsError, "crs_missing", layer=layer(cells(0, 0, 1, 1), crs=None))


def test_from_the_command_line(grow, tmp_path, monkeypatch, capsys):
    table = parcels(cells(0, 0, 4, 4), cells(6, 0, 10, 4))
    table.to_file(tmp_path / "parcels.gpkg")
    layer(shapely.Point(at(1, 1)), shapely.LineString([at(2, 2), at(3, 3)])).to_file(
        tmp_path / "seen.gpkg", layer="点线"
    )
    layer(cells(-1, -1, 8, 9)).to_file(tmp_path / "extent.gpkg")

    def say(source, *options):
        file = str(tmp_path / "parcels.gpkg")
        monkeypatch.setattr("sys.argv", ["landgis", "observe", file, str(source), *options])
        with pytest.raises(SystemExit) as left:
            main()
        heard = capsys.readouterr()
        assert left.value.code == 0, heard.err
        return heard.out.splitlines()

    seen = tmp_path / "seen.gpkg"
    said = say(
        seen, "--statistic", "count", "--name", "well", "--source", "普查", "--date", "2023-06-30",
        "--extent", str(tmp_path / "extent.gpkg"),
    )  # fmt: skip
    assert said[:2] == [
        "地块编号,well_count,well_covered,well_source,well_date",
        "P01,2,1,普查,2023-06-30",
    ]
    half = said[2].split(",")
    assert [half[0], half[1], *half[3:]] == ["P02", "0", "普查", "2023-06-30"]
    assert float(half[2]) == pytest.approx(0.5, abs=1e-6)
    rising = grow(heights(8, 8, 10), nodata=None)
    slope = say(rising, "--statistic", "slope", "--name", "ground")
    assert slope[0] == (
        "地块编号,ground_slope_deg,ground_covered,ground_nodata,ground_source,ground_date"
    )
    first = slope[1].split(",")
    assert float(first[1]) == pytest.approx(45, abs=1e-3)
    assert [float(one) for one in first[2:4]] == pytest.approx([9 / 16, 7 / 16], abs=1e-6)
    assert first[4] == "cells.tif"


def test_tables_without_sound_polygons(grow):
    nothing = parcels(None)
    assert np.isnan(seen(nothing, grow(CELLS))[0]).all()
    assert len(seen(nothing.iloc[:0], grow(CELLS))[0]) == 0
    for statistic in evidence.LAYER_STATISTICS:
        houses = layer(cells(0, 0, 1, 1))
        observed = observe(nothing, name="house", layer=houses, statistic=statistic)
        assert observed.filter(regex="house_(share|count|distance_m)").isna().all(axis=None)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(table=coverages(most=3))
def test_class_areas_add_up_over_a_coverage(grow, table):
    west, south, east, north = table.total_bounds
    columns, rows = round((east - west) / STEP), round((north - south) / STEP)
    values = (np.indices((rows, columns)).sum(axis=0) % 3 == 0).astype("uint8")
    grid = from_origin(WEST, SOUTH + STEP * rows, STEP, STEP)
    share, covered = seen(table, grow(values, transform=grid))
    assert covered == pytest.approx(np.ones(len(table)), abs=1e-6)
    total = float((share * table.area.to_numpy()).sum())
    assert total == pytest.approx(int(values.sum()) * STEP**2, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(table=coverages(most=3))
def test_two_halves_of_a_layer_add_up_to_one(table):
    west, south, east, north = table.total_bounds
    middle = west + 0.37 * (east - west)
    left = layer(shapely.box(west - 1, south - 1, middle, north + 1))
    right = layer(shapely.box(middle, south - 1, east + 1, north + 1))
    shares = [observe(table, name="a", layer=half)["a_share"].to_numpy() for half in (left, right)]
    # an edge just above 70 m is split in the whole and not in its halves: 2 mm² per m²
    assert sum(shares) == pytest.approx(np.ones(len(table)), abs=1e-5)

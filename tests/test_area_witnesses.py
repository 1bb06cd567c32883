"""Is the ruler right? It is laid beside witnesses that share no code with it.

Cases: four vectors (square, irregular, hole, beyond the zone's edge) and two map sheets against the
trapezoid series of 国土调查办发〔2008〕32号 with its own inverse projection and printed constants,
unsplit, split at 70 m, split finely, and by the bit rules; the four trapezoids of V1; areal scale
integrated over triangles; planar areas in decimals; GeographicLib on densified rings; what PostGIS
answered. Pieces of a parcel cut in the equal-area plane sum to it; order of rows, start and
direction of rings do not matter; 3° and 6° zones with and without prefix, degrees.
"""

import itertools
import math
from decimal import ROUND_HALF_UP, Decimal

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from landgis.analysis.area import measure
from landgis.model.errors import CrsError

CGCS2000 = {  # as printed; e², e'² and c recomputed from the semi-axes
    "b": 6356752.31414036,
    "e2": 6.69438002290069e-3,
    "e2_prime": 6.73949677547886e-3,
    "c": 6399593.62586402,
    "k": (
        1.57048761144159e-7,
        5.05250178820567e-3,
        2.98472900956587e-5,
        2.41626669230084e-7,
        2.22241238938534e-9,
    ),
}
# b is printed as 6356755.29; that centimetre alone moves a sheet by 0.02 m², so it is not rounded
XIAN80 = {"b": 6378140 * (1 - 1 / 298.257), "e2": 6.69438499958795e-3}
SECONDS = 206264.8062471  # per radian, as printed
GRS80 = Geod(ellps="GRS80")
FALSE_EASTING = 500_000.0
MERIDIAN = {4545: 108, 4546: 111}
PRINTED = 6e-5  # half a unit of the fourth decimal, and float noise
GEOD_NOISE = 1e-3  # m²; every edge adds rounding of some 1e-5 m² to GeographicLib's sum

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

# polygon, EPSG, then m²: bit rules before the last rounding, unsplit, at 70 m, exact, geodesic
VECTORS = {
    "V1": (V1, 4545, 9999.0497, 9999.0490, 9999.0490, 9999.0490, 9999.0490),
    "V2": (V2, 4545, 218205.1033, 218205.1002, 218205.1511, 218205.1505, 218205.1521),
    "V3": (V3, 4545, 191976.5929, 191976.5953, 191976.5954, 191976.5954, 191976.5954),
    "V5": (V5, 4546, 89963.1003, 89963.1036, 89963.1036, 89963.1036, 89963.1036),
}
vectors = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)

# PostgreSQL 15.18, PostGIS 3.3.2, PROJ 9.1.1 (Debian 12), asked once, with g in EPSG:4545 or 4546;
# each ST_Area of ST_Transform(r, 4490)::geography for r = g and r = ST_Segmentize(g, 70), then of
# ST_Transform(r, '+proj=cea +ellps=GRS80') for r = ST_Segmentize(g, 70) and r = ST_Segmentize(g, 1)
POSTGIS = {
    "V1": (9999.0490, 9999.0490, 9999.0490, 9999.0490),
    "V2": (218205.1521, 218205.1506, 218205.1511, 218205.1505),
    "V3": (191976.5954, 191976.5954, 191976.5954, 191976.5954),
    "V5": (89963.1036, 89963.1036, 89963.1036, 89963.1036),
}

# ellipsoid, EPSG, east - west and north - south in degrees from 108.5 E, 21°57′30″ N, printed m²
SHEETS = {
    "1:10000 CGCS2000": (CGCS2000, 4490, 3.75 / 60, 2.5 / 60, 29_780_953.32),
    "1:5000 CGCS2000": (CGCS2000, 4490, 1.875 / 60, 1.25 / 60, 7_445_772.05),
    "1:10000 Xian 1980": (XIAN80, 4610, 3.75 / 60, 2.5 / 60, 29_780_981.23),
    "1:5000 Xian 1980": (XIAN80, 4610, 1.875 / 60, 1.25 / 60, 7_445_779.03),
}


def area(polygon, epsg, **options):
    table = gpd.GeoDataFrame(geometry=[polygon], crs=epsg)
    return float(measure(table, **options)["area_m2"].iloc[0])


def half_up(value, decimals):
    return float(Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def trapezoid(mean_longitude, south, north, *, earth):
    """Measure between a meridian and an edge by the series of 32号, in radians and m²."""
    e2, difference, middle = earth["e2"], north - south, (south + north) / 2
    series = (
        1 + 3 / 6 * e2 + 30 / 80 * e2**2 + 35 / 112 * e2**3 + 630 / 2304 * e2**4,
        -(1 / 6 * e2 + 15 / 80 * e2**2 + 21 / 112 * e2**3 + 420 / 2304 * e2**4),
        3 / 80 * e2**2 + 7 / 112 * e2**3 + 180 / 2304 * e2**4,
        -(1 / 112 * e2**3 + 45 / 2304 * e2**4),
        5 / 2304 * e2**4,
    )
    terms = (
        factor * math.sin(n / 2 * difference) * math.cos(n * middle)
        for factor, n in zip(series, (1, 3, 5, 7, 9), strict=True)
    )
    return 2 * earth["b"] ** 2 * mean_longitude * sum(terms)


def footpoint(northing):
    k0, k1, k2, k3, k4 = CGCS2000["k"]
    arc = k0 * northing
    sine = math.sin(arc)
    return arc + math.cos(arc) * (k1 * sine - k2 * sine**3 + k3 * sine**5 - k4 * sine**7)


def latitude_longitude(easting, northing, meridian):
    """Invert Gauss-Krüger by the series of 32号, in radians."""
    bf = footpoint(northing)
    t2, eta2 = math.tan(bf) ** 2, CGCS2000["e2_prime"] * math.cos(bf) ** 2
    v2 = 1 + eta2
    u = (easting - FALSE_EASTING) * math.sqrt(v2) / CGCS2000["c"]
    down = 1 / 2 * u**2 - (5 + 3 * t2 + eta2 - 9 * eta2 * t2) / 24 * u**4
    down += (61 + 90 * t2 + 45 * t2**2) / 720 * u**6
    across = u - (1 + 2 * t2 + eta2) / 6 * u**3
    across += (5 + 28 * t2 + 24 * t2**2 + 6 * eta2 + 8 * eta2 * t2) / 120 * u**5
    return bf - v2 * math.tan(bf) * down, across / math.cos(bf) + math.radians(meridian)


def edges_of(polygon, longest=math.inf):
    """Give each ring as its vertices without the closing one, edges cut into equal parts."""
    for ring in (polygon.exterior, *polygon.interiors):
        corners = np.asarray(ring.coords)
        yield [
            begin + (end - begin) * i / count
            for begin, end in itertools.pairwise(corners)
            for count in [max(1, math.ceil(math.dist(begin, end) / longest))]
            for i in range(count)
        ]


def official(polygon, epsg, *, longest=math.inf, second_decimals=None):
    total = 0.0
    for ring in edges_of(polygon, longest):
        places = [latitude_longitude(x, y, MERIDIAN[epsg]) for x, y in ring]
        if second_decimals is not None:
            places = [[round(v * SECONDS, second_decimals) / SECONDS for v in p] for p in places]
        reference = places[0][1]
        signed = math.fsum(
            trapezoid((l1 + l2) / 2 - reference, b1, b2, earth=CGCS2000)
            for (b1, l1), (b2, l2) in zip(places, places[1:] + places[:1], strict=True)
        )
        total = abs(signed) if total == 0.0 else total - abs(signed)
    return total


def by_areal_scale(polygon):
    """Integrate 1/m² over signed triangles; the scale of Gauss-Krüger is m = cosh(y / R)."""
    total = 0.0
    for ring in edges_of(polygon):
        first = ring[0]
        signed = 0.0
        for one, two in itertools.pairwise(ring[1:]):
            (ax, ay), (bx, by) = one - first, two - first
            middles = [(first + one) / 2, (one + two) / 2, (two + first) / 2]
            signed += (ax * by - bx * ay) / 2 * sum(ground_scale(*p) for p in middles) / 3
        total = abs(signed) if total == 0.0 else total - abs(signed)
    return total


def ground_scale(easting, northing):
    v2 = 1 + CGCS2000["e2_prime"] * math.cos(footpoint(northing)) ** 2
    return math.cosh((easting - FALSE_EASTING) * v2 / CGCS2000["c"]) ** -2


@vectors
def test_the_official_series(vector):
    polygon, epsg, bits, unsplit, at_70, exact, _ = vector
    assert official(polygon, epsg, second_decimals=6) == pytest.approx(bits, abs=1e-4)
    assert official(polygon, epsg) == pytest.approx(unsplit, abs=1e-4)
    assert official(polygon, epsg, longest=70) == pytest.approx(at_70, abs=1e-4)
    assert official(polygon, epsg, longest=2) == pytest.approx(exact, abs=1e-4)


@vectors
def test_the_ruler_beside_the_series(vector):
    polygon, epsg, bits, unsplit, at_70, exact, geodesic = vector
    assert area(polygon, epsg) == pytest.approx(exact, abs=PRINTED)
    assert area(polygon, epsg) == pytest.approx(official(polygon, epsg, longest=2), abs=5e-5)
    assert area(polygon, epsg, split_m=1e9) == pytest.approx(unsplit, abs=PRINTED)
    assert area(polygon, epsg, split_m=70) == pytest.approx(at_70, abs=PRINTED)
    assert area(polygon, epsg, method="geodesic") == pytest.approx(geodesic, abs=1e-4)
    assert area(polygon, epsg, method="tdt1055") == pytest.approx(bits, abs=PRINTED)


def test_the_bit_rules_of_many_parcels():
    """Every one of 300 parcels, 60 to 600 m across, to the last of the two decimals printed."""
    world = np.random.default_rng(32)
    for size in (60, 200, 600):
        for _ in range(100):
            middle = world.uniform((520_000, 2_390_000), (690_000, 2_510_000))
            turns = np.sort(world.uniform(0, 2 * math.pi, 7))
            reach = world.uniform(0.3, 0.5, (7, 1)) * size
            corners = middle + reach * np.column_stack([np.cos(turns), np.sin(turns)])
            polygon = shapely.Polygon(corners.round(4))
            expected = half_up(official(polygon, 4545, second_decimals=6), 2)
            assert half_up(area(polygon, 4545, method="tdt1055"), 2) == expected


def test_bit_rules_speak_of_gauss_kruger_only():
    with pytest.raises(CrsError, match="crs_not_gauss_kruger"):
        area(V1, 26986, method="tdt1055")
    prefixed = shapely.transform(V2, lambda xy: np.add(xy, [36_000_000, 0]))
    assert half_up(area(prefixed, 4524, method="tdt1055"), 2) == 218205.10


def test_the_trapezoids_of_v1():
    corners = [(562000, 2428000), (562100, 2428000), (562100, 2428100), (562000, 2428100)]
    seconds = [[round(v * SECONDS, 6) for v in latitude_longitude(x, y, 108)] for x, y in corners]
    assert seconds[0] == [79007.471685, 390960.651125]
    places = np.array(seconds) / SECONDS
    terms = [
        trapezoid((l1 + l2) / 2, b1, b2, earth=CGCS2000)
        for (b1, l1), (b2, l2) in zip(places, np.roll(places, -1, axis=0), strict=True)
    ]
    expected = [-4395746.5941, 1121793391.9299, 4395719.4742, -1121783365.7602]
    assert terms == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_sheets_to_the_printed_decimal(sheet):
    earth, epsg, wide, high, printed = sheet
    west, south = 108.5, 21 + 57.5 / 60
    series = trapezoid(
        math.radians(wide), math.radians(south), math.radians(south + high), earth=earth
    )
    assert half_up(series, 2) == printed
    assert half_up(area(shapely.box(west, south, west + wide, south + high), epsg), 2) == printed


@vectors
def test_areal_scale_in_the_plane(vector):
    """Plain arithmetic in the plane; a series of second order is good for 1e-9 of the area."""
    polygon, *_, exact, _ = vector
    assert by_areal_scale(polygon) == pytest.approx(exact, abs=1e-4, rel=1e-9)


@vectors
def test_planar_in_decimals(vector):
    polygon, epsg, *_ = vector
    total = Decimal(0)
    for ring in edges_of(polygon):
        corners = [(Decimal(repr(float(x))), Decimal(repr(float(y)))) for x, y in ring]
        crossed = sum(
            ax * by - bx * ay
            for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True)
        )
        total = abs(crossed) / 2 if total == 0 else total - abs(crossed) / 2
    assert area(polygon, epsg, method="planar") == pytest.approx(float(total), abs=1e-6)


@vectors
def test_geographiclib_on_dense_rings(vector):
    polygon, epsg, *_, exact, _ = vector
    to_degrees = Transformer.from_crs(epsg, 4490, always_xy=True)
    places = [
        np.column_stack(to_degrees.transform(*np.transpose(ring)))
        for ring in edges_of(polygon, longest=10)
    ]
    shell, *holes = (abs(GRS80.polygon_area_perimeter(*ring.T)[0]) for ring in places)
    assert shell - sum(holes) == pytest.approx(exact, abs=GEOD_NOISE)
    assert area(polygon, epsg) == pytest.approx(shell - sum(holes), abs=2 * GEOD_NOISE)


@pytest.mark.parametrize("name", VECTORS)
def test_what_postgis_answered(name):
    polygon, epsg, *_ = VECTORS[name]
    geodesic, geodesic_70, equal_area_70, equal_area_1 = POSTGIS[name]
    assert area(polygon, epsg, method="geodesic") == pytest.approx(geodesic, abs=PRINTED)
    assert area(polygon, epsg) == pytest.approx(geodesic_70, abs=GEOD_NOISE)
    assert area(polygon, epsg, split_m=70) == pytest.approx(equal_area_70, abs=PRINTED)
    assert area(polygon, epsg) == pytest.approx(equal_area_1, abs=PRINTED)


def test_zones_of_3_and_6_degrees_with_and_without_prefix():
    """The same ground in five systems: rings dense enough to have the same edges in all."""
    dense = shapely.segmentize(V2, 1.0)
    witness = area(dense, 4545)
    for epsg in (4524, 4508, 4497, 4490):  # 3° zone 36; 6° without and with zone 19; degrees
        way = Transformer.from_crs(4545, epsg, always_xy=True)
        moved = shapely.transform(dense, lambda xy, way=way: np.column_stack(way.transform(*xy.T)))
        assert area(moved, epsg) == pytest.approx(witness, abs=1e-3)
    prefixed = shapely.transform(V2, lambda xy: np.add(xy, [36_000_000, 0]))
    assert area(prefixed, 4524) == pytest.approx(area(V2, 4545), abs=1e-4)


def test_order_of_rows_and_rings_does_not_matter():
    table = gpd.GeoDataFrame(geometry=[V1, V2, V3], index=["a", "b", "c"], crs=4545)
    measured = measure(table)["area_m2"]
    shuffled = measure(table.loc[["c", "a", "b"]])["area_m2"]
    assert shuffled.loc[["a", "b", "c"]].tolist() == measured.tolist()
    turned = measure(table.set_geometry(shapely.reverse(table.geometry)))["area_m2"]
    assert turned.tolist() == pytest.approx(measured.tolist(), abs=1e-6)
    corners = list(V2.exterior.coords)[:-1]
    begun_elsewhere = shapely.Polygon(corners[3:] + corners[:3])
    assert area(begun_elsewhere, 4545) == pytest.approx(measured["b"], abs=1e-6)


def into_plane(degrees):
    """Bring degrees into the equal-area plane by the series of 32号: x = b λ, y = b F(B)."""
    b = CGCS2000["b"]
    heights = [trapezoid(1, 0, v, earth=CGCS2000) / b for v in np.radians(degrees[:, 1])]
    return np.column_stack([b * np.radians(degrees[:, 0] - 108), heights])


def out_of_plane(points):
    """Invert by Newton's method; dF/dB = cos B / (1 - e² sin² B)²."""
    b, e2 = CGCS2000["b"], CGCS2000["e2"]
    latitude = np.arcsin(points[:, 1] / b)
    for _ in range(6):
        heights = [trapezoid(1, 0, v, earth=CGCS2000) / b for v in latitude]
        slope = b * np.cos(latitude) / (1 - e2 * np.sin(latitude) ** 2) ** 2
        latitude = latitude + (points[:, 1] - heights) / slope
    return np.column_stack([points[:, 0] / b + np.radians(108), latitude]) * (180 / np.pi)


@given(
    turn=st.floats(0, 2 * np.pi),
    size=st.floats(0.3, 20),
    lines=st.lists(st.tuples(st.floats(0, np.pi), st.floats(-0.6, 0.6)), min_size=1, max_size=4),
)
def test_pieces_cut_in_the_equal_area_plane_sum_to_the_parcel(turn, size, lines):
    """Whole in Gauss-Krüger with edges split at 70 m; pieces in degrees, straight in the plane."""
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * size
    heart = np.array(V3.centroid.coords)
    parcel = shapely.transform(V3, lambda xy: heart + (xy - heart) @ spin)
    to_degrees = Transformer.from_crs(4545, 4490, always_xy=True)
    shell, hole = (
        into_plane(np.column_stack(to_degrees.transform(*np.transpose(ring))))
        for ring in edges_of(parcel, longest=70)
    )
    pieces = [shapely.Polygon(shell, [hole])]
    middle, reach = shell.mean(axis=0), np.ptp(shell, axis=0).max()
    for direction, offset in lines:
        along = np.array([np.cos(direction), np.sin(direction)]) * 4 * reach
        across = np.array([-along[1], along[0]])
        foot = middle + across / 4 * offset
        half = shapely.Polygon(
            [foot - along, foot + along, foot + along + across, foot - along + across]
        )
        pieces = [part for p in pieces for part in (p & half, p - half) if part.area > 0]
    flat = gpd.GeoDataFrame(geometry=shapely.transform(pieces, out_of_plane), crs=4490)
    total = measure(flat, split_m=1e9)["area_m2"].sum()
    assert total == pytest.approx(area(parcel, 4545), rel=1e-9)

"""How large, by the statute? The ruler of the house.

The statutory area (椭球面积, 国土调查办发〔2008〕32号) sums trapezoids between meridians whose
edges are straight in longitude and authalic latitude. In those two coordinates lies the
cylindrical equal-area projection of the ellipsoid, so the statutory area *is* a planar area there:
one vectorised sum, additive under every cut. Every area in landgis comes from this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import shapely

from landgis.analysis._bit_rules import longitude_latitude
from landgis.model import crs as systems
from landgis.model.errors import UsageError
from landgis.model.units import whole_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame
    from pyproj import CRS

    from landgis.analysis._ground import Scale

Method = Literal["statutory", "planar", "geodesic", "tdt1055"]

# Surveyed edges are straight in the Gauss-Krüger plane, not on the ellipsoid. Inspection software
# cuts longer ones into equal parts of at most this length before their ends move (whether
# TD/T 1055-2019 fixes the figure is unverified); chords so short lose less than 1e-9 of large shapes.
SPLIT_M = 70.0
FAR_M = 300_000.0  # shapes wider than this are many tiles, and few
POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
COLLECTION = shapely.GeometryType.GEOMETRYCOLLECTION
METRES_PER_DEGREE = 111_320.0  # along the equator; only turns SPLIT_M into degrees
SCALE_BLOCK_M = 32_000.0  # metres, the two-hundredth part of the earth's radius
SCALE_STEP_M = 1000.0  # metres between the points from which a plane's scale is derived
SURFACE = 2  # dimensions of a polygon
TIE_DECIMALS = 9  # shares of a shape that differ by less are equal parts
AT_A_TIME = 50_000  # polygons, so that their split edges fit in memory


def measure(
    parcels: GeoDataFrame, *, method: Method = "statutory", split_m: float | None = None
) -> GeoDataFrame:
    """Add the area of every parcel.

    Parameters
    ----------
    parcels : GeoDataFrame
        Any table with polygon geometry and a declared coordinate system, degrees or metres.
    method : {'statutory', 'planar', 'geodesic', 'tdt1055'}, optional
        ``statutory`` is the ellipsoidal area in the equal-area plane of the table's own ellipsoid;
        ``planar`` the area in the table's own plane (metres only); ``geodesic`` follows geodesics
        between the vertices; ``tdt1055`` follows the bit rules of inspection software: plane
        coordinates to 4 decimals, the printed inverse series, seconds to 6, no splitting. Such
        software prints two decimals: `landgis.model.units.show`.
    split_m : float or None, optional
        ``statutory`` only. None follows every edge as it was surveyed, straight in the table's own
        plane. A length in metres, above 0, follows inspection software instead: edges are split
        into equal parts no longer than that (70 m is usual) and the parts' ends are joined by
        chords in the equal-area plane.

    Returns
    -------
    GeoDataFrame
        A copy with the column ``area_m2`` (float64, m², not rounded; NaN without geometry).

    Raises
    ------
    CrsError
        ``crs_missing``; ``crs_degrees`` for ``planar`` and ``tdt1055`` on degrees;
        ``crs_not_gauss_kruger`` for ``tdt1055`` on any other projection.
    UsageError
        ``unknown_method``, ``bad_split``.

    Notes
    -----
    Edges are straight in the table's own plane and are followed there: the areal scale of the plane
    is integrated over the polygon (docs/methods/area.md), exact to 3e-10 of the area and to 0.001 m²
    up to 300 ha. Shapes wider than 300 km are measured by chords of 70 m.

    Source: 国土调查办发〔2008〕32号 (trapezoid formula); Snyder, *Map Projections: A Working
    Manual*, USGS PP 1395, eq. 10-14 and 3-12 (equal-area cylinder, authalic q).

    Examples
    --------
    >>> import geopandas, shapely
    >>> square = shapely.box(562000, 2428000, 562100, 2428100)
    >>> parcels = geopandas.GeoDataFrame(geometry=[square], crs="EPSG:4545")
    >>> round(float(measure(parcels)["area_m2"].iloc[0]), 4)
    9999.049
    """
    if method not in get_args(Method):
        raise UsageError(
            "unknown_method",
            f"unknown area method {method!r}",
            hint=f"面积算法应为 {'、'.join(get_args(Method))} 之一。",
        )
    if split_m is not None and not split_m > 0:
        raise UsageError(
            "bad_split", f"split_m must be above 0, got {split_m}", hint="分段长度应大于 0 米。"
        )
    measured = parcels.copy()
    geometry = parcels.geometry.to_numpy()
    measured["area_m2"] = areas(geometry, parcels, method=method, split_m=split_m)
    return measured


def areas(
    geometry: NDArray[np.object_],
    table: GeoDataFrame,
    *,
    method: Method = "statutory",
    split_m: float | None = None,
) -> NDArray[np.float64]:
    """Measure polygons that stand in a table's coordinate system.

    Parameters
    ----------
    geometry : ndarray of shapely geometries
        Polygons, multipolygons or None, one dimension.
    table : GeoDataFrame
        Any table in whose coordinate system they stand.
    method : {'statutory', 'planar', 'geodesic', 'tdt1055'}, optional
        As in `measure`.
    split_m : float or None, optional
        As in `measure`, in metres.

    Returns
    -------
    ndarray
        Areas in m², float64; NaN where there is no geometry.
    """
    if method == "planar":
        systems.require_metric(table, what="地块")
        return _or_unknown(geometry, shapely.area(geometry))
    crs = systems.require_crs(table, what="地块")
    if method == "geodesic":
        return _or_unknown(geometry, _geodesic(geometry, crs))
    if method == "tdt1055":
        systems.require_metric(table, what="地块")
        by_rules = _chord_areas(
            geometry,
            crs,
            longest=np.inf,
            move=lambda points: _plane(longitude_latitude(points, crs), crs),
        )
        return _or_unknown(geometry, by_rules)
    if split_m is None:
        return _or_unknown(geometry, _exact_areas(geometry, crs))
    return _or_unknown(geometry, _chord_areas(geometry, crs, longest=split_m / unit_m(crs)))


def parts_held(
    shapes: NDArray[np.object_],
    outlines: NDArray[np.object_],
    table: GeoDataFrame,
    *,
    whole_m2: NDArray[np.float64],
    holders: NDArray[np.object_],
) -> DataFrame:
    """Say how much of every shape lies in whose outlines, the largest part first.

    Parameters
    ----------
    shapes, outlines : ndarray of shapely geometries
        Valid polygons or None, one dimension, both in the coordinate system of `table`.
    table : GeoDataFrame
        Any table in that coordinate system.
    whole_m2 : ndarray
        Area of every shape in m².
    holders : ndarray
        Name by outline; those of one name are one holder.

    Returns
    -------
    DataFrame
        ``row`` (of `shapes`), ``holder``, ``area_m2`` above 0 and ``share`` of the shape, 0 to 1,
        ordered by row, then by share; parts whose shares differ by less than a billionth are equal
        and stand in the order in which their holders first appear.

    Notes
    -----
    Only shapes that no outline holds whole are cut. Ground that outlines of one holder claim twice
    counts twice.
    """
    import pandas as pd

    tree = shapely.STRtree(shapes)
    shapely.prepare(outlines)
    outline, row = tree.query(outlines, predicate="intersects")
    within = pd.MultiIndex.from_arrays(tree.query(outlines, predicate="covers"))
    cut = ~pd.MultiIndex.from_arrays([outline, row]).isin(within)
    area_m2 = whole_m2[row].copy()
    pieces = shapely.intersection(shapes[row[cut]], outlines[outline[cut]])
    area_m2[cut] = areas(pieces, table)
    order, names = pd.factorize(holders, use_na_sentinel=False)
    parts = pd.DataFrame({"row": row, "holder": order[outline], "area_m2": area_m2})
    parts = parts[parts["area_m2"] > 0].groupby(["row", "holder"], as_index=False).sum()
    parts["share"] = parts["area_m2"] / whole_m2[parts["row"]]
    parts["steps"] = whole_steps(parts["share"], TIE_DECIMALS)
    parts = parts.sort_values(["row", "steps", "holder"], ascending=[True, False, True])
    parts["holder"] = np.asarray(names, dtype=object)[parts["holder"]]
    return parts.drop(columns="steps").reset_index(drop=True)


def _exact_areas(geometry: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    """Integrate the areal scale of the plane over every polygon."""
    from landgis.analysis import _ground as ground
    from landgis.analysis._ground_kernel import ANY_EDGES

    kinds = shapely.get_type_id(geometry)
    rings = ground.rings(geometry)
    width = ground.widths(rings) * unit_m(crs)
    apart = (width > FAR_M) | (kinds == COLLECTION)
    if apart.any():
        rest = geometry.copy()
        rest[apart] = None
        rings = ground.rings(rest)
    tiles = ground.tiles(rings, scale_of(crs), most_edges=ANY_EDGES)
    whole = ground.whole_areas(tiles, len(geometry))
    chords = np.flatnonzero(apart & (width < 2.0 * np.pi * systems.earth(crs).a))
    whole[chords] = _chord_areas(geometry[chords], crs, longest=SPLIT_M / unit_m(crs))
    polygonal = np.isin(kinds, POLYGONAL) & ~shapely.is_empty(geometry)
    placed = np.diff(rings.shape) > 0
    placed[chords] = True
    whole[polygonal & ~placed] = np.nan  # corners without a place
    return whole


def _chord_areas(
    geometry: NDArray[np.object_],
    crs: CRS,
    *,
    longest: float,
    move: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> NDArray[np.float64]:
    """Move the ends of edges, split to be no longer than `longest`, and join them by chords."""
    summed = [
        _ring_sums(
            geometry[first : first + AT_A_TIME],
            longest=longest,
            move=move or (lambda points: to_equal_area(points, crs)),
            round_the_earth=2.0 * np.pi * systems.earth(crs).a,
        )
        for first in range(0, len(geometry), AT_A_TIME)
    ]
    return np.concatenate([*summed, np.zeros(0)])


def _ring_sums(
    geometry: NDArray[np.object_],
    *,
    longest: float,
    move: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    round_the_earth: float,
) -> NDArray[np.float64]:
    """Sum shells minus holes, ring by ring, after splitting edges and moving their ends.

    Plain arithmetic on vertices, so that no ring, however broken, stops or mends anything.
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    surface = (shapely.get_dimensions(parts) == SURFACE) & ~shapely.is_empty(parts)
    parts, owner = parts[surface], owner[surface]
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    lost = np.unique(owner[part[ring[~np.isfinite(points).all(axis=1)]]])
    if len(lost):
        placed = geometry.copy()
        placed[lost] = None
        whole = _ring_sums(placed, longest=longest, move=move, round_the_earth=round_the_earth)
        whole[lost] = np.nan
        return whole
    if not len(points):
        return np.zeros(len(geometry))
    split, ring = _split(points, ring, longest)
    plane = move(split)
    first = np.flatnonzero(np.diff(ring, prepend=-1))  # every ring has at least one edge
    local = plane - plane[first][ring]  # small numbers keep the digits of a product
    local[:, 0] -= round_the_earth * np.rint(local[:, 0] / round_the_earth)  # across the 180th
    after = np.roll(local, -1, axis=0)
    after[np.append(first[1:], len(local)) - 1] = 0.0  # a ring ends where it began
    cross = local[:, 0] * after[:, 1] - after[:, 0] * local[:, 1]
    size = np.abs(np.add.reduceat(cross, first)) / 2.0
    is_shell = np.diff(part, prepend=-1) != 0
    of_part = np.bincount(part, weights=np.where(is_shell, size, -size), minlength=len(parts))
    return np.bincount(owner, weights=of_part, minlength=len(geometry)).astype(np.float64)


def _split(
    points: NDArray[np.float64], ring: NDArray[np.int64], longest: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cut every edge into equal parts no longer than `longest`; keep the beginning of each."""
    edge = np.flatnonzero(ring[:-1] == ring[1:])
    begin, way = points[edge], points[edge + 1] - points[edge]
    count = np.maximum(np.ceil(np.hypot(way[:, 0], way[:, 1]) / longest), 1.0).astype(np.int64)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    share = step / np.repeat(count, count)
    split = np.repeat(begin, count, axis=0) + np.repeat(way, count, axis=0) * share[:, None]
    return split, np.repeat(ring[edge], count)


def to_equal_area(points: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Bring points into the equal-area plane of their own ellipsoid.

    Parameters
    ----------
    points : ndarray
        Coordinates in `crs`, x and y in two columns.
    crs : pyproj.CRS
        Their coordinate system, degrees or metres.

    Returns
    -------
    ndarray
        Coordinates in metres, the shape of `points`.
    """
    to_degrees = systems.transformer(crs, systems.geographic(crs))
    degrees = np.column_stack(to_degrees.transform(points[:, 0], points[:, 1]))
    degrees[~np.isfinite(degrees)] = np.nan  # beyond the projection there is no place, no area
    return _plane(np.radians(degrees), crs)


def _plane(radians: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Give abscissa and authalic ordinate of longitudes and latitudes, in metres."""
    earth = systems.earth(crs)
    ordinate = 0.5 * _authalic_q(np.sin(radians[:, 1]), earth.es)
    moved: NDArray[np.float64] = earth.a * np.column_stack([radians[:, 0], ordinate])
    return moved


def areal_scale(points: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Give the statutory area of a square unit of a plane, at points of it.

    Parameters
    ----------
    points : ndarray
        Coordinates in `crs`, x and y in two columns.
    crs : pyproj.CRS
        The plane, degrees or metres.

    Returns
    -------
    ndarray
        Square metres per square unit at each point, not negative.

    Notes
    -----
    The Jacobian determinant of the way into the equal-area plane, by central differences of fourth
    order: exact to about 1e-12 of itself.
    """
    step = SCALE_STEP_M / unit_m(crs)
    round_the_earth = 2.0 * np.pi * systems.earth(crs).a
    slopes = []
    for direction in ((step, 0.0), (0.0, step)):
        once, twice = np.array(direction), 2.0 * np.array(direction)
        near = to_equal_area(points + once, crs) - to_equal_area(points - once, crs)
        far = to_equal_area(points + twice, crs) - to_equal_area(points - twice, crs)
        for way in (near, far):  # across the 180th meridian
            way[:, 0] -= round_the_earth * np.rint(way[:, 0] / round_the_earth)
        slopes.append((8.0 * near - far) / (12.0 * step))
    across, up = slopes
    scale: NDArray[np.float64] = np.abs(across[:, 0] * up[:, 1] - across[:, 1] * up[:, 0])
    return scale


def scale_of(crs: CRS) -> Scale:
    """Say how the areal scale of a plane is read, and in which squares it is a plain polynomial.

    Parameters
    ----------
    crs : pyproj.CRS
        The plane, degrees or metres.

    Returns
    -------
    Scale
        `areal_scale` in this plane, and squares of about `SCALE_BLOCK_M`.
    """
    from landgis.analysis._ground import Scale

    return Scale(lambda points: areal_scale(points, crs), SCALE_BLOCK_M / unit_m(crs))


def _authalic_q(sine: NDArray[np.float64], squared: float) -> NDArray[np.float64]:
    """Snyder's q: the area between equator and latitude, per radian of longitude, over a²/2."""
    if squared == 0.0:
        return 2.0 * sine
    eccentricity = squared**0.5
    closed_form = np.arctanh(eccentricity * sine) / eccentricity
    q: NDArray[np.float64] = (1.0 - squared) * (sine / (1.0 - squared * sine**2) + closed_form)
    return q


def _geodesic(geometry: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    geodetic = systems.geographic(crs)
    geod = systems.earth(crs)
    to_degrees = systems.transformer(crs, geodetic)
    degrees = shapely.transform(
        geometry, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1]))
    )
    oriented = shapely.orient_polygons(degrees)
    return np.array(
        [
            0.0 if polygon is None else abs(geod.geometry_area_perimeter(polygon)[0])
            for polygon in oriented
        ],
        dtype=np.float64,
    )


def unit_m(crs: CRS) -> float:
    """Give the rough length of a unit of a plane.

    Parameters
    ----------
    crs : pyproj.CRS
        The plane, degrees or metres.

    Returns
    -------
    float
        Metres; those of a degree along the equator where the units are degrees.
    """
    return float(crs.axis_info[0].unit_conversion_factor) if crs.is_projected else METRES_PER_DEGREE


def _or_unknown(geometry: NDArray[np.object_], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep *unknown* where there is no geometry to measure."""
    return np.where(shapely.is_missing(geometry), np.nan, values)

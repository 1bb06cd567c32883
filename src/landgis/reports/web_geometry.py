"""Geometry for the page: longitude and latitude as whole steps, each vertex as a difference.

Every vertex of every layer is rounded to one and the same grid and nothing is simplified, so that
borders shared by two polygons stay shared: the rounding is coverage-safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from landgis.model import crs as systems

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

Ring = list[int]
Shape = list[list[Ring]]  # polygons, each its outer ring and its holes


class Ground(NamedTuple):
    """What every layer of one page shares: its degrees and how finely they are kept."""

    degrees: CRS
    decimals: int

    def polygons(self, table: GeoDataFrame, *, what: str) -> list[Shape]:
        """Encode the polygons of a table.

        Parameters
        ----------
        table : GeoDataFrame
            Any table with a declared coordinate system.
        what : str
            Chinese word for the table, used in hints.

        Returns
        -------
        list
            One shape per row, as `encode_polygons` writes it.
        """
        return [
            encode_polygons(geometry, self.decimals)
            for geometry in in_degrees(table, self.degrees, what=what)
        ]


def in_degrees(table: GeoDataFrame, degrees: CRS, *, what: str) -> NDArray[np.object_]:
    """Bring a table's geometry into the page's degrees.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with a declared coordinate system.
    degrees : pyproj.CRS
        The geographic system of the page.
    what : str
        Chinese word for the table, used in hints.

    Returns
    -------
    ndarray of shapely geometries
        Longitude and latitude, in the order of the rows.

    Examples
    --------
    >>> import geopandas
    >>> table = geopandas.GeoDataFrame(geometry=[shapely.Point(1, 2)], crs="EPSG:4490")
    >>> in_degrees(table, table.crs, what="地块")
    array([<POINT (1 2)>], dtype=object)
    """
    geometry: NDArray[np.object_] = systems.align(table, degrees, what=what).geometry.to_numpy()
    return geometry


def encode_polygons(geometry: Any, decimals: int) -> Shape:
    """Write the polygons of one geometry as differences of whole steps.

    Parameters
    ----------
    geometry : shapely geometry or None
        In degrees; what is not a polygon in it is left out.
    decimals : int
        Decimals of a degree that are kept: 6 is about 0.1 m.

    Returns
    -------
    list
        Polygons of rings of flat ``[x, y, dx, dy, …]``; the closing vertex is left out.

    Examples
    --------
    >>> encode_polygons(shapely.box(1, 1, 3, 2), 1)
    [[[30, 10, 0, 10, -20, 0, 0, -10]]]
    """
    shape = []
    for part in shapely.get_parts(geometry).tolist() if geometry is not None else []:
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON and not part.is_empty:
            rings = [part.exterior, *part.interiors]
            encoded = [_differences(ring, decimals)[:-2] for ring in rings]
            shape.append([ring for ring in encoded if ring])
    return shape


def encode_lines(geometry: Any, decimals: int) -> list[Ring]:
    """Write the lines of one geometry as differences of whole steps.

    Parameters
    ----------
    geometry : shapely geometry or None
        In degrees; what is not a line in it is left out.
    decimals : int
        Decimals of a degree that are kept.

    Returns
    -------
    list
        Lines of flat ``[x, y, dx, dy, …]``.

    Examples
    --------
    >>> encode_lines(shapely.LineString([(1, 1), (2, 1.5)]), 1)
    [[10, 10, 10, 5]]
    """
    parts = shapely.get_parts(geometry).tolist() if geometry is not None else []
    wanted = {shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING}
    return [
        _differences(part, decimals)
        for part in parts
        if shapely.get_type_id(part) in wanted and not part.is_empty
    ]


def label_point(geometry: Any, decimals: int) -> Ring:
    """Find where a polygon's name stands: well inside its largest part.

    Parameters
    ----------
    geometry : shapely geometry
        Polygon or multipolygon in degrees, not empty.
    decimals : int
        Decimals of a degree that are kept.

    Returns
    -------
    list of int
        ``[x, y]`` in whole steps.

    Examples
    --------
    >>> label_point(shapely.box(0, 0, 2, 2), 1)
    [10, 10]
    """
    parts = shapely.get_parts(geometry)
    largest = parts[np.argmax(shapely.area(parts))]
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=0.001))[0]
    steps: Ring = _steps(middle, decimals).tolist()
    return steps


def bounds(groups: list[NDArray[np.object_]], decimals: int) -> Ring:
    """Give the box around geometries in whole steps.

    Parameters
    ----------
    groups : list of arrays of shapely geometries
        In degrees; empty and missing geometries do not count.
    decimals : int
        Decimals of a degree that are kept.

    Returns
    -------
    list of int
        West, south, east, north; a box about nothing is the whole earth.

    Examples
    --------
    >>> bounds([np.array([shapely.box(1, 2, 3, 4)])], 0)
    [1, 2, 3, 4]
    """
    box = shapely.total_bounds(np.concatenate(groups))
    if not np.isfinite(box).all():
        box = np.array([-180.0, -85.0, 180.0, 85.0])
    steps: Ring = _steps(box, decimals).tolist()
    return steps


def _differences(line: Any, decimals: int) -> Ring:
    steps = _steps(shapely.get_coordinates(line), decimals)
    flat: Ring = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist()
    return flat


def _steps(degrees: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    rounded: NDArray[np.int64] = np.rint(degrees * 10**decimals).astype(np.int64)
    return rounded

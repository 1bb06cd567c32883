"""What counts as the polygons of a shape: collections by theirs, invalid ones by their structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7  # shapely type ids


def polygonal(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep the polygons of every shape and drop its points and lines.

    Parameters
    ----------
    shapes : array of Geometry
        Any shapes, missing ones too, shape (n,).

    Returns
    -------
    array of Geometry
        Polygons and multipolygons as they are; of collections, however deep, a multipolygon of
        their polygons; an empty one where there are none.

    Examples
    --------
    >>> square, point = shapely.box(0, 0, 1, 1), shapely.Point(5, 5)
    >>> mixed = shapely.GeometryCollection([shapely.GeometryCollection([square]), point])
    >>> [str(shape) for shape in polygonal(np.array([mixed, point]))]
    ['MULTIPOLYGON (((1 0, 1 1, 0 1, 0 0, 1 0)))', 'MULTIPOLYGON EMPTY']
    """
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (POLYGON, MULTIPOLYGON)))
    parts, owner = shapely.get_parts(shapes[mixed], return_index=True)
    while np.isin(shapely.get_type_id(parts), (MULTIPOLYGON, COLLECTION)).any():
        parts, part_of = shapely.get_parts(parts, return_index=True)
        owner = owner[part_of]
    solid = shapely.get_type_id(parts) == POLYGON
    kept = np.full(len(mixed), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts[solid], indices=owner[solid], out=kept)
    solid_only = shapes.copy()
    solid_only[mixed] = kept
    return solid_only


def as_polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Read shapes as clusters read them: invalid ones by their structure, collections by polygons.

    Parameters
    ----------
    shapes : array of Geometry
        Any shapes, shape (n,); never written to.

    Returns
    -------
    array of Geometry
        Valid polygons and multipolygons; an empty multipolygon where a shape has no ground.

    Examples
    --------
    >>> bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> float(shapely.area(as_polygons(np.array([bow])))[0])
    2.0
    """
    read = np.array(shapes, dtype=object)
    broken = ~shapely.is_valid(read) | (shapely.get_type_id(read) == COLLECTION)
    read[broken] = polygonal(shapely.make_valid(read[broken], method="structure"))
    return read

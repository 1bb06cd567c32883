"""Where labels stand on a map: inside their unit where there is room, else beside it on a leader."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Box = tuple[float, float, float, float]

GRID = 56  # candidate places along each side of a polygon or of the frame
CROSSING = 10.0  # a leader over a label or another leader costs as much as ten widths of the map
CENTRING = 0.15  # how much nearness to the middle counts against distance from the edge


class Placed(NamedTuple):
    """Where one label stands, and where its leader ends when it stands outside its unit."""

    box: Box  # west, south, east, north in map units
    anchor: tuple[float, float] | None  # None: the label is inside
    free: bool  # False: no place without overlap was found

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the label.

        Returns
        -------
        tuple of float
            Easting and northing in map units.
        """
        west, south, east, north = self.box
        return (west + east) / 2, (south + north) / 2


def place(
    polygons: NDArray[np.object_],
    sizes: NDArray[np.float64],
    *,
    frame: Box,
    gap: float,
    obstacles: list[Box] | None = None,
) -> list[Placed]:
    """Find a place for the label of every polygon.

    Parameters
    ----------
    polygons : ndarray of shapely geometries
        Polygons or multipolygons that do not overlap, in map units.
    sizes : ndarray of shape (n, 2)
        Width and height of each label, in map units.
    frame : tuple of float
        West, south, east, north of the map, in map units; no label leaves it.
    gap : float
        Clear distance kept around every label, in map units, 0 or more.
    obstacles : list of tuple of float, optional
        Boxes that no label may cover, such as that of a north arrow.

    Returns
    -------
    list of Placed
        One for each polygon, in their order.

    Notes
    -----
    Inside, the box is moved over a grid and kept where it lies farthest from the boundary and near
    the middle. A label without room goes to the nearest free place outside all polygons, with a
    leader that crosses no label and no other leader if that can be had. The same input always
    gives the same places.

    Examples
    --------
    >>> town, island = shapely.box(0, 0, 40, 20), shapely.box(50, 0, 52, 2)
    >>> sizes = np.array([[10.0, 4.0], [10.0, 4.0]])
    >>> inside, outside = place(np.array([town, island]), sizes, frame=(-5, -15, 70, 30), gap=1.0)
    >>> inside.anchor is None, outside.anchor
    (True, (51.0, 1.0))
    """
    taken = [shapely.box(*box) for box in obstacles or []]
    placed: dict[int, Placed] = {}
    for i, (polygon, size) in enumerate(zip(polygons, sizes, strict=True)):
        box = _inside(polygon, size, gap)
        if box is not None:
            placed[i] = Placed(_bounds(box), None, free=True)
            taken.append(box)
    land = shapely.buffer(shapely.union_all(polygons), gap)
    leaders: list[shapely.Geometry] = []
    for i, (polygon, size) in enumerate(zip(polygons, sizes, strict=True)):
        if i in placed:
            continue
        anchor = _middle(polygon)
        box, leader = _outside(anchor, size, frame, gap, land=land, taken=taken, leaders=leaders)
        free = not any(shapely.intersects(box, other) for other in taken)
        placed[i] = Placed(_bounds(box), (anchor.x, anchor.y), free=free)
        taken.append(box)
        leaders.append(leader)
    return [placed[i] for i in range(len(polygons))]


def place_inside(
    polygons: NDArray[np.object_],
    sizes: NDArray[np.float64],
    *,
    gap: float,
    obstacles: list[Box],
) -> list[Box | None]:
    """Find a place for labels that stand inside their polygon or not at all.

    Parameters
    ----------
    polygons : ndarray of shapely geometries
        Polygons or multipolygons, in map units.
    sizes : ndarray of shape (n, 2)
        Width and height of each label, in map units.
    gap : float
        Clear distance to the polygon's boundary and to other labels, in map units, 0 or more.
    obstacles : list of tuple of float
        Boxes that no label may cover.

    Returns
    -------
    list of tuple of float or None
        The box of each label; None where there is no room.

    Examples
    --------
    >>> lots = np.array([shapely.box(0, 0, 40, 20), shapely.box(50, 0, 52, 2)])
    >>> sizes = np.array([[10.0, 4.0], [10.0, 4.0]])
    >>> town, island = place_inside(lots, sizes, gap=1.0, obstacles=[(0, 0, 40, 11)])
    >>> town[1] >= 12, island
    (True, None)
    """
    taken = shapely.union_all([shapely.buffer(shapely.box(*box), gap) for box in obstacles])
    found = []
    for polygon, size in zip(polygons, sizes, strict=True):
        box = _inside(polygon, size, gap, taken)
        found.append(None if box is None else _bounds(box))
        taken = taken if box is None else shapely.union(taken, shapely.buffer(box, gap))
    return found


def _inside(
    polygon: shapely.Geometry,
    size: NDArray[np.float64],
    gap: float,
    taken: shapely.Geometry | None = None,
) -> shapely.Geometry:
    """Give the best box that lies wholly in the largest part of a polygon, or None."""
    parts = shapely.get_parts(polygon)
    part = parts[int(np.argmax(shapely.area(parts)))]
    boxes = _boxes(part.bounds, size)
    shapely.prepare(part)
    grown = shapely.box(*(shapely.bounds(boxes) + np.array([-gap, -gap, gap, gap])).T)
    boxes = boxes[shapely.contains_properly(part, grown)]
    if taken is not None:
        boxes = boxes[~shapely.intersects(boxes, taken)]
    if boxes.size == 0:
        return None
    middle = shapely.centroid(part)
    score = shapely.distance(boxes, shapely.boundary(part)) - CENTRING * shapely.distance(
        shapely.centroid(boxes), middle
    )
    return boxes[int(np.argmax(score))]


def _outside(
    anchor: shapely.Point,
    size: NDArray[np.float64],
    frame: Box,
    gap: float,
    *,
    land: shapely.Geometry,
    taken: list[shapely.Geometry],
    leaders: list[shapely.Geometry],
) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Give the cheapest box off the land that covers nothing, and its leader."""
    west, south, east, north = frame
    room = (west + size[0] / 2, south + size[1] / 2, east - size[0] / 2, north - size[1] / 2)
    boxes = _boxes(room, size)
    shapely.prepare(land)
    grown = shapely.union_all([shapely.buffer(box, gap) for box in taken])
    occupied = shapely.intersects(boxes, grown)
    dry = shapely.intersects(boxes, land)
    crossed = shapely.intersects(boxes, shapely.union_all(leaders))
    lines = shapely.shortest_line(anchor, boxes)
    obstacles = [*(shapely.buffer(box, gap / 2) for box in taken), *leaders]
    crossings = sum((shapely.intersects(lines, other) for other in obstacles), np.zeros(len(boxes)))
    width = max(east - west, north - south)
    cost = shapely.length(lines) + CROSSING * width * (crossings + crossed)
    cost += CROSSING**2 * width * dry + CROSSING**4 * width * occupied
    best = int(np.argmin(cost))
    return boxes[best], lines[best]


def _boxes(bounds: Box, size: NDArray[np.float64]) -> NDArray[np.object_]:
    """Boxes of one size whose middles form a grid over the bounds."""
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, GRID), np.linspace(south, north, GRID))
    half_width, half_height = size / 2
    boxes: NDArray[np.object_] = shapely.box(
        x.ravel() - half_width,
        y.ravel() - half_height,
        x.ravel() + half_width,
        y.ravel() + half_height,
    )
    return boxes


def _middle(polygon: shapely.Geometry) -> shapely.Point:
    parts = shapely.get_parts(polygon)
    part = parts[int(np.argmax(shapely.area(parts)))]
    middle = shapely.centroid(part)
    return middle if shapely.contains(part, middle) else shapely.point_on_surface(part)


def _bounds(box: shapely.Geometry) -> Box:
    west, south, east, north = box.bounds
    return west, south, east, north

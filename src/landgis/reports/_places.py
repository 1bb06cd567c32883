"""How a unit is shown from near: in one map, or, where its parcels lie scattered, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import shapely

from landgis.reports import _map, _panel, _paper, style

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landgis.reports._map import View
    from landgis.reports._paper import Paper

REACH_M = 1000.0  # parcels nearer than this to each other belong to one place
MOST_PLACES = 4
NEIGHBOUR_M = 3000.0  # a place so near to a larger one is seen around that one
LEAST_SHARE = 0.02  # of the unit's stock land; a smaller place is left to the sum line
WORTH = 2.0  # places are shown apart where that enlarges the picture at least so much
MARGIN = 6.0  # millimetres around what is shown
GUTTER = 2.0
LETTERS = "ABCD"


class Views(NamedTuple):
    """The maps of one sheet, and which parcels none of them shows."""

    views: list[View]
    left_out: int


def open_views(paper: Paper, geometry: NDArray[np.object_]) -> Views:
    """Make the map or the maps that show some parcels best; several maps have one scale."""
    whole = _bounds(geometry)
    bounds = [_bounds(geometry[members]) for members in _places(geometry)]
    areas = _areas(len(bounds))
    together = _map.metres_needed(_panel.MAP_AREA, whole, margin=MARGIN)
    apart = max(
        _map.metres_needed(area, box, margin=MARGIN)
        for area, box in zip(areas, bounds, strict=True)
    )
    if len(bounds) == 1 or together < WORTH * apart:
        return Views([_map.open_view(paper, _panel.MAP_AREA, whole, margin=MARGIN)], 0)
    views = [
        _map.open_view(paper, area, box, margin=MARGIN, least=apart)
        for area, box in zip(areas, bounds, strict=True)
    ]
    for letter, area in zip(LETTERS, areas, strict=False):
        _paper.box(paper, area[0], area[1], 6.0, 6.0, face=style.INK)
        _paper.write(paper, area[0] + 3.0, area[1] + 3.0, letter, size=9.0, bold=True,
                     colour=style.PAPER, align="center", valign="center_baseline")  # fmt: skip
    frames = shapely.union_all([shapely.box(*view.edges) for view in views])
    seen = shapely.intersects(geometry, frames)
    return Views(views, int((~seen).sum()))


def _places(geometry: NDArray[np.object_]) -> list[NDArray[np.intp]]:
    """Positions of the parcels of the places worth a map, the place with the most land first.

    Villages go with the town they lie beside: a place near a larger one is no place of its own.
    """
    middles = shapely.centroid(geometry)
    reach = shapely.buffer(middles, REACH_M / 2, quad_segs=2)
    grounds = shapely.get_parts(shapely.union_all(reach))
    parcel, place = shapely.STRtree(grounds).query(middles, predicate="intersects")
    members = [parcel[place == number] for number in range(len(grounds))]
    sizes = [float(shapely.area(geometry[found]).sum()) for found in members]
    chosen: list[NDArray[np.intp]] = []
    for number in sorted(range(len(members)), key=lambda i: -sizes[i]):
        ground = shapely.box(*_bounds(geometry[members[number]]))
        beside = any(
            shapely.distance(ground, shapely.box(*_bounds(geometry[other]))) < NEIGHBOUR_M
            for other in chosen
        )
        small = chosen and sizes[number] < LEAST_SHARE * sum(sizes)
        if not beside and not small and len(chosen) < MOST_PLACES:
            chosen.append(members[number])
    return chosen


def _bounds(geometry: NDArray[np.object_]) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds(geometry)
    return west, south, east, north


def _areas(count: int) -> list[tuple[float, float, float, float]]:
    """Cut the map area into parts, two beside each other; of three, the first takes one half."""
    x, y, width, height = _panel.MAP_AREA
    across = (width - GUTTER * (min(count, 2) - 1)) / min(count, 2)
    down = (height - GUTTER) / 2 if count > 2 else height  # noqa: PLR2004 - a second row
    cells = [
        (x + column * (across + GUTTER), y + row * (down + GUTTER), across, down)
        for row in range(2)
        for column in range(2)
    ]
    if count == 3:  # noqa: PLR2004 - the largest place gets the room that is left
        return [(x, y, across, height), cells[1], cells[3]]
    return cells[:count]

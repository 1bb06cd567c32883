"""Outlines of clusters: members and the lanes between them, behind clusters.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from landgis.analysis._boxes import in_chunks
from landgis.model.polygons import as_polygons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]

MITRE_LIMIT = 2.0  # a right-angled corner stays one; the outline then ends within the gap
SHRUNK_M = 1e-6  # far below what is drawn, a hundred times what rounding moves
POLYGONS = 400  # at a time: few, as one group can be most of the work


def outlines(groups: Sequence[Shapes], gap_m: float) -> Shapes:
    """Draw the outline of every group: its members and the lanes between them.

    A closing by half the gap, with sharp corners, together with the members themselves.
    """
    drawn = np.empty(len(groups), dtype=object)

    def draw(low: int, high: int) -> None:
        drawn[low:high] = _each_united(groups[low:high])
        several = [place for place in range(low, high) if len(groups[place]) > 1]
        drawn[several] = _with_lanes(drawn[several], gap_m / 2.0)

    sizes = [len(group) for group in groups]
    firsts = np.arange(0, sum(sizes), POLYGONS)
    lows = np.unique(np.searchsorted(np.cumsum(sizes), firsts, side="right"))
    highs = np.append(lows[1:], len(groups))
    in_chunks(lambda some, _: draw(lows[some], highs[some]), len(lows), size=1)
    return drawn


def _with_lanes(shapes: Shapes, half: float) -> Shapes:
    """Close shapes by half the gap, and unite them with what is closed.

    The closed shape runs along the members' own edges, but for rounding: where GEOS has to unite
    lines that all but coincide, it fails and starts again and again. Shrunk by a hair it lies
    within the members there, and lanes still end within the members on both sides.
    """
    wide = shapely.buffer(shapes, half, join_style="mitre", mitre_limit=MITRE_LIMIT)
    closed = shapely.buffer(wide, -half - SHRUNK_M, join_style="mitre", mitre_limit=MITRE_LIMIT)
    # A mitred closing can cross itself, on which GEOS may refuse the union, and leave lines behind
    return as_polygons(shapely.union(shapes, as_polygons(closed)))


def _each_united(groups: Sequence[Shapes]) -> Shapes:
    """Unite the polygons of every group: in one call of GEOS, where it refuses none of them."""
    side_by_side = np.full((len(groups), max(map(len, groups))), None, dtype=object)
    for row, group in zip(side_by_side, groups, strict=True):
        row[: len(group)] = group
    try:
        together: Shapes = shapely.coverage_union_all(side_by_side, axis=1)
        sound = shapely.is_valid(together)
    except shapely.errors.GEOSException:
        together, sound = side_by_side[:, 0], np.zeros(len(groups), dtype=np.bool_)
    single = shapely.get_num_geometries(together) == 1
    together[single] = shapely.get_geometry(together[single], 0)
    for place, group in enumerate(groups):
        if not sound[place] or len(group) == 1:
            together[place] = united(group)
    return together


def united(polygons: Shapes) -> shapely.Geometry:
    """Unite polygons: by dropping the edges that occur twice, which is quick.

    GEOS refuses that where edges do not agree; then only the polygons to which those edges belong
    are united the long way.
    """
    if len(polygons) == 1:
        return polygons[0]
    try:
        return _without_shared_edges(polygons)
    except shapely.errors.GEOSException:
        at_odds = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    if at_odds.all():
        return shapely.union_all(polygons)
    try:
        agreeing = _without_shared_edges(polygons[~at_odds])
    except shapely.errors.GEOSException:
        return shapely.union_all(polygons)
    return shapely.union(agreeing, shapely.union_all(polygons[at_odds]))


def _without_shared_edges(polygons: Shapes) -> shapely.Geometry:
    together = shapely.coverage_union_all(polygons)
    if not shapely.is_valid(together):
        raise shapely.errors.GEOSException("edges cross")
    single = shapely.get_num_geometries(together) == 1
    return shapely.get_geometry(together, 0) if single else together

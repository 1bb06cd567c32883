"""Outlines of clusters: members and the lanes between them, behind clusters.py."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landgis.analysis._adjacency import polygonal
from landgis.analysis._boxes import row_by_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shapes = NDArray[np.object_]

MITRE_LIMIT = 2.0  # a right-angled corner stays one; the outline then ends within the gap
FEW = 64  # polygons that are united at once where their edges do not agree


def outlines(groups: Sequence[Shapes], gap_m: float) -> Shapes:
    """Draw the outline of every group: its members and the lanes between them.

    A closing by half the gap, with sharp corners, together with the members themselves.
    """
    drawn = np.empty(len(groups), dtype=object)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        drawn[:] = list(pool.map(united, groups))
    several = np.array([len(group) > 1 for group in groups], dtype=np.bool_)
    half = np.full(int(several.sum()), gap_m / 2.0)
    drawn[several] = row_by_row(_with_lanes, drawn[several], half)
    return drawn


def _with_lanes(shapes: Shapes, half: Floats) -> Shapes:
    wide = shapely.buffer(shapes, half, join_style="mitre", mitre_limit=MITRE_LIMIT)
    closed = shapely.buffer(wide, -half, join_style="mitre", mitre_limit=MITRE_LIMIT)
    together: Shapes = shapely.union(shapes, closed)
    broken = ~shapely.is_valid(together)  # a mitred closing can cross itself
    together[broken] = shapely.make_valid(together[broken], method="structure")
    return polygonal(together)  # and can leave lines behind


def united(polygons: Shapes) -> shapely.Geometry:
    """Unite polygons: where their edges agree by dropping those that occur twice, which is quick.

    GEOS refuses that where edges do not agree; then many polygons are united in blocks first, most
    of which agree within.
    """
    if len(polygons) == 1:
        return polygons[0]
    try:
        together = shapely.coverage_union_all(polygons)
        if shapely.is_valid(together):
            single = shapely.get_num_geometries(together) == 1
            return shapely.get_geometry(together, 0) if single else together
    except shapely.errors.GEOSException:
        pass  # the edges do not agree
    if len(polygons) <= FEW:
        return shapely.union_all(polygons)
    return shapely.union_all([united(block) for block in _blocks(polygons)])


def _blocks(polygons: Shapes) -> list[Shapes]:
    """Divide polygons into blocks of neighbours: columns of equal number, then rows."""
    bounds = shapely.bounds(polygons)
    columns = math.ceil(math.sqrt(len(polygons) / FEW))
    blocks = []
    for column in np.array_split(np.argsort(bounds[:, 0], kind="stable"), columns):
        upward = column[np.argsort(bounds[column, 1], kind="stable")]
        blocks += np.array_split(polygons[upward], math.ceil(len(column) / FEW))
    return blocks

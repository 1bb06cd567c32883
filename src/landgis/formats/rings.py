"""Rings of surveyed points made into polygons, by containment alone.

Neither ring number nor orientation tells shell from hole in the files that circulate: a ring inside
an even number of others is a shell, inside an odd number a hole of the smallest around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from shapely import MultiPolygon, Polygon

# Two rings overlap when they share more than this part of the smaller: printed coordinates of
# neighbouring parts may cross by a rounding of the last decimal.
OVERLAP_SHARE = 1e-6


class Overlap(ValueError):  # noqa: N818 - it is the fact, its reader makes the error of it
    """Two rings overlap, though neither contains the other.

    Parameters
    ----------
    first : int
        Position of the one ring.
    second : int
        Position of the other.
    """

    def __init__(self, first: int, second: int) -> None:
        self.pair = (first, second)
        super().__init__(f"rings {first} and {second} overlap")


class Outline(NamedTuple):
    """One part of a parcel: positions of its shell and of its holes among the rings."""

    shell: int
    holes: list[int]


def assemble(rings: Sequence[NDArray[np.float64]]) -> Polygon | MultiPolygon:
    """Make a polygon of rings in any order.

    Parameters
    ----------
    rings : sequence of ndarray
        Each of shape (n, 2), x and y, n of 3 or more, first point not repeated.

    Returns
    -------
    Polygon or MultiPolygon
        One part per shell, in the order of the rings. Crossing edges inside one ring stay as
        they are, for `check` to find.

    Raises
    ------
    Overlap
        Where two rings overlap or are the same.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.array([[0, 0], [9, 0], [9, 9], [0, 9]], dtype=float)
    >>> assemble([square / 3 + 3, square]).area
    72.0
    """
    parts = [
        shapely.Polygon(rings[shell], [rings[hole] for hole in holes])
        for shell, holes in _outlines(rings)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _outlines(rings: Sequence[NDArray[np.float64]]) -> list[Outline]:
    if len(rings) == 1:
        return [Outline(0, [])]
    # Predicates need valid areas; a ring that crosses itself is judged by what it encloses.
    solids = shapely.make_valid(shapely.polygons([shapely.linearrings(ring) for ring in rings]))
    areas = shapely.area(solids)
    around: list[list[int]] = [[] for _ in rings]
    for i in range(len(rings)):
        for j in range(i + 1, len(rings)):
            small, large = (i, j) if areas[i] <= areas[j] else (j, i)
            shared = shapely.area(shapely.intersection(solids[small], solids[large]))
            outside = areas[small] - shared
            tolerance = OVERLAP_SHARE * areas[small]
            if areas[large] - shared <= tolerance or (shared > tolerance and outside > tolerance):
                raise Overlap(i, j)
            if shared > tolerance:
                around[small].append(large)
    outlines = {i: Outline(i, []) for i, outer in enumerate(around) if len(outer) % 2 == 0}
    for i, outer in enumerate(around):
        if len(outer) % 2:
            nearest = min(outer, key=lambda j: float(areas[j]))
            outlines[nearest].holes.append(i)
    return list(outlines.values())

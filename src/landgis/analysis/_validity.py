"""Which shapes are valid? GEOS says so, but is asked only about shapes that are not plainly valid.

Most shapes are: their edges keep well apart and their holes lie within their shell. To see that
takes a fraction of the time in which GEOS would look for all that could be wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from landgis.analysis import _ground as ground
from landgis.analysis import _validity_kernel as kernel

# Two tables are made ready at once and share the cores, and to begin a span is to wait for a turn
# of the interpreter, which reads corners meanwhile.
SPANS = 8

if TYPE_CHECKING:
    from landgis.analysis._ground import Rings, Shapes, Truths


def are_valid(shapes: Shapes, these: Rings) -> Truths:
    """Say which shapes are valid polygons with ground; `these` are their rings."""
    valid = np.zeros(len(shapes), np.bool_)

    def look(first: int, end: int) -> None:
        kernel.plainly_valid(these.points, these.ring, these.outer, these.shape, first, end, valid)

    ground.in_spans(look, len(shapes), spans=SPANS, at_once=max(1, ground.threads() // 2))
    doubtful = np.flatnonzero(~valid)
    doubtful = doubtful[np.diff(these.shape)[doubtful] > 0]
    valid[doubtful] = shapely.is_valid(shapes[doubtful])
    return valid

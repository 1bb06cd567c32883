"""Slope from a raster of heights, by Horn's weights on the eight cells around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landgis.model import crs as systems
from landgis.model.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_METRES = {"", "m", "metre", "metres", "meter", "meters", "米"}


def cell_sizes(
    dataset: Any, band: int, path: str | Path
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give width and height in metres of the cells of every row of a raster of heights."""
    unit = str(dataset.units[band - 1] or "").strip().lower()
    if unit not in _METRES:
        raise DataError(
            "heights_not_metres",
            f"heights are in {unit!r}, a slope needs metres",
            hint=f"高程单位是“{unit}”而不是米：请先换算为米再计算坡度。",
            file=path,
        )
    from pyproj import CRS

    crs = CRS.from_wkt(dataset.crs.to_wkt())
    grid = dataset.transform
    width, height = abs(grid.a), abs(grid.e)
    if not crs.is_geographic:
        factor = crs.axis_info[0].unit_conversion_factor
        return (np.full(dataset.height, width * factor), np.full(dataset.height, height * factor))
    rows = np.arange(dataset.height) + 0.5
    latitude = np.radians(grid.f + grid.e * rows)
    geod = systems.earth(crs)
    curve = np.sqrt(1.0 - geod.es * np.sin(latitude) ** 2)
    east = geod.a / curve * np.cos(latitude)  # radius of the parallel
    north = geod.a * (1.0 - geod.es) / curve**3  # radius of the meridian
    return np.radians(width) * east, np.radians(height) * north


def slope_degrees(
    around: NDArray[np.float64], width: NDArray[np.float64], height: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the slope of every cell of a window that is known with one row and column around it."""
    above, level, below = around[:-2], around[1:-1], around[2:]
    smooth = above + 2.0 * level + below  # weights 1 2 1 down the columns
    rise_east = (smooth[:, 2:] - smooth[:, :-2]) / (8.0 * width[:, None])
    drop = below - above
    rise_south = (drop[:, :-2] + 2.0 * drop[:, 1:-1] + drop[:, 2:]) / (8.0 * height[:, None])
    return np.degrees(np.arctan(np.hypot(rise_east, rise_south))) + 0.0 * level[:, 1:-1]

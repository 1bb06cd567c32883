"""In which statistical unit does each parcel lie? The larger part decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landgis.analysis.area import areas
from landgis.model import crs as systems

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def locate(parcels: GeoDataFrame, units: GeoDataFrame) -> GeoDataFrame:
    """Add the unit in which the larger part of each parcel lies.

    Parameters
    ----------
    parcels : GeoDataFrame
        Polygons with a declared coordinate system.
    units : GeoDataFrame
        Polygons indexed by ``unit``; any coordinate system that can be related to the parcels'.

    Returns
    -------
    GeoDataFrame
        A copy with the column ``unit``; missing where a parcel touches no unit or has no geometry.
        An equal share goes to the unit that stands first.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_no_transformation``, ``crs_out_of_range``.

    Notes
    -----
    Parts are compared by statutory area (`landgis.analysis.area`), the cut is made in the parcels'
    own plane. Only parcels that touch several units are cut.

    Examples
    --------
    >>> import geopandas
    >>> units = geopandas.GeoDataFrame(
    ...     index=["西", "东"], geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], crs=4545
    ... )
    >>> parcels = geopandas.GeoDataFrame(geometry=[shapely.box(9, 0, 13, 1)], crs=4545)
    >>> locate(parcels, units)["unit"].tolist()
    ['东']
    """
    aligned = systems.align(units, systems.require_crs(parcels, what="地块"), what="统计单元")
    geometry = parcels.geometry.to_numpy()
    outlines = aligned.geometry.to_numpy()
    row, unit = shapely.STRtree(outlines).query(geometry, predicate="intersects")
    touched = np.bincount(row, minlength=len(parcels))
    share = np.ones(len(row))
    contested = touched[row] > 1
    cuts = shapely.intersection(geometry[row[contested]], outlines[unit[contested]])
    share[contested] = areas(cuts, parcels)
    largest_last = np.lexsort((-unit, share, row))
    names = np.full(len(parcels), None, dtype=object)
    names[row[largest_last]] = aligned.index.to_numpy(dtype=object)[unit[largest_last]]
    located = parcels.copy()
    located["unit"] = pd.Series(names, index=parcels.index, dtype="str")
    return located

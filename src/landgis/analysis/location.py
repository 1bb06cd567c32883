"""In which statistical unit does each parcel lie? The larger part decides; the rest is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.analysis.area import areas, parts_held
from landgis.model import crs as systems
from landgis.model.polygons import as_polygons

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def locate(parcels: GeoDataFrame, units: GeoDataFrame) -> GeoDataFrame:
    """Add the unit in which the larger part of each parcel lies, and what lies elsewhere.

    Parameters
    ----------
    parcels : GeoDataFrame
        Polygons with a declared coordinate system.
    units : GeoDataFrame
        Polygons indexed by ``unit``; any coordinate system that can be related to the parcels'. A
        unit may have several rows.

    Returns
    -------
    GeoDataFrame
        A copy with ``located_unit`` and ``located_share`` (of the parcel's own area, 0 to 1),
        ``second_unit`` and ``second_share`` where a part lies in another unit, and
        ``outside_share``, what no unit covers. All are missing where a parcel has no ground;
        where it touches no unit, ``outside_share`` is 1. ``unit`` is filled with ``located_unit``
        where the table has no such column, and never overwritten.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_no_transformation``, ``crs_out_of_range``.

    Notes
    -----
    Parts are compared by statutory area (`landgis.analysis.area`), the cut is made in the parcels'
    own plane. Only parcels that no unit holds whole are cut. Equal parts go to the unit that
    stands first. An invalid outline is only made valid for the cut; the table is not repaired.
    `landgis.analysis.soundness.check` compares with the same parts (`area.parts_held`).

    Examples
    --------
    >>> import geopandas, shapely
    >>> units = geopandas.GeoDataFrame(
    ...     index=["西", "东"], geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], crs=4545
    ... )
    >>> parcels = geopandas.GeoDataFrame(geometry=[shapely.box(9, 0, 13, 1)], crs=4545)
    >>> located = locate(parcels, units)
    >>> located["unit"].tolist(), located["second_unit"].tolist()
    (['东'], ['西'])
    >>> located["second_share"].round(4).tolist()
    [0.25]
    """
    crs = systems.require_crs(parcels, what="地块")
    aligned = systems.align(units, crs, what="统计单元")
    shapes = as_polygons(parcels.geometry.to_numpy())
    whole_m2 = areas(shapes, parcels)
    parts = parts_held(
        shapes,
        as_polygons(aligned.geometry.to_numpy()),
        parcels,
        whole_m2=whole_m2,
        holders=aligned.index.to_numpy(dtype=object),
    )
    rank = parts.groupby("row").cumcount()
    located = parcels.copy()
    for place, name in enumerate(("located", "second")):
        chosen = parts[rank == place]
        unit = np.full(len(parcels), None, dtype=object)
        share = np.full(len(parcels), np.nan)
        unit[chosen["row"]], share[chosen["row"]] = chosen["holder"], chosen["share"]
        located[f"{name}_unit"] = pd.Series(unit, index=parcels.index, dtype="str")
        located[f"{name}_share"] = share
    covered = np.bincount(parts["row"], parts["share"], minlength=len(parcels))
    outside = np.clip(1.0 - covered, 0.0, 1.0)
    located["outside_share"] = np.where(whole_m2 > 0, outside, np.nan)
    if "unit" not in parcels.columns:
        located["unit"] = located["located_unit"]
    return located

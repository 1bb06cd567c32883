"""In which statistical unit does each parcel lie? The larger part decides; the rest is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landgis.analysis.area import areas
from landgis.model import crs as systems
from landgis.model.units import whole_steps

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

TIE_DECIMALS = 9  # shares that differ by less are equal parts


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
        ``outside_share``, what no unit covers. All are missing where a parcel has no geometry;
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

    Examples
    --------
    >>> import geopandas
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
    names = aligned.index.to_numpy(dtype=object)
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    parts = _parts(parcels.geometry.to_numpy(), aligned.geometry.to_numpy(), parcels)
    parts["unit"] = [order[name] for name in names[parts["unit"]]]
    whole = parts.groupby(["row", "unit"], as_index=False)["share"].sum()
    whole["billionths"] = whole_steps(whole["share"], TIE_DECIMALS)
    whole = whole.sort_values(["row", "billionths", "unit"], ascending=[True, False, True])
    rank = whole.groupby("row").cumcount()
    located = parcels.copy()
    words = np.array(list(order), dtype=object)
    for place, name in enumerate(("located", "second")):
        chosen = whole[rank == place]
        unit = np.full(len(parcels), None, dtype=object)
        share = np.full(len(parcels), np.nan)
        unit[chosen["row"]], share[chosen["row"]] = words[chosen["unit"]], chosen["share"]
        located[f"{name}_unit"] = pd.Series(unit, index=parcels.index, dtype="str")
        located[f"{name}_share"] = share
    covered = np.bincount(whole["row"], whole["share"], minlength=len(parcels))
    outside = np.clip(1.0 - covered, 0.0, 1.0)
    missing = shapely.is_missing(parcels.geometry.to_numpy()) | parcels.geometry.is_empty.to_numpy()
    located["outside_share"] = np.where(missing, np.nan, outside)
    if "unit" not in parcels.columns:
        located["unit"] = located["located_unit"]
    return located


def _parts(
    geometry: NDArray[np.object_], outlines: NDArray[np.object_], ruler: GeoDataFrame | CRS
) -> pd.DataFrame:
    """Give every pair of parcel and unit that share ground, with the share of the parcel."""
    tree = shapely.STRtree(geometry)
    shapely.prepare(outlines)
    unit, row = tree.query(outlines, predicate="intersects")
    held_by, held = tree.query(outlines, predicate="covers")
    inside = set(zip(row.tolist(), unit.tolist(), strict=True)) & set(
        zip(held.tolist(), held_by.tolist(), strict=True)
    )
    share = np.ones(len(row))
    cut = np.array([pair not in inside for pair in zip(row.tolist(), unit.tolist(), strict=True)])
    cut = cut.astype(bool)
    if cut.any():
        rows, again = np.unique(row[cut], return_inverse=True)
        own = _valid(geometry[rows])[again]
        pieces = shapely.intersection(own, _valid(outlines)[unit[cut]])
        whole = areas(own, ruler)
        share[cut] = np.divide(areas(pieces, ruler), whole, where=whole > 0, out=0.0 * whole)
    parts = pd.DataFrame({"row": row, "unit": unit, "share": share})
    return parts[parts["share"] > 0]


def _valid(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    broken = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    mended = geometry.copy()
    mended[broken] = shapely.make_valid(geometry[broken])
    return mended

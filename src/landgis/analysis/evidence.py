"""What do rasters and other layers say of a parcel? Evidence with its source and date.

Evidence is what somebody saw from above or mapped for another purpose. It stands beside the facts
of the ledger with its source and date, and never replaces them.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import shapely

from landgis.analysis import _layer_evidence as layer_evidence
from landgis.analysis import _raster_evidence as raster_evidence
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

Statistic = Literal["share", "mean", "min", "max", "majority", "slope", "count", "distance"]
LAYER_STATISTICS = layer_evidence.STATISTICS
_POLYGON, _MULTIPOLYGON = 3, 6  # shapely type numbers
_ENDINGS = {"distance": "distance_m", "slope": "slope_deg"}


def observe(
    parcels: GeoDataFrame,
    *,
    name: str,
    raster: str | Path | None = None,
    layer: GeoDataFrame | None = None,
    extent: GeoDataFrame | None = None,
    statistic: Statistic = "share",
    values: Sequence[float] = (1,),
    band: int = 1,
    source: str = "",
    date: str | dt.date = "",
) -> GeoDataFrame:
    """Add what a raster or a layer says of every parcel.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels with a declared coordinate system; never written to.
    name : str
        First part of the new columns' names, such as ``built``; an identifier.
    raster : str or Path or None, optional
        A raster file, north up, in any system that can be related to the parcels'.
    layer : GeoDataFrame or None, optional
        A vector layer in any such system; exactly one of `raster` and `layer` is given.
    extent : GeoDataFrame or None, optional
        Polygons of the ground that the layer was made for; beyond it nothing is known. None takes
        the layer as complete.
    statistic : {'share', 'mean', 'min', 'max', 'majority', 'slope', 'count', 'distance'}, optional
        Of a raster: ``share`` of the class `values`, a statistic of the cells' values, or the mean
        ``slope`` in degrees of a raster of heights in metres; each cell weighted by the part of it
        that the parcel covers. Of a layer: ``share`` of the parcel under its polygons (overlapping
        ones once), ``count`` of features that meet the parcel's interior, ``distance`` to the
        nearest feature.
    values : sequence of float, optional
        Cell values that make up the class (``share`` of a raster only).
    band : int, optional
        Band of the raster, from 1.
    source : str, optional
        What to write as source; the raster's file name where empty.
    date : str or datetime.date, optional
        When it was seen or mapped: ISO text or a date; empty where unknown.

    Returns
    -------
    GeoDataFrame
        A copy with ``<name>_<statistic>`` (float64; ``count`` Int64; ``distance`` is named
        ``<name>_distance_m``, in metres, ``slope`` ``<name>_slope_deg``), ``<name>_source`` and
        ``<name>_date`` (text). For a raster, or a layer with an `extent`, also ``<name>_covered``:
        the share of the parcel of which something is known, 0 to 1. The figure refers to that part;
        it is unknown (NaN) where nothing is covered and where a parcel has no valid polygon. For a
        raster ``<name>_nodata`` is the share under cells without a value; what covered and nodata
        leave of 1 lies beyond the raster's edge.

    Raises
    ------
    UsageError
        ``one_source``, ``bad_name``, ``name_taken``, ``source_mixed`` where the table holds another
        figure of that name from another source or day, ``extent_of_layer``,
        ``unknown_statistic``, ``no_values``, ``unknown_band``, ``bad_date``.
    SourceError
        ``file_missing``, ``raster_unreadable``.
    CrsError
        ``crs_missing``, ``crs_no_transformation``, ``crs_out_of_range``.
    DataError
        ``no_overlap`` where all parcels lie outside the raster, ``raster_not_north_up``,
        ``heights_not_metres``, ``layer_empty``, ``layer_not_polygons`` for the share of points or
        lines.

    Notes
    -----
    Cells are cut exactly (exactextract, whose cell fractions are single precision: shares are
    good to 1e-6). Parcels move into the raster's system, their edges split at 1 km before, and the
    raster is never resampled; it is read in windows of at most 4 million cells, so it may be larger
    than memory. Slope is Horn's, from the eight cells around (Horn 1981, Proc. IEEE 69, 14-47),
    unknown beside unknown cells and along the raster's edge; cells of degrees are measured on the
    raster's ellipsoid. Shares under a layer are ratios of areas by the ruler; broken polygons of
    the layer are read with their shells filled. Distances are planar, in the parcels' own system
    or, for degrees, in the Gauss-Krüger or UTM zone of the place.

    Examples
    --------
    >>> import geopandas, shapely
    >>> parcels = geopandas.GeoDataFrame(geometry=[shapely.box(562000, 2428000, 562100, 2428100)],
    ...                                  crs="EPSG:4545", index=["A1"])
    >>> houses = geopandas.GeoDataFrame(geometry=[shapely.box(562000, 2428000, 562050, 2428050)],
    ...                                 crs="EPSG:4545")
    >>> seen = observe(parcels, name="house", layer=houses, source="建筑轮廓", date="2023-06-30")
    >>> round(float(seen["house_share"].iloc[0]), 6), seen["house_date"].iloc[0]
    (0.25, '2023-06-30')
    """
    _require_one(raster, layer, extent, statistic, values)
    known_part = ["covered", "nodata"] if raster is not None else ["covered"] * (extent is not None)
    figure, *cover = _new_columns(name, statistic, [*known_part, "source", "date"])
    told = [source or ("" if raster is None else Path(raster).name), _date_text(date)]
    _require_same_source(parcels, name, figure, told)
    systems.require_crs(parcels, what="地块")
    geometry = parcels.geometry.to_numpy()
    sound = (
        np.isin(shapely.get_type_id(geometry), (_POLYGON, _MULTIPOLYGON))
        & shapely.is_valid(geometry)
        & ~shapely.is_empty(geometry)
    )
    if raster is not None:
        found, *known = raster_evidence.read_under(
            parcels, sound, raster, band=band, statistic=statistic, values=values
        )
    else:
        assert layer is not None, "either a raster or a layer is given"  # noqa: S101
        found, *known = layer_evidence.read_under(
            parcels, sound, layer, statistic=statistic, extent=extent
        )
    observed = parcels.copy()
    observed[figure] = layer_evidence.as_column(found, statistic)
    for column, share in zip(cover[:-2], known, strict=False):
        observed[column] = share
    for column, text in zip(cover[-2:], told, strict=True):
        observed[column] = pd.Series(text, index=observed.index, dtype="str")
    return observed


def _new_columns(name: str, statistic: str, beside: list[str]) -> list[str]:
    """Name the columns to add, figure first, source and date last."""
    if not name.isidentifier():
        raise UsageError(
            "bad_name",
            f"{name!r} cannot begin a column's name",
            hint="证据名称应以字母或汉字开头，只含字母、数字、汉字和下划线，如 built。",
        )
    columns = [f"{name}_{ending}" for ending in (_ENDINGS.get(statistic, statistic), *beside)]
    facts = {column.name for column in schema.PARCELS.columns}
    taken = [column for column in columns if column in facts]
    if taken:
        raise UsageError(
            "name_taken",
            f"{', '.join(taken)} would overwrite a fact of the ledger",
            hint=f"“{taken[0]}”是台账字段，证据不得覆盖：请换一个名称。",
        )
    return columns


def _require_same_source(parcels: GeoDataFrame, name: str, figure: str, told: list[str]) -> None:
    """Stop where a new source would be written over that of another figure of the same name."""
    figures = {
        f"{name}_{_ENDINGS.get(one, one)}"
        for one in (*raster_evidence.STATISTICS, *LAYER_STATISTICS)
    }
    others = [column for column in parcels.columns if column in figures - {figure}]
    for ending, text in zip(("source", "date"), told, strict=True):
        column = f"{name}_{ending}"
        if others and column in parcels.columns and (parcels[column].fillna("") != text).any():
            raise UsageError(
                "source_mixed",
                f"{', '.join(others)} came from another {ending} than {text!r}",
                hint=f"“{name}”已有来源或日期不同的佐证（{'、'.join(others)}）：请换一个佐证名称，"
                "每项佐证只有一个来源和日期。",
            )


def _require_one(
    raster: str | Path | None,
    layer: GeoDataFrame | None,
    extent: GeoDataFrame | None,
    statistic: str,
    values: Sequence[float],
) -> None:
    if (raster is None) == (layer is None):
        raise UsageError(
            "one_source",
            "give either a raster or a layer",
            hint="请在 raster（栅格文件）与 layer（矢量图层）中给出一个，且只给一个。",
        )
    if extent is not None and layer is None:
        raise UsageError(
            "extent_of_layer",
            "an extent goes with a layer; a raster has its own",
            hint="extent（证据范围）只用于矢量图层；栅格的范围由自身的像元决定。",
        )
    known = LAYER_STATISTICS if raster is None else raster_evidence.STATISTICS
    if statistic not in known:
        raise UsageError(
            "unknown_statistic",
            f"statistic {statistic!r} is not known for a {'layer' if raster is None else 'raster'}",
            hint=f"{'矢量图层' if raster is None else '栅格'}的统计方式应为{'、'.join(known)}之一。",
        )
    if raster is not None and statistic == "share" and not len(values):
        raise UsageError(
            "no_values",
            "the class of cell values is empty",
            hint="请用 values 指明哪些栅格值算作此类，如 values=(1,)。",
        )


def _date_text(date: str | dt.date) -> str:
    if isinstance(date, dt.date):
        return date.isoformat()[:10]
    try:
        return dt.date.fromisoformat(date).isoformat() if date else ""
    except ValueError as error:
        raise UsageError(
            "bad_date",
            f"{date!r} is no ISO date",
            hint="证据日期应写成 2023-06-30 的形式。",
        ) from error

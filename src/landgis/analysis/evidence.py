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

from landgis.analysis import _raster_evidence as raster_evidence
from landgis.analysis.area import areas
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

Statistic = Literal["share", "mean", "min", "max", "majority", "count", "distance"]
LAYER_STATISTICS = ("share", "count", "distance")
_POLYGON, _MULTIPOLYGON = 3, 6  # shapely type numbers


def observe(
    parcels: GeoDataFrame,
    *,
    name: str,
    raster: str | Path | None = None,
    layer: GeoDataFrame | None = None,
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
    statistic : {'share', 'mean', 'min', 'max', 'majority', 'count', 'distance'}, optional
        Of a raster: ``share`` of the class `values`, or a statistic of the cells' values, each
        cell weighted by the part of it that the parcel covers. Of a layer: ``share`` of the parcel
        under its polygons (overlapping ones once), ``count`` of features that meet the parcel's
        interior, ``distance`` to the nearest feature.
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
        ``<name>_distance_m``, in metres), ``<name>_source`` and ``<name>_date`` (text), and for a
        raster ``<name>_covered``: the share of the parcel under cells that hold a value, 0 to 1.
        ``<name>_share`` refers to that covered part. Unknown (NaN) where a parcel has no valid
        polygon and where no cell holds a value.

    Raises
    ------
    UsageError
        ``one_source``, ``bad_name``, ``name_taken``, ``unknown_statistic``, ``no_values``,
        ``unknown_band``, ``bad_date``.
    SourceError
        ``file_missing``, ``raster_unreadable``.
    CrsError
        ``crs_missing``, ``crs_no_transformation``, ``crs_out_of_range``.
    DataError
        ``no_overlap`` where all parcels lie outside the raster, ``raster_not_north_up``,
        ``layer_empty``, ``layer_not_polygons`` for the share of points or lines.

    Notes
    -----
    Cells are cut exactly (exactextract, whose cell fractions are single precision: shares are
    good to 1e-6). Parcels move into the raster's system, the raster is never resampled; it is read
    in windows of at most 4 million cells, so it may be larger than memory. Shares under a layer
    are ratios of areas by the ruler; broken polygons of the layer are read with their shells
    filled. A layer is taken as complete: where it shows nothing, share and count are 0. Distances
    are planar, in the parcels' own system or, for degrees, in the Gauss-Krüger or UTM zone of the
    place.

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
    columns = _new_columns(name, statistic, with_cover=raster is not None)
    _require_one(raster, layer, statistic, values)
    said = _date_text(date)
    crs = systems.require_crs(parcels, what="地块")
    geometry = parcels.geometry.to_numpy()
    sound = (
        np.isin(shapely.get_type_id(geometry), (_POLYGON, _MULTIPOLYGON))
        & shapely.is_valid(geometry)
        & ~shapely.is_empty(geometry)
    )
    observed = parcels.copy()
    if raster is not None:
        seen = raster_evidence.read_under(
            parcels, sound, raster, band=band, statistic=statistic, values=values
        )
        found, covered = seen
        observed[columns[0]] = found
        observed[columns[1]] = covered
        source = source or Path(raster).name
    else:
        assert layer is not None, "either a raster or a layer is given"  # noqa: S101
        features = _features(systems.align(layer, crs, what="证据图层"))
        by = {"share": _share, "count": _count, "distance": _distance}[statistic]
        found = by(parcels, sound, features)
        observed[columns[0]] = pd.array(found, dtype="Int64") if statistic == "count" else found
    observed[columns[-2]] = pd.Series(source, index=observed.index, dtype="str")
    observed[columns[-1]] = pd.Series(said, index=observed.index, dtype="str")
    return observed


def _new_columns(name: str, statistic: str, *, with_cover: bool) -> list[str]:
    """Name the columns to add, figure first, source and date last."""
    if not name.isidentifier():
        raise UsageError(
            "bad_name",
            f"{name!r} cannot begin a column's name",
            hint="证据名称应以字母或汉字开头，只含字母、数字、汉字和下划线，如 built。",
        )
    figure = "distance_m" if statistic == "distance" else statistic
    cover = ["covered"] if with_cover else []
    columns = [f"{name}_{ending}" for ending in (figure, *cover, "source", "date")]
    facts = {column.name for column in schema.PARCELS.columns}
    taken = [column for column in columns if column in facts]
    if taken:
        raise UsageError(
            "name_taken",
            f"{', '.join(taken)} would overwrite a fact of the ledger",
            hint=f"“{taken[0]}”是台账字段，证据不得覆盖：请换一个名称。",
        )
    return columns


def _require_one(
    raster: str | Path | None,
    layer: GeoDataFrame | None,
    statistic: str,
    values: Sequence[float],
) -> None:
    if (raster is None) == (layer is None):
        raise UsageError(
            "one_source",
            "give either a raster or a layer",
            hint="请在 raster（栅格文件）与 layer（矢量图层）中给出一个，且只给一个。",
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


def _features(layer: GeoDataFrame) -> NDArray[np.object_]:
    """Give the layer's features that have a geometry, valid."""
    geometry = layer.geometry.to_numpy()
    there = geometry[~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)]
    if not len(there):
        raise DataError(
            "layer_empty",
            "the layer has no features",
            hint="证据图层没有要素：空图层不能证明“没有”，请检查图层名称与筛选条件。",
        )
    broken = ~shapely.is_valid(there)
    there[broken] = shapely.make_valid(there[broken], method="structure", keep_collapsed=False)
    features: NDArray[np.object_] = there[~shapely.is_empty(there)]
    return features


def _share(
    parcels: GeoDataFrame, sound: NDArray[np.bool_], features: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Share of every parcel under the layer's polygons, where they overlap counted once."""
    if (shapely.get_dimensions(features) < 2).any():  # noqa: PLR2004 - two dimensions make an area
        raise DataError(
            "layer_not_polygons",
            "a share needs polygons, the layer has points or lines",
            hint="占比需要面图层：点、线图层请用 count（个数）或 distance（距离）。",
        )
    geometry = parcels.geometry.to_numpy()
    rows = np.flatnonzero(sound)
    tree = shapely.STRtree(geometry[rows])
    _, whole = tree.query(features, predicate="covers")
    feature, row = tree.query(features, predicate="intersects")
    cut = ~np.isin(row, whole)
    feature, row = feature[cut], row[cut]
    pieces = shapely.intersection(features[feature], geometry[rows[row]])
    touched, union = _unite(pieces, row)
    area = areas(geometry[rows], parcels)
    share = np.zeros(len(rows))
    share[whole] = 1.0
    share[touched] = np.clip(areas(union, parcels) / area[touched], 0.0, 1.0)
    return _spread(share, rows, len(parcels))


def _unite(
    pieces: NDArray[np.object_], row: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Unite the pieces of every row, dropping the lines and points where polygons only touch."""
    parts, piece = shapely.get_parts(pieces, return_index=True)
    is_polygon = shapely.get_type_id(parts) == _POLYGON
    parts, row = parts[is_polygon], row[piece[is_polygon]]
    order = np.argsort(row, kind="stable")
    parts, row = parts[order], row[order]
    touched, starts, counts = np.unique(row, return_index=True, return_counts=True)
    united = parts[starts]
    for number in np.flatnonzero(counts > 1):
        united[number] = shapely.union_all(parts[starts[number] : starts[number] + counts[number]])
    return touched, united


def _count(
    parcels: GeoDataFrame, sound: NDArray[np.bool_], features: NDArray[np.object_]
) -> NDArray[np.float64]:
    """How many features meet the interior of every parcel."""
    rows = np.flatnonzero(sound)
    geometry = parcels.geometry.to_numpy()[rows]
    feature, row = shapely.STRtree(geometry).query(features, predicate="intersects")
    inside = ~shapely.touches(features[feature], geometry[row])
    counts = np.bincount(row[inside], minlength=len(rows)).astype(np.float64)
    return _spread(counts, rows, len(parcels))


def _distance(
    parcels: GeoDataFrame, sound: NDArray[np.bool_], features: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Metres from every parcel to the nearest feature."""
    rows = np.flatnonzero(sound)
    places = parcels.iloc[rows]
    metric = systems.metric_crs(parcels)
    layer = type(parcels)(geometry=features, crs=parcels.crs)
    flat = systems.align(layer, metric, what="证据图层").geometry.to_numpy()
    moved = systems.align(places, metric, what="地块").geometry.to_numpy()
    (row, _), distance = shapely.STRtree(flat).query_nearest(
        moved, return_distance=True, all_matches=False
    )
    nearest = np.full(len(rows), np.nan)
    nearest[row] = distance * metric.axis_info[0].unit_conversion_factor
    return _spread(nearest, rows, len(parcels))


def _spread(values: NDArray[np.float64], rows: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Put values of the sound rows in their places; unknown elsewhere."""
    spread = np.full(count, np.nan)
    spread[rows] = values
    return spread

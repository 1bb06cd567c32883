"""What do rasters and other layers say of a parcel? Evidence, with its source and its date.

Attributes are what somebody wrote; evidence is what something shows. The two stand side by side,
and where they contradict each other a person decides (`landgis.analysis.soundness.contradictions`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
import shapely

from landgis.analysis.area import areas
from landgis.model import crs as systems
from landgis.model.errors import CrsError, DataError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

Statistic = Literal["share", "mean", "min", "max", "median", "stdev"]

PARTIAL = 1e-9  # a parcel covered by less than this share of its area is not covered at all


def observe(
    parcels: GeoDataFrame,
    *,
    name: str,
    raster: str | Path | None = None,
    layer: GeoDataFrame | None = None,
    values: Collection[float] = (1,),
    statistic: Statistic = "share",
    date: str = "",
) -> GeoDataFrame:
    """Add what a raster or a layer shows of every parcel.

    Parameters
    ----------
    parcels : GeoDataFrame
        Polygons with a declared coordinate system.
    name : str
        Begins the names of the columns added, such as ``built``.
    raster : str or Path or None, optional
        Raster file with a declared coordinate system; its first band is read, in windows. Either
        this or `layer`.
    layer : GeoDataFrame or None, optional
        Polygons, lines or points, such as buildings or roads, in any system that can be related.
    values : collection of float, optional
        Cell values that count, for ``share``.
    statistic : {'share', 'mean', 'min', 'max', 'median', 'stdev'}, optional
        What is told of the cells: the share of the known ground that has one of `values`, 0 to 1,
        or a statistic of the values, in their own unit, every cell weighted by the fraction of it
        that lies in the parcel.
    date : str, optional
        Date of the evidence, kept as written.

    Returns
    -------
    GeoDataFrame
        A copy with, for a raster, ``<name>_<statistic>`` (NaN where nothing is known) and
        ``<name>_covered``, the share of the parcel that cells with a value cover, 0 to 1; for a
        layer, ``<name>_share`` (covered by its polygons, overlaps once), ``<name>_count`` and
        ``<name>_distance_m`` (0 where it touches, NaN where the layer is empty); and
        ``<name>_source`` and ``<name>_date``.

    Raises
    ------
    UsageError
        ``one_evidence`` unless just one of `raster` and `layer` is given; ``unknown_statistic``.
    SourceError
        ``raster_missing``, ``raster_unreadable``.
    CrsError
        ``crs_missing``, ``crs_no_transformation``; ``crs_degrees`` for a layer and degrees.
    DataError
        ``raster_elsewhere`` where the raster touches none of the parcels.

    Notes
    -----
    Cells are cut exactly by the parcel's edge (exactextract: Baston, 2023, exact fractions of
    cells), in the raster's own plane, to which the parcels are brought. Areas of layer overlaps
    are statutory.

    Examples
    --------
    >>> import geopandas
    >>> parcels = geopandas.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs="EPSG:4545")
    >>> houses = geopandas.GeoDataFrame(geometry=[shapely.box(5, 0, 20, 10)], crs="EPSG:4545")
    >>> seen = observe(parcels, name="house", layer=houses)
    >>> round(float(seen["house_share"].iloc[0]), 6), int(seen["house_count"].iloc[0])
    (0.5, 1)
    """
    if (raster is None) == (layer is None):
        raise UsageError(
            "one_evidence",
            "give either a raster or a layer",
            hint="栅格（raster）和图层（layer）应给且只给其中一个。",
        )
    if statistic not in get_args(Statistic):
        raise UsageError(
            "unknown_statistic",
            f"unknown statistic {statistic!r}",
            hint=f"统计量应为 {'、'.join(get_args(Statistic))} 之一。",
        )
    observed = parcels.copy()
    if raster is not None:
        told = _from_raster(parcels, Path(raster), values=values, statistic=statistic)
        source = Path(raster).name
    else:
        told = _from_layer(parcels, layer)
        source = str(getattr(layer, "attrs", {}).get("source", ""))
    for column, answer in told.items():
        observed[f"{name}_{column}"] = answer
    observed[f"{name}_source"] = pd.Series(source, index=parcels.index, dtype="str")
    observed[f"{name}_date"] = pd.Series(date, index=parcels.index, dtype="str")
    return observed


def _from_raster(
    parcels: GeoDataFrame, raster: Path, *, values: Collection[float], statistic: Statistic
) -> dict[str, NDArray[np.float64]]:
    import rasterio
    from rasterio.errors import RasterioIOError

    if not raster.exists():
        raise SourceError(
            "raster_missing", "no such raster", hint=f"找不到栅格“{raster}”。", file=raster
        )
    try:
        with rasterio.open(raster) as dataset:
            aligned = systems.align(parcels, _crs_of(dataset, raster), what="地块")
            cell = abs(dataset.transform.determinant)
            return _extract(dataset, aligned, cell=cell, values=values, statistic=statistic)
    except RasterioIOError as error:
        raise SourceError(
            "raster_unreadable",
            f"cannot read as a raster: {error}",
            hint=f"“{raster.name}”不是可读的栅格文件。",
            file=raster,
        ) from error


def _crs_of(dataset: Any, raster: Path) -> CRS:
    from pyproj import CRS

    if dataset.crs is None:
        raise CrsError(
            "crs_missing",
            "the raster has no coordinate reference system",
            hint=f"栅格“{raster.name}”没有声明坐标系：请先补上。",
            file=raster,
        )
    return CRS.from_wkt(dataset.crs.to_wkt())


def _extract(
    dataset: Any,
    parcels: GeoDataFrame,
    *,
    cell: float,
    values: Collection[float],
    statistic: Statistic,
) -> dict[str, NDArray[np.float64]]:
    from exactextract import exact_extract

    geometry = parcels.geometry.to_numpy()
    usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    reached = usable & shapely.intersects(geometry, shapely.box(*dataset.bounds))
    if usable.any() and not reached.any():
        raise DataError(
            "raster_elsewhere",
            "the raster touches none of the parcels",
            hint=f"栅格“{Path(dataset.name).name}”与地块没有重叠：请检查两者的坐标系和范围。",
            file=dataset.name,
        )
    answer = np.full(len(parcels), np.nan)
    covered = np.full(len(parcels), np.nan)
    covered[usable] = 0.0
    operations = ["count", *(["unique", "frac"] if statistic == "share" else [statistic])]
    rows = np.flatnonzero(reached)
    if len(rows):
        told = exact_extract(dataset, parcels.iloc[rows][["geometry"]], operations, output="pandas")
        covered[rows] = told["count"].to_numpy() * cell / shapely.area(geometry[rows])
        known = covered[rows] > PARTIAL
        found = (
            _share_of(told["unique"], told["frac"], values)
            if statistic == "share"
            else told[statistic].to_numpy(dtype=np.float64)
        )
        answer[rows] = np.where(known, found, np.nan)
    return {statistic: answer, "covered": np.minimum(covered, 1.0)}


def _share_of(
    unique: pd.Series, fractions: pd.Series, values: Collection[float]
) -> NDArray[np.float64]:
    """Sum the fractions of the cells that hold one of the values."""
    wanted = np.array(list(values), dtype=np.float64)
    return np.array(
        [
            float(np.sum(np.asarray(share)[np.isin(np.asarray(held, dtype=np.float64), wanted)]))
            for held, share in zip(unique, fractions, strict=True)
        ],
        dtype=np.float64,
    )


def _from_layer(parcels: GeoDataFrame, layer: Any) -> dict[str, Any]:
    crs = systems.require_metric(parcels, what="地块")
    shapes = systems.align(layer, crs, what="佐证").geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    geometry = parcels.geometry.to_numpy()
    usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    tree = shapely.STRtree(shapes)
    row, shape = tree.query(geometry, predicate="intersects")
    distance = np.full(len(parcels), np.nan)
    if len(shapes):
        (nearest_row, _), gap = tree.query_nearest(
            geometry, return_distance=True, all_matches=False
        )
        distance[nearest_row] = gap
    share = np.where(usable, 0.0, np.nan)
    touched = np.unique(row)
    if len(touched):
        parts = pd.Series(shapely.intersection(geometry[row], shapes[shape])).groupby(row)
        joined = np.array([shapely.union_all(part.to_numpy()) for _, part in parts])
        share[touched] = areas(_polygons(joined), parcels) / areas(geometry[touched], parcels)
    count = np.bincount(row, minlength=len(parcels))
    return {
        "share": share,
        "count": pd.array(np.where(usable, count, 0), dtype="Int64"),
        "distance_m": distance,
    }


def _polygons(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep the polygons of what a cut left; lines and points have no area."""
    parts, row = shapely.get_parts(geometry, return_index=True)
    surface = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - polygons have two dimensions
    kept = np.full(len(geometry), shapely.Polygon(), dtype=object)
    for index in np.unique(row[surface]):
        kept[index] = shapely.multipolygons(parts[surface & (row == index)])
    return kept

"""Read a raster under polygons by exact shares of cells, window by window."""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from landgis.analysis._slope import cell_sizes, slope_degrees
from landgis.analysis.area import METRES_PER_DEGREE
from landgis.model import crs as systems
from landgis.model.errors import CrsError, DataError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

CELLS_AT_ONCE = 4_000_000  # 32 MB of doubles, however large the raster or a parcel
# Reading one parcel's own window costs about as much as streaming this many cells (measured:
# 0.65 ms against 30 million cells a second), so many parcels are read by streaming the raster.
CELLS_PER_READ = 20_000
CACHE_MB = 64  # GDAL would keep a twentieth of the machine's memory
LONG_EDGE_M = 1000.0  # sags by a centimetre at most between a plane and degrees
NOISE = 2e-6  # of a share: cell fractions are single precision

_OPERATIONS = {
    "share": "mean",  # of an indicator: 1 where the cell's value is in the class, else 0
    "mean": "mean",
    "min": "min",
    "max": "max",
    "majority": "mode",
    "slope": "mean",  # of degrees
}
STATISTICS = tuple(_OPERATIONS)


class Observed(NamedTuple):
    """One figure per row; the shares of the polygon under cells with a value, and without one."""

    figures: NDArray[np.float64]
    covered: NDArray[np.float64]
    nodata: NDArray[np.float64]


@contextlib.contextmanager
def open_raster(path: str | Path, band: int) -> Iterator[Any]:
    """Open a raster that lies straight in a known system, or say why not."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

    if not Path(path).is_file():
        raise SourceError(
            "file_missing",
            "no such raster",
            hint=f"找不到栅格文件“{path}”：请检查路径。",
            file=path,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told below, with the mend
            dataset = rasterio.open(path)
    except RasterioIOError as error:
        raise _unreadable(path, error) from error
    with dataset, rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
        _require_straight(dataset, path, band)
        try:
            yield dataset
        except (RasterioIOError, RuntimeError) as error:
            raise _unreadable(path, error) from error


def _unreadable(path: str | Path, error: Exception) -> SourceError:
    return SourceError(
        "raster_unreadable",
        f"cannot read the raster: {error}",
        hint=f"“{path}”不是可读的栅格，或文件已损坏：请用 GeoTIFF 重新导出。",
        file=path,
    )


def _require_straight(dataset: Any, path: str | Path, band: int) -> None:
    if not 1 <= band <= dataset.count:
        raise UsageError(
            "unknown_band",
            f"the raster has {dataset.count} bands, band {band} was asked for",
            hint=f"波段号应在 1 至 {dataset.count} 之间。",
            file=path,
        )
    if dataset.crs is None:
        raise CrsError(
            "crs_missing",
            "the raster has no coordinate reference system",
            hint="栅格没有声明坐标系：请在 GIS 软件中定义投影后重新导出。",
            file=path,
        )
    grid = dataset.transform
    if grid.b != 0 or grid.d != 0 or grid.a <= 0 or grid.e >= 0:
        raise DataError(
            "raster_not_north_up",
            "the raster is rotated or does not run from north to south",
            hint="栅格有旋转或上下颠倒：请先重采样为正北朝上的栅格（gdalwarp）。",
            file=path,
        )


def read_under(
    parcels: GeoDataFrame,
    sound: NDArray[np.bool_],
    path: str | Path,
    *,
    band: int,
    statistic: str,
    values: Sequence[float],
) -> Observed:
    """Read a raster under the sound polygons of a table; NaN under the others."""
    from exactextract import exact_extract
    from pyproj import CRS

    rows = np.flatnonzero(sound)
    result = Observed(*(np.full(len(parcels), np.nan) for _ in range(3)))
    if not len(rows):
        return result
    with open_raster(path, band) as dataset:
        crs = CRS.from_wkt(dataset.crs.to_wkt())
        polygons = _moved(parcels.iloc[rows], crs)
        window_cells = _require_overlap(shapely.total_bounds(polygons), dataset, path)
        streaming = window_cells < CELLS_PER_READ * len(rows)
        found = exact_extract(
            _source(dataset, band, statistic, values, path),
            type(parcels)({"row": rows}, geometry=polygons, crs=crs),
            [f"value={_OPERATIONS[statistic]}", "cells=count"],
            include_cols=["row"],
            strategy="raster-sequential" if streaming else "feature-sequential",
            max_cells_in_memory=CELLS_AT_ONCE,
            output="pandas",
        )
        cell = abs(dataset.transform.a * dataset.transform.e)
        result.nodata[rows] = _share_within(polygons, shapely.box(*dataset.bounds))
    at = found["row"].to_numpy()
    area = np.full(len(parcels), np.nan)
    area[rows] = shapely.area(polygons)
    share = np.clip(found["cells"].to_numpy() * cell / area[at], 0.0, 1.0)
    result.figures[at] = np.where(share > 0, found["value"].to_numpy(dtype=np.float64), np.nan)
    result.covered[at] = share
    unknown = result.nodata[at] - share
    result.nodata[at] = np.where(unknown > NOISE, unknown, 0.0)
    return result


def _moved(parcels: GeoDataFrame, crs: CRS) -> NDArray[np.object_]:
    """Bring polygons into the raster's system; long edges are straight in their own only."""
    own = systems.require_crs(parcels, what="地块")
    longest = LONG_EDGE_M / (METRES_PER_DEGREE if own.is_geographic else 1.0)
    split = shapely.segmentize(parcels.geometry.to_numpy(), longest)
    table = parcels.set_geometry(type(parcels.geometry)(split, parcels.index, crs=own))
    polygons: NDArray[np.object_] = systems.align(table, crs, what="地块").geometry.to_numpy()
    return polygons


def _share_within(polygons: NDArray[np.object_], edges: shapely.Polygon) -> NDArray[np.float64]:
    """Share of every polygon within the raster's edges."""
    share = np.ones(len(polygons))
    beyond = np.flatnonzero(~shapely.covers(edges, polygons))
    inside = shapely.area(shapely.intersection(polygons[beyond], edges))
    share[beyond] = inside / shapely.area(polygons[beyond])
    return share


def _require_overlap(bounds: NDArray[np.float64], dataset: Any, path: str | Path) -> float:
    """Give how many cells the parcels' window spans."""
    west, south, east, north = bounds
    edges = dataset.bounds
    width = min(east, edges.right) - max(west, edges.left)
    height = min(north, edges.top) - max(south, edges.bottom)
    if not (width > 0 and height > 0):
        raise DataError(
            "no_overlap",
            "no parcel lies within the raster",
            hint="地块全部在栅格范围之外：请检查两者的坐标系，或换用覆盖本地的栅格。",
            file=path,
        )
    return float(width * height / abs(dataset.transform.a * dataset.transform.e))


def _source(
    dataset: Any, band: int, statistic: str, values: Sequence[float], path: str | Path
) -> Any:
    """Let exactextract read windows of a band: its numbers, an indicator of `values`, or slopes.

    Unknown cells reach it as NaN: exactextract 0.3 forgets masks when it streams.
    """
    from exactextract.raster import RasterioRasterSource

    def numbers(x0: int, y0: int, nx: int, ny: int) -> NDArray[np.float64]:
        cells = RasterioRasterSource.read_window(made, x0, y0, nx, ny)
        known = np.ma.getdata(cells).astype(np.float64)
        known[np.ma.getmaskarray(cells)] = np.nan
        return known

    def members(*window: int) -> NDArray[np.float64]:
        known = numbers(*window)
        return np.where(np.isnan(known), np.nan, np.isin(known, list(values)))

    steps = cell_sizes(dataset, band, path) if statistic == "slope" else None

    def slopes(x0: int, y0: int, nx: int, ny: int) -> NDArray[np.float64]:
        assert steps is not None, "slopes are only asked for with the sizes of cells"  # noqa: S101
        west, north = max(x0 - 1, 0), max(y0 - 1, 0)
        east, south = min(x0 + nx + 1, dataset.width), min(y0 + ny + 1, dataset.height)
        around = np.full((ny + 2, nx + 2), np.nan)
        heights = numbers(west, north, east - west, south - north)
        down, right = north - (y0 - 1), west - (x0 - 1)
        around[down : down + south - north, right : right + east - west] = heights
        return slope_degrees(around, steps[0][y0 : y0 + ny], steps[1][y0 : y0 + ny])

    reading: dict[str, Callable[..., NDArray[np.float64]]] = {"share": members, "slope": slopes}
    read = reading.get(statistic, numbers)

    class Band(RasterioRasterSource):  # type: ignore[misc] # the package has no types
        """A band whose parcels have already been brought into its system."""

        def srs_wkt(self) -> None:
            """Keep exactextract from comparing two wordings of the same system."""

        def nodata_value(self) -> None:
            """Say that no number stands for the unknown."""

        def read_window(self, x0: int, y0: int, nx: int, ny: int) -> Any:
            """Read one window as numbers, NaN where unknown."""
            return read(x0, y0, nx, ny)

    made = Band(dataset, band)
    return made

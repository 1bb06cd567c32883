"""One contender at work, in a process of its own: ``python -m benchmarks.contenders NAME FOLDER``.

Each contender loads the county into its own kind of table, untimed; then its work is timed, up to
three times, and its answer is brought into one form and written beside the county. The
process prints one JSON line: version, wall and processor seconds of every run, memory after loading and
at the peak.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from geopandas import GeoDataFrame
    from pandas import DataFrame

REPEATS = 3
SHORT_S = 5.0  # in all; shorter work is repeated until then, as machines are noisy
LONG_S = 45.0  # no further run once this much time has gone
WITNESS_SPLIT_M = 5.0  # edges so short that their chords take away less than 1e-6 m² each
PROFILED = 12  # functions shown
CHUNK = 50_000  # pieces measured at a time, which bounds the memory
PAIR = ["parcel_id", "zone_id"]
COMMON_SQL = """
    SELECT p.parcel_id, z.zone_id, ST_Area(ST_Intersection(p.geometry, z.geometry)) AS area_m2
    FROM parcels p JOIN zones z ON ST_Intersects(p.geometry, z.geometry)
"""
ON_ELLIPSOID = "ST_Transform(ST_SetSRID({}, {srid}), {degrees})::geography"


class Job(NamedTuple):
    """What a contender does: the timed work, and how its result becomes the common answer."""

    version: str
    work: Callable[[], Any]
    answer: Callable[[Any], DataFrame]


def landgis_tabulate(folder: Path) -> Job:
    """Areas of all pairs, statutory, by the compiled kernel."""
    import landgis

    parcels, zones = _world(folder)
    return Job(
        f"landgis {landgis.__version__}",
        lambda: landgis.tabulate(parcels, zones, by="zone_id"),
        lambda table: table[[*PAIR, "area_m2"]],
    )


def landgis_overlay(folder: Path) -> Job:
    """Pieces, what lies outside, and the closed account, statutory."""
    import landgis

    parcels, zones = _world(folder)
    return Job(
        f"landgis {landgis.__version__}",
        lambda: landgis.overlay(parcels, zones, overlaps="twice"),
        lambda overlaid: overlaid.pieces[[*PAIR, "area_m2"]],
    )


def landgis_measure(folder: Path) -> Job:
    """Statutory area of every parcel."""
    import landgis

    parcels, _ = _world(folder)
    return Job(
        f"landgis {landgis.__version__}",
        lambda: landgis.measure(parcels),
        lambda measured: measured["area_m2"].reset_index(),
    )


def geopandas_overlay(folder: Path) -> Job:
    """`geopandas.overlay`, and the plane area of what comes out."""
    parcels, zones = _world(folder)
    parcels = parcels[["geometry"]].reset_index()
    zones = zones[["geometry"]].reset_index()

    def work() -> GeoDataFrame:
        pieces = gpd.overlay(parcels, zones, how="intersection", keep_geom_type=True)
        return pieces.assign(area_m2=pieces.area)

    return Job(_geos(f"GeoPandas {gpd.__version__}"), work, _with_statutory_area)


def geopandas_identity(folder: Path) -> Job:
    """`geopandas.overlay` with what lies outside, layer by layer: the work of `landgis.overlay`."""
    parcels, zones = _world(folder)
    parcels = parcels[["geometry"]].reset_index()
    layers = [layer[["geometry"]].reset_index() for _, layer in zones.groupby("layer")]

    def work() -> GeoDataFrame:
        pieces = pd.concat(
            [gpd.overlay(parcels, layer, how="identity", keep_geom_type=True) for layer in layers]
        )
        return pieces.assign(area_m2=pieces.area)

    return Job(
        _geos(f"GeoPandas {gpd.__version__}"),
        work,
        lambda pieces: pd.DataFrame(pieces.loc[pieces["zone_id"].notna(), [*PAIR, "area_m2"]]),
    )


def shapely_by_hand(folder: Path) -> Job:
    """Do what one who wants areas only would write: a tree, then one call for all pairs."""
    parcels, zones = _world(folder)
    left, right = parcels.geometry.to_numpy(), zones.geometry.to_numpy()

    def work() -> DataFrame:
        zone, parcel = shapely.STRtree(left).query(right, predicate="intersects")
        area = shapely.area(shapely.intersection(left[parcel], right[zone]))
        ids = {"parcel_id": parcels.index[parcel], "zone_id": zones.index[zone]}
        return pd.DataFrame(ids | {"area_m2": area})

    return Job(_geos("Shapely"), work, lambda table: table)


def duckdb_spatial(folder: Path) -> Job:
    """One SQL join on tables in memory."""
    import duckdb
    import duckdb_extension_spatial

    database = duckdb.connect()
    home = Path(duckdb_extension_spatial.__file__).parent
    (extension,) = home.rglob("spatial.duckdb_extension")
    database.load_extension(str(extension))
    for name, table in zip(("parcels", "zones"), _world(folder), strict=True):
        rows = pd.DataFrame({table.index.name: table.index, "wkb": table.geometry.to_wkb()})
        database.register("rows", rows)
        database.execute(
            f"CREATE TABLE {name} AS "  # noqa: S608 - names of this file
            f"SELECT {table.index.name}, ST_GeomFromWKB(wkb) AS geometry FROM rows"
        )
    return Job(
        f"DuckDB spatial {duckdb.__version__}",
        lambda: database.execute(COMMON_SQL).to_arrow_table(),
        lambda table: table.to_pandas(),
    )


def sedonadb(folder: Path) -> Job:
    """One SQL join on tables in memory."""
    import pyarrow as pa
    import sedonadb as sedona

    context = sedona.connect()
    for name, table in zip(("parcels", "zones"), _world(folder), strict=True):
        rows = pd.DataFrame({"id": table.index, "wkb": table.geometry.to_wkb()})
        context.create_data_frame(rows).to_view("rows", overwrite=True)
        geometry = context.sql(
            f"SELECT id AS {table.index.name}, ST_GeomFromWKB(wkb) AS geometry FROM rows"  # noqa: S608
        )
        geometry.to_memtable().to_view(name)
    return Job(
        f"SedonaDB {sedona.__version__}",
        lambda: pa.table(context.sql(COMMON_SQL)),
        lambda table: table.to_pandas(),
    )


def pyproj_loop(folder: Path) -> Job:
    """Geodesic area, parcel by parcel, after one call that brings all into degrees."""
    import pyproj

    parcels, _ = _world(folder)
    geod = parcels.crs.get_geod()

    def work() -> DataFrame:
        degrees = parcels.to_crs(parcels.crs.geodetic_crs)
        areas = [abs(geod.geometry_area_perimeter(shape)[0]) for shape in degrees.geometry]
        return pd.DataFrame({"parcel_id": parcels.index, "area_m2": areas})

    return Job(f"pyproj {pyproj.__version__}", work, lambda table: table)


def postgis(folder: Path) -> Job:
    """One SQL join on indexed tables in a server of its own: areas in the plane."""
    return _postgis(folder, COMMON_SQL)


def postgis_installed(folder: Path) -> Job:
    """Do the same with a server left as its package sets it up."""
    return _postgis(folder, COMMON_SQL, tuned=False)


def postgis_ellipsoid(folder: Path) -> Job:
    """Do the same for areas on the ellipsoid, which is what landgis gives."""
    crs = _world(folder)[0].crs
    cut_out = "ST_Intersection(p.geometry, z.geometry)"
    piece = ON_ELLIPSOID.format(cut_out, srid=crs.to_epsg(), degrees=crs.geodetic_crs.to_epsg())
    return _postgis(folder, COMMON_SQL.replace(cut_out, piece))


def _postgis(folder: Path, sql: str, *, tuned: bool = True) -> Job:
    from benchmarks.postgis import PRIVATE, TUNED, Server

    server = Server(TUNED if tuned else PRIVATE)
    for name, table in zip(("parcels", "zones"), _world(folder), strict=True):
        rows = pd.DataFrame({"id": table.index, "wkb": table.geometry.to_wkb(hex=True)})
        server.load(name, rows, index_name=str(table.index.name))

    def answer(_: float) -> DataFrame:
        try:
            return server.table("pairs")
        finally:
            server.stop()

    return Job(server.version(), lambda: peak_mb(server.keep("pairs", sql)), answer)


JOBS = {
    job.__name__: job
    for job in (
        landgis_tabulate,
        landgis_overlay,
        landgis_measure,
        geopandas_overlay,
        geopandas_identity,
        shapely_by_hand,
        duckdb_spatial,
        sedonadb,
        postgis,
        postgis_ellipsoid,
        postgis_installed,
        pyproj_loop,
    )
}


def compete(name: str, folder: Path) -> dict[str, Any]:
    """Do the work of one contender, write its answer and give its figures."""
    job = JOBS[name](folder)
    loaded = _peak_mb()
    seconds: list[float] = []
    cpu: list[float] = []
    result = None
    while sum(seconds) < (LONG_S if len(seconds) < REPEATS else SHORT_S):
        result = None  # one result at a time
        begin, begin_cpu = time.perf_counter(), time.process_time()
        result = job.work()
        seconds.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - begin_cpu)
    by_server = name.startswith("postgis")
    peak = float(result) if by_server else _peak_mb()
    job.answer(result).reset_index(drop=True).to_parquet(folder / f"{name}.parquet")
    return {
        "name": name,
        "version": job.version,
        "seconds": seconds,
        "cpu_seconds": [] if by_server else cpu,  # its server's time is not ours
        "loaded_mb": loaded,
        "peak_mb": peak,
    }


def profile(folder: Path) -> dict[str, Any]:
    """Say where `tabulate` spends its time, and what no method that looks at its input can save."""
    import landgis

    parcels, zones = _world(folder)
    landgis.tabulate(parcels, zones, by="zone_id")
    profiler = cProfile.Profile()
    table = profiler.runcall(landgis.tabulate, parcels, zones, by="zone_id")
    stats = pstats.Stats(profiler)
    home = str(Path(landgis.__file__).parent)
    spent = {
        f"{Path(file).stem}.{function}": entry[3]
        for (file, _, function), entry in stats.stats.items()
        if file.startswith(home) and not function.startswith("<")
    }
    floor = {}
    shapes = np.concatenate([parcels.geometry.to_numpy(), zones.geometry.to_numpy()])
    for name, look in (
        ("get_coordinates", shapely.get_coordinates),
        ("is_valid", shapely.is_valid),
    ):
        begin = time.perf_counter()
        look(shapes)
        floor[name] = time.perf_counter() - begin
    return {
        "total_s": stats.total_tt,
        "spent": dict(sorted(spent.items(), key=lambda item: -item[1])[:PROFILED]),
        "floor": floor,
        "megabytes": int(shapely.get_num_coordinates(shapes).sum()) * 16 / 1e6,
        "pairs": len(table),
    }


def peak_mb(status: str) -> float:
    """Read the largest memory of a process from its status; `ru_maxrss` counts its parent's too."""
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


def _world(folder: Path) -> tuple[GeoDataFrame, GeoDataFrame]:
    parcels, zones = (gpd.read_parquet(folder / f"{name}.parquet") for name in ("parcels", "zones"))
    return parcels, zones


def _with_statutory_area(pieces: GeoDataFrame) -> DataFrame:
    """Add the statutory area of the pieces GEOS cut: the witness for landgis' own figures."""
    from landgis.analysis.area import areas

    geometry = pieces.geometry.to_numpy()
    statutory = [
        areas(geometry[first : first + CHUNK], pieces, split_m=WITNESS_SPLIT_M)
        for first in range(0, len(geometry), CHUNK)
    ]
    return pd.DataFrame(pieces[[*PAIR, "area_m2"]]).assign(statutory_m2=np.concatenate(statutory))


def _geos(name: str) -> str:
    return f"{name} (Shapely {shapely.__version__}, GEOS {shapely.geos_version_string})"


def _peak_mb() -> float:
    return peak_mb(Path("/proc/self/status").read_text(encoding="utf-8"))


if __name__ == "__main__":
    name, folder = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(profile(folder) if name == "profile" else compete(name, folder)))

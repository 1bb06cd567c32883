"""One contender of the cluster benchmark, in a process of its own: ``... NAME FOLDER GAP...``.

Each loads the town into its own kind of table, untimed; then its work is timed several times, gap by
gap, and its answers are written beside the town: the part of every lot. The process prints
one JSON line per gap, as in `benchmarks.contenders`; memory is the peak so far.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.contenders import peak_mb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]

REPEATS = 3
SHORT_S = 5.0  # short work is repeated until this much time has gone
LONG_S = 20.0  # no further run once this much time has gone
FEW = 800  # lots on which landgis is compiled, once per installation, and loaded
LANE_M = 30.0
ALL_KINDS = ("shared", "overlap", "sliver", "corner", "near")


class Job(NamedTuple):
    """What a contender does with a gap: the timed work, and how its result becomes labels."""

    version: str
    work: Callable[[float], Any]
    labels: Callable[[Any], Labels]
    stop: Callable[[], None] = lambda: None


def landgis_cluster(folder: Path) -> Job:
    """Call `landgis.cluster`: typed edges, statutory areas, ids, names and outlines."""
    return _landgis_cluster(folder, with_barriers=False)


def landgis_cluster_barriers(folder: Path) -> Job:
    """Do the same with barriers."""
    return _landgis_cluster(folder, with_barriers=True)


def landgis_connected(folder: Path) -> Job:
    """Call `landgis.analysis.clusters.connected`, which answers what the peers answer."""
    return _landgis_connected(folder, with_barriers=False)


def landgis_connected_barriers(folder: Path) -> Job:
    """Do the same with barriers."""
    return _landgis_connected(folder, with_barriers=True)


def landgis_barriers_alone(folder: Path) -> Job:
    """Do the same with all barriers but two lots only: what reading and widening barriers takes."""
    return _landgis_connected(folder, with_barriers=True, few=2)


def postgis(folder: Path) -> Job:
    """ST_ClusterDBSCAN over a table in a server of its own."""
    from benchmarks.postgis import Server

    server = Server()
    lots = _lots(folder)
    rows = pd.DataFrame({"id": lots.index, "wkb": lots.geometry.to_wkb(hex=True)})
    server.load("lots", rows, index_name="parcel_id")

    def work(gap_m: float) -> float:
        part = f"ST_ClusterDBSCAN(geometry, {gap_m}, 1) OVER () AS part"
        return peak_mb(server.keep("parts", f"SELECT parcel_id, {part} FROM lots"))  # noqa: S608

    def labels(_: float) -> Labels:
        return server.table("parts").set_index("parcel_id")["part"].loc[lots.index].to_numpy()

    return Job(server.version(), work, labels, server.stop)


def libpysal(folder: Path) -> Job:
    """Fuzzy contiguity: polygons buffered by half the gap that intersect, then components."""
    import libpysal as peer
    from libpysal.graph import Graph

    lots = _lots(folder)
    return Job(
        f"libpysal {peer.__version__} (Shapely {shapely.__version__})",
        lambda gap_m: Graph.build_fuzzy_contiguity(lots, buffer=gap_m / 2.0).component_labels,
        lambda labels: labels.loc[lots.index].to_numpy(),
    )


def geopandas_dissolve(folder: Path) -> Job:
    """Buffer by half the gap, dissolve, take apart, and see which part each lot is in."""
    lots = _lots(folder)

    def work(gap_m: float) -> GeoDataFrame:
        buffered = gpd.GeoDataFrame(geometry=lots.geometry.buffer(gap_m / 2.0))
        return buffered.dissolve().explode(ignore_index=True)

    version = f"GeoPandas {gpd.__version__} (GEOS {shapely.geos_version_string})"
    return Job(version, work, lambda parts: parts_around(lots, parts.geometry.to_numpy()))


def landgis_saiki(folder: Path) -> Job:
    """`landgis.cluster` as planners call it, on real parcels."""
    import landgis

    lots, barriers = _lots(folder), _barriers(folder)
    landgis.cluster(lots[:FEW], gap_m=LANE_M, barriers=barriers)
    return Job(
        f"landgis {landgis.__version__}",
        lambda gap_m: landgis.cluster(lots, gap_m=gap_m, barriers=barriers).members,
        _labels_of,
    )


JOBS = {
    job.__name__: job
    for job in (
        landgis_cluster,
        landgis_cluster_barriers,
        landgis_connected,
        landgis_connected_barriers,
        landgis_barriers_alone,
        postgis,
        libpysal,
        geopandas_dissolve,
        landgis_saiki,
    )
}


def compete(name: str, folder: Path, gaps_m: list[float]) -> Iterator[dict[str, Any]]:
    """Do the work of one contender, write its answers and give its figures, gap by gap."""
    job = JOBS[name](folder)
    loaded = _peak_mb()
    for gap_m in gaps_m:
        seconds: list[float] = []
        cpu: list[float] = []
        result = None
        while sum(seconds) < (LONG_S if len(seconds) < REPEATS else SHORT_S):
            result = None  # one result at a time
            begin, begin_cpu = time.perf_counter(), time.process_time()
            result = job.work(gap_m)
            seconds.append(time.perf_counter() - begin)
            cpu.append(time.process_time() - begin_cpu)
        peak = float(result) if name == "postgis" else _peak_mb()
        labels = job.labels(result)
        np.save(folder / f"{name}_{gap_m:g}.npy", labels)
        yield {
            "name": name,
            "gap_m": gap_m,
            "version": job.version,
            "seconds": seconds,
            "cpu_seconds": [] if name == "postgis" else cpu,  # its server's time is not ours
            "loaded_mb": loaded,
            "peak_mb": peak,
            "parts": len(np.unique(labels)),
        }
    job.stop()


def _landgis_cluster(folder: Path, *, with_barriers: bool) -> Job:
    import landgis

    lots = _lots(folder)
    barriers = _barriers(folder) if with_barriers else None
    return Job(
        f"landgis {landgis.__version__}",
        lambda gap_m: (
            landgis.cluster(
                lots, gap_m=gap_m, barriers=barriers, sliver_m=0.0, joins=ALL_KINDS
            ).members
        ),
        _labels_of,
    )


def _labels_of(members: GeoDataFrame) -> Labels:
    return pd.factorize(members["cluster_id"])[0].astype(np.int64)


def _landgis_connected(folder: Path, *, with_barriers: bool, few: int | None = None) -> Job:
    import landgis
    from landgis.analysis.clusters import connected

    lots = _lots(folder)[:few]
    barriers = _barriers(folder) if with_barriers else None
    same = {"barriers": barriers, "sliver_m": 0.0, "joins": ALL_KINDS}
    connected(lots[:FEW], gap_m=LANE_M, **same)
    return Job(
        f"landgis {landgis.__version__}",
        lambda gap_m: connected(lots, gap_m=gap_m, **same),
        lambda part: part.to_numpy(dtype=np.int64),
    )


def parts_around(lots: GeoDataFrame, parts: NDArray[np.object_]) -> Labels:
    """Say in which of the dissolved parts each lot lies."""
    points = shapely.point_on_surface(lots.geometry.to_numpy())
    lot, part = shapely.STRtree(parts).query(points, predicate="within")
    labels = np.full(len(lots), -1, dtype=np.int64)
    labels[lot] = part
    return labels


def _lots(folder: Path) -> GeoDataFrame:
    return gpd.read_parquet(folder / "lots.parquet")


def _barriers(folder: Path) -> GeoDataFrame:
    return gpd.read_parquet(folder / "barriers.parquet")


def _peak_mb() -> float:
    return peak_mb(Path("/proc/self/status").read_text(encoding="utf-8"))


if __name__ == "__main__":
    for figures in compete(sys.argv[1], Path(sys.argv[2]), [float(gap) for gap in sys.argv[3:]]):
        print(json.dumps(figures), flush=True)

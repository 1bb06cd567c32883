"""Other programs on the clusters of a real city: ``python -m benchmarks.cluster_witnesses DATA``.

DATA is a folder with ``cambridge_ma``. Without barriers, and with all kinds of edges joining, the
clusters of landgis are those of density clustering with one point needed (PostGIS) and those of
"widen by half the gap and dissolve" (QGIS). Ends with 1 where a difference is left unexplained.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

import landgis
from benchmarks.postgis import Server
from landgis.analysis.clusters import Clustered, cluster

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

ALL = ("shared", "overlap", "sliver", "corner", "near")
GAPS_M = (0.01, 5.0, 10.0, 20.0)
TIE_M = 1e-6  # distances this close to the gap are a matter of the last digits
WIDENED = Path(__file__).with_name("qgis_buffer.py")
HEAD = """\
# Clusters beside other programs

Made by `python -m benchmarks.cluster_witnesses DATA --page docs/methods/clusters-witnesses.md`; do not edit.

- {date}; landgis {landgis}; {postgis}; QGIS {qgis}.
- The {count:,} parcels of Cambridge, Massachusetts (2014, EPSG:26986; made valid, empty ones left out), which
  nearly all hang together; one in five and one in twenty of them, drawn at random. No barriers, every kind of edge
  joins, `sliver_m=0`: then a cluster is what hangs together by distances of at most the gap.
- **PostGIS**: `ST_ClusterDBSCAN(geometry, eps => gap, minpoints => 1)`.
- **QGIS**: `native:buffer` by half the gap with dissolve, then `native:multiparttosingleparts`; a parcel belongs to
  the parts its own parts lie in. Its round corners are polygons with {segments} sides per quarter circle, which lie
  inside the circle by up to {short:.2%}: two parcels that face each other with corners are joined only below
  {short:.2%} less than the gap. That is a difference of definition.
- *split*: pairs of landgis no farther apart than the gap that the program keeps in two clusters. *explained*: those of
  them no closer than such a corner explains (QGIS), or within {tie:g} m of the gap (PostGIS). *joined*: clusters of the
  program whose parcels landgis keeps in several. Seconds are those of one run on a machine busy with other work, and
  landgis draws outlines and names besides.

"""
COLUMNS = (
    "parcels", "gap m", "program", "pairs within the gap", "clusters of landgis",
    "clusters of the program", "largest, parcels", "split", "explained", "joined", "landgis s", "program s",
)  # fmt: skip


class Compared(NamedTuple):
    """What one program says of one gap, beside landgis."""

    clusters: int
    split: int
    explained: int
    joined: int

    @property
    def open(self) -> int:
        """Differences that nothing explains."""
        return self.split - self.explained + self.joined


def landgis_parts(parcels: GeoDataFrame, gap_m: float) -> tuple[NDArray[np.int64], Clustered]:
    """Cluster by every kind of edge; give the part of every parcel as a number."""
    done = cluster(parcels, gap_m=gap_m, joins=ALL, sliver_m=0.0)
    return np.asarray(pd.factorize(done.members["cluster_id"])[0], dtype=np.int64), done


def postgis_parts(server: Server, parcels: GeoDataFrame, *gaps_m: float) -> NDArray[np.int64]:
    """Let PostGIS cluster the parcels: a row per gap, the parcels in the order of the table."""
    rows = pd.DataFrame({"id": range(len(parcels)), "geometry": parcels.geometry.to_wkb(hex=True)})
    server.ask("DROP TABLE IF EXISTS parcels")
    server.load("parcels", rows, index_name="id")
    parts = [
        f"ST_ClusterDBSCAN(geometry, eps => {gap_m!r}, minpoints => 1) OVER () AS gap_{number}"
        for number, gap_m in enumerate(gaps_m)
    ]
    server.keep("parts", " ".join(["SELECT id::int,", ", ".join(parts), "FROM parcels"]))
    return server.table("parts").set_index("id").sort_index().to_numpy(dtype=np.int64).T


def qgis_parts(
    parcels: GeoDataFrame, gap_m: float, *, python: str
) -> tuple[NDArray[np.int64], str, int]:
    """Let QGIS widen and dissolve; give the parts, its version and its sides per quarter circle."""
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        parcels[[parcels.geometry.name]].to_file(folder / "parcels.gpkg")
        command = [python, str(WIDENED), named, repr(gap_m)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own script
        version, segments = done.stdout.splitlines()[-1].split()
        parts = gpd.read_file(folder / "parts.gpkg").geometry.to_numpy()
    own, parcel = shapely.get_parts(parcels.geometry.to_numpy(), return_index=True)
    inside, part = shapely.STRtree(parts).query(shapely.point_on_surface(own), "within")
    links = (np.ones(len(part)), (parcel[inside], len(parcels) + part))
    size = len(parcels) + len(parts)
    label = connected_components(coo_array(links, shape=(size, size)), directed=False)[1]
    return label[: len(parcels)].astype(np.int64), version, int(segments)


def compare(
    ours: NDArray[np.int64],
    theirs: NDArray[np.int64],
    parcels: GeoDataFrame,
    edges: DataFrame,
    *,
    explained_from_m: float,
) -> Compared:
    """Count what the two keep apart and put together."""
    place = pd.Series(range(len(parcels)), index=parcels.index)
    a, b = (place[edges[side]].to_numpy() for side in ("a", "b"))
    split = theirs[a] != theirs[b]
    gap = edges["gap_m"].to_numpy()[split]
    both = pd.DataFrame({"ours": ours, "theirs": theirs}).drop_duplicates()
    joined = int((both.groupby("theirs").size() > 1).sum())
    explained = int((gap >= explained_from_m).sum())
    return Compared(len(np.unique(theirs)), len(gap), explained, joined)


def read_cambridge(folder: Path) -> GeoDataFrame:
    """Read the parcels in metres, valid, with ids of their rows."""
    file = folder / "cambridge_ma" / "cambridge_core.gpkg"
    shapes = gpd.read_file(file, layer="ASSESSING_ParcelsFY2014").geometry.to_crs(26986)
    shapes = shapes.make_valid(method="structure", keep_collapsed=False)
    shapes = shapes[~shapes.is_empty]
    shapes.index = pd.Index([f"P{number:05d}" for number in shapes.index], name="parcel_id")
    return gpd.GeoDataFrame(geometry=shapes)


def judge(
    server: Server, parcels: GeoDataFrame, gap_m: float, *, named: str, python: str
) -> tuple[list[str], int, tuple[str, int]]:
    """Compare one gap with both programs: lines, differences left open, version and sides of QGIS."""
    times = [time.perf_counter()]
    ours, done = landgis_parts(parcels, gap_m)
    times.append(time.perf_counter())
    (by_postgis,) = postgis_parts(server, parcels, gap_m)
    times.append(time.perf_counter())
    by_qgis, version, segments = qgis_parts(parcels, gap_m, python=python)
    times.append(time.perf_counter())
    took = np.diff(times)
    programs = (
        ("PostGIS", by_postgis, gap_m - TIE_M, took[1]),
        ("QGIS", by_qgis, gap_m * (1.0 - short_of(segments)) - TIE_M, took[2]),
    )
    lines, left = [], 0
    for name, theirs, explained_from_m, seconds in programs:
        found = compare(ours, theirs, parcels, done.edges, explained_from_m=explained_from_m)
        left += found.open
        lines.append(
            f"| {named} | {gap_m:g} | {name} | {len(done.edges):,} | {len(done.clusters):,}"
            f" | {found.clusters:,} | {np.bincount(ours).max():,} | {found.split:,}"
            f" | {found.explained:,} | {found.joined:,} | {took[0]:.1f} | {seconds:.1f} |"
        )
    return lines, left, (version, segments)


def short_of(segments: int) -> float:
    """Say how far a polygon with so many sides per quarter lies inside its circle, as a share."""
    return 1.0 - math.cos(math.pi / 4 / segments)


def main() -> int:
    """Compare every gap with both programs and print the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--page", type=Path, help="where to write the page, printed otherwise")
    parser.add_argument("--qgis-python", default="/usr/bin/python3", help="a Python with qgis")
    options = parser.parse_args()
    parcels = read_cambridge(options.data)
    landgis_parts(parcels.iloc[:100], 1.0)  # compiles
    server, lines, left = Server(), [], 0
    for named, some in (
        ("all", parcels),
        ("one in five", parcels.sample(frac=0.2, random_state=1)),
        ("one in twenty", parcels.sample(frac=0.05, random_state=2)),
    ):
        for gap_m in GAPS_M:
            more, open_, qgis = judge(
                server, some, gap_m, named=named, python=options.qgis_python
            )  # fmt: skip
            lines += more
            left += open_
    head = f"| {' | '.join(COLUMNS)} |\n|---|{'--:|' * (len(COLUMNS) - 1)}\n"
    page = HEAD.format(
        date=f"{dt.datetime.now().astimezone():%Y-%m-%d}", landgis=landgis.__version__,
        postgis=server.version(), qgis=qgis[0], count=len(parcels), segments=qgis[1],
        short=short_of(qgis[1]), tie=TIE_M,
    ) + head + "\n".join(lines)  # fmt: skip
    if options.page:
        options.page.write_text(page + "\n", encoding="utf-8")
    print(page)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())

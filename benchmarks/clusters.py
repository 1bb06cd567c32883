"""Time the clusters of landgis beside their peers and write one page: ``python -m benchmarks.clusters``.

Every contender runs in a process of its own, one after the other, on the same lots; the parts they
find are compared lot by lot with those of PostGIS. Ends with 1 where an answer is wrong.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.clusters_contenders import parts_around
from benchmarks.clusters_report import ALONE, write_report
from benchmarks.clusters_world import make_barriers, make_lots
from benchmarks.run import machine

ROOT = Path(__file__).parent.parent
WITNESS = "postgis"
NAMES = (
    "landgis_connected", "landgis_connected_barriers", "landgis_barriers_alone",
    "landgis_cluster", "landgis_cluster_barriers", "postgis", "libpysal", "geopandas_dissolve", "qgis_dissolve",
)  # fmt: skip
DISSOLVERS = ("geopandas_dissolve", "qgis_dissolve")
OUTLINED = ("landgis_cluster", "landgis_cluster_barriers")
GAPS_M = (0.01, 10.0, 30.0)
USUAL_GAP_M = 10.0  # the only one at which outlines are drawn in the largest town, and Saiki's
SAIKI = "saiki_yayoi_honjo_naokawa.parquet"
SAIKI_CRS = 6670
SAIKI_BARRIERS = (
    "道",
    "水",
    "長狭物不明",
    "筆界未定地",
)  # roads, water, of unknown kind, undecided

Figures = dict[str, Any]


def run_contender(
    name: str, folder: Path, gaps_m: list[float], *, pythons: dict[str, str], cache: str = ""
) -> list[Figures]:
    """Run one contender; give its figures gap by gap, or why it did not run."""
    command = [pythons.get(name, sys.executable), "-m", "benchmarks.clusters_contenders", name]
    if name == "qgis_dissolve":
        command = [pythons[name], str(ROOT / "benchmarks" / "qgis_dissolve.py")]
    environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, str(folder), *map(str, gaps_m)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    figures: list[Figures] = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        figures += [
            {"name": name, "gap_m": gap, "not_run": reason} for gap in gaps_m[len(figures) :]
        ]
    return figures


def agree(figures: Figures, folder: Path) -> Figures:
    """Count the lots that lie in another part than the witness says.

    With barriers every part must lie in one of the parts without: then each lot outside it is wrong.
    """
    name, gap = figures["name"], figures["gap_m"]
    witness_file = folder / f"{WITNESS}_{gap:g}.npy"
    if name in {WITNESS, ALONE} or "not_run" in figures or not witness_file.exists():
        return figures
    witness = np.load(witness_file)
    if name == "qgis_dissolve":
        lines = (folder / f"{name}_{gap:g}.hex").read_text(encoding="ascii").split("\n")
        lots = gpd.read_parquet(folder / "lots.parquet")
        labels = parts_around(lots, shapely.from_wkb(np.array(lines, dtype=object)))
    else:
        labels = np.load(folder / f"{name}_{gap:g}.npy")
    figures["wrong"] = differing(labels, witness)
    if not name.endswith("_barriers"):
        figures["wrong"] += differing(witness, labels)
    return figures


def differing(labels: np.ndarray, witness: np.ndarray) -> int:
    """Count the lots whose part reaches out of the witness' part in which most of it lies."""
    both = pd.DataFrame({"own": labels, "witness": witness}).value_counts().reset_index()
    most = both.groupby("own")["count"].max().sum()
    return int(len(labels) - most)


def run_town(folder: Path, count: int, options: argparse.Namespace) -> list[Figures]:
    """Make a town, run all contenders on it, then compare their answers."""
    folder.mkdir()
    lots = make_lots(count)
    lots.to_parquet(folder / "lots.parquet")
    make_barriers(options.barriers, lots=count).to_parquet(folder / "barriers.parquet")
    if "qgis_dissolve" in options.only and count <= options.dissolve_up_to:
        lots.reset_index().to_file(folder / "lots.gpkg", layer="lots")
    found: list[Figures] = []
    for name in options.only:
        gaps = [USUAL_GAP_M] if name == ALONE else list(options.gaps)
        if count > options.dissolve_up_to:
            if name in DISSOLVERS:
                reason = f"left out above {options.dissolve_up_to:,} lots"
                found += [{"name": name, "gap_m": gap, "not_run": reason} for gap in gaps]
                continue
            if name in OUTLINED:
                gaps = [gap for gap in gaps if gap == USUAL_GAP_M]
        found += run_contender(name, folder, gaps, pythons=options.pythons)
        print(json.dumps(found[-len(gaps) :]), file=sys.stderr, flush=True)
    return [agree(figures, folder) for figures in found]


def run_saiki(file: Path, folder: Path) -> Figures:
    """Cluster real parcels of a Japanese city, with roads and water among them as barriers."""
    folder.mkdir()
    parcels = gpd.read_parquet(file).to_crs(SAIKI_CRS)
    parcels.index = pd.Index([f"S{k:06d}" for k in range(len(parcels))], name="parcel_id")
    bars = parcels["chiban"].astype(str).str.match("|".join(SAIKI_BARRIERS)).to_numpy()
    barriers = parcels.loc[bars, ["geometry"]].rename_axis("barrier_id")
    barriers["barrier_class"] = "道路水系"
    barriers.to_parquet(folder / "barriers.parquet")
    parcels.loc[~bars, ["geometry"]].to_parquet(folder / "lots.parquet")
    (figures,) = run_contender("landgis_saiki", folder, [USUAL_GAP_M], pythons={})
    return figures | {"lots": int((~bars).sum()), "barriers": int(bars.sum())}


def first_call(folder: Path) -> dict[str, float]:
    """Time two whole processes that share a fresh cache: the first compiles, once per installation."""
    folder.mkdir()
    make_lots(400).to_parquet(folder / "lots.parquet")
    make_barriers(40, lots=400).to_parquet(folder / "barriers.parquet")
    walls = []
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(2):
            begun = time.perf_counter()
            run_contender(
                "landgis_cluster_barriers", folder, [USUAL_GAP_M], pythons={}, cache=cache
            )
            walls.append(time.perf_counter() - begun)
    return {"compiling_s": walls[0] - walls[1]}


def main() -> None:
    """Read the command line, run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 200_000, 1_000_000])
    parser.add_argument("--gaps", type=float, nargs="+", default=GAPS_M, metavar="M")
    parser.add_argument("--barriers", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", default=NAMES, choices=NAMES, metavar="NAME")
    parser.add_argument(
        "--dissolve-up-to", type=int, default=200_000, metavar="LOTS",
        help="above, no dissolving, and outlines at one gap only",
    )  # fmt: skip
    parser.add_argument("--saiki", type=Path, help=f"folder that holds {SAIKI}")
    parser.add_argument("--qgis-python", default="/usr/bin/python3", help="a Python with qgis")
    parser.add_argument("--libpysal-python", default=sys.executable, help="a Python with libpysal")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks-clusters.md")
    parser.add_argument("--figures", type=Path, help="also keep the figures as JSON")
    options = parser.parse_args()
    options.pythons = {"qgis_dissolve": options.qgis_python, "libpysal": options.libpysal_python}
    found: Figures = {"date": f"{dt.datetime.now().astimezone():%Y-%m-%d}", "machine": machine()}
    found["barriers"], found["towns"] = options.barriers, []
    with tempfile.TemporaryDirectory(prefix="landgis-bench-") as temporary:
        folder = Path(temporary)
        found |= first_call(folder / "tiny")
        for count in options.sizes:
            results = run_town(folder / str(count), count, options)
            found["towns"].append({"lots": count, "results": results})
        if options.saiki:
            found["saiki"] = run_saiki(options.saiki / SAIKI, folder / "saiki")
        found["load"] = os.getloadavg()[2]
    if options.figures:
        options.figures.write_text(json.dumps(found, indent=1), encoding="utf-8")
    write_report(found, options.page)
    print(options.page.read_text(encoding="utf-8"))
    if any(figures.get("wrong") for town in found["towns"] for figures in town["results"]):
        sys.exit(1)


if __name__ == "__main__":
    main()

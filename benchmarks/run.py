"""Time landgis beside its peers and write one page: ``python -m benchmarks.run``.

Every contender runs in a process of its own, one after the other; the answers are compared pair by
pair. Ends with 1 where an answer is wrong.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.report import write_report
from benchmarks.world import write_world

ROOT = Path(__file__).parent.parent
PAIR = ["parcel_id", "zone_id"]
NOISE_M2 = 1e-6  # less common ground than this is no pair
PLANE_M2 = 1e-6  # plane areas of one pair by two engines, plus 1e-9 of the area
STATUTORY_M2 = 1e-4  # chords of 5 m on the witness' side
SETTLED_M2 = 0.02  # overlay rounds pieces to 0.01 m² and keeps edges of up to 70 m
GEODESIC = 1e-8  # of the area: two definitions of ellipsoidal area that differ by edge curvature
EDGE_M2 = 0.01  # the same of one piece, whose edges may be long though it is small

WITNESS = "geopandas_overlay"
AT_100K = (
    "landgis_tabulate", "geopandas_overlay", "landgis_overlay", "geopandas_identity",
    "shapely_by_hand", "sedonadb", "duckdb_spatial", "landgis_measure", "pyproj_loop",
    "postgis", "postgis_ellipsoid", "postgis_installed", "qgis_overlap", "qgis_ellipsoid",
)  # fmt: skip
IN_DETAIL = (
    "landgis_tabulate", "geopandas_overlay", "landgis_overlay", "sedonadb", "duckdb_spatial",
    "postgis", "postgis_ellipsoid",
)  # fmt: skip
AT_1M = ("landgis_tabulate", "geopandas_overlay", "landgis_measure")

Figures = dict[str, Any]


def run_contender(name: str, folder: Path, *, qgis_python: str, cache: str = "") -> Figures:
    """Run one contender; give its figures, or why it did not run."""
    command = [sys.executable, "-m", "benchmarks.contenders", name, str(folder)]
    if name.startswith("qgis"):
        command = [qgis_python, str(ROOT / "benchmarks" / "qgis_overlap.py"), name, str(folder)]
    environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return {"name": name, "not_run": reason}
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def agree(figures: Figures, folder: Path) -> Figures:
    """Compare an answer with its witness and count what differs too much."""
    name = figures["name"]
    on_ellipsoid = name.startswith("landgis") or name.endswith("ellipsoid")
    wanted = "statutory_m2" if on_ellipsoid else "area_m2"
    if name.startswith("qgis"):
        answer = pd.read_csv(folder / f"{name}.csv").groupby("parcel_id")["area_m2"].sum()
        witness = _answer(folder, WITNESS)[wanted].groupby("parcel_id").sum()
        # its union of zones moves hairlines between them
        allowed = (EDGE_M2 if on_ellipsoid else PLANE_M2) + 1e-6 * witness
    elif name == "pyproj_loop":
        answer, witness = (
            pd.read_parquet(folder / f"{one}.parquet").set_index("parcel_id")["area_m2"]
            for one in (name, "landgis_measure")
        )
        allowed = PLANE_M2 + GEODESIC * witness
    elif name == "landgis_measure":
        return figures
    else:
        answer = _answer(folder, name)["area_m2"]
        witness = _answer(folder, WITNESS)[wanted]
        allowed = 1e-9 * witness + {
            "landgis_tabulate": STATUTORY_M2,
            "landgis_overlay": SETTLED_M2,
            "postgis_ellipsoid": EDGE_M2,
        }.get(name, PLANE_M2)
        figures["pairs"] = int((answer > NOISE_M2).sum())
    difference = answer.sub(witness, fill_value=0.0).abs()
    figures["total_m2"], figures["worst_m2"] = float(answer.sum()), float(difference.max())
    allowed = allowed.reindex(difference.index, fill_value=PLANE_M2)
    figures["wrong"] = int((difference > allowed).sum())
    return figures


def run_all(folder: Path, names: tuple[str, ...], *, qgis_python: str) -> list[Figures]:
    """Run contenders back to back, then compare their answers."""
    results = []
    for name in names:
        results.append(run_contender(name, folder, qgis_python=qgis_python))
        print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    has_witness = (folder / f"{WITNESS}.parquet").exists()
    return [
        agree(figures, folder) if has_witness and "not_run" not in figures else figures
        for figures in results
    ]


def first_call(folder: Path) -> dict[str, float]:
    """Tell the time to compile, once per installation, from the time to load, once per process."""
    with tempfile.TemporaryDirectory() as cache:
        cold, warm = (
            run_contender("landgis_tabulate", folder, qgis_python="", cache=cache)["seconds"]
            for _ in range(2)
        )
    return {"compiling_s": cold[0] - min(cold), "loading_s": warm[0] - min(warm)}


def machine() -> str:
    """Describe the machine in a line."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}"
    )


def main() -> None:
    """Read the command line, run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=100_000, help="size for all contenders")
    parser.add_argument("--large", type=int, default=1_000_000, help="the larger size; 0: none")
    parser.add_argument("--zones", type=float, default=1.0, help="share of the 10 434 zones")
    parser.add_argument("--detail", type=int, default=4, help="times the vertices; 0: none")
    parser.add_argument("--only", nargs="+", default=AT_100K, choices=AT_100K, metavar="NAME")
    parser.add_argument("--qgis-python", default="/usr/bin/python3", help="a Python with qgis")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--figures", type=Path, help="also keep the figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landgis-bench-") as temporary:
        folder = Path(temporary)
        found: Figures = {"date": f"{dt.datetime.now().astimezone():%Y-%m-%d}"}
        found["machine"] = machine()
        write_world(folder / "tiny", 1_000, share=0.01)
        found |= first_call(folder / "tiny")
        found["world"] = write_world(
            folder / "usual", options.parcels, share=options.zones, for_qgis=True
        )
        found["parcels"] = options.parcels
        python = options.qgis_python
        found["usual"] = run_all(folder / "usual", tuple(options.only), qgis_python=python)
        found["profile"] = run_contender("profile", folder / "usual", qgis_python=python)
        found["load"] = os.getloadavg()[2]
        if options.detail:
            found["detail_world"] = write_world(
                folder / "detail",
                options.parcels,
                share=options.zones,
                detail=options.detail,
                for_qgis=True,
            )
            found["detail"] = run_all(folder / "detail", IN_DETAIL, qgis_python=python)
        if options.large:
            found["large_world"] = write_world(folder / "large", options.large)
            found["large_parcels"] = options.large
            found["large"] = run_all(folder / "large", AT_1M, qgis_python=python)
    if options.figures:
        options.figures.write_text(json.dumps(found, indent=1), encoding="utf-8")
    write_report(found, options.page)
    print(options.page.read_text(encoding="utf-8"))
    sections = ("usual", "detail", "large")
    if any(figures.get("wrong") for name in sections for figures in found.get(name, [])):
        sys.exit(1)


def _answer(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet").set_index(PAIR).sort_index()


if __name__ == "__main__":
    main()

"""The page of the benchmarks, made from their figures alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    Figures = dict[str, Any]

MEANT_FOR = {  # contender: what it is compared with, and the ratio to reach
    "geopandas_overlay": ("landgis_tabulate", 20.0),
    "geopandas_identity": ("landgis_overlay", None),
    "shapely_by_hand": ("landgis_tabulate", None),
    "sedonadb": ("landgis_tabulate", 10.0),
    "duckdb_spatial": ("landgis_tabulate", 25.0),
    "postgis": ("landgis_tabulate", 50.0),
    "postgis_ellipsoid": ("landgis_tabulate", 50.0),
    "postgis_installed": ("landgis_tabulate", 50.0),
    "qgis_overlap": ("landgis_tabulate", 100.0),
    "qgis_ellipsoid": ("landgis_tabulate", 100.0),
    "pyproj_loop": ("landgis_measure", 4.0),
}
LABELS = {
    "landgis_tabulate": "`landgis.tabulate`",
    "landgis_overlay": "`landgis.overlay`",
    "landgis_measure": "`landgis.measure`",
    "geopandas_overlay": "`geopandas.overlay`",
    "geopandas_identity": "`geopandas.overlay(how='identity')` layer by layer",
    "shapely_by_hand": "Shapely by hand: tree, then areas of all intersections",
    "sedonadb": "SedonaDB join",
    "duckdb_spatial": "DuckDB spatial join",
    "postgis": "PostGIS join",
    "postgis_ellipsoid": "PostGIS join, areas on the ellipsoid",
    "postgis_installed": "PostGIS join, settings as installed",
    "qgis_overlap": "QGIS Overlap analysis",
    "qgis_ellipsoid": "QGIS Overlap analysis, areas on the ellipsoid",
    "pyproj_loop": "`pyproj.Geod` loop",
}
OVERLAY_TARGET = 5.0
GROWTH_TARGET = 1.15
LARGE_MB = 3_000.0

HEAD = """\
# Benchmarks

Made by `python -m benchmarks.run`; do not edit.

- {date}; {machine}.
- The machine was shared with other work (load average over the last 15 minutes, our own runs included: {load:.1f}).
  Contenders that use one core suffer less from that than those that use all; processor seconds suffer least.
- First call of `tabulate`: {compiling_s:.1f} s to compile, once per installation, then {loading_s:.1f} s to load, once
  per process. Not counted below.
"""
FLOOR = """
The floor: {megabytes:.0f} MB of vertices, for which GEOS takes {floor[get_coordinates]:.2f} s to hand them out and
{floor[is_valid]:.2f} s to say that the shapes are valid, both on one core, and {pairs:,} pairs to name.
"""
METHOD = """\
## How it was done

- One command, `python -m benchmarks.run`, makes the data from seeds, runs every contender in a process of its own, one
  after the other, and compares the answers pair by pair with the pieces GEOS cut for `geopandas.overlay`: plane areas
  for the peers, the statutory areas of those pieces (edges split at 5 m) for landgis.
- Tables stand in memory, those of PostGIS in an indexed and analysed table; loading is not timed. Seconds are the best
  of up to three runs in one process (no further run after 45 s, more while they take less than 5 s in all); ratios
  compare wall time. *CPU* is the processor time of the contender's own process.
- Peak memory is that of the whole process, loading included; for PostGIS of the server process that leads the query.
- `landgis.tabulate`, `landgis.overlay`, DuckDB, SedonaDB and PostGIS may use all cores; the others use one. PostGIS is
  set up for parallel plans and a gigabyte of buffers, which its defaults are not, but for the row that says so.
- The peers give plane areas, but for PostGIS and QGIS where *on the ellipsoid* is said: pieces brought into degrees and
  measured as `geography`, and the ellipsoid set, as a project of QGIS sets it. Those two rows answer what landgis
  answers. landgis checks every shape for validity and gives statutory ellipsoidal areas within the same time.
- `landgis.overlay` also cuts what lies outside and closes an account per parcel and layer; `geopandas.overlay` gives
  the intersections only, `how='identity'` the outside too. Its ratio is to `landgis.overlay`.
- Ratios depend on the zones: a second table, where there is one, has the same zones drawn with more vertices. Real
  control lines are of either kind.
- QGIS gives areas per parcel and layer, not per pair, and the release is the one Debian carries.
"""


def write_report(found: Figures, path: Path) -> None:
    """Write the page."""
    usual = {figures["name"]: figures for figures in found["usual"]}
    large = {figures["name"]: figures for figures in found.get("large", [])}
    parts = [
        HEAD.format_map(found),
        f"## {found['parcels']:,} parcels\n\nData: {found['world']}.\n",
        *_table(usual),
    ]
    if "detail" in found:
        parts += [
            f"\n## {found['parcels']:,} parcels, zones drawn in more detail\n",
            f"Data: {found['detail_world']}.\n",
            *_table({figures["name"]: figures for figures in found["detail"]}),
        ]
    if large:
        parts += [
            f"\n## {found['large_parcels']:,} parcels\n",
            f"Data: {found['large_world']}.\n",
            *_table(large),
        ]
    if "spent" in found.get("profile", {}):
        parts += _profile(found["profile"])
    parts += ["\n## Targets\n", *_targets(found, usual, large), "", METHOD]
    path.write_text("\n".join(parts), encoding="utf-8")


def best(figures: Figures, kind: str = "seconds") -> float:
    """Give the best of the runs."""
    return min(figures[kind], default=float("nan"))


def _table(usual: dict[str, Figures]) -> list[str]:
    heads = ("best s", "CPU s", "× landgis", "peak MB", "loaded MB", "pairs", "worst difference m²")
    lines = [f"| contender | version | {' | '.join(heads)} |", f"|---|---|{'--:|' * len(heads)}"]
    for name, figures in usual.items():
        if "not_run" in figures:
            lines.append(f"| {LABELS[name]} | 未测 not run: {figures['not_run']} " + "| " * 7 + "|")
            continue
        cpu = f"{best(figures, 'cpu_seconds'):.2f}" if figures["cpu_seconds"] else ""
        pairs = f"{figures['pairs']:,}" if "pairs" in figures else ""
        worst = f"{figures['worst_m2']:.1e}" if "worst_m2" in figures else ""
        worst += f" **{figures['wrong']} wrong**" if figures.get("wrong") else ""
        loaded = (
            "" if name.startswith("postgis") else f"{figures['loaded_mb']:,.0f}"
        )  # not in its server
        lines.append(
            f"| {LABELS[name]} | {figures['version']} | {best(figures):.2f} | {cpu} "
            f"| {_ratio(name, usual)} | {figures['peak_mb']:,.0f} | {loaded} "
            f"| {pairs} | {worst} |"
        )
    return lines


def _ratio(name: str, usual: dict[str, Figures]) -> str:
    own, _ = MEANT_FOR.get(name, ("", None))
    if "seconds" not in usual.get(own, {}):
        return ""
    return f"{best(usual[name]) / best(usual[own]):.1f}"


def _targets(found: Figures, usual: dict[str, Figures], large: dict[str, Figures]) -> list[str]:
    detail = {figures["name"]: figures for figures in found.get("detail", [])}
    lines = ["| target | wanted | reached | zones in more detail |", "|---|--:|--:|--:|"]
    for peer, (own, wanted) in MEANT_FOR.items():
        if wanted:
            name = f"{LABELS[own]} over {LABELS[peer]}"
            lines += _target(name, wanted, [_over(peer, own, run) for run in (usual, detail)])
    name = f"{LABELS['landgis_overlay']} over {LABELS['geopandas_overlay']}"
    cut = [_over("geopandas_overlay", "landgis_overlay", run) for run in (usual, detail)]
    lines += _target(name, OVERLAY_TARGET, cut)
    small, big = usual.get("landgis_tabulate", {}), large.get("landgis_tabulate", {})
    if "seconds" in small and "seconds" in big:
        growth = best(big) / found["large_parcels"] / (best(small) / found["parcels"])
        met = _mark(growth <= GROWTH_TARGET)
        lines.append(
            f"| time per parcel, large over usual | ≤ {GROWTH_TARGET} | {growth:.2f}, {met} | |"
        )
        met = _mark(big["peak_mb"] <= LARGE_MB)
        lines.append(
            f"| peak memory, large | ≤ {LARGE_MB:,.0f} MB | {big['peak_mb']:,.0f} MB, {met} | |"
        )
    return lines


def _over(peer: str, own: str, run: dict[str, Figures]) -> float | None:
    """Give how many times as long the peer takes, where both ran."""
    if "seconds" not in run.get(peer, {}) or "seconds" not in run.get(own, {}):
        return None
    return best(run[peer]) / best(run[own])


def _profile(profile: Figures) -> list[str]:
    total = profile["total_s"]
    return [
        "\n## Where `tabulate` spends its time\n",
        f"One run under the profiler, {total:.2f} s; what a function calls is counted in it.\n",
        "| function | s | share |",
        "|---|--:|--:|",
        *(f"| `{name}` | {s:.2f} | {s / total:.0%} |" for name, s in profile["spent"].items()),
        FLOOR.format_map(profile),
    ]


def _target(name: str, wanted: float, reached: list[float | None]) -> list[str]:
    if all(ratio is None for ratio in reached):
        return []
    cells = (
        "" if ratio is None else f"{ratio:.1f} ×, {_mark(ratio >= wanted)}" for ratio in reached
    )
    return [f"| {name} | ≥ {wanted:.0f} × | {' | '.join(cells)} |"]


def _mark(met: bool) -> str:  # noqa: FBT001 - the truth is what it marks
    return "met" if met else "**not met**"

"""The page of the cluster benchmark, made from its figures alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.report import best

if TYPE_CHECKING:
    from pathlib import Path

    Figures = dict[str, Any]
    Town = dict[tuple[str, float], Figures]

LABELS = {
    "landgis_connected": "`connected`",
    "landgis_connected_barriers": "`connected`, with barriers",
    "landgis_cluster": "`landgis.cluster`",
    "landgis_cluster_barriers": "`landgis.cluster`, with barriers",
    "postgis": "PostGIS `ST_ClusterDBSCAN(eps, 1)`",
    "libpysal": "libpysal fuzzy contiguity",
    "geopandas_dissolve": "GeoPandas buffer and dissolve",
    "qgis_dissolve": "QGIS buffer and dissolve",
}
ALONE = "landgis_barriers_alone"
OWN = ("landgis_connected", "landgis_cluster")
WANTED = {"postgis": 1.0, "libpysal": 3.0, "geopandas_dissolve": 20.0, "qgis_dissolve": 20.0}
MOST_WITH_BARRIERS = 2.0
SAIKI_S = 15.0

HEAD = """\
# Benchmarks of clusters

Made by `python -m benchmarks.clusters`; do not edit.

- {date}; {machine}.
- Load average over the last 15 minutes, our own runs included: {load:.1f}.
- First call of `cluster` with barriers: {compiling_s:.1f} s to compile, once per installation. Not counted below.
- Barriers: {barriers:,} features, four fifths of them roads (lines with widths), the others water (polygons of 60
  corners).
"""
METHOD = """\
## How it was done

- One command makes the lots from seeds: 20 vertices each, edges shared exactly within blocks of 20, lanes of 3 to 40 m
  between blocks. Every contender runs in a process of its own, one after the other.
- Tables stand in memory, those of PostGIS in an indexed and analysed table; loading is not timed. Seconds are the best
  of three runs in one process, of more where they take less than 5 s together, of fewer where they take 20 s; ratios
  compare wall time. *CPU* is the processor time of the contender's own process.
- *Parts* are compared lot by lot with those of PostGIS, which defines them as landgis does where all kinds of edges
  join, `sliver_m` is 0 and there are no barriers. With barriers every part must lie within one of those.
- The peers answer who belongs together, and so does `landgis.analysis.clusters.connected`. `landgis.cluster` measures
  every pair besides (kind, shared length, gap, overlap) and gives statutory areas, ids, names and an outline around
  every cluster, which is a buffer and a dissolve itself (GEOS): no ratio of twenty over dissolving can be had with it.
- PostGIS and `connected` look at a pair only until its lots are in one part; `landgis.cluster` measures every pair.
- landgis uses all cores, the peers one.
- Peak memory is that of the whole process, loading and smaller gaps included; for PostGIS of its server process.
"""


def write_report(found: Figures, path: Path) -> None:
    """Write the page."""
    parts = [HEAD.format_map(found)]
    for town in found["towns"]:
        results = {
            (figures["name"], figures["gap_m"]): figures
            for figures in town["results"]
            if figures["name"] != ALONE
        }
        parts += [f"## {town['lots']:,} lots\n", *_table(results), "", *_targets(results), ""]
        parts += [
            f"Reading the barriers and taking them wider, with two lots only: {best(figures):.2f} s.\n"
            for figures in town["results"]
            if figures["name"] == ALONE and "seconds" in figures
        ]
    parts += [*_growth(found["towns"]), *_saiki(found.get("saiki")), METHOD]
    path.write_text("\n".join(parts), encoding="utf-8")


def _table(results: Town) -> list[str]:
    heads = ("gap m", "best s", "CPU s", "peak MB", "parts", "lots elsewhere")
    lines = [f"| contender | version | {' | '.join(heads)} |", f"|---|---|{'--:|' * len(heads)}"]
    for (name, gap), figures in results.items():
        if "not_run" in figures:
            reason = figures["not_run"]
            lines.append(f"| {LABELS[name]} | 未测 not run: {reason} | {gap:g} | | | | | |")
            continue
        cpu = f"{best(figures, 'cpu_seconds'):.2f}" if figures["cpu_seconds"] else ""
        wrong = figures.get("wrong", "")
        lines.append(
            f"| {LABELS[name]} | {figures['version']} | {gap:g} | {best(figures):.2f} | {cpu} "
            f"| {figures['peak_mb']:,.0f} | {figures['parts']:,} "
            f"| {f'**{wrong} wrong**' if wrong else wrong} |"
        )
    return lines


def _targets(results: Town) -> list[str]:
    """Say of each target whether it is met, gap by gap, for who belongs together and for all."""
    gaps = sorted({gap for _, gap in results})
    gaps_in_words = " | ".join(f"{gap:g} m" for gap in gaps)
    lines = [f"| target | wanted | {gaps_in_words} |", f"|---|--:|{'--:|' * len(gaps)}"]
    for own in OWN:
        for peer, wanted in WANTED.items():
            ratios = [_ratio(results, peer, own, gap) for gap in gaps]
            lines += _target(
                f"{LABELS[own]} over {LABELS[peer]}", f"≥ {wanted:g} ×", ratios, wanted
            )
        ratios = [_ratio(results, f"{own}_barriers", own, gap) for gap in gaps]
        name = f"{LABELS[own]}: with barriers over without"
        most = MOST_WITH_BARRIERS
        lines += _target(name, f"≤ {most:g} ×", [r and -r for r in ratios], -most)
    return lines


def _ratio(results: Town, above: str, below: str, gap: float) -> float | None:
    """Give how many times as long one takes as the other, where both ran."""
    one, other = results.get((above, gap), {}), results.get((below, gap), {})
    if "seconds" not in one or "seconds" not in other:
        return None
    return best(one) / best(other)


def _target(name: str, wanted: str, reached: list[float | None], least: float) -> list[str]:
    if all(ratio is None for ratio in reached):
        return []
    cells = (
        "" if ratio is None else f"{abs(ratio):.1f} ×, {'met' if ratio >= least else '**not met**'}"
        for ratio in reached
    )
    return [f"| {name} | {wanted} | {' | '.join(cells)} |"]


def _growth(towns: list[Figures]) -> list[str]:
    """Show time and memory per lot as towns grow."""
    lines = [
        "## Growth with size\n",
        "Microseconds per lot at each gap; kilobytes of peak memory per lot.\n",
        "| lots | contender | gap m | µs per lot | kB per lot |",
        "|--:|---|--:|--:|--:|",
    ]
    for town in towns:
        lots = town["lots"]
        lines += [
            f"| {lots:,} | {LABELS[figures['name']]} | {figures['gap_m']:g} "
            f"| {best(figures) / lots * 1e6:.1f} | {figures['peak_mb'] / lots * 1e3:.1f} |"
            for figures in town["results"]
            if figures["name"] in LABELS
            and figures["name"].startswith("landgis")
            and "seconds" in figures
        ]
    return [*lines, ""]


def _saiki(figures: Figures | None) -> list[str]:
    if figures is None:
        return []
    head = "## Saiki, real parcels\n"
    if "not_run" in figures:
        return [head, f"未测 not run: {figures['not_run']}\n"]
    met = "met" if best(figures) <= SAIKI_S else "**not met**"
    said = (
        f"{figures['lots']:,} parcels, {figures['barriers']:,} rows of roads and water as barriers, "
        f"gap {figures['gap_m']:g} m: {best(figures):.1f} s "
        f"({best(figures, 'cpu_seconds'):.1f} s of processor time), {figures['parts']:,} parts, "
        f"peak {figures['peak_mb']:,.0f} MB. Wanted: at most {SAIKI_S:.0f} s, {met}. "
        "Data: 「登記所備付地図データ 佐伯市」(法務省)を加工して作成.\n"
    )
    return [head, said]

"""Judge landgis by GEOS and by what test cases expect: ``python -m benchmarks.exactness DATA``.

DATA is a folder with ``hard_geometry``, ``cambridge_ma`` and ``saiki_parcels``. One table says for
every set of data how many pairs were compared, what was wrong beyond 1e-6 m² + 1e-9 of the area,
how far the worst lay, whether every account closes and whether order or partition move a figure.
Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

import landgis
from benchmarks.hard_geometry import Case, Unread, common_area, enlarged, read_cases
from benchmarks.judge import (
    ALLOWED_M2,
    ALLOWED_SHARE,
    Judged,
    areas_of_pairs,
    judge,
)
from benchmarks.made_up import plane, tables, worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

SETS = ("made-up", "hard", "cambridge", "saiki")
WORLD_SIZE = 4  # thousands of parcels, about
CHORD_M = 8.0  # of the witness; halved once, and the two extrapolated
AT_A_TIME = 20_000  # pieces, which bounds the memory
NAMED = 20  # disagreements with expected results that are named

HEAD = """\
# Exactness

Made by `python -m benchmarks.exactness DATA`; do not edit.

- {date}; landgis {landgis}, GEOS {geos} through Shapely {shapely}; {seconds:.0f} s.
- *wrong*: pairs whose area by `tabulate` differs from the witness by more than 1e-6 m² + 1e-9 of it. Where the two
  differ and both shapes have few edges, exact rational arithmetic decides (*GEOS wrong*).
- *pieces*: the geometry of `overlay`, pieces and outside ground, against the pieces of GEOS. *open*: accounts of
  `overlay` that do not hold Σ pieces + outside − twice = parcel in whole dm², or do not agree with `measure` and
  `tabulate`; *shares*: parcels whose shares do not sum to one. *moved*: how far any figure moves when rows stand in
  another order and parcels come in three parts; 0 means bit for bit. *left out*: shapes named in the findings;
  *died*: runs that stopped.
- GEOS works on copies moved to the corner of each parcel, which loses no digit.

"""


class Claims(NamedTuple):
    """How the expected results of test cases were met."""

    family: str
    met: int
    missed: tuple[str, ...]
    apart: Counter[str]  # cases that are no witness, and why
    worst_m2: float


def made_up(pairs: int) -> Iterator[Judged]:
    """Judge made-up coverages until so many pairs shared ground; a line for every kind."""
    lines: dict[str, Judged] = {}
    for world in worlds(WORLD_SIZE):
        kind = f"made-up: {world.name.partition(',')[0]}"
        found = judge(*world)
        if found.bad:
            print(f"{world.name}: {found}", file=sys.stderr, flush=True)
        lines[kind] = lines[kind].plus(found) if kind in lines else found._replace(name=kind)
        if sum(line.sharing for line in lines.values()) >= pairs:
            break
    yield from lines.values()


def hard(folder: Path) -> tuple[list[Judged], list[Claims]]:
    """Judge every pair of the test cases, and meet what they expect."""
    cases = list(read_cases(folder / "hard_geometry"))
    lines: dict[str, Judged] = {}
    met: dict[str, Claims] = {}
    known: dict[tuple[bytes, bytes], tuple[float, ...] | str] = {}
    for case in cases:
        so_far = met.get(case.family, Claims(case.family, 0, (), Counter(), 0.0))
        if isinstance(case, Unread):
            met[case.family] = _apart(so_far, case.reason)
        elif case.other is None:
            met[case.family] = _validity(so_far, case)
        else:
            key = shapely.to_wkb(case.one), shapely.to_wkb(case.other)
            if key not in known:
                found, known[key] = _pair(case)
                line = lines.get(case.family, Judged(f"hard: {case.family}"))
                lines[case.family] = line.plus(found)
            met[case.family] = _claim(so_far, case, known[key])
    return list(lines.values()), list(met.values())


def _apart(claims: Claims, reason: str) -> Claims:
    return claims._replace(apart=claims.apart + Counter([reason]))


def _pair(case: Case) -> tuple[Judged, tuple[float, ...] | str]:
    """Judge one pair; give its two areas, the common one and by how much it was enlarged."""
    one, other, scale = enlarged(case)
    sides = tables(np.array([one]), np.array([other]), plane())
    found = judge(case.name, *sides)
    if found.bad:
        print(found, file=sys.stderr, flush=True)
    if found.died:
        return found, "the run stopped"
    if found.left_out:
        return found, "invalid input, named in the findings"
    measured = [float(landgis.measure(side)["area_m2"].iloc[0]) for side in sides]
    return found, (*measured, float(areas_of_pairs(*sides).sum()), scale)


def _claim(claims: Claims, case: Case, known: tuple[float, ...] | str) -> Claims:
    """Set the common area beside what the case expects."""
    reason = known if isinstance(known, str) else case.skipped
    if isinstance(case.expected, shapely.Geometry) and not shapely.is_valid(case.expected):
        reason = reason or "expected result invalid"
    if isinstance(known, str) or reason:
        return _apart(claims, str(reason))
    one, other, common, scale = known
    least, most = common_area(case, one, other, scale)
    if (least, most) == (0.0, min(one, other)):
        return _apart(claims, "says nothing about areas")
    off = max(least - common, common - most, 0.0)
    allowed = ALLOWED_M2 + ALLOWED_SHARE * max(one, other)
    worst = max(claims.worst_m2, off)
    if off <= allowed:
        return claims._replace(met=claims.met + 1, worst_m2=worst)
    said = f"{case.name}, {case.operation}: {common:.6f} m², expected {least:.6f} to {most:.6f}"
    return claims._replace(missed=(*claims.missed, said))


def _validity(claims: Claims, case: Case) -> Claims:
    """See whether an invalid shape, and only such a one, becomes a finding beside a sound parcel."""
    points = shapely.get_coordinates(case.one)
    points = points[np.isfinite(points).all(axis=1)]
    extent = max(1.0, float(np.abs(points).max(initial=1.0)))
    scale = min(1.0, 2.0 ** -np.ceil(np.log2(extent / 1e6)))
    beside = shapely.box(0, 0, 10, 10)
    shapes = np.array([shapely.transform(case.one, lambda xy: xy * scale), beside])
    parcels, zones = tables(shapes, np.array([shapely.box(5, 0, 10, 10)]), plane())
    try:
        overlaid = landgis.overlay(parcels, zones)
        landgis.tabulate(parcels, zones, by="zone_id")
    except Exception as error:  # noqa: BLE001 - no shape may stop the run
        said = f"{case.name}, {case.operation}: the run stopped with {error!r}"
        return claims._replace(missed=(*claims.missed, said))
    named = set(overlaid.findings["parcel_id"]) == {parcels.index[0]}
    valid = bool(case.expected) if case.operation == "isvalid" else bool(case.one.is_valid)
    valid &= not case.one.is_empty  # valid to JTS, but no ground
    (piece,) = overlaid.pieces.loc[overlaid.pieces["parcel_id"] == parcels.index[1], "area_m2"]
    if named != valid and piece == 50.0:  # noqa: PLR2004 - half of the parcel beside
        return claims._replace(met=claims.met + 1)
    said = f"{case.name}, {case.operation}: expected {'valid' if valid else 'invalid'}"
    return claims._replace(missed=(*claims.missed, said))


def cambridge(folder: Path) -> Iterator[Judged]:
    """Judge parcels and zoning districts of Cambridge, Massachusetts, as they are and made valid."""
    file = folder / "cambridge_ma" / "cambridge_core.gpkg"
    layers = ("ASSESSING_ParcelsFY2014", "CDD_ZoningDistricts")
    shapes = [gpd.read_file(file, layer=layer).to_crs(26986).geometry for layer in layers]
    raw = (side.to_numpy() for side in shapes)
    yield judge("Cambridge parcels × zoning as they are, plane areas", *tables(*raw, plane()))
    sound = (side.make_valid(method="structure", keep_collapsed=False) for side in shapes)
    yield from _in_both_planes("Cambridge parcels × zoning made valid", *sound)


def saiki(folder: Path) -> Iterator[Judged]:
    """Judge the parcels of Saiki laid over themselves."""
    file = folder / "saiki_parcels" / "saiki_yayoi_honjo_naokawa.parquet"
    shapes = gpd.read_parquet(file).to_crs(6670).geometry
    yield from _in_both_planes("Saiki parcels × themselves", shapes, shapes)


def _in_both_planes(name: str, one: gpd.GeoSeries, other: gpd.GeoSeries) -> Iterator[Judged]:
    """Judge in a plane without scale, against plane areas, and in their own, by the statute."""
    sides = one.to_numpy(), other.to_numpy()
    yield judge(f"{name}, plane areas", *tables(*sides, plane()))
    yield judge(f"{name}, statutory", *tables(*sides, one.crs), size=statutory(one.crs))


def statutory(crs: CRS) -> Callable[[NDArray[np.object_]], NDArray[np.float64]]:
    """Give a witness for statutory areas that shares no code with landgis.

    pyproj moves vertices into its own equal-area plane; edges are split at `CHORD_M` and at half of
    it, and the two areas extrapolated, so that what the chords cut off is gone.
    """
    crs = CRS.from_user_input(crs)
    globe = crs.ellipsoid
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    squared = 1 - (globe.semi_minor_metre / globe.semi_major_metre) ** 2

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        longitude, latitude = np.radians(to_degrees.transform(*points.T))
        sine, eccentricity = np.sin(latitude), squared**0.5
        part = sine / (1 - squared * sine**2)
        whole = part + np.log((1 + eccentricity * sine) / (1 - eccentricity * sine)) / (
            2 * eccentricity
        )
        half = globe.semi_major_metre * (1 - squared) / 2
        return np.column_stack([globe.semi_major_metre * longitude, half * whole])

    def areas(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
        coarse = shapely.segmentize(shapes, CHORD_M)
        sizes = [shapely.area(shapely.transform(some, move)) for some in (coarse, _halved(coarse))]
        return (4 * sizes[1] - sizes[0]) / 3

    def in_portions(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
        cuts = range(0, len(shapes), AT_A_TIME)
        parts = [areas(shapes[first : first + AT_A_TIME]) for first in cuts]
        return np.concatenate([*parts, np.zeros(0)])

    return in_portions


def _halved(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Put a vertex into the middle of every edge."""

    def insert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        between = np.empty((2 * len(points) - 1, 2))
        between[::2], between[1::2] = points, (points[1:] + points[:-1]) / 2
        return between

    def halve(polygon: Any) -> Any:
        rings = [insert(shapely.get_coordinates(r)) for r in shapely.get_rings(polygon)]
        return shapely.Polygon(rings[0], rings[1:]) if rings else polygon

    parts, owner = shapely.get_parts(shapes, return_index=True)
    halved = np.array([halve(p) for p in parts if p.geom_type == "Polygon"], dtype=object)
    polygonal = np.array([p.geom_type == "Polygon" for p in parts], dtype=bool)
    joined = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    for row, group in pd.Series(halved).groupby(owner[polygonal]):
        joined[row] = shapely.MultiPolygon(list(group))
    return joined


def table_of(lines: list[Judged]) -> str:
    """Write the one table."""
    heads = (
        "data", "pairs that meet", "that share ground", "wrong", "GEOS wrong", "worst m²",
        "worst relative", "pieces wrong", "worst piece m²", "accounts", "open", "shares",
        "moved m²", "left out", "died", "landgis s",
    )  # fmt: skip
    rows = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    rows += [
        f"| {line.name} | {line.pairs:,} | {line.sharing:,} | {_bold(line.wrong)} "
        f"| {line.witness_wrong} | {line.worst_m2:.1e} | {line.worst_share:.1e} "
        f"| {_bold(line.pieces_wrong)} | {line.pieces_worst_m2:.1e} | {line.accounts:,} "
        f"| {_bold(line.accounts_open)} | {_bold(line.shares_off)} | {line.moved_m2:.3g} "
        f"| {line.left_out} | {_bold(line.died)} | {line.seconds:.1f} |"
        for line in lines
    ]
    return "\n".join(rows) + "\n"


def _bold(count: int) -> str:
    return f"**{count}**" if count else "0"


def claims_of(found: list[Claims]) -> str:
    """Write how expected results were met, and every case that is no witness, with its reason."""
    rows = ["\n## Expected results of the test cases\n"]
    rows += ["| cases | met | missed | worst m² | no witness |", "|---|--:|--:|--:|---|"]
    for claims in found:
        apart = "; ".join(f"{count} {reason}" for reason, count in claims.apart.items())
        rows.append(
            f"| {claims.family} | {claims.met:,} | {_bold(len(claims.missed))} "
            f"| {claims.worst_m2:.1e} | {apart} |"
        )
    rows += [""] + [f"- missed: {said}" for claims in found for said in claims.missed[:NAMED]]
    return "\n".join(rows).rstrip() + "\n"


def main() -> None:
    """Read the command line, judge everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the real data")
    parser.add_argument("--pairs", type=int, default=1_000_000, help="made-up, that share ground")
    parser.add_argument("--only", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--page", type=Path, help="also write the page here")
    options = parser.parse_args()
    begun = time.perf_counter()
    lines: list[Judged] = []
    claims: list[Claims] = []
    if "made-up" in options.only:
        lines += made_up(options.pairs)
    if "hard" in options.only:
        judged, claims = hard(options.data)
        lines += judged
    if "cambridge" in options.only:
        lines += cambridge(options.data)
    if "saiki" in options.only:
        lines += saiki(options.data)
    page = HEAD.format(
        date=f"{dt.datetime.now().astimezone():%Y-%m-%d}",
        landgis=landgis.__version__,
        geos=shapely.geos_version_string,
        shapely=shapely.__version__,
        seconds=time.perf_counter() - begun,
    )
    page += table_of(lines) + (claims_of(claims) if claims else "")
    if options.page:
        options.page.write_text(page, encoding="utf-8")
    print(page)
    sys.exit(any(line.bad for line in lines) or any(one.missed for one in claims))


if __name__ == "__main__":
    main()

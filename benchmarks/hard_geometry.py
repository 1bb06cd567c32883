"""Hard pairs of polygons that other programs were tested on, with the results these expect.

Three families in one folder: the cases of martinez (GeoJSON), of JTS and GEOS (one CSV), and the
overlay fixtures of GeoPandas, computed by QGIS. Every pair is moved and scaled by powers of two,
which is exact, so that it is as large as a parcel; what a case expects becomes a claim about the
common area of its pair.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

# The tests of GeoPandas name these rows of QGIS' results as wrong: a circle that was not cut, and a
# row that stands twice.
QGIS_WRONG = {"qgis-union": {24, 27}}
EXTENT_M = 2048.0  # about, of a pair after scaling
DECLARED_WRONG = ("wrong result", "broken")  # words of the comments in the martinez cases
ROUNDED = "sr"  # operations of JTS whose result stands on a rounding grid
OPERATIONS = {
    "intersection": "intersection",
    "union": "union",
    "difference": "difference",
    "symdifference": "xor",
    "diff": "difference",
    "diff_ba": "difference of the second",
    "xor": "xor",
}


class Case(NamedTuple):
    """What one test says about one pair."""

    family: str
    name: str
    one: Any
    other: Any  # None where the test is about one shape
    operation: str
    expected: Any  # a geometry, or a truth
    skipped: str = ""  # why the expected result is no witness


class Unread(NamedTuple):
    """A case that is not about two polygons."""

    family: str
    reason: str


def read_cases(folder: Path) -> Iterator[Case | Unread]:
    """Read every case of the folder."""
    yield from _martinez(folder / "martinez_cases")
    yield from _jts(folder / "jts_geos_cases_part1.csv.gz")
    yield from _fixtures(folder)


def common_area(case: Case, one_m2: float, other_m2: float, scale: float) -> tuple[float, float]:
    """Give the least and the most common area that agree with what a case expects, in m².

    `scale` is that by which its pair was enlarged. What says nothing gives 0 and the smaller area.
    """
    if isinstance(case.expected, bool):
        return _by_truth(case, one_m2, other_m2)
    area = float(shapely.area(case.expected)) * scale**2
    common = {
        "intersection": area,
        "union": one_m2 + other_m2 - area,
        "difference": one_m2 - area,
        "difference of the second": other_m2 - area,
        "xor": (one_m2 + other_m2 - area) / 2,
    }[case.operation]
    return common, common


def _by_truth(case: Case, one_m2: float, other_m2: float) -> tuple[float, float]:
    """Read a relation of two areas as a claim about their common area."""
    smaller, some = min(one_m2, other_m2), 1e-9 * min(one_m2, other_m2)
    equal_one, equal_other, apart = (one_m2, one_m2), (other_m2, other_m2), (0.0, 0.0)
    part_of_one, part_of_other = (0.0, one_m2 - some), (0.0, other_m2 - some)
    known: dict[tuple[str, bool], tuple[float, float]] = {
        ("intersects", False): apart,
        ("disjoint", True): apart,
        ("touches", True): apart,
        ("overlaps", True): (some, smaller - some),
        ("within", True): equal_one,
        ("coveredby", True): equal_one,
        ("within", False): part_of_one,
        ("coveredby", False): part_of_one,
        ("contains", True): equal_other,
        ("covers", True): equal_other,
        ("contains", False): part_of_other,
        ("covers", False): part_of_other,
    }
    if case.operation.startswith("relate") and case.expected:
        matrix = case.operation.removeprefix("relate ")
        claims = {
            (0, "2"): (some, smaller), (0, "F"): apart,
            (2, "2"): part_of_one, (2, "F"): equal_one,
            (6, "2"): part_of_other, (6, "F"): equal_other,
        }  # fmt: skip
        held = [claims[at, matrix[at]] for at in (0, 2, 6) if (at, matrix[at]) in claims]
        return max((low for low, _ in held), default=0.0), min(
            (high for _, high in held), default=smaller
        )
    return known.get((case.operation, case.expected), (0.0, smaller))


def enlarged(case: Case) -> tuple[Any, Any, float]:
    """Move a pair to its corner and scale it by a power of two: no digit is lost."""
    points = shapely.get_coordinates([case.one, case.other])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return case.one, case.other, 1.0
    corner = points.min(axis=0)
    extent = float((points.max(axis=0) - corner).max())
    scale = 2.0 ** round(math.log2(EXTENT_M / extent)) if extent > 0 else 1.0
    if not ((points - corner) + corner == points).all():
        corner = np.zeros(2)

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return (xy - corner) * scale

    return shapely.transform(case.one, move), shapely.transform(case.other, move), scale


def _martinez(folder: Path) -> Iterator[Case | Unread]:
    for path in sorted(folder.glob("*.geojson")):
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        one, other = (shape(feature["geometry"]) for feature in features[:2])
        for feature in features[2:]:
            said = feature["properties"]
            comment = said.get("comment", "")
            reason = ""
            if any(words in comment for words in DECLARED_WRONG):
                reason = "expected result wrong by its own comment"
            try:
                expected = shape(feature["geometry"])
            except ValueError:
                expected, reason = shapely.Polygon(), "expected result is no geometry"
            operation = OPERATIONS[said["operation"]]
            yield Case("martinez", path.stem, one, other, operation, expected, reason)


def _jts(path: Path) -> Iterator[Case | Unread]:
    csv.field_size_limit(10**9)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        sides = {"a": _geometry(row["a"]), "b": _geometry(row["b"])}
        one, other = sides[row["arg1"].lower()], sides.get(row["arg2"].lower())
        operation, reason = row["op"], ""
        if operation.endswith(ROUNDED) and operation.removesuffix(ROUNDED) in OPERATIONS:
            operation, reason = (
                operation.removesuffix(ROUNDED),
                "expected result on a rounding grid",
            )
        elif "'scale'" in row["precision"] and operation in OPERATIONS:
            reason = "expected result on a rounding grid"
        if row["expected"] in {"true", "false"}:
            expected: Any = row["expected"] == "true"
        else:
            expected = _geometry(row["expected"])
        if operation == "relate":
            operation = f"relate {row['arg3']}"
        name = f"{row['suite']} {row['file']} {row['case']}"
        yield Case(
            "JTS and GEOS", name, one, other, OPERATIONS.get(operation, operation), expected, reason
        )


def _geometry(text: str) -> Any:
    """Read WKT or hexadecimal WKB."""
    if not text.strip():
        return None
    is_hex = set(text.strip()) <= set("0123456789ABCDEFabcdef")
    return shapely.from_wkb(text.strip()) if is_hex else shapely.from_wkt(text)


def _fixtures(folder: Path) -> Iterator[Case | Unread]:
    """Read the fixtures of GeoPandas: rows of two tables, and rows of results that name both."""
    home = folder / "geopandas_overlay"
    for name, files in (("polys", "df1_df2"), ("overlap", "df1_df2_overlap")):
        ending = files.removeprefix("df1_df2")
        sides = [_rows(home / name / f"df{k}{ending}.geojson", f"col{k}") for k in (1, 2)]
        for path in sorted((home / name).glob(f"{files}-*.geojson")):
            yield from _results(f"QGIS {path.stem}", path, sides, ("col1", "col2"))
    nybb = home / "nybb_qgis"
    boroughs = gpd.read_file(folder / "nybb_16a.zip").set_index("BoroCode").geometry
    for table in (boroughs, _rows(nybb / "polydf.shp", "BoroCode")):
        sides = [table, _rows(nybb / "polydf2.shp", "value1")]
        for path in sorted(nybb.glob("qgis-*.shp")):
            yield from _results(f"QGIS nybb {path.stem}", path, sides, ("BoroCode", "value1"))
    sides = _strict_sides()
    for path in sorted((home / "strict").glob("*.geojson")):
        if path.stem.startswith("polys_"):
            yield from _results(f"GeoPandas {path.stem}", path, sides, ("col1", "col2"))
        else:
            yield Unread("GeoPandas and QGIS", "points or lines on one side")
    one, other = (
        gpd.read_file(home / "geom_type" / f"df{k}.geojson").geometry.iloc[0] for k in (1, 2)
    )
    yield Case("GeoPandas and QGIS", "geom_type", one, other, "intersection", None, "no result")


def _rows(path: Path, key: str) -> gpd.GeoSeries:
    return gpd.read_file(path).set_index(key).geometry


def _strict_sides() -> list[gpd.GeoSeries]:
    """Make the inputs of GeoPandas' test_overlay_strict, which stand in its code alone."""
    low, high = shapely.box(1, 1, 3, 3), shapely.box(3, 3, 5, 5)
    left = gpd.GeoSeries([low, high], index=[1, 2])
    return [left, gpd.GeoSeries([low, shapely.box(-1, 1, 1, 3), high], index=[1, 2, 3])]


def _results(
    name: str, path: Path, sides: list[gpd.GeoSeries], keys: tuple[str, str]
) -> Iterator[Case]:
    """Give a case for every pair a result names, and for every row that stands for one side."""
    family = "GeoPandas and QGIS"
    found = gpd.read_file(path)
    found = found[found.geom_type.isin(["Polygon", "MultiPolygon"])]
    known = [found.get(key, pd.Series(index=found.index, dtype=float)).notna() for key in keys]
    both = found[known[0] & known[1]]
    if any(word in path.stem for word in ("intersection", "union", "identity")):
        shapes = {tuple(row[key] for key in keys): row.geometry for _, row in both.iterrows()}
        for i, j in ((i, j) for i in sides[0].index for j in sides[1].index):
            expected = shapes.get((i, j), shapely.Polygon())
            one, other = sides[0][i], sides[1][j]
            yield Case(family, f"{name} {i} {j}", one, other, "intersection", expected)
    for side, key in enumerate(keys):
        alone = found[known[side] & ~known[1 - side]]
        rest = shapely.union_all(sides[1 - side].to_numpy())
        for number, row in alone.iterrows():
            one = sides[side][row[key]]
            wrong = number in QGIS_WRONG.get(path.stem, ())
            reason = "expected result wrong by GeoPandas' own tests" if wrong else ""
            yield Case(family, f"{name} {row[key]}", one, rest, "difference", row.geometry, reason)

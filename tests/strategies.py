"""What hypothesis may draw: small coverages, dirty rings, facts with gaps.

Everything lies near Qinzhou in EPSG:4545 on a lattice of a few points, so that vertices, edges
and whole shapes often coincide: that is where geometry breaks.
"""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import strategies as st

from landgis.model import schema

CRS = "EPSG:4545"
WEST, SOUTH = 562_000.0, 2_428_000.0
STEP = 10.0  # metres between lattice lines


def at(x, y):
    return (WEST + STEP * x, SOUTH + STEP * y)


def named(count):
    return pd.Index([f"P{number:02d}" for number in range(1, count + 1)], name="parcel_id")


@st.composite
def coverages(draw, *, most=4):
    """Parcels without gap or overlap: a grid of quadrangles whose inner corners have moved."""
    columns, rows = draw(st.integers(1, most)), draw(st.integers(1, most))
    widths = draw(st.lists(st.integers(2, 9), min_size=columns, max_size=columns))
    heights = draw(st.lists(st.integers(2, 9), min_size=rows, max_size=rows))
    nodes = np.stack(
        np.meshgrid(np.cumsum([0, *widths]), np.cumsum([0, *heights]), indexing="ij"), axis=-1
    ).astype(float)
    for i in range(1, columns):
        for j in range(1, rows):
            nodes[i, j] += draw(st.tuples(*[st.sampled_from([-0.4, 0.0, 0.25])] * 2))
    quads = [
        shapely.Polygon([at(*nodes[i + a, j + b]) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))])
        for i in range(columns)
        for j in range(rows)
    ]
    return gpd.GeoDataFrame(geometry=quads, crs=CRS, index=named(len(quads)))


lattice_points = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda point: at(*point))
dirty_rings = st.lists(lattice_points, min_size=4, max_size=9)


@st.composite
def dirty_polygons(draw):
    """Whatever a ring can be: crossed, flat, repeated, with holes inside, outside or crossing."""
    shell = draw(dirty_rings)
    holes = draw(st.lists(dirty_rings, max_size=2))
    return shapely.Polygon(shell, holes)


def with_value(bad):
    """A triangle one of whose coordinates is no number."""
    with np.errstate(invalid="ignore"):
        return shapely.Polygon([at(0, 0), (bad, SOUTH), at(2, 2)])


@st.composite
def dirty_geometries(draw):
    """Polygons and multipolygons as above, and now and then what is no polygon at all."""
    kind = draw(st.sampled_from(["polygon"] * 5 + ["multi"] * 3 + ["collection", "other"]))
    if kind == "polygon":
        return draw(dirty_polygons())
    parts = draw(st.lists(dirty_polygons(), min_size=1, max_size=3))
    if kind == "multi":
        return shapely.MultiPolygon(parts)
    if kind == "collection":
        return shapely.GeometryCollection([*parts, shapely.Point(at(1, 1))])
    return draw(
        st.sampled_from(
            [
                None,
                shapely.Polygon(),
                shapely.MultiPolygon(),
                shapely.Point(at(2, 2)),
                shapely.LineString([at(0, 0), at(3, 1)]),
                shapely.GeometryCollection(),
                shapely.box(108.6, 21.9, 108.61, 21.91),
                shapely.box(36_562_000, SOUTH, 36_562_010, SOUTH + 10),
                with_value(np.nan),
                with_value(np.inf),
                shapely.GeometryCollection([with_value(np.nan), shapely.box(0, 0, 1, 1)]),
                shapely.box(-1e300, -1e300, 1e300, 1e300),
            ]
        )
    )


@st.composite
def dirty_parcels(draw, *, most=6):
    """A table of dirty geometries whose identifiers may be missing or stand twice."""
    geometry = draw(st.lists(dirty_geometries(), max_size=most))
    ids = draw(
        st.lists(
            st.sampled_from(["A", "B", "C", "D", " ", None]),
            min_size=len(geometry),
            max_size=len(geometry),
        )
    )
    index = pd.Index(ids, dtype=object, name="parcel_id")
    return gpd.GeoDataFrame(geometry=geometry, crs=CRS, index=index)


def _cells(column):
    kinds = {
        "number": st.floats(-10, 1e4) | st.sampled_from([1e300, float("inf")]),
        "integer": st.integers(-3, 2000).map(float),
        "date": st.dates(dt.date(2005, 1, 1), dt.date(2023, 12, 31)).map(pd.Timestamp),
        "truth": st.booleans(),
        "text": st.sampled_from([*column.values, "某处", ""]),  # noqa: PD011 - a code list
    }
    return st.none() | kinds[column.kind]


@st.composite
def facts(draw, *, most=5):
    """Parcels side by side with any facts of the schema, each possibly unknown, in their kinds."""
    count = draw(st.integers(1, most))
    known = [
        column
        for column in schema.PARCELS.columns
        if column.kind != "geometry" and column.name != schema.PARCELS.index
    ]
    chosen = draw(st.lists(st.sampled_from(known), unique=True, max_size=8))
    index = named(count)
    data = {
        column.name: pd.Series(
            draw(st.lists(_cells(column), min_size=count, max_size=count)),
            index=index,
            dtype=object,
        ).astype("float64" if column.kind == "integer" else schema.DTYPES[column.kind])
        for column in chosen
    }
    boxes = [shapely.box(*at(3 * i, 0), *at(3 * i + 2, 2)) for i in range(count)]
    return gpd.GeoDataFrame(data, geometry=boxes, crs=CRS, index=index)

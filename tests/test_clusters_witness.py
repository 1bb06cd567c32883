"""PostGIS clusters the same parcels: ST_ClusterDBSCAN with one point needed, where nothing bars.

Cases: random coverages of Voronoi cells, whole, shrunk and grown by hairlines and lanes, shaken apart
and with vertices that the neighbour lacks, with and without a zone prefix; lattices of boxes, rings,
islands and multiparts whose distances are the gap exactly; one parcel; the page of witnesses counts
what differs.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from benchmarks.cluster_witnesses import GAPS_M, compare, postgis_parts
from landgis.analysis.clusters import cluster

EAST, NORTH = 562_000.0, 2_428_000.0
PREFIX = 36_000_000.0
ALL = ("shared", "overlap", "sliver", "corner", "near")


def table(shapes, *, prefix=0.0):
    shapes = shapely.transform(
        np.array(shapes, dtype=object), lambda points: np.add(points, [EAST + prefix, NORTH])
    )
    ids = pd.Index([f"P{i:04d}" for i in range(len(shapes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(geometry=shapes, index=ids, crs=4524 if prefix else 4545)


def cells(random, count=300, size=800.0):
    """A coverage whose neighbours do not have all vertices in common; three cells in five are no parcels."""
    points = random.uniform(0.0, size, (count, 2))
    shapes = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    shapes = shapely.intersection(shapes, shapely.box(0.0, 0.0, size, size))
    more = random.random(len(shapes)) < 0.5
    shapes[more] = shapely.segmentize(shapes[more], 7.0)
    return shapes[random.random(len(shapes)) < 0.4]


def shaken(shapes, random, by):
    steps = iter(random.normal(0.0, by, (len(shapes), 2)))
    return [shapely.transform(shape, lambda points: points + next(steps)) for shape in shapes]


def lattice(random):
    """Boxes, rings with islands and multiparts on whole metres: gaps of exactly so many metres."""
    shapes = []
    for _ in range(400):
        x, y = random.integers(0, 400, 2)
        width, height = random.integers(3, 12, 2)
        shape = shapely.box(x, y, x + width, y + height)
        if width > 6 and height > 6:
            shape = shape.difference(shapely.box(x + 1, y + 1, x + width - 1, y + height - 1))
            shapes.append(shapely.box(x + 3, y + 3, x + width - 3, y + height - 3))
        elif width > 9:
            shape = shape.union(shapely.box(x + width + 4, y, x + width + 6, y + 2))
        shapes.append(shape)
    return shapes


def edited(shapes, by):
    grown = shapely.buffer(shapes, by, join_style="mitre")
    return grown[~shapely.is_empty(grown)]


MADE = {
    "cells": lambda random: table(cells(random)),
    "cells with a zone prefix": lambda random: table(cells(random), prefix=PREFIX),
    "hairline gaps": lambda random: table(edited(cells(random), -0.03)),
    "hairline overlaps": lambda random: table(edited(cells(random), 0.04), prefix=PREFIX),
    "lanes": lambda random: table(edited(cells(random), -2.4)),
    "shaken": lambda random: table(shaken(cells(random), random, 0.5)),
    "lattice": lambda random: table(lattice(random)),
}


def partition(index, part):
    return {frozenset(group) for group in index.groupby(part).values()}


@pytest.mark.parametrize("world", MADE)
def test_postgis_gives_the_same_clusters(postgis, world):
    parcels = MADE[world](np.random.default_rng(len(world)))
    counts = []
    for gap, theirs in zip(GAPS_M, postgis_parts(postgis, parcels, *GAPS_M), strict=True):
        members = cluster(parcels, gap_m=gap, joins=ALL, sliver_m=0.0).members
        ours = partition(parcels.index, members["cluster_id"])
        assert ours == partition(parcels.index, theirs)
        counts.append(len(ours))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > max(10, counts[-1])  # neither nothing nor everything is joined


def test_one_parcel_is_one_cluster(postgis):
    parcels = table([shapely.box(0, 0, 10, 10)])
    assert postgis_parts(postgis, parcels, 5.0).tolist() == [[0]]
    assert len(cluster(parcels, gap_m=5.0).clusters) == 1


def test_what_differs_is_counted():
    # A - B - C - D in a row, 4.0, 4.99 and 4.0 m apart; the other program misses the gap of 4.99 m
    parcels = table([shapely.box(x, 0, x + 10, 10) for x in (0, 14, 28.99, 42.99)])
    edges = cluster(parcels, gap_m=5.0).edges
    ours, theirs = np.zeros(4, dtype=int), np.array([0, 0, 1, 1])
    for explained_from_m, explained in ((4.98, 1), (4.995, 0)):
        found = compare(ours, theirs, parcels, edges, explained_from_m=explained_from_m)
        assert found == (2, 1, explained, 0)
        assert found.open == 1 - explained
    found = compare(theirs, ours, parcels, edges, explained_from_m=4.98)
    assert (found.split, found.joined, found.open) == (0, 1, 1)

"""Draw clusters.svg: ``python docs/methods/clusters_picture.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import matplotlib as mpl
import shapely
from matplotlib import pyplot as plt

from landgis.analysis.clusters import cluster

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

INK, PALE, WRONG = "#1c2733", "#5d6975", "#b3261e"
LOT, LOT_EDGE, BARRIER, LANES = "#b9d4ea", "#2b6ca3", "#e0b35a", "#e8eef4"
PLACE = (562_000.0, 2_428_000.0)
GAP_M = 10.0
LEFT, RIGHT = shapely.box(0, 0, 20, 14), shapely.box(26, 0, 46, 14)
KINDS = (
    ("shared", shapely.box(20, 2, 40, 14)),
    ("overlap", shapely.box(18, 2, 40, 14)),
    ("sliver", shapely.box(20.15, 2, 40, 14)),
    ("corner", shapely.box(20, 14, 40, 24)),
    ("near", shapely.box(26, 2, 46, 14)),
)
ROADS = (
    ("no barrier: the nearest segment", None),
    ("a wall that ends: beside its end", shapely.box(22, 5, 24, 15.5)),
    ("a wall across: no segment ≤ 10 m", shapely.box(22, -6, 24, 20)),
)


def table(shapes: list[BaseGeometry], prefix: str) -> GeoDataFrame:
    """Put shapes where the county is."""
    names = [f"{prefix}{k}" for k in range(len(shapes))]
    placed = gpd.GeoSeries(shapes, index=names, crs=4545).translate(*PLACE)
    return gpd.GeoDataFrame(geometry=placed)


def fill(axes: Axes, shape: BaseGeometry, colour: str, edge: str) -> None:
    """Fill the polygons of a shape."""
    for part in shapely.get_parts(shape):
        axes.fill(*part.exterior.xy, fc=colour, ec=edge, lw=1.2)


def frame(axes: Axes, title: str, note: str) -> None:
    """Write above and below a drawing."""
    axes.set(xlim=(-4, 50), ylim=(-12, 28), aspect="equal")
    axes.set_title(title, fontsize=10, color=INK, pad=3)
    axes.text(23, -10, note, ha="center", color=INK, fontsize=8)
    axes.axis("off")


def draw_kind(axes: Axes, kind: str, other: BaseGeometry) -> None:
    """Draw two lots with what `cluster` says of them."""
    (edge,) = cluster(table([LEFT, other], "P"), gap_m=GAP_M).edges.itertuples()
    if edge.kind != kind:
        raise AssertionError(edge.kind)
    for shape in (LEFT, other):
        fill(axes, shape, LOT, LOT_EDGE)
    frame(axes, kind, f"shared_m {edge.shared_m:.1f}, gap_m {edge.gap_m:.2f}")


def draw_way(axes: Axes, title: str, wall: BaseGeometry | None) -> None:
    """Draw two lots, what lies between them, and the outline where they are joined."""
    barriers = None if wall is None else table([wall], "R")
    found = cluster(table([LEFT, RIGHT], "P"), gap_m=GAP_M, barriers=barriers)
    (edge,) = found.edges.itertuples()
    for outline in found.clusters.geometry.translate(*(-x for x in PLACE)):
        fill(axes, outline, LANES, PALE)
    for shape in (LEFT, RIGHT):
        fill(axes, shape, LOT, LOT_EDGE)
    if wall is not None:
        fill(axes, wall, BARRIER, WRONG)
    joined = f"joined, reach_m {edge.reach_m:.2f}" if edge.joins else f"cut off by {edge.barrier}"
    frame(axes, title, joined)


def main() -> None:
    """Draw both rows and write the picture."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "clusters", "font.size": 9})
    figure = plt.figure(figsize=(13, 5.2), layout="constrained")
    above, below = figure.subfigures(2, 1)
    for axes, (kind, other) in zip(above.subplots(1, len(KINDS)), KINDS, strict=True):
        draw_kind(axes, kind, other)
    for axes, (title, wall) in zip(below.subplots(1, len(ROADS)), ROADS, strict=True):
        draw_way(axes, title, wall)
    figure.savefig(Path(__file__).with_name("clusters.svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()

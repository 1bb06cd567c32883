"""Draw overlay.svg: ``python docs/methods/overlay_picture.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Edge = tuple[tuple[float, float], tuple[float, float]]
    Numbers = NDArray[np.float64]

INK, PALE, WRONG = "#1c2733", "#5d6975", "#b3261e"
PARCEL, ZONE, PLUS, MINUS = "#2b6ca3", "#c8641b", "#b9d4ea", "#f3c3bd"
# upper and lower edge of both, from west to east
PARCEL_EDGES: list[Edge] = [((1, 4), (6, 5)), ((1, 2), (6, 1.5))]
ZONE_EDGES: list[Edge] = [((3, 3), (9, 7.8)), ((3, 0.8), (9, 3.2))]
STRETCHES, STRETCH_EDGES = 22, 8
PLACES = {"close": "#b3261e", "below": "#8a94a0", "beside": "#c8641b"}
NOISE = 1e-9


def outline(edges: Sequence[Edge]) -> BaseGeometry:
    """Close an upper and a lower edge to a polygon."""
    (upper_west, upper_east), (lower_west, lower_east) = edges
    return shapely.Polygon([lower_west, lower_east, upper_east, upper_west])


def below_both(f: Edge, g: Edge) -> tuple[Numbers, Numbers]:
    """Give the lower of two edges over the x they share, with the place where they cross."""
    (f_west, f_y), (f_east, _) = f
    (g_west, g_y), (g_east, _) = g
    f_slope, g_slope = ((b[1] - a[1]) / (b[0] - a[0]) for a, b in (f, g))
    ends = max(f_west, g_west), min(f_east, g_east)
    crossing = (g_y - f_y + f_slope * f_west - g_slope * g_west) / (f_slope - g_slope)
    x = np.unique(np.clip([*ends, crossing], *ends))
    return x, np.minimum(f_y + f_slope * (x - f_west), g_y + g_slope * (x - g_west))


def frame(axes: Axes, title: str, note: str = "") -> None:
    axes.set(xlim=(0.2, 9.8), ylim=(-1.6, 8.2), aspect="equal")
    axes.set_title(title, fontsize=10, color=INK, pad=3)
    axes.text(4.8, -1.4, note, ha="center", color=INK)
    axes.axis("off")


def both(axes: Axes, width: float) -> None:
    for edges, colour in ((PARCEL_EDGES, PARCEL), (ZONE_EDGES, ZONE)):
        axes.plot(*outline(edges).exterior.xy, color=colour, lw=width)


def draw_terms(row: Sequence[Axes]) -> None:
    """Show that four terms add up to the common ground, in numbers that GEOS confirms."""
    first, *four, last = row
    frame(first, "parcel (f) and zone (g)")
    both(first, 1.8)
    names = (1.4, 4.6, "f₁"), (1.4, 1.1, "f₂"), (7.6, 7.4, "g₁"), (7.6, 1.8, "g₂")
    for x, y, name in names:
        first.text(x, y, name, color=PARCEL if name[0] == "f" else ZONE, fontsize=11)
    total = 0.0
    cases = (0, 0, "+"), (0, 1, "−"), (1, 0, "−"), (1, 1, "+")
    for axes, (i, j, sign) in zip(four, cases, strict=True):
        f, g = PARCEL_EDGES[i], ZONE_EDGES[j]
        x, low = below_both(f, g)
        ground = float(np.trapezoid(low, x))
        total += ground if sign == "+" else -ground
        frame(axes, f"{sign} ∫ min(f{'₁₂'[i]}, g{'₁₂'[j]})", f"{sign} {ground:.3f}")
        axes.fill_between(x, 0, low, color=PLUS if sign == "+" else MINUS, lw=0)
        axes.axhline(0, color=PALE, lw=0.6)
        both(axes, 0.5)
        for edge, colour in ((f, PARCEL), (g, ZONE)):
            axes.plot(*zip(*edge, strict=True), color=colour, lw=2.4)
    common = outline(PARCEL_EDGES) & outline(ZONE_EDGES)
    if abs(common.area - total) > NOISE:
        raise ArithmeticError(total)
    frame(last, "= common ground", f"= {total:.3f}")
    last.fill(*common.exterior.xy, color=PLUS, lw=0)
    both(last, 0.8)


def place_of(stretch: Numbers, parcel: BaseGeometry) -> str:
    """Say where a stretch of an outline lies as seen from a parcel, by its box."""
    west, south, east, north = parcel.bounds
    (left, low), (right, high) = stretch.min(axis=0), stretch.max(axis=0)
    if left >= east or right <= west:
        return "beside"
    if high <= south:
        return "below"
    return "beside" if low >= north else "close"


def draw_stretches(axes: Axes) -> None:
    """Show how few edges of an outline come close to a parcel."""
    axes.set_title("an outline in stretches, as a parcel sees them", fontsize=10, color=INK)
    angle = np.linspace(0, 2 * np.pi, STRETCHES * STRETCH_EDGES + 1)
    radius = 3.2 + 0.5 * np.sin(5 * angle) + 0.25 * np.sin(17 * angle)
    corners = np.column_stack([2 * radius * np.cos(angle), radius * np.sin(angle)])
    parcel = shapely.box(2.8, -0.8, 6.1, 1.0)
    for first in range(0, len(corners) - 1, STRETCH_EDGES):
        stretch = corners[first : first + STRETCH_EDGES + 1]
        place = place_of(stretch, parcel)
        axes.plot(*stretch.T, color=PLACES[place], lw=2.2 if place == "close" else 1.4)
        if place == "close":
            box = shapely.box(*stretch.min(axis=0), *stretch.max(axis=0))
            axes.plot(*box.exterior.xy, color=PALE, lw=0.7)
    axes.fill(*parcel.exterior.xy, fc=PLUS, ec=PARCEL, lw=2.2)
    words = {
        "close": "close: edge by edge",
        "below": "below: nothing",
        "beside": "beside, above: ground between its two ends",
    }
    for row, (place, said) in enumerate(words.items()):
        axes.text(0, -4.1 - 0.75 * row, said, ha="center", color=PLACES[place])
    axes.set(xlim=(-8.2, 8.2), ylim=(-6.2, 4.4), aspect="equal")
    axes.axis("off")


def draw_near_lines(axes: Axes, title: str, note: str) -> tuple[Numbers, Numbers, Numbers]:
    """Draw two lines that almost coincide."""
    x = np.linspace(0, 10, 11)
    f = 3 + 0.1 * x
    g = f + 0.16 * np.array([1, -1, 1, 1, -1, 1, -1, -1, 1, -1, 1])
    axes.plot(x, f, color=PARCEL, lw=1.8)
    axes.plot(x, g, color=ZONE, lw=1.8)
    axes.set_title(title, fontsize=10, color=INK)
    axes.text(5, 0.35, note, ha="center", va="center", color=INK)
    axes.set(xlim=(-0.3, 10.3), ylim=(-0.4, 4.6))
    axes.axis("off")
    return x, f, g


def main() -> None:
    """Draw both rows and write the picture."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "overlay", "font.size": 9})
    figure = plt.figure(figsize=(13, 5.6), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1, 1.2])
    draw_terms(above.subplots(1, 6))
    left, middle, right = below.subplots(1, 3)
    draw_stretches(left)
    x, f, g = draw_near_lines(
        middle,
        "topology has to node lines that almost coincide",
        "every crossing becomes a node, every sliver a ring;\n"
        "one node on the wrong side, and no ring closes",
    )
    over = g - f
    before = np.flatnonzero(over[:-1] * over[1:] < 0)
    share = over[before] / (over[before] - over[before + 1])
    places = [np.interp(x[before] + share, x, line) for line in (x, f)]
    middle.plot(*places, "o", ms=7, mfc="none", mec=WRONG, mew=1.4)
    x, f, g = draw_near_lines(
        right,
        "∫ min(f, g) does not care which is which",
        "take the wrong one of two equal heights:\nthe ground below is the same",
    )
    fine = np.linspace(x[0], x[-1], 301)
    low = np.minimum(np.interp(fine, x, f), np.interp(fine, x, g))
    right.fill_between(fine, 1.2, low, color=PLUS, lw=0)
    figure.savefig(Path(__file__).with_name("overlay.svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()

"""A map on a sheet: drawn at a round scale, with units, labels, scale bar and north arrow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Polygon as PolygonPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import Stroke
from matplotlib_scalebar.scalebar import ScaleBar

from landgis.model import crs as systems
from landgis.model.errors import DataError
from landgis.reports import _labels, _paper, style
from landgis.reports._paper import MM_PER_INCH, Paper

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

LABEL_SIZES = (9.0, 8.0, 7.0, 6.0, 5.0)  # points, tried in turn until no label meets another
LINE_HEIGHT = 1.3
LABEL_GAP_MM = 1.0
NORTH_HEIGHT = 13.0
LARGEST_SCALE = 0.1  # metres per millimetre: 1:100, for bounds without extent
ORDER = {
    "ground": 1,
    "units": 2,
    "zones": 3,
    "barriers": 4,
    "parcels": 5,
    "clusters": 6,
    "labels": 9,
}


class View(NamedTuple):
    """A map's axes, the metres that one millimetre of paper stands for, and its edges."""

    axes: Axes
    metres_per_mm: float
    edges: tuple[float, float, float, float]

    @property
    def scale(self) -> str:
        """Numeric scale, true where the sheet is printed on A4."""
        return f"1:{round(self.metres_per_mm * 1000):,}".replace(",", " ")


def in_metres(table: GeoDataFrame, *, what: str) -> GeoDataFrame:
    """Bring a table to metres, refusing one with nothing to draw."""
    aligned = systems.align(table, systems.metric_crs(table), what=what)
    if not len(aligned) or not np.isfinite(aligned.total_bounds).all():
        raise DataError(
            "nothing_to_draw", "the table has no geometry to draw", hint=f"{what}没有可绘制的图形。"
        )
    return aligned


def metres_needed(
    area: tuple[float, float, float, float],
    bounds: tuple[float, float, float, float],
    *,
    margin: float,
) -> float:
    """Give the metres that 1 mm must stand for so that bounds fit an area less its margin."""
    _, _, width, height = area
    west, south, east, north = bounds
    needed = max((east - west) / (width - 2 * margin), (north - south) / (height - 2 * margin))
    return _round_up(max(needed, LARGEST_SCALE))


def open_view(
    paper: Paper,
    area: tuple[float, float, float, float],
    bounds: tuple[float, float, float, float],
    *,
    margin: float = 8.0,
    least: float = 0.0,
) -> View:
    """Make map axes on an area of the sheet (mm: x, y, width, height) that show some bounds whole.

    The scale is the largest round one, or that of `least` metres per millimetre if it is smaller.
    """
    x, y, width, height = area
    west, south, east, north = bounds
    metres_per_mm = max(least, metres_needed(area, bounds, margin=margin))
    half_width, half_height = width * metres_per_mm / 2, height * metres_per_mm / 2
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    edges = (
        middle_x - half_width,
        middle_y - half_height,
        middle_x + half_width,
        middle_y + half_height,
    )
    made = _paper.axes(paper, x, y, width, height)
    made.set_xlim(edges[0], edges[2])
    made.set_ylim(edges[1], edges[3])
    made.set_aspect(1)
    made.set_facecolor(style.GROUND)
    return View(made, metres_per_mm, edges)


def _round_up(number: float) -> float:
    """Give the next number with two significant digits."""
    step = 10.0 ** (math.floor(math.log10(number)) - 1)
    return round(math.ceil(number / step - 1e-9) * step, 9)


def fill(view: View, geometry: Any, *, order: str, **options: Any) -> None:
    """Fill polygons (None is passed over) in one colour."""
    outlines = [_outline(polygon) for polygon in shapely.get_parts(_shown(view, geometry))]
    made = PathCollection(outlines, transform=view.axes.transData, zorder=ORDER[order], **options)
    view.axes.add_collection(made, autolim=False)


def trace(view: View, geometry: Any, *, order: str, **options: Any) -> None:
    """Draw lines, or the boundaries of polygons."""
    known = _shown(view, geometry)
    areal = shapely.get_dimensions(known) > 1
    lines = np.where(areal, shapely.boundary(known), known)
    paths = [shapely.get_coordinates(line) for line in shapely.get_parts(shapely.line_merge(lines))]
    made = LineCollection(paths, zorder=ORDER[order], capstyle="round", **options)
    view.axes.add_collection(made, autolim=False)


def _shown(view: View, geometry: Any) -> NDArray[np.object_]:
    """Geometries that reach into the map; None and empty ones reach nowhere."""
    known: NDArray[np.object_] = np.atleast_1d(np.asarray(geometry, dtype=object))
    west, south, east, north = shapely.bounds(known).T
    reaches: NDArray[np.bool_] = (
        (west <= view.edges[2])
        & (east >= view.edges[0])
        & (south <= view.edges[3])
        & (north >= view.edges[1])
    )
    shown: NDArray[np.object_] = known[reaches]
    return shown


def _outline(polygon: shapely.Polygon) -> Outline:
    """Path of a polygon; holes run against its outer ring, or they would be filled."""
    if shapely.get_num_interior_rings(polygon) == 0:
        return Outline(shapely.get_coordinates(polygon), closed=True)
    turned = shapely.orient_polygons(polygon)
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(turned)]
    return Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))


def label_units(
    paper: Paper,
    view: View,
    names: list[str],
    polygons: NDArray[np.object_],
    values: list[str],
) -> None:
    """Write name and value of every unit, the small ones beside the land on a leader."""
    for size in LABEL_SIZES:
        sizes = _label_sizes(paper, names, values, size) * view.metres_per_mm
        gap = LABEL_GAP_MM * view.metres_per_mm
        placed = _labels.place(polygons, sizes, frame=inner(view), gap=gap)
        if all(label.free for label in placed):
            break
    for name, value, label in zip(names, values, placed, strict=True):
        if label.anchor is not None:
            pad = 0.6 * view.metres_per_mm
            leader(view, label.anchor, shapely.buffer(shapely.box(*label.box), pad))
        middle_x, middle_y = label.centre
        step = 0.5 * size * LINE_HEIGHT * MM_PER_INCH / _paper.POINTS_PER_INCH * view.metres_per_mm
        halo_text(paper, view, (middle_x, middle_y + step), name, size=size, bold=True)
        halo_text(paper, view, (middle_x, middle_y - step), value, size=size)


def inner(view: View) -> tuple[float, float, float, float]:
    """Give the part of a map that labels may stand in: its edges less 2 mm."""
    margin = 2.0 * view.metres_per_mm
    west, south, east, north = view.edges
    return west + margin, south + margin, east - margin, north - margin


def _label_sizes(
    paper: Paper, names: list[str], values: list[str], size: float
) -> NDArray[np.float64]:
    """Width and height of every label in millimetres."""
    height = 2 * size * LINE_HEIGHT * MM_PER_INCH / _paper.POINTS_PER_INCH
    widths = [
        max(_paper.text_width(paper, name, size, bold=True), _paper.text_width(paper, value, size))
        for name, value in zip(names, values, strict=True)
    ]
    return np.array([(width, height) for width in widths], dtype=np.float64).reshape(-1, 2)


def leader(view: View, anchor: tuple[float, float], target: shapely.Geometry) -> None:
    """Draw a thin line from a dot in a unit to the nearest point of its label."""
    line = shapely.shortest_line(shapely.Point(anchor), target)
    x, y = shapely.get_coordinates(line).T
    order = ORDER["labels"] - 1
    view.axes.plot(x, y, color=style.PAPER, linewidth=2.0, zorder=order, alpha=0.8)
    view.axes.plot(x, y, color=style.INK, linewidth=0.6, zorder=order)
    view.axes.plot(
        anchor[0],
        anchor[1],
        "o",
        color=style.INK,
        markersize=3.4,
        markeredgewidth=0.7,
        markeredgecolor=style.PAPER,
        zorder=order,
    )


def halo_text(
    paper: Paper,
    view: View,
    at: tuple[float, float],
    text: str,
    *,
    size: float,
    bold: bool = False,
    colour: str = style.INK,
) -> None:
    """Write a text on a map with a white rim.

    The rim is a text of its own below it: an effect on the text itself would turn it into outlines
    and the words of a PDF could not be searched.
    """
    for rim in (True, False):
        artist = view.axes.text(
            *at,
            _paper.printable(paper, text),
            fontproperties=paper.fonts.face(size, bold=bold),
            color=style.PAPER if rim else colour,
            ha="center",
            va="center_baseline",
            zorder=ORDER["labels"] + (0 if rim else 0.5),
        )
        if rim:
            artist.set_path_effects([Stroke(linewidth=_paper.HALO_PT, foreground=style.PAPER)])
            artist.set_gid("halo")


def north_and_scale(paper: Paper, view: View, x: float, y: float, width: float) -> None:
    """Draw north arrow, scale bar and numeric scale in a strip of the sheet, in millimetres."""
    _north_arrow(paper, x + 6.0, y)
    room = width - 20.0
    kilometres = _longest_bar(room * view.metres_per_mm) / 1000
    fixed, unit, word = (
        (kilometres, "km", "千米") if kilometres >= 1 else (kilometres * 1000, "m", "米")
    )
    figure = paper.figure
    anchor = _paper.millimetres(paper).transform((x + 15.0 + room / 2, y + 7.0))
    bar = ScaleBar(
        1,
        "m",
        fixed_value=fixed,
        fixed_units=unit,
        location="center",
        scale_loc="top",
        width_fraction=0.008,
        pad=0,
        border_pad=0,
        sep=2,
        frameon=False,
        color=style.INK,
        font_properties={"fname": paper.fonts.regular, "size": 8.0},
        scale_formatter=lambda value, _: f"{value:g} {word}",
        bbox_to_anchor=tuple(figure.transFigure.inverted().transform(anchor)),
        bbox_transform=figure.transFigure,
    )
    view.axes.add_artist(bar)
    _paper.write(
        paper, x + 15.0 + room / 2, y + 13.6, f"比例尺 {view.scale}（A4）", size=7.0,
        colour=style.MUTED, align="center",
    )  # fmt: skip


def _longest_bar(room: float) -> float:
    """Give the longest 1, 2 or 5 times a power of ten metres that fits."""
    power = 10.0 ** math.floor(math.log10(room))
    return max(step * power for step in (1, 2, 5) if step * power <= room)


def _north_arrow(paper: Paper, x: float, y: float) -> None:
    """Draw a needle, dark to the west and light to the east, under an N; up is grid north."""
    _paper.write(paper, x, y + 3.0, "N", size=8.5, bold=True, align="center")
    top, foot, notch = y + 4.2, y + NORTH_HEIGHT + 1.0, y + NORTH_HEIGHT - 1.6
    for side, face in ((-2.4, style.INK), (2.4, style.PAPER)):
        paper.figure.add_artist(
            PolygonPatch(
                [(x, top), (x + side, foot), (x, notch)],
                transform=_paper.millimetres(paper),
                facecolor=face,
                edgecolor=style.INK,
                linewidth=0.5,
                joinstyle="miter",
            )
        )

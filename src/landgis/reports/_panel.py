"""The panel beside a map: north and scale, legend, small tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.reports import _map, _paper, style
from landgis.reports._paper import BOTTOM, LEFT, RIGHT, TOP, Paper

if TYPE_CHECKING:
    from landgis.reports._map import View

BREADTH = 61.0  # millimetres
MAP_AREA = (LEFT, TOP, RIGHT - LEFT - BREADTH, BOTTOM - TOP)  # x, y, width, height
X, WIDTH = RIGHT - BREADTH + 5.0, BREADTH - 10.0  # of the text
FIRST = TOP + 23.0  # where the legend begins
SWATCH_WIDTH, SWATCH_HEIGHT = 9.0, 5.0
STEP = 6.6


def open_panel(paper: Paper, view: View, *, name: str = "图例", what: str = "") -> float:
    """Frame the panel, draw north and scale, begin the legend; give where its first row stands."""
    _paper.box(paper, RIGHT - BREADTH, TOP, BREADTH, BOTTOM - TOP, edge=style.INK, line=0.6)
    _map.north_and_scale(paper, view, X, TOP + 3.5, WIDTH)
    y = section(paper, FIRST, name)
    if what:
        size = _paper.fitted(paper, what, WIDTH, size=8.0)
        _paper.write(paper, X, y, what, size=size, colour=style.MUTED)
    return y + 3.2 if what else y - 2.6


def section(paper: Paper, y: float, name: str) -> float:
    """Begin a section; give the baseline of its first line."""
    _paper.rule(paper, (X, y), (X + WIDTH, y))
    _paper.write(paper, X, y + 6.0, name, size=9.5, bold=True)
    return y + 11.2


def swatch(paper: Paper, y: float, label: str, *, face: str, hatch: str = "") -> float:
    """Write one row of the legend with a filled box; give where the next one stands."""
    if hatch:
        _paper.box(
            paper, X, y, SWATCH_WIDTH, SWATCH_HEIGHT, face=face, edge=style.PAPER
            if face != style.NO_DATA else style.NO_DATA_HATCH, line=0, hatch=hatch,
            hatch_linewidth=0.5,
        )  # fmt: skip
        face = "none"
    _paper.box(paper, X, y, SWATCH_WIDTH, SWATCH_HEIGHT, face=face, edge=style.MUTED, line=0.4)
    return beside(paper, y, label)


def stroke(
    paper: Paper, y: float, label: str, *, colour: str, line: float, dash: str = "-"
) -> float:
    """Write one row of the legend with a line; give where the next one stands."""
    middle = y + SWATCH_HEIGHT / 2
    ends = (X, middle), (X + SWATCH_WIDTH, middle)
    _paper.rule(paper, *ends, colour=colour, line=line, linestyle=dash)
    return beside(paper, y, label)


def dot(paper: Paper, y: float, label: str) -> float:
    """Write one row of the legend with a small dot; give where the next one stands."""
    _paper.box(paper, X + 4.2, y + 2.2, 0.6, 0.6, face=style.INK)
    return beside(paper, y, label)


def beside(paper: Paper, y: float, label: str) -> float:
    """Write what a mark of the legend means; give where the next one stands."""
    room = WIDTH - SWATCH_WIDTH - 3.0
    size = _paper.fitted(paper, label, room, size=8.5, least=6.0)
    clipped = _paper.shortened(paper, label, room, size=size)
    _paper.write(
        paper, X + SWATCH_WIDTH + 3.0, y + 2.6, clipped, size=size, valign="center_baseline"
    )
    return y + STEP


def remark(paper: Paper, y: float, text: str) -> float:
    """Write small lines under the legend, wrapped; give where the next one stands."""
    for line in _paper.wrapped(paper, text, WIDTH, size=6.5):
        _paper.write(paper, X, y + 2.4, line, size=6.5, colour=style.MUTED)
        y += 3.4
    return y

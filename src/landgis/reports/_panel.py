"""The panel beside a map: north and scale, legend, small tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from landgis.reports import _map, _paper, style
from landgis.reports._paper import BOTTOM, LEFT, RIGHT, TOP, Paper

if TYPE_CHECKING:
    from landgis.reports._map import View

BREADTH = 61.0  # millimetres
MAP_AREA = (LEFT, TOP, RIGHT - LEFT - BREADTH, BOTTOM - TOP)  # x, y, width, height
X, WIDTH = RIGHT - BREADTH + 5.0, BREADTH - 10.0  # of the text
FIRST = TOP + 23.0  # where the legend begins
SWATCH_WIDTH, SWATCH_SHARE = 9.0, 0.76
STEP = 6.6
Mark = Literal["area", "line", "dot"]


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


class Row(NamedTuple):
    """One row of the legend: a mark and what it means."""

    label: str
    colour: str
    mark: Mark = "area"
    hatch: str = ""
    line: float = 1.2  # points
    hatch_colour: str = ""  # of a hatch on white
    dashes: tuple[float, ...] = ()


def legend(
    paper: Paper,
    y: float,
    rows: list[Row],
    *,
    bottom: float = BOTTOM - 6.0,
    x: float = X,
    width: float = WIDTH,
) -> float:
    """Write the rows, closer where there are many; give where the next thing stands."""
    step = min(STEP, (bottom - y) / max(len(rows), 1))
    height = step * SWATCH_SHARE
    for row in rows:
        middle = y + height / 2
        if row.mark == "area":
            _swatch(paper, x, y, height, row)
        elif row.mark == "line":
            ends = (x, middle), (x + SWATCH_WIDTH, middle)
            dashes = (0, row.dashes) if row.dashes else "solid"
            _paper.rule(paper, *ends, colour=row.colour, line=row.line, linestyle=dashes)
        else:
            _paper.box(paper, x + 4.2, middle - 0.3, 0.6, 0.6, face=row.colour)
        room = width - SWATCH_WIDTH - 3.0
        size = _paper.fitted(paper, row.label, room, size=min(8.5, step * 1.4), least=5.5)
        label = _paper.shortened(paper, row.label, room, size=size)
        start = x + SWATCH_WIDTH + 3.0
        _paper.write(paper, start, middle, label, size=size, valign="center_baseline")
        y += step
    return y


def _swatch(paper: Paper, x: float, y: float, height: float, row: Row) -> None:
    """Draw a filled box; a hatch is white, on the pale colour of 无数据 grey."""
    if row.hatch:
        edge = style.NO_DATA_HATCH if row.colour == style.NO_DATA else style.PAPER
        edge = row.hatch_colour or edge
        _paper.box(paper, x, y, SWATCH_WIDTH, height, face=row.colour, edge=edge, line=0,
                   hatch=row.hatch, hatch_linewidth=0.5)  # fmt: skip
    face = "none" if row.hatch else row.colour
    _paper.box(paper, x, y, SWATCH_WIDTH, height, face=face, edge=style.MUTED, line=0.4)


def remark(paper: Paper, y: float, text: str) -> float:
    """Write small lines under the legend, wrapped; give where the next one stands."""
    for line in _paper.wrapped(paper, text, WIDTH, size=6.5):
        _paper.write(paper, X, y + 2.4, line, size=6.5, colour=style.MUTED)
        y += 3.4
    return y

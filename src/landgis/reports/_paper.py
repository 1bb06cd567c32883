"""One sheet of A4 across: its text, lines and boxes in millimetres from the upper left corner.

Only matplotlib's objects are used (a Figure with its own canvas): no global state, no settings of
the process, so any number of sheets can be drawn side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from landgis.model.files import complete_file
from landgis.reports import fonts, style

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72
PIXELS_AT_300_DPI = (3508, 2480)  # A4 across, as scanners and printers count it
WIDTH, HEIGHT = 297.0, 210.0
LEFT, RIGHT = 10.0, 287.0
TOP, BOTTOM = 24.0, 181.0  # of the framed picture
HALO_PT = 2.4
HAIR = 0.1  # millimetres by which a text may be longer than its room
# What no line break may part, and what it may part only where there is no room: a number and its
# unit, a mark and what it opens or closes; then a word or number by itself.
UNBROKEN = (
    re.compile(
        r"\n|[（“]*(?:[0-9A-Za-z_.,%+-]+(?: ?(?:公顷|亩|米|宗|块|户|分))?|.)[），。、；：”]*"
    ),
    re.compile(r"[0-9A-Za-z_.,%+-]+|."),
)
QUICK = 3  # compression of a PNG: a third quicker than the default, a tenth larger
MapKind = Literal["内部", "公开"]


@dataclass(frozen=True)
class Imprint:
    """What stands in the margin of every sheet.

    Parameters
    ----------
    place : str, optional
        Name of the city or county, put before the title.
    as_of : datetime.date or None, optional
        Day that the figures describe (数据截止).
    drawn_on : datetime.date or None, optional
        Day of drawing; left out where None, so that the same input gives the same file.
    agency : str, optional
        制图单位.
    source : str, optional
        数据来源.
    note : str, optional
        Caution printed on every sheet.
    sketch : bool, optional
        Whether `note` is printed.
    map_kind : {'内部', '公开'}, optional
        内部 prints 内部资料; 公开 prints `review_no` where there is one.
    review_no : str, optional
        审图号 as given by the authority; never made up.
    font : str or Path or None, optional
        A font file with Chinese.
    dpi : int, optional
        Dots per inch of a PNG, above 0.
    """

    place: str = ""
    as_of: dt.date | None = None
    drawn_on: dt.date | None = None
    agency: str = ""
    source: str = ""
    note: str = "示意图，不作为划界依据"
    sketch: bool = True
    map_kind: MapKind = "内部"
    review_no: str = ""
    font: str | Path | None = None
    dpi: int = 300


@dataclass(frozen=True)
class Paper:
    """A sheet being drawn: the figure, its fonts, the words of its margin, characters not to be had."""

    figure: Figure
    fonts: fonts.Fonts
    imprint: Imprint
    lost: list[str] = field(default_factory=list)


def new_paper(imprint: Imprint) -> Paper:
    """Take a blank sheet.

    Parameters
    ----------
    imprint : Imprint
        What stands in its margin.

    Returns
    -------
    Paper
        The sheet, without any mark yet.
    """
    width, height = PIXELS_AT_300_DPI
    figure = Figure(figsize=(width / 300, height / 300), dpi=imprint.dpi, facecolor=style.PAPER)
    FigureCanvasAgg(figure)
    return Paper(figure, fonts.find_fonts(imprint.font), imprint)


def millimetres(paper: Paper) -> Transform:
    """Give the transform from millimetres (from the upper left corner, down) to the figure."""
    down = Affine2D().scale(1 / MM_PER_INCH, -1 / MM_PER_INCH)
    height = paper.figure.get_figheight()
    return down + Affine2D().translate(0, height) + paper.figure.dpi_scale_trans


def printable(paper: Paper, text: str) -> str:
    """Put a stand-in for characters the font lacks, and remember them for the margin."""
    paper.lost.extend(c for c in paper.fonts.missing(text) if c not in paper.lost)
    return paper.fonts.printable(text)


def write(
    paper: Paper,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 8.0,
    bold: bool = False,
    colour: str = style.INK,
    align: str = "left",
    valign: str = "baseline",
    **options: Any,
) -> Text:
    """Write one text on a sheet, x and y in millimetres."""
    return paper.figure.text(
        x,
        y,
        printable(paper, text),
        transform=millimetres(paper),
        fontproperties=paper.fonts.face(size, bold=bold),
        color=colour,
        ha=align,
        va=valign,
        **options,
    )


def text_width(paper: Paper, text: str, size: float, *, bold: bool = False) -> float:
    """Give the width of one line of text in millimetres."""
    clean = printable(paper, text)
    face = paper.fonts.face(size, bold=bold)
    width, _, _ = text_to_path.get_text_width_height_descent(clean, face, ismath=False)
    return float(width) * MM_PER_INCH / POINTS_PER_INCH


def day_of(imprint: Imprint) -> str:
    """Give the day that the figures describe as titles end in it, empty where there is none."""
    return f"（截至{style.chinese_date(imprint.as_of)}）" if imprint.as_of else ""


def fitted(paper: Paper, text: str, width: float, *, size: float, least: float = 5.0) -> float:
    """Give the largest size up to `size`, in points, at which a text fits a width in millimetres."""
    needed = text_width(paper, text, size)
    return size if needed <= width else max(least, size * width / needed)


def shortened(paper: Paper, text: str, width: float, *, size: float) -> str:
    """Cut a text with an ellipsis so that it fits a width in millimetres."""
    if text_width(paper, text, size) <= width + HAIR:  # what `fitted` found must not be cut
        return text
    while text and text_width(paper, text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def wrapped(paper: Paper, text: str, width: float, *, size: float) -> list[str]:
    """Break a text into lines that fit a width in millimetres.

    What `UNBROKEN` names stays whole where a line has room for it; a longer piece is broken into
    words and numbers, and those between any two characters.
    """
    lines = [""]
    for piece in _pieces(paper, text, width, size, UNBROKEN):
        if piece == "\n" or text_width(paper, lines[-1] + piece, size) > width:
            lines.append("")
        lines[-1] += piece.strip("\n")
    return lines


def _pieces(
    paper: Paper, text: str, width: float, size: float, patterns: tuple[re.Pattern[str], ...]
) -> list[str]:
    """Cut a text into pieces that fit a width, by the first pattern that will do."""
    if not patterns:
        return list(text)
    pieces: list[str] = []
    for piece in patterns[0].findall(text):
        fits = piece == "\n" or text_width(paper, piece, size) <= width
        pieces += [piece] if fits else _pieces(paper, piece, width, size, patterns[1:])
    return pieces


def box(
    paper: Paper,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    face: str = "none",
    edge: str = "none",
    line: float = 0.5,
    hatch: str = "",
    **options: Any,
) -> Rectangle:
    """Draw a box on a sheet, in millimetres; the hatch takes the colour of the edge."""
    patch = Rectangle(
        (x, y),
        width,
        height,
        transform=millimetres(paper),
        facecolor=face,
        edgecolor=edge,
        linewidth=line,
        hatch=hatch or None,
        **options,
    )
    paper.figure.add_artist(patch)
    return patch


def rule(
    paper: Paper,
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    colour: str = style.RULE,
    line: float = 0.5,
    **options: Any,
) -> Line2D:
    """Draw a straight line on a sheet, in millimetres."""
    artist = Line2D(
        [start[0], end[0]],
        [start[1], end[1]],
        transform=millimetres(paper),
        color=colour,
        linewidth=line,
        **options,
    )
    paper.figure.add_artist(artist)
    return artist


def axes(paper: Paper, x: float, y: float, width: float, height: float) -> Axes:
    """Make axes without ticks on a part of the sheet, in millimetres."""
    across = paper.figure.get_figwidth() * MM_PER_INCH
    down = paper.figure.get_figheight() * MM_PER_INCH
    area = (x / across, 1 - (y + height) / down, width / across, height / down)
    made = paper.figure.add_axes(area)
    made.set_xticks([])
    made.set_yticks([])
    for spine in made.spines.values():
        spine.set_color(style.INK)
        spine.set_linewidth(0.6)
    return made


def heading(paper: Paper, title: str, *, unit: str = "单位：公顷") -> None:
    """Write the title over the picture, the kind of map to its left and the unit to its right."""
    size = fitted(paper, title, 215.0, size=20.0, least=9.0)
    write(paper, WIDTH / 2, 15.6, title, size=size, bold=True, align="center")
    imprint = paper.imprint
    review = f"审图号：{imprint.review_no}" if imprint.review_no else ""
    kind = "内部资料　注意保密" if imprint.map_kind == "内部" else review
    write(paper, LEFT, TOP - 2.2, kind, size=7.5, colour=style.MUTED)
    write(paper, RIGHT, TOP - 2.2, unit, size=7.5, colour=style.MUTED, align="right")


def footing(paper: Paper, *, crs: str = "") -> None:
    """Write the last lines: caution, coordinate system, source, agency and dates."""
    imprint = paper.imprint
    day = "" if imprint.as_of is None else style.chinese_date(imprint.as_of)
    drawn = "" if imprint.drawn_on is None else style.chinese_date(imprint.drawn_on)
    left = [("坐标系", crs), ("数据来源", imprint.source), ("数据截止", day)]
    right = [("制图单位", imprint.agency), ("制图日期", drawn)]
    facts = "　".join(f"{name}：{word}" for name, word in left if word)
    maker = "　".join(f"{name}：{word}" for name, word in right if word)
    room = RIGHT - LEFT - text_width(paper, maker, 7.5) - 6.0
    size = fitted(paper, facts, room, size=7.5)
    write(paper, LEFT, 199.5, facts, size=size, colour=style.MUTED)
    write(paper, RIGHT, 199.5, maker, size=7.5, colour=style.MUTED, align="right")
    if imprint.sketch and imprint.note:
        write(paper, LEFT, 194.3, imprint.note, size=7.5, colour=style.MUTED)


def finished(paper: Paper) -> Figure:
    """Name the characters that could not be drawn, and give the figure."""
    if paper.lost:
        names = "、".join(f"U+{ord(character):04X}" for character in paper.lost)
        write(
            paper, WIDTH / 2, 205.5, f"字体缺字，以“{fonts.STAND_IN}”代替：{names}", size=6.5,
            colour=style.ALARM, align="center",
        )  # fmt: skip
    return paper.figure


def save_png(figure: Figure, path: str | Path) -> None:
    """Save a sheet as one PNG, complete or absent, the same bytes every time.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A finished sheet.
    path : str or Path
        The file to write.

    Raises
    ------
    OutputError
        ``output_unwritable``.
    """
    with complete_file(path) as temporary:
        figure.savefig(
            temporary,
            format="png",
            dpi=figure.dpi,
            metadata={"Software": None},
            pil_kwargs={"compress_level": QUICK},
        )

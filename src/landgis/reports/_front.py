"""The first pages of the atlas: cover and contents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import shapely

from landgis.model.schema import TOTAL
from landgis.reports import _map, _paper, fonts, style
from landgis.reports._paper import HEIGHT, LEFT, RIGHT, WIDTH, Imprint
from landgis.reports._plotted import cells, classes_in

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

SPINE = 12.0  # breadth of the coloured edge, in millimetres
TEXT_LEFT = 32.0
LINE_STEP = 7.6
NUMBER_ROOM = 13.0  # for a few dots and the number of the page
ENTRY_PT, LEAST_PT = 11.0, 7.0  # of a title; of the longest one
LINES_IN_COLUMN = 19
LINES_ON_PAGE = 2 * LINES_IN_COLUMN


def cover(units: GeoDataFrame, summary: pd.DataFrame, imprint: Imprint, *, title: str) -> Figure:
    """Draw the cover: title, headline figures, the shape of the place."""
    paper = _paper.new_paper(imprint)
    _paper.box(paper, 0, 0, SPINE, HEIGHT, face=style.RAMPS[TOTAL][4])
    _silhouette(paper, units)
    lines = _paper.wrapped(paper, title, 150.0, size=34.0)
    y = 64.0
    for line in lines:
        _paper.write(paper, TEXT_LEFT, y, line, size=34.0, bold=True)
        y += 15.5
    if imprint.as_of:
        day = f"数据截止 {style.chinese_date(imprint.as_of)}"
        _paper.write(paper, TEXT_LEFT, y - 1.0, day, size=13.0, colour=style.MUTED)
    _headlines(paper, summary)
    drawn = "" if imprint.drawn_on is None else style.chinese_date(imprint.drawn_on)
    maker = "　".join(word for word in (imprint.agency, drawn) if word)
    _paper.write(paper, TEXT_LEFT, 190.0, maker, size=11.0)
    kind = "内部资料　注意保密" if imprint.map_kind == "内部" else ""
    note = imprint.note if imprint.sketch else ""
    caution = "　".join(word for word in (kind, note) if word)
    _paper.write(paper, RIGHT, 190.0, caution, size=8.5, colour=style.MUTED, align="right")
    return _paper.finished(paper)


def _silhouette(paper: _paper.Paper, units: GeoDataFrame) -> None:
    """Draw the units pale, without figures."""
    ground = _map.in_metres(units, what="统计单元")
    area = (WIDTH - 132.0, 18.0, 122.0, 100.0)
    view = _map.open_view(paper, area, tuple(ground.total_bounds), margin=2.0)
    view.axes.set_axis_off()
    polygons = ground.geometry.to_numpy()
    _map.fill(view, polygons, order="ground", facecolors=style.RAMPS[TOTAL][0], linewidths=0)
    _map.trace(view, polygons, order="units", colors=style.PAPER, linewidths=1.4)
    outline = shapely.union_all(polygons[~shapely.is_missing(polygons)])
    _map.trace(view, outline, order="units", colors=style.RAMPS[TOTAL][2], linewidths=0.8)


def _headlines(paper: _paper.Paper, summary: pd.DataFrame) -> None:
    """Write the sums of the ledger, 合计 first, one column each."""
    classes = classes_in(summary)
    step = min(62.0, (RIGHT - TEXT_LEFT) / len(classes))
    for i, name in enumerate((TOTAL, *(name for name in classes if name != TOTAL))):
        x, y = TEXT_LEFT + i * step, 136.0
        rows = cells(summary, name).values()
        total = sum((row["ledger_ha"] or Decimal(0) for row in rows), Decimal(0))
        _paper.box(paper, x, y, step - 8.0, 0.9, face=style.CLASS_COLOURS.get(name, style.MUTED))
        label = "存量合计" if name == TOTAL else style.CLASS_TITLES.get(name, name)
        _paper.write(paper, x, y + 8.0, label, size=9.5, colour=style.MUTED)
        size = _paper.fitted(paper, style.hectares(total), step - 10.0, size=19.0)
        _paper.write(paper, x, y + 17.5, style.hectares(total), size=size, bold=True)
        _paper.write(paper, x, y + 23.5, "公顷", size=8.5, colour=style.MUTED)


def contents(entries: list[tuple[str, int]], imprint: Imprint, *, remark: str = "") -> list[Figure]:
    """Draw the pages of contents: every title with the number of its page, the remark at the foot."""
    sheets = []
    for start in range(0, len(entries), LINES_ON_PAGE):
        paper = _paper.new_paper(imprint)
        _paper.write(paper, TEXT_LEFT, 32.0, "目　录", size=22.0, bold=True)
        _paper.rule(paper, (TEXT_LEFT, 38.0), (WIDTH - TEXT_LEFT, 38.0), colour=style.INK)
        chunk = entries[start : start + LINES_ON_PAGE]
        columns = 1 if len(chunk) <= LINES_IN_COLUMN else 2
        width = (WIDTH - 2 * TEXT_LEFT - 12.0 * (columns - 1)) / columns
        titles = [title.removesuffix(_paper.day_of(imprint)) for title, _ in chunk]  # on the cover
        sizes = _sizes(paper, titles, width - NUMBER_ROOM)
        for i, (title, size) in enumerate(zip(titles, sizes, strict=True)):
            x = TEXT_LEFT + (i // LINES_IN_COLUMN) * (width + 12.0)
            y = 49.0 + (i % LINES_IN_COLUMN) * LINE_STEP
            _entry(paper, x, y, width, title, chunk[i][1], size=size)
        _paper.write(paper, TEXT_LEFT, 197.0, remark, size=9.0, colour=style.MUTED)
        sheets.append(_paper.finished(paper))
    return sheets


def contents_pages(entries: int) -> int:
    """Give how many pages of contents so many titles take."""
    return -(-entries // LINES_ON_PAGE)


def _sizes(paper: _paper.Paper, titles: list[str], room: float) -> list[float]:
    """Give every title its size: those too long for their line one smaller size together."""
    fitted = [_paper.fitted(paper, text, room, size=ENTRY_PT, least=LEAST_PT) for text in titles]
    return [ENTRY_PT if size == ENTRY_PT else min(fitted) for size in fitted]


def _entry(
    paper: _paper.Paper, x: float, y: float, width: float, title: str, number: int, *, size: float
) -> None:
    """Write one line: title, dots, page."""
    clipped = _paper.shortened(paper, title, width - NUMBER_ROOM, size=size)
    _paper.write(paper, x, y, clipped, size=size)
    _paper.write(paper, x + width, y, str(number), size=ENTRY_PT, align="right")
    start = x + _paper.text_width(paper, clipped, size) + 3.0
    end = x + width - _paper.text_width(paper, str(number), ENTRY_PT) - 3.0
    dots = (0, (0.1, 4.0))
    _paper.rule(paper, (start, y - 0.6), (end, y - 0.6), colour=style.RULE, line=1.1,
                linestyle=dots, dash_capstyle="round")  # fmt: skip


def number_page(figure: Figure, number: int, imprint: Imprint) -> None:
    """Write the number of a page at its foot."""
    paper = _paper.Paper(figure, fonts.find_fonts(imprint.font), imprint)
    _paper.write(paper, RIGHT, 205.2, f"— {number} —", size=8.0, colour=style.MUTED, align="right")
    if imprint.place:
        _paper.write(paper, LEFT, 205.2, imprint.place, size=8.0, colour=style.MUTED)

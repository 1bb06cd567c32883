"""Ours against the annex, unit by unit and class by class: bars, figures, differences."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from landgis.model.schema import TOTAL
from landgis.reports import _paper, style
from landgis.reports._paper import BOTTOM, LEFT, RIGHT, TOP, Imprint, Paper
from landgis.reports._plotted import Cells, cells, classes_in, official_total

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

GUTTER = 7.0  # between the panels, in millimetres
HEAD = 13.5  # name and column headings of a panel
ROW_LEAST, ROW_MOST = 3.5, 8.6
NAME_WIDTH, NUMBER_WIDTH = 25.0, 17.0
SERIES = (("official_ha", "附件"), ("ledger_ha", "台账"), ("measured_ha", "椭球"))
ALARM_TINT, TOTAL_TINT = "#fbe9e7", "#f3f5f6"
ZERO = Decimal(0)


class Frame(NamedTuple):
    """Place of one panel on the sheet, in millimetres."""

    x: float
    y: float
    width: float
    height: float


def build(summary: pd.DataFrame, imprint: Imprint, *, title: str | None = None) -> Figure:
    """Draw the sheet."""
    paper = _paper.new_paper(imprint)
    _paper.heading(paper, title or title_of(imprint))
    themes = classes_in(summary)
    for theme, frame in zip(themes, _frames(len(themes)), strict=True):
        _one_class(paper, frame, theme, cells(summary, theme), official_total(summary, theme))
    _verdict(paper, summary, themes)
    _paper.footing(paper)
    return _paper.finished(paper)


def title_of(imprint: Imprint) -> str:
    """Give the usual title."""
    day = _paper.day_of(imprint)
    return f"{imprint.place}存量土地台账与官方附件对照{day}"


def difference(row: dict[str, Decimal | None]) -> Decimal | None:
    """Give ledger less annex; None where neither has a figure. A blank counts as nothing there."""
    ledger, official = row.get("ledger_ha"), row.get("official_ha")
    if official is None and not ledger:
        return None
    return (ledger or ZERO) - (official or ZERO)


def _frames(count: int) -> list[Frame]:
    """Cut the picture into panels, two beside each other."""
    rows = (count + 1) // 2
    width = (RIGHT - LEFT - GUTTER) / 2
    height = (BOTTOM - TOP - GUTTER * (rows - 1)) / rows
    return [
        Frame(LEFT + (i % 2) * (width + GUTTER), TOP + (i // 2) * (height + GUTTER), width, height)
        for i in range(count)
    ]


def _one_class(
    paper: Paper, frame: Frame, theme: str, rows: Cells, printed: Decimal | None
) -> None:
    """Draw the panel of one class: heading, a row per unit, the sums."""
    has_annex = printed is not None
    shown = _listed(rows, int((frame.height - HEAD) // ROW_LEAST) - 1)
    _panel_heading(paper, frame, theme, rows, has_annex=has_annex)
    step = min(ROW_MOST, (frame.height - HEAD) / (len(shown) + 1))
    figures = [row.get(name) or ZERO for row in shown.values() for name, _ in SERIES]
    longest = max(figures, default=ZERO) or Decimal(1)
    y = frame.y + HEAD
    for name, row in shown.items():
        gap = difference(row) if has_annex else None
        if gap:
            _paper.box(paper, frame.x, y, frame.width, step, face=ALARM_TINT)
        _bars(paper, frame, y, step, row, theme, longest)
        _figures(paper, frame, y + step / 2, name, row, gap=gap, size=_size(step))
        y += step
        _paper.rule(paper, (frame.x, y), (frame.x + frame.width, y), line=0.25)
    sums = {key: _sum(rows, key) for key, _ in SERIES}
    sums["official_ha"] = printed
    _paper.box(paper, frame.x, y, frame.width, step, face=TOTAL_TINT)
    gap = difference(sums) if has_annex else None
    _figures(paper, frame, y + step / 2, TOTAL, sums, gap=gap, size=_size(step), bold=True)
    if len(shown) < len(rows):
        text = f"另有 {len(rows) - len(shown)} 个单元未列出，已计入合计"
        x, y = frame.x + NAME_WIDTH, y + step / 2
        _paper.write(paper, x, y, text, size=6.0, colour=style.MUTED, valign="center_baseline")


def _size(step: float) -> float:
    """Size in points for a row of that height."""
    return min(7.4, step * 1.35)


def _listed(rows: Cells, most: int) -> Cells:
    """All units where there is room, else those with the largest differences and figures."""
    if len(rows) <= most:
        return rows

    def weight(name: str) -> tuple[Decimal, Decimal]:
        return abs(difference(rows[name]) or ZERO), rows[name].get("ledger_ha") or ZERO

    kept = set(sorted(rows, key=weight, reverse=True)[:most])
    return {name: row for name, row in rows.items() if name in kept}


def _panel_heading(paper: Paper, frame: Frame, theme: str, rows: Cells, *, has_annex: bool) -> None:
    colour = style.CLASS_COLOURS.get(theme, style.CLASS_COLOURS["其他"])
    _paper.box(paper, frame.x, frame.y + 1.2, 1.6, 4.6, face=colour)
    name = TOTAL if theme == TOTAL else style.CLASS_TITLES.get(theme, theme)
    _paper.write(paper, frame.x + 3.6, frame.y + 5.0, name, size=10.5, bold=True)
    apart = sum(1 for row in rows.values() if difference(row))
    compared = sum(1 for row in rows.values() if difference(row) is not None)
    text, shade = f"{compared} 个单元全部一致", style.AGREED
    if not has_annex:
        text, shade = "无官方数据", style.MUTED
    elif apart:
        text, shade = f"{apart} 个单元不一致", style.ALARM
    right = frame.x + frame.width
    _paper.write(
        paper, right, frame.y + 5.0, text, size=8.5, bold=True, colour=shade, align="right"
    )
    y = frame.y + HEAD - 2.0
    for i, word in enumerate(("附件", "台账", "椭球", "台账－附件")):
        x = right - 0.8 - (3 - i) * NUMBER_WIDTH
        _paper.write(paper, x, y, word, size=6.8, colour=style.MUTED, align="right")
    _paper.rule(paper, (frame.x, frame.y + HEAD), (right, frame.y + HEAD), colour=style.INK)


def _bars(
    paper: Paper,
    frame: Frame,
    y: float,
    step: float,
    row: dict[str, Decimal | None],
    theme: str,
    longest: Decimal,
) -> None:
    """Draw annex, ledger and measured figure as three bars on one scale."""
    left = frame.x + NAME_WIDTH
    room = frame.width - NAME_WIDTH - 4 * NUMBER_WIDTH - 1.0
    thick = step * 0.24
    for i, ((key, _), colour) in enumerate(zip(SERIES, _colours(theme), strict=True)):
        length = float((row.get(key) or ZERO) / longest) * room
        if length > 0:
            top = y + step * 0.14 + i * thick
            _paper.box(paper, left, top, length, thick * 0.86, face=colour)


def _colours(theme: str) -> tuple[str, str, str]:
    steps = style.RAMPS.get(theme, style.RAMPS[TOTAL])
    return style.INK, steps[3], steps[1]


def _figures(
    paper: Paper,
    frame: Frame,
    y: float,
    name: str,
    row: dict[str, Decimal | None],
    *,
    gap: Decimal | None,
    size: float,
    bold: bool = False,
) -> None:
    """Write name, three figures and the difference of one row."""
    word = _paper.shortened(paper, name, NAME_WIDTH - 2.0, size=size)
    _paper.write(paper, frame.x + 1.0, y, word, size=size, bold=bold, valign="center_baseline")
    colour = style.ALARM if gap else style.AGREED if gap is not None else style.MUTED
    blank = row.get("official_ha") is None and not row.get("ledger_ha")  # not the same as zero
    numbers = [None if blank else row.get(key) for key, _ in SERIES]
    texts = [(style.hectares(number), style.INK, bold) for number in numbers]
    texts.append((style.hectares(gap, signed=True), colour, bold or bool(gap)))
    for i, (text, shade, heavy) in enumerate(texts):
        x = frame.x + frame.width - 0.8 - (3 - i) * NUMBER_WIDTH
        _paper.write(paper, x, y, text, size=size, bold=heavy, colour=shade, align="right",
                     valign="center_baseline")  # fmt: skip


def _sum(rows: Cells, key: str) -> Decimal | None:
    known = [number for row in rows.values() if (number := row.get(key)) is not None]
    return sum(known, ZERO) if known else None


def _verdict(paper: Paper, summary: pd.DataFrame, themes: list[str]) -> None:
    """Say under the picture in one line whether all figures meet, and what the bars are."""
    gaps = [
        gap
        for theme in themes
        if theme != TOTAL
        for row in cells(summary, theme).values()
        if (gap := difference(row)) is not None
    ]
    apart = [gap for gap in gaps if gap]
    if all(official_total(summary, theme) is None for theme in themes):
        text, colour = "无官方数据，仅列台账面积与椭球面积", style.MUTED
    elif apart:
        text = f"{len(gaps)} 格中 {len(apart)} 格与附件不一致，相差合计 "
        text, colour = text + f"{style.hectares(sum(apart, ZERO), signed=True)} 公顷", style.ALARM
    else:
        text, colour = f"{len(gaps)} 格与附件逐格相等，差值均为 0.0000 公顷", style.INK
    _paper.write(paper, LEFT, 188.2, text, size=11.0, bold=True, colour=colour)
    x = RIGHT - 66.0
    for label, shade in zip(
        ("附件", "台账面积", "椭球面积"), (style.INK, "#6f7f8e", "#c3ccd4"), strict=True
    ):
        _paper.box(paper, x, 185.9, 6.0, 2.4, face=shade)
        _paper.write(paper, x + 7.5, 188.2, label, size=7.5)
        x += 23.5

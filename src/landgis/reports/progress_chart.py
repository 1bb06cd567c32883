"""Progress as pictures: all units beside one another, and a sheet per unit against its schedule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model.errors import DataError
from landgis.model.schema import PROGRESS, TOTAL, need
from landgis.model.units import show
from landgis.reports import _paper, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame

    from landgis.reports._paper import Paper

Row = dict[str, Any]

NUMERALS = "一二三四"
YEARS_SHOWN = 3  # on the sheet of a unit; older ones stand in the table
PLOT_LEFT, PLOT_RIGHT = 34.0, 283.0
PLOT_TOP, PLOT_BOTTOM = 46.0, 122.0
TABLE_TOP, LINE_MM = 140.0, 6.6
CLEAR_MM = 4.0  # between a figure and a line
FIGURE_MM = 20.0  # that the figure of a bar needs
GRID = (0.25, 0.5, 0.75, 1.0)
HEADROOM = 1.18  # of the axis above the highest bar, for its label
WORDS = {True: "达到序时", False: "未达序时", None: "未到期或缺数"}
COLOURS = {True: style.AGREED, False: style.ALARM, None: style.RULE}
LINES = (  # of the table under the bars: label, column, decimals, factor
    ("年度任务", "task_ha", 4, 1),
    ("本季完成", "done_ha", 4, 1),
    ("累计完成", "cumulative_ha", 4, 1),
    ("完成率（%）", "rate", 2, 100),
    ("序时进度（%）", "required_rate", 2, 100),
    ("差额", "gap_ha", 4, 1),
    ("排名", "rank", 0, 1),
)


def draw_progress(quarters: DataFrame, *, folder: str | Path, **imprint: Any) -> list[Path]:
    """Draw one sheet of all units in the last quarter, and one sheet for every unit.

    Parameters
    ----------
    quarters : DataFrame
        `schema.PROGRESS` as `landgis.progress` makes it, areas in 公顷.
    folder : str or Path
        Folder that gets the PNG files 进度_00_一览.png, 进度_01_灵山县.png and so on; made where
        missing.
    **imprint : Any
        Words of the margin, see the head of `landgis.reports.sheet`.

    Returns
    -------
    list of Path
        The files written, the sheet of all units first.

    Raises
    ------
    SchemaError
        ``column_missing``.
    DataError
        ``no_progress`` where the table has no row.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    A bar is the cumulative share of the yearly task, the line across it the share that is due at
    the end of that quarter: green where it is reached, red where not, grey where it is not yet due
    or unknown. At most the last three years stand on the sheet of a unit.

    Examples
    --------
    >>> import tempfile
    >>> quarter = {"unit": ["灵山县"], "year": [2022], "quarter": [1], "task_ha": [100.0],
    ...            "done_ha": [12.0], "cumulative_ha": [12.0], "rate": [0.12],
    ...            "required_rate": [0.15], "gap_ha": [-3.0], "on_schedule": [False], "rank": [1],
    ...            "note": [""]}
    >>> drawn = draw_progress(pd.DataFrame(quarter), folder=tempfile.mkdtemp(), dpi=72)
    >>> [path.name for path in drawn]
    ['进度_00_一览.png', '进度_01_灵山县.png']
    """
    need(quarters, *(column.name for column in PROGRESS.columns), of=PROGRESS)
    if quarters.empty:
        raise DataError(
            "no_progress",
            "the table of progress has no row",
            hint="没有任何季度的进度，无法绘图：请检查统计截止日、任务分解表和处置台账。",
        )
    words = _paper.Imprint(**imprint)
    target = Path(folder)
    rows: list[Row] = [_plain(row) for row in quarters.to_dict("records")]
    last = max((row["year"], row["quarter"]) for row in rows)
    now = [row for row in rows if (row["year"], row["quarter"]) == last]
    sheets = [(target / "进度_00_一览.png", _overview(now, words))]
    for number, unit in enumerate(dict.fromkeys(row["unit"] for row in now), start=1):
        own = [row for row in rows if row["unit"] == unit]
        shown = [row for row in own if row["year"] > last[0] - YEARS_SHOWN]
        safe = "".join(c if c.isalnum() else "_" for c in unit)
        sheets.append((target / f"进度_{number:02d}_{safe}.png", _unit_sheet(unit, shown, words)))
    for path, paper in sheets:
        _paper.save_png(_paper.finished(paper), path)
    return [path for path, _ in sheets]


def _plain(row: dict[Any, Any]) -> Row:
    """Give plain values, None for the unknown."""
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _truth(row: Row) -> bool | None:
    return None if row["on_schedule"] is None else bool(row["on_schedule"])


def _figure(value: Any, decimals: int, factor: int = 1) -> str:
    return "—" if value is None else show(float(value) * factor, decimals)


def _percent(share: float | None, decimals: int = 1) -> str:
    return "—" if share is None else f"{show(share * 100, decimals)}%"


# ---- one unit --------------------------------------------------------------------------------


def _unit_sheet(unit: str, rows: Sequence[Row], words: _paper.Imprint) -> Paper:
    """Draw the bars of a unit against its schedule, and the figures behind them."""
    paper = _paper.new_paper(words)
    name = "全部县区" if unit == TOTAL else unit
    _paper.heading(paper, f"{words.place if unit == TOTAL else ''}{name}存量土地处置进度")
    sentence = _sentence(rows[-1])
    size = _paper.fitted(paper, sentence, PLOT_RIGHT - 10, size=12.5, least=8)
    _paper.write(paper, _paper.LEFT, 33.5, sentence, size=size, bold=True, colour=_ink(rows[-1]))
    _legend(paper)
    slot = (PLOT_RIGHT - PLOT_LEFT) / len(rows)
    rates = [row["rate"] or 0.0 for row in rows] + [row["required_rate"] or 0.0 for row in rows]
    top = max(1.0, *rates) * HEADROOM
    _grid(paper, top)
    for place, row in enumerate(rows):
        _bar(paper, row, PLOT_LEFT + place * slot, slot, top)
    _years(paper, rows, slot)
    _table(paper, rows, slot)
    if rows[-1]["note"]:
        note = _paper.shortened(paper, rows[-1]["note"], PLOT_RIGHT - 10, size=8.0)
        _paper.write(paper, _paper.LEFT, 190.4, f"注：{note}", size=8.0, colour=style.ALARM)
    _paper.footing(paper)
    return paper


def _ink(row: Row) -> str:
    return style.ALARM if _truth(row) is False else style.INK


def _sentence(row: Row) -> str:
    """Say in one line how far along the unit is."""
    when = f"{row['year']}年{NUMERALS[row['quarter'] - 1]}季度"
    if row["cumulative_ha"] is None:
        return f"{when}：累计完成不详（{row['note'] or '数据不全'}）"
    done = f"{when}累计完成 {_figure(row['cumulative_ha'], 4)} 公顷"
    if row["rate"] is None or row["gap_ha"] is None:
        return f"{done}（{row['note'] or '没有年度任务'}）"
    rank = "" if row["rank"] is None else f"，排名第 {row['rank']}"
    due = _percent(row["required_rate"], 0)
    lacking = f"差 {_figure(-row['gap_ha'], 4)} 公顷"
    against = f"超序时 {_figure(row['gap_ha'], 4)} 公顷" if row["gap_ha"] >= 0 else lacking
    return f"{done}，完成率 {_percent(row['rate'], 2)}，季末应达 {due}，{against}{rank}"


def _legend(paper: Paper) -> None:
    x = 170.0
    for truth in (True, False, None):
        _paper.box(paper, x, 38.6, 4.5, 3.2, face=COLOURS[truth])
        _paper.write(paper, x + 6.0, 41.4, WORDS[truth], size=8.5)
        x += 9.0 + _paper.text_width(paper, WORDS[truth], 8.5)
    _paper.rule(paper, (x, 40.2), (x + 8.0, 40.2), colour=style.INK, line=2.2)
    _paper.write(paper, x + 9.5, 41.4, "序时进度", size=8.5)


def _height(share: float, top: float) -> float:
    return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * share / top


def _grid(paper: Paper, top: float) -> None:
    for share in (0.0, *GRID):
        y = _height(share, top)
        colour, line = (style.INK, 0.8) if share == 0 else (style.RULE, 0.4)
        _paper.rule(paper, (PLOT_LEFT, y), (PLOT_RIGHT, y), colour=colour, line=line, zorder=0)
        _paper.write(
            paper, PLOT_LEFT - 2.0, y + 1.2, _percent(share, 0), size=8.5, align="right",
            colour=style.MUTED,
        )  # fmt: skip


def _bar(paper: Paper, row: Row, x: float, slot: float, top: float) -> None:
    """Draw one quarter: the bar, its figure, and the line it should reach."""
    middle, wide = x + slot / 2, min(slot * 0.56, 26.0)
    rate, due = row["rate"], row["required_rate"]
    y = PLOT_BOTTOM
    if rate is not None:
        y = _height(max(rate, 0.0), top)
        _paper.box(paper, middle - wide / 2, y, wide, PLOT_BOTTOM - y, face=COLOURS[_truth(row)])
    if due is not None:
        level = _height(due, top)
        half = slot * 0.44
        _paper.rule(
            paper, (middle - half, level), (middle + half, level), colour=style.INK, line=2.2,
            zorder=3,
        )  # fmt: skip
        if abs(level - (y - 1.6)) < CLEAR_MM:  # the bar's figure steps clear of the line
            y = min(y, level) if rate is not None else y
    label = _percent(rate, 1) if rate is not None else (row["note"] or "缺数")[:5]
    colour = (
        style.MUTED
        if rate is None
        else COLOURS[_truth(row)]
        if _truth(row) is not None
        else style.INK
    )
    size = min(11.0, max(7.0, slot * 0.42))
    _paper.write(
        paper, middle, y - 1.8, label, size=size, bold=True, align="center", colour=colour,
        zorder=4,
    )  # fmt: skip
    word = f"{NUMERALS[row['quarter'] - 1]}季度"
    _paper.write(paper, middle, PLOT_BOTTOM + 5.0, word, size=9.0, align="center")


def _years(paper: Paper, rows: Sequence[Row], slot: float) -> None:
    for year in dict.fromkeys(row["year"] for row in rows):
        places = [place for place, row in enumerate(rows) if row["year"] == year]
        west, east = PLOT_LEFT + places[0] * slot, PLOT_LEFT + (places[-1] + 1) * slot
        _paper.write(
            paper, (west + east) / 2, PLOT_BOTTOM + 11.0, f"{year}年", size=10.5, bold=True,
            align="center",
        )  # fmt: skip
        if places[0]:
            _paper.rule(paper, (west, PLOT_TOP), (west, TABLE_TOP + LINE_MM * len(LINES)))


def _table(paper: Paper, rows: Sequence[Row], slot: float) -> None:
    size = min(9.0, max(6.2, slot * 0.36))
    for number, (label, column, decimals, factor) in enumerate(LINES):
        y = TABLE_TOP + number * LINE_MM
        _paper.rule(paper, (_paper.LEFT, y), (PLOT_RIGHT, y), line=0.4)
        _paper.write(paper, _paper.LEFT + 1.0, y + 4.6, label, size=8.5)
        for place, row in enumerate(rows):
            late = column == "gap_ha" and (row[column] or 0) < 0 and _truth(row) is False
            _paper.write(
                paper, PLOT_LEFT + (place + 0.5) * slot, y + 4.6,
                _figure(row[column], decimals, factor), size=size, align="center",
                colour=style.ALARM if late else style.INK,
            )  # fmt: skip
    y = TABLE_TOP + len(LINES) * LINE_MM
    _paper.rule(paper, (_paper.LEFT, y), (PLOT_RIGHT, y), line=0.4)


# ---- all units -------------------------------------------------------------------------------


def _overview(rows: Sequence[Row], words: _paper.Imprint) -> Paper:
    """Draw all units of one quarter, the furthest along first, the sum last."""
    paper = _paper.new_paper(words)
    year, quarter = rows[0]["year"], rows[0]["quarter"]
    title = f"{words.place}存量土地处置进度一览（{year}年{NUMERALS[quarter - 1]}季度）"
    _paper.heading(paper, title)
    units = [row for row in rows if row["unit"] != TOTAL]
    ranked = sorted(units, key=lambda row: (row["rank"] is None, row["rank"] or 0))
    total = [row for row in rows if row["unit"] == TOTAL]
    if total:
        sentence = _sentence(total[0])
        size = _paper.fitted(paper, sentence, PLOT_RIGHT - 10, size=12.5, least=8)
        _paper.write(
            paper, _paper.LEFT, 33.5, sentence, size=size, bold=True, colour=_ink(total[0])
        )
    _legend(paper)
    shown = [*ranked, *total]
    name_end, bar_end, step = 56.0, 176.0, min(16.0, 132.0 / max(len(shown), 1))
    top = max(1.0, *(row["rate"] or 0.0 for row in shown)) * 1.02
    columns = ((204.0, "累计完成"), (230.0, "年度任务"), (256.0, "差额"), (267.0, "排名"))
    for x, label in columns:
        _paper.write(paper, x, 49.0, label, size=9.0, align="right", colour=style.MUTED)
    for place, row in enumerate(shown):
        y = 52.0 + place * step
        if row["unit"] == TOTAL:
            _paper.rule(paper, (_paper.LEFT, y), (PLOT_RIGHT, y), colour=style.INK, line=0.8)
        _overview_line(paper, row, y, step, (name_end, bar_end, top), [x for x, _ in columns])
    _paper.footing(paper)
    return paper


def _overview_line(
    paper: Paper,
    row: Row,
    y: float,
    step: float,
    axis: tuple[float, float, float],
    places: Sequence[float],
) -> None:
    """Draw one unit: its name, its bar with the line that is due, its figures."""
    west, east, top = axis
    scale = (east - west) / top
    size = min(11.0, step * 0.9)
    base, bold = y + step * 0.66, row["unit"] == TOTAL
    name = _paper.shortened(paper, row["unit"], west - _paper.LEFT - 3, size=size)
    _paper.write(paper, west - 2.0, base, name, size=size, bold=bold, align="right")
    rate, due = row["rate"], row["required_rate"]
    if rate is not None:
        wide = max(rate, 0.0) * scale
        _paper.box(paper, west, y + step * 0.2, wide, step * 0.6, face=COLOURS[_truth(row)])
        inside = wide > FIGURE_MM
        end = wide
        if inside and due is not None and wide - FIGURE_MM < due * scale < wide:
            end = due * scale  # the figure stands clear of the line
        _paper.write(
            paper, west + end + (-1.5 if inside else 1.5), base, _percent(rate, 1), size=size,
            bold=True, align="right" if inside else "left",
            colour=style.PAPER if inside and _truth(row) is not None else style.INK, zorder=4,
        )  # fmt: skip
    if due is not None:
        x = west + due * scale
        _paper.rule(
            paper, (x, y + step * 0.06), (x, y + step * 0.94), colour=style.INK, line=2.2, zorder=3
        )
    figures = (
        _figure(row["cumulative_ha"], 4),
        _figure(row["task_ha"], 4),
        _figure(row["gap_ha"], 4),
        _figure(row["rank"], 0),
    )
    for place, (x, text) in enumerate(zip(places, figures, strict=True)):
        late = place == 2 and _truth(row) is False  # noqa: PLR2004 - the shortfall
        _paper.write(
            paper, x, base, text, size=min(9.5, size), align="right", bold=bold,
            colour=style.ALARM if late else style.INK,
        )  # fmt: skip
    word = WORDS[_truth(row)]
    _paper.write(paper, 270.0, base, word, size=min(8.5, size), colour=_ink(row))

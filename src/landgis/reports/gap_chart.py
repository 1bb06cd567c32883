"""The gaps to choose from as a picture: how many clusters, how much land, how large the largest."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib import rc_context
from matplotlib.patheffects import withStroke

from landgis.model.errors import DataError, UsageError
from landgis.model.files import complete_file
from landgis.model.schema import GAP_CHOICES, need
from landgis.model.units import convert, show
from landgis.reports import _paper, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame

    from landgis.reports._paper import Paper

CHAIN_REACTION = 1.5  # the largest grows by more than half from one gap to the next
JUMPS_TOLD = 2  # in the sentence; all of them are marked
PLOT_LEFT, PLOT_RIGHT = 24.0, 273.0
PANEL_MM, TITLE_MM = 29.0, 9.0  # of each of the three panels, and of the words over it
STEP_MM = 41.0  # from one panel to the next
PLOT_TOP = 58.0
PLOT_BOTTOM = PLOT_TOP + 2 * STEP_MM + TITLE_MM + PANEL_MM
LABEL_MM = 2.0  # from a point to its figure
CLEAR_MM = 1.5  # between two figures
LINES_MM = (33.0, 40.0, 47.0)  # of the sentences
FIGURE_PT, SENTENCE_PT = 9.0, 12.0
TRUETYPE_IN_PDF, OUTLINES_IN_PDF = 42, 3  # what the font's outlines are embedded as
JUMP = style.SERIES[1]


class _Choice(NamedTuple):
    """One gap and what comes of it; areas in 公顷."""

    gap_m: float
    cluster_count: int
    member_count: int
    area_ha: float
    largest_count: int
    largest_ha: float


class _Panel(NamedTuple):
    """One figure of the choices: its column, the words over it, its decimals, its colour."""

    column: str
    words: str
    decimals: int
    colour: str


COUNT = _Panel("cluster_count", "连片数（片）", 0, style.SERIES[0])
AREA = _Panel("area_ha", "连片总面积（公顷）", 4, style.SERIES[3])
MOST = _Panel("largest_count", "最大一片的宗数（宗）", 0, style.SERIES[3])
LARGEST = _Panel("largest_ha", "最大一片的面积（公顷）", 4, style.SERIES[2])


def draw_gaps(
    choices: DataFrame, *, path: str | Path, chosen_m: float | None = None, **imprint: Any
) -> Path:
    """Draw how the clusters change with the gap, so that a planner chooses it knowingly.

    Parameters
    ----------
    choices : DataFrame
        `schema.GAP_CHOICES` as `landgis.suggest` makes it, areas in m².
    path : str or Path
        The file to write, PNG or PDF by its suffix.
    chosen_m : float or None, optional
        The gap that was chosen, in metres, 0 or more; marked and told.
    **imprint : Any
        Words of the margin, see the head of `landgis.reports.sheet`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    SchemaError
        ``column_missing``.
    DataError
        ``no_gap_choices`` where the table has no row.
    UsageError
        ``bad_gap`` for a `chosen_m` that is no gap, ``unknown_picture`` for another suffix.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    Three panels over one axis of gaps: the number of clusters, their area, the area of the largest.
    An area that is the same at every gap is told in one line, and the number of parcels in the
    largest takes its panel.
    Where the largest grows by more than half from one gap to the next, the step is coloured and a
    sentence says so: a chain reaction, in which lanes tie together what a planner sees as several
    places. Half is a choice of ours, no law.

    Examples
    --------
    >>> import pandas, tempfile
    >>> choices = pandas.DataFrame({
    ...     "gap_m": [0.0, 10.0], "cluster_count": [5, 2], "member_count": [9, 9],
    ...     "area_m2": [90_000.0, 90_000.0], "largest_count": [3, 8],
    ...     "largest_m2": [30_000.0, 80_000.0]})
    >>> drawn = draw_gaps(choices, path=tempfile.mkdtemp() + "/间距比选.png", chosen_m=0, dpi=72)
    >>> drawn.name
    '间距比选.png'
    """
    need(choices, *(column.name for column in GAP_CHOICES.columns), of=GAP_CHOICES)
    target = Path(path)
    _check(choices, target, chosen_m)
    rows = _rows(choices)
    paper = _paper.new_paper(_paper.Imprint(**imprint))
    _paper.heading(paper, f"{paper.imprint.place}连片间距比选")
    _sentences(paper, rows, chosen_m)
    _axis(paper, rows, chosen_m)
    second = AREA if _same_area(rows) is None else MOST
    for number, panel in enumerate((COUNT, second, LARGEST)):
        _draw_panel(paper, rows, panel, PLOT_TOP + number * STEP_MM, chosen_m)
    _paper.footing(paper)
    _save(paper, target)
    return target


def _check(choices: DataFrame, path: Path, chosen_m: float | None) -> None:
    if choices.empty:
        raise DataError(
            "no_gap_choices",
            "the table of gaps has no row",
            hint="间距比选表没有任何一行，无法绘图：请先用 landgis.suggest 计算，gaps_m 至少给一个间距。",
        )
    if chosen_m is not None and not 0 <= chosen_m < float("inf"):
        raise UsageError(
            "bad_gap",
            f"chosen_m must be a number of metres, 0 or more, got {chosen_m}",
            hint="选定的连片间距（chosen_m）应为不小于 0 的米数，例如 20。",
        )
    if path.suffix.lower() not in {".png", ".pdf"}:
        raise UsageError(
            "unknown_picture",
            f"a chart is written as .png or .pdf, got {path.name}",
            hint=f"间距比选图只能存为 .png 或 .pdf：请改正文件名“{path.name}”。",
        )


def _rows(choices: DataFrame) -> list[_Choice]:
    """Read the choices, the smallest gap first."""
    table = choices.sort_values("gap_m", kind="stable")
    area, largest = (
        convert(table[column].to_numpy(), source="m2", target="ha").tolist()
        for column in ("area_m2", "largest_m2")
    )
    counts = (
        table[column].fillna(0).astype(int).tolist()
        for column in ("cluster_count", "member_count", "largest_count")
    )
    clusters, members, most = counts
    gaps = table["gap_m"].astype(float).tolist()
    return [_Choice(*row) for row in zip(gaps, clusters, members, area, most, largest, strict=True)]


def _jumps(rows: Sequence[_Choice]) -> list[tuple[_Choice, _Choice]]:
    """Find the steps at which the largest cluster grows by more than half."""
    return [
        (before, after)
        for before, after in pairwise(rows)
        if 0 < before.largest_ha * CHAIN_REACTION < after.largest_ha
    ]


# ---- words -----------------------------------------------------------------------------------


def _sentences(paper: Paper, rows: Sequence[_Choice], chosen_m: float | None) -> None:
    """Write what was chosen, and where the largest cluster jumps."""
    jumps = _jumps(rows)
    lines = [_chosen_sentence(rows, chosen_m), _jump_sentence(rows, jumps), _area_sentence(rows)]
    for y, text, jumped in zip(LINES_MM, lines, (False, bool(jumps), False), strict=True):
        if not text:
            continue
        wide = _paper.text_width(paper, text, SENTENCE_PT, bold=True)
        size = SENTENCE_PT * min(1.0, (_paper.RIGHT - _paper.LEFT) / wide)
        colour = JUMP if jumped else style.INK
        _paper.write(paper, _paper.LEFT, y, text, size=size, bold=True, colour=colour)


def _chosen_sentence(rows: Sequence[_Choice], chosen_m: float | None) -> str:
    """Say in one line what the chosen gap makes."""
    if chosen_m is None:
        ends = f"{rows[0].gap_m:g}" + (f"—{rows[-1].gap_m:g}" if len(rows) > 1 else "")
        return f"比选间距 {ends} 米，共 {len(rows)} 档，尚未选定。"
    met = [row for row in rows if row.gap_m == chosen_m]
    if not met:
        return f"选定间距 {chosen_m:g} 米，不在所比选的各档之中。"
    row = met[0]
    return (
        f"选定间距 {chosen_m:g} 米：{row.cluster_count} 片、{row.member_count} 宗，"
        f"共 {style.hectares(row.area_ha)} 公顷；"
        f"最大一片 {row.largest_count} 宗、{style.hectares(row.largest_ha)} 公顷。"
    )


def _jump_sentence(rows: Sequence[_Choice], jumps: Sequence[tuple[_Choice, _Choice]]) -> str:
    """Say in one line whether a wider gap sets off a chain reaction, and where."""
    if not any(row.cluster_count for row in rows):
        return "各档间距下均无连片：没有符合条件的地块。"
    if not jumps:
        return "逐档放宽间距，最大一片的增幅均不超过一半，未见连锁相连。"
    told = sorted(jumps, key=lambda step: step[0].largest_ha / step[1].largest_ha)[:JUMPS_TOLD]
    steps = "；".join(
        f"间距由 {before.gap_m:g} 米放宽到 {after.gap_m:g} 米，最大一片由 "
        f"{style.hectares(before.largest_ha)} 公顷增至 {style.hectares(after.largest_ha)} 公顷"
        f"（增 {show((after.largest_ha / before.largest_ha - 1) * 100, 0)}%）"
        for before, after in sorted(told)
    )
    more = f"，连同其余共 {len(jumps)} 处" if len(jumps) > len(told) else ""
    return f"连锁相连：{steps}{more}，宜慎选更大间距。"


def _same_area(rows: Sequence[_Choice]) -> str | None:
    """Give the area of all clusters as printed where every gap has the same; None elsewhere."""
    printed = {style.hectares(row.area_ha) for row in rows}
    return printed.pop() if len(printed) == 1 and rows[0].area_ha > 0 else None


def _area_sentence(rows: Sequence[_Choice]) -> str:
    """Say in one line that the area does not change with the gap, where it does not."""
    area = _same_area(rows)
    return "" if area is None else f"连片总面积不随间距变化，各档均为 {area} 公顷。"


# ---- lines -----------------------------------------------------------------------------------


def _across(rows: Sequence[_Choice], gap_m: float, chosen_m: float | None) -> float:
    """Give the place of a gap on the sheet, in millimetres."""
    gaps = [row.gap_m for row in rows] + ([] if chosen_m is None else [chosen_m])
    low, high = min(gaps), max(gaps)
    if low == high:
        return (PLOT_LEFT + PLOT_RIGHT) / 2
    return PLOT_LEFT + (PLOT_RIGHT - PLOT_LEFT) * (gap_m - low) / (high - low)


def _axis(paper: Paper, rows: Sequence[_Choice], chosen_m: float | None) -> None:
    """Draw the gaps that were tried, and the one that was chosen."""
    free = -1.0
    for row in rows:
        x = _across(rows, row.gap_m, chosen_m)
        _paper.rule(
            paper, (x, PLOT_TOP), (x, PLOT_BOTTOM), colour=style.NO_DATA, line=0.6, zorder=0
        )
        word = f"{row.gap_m:g}"
        half = _paper.text_width(paper, word, FIGURE_PT) / 2
        if x - half > free:
            _paper.write(paper, x, PLOT_BOTTOM + 5.0, word, size=FIGURE_PT, align="center")
            free = x + half + CLEAR_MM
    _paper.write(paper, _paper.RIGHT, PLOT_BOTTOM + 10.0, "间距（米）", size=9.0, align="right")
    if chosen_m is not None:
        x = _across(rows, chosen_m, chosen_m)
        _paper.rule(
            paper, (x, PLOT_TOP - 5.0), (x, PLOT_BOTTOM), colour=style.INK, line=1.4,
            linestyle=(0, (4, 2)), zorder=1,
        )  # fmt: skip
        side = "right" if x > (PLOT_LEFT + PLOT_RIGHT) / 2 else "left"
        _paper.write(
            paper, x + (1.5 if side == "left" else -1.5), PLOT_TOP - 2.2, f"选定 {chosen_m:g} 米",
            size=10.0, bold=True, align=side,
        )  # fmt: skip


def _draw_panel(
    paper: Paper, rows: Sequence[_Choice], panel: _Panel, top: float, chosen_m: float | None
) -> None:
    """Draw one figure of the choices over the gaps, from zero, each point with its value."""
    column, words, decimals, colour = panel
    bottom = top + TITLE_MM + PANEL_MM
    _paper.write(paper, _paper.LEFT, top + 4.0, words, size=10.5, bold=True, colour=colour)
    _paper.rule(paper, (PLOT_LEFT, bottom), (PLOT_RIGHT, bottom), colour=style.MUTED, line=0.6)
    _paper.write(
        paper, PLOT_LEFT - 2.5, bottom + 1.0, "0", size=8.0, align="right", colour=style.MUTED
    )
    values = [float(getattr(row, column)) for row in rows]
    high = max(values) or 1.0
    points = [
        (_across(rows, row.gap_m, chosen_m), bottom - (PANEL_MM - 5.0) * value / high)
        for row, value in zip(rows, values, strict=True)
    ]
    jumped = {after.gap_m for _, after in _jumps(rows)} if column == "largest_ha" else set()
    for place, point in enumerate(points[1:], start=1):
        step = JUMP if rows[place].gap_m in jumped else colour
        wide = 3.2 if step == JUMP else 2.0
        _paper.rule(paper, points[place - 1], point, colour=step, line=wide, zorder=2)
    for x, y in points:
        _paper.rule(
            paper, (x, y), (x, y), colour=colour, marker="o", markersize=5.5,
            markeredgecolor=style.PAPER, zorder=3,
        )  # fmt: skip
    marked = [row.gap_m in jumped or row.gap_m == chosen_m for row in rows]
    figures = [show(value, decimals) for value in values]
    for place in _legible(paper, points, figures, marked):
        x, y = points[place]
        _paper.write(
            paper, x, y - LABEL_MM, figures[place], size=FIGURE_PT, bold=marked[place],
            align="center", zorder=4,
            path_effects=[withStroke(linewidth=_paper.HALO_PT, foreground=style.PAPER)],
        )  # fmt: skip


def _legible(
    paper: Paper,
    points: Sequence[tuple[float, float]],
    figures: Sequence[str],
    marked: Sequence[bool],
) -> list[int]:
    """Choose the figures that have room beside one another: marked ones, both ends, then the rest."""
    last = len(points) - 1
    order = sorted(range(len(points)), key=lambda i: (not marked[i], i not in {0, last}, i))
    shown: list[int] = []
    halves = [_paper.text_width(paper, text, FIGURE_PT, bold=True) / 2 for text in figures]
    for i in order:
        if all(abs(points[i][0] - points[j][0]) >= halves[i] + halves[j] + CLEAR_MM for j in shown):
            shown.append(i)
    return sorted(shown)


def _save(paper: Paper, path: Path) -> None:
    """Write the sheet as what its suffix says, the same bytes every time."""
    figure = _paper.finished(paper)
    if path.suffix.lower() == ".png":
        _paper.save_png(figure, path)
        return
    embedded = TRUETYPE_IN_PDF if paper.fonts.truetype else OUTLINES_IN_PDF
    with complete_file(path) as temporary, rc_context({"pdf.fonttype": embedded}):
        figure.savefig(
            temporary,
            format="pdf",
            metadata={"Creator": "landgis", "Producer": None, "CreationDate": None},
        )

"""One cluster on one sheet: the map from near, what it is made of, what it scores, what cut it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from landgis.model import crs as systems
from landgis.model.errors import DataError
from landgis.model.schema import READINESS, need
from landgis.model.units import show
from landgis.reports import _cluster_map, _map, _panel, _paper, style
from landgis.reports._paper import BOTTOM, LEFT, RIGHT, TOP, Imprint, Paper
from landgis.reports.cells import percent, text
from landgis.reports.cluster_facts import facts_of, name_of, readiness_of, score_of
from landgis.reports.cluster_parts import (
    UNKNOWN,
    ClusterTables,
    Criterion,
    Separation,
    criteria_of,
    divided,
    hectares,
    number,
    separations_of,
)

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure
    from pandas import Series

    from landgis.reports._map import View

PANEL = 110.0  # millimetres
STRIP = 22.0  # under the map: north, scale, legend
MAP = (LEFT, TOP, RIGHT - LEFT - PANEL, BOTTOM - TOP - STRIP)
X, WIDTH = RIGHT - PANEL + 4.0, PANEL - 8.0  # of the text of the panel
HALF = (WIDTH - 6.0) / 2
SECOND = X + HALF + 6.0
HEAD = 37.0  # name and locator
LOCATOR = 42.0
LEGEND_X, LEGEND_COLUMNS, LEGEND_ROWS = LEFT + 60.0, 3, 4
LEAST_SCALE = 1.0  # metres per millimetre: 1:1000
TEXT, SMALL, TITLE = 7.4, 6.6, 8.8  # points
BOLDER = 0.95  # a bold text takes more room than is reckoned for a plain one
LINE = 1.42  # of the size of a text
MOST_SEPARATIONS, MOST_USES, MOST_CRITERIA = 6, 4, 9
SCORE_COLOUR = style.CLASS_COLOURS["合计"]


def build(
    clusters: GeoDataFrame,
    parcels: GeoDataFrame,
    imprint: Imprint,
    *,
    cluster_id: str,
    by: str | None = None,
    tables: ClusterTables,
    units: GeoDataFrame | None = None,
    zones: GeoDataFrame | None = None,
    barriers: GeoDataFrame | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the sheet; `tables` has the rows of this cluster alone."""
    scene, row = _scene(clusters, parcels, cluster_id, by, tables, zones, barriers)
    separations = separations_of(tables.separations)[:MOST_SEPARATIONS]
    paper = _paper.new_paper(imprint)
    _paper.heading(paper, title or title_of(imprint, cluster_id, row))
    view = _map.open_view(paper, MAP, _cluster_map.bounds(scene), margin=11.0, least=LEAST_SCALE)
    rows = _cluster_map.draw(paper, view, scene, separations)
    _strip(paper, view, rows)
    _paper.box(paper, RIGHT - PANEL, TOP, PANEL, BOTTOM - TOP, edge=style.INK, line=0.6)
    y = _head(paper, cluster_id, row, with_locator=units is not None)
    if units is not None:
        _locator(paper, units, scene, text(row.get("unit")))
        y = TOP + HEAD + 1.0
    foot = BOTTOM - _separations_height(separations) - 3.0
    left = _facts(paper, X, y, facts_of(cluster_id, row, tables)[2:], bottom=foot)
    right = _composition(paper, SECOND, y, row, tables)
    right = _score(paper, SECOND, right, row, criteria_of(tables.priorities), bottom=foot - 1.0)
    _cut_off(paper, max(left, right, foot), separations, tables)
    _sum(paper, cluster_id, row)
    _paper.footing(paper, crs=systems.describe(scene.crs))
    return _paper.finished(paper)


def title_of(imprint: Imprint, cluster_id: str, row: Series) -> str:
    """Give the usual title."""
    day = _paper.day_of(imprint)
    name = name_of(cluster_id, row)
    place = imprint.place.removesuffix("市") if name.startswith("市") else imprint.place
    return f"{'' if name.startswith(place) else place}{name}集中连片图{day}"


def _scene(
    clusters: GeoDataFrame,
    parcels: GeoDataFrame,
    cluster_id: str,
    by: str | None,
    tables: ClusterTables,
    zones: GeoDataFrame | None,
    barriers: GeoDataFrame | None,
) -> tuple[_cluster_map.Scene, Series]:
    """Gather what the map shows in one system in metres, and the cluster's own row."""
    need(parcels, "cluster_id")
    if cluster_id not in set(clusters.index.astype("str")):
        raise DataError(
            "cluster_unknown",
            f"there is no cluster {cluster_id!r}",
            hint=f"没有编号为“{cluster_id}”的连片：请核对连片编号。",
        )
    clusters = _map.in_metres(clusters, what="连片")
    parcels = systems.align(parcels, clusters.crs, what="地块")
    members = parcels[(parcels["cluster_id"] == cluster_id).fillna(value=False)]
    if members.empty:
        raise DataError(
            "cluster_without_members",
            f"no parcel belongs to cluster {cluster_id!r}",
            hint=f"没有属于连片“{cluster_id}”的地块：请核对地块表的 cluster_id 列。",
        )
    if by is None:
        judged = "readiness" in members and members["readiness"].notna().any()
        by = "readiness" if judged else "land_class"
    row = clusters[clusters.index.astype("str") == cluster_id].iloc[0]
    scene = _cluster_map.Scene(
        cluster_id,
        row[clusters.geometry.name],
        members,
        _cluster_map.kinds_of(members, by),
        by,
        parcels,
        clusters,
        tables,
        zones,
        barriers,
    )
    return scene, row


def _strip(paper: Paper, view: View, rows: list[_panel.Row]) -> None:
    """Fill the strip under the map: north and scale, the legend in columns."""
    x, _, width, _ = MAP
    top = BOTTOM - STRIP
    _paper.box(paper, x, top, width, STRIP, edge=style.INK, line=0.6)
    _map.north_and_scale(paper, view, x + 1.0, top + 2.6, 54.0)
    room = RIGHT - PANEL - LEGEND_X - 1.0
    deep = max(LEGEND_ROWS, -(-len(rows) // LEGEND_COLUMNS))
    for column in range(LEGEND_COLUMNS):
        own = rows[column * deep : (column + 1) * deep]
        start = top + 2.0
        bottom = start + (STRIP - 3.0) * len(own) / deep
        _panel.legend(paper, start, own, bottom=bottom, width=room / LEGEND_COLUMNS - 1.5,
                      x=LEGEND_X + column * room / LEGEND_COLUMNS)  # fmt: skip


def _head(paper: Paper, cluster_id: str, row: Series, *, with_locator: bool) -> float:
    """Write name, id and unit, beside the locator; give where they end."""
    width = WIDTH - (LOCATOR + 4.0 if with_locator else 0.0)
    name, size = name_of(cluster_id, row), 11.5
    lines = _paper.wrapped(paper, name, width * BOLDER, size=size)
    while len(lines) > 4 and size > SMALL:  # noqa: PLR2004 - what stands beside the locator
        size -= 0.7
        lines = _paper.wrapped(paper, name, width * BOLDER, size=size)
    y = TOP + 7.5
    for line in lines:
        _paper.write(paper, X, y, line, size=size, bold=True)
        y += _step(size)
    unit = text(row.get("unit")) or UNKNOWN
    for line in _paper.wrapped(paper, f"{cluster_id}　{unit}", width, size=TEXT):
        _paper.write(paper, X, y + 0.6, line, size=TEXT, colour=style.MUTED)
        y += _step(TEXT)
    return y


def _step(size: float) -> float:
    """Millimetres from one line of text to the next."""
    return size * LINE * _paper.MM_PER_INCH / _paper.POINTS_PER_INCH


def _locator(
    paper: Paper, units: GeoDataFrame, scene: _cluster_map.Scene, unit: str | None
) -> None:
    """Draw where in its unit the cluster lies; in all units where it names none."""
    ground = systems.align(units, scene.crs, what="统计单元")
    own = ground[ground.index == unit]
    shown = own if len(own) else ground
    area = (RIGHT - 4.0 - LOCATOR, TOP + 3.0, LOCATOR, HEAD - 5.0)
    small = _map.open_view(paper, area, tuple(shown.total_bounds), margin=2.0)
    small.axes.set_facecolor(style.PAPER)
    for spine in small.axes.spines.values():
        spine.set_color(style.RULE)
    _map.fill(
        small, ground.geometry.to_numpy(), order="ground", facecolors=style.NO_DATA, linewidths=0
    )
    _map.fill(
        small, own.geometry.to_numpy(), order="units", facecolors=style.RAMPS["合计"][1],
        linewidths=0,
    )  # fmt: skip
    _map.trace(small, ground.geometry.to_numpy(), order="units", colors=style.PAPER, linewidths=0.6)
    place = shapely.centroid(scene.outline)
    for edge, width in ((style.PAPER, 2.6), (style.ALARM, 1.4)):
        small.axes.plot(place.x, place.y, "o", markersize=8.0, markerfacecolor="none",
                        markeredgecolor=edge, markeredgewidth=width, zorder=9)  # fmt: skip


def _section(paper: Paper, x: float, y: float, width: float, name: str, extra: str = "") -> float:
    """Begin a section; give where its first line stands."""
    _paper.rule(paper, (x, y), (x + width, y))
    _paper.write(paper, x, y + 4.4, name, size=TITLE, bold=True)
    if extra:
        room = width - _paper.text_width(paper, name, TITLE, bold=True) - 3.0
        size = _paper.fitted(paper, extra, room, size=TEXT)
        _paper.write(paper, x + width, y + 4.4, extra, size=size, align="right")
    return y + 6.4


def _facts(
    paper: Paper, x: float, y: float, facts: list[tuple[str, str]], *, bottom: float
) -> float:
    """Write the facts, label and value, smaller where they are many; give where they end."""
    y = _section(paper, x, y, HALF, "概况")
    size = TEXT + 0.6
    while size > 5.0:  # noqa: PLR2004 - the least size that can be read
        size -= 0.2
        label = max(_paper.text_width(paper, name, size) for name, _ in facts) + 2.0
        wrapped = [_paper.wrapped(paper, value, HALF - label, size=size) for _, value in facts]
        height = sum(len(lines) * _step(size) + 0.9 for lines in wrapped)
        if y + height <= bottom:
            break
    for (name, _), lines in zip(facts, wrapped, strict=True):
        _paper.write(paper, x, y + _step(size) * 0.78, name, size=size, colour=style.MUTED)
        for line in lines:
            y += _step(size)
            _paper.write(paper, x + label, y - _step(size) * 0.22, line, size=size)
        y += 0.9
        _paper.rule(paper, (x, y - 0.5), (x + HALF, y - 0.5), line=0.25)
    return y


def _composition(paper: Paper, x: float, y: float, row: Series, tables: ClusterTables) -> float:
    """Show 净地, 毛地, 待核 as one bar and the largest planned uses; give where they end."""
    y = _section(paper, x, y, HALF, "净地、毛地、待核", "公顷")
    printed = readiness_of(row)
    y = _readiness_bar(paper, x, y, printed)
    size = SMALL
    for word in READINESS if printed else ():
        colour = style.READINESS_COLOURS[word]
        _paper.box(paper, x, y + 0.7, 2.6, 2.2, face=colour)
        _paper.write(paper, x + 4.0, y + 2.7, word, size=size)
        _paper.write(paper, x + HALF, y + 2.7, printed[word], size=size, align="right")
        y += _step(size)
    y = _section(paper, x, y + 1.4, HALF, "规划用途", "占连片面积")
    uses = divided(tables.parts, "规划用途")
    for part in uses[:MOST_USES]:
        share = percent(part.share) or UNKNOWN
        figure = f"{hectares(part.area_m2, UNKNOWN)}　{share}"
        room = HALF - _paper.text_width(paper, figure, size) - 2.0
        item = _paper.shortened(paper, part.item, room, size=size)
        _paper.write(paper, x, y + 2.7, item, size=size)
        _paper.write(paper, x + HALF, y + 2.7, figure, size=size, align="right")
        y += _step(size)
    rest = len(uses) - MOST_USES
    if rest > 0 or not uses:
        words = f"另有 {rest} 种，见台账“连片构成”" if uses else UNKNOWN
        _paper.write(paper, x, y + 2.7, words, size=size, colour=style.MUTED)
        y += _step(size)
    return y + 1.4


def _readiness_bar(paper: Paper, x: float, y: float, printed: dict[str, str]) -> float:
    """Draw the three as lengths of one bar; what is unknown stays hatched."""
    known = {word: float(figure) for word, figure in printed.items() if figure != UNKNOWN}
    whole = sum(known.values())
    if whole <= 0 or len(known) < len(READINESS):
        _paper.box(paper, x, y, HALF, 3.4, face=style.NO_DATA, edge=style.NO_DATA_HATCH, line=0,
                   hatch="////", hatch_linewidth=0.5)  # fmt: skip
        if not printed:
            _paper.write(paper, x + HALF / 2, y + 2.6, UNKNOWN, size=SMALL, align="center")
        return y + 4.6
    start = x
    for word, figure in known.items():
        length = HALF * figure / whole
        _paper.box(paper, start, y, length, 3.4, face=style.READINESS_COLOURS[word])
        start += length
    return y + 4.6


def _score(
    paper: Paper, x: float, y: float, row: Series, criteria: list[Criterion], *, bottom: float
) -> float:
    """Show the score and each of its parts as a bar; give where they end."""
    y = _section(paper, x, y, HALF, "优先度", score_of(row))
    if not criteria:
        return y
    _paper.write(paper, x + HALF, y + 1.6, "得分 × 权重 ＝ 计入", size=5.5, colour=style.MUTED,
                 align="right")  # fmt: skip
    y += 2.6
    shown = criteria[:MOST_CRITERIA]
    more = len(criteria) - len(shown)
    step = min(4.8, max(2.6, (bottom - y) / (len(shown) + bool(more))))
    size = min(SMALL, step * 1.7)
    names = min(17.0, max(_paper.text_width(paper, part.name, size) for part in shown) + 1.5)
    figures = 22.0
    room = HALF - names - figures
    for part in shown:
        middle = y + step / 2
        own = _paper.fitted(paper, part.name, names - 1.4, size=size)
        name = _paper.shortened(paper, part.name, names - 1.0, size=own)
        _paper.write(paper, x, middle, name, size=own, valign="center_baseline")
        _bar(paper, x + names, y + step * 0.22, room, step * 0.56, part.points)
        _paper.write(paper, x + HALF, middle, _points(part), size=min(size, 5.8), align="right",
                     valign="center_baseline")  # fmt: skip
        y += step
    if more:
        words = f"另有 {more} 项，见台账“优先度评分”"
        _paper.write(paper, x, y + 2.0, words, size=5.5, colour=style.MUTED)
        y += step
    return y


def _points(part: Criterion) -> str:
    """Say points, weight and what they add."""
    if part.points is None:
        return UNKNOWN
    weight = percent(part.weight) or "—"
    added = "—" if part.contribution is None else show(part.contribution, 1)
    return f"{show(part.points, 1)} × {weight} ＝ {added}"


def _bar(
    paper: Paper, x: float, y: float, width: float, height: float, points: float | None
) -> None:
    """Draw points of 100; unknown is hatched, which is not none."""
    if points is None:
        _paper.box(paper, x, y, width, height, face=style.NO_DATA, edge=style.NO_DATA_HATCH,
                   line=0, hatch="////", hatch_linewidth=0.5)  # fmt: skip
        return
    _paper.box(paper, x, y, width, height, face=style.NO_DATA)
    length = width * float(np.clip(points / 100, 0, 1))
    _paper.box(paper, x, y, length, height, face=SCORE_COLOUR)


def _separations_height(separations: list[Separation]) -> float:
    return 6.4 + (2 * _step(SMALL) + 0.6) * max(1, -(-len(separations) // 2)) + 1.5


def _cut_off(paper: Paper, y: float, separations: list[Separation], tables: ClusterTables) -> None:
    """List what cut the cluster off, with the numbers on the map and how much would join."""
    rest = 0 if tables.separations is None else len(tables.separations) - len(separations)
    more = f"另有 {rest} 处，见台账“连片分隔”" if rest else ""
    y = _section(paper, X, y, WIDTH, "与相邻连片、地块的分隔", more)
    if not separations:
        words = UNKNOWN if tables.separations is None else "查看范围内没有其他候选地块。"
        _paper.write(paper, X, y + 2.7, words, size=SMALL, colour=style.MUTED)
        return
    deep = -(-len(separations) // 2)
    side = _cluster_map.BADGE * 0.85
    for rank, found in enumerate(separations):
        x = SECOND if rank >= deep else X
        top = y + (rank % deep) * (2 * _step(SMALL) + 0.6)
        _paper.box(paper, x, top + 0.3, side, side, face=style.INK)
        _paper.write(paper, x + side / 2, top + 0.3 + side / 2, str(rank + 1), size=5.5, bold=True,
                     colour=style.PAPER, align="center", valign="center_baseline")  # fmt: skip
        lines = (found.cause, style.INK), (f"对方 {found.other}，{found.gain}", style.MUTED)
        for words, colour in lines:
            size = _paper.fitted(paper, words, HALF - 5.0, size=SMALL, least=5.2)
            shown = _paper.shortened(paper, words, HALF - 4.6, size=size)
            _paper.write(paper, x + 4.6, top + 2.6, shown, size=size, colour=colour)
            top += _step(SMALL)


def _sum(paper: Paper, cluster_id: str, row: Series) -> None:
    """Write under the picture how the area is made up."""
    printed = readiness_of(row)
    parts = " ＋ ".join(f"{word} {figure}" for word, figure in printed.items())
    count = number(row, "member_count")
    total = hectares(number(row, "area_m2"), UNKNOWN)
    known = "" if count is None else f"（{show(count, 0)} 宗）"
    unknown = UNKNOWN in printed.values()
    sign = "；" if unknown else " ＝ "
    words = f"{cluster_id}：{parts + sign if parts else ''}椭球面积 {total}{known}"
    size = _paper.fitted(paper, words, RIGHT - LEFT, size=11.0)
    _paper.write(paper, LEFT, 188.2, words, size=size, bold=True)

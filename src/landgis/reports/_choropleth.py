"""The sheet of one class: units shaded by their hectares, and the sum beside the annex's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import shapely

from landgis.model import crs as systems
from landgis.model.schema import TOTAL
from landgis.model.units import round_closing, show
from landgis.reports import _classes, _map, _panel, _paper, style
from landgis.reports._paper import BOTTOM, LEFT, RIGHT, Imprint, Paper
from landgis.reports._plotted import Plotted, plotted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

ROW = 5.2  # height of a row of that table, in millimetres
MOST_IN_TABLE = 12  # units that the small table of shares has room for
SCHEME_WORDS = {"natural": "自然间断点法", "quantile": "分位数法", "equal": "等间距法"}
VALUE_WORDS = {"ledger_ha": "面积", "measured_ha": "椭球面积", "official_ha": "官方面积"}
NO_DATA_WORD = "无数据"


def build(
    units: GeoDataFrame,
    summary: pd.DataFrame,
    imprint: Imprint,
    *,
    land_class: str = TOTAL,
    value: str = "ledger_ha",
    scheme: _classes.Scheme | tuple[float, ...] = "natural",
    title: str | None = None,
    backdrop: Mapping[str, GeoDataFrame] | None = None,
    allow_unmatched: bool | None = None,
) -> Figure:
    """Draw the sheet of one class."""
    shown = plotted(
        units, summary, land_class=land_class, value=value, allow_unmatched=allow_unmatched
    )
    ground = _map.in_metres(units, what="统计单元").loc[list(shown.drawn)]
    numbers = [None if number is None else float(number) for number in shown.drawn.values()]
    known = [number for number in numbers if number is not None]
    breaks = _classes.class_breaks(known, scheme=scheme) if known else []
    colours = style.ramp(land_class, len(breaks) + 1)

    paper = _paper.new_paper(imprint)
    _paper.heading(paper, title or title_of(land_class, imprint))
    view = _map.open_view(paper, _panel.MAP_AREA, tuple(ground.total_bounds), margin=9.0)
    classes = _classes.classify_values(
        [n if n is not None else float("nan") for n in numbers], breaks
    )
    for number in range(-1, len(colours)):
        members = ground.geometry.to_numpy()[classes == number]
        _shade(view, members, colours[number] if number >= 0 else None)
    _map.trace(view, shapely.union_all(ground.geometry.to_numpy()), order="units",
               colors=style.INK, linewidths=1.0)  # fmt: skip
    for table in (backdrop or {}).values():
        _dots(view, table, ground)
    words = [style.hectares(number, blank=NO_DATA_WORD) for number in shown.drawn.values()]
    _map.label_units(paper, view, list(shown.drawn), ground.geometry.to_numpy(), words)

    theme = style.CLASS_TITLES.get(land_class, land_class)
    labels = _classes.class_labels(breaks)
    shades = list(zip(colours, labels, strict=True)) if known else []
    y = _panel.open_panel(paper, view, what=f"{theme}{VALUE_WORDS[value]}（公顷）")
    y = _panel.legend(paper, y, _legend(shown, shades, list(backdrop or {})))
    if breaks:
        named = SCHEME_WORDS[scheme] if isinstance(scheme, str) else "自定界值"
        _panel.remark(paper, y, f"分级：{named}，界值取整，含下限")
    if len(shown.drawn) <= MOST_IN_TABLE:
        _shares(paper, shown)
    sum_line(paper, shown)
    _paper.footing(paper, crs=systems.describe(ground.crs))
    return _paper.finished(paper)


def title_of(land_class: str, imprint: Imprint) -> str:
    """Give the usual title: place, theme, 分布图, and the day that the figures describe."""
    theme = style.CLASS_TITLES.get(land_class, land_class)
    day = _paper.day_of(imprint)
    return f"{imprint.place}{theme}分布图{day}"


def _shade(view: _map.View, polygons: object, colour: str | None) -> None:
    if colour is None:
        _map.fill(view, polygons, order="units", facecolors=style.NO_DATA, hatch="////",
                  edgecolors=style.NO_DATA_HATCH, linewidths=0, hatch_linewidth=0.5)  # fmt: skip
    else:
        _map.fill(view, polygons, order="units", facecolors=colour, linewidths=0)
    _map.trace(view, polygons, order="units", colors=style.PAPER, linewidths=1.6)
    _map.trace(view, polygons, order="units", colors=style.MUTED, linewidths=0.7)


def _dots(view: _map.View, table: GeoDataFrame, ground: GeoDataFrame) -> None:
    """Mark where the parcels lie, without a claim to their shape."""
    located = table[~(table.geometry.isna() | table.geometry.is_empty)]
    points = systems.align(located, ground.crs, what="地块").geometry.representative_point()
    view.axes.plot(points.x, points.y, ".", color=style.INK, alpha=0.55, markersize=1.6,
                   markeredgewidth=0, zorder=_map.ORDER["parcels"])  # fmt: skip


def _legend(shown: Plotted, shades: list[tuple[str, str]], dots: list[str]) -> list[_panel.Row]:
    """List the classes from high to low, then blank cells, then the marks of the backdrop."""
    rows = [_panel.Row(label, colour) for colour, label in reversed(shades)]
    if any(number is None for number in shown.drawn.values()):
        reason = "" if shown.official_total is None else "（附件空白，不等于零）"
        rows.append(_panel.Row(NO_DATA_WORD + reason, style.NO_DATA, hatch="////"))
    return rows + [_panel.Row(name, style.INK, "dot") for name in dots]


def _shares(paper: Paper, shown: Plotted) -> None:
    """Write the small table at the foot of the panel: every unit, largest first, with its share."""
    order = sorted(shown.drawn.items(), key=lambda item: -(item[1] or Decimal(-1)))
    y = _panel.section(paper, BOTTOM - 14.5 - ROW * (len(order) + 1), "面积与占比")
    left, right = _panel.X, _panel.X + _panel.WIDTH
    shares = _percentages([number for _, number in order], shown.total)
    for (name, number), share in zip(
        [*order, (TOTAL, shown.total)], [*shares, "100.0%" if shown.total else "—"], strict=True
    ):
        last = name == TOTAL
        if last:
            _paper.rule(paper, (left, y - 3.6), (right, y - 3.6))
        line: dict[str, Any] = {"size": 7.5, "bold": last}
        _paper.write(paper, left, y, _paper.shortened(paper, name, 23.0, size=7.5), **line)
        _paper.write(paper, left + 38.0, y, style.hectares(number), align="right", **line)
        _paper.write(paper, right, y, share, align="right", colour=style.MUTED, **line)
        y += ROW


def _percentages(figures: list[Decimal | None], total: Decimal) -> list[str]:
    """Print what share of the total each figure is; the printed shares sum to 100."""
    known = [number for number in figures if number is not None]
    if not total or sum(known, Decimal(0)) != total:
        return [
            "—" if number is None or not total else f"{show(number / total * 100, 1)}%"
            for number in figures
        ]
    settled = iter(round_closing([float(number / total * 100) for number in known], 1, 100).values)
    return ["—" if number is None else f"{next(settled)}%" for number in figures]


def sum_line(paper: Paper, shown: Plotted) -> None:
    """Write the sum of what is drawn beside the annex's sum; a difference stands in red."""
    ours = f"图上合计 {style.hectares(shown.total)} 公顷"
    colour = style.INK
    if shown.official_total is None or shown.difference is None:
        text, colour = f"{ours}（无官方数据，未与附件核对）", style.MUTED
    elif shown.difference == 0:
        text = f"{ours} ＝ 附件合计 {style.hectares(shown.official_total)} 公顷"
    else:
        gap = style.hectares(shown.difference, signed=True)
        text = f"{ours} ≠ 附件合计 {style.hectares(shown.official_total)} 公顷，相差 {gap} 公顷"
        colour = style.ALARM
    if shown.homeless:
        lost = "、".join(f"{name} {style.hectares(n)}" for name, n in shown.homeless.items())
        text, colour = f"{text}；未上图：{lost}", style.ALARM
    size = _paper.fitted(paper, text, RIGHT - LEFT, size=11.0)
    _paper.write(paper, LEFT, 188.2, text, size=size, bold=True, colour=colour)

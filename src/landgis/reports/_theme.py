"""What the parcels of each unit are made of: circles on the map, stacked bars beside it."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from matplotlib.patches import Wedge

from landgis.model import crs as systems
from landgis.model.errors import DataError
from landgis.model.schema import ALL_LAND_CLASSES, LAND_CLASSES, PARCELS, READINESS, TOTAL, need
from landgis.model.units import HA_DECIMALS, close_table
from landgis.reports import _labels, _map, _paper, style
from landgis.reports._paper import BOTTOM, LEFT, RIGHT, TOP, Imprint, Paper
from landgis.reports._plotted import NO_UNIT, parcel_hectares

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

    from landgis.reports._map import View

MAP_WIDTH = 160.0  # millimetres; the table takes the rest
LARGEST_MM = (9.5, 7.0, 5.0)  # radius of the largest circle, tried in turn
OUTSIDE = 0.4  # until no more than this share of the circles stands outside its unit
SMALLEST_MM = 1.4  # below this, its parts cannot be told apart
ROW_LEAST, ROW_DETAILED, ROW_MOST = 5.0, 12.5, 17.0
NAME_SIZE, NAME_SIZE_OF_MANY, MANY = 7.5, 5.5, 12  # points; from so many units on
BELOW_CIRCLE = 0.8
ZERO = Decimal("0.0000")
UNKNOWN, OTHER = "未填", "其他"
MOST_KINDS = 6
NAMES = {"readiness": "净地、毛地、待核", "land_class": "类别", "judged_class": "判定类别"}


class Shares(NamedTuple):
    """Hectares by unit and kind, parcels by kind."""

    hectares: dict[str, dict[str, Decimal]]  # every unit has every kind
    counts: dict[str, int]
    unmeasured: int  # parcels without an area

    def of_unit(self, unit: str) -> Decimal:
        """Sum of one unit."""
        return sum(self.hectares[unit].values(), ZERO)

    def of_kind(self, kind: str) -> Decimal:
        """Sum of one kind."""
        return sum((parts[kind] for parts in self.hectares.values()), ZERO)


def build(
    units: GeoDataFrame,
    parcels: GeoDataFrame,
    imprint: Imprint,
    *,
    by: str = "readiness",
    value: str = "ledger_ha",
    land_classes: tuple[str, ...] | None = LAND_CLASSES,
    title: str | None = None,
) -> Figure:
    """Draw the sheet."""
    if land_classes is not None:
        need(parcels, "land_class")
    if land_classes is not None and parcels["land_class"].notna().any():
        parcels = parcels[parcels["land_class"].isin(land_classes)]
    shares = share_out(parcels, by, value)
    ground = _map.in_metres(units, what="统计单元")
    ground = ground[~(ground.geometry.isna() | ground.geometry.is_empty)]
    known = {**style.READINESS_COLOURS, **style.CLASS_COLOURS, UNKNOWN: style.NO_DATA}
    colours = style.colours_of(list(shares.counts), known)

    paper = _paper.new_paper(imprint)
    _paper.heading(paper, title or title_of(imprint, by))
    area = (LEFT, TOP, MAP_WIDTH, BOTTOM - TOP)
    view = _map.open_view(paper, area, tuple(ground.total_bounds), margin=7.0)
    _map.fill(view, ground.geometry.to_numpy(), order="units", facecolors="#fbfaf6", linewidths=0)
    _map.trace(view, ground.geometry.to_numpy(), order="units", colors=style.MUTED, linewidths=0.6)
    with_parcels = ground[ground.index.isin(list(shares.hectares))]
    _circles(paper, view, with_parcels, shares, colours)
    _table(paper, view, shares, colours)
    lost = [unit for unit in shares.hectares if unit not in with_parcels.index]
    _sums(paper, shares, lost)
    _paper.footing(paper, crs=systems.describe(ground.crs))
    return _paper.finished(paper)


def title_of(imprint: Imprint, by: str) -> str:
    """Give the usual title."""
    day = _paper.day_of(imprint)
    name = NAMES.get(by, PARCELS.labels.get(by, by))
    return f"{imprint.place}存量土地{name}构成图{day}"


def share_out(parcels: pd.DataFrame, by: str, value: str = "ledger_ha") -> Shares:
    """Sum areas and count parcels by unit and kind; printed cells, sums and total agree."""
    need(parcels, "unit", by)
    if parcels.empty:
        raise DataError("nothing_to_draw", "there are no parcels", hint="地块表是空的。")
    areas = parcel_hectares(parcels, value)
    kind = _text(parcels[by], UNKNOWN)
    kinds = _kinds(kind, areas, by)
    kind = kind.where(kind.isin(kinds), OTHER)
    counts = {name: int((kind == name).sum()) for name in kinds}
    counts = {name: count for name, count in counts.items() if count}
    sums: dict[str, dict[str, Decimal]] = {}
    for unit, name, area in zip(_text(parcels["unit"], NO_UNIT), kind, areas, strict=True):
        parts = sums.setdefault(unit, dict.fromkeys(counts, ZERO))
        parts[name] += area or ZERO
    closed = close_table(
        [[float(part) for part in parts.values()] for parts in sums.values()], HA_DECIMALS
    )
    hectares = {
        unit: dict(zip(counts, row, strict=True))
        for unit, row in zip(sums, closed.cells, strict=True)
    }
    return Shares(hectares, counts, sum(area is None for area in areas))


def _text(column: pd.Series, blank: str) -> pd.Series:
    return column.astype(object).where(column.notna(), blank).astype(str)


def _kinds(kind: pd.Series, areas: list[Decimal | None], by: str) -> list[str]:
    """Kinds in the order of the legend: that of the house where it has one, else the largest first."""
    settled = {"readiness": READINESS}.get(by, ALL_LAND_CLASSES)
    sums: dict[str, Decimal] = {}
    for name, area in zip(kind, areas, strict=True):
        sums[name] = sums.get(name, ZERO) + (area or ZERO)
    met = sorted(sums, key=lambda name: -sums[name])
    if set(met) <= {*settled, UNKNOWN}:
        return [name for name in (*settled, UNKNOWN) if name in set(met)]
    largest = [name for name in met if name not in (UNKNOWN, OTHER)][:MOST_KINDS]
    return [*largest, OTHER, UNKNOWN]


def _circles(
    paper: Paper, view: View, ground: GeoDataFrame, shares: Shares, colours: dict[str, str]
) -> None:
    """Draw a circle for every unit, its area as its hectares, cut by kind; name and sum below."""
    names = [str(name) for name in ground.index]
    totals = [shares.of_unit(name) for name in names]
    largest = max(totals, default=ZERO) or Decimal(1)
    words = [style.hectares(total) for total in totals]
    size = NAME_SIZE if len(names) <= MANY else NAME_SIZE_OF_MANY
    line = size * _map.LINE_HEIGHT * _paper.MM_PER_INCH / _paper.POINTS_PER_INCH
    widths = [
        max(_paper.text_width(paper, text, size, bold=True) for text in pair)
        for pair in zip(names, words, strict=True)
    ]
    unit_of_map = view.metres_per_mm
    for greatest in LARGEST_MM:
        radii = [max(SMALLEST_MM, greatest * math.sqrt(total / largest)) for total in totals]
        boxes = [
            (max(2 * radius, width), 2 * (radius + line) + BELOW_CIRCLE)
            for radius, width in zip(radii, widths, strict=True)
        ]
        placed = _labels.place(
            ground.geometry.to_numpy(),
            np.array(boxes).reshape(-1, 2) * unit_of_map,
            frame=_map.inner(view),
            gap=_map.LABEL_GAP_MM * unit_of_map,
        )
        if sum(label.anchor is not None for label in placed) <= OUTSIDE * len(placed):
            break
    for name, word, radius, width, label in zip(names, words, radii, widths, placed, strict=True):
        x, top = label.centre[0], label.box[3]
        middle = (x, top - radius * unit_of_map)
        half = width / 2 * unit_of_map
        if label.anchor is not None:
            circle = shapely.buffer(shapely.Point(middle), radius * unit_of_map)
            text = shapely.box(x - half, label.box[1], x + half, middle[1])
            _map.leader(view, label.anchor, shapely.union(circle, text))
        _pie(view, middle, radius * unit_of_map, shares.hectares[name], colours)
        for i, (words_of_line, bold) in enumerate(((name, True), (word, False))):
            down = (2 * radius + BELOW_CIRCLE + (i + 0.5) * line) * unit_of_map
            _map.halo_text(paper, view, (x, top - down), words_of_line, size=size, bold=bold)


def _pie(
    view: View,
    middle: tuple[float, float],
    radius: float,
    parts: dict[str, Decimal],
    colours: dict[str, str],
) -> None:
    """Draw one circle, clockwise from the top."""
    total = float(sum(parts.values(), Decimal(0)))
    start = 90.0
    for kind, part in parts.items():
        if not part:
            continue
        sweep = 360.0 * float(part) / total
        view.axes.add_patch(
            Wedge(
                middle,
                radius,
                start - sweep,
                start,
                facecolor=colours[kind],
                edgecolor=style.PAPER,
                linewidth=0.5,
                hatch=style.READINESS_HATCHES.get(kind) or None,
                hatch_linewidth=0.5,
                zorder=_map.ORDER["labels"],
            )
        )
        start -= sweep


def _table(paper: Paper, view: View, shares: Shares, colours: dict[str, str]) -> None:
    """Fill the panel: north and scale, legend with sums, a stacked bar for every unit."""
    left = LEFT + MAP_WIDTH
    _paper.box(paper, left, TOP, RIGHT - left, BOTTOM - TOP, edge=style.INK, line=0.6)
    x, width = left + 6.0, RIGHT - left - 12.0
    _map.north_and_scale(paper, view, x, TOP + 3.0, 61.0)
    y = TOP + 22.0
    _paper.rule(paper, (x, y), (x + width, y))
    for kind, colour in colours.items():
        _swatch(paper, x, y + 2.2, colour, kind)
        _paper.write(paper, x + 12.0, y + 5.4, kind, size=8.5, bold=True)
        total = style.hectares(shares.of_kind(kind))
        _paper.write(paper, x + width - 22.0, y + 5.4, total, size=8.5, align="right")
        count = f"{shares.counts[kind]} 宗"
        _paper.write(paper, x + width, y + 5.4, count, size=8.5, align="right")
        y += 6.0
    y += 2.4
    _paper.rule(paper, (x, y), (x + width, y))
    height = BOTTOM - y - 5.0
    listed = sorted(shares.hectares, key=lambda unit: -shares.of_unit(unit))
    listed = listed[: int(height // ROW_LEAST)]
    step = min(ROW_MOST, height / len(listed))
    longest = shares.of_unit(listed[0]) or Decimal(1)
    draw = _detailed_row if step >= ROW_DETAILED else _plain_row
    for unit in listed:
        draw(paper, (x, y + 1.5, width, step), unit, shares.hectares[unit], longest, colours)
        y += step
    if len(listed) < len(shares.hectares):
        text = f"另有 {len(shares.hectares) - len(listed)} 个单元未列出，已计入合计"
        _paper.write(paper, x, BOTTOM - 1.5, text, size=6.0, colour=style.MUTED)


def _swatch(paper: Paper, x: float, y: float, colour: str, kind: str) -> None:
    hatch = style.READINESS_HATCHES.get(kind, "")
    _paper.box(paper, x, y, 9.0, 4.2, face=colour, edge=style.PAPER, line=0, hatch=hatch,
               hatch_linewidth=0.5)  # fmt: skip


def _detailed_row(
    paper: Paper,
    area: tuple[float, float, float, float],
    unit: str,
    parts: dict[str, Decimal],
    longest: Decimal,
    colours: dict[str, str],
) -> None:
    """Draw one unit in three lines: name and sum, the stacked bar, the figures of its parts."""
    x, y, width, _ = area
    total = style.hectares(sum(parts.values(), ZERO))
    word = _paper.shortened(paper, unit, width - 24.0, size=8.0)
    _paper.write(paper, x, y + 3.6, word, size=8.0, bold=True)
    _paper.write(paper, x + width, y + 3.6, total, size=8.0, bold=True, align="right")
    _bar(paper, (x, y + 5.0, width, 3.6), parts, longest, colours)
    figures = "　".join(f"{kind} {style.hectares(part)}" for kind, part in parts.items())
    size = _paper.fitted(paper, figures, width, size=6.8)
    _paper.write(paper, x, y + 11.6, figures, size=size, colour=style.MUTED)


def _plain_row(
    paper: Paper,
    area: tuple[float, float, float, float],
    unit: str,
    parts: dict[str, Decimal],
    longest: Decimal,
    colours: dict[str, str],
) -> None:
    """Draw one unit in one line: name, bar, sum."""
    x, y, width, step = area
    size = min(7.0, step * 1.2)
    middle = y + step / 2
    total = style.hectares(sum(parts.values(), ZERO))
    word = _paper.shortened(paper, unit, 28.0, size=size)
    _paper.write(paper, x, middle, word, size=size, valign="center_baseline")
    _paper.write(
        paper, x + width, middle, total, size=size, align="right", valign="center_baseline"
    )
    _bar(paper, (x + 30.0, y + step * 0.2, width - 50.0, step * 0.6), parts, longest, colours)


def _bar(
    paper: Paper,
    area: tuple[float, float, float, float],
    parts: dict[str, Decimal],
    longest: Decimal,
    colours: dict[str, str],
) -> None:
    x, y, width, height = area
    for kind, part in parts.items():
        length = float(part / longest) * width
        if length > 0:
            hatch = style.READINESS_HATCHES.get(kind, "")
            _paper.box(paper, x, y, length, height, face=colours[kind], edge=style.PAPER, line=0,
                       hatch=hatch, hatch_linewidth=0.5)  # fmt: skip
            x += length


def _sums(paper: Paper, shares: Shares, lost: list[str]) -> None:
    """Write under the picture how the kinds add up, and what could not be drawn."""
    sums = {kind: shares.of_kind(kind) for kind in shares.counts}
    parts = " ＋ ".join(f"{kind} {style.hectares(part)}" for kind, part in sums.items())
    total, count = style.hectares(sum(sums.values(), ZERO)), sum(shares.counts.values())
    text = f"{parts} ＝ {TOTAL} {total} 公顷（{count} 宗）"
    trouble = []
    if lost:
        trouble.append(f"未上图单元：{'、'.join(lost)}")
    if shares.unmeasured:
        trouble.append(f"{shares.unmeasured} 宗缺面积，未计入")
    text = "；".join([text, *trouble])
    size = _paper.fitted(paper, text, RIGHT - LEFT, size=11.0)
    colour = style.ALARM if trouble else style.INK
    _paper.write(paper, LEFT, 188.2, text, size=size, bold=True, colour=colour)

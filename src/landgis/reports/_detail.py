"""One unit from near: its parcels by class, clusters outlined, control lines and barriers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landgis.model import crs as systems
from landgis.model.errors import DataError
from landgis.model.schema import ALL_LAND_CLASSES, need
from landgis.reports import _labels, _map, _panel, _paper, _places, style
from landgis.reports._paper import BOTTOM, LEFT, RIGHT, Imprint, Paper
from landgis.reports._plotted import exact, parcel_hectares

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from pyproj import CRS

    from landgis.reports._map import View

OTHER = "其他"
OTHER_FACE = "#e3e3df"
BOUNDARY_DASHES = (8, 2, 1, 2)  # of a unit
UNKNOWN = "未填"
SHADES = {**style.CLASS_COLOURS, **style.READINESS_COLOURS, OTHER: OTHER_FACE, UNKNOWN: OTHER_FACE}
CLUSTER_EDGE = "#1c2733"
CLUSTER_SIZE = 6.5  # points
MOST_CLUSTERS = 12  # named on the map, the largest first
LOCATOR_HEIGHT = 36.0  # millimetres
ZERO = Decimal("0.0000")
TINT = 0.28  # opacity of the control lines that are drawn as areas


def build(
    parcels: GeoDataFrame,
    imprint: Imprint,
    *,
    unit: str,
    by: str = "land_class",
    value: str = "ledger_ha",
    units: GeoDataFrame | None = None,
    zones: GeoDataFrame | None = None,
    barriers: GeoDataFrame | None = None,
    clusters: GeoDataFrame | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the sheet."""
    need(parcels, "unit", by)
    ours = parcels[parcels["unit"] == unit]
    if ours.empty:
        raise DataError(
            "unit_without_parcels",
            f"no parcel belongs to unit {unit!r}",
            hint=f"没有属于“{unit}”的地块：请核对单元名称。",
        )
    ours = _map.in_metres(ours, what="地块")
    kinds = _kinds(ours, by)
    stock = ours.geometry.to_numpy()[kinds != OTHER]
    paper = _paper.new_paper(imprint)
    _paper.heading(paper, title or title_of(imprint, unit))
    views, left_out = _places.open_views(paper, stock if len(stock) else ours.geometry.to_numpy())
    rows: dict[str, _panel.Row] = {}
    for view in views:
        near = [
            in_sight(table, ours.crs, view, what)
            for table, what in ((units, "统计单元"), (zones, "规划分区"), (barriers, "阻隔"))
        ]
        rows |= _draw_units(view, near[0], unit)
        rows |= draw_zones(view, near[1])
        rows |= _draw_barriers(view, near[2])
        _draw_parcels(view, ours, kinds)
    rows |= _parcel_rows(kinds)
    if clusters is not None and len(found := _of_unit(clusters, ours, unit)):
        for view in views:
            _draw_clusters(paper, view, found)
        name = f"低效用地连片（{len(found)} 处）"
        rows[name] = _panel.Row(name, CLUSTER_EDGE, "line")
    y = _panel.open_panel(paper, views[0])
    bottom = BOTTOM - 6.0 - (0.0 if units is None else LOCATOR_HEIGHT + 4.0)
    _panel.legend(paper, y, list(rows.values()), bottom=bottom)
    if units is not None:
        _locator(paper, views, units, ours, unit)
    _sums(paper, parcel_hectares(ours, value), kinds, unit, left_out)
    _paper.footing(paper, crs=systems.describe(ours.crs))
    return _paper.finished(paper)


def title_of(imprint: Imprint, unit: str) -> str:
    """Give the usual title; 钦州市 and 市主城区 share their 市."""
    day = _paper.day_of(imprint)
    place = imprint.place.removesuffix("市") if unit.startswith("市") else imprint.place
    return f"{place}{unit}存量土地分布图{day}"


def _kinds(ours: GeoDataFrame, by: str) -> NDArray[np.object_]:
    column = ours[by]
    return np.array(column.astype(object).where(column.notna(), UNKNOWN).astype(str))


def _ordered(kinds: NDArray[np.object_]) -> list[str]:
    """Kinds met, those of the house first in its order, ordinary parcels last."""
    met = dict.fromkeys(kinds)
    settled = [name for name in (*ALL_LAND_CLASSES, *style.READINESS_COLOURS) if name in met]
    rest = [name for name in met if name not in (*settled, UNKNOWN)]
    ordered = [*settled, *sorted(rest), *(name for name in (UNKNOWN,) if name in met)]
    return sorted(ordered, key=lambda name: name == OTHER)


def in_sight(table: GeoDataFrame | None, crs: CRS, view: View, what: str) -> GeoDataFrame | None:
    """Rows of a table that the map shows, in its coordinate system."""
    if table is None or table.empty:
        return None
    aligned = systems.align(table, crs, what=what)
    met = aligned.sindex.query(shapely.box(*view.edges), predicate="intersects")
    return aligned.iloc[np.sort(met)]


def _of_unit(clusters: GeoDataFrame, ours: GeoDataFrame, unit: str) -> GeoDataFrame:
    """Clusters of the unit, largest first; where they name no unit, those that meet its parcels."""
    aligned = systems.align(clusters, ours.crs, what="连片")
    if "unit" in aligned:
        found = aligned[aligned["unit"] == unit]
    else:
        met, _ = ours.sindex.query(aligned.geometry.to_numpy(), predicate="intersects")
        found = aligned.iloc[np.unique(met)]
    return found.iloc[np.argsort(-found.geometry.area.to_numpy(), kind="stable")]


def _draw_units(view: View, units: GeoDataFrame | None, unit: str) -> dict[str, _panel.Row]:
    """Lay the ground: this unit white, the others grey, boundaries dashed; give what is in sight."""
    if units is None:
        view.axes.set_facecolor(style.PAPER)
        return {}
    own = units[units.index == unit].geometry.to_numpy()
    _map.fill(view, own, order="ground", facecolors=style.PAPER, linewidths=0)
    _map.trace(view, units.geometry.to_numpy(), order="clusters", colors=style.MUTED,
               linewidths=0.8, linestyles=(0, BOUNDARY_DASHES))  # fmt: skip
    sight = shapely.box(*view.edges)
    if not shapely.intersects(shapely.boundary(units.geometry.to_numpy()), sight).any():
        return {}
    row = _panel.Row("统计单元界线", style.MUTED, "line", line=0.8, dashes=BOUNDARY_DASHES)
    return {row.label: row}


def draw_zones(view: View, zones: GeoDataFrame | None) -> dict[str, _panel.Row]:
    """Draw every layer of control lines in its customary colour; give its row of the legend."""
    rows: dict[str, _panel.Row] = {}
    if zones is None:
        return rows
    control = zones[zones["layer"].isin(style.CONTROL_LINES)]
    zones = control if len(control) else zones  # a land-use plan would bury the control lines
    for layer, part in zones.groupby("layer", sort=True):
        name, colour = style.CONTROL_LINES.get(str(layer), (str(layer), style.MUTED))
        geometry = part.geometry.to_numpy()
        if layer in style.TINTED_ZONES:
            _map.fill(view, geometry, order="zones", facecolors=colour, alpha=TINT, linewidths=0)
            rows[name] = _panel.Row(name, lighter(colour))
        else:
            _map.trace(view, geometry, order="zones", colors=colour, linewidths=1.2)
            seen = shapely.intersects(shapely.boundary(geometry), shapely.box(*view.edges))
            if not seen.any():  # the map lies wholly on one side of the line
                continue
            rows[name] = _panel.Row(name, colour, "line")
    return rows


def lighter(colour: str, share: float = TINT, *, ground: str = "#ffffff") -> str:
    """Colour that a tint of that share has on a ground, white paper if no other."""
    pairs = ((int(ground[i : i + 2], 16), int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(under + (over - under) * share):02x}" for under, over in pairs)


def _draw_barriers(view: View, barriers: GeoDataFrame | None) -> dict[str, _panel.Row]:
    """Draw rivers, railways and roads; give their rows of the legend."""
    rows: dict[str, _panel.Row] = {}
    if barriers is None:
        return rows
    classes = barriers["barrier_class"].fillna("").astype(str)
    for kind in dict.fromkeys(classes):
        found = (entry[1:] for entry in style.BARRIER_KINDS if entry[0] in kind)
        name, colour = next(found, (kind or "阻隔", style.RULE))
        geometry = barriers.geometry.to_numpy()[(classes == kind).to_numpy()]
        areal = shapely.get_dimensions(geometry) > 1
        _map.fill(view, geometry[areal], order="barriers", facecolors=colour, linewidths=0)
        _map.trace(view, geometry[~areal], order="barriers", colors=colour, linewidths=0.9)
        rows[name] = _panel.Row(name, colour, "line", line=2.2)
    return rows


def _draw_parcels(view: View, ours: GeoDataFrame, kinds: NDArray[np.object_]) -> None:
    """Draw the parcels, ordinary ones first."""
    colours = _colours(kinds)
    for name in reversed(list(colours)):
        geometry = ours.geometry.to_numpy()[kinds == name]
        plain = name == OTHER
        _map.fill(view, geometry, order="parcels", facecolors=colours[name],
                  edgecolors=style.PAPER if plain else colours[name],
                  linewidths=0.15 if plain else 0.3)  # fmt: skip


def _parcel_rows(kinds: NDArray[np.object_]) -> dict[str, _panel.Row]:
    """List the kinds of parcels for the legend, with their number in the whole unit."""
    return {
        name: _panel.Row(f"{name}（{int((kinds == name).sum())} 宗）", colour)
        for name, colour in _colours(kinds).items()
    }


def _colours(kinds: NDArray[np.object_]) -> dict[str, str]:
    return style.colours_of(_ordered(kinds), SHADES)


def _draw_clusters(paper: Paper, view: View, clusters: GeoDataFrame) -> None:
    """Outline the clusters and name the largest that the map shows."""
    shown = clusters[clusters.intersects(shapely.box(*view.edges))]
    geometry = shown.geometry.to_numpy()
    if not len(geometry):
        return
    _map.trace(view, geometry, order="clusters", colors=style.PAPER, linewidths=2.0)
    _map.trace(view, geometry, order="clusters", colors=CLUSTER_EDGE, linewidths=0.9)
    words = [str(name) for name in shown.index[:MOST_CLUSTERS]]
    height = CLUSTER_SIZE * _map.LINE_HEIGHT * _paper.MM_PER_INCH / _paper.POINTS_PER_INCH
    widths = [_paper.text_width(paper, word, CLUSTER_SIZE, bold=True) for word in words]
    placed = _labels.place(
        geometry[:MOST_CLUSTERS],
        np.array([(width, height) for width in widths]) * view.metres_per_mm,
        frame=_map.inner(view),
        gap=0.4 * view.metres_per_mm,
    )
    for word, label in zip(words, placed, strict=True):
        if label.anchor is not None:
            _map.leader(view, label.anchor, shapely.box(*label.box))
        _map.halo_text(paper, view, label.centre, word, size=CLUSTER_SIZE, bold=True)


def _locator(
    paper: Paper, views: list[View], units: GeoDataFrame, ours: GeoDataFrame, unit: str
) -> None:
    """Draw a small map of all units with this one marked and the frames of the large maps."""
    area = (_panel.X, BOTTOM - LOCATOR_HEIGHT - 4.0, _panel.WIDTH, LOCATOR_HEIGHT)
    ground = systems.align(units, ours.crs, what="统计单元")
    small = _map.open_view(paper, area, tuple(ground.total_bounds), margin=1.5)
    small.axes.set_facecolor(style.PAPER)
    for spine in small.axes.spines.values():
        spine.set_color(style.RULE)
    _map.fill(
        small, ground.geometry.to_numpy(), order="ground", facecolors=style.NO_DATA, linewidths=0
    )
    own = ground[ground.index == unit].geometry.to_numpy()
    _map.fill(small, own, order="units", facecolors=style.RAMPS["合计"][1], linewidths=0)
    _map.trace(small, ground.geometry.to_numpy(), order="units", colors=style.PAPER, linewidths=0.6)
    for letter, view in zip(_places.LETTERS, views, strict=False):
        frame = shapely.box(*view.edges)
        _map.trace(small, frame, order="labels", colors=style.ALARM, linewidths=0.9)
        if len(views) > 1:
            west, _, east, north = frame.bounds
            at = (west + east) / 2, north + 1.4 * small.metres_per_mm
            _map.halo_text(paper, small, at, letter, size=6.0, bold=True, colour=style.ALARM)


def _sums(
    paper: Paper,
    areas: list[Decimal | None],
    kinds: NDArray[np.object_],
    unit: str,
    left_out: int,
) -> None:
    """Write under the picture what the stock parcels of the unit sum to."""
    names = [name for name in _ordered(kinds) if name != OTHER]
    sums = {}
    for name in names:
        own = (a or ZERO for a, kind in zip(areas, kinds, strict=True) if kind == name)
        sums[name] = exact(sum(own, ZERO)) or ZERO
    count = int((kinds != OTHER).sum())
    parts = " ＋ ".join(f"{name} {style.hectares(number)}" for name, number in sums.items())
    total = style.hectares(sum(sums.values(), ZERO))
    text = f"{unit}：{parts} ＝ {total} 公顷（{count} 宗）" if sums else f"{unit}：无存量地块"
    unmeasured = sum(1 for a, kind in zip(areas, kinds, strict=True) if a is None and kind != OTHER)
    if unmeasured:
        text += f"；{unmeasured} 宗缺面积，未计入"
    if left_out:
        text += f"；{left_out} 宗零散地块在分图之外"
    size = _paper.fitted(paper, text, RIGHT - LEFT, size=11.0)
    colour = style.ALARM if unmeasured else style.INK
    _paper.write(paper, LEFT, 188.2, text, size=size, bold=True, colour=colour)

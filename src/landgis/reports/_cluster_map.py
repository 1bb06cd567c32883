"""The map of one cluster from near: members, lanes, 三地, barriers, neighbours that were cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.model import crs as systems
from landgis.model.units import show
from landgis.reports import _detail, _labels, _map, _panel, _paper, style
from landgis.reports.cells import texts
from landgis.reports.cluster_parts import Separation, hectares, number

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame
    from pyproj import CRS

    from landgis.reports._map import View
    from landgis.reports._paper import Paper
    from landgis.reports.cluster_parts import ClusterTables

    Shapes = NDArray[np.object_]

UNKNOWN = "未填"
MEMBER_SIZE, POCKET_SIZE, NEIGHBOUR_SIZE, BADGE_SIZE = 5.5, 6.0, 6.0, 6.5  # points
BADGE = 3.4  # millimetres
MOST_POCKETS, MOST_NEIGHBOURS = 8, 6  # labelled; all are drawn
FAINT = 0.35  # opacity of stock parcels that are no members
FADING = 0.7  # of the colour, for each further class of the same kind of barrier
POCKET_HATCH = "xxxxx"
FINE, BOLD = 0.4, 1.4  # points of the outline
FULL_BREADTH = 8.0  # millimetres; narrower clusters get a finer outline
UNIT_EDGE = (0, (5, 2))


class Scene(NamedTuple):
    """What the map of one cluster shows, in one system in metres."""

    cluster_id: str
    outline: shapely.Geometry
    members: GeoDataFrame
    kinds: NDArray[np.object_]  # of each member
    by: str
    parcels: GeoDataFrame
    clusters: GeoDataFrame
    tables: ClusterTables  # with the rows of this cluster alone
    zones: GeoDataFrame | None
    barriers: GeoDataFrame | None

    @property
    def crs(self) -> CRS:
        """System of all that is drawn."""
        crs: CRS = self.members.crs
        return crs


def bounds(scene: Scene) -> tuple[float, float, float, float]:
    """Give the box around what the map must show: outline, 三地, the segments to neighbours."""
    shown = [scene.outline, *scene.members.geometry]
    for table in (scene.tables.pockets, scene.tables.separations):
        shown += list(_geometry(table, scene.crs))
    west, south, east, north = shapely.total_bounds(np.array(shown, dtype=object))
    return west, south, east, north


def draw(paper: Paper, view: View, scene: Scene, separations: list[Separation]) -> list[_panel.Row]:
    """Draw everything, the labels last; give the rows of the legend."""
    near = _detail.in_sight(scene.parcels, scene.crs, view, "地块")
    around = [] if near is None else _draw_surroundings(view, scene, near)
    members = scene.members.geometry.to_numpy()
    lanes = shapely.difference(scene.outline, shapely.union_all(members))
    _map.fill(view, lanes, order="units", facecolors=style.LANE, linewidths=0)
    rows = _member_rows(scene) + around
    if not lanes.is_empty:
        rows.append(_panel.Row("片内通道等", style.LANE))
    rows += _draw_pockets(view, scene)
    rows += _detail.draw_zones(
        view, _detail.in_sight(scene.zones, scene.crs, view, "规划分区")
    ).values()
    rows += _draw_barriers(view, _detail.in_sight(scene.barriers, scene.crs, view, "阻隔"))
    colours = _colours(scene.kinds)
    for kind, colour in colours.items():
        _map.fill(view, members[scene.kinds == kind], order="parcels", facecolors=colour,
                  edgecolors=style.PAPER, linewidths=0.5)  # fmt: skip
    _draw_outline(view, scene.outline)
    rows.append(_panel.Row("本连片范围", style.INK, "line", line=1.4))
    others = _draw_neighbours(view, scene)
    if len(others):
        rows.append(_panel.Row("其他连片", style.MUTED, "line", line=0.9, dashes=(5, 2)))
    rows += _draw_renewal_units(view, scene)
    boxes = _draw_separations(paper, view, scene, separations)
    if boxes:
        rows.append(
            _panel.Row("分隔处（编号见右）", style.INK, "line", line=1.6, dashes=(1.6, 1.6))
        )
    _write_labels(paper, view, scene, others, boxes)
    return rows


def _geometry(table: DataFrame | None, crs: CRS) -> Shapes:
    """Geometry of a table in the map's system; none where it has none."""
    column = getattr(table, "_geometry_column_name", None)
    if table is None or column not in table.columns:
        return np.empty(0 if table is None else len(table), dtype=object)
    found: Shapes = systems.align(table, crs, what="连片").geometry.to_numpy()
    return found


def _colours(kinds: NDArray[np.object_]) -> dict[str, str]:
    settled = (*style.READINESS_COLOURS, *style.CLASS_COLOURS)
    met = list(dict.fromkeys(kinds))
    ordered = [name for name in settled if name in met]
    ordered += sorted(name for name in met if name not in (*settled, UNKNOWN))
    ordered += [UNKNOWN] if UNKNOWN in met else []
    return style.colours_of(ordered, _detail.SHADES)


def kinds_of(parcels: DataFrame, by: str) -> NDArray[np.object_]:
    """Read what colours the parcels; unknown is 未填."""
    return np.array([word or UNKNOWN for word in texts(parcels, by)], dtype=object)


def _member_rows(scene: Scene) -> list[_panel.Row]:
    return [
        _panel.Row(f"{kind}（{int((scene.kinds == kind).sum())} 宗）", colour)
        for kind, colour in _colours(scene.kinds).items()
    ]


def _draw_surroundings(view: View, scene: Scene, near: GeoDataFrame) -> list[_panel.Row]:
    """Lay the parcels around: pale ground, stock land faintly in its colour, and what that means."""
    others = near[~near.index.isin(scene.members.index)]
    kinds, classes = kinds_of(others, scene.by), kinds_of(others, "land_class")
    geometry = others.geometry.to_numpy()
    _map.fill(view, geometry, order="ground", facecolors=_detail.OTHER_FACE,
              edgecolors=style.PAPER, linewidths=0.3)  # fmt: skip
    stock = ~np.isin(classes, (_detail.OTHER, UNKNOWN))
    rows = []
    for kind, colour in _colours(kinds[stock]).items():
        seen = _detail.lighter(colour, FAINT, ground=_detail.OTHER_FACE)
        rows.append(_panel.Row(f"片外{kind}", seen))
        _map.fill(view, geometry[stock & (kinds == kind)], order="ground", facecolors=colour,
                  edgecolors=style.INK, alpha=FAINT, linewidths=0.5)  # fmt: skip
    return rows


def _draw_pockets(view: View, scene: Scene) -> list[_panel.Row]:
    """Hatch the plots of 三地 by their kind."""
    pockets = scene.tables.pockets
    geometry = _geometry(pockets, scene.crs)
    if pockets is None:
        return []
    known = ~shapely.is_missing(geometry)
    geometry, kinds = geometry[known], kinds_of(pockets, "pocket_kind")[known]
    rows = []
    for kind in dict.fromkeys(kinds):
        colour = style.POCKET_COLOURS.get(kind, style.MUTED)
        _map.fill(view, geometry[kinds == kind], order="parcels", facecolors=style.PAPER,
                  edgecolors=colour, linewidths=0.7, hatch=POCKET_HATCH,
                  hatch_linewidth=0.5)  # fmt: skip
        label = f"{kind}（{int((kinds == kind).sum())} 块）"
        rows.append(_panel.Row(label, style.PAPER, hatch=POCKET_HATCH, hatch_colour=colour))
    return rows


def _draw_barriers(view: View, barriers: GeoDataFrame | None) -> list[_panel.Row]:
    """Draw rivers, railways and roads as wide as they are; give rows with class and width."""
    rows: list[_panel.Row] = []
    if barriers is None or barriers.empty:
        return rows
    classes = kinds_of(barriers, "barrier_class")
    width = barriers.get("width_m", pd.Series(index=barriers.index, dtype="float64"))
    widths = width.astype("float64").to_numpy()
    used: list[str] = []
    for kind in dict.fromkeys(classes):
        own = classes == kind
        geometry, across = barriers.geometry.to_numpy()[own], widths[own]
        name = "阻隔" if kind == UNKNOWN else str(kind)
        colour = next((c for word, _, c in style.BARRIER_KINDS if word in name), style.RULE)
        used.append(colour)
        colour = _detail.lighter(colour, FADING ** (used.count(colour) - 1))
        wide = np.nan_to_num(across) > 0
        ground = shapely.buffer(geometry[wide], across[wide] / 2, cap_style="flat")
        areal = shapely.get_dimensions(geometry[~wide]) > 1
        for shapes in (ground, geometry[~wide][areal]):
            _map.fill(view, shapes, order="barriers", facecolors=colour, linewidths=0)
        _map.trace(view, geometry, order="barriers", colors=colour, linewidths=0.9)
        rows.append(_panel.Row(f"{name}{_width_words(across)}", colour))
    return rows


def _width_words(across: NDArray[np.float64]) -> str:
    known = across[np.isfinite(across) & (across > 0)]
    if not known.size:
        return ""
    least, most = (show(float(w), 1).removesuffix(".0") for w in (known.min(), known.max()))
    return f"（宽 {least} 米）" if least == most else f"（宽 {least}—{most} 米）"


def _draw_neighbours(view: View, scene: Scene) -> GeoDataFrame:
    """Outline the other clusters in sight; give them, the largest first."""
    others = scene.clusters[scene.clusters.index.astype("str") != scene.cluster_id]
    found = _detail.in_sight(others, scene.crs, view, "连片")
    if found is None:
        return others.iloc[:0]
    _map.trace(view, found.geometry.to_numpy(), order="clusters", colors=style.MUTED,
               linewidths=0.9, linestyles=UNIT_EDGE)  # fmt: skip
    return found.iloc[np.argsort(-found.geometry.area.to_numpy(), kind="stable")]


def _draw_renewal_units(view: View, scene: Scene) -> list[_panel.Row]:
    geometry = _geometry(scene.tables.renewal_units, scene.crs)
    count = int((~shapely.is_missing(geometry)).sum())
    if not count:
        return []
    colour = style.RAMPS["合计"][4]
    _map.trace(view, geometry, order="clusters", colors=colour, linewidths=1.2,
               linestyles=UNIT_EDGE)  # fmt: skip
    return [_panel.Row(f"更新单元（{count} 个）", colour, "line", line=1.2, dashes=(5, 2))]


def _draw_outline(view: View, outline: shapely.Geometry) -> None:
    """Trace the outline; a bold line would hide what is thin on paper."""
    breadth = 2 * shapely.area(outline) / shapely.length(outline) / view.metres_per_mm
    width = float(np.clip(BOLD * breadth / FULL_BREADTH, FINE, BOLD))
    _map.trace(view, outline, order="clusters", colors=style.PAPER, linewidths=2 * width)
    _map.trace(view, outline, order="clusters", colors=style.INK, linewidths=width)


def _draw_separations(
    paper: Paper, view: View, scene: Scene, separations: list[Separation]
) -> list[_labels.Box]:
    """Draw the segments that would join, each with its number; give where the numbers stand."""
    geometry = _geometry(scene.tables.separations, scene.crs)
    half = BADGE / 2 * view.metres_per_mm
    boxes: list[_labels.Box] = []
    for rank, separation in enumerate(separations, start=1):
        line = geometry[separation.place] if separation.place < len(geometry) else None
        if line is None or line.is_empty:
            continue
        _map.trace(view, line, order="labels", colors=style.PAPER, linewidths=3.2)
        _map.trace(view, line, order="labels", colors=style.INK, linewidths=1.6,
                   linestyles=(0, (1.6, 1.6)))  # fmt: skip
        middle = shapely.centroid(line)
        x, y = _free(middle.x, middle.y, half, boxes)
        boxes.append((x - half, y - half, x + half, y + half))
        view.axes.plot(x, y, "s", markersize=BADGE * _paper.POINTS_PER_INCH / _paper.MM_PER_INCH,
                       color=style.INK, markeredgecolor=style.PAPER, markeredgewidth=0.8,
                       zorder=_map.ORDER["labels"] + 1)  # fmt: skip
        view.axes.text(
            x, y, str(rank), fontproperties=paper.fonts.face(BADGE_SIZE, bold=True),
            color=style.PAPER, ha="center", va="center_baseline",
            zorder=_map.ORDER["labels"] + 2,
        )  # fmt: skip
    return boxes


def _free(x: float, y: float, half: float, boxes: list[_labels.Box]) -> tuple[float, float]:
    """Move a number to the right until it covers no other."""
    while any(
        abs(x - (west + east) / 2) < 2 * half and abs(y - (south + north) / 2) < 2 * half
        for west, south, east, north in boxes
    ):
        x += 2.2 * half
    return x, y


def _write_labels(
    paper: Paper, view: View, scene: Scene, others: GeoDataFrame, boxes: list[_labels.Box]
) -> None:
    """Name the 三地, the other clusters and, where there is room, the members."""
    taken = list(boxes)
    if scene.tables.pockets is not None:
        rows = scene.tables.pockets.sort_values("area_m2", ascending=False, kind="stable")
        words = [
            f"{kind} {hectares(number(rows.iloc[place], 'area_m2'))}"
            for place, kind in enumerate(kinds_of(rows, "pocket_kind"))
        ]
        taken += _outside(paper, view, _geometry(rows, scene.crs)[:MOST_POCKETS], words, taken)
    names = [str(name) for name in others.index]
    frame = shapely.box(*view.edges)
    seen = shapely.intersection(others.geometry.to_numpy()[:MOST_NEIGHBOURS], frame)
    whole = shapely.get_dimensions(seen) > 1
    kept = [name for name, here in zip(names, whole, strict=False) if here]
    taken += _outside(paper, view, seen[whole], kept, taken, colour=style.MUTED)
    ids = [str(name) for name in scene.members.index]
    places = _labels.place_inside(
        scene.members.geometry.to_numpy(),
        _sizes(paper, view, ids, MEMBER_SIZE),
        gap=0.4 * view.metres_per_mm,
        obstacles=taken,
    )
    for word, box in zip(ids, places, strict=True):
        if box is not None:
            middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            _map.halo_text(paper, view, middle, word, size=MEMBER_SIZE)


def _outside(
    paper: Paper,
    view: View,
    geometry: Shapes,
    words: list[str],
    taken: list[_labels.Box],
    *,
    colour: str = style.INK,
) -> list[_labels.Box]:
    """Write labels inside their ground or beside it on a leader; give where they stand."""
    known = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    words = [word for word, here in zip(words, known, strict=False) if here]
    placed = _labels.place(
        geometry[known],
        _sizes(paper, view, words, POCKET_SIZE),
        frame=_map.inner(view),
        gap=0.4 * view.metres_per_mm,
        obstacles=taken,
    )
    shown = [(word, label) for word, label in zip(words, placed, strict=True) if label.free]
    for word, label in shown:
        if label.anchor is not None:
            _map.leader(view, label.anchor, shapely.box(*label.box))
        _map.halo_text(paper, view, label.centre, word, size=POCKET_SIZE, colour=colour)
    return [label.box for _, label in shown]


def _sizes(paper: Paper, view: View, words: list[str], size: float) -> NDArray[np.float64]:
    """Width and height of labels in metres of the map."""
    height = size * _map.LINE_HEIGHT * _paper.MM_PER_INCH / _paper.POINTS_PER_INCH
    boxes = [(_paper.text_width(paper, word, size), height) for word in words]
    return np.array(boxes, dtype=np.float64).reshape(-1, 2) * view.metres_per_mm

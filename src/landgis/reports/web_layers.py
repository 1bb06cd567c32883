"""The layers around the parcels for the offline page: units, zones, barriers, conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landgis.model.schema import LAYER_LABELS, TOTAL
from landgis.model.units import HA_DECIMALS, show
from landgis.reports import web_geometry as shapes
from landgis.reports.cells import percent, text, texts
from landgis.reports.crosstab import crosstab
from landgis.reports.style import BARRIER_KINDS, CONTROL_LINES, RULE

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.reports.web_geometry import Ground

_STROKE = dict(CONTROL_LINES.values())
_LINE_STYLES: dict[str, dict[str, Any]] = {
    "永久基本农田": {"fill": "#f2cf4a", "weight": 0.8, "opacity": 0.45},
    "生态保护红线": {"fill": "#7cc47f", "weight": 1.2, "opacity": 0.4},
    "城镇开发边界": {"fill": "", "weight": 2.4, "opacity": 0},
}
_LAND_USE = {  # 用地用海, by the first two digits, after a public table of planning colours
    "01": "#F5F8DC", "02": "#BFE9AA", "03": "#68B167", "04": "#83C238", "07": "#FFFF2D",
    "08": "#EB46DA", "09": "#FF0000", "10": "#BB9674", "11": "#8761D3", "12": "#ADADAD",
    "13": "#338EC0", "14": "#00C800", "15": "#859156", "17": "#9ABCE2",
}  # fmt: skip
VERDICT_COLOURS = {"禁止": "#d6204e", "限制": "#e0752f", "需调整": "#d9a441"}  # the gravest first
_SPARE = ("#8dd3c7", "#bebada", "#fb8072", "#80b1d3", "#fdb462", "#b3de69", "#fccde5", "#bc80bd")
_STROKES = {"铁路": (2.0, "7 4"), "道路": (1.6, None)}  # of a barrier: width on screen, dash
_STROKE_ELSE = (2.2, None)


def unit_data(
    units: GeoDataFrame | None, ground: Ground, unit_names: list[str], summary: DataFrame | None
) -> list[dict[str, Any]]:
    """List the statistical units with outline, place of the name and the figure of the annex.

    Parameters
    ----------
    units : GeoDataFrame or None
        Units, indexed by name.
    ground : Ground
        Degrees and decimals of the page.
    unit_names : list of str
        Units as the parcels name them.
    summary : DataFrame or None
        Reconciliation (schema.SUMMARY).

    Returns
    -------
    list of dict
        One entry per unit.
    """
    if units is None:
        return []
    totals = {} if summary is None else crosstab(summary, "official_ha").cells
    ours = {} if summary is None else crosstab(summary, "ledger_ha").cells
    entries = []
    geometries = shapes.in_degrees(units, ground.degrees, what="统计单元")
    for name, geometry in zip(map(str, units.index), geometries, strict=True):
        shape = shapes.encode_polygons(geometry, ground.decimals)
        official = totals.get((name, TOTAL))
        figure = ours.get((name, TOTAL)) if official is None else official
        entries.append(
            {
                "name": name,
                "place": unit_names.index(name) if name in unit_names else -2,
                "figure": "" if figure is None else f"{show(figure, HA_DECIMALS)} 公顷",
                "shape": shape,
                "label": shapes.label_point(geometry, ground.decimals) if shape else [0, 0],
            }
        )
    return entries


def zone_data(zones: GeoDataFrame | None, ground: Ground) -> list[dict[str, Any]]:
    """List the planning layers, each with its categories and features.

    Parameters
    ----------
    zones : GeoDataFrame or None
        Zones with ``layer``, ``zone_code`` and ``zone_name``.
    ground : Ground
        Degrees and decimals of the page.

    Returns
    -------
    list of dict
        One entry per layer; the three control lines are shown from the start.
    """
    if zones is None or zones.empty:
        return []
    encoded = ground.polygons(zones, what="规划分区")
    layers = texts(zones, "layer")
    names = [
        name or code or "未命名"
        for name, code in zip(texts(zones, "zone_name"), texts(zones, "zone_code"), strict=True)
    ]
    codes = [code or "" for code in texts(zones, "zone_code")]
    entries = []
    for layer in dict.fromkeys(layers):
        rows = [row for row, own in enumerate(layers) if own == layer]
        label = LAYER_LABELS.get(layer or "", layer or "规划分区")
        single = label in _LINE_STYLES and label != "城镇开发边界"
        kinds = dict.fromkeys(label if single else names[row] for row in rows)
        first_code = {names[row]: codes[row] for row in reversed(rows)}
        places = {name: place for place, name in enumerate(kinds)}
        entries.append(
            {
                "label": label,
                "on": label in _LINE_STYLES,
                "categories": [
                    {"name": name, **_zone_style(label, name, first_code.get(name, ""), place)}
                    for name, place in places.items()
                ],
                "features": [
                    [places[label if single else names[row]], encoded[row]]
                    for row in rows
                    if encoded[row]
                ],
            }
        )
    return entries


def barrier_data(barriers: GeoDataFrame | None, ground: Ground) -> list[dict[str, Any]]:
    """List roads, railways and rivers with their strokes.

    Parameters
    ----------
    barriers : GeoDataFrame or None
        Barriers with ``barrier_class``.
    ground : Ground
        Degrees and decimals of the page.

    Returns
    -------
    list of dict
        One entry per barrier.
    """
    if barriers is None:
        return []
    entries = []
    geometries = shapes.in_degrees(barriers, ground.degrees, what="阻隔")
    for word, geometry in zip(texts(barriers, "barrier_class"), geometries, strict=True):
        found = (entry[1:] for entry in BARRIER_KINDS if entry[0] in (word or ""))
        kind, colour = next(found, ("", RULE))
        weight, dash = _STROKES.get(kind, _STROKE_ELSE)
        entries.append(
            {
                "line": shapes.encode_lines(geometry, ground.decimals),
                "shape": shapes.encode_polygons(geometry, ground.decimals),
                "colour": colour,
                "weight": weight,
                "dash": dash,
            }
        )
    return entries


def conflict_data(
    conflicts: GeoDataFrame | DataFrame | None, ground: Ground, places: dict[str, int]
) -> list[dict[str, Any]]:
    """List what crosses a control line; what conforms is left out.

    Parameters
    ----------
    conflicts : GeoDataFrame or DataFrame or None
        Conflicts (schema.CONFLICTS), with or without geometry.
    ground : Ground
        Degrees and decimals of the page.
    places : dict
        Place in the page's list of every parcel whose conflicts are shown.

    Returns
    -------
    list of dict
        One entry per parcel and zone.
    """
    if conflicts is None:
        return []
    kept = conflicts[conflicts["parcel_id"].isin(list(places)) & (conflicts["verdict"] != "符合")]
    has_geometry = getattr(kept, "_geometry_column_name", None) in kept.columns
    encoded = ground.polygons(kept, what="冲突") if has_geometry else [[]] * len(kept)
    return [
        {
            "parcel": places[row["parcel_id"]],
            "layer": LAYER_LABELS.get(row["layer"], row["layer"]),
            "zone": text(row.get("zone_name")),
            "verdict": text(row.get("verdict")),
            "ha": show(row.get("area_ha"), HA_DECIMALS),
            "share": percent(row.get("share")),
            "because": text(row.get("because")),
            "shape": shape,
        }
        for row, shape in zip(kept.to_dict("records"), encoded, strict=True)
    ]


def _zone_style(label: str, name: str, code: str, place: int) -> dict[str, Any]:
    if label in _LINE_STYLES:
        style = {**_LINE_STYLES[label], "stroke": _STROKE[label]}
        if label == "城镇开发边界" and ("弹性" in name or "特别" in name):
            style["dash"] = "8 4" if "弹性" in name else "2 4"
        return style
    fill = _LAND_USE.get(code[:2]) if label.endswith("用地用海") else None
    fill = fill or _SPARE[place % len(_SPARE)]
    return {"fill": fill, "stroke": "#7a7a7a", "weight": 0.4, "opacity": 0.45}

"""The one web page of the meeting: a map and its facts in one file that opens with no network.

Why not folium: its pages load ten files from four servers and stay blank offline, and its popups
run what stands in the data (``${…}``). The page is therefore our own template around the same
Leaflet, which XStatic-Leaflet carries as plain data; folium draws maps for notebooks
(`landgis.reports.notebook_map`). Scripts and styles are allowed by their hashes alone, data stand
in a JSON block, and text from the data reaches the page as text only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from landgis.model import crs as systems
from landgis.model.files import complete_file
from landgis.model.schema import LAND_CLASSES, TOTAL
from landgis.model.units import HA_DECIMALS, convert, show
from landgis.reports import style as looks
from landgis.reports import web_clusters as told
from landgis.reports import web_layers as layers
from landgis.reports import web_parcels as stock
from landgis.reports.cells import classes_of
from landgis.reports.cluster_parts import ClusterTables
from landgis.reports.crosstab import count_ledger, crosstab, differences
from landgis.reports.web_geometry import Ground, bounds, in_degrees

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pandas import DataFrame

LOG = logging.getLogger(__name__)
DECIMALS = 6  # of a degree: about 0.1 m, finer than a screen shows
ORDINARY_LIMIT = 20_000  # more faint parcels than this make a canvas slow and show nothing
SIZE_BUDGET_MB = 20.0  # larger pages open slowly on an office computer
BYTES_PER_MB = 1_000_000


def draw_web(
    parcels: GeoDataFrame,
    *,
    path: str | Path,
    units: GeoDataFrame | None = None,
    zones: GeoDataFrame | None = None,
    clusters: GeoDataFrame | None = None,
    cluster_parts: DataFrame | None = None,
    pockets: DataFrame | None = None,
    separations: DataFrame | None = None,
    priorities: DataFrame | None = None,
    renewal_units: DataFrame | None = None,
    barriers: GeoDataFrame | None = None,
    conflicts: GeoDataFrame | DataFrame | None = None,
    summary: DataFrame | None = None,
    verdicts: DataFrame | None = None,
    title: str = "",
    note: str = "示意数据",
    as_of: dt.date | None = None,
    columns: Sequence[str] | None = None,
    decimals: int = DECIMALS,
    ordinary_limit: int = ORDINARY_LIMIT,
) -> Path:
    """Draw parcels and all that is known of them as one web page that needs no network.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels (schema.PARCELS); every column beside the index and the geometry is optional.
    path : str or Path
        The HTML file to write.
    units : GeoDataFrame or None, optional
        Statistical units, labelled with their figure of the annex.
    zones : GeoDataFrame or None, optional
        Planning layers and control lines (schema.ZONES), in any system that can be related.
    clusters : GeoDataFrame or None, optional
        Clusters (schema.CLUSTERS).
    cluster_parts, pockets, separations, priorities, renewal_units : DataFrame or None, optional
        What is told of clusters (schema.CLUSTER_PARTS, POCKETS, SEPARATIONS, PRIORITIES,
        RENEWAL_UNITS), shown with their cluster; those with geometry are layers too.
    barriers : GeoDataFrame or None, optional
        Roads, railways and rivers (schema.BARRIERS).
    conflicts : GeoDataFrame or DataFrame or None, optional
        What crosses control lines (schema.CONFLICTS); shown for stock parcels, and only what does
        not conform.
    summary : DataFrame or None, optional
        Reconciliation with the annex (schema.SUMMARY); without it, sums of the ledger are shown.
    verdicts : DataFrame or None, optional
        Verdicts (schema.VERDICTS); the deciding ones are shown with their parcel.
    title : str, optional
        Title of the page.
    note : str, optional
        Stands beside the title, such as ``示意数据``.
    as_of : datetime.date or None, optional
        Date the data are of.
    columns : sequence of str or None, optional
        Columns shown as facts of a parcel; None shows every known column of the schema.
    decimals : int, optional
        Decimals of a degree that are kept, 0 to 9. All vertices of all layers are rounded alike
        and none is dropped, so that common borders stay common.
    ordinary_limit : int, optional
        Where stock parcels exist, parcels of class 其他 or of none are drawn faintly up to this
        many in all, and left out beyond it; the page says so.

    Returns
    -------
    Path
        The file written. Its size is logged and printed in the page's foot; beyond 20 MB it is a
        warning.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_no_ellipsoid``, ``crs_no_transformation``, ``crs_out_of_range``.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    Nothing in a label or an attribute can run: the page's policy allows only the two scripts and
    the style whose SHA-256 it names, the JSON block has ``<``, ``>`` and ``&`` escaped, and the
    script writes text nodes only. Equal input gives an equal file.

    Examples
    --------
    >>> import geopandas, shapely, tempfile, pathlib
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"land_class": ["低效"], "declared_ha": [1.0]},
    ...     index=["A-1"], geometry=[shapely.box(562000, 2428000, 562100, 2428100)],
    ...     crs="EPSG:4545",
    ... )
    >>> page = draw_web(parcels, path=pathlib.Path(tempfile.mkdtemp()) / "map.html")
    >>> "A-1" in page.read_text(encoding="utf-8")
    True
    """
    crs = systems.require_crs(parcels, what="地块")
    ground = Ground(systems.geographic(crs), decimals)
    tables = ClusterTables(cluster_parts, pockets, separations, priorities, renewal_units)
    drawn, left_out = _within_limit(parcels, ordinary_limit)
    data = stock.parcel_data(drawn, ground, columns=columns, verdicts=verdicts)
    counted = _stock_rows(drawn)
    places = {parcel_id: place for place, parcel_id in enumerate(drawn.index) if counted[place]}
    data |= {
        "units": layers.unit_data(units, ground, data["unit_names"], summary),
        "zones": layers.zone_data(zones, ground),
        "barriers": layers.barrier_data(barriers, ground),
        "clusters": told.cluster_data(clusters, ground, tables),
        "pockets": told.pocket_layer(pockets, ground),
        "separations": told.separation_layer(separations, ground),
        "renewal_units": told.renewal_layer(renewal_units, ground),
        "conflicts": layers.conflict_data(conflicts, ground, places),
        "colours": stock.MARKS,
        "verdicts": layers.VERDICT_COLOURS,
        "scale": 10**decimals,
        "bounds": bounds(
            [
                in_degrees(table, ground.degrees, what="地块")
                for table in (drawn, units)
                if table is not None and len(table)
            ],
            decimals,
        ),
        "summary": _annex(parcels, summary),
        "remarks": _remarks(left_out, note),
    }
    data["cards"] = _cards(data, summary)
    subtitle = [f"截至{looks.chinese_date(as_of)}" if as_of else "", note]
    html = _compose(
        title or "存量土地分布图",
        [part for part in subtitle if part],
        f"坐标系：{systems.describe(crs)}（页面显示经纬度）",
        data,
    )
    with complete_file(path) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")
    return _report_size(path)


def _within_limit(parcels: GeoDataFrame, limit: int) -> tuple[GeoDataFrame, int]:
    """Leave ordinary parcels out where they are too many to be of use beside the stock."""
    counted = _stock_rows(parcels)
    ordinary = len(parcels) - sum(counted)
    return (parcels, 0) if ordinary <= limit else (parcels[counted], ordinary)


def _stock_rows(parcels: GeoDataFrame) -> list[bool]:
    """Tell the stock from ordinary land; where there is no stock at all, everything counts."""
    is_stock = [kind is not None and kind != "其他" for kind in classes_of(parcels)]
    return is_stock if any(is_stock) else [True] * len(parcels)


def _annex(parcels: GeoDataFrame, summary: DataFrame | None) -> dict[str, Any] | None:
    """Lay the reconciliation out, or the ledger's own sums where there is none."""
    table = count_ledger(parcels) if summary is None else summary
    if table.empty:
        return None
    tabs = {
        "ledger": crosstab(table, "ledger_ha"),
        "official": crosstab(table, "official_ha"),
        "difference": differences(table),
        "measured": crosstab(table, "measured_ha"),
    }
    labels = {"ledger": "台账", "official": "附表", "difference": "台账减附表", "measured": "椭球"}
    known = [key for key, tab in tabs.items() if tab.cells[TOTAL, TOTAL] is not None]
    first = tabs["ledger"]
    rows = [
        {"unit": unit, "total": unit == TOTAL}
        | {key: [_figure(value) for value in tabs[key].row(unit)] for key in known}
        for unit in first.units
    ]
    return {
        "title": "与官方统计表对账" if "official" in known else "存量土地统计",
        "unit": "公顷",
        "columns": first.classes,
        "measures": [[key, labels[key]] for key in known],
        "rows": rows,
        "verdict": _agreement(*(tabs[key].cells[TOTAL, TOTAL] for key in ("ledger", "official"))),
    }


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else show(value, HA_DECIMALS)


def _agreement(ledger: Decimal | None, official: Decimal | None) -> str:
    if ledger is None or official is None:
        return ""
    both = f"台账合计 {ledger} 公顷，附表合计 {official} 公顷"
    return (
        f"{both}，两者一致。" if ledger == official else f"{both}，相差 {ledger - official} 公顷。"
    )


def _cards(data: dict[str, Any], summary: DataFrame | None) -> list[dict[str, str]]:
    """Give the headline figures: stock by class, clusters, conflicts."""
    kinds = [(place, kind) for place, kind in enumerate(data["classes"]) if kind["stock"]]
    annexed = {place for place, kind in kinds if kind["name"] in LAND_CLASSES}
    cards = []
    if annexed:
        label = f"{'、'.join(data['classes'][place]['name'] for place in sorted(annexed))}合计"
        total = _area_card(data, label, looks.CLASS_COLOURS[TOTAL], annexed)
        gap = None if summary is None else differences(summary).cells[TOTAL, TOTAL]
        if gap is not None:
            agreed = "与附表一致" if gap == 0 else f"与附表差 {show(gap, HA_DECIMALS)} 公顷"
            total["detail"] += f"，{agreed}"
        cards.append(total)
    if not kinds:
        places = {*range(len(data["classes"])), -1}
        cards.append(_area_card(data, "地块", looks.MUTED, places))
    cards += [_area_card(data, kind["name"], kind["colour"], {place}) for place, kind in kinds]
    if data["clusters"]:
        members = sum(cluster["count"] or 0 for cluster in data["clusters"])
        cards.append(
            _card("集中连片", len(data["clusters"]), "片", f"{members} 宗", stock.MARKS["cluster"])
        )
    for verdict, colour in layers.VERDICT_COLOURS.items():
        met = [entry for entry in data["conflicts"] if entry["verdict"] == verdict]
        concerned = len({entry["parcel"] for entry in met})
        if concerned:
            where = "、".join(dict.fromkeys(entry["layer"] for entry in met))
            cards.append(_card(f"管控线：{verdict}", concerned, "宗", where, colour))
    return cards


def _area_card(data: dict[str, Any], label: str, colour: str, classes: set[int]) -> dict[str, str]:
    parcels = data["parcels"]
    areas = [
        area
        for area, own in zip(parcels["ha"], parcels["land_class"], strict=True)
        if own in classes
    ]
    known = [area for area in areas if area is not None]
    if not known:
        return _card(label, len(areas), "宗", "无台账面积", colour)
    hectares = show(float(convert(sum(known), source="m2", target="ha")), HA_DECIMALS)
    return _card(label, hectares, "公顷", f"{len(areas)} 宗", colour)


def _card(label: str, value: object, unit: str, detail: str, colour: str) -> dict[str, str]:
    return {"label": label, "value": str(value), "unit": unit, "detail": detail, "colour": colour}


def _remarks(left_out: int, note: str) -> list[str]:
    remarks = ["示意图，不作为划界依据；面积以台账和椭球面积计算结果为准。"]
    if note:
        remarks.append(f"{note}。")
    if left_out:
        remarks.append(f"另有 {left_out} 宗非存量地块未绘出（超过绘制上限）。")
    return remarks


def _compose(title: str, subtitle: list[str], system: str, data: dict[str, Any]) -> str:
    """Fill the template: assets inlined, each script and style allowed by its own hash."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    # Written by this house or by Leaflet, never by data: safe to stand in the page as they are.
    style = _asset("leaflet.css") + _asset("page.css")
    scripts = [_asset("leaflet.js"), _asset("page.js")]
    block = _json_block(data)
    size = sum(len(part.encode()) for part in (style, *scripts, block)) / BYTES_PER_MB
    hashes = " ".join(_hash(script) for script in scripts)
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.from_string(_template("page.html.j2")).render(
        title=title,
        subtitle=subtitle,
        footer=[
            system,
            "无底图，不联网",
            f"本页 {show(size, 1)} MB",
            "landgis 制作，地图引擎 Leaflet",
        ],
        policy=Markup(policy),  # noqa: S704 - made of hashes above
        style=Markup(style),  # noqa: S704
        scripts=[Markup(script) for script in scripts],  # noqa: S704
        data=Markup(block),  # noqa: S704 - escaped by _json_block
    )


def _json_block(data: dict[str, Any]) -> str:
    """Write JSON that no HTML parser can take for markup."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _template(name: str) -> str:
    return (resources.files("landgis.reports") / "templates" / name).read_text(encoding="utf-8")


def _asset(name: str) -> str:
    """Read a script or style, with pictures as data addresses and no link to a source map."""
    if not name.startswith("leaflet"):
        return _template(name)
    folder = resources.files("xstatic.pkg.leaflet") / "data"
    text = (folder / name).read_text(encoding="utf-8").replace("\r\n", "\n")
    text = re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text)

    def inline(match: re.Match[str]) -> str:
        picture = base64.b64encode((folder / "images" / match[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{picture})"

    return re.sub(r"url\(images/([\w.-]+\.png)\)", inline, text)


def _report_size(path: str | Path) -> Path:
    from pathlib import Path as FilePath

    file = FilePath(path)
    size = file.stat().st_size / BYTES_PER_MB
    level = logging.WARNING if size > SIZE_BUDGET_MB else logging.INFO
    LOG.log(level, "web page %s: %.1f MB of %.0f MB", file.name, size, SIZE_BUDGET_MB)
    return file

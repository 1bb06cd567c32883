"""A map to look at in a notebook: folium, on line, with labels that cannot run.

folium loads Leaflet from the network, so its pages are for notebooks; the page that is handed over
is `landgis.reports.web`. folium also puts attribute texts into HTML and template literals as they
are; here every text is escaped before folium sees it.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from landgis.model import crs as systems
from landgis.model.schema import LAYER_LABELS, PARCELS
from landgis.reports import style
from landgis.reports.cells import cell_text, classes_of, texts
from landgis.reports.web_parcels import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folium import Map
    from geopandas import GeoDataFrame
    from pyproj import CRS

SHOWN = ("parcel_name", "unit", "land_class", "declared_ha", "readiness", "cluster_id")
_TEMPLATE_SIGNS = str.maketrans({"`": "&#96;", "$": "&#36;", "{": "&#123;", "}": "&#125;"})


def explore(
    parcels: GeoDataFrame,
    *,
    units: GeoDataFrame | None = None,
    zones: GeoDataFrame | None = None,
    clusters: GeoDataFrame | None = None,
    columns: Sequence[str] | None = None,
    tiles: str | None = None,
) -> Map:
    """Show parcels on a folium map, to look around in a notebook.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels with a declared coordinate system.
    units : GeoDataFrame or None, optional
        Statistical units, drawn as outlines.
    zones : GeoDataFrame or None, optional
        Planning layers, one switchable layer each.
    clusters : GeoDataFrame or None, optional
        Clusters, drawn as outlines.
    columns : sequence of str or None, optional
        Columns that the label shows; None shows name, unit, class, area, readiness and cluster.
    tiles : str or None, optional
        Name of a base map that folium knows; None draws none.

    Returns
    -------
    folium.Map
        Displays itself in a notebook. It needs the network; `draw_web` does not.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_no_ellipsoid``, ``crs_no_transformation``.

    Examples
    --------
    >>> import geopandas, shapely
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"land_class": ["低效"]}, geometry=[shapely.box(108.6, 21.9, 108.61, 21.91)],
    ...     crs="EPSG:4490",
    ... )
    >>> type(explore(parcels)).__name__
    'Map'
    """
    import folium

    degrees = systems.geographic(systems.require_crs(parcels, what="地块"))
    drawn = folium.Map(tiles=tiles, control_scale=True, prefer_canvas=True)

    _outline(drawn, units, degrees, label="统计单元", colour="#5b4a3a")
    if zones is not None:
        for code, layer in zones.groupby("layer", sort=False):
            colour = style.CONTROL_LINES.get(code, ("", style.MUTED))[1]
            label = _safe(LAYER_LABELS.get(code, code))
            _outline(drawn, layer, degrees, label=label, colour=colour)
    facts = folium.GeoJson(
        _plain(parcels, degrees, SHOWN if columns is None else columns, what="地块"),
        name="地块",
        style_function=_parcel_style,
    )
    table = facts.data["features"]
    labels = [name for name in table[0]["properties"] if name != "_kind"] if table else []
    if labels:
        facts.add_child(folium.GeoJsonTooltip(labels, localize=False))
    facts.add_to(drawn)
    _outline(drawn, clusters, degrees, label="连片", colour=MARKS["cluster"])
    folium.LayerControl().add_to(drawn)
    if len(parcels) and not parcels.geometry.is_empty.all():
        drawn.fit_bounds(facts.get_bounds())
    return drawn


def _outline(
    drawn: Map, table: GeoDataFrame | None, degrees: CRS, *, label: str, colour: str
) -> None:
    import folium

    if table is None or table.empty:
        return
    folium.GeoJson(
        _plain(table, degrees, [], what=label),
        name=label,
        style_function=lambda _: {"color": colour, "weight": 2, "fill": False},
        tooltip=folium.GeoJsonTooltip(["编号"]),
    ).add_to(drawn)


def _plain(table: GeoDataFrame, degrees: CRS, columns: Sequence[str], *, what: str) -> GeoDataFrame:
    """Keep geometry and safe texts only, without rows that have nothing to draw."""
    import geopandas as gpd
    import shapely

    moved = systems.align(table, degrees, what=what)
    safe = gpd.GeoDataFrame(
        {"编号": [_safe(name) for name in table.index]},
        geometry=moved.geometry.to_numpy(),
        crs=4326,  # no base map needs the datum; folium must not move the degrees again
    )
    known = {column.name: column for column in PARCELS.columns}
    for name in columns:
        if name in table.columns:
            values = (
                [cell_text(value, known[name]) for value in table[name]]
                if name in known
                else texts(table, name)
            )
            label = known[name].heading if name in known else name
            safe[_safe(label)] = [_safe(value or "—") for value in values]
    safe["_kind"] = [kind or "" for kind in classes_of(table)]
    present = ~(shapely.is_missing(safe.geometry.to_numpy()) | safe.geometry.is_empty)
    return safe[present]


def _parcel_style(feature: dict[str, Any]) -> dict[str, Any]:
    colour = style.CLASS_COLOURS.get(feature["properties"]["_kind"], style.MUTED)
    return {"color": colour, "weight": 1, "fillColor": colour, "fillOpacity": 0.55}


def _safe(text: object) -> str:
    """Write text so that neither HTML nor a JavaScript template takes it for code."""
    return html.escape(str(text)).translate(_TEMPLATE_SIGNS)

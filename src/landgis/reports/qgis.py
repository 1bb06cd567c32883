"""The GeoPackage opens styled in QGIS: a default style for every layer, kept inside the file.

QGIS looks for a table ``layer_styles`` in a GeoPackage and applies the style marked as default.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from landgis.model.errors import OutputError
from landgis.reports import style

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

VERDICT_COLOURS = {"禁止": "#c0272d", "限制": "#d9722f", "需调整": "#d9a441", "符合": "#4a8c70"}
SEVERITY_COLOURS = {"错误": "#c0272d", "警告": "#d9a441", "提示": "#3f7db5"}
NO_FILL, HATCH = "no", "diagonal_x"
_CATEGORIES = {
    "parcels": (
        "land_class",
        {name: c for name, c in style.CLASS_COLOURS.items() if name != "合计"},
    ),
    "pieces": ("layer", {name: colour for name, (_, colour) in style.CONTROL_LINES.items()}),
    "conflicts": ("verdict", VERDICT_COLOURS),
    "findings": ("severity", SEVERITY_COLOURS),
    "pockets": ("pocket_kind", style.POCKET_COLOURS),
    "separations": ("cause", style.SEPARATION_COLOURS),
}
_POINTS, _LINES, _HATCHED = ("findings",), ("separations",), ("pockets",)
# Colour, millimetres, pattern of the pen; the outline of a cluster runs over its members.
_OUTLINES = {
    "units": (style.INK, 0.6, "solid"),
    "clusters": (style.ALARM, 0.7, "solid"),
    "renewal_units": (style.RAMPS["合计"][4], 0.5, "dash"),
}

_CREATE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""
_INSERT = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,
  styleQML, styleSLD, useAsDefault, description, owner, ui)
VALUES ('', '', ?, 'geom', 'landgis', ?, '', 1, 'landgis', '', '')
"""


def style_geopackage(path: Path, layers: Iterable[str]) -> None:
    """Give every layer of a GeoPackage that landgis wrote its default style in QGIS.

    Parameters
    ----------
    path : Path
        An existing GeoPackage without a table ``layer_styles``; changed in place, so hand over the
        temporary file of `landgis.model.files.complete_file`.
    layers : iterable of str
        Layers in the file; those that landgis has no style for stay as they are.

    Raises
    ------
    OutputError
        ``output_unwritable`` where the file cannot be changed.
    """
    try:
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.execute(_CREATE)
            database.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
                " VALUES ('layer_styles', 'attributes', 'layer_styles')"
            )
            for layer in layers:
                text = layer_style(layer)
                if text:
                    database.execute(_INSERT, (layer, text))
    except sqlite3.Error as error:
        raise OutputError(
            "output_unwritable",
            f"cannot store styles: {error}",
            hint=f"无法在“{path.name}”中写入图层样式：请检查文件是否正被其他程序打开。",
            file=path,
        ) from error


def layer_style(layer: str) -> str:
    """Write the QGIS style of one of the layers landgis knows.

    Parameters
    ----------
    layer : str
        Such as ``parcels`` or ``clusters``.

    Returns
    -------
    str
        A QML document, empty for a layer that has no style.

    Examples
    --------
    >>> layer_style("conflicts").count("<category ")
    5
    >>> layer_style("nothing")
    ''
    """
    root = ET.Element("qgis", version="3.22", styleCategories="Symbology")
    if layer in _OUTLINES:
        colour, width, pen = _OUTLINES[layer]
        renderer = ET.SubElement(root, "renderer-v2", type="singleSymbol")
        symbols = ET.SubElement(renderer, "symbols")
        _fill(symbols, "0", fill=style.PAPER, outline=colour, width=width, pattern=NO_FILL, pen=pen)
    elif layer in _CATEGORIES:
        attribute, colours = _CATEGORIES[layer]
        renderer = ET.SubElement(root, "renderer-v2", type="categorizedSymbol", attr=attribute)
        categories = ET.SubElement(renderer, "categories")
        symbols = ET.SubElement(renderer, "symbols")
        everything_else = {"": style.CLASS_COLOURS["其他"]}
        for number, (value, colour) in enumerate({**colours, **everything_else}.items()):
            label = style.CONTROL_LINES.get(value, (value or "其余",))[0]
            ET.SubElement(
                categories, "category", render="true", symbol=str(number), value=value, label=label
            )
            if layer in _POINTS:
                _marker(symbols, str(number), fill=colour)
            elif layer in _LINES:
                _line(symbols, str(number), colour=colour, width=0.6)
            elif layer in _HATCHED:
                _fill(symbols, str(number), fill=colour, outline=colour, width=0.3, pattern=HATCH)
            else:
                _fill(symbols, str(number), fill=colour, outline=style.PAPER, width=0.1)
    else:
        return ""
    return "<!DOCTYPE qgis>\n" + ET.tostring(root, encoding="unicode")


def _fill(
    symbols: ET.Element,
    name: str,
    *,
    fill: str,
    outline: str,
    width: float,
    pattern: str = "solid",
    pen: str = "solid",
) -> None:
    symbol = ET.SubElement(symbols, "symbol", type="fill", name=name, alpha="1")
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    _options(
        layer,
        color=_channels(fill),
        style=pattern,
        outline_color=_channels(outline),
        outline_style=pen,
        outline_width=str(width),
        outline_width_unit="MM",
    )


def _line(symbols: ET.Element, name: str, *, colour: str, width: float) -> None:
    symbol = ET.SubElement(symbols, "symbol", type="line", name=name, alpha="1")
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleLine", "enabled": "1", "pass": "0"})
    _options(
        layer,
        line_color=_channels(colour),
        line_style="dash",
        line_width=str(width),
        line_width_unit="MM",
    )


def _marker(symbols: ET.Element, name: str, *, fill: str) -> None:
    symbol = ET.SubElement(symbols, "symbol", type="marker", name=name, alpha="1")
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleMarker", "enabled": "1", "pass": "0"})
    _options(
        layer,
        color=_channels(fill),
        name="circle",
        outline_color=_channels(style.PAPER),
        size="2.4",
        size_unit="MM",
    )


def _options(layer: ET.Element, **values: str) -> None:
    """Write the properties twice: as options (QGIS 3.16 and later) and as the older props."""
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
    for name, value in values.items():
        ET.SubElement(layer, "prop", k=name, v=value)


def _channels(colour: str) -> str:
    """Write ``#rrggbb`` as QGIS does: ``r,g,b,a``."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},255"

"""The GeoPackage opens styled in QGIS.

Cases: a style for every layer landgis writes, well-formed, a symbol for every category; lines for
separations, hatches for 三地; the table
QGIS reads, default set; a layer without style; a file that cannot be changed.
"""

import sqlite3
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely

from landgis.model.errors import OutputError
from landgis.model.schema import POCKET_KINDS, SEPARATED_BY
from landgis.reports.qgis import layer_style, style_geopackage

STYLED = [
    *("parcels", "pieces", "conflicts", "clusters", "findings", "units"),
    *("pockets", "separations", "renewal_units"),
]


@pytest.mark.parametrize("layer", STYLED)
def test_every_category_has_its_symbol(layer):
    root = ET.fromstring(layer_style(layer).split("\n", 1)[1])  # noqa: S314 - our own text
    symbols = {symbol.get("name") for symbol in root.iter("symbol")}
    used = {category.get("symbol") for category in root.iter("category")} or {"0"}
    assert used == symbols


def test_the_table_qgis_reads(tmp_path):
    path = tmp_path / "a.gpkg"
    table = gpd.GeoDataFrame({"unit": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4545)
    for layer in ("units", "other"):
        table.to_file(path, layer=layer)
    style_geopackage(path, ["units", "other"])
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
        (geometry_column,) = database.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = 'units'"
        ).fetchone()
        registered = database.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchone()
    database.close()
    assert [row[:3] for row in rows] == [("units", geometry_column, 1)]
    assert rows[0][3] == layer_style("units")
    assert registered == ("attributes",)


def test_a_file_that_is_no_geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(OutputError, match="output_unwritable"):
        style_geopackage(path, ["units"])


def symbols(layer):
    root = ET.fromstring(layer_style(layer).split("\n", 1)[1])  # noqa: S314 - our own text
    drawn = {}
    for symbol in root.iter("symbol"):
        options = {option.get("name"): option.get("value") for option in symbol.iter("Option")}
        drawn[symbol.get("name")] = symbol.get("type"), symbol.find("layer").get("class"), options
    values = {entry.get("value"): entry.get("symbol") for entry in root.iter("category")}
    return {value: drawn[name] for value, name in values.items()} or {"": drawn["0"]}


def test_separations_are_lines_and_pockets_are_hatched():
    causes = symbols("separations")
    assert set(SEPARATED_BY) | {""} == set(causes)
    assert {kind[:2] for kind in causes.values()} == {("line", "SimpleLine")}
    assert len({kind[2]["line_color"] for kind in causes.values()}) == 5
    plots = symbols("pockets")
    assert set(POCKET_KINDS) | {""} == set(plots)
    assert {(kind, look["style"]) for kind, _, look in plots.values()} == {("fill", "diagonal_x")}
    (units,) = symbols("renewal_units").values()
    # the members below must stay in sight
    assert (units[2]["style"], units[2]["outline_style"]) == ("no", "dash")

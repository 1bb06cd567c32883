"""The sample folder's layers, as a bureau hands them over, the same bytes each time."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from landgis.model import schema
from landgis.model.files import complete_file
from landgis.sample import outline
from landgis.sample.crossings import CONTROL_LINES, LAND_USE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geopandas import GeoDataFrame

NOTE = "示意数据：由 landgis sample 生成，地块、权利人、文号、日期均为虚构，不作为任何依据。"
WRITTEN_ON = "2021-12-30T00:00:00.000Z"  # a fixed day keeps the bytes the same


def write_maps(
    folder: Path,
    *,
    parcels: GeoDataFrame,
    layers: dict[str, GeoDataFrame],
    barriers: GeoDataFrame,
) -> None:
    """Write every map layer into the folder: parcels, units, plan and barriers."""
    write_parcels(parcels, folder / "parcels.gpkg")
    units = with_ministry_names(outline.units(), schema.UNITS).assign(BZ=outline.SOURCE)
    write_layers({"统计单元": units}, folder / "units.gpkg", note=NOTE)
    lines = {name: layers[name] for name in CONTROL_LINES}
    write_layers(lines, folder / "control_lines.gpkg", note=NOTE)
    write_layers({LAND_USE: layers[LAND_USE]}, folder / "land_use_plan.gpkg", note=NOTE)
    ways = with_ministry_names(barriers, schema.BARRIERS)
    write_layers({"阻隔": ways}, folder / "barriers.gpkg", note=NOTE)


def write_parcels(parcels: GeoDataFrame, path: Path) -> None:
    """Write the parcels with the ministry's field codes; truths as 是 and 否."""
    plain = parcels.reset_index()
    renamed = {}
    for column in schema.PARCELS.columns:
        if column.name not in plain.columns or column.kind == "geometry":
            continue
        renamed[column.name] = column.codes[0]
        if column.kind == "truth":
            plain[column.name] = plain[column.name].map({True: "是", False: "否"}).astype("str")
    write_layers({"存量地块": plain.rename(columns=renamed)}, path, note=NOTE)


def write_layers(tables: dict[str, GeoDataFrame], path: Path, *, note: str) -> None:
    """Write one GeoPackage with several layers, each described as made up."""
    import pyogrio

    with _fixed_clock(), complete_file(path) as temporary:
        for number, (layer, table) in enumerate(tables.items()):
            pyogrio.write_dataframe(
                table,
                temporary,
                layer=layer,
                driver="GPKG",
                append=number > 0,
                dataset_options=None if number else {"VERSION": "1.3"},
                layer_options={"DESCRIPTION": note, "SPATIAL_INDEX": "NO", "GEOMETRY_NAME": "geom"},
            )


@contextlib.contextmanager
def _fixed_clock() -> Iterator[None]:
    """Let GDAL write a fixed date into the files."""
    import pyogrio

    before: Any = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_ON})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def with_ministry_names(table: GeoDataFrame, of: schema.Table) -> GeoDataFrame:
    """Rename a table's index and columns to the ministry's codes."""
    plain = table.reset_index()
    codes = {column.name: column.codes[0] for column in of.columns if column.codes}
    return plain.rename(columns=codes)

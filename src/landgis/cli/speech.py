"""What every verb of the command line says and hears alike: options, tables in, tables out."""

from __future__ import annotations

import datetime as dt
import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from landgis.cli import bounds
from landgis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.formats.headings import Headings
    from landgis.formats.vector import Kind
    from landgis.model.schema import Table

ParcelFile = Annotated[str, typer.Argument(metavar="地块", help="地块文件；指定图层写作 文件#图层")]
ZoneFiles = Annotated[
    list[str], typer.Argument(metavar="分区…", help="规划图层文件，可多个；指定图层写作 文件#图层")
]
UnitFile = Annotated[
    str, typer.Argument(metavar="单元", help="统计单元文件；指定图层写作 文件#图层")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="文件",
        callback=bounds.written_as(".csv", *bounds.LAYERS),
        help="写入文件，格式由后缀定（.csv .gpkg .shp .geojson .parquet）；省略时输出 CSV",
    ),
]
OutTable = Annotated[  # of a table without shapes
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="文件",
        callback=bounds.written_as(*bounds.TABLES),
        help="写入文件，格式由后缀定（.csv .gpkg .parquet）；省略时输出 CSV",
    ),
]
NewLayer = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        metavar="文件",
        callback=bounds.written_as(*bounds.LAYERS),
        help="写入的文件（.gpkg .shp .geojson .parquet）",
    ),
]
Encoding = Annotated[
    Literal["UTF-8", "GBK"] | None,
    typer.Option(
        "--encoding",
        case_sensitive=False,
        help="Shapefile 的文字编码：老系统多用 GBK；省略时为 UTF-8",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取（数值不取位）")]
Crs = Annotated[
    str | None, typer.Option("--crs", metavar="EPSG:…", help="地块坐标系，仅当文件没有声明时填写")
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        "-c",
        metavar="字段=文件字段",
        help="字段对照，如 parcel_id=DKBH；parcel_id=# 按行编号",
    ),
]
AsOf = Annotated[
    dt.datetime | None,
    typer.Option(
        "--as-of",
        metavar="日期",
        formats=["%Y-%m-%d"],
        help="判定所依的日期，如 2020-12-31；省略时用今天",
    ),
]
PolicyName = Annotated[str, typer.Option("--policy", metavar="政策", help="政策名称或政策文件夹")]
LandClass = Annotated[str, typer.Option("--class", metavar="类别", help="存量类别，或 合计")]
Title = Annotated[str, typer.Option("--title", metavar="标题", help="成果标题")]
Note = Annotated[str, typer.Option("--note", metavar="说明", help="印在成果上的说明")]

RASTER_SUFFIXES = {".tif", ".tiff", ".img", ".vrt", ".jp2"}
EVERY_DIGIT = 15  # the most that pandas writes of a number
SPATIAL_SUFFIXES = {*bounds.LAYERS, ".txt"}


def say(text: str) -> None:
    """Talk to the person, beside the data."""
    typer.echo(text, err=True)


def read(
    source: str,
    *,
    kind: Kind = "parcels",
    crs: str | None = None,
    column: Sequence[str] | None = None,
) -> GeoDataFrame:
    """Read ``file`` or ``file#layer``, with columns given as ``canonical=source``."""
    from landgis.formats import vector

    file, _, layer = source.partition("#")
    return vector.read(file, layer=layer or None, kind=kind, crs=crs, columns=_pairs(column))


def _pairs(column: Sequence[str] | None) -> dict[str, str] | None:
    if not column:
        return None
    pairs = {}
    for text in column:
        name, equals, source = text.partition("=")
        if not (name and equals):
            raise UsageError(
                "bad_column",
                f"--column must read canonical=source, got {text!r}",
                hint=f"--column 应写作 字段=文件字段，如 parcel_id=DKBH，现为“{text}”。",
            )
        pairs[name] = source
    return pairs


def read_zones(sources: Sequence[str]) -> GeoDataFrame:
    """Read zone layers into one table; a file without ``#layer`` gives all its polygon layers."""
    import pandas as pd

    from landgis.model.crs import align, require_crs

    layers = [read(named, kind="zones") for source in sources for named in _polygon_layers(source)]
    crs = require_crs(layers[0], what="规划分区")
    aligned = [align(layer, crs, what="规划分区") for layer in layers]
    return pd.concat(aligned) if len(aligned) > 1 else aligned[0]


def _polygon_layers(source: str) -> list[str]:
    from landgis.formats.vector import describe

    if "#" in source:
        return [source]
    described = describe(source)
    polygons = described.loc[described["geometry"].str.contains("Polygon", na=False), "layer"]
    return [f"{source}#{layer}" for layer in polygons] if len(polygons) > 1 else [source]


def raster_or_layer(source: str) -> dict[str, Any]:
    """Tell a raster from a vector layer by its suffix; give it as `observe` takes it."""
    if Path(source.partition("#")[0]).suffix.lower() in RASTER_SUFFIXES:
        return {"raster": source}
    return {"layer": read(source, kind="features"), "source": Path(source).name}


def give(
    table: DataFrame,
    *,
    of: Table | None = None,
    out: Path | None,
    json: bool,
    only: Sequence[str] | None = None,
    encoding: str | None = None,
) -> None:
    """Write a result to a file, or print its attributes (`only` some of them, with the index)."""
    from landgis.formats import tables
    from landgis.model.schema import PARCELS

    if out is not None and out.suffix.lower() in bounds.LAYERS:
        write(table, out, encoding=encoding)
        return
    attributes = table.drop(columns="geometry", errors="ignore")
    if only is not None:
        attributes = attributes[[name for name in only if name in attributes.columns]]
    if out is not None:
        typer.echo(tables.write_table(attributes, out, of=of or PARCELS))
        return
    show(attributes, of=of or PARCELS, json=json)


def write(
    table: DataFrame,
    out: Path,
    *,
    headings: Headings = "canonical",
    encoding: str | None = None,
) -> None:
    """Write a layer and say where it lies."""
    from landgis.formats import vector

    typer.echo(vector.write(table, out, headings=headings, encoding=encoding or "UTF-8"))


def show(table: DataFrame, *, of: Table, json: bool) -> None:
    """Print a table: CSV as a planner reads it, or JSON with canonical names and every digit."""
    from landgis.formats.tables import table_text

    if json:
        flat = table.reset_index() if table.index.name else table
        typer.echo(
            flat.to_json(
                orient="records",
                force_ascii=False,
                date_format="iso",
                indent=1,
                double_precision=EVERY_DIGIT,
            )
        )
        return
    typer.echo(table_text(table, of=of), nl=False)


def json_text(data: Any) -> str:
    """Write plain data as JSON."""
    return json_format.dumps(data, ensure_ascii=False, indent=1, default=str)


def summarise(parcels: GeoDataFrame, units: GeoDataFrame | None, annex: Path | None) -> DataFrame:
    """Sum parcels by unit and class, beside the official table where there is one."""
    from landgis.analysis.area import measure
    from landgis.analysis.location import locate
    from landgis.analysis.reconciliation import reconcile
    from landgis.formats.tables import read_annex

    if "unit" not in parcels.columns and units is not None:
        parcels = locate(parcels, units)
    return reconcile(measure(parcels), None if annex is None else read_annex(annex)).summary

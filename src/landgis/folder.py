"""From a folder of files to a commented landgis.toml, with its guesses and how sure they are."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from landgis._guesses import Guess, Layer, is_built_up, recognised, weigh
from landgis.formats import tables, vector
from landgis.model import schema
from landgis.model.errors import CrsError, LandgisError, SourceError, UsageError
from landgis.model.files import complete_file
from landgis.project import PROJECT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

VECTOR_SUFFIXES = {".gpkg", ".shp", ".geojson", ".parquet", ".gdb", ".kml", ".zip", ".txt"}
TABLE_SUFFIXES = {".csv", ".xlsx", ".xls"}
RASTER_SUFFIXES = {".tif", ".tiff"}


def init(folder: str | Path, *, overwrite: bool = False) -> Path:
    """Look at the files of a folder and write the project file they suggest.

    Parameters
    ----------
    folder : str or Path
        Folder with vector files, official tables and rasters; folders below are not searched.
    overwrite : bool, optional
        Whether an existing landgis.toml is replaced.

    Returns
    -------
    Path
        The landgis.toml written, every guess with its reason and its confidence (高, 中, 低).

    Raises
    ------
    UsageError
        ``project_exists`` where there is one already and `overwrite` is False.
    SourceError
        ``folder_missing``; ``no_parcels`` where no layer looks like parcels.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    Names, fields and geometry are weighed as bureaus use them (the layer names of the ministry's
    “一张图” volumes, the field codes of `landgis.model.schema`); nothing is read but headers, and
    the official tables.
    """
    place = Path(folder)
    target = place / PROJECT_FILE
    if not place.is_dir():
        raise SourceError(
            "folder_missing",
            "no such folder",
            hint=f"找不到文件夹“{place}”。",
            file=place,
        )
    if target.exists() and not overwrite:
        raise UsageError(
            "project_exists",
            "there is a landgis.toml already",
            hint="文件夹里已有 landgis.toml：若要重写，请加 --force。",
            file=target,
        )
    files = sorted(path for path in place.iterdir() if not path.name.startswith("."))
    guesses, unknown = _guess_layers(files)
    text = "\n".join(_written(place, files, guesses, unknown)) + "\n"
    with complete_file(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return target


def _guess_layers(files: list[Path]) -> tuple[list[Guess], list[str]]:
    guesses: list[Guess] = []
    unknown: list[Layer] = []
    unreadable: list[str] = []
    for file in files:
        if file.suffix.lower() not in VECTOR_SUFFIXES:
            continue
        try:
            layers = list(_layers(file))
        except LandgisError as error:
            unreadable.append(f"{file.name}：{error.hint}")
            continue
        for layer in layers:
            guess = weigh(layer)
            if guess is None:
                unknown.append(layer)
            else:
                guesses.append(guess)
    if not any(guess.role == "parcels" for guess in guesses):
        largest = max((layer for layer in unknown if layer.polygons), key=_size, default=None)
        if largest is not None:
            unknown.remove(largest)
            why = f"没有图层像地块，暂取面最多的图层，{largest.features} 个面"
            guesses.append(Guess("parcels", largest, 0, why))
    unused = [f"{layer.file.name} 图层 {layer.name}：看不出是什么" for layer in unknown]
    return guesses, [*unused, *unreadable]


def _size(layer: Layer) -> int:
    return layer.features


def _layers(file: Path) -> Iterator[Layer]:
    described = vector.describe(file)
    for row in described.itertuples():
        yield Layer(
            file=file,
            name=row.layer,
            geometry=row.geometry or "",
            features=int(row.features),
            crs=row.crs,
            fields=tuple(row.fields),
            extent=row.extent,
            alone=len(described) == 1,
        )


def _written(
    place: Path, files: list[Path], guesses: list[Guess], unknown: list[str]
) -> Iterator[str]:
    by_role = {
        role: [guess for guess in guesses if guess.role == role]
        for role in ("parcels", "units", "zones", "barriers")
    }
    for role in ("parcels", "units"):  # one is chosen: the likeliest
        by_role[role].sort(key=lambda guess: -guess.points)
    if not by_role["parcels"]:
        raise SourceError(
            "no_parcels",
            "no layer looks like parcels",
            hint="没有认出地块图层：请确认文件夹里有面状的地块数据，或照 docs/project.md 手写 landgis.toml。",
            file=place,
        )
    parcels, *other_parcels = by_role["parcels"]
    annex, disposals, as_of = _tables(files)
    yield f"# 由 landgis init 根据“{place.resolve().name}”中的文件写成；请逐项核对。"
    yield "# 每一项后面注明了依据和把握（高、中、低）；各键的含义见 docs/project.md。"
    yield ""
    yield "[project]"
    yield f"title = {_quoted(place.resolve().name)}"
    yield from _date_lines(as_of)
    yield from _working_crs(parcels.layer)
    yield ""
    yield from _section("[parcels]", parcels, others=other_parcels)
    yield from _parcel_columns(parcels.layer)
    if by_role["units"]:
        units, *other_units = by_role["units"]
        yield from _section("[units]", units, others=other_units)
        yield from _unit_columns(units.layer)
    for guess in by_role["zones"]:
        yield from _section("[[zones]]", guess)
    for guess in by_role["barriers"]:
        yield from _section("[[barriers]]", guess)
    if by_role["units"]:
        yield from _table_section("[annex]", annex, "读得出官方统计表")
    yield from _table_section("[disposals]", disposals, "读得出季度进度")
    yield from _rasters(files)
    if unknown:
        yield "# 没有用上的文件："
        yield from (f"#   {line}" for line in unknown)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a TOML string


def _date_lines(as_of: dt.date | None) -> Iterator[str]:
    if as_of is None:
        today = dt.datetime.now(tz=dt.UTC).astimezone().date()
        yield f"as_of = {today.isoformat()}  # 把握：低（没有找到截止日期，暂用今天，请改）"
    else:
        yield f"as_of = {as_of.isoformat()}  # 把握：高（官方统计表写明“截至”）"


def _working_crs(layer: Layer) -> Iterator[str]:
    """Propose a system in metres where the parcels are in degrees or feet."""
    import geopandas as gpd
    import shapely

    from landgis.model.crs import is_metric, metric_crs, named

    if not layer.crs or layer.extent is None:
        return
    try:
        declared = named(layer.crs)
    except CrsError:  # a system without a code stays as the file declares it
        return
    if is_metric(declared):
        return
    extent = gpd.GeoDataFrame(geometry=[shapely.box(*layer.extent)], crs=layer.crs)
    chosen = metric_crs(extent)
    authority = chosen.to_authority()
    yield f'crs = "{":".join(authority)}"  # 把握：中（地块坐标不以米为单位，按所在位置选了以米为单位的 {chosen.name}）'


def _section(heading: str, guess: Guess, *, others: list[Guess] | None = None) -> Iterator[str]:
    layer = guess.layer
    yield f"# 把握：{guess.confidence}（{guess.why}）"
    yield heading
    yield f"file = {_quoted(layer.file.name)}"
    if not layer.alone:
        yield f"layer = {_quoted(layer.name)}"
    if not layer.crs:
        yield '# crs = "EPSG:4524"  # 文件没有声明坐标系：请填写'
    for other in others or []:
        yield f"# 另一可能：{other.layer.file.name} 图层 {other.layer.name}（把握：{other.confidence}）"
    yield ""


def _parcel_columns(layer: Layer) -> Iterator[str]:
    if "parcel_id" not in recognised(layer.fields, schema.PARCELS):
        yield f"# 没有认出地块编号，暂按行编号；可选的字段：{'、'.join(layer.fields)}"
        yield "[parcels.columns]"
        yield 'parcel_id = "#"'
        yield ""


def _unit_columns(layer: Layer) -> Iterator[str]:
    if "unit" not in recognised(layer.fields, schema.UNITS) and layer.fields:
        yield f"# 没有认出单元名称字段，请从这些中选：{'、'.join(layer.fields)}"
        yield "[units.columns]"
        yield f"unit = {_quoted(layer.fields[0])}"
        yield ""


def _tables(files: list[Path]) -> tuple[Path | None, Path | None, dt.date | None]:
    """Try every table as an official table and as a progress workbook."""
    annex = disposals = as_of = None
    for file in files:
        if file.suffix.lower() not in TABLE_SUFFIXES:
            continue
        if annex is None and _reads(tables.read_annex, file):
            annex, as_of = file, tables.read_annex(file).attrs.get("as_of")
        elif disposals is None and _reads(tables.read_disposals, file):
            disposals = file
    return annex, disposals, as_of


def _reads(reader: object, file: Path) -> bool:
    try:
        return len(pd.DataFrame(reader(file))) > 0  # type: ignore[operator]
    except LandgisError:
        return False


def _table_section(heading: str, file: Path | None, why: str) -> Iterator[str]:
    if file is not None:
        yield f"# 把握：高（{why}）"
        yield heading
        yield f"file = {_quoted(file.name)}"
        yield ""


def _rasters(files: list[Path]) -> Iterator[str]:
    for file in files:
        if file.suffix.lower() in RASTER_SUFFIXES and is_built_up(file.name):
            yield "# 把握：中（文件名像建成区栅格；假定像元值 1 表示有建筑）"
            yield "[[evidence]]"
            yield 'name = "built"'
            yield f"raster = {_quoted(file.name)}"
            yield "values = [1]"
            yield "built = true"
            yield ""

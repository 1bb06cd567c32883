"""Shapefiles with the field widths a standard fixes, which only Fiona lets one set."""

from __future__ import annotations

import codecs
import datetime as dt
import logging
import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.formats import short_names
from landgis.formats.columns import CUT_BYTES as NAME_BYTES
from landgis.formats.dbf import LANGUAGE_BYTE
from landgis.formats.encoding import known
from landgis.formats.headings import Headings, columns_of, headed, heading, table_of
from landgis.model.errors import OutputError
from landgis.model.files import complete_file

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pandas import Series

    from landgis.model.schema import Column

LOG = logging.getLogger("landgis")

TEXT_BYTES = 254  # limit of the .dbf
# What a .dbf's own header says of its language; programs that know no .cpg look there.
_LANGUAGES = {"gbk": 0x4D}
# Char widths of the ministry's 批而未供, 闲置 and 低效 tables, in bytes; wider ones need TEXT_BYTES.
_TEXT_WIDTHS = {
    "DKBH": 50,
    "DKMC": 100,
    "XZQDM": 30,
    "BPPFWH": 200,
    "PEWGYY": 200,
    "HTBH": 200,
    "XMMC": 200,
    "GDFS": 10,
    "XZYYLX": 50,
    "CZLX": 200,
    "BSM": 18,
}
_NUMBER_WIDTHS = {"公顷": "15.4", "万元": "15.4", "平方米": "15.2", "米": "15.2"}
_FREE_NUMBER = "24.15"  # enough for what a double holds
_SIDE_FILES = (".shx", ".dbf", ".prj", ".cpg")
_STALE_FILES = (".sbn", ".sbx", ".qix", ".qpj", ".shp.xml")  # of the shapefile replaced


def write_shapefile(
    table: GeoDataFrame, path: Path, *, headings: Headings, encoding: str = "UTF-8"
) -> Path:
    """Write a table as a shapefile, all its files or none.

    Parameters
    ----------
    table : GeoDataFrame
        Any table of the house with geometry of one kind.
    path : Path
        The ``.shp`` file.
    headings : {'canonical', 'ministry', 'chinese'}
        Column names; canonical becomes ministry, with the schema's short names where the ministry
        has no code.
    encoding : str, optional
        Encoding of names and texts, declared in the ``.cpg``, GBK also in the ``.dbf`` itself.

    Returns
    -------
    Path
        The ``.shp`` file. Columns unknown to the schema whose names are too long have short ones;
        a warning tells them, and a list beside it (``.字段对照.csv``) keeps the full names.

    Raises
    ------
    OutputError
        ``name_too_long``, ``text_too_long``, ``number_too_wide``, ``encoding_unable``,
        ``geometry_mixed``, ``format_unsupported``, ``output_unwritable``.
    """
    import fiona

    used: Headings = "ministry" if headings == "canonical" else headings
    frame = headed(table, used, short=True)
    if "geometry" not in frame.columns:
        raise OutputError(
            "format_unsupported",
            "a table without geometry is no shapefile",
            hint="没有图形的表不能写成 Shapefile：请写成 CSV 或 .gpkg。",
            file=path,
        )
    known(encoding)
    plain = table.reset_index()
    own = columns_of(plain)
    columns = {heading(column, used, short=True): column for column in own.values()}
    names = [str(name) for name in frame.columns if name != "geometry"]
    foreign = [name for name in names if name not in columns]
    short = short_names.shorten(foreign, of=table_of(plain), taken=names, encoding=encoding)
    frame = frame.rename(columns=short)
    for name in frame.columns.drop("geometry"):
        frame[name] = frame[name].map(_joined) if frame[name].dtype == object else frame[name]
    fields = [str(name) for name in frame.columns if name != "geometry"]
    schema = {
        "geometry": _shape(frame, path),
        "properties": {
            name: _field(frame[name], columns.get(name), encoding, path) for name in fields
        },
    }
    wkt = None if frame.crs is None else frame.crs.to_wkt("WKT1_ESRI")
    with complete_file(path) as temporary:
        with fiona.open(
            temporary,
            "w",
            driver="ESRI Shapefile",
            schema=schema,
            crs_wkt=wkt,
            encoding=encoding,
        ) as layer:
            layer.writerecords(_records(frame, fields))
        _declare_language(temporary.with_suffix(".dbf"), encoding)
        if short:
            short_names.write_list(short, short_names.list_beside(temporary))
        _move_side_files(temporary, path)
    if short:
        _tell(short, path)
    return path


def _declare_language(table: Path, encoding: str) -> None:
    language = _LANGUAGES.get(codecs.lookup(encoding).name)
    if language is not None:
        with table.open("r+b") as file:
            file.seek(LANGUAGE_BYTE)
            file.write(bytes([language]))


def _tell(short: dict[str, str], path: Path) -> None:
    pairs = "、".join(f"{name} → {fitting}" for name, fitting in short.items())
    LOG.warning(
        "shortened %d field names for %s",
        len(short),
        path,
        extra={
            "hint": f"字段名超过 Shapefile 的 {NAME_BYTES} 字节限制，已缩短：{pairs}。"
            f"对照表见“{short_names.list_beside(path).name}”，用 landgis 读回时还原为原名。"
        },
    )


def _records(frame: GeoDataFrame, fields: list[str]) -> Any:
    import shapely

    shapes = frame.geometry.to_numpy()
    cells = zip(*(frame[name].tolist() for name in fields), strict=True)
    for shape, row in zip(shapes, cells, strict=True):
        bare = None if shape is None or shape.is_empty else shapely.force_2d(shape)
        yield {
            "type": "Feature",
            "geometry": None if bare is None else shapely.geometry.mapping(bare),
            "properties": {
                name: None if pd.isna(cell) else cell
                for name, cell in zip(fields, row, strict=True)
            },
        }


def _joined(cell: Any) -> Any:
    """Give what one field holds: the names of a list are joined."""
    return "、".join(str(item) for item in cell) if isinstance(cell, list | tuple) else cell


def _shape(frame: GeoDataFrame, path: Path) -> str:
    kinds = {str(kind).removeprefix("Multi") for kind in frame.geom_type.dropna()}
    kinds = {"LineString" if kind == "LinearRing" else kind for kind in kinds}
    if len(kinds) > 1:
        raise OutputError(
            "geometry_mixed",
            f"a shapefile holds one kind of geometry, the table has {', '.join(sorted(kinds))}",
            hint="Shapefile 只能存一种图形类型：请分开写，或写成 .gpkg。",
            file=path,
        )
    return kinds.pop() if kinds else "Polygon"


def _field(values: Series, column: Column | None, encoding: str, path: Path) -> str:
    """Give Fiona's description of one field, having made sure that every value fits."""
    name = str(values.name)
    if len(_encoded(name, encoding, name, path)) > NAME_BYTES:
        raise OutputError(
            "name_too_long",
            f"{name!r} takes more than {NAME_BYTES} bytes in {encoding}",
            hint=f"字段名“{name}”超过 Shapefile 的 {NAME_BYTES} 字节限制：请改用部标字段代码"
            "（headings='ministry'），或写成 .gpkg。",
            file=path,
        )
    if pd.api.types.is_bool_dtype(values):
        return "bool"
    if pd.api.types.is_integer_dtype(values):
        return "int:18"
    if pd.api.types.is_float_dtype(values):
        return _number(values, column, path)
    present = values.dropna()
    if len(present) and all(isinstance(cell, dt.date) for cell in present):
        return "date"
    if column is not None and column.kind == "date":
        return "date"
    width = _TEXT_WIDTHS.get(name, TEXT_BYTES)
    for row, cell in enumerate(values.tolist(), start=1):
        if not pd.isna(cell) and len(_encoded(str(cell), encoding, name, path)) > width:
            raise OutputError(
                "text_too_long",
                f"{name} takes more than {width} bytes in {encoding}: {str(cell)[:20]!r}...",
                hint=f"字段“{name}”第 {row} 行的文字超过 {width} 字节，写入 Shapefile 会被截断："
                "请缩短，或写成 .gpkg。",
                file=path,
                row=row,
            )
    return f"str:{width}"


def _number(values: Series, column: Column | None, path: Path) -> str:
    width = _NUMBER_WIDTHS.get(column.unit, _FREE_NUMBER) if column else _FREE_NUMBER
    digits, decimals = (int(part) for part in width.split("."))
    limit = 10.0 ** (digits - decimals - 2)  # a place for the point, one for the sign
    for row, value in enumerate(values.tolist(), start=1):
        if abs(value) >= limit:  # False for NaN
            raise OutputError(
                "number_too_wide",
                f"{values.name} = {value} does not fit Float {width}",
                hint=f"字段“{values.name}”第 {row} 行的数值 {value} 超出字段宽度 {width}：请核对单位，或写成 .gpkg。",
                file=path,
                row=row,
            )
    return f"float:{width}"


def _encoded(text: str, encoding: str, name: str, path: Path) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise OutputError(
            "encoding_unable",
            f"{encoding} has no code for {text[error.start]!r} in {name}",
            hint=f"{encoding} 编码写不出“{text[error.start]}”（字段 {name}）：请改用 UTF-8。",
            file=path,
        ) from error


def _move_side_files(temporary: Path, target: Path) -> None:
    """Move all files but the .shp, which comes last and makes the set complete."""
    for suffix in _STALE_FILES:
        target.with_suffix(suffix).unlink(missing_ok=True)
    pairs = [(temporary.with_suffix(suffix), target.with_suffix(suffix)) for suffix in _SIDE_FILES]
    for made, beside in [
        *pairs,
        (short_names.list_beside(temporary), short_names.list_beside(target)),
    ]:
        if made.exists():
            os.replace(made, beside)  # noqa: PTH105 - over an existing file
        else:
            beside.unlink(missing_ok=True)

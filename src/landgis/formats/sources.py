"""What layers lie in a file, and how to get one of them into memory as it stands.

A source is a vector file, a folder (file geodatabase or shapefiles), a ``.zip`` of either, a
GeoParquet file or a 界址点 text file.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landgis.formats import coordinates
from landgis.formats.dbf import whole_texts
from landgis.formats.encoding import UTF8, Verdict, shapefile_encoding, wrong
from landgis.model.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geopandas import GeoDataFrame

PARQUET = {".parquet", ".geoparquet"}
COORDINATES = {".txt"}
SHAPEFILE = {".shp"}
_IN_FOLDERS = {".shp", ".gpkg", ".geojson", ".kml", ".fgb", ".gml", ".tab", *PARQUET}
_DRAWINGS = {".dwg", ".dxf", ".dgn"}  # lines of a drawing are not parcels
_POLYGONS = {"Polygon", "MultiPolygon", "CurvePolygon", "MultiSurface"}
_UNDEFINED = ("Undefined", "unnamed", "unknown")  # what drivers call a system that is none


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a source: the file its driver opens, its name, its geometry type."""

    path: Path
    name: str
    geometry: str

    @property
    def polygonal(self) -> bool:
        """Whether the layer may hold polygons, as far as its declaration tells.

        Returns
        -------
        bool
            True also where the layer declares no kind of geometry.
        """
        kind = self.geometry.removesuffix(" Z").removesuffix("25D").removesuffix(" ZM")
        return kind in _POLYGONS or kind in {"Unknown", "Geometry"}


@contextlib.contextmanager
def opened(source: str | Path) -> Iterator[list[Layer]]:
    """List the layers of a source, unpacked where it is a ``.zip``.

    Parameters
    ----------
    source : str or Path
        File or folder.

    Yields
    ------
    list of Layer
        Every layer with geometry, usable inside the ``with`` block.

    Raises
    ------
    SourceError
        ``file_missing``, ``not_vector``.
    """
    path = Path(source)
    if not path.exists():
        raise SourceError(
            "file_missing",
            "no such file or folder",
            hint=f"找不到“{path}”：请检查路径和文件名。",
            file=path,
        )
    with contextlib.ExitStack() as stack:
        folder = path
        if path.suffix.lower() == ".zip":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="landgis-")))
            _unpack(path, folder)
        files = _files(folder)
        layers = [layer for file in files for layer in _layers(file)]
        if not layers:
            raise _not_vector(path, "it holds no layer with geometry")
        yield layers


def choose(layers: list[Layer], *, layer: str | None, kind: str, file: str | Path) -> Layer:
    """Choose one layer: the one named, or the only one that fits.

    Parameters
    ----------
    layers : list of Layer
        What the source holds.
    layer : str or None
        Name wanted.
    kind : str
        Kind of table wanted; a layer of that very name goes first, lines fit only ``barriers``.
    file : str or Path
        Name for the error message.

    Returns
    -------
    Layer
        The layer.

    Raises
    ------
    SourceError
        ``layer_missing``, ``layer_ambiguous``; both name the layers there are.
    """
    names = "、".join(entry.name for entry in layers)
    if layer is not None:
        for entry in layers:
            if entry.name == layer:
                return entry
        raise SourceError(
            "layer_missing",
            f"no layer {layer!r}",
            hint=f"没有图层“{layer}”，文件中的图层有：{names}。",
            file=file,
        )
    fitting = [entry for entry in layers if kind in {"barriers", "features"} or entry.polygonal]
    named = [entry for entry in fitting if entry.name == kind]
    for found in (named, fitting, layers):
        if len(found) == 1:
            return found[0]
        if found:
            break
    raise SourceError(
        "layer_ambiguous",
        f"{len(layers)} layers and none chosen",
        hint=f"文件有多个图层，请用 layer 参数（命令行写作 文件#图层）指定其中一个：{names}。",
        file=file,
    )


def verdict(layer: Layer, *, encoding: str | None = None) -> Verdict:
    """Tell in what encoding the attributes of a layer are.

    Parameters
    ----------
    layer : Layer
        The layer.
    encoding : str or None, optional
        What the caller insists on; only shapefiles and 界址点 texts leave a choice.

    Returns
    -------
    Verdict
        Encoding, basis, and whether it is sure.
    """
    suffix = layer.path.suffix.lower()
    if suffix in SHAPEFILE:
        return shapefile_encoding(layer.path, encoding=encoding)
    if suffix in COORDINATES:
        return coordinates.text_encoding(layer.path, encoding=encoding)
    return Verdict(UTF8, "格式规定", sure=True)


def load(layer: Layer, *, encoding: str, crs: Any = None) -> GeoDataFrame:
    """Read a whole layer as it stands: its own columns, plain geometry named ``geometry``.

    Parameters
    ----------
    layer : Layer
        The layer.
    encoding : str
        Encoding of its attributes.
    crs : pyproj.CRS or str or None, optional
        System that the caller insists on; decides contradictions inside a 界址点 text.

    Returns
    -------
    GeoDataFrame
        Rows in file order, numbered from 0; integers and truths nullable; curves as chords,
        without heights; no coordinate system where none is declared.

    Raises
    ------
    SourceError
        ``encoding_wrong``, ``not_vector``.
    """
    import shapely

    suffix = layer.path.suffix.lower()
    if suffix in COORDINATES:
        table = coordinates.read_coordinates(layer.path, encoding=encoding, crs=crs)
        return table.reset_index()
    table = _parquet(layer.path) if suffix in PARQUET else _vector(layer, encoding)
    flat = shapely.force_2d(table.geometry.to_numpy())
    declared = None if _undefined(table.crs) else table.crs
    geometry = type(table.geometry)(flat, index=table.index, crs=declared)
    return table.set_geometry(geometry) if declared else _without_crs(table, geometry)


def facts(layer: Layer, *, encoding: str) -> dict[str, Any]:
    """Say what a layer holds without reading its rows.

    Parameters
    ----------
    layer : Layer
        The layer.
    encoding : str
        Encoding of its attributes.

    Returns
    -------
    dict
        ``features`` (count), ``crs`` (pyproj.CRS or None), ``fields`` (names), ``extent``
        (west, south, east, north in the layer's own units, or None).

    Raises
    ------
    SourceError
        ``encoding_wrong``, ``not_vector``.
    """
    import pyogrio
    from pyproj import CRS

    suffix = layer.path.suffix.lower()
    if suffix in COORDINATES:
        return coordinates.survey_facts(layer.path, encoding=encoding)
    if suffix in PARQUET:
        return _parquet_facts(layer.path)
    with _as_source_error(layer.path, encoding), _readable(layer, encoding) as (path, options):
        info = pyogrio.read_info(path, force_total_bounds=True, **options)
    crs = None if info["crs"] is None else CRS.from_user_input(info["crs"])
    return {
        "features": int(info["features"]),
        "crs": None if _undefined(crs) else crs,
        "fields": [str(name) for name in info["fields"]],
        "extent": info["total_bounds"] if info["features"] else None,
    }


def own_declaration(layer: Layer) -> bool:
    """Say whether a layer's coordinate system is its own word and not its format's default.

    Parameters
    ----------
    layer : Layer
        The layer.

    Returns
    -------
    bool
        False for GeoJSON without a ``crs`` member: by RFC 7946 that means WGS 84, but files with
        metres or CGCS2000 degrees circulate without it.
    """
    if layer.path.suffix.lower() not in {".geojson", ".json"}:
        return True
    with layer.path.open("rb") as file:
        head = file.read(4096)  # bytes; writers put the member before the features
    return b'"crs"' in head


def _files(path: Path) -> list[Path]:
    if path.is_file() or path.suffix.lower() == ".gdb":
        return [path]
    found = [file for file in sorted(path.rglob("*.gdb")) if file.is_dir()]
    found += [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in _IN_FOLDERS and file.is_file()
    ]
    return found


def _layers(path: Path) -> list[Layer]:
    import pyogrio

    suffix = path.suffix.lower()
    if suffix in PARQUET or suffix in COORDINATES:
        return [Layer(path, path.stem, "Polygon")]
    if suffix in _DRAWINGS:
        raise SourceError(
            "format_unsupported",
            f"drawings ({suffix}) are not read",
            hint="CAD 图形没有地块属性，不能直接读入：请先在制图软件中转为 Shapefile 或 GeoPackage。",
            file=path,
        )
    try:
        listed = pyogrio.list_layers(path)
    except pyogrio.errors.DataSourceError as error:
        raise _not_vector(path, str(error)) from error
    return [Layer(path, str(name), str(kind)) for name, kind in listed if kind is not None]


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack a .zip, its names in UTF-8 or GBK, into a folder and nowhere else."""
    try:
        with zipfile.ZipFile(archive) as packed:
            for member in packed.infolist():
                name = member.filename
                if not member.flag_bits & 0x800:  # not marked as UTF-8: zipfile took cp437
                    name = _member_name(name.encode("cp437", "replace"))
                target = (folder / name).resolve()
                if member.is_dir() or not target.is_relative_to(folder.resolve()):
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(member))
    except (zipfile.BadZipFile, RuntimeError, OSError) as error:
        raise _not_vector(archive, str(error)) from error


def _member_name(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _vector(layer: Layer, encoding: str) -> GeoDataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyogrio

    kinds = {pa.bool_(): pd.BooleanDtype()}
    kinds |= {number: pd.Int64Dtype() for number in (pa.int16(), pa.int32(), pa.int64())}
    with _as_source_error(layer.path, encoding), _readable(layer, encoding) as (path, options):
        try:
            table = pyogrio.read_dataframe(
                path,
                use_arrow=True,
                arrow_to_pandas_kwargs={"types_mapper": kinds.get},
                **options,
            )
        except NotImplementedError:  # curves cross Arrow as curves; row by row they become chords
            table = pyogrio.read_dataframe(path, **options)
    _check_texts(table, layer.path, encoding)
    return table


def _check_texts(table: GeoDataFrame, path: Path, encoding: str) -> None:
    """Touch every text once: Arrow finds bytes that are no characters only then."""
    import pyarrow as pa

    try:
        for name in table.columns:
            if table[name].dtype == "str":
                table[name].tolist()
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise wrong(path, encoding) from error


@contextlib.contextmanager
def _readable(layer: Layer, encoding: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Give the file that pyogrio shall open, and how."""
    options = {"layer": layer.name}
    if layer.path.suffix.lower() not in SHAPEFILE:
        yield layer.path, options
        return
    with whole_texts(layer.path, encoding) as path:
        yield path, {**options, "encoding": encoding}


def _parquet(path: Path) -> GeoDataFrame:
    import geopandas as gpd

    with _as_source_error(path, UTF8):
        table = gpd.read_parquet(path)
    named = [str(name) for name in table.index.names if name is not None]
    table = table.reset_index(drop=not named or any(name in table.columns for name in named))
    if table.active_geometry_name != "geometry":
        table = table.rename_geometry("geometry")
    return table


def _parquet_facts(path: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq
    from pyproj import CRS

    with _as_source_error(path, UTF8):
        file = pq.read_metadata(path)
        geo = json.loads((file.metadata or {}).get(b"geo", b"null"))
        if geo is None:
            raise ValueError("no GeoParquet metadata")
    main = geo["columns"][geo["primary_column"]]
    crs = main.get("crs", "OGC:CRS84")  # the format's default
    box = main.get("bbox")
    return {
        "features": file.num_rows,
        "crs": None if crs is None else CRS.from_user_input(crs),
        "fields": [
            name
            for name in file.schema.to_arrow_schema().names
            if name not in geo["columns"] and not name.startswith("__index_level")
        ],
        "extent": None if box is None else (*box[:2], *box[len(box) // 2 :][:2]),
    }


@contextlib.contextmanager
def _as_source_error(path: Path, encoding: str) -> Iterator[None]:
    """Turn what drivers raise into an error that names the mend."""
    import pyarrow as pa
    import pyogrio

    try:
        yield
    except UnicodeDecodeError as error:
        raise wrong(path, encoding) from error
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        pa.ArrowException,
        ValueError,
        OSError,
    ) as error:
        raise _not_vector(path, str(error)) from error


def _not_vector(path: Path, reason: str) -> SourceError:
    return SourceError(
        "not_vector",
        f"not readable as vector data: {reason}",
        hint=f"“{path.name}”不是可读的矢量数据，或文件已损坏：支持 Shapefile、GeoPackage、GeoJSON、"
        "文件地理数据库（.gdb）、KML、GeoParquet、界址点 TXT 以及它们的 .zip。",
        file=path,
    )


def _undefined(crs: Any) -> bool:
    return crs is None or crs.name.startswith(_UNDEFINED) and crs.to_epsg() is None  # noqa: RUF021


def _without_crs(table: GeoDataFrame, geometry: Any) -> GeoDataFrame:
    import geopandas as gpd

    bare = gpd.GeoDataFrame(table.drop(columns="geometry"))
    return bare.set_geometry(geometry.rename("geometry"))

"""Tables out as vector files, each complete or absent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from landgis.formats import sources
from landgis.formats.headings import Headings, headed
from landgis.formats.shapefile import write_shapefile
from landgis.model.errors import OutputError
from landgis.model.files import complete_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame

_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}


def write(
    table: GeoDataFrame | DataFrame,
    path: str | Path,
    *,
    layer: str | None = None,
    headings: Headings = "canonical",
    encoding: str = "UTF-8",
) -> Path:
    """Write a table as one layer of one file, complete or not at all.

    Parameters
    ----------
    table : GeoDataFrame or DataFrame
        Any table of the house; its named index becomes a column.
    path : str or Path
        ``.gpkg``, ``.shp``, ``.geojson`` or ``.parquet``; an existing file is replaced.
    layer : str or None, optional
        Layer name (GeoPackage and GeoJSON); the file's name where None.
    headings : {'canonical', 'ministry', 'chinese'}, optional
        Column names: those of the house, the ministry's field codes, or Chinese labels. A
        shapefile has ten bytes for a name, so canonical names become ministry codes there, and
        short names of ours (``Column.short``, initials of the Chinese label) where the ministry
        has no code.
    encoding : str, optional
        Encoding of a shapefile's characters, declared in its ``.cpg``: ``UTF-8`` or ``GBK``.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        ``output_unwritable``, ``format_unsupported``, ``heading_twice``; for shapefiles also
        ``name_too_long``, ``text_too_long``, ``number_too_wide``, ``encoding_unable``,
        ``geometry_mixed``.
    UsageError
        ``unknown_headings``.

    Notes
    -----
    A shapefile is written through Fiona with the field widths of the ministry's tables
    (Char 50 for DKBH, Float 15.4 for 公顷). No value is cut to fit: what is too long is an error.
    So is a heading of the house that is too long there; a column the user named himself gets a
    short name of its own, which a warning tells and ``<name>.字段对照.csv`` keeps, and `read` gives
    the full name back.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> square = shapely.box(562000, 2428000, 562100, 2428100)
    >>> parcels = geopandas.GeoDataFrame({"parcel_id": ["A1"]}, geometry=[square], crs="EPSG:4545")
    >>> path = write(parcels.set_index("parcel_id"), Path(tempfile.mkdtemp()) / "a.gpkg")
    >>> path.name
    'a.gpkg'
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix in sources.SHAPEFILE:
        return write_shapefile(table, target, headings=headings, encoding=encoding)
    if suffix in sources.PARQUET:
        frame = headed(table, headings)
        with complete_file(target) as temporary:
            frame.to_parquet(temporary, index=False)
        return target
    if suffix not in _DRIVERS:
        raise OutputError(
            "format_unsupported",
            f"cannot write {suffix or 'a file without suffix'}",
            hint="可写格式：.gpkg、.shp、.geojson、.parquet（坐标文本用 write_coordinates）。",
            file=target,
        )
    return _write_layers({layer or target.stem: table}, target, headings)


def write_layers(
    tables: Mapping[str, GeoDataFrame | DataFrame],
    path: str | Path,
    *,
    headings: Headings = "canonical",
) -> Path:
    """Write several tables as the layers of one GeoPackage, complete or not at all.

    Parameters
    ----------
    tables : mapping of str to GeoDataFrame or DataFrame
        Layer name to table; tables without geometry become attribute tables.
    path : str or Path
        The ``.gpkg`` file; an existing one is replaced.
    headings : {'canonical', 'ministry', 'chinese'}, optional
        Column names, as in `write`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        ``output_unwritable``, ``format_unsupported``, ``heading_twice``.
    UsageError
        ``unknown_headings``.

    Examples
    --------
    >>> import geopandas, pandas, shapely, tempfile
    >>> units = geopandas.GeoDataFrame(
    ...     {"unit": ["钦南区"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4490"
    ... )
    >>> findings = pandas.DataFrame({"code": ["bow_tie"]})
    >>> folder = Path(tempfile.mkdtemp())
    >>> path = write_layers({"units": units, "findings": findings}, folder / "all.gpkg")
    >>> import pyogrio
    >>> [str(name) for name, _ in pyogrio.list_layers(path)]
    ['units', 'findings']
    """
    target = Path(path)
    if target.suffix.lower() != ".gpkg":
        raise OutputError(
            "format_unsupported",
            "only a GeoPackage holds several layers",
            hint="多个图层只能写入一个 .gpkg 文件。",
            file=target,
        )
    return _write_layers(tables, target, headings)


def _write_layers(
    tables: Mapping[str, GeoDataFrame | DataFrame], target: Path, headings: Headings
) -> Path:
    import pyogrio

    framed = {name: headed(table, headings) for name, table in tables.items()}
    driver = _DRIVERS[target.suffix.lower()]
    with complete_file(target) as temporary:
        for name, frame in framed.items():
            try:
                pyogrio.write_dataframe(
                    frame,
                    temporary,
                    layer=name,
                    driver=driver,
                    use_arrow=True,
                    **_reserved(frame, driver),
                )
            except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
                raise _unwritable(target, error) from error
            except (pyogrio.errors.FeatureError, pyogrio.errors.FieldError, ValueError) as error:
                raise _unwritable(target, error) from error
    return target


def _reserved(frame: DataFrame, driver: str) -> dict[str, str]:
    """Keep a GeoPackage's own columns out of the way of the table's."""
    if driver != "GPKG":
        return {}
    taken = {str(name).lower() for name in frame.columns}
    options = {"FID": "ogc_fid"} if "fid" in taken else {}
    return options | ({"GEOMETRY_NAME": "ogc_geom"} if "geom" in taken else {})


def _unwritable(target: Path, error: Exception) -> OutputError:
    return OutputError(
        "output_unwritable",
        f"the driver cannot write: {error}",
        hint=f"无法写入“{target}”：{error}。",
        file=target,
    )

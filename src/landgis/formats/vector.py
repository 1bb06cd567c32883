"""The door for layers: vector files in, as tables of the house; tables out, as vector files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from landgis.formats import columns as names
from landgis.formats import placement, sources, values
from landgis.formats.headings import Headings, headed
from landgis.formats.shapefile import write_shapefile
from landgis.model import schema
from landgis.model.errors import (
    CrsError,
    DataError,
    OutputError,
    SchemaError,
    UsageError,
)
from landgis.model.files import complete_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame
    from pyproj import CRS

    from landgis.formats.encoding import Verdict

Kind = Literal["parcels", "zones", "units", "barriers"]

_TABLES: dict[str, schema.Table] = {
    "parcels": schema.PARCELS,
    "zones": schema.ZONES,
    "units": schema.UNITS,
    "barriers": schema.BARRIERS,
}
_POLYGONS = {"Polygon", "MultiPolygon"}
_LINES = {"LineString", "LinearRing", "MultiLineString"}
_MUST_HOLD_ROWS = {"parcels", "units"}  # a layer of zones without a zone is an answer
_NUMBERED = {"zones", "barriers"}  # their ids name nothing outside the file
_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}
EXAMPLES = 5  # rows quoted in an error message


def read(
    source: str | Path,
    *,
    layer: str | None = None,
    kind: Kind = "parcels",
    encoding: str | None = None,
    crs: CRS | str | int | None = None,
    columns: Mapping[str, str] | None = None,
) -> GeoDataFrame:
    """Read a layer as a table of the house.

    Parameters
    ----------
    source : str or Path
        Shapefile, GeoPackage, GeoJSON, KML, file geodatabase (folder ``.gdb``), GeoParquet,
        界址点 ``.txt``, whatever else pyogrio reads, or a ``.zip`` or folder of these.
    layer : str or None, optional
        Layer name; needed where several would do.
    kind : {'parcels', 'zones', 'units', 'barriers'}, optional
        Which table it shall become.
    encoding : str or None, optional
        Encoding of a shapefile's or 界址点 text's characters; None finds out.
    crs : pyproj.CRS or str or int or None, optional
        Coordinate system of a file that declares none. It never overrides a declaration.
    columns : mapping of str to str or None, optional
        Canonical name to the file's column name, before all names recognised by `schema`;
        ``{"parcel_id": "#"}`` numbers the rows (``行1``, ``行2``, …), ``{"vacancy_share": ""}``
        leaves that canonical column out, so that the file's column stays as it is.

    Returns
    -------
    GeoDataFrame
        Rows in file order, indexed by ``parcel_id``, ``zone_id``, ``unit`` or ``barrier_id``
        (text, ``""`` where missing, repeated where the file repeats it: `check` reports both);
        recognised columns under canonical names with the dtypes of `schema.DTYPES`, all others
        as they are; ``attrs`` keeps source, layer, encoding, its basis, and the source name of
        every canonical column.

    Raises
    ------
    SourceError
        ``file_missing``, ``not_vector``, ``layer_missing``, ``layer_ambiguous``,
        ``encoding_wrong``, ``format_unsupported``; for 界址点 texts see `read_coordinates`.
    DataError
        ``layer_empty`` (parcels and units), ``geometry_kind`` for rows that are no polygons (no
        lines or polygons for barriers).
    SchemaError
        ``id_missing`` where parcels or units have no id column, ``column_absent``,
        ``column_twice``, ``value_unreadable``.
    CrsError
        ``crs_missing``, ``crs_contradiction``, ``crs_unknown``, and the codes of
        `placement.check_placement`.
    UsageError
        ``unknown_kind``, ``unknown_column``, ``unknown_encoding``.

    Notes
    -----
    Null and empty geometries stay, heights go, curves become chords. GeoJSON without a ``crs``
    member takes `crs` where it is given, for files with other coordinates than RFC 7946 wants
    circulate.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> square = shapely.box(562000, 2428000, 562100, 2428100)
    >>> ledger = {"DKBH": ["A1"], "DKMJ": ["1.0000"], "SFDG": ["否"]}
    >>> path = Path(tempfile.mkdtemp()) / "parcels.gpkg"
    >>> geopandas.GeoDataFrame(ledger, geometry=[square], crs="EPSG:4545").to_file(path)
    >>> parcels = read(path)
    >>> parcels.loc["A1", ["declared_ha", "commenced"]].tolist()
    [1.0, False]
    """
    of = _table_of(kind)
    given = None if crs is None else _system(crs)
    with sources.opened(source) as layers:
        chosen = sources.choose(layers, layer=layer, kind=kind, file=source)
        verdict = sources.verdict(chosen, encoding=encoding)
        raw = sources.load(chosen, encoding=verdict.encoding, crs=given)
        own = sources.own_declaration(chosen)
    if not len(raw) and kind in _MUST_HOLD_ROWS:
        raise DataError(
            "layer_empty",
            f"layer {chosen.name!r} holds no rows",
            hint=f"图层“{chosen.name}”没有任何要素，不能作为{of.label}。",
            file=source,
        )
    _check_shapes(raw, kind, source)
    raw = _placed(raw, given, own=own, what=of.label, file=source)
    cut = chosen.path.suffix.lower() in sources.SHAPEFILE
    return _canonical(raw, of, chosen, verdict, columns=columns, cut=cut, file=source)


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
        shapefile has ten bytes for a name, so canonical names become ministry codes there.
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
    (Char 50 for DKBH, Float 15.4 for 公顷). Nothing is cut to fit: what is too long is an error.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> square = shapely.box(562000, 2428000, 562100, 2428100)
    >>> parcels = geopandas.GeoDataFrame({"parcel_id": ["A1"]}, geometry=[square], crs="EPSG:4545")
    >>> path = write(parcels.set_index("parcel_id"), Path(tempfile.mkdtemp()) / "a.gpkg")
    >>> read(path).index.tolist()
    ['A1']
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
    >>> describe(path)["layer"].tolist()
    ['units']
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


def describe(path: str | Path) -> DataFrame:
    """Say what layers a source holds, without reading their rows.

    Parameters
    ----------
    path : str or Path
        Any source that `read` reads.

    Returns
    -------
    DataFrame
        One row per layer: ``layer``, ``geometry``, ``features``, ``crs`` (authority code or
        name, empty where none is declared), ``fields`` (list of names), ``encoding``,
        ``encoding_basis`` (Chinese), ``encoding_sure``, ``extent`` (west, south, east, north in
        the layer's own units, or None).

    Raises
    ------
    SourceError
        ``file_missing``, ``not_vector``, ``encoding_wrong``, ``format_unsupported``.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.geojson"
    >>> square = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4490)
    >>> square.to_file(path)
    >>> describe(path)[["layer", "features", "crs"]].iloc[0].tolist()
    ['a', 1, 'EPSG:4490']
    """
    import pandas as pd

    rows = []
    with sources.opened(path) as layers:
        for layer in layers:
            verdict = sources.verdict(layer)
            facts = sources.facts(layer, encoding=verdict.encoding)
            rows.append(
                {
                    "layer": layer.name,
                    "geometry": layer.geometry,
                    "features": facts["features"],
                    "crs": "" if facts["crs"] is None else _short(facts["crs"]),
                    "fields": facts["fields"],
                    "encoding": verdict.encoding,
                    "encoding_basis": verdict.basis,
                    "encoding_sure": verdict.sure,
                    "extent": facts["extent"],
                }
            )
    return pd.DataFrame(rows)


def _short(crs: CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _table_of(kind: str) -> schema.Table:
    if kind not in get_args(Kind):
        raise UsageError(
            "unknown_kind",
            f"unknown kind {kind!r}",
            hint=f"数据种类应为 {'、'.join(get_args(Kind))} 之一。",
        )
    return _TABLES[kind]


def _system(crs: CRS | str | int) -> CRS:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise CrsError(
            "crs_unknown",
            f"unknown coordinate reference system {crs!r}",
            hint=f"不认识坐标系“{crs}”：请写 EPSG 代码，如 EPSG:4545。",
        ) from error


def _placed(
    raw: GeoDataFrame, given: CRS | None, *, own: bool, what: str, file: str | Path
) -> GeoDataFrame:
    """Give the rows the one system that is declared, given, and not contradicted."""
    declared = raw.crs
    if declared is None and given is None:
        raise CrsError(
            "crs_missing",
            "the file declares no coordinate reference system",
            hint=f"{what}数据没有声明坐标系，{placement.suggestion(raw)}"
            "请补上 .prj 文件，或用 crs 参数（--crs EPSG:4524）指明。",
            file=file,
        )
    if declared is not None and given is not None and own and not _same(declared, given):
        raise CrsError(
            "crs_contradiction",
            f"the file declares {declared.name}, the call says {given.name}",
            hint=f"文件声明的坐标系是“{declared.name}”，与指定的“{given.name}”不同："
            "若要转换请用 landgis convert，若文件声明有误请先改正 .prj。",
            file=file,
        )
    placed = raw if given is None else raw.set_crs(given, allow_override=True)
    placement.check_placement(placed, file=file)
    return placed


def _same(declared: CRS, given: CRS) -> bool:
    """Whether two systems are one, be the first spelt as a driver spells it."""
    if declared.equals(given, ignore_axis_order=True):
        return True
    code = declared.to_epsg()
    ellipsoids = [crs.ellipsoid for crs in (declared, given)]
    return (
        code is not None
        and code == given.to_epsg()
        and None not in ellipsoids
        and len({(e.semi_major_metre, e.inverse_flattening) for e in ellipsoids if e}) == 1
    )


def _check_shapes(raw: GeoDataFrame, kind: str, file: str | Path) -> None:
    allowed = _POLYGONS | _LINES if kind == "barriers" else _POLYGONS
    shapes = raw.geom_type
    wrong = [
        (row, shape)
        for row, shape in enumerate(shapes.tolist(), start=1)
        if isinstance(shape, str) and shape not in allowed
    ]
    if wrong:
        row, shape = wrong[0]
        rows = "、".join(str(row) for row, _ in wrong[:EXAMPLES])
        raise DataError(
            "geometry_kind",
            f"{len(wrong)} rows are not {'lines or polygons' if kind == 'barriers' else 'polygons'}"
            f" but {shape}",
            hint=f"有 {len(wrong)} 个要素不是{'线或面' if kind == 'barriers' else '面'}"
            f"（第 {rows} 行，{shape}）：请删除或改为正确的图形类型。",
            file=file,
            row=row,
        )


def _canonical(
    raw: GeoDataFrame,
    of: schema.Table,
    layer: sources.Layer,
    verdict: Verdict,
    *,
    columns: Mapping[str, str] | None,
    cut: bool,
    file: str | Path,
) -> GeoDataFrame:
    fields = [str(name) for name in raw.columns if name != "geometry"]
    naming = names.recognise(fields, of, columns=columns, cut=cut, file=file)
    table = raw.rename(columns={source: name for name, source in naming.sources.items()})
    for name in naming.sources:
        table[name] = values.bring(
            table[name],
            of.column(name),
            place=lambda position: f"row {position + 1}",
            unit=naming.units.get(name, ""),
            file=file,
        )
    if of is schema.ZONES:
        table["layer"] = _layer_names(table, layer.name)
    table = _indexed(table, of, columns or {}, file)
    table.attrs |= {
        "source": str(file),
        "layer": layer.name,
        "encoding": verdict.encoding,
        "encoding_basis": verdict.basis,
        "names": naming.sources,
    }
    return table


def _layer_names(zones: GeoDataFrame, layer: str) -> Any:
    import pandas as pd

    if "layer" not in zones.columns:
        return pd.Series(layer, index=zones.index, dtype=schema.DTYPES["text"])
    return zones["layer"].fillna(layer)


def _indexed(
    table: GeoDataFrame, of: schema.Table, columns: Mapping[str, str], file: str | Path
) -> GeoDataFrame:
    import pandas as pd

    name = str(of.index)
    numbered = columns.get(name) == names.ROW_NUMBER
    if name in table.columns and not numbered:
        ids = table[name].fillna("")
        return table.drop(columns=name).set_index(pd.Index(ids, name=name, dtype="str"))
    if numbered or of.name in _NUMBERED:
        rows = [f"行{row}" for row in range(1, len(table) + 1)]
        return table.set_index(pd.Index(rows, name=name, dtype="str"))
    fields = "、".join(str(field) for field in table.columns if field != "geometry")
    raise SchemaError(
        "id_missing",
        f"no column is recognised as {name}",
        hint=f"没有找到{of.column(name).label}（{name}）：请用 columns={{'{name}': '列名'}} 指定，"
        f"或用 columns={{'{name}': '#'}} 按行号编号。文件中的列：{fields or '（无）'}。",
        file=file,
    )


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

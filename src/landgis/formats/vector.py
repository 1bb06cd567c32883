"""The door for layers: vector files in, as tables of the house; tables out, as vector files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from landgis.formats import columns as names
from landgis.formats import placement, sources, values
from landgis.formats.short_names import full_names
from landgis.formats.vector_writing import write, write_layers
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pandas import DataFrame
    from pyproj import CRS

    from landgis.formats.encoding import Verdict

__all__ = ["Kind", "describe", "read", "write", "write_layers"]

Kind = Literal["parcels", "zones", "units", "barriers", "features"]

_TABLES: dict[str, schema.Table] = {
    "parcels": schema.PARCELS,
    "zones": schema.ZONES,
    "units": schema.UNITS,
    "barriers": schema.BARRIERS,
    "features": schema.FEATURES,
}
_POLYGONS = {"Polygon", "MultiPolygon"}
_LINES = {"LineString", "LinearRing", "MultiLineString"}
_MUST_HOLD_ROWS = {"parcels", "units"}  # a layer of zones without a zone is an answer
_NUMBERED = {"zones", "barriers", "features"}  # their ids name nothing outside the file
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
    kind : {'parcels', 'zones', 'units', 'barriers', 'features'}, optional
        Which table it shall become; features may be of any shape.
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
        Rows in file order, indexed by ``parcel_id``, ``zone_id``, ``unit``, ``barrier_id`` or
        ``feature_id`` (text, ``""`` where missing, repeated where the file repeats it: `check` reports both);
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
    >>> from pathlib import Path
    >>> square = shapely.box(562000, 2428000, 562100, 2428100)
    >>> ledger = {"DKBH": ["A1"], "DKMJ": ["1.0000"], "SFDG": ["否"]}
    >>> path = Path(tempfile.mkdtemp()) / "parcels.gpkg"
    >>> geopandas.GeoDataFrame(ledger, geometry=[square], crs="EPSG:4545").to_file(path)
    >>> parcels = read(path)
    >>> float(parcels["declared_ha"]["A1"]), bool(parcels["commenced"]["A1"])
    (1.0, False)
    """
    of = _table_of(kind)
    given = None if crs is None else systems.named(crs)
    with sources.opened(source) as layers:
        chosen = sources.choose(layers, layer=layer, kind=kind, file=source)
        verdict = sources.verdict(chosen, encoding=encoding)
        raw = sources.load(chosen, encoding=verdict.encoding, crs=given)
        own = sources.own_declaration(chosen)
        cut = chosen.path.suffix.lower() in sources.SHAPEFILE
        if cut:
            raw = raw.rename(columns=full_names(chosen.path, raw.columns))
    if not len(raw) and kind in _MUST_HOLD_ROWS:
        raise DataError(
            "layer_empty",
            f"layer {chosen.name!r} holds no rows",
            hint=f"图层“{chosen.name}”没有任何要素，不能作为{of.label}。",
            file=source,
        )
    _check_shapes(raw, kind, source)
    raw = _placed(raw, given, own=own, what=of.label, file=source)
    return _canonical(raw, of, chosen, verdict, columns=columns, cut=cut, file=source)


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
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "a.geojson"
    >>> square = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4490)
    >>> square.to_file(path)
    >>> described = describe(path)
    >>> described["layer"][0], int(described["features"][0]), described["crs"][0]
    ('a', 1, 'EPSG:4490')
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
    if kind == "features":
        return
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
    table = _indexed(table, of, columns or {}, fields, file)
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
    table: GeoDataFrame,
    of: schema.Table,
    columns: Mapping[str, str],
    fields: list[str],
    file: str | Path,
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
    raise SchemaError(
        "id_missing",
        f"no column is recognised as {name}",
        hint=f"没有找到{of.column(name).label}（{name}）：请用 columns={{'{name}': '列名'}}"
        f"（命令行 --column {name}=列名）指定，或用 {{'{name}': '#'}} 按行号编号。"
        f"文件中的列：{'、'.join(fields) or '（无）'}。",
        file=file,
    )

"""Tables out as 界址点 texts: numbered, closed, clockwise from the north-west corner."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landgis.formats.encoding import known
from landgis.formats.placement import ZONES_3_DEGREES, ZONES_6_DEGREES
from landgis.model.crs import PREFIX_STEP, require_metric
from landgis.model.errors import CrsError, DataError, OutputError
from landgis.model.files import complete_file
from landgis.model.units import HA_DECIMALS, convert, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS

DECIMALS = 4  # of metres
_COLUMNS = ("area_m2", "declared_ha", "parcel_name", "图幅号", "地块用途", "地类编码")
_DATUMS = {
    "China Geodetic Coordinate System 2000": "2000国家大地坐标系",
    "CGCS2000": "2000国家大地坐标系",
    "Xian 1980": "80国家大地坐标系",
    "Beijing 1954": "54北京坐标系",
}
_HALF_WIDTH = {3: ZONES_3_DEGREES, 6: ZONES_6_DEGREES}


def write_coordinates(
    table: GeoDataFrame,
    path: str | Path,
    *,
    encoding: str = "GBK",
    producer: str = "",
    produced: dt.date | None = None,
) -> Path:
    """Write parcels as a 界址点 text, complete or not at all.

    Parameters
    ----------
    table : GeoDataFrame
        Parcels indexed by ``parcel_id``, polygons in a Gauss-Krüger system of 3° or 6° zones.
        ``area_m2``, else ``declared_ha``, gives 地块面积; ``parcel_name``, ``图幅号``, ``地块用途``
        and ``地类编码`` are written where the table has them.
    path : str or Path
        The ``.txt`` file; an existing one is replaced.
    encoding : str, optional
        Encoding of the text; ministry tools expect GBK.
    producer : str, optional
        Who made the data (数据产生单位).
    produced : date or None, optional
        When they were made (数据产生日期); today where None.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_degrees``, ``crs_no_zone`` for a system that is no such zone.
    DataError
        ``geometry_missing`` for a parcel without polygon, ``geometry_kind`` for another shape.
    OutputError
        ``output_unwritable``, ``encoding_unable``.

    Notes
    -----
    Eastings carry the zone number, also where the table's system has none. Every ring starts at
    its north-west corner, shells clockwise, holes anticlockwise; J numbers run through a parcel; a
    closing line repeats the first point, and 界址点数 counts it. Commas in texts become 、 so that
    the line keeps its columns.

    Examples
    --------
    >>> import geopandas, tempfile
    >>> square = shapely.box(562000, 2428000, 562100, 2428100)
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"declared_ha": [1.0]}, geometry=[square], index=["A1"], crs="EPSG:4545"
    ... )
    >>> path = write_coordinates(parcels, Path(tempfile.mkdtemp()) / "a.txt")
    >>> for line in path.read_text(encoding="gbk").splitlines()[-6:]:
    ...     print(line)
    5,1.0000,A1,,面,,,,@
    J1,1,2428100.0000,36562000.0000
    J2,1,2428100.0000,36562100.0000
    J3,1,2428000.0000,36562100.0000
    J4,1,2428000.0000,36562000.0000
    J1,1,2428100.0000,36562000.0000
    """
    target = Path(path)
    crs = require_metric(table, what="地块")
    datum, width, zone, shift = _zone(crs)
    day = dt.datetime.now().astimezone().date() if produced is None else produced
    lines = [
        "[属性描述]",
        "格式版本号=1.01版本",
        f"数据产生单位={producer}",
        f"数据产生日期={day.isoformat()}",
        f"坐标系={datum}",
        f"几度分带={width}",
        "投影类型=高斯克吕格",
        "计量单位=米",
        f"带号={zone}",
        f"精度={10.0**-DECIMALS:.{DECIMALS}f}",
        "转换参数=0,0,0,0,0,0,0",
        "[地块坐标]",
        *_parcels(table, shift),
    ]
    text = "".join(f"{line}\r\n" for line in lines)
    try:
        data = text.encode(known(encoding))
    except UnicodeEncodeError as error:
        raise OutputError(
            "encoding_unable",
            f"{encoding} has no code for {text[error.start]!r}",
            hint=f"{encoding} 编码写不出“{text[error.start]}”：请改用 GB18030 或 UTF-8。",
            file=target,
        ) from error
    with complete_file(target) as temporary:
        temporary.write_bytes(data)
    return target


def _parcels(table: GeoDataFrame, shift: float) -> Iterator[str]:
    blank = [None] * len(table)
    cells = [table[name].tolist() if name in table.columns else blank for name in _COLUMNS]
    for name, shape, *row in zip(table.index, table.geometry, *cells, strict=True):
        _check_shape(str(name), shape)
        rings = list(_rings(shape))
        area_m2, declared_ha, parcel_name, *rest = row
        fields = [
            str(sum(len(ring) for ring in rings)),
            _area(area_m2, declared_ha),
            _text(name),
            _text(parcel_name),
            "面",
            *(_text(cell) for cell in rest),
        ]
        yield ",".join(fields) + ",@"
        first = 1
        for number, ring in enumerate(rings, start=1):
            count = len(ring) - 1
            for i, (east, north) in enumerate(ring.tolist()):
                yield (
                    f"J{first + i % count},{number},"
                    f"{north:.{DECIMALS}f},{east + shift:.{DECIMALS}f}"
                )
            first += count


def _rings(shape: Any) -> Iterator[NDArray[np.float64]]:
    """Give every ring, closed, from its north-west corner, shells clockwise, holes the other way."""
    for part in shapely.get_parts(shapely.force_2d(shape)):
        for ring in [part.exterior, *part.interiors]:
            xy = shapely.get_coordinates(ring)[:-1]
            clockwise = not shapely.is_ccw(ring)
            if clockwise != (ring == part.exterior):
                xy = xy[::-1]
            start = int(np.argmax(xy[:, 1] - xy[:, 0]))
            rolled = np.roll(xy, -start, axis=0)
            yield np.vstack([rolled, rolled[:1]])


def _area(area_m2: float | None, declared_ha: float | None) -> str:
    measured = None if area_m2 is None else float(convert(area_m2, source="m2", target="ha"))
    for value in (measured, declared_ha):
        if value is not None and value == value:  # noqa: PLR0124 - only NaN differs from itself
            return show(float(value), HA_DECIMALS)
    return ""


def _text(cell: Any) -> str:
    if cell is None or cell != cell:  # noqa: PLR0124 - only NaN differs from itself
        return ""
    return str(cell).replace(",", "、").replace("\n", " ").strip()


def _check_shape(name: str, shape: Any) -> None:
    if shape is None or shape.is_empty:
        raise DataError(
            "geometry_missing",
            "a parcel without polygon has no boundary points",
            hint=f"地块“{name}”没有图形，写不出界址点：请先补图形或剔除。",
            parcel=name,
        )
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        raise DataError(
            "geometry_kind",
            f"a {shape.geom_type} is no parcel",
            hint=f"地块“{name}”的图形不是面（{shape.geom_type}）。",
            parcel=name,
        )


def _zone(crs: CRS) -> tuple[str, int, int, float]:
    """Give datum text, zone width, zone number, and what to add to eastings to carry it."""
    operation = crs.coordinate_operation
    values = {item.name: item.value for item in operation.params} if operation else {}
    easting = float(values.get("False easting", np.nan))
    meridian = float(values.get("Longitude of natural origin", np.nan))
    scale = float(values.get("Scale factor at natural origin", np.nan))
    datum = _DATUMS.get("" if crs.geodetic_crs is None else crs.geodetic_crs.name)
    number = int(easting // PREFIX_STEP) if easting >= PREFIX_STEP else 0
    wide = number in ZONES_6_DEGREES or (not number and _named_six_degrees(crs))
    width = 6 if wide else 3
    zone = (meridian + 3) / 6 if wide else meridian / 3
    if datum is None or scale != 1 or zone not in _HALF_WIDTH[width] or number not in {0, zone}:
        raise CrsError(
            "crs_no_zone",
            f"{crs.name} is no Gauss-Krüger zone of 3 or 6 degrees",
            hint=f"界址点文件需要 3 度或 6 度分带的高斯-克吕格坐标，而数据是“{crs.name}”："
            "请先用 landgis convert --to-crs 转换。",
        )
    return datum, width, int(zone), 0.0 if number else zone * PREFIX_STEP


def _named_six_degrees(crs: CRS) -> bool:
    """Whether an unprefixed system is of 6° zones; its meridian alone may serve both widths."""
    code = crs.to_epsg()
    name = type(crs).from_epsg(code).name if code else crs.name
    return "/ Gauss-Kruger" in name or "6-degree" in name

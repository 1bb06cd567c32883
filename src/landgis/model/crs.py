"""Coordinate systems: what a table's coordinates mean, and how two tables meet.

Nothing here guesses in silence: a table without a declared system, or two systems between which no
transformation is published, is an error that names the mend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.model.arguments import require_shapes
from landgis.model.errors import CrsError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS, Geod, Transformer

CGCS2000 = "EPSG:4490"
PREFIX_STEP = 1_000_000  # a zone number stands in front of the easting as whole millions of metres

# Datums that follow the ITRF within decimetres: PROJ knows only a null shift between them, and
# for parcels that shift is right (domain knowledge: WGS84 against CGCS2000 is below 0.1 m).
_ITRF_LIKE = ("World Geodetic System 1984", "China 2000", "WGS 84", "ITRF", "JGD2011", "GRS80")


def require_crs(table: GeoDataFrame, *, what: str) -> CRS:
    """Give the coordinate system of a table, or say that it has none.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry.
    what : str
        Chinese word for the table, used in the hint, such as ``地块``.

    Returns
    -------
    pyproj.CRS
        The declared system.

    Raises
    ------
    CrsError
        ``crs_missing`` where none is declared.
    UsageError
        ``not_a_table``.
    SchemaError
        ``geometry_missing``.
    """
    require_shapes(table, what=what)
    if table.crs is None:
        raise CrsError(
            "crs_missing",
            "the table has no coordinate reference system",
            hint=f"{what}数据没有声明坐标系：请补上 .prj 文件，或用 crs 参数（--crs EPSG:4524）指明。",
        )
    crs: CRS = table.crs
    return crs


def require_metric(table: GeoDataFrame, *, what: str) -> CRS:
    """Give the coordinate system of a table whose coordinates must be metres.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry.
    what : str
        Chinese word for the table, used in the hint.

    Returns
    -------
    pyproj.CRS
        The declared projected system.

    Raises
    ------
    CrsError
        ``crs_missing``; ``crs_degrees`` where it is geographic; ``crs_not_metres`` where its unit
        is another, such as feet.
    """
    crs = require_crs(table, what=what)
    if not crs.is_projected:
        raise CrsError(
            "crs_degrees",
            f"{crs.to_string()} is in degrees, but this step measures in metres",
            hint=f"{what}数据是经纬度坐标，本步骤需要以米为单位的投影坐标："
            "请先用 landgis convert --to-crs 转到高斯-克吕格投影（如 EPSG:4545），"
            '或在 landgis.toml 的 [project] 中写 crs = "EPSG:4545"。',
        )
    if not is_metric(crs):
        raise CrsError(
            "crs_not_metres",
            f"{crs.to_string()} is in {crs.axis_info[0].unit_name}, but this step measures in metres",
            hint=f"{what}坐标的单位是 {crs.axis_info[0].unit_name} 而不是米：请先用 landgis convert --to-crs "
            "转到以米为单位的投影，或在 landgis.toml 的 [project] 中写明 crs。",
        )
    return crs


def is_metric(crs: CRS) -> bool:
    """Say whether coordinates are metres of a plane.

    Parameters
    ----------
    crs : pyproj.CRS
        Any system.

    Returns
    -------
    bool
        False for degrees and for planes in feet.
    """
    factors = [axis.unit_conversion_factor for axis in crs.axis_info[:2]]
    return bool(crs.is_projected) and all(factor == 1.0 for factor in factors)


def named(name: CRS | str | int) -> CRS:
    """Find a coordinate system by what a person calls it.

    Parameters
    ----------
    name : pyproj.CRS or str or int
        Such as ``EPSG:4545`` or 4545.

    Returns
    -------
    pyproj.CRS
        The system.

    Raises
    ------
    CrsError
        ``crs_unknown`` where there is none of that name.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        raise CrsError(
            "crs_unknown",
            f"unknown coordinate reference system {name!r}",
            hint=f"不认识坐标系“{name}”：请写 EPSG 代码，如 EPSG:4545。",
        ) from error


def transformer(source: CRS | str, target: CRS | str) -> Transformer:
    """Relate two systems, x east and y north, refusing a shift that nobody published.

    Parameters
    ----------
    source : pyproj.CRS or str
        System of the input coordinates.
    target : pyproj.CRS or str
        System of the output coordinates.

    Returns
    -------
    pyproj.Transformer
        Ready to use, ``always_xy``.

    Raises
    ------
    CrsError
        ``crs_unknown``; ``crs_no_transformation`` where PROJ knows only a ballpark shift between different datums.

    Examples
    --------
    >>> east, north = transformer("EPSG:4490", "EPSG:4545").transform(108.6, 21.95)
    >>> round(east, 3), round(north, 3)
    (561979.807, 2428385.291)
    """
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    a, b = named(source), named(target)
    try:
        return Transformer.from_crs(a, b, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        if _follows_itrf(a) and _follows_itrf(b):
            return Transformer.from_crs(a, b, always_xy=True)
        raise CrsError(
            "crs_no_transformation",
            f"no published transformation from {a.name} to {b.name}",
            hint=f"“{a.name}”与“{b.name}”之间没有公开的转换参数：请用当地四参数或七参数转换后再读入。",
        ) from error


def _follows_itrf(crs: CRS) -> bool:
    geodetic = crs.geodetic_crs
    name = "" if geodetic is None or geodetic.datum is None else geodetic.datum.name
    return any(word in f"{name} {'' if geodetic is None else geodetic.name}" for word in _ITRF_LIKE)


def geographic(crs: CRS) -> CRS:
    """Give the degrees that a coordinate system is built on, on its own ellipsoid.

    Parameters
    ----------
    crs : pyproj.CRS
        Any system on an ellipsoid.

    Returns
    -------
    pyproj.CRS
        Its geographic system.

    Raises
    ------
    CrsError
        ``crs_no_ellipsoid`` for a local engineering grid, which lies on no known place of the earth.
    """
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.ellipsoid is None:
        raise CrsError(
            "crs_no_ellipsoid",
            f"{crs.name} stands on no ellipsoid",
            hint=f"坐标系“{crs.name}”没有椭球，不能计算椭球面积：请先转换到 2000 国家大地坐标系。",
        )
    return geodetic


def earth(crs: CRS) -> Geod:
    """Give the ellipsoid a coordinate system stands on.

    Parameters
    ----------
    crs : pyproj.CRS
        Any system on an ellipsoid.

    Returns
    -------
    pyproj.Geod
        The ellipsoid; ``a`` is its semi-major axis in metres, ``es`` its eccentricity squared.

    Raises
    ------
    CrsError
        ``crs_no_ellipsoid`` where it stands on none.
    """
    geod = geographic(crs).get_geod()
    assert geod is not None, "a geographic system with an ellipsoid has a Geod"  # noqa: S101
    return geod


def require_same(table: GeoDataFrame, crs: CRS, *, what: str) -> None:
    """Refuse a table that stands in another coordinate system.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry and a declared system.
    crs : pyproj.CRS
        The system it must stand in.
    what : str
        Chinese word for the table, used in the hint.

    Raises
    ------
    CrsError
        ``crs_missing``; ``crs_mismatch``, naming both systems.
    """
    own = require_crs(table, what=what)
    if not own.equals(crs, ignore_axis_order=True):
        raise CrsError(
            "crs_mismatch",
            f"the tables stand in two coordinate systems: {own.to_string()} ({own.name}) and "
            f"{crs.to_string()} ({crs.name})",
            hint=f"{what}的坐标系是“{own.name}”，地块的坐标系是“{crs.name}”，不能直接相比："
            "请先用 landgis convert --to-crs（Python 中用 to_crs）转到同一坐标系。",
        )


def align(table: GeoDataFrame, crs: CRS | str, *, what: str) -> GeoDataFrame:
    """Bring a table into a coordinate system.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry and a declared system.
    crs : pyproj.CRS or str
        The system wanted.
    what : str
        Chinese word for the table, used in the hint.

    Returns
    -------
    GeoDataFrame
        The same table where it already is in that system, else a transformed copy.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_no_transformation``, or ``crs_out_of_range`` where coordinates
        leave the finite range, as degrees declared as metres or a wrong zone prefix do.
    """
    import numpy as np
    import shapely

    own = require_crs(table, what=what)
    wanted = named(crs)
    if own.equals(wanted, ignore_axis_order=True):
        return table
    move = transformer(own, wanted)
    geometry = shapely.transform(
        table.geometry.to_numpy(),
        lambda points: np.column_stack(move.transform(points[:, 0], points[:, 1])),
    )
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise CrsError(
            "crs_out_of_range",
            f"coordinates leave the range of {wanted.name} when read as {own.name}",
            hint=f"{what}坐标与声明的坐标系“{own.name}”不符：请检查带号前缀、中央经线和 X/Y 顺序。",
        )
    moved = table.copy()
    return moved.set_geometry(type(table.geometry)(geometry, index=table.index, crs=wanted))


def metric_crs(table: GeoDataFrame) -> CRS:
    """Choose a system in metres for a table: its own where it is, else one fit for its place.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry and a declared system.

    Returns
    -------
    pyproj.CRS
        The table's own system; the CGCS2000 3° Gauss-Krüger zone without prefix around its middle
        for CGCS2000 degrees; the UTM zone for other degrees and for planes in feet.

    Examples
    --------
    >>> import geopandas, shapely
    >>> table = geopandas.GeoDataFrame(geometry=[shapely.Point(108.6, 21.9)], crs="EPSG:4490")
    >>> metric_crs(table).to_epsg()
    4545
    """
    from pyproj import CRS

    crs = require_crs(table, what="")
    if is_metric(crs):
        return crs
    if crs.is_geographic and ("China" in crs.name or "CGCS2000" in crs.name):
        west, _, east, _ = table.total_bounds
        zone = round((west + east) / 2 / 3)
        return CRS.from_epsg(4509 + zone)
    utm: CRS = table.estimate_utm_crs()
    return utm


def describe(crs: CRS | None) -> str:
    """Say in Chinese what a coordinate system is, as it stands on a map's margin.

    Parameters
    ----------
    crs : pyproj.CRS or None
        Any system.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> from pyproj import CRS
    >>> describe(CRS.from_epsg(4524))
    '2000国家大地坐标系，高斯-克吕格3°带（36带），中央经线108°'
    """
    if crs is None:
        return "未声明坐标系"
    geodetic = crs.geodetic_crs
    names = {"China Geodetic Coordinate System 2000": "2000国家大地坐标系"}
    base = "" if geodetic is None else names.get(geodetic.name, geodetic.name)
    if not crs.is_projected:
        return f"{base}，经纬度"
    operation = crs.coordinate_operation
    values = {item.name: item.value for item in operation.params} if operation else {}
    meridian = values.get("Longitude of natural origin")
    easting = float(values.get("False easting", 0.0))
    if base != names["China Geodetic Coordinate System 2000"] or meridian is None:
        return f"{crs.name}"
    prefix = f"（{int(easting // PREFIX_STEP)}带）" if easting >= PREFIX_STEP else ""
    width = "6°" if "6-degree" in crs.name or "/ Gauss-Kruger" in crs.name else "3°"
    return f"{base}，高斯-克吕格{width}带{prefix}，中央经线{float(meridian):g}°"

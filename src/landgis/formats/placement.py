"""Do the coordinates lie where the declared system says? Proven from the numbers alone.

A zone number before the easting, degrees called metres, north and east changed about: the numbers
contradict the declaration, and every figure made from them would be wrong in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from landgis.model.crs import PREFIX_STEP
from landgis.model.errors import CrsError
from landgis.model.units import show

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pyproj import CRS

HALF_CIRCLE = 180.0  # degrees
POLE = 90.0  # degrees
TM_REACH_M = 1_000_000.0  # east or west of the meridian; a 6° zone needs a third of it
QUADRANT_M = 10_002_000.0  # equator to pole along the ellipsoid
FALSE_EASTING_M = 500_000.0
LEAST_PREFIXED_M = 10_000_000.0  # Chinese zones are 13 to 45: eight digits
LEAST_NORTHING_M = 1_000_000.0  # seven digits, north of 9°
FAR_DEGREES = 15.0  # outside a system's area of use: legal but odd up to here, wrong beyond
NEAR_DEGREES = 1.0  # how near to its area of use the swapped place must lie to be believed

ZONES_3_DEGREES = range(25, 46)
ZONES_6_DEGREES = range(13, 24)


class Place(NamedTuple):
    """The middle of a table: median of x and of y over its rows."""

    x: float
    y: float


def middle(table: GeoDataFrame) -> Place | None:
    """Give the middle of a table, which a few wild rows do not move.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry.

    Returns
    -------
    Place or None
        Median of the centres of the rows' bounds; None where no row has coordinates.
    """
    import shapely

    bounds = shapely.bounds(table.geometry.to_numpy())
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    centre = np.median((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0)
    return Place(float(centre[0]), float(centre[1]))


def check_placement(table: GeoDataFrame, *, file: str | Path | None = None) -> None:
    """Refuse coordinates that contradict the declared system.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry and a declared system.
    file : str or Path or None, optional
        Name for the error message.

    Raises
    ------
    CrsError
        ``crs_metres_in_degrees``, ``crs_degrees_in_metres``, ``crs_swapped_axes``,
        ``crs_zone_prefix`` (a zone number that the system has not), ``crs_zone_prefix_missing``,
        ``crs_zone_contradiction`` (another zone's number), ``crs_out_of_range`` (more than 15°
        from where the system is used).

    Notes
    -----
    The table is judged by its middle: single rows that lie elsewhere are a matter for `check`.
    Data in the neighbouring zone, as Pubei's in CM 108E, are legal and pass.

    Examples
    --------
    >>> import geopandas, shapely
    >>> point = shapely.Point(36561979.807, 2428385.291)
    >>> try:
    ...     check_placement(geopandas.GeoDataFrame(geometry=[point], crs="EPSG:4545"))
    ... except CrsError as error:
    ...     print(error.hint)
    坐标带有带号 36，而声明的坐标系“CGCS2000 / 3-degree Gauss-Kruger CM 108E”不带带号：应声明为 EPSG:4524。
    """
    place = middle(table)
    if place is None:
        return
    trouble = _degrees(place, table.crs) if table.crs.is_geographic else _plane(place, table.crs)
    if trouble is None:
        trouble = _far(place, table.crs)
    if trouble is not None:
        code, hint = trouble
        raise CrsError(
            code,
            f"coordinates around ({show(place.x, 3)}, {show(place.y, 3)}) contradict {table.crs.name}",
            hint=hint,
            file=file,
        )


def suggestion(table: GeoDataFrame) -> str:
    """Say in Chinese which systems the coordinates of an undeclared table look like.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry.

    Returns
    -------
    str
        A sentence for a hint, empty where nothing can be said. Never a decision.
    """
    place = middle(table)
    if place is None:
        return ""
    x, y = place
    if abs(x) <= HALF_CIRCLE and abs(y) <= POLE:
        return "坐标像是经纬度（如 EPSG:4490、EPSG:4326）。"
    if x >= LEAST_PREFIXED_M:
        return f"坐标像是带号 {int(x // PREFIX_STEP)} 的高斯-克吕格投影（{_prefixed(x)}）。"
    if y >= LEAST_PREFIXED_M or y < LEAST_NORTHING_M <= x:
        return "坐标的 X、Y 像是颠倒了。"
    return "坐标像是不带带号的投影坐标，须知道中央经线（如 108° 为 EPSG:4545）。"


def _degrees(place: Place, crs: CRS) -> tuple[str, str] | None:
    x, y = abs(place.x), abs(place.y)
    if x <= HALF_CIRCLE and y <= POLE:
        return None
    if x <= POLE and y <= HALF_CIRCLE:
        return _swapped(crs)
    return (
        "crs_metres_in_degrees",
        f"声明的坐标系“{crs.name}”是经纬度，而坐标是以米为单位的投影坐标：请改正声明（--crs）。",
    )


def _plane(place: Place, crs: CRS) -> tuple[str, str] | None:
    x, y = place
    if abs(x) <= HALF_CIRCLE and abs(y) <= HALF_CIRCLE:
        return (
            "crs_degrees_in_metres",
            f"声明的坐标系“{crs.name}”以米为单位，而坐标是经纬度：应声明为 EPSG:4490 等地理坐标系。",
        )
    easting = _false_easting(crs)
    if easting is None or abs(x - easting) <= TM_REACH_M:
        return None
    if LEAST_NORTHING_M <= x <= QUADRANT_M and (
        abs(y - easting) <= TM_REACH_M or y >= LEAST_PREFIXED_M
    ):
        return _swapped(crs)
    return _zone_trouble(x, easting, crs)


def _zone_trouble(x: float, easting: float, crs: CRS) -> tuple[str, str] | None:
    """Compare the zone number in front of the eastings with that of the system."""
    prefix = easting >= PREFIX_STEP
    if x >= LEAST_PREFIXED_M and not prefix:
        return (
            "crs_zone_prefix",
            (
                f"坐标带有带号 {int(x // PREFIX_STEP)}，而声明的坐标系“{crs.name}”不带带号："
                f"应声明为 {_prefixed(x)}。"
            ),
        )
    if prefix and abs(x - FALSE_EASTING_M) <= TM_REACH_M:
        return (
            "crs_zone_prefix_missing",
            (
                f"坐标不带带号，而声明的坐标系“{crs.name}”带有带号 {int(easting // PREFIX_STEP)}："
                f"应声明为不带带号的坐标系{_unprefixed(easting)}。"
            ),
        )
    if prefix and x >= PREFIX_STEP:
        return (
            "crs_zone_contradiction",
            (
                f"坐标的带号是 {int(x // PREFIX_STEP)}，而声明的坐标系“{crs.name}”是"
                f" {int(easting // PREFIX_STEP)} 带：请改正声明，或核对数据属于哪一带。"
            ),
        )
    return None


def _far(place: Place, crs: CRS) -> tuple[str, str] | None:
    """Compare the place on earth with where the system is used."""
    area = crs.area_of_use
    if area is None:
        return None
    if not _within(place, crs, FAR_DEGREES):
        if _within(Place(place.y, place.x), crs, NEAR_DEGREES):
            return _swapped(crs)
        return (
            "crs_out_of_range",
            f"坐标落在坐标系“{crs.name}”适用范围 15° 以外：请核对声明的坐标系、带号和 X/Y 顺序。",
        )
    return None


def _within(place: Place, crs: CRS, margin: float) -> bool:
    from pyproj import Transformer

    geodetic, area = crs.geodetic_crs, crs.area_of_use
    if geodetic is None or area is None:
        return True
    to_degrees = Transformer.from_crs(crs, geodetic, always_xy=True)
    east, north = to_degrees.transform(place.x, place.y)
    sides = east >= area.west - margin, east <= area.east + margin
    across = area.west > area.east  # over the date line, as North America's
    return bool(
        (any(sides) if across else all(sides))
        and area.south - margin <= north <= area.north + margin
    )


def _false_easting(crs: CRS) -> float | None:
    """Give the false easting of a transverse Mercator system in metres, None for any other."""
    operation = crs.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    parameters: dict[str, Any] = {item.name: item for item in operation.params}
    easting = parameters.get("False easting")
    if easting is None or easting.unit_conversion_factor != 1.0:
        return None
    return float(easting.value)


def _swapped(crs: CRS) -> tuple[str, str]:
    return (
        "crs_swapped_axes",
        f"按“{crs.name}”看，坐标的东、北（X、Y）颠倒了：请先交换两列坐标再读入。",
    )


def _prefixed(easting: float) -> str:
    zone = int(easting // PREFIX_STEP)
    if zone in ZONES_3_DEGREES:
        return f"EPSG:{4488 + zone}"
    if zone in ZONES_6_DEGREES:
        return f"EPSG:{4478 + zone}"
    return "带有该带号的坐标系"


def _unprefixed(false_easting: float) -> str:
    zone = int(false_easting // PREFIX_STEP)
    if zone in ZONES_3_DEGREES:
        return f"（如 EPSG:{4509 + zone}）"
    if zone in ZONES_6_DEGREES:
        return f"（如 EPSG:{4489 + zone}）"
    return ""

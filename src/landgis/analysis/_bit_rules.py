"""The bit rules of inspection software: rounded coordinates and a truncated inverse projection.

国土调查办发〔2008〕32号 prints an inverse Gauss-Krüger series with its constants. It ends some
0.06 mm from the exact inverse, as much as the rounding of seconds that follows, so a figure that
shall equal the software's to the last decimal has to take the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.model.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    Numbers = NDArray[np.float64]

PLANE_DECIMALS = 4  # metres
SECOND_DECIMALS = 6  # seconds of latitude and longitude
SECONDS_PER_RADIAN = 206264.8062471  # as printed


class Series(NamedTuple):
    """Printed constants of one ellipsoid: c and e'² of the curvature, K0 to K4 of the meridian."""

    polar_radius: float
    e2_prime: float
    k: tuple[float, float, float, float, float]


CGCS2000 = Series(
    6399593.62586402,
    6.73949677547886e-3,
    (
        1.57048761144159e-7,
        5.05250178820567e-3,
        2.98472900956587e-5,
        2.41626669230084e-7,
        2.22241238938534e-9,
    ),
)
XIAN80 = Series(
    6399596.65198801,
    6.73950181947292e-3,
    (
        1.57048687472752e-7,
        5.05250559291393e-3,
        2.98473350966158e-5,
        2.41627215981336e-7,
        2.22241909461273e-9,
    ),
)
_BY_SEMI_AXIS = {6378137.0: CGCS2000, 6378140.0: XIAN80}


def longitude_latitude(points: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Invert Gauss-Krüger as inspection software does, rounding before and after.

    Parameters
    ----------
    points : ndarray
        Easting and northing in metres, two columns.
    crs : pyproj.CRS
        A Gauss-Krüger system of CGCS2000 or Xian 1980, with or without zone prefix.

    Returns
    -------
    ndarray
        Longitude and latitude in radians, whole millionths of a second.

    Raises
    ------
    CrsError
        ``crs_not_gauss_kruger`` for any other projection: the rules say nothing of it.
    """
    series, meridian, easting = _system(crs)
    east, north = points.round(PLANE_DECIMALS).T
    foot = _footpoint(north, series)
    tangent2, eta2 = np.tan(foot) ** 2, series.e2_prime * np.cos(foot) ** 2
    v2 = 1.0 + eta2
    u = (east - easting) * np.sqrt(v2) / series.polar_radius
    down = u**2 / 2.0 - (5.0 + 3.0 * tangent2 + eta2 - 9.0 * eta2 * tangent2) * u**4 / 24.0
    down += (61.0 + 90.0 * tangent2 + 45.0 * tangent2**2) * u**6 / 720.0
    across = u - (1.0 + 2.0 * tangent2 + eta2) * u**3 / 6.0
    across += (
        (5.0 + 28.0 * tangent2 + 24.0 * tangent2**2 + 6.0 * eta2 + 8.0 * eta2 * tangent2)
        * u**5
        / 120.0
    )
    longitude = across / np.cos(foot) + np.radians(meridian)
    latitude = foot - v2 * np.tan(foot) * down
    seconds = np.column_stack([longitude, latitude]) * SECONDS_PER_RADIAN
    rounded: NDArray[np.float64] = seconds.round(SECOND_DECIMALS) / SECONDS_PER_RADIAN
    return rounded


def _footpoint(north: Numbers, series: Series) -> Numbers:
    """Give the latitude whose meridian arc is the northing."""
    k0, k1, k2, k3, k4 = series.k
    arc = k0 * north
    sine = np.sin(arc)
    foot: Numbers = arc + np.cos(arc) * (k1 * sine - k2 * sine**3 + k3 * sine**5 - k4 * sine**7)
    return foot


def _system(crs: CRS) -> tuple[Series, float, float]:
    """Give constants, central meridian in degrees and false easting in metres."""
    operation = crs.coordinate_operation
    ellipsoid = crs.ellipsoid
    series = None if ellipsoid is None else _BY_SEMI_AXIS.get(ellipsoid.semi_major_metre)
    params = [] if operation is None else operation.params
    values = {item.name: float(item.value) for item in params if item.value is not None}
    scale = values.get("Scale factor at natural origin")
    if (
        series is None
        or operation is None
        or scale != 1.0
        or "Transverse" not in operation.method_name
    ):
        raise CrsError(
            "crs_not_gauss_kruger",
            f"the bit rules speak of Gauss-Krüger on CGCS2000 or Xian 1980, not of {crs.name}",
            hint=f"质检取位规则（tdt1055）只适用于 2000 国家大地坐标系或 1980 西安坐标系的高斯-克吕格投影，"
            f"现为“{crs.name}”：请改用 statutory，或先转换坐标系。",
        )
    return (
        series,
        values["Longitude of natural origin"],
        values["False easting"],
    )

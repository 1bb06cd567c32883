"""In what coordinate system is a 界址点 text? Its header and the digits of its eastings must agree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.formats.placement import (
    HALF_CIRCLE,
    LEAST_NORTHING_M,
    LEAST_PREFIXED_M,
    POLE,
    ZONES_3_DEGREES,
    ZONES_6_DEGREES,
)
from landgis.model import crs as systems
from landgis.model.crs import PREFIX_STEP
from landgis.model.errors import CrsError
from landgis.model.units import show

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

# In this order: "2000国家大地坐标系" and "1980西安坐标系" each hold one of these and no other.
_DATUMS = {
    "CGCS2000": r"2000|CGCS",
    "Xian 1980": r"80|西安|XIAN",
    "Beijing 1954": r"54|北京|BEIJING",
    "WGS 84": r"84|WGS",
}
_GEOGRAPHIC = {
    "CGCS2000": "EPSG:4490",
    "Xian 1980": "EPSG:4610",
    "Beijing 1954": "EPSG:4214",
    "WGS 84": "EPSG:4326",
}
_WIDTHS = {3: ZONES_3_DEGREES, 6: ZONES_6_DEGREES}


class System(NamedTuple):
    """The system, whether the first column is north, and Chinese remarks on what was odd."""

    crs: CRS
    north_first: bool
    remarks: list[str]


class _Claims(NamedTuple):
    """What the header says; None where it says nothing."""

    datum: str | None
    width: int | None
    zone: int | None
    meridian: float | None


def decide(
    attributes: Mapping[str, str],
    points: NDArray[np.float64],
    *,
    given: CRS | str | int | None,
    file: str | Path,
) -> System:
    """Decide a text's coordinate system from its header and its numbers.

    Parameters
    ----------
    attributes : mapping of str to str
        The header's keys and values.
    points : ndarray
        All points as printed, shape (n, 2).
    given : pyproj.CRS or str or int or None
        System that the caller insists on; it decides contradictions inside the text.
    file : str or Path
        Name for the error message.

    Returns
    -------
    System
        The system, the order of the columns, remarks.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_unknown``, ``crs_contradiction`` (with `given`),
        ``crs_zone_contradiction``, ``crs_axes_unclear``.
    """
    wanted = None if given is None else systems.named(given)
    north_first, remarks = _order(points, wanted, file)
    eastings = points[:, 1] if north_first else points[:, 0]
    try:
        declared = _declared(_claims(attributes, file), eastings, file)
    except CrsError as error:
        if wanted is None:
            raise
        remarks.append(f"{error.hint}已按指定的“{wanted.name}”读入。")
        return System(wanted, north_first, remarks)
    if wanted is not None and not declared.equals(wanted, ignore_axis_order=True):
        raise CrsError(
            "crs_contradiction",
            f"the text is in {declared.name}, the call says {wanted.name}",
            hint=f"坐标文件的坐标系是“{declared.name}”，与指定的“{wanted.name}”不同。",
            file=file,
        )
    return System(declared, north_first, remarks)


def _order(
    points: NDArray[np.float64], wanted: CRS | None, file: str | Path
) -> tuple[bool, list[str]]:
    """Tell by magnitude whether the first column is north, as the format wants it."""
    first, second = np.median(points, axis=0) if len(points) else (0.0, 0.0)
    if max(abs(first), abs(second)) <= HALF_CIRCLE:
        north_first = bool(abs(first) <= POLE)
    elif (first >= LEAST_PREFIXED_M) != (second >= LEAST_PREFIXED_M):
        north_first = bool(second >= LEAST_PREFIXED_M)
    elif (first >= LEAST_NORTHING_M) != (second >= LEAST_NORTHING_M):
        north_first = bool(first >= LEAST_NORTHING_M)
    elif wanted is not None:
        north_first = True
    else:
        raise CrsError(
            "crs_axes_unclear",
            f"cannot tell north from east around ({show(first, 3)}, {show(second, 3)})",
            hint=f"坐标（{show(first, 3)}，{show(second, 3)}）分不清南北与东西：请核对坐标，或用 crs 参数指明坐标系。",
            file=file,
        )
    remarks = [] if north_first else ["坐标列为先东后北（Y,X），已按数值大小识别。"]
    return north_first, remarks


def _claims(attributes: Mapping[str, str], file: str | Path) -> _Claims:
    def value(*keys: str) -> str:
        return next((attributes[key] for key in keys if attributes.get(key)), "")

    def digits(text: str) -> str | None:
        found = re.search(r"\d+(\.\d+)?", text)
        return None if found is None else found[0]

    text = value("坐标系", "坐标系统", "坐标系名称")
    named = [datum for datum, words in _DATUMS.items() if re.search(words, text.upper())]
    if text and not named:
        raise CrsError(
            "crs_unknown",
            f"unknown coordinate system {text!r}",
            hint=f"不认识坐标系“{text}”：请用 crs 参数（--crs EPSG:4524）指明。",
            file=file,
        )
    width, zone = digits(value("几度分带", "分带")), digits(value("带号"))
    meridian = digits(value("中央经线", "中央子午线"))
    return _Claims(
        named[0] if named else None,
        None if width is None else int(float(width)),
        None if zone is None else int(float(zone)),
        None if meridian is None else float(meridian),
    )


def _declared(claims: _Claims, eastings: NDArray[np.float64], file: str | Path) -> CRS:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    typical = float(np.median(eastings)) if len(eastings) else 0.0
    degrees = abs(typical) <= HALF_CIRCLE
    if claims.datum is None:
        raise _missing("没有写明坐标系（2000国家大地坐标系、80国家大地坐标系等）", file)
    if degrees:
        return CRS.from_user_input(_GEOGRAPHIC[claims.datum])
    width, zone, prefixed = _zone(claims, eastings, file)
    kind = "3-degree Gauss-Kruger" if width == 3 else "Gauss-Kruger"  # noqa: PLR2004 - degrees
    place = f"zone {zone}" if prefixed else f"CM {_meridian(width, zone):g}E"
    try:
        return CRS.from_user_input(f"{claims.datum} / {kind} {place}")
    except CRSError as error:
        raise _missing(f"“{claims.datum} / {kind} {place}”不在坐标系名录中", file) from error


def _zone(
    claims: _Claims, eastings: NDArray[np.float64], file: str | Path
) -> tuple[int, int, bool]:
    """Give width, zone and whether eastings carry the zone, all witnesses agreeing."""
    prefixes = sorted(
        {int(number) for number in eastings[eastings >= LEAST_PREFIXED_M] // PREFIX_STEP}
    )
    if len(prefixes) > 1 or (prefixes and (eastings < LEAST_PREFIXED_M).any()):
        raise _contradiction(f"坐标分属不同的带号（{'、'.join(map(str, prefixes))}）", file)
    zone = prefixes[0] if prefixes else claims.zone
    width = claims.width
    if zone is None and claims.meridian is not None:
        width = width or 3
        zone = round(claims.meridian / 3 if width == 3 else (claims.meridian + 3) / 6)  # noqa: PLR2004
    if zone is None:
        raise _missing("坐标不带带号，也没有写明带号或中央经线", file)
    if prefixes and claims.zone is not None and claims.zone != zone:
        raise _contradiction(f"写明带号 {claims.zone}，而坐标的带号是 {zone}", file)
    if width is None:
        width = 6 if zone in ZONES_6_DEGREES else 3
    if width not in _WIDTHS or zone not in _WIDTHS[width]:
        raise _contradiction(f"写明 {width} 度分带，而带号是 {zone}", file)
    if claims.meridian is not None and claims.meridian != _meridian(width, zone):
        raise _contradiction(f"写明中央经线 {claims.meridian:g}°，而带号是 {zone}", file)
    return width, zone, bool(prefixes)


def _meridian(width: int, zone: int) -> int:
    return 3 * zone if width == 3 else 6 * zone - 3  # noqa: PLR2004 - degrees


def _missing(what: str, file: str | Path) -> CrsError:
    return CrsError(
        "crs_missing",
        "the text does not name its coordinate reference system",
        hint=f"坐标文件{what}：请用 crs 参数（--crs EPSG:4524）指明。",
        file=file,
    )


def _contradiction(what: str, file: str | Path) -> CrsError:
    return CrsError(
        "crs_zone_contradiction",
        "the text contradicts itself about its zone",
        hint=f"坐标文件{what}：请核对，或用 crs 参数指明坐标系。",
        file=file,
    )

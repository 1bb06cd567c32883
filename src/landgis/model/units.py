"""Units of area and the one way to round.

Accounts are kept in whole square decimetres (``dm2``), so that a sum depends neither on the order
of the rows nor on how they were partitioned. Rounding is half-up and happens only at display.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from landgis.model._closing import Closed, ClosedTable, Moved, close_table, round_closing
from landgis.model._rounding import round_half_up, whole_steps
from landgis.model.errors import UsageError

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "DECIMALS",
    "DM2_PER_HA",
    "DM2_PER_M2",
    "HA_DECIMALS",
    "LABELS",
    "M2_PER_HA",
    "AreaUnit",
    "Closed",
    "ClosedTable",
    "Moved",
    "area_unit",
    "close_table",
    "convert",
    "ratio",
    "round_closing",
    "round_half_up",
    "show",
    "to_dm2",
    "whole_steps",
]

AreaUnit = Literal["m2", "mu", "ha", "wan_mu", "km2"]

DM2_PER_M2 = 100
DM2_PER_HA = 1_000_000
M2_PER_HA = 10_000
HA_DECIMALS = 4  # ledgers and the annex print 公顷 with four decimals: one square metre
# what a reader is shown of a measured unit: surveys print 平方米 to the square decimetre
DECIMALS = {"公顷": HA_DECIMALS, "平方米": 2, "米": 2, "万元": 2}

LABELS: dict[AreaUnit, str] = {
    "m2": "平方米",
    "mu": "亩",
    "ha": "公顷",
    "wan_mu": "万亩",
    "km2": "平方千米",
}
_IN_M2: dict[AreaUnit, Fraction] = {
    "m2": Fraction(1),
    "mu": Fraction(2000, 3),  # exactly, never 666.67
    "ha": Fraction(10_000),
    "wan_mu": Fraction(20_000_000, 3),
    "km2": Fraction(1_000_000),
}


def convert(values: ArrayLike, *, source: AreaUnit, target: AreaUnit) -> NDArray[np.float64]:
    """Express areas in another unit.

    Parameters
    ----------
    values : array_like
        Areas in `source`, any shape.
    source : {'m2', 'mu', 'ha', 'wan_mu', 'km2'}
        Unit of `values`; 1 亩 is exactly 2000/3 m².
    target : {'m2', 'mu', 'ha', 'wan_mu', 'km2'}
        Unit of the result.

    Returns
    -------
    ndarray
        Areas in `target`, float64, the shape of `values`, not rounded.

    Examples
    --------
    >>> show(float(convert(3100.6712, source="ha", target="mu")), 4)
    '46510.0680'
    """
    exact = ratio(source, target)
    return np.asarray(values, dtype=np.float64) * exact.numerator / exact.denominator


def ratio(source: AreaUnit, target: AreaUnit) -> Fraction:
    """Give the exact factor from one unit to another.

    Parameters
    ----------
    source : {'m2', 'mu', 'ha', 'wan_mu', 'km2'}
        Unit to convert from.
    target : {'m2', 'mu', 'ha', 'wan_mu', 'km2'}
        Unit to convert to.

    Returns
    -------
    Fraction
        How many of `target` one `source` is.

    Examples
    --------
    >>> ratio("mu", "ha")
    Fraction(1, 15)
    """
    return _IN_M2[source] / _IN_M2[target]


def to_dm2(area_m2: ArrayLike) -> NDArray[np.int64]:
    """Enter areas into an account: whole square decimetres, half-up.

    Parameters
    ----------
    area_m2 : array_like
        Areas in square metres, finite, any shape.

    Returns
    -------
    ndarray
        Whole square decimetres, int64.

    Examples
    --------
    >>> to_dm2([0.005, 12.344]).tolist()
    [1, 1234]
    """
    scaled = np.asarray(area_m2, dtype=np.float64) * DM2_PER_M2
    return np.floor(scaled + 0.5).astype(np.int64)


def show(value: float | Decimal | Fraction | None, decimals: int, *, blank: str = "—") -> str:
    """Print one number for a reader: half-up, fixed decimals, a dash for the unknown.

    Parameters
    ----------
    value : float or Decimal or Fraction or None
        The number; None or NaN is unknown.
    decimals : int
        Decimals to print, 0 or more.
    blank : str, optional
        What stands for the unknown.

    Returns
    -------
    str
        The printed number, never ``-0``.

    Examples
    --------
    >>> show(0.00005, 4), show(float("nan"), 4), show(-0.00001, 2)
    ('0.0001', '—', '0.00')
    """
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return blank
    rounded = round_half_up(value, decimals)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def area_unit(text: str) -> AreaUnit:
    """Read the name of an area unit as people write it.

    Parameters
    ----------
    text : str
        Such as ``公顷``, ``亩``, ``万亩``, ``m2`` or ``平方米``.

    Returns
    -------
    {'m2', 'mu', 'ha', 'wan_mu', 'km2'}
        The unit.

    Raises
    ------
    UsageError
        ``unknown_unit`` for any other text.

    Examples
    --------
    >>> area_unit("公顷"), area_unit("㎡")
    ('ha', 'm2')
    """
    names: dict[str, AreaUnit] = {label: unit for unit, label in LABELS.items()}
    names |= {unit: unit for unit in LABELS}
    names |= {"㎡": "m2", "m²": "m2", "hm2": "ha", "hm²": "ha", "km²": "km2", "平方公里": "km2"}
    unit = names.get(text.strip())
    if unit is None:
        raise UsageError(
            "unknown_unit",
            f"unknown area unit {text!r}",
            hint=f"面积单位应为{'、'.join(LABELS.values())}之一。",
        )
    return unit

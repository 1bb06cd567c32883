"""The one way to round: half-up, each float read by its shortest decimal form; part of `units`."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def round_half_up(value: float | Decimal | Fraction, decimals: int) -> Decimal:
    """Round one number as an office rounds: half away from zero, on its shortest decimal form.

    Parameters
    ----------
    value : float or Decimal or Fraction
        The number; a float is read by its shortest decimal form, so 1.005 is 1.005.
    decimals : int
        Decimals to keep, 0 or more.

    Returns
    -------
    Decimal
        The rounded number, with exactly `decimals` decimals.

    Examples
    --------
    >>> round_half_up(1.005, 2), round_half_up(-2.5, 0)
    (Decimal('1.01'), Decimal('-3'))
    """
    step = Decimal(1).scaleb(-decimals)
    if isinstance(value, Fraction):
        scaled = abs(value) * 10**decimals + Fraction(1, 2)
        whole = scaled.numerator // scaled.denominator
        return (Decimal(whole if value >= 0 else -whole) * step).quantize(step)
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(step, rounding=ROUND_HALF_UP)


def whole_steps(values: ArrayLike, decimals: int) -> NDArray[np.int64]:
    """Round many numbers as `round_half_up` does, to whole units of the last decimal.

    Parameters
    ----------
    values : array_like
        Numbers, finite, any shape; each is read by its shortest decimal form.
    decimals : int
        Decimals to keep, 0 to 15.

    Returns
    -------
    ndarray
        How many units of the last decimal each is, int64.

    Examples
    --------
    >>> whole_steps([1.005, -2.675, 76.11], 2).tolist()
    [101, -268, 7611]
    """
    numbers = np.asarray(values, dtype=np.float64)
    size, power = np.abs(numbers), 10.0**decimals
    whole = np.floor(size * power + 0.5)
    # a quotient of whole numbers is the float nearest to that decimal: the comparison is exact
    whole += (2 * whole + 1) / (2 * power) <= size
    whole -= (2 * whole - 1) / (2 * power) > size
    return (np.sign(numbers) * whole).astype(np.int64)


def floors(numbers: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    """Round down to whole units of the last decimal, each number by its shortest decimal form."""
    power = 10.0**decimals
    whole = np.floor(numbers * power)
    whole += (whole + 1) / power <= numbers
    whole -= whole / power > numbers
    return whole.astype(np.int64)


def exact_steps(value: float, decimals: int) -> Decimal:
    """Give a number in units of the last decimal, exact."""
    return Decimal(repr(float(value))).scaleb(decimals)

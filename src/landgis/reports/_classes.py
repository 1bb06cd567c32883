"""Into which classes the values of a map fall: few, told apart by round numbers."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from landgis.model.errors import UsageError
from landgis.model.units import show

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Scheme = Literal["natural", "quantile", "equal"]

FEWEST, MOST = 3, 5  # a reader tells five shades apart, hardly more
GOOD_FIT = 0.99  # share of the variance that natural classes shall explain before one more is made
FINEST = -4  # breaks have at most the four decimals of the ledgers


def class_breaks(
    values: ArrayLike, *, scheme: Scheme | tuple[float, ...] = "natural"
) -> list[float]:
    """Find the numbers that part values into classes.

    Parameters
    ----------
    values : array_like
        Values of the units, one dimension; NaN is left out.
    scheme : {'natural', 'quantile', 'equal'} or tuple of float, optional
        Natural breaks (Fisher-Jenks), equal counts, equal widths, or the inner breaks themselves,
        rising.

    Returns
    -------
    list of float
        Inner breaks, rising: class 0 lies below the first, each class takes its lower bound in.
        Empty where all values are one.

    Raises
    ------
    UsageError
        ``unknown_scheme``, ``bad_breaks``.

    Notes
    -----
    A method says between which two neighbouring values a break lies; there, the roundest number is
    taken, so the classes are the method's and the legend is readable. The number of natural
    classes is the smallest from 3 to 5 that explains 99 % of the variance (Jenks' goodness of
    variance fit). Source: W. D. Fisher, *On grouping for maximum homogeneity*, J. Am. Stat. Assoc.
    53 (1958).

    Examples
    --------
    >>> class_breaks([921.6116, 595.0824, 351.0186, 362.3102, 223.0094, 201.0507])
    [300.0, 500.0, 800.0]
    >>> class_breaks([1, 2, 3, 30], scheme=(2.5, 10))
    [2.5, 10.0]
    """
    if not isinstance(scheme, str):
        return _given(scheme)
    if scheme not in get_args(Scheme):
        raise UsageError(
            "unknown_scheme",
            f"unknown classification scheme {scheme!r}",
            hint=f"分级方法应为 {'、'.join(get_args(Scheme))} 之一，或直接给出各级分界值。",
        )
    known = np.asarray(values, dtype=np.float64)
    known = np.sort(known[np.isfinite(known)])
    distinct = np.unique(known)
    if distinct.size <= 1:
        return []
    upper = _upper_bounds(known, scheme, min(MOST, distinct.size))
    gaps = {int(np.searchsorted(distinct, bound, side="right")) for bound in upper}
    return [
        roundest(float(distinct[gap - 1]), float(distinct[gap]))
        for gap in sorted(gaps)
        if 0 < gap < distinct.size
    ]


def _given(breaks: tuple[float, ...]) -> list[float]:
    inner = [float(value) for value in breaks]
    rising = all(a < b for a, b in itertools.pairwise(inner))
    if not inner or not rising or not all(map(math.isfinite, inner)):
        raise UsageError(
            "bad_breaks",
            f"breaks must be finite and rise, got {breaks}",
            hint="分级界限应为由小到大的数字，如 (200, 400, 800)。",
        )
    return inner


def _upper_bounds(values: NDArray[np.float64], scheme: Scheme, most: int) -> NDArray[np.float64]:
    """Upper bound of every class by the method, the last one being the largest value."""
    if scheme == "quantile":
        return np.quantile(values, np.arange(1, most + 1) / most)
    if scheme == "equal":
        return np.linspace(values[0], values[-1], most + 1)[1:]
    for count in range(min(FEWEST, most), most + 1):
        bounds = _fisher_jenks(values, count)
        if _fit(values, bounds) >= GOOD_FIT:
            break
    return bounds


def _fisher_jenks(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Cut rising values into classes with the least squared deviation, exactly.

    mapclassify has the same, but compiles itself for seconds whenever it is imported: too much to
    class six counties.
    """
    size = values.size
    shifted = values - values.mean()  # keeps the differences of the running sums exact
    sums = np.concatenate([[0.0], np.cumsum(shifted)])
    squares = np.concatenate([[0.0], np.cumsum(shifted**2)])
    least = np.full((count + 1, size + 1), np.inf)
    least[0, 0] = 0.0
    start = np.zeros((count + 1, size + 1), dtype=np.int64)  # of the last class
    for classes in range(1, count + 1):
        for end in range(classes, size + 1):
            first = np.arange(classes - 1, end)
            within = squares[end] - squares[first]
            within -= (sums[end] - sums[first]) ** 2 / (end - first)
            costs = least[classes - 1, first] + within
            best = int(np.argmin(costs))
            least[classes, end], start[classes, end] = costs[best], first[best]
    ends = [size]
    for classes in range(count, 1, -1):
        ends.append(int(start[classes, ends[-1]]))
    bounds: NDArray[np.float64] = values[np.array(ends[::-1]) - 1]
    return bounds


def _fit(values: NDArray[np.float64], bounds: NDArray[np.float64]) -> float:
    """Goodness of variance fit: 1 where every class is homogeneous."""
    groups = np.searchsorted(bounds, values, side="left")
    within = sum(float(np.var(part) * part.size) for part in _parts(values, groups))
    return 1.0 - within / float(np.var(values) * values.size)


def _parts(values: NDArray[np.float64], groups: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    return [values[groups == group] for group in np.unique(groups)]


def roundest(low: float, high: float) -> float:
    """Give the roundest number above one value and not above another.

    Parameters
    ----------
    low : float
        The number shall be larger than this.
    high : float
        And at most this.

    Returns
    -------
    float
        A multiple of the largest 1, 2 or 5 times a power of ten that fits, the nearest to the
        middle; `high` itself where nothing with four decimals lies between.

    Examples
    --------
    >>> roundest(427.1286, 634.5017), roundest(230.2499, 387.9873), roundest(0.0, 4.6971)
    (500.0, 300.0, 2.0)
    """
    # in decimal, since 0.0048 / 0.0001 is 47.99... in binary
    below, above = Decimal(repr(low)), Decimal(repr(high))
    middle = (below + above) / 2
    top = max(abs(below), abs(above)).adjusted() + 1
    for exponent in range(top, FINEST - 1, -1):
        for factor in (5, 2, 1):
            step = Decimal(factor).scaleb(exponent)
            first, last = math.floor(below / step) + 1, math.floor(above / step)
            if first <= last:
                return float(min(max(round(middle / step), first), last) * step)
    return high


def classify_values(values: ArrayLike, breaks: list[float]) -> NDArray[np.int64]:
    """Say into which class each value falls.

    Parameters
    ----------
    values : array_like
        Values of the units, one dimension.
    breaks : list of float
        Inner breaks, rising.

    Returns
    -------
    ndarray
        Class numbers from 0, int64; -1 for NaN.

    Examples
    --------
    >>> classify_values([1.0, 5.0, float("nan")], [5.0]).tolist()
    [0, 1, -1]
    """
    numbers = np.asarray(values, dtype=np.float64)
    found = np.searchsorted(np.asarray(breaks, dtype=np.float64), numbers, side="right")
    return np.where(np.isnan(numbers), -1, found).astype(np.int64)


def class_labels(breaks: list[float]) -> list[str]:
    """Name the classes as they stand in the legend.

    Parameters
    ----------
    breaks : list of float
        Inner breaks, rising.

    Returns
    -------
    list of str
        One more than there are breaks, from the lowest class to the highest.

    Examples
    --------
    >>> class_labels([300.0, 500.0])
    ['< 300', '300 — 500', '≥ 500']
    >>> class_labels([])
    ['全部单元同值']
    """
    if not breaks:
        return ["全部单元同值"]
    words = [show(value, -FINEST).rstrip("0").rstrip(".") for value in breaks]
    between = [f"{low} — {high}" for low, high in itertools.pairwise(words)]
    return [f"< {words[0]}", *between, f"≥ {words[-1]}"]

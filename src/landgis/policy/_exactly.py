"""Comparisons that floating point leaves in doubt, decided in whole numbers or in fractions.

A ledger writes decimals: a column of them, times a power of ten, is a column of whole numbers, and
sums, products and quotients of such columns compare exactly. Where 62 bits do not hold them, the
rows are calculated one by one in fractions.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.policy.tree import Arithmetic, Call, Constant, FirstKnown, Named, Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landgis.policy.facts import Facts

    Rows = NDArray[np.intp]
    Whole = NDArray[np.int64]

HOLDS = 2**62
SUMS_HOLD = 2**53  # a float counts whole numbers up to here
POWERS_OF_TEN = (1, 10**2, 10**4, 10**6)


class _Ratio(NamedTuple):
    """One fraction per row."""

    top: Whole
    below: Whole


def order(facts: Facts, left: Node, right: Node, rows: Rows) -> NDArray[np.int8]:
    """Say for some rows whether the left number is smaller (-1), equal (0) or larger (1)."""
    try:
        a, b = _ratio(facts, left, rows), _ratio(facts, right, rows)
        difference = _times(a.top, b.below) - _times(b.top, a.below)
        signs: NDArray[np.int64] = np.sign(difference) * np.sign(a.below) * np.sign(b.below)
        return signs.astype(np.int8)
    except OverflowError:
        pairs = ((one(facts, left, row), one(facts, right, row)) for row in rows.tolist())
        return np.array([(a > b) - (a < b) for a, b in pairs], dtype=np.int8)


def one(facts: Facts, node: Node, row: int) -> Fraction:
    """Calculate one known number, floats read by their shortest decimals."""
    match node:
        case Constant(value=value):
            return Fraction(value)  # type: ignore[arg-type]
        case Named(part=part):
            return one(facts, part, row)
        case Arithmetic(op=op, left=left, right=right):
            a, b = one(facts, left, row), one(facts, right, row)
            return a + b if op == "+" else a - b if op == "-" else a * b if op == "*" else a / b
        case FirstKnown(parts=parts):
            return one(facts, next(p for p in parts if facts.values(p).known[row]), row)
        case Call(name="sum_by", parts=(number, key)):
            codes = facts.values(key).data
            members = np.flatnonzero(codes == codes[row]).tolist()
            return sum((one(facts, number, member) for member in members), Fraction(0))
    return Fraction(Decimal(repr(float(facts.values(node).data[row]))))


def _ratio(facts: Facts, node: Node, rows: Rows) -> _Ratio:
    match node:
        case Constant(value=Fraction() as value):
            return _Ratio(_full(value.numerator, rows), _full(value.denominator, rows))
        case Named(part=part):
            return _ratio(facts, part, rows)
        case Arithmetic(op=op, left=left, right=right):
            return _calculate(op, _ratio(facts, left, rows), _ratio(facts, right, rows))
        case FirstKnown(parts=parts):
            top, below = _ratio(facts, parts[-1], rows)
            for part in reversed(parts[:-1]):
                known, other = facts.values(part).known[rows], _ratio(facts, part, rows)
                top, below = np.where(known, other.top, top), np.where(known, other.below, below)
            return _Ratio(top, below)
        case Call(name="sum_by", parts=(number, key)):
            return _sum_by(facts, number, key, rows)
    return _whole(facts.values(node).data[rows])


def _whole(values: NDArray[np.float64]) -> _Ratio:
    """Read decimals as whole numbers; OverflowError where they have too many digits."""
    for power in POWERS_OF_TEN:
        scaled = np.rint(values * power)
        if np.all(np.abs(scaled) < SUMS_HOLD) and np.array_equal(scaled / power, values):
            return _Ratio(scaled.astype(np.int64), np.full(len(values), power))
    raise OverflowError


def _calculate(op: str, a: _Ratio, b: _Ratio) -> _Ratio:
    if op == "*":
        return _Ratio(_times(a.top, b.top), _times(a.below, b.below))
    if op == "/":
        return _Ratio(_times(a.top, b.below), _times(a.below, b.top))
    left, right = _times(a.top, b.below), _times(b.top, a.below)
    return _Ratio(left + right if op == "+" else left - right, _times(a.below, b.below))


def _sum_by(facts: Facts, number: Node, key: Node, rows: Rows) -> _Ratio:
    codes = facts.values(key).data
    asked = np.zeros(int(codes.max(initial=-1)) + 2, dtype=bool)  # the last one stands for unknown
    asked[codes[rows]] = True
    members = np.flatnonzero(asked[codes] & (codes >= 0))
    top, below = _ratio(facts, number, members)
    if np.any(below != below[:1]) or np.abs(top).sum(dtype=np.float64) >= SUMS_HOLD:
        raise OverflowError
    sums = np.bincount(codes[members], weights=top.astype(np.float64))
    return _Ratio(sums[codes[rows]].astype(np.int64), _full(int(below[0]), rows))


def _times(a: Whole, b: Whole) -> Whole:
    largest = [int(np.abs(side).max(initial=0)) for side in (a, b)]
    if largest[0] * largest[1] >= HOLDS:
        raise OverflowError
    return a * b


def _full(number: int, rows: Rows) -> Whole:
    if abs(number) >= HOLDS:
        raise OverflowError
    return np.full(len(rows), number, dtype=np.int64)

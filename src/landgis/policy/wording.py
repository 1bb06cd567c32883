"""Values as a planner reads them: 公顷 with four decimals, dates as 2020年12月31日, a dash for the unknown.

Texts of many rows are Arrow columns: each value is printed once, and the pieces are joined there.
"""

from __future__ import annotations

from decimal import Decimal
from string import Formatter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landgis.model.units import HA_DECIMALS, show
from landgis.policy.tree import AsOf, Field, Named

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from landgis.policy.facts import Facts
    from landgis.policy.records import Policy
    from landgis.policy.tree import Node

UNKNOWN = "—"
PERCENT_DECIMALS = 2
PLAIN_DECIMALS = 4  # of numbers in other units, trailing zeros dropped
NEAR_A_HALF = 1e-6  # of the last decimal: nearer, and the float itself may lie on the wrong side
TEXT = pa.large_string()


def day(date: dt.date | np.datetime64) -> str:
    """Print a date.

    Parameters
    ----------
    date : date or datetime64
        The day; NaT is unknown.

    Returns
    -------
    str
        Such as ``2020年12月31日``.

    Examples
    --------
    >>> import datetime
    >>> day(datetime.date(2020, 12, 31))
    '2020年12月31日'
    """
    stamp = pd.Timestamp(date)
    return UNKNOWN if pd.isna(stamp) else f"{stamp.year}年{stamp.month}月{stamp.day}日"


def spread(words: Sequence[str], codes: NDArray[np.intp]) -> pa.Array:
    """Hand each row the word of its code.

    Parameters
    ----------
    words : sequence of str
        One word per code.
    codes : ndarray of int
        One code per row.

    Returns
    -------
    pyarrow.LargeStringArray
        One text per row.
    """
    return pa.array(list(words), type=TEXT).take(pa.array(codes))


def texts(node: Node, facts: Facts, policy: Policy, rows: NDArray[np.intp]) -> pa.Array:
    """Print the values of a node for some rows.

    Parameters
    ----------
    node : Node
        A column, a term or any other tree.
    facts : Facts
        The columns.
    policy : Policy
        Knows units and titles.
    rows : ndarray of int
        Positions of the rows.

    Returns
    -------
    pyarrow.LargeStringArray
        One text per row.
    """
    if node.kind == "truth":
        truth = facts.truth(node)
        states = truth.true[rows].astype(np.intp) + 2 * truth.false[rows]
        return spread(["未知", "是", "否"], states)
    values = facts.values(node)
    data, known = values.data[rows], values.known[rows]
    if node.kind == "text":
        words = [] if values.texts is None else values.texts.tolist()
        return spread([*map(str, words), UNKNOWN], np.where(known, data, len(words)))
    if node.kind == "date":
        return _printed(data.astype("datetime64[D]"), known, lambda days: [day(d) for d in days])
    unit = unit_of(node, policy)
    return _printed(data, known, lambda numbers: _numbers(numbers, unit))


def fill(template: str, facts: Facts, policy: Policy, rows: NDArray[np.intp]) -> pa.Array:
    """Fill the values of each row into a reason.

    Parameters
    ----------
    template : str
        Text with ``{name}`` for the value of a column, a term or ``as_of``.
    facts : Facts
        The columns.
    policy : Policy
        Knows columns and terms.
    rows : ndarray of int
        Positions of the rows.

    Returns
    -------
    pyarrow.LargeStringArray
        One text per row.
    """
    pieces = [pa.repeat(pa.scalar("", TEXT), len(rows))]
    for literal, name, *_ in Formatter().parse(template):
        if literal:
            pieces.append(pa.scalar(literal, TEXT))
        if name:
            pieces.append(texts(node_of(name, policy), facts, policy, rows))
    return pc.binary_join_element_wise(*pieces, pa.scalar("", TEXT))


def label(name: str, policy: Policy) -> str:
    """Give the Chinese name of a column or a term.

    Parameters
    ----------
    name : str
        Name in expressions.
    policy : Policy
        Knows columns and terms.

    Returns
    -------
    str
        Its label or title.
    """
    return policy.terms[name].title if name in policy.terms else policy.columns[name].label


def node_of(name: str, policy: Policy) -> Node:
    """Give the tree of a column, a term or the day of judgement.

    Parameters
    ----------
    name : str
        Name in expressions.
    policy : Policy
        Knows columns and terms.

    Returns
    -------
    Node
        The tree.
    """
    if name == "as_of":
        return AsOf(kind="date")
    if name in policy.terms:
        part = policy.terms[name].node
        return Named(kind=part.kind, unit=part.unit, name=name, part=part)
    kind = policy.columns[name].kind
    return Field(kind="number" if kind in {"number", "integer"} else kind, name=name)  # type: ignore[arg-type]


def number(value: float, unit: str) -> str:
    """Print one number with its unit.

    Parameters
    ----------
    value : float
        The number.
    unit : str
        Its unit; ``%`` for a share of one.

    Returns
    -------
    str
        Four decimals for 公顷, two for shares in percent, other numbers as short as they are.

    Examples
    --------
    >>> number(0.1234567, "公顷"), number(0.25, "%"), number(1500.0, "万元/公顷")
    ('0.1235公顷', '25.00%', '1500万元/公顷')
    """
    if unit == "%":
        return f"{show(Decimal(repr(float(value))) * 100, PERCENT_DECIMALS)}%"
    if unit == "公顷":
        return f"{show(value, HA_DECIMALS)}公顷"
    plain = show(value, PLAIN_DECIMALS)
    return f"{plain.rstrip('0').rstrip('.') if '.' in plain else plain}{unit}"


def unit_of(node: Node, policy: Policy) -> str:
    """Give the unit in which a tree is printed.

    Parameters
    ----------
    node : Node
        Root of a tree of numbers.
    policy : Policy
        Knows columns and terms.

    Returns
    -------
    str
        Such as ``公顷``; empty for a bare number.
    """
    if isinstance(node, Named) and policy.terms[node.name].unit:
        return policy.terms[node.name].unit
    if isinstance(node, Field):
        return policy.columns[node.name].unit
    unit = [name for name, power in node.unit or () if power > 0]
    below = [name for name, power in node.unit or () if power < 0]
    return "·".join(unit) + ("/" + "·".join(below) if below else "")


def _printed(
    data: NDArray[np.generic],
    known: NDArray[np.bool_],
    print_all: Callable[[NDArray[np.generic]], list[str]],
) -> pa.Array:
    """Print every value that is known once, and hand it to its rows."""
    codes, uniques = pd.factorize(data)
    printed = print_all(np.asarray(uniques))
    return spread([*printed, UNKNOWN], np.where(known, codes, len(printed)))


def _numbers(values: NDArray[np.generic], unit: str) -> list[str]:
    """Print numbers as `number` does, whole columns at once where floats leave no doubt."""
    decimals = {"%": PERCENT_DECIMALS, "公顷": HA_DECIMALS}.get(unit, PLAIN_DECIMALS)
    plain = unit not in {"%", "公顷"}
    scaled = np.abs(values.astype(np.float64)) * 10.0**decimals * (100.0 if unit == "%" else 1.0)
    sure = (np.abs(scaled % 1 - 0.5) > NEAR_A_HALF) & (scaled < 10.0**9)
    whole = np.floor(np.where(sure, scaled, 0.0) + 0.5).astype(np.int64)
    above, below = np.divmod(whole, 10**decimals)
    negative = (values.astype(np.float64) < 0) & (whole > 0)
    printed = []
    for value, safe, minus, a, b in zip(
        values.tolist(),
        sure.tolist(),
        negative.tolist(),
        above.tolist(),
        below.tolist(),
        strict=True,
    ):
        if not safe:
            printed.append(number(value, unit))
            continue
        sign, rest = "-" if minus else "", f"{b:0{decimals}d}"
        rest = rest.rstrip("0") if plain else rest
        printed.append(f"{sign}{a}.{rest}{unit}" if rest else f"{sign}{a}{unit}")
    return printed

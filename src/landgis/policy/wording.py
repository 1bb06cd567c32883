"""Values as a planner reads them: 公顷 with four decimals, dates as 2020年12月31日, a dash for the unknown."""

from __future__ import annotations

from decimal import Decimal
from string import Formatter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.model.units import HA_DECIMALS, show
from landgis.policy.tree import AsOf, Field, Named

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from landgis.policy.facts import Facts
    from landgis.policy.records import Policy
    from landgis.policy.tree import Node

UNKNOWN = "—"
PERCENT_DECIMALS = 2
PLAIN_DECIMALS = 4  # of numbers in other units, trailing zeros dropped


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


def texts(node: Node, facts: Facts, policy: Policy, rows: NDArray[np.intp]) -> list[str]:
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
    list of str
        One text per row.
    """
    if node.kind == "truth":
        truth = facts.truth(node)
        return ["是" if truth.true[row] else "否" if truth.false[row] else "未知" for row in rows]
    values = facts.values(node)
    if node.kind == "date":
        printed = [day(value) for value in values.data[rows]]
    elif node.kind == "text":
        words = values.texts if values.texts is not None else np.array([], dtype=object)
        printed = [str(words[code]) if code >= 0 else UNKNOWN for code in values.data[rows]]
    else:
        unit = _unit(node, policy)
        printed = [_number(float(value), unit) for value in values.data[rows]]
    known = values.known[rows]
    return [text if sure else UNKNOWN for text, sure in zip(printed, known, strict=True)]


def fill(template: str, facts: Facts, policy: Policy, rows: NDArray[np.intp]) -> list[str]:
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
    list of str
        One text per row.
    """
    pieces: list[list[str]] = []
    for literal, name, *_ in Formatter().parse(template):
        if literal:
            pieces.append([literal] * len(rows))
        if name:
            pieces.append(texts(_node(name, policy), facts, policy, rows))
    return ["".join(parts) for parts in zip(*pieces, strict=True)] or [""] * len(rows)


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


def _node(name: str, policy: Policy) -> Node:
    if name == "as_of":
        return AsOf(kind="date")
    if name in policy.terms:
        part = policy.terms[name].node
        return Named(kind=part.kind, unit=part.unit, name=name, part=part)
    kind = policy.columns[name].kind
    return Field(kind="number" if kind in {"number", "integer"} else kind, name=name)  # type: ignore[arg-type]


def _unit(node: Node, policy: Policy) -> str:
    if isinstance(node, Named) and policy.terms[node.name].unit:
        return policy.terms[node.name].unit
    if isinstance(node, Field):
        return policy.columns[node.name].unit
    unit = [name for name, power in node.unit or () if power > 0]
    below = [name for name, power in node.unit or () if power < 0]
    return "·".join(unit) + ("/" + "·".join(below) if below else "")


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{show(Decimal(repr(value)) * 100, PERCENT_DECIMALS)}%"
    if unit == "公顷":
        return f"{show(value, HA_DECIMALS)}公顷"
    plain = show(value, PLAIN_DECIMALS)
    return f"{plain.rstrip('0').rstrip('.') if '.' in plain else plain}{unit}"

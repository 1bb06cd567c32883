"""Made-up parcels for a policy: facts under which a given rule should hold.

Whether any facts at all make a rule true cannot be read off a page. So facts are drawn with that
aim: down the tree of the condition, each part is given what it needs, and what the parts do not
agree on is left to chance. A rule that holds for none of some hundred such draws is suspect.
"""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model import schema
from landgis.policy.tree import (
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Field,
    FirstKnown,
    Junction,
    Known,
    Membership,
    Named,
    Negation,
    children,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

    from landgis.model.schema import Column
    from landgis.policy.tree import Node

NUMBERS = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 9.0)
DAYS_BACK = (-400, -1, 0, 1, 200, 364, 365, 366, 500, 730, 731, 1100, 2000, 3500, 4700)
EXEMPT = (0, 30, 400)
OTHER_TEXT = "其他文字"
Row = dict[str, Any]


def imagine(
    wanted: Sequence[Node],
    columns: Mapping[str, Column],
    *,
    as_of: dt.date,
    draws: int = 300,
    seed: int = 20211230,
) -> DataFrame:
    """Draw facts under which each condition should hold.

    Parameters
    ----------
    wanted : sequence of Node
        Conditions.
    columns : mapping of str to Column
        What kind each column is of.
    as_of : date
        The day for which the judgement would be made.
    draws : int, optional
        Rows per condition, 1 or more.
    seed : int, optional
        Equal seeds give equal rows.

    Returns
    -------
    DataFrame
        `draws` rows per condition, in their order; every column the conditions look at, of the
        kind of the schema.

    Examples
    --------
    >>> from landgis.policy import load
    >>> policy = load("qinzhou_2021")
    >>> rows = imagine(
    ...     [policy.rule("XZ-1").when], policy.columns, as_of=dt.date(2020, 12, 31), draws=5
    ... )
    >>> len(rows), "agreed_start_date" in rows.columns
    (5, True)
    """
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    painter = _Painter(wanted, columns, as_of, chance)
    rows = [painter.row(node) for node in wanted for _ in range(draws)]
    names = dict.fromkeys(name for row in rows for name in row)
    return pd.DataFrame(
        {
            name: pd.Series(
                [row.get(name) for row in rows], dtype=schema.DTYPES[columns[name].kind]
            )
            for name in names
        }
    )


class _Painter:
    """Gives the parts of a condition what they need."""

    def __init__(
        self,
        wanted: Sequence[Node],
        columns: Mapping[str, Column],
        as_of: dt.date,
        chance: random.Random,
    ) -> None:
        self.columns, self.chance = columns, chance
        nodes = [node for root in wanted for node in walk(root)]
        self.numbers = sorted({*NUMBERS, *(x for node in nodes for x in _near(node))})
        self.days = [as_of - dt.timedelta(days=days) for days in DAYS_BACK]
        for node in nodes:
            if isinstance(node, Constant) and isinstance(node.value, dt.date):
                self.days += [node.value + dt.timedelta(days=days) for days in (-1, 0, 1, 800)]
        self.keys = {
            node.parts[-1].name
            for node in nodes
            if isinstance(node, Call) and node.name in {"sum_by", "count_by"}
            if isinstance(node.parts[-1], Field)
        }
        self.drawn = 0
        self.texts: dict[str, list[str]] = {}
        for node in nodes:
            if isinstance(node, Membership) and isinstance(node.part, Field):
                self.texts.setdefault(node.part.name, []).extend(node.options)

    def row(self, node: Node) -> Row:
        row: Row = {}
        self.drawn += 1
        self.make(node, row, true=True)
        return row

    def make(self, node: Node, row: Row, *, true: bool) -> None:  # noqa: C901 - one case per node
        """Set facts so that a part may become true, or false."""
        match node:
            case Named(part=part) if node.kind == "truth":
                self.make(part, row, true=true)
            case Negation(part=part):
                self.make(part, row, true=not true)
            case Junction(every=every, parts=parts):
                chosen = list(parts) if every == true else [self.chance.choice(parts)]
                for part in self.chance.sample(chosen, len(chosen)):
                    self.make(part, row, true=true)
            case Known(part=part):
                self.fill(part, row, known=true)
            case FirstKnown(parts=parts) if node.kind == "truth":
                place = self.chance.randrange(len(parts))
                for part in parts[:place]:
                    self.fill(part, row, known=False)
                self.make(parts[place], row, true=true)
            case Field(name=name):
                row[name] = true
            case Membership(part=part, options=options):
                self.choose(part, options, row, true=true)
            case Comparison():
                self.fill(node.left, row, known=True)
                self.fill(node.right, row, known=True)

    def choose(self, part: Node, options: tuple[str, ...], row: Row, *, true: bool) -> None:
        while isinstance(part, Named):
            part = part.part
        if not isinstance(part, Field):
            self.fill(part, row, known=True)
            return
        own = self.columns[part.name].values  # noqa: PD011 - a column's code list
        others = [text for text in own or [OTHER_TEXT] if text not in options] or [OTHER_TEXT]
        row[part.name] = self.chance.choice(options if true else others)

    def fill(self, node: Node, row: Row, *, known: bool) -> None:
        """Give a value to what a part looks at, or take it away."""
        if isinstance(node, Field):
            row[node.name] = self.value(node.name) if known else None
            return
        parts = children(node)
        if isinstance(node, FirstKnown):
            parts = (self.chance.choice(parts),) if known else parts
        elif not known and isinstance(node, Arithmetic | Call | Junction):
            parts = parts[:1]
        for part in parts:
            self.fill(part, row, known=known)

    def value(self, name: str) -> Any:
        if name in self.keys:
            return f"第{self.drawn // 2}批"  # two rows of one condition share a key
        kind = self.columns[name].kind
        if kind == "truth":
            return self.chance.random() < 0.5  # noqa: PLR2004 - a coin
        if kind == "date":
            return self.chance.choice(self.days)
        if kind == "integer":
            return self.chance.choice(EXEMPT)
        if kind == "number":
            return self.chance.choice(self.numbers)
        return self.chance.choice(self.texts.get(name) or ["甲", "乙"])


def _near(node: Node) -> tuple[float, ...]:
    """Give a literal number and its neighbours, as far as a column may hold them."""
    if isinstance(node, Constant) and isinstance(node.value, Fraction):
        value = float(node.value)
        return tuple(v for v in (value / 2, value, value * 2) if v >= 0)
    return ()

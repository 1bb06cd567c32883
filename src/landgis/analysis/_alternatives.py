"""What would change the outcome: one fact at a time imagined otherwise, and judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model.units import round_half_up, show
from landgis.policy.facts import Facts
from landgis.policy.judgement import judge
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.tree import AsOf, Comparison, Field, Named, walk
from landgis.policy.wording import day, label

if TYPE_CHECKING:
    import datetime as dt

    from pandas import DataFrame

    from landgis.model.schema import Column
    from landgis.policy import Policy, Rule
    from landgis.policy.tree import Node

MAX_TRIALS = 400  # imagined changes of one parcel; a policy asks for far fewer facts


def changes(parcel: DataFrame, policy: Policy, as_of: dt.date) -> list[str]:
    """Imagine one fact at a time to be otherwise, and tell which would change the outcome."""
    rules = [
        rule
        for rule in policy.rules
        if rule.category in {*policy.classes, READINESS_CATEGORY} and rule.applies(as_of)
    ]
    facts = Facts(parcel, as_of=as_of, columns=policy.columns)
    before = _outcome(parcel, policy, as_of)[0]
    sentences = []
    imagined = _imagined(rules, facts, policy)[:MAX_TRIALS]
    if imagined:
        table = pd.concat([parcel] * len(imagined), ignore_index=True)
        columns: dict[str, list[Any]] = {}
        for spot, (name, value) in enumerate(imagined):
            if name not in columns:
                own = parcel[name].iloc[0] if name in parcel.columns else None
                columns[name] = [own] * len(imagined)
            columns[name][spot] = value
        for name, values in columns.items():
            table[name] = pd.Series(values, dtype=object)
        told = set()
        for (name, value), after in zip(imagined, _outcome(table, policy, as_of), strict=True):
            if after != before and (name, after) not in told:
                told.add((name, after))
                sentences.append(
                    f"若{label(name, policy)}为{_shown(value)}：{_told(before, after)}"
                )
    for date in _turning_days(rules, facts, as_of):
        after = _outcome(parcel, policy, date)[0]
        if after != before:
            sentences.append(f"若其他事实不变，至{day(date)}：{_told(before, after)}")
    return sentences


def _outcome(table: DataFrame, policy: Policy, as_of: dt.date) -> list[tuple[str, str]]:
    judged = judge(table, policy, as_of=as_of)
    return list(zip(judged.chosen.tolist(), judged.readiness.tolist(), strict=True))


def _told(before: tuple[str, str], after: tuple[str, str]) -> str:
    parts = [
        f"{what}由{old or '未定'}变为{new or '未定'}"
        for what, old, new in zip(("类别", "净毛地"), before, after, strict=True)
        if old != new
    ]
    return "，".join(parts)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return show(value, 4).rstrip("0").rstrip(".")
    return str(value)


def _imagined(rules: list[Rule], facts: Facts, policy: Policy) -> list[tuple[str, Any]]:
    """List single facts that could be otherwise: truths turned round, codes, numbers just past a limit."""
    imagined: dict[tuple[str, Any], None] = {}
    for rule in rules:
        for node in walk(rule.when):
            if isinstance(node, Field):
                column = policy.columns[node.name]
                if column.kind == "truth":
                    held = facts.column(node.name)
                    for value in (True, False):
                        if not held.known[0] or bool(held.data[0]) != value:
                            imagined[node.name, value] = None
                else:
                    imagined |= {
                        (node.name, code): None for code in _other_codes(node, column, facts)
                    }
            elif isinstance(node, Comparison):
                imagined |= dict.fromkeys(_past_the_limit(node, facts))
    return list(imagined)


def _other_codes(node: Field, column: Column, facts: Facts) -> list[str]:
    held = facts.column(node.name)
    own = str(held.texts[held.data[0]]) if held.known[0] and held.texts is not None else ""
    return [code for code in column.values if code != own]  # noqa: PD011 - a column's code list


def _past_the_limit(node: Comparison, facts: Facts) -> list[tuple[str, float]]:
    """Give the number at which ``column op limit`` or ``column / whole op limit`` turns, and beside it."""
    left, limit = (
        _opened(node.left),
        facts.values(node.right) if node.left.kind == "number" else None,
    )
    if limit is None or not limit.known[0]:
        return []
    goal = float(limit.data[0])
    if not isinstance(left, Field):
        parts = getattr(left, "left", None), getattr(left, "right", None)
        top, below = (_opened(part) if part is not None else None for part in parts)
        if getattr(left, "op", "") != "/" or not isinstance(top, Field) or below is None:
            return []
        whole = facts.values(below)
        if not whole.known[0]:
            return []
        left, goal = top, goal * float(whole.data[0])
    own = facts.column(left.name)
    step = 10.0**-4  # ledgers print four decimals
    near = [float(round_half_up(value, 4)) for value in (goal, goal + step, goal - step)]
    return [(left.name, v) for v in near if v >= 0 and not (own.known[0] and own.data[0] == v)]


def _opened(node: Node) -> Node:
    while isinstance(node, Named):
        node = node.part
    return node


def _turning_days(rules: list[Rule], facts: Facts, as_of: dt.date) -> list[dt.date]:
    """Give the later days on which a comparison with the day of judgement turns."""
    days: set[dt.date] = set()
    for rule in rules:
        for node in walk(rule.when):
            if isinstance(node, Comparison) and node.left.kind == "date":
                for mine, other in ((node.left, node.right), (node.right, node.left)):
                    if isinstance(_opened(mine), AsOf):
                        values = facts.values(other)
                        if values.known[0]:
                            days.add(values.data[0].astype("datetime64[D]").item())
    return sorted(date for date in days if date > as_of)

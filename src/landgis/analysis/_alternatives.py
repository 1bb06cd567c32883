"""What would change the outcome: one fact at a time imagined otherwise, and judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from landgis.analysis._imagined import imagine
from landgis.model import schema
from landgis.policy.facts import Facts
from landgis.policy.judgement import judge
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.tree import AsOf, Comparison, Named, walk
from landgis.policy.wording import day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from pandas import DataFrame

    from landgis.analysis._imagined import Imagined
    from landgis.policy import Policy, Rule
    from landgis.policy.tree import Node

MAX_TRIALS = 400  # imagined changes of one parcel; a policy asks for far fewer facts
DAYS_OF_A_YEAR = 365.0


class Change(NamedTuple):
    """One change that would give another outcome, and how near it is."""

    distance: float
    text: str


class Outcome(NamedTuple):
    """What is decided of a parcel."""

    land_class: str
    readiness: str


def changes(parcels: DataFrame, policy: Policy, as_of: dt.date) -> list[list[str]]:
    """Tell of every row which single changes would give another outcome, the nearest first."""
    rules = [
        rule
        for rule in policy.rules
        if rule.category in {*policy.classes, READINESS_CATEGORY} and rule.applies(as_of)
    ]
    facts = Facts(parcels, as_of=as_of, columns=policy.columns)
    before = _outcomes(parcels, policy, as_of)
    found: list[list[Change]] = [[] for _ in before]
    for row, date, outcome in _later(rules, facts, parcels, policy, as_of):
        if outcome != before[row]:
            text = f"若其他事实不变，至{day(date)}：{_told(before[row], outcome)}"
            found[row].append(Change((date - as_of).days / DAYS_OF_A_YEAR, text))
    nodes = tuple(dict.fromkeys(node for rule in rules for node in walk(rule.when)))
    trials = [
        (row, trial)
        for row in range(len(parcels))
        for trial in imagine(nodes, facts, policy, row)[:MAX_TRIALS]
    ]
    told: set[tuple[int, str, Outcome]] = set()
    after = _outcomes(_as_imagined(parcels, trials, policy), policy, as_of) if trials else []
    for (row, trial), outcome in zip(trials, after, strict=True):
        if outcome != before[row] and (row, trial.name, outcome) not in told:
            told.add((row, trial.name, outcome))
            text = f"若{trial.text}：{_told(before[row], outcome)}"
            found[row].append(Change(trial.distance, text))
    return [[change.text for change in sorted(row, key=lambda c: c.distance)] for row in found]


def _outcomes(table: DataFrame, policy: Policy, as_of: dt.date) -> list[Outcome]:
    judged = judge(table, policy, as_of=as_of)
    return [
        Outcome(*pair)
        for pair in zip(judged.chosen.tolist(), judged.readiness.tolist(), strict=True)
    ]


def _as_imagined(
    parcels: DataFrame, trials: Sequence[tuple[int, Imagined]], policy: Policy
) -> DataFrame:
    """Give one row per trial: the parcel with that one fact otherwise."""
    table = parcels.iloc[[row for row, _ in trials]].reset_index(drop=True)
    spots: dict[str, dict[int, Any]] = {}
    for spot, (_, trial) in enumerate(trials):
        spots.setdefault(trial.name, {})[spot] = trial.value
    columns = {}
    for name, values in spots.items():
        dtype = schema.DTYPES[policy.columns[name].kind]
        if name not in table.columns:
            column = pd.Series(index=table.index, dtype=dtype)
        elif table[name].dtype == dtype:
            column = table[name].copy()
        else:
            column = table[name].astype(object)
        changed = pd.Series(list(values.values()), dtype=object)
        column.iloc[list(values)] = (
            changed if column.dtype == object else changed.astype(column.dtype)
        ).to_numpy()
        columns[name] = column
    return table.assign(**columns)


def _told(before: Outcome, after: Outcome) -> str:
    return "，".join(
        f"{what}由{old or '未定'}变为{new or '未定'}"
        for what, old, new in zip(("类别", "净毛地"), before, after, strict=True)
        if old != new
    )


def _later(
    rules: list[Rule], facts: Facts, parcels: DataFrame, policy: Policy, as_of: dt.date
) -> list[tuple[int, dt.date, Outcome]]:
    """Judge each row again on the later days on which a comparison with the day turns."""
    rows_by_day: dict[dt.date, list[int]] = {}
    for values, known in _limits(rules, facts):
        later = np.flatnonzero(known & (values > np.datetime64(as_of, "D")))
        for row in later.tolist():
            rows = rows_by_day.setdefault(values[row].astype("datetime64[D]").item(), [])
            if row not in rows:
                rows.append(row)
    answer = []
    for date, rows in sorted(rows_by_day.items()):
        outcomes = _outcomes(parcels.iloc[rows], policy, date)
        answer += [(row, date, outcome) for row, outcome in zip(rows, outcomes, strict=True)]
    return answer


def _limits(rules: list[Rule], facts: Facts) -> list[tuple[Any, Any]]:
    """Give the dates that rules compare with the day of judgement."""
    nodes = dict.fromkeys(
        other
        for rule in rules
        for node in walk(rule.when)
        if isinstance(node, Comparison) and node.left.kind == "date"
        for mine, other in ((node.left, node.right), (node.right, node.left))
        if isinstance(_opened(mine), AsOf)
    )
    return [(facts.values(node).data, facts.values(node).known) for node in nodes]


def _opened(node: Node) -> Node:
    while isinstance(node, Named):
        node = node.part
    return node

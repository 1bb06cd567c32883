"""The table of verdicts: which rule said what of which parcel, and what it lacked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from landgis.model.schema import VERDICTS
from landgis.policy.judgement import NET, OTHER, RAW
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.wording import fill, label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.policy import Policy, Rule
    from landgis.policy.columns import Mask, Truth
    from landgis.policy.judgement import Judgement

    Rows = NDArray[np.intp]
    Texts = NDArray[np.object_]

COMPARED = "类别核对"  # verdicts that set the judged class against the ledger's
COMPARED_ID = "LB"
FAILS = "不成立"
TRUE, FALSE, UNKNOWN = "true", "false", "unknown"


class Case(NamedTuple):
    """Everything the verdicts are made from."""

    judged: Judgement
    policy: Policy
    names: Texts
    declared: Texts
    asked: Mask


class Part(NamedTuple):
    """The verdicts of one rule."""

    rows: Rows
    rule_id: str
    category: str
    truths: Texts
    decides: Mask
    missing: Texts
    because: Texts


def tabulate_verdicts(case: Case, *, all_rules: bool) -> DataFrame:
    """Put the verdicts of all rules together, parcel by parcel."""
    parts = [
        _of_rule(case, rule, _shown(case, rule, all_rules=all_rules)) for rule in case.judged.rules
    ]
    parts.append(_compared(case, all_rules=all_rules))
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    counts = [len(part.rows) for part in parts]
    columns = (
        case.names[rows],
        np.repeat(np.array([part.rule_id for part in parts], dtype=object), counts),
        np.repeat(np.array([part.category for part in parts], dtype=object), counts),
        np.concatenate([part.truths for part in parts]),
        np.concatenate([part.decides for part in parts]),
        np.concatenate([part.missing for part in parts]),
        np.concatenate([part.because for part in parts]),
    )
    return pd.DataFrame(
        {
            column.name: pd.Series(
                values[order], dtype="boolean" if column.kind == "truth" else "str"
            )
            for column, values in zip(VERDICTS.columns, columns, strict=True)
        }
    )


def by_pattern(states: Sequence[NDArray[np.int8]], word: Callable[[list[int]], str]) -> Texts:
    """Word each pattern of states (-1, 0, 1) once, and hand the text to the rows that show it."""
    size = len(states[0]) if states else 0
    key = np.zeros(size, dtype=np.int64)
    for state in states:
        key = key * 3 + (state + 1)
    _, first, member = np.unique(key, return_index=True, return_inverse=True)
    texts = [word([int(state[row]) for state in states]) for row in first.tolist()]
    worded: Texts = np.array(texts, dtype=object)[member]
    return worded


def states_of(truth: Truth) -> NDArray[np.int8]:
    """Give 1 where true, -1 where false, 0 where unknown."""
    states: NDArray[np.int8] = truth.true.astype(np.int8) - truth.false.astype(np.int8)
    return states


def _shown(case: Case, rule: Rule, *, all_rules: bool) -> Mask:
    """Say which rows of a rule are given: those that decide, hold, or leave a question open."""
    truth, judged = case.judged.truths[rule.id], case.judged
    wanted = case.asked if rule.category == READINESS_CATEGORY else np.ones(len(case.names), bool)
    if all_rules:
        return wanted
    unknown = truth.unknown & judged.informed & (case.declared != OTHER)
    if rule.category in case.policy.classes:
        shown = truth.true | unknown & (judged.chosen == "")
    elif rule.category == READINESS_CATEGORY:
        shown = truth.false | unknown & rule.hard
    else:
        shown = truth.true | unknown & (judged.chosen != "") & (not rule.quiet)
    given: Mask = wanted & (shown | _decides(case, rule))
    return given


def _decides(case: Case, rule: Rule) -> Mask:
    truth, judged = case.judged.truths[rule.id], case.judged
    decides: Mask = truth.true & (not rule.advisory)
    if rule.category in case.policy.classes:
        decides = judged.chosen_by == rule.id
    elif rule.category == READINESS_CATEGORY:
        against = truth.false & (judged.readiness == RAW)
        decides = (against | truth.true & (judged.readiness == NET)) & rule.hard
    return decides


def _of_rule(case: Case, rule: Rule, shown: Mask) -> Part:
    rows = np.flatnonzero(shown)
    states = states_of(case.judged.truths[rule.id])[rows]
    because = np.full(len(rows), rule.otherwise or FAILS, dtype=object)
    because[states > 0] = fill(rule.because, case.judged.facts, case.policy, rows[states > 0])
    missing = np.full(len(rows), "", dtype=object)
    missing[states == 0], because[states == 0] = _missing(case, rule, rows[states == 0])
    truths = np.array([FALSE, UNKNOWN, TRUE], dtype=object)[states + 1]
    return Part(rows, rule.id, rule.category, truths, _decides(case, rule)[rows], missing, because)


def _missing(case: Case, rule: Rule, rows: Rows) -> tuple[Texts, Texts]:
    """Name the columns that keep a rule unknown, for scripts and for planners."""
    if not len(rows):
        return np.array([], dtype=object), np.array([], dtype=object)
    found = case.judged.facts.missing(rule.when)
    names = list(found)
    labels = [label(name, case.policy) for name in names]
    states = [mask[rows].astype(np.int8) for mask in found.values()]

    def listed(words: list[str], wanted: list[int]) -> str:
        return "、".join(word for word, state in zip(words, wanted, strict=True) if state)

    return (
        by_pattern(states, lambda wanted: listed(names, wanted)),
        by_pattern(states, lambda wanted: f"缺资料：{listed(labels, wanted)}"),
    )


def _compared(case: Case, *, all_rules: bool) -> Part:
    """Set the judged class against the ledger's, and say what stays undecided."""
    judged, declared = case.judged, case.declared
    undecided = (judged.chosen == "") & ((declared != OTHER) | all_rules)
    differs = (judged.chosen != "") & (declared != "") & (judged.chosen != declared)
    rows = np.flatnonzero(undecided | differs)
    because = np.full(len(rows), "", dtype=object)
    because[:] = [_comparison(case, row) for row in rows.tolist()]
    return Part(
        rows=rows,
        rule_id=COMPARED_ID,
        category=COMPARED,
        truths=np.where(undecided[rows], UNKNOWN, FALSE).astype(object),
        decides=np.zeros(len(rows), dtype=bool),
        missing=np.full(len(rows), "", dtype=object),
        because=because,
    )


def _comparison(case: Case, row: int) -> str:
    judged = case.judged
    ledger = f"台账为{case.declared[row]}，" if case.declared[row] else ""
    if judged.chosen[row]:
        by = f"（{judged.chosen_by[row]}）" if judged.chosen_by[row] else ""
        return f"{ledger}按规则为{judged.chosen[row]}{by}"
    if not judged.informed[row]:
        return f"{ledger}没有政策所需的任何事实，不能判定"
    blocked, then = judged.blocked_by[row], judged.otherwise[row]
    condition = "若都不是" if "、" in blocked else "若不是"
    after = f"；{condition}，则为{then}（{judged.otherwise_by[row]}）" if then else ""
    return f"{ledger}不能判定是否{blocked}{after}"

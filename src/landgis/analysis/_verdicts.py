"""The table of verdicts: which rule said what of which parcel, and what it lacked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from landgis.model.schema import VERDICTS
from landgis.policy.judgement import NET, OTHER, RAW
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.wording import TEXT, fill, label, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from landgis.policy import Policy, Rule
    from landgis.policy.columns import Mask, Truth
    from landgis.policy.judgement import Judgement

    Rows = NDArray[np.intp]
    Texts = NDArray[np.object_]

COMPARED = "类别核对"  # verdicts that set the judged class against the ledger's
COMPARED_ID = "LB"
FAILS = "不成立"
MAX_NAMED = 5  # missing facts that one sentence names
TRUTHS = ("false", "unknown", "true")  # of the states -1, 0, 1


@dataclass(frozen=True)
class Case:
    """Everything the verdicts are made from."""

    judged: Judgement
    policy: Policy
    names: pa.Array
    declared: Texts
    asked: Mask

    @cached_property
    def undecided(self) -> Mask:
        """Rows without a class."""
        undecided: Mask = self.judged.chosen == ""
        return undecided

    @cached_property
    def worth_asking(self) -> Mask:
        """Rows of which the unknown is told: not the ground around, not rows without any fact."""
        worth: Mask = self.judged.informed & (self.declared != OTHER)
        return worth

    @cached_property
    def net(self) -> Mask:
        """Rows that are 净地."""
        net: Mask = self.judged.readiness == NET
        return net

    @cached_property
    def raw(self) -> Mask:
        """Rows that are 毛地."""
        raw: Mask = self.judged.readiness == RAW
        return raw


class Part(NamedTuple):
    """The verdicts of one rule."""

    rows: Rows
    rule_id: str
    category: str
    states: NDArray[np.int8]
    decides: Mask
    missing: pa.Array
    because: pa.Array


def tabulate_verdicts(case: Case, *, all_rules: bool) -> DataFrame:
    """Put the verdicts of all rules together, parcel by parcel."""
    parts = []
    for rule in case.judged.rules:
        decides = _decides(case, rule)
        parts.append(
            _of_rule(case, rule, _shown(case, rule, decides, all_rules=all_rules), decides)
        )
    parts.append(_compared(case, all_rules=all_rules))
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    of_part = np.repeat(np.arange(len(parts)), [len(part.rows) for part in parts])[order]
    states = np.concatenate([part.states for part in parts])[order]
    texts = (
        case.names.take(pa.array(rows[order])),
        spread([part.rule_id for part in parts], of_part),
        spread([part.category for part in parts], of_part),
        spread(TRUTHS, states.astype(np.intp) + 1),
        np.concatenate([part.decides for part in parts])[order],
        pa.concat_arrays([part.missing for part in parts]).take(pa.array(order)),
        pa.concat_arrays([part.because for part in parts]).take(pa.array(order)),
    )
    return pd.DataFrame(
        {
            column.name: pd.Series(values, dtype="boolean")
            if column.kind == "truth"
            else column_of(values)
            for column, values in zip(VERDICTS.columns, texts, strict=True)
        }
    )


def column_of(texts: pa.Array) -> Series:
    """Give texts as a column of the house: ``str``, missing where null."""
    dtype = pd.Series([], dtype="str").dtype
    return pd.Series(dtype.__from_arrow__(pa.chunked_array([texts])))


def by_pattern(states: Sequence[NDArray[np.int8]], word: Callable[[list[int]], str]) -> pa.Array:
    """Word each pattern of states (-1, 0, 1) once, and hand the text to the rows that show it."""
    size = len(states[0]) if states else 0
    key = np.zeros(size, dtype=np.int64)
    for state in states:
        key = key * 3 + (state + 1)
    member, patterns = pd.factorize(key)
    texts = [word(_digits(pattern, len(states))) for pattern in patterns.tolist()]
    return spread(texts, member)


def _digits(pattern: int, count: int) -> list[int]:
    """Take the states out of the number they were put into."""
    digits = []
    for _ in range(count):
        pattern, digit = divmod(pattern, 3)
        digits.append(digit - 1)
    return digits[::-1]


def states_of(truth: Truth) -> NDArray[np.int8]:
    """Give 1 where true, -1 where false, 0 where unknown."""
    states: NDArray[np.int8] = truth.true.astype(np.int8) - truth.false.astype(np.int8)
    return states


def _shown(case: Case, rule: Rule, decides: Mask, *, all_rules: bool) -> Mask:
    """Say which rows of a rule are given: those that decide, hold, or leave a question open."""
    truth = case.judged.truths[rule.id]
    wanted = case.asked if rule.category == READINESS_CATEGORY else np.ones(len(case.names), bool)
    if all_rules:
        return wanted
    unknown = truth.unknown & case.worth_asking
    if rule.category in case.policy.classes:
        shown = truth.true | unknown & case.undecided
    elif rule.category == READINESS_CATEGORY:
        shown = truth.false | unknown & rule.hard
    else:
        shown = truth.true | unknown & ~case.undecided & (not rule.quiet)
    given: Mask = wanted & (shown | decides)
    return given


def _decides(case: Case, rule: Rule) -> Mask:
    truth, judged = case.judged.truths[rule.id], case.judged
    decides: Mask = truth.true & (not rule.advisory)
    if rule.category in case.policy.classes:
        decides = truth.true.copy()
        rows = np.flatnonzero(decides)
        decides[rows] = judged.chosen_by[rows] == rule.id
    elif rule.category == READINESS_CATEGORY:
        decides = (truth.false & case.raw | truth.true & case.net) & rule.hard
    return decides


def _of_rule(case: Case, rule: Rule, shown: Mask, decides: Mask) -> Part:
    """Give the verdicts of one rule: where it holds, where it fails, where it is open."""
    rows = np.flatnonzero(shown)
    states = states_of(case.judged.truths[rule.id])[rows]
    held, failed, open_ = (rows[states == state] for state in (1, -1, 0))
    missing, wanting = _missing(case, rule, open_)
    nothing = spread([""], np.zeros(len(held) + len(failed), dtype=np.intp))
    reasons = [
        fill(rule.because, case.judged.facts, case.policy, held),
        spread([rule.otherwise or FAILS], np.zeros(len(failed), dtype=np.intp)),
        wanting,
    ]
    rows = np.concatenate([held, failed, open_])
    return Part(
        rows=rows,
        rule_id=rule.id,
        category=rule.category,
        states=np.repeat(np.array([1, -1, 0], dtype=np.int8), [len(held), len(failed), len(open_)]),
        decides=decides[rows],
        missing=pa.concat_arrays([nothing, missing]),
        because=pa.concat_arrays(reasons),
    )


def _missing(case: Case, rule: Rule, rows: Rows) -> tuple[pa.Array, pa.Array]:
    """Name the columns that keep a rule unknown, for scripts and for planners."""
    if not len(rows):
        return pa.array([], type=TEXT), pa.array([], type=TEXT)
    found = case.judged.facts.missing(rule.when)
    names = list(found)
    labels = [label(name, case.policy) for name in names]
    states = [mask[rows].astype(np.int8) for mask in found.values()]

    def listed(words: list[str], wanted: list[int]) -> str:
        return "、".join(word for word, state in zip(words, wanted, strict=True) if state)

    return (
        by_pattern(states, lambda wanted: listed(names, wanted)),
        by_pattern(states, lambda wanted: _wanting(labels, wanted)),
    )


def _wanting(labels: list[str], wanted: list[int]) -> str:
    """Name what is wanted as a planner reads it: the first few, and how many there are."""
    named = [word for word, state in zip(labels, wanted, strict=True) if state]
    more = f"等{len(named)}项之一或几项" if len(named) > MAX_NAMED else ""
    return f"缺资料：{'、'.join(named[:MAX_NAMED])}{more}"


def _compared(case: Case, *, all_rules: bool) -> Part:
    """Set the judged class against the ledger's, and say what stays undecided."""
    judged, declared = case.judged, case.declared
    undecided = case.undecided & ((declared != OTHER) | all_rules)
    differs = ~case.undecided & (declared != "") & (judged.chosen != declared)
    rows = np.flatnonzero(undecided | differs)
    because = pa.array([_comparison(case, row) for row in rows.tolist()], type=TEXT)
    return Part(
        rows=rows,
        rule_id=COMPARED_ID,
        category=COMPARED,
        states=np.where(undecided[rows], 0, -1).astype(np.int8),
        decides=np.zeros(len(rows), dtype=bool),
        missing=spread([""], np.zeros(len(rows), dtype=np.intp)),
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

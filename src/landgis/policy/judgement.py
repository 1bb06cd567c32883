"""A policy applied to a table: the truth of every rule, the class of every row, its readiness."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landgis.model.errors import UsageError
from landgis.policy.columns import Truth
from landgis.policy.facts import Facts
from landgis.policy.records import CROSS_CHECK_CATEGORY, READINESS_CATEGORY

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.policy.columns import Mask
    from landgis.policy.records import Policy, Rule

    Texts = NDArray[np.object_]

OTHER = "其他"
NET, RAW, OPEN = "净地", "毛地", "待核"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules in force say of every row.

    Attributes
    ----------
    facts : Facts
        The columns asked.
    rules : tuple of Rule
        Rules in force on the day.
    truths : dict of str to Truth
        Truth of every rule, by its id.
    chosen : ndarray of str
        The class; empty where it cannot be decided.
    chosen_by : ndarray of str
        The rule that decided; empty for 其他 and where undecided.
    blocked_by : ndarray of str
        Where undecided, the classes that are unknown, joined by ``、``.
    otherwise : ndarray of str
        Where undecided, the class that would follow if all of those were excluded.
    otherwise_by : ndarray of str
        The rule of that class.
    readiness : ndarray of str
        净地, 毛地 or 待核; empty where the policy sets no hard condition.
    informed : ndarray of bool
        Rows with at least one fact that any rule asks for.
    """

    facts: Facts
    rules: tuple[Rule, ...]
    truths: dict[str, Truth]
    chosen: Texts
    chosen_by: Texts
    blocked_by: Texts
    otherwise: Texts
    otherwise_by: Texts
    readiness: Texts
    informed: Mask

    def conditions(self) -> tuple[Rule, ...]:
        """Give the conditions of readiness in force.

        Returns
        -------
        tuple of Rule
            In the order of the policy.
        """
        return tuple(rule for rule in self.rules if rule.category == READINESS_CATEGORY)

    def cross_checks(self) -> tuple[Rule, ...]:
        """Give the rules in force that set a condition of readiness against what was seen.

        Returns
        -------
        tuple of Rule
            In the order of the policy.
        """
        return tuple(rule for rule in self.rules if rule.category == CROSS_CHECK_CATEGORY)


def judgement_day(as_of: dt.date | str | None) -> dt.date:
    """Read the day for which a judgement is made.

    Parameters
    ----------
    as_of : date or str or None
        A date, a timestamp, or text such as ``2020-12-31``; today where None.

    Returns
    -------
    date
        The day.

    Raises
    ------
    UsageError
        ``bad_as_of``.

    Examples
    --------
    >>> judgement_day("2020-12-31")
    datetime.date(2020, 12, 31)
    """
    if as_of is None:
        return dt.datetime.now(tz=dt.UTC).astimezone().date()
    try:
        if isinstance(as_of, str):
            return dt.date.fromisoformat(as_of)
        return dt.date(as_of.year, as_of.month, as_of.day)
    except (ValueError, TypeError, AttributeError):
        raise UsageError(
            "bad_as_of",
            f"as_of is no date: {as_of!r}",
            hint="截止日应写作 2020-12-31 这样的日期。",
        ) from None


def judge(table: DataFrame, policy: Policy, *, as_of: dt.date) -> Judgement:
    """Apply a policy to a table.

    Parameters
    ----------
    table : DataFrame
        Any rows; a column that is missing is unknown.
    policy : Policy
        The rules.
    as_of : date
        The day for which the judgement is made; rules not in force then are not tried.

    Returns
    -------
    Judgement
        Truths, classes and readiness, row by row.
    """
    facts = Facts(table, as_of=as_of, columns=policy.columns)
    rules = tuple(rule for rule in policy.rules if rule.applies(as_of))
    truths = {rule.id: facts.truth(rule.when) for rule in rules}
    size = len(table)
    chosen, chosen_by, blocked_by, otherwise, otherwise_by = (_texts(size) for _ in range(5))
    decided, doubtful, followed = (np.zeros(size, dtype=bool) for _ in range(3))
    for name in policy.classes:
        mine = [(rule.id, truths[rule.id]) for rule in policy.of(name) if rule.id in truths]
        truth, by = _any_of(mine, size)
        certain = ~decided & ~doubtful & truth.true
        chosen[certain], chosen_by[certain] = name, by[certain]
        decided |= certain
        open_ = ~decided & ~followed
        later, blocked = open_ & truth.true, open_ & truth.unknown
        otherwise[later], otherwise_by[later] = name, by[later]
        blocked_by[blocked & doubtful] += f"、{name}"
        blocked_by[blocked & ~doubtful] = name
        followed, doubtful = followed | later, doubtful | blocked
    chosen[~decided & ~doubtful] = OTHER
    return Judgement(
        facts=facts,
        rules=rules,
        truths=truths,
        chosen=chosen,
        chosen_by=chosen_by,
        blocked_by=blocked_by,
        otherwise=otherwise,
        otherwise_by=otherwise_by,
        readiness=_readiness(rules, truths, size),
        informed=_informed(facts, rules),
    )


def _texts(size: int) -> Texts:
    return np.full(size, "", dtype=object)


def _any_of(truths: list[tuple[str, Truth]], size: int) -> tuple[Truth, Texts]:
    """Give the truth of a class and the first rule that makes it true."""
    by = _texts(size)
    true, false = np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
    for rule_id, truth in truths:
        by[truth.true & ~true] = rule_id
        true, false = true | truth.true, false & truth.false
    return Truth(true, false), by


def _readiness(rules: tuple[Rule, ...], truths: dict[str, Truth], size: int) -> Texts:
    hard = [truths[r.id] for r in rules if r.category == READINESS_CATEGORY and r.hard]
    answer = _texts(size)
    if hard:
        answer[:] = OPEN
        answer[np.logical_and.reduce([truth.true for truth in hard])] = NET
        answer[np.logical_or.reduce([truth.false for truth in hard])] = RAW
    return answer


def _informed(facts: Facts, rules: tuple[Rule, ...]) -> Mask:
    asked: dict[str, Any] = {name: None for rule in rules for name in rule.needs}
    informed = np.zeros(facts.size, dtype=bool)
    for name in asked:
        if name != "declared_ha":  # every ledger has it; alone it says nothing of a class
            informed |= facts.column(name).known
    return informed

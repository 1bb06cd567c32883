"""Which class, 净地 or 毛地, by which clause? Rules kept as data, applied to parcels.

The rules stand in a policy (TOML), not here. Truth has three values: a fact that is not recorded
makes a rule unknown, and an unknown rule decides nothing. A parcel is in one class only: classes
are tried in the order of the policy, and a class that cannot be excluded blocks those after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landgis.analysis import _alternatives, _explanation
from landgis.analysis._explanation import Explanation
from landgis.analysis._verdicts import (
    Case,
    by_pattern,
    column_of,
    states_of,
    tabulate_verdicts,
)
from landgis.model.errors import UsageError
from landgis.policy import Policy, load
from landgis.policy.judgement import OTHER, Judgement, judge, judgement_day
from landgis.policy.wording import TEXT

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from landgis.policy import Rule
    from landgis.policy.columns import Mask

__all__ = ["Classified", "Explanation", "audit", "classify", "explain"]


class Classified(NamedTuple):
    """Parcels with their class and readiness, and the verdicts behind them."""

    parcels: DataFrame
    verdicts: DataFrame


def classify(
    parcels: DataFrame,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    as_of: dt.date | str | None = None,
    all_rules: bool = False,
) -> Classified:
    """Judge every parcel by the rules of a policy.

    Parameters
    ----------
    parcels : DataFrame
        Parcels with whatever columns of `schema.PARCELS` are known; a missing column is an unknown
        fact. Any index.
    policy : str or Path or Policy, optional
        Name of a policy that comes with landgis, a policy folder, or a policy already loaded.
    as_of : date or str or None, optional
        The day for which the judgement is made, such as ``2020-12-31``; today where None.
    all_rules : bool, optional
        Give one verdict per parcel and rule in force; else only those that decide, that hold, or
        whose being unknown keeps a question open.

    Returns
    -------
    Classified
        `parcels`: a copy with ``judged_class`` (missing where undecided), ``judged_by`` (id of the
        deciding rule), ``readiness`` and ``readiness_because``; ``land_class`` is added from the
        judgement only where the table has none, and never overwritten.
        `verdicts`: `schema.VERDICTS`; ``missing`` names the columns whose values are wanted.

    Raises
    ------
    UsageError
        ``bad_as_of``.
    PolicyError
        ``policy_missing``, ``policy_faults``.
    SchemaError
        ``column_kind`` where a column holds something else than its kind.

    Notes
    -----
    ``judged_class`` is 其他 only where every class is known to be false. Readiness is asked of
    every parcel save those that are 其他 (by the ledger where it says so, else by the judgement)
    and have no condition of readiness on record: they are not stock, and stay missing. Where an
    attribute and what was seen from above or on a map contradict each other, the attribute gives
    the readiness and ``readiness_because`` says what contradicts it: a person settles it.
    A judged class that differs from the ledger's ``land_class``, and a class that stays undecided,
    is shown as a verdict of the matter 类别核对. Of parcels that the ledger calls 其他 the unknown
    is shown with `all_rules` only.
    Sources: the ``basis`` of each rule.

    Examples
    --------
    >>> import pandas
    >>> parcels = pandas.DataFrame(
    ...     {
    ...         "contract_no": ["C1", "C2"],
    ...         "agreed_start_date": ["2019-12-31", "2020-01-01"],
    ...         "commenced": [False, None],
    ...     },
    ...     index=["P1", "P2"],
    ... )
    >>> judged = classify(parcels, as_of="2020-12-31")
    >>> judged.parcels["judged_class"].fillna("未定").tolist()
    ['闲置', '未定']
    """
    rules = policy if isinstance(policy, Policy) else load(policy)
    judged = judge(parcels, rules, as_of=judgement_day(as_of))
    declared = _declared(parcels)
    asked = _asked(judged, declared)
    table = parcels.copy(deep=False)  # pandas copies on write: the input stays as it is
    table["judged_class"] = _text(judged.chosen).array
    table["judged_by"] = _text(judged.chosen_by).array
    table["readiness"] = _text(np.where(asked, judged.readiness, "")).array
    table["readiness_because"] = _readiness_because(judged, asked).array
    if "land_class" not in parcels.columns:
        table["land_class"] = table["judged_class"]
    names = pa.array(parcels.index.astype("str"), type=TEXT)
    case = Case(judged, rules, names, declared, asked)
    return Classified(table, tabulate_verdicts(case, all_rules=all_rules))


def explain(
    parcels: DataFrame,
    parcel_id: object,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    as_of: dt.date | str | None = None,
) -> Explanation:
    """Explain the judgement of one parcel, clause by clause.

    Parameters
    ----------
    parcels : DataFrame
        As in `classify`; rules about a whole approval batch look at the other parcels too.
    parcel_id : object
        Index label of the parcel; its text does as well.
    policy : str or Path or Policy, optional
        As in `classify`.
    as_of : date or str or None, optional
        As in `classify`.

    Returns
    -------
    Explanation
        Every rule tried with its values, clause and truth, which decided, what is missing and
        what would change the verdict; ``str()`` gives the Chinese text, ``as_dict()`` plain data.

    Raises
    ------
    UsageError
        ``unknown_parcel``, ``parcel_twice``, ``bad_as_of``.
    PolicyError
        As in `classify`.
    SchemaError
        As in `classify`.

    Examples
    --------
    >>> import pandas
    >>> parcels = pandas.DataFrame({"restricted_industry": [True]}, index=["P1"])
    >>> explanation = explain(parcels, "P1", as_of="2020-12-31")
    >>> explanation.judged_class, explanation.readiness
    ('', '待核')
    """
    rules = policy if isinstance(policy, Policy) else load(policy)
    found = np.flatnonzero(parcels.index.astype("str") == str(parcel_id))
    if len(found) != 1:
        code = "parcel_twice" if len(found) else "unknown_parcel"
        raise UsageError(
            code,
            f"parcel {parcel_id!r} stands in the table {len(found)} times",
            hint=f"表中有 {len(found)} 宗编号为 {parcel_id} 的地块，请核对地块编号。",
            parcel=str(parcel_id),
        )
    day = judgement_day(as_of)
    family = _explanation.family(parcels, rules, int(found[0]))
    result = classify(family, policy=rules, as_of=day, all_rules=True)
    changes = _alternatives.changes(family.iloc[[0]], rules, day)[0]
    return _explanation.build(family, result, changes, policy=rules, as_of=day)


def audit(
    parcels: DataFrame,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    as_of: dt.date | str | None = None,
    only: Sequence[object] | None = None,
) -> DataFrame:
    """Give the verdicts as they are laid before people: with values, clauses and what would change them.

    Parameters
    ----------
    parcels : DataFrame
        As in `classify`.
    policy : str or Path or Policy, optional
        As in `classify`.
    as_of : date or str or None, optional
        As in `classify`.
    only : sequence of object or None, optional
        Index labels of the parcels to report; all where None. Rules about a whole approval batch
        look at the others too.

    Returns
    -------
    DataFrame
        `schema.VERDICTS` with ``facts`` (the values and limits a deciding verdict rests on),
        ``look`` (what a person has to look at) and ``basis`` (document and clause); and, last of
        each parcel, rows of the matter 改变结论 whose ``because`` says what would change its class
        or its readiness, the nearest first.

    Raises
    ------
    UsageError
        ``bad_as_of``.
    PolicyError
        As in `classify`.
    SchemaError
        As in `classify`.

    Examples
    --------
    >>> import pandas
    >>> facts = {"contract_no": "C1", "agreed_start_date": "2019-12-31", "commenced": False}
    >>> told = audit(pandas.DataFrame([facts], index=["P1"]), as_of="2020-12-31")
    >>> told.loc[told["category"] == "改变结论", "because"].str.split("；").iloc[0][0]
    '若约定动工日期推迟到2020年1月1日：类别由闲置变为未定'
    """
    rules = policy if isinstance(policy, Policy) else load(policy)
    day = judgement_day(as_of)
    verdicts = classify(parcels, policy=rules, as_of=day).verdicts
    rows = np.arange(len(parcels))
    if only is not None:
        wanted = {str(name) for name in only}
        rows = np.flatnonzero(parcels.index.astype("str").isin(list(wanted)))
        verdicts = verdicts[verdicts["parcel_id"].isin(list(wanted))]
    told = _alternatives.changes(parcels.iloc[rows], rules, day)
    return _explanation.audited(parcels, verdicts, rows, told, policy=rules, as_of=day)


def _text(values: NDArray[np.object_]) -> Series:
    """Give texts as the table keeps them: missing where empty."""
    codes, words = pd.factorize(values)
    texts = pa.array([word or None for word in words.tolist()], type=TEXT)
    return column_of(texts.take(pa.array(codes)))


def _declared(parcels: DataFrame) -> NDArray[np.object_]:
    if "land_class" not in parcels.columns:
        return np.full(len(parcels), "", dtype=object)
    named = parcels["land_class"].astype("object").where(parcels["land_class"].notna(), "")
    declared: NDArray[np.object_] = named.to_numpy()
    return declared


def _asked(judged: Judgement, declared: NDArray[np.object_]) -> Mask:
    """Say of which parcels readiness is asked: all but ordinary ones without a recorded condition."""
    ordinary = np.where(declared == "", judged.chosen, declared) == OTHER
    ordinary &= (judged.chosen == OTHER) | (judged.chosen == "")
    recorded = np.zeros(len(ordinary), dtype=bool)
    for name in {name for rule in judged.conditions() for name in rule.needs}:
        if judged.facts.columns[name].kind == "truth":
            recorded |= judged.facts.column(name).known
    asked: Mask = ~ordinary | recorded
    return asked


def _readiness_because(judged: Judgement, asked: Mask) -> Series:
    conditions, checks = judged.conditions(), judged.cross_checks()
    if not conditions:
        return _text(np.full(judged.facts.size, "", dtype=object))
    rows = np.flatnonzero(asked)
    states = [states_of(judged.truths[rule.id])[rows] for rule in conditions]
    reasons = by_pattern(states, lambda pattern: _reason(conditions, pattern))
    if checks:
        doubts = [judged.truths[rule.id].true[rows].astype(np.int8) for rule in checks]
        told = by_pattern(doubts, lambda pattern: _doubt(checks, pattern))
        reasons = pc.binary_join_element_wise(reasons, told, pa.scalar("", TEXT))
    place = np.zeros(len(asked), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return column_of(reasons.take(pa.array(place, mask=~asked)))


def _doubt(checks: tuple[Rule, ...], states: list[int]) -> str:
    """Word what was seen against the ledger; shown, not settled."""
    doubts = [rule.title for rule, state in zip(checks, states, strict=True) if state > 0]
    return f"；矛盾待核实：{'、'.join(doubts)}" if doubts else ""


def _reason(conditions: tuple[Rule, ...], states: list[int]) -> str:
    """Word why: what fails, else what is unknown, else what is still wanting softly."""
    pairs = list(zip(conditions, states, strict=True))
    failing = [rule.otherwise or f"{rule.title}：否" for rule, s in pairs if rule.hard and s < 0]
    if failing:
        return "；".join(failing)
    unknown = [rule.title for rule, state in pairs if rule.hard and state == 0]
    if unknown:
        return f"待查：{'、'.join(unknown)}"
    soft = [rule.otherwise or f"{rule.title}：否" for rule, state in pairs if state < 0]
    return "硬条件均满足" + (f"；另{'、'.join(soft)}" if soft else "")

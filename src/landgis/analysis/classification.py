"""Which class, 净地 or 毛地, by which clause?

The rules stand in a policy (TOML), not here. Truth has three values: a fact that is not recorded
makes a rule unknown, and an unknown rule decides nothing. A parcel is in one class only: classes
are tried in the order of the policy, and a class that cannot be excluded blocks those after it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from landgis.analysis import _explanation
from landgis.analysis._explanation import Explanation
from landgis.model.errors import UsageError
from landgis.model.schema import VERDICTS
from landgis.policy import Policy, load
from landgis.policy.judgement import NET, OTHER, RAW, Judgement, judge
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.wording import fill, label

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame
    from pandas.api.extensions import ExtensionArray

    from landgis.policy import Rule
    from landgis.policy.facts import Mask, Truth

__all__ = ["Classified", "Explanation", "classify", "explain"]

COMPARED = "类别核对"  # verdicts that set the judged class against the ledger's
COMPARED_ID = "LB"


class Classified(NamedTuple):
    """Parcels with their class and readiness, and the verdicts behind them."""

    parcels: DataFrame
    verdicts: DataFrame


def classify(
    parcels: DataFrame,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    as_of: dt.date | str,
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
    as_of : date or str
        The day for which the judgement is made, such as ``2020-12-31``.
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
    and have no condition of readiness on record: they are not stock, and stay missing.
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
    judged = judge(parcels, rules, as_of=_day(as_of))
    declared = _declared(parcels)
    asked = _asked(judged, declared)
    table = parcels.copy()
    table["judged_class"] = _text(judged.chosen)
    table["judged_by"] = _text(judged.chosen_by)
    table["readiness"] = _text(np.where(asked, judged.readiness, ""))
    table["readiness_because"] = _text(np.where(asked, _readiness_because(judged), ""))
    if "land_class" not in parcels.columns:
        table["land_class"] = table["judged_class"]
    names = parcels.index.astype("str").to_numpy(dtype=object)
    verdicts = _Verdicts(judged, rules, names, declared, asked).table(all_rules=all_rules)
    return Classified(table, verdicts)


def explain(
    parcels: DataFrame,
    parcel_id: object,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    as_of: dt.date | str,
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
    as_of : date or str
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
    day = _day(as_of)
    family = _explanation.family(parcels, rules, int(found[0]))
    result = classify(family, policy=rules, as_of=day, all_rules=True)
    return _explanation.build(family, result.parcels.iloc[0], result.verdicts, rules, day)


def _day(as_of: dt.date | str) -> dt.date:
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


def _text(values: NDArray[np.object_]) -> ExtensionArray:
    """Give texts as the table keeps them: missing where empty."""
    return pd.array([value or None for value in values.tolist()], dtype="str")


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


def _readiness_because(judged: Judgement) -> NDArray[np.object_]:
    """Word the reason once per pattern of conditions, and hand it to the rows that show it."""
    conditions = judged.conditions()
    size = judged.facts.size
    if not conditions or not size:
        return np.full(size, "", dtype=object)
    states = np.stack(
        [
            judged.truths[rule.id].true * np.int8(1) - judged.truths[rule.id].false * np.int8(1)
            for rule in conditions
        ]
    )
    patterns, member = np.unique(states, axis=1, return_inverse=True)
    reasons = [_reason(conditions, pattern.tolist()) for pattern in patterns.T]
    because: NDArray[np.object_] = np.array(reasons, dtype=object)[member.ravel()]
    return because


def _reason(conditions: tuple[Rule, ...], states: list[int]) -> str:
    pairs = list(zip(conditions, states, strict=True))
    failing = [rule.otherwise or f"{rule.title}：否" for rule, s in pairs if rule.hard and s < 0]
    if failing:
        return "；".join(failing)
    unknown = [rule.title for rule, state in pairs if rule.hard and state == 0]
    if unknown:
        return f"缺：{'、'.join(unknown)}"
    soft = [rule.otherwise or f"{rule.title}：否" for rule, state in pairs if state < 0]
    return "硬条件均满足" + (f"；另{'、'.join(soft)}" if soft else "")


class _Verdicts:
    """Gathers the rows of the verdict table, rule by rule."""

    def __init__(
        self,
        judged: Judgement,
        policy: Policy,
        names: NDArray[np.object_],
        declared: NDArray[np.object_],
        asked: Mask,
    ) -> None:
        self.judged = judged
        self.policy = policy
        self.names = names
        self.declared = declared
        self.asked = asked
        self.columns: dict[str, list[object]] = {column.name: [] for column in VERDICTS.columns}
        self.place: list[int] = []

    def table(self, *, all_rules: bool) -> DataFrame:
        for rule in self.judged.rules:
            truth = self.judged.truths[rule.id]
            decides = self.decides(rule, truth)
            wanted = self.asked if rule.category == READINESS_CATEGORY else True
            shown = (
                np.full(len(self.names), fill_value=True)
                if all_rules
                else (decides | self.informative(rule, truth))
            )
            self.add_rule(rule, truth, decides, np.flatnonzero(shown & wanted))
        self.compare(all_rules=all_rules)
        table = pd.DataFrame(self.columns)
        table = table.iloc[np.argsort(np.array(self.place, dtype=np.intp), kind="stable")]
        dtypes = {name: "boolean" if name == "decides" else "str" for name in self.columns}
        return table.astype(dtypes).reset_index(drop=True)

    def decides(self, rule: Rule, truth: Truth) -> Mask:
        judged = self.judged
        decides: Mask = truth.true & (not rule.advisory)
        if rule.category in self.policy.classes:
            decides = judged.chosen_by == rule.id
        elif rule.category == READINESS_CATEGORY:
            against = truth.false & (judged.readiness == RAW)
            decides = (against | truth.true & (judged.readiness == NET)) & rule.hard
        return decides

    def informative(self, rule: Rule, truth: Truth) -> Mask:
        """Say which rows are worth showing although they decide nothing."""
        open_ = truth.unknown & self.judged.informed & (self.declared != OTHER)
        shown: Mask = truth.true | open_ & (self.judged.chosen != "") & (not rule.quiet)
        if rule.category in self.policy.classes:
            shown = truth.true | open_ & (self.judged.chosen == "")
        elif rule.category == READINESS_CATEGORY:
            shown = truth.false | open_ & rule.hard
        return shown

    def add_rule(self, rule: Rule, truth: Truth, decides: Mask, rows: NDArray[np.intp]) -> None:
        if not len(rows):
            return
        words = np.where(truth.true, "true", np.where(truth.false, "false", "unknown"))[rows]
        because = np.full(len(rows), "不成立", dtype=object)
        because[words == "false"] = rule.otherwise or "不成立"
        holds = words == "true"
        because[holds] = fill(rule.because, self.judged.facts, self.policy, rows[holds])
        missing, wanted = self.missing(rule, rows[words == "unknown"])
        because[words == "unknown"] = wanted
        lacking = np.full(len(rows), "", dtype=object)
        lacking[words == "unknown"] = missing
        self.extend(
            rows, [rule.id] * len(rows), rule.category, words, decides[rows], lacking, because
        )

    def missing(self, rule: Rule, rows: NDArray[np.intp]) -> tuple[list[str], list[str]]:
        """Name the columns that keep a rule unknown, for scripts and for planners."""
        names: list[list[str]] = [[] for _ in rows]
        for name, mask in self.judged.facts.missing(rule.when).items():
            for spot in np.flatnonzero(mask[rows]).tolist():
                names[spot].append(name)
        labels = {name: label(name, self.policy) for name in rule.needs}
        return (
            ["、".join(own) for own in names],
            [f"缺：{'、'.join(labels[name] for name in own)}" for own in names],
        )

    def compare(self, *, all_rules: bool) -> None:
        """Set the judged class against the ledger's, and say what stays undecided."""
        judged, declared = self.judged, self.declared
        undecided = (judged.chosen == "") & ((declared != OTHER) | all_rules)
        differs = (judged.chosen != "") & (declared != "") & (judged.chosen != declared)
        rows = np.flatnonzero(undecided | differs)
        if not len(rows):
            return
        because = [self.comparison(row) for row in rows.tolist()]
        truths = np.where(undecided[rows], "unknown", "false")
        lacking = np.full(len(rows), "", dtype=object)
        nothing = np.zeros(len(rows), dtype=bool)
        self.extend(rows, [COMPARED_ID] * len(rows), COMPARED, truths, nothing, lacking, because)

    def comparison(self, row: int) -> str:
        judged = self.judged
        ledger = f"台账为{self.declared[row]}，" if self.declared[row] else ""
        if judged.chosen[row]:
            by = f"（{judged.chosen_by[row]}）" if judged.chosen_by[row] else ""
            return f"{ledger}按规则为{judged.chosen[row]}{by}"
        if not judged.informed[row]:
            return f"{ledger}没有政策所需的任何事实，不能判定"
        then = judged.otherwise[row]
        after = f"；若不属{judged.blocked_by[row]}，则为{then}（{judged.otherwise_by[row]}）"
        return f"{ledger}不能判定是否{judged.blocked_by[row]}{after if then else ''}"

    def extend(
        self,
        rows: NDArray[np.intp],
        rule_ids: list[str],
        category: str,
        truths: NDArray[np.object_],
        decides: Mask,
        missing: object,
        because: object,
    ) -> None:
        parts = (
            self.names[rows],
            rule_ids,
            [category] * len(rows),
            truths,
            decides,
            missing,
            because,
        )
        for name, part in zip(self.columns, parts, strict=True):
            self.columns[name].extend(part)  # type: ignore[arg-type]
        self.place.extend(rows.tolist())

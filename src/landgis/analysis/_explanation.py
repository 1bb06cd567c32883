"""The account of one judgement: every rule with its values, and what would change the outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landgis.policy.facts import Facts
from landgis.policy.records import ROUTE_CATEGORIES
from landgis.policy.tree import (
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
from landgis.policy.wording import UNKNOWN, day, label, texts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable

    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.policy import Policy, Rule
    from landgis.policy.tree import Node

WORDS = {"true": "成立", "false": "不成立", "unknown": "未知"}
FIRST = np.array([0])
CHANGES, CHANGES_ID = "改变结论", "BH"
MAX_CHANGES = 6  # changes told of one parcel in a table; `explain` tells all
CONTRARY = {"<": "≥", "<=": "＞", ">": "≤", ">=": "＜", "==": "≠", "!=": "＝"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule as it was tried on the parcel.

    Attributes
    ----------
    rule_id, category, title, basis : str
        The rule and its clause.
    truth : str
        ``true``, ``false`` or ``unknown``.
    decides : bool
        Whether it decided the class, the readiness, or a matter of its own.
    facts : dict of str to str
        The values and limits its truth rests on: Chinese name and value.
    missing : tuple of str
        Chinese names of the facts that keep it unknown.
    because : str
        The reason.
    look : str
        What a person has to look at, where the rule holds and cannot decide by itself.
    """

    rule_id: str
    category: str
    title: str
    basis: str
    truth: str
    decides: bool
    facts: dict[str, str]
    missing: tuple[str, ...]
    because: str
    look: str = ""

    def lines(self) -> list[str]:
        """Print the trial; a rule that fails takes one line, the others their facts and clause.

        Returns
        -------
        list of str
            Lines of Chinese text.
        """
        head = f"{'★' if self.decides else '　'}{self.rule_id} {self.title}：{WORDS[self.truth]}"
        if self.truth == "false" and not self.decides:
            return [f"{head}（{self.because}）"]
        facts = "；".join(f"{name} {text}" for name, text in self.facts.items())
        return [
            head,
            f"　　理由：{self.because}",
            *([f"　　事实：{facts}"] if facts else []),
            *([f"　　核查：{self.look}"] if self.look else []),
            f"　　依据：{self.basis}",
        ]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a parcel was judged as it was.

    Attributes
    ----------
    parcel_id : str
        The parcel.
    policy : str
        Title of the policy.
    as_of : str
        Day of the judgement, in Chinese.
    land_class : str
        Class of the ledger; empty where it has none.
    judged_class, judged_by : str
        Class by the rules and the deciding rule; empty where undecided.
    because, basis : str
        The deciding rule's reason and clause; where undecided, which classes are open.
    readiness, readiness_because : str
        净地, 毛地 or 待核 with its reason; empty where not asked.
    missing : tuple of str
        Facts that keep the class or the readiness open, in Chinese.
    trials : tuple of Trial
        Every rule in force.
    not_in_force : tuple of str
        Ids of the rules that were not in force on that day.
    changes : tuple of str
        What would change the class or the readiness, one sentence each, the nearest first.
    """

    parcel_id: str
    policy: str
    as_of: str
    land_class: str
    judged_class: str
    judged_by: str
    because: str
    basis: str
    readiness: str
    readiness_because: str
    missing: tuple[str, ...]
    trials: tuple[Trial, ...]
    not_in_force: tuple[str, ...]
    changes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain data, ready for JSON.

        Returns
        -------
        dict
            One entry per attribute.
        """
        return asdict(self)

    def __str__(self) -> str:
        """Give the Chinese text: the conclusion first, then what would change it, then every rule."""
        lines = [f"地块 {self.parcel_id}　截至{self.as_of}　{self.policy}", *self._conclusion()]
        lines += ["", "【何种变化会改变结论】（最近的在前）"]
        lines += [f"　{change}" for change in self.changes] or ["　没有单独一项事实能改变结论。"]
        for category in dict.fromkeys(trial.category for trial in self.trials):
            lines += ["", f"【{category}】"]
            lines += _compact([t for t in self.trials if t.category == category])
        if self.not_in_force:
            lines += ["", f"当日未施行的规则：{'、'.join(self.not_in_force)}"]
        return "\n".join(lines)

    def _conclusion(self) -> list[str]:
        by = f"（{self.judged_by}）" if self.judged_by else ""
        ledger = f"　台账类别：{self.land_class}" if self.land_class else ""
        lines = [f"判定类别：{self.judged_class or '未定'}{by}{ledger}"]
        lines += [f"　理由：{self.because}"] if self.because else []
        lines += [f"　依据：{self.basis}"] if self.basis else []
        if self.readiness:
            lines.append(f"净毛地：{self.readiness}（{self.readiness_because}）")
        if self.missing:
            lines.append(f"缺资料：{'、'.join(self.missing)}")
        return lines


def _compact(trials: list[Trial]) -> list[str]:
    """Print the rules of one matter, those that fail for one and the same reason in one line."""
    plain = [t for t in trials if t.truth == "false" and not t.decides]
    together: dict[str, list[Trial]] = {}
    for trial in plain:
        together.setdefault(trial.because, []).append(trial)
    lines: list[str] = []
    for trial in trials:
        same = together.get(trial.because, []) if trial in plain else []
        if len(same) < 2:  # noqa: PLR2004 - two make a company
            lines += trial.lines()
        elif trial is same[0]:
            lines.append(f"　{'、'.join(t.rule_id for t in same)}：不成立（{trial.because}）")
    return lines


def family(parcels: DataFrame, policy: Policy, row: int) -> DataFrame:
    """Give the parcel first, then the parcels that rules about batches count with it."""
    keys = {
        node.parts[-1].name
        for rule in policy.rules
        for node in walk(rule.when)
        if isinstance(node, Call) and isinstance(node.parts[-1], Field)
        if node.name in {"sum_by", "count_by"}
    }
    kin = np.zeros(len(parcels), dtype=bool)
    for key in sorted(keys & set(parcels.columns)):
        own = parcels[key].iloc[row]
        if not pd.isna(own):
            kin |= (parcels[key] == own).fillna(value=False).to_numpy(dtype=bool)
    kin[row] = False
    return parcels.iloc[[row, *np.flatnonzero(kin).tolist()]]


def build(
    parcels: DataFrame,
    judged: tuple[DataFrame, DataFrame],
    changes: list[str],
    *,
    policy: Policy,
    as_of: dt.date,
) -> Explanation:
    """Put the explanation of the first parcel of a table together."""
    facts = Facts(parcels, as_of=as_of, columns=policy.columns)
    name = str(parcels.index[0])
    parcel, verdicts = judged[0].iloc[0], judged[1]
    rows = verdicts[verdicts["parcel_id"] == name].to_dict("records")
    own = {str(row["rule_id"]): row for row in rows}
    trials = tuple(
        _trial(rule, own[rule.id], facts, policy) for rule in policy.rules if rule.id in own
    )
    by = next((trial for trial in trials if trial.rule_id == _text(parcel["judged_by"])), None)
    compared = str(own["LB"]["because"]) if "LB" in own else ""
    return Explanation(
        parcel_id=name,
        policy=policy.title,
        as_of=day(as_of),
        land_class=_text(parcels["land_class"].iloc[0]) if "land_class" in parcels.columns else "",
        judged_class=_text(parcel["judged_class"]),
        judged_by=_text(parcel["judged_by"]),
        because=by.because if by else compared,
        basis=by.basis if by else "",
        readiness=_text(parcel["readiness"]),
        readiness_because=_text(parcel["readiness_because"]),
        missing=_wanted(trials, policy, decided=bool(_text(parcel["judged_class"]))),
        trials=trials,
        not_in_force=tuple(rule.id for rule in policy.rules if not rule.applies(as_of)),
        changes=tuple(changes),
    )


def audited(
    parcels: DataFrame,
    verdicts: DataFrame,
    rows: NDArray[np.intp],
    told: list[list[str]],
    *,
    policy: Policy,
    as_of: dt.date,
) -> DataFrame:
    """Add values, clauses and what would change the outcome to the verdicts of some rows."""
    facts = Facts(parcels, as_of=as_of, columns=policy.columns)
    printer = Printer(facts, policy, rows)
    names = parcels.index.astype("str").to_numpy(dtype=object)
    place = {name: row for row, name in enumerate(names.tolist())}
    rules = {rule.id: rule for rule in policy.rules}
    values, looks, clauses = [], [], []
    for name, rule_id, truth, decides in verdicts[
        ["parcel_id", "rule_id", "truth", "decides"]
    ].itertuples(index=False):
        rule = rules.get(rule_id)
        told_elsewhere = rule is None or rule.category in ROUTE_CATEGORIES
        printed = {}
        if rule and decides and not told_elsewhere:
            printed = printer.known_facts(rule, place[name])
        values.append("；".join(f"{title} {text}" for title, text in printed.items()))
        looks.append(rule.look if rule and truth == "true" else "")
        clauses.append(rule.basis if rule else "")
    full = verdicts.assign(facts=values, look=looks, basis=clauses)
    more = pd.DataFrame(
        {
            "parcel_id": names[rows],
            "rule_id": CHANGES_ID,
            "category": CHANGES,
            "truth": "",
            "decides": False,
            "missing": "",
            "because": [
                "；".join(row[:MAX_CHANGES]) or "没有单独一项事实能改变结论" for row in told
            ],
            "facts": "",
            "look": "",
            "basis": "",
        }
    ).astype(full.dtypes.to_dict())
    order = np.concatenate([[place[name] for name in full["parcel_id"]], rows]).astype(np.intp)
    both = pd.concat([full, more], ignore_index=True)
    return both.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _wanted(trials: tuple[Trial, ...], policy: Policy, *, decided: bool) -> tuple[str, ...]:
    """Name the facts that keep the class or the readiness open."""
    hard = {rule.id for rule in policy.rules if rule.hard}
    open_ = (
        {rule.id for name in policy.classes for rule in policy.of(name)} if not decided else set()
    )
    asked = [trial for trial in trials if trial.rule_id in hard | open_]
    return tuple(dict.fromkeys(name for trial in asked for name in trial.missing))


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _trial(rule: Rule, verdict: dict[Hashable, Any], facts: Facts, policy: Policy) -> Trial:
    truth = str(verdict["truth"])
    return Trial(
        rule_id=rule.id,
        category=rule.category,
        title=rule.title,
        basis=rule.basis,
        truth=truth,
        decides=bool(verdict["decides"]),
        facts=Printer(facts, policy, FIRST).known_facts(rule, 0),
        missing=tuple(label(name, policy) for name in str(verdict["missing"]).split("、") if name),
        because=_because(rule, verdict, facts, policy),
        look=rule.look if truth == "true" else "",
    )


def _because(rule: Rule, verdict: dict[Hashable, Any], facts: Facts, policy: Policy) -> str:
    if verdict["truth"] == "false" and not rule.otherwise:
        return "、".join(dict.fromkeys(_failing(rule.when, facts, policy))) or str(
            verdict["because"]
        )
    return str(verdict["because"])


class Printer:
    """Prints values of some rows, each column once."""

    def __init__(self, facts: Facts, policy: Policy, rows: NDArray[np.intp]) -> None:
        self.facts, self.policy, self.rows = facts, policy, rows
        self._place = {row: place for place, row in enumerate(rows.tolist())}
        self._told: dict[str, list[str]] = {}

    def known_facts(self, rule: Rule, row: int) -> dict[str, str]:
        """Print the values and limits that carry the truth of a rule in one row."""
        found: dict[str, str] = {}
        for leaf in _carrying(rule.when, self.facts, row):
            for node in walk(leaf):
                if isinstance(node, Field) or (isinstance(node, Named) and node.kind != "truth"):
                    found.setdefault(label(node.name, self.policy), self.printed(node, row))
        return {name: text for name, text in found.items() if text not in {UNKNOWN, "未知"}}

    def printed(self, node: Field | Named, row: int) -> str:
        """Print one value; a limit as the policy writes it."""
        if node.name not in self._told:
            if (
                isinstance(node, Named)
                and isinstance(node.part, Constant)
                and node.kind == "number"
            ):
                told = [self.policy.terms[node.name].text] * len(self.rows)
            else:
                told = texts(node, self.facts, self.policy, self.rows).to_pylist()
            self._told[node.name] = told
        return self._told[node.name][self._place[row]]


def _carrying(node: Node, facts: Facts, row: int) -> list[Node]:
    """Go down to the parts that make a condition what it is in that row."""
    match node:
        case Named(part=part) if node.kind == "truth":
            return _carrying(part, facts, row)
        case Negation(part=part):
            return _carrying(part, facts, row)
        case Junction(every=every, parts=parts):
            truth = facts.truth(node)
            if truth.true[row] or truth.false[row]:
                same = [p for p in parts if _agrees(facts, p, row, holds=bool(truth.true[row]))]
                parts = (*same,) if every == bool(truth.true[row]) else (*same[:1],)
            return [leaf for part in parts for leaf in _carrying(part, facts, row)]
        case FirstKnown(parts=parts) if node.kind == "truth":
            known = [part for part in parts if facts.known(part)[row]]
            return [leaf for part in known[:1] or parts for leaf in _carrying(part, facts, row)]
    return [node]


def _agrees(facts: Facts, node: Node, row: int, *, holds: bool) -> bool:
    truth = facts.truth(node)
    return bool(truth.true[row] if holds else truth.false[row])


def _failing(node: Node, facts: Facts, policy: Policy) -> list[str]:
    """Name the parts that make a condition false, as a planner would say them."""
    words: list[str] = []
    match node:
        case Named(part=Junction() | Named() as part) if not _names_a_fact(node, policy):
            words = _failing(part, facts, policy)
        case Junction(every=every, parts=parts):
            false = [part for part in parts if facts.truth(part).false[0]]
            for part in false[:1] if every else false:
                words += _failing(part, facts, policy)
        case Negation(part=Known(part=Field() | Named() as part)):
            words = [f"{label(part.name, policy)}：已记载"]
        case Negation(part=Field() | Named() as part):
            words = [f"{label(part.name, policy)}：是"]
        case Known(part=Field() | Named() as part):
            words = [f"{label(part.name, policy)}：未记载"]
        case Field() | Named():
            words = [f"{label(node.name, policy)}：否"]
        case Comparison(op=op, left=left, right=right):
            words = [
                f"{_worded(left, facts, policy)} {CONTRARY[op]} {_worded(right, facts, policy)}"
            ]
        case Membership(part=part):
            words = [f"{_worded(part, facts, policy)}，不在所列之内"]
    return words


def _names_a_fact(node: Named, policy: Policy) -> bool:
    """Whether a term says enough by its title: one that only gathers other terms does not."""
    return not any(isinstance(part, Named) for part in children(policy.terms[node.name].node))


def _worded(node: Node, facts: Facts, policy: Policy) -> str:
    name = label(node.name, policy) if isinstance(node, Field | Named) else ""
    return f"{name} {_printed(node, facts, policy)}".strip()


def _printed(node: Node, facts: Facts, policy: Policy) -> str:
    """Print a value; a limit as the policy writes it."""
    if isinstance(node, Named) and isinstance(node.part, Constant) and node.kind == "number":
        return policy.terms[node.name].text
    return str(texts(node, facts, policy, FIRST)[0])

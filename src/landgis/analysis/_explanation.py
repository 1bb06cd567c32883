"""The account of one judgement: every rule with its values, and what would change the outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landgis.policy.facts import Facts
from landgis.policy.tree import (
    Call,
    Comparison,
    Constant,
    Field,
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

    from pandas import DataFrame

    from landgis.policy import Policy, Rule
    from landgis.policy.tree import Node

WORDS = {"true": "成立", "false": "不成立", "unknown": "未知"}
CONTRARY = {"<": "≥", "<=": "＞", ">": "≤", ">=": "＜", "==": "≠", "!=": "＝"}
FIRST = np.array([0])


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
        What it looked at and found known: Chinese name and value, thresholds included.
    missing : tuple of str
        Chinese names of the facts that keep it unknown.
    because : str
        The reason.
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
    readiness, readiness_because : str
        净地, 毛地 or 待核 with its reason; empty where not asked.
    trials : tuple of Trial
        Every rule in force.
    not_in_force : tuple of str
        Ids of the rules that were not in force on that day.
    changes : tuple of str
        What would change the class or the readiness, one sentence each.
    """

    parcel_id: str
    policy: str
    as_of: str
    land_class: str
    judged_class: str
    judged_by: str
    readiness: str
    readiness_because: str
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
        """Give the Chinese text."""
        by = f"（{self.judged_by}）" if self.judged_by else ""
        lines = [
            f"地块 {self.parcel_id}　截至{self.as_of}　{self.policy}",
            f"判定类别：{self.judged_class or '未定'}{by}"
            + (f"　台账类别：{self.land_class}" if self.land_class else ""),
        ]
        if self.readiness:
            lines.append(f"净毛地：{self.readiness}（{self.readiness_because}）")
        for category in dict.fromkeys(trial.category for trial in self.trials):
            lines += ["", f"【{category}】"]
            for trial in self.trials:
                if trial.category == category:
                    lines += trial.lines()
        if self.not_in_force:
            lines += ["", f"当日未施行的规则：{'、'.join(self.not_in_force)}"]
        lines += ["", "【何种变化会改变结论】"]
        lines += [f"　{change}" for change in self.changes] or ["　没有单独一项事实能改变结论。"]
        return "\n".join(lines)


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
    return Explanation(
        parcel_id=name,
        policy=policy.title,
        as_of=day(as_of),
        land_class=_text(parcels["land_class"].iloc[0]) if "land_class" in parcels.columns else "",
        judged_class=_text(parcel["judged_class"]),
        judged_by=_text(parcel["judged_by"]),
        readiness=_text(parcel["readiness"]),
        readiness_because=_text(parcel["readiness_because"]),
        trials=trials,
        not_in_force=tuple(rule.id for rule in policy.rules if not rule.applies(as_of)),
        changes=tuple(changes),
    )


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _trial(rule: Rule, verdict: dict[Hashable, Any], facts: Facts, policy: Policy) -> Trial:
    return Trial(
        rule_id=rule.id,
        category=rule.category,
        title=rule.title,
        basis=rule.basis,
        truth=str(verdict["truth"]),
        decides=bool(verdict["decides"]),
        facts=_known_facts(rule, facts, policy),
        missing=tuple(label(name, policy) for name in str(verdict["missing"]).split("、") if name),
        because=_because(rule, verdict, facts, policy),
    )


def _because(rule: Rule, verdict: dict[Hashable, Any], facts: Facts, policy: Policy) -> str:
    if verdict["truth"] == "false" and not rule.otherwise:
        return "、".join(dict.fromkeys(_failing(rule.when, facts, policy))) or str(
            verdict["because"]
        )
    return str(verdict["because"])


def _known_facts(rule: Rule, facts: Facts, policy: Policy) -> dict[str, str]:
    """Print what a rule looks at: its columns, and the terms that are numbers or dates."""
    found: dict[str, str] = {}
    for node in walk(rule.when):
        if isinstance(node, Field) or (isinstance(node, Named) and node.kind != "truth"):
            found.setdefault(label(node.name, policy), _printed(node, facts, policy))
    return {name: text for name, text in found.items() if text not in {UNKNOWN, "未知"}}


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

"""Is a policy well made? Faults that each rule alone does not show.

The loader refuses what cannot be read; this looks for what can be read but cannot be meant: two
rules that both decide, a rule that can never hold, a column nobody provides, names nobody uses.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from landgis.model.schema import PARCELS, Column, Table
from landgis.policy.imagined import imagine
from landgis.policy.judgement import judge
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.tree import Junction, Named, Negation, fields, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pandas import DataFrame

    from landgis.policy.columns import Mask
    from landgis.policy.judgement import Judgement
    from landgis.policy.records import Policy, Rule
    from landgis.policy.tree import Node

DRAWS = 300
GRAVE, MINOR = "警告", "提示"
REMARKS = Table(
    "remarks",
    "政策检查",
    None,
    (
        Column("policy", "政策"),
        Column("place", "规则或字段"),
        Column("code", "问题代码"),
        Column("severity", "级别", values=(GRAVE, MINOR)),
        Column("message", "说明"),
        Column("mend", "改法"),
    ),
)


class Remark(NamedTuple):
    """One thing that is not well made."""

    policy: str
    place: str
    code: str
    severity: str
    message: str
    mend: str


def examine(
    policies: Sequence[Policy],
    *,
    provided: Iterable[str] | None = None,
    as_of: dt.date | None = None,
) -> DataFrame:
    """Look for what a policy says but cannot mean.

    Parameters
    ----------
    policies : sequence of Policy
        One policy, or several that would be applied to the same parcels.
    provided : iterable of str or None, optional
        Columns the data have; where given, columns the rules ask for and the data lack are told.
    as_of : date or None, optional
        Day of the judgement with which rules are tried; 2020-12-31 where None.

    Returns
    -------
    DataFrame
        One row per remark: policy, place, stable code, severity (警告 or 提示), message and mend.
        Codes: ``both_decide``, ``exclusive_both_hold``, ``never_holds``, ``never_decides``,
        ``column_unprovided``, ``column_missing_in_data``, ``unused_term``, ``unused_column``,
        ``not_in_force``, ``class_in_two_policies``, ``no_supply_of_readiness``,
        ``criterion_without_weight``, ``barrier_without_width``.

    Notes
    -----
    Rules are tried on facts drawn for the purpose (`landgis.policy.imagined`), 300 per rule. That a
    rule held for none of them is no proof that it never can; that two held together is.

    Examples
    --------
    >>> from landgis.policy import load
    >>> found = examine([load("qinzhou_2021")])
    >>> found.loc[found["severity"] == "警告", "message"].tolist()
    []
    """
    day = as_of or dt.date(2020, 12, 31)
    have = None if provided is None else set(provided)
    remarks = [remark for policy in policies for remark in _of_one(policy, have, day)]
    remarks += _of_several(policies)
    return pd.DataFrame(remarks, columns=Remark._fields).astype("str")


def _of_one(policy: Policy, have: set[str] | None, day: dt.date) -> Iterator[Remark]:
    yield from _tried(policy, day)
    yield from _columns(policy, have)
    yield from _unused(policy)
    yield from _of_clusters(policy)
    for rule in policy.rules:
        if not rule.applies(day):
            yield Remark(
                policy.name,
                rule.id,
                "not_in_force",
                MINOR,
                f"{day:%Y-%m-%d} 不在施行期内，未试",
                "核对 valid_from、valid_to，或用 --as-of 换一个日期。",
            )


def _tried(policy: Policy, day: dt.date) -> Iterator[Remark]:
    rules = [rule for rule in policy.rules if rule.applies(day)]
    wanted = [rule.when for rule in rules] + _together(policy, rules) + _alone(policy, rules)
    rows = imagine(wanted, policy.columns, as_of=day, draws=DRAWS)
    judged = judge(rows, policy, as_of=day)
    true = {rule.id: judged.truths[rule.id].true for rule in rules}
    for rule in rules:
        if not true[rule.id].any():
            yield Remark(
                policy.name,
                rule.id,
                "never_holds",
                GRAVE,
                f"在 {len(rows)} 组设想的事实中从未成立：{rule.title}",
                "检查条件是否自相矛盾（如同一字段既大于又小于）。",
            )
    for name in policy.classes:
        mine = [rule for rule in policy.of(name) if rule.id in true]
        yield from _ties(policy, mine, true)
        yield from _shadowed(policy, mine, true, judged)
    for name in policy.exclusive:
        mine = [rule for rule in policy.of(name) if rule.id in true]
        for first, second in _pairs(mine):
            if (true[first.id] & true[second.id]).any():
                yield _both(policy, first, second, "exclusive_both_hold", f"{name}至多成立一条")


def _together(policy: Policy, rules: Sequence[Rule]) -> list[Node]:
    """Ask for facts under which two rules hold of which only one should."""
    pairs = [
        pair
        for name in dict.fromkeys([*policy.classes, *policy.exclusive])
        for pair in _pairs([rule for rule in policy.of(name) if rule in rules])
        if name in policy.exclusive or pair[0].priority == pair[1].priority
    ]
    return [Junction(kind="truth", every=True, parts=(a.when, b.when)) for a, b in pairs]


def _alone(policy: Policy, rules: Sequence[Rule]) -> list[Node]:
    """Ask for facts under which a rule holds and none of those that come before it."""
    order = [rule for name in policy.classes for rule in policy.of(name) if rule in rules]
    return [
        Junction(
            kind="truth",
            every=True,
            parts=(
                *(Negation(kind="truth", part=other.when) for other in order[:place]),
                rule.when,
            ),
        )
        for place, rule in enumerate(order)
    ]


def _pairs(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    for place, first in enumerate(rules):
        for second in rules[place + 1 :]:
            yield first, second


def _ties(policy: Policy, mine: Sequence[Rule], true: dict[str, Mask]) -> Iterator[Remark]:
    for first, second in _pairs(mine):
        if first.priority == second.priority and (true[first.id] & true[second.id]).any():
            yield _both(
                policy, first, second, "both_decide", f"顺位（priority）同为{first.priority}"
            )


def _both(policy: Policy, first: Rule, second: Rule, code: str, why: str) -> Remark:
    return Remark(
        policy.name,
        f"{first.id}、{second.id}",
        code,
        GRAVE,
        f"两条规则可同时成立，都起决定作用（{why}）：{first.title}；{second.title}",
        "给两条规则不同的 priority，或使条件互斥。",
    )


def _shadowed(
    policy: Policy, mine: Sequence[Rule], true: dict[str, Mask], judged: Judgement
) -> Iterator[Remark]:
    for rule in mine:
        if true[rule.id].any() and not (judged.chosen_by == rule.id).any():
            yield Remark(
                policy.name,
                rule.id,
                "never_decides",
                GRAVE,
                f"成立时总有先行的规则或类别已作决定：{rule.title}",
                "调整 priority 或 classes 的先后，或删去这条规则。",
            )


def _conditions(policy: Policy) -> list[tuple[str, Node]]:
    """Give every condition of the policy with the place it stands in."""
    conditions = [(rule.id, rule.when) for rule in policy.rules]
    conditions += [(caution.id, caution.when) for caution in policy.cautions]
    return conditions + [(office.id, office.when) for office in policy.departments]


def _columns(policy: Policy, have: set[str] | None) -> Iterator[Remark]:
    ledger = {column.name for column in PARCELS.columns}
    asked: dict[str, list[str]] = {}
    for place, node in _conditions(policy):
        for name in fields(node):
            asked.setdefault(name, []).append(place)
    for name, places in asked.items():
        label, made_by = policy.columns[name].label, policy.columns[name].made_by
        concerned = f"{'、'.join(places[:6])}{f'等{len(places)}条' if len(places) > 6 else ''}"  # noqa: PLR2004
        if name not in ledger and not made_by:
            yield Remark(
                policy.name,
                name,
                "column_unprovided",
                GRAVE,
                f"没有人提供字段 {name}（{label}），用到它的有 {concerned}",
                f"在 [column.{name}] 中写明 made_by（哪份台账或哪条命令提供）。",
            )
        if have is not None and name not in have:
            yield Remark(
                policy.name,
                name,
                "column_missing_in_data",
                MINOR,
                f"数据没有字段 {name}（{label}），{concerned} 中用到它的部分只能为未知",
                f"补充该字段{f'：{made_by}' if made_by else ''}。",
            )
    if not any(rule.category == READINESS_CATEGORY and rule.hard for rule in policy.rules):
        yield Remark(
            policy.name,
            READINESS_CATEGORY,
            "no_supply_of_readiness",
            MINOR,
            "没有净毛地的硬条件，不判断净地、毛地",
            "为净毛地规则写上 hard = true。",
        )


def _unused(policy: Policy) -> Iterator[Remark]:
    roots = [node for _, node in _conditions(policy)]
    named = {n.name for root in roots for n in walk(root) if isinstance(n, Named)}
    printed = " ".join(
        [rule.because + rule.otherwise for rule in policy.rules]
        + [caution.because for caution in policy.cautions]
    )
    shown = [policy.terms[name].node for name in policy.terms if f"{{{name}}}" in printed]
    named |= {n.name for root in shown for n in walk(root) if isinstance(n, Named)}
    used = {name for root in [*roots, *shown] for name in fields(root)}
    for name, term in policy.terms.items():
        if name not in named and f"{{{name}}}" not in printed:
            mend = "删去这条术语，或在规则中使用它。"
            yield Remark(
                policy.name, name, "unused_term", MINOR, f"术语没有用到：{term.title}", mend
            )
    ledger = {column.name for column in PARCELS.columns}
    for name, column in policy.columns.items():
        if name not in ledger | used and f"{{{name}}}" not in printed:
            mend = "删去这个字段，或在规则中使用它。"
            yield Remark(
                policy.name, name, "unused_column", MINOR, f"字段没有用到：{column.label}", mend
            )


def _of_clusters(policy: Policy) -> Iterator[Remark]:
    for one in policy.criteria:
        if not one.weight:
            mend = "删去这项指标，或给它权重（weight）。"
            message = f"指标的权重为 0，只显示、不计分：{one.title}"
            yield Remark(policy.name, one.id, "criterion_without_weight", MINOR, message, mend)
    for rule in policy.barrier_rules:
        if rule.counts and not rule.width_m:
            mend = "写明缺省宽度 width_m（米）。"
            message = f"“{rule.id}”没有缺省宽度，没有宽度的线只按一条线阻隔"
            yield Remark(policy.name, rule.id, "barrier_without_width", MINOR, message, mend)


def _of_several(policies: Sequence[Policy]) -> Iterator[Remark]:
    for place, first in enumerate(policies):
        for second in policies[place + 1 :]:
            for name in first.classes:
                if name in second.classes:
                    yield Remark(
                        f"{first.name}、{second.name}",
                        name,
                        "class_in_two_policies",
                        GRAVE,
                        f"两份政策都判定“{name}”：{first.title}；{second.title}",
                        "同一批地块只能用一份政策判定同一类别：合并规则，或从其中一份的 classes 中删去。",
                    )

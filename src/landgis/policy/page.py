"""A policy as a page that planners can read and check against the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.model.schema import LAYER_LABELS
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.wording import day, label

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from landgis.policy.records import OverlapRule, Policy, Rule, Target

UNVERIFIED = "未核实"
WHERE = {"inside": "压占", "outside": "在其外"}


def page(policy: Policy) -> str:
    """Write a policy out in Markdown: every rule with condition, clause and reason.

    Parameters
    ----------
    policy : Policy
        The policy.

    Returns
    -------
    str
        Chinese Markdown: classes and rules by category, terms, control lines, progress, targets,
        and at the end everything whose basis is unverified.

    Examples
    --------
    >>> from landgis.policy import load
    >>> print(page(load("qinzhou_2021")).splitlines()[0])
    # 钦州市盘活存量土地三年行动（2021—2023年）
    """
    lines = [
        f"# {policy.title}",
        "",
        f"依据：{policy.basis}",
        "",
        f"一宗地只入一类，依次判断：{' → '.join(policy.classes)}。缺资料的规则为“未知”，不作“不成立”。",
    ]
    for category in dict.fromkeys(rule.category for rule in policy.rules):
        lines += ["", f"## {category}"]
        for rule in policy.of(category):
            lines += _rule(rule, policy)
    lines += ["", "## 术语", "", "| 名称 | 术语 | 表达式 | 依据 |", "|---|---|---|---|"]
    lines += [
        _row(name, term.title, f"`{term.text}`", term.basis) for name, term in policy.terms.items()
    ]
    lines += [
        "",
        "## 管控线",
        "",
        "| 图层 | 分区 | 位置 | 结论 | 理由 | 依据 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_control_line(rule) for rule in policy.overlap_rules]
    lines += ["", "## 进度与目标", ""]
    if policy.quarters:
        lines += [f"各季度累计：{'、'.join(map(_percent, policy.quarters))}。", ""]
    lines += [_target(target) for target in policy.targets]
    lines += ["", "## 尚未核实的依据", "", *_unverified(policy)]
    return "\n".join(lines) + "\n"


def _rule(rule: Rule, policy: Policy) -> list[str]:
    marks = [
        "硬条件" if rule.hard else "软条件" if rule.category == READINESS_CATEGORY else "",
        "只提示人工核查" if rule.advisory else "",
        f"自{day(rule.valid_from)}施行" if rule.valid_from else "",
        f"至{day(rule.valid_to)}" if rule.valid_to else "",
    ]
    marked = "、".join(mark for mark in marks if mark)
    return [
        "",
        f"### {rule.id}　{rule.title}{f'（{marked}）' if marked else ''}",
        "",
        f"- 条件：`{rule.text}`",
        f"- 所需字段：{'、'.join(label(name, policy) for name in rule.needs)}",
        f"- 成立时：{rule.because}",
        *([f"- 不成立时：{rule.otherwise}"] if rule.otherwise else []),
        f"- 依据：{rule.basis}",
    ]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '｜') for cell in cells)} |"


def _control_line(rule: OverlapRule) -> str:
    layers = "、".join(rule.layers)
    named = f"{LAYER_LABELS[rule.layer]}（{layers}）" if rule.layer in LAYER_LABELS else layers
    return _row(
        named, rule.zone or "任何", WHERE[rule.where], rule.verdict, rule.because, rule.basis
    )


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


def _target(target: Target) -> str:
    if target.value is None:
        value = "以给定的标杆值为准"
    else:
        value = f"{float(target.value):g}{target.unit}" if target.unit else _percent(target.value)
    due = f"，{day(target.due)}前" if target.due else "，每年"
    return f"- {target.id} {target.title}：{value}{due}（{target.basis}）"


def _unverified(policy: Policy) -> Iterable[str]:
    found = [(rule.id, rule.title, rule.basis) for rule in policy.rules]
    found += [(term.name, term.title, term.basis) for term in policy.terms.values()]
    found += [
        (rule.layer, rule.zone or WHERE[rule.where], rule.basis) for rule in policy.overlap_rules
    ]
    found += [(target.id, target.title, target.basis) for target in policy.targets]
    return [f"- {name} {title}：{basis}" for name, title, basis in found if UNVERIFIED in basis]

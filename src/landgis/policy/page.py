"""A policy as a page that planners can read and check against the documents."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter
from typing import TYPE_CHECKING

from landgis.model.schema import LAYER_LABELS, PARCELS
from landgis.policy.cluster_records import CLUSTER_COLUMNS
from landgis.policy.reading import in_words
from landgis.policy.records import READINESS_CATEGORY
from landgis.policy.tree import Named
from landgis.policy.wording import day, label, number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from landgis.policy.records import OverlapRule, Policy, Rule, Target
    from landgis.policy.tree import Node

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
        Chinese Markdown: classes and rules by category, what speaks against routes, bodies and
        departments, terms, columns, control lines, clusters, progress, targets, and at the end
        everything whose basis is unverified.

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
    lines += _cautions(policy) + _offices(policy)
    lines += [
        "",
        "## 术语",
        "",
        "| 术语 | 含义 | 表达式 | 依据 |",
        "|---|---|---|---|",
    ]
    lines += [
        _row(f"{term.title} `{name}`", in_words(term.node, policy), f"`{term.text}`", term.basis)
        for name, term in policy.terms.items()
    ]
    lines += _own_columns(policy)
    lines += [
        "",
        "## 管控线",
        "",
        "| 图层 | 分区 | 位置 | 结论 | 理由 | 依据 |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_control_line(rule) for rule in policy.overlap_rules]
    lines += _score(policy) + _barriers(policy)
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
        f"- 条件：{in_words(_opened(rule.when), policy)}",
        f"- 表达式：`{rule.text}`",
        f"- 所需字段：{'、'.join(label(name, policy) for name in rule.needs)}",
        f"- 成立时：{_worded(rule.because, policy)}",
        *([f"- 不成立时：{_worded(rule.otherwise, policy)}"] if rule.otherwise else []),
        *([f"- 请核查：{rule.look}"] if rule.look else []),
        *([f"- 与 {rule.contradicts} 的记载相矛盾，只指出，不取舍"] if rule.contradicts else []),
        f"- 依据：{rule.basis}",
    ]


def _cautions(policy: Policy) -> list[str]:
    if not policy.cautions:
        return []
    heads = [
        "",
        "## 处置路径的不利因素",
        "",
        "| 编号 | 针对 | 条件 | 不利 | 依据 |",
        "|---|---|---|---|---|",
    ]
    return heads + [
        _row(
            c.id, "、".join(c.routes), in_words(c.when, policy), _worded(c.because, policy), c.basis
        )
        for c in policy.cautions
    ]


def _offices(policy: Policy) -> list[str]:
    if not policy.bodies and not policy.departments:
        return []
    lines = ["", "## 责任主体与配合部门", "", "| 责任主体 | 统计单元 | 依据 |", "|---|---|---|"]
    lines += [_row(b.id, "、".join(b.units) or "其余", b.basis) for b in policy.bodies]
    lines += ["", "| 配合部门 | 职责 | 有关地块 | 有关路径 | 依据 |", "|---|---|---|---|---|"]
    for office in policy.departments:
        concerned = in_words(office.when, policy)
        concerned = "全部" if concerned == "是" else concerned
        routes = "、".join(office.routes) or "全部"
        lines.append(_row(office.id, office.duty, concerned, routes, office.basis))
    return lines


def _own_columns(policy: Policy) -> list[str]:
    ledger = {column.name for column in PARCELS.columns}
    own = [column for name, column in policy.columns.items() if name not in ledger]
    if not own:
        return []
    heads = [
        "",
        "## 数据字典以外的字段",
        "",
        "| 字段 | 名称 | 取值 | 由谁提供 |",
        "|---|---|---|---|",
    ]
    return heads + [_row(f"`{c.name}`", c.heading, "、".join(c.values), c.made_by) for c in own]


def _opened(node: Node) -> Node:
    """Say what stands behind a lone term; its name alone would only repeat the title."""
    while isinstance(node, Named):
        node = node.part
    return node


def _worded(template: str, policy: Policy) -> str:
    """Show the places of a reason that values fill, by their Chinese names."""
    pieces = []
    for literal, name, *_ in Formatter().parse(template):
        pieces.append(literal)
        if name:
            pieces.append(f"〔{'截止日' if name == 'as_of' else label(name, policy)}〕")
    return "".join(pieces)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '｜') for cell in cells)} |"


def _control_line(rule: OverlapRule) -> str:
    layers = "、".join(rule.layers)
    named = f"{LAYER_LABELS[rule.layer]}（{layers}）" if rule.layer in LAYER_LABELS else layers
    return _row(
        named, rule.zone or "任何", WHERE[rule.where], rule.verdict, rule.because, rule.basis
    )


def _score(policy: Policy) -> list[str]:
    """Show how clusters are scored: what is read, which values earn nothing and which all."""
    if not policy.criteria or policy.least_known is None:
        return []
    total = sum(one.weight for one in policy.criteria)
    lines = [
        "",
        "## 连片优先度",
        "",
        "各指标在零分值与满分值之间按比例得 0 至 100 分，按权重加权平均；资料未知的指标不计分。",
        "",
        f"已知指标的权重不足 {_percent(policy.least_known)} 时不评分（{policy.priority_basis}）。",
        "",
        "| 编号 | 指标 | 取值 | 零分 | 满分 | 权重 | 说明 | 依据 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    speech = replace(policy, columns=CLUSTER_COLUMNS, terms={})
    for one in policy.criteria:
        read = in_words(one.node, speech)
        if one.only_if is not None:
            read += f"（仅当{in_words(one.only_if, speech)}）"
        ends = [number(float(value), one.unit) for value in (one.zero, one.full)]
        weight = _percent(one.weight / total)
        lines.append(_row(one.id, one.title, read, *ends, weight, one.because, one.basis))
    return lines


def _barriers(policy: Policy) -> list[str]:
    if not policy.barrier_rules:
        return []
    lines = [
        "",
        "## 连片的阻隔",
        "",
        "| 类别 | 名称 | 三调编码 | 规划编码 | 是否阻隔 | 是否道路 | 最小宽度 | 缺省宽度 | 依据 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in policy.barrier_rules:
        told = ["是" if truth else "否" for truth in (one.counts, one.road)]
        widths = [number(float(width), "米") for width in (one.min_width_m, one.width_m)]
        listed = map("、".join, (one.names, one.survey_codes, one.planning_codes))
        lines.append(_row(one.id, *listed, *told, *widths, one.basis))
    return lines


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
    found += [(caution.id, caution.because, caution.basis) for caution in policy.cautions]
    found += [
        (rule.layer, rule.zone or WHERE[rule.where], rule.basis) for rule in policy.overlap_rules
    ]
    found += [(target.id, target.title, target.basis) for target in policy.targets]
    found += [(one.id, one.title, one.basis) for one in policy.criteria]
    found += [(one.id, "连片的阻隔", one.basis) for one in policy.barrier_rules]
    return [f"- {name} {title}：{basis}" for name, title, basis in found if UNVERIFIED in basis]

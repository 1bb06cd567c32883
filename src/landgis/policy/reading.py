"""A condition as a planner would say it: 已供应，且非已动工开发，且动工开发日期满一年之日≤截止日."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from landgis.policy.tree import (
    Arithmetic,
    AsOf,
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
)
from landgis.policy.wording import day, label

if TYPE_CHECKING:
    from landgis.policy.records import Policy
    from landgis.policy.tree import Node

SIGNS = {"<": "＜", "<=": "≤", ">": "＞", ">=": "≥", "==": "＝", "!=": "≠"}
HOW = {"in": "为", "starts_with": "以此开头：", "contains": "含"}
BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}
CALLS = {
    "years_after": "{0}满{1}年之日",
    "days_after": "{0}顺延{1}",
    "full_years": "{0}至{1}的整年数",
    "sum_by": "同一{1}的{0}合计",
    "count_by": "同一{0}的宗数",
}


def in_words(node: Node, policy: Policy) -> str:
    """Say a condition, or a quantity, in Chinese.

    Parameters
    ----------
    node : Node
        Root of any tree.
    policy : Policy
        Knows columns and terms.

    Returns
    -------
    str
        A phrase without a full stop.

    Examples
    --------
    >>> from landgis.policy import load
    >>> policy = load("qinzhou_2021")
    >>> in_words(policy.rule("DX-6").when, policy)
    '城镇低效用地的前提，且容积率低于合同约定'
    """
    return _said(node, policy, inside=False)


def _said(node: Node, policy: Policy, *, inside: bool = True) -> str:  # noqa: C901, PLR0911, PLR0912 - one case per node
    """Say a part; brackets where it stands inside another and has parts of its own."""
    match node:
        case Named(name=name) | Field(name=name):
            return label(name, policy)
        case AsOf():
            return "截止日"
        case Constant(value=value):
            return _literal(value)
        case Junction(every=every, parts=parts):
            text = ("，且" if every else "，或").join(_said(part, policy) for part in parts)
            return f"（{text}）" if inside else text
        case Negation(part=Known(part=part)):
            return f"{_said(part, policy)}未记载"
        case Negation(part=Membership() as part):
            return _membership(part, policy, negative=True)
        case Negation(part=part):
            return f"非{_said(part, policy)}"
        case Known(part=part):
            return f"{_said(part, policy)}有记载"
        case Comparison(op=op, left=left, right=right):
            return f"{_said(left, policy)}{SIGNS[op]}{_said(right, policy)}"
        case Arithmetic(op=op, left=left, right=right):
            sign = {"*": "×", "/": "÷", "-": "－", "+": "＋"}[op]
            first = _operand(left, policy, binds=BINDS[op])
            return f"{first}{sign}{_operand(right, policy, binds=BINDS[op] + (op in '-/'))}"
        case Membership():
            return _membership(node, policy, negative=False)
        case FirstKnown(parts=parts):
            return f"（{'；无记载则'.join(_said(part, policy, inside=False) for part in parts)}）"
        case Call(name=name, parts=parts):
            return CALLS[name].format(*(_said(part, policy) for part in parts))
    raise AssertionError(node)  # pragma: no cover - every node of the tree is above


def _operand(node: Node, policy: Policy, *, binds: int) -> str:
    """Say an operand; in brackets where it binds less than what it stands beside."""
    text = _said(node, policy)
    looser = isinstance(node, Arithmetic) and BINDS[node.op] < binds
    return f"（{text}）" if looser else text


def _membership(node: Membership, policy: Policy, *, negative: bool) -> str:
    not_ = "不" if negative else ""
    return f"{_said(node.part, policy)}{not_}{HOW[node.how]}{'、'.join(node.options)}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Fraction):
        decimal = f"{float(value):g}"
        return decimal if Fraction(decimal) == value else f"{value.numerator}/{value.denominator}"
    return value if isinstance(value, str) else day(value)  # type: ignore[arg-type]

"""Whether the parts of an expression fit together: kinds and units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.model.errors import PolicyError

if TYPE_CHECKING:
    from landgis.policy.tree import Kind, Node, Unit


def unit_of(text: str) -> Unit:
    """Take a unit apart, so that products and quotients can be checked.

    Parameters
    ----------
    text : str
        Such as ``公顷`` or ``万元/公顷``; empty for a bare number.

    Returns
    -------
    tuple of (str, int)
        Each simple unit with its power, sorted.

    Examples
    --------
    >>> unit_of("万元/亩")
    (('万元', 1), ('亩', -1))
    """
    above, _, below = text.partition("/")
    powers = [(above, 1)] if above else []
    return tuple(sorted([*powers, *([(below, -1)] if below else [])]))


def fault(code: str, message: str, hint: str) -> PolicyError:
    """Make the error of an expression."""
    return PolicyError(code, message, hint=hint)


def expect(node: Node, kind: Kind) -> Node:
    """Give the node back where it is of that kind; an error tells what it is instead."""
    if node.kind != kind:
        words = {"number": "数", "text": "文字", "date": "日期", "truth": "真假"}
        raise fault(
            "kind_mismatch",
            f"expected a {kind}, found a {node.kind}",
            f"此处应为{words[kind]}，实际为{words[node.kind]}。",
        )
    return node


def _shown(unit: Unit) -> str:
    return "·".join(name if power == 1 else f"{name}^{power}" for name, power in unit) or "无单位"


def common_unit(left: Node, right: Node) -> Unit | None:
    """Give the unit both sides share; a literal takes the unit of the other side."""
    if left.unit is None or right.unit is None:
        return left.unit if right.unit is None else right.unit
    if left.unit != right.unit:
        ours, theirs = _shown(left.unit), _shown(right.unit)
        raise fault(
            "unit_mismatch",
            f"units differ: {ours} and {theirs}",
            f"单位不一致：{ours} 与 {theirs} 不能直接比较或相加。",
        )
    return left.unit


def product_unit(op: str, left: Node, right: Node) -> Unit | None:
    """Give the unit of a product or a quotient."""
    if left.unit is None and right.unit is None:
        return None
    powers = dict(left.unit or ())
    for name, power in right.unit or ():
        powers[name] = powers.get(name, 0) + (power if op == "*" else -power)
    return tuple(sorted((name, power) for name, power in powers.items() if power))

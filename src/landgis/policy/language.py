"""The rule language: a small closed grammar, read into a tree and never run.

Python's own parser reads the text; every node that is not on the list below is refused; what
remains is checked for kinds and units and becomes a tree that `landgis.policy.facts` walks over
whole columns.
"""

from __future__ import annotations

import ast
import datetime as dt
import difflib
import math
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from landgis.model import schema
from landgis.model.errors import PolicyError
from landgis.policy._checks import common_unit, expect, fault, product_unit, unit_of
from landgis.policy.tree import (
    Arithmetic,
    AsOf,
    Call,
    Comparison,
    Constant,
    Field,
    FirstKnown,
    Junction,
    Kind,
    Known,
    Membership,
    Named,
    Negation,
    Node,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landgis.model.schema import Column

MAX_TEXT = 2000  # characters of one expression
MAX_DEPTH = 30  # levels of one expression, terms not counted
MAX_NODES = 300
MAX_OPTIONS = 200  # literals in one list
MAX_NUMBER = 10**15  # within which a float still holds every decimal a ledger writes
MAX_YEARS = 200

COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
ARITHMETIC: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
# name: kinds of the arguments, kind of the answer, its unit
FUNCTIONS: Final[dict[str, tuple[tuple[Kind, ...], Kind, str]]] = {
    "years_after": (("date", "number"), "date", ""),
    "days_after": (("date", "number"), "date", ""),
    "full_years": (("date", "date"), "number", "年"),
    "sum_by": (("number", "text"), "number", ""),  # keeps the unit of its first argument
    "count_by": (("text",), "number", ""),
}
SPECIAL = ("known", "unknown", "date", "first_known", "starts_with", "contains")
RESERVED = frozenset({*FUNCTIONS, *SPECIAL, "as_of"})


def parse(
    text: str,
    *,
    columns: Mapping[str, Column] | None = None,
    terms: Mapping[str, Node] | None = None,
    kind: Kind | None = None,
) -> Node:
    """Read an expression into a checked tree.

    Parameters
    ----------
    text : str
        The expression, at most `MAX_TEXT` characters.
    columns : mapping of str to Column or None, optional
        Columns it may name; those of the parcels table where None.
    terms : mapping of str to Node or None, optional
        Terms of the policy it may name.
    kind : {'number', 'text', 'date', 'truth'} or None, optional
        What it must give; anything where None.

    Returns
    -------
    Node
        Root of the tree.

    Raises
    ------
    PolicyError
        ``expression_too_long``, ``expression_too_deep``, ``expression_syntax``,
        ``expression_forbidden``, ``unknown_name``, ``kind_mismatch``, ``unit_mismatch``,
        ``unknown_value``.

    Notes
    -----
    Grammar: ``and or not``, ``< <= > >= == !=``, ``+ - * /``, ``in [..]``, ``not in [..]``,
    numbers, texts, ``True``, ``False``, column names, term names, ``as_of``, ``date("2020-01-01")``,
    ``known(x)``, ``unknown(x)``, ``first_known(a, b, ..)``, ``years_after(date, n)``,
    ``days_after(date, n)``, ``full_years(from, to)``, ``starts_with(text, [..])``,
    ``contains(text, [..])``, ``sum_by(number, key)``, ``count_by(key)``.

    Examples
    --------
    >>> parse("developed_ha / should_develop_ha < 1/3").kind
    'truth'
    >>> from landgis.model.errors import PolicyError
    >>> try:
    ...     parse("__import__('os').system('ls')")
    ... except PolicyError as error:
    ...     print(error.code)
    expression_forbidden
    """
    if len(text) > MAX_TEXT:
        raise fault(
            "expression_too_long",
            f"expression has {len(text)} characters, at most {MAX_TEXT}",
            f"表达式超过 {MAX_TEXT} 个字符，请拆成几条术语（term）。",
        )
    known_columns = {c.name: c for c in schema.PARCELS.columns} if columns is None else columns
    node = _Reader(known_columns, terms or {}).read(_syntax(text), 0)
    if kind is not None:
        expect(node, kind)
    return node


def unknown_names(
    text: str, *, columns: Mapping[str, Column], terms: Mapping[str, Node]
) -> dict[str, str]:
    """Find every name of an expression that stands for nothing.

    Parameters
    ----------
    text : str
        The expression.
    columns : mapping of str to Column
        Columns it may name.
    terms : mapping of str to Node
        Terms it may name.

    Returns
    -------
    dict of str to str
        A Chinese sentence with the mend, by name; empty for text that cannot be read at all.

    Examples
    --------
    >>> list(unknown_names("comenced and known(dispute)", columns={}, terms={}))
    ['comenced', 'dispute']
    """
    try:
        tree = _syntax(text[:MAX_TEXT])
    except PolicyError:
        return {}
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n not in called]
    known = columns.keys() | terms.keys() | RESERVED
    return {name: _stranger(name, columns, terms) for name in names if name not in known}


def _stranger(name: str, columns: Mapping[str, Column], terms: Mapping[str, Node]) -> str:
    names = [c.name for c in columns.values() if c.kind != "geometry"]
    near = difflib.get_close_matches(name, [*names, *terms], n=1)
    mend = f"是否应为 {near[0]}" if near else "字段名见数据字典"
    return f"没有名为 {name} 的字段或术语（{mend}）。"


def _syntax(text: str) -> ast.expr:
    """Let Python read the text; nothing is compiled or run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError, Warning) as error:
        raise fault(
            "expression_syntax",
            f"cannot read the expression {text[:60]!r}: {error}",
            "表达式写法有误：请检查括号、引号和运算符（and、or、not、<、<=、==、in）。",
        ) from None


class _Reader:
    """Turns Python's tree into ours, refusing what is not on the list."""

    def __init__(self, columns: Mapping[str, Column], terms: Mapping[str, Node]) -> None:
        self.columns = columns
        self.terms = terms
        self.count = 0

    def read(self, node: ast.expr, depth: int) -> Node:  # noqa: PLR0911 - one answer per node
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_NODES:
            raise fault(
                "expression_too_deep",
                f"expression has more than {MAX_DEPTH} levels or {MAX_NODES} parts",
                "表达式嵌套过深或过长，请拆成几条术语（term）。",
            )
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                return self.name(node.id)
            case ast.BoolOp():
                parts = tuple(expect(self.read(v, depth + 1), "truth") for v in node.values)
                return Junction(kind="truth", every=isinstance(node.op, ast.And), parts=parts)
            case ast.UnaryOp(op=ast.Not()):
                part = expect(self.read(node.operand, depth + 1), "truth")
                return Negation(kind="truth", part=part)
            case ast.UnaryOp(op=ast.USub()):
                part = expect(self.read(node.operand, depth + 1), "number")
                zero = Constant(kind="number", value=Fraction(0))
                return self.arithmetic("-", zero, part)
            case ast.BinOp() if type(node.op) in ARITHMETIC:
                left, right = (self.read(side, depth + 1) for side in (node.left, node.right))
                return self.arithmetic(ARITHMETIC[type(node.op)], left, right)
            case ast.Compare():
                return self.compare(node, depth)
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self.call(name, node.args, depth)
        raise self.forbidden(node)

    @staticmethod
    def forbidden(node: ast.AST) -> PolicyError:
        return fault(
            "expression_forbidden",
            f"{type(node).__name__} is not part of the rule language",
            "表达式含有不允许的写法：只能用比较、and/or/not、加减乘除、in 列表和所列函数。",
        )

    def constant(self, node: ast.Constant) -> Constant:
        value = node.value
        if isinstance(value, bool):
            return Constant(kind="truth", value=value)
        if isinstance(value, str):
            return Constant(kind="text", value=value)
        if isinstance(value, int | float) and math.isfinite(value) and abs(value) < MAX_NUMBER:
            return Constant(kind="number", value=Fraction(Decimal(repr(value))))
        raise self.forbidden(node)

    def name(self, name: str) -> Node:
        if name == "as_of":
            return AsOf(kind="date")
        if name in self.terms:
            part = self.terms[name]
            return Named(kind=part.kind, unit=part.unit, name=name, part=part)
        column = self.columns.get(name)
        if column is None or column.kind == "geometry":
            hint = _stranger(name, self.columns, self.terms)
            raise fault("unknown_name", f"unknown name {name!r}", hint)
        if column.kind in {"number", "integer"}:
            return Field(kind="number", unit=unit_of(column.unit), name=name)
        kind: Kind = column.kind  # type: ignore[assignment]  # text, date or truth remain
        return Field(kind=kind, name=name)

    @staticmethod
    def arithmetic(op: str, left: Node, right: Node) -> Node:
        expect(left, "number")
        expect(right, "number")
        unit = common_unit(left, right) if op in "+-" else product_unit(op, left, right)
        if isinstance(left, Constant) and isinstance(right, Constant):
            return Constant(kind="number", value=_fold(op, left, right))
        return Arithmetic(kind="number", unit=unit, op=op, left=left, right=right)

    def compare(self, node: ast.Compare, depth: int) -> Node:
        sides = [node.left, *node.comparators]
        parts = []
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(op, ast.In | ast.NotIn):
                inside = self.membership("in", self.read(left, depth + 1), right)
                parts.append(
                    inside if isinstance(op, ast.In) else Negation(kind="truth", part=inside)
                )
            elif type(op) in COMPARISONS:
                ours, theirs = self.read(left, depth + 1), self.read(right, depth + 1)
                parts.append(self.comparison(COMPARISONS[type(op)], ours, theirs))
            else:
                raise self.forbidden(op)
        return parts[0] if len(parts) == 1 else Junction(kind="truth", every=True, parts=(*parts,))

    def comparison(self, op: str, left: Node, right: Node) -> Node:
        expect(right, left.kind)
        if left.kind in {"number", "date"}:
            common_unit(left, right)
            return Comparison(kind="truth", op=op, left=left, right=right)
        if left.kind == "text" and isinstance(right, Constant) and op in {"==", "!="}:
            same = self.one_of("in", left, (str(right.value),))
            return same if op == "==" else Negation(kind="truth", part=same)
        raise fault(
            "kind_mismatch",
            f"cannot compare {left.kind} with {op}",
            "文字只能用 ==、!=、in 与带引号的文字比较；真假值直接写字段名或 not 字段名。",
        )

    def membership(
        self, how: Literal["in", "starts_with", "contains"], part: Node, options: ast.expr
    ) -> Node:
        expect(part, "text")
        if not isinstance(options, ast.List | ast.Tuple) or len(options.elts) > MAX_OPTIONS:
            raise self.forbidden(options)
        texts = []
        for option in options.elts:
            if not isinstance(option, ast.Constant):
                raise self.forbidden(option)
            texts.append(str(expect(self.constant(option), "text").value))  # type: ignore[attr-defined]
        return self.one_of(how, part, tuple(texts))

    def one_of(
        self, how: Literal["in", "starts_with", "contains"], part: Node, options: tuple[str, ...]
    ) -> Membership:
        column = self.columns.get(part.name) if isinstance(part, Field) else None
        strange = [o for o in options if column and column.values and o not in column.values]
        if how == "in" and strange and column is not None:
            raise fault(
                "unknown_value",
                f"{column.name} never is {', '.join(map(repr, strange))}",
                f"{column.label}只能是{'、'.join(column.values)}，不会是{'、'.join(strange)}。",
            )
        return Membership(kind="truth", how=how, part=part, options=options)

    def call(self, name: str, arguments: list[ast.expr], depth: int) -> Node:
        if name in {"starts_with", "contains"} and len(arguments) == 2:  # noqa: PLR2004
            part = self.read(arguments[0], depth + 1)
            return self.membership(name, part, arguments[1])  # type: ignore[arg-type]
        parts = tuple(self.read(argument, depth + 1) for argument in arguments)
        match name, parts:
            case "date", (Constant(kind="text", value=str(text)),):
                return Constant(kind="date", value=_date(text))
            case "known", (part,):
                return Known(kind="truth", part=part)
            case "unknown", (part,):
                return Negation(kind="truth", part=Known(kind="truth", part=part))
            case "first_known", (first, *others) if others:
                return _first_known(first, tuple(others))
        if name not in FUNCTIONS or len(parts) != len(FUNCTIONS[name][0]):
            raise fault(
                "expression_forbidden",
                f"no function {name} with {len(parts)} arguments",
                f"没有 {name}（{len(parts)} 个参数）这个函数；"
                f"可用：{'、'.join(sorted(RESERVED - {'as_of'}))}。",
            )
        kinds, kind, unit = FUNCTIONS[name]
        for part, wanted in zip(parts, kinds, strict=True):
            expect(part, wanted)
        if name == "years_after":
            _whole_years(parts[1])
        if name in {"sum_by", "count_by"} and not isinstance(parts[-1], Field):
            raise fault(
                "kind_mismatch", f"{name} groups by a column", f"{name} 的分组须是一个字段。"
            )
        own = parts[0].unit if name == "sum_by" else unit_of(unit) if kind == "number" else None
        return Call(kind=kind, unit=own, name=name, parts=parts)


def _fold(op: str, left: Constant, right: Constant) -> Fraction:
    """Calculate with literals at once, exactly."""
    a, b = Fraction(left.value), Fraction(right.value)  # type: ignore[arg-type]
    if op == "/":
        if b == 0:
            raise fault("expression_forbidden", "division by zero", "除数不能是 0。")
        return a / b
    return a + b if op == "+" else a - b if op == "-" else a * b


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise fault(
            "expression_forbidden", f"no date: {text!r}", "日期应写作 date(2020-12-31 加引号)。"
        ) from None


def _first_known(first: Node, others: tuple[Node, ...]) -> FirstKnown:
    unit = first.unit
    for other in others:
        expect(other, first.kind)
        unit = common_unit(first, other) if unit is None else unit
        common_unit(first, other)
    return FirstKnown(kind=first.kind, unit=unit, parts=(first, *others))


def _whole_years(node: Node) -> None:
    value = node.part if isinstance(node, Named) else node
    number = value.value if isinstance(value, Constant) else None
    if not isinstance(number, Fraction) or number.denominator != 1 or abs(number) > MAX_YEARS:
        raise fault(
            "kind_mismatch",
            "years_after counts whole years",
            f"years_after 的第二个参数须是不超过 {MAX_YEARS} 的整数。",
        )

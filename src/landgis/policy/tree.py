"""The tree an expression becomes: frozen nodes, told apart by identity, and ways to go through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from fractions import Fraction

Kind = Literal["number", "text", "date", "truth"]
Unit = tuple[tuple[str, int], ...]  # such as (("万元", 1), ("公顷", -1)), sorted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One node of the tree: what kind of value it gives and in which unit (None fits any)."""

    kind: Kind
    unit: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Constant(Node):
    """A literal, numbers as exact fractions."""

    value: Fraction | str | dt.date | bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field(Node):
    """A column of the table."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AsOf(Node):
    """The day for which the judgement is made."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Named(Node):
    """A term of the policy, by its name."""

    name: str
    part: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arithmetic(Node):
    """Sum, difference, product or quotient."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison(Node):
    """Two numbers or two dates compared."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Membership(Node):
    """A text that is, begins with or contains one of the options."""

    how: Literal["in", "starts_with", "contains"]
    part: Node
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Junction(Node):
    """All of the parts (``every``), or any of them."""

    every: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Negation(Node):
    """The contrary."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known(Node):
    """Whether the part has a value; itself never unknown."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FirstKnown(Node):
    """The first of the parts that has a value."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Node):
    """One of FUNCTIONS."""

    name: str
    parts: tuple[Node, ...]


def walk(node: Node) -> Iterator[Node]:
    """Go through a tree, the node itself first, terms opened, a shared part once.

    Parameters
    ----------
    node : Node
        Root of a tree.

    Yields
    ------
    Node
        Every node below, from left to right.
    """
    seen: set[Node] = set()
    ahead = [node]
    while ahead:
        part = ahead.pop()
        if part not in seen:
            seen.add(part)
            yield part
            ahead.extend(reversed(children(part)))


def children(node: Node) -> tuple[Node, ...]:
    """Give the parts a node is made of.

    Parameters
    ----------
    node : Node
        Any node.

    Returns
    -------
    tuple of Node
        From left to right; empty for a leaf.
    """
    match node:
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case Junction(parts=parts) | FirstKnown(parts=parts) | Call(parts=parts):
            return parts
        case Negation(part=part) | Known(part=part) | Named(part=part) | Membership(part=part):
            return (part,)
        case _:
            return ()


def fields(node: Node) -> dict[str, None]:
    """Name the columns a tree looks at.

    Parameters
    ----------
    node : Node
        Root of a tree.

    Returns
    -------
    dict of str to None
        The names once each, in order of appearance.
    """
    return {part.name: None for part in walk(node) if isinstance(part, Field)}

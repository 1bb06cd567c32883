"""Single facts of a parcel imagined otherwise: turned round, another code, just past a limit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from landgis.model.units import round_half_up
from landgis.policy.tree import Arithmetic, Comparison, Field, Named, walk
from landgis.policy.wording import day, label, number

if TYPE_CHECKING:
    from landgis.policy import Policy
    from landgis.policy.facts import Facts
    from landgis.policy.tree import Node

PLACES = 4  # decimals that ledgers print
STEP = 10.0**-PLACES
FAR, UNRECORDED = 1.0, 0.5  # how far a turned fact is; a fact not on record need only be found out
DAYS_OF_A_YEAR = 365.0
NEIGHBOURS = (-1, 0, 1)  # days beside the one on which a comparison turns: leap years shift it


class Imagined(NamedTuple):
    """One fact otherwise: the column, its value, how to say it, and how far it is."""

    name: str
    value: Any
    text: str
    distance: float


def imagine(nodes: tuple[Node, ...], facts: Facts, policy: Policy, row: int) -> list[Imagined]:
    """List what could be otherwise of one row, each column and value once, the nearest first."""
    found: dict[tuple[str, Any], Imagined] = {}
    for node in nodes:
        if isinstance(node, Field):
            trials = _turned(node, facts, policy, row)
        elif isinstance(node, Comparison) and node.left.kind == "number":
            trials = _past_the_limit(node, facts, policy, row)
        elif isinstance(node, Comparison):
            trials = _other_days(node, facts, policy, row)
        else:
            continue
        for trial in trials:
            found.setdefault((trial.name, trial.value), trial)
    return sorted(found.values(), key=lambda trial: trial.distance)


def _turned(node: Field, facts: Facts, policy: Policy, row: int) -> list[Imagined]:
    """Turn a truth round, or put another code of the list."""
    column, held = policy.columns[node.name], facts.column(node.name)
    known = bool(held.known[row])
    distance, title = FAR if known else UNRECORDED, label(node.name, policy)
    if column.kind == "truth":
        words = {True: "是", False: "否"}
        return [
            Imagined(node.name, value, f"{title}为{word}", distance)
            for value, word in words.items()
            if not known or bool(held.data[row]) != value
        ]
    own = str(held.texts[held.data[row]]) if known and held.texts is not None else ""
    codes = [code for code in column.values if code != own]
    return [Imagined(node.name, code, f"{title}为{code}", distance) for code in codes]


def _past_the_limit(node: Comparison, facts: Facts, policy: Policy, row: int) -> list[Imagined]:
    """Give the number at which ``column op limit`` or ``column / whole op limit`` turns, and beside it."""
    left, limit = _opened(node.left), facts.values(node.right)
    if not limit.known[row]:
        return []
    goal = float(limit.data[row])
    if isinstance(left, Arithmetic) and left.op == "/":
        whole = facts.values(left.right)
        if not whole.known[row]:
            return []
        left, goal = _opened(left.left), goal * float(whole.data[row])
    if isinstance(left, Arithmetic) and left.op == "-":
        taken = facts.values(left.right)
        if not taken.known[row]:
            return []
        left, goal = _opened(left.left), goal + float(taken.data[row])
    if not isinstance(left, Field):
        return []
    goal, below, above = (
        float(round_half_up(value, PLACES)) for value in (goal, goal - STEP, goal + STEP)
    )
    return [
        _other_number(left.name, value, goal, facts, policy, row)
        for value in (goal, below, above)
        if value >= 0 and not _holds(left.name, value, facts, row)
    ]


def _holds(name: str, value: float, facts: Facts, row: int) -> bool:
    held = facts.column(name)
    return bool(held.known[row]) and float(held.data[row]) == value


def _other_number(
    name: str, value: float, goal: float, facts: Facts, policy: Policy, row: int
) -> Imagined:
    held, title = facts.column(name), label(name, policy)
    printed = number(goal, policy.columns[name].unit)
    beside = "低于" if value < goal else "高于" if value > goal else ""
    if not held.known[row]:
        return Imagined(name, value, f"{title}{beside or '为'}{printed}", UNRECORDED)
    own = float(held.data[row])
    distance = abs(value - own) / max(abs(value), abs(own))
    return Imagined(
        name,
        value,
        f"{title}{beside or ('达到' if value > own else '降至')}{printed}",
        min(distance, FAR),
    )


def _other_days(node: Comparison, facts: Facts, policy: Policy, row: int) -> list[Imagined]:
    """Shift a date, or the days of exemption, to where a comparison of dates turns."""
    trials: list[Imagined] = []
    for side, other in ((node.left, node.right), (node.right, node.left)):
        mine, theirs = facts.values(side), facts.values(other)
        if not theirs.known[row]:
            continue
        turn = theirs.data[row].astype("datetime64[D]")
        for field in (part for part in walk(side) if isinstance(part, Field)):
            held = facts.column(field.name)
            if not mine.known[row]:
                if field.kind == "date" and not held.known[row]:
                    trials += _unrecorded_days(field.name, turn.item(), policy)
                continue
            shift = int((turn - mine.data[row].astype("datetime64[D]")).astype(int))
            if field.kind == "date" and held.known[row]:
                own = held.data[row].astype("datetime64[D]").item()
                trials += _shifted(field.name, own, shift, policy)
            elif field.kind == "number":
                own_days = int(held.data[row]) if held.known[row] else 0
                days = own_days + shift + 1
                if days >= 0 and days != own_days:
                    far = min(abs(shift + 1) / DAYS_OF_A_YEAR, FAR)
                    text = f"{label(field.name, policy)}达到{days}天"
                    trials.append(Imagined(field.name, days, text, far))
    return trials


def _shifted(name: str, own: dt.date, shift: int, policy: Policy) -> list[Imagined]:
    trials = []
    for days in (shift + beside for beside in NEIGHBOURS):
        if not days or abs(days) > 100 * DAYS_OF_A_YEAR:
            continue
        date = own + dt.timedelta(days=days)
        words = f"{label(name, policy)}{'推迟到' if days > 0 else '提前到'}{day(date)}"
        trials.append(
            Imagined(name, np.datetime64(date), words, min(abs(days) / DAYS_OF_A_YEAR, FAR))
        )
    return trials


def _unrecorded_days(name: str, turn: dt.date, policy: Policy) -> list[Imagined]:
    """Imagine a date not on record well before and just after the day that counts."""
    early, late = turn - dt.timedelta(days=int(3 * DAYS_OF_A_YEAR)), turn + dt.timedelta(days=1)
    title = label(name, policy)
    return [
        Imagined(name, np.datetime64(date), f"{title}为{day(date)}", UNRECORDED)
        for date in (early, late)
    ]


def _opened(node: Node) -> Node:
    while isinstance(node, Named):
        node = node.part
    return node

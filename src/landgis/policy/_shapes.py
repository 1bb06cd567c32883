"""What the files of a policy may hold: tables, keys, types; and where a fault stands."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, NamedTuple

Table = dict[str, Any]
# of every key its type, and whether it must be there
SHAPES: Final[dict[str, dict[str, tuple[type, bool]]]] = {
    "rule": {
        "id": (str, True),
        "category": (str, True),
        "title": (str, True),
        "basis": (str, True),
        "when": (str, True),
        "because": (str, True),
        "otherwise": (str, False),
        "priority": (int, False),
        "hard": (bool, False),
        "advisory": (bool, False),
        "quiet": (bool, False),
        "valid_from": (dt.date, False),
        "valid_to": (dt.date, False),
    },
    "term": {
        "is": (str, True),
        "title": (str, True),
        "basis": (str, True),
        "unit": (str, False),
    },
    "column": {
        "kind": (str, True),
        "label": (str, True),
        "unit": (str, False),
    },
    "overlap": {
        "layers": (list, True),
        "zone": (str, False),
        "where": (str, True),
        "verdict": (str, True),
        "basis": (str, True),
        "because": (str, True),
    },
    "target": {
        "id": (str, True),
        "title": (str, True),
        "basis": (str, True),
        "value": (str, False),
        "unit": (str, False),
        "due": (dt.date, False),
        "land_class": (str, False),
        "measure": (str, False),
        "subject": (str, False),
        "base_year": (int, False),
    },
    "progress": {
        "quarters": (list, True),
        "reward": (str, False),
        "penalty": (str, False),
        "baseline": (dt.date, False),
        "basis": (str, True),
    },
    "policy": {"title": (str, True), "basis": (str, True), "classes": (list, True)},
}
WORDS = {str: "文字", int: "整数", bool: "true 或 false", dt.date: "日期", list: "列表"}


class Fault(NamedTuple):
    """One fault of a policy folder."""

    file: str
    line: int
    place: str
    message: str
    mend: str


class Entry(NamedTuple):
    """One table of a file, with its place."""

    file: str
    line: int
    name: str
    table: Table

    def fault(self, message: str, mend: str) -> Fault:
        """Say what is wrong here."""
        return Fault(self.file, self.line, self.name, message, mend)


def is_tables(value: Any) -> bool:
    """Whether a value of the file is a table or a list of tables."""
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
    )


def line_of(text: str, pattern: str) -> int:
    """Give the line a pattern first stands in, 1 where it does not."""
    found = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def fraction_of(text: object) -> Fraction | None:
    """Read ``18%``, ``1/3`` or ``4.65`` exactly."""
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,12})?)(%|/\d{1,12})?", str(text).strip())
    if found is None:
        return None
    try:
        value = Fraction(Decimal(found[1]))
        if found[2] == "%":
            return value / 100
        return value / int(found[2][1:]) if found[2] else value
    except (InvalidOperation, ZeroDivisionError):
        return None

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
        "look": (str, False),
        "contradicts": (str, False),
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
        "values": (list, False),
        "made_by": (str, False),
    },
    "caution": {
        "id": (str, True),
        "routes": (list, True),
        "when": (str, True),
        "because": (str, True),
        "basis": (str, True),
    },
    "body": {
        "id": (str, True),
        "units": (list, True),
        "basis": (str, True),
    },
    "department": {
        "id": (str, True),
        "duty": (str, True),
        "when": (str, True),
        "routes": (list, False),
        "basis": (str, True),
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
    "criterion": {
        "id": (str, True),
        "title": (str, True),
        "reads": (str, True),
        "zero": (Fraction, True),
        "full": (Fraction, True),
        "weight": (Fraction, True),
        "basis": (str, True),
        "unit": (str, False),
        "because": (str, False),
        "only_if": (str, False),
    },
    "priority": {
        "least_known": (Fraction, True),
        "basis": (str, True),
    },
    "barrier": {
        "id": (str, True),
        "counts": (bool, True),
        "basis": (str, True),
        "names": (list, False),
        "survey_codes": (list, False),
        "planning_codes": (list, False),
        "road": (bool, False),
        "min_width_m": (Fraction, False),
        "width_m": (Fraction, False),
    },
    "policy": {
        "title": (str, True),
        "basis": (str, True),
        "classes": (list, True),
        "exclusive": (list, False),
    },
}
ALONE = ("progress", "priority")  # tables of which a policy has one, without a name
WORDS = {
    str: "文字",
    int: "整数",
    bool: "true 或 false",
    dt.date: "日期",
    list: "列表",
    Fraction: '数，如 20、"18%"、"1/3"',
}


class Fault(NamedTuple):
    """One fault of a policy folder."""

    file: str
    line: int
    place: str
    message: str
    mend: str


class Entry(NamedTuple):
    """One table of a file, with its place and the text it stands in."""

    file: str
    line: int
    name: str
    table: Table
    text: str = ""

    def fault(self, message: str, mend: str, key: str = "") -> Fault:
        """Say what is wrong here, in the line of a key where it has one."""
        return Fault(self.file, self.line_of(key), self.name, message, mend)

    def line_of(self, key: str) -> int:
        """Give the line a key of this table stands in; that of the table where it has none."""
        lines = self.text.splitlines()[self.line - 1 :] if key else []
        for number, line in enumerate(lines):
            if number and line.lstrip().startswith("["):
                break
            if re.match(rf"\s*{re.escape(key)}\s*=", line):
                return self.line + number
        return self.line


def is_tables(value: Any) -> bool:
    """Whether a value of the file is a table or a list of tables."""
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
    )


def fits(value: Any, kind: type) -> bool:
    """Whether a value is of that type; an exact number may be written with or without quotes."""
    return type(value) in {str, int, float} if kind is Fraction else type(value) is kind


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


def number_of(value: object) -> Fraction | None:
    """Read a number, which may be negative and need not stand in quotes, exactly."""
    text = str(value).strip()
    size = fraction_of(text.removeprefix("-"))
    return -size if size is not None and text.startswith("-") else size

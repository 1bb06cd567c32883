"""Rules as data: a small three-valued language and the folders written in it."""

from __future__ import annotations

from landgis.policy.loader import load, names
from landgis.policy.records import (
    Body,
    Caution,
    Department,
    OverlapRule,
    Policy,
    Rule,
    Target,
    Term,
)

__all__ = [
    "Body",
    "Caution",
    "Department",
    "OverlapRule",
    "Policy",
    "Rule",
    "Target",
    "Term",
    "load",
    "names",
]

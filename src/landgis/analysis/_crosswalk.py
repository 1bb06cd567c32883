"""The explicit crosswalk: by which unit names are compared; part of `reconciliation`.

Statistical units are not counties. Names are matched by what somebody wrote down, never by
likeness, and rows of the annex that are merged are said so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.analysis._gaps import row
from landgis.model.errors import UsageError
from landgis.model.schema import TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import DataFrame

    from landgis.analysis._gaps import Printed, Row


def compare_by(
    crosswalk: Mapping[str, str], printed: Printed, ledger: DataFrame, register: DataFrame | None
) -> tuple[Printed, list[Row]]:
    """Rename units on both sides; rename in the tables, which are ours, and merge annex rows."""
    names = {str(name).strip(): str(unit).strip() for name, unit in crosswalk.items()}
    tables = [ledger] if register is None else [ledger, register]
    annexed = {unit for unit, _ in printed if unit != TOTAL}
    met = set(annexed).union(*(table[column] for table in tables for column in UNIT_COLUMNS))
    targets = {names.get(unit, unit) for unit in annexed}
    unknown = [name for name in names if name not in met]
    nowhere = [unit for unit in dict.fromkeys(names.values()) if unit not in targets]
    if unknown or (nowhere and printed):
        _refuse(unknown, nowhere if printed else [], sorted(annexed or met - {None}))
    for table in tables:
        for column in UNIT_COLUMNS:
            table[column] = table[column].replace(names)
    merged = {
        target: [unit for unit in dict.fromkeys(u for u, _ in printed) if names.get(unit) == target]
        for target in names.values()
    }
    merged = {target: units for target, units in merged.items() if units}
    if not merged:
        return printed, []
    return _merged(printed, names), [
        row(
            (target, TOTAL),
            "单元合并",
            f"按单元对照表，附表的{'、'.join(f'“{unit}”' for unit in units)}并入“{target}”对账。",
        )
        for target, units in merged.items()
    ]


UNIT_COLUMNS = ("unit", "located", "second")


def _merged(printed: Printed, names: dict[str, str]) -> Printed:
    """Add up the rows that share a unit; blank stays blank where all are blank."""
    sums: Printed = {}
    for (unit, land_class), value in printed.items():
        cell = names.get(unit, unit), land_class
        before = sums.get(cell)
        sums[cell] = value if before is None else before if value is None else before + value
    return sums


def _refuse(unknown: list[str], nowhere: list[str], known: list[str]) -> None:
    wrong = [f"“{name}”在地块和附表中都没有" for name in unknown]
    wrong += [f"“{unit}”不是附表的统计单元" for unit in nowhere]
    raise UsageError(
        "crosswalk_unknown",
        f"the crosswalk speaks of units that are nowhere: {', '.join([*unknown, *nowhere])}",
        hint=f"单元对照表有误：{'；'.join(wrong)}。附表的统计单元有：{'、'.join(known)}。",
    )

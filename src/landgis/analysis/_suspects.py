"""Parcels that evidence says are listed wrongly, and which of them the gaps convict.

Part of `reconciliation`. A suspect says which cells would move if it were mended. What closes a
cell to the last square metre is taken first; evidence that stands by itself (a number or an outline
that is listed twice) is taken wherever its cell is open.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from landgis.analysis._gaps import gap_row, hectares

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from typing import Any

    from pandas import DataFrame

    from landgis.analysis._gaps import Cell, Gaps, Row

TRIED_IN_PAIRS = 300  # among more suspects, two that close a gap together may do so by chance


@dataclass(frozen=True, slots=True)
class Suspect:
    """One entry of the ledger that may be wrong, and what mending it would take out of the gaps."""

    entry: int  # position in the ledger
    parcel: str
    area: Decimal
    effects: dict[Cell, Decimal]
    kind: str
    message: str
    sure: bool = False  # whether the evidence stands without the gap

    def rows(self) -> list[Row]:
        """Write what is taken out of each cell."""
        return [
            gap_row(
                cell,
                self.kind,
                self.message,
                amount,
                parcel_id=self.parcel,
                ledger_ha=float(self.area),
            )
            for cell, amount in self.effects.items()
        ]


def duplicates(stock: DataFrame, gaps: Gaps | None = None) -> list[Suspect]:
    """Name entries that stand twice: by number, by outline, or by both areas.

    With gaps, only those of which one stands in a cell that differs.
    """
    if gaps is not None:
        differing = [cell for cell, gap in gaps.left.items() if gap]
        cells = pd.MultiIndex.from_frame(stock[["unit", "land_class"]])
        stock = stock.assign(matters=cells.isin(differing))
    known = stock[stock["declared_m2"].notna() & (stock["declared_m2"] > 0)]
    found: list[Suspect] = []
    told: set[int] = set()
    alike = known[known["measured_dm2"].notna()]
    for table, keys, how, sure in (
        (known, ["parcel_id"], "地块编号相同", True),
        (alike[alike["shape"].notna()], ["shape"], "图形完全相同", True),
        (alike, ["declared_m2", "measured_dm2"], "台账面积和椭球面积完全相同", False),
    ):
        twice = table[table.duplicated(keys, keep=False)]
        if gaps is not None:
            twice = twice[twice.groupby(keys)["matters"].transform("any")]
        for _, entries in twice.groupby(keys, sort=False):
            first, *copies = entries.to_dict("index").items()
            for entry, copy in copies:
                if entry not in told:
                    told.add(entry)
                    found += _copy(first, (entry, copy), how, sure=sure)
    return found


def _copy(
    first: tuple[int, dict[str, Any]], copy: tuple[int, dict[str, Any]], how: str, *, sure: bool
) -> Iterator[Suspect]:
    """Suspect the later entry; either of the two where they stand in different cells."""
    here, there = _cell(first[1]), _cell(copy[1])
    area = hectares(copy[1]["declared_m2"])
    names = dict.fromkeys([first[1]["parcel_id"], copy[1]["parcel_id"]])
    if here == there:
        message = f"地块 {'与'.join(names)}{how}，疑似重复登记，多计 {area} 公顷。"
        yield Suspect(copy[0], copy[1]["parcel_id"], area, {there: area}, "重复地块", message, sure)
        return
    message = (
        f"地块 {'与'.join(names)}{how}，同时登记在“{here[0]}”{here[1]}和“{there[0]}”{there[1]}，"
        f"多计 {area} 公顷。"
    )
    for entry, values in (copy, first):
        own = hectares(values["declared_m2"])
        yield Suspect(
            entry, values["parcel_id"], own, {_cell(values): own}, "一地两属", message, sure=False
        )


def elsewhere(ledger: DataFrame, units: list[str], classes: list[str]) -> list[Suspect]:
    """Name parcels whose outline lies in another unit, or whose facts say another class."""
    located, judged = ledger["located"], ledger["judged"]
    counted = ledger["land_class"].isin(classes)
    moved = located.isin(units) & (located != ledger["unit"])
    other = judged.notna() & (judged != ledger["land_class"]) & (counted | judged.isin(classes))
    doubtful = ledger[(moved & counted) | other]
    found: list[Suspect] = []
    for entry, values in doubtful[doubtful["declared_m2"].notna()].to_dict("index").items():
        area = hectares(values["declared_m2"])
        stranger = values["unit"] not in units
        choices = []
        if moved[entry] and counted[entry]:
            choices.append((values["located"], values["land_class"]))
        if other[entry] and not stranger:
            choices.append((values["unit"], values["judged"]))
        if moved[entry] and other[entry]:
            choices.append((values["located"], values["judged"]))
        for there in choices:
            sides = ((_cell(values), area), (there, -area))
            effects = {cell: amount for cell, amount in sides if cell[1] in classes}
            if area and effects:
                kind, message = _wrongly_listed(values, there, area)
                found.append(
                    Suspect(entry, values["parcel_id"], area, effects, kind, message, sure=stranger)
                )
    return found


def _wrongly_listed(values: dict[str, Any], there: Cell, area: Decimal) -> tuple[str, str]:
    unit, land_class = _cell(values)
    parcel = f"地块 {values['parcel_id']}（{area} 公顷）"
    drawn = f"登记在“{unit}”，图形在“{there[0]}”"
    judged = f"登记为{land_class}，按规则判定为{there[1]}"
    if there[0] == unit:
        return "类别与判定不一致", f"{parcel}{judged}，疑似应归后者。"
    if there[1] == land_class:
        return "县区与位置不一致", f"{parcel}{drawn}，疑似应归后者。"
    return "县区与位置不一致", f"{parcel}{drawn}；{judged}，疑似均应归后者。"


def convict(gaps: Gaps, suspects: list[Suspect]) -> list[Suspect]:
    """Take out of the gaps what suspects explain; give those that were convicted."""
    left = [one for one in suspects if all(map(gaps.differs, one.effects))]
    convicted: list[Suspect] = []
    while left:
        chosen = _alone(gaps, left) or _together(gaps, left) or _by_itself(gaps, left)
        if not chosen:
            break
        for one in chosen:
            gaps.take(one.effects)
        convicted += chosen
        gone = {one.entry for one in chosen}
        left = [
            one for one in left if one.entry not in gone and any(map(gaps.is_open, one.effects))
        ]
    return convicted


def _alone(gaps: Gaps, suspects: list[Suspect]) -> list[Suspect]:
    """One that closes a cell exactly, or all its cells within rounding; the most cells first."""
    exact = [(gaps.closed_exactly(one.effects), one) for one in suspects]
    best = max(exact, key=lambda pair: pair[0])
    if best[0] > 0:
        return [best[1]]
    return next(([one] for one in suspects if gaps.closes_all(one.effects)), [])


def _together(gaps: Gaps, suspects: list[Suspect]) -> list[Suspect]:
    """Two that close all cells they share exactly."""
    if len(suspects) > TRIED_IN_PAIRS:
        return []
    for one, other in itertools.combinations(suspects, 2):
        if one.entry == other.entry or not one.effects.keys() & other.effects.keys():
            continue
        both = dict(one.effects)
        for cell, amount in other.effects.items():
            both[cell] = both.get(cell, amount - amount) + amount
        least = min(len(both), 2)
        if gaps.closed_exactly(both) >= least:
            return [one, other]
    return []


def _by_itself(gaps: Gaps, suspects: list[Suspect]) -> list[Suspect]:
    """One whose evidence needs no gap to close, where all its cells are open."""
    return next(([one] for one in suspects if one.sure and all(map(gaps.is_open, one.effects))), [])


def _cell(values: dict[str, Any]) -> Cell:
    return values["unit"], values["land_class"]

"""Why a figure moved between two states: parcel by parcel, so that the moves sum to the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from landgis.analysis._counting import Stock, hectares, stock_of
from landgis.analysis._lineage import follow
from landgis.analysis._quarters import as_table
from landgis.model.schema import FIGURES, MOVES, TOTAL
from landgis.model.units import DM2_PER_M2

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from pandas import DataFrame

    from landgis.analysis._progress_findings import Findings
    from landgis.model.snapshots import Snapshot

STOCK_FIGURE = "现有存量"
DISPOSED_FIGURE = "累计处置"
NAMED = 3  # parcels named in a reason

Group = tuple[str, str]  # unit and class


class Moved(NamedTuple):
    """What moved since an earlier state: the figures, and every move behind them.

    `figures` is `schema.FIGURES`, `moves` `schema.MOVES`; the moves of a figure, unit and class
    sum to its change exactly, in whole square decimetres.
    """

    figures: DataFrame
    moves: DataFrame


class Move(NamedTuple):
    """One parcel's part in the change of one figure of one unit and class."""

    figure: str
    group: Group
    parcel: str
    day: dt.date | None
    before: int
    after: int
    because: str


def stock_moves(before: Snapshot, after: Snapshot, findings: Findings) -> Iterator[Move]:
    """Give every parcel's part in the stock there is, before and after."""
    old = stock_of(before, findings, named="上次地块")
    new = stock_of(after, findings, named="地块")
    because = _Reasons(before, after, old, new)
    places = {parcel: row for row, parcel in enumerate(new.ids)}
    for row, parcel in enumerate(old.ids):
        now = places.pop(parcel, None)
        first, second = _amount(old, row), _amount(new, now)
        if first[0] == second[0]:
            groups = [(first[0], first[1], second[1])]
        else:
            groups = [(first[0], first[1], 0), (second[0], 0, second[1])]
        for group, was, is_ in groups:
            if group is not None:
                told = "" if was == is_ else because.of(row, now)
                yield Move(STOCK_FIGURE, group, parcel, None, was, is_, told)
    for parcel, row in places.items():
        group, amount = _amount(new, row)
        if group is not None:
            told = because.of(None, row)
            yield Move(STOCK_FIGURE, group, parcel, None, 0, amount, told)


def _amount(stock: Stock, row: int | None) -> tuple[Group | None, int]:
    if row is None or not stock.classes[row] or stock.dm2[row] < 0:
        return None, 0
    return (stock.units[row], stock.classes[row]), int(stock.dm2[row])


class _Reasons:
    """Says what became of a parcel between two states."""

    def __init__(self, before: Snapshot, after: Snapshot, old: Stock, new: Stock) -> None:
        self.old, self.new = old, new
        pairs = follow(before.parcels, after.parcels).pairs
        self.heirs: dict[int | None, list[int]] = {}
        self.origins: dict[int | None, list[int]] = {}
        for row, heir in zip(pairs["before"].tolist(), pairs["after"].tolist(), strict=True):
            self.heirs.setdefault(row, []).append(heir)
            self.origins.setdefault(heir, []).append(row)

    def of(self, row: int | None, now: int | None) -> str:
        if now is None:
            return self._gone(row)
        if row is None:
            return self._come(now)
        told = []
        for label, was, is_ in (
            ("类别", self.old.classes[row], self.new.classes[now]),
            ("县区", self.old.units[row], self.new.units[now]),
        ):
            if was != is_:
                told.append(f"{label}由{was or '无'}改为{is_ or '无'}")
        other = [one for one in self.heirs.get(row, []) if one != now]
        if other:
            told.append(f"部分划入{_names(self.new, other)}")
        other = [one for one in self.origins.get(now, []) if one != row]
        if other:
            told.append(f"划入{_names(self.old, other)}的用地")
        return "，".join(told) or "地块面积更正"

    def _gone(self, row: int | None) -> str:
        heirs = self.heirs.get(row, [])
        if not heirs:
            return "移出：原范围内已没有地块"
        named = _names(self.new, heirs)
        if len(heirs) > 1:
            return f"拆分为{named}"
        alone = len(self.origins.get(heirs[0], [])) == 1
        return f"改编号为{named}" if alone else f"并入{named}"

    def _come(self, now: int) -> str:
        origins = self.origins.get(now, [])
        if not origins:
            return "新增"
        named = _names(self.old, origins)
        if len(origins) > 1:
            return f"由{named}合并"
        alone = len(self.heirs.get(origins[0], [])) == 1
        return f"由{named}改编号" if alone else f"由{named}拆分"


def _names(stock: Stock, rows: list[int]) -> str:
    names = sorted(stock.ids[row] for row in rows)
    more = f"等{len(names)}宗" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more


def disposal_moves(
    before: DataFrame, after: DataFrame, *, since: dt.date, year: int
) -> Iterator[Move]:
    """Give every disposal's part in what was disposed of, in all and in the year."""
    keys = ["baseline_id", "parcel_id", "disposal_date", "number"]
    old, new = ({row[:4]: row[4:] for row in _rows(table, keys)} for table in (before, after))
    for key in sorted(old.keys() | new.keys()):
        was, is_ = old.get(key), new.get(key)
        unit, land_class = (is_ or was or ("", ""))[:2]
        day = key[2].date()
        amounts = (was[2] if was else 0, is_[2] if is_ else 0)
        because = "" if amounts[0] == amounts[1] else _why(was, is_, day, since)
        if because and key[0] != key[1]:
            because += f"（计入基期地块{key[0]}）"
        for figure in (DISPOSED_FIGURE, *([f"{year}年处置"] if day.year == year else [])):
            yield Move(figure, (unit, land_class), key[1], day, *amounts, because)


def _rows(table: DataFrame, keys: list[str]) -> Iterator[tuple[Any, ...]]:
    columns = [*keys, "unit", "land_class", "dm2", "recorded_dm2"]
    yield from table[columns].itertuples(index=False, name=None)


def _why(
    was: tuple[Any, ...] | None, is_: tuple[Any, ...] | None, day: dt.date, since: dt.date
) -> str:
    if was is None:
        return "新处置" if day > since else f"补录{day}的处置"
    if is_ is None:
        return "处置记录撤销"
    if was[3] != is_[3]:
        return f"处置面积由{hectares(was[3])}更正为{hectares(is_[3])}"
    return "地块重划或另有处置更正，计入份额变化"


def lay_out(moves: list[Move]) -> Moved:
    """Lay out the figures and the moves behind them, and close every sum."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for move in moves:
        unit, land_class = move.group
        for key in ((unit, land_class), (unit, TOTAL), (TOTAL, land_class), (TOTAL, TOTAL)):
            one = sums.setdefault((move.figure, *key), [0, 0, 0])
            one[0] += move.before
            one[1] += move.after
            one[2] += move.before != move.after
    order = {figure: place for place, figure in enumerate(dict.fromkeys(m.figure for m in moves))}
    keys = sorted(
        sums, key=lambda key: (order[key[0]], key[1] == TOTAL, key[1], key[2] == TOTAL, key[2])
    )
    figures = [
        {
            "figure": key[0],
            "unit": key[1],
            "land_class": key[2],
            "before_m2": sums[key][0] / DM2_PER_M2,
            "after_m2": sums[key][1] / DM2_PER_M2,
            "change_m2": (sums[key][1] - sums[key][0]) / DM2_PER_M2,
            "move_count": sums[key][2],
        }
        for key in keys
    ]
    moved = sorted(
        (move for move in moves if move.before != move.after),
        key=lambda one: (order[one.figure], one.group, one.parcel, str(one.day), one.because),
    )
    records = [
        {
            "figure": one.figure,
            "unit": one.group[0],
            "land_class": one.group[1],
            "parcel_id": one.parcel,
            "disposal_date": None if one.day is None else pd.Timestamp(one.day),
            "before_m2": one.before / DM2_PER_M2,
            "after_m2": one.after / DM2_PER_M2,
            "move_m2": (one.after - one.before) / DM2_PER_M2,
            "because": one.because,
        }
        for one in moved
    ]
    return Moved(as_table(figures, FIGURES), as_table(records, MOVES))

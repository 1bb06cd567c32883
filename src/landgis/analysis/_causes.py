"""Look for the cause of every difference: the part of `reconciliation` that explains."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model.schema import TOTAL
from landgis.model.units import DM2_PER_M2, HA_DECIMALS, M2_PER_HA, show

if TYPE_CHECKING:
    from pandas import DataFrame

    Cell = tuple[str, str]  # unit and class
    Printed = dict[Cell, Decimal | None]  # 公顷 as printed; None is blank
    Row = dict[str, Any]

ROUNDING_HA = Decimal("0.00005")  # a parcel rounded to four decimals is off by at most this
AREA_SHARE = 0.001  # of a parcel: how far measured and declared area usually may differ
STOCK_BESIDES = ("农村存量", "其他")  # classes of ours that no annex speaks of
NAMED = 3  # parcels named in a message; the rest are counted

# Kinds whose difference is ledger minus official: per unit and class they sum to the whole gap.
GAP_KINDS = (
    "疑似附表有误",
    "重复地块",
    "疑似错归县区",
    "疑似错归类别",
    "官方为空",
    "台账无地块",
    "取舍误差",
    "疑似漏登",
    "官方与台账不符",
    "县区不在附表",
)


def _row(cell: Cell, kind: str, message: str, **values: Any) -> Row:
    unit, name = cell
    return {"unit": unit, "land_class": name, "kind": kind, "message": message} | values


def _ha(square_metres: float) -> Decimal:
    return Decimal(int(square_metres)).scaleb(-HA_DECIMALS)


def unclosed_rows(unclosed: dict[Cell, Decimal]) -> list[Row]:
    """Say which printed sums are not the sums of their cells."""
    return [
        _row(
            cell,
            "附表不闭合",
            f"官方表印出的合计比分项之和{'多' if gap > 0 else '少'} {abs(gap)} 公顷。",
            difference_ha=float(gap),
        )
        for cell, gap in unclosed.items()
    ]


def gap_rows(stock: DataFrame, official: Printed, unclosed: dict[Cell, Decimal]) -> list[Row]:
    """Explain ledger minus official in every cell, surest causes first."""
    cells = {
        cell: members for cell, members in stock.groupby(["unit", "land_class"]) if cell in official
    }
    nobody = stock.iloc[:0]
    members = {cell: cells.get(cell, nobody) for cell in official}
    gaps = {
        cell: _ha(members[cell]["declared_m2"].sum()) - (value or 0)
        for cell, value in official.items()
    }
    rows = _misprints(official, gaps, unclosed)
    rows += _duplicates(stock, members, gaps)
    rows += _misplaced(members, gaps)
    for cell, gap in gaps.items():
        if gap:
            rows += _plain_cause(cell, gap, members[cell], official[cell])
    return rows


def _misprints(
    official: Printed, gaps: dict[Cell, Decimal], unclosed: dict[Cell, Decimal]
) -> list[Row]:
    """Find cells that, set to the ledger's figure, would make both their printed sums come true."""
    rows = []
    for (unit, name), gap in gaps.items():
        if gap and unclosed.get((unit, TOTAL)) == unclosed.get((TOTAL, name)) == gap:
            value = official[unit, name]
            message = (
                f"官方表此格为 {'空白' if value is None else value}，若为 {(value or 0) + gap} 公顷，"
                "则行、列合计均闭合，且与台账相符。"
            )
            rows.append(_row((unit, name), "疑似附表有误", message, difference_ha=float(gap)))
            gaps[unit, name] = Decimal(0)
    return rows


def _duplicates(
    stock: DataFrame, members: dict[Cell, DataFrame], gaps: dict[Cell, Decimal]
) -> list[Row]:
    """Find parcels that stand twice in the ledger, by number or by both areas, and make the gap."""
    known = stock[stock["declared_m2"].notna()]
    same_id = known["parcel_id"].duplicated(keep=False)
    same_areas = known.duplicated(["declared_m2", "measured_dm2"], keep=False)
    same_areas &= known["measured_dm2"].notna()
    suspects = known[same_id | same_areas][::-1]  # the later entry is the copy
    numbers = set(known["parcel_id"][same_id])
    rows = []
    taken: set[tuple[int, str]] = set()
    for entry in suspects.to_dict("records"):
        cell = (entry["unit"], entry["land_class"])
        area = _ha(entry["declared_m2"])
        twin = (int(entry["declared_m2"]), "")
        exact = gaps.get(cell) == area
        by_number = entry["parcel_id"] in numbers
        if by_number:
            twin = (0, entry["parcel_id"])
        if cell not in members or twin in taken or not (exact or (by_number and gaps[cell] > area)):
            continue
        taken.add(twin)
        gaps[cell] -= area
        how = "地块编号重复" if by_number else "台账面积和椭球面积与另一地块完全相同"
        rows.append(
            _row(
                cell,
                "重复地块",
                f"{how}，疑似重复登记，多计 {area} 公顷。",
                parcel_id=entry["parcel_id"],
                ledger_ha=float(area),
                difference_ha=float(area),
            )
        )
    return rows


def _misplaced(members: dict[Cell, DataFrame], gaps: dict[Cell, Decimal]) -> list[Row]:
    """Find a parcel whose area is too much in one cell and lacking in exactly one other."""
    rows: list[Row] = []
    for here, gap in list(gaps.items()):
        others = [cell for cell, other in gaps.items() if gap > 0 and other == -gap]
        found = members[here]["parcel_id"][(members[here]["declared_m2"] == gap * M2_PER_HA)]
        if len(others) != 1 or found.empty:
            continue
        there = others[0]
        kind = "疑似错归类别" if there[0] == here[0] else "疑似错归县区"
        names = "、".join(found.iloc[:NAMED])
        many = f"等 {len(found)} 宗之一" if len(found) > 1 else ""
        message = (
            f"地块 {names}{many}面积恰为 {gap} 公顷：“{here[0]}”{here[1]}多、"
            f"“{there[0]}”{there[1]}少，疑似应归后者。"
        )
        for cell, value in ((here, gap), (there, -gap)):
            rows.append(
                _row(
                    cell,
                    kind,
                    message,
                    parcel_id=found.iloc[0],
                    ledger_ha=float(gap),
                    difference_ha=float(value),
                )
            )
            gaps[cell] = Decimal(0)
    return rows


def _plain_cause(
    cell: Cell, gap: Decimal, members: DataFrame, official: Decimal | None
) -> list[Row]:
    """Name the cause that the cell itself shows."""
    if official is None and gap == _ha(members["declared_m2"].sum()):
        return [
            _row(
                cell,
                "官方为空",
                "官方表此格为空，台账却有地块。",
                parcel_id=parcel,
                ledger_ha=float(_ha(area)),
                difference_ha=float(_ha(area)),
            )
            for parcel, area in zip(
                members["parcel_id"], members["declared_m2"].fillna(0), strict=True
            )
            if area
        ]
    bound = ROUNDING_HA * len(members)
    if official is None:
        kind, message = "官方为空", f"官方表此格为空，台账另有 {gap} 公顷。"
    elif members.empty:
        kind, message = "台账无地块", f"官方 {official} 公顷，台账没有地块。"
    elif abs(gap) <= bound:
        kind, message = (
            "取舍误差",
            f"在 {len(members)} 宗地块四位小数取舍所能解释的 {bound} 公顷之内。",
        )
    elif gap < 0:
        kind, message = "疑似漏登", f"台账少 {-gap} 公顷，没有其他格多出同样面积：疑似漏登地块。"
    else:
        kind, message = "官方与台账不符", f"台账多 {gap} 公顷，没有单宗地块能够解释。"
    return [_row(cell, kind, message, difference_ha=float(gap))]


def outsider_rows(strangers: DataFrame) -> list[Row]:
    """List the parcels whose unit the annex does not know."""
    return [
        _row(
            (entry["unit"], entry["land_class"]),
            "县区不在附表",
            "官方表没有这个统计单元：请改正，或在单元对照表中指明。",
            parcel_id=entry["parcel_id"],
            ledger_ha=float(_ha(entry["declared_m2"])),
            difference_ha=float(_ha(entry["declared_m2"])),
        )
        for entry in strangers.fillna({"declared_m2": 0}).to_dict("records")
    ]


def scope_rows(others: DataFrame) -> list[Row]:
    """Say what was not compared: parcels of classes that the annex does not count."""
    rows = []
    for name, part in others.groupby("land_class"):
        area = _ha(part["declared_m2"].sum())
        names = "、".join(part["parcel_id"].iloc[:NAMED])
        usual = name in STOCK_BESIDES
        message = f"{len(part)} 宗、{area} 公顷，类别不在官方表之内，未参与对账"
        rows.append(
            _row(
                (TOTAL, str(name)),
                "类别不在附表",
                f"{message}。"
                if usual
                else f"{message}：{names}{'等' if len(part) > NAMED else ''}。",
                ledger_ha=float(area),
            )
        )
    return rows


def area_rows(stock: DataFrame, *, tolerance_m2: float, tolerance_share: float) -> list[Row]:
    """List the parcels whose declared or measured area is unknown, or whose two areas disagree."""
    rows = []
    measured_any = bool(stock["measured_dm2"].notna().any())
    for entry in stock.to_dict("records"):
        cell, parcel = (entry["unit"], entry["land_class"]), entry["parcel_id"]
        declared, measured = entry["declared_m2"], entry["measured_dm2"]
        known = {
            "parcel_id": parcel,
            "ledger_ha": None if pd.isna(declared) else float(_ha(declared)),
            "measured_ha": None if pd.isna(measured) else measured / DM2_PER_M2 / M2_PER_HA,
        }
        if pd.isna(declared):
            rows.append(_row(cell, "缺台账面积", "没有台账面积，台账合计中按零计。", **known))
        elif pd.isna(measured):
            if measured_any:
                rows.append(_row(cell, "缺椭球面积", "没有可量的图形。", **known))
        else:
            off = measured / DM2_PER_M2 - declared
            if abs(off) > max(tolerance_m2, tolerance_share * abs(declared)):
                message = (
                    f"椭球面积比台账面积{'大' if off > 0 else '小'} {show(abs(off), 2)} 平方米。"
                )
                rows.append(
                    _row(
                        cell, "台账与椭球面积不符", message, difference_ha=off / M2_PER_HA, **known
                    )
                )
    return rows

"""Look for the cause of every difference, surest first: the part of `reconciliation` that explains."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from landgis.analysis import _suspects
from landgis.analysis._gaps import ROUNDING_HA, ZERO, gap_row, hectares, row
from landgis.model.schema import TOTAL

if TYPE_CHECKING:
    from decimal import Decimal

    from pandas import DataFrame

    from landgis.analysis._gaps import Cell, Gaps, Printed, Row

STOCK_BESIDES = ("农村存量", "其他")  # classes of ours that no annex speaks of
NAMED = 3  # parcels named in a message; the rest are counted

# Kinds whose difference is ledger minus official: per unit and class they sum to the whole gap.
GAP_KINDS = (
    "台账漏列",
    "台账多列",
    "名册重复",
    "台账面积与名册不符",
    "县区与名册不符",
    "类别与名册不符",
    "附表与名册不符",
    "疑似附表有误",
    "重复地块",
    "一地两属",
    "县区与位置不一致",
    "类别与判定不一致",
    "疑似错归县区",
    "疑似错归类别",
    "官方为空",
    "台账无地块",
    "取舍误差",
    "疑似漏登",
    "官方与台账不符",
    "未注明县区",
    "县区不在附表",
)
SUMMED = "官方表印出的合计比分项之和"


def unclosed_rows(unclosed: dict[Cell, Decimal], *, noise_ha: dict[Cell, Decimal]) -> list[Row]:
    """Say which printed sums are not the sums of their cells."""
    rows = []
    for cell, gap in unclosed.items():
        message = f"{SUMMED}{'多' if gap > 0 else '少'} {abs(gap):f} 公顷"
        within = abs(gap) <= noise_ha.get(cell, ZERO)
        end = "，在附表印出的小数位数取舍之内。" if within else "。"
        kind = "附表取舍" if within else "附表不闭合"
        rows.append(row(cell, kind, message + end, difference_ha=float(gap)))
    return rows


def misprints(gaps: Gaps, unclosed: dict[Cell, Decimal]) -> list[Row]:
    """Find cells that, set right, would make both their printed sums come true."""
    rows = []
    for cell, amount in _misprinted(gaps, unclosed):
        if not gaps.left.get(cell):
            continue  # the ledger agrees with the cell as printed
        value = gaps.official[cell]
        printed = "空白" if value is None else f"{value:f}"
        agrees = "，且与台账相符" if gaps.left[cell] == amount else ""
        message = (
            f"官方表此格为 {printed}，若为 {(value or ZERO) + amount:f} 公顷，"
            f"则行、列合计均闭合{agrees}。"
        )
        rows.append(gap_row(cell, "疑似附表有误", message, amount))
        gaps.take({cell: amount})
    return rows


def _misprinted(gaps: Gaps, unclosed: dict[Cell, Decimal]) -> list[tuple[Cell, Decimal]]:
    """Pair rows and columns that do not add up; each pair crosses in one cell."""
    rows = {unit: amount for (unit, name), amount in unclosed.items() if name == TOTAL != unit}
    columns = {name: amount for (unit, name), amount in unclosed.items() if unit == TOTAL != name}
    if len(rows) == 1 and sum(columns.values(), ZERO) == next(iter(rows.values())):
        (unit,) = rows
        return [((unit, name), amount) for name, amount in columns.items()]
    if len(columns) == 1 and sum(rows.values(), ZERO) == next(iter(columns.values())):
        (name,) = columns
        return [((unit, name), amount) for unit, amount in rows.items()]
    crossing = [
        ((unit, name), amount)
        for unit, amount in rows.items()
        for name, other in columns.items()
        if amount == other
    ]
    # where equal amounts cross in several cells, the ledger says in which
    times = Counter(amount for _, amount in crossing)
    return [
        (cell, amount)
        for cell, amount in crossing
        if times[amount] == 1 or gaps.left.get(cell) == amount
    ]


def coincidences(gaps: Gaps) -> list[Row]:
    """Find a parcel whose area is too much in one cell and lacking in exactly one other.

    No evidence but the figures; a parcel whose outline or facts agree with the ledger is spared.
    """
    rows: list[Row] = []
    tried = True
    while tried:
        tried = False
        for here, there, area in _exchanges(gaps):
            found = _of_area(gaps.stock, here, area)
            if there[0] != here[0]:
                found = found[found["located"].isna() | (found["located"] != here[0])]
            else:
                found = found[found["judged"].isna() | (found["judged"] != here[1])]
            if found.empty:
                continue
            rows += _moved(found["parcel_id"].tolist(), here, there, area)
            gaps.take({here: area, there: -area})
            tried = True
            break
    return rows


def _exchanges(gaps: Gaps) -> list[tuple[Cell, Cell, Decimal]]:
    """List pairs of open cells in one row or column between which one parcel may lie wrongly."""
    more = {cell: gap for cell, gap in gaps.left.items() if gap > 0 and gaps.is_open(cell)}
    less = {cell: -gap for cell, gap in gaps.left.items() if gap < 0 and gaps.is_open(cell)}
    twins = Counter(less.values())
    both = [
        (here, there, gap)
        for here, gap in more.items()
        for there, lack in less.items()
        if gap == lack and twins[gap] == 1
    ]
    one = [
        (here, there, area)
        for here, gap in more.items()
        for there, lack in less.items()
        for area in (min(gap, lack),)
        if gap != lack and (here[0] == there[0] or here[1] == there[1])
    ]
    return both + one


def _of_area(stock: DataFrame, cell: Cell, area: Decimal) -> DataFrame:
    here = (stock["unit"] == cell[0]) & (stock["land_class"] == cell[1])
    return stock[here & (stock["declared_m2"] == int(area / hectares(1))).fillna(value=False)]


def _moved(found: list[str], here: Cell, there: Cell, area: Decimal) -> list[Row]:
    kind = "疑似错归类别" if there[0] == here[0] else "疑似错归县区"
    many = f"等 {len(found)} 宗之一" if len(found) > 1 else ""
    message = (
        f"地块 {'、'.join(found[:NAMED])}{many}面积恰为 {area} 公顷：“{here[0]}”{here[1]}多、"
        f"“{there[0]}”{there[1]}少，疑似应归后者。"
    )
    return [
        gap_row(cell, kind, message, value, parcel_id=found[0], ledger_ha=float(area))
        for cell, value in ((here, area), (there, -area))
    ]


def rest(gaps: Gaps, *, listed: bool) -> list[Row]:
    """Name the cause that each cell itself shows, for all that is still open or merely rounded."""
    by_cell = dict(iter(gaps.stock.groupby(["unit", "land_class"])))
    nobody = gaps.stock.iloc[:0]
    rows: list[Row] = []
    for cell, gap in gaps.left.items():
        if gap and cell in gaps.official:
            members = by_cell.get(cell, nobody)
            rows += _plain_cause(gaps, cell, gap, members, listed=listed)
        elif gap:
            message = "名册按这个统计单元计，官方表却没有它：请改正，或在单元对照表中指明。"
            rows.append(gap_row(cell, "县区不在附表", message, gap))
    return rows


def _plain_cause(
    gaps: Gaps, cell: Cell, gap: Decimal, members: DataFrame, *, listed: bool
) -> list[Row]:
    official = gaps.official[cell]
    if official is None and not listed and gap == hectares(members["declared_m2"].sum()):
        return [
            gap_row(
                cell,
                "官方为空",
                "官方表此格为空，台账却有地块。",
                hectares(area),
                parcel_id=parcel,
                ledger_ha=float(hectares(area)),
            )
            for parcel, area in zip(
                members["parcel_id"], members["declared_m2"].fillna(0), strict=True
            )
            if area
        ]
    bound = gaps.bound.get(cell, ZERO)
    if not gaps.is_open(cell):
        printed = "和附表印出的位数" if bound > ROUNDING_HA * len(members) else ""
        kind, message = (
            "取舍误差",
            f"{gap:f} 公顷，不出 {len(members)} 宗地块四位小数取舍{printed}之差 {bound:f} 公顷。",
        )
    elif listed:
        kind, message = "附表与名册不符", f"名册合计比官方表{_more(gap)} {abs(gap):f} 公顷。"
    elif official is None:
        kind, message = "官方为空", f"官方表此格为空，台账另有 {gap:f} 公顷。"
    elif members.empty:
        kind, message = "台账无地块", f"官方 {official:f} 公顷，台账没有地块。"
    elif gap < 0:
        kind, message = (
            "疑似漏登",
            f"台账少 {-gap:f} 公顷，没有其他格多出同样面积：疑似漏登地块。",
        )
    else:
        kind, message = "官方与台账不符", f"台账多 {gap:f} 公顷，没有单宗地块能够解释。"
    return [gap_row(cell, kind, message, gap)]


def _more(gap: Decimal) -> str:
    return "多" if gap > 0 else "少"


def stranger_rows(strangers: DataFrame, gaps: Gaps, *, unknown: str) -> list[Row]:
    """List the parcels whose unit the annex does not know, with what is left of their cells."""
    rows = []
    for entry in strangers.fillna({"declared_m2": 0}).to_dict("records"):
        cell, area = (entry["unit"], entry["land_class"]), hectares(entry["declared_m2"])
        kind, message = "县区不在附表", "官方表没有这个统计单元：请改正，或在单元对照表中指明。"
        if entry["unit"] == unknown:
            kind, message = "未注明县区", "台账没有填统计单元：请补填。"
        if isinstance(entry["located"], str):
            message = f"{message.removesuffix('。')}；图形在“{entry['located']}”。"
        rows.append(
            gap_row(cell, kind, message, area, parcel_id=entry["parcel_id"], ledger_ha=float(area))
        )
        gaps.take({cell: area})
    return rows


def scope_rows(others: DataFrame) -> list[Row]:
    """Say what was not compared: parcels of classes that the annex does not count."""
    rows = []
    for name, part in others.groupby("land_class"):
        area = hectares(part["declared_m2"].sum())
        names = "、".join(part["parcel_id"].iloc[:NAMED])
        message = f"{len(part)} 宗、{area} 公顷，类别不在官方表之内，未参与对账"
        if name not in STOCK_BESIDES:
            message += f"：{names}{'等' if len(part) > NAMED else ''}"
        rows.append(row((TOTAL, str(name)), "类别不在附表", f"{message}。", ledger_ha=float(area)))
    return rows


def explain_gap(
    gaps: Gaps, ledger: DataFrame, official: Printed, unclosed: dict[Cell, Decimal], *, unknown: str
) -> list[Row]:
    """Explain ledger minus official in every cell by the ledger itself, surest causes first."""
    units = list(dict.fromkeys(unit for unit, _ in official))
    classes = list(dict.fromkeys(name for _, name in official))
    rows = misprints(gaps, unclosed)
    suspects = _suspects.duplicates(gaps.stock, gaps)
    suspects += _suspects.elsewhere(ledger, units, classes)
    convicted = _suspects.convict(gaps, suspects)
    rows += [line for one in convicted for line in one.rows()]
    strangers = gaps.stock[~gaps.stock["unit"].isin(units)]
    told = {one.entry for one in convicted}
    rows += stranger_rows(strangers[~strangers.index.isin(told)], gaps, unknown=unknown)
    rows += coincidences(gaps)
    return rows + rest(gaps, listed=False)

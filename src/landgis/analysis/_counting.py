"""Which disposal counts for which parcel of the baseline, and how much of it.

Amounts are whole square decimetres, so that sums do not depend on order and close exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from landgis.analysis._lineage import apportion, follow
from landgis.analysis.area import areas
from landgis.model.schema import ALL_LAND_CLASSES, CONTRIBUTIONS, DTYPES
from landgis.model.units import DM2_PER_HA, DM2_PER_M2, HA_DECIMALS, convert, show, to_dm2

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.analysis._progress_findings import Findings
    from landgis.model.snapshots import Snapshot

STOCK = ALL_LAND_CLASSES[:-1]  # 其他 is the land around
NAMELESS = "（未注明）"
ABSURD_DM2 = 10**17  # twenty times the surface of the earth; more overflows an account
TOLERANCE_DM2 = DM2_PER_M2  # ledgers print to the square metre


class Disposal(NamedTuple):
    """One row of the register that can be read."""

    parcel: str
    date: dt.date
    dm2: int
    number: int


class Stock(NamedTuple):
    """The parcels of a state with what figures need: amounts by row, -1 where unknown."""

    ids: list[str]
    units: list[str]
    classes: list[str]
    dm2: NDArray[np.int64]


def hectares(dm2: int) -> str:
    """Print an amount as ledgers do."""
    return f"{show(dm2 / DM2_PER_HA, HA_DECIMALS)}公顷"


def stock_of(state: Snapshot, findings: Findings, *, named: str) -> Stock:
    """Read units, classes and amounts of a state; the measured area where the ledger has none."""
    parcels = state.parcels
    declared = parcels.get("declared_ha", pd.Series(np.nan, parcels.index)).to_numpy(float)
    measured = convert(areas(parcels.geometry.to_numpy(), parcels), source="m2", target="ha")
    known = np.where(np.isnan(declared), measured, declared)
    nothing = pd.Series(None, parcels.index, dtype="str")
    classes = parcels.get("land_class", nothing).astype("str")
    strange = classes.notna() & ~classes.isin([*ALL_LAND_CLASSES, ""])
    for parcel, word in zip(parcels.index[strange], classes[strange], strict=True):
        findings.add("stock_class_unknown", f"{named}类别“{word}”不在名录，未计入", parcel=parcel)
    classes = classes.where(classes.isin(STOCK), "").fillna("").to_numpy()
    units = parcels.get("unit", nothing).astype("str").fillna("").replace("", NAMELESS).to_numpy()
    of_stock = classes != ""
    unknown = ~np.isfinite(known) | (known > ABSURD_DM2 / DM2_PER_HA)
    negative = known < 0
    for code, rows, message in (
        ("stock_area_unknown", unknown, "没有可用的面积，未计入"),
        ("stock_area_negative", negative, "面积为负，未计入"),
        (
            "stock_area_missing",
            np.isnan(declared) & ~unknown & ~negative,
            "台账面积缺，按椭球面积计",
        ),
        ("stock_without_unit", units == NAMELESS, "未注明县区"),
    ):
        for parcel in parcels.index[of_stock & rows]:
            findings.add(code, named + message, parcel=parcel)
    usable = ~unknown & ~negative
    dm2 = np.full(len(known), -1, dtype=np.int64)
    dm2[usable] = to_dm2(convert(known[usable], source="ha", target="m2"))
    return Stock([str(one) for one in parcels.index], units.tolist(), classes.tolist(), dm2)


def read_register(disposals: DataFrame, findings: Findings) -> list[Disposal]:
    """Read the rows that can be read, by parcel, day and amount; note the others."""
    rows = []
    areas_ha = pd.to_numeric(disposals["disposed_ha"], errors="coerce")
    dates = pd.to_datetime(disposals["disposal_date"], errors="coerce", format="ISO8601")
    blank = disposals["disposal_date"].isna() & disposals["disposed_ha"].isna()
    if blank.any():
        message = f"有 {int(blank.sum())} 行没有处置日期也没有面积，视为未处置"
        findings.add("disposal_blank", message)
    for parcel, day, area in zip(
        disposals["parcel_id"][~blank], dates[~blank], areas_ha[~blank], strict=True
    ):
        name = "" if pd.isna(parcel) else str(parcel).strip()
        if not name:
            findings.add("disposal_without_id", "处置记录没有地块编号，未计入")
        elif pd.isna(day):
            findings.add("disposal_without_date", "处置记录没有日期，未计入", parcel=name)
        elif not np.isfinite(area):
            findings.add(
                "disposal_without_area", f"{day.date()}的处置没有面积，未计入", parcel=name
            )
        elif area <= 0:
            printed = show(float(max(area, -ABSURD_DM2)), HA_DECIMALS)
            message = f"{day.date()}的处置面积{printed}公顷不大于零，未计入"
            findings.add("disposal_not_positive", message, parcel=name)
        else:
            dm2 = int(min(round(float(area) * DM2_PER_HA, 1), ABSURD_DM2) + 0.5)
            rows.append((name, day.date(), dm2))
    found: list[Disposal] = []
    for row in sorted(rows):
        before = found[-1] if found else None
        follows = before is not None and before[:2] == row[:2]
        number = before.number + 1 if before is not None and follows else 1
        if before is not None and before[:3] == row:
            message = f"{row[1]}有两条面积相同（{hectares(row[2])}）的处置记录，请核对是否重复"
            findings.add("disposal_repeated", message, parcel=row[0])
        found.append(Disposal(*row, number))
    return found


def within(
    rows: Iterable[Disposal], baseline: dt.date, as_of: dt.date, findings: Findings
) -> list[Disposal]:
    """Keep the disposals after the baseline's day and until the day asked for."""
    kept = []
    for row in rows:
        if row.date <= baseline:
            message = f"{row.date}的处置不晚于基期{baseline}，未计入"
            findings.add("disposal_before_baseline", message, parcel=row.parcel)
        elif row.date > as_of:
            message = f"{row.date}的处置晚于统计截止日{as_of}，未计入"
            findings.add("disposal_after_as_of", message, parcel=row.parcel)
        else:
            kept.append(row)
    return kept


def count(
    states: Sequence[Snapshot], rows: Sequence[Disposal], findings: Findings
) -> tuple[DataFrame, Stock]:
    """Count disposals for the parcels of the baseline, `states[0]`; give them and its stock.

    A disposal is read on the outline its parcel had on that day, so that it reaches the ground of
    the baseline whatever became of the parcel; the share of the recorded parcel that is disposed of
    is the share of that ground, and no parcel counts for more than its area at the baseline.
    """
    stock = stock_of(states[0], findings, named="基期地块")
    by_place: dict[tuple[int, str], list[Disposal]] = {}
    known = [set(map(str, state.parcels.index)) for state in states]
    for disposal in rows:
        place = _state_in_force(states, known, disposal)
        if place is None:
            message = f"{disposal.date}处置的地块不在任何快照和当前地块中，未计入"
            findings.add("disposal_parcel_unknown", message, parcel=disposal.parcel)
        else:
            by_place.setdefault((place, disposal.parcel), []).append(disposal)
    shares: list[tuple[Disposal, int, int]] = []
    for place in sorted({place for place, _ in by_place}):
        registers = {parcel: own for (at, parcel), own in by_place.items() if at == place}
        shares += _on_ground(states[0], states[place], stock, registers, findings)
    return _table(_capped(shares, stock, findings), stock), stock


def _state_in_force(
    states: Sequence[Snapshot], known: Sequence[set[str]], row: Disposal
) -> int | None:
    """Give the last state until that day that has the parcel, else the first later one."""
    having = [at for at in range(len(states)) if row.parcel in known[at]]
    earlier = [at for at in having if states[at].date <= row.date]
    return earlier[-1] if earlier else next(iter(having), None)


def _on_ground(
    baseline: Snapshot,
    state: Snapshot,
    stock: Stock,
    registers: dict[str, list[Disposal]],
    findings: Findings,
) -> list[tuple[Disposal, int, int]]:
    """Bring the disposals recorded on one state to the parcels of the baseline."""
    now = stock if state is baseline else stock_of(state, findings, named="地块")
    ground, new = _ground(baseline, state, stock)
    place = {parcel: row for row, parcel in enumerate(now.ids)}
    shares = []
    for parcel, rows in sorted(registers.items()):
        row = place[parcel]
        parts = ground.get(row, [])
        known = int(now.dm2[row]) if now.dm2[row] >= 0 else sum(part for _, part in parts)
        own = _own_rows(rows, known, findings)
        done = 0
        for disposal, amount, whole in own:
            for at, part in parts:
                counted = part * (done + amount) // whole - part * done // whole
                shares.append((disposal, at, counted))
            done += amount
        outside = round(done * new[row])
        if outside > TOLERANCE_DM2 or not parts:
            message = f"处置面积中{hectares(outside or done)}不属于基期地块，未计入处置率和盘活总量"
            findings.add("disposal_outside_cohort", message, parcel=parcel)
    return shares


def _ground(
    baseline: Snapshot, state: Snapshot, stock: Stock
) -> tuple[dict[int, list[tuple[int, int]]], NDArray[np.float64]]:
    """Split every parcel of the baseline over the parcels of a state that hold its ground now."""
    cohort = {row for row, name in enumerate(stock.classes) if name and stock.dm2[row] >= 0}
    ground: dict[int, list[tuple[int, int]]] = {}
    if state is baseline:
        ground = {row: [(row, int(stock.dm2[row]))] for row in cohort}
        return ground, np.array([0.0 if row in cohort else 1.0 for row in range(len(stock.ids))])
    followed = follow(baseline.parcels, state.parcels)
    pairs = followed.pairs[followed.pairs["before"].isin(cohort)]
    heirs: dict[int, list[tuple[int, float]]] = {}
    for row, after, share in zip(
        *(pairs[name].tolist() for name in pairs.columns[:3]), strict=True
    ):
        heirs.setdefault(row, []).append((after, share))
    for row, own in heirs.items():
        shares = [*(share for _, share in own), float(followed.lost[row])]
        for (after, _), part in zip(own, apportion(int(stock.dm2[row]), shares), strict=False):
            ground.setdefault(after, []).append((row, part))
    inside = np.bincount(pairs["after"], weights=pairs["of_after"], minlength=len(followed.new))
    return ground, np.clip(1.0 - inside, 0.0, 1.0)


def _own_rows(
    rows: list[Disposal], whole: int, findings: Findings
) -> list[tuple[Disposal, int, int]]:
    """Cap the disposals of one recorded parcel at its area."""
    done = sum(row.dm2 for row in rows)
    parcel = rows[0].parcel
    if done > whole + TOLERANCE_DM2:
        message = f"处置面积合计{hectares(done)}大于地块面积{hectares(whole)}，按地块面积计"
        findings.add("disposal_beyond_parcel", message, parcel=parcel)
    own, left = [], whole
    for row in sorted(rows, key=lambda row: (row.date, row.number)):
        amount = min(row.dm2, left)
        left -= amount
        own.append((row, amount, max(whole, 1)))
    return own


def _capped(
    shares: list[tuple[Disposal, int, int]], stock: Stock, findings: Findings
) -> list[tuple[Disposal, int, int]]:
    """Let no parcel of the baseline count for more than its area."""
    left = {row: int(amount) for row, amount in enumerate(stock.dm2)}
    over: dict[int, int] = {}
    counted = []
    for disposal, row, amount in sorted(
        shares, key=lambda one: (one[0].date, one[0].parcel, one[0].number, one[1])
    ):
        taken = min(amount, left[row])
        left[row] -= taken
        over[row] = over.get(row, 0) + amount - taken
        if taken:
            counted.append((disposal, row, taken))
    for row, amount in over.items():
        if amount > TOLERANCE_DM2:
            message = f"各次处置合计超出基期面积{hectares(amount)}，按基期面积计"
            findings.add("disposal_beyond_baseline", message, parcel=stock.ids[row])
    return counted


def _table(counted: list[tuple[Disposal, int, int]], stock: Stock) -> DataFrame:
    """Lay out `schema.CONTRIBUTIONS`, with exact amounts beside the hectares."""
    data: dict[str, list[Any]] = {
        "baseline_id": [stock.ids[row] for _, row, _ in counted],
        "unit": [stock.units[row] for _, row, _ in counted],
        "land_class": [stock.classes[row] for _, row, _ in counted],
        "parcel_id": [one.parcel for one, _, _ in counted],
        "disposal_date": [pd.Timestamp(one.date) for one, _, _ in counted],
        "number": [one.number for one, _, _ in counted],
        "counted_ha": [amount / DM2_PER_HA for _, _, amount in counted],
    }
    table = pd.DataFrame(
        {
            column.name: pd.Series(data[column.name], dtype=DTYPES[column.kind])
            for column in CONTRIBUTIONS.columns
        }
    )
    return table.assign(
        dm2=pd.Series([amount for _, _, amount in counted], dtype="int64"),
        recorded_dm2=pd.Series([one.dm2 for one, _, _ in counted], dtype="int64"),
    )

"""The quarterly table: what was done against the yearly task, with rank and shortfall."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from landgis.model.errors import DataError, SchemaError
from landgis.model.schema import DTYPES, PROGRESS, REPORTS, TOTAL, Table
from landgis.model.units import DM2_PER_HA, HA_DECIMALS, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

    from landgis.analysis._progress_findings import Findings
    from landgis.policy import Policy

QUARTERS = (1, 2, 3, 4)
MONTHS = 3  # of a quarter
# A figure reported in 亩 is a recurring decimal in 公顷; a hundredth of a square metre is no delay.
TOLERANCE_HA = Fraction(1, 10**6)

Amount = Fraction | None  # None is unknown
Done = dict[tuple[str, int, int], Amount]
Tasks = dict[tuple[str, int], Amount]


class Row(NamedTuple):
    """One unit in one quarter, in exact numbers."""

    unit: str
    year: int
    quarter: int
    task: Amount
    done: Amount
    cumulative: Amount
    notes: tuple[str, ...]

    @property
    def rate(self) -> Amount:
        """Share of the yearly task that is done; None where unknown or the task is nothing."""
        if self.cumulative is None or not self.task:
            return None
        return self.cumulative / self.task


def last_day(year: int, quarter: int) -> dt.date:
    """Give the day a quarter ends."""
    month = quarter * MONTHS
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def quarter_of(day: dt.date) -> tuple[int, int]:
    """Give the year and quarter of a day."""
    return day.year, (day.month - 1) // MONTHS + 1


def exact(value: Any) -> Amount:
    """Read a number by its shortest decimals; None where it is missing."""
    return None if pd.isna(value) else Fraction(Decimal(repr(float(value))))


def in_words(amount: Fraction) -> str:
    """Print hectares as ledgers do."""
    return f"{show(amount, HA_DECIMALS)}公顷"


# ---- what comes in ---------------------------------------------------------------------------


def read_reports(reports: DataFrame) -> tuple[Done, Tasks]:
    """Read the reports by unit, year and quarter, and the task of every unit and year."""
    done: Done = {}
    tasks: Tasks = {}
    names = ("year", "quarter", "done_ha", "task_ha")
    columns = [_numbers(reports, name, of=REPORTS) for name in names]
    for number, (unit, year, quarter, amount, task) in enumerate(
        zip(reports["unit"], *columns, strict=True), start=1
    ):
        key = _key(unit, year, quarter, number)
        if key in done:
            _fail("quarter_twice", key, number, "同一县区同一季度只能有一行")
        done[key] = exact(amount)
        known = tasks.get(key[:2])
        tasks[key[:2]] = exact(task) if known is None else known
        if known is not None and exact(task) not in {None, known}:
            _fail("task_changes", key, number, "同一年度的任务应相同")
    return done, tasks


def read_tasks(targets: DataFrame, *, of: Table, findings: Findings) -> dict[str, Tasks]:
    """Read what every unit was told, by unit and year: its task, and its quota of new land."""
    read: dict[str, Tasks] = {"task_ha": {}, "quota_ha": {}}
    columns = [_numbers(targets, name, of=of) for name in ("year", "task_ha", "quota_ha")]
    for number, (unit, year, *amounts) in enumerate(
        zip(targets["unit"], *columns, strict=True), start=1
    ):
        if pd.isna(unit) or pd.isna(year):
            raise DataError(
                "row_incomplete",
                "unit or year is missing",
                hint=f"任务分解表第 {number} 行缺县区或年度，请补全。",
                row=number,
            )
        key = (str(unit), int(year))
        if key[0] == TOTAL:
            continue
        for name, told in zip(read, map(exact, amounts), strict=True):
            amount = None if told is not None and told < 0 else told
            if amount != told:
                label = of.column(name).label
                findings.add("task_negative", f"{key[0]}{key[1]}年{label}为负，按未知处理")
            known = read[name].setdefault(key, amount)
            if known != amount:
                raise DataError(
                    "task_changes",
                    f"{key[0]} {key[1]} has two different values of {name}",
                    hint=f"任务分解表第 {number} 行（{key[0]}，{key[1]}年）与前面的行不一致："
                    f"同一县区同一年度的{of.column(name).label}应只有一个数。",
                    row=number,
                )
    return read


def by_quarter(
    contributions: DataFrame, units: Sequence[str], years: range, *, baseline: dt.date
) -> Done:
    """Sum what counts by unit and quarter; where a register names nothing, nothing was done."""
    done: Done = {
        (unit, year, quarter): Fraction(0)
        for unit in units
        for year in years
        for quarter in QUARTERS
        if last_day(year, quarter) > baseline
    }
    for unit, day, dm2 in zip(
        contributions["unit"], contributions["disposal_date"], contributions["dm2"], strict=True
    ):
        key = (str(unit), *quarter_of(day))
        done[key] = (done.get(key) or Fraction(0)) + Fraction(int(dm2), DM2_PER_HA)
    return done


def _numbers(table: DataFrame, name: str, *, of: Table) -> list[Any]:
    if name not in table.columns:
        return [None] * len(table)
    try:
        numbers: list[Any] = pd.to_numeric(table[name]).tolist()
    except (ValueError, TypeError) as error:
        raise SchemaError(
            "column_kind",
            f"column {name} does not hold numbers: {error}",
            hint=f"{of.label}的字段 {name}（{of.column(name).label}）应全为数字。",
        ) from None
    for row, one in enumerate(numbers, start=1):
        if pd.notna(one) and not math.isfinite(one):
            raise DataError(
                "number_not_finite",
                f"{name} is {one}",
                hint=f"{of.label}第 {row} 行的{of.column(name).label}不是有限的数，请改正。",
                row=row,
            )
    return numbers


def _key(unit: Any, year: Any, quarter: Any, number: int) -> tuple[str, int, int]:
    if pd.isna(unit) or pd.isna(year) or pd.isna(quarter):
        raise DataError(
            "row_incomplete",
            "unit, year or quarter is missing",
            hint=f"进度表第 {number} 行缺县区、年度或季度，请补全。",
            row=number,
        )
    key = (str(unit), int(year), int(quarter))
    if key[2] not in QUARTERS or key[2] != quarter:
        _fail("bad_quarter", key, number, "季度应为 1、2、3、4")
    return key


def _fail(code: str, key: tuple[str, int, int], number: int, mend: str) -> None:
    unit, year, quarter = key
    raise DataError(
        code,
        f"{unit} {year} quarter {quarter}",
        hint=f"进度表第 {number} 行（{unit}，{year}年第{quarter}季度）：{mend}。",
        row=number,
    )


def require_told_once(table: DataFrame, keys: Sequence[str], *, of: Table) -> None:
    """Stop where a row of a list lacks what it is about, or two rows speak of the same."""
    for column in of.columns:
        if column.kind in {"number", "integer"}:
            _numbers(table, column.name, of=of)
    labels = "、".join(of.column(key).label for key in keys)
    for code, rows, words in (
        ("row_incomplete", table[list(keys)].isna().any(axis=1), "缺"),
        ("row_twice", table.duplicated(list(keys), keep="first"), "与前面的行重复："),
    ):
        if rows.any():
            row = int(rows.to_numpy().argmax()) + 1
            raise DataError(
                code,
                f"row {row} of the {of.name} table",
                hint=f"{of.label}第 {row} 行{words}{labels}，请改正。",
                row=row,
            )


# ---- what comes out --------------------------------------------------------------------------


def quarterly(
    done: Done,
    tasks: Tasks,
    *,
    limits: Mapping[str, Fraction],
    policy: Policy,
    as_of: dt.date,
    findings: Findings,
) -> DataFrame:
    """Lay out `schema.PROGRESS` for every unit and every quarter that has begun by `as_of`."""
    begun = {key: amount for key, amount in done.items() if key[1:] <= quarter_of(as_of)}
    for unit, year, quarter in sorted(done.keys() - begun.keys()):
        if unit != TOTAL and done[unit, year, quarter]:
            message = f"{unit}{year}年第{quarter}季度晚于统计截止日{as_of}，未计入"
            findings.add("report_after_as_of", message)
    units = list(dict.fromkeys(unit for unit, *_ in begun if unit != TOTAL))
    rows: list[Row] = []
    for unit in units:
        rows += _of_unit(unit, begun, tasks, limits.get(unit), findings)
    records: list[dict[str, Any]] = []
    for year, quarter in sorted({(row.year, row.quarter) for row in rows}):
        mine = [row for row in rows if (row.year, row.quarter) == (year, quarter)]
        total = _total(mine, begun.get((TOTAL, year, quarter)), findings)
        records += [_record(row, mine, policy, as_of) for row in [*mine, total]]
    return as_table(records, PROGRESS)


def as_table(records: list[dict[str, Any]], of: Table) -> DataFrame:
    """Lay records out as a table of the schema."""
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [record.get(column.name) for record in records], dtype=DTYPES[column.kind]
            )
            for column in of.columns
        }
    )


def _of_unit(
    unit: str, done: Done, tasks: Tasks, limit: Fraction | None, findings: Findings
) -> list[Row]:
    """Follow one unit through the years; every year starts anew, the baseline does not."""
    rows = []
    years = sorted({year for _, year, _ in done})
    last = {year: max(q for _, y, q in done if y == year) for year in years}
    overall: Amount = Fraction(0)
    for year in years:
        cumulative: Amount = Fraction(0)
        task = tasks.get((unit, year))
        if task is None:
            findings.add("task_missing", f"{unit}{year}年没有任务，完成率无法计算")
        for quarter in range(1, last[year] + 1):
            when = f"{unit}{year}年第{quarter}季度"
            amount = done.get((unit, year, quarter))
            notes = []
            if (unit, year, quarter) not in done:
                notes.append("本季未报")
                findings.add("report_missing", f"{when}未报")
            elif amount is None:
                notes.append("本季完成未填")
                findings.add("report_missing", f"{when}完成数未填")
            elif amount < 0:
                notes.append("本季完成为负，累计下降")
                findings.add("cumulative_fell", f"{when}完成数为负，累计下降{in_words(-amount)}")
            if task is None:
                notes.append("缺年度任务")
            cumulative, overall = _plus(cumulative, amount), _plus(overall, amount)
            if limit is not None and overall is not None and overall > limit + TOLERANCE_HA:
                notes.append(f"累计处置{in_words(overall)}超过基期面积{in_words(limit)}")
                findings.add("reports_beyond_baseline", f"{when}末{notes[-1]}")
            rows.append(Row(unit, year, quarter, task, amount, cumulative, tuple(notes)))
    return rows


def _plus(a: Amount, b: Amount) -> Amount:
    return None if a is None or b is None else a + b


def _sum(amounts: list[Amount]) -> Amount:
    total: Amount = Fraction(0)
    for amount in amounts:
        total = _plus(total, amount)
    return total


def _total(rows: list[Row], reported: Amount, findings: Findings) -> Row:
    """Sum a quarter over the units; one unknown unit makes the sum unknown."""
    done = _sum([row.done for row in rows])
    notes = []
    if done is None:
        notes.append("有县区未报，合计不全")
    elif reported is not None and abs(reported - done) > TOLERANCE_HA:
        notes.append(f"填报合计{in_words(reported)}，各县区之和{in_words(done)}")
        when = f"{rows[0].year}年第{rows[0].quarter}季度"
        findings.add("report_total_differs", f"{when}{notes[-1]}")
    return Row(
        unit=TOTAL,
        year=rows[0].year,
        quarter=rows[0].quarter,
        task=_sum([row.task for row in rows]),
        done=done,
        cumulative=_sum([row.cumulative for row in rows]),
        notes=tuple(notes),
    )


def _record(row: Row, peers: list[Row], policy: Policy, as_of: dt.date) -> dict[str, Any]:
    required = policy.quarters[row.quarter - 1] if policy.quarters else None
    gap = None
    if row.cumulative is not None and row.task is not None and required is not None:
        gap = row.cumulative - required * row.task
    on_schedule = None if gap is None else gap >= -TOLERANCE_HA
    notes = list(row.notes)
    if as_of < last_day(row.year, row.quarter):
        notes.append(f"截至{as_of}，本季未满")
        on_schedule = on_schedule or None  # what lags may still catch up
    rates = [peer.rate for peer in peers if peer.rate is not None]
    ranked = row.unit != TOTAL and row.rate is not None
    return {
        "unit": row.unit,
        "year": row.year,
        "quarter": row.quarter,
        "task_ha": number(row.task),
        "done_ha": number(row.done),
        "cumulative_ha": number(row.cumulative),
        "rate": number(row.rate),
        "required_rate": number(required),
        "gap_ha": number(gap),
        "on_schedule": on_schedule,
        "rank": 1 + sum(rate > row.rate for rate in rates) if ranked else None,  # type: ignore[operator]
        "note": "；".join(notes),
    }


def number(amount: Amount) -> float | None:
    """Give an exact number as a float for a table."""
    return None if amount is None else float(amount)

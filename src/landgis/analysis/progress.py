"""How far along: what was disposed of each quarter against the yearly task, unit by unit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from landgis.model.errors import DataError, SchemaError
from landgis.model.schema import DISPOSALS, DTYPES, LAND_CLASSES, PROGRESS, TOTAL, need
from landgis.model.units import HA_DECIMALS, show
from landgis.policy import Policy, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pandas import DataFrame

QUARTERS = (1, 2, 3, 4)
# A figure reported in 亩 is a recurring decimal in 公顷; a hundredth of a square metre is no delay.
TOLERANCE_HA = Fraction(1, 10**6)

Amount = Fraction | None  # None is unknown
Reports = dict[tuple[str, int, int], Amount]


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
        """Share of the yearly task that is done.

        Returns
        -------
        Fraction or None
            Cumulative over task; None where either is unknown or the task is nothing.
        """
        if self.cumulative is None or not self.task:
            return None
        return self.cumulative / self.task


def progress(
    disposals: DataFrame,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    baseline: DataFrame | None = None,
) -> DataFrame:
    """Set what was done against the task, quarter by quarter, with rank and shortfall.

    Parameters
    ----------
    disposals : DataFrame
        `schema.DISPOSALS`: one row per unit, year and quarter, 公顷; ``done_ha`` is what the
        quarter itself added; ``task_ha`` may stand in any row of the year. Rows of the unit 合计
        are compared with the sum and not counted.
    policy : str or Path or Policy, optional
        Where the cumulative shares due at the end of each quarter stand.
    baseline : DataFrame or None, optional
        `schema.ANNEX`: no unit can dispose of more than it had; not looked at where None.

    Returns
    -------
    DataFrame
        `schema.PROGRESS`, by year, quarter and unit, each quarter closed by a row 合计.
        ``rate`` = cumulative / yearly task; ``gap_ha`` = cumulative - required share of the task,
        below zero where it lags; ``rank`` by rate among the units, equal rates sharing a rank.
        Every unit has a row in every quarter up to the last one anybody reported; one left out
        holds unknowns, and the sums after it in that year are unknown too. ``note`` says what is
        wrong with the figures.

    Raises
    ------
    SchemaError
        ``column_missing``, ``column_kind``.
    DataError
        ``row_incomplete``, ``bad_quarter``, ``quarter_twice``, ``task_changes``.
    PolicyError
        ``policy_missing``, ``policy_faults``.

    Notes
    -----
    Sums and comparisons are exact, numbers read by their shortest decimals; `TOLERANCE_HA` covers
    figures converted from 亩. Source of the quarterly shares: 钦政办〔2021〕41号 二（二）2.

    Examples
    --------
    >>> import pandas
    >>> disposals = pandas.DataFrame(
    ...     {"unit": ["灵山县"] * 2, "year": [2022] * 2, "quarter": [1, 2],
    ...      "task_ha": [100.0, 100.0], "done_ha": [15.0, 24.0]}
    ... )
    >>> table = progress(disposals)
    >>> table.loc[table["unit"] == "灵山县", ["cumulative_ha", "gap_ha", "on_schedule"]].values.tolist()
    [[15.0, 0.0, True], [39.0, -1.0, False]]
    """
    need(disposals, *(column.name for column in DISPOSALS.columns if column.required), of=DISPOSALS)
    rules = policy if isinstance(policy, Policy) else load(policy)
    done, tasks = _read(disposals)
    limits = {} if baseline is None else _limits(baseline)
    rows: list[Row] = []
    for unit in dict.fromkeys(unit for unit, *_ in done if unit != TOTAL):
        rows += _of_unit(unit, done, tasks, limits.get(unit))
    keys = sorted({(row.year, row.quarter) for row in rows})
    records: list[dict[str, Any]] = []
    for year, quarter in keys:
        mine = [row for row in rows if (row.year, row.quarter) == (year, quarter)]
        total = _total(mine, done.get((TOTAL, year, quarter)))
        records += [_record(row, mine, rules) for row in [*mine, total]]
    return _table(records)


def _read(disposals: DataFrame) -> tuple[Reports, dict[tuple[str, int], Amount]]:
    """Read the reports by unit, year and quarter, and the task of every unit and year."""
    done: Reports = {}
    tasks: dict[tuple[str, int], Amount] = {}
    columns = [_numbers(disposals, name) for name in ("year", "quarter", "done_ha", "task_ha")]
    for number, (unit, year, quarter, amount, task) in enumerate(
        zip(disposals["unit"], *columns, strict=True), start=1
    ):
        key = _key(unit, year, quarter, number)
        if key in done:
            _fail("quarter_twice", key, number, "同一县区同一季度只能有一行")
        done[key] = _amount(amount)
        known = tasks.get(key[:2])
        tasks[key[:2]] = _amount(task) if known is None else known
        if known is not None and _amount(task) not in {None, known}:
            _fail("task_changes", key, number, "同一年度的任务应相同")
    return done, tasks


def _numbers(disposals: DataFrame, name: str) -> list[Any]:
    if name not in disposals.columns:
        return [None] * len(disposals)
    try:
        numbers: list[Any] = pd.to_numeric(disposals[name]).tolist()
    except (ValueError, TypeError) as error:
        raise SchemaError(
            "column_kind",
            f"column {name} does not hold numbers: {error}",
            hint=f"进度表的字段 {name}（{DISPOSALS.column(name).label}）应全为数字。",
        ) from None
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


def _amount(value: Any) -> Amount:
    return None if pd.isna(value) else Fraction(Decimal(repr(float(value))))


def _limits(baseline: DataFrame) -> dict[str, Fraction]:
    """Sum the official areas of each unit over the classes; blanks count as nothing."""
    limits: dict[str, Fraction] = {}
    for unit, land_class, area in zip(
        baseline["unit"], baseline["land_class"], baseline["official_ha"], strict=True
    ):
        if land_class in LAND_CLASSES and not pd.isna(area):
            limits[str(unit)] = limits.get(str(unit), Fraction(0)) + Fraction(str(area))
    return limits


def _of_unit(
    unit: str, done: Reports, tasks: Mapping[tuple[str, int], Amount], limit: Fraction | None
) -> list[Row]:
    """Follow one unit through the years; every year starts anew, the baseline does not."""
    rows = []
    years = sorted({year for _, year, _ in done})
    last = {year: max(q for _, y, q in done if y == year) for year in years}
    overall: Amount = Fraction(0)
    for year in years:
        cumulative: Amount = Fraction(0)
        for quarter in range(1, last[year] + 1):
            amount = done.get((unit, year, quarter))
            notes = []
            if (unit, year, quarter) not in done:
                notes.append("本季未报")
            elif amount is None:
                notes.append("本季完成未填")
            elif amount < 0:
                notes.append("本季完成为负，累计下降")
            task = tasks.get((unit, year))
            if task is None:
                notes.append("缺年度任务")
            cumulative, overall = _plus(cumulative, amount), _plus(overall, amount)
            if limit is not None and overall is not None and overall > limit + TOLERANCE_HA:
                notes.append(f"累计处置{_ha(overall)}超过基期面积{_ha(limit)}")
            rows.append(Row(unit, year, quarter, task, amount, cumulative, tuple(notes)))
    return rows


def _plus(a: Amount, b: Amount) -> Amount:
    return None if a is None or b is None else a + b


def _sum(amounts: list[Amount]) -> Amount:
    total: Amount = Fraction(0)
    for amount in amounts:
        total = _plus(total, amount)
    return total


def _ha(amount: Fraction) -> str:
    return f"{show(amount, HA_DECIMALS)}公顷"


def _total(rows: list[Row], reported: Amount) -> Row:
    """Sum a quarter over the units; one unknown unit makes the sum unknown."""
    done = _sum([row.done for row in rows])
    notes = []
    if done is None:
        notes.append("有县区未报，合计不全")
    elif reported is not None and abs(reported - done) > TOLERANCE_HA:
        notes.append(f"填报合计{_ha(reported)}，各县区之和{_ha(done)}")
    return Row(
        unit=TOTAL,
        year=rows[0].year,
        quarter=rows[0].quarter,
        task=_sum([row.task for row in rows]),
        done=done,
        cumulative=_sum([row.cumulative for row in rows]),
        notes=tuple(notes),
    )


def _record(row: Row, peers: list[Row], policy: Policy) -> dict[str, Any]:
    required = policy.quarters[row.quarter - 1] if policy.quarters else None
    gap = None
    if row.cumulative is not None and row.task is not None and required is not None:
        gap = row.cumulative - required * row.task
    rates = [peer.rate for peer in peers if peer.rate is not None]
    ranked = row.unit != TOTAL and row.rate is not None
    return {
        "unit": row.unit,
        "year": row.year,
        "quarter": row.quarter,
        "task_ha": _number(row.task),
        "done_ha": _number(row.done),
        "cumulative_ha": _number(row.cumulative),
        "rate": _number(row.rate),
        "required_rate": _number(required),
        "gap_ha": _number(gap),
        "on_schedule": None if gap is None else gap >= -TOLERANCE_HA,
        "rank": 1 + sum(rate > row.rate for rate in rates) if ranked else None,  # type: ignore[operator]
        "note": "；".join(row.notes),
    }


def _number(amount: Amount) -> float | None:
    return None if amount is None else float(amount)


def _table(records: list[dict[str, Any]]) -> DataFrame:
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [record[column.name] for record in records], dtype=DTYPES[column.kind]
            )
            for column in PROGRESS.columns
        }
    )

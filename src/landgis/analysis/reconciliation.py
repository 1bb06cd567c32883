"""Do we agree with the official table, cell by cell, and if not, why? Sums and causes.

The ledger's areas are printed with four decimals of a hectare, so they are whole square metres and
their sums are exact; the official table is decimal as printed; statutory areas enter as whole
square decimetres. Nothing here is a float until the answer is laid out.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from landgis.analysis._causes import GAP_KINDS, explain_gap, scope_rows, unclosed_rows
from landgis.analysis._crosswalk import compare_by
from landgis.analysis._entries import UNKNOWN, entries
from landgis.analysis._gaps import find_gaps
from landgis.analysis._register import explain_by_list
from landgis.analysis._remarks import (
    AREA_KINDS,
    AREA_SHARE,
    area_rows,
    judged_rows,
    place_rows,
    told_of,
)
from landgis.analysis._sentence import say
from landgis.model import schema
from landgis.model.errors import DataError, UsageError
from landgis.model.schema import LAND_CLASSES, TOTAL
from landgis.model.units import DM2_PER_HA, HA_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pandas import DataFrame

    from landgis.analysis._gaps import Cell, Printed, Row

__all__ = ["AREA_KINDS", "GAP_KINDS", "Reconciled", "reconcile"]

CONVERSION_NOISE_HA = Decimal("1e-9")  # a table printed in 亩 becomes 公顷 to 28 digits
LEDGER_STEP_HA = Decimal("0.0001")  # the last decimal a table prints where nothing else is known
CELLS_NAMED = 3  # cells named in an error; the rest are counted


class Reconciled(NamedTuple):
    """What a reconciliation gives.

    Attributes
    ----------
    summary : DataFrame
        `schema.SUMMARY`: every unit and class, and their sums under 合计, in the annex's order;
        ledger and statutory areas side by side, each with its gap to the official figure.
    differences : DataFrame
        `schema.ANNEX_DIFFERENCES`: what stands behind every disagreement. Per unit and class, the
        rows whose ``account`` is 台账减官方 sum to that column of the summary, those of 椭球减台账
        to that one, and both together to 椭球减官方.
    """

    summary: DataFrame
    differences: DataFrame

    @property
    def sentence(self) -> str:
        """Say the result as one says it in a meeting.

        Returns
        -------
        str
            One Chinese sentence.
        """
        return say(self.summary, self.differences)


def reconcile(
    parcels: DataFrame,
    annex: DataFrame | None,
    *,
    listed: DataFrame | None = None,
    crosswalk: Mapping[str, str] | None = None,
    tolerance_m2: float = 1.0,
    tolerance_share: float = AREA_SHARE,
    class_column: str = "land_class",
    strict: bool = False,
) -> Reconciled:
    """Set the parcels beside the official table and explain every difference.

    Parameters
    ----------
    parcels : DataFrame
        Index ``parcel_id``, columns ``unit``, `class_column`, ``declared_ha`` (公顷, NaN where
        unknown) and, where known, ``area_m2`` (statutory), ``located_unit``, ``located_share``,
        ``second_unit``, ``second_share``, ``outside_share`` (from `landgis.analysis.location`)
        and ``judged_class``. Outlines, where the table has them, tell copies from neighbours.
    annex : DataFrame or None
        `schema.ANNEX` as printed: ``official_ha`` Decimal or None; sums are rows with unit or
        class 合计. ``attrs["step_ha"]`` is the last printed decimal in 公顷. None where there is
        no official table.
    listed : DataFrame or None, optional
        The parcels the official table was made from: index ``parcel_id``, columns ``unit``,
        ``land_class``, ``declared_ha``. With it nothing has to be guessed: sets are compared
        first, then areas, then units and classes.
    crosswalk : mapping of str to str or None, optional
        Unit to compare by, for names in the parcels or in the annex that differ from it; several
        rows of the annex may share one. Names are never matched by likeness.
    tolerance_m2 : float, optional
        How far measured and declared area of a parcel may differ, in m², 0 or more.
    tolerance_share : float, optional
        The same as a share of the declared area, 0 or more; the larger of both is allowed.
    class_column : str, optional
        Column of the parcels that holds their class, ``land_class`` or ``judged_class``.
    strict : bool, optional
        Whether an official table whose own sums do not add up is an error rather than a difference.

    Returns
    -------
    Reconciled
        `summary` and `differences`; ``.sentence`` says it in one sentence.

    Raises
    ------
    SchemaError
        ``column_missing``; without an annex nothing is needed, and what nobody recorded of unit,
        class or ledger area stays unknown.
    UsageError
        ``bad_tolerance``; ``crosswalk_unknown`` where the crosswalk speaks of a unit that neither
        the parcels nor the annex have.
    DataError
        ``annex_duplicate`` where a cell is given twice; ``annex_sums`` (`strict` only).

    Notes
    -----
    A blank official cell is unknown, not zero: it counts as zero in sums only. Declared areas are
    read to four decimals, half-up, and summed as whole square metres; measured areas as whole
    square decimetres. A gap of at most n x 0.00005 公顷 for n parcels (and half the last printed
    decimal of a table that prints fewer) is called rounding. Causes are looked for in this order:
    a cell whose row and column do not add up; the list, where there is one; parcels listed twice;
    outlines in another unit; facts of another class; units the annex does not know; an area that
    is too much here and lacking there; blank cell, no parcels, rounding, a missing parcel; what
    remains is named as unexplained. docs/methods/reconciliation.md works an example.

    Examples
    --------
    >>> import pandas
    >>> parcels = pandas.DataFrame(
    ...     {"unit": ["甲县", "甲县"], "land_class": ["低效", "闲置"], "declared_ha": [1.25, 0.5]},
    ...     index=["P1", "P2"],
    ... )
    >>> annex = pandas.DataFrame(
    ...     {"unit": ["甲县", "甲县"], "land_class": ["低效", "闲置"],
    ...      "official_ha": [Decimal("1.2500"), Decimal("0.5000")]}
    ... )
    >>> reconcile(parcels, annex).sentence
    '台账 2 宗、1.7500 公顷，官方 1.7500 公顷，6 个有数的格（含合计）全部相符。'
    """
    if not (tolerance_m2 >= 0 and tolerance_share >= 0):
        raise UsageError(
            "bad_tolerance",
            f"tolerances must be 0 or more, got {tolerance_m2} m2 and {tolerance_share}",
            hint="容差（平方米、比例）不能小于 0。",
        )
    tolerance = {"tolerance_m2": tolerance_m2, "tolerance_share": tolerance_share}
    if annex is None:
        return _without_annex(parcels, class_column, crosswalk or {}, tolerance)
    schema.need(parcels, "unit", class_column, "declared_ha")
    if listed is not None:
        schema.need(listed, "unit", "land_class", "declared_ha")
    printed = _printed(annex)
    ledger = entries(parcels, class_column=class_column)
    register = None if listed is None else entries(listed, class_column="land_class")
    printed, merged = compare_by(crosswalk or {}, printed, ledger, register)
    unclosed = _unclosed(printed)
    if strict and unclosed:
        _refuse(unclosed)
    units, classes = _names(unit for unit, _ in printed), _names(name for _, name in printed)
    stock = ledger[ledger["land_class"].isin(classes)]
    step = annex.attrs.get("step_ha") or LEDGER_STEP_HA
    official = {(unit, name): printed.get((unit, name)) for unit in units for name in classes}
    gaps = find_gaps(stock, official, step_ha=step)
    closed = {cell for cell in gaps.left if not gaps.is_open(cell)}
    noise = _print_noise(printed, step)
    rows = merged + unclosed_rows(unclosed, noise_ha=noise)
    real = {cell: gap for cell, gap in unclosed.items() if abs(gap) > noise.get(cell, 0)}
    if register is None:
        rows += explain_gap(gaps, ledger, official, real, unknown=UNKNOWN)
    else:
        rows += explain_by_list(gaps, ledger, register, real, classes)
    rows += scope_rows(ledger[~ledger["land_class"].isin(classes)])
    told = told_of(rows)
    rows += place_rows(stock, gaps, closed=closed, told=told, **tolerance)
    rows += judged_rows(ledger, classes, told=told)
    rows += area_rows(stock, **tolerance)
    everyone = [*units, *_names(unit for unit in stock["unit"].unique() if unit not in units)]
    summary = _summary(stock, printed, units=everyone, classes=classes, compared=True)
    return Reconciled(summary, _differences(rows))


def _without_annex(
    parcels: DataFrame, class_column: str, crosswalk: Mapping[str, str], tolerance: dict[str, float]
) -> Reconciled:
    """Sum parcels of which nobody asked for a ledger: what is not kept stays unknown."""
    has_classes = class_column in parcels.columns and parcels[class_column].notna().any()
    known = parcels if has_classes else parcels.assign(**{class_column: UNKNOWN})
    kept = "declared_ha" in parcels.columns
    known = known if kept else known.assign(declared_ha=np.nan)
    known = known if "unit" in parcels.columns else known.assign(unit=UNKNOWN)
    ledger = entries(known, class_column=class_column)
    compare_by(crosswalk, {}, ledger, None)
    classes = list(LAND_CLASSES) if has_classes else []
    stock = ledger[ledger["land_class"].isin(classes)] if classes else ledger
    rows = place_rows(stock, None, closed=set(), told=set(), **tolerance)
    rows += judged_rows(ledger, classes, told=set())
    rows += area_rows(stock, **tolerance) if kept else []
    summary = _summary(
        stock, {}, units=_names(stock["unit"].unique()), classes=classes, compared=False
    )
    if not kept:
        summary[["ledger_ha", "measured_difference_ha"]] = np.nan
    return Reconciled(summary, _differences(rows))


def _differences(rows: list[Row]) -> DataFrame:
    columns = [column.name for column in schema.ANNEX_DIFFERENCES.columns]
    return _typed(pd.DataFrame(rows, columns=columns), schema.ANNEX_DIFFERENCES)


def _printed(annex: DataFrame) -> Printed:
    """Read the official table: a decimal or None for every cell that stands in it, sums included."""
    printed: Printed = {}
    schema.need(annex, "unit", "land_class", "official_ha", of=schema.ANNEX)
    for unit, name, value in zip(
        annex["unit"], annex["land_class"], annex["official_ha"], strict=True
    ):
        cell = str(unit).strip(), str(name).strip()
        if cell in printed:
            raise DataError(
                "annex_duplicate",
                f"the official table gives {cell[0]} x {cell[1]} twice",
                hint=f"官方统计表中“{cell[0]}”的“{cell[1]}”出现了两次：请删去重复的一行。",
            )
        blank = value is None or value != value  # noqa: PLR0124 - only NaN differs from itself
        exact = value if isinstance(value, Decimal) else Decimal(repr(float(value or 0)))
        printed[cell] = None if blank else exact
    return printed


def _names(words: Iterable[str]) -> list[str]:
    """Keep the order in which names first appear; sums are no names."""
    return [word for word in dict.fromkeys(words) if word != TOTAL]


def _unclosed(printed: Printed) -> dict[Cell, Decimal]:
    """Prove the printed sums: printed minus added, wherever that is not zero."""
    off: dict[Cell, Decimal] = {}
    for cell, value in printed.items():
        if TOTAL in cell and value is not None:
            gap = value - sum(_behind(printed, cell), Decimal(0))
            if abs(gap) > CONVERSION_NOISE_HA:
                off[cell] = gap
    return off


def _behind(printed: Printed, cell: Cell) -> list[Decimal]:
    """Give the known cells behind a sum; blank counts as zero in sums."""
    return [
        value
        for (unit, name), value in printed.items()
        if value is not None
        and TOTAL not in (unit, name)
        and cell[0] in (unit, TOTAL)
        and cell[1] in (name, TOTAL)
    ]


def _print_noise(printed: Printed, step: Decimal) -> dict[Cell, Decimal]:
    """Say how far rounding in print may part a sum from its cells; four decimals allow nothing."""
    if step <= LEDGER_STEP_HA:
        return {}
    return {cell: step / 2 * (len(_behind(printed, cell)) + 1) for cell in printed if TOTAL in cell}


def _refuse(unclosed: dict[Cell, Decimal]) -> None:
    first = list(unclosed.items())[:CELLS_NAMED]
    english = "; ".join(f"{unit} x {name} is off by {gap} ha" for (unit, name), gap in first)
    chinese = "；".join(f"“{unit}”的“{name}”差 {gap} 公顷" for (unit, name), gap in first)
    raise DataError(
        "annex_sums",
        f"{len(unclosed)} sums of the official table do not add up: {english}",
        hint=f"官方统计表的合计与分项不符（共 {len(unclosed)} 处）：{chinese}。请核对原表。",
    )


def _summary(
    stock: DataFrame, printed: Printed, *, units: list[str], classes: list[str], compared: bool
) -> DataFrame:
    """Lay out every unit and class and their sums."""
    official_units = _names(unit for unit, _ in printed)
    by_unit = dict(iter(stock.groupby("unit", sort=False)))
    rows = []
    for unit in (*units, TOTAL):
        of_unit = stock if unit == TOTAL else by_unit.get(unit, stock.iloc[:0])
        for name in (*classes, TOTAL):
            cell = unit, name
            part = of_unit if name == TOTAL else of_unit[of_unit["land_class"] == name]
            official = printed.get(cell)
            in_annex = compared and unit in (TOTAL, *official_units)
            if TOTAL in cell and in_annex and cell not in printed:
                official = sum(_behind(printed, cell), Decimal(0))
            rows.append(
                _summary_row(part, official, compared=compared) | {"unit": unit, "land_class": name}
            )
    columns = [column.name for column in schema.SUMMARY.columns]
    return _typed(pd.DataFrame(rows, columns=columns), schema.SUMMARY)


def _summary_row(part: DataFrame, official: Decimal | None, *, compared: bool) -> dict[str, Any]:
    """Sum one cell; both gaps are exact decimals before they become floats."""
    ledger = Decimal(int(part["declared_m2"].sum())).scaleb(-HA_DECIMALS)
    comparable = compared and (official is not None or len(part))
    measured = None
    if part["measured_dm2"].notna().all():
        measured = Decimal(int(part["measured_dm2"].sum())) / DM2_PER_HA

    def gap(ours: Decimal | None, theirs: Decimal) -> float:
        return math.nan if ours is None else float(ours - theirs)

    return {
        "parcel_count": len(part),
        "official_ha": math.nan if official is None else float(official),
        "ledger_ha": float(ledger),
        "measured_ha": math.nan if measured is None else float(measured),
        "difference_ha": gap(ledger, official or Decimal(0)) if comparable else math.nan,
        "measured_difference_ha": gap(measured, ledger),
        "measured_gap_ha": gap(measured, official or Decimal(0)) if comparable else math.nan,
    }


def _typed(table: DataFrame, of: schema.Table) -> DataFrame:
    """Give every column the dtype its kind has in the schema."""
    typed: DataFrame = table.astype(
        {column.name: schema.DTYPES[column.kind] for column in of.columns}
    )
    return typed

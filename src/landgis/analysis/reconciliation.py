"""Do we agree with the official table, cell by cell, and if not, why? Sums and causes.

The ledger's areas are printed with four decimals of a hectare, so they are whole square metres and
their sums are exact; the official table is decimal as printed. Nothing here is a float until the
answer is laid out.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from landgis.analysis._causes import (
    AREA_SHARE,
    GAP_KINDS,
    area_rows,
    gap_rows,
    outsider_rows,
    scope_rows,
    unclosed_rows,
)
from landgis.model import schema
from landgis.model.errors import DataError, UsageError
from landgis.model.schema import LAND_CLASSES, TOTAL
from landgis.model.units import DM2_PER_HA, HA_DECIMALS, round_half_up, show, to_dm2

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pandas import DataFrame

    from landgis.analysis._causes import Cell, Printed

__all__ = ["GAP_KINDS", "Reconciled", "reconcile"]

UNKNOWN = "（未注明）"  # stands for a unit or class that a parcel does not name
CONVERSION_NOISE_HA = Decimal("1e-9")  # a table printed in 亩 becomes 公顷 to 28 digits
CELLS_NAMED = 3  # cells named in an error; the rest are counted


class Reconciled(NamedTuple):
    """What a reconciliation gives.

    Attributes
    ----------
    summary : DataFrame
        `schema.SUMMARY`: every unit and class, and their sums under 合计, in the annex's order.
    differences : DataFrame
        `schema.ANNEX_DIFFERENCES`: what stands behind every disagreement. The rows whose kind is
        one of `GAP_KINDS` sum, per unit and class, to ledger minus official.
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
        summary = self.summary
        sums = (summary["unit"] == TOTAL) & (summary["land_class"] == TOTAL)
        (total,) = summary[sums].to_dict("records")
        count = f"台账 {total['parcel_count']} 宗、{show(total['ledger_ha'], HA_DECIMALS)} 公顷"
        filled = int(summary["official_ha"].notna().sum())
        if filled == 0:
            return f"{count}；没有官方统计表可供核对。"
        off = int((summary["difference_ha"].fillna(0) != 0).sum())
        official = f"官方 {show(total['official_ha'], HA_DECIMALS)} 公顷"
        if off == 0:
            return f"{count}，{official}，{filled} 个有数的格（含合计）全部相符。"
        gap = show(total["difference_ha"], HA_DECIMALS)
        return f"{count}，{official}，相差 {gap} 公顷，{off} 个格（含合计）不符，原因见差异表。"


def reconcile(
    parcels: DataFrame,
    annex: DataFrame | None,
    *,
    tolerance_m2: float = 1.0,
    tolerance_share: float = AREA_SHARE,
    class_column: str = "land_class",
    crosswalk: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Reconciled:
    """Set the parcels beside the official table and explain every difference.

    Parameters
    ----------
    parcels : DataFrame
        Index ``parcel_id``, columns ``unit``, `class_column`, ``declared_ha`` (公顷, NaN where
        unknown) and, where measured, ``area_m2``.
    annex : DataFrame or None
        `schema.ANNEX` as printed: ``official_ha`` Decimal or None; sums are rows with unit or
        class 合计. None where there is no official table.
    tolerance_m2 : float, optional
        How far measured and declared area of a parcel may differ, in m², 0 or more.
    tolerance_share : float, optional
        The same as a share of the declared area, 0 or more; the larger of both is allowed.
    class_column : str, optional
        Column of the parcels that holds their class, ``land_class`` or ``judged_class``.
    crosswalk : mapping of str to str or None, optional
        Annex unit for the name of a unit in the parcels, where they differ. Names are never
        matched by likeness.
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
        ``bad_tolerance``.
    DataError
        ``annex_duplicate`` where a cell is given twice; ``annex_sums`` (`strict` only).

    Notes
    -----
    A blank official cell is unknown, not zero: it counts as zero in sums only. Declared areas are
    read to four decimals, half-up, and summed as whole square metres; measured areas as whole
    square decimetres. A gap of at most n x 0.00005 公顷 for n parcels is called rounding. Causes
    are looked for in this order: blank cell, no parcels, parcels listed twice, rounding, a parcel
    whose area is the gap and the opposite gap elsewhere (wrong unit or class), a gap that only a
    missing parcel explains; what remains is named as unexplained.

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
    if annex is None:
        ledger, classes = _as_kept(parcels, class_column=class_column, crosswalk=crosswalk or {})
        stock = ledger[ledger["land_class"].isin(classes)] if classes else ledger
        kept = "declared_ha" in parcels.columns
        rows = area_rows(stock, tolerance_m2=tolerance_m2, tolerance_share=tolerance_share)
        summary = _summary(stock, {}, units=_names(stock["unit"]), classes=classes, compared=False)
        if not kept:
            summary[["ledger_ha", "measured_difference_ha"]] = np.nan
        return Reconciled(summary, _differences(rows if kept else []))
    schema.need(parcels, "unit", class_column, "declared_ha")
    printed = _printed(annex)
    units = _names(unit for unit, _ in printed)
    classes = _names(name for _, name in printed)
    ledger = _ledger(parcels, class_column=class_column, crosswalk=crosswalk or {})
    stock = ledger[ledger["land_class"].isin(classes)]
    unclosed = _unclosed(printed, units, classes)
    if strict and unclosed:
        _refuse(unclosed)
    official = {(unit, name): printed.get((unit, name)) for unit in units for name in classes}
    rows = unclosed_rows(unclosed)
    rows += gap_rows(stock, official, unclosed)
    rows += outsider_rows(stock[~stock["unit"].isin(units)])
    rows += scope_rows(ledger[~ledger["land_class"].isin(classes)])
    rows += area_rows(stock, tolerance_m2=tolerance_m2, tolerance_share=tolerance_share)
    everyone = [*units, *_names(unit for unit in stock["unit"] if unit not in units)]
    return Reconciled(
        _summary(stock, printed, units=everyone, classes=classes, compared=True),
        _differences(rows),
    )


def _as_kept(
    parcels: DataFrame, *, class_column: str, crosswalk: Mapping[str, str]
) -> tuple[DataFrame, list[str]]:
    """Read parcels of which nobody asked for a ledger: what is not kept stays unknown."""
    has_classes = class_column in parcels.columns and parcels[class_column].notna().any()
    known = parcels if has_classes else parcels.assign(**{class_column: UNKNOWN})
    known = known if "declared_ha" in parcels.columns else known.assign(declared_ha=np.nan)
    known = known if "unit" in parcels.columns else known.assign(unit=UNKNOWN)
    ledger = _ledger(known, class_column=class_column, crosswalk=crosswalk)
    return ledger, list(LAND_CLASSES) if has_classes else []


def _differences(rows: list[dict[str, Any]]) -> DataFrame:
    columns = [column.name for column in schema.ANNEX_DIFFERENCES.columns]
    return _typed(pd.DataFrame(rows, columns=columns), schema.ANNEX_DIFFERENCES)


def _ledger(parcels: DataFrame, *, class_column: str, crosswalk: Mapping[str, str]) -> DataFrame:
    """Read what the parcels say: whole square metres declared, whole square decimetres measured."""
    unit = parcels["unit"].astype("str").str.strip()
    declared = [
        pd.NA if np.isnan(value) else int(round_half_up(value, HA_DECIMALS).scaleb(HA_DECIMALS))
        for value in parcels["declared_ha"].to_numpy(dtype=np.float64)
    ]
    measured = np.full(len(parcels), np.nan)
    if "area_m2" in parcels.columns:
        measured = parcels["area_m2"].to_numpy(dtype=np.float64)
    known = np.isfinite(measured)
    measured_dm2 = pd.array(to_dm2(np.where(known, measured, 0.0)), dtype="Int64")
    measured_dm2[~known] = pd.NA
    return pd.DataFrame(
        {
            "parcel_id": [str(name) for name in parcels.index],
            "unit": unit.replace(dict(crosswalk)).fillna(UNKNOWN).replace("", UNKNOWN).to_numpy(),
            "land_class": parcels[class_column].astype("str").fillna(UNKNOWN).to_numpy(),
            "declared_m2": pd.array(declared, dtype="Int64"),
            "measured_dm2": measured_dm2,
        }
    )


def _printed(annex: DataFrame | None) -> Printed:
    """Read the official table: a decimal or None for every cell that stands in it, sums included."""
    printed: Printed = {}
    if annex is None:
        return printed
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


def _unclosed(printed: Printed, units: list[str], classes: list[str]) -> dict[Cell, Decimal]:
    """Prove the printed sums: printed minus added, wherever that is not zero."""
    off: dict[Cell, Decimal] = {}
    for unit in (*units, TOTAL):
        for name in (*classes, TOTAL):
            value = printed.get((unit, name))
            if TOTAL in (unit, name) and value is not None:
                gap = value - _added(printed, units, classes, (unit, name))
                if abs(gap) > CONVERSION_NOISE_HA:
                    off[unit, name] = gap
    return off


def _added(printed: Printed, units: list[str], classes: list[str], cell: Cell) -> Decimal:
    """Add up the cells behind a sum; blank counts as zero in sums."""
    values = (
        printed.get((unit, name))
        for unit in (units if cell[0] == TOTAL else [cell[0]])
        for name in (classes if cell[1] == TOTAL else [cell[1]])
    )
    return sum((value for value in values if value is not None), Decimal(0))


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
            part = of_unit if name == TOTAL else of_unit[of_unit["land_class"] == name]
            official = printed.get((unit, name))
            if official is None and TOTAL in (unit, name) and compared:
                in_annex = unit == TOTAL or unit in official_units
                sums = _added(printed, official_units, classes, (unit, name))
                official = sums if in_annex and (unit, name) not in printed else None
            rows.append(
                _summary_row(part, official, compared=compared) | {"unit": unit, "land_class": name}
            )
    columns = [column.name for column in schema.SUMMARY.columns]
    return _typed(pd.DataFrame(rows, columns=columns), schema.SUMMARY)


def _summary_row(part: DataFrame, official: Decimal | None, *, compared: bool) -> dict[str, Any]:
    ledger = Decimal(int(part["declared_m2"].sum())).scaleb(-HA_DECIMALS)
    measured = math.nan
    if part["measured_dm2"].notna().all():
        measured = int(part["measured_dm2"].sum()) / DM2_PER_HA
    difference = math.nan
    if compared and (official is not None or len(part)):
        difference = float(ledger - (official or 0))
    return {
        "parcel_count": len(part),
        "official_ha": math.nan if official is None else float(official),
        "ledger_ha": float(ledger),
        "measured_ha": measured,
        "difference_ha": difference,
        "measured_difference_ha": measured - float(ledger),
    }


def _typed(table: DataFrame, of: schema.Table) -> DataFrame:
    """Give every column the dtype its kind has in the schema."""
    typed: DataFrame = table.astype(
        {column.name: schema.DTYPES[column.kind] for column in of.columns}
    )
    return typed

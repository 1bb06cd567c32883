"""Ledger against the list of parcels that the official table was made from; part of `reconciliation`.

First the sets (missing, extra, listed twice), then the areas, then units and classes. Every row
names its parcel; together they sum to ledger minus list, cell by cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landgis.analysis import _suspects
from landgis.analysis._causes import misprints, rest
from landgis.analysis._gaps import gap_row, hectares

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from typing import Any

    from pandas import DataFrame

    from landgis.analysis._gaps import Cell, Gaps, Row


def explain_by_list(
    gaps: Gaps,
    ledger: DataFrame,
    listed: DataFrame,
    unclosed: dict[Cell, Decimal],
    classes: list[str],
) -> list[Row]:
    """Explain ledger minus list parcel by parcel, then list minus official cell by cell."""
    rows = [
        line
        for line in (
            *_twice(ledger, listed),
            *_only_one(ledger, listed),
            *_differing(ledger, listed),
        )
        if line["land_class"] in classes
    ]
    for line in rows:
        gaps.take({(line["unit"], line["land_class"]): line.pop("exact")})
    return rows + misprints(gaps, unclosed) + rest(gaps, listed=True)


def _line(values: dict[str, Any], kind: str, message: str, amount: Decimal) -> Row:
    cell = values["unit"], values["land_class"]
    area = float(hectares(values["declared_m2"]))
    known = {"parcel_id": values["parcel_id"], "ledger_ha": area}
    return gap_row(cell, kind, message, amount, exact=amount, **known)


def _records(table: DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = table.fillna({"declared_m2": 0}).to_dict("records")
    return records


def _twice(ledger: DataFrame, listed: DataFrame) -> Iterator[Row]:
    """Take every entry after the first of a number."""
    for values in _records(ledger[ledger["parcel_id"].duplicated()]):
        area = hectares(values["declared_m2"])
        message = f"地块 {values['parcel_id']} 在台账中登记了多次，多计 {area} 公顷。"
        yield _line(values, "重复地块", message, area)
    for values in _records(listed[listed["parcel_id"].duplicated()]):
        area = hectares(values["declared_m2"])
        message = f"地块 {values['parcel_id']} 在名册中列了多次，官方多计 {area} 公顷。"
        yield _line(values, "名册重复", message, -area)


def _only_one(ledger: DataFrame, listed: DataFrame) -> Iterator[Row]:
    """Name parcels that stand in one of the two only."""
    for values in _records(listed[~listed["parcel_id"].isin(ledger["parcel_id"])]):
        if pd.isna(values["parcel_id"]):
            continue
        area = hectares(values["declared_m2"])
        message = f"名册有地块 {values['parcel_id']}（{area} 公顷），台账没有。"
        yield _line(values, "台账漏列", message, -area)
    copies = {
        one.entry: one.message for one in _suspects.duplicates(ledger) if one.kind == "重复地块"
    }
    extra = ledger[~ledger["parcel_id"].isin(listed["parcel_id"])]
    extra = extra[~extra["parcel_id"].duplicated()]
    for entry, values in extra.fillna({"declared_m2": 0}).to_dict("index").items():
        area = hectares(values["declared_m2"])
        message = f"台账有地块 {values['parcel_id']}（{area} 公顷），名册没有。"
        kind = "重复地块" if entry in copies else "台账多列"
        yield _line(values, kind, copies.get(entry, message), area)


def _differing(ledger: DataFrame, listed: DataFrame) -> Iterator[Row]:
    """Compare parcels that stand in both: areas, then units and classes."""
    names = ["parcel_id", "unit", "land_class", "declared_m2"]
    ours = ledger.loc[~ledger["parcel_id"].duplicated(), names].fillna({"declared_m2": 0})
    theirs = listed.loc[~listed["parcel_id"].duplicated(), names].fillna({"declared_m2": 0})
    both = ours.merge(theirs, on="parcel_id", suffixes=("", "_listed"))
    off = both["declared_m2"] != both["declared_m2_listed"]
    for values in both[off].to_dict("records"):
        own, other = hectares(values["declared_m2"]), hectares(values["declared_m2_listed"])
        message = f"地块 {values['parcel_id']} 台账 {own} 公顷，名册 {other} 公顷。"
        yield _line(values, "台账面积与名册不符", message, own - other)
    units = both["unit"] != both["unit_listed"]
    classes = both["land_class"] != both["land_class_listed"]
    for values in both[units | classes].to_dict("records"):
        there = {
            "parcel_id": values["parcel_id"],
            "unit": values["unit_listed"],
            "land_class": values["land_class_listed"],
            "declared_m2": values["declared_m2_listed"],
        }
        area = hectares(there["declared_m2"])
        kind = "县区与名册不符" if values["unit"] != there["unit"] else "类别与名册不符"
        message = (
            f"地块 {values['parcel_id']}（{area} 公顷）台账在“{values['unit']}”"
            f"{values['land_class']}，名册在“{there['unit']}”{there['land_class']}。"
        )
        yield _line(values, kind, message, area)
        yield _line(there, kind, message, -area)

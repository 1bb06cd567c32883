"""What outlines and facts say against the ledger where no gap is at stake; part of `reconciliation`.

And the second account: from the ledger's areas to the statutory ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.analysis._gaps import LEDGER, STATUTORY, hectares, row
from landgis.model.units import DM2_PER_HA, DM2_PER_M2, HA_DECIMALS, convert, show

if TYPE_CHECKING:
    from typing import Any

    from pandas import DataFrame, Series

    from landgis.analysis._gaps import Cell, Gaps, Row

AREA_SHARE = 0.001  # of a parcel: how far measured and declared area usually may differ
AREA_KINDS = ("缺台账面积", "缺椭球面积", "台账与椭球面积不符", "容差内面积差")


def area_rows(stock: DataFrame, *, tolerance_m2: float, tolerance_share: float) -> list[Row]:
    """Explain statutory minus ledger area: parcels beyond the tolerance one by one, the rest by cell."""
    measured = stock["measured_dm2"]
    if measured.isna().all():
        return _unknown(stock[stock["declared_m2"].isna()], "缺台账面积")
    declared = stock["declared_m2"]
    off = (measured - declared * DM2_PER_M2).astype("float64")
    allowed = np.maximum(tolerance_m2, tolerance_share * declared.astype("float64").abs())
    beyond = off.abs() > allowed * DM2_PER_M2
    rows = _unknown(stock[declared.isna()], "缺台账面积")
    rows += _unknown(stock[declared.notna() & measured.isna()], "缺椭球面积")
    for values, excess in zip(stock[beyond].to_dict("records"), off[beyond], strict=True):
        size = show(abs(excess) / DM2_PER_M2, 2)
        message = f"椭球面积比台账面积{'大' if excess > 0 else '小'} {size} 平方米。"
        rows.append(_statutory(values, "台账与椭球面积不符", message, int(excess)))
    within = stock[off.notna() & ~beyond].assign(off=off)
    for cell, part in within.groupby(["unit", "land_class"], sort=False):
        total = int(part["off"].sum())
        if total:
            message = (
                f"{len(part)} 宗地块的椭球面积与台账面积都相差在容差之内，"
                f"合计 {show(total / DM2_PER_M2, 2)} 平方米。"
            )
            where = {"unit": cell[0], "land_class": cell[1]}
            rows.append(_statutory(where, "容差内面积差", message, total))
    return rows


def _unknown(entries: DataFrame, kind: str) -> list[Row]:
    rows = []
    for values in entries.to_dict("records"):
        measured = values["measured_dm2"]
        if kind == "缺台账面积":
            message = "没有台账面积，台账合计中按零计。"
            excess = None if _missing(measured) else int(measured)
        else:
            message, excess = "没有可量的图形，本格椭球面积无法合计。", None
        rows.append(_statutory(values, kind, message, excess))
    return rows


def _statutory(values: dict[str, Any], kind: str, message: str, excess_dm2: int | None) -> Row:
    cell = values["unit"], values["land_class"]
    declared, measured = values.get("declared_m2", pd.NA), values.get("measured_dm2", pd.NA)
    return row(
        cell,
        kind,
        message,
        account=STATUTORY,
        parcel_id=values.get("parcel_id"),
        ledger_ha=None if _missing(declared) else float(hectares(declared)),
        measured_ha=None if _missing(measured) else measured / DM2_PER_HA,
        difference_ha=None if excess_dm2 is None else excess_dm2 / DM2_PER_HA,
    )


def place_rows(
    stock: DataFrame,
    gaps: Gaps | None,
    *,
    closed: set[Cell],
    told: set[tuple[str, str]],
    tolerance_m2: float,
    tolerance_share: float,
) -> list[Row]:
    """Say which outlines lie in no unit, in two, or in another than the ledger's."""
    if stock["outside_share"].isna().all():
        return []
    area = stock["measured_dm2"].fillna(stock["declared_m2"] * DM2_PER_M2).fillna(0)
    size = area.astype("float64") / DM2_PER_M2
    least = np.maximum(tolerance_m2, tolerance_share * size)
    nowhere = stock["located"].isna() & stock["outside_share"].notna()
    second, outside = stock["second_share"].fillna(0), stock["outside_share"].fillna(0)
    elsewhere = stock["located"].notna() & (stock["located"] != stock["unit"])
    rows = [_nowhere(values) for values in stock[nowhere].to_dict("records")]
    across = (second * size > least) & ~nowhere
    rows += _shared(stock[across], size)
    rows += _partly_out(stock[(outside * size > least) & ~nowhere], size)
    for values in stock[elsewhere].to_dict("records"):
        if ("县区与位置不一致", values["parcel_id"]) not in told:
            rows.append(_elsewhere(values, gaps, closed))
    return rows


def _nowhere(values: dict[str, Any]) -> Row:
    message = f"登记在“{values['unit']}”，图形不在任何统计单元之内。"
    return _remark(values, "不在任何单元", message)


def _shared(entries: DataFrame, size: Series) -> list[Row]:
    rows = []
    for values, area in zip(entries.to_dict("records"), size[entries.index], strict=True):
        parts = "，".join(
            f"“{values[name]}”{_share_ha(values[share], area)} 公顷"
            for name, share in (("located", "located_share"), ("second", "second_share"))
        )
        message = f"图形跨两个单元：{parts}；台账全部计在“{values['unit']}”。"
        rows.append(_remark(values, "跨两个单元", message))
    return rows


def _partly_out(entries: DataFrame, size: Series) -> list[Row]:
    rows = []
    for values, area in zip(entries.to_dict("records"), size[entries.index], strict=True):
        message = f"图形有 {_share_ha(values['outside_share'], area)} 公顷不在任何统计单元之内。"
        rows.append(_remark(values, "部分在单元外", message))
    return rows


def _elsewhere(values: dict[str, Any], gaps: Gaps | None, closed: set[Cell]) -> Row:
    """Tell a misplaced outline from a wrong entry: where the cells agree, the entry is right."""
    here = values["unit"], values["land_class"]
    there = values["located"], values["land_class"]
    start = f"登记在“{values['unit']}”，图形却在“{values['located']}”"
    settled = gaps is not None and any(
        cell in closed or not gaps.is_open(cell) for cell in (here, there)
    )
    if settled:
        return _remark(
            values,
            "疑似图形移位",
            f"{start}；官方表与登记相符，疑似图形移位或单元界线有误。",
        )
    return _remark(values, "县区与位置不一致", f"{start}，请核对。")


def judged_rows(ledger: DataFrame, classes: list[str], *, told: set[tuple[str, str]]) -> list[Row]:
    """Say which parcels the rules put into another class than the ledger, where no gap shows it."""
    judged = ledger["judged"]
    counted = ledger["land_class"].isin(classes) | judged.isin(classes)
    other = ledger[judged.notna() & (judged != ledger["land_class"]) & counted]
    return [
        _remark(
            values,
            "类别与判定不一致",
            f"登记为{values['land_class']}，按规则判定为{values['judged']}。",
        )
        for values in other.to_dict("records")
        if ("类别与判定不一致", values["parcel_id"]) not in told
    ]


def _remark(values: dict[str, Any], kind: str, message: str) -> Row:
    cell = values["unit"], values["land_class"]
    declared, measured = values["declared_m2"], values["measured_dm2"]
    return row(
        cell,
        kind,
        message,
        parcel_id=values["parcel_id"],
        ledger_ha=None if _missing(declared) else float(hectares(declared)),
        measured_ha=None if _missing(measured) else measured / DM2_PER_HA,
    )


def _share_ha(share: float, area_m2: float) -> str:
    return show(float(convert(share * area_m2, source="m2", target="ha")), HA_DECIMALS)


def _missing(value: Any) -> bool:
    return bool(pd.isna(value))


def told_of(rows: list[Row]) -> set[tuple[str, str]]:
    """Name the kinds and parcels that the account of the gap has told already."""
    return {
        (line["kind"], str(line["parcel_id"]))
        for line in rows
        if line.get("account") == LEDGER and line.get("parcel_id")
    }

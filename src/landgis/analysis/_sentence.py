"""The result in one sentence, as one says it in a meeting; part of `reconciliation`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.analysis._gaps import LEDGER
from landgis.model.schema import TOTAL
from landgis.model.units import HA_DECIMALS, show, whole_steps

if TYPE_CHECKING:
    from pandas import DataFrame

BETWEEN_TWO_CELLS = 2  # rows of one message: what is too much here and lacking there
CAUSES_NAMED = 3  # causes named in the sentence; the rest are counted


def say(summary: DataFrame, differences: DataFrame) -> str:
    """Say who agrees with whom, by how much not, and why: the weightiest causes first."""
    sums = (summary["unit"] == TOTAL) & (summary["land_class"] == TOTAL)
    (total,) = summary[sums].to_dict("records")
    count = f"台账 {total['parcel_count']} 宗、{_ha(total['ledger_ha'])} 公顷"
    filled = int(summary["official_ha"].notna().sum())
    if filled == 0:
        if math.isnan(total["ledger_ha"]):
            count = f"地块 {total['parcel_count']} 宗、椭球面积 {_ha(total['measured_ha'])} 公顷"
        return f"{count}；没有官方统计表可供核对。"
    gaps = summary["difference_ha"].fillna(0.0)
    off = int((whole_steps(gaps, HA_DECIMALS) != 0).sum())
    official = f"官方 {_ha(total['official_ha'])} 公顷"
    measured = ""
    if not math.isnan(total["measured_gap_ha"]):
        gap = total["measured_gap_ha"]
        measured = f"；按椭球面积为 {_ha(total['measured_ha'])} 公顷，{_against(gap)}"
    if off == 0:
        even = f"{count}，{official}，{filled} 个有数的格（含合计）全部相符"
        exact = not total["measured_gap_ha"]
        return f"{even}{'' if exact else measured}。"
    gap = total["difference_ha"]
    how = f"{official}，总数相符"
    if gap:
        how = f"比{official}{'多' if gap > 0 else '少'} {_ha(abs(gap))} 公顷"
    why = _causes(differences)
    return f"{count}，{how}；{off} 个格（含合计）不符{why}{measured}。"


def _against(gap: float) -> str:
    if show(gap, HA_DECIMALS) == show(0, HA_DECIMALS):
        return "与官方相符"
    return f"比官方{'多' if gap > 0 else '少'} {_ha(abs(gap))} 公顷"


def _causes(differences: DataFrame) -> str:
    """Name causes, a parcel that moves between two cells once."""
    rows = differences[differences["account"] == LEDGER].to_dict("records")
    told: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in rows:
        told.setdefault((line["kind"], line["message"]), []).append(line)
    ranked = sorted(
        told.values(), key=lambda lines: -max(abs(line["difference_ha"]) for line in lines)
    )
    if not ranked:
        return "，附表自身不闭合" if (differences["kind"] == "附表不闭合").any() else ""
    if all(kind == "取舍误差" for kind, _ in told):
        return "，都在小数取舍之内"
    words = [_cause(lines) for lines in ranked[:CAUSES_NAMED]]
    more = f"，等 {len(ranked)} 项" if len(ranked) > CAUSES_NAMED else ""
    return f"：{'；'.join(words)}{more}"


def _cause(lines: list[dict[str, Any]]) -> str:
    first = lines[0]
    size = f"{_ha(abs(first['difference_ha']))} 公顷"
    named = None if pd.isna(first["parcel_id"]) else first["parcel_id"]
    parcel = f"地块 {named}，" if named and len(lines) <= BETWEEN_TWO_CELLS else ""
    if len(lines) == BETWEEN_TWO_CELLS:
        here, there = sorted(lines, key=lambda line: -line["difference_ha"])
        way = f"{_place(here)}多、{_place(there)}少"
    else:
        way = f"{_place(first)}{'多' if first['difference_ha'] > 0 else '少'}"
        if len(lines) > BETWEEN_TWO_CELLS:
            way, size = f"{_place(first)}等 {len(lines)} 宗", f"{_sum(lines)} 公顷"
    return f"{way} {size}（{parcel}{first['kind']}）"


def _place(line: dict[str, Any]) -> str:
    return f"{line['unit']}{line['land_class']}"


def _sum(lines: list[dict[str, Any]]) -> str:
    return _ha(sum(abs(line["difference_ha"]) for line in lines))


def _ha(value: float) -> str:
    return show(value, HA_DECIMALS)

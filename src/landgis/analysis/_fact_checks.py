"""What can be wrong with the facts of a parcel: identifiers, kinds, numbers, dates, contradictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.analysis._findings import WHOLE_TABLE, Batch, flag, identifiers, number
from landgis.model import schema
from landgis.model.units import convert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

HA_STEP = 0.0001  # ledgers print four decimals: a part may exceed its whole by one unit of the last

# 批复 ≤ 供地 ≤ 约定动工, as in the ministry's ledgers; then what follows from each.
_DATES_IN_ORDER = (
    ("approval_date", "supply_date"),
    ("approval_date", "agreed_start_date"),
    ("supply_date", "agreed_start_date"),
    ("supply_date", "delivery_date"),
    ("supply_date", "commence_date"),
    ("commence_date", "suspended_since"),
    ("approval_date", "disposal_date"),
)
_PARTS_OF_WHOLES = (
    ("supplied_ha", "approved_ha", "supplied_over_approved"),
    ("acquired_ha", "approved_ha", "part_over_whole"),
    ("supplied_ha", "declared_ha", "part_over_whole"),
    ("disposed_ha", "declared_ha", "part_over_whole"),
    ("developed_ha", "should_develop_ha", "part_over_whole"),
)
_SHARES = ("vacancy_share",)
_TRUTHS = {
    True: True,
    False: False,
    "是": True,
    "否": False,
    "true": True,
    "false": False,
    "1": True,
    "0": False,
}


def check_identifiers(index: pd.Index) -> list[Batch]:
    """Report rows without an identifier and identifiers that stand for several rows."""
    if index.name != schema.PARCELS.index:
        return [
            Batch(
                "column_missing",
                np.array([WHOLE_TABLE]),
                ["缺少地块编号字段 parcel_id：请用 columns 参数指明哪个字段是编号"],
            )
        ]
    names = pd.Series(identifiers(index)).str.strip()
    missing = np.flatnonzero(names == "")
    repeated = np.flatnonzero((names != "") & names.duplicated(keep=False))
    counts = names.map(names.value_counts())
    return [
        Batch("missing_id", missing, [f"第 {row + 1} 行没有地块编号" for row in missing]),
        Batch(
            "duplicate_id",
            repeated,
            [f"编号出现 {counts[row]} 次，此处为第 {row + 1} 行" for row in repeated],
        ),
    ]


def check_columns(parcels: pd.DataFrame, required: Sequence[str]) -> list[Batch]:
    """Report the columns that the caller cannot do without."""
    missing = [name for name in required if name not in parcels.columns]
    return [
        Batch(
            "column_missing",
            np.full(len(missing), WHOLE_TABLE),
            [f"缺少字段 {name}{_label(name)}" for name in missing],
        )
    ]


def _label(name: str) -> str:
    known = {column.name: column.label for column in schema.PARCELS.columns}
    return f"（{known[name]}）" if name in known else ""


def understand(parcels: pd.DataFrame) -> tuple[pd.DataFrame, list[Batch]]:
    """Read the canonical facts as their kind; what cannot be so read is reported and unknown."""
    facts: dict[str, pd.Series] = {}
    batches = []
    for column in schema.PARCELS.columns:
        if column.name not in parcels.columns or column.kind == "geometry":
            continue
        given = parcels[column.name].reset_index(drop=True)
        facts[column.name] = _read(given, column.kind)
        lost = np.flatnonzero(given.notna() & facts[column.name].isna() & (given.astype(str) != ""))
        word = {"number": "数", "integer": "数", "date": "日期", "truth": "是否"}.get(column.kind)
        batches.append(
            Batch(
                "wrong_kind",
                lost,
                [f"“{column.label}”不是{word}：{given[row]}" for row in lost],
            )
        )
    return pd.DataFrame(facts, index=range(len(parcels))), batches


def _read(given: pd.Series, kind: schema.Kind) -> pd.Series:
    read: pd.Series
    if kind == "text":
        read = given.astype("str").str.strip().replace("", None).astype("str")
    elif kind in {"number", "integer"}:
        read = pd.to_numeric(given, errors="coerce").astype("float64")
    elif kind == "date":
        if not pd.api.types.is_datetime64_any_dtype(given):
            given = pd.to_datetime(given.astype("str"), errors="coerce", utc=True, format="ISO8601")
        read = given.dt.tz_localize(None).astype("datetime64[ms]")
    elif pd.api.types.is_bool_dtype(given):
        read = given.astype("boolean")
    else:
        plain = given.astype("str").str.strip().str.lower().str.removesuffix(".0")
        read = plain.map(_TRUTHS).astype("boolean")
    return read


def check_values(facts: pd.DataFrame) -> list[Batch]:
    """Report values outside their list, negative and infinite numbers, shares beyond 0 to 1."""
    batches = []
    for column in schema.PARCELS.columns:
        if column.name not in facts.columns:
            continue
        given = facts[column.name]
        if column.values:  # noqa: PD011 - the values a code list allows, not an array
            strange = np.flatnonzero(given.notna() & ~given.isin(column.values))
            code = "land_class_unknown" if column.name == "land_class" else "value_outside_list"
            allowed = "、".join(column.values)
            messages = [f"“{column.label}”填“{given[row]}”，应为{allowed}之一" for row in strange]
            batches.append(Batch(code, strange, messages))
        elif column.kind in {"number", "integer"}:
            batches += _check_numbers(column, given)
    return batches


def _check_numbers(column: schema.Column, given: pd.Series) -> list[Batch]:
    values = given.to_numpy()
    negative = np.flatnonzero(np.isfinite(values) & (values < 0))
    beyond = np.flatnonzero(np.isfinite(values) & (values > 1) & (column.name in _SHARES))
    return [
        flag("number_not_finite", np.isinf(values), f"“{column.label}”是无穷大"),
        Batch(
            "negative_number",
            negative,
            [f"“{column.heading}”为负数 {values[row]:g}" for row in negative],
        ),
        Batch(
            "share_out_of_range",
            beyond,
            [f"“{column.label}”为 {values[row]:g}，应在 0 至 1 之间" for row in beyond],
        ),
    ]


def check_areas(
    facts: pd.DataFrame,
    measured_m2: NDArray[np.float64],
    *,
    tolerance: float,
    tolerance_m2: float,
) -> list[Batch]:
    """Report parcels whose declared area is not that of their geometry."""
    if "declared_ha" not in facts.columns:
        return []
    declared_m2 = convert(facts["declared_ha"].to_numpy(), source="ha", target="m2")
    off = measured_m2 - declared_m2
    rows = np.flatnonzero(
        np.isfinite(off) & (np.abs(off) > np.maximum(tolerance_m2, tolerance * declared_m2))
    )
    messages = [
        f"台账 {number(declared, 4)} 公顷，图形 {number(drawn, 4)} 公顷，"
        f"相差 {number(more, 2)} 平方米"
        for declared, drawn, more in zip(
            convert(declared_m2[rows], source="m2", target="ha").tolist(),
            convert(measured_m2[rows], source="m2", target="ha").tolist(),
            off[rows].tolist(),
            strict=True,
        )
    ]
    return [Batch("area_mismatch", rows, messages)]


def check_parts(facts: pd.DataFrame) -> list[Batch]:
    """Report parts that exceed the whole they are part of."""
    batches = []
    for part, whole, code in _PARTS_OF_WHOLES:
        if part not in facts.columns or whole not in facts.columns:
            continue
        excess = facts[part] - facts[whole]
        rows = np.flatnonzero(np.isfinite(excess) & (excess > HA_STEP))
        labels = (_name(part), _name(whole))
        messages = [
            f"{labels[0]} {number(facts[part][row], 4)} 公顷，大于{labels[1]} {number(facts[whole][row], 4)} 公顷"
            for row in rows
        ]
        batches.append(Batch(code, rows, messages))
    return batches


def _name(column: str) -> str:
    return schema.PARCELS.column(column).label


def check_dates(facts: pd.DataFrame) -> list[Batch]:
    """Report dates that precede what must come first."""
    batches = []
    for earlier, later in _DATES_IN_ORDER:
        if earlier not in facts.columns or later not in facts.columns:
            continue
        rows = np.flatnonzero(facts[later] < facts[earlier])
        messages = [
            f"{_name(later)} {facts[later][row]:%Y-%m-%d} 早于{_name(earlier)} {facts[earlier][row]:%Y-%m-%d}"
            for row in rows
        ]
        batches.append(Batch("dates_out_of_order", rows, messages))
    return batches


def check_contradictions(facts: pd.DataFrame) -> list[Batch]:
    """Report facts that cannot both be true."""
    facts = facts.reindex(columns=[column.name for column in schema.PARCELS.columns])
    not_commenced = facts["commenced"].astype("boolean").eq(False).fillna(False)  # noqa: FBT003
    clear_but_disputed = (
        facts["title_clear"].astype("boolean") & facts["disputed"].astype("boolean")
    ).fillna(False)  # noqa: FBT003
    recognised = facts["idle_recognised"].astype("boolean").fillna(False)  # noqa: FBT003
    supplied = facts["supplied_ha"].astype("float64")
    declared = facts["declared_ha"].astype("float64")
    land_class = facts["land_class"]
    pairs = (
        (not_commenced & facts["commence_date"].notna(), "未动工，却有动工日期"),
        (not_commenced & (facts["developed_ha"].astype("float64") > 0), "未动工，却有已动工面积"),
        (not_commenced & facts["suspended_since"].notna(), "未动工，却有中止开发日期"),
        (clear_but_disputed, "权属清晰，却存在争议"),
        (
            recognised & land_class.notna() & (land_class != "闲置"),
            "已认定闲置，存量类别却不是闲置",
        ),
        (
            (land_class == "批而未供") & (declared > 0) & (supplied >= declared),
            "批而未供，已供面积却不小于地块面积",
        ),
        (facts["supply_date"].notna() & (supplied == 0), "有供地日期，已供面积却为零"),
    )
    return [
        flag("contradictory_facts", wrong.to_numpy(dtype=bool, na_value=False), message)
        for wrong, message in pairs
    ]

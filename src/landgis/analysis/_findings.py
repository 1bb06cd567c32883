"""Every kind of finding that soundness can report, and how findings become one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.model import schema
from landgis.model.units import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Severity = Literal["错误", "警告", "提示"]
DEGREES_ROUND = 360.0
ABSURD = 1e15  # decimals of larger numbers mean nothing, and exact decimals run out
WHOLE_TABLE = -1  # the row number of a finding about the table itself


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding: its stable code, its Chinese label, how grave it is."""

    code: str
    label: str
    severity: Severity


_ERRORS = (
    ("column_missing", "缺少字段"),
    ("missing_id", "编号缺失"),
    ("duplicate_id", "编号重复"),
    ("wrong_kind", "内容与字段类型不符"),
    ("null_geometry", "无图形"),
    ("empty_geometry", "空图形"),
    ("not_polygon", "不是面图形"),
    ("coordinates_not_finite", "坐标不是有限数"),
    ("coordinates_out_of_range", "坐标超出范围"),
    ("self_intersection", "边界自相交"),
    ("ring_self_intersection", "环自相接"),
    ("hole_outside_shell", "孔洞在外环之外"),
    ("nested_holes", "孔洞套孔洞"),
    ("nested_shells", "外环套外环"),
    ("disconnected_interior", "内部不连通"),
    ("too_few_points", "顶点不足"),
    ("duplicate_rings", "环重复"),
    ("invalid_geometry", "图形无效"),
    ("zero_area", "面积为零"),
    ("duplicate_geometry", "图形重复"),
    ("land_class_unknown", "存量类别不在名录"),
    ("negative_number", "数值为负"),
    ("number_not_finite", "数值无穷"),
)
_WARNINGS = (
    ("tiny_area", "面积过小"),
    ("overlap", "地块重叠"),
    ("outside_units", "在统计单元之外"),
    ("unit_mismatch", "统计单元与位置不符"),
    ("unit_unknown", "统计单元不在单元图层"),
    ("area_mismatch", "台账面积与图形不符"),
    ("value_outside_list", "取值不在名录"),
    ("share_out_of_range", "比例超出 0 至 1"),
    ("dates_out_of_order", "日期先后颠倒"),
    ("supplied_over_approved", "供地超过批准"),
    ("part_over_whole", "部分大于整体"),
    ("contradictory_facts", "事实矛盾"),
    ("cleared_but_built", "已清理却有建筑"),
)
_HINTS = (
    ("repeated_points", "重复顶点"),
    ("spike", "尖锐角"),
    ("ring_orientation", "孔洞与外环同向"),
    ("overlap_sliver", "碎屑重叠"),
    ("partly_outside_units", "部分超出统计单元"),
    ("across_units", "跨统计单元"),
    ("unit_missing", "统计单元未填"),
)
_GROUPS: tuple[tuple[Severity, tuple[tuple[str, str], ...]], ...] = (
    ("错误", _ERRORS),
    ("警告", _WARNINGS),
    ("提示", _HINTS),
)
CATALOGUE: dict[str, Kind] = {
    code: Kind(code, label, severity) for severity, kinds in _GROUPS for code, label in kinds
}
_ORDER = {code: position for position, code in enumerate(CATALOGUE)}


class Batch(NamedTuple):
    """Findings of one code: row numbers, messages, places (rows by x, y), what can be mended."""

    code: str
    rows: NDArray[np.intp]
    messages: Sequence[str]
    places: NDArray[np.float64] | None = None
    mendable: NDArray[np.bool_] | None = None


def number(value: float, decimals: int) -> str:
    """Print one number for a message; a number no parcel can have, in powers of ten."""
    return show(value, decimals) if not abs(value) >= ABSURD else f"{value:.3g}"


def spot(x: float, y: float) -> str:
    """Print a place: degrees to six decimals, metres to two."""
    decimals = 6 if max(abs(x), abs(y)) <= DEGREES_ROUND else 2
    return f"({number(x, decimals)}, {number(y, decimals)})"


def flag(code: str, wrong: NDArray[np.bool_], message: str) -> Batch:
    """Report every row where `wrong` holds, with one message for all."""
    rows = np.flatnonzero(wrong)
    return Batch(code, rows, [message] * len(rows))


def identifiers(index: pd.Index) -> NDArray[np.object_]:
    """Give every row's identifier as text, empty where there is none."""
    labels = pd.Series(index.to_numpy(), dtype=object)
    texts: NDArray[np.object_] = labels.where(labels.notna(), "").astype(str).to_numpy(object)
    return texts


def assemble(
    batches: Iterable[Batch], index: pd.Index, geometry: NDArray[np.object_]
) -> pd.DataFrame:
    """Bring findings into one table: the whole table's first, then row by row, gravest first."""
    found = [batch for batch in batches if len(batch.rows)]
    if not found:
        return schema.empty(schema.FINDINGS)
    rows = np.concatenate([batch.rows for batch in found])
    order = np.concatenate([np.full(len(batch.rows), _ORDER[batch.code]) for batch in found])
    codes = [code for batch in found for code in [batch.code] * len(batch.rows)]
    places = np.concatenate([_places(batch, geometry) for batch in found])
    mendable = np.concatenate(
        [
            np.zeros(len(batch.rows), bool) if batch.mendable is None else batch.mendable
            for batch in found
        ]
    )
    names = np.append(identifiers(index), "")  # the last one stands for the whole table
    table = pd.DataFrame(
        {
            "parcel_id": pd.Series(names[rows], dtype="str"),
            "code": pd.Series(codes, dtype="str"),
            "severity": pd.Series([CATALOGUE[code].severity for code in codes], dtype="str"),
            "message": pd.Series([m for batch in found for m in batch.messages], dtype="str"),
            "mendable": pd.Series(mendable, dtype="boolean"),
            "x": places[:, 0],
            "y": places[:, 1],
        }
    )
    return table.iloc[np.lexsort((order, rows))].reset_index(drop=True)


def _places(batch: Batch, geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    if batch.places is not None:
        return batch.places
    places = np.full((len(batch.rows), 2), np.nan)
    on_a_row = batch.rows != WHOLE_TABLE
    places[on_a_row] = locate(geometry[batch.rows[on_a_row]])
    return places


def locate(geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give a place on every geometry; the first vertex where it is invalid, NaN where none."""
    places = np.full((len(geometry), 2), np.nan)
    points, owners = shapely.get_coordinates(geometry, return_index=True)
    with_points, first = np.unique(owners, return_index=True)
    places[with_points] = np.where(np.isfinite(points[first]), points[first], np.nan)
    finite = np.ones(len(geometry), bool)
    finite[owners[~np.isfinite(points).all(axis=1)]] = False
    sound = finite & ~shapely.is_empty(geometry)
    sound[sound] = shapely.is_valid(geometry[sound])
    inside = shapely.point_on_surface(geometry[sound])
    places[sound] = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    return places

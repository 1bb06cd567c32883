"""Tables that stand beside the verdicts: conditions of readiness, routes, approval batches."""

from __future__ import annotations

from landgis.model.columns import Column, Table
from landgis.model.parcel_columns import ALL_LAND_CLASSES, READINESS

CONDITIONS = Table(
    "conditions",
    "净毛地条件",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("readiness", "净毛地", values=READINESS),
        Column("rule_id", "规则编号"),
        Column("condition", "条件"),
        Column("hard", "硬条件", "truth"),
        Column("state", "是否具备", values=("是", "否", "未知")),
        Column("facts", "台账事实"),
        Column("seen", "影像与图层"),
        Column("contradicted", "矛盾", "truth"),
        Column("doubt", "矛盾说明"),
        Column("look", "核查什么"),
        Column("basis", "依据"),
    ),
)
ROUTES = Table(
    "routes",
    "处置路径",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("unit", "统计单元"),
        Column("judged_class", "判定类别", values=ALL_LAND_CLASSES),
        Column("rule_id", "规则编号"),
        Column("route", "路径"),
        Column("because", "有利理由"),
        Column("against", "不利因素"),
        Column("to_check", "待核"),
        Column("responsible", "责任主体"),
        Column("supporting", "配合部门"),
        Column("basis", "依据"),
    ),
)
BATCHES = Table(
    "batches",
    "批次供应",
    None,
    (
        Column("approval_no", "批复文号"),
        Column("approval_date", "批复日期", "date"),
        Column("parcel_count", "宗数", "integer", "宗"),
        Column("approved_ha", "批准面积", "number", "公顷"),
        Column("acquired_ha", "征地完成", "number", "公顷"),
        Column("supplied_ha", "已供", "number", "公顷"),
        Column("unsupplied_ha", "批而未供", "number", "公顷"),
        Column("unacquired_ha", "批而未征", "number", "公顷"),
        Column("state", "状态", values=("未供", "部分供应", "已供完", "超批准供应", "待核")),
        Column("note", "说明"),
    ),
)

"""The tables of targets and progress: what goes in, what comes out."""

from __future__ import annotations

from landgis.model.columns import Column, Table
from landgis.model.parcel_columns import ALL_LAND_CLASSES, PARCEL_ID

DISPOSALS = Table(
    "disposals",
    "处置台账",
    None,
    (
        Column(
            "parcel_id",
            "地块编号",
            codes=PARCEL_ID.codes,
            aliases=PARCEL_ID.aliases,
            required=True,
        ),
        Column(
            "disposal_date",
            "处置完成日期",
            "date",
            codes=("CZWCRQ",),
            aliases=("处置日期", "完成日期"),
            required=True,
        ),
        Column(
            "disposed_ha",
            "处置面积",
            "number",
            "公顷",
            codes=("YCZMJ",),
            aliases=("本次处置面积", "已处置面积", "完成面积"),
            required=True,
        ),
        Column("disposal_route", "处置方式", codes=("CZFS", "CZLX"), aliases=("处置类型",)),
        Column("proof", "处置依据", aliases=("证明材料", "合同编号", "文号")),
    ),
)
REPORTS = Table(
    "reports",
    "季度填报",
    None,
    (
        Column("unit", "县区", required=True),
        Column("year", "年度", "integer", required=True),
        Column("quarter", "季度", "integer", required=True),
        Column("task_ha", "年度任务", "number", "公顷"),
        Column("done_ha", "本季完成", "number", "公顷", required=True),
    ),
)
TARGETS = Table(
    "targets",
    "任务分解",
    None,
    (
        Column("unit", "县区", aliases=("县区名称", "统计单元", "单位", "区县"), required=True),
        Column("year", "年度", "integer", aliases=("年份",), required=True),
        Column(
            "task_ha", "年度任务", "number", "公顷", aliases=("盘活任务", "任务"), required=True
        ),
        Column(
            "quota_ha",
            "下一年度新增建设用地计划指标",
            "number",
            "公顷",
            aliases=("新增建设用地计划指标", "新增计划指标", "计划指标"),
        ),
    ),
)
INDICATORS = Table(
    "indicators",
    "经济指标",
    None,
    (
        Column("indicator", "指标", aliases=("指标名称",), required=True),
        Column("year", "年度", "integer", aliases=("年份",), required=True),
        Column("value", "数值", "number", aliases=("亿元", "指标值"), required=True),
        Column("land_ha", "建设用地面积", "number", "公顷", aliases=("建设用地",), required=True),
    ),
)
PARKS = Table(
    "parks",
    "开发区用地绩效",
    None,
    (
        Column("park", "开发区", aliases=("园区", "开发区名称", "园区名称"), required=True),
        Column("level", "级别", values=("国家级", "自治区级", "标杆"), required=True),
        Column("year", "年度", "integer", aliases=("年份",), required=True),
        Column("intensity", "工业用地投资强度", "number", "万元/公顷", aliases=("投资强度",)),
        Column("tax_per_mu", "工业用地亩均税收", "number", "万元/亩", aliases=("亩均税收",)),
    ),
)
PROGRESS = Table(
    "progress",
    "进度",
    None,
    (
        Column("unit", "县区"),
        Column("year", "年度", "integer"),
        Column("quarter", "季度", "integer"),
        Column("task_ha", "年度任务", "number", "公顷"),
        Column("done_ha", "本季完成", "number", "公顷"),
        Column("cumulative_ha", "累计完成", "number", "公顷"),
        Column("rate", "累计完成率", "number"),
        Column("required_rate", "序时进度", "number"),
        Column("gap_ha", "差额", "number", "公顷"),
        Column("on_schedule", "达标", "truth"),
        Column("rank", "排名", "integer"),
        Column("note", "备注"),
    ),
)
ACHIEVEMENTS = Table(
    "achievements",
    "指标完成情况",
    None,
    (
        Column("target_id", "指标编号"),
        Column("title", "指标"),
        Column("unit", "县区（园区）"),
        Column("land_class", "类别", values=ALL_LAND_CLASSES),
        Column("year", "年度", "integer"),
        Column("cohort_date", "基期", "date"),
        Column("cut_off", "统计截止", "date"),
        Column("numerator", "分子", "number"),
        Column("denominator", "分母", "number"),
        Column("measure", "计量单位"),
        Column("value", "完成值", "number"),
        Column("target", "目标值", "number"),
        Column("gap", "差额", "number"),
        Column("met", "达标", "truth"),
        Column("consequence", "奖惩"),
        Column("note", "说明"),
        Column("basis", "依据"),
    ),
)
CONTRIBUTIONS = Table(
    "contributions",
    "处置计入明细",
    None,
    (
        Column("baseline_id", "基期地块编号"),
        Column("unit", "县区"),
        Column("land_class", "类别", values=ALL_LAND_CLASSES),
        Column("parcel_id", "地块编号"),
        Column("disposal_date", "处置完成日期", "date"),
        Column("number", "同日序号", "integer"),
        Column("counted_ha", "计入面积", "number", "公顷"),
    ),
)
MOVES = Table(
    "moves",
    "数字变动明细",
    None,
    (
        Column("figure", "数字"),
        Column("unit", "县区"),
        Column("land_class", "类别", values=ALL_LAND_CLASSES),
        Column("parcel_id", "地块编号"),
        Column("disposal_date", "处置完成日期", "date"),
        Column("before_m2", "上次", "number", "平方米"),
        Column("after_m2", "本次", "number", "平方米"),
        Column("move_m2", "变动", "number", "平方米"),
        Column("because", "原因"),
    ),
)
FIGURES = Table(
    "figures",
    "数字变动",
    None,
    (
        Column("figure", "数字"),
        Column("unit", "县区"),
        Column("land_class", "类别", values=ALL_LAND_CLASSES),
        Column("before_m2", "上次", "number", "平方米"),
        Column("after_m2", "本次", "number", "平方米"),
        Column("change_m2", "变动", "number", "平方米"),
        Column("move_count", "变动宗数", "integer", "宗"),
    ),
)

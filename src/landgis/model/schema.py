"""The words of the house: every table, every column, with kind, unit, Chinese label and codes.

Steps never know each other; they meet in these columns. Ministry field codes are those of the
自然资源“一张图”数据库体系结构 (7) 开发利用 and of the survey and planning volumes, read in a
third party's transcription; common ledger headings stand beside them as aliases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from landgis.model.errors import SchemaError

if TYPE_CHECKING:
    from pandas import DataFrame

Kind = Literal["text", "number", "integer", "date", "truth", "geometry"]

LAND_CLASSES = ("批而未供", "闲置", "低效")  # the annex's three columns
ALL_LAND_CLASSES = (*LAND_CLASSES, "农村存量", "其他")
READINESS = ("净地", "毛地", "待核")
TOTAL = "合计"
LAYER_LABELS = {  # what planners call the ministry's planning and survey layers
    "YJJBNTTB": "永久基本农田",
    "STBHHX": "生态保护红线",
    "CZKFBJ": "城镇开发边界",
    "GHYDYH": "规划用地用海",
    "XZYDYH": "现状用地用海",
    "ZXCQGHFQ": "中心城区规划分区",
    "DLTB": "地类图斑",
}

DTYPES: dict[Kind, str] = {
    "text": "str",
    "number": "float64",
    "integer": "Int64",
    "date": "datetime64[ms]",
    "truth": "boolean",  # nullable: true, false, unknown
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in memory, its kind, and what planners and ministries call it."""

    name: str
    label: str
    kind: Kind = "text"
    unit: str = ""
    codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    required: bool = False
    made_by: str = ""

    @property
    def heading(self) -> str:
        """Chinese heading with its unit, as it stands in a ledger."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, its Chinese label, its index column where it has one, its columns."""

    name: str
    label: str
    index: str | None
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Give the column of that name; KeyError where the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def labels(self) -> dict[str, str]:
        """Chinese heading of every column."""
        return {column.name: column.heading for column in self.columns}

    def names_met(self) -> dict[str, str]:
        """Canonical name for every name a column may bear in a file, upper-cased."""
        met: dict[str, str] = {}
        for column in self.columns:
            for name in (column.name, column.label, column.heading, *column.codes, *column.aliases):
                met.setdefault(name.upper(), column.name)
        return met


GEOMETRY = Column("geometry", "图形", "geometry")
PARCEL_ID = Column(
    "parcel_id",
    "地块编号",
    codes=("DKBH",),
    aliases=("地块编码", "宗地编号", "ZDBH"),
    required=True,
)

_WHO_AND_WHERE = (
    PARCEL_ID,
    Column("parcel_name", "地块名称", codes=("DKMC",), aliases=("名称",)),
    Column("unit", "统计单元", codes=("TJDY",), aliases=("县区", "县（区）", "XZQMC")),
    Column("county_code", "行政区代码", codes=("XZQDM", "XJXZQHDM", "XJXZQDM")),
    Column("location", "地块位置", codes=("DKWZ", "TDZL"), aliases=("坐落", "土地坐落")),
    Column("holder", "权利人名称", codes=("QLRMC",), aliases=("权利人", "使用权人")),
    Column(
        "land_class", "存量类别", codes=("CLLB",), aliases=("土地类别",), values=ALL_LAND_CLASSES
    ),
    Column("declared_ha", "地块面积", "number", "公顷", codes=("DKMJ",), aliases=("台账面积",)),
    Column("area_m2", "椭球面积", "number", "平方米", codes=("TQMJ",), made_by="measure"),
    Column("judged_class", "判定类别", values=ALL_LAND_CLASSES, made_by="classify"),
    Column("judged_by", "判定规则", made_by="classify"),
    Column("readiness", "净毛地", codes=("JMD",), values=READINESS, made_by="classify"),
    Column("readiness_because", "净毛地理由", made_by="classify"),
    Column("cluster_id", "连片编号", made_by="cluster"),
)
_APPROVAL = (
    Column("approval_no", "批复文号", codes=("BPPFWH",)),
    Column("approval_date", "批复日期", "date", codes=("BPPFRQ",)),
    Column("approved_ha", "批准面积", "number", "公顷", codes=("BPPZMJ",)),
    Column("approved_use_code", "批准用途", codes=("PZYTDM",), aliases=("批准用途代码",)),
    Column("acquired_ha", "征地完成面积", "number", "公顷", codes=("ZDWCMJ",)),
    Column("unsupplied_reason", "批而未供原因", codes=("PEWGYY",)),
)
_SUPPLY = (
    Column("supplied_ha", "已供面积", "number", "公顷", codes=("DKYGMJ",)),
    Column("supply_date", "供地日期", "date", codes=("GDRQ",)),
    Column(
        "supply_method", "供地方式", codes=("GDFS",), values=("出让", "划拨", "租赁", "作价出资")
    ),
    Column("contract_no", "合同编号", codes=("HTBH",)),
    Column("price_wan", "成交价款", "number", "万元", codes=("CJJK",), aliases=("出让价款",)),
    Column("land_use_code", "土地用途代码", codes=("TDYTDM",), aliases=("土地用途", "TDYT")),
    Column("project_name", "项目名称", codes=("XMMC", "BPXMMC")),
)
_DEVELOPMENT = (
    Column("agreed_start_date", "约定动工日期", "date", codes=("YDKGRQ", "YDDGRQ")),
    Column("delivery_date", "交地日期", "date", codes=("JDRQ",)),
    Column("commenced", "已动工", "truth", codes=("SFDG",), aliases=("是否动工",)),
    Column("commence_date", "动工日期", "date", codes=("DGRQ",)),
    Column("should_develop_ha", "应动工面积", "number", "公顷", codes=("YDGMJ",)),
    Column("developed_ha", "已动工面积", "number", "公顷", codes=("SJDGMJ",)),
    Column("total_investment_wan", "总投资额", "number", "万元", codes=("ZTZE",)),
    Column("invested_wan", "已投资额", "number", "万元", codes=("SJYTZE",)),
    Column("suspended_since", "中止开发日期", "date", codes=("ZZRQ",)),
    Column("exempt_days", "豁免天数", "integer", "天", codes=("HMTS",)),
    Column(
        "idle_cause", "闲置原因", codes=("XZYYLX",), values=("政府", "企业", "不可抗力", "司法")
    ),
    Column("idle_recognised", "已认定闲置", "truth", codes=("SFRD",)),
)
_PERFORMANCE = (
    Column("contract_far", "合同容积率", "number", codes=("HTRJL",)),
    Column("actual_far", "现状容积率", "number", codes=("XZRJL",)),
    Column("contract_intensity", "合同投资强度", "number", "万元/公顷", codes=("HTTZQD",)),
    Column("actual_intensity", "现状投资强度", "number", "万元/公顷", codes=("XZTZQD",)),
    Column("contract_tax_per_mu", "合同亩均税收", "number", "万元/亩", codes=("HTMJSS",)),
    Column("actual_tax_per_mu", "现状亩均税收", "number", "万元/亩", codes=("XZMJSS",)),
    Column("vacancy_share", "厂房空置率", "number", codes=("CFKZQK",)),
)
_LOW_EFFICIENCY_GATES = (
    Column("construction_in_2009_survey", "二调为建设用地", "truth", codes=("EDJSYD",)),
    Column("in_town", "位于城镇", "truth", codes=("WYCZ",)),
    Column("title_clear", "权属清晰", "truth", codes=("QSQX",)),
    Column("disputed", "存在争议", "truth", codes=("CZZY",)),
    Column("restricted_industry", "禁止淘汰类产业", "truth", codes=("JZTTL",)),
    Column("environment_ok", "环保合格", "truth", codes=("HBHG",)),
    Column("safety_ok", "安全合格", "truth", codes=("AQHG",)),
    Column("retreat_for_services", "退二进三", "truth", codes=("TEJS",)),
    Column(
        "renewal_plan",
        "改造计划",
        codes=("GZJH",),
        values=("老城区", "城中村", "棚户区", "老工业区"),
    ),
)
_READINESS_FACTS = (
    Column("compensation_done", "补偿到位", "truth", codes=("BCDW",)),
    Column("plan_conditions_set", "规划条件明确", "truth", codes=("GHTJMQ",)),
    Column("structures_cleared", "附着物清理", "truth", codes=("FZWQL",)),
    Column("road", "通路", "truth", codes=("TL",)),
    Column("water", "通水", "truth", codes=("TS",)),
    Column("power", "通电", "truth", codes=("TD",)),
    Column("levelled", "场地平整", "truth", codes=("CDPZ",)),
    Column("assessed", "评估完成", "truth", codes=("PGWC",)),
)
_DISPOSAL = (
    Column("disposal_route", "处置方式", codes=("CZLX", "CZFS")),
    Column("disposal_date", "处置完成日期", "date", codes=("CZWCRQ",)),
    Column("disposed_ha", "已处置面积", "number", "公顷", codes=("YCZMJ",)),
    Column("responsible", "责任单位", codes=("ZRDW",)),
)

PARCELS = Table(
    "parcels",
    "地块",
    "parcel_id",
    (
        *_WHO_AND_WHERE,
        *_APPROVAL,
        *_SUPPLY,
        *_DEVELOPMENT,
        *_PERFORMANCE,
        *_LOW_EFFICIENCY_GATES,
        *_READINESS_FACTS,
        *_DISPOSAL,
        GEOMETRY,
    ),
)
ZONES = Table(
    "zones",
    "规划分区",
    "zone_id",
    (
        Column("zone_id", "标识码", codes=("BSM",), required=True),
        Column("layer", "图层"),
        Column(
            "zone_code",
            "分区代码",
            codes=("GHFQDM", "YDYHFLDM", "DLBM", "LHLX", "LXDM"),
        ),
        Column("zone_name", "分区名称", codes=("GHFQMC", "YDYHFLMC", "DLMC", "MC", "CZMC")),
        GEOMETRY,
    ),
)
UNITS = Table(
    "units",
    "统计单元",
    "unit",
    (
        Column(
            "unit",
            "统计单元",
            codes=("TJDY", "XZQMC"),
            aliases=("名称", "县区", "区县名称", "NAME"),
            required=True,
        ),
        Column("county_code", "行政区代码", codes=("XZQDM",), aliases=("行政区代码", "adcode")),
        GEOMETRY,
    ),
)
BARRIERS = Table(
    "barriers",
    "阻隔",
    "barrier_id",
    (
        Column("barrier_id", "标识码", codes=("BSM",), required=True),
        Column("barrier_class", "阻隔类别", codes=("ZGLB", "DLMC"), aliases=("类别",)),
        Column("barrier_name", "名称", codes=("MC",)),
        Column("width_m", "宽度", "number", "米", codes=("KD", "XZDWKD")),
        GEOMETRY,
    ),
)
ANNEX = Table(
    "annex",
    "存量土地统计表",
    None,
    (
        Column("unit", "县区", required=True),  # 合计 marks the printed column sums
        Column("land_class", "类别", values=(*LAND_CLASSES, TOTAL), required=True),
        Column("official_ha", "官方面积", "number", "公顷"),  # Decimal or None, as printed
    ),
)
FINDINGS = Table(
    "findings",
    "检查发现",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("code", "问题代码"),
        Column("severity", "级别", values=("错误", "警告", "提示")),
        Column("message", "说明"),
        Column("mendable", "可自动修复", "truth"),
        Column("x", "横坐标", "number"),
        Column("y", "纵坐标", "number"),
    ),
)
CHANGES = Table(
    "changes",
    "修复记录",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("code", "问题代码"),
        Column("action", "修复动作"),
        Column("area_before_m2", "修复前面积", "number", "平方米"),
        Column("area_after_m2", "修复后面积", "number", "平方米"),
        Column("moved_m2", "变动面积", "number", "平方米"),
    ),
)
VERDICTS = Table(
    "verdicts",
    "判定",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("rule_id", "规则编号"),
        Column("category", "判定事项"),
        Column("truth", "真值", values=("true", "false", "unknown")),
        Column("decides", "起决定作用", "truth"),
        Column("missing", "缺失字段"),
        Column("because", "理由"),
    ),
)
PIECES = Table(
    "pieces",
    "叠加图斑",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("layer", "图层"),
        Column("zone_id", "分区标识"),
        Column("zone_code", "分区代码"),
        Column("zone_name", "分区名称"),
        Column("area_m2", "椭球面积", "number", "平方米"),
        Column("share", "占地块比例", "number"),
        Column("sliver", "碎屑", "truth"),
        GEOMETRY,
    ),
)
ACCOUNT = Table(
    "account",
    "面积账",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("layer", "图层"),
        Column("parcel_dm2", "地块", "integer", "平方分米"),
        Column("zoned_dm2", "分区内", "integer", "平方分米"),
        Column("outside_dm2", "分区外", "integer", "平方分米"),
        Column("twice_dm2", "重复计算", "integer", "平方分米"),
        Column("closure_dm2", "闭合差", "integer", "平方分米"),
    ),
)
CONFLICTS = Table(
    "conflicts",
    "管控线冲突",
    None,
    (
        Column("parcel_id", "地块编号"),
        Column("layer", "图层"),
        Column("zone_name", "分区名称"),
        Column("verdict", "结论", values=("禁止", "限制", "需调整", "符合")),
        Column("area_m2", "压占面积", "number", "平方米"),
        Column("area_ha", "压占面积", "number", "公顷"),
        Column("share", "占地块比例", "number"),
        Column("piece_count", "图斑数", "integer"),
        Column("largest_m2", "最大图斑", "number", "平方米"),
        Column("because", "理由"),
        GEOMETRY,
    ),
)
EDGES = Table(
    "edges",
    "邻接",
    None,
    (
        Column("a", "地块甲"),
        Column("b", "地块乙"),
        Column("kind", "关系", values=("shared", "overlap", "sliver", "corner", "near")),
        Column("shared_m", "共边长", "number", "米"),
        Column("gap_m", "间距", "number", "米"),
        Column("reach_m", "可达间距", "number", "米"),  # shortest free segment; NaN: none in reach
        Column("overlap_m2", "重叠面积", "number", "平方米"),
        Column("barrier", "阻隔"),
        Column("joins", "连通", "truth"),
    ),
)
CLUSTERS = Table(
    "clusters",
    "连片",
    "cluster_id",
    (
        Column("cluster_id", "连片编号"),
        Column("cluster_name", "连片名称"),
        Column("unit", "统计单元"),
        Column("member_count", "宗数", "integer", "宗"),
        Column("area_m2", "椭球面积", "number", "平方米"),
        Column("overlap_m2", "重叠面积（只计一次）", "number", "平方米"),
        GEOMETRY,
    ),
)
GAP_CHOICES = Table(
    "gap_choices",
    "间距比选",
    None,
    (
        Column("gap_m", "间距", "number", "米"),
        Column("cluster_count", "连片数", "integer", "片"),
        Column("member_count", "宗数", "integer", "宗"),
        Column("area_m2", "椭球面积", "number", "平方米"),
        Column("largest_count", "最大连片宗数", "integer", "宗"),
        Column("largest_m2", "最大连片面积", "number", "平方米"),
    ),
)
SUMMARY = Table(
    "summary",
    "对账",
    None,
    (
        Column("unit", "县区"),
        Column("land_class", "类别"),
        Column("parcel_count", "宗数", "integer", "宗"),
        Column("official_ha", "官方面积", "number", "公顷"),
        Column("ledger_ha", "台账面积", "number", "公顷"),
        Column("measured_ha", "椭球面积", "number", "公顷"),
        Column("difference_ha", "台账减官方", "number", "公顷"),
        Column("measured_difference_ha", "椭球减台账", "number", "公顷"),
    ),
)
ANNEX_DIFFERENCES = Table(
    "annex_differences",
    "差异",
    None,
    (
        Column("unit", "县区"),
        Column("land_class", "类别"),
        Column("parcel_id", "地块编号"),
        Column("kind", "差异类型"),
        Column("ledger_ha", "台账面积", "number", "公顷"),
        Column("measured_ha", "椭球面积", "number", "公顷"),
        Column("difference_ha", "差值", "number", "公顷"),
        Column("message", "说明"),
    ),
)
DISPOSALS = Table(
    "disposals",
    "处置记录",
    None,
    (
        Column("unit", "县区", required=True),
        Column("year", "年度", "integer", required=True),
        Column("quarter", "季度", "integer", required=True),
        Column("task_ha", "年度任务", "number", "公顷"),
        Column("done_ha", "本季完成", "number", "公顷", required=True),
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
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PARCELS,
        ZONES,
        UNITS,
        BARRIERS,
        ANNEX,
        FINDINGS,
        CHANGES,
        VERDICTS,
        PIECES,
        ACCOUNT,
        CONFLICTS,
        EDGES,
        CLUSTERS,
        GAP_CHOICES,
        SUMMARY,
        ANNEX_DIFFERENCES,
        DISPOSALS,
        PROGRESS,
    )
}


def need(table: DataFrame, *names: str, of: Table = PARCELS) -> None:
    """Make sure that a table has the columns a step needs.

    Parameters
    ----------
    table : DataFrame
        Any table of the house.
    *names : str
        Columns needed, beside the index.
    of : Table, optional
        What kind of table it is.

    Raises
    ------
    SchemaError
        ``column_missing``, naming every missing column and the verb that makes it.

    Examples
    --------
    >>> import pandas
    >>> try:
    ...     need(pandas.DataFrame({"unit": ["钦南区"]}), "unit", "area_m2")
    ... except SchemaError as error:
    ...     print(error.hint)
    地块表缺少字段：area_m2（椭球面积，先运行 landgis measure）。
    """
    missing = [name for name in names if name not in table.columns]
    if not missing:
        return
    parts = []
    for name in missing:
        column = next((column for column in of.columns if column.name == name), None)
        label = "" if column is None else column.label
        verb = f"，先运行 landgis {column.made_by}" if column is not None and column.made_by else ""
        parts.append(f"{name}（{label}{verb}）" if label else name)
    raise SchemaError(
        "column_missing",
        f"the {of.name} table lacks {', '.join(missing)}",
        hint=f"{of.label}表缺少字段：{'、'.join(parts)}。",
    )


def empty(of: Table, *, crs: Any = None) -> DataFrame:
    """Give a table of that kind without rows, each column of its own dtype.

    Parameters
    ----------
    of : Table
        What kind of table.
    crs : pyproj.CRS or str or None, optional
        Coordinate system of the geometry, where the table has one.

    Returns
    -------
    DataFrame or GeoDataFrame
        No rows; the index is named where the table has one.

    Examples
    --------
    >>> list(empty(EDGES))[:3]
    ['a', 'b', 'kind']
    """
    import pandas as pd

    data: dict[str, Any] = {
        column.name: pd.Series([], dtype=DTYPES[column.kind])
        for column in of.columns
        if column.kind != "geometry"
    }
    table = pd.DataFrame(data)
    if GEOMETRY in of.columns:
        import geopandas as gpd

        table = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=crs))
    return table if of.index is None else table.set_index(of.index)

"""The words of the house: every table with its columns, and what planners call them.

Steps never know each other; they meet in these columns. Ministry field codes are those of the
自然资源“一张图”数据库体系结构 and of the survey and planning volumes, read in a third party's
transcription.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landgis.model.arguments import require_table
from landgis.model.cluster_tables import (
    CLUSTER_PARTS,
    CLUSTERS,
    EDGES,
    GAP_CHOICES,
    POCKET_KINDS,
    POCKETS,
    PRIORITIES,
    RENEWAL_UNITS,
    SEPARATED_BY,
    SEPARATIONS,
)
from landgis.model.columns import DTYPES, Column, Kind, Table
from landgis.model.errors import SchemaError
from landgis.model.judgement_tables import BATCHES, CONDITIONS, ROUTES
from landgis.model.parcel_columns import (
    ALL_LAND_CLASSES,
    GEOMETRY,
    LAND_CLASSES,
    PARCEL_COLUMNS,
    PARCEL_ID,
    READINESS,
    TOTAL,
)
from landgis.model.progress_tables import (
    ACHIEVEMENTS,
    CONTRIBUTIONS,
    DISPOSALS,
    FIGURES,
    INDICATORS,
    MOVES,
    PARKS,
    PROGRESS,
    REPORTS,
    TARGETS,
)

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "ACCOUNT",
    "ACHIEVEMENTS",
    "ALL_LAND_CLASSES",
    "ANNEX",
    "ANNEX_DIFFERENCES",
    "BARRIERS",
    "BATCHES",
    "CHANGES",
    "CLUSTERS",
    "CLUSTER_PARTS",
    "CONDITIONS",
    "CONFLICTS",
    "CONTRIBUTIONS",
    "DISPOSALS",
    "DTYPES",
    "EDGES",
    "FEATURES",
    "FIGURES",
    "FINDINGS",
    "GAP_CHOICES",
    "GEOMETRY",
    "INDICATORS",
    "LAND_CLASSES",
    "LAYER_LABELS",
    "MOVES",
    "PARCELS",
    "PARCEL_ID",
    "PARKS",
    "PIECES",
    "POCKETS",
    "POCKET_KINDS",
    "PRIORITIES",
    "PROGRESS",
    "READINESS",
    "RENEWAL_UNITS",
    "REPORTS",
    "ROUTES",
    "SEPARATED_BY",
    "SEPARATIONS",
    "SETTLED",
    "SUMMARY",
    "TABLES",
    "TARGETS",
    "TOTAL",
    "UNITS",
    "VERDICTS",
    "ZONES",
    "Column",
    "Kind",
    "Table",
    "empty",
    "need",
]

SQUARE_DECIMETRE = 6  # decimals of 公顷 in which statutory areas and their differences add up

LAYER_LABELS = {  # what planners call the ministry's planning and survey layers
    "YJJBNTTB": "永久基本农田",
    "STBHHX": "生态保护红线",
    "CZKFBJ": "城镇开发边界",
    "GHYDYH": "规划用地用海",
    "XZYDYH": "现状用地用海",
    "ZXCQGHFQ": "中心城区规划分区",
    "DLTB": "地类图斑",
}

PARCELS = Table("parcels", "地块", "parcel_id", PARCEL_COLUMNS)
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
FEATURES = Table(  # of a layer that is looked at and not kept
    "features",
    "佐证图层",
    "feature_id",
    (Column("feature_id", "标识码", codes=("BSM",), required=True), GEOMETRY),
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
        Column(
            "truth",
            "真值",
            values=("true", "false", "unknown"),
            words=("成立", "不成立", "待核"),
        ),
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
        Column("parcel_id", "地块编号", short="DKBH"),
        Column("layer", "图层", short="TC"),
        Column("zone_id", "分区标识", short="FQBS"),
        Column("zone_code", "分区代码", short="FQDM"),
        Column("zone_name", "分区名称", short="FQMC"),
        Column("area_m2", "椭球面积", "number", "平方米", short="TQMJ"),
        Column("share", "占地块比例", "number", short="ZDKBL"),
        Column("sliver", "碎屑", "truth", short="SX"),
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
        Column("parcel_id", "地块编号", short="DKBH"),
        Column("layer", "图层", short="TC"),
        Column("zone_name", "分区名称", short="FQMC"),
        Column("verdict", "结论", values=("禁止", "限制", "需调整", "符合"), short="JL"),
        Column("area_m2", "压占面积", "number", "平方米", short="YZMJ"),
        Column("area_ha", "压占面积", "number", "公顷", short="YZMJGQ"),
        Column("share", "占地块比例", "number", short="ZDKBL"),
        Column("piece_count", "图斑数", "integer", short="TBS"),
        Column("largest_m2", "最大图斑", "number", "平方米", short="ZDTB"),
        Column("because", "理由", short="LY"),
        GEOMETRY,
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
        Column("measured_ha", "椭球面积", "number", "公顷", decimals=SQUARE_DECIMETRE),
        Column("difference_ha", "台账减官方", "number", "公顷"),
        Column("measured_difference_ha", "椭球减台账", "number", "公顷", decimals=SQUARE_DECIMETRE),
        Column("measured_gap_ha", "椭球减官方", "number", "公顷", decimals=SQUARE_DECIMETRE),
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
        # rows of one account sum, per unit and class, to the summary's column of that label
        Column("account", "所属差额", values=("台账减官方", "椭球减台账")),
        Column("ledger_ha", "台账面积", "number", "公顷"),
        Column("measured_ha", "椭球面积", "number", "公顷", decimals=SQUARE_DECIMETRE),
        Column("difference_ha", "差值", "number", "公顷", decimals=SQUARE_DECIMETRE),
        Column("message", "说明"),
    ),
)
SETTLED = Table(
    "settled",
    "取舍调平",
    None,
    (
        Column("unit", "县区"),
        Column("land_class", "类别"),
        Column("own_ha", "单独取舍", "number", "公顷"),
        Column("printed_ha", "调平后", "number", "公顷"),
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
        CONDITIONS,
        ROUTES,
        BATCHES,
        PIECES,
        ACCOUNT,
        CONFLICTS,
        EDGES,
        CLUSTERS,
        CLUSTER_PARTS,
        POCKETS,
        SEPARATIONS,
        PRIORITIES,
        RENEWAL_UNITS,
        GAP_CHOICES,
        SUMMARY,
        ANNEX_DIFFERENCES,
        SETTLED,
        DISPOSALS,
        REPORTS,
        TARGETS,
        INDICATORS,
        PARKS,
        PROGRESS,
        ACHIEVEMENTS,
        CONTRIBUTIONS,
        MOVES,
        FIGURES,
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
    UsageError
        ``not_a_table``.

    Examples
    --------
    >>> import pandas
    >>> try:
    ...     need(pandas.DataFrame({"unit": ["钦南区"]}), "unit", "area_m2")
    ... except SchemaError as error:
    ...     print(error.hint)
    地块表缺少字段：area_m2（椭球面积，先运行 landgis measure）。
    """
    require_table(table, what=of.label)
    missing = [name for name in names if name not in table.columns]
    if not missing:
        return
    parts = []
    for name in map(str, missing):
        column = next((column for column in of.columns if column.name == name), None)
        label = "" if column is None else column.label
        verb = f"，先运行 landgis {column.made_by}" if column is not None and column.made_by else ""
        parts.append(f"{name}（{label}{verb}）" if label else name)
    raise SchemaError(
        "column_missing",
        f"the {of.name} table lacks {', '.join(map(str, missing))}",
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

"""Tables of contiguous renewal: edges, clusters and what is said of them."""

from __future__ import annotations

from landgis.model.columns import Column, Table
from landgis.model.parcel_columns import GEOMETRY

POCKET_KINDS = ("夹心地", "边角地", "插花地")
SEPARATED_BY = ("阻隔", "间距", "角点", "范围")

EDGES = Table(
    "edges",
    "邻接",
    None,
    (
        Column("a", "地块甲"),
        Column("b", "地块乙"),
        Column(
            "kind",
            "关系",
            values=("shared", "overlap", "sliver", "corner", "near"),
            words=("共边", "重叠", "细缝", "角点", "邻近"),
        ),
        Column("shared_m", "共边长", "number", "米"),
        Column("gap_m", "间距", "number", "米"),
        Column("reach_m", "可达间距", "number", "米"),  # shortest free segment; NaN: none in reach
        Column("overlap_m2", "重叠面积", "number", "平方米"),
        Column("barrier", "阻隔"),
        Column("barrier_class", "阻隔类别"),
        Column("joins", "连通", "truth"),
    ),
)
CLUSTERS = Table(
    "clusters",
    "连片",
    "cluster_id",
    (
        Column("cluster_id", "连片编号", short="LPBH"),
        Column("cluster_name", "连片名称", short="LPMC"),
        Column("unit", "统计单元", short="TJDY"),
        Column("member_count", "宗数", "integer", "宗", short="ZS"),
        Column("area_m2", "椭球面积", "number", "平方米", short="TQMJ"),
        Column("overlap_m2", "重叠面积（只计一次）", "number", "平方米", short="CDMJ"),
        Column("cleared_m2", "净地面积", "number", "平方米", made_by="portray", short="JDMJ"),
        Column("uncleared_m2", "毛地面积", "number", "平方米", made_by="portray", short="MDMJ"),
        Column("unjudged_m2", "待核面积", "number", "平方米", made_by="portray", short="DHMJ"),
        Column("concentrated_share", "集中建设区占比", "number", made_by="portray", short="JZQZB"),
        Column(
            "control_m2", "管控线冲突面积", "number", "平方米", made_by="portray", short="GKXMJ"
        ),
        Column("holder_count", "权利人数", "integer", "户", made_by="portray", short="QLRS"),
        Column(
            "holder_unknown", "权利人不明宗数", "integer", "宗", made_by="portray", short="QLRBMZS"
        ),
        Column("built_share", "建筑占比", "number", made_by="portray", short="JZZB"),
        Column("compactness", "紧凑度", "number", made_by="portray", short="JCD"),
        Column("frontage_m", "临路长度", "number", "米", made_by="portray", short="LLCD"),
        Column("pocket_m2", "三地面积", "number", "平方米", made_by="portray", short="SDMJ"),
        Column("pocket_share", "三地占比", "number", made_by="portray", short="SDZB"),
        Column("score", "优先度", "number", made_by="prioritise", decimals=1, short="YXD"),
        Column("score_known", "评分依据齐备度", "number", made_by="prioritise", short="PFQBD"),
        GEOMETRY,
    ),
)
CLUSTER_PARTS = Table(
    "cluster_parts",
    "连片构成",
    None,
    (
        Column("cluster_id", "连片编号"),
        Column("topic", "分项", values=("存量类别", "净毛地", "规划分区", "规划用途", "管控线")),
        Column("layer", "图层"),
        Column("item", "名称"),
        Column("member_count", "宗数", "integer", "宗"),
        Column("area_m2", "面积", "number", "平方米"),
        Column("share", "占连片面积", "number"),
    ),
)
POCKETS = Table(
    "pockets",
    "三地",
    "pocket_id",
    (
        Column("pocket_id", "三地编号", short="SDBH"),
        Column("cluster_id", "连片编号", short="LPBH"),
        Column("pocket_kind", "三地类型", values=POCKET_KINDS, short="SDLX"),
        Column("parcel_id", "地块编号", short="DKBH"),  # missing: ground that no parcel covers
        Column("area_m2", "椭球面积", "number", "平方米", short="TQMJ"),
        Column("share", "占连片面积", "number", short="ZLPB"),
        Column("within_limit", "不足三亩", "truth", short="BZSM"),
        Column("along_m", "与连片相邻长度", "number", "米", short="XLCD"),
        Column("because", "理由", short="LY"),
        GEOMETRY,
    ),
)
SEPARATIONS = Table(
    "separations",
    "连片分隔",
    None,
    (
        Column("cluster_id", "连片编号", short="LPBH"),
        Column("other_id", "相邻连片或地块", short="XLBH"),
        Column("cause", "分隔原因", values=SEPARATED_BY, short="FGYY"),
        Column("barrier", "阻隔", short="ZG"),
        Column("barrier_class", "阻隔类别", short="ZGLB"),
        Column("gap_m", "间距", "number", "米", short="JJ"),
        Column("a", "最近地块", short="ZJDK"),
        Column("b", "对方最近地块", short="DFZJDK"),
        Column("would_join_m2", "连通后增加面积", "number", "平方米", short="LTZJMJ"),
        GEOMETRY,
    ),
)
PRIORITIES = Table(
    "priorities",
    "优先度评分",
    None,
    (
        Column("cluster_id", "连片编号"),
        Column("criterion", "指标"),
        Column("value", "指标值", "number"),
        Column("value_unit", "指标单位"),
        Column("points", "得分（0—100）", "number", decimals=1),
        Column("weight", "权重", "number"),
        Column("contribution", "加权得分", "number", decimals=1),
        Column("because", "说明"),
        Column("basis", "依据"),
    ),
)
RENEWAL_UNITS = Table(
    "renewal_units",
    "更新单元",
    "renewal_unit",
    (
        Column("renewal_unit", "更新单元编号", short="GXDYBH"),
        Column("cluster_id", "连片编号", short="LPBH"),
        Column("member_count", "宗数", "integer", "宗", short="ZS"),
        Column("area_m2", "椭球面积", "number", "平方米", short="TQMJ"),
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

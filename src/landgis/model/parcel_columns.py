"""What may be known of a parcel: the columns of the parcels table, by subject.

Ministry field codes are those of the 自然资源“一张图”数据库体系结构 (7) 开发利用, read in a third
party's transcription; common ledger headings stand beside them as aliases.
"""

from __future__ import annotations

from landgis.model.columns import Column

LAND_CLASSES = ("批而未供", "闲置", "低效")  # the annex's three columns
ALL_LAND_CLASSES = (*LAND_CLASSES, "农村存量", "其他")
READINESS = ("净地", "毛地", "待核")
TOTAL = "合计"

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
    Column("located_unit", "图形所在单元", made_by="run", short="TXSZDY"),
    Column("located_share", "所在单元占比", "number", made_by="run", short="SZDYZB"),
    Column("second_unit", "另跨单元", made_by="run", short="LKDY"),
    Column("second_share", "另跨单元占比", "number", made_by="run", short="LKDYZB"),
    Column("outside_share", "单元外占比", "number", made_by="run", short="DYWZB"),
    Column("judged_class", "判定类别", values=ALL_LAND_CLASSES, made_by="classify", short="PDLB"),
    Column("judged_by", "判定规则", made_by="classify", short="PDGZ"),
    Column("readiness", "净毛地", codes=("JMD",), values=READINESS, made_by="classify"),
    Column("readiness_because", "净毛地理由", made_by="classify", short="JMDLY"),
    Column("cluster_id", "连片编号", made_by="cluster", short="LPBH"),
    Column("renewal_unit", "更新单元编号", made_by="divide", short="GXDYBH"),
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
PARCEL_COLUMNS = (
    *_WHO_AND_WHERE,
    *_APPROVAL,
    *_SUPPLY,
    *_DEVELOPMENT,
    *_PERFORMANCE,
    *_LOW_EFFICIENCY_GATES,
    *_READINESS_FACTS,
    *_DISPOSAL,
    GEOMETRY,
)

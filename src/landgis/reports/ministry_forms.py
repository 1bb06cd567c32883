"""The ministry's ledgers as data: heading, field code and kind of every column, in its order.

Source: 自然资源“一张图”数据库体系结构 (7) 开发利用, the tables 批而未供, 闲置土地 and 城镇低效用地,
read in a third party's transcription. Areas there are hectares with four decimals.
"""

from __future__ import annotations

from dataclasses import dataclass

from landgis.model.schema import PARCELS, Column, Kind
from landgis.model.units import HA_DECIMALS


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a form: where it stands, what it is called, and where its values come from."""

    group: str
    heading: str
    code: str
    source: str  # a column of the parcels; empty where landgis has no word for it
    kind: Kind = "text"
    unit: str = ""
    decimals: int = 0
    values: tuple[str, ...] = ()
    summed: bool = False
    share: bool = False  # a part of one, read in percent


# group: heading code kind [column of landgis]; kinds: c text, f hectares, b hectares of the whole
# approved batch (never summed over its parcels), m square metres, w 万元, n plain number, d date,
# i whole number, t truth
_UNSUPPLIED = """
基本信息: 要素代码 YSDM c; 地块编号 DKBH c parcel_id; 地块名称 DKMC c parcel_name;
  行政区代码 XZQDM c county_code; 行政区名称 XZQMC c; 统计单元 TJDY c unit;
  地块位置 DKWZ c location; 地块面积 DKMJ f declared_ha; 地块规划用途 DKGHYT c land_use_code
报批: 项目名称 BPXMMC c project_name; 类型 BPLX c; 批复文号 BPPFWH c approval_no;
  批复日期 BPPFRQ d approval_date; 申请单位 BPSQDW c; 批复单位 BPPFDW c;
  批准面积 BPPZMJ b approved_ha; 新增建设用地面积 XZJSYD b; 农用地转用面积 YYDZY b;
  其中耕地面积 QZGD b; 其中未利用地面积 QZWLYD b; 征收土地总面积 ZSTD b
管控线压占: 永农压占面积 YNYZ f YNYZ; 生态红线压占面积 STHXYZ f STHXYZ;
  城镇开发边界压占面积 CZKFBJYZ f CZKFBJYZ
征地与供应: 征地完成面积 ZDWCMJ f acquired_ha; 地块已供面积 DKYGMJ f supplied_ha;
  地块未供面积 DKWGMJ f; 批而未供原因 PEWGYY c unsupplied_reason
处置: 处置类型 CZLX c disposal_route; 分类清理标识类型 FLQLBSLX c;
  不具备供应可能的面积 BJBGYKNMJ f; 计划完成日期 JHWCRQ d; 处置完成日期 CZWCRQ d disposal_date;
  处置完成单位 CZWCDW c; 销号日期 XJRQ d
"""
_IDLE = """
基本信息: 要素代码 YSDM c; 地块编号 DKBH c parcel_id; 地块名称 DKMC c parcel_name;
  行政区代码 XZQDM c county_code; 行政区名称 XZQMC c; 统计单元 TJDY c unit;
  地块位置 DKWZ c location; 地块面积 DKMJ f declared_ha; 土地用途 TDYT c land_use_code
供应: 供地日期 GDRQ d supply_date; 合同编号 HTBH c contract_no;
  约定开工日期 YDKGRQ d agreed_start_date; 约定竣工日期 YDJGRQ d
权利人: 名称 QLRMC c holder; 类型 QLRLX c; 统一社会信用代码 TYSHXYDM c; 法定代表人 FDDBR c;
  单位地址 DWDZ c; 联系人 DWLXR c; 联系电话 DWLXDH c
项目与投资: 总投资额 ZTZE w total_investment_wan; 项目名称 XMMC c project_name; 案卷编号 AJBH c;
  实际已投资额 SJYTZE w invested_wan
认定: 闲置原因类型 XZYYLX c idle_cause; 是否政府原因 SFZFYY t SFZFYY; 豁免天数 HMTS i exempt_days;
  认定日期 RDRQ d; 认定类型 RDLX c; 认定单位 RDDW c
处置: 处置方式 CZFS c disposal_route; 处置阶段 CZJD c; 处置期限 CZQX c; 处置启动日期 CZQDRQ d;
  处置完成日期 CZWCRQ d disposal_date; 征缴闲置费金额 ZJXZFJE w; 现场核查日期 XCHCRQ d;
  核查结论 HCJL c; 核查单位 HCDW c; 销号日期 XHRQ d
"""
_LOW_EFFICIENCY = """
基本信息: 要素代码 YSDM c; 地块编号 DKBH c parcel_id; 地块名称 DKMC c parcel_name;
  地块面积 DKMJ f declared_ha; 案卷编号 AJBH c; 业务名称 YWMC c; 宗地编号 ZDBH c;
  土地坐落 TDZL c location; 行政区代码 XZQDM c county_code; 行政区名称 XZQMC c;
  统计单元 TJDY c unit
权利人: 名称 QLRMC c holder; 类型 QLRLX c; 统一社会信用代码 TYSHXYDM c; 法定代表人 FDDBR c;
  单位地址 DWDZ c; 联系人 DWLXR c; 联系电话 DWLXDH c
合同: 供地方式 GDFS c supply_method; 供地日期 GDRQ d supply_date; 使用权年限 SYQNX i;
  宗地面积 ZDMJ f; 土地用途 HTTDYT c land_use_code; 容积率 HTRJL n contract_far;
  投资强度 HTTZQD n contract_intensity; 亩均税收 HTMJSS n contract_tax_per_mu;
  约定动工日期 YDDGRQ d agreed_start_date; 约定竣工日期 YDJGRQ d
现状: 容积率 XZRJL n actual_far; 投资强度 XZTZQD n actual_intensity;
  亩均税收 XZMJSS n actual_tax_per_mu; 已建面积 YJMJ f; 使用年限利用率 SYNXLYL n;
  厂房空置情况 CFKZQK n vacancy_share
认定: 低效类型 DXLX c; 认定日期 RDRQ d; 认定单位 RDDW c; 认定标准 RDBZ c; 认定文号 RDWH c
处置: 处置批复方式 CZPFFS c disposal_route; 处置批复文号 CZPFWH c; 处置批复日期 CZPFRQ d;
  处置批复单位 CZDW c; 处置状态 CZZT c; 处置说明 CZSM c; 处置完成日期 CZRQ d disposal_date;
  整改期限 ZGQX n; 整改期限起 ZGQXQ d; 整改期限止 ZGQXZ d
"""
_ADDED = """
核算与判定: 椭球面积 TQMJ m area_m2; 净毛地 JMD c readiness; 净毛地理由 JMDLY c readiness_because;
  判定类别 PDLB c judged_class; 判定规则 PDGZ c judged_by; 连片编号 LPBH c cluster_id;
  责任单位 ZRDW c responsible
"""
_OVERLAPS = """
管控线压占: 永农压占面积 YNYZ f YNYZ; 生态红线压占面积 STHXYZ f STHXYZ;
  城镇开发边界压占面积 CZKFBJYZ f CZKFBJYZ
"""
_KINDS: dict[str, tuple[Kind, str, int]] = {
    "c": ("text", "", 0),
    "f": ("number", "公顷", HA_DECIMALS),
    "b": ("number", "公顷", HA_DECIMALS),
    "w": ("number", "万元", 2),
    "m": ("number", "平方米", 2),
    "n": ("number", "", 4),
    "d": ("date", "", 0),
    "i": ("integer", "", 0),
    "t": ("truth", "", 0),
}
_UNITS_OF_RATES = {  # plain numbers that have a unit all the same; they are never summed
    column.name: column.unit for column in PARCELS.columns if "/" in column.unit
}
_SHARES = ("share", "rate", "score_known")  # how the names of shares end


def _is_share(column: Column) -> bool:
    return column.kind == "number" and not column.unit and column.name.endswith(_SHARES)


def _fields(*forms: str) -> tuple[Field, ...]:
    known = {column.name: column for column in PARCELS.columns}
    fields = []
    for block in "".join(forms).replace("\n  ", " ").split("\n"):
        if not block:
            continue
        group, _, columns = block.partition(": ")
        for column in columns.split(";"):
            heading, code, letter, *source = column.split()
            kind, unit, decimals = _KINDS[letter]
            name = source[0] if source else ""
            fields.append(
                Field(
                    group,
                    heading,
                    code,
                    name,
                    kind,
                    unit or _UNITS_OF_RATES.get(name, ""),
                    decimals,
                    known[name].values if name in known else (),
                    summed=letter in "fwm",
                    share=name in known and _is_share(known[name]),
                )
            )
    return tuple(fields)


FORMS: dict[str, tuple[Field, ...]] = {
    "批而未供": _fields(_UNSUPPLIED, _ADDED),
    "闲置": _fields(_IDLE, _OVERLAPS, _ADDED),
    "低效": _fields(_LOW_EFFICIENCY, _OVERLAPS, _ADDED),
}


def field_of(column: Column, *, group: str = "", summed: bool = False) -> Field:
    """Turn a column of the schema into a column of a form.

    Parameters
    ----------
    column : Column
        Any column of the schema.
    group : str, optional
        Heading it stands under.
    summed : bool, optional
        Whether the form shows its total.

    Returns
    -------
    Field
        Areas in 公顷 with four decimals, other numbers with two, ratios with four, unless the
        column says how many; shares are read in percent.

    Examples
    --------
    >>> field_of(PARCELS.column("declared_ha")).decimals
    4
    """
    decimals = {"公顷": HA_DECIMALS, "平方米": 2, "万元": 2, "米": 2, "平方分米": 0}
    usual = decimals.get(column.unit, 4 if column.kind == "number" else 0)
    code = column.codes[0] if column.codes else ""
    return Field(
        group,
        column.label,
        code,
        column.name,
        column.kind,
        column.unit,
        usual if column.decimals is None else column.decimals,
        column.values,
        summed=summed,
        share=_is_share(column),
    )


def plain_form() -> tuple[Field, ...]:
    """Give a form with every column of the parcels, for classes the ministry has no form for.

    Returns
    -------
    tuple of Field
        In the order of the schema, areas summed.

    Examples
    --------
    >>> plain_form()[0].heading
    '地块编号'
    """
    summed = {"declared_ha", "area_m2", "supplied_ha", "acquired_ha", "disposed_ha"}
    return tuple(
        field_of(column, group="地块", summed=column.name in summed)
        for column in PARCELS.columns
        if column.kind != "geometry"
    )

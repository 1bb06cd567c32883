"""Names: identifiers, invented companies and places, document numbers, all marked 示例."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from landgis.sample.places import USE_NAMES

if TYPE_CHECKING:
    import numpy as np
    from geopandas import GeoDataFrame

UNIT_LETTERS = {
    "市主城区": "ZC",
    "自贸区钦州港片区": "GQ",
    "灵山县": "LS",
    "浦北县": "PB",
    "钦南区": "QN",
    "钦北区": "QB",
}
CLASS_LETTERS = {"批而未供": "P", "闲置": "X", "低效": "D", "农村存量": "N", "其他": "Q"}
# both functional areas lie within 钦南区 and have no code of their own
COUNTY_OF_UNIT = {
    "市主城区": "450702",
    "自贸区钦州港片区": "450702",
    "灵山县": "450721",
    "浦北县": "450722",
    "钦南区": "450702",
    "钦北区": "450703",
}
RESPONSIBLE = {
    "市主城区": "市自然资源局",
    "自贸区钦州港片区": "自贸区钦州港片区管委",
    "灵山县": "灵山县自然资源局",
    "浦北县": "浦北县自然资源局",
    "钦南区": "钦南区自然资源局",
    "钦北区": "钦北区自然资源局",
}
_FIRST = [
    "恒瑞",
    "启航",
    "湾畔",
    "正泽",
    "华屿",
    "金湾",
    "海澜",
    "嘉禾",
    "远岚",
    "北岭",
    "三娘",
    "白鹭",
    "荔乡",
    "青塘",
    "紫荆",
    "龙泾",
    "丰岭",
    "安屿",
    "明港",
    "汇川",
]
_SECOND = {
    "0701": ["置业", "房地产", "城建"],
    "0901": ["商贸", "百货", "市场管理"],
    "0902": ["投资", "金融服务", "商务"],
    "1001": ["机械", "食品", "建材", "化工", "电子", "木业", "粮油", "纸业", "新材料", "能源"],
    "1101": ["物流", "仓储", "供应链"],
    "1204": ["码头", "港务"],
}
_VILLAGES = [
    "沙江",
    "那桥",
    "大垌",
    "平艮",
    "久隆",
    "新圩",
    "石梯",
    "榕木",
    "白木",
    "长滩",
    "古立",
    "佛子",
    "龙门",
    "旧州",
]
_GROUND_NAMES = {
    "老城": "老城片",
    "新区": "新区片",
    "老工业": "旧工业片",
    "工业": "工业园片",
    "港口": "临港片",
    "码头": "码头作业区",
    "城中村": "城中村片",
    "村庄": "自然村",
}
PUBLIC_USES = ("0801", "0803", "0804", "0806", "1303", "1401", "1402")


def identify(lots: GeoDataFrame) -> GeoDataFrame:
    """Give numbers to the parcels by unit, class and place, north to south within a block."""
    middles = shapely.centroid(lots.geometry.to_numpy())
    ordered = lots.assign(
        _unit=lots["unit"].map(list(UNIT_LETTERS).index),
        _class=lots["land_class"].map(list(CLASS_LETTERS).index),
        _north=-shapely.get_y(middles).round(),
        _lot=lots.index,
    ).sort_values(["_unit", "_class", "place", "quarter", "block", "_north", "_lot"])
    serial = ordered.groupby(["unit", "land_class"], sort=False).cumcount() + 1
    ids = (
        ordered["unit"].map(UNIT_LETTERS)
        + "-"
        + ordered["land_class"].map(CLASS_LETTERS)
        + serial.astype("str").str.zfill(4)
    )
    named = ordered.set_index(ids.rename("parcel_id")).rename(columns={"_lot": "lot"})
    return named.drop(columns=["_unit", "_class", "_north"])


def parcel_name(row: Any, serial: int) -> str:
    """Name a parcel after its place, ground and use."""
    ground = _GROUND_NAMES[row.soil]
    number = row.block + 1 if row.block >= 0 else -row.block  # villages count downwards
    return f"{row.place}{ground}{number:03d}-{serial:02d}号{USE_NAMES[row.use].removesuffix('用地')}地块"


def location(row: Any) -> str:
    """Say where a parcel lies."""
    if row.soil == "村庄":
        return f"{row.unit}{row.place}镇第{-row.block}自然村（示意）"
    return f"{row.place}{_GROUND_NAMES[row.soil]}第{row.quarter + 1}片区（示意）"


def holder(row: Any, rng: np.random.Generator) -> str:
    """Invent a holder who fits the use."""
    if row.soil in {"村庄", "城中村"}:
        return f"{rng.choice(_VILLAGES)}村（示例）股份经济合作社"
    if row.use in PUBLIC_USES:
        return f"{row.unit}示例公共事务中心"
    return f"钦州示例{rng.choice(_FIRST)}{rng.choice(_SECOND[row.use])}有限公司"


def approval_number(year: int, number: int) -> str:
    """Give a batch approval an invented number."""
    return f"桂政土批函〔{year}〕{number}号（示例）"


def contract_number(county: str, year: int, number: int) -> str:
    """Give a supply contract an invented number."""
    return f"{county}{year}B{number:05d}"

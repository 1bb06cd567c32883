"""Targets in sentences: each figure with its numerator, denominator and cut-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model.schema import TOTAL
from landgis.model.units import HA_DECIMALS, show
from landgis.reports import style
from landgis.reports.cells import percent

if TYPE_CHECKING:
    from pandas import DataFrame

WORDS = {True: "已达标", False: "未达标"}
HECTARES = "公顷"
YEAR_END = (12, 31)


def told_targets(achievements: DataFrame | None) -> list[str]:
    """Say of every target that has a figure how far along the whole is, and what follows for whom.

    Parameters
    ----------
    achievements : DataFrame or None
        `schema.ACHIEVEMENTS`; None says nothing.

    Returns
    -------
    list of str
        Chinese sentences: totals and the rates of the last year, then reward and penalty.

    Examples
    --------
    >>> row = {"target_id": "MB-4", "title": "闲置土地年度处置率", "unit": "合计", "year": 2022,
    ...        "cohort_date": pd.Timestamp(2020, 12, 31), "cut_off": pd.Timestamp(2022, 12, 31),
    ...        "numerator": 11.7115, "denominator": 46.8457, "measure": "公顷", "value": 0.25,
    ...        "target": 0.25, "met": True, "consequence": None}
    >>> told_targets(pd.DataFrame([row]))[0]
    '2022年闲置土地年度处置率25.00%（处置11.7115÷基期46.8457公顷，基期2020年12月31日），目标25%，已达标。'
    """
    if achievements is None or achievements.empty:
        return []
    last = achievements["year"].max()
    now = achievements[achievements["year"].isna() | achievements["year"].eq(last)]
    whole = now[now["unit"].eq(TOTAL) & now["measure"].eq(HECTARES) & now["value"].notna()]
    sentences = [_sentence(row) for row in whole.to_dict("records")]
    following = now[now["consequence"].notna() & now["met"].notna()]
    parts = [
        f"{'、'.join(rows['unit'].astype('str'))}应{consequence}"
        for consequence, rows in following.groupby(_kind(following), sort=True)
    ]
    return [*sentences, f"{last}年度“增存挂钩”任务：{'；'.join(parts)}。"] if parts else sentences


def _kind(rows: DataFrame) -> Any:
    """Give what follows without the area, which differs from unit to unit."""
    return rows["consequence"].astype("str").str.replace(r"（.*）", "", regex=True)


def _sentence(row: dict[Any, Any]) -> str:
    met = None if pd.isna(row["met"]) else bool(row["met"])
    year = "" if pd.isna(row["year"]) else f"{row['year']}年"
    cut_off, cohort = (style.chinese_date(row[name]) for name in ("cut_off", "cohort_date"))
    done, whole = (show(row[name], HA_DECIMALS) for name in ("numerator", "denominator"))
    word = "尚未到期" if met is None else WORDS[met]
    decimals = 2 if met is not False or percent(row["value"], 2) != percent(row["target"], 2) else 4
    share = percent(row["value"], decimals)
    if not year:
        return f"{row['title']}：截至{cut_off}完成{done}公顷，为目标{whole}公顷的{share}，{word}。"
    ended = (row["cut_off"].month, row["cut_off"].day) == YEAR_END
    until = "" if ended else f"，截至{cut_off}"
    return (
        f"{year}{row['title']}{share}（处置{done}÷基期{whole}公顷，基期{cohort}{until}），"
        f"目标{percent(row['target'], 0)}，{word}。"
    )

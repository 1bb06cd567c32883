"""What is told of a cluster, in words: the same on its page, in the web page and in the brief.

Every table beside the clusters is optional. What no table tells is 未知, never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landgis.model.schema import POCKET_KINDS, READINESS
from landgis.model.units import HA_DECIMALS, convert, round_closing, show, to_dm2
from landgis.reports.cells import percent, text
from landgis.reports.cluster_parts import (
    UNKNOWN,
    ClusterTables,
    Part,
    divided,
    hectares,
    number,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from pandas import DataFrame, Series

READINESS_COLUMNS = dict(zip(READINESS, ("cleared_m2", "uncleared_m2", "unjudged_m2"), strict=True))


def ranked(clusters: DataFrame) -> list[str]:
    """Order clusters: the highest score first where there are scores, else the largest.

    Parameters
    ----------
    clusters : DataFrame
        `schema.CLUSTERS`, ``score`` optional.

    Returns
    -------
    list of str
        Ids; those without a score last, the larger first among equals.

    Examples
    --------
    >>> table = pd.DataFrame({"area_m2": [3.0, 2.0, 1.0], "score": [None, 50.0, 80.0]},
    ...                      index=["A", "B", "C"])
    >>> ranked(table), ranked(table.drop(columns="score"))
    (['C', 'B', 'A'], ['A', 'B', 'C'])
    """
    keys = pd.DataFrame({"area": clusters["area_m2"]}, index=clusters.index)
    keys["score"] = clusters["score"] if "score" in clusters else float("nan")
    ordered = keys.sort_values(["score", "area"], ascending=False, kind="stable")
    return [str(name) for name in ordered.index]


def has_scores(clusters: DataFrame) -> bool:
    """Say whether any cluster has a score.

    Parameters
    ----------
    clusters : DataFrame
        `schema.CLUSTERS`, ``score`` optional.

    Returns
    -------
    bool
        True where `ranked` follows the score.

    Examples
    --------
    >>> has_scores(pd.DataFrame({"score": [None, 50.0]})), has_scores(pd.DataFrame())
    (True, False)
    """
    return "score" in clusters and bool(clusters["score"].notna().any())


def name_of(cluster_id: str, row: Series) -> str:
    """Name a cluster: by its Chinese name, else by its id.

    Parameters
    ----------
    cluster_id : str
        Its id.
    row : Series
        Its row of `schema.CLUSTERS`.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> name_of("LP-1", pd.Series({"cluster_name": None}))
    'LP-1'
    """
    return text(row.get("cluster_name")) or cluster_id


def facts_of(cluster_id: str, row: Series, tables: ClusterTables) -> list[tuple[str, str]]:
    """List the facts of one cluster as label and words.

    Parameters
    ----------
    cluster_id : str
        Its id.
    row : Series
        Its row of `schema.CLUSTERS`; every column but ``area_m2`` may be absent.
    tables : ClusterTables
        Tables with the rows of this cluster alone, see `ClusterTables.each`.

    Returns
    -------
    list of tuple of str
        What is unknown says 未知.

    Examples
    --------
    >>> row = pd.Series({"member_count": 3, "area_m2": 12000.0, "compactness": 0.625})
    >>> facts = dict(facts_of("LP-1", row, ClusterTables()))
    >>> facts["宗数"], facts["紧凑度"], facts["临路长度"]
    ('3 宗', '0.63', '未知')
    """
    area, frontage = number(row, "area_m2"), number(row, "frontage_m")
    mu = None if area is None else float(convert(area, source="m2", target="mu"))
    facts = [
        ("连片编号", cluster_id),
        ("统计单元", text(row.get("unit")) or UNKNOWN),
        ("宗数", _counted(number(row, "member_count"), "宗")),
        ("椭球面积", UNKNOWN if mu is None else f"{hectares(area)}，{show(mu, 2)} 亩"),
        ("存量类别", _listed(divided(tables.parts, "存量类别"))),
        ("集中建设区占比", percent(number(row, "concentrated_share")) or UNKNOWN),
        ("管控线冲突", _conflicts(row, tables.parts)),
        ("权利人", _holders(row)),
        ("建筑占比", percent(number(row, "built_share")) or UNKNOWN),
        ("紧凑度", show(number(row, "compactness"), 2, blank=UNKNOWN)),
        ("临路长度", UNKNOWN if frontage is None else f"{show(frontage, 2)} 米"),
        ("三地", _pockets(row, tables.pockets)),
    ]
    twice = number(row, "overlap_m2")
    if twice:
        facts.insert(4, ("其中重叠", hectares(twice)))
    return facts


def readiness_of(row: Series) -> dict[str, str]:
    """Give 净地, 毛地 and 待核 in 公顷; printed, they sum to the printed area where all are known.

    Parameters
    ----------
    row : Series
        A row of `schema.CLUSTERS`.

    Returns
    -------
    dict of str to str
        Figures without unit; empty where none of the three is known.

    Examples
    --------
    >>> row = pd.Series({"area_m2": 3.0, "cleared_m2": 1.5, "uncleared_m2": 1.5, "unjudged_m2": 0})
    >>> readiness_of(row)
    {'净地': '0.0002', '毛地': '0.0001', '待核': '0.0000'}
    """
    areas = {word: number(row, name) for word, name in READINESS_COLUMNS.items()}
    known = [area for area in areas.values() if area is not None]
    if not known:
        return {}
    total = number(row, "area_m2")
    whole = total is not None and to_dm2(known).sum() == to_dm2(total)
    if len(known) < len(areas) or not whole:
        return {word: hectares(area, UNKNOWN).split(" ")[0] for word, area in areas.items()}
    closed = round_closing(
        convert(known, source="m2", target="ha"),
        HA_DECIMALS,
        float(convert(total or 0.0, source="m2", target="ha")),
    )
    printed: list[Decimal] = list(closed.values)
    return {word: f"{figure:f}" for word, figure in zip(areas, printed, strict=True)}


def score_of(row: Series) -> str:
    """Say the priority score and how much of it is known.

    Parameters
    ----------
    row : Series
        A row of `schema.CLUSTERS`.

    Returns
    -------
    str
        Such as ``82.5 分（依据齐备度 80%）``.

    Examples
    --------
    >>> score_of(pd.Series({"score": 82.45, "score_known": 0.8})), score_of(pd.Series({}))
    ('82.5 分（依据齐备度 80%）', '未知')
    """
    score = number(row, "score")
    known = percent(number(row, "score_known"), 0)
    if score is None:
        return UNKNOWN
    return f"{show(score, 1)} 分" + (f"（依据齐备度 {known}）" if known else "")


def _counted(count: float | None, unit: str) -> str:
    return f"{show(count, 0)} {unit}" if count is not None else UNKNOWN


def _listed(parts: list[Part]) -> str:
    if not parts:
        return UNKNOWN
    return "；".join(f"{part.item} {hectares(part.area_m2, UNKNOWN)}" for part in parts)


def _conflicts(row: Series, parts: DataFrame | None) -> str:
    area = number(row, "control_m2")
    if area is None:
        return UNKNOWN
    named = [part for part in divided(parts, "管控线") if part.area_m2]
    return hectares(area) + (f"（{_listed(named)}）" if named and area else "")


def _holders(row: Series) -> str:
    """Say how many holders there are; a cluster whose holders nobody knows has not none."""
    known, lost = number(row, "holder_count"), number(row, "holder_unknown")
    unnamed = f"{show(lost, 0)} 宗不明" if lost else ""
    if known is None or (known == 0 and unnamed):
        return f"{UNKNOWN}（{unnamed}）" if unnamed else UNKNOWN
    return f"{show(known, 0)} 户" + (f"，另 {unnamed}" if unnamed else "")


def _pockets(row: Series, pockets: DataFrame | None) -> str:
    """Say how many plots of 三地 there are, how large, of which kind."""
    area, share = number(row, "pocket_m2"), number(row, "pocket_share")
    parts = []
    if pockets is not None:
        counts = pockets["pocket_kind"].value_counts()
        kinds = "、".join(f"{kind} {counts[kind]}" for kind in POCKET_KINDS if kind in counts)
        parts.append(f"{len(pockets)} 块" + (f"（{kinds}）" if kinds else ""))
        large = int((pockets["within_limit"] == False).sum()) if "within_limit" in pockets else 0  # noqa: E712 - unknown is neither
        if large:  # plots that could be sites of their own are listed and not summed
            parts.append(f"其中 {large} 块不在 3 亩以内，未计入面积")
        if area is None and pockets["area_m2"].notna().all():
            area = float(pockets["area_m2"].sum())
            whole = number(row, "area_m2")
            share = area / whole if share is None and whole else share
    if area is not None:
        parts.append(hectares(area))
    if share is not None:
        parts.append(f"占 {percent(share)}")
    return "，".join(parts) or UNKNOWN

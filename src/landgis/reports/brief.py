"""The brief (简报) for the leading group: two pages, short sentences, each with its figure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from landgis.model.files import complete_file
from landgis.model.schema import LAND_CLASSES, LAYER_LABELS, READINESS, TOTAL
from landgis.model.units import HA_DECIMALS, convert, show
from landgis.reports import document as paper
from landgis.reports import style
from landgis.reports.cells import classes_of, percent
from landgis.reports.cluster_facts import has_scores, name_of, ranked, score_of
from landgis.reports.cluster_parts import ClusterTables, Criterion, criteria_of
from landgis.reports.crosstab import crosstab, differences
from landgis.reports.target_sentences import told_targets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from pandas import DataFrame

NUMERALS = "一二三四五六七"
REASONS = 2  # parts of a score named with a cluster
NAMED = 3  # obstacles, layers and clusters named in a sentence; the rest stand in the ledger
VERDICT_ORDER = ("禁止", "限制", "需调整")
PICTURE_MM = 150.0


def write_brief(
    summary: DataFrame,
    *,
    path: str | Path,
    parcels: DataFrame | None = None,
    clusters: DataFrame | None = None,
    priorities: DataFrame | None = None,
    conflicts: DataFrame | None = None,
    progress: DataFrame | None = None,
    agreement: str = "",
    achievements: DataFrame | None = None,
    title: str = "存量土地",
    as_of: dt.date | None = None,
    note: str = "示意数据",
    pictures: Sequence[str | Path] = (),
) -> Path:
    """Write the brief as a Word document.

    Parameters
    ----------
    summary : DataFrame
        Reconciliation (schema.SUMMARY): units, classes, ``ledger_ha`` and ``official_ha`` in 公顷.
    path : str or Path
        The .docx file to write.
    parcels : DataFrame or None, optional
        Parcels with ``readiness``, ``readiness_because`` and ``declared_ha``.
    clusters : DataFrame or None, optional
        Clusters (schema.CLUSTERS); the three with the highest ``score`` are named where known.
    priorities : DataFrame or None, optional
        Parts of the scores (schema.PRIORITIES), for the reasons.
    conflicts : DataFrame or None, optional
        Conflicts with control lines (schema.CONFLICTS); counted for stock parcels where `parcels`
        tell which those are.
    progress : DataFrame or None, optional
        Progress (schema.PROGRESS).
    agreement : str, optional
        What the reconciliation found, in one sentence; counted from `summary` where it is empty.
    achievements : DataFrame or None, optional
        Targets beside what was reached (schema.ACHIEVEMENTS).
    title : str, optional
        What it is about, such as ``钦州市存量土地``.
    as_of : datetime.date or None, optional
        Date the data are of.
    note : str, optional
        Stands under the title, such as ``示意数据``.
    pictures : sequence of str or Path, optional
        Maps to add at the end.

    Returns
    -------
    Path
        The file written. Equal input gives an equal file.

    Raises
    ------
    OutputError
        ``output_unwritable``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> cell = {"unit": ["灵山县"], "land_class": ["低效"], "parcel_count": [1], "ledger_ha": [76.11]}
    >>> write_brief(pd.DataFrame(cell), path=pathlib.Path(tempfile.mkdtemp()) / "brief.docx").name
    'brief.docx'
    """
    from pathlib import Path as FilePath

    about = title.removesuffix("简报") or "存量土地"
    document = paper.open_document(title=f"{about}简报", created=as_of)
    paper.add_line(
        document, f"{about}简报", font=paper.TITLE_FONT, size=paper.TITLE_PT, centred=True
    )
    date = f"截至{style.chinese_date(as_of)}" if as_of else ""
    dated = "　".join(part for part in (date, note) if part)
    paper.add_line(document, dated, font=paper.NOTE_FONT, centred=True)
    sections = [
        ("总量与分布", _amounts(summary, agreement)),
        ("净地与毛地", _readiness(parcels)),
        ("集中连片", _clusters(clusters, priorities)),
        ("管控线", _conflicts(conflicts, parcels)),
        ("处置进度", [*_progress(progress), *told_targets(achievements)]),
    ]
    told = [(name, sentences) for name, sentences in sections if sentences]
    for numeral, (name, sentences) in zip(NUMERALS, told, strict=False):
        heading = f"{numeral}、{name}"
        paper.add_line(document, heading, font=paper.HEAD_FONT, indent=True, keep=True, space=4)
        for sentence in sentences:
            paper.add_line(document, sentence, indent=True)
        if name == "总量与分布":
            _annex_table(document, summary)
    for picture in pictures:
        paper.add_picture(document, picture, width_mm=PICTURE_MM)
    remark = "注：除注明者外，面积为台账面积；“—”表示没有或未统计，不是零；图表不作为划界依据。"
    paper.add_line(document, remark, font=paper.NOTE_FONT, size=paper.NOTE_PT, space=8)
    with complete_file(path) as temporary:
        paper.save(document, temporary)
    return FilePath(path)


def _hectares(value: float | Decimal | None) -> str:
    return f"{show(value, HA_DECIMALS)}公顷"


def _amounts(summary: DataFrame, agreement: str) -> list[str]:
    """Say how much there is, of what, where, and whether the annex agrees."""
    ledger, official = crosstab(summary, "ledger_ha"), crosstab(summary, "official_ha")
    counts = crosstab(summary, "parcel_count", decimals=0)
    whole = ledger.cells[TOTAL, TOTAL]
    if whole is None:
        return []
    mu = show(float(convert(float(whole), source="ha", target="mu")), 2)
    parcels = counts.cells[TOTAL, TOTAL]
    number = "" if parcels is None else f"{parcels}宗、"
    shares = [
        f"{style.CLASS_TITLES.get(name, name)}{_hectares(area)}，占{percent(area / whole)}"
        for name in ledger.classes[:-1]
        if (area := ledger.cells[TOTAL, name]) is not None and whole
    ]
    first = f"存量土地共{number}{_hectares(whole)}（{mu}亩）。"
    if shares:
        first += f"其中：{'；'.join(shares)}。"
    sentences = [first]
    largest = [
        (area, unit)
        for unit in ledger.units[:-1]
        if (area := ledger.cells[unit, TOTAL]) is not None
    ]
    if len(largest) > 1 and whole:
        area, unit = max(largest)
        share = percent(area / whole)
        sentences.append(f"各统计单元中，{unit}最多，{_hectares(area)}，占{share}。")
    printed = official.cells[TOTAL, TOTAL]
    if printed is not None:
        sentences.append(agreement or _agreement(summary, whole, printed))
    return sentences


def _agreement(summary: DataFrame, ours: Decimal, printed: Decimal) -> str:
    gaps = differences(summary).cells
    off = [
        f"{unit}{land_class}差{_hectares(gap)}"
        for (unit, land_class), gap in gaps.items()
        if gap and TOTAL not in {unit, land_class}
    ]
    if not off and ours == printed:
        return f"台账合计与官方统计表合计{_hectares(printed)}一致，逐格无差。"
    named = "、".join(sorted(off)[:NAMED])
    more = f"等{len(off)}格" if len(off) > NAMED else ""
    cells = f"：{named}{more}（台账减官方）" if named else ""
    return f"台账合计与官方统计表合计{_hectares(printed)}相差{_hectares(ours - printed)}{cells}。"


def _annex_table(document: object, summary: DataFrame) -> None:
    ledger = crosstab(summary, "ledger_ha")
    head = ["县区", *(style.CLASS_TITLES.get(name, name) for name in ledger.classes[:-1]), TOTAL]
    rows = [
        [unit, *(show(value, HA_DECIMALS) for value in ledger.row(unit))] for unit in ledger.units
    ]
    caption = "存量土地统计表（单位：公顷）"
    paper.add_line(
        document,
        caption,
        font=paper.HEAD_FONT,
        size=paper.NOTE_PT,
        centred=True,
        keep=True,
        space=4,
    )
    figures = 110.0 / (len(head) - 1)
    widths = [42.0, *([min(figures, 30.0)] * (len(head) - 1))]
    paper.add_table(document, head, rows, widths_mm=widths)


def _stock(parcels: DataFrame) -> DataFrame:
    """Parcels of the stock, or all where no class is known."""
    kinds = classes_of(parcels)
    is_stock = [kind is not None and kind != "其他" for kind in kinds]
    return parcels[is_stock] if any(is_stock) else parcels


def _readiness(parcels: DataFrame | None) -> list[str]:
    """Say what can be supplied now, what not yet and why, what nobody knows."""
    if parcels is None or "readiness" not in parcels.columns:
        return []
    stock = _stock(parcels)
    stock = stock[stock["readiness"].notna()]
    if stock.empty:
        return []
    parts = []
    for word in READINESS:
        own = stock[stock["readiness"] == word]
        area = f"、{_hectares(_sum(own))}" if "declared_ha" in own.columns else ""
        parts.append(f"{word}{len(own)}宗{area}")
    kinds = [kind for kind in classes_of(stock) if kind not in {None, *LAND_CLASSES}]
    beside = "、".join(f"{kind}{kinds.count(kind)}宗" for kind in dict.fromkeys(kinds) if kind)
    beside = f"（含{beside}）" if beside and len(kinds) < len(stock) else ""
    sentences = [f"已判定的{len(stock)}宗地块{beside}中，{'；'.join(parts)}。"]
    for word, opening in (("毛地", "毛地的主要障碍"), ("待核", "待核的主要缺项")):
        named = _obstacles(stock[stock["readiness"] == word])
        if named:
            sentences.append(f"{opening}：{named}。")
    return sentences


def _sum(rows: DataFrame) -> Decimal:
    known = (Decimal(show(area, HA_DECIMALS)) for area in rows["declared_ha"].dropna())
    return sum(known, Decimal(0))


def _obstacles(rows: DataFrame) -> str:
    """Name the most frequent reasons, each with its number of parcels."""
    if "readiness_because" not in rows.columns:
        return ""
    counts: dict[str, int] = {}
    for because in rows["readiness_because"].dropna():
        hard = str(because).split("；")[0].removeprefix("缺：")
        for reason in filter(None, re.split("[、，]", hard)):
            counts[reason] = counts.get(reason, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "，".join(f"{reason}{count}宗" for reason, count in ranked[:NAMED])


def _clusters(clusters: DataFrame | None, priorities: DataFrame | None) -> list[str]:
    """Say how many clusters there are, which is the largest and which come first, and why."""
    if clusters is None or clusters.empty:
        return []
    members = int(clusters["member_count"].sum())
    whole = _hectares(float(convert(clusters["area_m2"].sum(), source="m2", target="ha")))
    largest = clusters.loc[clusters["area_m2"].idxmax()]
    name = largest.get("cluster_name")
    name = str(clusters["area_m2"].idxmax()) if name is None or pd.isna(name) else str(name)
    area = _hectares(float(convert(largest["area_m2"], source="m2", target="ha")))
    return [
        f"存量地块集中连片{len(clusters)}片，{members}宗，椭球面积{whole}。",
        f"最大的一片为“{name}”，{int(largest['member_count'])}宗、{area}。",
        *_first_clusters(clusters, priorities),
    ]


def _first_clusters(clusters: DataFrame, priorities: DataFrame | None) -> list[str]:
    """Name the clusters with the highest score, each with what earned it most."""
    if not has_scores(clusters):
        return []
    named = clusters.set_axis(clusters.index.astype("str"))
    scored = int(named["score"].notna().sum())
    first = [name for name in ranked(named) if pd.notna(named.loc[name, "score"])][:NAMED]
    tables = ClusterTables(priorities=priorities).each(first)
    told: list[str] = []
    for name in first:
        row = named.loc[name]
        area = _hectares(float(convert(row["area_m2"], source="m2", target="ha")))
        score = score_of(row).replace(" ", "")
        reasons = _reasons(criteria_of(tables[name].priorities))
        told.append(f"{len(told) + 1}．“{name_of(name, row)}”{area}，{score}{reasons}。")
    unscored = len(clusters) - scored
    rest = [f"另有{unscored}片依据不足，未评分。"] if unscored else []
    return [f"更新优先度居前的{len(told)}片依次为：", *told, *rest]


def _reasons(criteria: list[Criterion]) -> str:
    """Give the parts of a score that added most, in the words of the policy."""
    known = [part for part in criteria if part.contribution]
    known.sort(key=lambda part: -(part.contribution or 0.0))
    words = [
        f"{part.name}得{show(part.contribution, 1)}分"
        + (f"（{part.because.rstrip('。；')}）" if part.because else "")
        for part in known[:REASONS]
    ]
    return f"，主要因为{'、'.join(words)}" if words else ""


def _conflicts(conflicts: DataFrame | None, parcels: DataFrame | None) -> list[str]:
    """Name the control lines that stand in the way, the gravest first."""
    if conflicts is None:
        return []
    if parcels is not None:
        conflicts = conflicts[conflicts["parcel_id"].isin(_stock(parcels).index)]
    sentences = []
    for verdict in VERDICT_ORDER:
        met = conflicts[conflicts["verdict"] == verdict]
        parts = [
            f"{LAYER_LABELS.get(layer, layer)}{rows['parcel_id'].nunique()}宗、"
            f"{_hectares(float(rows['area_ha'].sum()))}"
            for layer, rows in met.groupby("layer", sort=True)
        ]
        if parts:
            sentences.append(f"按管控线判为“{verdict}”的：{'；'.join(parts)}。")
    return sentences or ["存量地块与已读入的管控线没有冲突。"]


def _progress(progress: DataFrame | None) -> list[str]:
    """Say how far the latest quarter has come, in all and unit by unit."""
    if progress is None or progress.empty:
        return []
    year = progress["year"].max()
    quarter = progress.loc[progress["year"] == year, "quarter"].max()
    latest = progress[(progress["year"] == year) & (progress["quarter"] == quarter)]
    units = latest[latest["unit"] != TOTAL]
    done, task = units["cumulative_ha"].sum(), units["task_ha"].sum()
    rate = percent(done / task) if task else "—"
    so_far = f"累计完成{_hectares(done)}，完成率{rate}"
    sentences = [f"{year}年第{quarter}季度末，年度任务{_hectares(task)}，{so_far}。"]
    behind = units[units["on_schedule"].eq(False).fillna(value=False)]  # noqa: FBT003 - pandas
    if len(behind):
        sentences.append(f"未达序时进度的：{'、'.join(behind['unit'].astype('str'))}。")
    elif units["on_schedule"].fillna(value=False).all():
        sentences.append("各统计单元均达到序时进度。")
    return sentences

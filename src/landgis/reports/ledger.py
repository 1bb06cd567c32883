"""The ledger (台账): one workbook with the ministry's columns, live totals and the trail behind them.

A sheet per class holds the parcels; 汇总 lays them out as the annex does, by formulas on those
sheets, beside the printed official figures; further sheets hold 净毛地 with reasons, conflicts,
clusters with what they are made of, differences, progress, findings and, rule by rule, how every
parcel was judged (核查).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pandas as pd

from landgis.model import schema
from landgis.model.files import complete_file
from landgis.model.schema import LAYER_LABELS, PARCELS, VERDICTS
from landgis.model.units import HA_DECIMALS
from landgis.reports import style
from landgis.reports.annex_sheet import write_annex
from landgis.reports.cells import classes_of
from landgis.reports.cluster_facts import ranked
from landgis.reports.ministry_forms import FORMS, Field, field_of, plain_form
from landgis.reports.workbook import WIDEST, Book, Placed, open_book, write_table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pandas import DataFrame, Series

SHEET_NAMES = {
    "批而未供": "批而未供台账",
    "闲置": "闲置土地台账",
    "低效": "低效用地台账",
    "农村存量": "农村存量台账",
}
# The ministry's three columns of overlap, and the words by which their layers are known.
OVERLAP_COLUMNS = {
    "YNYZ": ("永久基本农田", "YJJBN", "JBNT"),
    "STHXYZ": ("生态保护红线", "STBHHX"),
    "CZKFBJYZ": ("城镇开发边界", "CZKFBJ", "CSKFBJ"),
}
# Characters a column may be wide where tables have many columns, or many sentences.
WIDEST_OF = {
    "achievements": 22,
    "clusters": 22,
    "conditions": 32,
    "routes": 32,
    "verdicts": 32,
}
LEDGER_WIDEST = 20  # twenty columns have to stand on one sheet of A3
# Columns with a total; the parts of clusters tell the same ground under several topics.
SUMMED = {
    "batches": {
        "parcel_count",
        "approved_ha",
        "acquired_ha",
        "supplied_ha",
        "unsupplied_ha",
        "unacquired_ha",
    },
    "clusters": {
        "member_count",
        "area_m2",
        "overlap_m2",
        "cleared_m2",
        "uncleared_m2",
        "unjudged_m2",
        "control_m2",
        "pocket_m2",
    },
    "cluster_parts": set(),
    "pockets": {"area_m2"},
    "renewal_units": {"member_count", "area_m2"},
}
REMARKS = (
    "台账面积为登记面积；合计、汇总为实时公式，修改台账后自动更新。空白表示未知或没有，不是 0。",
    "压占面积取自管控线冲突清单，空白表示清单中没有该地块；城镇开发边界压占指位于边界以内的面积。",
    "没有数据的字段列已折叠，点击列标上方的“＋”可展开；黄色行为合计与筛选小计。",
)


def write_ledger(
    parcels: DataFrame,
    *,
    path: str | Path,
    summary: DataFrame | None = None,
    differences: DataFrame | None = None,
    verdicts: DataFrame | None = None,
    conditions: DataFrame | None = None,
    routes: DataFrame | None = None,
    batches: DataFrame | None = None,
    conflicts: DataFrame | None = None,
    clusters: DataFrame | None = None,
    cluster_parts: DataFrame | None = None,
    pockets: DataFrame | None = None,
    separations: DataFrame | None = None,
    priorities: DataFrame | None = None,
    renewal_units: DataFrame | None = None,
    findings: DataFrame | None = None,
    progress: DataFrame | None = None,
    achievements: DataFrame | None = None,
    figures: DataFrame | None = None,
    moves: DataFrame | None = None,
    clauses: Mapping[str, str] | None = None,
    title: str = "存量土地",
    as_of: dt.date | None = None,
    note: str = "示意数据",
) -> Path:
    """Write the ledger workbook.

    Parameters
    ----------
    parcels : DataFrame
        Parcels (schema.PARCELS), with or without geometry. Columns named by a field code of the
        ministry's forms are taken over as they are.
    path : str or Path
        The .xlsx file to write.
    summary : DataFrame or None, optional
        Reconciliation (schema.SUMMARY): the printed official figures in 公顷.
    differences : DataFrame or None, optional
        Parcels behind each difference (schema.ANNEX_DIFFERENCES).
    verdicts : DataFrame or None, optional
        Verdicts (schema.VERDICTS) for the sheet 核查; further columns are kept. Those of
        `audit` also tell values, clauses and what would change the verdict.
    conditions : DataFrame or None, optional
        Conditions of readiness (schema.CONDITIONS); what fails, is unknown or is contradicted.
    routes : DataFrame or None, optional
        Routes of disposal (schema.ROUTES).
    batches : DataFrame or None, optional
        Approval batches (schema.BATCHES).
    conflicts : DataFrame or None, optional
        Conflicts with control lines (schema.CONFLICTS); they also fill the ministry's three
        columns of overlap, in 公顷.
    clusters : DataFrame or None, optional
        Clusters (schema.CLUSTERS), the highest score first where there are scores.
    cluster_parts, pockets, separations, priorities, renewal_units : DataFrame or None, optional
        What is told of clusters (schema.CLUSTER_PARTS, POCKETS, SEPARATIONS, PRIORITIES,
        RENEWAL_UNITS), with or without geometry; a sheet each where they have rows.
    findings : DataFrame or None, optional
        Findings (schema.FINDINGS).
    progress : DataFrame or None, optional
        Progress (schema.PROGRESS).
    achievements : DataFrame or None, optional
        Targets beside what was reached (schema.ACHIEVEMENTS).
    figures : DataFrame or None, optional
        Figures before and after (schema.FIGURES).
    moves : DataFrame or None, optional
        What moved each figure (schema.MOVES).
    clauses : mapping of str to str or None, optional
        Document and clause by ``rule_id``, for the sheet 核查.
    title : str, optional
        What the ledger is of, such as ``钦州市存量土地``; begins every sheet's title.
    as_of : datetime.date or None, optional
        Date the data are of; also the document's date of creation.
    note : str, optional
        Stands under every title.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        ``output_unwritable``.

    Notes
    -----
    Figures are rounded half-up to the decimals they show, and totals are exact sums of what is
    shown. Equal input gives an equal file. Without any class of the annex, all parcels stand on
    one sheet. Field tables: `landgis.reports.ministry_forms`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> parcels = pd.DataFrame(
    ...     {"land_class": ["低效"], "unit": ["灵山县"], "declared_ha": [1.5]}, index=["A-1"]
    ... )
    >>> write_ledger(parcels, path=pathlib.Path(tempfile.mkdtemp()) / "ledger.xlsx").name
    'ledger.xlsx'
    """
    from pathlib import Path as FilePath

    title = title.removesuffix("台账") or "存量土地"
    subtitle = "　".join(
        part for part in (f"截至{style.chinese_date(as_of)}" if as_of else "", note) if part
    )
    rows = _rows(parcels, conflicts)
    names = None if clusters is None else clusters.get("cluster_name")
    with complete_file(path) as temporary:
        book = open_book(str(temporary), title=f"{title}台账", created=as_of)
        front = book.workbook.add_worksheet("汇总")
        ledgers = _write_ledgers(book, rows, title=title, subtitle=subtitle)
        write_annex(
            book, front, rows, ledgers, summary, title=title, subtitle=subtitle, remarks=REMARKS
        )
        _write_readiness(book, rows, title=title, subtitle=subtitle)
        for sheet, heading, table, of in (
            (
                "净地条件",
                "净地条件：未具备、未知或有矛盾的",
                _wanting(conditions),
                schema.CONDITIONS,
            ),
            ("处置路径", "处置路径：有利、不利与责任单位", routes, schema.ROUTES),
            ("批次", "按批复文号汇总的供应情况", batches, schema.BATCHES),
            ("冲突", "管控线冲突清单", _named(conflicts, rows), schema.CONFLICTS),
            ("连片", "集中连片清单", _best_first(clusters), schema.CLUSTERS),
            ("连片构成", "连片由什么组成", _filled(cluster_parts, names), schema.CLUSTER_PARTS),
            ("三地", "边角地、夹心地、插花地候选地块", _filled(pockets, names), schema.POCKETS),
            (
                "连片分隔",
                "连片与相邻连片、地块被什么隔开",
                _filled(separations, names),
                schema.SEPARATIONS,
            ),
            ("优先度评分", "连片优先度逐项得分", _filled(priorities, names), schema.PRIORITIES),
            ("更新单元", "连片划分的更新单元", _filled(renewal_units, names), schema.RENEWAL_UNITS),
            ("对账", "台账面积、椭球面积与官方统计表逐格对账", summary, schema.SUMMARY),
            ("差异", "与官方统计表差异清单", differences, schema.ANNEX_DIFFERENCES),
            ("进度", "季度处置进度", progress, schema.PROGRESS),
            ("指标", "指标完成情况", achievements, schema.ACHIEVEMENTS),
            ("数字变动", "与上次快照相比的数字变动", figures, schema.FIGURES),
            ("变动明细", "数字变动的逐宗原因", moves, schema.MOVES),
            ("检查发现", "数据检查发现", findings, schema.FINDINGS),
            ("核查", "逐宗判定核查", _audited(verdicts, clauses), schema.VERDICTS),
        ):
            if table is not None:
                fields = _fields_of(table, of)
                write_table(
                    book,
                    sheet,
                    fields,
                    table,
                    title=f"{title}：{heading}",
                    subtitle=subtitle,
                    frozen=1,
                    widest=WIDEST_OF.get(of.name, WIDEST),
                )
        front.activate()
        book.workbook.close()
    return FilePath(path)


def _rows(parcels: DataFrame, conflicts: DataFrame | None) -> DataFrame:
    """Parcels as plain rows, with what the forms ask for and the schema has no column for."""
    plain = _plain(parcels)
    plain.insert(0, "parcel_id", [str(parcel_id) for parcel_id in parcels.index])
    plain["land_class"] = pd.Series(classes_of(parcels), index=plain.index, dtype="str")
    if "idle_cause" in plain.columns:
        government = (plain["idle_cause"] == "政府").astype("boolean")
        plain["SFZFYY"] = government.mask(plain["idle_cause"].isna())
    if conflicts is not None:
        for code, words in OVERLAP_COLUMNS.items():
            if code in plain.columns:
                continue
            plain[code] = plain["parcel_id"].map(_overlap(conflicts, words)).astype("float64")
    return plain


def _plain(table: DataFrame) -> DataFrame:
    """Copy a table without its geometry."""
    geometry = getattr(table, "_geometry_column_name", None)
    return pd.DataFrame(table.drop(columns=geometry) if geometry in table.columns else table.copy())


def _overlap(conflicts: DataFrame, words: tuple[str, ...]) -> dict[str, float]:
    """Area inside a layer by parcel, in 公顷; ground outside the layer's zones bears no name."""
    layers = conflicts["layer"].astype("str").str.startswith(words)
    zones = conflicts["zone_name"] if "zone_name" in conflicts else pd.Series("?", conflicts.index)
    inside = conflicts[layers & zones.fillna("").ne("")]
    areas = inside["area_ha"].groupby(inside["parcel_id"].astype("str")).sum()
    return {str(parcel_id): float(area) for parcel_id, area in areas.items()}


def _write_ledgers(book: Book, rows: DataFrame, *, title: str, subtitle: str) -> dict[str, Placed]:
    """Write one sheet per class that has parcels, else one sheet for all parcels."""
    ledgers = {}
    for land_class, sheet in SHEET_NAMES.items():
        own = rows[rows["land_class"] == land_class]
        if len(own):
            ledgers[land_class] = write_table(
                book,
                sheet,
                _form(FORMS.get(land_class, plain_form()), rows),
                own,
                title=f"{title}台账：{style.CLASS_TITLES[land_class]}",
                subtitle=f"{subtitle}　面积单位：公顷（另有注明的除外）",
                frozen=3,
                widest=LEDGER_WIDEST,
            )
    if not ledgers:
        write_table(
            book,
            "地块台账",
            _form(plain_form(), rows),
            rows,
            title=f"{title}台账",
            subtitle=subtitle,
            widest=LEDGER_WIDEST,
        )
    return ledgers


def _form(fields: Sequence[Field], rows: DataFrame) -> list[Field]:
    """Fill fields that landgis has no word for from columns that bear the ministry's own code."""
    return [
        dataclasses.replace(field, source=field.code)
        if not field.source and field.code in rows.columns
        else field
        for field in fields
    ]


def _write_readiness(book: Book, rows: DataFrame, *, title: str, subtitle: str) -> None:
    """List which parcels are 净地, 毛地 or 待核, and why."""
    if "readiness" not in rows.columns:
        return
    asked = ["parcel_id", "parcel_name", "unit", "land_class", "declared_ha", "readiness"]
    facts = ["compensation_done", "plan_conditions_set", "structures_cleared", "title_clear"]
    facts += ["disputed", "road", "water", "power", "levelled", "assessed"]
    names = [name for name in [*asked, "readiness_because", *facts] if name in rows.columns]
    order = {word: place for place, word in enumerate(schema.READINESS)}
    judged = rows[rows["readiness"].notna()]
    judged = judged.sort_values("readiness", key=lambda words: words.map(order), kind="stable")
    fields = [field_of(PARCELS.column(name), summed=name == "declared_ha") for name in names]
    fields = [dataclasses.replace(field, code="") for field in fields]
    write_table(
        book, "净毛地", fields, judged, title=f"{title}：净地、毛地、待核清单", subtitle=subtitle
    )


def _fields_of(table: DataFrame, of: schema.Table) -> list[Field]:
    """Turn a table's own columns into fields: those of the schema first, then any others."""
    known = {column.name: column for column in _by_name(of) if column.kind != "geometry"}
    fields = []
    for name, column in known.items():
        if name in table.columns:
            field = field_of(column, summed=name in SUMMED.get(of.name, {"area_ha"}))
            fields.append(dataclasses.replace(field, code=""))
    for name in table.columns:
        if name not in known:
            number = pd.api.types.is_float_dtype(table[name])
            kind: schema.Kind = "number" if number else "text"
            fields.append(Field("", str(name), "", str(name), kind, "", HA_DECIMALS))
    return fields


def _by_name(of: schema.Table) -> Sequence[schema.Column]:
    """Give a table's columns, beside a cluster's id also its name."""
    names = [column.name for column in of.columns]
    if "cluster_id" not in names or "cluster_name" in names:
        return of.columns
    place = names.index("cluster_id") + 1
    return *of.columns[:place], schema.CLUSTERS.column("cluster_name"), *of.columns[place:]


def _named(conflicts: DataFrame | None, rows: DataFrame) -> DataFrame | None:
    """Conflicts of the stock, layers as planners call them, the gravest verdict first."""
    if conflicts is None:
        return None
    stock = rows.loc[rows["land_class"].isin(list(SHEET_NAMES)), "parcel_id"]
    named = _plain(conflicts)
    if len(stock):
        named = named[named["parcel_id"].astype("str").isin(stock)]
    named["layer"] = [LAYER_LABELS.get(layer, layer) for layer in named["layer"]]
    grave = {verdict: place for place, verdict in enumerate(("禁止", "限制", "需调整", "符合"))}
    return named.sort_values("verdict", key=lambda words: words.map(grave), kind="stable")


def _wanting(conditions: DataFrame | None) -> DataFrame | None:
    """Keep the conditions a planner has to act on."""
    if conditions is None:
        return None
    contradicted = conditions["contradicted"].fillna(value=False).astype(bool)
    return conditions[(conditions["state"] != "是") | contradicted]


def _best_first(clusters: DataFrame | None) -> DataFrame | None:
    """Clusters in the order of their score, as plain columns."""
    if clusters is None:
        return None
    ordered = clusters.set_axis(clusters.index.astype("str")).loc[ranked(clusters)]
    plain = _plain(ordered)
    plain.insert(0, "cluster_id", list(ordered.index))
    return plain


def _filled(table: DataFrame | None, names: Series[str] | None) -> DataFrame | None:
    """Give a table that has rows as plain columns, its named index and clusters' names among them."""
    if table is None or table.empty:
        return None
    plain = _plain(table)
    if table.index.name and table.index.name not in plain.columns:
        plain.insert(0, str(table.index.name), [str(name) for name in table.index])
    if "layer" in plain.columns:
        plain["layer"] = [LAYER_LABELS.get(layer, layer) for layer in plain["layer"]]
    if names is not None and "cluster_id" in plain.columns and "cluster_name" not in plain.columns:
        called = plain["cluster_id"].map(names.set_axis(names.index.astype("str")))
        plain.insert(plain.columns.get_loc("cluster_id") + 1, "cluster_name", called)
    return plain


def _audited(verdicts: DataFrame | None, clauses: Mapping[str, str] | None) -> DataFrame | None:
    """Verdicts with their truth and what is missing in Chinese, and the clause of each rule."""
    if verdicts is None:
        return None
    audited = verdicts.copy()
    labels = {column.name: column.label for column in PARCELS.columns}
    if "missing" in audited.columns:
        audited["missing"] = [
            None if pd.isna(names) else "、".join(labels.get(n, n) for n in str(names).split("、"))
            for names in verdicts["missing"]
        ]
    if clauses is not None and "basis" not in audited.columns:
        audited["条款"] = [clauses.get(rule_id) for rule_id in verdicts["rule_id"]]
    audited = audited.rename(columns={"facts": "事实与界限", "look": "核查什么", "basis": "条款"})
    audited["truth"] = [VERDICTS.column("truth").word(str(truth)) for truth in verdicts["truth"]]
    return audited

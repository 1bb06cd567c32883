"""Verbs that answer a planner's question about parcels."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from landgis.cli import bounds, speech
from landgis.cli.application import verb

PANEL = "分析"


@verb(rich_help_panel=PANEL)
def measure(
    parcels: speech.ParcelFile,
    method: Annotated[
        Literal["statutory", "planar", "geodesic", "tdt1055"],
        typer.Option(
            "--method", help="statutory 椭球；planar 平面；geodesic 测地线；tdt1055 质检取位"
        ),
    ] = "statutory",
    out: speech.Out = None,
    encoding: speech.Encoding = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """量算面积（默认椭球面积）。"""
    from landgis.analysis.area import measure as measure_parcels

    table = measure_parcels(speech.read(parcels, crs=crs, column=column), method=method)
    speech.give(table, out=out, json=json, encoding=encoding, only=["declared_ha", "area_m2"])


@verb(rich_help_panel=PANEL)
def observe(
    parcels: speech.ParcelFile,
    source: Annotated[str, typer.Argument(metavar="栅格或图层", help="栅格文件，或矢量 文件#图层")],
    name: Annotated[str, typer.Option("--name", help="佐证名称，成果字段以它开头")] = "built",
    statistic: Annotated[
        Literal["share", "mean", "min", "max", "majority", "slope", "count", "distance"],
        typer.Option(
            "--statistic",
            help="share 比例；栅格另有均值等及 slope 坡度（高程栅格）；图层另有 count、distance",
        ),
    ] = "share",
    value: Annotated[
        list[int] | None, typer.Option("--value", help="算作“是”的像元值，可多个")
    ] = None,
    band: Annotated[
        int, typer.Option("--band", callback=bounds.at_least(1, "波段"), help="栅格波段，从 1 起")
    ] = 1,
    date: Annotated[str, typer.Option("--date", metavar="日期", help="影像或数据日期")] = "",
    said: Annotated[
        str, typer.Option("--source", metavar="来源", help="数据来源；省略时用文件名")
    ] = "",
    extent: Annotated[
        str | None,
        typer.Option("--extent", metavar="范围", help="图层调查过的范围；范围以外为未知"),
    ] = None,
    out: speech.Out = None,
    encoding: speech.Encoding = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """从栅格或图层取佐证：比例、数量、距离、均值、坡度。"""
    from landgis.analysis.evidence import observe as observe_parcels

    before = speech.read(parcels, crs=crs, column=column)
    seen = speech.raster_or_layer(source)
    seen["source"] = said or seen.get("source", "")
    ground = None if extent is None else speech.read(extent, kind="features")
    table = observe_parcels(
        before,
        name=name,
        statistic=statistic,
        values=tuple(value or (1,)),
        band=band,
        date=date,
        extent=ground,
        **seen,
    )
    added = [column for column in table.columns if column not in before.columns]
    speech.give(table, out=out, json=json, encoding=encoding, only=added)


@verb(rich_help_panel=PANEL)
def classify(
    parcels: speech.ParcelFile,
    as_of: speech.AsOf = None,
    policy: speech.PolicyName = "qinzhou_2021",
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="列出逐条判定，而不是逐宗结论")
    ] = False,
    out: speech.Out = None,
    encoding: speech.Encoding = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """判定类别（闲置、批而未供、低效）与净地、毛地、待核。"""
    from landgis.analysis.classification import classify as classify_parcels
    from landgis.model.schema import VERDICTS

    if verdicts:
        bounds.without_shapes(out)
    table = speech.read(parcels, crs=crs, column=column)
    result = classify_parcels(table, policy=policy, as_of=as_of and as_of.date())
    if verdicts:
        speech.give(result.verdicts, of=VERDICTS, out=out, json=json)
        return
    shown = ["land_class", "judged_class", "judged_by", "readiness", "readiness_because"]
    speech.give(result.parcels, out=out, json=json, encoding=encoding, only=shown)


@verb(rich_help_panel=PANEL)
def explain(
    parcels: speech.ParcelFile,
    parcel: Annotated[str, typer.Argument(metavar="编号", help="地块编号")],
    as_of: speech.AsOf = None,
    policy: speech.PolicyName = "qinzhou_2021",
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """说明一宗地的判定：试过的规则、数值、条款、缺什么。"""
    from landgis.analysis.classification import explain as explain_parcel

    table = speech.read(parcels, crs=crs, column=column)
    explanation = explain_parcel(table, parcel, policy=policy, as_of=as_of and as_of.date())
    typer.echo(speech.json_text(explanation.as_dict()) if json else str(explanation))


@verb(rich_help_panel=PANEL)
def readiness(
    parcels: speech.ParcelFile,
    as_of: speech.AsOf = None,
    policy: speech.PolicyName = "qinzhou_2021",
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """净地条件逐条列表：台账事实、影像与图层、两者是否矛盾。"""
    from landgis.analysis.readiness import readiness as list_conditions
    from landgis.model.schema import CONDITIONS

    table = speech.read(parcels, crs=crs, column=column)
    found = list_conditions(table, policy=policy, as_of=as_of and as_of.date())
    speech.give(found, of=CONDITIONS, out=out, json=json)


@verb(rich_help_panel=PANEL)
def routes(
    parcels: speech.ParcelFile,
    as_of: speech.AsOf = None,
    policy: speech.PolicyName = "qinzhou_2021",
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """可走的处置路径：有利理由、不利因素、责任主体、配合部门。"""
    from landgis.analysis.routes import routes as propose
    from landgis.model.schema import ROUTES

    table = speech.read(parcels, crs=crs, column=column)
    found = propose(table, policy=policy, as_of=as_of and as_of.date())
    speech.give(found, of=ROUTES, out=out, json=json)


@verb(rich_help_panel=PANEL)
def batches(
    parcels: speech.ParcelFile,
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """按批复文号汇总：批准、征地完成、已供，批而未供与批而未征分开。"""
    from landgis.analysis.batches import batches as add_up
    from landgis.model.schema import BATCHES

    speech.give(
        add_up(speech.read(parcels, crs=crs, column=column)), of=BATCHES, out=out, json=json
    )


@verb(rich_help_panel=PANEL)
def tabulate(
    parcels: speech.ParcelFile,
    zones: speech.ZoneFiles,
    by: Annotated[str, typer.Option("--by", help="按分区的哪个字段汇总")] = "zone_code",
    invalid: Annotated[
        Literal["exclude", "raise"],
        typer.Option("--invalid", help="不能参与的图形：exclude 剔除并列明，raise 报错"),
    ] = "exclude",
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """每宗地在各分区中的面积（交叉表）。"""
    from landgis.analysis.overlay import tabulate as tabulate_parcels
    from landgis.model.schema import PIECES

    table = speech.read(parcels, crs=crs, column=column)
    done = tabulate_parcels(table, speech.read_zones(zones), by=by, invalid=invalid)
    for finding in done.attrs["findings"]:
        speech.say(finding["message"])
    speech.give(done, of=PIECES, out=out, json=json)


@verb(rich_help_panel=PANEL)
def overlay(
    parcels: speech.ParcelFile,
    zones: speech.ZoneFiles,
    overlaps: Annotated[
        Literal["raise", "twice", "priority"],
        typer.Option(
            "--overlaps", help="分区互相重叠：raise 报错，twice 重复计算并列明，priority 先列优先"
        ),
    ] = "raise",
    invalid: Annotated[
        Literal["exclude", "raise"],
        typer.Option("--invalid", help="不能参与的图形：exclude 剔除并列明，raise 报错"),
    ] = "exclude",
    account: Annotated[bool, typer.Option("--account", help="列出逐宗面积账，而不是图斑")] = False,
    out: speech.Out = None,
    encoding: speech.Encoding = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """叠加规划分区：切出图斑，逐宗面积账闭合到平方分米。"""
    from landgis.analysis.overlay import overlay as overlay_parcels
    from landgis.model.schema import ACCOUNT, PIECES

    if account:
        bounds.without_shapes(out)
    table = speech.read(parcels, crs=crs, column=column)
    done = overlay_parcels(table, speech.read_zones(zones), overlaps=overlaps, invalid=invalid)
    for message in done.findings["message"]:
        speech.say(message)
    if account:
        speech.give(done.account, of=ACCOUNT, out=out, json=json)
    else:
        speech.give(done.pieces, of=PIECES, out=out, json=json, encoding=encoding)


@verb(rich_help_panel=PANEL)
def reconcile(
    parcels: speech.ParcelFile,
    annex: Annotated[Path, typer.Argument(metavar="附表", help="官方统计表（CSV 或 Excel）")],
    differences: Annotated[bool, typer.Option("--differences", help="列出差异及其地块")] = False,
    units: Annotated[
        str | None,
        typer.Option(
            "--units", metavar="单元", help="统计单元图层：核对每宗地登记与图形所在的单元"
        ),
    ] = None,
    listed: Annotated[
        Path | None,
        typer.Option("--listed", metavar="名册", help="官方统计表所依据的逐宗清单（CSV 或 Excel）"),
    ] = None,
    crosswalk: Annotated[
        Path | None,
        typer.Option("--crosswalk", metavar="对照表", help="单元对照表（两列：名称、统计单元）"),
    ] = None,
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """与官方统计表对账。"""
    from landgis.analysis.area import measure as measure_parcels
    from landgis.analysis.location import locate
    from landgis.analysis.reconciliation import reconcile as reconcile_parcels
    from landgis.formats.tables import read_annex, read_crosswalk, read_ledger
    from landgis.model.schema import ANNEX_DIFFERENCES, SUMMARY

    table = measure_parcels(speech.read(parcels, crs=crs, column=column))
    if units is not None:
        table = locate(table, speech.read(units, kind="units"))
    done = reconcile_parcels(
        table,
        read_annex(annex),
        listed=None if listed is None else read_ledger(listed),
        crosswalk=None if crosswalk is None else read_crosswalk(crosswalk),
    )
    speech.say(done.sentence)
    if differences:
        speech.give(done.differences, of=ANNEX_DIFFERENCES, out=out, json=json)
    else:
        speech.give(done.summary, of=SUMMARY, out=out, json=json)


@verb(rich_help_panel=PANEL)
def progress(
    parcels: speech.ParcelFile,
    disposals: Annotated[
        Path | None,
        typer.Argument(
            metavar="处置", help="逐宗处置台账，或季度进度表；省略时用地块自带的处置日期和面积"
        ),
    ] = None,
    as_of: speech.AsOf = None,
    targets: Annotated[
        Path | None,
        typer.Option("--targets", metavar="文件", help="任务分解：县区、年度、年度任务"),
    ] = None,
    indicators: Annotated[
        Path | None,
        typer.Option(
            "--indicators", metavar="文件", help="经济指标：指标、年度、数值、建设用地面积"
        ),
    ] = None,
    parks: Annotated[
        Path | None,
        typer.Option(
            "--parks", metavar="文件", help="开发区：投资强度、亩均税收；级别“标杆”为标杆值"
        ),
    ] = None,
    snapshots: Annotated[
        Path, typer.Option("--snapshots", metavar="文件夹", help="快照文件夹")
    ] = Path("snapshots"),
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="日期或快照", help="基期；省略时用最早的快照"),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="日期或快照", help="说明与该快照相比每个数字为何变动"),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="把本次状态存为快照")] = False,
    show: Annotated[
        Literal["quarters", "achievements", "contributions", "findings", "figures", "moves"] | None,
        typer.Option("--show", help="列出哪张表：季度进度、指标、计入明细、问题、数字、变动明细"),
    ] = None,
    charts: Annotated[
        Path | None,
        typer.Option("--charts", metavar="文件夹", help="各县区进度图（PNG）写入的文件夹"),
    ] = None,
    policy: speech.PolicyName = "qinzhou_2021",
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """进度：处置与任务、处置率与目标；--since 说明数字为何变动。"""
    from landgis.cli.progressing import Request, answer

    day = (as_of or dt.datetime.now()).date()  # noqa: DTZ005 - the planner's own day
    request = Request(
        table=speech.read(parcels, crs=crs, column=column),
        disposals=disposals,
        as_of=day,
        lists={"targets": targets, "indicators": indicators, "parks": parks},
        snapshots=snapshots,
        baseline=baseline,
        since=since,
        policy=policy,
    )
    table, of = answer(request, show=show, keep=keep, charts=charts)
    speech.give(table, of=of, out=out, json=json)

"""Verbs that make what reaches the meeting room."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from landgis.cli import bounds, speech
from landgis.cli.application import verb

PANEL = "成果"

Annex = Annotated[
    Path | None, typer.Option("--annex", metavar="附表", help="官方统计表；省略时只用地块汇总")
]


def _new_file(suffix: str) -> Any:
    return typer.Option(
        "--out",
        "-o",
        metavar="文件",
        callback=bounds.written_as(suffix),
        help=f"写入的文件（{suffix}）",
    )


SheetFile = Annotated[Path, _new_file(".png")]
AtlasFile = Annotated[Path, _new_file(".pdf")]
WebFile = Annotated[Path, _new_file(".html")]
LedgerFile = Annotated[Path, _new_file(".xlsx")]
BriefFile = Annotated[Path, _new_file(".docx")]


@verb("draw-sheet", rich_help_panel=PANEL)
def draw_sheet(
    parcels: speech.ParcelFile,
    units: speech.UnitFile,
    out: SheetFile,
    annex: Annex = None,
    land_class: speech.LandClass = "合计",
    title: speech.Title = "",
    note: speech.Note = "示意图，不作为划界依据",
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """分县区分级设色图（PNG）。"""
    from landgis.reports.sheet import draw_sheet as draw

    table = speech.read(parcels, crs=crs, column=column)
    outlines = speech.read(units, kind="units")
    summary = speech.summarise(table, outlines, annex)
    typer.echo(
        draw(outlines, summary, path=out, land_class=land_class, title=title or None, note=note)
    )


@verb("draw-atlas", rich_help_panel=PANEL)
def draw_atlas(
    parcels: speech.ParcelFile,
    units: speech.UnitFile,
    out: AtlasFile,
    annex: Annex = None,
    title: speech.Title = "存量土地图册",
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """图册（PDF）。"""
    from landgis.reports.atlas import draw_atlas as draw

    table = speech.read(parcels, crs=crs, column=column)
    outlines = speech.read(units, kind="units")
    summary = speech.summarise(table, outlines, annex)
    typer.echo(draw(outlines, summary, path=out, parcels=table, title=title))


@verb("draw-web", rich_help_panel=PANEL)
def draw_web(
    parcels: speech.ParcelFile,
    out: WebFile,
    units: Annotated[
        str | None, typer.Option("--units", metavar="单元", help="统计单元文件")
    ] = None,
    zones: Annotated[
        list[str] | None, typer.Option("--zones", metavar="分区", help="规划图层，可多个")
    ] = None,
    title: speech.Title = "存量土地",
    note: speech.Note = "",
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """离线网页地图（单个 HTML，不联网也能打开）。"""
    from landgis.reports.web import draw_web as draw

    table = speech.read(parcels, crs=crs, column=column)
    outlines = None if units is None else speech.read(units, kind="units")
    layers = None if not zones else speech.read_zones(zones)
    typer.echo(draw(table, path=out, units=outlines, zones=layers, title=title, note=note))


@verb("write-ledger", rich_help_panel=PANEL)
def write_ledger(
    parcels: speech.ParcelFile,
    out: LedgerFile,
    title: speech.Title = "存量土地台账",
    note: speech.Note = "",
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """台账（Excel），每类一张表，合计可重算。"""
    from landgis.reports.ledger import write_ledger as write

    table = speech.read(parcels, crs=crs, column=column)
    typer.echo(write(table, path=out, title=title, note=note))


@verb("write-brief", rich_help_panel=PANEL)
def write_brief(
    parcels: speech.ParcelFile,
    out: BriefFile,
    annex: Annex = None,
    title: speech.Title = "存量土地简报",
    note: speech.Note = "",
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """简报（Word）。"""
    from landgis.reports.brief import write_brief as write

    summary = speech.summarise(speech.read(parcels, crs=crs, column=column), None, annex)
    typer.echo(write(summary, path=out, title=title, note=note))

"""Verbs that look at data and carry them from one form to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from landgis.cli import speech
from landgis.cli.application import verb
from landgis.model.columns import Column, Table

PANEL = "数据"
DESCRIBED = Table(
    "described",
    "文件",
    None,
    (
        Column("layer", "图层"),
        Column("geometry", "几何类型"),
        Column("features", "要素数", "integer"),
        Column("crs", "坐标系"),
        Column("fields", "字段"),
        Column("encoding", "编码"),
        Column("encoding_basis", "编码依据"),
        Column("encoding_sure", "编码确定", "truth"),
        Column("extent", "范围"),
    ),
)


@verb(rich_help_panel=PANEL)
def describe(
    file: Annotated[Path, typer.Argument(metavar="文件", help="任意空间数据文件")],
    json: speech.Json = False,
) -> None:
    """看一个文件：图层、字段、坐标系、编码、范围。"""
    from landgis.formats.vector import describe as describe_file

    speech.show(describe_file(file), of=DESCRIBED, json=json)


@verb(rich_help_panel=PANEL)
def convert(
    parcels: speech.ParcelFile,
    out: speech.NewLayer,
    to_crs: Annotated[
        str | None, typer.Option("--to-crs", metavar="EPSG:…", help="转换到坐标系")
    ] = None,
    headings: Annotated[
        Literal["ministry", "chinese", "canonical"],
        typer.Option("--headings", help="字段名：ministry 部标代码，chinese 中文，canonical 英文"),
    ] = "ministry",
    encoding: speech.Encoding = None,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """转换格式、坐标系、字段名和文字编码。"""
    from landgis.model.crs import align

    table = speech.read(parcels, crs=crs, column=column)
    table = table if to_crs is None else align(table, to_crs, what="地块")
    speech.write(table, out, headings=headings, encoding=encoding)


@verb(rich_help_panel=PANEL)
def check(
    parcels: speech.ParcelFile,
    units: Annotated[
        str | None, typer.Option("--units", metavar="单元", help="统计单元文件")
    ] = None,
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """检查数据：列出全部问题，不改数据；有“错误”级问题时退出码为 1。"""
    from landgis.analysis.soundness import check as check_parcels
    from landgis.model.schema import FINDINGS

    table = speech.read(parcels, crs=crs, column=column)
    outlines = None if units is None else speech.read(units, kind="units")
    findings = check_parcels(table, units=outlines)
    speech.give(findings, of=FINDINGS, out=out, json=json)
    if (findings["severity"] == "错误").any():
        raise typer.Exit(1)


@verb(rich_help_panel=PANEL)
def repair(
    parcels: speech.ParcelFile,
    out: speech.NewLayer,
    encoding: speech.Encoding = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """修复可自动修复的图形，写成新文件，列出每一处改动。"""
    from landgis.analysis.soundness import repair as repair_parcels
    from landgis.formats import vector
    from landgis.model.schema import CHANGES

    repaired = repair_parcels(speech.read(parcels, crs=crs, column=column))
    vector.write(repaired.parcels, out, encoding=encoding or "UTF-8")
    speech.give(repaired.changes, of=CHANGES, out=None, json=json)

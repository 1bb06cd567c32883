"""Verbs about policies themselves: show one, check one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from landgis.cli import speech
from landgis.cli.application import app
from landgis.cli.chinese import OPTIONS, ChineseCommand, ChineseGroup

PANEL = "分析"

policy_app = typer.Typer(
    cls=ChineseGroup,
    subcommand_metavar="命令 …",
    options_metavar=OPTIONS,
    help="政策文件：show 读成一页，check 查毛病。",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(policy_app, name="policy", rich_help_panel=PANEL)

Named = Annotated[str, typer.Argument(metavar="政策", help="政策名称或政策文件夹")]


@policy_app.command(cls=ChineseCommand)
def show(
    policy: Named = "qinzhou_2021",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="文件", help="写入 .md 文件")
    ] = None,
) -> None:
    """把政策读成一页：每条规则的条件、条款、理由，以及尚未核实的依据。"""
    from landgis.model.files import complete_file
    from landgis.policy import load
    from landgis.policy.page import page

    text = page(load(policy))
    if out is None:
        typer.echo(text, nl=False)
        return
    with complete_file(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    typer.echo(out)


@policy_app.command(cls=ChineseCommand)
def check(
    policies: Annotated[
        list[str] | None, typer.Argument(metavar="政策…", help="政策名称或政策文件夹，可多个")
    ] = None,
    parcels: Annotated[
        str | None,
        typer.Option("--parcels", metavar="地块", help="地块文件：说明缺哪些字段、影响哪些规则"),
    ] = None,
    as_of: speech.AsOf = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """查政策的毛病：同时起作用的规则、永不成立的规则、没有人提供的字段。"""
    from landgis.policy import load
    from landgis.policy.examination import GRAVE, REMARKS, examine

    loaded = [load(name) for name in policies or ["qinzhou_2021"]]
    provided = None
    if parcels is not None:
        provided = list(speech.read(parcels, crs=crs, column=column).columns)
    found = examine(loaded, provided=provided, as_of=as_of and as_of.date())
    grave = int((found["severity"] == GRAVE).sum())
    rules = sum(len(policy.rules) for policy in loaded)
    speech.say(f"{rules} 条规则，{grave} 处警告，{len(found) - grave} 处提示。")
    speech.show(found, of=REMARKS, json=json)
    raise typer.Exit(1 if grave else 0)

"""Verbs of a whole project: make one, run one, grow the sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from landgis.cli import speech
from landgis.cli.application import verb

PANEL = "项目"


@verb("init", rich_help_panel=PANEL)
def init_project(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="放有数据的文件夹")],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的 landgis.toml")] = False,
) -> None:
    """看一遍文件夹里的数据，猜出各是什么，写成带注释的 landgis.toml。"""
    from landgis.folder import init

    typer.echo(init(folder, overwrite=force))


@verb(rich_help_panel=PANEL)
def run(
    project: Annotated[Path, typer.Argument(metavar="项目", help="landgis.toml 或其所在文件夹")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="文件夹", help="成果文件夹")
    ] = None,
    json: speech.Json = False,
) -> None:
    """按项目文件从头跑到尾，成果放进一个文件夹。"""
    from landgis.cli.progress_bar import progress_bar
    from landgis.pipeline import run as run_project

    with progress_bar() as tell:
        ran = run_project(project, out=out, tell=tell)
    if json:
        typer.echo(speech.json_text({"folder": ran.folder, "headline": ran.headline}))
    else:
        typer.echo("\n".join(ran.headline))


@verb(rich_help_panel=PANEL)
def sample(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="写入的文件夹")],
    seed: Annotated[
        int | None, typer.Option("--seed", help="随机种子；省略时与随附样例相同")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="差错",
            help="埋入差错，可多个：moved 图形移位、duplicated 重复（新编号）、same-number 重复（同编号）、"
            "reclassified 类别填错、misassigned 县区填错、deleted 漏登、annex-cell 附表印错一格",
        ),
    ] = None,
) -> None:
    """生成一套示意数据（虚构的钦州）。"""
    from landgis.sample import SEED, grow

    typer.echo(grow(folder, seed=SEED if seed is None else seed, faults=fault or ()))

"""The application the verbs hang on, its Chinese frame, and how errors are spoken."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from landgis import __version__
from landgis.model.errors import LandgisError

app = typer.Typer(
    name="landgis",
    help="盘活存量土地工具：读取、检查、量算、判定、叠加、连片、对账、出图、出台账。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"landgis {__version__}")
        raise typer.Exit


@app.callback()
def frame(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="显示版本")
    ] = False,
) -> None:
    """盘活存量土地工具：读取、检查、量算、判定、叠加、连片、对账、出图、出台账。"""


def speak_and_leave(error: Exception) -> NoReturn:
    """Say what went wrong and how to mend it, then leave with the exit code of its kind."""
    if isinstance(error, LandgisError):
        typer.echo(f"错误：{error.hint}\n  {error}", err=True)
        sys.exit(error.exit_code)
    with tempfile.NamedTemporaryFile(
        "w", prefix="landgis-", suffix=".log", encoding="utf-8", delete=False
    ) as log:
        traceback.print_exception(error, file=log)
    typer.echo(
        f"错误：landgis 内部出错（{type(error).__name__}），详情已写入 {Path(log.name)}，"
        f"请连同数据说明一起反馈。\n  {error} [internal]",
        err=True,
    )
    sys.exit(LandgisError.exit_code)

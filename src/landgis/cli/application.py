"""The application the verbs hang on, its Chinese frame, and how errors are spoken."""

from __future__ import annotations

import logging
import tempfile
import traceback
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from landgis import __version__
from landgis.cli.bounds import encoding_of_a_shapefile
from landgis.cli.chinese import OPTIONS, ChineseCommand, ChineseGroup, UsageFault, usage_fault
from landgis.model.errors import LandgisError, UsageError

app = typer.Typer(
    name="landgis",
    cls=ChineseGroup,
    subcommand_metavar="命令 …",
    options_metavar=OPTIONS,
    help="盘活存量土地工具：读取、检查、量算、判定、叠加、连片、对账、出图、出台账。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RESULTS = ("out", "chart")  # parameters that name files to write


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


def in_chinese(record: logging.LogRecord) -> bool:
    """Let a message that carries a hint say it, as an exception does."""
    hint = getattr(record, "hint", None)
    if hint is not None:
        record.msg, record.args = hint, ()
    return True


class SparingCommand(ChineseCommand):
    """A verb that never writes a result over a file it reads, nor drops what it was told of it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb, unless a result would go where something given lies, or is none to encode."""
        encoding_of_a_shapefile(ctx.params.get("encoding"), ctx.params.get("out"))
        results = {name: ctx.params[name] for name in RESULTS if ctx.params.get(name)}
        given = [value for name, value in ctx.params.items() if name not in results]
        read = {file.resolve() for value in given for file in _files_in(value)}
        for result in results.values():
            if Path(result).resolve() in read:
                raise UsageError(
                    "output_is_input",
                    "the result would overwrite a file that is read",
                    hint=f"“{result}”是输入文件，写入会把它覆盖：请给成果另起文件名。",
                    file=result,
                )
        return super().invoke(ctx)


def _files_in(value: object) -> list[Path]:
    """Give the files that an argument names: ``file``, ``file#layer``, ``name=file``, or several."""
    if isinstance(value, (list, tuple)):
        return [file for one in value for file in _files_in(one)]
    if not isinstance(value, (str, Path)):
        return []
    named = str(value).partition("#")[0]
    return [file for text in (named, named.partition("=")[2]) if (file := Path(text)).is_file()]


verb = partial(app.command, cls=SparingCommand)


def speak(error: Exception) -> int:
    """Say what went wrong and how to mend it; give the exit code of its kind."""
    if isinstance(error, LandgisError):
        typer.echo(f"错误：{error.hint}\n  {error}", err=True)
        return error.exit_code
    if isinstance(error, UsageFault):
        context = error.ctx
        path = "landgis" if context is None else context.command_path
        typer.echo(f"用法有误：{usage_fault(error)}\n  用 {path} --help 查看用法 [usage]", err=True)
        return UsageError.exit_code
    if isinstance(error, typer.Abort):
        typer.echo("已中断。", err=True)
        return LandgisError.exit_code
    with tempfile.NamedTemporaryFile(
        "w", prefix="landgis-", suffix=".log", encoding="utf-8", delete=False
    ) as log:
        traceback.print_exception(error, file=log)
    typer.echo(
        f"错误：landgis 内部出错（{type(error).__name__}），详情已写入 {Path(log.name)}，"
        f"请连同数据说明一起反馈。\n  {error} [internal]",
        err=True,
    )
    return LandgisError.exit_code

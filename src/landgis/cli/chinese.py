"""The frame of the command line in Chinese: usage, help, and what is wrong with a call.

typer speaks English and offers no catalogue for all of it, so its commands are given the few words
here, and its usage errors are said anew by kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
import typer.rich_utils as panels
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typing import Protocol

    class _Formatter(Protocol):
        def write_usage(self, program: str, arguments: str, prefix: str) -> None: ...


OPTIONS = "[选项]"
UsageFault: Any = typer.BadParameter.__bases__[0]  # typer exports only this one of its kind


class ChineseCommand(TyperCommand):
    """A verb whose usage line and help option read Chinese."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the usage line."""
        _write_usage(self, ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        """Give the help option its Chinese text."""
        return _in_chinese(super().get_help_option(ctx))


class ChineseGroup(TyperGroup):
    """The list of verbs, likewise."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the usage line."""
        _write_usage(self, ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        """Give the help option its Chinese text."""
        return _in_chinese(super().get_help_option(ctx))


def _write_usage(command: Any, ctx: Any, formatter: _Formatter) -> None:
    pieces = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, pieces.replace("[OPTIONS]", OPTIONS), "用法：")


def _in_chinese(option: Any) -> Any:
    if option is not None:
        option.help = "显示本帮助"
    return option


def name_panels() -> None:
    """Give the panels of help pages their Chinese titles; once, when the program starts."""
    panels.ARGUMENTS_PANEL_TITLE = "参数"
    panels.OPTIONS_PANEL_TITLE = "选项"
    panels.COMMANDS_PANEL_TITLE = "命令"
    panels.REQUIRED_LONG_STRING = "[必填]"
    panels.DEFAULT_STRING = "[默认：{}]"


def usage_fault(error: Any) -> str:
    """Say in Chinese what is wrong with a call."""
    name = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    place = "" if parameter is None else _called(parameter)
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = "、".join(error.possibilities or ())
        return f"没有选项 {name}" + (f"，是否想写 {near}" if near else "")
    if kind == "MissingParameter":
        return f"缺少 {place}"
    if kind == "BadOptionUsage":
        return f"选项 {name} 后面要跟一个值"
    if "No such command" in error.message:
        return f"没有这个命令：{error.message.removeprefix('No such command ').rstrip('.')}"
    if kind == "BadParameter":
        return f"{place} 的值不对：{_expected(error.message)}"
    return str(error.message)


def _called(parameter: Any) -> str:
    """Name an option by its flag and an argument by the word that stands for it."""
    flag = str(parameter.opts[0])
    return flag if flag.startswith("-") else str(parameter.metavar or flag)


def _expected(message: str) -> str:
    _, one_of, choices = message.partition(" is not one of ")
    if one_of:
        return f"应为 {choices.rstrip('.')} 之一"
    if "does not match the format" in message:
        return "日期应写作 2020-12-31"
    return "应为数字" if "number" in message or "integer" in message else message

"""The voice: one short function per verb, no logic, late imports.

Data go to stdout, talk and progress to stderr. Exit codes: 0 done, 1 the data do not pass, 2 wrong
usage, 3 could not run.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from importlib import import_module

    import typer.rich_utils as frame

    from landgis.cli.application import app, speak_and_leave

    for verbs in ("project", "data", "analyses", "results"):
        import_module(f"landgis.cli.{verbs}")  # its verbs hang themselves on the application
    frame.ARGUMENTS_PANEL_TITLE = "参数"
    frame.OPTIONS_PANEL_TITLE = "选项"
    frame.COMMANDS_PANEL_TITLE = "命令"
    frame.ERRORS_PANEL_TITLE = "用法有误"
    frame.REQUIRED_LONG_STRING = "[必填]"
    frame.DEFAULT_STRING = "[默认：{}]"
    try:
        app()
    except Exception as error:  # noqa: BLE001 - bad input never gives a traceback
        speak_and_leave(error)

"""The voice: one short function per verb, no logic, late imports.

Data go to stdout, talk and progress to stderr. Exit codes: 0 done, 1 the data do not pass, 2 wrong
usage, 3 could not run.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module

ROOMS = (
    "project",
    "data",
    "analyses",
    "renewal",
    "policies",
    "results",
)  # in the order of the help page
INTERRUPTED = 130  # 128 + SIGINT


def main() -> None:
    """Run the command line."""
    from typer import Abort

    from landgis.cli.application import app, in_chinese, speak
    from landgis.cli.chinese import name_panels

    name_panels()
    logging.getLogger("landgis").addFilter(in_chinese)
    for room in ROOMS:
        import_module(f"landgis.cli.{room}")  # its verbs hang themselves on the application
    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:  # what typer makes of Ctrl-C
            code = speak(Abort())
    except Exception as error:  # noqa: BLE001 - bad input never gives a traceback
        code = speak(error)
    sys.exit(code or 0)

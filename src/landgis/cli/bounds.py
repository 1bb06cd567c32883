"""What the value of an option may be: wrong ones are refused before any file is read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer  # noqa: TC002 - typer reads the annotations

from landgis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LAYERS = (".gpkg", ".shp", ".geojson", ".json", ".parquet")
TABLES = (".csv", ".gpkg", ".geojson", ".json", ".parquet")  # what holds a table without shapes


def at_least(least: float, label: str) -> Any:
    """Refuse numbers below `least`, and what is no finite number."""
    wanted = f"不小于 {least:g} 的数", f"{least:g} or more"
    return _number(lambda value: value >= least, label, *wanted)


def above(limit: float, label: str) -> Any:
    """Refuse numbers that are not above `limit`, and what is no finite number."""
    return _number(lambda value: value > limit, label, f"大于 {limit:g} 的数", f"above {limit:g}")


def written_as(*suffixes: str) -> Any:
    """Refuse files to write whose suffix is none of these."""

    def check(param: typer.CallbackParam, path: Path | None) -> Path | None:
        option = param.opts[0]
        _require_suffix(path, suffixes, f"{option} 的", option)
        return path

    return check


def without_shapes(path: Path | None) -> None:
    """Refuse formats that cannot hold a table without shapes, where the verb gives such a one."""
    _require_suffix(path, TABLES, "这张表没有图形，", "a table without geometry")


def encoding_of_a_shapefile(encoding: str | None, path: Path | None) -> None:
    """Refuse an encoding where the file to write is no shapefile: no other format leaves a choice."""
    if encoding is not None and (path is None or path.suffix.lower() != ".shp"):
        raise UsageError(
            "bad_encoding",
            "--encoding is for shapefiles alone",
            hint="--encoding 只用于 Shapefile：请把 --out 写成 .shp，或去掉 --encoding"
            "（其他格式一律为 UTF-8）。",
            file=path,
        )


def _require_suffix(path: Path | None, known: Sequence[str], label: str, in_english: str) -> None:
    if path is not None and path.suffix.lower() not in known:
        raise UsageError(
            "format_unsupported",
            f"the file of {in_english} must end in {', '.join(known)}, got {path.name}",
            hint=f"{label}文件后缀应为 {'、'.join(known)}，现为“{path.name}”：请改后缀。",
            file=path,
        )


def metres(param: typer.CallbackParam, text: str) -> str:
    """Refuse a list of gaps that are no numbers of metres."""
    for part in text.split(","):
        if not _is_number(part, lambda value: value >= 0):
            raise UsageError(
                "bad_gap",
                f"{param.opts[0]} must be numbers of metres, 0 or more, got {text!r}",
                hint=f"间距（{param.opts[0]}）应为以逗号分隔、不小于 0 的米数，如 0,10,20，现为“{text}”。",
            )
    return text


def kinds_of_edges(param: typer.CallbackParam, text: str | None) -> str | None:
    """Refuse words that are no kind of edge."""
    from landgis.model.schema import EDGES

    known = EDGES.column("kind").values
    unknown = [] if text is None else [kind for kind in text.split(",") if kind not in known]
    if unknown:
        raise UsageError(
            "unknown_join",
            f"unknown kinds of edges: {', '.join(unknown)}",
            hint=f"{param.opts[0]} 只能取 {'、'.join(known)}，以逗号分隔，现为“{text}”。",
        )
    return text


def _number(fits: Callable[[float], bool], label: str, wanted: str, in_english: str) -> Any:
    def check(param: typer.CallbackParam, value: float | None) -> float | None:
        if value is not None and not _is_number(value, fits):
            raise UsageError(
                "bad_number",
                f"{param.opts[0]} must be a number {in_english}, got {value:g}",
                hint=f"{label}（{param.opts[0]}）应为{wanted}，现为 {value:g}。",
            )
        return value

    return check


def _is_number(value: float | str, fits: Callable[[float], bool]) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number) and fits(number)

"""What is wrong with a project file, in words that a planner can act on."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_BOUNDS = {"ge": "不小于", "gt": "大于", "le": "不大于", "lt": "小于"}
_EXPECTED = {
    "float": "数字",
    "int": "整数",
    "finite": "有限的数字",
    "bool": "true 或 false",
    "date": "日期，如 2020-12-31",
    "string": "加引号的文字",
    "dict": '字段对照，如 { parcel_id = "DKBH" }',
    "tuple": '列表，如 ["铁路", "河流"]',
    "model": "一个部分（[方括号] 开头）",
}


def in_chinese(error: ValidationError, text: str, model: type[BaseModel]) -> list[str]:
    """Say each fault with its line, its key and its mend.

    Parameters
    ----------
    error : pydantic.ValidationError
        What the validation found.
    text : str
        The project file, to find the lines in.
    model : type of pydantic.BaseModel
        The record that was validated, to name the keys there are.

    Returns
    -------
    list of str
        One Chinese sentence for each fault, in the order of the record.
    """
    sentences = []
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"]) or "landgis.toml"
        line = _line_of(fault["loc"], text)
        place = f"第 {line} 行 {key}" if line else key
        sentences.append(f"{place}：{_mend(fault, model)}")
    return sentences


def _mend(fault: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return f"缺少必填的部分 [{fault['loc'][-1]}]" if len(fault["loc"]) == 1 else "缺少必填的键"
    if kind == "extra_forbidden":
        return _unknown_key(str(fault["loc"][-1]), _keys_beside(fault["loc"], model))
    if kind == "value_error":
        return str(context["error"])
    return f"应{_expectation(kind, context) or fault['msg']}，现为 {fault['input']!r}"


def _unknown_key(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return (
        f"没有这个键，是否想写 {near[0]}" if near else f"没有这个键，可用的有：{'、'.join(known)}"
    )


def _expectation(kind: str, context: dict[str, Any]) -> str | None:
    if kind == "literal_error":
        return f"为 {context['expected'].replace(' or ', ' 或 ')}"
    bound = next(
        (f"{words} {context[name]}" for name, words in _BOUNDS.items() if name in context), None
    )
    if bound:
        return bound
    return next(
        (f"为{words}" for start, words in _EXPECTED.items() if kind.startswith(start)), None
    )


def _keys_beside(place: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    """Name the keys that may stand where an unknown one was met."""
    for part in place[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = record_in(model.model_fields[part].annotation) or model
    return [name for name in model.model_fields if name != "home"]


def record_in(annotation: Any) -> type[BaseModel] | None:
    """Find the record inside an annotation such as ``tuple[ZoneSource, ...]``.

    Parameters
    ----------
    annotation : Any
        Annotation of a field.

    Returns
    -------
    type of pydantic.BaseModel or None
        The record, or None where the annotation holds none.
    """
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = getattr(annotation, "__args__", ())
    return next((record for part in parts if (record := record_in(part))), None)


def _line_of(place: tuple[int | str, ...], text: str) -> int | None:
    """Find the line of a key: the n-th header of its section, then the key below it."""
    if len(place) < 2:  # noqa: PLR2004 - a section and a key
        return None
    section, index, key = str(place[0]), 0, str(place[-1])
    if isinstance(place[1], int):
        index = place[1]
    seen, inside = -1, False
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = stripped.strip("[] ").split(".")[0] == section
            seen += inside and stripped.strip("[] ") == section
        elif inside and seen == index and stripped.split("=")[0].strip().strip('"') == key:
            return number
    return None

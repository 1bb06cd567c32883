"""Write the pages that are made from the code: project keys, commands, columns, the policy.

``python docs/generate.py`` writes them; tests/test_docs.py fails where they are out of date.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from landgis.model import schema
from landgis.policy import load
from landgis.policy.page import page as readable
from landgis.project import Project, sections

HERE = Path(__file__).parent
KINDS = {
    "text": "文本",
    "number": "数",
    "integer": "整数",
    "date": "日期",
    "truth": "是否（可未知）",
    "geometry": "图形",
}


def project_page() -> str:
    """Describe every key of landgis.toml."""
    lines = [
        "# landgis.toml：每个键的含义",
        "",
        "由 `python docs/generate.py` 生成，请勿手改。",
        "",
        "路径相对于 landgis.toml 所在文件夹。写错键名或取值时，landgis 会一次列出全部问题、所在行和改法。",
        "`landgis init 文件夹` 可以根据数据猜出一份，再逐项核对。",
    ]
    for name, kind, record in sections():
        if kind == "key":
            lines += ["", f"## `{name}`", "", _table({name: Project.model_fields[name]})]
            continue
        heading = f"[[{name}]]" if kind == "list" else f"[{name}]"
        meaning = Project.model_fields[name].description or record.meaning
        lines += ["", f"## `{heading}` {meaning}", "", _table(record.model_fields)]
        example = [
            f"{key} = {_toml(_example(field))}" for key, field in record.model_fields.items()
        ]
        lines += ["", "```toml", heading, *example, "```"]
    return "\n".join(lines) + "\n"


def _table(fields: dict[str, Any]) -> str:
    rows = ["| 键 | 含义 | 默认 | 例 |", "|---|---|---|---|"]
    for key, field in fields.items():
        default = "必填" if field.is_required() else f"`{_toml(field.default)}`"
        default = "—" if default in {"``", "`null`"} else default
        rows.append(f"| `{key}` | {field.description} | {default} | `{_toml(_example(field))}` |")
    return "\n".join(rows)


def _example(field: Any) -> Any:
    return field.examples[0]


def _toml(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-" and len(value) == 10:  # noqa: PLR2004
        return value
    return json.dumps(value, ensure_ascii=False)


def commands_page() -> str:
    """Describe every verb of the command line by its own help."""
    overview = _help()
    verbs = [
        words[1]
        for line in overview.splitlines()
        if (words := line.split()) and words[0] == "│" and len(words) > 2 and words[1].islower()  # noqa: PLR2004
        if words[1][0].isalpha() and words[1].isascii()
    ]
    lines = [
        "# 命令一览",
        "",
        "由 `python docs/generate.py` 生成，请勿手改。",
        "",
        "```text",
        overview,
        "```",
    ]
    for verb in dict.fromkeys(verbs):
        lines += ["", f"## landgis {verb}", "", "```text", _help(verb), "```"]
    return "\n".join(lines) + "\n"


def _help(*verb: str) -> str:
    environment = {
        **os.environ,
        "COLUMNS": "100",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-m", "landgis", *verb, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def columns_page() -> str:
    """List every column of every table."""
    lines = [
        "# 字段一览：每张表的每一列",
        "",
        "由 `python docs/generate.py` 生成，请勿手改。",
        "",
        "读文件时，列名、中文、部委字段和其他表头都认得。部委字段代码取自第三方转录，以部里的文件为准。",
        "写 Shapefile 时字段名至多 10 个字节：用部委字段的第一个代码，没有的用简称（拼音首字母，landgis 自定）。",
        "用户自定的列名过长时自动缩短并提示，原名写入同名的 .字段对照.csv，读回时还原。",
    ]
    for table in schema.TABLES.values():
        lines += ["", f"## {table.label} `{table.name}`", ""]
        lines += [
            "| 列名 | 中文 | 类型 | 部委字段 | 简称 | 其他表头 | 取值 |",
            "|---|---|---|---|---|---|---|",
        ]
        for column in table.columns:
            index = "，索引" if column.name == table.index else ""
            cells = (
                f"`{column.name}`",
                column.heading,
                KINDS[column.kind] + index,
                "、".join(column.codes),
                column.short,
                "、".join(column.aliases),
                "、".join(_values(column)),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _values(column: schema.Column) -> list[str]:
    """Give the values of a column, each with the planner's word where it has one."""
    return [
        value if column.word(value) == value else f"{value}（{column.word(value)}）"
        for value in column.values
    ]


def policy_page() -> str:
    """Print the policy of Qinzhou with its clauses."""
    return readable(load("qinzhou_2021"))


PAGES = {
    "project.md": project_page,
    "commands.md": commands_page,
    "columns.md": columns_page,
    "policy-qinzhou_2021.md": policy_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")

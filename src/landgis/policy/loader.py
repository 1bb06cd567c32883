"""Reads a policy folder, and tells every fault of it at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from landgis.model import schema
from landgis.model.errors import PolicyError
from landgis.policy import _cluster_rules as clusters
from landgis.policy._shapes import (
    ALONE,
    SHAPES,
    WORDS,
    Entry,
    Fault,
    Table,
    fits,
    fraction_of,
    is_tables,
    line_of,
)
from landgis.policy.language import RESERVED, parse, unknown_names
from landgis.policy.records import (
    MEASURES,
    OVERLAP_VERDICTS,
    Body,
    Caution,
    Department,
    OverlapRule,
    Policy,
    Rule,
    Target,
    Term,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from landgis.policy.tree import Node

HOME = Path(__file__).parent
MAIN_FILE = "policy.toml"
ANNEX_FILE = "annex.csv"
QUARTERS = 4


def names() -> list[str]:
    """Name the policies that come with landgis.

    Returns
    -------
    list of str
        Names that `load` understands, sorted.

    Examples
    --------
    >>> names()
    ['qinzhou_2021']
    """
    return sorted(path.parent.name for path in HOME.glob(f"*/{MAIN_FILE}"))


def load(name_or_folder: str | Path) -> Policy:
    """Read a policy.

    Parameters
    ----------
    name_or_folder : str or Path
        Name of a policy that comes with landgis, or a folder that holds ``policy.toml``.

    Returns
    -------
    Policy
        The whole policy, checked.

    Raises
    ------
    PolicyError
        ``policy_missing`` where there is no such policy; ``policy_faults`` with every fault of
        every file: its line, its rule and the mend.

    Examples
    --------
    >>> load("qinzhou_2021").rule("XZ-1").needs[:3]
    ('supply_date', 'contract_no', 'supply_method')
    """
    folder = Path(name_or_folder)
    if not (folder / MAIN_FILE).is_file():
        folder = HOME / str(name_or_folder)
    if not (folder / MAIN_FILE).is_file():
        raise PolicyError(
            "policy_missing",
            f"no policy {str(name_or_folder)!r}",
            hint=f"没有这个政策：可用 {'、'.join(names())}，或含 {MAIN_FILE} 的文件夹。",
        )
    reader = _Reader(folder)
    policy = reader.policy()
    if reader.faults:
        lines = [f"{f.file}:{f.line} [{f.place}] {f.message}" for f in reader.faults]
        mends = [f"{f.file} 第 {f.line} 行（{f.place}）：{f.mend}" for f in reader.faults]
        raise PolicyError(
            "policy_faults",
            f"{len(lines)} faults in the policy\n" + "\n".join(lines),
            hint="政策文件有误，请逐条订正：\n" + "\n".join(mends),
            file=folder,
        )
    return policy


class _Reader:
    """Reads one folder and gathers its faults."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.entries: dict[str, list[Entry]] = {shape: [] for shape in SHAPES}
        for path in sorted(folder.glob("*.toml"), key=lambda p: (p.name != MAIN_FILE, p.name)):
            self.read_file(path)
        self.columns = {c.name: c for c in schema.PARCELS.columns} | self.own_columns()
        self.terms: dict[str, Term] = {}
        self.broken: set[str] = set()  # terms with a fault of their own
        self.unread = bool(self.faults)  # a file that could not be read may hold what seems missing
        self.open_terms = {entry.name: entry for entry in self.entries["term"]}

    # ---- files -----------------------------------------------------------------------------

    def read_file(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")
            content = tomllib.loads(text)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            found = re.search(r"line (\d+)", str(error))
            line = int(found[1]) if found else 1
            mend = "文件须为 UTF-8 编码的 TOML，请检查此行的引号、等号和括号。"
            self.faults.append(Fault(path.name, line, "文件", str(error), mend))
            return
        main = {key: value for key, value in content.items() if not is_tables(value)}
        if path.name == MAIN_FILE:
            self.enter("policy", Entry(path.name, 1, "policy", main, text))
        elif main:
            self.stray(path.name, text, main)
        for shape, value in content.items():
            if shape in main:
                continue
            if shape not in SHAPES or shape == "policy":
                self.stray(path.name, text, [shape])
            elif shape in ALONE:
                line = line_of(text, rf"^\[{shape}\]")
                self.enter(shape, Entry(path.name, line, shape, value, text))
            elif isinstance(value, dict):
                for name, table in value.items():
                    line = line_of(text, rf"^\[{shape}\.{re.escape(name)}\]")
                    self.enter(shape, Entry(path.name, line, name, table, text))
            else:
                self.enter_all(path.name, text, shape, value)

    def enter_all(self, file: str, text: str, shape: str, tables: list[Table]) -> None:
        starts = [m.start() for m in re.finditer(rf"(?m)^\[\[{shape}\]\]", text)]
        for number, table in enumerate(tables):
            line = text.count("\n", 0, starts[number]) + 1 if number < len(starts) else 1
            name = str(table.get("id", f"{shape} {number + 1}"))
            self.enter(shape, Entry(file, line, name, table, text))

    def stray(self, file: str, text: str, keys: Any) -> None:
        for key in keys:
            line = line_of(text, rf"^\[*{re.escape(key)}\b")
            known = "、".join(shape for shape in SHAPES if shape != "policy")
            mend = f"不认识“{key}”，可用的表为 {known}。"
            self.faults.append(Fault(file, line, key, f"unknown table or key {key!r}", mend))

    def enter(self, shape: str, entry: Entry) -> None:
        """Take a table whose keys and types are right; tell the faults of any other."""
        if not isinstance(entry.table, dict):
            self.faults.append(entry.fault("not a table", "此处应为一个表。"))
            return
        wanted, sound = SHAPES[shape], True
        for key in entry.table.keys() - wanted.keys():
            mend = f"不认识字段“{key}”，可用 {'、'.join(wanted)}。"
            self.faults.append(entry.fault(f"unknown key {key!r}", mend, key))
        for key, (kind, needed) in wanted.items():
            value = entry.table.get(key)
            if value is None and needed:
                self.faults.append(entry.fault(f"{key} is missing", f"请补上 {key}。"))
                sound = False
            elif value is not None and not fits(value, kind):
                mend = f"{key} 应为{WORDS[kind]}。"
                self.faults.append(entry.fault(f"{key} is not a {kind.__name__}", mend, key))
                sound = False
        if sound:
            self.entries[shape].append(entry)

    # ---- tables ----------------------------------------------------------------------------

    def policy(self) -> Policy:
        for name in list(self.open_terms):
            self.term(name, ())
        main = self.entries["policy"][0].table if self.entries["policy"] else {}
        progress = self.entries["progress"][0] if self.entries["progress"] else None
        annex = self.folder / ANNEX_FILE
        rules = tuple(rule for entry in self.entries["rule"] if (rule := self.rule(entry)))
        for shape in ("rule", "target", "caution", "body", "department", "criterion", "barrier"):
            self.check_unique(shape)
        ids = {rule.id for rule in rules} | {entry.name for entry in self.entries["rule"]}
        classes = self.classes(rules)
        return Policy(
            name=self.folder.name,
            title=str(main.get("title", "")),
            basis=str(main.get("basis", "")),
            folder=self.folder,
            classes=classes,
            columns=self.columns,
            terms=self.terms,
            rules=rules,
            overlap_rules=tuple(
                line for entry in self.entries["overlap"] if (line := self.overlap(entry))
            ),
            quarters=self.quarters(progress) if progress else (),
            reward=self.share(progress, "reward") if progress else None,
            penalty=self.share(progress, "penalty") if progress else None,
            progress_basis=progress.table["basis"] if progress else "",
            baseline=progress.table.get("baseline") if progress else None,
            targets=tuple(t for entry in self.entries["target"] if (t := self.target(entry))),
            annex_path=annex if annex.is_file() else None,
            cautions=tuple(c for e in self.entries["caution"] if (c := self.caution(e, ids))),
            bodies=tuple(
                Body(e.name, tuple(map(str, e.table["units"])), e.table["basis"])
                for e in self.entries["body"]
            ),
            departments=tuple(
                d for e in self.entries["department"] if (d := self.department(e, ids))
            ),
            exclusive=tuple(map(str, main.get("exclusive", ()))),
            **clusters.fields_of_policy(self.entries, self.faults, unread=self.unread),
        )

    def own_columns(self) -> dict[str, schema.Column]:
        columns = {}
        for entry in self.entries["column"]:
            kind = entry.table["kind"]
            if kind not in schema.DTYPES or not entry.name.isidentifier():
                mend = f"字段名须为英文标识符，kind 应为 {'、'.join(schema.DTYPES)} 之一。"
                self.faults.append(entry.fault(f"bad column kind {kind!r}", mend, "kind"))
                continue
            unit = entry.table.get("unit", "")
            columns[entry.name] = schema.Column(
                entry.name,
                entry.table["label"],
                kind,
                unit,
                values=tuple(map(str, entry.table.get("values", ()))),
                made_by=entry.table.get("made_by", ""),
            )
        return columns

    def expression(self, entry: Entry, key: str, kind: Any = None, above: Any = ()) -> Node | None:
        text = entry.table[key]
        for word in dict.fromkeys(re.findall(r"[^\W\d]\w*", text)):
            if word in self.open_terms and word not in self.terms:
                self.term(word, above)
        nodes = {name: term.node for name, term in self.terms.items()}
        try:
            return parse(text, columns=self.columns, terms=nodes, kind=kind)
        except PolicyError as error:
            strangers = unknown_names(text, columns=self.columns, terms=nodes)
            for name, mend in strangers.items():
                if name not in self.broken:
                    fault = entry.fault(f"{key}: unknown name {name!r}", f"{key}：{mend}", key)
                    self.faults.append(fault)
            if not strangers:
                fault = entry.fault(f"{key}: {error}", f"{key}：{error.hint}", key)
                self.faults.append(fault)
            return None

    def term(self, name: str, above: tuple[str, ...]) -> None:
        """Read a term, after the terms it rests on."""
        entry = self.open_terms.get(name)
        if entry is None or name in self.terms:
            return
        if name in above:
            circle = " → ".join([*above, name])
            mend = f"术语互相引用成圈：{circle}。"
            self.faults.append(entry.fault(f"terms in a circle: {circle}", mend, "is"))
            self.broken.update(above)
            del self.open_terms[name]
            return
        if name in self.columns or name in RESERVED or not name.isidentifier():
            mend = "术语名不能与字段名、函数名相同，且须为标识符。"
            self.faults.append(entry.fault(f"bad term name {name!r}", mend))
            self.broken.add(name)
            del self.open_terms[name]
            return
        node = self.expression(entry, "is", above=(*above, name))
        self.open_terms.pop(name, None)
        if node is None:
            self.broken.add(name)
        else:
            table = entry.table
            self.terms[name] = Term(
                name, table["is"], node, table["title"], table["basis"], table.get("unit", "")
            )

    def rule(self, entry: Entry) -> Rule | None:
        table = entry.table
        when = self.expression(entry, "when", "truth")
        for key in ("because", "otherwise", "look"):
            self.check_template(entry, key)
        start, end = table.get("valid_from"), table.get("valid_to")
        if start and end and start > end:
            mend = "valid_from 应不晚于 valid_to。"
            self.faults.append(entry.fault("valid_from after valid_to", mend, "valid_to"))
        target = table.get("contradicts")
        if target and target not in {other.name for other in self.entries["rule"]}:
            mend = f"没有编号为 {target} 的规则。"
            self.faults.append(entry.fault(f"no rule {target!r}", mend, "contradicts"))
        if table.get("advisory") and not table.get("look"):
            mend = "只提示人工核查的规则须写明核查什么（look）。"
            self.faults.append(entry.fault("advisory without look", mend, "advisory"))
        if when is None:
            return None
        options = {key: value for key, value in table.items() if key in SHAPES["rule"]}
        return Rule(text=options.pop("when"), when=when, **options)

    def check_template(self, entry: Entry, key: str) -> None:
        try:
            parts = [part for _, part, *_ in Formatter().parse(entry.table.get(key, ""))]
        except ValueError:
            parts = [""]
        for name in parts:
            known = self.columns.keys() | self.terms.keys() | self.broken
            if name is None or name == "as_of" or name in known:
                continue
            mend = f"{key} 中的“{{{name}}}”不是字段或术语。"
            self.faults.append(entry.fault(f"{key} names {name!r}", mend, key))

    def check_unique(self, shape: str) -> None:
        seen: dict[str, Entry] = {}
        for entry in self.entries[shape]:
            first = seen.setdefault(entry.name, entry)
            if first is not entry:
                mend = f"编号 {entry.name} 已用于 {first.file} 第 {first.line} 行，请另取一个。"
                self.faults.append(entry.fault(f"id {entry.name!r} used twice", mend, "id"))

    def classes(self, rules: tuple[Rule, ...]) -> tuple[str, ...]:
        if not self.entries["policy"]:
            return ()
        entry = self.entries["policy"][0]
        classes = tuple(map(str, entry.table["classes"]))
        for name in sorted({name for name in classes if classes.count(name) > 1}):
            mend = f"类别“{name}”只能在 classes 中列一次。"
            self.faults.append(entry.fault(f"class {name!r} listed twice", mend, "classes"))
        for name in classes:
            if name not in schema.ALL_LAND_CLASSES:
                mend = f"类别“{name}”应为 {'、'.join(schema.ALL_LAND_CLASSES)} 之一。"
                self.faults.append(entry.fault(f"unknown class {name!r}", mend, "classes"))
            elif rules and not self.unread and not any(rule.category == name for rule in rules):
                mend = f"类别“{name}”没有任何规则，请补上规则或从 classes 中删去。"
                self.faults.append(entry.fault(f"class {name!r} has no rule", mend, "classes"))
        return classes

    def caution(self, entry: Entry, ids: set[str]) -> Caution | None:
        table = entry.table
        when, routes = self.expression(entry, "when", "truth"), self.routes(entry, ids)
        self.check_template(entry, "because")
        if when is None:
            return None
        return Caution(entry.name, routes, table["when"], when, table["because"], table["basis"])

    def department(self, entry: Entry, ids: set[str]) -> Department | None:
        table = entry.table
        when, routes = self.expression(entry, "when", "truth"), self.routes(entry, ids)
        if when is None:
            return None
        return Department(entry.name, table["duty"], table["when"], when, routes, table["basis"])

    def routes(self, entry: Entry, ids: set[str]) -> tuple[str, ...]:
        routes = tuple(map(str, entry.table.get("routes", ())))
        for name in [name for name in routes if name not in ids and not self.unread]:
            mend = f"没有编号为 {name} 的规则。"
            self.faults.append(entry.fault(f"no rule {name!r}", mend, "routes"))
        return routes

    def overlap(self, entry: Entry) -> OverlapRule | None:
        table = entry.table
        layers = tuple(map(str, table["layers"]))
        sound = bool(layers)
        if not layers:
            self.faults.append(entry.fault("no layer", "layers 至少要有一个图层名。", "layers"))
        if table["where"] not in {"inside", "outside"}:
            mend = "where 应为 inside（压占）或 outside（不在其内）。"
            self.faults.append(entry.fault(f"bad where {table['where']!r}", mend, "where"))
            sound = False
        if table["verdict"] not in OVERLAP_VERDICTS:
            mend = f"verdict 应为 {'、'.join(OVERLAP_VERDICTS)} 之一。"
            self.faults.append(entry.fault(f"bad verdict {table['verdict']!r}", mend, "verdict"))
            sound = False
        if not sound:
            return None
        return OverlapRule(
            layer=layers[0],
            zone=table.get("zone", ""),
            where=table["where"],
            verdict=table["verdict"],
            basis=table["basis"],
            because=table["because"],
            layers=layers,
        )

    # ---- figures ---------------------------------------------------------------------------

    def target(self, entry: Entry) -> Target | None:
        value = self.share(entry, "value")
        measure = entry.table.get("measure", "")
        if measure and measure not in MEASURES:
            mend = f"measure 应为 {'、'.join(MEASURES)} 之一。"
            self.faults.append(entry.fault(f"bad measure {measure!r}", mend))
            return None
        if value is None and (measure != "yardstick" or "value" in entry.table):
            if "value" not in entry.table:
                self.faults.append(entry.fault("value is missing", "请补上 value（目标值）。"))
            return None
        options = {k: v for k, v in entry.table.items() if k in SHAPES["target"] and k != "value"}
        return Target(value=value, **options)

    def quarters(self, entry: Entry) -> tuple[Fraction, ...]:
        shares = [fraction_of(text) for text in entry.table["quarters"]]
        known = [share for share in shares if share is not None]
        if len(known) != QUARTERS or known != sorted(known) or known[0] < 0 or known[-1] > 1:
            mend = 'quarters 应为四个累计比例，逐季不减，如 ["15%", "40%", "75%", "100%"]。'
            self.faults.append(entry.fault("bad quarters", mend, "quarters"))
            return ()
        return tuple(known)

    def share(self, entry: Entry, key: str) -> Fraction | None:
        if key not in entry.table:
            return None
        value = fraction_of(entry.table[key])
        if value is None:
            mend = f'{key} 应写作 "18%"、"1/3" 或 "4.65"（加引号）。'
            self.faults.append(entry.fault(f"{key} is no number", mend, key))
        return value

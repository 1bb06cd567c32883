"""Reads what a policy says of clusters, and tells its faults: a part of the loader."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from landgis.model.errors import PolicyError
from landgis.policy._shapes import number_of
from landgis.policy.cluster_records import CLUSTER_COLUMNS, BarrierRule, Criterion
from landgis.policy.language import parse, unknown_names

if TYPE_CHECKING:
    from landgis.policy._shapes import Entry, Fault
    from landgis.policy.tree import Kind, Node

CODES = {"survey_codes": "三调地类编码", "planning_codes": "规划用地用海分类代码"}


def fields_of_policy(
    entries: dict[str, list[Entry]], faults: list[Fault], *, unread: bool
) -> dict[str, Any]:
    """Read all tables about clusters into the fields of the policy they are."""
    listed, least, classes = (entries[shape] for shape in ("criterion", "priority", "barrier"))
    criteria = tuple(one for entry in listed if (one := criterion(entry, faults)))
    if not unread:
        check_score(criteria, listed, least, faults)
    check_classes(classes, faults)
    return {
        "criteria": criteria,
        "least_known": least_known(least[0], faults) if least else None,
        "priority_basis": least[0].table["basis"] if least else "",
        "barrier_rules": tuple(rule for entry in classes if (rule := barrier(entry, faults))),
    }


def criterion(entry: Entry, faults: list[Fault]) -> Criterion | None:
    """Read one criterion of the score; None, and its faults told, where it cannot be read."""
    table, before = entry.table, len(faults)
    node = _expression(entry, "reads", "number", faults)
    only_if = _expression(entry, "only_if", "truth", faults) if "only_if" in table else None
    zero, full = (_number(entry, key, faults) for key in ("zero", "full"))
    weight = _not_negative(entry, "weight", faults)
    if zero is not None and zero == full:
        mend = "zero（得 0 分的值）与 full（得 100 分的值）不能相等。"
        faults.append(entry.fault("zero equals full", mend, "full"))
    if len(faults) > before or node is None or zero is None or full is None or weight is None:
        return None
    return Criterion(
        id=entry.name,
        title=table["title"],
        text=table["reads"],
        node=node,
        zero=zero,
        full=full,
        weight=weight,
        basis=table["basis"],
        unit=table.get("unit", ""),
        because=table.get("because", ""),
        only_if_text=table.get("only_if", ""),
        only_if=only_if,
    )


def least_known(entry: Entry, faults: list[Fault]) -> Fraction | None:
    """Read the share of the weights that must be known for a score."""
    share = _not_negative(entry, "least_known", faults)
    if share is not None and share > 1:
        mend = 'least_known 应在 0 与 1 之间，如 "60%"。'
        faults.append(entry.fault("least_known above 1", mend, "least_known"))
        return None
    return share


def check_score(
    criteria: tuple[Criterion, ...],
    entries: list[Entry],
    least: list[Entry],
    faults: list[Fault],
) -> None:
    """Tell where the criteria cannot make a score together."""
    if not entries:
        return
    if not least:
        mend = '请写 [priority] 表，并在其中写 least_known（如 "60%"）和 basis。'
        faults.append(entries[0].fault("criteria without [priority]", mend))
    if len(criteria) == len(entries) and not any(one.weight for one in criteria):
        mend = "各指标的权重（weight）不能都为 0。"
        faults.append(entries[0].fault("weights sum to 0", mend, "weight"))


def barrier(entry: Entry, faults: list[Fault]) -> BarrierRule | None:
    """Read one class of barriers; None, and its faults told, where it cannot be read."""
    table, before = entry.table, len(faults)
    width, least = (
        _not_negative(entry, key, faults) if key in table else Fraction(0)
        for key in ("width_m", "min_width_m")
    )
    lists = {
        key: tuple(str(word) for word in table.get(key, ()))
        for key in ("names", "survey_codes", "planning_codes")
    }
    for key, label in CODES.items():
        for code in lists[key]:
            if not code[:2].isdigit():
                mend = f"{key} 应为{label}（以两位以上数字开头，加引号）。"
                faults.append(entry.fault(f"bad code {code!r}", mend, key))
    if not any(lists.values()):
        mend = "names、survey_codes、planning_codes 至少写一项。"
        faults.append(entry.fault("no class", mend))
    if len(faults) > before or width is None or least is None:
        return None
    return BarrierRule(
        id=entry.name,
        **lists,
        counts=table["counts"],
        road=table.get("road", False),
        min_width_m=least,
        width_m=width,
        basis=table["basis"],
    )


def check_classes(entries: list[Entry], faults: list[Fault]) -> None:
    """Tell the classes that two rules for barriers claim."""
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        for key in ("names", *CODES):
            for word in dict.fromkeys(map(str, entry.table.get(key, ()))):
                first = seen.setdefault((key, word), entry)
                if first is not entry:
                    mend = f"“{word}”已写在 {first.name}（{first.file} 第 {first.line} 行）中，只能写一处。"
                    faults.append(entry.fault(f"class {word!r} in two rules", mend, key))


def _expression(entry: Entry, key: str, kind: Kind, faults: list[Fault]) -> Node | None:
    text = entry.table[key]
    try:
        return parse(text, columns=CLUSTER_COLUMNS, terms={}, kind=kind)
    except PolicyError as error:
        strangers = unknown_names(text, columns=CLUSTER_COLUMNS, terms={})
        for name, mend in strangers.items():
            faults.append(entry.fault(f"{key}: unknown name {name!r}", f"{key}：{mend}", key))
        if not strangers:
            faults.append(entry.fault(f"{key}: {error}", f"{key}：{error.hint}", key))
        return None


def _number(entry: Entry, key: str, faults: list[Fault]) -> Fraction | None:
    value = number_of(entry.table[key])
    if value is None:
        mend = f'{key} 应为数，如 20、"18%"、"1/3"。'
        faults.append(entry.fault(f"{key} is no number", mend, key))
    return value


def _not_negative(entry: Entry, key: str, faults: list[Fault]) -> Fraction | None:
    value = _number(entry, key, faults)
    if value is not None and value < 0:
        faults.append(entry.fault(f"{key} is negative", f"{key} 不能为负数。", key))
        return None
    return value

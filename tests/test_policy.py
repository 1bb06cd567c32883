"""Are the policies sound, and does the loader tell every fault of a bad one?

Cases: every packaged policy loads; each rule has a clause, and what domain notes leave unverified
says so; the annex closes in decimals and keeps its blanks; control lines; a folder of one's own
with its own columns, terms in any order; every kind of fault, all at once, with file, line and mend; the page;
broken TOML, wrong encoding, no such policy; rules in force by day; what is well written but cannot
be meant (examine): two rules that both decide, one that never holds, one that never decides, a column
nobody provides or the data lack, names nobody uses, one class in two policies; conditions in words.
"""

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from landgis import policy
from landgis.formats.tables import read_annex
from landgis.model.errors import PolicyError
from landgis.model.schema import LAND_CLASSES
from landgis.policy.examination import examine
from landgis.policy.page import page
from landgis.policy.reading import in_words
from landgis.policy.tree import fields

QINZHOU = policy.load("qinzhou_2021")

MAIN = """
title = "某市"
basis = "某文"
classes = ["闲置"]
"""
RULE = """
[[rule]]
id = "A"
category = "闲置"
title = "甲"
basis = "某文一"
when = 'commenced'
because = "自{supply_date}"
"""


@pytest.fixture
def folder(tmp_path):
    """Write a policy folder from texts."""

    def write(**files):
        for name, text in {"policy": MAIN, "rules": RULE, **files}.items():
            (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def faults(folder):
    with pytest.raises(PolicyError) as caught:
        policy.load(folder)
    assert caught.value.code == "policy_faults"
    assert caught.value.exit_code == 2
    lines = str(caught.value).splitlines()[1:]
    assert len(lines) == len(caught.value.hint.splitlines()) - 1  # each has its mend
    return "\n".join(lines)


@pytest.mark.parametrize("name", policy.names())
def test_packaged_policies_load(name):
    rules = policy.load(name)
    assert rules.title
    assert rules.rules
    for rule in rules.rules:
        assert rule.basis, rule.id
        assert rule.needs, rule.id
        assert rule.because, rule.id


def test_what_is_unverified_says_so():
    unsure = {
        *("DX-5", "DX-6", "DX-7", "DX-8", "DX-9", "NC-1"),  # local criteria
        *("YY-1", "YY-2", "YY-3", "HG-1", "HG-2", "HG-3", "HG-4"),
    }
    for name in unsure:
        assert "未核实" in QINZHOU.rule(name).basis, name
    for name in ("far_factor", "intensity_factor", "tax_factor", "vacancy_limit", "start_date"):
        assert "未核实" in QINZHOU.terms[name].basis, name
    for rule in QINZHOU.overlap_rules:
        assert "未核实" in rule.basis, rule


def test_thresholds_are_the_fractions_of_the_law():
    assert QINZHOU.terms["idle_area_limit"].node.value == Fraction(1, 3)
    assert QINZHOU.terms["idle_investment_limit"].node.value == Fraction(1, 4)


def test_every_class_of_the_annex_is_judged():
    assert set(LAND_CLASSES) <= set(QINZHOU.classes)
    assert QINZHOU.classes.index("闲置") < QINZHOU.classes.index("低效")


def annex():
    """The printed table, cell by cell, as text."""
    with QINZHOU.annex_path.open(encoding="utf-8") as lines:
        heads, *rows = list(csv.reader(lines))
    assert heads == ["县区", "2009—2020年批而未供土地", "涉嫌闲置土地", "城镇低效用地", "合计"]
    names = [*LAND_CLASSES, "合计"]
    return {
        (unit, name): text for unit, *row in rows for name, text in zip(names, row, strict=True)
    }


def test_the_annex_closes_in_decimals_and_keeps_its_blanks():
    cells = annex()
    units = list(dict.fromkeys(unit for unit, _ in cells if unit != "合计"))
    assert len(units) == 6
    for unit in [*units, "合计"]:
        parts = [Decimal(cells[unit, name] or 0) for name in LAND_CLASSES]
        assert sum(parts) == Decimal(cells[unit, "合计"]), unit
    for name in [*LAND_CLASSES, "合计"]:
        assert sum(Decimal(cells[unit, name] or 0) for unit in units) == Decimal(
            cells["合计", name]
        )
    assert cells["合计", "合计"] == "3100.6712"
    blanks = {key for key, text in cells.items() if not text}
    assert blanks == {
        ("自贸区钦州港片区", "闲置"),
        ("灵山县", "闲置"),
        ("钦南区", "低效"),
        ("钦北区", "低效"),
    }
    assert len(cells) - len(blanks) - 4 - 6 == 14  # filled cells, without the sums


def test_the_annex_is_read_by_the_door_for_annexes():
    table = read_annex(QINZHOU.annex_path).set_index(["unit", "land_class"])["official_ha"]
    assert table["市主城区", "批而未供"] == Decimal("921.6116")
    assert table["合计", "合计"] == Decimal("3100.6712")


def test_control_lines():
    meant = {(rule.layer, rule.zone, rule.where): rule.verdict for rule in QINZHOU.overlap_rules}
    assert meant == {
        ("YJJBNTTB", "", "inside"): "禁止",
        ("STBHHX", "", "inside"): "禁止",
        ("CZKFBJ", "", "outside"): "需调整",
        ("CZKFBJ", "集中建设区", "inside"): "符合",
        ("CZKFBJ", "弹性发展区", "inside"): "需调整",
        ("CZKFBJ", "特别用途区", "inside"): "限制",
    }
    assert "YJJBNT" in next(r for r in QINZHOU.overlap_rules if r.layer == "YJJBNTTB").layers


def test_rules_of_a_category_come_by_priority():
    order = [rule.id for rule in QINZHOU.of("闲置")]
    assert order == ["XZ-0", "XZ-1", "XZ-2"]
    assert all(rule.hard for rule in QINZHOU.of("净毛地")[:5])
    assert not any(rule.hard for rule in QINZHOU.of("净毛地")[5:])
    with pytest.raises(KeyError):
        QINZHOU.rule("none")


def test_a_rule_applies_within_its_days():
    rule = QINZHOU.rule("XZ-1")
    assert not rule.applies(dt.date(2012, 6, 30))
    assert rule.applies(dt.date(2012, 7, 1))


def test_a_folder_of_ones_own(folder):
    own = policy.load(
        folder(
            a_terms="""
[term.late]
is = 'slow and built_share < limit'
title = "迟"
basis = "某文"
[term.slow]
is = 'not commenced'
title = "慢"
basis = "某文"
[term.limit]
is = '1/10'
title = "界限"
basis = "某文"
[column.built_share]
kind = "number"
label = "建成占比"
""",
            rules=RULE.replace("'commenced'", "'late'"),
        )
    )
    assert own.rule("A").needs == ("commenced", "built_share")
    assert list(fields(own.terms["late"].node)) == ["commenced", "built_share"]
    assert own.quarters == ()
    assert own.annex_path is None


def test_every_fault_is_told_at_once(folder):
    told = faults(
        folder(
            rules=RULE
            + RULE.replace("'commenced'", "'comenced'")
            + RULE.replace('id = "A"', 'id = "B"').replace("{supply_date}", "{nobody}")
            + '[[rule]]\nid = "C"\nextra = 1\n',
            other='[rules]\nid = "D"\n[progress]\nquarters = ["40%", "15%"]\nbasis = "x"\n',
            lines='[[overlap]]\nlayers = []\nwhere = "above"\nverdict = "好"\nbasis = "x"\nbecause = "x"\n',
        )
    )
    # each in the line of its own key; a table without it, in the line of the table
    assert "rules.toml:15 [A] when: unknown name 'comenced'" in told
    assert "rules.toml:11 [A] id 'A' used twice" in told
    assert "rules.toml:24 [B] because names 'nobody'" in told
    assert "rules.toml:27 [C] unknown key 'extra'" in told
    assert "rules.toml:25 [C] category is missing" in told
    assert "other.toml:1 [rules] unknown table or key 'rules'" in told
    assert "other.toml:4 [progress] bad quarters" in told
    assert "bad where" in told
    assert "bad verdict" in told
    assert "no layer" in told


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"policy": MAIN.replace('"闲置"', '"闲着"')}, "unknown class"),
        ({"policy": MAIN.replace('"闲置"', '"闲置", "低效"')}, "class '低效' has no rule"),
        ({"policy": 'title = "x"\n'}, "basis is missing"),
        ({"policy": MAIN.replace('"某市"', "3")}, "title is not a str"),
        ({"rules": RULE + "priority = true\n"}, "priority is not a int"),
        ({"rules": RULE + "valid_from = 2021-01-01\nvalid_to = 2020-01-01\n"}, "after valid_to"),
        ({"rules": RULE.replace("'commenced'", "'declared_ha'")}, "expected a truth"),
        ({"rules": RULE.replace("{supply_date}", "{")}, "because names"),
        ({"t": "[term.a]\nis='b'\ntitle='a'\nbasis='x'\n[term.b]\nis='a'\ntitle='b'\nbasis='x'\n"},
         "terms in a circle: a → b → a"),
        ({"t": "[term.as_of]\nis='1'\ntitle='a'\nbasis='x'\n"}, "bad term name"),
        ({"t": "[term.commenced]\nis='disputed'\ntitle='a'\nbasis='x'\n"}, "bad term name"),
        ({"t": "[column.x]\nkind='colour'\nlabel='色'\n"}, "bad column kind"),
        ({"t": "term = 3\n"}, "unknown table or key 'term'"),
        ({"t": "[[target]]\nid='T'\ntitle='t'\nbasis='x'\nvalue='viel'\n"}, "value is no number"),
        ({"rules": RULE + "oops\n"}, "rules.toml:9 "),
    ],
)  # fmt: skip
def test_faults_one_by_one(folder, files, fault):
    assert fault in faults(folder(**files))


def test_a_file_in_another_encoding_is_a_fault(folder):
    path = folder()
    (path / "rules.toml").write_bytes(RULE.encode("gb18030"))
    assert "rules.toml" in faults(path)


def test_no_such_policy(tmp_path):
    for place in ("atlantis", tmp_path):
        with pytest.raises(PolicyError) as caught:
            policy.load(place)
        assert caught.value.code == "policy_missing"
        assert "qinzhou_2021" in caught.value.hint


def test_the_page_tells_every_rule_with_its_clause():
    text = page(QINZHOU)
    for rule in QINZHOU.rules:
        assert f"### {rule.id}　{rule.title}" in text
        assert f"- 表达式：`{rule.text}`" in text
        assert f"- 依据：{rule.basis}" in text
    for words in (
        "依次判断：闲置 → 批而未供 → 低效 → 农村存量",
        "各季度累计：15%、40%、75%、100%。",
        "MB-1 盘活存量土地：4.65万亩，2023年12月31日前",
        "MB-3 批而未供土地年度处置率：18%，每年",
        "| 永久基本农田（YJJBNTTB、",
        "自2012年7月1日施行",
    ):
        assert words in text
    unverified = text.split("## 尚未核实的依据")[1]
    assert "DX-9" in unverified
    assert "XZ-1" not in unverified


@pytest.mark.parametrize(
    ("files", "line", "fault"),
    [
        ({"rules": RULE.replace("'commenced'", "'declared_ha > area_m2'")}, 7, "units differ"),
        (
            {"rules": RULE.replace("'commenced'", "'comenced or dispute'")},
            7,
            "unknown name 'dispute'",
        ),
        ({"rules": RULE + "advisory = true\n"}, 9, "advisory without look"),
        ({"rules": RULE + "contradicts = 'Z'\n"}, 9, "no rule 'Z'"),
        ({"rules": RULE + "look = '{nobody}'\n"}, 9, "look names 'nobody'"),
        ({"policy": MAIN.replace('"闲置"', '"闲置", "闲置"')}, 4, "listed twice"),
    ],
)
def test_a_fault_stands_in_the_line_of_its_key(folder, files, line, fault):
    (told,) = [text for text in faults(folder(**files)).splitlines() if fault in text]
    assert told.startswith(f"{next(iter(files))}.toml:{line} ") or line == 4


def test_a_caution_and_an_office_name_rules_that_exist(folder):
    text = """
[[caution]]
id = "C"
routes = ["A", "Z"]
when = 'disputed'
because = "x"
basis = "x"
[[department]]
id = "某局"
duty = "x"
routes = ["Y"]
when = 'Tru'
basis = "x"
"""
    told = faults(folder(more=text))
    assert "more.toml:4 [C] no rule 'Z'" in told
    assert "more.toml:11 [某局] no rule 'Y'" in told
    assert "more.toml:12 [某局] when: unknown name 'Tru'" in told


def test_a_fault_of_a_term_is_told_once_and_not_of_every_rule(folder):
    term = "[term.late]\nis = 'comenced'\ntitle = '迟'\nbasis = 'x'\n"
    rule = RULE.replace("'commenced'", "'late'").replace("{supply_date}", "{late}")
    told = faults(folder(terms=term, rules=rule)).splitlines()
    assert told == ["terms.toml:2 [late] is: unknown name 'comenced' "] or len(told) == 1


# ---- what cannot be meant ----------------------------------------------------------------------


def rule(name, when, **more):
    lines = [f'id = "{name}"', 'category = "闲置"', f'title = "规则{name}"', 'basis = "x"']
    lines += [f"when = '{when}'", 'because = "x"', *(f"{k} = {v}" for k, v in more.items())]
    return "\n".join(["[[rule]]", *lines, ""])


def codes(found):
    return {(row.place, row.code) for row in found.itertuples()}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (rule("A", "commenced") + rule("B", "disputed"), ("A、B", "both_decide")),
        (rule("A", "declared_ha > 5 and declared_ha < 3"), ("A", "never_holds")),
        (rule("A", "commenced and not commenced"), ("A", "never_holds")),
        (rule("A", 'supply_method == "出让" and supply_method == "划拨"'), ("A", "never_holds")),
        (rule("A", "known(unit) and unknown(unit)"), ("A", "never_holds")),
        (rule("A", "commenced", priority=1) + rule("B", "commenced and disputed", priority=2),
         ("B", "never_decides")),
        (rule("A", "commenced", valid_from="2030-01-01") + rule("B", "disputed"),
         ("A", "not_in_force")),
        ("[column.seen]\nkind = 'truth'\nlabel = '所见'\n" + rule("A", "seen"),
         ("seen", "column_unprovided")),
        ("[term.t]\nis = 'commenced'\ntitle = 't'\nbasis = 'x'\n" + rule("A", "disputed"),
         ("t", "unused_term")),
        ("[column.c]\nkind = 'truth'\nlabel = 'c'\nmade_by = '台账'\n" + rule("A", "disputed"),
         ("c", "unused_column")),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(folder, rules, expected):
    assert expected in codes(examine([policy.load(folder(rules=rules))]))


def test_what_can_be_meant_is_not_told(folder):
    text = rule("A", "commenced and declared_ha > 5", priority=1) + rule(
        "B", "commenced", priority=2
    )
    grave = {
        "both_decide",
        "never_holds",
        "never_decides",
        "column_unprovided",
        "exclusive_both_hold",
    }
    assert not grave & {code for _, code in codes(examine([policy.load(folder(rules=text))]))}


def test_of_matters_that_exclude_one_another_one_holds(folder):
    main = MAIN + 'exclusive = ["闲置"]\n'
    text = rule("A", "commenced", priority=1) + rule("B", "disputed", priority=2)
    found = examine([policy.load(folder(policy=main, rules=text))])
    assert ("A、B", "exclusive_both_hold") in codes(found)


def test_a_column_the_data_lack_is_told_with_the_rules_it_concerns(folder):
    own = policy.load(folder(rules=rule("A", "commenced or disputed")))
    found = examine([own], provided=["commenced"])
    (row,) = found[found["code"] == "column_missing_in_data"].itertuples()
    assert row.place == "disputed"
    assert "A" in row.message


def test_one_class_in_two_policies(folder):
    found = examine([QINZHOU, policy.load(folder())])
    assert ("闲置", "class_in_two_policies") in codes(found)


def test_the_policy_of_qinzhou_is_well_made():
    assert examine([QINZHOU]).empty


def test_conditions_in_words():
    words = {name: in_words(QINZHOU.rule(name).when, QINZHOU) for name in ("GY-3", "GY-7", "XL-2")}
    assert words["GY-3"] == "已供面积＞批准面积（加容差）"
    assert words["GY-7"] == "同一合同编号的宗数＞1"
    assert words["XL-2"] == (
        "（批复日期＜批复年份起，或批复日期＞批复年份止），且批复日期≤截止日，"
        "且征收已实施完成，且尚未供应完毕"
    )
    assert in_words(QINZHOU.terms["start_date"].node, QINZHOU) == (
        "（延期后动工日期；无记载则约定动工日期；无记载则交地日期满1年之日）"
    )
    for name, term in QINZHOU.terms.items():
        assert in_words(term.node, QINZHOU), name


def test_the_plan_names_bodies_and_departments():
    bodies = {unit: body.id for body in QINZHOU.bodies for unit in body.units}
    units = {unit for unit, _ in annex()} - {"合计", "市主城区"}
    assert set(bodies) == units
    assert sum(not body.units for body in QINZHOU.bodies) == 1
    told = "".join(office.id for office in QINZHOU.departments)
    for name in (
        *(
            "自然资源局",
            "发展改革委",
            "科技局",
            "商务局",
            "工业和信息化局",
            "统计局",
            "司法局",
            "财政局",
        ),
        *(
            "人力资源社会保障局",
            "生态环境局",
            "住房城乡建设局",
            "应急局",
            "市场监管局",
            "行政审批局",
        ),
        *("投资促进局", "税务局", "中级人民法院"),
    ):
        assert f"市{name}" in told, name


def test_every_route_of_low_efficiency_has_something_against_it():
    spoken = {name for caution in QINZHOU.cautions for name in caution.routes}
    assert {f"LJ-{number}" for number in range(11, 16)} <= spoken


def test_whoever_has_to_look_is_told_at_what():
    for rule in QINZHOU.rules:
        assert bool(rule.look) or not rule.advisory, rule.id
    text = page(QINZHOU)
    assert "- 请核查：立项（审批、核准、备案）文件" in text
    assert "## 处置路径的不利因素" in text
    assert "| 灵山县人民政府 | 灵山县 |" in text

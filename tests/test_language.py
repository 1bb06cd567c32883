"""Is the rule language safe, exact and honest about the unknown?

Cases: a list of attacks, each refused with a code and nothing run; kinds, units and code lists
checked when read; Kleene's tables; blame for the unknown; comparisons exact for decimals as
written (a witness in fractions decides); calendar years, month ends, leap days; sums by key;
columns of the wrong kind; every grammar word at least once. Twins: any expression of and, or, not,
known against plain truth tables; dates against the calendar of the standard library; columns of
decimals, beyond 62 bits too, against fractions.
"""

import calendar
import datetime as dt
import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.model import schema
from landgis.model.errors import PolicyError, SchemaError
from landgis.policy.facts import Facts
from landgis.policy.language import MAX_TEXT, parse, unknown_names
from landgis.policy.tree import fields

COLUMNS = {column.name: column for column in schema.PARCELS.columns}
DAY = dt.date(2020, 12, 31)

ATTACKS = [
    "__import__('os').system('true')",
    "open('x')",
    "eval('1')",
    "exec('1')",
    "().__class__.__bases__",
    "declared_ha.__class__",
    "location.format",
    "'{0.__class__}'.format(as_of) == 'x'",
    "[x for x in (1, 2)]",
    "{x for x in (1, 2)}",
    "{x: x for x in (1, 2)}",
    "(x for x in (1, 2))",
    "lambda: 1",
    "(lambda: commenced)()",
    "9 ** 9 ** 9 > declared_ha",
    "declared_ha ** 2 > 1",
    "declared_ha << 900 > 1",
    "declared_ha // 2 > 1",
    "declared_ha % 2 > 1",
    "declared_ha @ 2 > 1",
    "f'{declared_ha}' == 'x'",
    "(x := 1) > 0",
    "location[0] == 'x'",
    "[1, 2][0] > 0",
    "{'a': 1}['a'] > 0",
    "commenced if commenced else disputed",
    "*commenced",
    "await commenced",
    "yield commenced",
    "commenced is True",
    "commenced and print",
    "print('x')",
    "getattr(commenced, 'x')",
    "known(location, x=1)",
    "known(*location)",
    "known.__call__(location)",
    "location in location",
    "location in ['a', location]",
    "location in [b'a']",
    "declared_ha > 1e999",
    "declared_ha > 10**5",
    "declared_ha > 1j",
    "declared_ha > " + "9" * 40,
    "declared_ha > ...",
    "None",
    "as_of()",
    "years_after(as_of, 9999) > as_of",
    "years_after(as_of, exempt_days) > as_of",
    "date('not a date') > as_of",
    "date(location) > as_of",
    "sum_by(declared_ha, 'x') > 1",
    "declared_ha / 0 > 1 / 0",
    "geometry",
    "import os",
    "a = 1",
    "commenced; disputed",
    "commenced\ndisputed",
    "#",
    "",
    "'unfinished",
    "location == '\\N{x}'",
    "(" * 150 + "commenced" + ")" * 150 + "x",
    "not " * 60 + "commenced",
    "-" * 400 + "declared_ha > 1",
    "+".join(["declared_ha"] * 100) + " > 1",
    " or ".join(["commenced"] * 190 + ["disputed"] * 0) + " or x",
    "commenced or " * 400 + "commenced",
    "commenced" + " " * MAX_TEXT,
    "\x00commenced",
]
CODES = {
    "expression_too_long",
    "expression_too_deep",
    "expression_syntax",
    "expression_forbidden",
    "unknown_name",
    "kind_mismatch",
}


def truths(text, as_of=DAY, **columns):
    """True, False or None for every row."""
    facts = Facts(pd.DataFrame(columns), as_of=as_of, columns=COLUMNS)
    truth = facts.truth(parse(text, kind="truth"))
    assert not (truth.true & truth.false).any()
    return [
        True if t else False if f else None for t, f in zip(truth.true, truth.false, strict=True)
    ]


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_attacks_are_refused(text):
    with pytest.raises(PolicyError) as caught:
        parse(text)
    assert caught.value.code in CODES
    assert caught.value.hint.endswith("。")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_tree_or_a_policy_error(text):
    try:
        parse(text)
    except PolicyError as error:
        assert error.code in CODES  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("declared_ha > area_m2", "unit_mismatch"),
        ("declared_ha + area_m2 > 1", "unit_mismatch"),
        ("actual_intensity < contract_tax_per_mu", "unit_mismatch"),
        ("invested_wan / declared_ha < actual_tax_per_mu", "unit_mismatch"),
        ("declared_ha > '1'", "kind_mismatch"),
        ("supply_date > 3", "kind_mismatch"),
        ("commenced > disputed", "kind_mismatch"),
        ("commenced == True", "kind_mismatch"),
        ("location > 'a'", "kind_mismatch"),
        ("declared_ha and commenced", "kind_mismatch"),
        ("not declared_ha", "kind_mismatch"),
        ("first_known(commenced, declared_ha)", "kind_mismatch"),
        ("supply_method == '划拔'", "unknown_value"),
        ("idle_cause in ['政府', '天气']", "unknown_value"),
        ("comenced", "unknown_name"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, code):
    with pytest.raises(PolicyError) as caught:
        parse(text)
    assert caught.value.code == code


def test_a_misspelt_name_is_met_with_the_nearest():
    with pytest.raises(PolicyError) as caught:
        parse("comenced")
    assert "commenced" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "invested_wan / declared_ha < actual_intensity",  # 万元 / 公顷 = 万元/公顷
        "actual_intensity * declared_ha > invested_wan",
        "declared_ha * 2 > approved_ha",
        "declared_ha / approved_ha < 0.5",
    ],
)
def test_units_that_agree_pass(text):
    assert parse(text).kind == "truth"


def test_an_expression_names_its_columns_once_in_order():
    node = parse(
        "known(b) or a > 1 and b",
        columns={
            "a": schema.Column("a", "甲", "number"),
            "b": schema.Column("b", "乙", "truth"),
        },
    )
    assert list(fields(node)) == ["b", "a"]


# Kleene's strong three-valued logic: (left, right, and, or)
KLEENE = [
    (True, True, True, True),
    (True, False, False, True),
    (True, None, None, True),
    (False, True, False, True),
    (False, False, False, False),
    (False, None, False, None),
    (None, True, None, True),
    (None, False, False, None),
    (None, None, None, None),
]


def test_kleene():
    left, right = (pd.array([row[i] for row in KLEENE], dtype="boolean") for i in (0, 1))
    facts = {"commenced": left, "disputed": right}
    assert truths("commenced and disputed", **facts) == [row[2] for row in KLEENE]
    assert truths("commenced or disputed", **facts) == [row[3] for row in KLEENE]
    assert truths("not commenced", **facts) == [None if r[0] is None else not r[0] for r in KLEENE]
    assert truths("known(commenced)", **facts) == [row[0] is not None for row in KLEENE]
    assert truths("unknown(commenced)", **facts) == [row[0] is None for row in KLEENE]
    assert truths("first_known(commenced, disputed)", **facts) == [
        row[1] if row[0] is None else row[0] for row in KLEENE
    ]


def blame(text, **columns):
    facts = Facts(pd.DataFrame(columns, index=[0]), as_of=DAY, columns=COLUMNS)
    node = parse(text, kind="truth")
    return {name for name, rows in facts.missing(node).items() if rows[0]}


def test_only_what_keeps_a_rule_open_is_missing():
    assert blame("commenced and disputed", commenced=True) == {"disputed"}
    assert blame("commenced and disputed", commenced=False) == set()
    assert blame("commenced or disputed", commenced=False) == {"disputed"}
    assert blame("commenced and disputed") == {"commenced", "disputed"}
    assert blame("known(commenced) and disputed") == set()
    assert blame("first_known(agreed_start_date, delivery_date) < as_of") == {
        "agreed_start_date",
        "delivery_date",
    }
    zero = {"developed_ha": 1.0, "should_develop_ha": 0.0}
    assert blame("developed_ha / should_develop_ha < 1/3", **zero) == {"should_develop_ha"}


def test_a_third_and_a_quarter_are_strict():
    whole = [3.0, 3.0, 3.0, 0.3, 0.9, 3.3333, 1.1, 0.0, 3.0]
    part = [1.0, 0.9999, 1.0001, 0.1, 0.3, 1.1111, 0.3667, 0.0, np.nan]
    below = [False, True, False, False, False, False, False, None, None]
    # 3 × 0.3667 = 1.1001 > 1.1, and 3 × 1.1111 = 3.3333 exactly
    facts = {"developed_ha": part, "should_develop_ha": whole}
    assert truths("developed_ha / should_develop_ha < 1/3", **facts) == below
    assert truths("3 * developed_ha < should_develop_ha", **facts) == [*below[:7], False, None]
    assert truths(
        "developed_ha / should_develop_ha < 0.25", developed_ha=[0.075], should_develop_ha=[0.3]
    ) == [False]


def test_a_divisor_that_is_exactly_nothing_is_unknown():
    # in floats 0.3 - 0.1 - 0.2 is not zero, in decimals it is; 0.1 + 0.2 - 0.29 is a hundredth
    facts = {
        "declared_ha": [0.3, 0.1, 0.3],
        "supplied_ha": [0.1, -0.2, 0.1],
        "acquired_ha": [0.2, 0.29, 0.19],
    }
    text = "developed_ha / (declared_ha - supplied_ha - acquired_ha) == 100"
    assert truths(text, **facts, developed_ha=[1.0, 1.0, 1.0]) == [None, True, True]


# ---- twins -------------------------------------------------------------------------------------

NAMES = ("commenced", "disputed", "road")
logic = st.recursive(
    st.sampled_from([*NAMES, "True", "False"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["not", "known", "unknown"]), inner),
        st.tuples(st.sampled_from(["and", "or", "first_known"]), inner, inner),
    ),
    max_leaves=12,
)


def written(tree):
    """Write a tree as an expression."""
    if isinstance(tree, str):
        return tree
    word, *parts = tree
    texts = [written(part) for part in parts]
    if word in {"and", "or"}:
        return f"({texts[0]} {word} {texts[1]})"
    return f"(not {texts[0]})" if word == "not" else f"{word}({', '.join(texts)})"


def by_truth_table(tree, facts):
    """Kleene's tables, looked up in plain Python."""
    if isinstance(tree, str):
        return {"True": True, "False": False}.get(tree, facts.get(tree))
    word, *parts = tree
    values = [by_truth_table(part, facts) for part in parts]
    if word in {"known", "unknown"}:
        return (values[0] is None) == (word == "unknown")
    if word == "not":
        return None if values[0] is None else not values[0]
    if word == "first_known":
        return values[1] if values[0] is None else values[0]
    table = {(row[0], row[1]): row[2 if word == "and" else 3] for row in KLEENE}
    return table[values[0], values[1]]


@settings(max_examples=150, deadline=None)
@given(logic)
def test_any_expression_agrees_with_its_truth_table(tree):
    rows = list(itertools.product([True, False, None], repeat=3))
    facts = {
        name: pd.array([row[place] for row in rows], dtype="boolean")
        for place, name in enumerate(NAMES)
    }
    expected = [by_truth_table(tree, dict(zip(NAMES, row, strict=True))) for row in rows]
    assert truths(written(tree), **facts) == expected


def matching_day(day, years):
    """The matching day, or the last of the month, by the standard library's calendar."""
    last = calendar.monthrange(day.year + years, day.month)[1]
    return dt.date(day.year + years, day.month, min(day.day, last))


@settings(max_examples=150, deadline=None)
@given(
    st.dates(dt.date(1950, 1, 1), dt.date(2080, 12, 31)),
    st.integers(1, 30),
    st.integers(0, 800),
)
def test_periods_agree_with_the_calendar(start, years, days):
    end = matching_day(start, years)
    facts = {"agreed_start_date": pd.to_datetime([start]), "exempt_days": [days]}
    shifted = f"days_after(years_after(agreed_start_date, {years}), exempt_days)"
    assert truths(f'{shifted} == date("{end + dt.timedelta(days=days)}")', **facts) == [True]
    for beside in (-1, 0, 1):
        day = end + dt.timedelta(days=beside)
        full = max(n for n in range(years + 2) if matching_day(start, n) <= day)
        assert truths(f"full_years(agreed_start_date, as_of) == {full}", day, **facts) == [True]


wide = st.decimals(min_value=0, max_value=10**7, places=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(wide, wide, wide, wide), min_size=1, max_size=5))
def test_whole_columns_compare_as_fractions_do(rows):
    """Six decimals of seven figures, multiplied: no float holds them, nor do 62 bits."""
    a, b, c, d = zip(*rows, strict=True)
    facts = {
        name: [float(value) for value in column]
        for name, column in zip(("declared_ha", "supplied_ha", "acquired_ha", "approved_ha"),
                                (a, b, c, d), strict=True)
    }  # fmt: skip
    text = "declared_ha * supplied_ha < acquired_ha * approved_ha"
    exact = [Fraction(p) * Fraction(q) < Fraction(r) * Fraction(s) for p, q, r, s in rows]
    assert truths(text, **facts) == exact
    same = "declared_ha * supplied_ha == supplied_ha * declared_ha"
    assert truths(same, **facts) == [True] * len(rows)


def test_a_million_equal_thirds_are_no_less_than_a_third():
    whole = np.arange(1, 100_001) * 3 / 10_000
    facts = {"developed_ha": np.arange(1, 100_001) / 10_000, "should_develop_ha": whole}
    assert not any(truths("developed_ha / should_develop_ha < 1/3", **facts))
    assert all(truths("developed_ha / should_develop_ha <= 1/3", **facts))


LAND = {
    "plot_ha": schema.Column("plot_ha", "面积", "number", "公顷"),
    "plot_mu": schema.Column("plot_mu", "面积", "number", "亩"),
    "cost": schema.Column("cost", "投资", "number", "万元"),
    "per_ha": schema.Column("per_ha", "强度", "number", "万元/公顷"),
    "per_mu": schema.Column("per_mu", "税收", "number", "万元/亩"),
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("plot_ha > plot_mu", False),
        ("plot_ha + plot_mu > 1", False),
        ("per_ha < per_mu", False),
        ("cost / plot_mu < per_ha", False),
        ("first_known(per_ha, per_mu) > 1", False),
        ("cost / plot_mu < per_mu", True),
        ("per_ha * plot_ha > per_mu * plot_mu", True),
        ("plot_ha * 2 > plot_ha", True),
    ],
)
def test_hectares_are_no_mu(text, fits):
    if fits:
        assert parse(text, columns=LAND).kind == "truth"
        return
    with pytest.raises(PolicyError) as caught:
        parse(text, columns=LAND)
    assert caught.value.code == "unit_mismatch"
    assert "单位不一致" in caught.value.hint


def test_every_stranger_is_named_with_its_mend():
    found = unknown_names("comenced and dispute", columns=COLUMNS, terms={})
    assert list(found) == ["comenced", "dispute"]
    assert "commenced" in found["comenced"]
    assert "disputed" in found["dispute"]


decimals = st.decimals(min_value=0, max_value=9999, places=4)


@settings(max_examples=200, deadline=None)
@given(decimals, decimals, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(1, 7))
def test_comparisons_are_exact_for_decimals_as_written(part, whole, op, share):
    left, right = Fraction(part) * share, Fraction(whole)
    expected = {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[op]
    facts = {"developed_ha": [float(part)], "should_develop_ha": [float(whole)]}
    assert truths(f"{share} * developed_ha {op} should_develop_ha", **facts) == [expected]
    if whole:
        assert truths(f"developed_ha / should_develop_ha {op} 1/{share}", **facts) == [expected]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("甲乙"), decimals), min_size=1, max_size=8), decimals)
def test_sums_by_key_are_exact(rows, limit):
    totals = {}
    for key, value in rows:
        totals[key] = totals.get(key, Decimal(0)) + value
    facts = {
        "approval_no": [key for key, _ in rows],
        "supplied_ha": [float(value) for _, value in rows],
    }
    text = f"sum_by(supplied_ha, approval_no) > {limit}"
    assert truths(text, **facts) == [totals[key] > limit for key, _ in rows]


def test_sums_and_counts_by_an_unknown_key_or_number_are_unknown():
    facts = {"approval_no": ["甲", "甲", None, "乙"], "supplied_ha": [1.0, None, 5.0, 2.0]}
    assert truths("sum_by(supplied_ha, approval_no) >= 2", **facts) == [None, None, None, True]
    assert truths("count_by(approval_no) == 2", **facts) == [True, True, None, False]
    assert truths("count_by(approval_no) == 2", location=["x"]) == [None]


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        ("2020-03-01", 1, "2021-03-01"),
        ("2020-02-29", 1, "2021-02-28"),
        ("2020-02-29", 4, "2024-02-29"),
        ("2019-02-28", 1, "2020-02-28"),
        ("2019-12-31", 1, "2020-12-31"),
        ("2000-02-29", 100, "2100-02-28"),
        ("1960-06-30", 1, "1961-06-30"),
    ],
)
def test_the_day_that_completes_years(start, years, end):
    facts = {"agreed_start_date": pd.to_datetime([start])}
    assert truths(f'years_after(agreed_start_date, {years}) == date("{end}")', **facts) == [True]
    last, eve = dt.date.fromisoformat(end), dt.date.fromisoformat(end) - dt.timedelta(days=1)
    assert truths(f"full_years(agreed_start_date, as_of) == {years}", last, **facts) == [True]
    assert truths(f"full_years(agreed_start_date, as_of) == {years - 1}", eve, **facts) == [True]


def test_days_shift_and_dates_stay_unknown():
    facts = {
        "agreed_start_date": pd.to_datetime(["2019-12-01", "2019-12-01", None]),
        "exempt_days": pd.array([30, None, 1], dtype="Int64"),
    }
    text = "days_after(agreed_start_date, exempt_days) == date('2019-12-31')"
    assert truths(text, **facts) == [True, None, None]


def test_texts():
    facts = {"land_use_code": ["0901", " 1001 ", "工业用地", "", None]}
    assert truths("starts_with(land_use_code, ['09', '10'])", **facts) == [
        True,
        True,
        False,
        None,
        None,
    ]
    assert truths("contains(land_use_code, ['工业'])", **facts) == [False, False, True, None, None]
    assert truths("land_use_code not in ['0901']", **facts) == [False, True, True, None, None]
    assert truths("land_use_code != '0901'", **facts) == [False, True, True, None, None]
    assert truths("first_known(land_use_code, approved_use_code) == '08'", **facts, approved_use_code=["08"] * 5) == [
        False, False, False, True, True,
    ]  # fmt: skip


def test_chains_negatives_and_literals():
    facts = {"declared_ha": [0.5, 1.5, 2.5]}
    assert truths("1 <= declared_ha < 2", **facts) == [False, True, False]
    assert truths("-declared_ha < -2", **facts) == [False, False, True]
    assert truths("declared_ha - 1 > 1 / 4 + 1", **facts) == [False, False, True]
    assert truths("True or commenced", **facts) == [True] * 3


def test_truths_as_ledgers_write_them():
    assert truths("commenced", commenced=["是", "否", None, ""]) == [True, False, None, None]
    assert truths("commenced", commenced=[True, None, False]) == [True, None, False]
    mixed = pd.Series([np.True_, "是", "False", np.nan, 0], dtype=object)
    assert truths("commenced", commenced=mixed) == [True, True, False, None, False]


@pytest.mark.parametrize(
    ("name", "value"),
    [("commenced", "大概"), ("declared_ha", "两公顷"), ("supply_date", "去年")],
)
def test_a_column_of_another_kind_is_an_error_that_names_it(name, value):
    with pytest.raises(SchemaError, match="column_kind") as caught:
        truths(f"known({name})", **{name: [value]})
    assert name in caught.value.hint


def test_infinite_numbers_and_missing_columns_are_unknown():
    assert truths("declared_ha > 1", declared_ha=[np.inf, -np.inf, np.nan]) == [None] * 3
    assert truths("declared_ha > 1", location=["x", "y"]) == [None, None]


def test_an_empty_table_has_no_truths():
    assert (
        truths("declared_ha > 1 and known(location)", declared_ha=pd.Series([], dtype=float)) == []
    )

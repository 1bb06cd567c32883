"""Units and the one way to round.

Cases: exact 亩 and 万亩; the annex in 亩; half-up against banker's rounding, one by one and many at
once; negative zero; closing by largest remainder, its ties, its log, a total out of reach, negative
figures, against plain decimal arithmetic, a million figures in seconds; closing a two-way table
(every cell and margin rounded to a neighbour, rows, columns and total come true, against every
possible table, the smallest table that one-by-one rounding breaks); unit words.
"""

import itertools
import math
import time
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landgis.model import units
from landgis.model.errors import AccountError, UsageError


def test_one_mu_is_two_thousand_thirds():
    assert float(units.convert(1, source="ha", target="mu")) == 15
    assert float(units.convert(3, source="mu", target="m2")) == 2000
    assert units.ratio("wan_mu", "ha") == Fraction(2000, 3)


def test_annex_total_in_mu():
    mu = units.convert(3100.6712, source="ha", target="mu")
    assert units.show(float(mu), 2) == "46510.07"
    assert units.show(3100 * units.ratio("ha", "wan_mu"), 4) == "4.6500"  # the plan's 4.65 万亩


def test_half_up_where_bankers_rounding_differs():
    assert units.round_half_up(0.125, 2) == Decimal("0.13")
    assert units.round_half_up(2.675, 2) == Decimal("2.68")
    assert units.round_half_up(Fraction(1, 2), 0) == Decimal(1)


def decimal_steps(value, decimals):
    """Witness: Python's decimal on the text of the number."""
    step = Decimal(1).scaleb(-decimals)
    return int(Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP).scaleb(decimals))


figures = st.one_of(
    st.floats(-1e7, 1e7, allow_nan=False),
    st.integers(-(10**9), 10**9).map(lambda n: n / 10_000),
    st.integers(-(10**9), 10**9).map(lambda n: (2 * n + 1) / 20_000),  # ties
)


@given(st.lists(figures, max_size=20), st.integers(0, 6))
def test_many_at_once_round_as_one_by_one(values, decimals):
    found = units.whole_steps(values, decimals).tolist()
    assert found == [decimal_steps(value, decimals) for value in values]


def test_no_negative_zero():
    assert units.show(-0.00001, 4) == "0.0000"
    assert units.show(None, 4) == "—"


def test_closing_moves_the_largest_remainder():
    closed = units.round_closing([0.4, 0.4, 0.2], 0, 1)
    assert [int(value) for value in closed.values] == [1, 0, 0]
    assert [int(step) for step in closed.moved] == [1, 0, 0]
    assert closed.log == [(0, Decimal(0), Decimal(1))]


def test_ties_go_to_the_larger_value_then_to_the_earlier():
    three = units.round_closing([1.5, 7.5, 7.5, 0.5], 0, 17)
    assert [int(value) for value in three.values] == [1, 8, 8, 0]
    two = units.round_closing([1.5, 7.5, 7.5, 0.5], 0, 16.4)
    assert [int(value) for value in two.values] == [1, 8, 7, 0]


def test_total_out_of_reach():
    with pytest.raises(AccountError, match="total_out_of_reach"):
        units.round_closing([1.0, 2.0], 2, 3.5)
    assert units.round_closing([], 2).values == []
    with pytest.raises(AccountError, match="total_out_of_reach"):
        units.round_closing([], 2, 1)


def largest_remainder(values, decimals):
    """Witness: the rule in plain decimal arithmetic."""
    exact = [Decimal(repr(value)).scaleb(decimals) for value in values]
    down = [int(value.to_integral_value(ROUND_FLOOR)) for value in exact]
    goal = int(sum(exact, Decimal(0)).to_integral_value(ROUND_HALF_UP))
    order = sorted(range(len(exact)), key=lambda i: (down[i] - exact[i], -exact[i], i))
    for i in order[: goal - sum(down)]:
        down[i] += 1
    return down


@given(st.lists(figures, max_size=40), st.integers(0, 5))
def test_closing_is_the_rule_in_decimals(values, decimals):
    closed = units.round_closing(values, decimals)
    steps = [int(value.scaleb(decimals)) for value in closed.values]
    assert steps == largest_remainder(values, decimals)
    for value, own, moved in zip(closed.values, values, closed.moved, strict=True):
        assert moved == value - units.round_half_up(own, decimals)
        assert abs(value - Decimal(repr(own))) < Decimal(1).scaleb(-decimals)


@pytest.mark.parametrize("kind", ["measured", "as printed", "all ties"])
def test_a_million_figures(kind):
    rng = np.random.default_rng(6)
    values = {
        "measured": rng.uniform(0, 50, 1_000_000),
        "as printed": rng.integers(0, 500_000, 1_000_000) / 10_000,
        "all ties": (2 * rng.integers(0, 500_000, 1_000_000) + 1) / 20_000,
    }[kind]
    began = time.perf_counter()
    closed = units.round_closing(values, 4)
    assert time.perf_counter() - began < 30  # some two seconds on one quiet core
    steps = sum(int(value.scaleb(4)) for value in closed.values)
    assert abs(steps - math.fsum(values) * 10_000) <= 0.501


def test_the_smallest_table_that_rounding_one_by_one_breaks():
    # four cells of 0.4: one by one 0 everywhere, though they are 1.6 together
    table = units.close_table([[0.4, 0.4], [0.4, 0.4]], 0)
    assert int(table.total) == 2
    assert [[int(cell) for cell in row] for row in table.cells] in (
        [[1, 0], [0, 1]],
        [[0, 1], [1, 0]],
    )
    assert [int(value) for value in (*table.rows, *table.columns)] == [1, 1, 1, 1]
    moved = [(row, column) for row, column, own, settled in table.moved if own != settled]
    assert len(moved) == 2  # two cells went up; every margin kept its own rounding
    assert None not in {place for pair in moved for place in pair}


def test_whole_figures_stay_and_blank_cells_stay_blank():
    printed = [[921.6116, 8.6559, 263.2333], [595.0824, 0.0, 39.4193]]
    table = units.close_table(printed, 4)
    assert [[float(cell) for cell in row] for row in table.cells] == printed
    assert table.moved == []
    assert str(table.total) == "1828.0025"
    assert units.close_table(np.zeros((0, 3)), 4).total == 0


tables = st.integers(1, 3).flatmap(
    lambda columns: st.lists(
        st.lists(
            st.one_of(st.integers(0, 40).map(lambda n: n / 8), st.floats(0, 5)),
            min_size=columns,
            max_size=columns,
        ),
        min_size=1,
        max_size=3,
    )
)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_a_closed_table_is_whole_near_and_agrees(cells):
    table = units.close_table(cells, 0)
    exact = [[Decimal(repr(value)) for value in row] for row in cells]
    figures = [
        *(
            (table.cells[i][j], exact[i][j])
            for i in range(len(cells))
            for j in range(len(cells[0]))
        ),
        *((table.rows[i], sum(exact[i], Decimal(0))) for i in range(len(cells))),
        *(
            (table.columns[j], sum((row[j] for row in exact), Decimal(0)))
            for j in range(len(cells[0]))
        ),
    ]
    for settled, true in figures:
        assert math.floor(true) <= settled <= math.ceil(true)
    assert table.rows == [sum(row, Decimal(0)) for row in table.cells]
    assert table.columns == [sum(column, Decimal(0)) for column in zip(*table.cells, strict=True)]
    whole = sum((sum(row, Decimal(0)) for row in exact), Decimal(0))
    assert table.total == sum(table.rows) == units.round_half_up(whole, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(1, 7), min_size=2, max_size=2), min_size=2, max_size=2))
def test_no_other_table_moves_less(eighths):
    cells = np.array(eighths) / 8
    total = int(units.round_half_up(float(cells.sum()), 0))
    sums = [*cells.sum(axis=1), *cells.sum(axis=0)]

    def cost(table):
        margins = [*table.sum(axis=1), *table.sum(axis=0)]
        near = all(math.floor(s) <= m <= math.ceil(s) for s, m in zip(sums, margins, strict=True))
        far = sum(abs(s - m) for s, m in zip(sums, margins, strict=True))
        return (round(far, 6), round(np.abs(table - cells).sum(), 6)) if near else (99, 99)

    possible = [np.array(bits).reshape(2, 2) for bits in itertools.product((0, 1), repeat=4)]
    least = min(cost(table) for table in possible if table.sum() == total)
    found = np.array(units.close_table(cells, 0).cells, dtype=float)
    assert cost(found) == least


def test_unit_words():
    assert units.area_unit("万亩") == "wan_mu"
    with pytest.raises(UsageError, match="unknown_unit"):
        units.area_unit("顷")

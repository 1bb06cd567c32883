"""Units and the one way to round.

Cases: exact 亩; the annex in 亩; half-up against banker's rounding; negative zero; closing by
largest remainder; a total out of reach; unit words.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landgis.model import units
from landgis.model.errors import AccountError, UsageError


def test_one_mu_is_two_thousand_thirds():
    assert float(units.convert(1, source="ha", target="mu")) == 15
    assert float(units.convert(3, source="mu", target="m2")) == 2000


def test_annex_total_in_mu():
    mu = units.convert(3100.6712, source="ha", target="mu")
    assert units.show(float(mu), 2) == "46510.07"


def test_half_up_where_bankers_rounding_differs():
    assert units.round_half_up(0.125, 2) == Decimal("0.13")
    assert units.round_half_up(2.675, 2) == Decimal("2.68")
    assert units.round_half_up(Fraction(1, 2), 0) == Decimal(1)


def test_no_negative_zero():
    assert units.show(-0.00001, 4) == "0.0000"
    assert units.show(None, 4) == "—"


def test_closing_moves_the_largest_remainder():
    closed = units.round_closing([0.4, 0.4, 0.2], 0, 1)
    assert [int(value) for value in closed.values] == [1, 0, 0]
    assert [int(step) for step in closed.moved] == [1, 0, 0]


def test_total_out_of_reach():
    with pytest.raises(AccountError, match="total_out_of_reach"):
        units.round_closing([1.0, 2.0], 2, 3.5)


@given(st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=40))
def test_closing_always_closes(values):
    closed = units.round_closing(values, 4)
    total = sum((Decimal(repr(value)) for value in values), Decimal(0))
    assert sum(closed.values) == units.round_half_up(total, 4)
    for value, own in zip(closed.values, values, strict=True):
        assert abs(value - Decimal(repr(own))) < Decimal("0.0001")


def test_unit_words():
    assert units.area_unit("万亩") == "wan_mu"
    with pytest.raises(UsageError, match="unknown_unit"):
        units.area_unit("顷")

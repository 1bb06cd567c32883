"""Calendar years, as periods are counted by the civil code (民法典 201-203条, articles unverified)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landgis.policy.columns import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_DAYS = 400_000  # a shift by more is no date a ledger can mean
MONTHS = 12


def years_after(start: Values, years: NDArray[np.int64] | int) -> Values:
    """Give the matching day, or the end of the month that has none."""
    month = start.data.astype("datetime64[M]")
    target = month + np.asarray(years) * MONTHS
    last = (target + 1).astype("datetime64[D]") - 1
    day = target.astype("datetime64[D]") + (start.data - month.astype("datetime64[D]"))
    return Values(np.minimum(day, last), start.known)


def days_after(start: Values, days: Values) -> Values:
    """Shift by whole days; a part of a day counts as a day."""
    known = start.known & days.known & (np.abs(days.data) < MAX_DAYS)
    shift = np.where(known, np.ceil(days.data), 0).astype("timedelta64[D]")
    return Values(start.data + shift, known)


def full_years(start: Values, end: Values) -> Values:
    """Count the full years from one day to another; below zero where it comes before."""
    known = start.known & end.known
    years = end.data.astype("datetime64[Y]").astype(np.int64)
    years = years - start.data.astype("datetime64[Y]").astype(np.int64)
    late = years_after(start, years).data > end.data
    return Values((years - late).astype(np.float64), known, np.zeros(len(known)))

"""Columns as rules see them: what is known, what it is, and how exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import Series

    Mask = NDArray[np.bool_]

EPSILON = 2.0**-52  # twice the largest relative error of one rounding, to be safe
WORDS = {"是": True, "否": False, "true": True, "false": False, "1": True, "0": False, "": None}


class Truth(NamedTuple):
    """Where something is true and where it is false; unknown elsewhere."""

    true: Mask
    false: Mask

    @property
    def unknown(self) -> Mask:
        """Neither true nor false.

        Returns
        -------
        ndarray of bool
            True where the truth is unknown.
        """
        answer: Mask = ~(self.true | self.false)
        return answer


class Values(NamedTuple):
    """Numbers or dates with the bound of their error, or text codes with their texts."""

    data: NDArray[Any]
    known: Mask
    error: NDArray[np.float64] | None = None
    texts: NDArray[np.object_] | None = None


def unknown_column(size: int, kind: str) -> Values:
    """Give a column that holds nothing.

    Parameters
    ----------
    size : int
        Number of rows.
    kind : str
        Kind of the column, as in `schema.DTYPES`.

    Returns
    -------
    Values
        Known nowhere.
    """
    nowhere = np.zeros(size, dtype=bool)
    if kind == "date":
        return Values(np.zeros(size, dtype="datetime64[D]"), nowhere)
    if kind == "truth":
        return Values(nowhere, nowhere)
    if kind in {"number", "integer"}:
        return Values(np.zeros(size), nowhere, np.zeros(size))
    return Values(np.full(size, -1), nowhere, texts=np.array([], dtype=object))


def read_column(series: Series, kind: str) -> Values:
    """Read a column of that kind; ValueError or TypeError where it holds something else.

    Parameters
    ----------
    series : Series
        The column.
    kind : str
        Kind it shall be of, as in `schema.DTYPES`; 是 and 否 are truths.

    Returns
    -------
    Values
        Numbers with the bound of their reading error, days, truths or coded texts; blanks and
        infinite numbers are unknown.
    """
    if kind in {"number", "integer"}:
        data = pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.isfinite(data)
        data = np.where(known, data, 0.0)
        return Values(data, known, np.abs(data) * EPSILON)
    if kind == "date":
        dates = pd.to_datetime(series)
        if getattr(dates.dtype, "tz", None) is not None:
            dates = dates.dt.tz_localize(None)
        days = dates.to_numpy().astype("datetime64[D]")
        known = ~np.isnat(days)
        return Values(np.where(known, days, np.datetime64("1970-01-01")), known)
    if kind == "truth":
        if pd.api.types.is_string_dtype(series.dtype) or series.dtype == object:
            series = _as_truths(series)
        truths = series.astype("boolean")
        known = truths.notna().to_numpy()
        return Values(truths.fillna(value=False).to_numpy(dtype=bool), known)
    return _as_texts(series)


def _as_texts(series: Series) -> Values:
    """Read texts without the blanks around them; each distinct one is looked at once."""
    found, uniques = pd.factorize(series, use_na_sentinel=True)
    words = pd.Series(uniques).astype("str")
    trimmed = words.str.strip()
    if trimmed.equals(words) and not (words == "").any():
        return Values(found, found >= 0, texts=words.to_numpy(dtype=object))
    codes, distinct = pd.factorize(trimmed.mask(trimmed == ""), use_na_sentinel=True)
    data = np.append(codes, -1)[found]
    return Values(data, data >= 0, texts=np.asarray(distinct, dtype=object))


def _as_truths(series: Series) -> Series:
    """Read 是 and 否 as ledgers write them; any other word is no truth."""
    words = series.astype("object").where(series.notna(), "")
    words = words.map(lambda word: str(word).strip().casefold())
    strange = sorted(set(words) - WORDS.keys())
    if strange:
        raise ValueError(f"no truth: {', '.join(strange[:5])}")
    return words.map(WORDS)

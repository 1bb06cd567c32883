"""A state of the stock as it was known on a day: parcels, disposals, and a hash over both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

# What a figure of progress rests on; everything else of a parcel may change without moving one.
KEPT = ("parcel_name", "unit", "land_class", "approval_no", "approval_date", "declared_ha")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was known on one day.

    Attributes
    ----------
    date : date
        The day the state is of (数据截止日期).
    parcels : GeoDataFrame
        Parcels as they were, index ``parcel_id``.
    disposals : DataFrame or None
        `schema.DISPOSALS` recorded until then; None where only parcels were kept.
    revision : int
        1 for the first state kept of that day, 2 for the next that differs.
    sha256 : str
        Hash over the content; empty where the state was never kept.
    """

    date: dt.date
    parcels: GeoDataFrame
    disposals: DataFrame | None = None
    revision: int = 1
    sha256: str = ""


def fingerprint(date: dt.date, parcels: GeoDataFrame, disposals: DataFrame | None) -> str:
    """Hash a state: its day, coordinate system, rows, cells and outlines, in their order.

    Parameters
    ----------
    date : date
        The day the state is of.
    parcels : GeoDataFrame
        Parcels, index ``parcel_id``.
    disposals : DataFrame or None
        Disposals recorded until then.

    Returns
    -------
    str
        SHA-256 in hexadecimal.

    Examples
    --------
    >>> import datetime, geopandas
    >>> table = geopandas.GeoDataFrame(geometry=[], crs="EPSG:4545")
    >>> len(fingerprint(datetime.date(2022, 3, 31), table, None))
    64
    """
    import shapely

    crs = parcels.crs  # by code or name: its full text changes from one release of PROJ to the next
    outlines = shapely.to_wkb(parcels.geometry.to_numpy())
    lists = [[date.isoformat(), "" if crs is None else str(crs.to_epsg() or crs.name)]]
    lists.append(["parcel_id", *map(str, parcels.index)])
    names = sorted(str(column) for column in parcels.columns if column != parcels.geometry.name)
    lists += [[name, *_texts(parcels[name])] for name in names]
    lists.append(["geometry", *("" if one is None else one.hex() for one in outlines)])
    if disposals is not None:
        lists.append(["disposals"])
        lists += [[str(name), *_texts(disposals[name])] for name in sorted(disposals.columns)]
    hashed = hashlib.sha256()
    for texts in lists:
        hashed.update("\x1f".join(texts).encode() + b"\x1e")
    return hashed.hexdigest()


def _texts(cells: Series) -> list[str]:
    """Write cells so that a file read back gives the same: shortest decimals, ISO days."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(cells):
        return [*cells.dt.strftime("%Y-%m-%d").fillna("")]
    if pd.api.types.is_float_dtype(cells):
        return ["" if pd.isna(cell) else repr(float(cell)) for cell in cells]
    return ["" if pd.isna(cell) else str(cell) for cell in cells]

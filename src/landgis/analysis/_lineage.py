"""Follow ground from one state of the parcels to another, by the area they share.

An identifier may be split, merged, redrawn or given anew; ground stays where it is.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis.area import areas
from landgis.model import crs as systems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

SLIVER_M2 = 1.0  # ledgers print to the square metre
SLIVER_WIDTH_M = 0.2  # a strip narrower than this is how two surveys differ, no ground of its own
SAME_M = 0.001  # outlines that differ by less are one: a writer's rounding
_SURFACES = (3, 6)  # shapely type numbers of polygon and multipolygon


class Followed(NamedTuple):
    """Where the ground went.

    `pairs` has ``before``, ``after`` (row numbers), ``of_before`` and ``of_after`` (shares of
    either parcel that are common to both); `lost` is the share of every earlier parcel that no
    later one covers, `new` the share of every later parcel that no earlier one covered.
    """

    pairs: DataFrame
    lost: NDArray[np.float64]
    new: NDArray[np.float64]


def follow(before: GeoDataFrame, after: GeoDataFrame) -> Followed:
    """Follow every parcel of one table into another by shared area.

    Outlines that are the same are not cut; parcels without a usable outline go by their
    identifier. Slivers are no ground: what remains of a parcel beside its parts is lost or new only
    where it is wider. The shares of a parcel with what is lost or new add up to one.
    """
    after = systems.align(after, systems.require_crs(before, what="快照"), what="地块")
    left, right = _one_by_one(before, after)
    cut_left, cut_right, common = _crossings(before, after, left, right)
    first, lost = _shares(before, after, cut_left, cut_right, common)
    second, new = _shares(after, before, cut_right, cut_left, common)
    lost[left], new[right] = 0.0, 0.0
    ones = np.ones(len(left))
    pairs = pd.DataFrame(
        {
            "before": np.concatenate([left, cut_left]),
            "after": np.concatenate([right, cut_right]),
            "of_before": np.concatenate([ones, first]),
            "of_after": np.concatenate([ones, second]),
        }
    )
    return Followed(
        pairs.sort_values(["before", "after"], kind="stable", ignore_index=True), lost, new
    )


def _one_by_one(
    before: GeoDataFrame, after: GeoDataFrame
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair rows of one identifier whose outline is the same or cannot be read."""
    place = after.index.get_indexer(before.index)
    left = np.flatnonzero(place >= 0)
    right = place[left]
    a, b = before.geometry.to_numpy()[left], after.geometry.to_numpy()[right]
    readable = _usable(a) & _usable(b)
    same = ~readable
    same[readable] = shapely.equals_exact(
        shapely.normalize(a[readable]), shapely.normalize(b[readable]), SAME_M
    )
    return left[same], right[same]


def _usable(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    kind = np.isin(shapely.get_type_id(geometry), _SURFACES)
    usable: NDArray[np.bool_] = kind & shapely.is_valid(geometry) & ~shapely.is_empty(geometry)
    return usable


def _crossings(
    before: GeoDataFrame,
    after: GeoDataFrame,
    left: NDArray[np.intp],
    right: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Cut what is not paired yet: rows of both tables and the area they share, without slivers."""
    a, b = before.geometry.to_numpy(), after.geometry.to_numpy()
    rows = np.setdiff1d(np.flatnonzero(_usable(a)), left)
    others = np.setdiff1d(np.flatnonzero(_usable(b)), right)
    i, j = shapely.STRtree(b[others]).query(a[rows], predicate="intersects")
    i, j = rows[i], others[j]
    pieces = shapely.intersection(a[i], b[j])
    area = areas(pieces, before)
    real = area >= np.maximum(SLIVER_M2, _perimeters(pieces, before) * SLIVER_WIDTH_M / 2)
    return i[real], j[real], area[real]


def _perimeters(geometry: NDArray[np.object_], table: GeoDataFrame) -> NDArray[np.float64]:
    """Give perimeters in metres; good to a few per cent, as a tolerance asks."""
    length: NDArray[np.float64] = shapely.length(geometry)
    crs = systems.require_crs(table, what="地块")
    if crs.is_geographic:
        return length * np.pi / 180 * systems.earth(crs).a
    return length * crs.axis_info[0].unit_conversion_factor


def _shares(
    table: GeoDataFrame,
    others: GeoDataFrame,
    rows: NDArray[np.intp],
    places: NDArray[np.intp],
    common: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn common areas into shares of the parcels in `rows`, and give the share that is left.

    Ground that several of the others claim is shared among them.
    """
    left = np.ones(len(table))
    if not len(rows):
        return common, left
    geometry, around = table.geometry.to_numpy(), others.geometry.to_numpy()
    order = np.argsort(rows, kind="stable")
    met, starts = np.unique(rows[order], return_index=True)
    claimed = [shapely.union_all(around[own]) for own in np.split(places[order], starts[1:])]
    parts, owner = shapely.get_parts(
        shapely.difference(geometry[met], np.array(claimed, dtype=object)), return_index=True
    )
    area = areas(parts, table)
    real = area >= np.maximum(SLIVER_M2, _perimeters(parts, table) * SLIVER_WIDTH_M / 2)
    rest = np.bincount(owner[real], weights=area[real], minlength=len(met))
    left[met] = np.clip(rest / areas(geometry[met], table), 0.0, 1.0)
    whole = np.bincount(rows, weights=common, minlength=len(table))
    return common / whole[rows] * (1.0 - left[rows]), left


def apportion(whole: int, shares: Sequence[float]) -> list[int]:
    """Split a whole number by shares that add up to one, by largest remainder.

    Examples
    --------
    >>> apportion(10, [1 / 3, 1 / 3, 1 / 3])
    [4, 3, 3]
    """
    if shares[0] == sum(shares):  # most ground stays where it is
        return [whole, *([0] * (len(shares) - 1))]
    exact = [Fraction(share) for share in shares]
    total = sum(exact, Fraction(0)) or Fraction(1)
    quotas = [whole * share / total for share in exact]
    parts = [int(quota // 1) for quota in quotas]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for i in order[: whole - sum(parts)]:
        parts[i] += 1
    return parts

"""How much of each parcel lies in which planning zone? An overlay whose accounts close.

Parcels are cut in their own plane, pieces are measured by the ruler, and every parcel's account is
kept in whole square decimetres: parcel = zoned + outside - counted twice + closure. What lies
outside is cut and measured on its own, not inferred, so that the closure is evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Self, get_args

import numpy as np
import pandas as pd

from landgis.analysis._account import as_pieces, keep_account, typed
from landgis.analysis._conflicts import OverlapRule, conflicts_of
from landgis.analysis._cutting import (
    TOUCH_M2,
    bring_together,
    cut_pairs,
    off_earth,
    prepare,
    refuse_unusable,
    sieve,
    text,
)
from landgis.analysis._overlap import common_areas
from landgis.analysis._sharing import (
    join_corners,
    overlap_findings,
    overlaps_among,
    refuse_overlaps,
    share_out,
)
from landgis.model import schema
from landgis.model.errors import SchemaError, UsageError
from landgis.model.units import DM2_PER_M2, M2_PER_HA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.analysis._cutting import Cut, Ground
    from landgis.analysis._sharing import Shares

Overlaps = Literal["raise", "twice", "priority"]
Invalid = Literal["exclude", "raise"]

CONFORMING = "符合"
OCCUPIED: dict[str, tuple[str, ...]] = {  # 批而未供 ledger columns and the layers they stand for
    "YNYZ": ("YJJBNTTB", "YJJBNT", "YJJBNTBHTB", "永久基本农田"),
    "STHXYZ": ("STBHHX", "生态保护红线"),
    "CZKFBJYZ": ("CZKFBJ", "CSKFBJ", "城镇开发边界"),
}


class PiecesAndAccount(NamedTuple):
    """The two tables an overlay is asked for."""

    pieces: GeoDataFrame
    account: DataFrame


class Overlaid(PiecesAndAccount):
    """What an overlay gives: two tables to unpack, and beside them what was left out.

    Attributes
    ----------
    pieces : GeoDataFrame
        `schema.PIECES`: one row per parcel and zone, in the order of the parcels. Their areas are
        settled to whole square decimetres: per parcel and layer they sum to ``zoned_dm2 +
        closure_dm2``, so that pieces + outside - twice = parcel without remainder.
    account : DataFrame
        `schema.ACCOUNT`: one row per usable parcel and layer, as measured.
    findings : DataFrame
        `schema.FINDINGS`: parcels and zones that were left out, and zones that overlap.
    outside : GeoDataFrame
        The part of each parcel that no zone of the layer covers, in the columns of the pieces.
    """

    findings: DataFrame
    outside: GeoDataFrame

    def __new__(
        cls,
        pieces: GeoDataFrame,
        account: DataFrame,
        findings: DataFrame,
        outside: GeoDataFrame,
    ) -> Self:
        """Keep the two beside the pair."""
        self = super().__new__(cls, pieces, account)
        self.findings, self.outside = findings, outside
        return self


def overlay(
    parcels: GeoDataFrame,
    zones: GeoDataFrame,
    *,
    overlaps: Overlaps = "raise",
    invalid: Invalid = "exclude",
) -> Overlaid:
    """Cut parcels by zones, layer by layer, and close the account of every parcel.

    Parameters
    ----------
    parcels : GeoDataFrame
        Polygons with a declared coordinate system, degrees or metres, index ``parcel_id``.
    zones : GeoDataFrame
        Polygons, index ``zone_id``; optional columns ``layer`` (one layer where absent),
        ``zone_code``, ``zone_name``, ``priority`` (number, the smaller wins). In the coordinate
        system of the parcels.
    overlaps : {'raise', 'twice', 'priority'}, optional
        What becomes of ground that two zones of one layer claim inside a parcel: an error;
        counted for both and shown as ``twice_dm2``; or given to the zone with the smaller
        ``priority``, else to the earlier row. Hairline overlaps (slivers) never raise.
    invalid : {'exclude', 'raise'}, optional
        What becomes of parcels and zones that cannot be compared (see Notes): left out and named in
        the findings, or an error.

    Returns
    -------
    Overlaid
        `pieces` and `account`, to unpack; `findings` and `outside` as attributes.

    Raises
    ------
    UsageError
        ``unknown_overlaps``, ``unknown_invalid``.
    CrsError
        ``crs_missing``; ``crs_mismatch``, naming both systems; ``crs_out_of_range`` where no parcel
        lies on the earth.
    DataError
        ``zones_overlap`` under ``raise``, naming the first zones, parcel, area and how many;
        ``geometry_unusable`` under ``invalid="raise"``, naming the first and how many.
    AccountError
        ``account_open`` where parts and parcel differ by more than the tolerance.

    Notes
    -----
    The cut is made in the plane the parcels were surveyed in, where their edges are straight; the
    pieces are measured statutorily (`landgis.analysis.area`). Parcels wholly inside a zone are
    returned uncut. Null, empty, invalid and non-polygon geometry, parcels off the earth or wider
    than 4000 km are left out and named in the findings; nothing is repaired here. A piece below
    1 m² or narrower than 0.2 m on average is marked as a sliver. The tolerance of the account is
    0.01 m² + 1e-8 of the parcel. Method: docs/methods/overlay.md; plain crossings are cut by
    following both outlines (Weiler and Atherton 1977), all others by GEOS. Compiled kernels do the
    work, compiled once per installation.

    Examples
    --------
    >>> import geopandas, shapely
    >>> parcels = geopandas.GeoDataFrame(
    ...     geometry=[shapely.box(562000, 2428000, 562100, 2428100)], crs="EPSG:4545", index=["P1"]
    ... )
    >>> zones = geopandas.GeoDataFrame(
    ...     {"zone_code": ["A"]},
    ...     geometry=[shapely.box(561000, 2427000, 562040, 2429000)], crs="EPSG:4545", index=["Z1"]
    ... )
    >>> overlaid = overlay(parcels, zones)
    >>> overlaid.pieces[["parcel_id", "zone_code", "area_m2"]].values.tolist()
    [['P1', 'A', 3999.62]]
    >>> overlaid.account.iloc[0, 2:].tolist()
    [999905, 399962, 599943, 0, 0]
    """
    if overlaps not in get_args(Overlaps):
        raise UsageError(
            "unknown_overlaps",
            f"overlaps must be one of {', '.join(get_args(Overlaps))}, got {overlaps!r}",
            hint="重叠处理方式应为 raise（报错）、twice（重复计算）或 priority（按优先级）之一。",
        )
    _know(invalid)
    ground = prepare(parcels, zones, by_priority=overlaps == "priority")
    if invalid == "raise":
        refuse_unusable(ground.findings)
    cut = cut_pairs(ground)
    shares = share_out(cut, ground)
    if overlaps == "priority":
        own = cut._replace(piece=shares.own, area=shares.own_area)
        kept = shares.own_area > TOUCH_M2
        shares = shares._replace(own=shares.own[kept], own_area=shares.own_area[kept])
        return _closed(sieve(own, kept), shares, ground)
    claimed = overlaps_among(cut, shares, ground)
    if overlaps == "raise":
        refuse_overlaps(claimed)
    ground.findings.extend(overlap_findings(claimed))
    return _closed(cut, shares, ground)


def _know(invalid: str) -> None:
    if invalid not in get_args(Invalid):
        raise UsageError(
            "unknown_invalid",
            f"invalid must be one of {', '.join(get_args(Invalid))}, got {invalid!r}",
            hint="无效图形的处理方式应为 exclude（不参与）或 raise（报错）之一。",
        )


def tabulate(
    parcels: GeoDataFrame,
    zones: GeoDataFrame,
    *,
    by: str = "zone_code",
    invalid: Invalid = "exclude",
) -> DataFrame:
    """Tabulate how much of each parcel lies in zones of each kind.

    Parameters
    ----------
    parcels : GeoDataFrame
        As in `overlay`.
    zones : GeoDataFrame
        As in `overlay`, of one layer or several; zones that overlap are each counted in full.
    by : str, optional
        Column of the zones that names the kind.
    invalid : {'exclude', 'raise'}, optional
        As in `overlay`; what was left out stands in ``attrs["findings"]`` of the table.

    Returns
    -------
    DataFrame
        ``parcel_id``, `by`, ``area_m2`` (statutory, m², not rounded), ``share`` (of the parcel, 0
        to 1), one row per parcel and kind that share ground, in the order of the parcels.

    Raises
    ------
    SchemaError
        ``column_missing`` where the zones lack `by`.
    UsageError
        ``unknown_invalid``.
    DataError
        ``geometry_unusable`` under ``invalid="raise"``.
    CrsError
        As in `overlay`.

    Notes
    -----
    Areas are integrated in the plane of the parcels, where their edges are straight, without
    cutting any geometry, and weighed by the statutory scale of the plane, as `measure` does: what
    is left out is below 3e-10 of the area, so 0.001 m² is kept up to 300 ha. Method, and why it
    cannot fail where topology can: docs/methods/overlay.md. Unusable geometry is left out, as in
    `overlay`, which names it in its findings. A compiled kernel does the work, compiled once per
    installation.

    Examples
    --------
    >>> import geopandas, shapely
    >>> parcels = geopandas.GeoDataFrame(
    ...     geometry=[shapely.box(562000, 2428000, 562100, 2428100)], crs="EPSG:4545", index=["P1"]
    ... )
    >>> zones = geopandas.GeoDataFrame(
    ...     {"zone_code": ["A"]},
    ...     geometry=[shapely.box(561000, 2427000, 562040, 2429000)], crs="EPSG:4545", index=["Z1"]
    ... )
    >>> tabulate(parcels, zones).round(2).values.tolist()
    [['P1', 'A', 3999.62, 0.4]]
    """
    names = _names_of(zones, by)
    _know(invalid)
    ours, laid, theirs, drawn = bring_together(parcels, zones)
    found = common_areas(laid, drawn, count=len(parcels))
    findings = ours.findings + theirs.findings + off_earth(found.own, ours.shapes, parcels)
    if invalid == "raise":
        refuse_unusable(findings)
    real = np.flatnonzero(found.area > TOUCH_M2)
    place, area = found.left[real], found.area[real]
    kind, kinds = pd.factorize(names, sort=True, use_na_sentinel=False)
    kind = kind[found.right[real]]
    key = place * len(kinds) + kind
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    if len(first) < len(key):  # sums of floats depend on their order, so there must be one
        order = np.lexsort((area, key))
        area = np.add.reduceat(area[order], first)
    else:
        area = area[order]
    place, kind = place[order[first]], kind[order[first]]
    table = pd.DataFrame(
        {
            "parcel_id": parcels.index.astype("str").take(place),
            by: kinds.take(kind),
            "area_m2": area,
            "share": area / found.own[place],
        }
    )
    table.attrs["findings"] = findings
    return table


def _names_of(zones: GeoDataFrame, by: str) -> pd.Series:
    """Give the column to tabulate by; the index serves under its own name."""
    if by == (zones.index.name or "zone_id"):
        return zones.index.to_series()
    if by not in zones.columns:
        known = [zones.index.name or "zone_id", *zones.columns.drop(zones.geometry.name)]
        raise SchemaError(
            "column_missing",
            f"the zones table lacks {by}",
            hint=f"规划分区没有字段“{by}”，不能按它汇总；可用的有：{'、'.join(known)}。",
        )
    return zones[by]


def conflicts(
    overlaid: Overlaid, *, rules: Iterable[OverlapRule], conforming: bool = False
) -> GeoDataFrame:
    """Say which parcels stand against which control line, and how far.

    Parameters
    ----------
    overlaid : Overlaid
        What `overlay` gave.
    rules : iterable of OverlapRule
        What each layer and zone means; a rule for a layer that was not overlaid says nothing.
    conforming : bool, optional
        Whether rows with the verdict 符合 are given too.

    Returns
    -------
    GeoDataFrame
        `schema.CONFLICTS`: one row per parcel, layer and rule with ground beyond slivers; area in
        m², geometry the ground concerned.

    Notes
    -----
    Ground of one parcel under one rule is joined first and then looked at part by part, so that a
    strip cut up by many zones counts as one, and noise beside a real conflict is not counted.

    Examples
    --------
    >>> import geopandas, shapely, types
    >>> place = {"crs": "EPSG:4545"}
    >>> parcels = geopandas.GeoDataFrame(
    ...     geometry=[shapely.box(562000, 2428000, 562100, 2428100)], index=["P1"], **place
    ... )
    >>> zones = geopandas.GeoDataFrame(
    ...     {"layer": ["CZKFBJ"], "zone_name": ["集中建设区"]},
    ...     geometry=[shapely.box(561000, 2427000, 562040, 2429000)], index=["Z1"], **place
    ... )
    >>> rule = types.SimpleNamespace(
    ...     layer="CZKFBJ", zone="", where="outside", verdict="需调整", basis="", because="界外"
    ... )
    >>> conflicts(overlay(parcels, zones), rules=[rule])[["verdict", "area_m2"]].values.tolist()
    [['需调整', 5999.43]]
    """
    found = [
        conflicts_of(
            rule, pieces=overlaid.pieces, outside=overlaid.outside, account=overlaid.account
        )
        for rule in rules
        if conforming or rule.verdict != CONFORMING
    ]
    found = [table for table in found if len(table)]
    if not found:
        nothing: GeoDataFrame = schema.empty(schema.CONFLICTS, crs=overlaid.pieces.crs)
        return nothing
    table: GeoDataFrame = pd.concat(found, ignore_index=True)
    place = pd.factorize(overlaid.account["parcel_id"])[1].get_indexer(table["parcel_id"])
    return table.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def occupied(
    overlaid: Overlaid, *, columns: Mapping[str, tuple[str, ...]] | None = None
) -> DataFrame:
    """Fill the ministry's overlap columns: how much of each parcel each control line takes.

    Parameters
    ----------
    overlaid : Overlaid
        What `overlay` gave.
    columns : mapping of str to tuple of str or None, optional
        Column to fill and the names its layer may bear; `OCCUPIED` where None.

    Returns
    -------
    DataFrame
        Index ``parcel_id``, one column per entry in 公顷, ground covered (once) by the layer; NaN
        where the layer was not overlaid.
    """
    account = overlaid.account
    table = pd.DataFrame(index=pd.Index(account["parcel_id"].unique(), name="parcel_id"))
    for name, layers in (OCCUPIED if columns is None else columns).items():
        mine = account[account["layer"].isin(layers)]
        covered = (mine["parcel_dm2"] - mine["outside_dm2"]).groupby(mine["parcel_id"]).sum()
        table[name] = covered.reindex(table.index).astype("float64") / (DM2_PER_M2 * M2_PER_HA)
    return table


def _closed(cut: Cut, shares: Shares, ground: Ground) -> Overlaid:
    """Make the tables out of the pairs and their account."""
    cut, shares = join_corners(cut, shares, ground)
    account = keep_account(cut, shares, ground)
    zones = ground.zone_table
    named = {"zone_id": text(zones.index).take(cut.zone)} | {
        name: zones[name].array.take(cut.zone)
        for name in ("zone_code", "zone_name")
        if name in zones
    }
    pieces = as_pieces(
        account, account.row, named, dm2=account.settled, geometry=cut.piece, ground=ground
    )
    outside_dm2 = account.table["outside_dm2"].to_numpy()
    uncovered = np.flatnonzero(outside_dm2)
    outside = as_pieces(
        account,
        uncovered,
        {},
        dm2=outside_dm2[uncovered],
        geometry=account.outside[uncovered],
        ground=ground,
    )
    findings = pd.DataFrame(ground.findings, columns=[c.name for c in schema.FINDINGS.columns])
    return Overlaid(
        pieces,
        typed(account.table, schema.ACCOUNT),
        typed(findings, schema.FINDINGS),
        outside,
    )

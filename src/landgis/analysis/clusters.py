"""Find the parcels that lie together enough to renew as one area (集中连片).

Two parcels are joined when a straight segment no longer than the gap runs from one to the other
without crossing a barrier; clusters are the connected parts. The relation of every pair is told
by its kind, so that a lane, a corner, a drawing error and a river are never one tolerance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
import pandas as pd

from landgis.analysis._adjacency import (
    Adjacency,
    Ground,
    adjacency,
    edge_table,
    ground,
    on_earth,
    pairs_near,
    reachable,
    solid,
)
from landgis.analysis._candidates import (
    JOINS,
    NOWHERE,
    SLIVER_M,
    all_barriers,
    are_candidates,
    asked,
    asked_gaps,
    places_within,
)
from landgis.analysis._contact import rings
from landgis.analysis._description import describe
from landgis.analysis._linking import link
from landgis.analysis._membership import large_enough, members_of
from landgis.analysis._visibility import reaches
from landgis.analysis._walls import walls
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.units import DM2_PER_M2

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    from landgis.analysis._candidates import Connections, Kind, Options, Rules, Who

    Places = NDArray[np.int64]
    Shapes = NDArray[np.object_]
    Truths = NDArray[np.bool_]

GAPS_M = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0)  # kerb to arterial road


class Clustered(NamedTuple):
    """What `cluster` gives.

    Attributes
    ----------
    members : GeoDataFrame
        The parcels with ``cluster_id``, missing where a parcel is in no cluster.
    clusters : GeoDataFrame
        `schema.CLUSTERS`, the largest first.
    edges : DataFrame
        `schema.EDGES`, one row per pair of candidates within reach, ``a`` before ``b``; ``barrier``
        and ``barrier_class`` say what cuts the nearest segment where no other way is open.
    """

    members: GeoDataFrame
    clusters: GeoDataFrame
    edges: DataFrame


def cluster(
    parcels: GeoDataFrame,
    *,
    gap_m: float,
    barriers: GeoDataFrame | None = None,
    barrier_rows: Mapping[str, Collection[str]] | None = None,
    land_class: str | Collection[str] | None = None,
    seeds: Collection[str] | None = None,
    within: str | GeoDataFrame | None = None,
    joins: Collection[Kind] = JOINS,
    min_shared_m: float = 1.0,
    sliver_m: float = SLIVER_M,
    min_area_m2: float = 0.0,
    min_count: int = 1,
    single_area_m2: float | None = None,
    look_m: float | None = None,
) -> Clustered:
    """Find the parcels that lie together across gaps and lanes but not across barriers.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels in a projected system in metres, with distinct ids in the index. Rows without a
        polygon (null, empty, collapsed) belong to no cluster.
    gap_m : float
        Widest gap in metres across which parcels are joined, 0 or more.
    barriers : GeoDataFrame or None, optional
        `schema.BARRIERS`: lines with ``width_m`` (0 where absent or unknown) or polygons, in any
        system that can be related to the parcels'.
    barrier_rows : mapping of str to collection of str or None, optional
        Columns of the parcels with the values that make a row a barrier, such as
        ``{"dlbm": ["1001", "1101"]}``; such rows are no candidates.
    land_class : str or collection of str or None, optional
        Only parcels of these classes are candidates; all of them where None.
    seeds : collection of str or None, optional
        Parcels to grow from: they are candidates whatever their class, and only clusters that
        hold one of them are kept.
    within : str or GeoDataFrame or None, optional
        Where a cluster may not reach beyond: a column, such as ``unit``, whose value its members
        share, or polygons, of which one holds more than half of each member. Parcels that are in
        none take no part.
    joins : collection of {'shared', 'overlap', 'sliver', 'corner', 'near'}, optional
        Kinds of edges that join.
    min_shared_m : float, optional
        Contact along less than this many metres is a corner, 0 or more.
    sliver_m : float, optional
        Widest gap or overlap in metres that is taken for an error of the drawing, 0 or more.
    min_area_m2 : float, optional
        Smaller clusters are left out, in m², 0 or more.
    min_count : int, optional
        Clusters of fewer parcels are left out, 1 or more.
    single_area_m2 : float or None, optional
        Clusters of at least this many m² are kept however few their parcels; none where None.
    look_m : float or None, optional
        Pairs up to this many metres apart are listed as edges too, though only those within
        `gap_m` join; None takes `gap_m`.

    Returns
    -------
    Clustered
        `members`, the parcels with ``cluster_id`` (set anew where the column exists); `clusters`
        and `edges`. All are empty where no parcel is a candidate.

    Raises
    ------
    UsageError
        ``bad_gap``, ``bad_tolerance``, ``bad_minimum``, ``unknown_join``, ``unknown_seed``,
        ``barrier_value_unknown``.
    CrsError
        ``crs_missing``, ``crs_degrees``, ``crs_no_transformation``; ``crs_out_of_range`` where
        parcels or barriers do not lie where their system says.
    DataError
        ``id_duplicate``, ``barrier_not_line_or_polygon``, ``barrier_width_negative``,
        ``barrier_width_unreadable``, ``within_not_polygons``, ``within_overlaps``.
    SchemaError
        ``column_missing`` where `land_class`, `barrier_rows` or `within` ask for one that is not there.

    Notes
    -----
    Kinds, the first that fits: ``overlap``, common ground with a mean width (2·area/perimeter)
    above `sliver_m`; ``shared``, edges that run against one another, no farther apart than 1 mm,
    along `min_shared_m` or more, whether or not they have vertices in common; ``sliver``, the same
    within `sliver_m`; ``corner``, any other pair closer than `sliver_m`; ``near``, a pair no
    farther apart than `gap_m`.

    A pair is joined when its kind is one of `joins` and *some* straight segment of at most `gap_m`
    (or `sliver_m` for slivers and corners) runs from one to the other without touching a barrier;
    ``reach_m`` is the length of the shortest such segment, computed and not sampled. Parcels that
    touch are joined by a segment without length, so a line that runs along the whole of a shared
    edge cuts it, and an edge that is free along some part joins. A parcel inside a barrier is cut
    off. Barriers are taken 0.1 m wider on each side, so that cracks of the drawing are no passages;
    whether a passage is open is decided to 2 cm. No rule of law fixes the gap.

    The area of a cluster is the sum of its members' statutory areas in whole dm²; ground that
    several members claim counts once and stands in ``overlap_m2``. The outline is the union of the
    members and the lanes between them (a closing by gap/2, mitred), nowhere farther than `gap_m`
    from a member; no area is ever taken from it. A ``cluster_id`` is made from the smallest id
    among the members alone.

    Examples
    --------
    >>> import geopandas, shapely
    >>> lots = [shapely.box(x, 0, x + 50, 40) for x in (0, 50, 108)]
    >>> lots = geopandas.GeoSeries(lots, index=["A", "B", "C"], crs="EPSG:4545")
    >>> lots = lots.translate(562000, 2428000)
    >>> parcels = geopandas.GeoDataFrame(geometry=lots)
    >>> members, clusters, edges = cluster(parcels, gap_m=10)
    >>> edges[["a", "b", "kind", "shared_m", "gap_m", "joins"]]
       a  b    kind  shared_m  gap_m  joins
    0  A  B  shared      40.0    0.0   True
    1  B  C    near       0.0    8.0   True
    >>> clusters["member_count"].tolist()
    [3]
    """
    who, rules = asked(
        gap_m=gap_m,
        look_m=look_m,
        barriers=barriers,
        barrier_rows=barrier_rows,
        land_class=land_class,
        seeds=seeds,
        within=within,
        joins=joins,
        min_shared_m=min_shared_m,
        sliver_m=sliver_m,
        min_area_m2=min_area_m2,
        min_count=min_count,
        single_area_m2=single_area_m2,
    )
    land, pairs = _survey(parcels, who, rules)
    reached, joined = _joined(pairs, rules, gap_m)
    part = _parts(len(land.ids), pairs, joined)
    table = members_of(land, pairs, part, parcels, who)
    kept = large_enough(part, table, rules)
    table = table[kept]
    cluster_id = np.full(len(parcels), None, dtype=object)
    cluster_id[land.row[kept]] = table["cluster_id"]
    members = parcels.copy()
    members["cluster_id"] = pd.Series(cluster_id, index=parcels.index, dtype=schema.DTYPES["text"])
    clusters = describe(table, land.polygons[kept], parcels, gap_m=max(gap_m, sliver_m))
    return Clustered(members, clusters, edge_table(land, pairs, reached, joined))


def suggest(
    parcels: GeoDataFrame, *, gaps_m: Iterable[float] = GAPS_M, **options: Unpack[Options]
) -> DataFrame:
    """Show how the clusters change with the gap, so that a planner chooses it knowingly.

    The pairs are measured once, at the largest gap.

    Parameters
    ----------
    parcels : GeoDataFrame
        As in `cluster`.
    gaps_m : iterable of float, optional
        Gaps in metres, one or more, each 0 or more.
    **options : Unpack[Options]
        Any argument of `cluster` but ``gap_m`` and ``look_m``.

    Returns
    -------
    DataFrame
        `schema.GAP_CHOICES`, one row per gap in ascending order.

    Raises
    ------
    UsageError
        As `cluster`; ``bad_gap`` also where there is no gap, ``gap_and_gaps`` for ``gap_m`` or
        ``look_m``.
    CrsError
        As `cluster`.
    DataError
        As `cluster`.

    See Also
    --------
    landgis.reports.gap_chart.draw_gaps : Draws this table.

    Examples
    --------
    >>> import geopandas, shapely
    >>> lots = [shapely.box(x, 0, x + 50, 40) for x in (0, 50, 108)]
    >>> lots = geopandas.GeoSeries(lots, index=["A", "B", "C"], crs="EPSG:4545")
    >>> parcels = geopandas.GeoDataFrame(geometry=lots.translate(562000, 2428000))
    >>> suggest(parcels, gaps_m=[0, 10])[["gap_m", "cluster_count", "largest_count"]]
       gap_m  cluster_count  largest_count
    0    0.0              2              2
    1   10.0              1              3
    """
    gaps = asked_gaps(gaps_m, options)
    who, rules = asked(gap_m=gaps[-1], **options)
    land, pairs = _survey(parcels, who, rules)
    rows = []
    for gap in gaps:
        _, joined = _joined(pairs, rules, gap)
        part = _parts(len(land.ids), pairs, joined)
        table = members_of(land, pairs, part, parcels, who)
        table = table[large_enough(part, table, rules)]
        net_dm2 = table["own_dm2"] - table["twice_dm2"]
        dm2 = net_dm2.groupby(table["cluster_id"]).agg(["size", "sum"])
        largest = dm2.sort_values(["sum", "size"]).iloc[-1:].sum()
        rows.append(
            {
                "gap_m": gap,
                "cluster_count": len(dm2),
                "member_count": len(table),
                "area_m2": dm2["sum"].sum() / DM2_PER_M2,
                "largest_count": largest["size"],
                "largest_m2": largest["sum"] / DM2_PER_M2,
            }
        )
    kinds = {column.name: schema.DTYPES[column.kind] for column in schema.GAP_CHOICES.columns}
    return pd.DataFrame(rows).astype(kinds)


def connected(
    parcels: GeoDataFrame, *, gap_m: float, **options: Unpack[Connections]
) -> Series[Any]:
    """Say who belongs together, and nothing else: several times as fast as `cluster`.

    Parameters
    ----------
    parcels : GeoDataFrame
        As in `cluster`; ids are not looked at.
    gap_m : float
        As in `cluster`.
    **options : Unpack[Connections]
        ``barriers``, ``barrier_rows``, ``land_class``, ``within``, ``joins``, ``min_shared_m`` and
        ``sliver_m`` of `cluster`.

    Returns
    -------
    Series
        ``part``: whole numbers from 0 in the order of the rows, missing where a parcel is no
        candidate or has no polygon. The parts are those of `cluster` with the same arguments.

    Raises
    ------
    UsageError, CrsError, SchemaError
        As `cluster`.
    DataError
        As `cluster`, but for what is wrong with ids.

    Notes
    -----
    Parts grow while the pairs are gone through, and a pair that belongs together already is not
    measured. With barriers, of all pairs between two parts the nearest is tried first.

    Examples
    --------
    >>> import geopandas, shapely
    >>> lots = [shapely.box(x, 0, x + 50, 40) for x in (0, 50, 108, 300)]
    >>> lots = geopandas.GeoSeries(lots, index=list("ABCD"), crs="EPSG:4545")
    >>> parcels = geopandas.GeoDataFrame(geometry=lots.translate(562000, 2428000))
    >>> connected(parcels, gap_m=10).to_dict()
    {'A': 0, 'B': 0, 'C': 0, 'D': 1}
    """
    who, rules = asked(gap_m=gap_m, **options)
    chosen, place = _taking_part(parcels, who)
    row, polygons = solid(parcels, chosen)
    there = on_earth(polygons, parcels.index.to_numpy()[row], parcels)
    row, polygons = row[there], polygons[there]
    barriers = all_barriers(parcels, who)
    first = link(
        polygons,
        rings(polygons),
        parcels,
        rules,
        place=None if place is None else place[row],
        obstacles=None if barriers is None else walls(barriers, parcels),
    )
    part = pd.Series(pd.NA, index=parcels.index, dtype="Int64", name="part")
    part.iloc[row] = pd.factorize(first)[0]
    return part


def in_the_way(
    parcels: GeoDataFrame,
    *,
    barriers: GeoDataFrame | None = None,
    barrier_rows: Mapping[str, Collection[str]] | None = None,
) -> GeoDataFrame | None:
    """Gather all that `cluster` takes for barriers: the layer, and rows of the parcels.

    Parameters
    ----------
    parcels : GeoDataFrame
        As in `cluster`.
    barriers : GeoDataFrame or None, optional
        As in `cluster`.
    barrier_rows : mapping of str to collection of str or None, optional
        As in `cluster`.

    Returns
    -------
    GeoDataFrame or None
        `schema.BARRIERS` in the parcels' system; the layer as it is where no rows are named.

    Raises
    ------
    SchemaError
        ``column_missing``.
    UsageError
        ``barrier_value_unknown``.

    Examples
    --------
    >>> import geopandas, shapely
    >>> lots = [shapely.box(x, 0, x + 50, 40) for x in (562000, 562050)]
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"dlbm": ["0601", "1003"]}, geometry=lots, index=["A", "B"], crs="EPSG:4545"
    ... )
    >>> in_the_way(parcels, barrier_rows={"dlbm": ["1003"]})["barrier_class"].to_dict()
    {'B': '1003'}
    """
    who, _ = asked(gap_m=0.0, barriers=barriers, barrier_rows=barrier_rows)
    return all_barriers(parcels, who)


def _survey(parcels: GeoDataFrame, who: Who, rules: Rules) -> tuple[Ground, Adjacency]:
    """Take the candidates and measure their pairs."""
    chosen, place = _taking_part(parcels, who)
    land = ground(parcels, chosen)
    shapes = rings(land.polygons)
    pairs = adjacency(land.polygons, shapes, parcels, pairs_near(shapes, rules), rules)
    if place is not None:
        own = place[land.row]
        pairs = pairs._replace(together=own[pairs.a] == own[pairs.b])
    barriers = all_barriers(parcels, who)
    if barriers is None:
        return land, pairs
    obstacles = walls(barriers, parcels)
    both = np.column_stack([pairs.a, pairs.b])
    limit = max(rules.look_m, rules.sliver_m)
    reach_m, by = reaches(shapes, both, pairs.nearest, obstacles, limit=limit)
    barrier, barrier_class = pairs.barrier.copy(), pairs.barrier_class.copy()
    barrier[by >= 0] = obstacles.ids[by[by >= 0]]
    barrier_class[by >= 0] = obstacles.classes[by[by >= 0]]
    return land, pairs._replace(reach_m=reach_m, barrier=barrier, barrier_class=barrier_class)


def _taking_part(parcels: GeoDataFrame, who: Who) -> tuple[Truths, Places | None]:
    """Which rows are candidates, and the place each may cluster in, if anything limits that."""
    systems.require_metric(parcels, what="地块")
    chosen = are_candidates(parcels, who)
    place = places_within(parcels, who.within)
    return (chosen if place is None else chosen & (place != NOWHERE)), place


def _joined(pairs: Adjacency, rules: Rules, gap_m: float) -> tuple[Truths, Truths]:
    """Which pairs can reach one another, and which of them join."""
    reached = reachable(pairs, gap_m=gap_m, sliver_m=rules.sliver_m)
    return reached, reached & pairs.together & np.isin(pairs.kind, rules.joins)


def _parts(count: int, pairs: Adjacency, joined: Truths) -> Places:
    """Name the connected part of every candidate by the place of its first one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = (np.ones(int(joined.sum())), (pairs.a[joined], pairs.b[joined]))
    _, label = connected_components(coo_array(links, shape=(count, count)), directed=False)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return first[inverse].astype(np.int64)

"""Tell what keeps a cluster apart from its neighbours, and how much would join if it were bridged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landgis.analysis.area import areas
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.arguments import is_finite, several
from landgis.model.errors import DataError, UsageError
from landgis.model.units import DM2_PER_M2, to_dm2

if TYPE_CHECKING:
    from collections.abc import Collection

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]

JOINING_KINDS = ("shared", "overlap", "sliver", "near")  # what `cluster` joins by default
BARRIER, GAP, CORNER, RANGE = schema.SEPARATED_BY
EASIEST_FIRST = (CORNER, RANGE, GAP, BARRIER)


def separations(
    members: GeoDataFrame,
    clusters: GeoDataFrame,
    edges: DataFrame,
    *,
    gap_m: float,
    joins: Collection[str] = JOINING_KINDS,
) -> GeoDataFrame:
    """List what cuts every cluster off from each of its neighbours.

    Parameters
    ----------
    members : GeoDataFrame
        The parcels with ``cluster_id`` that `landgis.cluster` gives, in metres.
    clusters : GeoDataFrame
        `schema.CLUSTERS` with ``area_m2``.
    edges : DataFrame
        `schema.EDGES`, the pairs that do not join as well, listed up to a distance beyond the gap
        (``look_m`` of `landgis.cluster`).
    gap_m : float
        The gap in metres with which the clusters were made, 0 or more.
    joins : collection of {'shared', 'overlap', 'sliver', 'corner', 'near'}, optional
        The kinds of edges that joined when the clusters were made.

    Returns
    -------
    GeoDataFrame
        `schema.SEPARATIONS`: for each cluster, in the order of the table, its neighbours, those
        that would add most first. A pair of clusters stands twice, once from either side.

    Raises
    ------
    UsageError
        ``bad_gap``, ``unknown_join``, ``not_a_table``.
    SchemaError
        ``column_missing``, ``geometry_missing``.
    CrsError
        ``crs_missing``, ``crs_degrees``.
    DataError
        ``edge_unknown_parcel`` where an edge names a parcel that is not among the members.

    Notes
    -----
    A neighbour is another cluster or a group of candidates outside any cluster that join one
    another (too small, or without a seed); ``other_id`` of a group is the smallest parcel id in it.

    Cause of an edge that does not join: 阻隔, a barrier cuts its nearest segment and no way round
    is short enough; 角点, a corner, where corners do not join; 间距, the nearest free way is longer
    than the gap, or the pair only lies near and nearness does not join; 范围, all else: it would
    join but for the unit or zone within which clusters were kept. One row per pair: the edge that
    is easiest to bridge, in the order 角点 (a decision), 范围 (a planning boundary), 间距 (land
    between), 阻隔 (a crossing), then by the gap, then by the parcels' ids.

    ``would_join_m2`` is the statutory area of the neighbour, each square metre once. The geometry
    is the nearest segment, from the cluster to the neighbour.

    Examples
    --------
    >>> import geopandas, pandas, shapely
    >>> west, south = 562000, 2428000
    >>> lots = [shapely.box(west + x, south, west + x + 50, south + 40) for x in (0, 80)]
    >>> members = geopandas.GeoDataFrame(
    ...     {"cluster_id": ["LP-1", "LP-2"]}, geometry=lots, index=["A", "B"], crs="EPSG:4545"
    ... )
    >>> clusters = pandas.DataFrame({"area_m2": [1999.81, 1999.81]}, index=["LP-1", "LP-2"])
    >>> edges = pandas.DataFrame(
    ...     {"a": ["A"], "b": ["B"], "kind": ["near"], "gap_m": [30.0], "reach_m": [30.0],
    ...      "overlap_m2": [0.0], "barrier": [None], "barrier_class": [None], "joins": [False]}
    ... )
    >>> apart = separations(members, clusters, edges, gap_m=20)
    >>> apart[["cluster_id", "other_id", "cause", "gap_m", "would_join_m2"]]
      cluster_id other_id cause  gap_m  would_join_m2
    0       LP-1     LP-2    间距   30.0        1999.81
    1       LP-2     LP-1    间距   30.0        1999.81
    """
    if not (is_finite(gap_m) and gap_m >= 0):
        raise UsageError(
            "bad_gap",
            f"gap_m must be a number of metres, 0 or more, got {gap_m}",
            hint="连片间距（gap_m）应为不小于 0 的米数，例如 20。",
        )
    joins = several(joins, name="joins", label="连通关系", example='["shared", "near"]')
    kinds = schema.EDGES.column("kind").values  # noqa: PD011 - a column's code list
    unknown = [kind for kind in joins if kind not in kinds]
    if unknown:
        raise UsageError(
            "unknown_join",
            f"unknown kinds of edges: {', '.join(map(str, unknown))}",
            hint=f"joins 只能取 {'、'.join(kinds)}。",
        )
    systems.require_metric(members, what="地块")
    schema.need(members, "cluster_id")
    schema.need(clusters, "area_m2", of=schema.CLUSTERS)
    needed = ("a", "b", "kind", "gap_m", "reach_m", "overlap_m2", "barrier", "joins")
    schema.need(edges, *needed, of=schema.EDGES)
    a, b = (_places(edges[side], members) for side in ("a", "b"))
    side = _sides(
        members, clusters, a, b, edges["joins"].fillna(value=False).to_numpy(dtype=np.bool_)
    )
    apart = (side[a] != side[b]) & (np.minimum(side[a], side[b]) < len(clusters))
    pairs = edges[apart].assign(a=a[apart], b=b[apart])
    pairs = pairs.assign(cause=_causes(pairs, gap_m, joins))
    pairs = _easiest(pairs, side, members)
    added = _areas(members, clusters, edges, side, a, b)
    return _table(pairs, side, added, members, clusters)


def _places(ids: pd.Series, members: GeoDataFrame) -> Places:
    """Rows of the members that edges name."""
    index = pd.Index(members.index.astype("str"))
    places: Places = index.get_indexer(pd.Index(ids.astype("str"))).astype(np.int64)
    unknown = np.flatnonzero(places < 0)
    if len(unknown):
        name = str(ids.iloc[unknown[0]])
        raise DataError(
            "edge_unknown_parcel",
            f"{len(unknown)} edges name parcels that are not among the members, the first is {name}",
            hint="邻接表与地块表不是同一次连片分析的结果，请用同一次 landgis cluster 的输出。",
            parcel=name,
        )
    return places


def _sides(
    members: GeoDataFrame, clusters: GeoDataFrame, a: Places, b: Places, joined: Truths
) -> Places:
    """Place of the cluster of every parcel; groups outside any cluster count on behind them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(members)
    links = (np.ones(int(joined.sum())), (a[joined], b[joined]))
    _, group = connected_components(coo_array(links, shape=(count, count)), directed=False)
    known = pd.Index(clusters.index.astype("str"))
    own = known.get_indexer(pd.Index(members["cluster_id"].astype("str")))
    side: Places = np.where(own >= 0, own, len(clusters) + group).astype(np.int64)
    return side


def _causes(pairs: DataFrame, gap_m: float, joins: Collection[str]) -> NDArray[np.object_]:
    """Why each pair does not join."""
    reach = pairs["reach_m"].fillna(np.inf).to_numpy(dtype=np.float64)
    drawn_apart = pairs["kind"].isin(["sliver", "corner"]).to_numpy()
    allowed = pairs["kind"].isin(list(joins)).to_numpy()
    causes: NDArray[np.object_] = np.select(
        [
            pairs["barrier"].notna().to_numpy(),
            (pairs["kind"] == "corner").to_numpy() & ~allowed,
            ~allowed | ((reach > gap_m) & ~drawn_apart),
        ],
        [BARRIER, CORNER, GAP],
        RANGE,
    ).astype(object)
    return causes


def _easiest(pairs: DataFrame, side: Places, members: GeoDataFrame) -> DataFrame:
    """One row per pair of sides, seen from the side that comes first."""
    swap = side[pairs["a"]] > side[pairs["b"]]
    near, far = np.where(swap, (pairs["b"], pairs["a"]), (pairs["a"], pairs["b"]))
    names = members.index.astype("str").to_numpy()
    pairs = pairs.assign(
        near=near,
        far=far,
        ease=pairs["cause"].map({cause: at for at, cause in enumerate(EASIEST_FIRST)}),
        near_side=side[near],
        far_side=side[far],
        near_name=names[near],
        far_name=names[far],
    )
    ordered = pairs.sort_values(["ease", "gap_m", "near_name", "far_name"], kind="stable")
    return ordered.drop_duplicates(["near_side", "far_side"])


def _areas(
    members: GeoDataFrame,
    clusters: GeoDataFrame,
    edges: DataFrame,
    side: Places,
    a: Places,
    b: Places,
) -> pd.Series:
    """Statutory area of every side that edges name, in m²."""
    named = np.unique(np.concatenate([a, b]))
    loose = named[side[named] >= len(clusters)]
    shapes = members.geometry.to_numpy()
    dm2 = pd.Series(to_dm2(areas(shapes[loose], members))).groupby(side[loose]).sum()
    twice = (edges["overlap_m2"].to_numpy() > 0) & (side[a] == side[b]) & (side[a] >= len(clusters))
    for group in np.unique(side[a[twice]]):
        whole = shapely.union_all(shapely.make_valid(shapes[loose[side[loose] == group]]))
        dm2[group] = to_dm2(areas(np.array([whole], dtype=object), members))[0]
    own = pd.Series(clusters["area_m2"].to_numpy(dtype=np.float64))
    return pd.concat([own, dm2 / DM2_PER_M2])


def _table(
    pairs: DataFrame, side: Places, added: pd.Series, members: GeoDataFrame, clusters: GeoDataFrame
) -> GeoDataFrame:
    """Write every pair down from either side that is a cluster, as `schema.SEPARATIONS`."""
    ids = members.index.astype("str")
    first = pd.Series(ids.to_numpy()).groupby(side).min()
    names = pd.concat(
        [first[first.index >= len(clusters)], pd.Series(clusters.index.astype("str"))]
    )
    shapes = members.geometry.to_numpy()
    near, far = pairs["near"].to_numpy(), pairs["far"].to_numpy()
    lines = shapely.shortest_line(shapes[near], shapes[far])
    barrier_class = pairs.get("barrier_class", pd.Series(None, index=pairs.index, dtype="object"))
    views = []
    for own, other, start, end, line in (
        ("near_side", "far_side", near, far, lines),
        ("far_side", "near_side", far, near, shapely.reverse(lines)),
    ):
        view = pd.DataFrame(
            {
                "order": pairs[own].to_numpy(),
                "cluster_id": names.reindex(pairs[own]).to_numpy(),
                "other_id": names.reindex(pairs[other]).to_numpy(),
                "cause": pairs["cause"].to_numpy(),
                "barrier": pairs["barrier"].to_numpy(),
                "barrier_class": barrier_class.to_numpy(),
                "gap_m": pairs["gap_m"].to_numpy(),
                "a": ids[start],
                "b": ids[end],
                "would_join_m2": added.reindex(pairs[other]).to_numpy(),
                "geometry": line,
            }
        )
        views.append(view[view["order"] < len(clusters)])
    table = pd.concat(views).sort_values(
        ["order", "would_join_m2", "other_id"], ascending=[True, False, True], kind="stable"
    )
    kinds = {
        column.name: schema.DTYPES[column.kind]
        for column in schema.SEPARATIONS.columns
        if column.kind != "geometry"
    }
    table = table.drop(columns="order").reset_index(drop=True).astype(kinds)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=members.crs)

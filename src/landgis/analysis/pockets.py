"""Find the small land that no cluster holds and a renewal would have to take along (三地).

Land that the renewal area surrounds (夹心地), cuts off between itself and a linear work or a
planning edge (边角地), or interlocks with (插花地), too small for planning conditions of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landgis.analysis._pocket_plots import (
    CUT_OFF,
    ENCLOSED,
    Plots,
    bare_ground,
    beyond,
    mostly_on,
    plots_in,
)
from landgis.analysis._pocket_rooms import POLYGONS, Edges, edges, mended, planned, rooms
from landgis.analysis.area import areas
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.arguments import is_finite, is_number, require_ids
from landgis.model.errors import UsageError
from landgis.model.units import DM2_PER_M2, convert, ratio, show, to_dm2

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Places = NDArray[np.int64]

THREE_MU_M2 = float(3 * ratio("mu", "m2"))  # 2000: each plot of 三地 in Guangdong's 三旧改造
# Closed-in ground larger than this many limits, or than its cluster, is a site of its own
LARGEST_TIMES = 3.0
# A way narrower than this gives no access: the least clear width of a fire lane (GB 55037, from
# memory and not verified: a default, not law)
PASSAGE_M = 4.0
NAMES_TOLD = 3
UNNAMED = "附近的线性工程或规划边界"  # where none is beside the ground itself


def pockets(
    parcels: GeoDataFrame,
    clusters: GeoDataFrame,
    *,
    barriers: GeoDataFrame | None = None,
    boundary: GeoDataFrame | None = None,
    limit_m2: float = THREE_MU_M2,
    touching_share: float = 0.5,
    passage_m: float = PASSAGE_M,
) -> GeoDataFrame:
    """Find the 边角地, 夹心地 and 插花地 of every cluster.

    Parameters
    ----------
    parcels : GeoDataFrame
        All parcels with ``cluster_id``, missing where a parcel is in no cluster: the ``members``
        that `landgis.cluster` gives. A projected system in metres.
    clusters : GeoDataFrame
        `schema.CLUSTERS` in the same system: outlines and ``area_m2``.
    barriers : GeoDataFrame or None, optional
        Linear works, `schema.BARRIERS`: lines with ``width_m`` or polygons. Parcels that lie
        mostly on them are no pockets.
    boundary : GeoDataFrame or None, optional
        Planning edges: lines, or polygons whose edges count.
    limit_m2 : float, optional
        A plot below this area is ``within_limit``, in m², above 0.
    touching_share : float, optional
        Part of its perimeter that an interlocking plot has against the cluster, above 0, at most 1.
    passage_m : float, optional
        Ground reached only through passages narrower than this many metres is cut off, above 0.

    Returns
    -------
    GeoDataFrame
        `schema.POCKETS`, in the order of the clusters; within each first the plots within the limit,
        the largest of either kind first.

    Raises
    ------
    UsageError
        ``bad_limit``, ``bad_share``, ``bad_passage``, ``not_a_table``.
    CrsError
        ``crs_missing``, ``crs_degrees``, ``crs_mismatch``, ``crs_no_transformation``.
    SchemaError
        ``column_missing`` where the parcels have no ``cluster_id`` or the clusters no ``area_m2``;
        ``geometry_missing``.
    DataError
        ``barrier_not_line_or_polygon``; ``id_blank`` where a pocket is a parcel without an id.

    Notes
    -----
    See docs/methods/pockets.md for the definitions, the tolerances and what is verified.

    Examples
    --------
    >>> import geopandas, shapely
    >>> west, south = 562000, 2428000
    >>> ring = shapely.box(west, south, west + 90, south + 90)
    >>> yard = shapely.box(west + 30, south + 30, west + 60, south + 60)
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"cluster_id": ["LP-1", None]},
    ...     geometry=[ring - yard, yard],
    ...     index=geopandas.pd.Index(["A", "B"], name="parcel_id"),
    ...     crs="EPSG:4545",
    ... )
    >>> clusters = geopandas.GeoDataFrame(
    ...     {"area_m2": [7199.32]}, geometry=[ring - yard], index=["LP-1"], crs="EPSG:4545"
    ... )
    >>> pockets(parcels, clusters)[["pocket_kind", "parcel_id", "area_m2", "along_m"]]
               pocket_kind parcel_id  area_m2  along_m
    pocket_id
    LP-1-B             夹心地         B   899.91    120.0
    """
    _check(limit_m2, touching_share, passage_m)
    systems.require_metric(parcels, what="地块")
    systems.require_same(clusters, parcels.crs, what="连片")
    schema.need(parcels, "cluster_id")
    schema.need(clusters, "area_m2", of=schema.CLUSTERS)
    works = edges(barriers, None, parcels)
    about = edges(barriers, boundary, parcels)
    outlines = mended(clusters.geometry.to_numpy())
    largest_m2 = np.minimum(LARGEST_TIMES * limit_m2, shapely.area(outlines))
    around = rooms(outlines, about, passage_m=passage_m, largest_m2=largest_m2)
    shapes = mended(parcels.geometry.to_numpy())
    there = np.isin(shapely.get_type_id(shapes), POLYGONS) & ~shapely.is_empty(shapes)
    member = parcels["cluster_id"].notna().to_numpy()
    other = np.flatnonzero(there & ~member)
    plots = plots_in(
        shapes[other],
        other,
        outlines,
        around,
        touching_share=touching_share,
        largest_m2=largest_m2,
    )
    taken = np.concatenate([shapes[there & member], works.shapes])
    plots = plots.only(~mostly_on(plots.shapes, taken))
    covered = np.concatenate([shapes[there], works.shapes])
    bare = bare_ground(around, outlines, covered, least_width_m=passage_m)
    found = Plots(*(np.concatenate(both) for both in zip(plots, bare, strict=True)))
    found = found.only(~beyond(found, outlines, planned(boundary, parcels)))
    return _table(found, parcels, clusters, about, limit_m2=limit_m2, passage_m=passage_m)


def _check(limit_m2: float, touching_share: float, passage_m: float) -> None:
    if not (is_finite(limit_m2) and limit_m2 > 0):
        raise UsageError(
            "bad_limit",
            f"limit_m2 must be a number of square metres above 0, got {limit_m2}",
            hint="三地单块面积上限（limit_m2）应为大于 0 的平方米数，3 亩为 2000。",
        )
    if not (is_number(touching_share) and 0 < touching_share <= 1):
        raise UsageError(
            "bad_share",
            f"touching_share must be above 0 and at most 1, got {touching_share}",
            hint="插花地的相邻周长占比（touching_share）应大于 0、不大于 1，例如 0.5。",
        )
    if not (is_finite(passage_m) and passage_m > 0):
        raise UsageError(
            "bad_passage",
            f"passage_m must be a number of metres above 0, got {passage_m}",
            hint="通道宽度（passage_m）应为大于 0 的米数，例如 4。",
        )


def _table(
    found: Plots,
    parcels: GeoDataFrame,
    clusters: GeoDataFrame,
    about: Edges,
    *,
    limit_m2: float,
    passage_m: float,
) -> GeoDataFrame:
    """Lay the plots out as `schema.POCKETS`, by cluster, those within the limit first, then by area."""
    dm2 = to_dm2(areas(found.shapes, parcels))
    parcel_id = np.full(len(dm2), None, dtype=object)
    row = found.row[found.row >= 0]
    require_ids(parcels.index[row], row, name="parcel_id", what="地块")
    parcel_id[found.row >= 0] = [str(name) for name in parcels.index[row]]
    names = pd.Series(parcel_id).fillna("").to_numpy(dtype=str)
    beyond = dm2 / DM2_PER_M2 >= limit_m2
    order = np.lexsort((names, -dm2, beyond, found.cluster))
    found, dm2, parcel_id = found.only(order), dm2[order], parcel_id[order]
    area_m2 = dm2 / DM2_PER_M2
    whole = clusters["area_m2"].to_numpy(dtype=np.float64)[found.cluster]
    table = gpd.GeoDataFrame(
        {
            "pocket_id": None,
            "cluster_id": [str(name) for name in clusters.index[found.cluster]],
            "pocket_kind": found.kind,
            "parcel_id": parcel_id,
            "area_m2": area_m2,
            "share": np.divide(area_m2, whole, out=np.full(len(whole), np.nan), where=whole > 0),
            "within_limit": area_m2 < limit_m2,
            "along_m": found.along_m,
            "because": _sentences(found, area_m2, about, limit_m2, passage_m),
        },
        geometry=found.shapes,
        crs=parcels.crs,
    )
    bare = table["parcel_id"].isna()
    number = bare.groupby(table["cluster_id"]).cumsum()
    table["pocket_id"] = [
        f"{own}-空{at}" if pd.isna(parcel) else f"{own}-{parcel}"
        for own, parcel, at in zip(table["cluster_id"], table["parcel_id"], number, strict=True)
    ]
    kinds = {
        column.name: schema.DTYPES[column.kind]
        for column in schema.POCKETS.columns
        if column.kind != "geometry"
    }
    return table.astype(kinds).set_index("pocket_id")


def _sentences(
    found: Plots, area_m2: NDArray[np.float64], about: Edges, limit_m2: float, passage_m: float
) -> list[str]:
    """Say of every plot why it is a pocket, with the figures."""
    limit = _mu(limit_m2).removesuffix(".00")
    between = _between(found, about, passage_m)
    perimeter = shapely.length(found.shapes)
    room_m2 = shapely.area(found.room)
    sentences = []
    for at, kind in enumerate(found.kind):
        along = show(found.along_m[at], 1)
        share = show(100 * found.along_m[at] / perimeter[at], 0)
        where = {
            ENCLOSED: "被连片用地围合或夹在其中",
            CUT_OFF: f"被连片用地与{between[at]}围合",
        }.get(kind, "与连片用地交错")
        size = f"面积{show(area_m2[at], 2)}平方米（{_mu(area_m2[at])}亩）"
        size += f"，不足{limit}亩" if area_m2[at] < limit_m2 else f"，不在{limit}亩以内"
        told = [where, size, f"周长{show(perimeter[at], 1)}米中{along}米（{share}%）与连片相邻"]
        if area_m2[at] < limit_m2 <= room_m2[at]:
            told.append(f"所在围合地段共{_mu(room_m2[at])}亩")
        if found.row[at] < 0:
            told.append("图上无地块，权属和现状待查")
        sentences.append("；".join(told) + "。")
    return sentences


def _mu(area_m2: float) -> str:
    return show(float(convert(area_m2, source="m2", target="mu")), 2)


def _between(found: Plots, about: Edges, passage_m: float) -> list[str]:
    """Name the works and planning edges beside the ground of every plot."""
    at, edge = shapely.STRtree(about.shapes).query(found.room, "dwithin", distance=passage_m)
    names: list[list[str]] = [[] for _ in found.room]
    for one, name in zip(at, about.names[edge], strict=True):
        if name not in names[one]:
            names[one].append(name)
    return [
        "、".join(sorted(told)[:NAMES_TOLD]) + ("等" if len(told) > NAMES_TOLD else "") or UNNAMED
        for told in names
    ]

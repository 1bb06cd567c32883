"""What does a cluster consist of? Its classes, plan, control lines, holders, shape and roads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis._composition import Land, by_item, control_lines, in_zones, zoned
from landgis.analysis._composition import land as land_of
from landgis.analysis._frontage import SURFACE, THINNEST_M, facing
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.arguments import is_finite, require_name, several
from landgis.model.errors import UsageError
from landgis.model.units import DM2_PER_M2, to_dm2

if TYPE_CHECKING:
    from collections.abc import Collection

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame, Series

    Numbers = NDArray[np.float64]
    Shapes = NDArray[np.object_]

# Practice, not law: verges and footways between a parcel and the carriageway; an argument.
FRONTAGE_M = 10.0
ROAD_CLASSES = ("公路", "快速路", "主干路", "次干路", "支路", "城镇村道路", "农村道路", "道路")
PLAN_LAYERS: dict[str, tuple[str, ...]] = {  # names that layers of a topic bear in practice
    "规划分区": (
        *("CZKFBJ", "CSKFBJ", "城镇开发边界"),
        *("GHFQ", "YDYHGHFQ", "ZXCQGHFQ", "规划分区"),
    ),
    "规划用途": ("GHYDYH", "ZXCQGHYDYH", "规划用地用海"),
}
NO_CLASS = "类别不明"


class Portrayed(NamedTuple):
    """What `portray` gives.

    Attributes
    ----------
    clusters : GeoDataFrame
        The clusters with every column of `schema.CLUSTERS` that ``portray`` makes.
    parts : DataFrame
        `schema.CLUSTER_PARTS`: area and members by class, readiness, planning zone, planned use
        and control line.
    """

    clusters: GeoDataFrame
    parts: DataFrame


def portray(
    clusters: GeoDataFrame,
    members: GeoDataFrame,
    *,
    pieces: DataFrame | None = None,
    account: DataFrame | None = None,
    conflicts: GeoDataFrame | None = None,
    barriers: GeoDataFrame | None = None,
    pockets: DataFrame | None = None,
    built: str = "built_share",
    frontage_m: float = FRONTAGE_M,
    road_classes: Collection[str] = ROAD_CLASSES,
    layers: Mapping[str, Collection[str]] = PLAN_LAYERS,
) -> Portrayed:
    """Say what every cluster consists of and how it lies.

    Parameters
    ----------
    clusters : GeoDataFrame
        Clusters as `cluster` gives them.
    members : GeoDataFrame
        Parcels with ``cluster_id`` as `cluster` gives them; read where present: ``land_class``,
        ``readiness``, ``holder`` and the column `built`.
    pieces : DataFrame or None, optional
        `schema.PIECES` of the members, as `overlay` gives them; nothing is overlaid here.
    account : DataFrame or None, optional
        `schema.ACCOUNT` of the same overlay. It tells which members were laid over which layer, so
        that ground outside a layer is known; without it a layer counts as laid over all members
        where any piece bears its name.
    conflicts : GeoDataFrame or None, optional
        `schema.CONFLICTS` of the members; None where no control line was looked at. An empty table
        says that nothing conflicts.
    barriers : GeoDataFrame or None, optional
        `schema.BARRIERS` with the roads among them, whether or not they part clusters.
    pockets : DataFrame or None, optional
        `schema.POCKETS`.
    built : str, optional
        Column of the share of a member that is built on, 0 to 1.
    frontage_m : float, optional
        How far in front of the outline a road may lie, in metres, above 0.
    road_classes : collection of str, optional
        Values of ``barrier_class`` that are roads.
    layers : mapping of str to collection of str, optional
        Names that layers of the topics 规划分区 and 规划用途 bear.

    Returns
    -------
    Portrayed
        `clusters`, with the columns made anew where they exist, and `parts`. What cannot be known
        from what was given is missing, never 0.

    Raises
    ------
    UsageError
        ``bad_frontage``, ``bad_layers``, ``not_a_table``, ``not_a_collection``, ``not_a_name``.
    SchemaError
        ``column_missing`` where a table lacks what is read of it; ``geometry_missing``.
    DataError
        ``members_of_other_clusters`` where clusters and members do not belong together.
    AccountError
        ``account_open`` where the members' areas do not sum to the clusters'.
    CrsError
        ``crs_missing``, ``crs_degrees``; ``crs_no_transformation`` for the barriers.

    Notes
    -----
    **Areas** are whole dm². Every member counts with its full statutory area, so that each figure
    is the sum of parcels that can be looked up: the classes of a cluster sum to ``area_m2 +
    overlap_m2``, and so do 净地, 毛地 and 待核; per layer, zones and the ground outside do so too, plus
    what zones of one layer claim twice. ``share`` is of that sum. Readiness that is not recorded is
    待核.

    **Control lines**: verdicts 禁止, 限制 and 需调整; ground of a member that several lines claim
    counts once in ``control_m2`` and once per layer and verdict in the parts.

    **集中建设区**: share of the members' ground in zones whose name or code holds that word, over the
    members laid over the layer (CZKFBJ, CSKFBJ). A layer that names none of the three sub-zones
    cannot answer.

    **Shape**: compactness is 4πA/P² of the outline in the plane, with every boundary in P (Polsby
    and Popper 1991), 1 for a circle. ``frontage_m`` is the length of the outer boundary from
    whose points a road lies straight ahead, at right angles to the edge and outward, within
    `frontage_m`; parcels in between do not hide it. It is missing where no barrier is a road.

    **Holders** are counted by their names as written; members whose holder is unknown are counted
    beside them and never as a holder. **Built share** is weighted by area over the members of which
    it is known. **Pockets** sum to ``pocket_m2`` where they are within the limit of a 三地.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from landgis.analysis.clusters import cluster
    >>> lots = [shapely.box(x, 0, x + 50, 40) for x in (0, 50)]
    >>> lots = geopandas.GeoSeries(lots, index=["A", "B"], crs="EPSG:4545")
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"readiness": ["净地", "待核"], "holder": ["甲公司", None]},
    ...     geometry=lots.translate(562000, 2428000), index=lots.index,
    ... )
    >>> members, clusters, _ = cluster(parcels, gap_m=10)
    >>> clusters, parts = portray(clusters, members)
    >>> clusters[["area_m2", "cleared_m2", "unjudged_m2", "holder_count"]].values.tolist()
    [[3999.62, 1999.81, 1999.81, 1]]
    >>> parts[["topic", "item", "share"]].values.tolist()
    [['净毛地', '净地', 0.5], ['净毛地', '待核', 0.5]]
    """
    if not (is_finite(frontage_m) and frontage_m > 0):
        raise UsageError(
            "bad_frontage",
            f"frontage_m must be a number of metres above 0, got {frontage_m}",
            hint="临路距离（frontage_m）应为大于 0 的米数。",
        )
    require_name(built, name="built", label="建筑占比字段", example='"built_share"')
    road_classes = several(
        road_classes, name="road_classes", label="道路类别", example='["公路", "主干路"]'
    )
    _check(clusters, members, layers)
    for table, of, needed in (
        (pieces, schema.PIECES, ("layer", "parcel_id", "zone_code", "zone_name", "area_m2")),
        (account, schema.ACCOUNT, ("layer", "parcel_id", "outside_dm2")),
        (conflicts, schema.CONFLICTS, ("layer", "parcel_id", "verdict", "area_m2")),
        (pockets, schema.POCKETS, ("cluster_id", "within_limit", "area_m2")),
    ):
        if table is not None:
            schema.need(table, *needed, of=of)
    land = land_of(clusters, members)
    taken = control_lines(land, conflicts, account)
    facts: dict[str, Numbers] = {
        **_readiness(land),
        "concentrated_share": in_zones(land, pieces, account),
        "control_m2": taken.total_m2,
        **_holders(land),
        "built_share": _built(land, built),
        "compactness": _compactness(clusters.geometry.to_numpy()),
        "frontage_m": _frontage(clusters, barriers, frontage_m, road_classes),
        **_pockets(clusters, pockets),
    }
    topics = [
        by_item(land, _labels(land, "land_class", NO_CLASS), "存量类别", schema.ALL_LAND_CLASSES),
        by_item(land, _labels(land, "readiness", "待核"), "净毛地", schema.READINESS),
        *(zoned(land, pieces, account, topic, names) for topic, names in layers.items()),
        taken.parts,
    ]
    return Portrayed(_with(clusters, facts), _parts(land, topics))


def _check(
    clusters: GeoDataFrame, members: GeoDataFrame, layers: Mapping[str, Collection[str]]
) -> None:
    systems.require_metric(clusters, what="连片")
    systems.require_same(members, clusters.crs, what="连片成员")
    schema.need(clusters, "area_m2", "overlap_m2", of=schema.CLUSTERS)
    if not isinstance(layers, Mapping):
        raise UsageError(
            "bad_layers",
            f"layers must map topics to names of layers, got {type(layers).__name__}",
            hint='图层名（layers）应写成 分项: 图层名，例如 {"规划分区": ["CZKFBJ"]}。',
        )


def _labels(land: Land, column: str, unknown: str) -> Series | None:
    """Give a column of the members, the unknown by its word; None where there is none."""
    if column not in land.facts.columns:
        return None
    return land.facts[column].astype("object").where(land.facts[column].notna(), unknown)


def _readiness(land: Land) -> dict[str, Numbers]:
    names = dict(zip(schema.READINESS, ("cleared_m2", "uncleared_m2", "unjudged_m2"), strict=True))
    labels = _labels(land, "readiness", "待核")
    if labels is None:
        return {column: np.full(land.size, np.nan) for column in names.values()}
    labels = labels.where(labels.isin(list(names)), "待核")
    return {
        column: land.sum(np.where(labels == name, land.dm2, 0)) / DM2_PER_M2
        for name, column in names.items()
    }


def _holders(land: Land) -> dict[str, Numbers]:
    """Count different names, and members without one; missing where no holder is known."""
    if "holder" not in land.facts.columns:
        nothing = np.full(land.size, np.nan)
        return {"holder_count": nothing, "holder_unknown": nothing}
    names = land.facts["holder"].astype("str").str.strip()
    known = (names.notna() & (names != "")).to_numpy(dtype=np.bool_)
    different = pd.DataFrame({"place": land.place[known], "name": names[known].to_numpy()})
    count = land.tally(different.drop_duplicates()["place"].to_numpy(dtype=np.intp))
    unknown = land.tally(land.place[~known])
    return {"holder_count": np.where(count > 0, count, np.nan), "holder_unknown": unknown}


def _built(land: Land, column: str) -> Numbers:
    if column not in land.facts.columns:
        return np.full(land.size, np.nan)
    share = pd.to_numeric(land.facts[column]).to_numpy(dtype=np.float64, na_value=np.nan)
    known = ~np.isnan(share)
    return land.ratio(np.where(known, share, 0.0) * land.dm2, np.where(known, land.dm2, 0))


def _compactness(outlines: Shapes) -> Numbers:
    around = shapely.length(outlines)
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Numbers = 4.0 * np.pi * shapely.area(outlines) / around**2
    return np.minimum(share, 1.0)


def _frontage(
    clusters: GeoDataFrame,
    barriers: GeoDataFrame | None,
    reach_m: float,
    classes: Collection[str],
) -> Numbers:
    """Measure along roads as wide as they are; missing where no road is known."""
    unknown = np.full(len(clusters), np.nan)
    if barriers is None:
        return unknown
    systems.require_crs(barriers, what="道路")
    if "barrier_class" not in barriers.columns:
        return unknown
    roads = barriers[barriers["barrier_class"].isin(list(classes)).to_numpy(dtype=np.bool_)]
    roads = systems.align(roads, clusters.crs, what="道路")
    shapes = roads.geometry.to_numpy()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not drawn.any():
        return unknown
    width = np.zeros(len(roads))
    if "width_m" in roads.columns:
        width = pd.to_numeric(roads["width_m"]).fillna(0.0).to_numpy(dtype=np.float64)
    shapes, half = shapes[drawn], np.maximum(width[drawn] / 2.0, THINNEST_M)
    lines = shapely.get_dimensions(shapes) < SURFACE
    surfaces = shapes.copy()
    surfaces[lines] = shapely.buffer(
        shapes[lines], half[lines], cap_style="flat", join_style="mitre"
    )
    broken = ~shapely.is_valid(surfaces)
    surfaces[broken] = shapely.make_valid(surfaces[broken], method="structure")
    return facing(clusters.geometry.to_numpy(), surfaces, reach_m=reach_m)


def _pockets(clusters: GeoDataFrame, pockets: DataFrame | None) -> dict[str, Numbers]:
    """Sum the plots that may be taken along, beside the area of the cluster."""
    if pockets is None:
        nothing = np.full(len(clusters), np.nan)
        return {"pocket_m2": nothing, "pocket_share": nothing}
    small = pockets["within_limit"].fillna(value=False).to_numpy(dtype=np.bool_)
    mine = pockets[small]
    dm2 = pd.Series(to_dm2(mine["area_m2"]), index=mine["cluster_id"].astype("str").to_numpy())
    summed = dm2.groupby(level=0).sum().reindex(clusters.index.astype("str"), fill_value=0)
    pocket_m2 = summed.to_numpy(dtype=np.float64) / DM2_PER_M2
    return {
        "pocket_m2": pocket_m2,
        "pocket_share": pocket_m2 / clusters["area_m2"].to_numpy(dtype=np.float64),
    }


def _with(clusters: GeoDataFrame, facts: dict[str, Numbers]) -> GeoDataFrame:
    """Add the facts in the order of the schema; unknown columns stay behind it."""
    kinds = {name: schema.DTYPES[schema.CLUSTERS.column(name).kind] for name in facts}
    told = clusters.assign(
        **{
            name: pd.Series(values, index=clusters.index).astype(kinds[name])
            for name, values in facts.items()
        }
    )
    declared = [column.name for column in schema.CLUSTERS.columns if column.name in told.columns]
    others = [name for name in told.columns if name not in declared]
    return told[[*declared, *others]]


def _parts(land: Land, topics: list[DataFrame]) -> DataFrame:
    """Lay the topics one below the other, cluster by cluster."""
    rows = pd.concat(topics, ignore_index=True)
    rows = rows.iloc[np.argsort(rows["place"].to_numpy(dtype=np.intp), kind="stable")]
    place = rows["place"].to_numpy(dtype=np.intp)
    dm2 = rows["dm2"].to_numpy(dtype=np.float64)
    table = rows.assign(
        cluster_id=land.names[place], area_m2=dm2 / DM2_PER_M2, share=dm2 / land.total[place]
    )
    kinds = {column.name: schema.DTYPES[column.kind] for column in schema.CLUSTER_PARTS.columns}
    return table[list(kinds)].astype(kinds).reset_index(drop=True)

"""Clusters of a project and all that is said of them: portrait, 三地, neighbours, score, units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landgis.analysis.barriers import barriers as barriers_that_count
from landgis.analysis.clusters import GAPS_M, cluster, in_the_way, suggest
from landgis.analysis.pockets import pockets
from landgis.analysis.portrait import portray
from landgis.analysis.priority import prioritise
from landgis.analysis.renewal_units import divide
from landgis.analysis.separations import separations
from landgis.model import schema

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.analysis.overlay import Overlaid
    from landgis.policy import Policy
    from landgis.project import ClusterOptions, Project

DEVELOPMENT_BOUNDARIES = ("CZKFBJ", "CSKFBJ", "城镇开发边界")  # the planning edge of 边角地


class Renewed(NamedTuple):
    """What is known of the clusters of a project.

    Attributes
    ----------
    parcels : GeoDataFrame
        All parcels with ``cluster_id`` and, where clusters are divided, ``renewal_unit``.
    clusters : GeoDataFrame
        `schema.CLUSTERS`, every column.
    edges : DataFrame
        `schema.EDGES`.
    cluster_parts : DataFrame
        `schema.CLUSTER_PARTS`.
    pockets : GeoDataFrame
        `schema.POCKETS`.
    separations : GeoDataFrame
        `schema.SEPARATIONS`.
    priorities : DataFrame
        `schema.PRIORITIES`.
    renewal_units : GeoDataFrame
        `schema.RENEWAL_UNITS`, empty where the project does not divide.
    gap_choices : DataFrame
        `schema.GAP_CHOICES`.
    """

    parcels: GeoDataFrame
    clusters: GeoDataFrame
    edges: DataFrame
    cluster_parts: DataFrame
    pockets: GeoDataFrame
    separations: GeoDataFrame
    priorities: DataFrame
    renewal_units: GeoDataFrame
    gap_choices: DataFrame


def renew(
    parcels: GeoDataFrame,
    *,
    project: Project,
    policy: Policy,
    barriers: GeoDataFrame | None,
    zones: dict[str, GeoDataFrame],
    overlaid: Overlaid,
    conflicts: GeoDataFrame | None,
) -> Renewed:
    """Find the clusters of a project and say all there is to say of them.

    Parameters
    ----------
    parcels : GeoDataFrame
        All parcels, those around the stock too, classified and measured.
    project : Project
        Its ``[clusters]`` says what counts as lying together.
    policy : Policy
        Weights of the score.
    barriers : GeoDataFrame or None
        Roads, railways and rivers.
    zones : dict of str to GeoDataFrame
        Layers of the plan by name; clusters may be kept within one.
    overlaid : Overlaid
        Pieces and account of the parcels on those layers.
    conflicts : GeoDataFrame or None
        Conflicts of the parcels with control lines; None where no control line was looked at.

    Returns
    -------
    Renewed
        Every table, empty where there is nothing to tell.

    Raises
    ------
    LandgisError
        Whatever a step raises.
    """
    asked = project.clusters
    if barriers is not None and asked.barriers_by_policy:
        barriers = barriers_that_count(barriers, rules=policy.barrier_rules)
    options = _options(project, parcels, barriers, zones)
    done = cluster(parcels, gap_m=asked.gap_m, look_m=max(asked.gap_m, asked.look_m), **options)
    standing = in_the_way(parcels, barriers=barriers, barrier_rows=asked.barrier_rows)
    edge_of_plan = [layer for name, layer in zones.items() if name in DEVELOPMENT_BOUNDARIES]
    plots = pockets(
        done.members,
        done.clusters,
        barriers=standing,
        boundary=edge_of_plan[0] if edge_of_plan else None,
    )
    built = [source.name for source in project.evidence if source.built]
    clusters, parts = portray(
        done.clusters,
        done.members,
        pieces=overlaid.pieces if zones else None,
        account=overlaid.account if zones else None,
        conflicts=conflicts,
        barriers=standing,
        pockets=plots,
        built=f"{built[0]}_share" if built else "built_share",
    )
    clusters, priorities = prioritise(clusters, policy=policy)
    members, units = done.members, schema.empty(schema.RENEWAL_UNITS, crs=parcels.crs)
    if asked.unit_area_m2 is not None:
        members, units = divide(members, clusters, done.edges, size_m2=asked.unit_area_m2)
    return Renewed(
        parcels=members,
        clusters=clusters,
        edges=done.edges,
        cluster_parts=parts,
        pockets=plots,
        separations=separations(
            members, clusters, done.edges, gap_m=asked.gap_m, joins=asked.joins
        ),
        priorities=priorities,
        renewal_units=units,
        gap_choices=suggest(parcels, gaps_m={*GAPS_M, asked.gap_m}, **options),
    )


def _options(
    project: Project,
    parcels: GeoDataFrame,
    barriers: GeoDataFrame | None,
    zones: dict[str, GeoDataFrame],
) -> dict[str, Any]:
    """Give the arguments of `cluster` that a project speaks of."""
    asked: ClusterOptions = project.clusters
    return {
        "barriers": barriers,
        "barrier_rows": asked.barrier_rows,
        "land_class": _candidate_class(asked, parcels),
        "seeds": asked.seeds or None,
        "within": None if asked.within is None else zones.get(asked.within, asked.within),
        "joins": asked.joins,
        "min_shared_m": asked.min_shared_m,
        "sliver_m": asked.sliver_m,
        "min_area_m2": asked.min_area_m2,
        "min_count": asked.min_count,
        "single_area_m2": asked.single_area_m2,
    }


def _candidate_class(asked: ClusterOptions, parcels: GeoDataFrame) -> str | None:
    """Give the class that clusters, or None where parcels carry no class at all."""
    wanted = asked.land_class or None
    has_class = "land_class" in parcels.columns and parcels["land_class"].notna().any()
    return wanted if has_class else None

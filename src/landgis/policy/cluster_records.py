"""What a policy says of clusters: what makes one urgent, and what parts one from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landgis.model.schema import CLUSTERS

if TYPE_CHECKING:
    from fractions import Fraction

    from landgis.model.schema import Column
    from landgis.policy.tree import Node

# what a criterion may read: the score itself is none of them
CLUSTER_COLUMNS: dict[str, Column] = {
    column.name: column
    for column in CLUSTERS.columns
    if column.kind != "geometry" and column.made_by != "prioritise"
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One part of the priority score of a cluster.

    Attributes
    ----------
    id, title : str
        Short stable name; what it is called.
    text : str
        The quantity as written, over columns of `schema.CLUSTERS`.
    node : Node
        The quantity as read.
    zero, full : Fraction
        Values that earn 0 and 100 points; between them points grow evenly, either way.
    weight : Fraction
        Weight beside the other criteria, 0 or more.
    basis : str
        Document and clause, or the note that it is an unverified default.
    unit : str
        Unit of the quantity; ``%`` for a share of one.
    because : str
        Why it counts, and why in this direction.
    only_if_text : str
        The condition under which the quantity may be believed, as written; empty for always.
    only_if : Node or None
        That condition as read.
    """

    id: str
    title: str
    text: str
    node: Node
    zero: Fraction
    full: Fraction
    weight: Fraction
    basis: str
    unit: str = ""
    because: str = ""
    only_if_text: str = ""
    only_if: Node | None = None


@dataclass(frozen=True, slots=True)
class BarrierRule:
    """Whether features of some classes part clusters, and from which width.

    Attributes
    ----------
    id : str
        What planners call the class; the class of the barriers it makes.
    names : tuple of str
        Names of the class in the data.
    survey_codes : tuple of str
        Codes of the land survey (DLBM); longer codes that begin so belong to them.
    planning_codes : tuple of str
        Codes of the planning classification (YDYHFLDM), in which the same digits mean otherwise.
    counts : bool
        Whether such a feature is a barrier.
    road : bool
        Whether land beside it is served by it.
    min_width_m : Fraction
        Narrower ones are no barriers, in metres.
    width_m : Fraction
        Width in metres of a line whose width is not recorded.
    basis : str
        Document and clause, or the note that it is an unverified default.
    """

    id: str
    names: tuple[str, ...]
    survey_codes: tuple[str, ...]
    planning_codes: tuple[str, ...]
    counts: bool
    road: bool
    min_width_m: Fraction
    width_m: Fraction
    basis: str

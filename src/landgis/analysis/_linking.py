"""Who belongs together, and nothing else: the part of clusters.py that grows parts pair by pair.

Two parcels that belong together already need not be measured, and most pairs are such: parts are
kept as trees of places (union and find, Tarjan 1975) while the pairs are gone through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

import numpy as np

from landgis.analysis._adjacency import (
    adjacency,
    least_contact,
    longest_segments,
    pairs_near,
    reach_of,
    reachable,
)
from landgis.analysis._boxes import grid_about, is_met
from landgis.analysis._candidates import Kind
from landgis.analysis._contact import CONTACT_M, between_ends, relate_pair, room_for
from landgis.analysis._ground_kernel import compiled
from landgis.analysis._segments import edges_near_into
from landgis.analysis._visibility import draw_window, plainly_cut, reaches

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from landgis.analysis._adjacency import Adjacency
    from landgis.analysis._boxes import Grid
    from landgis.analysis._candidates import Rules
    from landgis.analysis._contact import Rings, Room
    from landgis.analysis._walls import Walls

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]
    Shapes = NDArray[np.object_]
    Truths = NDArray[np.bool_]


class Limits(NamedTuple):
    """What joins, as numbers."""

    gap_m: float
    reach_m: float
    closest_m: float
    least_contact_m: float
    shared: bool
    sliver: bool
    corner: bool
    near: bool
    any_kind: bool


def link(
    polygons: Shapes,
    shapes: Rings,
    parcels: GeoDataFrame,
    rules: Rules,
    *,
    place: Places | None,
    obstacles: Walls | None,
) -> Places:
    """Give the first of its part for every candidate.

    `place` says where each may belong, if anything does; `obstacles` stand in the way.
    """
    pairs = pairs_near(shapes, rules)
    if place is not None:
        pairs = pairs[place[pairs[:, 0]] == place[pairs[:, 1]]]
    parent = np.arange(len(polygons), dtype=np.int64)
    doubtful = np.zeros(len(pairs), dtype=np.bool_)
    in_the_way = np.zeros((0, 4)) if obstacles is None else obstacles.outer.boxes
    cells = grid_about(in_the_way, shapes.boxes, reach_of(rules))
    _grow(shapes, pairs, _limits(rules), parent, doubtful, in_the_way, cells)
    roots(parent)
    left = pairs[doubtful]
    left = left[parent[left[:, 0]] != parent[left[:, 1]]]
    if obstacles is not None:
        left = left[~plainly_cut(shapes, left, obstacles, limit=reach_of(rules))]
    measured = adjacency(polygons, shapes, parcels, left, rules)
    joins = np.isin(measured.kind, rules.joins)
    joins &= reachable(measured, gap_m=rules.gap_m, sliver_m=rules.sliver_m)
    _join_measured(measured, np.flatnonzero(joins), shapes, rules, parent, obstacles)
    return parent


def _limits(rules: Rules) -> Limits:
    return Limits(
        gap_m=float(rules.gap_m),
        reach_m=float(reach_of(rules)),
        closest_m=max(rules.sliver_m, CONTACT_M),
        least_contact_m=least_contact(rules),
        shared="shared" in rules.joins,
        sliver="sliver" in rules.joins,
        corner="corner" in rules.joins,
        near="near" in rules.joins,
        any_kind=set(rules.joins) == set(get_args(Kind)),
    )


def _join_measured(
    measured: Adjacency,
    joins: Places,
    shapes: Rings,
    rules: Rules,
    parent: Places,
    obstacles: Walls | None,
) -> None:
    """Join measured pairs; where there are obstacles the nearest pair of two parts is tried first."""
    both = np.column_stack([measured.a, measured.b])[joins]
    if obstacles is None:
        unite(both, parent)
        return
    longest = longest_segments(measured.kind[joins], gap_m=rules.gap_m, sliver_m=rules.sliver_m)
    limit = max(rules.gap_m, rules.sliver_m)
    nearest_first = _nearest_of_parts(both, measured.gap_m[joins], parent)
    for some in (np.sort(nearest_first), np.setdiff1d(np.arange(len(both)), nearest_first)):
        tried = some[parent[both[some, 0]] != parent[both[some, 1]]]
        nearest = measured.nearest[joins[tried]]
        reach_m, _ = reaches(
            shapes, both[tried], nearest, obstacles, limit=limit, enough=rules.gap_m
        )
        unite(both[tried[reach_m <= longest[tried]]], parent)


def _nearest_of_parts(both: Places, gap_m: Floats, parent: Places) -> Places:
    """Choose of all pairs between the same two parts the one with the smallest gap."""
    ends = np.sort(parent[both], axis=1)
    order = np.lexsort((gap_m, ends[:, 1], ends[:, 0]))
    ends = ends[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (np.diff(ends, axis=0) != 0).any(axis=1)
    return order[first]


@compiled
def root(parent: Places, i: int) -> int:
    """Find the first of a part, and shorten the way to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def roots(parent: Places) -> None:
    """Let every place name the first of its part."""
    for i in range(len(parent)):
        parent[i] = root(parent, i)


@compiled
def unite(pairs: Places, parent: Places) -> None:
    """Make the parts of pairs one."""
    for k in range(len(pairs)):
        one, other = root(parent, pairs[k, 0]), root(parent, pairs[k, 1])
        parent[max(one, other)] = min(one, other)
    roots(parent)


@compiled
def _grow(
    parcels: Rings,
    pairs: Places,
    limits: Limits,
    parent: Places,
    doubtful: Truths,
    in_the_way: Floats,
    cells: Grid,
) -> None:
    """Join the pairs that plainly belong together; pairs that overlap are left in doubt.

    So are pairs with something in the way, in the box that holds every segment between them.
    """
    room = room_for(parcels, pairs)
    nearest, window = np.empty(4), np.empty(4)
    for k in range(len(pairs)):
        a, b = pairs[k, 0], pairs[k, 1]
        one, other = root(parent, a), root(parent, b)
        if one == other:
            continue
        if len(in_the_way) > 0:
            draw_window(parcels.boxes[a], parcels.boxes[b], limits.reach_m, window)
            if is_met(window, in_the_way, cells):
                doubtful[k] = True
                continue
        joins = limits.any_kind and _ends_meet(parcels, a, b, limits, room)
        if not joins:
            gap, contact, along, deep = relate_pair(
                parcels, a, b, limits.reach_m, limits.closest_m, room, nearest
            )
            if deep and not limits.any_kind:
                doubtful[k] = True
            joins = not doubtful[k] and _joins(gap, contact, along, limits)
        if joins:
            parent[max(one, other)] = min(one, other)


@compiled
def _ends_meet(parcels: Rings, a: int, b: int, limits: Limits, room: Room) -> bool:
    """Whether two ends of edges are near enough, which is seen sooner than how near the edges are."""
    whole_a = parcels.edges[parcels.start[a] : parcels.start[a + 1]]
    whole_b = parcels.edges[parcels.start[b] : parcels.start[b + 1]]
    near_a = edges_near_into(whole_a, parcels.boxes[b], limits.reach_m, room.first)
    near_b = edges_near_into(whole_b, parcels.boxes[a], limits.reach_m, room.second)
    return between_ends(near_a, near_b) <= limits.gap_m


@compiled
def _joins(gap: float, contact: float, along: float, limits: Limits) -> bool:
    """Whether a pair that does not overlap is of a kind that joins, and near enough."""
    if contact >= limits.least_contact_m:
        return limits.shared
    if along >= limits.least_contact_m:
        return limits.sliver
    if gap <= limits.closest_m:
        return limits.corner
    return limits.near and gap <= limits.gap_m

"""Low-efficiency land, planted on purpose: what lies together, what a barrier parts, what is far.

Nothing here asks the cluster analysis: groups are chosen lot by lot, every lot within sight of a
group is then closed to others, and the lists are kept as they were planted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geopandas import GeoDataFrame

GAP_M = 20.0  # the gap that the planted truth speaks of
JOINED_M = 17.0  # members of a group are never farther apart from one another
PARTED_M = 21.0  # groups planted as too far apart are at least so far
SIGHT_M = 32.0  # beyond this a lot does not matter to a group
CORNER_PAIR_M2 = 9_000.0  # below any least cluster size in use, so that a corner decides nothing
SHARED_M = 5.0  # neighbours who share less are not planted side by side


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lots in sight of one another."""

    distance: float
    shared: float
    barrier: str  # class of the barrier that the shortest way between them crosses, or ""
    corner: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """All lots, who is in whose sight, and the barriers with their width as one surface."""

    shapes: Any
    pairs: dict[int, dict[int, Pair]]
    walls: Any


@dataclass(slots=True)
class Field:
    """The lots that may become low-efficiency land, and what has been planted among them."""

    scene: Scene
    free: set[int]
    groups: list[dict[str, Any]] = field(default_factory=list)

    def close(self, members: Iterable[int]) -> None:
        """Take a group's lots, and every lot in their sight, out of the field."""
        for member in members:
            self.free.discard(member)
            self.free.difference_update(self.scene.pairs.get(member, {}))

    def plant(self, kind: str, parts: list[list[int]], **facts: Any) -> list[int]:
        """Write down what was planted and close the field around it."""
        members = [member for part in parts for member in part]
        self.groups.append({"kind": kind, "parts": parts, **facts})
        self.close(members)
        return members


def look_around(lots: GeoDataFrame, barriers: GeoDataFrame) -> Scene:
    """List, for every lot, the lots in its sight: how far, behind which barrier."""
    shapes = lots.geometry.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SIGHT_M)
    a, b = a[a < b], b[a < b]
    way = shapely.shortest_line(shapes[a], shapes[b])
    distance = shapely.length(way)
    touching = np.flatnonzero(distance == 0)
    shared = np.zeros(len(a))
    shared[touching] = shapely.length(
        shapely.intersection(shapes[a[touching]], shapes[b[touching]])
    )
    crossed = np.full(len(a), "", dtype=object)
    on, barrier = shapely.STRtree(barriers.geometry.to_numpy()).query(way, predicate="intersects")
    kinds = barriers["barrier_class"].to_numpy()
    for pair, kind in zip(on, kinds[barrier], strict=True):
        if distance[pair] > 0:
            crossed[pair] = kind
    pairs: dict[int, dict[int, Pair]] = {}
    for i, j, far, common, kind in zip(a, b, distance, shared, crossed, strict=True):
        pair = Pair(float(far), float(common), str(kind), bool(far == 0 and common == 0))
        pairs.setdefault(int(i), {})[int(j)] = pair
        pairs.setdefault(int(j), {})[int(i)] = pair
    return Scene(shapes, pairs, _walls(barriers))


def joins(pair: Pair) -> bool:
    """Tell whether two lots surely lie together: a long common boundary or a narrow lane."""
    if pair.corner or pair.barrier:
        return False
    return pair.shared > SHARED_M if pair.distance == 0 else 0.5 < pair.distance < JOINED_M


def grow_group(
    field_: Field, seed: int, size: int, rng: np.random.Generator, *, away: Iterable[int] = ()
) -> list[int]:
    """Take lots one by one that lie together with those already taken.

    `away` are lots of another group: lots that would lie together with them are left out.
    """
    others = set(away)
    group = [seed]
    while len(group) < size:
        edge = sorted(
            {
                near
                for member in group
                for near, pair in field_.scene.pairs.get(member, {}).items()
                if near in field_.free and near not in group and joins(pair)
            }
            - others
        )
        edge = [lot for lot in edge if _apart(field_, lot, others)]
        if not edge:
            break
        group.append(int(rng.choice(edge)))
    return group


def _apart(field_: Field, lot: int, others: set[int]) -> bool:
    near = field_.scene.pairs.get(lot, {})
    return all(
        near[o].distance > PARTED_M or (near[o].barrier and _walled(field_, lot, o))
        for o in others
        if o in near
    )


def _walled(field_: Field, a: int, b: int) -> bool:
    """Tell whether no way of at most the gap leads from one lot to the other past the barriers."""
    one, other = field_.scene.shapes[a], field_.scene.shapes[b]
    # every such way stays within the gap of both lots
    ground = shapely.intersection(one.buffer(PARTED_M), other.buffer(PARTED_M))
    rest = shapely.get_parts(shapely.difference(ground, field_.scene.walls))
    return not any(part.intersects(one) and part.intersects(other) for part in rest)


def _walls(barriers: GeoDataFrame) -> Any:
    """Give all barriers as one surface: lines by half their width, waters as they are."""
    shapes = barriers.geometry.to_numpy()
    is_line = shapely.get_dimensions(shapes) == 1
    width = np.where(is_line, barriers["width_m"].to_numpy() / 2, 0.0)
    walls = shapely.union_all(shapely.buffer(shapes, width, cap_style="flat"))
    shapely.prepare(walls)
    return walls


def parted_by_barrier(
    field_: Field, size: int, rng: np.random.Generator, *, kind: str
) -> tuple[list[int], list[int], str] | None:
    """Find two groups that only a railway, canal or road of that class keeps apart."""
    found = [
        (a, b, pair)
        for a in sorted(field_.free)
        for b, pair in sorted(field_.scene.pairs.get(a, {}).items())
        if a < b and b in field_.free and pair.barrier == kind and 1.0 < pair.distance < GAP_M - 1
    ]
    return _two_groups(field_, found, size, rng)


def parted_by_distance(
    field_: Field, size: int, rng: np.random.Generator
) -> tuple[list[int], list[int], str] | None:
    """Find two groups a little more than the gap apart, with no barrier where that can be had."""
    found = [
        (a, b, pair)
        for a in sorted(field_.free)
        for b, pair in sorted(field_.scene.pairs.get(a, {}).items())
        if a < b and b in field_.free and PARTED_M < pair.distance < SIGHT_M - 3
    ]
    open_ground = [item for item in found if not item[2].barrier]
    return _two_groups(field_, open_ground or found, size, rng)


def _two_groups(
    field_: Field, found: list[tuple[int, int, Pair]], size: int, rng: np.random.Generator
) -> tuple[list[int], list[int], str] | None:
    for index in rng.permutation(len(found)):
        a, b, pair = found[index]
        if pair.barrier and not _walled(field_, a, b):
            continue
        first = grow_group(field_, a, size, rng, away=[b])
        if not _apart(field_, b, set(first)):
            continue
        second = grow_group(field_, b, size, rng, away=first)
        if all(_apart(field_, lot, set(first)) for lot in second):
            return first, second, pair.barrier
    return None


def corner_pair(field_: Field, area_m2: Any, rng: np.random.Generator) -> tuple[int, int] | None:
    """Find two small lots that touch in one point only and share no third low-efficiency lot."""
    found = [
        (a, b)
        for a in sorted(field_.free)
        for b, pair in sorted(field_.scene.pairs.get(a, {}).items())
        if a < b and b in field_.free and pair.corner
        if area_m2[a] + area_m2[b] < CORNER_PAIR_M2
    ]
    return found[int(rng.integers(len(found)))] if found else None

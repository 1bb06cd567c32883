"""Cut a connected graph into connected parts of like weight where it is bound least.

The part of renewal_units.py that knows nodes, bonds and weights alone. All of it is whole numbers
and the order of the nodes, so that the same graph gives the same parts on every machine.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Truths = NDArray[np.bool_]
    Pair = tuple[int, int]

TRIALS = 4  # regions grown for a cut, each from where the last one ended
ROUNDS = 4  # in which neighbours are cut anew; Saiki and grids settle in two or three
SWEEPS = 20  # over all members; moves end by themselves, since each lessens misfit or cut

Compiled = TypeVar("Compiled", bound="Callable[..., Any]")


def compiled(function: Compiled) -> Compiled:
    """Compile on first use and keep the machine code on disk."""
    return cast("Compiled", numba.njit(cache=True, nogil=True)(function))


class Graph(NamedTuple):
    """Nodes with weights; node i is bound to ``to[start[i]:start[i + 1]]``, each bond both ways."""

    start: Ints
    to: Ints
    bond: Ints
    weight: Ints


class Range(NamedTuple):
    """The least and the largest weight that a part should have."""

    low: int
    high: int


def graph(weight: Ints, a: Ints, b: Ints, bond: Ints) -> Graph:
    """Bind nodes by pairs a, b, each pair once and no node to itself."""
    ends, other, strength = np.r_[a, b], np.r_[b, a], np.r_[bond, bond]
    order = np.lexsort((other, ends))
    start = np.zeros(len(weight) + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=len(weight)), out=start[1:])
    return Graph(start, other[order], strength[order], weight)


def partition(whole: Graph, bounds: Range) -> Ints:
    """Give the number of the part of every node of a connected graph, in the order of their first nodes."""
    part = _numbered(_cut_down(whole, bounds), len(whole.weight))
    part = _merged(whole, part, bounds)
    stale = np.ones(part.max() + 1, dtype=np.bool_)
    for _ in range(ROUNDS):
        before = part.copy()
        stale = _recut(whole, part, bounds, stale)
        _smoothed(*whole, part, *bounds, SWEEPS)
        stale[before[before != part]] = stale[part[before != part]] = True
        if not stale.any():
            break
    return _first_seen(_merged(whole, part, bounds))


def _cut_down(whole: Graph, bounds: Range) -> list[Ints]:
    """Halve what is too large until every part fits or is better left as it is.

    Aims within half the bounds, where they can be met, leave room for the cuts that follow.
    """
    middle = (bounds.low + bounds.high) // 2
    even = Range((bounds.low + middle) // 2, (bounds.high + middle) // 2)
    done, open_parts = [], [np.arange(len(whole.weight))]
    place = np.full(len(whole.weight), -1)
    while open_parts:
        nodes = open_parts.pop()
        total = int(whole.weight[nodes].sum())
        if total > bounds.high and len(nodes) > 1:
            inner = _within(*whole, nodes, place)
            side, misfit, _ = _halved(*inner, *even, False, TRIALS)  # noqa: FBT003
            if misfit:
                side, misfit, _ = _halved(*inner, *bounds, False, TRIALS)  # noqa: FBT003
            if misfit < total - bounds.high:
                open_parts += [nodes[side], nodes[~side]]
                continue
        done.append(nodes)
    return done


def _numbered(parts: list[Ints], count: int) -> Ints:
    part = np.empty(count, dtype=np.int64)
    for number, nodes in enumerate(parts):
        part[nodes] = number
    return part


def _first_seen(part: Ints) -> Ints:
    """Give parts new numbers in the order of their first nodes."""
    _, first, inverse = np.unique(part, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _between(whole: Graph, part: Ints) -> tuple[Ints, Ints, Ints]:
    """Pairs of parts that touch, the lower number first, and how strongly they are bound."""
    ends = np.repeat(part, np.diff(whole.start))
    other, count = part[whole.to], int(part.max()) + 1
    once = ends < other
    keys, inverse = np.unique(ends[once] * count + other[once], return_inverse=True)
    bond = np.zeros(len(keys), dtype=np.int64)
    np.add.at(bond, inverse, whole.bond[once])
    return keys // count, keys % count, bond


def _merged(whole: Graph, part: Ints, bounds: Range) -> Ints:
    """Give parts that are too small to the neighbour that suits them, the smallest first."""
    weight = np.zeros(part.max() + 1, dtype=np.int64)
    np.add.at(weight, part, whole.weight)
    beside: list[dict[int, int]] = [{} for _ in weight]
    for a, b, bond in zip(*(column.tolist() for column in _between(whole, part)), strict=True):
        beside[a][b] = beside[b][a] = bond
    size, into = weight.tolist(), list(range(len(weight)))
    queue = [(size[i], i) for i in into if size[i] < bounds.low]
    heapify(queue)
    while queue:
        own, i = heappop(queue)
        if into[i] != i or own != size[i]:
            continue
        choices = [
            (_misfit(own + size[j], *bounds, True) - _misfit(size[j], *bounds, True), -bond, j)  # noqa: FBT003
            for j, bond in beside[i].items()
        ]
        change, _, j = min(choices, default=(0, 0, 0))
        if change >= bounds.low - own:
            continue
        kept, gone = (i, j) if len(beside[i]) > len(beside[j]) else (j, i)
        into[gone] = kept
        size[kept] += size[gone]
        for k, bond in beside[gone].items():
            del beside[k][gone]
            if k != kept:
                beside[k][kept] = beside[kept][k] = beside[kept].get(k, 0) + bond
        if size[kept] < bounds.low:
            heappush(queue, (size[kept], kept))
    for i in range(len(into)):
        root = i
        while into[root] != root:
            root = into[root]
        into[i] = root
    return _first_seen(np.array(into)[part])


def _recut(whole: Graph, part: Ints, bounds: Range, stale: Truths) -> Truths:
    """Cut neighbours anew as one where that lessens misfit or cut; say which parts changed."""
    changed = np.zeros(len(stale), dtype=np.bool_)
    place = np.full(len(part), -1)
    order = np.argsort(part, kind="stable")
    nodes = np.split(order, np.cumsum(np.bincount(part))[:-1])
    for a, b, _ in zip(*_between(whole, part), strict=True):
        if not (stale[a] or stale[b] or changed[a] or changed[b]):
            continue
        both = np.sort(np.r_[nodes[a], nodes[b]])
        inner = _within(*whole, both, place)
        now = _standing(*inner, part[both] == a, *bounds)
        if now[1] == 0:
            continue  # an earlier cut has moved them apart
        side, misfit, cut = _halved(*inner, *bounds, True, TRIALS // 2)  # noqa: FBT003
        if (misfit, cut) < now:
            nodes[a], nodes[b] = both[side], both[~side]
            part[nodes[a]], part[nodes[b]] = a, b
            changed[a] = changed[b] = True
    return changed


@compiled
def _misfit(weight: int, low: int, high: int, single: bool) -> int:  # noqa: FBT001
    """Weight that is missing or too much: of one part, or of the best number of parts."""
    if weight < low:
        return low - weight
    if weight <= high:
        return 0
    if single:
        return weight - high
    many = (weight + high - 1) // high
    return max(0, min(many * low - weight, weight - (many - 1) * high))


@compiled
def _within(
    start: Ints, to: Ints, bond: Ints, weight: Ints, nodes: Ints, place: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Take the graph of some nodes alone; `place` is -1 everywhere, before and after."""
    place[nodes] = np.arange(len(nodes))
    inner = np.zeros(len(nodes) + 1, dtype=np.int64)
    size = 0
    for node in nodes:
        size += start[node + 1] - start[node]
    ends, bonds = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    filled = 0
    for i in range(len(nodes)):
        for e in range(start[nodes[i]], start[nodes[i] + 1]):
            if place[to[e]] >= 0:
                ends[filled], bonds[filled] = place[to[e]], bond[e]
                filled += 1
        inner[i + 1] = filled
    place[nodes] = -1
    return inner, ends[:filled], bonds[:filled], weight[nodes]


@compiled
def _standing(
    start: Ints, to: Ints, bond: Ints, weight: Ints, side: Truths, low: int, high: int
) -> tuple[int, int]:
    """Misfit and cut of two sides as they are."""
    own, cut = 0, 0
    for v in range(len(weight)):
        if side[v]:
            own += weight[v]
            for e in range(start[v], start[v + 1]):
                if not side[to[e]]:
                    cut += bond[e]
    other = weight.sum() - own
    return _misfit(own, low, high, True) + _misfit(other, low, high, True), cut  # noqa: FBT003


@compiled
def _grown(start: Ints, to: Ints, bond: Ints, seed: int) -> Ints:
    """Order of the nodes in a region that grows by whoever is bound to it most and least beyond."""
    count = len(start) - 1
    order = np.empty(count, dtype=np.int64)
    steps = np.full(count, -1, dtype=np.int64)
    gain = np.zeros(count, dtype=np.int64)
    for v in range(count):
        for e in range(start[v], start[v + 1]):
            gain[v] -= bond[e]
    taken = np.zeros(count, dtype=np.bool_)
    steps[seed] = 0
    heap = [(np.int64(0), np.int64(0), np.int64(seed))]
    filled = 0
    while len(heap) > 0:
        v = int(heappop(heap)[2])
        if taken[v]:
            continue
        taken[v] = True
        order[filled] = v
        filled += 1
        for e in range(start[v], start[v + 1]):
            u = to[e]
            if not taken[u]:
                if steps[u] < 0:
                    steps[u] = steps[v] + 1
                gain[u] += 2 * bond[e]
                heappush(heap, (-gain[u], steps[u], u))
    return order[:filled]


@compiled
def _root(boss: Ints, v: int) -> int:
    while boss[v] != v:
        boss[v] = boss[boss[v]]
        v = boss[v]
    return v


@compiled
def _rests(
    start: Ints, to: Ints, bond: Ints, weight: Ints, order: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """For every beginning of the order: the largest connected part of the rest.

    Its weight, its bonds to all others, one of its nodes; and the place of every node in the order.
    What else is left belongs to the beginning, which it touches, so both sides are connected.
    """
    count = len(order)
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    boss, heavy = np.arange(count), weight.copy()
    bound = np.zeros(count, dtype=np.int64)
    rest, cut, tip = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    largest = order[count - 1]
    for i in range(count - 1, 0, -1):
        v = order[i]
        for e in range(start[v], start[v + 1]):
            bound[v] += bond[e]
        for e in range(start[v], start[v + 1]):
            if place[to[e]] > i:
                a, b = _root(boss, to[e]), _root(boss, v)
                if a != b:
                    boss[b] = a
                    heavy[a] += heavy[b]
                    bound[a] += bound[b]
                bound[a] -= 2 * bond[e]
        if heavy[_root(boss, v)] > heavy[_root(boss, largest)]:
            largest = v
        root = _root(boss, largest)
        rest[i], cut[i], tip[i] = heavy[root], bound[root], largest
    return rest, cut, tip, place


@compiled
def _halved(
    start: Ints,
    to: Ints,
    bond: Ints,
    weight: Ints,
    low: int,
    high: int,
    final: bool,  # noqa: FBT001
    trials: int,
) -> tuple[Truths, int, int]:
    """Cut a connected graph in two connected sides: the side, the misfit, the cut.

    Misfit first. Between equals the cheaper cut where both sides are `final`, else the one that is
    cheaper for the weight of the smaller side, so that halves come before corners and blocks along
    lanes before both. The misfit is more than any other where no cut is worth making.
    """
    count, total = len(weight), int(weight.sum())
    least, price = 4 * total + low, np.inf
    end, cost, seed = 0, 0, 0
    around, begins = np.empty(0, dtype=np.int64), 0
    for _ in range(trials):
        order = _grown(start, to, bond, seed)
        rest, cut, tip, place = _rests(start, to, bond, weight, order)
        found = False
        for i in range(1, count):
            own, other = int(rest[i]), total - int(rest[i])
            misfit = _misfit(own, low, high, final) + _misfit(other, low, high, final)
            smaller = min(own, other)
            if 2 * smaller <= low:
                continue  # better part of a neighbour, so it would be given back
            asked = cut[i] / (1.0 if final else smaller)
            if misfit < least or (misfit == least and asked < price):
                least, price, found = misfit, asked, True
                begins, end, cost = i, int(tip[i]), int(cut[i])
        if found:
            around = place
        seed = int(order[-1])
    side = np.zeros(count, dtype=np.bool_)
    if len(around) == 0:
        return side, least, cost
    side[end] = True
    queue = [end]
    while len(queue) > 0:
        v = queue.pop()
        for e in range(start[v], start[v + 1]):
            u = to[e]
            if not side[u] and around[u] >= begins:
                side[u] = True
                queue.append(u)
    return side, least, cost


@compiled
def _smoothed(
    start: Ints, to: Ints, bond: Ints, weight: Ints, part: Ints, low: int, high: int, sweeps: int
) -> None:
    """Move single nodes to a neighbouring part where that lessens misfit or cut; writes `part`."""
    count = part.max() + 1
    size, toward = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for v in range(len(part)):
        size[part[v]] += weight[v]
    seen = np.full(len(part), -1, dtype=np.int64)
    asked = 0
    for _ in range(sweeps):
        moved = False
        for v in range(len(part)):
            goal = _better(start, to, bond, weight[v], part, v, size, toward, low, high)
            if goal >= 0:
                asked += 1
                if _spared(start, to, part, v, seen, asked):
                    size[part[v]] -= weight[v]
                    size[goal] += weight[v]
                    part[v] = goal
                    moved = True
        if not moved:
            return


@compiled
def _better(
    start: Ints,
    to: Ints,
    bond: Ints,
    own_weight: int,
    part: Ints,
    v: int,
    size: Ints,
    toward: Ints,
    low: int,
    high: int,
) -> int:
    """Find the neighbouring part where a node is better off, -1 where none; `toward` is all 0."""
    own = part[v]
    for e in range(start[v], start[v + 1]):
        toward[part[to[e]]] += bond[e]
    best, most, goal = 0, 0, -1
    left = _misfit(size[own] - own_weight, low, high, True) - _misfit(size[own], low, high, True)  # noqa: FBT003
    for e in range(start[v], start[v + 1]):
        other = int(part[to[e]])
        if other != own:
            change = left + _misfit(size[other] + own_weight, low, high, True)  # noqa: FBT003
            change -= _misfit(size[other], low, high, True)  # noqa: FBT003
            gain = int(toward[other] - toward[own])
            if change < best or (change == best and gain > most):
                best, most, goal = change, gain, other
    for e in range(start[v], start[v + 1]):
        toward[part[to[e]]] = 0
    return goal


@compiled
def _spared(start: Ints, to: Ints, part: Ints, v: int, seen: Ints, stamp: int) -> bool:
    """Whether the part of a node stays connected, and is not empty, without it."""
    own = part[v]
    wanted = 0
    queue = [np.int64(0) for _ in range(0)]
    for e in range(start[v], start[v + 1]):
        if part[to[e]] == own:
            wanted += 1
            if wanted == 1:
                queue.append(to[e])
                seen[to[e]] = stamp
    if wanted == 0:
        return False
    met = 0
    head = 0
    while head < len(queue):
        u = queue[head]
        head += 1
        for e in range(start[u], start[u + 1]):
            if to[e] == v:
                met += 1
            elif part[to[e]] == own and seen[to[e]] != stamp:
                seen[to[e]] = stamp
                queue.append(to[e])
        if met == wanted:
            return True
    return False

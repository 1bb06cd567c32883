"""The shortest free segment between two parcels among barriers: the compiled part of clusters.py.

It is of one of few kinds, and all are tried: it runs from a corner of one parcel to a corner or to
the nearest point of an edge of the other; or it grazes a corner of a barrier and starts in a corner
of a parcel, grazes a second corner, or stands at the angle about the corner where its length is
least. (The corners of a parcel are here those of what the barriers leave of it.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landgis.analysis._contact import CONTACT_M
from landgis.analysis._ground_kernel import compiled, inlined
from landgis.analysis._scene import inside_wall
from landgis.analysis._segments import (
    HIT,
    apart,
    borrowing,
    crossing,
    distance,
    edges_near,
    edges_near_into,
    first_crossed,
    first_hit,
    foot,
    inside,
    length_of,
)
from landgis.analysis._turning import along, best_angle, common_angles, lie_across

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landgis.analysis._scene import Scene
    from landgis.analysis._walls import Walls

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TO_A, TO_B = 6, 7  # columns of a grazed corner: its distances to the parcels; before: _walls


@inlined
def _is_free(scene: Scene, x0: float, y0: float, x1: float, y1: float) -> bool:
    cutting = first_crossed(scene.wall, x0, y0, x1, y1, scene.last[0])
    if cutting >= 0:
        scene.last[0] = cutting
    return cutting < 0 and not inside_wall(scene, x0, y0)


@compiled
def shortest_free(
    scene: Scene, barriers: Walls, outline: Floats, window: Floats, limit: float
) -> float:
    """Length of the shortest free segment, infinite where none is as short as the limit.

    What is found first bounds what is looked for then: only corners of barriers are grazed that
    lie near enough to both parcels.
    """
    best = limit * (1.0 + HIT) + HIT
    corners_a = _corners(scene, scene.near_a, edges_near(outline, scene.box_a, CONTACT_M))
    corners_b = _corners(scene, scene.near_b, edges_near(outline, scene.box_b, CONTACT_M))
    if _share_ground(scene, corners_a, corners_b, outline):
        return 0.0
    shortest = _from_corners(scene, corners_a, scene.near_b, best)
    if shortest > scene.enough:
        shortest = min(shortest, _from_corners(scene, corners_b, scene.near_a, min(best, shortest)))
    if shortest > scene.enough:
        shortest = min(shortest, _between_corners(scene, corners_a, corners_b, min(best, shortest)))
    if shortest <= scene.enough:
        return shortest
    best = min(best, shortest)
    grazed = _grazed(scene, barriers, window, best)
    room_a, room_b = np.empty_like(scene.near_a), np.empty_like(scene.near_b)
    for corner in grazed:
        if corner[TO_A] + corner[TO_B] >= best:
            continue
        around = np.array([corner[0], corner[1], corner[0], corner[1]])
        beside_a = edges_near_into(scene.near_a, around, best, room_a)
        beside_b = edges_near_into(scene.near_b, around, best, room_b)
        if len(beside_a) == 0 or len(beside_b) == 0:
            continue
        least = _corner_and_graze(scene, corners_a, corner, beside_b, corner[TO_B], best)
        least = min(
            least,
            _corner_and_graze(scene, corners_b, corner, beside_a, corner[TO_A], min(best, least)),
        )
        least = min(least, _two_grazes(scene, grazed, corner, beside_a, min(best, least)))
        beside_a = _in_passing(beside_a, corner, room_a)
        beside_b = _in_passing(beside_b, corner, room_b)
        least = min(least, _about_graze(scene, corner, beside_a, beside_b, min(best, least)))
        shortest = min(shortest, least)
        if shortest <= scene.enough:
            break
        best = min(best, shortest)
    return shortest


@compiled
def _grazed(scene: Scene, barriers: Walls, window: Floats, best: float) -> Floats:
    """Corners of barriers that a segment shorter than the best can graze, the nearest first."""
    count = 0
    for piece in scene.pieces:
        count += barriers.corner_start[piece + 1] - barriers.corner_start[piece]
    corners = np.empty((count, 8))
    count = 0
    box_a, box_b = _common(scene.box_a, window), _common(scene.box_b, window)
    for piece in scene.pieces:
        for i in range(barriers.corner_start[piece], barriers.corner_start[piece + 1]):
            x, y = barriers.corners[i, 0], barriers.corners[i, 1]
            if not (window[0] <= x <= window[2] and window[1] <= y <= window[3]):
                continue
            away_b = _from_box(x, y, box_b)
            if _from_box(x, y, box_a) + away_b >= best:
                continue
            to_a = distance(x, y, scene.near_a, best - away_b)
            if to_a >= best - away_b:
                continue
            to_b = distance(x, y, scene.near_b, best - to_a)
            if to_a + to_b < best and not inside_wall(scene, x, y):
                corners[count, :TO_A] = barriers.corners[i]
                corners[count, TO_A], corners[count, TO_B] = to_a, to_b
                count += 1
    _sort_by_distance(corners[:count])
    return corners[:count]


@borrowing
def _sort_by_distance(corners: Floats) -> None:
    """Put the few corners that are nearest to both parcels first: an insertion sort."""
    for i in range(1, len(corners)):
        k = i
        while k > 0 and (
            corners[k, TO_A] + corners[k, TO_B] < corners[k - 1, TO_A] + corners[k - 1, TO_B]
        ):
            for column in range(TO_B + 1):
                before = corners[k - 1, column]
                corners[k - 1, column] = corners[k, column]
                corners[k, column] = before
            k -= 1


@compiled
def _common(box: Floats, other: Floats) -> Floats:
    """Give the box that two boxes have in common."""
    common = np.empty(4)
    for i in range(2):
        common[i] = max(box[i], other[i])
        common[i + 2] = min(box[i + 2], other[i + 2])
    return common


@inlined
def _from_box(x: float, y: float, box: Floats) -> float:
    """Distance of a point to a box."""
    across = max(box[0] - x, x - box[2], 0.0)
    return float(length_of(across, max(box[1] - y, y - box[3], 0.0)))


@compiled
def _corners(scene: Scene, near: Floats, outline: Floats) -> Floats:
    """Corners of what the barriers leave of a parcel, as far as its edges are within reach."""
    points = np.empty((2 * len(near) + len(near) * len(outline) + len(outline), 2))
    count = 0
    for i in range(len(near)):
        points[count, 0], points[count, 1] = near[i, 0], near[i, 1]
        count += 1
        if i + 1 == len(near) or near[i + 1, 0] != near[i, 2] or near[i + 1, 1] != near[i, 3]:
            points[count, 0], points[count, 1] = near[i, 2], near[i, 3]
            count += 1
    for j in range(len(outline)):
        x, y = outline[j, 0], outline[j, 1]
        closest = np.inf
        for i in range(len(near)):
            if apart(near, i, outline, j, CONTACT_M):
                continue
            t, s = crossing(near, i, outline, j)
            if 0.0 <= t <= 1.0 and 0.0 <= s <= 1.0:
                points[count, 0] = near[i, 0] + t * (near[i, 2] - near[i, 0])
                points[count, 1] = near[i, 1] + t * (near[i, 3] - near[i, 1])
                count += 1
            qx, qy = foot(x, y, near, i)
            closest = min(closest, length_of(qx - x, qy - y))
        if closest <= CONTACT_M:
            points[count, 0], points[count, 1] = x, y
            count += 1
    kept = 0
    for i in range(count):
        if not inside_wall(scene, points[i, 0], points[i, 1]):
            points[kept, 0], points[kept, 1] = points[i, 0], points[i, 1]
            kept += 1
    return points[:kept].copy()


@borrowing
def _share_ground(scene: Scene, corners_a: Floats, corners_b: Floats, outline: Floats) -> bool:
    """Whether the parcels touch or overlap somewhere that no barrier covers."""
    for i in range(len(corners_a)):
        if inside(scene.whole_b, scene.box_b, corners_a[i, 0], corners_a[i, 1]):
            return True
    for i in range(len(corners_b)):
        if inside(scene.whole_a, scene.box_a, corners_b[i, 0], corners_b[i, 1]):
            return True
    for i in range(len(outline)):
        x, y = outline[i, 0], outline[i, 1]
        if (
            inside(scene.whole_a, scene.box_a, x, y)
            and inside(scene.whole_b, scene.box_b, x, y)
            and not inside_wall(scene, x, y)
        ):
            return True
    return False


@borrowing
def _from_corners(scene: Scene, corners: Floats, edges: Floats, best: float) -> float:
    """Shortest free segment from corners of one parcel to edges of the other."""
    shortest = np.inf
    for i in range(len(corners)):
        x, y = corners[i, 0], corners[i, 1]
        for j in range(len(edges)):
            qx, qy = foot(x, y, edges, j)
            length = length_of(qx - x, qy - y)
            if length < best and _is_free(scene, x, y, qx, qy):
                best = shortest = length
                if best <= scene.enough:
                    return best
    return shortest


@borrowing
def _between_corners(scene: Scene, first: Floats, second: Floats, best: float) -> float:
    """Shortest free segment from corners of one parcel to corners of the other."""
    shortest = np.inf
    for i in range(len(first)):
        x, y = first[i, 0], first[i, 1]
        for j in range(len(second)):
            u, v = second[j, 0], second[j, 1]
            length = length_of(u - x, v - y)
            if length < best and _is_free(scene, x, y, u, v):
                best = shortest = length
                if best <= scene.enough:
                    return best
    return shortest


@inlined
def _passes(corner: Floats, dx: float, dy: float) -> bool:
    """Whether a line in that direction grazes a corner, its neighbours being on one side."""
    x, y = corner[0], corner[1]
    before = dx * (corner[3] - y) - dy * (corner[2] - x)
    after = dx * (corner[5] - y) - dy * (corner[4] - x)
    return bool(max(before, after) <= CONTACT_M or min(before, after) >= -CONTACT_M)


@compiled
def _in_passing(edges: Floats, corner: Floats, kept: Floats) -> Floats:
    """Keep the edges to which some line past the corner may lead.

    The directions that do not pass lie in two opposite angles, each less than a half turn: an edge
    whose ends both lie in one of them lies in it as a whole.
    """
    count = 0
    for i in range(len(edges)):
        one = _kept_apart(corner, edges[i, 0] - corner[0], edges[i, 1] - corner[1])
        other = _kept_apart(corner, edges[i, 2] - corner[0], edges[i, 3] - corner[1])
        if one == 0 or one != other:
            for k in range(4):
                kept[count, k] = edges[i, k]
            count += 1
    return kept[:count]


@inlined
def _kept_apart(corner: Floats, dx: float, dy: float) -> int:
    """Whether a line through the corner parts its neighbours: +1 or -1, 0 where it passes."""
    least = CONTACT_M * (1.0 + HIT) * length_of(dx, dy)
    before = dx * (corner[3] - corner[1]) - dy * (corner[2] - corner[0])
    after = dx * (corner[5] - corner[1]) - dy * (corner[4] - corner[0])
    if before > least and after < -least:
        return 1
    return -1 if before < -least and after > least else 0


@borrowing
def _corner_and_graze(
    scene: Scene, corners: Floats, corner: Floats, beyond: Floats, more_at_least: float, best: float
) -> float:
    """Shortest free segment from a corner of one parcel, past one of a barrier, to the other."""
    shortest = np.inf
    x, y = corner[0], corner[1]
    for i in range(len(corners)):
        u, v = corners[i, 0], corners[i, 1]
        length = length_of(x - u, y - v)
        if length + more_at_least >= best or length == 0.0:
            continue
        dx, dy = (x - u) / length, (y - v) / length
        if not _passes(corner, dx, dy):
            continue
        more = first_hit(beyond, x, y, dx, dy)
        if length + more < best and _is_free(scene, u, v, x + more * dx, y + more * dy):
            best = shortest = length + more
    return shortest


@borrowing
def _two_grazes(scene: Scene, grazed: Floats, corner: Floats, behind: Floats, best: float) -> float:
    """Shortest free segment from edges of A, past two corners of barriers, to edges of B."""
    shortest = np.inf
    x, y = corner[0], corner[1]
    for i in range(len(grazed)):
        second = grazed[i]
        u, v = second[0], second[1]
        length = length_of(u - x, v - y)
        if corner[TO_A] + length + second[TO_B] >= best or length == 0.0:
            continue
        dx, dy = (u - x) / length, (v - y) / length
        if not (_passes(corner, dx, dy) and _passes(second, dx, dy)):
            continue
        back = first_hit(behind, x, y, -dx, -dy)
        if length + back >= best:
            continue
        on = first_hit(scene.near_b, u, v, dx, dy)
        if length + back + on < best and _is_free(
            scene, x - back * dx, y - back * dy, u + on * dx, v + on * dy
        ):
            best = shortest = length + back + on
    return shortest


@borrowing
def _about_graze(
    scene: Scene, corner: Floats, beside_a: Floats, beside_b: Floats, best: float
) -> float:
    """Shortest free segment between edges of A and of B that turns about a corner."""
    shortest = np.inf
    x, y = corner[0], corner[1]
    for i in range(len(beside_a)):
        ex, ey = foot(x, y, beside_a, i)
        to_a = length_of(ex - x, ey - y)
        for j in range(len(beside_b)):
            fx, fy = foot(x, y, beside_b, j)
            if to_a < HIT or to_a + length_of(fx - x, fy - y) >= best:
                continue
            e, f = beside_a[i], beside_b[j]
            if not lie_across(e, f, x, y):
                continue
            dx, dy = 0.5 * (e[0] + e[2]) - x, 0.5 * (e[1] + e[3]) - y
            middle = np.arctan2(dy, dx)
            low, high = common_angles(e, f, x, y, dx, dy)
            if low >= high:
                continue
            angle = best_angle(e, f, x, y, middle + low, middle + high)
            if np.isnan(angle):
                continue
            cosine, sine = np.cos(angle), np.sin(angle)
            if not _passes(corner, cosine, sine):
                continue
            back, on = along(e, x, y, cosine, sine), along(f, x, y, -cosine, -sine)
            if back + on < best and _is_free(
                scene, x + back * cosine, y + back * sine, x - on * cosine, y - on * sine
            ):
                best = shortest = back + on
    return shortest

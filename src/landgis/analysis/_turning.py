"""The shortest segment through a point between two edges: where clusters.py's sight turns about a corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landgis.analysis._ground_kernel import inlined
from landgis.analysis._segments import borrowing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEPS = 60  # of Newton's method, which needs about five; halving alone would do with fifty
FLAT = 1e-9  # of an angle in radians: the length is flat within far less than a micrometre


@borrowing
def lie_across(e: Floats, f: Floats, x: float, y: float) -> bool:
    """Whether some line leads from one edge through a point to the other.

    Seen from the point, the angle of one edge and the opposite one of the other overlap: one of
    their four legs lies within the other angle.
    """
    px, py, qx, qy = e[0] - x, e[1] - y, e[2] - x, e[3] - y
    ux, uy, vx, vy = x - f[0], y - f[1], x - f[2], y - f[3]
    if px * qy - py * qx < 0.0:
        px, py, qx, qy = qx, qy, px, py
    if ux * vy - uy * vx < 0.0:
        ux, uy, vx, vy = vx, vy, ux, uy
    pu, pv = px * uy - py * ux, px * vy - py * vx
    qu, qv = qx * uy - qy * ux, qx * vy - qy * vx
    return bool(
        (pu >= 0.0 and qu <= 0.0)
        or (pv >= 0.0 and qv <= 0.0)
        or (pu <= 0.0 and pv >= 0.0)
        or (qu <= 0.0 and qv >= 0.0)
    )


@borrowing
def common_angles(
    e: Floats, f: Floats, x: float, y: float, dx: float, dy: float
) -> tuple[float, float]:
    """Angles from direction (dx, dy) in which e lies ahead of (x, y) and f behind it."""
    a0, a1 = _turn(dx, dy, e[0] - x, e[1] - y), _turn(dx, dy, e[2] - x, e[3] - y)
    b0, b1 = _turn(dx, dy, x - f[0], y - f[1]), _turn(dx, dy, x - f[2], y - f[3])
    low, high = min(b0, b1), max(b0, b1)
    if high - low <= np.pi:
        return max(low, min(a0, a1)), min(high, max(a0, a1))
    first_low, first_high = max(high - 2.0 * np.pi, min(a0, a1)), min(low, max(a0, a1))
    if first_low < first_high:
        return first_low, first_high
    return max(high, min(a0, a1)), min(low + 2.0 * np.pi, max(a0, a1))


@borrowing
def _turn(dx: float, dy: float, gx: float, gy: float) -> float:
    """Angle from one direction to another."""
    return float(np.arctan2(dx * gy - dy * gx, dx * gx + dy * gy))


@borrowing
def along(e: Floats, x: float, y: float, dx: float, dy: float) -> float:
    """Distance from (x, y) in a unit direction to the line of an edge."""
    gx, gy = e[2] - e[0], e[3] - e[1]
    turn = dx * gy - dy * gx
    if turn == 0.0:
        return np.inf
    return float(((e[0] - x) * gy - (e[1] - y) * gx) / turn)


@borrowing
def best_angle(e: Floats, f: Floats, x: float, y: float, low: float, high: float) -> float:
    """Angle between two of the shortest segment; NaN where it is one of them.

    Such a segment begins in a corner of a parcel, and is looked for there. Both halves are convex
    in the angle, so the sum has one valley: Newton's method, kept within bounds.
    """
    slope, _ = _slope(e, f, x, y, low)
    if not slope < 0.0:
        return np.nan
    slope, _ = _slope(e, f, x, y, high)
    if not slope > 0.0:
        return np.nan
    angle = 0.5 * (low + high)
    for _ in range(STEPS):
        slope, bend = _slope(e, f, x, y, angle)
        if slope > 0.0:
            high = angle
        else:
            low = angle
        next_angle = angle - slope / bend
        if not low < next_angle < high:
            next_angle = 0.5 * (low + high)
        if abs(next_angle - angle) < FLAT:
            break
        angle = next_angle
    return angle


@borrowing
def _slope(e: Floats, f: Floats, x: float, y: float, angle: float) -> tuple[float, float]:
    """First and second derivative by the angle of the length from e through (x, y) to f."""
    cosine, sine = np.cos(angle), np.sin(angle)
    back, on = along(e, x, y, cosine, sine), along(f, x, y, -cosine, -sine)
    first = back * _tangent(e, cosine, sine)
    last = on * _tangent(f, cosine, sine)
    return first + last, back + on + 2.0 * (first * first / back + last * last / on)


@inlined
def _tangent(e: Floats, dx: float, dy: float) -> float:
    """Tangent of the angle from the normal of an edge to a direction."""
    gx, gy = e[2] - e[0], e[3] - e[1]
    return float((dx * gx + dy * gy) / (dx * gy - dy * gx))

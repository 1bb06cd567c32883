"""Straight towns, bent into the world: smooth curves that keep every shared vertex shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

MILLIMETRE = 3  # decimals of every coordinate that leaves this room
UNBENDING_STEPS = 8  # the swing changes slowly: each step gains about one digit
# amplitude and wave length in metres: slow enough that a 14 m lane stays a 14 m lane
SWINGS = ((85.0, 4100.0), (16.0, 1500.0))


@dataclass(frozen=True, slots=True)
class Bend:
    """How one town's straight plan lies in the world."""

    east: float
    north: float
    turn: float  # radians
    phases: tuple[float, ...]

    def to_world(self, geometry: Any) -> Any:
        """Bend geometry of the straight plan and put it in its place."""
        return shapely.transform(geometry, self._bend)

    def to_plan(self, geometry: Any) -> Any:
        """Bring geometry of the world into the straight plan."""
        return shapely.transform(geometry, self._unbend)

    def _swing(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = np.zeros_like(xy)
        for index, (amplitude, length) in enumerate(SWINGS):
            wave = 2 * np.pi / length
            moved[:, 0] += amplitude * np.sin(xy[:, 1] * wave + self.phases[2 * index])
            moved[:, 1] += amplitude * np.sin(xy[:, 0] * wave + self.phases[2 * index + 1])
        return moved

    def _bend(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = (xy + self._swing(xy)).T
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.column_stack([self.east + cos * x - sin * y, self.north + sin * x + cos * y])

    def _unbend(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = xy[:, 0] - self.east, xy[:, 1] - self.north
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        bent = np.column_stack([cos * x + sin * y, -sin * x + cos * y])
        plan = bent.copy()
        for _ in range(UNBENDING_STEPS):
            plan = bent - self._swing(plan)
        return plan


def to_millimetres(geometry: Any) -> Any:
    """Round coordinates to the millimetre, vertex by vertex, so that shared ones stay shared."""
    return shapely.transform(geometry, lambda xy: xy.round(MILLIMETRE))


def smooth(points: NDArray[np.float64], *, rounds: int = 4) -> NDArray[np.float64]:
    """Cut the corners of a line again and again (Chaikin), keeping its ends."""
    for _ in range(rounds):
        first = 0.75 * points[:-1] + 0.25 * points[1:]
        second = 0.25 * points[:-1] + 0.75 * points[1:]
        middle = np.stack([first, second], axis=1).reshape(-1, 2)
        points = np.vstack([points[:1], middle, points[-1:]])
    return points


def meander(
    points: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    sway_m: float,
    wave_m: float,
    step_m: float = 45.0,
) -> Any:
    """Lead a smooth line through the points that sways to both sides as it goes."""
    line = shapely.LineString(smooth(points))
    length = shapely.length(line)
    at = np.linspace(0.0, length, max(int(length / step_m), 2))
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    ahead = np.gradient(here, axis=0)
    normal = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.hypot(*ahead.T)[:, None]
    phase = rng.uniform(0, 2 * np.pi, 3)
    turn = 2 * np.pi * at / wave_m
    drift = 0.8 * np.sin(0.37 * turn + phase[2])  # bends are not all alike
    swell = 0.65 + 0.35 * np.sin(0.23 * turn + phase[1])
    sway = swell * np.sin(turn + phase[0] + drift) + 0.35 * np.sin(0.41 * turn + phase[1])
    sway *= sway_m * np.minimum(1.0, np.minimum(at, length - at) / 900)
    return shapely.LineString(here + normal * (0.75 * sway)[:, None])

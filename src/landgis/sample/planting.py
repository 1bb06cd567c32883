"""Low-efficiency land planted into one cell of the annex: groups of every kind, then single lots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landgis.sample import groups

if TYPE_CHECKING:
    from landgis.sample.groups import Field

RICH_M2, POOR_M2 = 2_000_000.0, 500_000.0  # cells that hold many groups, and few
LARGE_LOT_M2 = 10_000.0  # single lots are mostly larger
# on which ground a group lies, and how many lots it has
GROUPS = (("老工业", 6), ("老城", 6), ("城中村", 9), ("工业", 3))


def fill(
    field_: Field, area: Any, soil: Any, *, room_m2: float, rng: np.random.Generator
) -> list[int]:
    """Plant until nothing more fits, and give all lots planted."""
    chosen: list[int] = []
    _keep_apart(field_, area, chosen, room_m2, rng)
    for ground, size in GROUPS:
        for _ in range(4 if room_m2 > RICH_M2 else 1):
            seeds = sorted(lot for lot in field_.free if soil[lot] == ground)
            if not seeds:
                break
            group = groups.grow_group(field_, int(rng.choice(seeds)), size, rng)
            if len(group) > 1 and _weigh(area, chosen + group) < 0.75 * room_m2:
                chosen += field_.plant("隔巷连片", [group])
    while True:
        left = room_m2 - _weigh(area, chosen)
        fit = sorted(lot for lot in field_.free if area[lot] < left)
        if not fit:
            return chosen
        weight = np.where(area[fit] > LARGE_LOT_M2, 3.0, 0.08)
        lot = int(rng.choice(fit, p=weight / weight.sum()))
        chosen += field_.plant("单宗", [[lot]])


def _keep_apart(
    field_: Field, area: Any, chosen: list[int], room_m2: float, rng: np.random.Generator
) -> None:
    """Plant pairs of groups that a barrier, a distance or a mere corner keeps apart."""
    for size in (3, 2) if room_m2 > POOR_M2 else (2,):
        for kind in ("铁路", "河流", "主干路", "公路"):
            found = groups.parted_by_barrier(field_, size, rng, kind=kind)
            if found and _weigh(area, found[0] + found[1]) < 0.2 * room_m2:
                chosen += field_.plant("阻隔分开", [found[0], found[1]], barrier=found[2])
        found = groups.parted_by_distance(field_, size, rng)
        if found and _weigh(area, found[0] + found[1]) < 0.25 * room_m2:
            chosen += field_.plant("间距超限", [found[0], found[1]], barrier=found[2])
    corner = groups.corner_pair(field_, area, rng)
    if corner:
        chosen += field_.plant("仅角点相接", [[corner[0]], [corner[1]]])


def _weigh(area: Any, members: list[int]) -> float:
    return float(area[members].sum())

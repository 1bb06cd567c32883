"""Faults to plant in the sample, one by one and from a seed, so that a reconciliation can be tried.

Each is what a bureau's table really suffers from; what was done to which parcel is written down.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
import shapely

from landgis.model import crs as systems
from landgis.model.errors import UsageError
from landgis.model.schema import LAND_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geopandas import GeoDataFrame

    Truth = dict[str, Any]
    Annex = list[list[str]]  # as printed: units down, the three classes and 合计 across, 合计 last

Fault = Literal[
    "moved", "duplicated", "same-number", "reclassified", "misassigned", "deleted", "annex-cell"
]
LEAST_HA = 0.1  # a parcel smaller than that may drown in the rounding of its cell


class Planted(NamedTuple):
    """The tables with their faults, and what was planted."""

    parcels: GeoDataFrame
    annex: Annex
    truths: list[Truth]


def plant(
    parcels: GeoDataFrame,
    annex: Annex,
    *,
    faults: Sequence[str],
    units: GeoDataFrame,
    seed: int,
) -> Planted:
    """Plant faults into copies of the tables, each in a parcel of its own."""
    unknown = [name for name in faults if name not in get_args(Fault)]
    if unknown:
        raise UsageError(
            "unknown_fault",
            f"unknown fault {unknown[0]!r}",
            hint=f"差错名称应为 {'、'.join(get_args(Fault))} 之一。",
        )
    rng = np.random.default_rng([seed, *map(get_args(Fault).index, faults)])
    outlines = systems.align(units, systems.require_crs(parcels, what="地块"), what="统计单元")
    parcels, annex = parcels.copy(), [list(row) for row in annex]
    truths: list[Truth] = []
    for name in faults:
        if name == "annex-cell":
            truths.append(_annex_cell(annex, truths, rng))
            continue
        chosen = _choose(parcels, {truth.get("parcel_id") for truth in truths}, rng)
        parcels, told = PLANTERS[name](parcels, chosen, outlines, rng)
        truths.append({"fault": name, **told})
    return Planted(parcels, annex, truths)


def _choose(parcels: GeoDataFrame, taken: set[Any], rng: np.random.Generator) -> str:
    stock = parcels[parcels["land_class"].isin(LAND_CLASSES) & (parcels["declared_ha"] > LEAST_HA)]
    free = stock.index[~stock.index.isin(taken) & ~stock.index.duplicated(keep=False)]
    return str(rng.choice(sorted(free)))


def _of(parcels: GeoDataFrame, parcel: str) -> Truth:
    row = parcels.loc[parcel]
    return {
        "parcel_id": parcel,
        "unit": row["unit"],
        "land_class": row["land_class"],
        "declared_ha": float(row["declared_ha"]),
    }


def _moved(
    parcels: GeoDataFrame, parcel: str, units: GeoDataFrame, rng: np.random.Generator
) -> tuple[GeoDataFrame, Truth]:
    """Draw the parcel somewhere in another unit; the ledger stays as it is."""
    told = _of(parcels, parcel)
    shape = parcels.geometry[parcel]
    strangers = parcels.index[(parcels["unit"] != told["unit"])]
    while True:
        there = str(rng.choice(strangers))
        goal, start = parcels.geometry[there].centroid, shape.centroid
        move = np.array([goal.x - start.x, goal.y - start.y])
        moved = shapely.transform(shape, lambda xy, move=move: xy + move)
        unit = str(parcels["unit"][there])
        if units.geometry[unit].contains(moved):
            parcels.loc[parcel, "geometry"] = moved
            return parcels, told | {"drawn_in": unit}


def _copy(parcels: GeoDataFrame, parcel: str, number: str) -> tuple[GeoDataFrame, Truth]:
    copy = parcels.loc[[parcel]].set_axis(pd.Index([number], name=parcels.index.name))
    told = _of(parcels, parcel) | {"parcel_id": number, "copy_of": parcel}
    return pd.concat([parcels, copy]), told


def _duplicated(
    parcels: GeoDataFrame, parcel: str, _units: GeoDataFrame, _rng: np.random.Generator
) -> tuple[GeoDataFrame, Truth]:
    """Enter the parcel again under a new number."""
    series = parcel.rstrip("0123456789")
    taken = [int(name.removeprefix(series)) for name in parcels.index if _in(name, series)]
    width = len(parcel) - len(series)
    return _copy(parcels, parcel, f"{series}{max(taken) + 1:0{width}d}")


def _in(name: str, series: str) -> bool:
    return name.startswith(series) and name.removeprefix(series).isdigit()


def _same_number(
    parcels: GeoDataFrame, parcel: str, _units: GeoDataFrame, _rng: np.random.Generator
) -> tuple[GeoDataFrame, Truth]:
    """Enter the parcel again under its own number."""
    return _copy(parcels, parcel, parcel)


def _reclassified(
    parcels: GeoDataFrame, parcel: str, _units: GeoDataFrame, rng: np.random.Generator
) -> tuple[GeoDataFrame, Truth]:
    """Enter the parcel under another class of the annex."""
    told = _of(parcels, parcel)
    other = str(rng.choice([name for name in LAND_CLASSES if name != told["land_class"]]))
    parcels.loc[parcel, "land_class"] = other
    return parcels, told | {"entered_as": other}


def _misassigned(
    parcels: GeoDataFrame, parcel: str, units: GeoDataFrame, rng: np.random.Generator
) -> tuple[GeoDataFrame, Truth]:
    """Enter the parcel under another unit; it is drawn where it lies."""
    told = _of(parcels, parcel)
    other = str(rng.choice([name for name in units.index if name != told["unit"]]))
    parcels.loc[parcel, "unit"] = other
    return parcels, told | {"entered_as": other}


def _deleted(
    parcels: GeoDataFrame, parcel: str, _units: GeoDataFrame, _rng: np.random.Generator
) -> tuple[GeoDataFrame, Truth]:
    """Leave the parcel out."""
    told = _of(parcels, parcel)
    return parcels.drop(index=parcel), told


PLANTERS: dict[str, Callable[..., tuple[GeoDataFrame, Truth]]] = {
    "moved": _moved,
    "duplicated": _duplicated,
    "same-number": _same_number,
    "reclassified": _reclassified,
    "misassigned": _misassigned,
    "deleted": _deleted,
}


def _annex_cell(annex: Annex, truths: list[Truth], rng: np.random.Generator) -> Truth:
    """Exchange two neighbouring digits of one printed cell; the printed sums stay."""
    done = {(truth["unit"], truth["land_class"]) for truth in truths if "printed" in truth}
    cells = [
        (row, column)
        for row, texts in enumerate(annex[:-1])
        for column, text in enumerate(texts[1:-1], start=1)
        if text and (texts[0], LAND_CLASSES[column - 1]) not in done
    ]
    while True:
        row, column = cells[int(rng.integers(len(cells)))]
        right = annex[row][column]
        at = int(rng.integers(len(right) - 1))
        wrong = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
        if wrong != right and "." not in right[at : at + 2] and wrong[0] != "0":
            annex[row][column] = wrong
            return {
                "fault": "annex-cell",
                "unit": annex[row][0],
                "land_class": LAND_CLASSES[column - 1],
                "printed": wrong,
                "right": str(Decimal(right)),
            }

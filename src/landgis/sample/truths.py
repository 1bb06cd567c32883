"""What was planted, written from the planting: nothing here is computed by an analysis."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landgis.model import crs as systems
from landgis.model.files import complete_file
from landgis.model.units import HA_DECIMALS, show, whole_steps
from landgis.sample.groups import GAP_M
from landgis.sample.places import EPSG

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame

    from landgis.sample.cover import Cover
    from landgis.sample.facts import Ledger
    from landgis.sample.stock import Stock
    from landgis.sample.zones import Plan

WITNESS_STEP_M = 10.0  # edges are straight in the plane: geodesics are drawn between points so near


def gather(
    *,
    seed: int,
    as_of: str,
    lots: GeoDataFrame,
    stock: Stock,
    ledger: Ledger,
    plan: Plan,
    cover: Cover,
    progress: list[dict[str, Any]],
    note: str,
) -> dict[str, Any]:
    """Lay out the truths under stable names; areas are measured with GeographicLib."""
    ids = {int(lot): str(parcel) for parcel, lot in lots["lot"].items()}
    geodesic = _geodesic_areas(lots.geometry.to_numpy())
    area = dict(zip(lots.index.astype(str), geodesic, strict=True))
    groups, apart = _planted_groups(stock, ids, area)
    strips = plan.strips
    strip_areas = _geodesic_areas(np.array([strip.part for strip in strips], dtype=object))
    return {
        "note": note,
        "seed": seed,
        "as_of": as_of,
        "crs": f"EPSG:{EPSG}",
        "cells": _cells(ledger.parcels),
        "ledger_errors": [
            {"parcel_id": ids[lot], "declared_minus_measured_m2": error}
            for lot, error in sorted(stock.errors_m2.items(), key=lambda item: ids[item[0]])
        ],
        "readiness": dict(sorted(ledger.readiness.items())),
        "odd_cases": ledger.odd,
        "clusters": {
            "of": "低效",
            "gap_m": GAP_M,
            "barriers": "barriers.gpkg，全部类别",
            "groups": groups,
            "apart": apart,
        },
        "crossings": [
            {
                "parcel_id": strip.parcel,
                "layer": strip.layer,
                "zone": strip.zone,
                "area_m2": round(measured, 2),
                "share": round(measured / area[strip.parcel], 6),
                "sliver": strip.sliver,
            }
            for strip, measured in zip(strips, strip_areas, strict=True)
        ],
        "planned_use_differs": sorted(plan.other_uses),
        "built_though_cleared": cover.contradictions,
        "progress": progress,
    }


def write(truths: dict[str, Any], path: Path) -> None:
    """Write the truths as JSON that people can read."""
    with complete_file(path) as temporary:
        text = json.dumps(truths, ensure_ascii=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")


def _geodesic_areas(shapes: Any) -> list[float]:
    """Measure with GeographicLib, the witness that shares nothing with landgis' own ruler."""
    from pyproj import Geod

    move = systems.transformer(f"EPSG:{EPSG}", systems.CGCS2000)
    fine = shapely.orient_polygons(shapely.segmentize(shapes, WITNESS_STEP_M))
    degrees = shapely.transform(
        fine, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1]))
    )
    earth = Geod(a=6378137.0, rf=298.257222101)  # CGCS2000
    return [abs(float(earth.geometry_area_perimeter(shape)[0])) for shape in degrees]


def _planted_groups(
    stock: Stock, ids: dict[int, str], area: dict[str, float]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """List every group that lies together at the gap, and the pairs that were kept apart."""
    groups, apart = [], []
    for planted in stock.groups:
        parts = [sorted(ids[lot] for lot in part) for part in planted["parts"]]
        groups += [
            {
                "members": part,
                "unit": planted["unit"],
                "planted": planted["kind"],
                "area_m2": round(sum(area[parcel] for parcel in part), 2),
            }
            for part in parts
        ]
        if len(parts) == 2:
            apart.append(
                {
                    "because": planted["kind"],
                    "barrier": planted.get("barrier", ""),
                    "a": parts[0],
                    "b": parts[1],
                }
            )
    return sorted(groups, key=lambda group: group["members"]), apart


def _cells(parcels: GeoDataFrame) -> list[dict[str, Any]]:
    stock = parcels[parcels["land_class"] != "其他"]
    cells = stock.groupby(["unit", "land_class"], sort=False)["declared_ha"]
    return [
        {
            "unit": unit,
            "land_class": land_class,
            "parcels": len(values),
            "declared_ha": show(
                Decimal(int(whole_steps(values, HA_DECIMALS).sum())).scaleb(-HA_DECIMALS),
                HA_DECIMALS,
            ),
        }
        for (unit, land_class), values in cells
    ]

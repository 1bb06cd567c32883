"""Clusters for the offline page: every fact ready to read, 三地 and separations as layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landgis.model.schema import READINESS
from landgis.model.units import HA_DECIMALS, convert, show
from landgis.reports import style
from landgis.reports import web_geometry as shapes
from landgis.reports.cells import percent, text, texts
from landgis.reports.cluster_facts import facts_of, has_scores, ranked, readiness_of, score_of
from landgis.reports.cluster_parts import (
    UNKNOWN,
    ClusterTables,
    Criterion,
    criteria_of,
    divided,
    hectares,
    number,
    separations_of,
)

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame, Series

    from landgis.reports.web_geometry import Ground

FULL = 100.0  # points


def cluster_data(
    clusters: GeoDataFrame | None, ground: Ground, tables: ClusterTables
) -> list[dict[str, Any]]:
    """List the clusters with all that is told of them, the first to renew first.

    Parameters
    ----------
    clusters : GeoDataFrame or None
        Clusters (schema.CLUSTERS).
    ground : Ground
        Degrees and decimals of the page.
    tables : ClusterTables
        What is known of them beside their own row.

    Returns
    -------
    list of dict
        One entry per cluster, as the sheets of the atlas tell it: by score, or by area where no
        score is known.
    """
    if clusters is None or clusters.empty:
        return []
    named = clusters.set_axis(clusters.index.astype("str"))
    names = ranked(named)
    ordered = named.loc[names]
    own = tables.each(names)
    scored = has_scores(named)
    return [
        {
            "id": name,
            "name": text(row.get("cluster_name")),
            "unit": text(row.get("unit")),
            "count": None if pd.isna(row["member_count"]) else int(row["member_count"]),
            "ha": show(float(convert(row["area_m2"], source="m2", target="ha")), HA_DECIMALS),
            "points": show(number(row, "score"), 1) if scored else None,
            "shape": shape,
            **_told(name, row, own[name]),
        }
        for name, (_, row), shape in zip(
            names, ordered.iterrows(), ground.polygons(ordered, what="连片"), strict=True
        )
    ]


def _told(name: str, row: Series, tables: ClusterTables) -> dict[str, Any]:
    """Give what the panel of one cluster says."""
    printed = readiness_of(row)
    return {
        "facts": [list(pair) for pair in facts_of(name, row, tables)],
        "readiness": [printed.get(word, UNKNOWN) for word in READINESS] if printed else [],
        "uses": [
            [part.item, hectares(part.area_m2, UNKNOWN), percent(part.share) or UNKNOWN]
            for part in divided(tables.parts, "规划用途")
        ],
        "score": score_of(row),
        "criteria": [_criterion(part) for part in criteria_of(tables.priorities)],
        "plots": _plots(tables.pockets),
        "separated": None
        if tables.separations is None
        else [
            [found.cause, found.other, hectares(found.joins_m2, UNKNOWN)]
            for found in separations_of(tables.separations)
        ],
    }


def _criterion(part: Criterion) -> list[Any]:
    """Give name, share of the bar (None is unknown), points, weight, contribution, reason."""
    share = None if part.points is None else float(np.clip(part.points / FULL, 0, 1))
    return [
        part.name,
        share,
        show(part.points, 1, blank=UNKNOWN),
        percent(part.weight) or "—",
        show(part.contribution, 1),
        part.because,
    ]


def _plots(pockets: DataFrame | None) -> list[list[str]] | None:
    """List the plots of 三地: kind, parcel, area, reason; None where nobody looked."""
    if pockets is None:
        return None
    areas = (number(pockets.iloc[place], "area_m2") for place in range(len(pockets)))
    columns = [texts(pockets, name) for name in ("pocket_kind", "parcel_id", "because")]
    return [
        [kind or UNKNOWN, parcel or "无地块", hectares(area, UNKNOWN), because or ""]
        for kind, parcel, because, area in zip(*columns, areas, strict=True)
    ]


def pocket_layer(pockets: DataFrame | None, ground: Ground) -> list[dict[str, Any]]:
    """Lay the plots of 三地 out by kind.

    Parameters
    ----------
    pockets : DataFrame or None
        `schema.POCKETS`, with or without geometry.
    ground : Ground
        Degrees and decimals of the page.

    Returns
    -------
    list of dict
        One entry per kind met, with its colour and features.
    """
    return _by_kind(pockets, ground, column="pocket_kind", colours=style.POCKET_COLOURS)


def separation_layer(separations: DataFrame | None, ground: Ground) -> list[dict[str, Any]]:
    """Lay the segments between clusters and their neighbours out by cause.

    Parameters
    ----------
    separations : DataFrame or None
        `schema.SEPARATIONS`, with or without geometry.
    ground : Ground
        Degrees and decimals of the page.

    Returns
    -------
    list of dict
        One entry per cause met, with its colour and features.
    """
    return _by_kind(separations, ground, column="cause", colours=style.SEPARATION_COLOURS)


def renewal_layer(renewal_units: DataFrame | None, ground: Ground) -> list[dict[str, Any]]:
    """Lay the renewal units out.

    Parameters
    ----------
    renewal_units : DataFrame or None
        `schema.RENEWAL_UNITS`, with or without geometry.
    ground : Ground
        Degrees and decimals of the page.

    Returns
    -------
    list of dict
        At most one entry, with the outlines as features.
    """
    return _by_kind(
        None if renewal_units is None else renewal_units.assign(kind="更新单元"),
        ground,
        column="kind",
        colours={"更新单元": style.RAMPS["合计"][4]},
    )


def _by_kind(
    table: DataFrame | None, ground: Ground, *, column: str, colours: dict[str, str]
) -> list[dict[str, Any]]:
    """Group the geometry of a table by kind, known kinds in their order, others last."""
    if table is None or getattr(table, "_geometry_column_name", None) not in table.columns:
        return []
    geometries = shapes.in_degrees(table, ground.degrees, what="连片")
    kinds = [kind or UNKNOWN for kind in texts(table, column)]
    entries = []
    for kind in [*colours, *dict.fromkeys(kind for kind in kinds if kind not in colours)]:
        own = [geometry for geometry, word in zip(geometries, kinds, strict=True) if word == kind]
        colour = colours.get(kind, style.MUTED)
        features = [
            {
                "shape": shapes.encode_polygons(geometry, ground.decimals),
                "line": shapes.encode_lines(geometry, ground.decimals),
                "colour": colour,
                "weight": 2.4,
                "dash": "5 4",
            }
            for geometry in own
            if geometry is not None and not geometry.is_empty
        ]
        if features:
            entries.append({"name": kind, "colour": colour, "features": features})
    return entries

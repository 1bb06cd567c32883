"""Parcels for the offline page: compact lists, every text ready to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landgis.model.schema import ALL_LAND_CLASSES, PARCELS, READINESS, Column, Kind
from landgis.model.units import HA_DECIMALS, whole_steps
from landgis.reports import style
from landgis.reports.cells import cell_text, classes_of, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.reports.web_geometry import Ground

MARKS = {"cluster": "#00838f"}  # of the page alone; the rest bears the colours of the sheets
_GROUPS = (
    ("位置与权利", "parcel_id", "approval_no"),
    ("报批", "approval_no", "supplied_ha"),
    ("供应", "supplied_ha", "agreed_start_date"),
    ("开发", "agreed_start_date", "contract_far"),
    ("投入产出", "contract_far", "construction_in_2009_survey"),
    ("低效认定条件", "construction_in_2009_survey", "compensation_done"),
    ("供地条件", "compensation_done", "disposal_route"),
    ("处置", "disposal_route", "geometry"),
)
_TOLD_ELSEWHERE = {
    "parcel_id", "parcel_name", "readiness", "readiness_because", "cluster_id", "geometry",
}  # fmt: skip


def parcel_data(
    parcels: GeoDataFrame,
    ground: Ground,
    *,
    columns: Sequence[str] | None,
    verdicts: DataFrame | None,
) -> dict[str, Any]:
    """List the parcels: who, which class, how ready, how large, where, and every known fact.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels to be drawn.
    ground : Ground
        Degrees and decimals of the page.
    columns : sequence of str or None
        Columns to show as facts; None shows every known column of the schema.
    verdicts : DataFrame or None
        Verdicts (schema.VERDICTS); the deciding ones are shown.

    Returns
    -------
    dict
        The page's keys ``classes``, ``readiness``, ``parcels``, ``fields``, ``unit_names``,
        ``cluster_names`` and ``has_readiness``.
    """
    fields = _fields(parcels, columns)
    unit_names = _names(parcels, "unit")
    cluster_names = _names(parcels, "cluster_id")
    kinds = classes_of(parcels)
    present = [kind for kind in ALL_LAND_CLASSES if kind in kinds]
    readiness = _places(texts(parcels, "readiness"), READINESS)
    return {
        "classes": [
            {"name": kind, "colour": style.CLASS_COLOURS[kind], "stock": kind != "其他"}
            for kind in present
        ],
        "readiness": [
            {"name": name, "colour": style.READINESS_COLOURS[name]} for name in READINESS
        ],
        "fields": [{"label": column.heading, "group": group} for column, group in fields],
        "unit_names": unit_names,
        "cluster_names": cluster_names,
        "has_readiness": any(place >= 0 for place in readiness),
        "parcels": {
            "id": [str(parcel_id) for parcel_id in parcels.index],
            "name": texts(parcels, "parcel_name"),
            "holder": texts(parcels, "holder"),
            "land_class": _places(kinds, present),
            "readiness": readiness,
            "because": texts(parcels, "readiness_because"),
            "unit": _places(texts(parcels, "unit"), unit_names),
            "cluster": _places(texts(parcels, "cluster_id"), cluster_names),
            "ha": _whole_m2(parcels),
            "shape": ground.polygons(parcels, what="地块"),
            "facts": _facts(parcels, [column for column, _ in fields]),
            "verdicts": _deciding(parcels, verdicts),
            "changes": _changing(parcels, verdicts),
        },
    }


def _fields(parcels: DataFrame, columns: Sequence[str] | None) -> list[tuple[Column, str]]:
    order = [column.name for column in PARCELS.columns]
    wanted = [name for name in order if name in parcels.columns] if columns is None else columns
    fields = []
    for name in wanted:
        if name in _TOLD_ELSEWHERE or name not in parcels.columns:
            continue
        if name not in order:
            kind: Kind = "number" if pd.api.types.is_float_dtype(parcels[name]) else "text"
            fields.append((Column(name, name, kind), "其他字段"))
            continue
        group = next(
            title
            for title, first, end in _GROUPS
            if order.index(first) <= order.index(name) < order.index(end)
        )
        fields.append((PARCELS.column(name), group))
    return fields


def _facts(parcels: DataFrame, fields: list[Column]) -> list[list[Any]]:
    facts: list[list[Any]] = [[] for _ in range(len(parcels))]
    for place, column in enumerate(fields):
        for row, value in enumerate(parcels[column.name].tolist()):
            text = cell_text(value, column)
            if text is not None:
                facts[row] += [place, text]
    return facts


def _deciding(parcels: DataFrame, verdicts: DataFrame | None) -> dict[int, list[str]]:
    if verdicts is None or verdicts.empty:
        return {}
    # why a parcel is 净地 or 毛地 is told by its own column
    verdicts = verdicts[verdicts["category"] != "净毛地"]
    looked = pd.Series([bool(t) for t in texts(verdicts, "look")], index=verdicts.index, dtype=bool)
    deciding = verdicts[verdicts["decides"].fillna(value=False).astype(bool) | looked]
    places = {parcel_id: place for place, parcel_id in enumerate(parcels.index)}
    told: dict[int, list[str]] = {}
    columns = ["parcel_id", "category", "rule_id", "because"]
    extra = [texts(deciding, name) for name in ("facts", "look", "basis")]
    rows = zip(deciding[columns].itertuples(index=False), *extra, strict=True)
    for (parcel_id, category, rule_id, because), facts, look, basis in rows:
        if parcel_id in places:
            parts = [f"{category}（{rule_id}）：{text(because) or '—'}"]
            parts += [f"事实：{facts}"] if facts and category in ALL_LAND_CLASSES else []
            parts += [f"请核查：{look}"] if look else []
            parts += [f"依据：{basis}"] if basis else []
            told.setdefault(places[parcel_id], []).append("\n".join(parts))
    return told


def _changing(parcels: GeoDataFrame, verdicts: DataFrame | None) -> dict[int, str]:
    """Give what would change the judgement, where the verdicts come from an audit."""
    if verdicts is None:
        return {}
    places = {str(parcel_id): place for place, parcel_id in enumerate(parcels.index)}
    rows = verdicts[verdicts["category"] == "改变结论"]
    pairs = zip(rows["parcel_id"].tolist(), rows["because"].tolist(), strict=True)
    return {places[name]: because for name, because in pairs if name in places}


def _whole_m2(parcels: DataFrame) -> list[int | None]:
    if "declared_ha" not in parcels.columns:
        return [None] * len(parcels)
    return [
        None if pd.isna(value) else int(whole_steps(value, HA_DECIMALS))
        for value in parcels["declared_ha"].tolist()
    ]


def _names(table: DataFrame, name: str) -> list[str]:
    return list(dict.fromkeys(text for text in texts(table, name) if text is not None))


def _places(texts: Iterable[str | None], names: Sequence[str]) -> list[int]:
    places = {name: place for place, name in enumerate(names)}
    return [places.get(text or "", -1) for text in texts]

"""What the ledger says of each parcel: every column that a rule asks for, with honest gaps."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from landgis.model import schema
from landgis.sample import names
from landgis.sample.readiness import plan_readiness
from landgis.sample.stories import idle_story, low_story, ordinary_story

if TYPE_CHECKING:
    import numpy as np
    from geopandas import GeoDataFrame

Row = dict[str, Any]
AS_OF = dt.date(2020, 12, 31)
BATCH_SIZES = (3, 8)  # parcels approved together
FILLED_BY_LANDGIS = tuple(column.name for column in schema.PARCELS.columns if column.made_by)


class Ledger(NamedTuple):
    """The parcels with all their columns, and what was planted among the facts."""

    parcels: GeoDataFrame
    readiness: dict[str, dict[str, Any]]
    odd: list[dict[str, Any]]


def write_facts(lots: GeoDataFrame, *, rng: np.random.Generator) -> Ledger:
    """Tell every parcel's story in the columns of the schema."""
    rows: dict[str, Row] = {}
    serials = lots.groupby(["place", "block"]).cumcount() + 1
    for serial, row in zip(serials, lots.itertuples(), strict=True):
        rows[row.Index] = {
            "parcel_name": names.parcel_name(row, serial),
            "unit": row.unit,
            "county_code": names.COUNTY_OF_UNIT[row.unit],
            "land_class": row.land_class,
            "declared_ha": row.declared_ha,
        }
        if row.land_class != "其他":
            rows[row.Index]["location"] = names.location(row)
            rows[row.Index]["responsible"] = names.RESPONSIBLE[row.unit]
    readiness: dict[str, dict[str, Any]] = {}
    odd: list[dict[str, Any]] = []
    _unsupplied(lots, rows, readiness, odd, rng)
    for land_class, tell in (("闲置", idle_story), ("低效", low_story)):
        chosen = lots[lots["land_class"] == land_class]
        tell(chosen, rows, readiness, odd, rng)
    _rural(lots[lots["land_class"] == "农村存量"], rows, readiness, rng)
    ordinary_story(lots[lots["land_class"] == "其他"], rows, odd, rng)
    return Ledger(_as_table(lots, rows), readiness, odd)


def _unsupplied(
    lots: GeoDataFrame,
    rows: dict[str, Row],
    readiness: dict[str, dict[str, Any]],
    odd: list[dict[str, Any]],
    rng: np.random.Generator,
) -> None:
    """批而未供: approved in batches 2009-2020, acquired, not supplied."""
    chosen = lots[lots["land_class"] == "批而未供"]
    numbers: Counter[int] = Counter()
    for _, group in chosen.groupby(["unit", "place"], sort=False):
        at = 0
        while at < len(group):
            batch = group.iloc[at : at + int(rng.integers(*BATCH_SIZES))]
            at += len(batch)
            day = dt.date(2009, 2, 1) + dt.timedelta(days=int(rng.integers(0, 4260)))
            numbers[day.year] += int(rng.integers(11, 70))
            # the rest of the batch has been supplied to others
            approved = round(float(batch["declared_ha"].sum()) * rng.uniform(1.0, 1.9), 4)
            for row in batch.itertuples():
                rows[row.Index] |= {
                    "approval_no": names.approval_number(day.year, numbers[day.year]),
                    "approval_date": day,
                    "approved_ha": approved,
                    "approved_use_code": row.use,
                    "acquired_ha": row.declared_ha,
                    "supplied_ha": 0.0,
                    "construction_in_2009_survey": False,
                    "in_town": True,
                }
    facts, truths = plan_readiness(list(chosen.index), rng)
    for parcel, known in facts.items():
        rows[parcel] |= known
    readiness |= truths
    gross = [p for p, truth in truths.items() if truth["reasons"] == ["补偿未到位"]]
    for parcel in gross[:2]:
        rows[parcel]["acquired_ha"] = 0.0
        odd.append({"parcel_id": parcel, "case": "批而未征", "fact": "征地完成面积为 0"})
    silent = [p for p, truth in truths.items() if truth["readiness"] == "待核"]
    for parcel in silent[3:6]:
        rows[parcel]["acquired_ha"] = None
        odd.append({"parcel_id": parcel, "case": "征地完成面积未知", "fact": "数据不足"})


def _rural(
    chosen: GeoDataFrame,
    rows: dict[str, Row],
    readiness: dict[str, dict[str, Any]],
    rng: np.random.Generator,
) -> None:
    """农村存量: old homesteads and village works, mostly empty, title often unknown."""
    for row in chosen.itertuples():
        rows[row.Index] |= {
            "holder": names.holder(row, rng),
            "land_use_code": "0703",
            "construction_in_2009_survey": True,
            "in_town": False,
            "title_clear": True if rng.random() < 0.7 else None,
            "disputed": False if rng.random() < 0.8 else None,
            "vacancy_share": round(float(rng.uniform(0.4, 1.0)), 2),
        }
        missing = ["补偿未知", "附着物未知", "规划条件未知"]
        missing += ["权属未知"] if rows[row.Index]["title_clear"] is None else []
        missing += ["争议未知"] if rows[row.Index]["disputed"] is None else []
        readiness[row.Index] = {"readiness": "待核", "reasons": missing}


def _as_table(lots: GeoDataFrame, rows: dict[str, Row]) -> GeoDataFrame:
    """Lay the rows out in the schema's columns, order and kinds."""
    import geopandas as gpd

    index = pd.Index(list(lots.index), name="parcel_id", dtype="str")
    columns = {}
    for column in schema.PARCELS.columns:
        if column.kind == "geometry" or column.name in {"parcel_id", *FILLED_BY_LANDGIS}:
            continue
        values = [rows[parcel].get(column.name) for parcel in index]
        columns[column.name] = pd.Series(values, index=index, dtype=schema.DTYPES[column.kind])
    return gpd.GeoDataFrame(columns, geometry=lots.geometry.to_numpy(), index=index, crs=lots.crs)

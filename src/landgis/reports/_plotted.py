"""The figures that a sheet shows, exact to the printed decimal, and whether they meet the annex."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from landgis.model import units as rounding
from landgis.model.errors import DataError, UsageError
from landgis.model.schema import ALL_LAND_CLASSES, SUMMARY, TOTAL, need
from landgis.reports.crosstab import crosstab

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

VALUES = ("ledger_ha", "measured_ha", "official_ha")
NO_UNIT = "（未注明）"
Cells = dict[str, dict[str, Decimal | None]]  # by unit, then by column


class Plotted(NamedTuple):
    """What is drawn for one class, and the sums under the picture."""

    drawn: dict[str, Decimal | None]  # by unit; None: no data, which is not zero
    official: dict[str, Decimal | None]
    total: Decimal
    official_total: Decimal | None  # None: there is no official figure at all
    homeless: dict[str, Decimal]  # figures of units that have no polygon

    @property
    def difference(self) -> Decimal | None:
        """Sum of what is drawn less the annex's printed sum."""
        return None if self.official_total is None else self.total - self.official_total


def plotted(
    units: GeoDataFrame,
    summary: pd.DataFrame,
    *,
    land_class: str,
    value: str,
    allow_unmatched: bool | None,
) -> Plotted:
    """Pick the figures of one class for the polygons, refusing what would be lost or made up.

    None allows figures and polygons that do not match where there is no annex to be met.
    """
    if value not in VALUES:
        raise UsageError(
            "unknown_value",
            f"cannot draw {value!r}",
            hint=f"可绘制的数值列为 {'、'.join(VALUES)}。",
        )
    rows = cells(summary, land_class)
    if allow_unmatched is None:
        allow_unmatched = bool(summary["official_ha"].isna().all())
    names = check_units(units, list(rows), allow_unmatched=allow_unmatched)
    drawn = {name: _drawn(rows, name, value) for name in names}
    homeless = {name: _drawn(rows, name, value) or Decimal(0) for name in rows if name not in names}
    official = {name: rows.get(name, {}).get("official_ha") for name in names}
    total = sum((number for number in drawn.values() if number is not None), Decimal("0.0000"))
    return Plotted(drawn, official, total, official_total(summary, land_class), homeless)


def check_units(units: GeoDataFrame, named: list[str], *, allow_unmatched: bool) -> list[str]:
    """Give the names of the polygons, refusing where figures and polygons do not match."""
    names = [str(name) for name in units.index[~(units.geometry.isna() | units.geometry.is_empty)]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            "unit_twice",
            f"several polygons bear the same unit: {', '.join(twice)}",
            hint=f"统计单元图层中“{'、'.join(twice)}”出现多次：请先按单元合并图形。",
        )
    without_polygon = [name for name in named if name not in names]
    if without_polygon and not allow_unmatched:
        raise DataError(
            "unit_without_polygon",
            f"no polygon for {', '.join(without_polygon)}",
            hint=f"“{'、'.join(without_polygon)}”有数据而没有图形，画出的图将与表不符："
            "请补充统计单元图层，或核对名称。",
        )
    without_row = [name for name in names if name not in named]
    if without_row and not allow_unmatched:
        raise DataError(
            "polygon_without_unit",
            f"no figures for {', '.join(without_row)}",
            hint=f"统计单元图层中的“{'、'.join(without_row)}”在汇总表中没有对应行：请核对名称，"
            "没有官方附件的地区可放宽此项检查（allow_unmatched）。",
        )
    return names


def cells(summary: pd.DataFrame, land_class: str) -> Cells:
    """Give the rows of one class by unit as exact decimals; 合计 is summed where it has no rows."""
    need(summary, "unit", "land_class", "official_ha", "ledger_ha", of=SUMMARY)
    rows = _of_units(summary)
    if land_class == TOTAL and not (rows["land_class"] == TOTAL).any():
        rows = rows.assign(land_class=TOTAL)
    rows = rows[rows["land_class"] == land_class]
    if rows.empty:
        raise DataError(
            "class_without_rows",
            f"the summary has no row of class {land_class!r}",
            hint=f"汇总表中没有“{land_class}”：可用的类别为 {'、'.join(classes_in(summary))}。",
        )
    columns = [name for name in (*VALUES, "parcel_count") if name in rows]
    found = {
        str(name): {column: _sum(group[column]) for column in columns}
        for name, group in rows.groupby("unit", sort=False)
    }
    if "measured_ha" in columns:  # figures that do not end with the last decimal are settled
        settled = crosstab(summary.assign(unit=summary["unit"].fillna(NO_UNIT)), "measured_ha")
        for name, row in found.items():
            figure = settled.cells.get((name, land_class))
            row["measured_ha"] = row["measured_ha"] if figure is None else figure
    return found


def classes_in(summary: pd.DataFrame) -> list[str]:
    """Classes that a summary has, in the order of the annex, 合计 last."""
    met = [name for name in dict.fromkeys(summary["land_class"]) if name != TOTAL]
    known = [name for name in ALL_LAND_CLASSES if name in met]
    return [*known, *(name for name in met if name not in known), TOTAL]


def has_figures(summary: pd.DataFrame, land_class: str) -> bool:
    """Say whether any unit has a figure of that class, from the annex or from parcels."""
    rows = cells(summary, land_class)
    return any(_drawn(rows, name, "ledger_ha") is not None for name in rows)


def official_total(summary: pd.DataFrame, land_class: str) -> Decimal | None:
    """Give the annex's printed sum of a class; the sum of its cells where it prints none."""
    printed = summary[(summary["unit"] == TOTAL) & (summary["land_class"] == land_class)]
    found = _sum(printed["official_ha"])
    if found is not None:
        return found
    return _sum(pd.Series([row["official_ha"] for row in cells(summary, land_class).values()]))


def exact(value: Any) -> Decimal | None:
    """Read one cell: a Decimal with the printed decimals, or None for the unknown."""
    return None if pd.isna(value) else rounding.round_half_up(value, rounding.HA_DECIMALS)


def parcel_hectares(parcels: pd.DataFrame, value: str) -> list[Decimal | None]:
    """Give the area of every parcel in hectares, exact: as the ledger declares it, or as measured."""
    if value == "ledger_ha":
        need(parcels, "declared_ha")
        return [exact(area) for area in parcels["declared_ha"]]
    if value == "measured_ha":
        need(parcels, "area_m2")
        known = parcels["area_m2"].notna()
        dm2 = rounding.to_dm2(parcels["area_m2"].fillna(0.0).to_numpy())
        return [
            Decimal(int(area)) / rounding.DM2_PER_HA if here else None
            for area, here in zip(dm2, known, strict=True)
        ]
    raise UsageError(
        "unknown_value",
        f"parcels have no {value!r}",
        hint="地块面积可用 ledger_ha（台账）或 measured_ha（椭球面积）。",
    )


def _of_units(summary: pd.DataFrame) -> pd.DataFrame:
    rows = summary[summary["unit"].fillna("") != TOTAL]
    return rows.assign(unit=rows["unit"].fillna(NO_UNIT).astype(str))


def _sum(column: pd.Series) -> Decimal | None:
    known = [number for number in map(exact, column) if number is not None]
    return sum(known, Decimal(0)) if known else None


def _drawn(rows: Cells, name: str, value: str) -> Decimal | None:
    """Figure of one unit; a cell that is blank in the annex and has no parcel is no data."""
    row = rows.get(name, {})
    nothing_there = not row.get("ledger_ha") and not row.get("parcel_count")
    if row.get("official_ha") is None and nothing_there:
        return None
    return row.get(value)

"""What is wrong with figures of progress: every kind with its weight, gathered into one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from landgis.model import schema

if TYPE_CHECKING:
    from pandas import DataFrame

Severity = Literal["错误", "警告", "提示"]
SEVERITIES: dict[str, Severity] = {
    "disposal_blank": "提示",
    "disposal_without_id": "错误",
    "disposal_parcel_unknown": "错误",
    "disposal_without_date": "错误",
    "disposal_without_area": "错误",
    "disposal_not_positive": "错误",
    "disposal_before_baseline": "警告",
    "disposal_after_as_of": "提示",
    "disposal_repeated": "警告",
    "disposal_beyond_parcel": "错误",
    "disposal_beyond_baseline": "警告",
    "disposal_outside_cohort": "提示",
    "stock_class_unknown": "错误",
    "stock_area_missing": "警告",
    "stock_area_unknown": "错误",
    "stock_area_negative": "错误",
    "stock_without_unit": "警告",
    "reports_beyond_baseline": "错误",
    "baseline_not_frozen": "提示",
    "baseline_revised": "提示",
    "cumulative_fell": "错误",
    "unit_without_stock": "警告",
    "task_missing": "警告",
    "task_negative": "错误",
    "report_missing": "警告",
    "report_after_as_of": "提示",
    "report_total_differs": "错误",
    "reports_without_class": "提示",
    "denominator_missing": "警告",
    "yardstick_missing": "警告",
    "indicator_not_positive": "错误",
}


class Findings:
    """Findings as they are met; each once, in a fixed order of rows."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], None] = {}

    def add(self, code: str, message: str, *, parcel: object = "") -> None:
        """Note one."""
        self._rows[str(parcel), code, message] = None

    def table(self) -> DataFrame:
        """Give `schema.FINDINGS`: the gravest first, then by code and parcel."""
        weights = ("错误", "警告", "提示")
        rows = sorted(self._rows, key=lambda row: (weights.index(SEVERITIES[row[1]]), row[1], row))
        filled = {
            "parcel_id": [parcel or None for parcel, _, _ in rows],
            "code": [code for _, code, _ in rows],
            "severity": [SEVERITIES[code] for _, code, _ in rows],
            "message": [message for _, _, message in rows],
            "mendable": [False] * len(rows),
        }
        return pd.DataFrame(
            {
                column.name: pd.Series(
                    filled.get(column.name, [None] * len(rows)), dtype=schema.DTYPES[column.kind]
                )
                for column in schema.FINDINGS.columns
            }
        )

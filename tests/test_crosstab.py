"""The annex's layout: what is printed agrees in both directions.

Cases: ledger figures stand as they are; measured figures are settled so that rows, columns and the
total agree and the total is the true one, with a log; unknown cells keep their sums unknown; cells
without parcels stay blank; official figures and their printed sums are never settled; a table
without sums; a place without classes; what the sheets plot is the same.
"""

from decimal import Decimal

import numpy as np
import pandas as pd

from landgis.analysis.reconciliation import reconcile
from landgis.reports._plotted import cells
from landgis.reports.crosstab import crosstab

UNITS, CLASSES = ("甲", "乙", "丙"), ("批而未供", "闲置", "低效")


def measured(areas):
    """A place without a ledger: one parcel for every cell, areas in m²."""
    rows = [
        (unit, name, float(area))
        for unit, line in zip(UNITS, areas, strict=True)
        for name, area in zip(CLASSES, line, strict=True)
        if area is not None
    ]
    return pd.DataFrame(rows, columns=["unit", "land_class", "area_m2"])


def agrees(table):
    units, classes = table.units[:-1], table.classes[:-1]
    inner = {cell: value or Decimal(0) for cell, value in table.cells.items() if "合计" not in cell}
    for unit in units:
        assert table.cells[unit, "合计"] == sum(inner[unit, name] for name in classes)
    for name in classes:
        assert table.cells["合计", name] == sum(inner[unit, name] for unit in units)
    assert table.cells["合计", "合计"] == sum(inner.values())
    return True


def test_measured_figures_agree_with_the_true_total():
    # nine parcels of 0.4 m²: one by one each prints 0.0000 公顷; together 3.6 m², 0.0004 公顷
    summary = reconcile(measured([[0.4] * 3] * 3), None).summary
    table = crosstab(summary, "measured_ha")
    assert agrees(table)
    assert str(table.cells["合计", "合计"]) == "0.0004"
    raised = [cell for cell, own, printed in table.moved if printed > own]
    assert len(raised) >= 1
    assert all(abs(printed - own) == Decimal("0.0001") for _, own, printed in table.moved)


def test_random_places_without_a_ledger():
    rng = np.random.default_rng(3)
    for _ in range(20):
        areas = rng.uniform(0, 40_000, (3, 3))
        table = crosstab(reconcile(measured(areas), None).summary, "measured_ha")
        assert agrees(table)
        for i, unit in enumerate(UNITS):
            for j, name in enumerate(CLASSES):
                assert abs(float(table.cells[unit, name]) - areas[i, j] / 1e4) < 1.01e-4
        assert abs(float(table.cells["合计", "合计"]) - areas.sum() / 1e4) < 0.51e-4
        assert abs(float(table.cells["合计", "闲置"]) - areas[:, 1].sum() / 1e4) < 1.01e-4


def test_unknown_and_empty_cells():
    place = measured([[1.4, 2.4, None], [3.4, 4.4, 5.4], [6.4, 7.4, 8.4]])
    place.loc[1, "area_m2"] = np.nan  # 甲 闲置
    table = crosstab(reconcile(place, None).summary, "measured_ha")
    blank = {cell for cell, value in table.cells.items() if value is None}
    assert blank == {
        ("甲", "闲置"), ("甲", "低效"), ("甲", "合计"), ("合计", "闲置"), ("合计", "合计"),
    }  # fmt: skip
    assert table.cells["乙", "合计"] == sum(table.cells["乙", name] for name in CLASSES)


def test_official_sums_stand_as_printed():
    rows = [
        ("甲", "低效", 1.23456),
        ("甲", "合计", 9.0),
        ("合计", "低效", 1.0),
        ("合计", "合计", 2.0),
    ]
    table = crosstab(
        pd.DataFrame(rows, columns=["unit", "land_class", "official_ha"]), "official_ha"
    )
    assert str(table.cells["甲", "低效"]) == "1.2346"
    assert [int(table.cells[cell]) for cell in (("甲", "合计"), ("合计", "合计"))] == [9, 2]
    assert table.moved == []


def test_without_sums_in_the_table():
    rows = [("甲", "低效", 0.00004), ("乙", "低效", 0.00004), ("乙", "闲置", None)]
    table = crosstab(
        pd.DataFrame(rows, columns=["unit", "land_class", "measured_ha"]), "measured_ha"
    )
    assert str(table.cells["合计", "合计"]) == "0.0001"
    assert table.cells["合计", "闲置"] is None


def test_a_place_without_classes():
    place = pd.DataFrame({"unit": list(UNITS), "area_m2": [0.4, 0.4, 0.4]})
    table = crosstab(reconcile(place, None).summary, "measured_ha")
    assert [float(table.cells[unit, "合计"]) for unit in UNITS] == [0.0001, 0, 0]
    assert str(table.cells["合计", "合计"]) == "0.0001"


def test_sheets_plot_the_same_figures():
    summary = reconcile(measured([[0.4] * 3] * 3), None).summary
    table = crosstab(summary, "measured_ha")
    for name in (*CLASSES, "合计"):
        plotted = {unit: row["measured_ha"] for unit, row in cells(summary, name).items()}
        assert plotted == {unit: table.cells[unit, name] for unit in UNITS}

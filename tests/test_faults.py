"""Faults planted in the sample: the cause named is the fault planted, in the right parcel.

Cases: every fault by itself, from many seeds; every pair of faults, also two of one kind; with what
a run knows (outlines, facts), and with the list of parcels the annex was made from, where even a
parcel that is gone is named; the explained amounts are the planted ones and nothing else is
accused; the statutory account still closes; switched on from the command line; an unknown fault.
"""

import datetime as dt
import itertools
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from landgis.analysis.area import measure
from landgis.analysis.classification import classify
from landgis.analysis.location import locate
from landgis.analysis.reconciliation import reconcile
from landgis.formats import vector
from landgis.formats.tables import read_annex, read_ledger
from landgis.model.errors import UsageError
from landgis.sample.faults import plant
from landgis.sample.tables import annex_rows, write_annex_csv

SAMPLE = Path(__file__).parent.parent / "sample_data"
FAULTS = (
    "moved",
    "duplicated",
    "same-number",
    "reclassified",
    "misassigned",
    "deleted",
    "annex-cell",
)
PAIRS = list(itertools.combinations_with_replacement(FAULTS, 2))
GAP, STATUTORY = "台账减官方", "椭球减台账"


@pytest.fixture(scope="module")
def world():
    units = vector.read(SAMPLE / "units.gpkg", kind="units")
    parcels = vector.read(SAMPLE / "parcels.gpkg")
    stock = parcels[parcels["land_class"].isin(["批而未供", "闲置", "低效"])]
    return stock, units


def planted(world, faults, seed, folder):
    """Plant, write and read the annex, and learn what a run learns before it reconciles."""
    stock, units = world
    parcels, rows, truths = plant(stock, annex_rows(), faults=faults, units=units, seed=seed)
    write_annex_csv(folder / "annex.csv", rows)
    parcels = locate(measure(parcels), units)
    judged = classify(parcels, policy="qinzhou_2021", as_of=dt.date(2020, 12, 31)).parcels
    return judged, read_annex(folder / "annex.csv"), truths


def m2(hectares):
    return int((Decimal(repr(hectares)) * 10_000).to_integral_value())


def accused(differences, account=GAP):
    rows = differences[differences["account"] == account]
    found = {}
    for row in rows.itertuples():
        parcel = None if pd.isna(row.parcel_id) else row.parcel_id
        key = (row.kind, row.unit, row.land_class, parcel)
        found[key] = found.get(key, 0) + m2(row.difference_ha)
    return found


def expected(truths, *, by_list):
    """Say what must be found, from what was planted alone; square metres, ledger minus annex."""
    wanted = {}

    def add(kind, unit, land_class, parcel, size):
        key = (kind, unit, land_class, parcel)
        wanted[key] = wanted.get(key, 0) + size

    for truth in truths:
        unit, name = truth["unit"], truth["land_class"]
        if truth["fault"] == "annex-cell":
            size = m2(float(truth["right"])) - m2(float(truth["printed"]))
            add("疑似附表有误", unit, name, None, size)
            continue
        parcel, size = truth["parcel_id"], m2(truth["declared_ha"])
        if truth["fault"] in {"duplicated", "same-number"}:
            add("重复地块", unit, name, parcel, size)
        elif truth["fault"] == "deleted":
            kind, named = ("台账漏列", parcel) if by_list else ("疑似漏登", None)
            add(kind, unit, name, named, -size)
        elif truth["fault"] == "misassigned":
            kind = "县区与名册不符" if by_list else "县区与位置不一致"
            add(kind, truth["entered_as"], name, parcel, size)
            add(kind, unit, name, parcel, -size)
        elif truth["fault"] == "reclassified":
            kind = "类别与名册不符" if by_list else "类别与判定不一致"
            add(kind, unit, truth["entered_as"], parcel, size)
            add(kind, unit, name, parcel, -size)
    return wanted


def alike(found):
    """Call a whole cell that is gone missing, and a class told by its area alone told by class."""
    same = {"台账无地块": "疑似漏登", "疑似错归类别": "类别与判定不一致"}
    return {(same.get(kind, kind), *place): size for (kind, *place), size in found.items()}


def check_differences(parcels, annex, truths, *, listed=None):
    done = reconcile(parcels, annex, listed=listed)
    differences = done.differences
    wanted = expected(truths, by_list=listed is not None)
    assert alike(accused(differences)) == wanted, truths
    for truth in truths:
        if truth["fault"] == "moved":
            row = differences[differences["parcel_id"] == truth["parcel_id"]]
            row = row[row["kind"] == "疑似图形移位"]
            assert len(row) == 1, truth
            assert f"登记在“{truth['unit']}”" in row["message"].iloc[0]
            assert f"图形却在“{truth['drawn_in']}”" in row["message"].iloc[0]
        if truth["fault"] == "annex-cell":
            row = differences[differences["kind"] == "疑似附表有误"]
            row = row[(row["unit"] == truth["unit"]) & (row["land_class"] == truth["land_class"])]
            assert f"若为 {truth['right']} 公顷" in row["message"].iloc[0]
    assert_closes(done)
    return done


def assert_closes(done):
    """Both accounts, cell by cell, in whole square decimetres."""
    summary = done.summary[
        (done.summary["unit"] != "合计") & (done.summary["land_class"] != "合计")
    ]
    parts = done.differences.groupby(["unit", "land_class", "account"])["difference_ha"]
    sums = {cell: sum(round(v * 1e6) for v in values) for cell, values in parts}
    for row in summary.itertuples():
        ledger = sums.get((row.unit, row.land_class, GAP), 0)
        measured = sums.get((row.unit, row.land_class, STATUTORY), 0)
        known = row.difference_ha == row.difference_ha
        assert ledger == (round(row.difference_ha * 1e6) if known else 0)
        if known:
            assert ledger + measured == round(row.measured_gap_ha * 1e6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault(world, fault, seed, tmp_path):
    parcels, annex, truths = planted(world, [fault], seed, tmp_path)
    done = check_differences(parcels, annex, truths)
    if fault not in {"moved", "annex-cell"}:
        assert truths[0]["parcel_id"] in done.sentence or fault == "deleted"
    check_differences(parcels, annex, truths, listed=world[0])


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_two_faults(world, pair, tmp_path):
    for seed in (100, 101):
        parcels, annex, truths = planted(world, pair, seed, tmp_path)
        check_differences(parcels, annex, truths)
        check_differences(parcels, annex, truths, listed=world[0])


def test_nothing_planted(world, tmp_path):
    parcels, annex, truths = planted(world, [], 1, tmp_path)
    assert truths == []
    done = check_differences(parcels, annex, truths)
    assert "24 个有数的格（含合计）全部相符" in done.sentence
    assert not done.differences["kind"].isin(["疑似图形移位", "县区与位置不一致"]).any()


def test_unknown_fault(world):
    with pytest.raises(UsageError, match="unknown_fault") as caught:
        plant(world[0], annex_rows(), faults=["stolen"], units=world[1], seed=1)
    assert "misassigned" in caught.value.hint


def test_switched_on_from_the_command_line(tmp_path):
    command = [sys.executable, "-m", "landgis", "sample", str(tmp_path), "--seed", "20211230"]
    wanted = ["deleted", "misassigned", "annex-cell"]
    switches = [word for name in wanted for word in ("--fault", name)]
    subprocess.run([*command, *switches], check=True, capture_output=True)
    truths = json.loads((tmp_path / "TRUTHS.json").read_text(encoding="utf-8"))["faults"]
    assert [truth["fault"] for truth in truths] == wanted
    units = vector.read(tmp_path / "units.gpkg", kind="units")
    parcels = locate(measure(vector.read(tmp_path / "parcels.gpkg")), units)
    for annex in ("annex.csv", "annex.xlsx"):
        printed = read_annex(tmp_path / annex)
        check_differences(parcels, printed, truths)
        check_differences(parcels, printed, truths, listed=read_ledger(tmp_path / "register.csv"))

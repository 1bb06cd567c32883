"""How long does it take to judge a million parcels by all rules?

``python -m benchmarks.judgement [rows]`` draws that many parcels (a million) from the sample that
comes with landgis, gives each its own contract and every eight one approval, and classifies them;
once as they come (four in five are ordinary land), once stock only. Prints wall and processor
seconds: the first also holds what other programs of the machine took.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from landgis import policy
from landgis.analysis.classification import classify
from landgis.formats.vector import read

ROOT = Path(__file__).parent.parent
DAY = "2020-12-31"
PER_BATCH = 8


def parcels(size: int, *, stock: bool, seed: int = 20211230) -> pd.DataFrame:
    """Draw parcels from the sample."""
    sample = pd.DataFrame(read(ROOT / "sample_data" / "parcels.gpkg").drop(columns="geometry"))
    if stock:
        sample = sample[sample["land_class"] != "其他"]
    rows = np.random.default_rng(seed).integers(0, len(sample), size)
    drawn = sample.iloc[rows].reset_index(drop=True)
    for name, share in (("contract_no", 1), ("approval_no", PER_BATCH)):
        drawn[name] = drawn[name] + pd.Series(np.arange(size) // share).astype("str")
    drawn.index = pd.Index(np.arange(size), name="parcel_id").astype("str")
    return drawn


def main() -> None:
    """Print how long each world takes."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rules = policy.load("qinzhou_2021")
    print(f"{size} parcels, {len(rules.rules)} rules, {len(rules.terms)} terms")
    for stock in (False, True):
        table = parcels(size, stock=stock)
        wall, busy = time.perf_counter(), time.process_time()
        judged = classify(table, policy=rules, as_of=DAY)
        wall, busy = time.perf_counter() - wall, time.process_time() - busy
        world = "stock only" if stock else "as they come"
        print(
            f"{world}: {wall:.1f} s wall, {busy:.1f} s processor, {len(judged.verdicts)} verdicts"
        )


if __name__ == "__main__":
    main()

"""Grow the whole sample folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED = 20211230  # the day the plan was issued


def grow(folder: str | Path, *, seed: int = SEED, faults: Sequence[str] = ()) -> Path:
    """Grow the made-up Qinzhou and write it as a bureau would have it.

    Parameters
    ----------
    folder : str or Path
        Where to write; made where missing, files of the same names are replaced.
    seed : int, optional
        The same seed gives the same data.
    faults : sequence of str, optional
        Faults to plant into parcels and annex (`landgis.sample.faults`), each as often as it
        stands here; TRUTHS.json then tells them, and ``register.csv`` lists the parcels as they
        were.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        ``unknown_fault``.
    OutputError
        ``output_unwritable`` where a file cannot be written.

    Notes
    -----
    Everything is 示意数据: parcels, holders, documents and dates are invented; only the outline
    (generalised county borders) and the printed annex (钦政办〔2021〕41号) are real.
    """
    # late: `landgis sample --help` must not wait for geopandas
    from landgis.sample import cover, facts, ground, names, outline, readme, stock, tables, truths
    from landgis.sample import faults as planting_of_faults  # isort: skip
    from landgis.sample import writing, zones  # isort: skip

    target = Path(folder)
    grown = ground.grow_ground(seed)
    chosen = stock.choose(grown.lots, grown.barriers, rng=ground.generator(seed, "存量"))
    lots = names.identify(chosen.lots)
    ledger = facts.write_facts(lots, rng=ground.generator(seed, "台账"))
    plan = zones.draw_plan(grown, lots, rng=ground.generator(seed, "规划"))
    printed = planting_of_faults.plant(
        ledger.parcels, tables.annex_rows(), faults=faults, units=outline.units(), seed=seed
    )
    writing.write_maps(target, parcels=printed.parcels, layers=plan.layers, barriers=grown.barriers)
    tables.write_annex_csv(target / "annex.csv", printed.annex)
    tables.write_annex_workbook(target / "annex.xlsx", printed.annex)
    progress = tables.write_progress(target / "progress.xlsx", rng=ground.generator(seed, "进度"))
    built = cover.build(lots, ledger.parcels, grown.units, rng=ground.generator(seed, "建成"))
    cover.write_cover(built, target / "built_up.tif", note=writing.NOTE)
    planted = truths.gather(
        seed=seed,
        as_of=facts.AS_OF.isoformat(),
        lots=lots,
        stock=chosen,
        ledger=ledger,
        plan=plan,
        cover=built,
        progress=progress,
        note=writing.NOTE,
    )
    if faults:
        planted["faults"] = printed.truths
        tables.write_register(target / "register.csv", ledger.parcels)
    truths.write(planted, target / "TRUTHS.json")
    readme.write_readme(target / "数据说明.md", seed=seed)
    readme.write_project(target / "landgis.toml")
    return target

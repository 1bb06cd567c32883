"""Grow the whole sample folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from landgis.model import schema

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SEED = 20211230  # the day the plan was issued


def grow(folder: str | Path, *, seed: int = SEED) -> Path:
    """Grow the made-up Qinzhou and write it as a bureau would have it.

    Parameters
    ----------
    folder : str or Path
        Where to write; made where missing, files of the same names are replaced.
    seed : int, optional
        The same seed gives the same data.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        ``output_unwritable`` where a file cannot be written.

    Notes
    -----
    Everything is 示意数据: parcels, holders, documents and dates are invented; only the outline
    (generalised county borders) and the printed annex (钦政办〔2021〕41号) are real.
    """
    from landgis.sample import (
        cover,
        facts,
        ground,
        names,
        readme,
        stock,
        tables,
        truths,
        writing,
        zones,
    )

    target = Path(folder)
    grown = ground.grow_ground(seed)
    chosen = stock.choose(grown.lots, grown.barriers, rng=ground.generator(seed, "存量"))
    lots = names.identify(chosen.lots)
    ledger = facts.write_facts(lots, rng=ground.generator(seed, "台账"))
    plan = zones.draw_plan(grown, lots, rng=ground.generator(seed, "规划"))
    writing.write_parcels(ledger.parcels, target / "parcels.gpkg")
    units = grown_units()
    writing.write_layer(units, target / "units.gpkg", layer="统计单元", note=writing.NOTE)
    lines = {name: plan.layers[name] for name in ("YJJBNTTB", "STBHHX", "CZKFBJ")}
    writing.write_layers(lines, target / "control_lines.gpkg", note=writing.NOTE)
    writing.write_layer(
        plan.layers["GHYDYH"], target / "land_use_plan.gpkg", layer="GHYDYH", note=writing.NOTE
    )
    barriers = writing.with_ministry_names(grown.barriers, schema.BARRIERS)
    writing.write_layer(barriers, target / "barriers.gpkg", layer="阻隔", note=writing.NOTE)
    tables.write_annex_csv(target / "annex.csv")
    tables.write_annex_workbook(target / "annex.xlsx")
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
    truths.write(planted, target / "TRUTHS.json")
    readme.write_readme(target / "数据说明.md", seed=seed)
    return target


def grown_units() -> GeoDataFrame:
    """Give the outline with the ministry's field names."""
    from landgis.sample import outline, writing

    return writing.with_ministry_names(outline.units(), schema.UNITS).assign(BZ=outline.SOURCE)

"""Which parts are large enough to be clusters, and what each member brings: behind clusters.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.analysis._adjacency import claimed_before
from landgis.analysis._candidates import are_seeds
from landgis.model import schema
from landgis.model.identifiers import short_ids
from landgis.model.units import DM2_PER_M2

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.analysis._adjacency import Adjacency, Ground
    from landgis.analysis._candidates import Rules, Who

    Places = NDArray[np.int64]
    Truths = NDArray[np.bool_]


def members_of(
    land: Ground, pairs: Adjacency, part: Places, parcels: GeoDataFrame, who: Who
) -> DataFrame:
    """Gather what the clusters are described from, one row per candidate."""
    facts = parcels.iloc[land.row]
    unknown = pd.Series(None, index=facts.index, dtype=schema.DTYPES["text"])
    return pd.DataFrame(
        {
            "cluster_id": _identify(land.ids, part),
            "own_dm2": land.dm2,
            "twice_dm2": claimed_before(pairs, part, parcels),
            "unit": facts.get("unit", unknown).to_numpy(),
            "location": facts.get("location", unknown).to_numpy(),
            "seed": are_seeds(facts, who.seeds),
        }
    )


def large_enough(part: Places, table: DataFrame, rules: Rules) -> Truths:
    """Which candidates are in a part that is large enough and, where there are seeds, holds one."""
    dm2 = (table["own_dm2"] - table["twice_dm2"]).groupby(part)
    area, count = dm2.transform("sum"), dm2.transform("size")
    enough = (area >= rules.min_area_m2 * DM2_PER_M2) & (count >= rules.min_count)
    enough |= area >= rules.single_area_m2 * DM2_PER_M2
    kept: Truths = (enough & table["seed"].groupby(part).transform("any")).to_numpy()
    return kept


def _identify(ids: NDArray[np.object_], part: Places) -> NDArray[np.object_]:
    """Make the cluster id of every candidate from the smallest id in its part."""
    firsts, at = np.unique(part, return_inverse=True)
    names = short_ids([str(ids[i]) for i in firsts], prefix="LP-")
    return np.array(names, dtype=object)[at]

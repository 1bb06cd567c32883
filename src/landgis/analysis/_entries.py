"""What the parcels say, as whole numbers and plain words; part of `reconciliation`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.model.units import HA_DECIMALS, to_dm2, whole_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

UNKNOWN = "（未注明）"  # stands for a unit or class that a parcel does not name


def entries(parcels: DataFrame, *, class_column: str) -> DataFrame:
    """Read parcels: whole square metres declared, whole square decimetres measured."""
    count = len(parcels)
    return pd.DataFrame(
        {
            "parcel_id": parcels.index.astype("str").to_numpy(dtype=object),
            "unit": _words(parcels, "unit").fillna(UNKNOWN).to_numpy(dtype=object),
            "land_class": _words(parcels, class_column).fillna(UNKNOWN).to_numpy(dtype=object),
            "declared_m2": _whole(parcels, "declared_ha", lambda ha: whole_steps(ha, HA_DECIMALS)),
            "measured_dm2": _whole(parcels, "area_m2", to_dm2),
            "located": _words(parcels, "located_unit").to_numpy(dtype=object),
            "second": _words(parcels, "second_unit").to_numpy(dtype=object),
            **{
                name: _numbers(parcels, name)
                for name in ("located_share", "second_share", "outside_share")
            },
            "judged": _words(parcels, "judged_class").to_numpy(dtype=object),
            "shape": _shapes(parcels),
        },
        index=pd.RangeIndex(count),
    )


def _words(parcels: DataFrame, name: str) -> pd.Series:
    if name not in parcels.columns:
        return pd.Series([None] * len(parcels), dtype=object)
    words = parcels[name].astype("str").str.strip().astype(object)
    return words.where(words.notna() & (words != ""), None)


def _numbers(parcels: DataFrame, name: str) -> NDArray[np.float64]:
    if name not in parcels.columns:
        return np.full(len(parcels), np.nan)
    numbers: NDArray[np.float64] = parcels[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _whole(parcels: DataFrame, name: str, steps: object) -> pd.api.extensions.ExtensionArray:
    numbers = _numbers(parcels, name)
    known = np.isfinite(numbers)
    whole = pd.array(steps(np.where(known, numbers, 0.0)), dtype="Int64")  # type: ignore[operator]
    whole[~known] = pd.NA
    return whole


def _shapes(parcels: DataFrame) -> NDArray[np.object_]:
    """Give the normal form of outlines that equal areas make suspicious; None for all others."""
    shapes = np.full(len(parcels), None, dtype=object)
    if "geometry" not in parcels.columns or "area_m2" not in parcels.columns:
        return shapes
    import shapely

    alike = parcels["area_m2"].duplicated(keep=False).to_numpy() & parcels["area_m2"].notna()
    outlines = parcels["geometry"].to_numpy()[alike]
    shapes[alike] = shapely.to_wkb(shapely.normalize(outlines))
    return shapes

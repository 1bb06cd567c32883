"""In which unit does each parcel lie?

Cases: wholly inside; across a border (larger part wins, equal parts go to the first); outside all
units; null geometry; units in another coordinate system; input untouched.
"""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landgis.analysis.location import locate
from landgis.model.errors import CrsError

UNITS = gpd.GeoDataFrame(
    index=pd.Index(["西", "东"], name="unit"),
    geometry=[
        shapely.box(560000, 2420000, 561000, 2421000),
        shapely.box(561000, 2420000, 562000, 2421000),
    ],
    crs=4545,
)


def parcels(*geometry, crs=4545):
    index = pd.Index([f"P{i}" for i in range(len(geometry))], name="parcel_id")
    return gpd.GeoDataFrame({"note": "x"}, index=index, geometry=list(geometry), crs=crs)


def test_larger_part_wins():
    inside = shapely.box(560100, 2420100, 560200, 2420200)
    mostly_east = shapely.box(560990, 2420100, 561090, 2420200)
    halved = shapely.box(560900, 2420300, 561100, 2420400)
    table = parcels(inside, mostly_east, halved)
    located = locate(table, UNITS)
    assert located["unit"].tolist() == ["西", "东", "西"]
    assert located["note"].tolist() == ["x"] * 3
    assert "unit" not in table.columns


def test_outside_and_unknown_stay_unknown():
    located = locate(parcels(shapely.box(0, 0, 1, 1), None), UNITS)
    assert located["unit"].isna().all()


def test_units_in_degrees():
    located = locate(parcels(shapely.box(561100, 2420100, 561200, 2420200)), UNITS.to_crs(4490))
    assert located["unit"].tolist() == ["东"]


def test_no_crs():
    with pytest.raises(CrsError, match="crs_missing"):
        locate(parcels(shapely.box(0, 0, 1, 1), crs=None), UNITS)

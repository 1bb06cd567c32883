"""In which unit does each parcel lie?

Cases: wholly inside; across a border (larger part wins, equal parts go to the first, shares of both
parts); in three units; a unit of several polygons; overlapping units; partly and wholly outside all
units; null, empty and invalid geometry, corners without a place; a unit that the table has already
is kept; units in another coordinate system; input untouched.
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


def test_shares_of_both_parts_and_of_what_lies_outside():
    across = shapely.box(560900, 2420100, 561300, 2420200)  # 100 m west, 300 m east
    over = shapely.box(561800, 2420100, 562300, 2420200)  # 200 m east, 300 m beyond
    beyond = shapely.box(563000, 2420100, 563100, 2420200)
    touching = shapely.box(560900, 2420300, 561000, 2420400)  # shares an edge with the border
    located = locate(parcels(across, over, beyond, touching), UNITS)
    assert located["located_unit"].tolist()[:2] == ["东", "东"]
    assert located["located_share"].tolist()[:2] == pytest.approx([0.75, 0.4], abs=1e-6)
    assert located["second_unit"].fillna("").tolist() == ["西", "", "", ""]
    assert located["second_share"].iloc[0] == pytest.approx(0.25, abs=1e-6)
    assert located["outside_share"].tolist() == pytest.approx([0, 0.6, 1, 0], abs=1e-6)
    assert located["located_unit"].isna().tolist() == [False, False, True, False]


def test_three_units_and_a_unit_of_two_polygons():
    third = gpd.GeoDataFrame(
        index=pd.Index(["北", "西"], name="unit"),
        geometry=[
            shapely.box(560000, 2421000, 562000, 2422000),
            shapely.box(562000, 2420000, 563000, 2421000),
        ],
        crs=4545,
    )
    units = pd.concat([UNITS, third])
    corner = shapely.box(560800, 2420900, 561100, 2421050)  # 200x100 西, 100x100 东, 300x50 北
    both = shapely.box(561900, 2420100, 562300, 2420200)  # 100 m in 东, 300 m in the other 西
    located = locate(parcels(corner, both), units)
    assert located["located_unit"].tolist() == ["西", "西"]
    assert located["located_share"].tolist() == pytest.approx([20 / 45, 0.75], abs=1e-6)
    assert located["second_unit"].tolist() == ["北", "东"]
    assert located["outside_share"].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_units_that_overlap():
    twice = gpd.GeoDataFrame(
        index=pd.Index(["甲", "乙"], name="unit"),
        geometry=[shapely.box(560000, 2420000, 561000, 2421000)] * 2,
        crs=4545,
    )
    located = locate(parcels(shapely.box(560100, 2420100, 560200, 2420200)), twice)
    assert located[["located_unit", "second_unit"]].iloc[0].tolist() == ["甲", "乙"]
    assert located[["located_share", "second_share"]].iloc[0].tolist() == [1.0, 1.0]


def test_what_the_ledger_says_is_kept():
    table = parcels(shapely.box(561100, 2420100, 561200, 2420200)).assign(unit="西")
    located = locate(table, UNITS)
    assert located[["unit", "located_unit"]].iloc[0].tolist() == ["西", "东"]


def test_broken_outlines_stop_nothing():
    bow_tie = shapely.Polygon(
        [(560900, 2420100), (561100, 2420300), (561100, 2420100), (560900, 2420300)]
    )
    located = locate(parcels(bow_tie, shapely.Polygon(), None), UNITS)
    assert located["located_unit"].tolist()[0] == "西"  # both halves are equal, 西 stands first
    assert located["located_share"].iloc[0] == pytest.approx(0.5, abs=1e-6)
    assert located["outside_share"].isna().tolist() == [False, True, True]


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("astray", [float("nan"), float("inf")])
def test_corners_without_a_place_stop_nothing(astray):
    nowhere = shapely.Polygon([(560000, 2420000), (astray, 2420000), (560100, 2420100)])
    inside = shapely.box(560100, 2420100, 560200, 2420200)
    located = locate(parcels(nowhere, inside), UNITS)
    assert located["located_unit"].isna().tolist() == [True, False]
    assert located["outside_share"].isna().tolist() == [True, False]

"""How much of each approval is acquired and supplied?

Cases: sums by hand in whole square metres; 批而未供 and 批而未征 never overlap; unsupplied, supplied
in part, wholly, beyond the approval; unknown parts make unknown sums and say so; differing approved
areas; blanks in the number; no approvals; the input untouched.
"""

import pandas as pd
import pytest

from landgis.analysis.batches import batches
from landgis.model.errors import SchemaError
from landgis.model.schema import BATCHES


def of(*rows):
    return batches(pd.DataFrame([{"approval_no": "A", **row} for row in rows])).iloc[0]


def test_three_parcels_by_hand():
    row = of(
        {
            "approved_ha": 10.0,
            "acquired_ha": 2.0001,
            "supplied_ha": 2.0001,
            "approval_date": "2015-06-01",
        },
        {
            "approved_ha": 10.0,
            "acquired_ha": 3.0,
            "supplied_ha": 0.5,
            "approval_date": "2015-06-01",
        },
        {
            "approved_ha": 10.0,
            "acquired_ha": 0.0,
            "supplied_ha": 0.0,
            "approval_date": "2015-06-01",
        },
    )
    assert (row["acquired_ha"], row["supplied_ha"]) == (5.0001, 2.5001)
    assert (row["unsupplied_ha"], row["unacquired_ha"]) == (2.5, 4.9999)
    assert row["unsupplied_ha"] + row["unacquired_ha"] + row["supplied_ha"] == row["approved_ha"]
    assert (row["parcel_count"], row["state"], row["note"]) == (3, "部分供应", "")
    assert row["approval_date"] == pd.Timestamp("2015-06-01")


@pytest.mark.parametrize(
    ("acquired", "supplied", "state"),
    [
        (2.0, 0.0, "未供"),
        (2.0, 0.0001, "部分供应"),
        (2.0, 1.9999, "部分供应"),
        (2.0, 2.0, "已供完"),
        (5.0, 5.0, "已供完"),
        (5.0, 5.0001, "超批准供应"),
        (None, 1.0, "待核"),
        (2.0, None, "待核"),
    ],
)
def test_states(acquired, supplied, state):
    assert (
        of({"approved_ha": 5.0, "acquired_ha": acquired, "supplied_ha": supplied})["state"] == state
    )


def test_what_is_unknown_or_differs_is_said():
    row = of(
        {"approved_ha": 5.0, "acquired_ha": None, "supplied_ha": 1.0},
        {"approved_ha": 6.0, "acquired_ha": 1.0, "supplied_ha": 1.0},
    )
    assert pd.isna(row["acquired_ha"])
    assert pd.isna(row["approved_ha"])
    assert row["note"] == "1宗征地完成面积未知；各宗填写的批准面积不一致"


def test_more_than_approved_is_said():
    row = of({"approved_ha": 5.0, "acquired_ha": 5.0, "supplied_ha": 5.25})
    assert row["note"] == "已供超过批准0.2500公顷；已供超过征地完成0.2500公顷"


def test_rows_are_sorted_numbers_trimmed_and_the_input_untouched():
    parcels = pd.DataFrame(
        {"approval_no": ["B ", None, "A", "B"], "supplied_ha": [1.0, 9.0, 0.0, 2.0]}
    )
    before = parcels.copy(deep=True)
    table = batches(parcels)
    assert table["approval_no"].tolist() == ["A", "B"]
    assert table["supplied_ha"].tolist() == [0.0, 3.0]
    assert table["acquired_ha"].isna().all()
    assert list(table.columns) == [column.name for column in BATCHES.columns]
    pd.testing.assert_frame_equal(parcels, before)


def test_an_area_that_is_no_number_is_an_error_that_names_it():
    with pytest.raises(SchemaError, match="column_kind") as caught:
        of({"supplied_ha": "两公顷"})
    assert "已供面积" in caught.value.hint


def test_without_approvals():
    assert batches(pd.DataFrame({"declared_ha": [1.0]})).empty
    assert batches(pd.DataFrame({"approval_no": [None]})).empty

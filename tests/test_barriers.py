"""Which lines and areas part clusters?

Cases: classes by name, by survey code, by planning code: the same digits mean other things; codes
longer than the rule's, codes read as numbers; bare codes refused, or told by an argument; lines
with and without width, from a least width; mean widths of polygons by hand, in degrees too; what
counts not, is too narrow, assumed, without rule or shape is told; roads that serve though they do
not part; the packaged rules; points, negative widths, missing columns; what comes out is a barrier
for cluster.
"""

from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis import policy
from landgis.analysis.barriers import barriers
from landgis.analysis.clusters import cluster
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, SchemaError, UsageError
from landgis.policy.cluster_records import BarrierRule

EAST, NORTH = 562000, 2428000
RULES = policy.load("qinzhou_2021").barrier_rules


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def strip(width, length=1000, north=0):
    return shapely.box(EAST, NORTH + north, EAST + length, NORTH + north + width)


def layer(*shapes, **columns):
    ids = [f"L{i}" for i in range(len(shapes))]
    return gpd.GeoDataFrame(columns, geometry=list(shapes), index=ids, crs=4545)


def rule(name, **changes):
    told = {
        "names": (name,),
        "survey_codes": (),
        "planning_codes": (),
        "counts": True,
        "road": False,
        "min_width_m": Fraction(0),
        "width_m": Fraction(0),
        "basis": "默认值，未核实",
    }
    return BarrierRule(id=name, **(told | changes))


def told(found):
    return {code: message for _, code, _, message, *_ in found.attrs["findings"]}


def test_the_same_digits_mean_other_things_in_the_two_systems():
    codes = ["1001", "1003", "1101", "0601", "1201", "1202"]
    shapes = [strip(30, north=100 * i) for i in range(6)]
    survey = barriers(layer(*shapes, DLBM=codes), rules=RULES, column="DLBM")
    assert survey["barrier_class"].to_dict() == {"L0": "铁路", "L1": "公路", "L2": "河流"}
    planned = barriers(layer(*shapes, YDYHFLDM=codes), rules=RULES, column="YDYHFLDM")
    assert planned["barrier_class"].to_dict() == {"L4": "铁路", "L5": "公路"}
    assert "农村道路" in told(planned)["barrier_not_counted"]  # 0601 there, 工业用地 in the survey
    assert "1003 1处" in told(planned)["barrier_no_rule"]


def test_a_bare_code_is_refused_unless_its_system_is_told():
    table = layer(strip(30), barrier_class=["1001"])
    with pytest.raises(UsageError, match="code_system_unknown") as caught:
        barriers(table, rules=RULES)
    assert "YDYHFLDM" in caught.value.hint
    assert len(barriers(table, rules=RULES, codes="survey")) == 1
    assert len(barriers(table, rules=RULES, codes="planning")) == 0
    with pytest.raises(UsageError, match="unknown_codes"):
        barriers(table, rules=RULES, codes="三调")


def test_longer_codes_belong_to_their_beginning_and_numbers_are_read():
    rules = [
        rule("公路", planning_codes=("12",)),
        rule("铁路", planning_codes=("1201",), survey_codes=("1001",)),
    ]
    shapes = [strip(30, north=100 * i) for i in range(3)]
    found = barriers(
        layer(*shapes, YDYHFLDM=["120100", "120200", "070000"]), rules=rules, column="YDYHFLDM"
    )
    assert found["barrier_class"].tolist() == ["铁路", "公路"]
    numbers = layer(*shapes, DLBM=[1001.0, np.nan, 1003.0])
    found = barriers(numbers, rules=rules, column="DLBM")
    assert found["barrier_class"].to_dict() == {"L0": "铁路"}
    assert "类别不明 1处" in told(found)["barrier_no_rule"]


def test_widths_of_lines():
    rules = [
        rule("路", min_width_m=Fraction(20), width_m=Fraction(10)),
        rule("河", width_m=Fraction(8)),
    ]
    ways = [line((0, i), (100, i)) for i in range(6)]
    table = layer(
        *ways,
        barrier_class=["路", "路", "路", "河", "河", "田"],
        width_m=[20.0, 19.99, np.nan, 3.0, np.nan, 99.0],
    )
    found = barriers(table, rules=rules)
    assert found["width_m"].to_dict() == {"L0": 20.0, "L3": 3.0, "L4": 8.0}
    assert told(found)["barrier_too_narrow"] == (
        "“路”2处窄于20米，不作为连片的阻隔（默认值，未核实）"
    )
    assert told(found)["barrier_no_rule"] == "政策未提到的类别不作为连片的阻隔：田 1处"
    assumed = [
        m for _, code, _, m, *_ in found.attrs["findings"] if code == "barrier_width_assumed"
    ]
    assert assumed == [
        "“路”1处没有宽度，按缺省宽度10米计（默认值，未核实）",
        "“河”1处没有宽度，按缺省宽度8米计（默认值，未核实）",
    ]


def test_mean_width_of_polygons_by_hand():
    # 1000 × 25: 2·25000 / 2050 = 24.39; a square of 40: 2·1600 / 160 = 20
    table = layer(strip(25), strip(40, 40, north=100), strip(39, 39, north=200), barrier_class="路")
    rules = [rule("路", min_width_m=Fraction(20))]
    found = barriers(table, rules=rules)
    assert found["width_m"].tolist() == pytest.approx([50000 / 2050, 20.0])
    degrees = barriers(table.iloc[[0, 2]].to_crs(4490), rules=rules)
    assert degrees["width_m"].tolist() == pytest.approx([50000 / 2050], abs=1e-3)
    assert degrees.crs.to_epsg() == 4490


def test_roads_serve_even_where_they_do_not_part():
    shapes = [strip(30, north=100 * i) for i in range(4)]
    table = layer(*shapes, DLBM=["1001", "1003", "1006", "1004"])
    table = pd.concat([table, layer(strip(6), DLBM=["1004"]).set_axis(["L9"])])
    found = barriers(table, rules=RULES, column="DLBM", roads=True)
    assert found["barrier_class"].tolist() == ["公路", "农村道路", "城镇村道路", "城镇村道路"]
    assert found.attrs["findings"] == []


def test_the_packaged_rules_are_unverified_defaults():
    by_id = {one.id: one for one in RULES}
    assert {name for name, one in by_id.items() if not one.counts} == {"农村道路", "沟渠"}
    assert by_id["城镇村道路"].min_width_m == 20
    assert {code for one in RULES for code in one.survey_codes} == {
        *("1001", "1002", "1003", "1004", "1006", "1101", "1107")
    }
    assert all("未核实" in one.basis for one in RULES)


def test_what_comes_out_parts_clusters():
    lots = gpd.GeoDataFrame(
        geometry=[strip(50, 40), strip(50, 40, north=62)], index=["A", "B"], crs=4545
    )
    way = line((-100, 56), (200, 56))
    for kind, count in (("铁路", 2), ("农村道路", 1)):
        found = barriers(layer(way, barrier_class=[kind]), rules=RULES)
        assert len(cluster(lots, gap_m=20, barriers=found).clusters) == count


def test_parcels_of_the_same_layer_may_be_barriers():
    table = layer(
        strip(50, 40),
        strip(12, 40, north=50),
        strip(50, 40, north=62),
        DLMC=["宅", "河流水面", "宅"],
    )
    found = barriers(table, rules=RULES, column="DLMC")
    assert found.index.tolist() == ["L1"]
    assert found["width_m"].iloc[0] == pytest.approx(2 * 480 / 104)
    assert "宅 2处" in told(found)["barrier_no_rule"]


def test_what_has_no_shape_is_told_by_name():
    table = layer(None, shapely.Polygon(), strip(20), barrier_class="铁路")
    found = barriers(table, rules=RULES)
    assert found.index.tolist() == ["L2"]
    missing = [
        m for _, code, _, m, *_ in found.attrs["findings"] if code == "barrier_without_shape"
    ]
    assert missing == ["阻隔“L0”没有图形，无法阻隔", "阻隔“L1”没有图形，无法阻隔"]


def test_bad_layers():
    with pytest.raises(SchemaError, match="column_missing") as caught:
        barriers(layer(strip(5), kind="路"), rules=RULES)
    assert "kind" in caught.value.hint
    with pytest.raises(DataError, match="barrier_not_line_or_polygon"):
        barriers(layer(shapely.Point(EAST, NORTH), barrier_class="铁路"), rules=RULES)
    with pytest.raises(DataError, match="barrier_width_negative"):
        barriers(layer(line((0, 0), (9, 9)), barrier_class="铁路", width_m=-1.0), rules=RULES)
    with pytest.raises(CrsError, match="crs_missing"):
        barriers(
            layer(strip(5), barrier_class="铁路").set_crs(None, allow_override=True), rules=RULES
        )
    stray = layer(shapely.Point(EAST, NORTH), barrier_class="路灯")  # of no rule: left alone
    assert barriers(stray, rules=RULES).empty


def test_what_comes_out_is_the_table_of_barriers():
    table = layer(strip(20), barrier_class="铁路", barrier_name="钦港线", remark="看")
    before = table.copy()
    found = barriers(table, rules=RULES)
    assert table.equals(before)
    columns = [column.name for column in schema.BARRIERS.columns if column.name != "barrier_id"]
    assert list(found.columns) == columns
    assert found.index.name == "barrier_id"
    assert found["barrier_name"].tolist() == ["钦港线"]
    assert barriers(table, rules=[]).empty
    assert barriers(table.iloc[:0], rules=RULES).empty

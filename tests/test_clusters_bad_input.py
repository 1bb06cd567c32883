"""Bad input to cluster and suggest, in Python and on the command line.

Cases: a gap in degrees, negative, not a number, infinite; barriers in another system, brought over
where it can be related (degrees, a zone prefix on either side) and refused with both names where
not; barriers as points or a mixture; numbers that do not fit their declared system, of barriers and
of parcels; widths that are no numbers; overlapping parcels, each m² once and said; one parcel twice
under two ids, and one id twice; a class without members; invalid, empty, missing, three-dimensional
geometry, lines among the parcels, coordinates that are no numbers; barriers that cover everything;
a barrier with a courtyard that GEOS fills when it widens it; one parcel, no parcels. On the command
line there is never a traceback, always a Chinese sentence; rows without geometry are told, a file
that is read is never written over, a layer that is not there is not taken for a column, and a run
that is interrupted leaves nothing behind.
"""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landgis.analysis.clusters import cluster, suggest
from landgis.cli import main
from landgis.model import schema
from landgis.model.errors import CrsError, DataError, UsageError

EAST, NORTH = 562_000.0, 2_428_000.0
PREFIX = 36_000_000.0
HECTARE_M2 = 9999.05  # V1 of test_area: a hectare in the plane here, by the statute


def box(west, south, east, north):
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def prefixed(shape, by=PREFIX):
    return shapely.transform(shape, lambda points: np.add(points, [by, 0.0]))


def parcels(*shapes, ids=None, crs=4545, **columns):
    index = pd.Index(ids or [f"P{k}" for k in range(len(shapes))], name="parcel_id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=index)


def barriers(*shapes, crs=4545, **columns):
    index = pd.Index([f"R{k}" for k in range(len(shapes))], name="barrier_id", dtype="str")
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=index)


def is_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def counts(table, **options):
    return cluster(table, **options).clusters["member_count"].tolist()


UNIT = box(0, 0, 10, 10)
ACROSS = parcels(UNIT, box(18, 0, 28, 10))  # 8 m apart
RIVER = line((14, -50), (14, 60))


@pytest.fixture
def on_command_line(tmp_path, monkeypatch, capsys):
    """Call landgis on tables written to a folder; give exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, **layers):
        for name, layer in layers.items():
            known = {
                "parcel_id": "DKBH",
                "land_class": "CLLB",
                "barrier_id": "BSM",
                "width_m": "KD",
            }
            layer.reset_index().rename(columns=known).to_file(f"{name}.gpkg", layer=name)
        monkeypatch.setattr(sys, "argv", ["landgis", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert is_chinese(err)
        return left.value.code, out, err

    return call


GAP_10 = ("cluster", "parcels.gpkg", "--gap", "10")


def test_a_gap_in_degrees(on_command_line):
    degrees = ACROSS.to_crs(4490)
    for call in (lambda: cluster(degrees, gap_m=0.0001), lambda: suggest(degrees, gaps_m=[10])):
        with pytest.raises(CrsError) as caught:
            call()
        assert caught.value.code == "crs_degrees"
        assert "EPSG:4490 is in degrees" in str(caught.value)
        assert "经纬度" in caught.value.hint
        assert "EPSG:4545" in caught.value.hint
    code, out, err = on_command_line(*GAP_10, parcels=degrees)
    assert (code, out) == (1, "")
    assert "经纬度" in err
    assert "EPSG:4545" in err


@pytest.mark.parametrize("gap", [-1.0, np.nan, np.inf, -np.inf])
def test_a_gap_that_is_no_length(gap, on_command_line):
    for call in (lambda: cluster(ACROSS, gap_m=gap), lambda: suggest(ACROSS, gaps_m=[5, gap])):
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.code == "bad_gap"
        assert str(gap) in str(caught.value)
        assert "间距" in caught.value.hint
    code, out, err = on_command_line("cluster", "parcels.gpkg", f"--gap={gap}", parcels=ACROSS)
    assert (code, out) == (2, "")
    assert "间距" in err


SYSTEMS = {
    "degrees": (ACROSS, barriers(RIVER).to_crs(4490)),
    "WGS 84": (ACROSS, barriers(RIVER).to_crs(4326)),
    "prefix on the barriers": (ACROSS, barriers(prefixed(RIVER), crs=4524)),
    "prefix on the parcels": (ACROSS.to_crs(4524), barriers(RIVER)),
    "the neighbouring zone": (ACROSS, barriers(RIVER).to_crs(4546)),
}


@pytest.mark.parametrize("named", SYSTEMS)
def test_barriers_in_another_system_are_brought_over(named):
    table, river = SYSTEMS[named]
    assert counts(table, gap_m=10) == [2]
    done = cluster(table, gap_m=10, barriers=river)
    assert done.clusters["member_count"].tolist() == [1, 1]
    assert done.edges["barrier"].tolist() == ["R0"]


def test_barriers_that_cannot_be_related(on_command_line):
    beijing = barriers(RIVER, crs=2433)
    with pytest.raises(CrsError) as caught:
        cluster(ACROSS, gap_m=10, barriers=beijing)
    assert caught.value.code == "crs_no_transformation"
    for said in (str(caught.value), caught.value.hint):
        assert "Beijing 1954" in said
        assert "CGCS2000" in said
    command = (*GAP_10, "--barriers", "rivers.gpkg")
    code, out, err = on_command_line(*command, parcels=ACROSS, rivers=beijing)
    assert (code, out) == (1, "")
    assert "Beijing 1954" in err


ELSEWHERE = {
    "a prefix that was not declared": (ACROSS, barriers(prefixed(RIVER))),
    "a declared prefix that is not there": (ACROSS.to_crs(4524), barriers(RIVER, crs=4524)),
    "x and y swapped": (
        ACROSS,
        barriers(shapely.transform(RIVER, lambda points: points[:, ::-1])),
    ),
    "degrees declared as metres": (ACROSS, barriers(shapely.LineString([(108, 21), (109, 22)]))),
}


@pytest.mark.parametrize("named", ELSEWHERE)
def test_barriers_whose_numbers_do_not_fit_their_system(named, on_command_line):
    table, river = ELSEWHERE[named]
    with pytest.raises(CrsError) as caught:
        cluster(table, gap_m=10, barriers=river)
    assert caught.value.code == "crs_out_of_range"
    assert "带号前缀" in caught.value.hint
    command = (*GAP_10, "--barriers", "rivers.gpkg")
    code, out, err = on_command_line(*command, parcels=table, rivers=river)
    assert (code, out) == (1, "")
    assert "带号前缀" in err or "坐标" in err


def test_barriers_beyond_the_county_are_no_error():
    far = line((300_000, 0), (400_000, 0))
    assert counts(ACROSS, gap_m=10, barriers=barriers(far)) == [2]


def test_parcels_whose_numbers_do_not_fit_their_system(on_command_line):
    wrong = parcels(prefixed(UNIT), prefixed(box(18, 0, 28, 10)))
    with pytest.raises(CrsError) as caught:
        cluster(wrong, gap_m=10)
    assert caught.value.code == "crs_out_of_range"
    assert "P0" in str(caught.value)
    assert "带号前缀" in caught.value.hint
    code, out, err = on_command_line(*GAP_10, parcels=wrong)
    assert (code, out) == (1, "")
    assert "坐标" in err
    # one among others is left out, and its neighbours stay
    some = parcels(UNIT, prefixed(UNIT), box(10, 0, 20, 10))
    members = cluster(some, gap_m=10).members["cluster_id"]
    assert members.isna().tolist() == [False, True, False]
    assert counts(some, gap_m=10) == [2]


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(EAST + 14, NORTH),
        shapely.MultiPoint([(EAST + 14, NORTH), (EAST + 14, NORTH + 5)]),
        shapely.GeometryCollection([RIVER, shapely.Point(EAST + 14, NORTH)]),
    ],
)
def test_barriers_as_points(shape, on_command_line):
    with pytest.raises(DataError) as caught:
        cluster(ACROSS, gap_m=10, barriers=barriers(RIVER, shape))
    assert caught.value.code == "barrier_not_line_or_polygon"
    assert shape.geom_type in str(caught.value)
    assert "线或面" in caught.value.hint
    command = (*GAP_10, "--barriers", "rivers.gpkg")
    code, out, err = on_command_line(*command, parcels=ACROSS, rivers=barriers(shape))
    assert (code, out) == (1, "")
    assert "线或面" in err


@pytest.mark.parametrize("width", ["wide", np.inf])
def test_widths_that_are_no_numbers(width):
    with pytest.raises(DataError) as caught:
        cluster(ACROSS, gap_m=10, barriers=barriers(RIVER, width_m=[width]))
    assert caught.value.code == "barrier_width_unreadable"
    assert str(width) in str(caught.value)
    assert is_chinese(caught.value.hint)
    # a number written as text is one, and no width is a line
    for fine in ("6", None, np.nan):
        river = barriers(RIVER, width_m=[fine])
        assert counts(ACROSS, gap_m=10, barriers=river) == [1, 1]


OVERLAPPING = parcels(box(0, 0, 100, 100), box(50, 0, 150, 100))  # half of each is the other's


def test_overlapping_parcels_count_once_and_it_is_said(on_command_line):
    members, clusters, edges = cluster(OVERLAPPING, gap_m=10)
    assert clusters["area_m2"].tolist() == pytest.approx([1.5 * HECTARE_M2], abs=0.02)
    assert clusters["overlap_m2"].tolist() == pytest.approx([0.5 * HECTARE_M2], abs=0.02)
    assert edges["overlap_m2"].tolist() == pytest.approx([0.5 * HECTARE_M2], abs=0.02)
    assert members["cluster_id"].tolist() == clusters.index.tolist() * 2
    code, out, err = on_command_line(*GAP_10, parcels=OVERLAPPING)
    assert code == 0
    assert "14998.58" in out  # 1.5 × 9999.05 to the dm² of each parcel
    assert "1 对地块互相重叠" in err
    assert "4999.52 平方米只计一次" in err
    assert "重叠" not in on_command_line(*GAP_10, parcels=ACROSS)[2]


def test_one_parcel_under_two_ids_counts_once(on_command_line):
    twins = parcels(box(0, 0, 100, 100), box(0, 0, 100, 100))
    done = cluster(twins, gap_m=0)
    assert done.clusters["member_count"].tolist() == [2]
    assert done.clusters["area_m2"].tolist() == pytest.approx([HECTARE_M2], abs=0.01)
    assert done.clusters["overlap_m2"].tolist() == pytest.approx([HECTARE_M2], abs=0.01)
    assert done.edges["kind"].tolist() == ["overlap"]
    code, _, err = on_command_line(*GAP_10, parcels=twins)
    assert code == 0
    assert "9999.05 平方米只计一次" in err


def test_one_id_twice_is_refused_by_name(on_command_line):
    table = parcels(UNIT, box(10, 0, 20, 10), box(20, 0, 30, 10), ids=["A", "B", "A"])
    with pytest.raises(DataError) as caught:
        cluster(table, gap_m=10)
    assert caught.value.code == "id_duplicate"
    assert caught.value.parcel == "A"
    assert "landgis check" in caught.value.hint
    code, out, err = on_command_line(*GAP_10, parcels=table)
    assert (code, out) == (1, "")
    assert "编号重复" in err
    # rows that are no candidates may share an id
    classed = table.assign(land_class=["其他", "低效", "其他"])
    assert counts(classed, gap_m=10, land_class="低效") == [1]


def test_a_class_without_members_is_an_empty_result_with_a_sentence(on_command_line):
    table = ACROSS.assign(land_class="低效")
    done = cluster(table, gap_m=10, land_class="闲置", barriers=barriers(RIVER))
    assert done.members["cluster_id"].isna().all()
    assert done.clusters.empty
    assert done.edges.empty
    full = cluster(table, gap_m=10)
    assert done.clusters.dtypes.to_dict() == full.clusters.dtypes.to_dict()
    assert done.edges.dtypes.to_dict() == full.edges.dtypes.to_dict()
    assert done.clusters.crs == table.crs
    code, out, err = on_command_line(*GAP_10, "--class", "闲置", parcels=table)
    assert code == 0
    assert "没有连片" in err
    assert "闲置" in err
    assert out.count("\n") == 1  # the headings alone


def test_geometry_that_is_no_polygon_belongs_to_no_cluster():
    table = parcels(
        UNIT,
        None,
        shapely.Polygon(),
        line((0, 0), (30, 0)),
        shapely.Point(EAST + 5, NORTH + 5),
        shapely.Polygon([(EAST, NORTH), (EAST + 30, NORTH), (EAST, NORTH)]),  # collapsed
        box(12, 0, 22, 10),
    )
    before = table.copy()
    members, clusters, edges = cluster(table, gap_m=3)
    assert members["cluster_id"].notna().tolist() == [True, False, False, False, False, False, True]
    assert clusters["member_count"].tolist() == [2]
    assert edges[["a", "b"]].to_numpy().tolist() == [["P0", "P6"]]
    pd.testing.assert_frame_equal(table, before)


def test_invalid_polygons_are_read_by_their_structure():
    bow = shapely.Polygon(
        [(EAST + x, NORTH + y) for x, y in ((0, 0), (10, 10), (10, 0), (0, 10))]
    )  # two triangles of 25 m² that meet in (5, 5)
    (found,) = cluster(parcels(bow, box(12, 0, 20, 10)), gap_m=3).clusters.itertuples()
    assert found.member_count == 2
    assert found.area_m2 == pytest.approx(130 * HECTARE_M2 / 10_000, abs=0.01)
    spike = shapely.Polygon(
        [
            (EAST + x, NORTH + y)
            for x, y in ((0, 0), (10, 0), (10, 5), (30, 5), (10, 5), (10, 10), (0, 10))
        ]
    )  # a needle without width that reaches the neighbour: no ground, no contact
    assert counts(parcels(spike, box(29, 0, 40, 10)), gap_m=3) == [1, 1]
    wall = shapely.Polygon(
        [(EAST + x, NORTH + y) for x, y in ((12, -50), (16, 60), (12, 60), (16, -50))]
    )
    assert counts(ACROSS, gap_m=10, barriers=barriers(wall)) == [1, 1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers(bad):
    with np.errstate(invalid="ignore"):
        shape = shapely.Polygon([(EAST, NORTH), (bad, NORTH), (EAST + 5, NORTH + 5)])
    members = cluster(parcels(UNIT, shape), gap_m=10).members
    assert members["cluster_id"].isna().tolist() == [False, True]
    with pytest.raises(CrsError) as caught:  # where such a barrier lies nobody knows
        cluster(ACROSS, gap_m=10, barriers=barriers(RIVER, shape))
    assert caught.value.code == "crs_out_of_range"


def test_heights_change_nothing():
    flat = cluster(ACROSS, gap_m=10, barriers=barriers(RIVER))
    high = ACROSS.set_geometry(shapely.force_3d(ACROSS.geometry.to_numpy(), [3.0, 90.0]))
    high = high.set_crs(4545, allow_override=True)
    done = cluster(high, gap_m=10, barriers=barriers(shapely.force_3d(RIVER, 50.0)))
    pd.testing.assert_frame_equal(done.edges, flat.edges)
    columns = flat.clusters.columns.drop("geometry")
    pd.testing.assert_frame_equal(done.clusters[columns], flat.clusters[columns])
    assert counts(high, gap_m=10) == [2]


def test_barriers_that_cover_everything():
    table = parcels(UNIT, box(10, 0, 20, 10), box(5, 5, 15, 8), box(28, 0, 38, 10))
    done = cluster(table, gap_m=10, barriers=barriers(box(-500, -500, 500, 500)))
    assert done.clusters["member_count"].tolist() == [1, 1, 1, 1]
    assert not done.edges["joins"].any()
    assert done.edges["barrier"].eq("R0").all()
    assert done.edges["reach_m"].isna().all()


def test_a_barrier_keeps_its_courtyard():
    # a moat with a slot of 0.1 m; widening it by 0.09 m closes the slot, and GEOS 3.14 then fills
    # the ground inside as well (found by drawing 6 000 worlds)
    moat = shapely.Polygon(
        [
            (590236.1779912096, 2431621.809033008), (590242.4505631548, 2431623.726750703),
            (590242.4505631548, 2431622.6810589465), (590237.4266676703, 2431621.1450999565),
            (590241.5198715364, 2431607.756833373), (590247.2577000721, 2431609.5110636014),
            (590243.1644962061, 2431622.899330185), (590242.5505631549, 2431622.7116320147),
            (590242.5505631549, 2431623.7573237712), (590243.8284292573, 2431624.1480066455),
            (590248.5063765328, 2431608.84713055), (590240.8559384851, 2431606.5081569124),
        ]
    )  # fmt: skip
    inside = parcels(
        shapely.box(590241, 2431612, 590243, 2431616), shapely.box(590243, 2431612, 590245, 2431616)
    )
    assert not moat.intersects(inside.union_all())
    (edge,) = cluster(inside, gap_m=1, barriers=barriers(moat)).edges.itertuples()
    assert (edge.kind, edge.joins) == ("shared", True)
    outside = pd.concat([inside, parcels(shapely.box(590249, 2431612, 590252, 2431616), ids=["X"])])
    assert counts(outside, gap_m=9) == [3]
    assert counts(outside, gap_m=9, barriers=barriers(moat)) == [2, 1]


def test_one_parcel_and_none(on_command_line):
    one = cluster(ACROSS.iloc[:1], gap_m=10, barriers=barriers(RIVER))
    assert one.clusters["member_count"].tolist() == [1]
    assert one.edges.empty
    none = ACROSS.iloc[:0]
    for layer in (None, barriers(RIVER), barriers()):
        done = cluster(none, gap_m=10, barriers=layer)
        assert len(done.members) == len(done.clusters) == len(done.edges) == 0
        assert "cluster_id" in done.members
        assert list(done.edges) == [column.name for column in schema.EDGES.columns]
    choices = suggest(none, gaps_m=[0, 5])
    assert choices["cluster_count"].tolist() == [0, 0]
    code, out, err = on_command_line(*GAP_10, parcels=none)
    assert (code, out) == (1, "")  # an empty file is told when it is read
    assert "没有" in err


def test_rows_without_geometry_are_told(on_command_line):
    table = parcels(UNIT, None, shapely.Polygon(), box(12, 0, 22, 10))
    code, _, err = on_command_line(*GAP_10, parcels=table)
    assert code == 0
    assert "1 个连片，共 2 宗" in err
    assert "2 宗没有图形" in err
    code, _, err = on_command_line(*GAP_10, parcels=parcels(None, None))
    assert code == 0
    assert "2 宗没有图形" in err
    assert "没有图形" not in on_command_line(*GAP_10, parcels=ACROSS)[2]


def test_a_file_that_is_read_is_never_written_over(on_command_line, tmp_path):
    layers = {"parcels": ACROSS, "rivers": barriers(RIVER)}
    Path("parcels.png").write_bytes(b"a layer by another name")
    for command in (
        (*GAP_10, "--out", "parcels.gpkg"),
        (*GAP_10, "--barriers", "rivers.gpkg", "--out", str(tmp_path / "rivers.gpkg")),
        (*GAP_10, "--barriers", "rivers.gpkg#rivers", "--edges", "--out", "./rivers.gpkg"),
        ("suggest", "parcels.gpkg", "--out", "parcels.gpkg"),
        ("suggest", "parcels.png", "--chart", "parcels.png"),
        ("measure", "parcels.gpkg#parcels", "--out", "parcels.gpkg"),
        ("convert", "parcels.gpkg", "--out", "parcels.gpkg"),
        ("repair", "parcels.gpkg", "--out", "parcels.gpkg"),
    ):
        code, out, err = on_command_line(*command, **layers)
        assert (code, out) == (2, "")
        assert "是输入文件" in err
        assert "output_is_input" in err
        assert len(gpd.read_file("parcels.gpkg")) == 2
        assert gpd.read_file("rivers.gpkg").geom_type.tolist() == ["LineString"]


def test_an_output_that_is_there_is_replaced_and_a_folder_that_is_not_is_made(on_command_line):
    command = (*GAP_10, "--out", "new/deep/clusters.gpkg")
    assert on_command_line(*command, parcels=parcels(UNIT, box(30, 0, 40, 10)))[0] == 0
    assert len(gpd.read_file("new/deep/clusters.gpkg")) == 2
    assert on_command_line(*command, parcels=ACROSS)[0] == 0
    assert len(gpd.read_file("new/deep/clusters.gpkg")) == 1


def test_a_layer_that_is_not_there_is_no_column(on_command_line):
    for within in ("absent.gpkg", "absent.gpkg#zones", "absent/zones", "absent.gdb"):
        code, out, err = on_command_line(*GAP_10, "--within", within, parcels=ACROSS)
        assert (code, out) == (3, "")
        assert "找不到" in err
    code, _, err = on_command_line(*GAP_10, "--within", "absent", parcels=ACROSS)
    assert code == 1
    assert "缺少字段" in err


@pytest.mark.parametrize("suffix", ["gpkg", "csv"])
def test_an_interrupted_run_leaves_the_old_file_and_nothing_else(
    suffix, on_command_line, tmp_path, monkeypatch
):
    kept = tmp_path / "result" / f"clusters.{suffix}"
    kept.parent.mkdir()
    kept.write_text("as it was", encoding="utf-8")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("landgis.model.files.os.replace", interrupted)
    code, out, _ = on_command_line(*GAP_10, "--out", str(kept), parcels=ACROSS)
    assert code != 0
    assert out == ""
    assert kept.read_text(encoding="utf-8") == "as it was"
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]

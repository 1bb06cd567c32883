"""How much of each parcel lies in which zone?

Cases: a cut by hand; a parcel wholly inside comes back uncut; touching is no overlap; a hole; several
layers; the same in degrees, with zone prefix, with zones in another system; accounts close on random
coverages, whatever the order and partition of the rows; zones that overlap under raise, twice and
priority, hairlines under raise; slivers; unusable parcels and zones are findings; an account that
does not close names the parcel; settling by largest remainder; nothing to cut; tabulate by any
column; control lines inside and outside, by name, cut up, slivers beside; the ministry's overlap
columns; bad calls; input untouched.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from landgis.analysis import overlay as module
from landgis.analysis._account import settle
from landgis.analysis.overlay import conflicts, occupied, overlay, tabulate
from landgis.model import schema
from landgis.model.errors import AccountError, CrsError, DataError, SchemaError, UsageError

SAMPLE = Path(__file__).parent.parent / "sample_data"
X, Y = 562_000.0, 2_428_000.0
CEA = "+proj=cea +a=6378137 +rf=298.257222101 +units=m +type=crs"  # the witness for areas


def box(west, south, east, north):
    return shapely.box(X + west, Y + south, X + east, Y + north)


def table(shapes, prefix, crs=4545, **columns):
    index = [f"{prefix}{i}" for i in range(len(shapes))]
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=index)


def parcels(*shapes, crs=4545):
    return table(shapes, "P", crs)


def zones(*shapes, crs=4545, **columns):
    return table(shapes, "Z", crs, **columns)


def true_area(shape, crs=4545):
    move = Transformer.from_crs(crs, CEA, always_xy=True)
    dense = shapely.segmentize(shape, 5.0)
    return shapely.area(shapely.transform(dense, lambda xy: np.column_stack(move.transform(*xy.T))))


def assert_closes(overlaid):
    account = overlaid.account
    parts = account.zoned_dm2 + account.outside_dm2 - account.twice_dm2 + account.closure_dm2
    assert (account.parcel_dm2 == parts).all()
    keys = ["parcel_id", "layer"]
    settled = (overlaid.pieces.set_index(keys).area_m2 * 100).round().groupby(level=keys).sum()
    outside = account.set_index(keys)
    pieces = settled.reindex(outside.index, fill_value=0)
    assert (pieces + outside.outside_dm2 - outside.twice_dm2 == outside.parcel_dm2).all()


def test_a_cut_by_hand():
    overlaid = overlay(parcels(box(0, 0, 100, 100)), zones(box(-50, -50, 40, 150), zone_code=["A"]))
    (piece,) = overlaid.pieces.itertuples()
    assert (piece.parcel_id, piece.layer, piece.zone_id, piece.zone_code) == (
        "P0",
        "zones",
        "Z0",
        "A",
    )
    assert piece.geometry.equals(box(0, 0, 40, 100))
    assert piece.area_m2 == pytest.approx(true_area(box(0, 0, 40, 100)), abs=0.01)
    assert piece.share == pytest.approx(0.4, abs=1e-5)
    assert not piece.sliver
    (row,) = overlaid.account.itertuples()
    assert row.outside_dm2 == pytest.approx(true_area(box(40, 0, 100, 100)) * 100, abs=1)
    assert overlaid.outside.geometry.iloc[0].equals(box(40, 0, 100, 100))
    assert overlaid.findings.empty
    assert_closes(overlaid)


def test_wholly_inside_comes_back_uncut():
    awkward = shapely.Polygon(np.add([(0, 0), (33.3, 1.1), (97.7, 88.8), (12.34, 56.78)], [X, Y]))
    overlaid = overlay(parcels(awkward, box(0, 0, 9, 9)), zones(box(-9, -9, 999, 999)))
    assert shapely.equals_exact(overlaid.pieces.geometry.iloc[0], awkward, tolerance=0)
    assert overlaid.pieces.share.tolist() == [1.0, 1.0]
    assert overlaid.outside.empty
    assert overlaid.account[["outside_dm2", "twice_dm2", "closure_dm2"]].to_numpy().sum() == 0


def test_touching_is_no_overlap():
    overlaid = overlay(parcels(box(0, 0, 10, 10)), zones(box(10, 0, 20, 10), box(10, 10, 20, 20)))
    assert overlaid.pieces.empty
    assert list(overlaid.pieces.columns) == [column.name for column in schema.PIECES.columns]
    assert (overlaid.account.parcel_dm2 == overlaid.account.outside_dm2).all()
    assert tabulate(parcels(box(0, 0, 10, 10)), zones(box(10, 0, 20, 10), zone_code=["A"])).empty


def test_a_hole_stays_outside():
    ring = box(-50, -50, 150, 150).difference(box(20, 20, 60, 60))
    overlaid = overlay(parcels(box(0, 0, 100, 100)), zones(ring))
    assert overlaid.outside.geometry.iloc[0].equals(box(20, 20, 60, 60))
    assert overlaid.pieces.share.iloc[0] == pytest.approx(0.84, abs=1e-5)
    assert_closes(overlaid)


def test_layers_have_accounts_of_their_own():
    layered = zones(
        box(0, 0, 50, 100), box(0, 0, 100, 30), box(50, 0, 99, 100), layer=["a", "b", "a"]
    )
    overlaid = overlay(parcels(box(0, 0, 100, 100), box(200, 0, 210, 10)), layered)
    assert list(zip(overlaid.account.parcel_id, overlaid.account.layer, strict=True)) == [
        ("P0", "a"),
        ("P0", "b"),
        ("P1", "a"),
        ("P1", "b"),
    ]
    shares = overlaid.pieces.groupby("layer").share.sum()
    assert shares["a"] == pytest.approx(0.99, abs=1e-5)
    assert shares["b"] == pytest.approx(0.30, abs=1e-5)
    assert_closes(overlaid)


def test_the_coordinate_system_changes_no_figure():
    cadastre = parcels(box(0, 0, 100, 80), box(100, 0, 160, 80))
    plan = zones(box(-20, -20, 60, 50), box(60, -20, 130, 50), zone_code=["A", "B"])
    expected = overlay(cadastre, plan).pieces.area_m2.to_numpy()
    for epsg in (4524, 4490):
        moved = overlay(cadastre.to_crs(epsg), plan.to_crs(epsg))
        assert_closes(moved)
        assert moved.pieces.area_m2.to_numpy() == pytest.approx(expected, abs=0.011)
        assert moved.pieces.crs == epsg


@pytest.mark.parametrize("verb", [overlay, tabulate])
def test_two_coordinate_systems_are_refused(verb):
    cadastre = parcels(box(0, 0, 100, 80))
    plan = zones(box(-20, -20, 60, 50), zone_code=["A"]).to_crs(4490)
    with pytest.raises(CrsError, match=r"crs_mismatch") as caught:
        verb(cadastre, plan)
    assert "EPSG:4490" in str(caught.value)
    assert "EPSG:4545" in str(caught.value)
    assert "convert --to-crs" in caught.value.hint


def coverage(seed, count, size):
    """Divide a square into Voronoi cells: zones that share every edge."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(np.add(rng.uniform(0, size, (count, 2)), [X, Y]))
    square = box(0, 0, size, size)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    return shapely.intersection(cells, square)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    cells=st.integers(2, 40),
    crs=st.sampled_from([4545, 4524, 4490, 3857]),
)
def test_accounts_close_in_any_order_and_partition(seed, cells, crs):
    rng = np.random.default_rng(seed)
    cadastre = table(coverage(seed, 30, 600), "P").to_crs(crs)
    plan = table(shapely.transform(coverage(seed + 1, cells, 500), lambda xy: xy + 37), "Z")
    plan["zone_code"] = rng.choice(list("abc"), len(plan))
    plan = plan.to_crs(crs)
    overlaid = overlay(cadastre, plan)
    assert_closes(overlaid)
    assert overlaid.account.closure_dm2.abs().max() <= len(plan)
    ids = ["parcel_id", "zone_id"]
    figures = overlaid.pieces.set_index(ids).area_m2.sort_index()
    shuffled = overlay(cadastre.sample(frac=1, random_state=1), plan.sample(frac=1, random_state=2))
    assert shuffled.pieces.set_index(ids).area_m2.sort_index().equals(figures)
    parts = [overlay(cadastre[:11], plan).pieces, overlay(cadastre[11:], plan).pieces]
    together = gpd.pd.concat(parts).set_index(ids).area_m2.sort_index()
    assert together.equals(figures)
    cross = tabulate(cadastre, plan).set_index(["parcel_id", "zone_code"]).area_m2
    again = tabulate(cadastre[::-1], plan[::-1]).set_index(["parcel_id", "zone_code"]).area_m2
    assert again.sort_index().equals(cross.sort_index())
    assert cross.sum() == pytest.approx(figures.sum(), abs=0.01 * len(figures))


def test_pieces_are_those_of_geos():
    cadastre, plan = table(coverage(5, 60, 900), "P"), table(coverage(6, 9, 1000), "Z")
    pieces = overlay(cadastre, plan).pieces
    i, j = np.meshgrid(range(len(cadastre)), range(len(plan)), indexing="ij")
    common = shapely.intersection(
        cadastre.geometry.to_numpy()[i.ravel()], plan.geometry.to_numpy()[j.ravel()]
    )
    expected = {
        (f"P{a}", f"Z{b}"): true_area(shape)
        for a, b, shape in zip(i.ravel(), j.ravel(), common, strict=True)
        if shape.area > 1e-6
    }
    found = pieces.set_index(["parcel_id", "zone_id"]).area_m2.to_dict()
    assert found.keys() == expected.keys()
    for key, area in expected.items():
        # two square decimetres: settling, and edges split at 70 m instead of 5 m
        assert found[key] == pytest.approx(area, abs=0.02), key


OVERLAPPING = (box(0, 0, 60, 100), box(40, 0, 100, 100))  # 20 m x 100 m claimed twice


def test_overlapping_zones_are_refused_by_name():
    with pytest.raises(DataError, match="zones_overlap") as caught:
        overlay(parcels(box(0, 0, 100, 100)), zones(*OVERLAPPING))
    for word in ("Z0", "Z1", "P0", "1999."):
        assert word in str(caught.value)
        assert word in caught.value.hint
    # where no parcel lies, no figure is in doubt
    assert_closes(overlay(parcels(box(0, 0, 30, 100)), zones(*OVERLAPPING)))


def test_overlapping_zones_are_counted_twice_in_sight():
    overlaid = overlay(parcels(box(0, 0, 100, 100)), zones(*OVERLAPPING), overlaps="twice")
    common = true_area(box(40, 0, 60, 100))
    assert overlaid.account.twice_dm2.iloc[0] == pytest.approx(common * 100, abs=1)
    assert overlaid.account.outside_dm2.iloc[0] == 0
    assert overlaid.pieces.share.tolist() == pytest.approx([0.6, 0.6], abs=1e-5)
    (finding,) = overlaid.findings.itertuples()
    assert (finding.parcel_id, finding.code) == ("P0", "zones_overlap")
    assert "Z0" in finding.message
    assert "Z1" in finding.message
    assert_closes(overlaid)


def test_overlapping_zones_by_priority():
    cadastre = parcels(box(0, 0, 100, 100))
    by_row = overlay(cadastre, zones(*OVERLAPPING), overlaps="priority")
    assert by_row.pieces.geometry.iloc[1].equals(box(60, 0, 100, 100))
    by_number = overlay(cadastre, zones(*OVERLAPPING, priority=[None, 1]), overlaps="priority")
    assert by_number.pieces.set_index("zone_id").geometry["Z0"].equals(box(0, 0, 40, 100))
    for overlaid in (by_row, by_number):
        assert overlaid.account.twice_dm2.iloc[0] == 0
        assert overlaid.pieces.share.sum() == 1
        assert_closes(overlaid)
    hidden = overlay(cadastre, zones(box(0, 0, 100, 100), box(10, 10, 20, 20)), overlaps="priority")
    assert hidden.pieces.zone_id.tolist() == ["Z0"]


def test_a_hairline_overlap_of_zones_does_not_raise():
    overlaid = overlay(
        parcels(box(0, 0, 100, 100)), zones(box(0, 0, 50.1, 100), box(50, 0, 100, 100))
    )
    assert overlaid.account.twice_dm2.iloc[0] == pytest.approx(1000, abs=1)
    assert overlaid.findings.empty
    assert_closes(overlaid)


def test_slivers_are_kept_and_marked():
    overlaid = overlay(
        parcels(box(0, 0, 100, 100)),
        zones(
            box(-9, 0, 0.15, 100),  # 15 m², mean width 0.15 m
            box(99.2, 99.2, 109, 109),  # 0.64 m²
            box(50, 50, 52, 52),  # small but wide
        ),
    )
    assert overlaid.pieces.sliver.tolist() == [True, True, False]
    assert_closes(overlaid)
    degrees = overlay(
        parcels(box(0, 0, 100, 100)).to_crs(4490), zones(box(-9, 0, 0.15, 100)).to_crs(4490)
    )
    assert degrees.pieces.sliver.tolist() == [True]


def test_unusable_geometry_is_a_finding():
    bow_tie = shapely.Polygon(np.add([(0, 0), (10, 10), (10, 0), (0, 10)], [X, Y]))
    cadastre = parcels(
        box(0, 0, 10, 10), None, shapely.Polygon(), bow_tie, shapely.Point(X, Y), box(0, 0, 5, 5)
    )
    plan = zones(box(-5, -5, 5, 15), bow_tie, zone_code=["A", "B"])
    overlaid = overlay(cadastre, plan)
    assert overlaid.account.parcel_id.tolist() == ["P0", "P5"]
    found = overlaid.findings
    assert found.parcel_id.tolist()[:4] == ["P1", "P2", "P3", "P4"]
    assert found.code.tolist() == [
        "geometry_missing",
        "geometry_empty",
        "geometry_invalid",
        "geometry_not_polygon",
        "zone_geometry_invalid",
    ]
    assert "Z1" in found.message.iloc[-1]
    assert tabulate(cadastre, plan).parcel_id.tolist() == ["P0", "P5"]
    assert_closes(overlaid)


@pytest.mark.parametrize("verb", [overlay, tabulate])
def test_what_cannot_be_compared_is_refused_where_asked(verb):
    bow_tie = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    cadastre = parcels(box(0, 0, 9, 9), bow_tie)
    plan = zones(box(0, 0, 20, 20), zone_code=["A"])
    with pytest.raises(DataError, match=r"geometry_unusable") as caught:
        verb(cadastre, plan, invalid="raise")
    assert caught.value.parcel == "P1"
    assert "landgis repair" in caught.value.hint
    with pytest.raises(UsageError, match="unknown_invalid"):
        verb(cadastre, plan, invalid="repair")
    verb(cadastre.iloc[:1], plan, invalid="raise")
    told = tabulate(cadastre, plan).attrs["findings"]
    assert [found["parcel_id"] for found in told] == ["P1"]


def test_an_open_account_names_the_parcel(monkeypatch):
    real = module.share_out

    def lose_ground(cut, ground):
        shares = real(cut, ground)
        shares.rest_area[1] = 0.0
        return shares

    monkeypatch.setattr(module, "share_out", lose_ground)
    with pytest.raises(AccountError, match="account_open") as caught:
        overlay(parcels(box(0, 0, 9, 9), box(20, 0, 29, 9)), zones(box(5, 5, 25, 25)))
    assert caught.value.parcel == "P1"
    assert caught.value.exit_code == 1


@given(
    parts=st.lists(st.floats(0, 1e6), min_size=1, max_size=30),
    moved=st.integers(-3, 3),
)
def test_settling_sums_and_moves_little(parts, moved):
    exact = np.array(parts)
    wanted = np.array([round(exact.sum() * 100) + moved])
    settled = settle(exact, np.zeros(len(parts), dtype=np.intp), wanted)
    assert settled.sum() == wanted[0]
    assert np.abs(settled - exact * 100).max() <= 1 + abs(moved) + 1e-3


def test_nothing_to_cut():
    empty = gpd.GeoDataFrame({"zone_code": []}, geometry=[], crs=4545)
    nowhere = overlay(parcels(box(0, 0, 10, 10)), empty)
    assert nowhere.account.layer.tolist() == ["zones"]
    assert (nowhere.account.outside_dm2 == nowhere.account.parcel_dm2).all()
    assert nowhere.pieces.empty
    assert tabulate(parcels(box(0, 0, 10, 10)), empty).empty
    nobody = overlay(parcels(), zones(box(0, 0, 1, 1), zone_code=["A"]))
    assert nobody.account.empty
    no_layers = overlay(parcels(box(0, 0, 10, 10)), empty.assign(layer=[]))
    assert no_layers.account.empty
    assert conflicts(no_layers, rules=[RED_LINE]).empty


def test_tabulate_by_any_column():
    plan = zones(
        box(0, 0, 30, 100), box(30, 0, 50, 100), box(50, 0, 80, 100), use=["田", "林", "田"]
    )
    cross = tabulate(parcels(box(0, 0, 100, 100)), plan, by="use")
    assert list(cross.columns) == ["parcel_id", "use", "area_m2", "share"]
    shares = cross.set_index("use").share
    assert shares["田"] == pytest.approx(0.6, abs=1e-5)
    assert shares["林"] == pytest.approx(0.2, abs=1e-5)
    expected = true_area(box(30, 0, 50, 100))
    # the zone is cut at most at every 70 m, the witness at every 5 m
    assert cross.set_index("use").area_m2["林"] == pytest.approx(expected, abs=1e-3)
    with pytest.raises(SchemaError, match="column_missing"):
        tabulate(parcels(box(0, 0, 1, 1)), plan, by="zone_code")


def rule(layer, verdict, where="inside", zone="", **more):
    return SimpleNamespace(
        layer=layer,
        verdict=verdict,
        where=where,
        zone=zone,
        basis="依据",
        because="理由",
        **more,
    )


RED_LINE = rule("STBHHX", "禁止")


def test_conflicts_with_control_lines():
    plan = zones(
        box(90, 0, 200, 100),
        box(0, 0, 60, 100),
        box(60, 0, 80, 100),
        layer=["STBHHX", "CZKFBJ", "CZKFBJ"],
        zone_name=["红线", "集中建设区", "城镇弹性发展区"],
    )
    overlaid = overlay(parcels(box(0, 0, 100, 100), box(5, 5, 15, 15)), plan)
    rules = [
        RED_LINE,
        rule("城镇开发边界", "需调整", "outside", layers=("CZKFBJ",)),
        rule("CZKFBJ", "符合", zone="集中建设区"),
        rule("CZKFBJ", "需调整", zone="弹性发展区"),
        rule("NOT_LOADED", "禁止", "outside"),
    ]
    found = conflicts(overlaid, rules=rules)
    assert list(found.columns) == [column.name for column in schema.CONFLICTS.columns]
    rows = list(zip(found.parcel_id, found.layer, found.verdict, found.zone_name, strict=True))
    assert rows == [
        ("P0", "STBHHX", "禁止", "红线"),
        ("P0", "CZKFBJ", "需调整", ""),
        ("P0", "CZKFBJ", "需调整", "城镇弹性发展区"),
    ]
    expected = [box(90, 0, 100, 100), box(80, 0, 100, 100), box(60, 0, 80, 100)]
    for shape, wanted in zip(found.geometry, expected, strict=True):
        assert shape.equals(wanted)
    areas = [true_area(shape) for shape in expected]
    assert found.area_m2.tolist() == pytest.approx(areas, abs=0.011)
    assert found.area_ha.tolist() == pytest.approx(np.divide(areas, 1e4), abs=2e-6)
    assert found.because.tolist() == ["理由（依据）"] * 3
    with_conforming = conflicts(overlaid, rules=rules, conforming=True)
    assert with_conforming.parcel_id.tolist() == ["P0"] * 4 + ["P1"]
    outside_named = conflicts(
        overlaid, rules=[rule("CZKFBJ", "需调整", "outside", zone="集中建设区")]
    )
    assert outside_named.geometry.iloc[0].equals(box(60, 0, 100, 100))


def test_conflicts_join_strips_and_drop_noise():
    strips = [box(i, 0, i + 0.5, 1.9) for i in np.arange(10, 20, 0.5)]  # each below 1 m²
    noise = box(0, 99.9, 100, 120)
    overlaid = overlay(
        parcels(box(0, 0, 100, 100)), zones(*strips, noise, layer=["STBHHX"] * (len(strips) + 1))
    )
    assert overlaid.pieces.sliver.all()
    (row,) = conflicts(overlaid, rules=[RED_LINE]).itertuples()
    assert row.piece_count == 1
    assert row.area_m2 == pytest.approx(true_area(box(10, 0, 20, 1.9)), abs=0.02)
    assert row.largest_m2 == pytest.approx(row.area_m2, abs=0.02)
    only_noise = overlay(parcels(box(0, 0, 100, 100)), zones(noise, layer=["STBHHX"]))
    assert conflicts(only_noise, rules=[RED_LINE]).empty


def test_conflicts_count_ground_once():
    twice = overlay(
        parcels(box(0, 0, 100, 100)),
        zones(*OVERLAPPING, layer=["STBHHX", "STBHHX"]),
        overlaps="twice",
    )
    (row,) = conflicts(twice, rules=[RED_LINE]).itertuples()
    assert row.share == pytest.approx(1.0, abs=1e-5)
    assert occupied(twice)["STHXYZ"].iloc[0] == pytest.approx(row.area_m2 / 1e4, abs=2e-6)


def test_the_ministrys_columns():
    plan = zones(box(0, 0, 25, 100), box(0, 0, 100, 50), layer=["YJJBNTTB", "CZKFBJ"])
    filled = occupied(overlay(parcels(box(0, 0, 100, 100), box(200, 0, 300, 100)), plan))
    assert filled.index.tolist() == ["P0", "P1"]
    assert filled.YNYZ.tolist() == pytest.approx([0.25, 0.0], abs=5e-5)
    assert filled.CZKFBJYZ.tolist() == pytest.approx([0.5, 0.0], abs=5e-5)
    assert filled.STHXYZ.isna().all()  # that line was not laid over


def test_bad_calls():
    cadastre, plan = parcels(box(0, 0, 1, 1)), zones(box(0, 0, 1, 1))
    with pytest.raises(UsageError, match="unknown_overlaps"):
        overlay(cadastre, plan, overlaps="ignore")
    with pytest.raises(CrsError, match="crs_missing"):
        overlay(cadastre.set_crs(None, allow_override=True), plan)
    with pytest.raises(CrsError, match="crs_missing"):
        overlay(cadastre, plan.set_crs(None, allow_override=True))
    lost = cadastre.set_geometry(cadastre.translate(9e8, 0))
    for verb in (overlay, tabulate):
        with pytest.raises(CrsError, match="crs_out_of_range") as caught:
            verb(lost, plan.assign(zone_code="A"))
        assert caught.value.parcel == "P0"
    with pytest.raises(UsageError, match="unknown_where"):
        conflicts(overlay(cadastre, plan), rules=[rule("zones", "禁止", "beside")])


def test_input_is_untouched():
    cadastre, plan = parcels(box(0, 0, 9, 9), None), zones(box(0, 0, 5, 5), zone_code=["A"])
    before = cadastre.copy(), plan.copy()
    overlay(cadastre, plan)
    tabulate(cadastre, plan)
    for now, then in zip((cadastre, plan), before, strict=True):
        assert now.drop(columns="geometry").equals(then.drop(columns="geometry"))
        assert now.geometry.to_wkb().equals(then.geometry.to_wkb())


def test_the_planted_crossings_of_the_sample():
    truths = json.loads((SAMPLE / "TRUTHS.json").read_text(encoding="utf-8"))
    cadastre = gpd.read_file(SAMPLE / "parcels.gpkg").set_index("DKBH")
    lines = [
        gpd.read_file(SAMPLE / "control_lines.gpkg", layer=layer).assign(layer=layer)
        for layer in ("YJJBNTTB", "STBHHX", "CZKFBJ")
    ]
    overlaid = overlay(cadastre, gpd.pd.concat(lines, ignore_index=True))
    assert_closes(overlaid)
    inside = overlaid.pieces.groupby(["parcel_id", "layer"]).area_m2.sum()
    outside = overlaid.outside.set_index(["parcel_id", "layer"]).area_m2
    planted = [
        row
        for row in truths["crossings"]
        if row["layer"] != "GHYDYH" and row["zone"] in {"", "边界外"}
    ]
    assert len(planted) > 100
    for row in planted:
        found = (outside if row["zone"] else inside)[row["parcel_id"], row["layer"]]
        assert found == pytest.approx(row["area_m2"], abs=0.02)
    stock = cadastre.index[cadastre["CLLB"].isin(schema.LAND_CLASSES)]
    real = overlaid.pieces[~overlaid.pieces.sliver & overlaid.pieces.parcel_id.isin(stock)]
    for layer in ("YJJBNTTB", "STBHHX"):
        expected = {
            row["parcel_id"] for row in planted if row["layer"] == layer and not row["sliver"]
        }
        assert set(real.parcel_id[real.layer == layer]) == expected


def test_three_zones_of_which_two_do_not_meet():
    """The first zone overlaps both others; they do not overlap one another."""
    west, south = 562000, 2428000
    parcel = shapely.box(west, south, west + 100, south + 100)
    shapes = [
        shapely.box(west, south, west + 100, south + 100),
        shapely.box(west, south, west + 40, south + 100),
        shapely.box(west + 60, south, west + 100, south + 100),
    ]
    table = gpd.GeoDataFrame(geometry=[parcel], index=["P"], crs=4545)
    zones = gpd.GeoDataFrame(geometry=shapes, index=["A", "B", "C"], crs=4545)
    done = overlay(table, zones, overlaps="twice")
    assert len(done.findings) == 2
    assert done.account["twice_dm2"].iloc[0] == pytest.approx(0.8 * 999905, abs=20)


def test_two_tables_to_unpack():
    parcel = gpd.GeoDataFrame(
        geometry=[shapely.box(562000, 2428000, 562100, 2428100)], index=["P"], crs=4545
    )
    done = overlay(parcel, parcel.rename(index={"P": "Z"}))
    pieces, account = done
    assert pieces is done.pieces
    assert account is done.account
    assert len(done.outside) == len(done.findings) == 0

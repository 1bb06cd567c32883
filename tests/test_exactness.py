"""Exact, closing, never dying: hard cases by hand, and the judge of benchmarks/exactness.py.

Cases: pairs whose common area one can do in the head (shared edges, collinear runs, holes touching
shells in a point, zones that equal parcels, parcels of 0.01 m², parts touching in points, needles,
doubled vertices, islands in holes), at the origin, without and with zone prefix, one by one and all
in one table; corners on round coordinates; a parcel over hundreds and over thousands of zones; a
zone over everything; zones that overlap under raise, twice and priority; three layers; parcels
inside come back uncut; pieces leave no gap; every kind of broken geometry as parcel and as zone;
made-up coverages against GEOS; lattice polygons against rational arithmetic; accounts close and no
order or partition matters, by hypothesis; the judge finds planted faults; the readers of the test
cases; statutory areas against a witness of its own.
"""

import itertools
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import landgis
from benchmarks.exactness import statutory, table_of
from benchmarks.hard_geometry import common_area, enlarged, read_cases
from benchmarks.judge import judge, rational_area
from benchmarks.made_up import PLACES, make_world, plane, tables
from strategies import coverages, dirty_polygons

PLACED = pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
EACH_KIND = pytest.mark.parametrize("number", [0, 4, 8, 9, 13, 17])  # of world, each place twice
HERE = (0.0, (0.0, 0.0))


def box(west, south, east, north):
    return shapely.box(west, south, east, north)


def polygon(*points, holes=()):
    with np.errstate(invalid="ignore"):  # some are not finite
        return shapely.Polygon(points, holes)


SQUARE = box(0, 0, 10, 10)
ON_SHELL = [(0, 5), (4, 3), (4, 7)]  # a hole of 8 m² whose tip touches the shell of SQUARE
TIPPED = polygon((0, 0), (10, 0), (10, 10), (0, 10), (0, 5), holes=[ON_SHELL])
CHECKERS = shapely.MultiPolygon([box(0, 0, 5, 5), box(5, 5, 10, 10)])
OTHER_CHECKERS = shapely.MultiPolygon([box(5, 0, 10, 5), box(0, 5, 5, 10)])
RING = box(-5, -5, 15, 15).difference(SQUARE)
BY_HAND = {
    "neighbours": (SQUARE, box(10, 0, 20, 10), 0.0),
    "neighbours in a corner": (SQUARE, box(10, 10, 20, 20), 0.0),
    "equal": (SQUARE, box(0, 0, 10, 10), 100.0),
    "equal, begun elsewhere and turned round": (
        SQUARE, polygon((10, 10), (10, 0), (0, 0), (0, 10)), 100.0,
    ),
    "collinear runs": (
        SQUARE, polygon((-5, 0), (2.5, 0), (5, 0), (7.5, 0), (20, 0), (20, 5), (-5, 5)), 50.0,
    ),
    "a common diagonal": (SQUARE, polygon((0, 0), (10, 10), (0, 10)), 50.0),
    "a hole touching the shell": (SQUARE, TIPPED, 92.0),
    "half of it": (box(0, 0, 5, 10), TIPPED, 42.0),
    "the hole itself": (polygon(*ON_SHELL), TIPPED, 0.0),
    "the hole of a ring": (SQUARE, RING, 0.0),
    "an island in a hole": (SQUARE, shapely.union(RING, box(2, 2, 4, 4)), 4.0),
    "a hole inside": (SQUARE, polygon((-1, -1), (11, -1), (11, 11), (-1, 11), holes=[
        [(2, 2), (2, 5), (5, 5), (5, 2)]]), 91.0),
    "parts touching in a point": (SQUARE, CHECKERS, 50.0),
    "parts beside parts": (CHECKERS, OTHER_CHECKERS, 0.0),
    "parts on parts": (CHECKERS, shapely.MultiPolygon([box(0, 0, 5, 3), box(6, 5, 8, 9)]), 23.0),
    "a parcel of 0.01 m²": (box(5, 5, 5.125, 5.0625), SQUARE, 0.0078125),
    "half a parcel of 0.01 m²": (box(5, 5, 5.125, 5.0625), box(0, 0, 5.0625, 9), 0.00390625),
    "a needle": (polygon((0, 0), (128, 0), (0, 2**-9)), box(64, -1, 200, 1), 0.03125),
    "needles crossing": (
        polygon((0, 0), (128, 0), (0, 2**-9)), box(32, -50, 32 + 2**-9, 50), 2**-18 * 0.75,
    ),
    "doubled vertices": (
        SQUARE, polygon((0, 0), (0, 0), (5, 0), (5, 0), (5, 10), (5, 10), (0, 10)), 50.0,
    ),
    "corners on edges": (SQUARE, polygon((5, 0), (10, 5), (5, 10), (0, 5)), 50.0),
    "a zone over everything": (SQUARE, box(-1e5, -1e5, 1e5, 1e5), 100.0),
}  # fmt: skip


def laid_out(parcels, zones, place=HERE, **columns):
    """Put shapes into an equal-area plane, where statutory areas are plane areas."""
    easting, corner = place
    sides = [shapely.transform(np.array(side, dtype=object), lambda xy: xy + corner)
             for side in (parcels, zones)]  # fmt: skip
    named = tables(*sides, plane(easting))
    return named[0], named[1].assign(**columns)


def areas(parcels, zones):
    cross = landgis.tabulate(parcels, zones, by="zone_id")
    return cross.set_index(["parcel_id", "zone_id"])["area_m2"]


def assert_closes(overlaid, parcels):
    """Σ pieces + outside − twice = parcel, in whole square decimetres; shares sum to one."""
    key = ["parcel_id", "layer"]
    account = overlaid.account.set_index(key)
    assert not account.index.has_duplicates
    sums = [
        table.assign(dm2=(table.area_m2 * 100).round().astype(int))
        .groupby(key)[["dm2", "share"]].sum().reindex(account.index, fill_value=0)
        for table in (overlaid.pieces, overlaid.outside)
    ]  # fmt: skip
    assert (sums[0].dm2 + sums[1].dm2 - account.twice_dm2 == account.parcel_dm2).all()
    parts = account.zoned_dm2 + account.outside_dm2 - account.twice_dm2 + account.closure_dm2
    assert (parts == account.parcel_dm2).all()
    real = account.parcel_dm2 > 0
    shares = sums[0].share + sums[1].share - account.twice_dm2 / account.parcel_dm2.where(real)
    assert shares[real].to_numpy() == pytest.approx(1.0, abs=1e-9)
    exact = parcels.area.reindex(account.index.get_level_values(0)).to_numpy() * 100
    assert np.abs(account.parcel_dm2.to_numpy() - exact).max(initial=0) <= 0.5 + 1e-3


@pytest.mark.parametrize("case", BY_HAND)
def test_areas_one_can_do_in_the_head(case):
    one, other, expected = BY_HAND[case]
    for sides in ((one, other), (other, one)):
        parcels, zones = laid_out([sides[0]], [sides[1]])
        assert areas(parcels, zones).sum() == pytest.approx(expected, abs=1e-6)
        overlaid = landgis.overlay(parcels, zones)
        assert overlaid.pieces.geometry.area.sum() == pytest.approx(expected, abs=2e-6)
        assert overlaid.pieces.area_m2.sum() == pytest.approx(expected, abs=0.01)
        assert overlaid.findings.empty
        assert_closes(overlaid, parcels)


@PLACED
def test_all_of_them_in_one_table(place):
    near = {name: case for name, case in BY_HAND.items() if case[1].area < 1e6}
    steps = 1024.0 * np.stack(np.divmod(np.arange(len(near)), 5), axis=-1)
    sides = [
        [shapely.transform(case[side], lambda xy, way=way: xy + way)
         for case, way in zip(near.values(), steps, strict=True)]
        for side in (0, 1)
    ]  # fmt: skip
    parcels, zones = laid_out(*sides, place)
    found = areas(parcels, zones)
    for k, (name, case) in enumerate(near.items()):
        common = found.get((parcels.index[k], zones.index[k]), 0.0)
        assert common == pytest.approx(case[2], abs=1e-6), name
    assert len(found) == sum(case[2] > 0 for case in near.values())
    assert_closes(landgis.overlay(parcels, zones), parcels)


@pytest.mark.parametrize("step", [10.0, 1000.0, 1024.0, 8000.0, 32_000.0])
def test_corners_on_round_coordinates(step):
    # whatever grid an engine sorts shapes into, these lie on its lines
    cells = [box(i * step, j * step, (i + 1) * step, (j + 1) * step)
             for i, j in np.ndindex(6, 6)]  # fmt: skip
    zones = [box(i * step, j * step, (i + 2) * step, (j + 2) * step)
             for i, j in itertools.product((0, 2, 4), (0, 2, 4))]  # fmt: skip
    sides = laid_out(cells, zones)
    found = areas(*sides)
    assert len(found) == len(cells)
    assert found.to_numpy() == pytest.approx(step * step, rel=1e-9)
    overlaid = landgis.overlay(*sides)
    assert overlaid.outside.empty
    assert_closes(overlaid, sides[0])


@PLACED
def test_a_parcel_over_hundreds_of_zones(place):
    grid = [box(10 * i, 10 * j, 10 * i + 10, 10 * j + 10) for i, j in np.ndindex(21, 21)]
    parcels, zones = laid_out([box(5, 5, 205, 205)], grid, place)
    found = areas(parcels, zones)
    # 19 × 19 whole ones, four times 19 halves, four quarters
    assert sorted(found.round(6).value_counts().items()) == [(25.0, 4), (50.0, 76), (100.0, 361)]
    overlaid = landgis.overlay(parcels, zones)
    assert len(overlaid.pieces) == 441
    assert overlaid.outside.empty
    assert overlaid.account.iloc[0, 2:].tolist() == [4_000_000, 4_000_000, 0, 0, 0]
    assert_closes(overlaid, parcels)


def test_a_parcel_over_thousands_of_zones():
    # 2 m squares under the diagonal of a triangle: 49 × 50 / 2 whole and 50 halves
    grid = [box(2 * i, 2 * j, 2 * i + 2, 2 * j + 2) for i, j in np.ndindex(55, 55)]
    parcels, zones = laid_out([polygon((0, 0), (100, 0), (0, 100))], grid)
    found = areas(parcels, zones)
    assert sorted(found.round(6).value_counts().items()) == [(2.0, 50), (4.0, 1225)]


CLAIMED = [box(0, 0, 6, 10), box(4, 0, 10, 10), box(5, 5, 7, 6)]  # of 20, 2 and 1 m² in pairs


def test_ground_that_zones_claim_together():
    parcels, zones = laid_out([SQUARE, box(20, 0, 30, 10)], CLAIMED)
    with pytest.raises(landgis.model.errors.DataError, match="zones_overlap") as caught:
        landgis.overlay(parcels, zones)
    for said in (str(caught.value), caught.value.hint):
        for word in ("P000000", "Z000000", "Z000001", "Z000002", "3", "20.00"):
            assert word in said
    twice = landgis.overlay(parcels, zones, overlaps="twice")
    assert twice.account.twice_dm2.tolist() == [6000 + 6000 + 200 - 10000, 0]
    assert twice.pieces.area_m2.tolist() == [60.0, 60.0, 2.0]
    named = {tuple(sorted(zone for zone in zones.index if zone in message))
             for message in twice.findings.message}  # fmt: skip
    assert named == set(itertools.combinations(zones.index, 2))
    assert set(twice.findings.parcel_id) == {"P000000"}
    by_row = landgis.overlay(parcels, zones, overlaps="priority")
    assert by_row.pieces.area_m2.tolist() == [60.0, 40.0]
    ranked = zones.assign(priority=[3, 2, 1])
    by_rank = landgis.overlay(parcels, ranked, overlaps="priority")
    assert by_rank.pieces.set_index("zone_id").area_m2.to_dict() == {
        "Z000000": 40.0, "Z000001": 58.0, "Z000002": 2.0,
    }  # fmt: skip
    for overlaid in (twice, by_row, by_rank):
        assert_closes(overlaid, parcels)


def test_three_layers_at_once():
    shapes = [box(0, 0, 5, 10), box(5, 0, 10, 10), box(0, 0, 10, 3), TIPPED]
    parcels, zones = laid_out([SQUARE, box(100, 0, 101, 1)], shapes, layer=[*"aabc"])
    overlaid = landgis.overlay(parcels, zones)
    account = overlaid.account.set_index(["parcel_id", "layer"])
    assert account.zoned_dm2.tolist() == [10_000, 3_000, 9_200, 0, 0, 0]
    assert account.outside_dm2.tolist() == [0, 7_000, 800, 100, 100, 100]
    assert_closes(overlaid, parcels)
    assert areas(parcels, zones).tolist() == pytest.approx([50, 50, 30, 92], abs=1e-6)


@PLACED
def test_wholly_inside_comes_back_uncut(place):
    parcels, zones = laid_out(
        [TIPPED, CHECKERS, polygon((0, 0), (3.3, 0.1), (9.7, 8.8), (1.234, 5.678)), SQUARE],
        [box(-9, -9, 99, 99)], place,
    )  # fmt: skip
    pieces = landgis.overlay(parcels, zones).pieces
    assert shapely.equals_exact(pieces.geometry.to_numpy(), parcels.geometry.to_numpy(), 0.0).all()
    assert pieces.share.tolist() == [1.0] * 4


@EACH_KIND
def test_pieces_leave_no_gap(number):
    world = make_world(number, 0.02)
    overlaid = landgis.overlay(world.parcels, world.zones, overlaps="priority")
    parts = pd.concat([overlaid.pieces, overlaid.outside])
    unseen = 0.005  # m²; less ground outside is none in an account of whole square decimetres
    grid = np.spacing(np.abs(world.parcels.total_bounds).max())
    for name, group in parts.groupby("parcel_id").geometry:
        parcel = world.parcels.geometry[name]
        joined = shapely.union_all(group.to_numpy())
        rounding = 1e-9 + grid * group.length.sum()
        assert shapely.area(shapely.difference(parcel, joined)) <= unseen
        assert shapely.area(shapely.difference(joined, parcel)) <= rounding
        assert group.area.sum() == pytest.approx(joined.area, abs=rounding)


@PLACED
def test_pieces_share_their_edges_exactly(place):
    cuts = [
        box(-5, -5, 3, 4),
        polygon((3, -5), (8, -5), (8, 4), (6, 4), (3, 4)),
        polygon((-5, 4), (3, 4), (6, 4), (6, 20), (-5, 20)),
    ]
    hole = polygon((2, 1), (9, 2), (8.5, 8.25), (1, 9), holes=[[(4, 3), (5, 2), (7, 6)]])
    parcels, zones = laid_out([SQUARE, hole, CHECKERS], cuts, place)
    overlaid = landgis.overlay(parcels, zones)
    for _, group in pd.concat([overlaid.pieces, overlaid.outside]).groupby("parcel_id").geometry:
        assert len(group) >= 3
        assert shapely.coverage_is_valid(group.to_numpy())


BROKEN = {
    "bow-tie": polygon((0, 0), (10, 10), (10, 0), (0, 10)),
    "hole outside": polygon((0, 0), (10, 0), (10, 10), (0, 10), holes=[
        [(20, 0), (22, 0), (22, 2), (20, 2)]]),
    "hole across the shell": polygon((0, 0), (10, 0), (10, 10), (0, 10), holes=[
        [(5, 5), (15, 5), (15, 8), (5, 8)]]),
    "holes in holes": polygon((0, 0), (10, 0), (10, 10), (0, 10), holes=[
        [(1, 1), (9, 1), (9, 9), (1, 9)], [(3, 3), (5, 3), (5, 5), (3, 5)]]),
    "hole twice": polygon((0, 0), (10, 0), (10, 10), (0, 10), holes=[ON_SHELL, ON_SHELL]),
    "a spike out and back": polygon((0, 0), (10, 0), (10, 5), (15, 5), (10, 5), (10, 10), (0, 10)),
    "flat": polygon((0, 0), (10, 0), (5, 0)),
    "a point drawn as a polygon": polygon((1, 1), (1, 1), (1, 1)),
    "parts on each other": shapely.MultiPolygon([SQUARE, box(5, 5, 15, 15)]),
    "a part twice": shapely.MultiPolygon([SQUARE, SQUARE]),
    "not a number": polygon((0, 0), (np.nan, 0), (5, 5)),
    "infinite": polygon((0, 0), (np.inf, 0), (5, 5)),
    "null": None,
    "empty": shapely.Polygon(),
    "empty parts": shapely.MultiPolygon(),
    "point": shapely.Point(1, 1),
    "line": shapely.LineString([(0, 0), (5, 5)]),
    "ring": shapely.LinearRing([(0, 0), (5, 5), (5, 0)]),
    "collection": shapely.GeometryCollection([SQUARE, shapely.Point(0, 0)]),
    "empty collection": shapely.GeometryCollection(),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_no_broken_parcel_stops_the_run(broken):
    parcels, zones = laid_out([SQUARE, SQUARE, TIPPED], [box(5, 0, 10, 10)])
    shapes = [SQUARE, BROKEN[broken], TIPPED]
    parcels = parcels.set_geometry(gpd.GeoSeries(shapes, parcels.index, crs=parcels.crs))
    for overlaps in ("raise", "twice", "priority"):
        overlaid = landgis.overlay(parcels, zones, overlaps=overlaps)
        assert overlaid.account.parcel_id.tolist() == ["P000000", "P000002"]
        assert overlaid.pieces.area_m2.tolist() == [50.0, 50.0]
        assert overlaid.outside.area_m2.tolist() == [50.0, 42.0]
        (finding,) = overlaid.findings.itertuples()
        assert finding.parcel_id == "P000001"
        assert finding.code.startswith("geometry_")
        assert "P000001" in finding.message
    assert areas(parcels, zones).index.tolist() == [("P000000", "Z000000"), ("P000002", "Z000000")]
    if broken in {"not a number", "infinite"}:
        return  # `measure`: see test_never_dies.py
    measured = landgis.measure(parcels).area_m2
    assert measured[["P000000", "P000002"]].tolist() == pytest.approx([100.0, 92.0], abs=1e-6)


@pytest.mark.parametrize("broken", BROKEN)
def test_no_broken_zone_stops_the_run(broken):
    parcels, zones = laid_out([SQUARE, TIPPED], [box(5, 0, 10, 10)] * 2)
    shapes = [BROKEN[broken], box(5, 0, 10, 10)]
    zones = zones.set_geometry(gpd.GeoSeries(shapes, zones.index, crs=zones.crs))
    overlaid = landgis.overlay(parcels, zones)
    assert overlaid.pieces.zone_id.tolist() == ["Z000001", "Z000001"]
    assert overlaid.pieces.area_m2.tolist() == [50.0, 50.0]
    (finding,) = overlaid.findings.itertuples()
    assert finding.code.startswith("zone_geometry_")
    assert "Z000000" in finding.message
    assert areas(parcels, zones).tolist() == pytest.approx([50.0, 50.0], abs=1e-6)


def test_nothing_but_broken_shapes():
    shapes = [shape for shape in BROKEN.values() if shape is not None]
    parcels, zones = tables(np.array(shapes), np.array(shapes), plane())
    overlaid = landgis.overlay(parcels, zones)
    assert overlaid.pieces.empty
    assert overlaid.account.empty
    assert set(parcels.index) <= set(overlaid.findings.parcel_id.dropna())
    assert len(overlaid.findings) == 2 * len(shapes)
    assert landgis.tabulate(parcels, zones, by="zone_id").empty


@EACH_KIND
def test_made_up_coverages_against_geos(number):
    world = make_world(number, 0.02)
    found = judge(*world)
    assert not found.bad, found
    assert found.sharing > 20
    assert found.worst_m2 <= 1e-6 + 1e-9 * world.parcels.area.max()


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(dirty_polygons(), dirty_polygons()), min_size=2, max_size=6))
def test_polygons_of_a_lattice_against_rational_arithmetic(pairs):
    parcels, zones = tables(*np.array(pairs, dtype=object).T, plane(500_000.0))
    found = areas(parcels, zones)
    overlaid = landgis.overlay(parcels, zones, overlaps="twice")
    broken = set(parcels.index[~parcels.is_valid])
    assert set(overlaid.findings.parcel_id[overlaid.findings.severity == "错误"].dropna()) == broken
    assert_closes(overlaid, parcels)
    for k, (one, other) in enumerate(pairs):
        sound = one.is_valid and other.is_valid
        expected = rational_area(one, other) if sound else 0.0
        common = found.get((parcels.index[k], zones.index[k]), 0.0)
        assert common == pytest.approx(expected, abs=1e-6, rel=1e-9)


@settings(max_examples=6, deadline=None)
@given(cadastre=coverages(most=3), plan=coverages(most=3), random=st.randoms(use_true_random=False))
def test_no_order_or_partition_changes_a_figure(cadastre, plan, random):
    plan = plan.set_axis([f"Z{k}" for k in range(len(plan))]).rename_axis("zone_id")
    rows, places = (random.sample(range(len(side)), len(side)) for side in (cadastre, plan))
    cut = random.randint(0, len(rows))
    parts = [cadastre.iloc[rows[:cut]], cadastre.iloc[rows[cut:]]]
    whole = landgis.overlay(cadastre, plan)
    laid = [landgis.overlay(part, plan.iloc[places]) for part in parts]
    for table, key in (("pieces", ["parcel_id", "zone_id"]), ("account", ["parcel_id", "layer"])):
        then = getattr(whole, table).drop(columns="geometry", errors="ignore").set_index(key)
        now = pd.concat([getattr(one, table) for one in laid])
        now = now.drop(columns="geometry", errors="ignore").set_index(key)
        pd.testing.assert_frame_equal(
            now.sort_index(), then.sort_index(), check_exact=True, check_dtype=False
        )
    again = pd.concat([areas(part, plan.iloc[places]) for part in parts])
    together = areas(cadastre, plan)
    assert set(again.index) == set(together.index)
    assert again.reindex(together.index).to_numpy() == pytest.approx(together, rel=1e-15, abs=0)


def test_the_judge_finds_planted_faults(monkeypatch):
    sides = laid_out([SQUARE, box(20, 0, 30, 10)], [box(0, 0, 4, 10), box(4, 0, 25, 10)])
    assert not judge("sound", *sides).bad
    tabulate, overlay = landgis.tabulate, landgis.overlay

    def off(parcels, zones, *, by):
        table = tabulate(parcels, zones, by=by)
        return table.assign(area_m2=table["area_m2"] + 2e-6 * (table["zone_id"] == "Z000000"))

    def lossy(parcels, zones, *, overlaps):
        overlaid = overlay(parcels, zones, overlaps=overlaps)
        kept = overlaid.pieces.iloc[1:]
        return type(overlaid)(kept, overlaid.account, overlaid.findings, overlaid.outside)

    def stopping(*_sides, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(landgis, "tabulate", off)
    assert judge("off", *sides).wrong == 1
    monkeypatch.setattr(landgis, "tabulate", tabulate)
    monkeypatch.setattr(landgis, "overlay", lossy)
    found = judge("lossy", *sides)
    assert (found.accounts_open, found.shares_off, found.pieces_wrong) == (1, 1, 1)
    assert "**1**" in table_of([found])
    monkeypatch.setattr(landgis, "overlay", stopping)
    assert judge("stopping", *sides).died == 1


def test_cases_become_claims(tmp_path):
    home = tmp_path / "martinez_cases"
    home.mkdir()
    shapes = [(SQUARE, {}), (box(4, 0, 25, 10), {}), (box(0, 0, 4, 10), {"operation": "diff"}),
              (box(0, 0, 25, 10), {"operation": "union", "comment": "a wrong result"})]  # fmt: skip
    features = [{"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": said}
                for shape, said in shapes]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (home / "one.geojson").write_text(text, encoding="utf-8")
    first, second = itertools.islice(read_cases(tmp_path), 2)
    assert common_area(first, 100.0, 210.0, 1.0) == (60.0, 60.0)
    assert common_area(second, 100.0, 210.0, 1.0) == (60.0, 60.0)
    assert second.skipped
    assert enlarged(first)[2] == 64.0  # 25 m become 1600
    within = first._replace(operation="within", expected=True)
    assert common_area(within, 100.0, 210.0, 1.0) == (100.0, 100.0)
    matrix = first._replace(operation="relate FF2F01212", expected=True)
    assert common_area(matrix, 100.0, 210.0, 1.0)[1] == 0.0


def test_the_statutory_witness_is_right():
    # a whole degree of the ellipsoid by the closed form, and 1 km² on the central meridian
    sheet = np.array([box(108.0, 21.0, 109.0, 22.0)])
    a, es = 6378137.0, (2 - 1 / 298.257222101) / 298.257222101
    e = es**0.5

    def q(degrees):
        s = np.sin(np.radians(degrees))
        return (1 - es) * (s / (1 - es * s * s) + np.arctanh(e * s) / e)

    expected = a * a * np.radians(1.0) * (q(22.0) - q(21.0)) / 2
    assert statutory(4490)(sheet)[0] == pytest.approx(expected, rel=1e-12)
    square = np.array([box(499_500, 2_428_000, 500_500, 2_429_000)])
    assert statutory(4545)(square)[0] == pytest.approx(1e6, rel=1e-7)
    measured = landgis.measure(gpd.GeoDataFrame(geometry=square, crs=4545), split_m=5.0).area_m2[0]
    assert measured == pytest.approx(statutory(4545)(square)[0], abs=1e-3)

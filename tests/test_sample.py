"""Is the made-up Qinzhou what it says it is?

Cases: the same seed gives the committed bytes; every cell of the annex closes in decimal arithmetic
and blank cells stay blank; workbook and CSV agree; ledger areas against GeographicLib, planted
errors by their planted size; valid, to the millimetre, no overlaps, inside their unit; clusters,
crossings, planned uses and the raster against TRUTHS.json by plain shapely and rasterio; facts in
order and true to the class; a note in every file; the size.
"""

import csv
import datetime as dt
import json
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pyproj
import pytest
import rasterio
import shapely

from landgis.sample import grow

FOLDER = Path(__file__).parents[1] / "sample_data"
AS_OF = dt.date(2020, 12, 31)
BUDGET_BYTES = 5_500_000
CLASSES = ("批而未供", "闲置", "低效")


@pytest.fixture(scope="module")
def parcels():
    return gpd.read_file(FOLDER / "parcels.gpkg", use_arrow=False).set_index("DKBH")


@pytest.fixture(scope="module")
def stock(parcels):
    return parcels[parcels["CLLB"] != "其他"]


@pytest.fixture(scope="module")
def truths():
    return json.loads((FOLDER / "TRUTHS.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def annex():
    with (FOLDER / "annex.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert "示意数据" in rows[-1][0]
    return {row[0]: row[1:] for row in rows[3:-1]}


@pytest.fixture(scope="module")
def low(parcels):
    return parcels[parcels["CLLB"] == "低效"]


def layer(name, file="control_lines.gpkg"):
    return gpd.read_file(FOLDER / file, layer=name)


def geodesic(shapes):
    """Measure with GeographicLib, edges straight in the plane."""
    move = pyproj.Transformer.from_crs(4524, 4490, always_xy=True)
    earth = pyproj.Geod(a=6378137.0, rf=298.257222101)
    fine = shapely.orient_polygons(shapely.segmentize(np.asarray(shapes, dtype=object), 10.0))
    degrees = shapely.transform(
        fine, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1]))
    )
    return np.array([earth.geometry_area_perimeter(shape)[0] for shape in degrees])


def test_same_seed_same_bytes(tmp_path):
    grown = grow(tmp_path / "grown")
    made = {file.name for file in grown.iterdir()}
    assert made == {file.name for file in FOLDER.iterdir() if file.is_file()}
    for name in sorted(made):
        committed, again = FOLDER / name, grown / name
        if name.endswith(".gpkg"):
            for name_of_layer, _ in pyogrio.list_layers(committed):
                one = gpd.read_file(committed, layer=name_of_layer)
                other = gpd.read_file(again, layer=name_of_layer)
                assert shapely.equals_identical(one.geometry, other.geometry).all(), name_of_layer
                assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
        else:
            assert committed.read_bytes() == again.read_bytes(), name


def test_every_cell_closes_in_decimals(stock, annex):
    sums = defaultdict(Decimal)
    for unit, land_class, declared in zip(stock["TJDY"], stock["CLLB"], stock["DKMJ"], strict=True):
        sums[unit, land_class] += Decimal(str(declared))
    filled = 0
    for unit, row in annex.items():
        if unit == "合计":
            continue
        for land_class, printed in zip(CLASSES, row, strict=False):
            if printed:
                filled += 1
                assert sums.pop((unit, land_class)) == Decimal(printed)
            else:
                assert (unit, land_class) not in sums
    assert filled == 14
    assert {land_class for _, land_class in sums} == {"农村存量"}


def test_annex_as_printed(annex):
    assert annex["合计"] == ["2654.0829", "46.8457", "399.7426", "3100.6712"]
    assert annex["自贸区钦州港片区"] == ["595.0824", "", "39.4193", "634.5017"]
    for row in annex.values():
        assert sum(Decimal(text or 0) for text in row[:3]) == Decimal(row[3])
    sheet = openpyxl.load_workbook(FOLDER / "annex.xlsx")["附件"]
    assert {"A1:E1", "A4:A5"} <= {str(area) for area in sheet.merged_cells.ranges}
    for cells in sheet.iter_rows(min_row=6, max_row=12, values_only=True):
        printed = [float(text) if text else None for text in annex[cells[0]]]
        assert list(cells[1:]) == printed


def test_ledger_areas_against_geographiclib(parcels, truths):
    planted = {
        row["parcel_id"]: row["declared_minus_measured_m2"] for row in truths["ledger_errors"]
    }
    assert len(planted) == 8
    difference = parcels["DKMJ"].to_numpy() * 10_000 - geodesic(parcels.geometry)
    expected = np.array([planted.get(parcel, 0) for parcel in parcels.index])
    assert np.abs(difference - expected).max() < 1.0


def test_ground_is_sound(parcels):
    shapes = parcels.geometry.to_numpy()
    assert parcels.crs.to_epsg() == 4524
    assert parcels.index.is_unique
    assert shapely.is_valid(shapes).all()
    coordinates = shapely.get_coordinates(shapes)
    assert np.abs(coordinates - coordinates.round(3)).max() == 0
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    assert shapely.area(shapely.intersection(shapes[a], shapes[b])).max() == 0
    units = gpd.read_file(FOLDER / "units.gpkg").to_crs(4524).set_index("TJDY")
    homes = units.geometry.reindex(parcels["TJDY"]).to_numpy()
    assert shapely.contains(homes, shapes).all()


def test_planted_clusters_and_no_others(low, truths):
    shapes = low.geometry.to_numpy()
    barriers = gpd.read_file(FOLDER / "barriers.gpkg").geometry.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=20.0)
    a, b = a[a < b], b[a < b]
    way = shapely.shortest_line(shapes[a], shapes[b])
    crossed, _ = shapely.STRtree(barriers).query(way, predicate="intersects")
    barred = np.isin(np.arange(len(a)), crossed) & (shapely.length(way) > 0)
    corner = shapely.touches(shapes[a], shapes[b]) & (
        shapely.length(shapely.intersection(shapes[a], shapes[b])) == 0
    )
    group = {parcel: {parcel} for parcel in low.index}
    for i, j in zip(a[~barred & ~corner], b[~barred & ~corner], strict=True):
        joined = group[low.index[i]] | group[low.index[j]]
        for parcel in joined:
            group[parcel] = joined
    found = {frozenset(members) for members in group.values()}
    planted = truths["clusters"]["groups"]
    assert found == {frozenset(row["members"]) for row in planted}
    area = dict(zip(low.index, geodesic(shapes), strict=True))
    for row in planted:
        assert sum(area[parcel] for parcel in row["members"]) == pytest.approx(
            row["area_m2"], abs=0.02 * len(row["members"])
        )


def test_groups_kept_apart(low, truths):
    barriers = gpd.read_file(FOLDER / "barriers.gpkg")
    apart = truths["clusters"]["apart"]
    assert {row["because"] for row in apart} == {"阻隔分开", "间距超限", "仅角点相接"}
    assert {"铁路", "河流"} <= {row["barrier"] for row in apart}
    for row in apart:
        one = shapely.union_all(low.geometry[row["a"]].to_numpy())
        other = shapely.union_all(low.geometry[row["b"]].to_numpy())
        if row["because"] == "间距超限":
            assert 20.5 < one.distance(other) < 30
        elif row["because"] == "仅角点相接":
            assert one.intersection(other).geom_type == "Point"
            assert one.area + other.area < 9_000
        else:
            assert one.distance(other) < 20
            between = barriers.geometry[barriers["ZGLB"] == row["barrier"]]
            assert between.intersects(shapely.shortest_line(one, other)).any()


def test_crossings_and_no_others(stock, truths):
    """Overlay by plain GEOS: every stock parcel against every control line."""
    expected = defaultdict(float)
    for row in truths["crossings"]:
        if row["layer"] != "GHYDYH":
            expected[row["parcel_id"], row["layer"], row["zone"]] += row["area_m2"]
    found = {}
    shapes = stock.geometry.to_numpy()
    for name in ("YJJBNTTB", "STBHHX", "CZKFBJ"):
        zones = layer(name)
        kinds = zones["GHFQMC"] if name == "CZKFBJ" else zones["BSM"].map(lambda _: "")
        rest = shapes
        for kind in sorted(set(kinds)):
            own = shapely.union_all(zones.geometry[kinds == kind].to_numpy())
            shapely.prepare(own)
            inside = shapely.intersection(shapes, own)
            if name == "CZKFBJ":
                rest = shapely.difference(rest, own)
            if kind != "城镇集中建设区":
                found |= _areas(stock.index, inside, name, kind)
        if name == "CZKFBJ":
            found |= _areas(stock.index, rest, name, "边界外")
    assert set(found) == set(expected)
    for key, area in found.items():
        assert area == pytest.approx(expected[key], abs=1.0), key
    slivers = [row for row in truths["crossings"] if row["sliver"]]
    assert {row["layer"] for row in slivers} == {"YJJBNTTB", "CZKFBJ"}


def _areas(index, parts, name, kind):
    rough = shapely.area(parts)
    real = np.flatnonzero(rough > 0.5)  # coordinates are rounded: less is noise of the witness
    measured = geodesic(parts[real]) if len(real) else []
    return {(index[i], name, kind): float(area) for i, area in zip(real, measured, strict=True)}


def test_zones_of_a_layer_do_not_overlap():
    for name, file in (
        ("YJJBNTTB", "control_lines.gpkg"),
        ("STBHHX", "control_lines.gpkg"),
        ("CZKFBJ", "control_lines.gpkg"),
        ("GHYDYH", "land_use_plan.gpkg"),
    ):
        zones = layer(name, file)
        assert zones.geometry.is_valid.all()
        shapes = zones.geometry.to_numpy()
        a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        a, b = a[a < b], b[a < b]
        assert shapely.area(shapely.intersection(shapes[a], shapes[b])).max(initial=0) < 0.01, name


def test_planned_uses(stock, truths):
    plan = layer("GHYDYH", "land_use_plan.gpkg")
    assert plan["YDYHFLDM"].str.len().eq(6).all()
    unsupplied = stock[stock["CLLB"] == "批而未供"]
    at = gpd.GeoDataFrame(
        geometry=unsupplied.geometry.representative_point(), index=unsupplied.index, crs=4524
    ).sjoin(plan, predicate="within")
    belts = {row["parcel_id"] for row in truths["crossings"] if row["layer"] == "GHYDYH"}
    planned = at.loc[~at.index.isin(belts), "YDYHFLDM"].str[:4]
    approved = unsupplied["PZYTDM"].reindex(planned.index)
    assert set(planned.index[planned != approved]) == set(truths["planned_use_differs"])
    green = shapely.union_all(plan.geometry[plan["YDYHFLDM"] == "140200"].to_numpy())
    for row in truths["crossings"]:
        if row["layer"] == "GHYDYH":
            inside = shapely.intersection(stock.geometry[row["parcel_id"]], green)
            assert geodesic([inside])[0] == pytest.approx(row["area_m2"], abs=0.5)


def test_raster_agrees_with_the_ledger_but_where_planted(stock, truths):
    seen = stock[stock["TJDY"].isin(["市主城区", "自贸区钦州港片区"])]
    odd = set(truths["built_though_cleared"])
    assert len(odd) == 5
    with rasterio.open(FOLDER / "built_up.tif") as raster:
        assert raster.nodata == 255
        cells = raster.read(1)
        west, north, step = raster.bounds.left, raster.bounds.top, raster.res[0]
    row, column = np.nonzero(cells == 1)
    middles = shapely.points(west + step * (column + 0.5), north - step * (row + 0.5))
    unsupplied = seen[seen["CLLB"] == "批而未供"]
    # a built cell whose middle is within half a diagonal of a parcel reaches into it
    on, _ = shapely.STRtree(middles).query(
        unsupplied.geometry.to_numpy(), predicate="dwithin", distance=step / 2**0.5
    )
    built = set(unsupplied.index[np.unique(on)])
    cleared = set(unsupplied.index[unsupplied["FZWQL"] == "是"])
    assert built & cleared == odd
    assert set(unsupplied.index[unsupplied["FZWQL"] == "否"]) <= built


HARD = {"BCDW": "否", "FZWQL": "否", "QSQX": "否", "CZZY": "是", "GHTJMQ": "否"}


def test_readiness_follows_from_the_facts(stock, truths):
    assert set(truths["readiness"]) == set(stock.index)
    counts = defaultdict(int)
    alone = defaultdict(int)
    for parcel, truth in truths["readiness"].items():
        facts = stock.loc[parcel]
        bad = [field for field, value in HARD.items() if facts[field] == value]
        unknown = [field for field in HARD if facts[field] not in {"是", "否"}]
        expected = "毛地" if bad else "待核" if unknown else "净地"
        assert truth["readiness"] == expected, parcel
        counts[stock.at[parcel, "CLLB"], expected] += 1
        assert len(truth["reasons"]) == len(bad or unknown)
        if len(bad) == 1:
            alone[bad[0]] += 1
    assert set(alone) == set(HARD)
    assert min(counts["批而未供", kind] for kind in ("净地", "毛地", "待核")) > 60


def test_idle_land_is_idle(stock, truths):
    """Article 2 by hand, save where a fact is unknown on purpose."""
    unknown = {
        row["parcel_id"]
        for row in truths["odd_cases"]
        if row["case"] in {"是否动工未知", "动工日期未约定"}
    }
    idle = stock[stock["CLLB"] == "闲置"].drop(index=list(unknown))
    year_ago = dt.date(2019, 12, 31)
    tests = set()
    for parcel, row in idle.iterrows():
        assert row["GDRQ"] <= row["YDKGRQ"]
        if row["SFDG"] == "否":
            start = row["YDKGRQ"].date() + dt.timedelta(days=int(row["HMTS"]))
            assert start <= year_ago, parcel
            tests.add("T1")
        else:
            built = Fraction(str(row["SJDGMJ"])) / Fraction(str(row["YDGMJ"])) < Fraction(1, 3)
            spent = Fraction(str(row["SJYTZE"])) / Fraction(str(row["ZTZE"])) < Fraction(1, 4)
            assert built or spent, parcel
            assert row["ZZRQ"].date() <= year_ago, parcel
            tests.add("T2")
    assert tests == {"T1", "T2"}


def test_odd_cases_are_what_they_say(parcels, truths):
    odd = {row["case"]: parcels.loc[row["parcel_id"]] for row in truths["odd_cases"]}
    third, quarter = odd["恰为三分之一"], odd["恰为百分之二十五"]
    assert 3 * Fraction(str(third["SJDGMJ"])) == Fraction(str(third["YDGMJ"]))
    assert 4 * Fraction(str(quarter["SJYTZE"])) == Fraction(str(quarter["ZTZE"]))
    assert odd["恰满一年未动工"]["YDKGRQ"].date() == dt.date(2019, 12, 31)
    assert odd["恰满一年中止"]["ZZRQ"].date() == dt.date(2019, 12, 31)
    assert odd["差一日满一年"]["YDKGRQ"].date() == dt.date(2020, 1, 1)
    assert odd["差一日满一年"]["CLLB"] == odd["豁免后不满一年"]["CLLB"] == "其他"
    over = odd["超批准面积供地"]
    assert over["DKYGMJ"] > over["BPPZMJ"]
    given = odd["经营性用地划拨"]
    assert (given["GDFS"], given["TDYTDM"]) == ("划拨", "1001")
    assert odd["批而未征"]["ZDWCMJ"] == 0


def test_dates_in_order(parcels):
    for earlier, later in (("BPPFRQ", "GDRQ"), ("GDRQ", "YDKGRQ"), ("DGRQ", "ZZRQ")):
        both = parcels[earlier].notna() & parcels[later].notna()
        assert (parcels.loc[both, earlier] <= parcels.loc[both, later]).all()
    dates = parcels.select_dtypes("datetime")
    assert dates.max().max().date() <= AS_OF
    unsupplied = parcels[parcels["CLLB"] == "批而未供"]
    assert unsupplied["BPPFRQ"].dt.year.between(2009, 2020).all()


def test_batches_were_not_oversupplied(stock):
    batches = stock[stock["CLLB"] == "批而未供"].groupby("BPPFWH")
    assert (batches["DKMJ"].sum() <= batches["BPPZMJ"].first() + 0.01).all()
    assert (batches["BPPZMJ"].nunique() == 1).all()


def test_progress_workbook_says_what_the_truths_say(truths):
    book = openpyxl.load_workbook(FOLDER / "progress.xlsx")
    assert book.sheetnames == ["2022年", "2023年"]
    rows = [
        (unit, year, done, total)
        for year in (2022, 2023)
        for unit, done, total in _quarters(book[f"{year}年"])
    ]
    said = [
        (row["unit"], row["year"], float(row["done_mu"]), float(row["cumulative_mu"]))
        for row in truths["progress"]
    ]
    assert sorted(rows) == sorted(said)
    tasks = {(row["unit"], row["year"]): Decimal(row["task_mu"]) for row in truths["progress"]}
    # 3100.6712 公顷 is 46 510.068 亩; each of twelve tasks is rounded to 0.01
    assert abs(sum(tasks.values()) - Decimal("46510.068")) <= Decimal("0.06")


def _quarters(sheet):
    unit = None
    for cells in sheet.iter_rows(min_row=4, values_only=True):
        unit = cells[0] or unit
        yield unit, cells[3], cells[4]


def test_notes_and_size():
    for file in sorted(FOLDER.glob("*.gpkg")):
        for name, _ in pyogrio.list_layers(file):
            description = pyogrio.read_info(file, layer=name)["layer_metadata"]
            assert "示意数据" in description["DESCRIPTION"], (file.name, name)
    with rasterio.open(FOLDER / "built_up.tif") as raster:
        assert "示意数据" in raster.tags()["TIFFTAG_IMAGEDESCRIPTION"]
    assert "示意数据" in (FOLDER / "数据说明.md").read_text(encoding="utf-8")
    assert "示意数据" in openpyxl.load_workbook(FOLDER / "annex.xlsx").properties.description
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < BUDGET_BYTES

"""What stands on the sheets?

Cases: every printed figure of the annex on its map and the sums below; blank is not zero; a
difference in red; no annex; units and polygons that do not match; duplicate units; no coordinate
system; classes against an exhaustive search; round breaks; labels apart, inside their unit or off
the land; the scale true on paper; the comparison cell by cell; circles and bars of a theme; places
of a scattered unit; another country; fonts: installed, bundled, none, foreign, lacking a character;
size in pixels; the same bytes twice; no setting of the process touched; an unwritable file.
"""

import itertools
import struct
import sys
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.collections import PathCollection
from matplotlib.patches import Wedge
from matplotlib.text import Text

from landgis.model.errors import CrsError, DataError, OutputError, SourceError, UsageError
from landgis.reports import _choropleth, _comparison, _detail, _theme, fonts, style
from landgis.reports._classes import class_breaks, class_labels, classify_values, roundest
from landgis.reports._labels import place
from landgis.reports._paper import Imprint
from landgis.reports.sheet import draw_comparison, draw_detail, draw_sheet, draw_theme

# 钦州市存量土地统计表, as printed
ANNEX = {
    "市主城区": ("921.6116", "8.6559", "263.2333"),
    "自贸区钦州港片区": ("595.0824", None, "39.4193"),
    "灵山县": ("351.0186", None, "76.1100"),
    "浦北县": ("362.3102", "4.6971", "20.9800"),
    "钦南区": ("223.0094", "7.2405", None),
    "钦北区": ("201.0507", "26.2522", None),
}
ROW_SUMS = ("1193.5008", "634.5017", "427.1286", "387.9873", "230.2499", "227.3029")
COLUMN_SUMS = {
    "批而未供": "2654.0829",
    "闲置": "46.8457",
    "低效": "399.7426",
    "合计": "3100.6712",
}
# six places side by side; the second and third are too small for their labels
BOXES = {
    "市主城区": (40_000, 30_000, 46_000, 35_000),
    "自贸区钦州港片区": (52_000, 0, 56_000, 5_000),
    "灵山县": (80_000, 40_000, 130_000, 90_000),
    "浦北县": (130_000, 40_000, 170_000, 100_000),
    "钦南区": (46_000, 5_000, 80_000, 40_000),
    "钦北区": (0, 35_000, 46_000, 80_000),
}


@pytest.fixture(scope="module")
def units():
    shifted = [
        shapely.box(520_000 + w, 2_390_000 + s, 520_000 + e, 2_390_000 + n)
        for w, s, e, n in BOXES.values()
    ]
    index = pd.Index(list(BOXES), name="unit")
    return gpd.GeoDataFrame(geometry=shifted, index=index, crs="EPSG:4545")


@pytest.fixture
def summary():
    rows = [
        (unit, name, 0 if printed is None else 5, float(printed or "nan"), float(printed or 0))
        for unit, cells in ANNEX.items()
        for name, printed in zip(("批而未供", "闲置", "低效"), cells, strict=True)
    ]
    table = pd.DataFrame(
        rows, columns=["unit", "land_class", "parcel_count", "official_ha", "ledger_ha"]
    )
    return table.assign(measured_ha=table["ledger_ha"])


def texts(figure):
    return [
        text.get_text()
        for text in figure.findobj(Text)
        if text.get_text() and text.get_gid() != "halo"
    ]


def line_with(figure, words):
    (found,) = [text for text in figure.findobj(Text) if words in text.get_text()]
    return found


@pytest.mark.parametrize("name", list(COLUMN_SUMS))
def test_every_printed_figure_stands_on_the_map(units, summary, name):
    figure = _choropleth.build(units, summary, Imprint(), land_class=name)
    on_map = {text.get_text() for text in figure.axes[0].texts}
    column = {"批而未供": 0, "闲置": 1, "低效": 2}
    expected = ROW_SUMS if name == "合计" else [cells[column[name]] for cells in ANNEX.values()]
    assert on_map == set(ANNEX) | {value or "无数据" for value in expected}
    total = COLUMN_SUMS[name]
    assert f"图上合计 {total} 公顷 ＝ 附件合计 {total} 公顷" in texts(figure)


def test_printed_sum_of_the_annex_is_taken_as_printed(units, summary):
    printed = pd.DataFrame(
        [("合计", "闲置", 21, 46.8, 46.8457, 46.8457)], columns=list(summary.columns)
    )
    table = pd.concat([summary, printed], ignore_index=True)
    figure = _choropleth.build(units, table, Imprint(), land_class="闲置")
    line = line_with(figure, "图上合计")
    assert line.get_text() == ("图上合计 46.8457 公顷 ≠ 附件合计 46.8000 公顷，相差 +0.0457 公顷")
    assert line.get_color() == style.ALARM


def test_blank_is_not_zero(units, summary):
    zero = summary["unit"].eq("钦南区") & summary["land_class"].eq("闲置")
    summary.loc[zero, ["official_ha", "ledger_ha", "parcel_count"]] = 0.0, 0.0, 0
    figure = _choropleth.build(units, summary, Imprint(), land_class="闲置")
    on_map = [text.get_text() for text in figure.axes[0].texts if text.get_gid() != "halo"]
    assert on_map.count("无数据") == 2
    assert on_map.count("0.0000") == 1
    hatched = [c for c in figure.axes[0].findobj(PathCollection) if c.get_hatch()]
    assert [len(collection.get_paths()) for collection in hatched] == [2]
    assert any("附件空白，不等于零" in text for text in texts(figure))


def test_blank_cell_with_parcels_is_drawn_and_told(units, summary):
    cell = summary["unit"].eq("灵山县") & summary["land_class"].eq("闲置")
    summary.loc[cell, ["ledger_ha", "parcel_count"]] = 1.5, 2
    figure = _choropleth.build(units, summary, Imprint(), land_class="闲置")
    assert "1.5000" in texts(figure)
    assert "相差 +1.5000 公顷" in line_with(figure, "图上合计").get_text()


def test_no_annex(units, summary):
    summary["official_ha"] = np.nan
    few = summary[summary["unit"] != "浦北县"]
    figure = _choropleth.build(units, few, Imprint(), land_class="批而未供")
    line = line_with(figure, "图上合计")
    assert line.get_text() == "图上合计 2291.7727 公顷（无官方数据，未与附件核对）"
    assert "无数据" in texts(figure)


def test_figures_and_polygons_must_match(units, summary, tmp_path):
    path = tmp_path / "sheet.png"
    with pytest.raises(DataError, match="unit_without_polygon") as caught:
        draw_sheet(units.drop("钦北区"), summary, path=path)
    assert "钦北区" in caught.value.hint
    with pytest.raises(DataError, match="polygon_without_unit"):
        draw_sheet(units, summary[summary["unit"] != "钦北区"], path=path)
    with pytest.raises(DataError, match="unit_twice"):
        draw_sheet(pd.concat([units, units.iloc[:1]]), summary, path=path)
    nameless = summary.assign(unit=summary["unit"].where(summary["unit"] != "钦北区"))
    with pytest.raises(DataError, match="unit_without_polygon"):
        draw_sheet(units, nameless, path=path)
    with pytest.raises(DataError, match="class_without_rows"):
        draw_sheet(units, summary, path=path, land_class="林地")
    with pytest.raises(UsageError, match="unknown_value"):
        draw_sheet(units, summary, path=path, value="difference_ha")
    with pytest.raises(CrsError, match="crs_missing"):
        draw_sheet(units.set_crs(None, allow_override=True), summary, path=path)
    assert not path.exists()


def test_what_has_no_polygon_is_named_when_allowed(units, summary):
    figure = _choropleth.build(
        units.drop("钦北区"), summary, Imprint(), land_class="闲置", allow_unmatched=True
    )
    line = line_with(figure, "图上合计")
    assert line.get_text() == (
        "图上合计 20.5935 公顷 ≠ 附件合计 46.8457 公顷，相差 -26.2522 公顷；未上图：钦北区 26.2522"
    )
    assert line.get_color() == style.ALARM


def within_classes(values, cuts):
    bounds = [0, *cuts, len(values)]
    return sum(
        float(((part - part.mean()) ** 2).sum())
        for part in (values[a:b] for a, b in itertools.pairwise(bounds))
    )


@given(st.lists(st.integers(0, 5000), min_size=6, max_size=9, unique=True))
def test_natural_classes_are_the_best_there_are(numbers):
    values = np.sort(np.array(numbers, dtype=float))
    breaks = class_breaks(values)
    found = classify_values(values, breaks)
    cuts = [i for i in range(1, len(values)) if found[i] != found[i - 1]]
    assert len(cuts) == len(breaks)
    every = itertools.combinations(range(1, len(values)), len(cuts))
    best = min(within_classes(values, choice) for choice in every)
    assert within_classes(values, cuts) == pytest.approx(best, rel=1e-9, abs=1e-6)
    assert 3 <= len(breaks) + 1 <= 5


@given(low=st.integers(0, 10**8), gap=st.integers(1, 10**8))
def test_breaks_are_round(low, gap):
    a, b = low / 1e4, (low + gap) / 1e4
    number = roundest(a, b)
    assert a < number <= b
    step = 10 ** int(np.floor(np.log10(b - a)))  # some multiple of it lies between
    assert Decimal(str(number)) % Decimal(str(step)) == 0 or step < 1e-4


def test_schemes():
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 100.0]
    assert class_breaks(values, scheme="quantile") == [3.0, 5.0, 7.0, 9.0]
    assert class_breaks(values, scheme="equal") == [100.0]  # in (9, 100]
    assert class_breaks([2.0, 2.0, float("nan")]) == []
    assert classify_values([1.9999, 2.0], [2.0]).tolist() == [0, 1]
    assert class_labels([0.5, 20.0]) == ["< 0.5", "0.5 — 20", "≥ 20"]
    with pytest.raises(UsageError, match="unknown_scheme"):
        class_breaks(values, scheme="guess")
    for bad in ((), (3.0, 2.0), (1.0, float("nan"))):
        with pytest.raises(UsageError, match="bad_breaks"):
            class_breaks(values, scheme=bad)


def test_given_breaks_stand_in_the_legend(units, summary):
    figure = _choropleth.build(units, summary, Imprint(), land_class="批而未供", scheme=(300, 600))
    assert {"< 300", "300 — 600", "≥ 600"} <= set(texts(figure))


def test_labels_do_not_meet(units, summary):
    figure = _choropleth.build(units, summary, Imprint(dpi=100), land_class="合计")
    figure.canvas.draw()
    axes = figure.axes[0]
    written = [text for text in axes.texts if text.get_gid() != "halo"]
    boxes = [shapely.box(*text.get_window_extent().extents) for text in written]
    whole = shapely.box(*axes.get_window_extent().extents)
    assert len(boxes) == 12
    for one, other in itertools.combinations(boxes, 2):
        assert shapely.area(shapely.intersection(one, other)) < 4  # pixels of line spacing
    assert all(shapely.contains(whole, box) for box in boxes)


def test_labels_stand_inside_or_off_the_land(units):
    polygons = units.geometry.to_numpy()
    sizes = np.tile([18_000.0, 7_000.0], (6, 1))
    frame = (500_000.0, 2_370_000.0, 710_000.0, 2_510_000.0)
    placed = place(polygons, sizes, frame=frame, gap=500.0)
    land = shapely.union_all(polygons)
    for polygon, label in zip(polygons, placed, strict=True):
        box = shapely.box(*label.box)
        assert label.free
        if label.anchor is None:
            assert shapely.contains(polygon, box)
        else:
            assert not shapely.intersects(land, box)
            assert shapely.contains(polygon, shapely.Point(label.anchor))
    assert [label.anchor is None for label in placed] == [False, False, True, True, True, True]


def test_scale_is_true_on_paper(units, summary):
    figure = _choropleth.build(units, summary, Imprint(dpi=300))
    (words,) = [text for text in texts(figure) if text.startswith("比例尺")]
    denominator = int(words.removeprefix("比例尺 1:").removesuffix("（A4）").replace(" ", ""))
    ends = figure.axes[0].transData.transform([(550_000, 2_400_000), (560_000, 2_400_000)])
    metres_on_paper = (ends[1][0] - ends[0][0]) / 300 * 0.0254
    assert 10_000 / metres_on_paper == pytest.approx(denominator, rel=1e-3)


def test_margin(units, summary):
    imprint = Imprint(
        place="钦州市", as_of=pd.Timestamp("2020-12-31").date(), agency="某局", source="台账",
        map_kind="公开", review_no="桂S(2021)1号",
    )  # fmt: skip
    words = texts(_choropleth.build(units, summary, imprint, land_class="低效"))
    assert "钦州市城镇低效用地分布图（截至2020年12月31日）" in words
    assert "审图号：桂S(2021)1号" in words
    assert "单位：公顷" in words
    assert "示意图，不作为划界依据" in words
    assert "制图单位：某局" in words
    (facts,) = [text for text in words if text.startswith("坐标系")]
    assert facts == (
        "坐标系：2000国家大地坐标系，高斯-克吕格3°带，中央经线108°　数据来源：台账　"
        "数据截止：2020年12月31日"
    )
    quiet = texts(_choropleth.build(units, summary, Imprint(sketch=False, map_kind="公开")))
    assert not any("示意" in text or "审图号" in text or "内部" in text for text in quiet)


def test_degrees_are_brought_to_metres(units, summary):
    figure = _choropleth.build(units.to_crs("EPSG:4490"), summary, Imprint())
    assert any("中央经线108°" in text for text in texts(figure))


def test_comparison_agrees_cell_by_cell(summary):
    figure = _comparison.build(summary, Imprint())
    words = texts(figure)
    assert "14 格与附件逐格相等，差值均为 0.0000 公顷" in words
    # 14 cells, 6 row sums, 4 column sums
    agreed = [t for t in figure.findobj(Text) if t.get_text() == "0.0000"]
    assert len(agreed) == 14 + 6 + 4
    assert {text.get_color() for text in agreed} == {style.AGREED}
    for total in COLUMN_SUMS.values():
        assert words.count(total) >= 3  # annex, ledger and measured
    assert not any(text.get_color() == style.ALARM for text in figure.findobj(Text))


def test_comparison_shows_what_differs(summary):
    summary.loc[0, "ledger_ha"] -= 3.2
    summary.loc[summary["unit"].eq("灵山县") & summary["land_class"].eq("闲置"), "ledger_ha"] = 0.5
    figure = _comparison.build(summary, Imprint())
    red = sorted(t.get_text() for t in figure.findobj(Text) if t.get_color() == style.ALARM)
    # cell, row sum, column sum of each; -2.7000 is the grand total
    assert red.count("-3.2000") == 3
    assert red.count("+0.5000") == 3
    assert red.count("-2.7000") == 1
    assert "15 格中 2 格与附件不一致，相差合计 -2.7000 公顷" in red


def test_comparison_of_many_units_keeps_the_differences():
    names = [f"U{i:03d}" for i in range(60)]
    table = pd.DataFrame(
        {"unit": names, "land_class": "低效", "official_ha": 1.0, "ledger_ha": 1.0}
    )
    table.loc[37, "ledger_ha"] = 1.25
    words = texts(_comparison.build(table, Imprint()))
    assert "U037" in words
    assert words.count("+0.2500") >= 2
    assert any("个单元未列出" in text for text in words)


@pytest.fixture(scope="module")
def parcels():
    rows = [
        ("灵山县", "低效", "净地", 1.5, (600_000, 2_440_000)),
        ("灵山县", "低效", "毛地", 0.5, (600_400, 2_440_000)),
        ("灵山县", "其他", None, 9.0, (600_800, 2_440_000)),
        ("灵山县", "批而未供", "净地", 2.0, (625_000, 2_460_000)),
        ("钦北区", "闲置", "待核", 1.0, (530_000, 2_440_000)),
        ("钦北区", "低效", "净地", float("nan"), (530_300, 2_440_000)),
    ]
    return gpd.GeoDataFrame(
        [row[:4] for row in rows],
        columns=["unit", "land_class", "readiness", "declared_ha"],
        geometry=[shapely.box(x, y, x + 200, y + 100) for *_, (x, y) in rows],
        index=pd.Index([f"P{i}" for i in range(len(rows))], name="parcel_id"),
        crs="EPSG:4545",
    )


def test_theme_sums_and_circles(units, parcels):
    figure = _theme.build(units, parcels, Imprint())
    line = line_with(figure, "＝ 合计")
    assert line.get_text() == (
        "净地 3.5000 ＋ 毛地 0.5000 ＋ 待核 1.0000 ＝ 合计 5.0000 公顷（5 宗）；1 宗缺面积，未计入"
    )
    wedges = figure.axes[0].findobj(Wedge)
    sweeps = {}
    for wedge in wedges:
        sweeps.setdefault(round(wedge.r, 3), []).append(wedge.theta2 - wedge.theta1)
    small, large = sorted(sweeps)
    assert (large / small) ** 2 == pytest.approx(4.0 / 1.0, rel=1e-6)  # hectares of the two units
    assert sorted(sweeps[large]) == pytest.approx([45.0, 315.0])  # 0.5 and 3.5 of 4.0
    assert sweeps[small] == pytest.approx([360.0])


def test_areas_may_be_measured(units, parcels):
    measured = parcels.drop(columns="declared_ha").assign(area_m2=20_000.25)
    theme = _theme.build(units, measured, Imprint(), value="measured_ha")
    # 2.000025 ha each; three 净地 6.000075, 毛地 and 待核 2.000025, half-up
    assert "净地 6.0001 ＋ 毛地 2.0000 ＋ 待核 2.0000 ＝ 合计 10.0001 公顷（5 宗）" in texts(theme)
    detail = _detail.build(measured, Imprint(), unit="钦北区", value="measured_ha")
    assert "钦北区：闲置 2.0000 ＋ 低效 2.0000 ＝ 4.0000 公顷（2 宗）" in texts(detail)
    with pytest.raises(UsageError, match="unknown_value"):
        _theme.build(units, measured, Imprint(), value="official_ha")


def test_theme_of_units_without_polygon(units, parcels):
    figure = _theme.build(units.drop("钦北区"), parcels, Imprint(), by="land_class")
    line = line_with(figure, "＝ 合计")
    assert "未上图单元：钦北区" in line.get_text()
    assert line.get_color() == style.ALARM
    everything = _theme.build(units, parcels, Imprint(), by="land_class", land_classes=None)
    assert any("其他 9.0000 ＝ 合计 14.0000" in text for text in texts(everything))


def test_detail_of_a_scattered_unit(units, parcels):
    figure = _detail.build(parcels, Imprint(place="甲市"), unit="灵山县", units=units)
    maps = [axes for axes in figure.axes if axes.get_window_extent().height > 600]
    assert len(maps) == 2  # the two places, 32 km apart
    per_pixel = [
        (axes.get_xlim()[1] - axes.get_xlim()[0]) / axes.get_window_extent().width for axes in maps
    ]
    assert per_pixel[0] == pytest.approx(per_pixel[1], rel=1e-6)
    words = texts(figure)
    assert "甲市灵山县存量土地分布图" in words
    assert "灵山县：批而未供 2.0000 ＋ 低效 2.0000 ＝ 4.0000 公顷（3 宗）" in words
    assert "其他（1 宗）" in words


def test_detail_names_clusters_lines_and_barriers(units, parcels):
    zones = gpd.GeoDataFrame(
        {"layer": ["YJJBNTTB", "GHYDYH"]},
        geometry=[shapely.box(529_900, 2_439_900, 530_050, 2_440_050)] * 2,
        crs="EPSG:4545",
    )
    barriers = gpd.GeoDataFrame(
        {"barrier_class": ["主干路"]},
        geometry=[shapely.LineString([(529_000, 2_440_120), (531_000, 2_440_120)])],
        crs="EPSG:4545",
    )
    clusters = gpd.GeoDataFrame(
        {"unit": ["钦北区", "灵山县"]},
        geometry=[shapely.box(530_000, 2_440_000, 530_500, 2_440_100)] * 2,
        index=["LP-1", "LP-2"],
        crs="EPSG:4545",
    )
    figure = _detail.build(
        parcels, Imprint(), unit="钦北区", units=units, zones=zones, barriers=barriers,
        clusters=clusters,
    )  # fmt: skip
    words = texts(figure)
    assert {"永久基本农田", "道路", "LP-1", "低效用地连片（1 处）"} <= set(words)
    assert not {"GHYDYH", "LP-2"} & set(words)
    assert any("1 宗缺面积，未计入" in text for text in words)


@pytest.mark.parametrize(("margin", "told"), [(20.0, True), (90_000.0, False)])
def test_a_boundary_in_sight_stands_in_the_legend(parcels, margin, told):
    west, south, east, north = parcels[parcels["unit"] == "钦北区"].total_bounds
    own = shapely.box(west - margin, south - margin, east + margin, north + margin)
    units = gpd.GeoDataFrame(geometry=[own], index=["钦北区"], crs=parcels.crs)
    figure = _detail.build(parcels, Imprint(), unit="钦北区", units=units)
    assert ("统计单元界线" in texts(figure)) == told


def test_title_does_not_stutter():
    assert _detail.title_of(Imprint(place="钦州市"), "市主城区") == "钦州市主城区存量土地分布图"


def test_unit_without_parcels(parcels, tmp_path):
    with pytest.raises(DataError, match="unit_without_parcels"):
        draw_detail(parcels, path=tmp_path / "x.png", unit="乙县")


def test_another_country(tmp_path):
    units = gpd.GeoDataFrame(
        geometry=[
            shapely.box(230_000, 900_000, 232_000, 901_500),
            shapely.box(232_000, 900_000, 234_000, 901_500),
        ],
        index=["Area 2/MIT", "The Port"],
        crs="EPSG:26986",
    )
    summary = pd.DataFrame(
        {
            "unit": ["Area 2/MIT"],
            "land_class": "低效",
            "official_ha": float("nan"),
            "ledger_ha": [3.25],
        }
    )
    words = texts(_choropleth.build(units, summary, Imprint(), land_class="低效"))
    assert {"Area 2/MIT", "3.2500", "The Port", "无数据"} <= set(words)
    assert "坐标系：NAD83 / Massachusetts Mainland" in words
    assert draw_sheet(units, summary, path=tmp_path / "a.png", dpi=50).exists()


def size_of(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_png_has_the_size_of_a4_at_300_dpi_and_the_same_bytes_twice(units, summary, tmp_path):
    first = draw_sheet(units, summary, path=tmp_path / "a.png")
    second = draw_sheet(units, summary, path=tmp_path / "b.png")
    assert size_of(first) == (3508, 2480)
    assert first.read_bytes() == second.read_bytes()


def test_every_verb_writes_its_file_and_no_setting_changes(units, summary, parcels, tmp_path):
    before = dict(mpl.rcParams)
    paths = [
        draw_sheet(units, summary, path=tmp_path / "s.png", dpi=50, backdrop={"地块": parcels}),
        draw_comparison(summary, path=tmp_path / "c.png", dpi=50),
        draw_theme(units, parcels, path=tmp_path / "t.png", dpi=50),
        draw_detail(parcels, path=tmp_path / "new" / "d.png", unit="钦北区", dpi=50),
    ]
    assert [size_of(path) for path in paths] == [(584, 413)] * 4  # 3508 x 2480 / 6, cut down
    assert dict(mpl.rcParams) == before
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_input_is_untouched(units, summary):
    copies = units.copy(), summary.copy()
    _choropleth.build(units, summary, Imprint())
    pd.testing.assert_frame_equal(summary, copies[1])
    assert units.geom_equals(copies[0]).all()


def test_unwritable(units, summary, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="output_unwritable"):
        draw_sheet(units, summary, path=tmp_path / "file" / "a.png", dpi=50)


def without_installed_fonts(monkeypatch):
    latin = [entry for entry in font_manager.fontManager.ttflist if "DejaVu" in entry.name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)


def test_bundled_font_where_none_is_installed(units, summary, monkeypatch, tmp_path):
    without_installed_fonts(monkeypatch)
    found = fonts.find_fonts()
    assert Path(str(found.regular)).name == "NotoSansSC-Regular.ttf"
    assert not found.has_bold
    assert "zhplot" not in sys.modules  # importing it would change matplotlib's settings
    assert draw_sheet(units, summary, path=tmp_path / "a.png", dpi=50).exists()


def test_installed_font_is_taken_first(monkeypatch, tmp_path):
    bundled = fonts._bundled_file()
    installed = tmp_path / "installed.ttf"
    installed.write_bytes(bundled.read_bytes())
    entry = font_manager.FontEntry(
        fname=str(installed), index=0, name="Source Han Sans SC", style="normal",
        variant="normal", weight=400, stretch="normal", size="scalable",
    )  # fmt: skip
    gone = font_manager.FontEntry(
        fname=str(tmp_path / "gone.ttc"), index=0, name="Noto Sans CJK SC", style="normal",
        variant="normal", weight=400, stretch="normal", size="scalable",
    )  # fmt: skip
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [gone, entry])
    assert str(fonts.find_fonts().regular) == str(installed)


def test_no_font_at_all_names_the_remedy(monkeypatch):
    without_installed_fonts(monkeypatch)
    monkeypatch.setattr(fonts, "BUNDLED", ("no-such-package", "x.ttf"))
    with pytest.raises(SourceError, match="no_chinese_font") as caught:
        fonts.find_fonts()
    assert "fonts-noto-cjk" in caught.value.hint


def test_fonts_that_will_not_do(tmp_path):
    with pytest.raises(SourceError, match="font_missing"):
        fonts.find_fonts(tmp_path / "none.ttf")
    text = tmp_path / "text.ttf"
    text.write_text("not a font")
    with pytest.raises(SourceError, match="font_unreadable"):
        fonts.find_fonts(text)
    latin = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    with pytest.raises(SourceError, match="font_without_chinese"):
        fonts.find_fonts(latin)


def test_a_character_the_font_lacks_is_told_and_never_a_box(units, summary):
    figure = _choropleth.build(units, summary, Imprint(), title="钦州𡍲分布图")
    figure.canvas.draw()  # a missing glyph would warn, and warnings are errors
    words = texts(figure)
    assert "钦州〓分布图" in words
    assert "字体缺字，以“〓”代替：U+21372" in words


def test_ramps_fall_in_lightness():
    def lightness(colour):
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    for name in style.RAMPS:
        for count in range(2, 8):
            steps = [lightness(colour) for colour in style.ramp(name, count)]
            assert all(b < a * 0.9 for a, b in itertools.pairwise(steps)), name
    with pytest.raises(UsageError, match="bad_count"):
        style.ramp("低效", 0)

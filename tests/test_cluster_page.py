"""Does the page of a cluster say what is known of it, and only that?

Cases: facts with half-up figures; printed 净地, 毛地, 待核 sum to the printed area; score and its
parts; 三地, planned uses, separations with cause and gain; every table absent, empty or unknown is
未知 and never 0; members, lanes, barriers as wide as they are, neighbours, control lines, numbers of
separations and their place; the locator; two members, sixty, long and thin, of several parts; long
names wrap; no two texts overlap and none leaves the sheet; ids that are no text; another country;
unknown cluster, cluster without members; the book: order by score or by area, how many are left out,
no page without members; bad calls; input untouched.
"""

import itertools
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.text import Text

from landgis.analysis.clusters import cluster
from landgis.model.errors import DataError, SchemaError, UsageError
from landgis.reports import _cluster_page, _detail, _front, _paper, atlas, style
from landgis.reports._paper import Imprint
from landgis.reports.atlas import draw_atlas
from landgis.reports.cluster_facts import facts_of, ranked, readiness_of
from landgis.reports.cluster_parts import ClusterTables
from landgis.reports.sheet import draw_cluster

X, Y = 562_000.0, 2_428_000.0
PLACE = "很长很长的地名某某街道办事处某某社区居民委员会第十二村民小组旁原国营农机修造厂旧址"


def box(west, south, east, north):
    return shapely.box(X + west, Y + south, X + east, Y + north)


def lots(boxes, **columns):
    facts = {"land_class": "低效", "unit": "灵山县", "location": "灵城"} | columns
    index = [f"DX-450721-{number:04}" for number in range(len(boxes))]
    geometry = [box(*bounds) for bounds in boxes]
    return gpd.GeoDataFrame(facts, index=index, geometry=geometry, crs="EPSG:4545")


WORLDS = {
    "two": [(0, 0, 40, 30), (50, 0, 90, 30)],
    "sixty": [(i * 58, j * 48, i * 58 + 50, j * 48 + 40) for i in range(10) for j in range(6)],
    "thin": [(i * 62, i * 3, i * 62 + 60, i * 3 + 14) for i in range(25)],
}


@pytest.fixture
def world():
    """Three lots beside each other, two neighbours across a railway and a lane of 30 m."""
    boxes = [(0, 0, 100, 80), (108, 0, 208, 80), (216, 0, 316, 80), (0, 120, 100, 200)]
    boxes += [(346, 0, 400, 80), (108, 100, 150, 140)]
    parcels = lots(boxes)
    parcels["land_class"] = ["低效"] * 5 + ["其他"]
    parcels["cluster_id"] = ["LP-1"] * 3 + ["LP-2", None, None]
    parcels["readiness"] = ["净地", "毛地", "待核", "净地", None, None]
    clusters = gpd.GeoDataFrame(
        {
            "cluster_name": ["灵山县灵城第1片", "灵山县灵城第2片"],
            "unit": "灵山县",
            "member_count": pd.array([3, 1], dtype="Int64"),
            "area_m2": [24_000.5, 8000.0],
            "cleared_m2": [8000.25, None],
            "uncleared_m2": [8000.25, None],
            "unjudged_m2": [8000.0, None],
            "concentrated_share": [0.12345, None],
            "control_m2": [0.0, None],
            "holder_count": pd.array([2, 0], dtype="Int64"),
            "holder_unknown": pd.array([1, 1], dtype="Int64"),
            "built_share": [0.5, None],
            "compactness": [0.625, None],
            "frontage_m": [316.005, None],
            "score": [72.25, None],
            "score_known": [0.8, None],
        },
        index=pd.Index(["LP-1", "LP-2"], name="cluster_id"),
        geometry=[box(0, 0, 316, 80), box(0, 120, 100, 200)],
        crs="EPSG:4545",
    )
    return parcels, clusters


@pytest.fixture
def tables(world):
    parcels, _ = world
    topics = [
        ("存量类别", None, "低效", 24_000.5, 1.0),
        ("规划用途", "GHYDYH", "工业用地", 12_000.25, 0.5),
        ("规划用途", "GHYDYH", "居住用地", 11_000.25, 0.45831),
        ("规划用途", "GHYDYH", "公园绿地", None, None),
    ]
    parts = pd.DataFrame(topics, columns=["topic", "layer", "item", "area_m2", "share"])
    parts["member_count"] = pd.array([3, 2, 1, None], dtype="Int64")
    pockets = gpd.GeoDataFrame(
        {
            "cluster_id": "LP-1",
            "pocket_kind": ["夹心地", "边角地"],
            "parcel_id": [None, "DX-450721-0005"],
            "area_m2": [640.0, 1680.0],
            "within_limit": pd.array([True, None], dtype="boolean"),
        },
        index=pd.Index(["SD-1", "SD-2"], name="pocket_id"),
        geometry=[box(100, 0, 108, 80), parcels.geometry.iloc[5]],
        crs="EPSG:4545",
    )
    lines = [[(50, 80), (50, 120)], [(316, 40), (346, 40)]]
    separations = gpd.GeoDataFrame(
        {
            "cluster_id": "LP-1",
            "other_id": ["LP-2", "DX-450721-0004"],
            "cause": ["阻隔", "间距"],
            "barrier": ["钦防铁路", None],
            "barrier_class": ["铁路", None],
            "gap_m": [40.0, 30.0],
            "would_join_m2": [8000.0, 4320.0],
        },
        geometry=[shapely.LineString([(X + x, Y + y) for x, y in line]) for line in lines],
        crs="EPSG:4545",
    )
    priorities = pd.DataFrame(
        {
            "cluster_id": "LP-1",
            "criterion": ["净地占比", "规模", "临路"],
            "points": [33.335, 90.0, None],
            "weight": [0.25, 0.55, 0.2],
            "contribution": [10.4171875, 61.875, None],
        }
    )
    return ClusterTables(parts.assign(cluster_id="LP-1"), pockets, separations, priorities)


@pytest.fixture
def barriers():
    track = shapely.LineString([(X - 500, Y + 95), (X + 900, Y + 95)])
    return gpd.GeoDataFrame(
        {"barrier_class": ["铁路"], "width_m": [12.0]}, geometry=[track], crs="EPSG:4545"
    )


def texts(figure):
    return [
        text.get_text()
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_gid() != "halo"
    ]


def page(world, tables=None, cluster_id="LP-1", imprint=None, **options):
    parcels, clusters = world
    own = (tables or ClusterTables()).each([cluster_id])[cluster_id]
    return _cluster_page.build(
        clusters, parcels, imprint or Imprint(dpi=100), cluster_id=cluster_id, tables=own, **options
    )


def check_texts_stand_apart(figure):
    """No text of the sheet covers another by more than the rim of a letter, none leaves it."""
    renderer = figure.canvas.get_renderer()
    boxes = []
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_gid() != "halo":
            found = text.get_window_extent(renderer)
            boxes.append((text.get_text(), shapely.box(found.x0, found.y0, found.x1, found.y1)))
    sheet = shapely.box(0, 0, *figure.canvas.get_width_height())
    for words, own in boxes:
        assert sheet.covers(own), words
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        common = shapely.intersection(first, second)
        deep = min(common.bounds[2] - common.bounds[0], common.bounds[3] - common.bounds[1])
        if not common.is_empty:
            line = min(first.bounds[3] - first.bounds[1], second.bounds[3] - second.bounds[1])
            assert deep <= 0.1 * line, (one, other)


def test_facts_and_figures(world, tables, barriers):
    words = texts(page(world, tables, barriers=barriers))
    for told in (
        "3 宗", "2.4001 公顷，", "36.00 亩", "12.3%", "0.0000 公顷", "50.0%", "0.63", "316.01 米",
        "72.3 分（依据齐备度 80%）", "33.3 × 31.3% ＝ 10.4", "90.0 × 68.8% ＝ 61.9",
        "铁路（宽 12 米）", "夹心地（1 块）", "边角地（1 块）", "夹心地 0.0640 公顷",
        "被铁路“钦防铁路”隔断，间距 40.00 米", "对方 LP-2，连通可增 0.8000 公顷",
        "相距较远，间距 30.00 米", "对方 DX-450721-0004，连通可增 0.4320 公顷",
        "1.2000 公顷　50.0%", "1.1000 公顷　45.8%", "未知　未知", "其他连片", "片内通道等",
    ):  # fmt: skip
        assert told in words, told
    assert "灵山县灵城第1片集中连片图" in words
    assert "净地（1 宗）" in words  # members are coloured by readiness where it is known
    assert {"片外净地", "片外未填"} <= set(words)  # so is the stock around, faintly: two lots
    assert "片外毛地" not in words
    assert words.count("未知") == 1  # the part of the score that nobody knows


def test_a_tint_on_a_ground_is_their_mean_by_share():
    # 0·¾ + 255·¼ is 63.75, 255·¾ + 0·¼ is 191.25
    assert _detail.lighter("#ff0000", 0.25, ground="#0000ff") == "#4000bf"
    assert _detail.lighter("#ff0000", 0.25) == "#ffbfbf"


def test_printed_parts_sum_to_the_printed_area(world, tables):
    # 0.800025, 0.800025, 0.8: by themselves 0.8000 + 0.8000 + 0.8000, but 24 000.5 m² is 2.4001 公顷
    _, clusters = world
    printed = readiness_of(clusters.loc["LP-1"])
    assert sum(map(Decimal, printed.values())) == Decimal("2.4001")
    assert sorted(printed.values()) == ["0.8000", "0.8000", "0.8001"]
    (line,) = [text for text in texts(page(world, tables)) if text.startswith("LP-1：")]
    assert line.endswith("＝ 椭球面积 2.4001 公顷（3 宗）")
    row = clusters.loc["LP-1"].copy()
    row["unjudged_m2"] = 7000.0  # what does not add up is shown as it is
    assert list(readiness_of(row).values()) == ["0.8000", "0.8000", "0.7000"]
    row["unjudged_m2"] = None
    assert readiness_of(row)["待核"] == "未知"


def test_what_nobody_knows_is_not_zero(world):
    words = texts(page(world, cluster_id="LP-2"))
    facts = dict(facts_of("LP-2", world[1].loc["LP-2"], ClusterTables()))
    assert facts["权利人"] == "未知（1 宗不明）"  # none known is not none
    unknown = {"存量类别", "集中建设区占比", "管控线冲突", "建筑占比", "紧凑度", "临路长度", "三地"}
    assert {label for label, value in facts.items() if value == "未知"} == unknown
    # the seven facts, 净毛地, 规划用途, 优先度, 分隔
    assert words.count("未知") == len(unknown) + 4
    assert not any("0.0000" in text for text in words)


def test_bare_clusters_as_the_step_makes_them():
    made = cluster(lots(WORLDS["two"]), gap_m=20)
    (name,) = made.clusters.index
    figure = page((made.members, made.clusters), cluster_id=name)
    words = texts(figure)
    assert "低效（2 宗）" in words  # no readiness: the class gives the colour
    assert any(text.startswith(f"{name}：椭球面积 0.2400 公顷（2 宗）") for text in words)


def test_empty_tables_say_that_there_is_none(world, tables):
    none = ClusterTables(*(table if table is None else table.iloc[:0] for table in tables))
    words = texts(page(world, none))
    assert "查看范围内没有其他候选地块。" in words
    assert "0 块，0.0000 公顷，占 0.0%" in "".join(words)
    foreign = ClusterTables(
        *(table if table is None else table.assign(cluster_id="LP-9") for table in tables)
    )
    assert texts(page(world, foreign)) == words


def test_tables_without_geometry_are_told_all_the_same(world, tables):
    plain = ClusterTables(
        *(
            t if t is None else pd.DataFrame(t).drop(columns="geometry", errors="ignore")
            for t in tables
        )
    )
    words = texts(page(world, plain))
    assert "对方 LP-2，连通可增 0.8000 公顷" in words
    assert any("2 块（夹心地 1、" in text for text in words)
    assert not any("不在 3 亩以内" in text for text in words)  # one within, one unknown
    large = plain._replace(pockets=plain.pockets.assign(within_limit=False))
    assert "其中 2 块不在 3 亩以内" in "".join(texts(page(world, large))).replace("\n", "")
    assert "夹心地（1 块）" not in words  # the legend tells what is drawn


def drawn(figure, colour):
    return [
        c
        for c in figure.axes[0].findobj(PathCollection)
        if c.get_paths() and len(c.get_facecolor()) and style_of(c.get_facecolor()[0]) == colour
    ]


def style_of(rgba):
    return "#" + "".join(f"{int(part * 255 + 0.5):02x}" for part in rgba[:3])


def test_the_map_shows_members_lanes_barriers_and_neighbours(world, tables, barriers):
    zones = gpd.GeoDataFrame(
        {"layer": ["YJJBNTTB"]}, geometry=[box(200, -20, 260, 20)], crs="EPSG:4545"
    )
    figure = page(world, tables, barriers=barriers, zones=zones)
    (cleared,) = [
        c for c in drawn(figure, style.READINESS_COLOURS["净地"]) if c.get_alpha() is None
    ]
    assert len(cleared.get_paths()) == 1
    (lanes,) = drawn(figure, style.LANE)
    assert len(lanes.get_paths()) == 2  # between the lots: 8 m each
    ends = [path.vertices for path in lanes.get_paths()]
    assert sorted(np.ptp(points[:, 0]) for points in ends) == pytest.approx([8.0, 8.0])
    (track,) = drawn(figure, "#4b4f54")
    assert np.ptp(track.get_paths()[0].vertices[:, 1]) == pytest.approx(12.0)
    assert "永久基本农田" in texts(figure)
    hatched = [c for c in figure.axes[0].findobj(PathCollection) if c.get_hatch()]
    assert {style_of(c.get_edgecolor()[0]) for c in hatched} == {
        style.POCKET_COLOURS["夹心地"],
        style.POCKET_COLOURS["边角地"],
    }
    west, east = figure.axes[0].get_xlim()
    south, north = figure.axes[0].get_ylim()
    # the whole segment to each neighbour
    assert shapely.box(west, south, east, north).covers(box(0, 0, 346, 120))
    segments = [
        np.asarray(line)
        for c in figure.axes[0].findobj(LineCollection)
        for line in c.get_segments()
        if len(line) == 2
    ]
    assert any(np.allclose(line, [(X + 50, Y + 80), (X + 50, Y + 120)]) for line in segments)


def test_numbers_of_the_list_stand_at_their_segment(world, tables):
    figure = page(world, tables)
    numbers = {
        t.get_text(): t.get_position() for t in figure.axes[0].texts if len(t.get_text()) == 1
    }
    # the railway's neighbour brings more, so it is the first
    assert numbers["1"] == pytest.approx((X + 50, Y + 100))
    assert numbers["2"] == pytest.approx((X + 331, Y + 40))


def test_the_locator_shows_the_unit(world):
    units = gpd.GeoDataFrame(
        index=["灵山县", "浦北县"],
        geometry=[box(-5000, -5000, 6000, 6000), box(6000, -5000, 90_000, 6000)],
        crs="EPSG:4545",
    ).to_crs("EPSG:4490")
    figure = page(world, units=units)
    small = figure.axes[1]
    assert small.get_xlim()[1] < X + 40_000  # its own county, not the other
    marks = [line.get_xydata()[0] for line in small.lines]
    assert marks[0] == pytest.approx((X + 158, Y + 40))
    # a unit that has no polygon: all of them
    assert page(world, units=units.iloc[1:]).axes[1].get_xlim()[1] > X + 80_000


@pytest.mark.parametrize("name", list(WORLDS))
def test_texts_stand_apart(name):
    made = cluster(lots(WORLDS[name], location=PLACE, readiness="毛地"), gap_m=20)
    (cluster_id,) = made.clusters.index
    count = 9
    clusters = made.clusters.assign(
        cleared_m2=0.0, uncleared_m2=made.clusters["area_m2"], unjudged_m2=0.0, control_m2=900.0,
        holder_count=0, holder_unknown=60, overlap_m2=12.5, score=71.25, score_known=0.9,
    )  # fmt: skip
    parts = pd.DataFrame(
        {"topic": "规划用途", "item": [f"社区服务设施用地（细分类别 {k}）" for k in range(count)]}
    ).assign(layer="GHYDYH", area_m2=900.0, share=0.1, member_count=1)
    lines = "管控线", "YJJBNTTB", "永久基本农田", 900.0, 0.01, 1
    parts.loc[count] = dict(
        zip(["topic", "layer", "item", "area_m2", "share", "member_count"], lines, strict=True)
    )
    pockets = gpd.GeoDataFrame(
        {"pocket_kind": ["夹心地", "边角地", "插花地"] * 3, "area_m2": 320.0},
        geometry=[box(58 * k - 8, 0, 58 * k, 14) for k in range(count)], crs="EPSG:4545",
    )  # fmt: skip
    separations = gpd.GeoDataFrame(
        {"other_id": [f"LP-WWWWWW{k:02}" for k in range(count)], "cause": "阻隔", "gap_m": 120.5},
        geometry=[
            shapely.LineString([(X + 4 * k, Y + 30), (X + 4 * k, Y + 90)]) for k in range(count)
        ],
        crs="EPSG:4545",
    ).assign(
        barrier_class="高速公路", barrier="兰海高速公路钦州至防城港段", would_join_m2=123_456.0
    )
    priorities = pd.DataFrame(
        {"criterion": [f"评分指标的名称很长第{k}项" for k in range(12)]}
    ).assign(points=50.0, weight=0.05, contribution=2.5)
    tables = ClusterTables(parts, pockets, separations, priorities)
    tables = ClusterTables(
        *(table if table is None else table.assign(cluster_id=cluster_id) for table in tables)
    )
    figure = page((made.members, clusters), tables, cluster_id)
    check_texts_stand_apart(figure)
    words = texts(figure)
    assert "另有 3 处，见台账“连片分隔”" in words
    assert "另有 3 项，见台账“优先度评分”" in words
    assert any("另有 5 种" in text for text in words)


def test_an_outline_of_several_parts(world, tables):
    parcels, clusters = world
    split = clusters.copy()
    apart = shapely.union_all(parcels.geometry.to_numpy()[:3])
    split.loc["LP-1", "geometry"] = apart
    assert shapely.get_num_geometries(apart) == 3
    figure = page((parcels, split), tables)
    check_texts_stand_apart(figure)
    assert drawn(figure, style.LANE) == []


def test_renewal_units_and_another_country():
    parcels = gpd.GeoDataFrame(
        {"cluster_id": [7, 7]}, index=[1, 2],
        geometry=[shapely.box(230_000, 900_000, 230_040, 900_040), shapely.box(230_050, 900_000, 230_090, 900_040)],
        crs="EPSG:26986",
    )  # fmt: skip
    parcels["cluster_id"] = parcels["cluster_id"].astype(str)
    clusters = gpd.GeoDataFrame(
        {"area_m2": [3200.0], "member_count": [2]}, index=[7],
        geometry=[shapely.box(230_000, 900_000, 230_090, 900_040)], crs="EPSG:26986",
    )  # fmt: skip
    halves = parcels.assign(cluster_id="7").to_crs("EPSG:4326")
    figure = page((parcels, clusters), ClusterTables(renewal_units=halves), "7")
    assert "更新单元（2 个）" in texts(figure)
    assert "未填（2 宗）" in texts(figure)


def test_bad_calls(world, tmp_path):
    parcels, clusters = world
    path = tmp_path / "x.png"
    with pytest.raises(DataError, match="cluster_unknown"):
        draw_cluster(clusters, parcels, path=path, cluster_id="LP-9")
    with pytest.raises(DataError, match="cluster_without_members"):
        draw_cluster(clusters, parcels.iloc[3:], path=path, cluster_id="LP-1")
    with pytest.raises(SchemaError, match="column_missing"):
        draw_cluster(clusters, parcels.drop(columns="cluster_id"), path=path, cluster_id="LP-1")
    assert not path.exists()


def test_one_sheet_alone(world, tables, tmp_path):
    parcels, clusters = world
    before = [table.copy() for table in (parcels, clusters, *tables[:4])]
    for name in "ab":
        draw_cluster(
            clusters, parcels, path=tmp_path / f"{name}.png", cluster_id="LP-1", dpi=50,
            cluster_parts=tables.parts, pockets=tables.pockets, separations=tables.separations,
            priorities=tables.priorities, title="甲",
        )  # fmt: skip
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    for table, copy in zip((parcels, clusters, *tables[:4]), before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(copy))


def test_lines_break_where_a_reader_would():
    paper = _paper.new_paper(Imprint())
    room = _paper.text_width(paper, "12.5865 公顷，共", 8.0)
    assert _paper.wrapped(paper, "面积 12.5865 公顷，共（9 宗）", room, size=8.0) == [
        "面积 ",
        "12.5865 公顷，共",
        "（9 宗）",
    ]
    narrow = _paper.text_width(paper, "12.5865", 8.0)
    assert _paper.wrapped(paper, "12.5865 公顷", narrow, size=8.0) == ["12.5865", " 公顷"]
    assert "".join(_paper.wrapped(paper, "W" * 40, room, size=8.0)) == "W" * 40


# ---- the book


@pytest.fixture
def book(world, monkeypatch, tmp_path):
    parcels, clusters = world
    units = gpd.GeoDataFrame(
        geometry=[box(-900, -900, 900, 900)], index=["灵山县"], crs="EPSG:4545"
    )
    summary = pd.DataFrame(
        {
            "unit": ["灵山县"], "land_class": "低效", "parcel_count": 4, "official_ha": [3.2],
            "ledger_ha": [3.2], "measured_ha": [3.2],
        }
    )  # fmt: skip
    caught = {}
    draw = _front.contents

    def watch(entries, imprint, *, remark):
        caught.update(entries=[heading for heading, _ in entries], remark=remark)
        return draw(entries, imprint, remark=remark)

    monkeypatch.setattr(atlas._front, "contents", watch)

    def drawn_book(clusters=clusters, parcels=parcels, parts=("sheets", "clusters"), **options):
        draw_atlas(
            units, summary, path=tmp_path / "a.pdf", parcels=parcels, clusters=clusters,
            sheets=tmp_path / "maps", parts=parts, dpi=40, **options,
        )  # fmt: skip
        return caught["entries"], caught["remark"]

    drawn_book.folder = tmp_path / "maps"
    return drawn_book


def test_clusters_come_last_in_the_book(book, tables):
    entries, remark = book(separations=tables.separations, pockets=tables.pockets)
    assert entries[-2:] == ["灵山县灵城第1片集中连片图", "灵山县灵城第2片集中连片图"]
    assert remark == ""
    assert [file.name for file in sorted(book.folder.iterdir())][-2:] == [
        "03_连片LP-1.png",
        "04_连片LP-2.png",
    ]


def test_the_contents_say_how_many_are_left_out(book, world):
    _, clusters = world
    entries, remark = book(cluster_pages=1)
    assert entries[-1] == "灵山县灵城第1片集中连片图"
    assert remark == "集中连片：按优先度列前 1 片，另有 1 片未列入图册，见台账“连片”。"
    plain = clusters.drop(columns="score").assign(area_m2=[10.0, 20.0])
    entries, remark = book(plain, cluster_pages=1)
    assert entries[-1] == "灵山县灵城第2片集中连片图"
    assert "按面积列前 1 片" in remark
    entries, remark = book(cluster_pages=0)
    assert entries == ["存量建设用地分布图", "城镇低效用地分布图"]
    assert remark == "集中连片：未列连片页，另有 2 片未列入图册，见台账“连片”。"
    assert ranked(clusters.assign(score=[None, 1.0])) == ["LP-2", "LP-1"]


def test_a_book_without_pages_of_clusters(book, world):
    parcels, clusters = world
    for options in (
        {"clusters": None},
        {"clusters": clusters.iloc[:0]},
        {"parcels": parcels.drop(columns="cluster_id")},
        {"parts": ("sheets",), "cluster_pages": 1},
    ):
        entries, remark = book(**options)
        assert entries == ["存量建设用地分布图", "城镇低效用地分布图"], options
        assert remark == ""
    with pytest.raises(UsageError, match="bad_count"):
        book(cluster_pages=-1)

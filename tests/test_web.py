"""Does the one web page open with no network, tell the truth, and stay safe?

Cases: in real Chromium with the network cut off: no console error, every parcel drawn, units and
zones in another coordinate system fall where they should; filters, search and a click show the
right facts; a cluster opens from its list, a lane, a parcel and the address, with score, 三地 and what cut
it off, unknown told as 未知; its layers are switched; hostile titles, names and attributes do not run;
it prints on one sheet; names of units make room, the ruler reads Chinese. Without a browser: no address to
fetch, a policy of hashes that are right, the JSON block closed to markup, common borders stay
common after rounding, blanks stay blank, the annex table and its agreement, bare parcels, foreign
systems, parcels without geometry, ordinary parcels left out above the limit, the file's size
told, input untouched, equal input gives an equal file, folium's map for notebooks is safe.
"""

import base64
import datetime as dt
import hashlib
import html
import itertools
import json
import logging
import re
import subprocess
from decimal import Decimal

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landgis.model.errors import CrsError, OutputError
from landgis.reports.notebook_map import explore
from landgis.reports.web import draw_web

HOSTILE = (
    "</script><script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "`${document.title='pwned'}`",
    "<!--<script>",
    "{{ 7*7 }}\u2028\u2029'\"&amp;",
)
X0, Y0 = 562000.0, 2428000.0


def square(column, row, size=100.0):
    """A lot of one hectare on a grid without gaps."""
    west, south = X0 + column * size, Y0 + row * size
    return shapely.box(west, south, west + size, south + size)


@pytest.fixture
def parcels():
    facts = pd.DataFrame(
        {
            "parcel_name": ["甲地块", "乙地块", "丙地块", "丁地块", None],
            "unit": ["灵山县", "灵山县", "浦北县", "浦北县", "浦北县"],
            "land_class": ["批而未供", "闲置", "低效", "其他", "低效"],
            "declared_ha": [1.0, 0.9999, 1.0001, 1.0, None],
            "area_m2": [9999.049, 9999.049, 9999.049, 9999.049, None],
            "readiness": ["净地", "毛地", "待核", None, None],
            "readiness_because": [None, "附着物清理：否", "缺少：补偿到位", None, None],
            "cluster_id": [None, None, "C001", None, None],
            "holder": [None, "某某置业公司", None, None, None],
            "supply_date": pd.to_datetime([None, "2015-06-01", None, None, None]),
            "road": pd.array([True, None, False, None, None], dtype="boolean"),
        },
        index=pd.Index(["A-1", "A-2", "B-1", "B-2", "B-3"], name="parcel_id"),
    )
    geometry = [square(0, 0), square(1, 0), square(0, 1), square(1, 1), None]
    return gpd.GeoDataFrame(facts, geometry=geometry, crs="EPSG:4545")


@pytest.fixture
def units():
    names = pd.Index(["灵山县", "浦北县"], name="unit")
    halves = [
        shapely.union(square(0, 0), square(1, 0)),
        shapely.union(square(0, 1), square(1, 1)),
    ]
    # another system than the parcels: the page must relate them
    return gpd.GeoDataFrame(index=names, geometry=halves, crs="EPSG:4545").to_crs("EPSG:4490")


@pytest.fixture
def summary():
    return pd.DataFrame(
        {
            "unit": ["灵山县", "灵山县", "浦北县"],
            "land_class": ["批而未供", "闲置", "低效"],
            "official_ha": [Decimal("1.0000"), None, Decimal("1.0001")],
            "ledger_ha": [1.0, 0.9999, 1.0001],
            "measured_ha": [0.9999, 0.9999, 0.9999],
        }
    )


@pytest.fixture
def conflicts(parcels):
    return gpd.GeoDataFrame(
        {
            "parcel_id": ["A-1", "A-2"],
            "layer": ["YJJBNTTB", "CZKFBJ"],
            "zone_name": ["永久基本农田", "城镇集中建设区"],
            "verdict": ["禁止", "符合"],
            "area_ha": [0.25, 1.0],
            "share": [0.25, 1.0],
            "because": ["压占永久基本农田", "位于集中建设区"],
        },
        geometry=[square(0, 0, 50.0), square(1, 0)],
        crs=parcels.crs,
    )


@pytest.fixture
def clusters(parcels):
    table = {"cluster_name": ["浦北片"], "unit": ["浦北县"], "member_count": [1]}
    return gpd.GeoDataFrame(
        table | {"area_m2": [10001.0]},
        index=pd.Index(["C001"], name="cluster_id"),
        geometry=[square(0, 1)],
        crs=parcels.crs,
    )


def data_of(page):
    """The page's JSON block, read as a browser reads it."""
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>',
        page.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return json.loads(found[1])


def visit(chromium, page, folder, *, script="", fragment="", action="--dump-dom"):
    """Open a page in Chromium with the network cut off; give its DOM and its console."""
    if script:
        text = page.read_text(encoding="utf-8")
        own = f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        text = text.replace("script-src ", f"script-src {own} ")
        text = text.replace("</body>", f"<script>{script}</script></body>")
        page = page.with_name("driven.html")
        page.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={folder / 'profile'}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--proxy-server=127.0.0.1:9",
            "--enable-logging=stderr",
            "--virtual-time-budget=4000",
            action,
            page.as_uri() + fragment,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return done.stdout, console


def dataset(dom):
    """The data- attributes of the root element."""
    root = re.search(r"<html[^>]*>", dom)[0]
    return {name: html.unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', root)}


@pytest.mark.chromium
def test_opens_without_network(chromium, tmp_path, parcels, units, summary, conflicts, clusters):
    page = draw_web(
        parcels,
        path=tmp_path / "map.html",
        units=units,
        summary=summary,
        conflicts=conflicts,
        clusters=clusters,
        zones=gpd.GeoDataFrame(
            {"layer": ["YJJBNTTB"], "zone_code": [""], "zone_name": ["永农"]},
            geometry=[square(0, 0)],
            crs="EPSG:4545",
        ).to_crs("EPSG:4524"),
        barriers=gpd.GeoDataFrame(
            {"barrier_class": ["铁路"]},
            geometry=[shapely.LineString([(X0, Y0), (X0 + 200, Y0)])],
            crs="EPSG:4545",
        ),
        title="试验县存量土地",
        as_of=dt.date(2020, 12, 31),
    )
    dom, console = visit(chromium, page, tmp_path, fragment="#A-2")
    assert console == []
    told = dataset(dom)
    assert told["ready"] == "1"
    assert "errors" not in told
    assert (told["parcels"], told["drawn"]) == ("5", "4")  # one parcel has no geometry
    assert told["chosen"] == "A-2"
    assert 'class="leaflet-pane' in dom
    for text in ("试验县存量土地", "截至2020年12月31日", "示意数据", "灵山县", "某某置业公司"):
        assert text in dom
    assert "附着物清理：否" in dom  # why it is 毛地
    assert "2015-06-01" in dom


@pytest.mark.chromium
def test_labels_of_units_make_room_and_the_ruler_reads_chinese(chromium, tmp_path, parcels):
    names = ["甲县", "乙县", "丙县"]  # the first two 200 m apart, the third 40 km away
    units = gpd.GeoDataFrame(
        geometry=[square(0, 0), square(2, 0), square(400, 0)], index=names, crs="EPSG:4545"
    )
    summary = pd.DataFrame(
        {"unit": names, "land_class": ["合计"] * 3, "ledger_ha": [1234.5678] * 3}
    )
    page = draw_web(parcels, path=tmp_path / "map.html", units=units, summary=summary)
    dom, console = visit(chromium, page, tmp_path)
    assert console == []
    labels = re.findall(r'<div(?: class="(\w*)")?><b>([甲乙丙]县)</b><small>', dom)
    assert {name: kind for kind, name in labels} == {"甲县": "bare", "乙县": "bare", "丙县": ""}
    assert re.search(r'leaflet-control-scale-line"[^>]*>\d+ 千米<', dom)


@pytest.mark.chromium
def test_the_graticule_reads_chinese(chromium, tmp_path, parcels):
    page = draw_web(parcels, path=tmp_path / "map.html")
    dom, console = visit(chromium, page, tmp_path)
    assert console == []
    found = re.findall(r"graticule-label (\w+)[^>]*><span>(东经|北纬)(\d+)°(\d\d)′(\d\d)″<", dom)
    assert not re.search(r"\d°[EWNS]", dom)
    assert {kind: word for kind, word, *_ in found} == {"meridian": "东经", "parallel": "北纬"}
    assert len(found) > 3
    # the parcels' corner by PROJ (EPSG:4545): 108.600181° E, 21.946520° N; the page shows 300 m
    for kind, degrees in (("meridian", 108.600181), ("parallel", 21.946520)):
        mine = [int(d) * 3600 + int(m) * 60 + int(s) for k, _, d, m, s in found if k == kind]
        steps = {later - earlier for earlier, later in itertools.pairwise(mine)}
        assert mine
        assert steps < {1, 2, 5, 10, 20, 30}
        assert all(abs(second - degrees * 3600) < 60 for second in mine)


@pytest.mark.chromium
def test_filters_and_search(chromium, tmp_path, parcels):
    page = draw_web(parcels, path=tmp_path / "map.html")
    script = """
      const box = [...document.querySelectorAll("#filters label")]
        .find((label) => label.textContent.startsWith("批而未供")).querySelector("input");
      box.click();
      const search = document.getElementById("search");
      search.value = "置业"; search.dispatchEvent(new Event("input"));
      search.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    """
    dom, console = visit(chromium, page, tmp_path, script=script)
    assert console == []
    told = dataset(dom)
    # 闲置 0.9999 + 低效 1.0001; the parcel without an area adds nothing, 其他 does not count
    assert (told["shown"], told["sum"]) == ("3", "2.0000")
    assert told["chosen"] == "A-2"
    assert "另有 1 宗无台账面积" in dom


@pytest.mark.chromium
def test_prints_on_one_sheet(chromium, tmp_path, parcels, units, summary):
    page = draw_web(parcels, path=tmp_path / "map.html", units=units, summary=summary)
    paper = tmp_path / "map.pdf"
    visit(chromium, page, tmp_path, action=f"--print-to-pdf={paper}")
    assert len(re.findall(rb"/Type /Page\b", paper.read_bytes())) == 1


@pytest.mark.chromium
def test_hostile_text_does_not_run(chromium, tmp_path, parcels, units, summary):
    hostile = parcels.copy()
    for place, column in enumerate(["parcel_name", "unit", "holder", "readiness_because"]):
        hostile[column] = [HOSTILE[(row + place) % len(HOSTILE)] for row in range(len(hostile))]
    hostile["cluster_id"] = HOSTILE[0]
    hostile.index = pd.Index([*HOSTILE], name="parcel_id")
    hostile["我的字段"] = HOSTILE[1]
    page = draw_web(
        hostile,
        path=tmp_path / "map.html",
        units=units.set_axis([HOSTILE[0], HOSTILE[2]]),
        summary=summary.assign(unit=HOSTILE[1]),
        title=HOSTILE[0] + HOSTILE[1],
        note=HOSTILE[2],
        columns=["holder", "我的字段", "unit"],
        zones=gpd.GeoDataFrame(
            {"layer": [HOSTILE[1]], "zone_code": [HOSTILE[0]], "zone_name": [HOSTILE[2]]},
            geometry=[square(0, 0)],
            crs="EPSG:4545",
        ),
    )
    script = """
      const search = document.getElementById("search");
      search.value = "pwned"; search.dispatchEvent(new Event("input"));
      document.querySelector("#filters tbody tr").click();
      document.documentElement.dataset.images = document.images.length;
      document.documentElement.dataset.scripts = document.scripts.length;
      document.documentElement.dataset.title = document.title;
    """
    dom, console = visit(chromium, page, tmp_path, script=script)
    assert console == []
    told = dataset(dom)
    assert told["images"] == "0"
    assert told["scripts"] == "4"  # data, Leaflet, page, and this test's own
    assert told["title"] == HOSTILE[0] + HOSTILE[1]
    assert told["chosen"] in HOSTILE


def test_asks_for_nothing(tmp_path, parcels):
    text = draw_web(parcels, path=tmp_path / "map.html").read_text(encoding="utf-8")
    for tag in ("<link", "<iframe", "<img", "<script src", "@import", "sourceMappingURL"):
        assert tag not in text
    addresses = set(re.findall(r"url\((.{0,12})", text))
    assert all(re.match(r"data:image/|#default#VML", address) for address in addresses)
    assert "(c) 2010-2022 Vladimir Agafonkin" in text  # Leaflet's licence asks for its notice


def test_policy_names_the_right_hashes(tmp_path, parcels):
    text = draw_web(parcels, path=tmp_path / "map.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    blocks = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", text, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_data_block_holds_no_markup(tmp_path, parcels):
    parcels["parcel_name"] = list(HOSTILE)
    page = draw_web(parcels, path=tmp_path / "map.html")
    assert data_of(page)["parcels"]["name"] == list(HOSTILE)
    block = page.read_text(encoding="utf-8").split('id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(block)


def decoded(shape):
    """Vertices of encoded polygons in whole steps, by hand."""
    points = set()
    for flat in (ring for polygon in shape for ring in polygon):
        x = y = 0
        for dx, dy in zip(flat[::2], flat[1::2], strict=True):
            x, y = x + dx, y + dy
            points.add((x, y))
    return points


def test_common_borders_stay_common(tmp_path, parcels, units):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", units=units))
    corners = [decoded(shape) for shape in data["parcels"]["shape"][:4]]
    # four lots of a grid: each corner of a side is one and the same point of the page
    assert len(corners[0] & corners[1]) == len(corners[0] & corners[2]) == 2
    assert len(set.intersection(*corners)) == 1
    assert len(set.union(*corners)) == 9
    assert set.union(*(decoded(unit["shape"]) for unit in data["units"])) <= set.union(*corners)
    # the south-west corner, from pyproj's own answer for EPSG:4545 to EPSG:4490
    west, south = min(corners[0])
    point = gpd.GeoSeries([shapely.Point(X0, Y0)], crs="EPSG:4545").to_crs("EPSG:4490").iloc[0]
    assert (west, south) == (round(point.x * 1e6), round(point.y * 1e6))


def test_annex_table(tmp_path, parcels, units, summary):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", units=units, summary=summary))
    rows = {row["unit"]: row for row in data["summary"]["rows"]}
    assert data["summary"]["columns"] == ["批而未供", "闲置", "低效", "合计"]
    assert rows["灵山县"]["official"] == ["1.0000", None, None, "1.0000"]  # blank is not zero
    assert rows["合计"]["ledger"] == ["1.0000", "0.9999", "1.0001", "3.0000"]
    assert rows["合计"]["difference"] == ["0.0000", "0.9999", "0.0000", "0.9999"]
    assert data["summary"]["verdict"].endswith("相差 0.9999 公顷。")
    assert [unit["figure"] for unit in data["units"]] == ["1.0000 公顷", "1.0001 公顷"]


def test_without_annex_the_ledger_is_summed(tmp_path, parcels):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html"))
    rows = {row["unit"]: row["ledger"] for row in data["summary"]["rows"]}
    assert rows["合计"] == ["1.0000", "0.9999", "1.0001", "3.0000"]
    assert [measure for measure, _ in data["summary"]["measures"]] == ["ledger"]


def test_conforming_zones_are_no_conflict(tmp_path, parcels, conflicts):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", conflicts=conflicts))
    assert [entry["parcel"] for entry in data["conflicts"]] == [0]
    assert data["conflicts"][0]["layer"] == "永久基本农田"
    assert (data["conflicts"][0]["ha"], data["conflicts"][0]["share"]) == ("0.2500", "25.0%")
    # without geometry it is still told
    plain = pd.DataFrame(conflicts.drop(columns="geometry"))
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", conflicts=plain))
    assert data["conflicts"][0]["shape"] == []


def test_unknown_facts_are_not_shown(tmp_path, parcels):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html"))
    labels = [field["label"] for field in data["fields"]]
    facts = [
        {labels[place]: text for place, text in zip(flat[::2], flat[1::2], strict=True)}
        for flat in data["parcels"]["facts"]
    ]
    assert facts[0]["通路"] == "是"
    assert facts[2]["通路"] == "否"
    assert "通路" not in facts[1]
    assert facts[1]["地块面积（公顷）"] == "0.9999"
    assert "地块面积（公顷）" not in facts[4]


def test_deciding_verdicts_stand_with_their_parcel(tmp_path, parcels):
    verdicts = pd.DataFrame(
        {
            "parcel_id": ["A-2", "A-2", "A-2", "Z-9"],
            "category": ["闲置", "闲置", "净毛地", "闲置"],
            "rule_id": ["XZ-1", "XZ-2", "JD-5", "XZ-1"],
            "decides": pd.array([True, False, True, True], dtype="boolean"),
            "because": ["约定动工满一年", "不起决定作用", "净毛地另有一栏", "不在表中"],
        }
    )
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", verdicts=verdicts))
    assert data["parcels"]["verdicts"] == {"1": ["闲置（XZ-1）：约定动工满一年"]}


def test_an_audit_tells_values_clause_what_to_look_at_and_what_would_change(parcels, tmp_path):
    verdicts = pd.DataFrame(
        {
            "parcel_id": ["A-2", "A-2", "A-2"],
            "category": ["闲置", "供应监管", "改变结论"],
            "rule_id": ["XZ-1", "GY-6", "BH"],
            "decides": pd.array([True, False, False], dtype="boolean"),
            "because": ["满一年未动工", "未记载项目", "若已动工为是：类别由闲置变为未定"],
            "facts": ["约定动工日期 2019年12月31日", "", ""],
            "look": ["", "立项文件", ""],
            "basis": ["第二条第一款", "二（四）", ""],
        }
    )
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", verdicts=verdicts))
    assert data["parcels"]["verdicts"]["1"] == [
        "闲置（XZ-1）：满一年未动工\n事实：约定动工日期 2019年12月31日\n依据：第二条第一款",
        "供应监管（GY-6）：未记载项目\n请核查：立项文件\n依据：二（四）",
    ]
    assert data["parcels"]["changes"] == {"1": "若已动工为是：类别由闲置变为未定"}


def test_bare_parcels_in_a_foreign_system(tmp_path):
    bare = gpd.GeoDataFrame(geometry=[shapely.box(230000, 900000, 230100, 900100)], crs=26986)
    data = data_of(draw_web(bare, path=tmp_path / "map.html"))
    assert data["classes"] == []
    assert data["parcels"]["id"] == ["0"]
    west, south, _, _ = data["bounds"]
    assert (west // 10**6, south // 10**6) == (-72, 42)  # Massachusetts


def test_ordinary_parcels_beyond_the_limit(tmp_path, parcels):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", ordinary_limit=0))
    assert data["parcels"]["id"] == ["A-1", "A-2", "B-1", "B-3"]
    assert any("1 宗" in remark for remark in data["remarks"])
    bare = parcels.drop(columns="land_class")
    data = data_of(draw_web(bare, path=tmp_path / "map.html", ordinary_limit=0))
    assert len(data["parcels"]["id"]) == 5  # nothing but ordinary land: all of it is drawn


def test_size_is_told(tmp_path, parcels, caplog):
    with caplog.at_level(logging.INFO, logger="landgis.reports.web"):
        page = draw_web(parcels, path=tmp_path / "map.html")
    megabytes = page.stat().st_size / 1e6
    assert f"{megabytes:.1f} MB" in caplog.text
    assert f"本页 {megabytes:.1f} MB" in page.read_text(encoding="utf-8")


def test_deterministic_and_input_untouched(tmp_path, parcels, units, summary, conflicts):
    tables = [parcels, units, summary, conflicts]
    before = [table.copy() for table in tables]
    options = {"units": units, "summary": summary, "conflicts": conflicts}
    first = draw_web(parcels, path=tmp_path / "a.html", **options).read_bytes()
    assert draw_web(parcels, path=tmp_path / "b.html", **options).read_bytes() == first
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(copy))


def test_trouble_has_a_name(tmp_path, parcels):
    with pytest.raises(CrsError, match="crs_missing"):
        draw_web(parcels.set_crs(None, allow_override=True), path=tmp_path / "map.html")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="output_unwritable"):
        draw_web(parcels, path=tmp_path / "file" / "map.html")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file"]


def test_notebook_map_is_safe(parcels, units):
    parcels["parcel_name"] = list(HOSTILE)
    parcels["holder"] = HOSTILE[1]
    drawn = explore(parcels, units=units.set_axis([HOSTILE[1], HOSTILE[2]]), columns=["holder"])
    page = drawn.get_root().render()
    for bait in ("<script>document", "<img src=x", "${document", "<!--<script>"):
        assert bait not in page
    assert "onerror" in page  # the text is there, as text


@pytest.fixture
def told(parcels):
    """Two clusters in a foreign system and what is told of the first; the second is bare."""
    clusters = gpd.GeoDataFrame(
        {
            "cluster_name": ["浦北片", "空片"],
            "unit": ["浦北县", None],
            "member_count": pd.array([1, None], dtype="Int64"),
            "area_m2": [10001.0, 20000.0],
            "cleared_m2": [6000.0, None],
            "uncleared_m2": [4001.0, None],
            "unjudged_m2": [0.0, None],
            "built_share": [0.3, None],
            "score": [72.25, None],
            "score_known": [0.8, None],
        },
        index=pd.Index(["C001", "C002"], name="cluster_id"),
        geometry=[shapely.union(square(0, 1), square(-1, 1)), square(5, 5)],
        crs=parcels.crs,
    )
    pockets = gpd.GeoDataFrame(
        {
            "cluster_id": ["C001", "C001"],
            "pocket_kind": ["边角地", "夹心地"],
            "parcel_id": ["B-2", None],
            "area_m2": [2500.0, None],
            "because": ["紧贴连片", None],
        },
        index=pd.Index(["S1", "S2"], name="pocket_id"),
        geometry=[shapely.box(X0 + 100, Y0 + 100, X0 + 150, Y0 + 150), None],
        crs=parcels.crs,
    )
    line = shapely.LineString([(X0 + 100, Y0 + 150), (X0 + 500, Y0 + 550)])
    separations = gpd.GeoDataFrame(
        {
            "cluster_id": ["C001"],
            "other_id": ["C002"],
            "cause": ["阻隔"],
            "barrier_class": ["铁路"],
            "gap_m": [565.685],
            "would_join_m2": [20000.0],
        },
        geometry=[line],
        crs=parcels.crs,
    )
    return {
        "clusters": clusters.to_crs("EPSG:4490"),
        "cluster_parts": pd.DataFrame(
            {
                "cluster_id": ["C001"],
                "topic": ["规划用途"],
                "item": ["工业用地"],
                "area_m2": [10001.0],
            }
        ),
        "pockets": pockets.to_crs("EPSG:4490"),
        "separations": separations,
        "priorities": pd.DataFrame(
            {
                "cluster_id": ["C001", "C001"],
                "criterion": ["净地占比", "临路"],
                "points": [72.25, None],
                "weight": [0.8, 0.2],
                "contribution": [72.25, None],
                "because": ["净地占六成", "未知"],
            }
        ),
        "renewal_units": clusters.iloc[:1].assign(cluster_id="C001").rename_axis("renewal_unit"),
    }


def test_what_is_told_of_a_cluster(tmp_path, parcels, told):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", **told))
    first, second = data["clusters"]  # the score comes before the area
    assert (first["id"], first["points"], second["points"]) == ("C001", "72.3", "—")
    facts = dict(first["facts"])
    # 10001 m² is 1.0001 公顷 and 15.0015 亩
    assert facts["椭球面积"] == "1.0001 公顷，15.00 亩"
    assert facts["建筑占比"] == "30.0%"
    assert facts["临路长度"] == "未知"
    assert first["readiness"] == ["0.6000", "0.4001", "0.0000"]
    assert first["uses"] == [["工业用地", "1.0001 公顷", "未知"]]
    assert first["score"] == "72.3 分（依据齐备度 80%）"
    assert first["criteria"] == [
        ["净地占比", 0.7225, "72.3", "100.0%", "72.3", "净地占六成"],
        ["临路", None, "未知", "—", "—", "未知"],
    ]
    assert first["plots"] == [
        ["边角地", "B-2", "0.2500 公顷", "紧贴连片"],
        ["夹心地", "无地块", "未知", ""],
    ]
    assert first["separated"] == [["被铁路隔断，间距 565.69 米", "C002", "2.0000 公顷"]]
    assert (second["readiness"], second["plots"], second["separated"]) == ([], [], [])
    assert dict(second["facts"])["宗数"] == "未知"
    assert [(kind["name"], len(kind["features"])) for kind in data["pockets"]] == [("边角地", 1)]
    corner = min(decoded(data["pockets"][0]["features"][0]["shape"]))
    point = gpd.GeoSeries([shapely.Point(X0 + 100, Y0 + 100)], crs="EPSG:4545").to_crs(4490)
    assert corner == (round(point.x[0] * 1e6), round(point.y[0] * 1e6))
    assert len(data["separations"][0]["features"][0]["line"]) == 1
    assert data["renewal_units"][0]["name"] == "更新单元"


def test_a_cluster_of_which_nothing_is_told(tmp_path, parcels, clusters):
    data = data_of(draw_web(parcels, path=tmp_path / "map.html", clusters=clusters))
    (only,) = data["clusters"]
    assert (only["points"], only["plots"], only["separated"]) == (None, None, None)
    assert (only["score"], only["criteria"], only["uses"]) == ("未知", [], [])
    assert dict(only["facts"])["三地"] == "未知"
    assert data["pockets"] == data["separations"] == data["renewal_units"] == []


@pytest.mark.chromium
def test_a_cluster_opens(chromium, tmp_path, parcels, told):
    page = draw_web(parcels, path=tmp_path / "map.html", **told)
    script = """
      const root = document.documentElement;
      const panel = () => document.getElementById("cluster");
      const opened = [root.dataset.chosen + (panel().hidden ? "-hidden" : "")];
      root.dataset.panel = panel().textContent;
      document.querySelectorAll("#overview table.list tbody tr")[1].click();
      opened.push(root.dataset.chosen);
      root.dataset.bare = panel().textContent;
      const search = document.getElementById("search");
      search.value = "B-1"; search.dispatchEvent(new Event("input"));
      search.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
      document.querySelector("#parcel .tag.link").click();
      opened.push(root.dataset.chosen);
      document.querySelector("#cluster table.list tr").click();
      opened.push(root.dataset.chosen);
      const labels = [...document.querySelectorAll("#layers label")];
      for (const name of ["三地", "连片分隔", "更新单元"]) {
        const box = labels.find((label) => label.textContent.startsWith(name)).querySelector("input");
        opened.push(name + box.checked); box.click(); box.click(); box.click();
        opened.push(name + box.checked);
      }
      root.dataset.opened = opened.join(" ");
      root.dataset.legend = [...document.querySelectorAll("#layers ul.sub li")].map((li) => li.textContent).join(" ");
    """
    dom, console = visit(chromium, page, tmp_path, script=script, fragment="#C001")
    assert console == []
    seen = dataset(dom)
    assert "errors" not in seen
    assert seen["opened"] == (
        "C001 C002 C001 B-1 三地true 三地false 连片分隔true 连片分隔false 更新单元true 更新单元false"
    )
    for words in (
        "浦北片", "优先度 72.3 分（依据齐备度 80%）", "1.0001 公顷，15.00 亩", "72.3 × 100.0% ＝ 72.3",
        "边角地", "0.2500 公顷", "被铁路隔断，间距 565.69 米", "2.0000 公顷", "丙地块", "临路未知",
    ):  # fmt: skip
        assert words in seen["panel"], words
    assert "没有三地候选" in seen["bare"]
    assert "优先度 未知" in seen["bare"]
    assert {"边角地", "阻隔"} <= set(seen["legend"].split(" "))


@pytest.mark.chromium
def test_a_click_on_a_lane_opens_its_cluster(chromium, tmp_path, parcels, told):
    page = draw_web(parcels, path=tmp_path / "map.html", **told)
    # the western half of C001 has no parcel; the map has flown to the cluster by then
    script = """
      setTimeout(() => {
        const box = document.getElementById("map").getBoundingClientRect();
        const opened = [];
        for (const side of [1, -1]) {
          const [x, y] = [box.left + box.width / 2 + 30 * side, box.top + box.height / 2];
          const at = { bubbles: true, clientX: x, clientY: y };
          const target = document.elementFromPoint(x, y);
          for (const type of ["mousedown", "mouseup", "click"]) target.dispatchEvent(new MouseEvent(type, at));
          opened.push(document.documentElement.dataset.chosen);
        }
        document.documentElement.dataset.opened = opened.join(" ");
      }, 2500);
    """
    dom, console = visit(chromium, page, tmp_path, script=script, fragment="#C001")
    assert console == []
    assert dataset(dom)["opened"] == "B-1 C001"


@pytest.mark.chromium
def test_hostile_clusters_do_not_run(chromium, tmp_path, parcels, told):
    for name, table in told.items():
        words = table.select_dtypes(exclude="number").columns.difference(["geometry", "cluster_id"])
        told[name] = table.assign(**dict.fromkeys(words, HOSTILE[1]))
    page = draw_web(parcels, path=tmp_path / "map.html", **told)
    script = "document.documentElement.dataset.images = document.images.length;"
    dom, console = visit(chromium, page, tmp_path, script=script, fragment="#C001")
    assert console == []
    assert dataset(dom)["images"] == "0"
    assert dataset(dom)["chosen"] == "C001"

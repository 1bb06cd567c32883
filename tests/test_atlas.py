"""Is the book whole?

Cases: pages counted, contents with the right page numbers, parts left out where data are missing,
no annex, PNG sheets beside the book, embedded subset fonts of either kind of outline, the same
bytes twice, settings untouched, contents over several pages, bad calls, an unwritable file.
"""

import datetime as dt
import re
import zlib

import geopandas as gpd
import matplotlib as mpl
import pandas as pd
import pytest
import shapely
from matplotlib.text import Text

from landgis.model.errors import OutputError, UsageError
from landgis.reports import _front, atlas, fonts
from landgis.reports._paper import Imprint
from landgis.reports.atlas import draw_atlas


@pytest.fixture(scope="module")
def units():
    boxes = [shapely.box(0, 0, 9000, 7000), shapely.box(9000, 0, 19000, 7000)]
    index = pd.Index(["甲县", "乙/丙县"], name="unit")
    return gpd.GeoDataFrame(geometry=boxes, index=index, crs="EPSG:4545")


@pytest.fixture(scope="module")
def parcels():
    rows = [("甲县", "低效", "净地", 1.5, 1000), ("乙/丙县", "闲置", "毛地", 2.5, 12000)]
    return gpd.GeoDataFrame(
        [row[:4] for row in rows],
        columns=["unit", "land_class", "readiness", "declared_ha"],
        geometry=[shapely.box(x, 1000, x + 150, 1100) for *_, x in rows],
        index=["P1", "P2"],
        crs="EPSG:4545",
    )


@pytest.fixture
def summary():
    return pd.DataFrame(
        {
            "unit": ["甲县", "乙/丙县", "甲县", "乙/丙县"],
            "land_class": ["低效", "低效", "闲置", "闲置"],
            "parcel_count": [1, 0, 0, 1],
            "official_ha": [1.5, float("nan"), float("nan"), 2.5],
            "ledger_ha": [1.5, 0.0, 0.0, 2.5],
            "measured_ha": [1.5, 0.0, 0.0, 2.5],
        }
    )


def pages(path):
    return len(re.findall(rb"/Type /Page\b(?!s)", path.read_bytes()))


def headings(monkeypatch):
    """Catch the lines of the contents on their way to the page."""
    caught = []
    draw = _front.contents

    def watch(entries, imprint, **words):
        caught.extend(entries)
        return draw(entries, imprint, **words)

    monkeypatch.setattr(atlas._front, "contents", watch)
    return caught


def test_the_book(units, summary, parcels, tmp_path, monkeypatch):
    lines = headings(monkeypatch)
    before = dict(mpl.rcParams)
    path = draw_atlas(
        units, summary, path=tmp_path / "atlas.pdf", sheets=tmp_path / "maps", parcels=parcels,
        place="某市", titles={"低效": "某市低效图"}, agency="某局", dpi=50,
    )  # fmt: skip
    # cover, contents, 合计, 闲置, 低效, comparison, readiness, two units
    assert pages(path) == 9
    assert lines == [
        ("某市存量建设用地分布图", 3),
        ("某市涉嫌闲置土地分布图", 4),
        ("某市低效图", 5),
        ("某市存量土地台账与官方附件对照", 6),
        ("某市存量土地净地、毛地、待核构成图", 7),
        ("某市甲县存量土地分布图", 8),
        ("某市乙/丙县存量土地分布图", 9),
    ]
    assert sorted(file.name for file in (tmp_path / "maps").iterdir()) == [
        "01_合计.png",
        "02_闲置.png",
        "03_低效.png",
        "04_与官方统计表对照.png",
        "05_净地毛地待核.png",
        "06_甲县详图.png",
        "07_乙_丙县详图.png",
    ]
    assert dict(mpl.rcParams) == before
    assert path.stat().st_size < 1_000_000


def test_what_has_no_data_is_left_out(units, summary, tmp_path, monkeypatch):
    lines = headings(monkeypatch)
    summary["official_ha"] = float("nan")
    summary.loc[summary["land_class"] == "闲置", ["ledger_ha", "parcel_count"]] = 0.0, 0
    path = draw_atlas(units, summary, path=tmp_path / "atlas.pdf")
    assert [heading for heading, _ in lines] == ["存量建设用地分布图", "城镇低效用地分布图"]
    assert pages(path) == 4


@pytest.mark.parametrize("bundled", [True, False])
def test_fonts_are_embedded_in_part(units, summary, tmp_path, bundled):
    font = fonts._bundled_file() if bundled else None
    path = draw_atlas(units, summary, path=tmp_path / "atlas.pdf", parts=("comparison",), font=font)
    content = path.read_bytes()
    truetype = fonts.find_fonts(font).truetype
    assert (b"/FontFile2" in content) == truetype
    assert (b"/Subtype /Type3" in content) != truetype
    assert b"/ToUnicode" in content  # so that the words can be searched
    assert len(content) < 300_000  # the whole font has 10 MB


def test_the_same_bytes_twice(units, summary, tmp_path):
    first = draw_atlas(units, summary, path=tmp_path / "a.pdf", parts=("sheets",))
    second = draw_atlas(units, summary, path=tmp_path / "b.pdf", parts=("sheets",))
    assert first.read_bytes() == second.read_bytes()
    assert b"/CreationDate" not in first.read_bytes()


def test_words_of_the_margin_reach_the_book(units, summary, tmp_path):
    path = draw_atlas(
        units, summary, path=tmp_path / "a.pdf", parts=("comparison",), title="册", agency="A. B."
    )
    content = path.read_bytes()
    assert b"(A. B.)" in content
    assert "册".encode("utf-16-be") in content
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    drawn = [zlib.decompress(stream) for stream in streams if stream[:1] == b"x"]
    assert any(re.search(rb"\bBT\b.*?\bT[jJ]\b", part, re.DOTALL) for part in drawn)  # text


def test_no_title_is_cut_in_the_contents():
    day = dt.date(2020, 12, 31)
    titles = [
        f"钦州市主城区钦州主城旧工业片第{i}片区（示意）第{i}片集中连片图" for i in range(20, 45)
    ]
    entries = [(f"{title}（截至2020年12月31日）", 3 + i) for i, title in enumerate(titles)]
    (sheet,) = _front.contents(entries, Imprint(as_of=day, dpi=50))
    written = [text.get_text() for text in sheet.findobj(Text)]
    assert set(titles) <= set(written)  # in full, without the day that all share
    sizes = {text.get_fontsize() for text in sheet.findobj(Text) if text.get_text() in titles}
    assert len(sizes) == 1
    assert 7 <= sizes.pop() < 11
    assert not [text for text in written if "…" in text or "截至" in text]


def test_long_contents_take_more_pages():
    entries = [(f"第{i}图", i + 4) for i in range(80)]
    assert _front.contents_pages(38) == 1
    assert _front.contents_pages(39) == 2
    sheets = _front.contents(entries, Imprint(dpi=50))
    assert len(sheets) == _front.contents_pages(80) == 3
    written = [text.get_text() for sheet in sheets for text in sheet.findobj(Text)]
    assert all(heading in written and str(number) in written for heading, number in entries)


def test_bad_calls(units, summary, tmp_path):
    path = tmp_path / "atlas.pdf"
    with pytest.raises(UsageError, match="unknown_part"):
        draw_atlas(units, summary, path=path, parts=("maps",))
    with pytest.raises(UsageError, match="no_pages"):
        draw_atlas(units, summary, path=path, parts=("details",))
    with pytest.raises(TypeError, match="agenzy"):
        draw_atlas(units, summary, path=path, agenzy="某局")
    assert not path.exists()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="output_unwritable"):
        draw_atlas(units, summary, path=tmp_path / "file" / "a.pdf", parts=("sheets",))


def test_a_book_that_fails_leaves_nothing(units, summary, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(atlas._comparison, "build", fail)
    with pytest.raises(RuntimeError):
        draw_atlas(units, summary, path=tmp_path / "atlas.pdf")
    assert list(tmp_path.iterdir()) == []

"""The gaps to choose from as a picture.

Cases: A4 at 300 dpi as PNG and PDF, the same bytes every time; the points stand as high as their
figures, from zero; an area that never changes is told; the chosen gap is marked and told, also where
it is none of the gaps; a chain reaction at growth above one half is told and coloured, at one half
it is not; several chain reactions; figures that would touch make room; a single gap, no cluster at
any gap; gaps in any order; no row, a missing column, a bad gap, another suffix.
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from landgis.model import schema
from landgis.model.errors import DataError, SchemaError, UsageError
from landgis.reports import gap_chart, style
from landgis.reports.gap_chart import draw_gaps


def choices(*rows):
    """Choices from (gap, clusters, members, area, largest count, largest area in m²)."""
    columns = schema.GAP_CHOICES.columns
    return pd.DataFrame(
        {
            column.name: pd.Series([row[i] for row in rows], dtype=schema.DTYPES[column.kind])
            for i, column in enumerate(columns)
        }
    )


CALM = choices(
    (0, 9, 20, 200_000, 3, 40_000), (10, 8, 20, 200_000, 4, 60_000), (30, 6, 20, 200_000, 5, 70_000)
)
CHAIN = choices(
    (0, 9, 20, 200_000, 3, 40_000),
    (10, 6, 20, 200_000, 5, 61_000.5),
    (20, 2, 20, 200_000, 12, 150_000),
)


def sentences(table, chosen_m=None):
    rows = gap_chart._rows(table)
    return (
        gap_chart._chosen_sentence(rows, chosen_m),
        gap_chart._jump_sentence(rows, gap_chart._jumps(rows)),
    )


def pixels(path, colour):
    picture = np.asarray(Image.open(path).convert("RGB"))
    return np.argwhere((picture == [int(colour[i : i + 2], 16) for i in (1, 3, 5)]).all(axis=2))


def test_the_same_sheet_of_a4_every_time(tmp_path):
    words = {"place": "钦州市", "as_of": dt.date(2021, 12, 31)}
    for name in ("间距.png", "间距.pdf"):
        first = draw_gaps(CHAIN, path=tmp_path / name, chosen_m=10, **words)
        again = draw_gaps(CHAIN, path=tmp_path / "再" / name, chosen_m=10, **words)
        assert first == tmp_path / name
        assert first.read_bytes() == again.read_bytes()
    with Image.open(tmp_path / "间距.png") as picture:
        assert picture.size == (3508, 2480)
    assert (tmp_path / "间距.pdf").read_bytes()[:5] == b"%PDF-"


def test_points_stand_as_high_as_their_figures(tmp_path):
    # clusters fall from 9 to 3: the line ends at a third of the height at which it begins
    table = choices((0, 9, 9, 9e4, 1, 1e4), (60, 3, 9, 9e4, 1, 1e4))
    path = draw_gaps(table, path=tmp_path / "a.png", dpi=300)
    mm = 300 / 25.4
    line = pixels(path, style.SERIES[0]) / mm
    line = line[line[:, 0] > gap_chart.PLOT_TOP + 5.5]  # below the words over the panel
    bottom = gap_chart.PLOT_TOP + gap_chart.TITLE_MM + gap_chart.PANEL_MM
    start, end = (
        bottom - np.median(line[abs(line[:, 1] - x) < 0.5, 0])
        for x in (gap_chart.PLOT_LEFT + 3, gap_chart.PLOT_RIGHT - 3)
    )
    inward = 3 / (gap_chart.PLOT_RIGHT - gap_chart.PLOT_LEFT)
    assert end / start == pytest.approx((3 + 6 * inward) / (9 - 6 * inward), abs=0.01)


def test_what_was_chosen_is_told():
    told, _ = sentences(CHAIN, 10)
    # 61 000.5 m² are 6.10005 ha, half-up 6.1001
    assert told == "选定间距 10 米：6 片、20 宗，共 20.0000 公顷；最大一片 5 宗、6.1001 公顷。"
    assert sentences(CHAIN, 15)[0] == "选定间距 15 米，不在所比选的各档之中。"
    assert sentences(CHAIN)[0] == "比选间距 0—20 米，共 3 档，尚未选定。"


def test_an_area_that_never_changes_is_told_and_not_drawn(tmp_path):
    calm, grows = gap_chart._rows(CALM), CALM.assign(area_m2=[200_000.0, 200_000.0, 210_000.0])
    assert gap_chart._area_sentence(calm) == "连片总面积不随间距变化，各档均为 20.0000 公顷。"
    assert gap_chart._area_sentence(gap_chart._rows(grows)) == ""
    # the middle panel: parcels of the largest, 3 4 5 of 5, where the area would be a flat line
    mm = 150 / 25.4
    top = gap_chart.PLOT_TOP + gap_chart.STEP_MM + gap_chart.TITLE_MM
    for table, start, end in ((CALM, 3 / 5, 1), (grows, 20 / 21, 1)):
        path = draw_gaps(table, path=tmp_path / "a.png", dpi=150)
        line = pixels(path, style.SERIES[3]) / mm
        line = line[(line[:, 0] > top) & (line[:, 0] < top + gap_chart.PANEL_MM)]
        heights = [
            top + gap_chart.PANEL_MM - np.median(line[abs(line[:, 1] - x) < 0.5, 0])
            for x in (gap_chart.PLOT_LEFT + 1, gap_chart.PLOT_RIGHT - 1)
        ]
        assert heights[0] / heights[1] == pytest.approx(start / end, abs=0.02)


def test_the_chosen_gap_is_marked(tmp_path):
    plain = draw_gaps(CALM, path=tmp_path / "a.png", dpi=100)
    marked = draw_gaps(CALM, path=tmp_path / "b.png", dpi=100, chosen_m=10)
    mm = 100 / 25.4
    x = gap_chart.PLOT_LEFT + (gap_chart.PLOT_RIGHT - gap_chart.PLOT_LEFT) / 3  # 10 of 30 m
    for path, least, most in ((plain, 0, 0.1), (marked, 0.5, 1)):
        picture = np.asarray(Image.open(path).convert("L"))
        rows = slice(int(gap_chart.PLOT_TOP * mm), int(gap_chart.PLOT_BOTTOM * mm))
        dark = (picture[rows, int(x * mm) - 1 : int(x * mm) + 2] < 110).any(axis=1).mean()
        assert least <= dark <= most


def test_a_chain_reaction_is_told():
    # 4 to 6 ha is one half and no more; 4 to 6.10005 is more; 6.10005 to 15 are 146 %
    assert sentences(CALM)[1] == "逐档放宽间距，最大一片的增幅均不超过一半，未见连锁相连。"
    assert sentences(CHAIN)[1] == (
        "连锁相连：间距由 0 米放宽到 10 米，最大一片由 4.0000 公顷增至 6.1001 公顷（增 53%）；"
        "间距由 10 米放宽到 20 米，最大一片由 6.1001 公顷增至 15.0000 公顷（增 146%），"
        "宜慎选更大间距。"
    )


def test_the_two_largest_of_many_chain_reactions_are_told():
    areas = [1e4, 1.6e4, 8e4, 13e4, 50e4]
    table = choices(*[(10 * i, 5, 9, 60e4, 2, area) for i, area in enumerate(areas)])
    told = sentences(table)[1]
    assert "由 10 米放宽到 20 米" in told
    assert "由 30 米放宽到 40 米" in told
    assert "共 4 处" in told
    assert told.count("放宽到") == 2


@pytest.mark.parametrize(("table", "coloured"), [(CALM, False), (CHAIN, True)])
def test_a_chain_reaction_is_coloured(tmp_path, table, coloured):
    path = draw_gaps(table, path=tmp_path / "a.png", dpi=150)
    assert (len(pixels(path, gap_chart.JUMP)) > 0) == coloured


def test_long_sentences_keep_within_the_margin(tmp_path):
    areas = [1e7, 2e7, 9e7]
    table = choices(*[(12.5 * i, 5, 9, 6e8, 2, area) for i, area in enumerate(areas)])
    path = draw_gaps(table, path=tmp_path / "a.png", dpi=100)
    beyond = (np.asarray(Image.open(path).convert("L")) < 250)[:, int(288 / 25.4 * 100) :]
    assert not beyond.any()


def test_gaps_are_read_in_any_order():
    assert sentences(CHAIN.iloc[::-1], 10) == sentences(CHAIN, 10)


def test_figures_make_room_for_one_another(tmp_path):
    rows = [(gap, 900 - gap, 5000, 6e7, 9, 1e6) for gap in range(61)]
    assert draw_gaps(choices(*rows), path=tmp_path / "a.png", dpi=72).is_file()
    paper = gap_chart._paper.new_paper(gap_chart._paper.Imprint())
    points = [(4.0 * i, 50.0) for i in range(61)]
    shown = gap_chart._legible(paper, points, ["6000.0000"] * 61, [i == 31 for i in range(61)])
    assert {0, 31, 60} <= set(shown)
    wide = gap_chart._paper.text_width(paper, "6000.0000", gap_chart.FIGURE_PT)
    assert min(np.diff([points[i][0] for i in shown])) > wide


def test_one_gap_and_no_cluster(tmp_path):
    one = choices((20, 3, 9, 9e4, 4, 5e4))
    assert draw_gaps(one, path=tmp_path / "a.png", chosen_m=20, dpi=72).is_file()
    assert sentences(one)[0] == "比选间距 20 米，共 1 档，尚未选定。"
    none = choices((0, 0, 0, 0.0, 0, 0.0), (20, 0, 0, 0.0, 0, 0.0))
    assert draw_gaps(none, path=tmp_path / "b.png", chosen_m=5, dpi=72).is_file()
    assert sentences(none)[1] == "各档间距下均无连片：没有符合条件的地块。"


def test_what_cannot_be_drawn(tmp_path):
    with pytest.raises(DataError, match=r"\[no_gap_choices\]"):
        draw_gaps(choices(), path=tmp_path / "a.png")
    with pytest.raises(SchemaError, match=r"\[column_missing\]"):
        draw_gaps(CALM.drop(columns="largest_m2"), path=tmp_path / "a.png")
    for gap in (-1, np.nan, np.inf):
        with pytest.raises(UsageError, match=r"\[bad_gap\]"):
            draw_gaps(CALM, path=tmp_path / "a.png", chosen_m=gap)
    with pytest.raises(UsageError, match=r"\[unknown_picture\]"):
        draw_gaps(CALM, path=tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())

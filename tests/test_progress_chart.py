"""Progress as pictures.

Cases: a sheet of all units and one per unit, at the size of A4 and 300 dpi; Chinese names, names
that no file may bear; a bar as high as its rate and coloured by its truth; rates beyond 100 %, below
zero, unknown; a single quarter and three years of twelve; the same bytes every time; no row at all;
a table without its columns.
"""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from landgis.model import schema
from landgis.model.errors import DataError, SchemaError
from landgis.reports import progress_chart, style
from landgis.reports.progress_chart import draw_progress


def quarters(*rows):
    """Quarters from (unit, year, quarter, task, cumulative, required, on schedule)."""
    records = []
    for unit, year, quarter, task, cumulative, required, truth in rows:
        rate = None if cumulative is None or not task else cumulative / task
        gap = None if rate is None else cumulative - required * task
        records.append(
            {
                "unit": unit, "year": year, "quarter": quarter, "task_ha": task,
                "done_ha": cumulative, "cumulative_ha": cumulative, "rate": rate,
                "required_rate": required, "gap_ha": gap, "on_schedule": truth, "rank": 1,
                "note": "" if rate is not None else "本季未报",
            }
        )  # fmt: skip
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [r[column.name] for r in records], dtype=schema.DTYPES[column.kind]
            )
            for column in schema.PROGRESS.columns
        }
    )


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def column_of(path, colour, dpi):
    """Heights in millimetres of the pixels of a colour in the area of the bars."""
    picture = np.asarray(Image.open(path).convert("RGB"))
    mm = dpi / 25.4
    top, bottom = int(44 * mm), int((progress_chart.PLOT_BOTTOM + 0.5) * mm)
    found = (picture[top:bottom] == rgb(colour)).all(axis=2)
    return found.any(axis=1).sum() / mm, found.any(axis=0).sum() / mm


@pytest.mark.parametrize(
    ("done", "truth", "colour"),
    [(50.0, False, style.ALARM), (80.0, True, style.AGREED), (60.0, None, style.RULE)],
)
def test_a_bar_is_as_high_as_its_rate(tmp_path, done, truth, colour):
    table = quarters(("甲县", 2022, 3, 100.0, done, 0.75, truth))
    _, path = draw_progress(table, folder=tmp_path, dpi=150)
    high, wide = column_of(path, colour, 150)
    full = progress_chart.PLOT_BOTTOM - progress_chart.PLOT_TOP  # 118 % of the task
    expected = full * done / 100 / progress_chart.HEADROOM
    assert wide >= 25  # millimetres
    # the figure above an alarmed or agreed bar is written in its colour, grid lines in grey
    assert expected - 1 <= high <= expected + 6


def test_a_sheet_of_all_and_one_for_each(tmp_path):
    table = quarters(
        ("钦南区", 2022, 1, 100.0, 15.0, 0.15, True),
        ("自贸区/钦州港：片区", 2022, 1, 90.0, 5.0, 0.15, False),
        ("合计", 2022, 1, 190.0, 20.0, 0.15, False),
    )
    paths = draw_progress(table, folder=tmp_path / "图", place="钦州市")
    assert [path.name for path in paths] == [
        "进度_00_一览.png", "进度_01_钦南区.png", "进度_02_自贸区_钦州港_片区.png", "进度_03_合计.png",
    ]  # fmt: skip
    for path in paths:
        with Image.open(path) as picture:
            assert picture.size == (3508, 2480)
    again = draw_progress(table, folder=tmp_path / "再", place="钦州市")
    assert [one.read_bytes() for one in again] == [one.read_bytes() for one in paths]


def test_rates_that_are_large_negative_or_unknown(tmp_path):
    rows = [
        ("甲", year, quarter, 10.0, amount, due, truth)
        for year, amounts in (
            (2021, (1, 4, 7.5, 10)),
            (2022, (-1, 30, None, None)),
            (2023, (1, 2, 3, 4)),
        )
        for quarter, (amount, due, truth) in enumerate(
            zip(amounts, (0.15, 0.4, 0.75, 1.0), (True, False, None, True), strict=True), start=1
        )
    ]
    rows += [("乙", 2023, 4, None, None, 1.0, None), ("合计", 2023, 4, None, None, 1.0, None)]
    paths = draw_progress(quarters(*rows), folder=tmp_path, dpi=72)
    assert len(paths) == 4


def test_sentences():
    rows = quarters(
        ("甲", 2022, 3, 100.0, 60.0, 0.75, False),
        ("乙", 2022, 3, 100.0, 80.0, 0.75, True),
        ("丙", 2022, 3, 100.0, None, 0.75, None),
    )
    told = [progress_chart._sentence(progress_chart._plain(row)) for row in rows.to_dict("records")]
    assert told == [
        "2022年三季度累计完成 60.0000 公顷，完成率 60.00%，季末应达 75%，差 15.0000 公顷，排名第 1",
        "2022年三季度累计完成 80.0000 公顷，完成率 80.00%，季末应达 75%，超序时 5.0000 公顷，排名第 1",
        "2022年三季度：累计完成不详（本季未报）",
    ]


def test_tables_that_cannot_be_drawn(tmp_path):
    with pytest.raises(DataError, match=r"\[no_progress\]"):
        draw_progress(quarters(), folder=tmp_path)
    with pytest.raises(SchemaError, match=r"\[column_missing\]"):
        draw_progress(quarters().drop(columns="rank"), folder=tmp_path)
    assert not list(tmp_path.iterdir())

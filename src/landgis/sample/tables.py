"""The paper of the plan: the annex as printed, and a quarterly progress workbook."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from landgis.model.files import complete_file
from landgis.model.schema import LAND_CLASSES
from landgis.model.units import HA_DECIMALS, ratio, round_half_up, show
from landgis.sample.stock import ANNEX
from landgis.sample.writing import NOTE

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from pandas import DataFrame

TITLE = "钦州市存量土地统计表"
AS_PRINTED = "(截至2020年12月31日)"
UNIT_LINE = "单位：公顷"
HEADINGS = ("县区", "2009—2020年\n批而未供土地", "涉嫌闲置土地", "城镇低效用地", "合计")
TOTAL = "合计"
SOURCE = "数值抄自钦政办〔2021〕41号附件；与之对应的地块均为示意数据。"
YEARLY_SHARE = {2022: Decimal("0.70"), 2023: Decimal("0.30")}  # of the stock, as the plan says
QUARTERS = ("一季度", "二季度", "三季度", "四季度")
REQUIRED = ("15%", "40%", "75%", "100%")
FIXED_DAY = dt.datetime(2021, 12, 30)  # noqa: DTZ001 - a workbook's stamp has no zone


def annex_rows() -> list[list[str]]:
    """Give the printed table row by row, sums included; blank cells are blank."""
    rows = []
    columns: list[list[Decimal]] = [[], [], []]
    for unit, cells in ANNEX.items():
        known = [Decimal(cell) for cell in cells if cell is not None]
        for column, cell in zip(columns, cells, strict=True):
            column.append(Decimal(cell or 0))
        rows.append([unit, *(cell or "" for cell in cells), str(sum(known))])
    sums = [sum(column, Decimal(0)) for column in columns]
    return [*rows, [TOTAL, *(str(value) for value in sums), str(sum(sums))]]


def write_annex_csv(path: Path, rows: list[list[str]]) -> None:
    """Write the annex as a bureau exports it: title and unit above the headings."""
    with (
        complete_file(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as stream,
    ):
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([TITLE + AS_PRINTED, "", "", "", ""])
        writer.writerow(["", "", "", "", UNIT_LINE])
        writer.writerow([heading.replace("\n", "") for heading in HEADINGS])
        writer.writerows(rows)
        writer.writerow([f"注：{SOURCE}", "", "", "", ""])


def write_annex_workbook(path: Path, rows: list[list[str]]) -> None:
    """Write the annex as printed: merged title, headings over two lines, blank cells blank."""
    with complete_file(path) as temporary:
        book, styles = _open(temporary, TITLE, comments=SOURCE)
        sheet = book.add_worksheet("附件")
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 4, 17)
        sheet.merge_range(0, 0, 0, 4, TITLE, styles["title"])
        sheet.merge_range(1, 0, 1, 4, AS_PRINTED, styles["centre"])
        sheet.merge_range(2, 0, 2, 4, UNIT_LINE, styles["right"])
        sheet.merge_range(3, 0, 4, 0, "县区", styles["head"])
        sheet.write(3, 1, "2009—2020年", styles["head"])
        sheet.write(4, 1, "批而未供土地", styles["head"])
        for column, heading in enumerate(HEADINGS[2:], start=2):
            sheet.merge_range(3, column, 4, column, heading, styles["head"])
        for number, row in enumerate(rows, start=5):
            sheet.write(number, 0, row[0], styles["cell"])
            for column, text in enumerate(row[1:], start=1):
                if text:
                    sheet.write_number(number, column, float(text), styles["number"])
                else:
                    sheet.write_blank(number, column, None, styles["number"])
        sheet.write(number + 1, 0, f"注：{SOURCE}")
        book.close()


def write_register(path: Path, parcels: DataFrame) -> None:
    """Write the list of parcels that the annex was made from, as a bureau keeps it."""
    stock = parcels[parcels["land_class"].isin(LAND_CLASSES)]
    with (
        complete_file(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as stream,
    ):
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(["县区", "存量类别", "地块编号", "地块面积（公顷）"])
        for parcel, row in stock.iterrows():
            area = show(row["declared_ha"], HA_DECIMALS)
            writer.writerow([row["unit"], row["land_class"], parcel, area])


def progress_rows(rng: np.random.Generator) -> list[tuple[str, int, str, list[str]]]:
    """Give, per unit and year, the task in 亩 and what was done in each quarter, as text.

    Done in a quarter swings around the plan's 15, 40, 75 and 100 per cent.
    """
    rows = []
    steps = (0.15, 0.25, 0.35, 0.25)
    for year, share in YEARLY_SHARE.items():
        for unit, cells in ANNEX.items():
            stock = sum((Decimal(cell) for cell in cells if cell), Decimal(0))
            task = round_half_up(Fraction(stock * share) * ratio("ha", "mu"), 2)
            pace = rng.uniform(0.84, 1.12)
            done = [
                str(round_half_up(task * round_half_up(step * pace * rng.uniform(0.75, 1.2), 4), 2))
                for step in steps
            ]
            rows.append((unit, year, str(task), done))
    return rows


def write_progress(path: Path, *, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Write the progress workbook in 亩, one sheet a year, and give what it says, row by row."""
    written: list[dict[str, Any]] = []
    rows = progress_rows(rng)
    with complete_file(path) as temporary:
        book, styles = _open(temporary, "存量土地盘活季度进度（示意数据）", comments=NOTE)
        for year in YEARLY_SHARE:
            sheet = book.add_worksheet(f"{year}年")
            sheet.set_column(0, 0, 20)
            sheet.set_column(1, 5, 14)
            title = f"钦州市{year}年盘活存量土地季度进度表（示意数据）"
            sheet.merge_range(0, 0, 0, 5, title, styles["title"])
            sheet.merge_range(1, 0, 1, 5, "单位：亩", styles["right"])
            for column, heading in enumerate(
                ("县区", "年度任务", "季度", "本季完成", "累计完成", "序时进度")
            ):
                sheet.write(2, column, heading, styles["head"])
            at = 3
            for unit, _, task, done in (row for row in rows if row[1] == year):
                sheet.merge_range(at, 0, at + 3, 0, unit, styles["cell"])
                sheet.merge_range(at, 1, at + 3, 1, float(task), styles["mu"])
                total = Decimal(0)
                for quarter, (name, value) in enumerate(zip(QUARTERS, done, strict=True)):
                    total += Decimal(value)
                    sheet.write(at + quarter, 2, name, styles["cell"])
                    sheet.write_number(at + quarter, 3, float(value), styles["mu"])
                    sheet.write_number(at + quarter, 4, float(total), styles["mu"])
                    sheet.write(at + quarter, 5, REQUIRED[quarter], styles["cell"])
                    written.append(
                        {
                            "unit": unit,
                            "year": year,
                            "quarter": quarter + 1,
                            "task_mu": task,
                            "done_mu": value,
                            "cumulative_mu": str(total),
                        }
                    )
                at += 4
        book.close()
    return written


def _open(path: Path, title: str, *, comments: str) -> tuple[Any, dict[str, Any]]:
    import xlsxwriter

    book = xlsxwriter.Workbook(path)
    book.set_properties({"title": title, "comments": comments, "created": FIXED_DAY})
    thin = {"border": 1, "align": "center", "valign": "vcenter", "font_name": "宋体"}
    return book, {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
        "centre": book.add_format({"align": "center"}),
        "right": book.add_format({"align": "right"}),
        "head": book.add_format({**thin, "bold": True, "text_wrap": True}),
        "cell": book.add_format(thin),
        "number": book.add_format({**thin, "num_format": "0.0000"}),
        "mu": book.add_format({**thin, "num_format": "0.00"}),
    }

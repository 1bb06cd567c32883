"""How a sheet of a workbook comes out of the printer: across, one page wide, large enough to read."""

from __future__ import annotations

from typing import Any

A3, A4 = 8, 9  # paper sizes as Excel numbers them
_INCHES = {A3: 420 / 25.4, A4: 297 / 25.4}  # across
_SIDES = 0.4  # inches of margin left and right
_CHARACTERS_PER_INCH = 96 / 7  # Excel's unit of width, at full size
LEAST_SCALE = 0.7  # seven points of ten; wider tables go on A3
FOOT_CHARACTERS = 150  # Excel holds 255 with its codes


def paper_for(characters: float) -> int:
    """Choose the smaller paper on which a table one page wide can still be read.

    Parameters
    ----------
    characters : float
        Width of the table in Excel's characters.

    Returns
    -------
    int
        Excel's number of the paper size: A4, or A3 where A4 would print below seven tenths.

    Examples
    --------
    >>> paper_for(200) == A4, paper_for(220) == A3
    (True, True)
    """
    room = (_INCHES[A4] - 2 * _SIDES) * _CHARACTERS_PER_INCH
    return A4 if room >= LEAST_SCALE * characters else A3


def set_up_print(page: Any, *, paper: int, repeat: tuple[int, int], title: str, note: str) -> None:
    """Prepare a sheet for the printer: across, one page wide, headings on every page.

    Parameters
    ----------
    page : xlsxwriter.worksheet.Worksheet
        The sheet.
    paper : int
        Excel's number of the paper size.
    repeat : tuple of int
        First and last row that every page repeats.
    title : str
        What the sheet is of; later pages bear it in the foot alone.
    note : str
        Stands behind it.
    """
    page.set_landscape()
    page.set_paper(paper)
    page.fit_to_pages(1, 0)
    page.set_margins(left=_SIDES, right=_SIDES, top=0.5, bottom=0.6)
    page.repeat_rows(*repeat)
    text = "　".join(part for part in (title, note) if part)[:FOOT_CHARACTERS].replace("&", "&&")
    page.set_footer(f"&L&9{text}&R&9第 &P 页，共 &N 页")
    page.hide_gridlines(2)

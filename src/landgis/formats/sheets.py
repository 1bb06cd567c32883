"""Sheets of a workbook or a CSV as plain grids: merged cells filled, every cell with its address."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landgis.formats import values
from landgis.formats.encoding import decode
from landgis.model.errors import SchemaError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
TEXTS = {".csv", ".tsv"}
AREA_UNITS = (
    "万亩",
    "公顷",
    "亩",
    "平方米",
    "平方公里",
    "平方千米",
)  # longest first where one ends another

LEAST_NUMBERED = 3  # columns 1 2 3: fewer may be figures

# headings over the names of counties and other statistical units
UNIT_WORDS = re.compile(
    r"(序号)?(县区|县\(区\)|县市区|区县|统计单元|单元|行政区|行政区划|地区|辖区|单位)(名称)?"
)
_UNIT_NOTE = re.compile(rf"单位[:：]\s*[^，,、;；]*?({'|'.join(AREA_UNITS)})")
_UNIT_IN_HEADING = re.compile(rf"\((?:单位:)?({'|'.join(AREA_UNITS)})\)")
_TOTALS = re.compile(r".{0,12}(合计|总计|小计|共计|累计)(:.*)?|其中(:.*)?")
_NOTES = re.compile(r"(注|备注|附注|说明|填表|制表|审核|填报|报送|数据来源|单位负责人|单位[:：]).*")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its cells, and whether its format knows merged cells."""

    name: str
    rows: list[list[Any]]
    merges: bool
    file: Path

    def address(self, row: int, column: int) -> str:
        """Give a cell's address as Excel shows it.

        Parameters
        ----------
        row, column : int
            Position, from 0.

        Returns
        -------
        str
            Such as ``B5``.
        """
        letters = ""
        rest = column + 1
        while rest:
            rest, letter = divmod(rest - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{row + 1}"

    def text(self, row: int, column: int) -> str:
        """Give a cell as text without any blanks, as headings and labels are compared.

        Parameters
        ----------
        row, column : int
            Position, from 0.

        Returns
        -------
        str
            The text.
        """
        return squeeze(self.rows[row][column])

    def headings(self, head: int, data: int, column: int) -> list[str]:
        """Give a column's headings from the upper row to the lower, no text twice.

        A format without merged cells leaves their rest empty: in all rows but the last an empty
        cell belongs to its left.

        Parameters
        ----------
        head, data : int
            First row of headings, first row of data, from 0.
        column : int
            Position, from 0.

        Returns
        -------
        list of str
            Each without any blanks.
        """
        found: list[str] = []
        for row in range(head, data):
            text = self.text(row, column)
            if not text and not self.merges and row < data - 1:
                left = [self.text(row, i) for i in range(column) if self.text(row, i)]
                text = left[-1] if left else ""
            if text and text not in found:
                found.append(text)
        return found

    def numbers_columns(self, row: int) -> bool:
        """Whether a row under the headings only numbers the columns.

        Parameters
        ----------
        row : int
            Position, from 0.

        Returns
        -------
        bool
            True for 甲 1 2 3.
        """
        texts = [text for i in range(len(self.rows[row])) if (text := self.text(row, i))]
        figures = texts[1:] if texts[:1] in (["甲"], ["栏次"], ["列次"], ["栏号"]) else texts
        counted = [str(i) for i in range(1, len(figures) + 1)]
        return len(figures) >= LEAST_NUMBERED and figures in (counted, [f"({i})" for i in counted])

    def texts(self) -> Iterator[str]:
        """Give every cell as text without any blanks.

        Yields
        ------
        str
            Row by row.
        """
        for row in self.rows:
            for cell in row:
                yield squeeze(cell)


def read_sheets(path: str | Path) -> list[Sheet]:
    """Read all sheets of a workbook, or a CSV as one sheet.

    Parameters
    ----------
    path : str or Path
        ``.xlsx``, ``.xls``, ``.xlsm``, ``.xlsb``, ``.ods``, ``.csv`` (UTF-8 or GBK) or ``.tsv``.

    Returns
    -------
    list of Sheet
        Sheets that hold any cell; rows of equal length; merged cells filled with their value;
        blank cells ``""``.

    Raises
    ------
    SourceError
        ``file_missing``, ``format_unsupported``, ``not_workbook``, ``encoding_wrong``.
    """
    source = Path(path)
    suffix = source.suffix.lower()
    if not source.is_file():
        raise SourceError(
            "file_missing",
            "no such file",
            hint=f"找不到“{source}”：请检查路径和文件名。",
            file=source,
        )
    if suffix in TEXTS:
        rows = _csv_rows(source, "\t" if suffix == ".tsv" else ",")
        sheets = [Sheet(source.stem, rows, merges=False, file=source)]
    elif suffix in WORKBOOKS:
        sheets = _workbook(source)
    else:
        raise SourceError(
            "format_unsupported",
            f"{suffix or 'a file without suffix'} is no table",
            hint="表格应为 .xlsx、.xls、.ods 或 .csv 文件。",
            file=source,
        )
    return [sheet for sheet in sheets if any(sheet.texts())]


def unit_note(sheet: Sheet, *, in_headings: bool = False) -> str:
    """Find the unit of area that a sheet states, such as ``单位：公顷``.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    in_headings : bool, optional
        Whether a heading such as ``合计（公顷）`` states it as well.

    Returns
    -------
    str
        Chinese name of the unit, empty where the sheet states none.

    Raises
    ------
    SchemaError
        ``unit_contradiction`` where it states several.
    """
    patterns = [_UNIT_NOTE, _UNIT_IN_HEADING] if in_headings else [_UNIT_NOTE]
    texts = list(sheet.texts())
    found = {match[1] for pattern in patterns for text in texts for match in pattern.finditer(text)}
    if len(found) > 1:
        raise SchemaError(
            "unit_contradiction",
            f"sheet {sheet.name!r} states several units: {', '.join(sorted(found))}",
            hint=f"工作表“{sheet.name}”写了多种面积单位：{'、'.join(sorted(found))}，请统一。",
            file=sheet.file,
        )
    return found.pop() if found else ""


def sheet_missing(path: str | Path, wanted: str) -> SourceError:
    """Make the error for a sheet that is not there.

    Parameters
    ----------
    path : str or Path
        The workbook.
    wanted : str
        The name asked for.

    Returns
    -------
    SourceError
        ``sheet_missing``, to be raised by the caller.
    """
    names = "、".join(sheet.name for sheet in read_sheets(path))
    return SourceError(
        "sheet_missing",
        f"no sheet {wanted!r}",
        hint=f"没有工作表“{wanted}”，文件中有：{names}。",
        file=path,
    )


def squeeze(cell: object) -> str:
    """Give a cell as text with full-width forms made narrow and every blank gone.

    Parameters
    ----------
    cell : object
        Any cell.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> squeeze(" 合　计 "), squeeze(None)
    ('合计', '')
    """
    return re.sub(r"\s", "", values.whole(values.plain(cell)))


def name_of(cell: object) -> str:
    """Give a name as it is meant: blanks that only space Chinese characters out are gone.

    Parameters
    ----------
    cell : object
        Any cell.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> name_of("合　计"), name_of(" Area 2 ")
    ('合计', 'Area 2')
    """
    text = values.whole(values.plain(cell))
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", text)


def is_total(label: str) -> bool:
    """Say whether a row's label marks a sum and not a thing of its own.

    Parameters
    ----------
    label : str
        The label without blanks.

    Returns
    -------
    bool
        True for 合计, 小计, 其中：… and the like.

    Examples
    --------
    >>> is_total("小计"), is_total("合计镇")
    (True, False)
    """
    return _TOTALS.fullmatch(label) is not None


def is_note(label: str) -> bool:
    """Say whether a row's label is a footnote.

    Parameters
    ----------
    label : str
        The label without blanks.

    Returns
    -------
    bool
        True for 注：…, 制表人… and the like.

    Examples
    --------
    >>> is_note("注:空格表示无"), is_note("灵山县")
    (True, False)
    """
    return _NOTES.fullmatch(unicodedata.normalize("NFKC", label)) is not None


def _csv_rows(path: Path, delimiter: str) -> list[list[Any]]:
    text = decode(path.read_bytes(), file=path)
    rows: list[list[Any]] = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return _rectangular(rows)


def _workbook(path: Path) -> list[Sheet]:
    import python_calamine as calamine

    try:
        with calamine.load_workbook(path) as book:
            return [_sheet(book.get_sheet_by_name(name), path) for name in book.sheet_names]
    except (calamine.CalamineError, OSError) as error:
        raise SourceError(
            "not_workbook",
            f"not readable as a workbook: {error}",
            hint=f"“{path.name}”不是可读的表格文件，或已加密、损坏：请用 Excel 另存为 .xlsx 后重试。",
            file=path,
        ) from error


def _sheet(sheet: Any, path: Path) -> Sheet:
    rows = _rectangular(sheet.to_python(skip_empty_area=False))
    ranges = sheet.merged_cell_ranges
    for (top, left), (bottom, right) in ranges or []:
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, len(rows[row]) - 1) + 1):
                rows[row][column] = rows[top][left]
    return Sheet(sheet.name, rows, merges=ranges is not None, file=path)


def _rectangular(rows: list[list[Any]]) -> list[list[Any]]:
    width = max((len(row) for row in rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]

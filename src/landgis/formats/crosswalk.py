"""The crosswalk of units: which name in the parcels or the annex is compared as which unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.formats import sheets
from landgis.model.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

_NAME = {"名称", "原名称", "地块中的名称", "县区", "name"}
_UNIT = {"统计单元", "对账单元", "附表单元", "unit"}


def read_crosswalk(path: str | Path) -> dict[str, str]:
    r"""Read a crosswalk of units.

    Parameters
    ----------
    path : str or Path
        CSV (UTF-8 or GBK) or workbook with the columns 名称 and 统计单元, one line a name.

    Returns
    -------
    dict of str to str
        Unit to compare by, for every name, in the order of the table.

    Raises
    ------
    SourceError
        ``file_missing``, ``format_unsupported``, ``not_workbook``, ``encoding_wrong``.
    SchemaError
        ``crosswalk_heading_missing``; ``crosswalk_blank`` and ``crosswalk_twice`` with the cell.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "crosswalk.csv"
    >>> _ = path.write_text("名称,统计单元\n灵山,灵山县\n钦州港区,自贸区钦州港片区", "utf-8")
    >>> read_crosswalk(path)
    {'灵山': '灵山县', '钦州港区': '自贸区钦州港片区'}
    """
    for sheet in sheets.read_sheets(path):
        for head in range(len(sheet.rows)):
            headings = [sheet.text(head, column) for column in range(len(sheet.rows[head]))]
            names = [i for i, text in enumerate(headings) if text in _NAME]
            units = [i for i, text in enumerate(headings) if text in _UNIT]
            if names and units:
                return _pairs(sheet, head + 1, names[0], units[0])
    raise SchemaError(
        "crosswalk_heading_missing",
        "no row with the headings 名称 and 统计单元",
        hint="单元对照表应有“名称”“统计单元”两列。",
        file=path,
    )


def _pairs(sheet: sheets.Sheet, first: int, names: int, units: int) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for row in range(first, len(sheet.rows)):
        name = sheets.name_of(sheet.rows[row][names])
        unit = sheets.name_of(sheet.rows[row][units])
        if not (name or unit) or sheets.is_note(name):
            continue
        if not (name and unit):
            address = sheet.address(row, units if name else names)
            raise SchemaError(
                "crosswalk_blank",
                f"{address} is blank",
                hint=f"单元对照表 {address} 为空：每行应写明名称和统计单元。",
                file=sheet.file,
                row=row + 1,
            )
        if name in pairs:
            address = sheet.address(row, names)
            raise SchemaError(
                "crosswalk_twice",
                f"{name} stands twice, the second time at {address}",
                hint=f"单元对照表中“{name}”出现了两次（第二次在 {address}）：请只保留一行。",
                file=sheet.file,
                row=row + 1,
            )
        pairs[name] = unit
    return pairs

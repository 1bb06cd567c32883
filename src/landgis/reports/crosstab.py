"""The annex's layout: statistical units down, land classes across, totals at the end.

The reconciliation is a long table; meetings read a wide one. The web page, the ledger and the
brief lay it out here, in decimal arithmetic, so that what they print adds up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from landgis.model.schema import LAND_CLASSES, TOTAL
from landgis.model.units import HA_DECIMALS, close_table, round_half_up

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pandas import DataFrame

Cell = tuple[str, str]
OUR_VALUES = ("ledger_ha", "measured_ha")


class Crosstab(NamedTuple):
    """Units and classes in printing order, each ending in 合计, and the value of every cell."""

    units: list[str]
    classes: list[str]
    cells: dict[Cell, Decimal | None]
    moved: list[tuple[Cell, Decimal, Decimal]]  # cell, own rounding, printed: so that sums agree

    def row(self, unit: str) -> list[Decimal | None]:
        """Give a unit's values.

        Parameters
        ----------
        unit : str
            One of the units, or 合计.

        Returns
        -------
        list of Decimal or None
            In the order of the classes; None is unknown.
        """
        return [self.cells.get((unit, land_class)) for land_class in self.classes]


def crosstab(summary: DataFrame, value: str, *, decimals: int = HA_DECIMALS) -> Crosstab:
    """Lay one value of the reconciliation out as the annex does.

    Parameters
    ----------
    summary : DataFrame
        Columns ``unit``, ``land_class`` and `value`, one row per cell (schema.SUMMARY); rows
        named 合计 are the totals.
    value : str
        Column to lay out, such as ``ledger_ha``; a missing column is all unknown.
    decimals : int, optional
        Decimals the values are rounded to, half-up.

    Returns
    -------
    Crosstab
        Official figures stand as printed, their sums too. Our own figures are settled by
        `landgis.model.units.close_table` where they do not end with the last decimal: cells, unit
        sums, class sums and total are each rounded up or down to a neighbour so that all of them
        agree and the total is the true one, rounded; ``moved`` lists what could not keep its own
        rounding. A sum is unknown where the table says so, or where nothing behind it is known. Where
        ``parcel_count`` is 0, our own figures are unknown too: a blank, as the annex prints it.

    Examples
    --------
    >>> import pandas
    >>> table = pandas.DataFrame(
    ...     {
    ...         "unit": ["灵山县", "灵山县"],
    ...         "land_class": ["批而未供", "低效"],
    ...         "ledger_ha": [351.0186, 76.11],
    ...     }
    ... )
    >>> [str(value) for value in crosstab(table, "ledger_ha").row("合计")]
    ['351.0186', '76.1100', '427.1286']
    """
    units = _in_order(str(unit) for unit in summary["unit"])
    met = _in_order(str(land_class) for land_class in summary["land_class"])
    classes = [name for name in LAND_CLASSES if name in met]
    classes += [name for name in met if name not in LAND_CLASSES]
    exact: dict[Cell, Decimal | None] = {}
    if value in summary.columns:
        empty = _without_parcels(summary) if value in OUR_VALUES else [False] * len(summary)
        for unit, land_class, number, nothing in zip(
            summary["unit"], summary["land_class"], summary[value], empty, strict=True
        ):
            exact[str(unit), str(land_class)] = None if nothing else _decimal(number)
    cells = {
        cell: None if figure is None else round_half_up(figure, decimals)
        for cell, figure in exact.items()
    }
    moved: list[tuple[Cell, Decimal, Decimal]] = []
    if value in OUR_VALUES and any(cells[cell] != figure for cell, figure in exact.items()):
        cells, moved = _settled(exact, units, classes, decimals)
    for unit in units:
        cells.setdefault((unit, TOTAL), _sum(cells.get((unit, name)) for name in classes))
    for name in [*classes, TOTAL]:
        cells.setdefault((TOTAL, name), _sum(cells.get((unit, name)) for unit in units))
    return Crosstab([*units, TOTAL], [*classes, TOTAL], cells, moved)


def _settled(
    exact: dict[Cell, Decimal | None], units: list[str], classes: list[str], decimals: int
) -> tuple[dict[Cell, Decimal | None], list[tuple[Cell, Decimal, Decimal]]]:
    """Round the whole table at once; a sum the table calls unknown stays unknown."""
    kinds = classes or [TOTAL]  # without classes there is one column, the sums of the units
    inner = [[exact.get((unit, name)) or Decimal(0) for name in kinds] for unit in units]
    closed = close_table([[float(figure) for figure in row] for row in inner], decimals)
    cells: dict[Cell, Decimal | None] = {(TOTAL, TOTAL): closed.total}
    for unit, row, total in zip(units, closed.cells, closed.rows, strict=True):
        cells |= {(unit, name): figure for name, figure in zip(kinds, row, strict=True)}
        cells[unit, TOTAL] = total
    cells |= {(TOTAL, name): sum_ for name, sum_ in zip(kinds, closed.columns, strict=True)}
    blank = {cell for cell in cells if exact.get(cell) is None and cell in exact}
    blank |= {(unit, name) for unit in units for name in classes if (unit, name) not in exact}
    for unit, name in set(cells) - exact.keys():
        behind = [
            (own, kind)
            for own in (units if unit == TOTAL else [unit])
            for kind in (classes if name == TOTAL else [name])
        ]
        blank |= {(unit, name)} if all(cell in blank for cell in behind) else set()
    places = [*units, TOTAL], [*kinds, TOTAL]
    moved = dict.fromkeys(
        ((places[0][-1 if i is None else i], places[1][-1 if j is None else j]), own, printed)
        for i, j, own, printed in closed.moved
    )
    return {cell: None if cell in blank else figure for cell, figure in cells.items()}, list(moved)


def differences(summary: DataFrame) -> Crosstab:
    """Set the ledger against the annex, cell by cell and total by total.

    Parameters
    ----------
    summary : DataFrame
        With ``ledger_ha`` and ``official_ha`` (schema.SUMMARY).

    Returns
    -------
    Crosstab
        Ledger minus annex. A blank counts as nothing where the other side has a figure; where
        both are blank, or no official figure is known at all, the difference is unknown.

    Examples
    --------
    >>> import pandas
    >>> table = pandas.DataFrame(
    ...     {"unit": ["甲"], "land_class": ["低效"], "ledger_ha": [2.0], "official_ha": [1.5]}
    ... )
    >>> str(differences(table).cells["甲", "合计"])
    '0.5000'
    """
    ledger, official = crosstab(summary, "ledger_ha"), crosstab(summary, "official_ha")
    known = official.cells[TOTAL, TOTAL] is not None
    cells: dict[Cell, Decimal | None] = {}
    for cell in ledger.cells.keys() | official.cells.keys():
        ours, theirs = ledger.cells.get(cell), official.cells.get(cell)
        neither = ours is None and theirs is None
        cells[cell] = (
            (ours or Decimal(0)) - (theirs or Decimal(0)) if known and not neither else None
        )
    return ledger._replace(cells=cells)


def count_ledger(parcels: DataFrame) -> DataFrame:
    """Sum ledger areas by unit and class where no reconciliation is at hand.

    Parameters
    ----------
    parcels : DataFrame
        With ``unit``, ``land_class`` and ``declared_ha``; without them the result is empty.

    Returns
    -------
    DataFrame
        ``unit``, ``land_class``, ``parcel_count``, ``ledger_ha`` (公顷, summed as whole square
        metres), for the annex's classes only.

    Examples
    --------
    >>> import pandas
    >>> facts = {"unit": ["甲", "甲"], "land_class": ["低效"] * 2, "declared_ha": [0.1, 0.2]}
    >>> count_ledger(pandas.DataFrame(facts)).to_dict("records")
    [{'unit': '甲', 'land_class': '低效', 'parcel_count': 2, 'ledger_ha': Decimal('0.3000')}]
    """
    import pandas as pd

    wanted = ["unit", "land_class", "declared_ha"]
    rows: dict[Cell, list[Decimal | None]] = {}
    if set(wanted) <= set(parcels.columns):
        stock = parcels[wanted]
        stock = stock[stock["land_class"].isin(LAND_CLASSES) & stock["unit"].notna()]
        for unit, land_class, area in stock.itertuples(index=False):
            rows.setdefault((str(unit), str(land_class)), []).append(_exact(area, HA_DECIMALS))
    records = [
        (unit, land_class, len(areas), _sum(areas)) for (unit, land_class), areas in rows.items()
    ]
    return pd.DataFrame(records, columns=["unit", "land_class", "parcel_count", "ledger_ha"])


def _in_order(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name != TOTAL]


def _without_parcels(summary: DataFrame) -> list[bool]:
    if "parcel_count" not in summary.columns:
        return [False] * len(summary)
    empty: list[bool] = (summary["parcel_count"].astype("float64") == 0).tolist()
    return empty


def _exact(number: Any, decimals: int) -> Decimal | None:
    figure = _decimal(number)
    return None if figure is None else round_half_up(figure, decimals)


def _decimal(number: Any) -> Decimal | None:
    import pandas as pd

    if pd.isna(number):
        return None
    return number if isinstance(number, Decimal) else Decimal(repr(float(number)))


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None

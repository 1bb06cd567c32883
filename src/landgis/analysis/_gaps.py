"""The gaps of a reconciliation while they are being explained; part of `reconciliation`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from landgis.model.units import HA_DECIMALS

if TYPE_CHECKING:
    from pandas import DataFrame

    Cell = tuple[str, str]  # unit and class
    Printed = dict[Cell, Decimal | None]  # 公顷 as printed; None is blank
    Row = dict[str, Any]

LEDGER, STATUTORY = "台账减官方", "椭球减台账"  # the accounts that rows belong to
ROUNDING_HA = Decimal("0.00005")  # a parcel rounded to four decimals is off by at most this
ZERO = Decimal(0)


def hectares(square_metres: int) -> Decimal:
    """Give whole square metres as 公顷 with the four decimals of a ledger."""
    return Decimal(int(square_metres)).scaleb(-HA_DECIMALS)


def row(cell: Cell, kind: str, message: str, **values: Any) -> Row:
    """Write one row of the differences."""
    unit, name = cell
    return {"unit": unit, "land_class": name, "kind": kind, "message": message} | values


def gap_row(cell: Cell, kind: str, message: str, gap: Decimal, **values: Any) -> Row:
    """Write one row that is a part of ledger minus official."""
    return row(cell, kind, message, account=LEDGER, difference_ha=float(gap), **values)


@dataclass(slots=True)
class Gaps:
    """Ledger minus official, cell by cell, less what has been explained."""

    official: Printed
    left: dict[Cell, Decimal]
    bound: dict[Cell, Decimal]  # what rounding alone may amount to
    stock: DataFrame = field(repr=False)

    def is_open(self, cell: Cell) -> bool:
        """Whether a cell differs by more than rounding."""
        return abs(self.left.get(cell, ZERO)) > self.bound.get(cell, ZERO)

    def take(self, effects: dict[Cell, Decimal]) -> None:
        """Take what has been explained out of the gaps."""
        for cell, amount in effects.items():
            self.left[cell] = self.left.get(cell, ZERO) - amount

    def differs(self, cell: Cell) -> bool:
        """Whether a cell differs at all."""
        return bool(self.left.get(cell))

    def closed_exactly(self, effects: dict[Cell, Decimal]) -> int:
        """Count the cells that would agree to the last decimal, less those that would no longer."""
        gaps = {cell: self.left.get(cell, ZERO) for cell in effects}
        return sum((gap != 0) - (gap != effects[cell]) for cell, gap in gaps.items())

    def closes_all(self, effects: dict[Cell, Decimal]) -> bool:
        """Whether every cell is open and would agree within rounding."""
        return all(
            self.is_open(cell) and abs(self.left[cell] - amount) <= self.bound.get(cell, ZERO)
            for cell, amount in effects.items()
        )


def find_gaps(stock: DataFrame, official: Printed, *, step_ha: Decimal) -> Gaps:
    """Set the ledger's sums against the official cells; a blank cell counts as nothing."""
    sums = stock.groupby(["unit", "land_class"])["declared_m2"].agg(["sum", "size"])
    ledger = {cell: hectares(total) for cell, total in sums["sum"].items()}
    count = {cell: int(size) for cell, size in sums["size"].items()}
    print_ha = step_ha / 2 if step_ha > 2 * ROUNDING_HA else ZERO
    cells = list(dict.fromkeys([*official, *ledger]))
    return Gaps(
        official=official,
        left={cell: ledger.get(cell, ZERO) - (official.get(cell) or ZERO) for cell in cells},
        bound={cell: ROUNDING_HA * count.get(cell, 0) + print_ha for cell in cells},
        stock=stock,
    )

"""Rounded figures whose sums come true, in a line and in a table; part of `units`."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landgis.model._rounding import exact_steps, floors, round_half_up, whole_steps
from landgis.model.errors import AccountError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Moved(NamedTuple):
    """One value that could not keep its own rounding, so that the sum comes true."""

    position: int
    own: Decimal
    settled: Decimal


class Closed(NamedTuple):
    """Rounded values that sum to the rounded total, and what was moved to get there."""

    values: list[Decimal]
    moved: list[Decimal]

    @property
    def log(self) -> list[Moved]:
        """List the values that were moved away from their own half-up rounding.

        Returns
        -------
        list of Moved
            Position from 0, own rounding, settled value; nothing else was touched.
        """
        return [
            Moved(position, value - step, value)
            for position, (value, step) in enumerate(zip(self.values, self.moved, strict=True))
            if step
        ]


def round_closing(values: ArrayLike, decimals: int, total: float | Decimal | None = None) -> Closed:
    """Round values so that they sum to the rounded total (largest remainder).

    Every value is first rounded down; the units of the last decimal that are then missing go to
    the largest remainders, ties to the larger value, then to the earlier row.

    Parameters
    ----------
    values : array_like
        Numbers to round, one dimension, finite; each is read by its shortest decimal form.
    decimals : int
        Decimals to keep, 0 to 15.
    total : float or Decimal or None, optional
        What they shall sum to after rounding; their own sum where None.

    Returns
    -------
    Closed
        `values` as Decimals that sum to the rounded total, and `moved`, the difference of each to
        its own half-up rounding; `.log` lists those that moved.

    Raises
    ------
    AccountError
        ``total_out_of_reach`` where the total differs from the sum by more than rounding can.

    Examples
    --------
    >>> closed = round_closing([33.335, 33.335, 33.33], 2, 100)
    >>> [str(value) for value in closed.values], [str(step) for step in closed.moved]
    (['33.34', '33.33', '33.33'], ['0.00', '-0.01', '0.00'])
    >>> closed.log
    [Moved(position=1, own=Decimal('33.34'), settled=Decimal('33.33'))]
    """
    numbers = np.asarray(values, dtype=np.float64)
    down = floors(numbers, decimals)
    remainders, noise = _remainders(numbers, down, decimals)
    if total is None:
        goal = _rounded_sum(numbers, decimals, down, remainders, noise)
    else:
        goal = int(round_half_up(total, decimals).scaleb(decimals))
    missing = goal - int(down.sum())
    if not 0 <= missing <= len(numbers):
        raise AccountError(
            "total_out_of_reach",
            f"{len(numbers)} values sum to {math.fsum(numbers)}, which rounding cannot bring to "
            f"{total}",
            hint="各分项之和与合计的差超出了取舍误差的范围，请先核对原始数字。",
        )
    settled = down.copy()
    settled[_largest(numbers, down, remainders, missing, noise, decimals)] += 1
    steps = settled - whole_steps(numbers, decimals)
    return Closed(
        [Decimal(value).scaleb(-decimals) for value in settled.tolist()],
        [Decimal(value).scaleb(-decimals) for value in steps.tolist()],
    )


FINER = 3  # more decimals, within which figures as people write them are whole numbers


def _remainders(
    numbers: NDArray[np.float64], down: NDArray[np.int64], decimals: int
) -> tuple[NDArray[np.float64], float]:
    """Give what rounding down leaves, and how far floats may have blurred it: not at all, mostly."""
    fine = whole_steps(numbers, decimals + FINER)
    if bool((fine / 10.0 ** (decimals + FINER) == numbers).all()):
        return (fine - down * 10**FINER) / 10.0**FINER, 0.0
    largest = float(np.abs(down).max(initial=0)) + 1.0
    return numbers * 10.0**decimals - down, 4.0 * float(np.finfo(np.float64).eps) * largest


def _rounded_sum(
    numbers: NDArray[np.float64],
    decimals: int,
    down: NDArray[np.int64],
    remainders: NDArray[np.float64],
    noise: float,
) -> int:
    """Round the sum half-up; in decimal only where it lies too near a half for floats to tell."""
    if noise == 0.0:
        rest = Decimal(int(np.rint(remainders * 10**FINER).sum())).scaleb(-FINER)
        return int(round_half_up(int(down.sum()) + rest, 0))
    near = math.fsum(remainders)
    if abs(near % 1.0 - 0.5) > noise * (len(numbers) + 1):
        return int(down.sum()) + math.floor(near + 0.5)
    return int(round_half_up(sum(exact_steps(value, decimals) for value in numbers), 0))


def _largest(
    numbers: NDArray[np.float64],
    down: NDArray[np.int64],
    remainders: NDArray[np.float64],
    count: int,
    noise: float,
    decimals: int,
) -> NDArray[np.int64]:
    """Choose the largest remainders; in decimal where floats cannot tell them apart."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    last = np.partition(remainders, len(numbers) - count)[len(numbers) - count]
    sure = np.flatnonzero(remainders > last + noise)
    level = np.flatnonzero(np.abs(remainders - last) <= noise)
    left = count - len(sure)
    if noise == 0.0:
        return np.concatenate([sure, level[np.argsort(-numbers[level], kind="stable")][:left]])
    keys = [
        (int(down[i]) - (exact := exact_steps(numbers[i], decimals)), -exact, i)
        for i in level.tolist()
    ]
    return np.concatenate([sure, np.array([i for *_, i in sorted(keys)[:left]], dtype=np.int64)])


class ClosedTable(NamedTuple):
    """A rounded two-way table whose rows and columns sum to its margins, and what was moved.

    `moved` lists cells as (row, column), margins with None for the direction they add over.
    """

    cells: list[list[Decimal]]
    rows: list[Decimal]
    columns: list[Decimal]
    total: Decimal
    moved: list[tuple[int | None, int | None, Decimal, Decimal]]


def close_table(cells: ArrayLike, decimals: int) -> ClosedTable:
    """Round a two-way table so that cells, row sums, column sums and total all agree.

    Parameters
    ----------
    cells : array_like
        Numbers, two dimensions, finite; each is read by its shortest decimal form.
    decimals : int
        Decimals to keep, 0 to 15.

    Returns
    -------
    ClosedTable
        Rounded `cells`, their `rows`, `columns` and `total`, and `moved`: row, column, own half-up
        rounding and settled value of everything that could not keep its own rounding.

    Notes
    -----
    Controlled rounding. The total is the true total, half-up. Every cell and every margin is
    rounded down or up to its neighbour, never farther; what is whole already stays. Such a table
    always exists, because the rule is a flow in a network whose bounds are whole numbers. Of all
    such tables the one is taken that moves the margins least, and then the cells, counted by the
    distance to the true figures; between equals a larger figure moves up first. Source:
    L. H. Cox and L. R. Ernst, *Controlled rounding*, INFOR 20 (1982).

    Examples
    --------
    >>> table = close_table([[0.4, 0.4], [0.4, 0.4]], 0)  # 0 everywhere would sum to 0, not 2
    >>> [[int(cell) for cell in row] for row in table.cells], int(table.total)
    ([[1, 0], [0, 1]], 2)
    """
    numbers = np.asarray(cells, dtype=np.float64)
    down = floors(numbers, decimals)
    exact = [[exact_steps(value, decimals) for value in row] for row in numbers]
    if numbers.size == 0:
        return ClosedTable([[] for _ in exact], [], [], Decimal(0).scaleb(-decimals), [])
    across = [sum(row, Decimal(0)) for row in exact]
    beside = [sum(column, Decimal(0)) for column in zip(*exact, strict=True)]
    total = int(round_half_up(sum(across, Decimal(0)), 0))
    settled = down + _raised(exact, across, beside, total)
    sums = settled.sum(axis=1).tolist(), settled.sum(axis=0).tolist()
    figures: list[tuple[int | None, int | None, Decimal, int]] = [
        (i, j, value, int(settled[i, j]))
        for i, row in enumerate(exact)
        for j, value in enumerate(row)
    ]
    figures += [(i, None, value, sums[0][i]) for i, value in enumerate(across)]
    figures += [(None, j, value, sums[1][j]) for j, value in enumerate(beside)]

    def printed(steps: int | Decimal) -> Decimal:
        return Decimal(int(steps)).scaleb(-decimals)

    return ClosedTable(
        [[printed(value) for value in row] for row in settled.tolist()],
        [printed(value) for value in sums[0]],
        [printed(value) for value in sums[1]],
        printed(total),
        [
            (i, j, printed(own), printed(value))
            for i, j, figure, value in figures
            if (own := round_half_up(figure, 0)) != value
        ],
    )


MARGIN_WEIGHT = 1_000.0  # a margin moves only where no choice of cells can spare it
LARGER_FIRST = 1e-4  # between equal remainders


def _raised(
    exact: list[list[Decimal]], across: list[Decimal], beside: list[Decimal], total: int
) -> NDArray[np.int64]:
    """Say which cells are rounded up: the cheapest flow through rows, cells and columns."""
    rows, columns = len(across), len(beside)
    from scipy.optimize import linprog

    figures = [*(value for row in exact for value in row), *across, *beside]
    down = np.array([math.floor(value) for value in figures])
    shares = np.array([float(value - math.floor(value)) for value in figures])
    rank = np.empty(len(figures))
    rank[sorted(range(len(figures)), key=lambda i: (-figures[i], i))] = np.arange(len(figures))
    costs = 1.0 - 2.0 * shares + LARGER_FIRST * rank / len(figures)
    costs[rows * columns :] *= MARGIN_WEIGHT
    balance = _balance(rows, columns)
    goal = np.zeros(len(balance))
    goal[-1] = total
    bounds = [(0, 1 if share else 0) for share in shares]
    flow = linprog(
        costs, A_eq=balance, b_eq=goal - balance @ down, bounds=bounds, method="highs-ds"
    )
    chosen: NDArray[np.int64] = np.rint(flow.x[: rows * columns]).astype(np.int64)
    return chosen.reshape(rows, columns)


def _balance(rows: int, columns: int) -> NDArray[np.float64]:
    """Write the sums that must come true: cells less row, cells less column; rows to the total."""
    count = rows * columns
    balance = np.zeros((rows + columns + 1, count + rows + columns))
    for i in range(rows):
        balance[i, i * columns : (i + 1) * columns] = 1
        balance[i, count + i] = -1
    for j in range(columns):
        balance[rows + j, j:count:columns] = 1
        balance[rows + j, count + rows + j] = -1
    balance[-1, count : count + rows] = 1
    return balance

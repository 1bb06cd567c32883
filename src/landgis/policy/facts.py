"""What is true of each row: trees of the rule language walked over whole columns.

Truth is a pair of boolean columns, so that *unknown* is neither (Kleene's strong logic). Numbers
carry a bound of their rounding error; a comparison that floating point cannot decide for sure is
decided in exact fractions of the decimals as written, so ``developed / should < 1/3`` is strict.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from landgis.model.errors import SchemaError
from landgis.policy import _calendar as calendar
from landgis.policy import _exactly
from landgis.policy.columns import EPSILON, Truth, Values, read_column, unknown_column
from landgis.policy.tree import (
    Arithmetic,
    AsOf,
    Call,
    Comparison,
    Constant,
    Field,
    FirstKnown,
    Junction,
    Known,
    Membership,
    Named,
    Negation,
    Node,
    children,
    fields,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.model.schema import Column
    from landgis.policy.columns import Mask

COMPARE = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
NOTHING = Constant(kind="number", value=Fraction(0))


class Facts:
    """The columns of one table, asked through expressions.

    Parameters
    ----------
    table : DataFrame
        Rows to judge; a column that is missing is unknown for every row.
    as_of : date
        The day for which the judgement is made.
    columns : mapping of str to Column
        What kind each column is of.
    """

    def __init__(self, table: DataFrame, *, as_of: dt.date, columns: Mapping[str, Column]) -> None:
        self.table = table
        self.size = len(table)
        self.as_of = np.datetime64(as_of, "D")
        self.columns = columns
        self._truths: dict[Node, Truth] = {}
        self._values: dict[Node | str, Values] = {}

    # ---- truth -----------------------------------------------------------------------------

    def truth(self, node: Node) -> Truth:
        """Walk a tree that gives true, false or unknown.

        Parameters
        ----------
        node : Node
            Root of a tree of kind truth.

        Returns
        -------
        Truth
            One truth per row.
        """
        if node not in self._truths:
            self._truths[node] = self._truth(node)
        return self._truths[node]

    def _truth(self, node: Node) -> Truth:  # noqa: C901, PLR0911 - one case per kind of node
        match node:
            case Constant(value=value):
                same = np.full(self.size, bool(value))
                return Truth(same, ~same)
            case Field():
                column = self.column(node.name)
                return Truth(column.known & column.data, column.known & ~column.data)
            case Named(part=part):
                return self.truth(part)
            case Negation(part=part):
                truth = self.truth(part)
                return Truth(truth.false, truth.true)
            case Junction(every=every, parts=parts):
                truths = [self.truth(part) for part in parts]
                true, false = [t.true for t in truths], [t.false for t in truths]
                if every:
                    return Truth(np.logical_and.reduce(true), np.logical_or.reduce(false))
                return Truth(np.logical_or.reduce(true), np.logical_and.reduce(false))
            case Known(part=part):
                known = self.known(part)
                return Truth(known, ~known)
            case FirstKnown(parts=parts):
                answer = self.truth(parts[0])
                for part in parts[1:]:
                    other, open_ = self.truth(part), answer.unknown
                    answer = Truth(
                        answer.true | open_ & other.true, answer.false | open_ & other.false
                    )
                return answer
            case Membership():
                return self._membership(node)
            case Comparison():
                return self._comparison(node)
        raise AssertionError(node)  # pragma: no cover - the parser lets nothing else pass

    def known(self, node: Node) -> Mask:
        """Say where a node has a value.

        Parameters
        ----------
        node : Node
            Root of any tree.

        Returns
        -------
        ndarray of bool
            True where it is known.
        """
        if node.kind == "truth":
            return ~self.truth(node).unknown
        return self.values(node).known

    def _membership(self, node: Membership) -> Truth:
        values = self.values(node.part)
        texts = values.texts if values.texts is not None else np.array([], dtype=object)
        if node.how == "in":
            fits = np.array([text in node.options for text in texts], dtype=bool)
        elif node.how == "starts_with":
            fits = np.array([text.startswith(node.options) for text in texts], dtype=bool)
        else:
            fits = np.array([any(o in text for o in node.options) for text in texts], dtype=bool)
        fits = np.append(fits, False)  # code -1, unknown
        inside: Mask = fits[values.data]
        return Truth(values.known & inside, values.known & ~inside)

    def _comparison(self, node: Comparison) -> Truth:
        left, right = self.values(node.left), self.values(node.right)
        known = left.known & right.known
        holds = COMPARE[node.op](left.data, right.data)
        if left.error is not None and right.error is not None and not _plain(node):
            doubt = known & ~(np.abs(left.data - right.data) > left.error + right.error)
            rows = np.flatnonzero(doubt)
            if len(rows):
                order = _exactly.order(self, node.left, node.right, rows)
                holds[rows] = COMPARE[node.op](order, 0)
        true: Mask = known & holds
        return Truth(true, known & ~holds)

    # ---- values ----------------------------------------------------------------------------

    def values(self, node: Node) -> Values:
        """Walk a tree that gives numbers, dates or texts.

        Parameters
        ----------
        node : Node
            Root of a tree of any kind but truth.

        Returns
        -------
        Values
            One value per row.
        """
        if node not in self._values:
            self._values[node] = self._compute(node)
        return self._values[node]

    def _compute(self, node: Node) -> Values:  # noqa: C901, PLR0911 - one case per kind of node
        match node:
            case Constant(value=value):
                return self._constant(value)
            case AsOf():
                return Values(self._everywhere(self.as_of), self._everywhere(True))  # noqa: FBT003
            case Field():
                return self.column(node.name)
            case Named(part=part):
                return self.values(part)
            case Arithmetic():
                return self._arithmetic(node)
            case FirstKnown(parts=parts):
                return self._first_known([self.values(part) for part in parts])
            case Call(name="years_after", parts=(date, years)):
                return calendar.years_after(self.values(date), self._whole(years))
            case Call(name="days_after", parts=(date, days)):
                return calendar.days_after(self.values(date), self.values(days))
            case Call(name="full_years", parts=(start, end)):
                return calendar.full_years(self.values(start), self.values(end))
            case Call(name="sum_by"):
                return self._sum_by(node)
            case Call(name="count_by", parts=(key,)):
                keys = self.values(key)
                counts = np.bincount(keys.data[keys.known], minlength=1).astype(np.float64)
                data = np.where(keys.known, counts[keys.data], 0.0)
                return Values(data, keys.known, np.zeros(self.size))
        raise AssertionError(node)  # pragma: no cover - the parser lets nothing else pass

    def _constant(self, value: object) -> Values:
        known = self._everywhere(True)  # noqa: FBT003 - the value of every row
        if isinstance(value, Fraction):
            number = float(value)
            return Values(self._everywhere(number), known, self._everywhere(abs(number) * EPSILON))
        if isinstance(value, str):
            return Values(
                self._everywhere(np.intp(0)), known, texts=np.array([value], dtype=object)
            )
        return Values(self._everywhere(np.datetime64(value, "D")), known)  # type: ignore[call-overload]

    def _everywhere(self, value: object) -> NDArray[Any]:
        """Give one value for every row, without room for each."""
        return np.broadcast_to(np.asarray(value), self.size)

    def _arithmetic(self, node: Arithmetic) -> Values:
        left, right = self.values(node.left), self.values(node.right)
        a, b, known = left.data, right.data, left.known & right.known
        ea, eb = _error(left), _error(right)
        with np.errstate(all="ignore"):
            if node.op == "+":
                data, error = a + b, ea + eb
            elif node.op == "-":
                data, error = a - b, ea + eb
            elif node.op == "*":
                data, error = a * b, np.abs(a) * eb + np.abs(b) * ea + ea * eb
            else:
                known = known & ~self._zero(node.right, right)
                data = a / np.where(known, b, 1.0)
                error = (ea + np.abs(data) * eb) / np.maximum(np.abs(b) - eb, 0.0)
            error = error + np.abs(data) * EPSILON
        return Values(np.where(known, data, 0.0), known, np.where(known, error, 0.0))

    def _zero(self, node: Node, values: Values) -> Mask:
        """Say where a divisor is zero; exactly, where rounding leaves that in doubt."""
        zero: Mask = values.known & (np.abs(values.data) <= _error(values))
        rows = np.flatnonzero(zero)
        if len(rows) and not _leaf(node):
            zero[rows] = _exactly.order(self, node, NOTHING, rows) == 0
        return zero

    def _first_known(self, choices: list[Values]) -> Values:
        data, known, error, texts = choices[0]
        for other in choices[1:]:
            take = ~known & other.known
            if texts is not None and other.texts is not None:
                data = np.where(take, other.data + len(texts), data)
                texts = np.concatenate([texts, other.texts])
            else:
                data = np.where(take, other.data, data)
            if error is not None and other.error is not None:
                error = np.where(take, other.error, error)
            known = known | take
        if texts is not None:
            data = np.where(known, data, -1)
        return Values(data, known, error, texts)

    @staticmethod
    def _whole(node: Node) -> int:
        while isinstance(node, Named):
            node = node.part
        assert isinstance(node, Constant)  # noqa: S101 - checked by the parser
        return int(node.value)  # type: ignore[arg-type]

    def _sum_by(self, node: Call) -> Values:
        """Sum over the rows of one key; unknown where any of them is unknown."""
        numbers, keys = self.values(node.parts[0]), self.values(node.parts[1])
        rows = keys.known
        codes, groups = keys.data[rows], max(1, len(keys.texts if keys.texts is not None else ()))

        def total(weights: NDArray[np.float64]) -> NDArray[np.float64]:
            sums = np.bincount(codes, weights=weights[rows], minlength=groups)
            return np.where(rows, sums[keys.data], 0.0)

        size = total(np.ones(self.size))
        magnitude = total(np.abs(numbers.data))
        error = total(_error(numbers)) + magnitude * EPSILON * size
        known = rows & (total((~numbers.known).astype(np.float64)) == 0)
        return Values(total(numbers.data), known, error)

    # ---- columns ---------------------------------------------------------------------------

    def column(self, name: str) -> Values:
        """Give one column of the table; unknown throughout where the table has none.

        Parameters
        ----------
        name : str
            Name of the column.

        Returns
        -------
        Values
            One value per row.

        Raises
        ------
        SchemaError
            ``column_kind`` where it holds something else than its kind.
        """
        if name not in self._values:
            column = self.columns[name]
            if name not in self.table.columns:
                self._values[name] = unknown_column(self.size, column.kind)
                return self._values[name]
            try:
                self._values[name] = read_column(self.table[name], column.kind)
            except (ValueError, TypeError) as error:
                raise SchemaError(
                    "column_kind",
                    f"column {name} does not hold {column.kind}: {error}",
                    hint=f"字段 {name}（{column.label}）的内容类型不对，请先订正原始数据。",
                ) from None
        return self._values[name]

    # ---- what is missing -------------------------------------------------------------------

    def missing(self, node: Node) -> dict[str, Mask]:
        """Say which columns keep a tree unknown, row by row.

        Only parts that are themselves unknown count: where one side of an ``and`` is already
        true, the columns of that side decide nothing more.

        Parameters
        ----------
        node : Node
            Root of any tree.

        Returns
        -------
        dict of str to ndarray of bool
            Per column the rows in which its value is wanted.
        """
        found: dict[str, Mask] = {}
        self._blame(node, ~self.known(node), found)
        return found

    def _blame(self, node: Node, rows: Mask, found: dict[str, Mask]) -> None:
        rows = rows & ~self.known(node)
        if not rows.any():
            return
        if isinstance(node, Field):
            found[node.name] = found.get(node.name, np.zeros(self.size, dtype=bool)) | rows
            return
        parts = children(node)
        for part in parts:
            self._blame(part, rows, found)
        if isinstance(node, Arithmetic) and node.op == "/":
            zero = rows & self.known(node.left) & self.known(node.right)
            for name in fields(node.right):
                if zero.any():
                    found[name] = found.get(name, np.zeros(self.size, dtype=bool)) | zero


def _error(values: Values) -> NDArray[np.float64]:
    """Give the error bound that every number carries."""
    return np.zeros(len(values.known)) if values.error is None else values.error


def _plain(node: Comparison) -> bool:
    """Whether floats decide for sure: reading a decimal as a float keeps the order of decimals."""
    return all(_leaf(side) for side in (node.left, node.right))


def _leaf(node: Node) -> bool:
    while isinstance(node, Named):
        node = node.part
    if isinstance(node, Constant):
        return (
            not isinstance(node.value, Fraction)
            or Fraction(Decimal(repr(float(node.value)))) == node.value
        )
    return isinstance(node, Field)

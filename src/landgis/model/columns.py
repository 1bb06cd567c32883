"""What a column and a table are: name, kind, unit, Chinese label, codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "integer", "date", "truth", "geometry"]

DTYPES: dict[Kind, str] = {
    "text": "str",
    "number": "float64",
    "integer": "Int64",
    "date": "datetime64[ms]",
    "truth": "boolean",  # nullable: true, false, unknown
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in memory, its kind, and what planners and ministries call it."""

    name: str
    label: str
    kind: Kind = "text"
    unit: str = ""
    codes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    required: bool = False
    made_by: str = ""
    decimals: int | None = None  # where it prints more than its unit usually does
    short: str = ""  # our field in a shapefile where the ministry has none: initials of the label
    words: tuple[str, ...] = ()  # what a planner reads for each of `values`, where they differ

    @property
    def heading(self) -> str:
        """Name the column in Chinese with its unit, as it stands in a ledger.

        Returns
        -------
        str
            Such as ``地块面积（公顷）``.
        """
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    def word(self, value: str) -> str:
        """Say one of the column's values to a planner.

        Parameters
        ----------
        value : str
            As it stands in memory.

        Returns
        -------
        str
            The Chinese word, or the value itself where it needs none.

        Examples
        --------
        >>> Column("kind", "关系", values=("shared",), words=("共边",)).word("shared")
        '共边'
        """
        return dict(zip(self.values, self.words, strict=False)).get(value, value)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, its Chinese label, its index column where it has one, its columns."""

    name: str
    label: str
    index: str | None
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Give the column of that name; KeyError where the table has none.

        Parameters
        ----------
        name : str
            Canonical name.

        Returns
        -------
        Column
            The column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def labels(self) -> dict[str, str]:
        """Give the Chinese heading of every column.

        Returns
        -------
        dict of str to str
            Heading by canonical name.
        """
        return {column.name: column.heading for column in self.columns}

    def names_met(self) -> dict[str, str]:
        """Give the canonical name for every name a column may bear in a file.

        Returns
        -------
        dict of str to str
            Canonical name by the name met, in upper case.
        """
        met: dict[str, str] = {}
        for column in self.columns:
            for name in (
                *(column.name, column.label, column.heading),
                *(*column.codes, *column.aliases, column.short),
            ):
                if name:
                    met.setdefault(name.upper(), column.name)
        return met

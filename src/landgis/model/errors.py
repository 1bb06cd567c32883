"""What can go wrong in a call: one family of exceptions, each with a code and a mend.

Trouble in the data is a finding (a row of a table); trouble in the call is one of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path


class LandgisError(Exception):
    """Say what went wrong, where, and how to mend it.

    Parameters
    ----------
    code : str
        Stable short name in snake_case that scripts may test.
    message : str
        English sentence: what happened and where.
    hint : str
        Chinese sentence that names the mend.
    file : str or Path or None, optional
        File the trouble stands in.
    row : int or None, optional
        Row in that file, counted from 1.
    parcel : str or None, optional
        ``parcel_id`` concerned.

    Examples
    --------
    >>> error = SourceError("file_missing", "no such file", hint="请检查路径。", file="a.gpkg")
    >>> str(error)
    'no such file (a.gpkg) [file_missing]'
    """

    exit_code: ClassVar[int] = 3

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str,
        file: str | Path | None = None,
        row: int | None = None,
        parcel: str | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.file = None if file is None else str(file)
        self.row = row
        self.parcel = parcel
        place = ", ".join(
            text
            for text in (
                self.file,
                None if row is None else f"row {row}",
                None if parcel is None else f"parcel {parcel}",
            )
            if text
        )
        super().__init__(f"{message}{f' ({place})' if place else ''} [{code}]")


class UsageError(LandgisError):
    """The call itself is wrong: an argument out of range, options that exclude each other."""

    exit_code = 2


class ProjectError(UsageError):
    """The project file landgis.toml cannot be understood."""


class PolicyError(UsageError):
    """A policy file cannot be understood."""


class DataError(LandgisError):
    """The data do not pass: the work cannot go on without a wrong figure."""

    exit_code = 1


class SchemaError(DataError):
    """A table lacks a column, or a column holds something else than its kind."""


class CrsError(DataError):
    """The coordinate system is missing, unsuitable, or cannot be related to another."""


class AccountError(DataError):
    """An account of areas does not close within its tolerance."""


class SourceError(LandgisError):
    """A file or layer cannot be read."""


class OutputError(LandgisError):
    """A file or folder cannot be written."""

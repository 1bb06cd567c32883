"""The attribute table of a shapefile, byte by byte: what drivers do not tell or cannot read."""

from __future__ import annotations

import codecs
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE_BYTES = 1 << 24  # of a .dbf, enough to judge its encoding by and quick to read
LANGUAGE_BYTE = 29  # where the language driver id stands
_BLOCK = 32  # bytes of the file header, and of each field descriptor
_NAME = 11  # bytes of a field name, the last a zero
_FOREIGN = 0x80  # bytes from here on are no ASCII
_END = 0x0D  # ends the field descriptors


class Text(NamedTuple):
    """A field name or a value, and whether it fills its field, so that its end may be cut."""

    raw: bytes
    full: bool


class _Field(NamedTuple):
    start: int
    name: bytes
    kind: bytes
    offset: int
    width: int


def side_file(path: Path, suffix: str) -> Path | None:
    """Find a file of the same name with another suffix, whatever its case.

    Parameters
    ----------
    path : Path
        Such as ``a.shp``.
    suffix : str
        Such as ``.dbf``.

    Returns
    -------
    Path or None
        None where there is none.
    """
    for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if candidate.is_file():
            return candidate
    return None


def foreign_texts(data: bytes) -> list[Text]:
    """Give every field name and text value that is not plain ASCII.

    Parameters
    ----------
    data : bytes
        A ``.dbf``, or its beginning.

    Returns
    -------
    list of Text
        Names first.
    """
    header_size, record_size = (int.from_bytes(data[i : i + 2], "little") for i in (8, 10))
    fields = _fields(data)
    texts = [Text(field.name, len(field.name) == _NAME - 1) for field in fields]
    columns = [field for field in fields if field.kind == b"C"]
    if record_size:
        for start in range(header_size, len(data) - record_size + 1, record_size):
            for field in columns:
                first = start + field.offset
                raw = data[first : first + field.width].rstrip(b" \0")
                texts.append(Text(raw, len(raw) == field.width))
    return [text for text in texts if not text.raw.isascii()]


@contextlib.contextmanager
def whole_texts(path: Path, encoding: str) -> Iterator[Path]:
    """Give a shapefile in which no writer has cut a name or text inside a character.

    Parameters
    ----------
    path : Path
        The ``.shp`` file.
    encoding : str
        Encoding of its characters.

    Yields
    ------
    Path
        The same file where all is whole; else a temporary copy without the cut rests of
        characters, for drivers refuse to read them.
    """
    table = side_file(path, ".dbf")
    cuts = [] if table is None else _cuts(table, encoding)
    if table is None or not cuts:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="landgis-") as folder:
        for file in path.parent.glob("*"):
            if file.stem == path.stem and file.is_file():
                shutil.copyfile(file, Path(folder) / file.name)
        with (Path(folder) / table.name).open("r+b") as copy:
            for start, whole in cuts:
                copy.seek(start)
                copy.write(whole)
        yield Path(folder) / path.name


def _cuts(table: Path, encoding: str) -> list[tuple[int, bytes]]:
    """Give where each cut name or text starts, and what is whole of it, padded as before."""
    data = np.memmap(table, dtype=np.uint8, mode="r")
    head = bytes(data[: int.from_bytes(bytes(data[8:10]), "little")])
    record_size = int.from_bytes(head[10:12], "little")
    cuts = []
    for field in _fields(head):
        whole = _whole(field.name, encoding)
        if whole != field.name:
            cuts.append((field.start, whole.ljust(_NAME, b"\0")))
    if not record_size:
        return cuts
    rows = (len(data) - len(head)) // record_size
    records = data[len(head) : len(head) + rows * record_size].reshape(rows, record_size)
    for field in _fields(head):
        if field.kind != b"C" or not field.width:
            continue
        ends = records[:, field.offset + field.width - 1]
        for row in np.flatnonzero(ends >= _FOREIGN).tolist():
            start = len(head) + row * record_size + field.offset
            raw = bytes(data[start : start + field.width])
            whole = _whole(raw, encoding)
            if whole != raw:
                cuts.append((start, whole.ljust(field.width)))
    return cuts


def _whole(raw: bytes, encoding: str) -> bytes:
    """Give a text without the bytes of a character that does not end; as it is if others fail."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        decoder.decode(raw, final=False)
    except UnicodeDecodeError:
        return raw
    pending = decoder.getstate()[0]
    return raw[: len(raw) - len(pending)]


def _fields(data: bytes) -> list[_Field]:
    fields, offset = [], 1  # a record starts with its deletion mark
    for start in range(_BLOCK, int.from_bytes(data[8:10], "little") - 1, _BLOCK):
        raw = data[start : start + _BLOCK]
        if len(raw) < _BLOCK or raw[0] == _END:
            break
        kind = raw[_NAME : _NAME + 1]
        # texts wider than 255 keep the high byte of their width where numbers keep decimals
        width = raw[16] + (raw[17] << 8 if kind == b"C" else 0)
        fields.append(_Field(start, raw[:_NAME].split(b"\0")[0], kind, offset, width))
        offset += width
    return fields

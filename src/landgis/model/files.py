"""Files that are complete or absent: written under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from landgis.model.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def complete_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write to, and rename it to `path` when all went well.

    The temporary file keeps the suffix, so that drivers who choose a format by name are content,
    and lies in a folder of its own beside the target, so that side files (``-wal``, ``-journal``)
    go with it when the work fails.

    Parameters
    ----------
    path : str or Path
        The file that shall exist, complete, afterwards. Its folder is made where missing.

    Yields
    ------
    Path
        The temporary path to write to.

    Raises
    ------
    OutputError
        ``output_unwritable`` where the folder or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with complete_file(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("done", encoding="utf-8")
    >>> [file.name for file in folder.iterdir()]
    ['a.txt']
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        workplace = Path(tempfile.mkdtemp(prefix=".landgis-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        temporary = workplace / target.name
        try:
            yield temporary
            os.replace(temporary, target)  # noqa: PTH105 - atomic, and over an existing file
        except OSError as error:
            raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _unwritable(target: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(
        "output_unwritable",
        f"cannot write: {reason}",
        hint=f"无法写入“{target}”：请检查文件夹是否存在、是否有写权限、文件是否正被其他程序打开。",
        file=target,
    )

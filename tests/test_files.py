"""Files that are complete or absent.

Cases: a file written; folders made; an earlier file replaced; work that fails half-way leaves the
earlier file and no other; side files go with it; a target that cannot be written; a killed process
leaves no half file under the target's name.
"""

import subprocess
import sys

import pytest

from landgis.model.errors import OutputError
from landgis.model.files import complete_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_written_and_replaced(tmp_path):
    target = tmp_path / "deep" / "a.txt"
    for text in ("first", "second"):
        with complete_file(target) as temporary:
            temporary.write_text(text, encoding="utf-8")
            assert temporary.suffix == ".txt"
        assert target.read_text(encoding="utf-8") == text
    assert names(target.parent) == ["a.txt"]


def test_failure_leaves_what_was_there(tmp_path):
    target = tmp_path / "a.gpkg"
    target.write_text("earlier", encoding="utf-8")

    def fail_half_way():
        with complete_file(target) as temporary:
            temporary.write_text("half", encoding="utf-8")
            temporary.with_name("a.gpkg-journal").write_text("side", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert names(tmp_path) == ["a.gpkg"]
    assert target.read_text(encoding="utf-8") == "earlier"


def test_unwritable(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with (
        pytest.raises(OutputError, match="output_unwritable") as caught,
        complete_file(tmp_path / "file" / "a.txt"),
    ):
        pass
    assert "无法写入" in caught.value.hint


def test_killed_process(tmp_path):
    target = tmp_path / "a.txt"
    program = (
        "import os, sys\n"
        "from landgis.model.files import complete_file\n"
        "with complete_file(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(target)], check=False)
    assert done.returncode == 9
    assert not target.exists()

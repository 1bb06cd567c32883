"""The generated pages are up to date, and what the pages point to exists.

Cases: the generated pages equal what the code says; every relative link of every page leads
somewhere; every page of docs is in the index; every column of the glossary exists.
"""

import re
import runpy
from pathlib import Path

import pytest

from landgis.model import schema
from landgis.policy._shapes import SHAPES
from landgis.policy.language import RESERVED

ROOT = Path(__file__).parent.parent
GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*DOCS, ROOT / "README.md", ROOT / "README.zh-CN.md"]


@pytest.mark.parametrize("name", GENERATE["PAGES"])
def test_generated_page_is_up_to_date(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == GENERATE["PAGES"][name](), "run: python docs/generate.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target


def test_every_page_is_in_the_index():
    index = ROOT / "docs" / "README.md"
    listed = set(re.findall(r"\]\(([^)]+)\)", index.read_text(encoding="utf-8")))
    assert listed == {page.relative_to(index.parent).as_posix() for page in DOCS if page != index}


def test_the_page_on_policies_names_every_table_key_and_function():
    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    for word in RESERVED - {"date"}:
        assert f"`{word}" in text or f" `{word}(" in text, word
    for shape in set(SHAPES) - {"target", "progress", "policy"}:
        for key in SHAPES[shape]:
            assert f"`{key}`" in text, (shape, key)


def test_columns_of_the_glossary_exist():
    known = {column.name for table in schema.TABLES.values() for column in table.columns}
    rows = re.findall(
        r"^\|[^|]+\|[^|]+\|([^|]+)\|[^|]+\|$",
        (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    named = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    assert len(named) > 30
    assert named <= known

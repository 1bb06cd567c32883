"""landgis.toml as a typed, frozen record.

Cases: the smallest file; every fault at once with line and mend; syntax; a missing file; a missing
input; an annex without units; the record is frozen; every documented example is a legal value.
"""

import pytest
from pydantic import TypeAdapter, ValidationError

from landgis.model.errors import ProjectError
from landgis.project import Project, read_project, sections

SMALLEST = """
[project]
title = "测试"
as_of = 2020-12-31

[parcels]
file = "parcels.gpkg"
"""


def write(tmp_path, text, *inputs):
    file = tmp_path / "landgis.toml"
    file.write_text(text, encoding="utf-8")
    for name in inputs:
        (tmp_path / name).write_bytes(b"")
    return file


def refused(tmp_path, text, *inputs):
    with pytest.raises(ProjectError) as caught:
        read_project(write(tmp_path, text, *inputs))
    return caught.value


def test_smallest(tmp_path):
    project = read_project(write(tmp_path, SMALLEST, "parcels.gpkg").parent)
    assert project.project.as_of.isoformat() == "2020-12-31"
    assert project.path("parcels.gpkg") == tmp_path.resolve() / "parcels.gpkg"
    assert list(project.files()) == [tmp_path.resolve() / "parcels.gpkg"]
    with pytest.raises(ValidationError):
        project.policy = "other"


def test_every_fault_at_once(tmp_path):
    text = (
        SMALLEST
        + '[clusters]\ngap = 20\nmin_area_m2 = "large"\ngap_m = -1\n[maps]\nscheme = "magic"\n'
    )
    error = refused(tmp_path, text, "parcels.gpkg")
    assert error.code == "project_invalid"
    assert error.exit_code == 2
    assert "4 处" in error.hint
    assert "第 9 行 clusters.gap：没有这个键，是否想写 gap_m" in error.hint
    assert "第 10 行 clusters.min_area_m2：应为数字，现为 'large'" in error.hint
    assert "第 11 行 clusters.gap_m：应不小于 0" in error.hint
    assert "第 13 行 maps.scheme：应为 'natural', 'quantile' 或 'equal'" in error.hint


def test_fault_in_the_second_of_two_zones(tmp_path):
    text = SMALLEST + '[[zones]]\nfile = "a.gpkg"\n[[zones]]\nfile = "b.gpkg"\ninside = "随意"\n'
    hint = refused(tmp_path, text, "parcels.gpkg").hint
    assert "第 12 行 zones.1.inside：应为 '禁止', '限制', '需调整' 或 '符合'" in hint


def test_unknown_section_and_missing_ones(tmp_path):
    hint = refused(tmp_path, "[cluster]\ngap_m = 3\n").hint
    assert "cluster：没有这个键，是否想写 clusters" in hint
    assert "缺少必填的部分 [project]" in hint


@pytest.mark.parametrize(
    ("text", "code"),
    [("[project\n", "project_syntax"), (SMALLEST, "input_missing")],
)
def test_other_refusals(tmp_path, text, code):
    assert refused(tmp_path, text).code == code


def test_no_project_file(tmp_path):
    with pytest.raises(ProjectError, match="project_missing"):
        read_project(tmp_path)


def test_not_utf8(tmp_path):
    (tmp_path / "landgis.toml").write_bytes("title = '测试'".encode("gb18030"))
    with pytest.raises(ProjectError, match="project_encoding"):
        read_project(tmp_path)


def test_annex_needs_units(tmp_path):
    text = SMALLEST + '[annex]\nfile = "annex.csv"\n'
    assert "必须有 [units]" in refused(tmp_path, text, "parcels.gpkg", "annex.csv").hint


def test_every_example_is_a_legal_value():
    checked = 0
    for name, kind, record in sections():
        fields = {name: Project.model_fields[name]} if kind == "key" else record.model_fields
        for field in fields.values():
            assert field.description
            (example,) = field.examples
            annotation = TypeAdapter(field.rebuild_annotation())
            annotation.validate_python(example)
            checked += 1
    assert checked > 30

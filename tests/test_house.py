"""The house stands: imports go down, importing is cheap, public names are documented.

Cases: every import against the floors; rooms on one floor apart; forbidden room names; modules and
functions of readable size; `import landgis` loads nothing heavy; the public verbs exist, are
documented and carry an example; the environment file agrees with pyproject; no path of a machine.
"""

import ast
import functools
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import landgis

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "landgis"
MODULES = sorted(PACKAGE.rglob("*.py"))

# lower floors first; rooms of one floor do not know each other
FLOORS = [
    {"model"},
    {"formats", "policy", "reports"},
    {"analysis"},
    {"scale"},
    {"_project_faults", "_guesses"},
    {"project"},
    {"intake", "manifest", "folder", "renewal"},
    {"delivery"},
    {"pipeline"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
SAMPLE_MAY_IMPORT = {"model", "formats", "policy"}
RULER = "analysis.area"
MAX_MODULE_LINES = 450
MAX_FUNCTION_LINES = 70
BAD_ROOM_NAMES = {"utils", "util", "helpers", "common", "core", "base", "misc"}


def dotted(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def imported_modules(path):
    """Every landgis module a file imports, dotted below ``landgis``, late imports included."""
    known = {dotted(module) for module in MODULES}
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("landgis"):
            base = node.module.removeprefix("landgis").removeprefix(".")
            for alias in node.names:
                full = f"{base}.{alias.name}".lstrip(".")
                found.add(full if full in known else base)
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.removeprefix("landgis").removeprefix(".")
                for alias in node.names
                if alias.name.split(".")[0] == "landgis"
            }
    return frozenset(found - {""})


def allowed(importer, imported):
    own, other = importer.split(".")[0], imported.split(".")[0]
    if importer == "":
        return True  # the face resolves the verbs late
    if own == "sample":
        return other == "sample" or other in SAMPLE_MAY_IMPORT or imported == RULER
    if other == "sample":
        return own == "cli"
    if own == other == "analysis":
        is_ruler = RULER in owners_of(imported)  # its parts are the ruler too
        return imported == "analysis" or is_ruler or _is_own_part(importer, imported)
    if own == other:
        return True
    return LEVEL[other] < LEVEL[own]


def _is_own_part(importer, imported):
    """A module whose name begins with _ is part of one public module, and knows its sibling parts."""
    owners = owners_of(imported)
    return len(owners) == 1 and owners == (
        {importer} if is_public(importer) else owners_of(importer)
    )


def is_public(module):
    return not module.split(".")[-1].startswith("_")


def owners_of(part):
    """Public modules that import a private part, directly or through its sibling parts."""
    if is_public(part):
        return {part}
    owners, seen, front = set(), {part}, {part}
    while front:
        importers = {dotted(path) for path in MODULES if imported_modules(path) & front} - seen
        owners |= {module for module in importers if is_public(module)}
        front = {module for module in importers if not is_public(module)}
        seen |= importers
    return owners


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_go_down(path):
    importer = dotted(path)
    wrong = [name for name in sorted(imported_modules(path)) if not allowed(importer, name)]
    assert not wrong, f"{importer or 'landgis'} must not import {wrong}"


def test_the_law_can_fail():
    assert not allowed("model.crs", "analysis.area")
    assert not allowed("reports.sheet", "formats.vector")
    assert not allowed("analysis.clusters", "analysis.overlay")
    assert not allowed("pipeline", "cli")
    assert allowed("analysis.clusters", "analysis.area")


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_rooms_are_named_and_sized_for_reading(path):
    assert not BAD_ROOM_NAMES & set(dotted(path).split("."))
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (node.end_lineno - body[0].lineno + 1) if body else 0
            assert lines <= MAX_FUNCTION_LINES, f"{node.name}: {lines} lines"


def test_importing_landgis_is_cheap():
    probe = "import sys, landgis; print(sorted(set(sys.modules) & set(sys.argv[1].split())))"
    heavy = "numpy pandas geopandas shapely matplotlib numba rasterio fiona folium typer pydantic"
    done = subprocess.run(
        [sys.executable, "-c", probe, heavy], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("verb", landgis.__all__)
def test_public_verbs_are_documented(verb):
    function = getattr(landgis, verb)
    text = inspect.getdoc(function) or ""
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"{section}\n---" in text, f"landgis.{verb} has no {section}"
    parameters = list(inspect.signature(function).parameters.values())
    positional = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert len(positional) <= 2, "table first, the rest keyword-only"


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="frobnicate"):
        landgis.frobnicate  # noqa: B018 - the access is the test


def test_environment_agrees_with_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = set(project["dependencies"])
    for extra in ("test", "notebook"):
        wanted |= set(project["optional-dependencies"][extra])
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    conda_names = {"matplotlib-base": "matplotlib", "python-calamine": "python-calamine"}
    listed = {}
    for entry in [*conda, *pip]:
        if "=" in entry and not entry.startswith("python="):
            name, version = re.split(r"=+", entry, maxsplit=1)
            listed[conda_names.get(name, name)] = version
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    )
    pins = {name.lower(): version.split(" ")[0] for name, version in pins.items()}
    expected = {re.split(r"[>=<]", entry)[0] for entry in wanted}
    assert set(listed) == expected
    assert {name: pins[name] for name in expected} == listed


def test_no_path_of_a_machine_is_committed():
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    home = re.compile(r"/(?:root|home/\w+|work)/")
    for name in names:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".txt", ".ipynb", ".json"}:
            if path == Path(__file__) or not path.exists():
                continue
            assert not home.search(path.read_text(encoding="utf-8")), name


# -- one way to convert and to round

ROUNDING_ROOM = {"model.units", "model._rounding", "model._closing"}
AREA_FACTORS = {15, 10_000, 1_000_000, 0.0001, 1e-6, 666.67, 666.6667, 0.0667, 6666.67}
AREA_NAMES = {"M2_PER_HA", "MU_PER_HA", "M2_PER_MU", "HA_PER_MU"}
ROUNDERS = {"round", "around", "rint", "quantize", "round_", "trunc"}
FIXED = re.compile(r"\.\d*[f%]$")
# what is no figure of area: where, and what is rounded there
NO_FIGURE_OF_AREA = {
    (
        "analysis._bit_rules",
        "longitude_latitude",
    ): "coordinates, as inspection software rounds them",
    ("analysis._counting", "_on_ground"): "a threshold in whole square decimetres",
    ("analysis._counting", "read_register"): "hectares as printed, before they become whole",
    ("analysis.area", "_ring_sums"): "turns round the earth",
    ("analysis.area", "areal_scale"): "turns round the earth",
    ("formats.boundary_systems", "_zone"): "the number of a zone",
    ("formats.coordinate_writing", "_parcels"): "coordinates of a boundary file",
    ("formats.coordinate_writing", "write_coordinates"): "the precision a boundary file states",
    ("model.crs", "metric_crs"): "the number of a zone",
    ("policy._exactly", "_whole"): "decimals of any kind as whole numbers, exactly",
    ("pipeline", "step"): "seconds in the manifest",
    ("reports._classes", "roundest"): "round breaks of a legend",
    ("reports._detail", "lighter"): "channels of a colour",
    ("reports._map", "_round_up"): "breaks of an axis",
    ("reports._map", "scale"): "the scale of a map",
    ("reports.style", "_between"): "channels of a colour",
    ("reports.web_geometry", "_steps"): "coordinates on the grid of the page",
}
ACCOUNTS = {
    ("analysis.overlay", "occupied"): "square decimetres of the account, by our own constants"
}


def enclosing_functions(tree):
    """Every node with the innermost function it stands in."""
    stack = [(tree, "")]
    while stack:
        node, function = stack.pop()
        if isinstance(node, ast.FunctionDef):
            function = node.name
        yield node, function
        stack += [(child, function) for child in ast.iter_child_nodes(node)]


def own_conversions(tree):
    """Multiplications and divisions by a factor between units of area, as (function, line)."""
    for node, function in enclosing_functions(tree):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div)):
            continue
        for side in (node.left, node.right):
            factor = isinstance(side, ast.Constant) and side.value in AREA_FACTORS
            named = (
                isinstance(side, ast.Name | ast.Attribute)
                and (getattr(side, "id", None) or getattr(side, "attr", None)) in AREA_NAMES
            )
            if factor or named:
                yield function, node.lineno


def own_roundings(tree):
    """Calls and formats that round by themselves, as (function, line)."""
    for node, function in enclosing_functions(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            if name in ROUNDERS:
                yield function, node.lineno
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = "".join(
                str(part.value)
                for part in node.format_spec.values
                if isinstance(part, ast.Constant)
            )
            if FIXED.search(spec):
                yield function, node.lineno


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_areas_are_converted_in_one_place(path):
    if dotted(path) not in ROUNDING_ROOM:
        found = [
            (function, line)
            for function, line in own_conversions(parse(path))
            if (dotted(path), function) not in ACCOUNTS
        ]
        assert not found, f"use model.units.convert or ratio: {found}"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_figures_are_rounded_in_one_place(path):
    room = dotted(path)
    if room in ROUNDING_ROOM or room.startswith("sample."):
        return  # what the sample makes up is rounded as it likes
    found = [
        (function, line)
        for function, line in own_roundings(parse(path))
        if (room, function) not in NO_FIGURE_OF_AREA
    ]
    assert not found, f"use model.units.show, round_half_up, whole_steps or round_closing: {found}"


def test_no_leave_to_round_is_kept_in_vain():
    rounding = {dotted(path) for path in MODULES if any(own_roundings(parse(path)))}
    assert {module for module, _ in NO_FIGURE_OF_AREA} <= rounding


def test_the_one_way_can_fail():
    bad = "def f(a):\n    return a / 10_000, a * 15, a / units.M2_PER_HA"
    assert [line for _, line in own_conversions(ast.parse(bad))] == [2, 2, 2]
    bad = "def f(a):\n    return round(a, 2), f'{a:.2f}', a.quantize(b), f'{a:>8,.4f}', np.rint(a), f'{a:.{n}f}'"
    assert len(list(own_roundings(ast.parse(bad)))) == 6

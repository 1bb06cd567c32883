"""What stands behind a folder of results: inputs, parameters, versions, counts, timings, outputs."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from landgis import __version__
from landgis.model import crs as systems
from landgis.model.files import complete_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyproj import CRS

    from landgis.policy import Policy
    from landgis.project import Project

MANIFEST = "manifest.json"
STACK = ("geopandas", "shapely", "pyproj", "pyogrio", "numpy", "pandas", "matplotlib")


def write_manifest(
    project: Project,
    policy: Policy,
    *,
    folder: Path,
    crs: CRS,
    counts: Mapping[str, int],
    seconds: Mapping[str, float],
    outputs: Iterable[Path],
) -> Path:
    """Write the manifest of a finished folder.

    Parameters
    ----------
    project : Project
        Its parameters and inputs.
    policy : Policy
        The rules applied.
    folder : Path
        The folder of results.
    crs : pyproj.CRS
        The system the work was done in.
    counts : mapping of str to int
        Rows of every table.
    seconds : mapping of str to float
        Time each step took.
    outputs : iterable of Path
        The files written.

    Returns
    -------
    Path
        The manifest.

    Raises
    ------
    OutputError
        ``output_unwritable``.
    """
    content = {
        "landgis": __version__,
        "project": project.project.title,
        "as_of": project.project.as_of.isoformat(),
        "inputs": [_record(path, project.home) for path in project.files() if path.is_file()],
        "parameters": project.model_dump(mode="json"),
        "policy": {
            "name": policy.name,
            "title": policy.title,
            "basis": policy.basis,
            "rules": len(policy.rules),
            "files": [
                _record(path, policy.folder) for path in sorted(policy.folder.glob("*.toml"))
            ],
        },
        "crs": {"name": crs.name, "label": systems.describe(crs), "wkt": crs.to_wkt()},
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in STACK},
        },
        "counts": dict(counts),
        "seconds": dict(seconds),
        "outputs": [_record(path, folder) for path in outputs],
    }
    target = folder / MANIFEST
    with complete_file(target) as temporary:
        text = json.dumps(content, ensure_ascii=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    return target


def outputs_listed(folder: Path) -> set[Path]:
    """Name the files that an earlier run left in a folder.

    Parameters
    ----------
    folder : Path
        A folder of results, or any other.

    Returns
    -------
    set of Path
        Files its manifest lists, never outside the folder; none where there is no manifest.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = [PurePosixPath(entry["path"]) for entry in content["outputs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    inside = (name for name in names if not name.is_absolute() and ".." not in name.parts)
    return {folder / name for name in inside}


def _record(path: Path, home: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    resolved = path.resolve()
    shown = (
        resolved.relative_to(home.resolve()) if resolved.is_relative_to(home.resolve()) else path
    )
    return {"path": shown.as_posix(), "bytes": path.stat().st_size, "sha256": digest}

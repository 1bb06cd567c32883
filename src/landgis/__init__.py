"""landgis: a GIS toolkit for planners who revitalise stock construction land (盘活存量土地).

The verbs are resolved on first use, so that importing landgis stays cheap:

>>> import landgis
>>> "measure" in landgis.__all__
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landgis.analysis.area import measure
    from landgis.analysis.batches import batches
    from landgis.analysis.classification import classify, explain
    from landgis.analysis.clusters import cluster, suggest
    from landgis.analysis.evidence import observe
    from landgis.analysis.overlay import overlay, tabulate
    from landgis.analysis.pockets import pockets
    from landgis.analysis.portrait import portray
    from landgis.analysis.priority import prioritise
    from landgis.analysis.progress import progress
    from landgis.analysis.readiness import readiness
    from landgis.analysis.reconciliation import reconcile
    from landgis.analysis.renewal_units import divide
    from landgis.analysis.routes import routes
    from landgis.analysis.separations import separations
    from landgis.analysis.soundness import check, repair
    from landgis.formats.vector import describe, read, write
    from landgis.pipeline import run
    from landgis.reports.atlas import draw_atlas
    from landgis.reports.brief import write_brief
    from landgis.reports.gap_chart import draw_gaps
    from landgis.reports.ledger import write_ledger
    from landgis.reports.sheet import draw_cluster, draw_sheet
    from landgis.reports.web import draw_web

__version__ = "0.1.0"

_HOME_OF = {
    "read": "formats.vector",
    "write": "formats.vector",
    "describe": "formats.vector",
    "check": "analysis.soundness",
    "repair": "analysis.soundness",
    "measure": "analysis.area",
    "observe": "analysis.evidence",
    "batches": "analysis.batches",
    "classify": "analysis.classification",
    "explain": "analysis.classification",
    "tabulate": "analysis.overlay",
    "overlay": "analysis.overlay",
    "cluster": "analysis.clusters",
    "suggest": "analysis.clusters",
    "separations": "analysis.separations",
    "pockets": "analysis.pockets",
    "portray": "analysis.portrait",
    "prioritise": "analysis.priority",
    "divide": "analysis.renewal_units",
    "readiness": "analysis.readiness",
    "reconcile": "analysis.reconciliation",
    "routes": "analysis.routes",
    "progress": "analysis.progress",
    "draw_sheet": "reports.sheet",
    "draw_atlas": "reports.atlas",
    "draw_cluster": "reports.sheet",
    "draw_web": "reports.web",
    "draw_gaps": "reports.gap_chart",
    "write_ledger": "reports.ledger",
    "write_brief": "reports.brief",
    "run": "pipeline",
}

__all__ = [
    "batches",
    "check",
    "classify",
    "cluster",
    "describe",
    "divide",
    "draw_atlas",
    "draw_cluster",
    "draw_gaps",
    "draw_sheet",
    "draw_web",
    "explain",
    "measure",
    "observe",
    "overlay",
    "pockets",
    "portray",
    "prioritise",
    "progress",
    "read",
    "readiness",
    "reconcile",
    "repair",
    "routes",
    "run",
    "separations",
    "suggest",
    "tabulate",
    "write",
    "write_brief",
    "write_ledger",
]


def __getattr__(name: str) -> Any:
    """Find a verb in its room on first use."""
    room = _HOME_OF.get(name)
    if room is None:
        raise AttributeError(f"module 'landgis' has no attribute {name!r}")
    verb = getattr(import_module(f"landgis.{room}"), name)
    globals()[name] = verb
    return verb


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""QGIS buffer-and-dissolve at work; runs under the Python that has ``qgis``: FILE.py FOLDER GAP...

Reads the lots from their GeoPackage into a memory layer, times `native:buffer` with dissolve and
`native:multiparttosingleparts`, and writes the parts as well-known binary in hexadecimal. Prints
a line per gap as `benchmarks.clusters_contenders` does.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.analysis import QgsNativeAlgorithms
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeatureRequest,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsVectorLayer,
)

ROUND = {"SEGMENTS": 16, "END_CAP_STYLE": 0, "JOIN_STYLE": 0, "MITER_LIMIT": 2}


def peak_mb() -> float:
    """Give the largest memory so far."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


def run(name: str, context: QgsProcessingContext, **given: object) -> QgsVectorLayer:
    """Run an algorithm and give its output layer."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(name)
    found, done = algorithm.run(given | {"OUTPUT": "memory:"}, context, QgsProcessingFeedback())
    if not done:
        raise RuntimeError(f"QGIS could not do {name}")
    return QgsProcessingUtils.mapLayerFromString(found["OUTPUT"], context)


def compete(folder: Path, gaps_m: list[float]) -> Iterator[dict[str, object]]:
    """Do the work, write the answers and give the figures, gap by gap."""
    QgsApplication.processingRegistry().addProvider(QgsNativeAlgorithms())
    stored = QgsVectorLayer(f"{folder / 'lots.gpkg'}|layername=lots", "lots", "ogr")
    lots = stored.materialize(QgsFeatureRequest())
    loaded = peak_mb()
    context = QgsProcessingContext()
    for gap_m in gaps_m:
        half = {"DISTANCE": gap_m / 2.0, "DISSOLVE": True}
        begin, begin_cpu = time.perf_counter(), time.process_time()
        dissolved = run("native:buffer", context, INPUT=lots, **half, **ROUND)
        parts = run("native:multiparttosingleparts", context, INPUT=dissolved)
        seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
        shapes = [feature.geometry().asWkb().toHex().data() for feature in parts.getFeatures()]
        (folder / f"qgis_dissolve_{gap_m:g}.hex").write_bytes(b"\n".join(shapes))
        yield {
            "name": "qgis_dissolve",
            "gap_m": gap_m,
            "version": f"QGIS {Qgis.QGIS_VERSION.split('-')[0]}",
            "seconds": [seconds],
            "cpu_seconds": [cpu],
            "loaded_mb": loaded,
            "peak_mb": peak_mb(),
            "parts": len(shapes),
        }


if __name__ == "__main__":
    application = QgsApplication([], False)  # noqa: FBT003 - the way of QGIS: no windows
    application.initQgis()
    for figures in compete(Path(sys.argv[1]), [float(gap) for gap in sys.argv[2:]]):
        print(json.dumps(figures), flush=True)
    os._exit(0)  # QGIS is not always at ease when Python takes it down

"""QGIS Overlap analysis at work; runs under the Python that has ``qgis``: FILE.py NAME FOLDER.

Reads the county from its GeoPackage into memory layers, times `native:calculatevectoroverlaps` and
writes the area of each parcel in each layer: in the plane, or on the ellipsoid of the parcels'
system, which is what a project of QGIS is set to. Prints the line of `benchmarks.contenders`.
"""

import csv
import json
import os
import sys
import time
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

ON_ELLIPSOID = "qgis_ellipsoid"
LAYERS = ("GHFQ", "STBHHX", "YJJBNT")


def read(folder: Path, name: str) -> QgsVectorLayer:
    """Read a layer into memory."""
    stored = QgsVectorLayer(f"{folder / 'world.gpkg'}|layername={name}", name, "ogr")
    layer = stored.materialize(QgsFeatureRequest())
    layer.setName(name)
    layer.dataProvider().createSpatialIndex()
    return layer


def peak_mb() -> float:
    """Give the largest memory so far."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


def compete(name: str, folder: Path) -> dict[str, object]:
    """Do the work, write the answer and give the figures."""
    registry = QgsApplication.processingRegistry()
    registry.addProvider(QgsNativeAlgorithms())
    parcels, zones = read(folder, "parcels"), [read(folder, name) for name in LAYERS]
    loaded = peak_mb()
    context = QgsProcessingContext()
    if name == ON_ELLIPSOID:
        context.setEllipsoid(parcels.crs().ellipsoidAcronym())
    begin, begin_cpu = time.perf_counter(), time.process_time()
    found, done = registry.createAlgorithmById("native:calculatevectoroverlaps").run(
        {"INPUT": parcels, "LAYERS": zones, "OUTPUT": "memory:"}, context, QgsProcessingFeedback()
    )
    seconds, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    if not done:
        raise RuntimeError("QGIS could not do it")
    output = QgsProcessingUtils.mapLayerFromString(found["OUTPUT"], context)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["parcel_id", "layer", "area_m2"])
        for feature in output.getFeatures():
            table.writerows([feature["parcel_id"], n, feature[f"{n}_area"]] for n in LAYERS)
    return {
        "name": name,
        "version": f"QGIS {Qgis.QGIS_VERSION.split('-')[0]}",
        "seconds": [seconds],
        "cpu_seconds": [cpu],
        "loaded_mb": loaded,
        "peak_mb": peak_mb(),
    }


if __name__ == "__main__":
    application = QgsApplication([], False)  # noqa: FBT003 - the way of QGIS: no windows
    application.initQgis()
    print(json.dumps(compete(sys.argv[1], Path(sys.argv[2]))))
    sys.stdout.flush()
    os._exit(0)  # QGIS is not always at ease when Python takes it down

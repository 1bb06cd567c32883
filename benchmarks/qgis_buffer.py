"""QGIS on clusters; runs under the Python that has ``qgis``: FILE.py FOLDER GAP.

Reads ``parcels.gpkg`` of the folder, widens every parcel by half the gap and dissolves
(`native:buffer`), takes the parts apart (`native:multiparttosingleparts`) and writes them to
``parts.gpkg``. Prints the version of QGIS and the segments per quarter circle.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.analysis import QgsNativeAlgorithms
from qgis.core import Qgis, QgsApplication, QgsProcessingContext, QgsProcessingFeedback

SEGMENTS = 8


def main(folder: Path, gap_m: float) -> None:
    """Widen, dissolve, take apart."""
    registry = QgsApplication.processingRegistry()
    registry.addProvider(QgsNativeAlgorithms())
    context, told = QgsProcessingContext(), QgsProcessingFeedback()

    def run(name: str, **options: object) -> None:
        _, done = registry.createAlgorithmById(name).run(options, context, told)
        if not done:
            raise RuntimeError(f"QGIS could not do {name}")

    wide, parts = folder / "wide.gpkg", folder / "parts.gpkg"
    run(
        "native:buffer", INPUT=str(folder / "parcels.gpkg"), DISTANCE=gap_m / 2, SEGMENTS=SEGMENTS,
        DISSOLVE=True, OUTPUT=str(wide),
    )  # fmt: skip
    run("native:multiparttosingleparts", INPUT=str(wide), OUTPUT=str(parts))
    print(Qgis.QGIS_VERSION.split("-")[0], SEGMENTS)


if __name__ == "__main__":
    application = QgsApplication([], False)  # noqa: FBT003 - the way of QGIS: no windows
    application.initQgis()
    main(Path(sys.argv[1]), float(sys.argv[2]))
    sys.stdout.flush()
    os._exit(0)  # QGIS is not always at ease when Python takes it down

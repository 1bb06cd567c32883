"""The cluster benchmark at a small size, and the parts of clusters.py it made quick.

Cases: lots have 20 vertices, share their edges and lie in blocks between lanes of known widths;
barriers are as many as asked; landgis and GeoPandas, run as the command runs them, find the same
parts; labels that differ are counted; the page says met, not met and who did not run; boxes that
meet as every pair compared one by one says; the barrier of a pair is told though a longer way is
open; polygons whose edges do not agree are united as GEOS unites them.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from benchmarks.clusters import agree, differing, run_contender
from benchmarks.clusters_report import write_report
from benchmarks.clusters_world import LANES_M, make_barriers, make_lots
from landgis.analysis._boxes import meeting
from landgis.analysis._outlines import united
from landgis.analysis.clusters import cluster

LOTS, GAP_M = 400, 10.0
PLACE = (562000.0, 2428000.0)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    make_lots(LOTS).to_parquet(folder / "lots.parquet")
    make_barriers(40, lots=LOTS).to_parquet(folder / "barriers.parquet")
    return folder


def test_lots_and_barriers_are_as_promised():
    lots, barriers = make_lots(LOTS), make_barriers(40, lots=LOTS)
    shapes = lots.geometry.to_numpy()
    assert set(shapely.get_num_coordinates(shapes)) == {21}  # 20 and the first again
    assert lots.is_valid.all()
    first, second = (shapely.union_all(shapes[k : k + 20]) for k in (0, 20))
    assert first.geom_type == "Polygon"
    assert not first.interiors
    # blocks follow one another upward; the second lane stands between them, bent a little
    assert shapely.distance(first, second) == pytest.approx(LANES_M[1], rel=0.25)
    assert len(barriers) == 40
    assert barriers.is_valid.all()
    assert set(barriers["barrier_class"]) == {"道路", "水系"}


def test_contenders_agree(town):
    names = (
        "landgis_connected",
        "landgis_cluster",
        "geopandas_dissolve",
        "landgis_cluster_barriers",
    )
    found = {name: run_contender(name, town, [GAP_M], pythons={})[0] for name in names}
    np.save(town / f"postgis_{GAP_M:g}.npy", np.load(town / f"geopandas_dissolve_{GAP_M:g}.npy"))
    for figures in found.values():
        assert "not_run" not in figures
        assert agree(figures, town)["wrong"] == 0
    one = found["landgis_cluster"]["parts"]
    assert found["geopandas_dissolve"]["parts"] == found["landgis_connected"]["parts"] == one
    assert found["landgis_cluster_barriers"]["parts"] > one


def test_what_does_not_run_says_why(town):
    (figures,) = run_contender("no such contender", town, [GAP_M], pythons={})
    assert "no such contender" in figures["not_run"]


def test_lots_in_other_parts_are_counted():
    assert differing(np.array([0, 0, 1]), np.array([5, 5, 7])) == 0
    assert differing(np.array([0, 0, 1]), np.array([5, 5, 5])) == 0  # finer, but none reaches out
    assert differing(np.array([5, 5, 5]), np.array([0, 0, 1])) == 1


def test_page_marks_targets(tmp_path):
    def run(name, seconds):
        return {
            "name": name, "gap_m": GAP_M, "version": "1", "seconds": [seconds], "cpu_seconds": [],
            "loaded_mb": 1.0, "peak_mb": 2.0, "parts": 3,
        }  # fmt: skip

    results = [
        run("landgis_connected", 1.0),
        run("landgis_connected_barriers", 3.0),
        run("postgis", 1.5),
        run("geopandas_dissolve", 10.0),
        {"name": "libpysal", "gap_m": GAP_M, "not_run": "No module named 'libpysal'"},
    ]
    found = {
        "date": "2026-01-01", "machine": "one", "load": 0.0, "compiling_s": 1.0,
        "barriers": 40, "towns": [{"lots": 1_000, "results": results}],
    }  # fmt: skip
    write_report(found, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "≥ 1 × | 1.5 ×, met" in page
    assert "≥ 20 × | 10.0 ×, **not met**" in page
    assert "≤ 2 × | 3.0 ×, **not met**" in page
    assert "not run: No module named 'libpysal'" in page
    assert "| 1,000 | `connected` | 10 | 1000.0 | 2.0 |" in page


@pytest.mark.parametrize("far", [0.0, 1e7])
def test_boxes_meet_as_every_pair_says(far):
    random = np.random.default_rng(3)
    low = np.round(random.uniform(-40, 40, (300, 2)))  # on a lattice, so that boxes touch
    high = low + np.round(random.exponential(6.0, (300, 2)))
    high[0] = low[0] + 5000.0
    boxes = np.hstack([low, high])
    boxes[1] += far
    meets = (boxes[:, None, :2] <= boxes[None, :, 2:]).all(axis=2)
    expected = np.argwhere(meets & meets.T)
    assert np.array_equal(np.column_stack(meeting(boxes, boxes)), expected)
    later = expected[expected[:, 0] < expected[:, 1]]
    assert np.array_equal(np.column_stack(meeting(boxes, boxes, later=True)), later)
    assert len(meeting(boxes[:0], boxes)[0]) == 0


def test_barrier_is_told_where_the_way_round_is_longer_than_the_gap():
    lots = [shapely.box(0, 0, 10, 10), shapely.box(16, 0, 26, 20)]
    lots = gpd.GeoSeries(lots, index=["A", "B"], crs=4545).translate(*PLACE)
    wall = gpd.GeoSeries([shapely.box(12, -20, 14, 10.5)], index=["W"], crs=4545)
    lots, wall = (gpd.GeoDataFrame(geometry=table) for table in (lots, wall.translate(*PLACE)))
    # from A's corner (10, 10) past the wall's, widened to (11.9, 10.6), 6 m on to x = 16
    way = 6.0 * np.hypot(1.0, 0.6 / 1.9)
    (edge,) = cluster(lots, gap_m=6.1, barriers=wall, look_m=9.0).edges.itertuples()
    assert edge.gap_m == pytest.approx(6.0, abs=1e-6)
    assert edge.reach_m == pytest.approx(way, abs=0.02)
    assert not edge.joins
    assert edge.barrier == "W"
    (edge,) = cluster(lots, gap_m=6.5, barriers=wall).edges.itertuples()
    assert edge.joins
    assert pd.isna(edge.barrier)
    (edge,) = cluster(lots, gap_m=6.1, barriers=wall).edges.itertuples()
    assert pd.isna(edge.reach_m)
    assert edge.barrier == "W"


def test_shapes_whose_edges_disagree_are_united_all_the_same():
    random = np.random.default_rng(5)
    corner = random.uniform(0, 100, (300, 2))
    boxes = shapely.box(*corner.T, *(corner + random.uniform(2, 12, (300, 2))).T)
    assert shapely.equals(united(boxes), shapely.union_all(boxes))
    lattice = shapely.box(
        *np.indices((30, 30)).reshape(2, -1), *(np.indices((30, 30)) + 1).reshape(2, -1)
    )
    assert united(lattice).equals(shapely.box(0, 0, 30, 30))
    beside = np.array([shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 1)])  # no corner in common
    assert united(beside).area == 6.0
    assert united(beside).geom_type == "Polygon"

"""Every key of [clusters] in a project reaches the clusters, and all that is said of them fits.

The small county: D1 and D2 of 低效, 100 m by 100 m (9999.05 m² by the statute, to 0.02 m² from west
to east), 10 m apart; a zone of 永久基本农田 over the western half of D1;
a road 30 m wide 90 m east of D2; Q1 beyond it is 其他.
"""

import pytest

from landgis import policy as policies
from landgis.analysis.area import measure
from landgis.analysis.overlay import conflicts, overlay
from landgis.intake import take_in
from landgis.model import schema
from landgis.model.errors import ProjectError, SchemaError
from landgis.project import read_project
from landgis.renewal import renew

WHOLE_M2 = 9999.05


def renewed(county, keys="", *, looked=True):
    """What `renew` gives with more keys in [clusters]."""
    file = county / "landgis.toml"
    file.write_text(file.read_text("utf-8").replace("min_area_m2 = 0", f"min_area_m2 = 0\n{keys}"))
    project = read_project(county)
    policy = policies.load(project.policy)
    inputs = take_in(project)
    parcels = measure(inputs.parcels)
    overlaid = overlay(parcels, inputs.zones["YJJBNTTB"])
    standing = conflicts(overlaid, rules=policy.overlap_rules)
    return renew(
        parcels,
        project=project,
        policy=policy,
        barriers=inputs.barriers,
        zones=inputs.zones,
        overlaid=overlaid,
        conflicts=standing if looked else None,
    )


def groups(told):
    ids = told.parcels["cluster_id"].dropna()
    return {"+".join(sorted(group)) for group in ids.groupby(ids).groups.values()}


def test_what_is_said_fits_together(county):
    told = renewed(county)
    assert groups(told) == {"D1+D2"}
    (cluster,) = told.clusters.itertuples()
    assert cluster.area_m2 == pytest.approx(2 * WHOLE_M2, abs=0.1)
    assert cluster.control_m2 == pytest.approx(WHOLE_M2 / 2, abs=0.1)
    shares = told.cluster_parts.set_index(["topic", "item"])["share"]
    assert shares["存量类别", "低效"] == pytest.approx(1.0)
    assert shares["管控线", "禁止"] == pytest.approx(0.25, abs=1e-5)
    assert set(told.priorities["cluster_id"]) == {cluster.Index}
    assert told.gap_choices["gap_m"].tolist() == [0, 5, 10, 15, 20, 30, 40, 60]
    assert told.gap_choices["cluster_count"].tolist() == [2, 2, 1, 1, 1, 1, 1, 1]
    for name, of in (
        ("clusters", schema.CLUSTERS),
        ("cluster_parts", schema.CLUSTER_PARTS),
        ("pockets", schema.POCKETS),
        ("separations", schema.SEPARATIONS),
        ("priorities", schema.PRIORITIES),
        ("renewal_units", schema.RENEWAL_UNITS),
    ):
        columns = [column.name for column in of.columns if column.name != of.index]
        assert list(getattr(told, name).columns)[: len(columns)] == columns, name


def test_without_control_lines_a_conflict_is_unknown_and_not_none(county):
    told = renewed(county, looked=False)
    assert told.clusters["control_m2"].isna().all()


def test_what_stands_between_is_told(county):
    told = renewed(county, 'land_class = ""\nlook_m = 200\nmin_count = 2')
    assert groups(told) == {"D1+D2"}
    causes = told.separations.set_index("other_id")
    road = causes.loc["Q1"]
    assert (road["cause"], road["barrier"], road["barrier_class"]) == ("阻隔", "R1", "主干路")
    assert road["gap_m"] == pytest.approx(190.0)
    assert road["would_join_m2"] == pytest.approx(WHOLE_M2, abs=0.1)
    assert causes.loc["P2", "cause"] == "间距"  # 100 m of open ground


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("gap_m = 5", None),
        ('joins = ["shared"]', {"D1", "D2"}),
        ("min_count = 3", set()),
        ("min_count = 3\nsingle_area_m2 = 15000", {"D1+D2"}),
        ('seeds = ["X1"]', {"X1"}),
        ('seeds = ["D1"]', {"D1+D2"}),
        ('within = "unit"', {"D1+D2"}),
        ('within = "YJJBNTTB"', set()),  # the zone holds exactly half of D1 and none of D2
        ('land_class = ""\nbarrier_rows = { land_class = ["低效"] }', {"P1", "P2", "Q1", "X1"}),
        ("barriers_by_policy = true", {"D1+D2"}),
    ],
)
def test_every_key_counts(county, keys, expected):
    if expected is None:
        with pytest.raises(ProjectError):  # the key stands there already
            renewed(county, keys)
        return
    assert groups(renewed(county, keys)) == expected


def test_large_clusters_are_divided_where_asked(county):
    told = renewed(county, "unit_area_m2 = 10000")
    assert groups(told) == {"D1+D2"}
    assert told.renewal_units["member_count"].tolist() == [1, 1]
    assert told.renewal_units["area_m2"].sum() == pytest.approx(2 * WHOLE_M2, abs=0.1)
    assert told.parcels["renewal_unit"].notna().sum() == 2


def test_a_range_that_is_neither_column_nor_layer(county):
    with pytest.raises(SchemaError) as caught:
        renewed(county, 'within = "ZONE"')
    assert caught.value.code == "column_missing"

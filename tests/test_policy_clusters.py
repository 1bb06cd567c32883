"""What does a policy say of clusters, and is every fault of it told?

Cases: the packaged criteria and barriers as read; numbers with and without quotes; every fault of a
criterion, of the score as a whole and of a barrier, all at once and one by one, with file, line and
mend; what is read but cannot be meant (policy check); the page (policy show), with brackets where a
sum is divided, and its list of what is unverified.
"""

from fractions import Fraction

import pytest

from landgis import policy
from landgis.model.errors import PolicyError
from landgis.policy.cluster_records import CLUSTER_COLUMNS
from landgis.policy.examination import examine
from landgis.policy.page import page

QINZHOU = policy.load("qinzhou_2021")
MAIN = 'title = "某市"\nbasis = "某文"\nclasses = []\n'
SCORE = """[priority]
least_known = 0.5
basis = "x"
[[criterion]]
id = "a"
title = "面积"
reads = "area_m2"
zero = "-1"
full = "1/3"
weight = 2.5
basis = "x"
"""
BARRIER = """[[barrier]]
id = "铁路"
names = ["铁路"]
survey_codes = ["1001"]
counts = true
width_m = 4.5
basis = "x"
"""


@pytest.fixture
def read(tmp_path):
    def write(text):
        (tmp_path / "policy.toml").write_text(MAIN, encoding="utf-8")
        (tmp_path / "clusters.toml").write_text(text, encoding="utf-8")
        return policy.load(tmp_path)

    return write


@pytest.fixture
def faults(read):
    def told(text):
        with pytest.raises(PolicyError) as caught:
            read(text)
        lines = str(caught.value).splitlines()[1:]
        mends = caught.value.hint.splitlines()[1:]
        assert len(lines) == len(mends)
        assert all(mend.startswith("clusters.toml 第 ") for mend in mends)
        return lines

    return told


def test_what_is_written_is_what_is_read(read):
    rules = read(SCORE + BARRIER)
    (one,), (barrier,) = rules.criteria, rules.barrier_rules
    assert (one.zero, one.full, one.weight) == (Fraction(-1), Fraction(1, 3), Fraction(5, 2))
    assert (one.unit, one.because, one.only_if) == ("", "", None)
    assert rules.least_known == Fraction(1, 2)
    assert barrier.names == ("铁路",)
    assert barrier.survey_codes == ("1001",)
    assert (barrier.width_m, barrier.min_width_m) == (Fraction(9, 2), 0)
    assert barrier.counts
    assert not barrier.road


def test_a_policy_may_say_nothing_of_clusters(read):
    rules = read("")
    assert rules.criteria == rules.barrier_rules == ()
    assert rules.least_known is None
    assert "优先度" not in page(rules)
    assert "阻隔" not in page(rules)


def test_every_fault_is_told_at_once(faults):
    other = SCORE[SCORE.index("[[criterion]]") :]
    told = faults(SCORE.replace("2.5", '"-1"') + other.replace('"area_m2"', '"aera_m2"'))
    for line, fault in zip(
        told,
        (
            "clusters.toml:13 [a] id 'a' used twice",
            "clusters.toml:10 [a] weight is negative",
            "clusters.toml:15 [a] reads: unknown name 'aera_m2'",
        ),
        strict=True,
    ):
        assert line.startswith(fault)


def test_the_line_and_the_mend(read):
    with pytest.raises(PolicyError) as caught:
        read(SCORE.replace('"area_m2"', '"aera_m2"'))
    assert (
        "clusters.toml 第 7 行（a）：reads：没有名为 aera_m2 的字段或术语（是否应为 area_m2）。"
        in caught.value.hint
    )


FAULTS = [
    (SCORE.replace("2.5", '"-2"'), 10, "weight is negative"),
    (SCORE.replace("2.5", "-2"), 10, "weight is negative"),
    (SCORE.replace("2.5", '"zwei"'), 10, "weight is no number"),
    (SCORE.replace("2.5", "true"), 10, "weight is not a Fraction"),
    (SCORE.replace("2.5", "0"), 10, "weights sum to 0"),
    (SCORE.replace('"1/3"', "-1"), 9, "zero equals full"),
    (SCORE.replace('"1/3"', '"1/0"'), 9, "full is no number"),
    (SCORE.replace("weight = 2.5\n", ""), 4, "weight is missing"),
    (SCORE.replace('"area_m2"', '"land_class"'), 7, "reads: unknown name 'land_class'"),
    (SCORE.replace('"area_m2"', '"score"'), 7, "reads: unknown name 'score'"),
    (SCORE.replace('"area_m2"', '"unit"'), 7, "reads: expected a number, found a text"),
    (SCORE.replace('"area_m2"', '"area_m2 > 1"'), 7, "reads: expected a number, found a truth"),
    (SCORE.replace('"area_m2"', '"area_m2 +"'), 7, "reads: cannot read"),
    (SCORE + 'only_if = "holder_count"\n', 12, "only_if: expected a truth"),
    (SCORE + 'only_if = "holders == 0"\n', 12, "only_if: unknown name 'holders'"),
    (SCORE + "weigth = 3\n", 12, "unknown key 'weigth'"),
    (SCORE.replace("0.5", '"101%"'), 2, "least_known above 1"),
    (SCORE.replace("0.5", "-0.1"), 2, "least_known is negative"),
    (SCORE.replace('[priority]\nleast_known = 0.5\nbasis = "x"\n', ""), 1, "without [priority]"),
    (BARRIER + BARRIER.replace("铁路", "轨道"), 11, "class '1001' in two rules"),
    (BARRIER + BARRIER.replace("1001", "1002"), 9, "id '铁路' used twice"),
    (BARRIER.replace("4.5", "-4.5"), 6, "width_m is negative"),
    (BARRIER.replace("4.5", '"宽"'), 6, "width_m is no number"),
    (BARRIER.replace('"1001"', '"铁路"'), 4, "bad code '铁路'"),
    (BARRIER.replace("counts = true", "counts = 1"), 5, "counts is not a bool"),
    (BARRIER.replace('names = ["铁路"]\nsurvey_codes = ["1001"]\n', ""), 1, "no class"),
]


@pytest.mark.parametrize(("text", "line", "fault"), FAULTS, ids=[fault for *_, fault in FAULTS])
def test_faults_one_by_one(faults, text, line, fault):
    told = [one for one in faults(text) if fault in one]
    assert told
    assert told[0].startswith(f"clusters.toml:{line} ")


def test_a_criterion_reads_any_column_but_the_score():
    assert "area_m2" in CLUSTER_COLUMNS
    assert not {"score", "score_known", "geometry"} & CLUSTER_COLUMNS.keys()


def test_what_cannot_be_meant(read):
    other = SCORE[SCORE.index("[[criterion]]") :].replace('id = "a"', 'id = "b"')
    text = SCORE + other.replace("2.5", "0") + BARRIER.replace("width_m = 4.5\n", "")
    found = examine([read(text)])
    assert found[["place", "code"]].to_numpy().tolist()[-2:] == [
        ["b", "criterion_without_weight"],
        ["铁路", "barrier_without_width"],
    ]
    assert not {"criterion_without_weight", "barrier_without_width"} & set(
        examine([QINZHOU])["code"]
    )


def test_the_page_tells_every_criterion_and_barrier():
    text = page(QINZHOU)
    assert "已知指标的权重不足 60% 时不评分" in text
    assert "| 净地 | 净地占已判定面积 | 净地面积÷（净地面积＋毛地面积）（仅当" in text
    assert "| 1.0000公顷 | 10.0000公顷 | 20% |" in text
    assert (
        "| 城镇村道路 | 城镇村道路、城镇村道路用地、次干路、支路 | 1004 | 1207 | 是 | 是 | 20米 | 10米 |"
        in text
    )
    unverified = text[text.index("## 尚未核实的依据") :]
    for one in (*QINZHOU.criteria, *QINZHOU.barrier_rules):
        assert "未核实" in one.basis, one.id
        assert f"- {one.id} " in unverified

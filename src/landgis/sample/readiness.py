"""净地, 毛地 or 待核: planned first, then written as facts, so that the truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

# fact, value that makes it 毛地, what the truth then says, unsupplied_reason, disposal route
HARD = (
    ("compensation_done", False, "补偿未到位", "征拆未完成", "加快拆迁"),
    ("structures_cleared", False, "附着物未清理", "征拆未完成", "加快拆迁"),
    ("title_clear", False, "权属不清", "司法或权属纠纷", "加快拆迁"),
    ("disputed", True, "存在争议", "司法或权属纠纷", "加快拆迁"),
    ("plan_conditions_set", False, "规划条件不明确", "规划调整或条件未定", "尽快落实规划条件"),
)
UNKNOWN = {
    "compensation_done": "补偿未知",
    "structures_cleared": "附着物未知",
    "title_clear": "权属未知",
    "disputed": "争议未知",
    "plan_conditions_set": "规划条件未知",
}
SOFT = ("road", "water", "power", "levelled", "assessed")
CLEAN = {name: not bad for name, bad, *_ in HARD} | dict.fromkeys(SOFT, True)
SHARE_CLEAN, SHARE_GROSS = 0.47, 0.35  # the rest is 待核


def plan_readiness(
    parcels: list[str], rng: np.random.Generator
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Give each parcel its readiness and the facts that follow from it.

    Returns the facts by parcel and the truths by parcel (readiness and its reasons).
    """
    facts: dict[str, dict[str, Any]] = {}
    truths: dict[str, dict[str, Any]] = {}
    gross = 0
    for parcel in parcels:
        chance = rng.random()
        if chance < SHARE_CLEAN:
            facts[parcel], truths[parcel] = _clean(rng)
        elif chance < SHARE_CLEAN + SHARE_GROSS:
            facts[parcel], truths[parcel] = _gross(gross, rng)
            gross += 1
        else:
            facts[parcel], truths[parcel] = _unknown(rng)
    return facts, truths


def _clean(rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    facts = CLEAN | {"unsupplied_reason": "项目未落地", "disposal_route": "招商引资"}
    truth: dict[str, Any] = {"readiness": "净地", "reasons": []}
    if rng.random() < 0.12:
        wanting = str(rng.choice(SOFT[:3]))
        facts |= {wanting: False, "unsupplied_reason": "基础设施未配套"}
        facts["disposal_route"] = "加快基础设施建设"
        truth["soft"] = [wanting]
    return facts, truth


def _gross(turn: int, rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    """Show each reason alone in the first ones; later ones may have two."""
    if turn < 3 * len(HARD):
        picked = [turn % len(HARD)]
    else:
        count = 2 if rng.random() < 0.3 else 1
        weights = [0.4, 0.3, 0.08, 0.08, 0.14]
        picked = sorted(rng.choice(len(HARD), size=count, replace=False, p=weights).tolist())
    facts: dict[str, Any] = dict(CLEAN)
    reasons = []
    for index in picked:
        name, bad, reason, why, route = HARD[index]
        facts |= {name: bad, "unsupplied_reason": why, "disposal_route": route}
        reasons.append(reason)
    if not facts["structures_cleared"] or not facts["compensation_done"]:
        facts["levelled"] = False
    if not facts["compensation_done"] and rng.random() < 0.5:
        facts["assessed"] = None
    return facts, {"readiness": "毛地", "reasons": reasons}


def _unknown(rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    count = 2 if rng.random() < 0.3 else 1
    picked = sorted(rng.choice(sorted(UNKNOWN), size=count, replace=False).tolist())
    facts = CLEAN | dict.fromkeys(picked) | {"unsupplied_reason": None, "disposal_route": None}
    if rng.random() < 0.4:
        facts["assessed"] = None
    return facts, {"readiness": "待核", "reasons": [UNKNOWN[name] for name in picked]}

"""Which cluster first? A score out of stated parts, by the weights of the policy."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from landgis.model import schema
from landgis.model.arguments import require_table
from landgis.model.errors import UsageError
from landgis.model.units import show
from landgis.policy.cluster_records import CLUSTER_COLUMNS
from landgis.policy.facts import Facts
from landgis.policy.records import Policy
from landgis.policy.wording import number

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.policy.cluster_records import Criterion

    Numbers = NDArray[np.float64]
    Truths = NDArray[np.bool_]

FULL_POINTS = 100.0
ANY_DAY = dt.date(2000, 1, 1)  # criteria of clusters know no dates


class Prioritised(NamedTuple):
    """What `prioritise` gives.

    Attributes
    ----------
    clusters : GeoDataFrame
        The clusters with ``score`` and ``score_known``.
    parts : DataFrame
        `schema.PRIORITIES`: one row per cluster and criterion.
    """

    clusters: GeoDataFrame
    parts: DataFrame


class _Scored(NamedTuple):
    """One criterion asked of every cluster; NaN where it is unknown."""

    criterion: Criterion
    value: Numbers
    points: Numbers
    doubtful: Truths


def prioritise(clusters: GeoDataFrame, *, policy: Policy) -> Prioritised:
    """Score every cluster, and show what the score is made of.

    Parameters
    ----------
    clusters : GeoDataFrame
        Clusters as `portray` gives them; columns that are missing are unknown.
    policy : Policy
        Its ``criteria`` and ``least_known``.

    Returns
    -------
    Prioritised
        `clusters` in their order, with ``score`` (0 to 100) and ``score_known`` (the share of the
        weights that is known, 0 to 1), and `parts`. The score is missing where less is known than
        the policy's ``least_known`` asks for, and where the policy has no criteria.

    Raises
    ------
    UsageError
        ``not_a_table``, ``not_a_policy``.
    SchemaError
        ``column_kind`` where a column that a criterion reads holds no numbers.

    Notes
    -----
    Points grow evenly from 0 at a criterion's ``zero`` to 100 at its ``full``, and no further
    either way. The score is the mean of the known criteria's points by their weights; each
    ``contribution`` is points times weight over the known weights, so that they sum to the score
    and are missing with it. A criterion is unknown where a column it reads is missing, where it
    divides by nothing, and where its condition ``only_if`` does not hold or cannot be told. No
    statute fixes such a score: every bound and weight is the policy's, with its ``basis``.

    Examples
    --------
    >>> import pandas
    >>> from landgis.policy import load
    >>> facts = {"area_m2": [55000.0], "concentrated_share": [1.0], "built_share": [0.35]}
    >>> clusters = pandas.DataFrame(facts, index=pandas.Index(["LP-1"], name="cluster_id"))
    >>> clusters, parts = prioritise(clusters, policy=load("qinzhou_2021"))
    >>> parts.dropna(subset="points")[["criterion", "points", "weight"]].values.tolist()
    [['连片面积', 50.0, 20.0], ['集中建设区占比', 100.0, 15.0], ['建筑占比', 50.0, 10.0]]
    >>> clusters[["score", "score_known"]].values.tolist()
    [[nan, 0.45]]
    """
    require_table(clusters, what="连片")
    if not isinstance(policy, Policy):
        raise UsageError(
            "not_a_policy",
            f"policy must be a policy that was read, got {type(policy).__name__}",
            hint='policy 应为读入的政策：请先用 landgis.policy.load("qinzhou_2021") 读入。',
        )
    facts = Facts(clusters, as_of=ANY_DAY, columns=CLUSTER_COLUMNS)
    scored = [_score(one, facts) for one in policy.criteria]
    weights = np.array([float(one.weight) for one in policy.criteria])
    points = np.array([one.points for one in scored]).reshape(len(scored), len(clusters))
    known = ~np.isnan(points)
    share, enough = _known_share(known, policy)
    known_weight = known.T @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        contribution = points * weights[:, None] / np.where(enough, known_weight, np.nan)
    score = np.where(enough, np.nansum(contribution, axis=0), np.nan)
    told = _with(clusters, {"score": score, "score_known": share})
    return Prioritised(told, _parts(clusters, scored, contribution))


def _score(criterion: Criterion, facts: Facts) -> _Scored:
    """Ask one criterion of every cluster."""
    asked = facts.values(criterion.node)
    doubtful = np.zeros(facts.size, dtype=np.bool_)
    if criterion.only_if is not None:
        doubtful = asked.known & ~facts.truth(criterion.only_if).true
    value = np.where(asked.known & ~doubtful, asked.data.astype(np.float64), np.nan)
    zero, full = float(criterion.zero), float(criterion.full)
    points = np.clip((value - zero) / (full - zero), 0.0, 1.0) * FULL_POINTS
    return _Scored(criterion, value, points, doubtful)


def _known_share(known: Truths, policy: Policy) -> tuple[Numbers, Truths]:
    """Share of the weights that is known of every cluster, and whether it is enough; exactly."""
    exact = [one.weight for one in policy.criteria]
    total, least = sum(exact), policy.least_known or 0
    shares = {
        row: sum(weight for weight, told in zip(exact, row, strict=True) if told) / total
        for row in {tuple(row) for row in known.T.tolist()}
        if total
    }
    mine = [shares.get(tuple(row), Fraction(0)) for row in known.T.tolist()]
    enough = np.array([share > 0 and share >= least for share in mine], dtype=np.bool_)
    return np.array([float(share) for share in mine]), enough


def _with(clusters: GeoDataFrame, facts: dict[str, Numbers]) -> GeoDataFrame:
    """Add the columns in the order of the schema; unknown columns stay behind it."""
    told = clusters.assign(**facts)
    declared = [column.name for column in schema.CLUSTERS.columns if column.name in told.columns]
    others = [name for name in told.columns if name not in declared]
    return told[[*declared, *others]]


def _parts(clusters: GeoDataFrame, scored: list[_Scored], contribution: Numbers) -> DataFrame:
    """Lay out every criterion of every cluster, cluster by cluster."""
    count, width = len(clusters), len(scored)
    if not count or not width:
        return schema.empty(schema.PRIORITIES)
    ids = clusters.index.astype("str")
    tables = [
        pd.DataFrame(
            {
                "cluster_id": ids,
                "criterion": one.criterion.title,
                "value": one.value * (100.0 if one.criterion.unit == "%" else 1.0),
                "value_unit": one.criterion.unit,
                "points": one.points,
                "weight": float(one.criterion.weight),
                "contribution": contribution[at],
                "because": _reasons(one),
                "basis": one.criterion.basis,
            }
        )
        for at, one in enumerate(scored)
    ]
    table = pd.concat(tables, ignore_index=True)
    table = table.iloc[np.arange(count * width).reshape(width, count).T.ravel()]
    kinds = {column.name: schema.DTYPES[column.kind] for column in schema.PRIORITIES.columns}
    return table.astype(kinds).reset_index(drop=True)


def _reasons(one: _Scored) -> list[str]:
    """Say how each value earns its points, or why it earns none."""
    criterion = one.criterion
    ends = [number(float(end), criterion.unit) for end in (criterion.zero, criterion.full)]
    scale = f"{ends[0]}得0分、{ends[1]}得100分"
    why = f"；{criterion.because}" if criterion.because else ""
    return [
        f"{criterion.title}为{number(value, criterion.unit)}，{scale}，得{show(points, 1)}分{why}"
        if points == points  # noqa: PLR0124 - only NaN differs from itself
        else f"{criterion.title}{'的资料不足以采信' if doubtful else '未知'}，不计分{why}"
        for value, points, doubtful in zip(
            one.value.tolist(), one.points.tolist(), one.doubtful.tolist(), strict=True
        )
    ]

"""Is the ground ready to be supplied? Every condition of 净地 per parcel, against what was seen.

An attribute is what the ledger says; evidence is what an image or a layer shows. Where the two
contradict each other the row says so; which is right, a person decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.model.schema import CONDITIONS, PARCELS, empty
from landgis.policy import Policy, load
from landgis.policy.judgement import judge, judgement_day
from landgis.policy.tree import fields
from landgis.policy.wording import fill, label, node_of, texts

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.policy import Rule
    from landgis.policy.judgement import Judgement

__all__ = ["readiness"]

STATES = np.array(["否", "未知", "是"], dtype=object)


def readiness(
    parcels: DataFrame,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    as_of: dt.date | str | None = None,
) -> DataFrame:
    """Lay out the conditions of 净地 parcel by parcel.

    Parameters
    ----------
    parcels : DataFrame
        Parcels with whatever columns are known, evidence from `observe` included.
    policy : str or Path or Policy, optional
        Name of a policy, a policy folder, or a policy already loaded.
    as_of : date or str or None, optional
        The day for which the judgement is made; today where None.

    Returns
    -------
    DataFrame
        `schema.CONDITIONS`: one row per parcel and condition, in the order of the policy. ``state``
        is what the ledger says, ``seen`` what images and layers show, ``contradicted`` whether the
        two contradict each other (unknown where nothing was observed).

    Raises
    ------
    UsageError
        ``bad_as_of``.
    PolicyError
        ``policy_missing``, ``policy_faults``.
    SchemaError
        ``column_kind`` where a column holds something else than its kind.

    Notes
    -----
    净地 needs every hard condition; one that fails makes the parcel 毛地; soft ones only tell.
    Parcels that are no stock are listed like any other; `classify` leaves them out.

    Examples
    --------
    >>> import pandas
    >>> parcels = pandas.DataFrame(
    ...     {"structures_cleared": [True], "commenced": [False], "built_share": [0.4]}, index=["P1"]
    ... )
    >>> table = readiness(parcels, as_of="2020-12-31").set_index("condition")
    >>> table.loc["附着物清理", ["state", "seen", "doubt"]].tolist()
    ['是', '影像建筑占比 40.00%', '记为附着物已清理，但影像或图层见建筑：影像建筑占比40.00%，建筑轮廓—']
    """
    rules = policy if isinstance(policy, Policy) else load(policy)
    judged = judge(parcels, rules, as_of=judgement_day(as_of))
    conditions = judged.conditions()
    if not conditions or not len(parcels):
        return empty(CONDITIONS)
    names = parcels.index.astype("str").to_numpy(dtype=object)
    blocks = [_block(rule, judged, rules, names) for rule in conditions]
    table = pd.concat(blocks, ignore_index=True)
    row = np.tile(np.arange(len(parcels)), len(blocks))
    return table.iloc[np.argsort(row, kind="stable")].reset_index(drop=True)


def _block(rule: Rule, judged: Judgement, policy: Policy, names: NDArray[np.object_]) -> DataFrame:
    truth, size = judged.truths[rule.id], len(names)
    states = STATES[truth.true.astype(int) - truth.false.astype(int) + 1]
    checks = [check for check in judged.cross_checks() if check.contradicts == rule.id]
    told = [name for check in checks for name in fields(check.when) if _is_seen(name, policy)]
    true, observed = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for name in told:
        observed |= judged.facts.column(name).known
    doubts = np.full(size, "", dtype=object)
    look = np.full(size, "", dtype=object)
    for check in checks:
        holds = judged.truths[check.id].true
        true |= holds
        rows = np.flatnonzero(holds)
        said = [
            f"{check.title}：{text}"
            for text in fill(check.because, judged.facts, policy, rows).to_pylist()
        ]
        _add(doubts, rows, said)
        _add(look, rows, [check.look] * len(rows))
    contradicted = pd.array(true, dtype="boolean")
    contradicted[~true & ~observed] = pd.NA
    return pd.DataFrame(
        {
            "parcel_id": pd.Series(names, dtype="str"),
            "readiness": pd.Series(judged.readiness, dtype="str"),
            "rule_id": pd.Series(rule.id, index=range(size), dtype="str"),
            "condition": pd.Series(rule.title, index=range(size), dtype="str"),
            "hard": pd.Series(rule.hard, index=range(size), dtype="boolean"),
            "state": pd.Series(states, dtype="str"),
            "facts": _told(rule.needs, judged, policy),
            "seen": _told(tuple(dict.fromkeys(told)), judged, policy),
            "contradicted": pd.Series(contradicted),
            "doubt": pd.Series(doubts, dtype="str"),
            "look": pd.Series(look, dtype="str"),
            "basis": pd.Series(rule.basis, index=range(size), dtype="str"),
        }
    )


def _is_seen(name: str, policy: Policy) -> bool:
    """Whether a column is evidence: not the ledger's, but made by `observe`."""
    ledger = {column.name for column in PARCELS.columns}
    return name not in ledger and "observe" in policy.columns[name].made_by


def _add(sentences: NDArray[np.object_], rows: NDArray[np.intp], more: list[str]) -> None:
    for row, text in zip(rows.tolist(), more, strict=True):
        sentences[row] = f"{sentences[row]}；{text}" if sentences[row] else text


def _told(names: tuple[str, ...], judged: Judgement, policy: Policy) -> pd.Series:
    """Print the columns that are known, with their names."""
    size = judged.facts.size
    told = np.full(size, "", dtype=object)
    for name in names:
        rows = np.flatnonzero(judged.facts.column(name).known)
        values = texts(node_of(name, policy), judged.facts, policy, rows).to_pylist()
        _add(told, rows, [f"{label(name, policy)} {value}" for value in values])
    return pd.Series(told, dtype="str")

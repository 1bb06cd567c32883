"""What may be done with a parcel, and who has to act? Routes with what speaks for and against.

The plan opens routes by conditions; the policy says what speaks against each and who answers for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landgis.model.schema import ROUTES, empty
from landgis.policy import Policy, load
from landgis.policy.judgement import judge, judgement_day
from landgis.policy.records import ROUTE_CATEGORIES
from landgis.policy.wording import fill, label

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame

    from landgis.policy import Rule
    from landgis.policy.judgement import Judgement

    Rows = NDArray[np.intp]

__all__ = ["routes"]

MAX_NAMED = 4  # missing facts named in one sentence


def routes(
    parcels: DataFrame,
    *,
    policy: str | Path | Policy = "qinzhou_2021",
    as_of: dt.date | str | None = None,
) -> DataFrame:
    """Propose the routes of disposal the policy opens to each parcel.

    Parameters
    ----------
    parcels : DataFrame
        Parcels with whatever columns are known; ``unit`` tells who is responsible.
    policy : str or Path or Policy, optional
        Name of a policy, a policy folder, or a policy already loaded.
    as_of : date or str or None, optional
        The day for which the judgement is made; today where None.

    Returns
    -------
    DataFrame
        `schema.ROUTES`: one row per parcel and route whose condition holds, parcels in the order of
        the table. ``because`` speaks for the route, ``against`` against it, ``to_check`` names what
        is not known; ``responsible`` is the policy's, with the ledger's in brackets where it differs.

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
    A route is a proposal, not a decision. A department is named where the policy's condition for
    it holds; where that is unknown it is not.

    Examples
    --------
    >>> import pandas
    >>> village = {"construction_in_2009_survey": True, "in_town": True, "title_clear": True}
    >>> village |= {"disputed": False, "renewal_plan": "城中村", "collective_land": True}
    >>> parcels = pandas.DataFrame([village | {"unit": "灵山县", "contract_no": None}], index=["P1"])
    >>> found = routes(parcels.assign(supplied_ha=0.0), as_of="2020-12-31")
    >>> found[["route", "responsible"]].values.tolist()
    [['城中村开发', '灵山县人民政府']]
    """
    rules = policy if isinstance(policy, Policy) else load(policy)
    judged = judge(parcels, rules, as_of=judgement_day(as_of))
    names = parcels.index.astype("str").to_numpy(dtype=object)
    units = _column(parcels, "unit")
    responsible = _responsible(parcels, units, rules)
    blocks, order = [], []
    for rule in (rule for rule in judged.rules if rule.category in ROUTE_CATEGORIES):
        rows = np.flatnonzero(judged.truths[rule.id].true & (not rule.advisory))
        if not len(rows):
            continue
        against, to_check = _cautions(rule, judged, rules, rows)
        blocks.append(
            pd.DataFrame(
                {
                    "parcel_id": names[rows],
                    "unit": units[rows],
                    "judged_class": judged.chosen[rows],
                    "rule_id": rule.id,
                    "route": rule.title,
                    "because": fill(rule.because, judged.facts, rules, rows).to_pylist(),
                    "against": against,
                    "to_check": to_check,
                    "responsible": responsible[rows],
                    "supporting": _supporting(rule, judged, rules, rows),
                    "basis": rule.basis,
                },
            ).astype("str")
        )
        order.append(rows)
    if not blocks:
        return empty(ROUTES)
    table = pd.concat(blocks, ignore_index=True)
    return table.iloc[np.argsort(np.concatenate(order), kind="stable")].reset_index(drop=True)


def _column(parcels: DataFrame, name: str) -> NDArray[np.object_]:
    """Give a text column, empty where unknown."""
    if name not in parcels.columns:
        return np.full(len(parcels), "", dtype=object)
    values = parcels[name].astype("object").where(parcels[name].notna(), "")
    texts: NDArray[np.object_] = values.astype(str).str.strip().to_numpy(dtype=object)
    return texts


def _responsible(
    parcels: DataFrame, units: NDArray[np.object_], policy: Policy
) -> NDArray[np.object_]:
    by_unit = {unit: body.id for body in policy.bodies for unit in body.units}
    rest = next((body.id for body in policy.bodies if not body.units), "")
    answer = []
    for unit, recorded in zip(units.tolist(), _column(parcels, "responsible"), strict=True):
        body = by_unit.get(unit, rest)
        answer.append(f"{body}（台账：{recorded}）" if recorded not in {"", body} else body)
    return np.array(answer, dtype=object)


def _cautions(
    rule: Rule, judged: Judgement, policy: Policy, rows: Rows
) -> tuple[list[str], list[str]]:
    """Say what speaks against a route, and what is not known of it."""
    against: list[list[str]] = [[] for _ in rows]
    to_check: list[list[str]] = [[] for _ in rows]
    for caution in (caution for caution in policy.cautions if rule.id in caution.routes):
        truth = judged.facts.truth(caution.when)
        places = np.flatnonzero(truth.true[rows])
        said = fill(caution.because, judged.facts, policy, rows[places]).to_pylist()
        for place, text in zip(places.tolist(), said, strict=True):
            against[place].append(text)
        wanted = judged.facts.missing(caution.when)
        for name, mask in wanted.items():
            for place in np.flatnonzero(mask[rows]).tolist():
                to_check[place].append(label(name, policy))
    return [_joined(texts) for texts in against], [
        "、".join(list(dict.fromkeys(names))[:MAX_NAMED]) for names in to_check
    ]


def _supporting(rule: Rule, judged: Judgement, policy: Policy, rows: Rows) -> list[str]:
    named: list[list[str]] = [[] for _ in rows]
    for department in policy.departments:
        if department.routes and rule.id not in department.routes:
            continue
        truth = judged.facts.truth(department.when)
        for place in np.flatnonzero(truth.true[rows]).tolist():
            named[place].append(department.id)
    return ["、".join(names) for names in named]


def _joined(texts: Iterable[str]) -> str:
    return "；".join(texts)

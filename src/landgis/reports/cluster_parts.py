"""What the tables beside the clusters tell of one cluster: its parts, its points, its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from landgis.model.schema import LAYER_LABELS
from landgis.model.units import HA_DECIMALS, convert, show
from landgis.reports.cells import text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pandas import DataFrame, Series

UNKNOWN = "未知"


class ClusterTables(NamedTuple):
    """What is known of clusters beside their own row; None where nobody reckoned it.

    Attributes
    ----------
    parts : DataFrame or None
        `schema.CLUSTER_PARTS`.
    pockets : DataFrame or None
        `schema.POCKETS`.
    separations : DataFrame or None
        `schema.SEPARATIONS`.
    priorities : DataFrame or None
        `schema.PRIORITIES`.
    renewal_units : DataFrame or None
        `schema.RENEWAL_UNITS`.
    """

    parts: DataFrame | None = None
    pockets: DataFrame | None = None
    separations: DataFrame | None = None
    priorities: DataFrame | None = None
    renewal_units: DataFrame | None = None

    def each(self, cluster_ids: Iterable[str]) -> dict[str, ClusterTables]:
        """Give every cluster its own rows.

        Parameters
        ----------
        cluster_ids : iterable of str
            The clusters.

        Returns
        -------
        dict of str to ClusterTables
            The same tables, shorter, by cluster; empty where a cluster has no row.
        """
        places = [
            None if table is None else table.groupby(table["cluster_id"].astype("str")).indices
            for table in self
        ]
        return {
            name: ClusterTables(
                *(
                    None if table is None or found is None else table.iloc[found.get(name, [])]
                    for table, found in zip(self, places, strict=True)
                )
            )
            for name in cluster_ids
        }


class Part(NamedTuple):
    """One kind of ground in a cluster.

    Attributes
    ----------
    item : str
        What it is, such as 工业用地.
    area_m2 : float or None
        Statutory area in m²; None is unknown.
    share : float or None
        Share of the cluster, 0 to 1; None is unknown.
    member_count : int or None
        Parcels; None is unknown.
    """

    item: str
    area_m2: float | None
    share: float | None
    member_count: int | None


class Criterion(NamedTuple):
    """One part of the priority score.

    Attributes
    ----------
    name : str
        The criterion.
    points : float or None
        0 to 100; None is unknown.
    weight : float or None
        Its share of the weights of the criteria that are known.
    contribution : float or None
        What it adds to the score.
    because : str
        The reason, empty where none is given.
    """

    name: str
    points: float | None
    weight: float | None
    contribution: float | None
    because: str


class Separation(NamedTuple):
    """One neighbour that was cut off.

    Attributes
    ----------
    place : int
        Position of the row in its table.
    other : str
        The other cluster or parcel.
    cause : str
        What lies between, in words.
    joins_m2 : float or None
        Area in m² that would join; None is unknown.
    """

    place: int
    other: str
    cause: str
    joins_m2: float | None

    @property
    def gain(self) -> str:
        """Say how much would join.

        Returns
        -------
        str
            Such as ``连通可增 1.2000 公顷``.
        """
        return f"连通可增 {hectares(self.joins_m2, UNKNOWN)}"


def number(row: Series, name: str) -> float | None:
    """Read one number of a row.

    Parameters
    ----------
    row : Series
        A row of any table.
    name : str
        Column; it may be absent.

    Returns
    -------
    float or None
        None where it is absent or unknown.

    Examples
    --------
    >>> number(pd.Series({"score": 82.5}), "score"), number(pd.Series({}), "score")
    (82.5, None)
    """
    value = row.get(name)
    return None if value is None or pd.isna(value) else float(value)


def hectares(area_m2: float | None, blank: str = "—") -> str:
    """Print an area in m² as 公顷, half-up.

    Parameters
    ----------
    area_m2 : float or None
        The area; None is unknown.
    blank : str, optional
        What stands for the unknown.

    Returns
    -------
    str
        With its unit.

    Examples
    --------
    >>> hectares(125864.54), hectares(None)
    ('12.5865 公顷', '—')
    """
    if area_m2 is None:
        return blank
    return f"{show(float(convert(area_m2, source='m2', target='ha')), HA_DECIMALS)} 公顷"


def divided(parts: DataFrame | None, topic: str) -> list[Part]:
    """List what a cluster is made of under one topic, the largest first.

    Parameters
    ----------
    parts : DataFrame or None
        `schema.CLUSTER_PARTS` of one cluster.
    topic : str
        Such as 规划用途.

    Returns
    -------
    list of Part
        Empty where nothing is known.

    Examples
    --------
    >>> parts = pd.DataFrame({"topic": ["规划用途"], "item": ["工业用地"], "area_m2": [5.0]})
    >>> divided(parts, "规划用途")
    [Part(item='工业用地', area_m2=5.0, share=None, member_count=None)]
    """
    if parts is None:
        return []
    own = parts[parts["topic"] == topic].sort_values("area_m2", ascending=False, kind="stable")
    named = zip(texts(own, "item"), texts(own, "layer"), strict=True)
    words = [item or LAYER_LABELS.get(layer or "", layer) or "未填" for item, layer in named]
    rows = (own.iloc[place] for place in range(len(own)))
    return [
        Part(
            word, number(row, "area_m2"), number(row, "share"), _whole(number(row, "member_count"))
        )
        for word, row in zip(words, rows, strict=True)
    ]


def criteria_of(priorities: DataFrame | None) -> list[Criterion]:
    """List the parts of the score, in the order of the policy.

    Parameters
    ----------
    priorities : DataFrame or None
        `schema.PRIORITIES` of one cluster.

    Returns
    -------
    list of Criterion
        Empty where there is no score.

    Examples
    --------
    >>> rows = pd.DataFrame({"criterion": ["净地占比"], "points": [80.0], "contribution": [20.0]})
    >>> criteria_of(rows)[0].contribution
    20.0
    """
    if priorities is None:
        return []
    rows = [priorities.iloc[place] for place in range(len(priorities))]
    weights = [number(row, "weight") for row in rows if number(row, "points") is not None]
    whole = sum(weight for weight in weights if weight is not None)
    return [
        Criterion(
            text(row.get("criterion")) or UNKNOWN,
            number(row, "points"),
            _share_of(row, whole),
            number(row, "contribution"),
            text(row.get("because")) or "",
        )
        for row in rows
    ]


def _share_of(row: Series, whole: float) -> float | None:
    """Give the weight among the known ones, so that points times weight is what is added."""
    weight = number(row, "weight")
    if weight is None or number(row, "points") is None or whole <= 0:
        return None
    return weight / whole


def separations_of(separations: DataFrame | None) -> list[Separation]:
    """List what a cluster was cut off from, the largest gain first.

    Parameters
    ----------
    separations : DataFrame or None
        `schema.SEPARATIONS` of one cluster.

    Returns
    -------
    list of Separation
        Empty where there is none.

    Examples
    --------
    >>> rows = pd.DataFrame({"other_id": ["LP-2"], "cause": ["阻隔"], "barrier_class": ["铁路"],
    ...                      "gap_m": [34.2], "would_join_m2": [12000.0]})
    >>> told = separations_of(rows)[0]
    >>> told.cause, told.gain
    ('被铁路隔断，间距 34.20 米', '连通可增 1.2000 公顷')
    """
    if separations is None:
        return []
    rows = [separations.iloc[place] for place in range(len(separations))]
    told = [
        Separation(
            place, text(row.get("other_id")) or UNKNOWN, _between(row), number(row, "would_join_m2")
        )
        for place, row in enumerate(rows)
    ]
    return sorted(told, key=lambda found: -1.0 if found.joins_m2 is None else -found.joins_m2)


def _between(row: Series) -> str:
    """Say what keeps two clusters apart."""
    cause, gap = text(row.get("cause")), number(row, "gap_m")
    metres = "" if gap is None else f"间距 {show(gap, 2)} 米"
    if cause == "阻隔":
        kind, name = text(row.get("barrier_class")) or "", text(row.get("barrier")) or ""
        named = f"{kind}“{name}”" if kind and name and name != kind else kind or name or "阻隔物"
        words = f"被{named}隔断"
    else:
        words = {"间距": "相距较远", "角点": "仅在角点相接", "范围": "不在同一限定范围内"}.get(
            cause or "", "原因未知"
        )
    return "，".join(word for word in (words, metres) if word)


def _whole(count: float | None) -> int | None:
    return None if count is None else int(count)

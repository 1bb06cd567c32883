"""What a policy consists of: frozen records, as read from its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from landgis.policy.tree import Constant, fields

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from landgis.model.schema import Column
    from landgis.policy.cluster_records import BarrierRule, Criterion
    from landgis.policy.tree import Node

READINESS_CATEGORY = "净毛地"
CROSS_CHECK_CATEGORY = "净毛地核对"  # an attribute of readiness against what was seen
ROUTE_CATEGORIES = ("处置路径", "闲置后果")  # what may be done with a parcel
OVERLAP_VERDICTS = ("禁止", "限制", "需调整", "符合")
MEASURES = ("total", "yearly_rate", "decline", "yardstick")
Where = Literal["inside", "outside"]


@dataclass(frozen=True, slots=True)
class Term:
    """A named quantity or condition that rules share.

    Attributes
    ----------
    name : str
        Name in expressions.
    text : str
        The expression as written.
    node : Node
        The expression as read.
    title : str
        What a planner calls it.
    basis : str
        Document and clause, or the note that it is an unverified default.
    unit : str
        ``%`` where it is shown as a percentage.
    """

    name: str
    text: str
    node: Node
    title: str
    basis: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when it holds, by which clause, and what follows.

    Attributes
    ----------
    id : str
        Short stable name, unique in the policy.
    category : str
        The class it assigns, ``净毛地`` for a condition of readiness, else a matter of its own.
    title : str
        What it says, in short.
    basis : str
        Document and clause, or the note that it is an unverified default.
    text : str
        The condition as written.
    when : Node
        The condition as read.
    because : str
        The reason where it holds; ``{name}`` stands for the value of a column or term.
    otherwise : str
        The reason where it does not hold.
    priority : int
        Order within its category; the smaller decides.
    hard : bool
        Readiness only: without it the ground is no 净地.
    advisory : bool
        Whether it only points out what a person has to look at.
    quiet : bool
        Whether *unknown* is not worth a row (a check of facts that need not be there).
    look : str
        What a person has to look at; empty where the rule decides by itself.
    contradicts : str
        Id of the condition of readiness that this rule, where it holds, contradicts.
    valid_from, valid_to : date or None
        Days between which it applies, both included.
    """

    id: str
    category: str
    title: str
    basis: str
    text: str
    when: Node
    because: str
    otherwise: str = ""
    priority: int = 100
    hard: bool = False
    advisory: bool = False
    quiet: bool = False
    look: str = ""
    contradicts: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns its condition looks at.

        Returns
        -------
        tuple of str
            In order of appearance, once each.
        """
        return tuple(fields(self.when))

    def applies(self, day: dt.date) -> bool:
        """Say whether the rule is in force on that day.

        Parameters
        ----------
        day : date
            Day of the judgement.

        Returns
        -------
        bool
            True from `valid_from` to `valid_to`, both included.
        """
        late_enough = self.valid_from is None or day >= self.valid_from
        return late_enough and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Caution:
    """What speaks against a route.

    Attributes
    ----------
    id : str
        Short stable name.
    routes : tuple of str
        Ids of the rules of the routes it speaks against.
    text : str
        The condition as written.
    when : Node
        The condition as read.
    because : str
        What speaks against them; ``{name}`` stands for the value of a column or term.
    basis : str
        Document and clause, or the note that it is an unverified default.
    """

    id: str
    routes: tuple[str, ...]
    text: str
    when: Node
    because: str
    basis: str


@dataclass(frozen=True, slots=True)
class Body:
    """Who is responsible for the parcels of some units.

    Attributes
    ----------
    id : str
        Name of the body.
    units : tuple of str
        Statistical units it answers for; empty for all that no other body answers for.
    basis : str
        Document and clause.
    """

    id: str
    units: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Department:
    """Who supports, with what, and for which parcels.

    Attributes
    ----------
    id : str
        Name of the department.
    duty : str
        What the document charges it with.
    text : str
        The condition as written.
    when : Node
        Parcels it is concerned with.
    routes : tuple of str
        Ids of the rules of the routes it supports; empty for all.
    basis : str
        Document and clause.
    """

    id: str
    duty: str
    text: str
    when: Node
    routes: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class OverlapRule:
    """What it means to lie inside or outside a control line.

    Attributes
    ----------
    layer : str
        Layer it speaks of.
    zone : str
        Name of the zone in that layer; empty for any.
    where : {'inside', 'outside'}
        Which ground is meant.
    verdict : {'禁止', '限制', '需调整', '符合'}
        What follows.
    basis : str
        Document and clause, or the note that it is an unverified default.
    because : str
        The reason as a planner reads it.
    layers : tuple of str
        Every name the layer may bear, `layer` first.
    """

    layer: str
    zone: str
    where: Where
    verdict: str
    basis: str
    because: str
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One figure that is to be reached.

    Attributes
    ----------
    id, title, basis : str
        Short name, what it is, document and clause.
    value : Fraction or None
        The figure; a share of one where it was written in percent; None where the document gives
        none and a yardstick is to be brought along.
    unit : str
        Unit of the figure; empty for a share.
    due : date or None
        The day it is due; every year where None.
    land_class : str
        Class it concerns; empty for all.
    measure : {'', 'total', 'yearly_rate', 'decline', 'yardstick'}
        How it is measured: area disposed of since the baseline; share of the baseline's stock
        disposed of in a year; decline of construction land per `subject` since `base_year`;
        `subject` of every park beside a yardstick. Empty: not by landgis.
    subject : str
        Indicator (`decline`) or column (`yardstick`) it is about.
    base_year : int or None
        Year that a decline is counted from.
    """

    id: str
    title: str
    basis: str
    value: Fraction | None
    unit: str = ""
    due: dt.date | None = None
    land_class: str = ""
    measure: str = ""
    subject: str = ""
    base_year: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything one city has laid down.

    Attributes
    ----------
    name, title, basis : str
        Folder name, title and main document.
    folder : Path
        Where it was read.
    classes : tuple of str
        Land classes in the order of judgement: the first that holds is the class.
    columns : mapping of str to Column
        Columns its expressions may name.
    terms : mapping of str to Term
        Shared quantities and conditions.
    rules : tuple of Rule
        Every rule, in the order of the files.
    overlap_rules : tuple of OverlapRule
        What control lines mean.
    quarters : tuple of Fraction
        Cumulative share of the yearly task due at the end of each quarter; empty where the
        policy has none.
    reward, penalty : Fraction or None
        Share of next year's quota gained or lost.
    progress_basis : str
        Document and clause of quarters, reward and penalty.
    baseline : date or None
        Day of the cohort that rates refer to, where no snapshot says it.
    targets : tuple of Target
        Figures to be reached.
    annex_path : Path or None
        The official table, where the folder has one.
    cautions : tuple of Caution
        What speaks against routes.
    bodies : tuple of Body
        Who is responsible.
    departments : tuple of Department
        Who supports.
    exclusive : tuple of str
        Categories of which at most one rule may hold.
    criteria : tuple of Criterion
        Parts of the priority score of a cluster.
    least_known : Fraction or None
        Share of their weights that must be known for a score; None where there are none.
    priority_basis : str
        Document and clause of that share, or the note that it is an unverified default.
    barrier_rules : tuple of BarrierRule
        Which features part clusters.
    """

    name: str
    title: str
    basis: str
    folder: Path
    classes: tuple[str, ...]
    columns: Mapping[str, Column]
    terms: Mapping[str, Term]
    rules: tuple[Rule, ...]
    overlap_rules: tuple[OverlapRule, ...] = ()
    quarters: tuple[Fraction, ...] = ()
    reward: Fraction | None = None
    penalty: Fraction | None = None
    progress_basis: str = ""
    baseline: dt.date | None = None
    targets: tuple[Target, ...] = field(default=())
    annex_path: Path | None = None
    cautions: tuple[Caution, ...] = ()
    bodies: tuple[Body, ...] = ()
    departments: tuple[Department, ...] = ()
    exclusive: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    least_known: Fraction | None = None
    priority_basis: str = ""
    barrier_rules: tuple[BarrierRule, ...] = ()

    def of(self, category: str) -> tuple[Rule, ...]:
        """Give the rules of one category, those that decide first first.

        Parameters
        ----------
        category : str
            Such as ``闲置`` or ``净毛地``.

        Returns
        -------
        tuple of Rule
            By priority, then in the order of the files.
        """
        mine = (rule for rule in self.rules if rule.category == category)
        return tuple(sorted(mine, key=lambda rule: rule.priority))

    def limit(self, name: str) -> Fraction | None:
        """Give the value of a term that is one plain number.

        Parameters
        ----------
        name : str
            Term, such as ``built_limit``.

        Returns
        -------
        Fraction or None
            Its value; None where the policy has no such term or it depends on the parcel.
        """
        node = self.terms[name].node if name in self.terms else None
        value = node.value if isinstance(node, Constant) else None
        return value if isinstance(value, Fraction) else None

    def rule(self, rule_id: str) -> Rule:
        """Give one rule by its id; KeyError where there is none.

        Parameters
        ----------
        rule_id : str
            Such as ``XZ-1``.

        Returns
        -------
        Rule
            The rule.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

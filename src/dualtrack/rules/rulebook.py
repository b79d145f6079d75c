"""The rulebook: rules, limits, dated parameters, and what a scenario changes in them. It knows no country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.rules.arrays import Array, anything_true, lifted, namespace, nothing_true
from dualtrack.rules.conditions import ALWAYS, Bounds, Condition
from dualtrack.rules.environment import Environment, Finding
from dualtrack.rules.parameters import NoValueInForce, Parameter, ParameterValues
from dualtrack.rules.terms import Term

T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """What rules decide about, with its outcomes from mildest to strictest.

    Args:
        bars: Outcomes with which an order may not ship.
    """

    id: str
    outcomes: tuple[str, ...]
    bars: tuple[str, ...] = ()

    def rank(self, outcome: str) -> int:
        return self.outcomes.index(outcome)


@dataclass(frozen=True)
class Rule:
    """A condition and its outcome.

    A rule that is not in force is not read further, so its parameters need no value then. The rules of a
    subject share out all orders between them, each to exactly one; those marked `overlay` lie over them,
    and the strictest outcome holds.

    Args:
        steps: What an order with this outcome still takes before it may ship, as fields to declare.
    """

    id: str
    subject: str
    condition: Condition
    outcome: str
    citation: str
    facts: tuple[str, ...] = ()
    in_force: Condition = ALWAYS
    overlay: bool = False
    steps: tuple[str, ...] = ()

    def holds(self, environment: Environment) -> Array:
        """True where the rule is in force and its condition is met."""
        active = self.in_force.holds(environment)
        return active if nothing_true(active) else active & self.condition.holds(environment)

    def bounds(self, environment: Environment) -> Bounds:
        """Where the rule is in force and met for sure, and where it may be."""
        active = self.in_force.bounds(environment)
        if nothing_true(active.possible):
            return active
        asked = self.condition.bounds(environment)
        return Bounds(active.certain & asked.certain, active.possible & asked.possible)

    def findings(self, environment: Environment) -> list[Finding]:
        """The reasons for or against the rule for one order; none where it is not in force."""
        if self.in_force.truth(environment) is False:
            return []
        return self.condition.findings(environment)


class Row(NamedTuple):
    """A limit as one row of a linear program: weight × further units ≤ room."""

    weight: Array
    room: Array


@dataclass(frozen=True)
class Limit:
    """A ceiling on units, linear in them: used + weight × further units ≤ ceiling.

    Args:
        subject: Whose gate it belongs to, "us" or "china".
        scope: Counted over all buyers, or for each.
        per: Counted since the start, or within a month.
        weight: What one unit uses up.
        applies: Which chips it is about. Arrays are not filtered by it: ask it once per chip.
    """

    id: str
    what: str
    subject: str
    scope: Literal["total", "buyer"]
    per: Literal["cumulative", "month"]
    weight: Term
    used: Term
    ceiling: Term
    in_force: Condition = ALWAYS
    applies: Condition = ALWAYS
    citation: str = ""
    facts: tuple[str, ...] = ()

    def row(self, environment: Environment) -> Row:
        """Weight of a unit, and the room left: below zero where overrun, infinite where not in force."""
        active = self.in_force.holds(environment)
        if nothing_true(active):
            return Row(1.0, lifted(float("inf")))
        room = self.ceiling.evaluate(environment) - self.used.evaluate(environment)
        where = namespace(active, room).where
        return Row(self.weight.evaluate(environment), where(active, room, float("inf")))

    def headroom(self, environment: Environment) -> Array:
        """Units that still fit; infinite where the limit is not in force or a unit weighs nothing."""
        weight, room = self.row(environment)
        # A ceiling lowered below what is used does not call units back.
        left = room.clip(0)
        if not hasattr(weight, "shape"):
            return left / weight if weight > 0 else lifted(float("inf"))
        where = namespace(weight, room).where
        weighs = weight > 0
        return where(weighs, left / where(weighs, weight, 1), float("inf"))

    def headroom_of_order(self, environment: Environment) -> float | None:
        """Units that still fit, for one order; None where it hangs on an undeclared field."""
        answers = (self.in_force.truth(environment), self.applies.truth(environment))
        if False in answers:
            return float("inf")
        terms = (self.weight, self.used, self.ceiling)
        if None in answers or any(term.undeclared(environment) for term in terms):
            return None
        return float(self.headroom(environment))


@dataclass(frozen=True)
class Amendment:
    """A change to the rules.

    Args:
        parameters: New values by id: a number, an array, or a Term over the values before the change.
    """

    id: str
    parameters: Mapping[str, Any]
    why: str
    facts: tuple[str, ...] = ()

    def values(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The new values, worked out over those before the change."""
        environment = Environment({}, before)
        return {
            name: value.evaluate(environment) if isinstance(value, Term) else value
            for name, value in self.parameters.items()
        }


@dataclass(frozen=True)
class Rulebook:
    """All rules, limits and parameters, with the amendments laid over them. It never changes."""

    subjects: tuple[Subject, ...]
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...]
    parameters: Mapping[str, Parameter]
    cover_from: date
    amendments: tuple[Amendment, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        raise_gathered(self._faults(), DataFault, "The rulebook is unsound.")

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view of a mapping cannot be pickled, and workers are sent the rulebook.
        parts = (self.subjects, self.rules, self.limits, dict(self.parameters), self.cover_from)
        return (Rulebook, (*parts, self.amendments))

    @property
    def items(self) -> tuple[Rule | Limit, ...]:
        """Every rule, then every limit."""
        return (*self.rules, *self.limits)

    def rule(self, name: str) -> Rule:
        """The rule of that id."""
        return _by_id("rule", name, {rule.id: rule for rule in self.rules})

    def limit(self, name: str) -> Limit:
        """The limit of that id."""
        return _by_id("limit", name, {limit.id: limit for limit in self.limits})

    def subject(self, name: str) -> Subject:
        """The subject of that id."""
        return _by_id("subject", name, {subject.id: subject for subject in self.subjects})

    def parameters_on(self, day: date) -> ParameterValues:
        """The number of every parameter on a day, amendments applied in order.

        Raises:
            NoValueInForce: The day lies before the law that is covered.
        """
        if day < self.cover_from:
            raise NoValueInForce(
                f"The rules have no value on {day}.\n"
                f"  Law is covered from {self.cover_from} (data/rules).\n"
                "  Ask for a later date; an order before it is neither allowed nor refused here."
            )
        amended: dict[str, Any] = {}
        values = ParameterValues(day, self.parameters)
        for amendment in self.amendments:
            amended.update(amendment.values(values))
            values = ParameterValues(day, self.parameters, amended)
        return values

    def amended(self, amendment: Amendment) -> Rulebook:
        """A rulebook with the amendment laid over this one, which stays as it is."""
        return replace(self, amendments=(*self.amendments, amendment))

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """Every day from which anything differs from the day before, within cover."""
        days = {self.cover_from}
        for parameter in self.parameters.values():
            for entry in parameter.history:
                days.add(entry.first)
                if entry.last is not None:
                    days.add(entry.last + timedelta(days=1))
        return tuple(sorted(day for day in days if day >= self.cover_from))

    def rules_of(self, subject: str) -> tuple[Rule, ...]:
        """The rules of one subject."""
        self.subject(subject)
        return tuple(rule for rule in self.rules if rule.subject == subject)

    def outcome(self, subject: str, environment: Environment) -> Array:
        """Rank of the strictest outcome that a rule reaches, as in the subject's `outcomes`.

        Raises:
            DataFault: No rule reaches some order. (Traced jax arrays give -1 there.)
        """
        ranks = self.subject(subject)
        strictest = lifted(-1)
        for rule in self.rules_of(subject):
            reached = rule.holds(environment)
            library = namespace(reached, strictest)
            rank = library.where(reached, ranks.rank(rule.outcome), -1)
            strictest = library.maximum(strictest, rank)
        if anything_true(strictest < 0):
            raise DataFault(
                f"No rule of {subject} reaches {int((strictest < 0).sum())} of {strictest.size} orders. "
                "The rules leave a gap on that day: report it, or add a rule."
            )
        return strictest

    def reasons(self, subject: str, environment: Environment) -> tuple[Rule, ...]:
        """The rules that reach the outcome of one order: those as strict as the strictest."""
        reached = [rule for rule in self.rules_of(subject) if bool(rule.holds(environment))]
        ranks = self.subject(subject)
        strictest = max((ranks.rank(rule.outcome) for rule in reached), default=-1)
        return tuple(rule for rule in reached if ranks.rank(rule.outcome) == strictest)

    def _faults(self) -> list[Fault]:
        named = [rule.id for rule in self.rules] + [limit.id for limit in self.limits]
        twice = sorted({name for name in named if named.count(name) > 1})
        faults = [Fault("stands twice. Rename one.", key=name) for name in twice]
        outcomes = {subject.id: subject.outcomes for subject in self.subjects}
        for rule in self.rules:
            if rule.outcome not in outcomes.get(rule.subject, ()):
                known = ", ".join(outcomes.get(rule.subject, ())) or "none"
                what = f"{rule.outcome!r} is no outcome of {rule.subject!r}. Known: {known}."
                faults.append(Fault(what, key=rule.id))
            faults += self._unknown(rule.id, rule.in_force.parameters() + rule.condition.parameters())
        for limit in self.limits:
            trees = (limit.in_force, limit.applies, limit.weight, limit.used, limit.ceiling)
            faults += self._unknown(limit.id, chain.from_iterable(tree.parameters() for tree in trees))
        for amendment in self.amendments:
            faults += self._amendment_faults(amendment)
        return faults

    def _amendment_faults(self, amendment: Amendment) -> list[Fault]:
        terms = [value for value in amendment.parameters.values() if isinstance(value, Term)]
        used = chain.from_iterable(term.parameters() for term in terms)
        faults = self._unknown(amendment.id, chain(amendment.parameters, used))
        for name, value in amendment.parameters.items():
            if value is None or (isinstance(value, float) and value != value):
                what = f"{name} is {value}. Give a number, or leave it out of the amendment."
                faults.append(Fault(what, key=amendment.id))
        for term in terms:
            for name in term.fields():
                faults.append(Fault(f"reads the field {name}; only parameters may.", key=amendment.id))
        return faults

    def _unknown(self, owner: str, names: Any) -> list[Fault]:
        return [
            Fault(f"there is no parameter {name!r}.{nearest(name, self.parameters)}", key=owner)
            for name in dict.fromkeys(names)
            if name not in self.parameters
        ]


def _by_id(kind: str, name: str, items: Mapping[str, T]) -> T:
    if name not in items:
        raise DataFault(f"There is no {kind} {name!r}.{nearest(name, items)} Known: {', '.join(items)}.")
    return items[name]

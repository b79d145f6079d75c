"""Rules as small expression values, read three ways: as arrays, as findings and as sentences."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dualtrack.rules.arrays import Array, lifted
from dualtrack.rules.environment import Environment, Finding, Parameters, Tree
from dualtrack.rules.labels import label_of
from dualtrack.rules.terms import Constant, Field, Param, Term


class Bounds(NamedTuple):
    """Where a condition holds whatever the unknown turns out to be, and where it may hold."""

    certain: Array
    possible: Array

    @property
    def truth(self) -> bool | None:
        """The answer for one order; None where it hangs on something unknown."""
        return True if bool(self.certain) else None if bool(self.possible) else False


class Condition(Tree):
    """A yes or no, for one order or for many at once."""

    @abstractmethod
    def holds(self, environment: Environment) -> Array:
        """True where the condition is met: an array that broadcasts like the fields it reads.

        Raises:
            DataFault: A name is missing, or a field is undeclared.
        """

    @abstractmethod
    def bounds(self, environment: Environment) -> Bounds:
        """Where it holds for sure and where it may, with fields undeclared or known as ranges (Kleene's logic).

        Fields that hang together, such as performance and density, are taken apart; so the answer can be
        open where a closer look would settle it, and is never wrong.
        """

    def truth(self, environment: Environment) -> bool | None:
        """The answer for one order; None where it hangs on something unknown."""
        return self.bounds(environment).truth

    @abstractmethod
    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        """The comparisons and declarations that make the answer what it is, for one order.

        Where one of several is enough, those that meet it are given; all of them where none does.
        """

    def __and__(self, other: Condition) -> Condition:
        return All(_parts(self, All) + _parts(other, All))

    def __or__(self, other: Condition) -> Condition:
        return Either(_parts(self, Either) + _parts(other, Either))

    def __invert__(self) -> Condition:
        return self.inner if isinstance(self, Not) else Not(self)


class Leaf(Condition):
    """A condition with no condition below it."""

    @abstractmethod
    def text(self, parameters: Parameters | None = None, negated: bool = False) -> str:
        """What is asked, as a sentence without a full stop."""


_COMPARISONS: Mapping[str, tuple[Callable[[Any, Any], Any], str, str]] = {
    "<": (operator.lt, "is below", ">="),
    "<=": (operator.le, "is at most", ">"),
    ">": (operator.gt, "is above", "<="),
    ">=": (operator.ge, "is at least", "<"),
    "==": (operator.eq, "is", "!="),
    "!=": (operator.ne, "is not", "=="),
}


@dataclass(frozen=True, eq=False)
class Comparison(Leaf):
    """One term held against another."""

    symbol: str
    left: Term
    right: Term

    def children(self) -> tuple[Tree, ...]:
        return (self.left, self.right)

    def holds(self, environment: Environment) -> Array:
        compare = _COMPARISONS[self.symbol][0]
        return lifted(compare(self.left.evaluate(environment), self.right.evaluate(environment)))

    def bounds(self, environment: Environment) -> Bounds:
        left, right = self.left.span(environment), self.right.span(environment)
        if self.symbol in ("==", "!="):
            same = lifted(left.low == left.high) & (right.low == right.high) & (left.low == right.low)
            may_be = lifted(left.low <= right.high) & (left.high >= right.low)
            return Bounds(same, may_be) if self.symbol == "==" else Bounds(~may_be, ~same)
        compare = _COMPARISONS[self.symbol][0]
        if self.symbol in (">", ">="):
            return Bounds(lifted(compare(left.low, right.high)), lifted(compare(left.high, right.low)))
        return Bounds(lifted(compare(left.high, right.low)), lifted(compare(left.low, right.high)))

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        stands = Comparison(_COMPARISONS[self.symbol][2], self.left, self.right) if negated else self
        seen, asked = self.left.known(environment), self.right.known(environment)
        margin = None
        if seen is not None and asked is not None:
            distance = float(asked) - float(seen)
            margin = {"<": distance, "<=": distance, ">": -distance, ">=": -distance}.get(stands.symbol)
        text = stands.text(environment.parameters)
        holds = stands.truth(environment)
        return [Finding(text, holds, seen, asked, margin, self.fields(), self.parameters())]

    def text(self, parameters: Parameters | None = None, negated: bool = False) -> str:
        symbol = _COMPARISONS[self.symbol][2] if negated else self.symbol
        label = label_of(self.left.name) if isinstance(self.left, Field) else None
        right = self.right.text(parameters, label.unit if label else "")
        if label and isinstance(self.right, Constant):
            right = label.values.get(float(self.right.number), right)
        return f"{self.left.text(parameters)} {_COMPARISONS[symbol][1]} {right}"


@dataclass(frozen=True, eq=False)
class Declared(Leaf):
    """A yes-or-no field, or a switch among the parameters."""

    term: Field | Param

    def children(self) -> tuple[Tree, ...]:
        return (self.term,)

    def holds(self, environment: Environment) -> Array:
        return lifted(self.term.evaluate(environment) != 0)

    def bounds(self, environment: Environment) -> Bounds:
        span = self.term.span(environment)
        known, yes = lifted(span.low == span.high), lifted(span.low != 0)
        return Bounds(known & yes, ~known | yes)

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        truth = self.truth(environment)
        holds = None if truth is None else truth != negated
        text = self.text(environment.parameters, negated)
        return [Finding(text, holds, truth, not negated, None, self.fields(), self.parameters())]

    def text(self, parameters: Parameters | None = None, negated: bool = False) -> str:
        name = self.term.name
        label = label_of(name)
        words = label.no if negated else label.yes
        if not words:
            words = f"{label.label} is {'not ' if negated else ''}so"
        return f"{words} ({name})" if isinstance(self.term, Param) else words


def declared(name: str) -> Declared:
    """True where a yes-or-no field is yes."""
    return Declared(Field(name))


def switched_on(name: str) -> Declared:
    """True where a switch among the parameters is not 0."""
    return Declared(Param(name))


@dataclass(frozen=True, eq=False)
class Joined(Condition):
    """Conditions joined by `and` or by `or`."""

    parts: tuple[Condition, ...]

    def children(self) -> tuple[Tree, ...]:
        return self.parts

    @property
    @abstractmethod
    def one_is_enough(self) -> bool:
        """Whether one part that holds makes the whole hold."""

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        parts = self.parts
        # Not all is the same as some not, so `not` turns the one into the other.
        if self.one_is_enough != negated:
            truths = [part.truth(environment) for part in parts]
            meets = [part for part, truth in zip(parts, truths, strict=True) if truth is (not negated)]
            may = [part for part, truth in zip(parts, truths, strict=True) if truth is None]
            parts = tuple(meets or may) or parts
        return [finding for part in parts for finding in part.findings(environment, negated)]


class All(Joined):
    """True where every part holds; with no part, always."""

    one_is_enough = False

    def holds(self, environment: Environment) -> Array:
        result = lifted(True)
        for part in self.parts:
            result = result & part.holds(environment)
        return result

    def bounds(self, environment: Environment) -> Bounds:
        certain = possible = lifted(True)
        for part in self.parts:
            surely, maybe = part.bounds(environment)
            certain, possible = certain & surely, possible & maybe
        return Bounds(certain, possible)


class Either(Joined):
    """True where at least one part holds."""

    one_is_enough = True

    def holds(self, environment: Environment) -> Array:
        result = lifted(False)
        for part in self.parts:
            result = result | part.holds(environment)
        return result

    def bounds(self, environment: Environment) -> Bounds:
        certain = possible = lifted(False)
        for part in self.parts:
            surely, maybe = part.bounds(environment)
            certain, possible = certain | surely, possible | maybe
        return Bounds(certain, possible)


@dataclass(frozen=True, eq=False)
class Not(Condition):
    """True where the inner condition does not hold."""

    inner: Condition

    def children(self) -> tuple[Tree, ...]:
        return (self.inner,)

    def holds(self, environment: Environment) -> Array:
        return ~self.inner.holds(environment)

    def bounds(self, environment: Environment) -> Bounds:
        certain, possible = self.inner.bounds(environment)
        return Bounds(~possible, ~certain)

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        return self.inner.findings(environment, not negated)


@dataclass(frozen=True, eq=False)
class Named(Condition):
    """A condition that sentences call by words of its own, and define at their end."""

    yes: str
    no: str
    inner: Condition

    def children(self) -> tuple[Tree, ...]:
        return (self.inner,)

    def holds(self, environment: Environment) -> Array:
        return self.inner.holds(environment)

    def bounds(self, environment: Environment) -> Bounds:
        return self.inner.bounds(environment)

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        return self.inner.findings(environment, negated)


ALWAYS = All(())


def _parts(condition: Condition, kind: type[Joined]) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, kind) else (condition,)

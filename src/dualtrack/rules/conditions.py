"""Rules as small expression values, read three ways: as arrays, as findings and as sentences."""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dualtrack.errors import DataFault
from dualtrack.rules.arrays import Array, lifted, namespace
from dualtrack.rules.environment import Environment, Finding, Parameters, Tree
from dualtrack.rules.labels import label_of, number_text


class Term(Tree):
    """A number, or an array of them.

    Plain numbers stay plain, so that a threshold never widens the arrays of a float32 kernel.
    """

    __hash__ = object.__hash__

    @abstractmethod
    def evaluate(self, environment: Environment) -> Array:
        """The term's value."""

    @abstractmethod
    def text(self, parameters: Parameters | None = None, unit: str = "") -> str:
        """The term in words, with the parameters' values where they are given."""

    def known(self, environment: Environment) -> Any:
        """The value for one order; None where a field is undeclared."""
        return None if self.undeclared(environment) else self.evaluate(environment)

    def __lt__(self, other: Term | float) -> Comparison:
        return Comparison("<", self, as_term(other))

    def __le__(self, other: Term | float) -> Comparison:
        return Comparison("<=", self, as_term(other))

    def __gt__(self, other: Term | float) -> Comparison:
        return Comparison(">", self, as_term(other))

    def __ge__(self, other: Term | float) -> Comparison:
        return Comparison(">=", self, as_term(other))

    def __eq__(self, other: Term | float) -> Comparison:  # type: ignore[override]
        return Comparison("==", self, as_term(other))

    def __ne__(self, other: Term | float) -> Comparison:  # type: ignore[override]
        return Comparison("!=", self, as_term(other))

    def __add__(self, other: Term | float) -> Arithmetic:
        return Arithmetic("+", self, as_term(other))

    def __sub__(self, other: Term | float) -> Arithmetic:
        return Arithmetic("-", self, as_term(other))

    def __mul__(self, other: Term | float) -> Arithmetic:
        return Arithmetic("*", self, as_term(other))

    def __truediv__(self, other: Term | float) -> Arithmetic:
        return Arithmetic("/", self, as_term(other))


def as_term(value: Term | float) -> Term:
    """The value itself if it is a term, else a constant."""
    if isinstance(value, Term):
        return value
    if isinstance(value, int | float):
        return Constant(value)
    raise TypeError(f"{value!r} is no term. Wanted: field(...), param(...), constant(...) or a number.")


@dataclass(frozen=True, eq=False)
class Constant(Term):
    """A number that belongs to the rule's form, such as 1; thresholds are parameters."""

    number: float

    def children(self) -> tuple[Tree, ...]:
        return ()

    def evaluate(self, environment: Environment) -> Array:
        return self.number

    def text(self, parameters: Parameters | None = None, unit: str = "") -> str:
        return number_text(self.number, unit)


@dataclass(frozen=True, eq=False)
class Field(Term):
    """A property of the order, the chip, the buyer or the month."""

    name: str

    def children(self) -> tuple[Tree, ...]:
        return ()

    def fields(self) -> tuple[str, ...]:
        return (self.name,)

    def evaluate(self, environment: Environment) -> Array:
        value = environment.field(self.name)
        if value is None:
            raise DataFault(
                f"{self.name} is undeclared, so there is no yes or no. Declare it, or ask findings()."
            )
        return value

    def text(self, parameters: Parameters | None = None, unit: str = "") -> str:
        return label_of(self.name).label


@dataclass(frozen=True, eq=False)
class Param(Term):
    """A dated number of a rule."""

    name: str

    def children(self) -> tuple[Tree, ...]:
        return ()

    def parameters(self) -> tuple[str, ...]:
        return (self.name,)

    def evaluate(self, environment: Environment) -> Array:
        return environment.parameter(self.name)

    def text(self, parameters: Parameters | None = None, unit: str = "") -> str:
        if parameters is None:
            return self.name
        value = lifted(Environment({}, parameters).parameter(self.name))
        return f"{number_text(float(value), unit) if value.shape == () else 'by path'} ({self.name})"


def _smaller(left: Any, right: Any) -> Any:
    return namespace(left, right).minimum(left, right)


_ARITHMETIC: Mapping[str, tuple[Callable[[Any, Any], Any], str]] = {
    "+": (operator.add, "plus"),
    "-": (operator.sub, "less"),
    "*": (operator.mul, "times"),
    "/": (operator.truediv, "divided by"),
    "min": (_smaller, "or, if that is less,"),
}


@dataclass(frozen=True, eq=False)
class Arithmetic(Term):
    """Two terms joined by + - * or /, or the lesser of the two."""

    symbol: str
    left: Term
    right: Term

    def children(self) -> tuple[Tree, ...]:
        return (self.left, self.right)

    def evaluate(self, environment: Environment) -> Array:
        left = self.left.evaluate(environment)
        # A quotient of two plain numbers would raise on zero, where arrays give infinity.
        if self.symbol == "/":
            left = lifted(left)
        return _ARITHMETIC[self.symbol][0](left, self.right.evaluate(environment))

    def text(self, parameters: Parameters | None = None, unit: str = "") -> str:
        def part(term: Term) -> str:
            words = term.text(parameters)
            return f"({words})" if isinstance(term, Arithmetic) and term.symbol != self.symbol else words

        return f"{part(self.left)} {_ARITHMETIC[self.symbol][1]} {part(self.right)}"


def lesser(left: Term | float, right: Term | float) -> Arithmetic:
    """The lesser of two terms."""
    return Arithmetic("min", as_term(left), as_term(right))


# The words in which rules are written: field("chip.tpp") < param("us.review.tpp_ceiling").
field = Field
param = Param
constant = Constant


class Condition(Tree):
    """A yes or no, for one order or for many at once."""

    @abstractmethod
    def holds(self, environment: Environment) -> Array:
        """True where the condition is met: an array that broadcasts like the fields it reads.

        Raises:
            DataFault: A name is missing, or a field is undeclared.
        """

    @abstractmethod
    def truth(self, environment: Environment) -> bool | None:
        """The answer for one order; None where it hangs on an undeclared field (Kleene's logic)."""

    @abstractmethod
    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        """One finding for each comparison or declaration in the tree, for one order."""

    def __and__(self, other: Condition) -> Condition:
        return All(_parts(self, All) + _parts(other, All))

    def __or__(self, other: Condition) -> Condition:
        return Either(_parts(self, Either) + _parts(other, Either))

    def __invert__(self) -> Condition:
        return self.inner if isinstance(self, Not) else Not(self)


class Leaf(Condition):
    """A condition with no condition below it."""

    def truth(self, environment: Environment) -> bool | None:
        return None if self.undeclared(environment) else bool(self.holds(environment))

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

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        stands = Comparison(_COMPARISONS[self.symbol][2], self.left, self.right) if negated else self
        seen, asked = self.left.known(environment), self.right.known(environment)
        margin = None
        if seen is not None and asked is not None:
            distance = float(asked) - float(seen)
            margins = {"<": distance, "<=": distance, ">": -distance, ">=": -distance, "==": -abs(distance)}
            margin = margins.get(stands.symbol, abs(distance))
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

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        return [finding for part in self.parts for finding in part.findings(environment, negated)]


class All(Joined):
    """True where every part holds; with no part, always."""

    def holds(self, environment: Environment) -> Array:
        result = lifted(True)
        for part in self.parts:
            result = result & part.holds(environment)
        return result

    def truth(self, environment: Environment) -> bool | None:
        truths = [part.truth(environment) for part in self.parts]
        return False if False in truths else None if None in truths else True


class Either(Joined):
    """True where at least one part holds."""

    def holds(self, environment: Environment) -> Array:
        result = lifted(False)
        for part in self.parts:
            result = result | part.holds(environment)
        return result

    def truth(self, environment: Environment) -> bool | None:
        truths = [part.truth(environment) for part in self.parts]
        return True if True in truths else None if None in truths else False


@dataclass(frozen=True, eq=False)
class Not(Condition):
    """True where the inner condition does not hold."""

    inner: Condition

    def children(self) -> tuple[Tree, ...]:
        return (self.inner,)

    def holds(self, environment: Environment) -> Array:
        return ~self.inner.holds(environment)

    def truth(self, environment: Environment) -> bool | None:
        truth = self.inner.truth(environment)
        return None if truth is None else not truth

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

    def truth(self, environment: Environment) -> bool | None:
        return self.inner.truth(environment)

    def findings(self, environment: Environment, negated: bool = False) -> list[Finding]:
        return self.inner.findings(environment, negated)


ALWAYS = All(())


def _parts(condition: Condition, kind: type[Joined]) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, kind) else (condition,)

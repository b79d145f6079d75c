"""The numbers that rules compare: fields, parameters, constants, and sums of them."""

from __future__ import annotations

import math
import operator
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dualtrack.errors import DataFault
from dualtrack.rules.arrays import Array, lifted, namespace
from dualtrack.rules.environment import Environment, Parameters, Span, Tree
from dualtrack.rules.labels import label_of, number_text

if TYPE_CHECKING:
    from dualtrack.rules.conditions import Comparison


class Term(Tree):
    """A number, or an array of them.

    Plain numbers stay plain, so that a threshold never widens the arrays of a float32 kernel.
    """

    __hash__ = object.__hash__

    @abstractmethod
    def evaluate(self, environment: Environment) -> Array:
        """The term's value."""

    @abstractmethod
    def span(self, environment: Environment) -> Span:
        """Least and greatest value, where fields are ranges or undeclared."""

    @abstractmethod
    def text(self, parameters: Parameters | None = None, unit: str = "") -> str:
        """The term in words, with the parameters' values where they are given."""

    def known(self, environment: Environment) -> Any:
        """The value for one order; None where a field is undeclared or a range."""
        low, high = self.span(environment)
        return self.evaluate(environment) if low == high else None

    def __lt__(self, other: Term | float) -> Comparison:
        return self._compared("<", other)

    def __le__(self, other: Term | float) -> Comparison:
        return self._compared("<=", other)

    def __gt__(self, other: Term | float) -> Comparison:
        return self._compared(">", other)

    def __ge__(self, other: Term | float) -> Comparison:
        return self._compared(">=", other)

    def __eq__(self, other: Term | float) -> Comparison:  # type: ignore[override]
        return self._compared("==", other)

    def __ne__(self, other: Term | float) -> Comparison:  # type: ignore[override]
        return self._compared("!=", other)

    def _compared(self, symbol: str, other: Term | float) -> Comparison:
        from dualtrack.rules.conditions import Comparison

        return Comparison(symbol, self, as_term(other))

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

    def span(self, environment: Environment) -> Span:
        return Span(self.number, self.number)

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
        if isinstance(value, Span):
            raise DataFault(
                f"{self.name} is a range, {value.low:g} to {value.high:g}, so it has no one value. "
                "Give a number, or ask bounds()."
            )
        return value

    def span(self, environment: Environment) -> Span:
        value = environment.field(self.name)
        if value is None:
            return Span(-math.inf, math.inf)
        if isinstance(value, Span):
            return value
        value = lifted(value)
        if value.dtype.kind != "f":
            return Span(value, value)
        library = namespace(value)
        unknown = library.isnan(value)
        return Span(library.where(unknown, -math.inf, value), library.where(unknown, math.inf, value))

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

    def span(self, environment: Environment) -> Span:
        value = environment.parameter(self.name)
        return Span(value, value)

    def text(self, parameters: Parameters | None = None, unit: str = "") -> str:
        # A number that is not in force on the day, or was never published, is called by its name.
        if parameters is None or self.name not in parameters:
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

    def span(self, environment: Environment) -> Span:
        left, right = self.left.span(environment), self.right.span(environment)
        work = _ARITHMETIC[self.symbol][0]
        if self.symbol in ("+", "min"):
            return Span(work(left.low, right.low), work(left.high, right.high))
        if self.symbol == "-":
            return Span(left.low - right.high, left.high - right.low)
        corners = [work(lifted(a), lifted(b)) for a in left for b in right]
        library = namespace(*corners)
        low = library.minimum(library.minimum(corners[0], corners[1]), library.minimum(*corners[2:]))
        high = library.maximum(library.maximum(corners[0], corners[1]), library.maximum(*corners[2:]))
        # Nothing by everything, or a divisor that may be zero: any value can come out.
        unbounded = library.isnan(low) | (
            (self.symbol == "/") & (lifted(right.low) <= 0) & (lifted(right.high) >= 0)
        )
        return Span(library.where(unbounded, -math.inf, low), library.where(unbounded, math.inf, high))

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

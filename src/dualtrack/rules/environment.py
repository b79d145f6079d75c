"""What a rule is asked about, what it answers about one order, and the names that its tree uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from dualtrack.errors import DataFault, nearest

Parameters = Mapping[str, Any]


class Span(NamedTuple):
    """The least and the greatest value of something known as a range."""

    low: Any
    high: Any


@dataclass(frozen=True)
class Environment:
    """What a condition is asked about.

    Args:
        fields: Values by name: plain values for one order, arrays that broadcast for many. None, and NaN in
            an array of floats: undeclared. A Span: known as a range.
        parameters: The numbers of the rules on one day; arrays where they differ by path.
    """

    fields: Mapping[str, Any]
    parameters: Parameters

    def field(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            hint = nearest(name, self.fields)
            raise DataFault(f"A rule asks for the field {name!r}, which was not given.{hint}") from None

    def parameter(self, name: str) -> Any:
        try:
            return self.parameters[name]
        except KeyError:
            hint = nearest(name, self.parameters)
            raise DataFault(f"A rule asks for the parameter {name!r}, which does not exist.{hint}") from None


@dataclass(frozen=True)
class Finding:
    """One reason in a decision.

    Args:
        text: What is asked, as a sentence.
        holds: Whether it is so; None where a field is undeclared.
        seen: The value found.
        asked: The value it is held against.
        margin: Distance to the threshold, in its unit; below zero where the finding does not hold.
    """

    text: str
    holds: bool | None
    seen: Any
    asked: Any
    margin: float | None
    fields: tuple[str, ...]
    parameters: tuple[str, ...]


def _no_truth(tree: object) -> NoReturn:
    raise TypeError(
        f"A {type(tree).__name__} has no truth value of its own. Ask tree.holds(environment); "
        "join with & | ~ instead of and, or, not; write a < b < c as (a < b) & (b < c)."
    )


class Tree(ABC):
    """What terms and conditions share: the names they use."""

    @abstractmethod
    def children(self) -> tuple[Tree, ...]:
        """The trees right below this one."""

    def fields(self) -> tuple[str, ...]:
        """Names of the fields used, each once, in reading order."""
        return tuple(dict.fromkeys(name for child in self.children() for name in child.fields()))

    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters used, each once, in reading order."""
        return tuple(dict.fromkeys(name for child in self.children() for name in child.parameters()))

    def undeclared(self, environment: Environment) -> tuple[str, ...]:
        """Names of the fields used that are None in the environment."""
        return tuple(name for name in self.fields() if environment.field(name) is None)

    def __bool__(self) -> bool:
        _no_truth(self)

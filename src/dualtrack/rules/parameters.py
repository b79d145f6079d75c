"""Dated numbers of the rules: their histories, and all of them on one day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dualtrack.errors import DataFault


class NoValueInForce(DataFault):
    """A parameter, or the whole rulebook, has no value on the day asked about."""


class Unpublished(DataFault):
    """No value of this parameter was ever published, and no amendment gives one."""


@dataclass(frozen=True)
class Dated:
    """One value and the days it holds; `last` None: until further notice."""

    first: date
    last: date | None
    value: float
    facts: tuple[str, ...] = ()
    confidence: str = ""
    assumption: str = ""

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Parameter:
    """A number in a rule, with its history.

    Args:
        history: In order of dates, without overlap.
        before: The value until the first date; None: asking for it is an error.
        unpublished: Why no value is known, where none was ever published.
        place: The file, for messages.
    """

    id: str
    what: str
    unit: str
    history: tuple[Dated, ...] = ()
    before: float | None = None
    unpublished: str = ""
    place: str = ""

    def value_on(self, day: date) -> float:
        """The value in force.

        Raises:
            NoValueInForce: The day lies outside the history.
            Unpublished: There is no history.
        """
        for entry in self.history:
            if entry.covers(day):
                return entry.value
        if self.before is not None and (not self.history or day < self.history[0].first):
            return self.before
        raise self._no_value(day)

    def _no_value(self, day: date) -> DataFault:
        if not self.history:
            return Unpublished(
                f"{self.id} was never published ({self.place}): {self.unpublished}\n"
                "  Give it a value in the scenario, by an amendment or as an uncertain input."
            )
        first, last = self.history[0].first, self.history[-1].last
        if day < first:
            return NoValueInForce(
                f"{self.id} has no value on {day}.\n"
                f"  Its first value is in force from {first} ({self.place}).\n"
                "  Ask for a later date, or write `before:` in that entry."
            )
        return NoValueInForce(
            f"{self.id} has no value on {day}.\n"
            f"  Its history ends on {last} or has a gap there ({self.place}).\n"
            "  Ask for another date, or add a value to that entry."
        )


class ParameterValues(Mapping[str, Any]):
    """The numbers of the rules on one day.

    Reading a number that has no value then raises a DataFault that says why; iteration gives
    only those that have one.
    """

    def __init__(
        self, day: date, parameters: Mapping[str, Parameter], amended: Mapping[str, Any] | None = None
    ) -> None:
        self.day = day
        self._parameters = parameters
        self._values: dict[str, Any] = {}
        for name, parameter in parameters.items():
            try:
                self._values[name] = parameter.value_on(day)
            except DataFault:
                continue
        self._values.update(amended or {})

    def __getitem__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        return self._parameters[name].value_on(self.day)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

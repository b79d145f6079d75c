"""What the back-tests are about: origins, targets, observed figures and rival forecasts, from data/backtests/*.yaml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from dualtrack.errors import DataFault, ScenarioFault, nearest, raise_gathered
from dualtrack.facts.book import Fact, FactBook
from dualtrack.scenarios.keys import DATA, validation_faults
from dualtrack.yaml_files import load_document

FOLDER = DATA / "backtests"
TARGETS_FILE = FOLDER / "targets.yaml"
STOP_FILE = FOLDER / "stop-2025-04.yaml"

# What a fact's unit is in the unit of an outcome.
SCALES: Mapping[str, float] = {
    "usd_bn": 1e9,
    "usd_mn": 1e6,
    "pct": 0.01,
    "units": 1.0,
    "packages": 1.0,
    "cards": 1.0,
    "h100e": 1.0,
    "usd_per_chip": 1.0,
}
EVENTS: Mapping[str, str] = {
    "us_closed": "US gate shut",
    "us_reopened": "US gate open again",
    "china_closed": "Chinese gate shut",
    "zero_month": "a month without units",
}

_Model = TypeVar("_Model", bound=BaseModel)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reading(_Entry):
    """A figure made of facts: their sum, times some, over the sum of others, spread evenly over periods."""

    sum: tuple[str, ...]
    times: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    periods: float = 1.0
    name: str = ""
    note: str | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        return (*self.sum, *self.times, *self.over)


class Target(_Entry):
    """A quantity that is forecast; `name` is short, `over` is what its periods are."""

    name: str
    title: str
    unit: str
    outcome: str
    over: Literal["quarter", "year", "month"]
    note: str


class Observation(_Entry):
    """One period of a target, with every reading of what happened."""

    target: str
    period: str
    readings: tuple[Reading, ...]


class Event(_Entry):
    happened: bool
    facts: tuple[str, ...]
    why: str


class OriginFile(_Entry):
    """One origin: its scenario, what happened, and what simple forecasts would have said."""

    scenario: str
    observed: tuple[Observation, ...]
    last_year: dict[str, Reading]
    guidance: dict[str, Reading]
    events: dict[str, Event]


class StopQuarter(_Entry):
    months: tuple[str, str]
    fact: str
    what: str


class StopCharge(_Entry):
    fact: str
    guided: str
    released: str
    what: str


class StopOrders(_Entry):
    fact: str
    over: str
    key: str
    why: str


class StopFile(_Entry):
    """The revocation whose cost the vendor reported."""

    scenario: str
    before: str
    quarters: dict[str, StopQuarter]
    charge: StopCharge
    orders: StopOrders


@dataclass(frozen=True)
class Figure:
    """A figure from facts with its stated range; equal ends where none is stated."""

    low: float
    mid: float
    high: float


def origins() -> list[str]:
    """The origins that ship, in order."""
    return sorted(path.stem for path in FOLDER.glob("[0-9]*-[0-9]*.yaml"))


def chosen_origins(names: list[str]) -> list[str]:
    """The origins asked for, each once and in order of time; all of them where none is named.

    Raises:
        ScenarioFault: There is no such origin.
    """
    known = origins()
    unknown = [name for name in names if name not in known]
    if unknown:
        seen = ", ".join(repr(name) for name in unknown)
        raise ScenarioFault(
            f"There is no back-test from {seen}.{nearest(unknown[0], known)}\n"
            f"  Origins: {', '.join(known)}. Each needs starting stocks of its own; none can be made up on the way."
        )
    return [name for name in known if name in names or not names]


@functools.cache
def load_targets() -> Mapping[str, Target]:
    """The targets by name."""
    document = load_document(TARGETS_FILE)
    return {name: _validated(Target, TARGETS_FILE, raw, (name,)) for name, raw in document.data.items()}


@functools.cache
def load_origin(name: str) -> OriginFile:
    """An origin's file.

    Raises:
        DataFault: It is unsound.
    """
    path = FOLDER / f"{name}.yaml"
    found = _validated(OriginFile, path, load_document(path).data, ())
    targets = load_targets()
    named = [one.target for one in found.observed] + [*found.last_year, *found.guidance]
    unknown = sorted({one for one in named if one not in targets} | (set(found.events) ^ set(EVENTS)))
    if unknown:
        raise DataFault(f"{path.name} and the list of targets or events disagree on {', '.join(unknown)}.")
    return found


@functools.cache
def load_stop() -> StopFile:
    """The file of the stop."""
    return _validated(StopFile, STOP_FILE, load_document(STOP_FILE).data, ())


def _validated(kind: type[_Model], path: Path, raw: Any, at: tuple[str, ...]) -> _Model:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        document = load_document(path)
        raise_gathered(
            validation_faults(error, document, at, [*kind.model_fields]),
            DataFault,
            f"{document.label} is unsound.",
        )
        raise


def figure(reading: Reading, book: FactBook) -> Figure:
    """The reading's value, and its range: the low ends of what adds over the high ends of what divides.

    Raises:
        DataFault: A fact is unknown, is no number, or is in a unit that no target has.
    """
    parts = [
        [_ends(book.get(name)) for name in names] for names in (reading.sum, reading.times, reading.over)
    ]
    low, mid, high = (
        sum(one[end] for one in parts[0])
        * prod(one[end] for one in parts[1])
        / (sum(one[2 - end] for one in parts[2]) if parts[2] else 1.0)
        / reading.periods
        for end in range(3)
    )
    return Figure(low, mid, high)


def backtest_scenarios() -> list[str]:
    """The scenarios that back-tests run."""
    return [*(load_origin(name).scenario for name in origins()), load_stop().scenario]


def figure_faults(book: FactBook) -> list[str]:
    """What is wrong with the figures that back-tests are scored against: facts unknown, or of another kind."""
    faults = []
    for name in origins():
        origin = load_origin(name)
        readings = [reading for seen in origin.observed for reading in seen.readings]
        for reading in [*readings, *origin.last_year.values(), *origin.guidance.values()]:
            try:
                figure(reading, book)
            except DataFault as error:
                faults.append(f"data/backtests/{name}.yaml: {error}")
        cited = [fact for event in origin.events.values() for fact in event.facts]
        faults += [
            f"data/backtests/{name}.yaml: there is no fact {fact!r}." for fact in cited if fact not in book
        ]
    return faults


def _ends(fact: Fact) -> tuple[float, float, float]:
    if fact.unit not in SCALES:
        raise DataFault(f"Fact {fact.id} is in {fact.unit}; a back-test reads {', '.join(SCALES)}.")
    scale, mid = SCALES[fact.unit], fact.number
    low = mid if fact.low is None else fact.low
    high = mid if fact.high is None else fact.high
    return (low * scale, mid * scale, high * scale)

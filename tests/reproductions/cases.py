"""The published analyses of cases.yaml: what an author used and published, and where ours has the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from dualtrack.entities import BITS, Chip, find_chip
from dualtrack.facts.book import load_book
from dualtrack.facts.ranges import Family, Range, range_of_interval
from dualtrack.rules import Rulebook, load_rulebook
from dualtrack.yaml_files import load_document

FILE = Path(__file__).with_name("cases.yaml")
KINDS = (
    "rule",
    "identity",
    "conversion",
    "waterfall",
    "monte_carlo",
    "distribution_check",
    "recursion",
    "crosscheck",
    "bracket",
)
# Two figures that differ by less are the same figure, rounded.
SAME = 0.001

Answer = float | bool | str


@dataclass(frozen=True)
class Output:
    """A published figure, or the two ends of one, and how close a reproduction must come."""

    value: Answer | tuple[float, float]
    unit: str
    relative: float | None = None
    absolute: float | None = None
    accept: tuple[float, float] | None = None
    left_out: str = ""

    def agrees(self, computed: Answer) -> bool:
        """Whether a computed figure lies within the tolerance; words and yes-or-no must be the same."""
        if isinstance(self.value, tuple):
            return not isinstance(computed, str) and self.value[0] <= computed <= self.value[1]
        if isinstance(self.value, str | bool) or isinstance(computed, str | bool):
            return type(self.value) is type(computed) and self.value == computed
        if self.accept is not None:
            return self.accept[0] <= computed <= self.accept[1]
        if self.absolute is not None:
            return abs(computed - self.value) <= self.absolute
        return abs(computed - self.value) <= (self.relative or 0.0) * abs(self.value)


@dataclass(frozen=True)
class Input:
    """A number an author used, and the fact or rule parameter of ours that holds it too."""

    value: float
    fact: str | None = None
    end: str | None = None
    parameter: str | None = None
    on: date | None = None
    differs: str = ""

    @property
    def ours(self) -> float | None:
        """The number that we hold; None where the author's is the only one."""
        if self.fact is not None:
            found = load_book().get(self.fact)
            return getattr(found, self.end) if self.end else found.number
        if self.parameter is not None and self.on is not None:
            return float(rulebook().parameters_on(self.on)[self.parameter])
        return None


@dataclass(frozen=True)
class Interval:
    """A published interval, the probability between its ends, and the family that it was drawn from."""

    low: float
    high: float
    mass: float
    family: Family
    mid: float | None = None

    def range(self) -> Range:
        return range_of_interval(self.low, self.high, mass=self.mass, family=self.family, mid=self.mid)

    def times(self, factor: float) -> Interval:
        mid = None if self.mid is None else self.mid * factor
        return replace(self, low=self.low * factor, high=self.high * factor, mid=mid)


@dataclass(frozen=True)
class Beside:
    """What our book has for a number or a published figure of a case, where the author's stands by itself.

    Attributes:
        of: The input or output.
        facts: Facts that add up to ours, each with its factor.
        what: What ours is, and why the two are apart.
    """

    of: str
    facts: Mapping[str, float]
    what: str

    @property
    def ours(self) -> float:
        total = sum(factor * load_book().get(fact).number for fact, factor in self.facts.items())
        return float(f"{total:.10g}")


@dataclass(frozen=True)
class UsedChip:
    """A chip of the catalogue and the figures an author had for it; `differs` says why some are not ours."""

    catalogue_id: str
    figures: Mapping[str, float]
    differs: Mapping[str, str] = field(default_factory=dict)

    @property
    def catalogue(self) -> Chip:
        return find_chip(self.catalogue_id)

    def ours(self, figure: str) -> float | None:
        """Our figure of that name: a precision's dense rate, or an attribute of the chip."""
        chip = self.catalogue
        return chip.dense_tflops.get(figure) if figure in BITS else getattr(chip, figure)

    def published(self) -> Chip:
        """The chip of the catalogue with the author's figures where they are not ours."""
        chip = self.catalogue
        rates = {name: self.figures[name] for name in self.differs if name in BITS}
        others: dict[str, Any] = {name: self.figures[name] for name in self.differs if name not in BITS}
        return replace(chip, dense_tflops={**chip.dense_tflops, **rates}, **others)


@dataclass(frozen=True)
class Case:
    """One published analysis.

    Attributes:
        inputs: Numbers an author used beside figures of chips.
        intervals: What an author drew from.
        beside: Other figures for the same, from our book.
        not_reproduced: Why nothing of ours computes it; empty where it is computed.
        with_catalogue: Chips of which `chip` gives the catalogue's figures even where the author's differ.
    """

    id: str
    kind: str
    source: Mapping[str, Any]
    as_of: str = ""
    confidence: str = ""
    evidence: str = ""
    method: str = ""
    note: str = ""
    not_reproduced: str = ""
    chips: Mapping[str, UsedChip] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    beside: tuple[Beside, ...] = ()
    with_catalogue: tuple[str, ...] = ()

    def chip(self, name: str) -> Chip:
        """A chip of the case, with the figures that the published result was made from."""
        used = self.chips[name]
        return used.catalogue if name in self.with_catalogue else used.published()

    def number(self, name: str) -> float:
        """A number of the case: ours where we hold it, else the author's."""
        given = self.inputs[name]
        ours = given.ours
        return given.value if ours is None else ours


@cache
def rulebook() -> Rulebook:
    return load_rulebook(load_book())


@cache
def load_cases() -> Mapping[str, Case]:
    """The cases by id, in the order of the file."""
    return {entry["id"]: _case(entry) for entry in load_document(FILE).data}


def _case(entry: Mapping[str, Any]) -> Case:
    unknown = set(entry) - {part.name for part in fields(Case)}
    assert not unknown, f"{entry['id']}: unknown keys {sorted(unknown)}"
    chips = {
        name: UsedChip(chip["is"], chip["figures"], chip.get("differs", {}))
        for name, chip in entry.get("chips", {}).items()
    }
    inputs = {
        name: Input(**given) if isinstance(given, dict) else Input(given)
        for name, given in entry.get("inputs", {}).items()
    }
    intervals = {name: Interval(**given) for name, given in entry.get("intervals", {}).items()}
    outputs = {name: _output(given) for name, given in entry.get("outputs", {}).items()}
    beside = tuple(Beside(**given) for given in entry.get("beside", ()))
    made = {"chips": chips, "inputs": inputs, "intervals": intervals, "outputs": outputs, "beside": beside}
    return Case(**{**entry, **made})


def _output(given: Mapping[str, Any]) -> Output:
    pairs = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return Output(**{**given, **pairs})

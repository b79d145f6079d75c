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
from dualtrack.rules import Rulebook, load_rulebook
from dualtrack.yaml_files import load_document

FILE = Path(__file__).with_name("cases.yaml")
COMPUTED_KINDS = ("rule", "identity", "conversion", "allocation", "waterfall")
LATER_KINDS = (
    "monte_carlo",
    "recursion",
    "mixture",
    "distribution_check",
    "backtest",
    "bracket",
    "crosscheck",
)
# Two figures that differ by less are the same figure, rounded.
SAME = 0.001

Answer = float | bool | str


@dataclass(frozen=True)
class Output:
    """A published figure and how close a reproduction must come."""

    value: Answer
    unit: str
    relative: float | None = None
    absolute: float | None = None
    accept: tuple[float, float] | None = None
    left_out: str = ""

    def agrees(self, computed: Answer) -> bool:
        """Whether a computed figure lies within the tolerance; words and yes-or-no must be the same."""
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
        not_reproduced: Why nothing of ours computes it; empty where it is computed.
        asks: Of a kind that comes with the studies, what it will ask.
        with_catalogue: Whether `chip` gives the catalogue's figures even where the author's differ.
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
    asks: str = ""
    chips: Mapping[str, UsedChip] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)
    with_catalogue: bool = False

    def chip(self, name: str) -> Chip:
        """A chip of the case, with the figures that the published result was made from."""
        used = self.chips[name]
        return used.catalogue if self.with_catalogue else used.published()

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
    outputs = {
        name: Output(**{**given, "accept": tuple(given["accept"]) if "accept" in given else None})
        for name, given in entry.get("outputs", {}).items()
    }
    return Case(**{**entry, "chips": chips, "inputs": inputs, "outputs": outputs})

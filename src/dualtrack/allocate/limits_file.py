"""A user's limits file: numbers of the rules changed, states of the gates, what is used up already, buyers of one's own.

A number is written plainly, or with where it comes from: {fact: ID, scale: 2} or {value: 5, assumption: why}.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from dualtrack.allocate.book import AllocationFault
from dualtrack.allocate.counts import RatioBasis
from dualtrack.decide.own import BuyerForm
from dualtrack.entities import Buyer, Chip, find_chip, load_buyers
from dualtrack.errors import DataFault, DualtrackError, Fault, nearest, raise_gathered
from dualtrack.facts.book import FactBook
from dualtrack.months import parse_month
from dualtrack.rules import CHINA_STATES, US_STATES, Rulebook
from dualtrack.scenarios.keys import validation_faults
from dualtrack.yaml_files import Document, load_document

STATES = {"us": US_STATES, "china": CHINA_STATES}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberEntry(_Part):
    """A number of the user's, plain or with its origin."""

    value: float | None = None
    fact: str | None = None
    scale: float = 1.0
    assumption: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, entry: Any) -> Any:
        return entry if isinstance(entry, dict) else {"value": entry}


class UsUnits(_Part):
    """Units of a product shipped for use in the United States: before the first month, and in each month."""

    so_far: NumberEntry
    per_month: NumberEntry = NumberEntry(value=0.0)

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, entry: Any) -> Any:
        has_parts = isinstance(entry, dict) and ("so_far" in entry or "per_month" in entry)
        return entry if has_parts else {"so_far": entry}


class CountsEntry(_Part):
    us_units: dict[str, UsUnits] = {}
    sent_to_china: dict[str, NumberEntry] = {}
    sent_to_buyer: dict[str, NumberEntry] = {}
    cleared_this_month: dict[str, NumberEntry] = {}
    cleared_of_batches: NumberEntry = NumberEntry(value=0.0)
    batches: dict[str, NumberEntry] | None = None
    cleared_for_ratio: dict[str, NumberEntry] = {}
    domestic_chips: dict[str, NumberEntry] = {}


class RatioEntry(_Part):
    basis: RatioBasis = "units"
    domestic_chip: str | None = None


class GatesEntry(_Part):
    us: str | dict[str, str] = {}
    china: str | dict[str, str] = {}


class FileEntry(_Part):
    title: str = ""
    set: dict[str, NumberEntry] = {}
    gates: GatesEntry = GatesEntry()
    counts: CountsEntry = CountsEntry()
    ratio: RatioEntry = RatioEntry()
    buyers: dict[str, BuyerForm] = {}


@dataclass(frozen=True)
class Given:
    """One number that is not read from the rules: what it is, and where it comes from."""

    key: str
    value: float | str
    fact: str | None = None
    assumption: str | None = None
    by: Literal["limits file", "default"] = "limits file"


@dataclass(frozen=True)
class Limits:
    """A limits file read; chips and buyers by id, months as whole numbers.

    Attributes:
        parameters: New values of rule parameters.
        gates: By gate, the state from a month on; the key None: from the first month.
        us_units: By chip, units shipped for use in the United States so far, and in each month.
        batches: Units released in each month; None: nothing is said of batches.
        buyers: Every buyer that may order, those of the catalogue included.
        given: All that the file says, with where it comes from.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    gates: Mapping[str, Mapping[int | None, str]] = field(default_factory=dict)
    us_units: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sent_to_china: Mapping[str, float] = field(default_factory=dict)
    sent_to_buyer: Mapping[str, float] = field(default_factory=dict)
    cleared_this_month: Mapping[str, float] = field(default_factory=dict)
    cleared_of_batches: float = 0.0
    batches: Mapping[int, float] | None = None
    cleared_for_ratio: Mapping[str, float] = field(default_factory=dict)
    domestic_chips: Mapping[str, float] = field(default_factory=dict)
    ratio_basis: RatioBasis = "units"
    domestic_chip: Chip | None = None
    buyers: Mapping[str, Buyer] = field(default_factory=lambda: {buyer.id: buyer for buyer in load_buyers()})
    given: tuple[Given, ...] = ()


def read_limits(path: Path, book: FactBook, rulebook: Rulebook, known_by: date) -> Limits:
    """The limits file at a path.

    Raises:
        AllocationFault: It is no YAML of the wanted form, or names something unknown; all faults are told.
    """
    try:
        document = load_document(path)
    except DataFault as error:
        raise AllocationFault(str(error)) from error
    if not isinstance(document.data, dict):
        raise AllocationFault(f"{path}: wanted keys such as `set:` and `counts:`; the file has none.")
    try:
        entry = FileEntry.model_validate(document.data)
    except ValidationError as error:
        models = (FileEntry, CountsEntry, RatioEntry, BuyerForm, GatesEntry, NumberEntry, UsUnits)
        known = [name for model in models for name in model.model_fields]
        faults = validation_faults(error, document, (), known)
        raise_gathered(faults, AllocationFault, "The limits file cannot be used.")
        raise
    return _Reader(document, book, rulebook, known_by).read(entry)


@dataclass
class _Reader:
    document: Document
    book: FactBook
    rulebook: Rulebook
    known_by: date
    faults: list[Fault] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)

    def read(self, entry: FileEntry) -> Limits:
        counts = entry.counts
        buyers = self._buyers(entry.buyers)
        parameters = {}
        for name, number in entry.set.items():
            if name not in self.rulebook.parameters:
                self._fault(("set", name), f"there is no parameter.{nearest(name, self.rulebook.parameters)}")
            parameters[name] = self._number(("set", name), number, may_be_infinite=True)
        batches = None
        if counts.batches is not None:
            at = ("counts", "batches")
            batches = {
                self._month((*at, month)): self._number((*at, month), number)
                for month, number in counts.batches.items()
            }
        limits = Limits(
            parameters=parameters,
            gates={gate: self._gate(gate, getattr(entry.gates, gate)) for gate in STATES},
            us_units=self._us_units(counts.us_units),
            sent_to_china=self._by_chip("sent_to_china", counts.sent_to_china),
            sent_to_buyer=self._by_buyer("sent_to_buyer", counts.sent_to_buyer, buyers),
            cleared_this_month=self._by_buyer("cleared_this_month", counts.cleared_this_month, buyers),
            cleared_of_batches=self._number(("counts", "cleared_of_batches"), counts.cleared_of_batches),
            batches=batches,
            cleared_for_ratio=self._by_buyer("cleared_for_ratio", counts.cleared_for_ratio, buyers),
            domestic_chips=self._by_buyer("domestic_chips", counts.domestic_chips, buyers),
            ratio_basis=entry.ratio.basis,
            domestic_chip=self._domestic_chip(entry.ratio),
            buyers=buyers,
            given=tuple(self.given),
        )
        raise_gathered(self.faults, AllocationFault, "The limits file cannot be used.")
        return limits

    def _number(self, at: tuple[str, ...], entry: NumberEntry, *, may_be_infinite: bool = False) -> float:
        """The number, 0 where it is at fault."""
        value = entry.value
        if (entry.value is None) == (entry.fact is None):
            self._fault(at, "wants a number, or one of `value:` and `fact:`.")
            return 0.0
        if entry.fact is not None:
            try:
                value = self.book.get(entry.fact, self.known_by).number * entry.scale
            except DataFault as error:
                self._fault(at, str(error))
                return 0.0
        if value is None or math.isnan(value) or value < 0 or (math.isinf(value) and not may_be_infinite):
            self._fault(at, f"{value} cannot be. Wanted: a number from 0 on.")
            return 0.0
        if self.document.line(at) is not None and at[-1] in self._written(at[:-1]):
            shown = value if math.isfinite(value) else "no limit"
            self.given.append(Given(".".join(at), shown, entry.fact, entry.assumption))
        return value

    def _written(self, at: tuple[str, ...]) -> Mapping[str, Any]:
        """What the file says at a place; nothing where a default stands for it."""
        found: Any = self.document.data
        for key in at:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def _month(self, at: tuple[str, ...]) -> int:
        try:
            return parse_month(at[-1])
        except DataFault as error:
            self._fault(at, str(error))
            return 0

    def _gate(self, gate: str, entry: str | Mapping[str, str]) -> Mapping[int | None, str]:
        at = ("gates", gate)
        if isinstance(entry, str):
            self._state(at, gate, entry)
            return {None: entry}
        states: dict[int | None, str] = {}
        for month, state in entry.items():
            self._state((*at, month), gate, state)
            states[self._month((*at, month))] = state
        return states

    def _state(self, at: tuple[str, ...], gate: str, state: str) -> None:
        if state not in STATES[gate]:
            hint = nearest(state, STATES[gate])
            self._fault(at, f"{state!r} is no state of the gate.{hint} Known: {', '.join(STATES[gate])}.")
        self.given.append(Given(".".join(at), state))

    def _us_units(self, entries: Mapping[str, UsUnits]) -> dict[str, tuple[float, float]]:
        found = {}
        for name, entry in entries.items():
            at = ("counts", "us_units", name)
            chip = self._chip(at)
            has_parts = "so_far" in self._written(at)
            so_far = self._number((*at, "so_far") if has_parts else at, entry.so_far)
            found[chip] = (so_far, self._number((*at, "per_month"), entry.per_month))
        return found

    def _by_chip(self, name: str, entries: Mapping[str, NumberEntry]) -> dict[str, float]:
        at = ("counts", name)
        return {self._chip((*at, key)): self._number((*at, key), entry) for key, entry in entries.items()}

    def _by_buyer(
        self, name: str, entries: Mapping[str, NumberEntry], buyers: Mapping[str, Buyer]
    ) -> dict[str, float]:
        at = ("counts", name)
        for key in entries:
            if key not in buyers:
                self._fault(
                    (*at, key), f"there is no buyer.{nearest(key, buyers)} Known: {', '.join(buyers)}."
                )
        return {key: self._number((*at, key), entry) for key, entry in entries.items()}

    def _chip(self, at: tuple[str, ...]) -> str:
        try:
            return find_chip(at[-1]).id
        except DualtrackError as error:
            self._fault(at, str(error))
            return at[-1]

    def _domestic_chip(self, entry: RatioEntry) -> Chip | None:
        """The chip that the ratio counts as one bought at home, where its weight is not simply 1."""
        at = ("ratio", "domestic_chip")
        for key in self._written(("ratio",)):
            self.given.append(Given(f"ratio.{key}", str(getattr(entry, key))))
        if entry.domestic_chip is None:
            if entry.basis != "units":
                what = f"a ratio by {entry.basis} wants `domestic_chip:`, the chip that is bought at home."
                self._fault(("ratio", "basis"), what)
            return None
        try:
            chip = find_chip(entry.domestic_chip)
        except DualtrackError as error:
            self._fault(at, str(error))
            return None
        if entry.basis == "spend" and chip.price_usd is None:
            self._fault(at, f"the price of {chip.id} is not known. Name another chip, or another basis.")
        if entry.basis == "compute" and chip.tpp is None:
            self._fault(
                at, f"the performance of {chip.id} is not known. Name another chip, or another basis."
            )
        return chip

    def _buyers(self, entries: Mapping[str, BuyerForm]) -> dict[str, Buyer]:
        """Buyers of the catalogue, and the file's own laid over them."""
        buyers = {buyer.id: buyer for buyer in load_buyers()}
        for name, form in entries.items():
            key = name.strip().lower()
            buyers[key] = replace(form.buyer(key), name=form.name or name)
            self.given.append(Given(f"buyers.{name}", f"headquarters {form.headquarters}"))
        return buyers

    def _fault(self, at: tuple[str, ...], what: str) -> None:
        self.faults.append(Fault(what, self.document.label, self.document.line(at), ".".join(at)))

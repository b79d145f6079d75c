"""An order from the command line or a YAML file; a chip or a buyer of the user's own may stand in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from dualtrack.decide.declarations import find_declaration, unknown_declaration, yes_or_no
from dualtrack.decide.own import own_buyer, own_chip
from dualtrack.entities import Buyer, Chip, Order, find_buyer, find_chip
from dualtrack.errors import DualtrackError, Fault, ScenarioFault, nearest, raise_gathered
from dualtrack.months import parse_day
from dualtrack.rules.fields import DESTINATIONS, END_USES
from dualtrack.yaml_files import Document, load_document

KEYS: Final = (
    *("chip", "buyer", "units", "destination", "end_use", "price_usd", "on", "us_units", "ratio"),
    *("declare", "ledger"),
)
MOST_UNITS: Final = 10**12
_USES: Final = {
    "internet": "commercial",
    "next_tier": "commercial",
    "research": "research",
    "state": "government",
}


def usual_end_use(buyer: Buyer) -> str:
    """What an order is for where it does not say, by class of the buyer; pages show it."""
    return _USES[buyer.buyer_class]


@dataclass(frozen=True)
class Asked:
    """What is asked about an order; `ledger` is relative to where the order stands."""

    order: Order
    on: date | None = None
    us_units: float | None = None
    ratio: float | None = None
    ledger: Path | None = None


@dataclass
class _Given:
    """What stands in the file, with options of the command line over it, and the faults found."""

    values: dict[str, Any]
    document: Document | None
    from_options: frozenset[str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, key: str, what: str, *below: str) -> None:
        if self.document is None or key in self.from_options:
            name = key.removesuffix("_usd")
            self.faults.append(Fault(what, key=f"--{name.replace('_', '-')}", about=name))
        else:
            line = self.document.line((key, *below))
            self.faults.append(Fault(what, self.document.label, line, ".".join((key, *below)), key))


def read_order(
    path: Path | None, options: Mapping[str, Any], declared: Mapping[str, bool], found: Sequence[Fault] = ()
) -> Asked:
    """The order of a file, of the command line, or of both; what the command line says holds.

    Args:
        options: By key of KEYS; those that are None were not given.
        declared: Answers by field, from `--declare`.
        found: Faults of the command line, to be told with those of the order.

    Raises:
        ScenarioFault: Something is missing or cannot be read; every fault is listed.
    """
    document = None if path is None else load_document(path)
    values: dict[str, Any] = {}
    given_options = {name: value for name, value in options.items() if value is not None}
    given = _Given(values, document, frozenset(given_options))
    if document is not None:
        if not isinstance(document.data, dict):
            raise ScenarioFault(
                f"{document.label}: wanted an order, with chip, buyer and units, as `key: value` lines."
            )
        for key in document.data:
            if key not in KEYS:
                hint = nearest(key, KEYS) or f" Known: {', '.join(KEYS)}."
                given.fault(key, f"there is no such key.{hint}")
        values.update(document.data)
    values.update(given_options)
    chip = _chip(given)
    buyer = _buyer(given)
    units = _units(given)
    destination = _choice(given, "destination", DESTINATIONS, "mainland")
    end_use = _choice(given, "end_use", END_USES, usual_end_use(buyer) if buyer else END_USES[0])
    numbers = {name: _number(given, name) for name in ("price_usd", "us_units", "ratio")}
    on = _day(given)
    declarations = {**_declarations(given), **declared}
    ledger = values.get("ledger")
    raise_gathered([*given.faults, *found], ScenarioFault, "The order cannot be decided.")
    assert chip is not None and buyer is not None and units is not None
    order = Order(chip, buyer, units, destination, end_use, numbers["price_usd"], declarations)
    place = Path() if path is None or "ledger" in given_options else path.parent
    return Asked(order, on, numbers["us_units"], numbers["ratio"], place / str(ledger) if ledger else None)


def _chip(given: _Given) -> Chip | None:
    value = given.values.get("chip")
    try:
        if value is None:
            given.fault(
                "chip",
                "is missing. Name a chip of the catalogue, such as H200, or give its figures in a file.",
            )
        elif isinstance(value, dict):
            return own_chip("chip", value, given.document, ("chip",))
        else:
            return find_chip(str(value))
    except DualtrackError as error:
        given.fault("chip", str(error))
    return None


def _buyer(given: _Given) -> Buyer | None:
    value = given.values.get("buyer")
    try:
        if value is None:
            given.fault(
                "buyer",
                "is missing. Name a buyer of the catalogue, such as bytedance, or describe one in a file.",
            )
        elif isinstance(value, dict):
            return own_buyer("buyer", value, given.document, ("buyer",))
        else:
            return find_buyer(str(value))
    except DualtrackError as error:
        given.fault("buyer", str(error).replace("\n ", ""))
    return None


def _units(given: _Given) -> int | None:
    value = given.values.get("units")
    if value is None:
        given.fault("units", "is missing. Say how many units, as a whole number.")
        return None
    try:
        number = float(str(value).replace("_", ""))
    except ValueError:
        number = float("nan")
    if (
        not (number == round(number) if number == number and abs(number) < MOST_UNITS else False)
        or number < 1
    ):
        given.fault("units", f"{value!r} does not fit. Wanted: a whole number of units from 1.")
        return None
    return int(number)


def _choice(given: _Given, key: str, known: tuple[str, ...], otherwise: str) -> str:
    value = given.values.get(key)
    if value is None:
        return otherwise
    word = str(value).strip().lower().replace("-", "_")
    if word not in known:
        given.fault(key, f"{value!r} is not known.{nearest(word, known)} Known: {', '.join(known)}.")
    return word


def _number(given: _Given, key: str) -> float | None:
    value = given.values.get(key)
    if value is None:
        return None
    try:
        number = float(str(value).replace("_", ""))
        if not 0 <= number < float("inf"):
            raise ValueError
    except ValueError:
        given.fault(key, f"{value!r} does not fit. Wanted: a number from 0.")
        return None
    return number


def _day(given: _Given) -> date | None:
    value = given.values.get("on")
    if value is None:
        return None
    try:
        return parse_day(value)
    except DualtrackError as error:
        given.fault("on", str(error))
    return None


def _declarations(given: _Given) -> dict[str, bool]:
    value = given.values.get("declare")
    if value is None:
        return {}
    if not isinstance(value, dict):
        given.fault("declare", "wanted a list of answers, such as {kyc: yes, third_party_test: no}.")
        return {}
    answers = {}
    for name, word in value.items():
        found, answer = find_declaration(name), yes_or_no(word)
        if found is None:
            given.fault("declare", unknown_declaration(name), name)
        elif answer is None:
            given.fault("declare", f"{word!r} does not fit. Wanted: yes or no.", name)
        else:
            answers[found] = answer
    return answers

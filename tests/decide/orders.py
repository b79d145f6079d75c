"""Orders as the tests of `decide` put them: from a few words, under the law of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from dualtrack.decide.decision import Decision, decide
from dualtrack.decide.declarations import declarable, find_declaration
from dualtrack.decide.ledger import Entry, Ledger
from dualtrack.decide.own import own_buyer, own_chip
from dualtrack.decide.question import Law, law_on
from dualtrack.decide.reading import read_order
from dualtrack.entities import Buyer, Chip, Order, find_buyer, find_chip
from dualtrack.facts.book import load_book
from dualtrack.rules import load_rulebook
from dualtrack.rules.labels import label_of

EVERYTHING: Mapping[str, bool] = {name: label_of(name).wanted for name in declarable()}
MILDEST_FIRST = ("may_ship", "needs", "may_not_ship")
LAST_DAY = "2026-01-31"


@cache
def law(day: str = LAST_DAY) -> Law:
    book = load_book()
    return law_on(load_rulebook(book), book, date.fromisoformat(day))


def answers(words: Mapping[str, Any] | str | None) -> dict[str, bool]:
    """Declarations by field: by their names, or `everything` as it helps the order most."""
    if words == "everything":
        return dict(EVERYTHING)
    found = {find_declaration(name): answer for name, answer in dict(words or {}).items()}
    assert None not in found
    return found


def order(
    chip: str | Chip = "H200", buyer: str | Buyer = "bytedance", units: int = 100, **more: Any
) -> Order:
    given = {"destination": "mainland", "end_use": "commercial", **more}
    return Order(
        find_chip(chip) if isinstance(chip, str) else chip,
        find_buyer(buyer) if isinstance(buyer, str) else buyer,
        units,
        **given,
    )


def decided(
    chip: str | Chip = "H200",
    buyer: str | Buyer = "bytedance",
    units: int = 100,
    *,
    on: str = LAST_DAY,
    ledger: Ledger | None = None,
    us_units: float | None = None,
    ratio: float | None = None,
    declare: Mapping[str, Any] | str | None = None,
    **more: Any,
) -> Decision:
    """The decision on an order that differs from 100 H200 for ByteDance in what is given."""
    put = order(chip, buyer, units, declarations=answers(declare), **more)
    return decide(put, law(on), ledger, us_units=us_units, ratio=ratio)


def decided_as_read(case: Mapping[str, Any], on: str) -> Decision:
    """The decision on an order read from keys of ORDER.yaml, with `refuse` beside `declare`."""
    keys = dict(case)
    declared = answers(keys.pop("declare", None)) | {
        found: not label_of(found).wanted for found in map(find_declaration, keys.pop("refuse", ())) if found
    }
    asked = read_order(None, {"units": 100, **keys}, declared)
    return decide(asked.order, law(on), us_units=asked.us_units, ratio=asked.ratio)


def mine(figures: Mapping[str, Any]) -> Chip:
    """A chip of the user's own."""
    return own_chip("mine", figures, None, ())


def firm(**attributes: Any) -> Buyer:
    """A buyer of the user's own of whom nothing bad is known, changed in what is given."""
    clean: dict[str, Any] = {
        **dict.fromkeys(("military_links", "listed", "sensitive_government"), False),
        **dict.fromkeys(("critical_infrastructure", "state_owned", "state_funded"), False),
        "listed_owner_share": 0.0,
    }
    return own_buyer("firm", {"name": "Firm", "headquarters": "CN", **clean, **attributes}, None, ())


def entry(on: str, buyer: str, chip: str, units: int, stage: str, destination: str = "mainland") -> Entry:
    return Entry(date.fromisoformat(on), buyer, find_chip(chip).id, float(units), stage, destination)


def ledger_of(*entries: Entry) -> Ledger:
    return Ledger(entries)


def room(decision: Decision, limit: str) -> Any:
    """The headroom under one limit; None where the limit does not apply."""
    return {found.limit.id: found for found in decision.headroom}.get(limit)

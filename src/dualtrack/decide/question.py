"""What the rules are asked about an order: its fields under the law of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dualtrack.decide.declarations import declarable
from dualtrack.decide.gates import Question
from dualtrack.entities import Order
from dualtrack.facts.book import FactBook
from dualtrack.rules import ParameterValues, Rulebook
from dualtrack.rules.fields import buyer_fields, chip_fields, chip_spans, destination_fields, end_use_fields


@dataclass(frozen=True)
class Law:
    """The rulebook on a day.

    Attributes:
        asked_on: The day asked about; `on` is the last day up to it whose law is known.
    """

    rulebook: Rulebook
    book: FactBook
    asked_on: date
    on: date
    parameters: ParameterValues

    @property
    def note(self) -> str:
        """What to say where the day asked about lies after the last known one; empty otherwise."""
        if self.asked_on == self.on:
            return ""
        return f"{self.asked_on} lies after the last law that is known, so the answer is that of {self.on}."


def law_on(rulebook: Rulebook, book: FactBook, on: date | None = None) -> Law:
    """The law of a day, that of the last known day if none is given.

    Raises:
        NoValueInForce: The day lies before the law that is covered.
    """
    asked = on or book.last_date
    known = min(asked, book.last_date)
    return Law(rulebook, book, asked, known, rulebook.parameters_on(known))


def open_fields(law: Law) -> dict[str, Any]:
    """Everything that may be declared, undeclared, and the state of the Chinese gate by the reports."""
    return {
        **dict.fromkeys(declarable()),
        "china.gate": law.parameters["china.gate.reported"],
    }


def order_question(order: Order, law: Law) -> Question:
    """The question that one order puts."""
    fields = {
        **open_fields(law),
        **chip_fields(order.chip),
        **buyer_fields(order.buyer, law.on),
        **destination_fields(order.destination),
        **end_use_fields(order.end_use),
        **order.declarations,
    }
    return Question(fields, chip_spans(order.chip), law.parameters)

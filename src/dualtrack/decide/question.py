"""What the rules are asked about an order: its fields under the law of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dualtrack.decide.declarations import declarable
from dualtrack.decide.gates import Question
from dualtrack.entities import Chip, Order
from dualtrack.facts.book import FactBook, KnownFacts
from dualtrack.rules import ParameterValues, Rulebook, Span
from dualtrack.rules.fields import (
    GOVERNMENT,
    buyer_fields,
    chip_fields,
    chip_spans,
    destination_fields,
    end_use_fields,
)


@dataclass(frozen=True)
class Law:
    """The rulebook on a day.

    Attributes:
        asked_on: The day asked about; `on` is the last day up to it whose law is known.
    """

    rulebook: Rulebook
    book: FactBook | KnownFacts
    asked_on: date
    on: date
    parameters: ParameterValues

    @property
    def note(self) -> str:
        """What to say where the day asked about lies after the last known one; empty otherwise."""
        if self.asked_on == self.on:
            return ""
        return f"{self.asked_on} lies after the last law that is known, so the answer is that of {self.on}."


def law_on(rulebook: Rulebook, book: FactBook | KnownFacts, on: date | None = None) -> Law:
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


def orders_question(
    orders: Sequence[Order], parameters: Mapping[str, Any], china_gate: int, on: date
) -> Question:
    """The question that orders put together, one place of each array for an order.

    Args:
        china_gate: State of the Chinese gate, an index into CHINA_STATES.
        on: The day on which a buyer's approval counts.
    """
    rows = [
        {
            **chip_fields(order.chip),
            **buyer_fields(order.buyer, on),
            **destination_fields(order.destination),
            **end_use_fields(order.end_use),
        }
        for order in orders
    ]
    every = np.arange(len(orders))
    fields: dict[str, Any] = {**dict.fromkeys(declarable()), "china.gate": china_gate, **stacked(rows, every)}
    by_government = np.array([order.end_use == GOVERNMENT for order in orders])
    fields["buyer.sensitive_government"] = opened_by_use(fields["buyer.sensitive_government"], by_government)
    fields["order.end_use_barred"] = barred_use(fields["order.end_use_permitted"])
    return Question(fields, stacked_spans([order.chip for order in orders], every), parameters)


def stacked(items: Sequence[Mapping[str, Any]], places: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Fields of each row from those of the thing in its place; what is not known is NaN."""
    return {
        name: np.array([float("nan") if item[name] is None else float(item[name]) for item in items])[places]
        for name in items[0]
    }


def stacked_spans(chips: Sequence[Chip], places: NDArray[np.int64]) -> dict[str, Span]:
    """Figures of each row's chip, from least to greatest."""
    spans = [chip_spans(item) for item in chips]
    return {
        name: Span(
            np.array([float(item[name].low) for item in spans])[places],
            np.array([float(item[name].high) for item in spans])[places],
        )
        for name in spans[0]
    }


def order_question(order: Order, law: Law) -> Question:
    """The question that one order puts."""
    fields = {
        **open_fields(law),
        **chip_fields(order.chip),
        **buyer_fields(order.buyer, law.on),
        **destination_fields(order.destination),
        **end_use_fields(order.end_use),
    }
    # A government's use leaves open whether the buyer acts for a sensitive body.
    if order.end_use == GOVERNMENT and fields["buyer.sensitive_government"] is False:
        fields["buyer.sensitive_government"] = None
    fields |= order.declarations
    fields["order.end_use_barred"] = fields["order.end_use_permitted"] is False
    return Question(fields, chip_spans(order.chip), law.parameters)


def opened_by_use(sensitive: Any, is_government: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Whether each buyer is a sensitive government body, NaN where a government's use leaves it open."""
    known = np.asarray(sensitive, dtype=float)
    return np.where(is_government & (known == 0.0), np.nan, known)


def barred_use(permitted: Any) -> NDArray[np.bool_]:
    """Where an order declares that its use is not permitted."""
    return np.asarray(False if permitted is None else np.asarray(permitted, dtype=float) == 0.0)

"""The decision on one order: outcome at each gate and together, reasons, headroom, money, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dualtrack.decide.advice import changes, notes
from dualtrack.decide.answer import GATES, Gate, gate_answer, outcome_name
from dualtrack.decide.declarations import short_name
from dualtrack.decide.gates import gate_outcomes
from dualtrack.decide.headroom import Headroom, headrooms
from dualtrack.decide.ledger import Ledger
from dualtrack.decide.money import DomesticDue, Levy, domestic_due, levy_of
from dualtrack.decide.question import Law, order_question
from dualtrack.entities import Order
from dualtrack.errors import ScenarioFault

MAY_SHIP, NEEDS, MAY_NOT_SHIP = "may_ship", "needs", "may_not_ship"
LICENCE: Final = "order.licence_granted"


@dataclass(frozen=True)
class Decision:
    """Everything that is said about one order.

    Attributes:
        together: may_ship, needs or may_not_ship.
        needs: Names to declare, figures and limits that are open; none where it may not ship.
        changes: What would change the answer, in sentences.
        notes: What the reader should know about the answer, in sentences.
    """

    order: Order
    law: Law
    gates: Mapping[str, Gate]
    together: str
    needs: tuple[str, ...]
    headroom: tuple[Headroom, ...]
    levy: Levy
    domestic: DomesticDue
    changes: tuple[str, ...]
    notes: tuple[str, ...]


def decide(
    order: Order,
    law: Law,
    ledger: Ledger | None = None,
    *,
    us_units: float | None = None,
    ratio: float | None = None,
) -> Decision:
    """Decide one order under the law of a day.

    Args:
        ledger: What was licensed and shipped so far.
        us_units: Units of the product shipped for use in the United States, the base of the share limit.
        ratio: Domestic chips to be bought per imported chip; a prior range if None.

    Raises:
        ScenarioFault: The chip is made in China, so that no gate is passed; or the ratio is below zero.
    """
    _check_chip(order)
    ledger = ledger or Ledger()
    licensed = ledger.licensed_open(order.chip.id, order.buyer.id, order.destination)
    covered = order
    if licensed >= order.units and LICENCE not in order.declarations:
        covered = replace(order, declarations={**order.declarations, LICENCE: True})
    question = order_question(covered, law)
    found = {
        subject.id: gate_outcomes(law.rulebook, subject.id, question) for subject in law.rulebook.subjects
    }
    outcomes = {name: outcome_name(law, name, answer) for name, answer in found.items()}
    gates = {name: gate_answer(law, subject, question, found[subject]) for name, subject in GATES.items()}
    rooms = headrooms(order, question.helped(), law, ledger, us_units)
    open_rooms = [room for room in rooms if _leaves_open(room, order, licensed)]
    exceeded = [room for room in rooms if room.fits(_counted_units(room, order, licensed)) is False]
    needs = [short_name(name) for gate in gates.values() for name in gate.missing]
    needs = list(dict.fromkeys([*needs, *(room.limit.id for room in open_rooms)]))
    barred = bool(exceeded) or any(gate.barred for gate in gates.values())
    return Decision(
        order,
        law,
        gates,
        MAY_NOT_SHIP if barred else NEEDS if needs else MAY_SHIP,
        () if barred else tuple(needs),
        tuple(rooms),
        levy_of(order, outcomes, law),
        domestic_due(order, law, ratio),
        tuple(changes(covered, law, gates, exceeded, open_rooms)),
        tuple(notes(order, law, gates, ledger, licensed)),
    )


def _check_chip(order: Order) -> None:
    if order.chip.country == "CN":
        raise ScenarioFault(
            f"{order.chip.id} is made in China, so an order of it passes neither gate and there is nothing to decide.\n"
            "  Its measures stand in: dualtrack classify " + order.chip.id
        )


def _counted_units(room: Headroom, order: Order, licensed: float) -> float:
    """Units of the order that a limit has not counted yet: licensed ones are reserved under the US limits."""
    return max(order.units - licensed, 0.0) if room.limit.subject == "us" else float(order.units)


def _leaves_open(room: Headroom, order: Order, licensed: float) -> bool:
    """Whether the order may or may not fit. The purchase under the ratio is declared, so it is not asked twice."""
    if room.limit.subject != "us":
        return False
    units = _counted_units(room, order, licensed)
    return units > 0 and room.fits(units) is None

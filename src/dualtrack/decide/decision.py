"""The decision on one order: outcome at each gate and together, reasons, headroom, money, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dualtrack.decide.declarations import short_name
from dualtrack.decide.gates import UNDETERMINED, GateOutcomes, Question, gate_outcomes
from dualtrack.decide.headroom import Headroom, headrooms
from dualtrack.decide.ledger import Ledger
from dualtrack.decide.money import DomesticDue, Levy, domestic_due, levy_of
from dualtrack.decide.question import Law, order_question
from dualtrack.entities import Order
from dualtrack.errors import ScenarioFault
from dualtrack.rules import Environment, Finding, Rule
from dualtrack.rules.fields import chip_fields, chip_spans
from dualtrack.rules.labels import label_of
from dualtrack.rules.wording import sentence_case

GATES: Final = {"us": "us.export", "china": "china.import"}
MAY_SHIP, NEEDS, MAY_NOT_SHIP = "may_ship", "needs", "may_not_ship"
LICENCE: Final = "order.licence_granted"


@dataclass(frozen=True)
class Reason:
    """A rule that reaches the outcome, with what was found for and against it."""

    rule: Rule
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Gate:
    """One gate's answer.

    Attributes:
        outcome: One of the subject's, or `undetermined` where a figure of the chip is not published.
        missing: Fields that the order does not declare, steps still to take, and figures that are not known.
        barred: Whether the outcome lets nothing ship.
    """

    outcome: str
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    barred: bool


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
    licensed = ledger.licensed_open(order.chip.id, order.buyer.id)
    if licensed >= order.units and LICENCE not in order.declarations:
        order = replace(order, declarations={**order.declarations, LICENCE: True})
    question = order_question(order, law)
    found = {
        subject.id: gate_outcomes(law.rulebook, subject.id, question) for subject in law.rulebook.subjects
    }
    outcomes = {name: _outcome(law, name, answer) for name, answer in found.items()}
    gates = {name: _gate(law, subject, question, found[subject]) for name, subject in GATES.items()}
    rooms = headrooms(order, question.helped(), law, ledger, us_units)
    open_limits = [room.limit.id for room in rooms if _leaves_open(room, order, licensed)]
    exceeded = [room for room in rooms if room.fits(_counted_units(room, order, licensed)) is False]
    needs = [short_name(name) for gate in gates.values() for name in gate.missing]
    needs = list(dict.fromkeys([*needs, *open_limits]))
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
        tuple(_changes(order, law, gates, exceeded, open_limits)),
        tuple(_notes(order, law, gates, ledger, licensed)),
    )


def _check_chip(order: Order) -> None:
    if order.chip.country == "CN":
        raise ScenarioFault(
            f"{order.chip.id} is made in China, so an order of it passes neither gate and there is nothing to decide.\n"
            "  Its measures stand in: dualtrack classify " + order.chip.id
        )


def _outcome(law: Law, subject: str, answer: GateOutcomes) -> str:
    rank = int(answer.rank)
    return "undetermined" if rank == UNDETERMINED else law.rulebook.subject(subject).outcomes[rank]


def _gate(law: Law, subject: str, question: Question, answer: GateOutcomes) -> Gate:
    outcome = _outcome(law, subject, answer)
    helped = Environment({**question.helped(), **question.spans}, law.parameters)
    middle = Environment(question.helped(), law.parameters)
    stated = Environment(question.fields, law.parameters)
    reasons = []
    for rule in law.rulebook.rules_of(subject):
        if outcome == "undetermined":
            reached = rule.bounds(helped).truth is not False
        else:
            reached = rule.outcome == outcome and rule.bounds(middle).truth is True
        if reached:
            reasons.append(Reason(rule, tuple(dict.fromkeys(rule.findings(stated)))))
    return Gate(outcome, tuple(reasons), tuple(answer.missing), bool(answer.barred))


def _counted_units(room: Headroom, order: Order, licensed: float) -> float:
    """Units of the order that a limit has not counted yet: licensed ones are reserved under the US limits."""
    return max(order.units - licensed, 0.0) if room.limit.subject == "us" else float(order.units)


def _leaves_open(room: Headroom, order: Order, licensed: float) -> bool:
    """Whether the order may or may not fit. The purchase under the ratio is declared, so it is not asked twice."""
    if room.limit.subject != "us":
        return False
    units = _counted_units(room, order, licensed)
    return units > 0 and room.fits(units) is None


def _changes(
    order: Order, law: Law, gates: Mapping[str, Gate], exceeded: list[Headroom], open_limits: list[str]
) -> list[str]:
    said = []
    asked = [label_of(name).ask or label_of(name).label for gate in gates.values() for name in gate.missing]
    if asked:
        said.append(f"missing: {'; '.join(dict.fromkeys(asked))}")
    for name, gate in gates.items():
        for field, answer in order.declarations.items():
            if answer == label_of(field).wanted:
                continue
            turned = replace(order, declarations={**order.declarations, field: not answer})
            other = gate_outcomes(law.rulebook, GATES[name], order_question(turned, law))
            outcome = _outcome(law, GATES[name], other)
            if outcome != gate.outcome:
                word = "no" if answer else "yes"
                said.append(f"{short_name(field)}={word} would make it {outcome.replace('_', ' ')}")
    for room in exceeded:
        assert room.high is not None
        said.append(f"at most {room.high:,.0f} units fit under {room.limit.id}")
    if not any(gate.barred for gate in gates.values()):
        how = "give --us-units, the units shipped in the United States"
        said += [f"whether it fits under {limit} is open: {how}" for limit in open_limits]
    return list(dict.fromkeys(said))


def _notes(order: Order, law: Law, gates: Mapping[str, Gate], ledger: Ledger, licensed: float) -> list[str]:
    said = [law.note] if law.note else []
    if order.chip.known_by > law.on:
        said.append(
            f"{order.chip.name} was announced in {order.chip.announced}, after this day: the law of the day is held "
            "against the figures known later."
        )
    spans, middles = chip_spans(order.chip), chip_fields(order.chip)
    for name in dict.fromkeys(name for gate in gates.values() for name in gate.missing if name in spans):
        label, (low, high) = label_of(name), spans[name]
        if middles[name] is None:
            said.append(f"{sentence_case(label.label)} is not published, and the answer hangs on it.")
        else:
            said.append(
                f"{sentence_case(label.label)} is an estimate, {low:,.6g} to {high:,.6g}, with a line of the rules "
                f"in between; the answer is that of {middles[name]:,.6g}."
            )
    if ledger.later:
        said.append(f"{ledger.later} ledger entries after {law.on} were left out.")
    if licensed:
        said.append(f"By the ledger a licence still covers {licensed:,.0f} units for this buyer.")
    return said

"""A decision as plain data: what `dualtrack decide --json` prints."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from dualtrack.decide.answer import Gate, Reason
from dualtrack.decide.decision import Decision
from dualtrack.decide.declarations import short_name
from dualtrack.decide.headroom import Headroom
from dualtrack.decide.money import RATIO_FACT, DomesticDue, Levy
from dualtrack.decide.question import Law
from dualtrack.facts.cite import source_row
from dualtrack.rules import Dated, Finding, Rule
from dualtrack.rules.labels import label_of

# From least to most trusted.
CONFIDENCES: Final = ("assumption", "background", "low", "medium", "high")


def decision_document(decision: Decision) -> dict[str, Any]:
    """Everything that is said about one order."""
    law, order = decision.law, decision.order
    return {
        "on": law.asked_on.isoformat(),
        "law_on": law.on.isoformat(),
        "known_by": law.book.last_date.isoformat(),
        "order": {
            "chip": order.chip.id,
            "chip_name": order.chip.name,
            "buyer": order.buyer.id,
            "buyer_name": order.buyer.name,
            "units": order.units,
            "destination": order.destination,
            "end_use": order.end_use,
            "price_usd": order.price_usd,
            "declarations": {short_name(name): answer for name, answer in order.declarations.items()},
        },
        **{name: _gate(gate, law) for name, gate in decision.gates.items()},
        "together": {"outcome": decision.together, "needs": list(decision.needs)},
        "headroom": {room.limit.id: _headroom(room, order.units) for room in decision.headroom},
        "levy": _levy(decision.levy),
        "domestic_due": _domestic(decision.domestic),
        "what_would_change": list(decision.changes),
        "notes": list(decision.notes),
        "sources": _sources(decision),
    }


def _gate(gate: Gate, law: Law) -> dict[str, Any]:
    return {
        "outcome": gate.outcome,
        "rules": [reason.rule.id for reason in gate.reasons],
        "findings": [_finding(reason, found, law) for reason in gate.reasons for found in reason.findings],
        "missing": [short_name(name) for name in gate.missing],
    }


def _finding(reason: Reason, finding: Finding, law: Law) -> dict[str, Any]:
    facts = _facts_behind(finding, law) or reason.rule.facts
    return {
        "rule": reason.rule.id,
        "text": finding.text,
        "holds": finding.holds,
        "seen": finding.seen,
        "asked": finding.asked,
        "margin": finding.margin,
        "fields": list(finding.fields),
        "citation": reason.rule.citation,
        "confidence": _confidence(finding, reason.rule, law),
        "facts": list(facts),
    }


def _confidence(finding: Finding, rule: Rule, law: Law) -> str:
    """That of the least trusted number or condition; of the rule as a whole where neither has a source of its own."""
    numbers = [entry.confidence for entry in _in_force(finding.parameters, law)]
    conditions = [law.book.get(fact).confidence for name in finding.fields for fact in label_of(name).facts]
    whole = [law.book.get(fact).confidence for fact in rule.facts]
    return min(numbers + conditions or whole, key=CONFIDENCES.index)


def _in_force(parameters: Iterable[str], law: Law) -> list[Dated]:
    """The values in force of some parameters."""
    histories = (law.rulebook.parameters[name].history for name in parameters)
    return [entry for history in histories for entry in history if entry.covers(law.on)]


def _facts_behind(finding: Finding, law: Law) -> tuple[str, ...]:
    """Facts of the condition and of the numbers in force; none where only the rule as a whole is sourced."""
    conditions = [fact for name in finding.fields for fact in label_of(name).facts]
    return tuple(dict.fromkeys((*_facts_of(finding.parameters, law), *conditions)))


def _facts_of(parameters: Iterable[str], law: Law) -> list[str]:
    return [fact for entry in _in_force(parameters, law) for fact in entry.facts]


def _headroom(room: Headroom, units: int) -> dict[str, Any]:
    unlimited = room.units is not None and math.isinf(room.units)
    known = not unlimited and room.units is not None
    return {
        "units": room.units if known else None,
        "low": room.low if known else None,
        "high": room.high if known and room.high is not None and math.isfinite(room.high) else None,
        "unlimited": unlimited,
        "fits": room.fits(units),
        "what": room.limit.what,
        "basis": room.basis,
        "citation": room.limit.citation,
        "facts": list(room.limit.facts),
    }


def _levy(levy: Levy) -> dict[str, Any]:
    return {
        "outcome": levy.outcome,
        "rate": levy.rate,
        "price_usd": levy.price_usd,
        "price_basis": levy.price_basis,
        "base_usd": levy.base_usd,
        "due_usd": levy.due_usd,
        "revenue_share": {"rate": levy.share_rate, "due_usd": levy.share_usd},
    }


def _domestic(due: DomesticDue) -> dict[str, Any]:
    return {
        "ratio": _points(due.ratio),
        "source": due.source,
        "domestic_chip": due.domestic_chip.id,
        **{basis: _points(points) for basis, points in due.counts.items()},
    }


def _points(points: tuple[float, float, float] | None) -> dict[str, float] | None:
    return None if points is None else dict(zip(("low", "mid", "high"), points, strict=True))


def _sources(decision: Decision) -> list[dict[str, Any]]:
    law = decision.law
    named: dict[str, None] = {}
    for gate in decision.gates.values():
        for reason in gate.reasons:
            named |= dict.fromkeys(reason.rule.facts)
            for finding in reason.findings:
                named |= dict.fromkeys(_facts_behind(finding, law))
    for room in decision.headroom:
        named |= dict.fromkeys((*room.limit.facts, *room.estimates))
    if decision.domestic.source.startswith(RATIO_FACT):
        named[RATIO_FACT] = None
    if decision.levy.rate:
        named |= dict.fromkeys((*law.rulebook.rule("us.levy.due").facts, *_facts_of(("us.levy.rate",), law)))
    if decision.levy.share_rate:
        named |= dict.fromkeys(law.rulebook.rule("us.arrangement.due").facts)
    named |= dict.fromkeys(decision.order.buyer.sources)
    return [source_row(law.book.get(name)) for name in named]

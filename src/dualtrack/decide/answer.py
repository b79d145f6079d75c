"""One gate's answer to one order: the outcome, the rules that reach it, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dualtrack.decide.gates import UNDETERMINED, GateOutcomes, Question
from dualtrack.decide.question import Law
from dualtrack.rules import Environment, Finding, Rule

GATES: Final = {"us": "us.export", "china": "china.import"}


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


def outcome_name(law: Law, subject: str, answer: GateOutcomes) -> str:
    rank = int(answer.rank)
    return "undetermined" if rank == UNDETERMINED else law.rulebook.subject(subject).outcomes[rank]


def gate_answer(law: Law, subject: str, question: Question, answer: GateOutcomes) -> Gate:
    outcome = outcome_name(law, subject, answer)
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

"""The outcome of one subject for many orders at once, with fields undeclared or known as ranges.

What an order does not declare is taken as it would help the order, and what the outcome then hangs on is missing.
A figure of a chip that is not published leaves the outcome open instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dualtrack.decide.declarations import declarable
from dualtrack.errors import DataFault
from dualtrack.rules import Environment, Rulebook, Span
from dualtrack.rules.labels import label_of

Array = np.ndarray[Any, Any]

UNDETERMINED: Final = -1
CHIP: Final = "chip."
# Parts of one: what is not known helps an order as nothing, and bars it as the whole.
SHARES: Final = ("buyer.listed_owner_share",)


@dataclass(frozen=True)
class GateOutcomes:
    """Outcomes of one subject.

    Attributes:
        rank: Place in the subject's outcomes, from mildest to strictest; UNDETERMINED where the chip's figures
            leave it open.
        missing: By field, where the order lacks it: declarations, further steps, and figures of the chip.
        barred: Where the outcome lets nothing ship.
    """

    rank: Array
    missing: Mapping[str, Array]
    barred: Array


@dataclass(frozen=True)
class Question:
    """Orders to be decided.

    Attributes:
        fields: By name, plain values or arrays over orders; None or NaN where undeclared or not published.
        spans: The chip's figures from least to greatest, without bounds where nothing is published.
        parameters: The law of the day.
    """

    fields: Mapping[str, Any]
    spans: Mapping[str, Span]
    parameters: Mapping[str, Any]

    def helped(self) -> dict[str, Any]:
        """The fields with undeclared answers as they would help."""
        fields = dict(self.fields)
        for name in declarable():
            if name in fields:
                fields[name] = _filled(fields[name], label_of(name).wanted)
        for name in SHARES:
            if name in fields:
                fields[name] = _filled(fields[name], 0.0)
        return fields

    def says_yes(self, name: str) -> Array:
        """Where the order declares it."""
        return np.asarray(~self.undeclared(name) & (_filled(self.fields[name], False) != 0))

    def undeclared(self, name: str) -> Array:
        """Where the order does not say."""
        return _unknown(self.fields[name])


def gate_outcomes(rulebook: Rulebook, subject_id: str, question: Question) -> GateOutcomes:
    """Decide one subject for every order of the question."""
    subject = rulebook.subject(subject_id)
    rules = rulebook.rules_of(subject_id)
    read = dict.fromkeys(
        name for rule in rules for name in (*rule.in_force.fields(), *rule.condition.fields())
    )
    helped = question.helped()
    rank, missing = _rank(rulebook, subject_id, question, helped)
    for name in read:
        if name not in declarable() and name not in SHARES:
            continue
        undeclared = question.undeclared(name)
        if not undeclared.any():
            continue
        against = 1.0 if name in SHARES else not label_of(name).wanted
        turned, _ = _rank(rulebook, subject_id, question, {**helped, name: against})
        missing[name] = undeclared & (turned != rank)
    middle = Environment(_zeroed(helped), question.parameters)
    for rule in rules:
        if rule.steps:
            here = (rank == subject.rank(rule.outcome)) & rule.holds(middle)
            for name in rule.steps:
                missing[name] = missing.get(name, np.asarray(False)) | (here & ~question.says_yes(name))
    barred = np.isin(rank, [subject.rank(outcome) for outcome in subject.bars])
    return GateOutcomes(rank, {name: where for name, where in missing.items() if where.any()}, barred)


def deciding_rules(rulebook: Rulebook, subject_id: str, question: Question, rank: Array) -> list[str | None]:
    """For each order the first rule that reaches its outcome; None where the outcome is open."""
    subject = rulebook.subject(subject_id)
    middle = Environment(_zeroed(question.helped()), question.parameters)
    named: list[str | None] = [None] * rank.size
    for rule in reversed(rulebook.rules_of(subject_id)):
        here = (rank == subject.rank(rule.outcome)) & rule.holds(middle)
        for place in np.flatnonzero(np.broadcast_to(here, rank.shape)):
            named[place] = rule.id
    return named


def _rank(
    rulebook: Rulebook, subject_id: str, question: Question, fields: Mapping[str, Any]
) -> tuple[Array, dict[str, Array]]:
    """The strictest outcome reached, and the chip's figures on which it hangs."""
    subject, rules = rulebook.subject(subject_id), rulebook.rules_of(subject_id)
    spanned = Environment({**fields, **question.spans}, question.parameters)
    ranks = [subject.rank(rule.outcome) for rule in rules]
    bounds = [rule.bounds(spanned) for rule in rules]
    surely = _strictest(ranks, [each.certain for each in bounds])
    at_most = _strictest(ranks, [each.possible for each in bounds])
    if (at_most < 0).any():
        raise DataFault(
            f"No rule of {subject_id} reaches some order on that day: the rules leave a gap. Report it."
        )
    is_open = surely != at_most
    if not is_open.any():
        return surely, {}
    hanging = {
        name: here
        for name in question.spans
        if (here := is_open & _wide(question.spans[name]) & _asked(name, rules, bounds)).any()
    }
    # With every figure at hand, be it an estimate, the middle one decides.
    unpublished = np.asarray(False)
    for name in hanging:
        unpublished = unpublished | (hanging[name] & _unknown(fields[name]))
    middle = _strictest(
        ranks, [rule.holds(Environment(_zeroed(fields), question.parameters)) for rule in rules]
    )
    return np.where(is_open, np.where(unpublished, UNDETERMINED, middle), surely), hanging


def _strictest(ranks: list[int], reached: list[Any]) -> Array:
    strictest = np.asarray(UNDETERMINED)
    for rank, where in zip(ranks, reached, strict=True):
        strictest = np.maximum(strictest, np.where(where, rank, UNDETERMINED))
    return strictest


def _asked(name: str, rules: Any, bounds: Any) -> Array:
    """Where a rule that reads the field is open."""
    asked = np.asarray(False)
    for rule, (certain, possible) in zip(rules, bounds, strict=True):
        if name in rule.condition.fields():
            asked = asked | (possible & ~certain)
    return asked


def _wide(span: Span) -> Array:
    return np.asarray(span.low) < np.asarray(span.high)


def _unknown(value: Any) -> Array:
    if value is None:
        return np.asarray(True)
    value = np.asarray(value)
    return np.isnan(value) if value.dtype.kind == "f" else np.zeros(value.shape, dtype=bool)


def _filled(value: Any, instead: Any) -> Any:
    if value is None:
        return np.asarray(instead)
    value = np.asarray(value)
    return np.where(np.isnan(value), float(instead), value) if value.dtype.kind == "f" else value


def _zeroed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Unpublished figures as zero; where the answer hangs on one it is not used."""
    return {name: _filled(value, 0.0) if name.startswith(CHIP) else value for name, value in fields.items()}

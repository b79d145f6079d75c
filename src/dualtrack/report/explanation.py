"""Everything about one rule or limit, taken from its tree, its parameters' histories, and the scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from dualtrack.decide.declarations import declarable
from dualtrack.decide.question import law_on, order_question
from dualtrack.entities import Order, find_buyer, find_chip
from dualtrack.errors import UnknownLabel, nearest
from dualtrack.facts.book import FactBook, KnownFacts
from dualtrack.facts.cite import source_row
from dualtrack.rules import (
    Amendment,
    Condition,
    Environment,
    Limit,
    Parameter,
    Rule,
    Rulebook,
    gate_amendments,
    limit_sentence,
    rule_sentence,
)
from dualtrack.rules.citing import facts_of, names_in
from dualtrack.rules.fields import DESTINATIONS, chip_fields
from dualtrack.rules.labels import label_of
from dualtrack.rules.states import CHINA_QUOTA, CHINA_RATIONED
from dualtrack.scenarios.files import read_chain, shipped_scenarios
from dualtrack.scenarios.keys import load_keys
from dualtrack.simulate.month import LAW_BY_KEY

# Orders among which a worked example is looked for, the best known first.
_CHIPS: Final = ("H200", "H20", "MI325X", "B200", "L20", "A100", "A800", "MI308X", "RTX6000D", "L40S")
_BUYERS: Final = ("bytedance", "state", "research")

# Round counts that show a limit's arithmetic; no fact says them, and the page says so.
_COUNTS: Final[Mapping[str, float]] = {
    "us.committed_units": 300_000,
    "us.domestic_units": 2_000_000,
    "buyer.committed_units": 10_000,
    "buyer.cleared_this_month": 2_000,
    "china.cleared_of_batches": 150_000,
    "china.batches_released_units": 400_000,
    "order.ratio_weight": 1,
    "buyer.ratio_cleared": 20_000,
    "buyer.ratio_credit": 50_000,
}
_SAID: Final[Mapping[str, float]] = {
    "china.ratio.required": 1,
    "china.tranche.units": 5_000,
    "us.buyer_cap.units": 50_000,
}


@dataclass(frozen=True)
class Period:
    """Days on which a rule is in force; `last` None: until further notice."""

    first: date
    last: date | None


def explanation(name: str, rulebook: Rulebook, book: FactBook | KnownFacts) -> dict[str, Any]:
    """What `dualtrack explain RULE` says, as plain data; of a day, with its rulebook and its facts.

    Raises:
        UnknownLabel: There is no rule and no limit of that name; the nearest are given.
    """
    ruled = {rule.id: rule for rule in rulebook.rules}
    limited = {limit.id: limit for limit in rulebook.limits}
    if name in ruled:
        return _of_rule(ruled[name], rulebook, book)
    if name in limited:
        return _of_limit(limited[name], rulebook, book)
    users = [
        rule
        for rule in (*ruled, *limited)
        if name in names_in(ruled.get(rule) or limited[rule], "parameters")
    ]
    if users:
        raise UnknownLabel(f"{name!r} is a parameter. It stands in: {', '.join(users)}.")
    hint = nearest(name, [*ruled, *limited])
    raise UnknownLabel(f"There is no rule {name!r}.{hint}\n  All of them: dualtrack explain")


def listed(rulebook: Rulebook, book: FactBook | KnownFacts) -> list[dict[str, Any]]:
    """Every rule and limit in short."""
    return [
        {
            "id": item.id,
            "kind": "rule" if isinstance(item, Rule) else "limit",
            "subject": item.subject,
            "outcome": item.outcome if isinstance(item, Rule) else None,
            "sentence": _sentence(item, rulebook, _day_in_force(periods(item.in_force, rulebook), book)),
            "in_force": [_period(period) for period in periods(item.in_force, rulebook)],
            "citation": item.citation,
        }
        for item in rulebook.items
    ]


def periods(in_force: Condition, rulebook: Rulebook) -> list[Period]:
    """When a rule is in force; empty where a gate's state decides it."""
    if in_force.fields():
        return []
    found: list[Period] = []
    starts = rulebook.dates
    for place, day in enumerate(starts):
        if not in_force.truth(Environment({}, rulebook.parameters_on(day))):
            continue
        last = starts[place + 1] - timedelta(days=1) if place + 1 < len(starts) else None
        if found and found[-1].last == day - timedelta(days=1):
            found[-1] = Period(found[-1].first, last)
        else:
            found.append(Period(day, last))
    return found


def _of_rule(rule: Rule, rulebook: Rulebook, book: FactBook | KnownFacts) -> dict[str, Any]:
    when = periods(rule.in_force, rulebook)
    day = _day_in_force(when, book)
    shown = _common(rule, rulebook, book, when)
    return {
        "id": rule.id,
        "kind": "rule",
        "subject": rule.subject,
        "outcome": rule.outcome,
        "lies_over": rule.overlay,
        "sentence": _sentence(rule, rulebook, day),
        "as_of": day.isoformat(),
        "steps": [label_of(name).ask for name in rule.steps],
        **shown,
        "example": _rule_example(rule, rulebook, book),
    }


def _of_limit(limit: Limit, rulebook: Rulebook, book: FactBook | KnownFacts) -> dict[str, Any]:
    when = periods(limit.in_force, rulebook)
    day = _day_in_force(when, book)
    return {
        "id": limit.id,
        "kind": "limit",
        "subject": limit.subject,
        "what": limit.what,
        "scope": limit.scope,
        "per": limit.per,
        "sentence": _sentence(limit, rulebook, day),
        "as_of": day.isoformat(),
        **_common(limit, rulebook, book, when),
        "example": _limit_example(limit, rulebook, day),
    }


def _day_in_force(when: list[Period], book: FactBook | KnownFacts) -> date:
    """The last day in force that the facts know; the first where a rule is known before it binds."""
    if not when:
        return book.last_date
    return max(min(when[-1].last or book.last_date, book.last_date), when[-1].first)


def _sentence(item: Rule | Limit, rulebook: Rulebook, day: date) -> str:
    numbers = rulebook.parameters_on(day)
    return rule_sentence(item, numbers) if isinstance(item, Rule) else limit_sentence(item, numbers)


def _common(
    item: Rule | Limit, rulebook: Rulebook, book: FactBook | KnownFacts, when: list[Period]
) -> dict[str, Any]:
    parameters = [rulebook.parameters[name] for name in names_in(item, "parameters")]
    return {
        "in_force": [_period(period) for period in when],
        "citation": item.citation,
        "parameters": [_parameter(each) for each in parameters],
        "amended_by": list(_amendments([each.id for each in parameters])),
        "sources": [source_row(book.get(name)) for name in facts_of(item, rulebook)],
    }


def _period(period: Period) -> dict[str, str | None]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat() if period.last else None}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "id": parameter.id,
        "what": parameter.what,
        "unit": parameter.unit,
        "before": parameter.before,
        "history": [
            {
                **_period(Period(entry.first, entry.last)),
                "value": None if entry.value == float("inf") else entry.value,
                "facts": list(entry.facts),
                "confidence": entry.confidence,
                "assumption": entry.assumption or None,
            }
            for entry in parameter.history
        ],
        "unpublished": parameter.unpublished or None,
    }


def _amendments(parameters: list[str]) -> Iterator[dict[str, str]]:
    """States of the gates, and keys of shipped scenarios, that change one of the parameters."""
    for gate in gate_amendments().values():
        for amendment in gate:
            for name in parameters:
                if name in amendment.parameters:
                    yield {"by": f"gate state {amendment.id}", "parameter": name, "how": amendment.why}
    for scenario, keys in _keys_set().items():
        for key, parameter in _law_keys().items():
            if parameter in parameters and key in keys:
                yield {"by": f"scenario {scenario}", "parameter": parameter, "how": f"sets {key}"}
    for key, parameter in _law_keys().items():
        if parameter in parameters:
            yield {"by": f"--set {key}", "parameter": parameter, "how": load_keys()[key].entry.what}


@lru_cache(maxsize=1)
def _law_keys() -> Mapping[str, str]:
    """Parameter by the key that sets it."""
    keys = {name: str(key.entry.law) for name, key in load_keys().items() if key.entry.law}
    return {**keys, **LAW_BY_KEY}


@lru_cache(maxsize=1)
def _keys_set() -> Mapping[str, frozenset[str]]:
    return {
        name: frozenset(key for written in read_chain(name) for key in written.entry.set)
        for name in shipped_scenarios()
    }


def _rule_example(rule: Rule, rulebook: Rulebook, book: FactBook | KnownFacts) -> dict[str, Any] | None:
    """The first of a list of orders that the rule decides, on the last day on which it does."""
    last_days = [day - timedelta(days=1) for day in rulebook.dates[1:] if day <= book.last_date]
    for day in (book.last_date, *reversed(last_days)):
        if not rule.in_force.truth(Environment({"china.gate": 0}, rulebook.parameters_on(day))):
            continue
        law = law_on(rulebook, book, day)
        for order, changes in _candidates(rule):
            fields = {**order_question(order, law).helped(), **changes}
            environment = Environment(fields, law.parameters)
            # Asked first of the rule alone: most orders fail it, and all rules of the subject take long.
            if not rule.holds(environment) or rule not in rulebook.reasons(rule.subject, environment):
                continue
            return {
                "on": day.isoformat(),
                "order": f"{order.chip.name} for {order.buyer.name}, to {order.destination.replace('_', ' ')}",
                "chip": order.chip.id,
                "buyer": order.buyer.id,
                "destination": order.destination,
                "with": [_said(name, value) for name, value in changes.items()],
                "outcome": rule.outcome,
                "findings": [
                    {"text": found.text, "holds": found.holds, "seen": found.seen, "margin": found.margin}
                    for found in dict.fromkeys(rule.findings(environment))
                ],
            }
    return None


def _candidates(rule: Rule) -> Iterator[tuple[Order, dict[str, Any]]]:
    asked = [name for name in rule.condition.fields() if name in declarable()]
    changes: list[dict[str, Any]] = [{}]
    changes += [
        {name: answer} for name in asked for answer in (not label_of(name).wanted, label_of(name).wanted)
    ]
    if "buyer.listed_owner_share" in rule.condition.fields():
        changes.append({"buyer.listed_owner_share": 0.5})
    for name in ("order.military_end_use", "order.end_use_barred"):
        if name in rule.condition.fields():
            changes.insert(1, {name: True})
    for change in changes:
        for destination in DESTINATIONS:
            for buyer in _BUYERS:
                for chip in _CHIPS:
                    yield Order(find_chip(chip), find_buyer(buyer), 1, destination, "commercial"), change


def _said(name: str, value: Any) -> str:
    label = label_of(name)
    if isinstance(value, bool):
        return label.yes if value else label.no
    return f"{label.label}: {value:g}"


def _limit_example(limit: Limit, rulebook: Rulebook, day: date) -> dict[str, Any]:
    """The headroom that round counts leave."""
    said = {name: value for name, value in _SAID.items() if name in names_in(limit, "parameters")}
    parameters = rulebook.amended(Amendment("example", said, "a worked example")).parameters_on(day)
    used = dict.fromkeys((*limit.weight.fields(), *limit.used.fields(), *limit.ceiling.fields()))
    chip = find_chip("H200")
    counts = {name: _COUNTS[name] for name in used if name in _COUNTS}
    gate = CHINA_RATIONED if limit.id == "china.tranche" else CHINA_QUOTA
    fields = {**chip_fields(chip), **counts, "china.gate": gate}
    return {
        "on": day.isoformat(),
        "chip": chip.id,
        "counts": {label_of(name).label: value for name, value in counts.items()},
        "parameters": dict(said),
        "units": float(limit.headroom(Environment(fields, parameters))),
    }

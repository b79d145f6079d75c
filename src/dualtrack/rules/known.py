"""The law as it was known on a day: no value that became known later, and no rule that nothing yet put in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from dualtrack.facts.book import FactBook, KnownFacts
from dualtrack.rules.conditions import Condition
from dualtrack.rules.environment import Environment
from dualtrack.rules.load import load_rulebook
from dualtrack.rules.parameters import Dated, Parameter
from dualtrack.rules.rulebook import Rulebook


def known_rulebook(facts: KnownFacts) -> Rulebook:
    """The rulebook of what was known on the facts' day; its subjects may leave orders to no rule.

    A value is known once its facts are; one that is an assumption, from its first day. The end of a value
    is known once the next value is: a rule then in force is in force until further notice.
    """
    whole = load_rulebook(facts)
    parameters = {name: _known(parameter, facts) for name, parameter in whole.parameters.items()}
    known = replace(whole, parameters=parameters)
    return replace(
        known,
        rules=tuple(rule for rule in known.rules if _may_be_in_force(rule.in_force, known)),
        limits=tuple(limit for limit in known.limits if _may_be_in_force(limit.in_force, known)),
    )


def dates_of_law(book: FactBook) -> list[date]:
    """The days from which another law is known than before, in order, from the first that is covered."""
    rulebook = load_rulebook(book)
    entries = [entry for each in rulebook.parameters.values() for entry in each.history]
    known = {_known_from(entry, book) for entry in entries}
    return sorted({rulebook.cover_from, *(day for day in known if day > rulebook.cover_from)})


def _known_from(entry: Dated, book: FactBook) -> date:
    if not entry.facts:
        return entry.first
    return max(min(fact.known_by for fact in book.versions(name)) for name in entry.facts)


def _known(parameter: Parameter, facts: KnownFacts) -> Parameter:
    kept = [entry for entry in parameter.history if _known_from(entry, facts.book) <= facts.day]
    return replace(parameter, history=tuple(_with_known_end(kept, facts.day)))


def _with_known_end(history: list[Dated], day: date) -> Iterator[Dated]:
    for place, entry in enumerate(history):
        is_open = place + 1 == len(history) and entry.last is not None and entry.last > day
        yield replace(entry, last=None) if is_open else entry


def _may_be_in_force(in_force: Condition, rulebook: Rulebook) -> bool:
    fields = dict.fromkeys(in_force.fields())
    return any(
        in_force.truth(Environment(fields, rulebook.parameters_on(day))) is not False
        for day in rulebook.dates
    )

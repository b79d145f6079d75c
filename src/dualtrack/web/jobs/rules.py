"""The rules as known on a day: what `dualtrack explain --json` prints."""

from __future__ import annotations

from datetime import date
from typing import Any

from dualtrack.errors import DataFault, UnknownLabel
from dualtrack.report.explanation import explanation, listed
from dualtrack.report.rule_search import found_rules
from dualtrack.web.jobs.documents import as_bytes, law_as_known, law_dates
from dualtrack.web.service.faults import NotFound


def rules(query: str, known_by: date | None) -> bytes:
    """The rules and limits in short that hold every word of the query.

    Raises:
        DataFault: No law of that day is covered.
    """
    return as_bytes(_rows(query, known_by))


def rules_page(query: str, known_by: date | None) -> bytes:
    """The list, how many there are without the query, and the days from which another law is known."""
    dates = [day.isoformat() for day in law_dates()]
    return as_bytes({"rules": _rows(query, known_by), "known": len(_rows("", known_by)), "dates": dates})


def rule(name: str, known_by: date | None) -> bytes:
    """One rule or limit in full.

    Raises:
        NotFound: There is none of that name; the nearest are given.
        DataFault: It was not known yet.
    """
    return as_bytes(_explained(name, known_by))


def rule_page(name: str, known_by: date | None) -> bytes:
    """The rule, with the days from which another law is known, from the first on which this rule is."""
    document = _explained(name, known_by)
    first = _first_known(name)
    return as_bytes({"rule": document, "dates": [day.isoformat() for day in law_dates() if day >= first]})


def _rows(query: str, known_by: date | None) -> list[dict[str, Any]]:
    rulebook, facts = law_as_known(known_by)
    return found_rules(listed(rulebook, facts), query, rulebook, facts)


def _explained(name: str, known_by: date | None) -> dict[str, Any]:
    rulebook, facts = law_as_known(known_by)
    try:
        return explanation(name, rulebook, facts)
    except UnknownLabel as error:
        if _is_known(name, None):
            raise DataFault(
                f"{name} was not known on {known_by}. It could be known from {_first_known(name)}: choose that day or a "
                "later one."
            ) from None
        raise NotFound(str(error)) from None


def _first_known(name: str) -> date:
    """The first day on which the rule is known."""
    return next(day for day in law_dates() if _is_known(name, day))


def _is_known(name: str, day: date | None) -> bool:
    return name in {item.id for item in law_as_known(day)[0].items}

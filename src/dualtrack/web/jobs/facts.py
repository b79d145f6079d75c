"""The fact book: what `dualtrack facts --json` and `dualtrack cite --json` print, and which rules and keys use a fact."""

from __future__ import annotations

from datetime import date
from typing import Any

from dualtrack.facts.book import DATA_DIR, UnknownFact, load_book
from dualtrack.facts.cite import citation, uses
from dualtrack.rules.citing import citing
from dualtrack.scenarios.keys import load_keys
from dualtrack.settings.controls import control_keys
from dualtrack.web.jobs.documents import as_bytes, law_as_known
from dualtrack.web.service.faults import NotFound

ON_A_PAGE = 40
# The rules and keys behind these places are named by themselves.
_NAMED = ("rules/", "keys/")


def facts(query: str, known_by: date | None) -> bytes:
    """Every fact that holds all words of the query, as known on the day."""
    return as_bytes([fact.content() for fact in load_book().search(query, known_by)])


def facts_page(query: str, known_by: date | None, page: int) -> bytes:
    """One page of the facts found, with how many there are and the days from which more is known.

    Args:
        page: From 1; after the last one the last is given.
    """
    book = load_book()
    found = book.search(query, known_by)
    last = max(-(-len(found) // ON_A_PAGE), 1)
    page = min(page, last)
    shown = found[ON_A_PAGE * (page - 1) : ON_A_PAGE * page]
    return as_bytes(
        {
            "facts": [fact.content() for fact in shown],
            "found": len(found),
            "known": len(book.search("", known_by)),
            "page": page,
            "last": last,
            "dates": [day.isoformat() for day in book.known_dates()],
        }
    )


def fact(name: str, known_by: date | None) -> bytes:
    """Everything about one fact.

    Raises:
        NotFound: There is no such fact; the nearest are given.
        DataFault: It was not known yet.
    """
    return as_bytes(_cited(name, known_by))


def fact_page(name: str, known_by: date | None) -> bytes:
    """The fact with the rules and keys that stand on it, and the days from which more is known of it."""
    shown = _cited(name, known_by)
    book = load_book()
    first = min(version.known_by for version in book.versions(name))
    return as_bytes(
        {
            "fact": shown,
            "rules": list(citing(name, law_as_known(None)[0])),
            "keys": [
                {"key": key, "what": found.entry.what, "is_control": key in control_keys()}
                for key, found in load_keys().items()
                if name in found.entry.all_facts()
            ],
            "elsewhere": [place for place in shown["used_by"] if not place.startswith(_NAMED)],
            "dates": [day.isoformat() for day in book.known_dates() if day >= first],
        }
    )


def _cited(name: str, known_by: date | None) -> dict[str, Any]:
    try:
        return citation(load_book(), name, known_by, uses(name, DATA_DIR))
    except UnknownFact as error:
        raise NotFound(str(error)) from None

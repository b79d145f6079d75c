"""What the reference pages are answered from: the law and the facts as they were known, and answers as bytes."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from dualtrack.errors import DataFault
from dualtrack.facts.book import FactBook, KnownFacts, load_book
from dualtrack.rules import Rulebook, load_rulebook
from dualtrack.rules.known import dates_of_law, known_rulebook

DAYS_KEPT = 64


def as_bytes(document: Any) -> bytes:
    """The document as JSON; a number that JSON has not is a fault of ours."""
    return json.dumps(document, allow_nan=False, ensure_ascii=False).encode()


@lru_cache(DAYS_KEPT)
def law_as_known(day: date | None) -> tuple[Rulebook, FactBook | KnownFacts]:
    """The rules as known on a day, with the facts of that day; all that is known if none.

    Raises:
        DataFault: The day lies before the law that is covered.
    """
    book = load_book()
    whole = load_rulebook(book)
    if day is None:
        return whole, book
    if day < whole.cover_from:
        raise DataFault(
            f"No law as known on {day} is here: law is covered from {whole.cover_from}. Choose that day or a later one."
        )
    facts = book.as_known(day)
    return known_rulebook(facts), facts


@lru_cache(maxsize=1)
def law_dates() -> tuple[date, ...]:
    """The days from which another law is known than before."""
    return tuple(dates_of_law(load_book()))

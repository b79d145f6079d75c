"""The chips under the law of a day: what `dualtrack classify --json` prints, and the picture of all."""

from __future__ import annotations

from datetime import date
from typing import Any

from dualtrack.decide.classify import classification_document, classify
from dualtrack.decide.question import Law, law_on
from dualtrack.entities import find_chip, load_chips
from dualtrack.errors import UnknownLabel
from dualtrack.facts.book import load_book
from dualtrack.report.chips_chart import chips_figure
from dualtrack.report.theme import themed
from dualtrack.web.jobs.documents import as_bytes, law_as_known
from dualtrack.web.service.faults import NotFound


def chips(on: date | None) -> bytes:
    """Every chip of the catalogue, classified.

    Args:
        on: The day whose law is asked; the last known one if none.

    Raises:
        NoValueInForce: The day lies before the law that is covered.
    """
    return as_bytes(_documents(_law(on)))


def chips_page(on: date | None) -> bytes:
    """The chips with their picture."""
    law = _law(on)
    documents = _documents(law)
    drawn = chips_figure(documents, law.parameters)
    figure = {
        "name": drawn.name,
        "title": drawn.title,
        "reading": drawn.reading,
        "how_to_read": drawn.how_to_read,
        "spec": themed(drawn.chart, "page", title=False),
    }
    return as_bytes({"chips": documents, "figure": figure})


def chip(name: str, on: date | None) -> bytes:
    """One chip, by its id or an alias.

    Raises:
        NotFound: No chip has the name; the nearest are given.
    """
    try:
        found = find_chip(name)
    except UnknownLabel as error:
        raise NotFound(str(error)) from None
    return as_bytes(classification_document(classify(found, _law(on))))


def _law(on: date | None) -> Law:
    return law_on(law_as_known(None)[0], load_book(), on)


def _documents(law: Law) -> list[dict[str, Any]]:
    return [classification_document(classify(each, law)) for each in load_chips().values()]

"""`dualtrack classify`: chips against every threshold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dualtrack.commands.output import console, print_json
from dualtrack.decide.classify import classification_document, classify
from dualtrack.decide.own import own_chips
from dualtrack.decide.question import law_on
from dualtrack.entities import Chip, find_chip, load_chips
from dualtrack.errors import DualtrackError, Fault, UnknownLabel, raise_gathered
from dualtrack.facts.book import load_book
from dualtrack.months import parse_day
from dualtrack.rules import load_rulebook

FILES = (".yaml", ".yml")


def classify_chips(names: Sequence[str], on: str | None, as_json: bool) -> None:
    """Print every chip of the catalogue, those named, or those of files."""
    chips = _chips(names)
    book = load_book()
    law = law_on(load_rulebook(book), book, parse_day(on) if on else None)
    documents = [classification_document(classify(chip, law)) for chip in chips]
    if as_json:
        print_json(documents)
        return
    from dualtrack.report.classification import classification_sections
    from dualtrack.report.sections import print_sections

    print_sections(classification_sections(documents), console())


def _chips(names: Sequence[str]) -> list[Chip]:
    if not names:
        return list(load_chips().values())
    chips: list[Chip] = []
    faults = []
    for name in names:
        try:
            chips += own_chips(Path(name)) if Path(name).suffix in FILES else [find_chip(name)]
        except DualtrackError as error:
            faults.append(Fault(str(error)))
    raise_gathered(faults, UnknownLabel, "A chip cannot be classified.")
    return chips

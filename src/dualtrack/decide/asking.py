"""An order as a user gives it, decided: the same for the command, the interface and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dualtrack.decide.decision import Decision, decide
from dualtrack.decide.declarations import gather_declarations
from dualtrack.decide.ledger import read_ledger
from dualtrack.decide.question import law_on
from dualtrack.decide.reading import read_order
from dualtrack.errors import DualtrackError, Fault
from dualtrack.facts.book import load_book
from dualtrack.months import parse_day
from dualtrack.rules import NoValueInForce, Rulebook, load_rulebook


def decide_asked(file: Path | None, options: Mapping[str, Any], declared: Sequence[str]) -> Decision:
    """The decision on the order of a file, of options, or of both.

    Args:
        options: By key of `reading.KEYS`, as typed; those that are None were not given.
        declared: `NAME=yes` and `NAME=no`.

    Raises:
        ScenarioFault: Something is missing or cannot be read; every fault is listed.
        NoValueInForce: The day of the file lies before the law that is covered.
    """
    book = load_book()
    rulebook = load_rulebook(book)
    answers, faults = gather_declarations(declared)
    faults += _day_faults(options.get("on"), rulebook)
    asked = read_order(file, options, answers, faults)
    law = law_on(rulebook, book, asked.on)
    ledger = read_ledger(asked.ledger, law.on) if asked.ledger else None
    return decide(asked.order, law, ledger, us_units=asked.us_units, ratio=asked.ratio)


def _day_faults(on: object, rulebook: Rulebook) -> list[Fault]:
    """That a day given lies before the law that is covered; one that cannot be read is told by the order's reader."""
    if on is None:
        return []
    try:
        rulebook.parameters_on(parse_day(on))
    except NoValueInForce as error:
        return [Fault(str(error), key="--on", about="on")]
    except DualtrackError:
        pass
    return []

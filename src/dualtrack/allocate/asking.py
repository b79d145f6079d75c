"""An allocation as a user asks for it: the same for the command, the interface and the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

from dualtrack.allocate.allocation import compare
from dualtrack.allocate.book import AllocationFault
from dualtrack.allocate.conflicts import AllocationConflict
from dualtrack.allocate.document import Document, allocation_document, conflict_document
from dualtrack.allocate.policies import POLICIES, Level, Policy
from dualtrack.allocate.problem import read_problem
from dualtrack.errors import DualtrackError, Fault, nearest, raise_gathered
from dualtrack.facts.book import FactBook
from dualtrack.months import parse_day

# A book of January 2026, its stock and a limits file; their README says where each number is from.
EXAMPLES: Final = Path(__file__).parent.parent / "data" / "examples"
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
MOST_IN_LOT: Final = 1_000_000
SECONDS: Final = 60.0
MOST_SECONDS: Final = 86_400.0


@dataclass(frozen=True)
class Settings:
    """How a book is to be shared out.

    Attributes:
        lot: Units that are delivered together; None: none are.
        seconds: Time for the search for whole lots, of each policy.
        on: The day of the law; None: the last known.
    """

    policy: Policy = "value"
    level: Level = "share"
    lot: int | None = None
    seconds: float = SECONDS
    on: date | None = None


def read_settings(options: Mapping[str, str | None]) -> Settings:
    """The settings from policy, level, lot, seconds and on as they were typed; None: not given.

    Raises:
        AllocationFault: One cannot be read; every fault is listed.
    """
    faults: list[Fault] = []
    read: dict[str, Any] = {}
    readers = {"policy": _policy, "level": _level, "lot": _lot, "seconds": _seconds, "on": parse_day}
    for name, reader in readers.items():
        text = options.get(name)
        if text is None:
            continue
        try:
            read[name] = reader(text)
        except DualtrackError as error:
            faults.append(Fault(str(error), key=f"--{name}", about=name))
    raise_gathered(faults, AllocationFault, "The book cannot be shared out so.")
    return Settings(**read)


def share_files(
    orders: Path,
    stock: Path,
    limits: Path | None,
    settings: Settings,
    facts: FactBook,
    progress: Callable[[int, int], None] | None = None,
) -> Document:
    """The document of the allocation of a user's files; where its promises clash, that of the conflict.

    Args:
        progress: Called with the steps done and all steps: the files read, and each policy.

    Raises:
        TableFault: The orders or the stock do not fit.
        AllocationFault: The limits file does not fit, or the book cannot be shared out.
        NoValueInForce: The day lies before the law that is covered.
    """
    problem = read_problem(orders, stock, limits, settings.on, facts)
    try:
        found = compare(
            *(problem.book, problem.stock, problem.rulebook, problem.laws, problem.counts),
            level=settings.level,
            lot=settings.lot,
            seconds=settings.seconds,
            progress=progress,
        )
    except AllocationConflict as conflict:
        return conflict_document(problem, conflict)
    return allocation_document(problem, found, settings.policy, facts)


def _policy(text: str) -> str:
    return _choice(text, POLICIES)


def _level(text: str) -> str:
    return _choice(text, LEVELS)


def _choice(text: str, known: tuple[str, ...]) -> str:
    word = text.strip().lower().replace("_", "-")
    if word not in known:
        raise AllocationFault(f"{text!r} is not known.{nearest(word, known)} Known: {', '.join(known)}.")
    return word


def _lot(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_IN_LOT:
        raise AllocationFault(f"{text!r} does not fit. Wanted: a whole number from 1 to {MOST_IN_LOT:,}.")
    return number


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise AllocationFault(
            f"{text!r} does not fit. Wanted: a number above 0, at most {MOST_SECONDS:,.0f}."
        )
    return seconds

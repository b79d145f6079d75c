"""The fact book: every sourced number about the world, by id and by the day it could be known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from dualtrack.errors import DataFault, nearest
from dualtrack.facts import periods
from dualtrack.facts.fact import Fact, Source
from dualtrack.facts.reading import read_book

__all__ = ["DATA_DIR", "LAST_DATE", "Fact", "FactBook", "Source", "load_book"]

DATA_DIR: Final = Path(__file__).parent.parent / "data"

# What the shipped facts are about ends here; publication may be later.
LAST_DATE: Final = date(2026, 1, 31)

# Chips are counted under three names by the sources; estimates in these units contradict each other.
_SAME_QUANTITY = {"packages": "units", "cards": "units"}


class UnknownFact(DataFault):
    """An id that no fact has."""


class FactBook:
    """Facts by id, each with its versions in the order in which they were read."""

    last_date: Final = LAST_DATE

    def __init__(self, versions: Mapping[str, tuple[Fact, ...]], sources: Mapping[str, Source]) -> None:
        self._versions = MappingProxyType(dict(versions))
        self.sources: Mapping[str, Source] = MappingProxyType(dict(sources))

    def __len__(self) -> int:
        return len(self._versions)

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __contains__(self, fact_id: object) -> bool:
        return fact_id in self._versions

    def versions(self, fact_id: str) -> tuple[Fact, ...]:
        """Every version of a fact, ours first, then those of the overlays in their order."""
        found = self._versions.get(fact_id)
        if found is None:
            raise UnknownFact(
                f"Unknown fact {fact_id!r}.{nearest(fact_id, self._versions)} `dualtrack facts WORDS` searches the book."
            )
        return found

    def get(self, fact_id: str, known_by: date | None = None, *, allow_hindsight: bool = False) -> Fact:
        """The latest version of a fact that was known on a day; without a day, the latest of all.

        Args:
            fact_id: Its id in the book.
            known_by: The day; what became known later is refused.
            allow_hindsight: For a starting stock only: return a later estimate of a state, if the state
                itself lies on or before the day.

        Raises:
            DataFault: There is no such fact, or it was not known yet.
        """
        versions = self.versions(fact_id)
        if known_by is None:
            return _latest(versions)
        known = [fact for fact in versions if fact.known_by <= known_by]
        if known:
            return _latest(known)
        if allow_hindsight:
            looking_back = [fact for fact in versions if fact.hindsight and fact.on_end <= known_by]
            if looking_back:
                return _latest(looking_back)
        raise DataFault(_not_known(min(versions, key=lambda fact: fact.known_by), known_by))

    def search(self, query: str, known_by: date | None = None) -> list[Fact]:
        """Facts that hold every word of the query in id, text, publisher or note; the closest first.

        Without a word every fact is found, in order of id. What was not known yet on the day is left out.
        """
        words = query.lower().split()
        ranked = []
        for fact_id in self._versions:
            fact = self._known(fact_id, known_by)
            if fact is not None and (rank := _rank(fact, words)) is not None:
                ranked.append((-rank, fact.id, fact))
        return [fact for _, _, fact in sorted(ranked, key=lambda entry: entry[:2])]

    def known_dates(self) -> list[date]:
        """Every day from which something more is known, in order."""
        return sorted({fact.known_by for versions in self._versions.values() for fact in versions})

    def series(self, fact_id: str, known_by: date | None = None) -> list[Fact]:
        """The same quantity in other periods of the same kind, in order of time, this one included."""
        here = _latest(self.versions(fact_id))
        subject = periods.subject(fact_id)
        if subject is None:
            return [here] if known_by is None or here.known_by <= known_by else []
        ids = [other for other in self._by_subject.get(subject, ()) if other]
        facts = [self._known(other, known_by) for other in ids]
        return sorted(
            (fact for fact in facts if fact is not None and fact.unit == here.unit),
            key=lambda fact: (fact.on_end, fact.id),
        )

    def conflicts(self, fact_id: str, known_by: date | None = None) -> list[Fact]:
        """What other publishers say about the same subject and period, in the same kind of unit."""
        here = _latest(self.versions(fact_id))
        stem = periods.stem(fact_id)
        if stem is None:
            return []
        unit = _SAME_QUANTITY.get(here.unit, here.unit)
        found = []
        for other in self._by_stem.get(stem, ()):
            fact = None if other == fact_id else self._known(other, known_by)
            if fact is None or fact.source.publisher == here.source.publisher:
                continue
            if fact.on == here.on and _SAME_QUANTITY.get(fact.unit, fact.unit) == unit:
                found.append(fact)
        return sorted(found, key=lambda fact: fact.id)

    def as_known(self, day: date) -> KnownFacts:
        """The book as it stood on a day: later versions of what was known then are not seen."""
        return KnownFacts(self, day)

    def digest(self) -> str:
        """sha256 of all that the book says; it does not depend on how that is laid out in files."""
        return self._digest

    def _known(self, fact_id: str, known_by: date | None) -> Fact | None:
        known = [fact for fact in self._versions[fact_id] if known_by is None or fact.known_by <= known_by]
        return _latest(known) if known else None

    @cached_property
    def _digest(self) -> str:
        content = {fact_id: [fact.content() for fact in self._versions[fact_id]] for fact_id in sorted(self)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _by_subject(self) -> dict[str, list[str]]:
        return _grouped(self._versions, periods.subject)

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        return _grouped(self._versions, periods.stem)


@dataclass(frozen=True)
class KnownFacts:
    """The facts as they stood on a day; of one that was not known yet, as it first was.

    Rules are read from it: a rule of a later day cites facts of that day, and is not in force before.
    """

    book: FactBook
    day: date

    @property
    def last_date(self) -> date:
        """The last day that the facts known then are about."""
        return min(self.day, self.book.last_date)

    def knows(self, fact_id: str) -> bool:
        """Whether the fact was known."""
        return any(fact.known_by <= self.day for fact in self.book.versions(fact_id))

    def get(self, fact_id: str) -> Fact:
        """The fact.

        Raises:
            DataFault: There is no such fact.
        """
        versions = self.book.versions(fact_id)
        known = [fact for fact in versions if fact.known_by <= self.day]
        return _latest(known) if known else min(versions, key=lambda fact: fact.known_by)


def load_book(overlays: tuple[Path, ...] = ()) -> FactBook:
    """The shipped book, with the user's fact files laid over it.

    Raises:
        DataFault: A file is unsound; all faults of all files are listed, with their lines.
    """
    return _load_book(tuple(Path(path) for path in overlays)) if overlays else _shipped_book()


@lru_cache(maxsize=1)
def _shipped_book() -> FactBook:
    return _load_book(())


def _load_book(overlays: tuple[Path, ...]) -> FactBook:
    versions, sources = read_book(DATA_DIR, overlays)
    return FactBook(versions, sources)


def _latest(versions: list[Fact] | tuple[Fact, ...]) -> Fact:
    # Of two known on the same day the one read later holds: that is how an overlay corrects an entry.
    return max(enumerate(versions), key=lambda entry: (entry[1].known_by, entry[0]))[1]


def _not_known(fact: Fact, known_by: date) -> str:
    basis = f" ({fact.known_by_basis})" if fact.known_by_basis else ""
    if fact.hindsight and fact.on_end <= known_by:
        way_on = "It is a later estimate of a state: ask with allow_hindsight, for a starting stock only."
    elif fact.hindsight:
        way_on = f"It is about {fact.on}, after that day, so it cannot set a starting stock either."
    else:
        way_on = "Ask for a later date, use a fact known by then, or state the number as an assumption."
    return (
        f"Fact {fact.id} was not known on {known_by}.\n"
        f"  It could be known from {fact.known_by}{basis}; {fact.file}, line {fact.line}.\n  {way_on}"
    )


def _rank(fact: Fact, words: list[str]) -> int | None:
    """Points for where the words stand: in the id most, in a note least; None unless all are found."""
    fields = (
        (8, fact.id.lower()),
        (4, fact.what.lower()),
        (2, fact.source.publisher.lower()),
        (1, (fact.note or "").lower()),
    )
    total = 0
    for word in words:
        points = sum(weight for weight, text in fields if word in text)
        if not points:
            return None
        total += points
    return total


def _grouped(ids: Mapping[str, Any], key: Any) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for fact_id in ids:
        group = key(fact_id)
        if group is not None:
            groups.setdefault(group, []).append(fact_id)
    return groups

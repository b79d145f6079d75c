"""One entry of the fact book and its source: frozen nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dualtrack.errors import DataFault
from dualtrack.facts.ranges import Range, range_of
from dualtrack.months import parse_date


@dataclass(frozen=True, slots=True)
class Source:
    """Who published a fact, where and when; `published` is a day, a month or a year, as given."""

    id: str
    publisher: str
    title: str
    address: str | None = None
    published: str | None = None
    seen: str | None = None
    also: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "publisher": self.publisher,
            "title": self.title,
            "address": self.address,
            "published": self.published,
            "seen": self.seen,
            "also": list(self.also),
        }


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the book: a value, or a range by its 10th, 50th and 90th percentile.

    `on` is the time it is about, `known_by` the day it could be known. `hindsight` marks a later
    estimate of a state: it may set a starting stock, never a flow, a trend or a hazard.
    """

    id: str
    what: str
    unit: str
    value: Any
    low: float | None
    mid: float | None
    high: float | None
    on: str
    known_by: date
    known_by_basis: str | None
    hindsight: bool
    source: Source
    confidence: str
    note: str | None
    details: Mapping[str, Any] = field(hash=False)
    rests_on: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None

    @property
    def is_range(self) -> bool:
        return self.mid is not None

    @property
    def is_numeric(self) -> bool:
        return self.is_range or (isinstance(self.value, int | float) and not isinstance(self.value, bool))

    @property
    def number(self) -> float:
        """The value, or the middle of the range.

        Raises:
            DataFault: The fact is no number.
        """
        if self.mid is not None:
            return self.mid
        if not self.is_numeric:
            raise DataFault(
                f"Fact {self.id} is no number: {self.value!r} ({self.unit}; {self.file}, line {self.line})."
                " Read its value instead."
            )
        return float(self.value)

    def range(self) -> Range:
        """The range to draw from; a single value gives a point."""
        if self.low is None or self.mid is None or self.high is None:
            return range_of(self.number, self.number, self.number, self.unit)
        return range_of(self.low, self.mid, self.high, self.unit)

    @property
    def on_start(self) -> date:
        """First day of the time it is about."""
        return parse_date(self.on, end=False)

    @property
    def on_end(self) -> date:
        """Last day of the time it is about."""
        return parse_date(self.on)

    def content(self) -> dict[str, Any]:
        """All that the fact says, without the place in the file, JSON-ready."""
        shown: dict[str, Any] = {"id": self.id, "what": self.what, "unit": self.unit}
        if self.is_range:
            shown |= {"low": self.low, "mid": self.mid, "high": self.high}
        else:
            shown["value"] = plain(self.value)
        return shown | {
            "on": self.on,
            "known_by": self.known_by.isoformat(),
            "known_by_basis": self.known_by_basis,
            "hindsight": self.hindsight,
            "source": self.source.as_dict(),
            "confidence": self.confidence,
            "note": self.note,
            "rests_on": list(self.rests_on),
            "details": plain(self.details),
        }


def plain(value: Any) -> Any:
    """The value in types that JSON has: dates as text, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value

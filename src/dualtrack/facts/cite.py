"""All that is to be said of one fact: its source, its versions, its neighbours, and where it is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from dualtrack.facts.book import FactBook
from dualtrack.facts.fact import Fact, plain
from dualtrack.yaml_files import load_document

# A series longer than this is cut to the periods around the fact.
SERIES_LENGTH: Final = 12

_SCANNED = ("keys", "rules", "scenarios", "claims", "market", "buyers.yaml", "events.yaml")


def citation(
    book: FactBook, fact_id: str, known_by: date | None = None, uses: Sequence[str] = ()
) -> dict[str, Any]:
    """What the book says of a fact, JSON-ready.

    Args:
        book: Where to look.
        fact_id: Its id.
        known_by: Show the version known on this day; a hindsight estimate of an earlier state is shown too.
        uses: Where the fact is used, as `uses` finds it.

    Raises:
        DataFault: There is no such fact, or it was not known yet.
    """
    fact = book.get(fact_id, known_by, allow_hindsight=True)
    shown = fact.content()
    shown["file"], shown["line"] = fact.file, fact.line
    shown["versions"] = [_short(version) for version in book.versions(fact_id)]
    shown["series"] = [_short(other) for other in _around(fact_id, book.series(fact_id, known_by))]
    shown["conflicts"] = [_short(other) for other in book.conflicts(fact_id, known_by)]
    shown["used_by"] = list(uses)
    return shown


def source_row(fact: Fact) -> dict[str, Any]:
    """A fact in a list of sources, JSON-ready."""
    return {
        "fact": fact.id,
        "what": fact.what,
        "publisher": fact.source.publisher,
        "title": fact.source.title,
        "address": fact.source.address,
        "published": fact.source.published,
        "known_by": fact.known_by.isoformat(),
        "confidence": fact.confidence,
    }


def uses(fact_id: str, data_dir: Path) -> list[str]:
    """The places in the other data files that name a fact: `file: key path`, in order of file."""
    places = []
    for name in _SCANNED:
        path = data_dir / name
        files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path] if path.is_file() else []
        for file in files:
            label = file.relative_to(data_dir).as_posix()
            places += [
                f"{label}: {at}" for at, text in _texts(load_document(file).data, "") if text == fact_id
            ]
    return places


def _short(fact: Fact) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": fact.id, "period": fact.on, "unit": fact.unit}
    if fact.is_range:
        shown |= {"low": fact.low, "value": fact.mid, "high": fact.high}
    else:
        shown["value"] = plain(fact.value)
    return shown | {"known_by": fact.known_by.isoformat(), "publisher": fact.source.publisher}


def _around(fact_id: str, series: list[Fact]) -> list[Fact]:
    here = next((place for place, fact in enumerate(series) if fact.id == fact_id), len(series))
    start = max(min(here - SERIES_LENGTH // 2, len(series) - SERIES_LENGTH), 0)
    return series[start : start + SERIES_LENGTH]


def _texts(data: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, f"{at}.{key}" if at else str(key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from _texts(value, f"{at}[{place}]")
    elif isinstance(data, str):
        yield at, data

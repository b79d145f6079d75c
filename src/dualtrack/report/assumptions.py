"""What a run stands on, for the reader: settings by subject, sources by number, and both under seal where a page is to name nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dualtrack.report.numbers import setting, unit_words

SUBJECTS = {
    "us": "The United States: licences, limits, levy",
    "china": "China: gate, batches, ratio",
    "gates": "Hazards of both gates",
    "demand": "Demand",
    "buyer": "Buyers",
    "vendor": "The vendor: stock, restart, price",
    "domestic": "Domestic makers",
    "routes": "Other routes: smuggling, rental",
    "world": "Compute in the world and in the United States",
    "compute": "Compute: measures and retirement",
    "power": "Power",
    "money": "Money",
}


@dataclass(frozen=True)
class Source:
    """One publication, with the facts of the run that were taken from it."""

    number: int
    publisher: str
    title: str
    address: str | None
    published: str | None
    known_by: str
    facts: list[str] = field(default_factory=list)
    hindsight: bool = False
    withheld: bool = False


@dataclass(frozen=True)
class Setting:
    key: str
    what: str
    value: str
    basis: str
    sources: list[int]
    confidence: str
    changed_by: str
    uncertain: bool


@dataclass(frozen=True)
class Seal:
    """Names of buyers and what stands in their place."""

    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def over(cls, buyer_names: Mapping[str, str], sealed_names: Mapping[str, str]) -> Seal:
        """Firms' own names are those of one word, and those in brackets; `Universities and laboratories` names nobody."""
        words: dict[str, str] = {}
        for buyer, name in buyer_names.items():
            sealed = sealed_names.get(buyer, "A buyer")
            inside = re.findall(r"\(([^)]*)\)", name)
            firms = [name] if " " not in name else re.findall(r"\b[A-Z][A-Za-z]+", " ".join(inside))
            words |= {firm.lower(): sealed for firm in firms}
        return cls(words)

    def hides(self, text: str | None) -> bool:
        return bool(text) and any(word in str(text).lower() for word in self.words)

    def __call__(self, text: str) -> str:
        for word, sealed in self.words.items():
            text = re.sub(re.escape(word), sealed, text, flags=re.IGNORECASE)
        return text


def numbered_sources(
    document: Mapping[str, Any], settings: Sequence[Mapping[str, Any]], seal: Seal
) -> list[Source]:
    """The publications, numbered in the order in which the settings first use them."""
    facts = {row["fact"]: row for row in document["sources"]}
    used = [fact for row in sorted(settings, key=_place) for fact in row["facts"] if fact in facts]
    order = dict.fromkeys([*used, *facts])
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for fact in order:
        row = facts[fact]
        found.setdefault((row["publisher"], row["title"], str(row["address"])), []).append(row)
    out = []
    for number, rows in enumerate(found.values(), 1):
        first = rows[0]
        withheld = any(
            seal.hides(str(row[part])) for row in rows for part in ("publisher", "title", "address", "fact")
        )
        out.append(
            Source(
                number=number,
                publisher="withheld" if withheld else first["publisher"],
                title="a source that names a buyer" if withheld else first["title"],
                address=None if withheld else first["address"],
                published=first["published"],
                known_by=max(row["known_by"] for row in rows),
                facts=[seal(row["fact"]) for row in rows],
                hindsight=any(row["hindsight"] for row in rows),
                withheld=withheld,
            )
        )
    return out


def _place(row: Mapping[str, Any]) -> int:
    """Where a setting's subject stands in the table, so that sources are numbered as they are met."""
    prefix = row["key"].split(".")[0]
    return list(SUBJECTS).index(prefix) if prefix in SUBJECTS else len(SUBJECTS)


def source_numbers(document: Mapping[str, Any], settings: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Each fact's source number."""
    return {
        fact: source.number
        for source in numbered_sources(document, settings, Seal())
        for fact in source.facts
    }


def grouped_settings(
    document: Mapping[str, Any], settings: Sequence[Mapping[str, Any]], seal: Seal
) -> dict[str, list[Setting]]:
    """Every setting of the run by subject."""
    numbers = source_numbers(document, settings)
    rows = {row["fact"]: row for row in document["sources"]}
    out: dict[str, list[Setting]] = {}
    for row in settings:
        prefix = row["key"].split(".")[0]
        subject = SUBJECTS.get(prefix, prefix)
        basis = [part for part in (row["assumption"], row["note"]) if part]
        # The same assumption is told for each part of weighted alternatives; once is enough.
        said = " ".join(dict.fromkeys(basis))
        used = sorted({numbers[fact] for fact in row["facts"] if fact in numbers})
        sourced = bool(row["facts"]) and not row["assumption"]
        grades = {rows[fact]["confidence"] for fact in row["facts"] if fact in rows}
        confidence = row["confidence"] or (min(grades, key=_grade) if sourced and grades else "assumption")
        out.setdefault(subject, []).append(
            Setting(
                key=seal(row["key"]) if seal.words else row["key"],
                what=seal(row["what"]),
                value=seal(_value(row)),
                basis=seal(said),
                sources=used,
                confidence=confidence,
                changed_by=seal(row["changed_by"] or ""),
                uncertain=row["uncertain"],
            )
        )
    known = [subject for subject in SUBJECTS.values() if subject in out]
    return {subject: out[subject] for subject in [*known, *(s for s in out if s not in known)]}


def _value(row: Mapping[str, Any]) -> str:
    if row["value"] == "counted":
        return "counted from the dated events"
    words = unit_words(row["unit"])
    return setting(row["value"], row["unit"]) + (f" {words}" if words and row["value"] is not None else "")


def _grade(confidence: str) -> int:
    grades = ("background", "low", "medium", "high")
    return grades.index(confidence) if confidence in grades else 0

"""From fact files to facts: every fault of every file is gathered before one error is raised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.facts.fact import Fact, Source
from dualtrack.facts.ranges import range_of
from dualtrack.facts.units import UNITS
from dualtrack.months import parse_date
from dualtrack.yaml_files import Document, load_document

CONFIDENCES = ("high", "medium", "low", "background", "assumption")

_KEYS = frozenset(
    (
        *("what", "unit", "value", "low", "mid", "high", "on", "known_by", "known_by_basis"),
        *("hindsight", "source", "confidence", "note", "rests_on", "details"),
    )
)
_NEEDED = ("what", "unit", "on", "known_by", "source", "confidence")
_SOURCE_KEYS = frozenset(("publisher", "title", "address", "published", "seen", "also"))
_RANGE = ("low", "mid", "high")

Versions = dict[str, tuple[Fact, ...]]


def read_sources(path: Path) -> tuple[dict[str, Source], list[Fault]]:
    """The sources of a file by id, and what is wrong with it."""
    document = load_document(path)
    faults: list[Fault] = []
    sources = {}
    for source_id, entry in _entries(document, faults):
        source = _source(source_id, entry, document, (source_id,), faults)
        if source is not None:
            sources[source_id] = source
    return sources, faults


def read_book(data_dir: Path, overlays: tuple[Path, ...]) -> tuple[Versions, dict[str, Source]]:
    """Versions of every fact, and the sources by id.

    Raises:
        DataFault: Some file is unsound.
    """
    sources, faults = read_sources(data_dir / "sources.yaml")
    versions: Versions = {}
    for path in sorted((data_dir / "facts").glob("*.yaml")):
        for fact in _facts(load_document(path), sources, faults):
            if fact.id in versions:
                first = versions[fact.id][0]
                faults.append(
                    Fault(f"stands in {first.file}, line {first.line} too", fact.file, fact.line, fact.id)
                )
            versions[fact.id] = (fact,)
    for path in overlays:
        for fact in _facts(load_document(path), sources, faults):
            versions[fact.id] = (*versions.get(fact.id, ()), fact)
    faults += _broken_rests(versions)
    raise_gathered(faults, DataFault, "The fact files cannot be used.")
    return versions, sources


def _entries(document: Document, faults: list[Fault]) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(document.data, dict):
        faults.append(Fault("wanted a mapping from id to entry", document.label))
        return []
    entries = []
    for entry_id, entry in document.data.items():
        if isinstance(entry, dict):
            entries.append((entry_id, entry))
        else:
            line = document.line([entry_id])
            faults.append(Fault("wanted keys below this id", document.label, line, entry_id))
    return entries


def _source(
    source_id: str, entry: Mapping[str, Any], document: Document, at: tuple[str, ...], faults: list[Fault]
) -> Source | None:
    found: list[str] = []
    if unknown := sorted(set(entry) - _SOURCE_KEYS):
        found.append(f"unknown key {', '.join(unknown)} in a source")
    found += [f"a source needs a {key}" for key in ("publisher", "title") if not entry.get(key)]
    published = entry.get("published")
    if published is not None and _day(published) is None:
        found.append(f"published: {published!r} is not a date")
    faults += [Fault(what, document.label, document.line(at), ".".join(at)) for what in found]
    if found:
        return None
    return Source(
        id=source_id,
        publisher=str(entry["publisher"]),
        title=str(entry["title"]),
        address=entry.get("address"),
        published=None if published is None else str(published),
        seen=entry.get("seen"),
        also=tuple(entry.get("also") or ()),
    )


def _facts(document: Document, sources: Mapping[str, Source], faults: list[Fault]) -> list[Fact]:
    facts = []
    for fact_id, entry in _entries(document, faults):
        before = len(faults)
        source = _source_of(fact_id, entry, document, sources, faults)
        if entry.get("known_by") is None and source is not None and source.published:
            # What a source says could be known when it was published; `published` was checked above.
            entry = {**entry, "known_by": parse_date(source.published)}
        for key, what in _entry_faults(entry):
            at = (fact_id, key) if key else (fact_id,)
            faults.append(Fault(what, document.label, document.line(at), fact_id))
        if source is not None and len(faults) == before:
            facts.append(_fact(fact_id, entry, source, document))
    return facts


def _source_of(
    fact_id: str,
    entry: Mapping[str, Any],
    document: Document,
    sources: Mapping[str, Source],
    faults: list[Fault],
) -> Source | None:
    given = entry.get("source")
    if isinstance(given, dict):
        return _source(f"{document.path.name}:{fact_id}", given, document, (fact_id, "source"), faults)
    if given is None:
        return None  # said by the check of needed keys
    source = sources.get(str(given))
    if source is None:
        what = (
            f"unknown source {str(given)!r}.{nearest(str(given), sources)}"
            " Name one of sources.yaml, or write publisher, title, address and published here"
        )
        faults.append(Fault(what, document.label, document.line((fact_id, "source")), fact_id))
    return source


def _entry_faults(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong in an entry: the key at fault, or an empty string, and the words."""
    found = [("", f"{key} is missing") for key in _NEEDED if entry.get(key) is None]
    found += [(key, f"unknown key {key}.{nearest(key, _KEYS)}") for key in entry if key not in _KEYS]
    unit = entry.get("unit")
    if unit is not None and unit not in UNITS:
        found.append(("unit", f"unknown unit {unit!r}.{nearest(str(unit), UNITS)}"))
    if entry.get("on") is not None and _day(entry["on"]) is None:
        found.append(("on", f"on: {entry['on']!r} is not a day or a period"))
    known_by = entry.get("known_by")
    if known_by is not None and not isinstance(known_by, date):
        found.append(("known_by", f"known_by: {known_by!r} is not a day; wanted YYYY-MM-DD"))
    confidence = entry.get("confidence")
    if confidence is not None and confidence not in CONFIDENCES:
        found.append(("confidence", f"confidence {confidence!r}; wanted one of {', '.join(CONFIDENCES)}"))
    if not isinstance(entry.get("hindsight", False), bool):
        found.append(("hindsight", "hindsight is true or false"))
    if not isinstance(entry.get("rests_on", []), list):
        found.append(("rests_on", "rests_on is a list of fact ids"))
    if not isinstance(entry.get("details", {}), dict):
        found.append(("details", "details has keys below it"))
    return found + _number_faults(entry, str(unit))


def _number_faults(entry: Mapping[str, Any], unit: str) -> list[tuple[str, str]]:
    given = [key for key in _RANGE if key in entry]
    if "value" in entry:
        return [(given[0], "give a value, or low, mid and high, not both")] if given else []
    if len(given) < 3:
        return [("", "a value is missing, or low, mid and high")]
    if wrong := [key for key in _RANGE if not _is_number(entry[key])]:
        return [(key, f"{key}: {entry[key]!r} is not a number") for key in wrong]
    low, mid, high = (float(entry[key]) for key in _RANGE)
    if not low <= mid <= high:
        return [("low", f"low {low:g}, mid {mid:g}, high {high:g} do not rise")]
    try:
        range_of(low, mid, high, unit)
    except DataFault as fault:
        return [("low", str(fault))]
    return []


def _fact(fact_id: str, entry: Mapping[str, Any], source: Source, document: Document) -> Fact:
    low, mid, high = (float(entry[key]) if key in entry else None for key in _RANGE)
    return Fact(
        id=fact_id,
        what=str(entry["what"]),
        unit=str(entry["unit"]),
        value=entry.get("value"),
        low=low,
        mid=mid,
        high=high,
        on=str(entry["on"]),
        known_by=entry["known_by"],
        known_by_basis=entry.get("known_by_basis"),
        hindsight=entry.get("hindsight", False),
        source=source,
        confidence=str(entry["confidence"]),
        note=entry.get("note"),
        details=dict(entry.get("details") or {}),
        rests_on=tuple(entry.get("rests_on") or ()),
        file=document.label,
        line=document.line((fact_id,)),
    )


def _broken_rests(versions: Versions) -> list[Fault]:
    faults = []
    for facts in versions.values():
        for fact in facts:
            for other in sorted(set(fact.rests_on) - versions.keys()):
                what = f"rests on an unknown fact, {other!r}.{nearest(other, versions)}"
                faults.append(Fault(what, fact.file, fact.line, fact.id))
    return faults


def _day(text: object) -> date | None:
    try:
        return parse_date(text)
    except DataFault:
        return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""Checks across the data files: what one file says of another, beyond what loading refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dualtrack.errors import DataFault, Fault, nearest
from dualtrack.facts.book import DATA_DIR, FactBook
from dualtrack.facts.events import load_events
from dualtrack.facts.fact import Fact, Source
from dualtrack.facts.reading import CONFIDENCES, read_sources
from dualtrack.months import parse_date
from dualtrack.yaml_files import Document, load_document

RATES = ("fp64", "tf32", "fp16_bf16", "int8", "fp8", "fp6", "fp4")

_CHIP_TEXTS = ("vendor", "name", "country", "status", "market")
_CHIP_NUMBERS = (
    "memory_gb",
    "memory_bandwidth_gbps",
    "interconnect_gbps",
    "tdp_w",
    "die_area_mm2",
    "transistors",
)
_CHIP_KEYS = frozenset(
    (
        *_CHIP_TEXTS,
        *_CHIP_NUMBERS,
        *(
            "aliases",
            "known_by",
            "designed_for_data_centre",
            "architecture",
            "process_node",
            "foundry",
            "announced",
            "first_shipped",
        ),
        *("dense_tflops", "memory_type", "price_usd", "ranges", "estimated_fields"),
        *("commercially_available_us", "notes", "sources"),
    )
)


def check_book(book: FactBook) -> list[Fault]:
    """Every inconsistency between facts, sources and events; an empty list for a sound book."""
    faults = []
    for fact_id in book:
        for fact in book.versions(fact_id):
            faults += [Fault(what, fact.file, fact.line, fact.id) for what in _fact_faults(fact, book)]
    return faults + _event_faults(book)


def _fact_faults(fact: Fact, book: FactBook) -> list[str]:
    found = []
    for other in fact.rests_on:
        if other not in book:
            found.append(f"rests on an unknown fact, {other!r}.{nearest(other, book)}")
        elif min(version.known_by for version in book.versions(other)) > fact.known_by:
            found.append(f"known by {fact.known_by}, before {other}, on which it rests")
    if fact.hindsight and fact.known_by <= fact.on_end:
        found.append("marked hindsight, but known before the end of what it is about")
    if fact.source.published is None and fact.known_by_basis is None:
        found.append("its source has no date, so known_by_basis must say where known_by comes from")
    return found


def _event_faults(book: FactBook) -> list[Fault]:
    shipped = load_events()
    label = "data/events.yaml"
    faults = []
    for event in shipped.events:
        if event.fact not in book:
            what = f"unknown fact {event.fact!r}.{nearest(event.fact, book)}"
            faults.append(Fault(what, label, None, event.id))
        elif (dated := book.versions(event.fact)[0].on_end) != event.date:
            faults.append(Fault(f"dated {event.date}, but {event.fact} is of {dated}", label, None, event.id))
        if event.date < shipped.cover[event.gate]:
            faults.append(Fault("lies before the cover of its gate", label, None, event.id))
    faults += [
        Fault(f"unknown fact {channel.fact!r}.{nearest(channel.fact, book)}", label, None, channel.chip)
        for channel in shipped.channels
        if channel.fact not in book
    ]
    return faults


def check_chips() -> list[Fault]:
    """What is wrong in the shipped chips; an empty list for a sound file."""
    sources, faults = read_sources(DATA_DIR / "sources.yaml")
    return faults + chip_faults(load_document(DATA_DIR / "chips.yaml"), sources)


def chip_faults(document: Document, sources: Mapping[str, Source]) -> list[Fault]:
    """What is wrong in a chip file; the loader of chips refuses a file with any of it."""
    if not isinstance(document.data, dict):
        return [Fault("wanted a mapping from id to chip", document.label)]
    faults = []
    names: dict[str, str] = {}
    for chip_id, chip in document.data.items():
        if not isinstance(chip, dict):
            faults.append(
                Fault("wanted keys below this id", document.label, document.line([chip_id]), chip_id)
            )
            continue
        found = _chip_entry_faults(chip) + _chip_source_faults(chip, sources)
        for name in {str(alias).lower() for alias in (chip_id, *(chip.get("aliases") or ()))}:
            if names.setdefault(name, chip_id) != chip_id:
                found.append(("aliases", f"the name {name!r} is taken by {names[name]}"))
        for key, what in found:
            faults.append(Fault(what, document.label, document.line([chip_id, key]), chip_id))
    return faults


def _chip_entry_faults(chip: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(key, f"unknown key {key}.{nearest(key, _CHIP_KEYS)}") for key in chip if key not in _CHIP_KEYS]
    found += [(key, f"{key} is missing") for key in (*_CHIP_TEXTS, "known_by") if not chip.get(key)]
    for key in _CHIP_NUMBERS:
        value = chip.get(key)
        if value is not None and not (_is_number(value) and value > 0):
            found.append((key, f"{key}: {value!r} is not a number above 0"))
    for key, rate in (chip.get("dense_tflops") or {}).items():
        if key not in RATES:
            found.append(("dense_tflops", f"unknown precision {key}.{nearest(key, RATES)}"))
        elif not (_is_number(rate) and rate > 0):
            found.append(("dense_tflops", f"{key}: {rate!r} is not a number above 0"))
    for key in ("announced", "first_shipped"):
        if chip.get(key) is not None and _last_day(chip[key]) is None:
            found.append((key, f"{key}: {chip[key]!r} is not a month"))
    if chip.get("announced") is not None and chip.get("known_by") != _last_day(chip["announced"]):
        found.append(("known_by", "known_by is the end of the month of announcement"))
    spans = [("ranges", name, span) for name, span in (chip.get("ranges") or {}).items()]
    if chip.get("price_usd"):
        spans.append(("price_usd", "price_usd", chip["price_usd"]))
    for key, name, span in spans:
        numbers = [span[part] for part in ("low", "mid", "high") if span.get(part) is not None]
        if not all(_is_number(number) for number in numbers) or numbers != sorted(numbers):
            found.append((key, f"{name}: low, mid and high do not rise"))
    return found


def _chip_source_faults(chip: Mapping[str, Any], sources: Mapping[str, Source]) -> list[tuple[str, str]]:
    found = []
    for entry in chip.get("sources") or ():
        if entry.get("source") not in sources:
            name = str(entry.get("source"))
            found.append(("sources", f"unknown source {name!r}.{nearest(name, sources)}"))
        if entry.get("confidence") not in CONFIDENCES:
            found.append(("sources", f"confidence {entry.get('confidence')!r} is unknown"))
        found += [
            ("sources", f"names an unknown field, {name!r}")
            for name in entry.get("fields") or ()
            if str(name).split(".")[0] not in _CHIP_KEYS
        ]
    return found


def _last_day(text: object) -> date | None:
    try:
        return parse_date(text)
    except DataFault:
        return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

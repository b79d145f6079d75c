"""Facts about the world: each with its date, its unit, its source, and the day it could be known."""

from dualtrack.facts.book import DATA_DIR, LAST_DATE, Fact, FactBook, Source, load_book
from dualtrack.facts.events import Channel, Episode, Event, Events, GateRecord, gate_record, load_events
from dualtrack.facts.ranges import Range, choose_family, range_of

__all__ = [
    "DATA_DIR",
    "LAST_DATE",
    "Channel",
    "Episode",
    "Event",
    "Events",
    "Fact",
    "FactBook",
    "GateRecord",
    "Range",
    "Source",
    "choose_family",
    "gate_record",
    "load_book",
    "load_events",
    "range_of",
]

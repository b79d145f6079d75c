"""The dated events of the two gates, the episodes they form, and what had been counted by a date."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, cast

from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.facts.book import DATA_DIR
from dualtrack.months import DAYS_PER_MONTH, months_between
from dualtrack.yaml_files import Document, load_document

Gate = Literal["us", "china"]
Kind = Literal["close", "open", "step", "base"]
Direction = Literal["tighten", "loosen"]

# Same-direction events at most this many days apart are one episode.
EPISODE_DAYS: Final = 45

STATES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"us": ("barred", "narrow", "review"), "china": ("blocked", "rationed", "quota", "open")}
)

_ALLOWED = {
    "gate": ("us", "china"),
    "direction": ("tighten", "loosen", "revoke"),
    "scope": ("base", "channel", "perimeter"),
    "kind": ("close", "open", "step", "base"),
}
_EVENT_KEYS = ("date", "gate", "direction", "scope", "what", "fact", "episode", "why")
_EPISODE_KEYS = ("gate", "kind", "direction", "why")
_CHANNEL_KEYS = ("gate", "chip", "open_from", "why", "fact")


@dataclass(frozen=True, slots=True)
class Event:
    """A dated act at a gate; it is known on its own date. A revocation is a tightening."""

    id: str
    date: dt.date
    gate: Gate
    direction: Literal["tighten", "loosen", "revoke"]
    scope: Literal["base", "channel", "perimeter"]
    what: str
    fact: str
    episode: str
    why: str
    apart: str | None = None

    @property
    def known_by(self) -> dt.date:
        return self.date

    @property
    def pull(self) -> Direction:
        return "loosen" if self.direction == "loosen" else "tighten"


@dataclass(frozen=True, slots=True)
class Episode:
    """A run of same-direction events of one gate; `date` is the day on which it takes hold."""

    id: str
    gate: Gate
    kind: Kind
    direction: Direction
    date: dt.date
    from_state: str | None
    to_state: str | None
    why: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A time in which a chip could be bought through a gate; `open_to` None: to the last date."""

    gate: Gate
    chip: str
    open_from: dt.date
    open_to: dt.date | None
    why: str
    fact: str


@dataclass(frozen=True)
class GateRecord:
    """What a gate had done by a date: counts, and the months in which each could have happened.

    Closings are counted over `close_months`, in which some channel was open; openings over `open_months`,
    in which none was; steps over `step_months`, all months of the cover.
    """

    gate: Gate
    close_count: int
    close_months: float
    open_count: int
    open_months: float
    tighten_steps: int
    loosen_steps: int
    step_months: float
    closed_to: Mapping[str, int]
    opened_to: Mapping[str, int]
    episode_ids: tuple[str, ...]
    event_ids: tuple[str, ...]

    def counted(self, kind: str) -> tuple[int, float]:
        """How often the gate moved this way (close, open, tighten, loosen), and over how many months."""
        return {
            "close": (self.close_count, self.close_months),
            "open": (self.open_count, self.open_months),
            "tighten": (self.tighten_steps, self.step_months),
            "loosen": (self.loosen_steps, self.step_months),
        }[kind]


@dataclass(frozen=True)
class Events:
    """All events, episodes and channels, and the day on which the cover of each gate begins."""

    cover: Mapping[str, dt.date]
    events: tuple[Event, ...]
    all_episodes: tuple[Episode, ...]
    channels: tuple[Channel, ...]

    def known(self, gate: Gate, known_by: dt.date) -> tuple[Event, ...]:
        """The events of a gate up to a day, in order of date."""
        return tuple(event for event in self.events if event.gate == gate and event.date <= known_by)

    def episodes(self, gate: Gate, known_by: dt.date) -> tuple[Episode, ...]:
        """The episodes of a gate that had taken hold by a day, each with the events known by then."""
        known = {event.id for event in self.known(gate, known_by)}
        return tuple(
            replace(episode, events=tuple(event for event in episode.events if event in known))
            for episode in self.all_episodes
            if episode.gate == gate and episode.date <= known_by
        )

    def count(self, gate: Gate, kind: Kind, direction: Direction | None = None, *, known_by: dt.date) -> int:
        """Episodes of a kind, and of a direction where one is given."""
        return sum(
            episode.kind == kind and direction in (None, episode.direction)
            for episode in self.episodes(gate, known_by)
        )

    def cover_months(self, gate: Gate, known_by: dt.date) -> float:
        """Months from the start of the cover to a day; 0 before it."""
        return months_between(self.cover[gate], known_by)

    def open_months(self, gate: Gate, known_by: dt.date) -> float:
        """Months of the cover up to a day in which at least one channel was open."""
        return self._open_days(gate, known_by) / DAYS_PER_MONTH

    def shut_months(self, gate: Gate, known_by: dt.date) -> float:
        """Months of the cover up to a day in which no channel was open."""
        covered = max((known_by - self.cover[gate]).days, 0)
        return (covered - self._open_days(gate, known_by)) / DAYS_PER_MONTH

    def gate_record(self, gate: Gate, known_by: dt.date) -> GateRecord:
        """The counts and months from which the hazards of a gate are computed."""
        episodes = self.episodes(gate, known_by)
        closed_to = Counter(e.to_state for e in episodes if e.kind == "close" and e.to_state)
        opened_to = Counter(e.to_state for e in episodes if e.kind == "open" and e.to_state)
        return GateRecord(
            gate=gate,
            close_count=self.count(gate, "close", known_by=known_by),
            close_months=self.open_months(gate, known_by),
            open_count=self.count(gate, "open", known_by=known_by),
            open_months=self.shut_months(gate, known_by),
            tighten_steps=self.count(gate, "step", "tighten", known_by=known_by),
            loosen_steps=self.count(gate, "step", "loosen", known_by=known_by),
            step_months=self.cover_months(gate, known_by),
            closed_to=dict(closed_to),
            opened_to=dict(opened_to),
            episode_ids=tuple(episode.id for episode in episodes),
            event_ids=tuple(event.id for event in self.known(gate, known_by)),
        )

    def _open_days(self, gate: Gate, known_by: dt.date) -> int:
        spans = sorted(
            (max(channel.open_from, self.cover[gate]), min(channel.open_to or known_by, known_by))
            for channel in self.channels
            if channel.gate == gate
        )
        days, reached = 0, self.cover[gate]
        for start, end in spans:
            days += max((end - max(start, reached)).days, 0)
            reached = max(reached, end)
        return days


@lru_cache(maxsize=1)
def load_events() -> Events:
    """The shipped events."""
    return read_events(DATA_DIR / "events.yaml")


def gate_record(gate: Gate, known_by: dt.date) -> GateRecord:
    """What the shipped events say of a gate by a date."""
    return load_events().gate_record(gate, known_by)


def read_events(path: Path) -> Events:
    """Events of a file in the format of data/events.yaml.

    Raises:
        DataFault: An entry is unsound, or the episodes do not keep the rule of 45 days; all faults listed.
    """
    document = load_document(path)
    faults = _shape_faults(document)
    raise_gathered(faults, DataFault, "The events cannot be used.")
    data = document.data
    events = tuple(
        sorted(
            (Event(id=key, **entry) for key, entry in data["events"].items()),
            key=lambda event: (event.date, event.id),
        )
    )
    episodes = []
    for key, entry in data["episodes"].items():
        own = [event for event in events if event.episode == key]
        if not own:
            faults.append(_fault(document, ("episodes", key), "no event belongs to this episode"))
            continue
        episodes.append(_episode(key, entry, own))
        faults += _episode_faults(episodes[-1], own, document)
    faults += _rule_faults(events, document)
    raise_gathered(faults, DataFault, "The events cannot be used.")
    channels = tuple(Channel(**{"open_to": None, **entry}) for entry in data["channels"])
    ordered = tuple(sorted(episodes, key=lambda episode: (episode.date, episode.id)))
    return Events(dict(data["cover"]), events, ordered, channels)


def _episode(key: str, entry: Mapping[str, Any], own: list[Event]) -> Episode:
    return Episode(
        id=key,
        gate=entry["gate"],
        kind=entry["kind"],
        direction=entry["direction"],
        date=entry.get("date", own[0].date),
        from_state=entry.get("from_state"),
        to_state=entry.get("to_state"),
        why=entry["why"],
        events=tuple(event.id for event in own),
    )


def _shape_faults(document: Document) -> list[Fault]:
    """Missing and unknown keys and words, before anything is built."""
    data = document.data if isinstance(document.data, dict) else {}
    if missing := [part for part in ("cover", "events", "episodes", "channels") if not data.get(part)]:
        return [Fault(f"{', '.join(missing)} missing", document.label)]
    faults = [
        _fault(document, ("cover", gate), "wanted the day on which the cover begins")
        for gate in _ALLOWED["gate"]
        if not isinstance(data["cover"].get(gate), dt.date)
    ]
    tables: list[tuple[str, list[tuple[Any, Any]], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
        ("events", list(data["events"].items()), _EVENT_KEYS, ("apart",), ("date",)),
        (
            "episodes",
            list(data["episodes"].items()),
            _EPISODE_KEYS,
            ("date", "from_state", "to_state"),
            ("date",),
        ),
        (
            "channels",
            list(enumerate(data["channels"])),
            _CHANNEL_KEYS,
            ("open_to",),
            ("open_from", "open_to"),
        ),
    ]
    for table, entries, needed, optional, days in tables:
        for key, entry in entries:
            faults += [
                _fault(document, (table, key), what) for what in _entry_faults(entry, needed, optional, days)
            ]
    for key, entry in data["events"].items():
        if isinstance(entry, dict) and entry.get("episode") not in data["episodes"]:
            hint = nearest(str(entry.get("episode")), data["episodes"])
            faults.append(_fault(document, ("events", key, "episode"), f"unknown episode.{hint}"))
    return faults


def _entry_faults(
    entry: Any, needed: tuple[str, ...], optional: tuple[str, ...], days: tuple[str, ...]
) -> list[str]:
    if not isinstance(entry, dict):
        return ["wanted keys below this entry"]
    known = (*needed, *optional)
    found = [f"{key} is missing" for key in needed if entry.get(key) is None]
    found += [f"unknown key {key}.{nearest(key, known)}" for key in entry if key not in known]
    found += [
        f"{key}: {entry[key]!r} is not a day"
        for key in days
        if entry.get(key) is not None and not isinstance(entry[key], dt.date)
    ]
    for key, words in _ALLOWED.items():
        if key in needed and entry.get(key) is not None and entry[key] not in words:
            found.append(f"{key}: {entry[key]!r}; wanted one of {', '.join(words)}")
    return found


def _episode_faults(episode: Episode, own: list[Event], document: Document) -> list[Fault]:
    at = ("episodes", episode.id)
    found = [
        f"{event.id} has another gate or direction"
        for event in own
        if (event.gate, event.pull) != (episode.gate, episode.direction)
    ]
    if episode.kind in ("close", "open") and episode.to_state is None:
        found.append("an episode that moves the gate needs a to_state")
    states = STATES[episode.gate]
    found += [
        f"unknown state {state!r}; this gate has {', '.join(states)}"
        for state in (episode.from_state, episode.to_state)
        if state is not None and state not in states
    ]
    if not any(event.date == episode.date for event in own):
        found.append(f"date {episode.date} is the day of none of its events")
    return [_fault(document, at, what) for what in found]


def _rule_faults(events: tuple[Event, ...], document: Document) -> list[Fault]:
    """Where the episodes are not the runs that the rule of 45 days makes."""
    faults = []
    last: dict[tuple[str, str], Event] = {}
    for event in events:
        before = last.get((event.gate, event.pull))
        last[event.gate, event.pull] = event
        if before is None or event.apart:
            continue
        gap = (event.date - before.date).days
        if (gap <= EPISODE_DAYS) != (event.episode == before.episode):
            side = "at most" if gap <= EPISODE_DAYS else "more than"
            join = "one episode" if gap <= EPISODE_DAYS else "two episodes"
            faults.append(
                _fault(
                    document,
                    ("events", event.id),
                    f"{gap} days after {before.id}, {side} {EPISODE_DAYS}: they are {join}."
                    " Change the episode, or say why with `apart:`",
                )
            )
    return faults


def _fault(document: Document, at: tuple[str | int, ...], what: str) -> Fault:
    return Fault(what, document.label, document.line(at), ".".join(str(part) for part in at[1:2]))


def as_gate(name: str) -> Gate:
    """The gate of that name.

    Raises:
        DataFault: There are two gates, us and china.
    """
    if name not in _ALLOWED["gate"]:
        raise DataFault(f"Unknown gate {name!r}. Wanted: us or china.")
    return cast(Gate, name)

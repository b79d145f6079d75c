"""The controls of the page Explore, read from data/explorer/controls.yaml; all else about a key comes from the key files."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.months import month_label, parse_month
from dualtrack.report.headline import STATE_WORDS
from dualtrack.report.numbers import unit_words
from dualtrack.scenarios.keys import DATA, Key, load_keys, validation_faults
from dualtrack.settings.values import NONE, SWITCH
from dualtrack.yaml_files import Document, load_document

FILE = DATA / "explorer" / "controls.yaml"

Kind = Literal["number", "choice", "month", "switch"]
Scale = Literal["linear", "log"]


class _ControlEntry(BaseModel):
    """A control as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    explain: str
    range: tuple[float, float] | tuple[str, str] | None = None
    step: float | None = None
    scale: Scale = "linear"
    range_reason: str | None = None
    words: dict[str, str] = {}


class _GroupEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    controls: dict[str, Any]


@dataclass(frozen=True)
class Option:
    """One of the values that a control offers: what `--set` takes, and its words."""

    value: str
    words: str


@dataclass(frozen=True)
class Control:
    """One key that a reader may move.

    Attributes:
        key: Its id.
        label: A few plain words.
        explain: One sentence: what it is, and which way it pulls.
        kind: A number has a slider, the others have options.
        unit: In words, empty where the number says it.
        low: Left end of the slider, in the unit of the key; of months the month's number. None for choices and switches.
        high: Right end.
        step: Between two positions of the slider; on a logarithmic scale in powers of ten. 1 for months.
        options: The values on offer; none for numbers.
        range_reason: Why the slider ends where it does.
        what: The key's meaning, as the key file has it.
    """

    key: str
    label: str
    explain: str
    kind: Kind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    scale: Scale = "linear"
    options: tuple[Option, ...] = ()
    range_reason: str = ""
    what: str = ""

    @property
    def slider(self) -> tuple[float, float, float]:
        """Least position, greatest position and step of the slider; on a logarithmic scale powers of ten.

        Only a number has one.
        """
        assert self.low is not None and self.high is not None and self.step is not None
        return self.position(self.low), self.position(self.high), self.step

    def position(self, value: float) -> float:
        """Where on the slider a value stands; what lies beyond an end stands at the end."""
        assert self.low is not None and self.high is not None
        inside = min(max(value, self.low), self.high)
        return math.log10(inside) if self.scale == "log" else inside


@dataclass(frozen=True)
class Group:
    id: str
    title: str
    controls: tuple[Control, ...]


@functools.cache
def load_controls() -> tuple[Group, ...]:
    """The controls in their groups, in the order of the page.

    Raises:
        DataFault: The file is unsound; every fault is listed with its line.
    """
    return read_controls(FILE)


def read_controls(path: Path) -> tuple[Group, ...]:
    """The controls of a file in the form of data/explorer/controls.yaml.

    Raises:
        DataFault: The file is unsound; every fault is listed with its line.
    """
    reader = _Reader(load_document(path), load_keys())
    groups = tuple(reader.groups())
    raise_gathered(reader.faults, DataFault, "The explorer's controls are unsound.")
    return groups


@functools.cache
def control_keys() -> tuple[str, ...]:
    """The keys of all controls in the order of the page."""
    return tuple(control.key for group in load_controls() for control in group.controls)


class _Reader:
    """Reads the groups and gathers what is wrong with them."""

    def __init__(self, document: Document, keys: Mapping[str, Key]) -> None:
        self.document = document
        self.keys = keys
        self.faults: list[Fault] = []
        self.seen: set[str] = set()

    def groups(self) -> Iterator[Group]:
        data = self.document.data
        if not isinstance(data, dict):
            self.faults.append(
                Fault("wanted groups, each with `title:` and `controls:`", self.document.label)
            )
            return
        for name, raw in data.items():
            entry = self._entry(_GroupEntry, raw, (name,))
            if isinstance(entry, _GroupEntry):
                made = [
                    self._control(key, raw, (name, "controls", key)) for key, raw in entry.controls.items()
                ]
                yield Group(name, entry.title, tuple(one for one in made if one is not None))

    def _entry(self, form: type[BaseModel], raw: Any, at: tuple[str, ...]) -> BaseModel | None:
        try:
            return form.model_validate(raw)
        except ValidationError as error:
            self.faults += validation_faults(error, self.document, at, list(form.model_fields))
            return None

    def _control(self, name: str, raw: Any, at: tuple[str, ...]) -> Control | None:
        entry = self._entry(_ControlEntry, raw, at)
        key = self.keys.get(name)
        if name in self.seen:
            self._fault("stands twice. Keep one of the two", at)
        self.seen.add(name)
        if key is None:
            self._fault(f"there is no key {name!r}.{nearest(name, self.keys)}", at)
        if key is None or not isinstance(entry, _ControlEntry):
            return None
        if key.kind == "chip":
            self._fault("is a chip, for which there is no control", at)
            return None
        kind: Kind = "number" if key.kind == "integer" else key.kind
        faults = _faults(key, kind, entry)
        for field, what in faults:
            self._fault(what, (*at, field))
        return None if faults else _control(key, kind, entry)

    def _fault(self, what: str, at: tuple[str, ...]) -> None:
        key = next(part for part in reversed(at) if part in self.seen)
        self.faults.append(Fault(what, self.document.label, self.document.line(at), key))


def _faults(key: Key, kind: Kind, entry: _ControlEntry) -> list[tuple[str, str]]:
    """What is wrong with a control whose key is known: the field, and the words."""
    has_range = kind in ("number", "month")
    faults = []
    wanted = {"range": has_range, "range_reason": has_range, "step": kind == "number"}
    for field, is_wanted in wanted.items():
        if is_wanted and getattr(entry, field) is None:
            faults.append((field, f"{field} is missing; a {kind} wants one"))
        elif not is_wanted and getattr(entry, field) is not None:
            faults.append((field, f"a {kind} takes no {field}"))
    offered = _offered(key, kind)
    needed = [name for name in offered if kind in ("choice", "switch") and name not in STATE_WORDS]
    faults += [("words", f"no words for {name!r}") for name in needed if name not in entry.words]
    faults += [
        ("words", f"{name!r} is no option.{nearest(name, offered)}")
        for name in entry.words
        if name not in offered
    ]
    if not faults and kind == "number":
        faults += [("range", what) for what in _slider_faults(key, entry)]
    if not faults and kind == "month":
        faults += [("range", what) for what in _month_faults(entry)]
    return faults


def _offered(key: Key, kind: Kind) -> Sequence[str]:
    return {"choice": key.entry.options, "switch": SWITCH, "month": (NONE,), "number": ()}[kind]


def _slider_faults(key: Key, entry: _ControlEntry) -> list[str]:
    assert entry.range is not None and entry.step is not None and key.bounds is not None
    if isinstance(entry.range[0], str):
        return [f"wants two numbers (seen: {', '.join(map(str, entry.range))})"]
    low, high = float(entry.range[0]), float(entry.range[1])
    faults = []
    if not low < high:
        faults.append(f"the range wants its lower end first (seen: {low:g}, {high:g})")
    if not key.bounds[0] <= low <= high <= key.bounds[1]:
        faults.append(
            f"{low:g} to {high:g} leaves the bounds of the key, {key.bounds[0]:g} to {key.bounds[1]:g}"
        )
    if not entry.step > 0.0:
        faults.append(f"a step wants a number above zero (seen: {entry.step:g})")
    if entry.scale == "log" and low <= 0.0:
        faults.append(f"a logarithmic scale starts above zero (seen: {low:g})")
    if key.kind == "integer" and not (float(entry.step).is_integer() and low.is_integer()):
        faults.append(f"{key.id} takes whole numbers; so must the steps be")
    if not faults:
        length = math.log10(high / low) if entry.scale == "log" else high - low
        steps = length / entry.step
        # A slider stops at its last whole step, short of the end that the page would name.
        if abs(steps - round(steps)) > 1e-6:
            faults.append(f"from {low:g} to {high:g} is no whole number of steps of {entry.step:g}")
    return faults


def _month_faults(entry: _ControlEntry) -> list[str]:
    assert entry.range is not None
    try:
        first, last = (parse_month(str(end)) for end in entry.range)
    except DataFault as error:
        return [str(error)]
    return [] if first < last else ["the last month comes before the first"]


def _control(key: Key, kind: Kind, entry: _ControlEntry) -> Control:
    low = high = step = None
    offered = [
        Option(name, entry.words.get(name) or STATE_WORDS[name]) for name in _words_for(key, kind, entry)
    ]
    if kind == "number":
        assert entry.range is not None
        low, high, step = float(entry.range[0]), float(entry.range[1]), entry.step
    elif kind == "month":
        assert entry.range is not None
        first, last = (parse_month(str(end)) for end in entry.range)
        labels = [month_label(month) for month in range(first, last + 1)]
        offered += [Option(label, label) for label in labels]
        low, high, step = float(first), float(last), 1.0
    return Control(
        key=key.id,
        label=entry.label,
        explain=entry.explain,
        kind=kind,
        unit=unit_words(key.entry.unit),
        low=low,
        high=high,
        step=step,
        scale=entry.scale,
        options=tuple(offered),
        range_reason=entry.range_reason or "",
        what=key.entry.what,
    )


def _words_for(key: Key, kind: Kind, entry: _ControlEntry) -> Sequence[str]:
    # A month offers `none` only where the file has words for it.
    return list(entry.words) if kind == "month" else _offered(key, kind)

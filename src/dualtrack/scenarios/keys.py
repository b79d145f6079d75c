"""The keys of a run: everything a scenario or `--set` may change, read from data/keys/*.yaml.

A key has a meaning, a unit, bounds, and a default that names its facts or says `assumption` and why.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dualtrack.errors import DataFault, Fault, nearest, raise_gathered
from dualtrack.yaml_files import Document, load_document

DATA = Path(__file__).parent.parent / "data"

Kind = Literal["number", "integer", "choice", "month", "switch", "chip"]

PROBABILITY_UNITS = ("fraction", "probability")


class TrialEntry(BaseModel):
    """One case seen: how much of what was possible came about; numbers, or facts that give them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    got: float | str
    of: float | str
    weight: float = 1.0

    def facts(self) -> list[str]:
        return [side for side in (self.got, self.of) if isinstance(side, str)]


class ValueEntry(BaseModel):
    """A value as it is written in a key or scenario file, before facts are looked up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float | bool | str | None = None
    range: list[float | str] | None = None
    fact: str | None = None
    scale: float = 1.0
    middle: bool = False
    family: str | None = None
    trials: list[TrialEntry] | None = None
    alternatives: list[AlternativeEntry] | None = None
    facts: list[str] = []
    basis: list[str] = []
    assumption: str | None = None
    note: str | None = None

    def given(self) -> list[str]:
        """Which of the ways to give a value it uses."""
        ways = ("value", "range", "fact", "trials", "alternatives")
        return [way for way in ways if getattr(self, way) is not None]

    def all_facts(self) -> tuple[str, ...]:
        """Ids of the facts that the value rests on, those that give it first."""
        named = [self.fact] if self.fact else []
        named += [part.fact for part in self.alternatives or [] if part.fact]
        named += [name for case in self.trials or [] for name in case.facts()]
        named += [name for part in self.alternatives or [] for name in (*part.facts, *part.basis)]
        return tuple(dict.fromkeys([*named, *self.facts, *self.basis]))


class AlternativeEntry(ValueEntry):
    name: str
    weight: float = 1.0


class KeyEntry(ValueEntry):
    what: str
    unit: str = ""
    kind: Kind = "number"
    bounds: tuple[float, float] | None = None
    options: list[str] = []
    law: str | None = None
    opening: bool = False
    counted: bool = False
    draws_as: str | None = None


ValueEntry.model_rebuild()


@dataclass(frozen=True)
class Key:
    """One thing that can be set.

    An `opening` key is a starting stock: it alone may rest on estimates made later (hindsight), and a scenario
    that starts elsewhere than the default one sets it. A key that was renamed keeps its luck: it draws from the
    stream of its old name, `draws_as`.

    Attributes:
        id: Dotted name.
        entry: As written in the key file.
        file: The file it stands in, and `line` where.
    """

    id: str
    entry: KeyEntry
    file: str
    line: int | None

    @property
    def kind(self) -> Kind:
        return self.entry.kind

    @property
    def stream(self) -> str:
        """The stream that its uncertain value is drawn from."""
        return f"input:{self.entry.draws_as or self.id}"

    @property
    def bounds(self) -> tuple[float, float] | None:
        return self.entry.bounds


def validation_faults(
    error: ValidationError, document: Document, at: tuple[str, ...], known: Sequence[str] = ()
) -> list[Fault]:
    """What does not fit the form, each with its file, line and key."""
    return [
        Fault(
            _in_words(item, known),
            document.label,
            document.line((*at, *item["loc"])),
            ".".join(str(part) for part in (*at, *item["loc"])),
        )
        for item in error.errors()
    ]


def _in_words(item: Any, known: Sequence[str]) -> str:
    field = str(item["loc"][-1]) if item["loc"] else ""
    if item["type"] == "extra_forbidden":
        return f"there is no field {field!r}.{nearest(field, known)}"
    if item["type"] == "model_type" and len(item["loc"]) > 1:
        return f"{field} wants an entry with its source, such as {{value: 1, assumption: why}}"
    if item["type"] == "missing":
        return f"{field} is missing"
    words = str(item["msg"]).removeprefix("Value error, ")
    return words if item["type"] == "value_error" else f"{words} (seen: {item['input']!r})"


@functools.cache
def load_keys() -> Mapping[str, Key]:
    """All keys by id.

    Raises:
        DataFault: A key file is unsound; every fault is listed.
    """
    keys: dict[str, Key] = {}
    faults: list[Fault] = []
    for path in sorted((DATA / "keys").glob("*.yaml")):
        document = load_document(path)
        for name, raw in document.data.items():
            try:
                entry = KeyEntry.model_validate(raw)
            except ValidationError as error:
                faults += validation_faults(error, document, (name,))
                continue
            line = document.line((name,))
            if name in keys:
                faults.append(Fault("stands in two key files", document.label, line, name))
            faults += [Fault(what, document.label, line, name) for what in _entry_faults(entry)]
            keys[name] = Key(name, entry, document.label, line)
    raise_gathered(faults, DataFault, "The key files are unsound.")
    return keys


def _entry_faults(entry: KeyEntry) -> list[str]:
    given = entry.given() + (["law"] if entry.law else [])
    faults = []
    if len(given) != 1:
        faults.append(f"wants exactly one of value, range, fact, trials, alternatives or law (seen: {given})")
    sourced = entry.fact or entry.facts or entry.assumption or entry.law
    if not sourced:
        faults.append("has no source: name a fact, or write `assumption:` with the reason")
    if entry.kind in ("number", "integer") and entry.bounds is None:
        faults.append("has no bounds")
    if entry.kind == "choice" and not entry.options:
        faults.append("is a choice without options")
    return faults

"""The state of the page Explore: read from the address and written back, so that a link, a command and a file give the same run."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import yaml

from dualtrack.errors import DualtrackError, Fault, ScenarioFault, nearest, raise_gathered
from dualtrack.facts.book import load_book
from dualtrack.scenarios.keys import Key, load_keys
from dualtrack.scenarios.resolve import resolve_text
from dualtrack.scenarios.scenario import (
    DEFAULT,
    MOST_MONTHS,
    Scenario,
    load_scenario,
    run_value,
    shipped_scenarios,
)
from dualtrack.scenarios.specs import Spread
from dualtrack.settings.controls import control_keys
from dualtrack.settings.values import SWITCH, is_law, one_spelling, set_text
from dualtrack.study.again import command_line
from dualtrack.version import __version__

OPTIONS = ("paths", "seed", "months")
FREE = "set"
ASSUMPTION = "Set in the explorer."
SHOWN = 60  # characters of what was sent that a message repeats


@dataclass(frozen=True)
class Limits:
    """The most that one state may ask for."""

    paths: int = 20_000
    months: int = MOST_MONTHS
    changes: int = 60
    characters: int = 200


@dataclass(frozen=True)
class State:
    """A shipped scenario and what a reader changed in it.

    Attributes:
        scenario: Its name; never a path, so that nobody makes the server read a file.
        changes: Keys and their values as `--set` takes them, in the order of the controls, free keys after them.
        paths: As `seed` and `months`, None where it is the scenario's.

    Raises:
        ScenarioFault: No scenario of that name is shipped.
    """

    scenario: str = DEFAULT
    changes: tuple[tuple[str, str], ...] = ()
    paths: int | None = None
    seed: int | None = None
    months: int | None = None

    def __post_init__(self) -> None:
        known = shipped_scenarios()
        if self.scenario not in known:
            hint = nearest(self.scenario, known)
            raise ScenarioFault(
                f"There is no scenario {_shortened(self.scenario)}.{hint}\n  Shipped: {', '.join(known)}."
            )

    @property
    def options(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in OPTIONS}

    @property
    def lines(self) -> list[str]:
        """The changes as typed after `--set`."""
        return [f"{key}={text}" for key, text in self.changes]

    @property
    def base(self) -> Scenario:
        """The scenario without the changes."""
        return base_scenario(self.scenario)

    @property
    def run_paths(self) -> int:
        """How many paths a run of it has."""
        return self.paths or self.base.paths

    def load(self) -> Scenario:
        """The scenario with the changes.

        Raises:
            ScenarioFault: A change or an option cannot be used; all faults at once.
        """
        return load_scenario(self.scenario, load_book(), changes=self.lines, run=self.options)

    def query(self) -> list[tuple[str, str]]:
        """The parameters of the address, as few as there can be, always in the same order."""
        controls = set(control_keys())
        named = [pair for pair in self.changes if pair[0] in controls]
        free = [(FREE, f"{key}={text}") for key, text in self.changes if key not in controls]
        options = [(name, str(value)) for name, value in self.options.items() if value is not None]
        return [("scenario", self.scenario), *named, *free, *options]

    def query_string(self) -> str:
        # A colon and an equals sign may stand in a query as they are.
        return urlencode(self.query(), safe=":=")

    def command(self) -> str:
        """The command that makes the run again, at its paths, seed and months."""
        options: dict[str, Any] = self.options
        return command_line("run", [self.scenario], {**options, "set": self.lines})

    def yaml(self) -> str:
        """A scenario file that `dualtrack run` takes, with the numbers of the command.

        Raises:
            ScenarioFault: A change cannot be used.
        """
        self.load()
        file: dict[str, Any] = {
            "title": f"{self.base.title}, as set in the explorer",
            "inherits": self.scenario,
        }
        file |= {"why": self.base.why} if self.base.why else {}
        file |= {name: value for name, value in self.options.items() if value is not None}
        if self.changes:
            keys = load_keys()
            file["set"] = {
                key: {**_entry(keys[key], one_spelling(keys[key], text)), "assumption": ASSUMPTION}
                for key, text in self.changes
            }
        written = yaml.safe_dump(file, sort_keys=False, allow_unicode=True, width=120)
        return (
            f"# Made with the explorer of dualtrack {__version__}. Run it with: dualtrack run FILE\n{written}"
        )

    def digest(self) -> str:
        """sha256 of all that the numbers follow from: the version, the facts, the scenario, changes and options."""
        options = {
            name: getattr(self.base, name) if value is None else value for name, value in self.options.items()
        }
        parts = [__version__, load_book().digest(), self.base.text, sorted(self.changes), options]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@functools.cache
def _shipped(name: str) -> Scenario:
    return load_scenario(name, load_book())


def base_scenario(name: str) -> Scenario:
    """A shipped scenario, read once.

    Raises:
        ScenarioFault: None of that name is shipped.
    """
    return _shipped(State(name).scenario)


def _entry(key: Key, text: str) -> dict[str, Any]:
    """A value as a scenario file writes it."""
    if key.kind == "switch":
        return {"value": text == SWITCH[0]}
    if key.kind == "month" and ".." in text:
        return {"range": text.split("..")}
    if key.kind in ("number", "integer") and ":" in text:
        return {"range": [_number(part) for part in text.split(":")]}
    return {"value": _number(text) if key.kind in ("number", "integer") else text}


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text  # a word such as `law` or `counted`
    return int(number) if number.is_integer() else number


@dataclass(frozen=True)
class Reading:
    """What an address says, and what is wrong with it.

    Attributes:
        state: All of it that could be read; values that a key does not take stand in it as they were sent.
        faults: Everything wrong, each with the key or the parameter that it is about.
        scenario: The scenario with the changes; None where there is a fault.
    """

    state: State
    faults: tuple[Fault, ...] = ()
    scenario: Scenario | None = None

    def by_key(self) -> dict[str, list[str]]:
        """The words of the faults by key or parameter, for a page that shows each beside its control."""
        return words_by_key(self.faults)

    def checked(self) -> State:
        """The state.

        Raises:
            ScenarioFault: Something is wrong; every fault is listed.
        """
        raise_gathered(self.faults, ScenarioFault, "The explorer cannot use this address.")
        return self.state


def words_by_key(faults: Sequence[Fault]) -> dict[str, list[str]]:
    """The words of faults by the key they are about; an empty key for those about none."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.about or "", []).append(fault.what)
    return found


def faults_by_key(error: DualtrackError) -> dict[str, list[str]]:
    """The words of an error by the key they are about; an empty key for those about none."""
    return words_by_key(error.faults) if error.faults else {"": [str(error)]}


def read_query(query: Mapping[str, Sequence[str]], limits: Limits | None = None) -> Reading:
    """The state that the parameters of an address ask for.

    Of a parameter that is given several times the last holds, except `set`, of which all do. An empty one is as in the
    scenario, and so is a value that the scenario has anyhow: the state keeps what differs. Parameters that are no keys and none of
    `scenario`, `set`, `paths`, `seed` and `months` belong to the page and are let pass.

    Args:
        query: Values by name, as a web framework's multi-dict gives them.

    Raises:
        Nothing: whatever is wrong is a fault of the reading.
    """
    reader = _Reader(query, limits or Limits())
    state = reader.state()
    try:
        scenario = state.load()
    except ScenarioFault as error:
        reader.faults += error.faults or [Fault(str(error))]
        scenario = None
    faults = tuple(reader.faults)
    return Reading(state, faults, None if faults else scenario)


@dataclass
class _Reader:
    """Reads the parameters and gathers what is wrong with them."""

    query: Mapping[str, Sequence[str]]
    limits: Limits
    faults: list[Fault] = field(default_factory=list)

    def state(self) -> State:
        name = self._last("scenario") or DEFAULT
        try:
            base = base_scenario(name)
        except ScenarioFault as error:
            self._fault("scenario", str(error))
            base = base_scenario(DEFAULT)
        options = {option: self._option(option, base) for option in OPTIONS}
        return State(base.name, self._changes(base), **options)

    def _changes(self, base: Scenario) -> tuple[tuple[str, str], ...]:
        typed = {name: self._last(name) for name in self.query if name in load_keys() or "." in name}
        typed |= self._free(typed)
        for name in ("start", "known_by"):
            if typed.pop(name, "") or self._last(name):
                self._fault(name, "is the scenario's, and no change of it. Choose another scenario")
        order, kept = _order(), []
        for name in sorted(typed, key=lambda name: (order.get(name, len(order)), name)):
            text = typed[name]
            if (
                text
                and self._is_short(name, text)
                and not _as_in_scenario(name, spelt := _spelt(name, text), base)
            ):
                kept.append((name, spelt))
        if len(kept) > self.limits.changes:
            self._fault(FREE, f"{len(kept)} changes are too many. Wanted: at most {self.limits.changes}")
        return tuple(kept[: self.limits.changes])

    def _free(self, named: Mapping[str, str]) -> dict[str, str]:
        """Changes written as `set=KEY=VALUE`; of a key written twice the last holds, as on the command line."""
        found: dict[str, str] = {}
        for written in self.query.get(FREE, ()):
            name, equals, text = (part.strip() for part in written.partition("="))
            if not written.strip():
                continue
            if not (name and equals and text):
                self._fault(FREE, f"wants KEY=VALUE, for example china.ratio=1 (seen: {_shortened(written)})")
            elif name in OPTIONS:
                self._fault(FREE, f"{name} has a parameter of its own. Write {name}={text[:SHOWN]} instead")
            elif named.get(name, text) not in ("", text):
                self._fault(name, "is given twice, and not alike. Keep one of the two")
            else:
                found[name] = text
        return found

    def _option(self, name: str, base: Scenario) -> int | None:
        text = self._last(name)
        number: int | None = None
        try:
            if text and self._is_short(name, text):
                number = int(run_value(name, text))
        except DualtrackError as error:
            self._fault(name, str(error))
        most = {"paths": self.limits.paths, "months": self.limits.months}.get(name)
        if number is not None and most is not None and number > most:
            self._fault(
                name,
                f"{number:,} are more than the {most:,} that this explorer runs. Use the command for more",
            )
            number = None
        said = getattr(base, name)
        if number is None and most is not None and said > most:
            # The scenario asks for more than is run here; the command is to name what is run.
            return most
        # A page that runs fewer paths unless asked has to be told even the scenario's own number.
        return None if number == said and name != "paths" else number

    def _last(self, name: str) -> str:
        return next(reversed(self.query.get(name, ())), "").strip()

    def _is_short(self, name: str, text: str) -> bool:
        if max(len(name), len(text)) <= self.limits.characters:
            return True
        self._fault(name[:SHOWN], f"is longer than {self.limits.characters} characters")
        return False

    def _fault(self, about: str, what: str) -> None:
        self.faults.append(Fault(what, key=about, about=about))


@functools.cache
def _order() -> dict[str, int]:
    """The place of every key in a state: the controls as on the page, then the others as in the key files."""
    return {name: place for place, name in enumerate(dict.fromkeys([*control_keys(), *load_keys()]))}


def _spelt(name: str, text: str) -> str:
    """One spelling for each value; what the key does not take stays as it is, to be refused with its reason."""
    key = load_keys().get(name)
    try:
        return text if key is None else one_spelling(key, text)
    except DualtrackError:
        return text


def _as_in_scenario(name: str, text: str, base: Scenario) -> bool:
    """Whether the scenario has this very value anyhow, so that leaving the change out changes no number."""
    key = load_keys().get(name)
    if key is None:
        return False
    spec = base.settings.get(name)
    if spec is None or is_law(key, text):
        return spec is None and is_law(key, text)
    if text != set_text(key, spec, base.chip.id):
        return False
    if isinstance(spec, Spread):
        # Three numbers say the same only where they are drawn from the same shape.
        made = resolve_text(key, text)
        return isinstance(made, Spread) and made.range == spec.range
    return True


def _shortened(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")

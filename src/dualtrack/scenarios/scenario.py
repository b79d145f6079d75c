"""A scenario: what we choose. Read from YAML with its ancestors, amended by `--set`, then frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from dualtrack.entities import Chip, find_chip
from dualtrack.errors import DualtrackError, Fault, ScenarioFault, nearest, raise_gathered
from dualtrack.facts.book import FactBook
from dualtrack.futures.draws import Copula
from dualtrack.months import first_day, month_label, parse_date, parse_month
from dualtrack.scenarios.files import (
    Correlation,
    Place,
    Written,
    correlation_faults,
    entry_faults,
    read_chain,
    shipped_scenarios,
)
from dualtrack.scenarios.keys import Key, ValueEntry, load_keys
from dualtrack.scenarios.resolve import COMMAND_LINE, resolve, resolve_text
from dualtrack.scenarios.specs import Alternatives, Fixed, Months, Origin, Spec

__all__ = ["DEFAULT", "RUN_KEYS", "Scenario", "load_scenario", "origins", "shipped_scenarios"]

DEFAULT = "h200-truce"
MOST_PATHS = 10_000_000
MOST_MONTHS = 60
# Where the stocks of the key files' defaults stand; a scenario that starts elsewhere brings its own.
START = "2026-02"
FAR = 1_000_000  # months; a revocation that is "none"

RUN_KEYS: Mapping[str, str] = {
    "known_by": "date up to which facts are seen",
    "start": "first month simulated",
    "months": f"how many months, 1 to {MOST_MONTHS}",
    "paths": f"how many paths, 1 to {MOST_PATHS:,}",
    "seed": "seed of all draws, a whole number of 0 or more",
}


@dataclass(frozen=True)
class Scenario:
    """One run's choices, validated.

    Attributes:
        settings: The value of every key.
        changed: Keys that differ from the key files' defaults, and the scenario or `--set` that said so.
        chip: The chip the channel trades.
        copula: Rank correlations among inputs.
        text: The YAML text of the scenario and its ancestors with the changes, for the manifest.
    """

    name: str
    title: str
    why: str
    known_by: date
    start: int
    months: int
    paths: int
    seed: int
    settings: Mapping[str, Spec]
    changed: Mapping[str, str]
    chip: Chip
    copula: Copula
    correlations: tuple[Correlation, ...]
    keep_buyers: bool
    text: str

    @property
    def month_labels(self) -> list[str]:
        return [month_label(self.start + n) for n in range(self.months)]

    def fact_ids(self) -> list[str]:
        """Every fact that the settings name, in order, once."""
        found: dict[str, None] = {}
        for spec in self.settings.values():
            for origin in origins(spec):
                found.update(dict.fromkeys(origin.facts))
        return list(found)


def origins(spec: Spec) -> list[Origin]:
    """The origin of a value, and of each of its alternatives."""
    if isinstance(spec, Alternatives):
        return [spec.origin, *(part.origin for part in spec.specs)]
    return [spec.origin]


class _Settings:
    """The values of keys as they are gathered, with the faults met on the way."""

    def __init__(self, book: FactBook, known_by: date | None) -> None:
        self.keys = load_keys()
        self.values: dict[str, Spec] = {}
        self.changed: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.chip = str(self.keys["vendor.chip"].entry.value)
        self.faults: list[Fault] = []
        self.faults_of_defaults: dict[str, Fault] = {}
        if known_by is None:
            return
        for key in self.keys.values():
            if key.entry.law is None:
                place = (key.file, key.line, key.id)
                self._default(key, place, book, known_by)

    def _default(self, key: Key, place: Place, book: FactBook, known_by: date) -> None:
        """Set a key to its default; where that was not known by the date, a scenario may still set it."""
        self.places[key.id] = place
        try:
            self.values[key.id] = resolve(key, key.entry, book, known_by)
        except DualtrackError as error:
            self.faults_of_defaults[key.id] = Fault(str(error), *place, about=key.id)

    def all_faults(self) -> list[Fault]:
        return [*self.faults_of_defaults.values(), *self.faults]

    def apply(self, key_id: str, place: Place, make: Callable[[Key], Spec | None]) -> None:
        """Set a key to what `make` gives; None takes an amendment of the law back."""
        if key_id not in self.keys:
            known = [*self.keys, *RUN_KEYS]
            hint = nearest(key_id, known) or " See them all: dualtrack run --keys."
            self.fault(f"there is no key {key_id!r}.{hint}", place, key_id)
            return
        self.places[key_id] = place
        self.faults_of_defaults.pop(key_id, None)
        try:
            made = make(self.keys[key_id])
        except DualtrackError as error:
            self.fault(str(error), place, key_id)
            return
        if made is None:
            self.values.pop(key_id, None)
        else:
            self.values[key_id] = made

    def fault(self, what: str, place: Place, about: str) -> None:
        self.faults.append(Fault(what, *place, about=about))


def load_scenario(
    name_or_path: str,
    book: FactBook,
    *,
    changes: Sequence[str] = (),
    run: Mapping[str, Any] | None = None,
) -> Scenario:
    """The scenario of a name or file, with changes typed as KEY=VALUE.

    Args:
        name_or_path: A shipped scenario's name, or the path of a YAML file.
        book: Facts, with any overlays.
        changes: `KEY=VALUE` as typed after `--set`.
        run: Values of RUN_KEYS that were given as options; None values are ignored.

    Raises:
        ScenarioFault: Anything in the scenario or the changes cannot be used; all faults at once.
    """
    chain = read_chain(name_or_path)
    faults: list[Fault] = []
    typed = _split(changes, faults)
    options = {key: value for key, value in typed.items() if key in RUN_KEYS}
    options |= {key: str(value) for key, value in (run or {}).items() if value is not None}
    fields = _run_fields(chain, options, faults)
    settings = _Settings(book, fields.get("known_by"))
    for written in reversed(chain):
        for key_id, value in written.entry.set.items():
            place = written.place("set", key_id)
            wrong = entry_faults(value)
            for what in wrong:
                settings.fault(what, place, key_id)
            if key_id == "vendor.chip":
                settings.chip = str(value.value)
            if len(value.given()) == 1:
                known_by = fields.get("known_by") or book.last_date
                settings.apply(key_id, place, partial(_resolved, value, book, known_by))
            settings.changed[key_id] = written.document.path.stem
    for key_id, text in typed.items():
        if key_id in RUN_KEYS:
            continue
        if key_id == "vendor.chip":
            settings.chip = text
        settings.apply(key_id, (None, None, f"--set {key_id}={text}"), partial(_typed, text))
        settings.changed[key_id] = COMMAND_LINE
    _check_start(chain, settings, fields, _place(chain, options, "start"))
    _check_revocations(settings, fields)
    correlated = next((one for one in chain if one.entry.correlations is not None), chain[0])
    faults += settings.all_faults() + correlation_faults(correlated, list(settings.keys))
    raise_gathered(faults, ScenarioFault, f"The scenario {name_or_path!r} cannot be run.")
    correlations = correlated.entry.correlations or []
    return Scenario(
        name=chain[0].document.path.stem,
        title=chain[0].entry.title,
        why=chain[0].entry.why,
        settings=settings.values,
        changed=settings.changed,
        chip=find_chip(settings.chip),
        copula=Copula.of({one.between: one.rank for one in correlations if _are_set(one, settings)}),
        correlations=tuple(correlations),
        keep_buyers=next((w.entry.keep_buyers for w in chain if w.entry.keep_buyers is not None), True),
        text=_text(chain, changes, options),
        **fields,
    )


def _are_set(correlation: Correlation, settings: _Settings) -> bool:
    return all(name in settings.values for name in correlation.between)


def _split(changes: Sequence[str], faults: list[Fault]) -> dict[str, str]:
    """Keys and values as typed; of a key set twice the last holds."""
    typed: dict[str, str] = {}
    for change in changes:
        key, equals, value = (part.strip() for part in change.partition("="))
        if not key or not equals or not value:
            faults.append(Fault("wants KEY=VALUE, for example --set china.ratio=1", key=f"--set {change}"))
        else:
            typed[key] = value
    return typed


def _run_fields(chain: Iterable[Written], options: Mapping[str, str], faults: list[Fault]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key in RUN_KEYS:
        value: Any = options.get(key)
        said = _said_by(chain, key)
        if value is None and said is not None:
            value = getattr(said.entry, key)
        if value is None:
            faults.append(Fault("is missing from the scenario and its ancestors", key=key, about=key))
            continue
        try:
            fields[key] = run_value(key, str(value))
        except DualtrackError as error:
            faults.append(Fault(str(error), *_place(chain, options, key), about=key))
    return fields


def _said_by(chain: Iterable[Written], key: str) -> Written | None:
    """The nearest file that says a value of RUN_KEYS."""
    return next((one for one in chain if getattr(one.entry, key) is not None), None)


def _place(chain: Iterable[Written], options: Mapping[str, str], key: str) -> Place:
    """Where a value of RUN_KEYS was said; an option has no file."""
    said = _said_by(chain, key)
    return (None, None, key) if said is None or key in options else said.place(key)


def run_value(key: str, text: str) -> Any:
    """A value of RUN_KEYS from its text: a day, a month's number, or a count.

    Raises:
        DualtrackError: It is none, or lies outside what a run takes.
    """
    if key == "known_by":
        return parse_date(text)
    if key == "start":
        return parse_month(text)
    try:
        number = int(text.replace("_", ""))
    except ValueError:
        raise ScenarioFault(f"{text!r} is not a whole number.") from None
    low, high = {"months": (1, MOST_MONTHS), "paths": (1, MOST_PATHS), "seed": (0, 2**63 - 1)}[key]
    if not low <= number <= high:
        reason = ""
        if key == "months":
            reason = f" The capacity and demand facts carry no further than {MOST_MONTHS} months."
        raise ScenarioFault(f"{number:,} is outside {low:,} to {high:,}.{reason}")
    return number


def _resolved(value: ValueEntry, book: FactBook, known_by: date, key: Key) -> Spec | None:
    if _is_law(key, value.value):
        return None
    return resolve(key, value, book, known_by)


def _typed(text: str, key: Key) -> Spec | None:
    return None if _is_law(key, text) else resolve_text(key, text)


def _is_law(key: Key, value: object) -> bool:
    """Whether an amendment is taken back, so that the law in force holds again."""
    return key.entry.law is not None and str(value).strip().lower() == "law"


def _check_start(
    chain: Sequence[Written], settings: _Settings, fields: Mapping[str, Any], place: Place
) -> None:
    """A run that starts elsewhere than the defaults do wants starting stocks of its own, and no later facts."""
    start, known_by = fields.get("start"), fields.get("known_by")
    if start is None or known_by is None or start == parse_month(START):
        return
    own = {key for written in chain for key in written.entry.set}
    missing = [key.id for key in settings.keys.values() if key.entry.opening and key.id not in own]
    month = month_label(start)
    if missing:
        # Defaults that were not known then would only repeat the same fault key by key.
        settings.faults_of_defaults.clear()
        settings.fault(
            f"a run of this scenario cannot start in {month}: the stocks and the law it starts from are those of "
            f"the end of January 2026. Start in {START}, or write a scenario whose file sets {', '.join(missing)}, as "
            "the back-tests do (dualtrack run backtests/2025-01).",
            place,
            "start",
        )
    elif start % 12 != parse_month(START) % 12 or start > parse_month(START):
        settings.fault(f"a run starts in a February up to {START}; {month} is none of them", place, "start")
    elif not first_day(start - 1) <= known_by < first_day(start):
        settings.fault(
            f"a run from {month} wants facts known by a day of the month before (seen: known_by {known_by})",
            place,
            "start",
        )


def _check_revocations(settings: _Settings, fields: Mapping[str, Any]) -> None:
    """A decreed revocation has to fall within the run, or it would silently do nothing."""
    if "start" not in fields or "months" not in fields:
        return
    first, last = fields["start"], fields["start"] + fields["months"] - 1
    for key_id in ("us.revocation", "china.revocation"):
        earliest, latest = _months_of(settings.values.get(key_id))
        # A window of a scenario may lie beyond a run that was shortened; one asked for by hand may not.
        decreed = earliest == latest or settings.changed.get(key_id) == COMMAND_LINE
        if decreed and (earliest > last or latest < first - 1):
            settings.fault(
                f"{month_label(earliest)} lies outside the run, {month_label(first)} to {month_label(last)}",
                settings.places[key_id],
                key_id,
            )


def _months_of(spec: Spec | None) -> tuple[int, int]:
    """First and last month of a decreed revocation; all of time where there is none."""
    if isinstance(spec, Months):
        return spec.first, spec.last
    if isinstance(spec, Fixed) and spec.value == spec.value:
        return int(spec.value), int(spec.value)
    return -FAR, FAR


def _text(chain: Sequence[Written], changes: Sequence[str], options: Mapping[str, str]) -> str:
    parts = [f"# {one.document.label}\n{one.document.path.read_text(encoding='utf-8')}" for one in chain]
    if changes or options:
        said = [*changes, *(f"{key}={value}" for key, value in options.items())]
        # The last of a key holds, so of a change said twice the last place counts.
        parts.append("# changes\n" + "\n".join([*dict.fromkeys(reversed(said))][::-1]) + "\n")
    return "\n".join(parts)

"""A scenario: what we choose. Read from YAML with its ancestors, amended by `--set`, then frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from dualtrack.entities import Chip, find_chip
from dualtrack.errors import DualtrackError, Fault, ScenarioFault, nearest, raise_gathered
from dualtrack.facts.book import FactBook
from dualtrack.futures.draws import Copula
from dualtrack.months import month_label, parse_date, parse_month
from dualtrack.scenarios.keys import DATA, Key, ValueEntry, load_keys, validation_faults
from dualtrack.scenarios.resolve import COMMAND_LINE, resolve, resolve_text
from dualtrack.scenarios.specs import Alternatives, Origin, Spec
from dualtrack.yaml_files import Document, load_document

SCENARIOS = DATA / "scenarios"
DEFAULT = "h200-truce"
Place = tuple[str | None, int | None, str]  # file, line, key
MOST_PATHS = 10_000_000
MOST_MONTHS = 60
LAST_START = "2026-02"

RUN_KEYS: Mapping[str, str] = {
    "known_by": "date up to which facts are seen",
    "start": "first month simulated",
    "months": f"how many months, 1 to {MOST_MONTHS}",
    "paths": f"how many paths, 1 to {MOST_PATHS:,}",
    "seed": "seed of all draws, a whole number of 0 or more",
}


class Correlation(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    between: tuple[str, str]
    rank: float
    assumption: str


class ScenarioFile(BaseModel):
    """A scenario as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    why: str = ""
    inherits: str | None = None
    known_by: date | None = None
    start: str | None = None
    months: int | None = None
    paths: int | None = None
    seed: int | None = None
    set: dict[str, ValueEntry] = {}
    correlations: list[Correlation] | None = None
    keep_buyers: bool | None = None


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

    @property
    def uncertain(self) -> list[str]:
        return [name for name, spec in self.settings.items() if spec.is_uncertain]

    def is_set(self, key: str) -> bool:
        """Whether a law key was amended, by the scenario or the command line."""
        return key in self.settings

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


def shipped_scenarios() -> list[str]:
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


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
    chain = _chain(_find(name_or_path))
    files = [entry for _, entry in chain]
    chosen = files[0]
    faults: list[Fault] = []
    typed = [_split(change, faults) for change in changes]
    options = {key: value for key, value in typed if key in RUN_KEYS}
    options |= {key: str(value) for key, value in (run or {}).items() if value is not None}
    fields = _run_fields(files, options, faults)
    raise_gathered(faults, ScenarioFault, f"The scenario {name_or_path!r} cannot be run.")
    known_by = fields["known_by"]
    keys = load_keys()
    settings, changed = _defaults(keys, book, known_by, faults)
    chip_name = str(keys["vendor.chip"].entry.value)
    for document, entry in reversed(chain):
        for key_id, value in entry.set.items():
            place: Place = (document.label, document.line(("set", key_id)), key_id)
            if not _sourced(value):
                faults.append(
                    Fault("has no source: name a fact, or write `assumption:` with the reason", *place)
                )
            if key_id == "vendor.chip":
                chip_name = str(value.value)
            _apply(settings, keys, key_id, place, faults, lambda k, v=value: resolve(k, v, book, known_by))
            changed[key_id] = document.path.stem
    for key_id, text in typed:
        if key_id in RUN_KEYS or not key_id:
            continue
        place = (None, None, f"--set {key_id}={text}")
        if key_id == "vendor.chip":
            chip_name = text
        _apply(settings, keys, key_id, place, faults, lambda k, t=text: _typed(k, t))
        changed[key_id] = COMMAND_LINE
    if fields["months"] is not None:
        _check_months(settings, fields, faults)
    correlations = next((f.correlations for f in files if f.correlations is not None), [])
    copula = _copula(correlations, settings, faults)
    raise_gathered(faults, ScenarioFault, f"The scenario {name_or_path!r} cannot be run.")
    return Scenario(
        name=chain[0][0].path.stem,
        title=chosen.title,
        why=chosen.why,
        settings=settings,
        changed=changed,
        chip=find_chip(chip_name),
        copula=copula,
        correlations=tuple(correlations),
        keep_buyers=next((f.keep_buyers for f in files if f.keep_buyers is not None), True),
        text=_text([document for document, _ in chain], changes, options),
        **fields,
    )


def _find(name_or_path: str) -> Path:
    shipped = SCENARIOS / f"{name_or_path}.yaml"
    if shipped.is_file():
        return shipped
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        if path.is_file():
            return path
        raise ScenarioFault(f"There is no scenario file {name_or_path!r}. Check the path.")
    known = shipped_scenarios()
    raise ScenarioFault(
        f"There is no scenario {name_or_path!r}.{nearest(name_or_path, known)}\n"
        f"  Shipped: {', '.join(known)}. Or give the path of a YAML file."
    )


def _chain(path: Path) -> list[tuple[Document, ScenarioFile]]:
    chain: list[tuple[Document, ScenarioFile]] = []
    seen: list[Path] = []
    nearby: Path | None = path
    while nearby is not None:
        if nearby.resolve() in seen:
            raise ScenarioFault(f"{nearby}: the scenario inherits from itself. Break the circle.")
        seen.append(nearby.resolve())
        document = load_document(nearby)
        try:
            entry = ScenarioFile.model_validate(document.data)
        except ValidationError as error:
            raise_gathered(
                validation_faults(error, document, ()), ScenarioFault, f"{document.label} is unsound."
            )
            raise
        chain.append((document, entry))
        nearby = _find(entry.inherits) if entry.inherits else None
    return chain


def _split(change: str, faults: list[Fault]) -> tuple[str, str]:
    key, equals, value = change.partition("=")
    if not key.strip() or not equals or not value.strip():
        faults.append(Fault("wants KEY=VALUE, for example --set china.ratio=1", key=f"--set {change}"))
        return "", ""
    return key.strip(), value.strip()


def _run_fields(
    files: Iterable[ScenarioFile], options: Mapping[str, str], faults: list[Fault]
) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for key in RUN_KEYS:
        value = options.get(key)
        if value is None:
            value = next((getattr(f, key) for f in files if getattr(f, key) is not None), None)
        if value is None:
            faults.append(Fault("is missing from the scenario and its ancestors", key=key))
            continue
        try:
            written[key] = _run_value(key, str(value))
        except DualtrackError as error:
            faults.append(Fault(str(error), key=key))
    return written


def _run_value(key: str, text: str) -> Any:
    if key == "known_by":
        return parse_date(text)
    if key == "start":
        month = parse_month(text)
        if month > parse_month(LAST_START):
            raise ScenarioFault(
                f"{text} is past the data, which end on 31 January 2026. Start in {LAST_START} or before."
            )
        return month
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


def _defaults(
    keys: Mapping[str, Key], book: FactBook, known_by: date, faults: list[Fault]
) -> tuple[dict[str, Spec], dict[str, str]]:
    settings: dict[str, Spec] = {}
    for key in keys.values():
        if key.entry.law is None:
            place = (key.file, key.line, key.id)
            _apply(settings, keys, key.id, place, faults, lambda k: resolve(k, k.entry, book, known_by))
    return settings, {}


def _apply(
    settings: dict[str, Spec],
    keys: Mapping[str, Key],
    key_id: str,
    place: Place,
    faults: list[Fault],
    make: Any,
) -> None:
    file, line, label = place
    if key_id not in keys:
        known = [*keys, *RUN_KEYS]
        hint = nearest(key_id, known) or " See them all: dualtrack run --keys."
        faults.append(Fault(f"there is no key {key_id!r}.{hint}", file, line, label))
        return
    try:
        made = make(keys[key_id])
    except DualtrackError as error:
        faults.append(Fault(str(error), file, line, label))
        return
    if made is None:
        settings.pop(key_id, None)
    else:
        settings[key_id] = made


def _typed(key: Key, text: str) -> Spec | None:
    if key.entry.law is not None and text.lower() == "law":
        return None
    return resolve_text(key, text)


def _sourced(value: ValueEntry) -> bool:
    return bool(value.fact or value.facts or value.assumption)


def _check_months(settings: Mapping[str, Spec], fields: Mapping[str, Any], faults: list[Fault]) -> None:
    """A decreed revocation has to fall within the run, or it would silently do nothing."""
    if any(f not in fields for f in ("start", "months")):
        return
    first, last = fields["start"], fields["start"] + fields["months"] - 1
    for key_id in ("us.revocation", "china.revocation"):
        spec = settings.get(key_id)
        value = getattr(spec, "value", None) if spec is not None else None
        if value is not None and value == value and not first - 1 <= value <= last:
            faults.append(
                Fault(
                    f"{month_label(int(value))} lies outside the run, {month_label(first)} to {month_label(last)}",
                    key=key_id,
                )
            )


def _copula(correlations: Sequence[Correlation], settings: Mapping[str, Spec], faults: list[Fault]) -> Copula:
    pairs: dict[tuple[str, str], float] = {}
    for entry in correlations:
        faults += [
            Fault(f"there is no input {name!r}.{nearest(name, settings)}", key="correlations")
            for name in entry.between
            if name not in settings
        ]
        if not -1.0 <= entry.rank <= 1.0:
            faults.append(
                Fault(f"rank correlation {entry.rank:g} is outside -1 to 1", key=" ~ ".join(entry.between))
            )
        pairs[entry.between] = entry.rank
    if faults:
        return Copula.of({})
    try:
        return Copula.of(pairs)
    except ScenarioFault as error:
        faults.append(Fault(str(error), key="correlations"))
        return Copula.of({})


def _text(documents: Sequence[Document], changes: Sequence[str], options: Mapping[str, str]) -> str:
    parts = [f"# {document.label}\n{document.path.read_text(encoding='utf-8')}" for document in documents]
    if changes or options:
        said = [*changes, *(f"{key}={value}" for key, value in options.items())]
        parts.append("# changes\n" + "\n".join(dict.fromkeys(said)) + "\n")
    return "\n".join(parts)

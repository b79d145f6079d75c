"""Scenario files: how they are written, where they are found, and what they inherit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from dualtrack.errors import Fault, ScenarioFault, nearest, raise_gathered
from dualtrack.scenarios.keys import DATA, ValueEntry, validation_faults
from dualtrack.yaml_files import Document, load_document

SCENARIOS = DATA / "scenarios"

Place = tuple[str | None, int | None, str]  # file, line, key


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
class Written:
    """A scenario file read: what it says, and where."""

    document: Document
    entry: ScenarioFile

    def place(self, *keys: str | int) -> Place:
        """File, line and name of a key in it."""
        named = [str(key) for key in keys if not isinstance(key, int)]
        return (self.document.label, self.document.line(keys), named[-1] if named else "")


def shipped_scenarios() -> list[str]:
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def read_chain(name_or_path: str) -> list[Written]:
    """The scenario's file and its ancestors, nearest first.

    Raises:
        ScenarioFault: A file is missing or unsound, or inherits from itself.
    """
    chain: list[Written] = []
    path: Path | None = find_scenario(name_or_path, Path())
    while path is not None:
        written = _read(path)
        chain.append(written)
        path = None
        if written.entry.inherits:
            file, line, _ = written.place("inherits")
            try:
                path = find_scenario(written.entry.inherits, written.document.path.parent)
            except ScenarioFault as error:
                raise ScenarioFault(f"{file}, line {line}: {error}") from None
            if path.resolve() in [one.document.path.resolve() for one in chain]:
                raise ScenarioFault(
                    f"{file}, line {line}: the scenario {path.name} inherits from itself. Break the circle."
                )
    return chain


def find_scenario(name_or_path: str, folder: Path | None) -> Path:
    """The file of a shipped scenario's name, or of a path from `folder`; without a folder of a shipped name alone."""
    known = shipped_scenarios()
    shipped = SCENARIOS / f"{name_or_path}.yaml"
    if name_or_path in known or (folder is not None and shipped.is_file()):
        return shipped
    if folder is None:
        raise ScenarioFault(
            f"There is no shipped scenario {name_or_path!r}.{nearest(name_or_path, known)}\n"
            f"  Shipped: {', '.join(known)}. Files of scenarios are read by the command at the terminal only."
        )
    if Path(name_or_path).suffix in (".yaml", ".yml"):
        path = folder / name_or_path
        if path.is_file():
            return path
        raise ScenarioFault(f"There is no scenario file {str(path)!r}. Check the path.")
    raise ScenarioFault(
        f"There is no scenario {name_or_path!r}.{nearest(name_or_path, known)}\n"
        f"  Shipped: {', '.join(known)}. Or give the path of a YAML file."
    )


def _read(path: Path) -> Written:
    document = load_document(path)
    if not isinstance(document.data, dict):
        raise ScenarioFault(
            f"{document.label}: wanted keys such as `title:` and `inherits:`; the file has none."
        )
    try:
        return Written(document, ScenarioFile.model_validate(document.data))
    except ValidationError as error:
        faults = validation_faults(
            error, document, (), [*ScenarioFile.model_fields, *ValueEntry.model_fields]
        )
        raise_gathered(faults, ScenarioFault, f"{document.label} is unsound.")
        raise


def entry_faults(value: ValueEntry) -> list[str]:
    """What is wrong with an entry whatever its key: none or several values, no source."""
    given = value.given()
    faults = []
    if len(given) != 1:
        seen = ", ".join(given) or "none"
        faults.append(f"wants exactly one of value, range, fact, trials or alternatives (seen: {seen})")
    if not (value.fact or value.facts or value.assumption):
        faults.append("has no source: name a fact, or write `assumption:` with the reason")
    return faults


def correlation_faults(written: Written, known: Sequence[str]) -> list[Fault]:
    """Correlations that cannot be used, each with its line."""
    faults: list[Fault] = []
    seen: set[frozenset[str]] = set()
    for number, correlation in enumerate(written.entry.correlations or []):
        file, line, _ = written.place("correlations", number)
        one, other = correlation.between
        named = f"{one} ~ {other}"
        faults += [
            Fault(f"there is no input {name!r}.{nearest(name, known)}", file, line, "correlations")
            for name in correlation.between
            if name not in known
        ]
        if one == other:
            faults.append(Fault(f"{one} is correlated with itself", file, line, "correlations"))
        if frozenset(correlation.between) in seen:
            faults.append(Fault("the pair stands twice", file, line, named))
        seen.add(frozenset(correlation.between))
        if not -1.0 <= correlation.rank <= 1.0:
            faults.append(
                Fault(f"rank correlation {correlation.rank:g} is outside -1 to 1", file, line, named)
            )
    return faults

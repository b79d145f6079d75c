"""From a saved result back to the task that made it, by its manifest alone."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from dualtrack.errors import DualtrackError, Fault, ResultFault, raise_gathered
from dualtrack.facts.book import FactBook
from dualtrack.results.dataset import settings_table
from dualtrack.results.outputs import outputs_table
from dualtrack.scenarios.scenario import Scenario, load_scenario, shipped_scenarios
from dualtrack.simulate.run import Gathered, Task, prepare
from dualtrack.version import __version__

if TYPE_CHECKING:
    import xarray as xr

# The one that scenario files are read with: the two of PyYAML differ in what they take.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CHANGES = "# changes"
_HEADING = re.compile(r"# (.+\.ya?ml)")
_SHIPPED = "data/scenarios/"
_DEEP = "a/b/c/d/e/f/g/h"  # a user's scenario may inherit from a file some folders up


class Part(NamedTuple):
    """One scenario file as the manifest holds it."""

    label: str
    text: str


def rebuild(dataset: xr.Dataset, book: FactBook, name: str) -> Task:
    """The task that the result was made with.

    Args:
        name: What the result is called in messages.

    Raises:
        ResultFault: Another version, other facts or another backend made it, or it is not whole.
    """
    manifest = json.loads(dataset.attrs["manifest"])
    raise_gathered(
        list(faults_of_origin(dataset.attrs["backend"], manifest, book, name)),
        ResultFault,
        "The result cannot be made again here.",
    )
    try:
        scenario = scenario_of_text(manifest["scenario_text"], book)
    except DualtrackError as error:
        raise ResultFault(f"{name}: its scenario cannot be made again.\n  {error}") from error
    task = prepare(scenario, book)
    raise_gathered(
        [*_faults_of_settings(dataset, task, name), *_faults_of_shape(dataset, task, name)],
        ResultFault,
        "The result is not what its manifest says.",
    )
    return task


def faults_of_origin(backend: str, manifest: dict[str, Any], book: FactBook, name: str) -> Iterator[Fault]:
    """Why numbers made now would not be those of the result: another version, other facts, another backend."""
    if manifest["version"] != __version__:
        yield Fault(
            f"made with version {manifest['version']}; this is {__version__}, whose numbers may differ. Audit it "
            "with that version, or run the scenario again.",
            name,
            key="version",
        )
    if manifest["facts_sha256"] != book.digest():
        yield Fault(
            f"stands on facts with the hash {manifest['facts_sha256'][:12]}; those here have {book.digest()[:12]}. "
            "If it was run with --facts, give the same files; otherwise run the scenario again.",
            name,
            key="facts_sha256",
        )
    if backend != "numpy":
        yield Fault(
            f"made with {backend}, which agrees with numpy to rounding but not to the bit, so a path run alone does "
            "not tell a fault from rounding. Run it again without --backend.",
            name,
            key="backend",
        )


def scenario_of_text(text: str, book: FactBook) -> Scenario:
    """The scenario of a manifest's text: its files are laid out afresh and read like any other.

    Raises:
        DualtrackError: The text is not that of a scenario, or reads otherwise today.
    """
    files, changes = split_text(text)
    with tempfile.TemporaryDirectory() as folder:
        names = _place(files, Path(folder) / _DEEP)
        moved = {name: part.label for name, part in zip(names, files, strict=True) if name.startswith(folder)}
        try:
            scenario = load_scenario(names[0], book, changes=changes)
        except DualtrackError as error:
            said = str(error)
            for name, label in moved.items():
                said = said.replace(name, label)
            raise ResultFault(said) from None
        again = scenario.text
        for name, label in moved.items():
            again = again.replace(f"# {name}\n", f"# {label}\n", 1)
    if again != text:
        raise ResultFault(
            "A file that it inherits has changed since. Put it back as it was, or run the scenario again."
        )
    return replace(scenario, text=text)


def split_text(text: str) -> tuple[list[Part], list[str]]:
    """The files in a manifest's scenario text, nearest first, and the changes typed.

    Raises:
        ResultFault: The text cannot be taken apart.
    """
    lines = text.split("\n")
    changes: list[str] = []
    if _CHANGES in lines:
        start = len(lines) - 1 - lines[::-1].index(_CHANGES)
        said = [line for line in lines[start + 1 :] if line]
        if said and all("=" in line for line in said):
            lines, changes = lines[:start], said
    headings = [number for number, line in enumerate(lines) if _HEADING.fullmatch(line)]
    files = _chain(lines, headings) if headings and headings[0] == 0 else None
    if files is None:
        raise ResultFault("Its scenario text is damaged. Run the scenario again.")
    return files, changes


def _chain(lines: Sequence[str], headings: Sequence[int]) -> list[Part] | None:
    """The files from the first heading on. A comment may look like a heading, so each must read as a scenario."""
    here = headings[0]
    label = lines[here].removeprefix("# ")
    for number, end in enumerate([*headings[1:], len(lines)], 1):
        content = "\n".join(lines[here + 1 : end])
        inherits = _inherits(content)
        if inherits is None:
            continue
        if not inherits:
            if end == len(lines):
                return [Part(label, content)]
            continue
        if end == len(lines) or Path(lines[end].removeprefix("# ")).stem != Path(inherits).stem:
            continue
        further = _chain(lines, headings[number:])
        if further is not None:
            # The files were joined by a line break of their own.
            return [Part(label, content), *further]
    return None


def _inherits(content: str) -> str | None:
    """What a scenario file inherits, empty for nothing; None where the text is no scenario."""
    try:
        data = yaml.load(content, Loader=_LOADER)
    except yaml.YAMLError:
        return None
    if not isinstance(data, dict) or "title" not in data:
        return None
    return str(data.get("inherits") or "")


def _place(files: Sequence[Part], folder: Path) -> list[str]:
    """Write the user's files where each finds the next; the names by which they are read."""
    names: list[str] = []
    wanted = Path(files[0].label).name
    for part in files:
        stem = Path(part.label).stem
        if part.label == f"{_SHIPPED}{stem}.yaml" and stem in shipped_scenarios():
            names.append(stem)
            continue
        place = folder / wanted
        # An absolute path is looked up where it lies; the text tells whether it has changed.
        if not Path(wanted).is_absolute():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(part.text, encoding="utf-8")
        names.append(str(place))
        folder, wanted = place.parent, _inherits(part.text) or ""
    return names


def _faults_of_settings(dataset: xr.Dataset, task: Task, name: str) -> Iterator[Fault]:
    nothing = Gathered(task, {}, {}, {}, {}, 0.0)
    now = {row["key"]: row for row in json.loads(json.dumps(settings_table(nothing)))}
    saved = {row["key"]: row for row in json.loads(dataset.attrs["settings"])}
    for key in sorted(set(now) | set(saved)):
        one, other = saved.get(key, {}).get("value"), now.get(key, {}).get("value")
        if one != other:
            yield Fault(
                f"was {one} in the run; its scenario text gives {other}. Run it again.", name, key=key
            )


def _faults_of_shape(dataset: xr.Dataset, task: Task, name: str) -> Iterator[Fault]:
    scenario = task.model.scenario
    wanted: dict[str, list[Any]] = {
        "path": list(range(scenario.paths)),
        "month": scenario.month_labels,
        "buyer": [buyer.id for buyer in task.model.buyers],
    }
    for axis, labels in wanted.items():
        seen = dataset[axis].values.tolist() if axis in dataset.coords else []
        if seen != labels:
            yield Fault(
                f"has {len(seen):,} from {_ends(seen)}; its scenario has {len(labels):,} from {_ends(labels)}.",
                name,
                key=axis,
            )
    for outcome in outputs_table():
        if outcome not in dataset:
            yield Fault("is missing. Run the scenario again.", name, key=outcome)


def _ends(labels: Sequence[Any]) -> str:
    return f"{labels[0]} to {labels[-1]}" if labels else "none"

"""What is compared: scenarios, scenarios with changes of their own, and saved results, brought to the same draws."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualtrack.errors import ResultFault, ScenarioFault, nearest
from dualtrack.facts.book import FactBook
from dualtrack.results.dataset import open_result
from dualtrack.scenarios.scenario import load_scenario, shipped_scenarios
from dualtrack.simulate.run import Task, prepare
from dualtrack.study.paired import Draws, check_same_draws
from dualtrack.version import __version__

MOST_SIDES = 8
# `NAME:KEY=VALUE,KEY=VALUE`; a value may hold colons and commas, a key holds neither.
_CHANGED = re.compile(r"(?P<head>.+?):(?P<changes>[\w.]+=.*)", re.DOTALL)
_NEXT_CHANGE = re.compile(r",(?=\s*[\w.]+=)")
_RUN_OPTIONS = ("paths", "seed", "months")
_SCENARIO_FILES = (".yaml", ".yml")
_RESULT_FILES = (".nc", ".zarr")


@dataclass(frozen=True)
class Named:
    """One thing to compare, as it was typed.

    Attributes:
        head: Scenario, file or folder.
        changes: `KEY=VALUE` for this one alone.
        saved: Where its result lies, where it is one.
    """

    text: str
    head: str
    changes: tuple[str, ...]
    saved: Path | None


@dataclass(frozen=True)
class Side:
    """One thing to compare, ready: a task to run, or a dataset that was saved.

    Attributes:
        about: What the document says of it.
    """

    label: str
    draws: Draws
    months: tuple[str, ...]
    about: Mapping[str, Any]
    task: Task | None = None
    saved: Path | None = None


def read_names(texts: Sequence[str]) -> list[Named]:
    """What was typed, each as a scenario or a saved result.

    Raises:
        ScenarioFault: Fewer than two, more than eight, the same twice, or one that is nothing we know.
    """
    if not 2 <= len(texts) <= MOST_SIDES:
        raise ScenarioFault(
            f"{len(texts)} to compare. Wanted: 2 to {MOST_SIDES} scenarios or saved results, the base last, for example:\n"
            "  dualtrack compare h200-truce no-imports"
        )
    for text in texts:
        if list(texts).count(text) > 1:
            raise ScenarioFault(
                f"{text} is named twice and would differ from itself by nothing. Change one of them, for example "
                f"{text}{',' if ':' in text else ':'}china.ratio=2, or leave it out."
            )
    return [_named(text) for text in texts]


def _named(text: str) -> Named:
    found = _CHANGED.fullmatch(text)
    head = found["head"] if found and not _exists(text) else text
    changes = _NEXT_CHANGE.split(text[len(head) + 1 :]) if head != text else []
    # A shipped name is the scenario even where a folder is called so; ./NAME is the folder.
    if head in shipped_scenarios() or head.endswith(_SCENARIO_FILES):
        return Named(text, head, tuple(change.strip() for change in changes), None)
    if not _exists(head) and not head.endswith(_RESULT_FILES) and "/" not in head:
        known = shipped_scenarios()
        raise ScenarioFault(
            f"There is no scenario or saved result {head!r}.{nearest(head, known)}\n"
            f"  Shipped: {', '.join(known)}. Or give a YAML file, or the folder that `dualtrack run --out` wrote."
        )
    if changes:
        raise ScenarioFault(
            f"{text}: a saved result cannot be changed. Name its scenario instead: SCENARIO:{','.join(changes)}"
        )
    return Named(text, head, (), Path(head))


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):  # too long for a name, or no name at all
        return False


def read_sides(
    named: Sequence[Named], book: FactBook, changes: Sequence[str], options: Mapping[str, Any]
) -> list[Side]:
    """Every side ready to run or to read. Scenarios beside a saved result run with its paths, seed and months.

    Args:
        changes: `KEY=VALUE` for all scenarios.
        options: paths, seed and months where they were given.

    Raises:
        DualtrackError: One cannot be read, or they are not of the same draws, facts or version.
    """
    run = {key: value for key, value in options.items() if value is not None}
    saved = {one.text: _saved_side(one, one.saved) for one in named if one.saved}
    if saved:
        name, first = next(iter(saved.items()))
        _check_nothing_is_changed(name, changes)
        _check_options(name, first.draws, run)
        run = {key: getattr(first.draws, key) for key in _RUN_OPTIONS}
    sides = [saved.get(one.text) or _scenario_side(one, book, changes, run) for one in named]
    check_same_draws([(side.label, side.draws) for side in sides])
    _check_same_origin(sides)
    return sides


def _scenario_side(one: Named, book: FactBook, changes: Sequence[str], run: Mapping[str, Any]) -> Side:
    scenario = load_scenario(one.head, book, changes=[*changes, *one.changes], run=run)
    about = {
        "scenario": scenario.name,
        "title": scenario.title,
        "known_by": scenario.known_by.isoformat(),
        "chip": scenario.chip.id,
        "changes": [*changes, *one.changes],
        "saved": None,
        "version": __version__,
        "facts_sha256": book.digest(),
        "backend": "numpy",
    }
    labels = tuple(scenario.month_labels)
    return Side(one.text, Draws.of(scenario), labels, about, task=prepare(scenario, book))


def _saved_side(one: Named, path: Path) -> Side:
    heading = open_result(path, variables=())
    attributes = heading.attrs
    manifest = json.loads(attributes["manifest"])
    about = {
        **{name: str(attributes[name]) for name in ("scenario", "title", "known_by", "chip")},
        "changes": [],
        "saved": str(path),
        "version": manifest["version"],
        "facts_sha256": manifest["facts_sha256"],
        "backend": str(attributes["backend"]),
    }
    months = tuple(str(month) for month in heading["month"].values)
    draws = Draws(int(attributes["seed"]), int(attributes["paths"]), len(months), months[0])
    return Side(one.text, draws, months, about, saved=path)


def _check_nothing_is_changed(name: str, changes: Sequence[str]) -> None:
    if changes:
        raise ScenarioFault(
            f"--set {changes[0]}: {name} is a saved result and cannot be changed.\n"
            f"  Change a scenario alone, as SCENARIO:{changes[0]}, or name scenarios only."
        )


def _check_options(name: str, draws: Draws, given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        if str(value).replace("_", "") != str(getattr(draws, key)):
            raise ScenarioFault(
                f"--{key} {value}: the saved result {name} has {key} {getattr(draws, key):,}, and what is compared with it "
                f"runs with the same.\n  Leave --{key} out, or run it again: dualtrack run ... --{key} {value} --out DIR"
            )


def _check_same_origin(sides: Sequence[Side]) -> None:
    """Refuse runs whose numbers differ for another reason than what they are about."""
    reasons = {
        "version": ("was made with version {}", "Run the older again with this version, {version}."),
        "facts_sha256": (
            "stands on facts with the hash {:.12}",
            "If one was run with --facts, give the same files; otherwise run it again.",
        ),
        "backend": (
            "was made with {}",
            "The two agree to rounding, not to the bit. Run the other again without --backend.",
        ),
    }
    first = sides[0]
    for other in sides[1:]:
        for key, (what, way_out) in reasons.items():
            here, there = first.about[key], other.about[key]
            if here != there:
                raise ResultFault(
                    f"{first.label} {what.format(here)}, {other.label} {what.format(there)}: their numbers may differ for "
                    f"that reason alone.\n  {way_out.format(version=__version__)}"
                )

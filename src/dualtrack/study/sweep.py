"""Sweep: a scenario under every combination of the values of one or two keys, with the same luck at every point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dualtrack.errors import DualtrackError, Fault, ScenarioFault, raise_gathered
from dualtrack.facts.book import FactBook
from dualtrack.parallel import Where
from dualtrack.results.questions import Question, parse_question
from dualtrack.results.summary import number, spread
from dualtrack.scenarios.scenario import Scenario, load_scenario
from dualtrack.simulate.run import machine_memory, prepare
from dualtrack.study.frontier import frontier, frontier_questions, has_frontier
from dualtrack.study.game import Game, choose_game, play
from dualtrack.study.grid import Axis, Grid, Size, month_faults, parse_grid, size_fault, size_of
from dualtrack.study.jobs import Progress, Store
from dualtrack.study.points import BLOCK, TOGETHER, Asked, Points, run_points
from dualtrack.version import __version__

DEFAULT_PATHS = 1000
DEFAULT_OUTCOMES = (
    "h200_delivered_cum",
    "china_compute_h100e",
    "domestic_bought",
    "nvidia_china_ai_revenue",
    "compute_gap_ratio",
)
SHOWN = ("mean", "p10", "p25", "p50", "p75", "p90", "p_zero", "p_undefined")

Document = dict[str, Any]


@dataclass(frozen=True)
class Sweep:
    """A sweep that can be run.

    Attributes:
        command: What makes the same sweep again.
        stores: What is kept on the way, to be cleared once the results are written.
    """

    scenario: Scenario
    points: Points
    grid: Grid
    questions: tuple[Question, ...]
    game: Game | None
    size: Size
    facts_digest: str
    command: str

    def store(self, out: Path, part: str = "grid") -> Store:
        key = [__version__, self.facts_digest, self.scenario.text, self.command, part, f"{BLOCK} {TOGETHER}"]
        return Store(out, "sweep", [*key, *(asked.name for asked in self.points.asked)])


def plan_sweep(
    scenario: str,
    book: FactBook,
    *,
    over: Sequence[str],
    outcomes: Sequence[str] = (),
    objectives: Sequence[str] = (),
    game: bool = False,
    changes: Sequence[str] = (),
    run: Mapping[str, Any] | None = None,
    where: Where | None = None,
    command: str = "",
) -> Sweep:
    """Read and check everything a sweep is asked for; nothing is run.

    Args:
        scenario: A shipped scenario's name, or the path of a YAML file.
        over: `KEY=FROM:TO:HOW MANY` or `KEY=VALUE,VALUE`, one or two.
        outcomes: Questions; a standing list if empty.
        objectives: `us=...` and `china=...`.
        game: Whether best replies are wanted; objectives say so too.
        changes: `KEY=VALUE`, as after `--set`: the scenario's own setting.
        run: Values of RUN_KEYS; 1,000 paths if not given.
        command: What makes the same sweep again, to be repeated in the document.

    Raises:
        ScenarioFault: Something cannot be used, or the grid is too large; every fault is listed.
    """
    where = where or Where()
    given = {name: value for name, value in (run or {}).items() if value is not None}
    if not any(change.partition("=")[0].strip() == "paths" for change in changes):
        given.setdefault("paths", DEFAULT_PATHS)
    faults: list[Fault] = []
    grid = parse_grid(over, faults)
    try:
        own = load_scenario(scenario, book, changes=changes, run=given)
    except DualtrackError as error:
        faults.append(Fault(str(error)))
        raise_gathered(faults, ScenarioFault, "The sweep cannot be run.")
        raise
    questions = _questions(outcomes, own.month_labels, faults)
    wanted = choose_game(grid, objectives, own.month_labels, faults) if game or objectives else None
    if grid is not None:
        faults += month_faults(grid, scenario, book, given)
    raise_gathered(faults, ScenarioFault, "The sweep cannot be run.")
    assert grid is not None
    asked: dict[str, Asked] = {question.name: question for question in questions}
    if has_frontier(grid):
        asked |= {one.name: one for one in frontier_questions(own.month_labels)}
    if wanted is not None:
        asked |= {one.name: one for one in wanted.questions}
    size = size_of(grid, own.paths, own.months, numbers=len(asked), workers=where.workers)
    too_large = size_fault(size, machine_memory())
    raise_gathered([too_large] if too_large else [], ScenarioFault, "The sweep cannot be run.")
    first = [f"{axis.key.id}={axis.labels[0]}" for axis in grid.axes]
    amended = load_scenario(scenario, book, changes=[*changes, *first], run=given)
    points = Points(prepare(own, book), prepare(amended, book), tuple(asked.values()))
    return Sweep(own, points, grid, questions, wanted, size, book.digest(), command)


def _questions(outcomes: Sequence[str], months: Sequence[str], faults: list[Fault]) -> tuple[Question, ...]:
    found: dict[str, Question] = {}
    for text in outcomes or DEFAULT_OUTCOMES:
        try:
            question = parse_question(text, months)
        except DualtrackError as error:
            faults.append(Fault(str(error)))
        else:
            found.setdefault(question.name, question)
    return tuple(found.values())


def run_sweep(
    sweep: Sweep, where: Where | None = None, out: Path | None = None, progress: Progress | None = None
) -> Document:
    """Run a sweep and give its document.

    Args:
        out: Folder in which finished points are kept until the sweep is done, so that a killed one goes on.
    """
    where = where or Where()
    grid = sweep.grid
    changes = [None, *(grid.changes(point) for point in range(grid.points))]
    store = sweep.store(out) if out else None
    found = run_points(sweep.points, changes, where=where, store=store, progress=progress)
    own = {name: values[0] for name, values in found.items()}
    at = {name: values[1:] for name, values in found.items()}
    scenario = sweep.scenario
    document: Document = {
        "study": "sweep",
        "command": sweep.command,
        "version": __version__,
        "facts": sweep.facts_digest,
        "scenario": scenario.name,
        "title": scenario.title,
        "known_by": scenario.known_by.isoformat(),
        "months": scenario.month_labels,
        "paths": scenario.paths,
        "seed": scenario.seed,
        "keys": [_axis(axis) for axis in grid.axes],
        "outcomes": [_outcome(question, own[question.name]) for question in sweep.questions],
        "points": [
            {
                "at": grid.labels(point),
                "outcomes": {
                    question.name: point_summary(at[question.name][point], own[question.name])
                    for question in sweep.questions
                },
            }
            for point in range(grid.points)
        ],
        "frontier": frontier(grid, at, scenario) if has_frontier(grid) else None,
        "game": None,
    }
    if sweep.game is not None:
        document["game"] = play(
            sweep.game,
            grid,
            sweep.points,
            own,
            at,
            where=where,
            store=sweep.store(out, "closings") if out else None,
        )
    return document


def clear_stores(sweep: Sweep, out: Path) -> None:
    """Take away what was kept on the way, once the results are written."""
    for part in ("grid", "closings"):
        sweep.store(out, part).clear()


def _axis(axis: Axis) -> Document:
    return {
        "key": axis.key.id,
        "what": axis.key.entry.what,
        "unit": axis.key.entry.unit,
        "values": list(axis.labels),
        "numbers": axis.numbers,
    }


def _outcome(question: Question, own: np.ndarray) -> Document:
    row = question.outcome
    return {
        "name": question.name,
        "outcome": row.name,
        "period": question.period,
        "partial": question.partial,
        "label": question.label,
        "unit": row.unit,
        "kind": row.kind,
        "own": summary(own),
    }


def summary(values: np.ndarray) -> Document:
    """Mean with its standard error, quantiles and share of zeros over the paths on which it is defined."""
    found = spread(values)
    return {name: found[name] for name in SHOWN if name in found} | {"se": standard_error(values)}


def point_summary(values: np.ndarray, own: np.ndarray) -> Document:
    """A point's numbers, and its difference to the scenario's own setting path by path."""
    difference = values - own
    return summary(values) | {
        "difference": summary(difference)
        | {"p_above": number(np.mean(difference > 0.0)), "p_below": number(np.mean(difference < 0.0))}
    }


def standard_error(values: np.ndarray) -> float | None:
    """The standard error of the mean over paths; None for fewer than two."""
    defined = values[~np.isnan(values)]
    return number(np.std(defined, ddof=1) / np.sqrt(defined.size)) if defined.size > 1 else None

"""The runs that a claims file needs: planned while it is read, simulated once, over the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dualtrack.decide.question import Law, law_on
from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import FactBook
from dualtrack.months import month_label
from dualtrack.results.questions import Question, parse_question
from dualtrack.rules.load import load_rulebook
from dualtrack.scenarios.files import find_scenario, read_chain
from dualtrack.scenarios.keys import ValueEntry
from dualtrack.scenarios.scenario import MOST_MONTHS, Scenario, load_scenario
from dualtrack.simulate.inputs import draw
from dualtrack.simulate.kernel import CHUNK_PATHS
from dualtrack.simulate.run import Task, prepare
from dualtrack.study.paired import Asked, Draws, Kept, check_same_draws

JUDGED = 0


class CannotBeJudged(Exception):
    """What a measure asks cannot be had; the text says what is missing."""


class Lived(NamedTuple):
    """What chance chose in a run: inputs by key, shape (path,), and both gates' states, shape (month, path)."""

    values: Mapping[str, np.ndarray]
    us: np.ndarray
    china: np.ndarray


@dataclass
class Plan:
    """The scenario that is judged, its twins, and what is asked of them.

    A twin is the judged scenario, with the user's own changes, under what another scenario sets: so it differs
    from the judged one by that alone.

    Attributes:
        name: The judged scenario's name or file.
        changes: `KEY=VALUE` of the command line.
        options: `paths`, `seed`, `months`, `known_by` of the command line.
        folder: Where scenario files named by the claims lie; None where they may name shipped scenarios alone.
        most_runs: How many runs the claims may need in all; any number without one.
        scenarios: The judged scenario and its twins, and their `names`.
        asked, monthly, opening: What is kept of every run.
        simulated, drawn: Runs that are simulated, and runs of which only the draws are needed.
    """

    name: str
    book: FactBook
    changes: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: Path | None = Path()
    most_runs: int | None = None
    scenarios: list[Scenario] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    asked: dict[str, Question] = field(default_factory=dict)
    monthly: dict[str, None] = field(default_factory=dict)
    opening: dict[str, None] = field(default_factory=dict)
    simulated: set[int] = field(default_factory=set)
    drawn: set[int] = field(default_factory=set)
    _numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._add((), "")

    @property
    def judged(self) -> Scenario:
        return self.scenarios[JUDGED]

    @property
    def months(self) -> list[str]:
        return self.judged.month_labels

    @property
    def known_by(self) -> date:
        return self.judged.known_by

    def run(self, like: str | None = None, changes: Sequence[str] = ()) -> int:
        """The number of the run with what the scenario `like` sets, and `changes`, laid over the judged one.

        Raises:
            DualtrackError: There is no such scenario, it cannot be laid over another, it is not of the same draws, or
                there are too many.
        """
        laid = _what_it_sets(like, self.folder) if like else []
        named = " with ".join(part for part in (like or "", ", ".join(changes)) if part)
        return self._add((*laid, *changes), named)

    def _add(self, laid: tuple[str, ...], named: str) -> int:
        if laid not in self._numbers:
            if self.most_runs is not None and len(self.scenarios) >= self.most_runs:
                raise ScenarioFault(
                    f"one run more than the {self.most_runs} that claims may need here. Take some out, or judge the file "
                    "with the command at the terminal"
                )
            scenario = load_scenario(self.name, self.book, changes=[*self.changes, *laid], run=self.options)
            if self.scenarios:
                check_same_draws(
                    [
                        (name, Draws.of(one))
                        for name, one in ((self.names[JUDGED], self.judged), (named, scenario))
                    ]
                )
            self._numbers[laid] = len(self.scenarios)
            self.scenarios.append(scenario)
            self.names.append(named or scenario.name)
        return self._numbers[laid]

    def question(self, text: str, buyer: str | None = None) -> Question:
        """The outcome and period of a text.

        Raises:
            ScenarioFault: There is no such outcome, or no such period in any run.
            CannotBeJudged: The run ends before the period does.
        """
        # The longest run tells a period that was mistyped from one that this run is too short for.
        longest = [month_label(self.judged.start + n) for n in range(MOST_MONTHS)]
        name, at, _ = text.partition("@")
        whole = parse_question(text, longest, "the measure", buyer=buyer)
        short = f"{name.strip()} in {whole.period}: the run ends in {self.months[-1]}; give it more --months"
        try:
            found = parse_question(text, self.months, "the measure", buyer=buyer)
        except ScenarioFault:
            raise CannotBeJudged(short) from None
        if at and len(found.positions) < len(whole.positions):
            raise CannotBeJudged(short)
        return found

    def month(self, label: str) -> int:
        """The position of a month of the run.

        Raises:
            ScenarioFault: It is no month of any run.
            CannotBeJudged: The run ends before it.
        """
        longest = [month_label(self.judged.start + n) for n in range(MOST_MONTHS)]
        if label not in longest:
            raise ScenarioFault(
                f"{label!r} is no month of a run. Wanted: {longest[0]} to {longest[-1]}, for example {self.months[-1]}."
            )
        if label not in self.months:
            raise CannotBeJudged(f"{label}: the run ends in {self.months[-1]}; give it more --months")
        return self.months.index(label)

    def ask(self, run: int, questions: Sequence[Question] = (), monthly: Sequence[str] = ()) -> None:
        """Keep the answers, and outcomes month by month, of a run."""
        self.asked.update({question.name: question for question in questions})
        self.monthly.update(dict.fromkeys(monthly))
        self.simulated.add(run)

    def draws(self, run: int) -> None:
        """Keep what chance chose in a run."""
        self.drawn.add(run)

    @property
    def wanted(self) -> Asked:
        return Asked(tuple(self.asked.values()), tuple(self.monthly), tuple(self.opening))

    def tasks(self) -> dict[int, Task]:
        """The runs to be simulated, made ready, by number."""
        return {number: prepare(self.scenarios[number], self.book) for number in sorted(self.simulated)}


@dataclass
class Ground:
    """What measures are judged on: what was kept of every run, the facts, and the law.

    Attributes:
        kept: By the run's number.
    """

    plan: Plan
    kept: Mapping[int, Kept]
    _lived: dict[int, Lived] = field(default_factory=dict)

    @property
    def book(self) -> FactBook:
        return self.plan.book

    @property
    def known_by(self) -> date:
        return self.plan.known_by

    @cached_property
    def law(self) -> Law:
        return law_on(load_rulebook(self.book), self.book, self.known_by)

    def answers(self, run: int, question: Question) -> np.ndarray:
        """One number for each path."""
        return self.kept[run].values[question.name]

    def monthly(self, run: int, name: str) -> np.ndarray:
        """Shape (month, path), float64."""
        return self.kept[run].monthly[name].astype(np.float64)

    def lived(self, run: int) -> Lived:
        """What chance chose in a run; drawn again, since a run does not keep it."""
        if run not in self._lived:
            self._lived[run] = _draw(prepare(self.plan.scenarios[run], self.book))
        return self._lived[run]


def _draw(task: Task) -> Lived:
    model = task.model
    paths, size = model.scenario.paths, CHUNK_PATHS[task.backend]
    blocks = [draw(model, model.block(start, min(size, paths - start))) for start in range(0, paths, size)]
    values = {
        name: np.concatenate([block.values[name] for block in blocks])
        for name, array in blocks[0].values.items()
        if array.ndim == 1
    }
    gates = [
        np.concatenate([getattr(block.gates, gate) for block in blocks], axis=1) for gate in ("us", "china")
    ]
    return Lived(values, *gates)


def _what_it_sets(like: str, folder: Path | None) -> list[str]:
    """What a scenario and its ancestors set, nearest last, as `KEY=VALUE`."""
    chain = read_chain(str(find_scenario(like, folder)))
    found: dict[str, str] = {}
    for written in reversed(chain):
        for key, entry in written.entry.set.items():
            found[key] = _as_typed(key, entry, written.document.label)
    return [f"{key}={text}" for key, text in found.items()]


def _as_typed(key: str, entry: ValueEntry, place: str) -> str:
    if entry.value is not None:
        return str(entry.value)
    points = entry.range or []
    if points and all(isinstance(point, int | float) for point in points):
        return ":".join(str(point) for point in points)
    if len(points) == 2:
        return "..".join(str(point) for point in points)
    raise ScenarioFault(
        f"{place} sets {key} by facts or alternatives, which cannot be laid over another scenario. "
        f"Write the changes themselves: {{set: {{{key}: VALUE}}}}."
    )

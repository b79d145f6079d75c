"""Several scenarios over the same draws, keeping only what is asked: the ground that comparing studies stand on.

    questions = (parse_question("h200_delivered_cum@2027-01", labels), ...)
    asked = Asked(questions, monthly=("china_compute_h100e",))
    base, deal = run_paired([prepare(twin, book), prepare(truce, book)], asked, where=Where(workers=2))
    deal.values["h200_delivered_cum@2027-01"] - base.values["h200_delivered_cum@2027-01"]   # path by path
    deal.monthly["china_compute_h100e"]                                                     # (month, path)

Blocks of paths are simulated one at a time and everything that was not asked is dropped with its block. What a
saved result holds is brought into the same form by `kept_of`, and agrees to the bit with a run that is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dualtrack.errors import ScenarioFault
from dualtrack.parallel import Where
from dualtrack.results.dataset import BUYER, OPENING
from dualtrack.results.outputs import outputs_table
from dualtrack.results.questions import Question
from dualtrack.scenarios.scenario import Scenario
from dualtrack.simulate.kernel import CHUNK_PATHS
from dualtrack.simulate.run import HERE, Task
from dualtrack.study.jobs import Arrays, Progress, Store, run_study

if TYPE_CHECKING:
    import xarray as xr

_KINDS = ("values", "monthly", "opening")
_TYPES = {"single": np.float32, "double": np.float64}


class Draws(NamedTuple):
    """What settles the luck of every path."""

    seed: int
    paths: int
    months: int
    start: str

    @classmethod
    def of(cls, scenario: Scenario) -> Draws:
        return cls(scenario.seed, scenario.paths, scenario.months, scenario.month_labels[0])


@dataclass(frozen=True)
class Asked:
    """What is kept of every run.

    Attributes:
        questions: Each gives one number for a path.
        monthly: Outcomes kept month by month.
        opening: Opening values kept.
    """

    questions: tuple[Question, ...] = ()
    monthly: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()

    @property
    def variables(self) -> set[str]:
        """The variables of a saved result that the answers are in."""
        of_questions = {(BUYER if q.buyer else "") + q.outcome.name for q in self.questions}
        return of_questions | set(self.monthly) | {OPENING + name for name in self.opening}


@dataclass(frozen=True)
class Kept:
    """What is kept of one run; path n is the same luck in all runs kept together.

    Attributes:
        values: By name of the question, shape (path,), float64.
        monthly: By outcome, shape (month, path), in the precision that outcomes are saved in.
        opening: By name, shape (path,), float64.
    """

    values: Mapping[str, np.ndarray]
    monthly: Mapping[str, np.ndarray]
    opening: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class _Runs:
    tasks: tuple[Task, ...]
    asked: Asked


def run_paired(
    tasks: Sequence[Task],
    asked: Asked,
    *,
    where: Where = HERE,
    chunk: int | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
) -> list[Kept]:
    """Run every task over the same paths; what is kept of each, in the order of the tasks.

    Args:
        tasks: Prepared scenarios of the same seed, paths and months.
        where: Here, in processes, or on a cluster; a job is one block of one scenario.
        chunk: Paths simulated together; changes speed and memory, never a number.
        store: Keeps finished blocks, so that a killed study goes on.
        progress: Called with blocks done and blocks in all.

    Raises:
        ScenarioFault: The tasks do not share seed, paths and months.
    """
    check_same_draws([(task.model.scenario.name, Draws.of(task.model.scenario)) for task in tasks])
    paths = tasks[0].model.scenario.paths
    size = chunk or CHUNK_PATHS[tasks[0].backend]
    blocks = [(start, min(size, paths - start)) for start in range(0, paths, size)]
    jobs = [(number, *block) for block in blocks for number in range(len(tasks))]
    runs = _Runs(tuple(tasks), asked)
    found = run_study(_block, runs, jobs, where=where, store=store, progress=progress)
    return [_joined(found[number :: len(tasks)]) for number in range(len(tasks))]


def kept_of(dataset: xr.Dataset, asked: Asked) -> Kept:
    """What a run's dataset has of what is asked.

    Raises:
        KeyError: The dataset lacks it.
    """
    buyers = [str(name) for name in dataset["buyer"].values]
    totals = {str(name): array.values for name, array in dataset.data_vars.items() if name in outputs_table()}
    by_buyer = {
        name: dataset[BUYER + name].values
        for name in {question.outcome.name for question in asked.questions if question.buyer}
    }
    return Kept(
        {q.name: _answer(q, totals, by_buyer, buyers) for q in asked.questions},
        {name: totals[name] for name in asked.monthly},
        {name: dataset[OPENING + name].values for name in asked.opening},
    )


def _block(runs: _Runs, job: tuple[int, int, int]) -> Arrays:
    """One block of one scenario; names carry what kind of thing they name."""
    number, start, count = job
    task = runs.tasks[number]
    found = task.block(start, count)
    asked = runs.asked
    table = outputs_table()
    names = {q.outcome.name for q in asked.questions if not q.buyer} | set(asked.monthly)
    # Rounded as a saved result is, so that a scenario and its own saved result never differ.
    totals = {name: found.totals[name].astype(_TYPES[table[name].precision]) for name in names}
    by_buyer = {
        q.outcome.name: found.buyers[q.outcome.name].astype(np.float32) for q in asked.questions if q.buyer
    }
    buyers = [buyer.id for buyer in task.model.buyers]
    return {
        **{f"values:{q.name}": _answer(q, totals, by_buyer, buyers) for q in asked.questions},
        **{f"monthly:{name}": totals[name] for name in asked.monthly},
        **{f"opening:{name}": found.opening[name] for name in asked.opening},
    }


def _answer(
    question: Question, totals: Arrays, by_buyer: Mapping[str, np.ndarray], buyers: Sequence[str]
) -> np.ndarray:
    if question.buyer is None:
        return question.values(totals)
    name = question.outcome.name
    return question.values({name: by_buyer[name][:, buyers.index(question.buyer)]})


def _joined(blocks: Sequence[Arrays]) -> Kept:
    """The blocks of one scenario, put together along the paths."""
    kinds: dict[str, dict[str, np.ndarray]] = {kind: {} for kind in _KINDS}
    for name in blocks[0]:
        kind, _, rest = name.partition(":")
        kinds[kind][rest] = np.concatenate([block[name] for block in blocks], axis=-1)
    return Kept(**kinds)


def check_same_draws(runs: Sequence[tuple[str, Draws]]) -> None:
    """Refuse runs that are not of the same draws.

    Args:
        runs: What each is called in messages, and its draws.

    Raises:
        ScenarioFault: Two of them differ in seed, paths or months; it says in which, and how to go on.
    """
    name, first = runs[0]
    for other, draws in runs[1:]:
        for what in Draws._fields:
            here, there = getattr(first, what), getattr(draws, what)
            if here != there:
                raise ScenarioFault(
                    f"{name} has {what} {here}, {other} has {what} {there}. Path by path only runs with the same draws "
                    f"can be compared.\n  Give both the same {what}, with --{what} or in their files; a saved result has to be "
                    "run again with it."
                )

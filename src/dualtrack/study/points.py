"""Simulate points of a sweep: the same paths under other values of some keys, a block of paths at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from dualtrack.parallel import Where
from dualtrack.results.outputs import outputs_table
from dualtrack.results.summary import NOTHING
from dualtrack.scenarios.specs import Spec
from dualtrack.simulate.inputs import Draws
from dualtrack.simulate.kernel import CHUNK_PATHS
from dualtrack.simulate.model import vary
from dualtrack.simulate.run import Task
from dualtrack.study.jobs import Arrays, Progress, Store, run_study

BLOCK = CHUNK_PATHS["numpy"]
PRECISIONS = {"single": np.float32, "double": np.float64}
Changes = Mapping[str, Spec]


class Asked(Protocol):
    """What is kept of a point: a number of each path. A Question is one."""

    @property
    def name(self) -> str: ...

    def values(self, by_outcome: Mapping[str, np.ndarray]) -> np.ndarray: ...


@dataclass(frozen=True)
class MonthShare:
    """The share of a path's months in which an outcome is not zero."""

    outcome: str

    @property
    def name(self) -> str:
        return f"{self.outcome}:months"

    def values(self, by_outcome: Mapping[str, np.ndarray]) -> np.ndarray:
        share: np.ndarray = (by_outcome[self.outcome] > NOTHING).mean(axis=0)
        return share


@dataclass
class Points:
    """What the jobs of a sweep share.

    Attributes:
        own: The scenario with its own settings.
        amended: The scenario with the swept keys set, at any of their values.
        asked: What is kept.
    """

    own: Task
    amended: Task
    asked: tuple[Asked, ...]
    _draws: dict[tuple[int, int], Draws] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        # A worker draws for itself, which is faster than to be sent the draws.
        return {**self.__dict__, "_draws": {}}

    def draws(self, start: int, count: int) -> Draws:
        """The block's draws, kept until another block is asked for: jobs come block by block."""
        found = self._draws.get((start, count))
        if found is None:
            found = Draws(self.amended.model, self.amended.model.block(start, count))
            self._draws = {(start, count): found}
        return found


@dataclass(frozen=True)
class Job:
    """A block of paths at one point; None is the scenario's own setting."""

    changes: Changes | None
    start: int
    count: int


def run_job(points: Points, job: Job) -> Arrays:
    """The numbers asked for, by name, shape (count,), the very numbers of a run saved by `dualtrack run`."""
    if job.changes is None:
        totals = points.own.block(job.start, job.count).totals
    else:
        drawn = points.draws(job.start, job.count).drawn(job.changes)
        model = vary(points.amended.model, job.changes)
        totals = Task(model, points.amended.history, points.amended.backend).measured(drawn).totals
    table = outputs_table()
    saved = {
        name: array.astype(PRECISIONS[table[name].precision])
        for name, array in totals.items()
        if name in table
    }
    return {asked.name: asked.values(saved) for asked in points.asked}


def run_points(
    points: Points,
    changes: Sequence[Changes | None],
    *,
    where: Where,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Arrays:
    """What is asked of every point, by name, shape (point, path).

    Args:
        changes: The values of each point; None is the scenario's own setting.
    """
    paths = points.own.model.scenario.paths
    blocks = [(start, min(BLOCK, paths - start)) for start in range(0, paths, BLOCK)]
    jobs = [Job(change, start, count) for start, count in blocks for change in changes]
    found = run_study(run_job, points, jobs, where=where, store=store, progress=progress)
    out = {asked.name: np.empty((len(changes), paths)) for asked in points.asked}
    for position, arrays in enumerate(found):
        block, point = divmod(position, len(changes))
        start, count = blocks[block]
        for name, values in out.items():
            values[point, start : start + count] = arrays[name]
    return out

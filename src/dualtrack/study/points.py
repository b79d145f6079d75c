"""Simulate points of a sweep: the same paths under other values of some keys, a block of paths at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from dualtrack.parallel import Where
from dualtrack.results.outputs import outputs_table
from dualtrack.results.summary import NOTHING
from dualtrack.scenarios.specs import Spec
from dualtrack.simulate.inputs import Draws, together
from dualtrack.simulate.kernel import CHUNK_PATHS
from dualtrack.simulate.model import vary
from dualtrack.simulate.run import Task
from dualtrack.study.jobs import Arrays, Progress, Store, run_study

BLOCK = CHUNK_PATHS["numpy"]
# Paths simulated together. With few paths of each point, several points share a block: 1,000 paths alone cost twice as much
# per path as 4,000 (docs/performance.md).
TOGETHER = 4096
POLICY = "vendor.allocation"
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
    """A block of paths at some points; None is the scenario's own setting, which has a job of its own."""

    changes: tuple[Changes | None, ...]
    start: int
    count: int


def run_job(points: Points, job: Job) -> Arrays:
    """The numbers asked for, by name, shape (point, path), the very numbers of a run saved by `dualtrack run`."""
    changes = [change for change in job.changes if change is not None]
    if not changes:
        totals = points.own.block(job.start, job.count).totals
    else:
        draws = points.draws(job.start, job.count)
        # Points of one job have the same policy, and all else that differs between them is drawn.
        task = replace(points.amended, model=vary(points.amended.model, changes[0]))
        totals = task.measured(together([draws.drawn(change) for change in changes])).totals
    table = outputs_table()
    needed = {name: totals[name] for name in totals if name in table}
    saved = {name: array.astype(PRECISIONS[table[name].precision]) for name, array in needed.items()}
    return {asked.name: asked.values(saved).reshape(-1, job.count) for asked in points.asked}


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
        progress: Called with jobs done and in all.
    """
    paths = points.own.model.scenario.paths
    blocks = [(start, min(BLOCK, paths - start)) for start in range(0, paths, BLOCK)]
    # Block by block, so that a worker's kept draws serve many jobs.
    plan = [
        (group, Job(tuple(changes[point] for point in group), start, count))
        for start, count in blocks
        for group in _groups(changes, max(1, TOGETHER // count))
    ]
    found = run_study(run_job, points, [job for _, job in plan], where=where, store=store, progress=progress)
    out = {asked.name: np.empty((len(changes), paths)) for asked in points.asked}
    for (group, job), arrays in zip(plan, found, strict=True):
        for name, values in out.items():
            values[group, job.start : job.start + job.count] = arrays[name]
    return out


def _groups(changes: Sequence[Changes | None], most: int) -> list[list[int]]:
    """Neighbouring points that can be simulated as one block."""
    groups: list[list[int]] = []
    for point, change in enumerate(changes):
        before = changes[groups[-1][0]] if groups else None
        if change is None or before is None or len(groups[-1]) == most or not _same_policy(before, change):
            groups.append([])
        groups[-1].append(point)
    return groups


def _same_policy(one: Changes, two: Changes) -> bool:
    return one.get(POLICY) == two.get(POLICY)

"""Run a scenario: blocks of paths, in this process or several, gathered into one dataset."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import FactBook
from dualtrack.futures.draws import Streams
from dualtrack.measures.history import History, load_history
from dualtrack.measures.outcomes import Outcomes, outcomes
from dualtrack.parallel import Where, run_jobs
from dualtrack.rules.load import load_rulebook
from dualtrack.scenarios.scenario import Scenario
from dualtrack.simulate.inputs import Drawn, draw
from dualtrack.simulate.kernel import CHUNK_PATHS, kernel
from dualtrack.simulate.model import Model, build_model

Progress = Callable[[int, int], None]
HERE = Where()
BYTES_PER_PATH_MONTH = 470  # outcomes in single and double precision, and six of them by buyer


@dataclass(frozen=True)
class Task:
    """What a worker needs to simulate any block of a run."""

    model: Model
    history: History
    backend: str

    def block(self, start: int, count: int) -> Outcomes:
        """Draw, simulate and measure the paths `start` to `start + count - 1`."""
        return self.measure(self.model.block(start, count))

    def measure(self, block: Streams) -> Outcomes:
        """Draw, simulate and measure the paths of a block, or the rows of an experiment."""
        return self.measured(draw(self.model, block))

    def measured(self, drawn: Drawn) -> Outcomes:
        """Simulate and measure what was drawn."""
        return outcomes(self.model, self.history, drawn, kernel(self.backend)(self.model, drawn))


@dataclass(frozen=True)
class Gathered:
    """All paths of a run.

    Attributes:
        totals: By outcome, shape (month, path).
        buyers: By outcome, shape (month, buyer, path).
        opening: By name, shape (path,).
        counts: Path counts by month.
        seconds: Draws, simulation and measures.
    """

    task: Task
    totals: dict[str, np.ndarray]
    buyers: dict[str, np.ndarray]
    opening: dict[str, np.ndarray]
    counts: dict[str, np.ndarray]
    seconds: float


def prepare(scenario: Scenario, book: FactBook, backend: str = "numpy") -> Task:
    """Everything that is the same for all paths."""
    kernel(backend)
    model = build_model(scenario, book, load_rulebook(book.as_known(scenario.known_by)))
    return Task(model, load_history(book, scenario.start), backend)


def simulate(
    task: Task,
    *,
    precision: Mapping[str, str],
    buyers: Collection[str] | None = None,
    chunk: int | None = None,
    where: Where = HERE,
    progress: Progress | None = None,
) -> Gathered:
    """Simulate every path of the task's scenario.

    Args:
        precision: `single` or `double` by outcome; what is not named is left out.
        buyers: The outcomes that are kept for each buyer, where the scenario keeps buyers; all if None.
        chunk: Paths simulated together; changes speed and memory, never a path's numbers.
        where: Here, in several processes, or on a cluster.
        progress: Called with paths done and paths in all.

    Raises:
        ScenarioFault: `chunk` is out of range, or the cluster cannot be used.
    """
    scenario = task.model.scenario
    check_size(scenario, chunk=chunk)
    chunk = CHUNK_PATHS[task.backend] if chunk is None else chunk
    began = time.perf_counter()
    blocks = [(start, min(chunk, scenario.paths - start)) for start in range(0, scenario.paths, chunk)]
    gathered: Gathered | None = None
    done = 0
    for position, block in run_jobs(_block, task, blocks, where):
        start, count = blocks[position]
        if gathered is None:
            gathered = _empty(task, block, precision, buyers)
        _put(gathered, block, start, count)
        done += count
        if progress:
            progress(done, scenario.paths)
    assert gathered is not None
    return Gathered(
        task,
        gathered.totals,
        gathered.buyers,
        gathered.opening,
        gathered.counts,
        time.perf_counter() - began,
    )


def check_size(scenario: Scenario, *, chunk: int | None = None) -> None:
    """Refuse what cannot be run, before any work is done.

    Raises:
        ScenarioFault: `chunk` is out of range, or the result would not fit in memory.
    """
    if chunk is not None and chunk < 1:
        raise ScenarioFault(f"--chunk {chunk} is too small. Wanted: 1 or more.")
    needed = scenario.paths * scenario.months * BYTES_PER_PATH_MONTH
    there = machine_memory()
    if there is not None and needed > there:
        raise ScenarioFault(
            f"{scenario.paths:,} paths over {scenario.months} months need about {needed / 1e9:,.0f} GB of memory; this machine "
            f"has {there / 1e9:,.0f} GB. Use fewer paths: intervals hardly move beyond 10,000."
        )


def machine_memory() -> int | None:
    """Bytes of memory this machine has, where it can be told."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None


def _block(task: Task, block: tuple[int, int]) -> Outcomes:
    return task.block(*block)


def _empty(
    task: Task, sample: Outcomes, precision: Mapping[str, str], by_buyer: Collection[str] | None
) -> Gathered:
    paths = task.model.scenario.paths
    types = {"single": np.float32, "double": np.float64}
    totals = {
        name: np.empty((array.shape[0], paths), dtype=types[precision[name]])
        for name, array in sample.totals.items()
        if name in precision
    }
    buyers = {
        name: np.empty((*array.shape[:2], paths), dtype=np.float32)
        for name, array in sample.buyers.items()
        if task.model.scenario.keep_buyers and (by_buyer is None or name in by_buyer)
    }
    opening = {name: np.empty(paths) for name in sample.opening}
    counts = {name: np.zeros_like(array) for name, array in sample.counts.items()}
    return Gathered(task, totals, buyers, opening, counts, 0.0)


def _put(gathered: Gathered, block: Outcomes, start: int, count: int) -> None:
    here = slice(start, start + count)
    for name, array in gathered.totals.items():
        array[:, here] = block.totals[name]
    for name, array in gathered.buyers.items():
        array[:, :, here] = block.buyers[name]
    for name, array in gathered.opening.items():
        array[here] = block.opening[name]
    for name, array in gathered.counts.items():
        array += block.counts[name]

"""Run a scenario from its name to a labelled dataset: what the command line and a notebook call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualtrack.facts.book import FactBook, load_book
from dualtrack.facts.cite import source_row
from dualtrack.parallel import Where
from dualtrack.results.dataset import to_dataset
from dualtrack.results.outputs import find_output, outputs_table
from dualtrack.scenarios.scenario import DEFAULT, Scenario, load_scenario
from dualtrack.simulate.model import last_law_day
from dualtrack.simulate.run import HERE, Progress, Task, prepare, simulate

if TYPE_CHECKING:
    import xarray as xr


def run(
    scenario: str = DEFAULT,
    *,
    changes: Sequence[str] = (),
    facts: Sequence[Path] = (),
    backend: str = "numpy",
    chunk: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> xr.Dataset:
    """Simulate a scenario.

    Args:
        scenario: A shipped scenario's name, or the path of a YAML file.
        changes: `KEY=VALUE`, as after `--set`.
        facts: Files of the user's own facts, laid over the fact book.
        backend: `numpy` or `jax`.
        workers: Processes on this machine.
        cluster: Address of a Dask scheduler whose workers are used instead.
        options: `paths`, `seed`, `months`, `start`, `known_by`.

    Returns:
        Every outcome by month and path, with the manifest in its attributes.

    Raises:
        DualtrackError: Something in the input cannot be used.
    """
    book = load_book(tuple(facts))
    chosen = load_scenario(scenario, book, changes=changes, run=options)
    where = Where(workers, cluster)
    return run_prepared(prepare(chosen, book, backend), book, chunk=chunk, where=where, progress=progress)


def run_prepared(
    task: Task,
    book: FactBook,
    *,
    outcomes: Collection[str] | None = None,
    buyers: Collection[str] | None = None,
    chunk: int | None = None,
    where: Where = HERE,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Simulate a prepared task and label what comes out.

    Args:
        outcomes: The outcomes to keep; all if None.
        buyers: The outcomes to keep for each buyer, where the scenario keeps buyers; all if None.

    Raises:
        ScenarioFault: There is no such outcome.
    """
    rows = outputs_table().values() if outcomes is None else [find_output(name) for name in outcomes]
    for name in buyers or ():
        find_output(name, by_buyer=True)
    precision = {row.name: row.precision for row in rows}
    gathered = simulate(task, precision=precision, buyers=buyers, chunk=chunk, where=where, progress=progress)
    return to_dataset(gathered, book.digest(), sources_of(task.model.scenario, task, book))


def sources_of(scenario: Scenario, task: Task, book: FactBook) -> list[dict[str, Any]]:
    """Every fact the run stands on, with its publisher and whether it was known only with hindsight."""
    rules = [
        fact
        for parameter in task.model.rulebook.parameters.values()
        for dated in parameter.history
        if dated.first <= last_law_day(scenario)
        for fact in dated.facts
    ]
    names = dict.fromkeys([*scenario.fact_ids(), *rules, *task.history.facts])
    out = []
    for name in names:
        fact = book.get(name, scenario.known_by, allow_hindsight=True)
        hindsight = bool(fact.hindsight and fact.known_by > scenario.known_by)
        out.append({**source_row(fact), "hindsight": hindsight})
    return out

"""`dualtrack drivers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualtrack.commands.studies import Document, present
from dualtrack.commands.typed import progress_bar, where_to_run, whole
from dualtrack.facts.book import load_book
from dualtrack.parallel import Where
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.simulate.run import Task, prepare
from dualtrack.study.drivers import STUDY, Asked, asked_of, command_of, simulate_drivers, store_key
from dualtrack.study.drivers_document import drivers_document
from dualtrack.study.jobs import Store

if TYPE_CHECKING:
    from dualtrack.report.study_page import StudyPart


def drivers(
    scenario: str,
    *,
    outcomes: Sequence[str],
    conclusions: Sequence[str],
    options: Mapping[str, Any],
    changes: Sequence[str],
    facts: Sequence[Path],
    method: str,
    base: str | None,
    scale: str,
    workers: str,
    cluster: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Simulate, estimate, print, and write the folder where one is named."""
    planned = plan_drivers(
        scenario,
        outcomes=outcomes,
        conclusions=conclusions,
        options=options,
        changes=changes,
        facts=facts,
        method=method,
        base=None if base is None else whole("--base", base),
        scale=scale,
        out=out,
    )
    where = where_to_run(workers, cluster)
    present(lambda: planned.document(where), _part, out=out, as_json=as_json)
    if planned.store:
        planned.store.clear()


@dataclass(frozen=True)
class PlannedDrivers:
    """A study of drivers, read and checked, not yet run.

    Attributes:
        store: Where finished parts are kept; none where nothing is to be written.
        command: What makes it again.
    """

    task: Task
    asked: Asked
    store: Store | None
    command: str

    def document(self, where: Where) -> Document:
        """Simulate and estimate."""
        with progress_bar("simulating", "blocks") as progress:
            simulated = simulate_drivers(
                self.task, self.asked, where=where, store=self.store, progress=progress
            )
        return drivers_document(simulated, self.command)


def plan_drivers(
    scenario: str,
    *,
    outcomes: Sequence[str] = (),
    conclusions: Sequence[str] = (),
    options: Mapping[str, Any],
    changes: Sequence[str],
    facts: Sequence[Path],
    method: str = "sobol",
    base: int | None = None,
    scale: str = "values",
    out: Path | None = None,
) -> PlannedDrivers:
    """Read what is asked.

    Raises:
        DualtrackError: Something of it cannot be used.
    """
    book = load_book(tuple(facts))
    chosen = load_scenario(scenario, book, changes=changes, run=options)
    asked = asked_of(
        chosen.month_labels,
        outcomes=outcomes,
        conclusions=conclusions,
        method=method,
        base=base,
        scale=scale,
    )
    task = prepare(chosen, book)
    store = Store(out, STUDY, store_key(task, book, asked)) if out else None
    said = {**options, "set": list(changes), "facts": list(facts)}
    return PlannedDrivers(task, asked, store, command_of(scenario, asked, said))


def _part(document: Document) -> StudyPart:
    from dualtrack.report.drivers_part import drivers_part

    return drivers_part(document)

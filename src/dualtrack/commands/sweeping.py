"""`dualtrack sweep`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dualtrack.commands.output import error_console
from dualtrack.commands.studies import Document, present
from dualtrack.commands.typed import progress_bar, where_to_run
from dualtrack.facts.book import load_book
from dualtrack.study.again import command_line
from dualtrack.study.sweep import clear_stores, plan_sweep, run_sweep

QUICK = 5.0


def sweep(
    scenario: str,
    *,
    over: Sequence[str],
    outcomes: Sequence[str],
    objectives: Sequence[str],
    game: bool,
    options: Mapping[str, Any],
    changes: Sequence[str],
    facts: Sequence[Path],
    workers: str,
    cluster: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run the points, print what they say, and write the folder where one is named."""
    where = where_to_run(workers, cluster)
    planned = plan_sweep(
        scenario,
        load_book(tuple(facts)),
        over=over,
        outcomes=outcomes,
        objectives=objectives,
        game=game,
        changes=changes,
        run=options,
        where=where,
        command=command_line(
            "sweep",
            [scenario],
            {
                "over": list(over),
                "outcome": list(outcomes),
                "objective": list(objectives),
                "set": list(changes),
                "facts": list(facts),
                "game": game,
                **options,
            },
        ),
    )
    if planned.size.seconds > QUICK and not as_json:
        error_console().print(f"{planned.size.in_words()}.", soft_wrap=True)

    def make() -> Document:
        with progress_bar("sweeping", "blocks of points") as progress:
            return run_sweep(planned, where, out, progress)

    def part_of(document: Document) -> Any:
        from dualtrack.report.sweep_part import sweep_part

        return sweep_part(document)

    present(make, part_of, out=out, as_json=as_json)
    if out:
        clear_stores(planned, out)

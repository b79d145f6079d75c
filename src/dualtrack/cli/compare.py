"""Compare scenarios and saved results."""

from __future__ import annotations

from typing import Annotated

import typer

from dualtrack.cli.options import (
    AsJson,
    Changes,
    Cluster,
    Facts,
    Months,
    Paths,
    Seed,
    StudyOut,
    Workers,
    app,
    interruptible,
)


@app.command(epilog="Example: dualtrack compare h200-truce no-imports --paths 2000 --out out")
@interruptible()
def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="A [B ...] BASE",
            help="Shipped scenarios, YAML files, saved results (files, or folders of run --out). Each is compared with the "
            "last. NAME:KEY=VALUE,KEY=VALUE changes one scenario alone.",
        ),
    ],
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[@PERIOD]",
            help="Outcome in a month, quarter, year or FROM..TO. Repeatable; the headline outcomes after a year and at "
            "the end if not given.",
        ),
    ] = None,
    buyer: Annotated[
        list[str] | None, typer.Option(help="Also what this buyer gets and owes. Repeatable.")
    ] = None,
    paths: Paths = None,
    seed: Seed = None,
    months: Months = None,
    changes: Changes = None,
    workers: Workers = "1",
    cluster: Cluster = None,
    out: StudyOut = None,
    facts: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Say what each scenario changes against the last one: same luck, path by path.

    `dualtrack compare h200-truce no-imports` asks what the truce changes against its twin without imports. A
    scenario beside a saved result runs with that result's paths, seed and months.
    """
    from dualtrack.commands import comparing
    from dualtrack.commands.typed import where_to_run

    comparing.compare(
        scenarios,
        outcomes=outcome or [],
        buyers=buyer or [],
        changes=changes or [],
        facts=facts or [],
        options={"paths": paths, "seed": seed, "months": months},
        where=where_to_run(workers, cluster),
        out=out,
        as_json=as_json,
    )

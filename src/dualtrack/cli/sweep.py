"""Sweep: one or two keys over a grid."""

from __future__ import annotations

from typing import Annotated

import typer

from dualtrack.cli.options import (
    AsJson,
    Changes,
    Cluster,
    Facts,
    Months,
    Seed,
    StudyOut,
    Workers,
    app,
    interruptible,
)


@app.command(epilog="Example: dualtrack sweep h200-truce --over china.ratio=0:3:13 --out out")
@interruptible(keeps_parts=True)
def sweep(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario or a YAML file.")] = "h200-truce",
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=FROM:TO:N",
            help="Run a key through N even values, or through KEY=VALUE,VALUE,... Give it once or twice.",
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[@PERIOD]", help="An outcome to show, in a period. Repeatable."),
    ] = None,
    game: Annotated[
        bool, typer.Option("--game", help="Give each side's best replies; needs a us. and a china. key.")
    ] = False,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SIDE=SUM",
            help="What us or china wants, for example us='levy_paid - 2000*china_compute_h100e@2028-12'.",
        ),
    ] = None,
    paths: Annotated[str | None, typer.Option("--paths", help="How many futures; 1000 if not given.")] = None,
    seed: Seed = None,
    months: Months = None,
    changes: Changes = None,
    workers: Workers = "1",
    cluster: Cluster = None,
    facts: Facts = None,
    out: StudyOut = None,
    as_json: AsJson = False,
) -> None:
    """Run a scenario over a grid of one or two keys, with the same luck at every point."""
    from dualtrack.commands import sweeping

    sweeping.sweep(
        scenario,
        over=over or [],
        outcomes=outcome or [],
        objectives=objective or [],
        game=game,
        options={"paths": paths, "seed": seed, "months": months},
        changes=changes or [],
        facts=facts or [],
        workers=workers,
        cluster=cluster,
        out=out,
        as_json=as_json,
    )

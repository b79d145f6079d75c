"""Which inputs move an outcome, and which flip a conclusion."""

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


@app.command(
    epilog='Example: dualtrack drivers h200-truce --conclusion "compute_gap_ratio@2029-01 < 15" --out drivers'
)
@interruptible(keeps_parts=True)
def drivers(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario or a YAML file.")] = "h200-truce",
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[@PERIOD]",
            help="What is to be explained; deliveries, gap, revenue and domestic makers if not given. Repeatable.",
        ),
    ] = None,
    conclusion: Annotated[
        list[str] | None,
        typer.Option(
            metavar='"NAME[@PERIOD] < VALUE"',
            help="A statement, true or not on each path: which inputs flip it (extra: study). Repeatable.",
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(help="sobol: shares of variance; morris: a screening in few rows (extra: study).")
    ] = "sobol",
    base: Annotated[
        str | None,
        typer.Option(help="Base points, a power of two (sobol; 512), or trajectories (morris; 64)."),
    ] = None,
    scale: Annotated[
        str, typer.Option("--on", help="values, or ranks: how high a path stands among all, deaf to tails.")
    ] = "values",
    paths: Annotated[
        str | None, typer.Option("--paths", help="Paths for tornado and conclusions, the scenario's own.")
    ] = None,
    seed: Seed = None,
    months: Months = None,
    changes: Changes = None,
    workers: Workers = "1",
    cluster: Cluster = None,
    out: StudyOut = None,
    facts: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Find which uncertain inputs move an outcome, and which flip a conclusion; event luck is one of them."""
    from dualtrack.commands import driving

    driving.drivers(
        scenario,
        outcomes=outcome or [],
        conclusions=conclusion or [],
        options={"paths": paths, "seed": seed, "months": months},
        changes=changes or [],
        facts=facts or [],
        method=method,
        base=base,
        scale=scale,
        workers=workers,
        cluster=cluster,
        out=out,
        as_json=as_json,
    )

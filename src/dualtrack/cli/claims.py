"""Statements, each with a verdict."""

from __future__ import annotations

from typing import Annotated

import typer

from dualtrack.cli.options import (
    AsJson,
    Changes,
    Cluster,
    Facts,
    KnownBy,
    Months,
    Paths,
    Seed,
    StudyOut,
    Workers,
    app,
    interruptible,
)


@app.command(epilog="Example: dualtrack claims one-for-one --out verdicts")
@interruptible()
def claims(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO|FILE]",
            help="A scenario to judge the claims on, or a YAML file of your own claims; h200-truce if none.",
        ),
    ] = None,
    claims_file: Annotated[
        str | None,
        typer.Option(
            "--claims",
            metavar="FILE",
            help="The claims, where a scenario is named; the press of January 2026.",
        ),
    ] = None,
    paths: Paths = None,
    seed: Seed = None,
    months: Months = None,
    known_by: KnownBy = None,
    changes: Changes = None,
    facts: Facts = None,
    workers: Workers = "1",
    cluster: Cluster = None,
    out: StudyOut = None,
    as_json: AsJson = False,
) -> None:
    """Judge statements: verdict, number, interval and sources of each; exit 0 once all are judged, whatever the verdicts."""
    from dualtrack.commands import claiming

    claiming.claims(
        subject,
        claims_file,
        options={"paths": paths, "seed": seed, "months": months, "known_by": known_by},
        changes=changes or [],
        facts=facts or [],
        engine={"workers": workers, "cluster": cluster},
        out=out,
        as_json=as_json,
    )

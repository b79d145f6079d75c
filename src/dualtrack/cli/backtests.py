"""Forecasts from past dates."""

from __future__ import annotations

from typing import Annotated

import typer

from dualtrack.cli.options import (
    AsJson,
    Cluster,
    Facts,
    Paths,
    Seed,
    StudyOut,
    Workers,
    app,
    interruptible,
)


@app.command(epilog="Example: dualtrack backtest 2025-01 --paths 2000 --out backtest")
@interruptible()
def backtest(
    origins: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ORIGIN ...]", help="2023-01, 2024-01, 2025-01; all of them if none."),
    ] = None,
    paths: Paths = None,
    seed: Seed = None,
    facts: Facts = None,
    workers: Workers = "1",
    cluster: Cluster = None,
    out: StudyOut = None,
    as_json: AsJson = False,
) -> None:
    """Forecast from past dates, with what was known then, and score against what happened."""
    from dualtrack.commands import backtesting

    backtesting.backtest(
        origins or [],
        paths=paths,
        seed=seed,
        facts=facts or [],
        workers=workers,
        cluster=cluster,
        out=out,
        as_json=as_json,
    )

"""Simulate, report and audit."""

from __future__ import annotations

from pathlib import Path
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
    Workers,
    app,
    interruptible,
)


@app.command(epilog="Example: dualtrack run h200-truce --paths 2000 --set china.ratio=1 --out out")
@interruptible()
def run(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario or a YAML file.")] = "h200-truce",
    paths: Paths = None,
    seed: Seed = None,
    months: Months = None,
    changes: Changes = None,
    backend: Annotated[str, typer.Option(help="numpy, or jax (extra).")] = "numpy",
    workers: Workers = "1",
    cluster: Cluster = None,
    chunk: Annotated[
        str | None, typer.Option(help="Paths simulated together; never changes a number.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write dataset, summary, tables and brief here.")] = None,
    file_format: Annotated[
        str, typer.Option("--format", help="Dataset as nc (NetCDF) or zarr (extra).")
    ] = "nc",
    exceed: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE[@PERIOD]", help="Give P(outcome > value), in a month or quarter."),
    ] = None,
    buyer: Annotated[str | None, typer.Option(help="Show one buyer.")] = None,
    seal_buyers: Annotated[bool, typer.Option(help="Name no buyer in the brief.")] = False,
    keys: Annotated[bool, typer.Option("--keys", help="List every key with range, unit and source.")] = False,
    facts: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a scenario month by month over many futures."""
    from dualtrack.commands import reference, running

    if keys:
        reference.list_keys(as_json)
        return
    running.run(
        scenario,
        options={"paths": paths, "seed": seed, "months": months},
        changes=changes or [],
        facts=facts or [],
        engine={"backend": backend, "workers": workers, "cluster": cluster, "chunk": chunk},
        out=out,
        file_format=file_format,
        exceed=exceed or [],
        buyer=buyer,
        sealed=seal_buyers,
        as_json=as_json,
    )


@app.command(epilog="Example: dualtrack brief out --with compare,claims")
@interruptible()
def brief(
    result: Annotated[Path, typer.Argument(help="A saved result: the file, or the folder it lies in.")],
    studies: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="STUDY[,STUDY]",
            help="Take in compare (against the twin without imports), drivers, claims, backtest or sweep: saved beside the "
            "result, or made now.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; beside the result if not given.")] = None,
    seal_buyers: Annotated[bool, typer.Option(help="Name no buyer.")] = False,
    facts: Facts = None,
    workers: Workers = "1",
    cluster: Cluster = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a saved result: one self-contained HTML file, and Markdown."""
    from dualtrack.commands import briefing
    from dualtrack.commands.typed import where_to_run

    where = where_to_run(workers, cluster)
    briefing.brief(result, out, seal_buyers, studies or [], facts or [], where, as_json)


@app.command(epilog="Example: dualtrack audit out --sample 500")
@interruptible()
def audit(
    result: Annotated[Path, typer.Argument(help="A saved result: the file, or the folder it lies in.")],
    sample: Annotated[
        str | None, typer.Option(help="Path-months solved as linear programs; 200 if not given.")
    ] = None,
    seed: Annotated[str, typer.Option(help="Which path-months.")] = "0",
    quick: Annotated[
        bool, typer.Option("--quick", help="Run only the paths of the sample again, not all.")
    ] = False,
    facts: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Compute a saved result a second time, part of it as linear programs; exit 1 if they disagree."""
    from dualtrack.commands.auditing import audit as hold

    if not hold(result, sample=sample, seed=seed, quick=quick, facts=facts or [], as_json=as_json):
        raise typer.Exit(1)

"""Facts, and whether everything is sound."""

from __future__ import annotations

from typing import Annotated

import typer

from dualtrack.cli.options import AsJson, Facts, KnownBy, app


@app.command(epilog="Example: dualtrack facts 'h200 inventory'")
def facts(
    query: Annotated[str, typer.Argument(help="Words to look for; all facts if none.")] = "",
    known_by: KnownBy = None,
    overlay: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Search the fact book."""
    from dualtrack.commands import reference

    reference.search_facts(query, known_by, overlay or [], as_json)


@app.command(epilog="Example: dualtrack cite nvidia.inventory.h200.2025_12")
def cite(
    fact: Annotated[str, typer.Argument(help="The id of a fact.")],
    known_by: KnownBy = None,
    overlay: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Say where a number comes from: value, history, source, confidence, and what uses it."""
    from dualtrack.commands import reference

    reference.cite(fact, known_by, overlay or [], as_json)


@app.command(epilog="Example: dualtrack check --facts mine.yaml")
def check(
    overlay: Facts = None,
    write: Annotated[
        bool, typer.Option("--write", help="Bring the generated parts of the pages up to date.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check that facts, rules, scenarios and pages are sound; exit 1 if they are not."""
    from dualtrack.commands import checking

    if not checking.check(overlay or [], write, as_json):
        raise typer.Exit(1)

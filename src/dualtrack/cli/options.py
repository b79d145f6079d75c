"""The application and the options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.version import __version__

app = typer.Typer(
    name="dualtrack",
    help="The controlled trade in AI accelerators: dated, cited rules, simulated over many futures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Facts = Annotated[
    list[Path] | None,
    typer.Option("--facts", help="A file of your own dated, sourced facts, laid over ours. Repeatable."),
]
KnownBy = Annotated[str | None, typer.Option("--known-by", help="See only what was known on this day.")]
Paths = Annotated[str | None, typer.Option("--paths", help="How many futures.")]
Seed = Annotated[str | None, typer.Option("--seed", help="Seed of all draws.")]
Months = Annotated[str | None, typer.Option("--months", help="How many months.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change anything: a number, low:mid:high, a month, a name. Repeatable, the last of a key holds; see dualtrack run --keys.",
    ),
]
Workers = Annotated[str, typer.Option("--workers", help="Processes on this machine.")]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Address of a Dask scheduler (extra: cluster)."),
]
StudyOut = Annotated[
    Path | None, typer.Option("--out", help="Write document, tables, page and charts into this folder.")
]


def interruptible(command: Callable[[], None], kept: Path | None = None) -> None:
    """Run a command that Ctrl-C may end; by then its staging folder is gone.

    Args:
        kept: Folder in which finished parts stay, so that the command can be gone on with.
    """
    try:
        command()
    except KeyboardInterrupt:
        said = (
            f"What is finished is kept in {kept}; the same command goes on from it."
            if kept
            else "Nothing was written."
        )
        print(f"Interrupted. {said}", file=sys.stderr)
        raise typer.Exit(130) from None


def _version(value: bool) -> None:
    if value:
        print(f"dualtrack {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass

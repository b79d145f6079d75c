"""The application and the options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from dualtrack.version import __version__

P = ParamSpec("P")

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


def interruptible(*, keeps_parts: bool = False) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Let Ctrl-C end a command at any moment, its imports included; by then its staging folder is gone.

    Args:
        keeps_parts: Whether finished parts stay in `out`, so that the same command goes on from them.
    """

    def around(command: Callable[P, None]) -> Callable[P, None]:
        @wraps(command)
        def ending(*words: P.args, **options: P.kwargs) -> None:
            try:
                command(*words, **options)
            except KeyboardInterrupt:
                kept = options.get("out") if keeps_parts else None
                said = (
                    f"What is finished is kept in {kept}; the same command goes on from it."
                    if kept
                    else "Nothing was written."
                )
                print(f"Interrupted. {said}", file=sys.stderr)
                raise typer.Exit(130) from None

        return ending

    return around


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

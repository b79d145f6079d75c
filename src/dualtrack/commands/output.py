"""Where commands print: results to standard output, progress and notes to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from rich.console import Console


def reader_has_gone() -> None:
    """Nobody reads on, as after `| head`: send what is still to come nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Screen(Console):
    def on_broken_pipe(self) -> NoReturn:
        # Rich would exit with 1, which here means that the answer is no.
        reader_has_gone()
        raise SystemExit(0)


def print_json(document: Any) -> None:
    """One JSON document on standard output; undefined is null, so NaN is an error here."""
    # Made whole before anything is printed, so that a fault leaves nothing half-written.
    print_lines([json.dumps(document, allow_nan=False, ensure_ascii=False, default=str)])


def print_lines(lines: Sequence[str]) -> None:
    """Plain lines on standard output."""
    try:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        reader_has_gone()


def console() -> Console:
    return _Screen(highlight=False)


def error_console() -> Console:
    return Console(stderr=True, highlight=False)

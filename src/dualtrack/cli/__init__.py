"""The command line: parse, call, print. Exit 0 done, 1 the answer is no, 2 the input is wrong."""

from __future__ import annotations

import importlib
import sys

from dualtrack.cli.options import app
from dualtrack.errors import DualtrackError

__all__ = ["app", "main"]

# Importing one of these enters its commands; `--help` lists them in this order.
for _group in (
    "runs",
    "compare",
    "sweep",
    "drivers",
    "backtests",
    "claims",
    "orders",
    "reference",
    "serving",
):
    importlib.import_module(f"dualtrack.cli.{_group}")


def main() -> None:
    """Run a command; a user's mistake gets its message and exit 2, never a traceback."""
    try:
        app()
    except DualtrackError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print("Error: the run does not fit in memory. Use fewer --paths or --months.", file=sys.stderr)
        sys.exit(2)

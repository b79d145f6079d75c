"""Where commands print: results to standard output, progress and notes to standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console


def print_json(document: Any) -> None:
    """One JSON document on standard output; undefined is null, so NaN is an error here."""
    json.dump(document, sys.stdout, allow_nan=False, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def console() -> Console:
    return Console(highlight=False)


def error_console() -> Console:
    return Console(stderr=True, highlight=False)

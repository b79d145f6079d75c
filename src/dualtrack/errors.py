"""The errors a user can meet: what was seen, what was wanted, how to go on.

Everything derives from `DualtrackError`; the command line prints its text and exits with status 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


class DualtrackError(Exception):
    """Something in the input is wrong; the text says what, and how to go on.

    Attributes:
        faults: The single faults, where several were gathered into one text.
    """

    faults: tuple[Fault, ...] = ()


class DataFault(DualtrackError):
    """A fact, chip, source or rule file is unsound, or lacks what was asked of it."""


class ScenarioFault(DualtrackError):
    """A scenario, a `--set`, or an option of a run cannot be used."""


class ResultFault(DualtrackError):
    """A saved result cannot be read, or an output folder cannot be written."""


class UnknownLabel(ScenarioFault):
    """A name that the catalogue does not have."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong at one place of an input; many are gathered before one error is raised.

    Attributes:
        key: The place as it was written, for the text.
        about: The key or the option that it concerns, for a form that shows it beside the field.
    """

    what: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    about: str | None = None

    def __str__(self) -> str:
        place = self.file or ""
        if self.line is not None:
            place += f", line {self.line}"
        if self.key:
            place += f"{', ' if place else ''}{self.key}"
        return f"{place}: {self.what}" if place else self.what


def raise_gathered(faults: Sequence[Fault], kind: type[DualtrackError], title: str) -> None:
    """Raise one error that lists every fault; do nothing where there is none."""
    if not faults:
        return
    if len(faults) == 1:
        error = kind(f"{title}\n  {faults[0]}")
    else:
        listed = "\n".join(f"  {n}. {fault}" for n, fault in enumerate(faults, 1))
        error = kind(f"{title} ({len(faults)} faults)\n{listed}")
    error.faults = tuple(faults)
    raise error


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known names are close: ` Did you mean 'h200'?`, or an empty string."""
    # Each once: what is known may be gathered from several lists.
    close = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(repr(c) for c in close)}?" if close else ""


def file_label(path: Path) -> str:
    """The path as a user knows it: relative to the package's data, or as it was given."""
    data = Path(__file__).parent
    return str(path.relative_to(data)) if path.is_relative_to(data) else str(path)

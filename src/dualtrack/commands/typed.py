"""What options mean that several commands share: counts, where to run, and the bar that shows how far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dualtrack.commands.output import error_console
from dualtrack.errors import ScenarioFault
from dualtrack.parallel import Where

Report = Callable[[int, int], None]


def whole(option: str, text: str) -> int:
    """A whole number as it was typed.

    Raises:
        ScenarioFault: It is none.
    """
    try:
        return int(text.replace("_", ""))
    except ValueError:
        raise ScenarioFault(f"{option} {text!r} is not a whole number.") from None


def where_to_run(workers: str, cluster: str | None) -> Where:
    return Where(whole("--workers", workers), cluster)


@contextmanager
def progress_bar(verb: str, unit: str) -> Iterator[Report | None]:
    """A bar with the time left on standard error, where that is a terminal; called with done and in all."""
    screen = error_console()
    if not screen.is_terminal:
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Progress(TextColumn(verb), *columns, console=screen, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole_: bar.update(task, completed=done, total=whole_)

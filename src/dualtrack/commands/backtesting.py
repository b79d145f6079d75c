"""The back-test's command: read the options, make the document, show it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dualtrack.commands.studies import Document, present
from dualtrack.commands.typed import progress_bar, where_to_run, whole
from dualtrack.parallel import Where
from dualtrack.report.backtest_page import backtest_part
from dualtrack.study.again import command_line


def backtest(
    origins: Sequence[str],
    *,
    paths: str | None,
    seed: str | None,
    facts: Sequence[Path],
    workers: str,
    cluster: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Forecast from past dates, score, and print or write."""
    where = where_to_run(workers, cluster)
    options = {
        "paths": whole("--paths", paths) if paths else None,
        "seed": whole("--seed", seed) if seed else None,
    }
    present(
        lambda: backtest_of(origins, options, facts=facts, where=where),
        backtest_part,
        out=out,
        as_json=as_json,
    )


def backtest_of(
    origins: Sequence[str], options: dict[str, int | None], *, facts: Sequence[Path], where: Where
) -> Document:
    """The document of a back-test."""
    from dualtrack.study.backtest.study import backtest as score

    with progress_bar("simulating", "runs") as progress:
        found = score(origins, **options, facts=facts, where=where, progress=progress)
    return {**found, "command": command_line("backtest", origins, {**options, "facts": list(facts)})}

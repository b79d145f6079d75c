"""Claims judged on a setting: the document of `dualtrack claims --json`, and its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualtrack.commands.claiming import claims_of
from dualtrack.facts.book import load_book
from dualtrack.report.claims_part import claims_part
from dualtrack.report.claims_words import worded
from dualtrack.settings.state import State
from dualtrack.simulate.run import HERE
from dualtrack.study.again import command_line
from dualtrack.study.claims.files import ClaimsFile, read_claims
from dualtrack.study.claims.judging import judge
from dualtrack.study.claims.runs import Plan
from dualtrack.study.jobs import Progress
from dualtrack.web.jobs.studies import keep_study
from dualtrack.web.service.tasks import Report
from dualtrack.yaml_files import read_document


@dataclass(frozen=True)
class OwnClaims:
    """A claims file that a user sent."""

    name: str
    text: bytes

    def read(self) -> ClaimsFile:
        """The claims in it.

        Raises:
            DualtrackError: It cannot be used; every fault is listed with its line.
        """
        return read_claims(read_document(self.text, Path(self.name)))


def claims(report: Report, folder: Path, state: State, own: OwnClaims | None, most_runs: int) -> bytes:
    """Judge the press's claims on a setting, or a user's own.

    Args:
        most_runs: How many runs a user's own claims may need.

    Raises:
        DualtrackError: The setting or the claims cannot be used.
    """
    blocks = 1

    def simulated(done: int, whole: int) -> None:
        nonlocal blocks
        blocks = whole
        report(done, whole + 1)

    document = judged(state, own, most_runs, simulated)
    made = keep_study(folder, document, claims_part(document))
    report(blocks + 1, blocks + 1)
    return made


def judged(state: State, own: OwnClaims | None, most_runs: int, progress: Progress) -> dict[str, Any]:
    """The document; of a user's own claims it is that of the command in the folder that the file lies in."""
    options: Mapping[str, Any] = {**state.options, "paths": state.run_paths}
    if own is None:
        return claims_of(
            state.scenario,
            None,
            options=options,
            changes=state.lines,
            facts=(),
            where=HERE,
            progress=progress,
        )
    given = {name: value for name, value in options.items() if value is not None}
    # Whoever sent the file may name no other file of this machine in it.
    plan = Plan(state.scenario, load_book(), tuple(state.lines), given, folder=None, most_runs=most_runs)
    said = {"claims": own.name, **options, "set": state.lines}
    command = command_line("claims", [state.scenario], said)
    return worded(judge(own.read(), plan, command=command, where=HERE, progress=progress))

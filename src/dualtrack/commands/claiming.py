"""`dualtrack claims`: statements held against the model, each with a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dualtrack.commands.studies import present
from dualtrack.commands.typed import progress_bar, where_to_run
from dualtrack.errors import ScenarioFault, nearest
from dualtrack.facts.book import load_book
from dualtrack.parallel import Where
from dualtrack.scenarios.files import find_scenario, shipped_scenarios
from dualtrack.scenarios.scenario import DEFAULT
from dualtrack.study.again import command_line
from dualtrack.study.claims.files import (
    PRESS,
    ClaimsFile,
    find_claims,
    is_claims_file,
    read_claims,
    shipped_claims,
)
from dualtrack.study.claims.judging import judge
from dualtrack.study.claims.runs import Plan
from dualtrack.study.jobs import Progress
from dualtrack.yaml_files import load_document

# Enough for shares to within two points, and soon done.
PATHS = 2000


def claims(
    subject: str | None,
    claims_file: str | None,
    *,
    options: Mapping[str, Any],
    changes: Sequence[str],
    facts: Sequence[Path],
    engine: Mapping[str, Any],
    out: Path | None,
    as_json: bool,
) -> None:
    """Judge the claims of a file on a scenario; print them, and write their folder where one is named.

    Args:
        subject: A scenario, or a claims file.
        claims_file: The claims file, where `subject` is the scenario.
    """
    from dualtrack.report.claims_part import claims_part, terminal_sections

    where = where_to_run(engine["workers"], engine["cluster"])

    def make() -> dict[str, Any]:
        with progress_bar("judging", "blocks of paths") as progress:
            return claims_of(
                subject,
                claims_file,
                options=options,
                changes=changes,
                facts=facts,
                where=where,
                progress=progress,
            )

    present(make, claims_part, out=out, as_json=as_json, sections_of=terminal_sections)


def claims_of(
    subject: str | None,
    claims_file: str | None,
    *,
    options: Mapping[str, Any],
    changes: Sequence[str],
    facts: Sequence[Path],
    where: Where,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The document of claims judged on a scenario.

    Args:
        progress: Called with blocks of paths done and in all.
    """
    from dualtrack.report.claims_words import worded

    file, scenario = _read(subject, claims_file)
    given = {name: value for name, value in options.items() if value is not None}
    if "paths" not in given and not any(change.split("=")[0].strip() == "paths" for change in changes):
        given["paths"] = PATHS
    plan = Plan(scenario, load_book(tuple(facts)), tuple(changes), given, file.document.path.parent)
    said = {"claims": claims_file, **options, "set": list(changes), "facts": list(facts)}
    command = command_line("claims", [subject] if subject else [], said)
    return worded(judge(file, plan, command=command, where=where, progress=progress))


def _read(subject: str | None, claims_file: str | None) -> tuple[ClaimsFile, str]:
    """The claims and the scenario that they are judged on.

    Raises:
        DualtrackError: There is no such scenario or file, or the file cannot be used.
    """
    found = _as_claims(subject)
    if found is not None:
        if claims_file is not None:
            raise ScenarioFault(
                f"{subject} is a claims file, and so is --claims {claims_file}. Give one, and a scenario if you like."
            )
        return found, _scenario_of(found)
    file = read_claims(load_document(find_claims(claims_file or PRESS)))
    return file, subject or _scenario_of(file)


def _as_claims(subject: str | None) -> ClaimsFile | None:
    """The claims file that the argument names; None where it names a scenario, or nothing."""
    if subject is None or subject in shipped_scenarios():
        return None
    path = Path(subject)
    if subject in shipped_claims():
        path = find_claims(subject)
    elif not path.is_file():
        if path.suffix in (".yaml", ".yml"):
            raise ScenarioFault(
                f"There is no file {subject!r}, neither of claims nor of a scenario. Check the path."
            )
        known = [*shipped_scenarios(), *shipped_claims()]
        raise ScenarioFault(
            f"There is no scenario and no claims file {subject!r}.{nearest(subject, known)}\n"
            f"  Scenarios: {', '.join(shipped_scenarios())}. Claims: {', '.join(shipped_claims())}. Or give the path of "
            "a YAML file of either."
        )
    document = load_document(path)
    if is_claims_file(document) or not document.data:
        return read_claims(document)
    return None


def _scenario_of(file: ClaimsFile) -> str:
    """The scenario that the file names, found from where the file lies; the default if it names none."""
    named = file.entry.scenario
    if named is None or named in shipped_scenarios():
        return named or DEFAULT
    try:
        return str(find_scenario(named, file.document.path.parent))
    except ScenarioFault as error:
        line = file.document.line(("scenario",))
        raise ScenarioFault(f"{file.document.label}, line {line}, scenario: {error}") from None

"""`dualtrack run`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualtrack.commands.briefing import brief_writers, write_text
from dualtrack.commands.output import console, print_json
from dualtrack.commands.typed import progress_bar, where_to_run, whole
from dualtrack.entities import find_buyer
from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import load_book
from dualtrack.results.dataset import RESULT_NAMES, save
from dualtrack.results.folder import Writer, staging, write_all
from dualtrack.results.questions import Question, parse_question
from dualtrack.results.summary import exceedance, summarise
from dualtrack.scenarios.scenario import Scenario, load_scenario
from dualtrack.session import run_prepared
from dualtrack.simulate.run import check_size, prepare

if TYPE_CHECKING:
    import xarray as xr

FORMATS = ("nc", "zarr")


def run(
    scenario: str,
    *,
    options: Mapping[str, Any],
    changes: Sequence[str],
    facts: Sequence[Path],
    engine: Mapping[str, Any],
    out: Path | None,
    file_format: str,
    exceed: Sequence[str],
    buyer: str | None,
    sealed: bool,
    as_json: bool,
) -> None:
    """Simulate, print, and write the folder where one is named."""
    if file_format not in FORMATS:
        raise ScenarioFault(f"--format {file_format!r} is not known. Wanted: {' or '.join(FORMATS)}.")
    if file_format == "zarr" and find_spec("zarr") is None:
        raise ScenarioFault("Zarr is not installed. Install it with: pip install 'dualtrack[zarr]'.")
    if buyer is not None:
        find_buyer(buyer)
    book = load_book(tuple(facts))
    chosen = load_scenario(scenario, book, changes=changes, run=options)
    asked = [_exceedance_asked(text, chosen) for text in exceed]
    task = prepare(chosen, book, str(engine["backend"]))
    where = where_to_run(engine["workers"], engine["cluster"])
    chunk = None if engine["chunk"] is None else whole("--chunk", engine["chunk"])
    check_size(chosen, chunk=chunk)
    with staging(out) if out else nullcontext() as place:
        with progress_bar("simulating", "paths") as progress:
            dataset = run_prepared(task, book, chunk=chunk, where=where, progress=progress)
        document = summarise(dataset, buyer=buyer)
        if asked:
            document["exceedance"] = [exceedance(dataset, *question) for question in asked]
        files = {}
        if out and place:
            writers = result_writers(dataset, document, file_format, sealed)
            files = write_all(out, place, writers, replaces=RESULT_NAMES)
    if as_json:
        print_json(document)
        return
    _print(document, buyer, files)


def _print(document: dict[str, Any], buyer: str | None, files: Mapping[str, Path]) -> None:
    from dualtrack.report.terminal import print_buyer, print_exceedance, print_summary

    screen = console()
    print_summary(document, screen, files)
    if buyer:
        print_buyer(document, buyer, screen)
    if document.get("exceedance"):
        print_exceedance(document["exceedance"], screen)


def result_writers(
    dataset: xr.Dataset, document: dict[str, Any], file_format: str = "nc", sealed: bool = False
) -> dict[str, Writer]:
    """What writes each file of a run's folder, by its name."""
    from dualtrack.report.export import quarterly_rows, write_csv, write_xlsx

    text = json.dumps(document, allow_nan=False, ensure_ascii=False, indent=1)
    settings = json.loads(dataset.attrs["settings"])
    writers: dict[str, Writer] = {
        f"result.{file_format}": lambda path: save(dataset, path),
        "summary.json": lambda path: write_text(path, text),
        "quarterly.csv": lambda path: write_csv(path, quarterly_rows(document)),
    }
    if find_spec("xlsxwriter") is not None:
        writers["quarterly.xlsx"] = lambda path: write_xlsx(path, document, settings)
    return writers | brief_writers(dataset, document, sealed)


def _exceedance_asked(text: str, scenario: Scenario) -> tuple[Question, float]:
    """`NAME=VALUE[@PERIOD]`, checked before the run."""
    name, equals, rest = text.partition("=")
    value, at, period = rest.partition("@")
    if not equals:
        raise ScenarioFault(
            f"--exceed {text!r}: wanted NAME=VALUE or NAME=VALUE@PERIOD, for example h200_delivered_cum=1e5@2026-12."
        )
    try:
        number = float(value.replace("_", ""))
        if not math.isfinite(number):
            raise ValueError
    except ValueError:
        raise ScenarioFault(f"--exceed {text!r}: {value!r} is not a number.") from None
    return parse_question(f"{name}{at}{period}", scenario.month_labels, "--exceed"), number

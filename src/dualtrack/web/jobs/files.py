"""The files of a run, as `dualtrack run --out` writes them, and its scenario."""

from __future__ import annotations

import json
from pathlib import Path

from dualtrack.commands.running import result_writers
from dualtrack.facts.book import load_book
from dualtrack.results.summary import summarise
from dualtrack.session import run_prepared
from dualtrack.settings.state import State
from dualtrack.simulate.run import prepare
from dualtrack.web.service.tasks import Report

SCENARIO = "scenario.yaml"
# All files together take about as long as so many paths; the brief with its pictures takes most of it.
PATHS_OF_FILES = 4_000


def files(report: Report, folder: Path, state: State) -> bytes:
    """Run the state's paths and write every file; the document holds their names.

    Raises:
        ScenarioFault: A setting cannot be used.
    """
    book = load_book()
    scenario = state.load()
    (folder / SCENARIO).write_text(state.yaml(), encoding="utf-8")

    def simulated(done: int, whole: int) -> None:
        report(done, whole + PATHS_OF_FILES)

    dataset = run_prepared(prepare(scenario, book), book, progress=simulated)
    writers = result_writers(dataset, summarise(dataset))
    for number, (name, write) in enumerate(writers.items()):
        report(scenario.paths + number * PATHS_OF_FILES // len(writers), scenario.paths + PATHS_OF_FILES)
        write(folder / name)
    return json.dumps({"command": state.command(), "files": [SCENARIO, *writers]}).encode()

"""The document of a run, as `dualtrack run --json` prints it."""

from __future__ import annotations

import json

from dualtrack.facts.book import load_book
from dualtrack.results.summary import summarise
from dualtrack.session import run_prepared
from dualtrack.settings.state import State
from dualtrack.simulate.run import prepare


def run(state: State) -> bytes:
    """Every outcome's quantiles, the probabilities and the sources of a state's run.

    Raises:
        ScenarioFault: A setting cannot be used.
    """
    book = load_book()
    dataset = run_prepared(prepare(state.load(), book), book)
    return json.dumps(summarise(dataset), allow_nan=False, ensure_ascii=False).encode()

"""`dualtrack check`: facts, rules, keys, controls, scenarios, claims and pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dualtrack.commands.guide import check_pages, write_pages
from dualtrack.commands.output import console, print_json
from dualtrack.entities import load_buyers
from dualtrack.errors import DualtrackError
from dualtrack.facts.book import load_book
from dualtrack.facts.check import check_book, check_chips
from dualtrack.facts.events import load_events
from dualtrack.rules.load import load_rulebook
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import DEFAULT, load_scenario, shipped_scenarios
from dualtrack.settings.controls import load_controls
from dualtrack.simulate.run import prepare
from dualtrack.study.backtest.cases import backtest_scenarios, figure_faults
from dualtrack.study.claims.files import load_claims, ready_claims, shipped_claims
from dualtrack.study.claims.runs import Plan


def check(overlays: Sequence[Path], write: bool, as_json: bool) -> bool:
    """Print what is unsound; say whether all is well."""
    if write:
        write_pages()
    faults: dict[str, list[str]] = {}
    for name, look in _looks(overlays).items():
        try:
            faults[name] = look()
        except DualtrackError as error:
            faults[name] = [str(error)]
    sound = not any(faults.values())
    if as_json:
        print_json({"sound": sound, "faults": faults})
        return sound
    for name, found in faults.items():
        console().print(f"{name}: {'sound' if not found else f'{len(found)} faults'}")
        for fault in found:
            console().print(f"  {fault}", soft_wrap=True)
    return sound


def _looks(overlays: Sequence[Path]) -> dict[str, Callable[[], list[str]]]:
    def facts() -> list[str]:
        return [str(fault) for fault in check_book(load_book(tuple(overlays)))]

    def chips() -> list[str]:
        return [str(fault) for fault in check_chips()]

    def events() -> list[str]:
        load_events()
        return []

    def rules() -> list[str]:
        load_rulebook(load_book())
        return []

    def keys() -> list[str]:
        load_keys()
        load_buyers()
        return []

    def controls() -> list[str]:
        load_controls()
        return []

    def scenarios() -> list[str]:
        book = load_book(tuple(overlays))
        found = []
        for name in [*shipped_scenarios(), *backtest_scenarios()]:
            try:
                prepare(load_scenario(name, book), book)
            except DualtrackError as error:
                found.append(str(error))
        return found

    def claims() -> list[str]:
        found = []
        for name in shipped_claims():
            try:
                file = load_claims(name)
                plan = Plan(file.entry.scenario or DEFAULT, load_book(tuple(overlays)))
                ready_claims(file, plan)
            except DualtrackError as error:
                found.append(str(error))
        return found

    def backtests() -> list[str]:
        return figure_faults(load_book(tuple(overlays)))

    return {
        "facts": facts,
        "chips": chips,
        "events": events,
        "rules": rules,
        "keys": keys,
        "controls": controls,
        "scenarios": scenarios,
        "claims": claims,
        "backtests": backtests,
        "pages": check_pages,
    }

"""Where a run may start: February 2026 with the defaults, an earlier February with stocks of its own."""

from __future__ import annotations

import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import load_book
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import load_scenario


def load(text_or_name, tmp_path=None, **options):
    if tmp_path is None:
        return load_scenario(text_or_name, load_book(), **options)
    path = tmp_path / "mine.yaml"
    path.write_text(text_or_name, encoding="utf-8")
    return load_scenario(str(path), load_book(), **options)


def test_another_start_typed_on_the_command_line_lists_the_stocks_it_lacks():
    with pytest.raises(ScenarioFault, match="cannot start in 2025-02") as found:
        load("h200-truce", run={"start": "2025-02", "known_by": "2025-01-31"})
    opening = [key.id for key in load_keys().values() if key.entry.opening]
    assert len(opening) >= 7
    for name in opening:
        assert name in str(found.value)


def test_starting_stocks_typed_by_hand_do_not_make_a_start(tmp_path):
    stocks = [f"{key.id}=1" for key in load_keys().values() if key.entry.opening]
    with pytest.raises(ScenarioFault, match="cannot start in 2025-02"):
        load("h200-truce", changes=stocks, run={"start": "2025-02", "known_by": "2025-01-31"})


@pytest.mark.parametrize("start", ["2025-03", "2026-01"])
def test_a_run_starts_in_a_february(tmp_path, start):
    with pytest.raises(ScenarioFault, match=f"starts in a February up to 2026-02; {start}"):
        load(f"title: Mine\ninherits: backtests/2025-01\nstart: {start}\n", tmp_path)


@pytest.mark.parametrize(
    ("known_by", "sound"), [("2024-12-31", False), ("2025-01-30", False), ("2025-01-31", True)]
)
def test_an_earlier_run_sees_facts_up_to_its_eve(known_by, sound):
    # 2025-01-30 lies in the month before, so only facts of the last day could be missing.
    if sound:
        assert load("backtests/2025-01", run={"known_by": known_by}).known_by.isoformat() == known_by
    elif known_by == "2025-01-30":
        assert load("backtests/2025-01", run={"known_by": known_by})
    else:
        with pytest.raises(ScenarioFault, match="known"):
            load("backtests/2025-01", run={"known_by": known_by})


def test_a_later_date_of_knowledge_is_refused_for_an_earlier_run():
    with pytest.raises(ScenarioFault, match="wants facts known by a day of the month before"):
        load("backtests/2025-01", run={"known_by": "2025-06-30"})


def test_a_default_not_yet_known_is_a_fault_unless_the_scenario_sets_the_key(tmp_path):
    text = "title: Mine\nknown_by: 2026-01-30\ninherits: h200-truce\n"
    with pytest.raises(ScenarioFault, match="was not known on 2025-12-30"):
        load(text.replace("2026-01-30", "2025-12-30"), tmp_path)
    assert load("backtests/2023-01").changed["world.us5"] == "2023-01"


def test_an_unknown_scenario_still_names_the_shipped_ones():
    with pytest.raises(ScenarioFault, match="h200-truce"):
        load("backtests/2022-01")

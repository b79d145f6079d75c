"""`dualtrack facts`, `cite` and `check`; help of every command."""

import pytest
from tests.cli.helpers import dualtrack

from dualtrack.facts.book import load_book

STOCK = "nvidia.inventory.h200.2025_12"
LATE = "china.h200.first_approval_2026_01"


def overlay(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# -- facts


def test_a_search_finds_facts_that_have_all_the_words():
    found = dualtrack("facts", "h200 inventory", "--json").document
    assert found[0]["id"] == STOCK
    assert all(
        {"id", "what", "unit", "on", "known_by", "source", "confidence"} <= set(fact) for fact in found
    )
    upper = dualtrack("facts", "H200 INVENTORY", "--json").document
    assert upper == found


def test_without_a_query_all_facts_are_listed():
    found = dualtrack("facts", "--json").document
    assert [fact["id"] for fact in found] == sorted(load_book())


def test_a_search_shows_what_it_found_at_any_width():
    for columns in (80, 100, 160):
        answer = dualtrack("facts", "h200 inventory", columns=columns)
        assert answer.code == 0
        assert STOCK in answer.out
        assert "700,000" in answer.out, columns
        assert "2025-12-31" in answer.out, columns
        assert max(len(line) for line in answer.out.splitlines()) <= columns


def test_a_cut_list_says_how_many_more_there_are():
    answer = dualtrack("facts", columns=160)
    assert f"{len(load_book()) - 60} more" in answer.out


def test_later_facts_are_hidden_from_an_earlier_day():
    known = load_book().get(LATE).known_by.isoformat()
    ids = [fact["id"] for fact in dualtrack("facts", "h200", "--known-by", "2026-01-01", "--json").document]
    assert STOCK in ids
    assert LATE not in ids
    ids = [fact["id"] for fact in dualtrack("facts", "h200", "--known-by", known, "--json").document]
    assert LATE in ids
    for fact in dualtrack("facts", "--known-by", "2025-06-30", "--json").document:
        assert fact["known_by"] <= "2025-06-30", fact["id"]


def test_without_a_query_a_fact_is_shown_in_the_version_known_on_the_day(tmp_path):
    mine = overlay(
        tmp_path,
        f"{STOCK}:\n  what: Later count\n  unit: units\n  value: 5\n  on: 2025-12-31\n"
        "  known_by: 2026-03-01\n  confidence: high\n"
        "  source: {publisher: Us, title: Count, published: 2026-03-01}\n",
    )
    for query in ([], ["h200 inventory"]):
        words = ("facts", *query, "--known-by", "2026-01-31", "--facts", mine, "--json")
        found = {fact["id"]: fact for fact in dualtrack(*words).document}
        assert found[STOCK]["value"] == 700_000, query


def test_nothing_found_is_said_and_is_no_error():
    answer = dualtrack("facts", "zeppelin airship")
    assert answer.code == 0
    assert "No fact" in answer.out
    assert dualtrack("facts", "zeppelin airship", "--json").document == []


def test_a_known_by_that_is_no_date_is_refused():
    for command in (("facts", "h200"), ("cite", STOCK)):
        answer = dualtrack(*command, "--known-by", "last week")
        assert answer.code == 2
        assert answer.out == ""
        assert "'last week' is not a date" in answer.err


# -- cite


def test_a_citation_gives_value_source_and_place():
    shown = dualtrack("cite", STOCK, "--json").document
    assert (shown["id"], shown["value"], shown["unit"]) == (STOCK, 700_000, "units")
    assert shown["source"]["address"].startswith("https://")
    assert shown["line"] > 1
    assert any("vendor.stock_units" in place for place in shown["used_by"])
    answer = dualtrack("cite", STOCK)
    for text in ("700,000 units", "Tredu", "market_vendor.yaml", "vendor.stock_units", "medium"):
        assert text in answer.out


def test_every_fact_can_be_cited():
    for fact_id in list(load_book())[::40]:
        assert dualtrack("cite", fact_id).code == 0, fact_id


def test_an_address_can_be_copied_from_the_screen():
    address = dualtrack("cite", STOCK, "--json").document["source"]["address"]
    assert address in dualtrack("cite", STOCK, columns=100).out


def test_an_unknown_fact_gives_the_nearest_and_the_way_to_search():
    answer = dualtrack("cite", "nvidia.inventory.h200.2025_21")
    assert answer.code == 2
    assert answer.out == ""
    assert f"'{STOCK}'" in answer.err
    assert "dualtrack facts" in answer.err  # `cite` takes an id; it is `facts` that searches


def test_a_fact_is_not_cited_before_it_could_be_known():
    fact = load_book().get(STOCK)
    answer = dualtrack("cite", STOCK, "--known-by", "2025-12-30")
    assert answer.code == 2
    assert answer.out == ""
    assert f"could be known from {fact.known_by}" in answer.err
    assert "Ask for a later date" in answer.err
    assert dualtrack("cite", STOCK, "--known-by", "2025-12-31").code == 0


def test_a_refusal_on_the_command_line_speaks_of_no_python_argument():
    words = ("run", "--paths", "20", "--months", "2", "--set", "known_by=2023-01-01", "--json")
    assert "allow_hindsight" not in dualtrack(*words).err


# -- check


def test_what_is_shipped_is_sound():
    answer = dualtrack("check")
    assert answer.code == 0, answer.out
    document = dualtrack("check", "--json").document
    assert document["sound"] is True
    assert set(document["faults"]) >= {"facts", "chips", "events", "rules", "keys", "scenarios", "pages"}
    assert not any(document["faults"].values())


def test_facts_that_cannot_be_read_are_not_sound(tmp_path):
    mine = overlay(tmp_path, f"{STOCK}:\n  what: H200\n  unit: bananas\n  value: many\n")
    answer = dualtrack("check", "--facts", mine)
    assert answer.code == 1
    assert "mine.yaml, line 3" in answer.out
    document = dualtrack("check", "--facts", mine, "--json").document
    assert document["sound"] is False


def test_facts_that_contradict_themselves_are_not_sound(tmp_path):
    mine = overlay(
        tmp_path,
        "mine.early:\n  what: Known before what it rests on\n  unit: units\n  value: 5\n  on: 2025-06-30\n"
        f"  known_by: 2025-07-01\n  confidence: high\n  rests_on: [{STOCK}]\n"
        "  source: {publisher: Us, title: Count, published: 2025-07-01}\n",
    )
    answer = dualtrack("check", "--facts", mine)
    assert answer.code == 1
    assert "mine.early" in answer.out
    assert "mine.yaml, line 1" in answer.out


def test_facts_that_break_a_scenario_are_found(tmp_path):
    mine = overlay(
        tmp_path,
        f"{STOCK}:\n  what: H200 in stock\n  unit: units\n  value: -5\n  on: 2025-12-31\n"
        "  known_by: 2026-01-15\n  confidence: high\n"
        "  source: {publisher: Us, title: Count, published: 2026-01-15}\n",
    )
    answer = dualtrack("check", "--facts", mine)
    assert answer.code == 1
    assert "vendor.stock_units" in answer.out
    assert "-5 is outside" in answer.out


def test_sound_facts_of_ones_own_are_sound(tmp_path):
    mine = overlay(
        tmp_path,
        f"{STOCK}:\n  what: H200 in stock\n  unit: units\n  value: 650000\n  on: 2025-12-31\n"
        "  known_by: 2026-01-15\n  confidence: high\n"
        "  source: {publisher: Us, title: Count, published: 2026-01-15}\n",
    )
    assert dualtrack("check", "--facts", mine).code == 0


# -- help


@pytest.mark.parametrize("command", ["run", "brief", "facts", "cite", "check"])
def test_help_of_every_command_has_an_example_that_names_it(command):
    answer = dualtrack(command, "--help")
    assert answer.code == 0
    assert answer.err == ""
    assert f"Example: dualtrack {command}" in answer.out
    assert "--json" in answer.out
    assert max(len(line) for line in answer.out.splitlines()) <= 100


def test_the_help_names_every_command_and_the_version_is_a_line():
    answer = dualtrack("--help")
    assert answer.code == 0
    for command in ("run", "brief", "facts", "cite", "check"):
        assert f"\n  {command} " in answer.out
    assert dualtrack("--version").out.startswith("dualtrack ")

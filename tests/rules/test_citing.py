"""Which rules stand on a fact."""

from __future__ import annotations

from dualtrack.facts.book import load_book
from dualtrack.report.explanation import explanation
from dualtrack.rules import load_rulebook
from dualtrack.rules.citing import citing, facts_of

BOOK = load_book()
RULEBOOK = load_rulebook(BOOK)


def test_a_threshold_is_cited_by_every_rule_that_asks_for_it():
    found = citing("export.rule_2026_01.tpp_max", RULEBOOK)
    asking = {rule.id for rule in RULEBOOK.rules if "us.review.tpp_ceiling" in rule.condition.parameters()}
    assert set(found) == asking and asking


def test_a_rule_cites_its_own_facts_first_and_those_of_its_numbers_and_conditions():
    rule = RULEBOOK.rule("us.review.case_by_case")
    facts = facts_of(rule, RULEBOOK)
    assert facts[: len(rule.facts)] == rule.facts
    assert "export.rule_2026_01.tpp_max" in facts
    assert [row["fact"] for row in explanation(rule.id, RULEBOOK, BOOK)["sources"]] == list(facts)


def test_a_fact_of_no_rule_is_cited_by_none():
    assert citing("alibaba.capex.2024q1", RULEBOOK) == ()

"""The law as it was known on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dualtrack.facts.book import load_book
from dualtrack.report.explanation import explanation, listed
from dualtrack.rules import load_rulebook
from dualtrack.rules.known import dates_of_law, known_rulebook

BOOK = load_book()
WHOLE = load_rulebook(BOOK)
DAYS = dates_of_law(BOOK)


def known(day: date):
    return known_rulebook(BOOK.as_known(day))


def ids(rulebook) -> set[str]:
    return {item.id for item in rulebook.items}


@pytest.mark.parametrize(
    ("rule", "published"),
    [
        ("us.review.case_by_case", date(2026, 1, 15)),
        ("us.control.presumption_of_denial", date(2023, 11, 17)),
        ("us.letter.licence_required", date(2025, 4, 9)),
        ("us.share_limit", date(2026, 1, 15)),
    ],
)
def test_a_rule_is_not_seen_before_it_was_known(rule, published):
    first = next(day for day in DAYS if rule in ids(known(day)))
    assert first <= published
    assert rule not in ids(known(first - timedelta(days=1)))


def test_a_rule_that_was_replaced_later_has_no_end_before_that_was_known():
    before, after = known(date(2025, 12, 31)), known(date(2026, 1, 15))
    (row,) = [
        row
        for row in listed(before, BOOK.as_known(date(2025, 12, 31)))
        if row["id"] == "us.control.presumption_of_denial"
    ]
    assert row["in_force"] == [{"from": "2023-11-17", "to": None}]
    (row,) = [
        row
        for row in listed(after, BOOK.as_known(date(2026, 1, 15)))
        if row["id"] == "us.control.presumption_of_denial"
    ]
    assert row["in_force"] == [{"from": "2023-11-17", "to": "2026-01-14"}]


def test_on_the_last_day_everything_is_known():
    last = known(DAYS[-1])
    assert ids(last) == ids(WHOLE)
    assert last.parameters == WHOLE.parameters


def test_no_value_stands_on_a_fact_that_was_not_known():
    for day in DAYS:
        facts = BOOK.as_known(day)
        for parameter in known(day).parameters.values():
            for entry in parameter.history:
                assert all(facts.knows(name) for name in entry.facts), (day, parameter.id)


@pytest.mark.parametrize("day", DAYS)
def test_every_rule_known_on_a_day_can_be_explained_as_of_that_day(day):
    facts = BOOK.as_known(day)
    rulebook = known_rulebook(facts)
    for row in listed(rulebook, facts)[::5]:
        document = explanation(row["id"], rulebook, facts)
        assert document["sentence"] == row["sentence"]
        # A rule may be published before it binds, and is then shown with the numbers of its first day.
        starts = [period["from"] for period in document["in_force"]]
        assert document["as_of"] <= max([day.isoformat(), *starts])

"""The Rules pages and their part of the interface."""

from __future__ import annotations

import re

import pytest

from dualtrack.facts.book import load_book
from dualtrack.report.explanation import explanation, listed
from dualtrack.rules import load_rulebook
from dualtrack.rules.known import dates_of_law
from dualtrack.web.api.rules import Explained, RuleRow

BOOK = load_book()
RULEBOOK = load_rulebook(BOOK)
HTMX = {"hx-request": "true"}


def ids(page: str) -> list[str]:
    """Rules that a list links to."""
    return re.findall(r'<a href="/rules/([^"?]+)', page)


def test_the_list_has_every_rule_and_limit_by_subject(client):
    page = client.get("/rules").text
    assert ids(page) == [item.id for item in RULEBOOK.items]
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings[0] == "Rules of us.export" and headings[-1] == "Limits of the china gate"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("us.review.tpp_ceiling", {"us.review.case_by_case", "us.review.presumption_of_denial"}),
        ("letters AUGUST 2022", {"us.letter_2022.licence_required"}),
        ("levy", {"us.levy.due", "us.levy.outside", "us.levy.not_yet"}),
    ],
)
def test_a_search_looks_into_names_sentences_and_parameters(client, query, found):
    shown = set(ids(client.get("/rules", params={"q": query}).text))
    assert found <= shown < {item.id for item in RULEBOOK.items}


def test_a_search_looks_into_the_sources(client):
    document = explanation("china.h20_guidance", RULEBOOK, BOOK)
    publisher = document["sources"][0]["publisher"]
    assert "china.h20_guidance" in ids(client.get("/rules", params={"q": publisher}).text)


def test_what_nobody_says_is_found_nowhere_and_shown_as_text(client):
    answer = client.get("/rules", params={"q": '"><script>alert(1)</script>'})
    assert answer.status_code == 200 and ids(answer.text) == []
    assert "No rule has all of these words" in answer.text
    assert "<script>alert" not in answer.text and "&lt;script&gt;alert" in answer.text


def test_the_law_of_a_day_has_the_rules_known_then_and_no_end_that_was_not(client):
    page = client.get("/rules?known_by=2025-12-31").text
    assert "us.review.case_by_case" not in ids(page) and "us.control.presumption_of_denial" in ids(page)
    document = client.get("/api/v1/rules/us.control.presumption_of_denial?known_by=2025-12-31").json()
    assert document["in_force"] == [{"from": "2023-11-17", "to": None}]
    assert "known_by=2025-12-31" in page


def test_a_rule_has_its_sentence_its_parameters_with_history_and_links_to_its_facts(client):
    page = client.get("/rules/us.review.case_by_case").text
    document = explanation("us.review.case_by_case", RULEBOOK, BOOK)
    assert document["sentence"].split(". ")[0] in page
    assert "21,000" in page and "from 2026-01-15" in page
    for source in document["sources"]:
        assert f'href="/facts/{source["fact"]}"' in page
    assert "scenario second-generation" in page and "Worked example" in page


def test_a_rule_not_known_yet_is_told_beside_the_slider_which_begins_when_it_was(client):
    answer = client.get("/rules/us.review.case_by_case?known_by=2025-01-01")
    assert answer.status_code == 422 and "could be known from 2026-01-15" in answer.text
    dates = re.search(r"data-values='(.*?)'", answer.text)
    assert dates is not None and dates[1].startswith('["2026-01-15"')


@pytest.mark.parametrize(
    "address", ["/rules", "/rules/us.share_limit", "/api/v1/rules", "/api/v1/rules/us.share_limit"]
)
@pytest.mark.parametrize("day", ["never", "2021-01-01", "9999-12"])
def test_a_day_that_cannot_be_used_is_refused_in_words(client, address, day):
    answer = client.get(address, params={"known_by": day})
    assert answer.status_code == 422
    assert "is not a date" in answer.text or "covered from 2022-01-01" in answer.text
    if not address.startswith("/api"):
        assert re.search(r'id="control-known_by-error">[^<]+</p>', answer.text)


def test_an_unknown_rule_is_not_there_the_nearest_are_named_and_a_parameter_names_its_rules(client):
    answer = client.get("/rules/us.review.case")
    assert answer.status_code == 404 and "us.review.case_by_case" in answer.text
    answer = client.get("/rules/us.review.tpp_ceiling")
    assert answer.status_code == 404 and "is a parameter" in answer.text


def test_a_part_names_the_address_that_shows_the_same(client):
    part = client.get("/rules", params={"q": " duty ", "known_by": ""}, headers=HTMX)
    assert "<html" not in part.text and 'id="status"' in part.text
    assert part.headers["hx-replace-url"] == "/rules?q=duty"
    assert ids(part.text) == ids(client.get("/rules?q=duty").text) != []


def test_the_interface_gives_what_the_command_gives_in_the_form_it_describes(client):
    rows = client.get("/api/v1/rules").json()
    assert rows == listed(RULEBOOK, BOOK)
    for row in rows:
        RuleRow.model_validate(row)
        document = client.get(f"/api/v1/rules/{row['id']}").json()
        assert document == explanation(row["id"], RULEBOOK, BOOK)
        Explained.model_validate(document)


def test_rules_as_known_long_ago_have_the_form_described_too(client):
    for day in dates_of_law(BOOK)[::6]:
        for row in client.get("/api/v1/rules", params={"known_by": day.isoformat()}).json()[::4]:
            document = client.get(f"/api/v1/rules/{row['id']}", params={"known_by": day.isoformat()}).json()
            Explained.model_validate(document)

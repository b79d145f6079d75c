"""The Facts pages and their part of the interface."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from dualtrack.facts.book import DATA_DIR, load_book
from dualtrack.facts.cite import citation, uses
from dualtrack.web.api.facts import Cited, FactEntry
from dualtrack.web.templating import environment

BOOK = load_book()
STOCK = "nvidia.inventory.h200.2025_12"
HTMX = {"hx-request": "true"}


def ids(page: str) -> list[str]:
    """Facts that the table of a list links to."""
    return re.findall(r'<td class="named"><a href="/facts/([^"?]+)', page)


def test_the_pages_of_the_list_have_every_fact_once_in_order(client):
    shown: list[str] = []
    address: str | None = "/facts"
    while address:
        page = client.get(address).text
        assert 0 < len(ids(page)) <= 40
        shown += ids(page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else None
    assert shown == sorted(BOOK)


def test_a_search_narrows_the_list_as_the_command_does(client):
    page = client.get("/facts?q=H200+inventory").text
    assert ids(page) == [fact.id for fact in BOOK.search("h200 inventory")][:40]
    assert f"{len(BOOK.search('h200 inventory'))} of {len(BOOK)} facts" in page


def test_a_search_keeps_its_words_and_day_from_page_to_page(client):
    page = client.get("/facts?q=capex&known_by=2026-01-31").text
    following = re.search(r'<a rel="next" href="([^"]+)"', page)
    assert following is not None
    second = client.get(html.unescape(following[1])).text
    found = [fact.id for fact in BOOK.search("capex", date(2026, 1, 31))]
    assert ids(page) + ids(second) == found[:80]
    # A page after the last is the last.
    assert "Page 24 of 24" in client.get("/facts?page=999999").text


def test_what_became_known_later_is_hidden(client):
    later = BOOK.get("amazon.capex.2025q4")
    before = client.get(f"/facts?q={later.id}&known_by=2026-01-31").text
    assert later.id not in ids(before) and later.id in ids(client.get(f"/facts?q={later.id}").text)
    known = len(BOOK.search("", date(2024, 1, 1)))
    assert f"of {known} facts known by 2024-01-01" in client.get("/facts?known_by=2024-01-01").text


def test_a_row_says_value_range_unit_day_and_confidence(client):
    page = client.get("/facts?q=china.h200.first_approval_2026_01").text
    row = re.sub(r"<[^>]+>", " ", re.findall(r"<tr>.*?</tr>", page, flags=re.S)[1])
    for words in ("400,000 (200,000 – 500,000) units", "2026-01-28", "2026-01-31", "low"):
        assert words in row


def test_a_fact_has_all_that_cite_says_with_links_to_rules_and_keys(client):
    page = client.get("/facts/export.rule_2026_01.tpp_max").text
    fact = BOOK.get("export.rule_2026_01.tpp_max")
    assert "21,000 TPP" in page and fact.what in page and fact.source.publisher in page
    assert 'href="/rules/us.review.case_by_case"' in page
    assert f'<a href="{html.escape(fact.source.address)}" rel="noreferrer">' in page
    stock = client.get(f"/facts/{STOCK}").text
    assert 'href="/explore#control-vendor-stock_units"' in stock or "<code>vendor.stock_units</code>" in stock
    assert "claims/press-2026-01.yaml" in stock


def test_a_fact_that_is_an_estimate_looking_back_says_so(client):
    fact = next(
        BOOK.get(name)
        for name in sorted(BOOK)
        if BOOK.get(name).hindsight and BOOK.get(name).on_end < date(2026, 1, 1) < BOOK.get(name).known_by
    )
    assert "hindsight" in client.get(f"/facts/{fact.id}").text
    page = client.get(f"/facts/{fact.id}?known_by=2026-01-01").text
    assert f"It was known only from {fact.known_by}" in page


def test_a_fact_not_known_yet_is_told_beside_the_slider(client):
    answer = client.get("/facts/amazon.capex.2025q4?known_by=2026-01-31")
    assert answer.status_code == 422
    said = re.search(r'id="control-known_by-error">(.*?)</p>', answer.text, flags=re.S)
    assert said is not None and "was not known on 2026-01-31" in said[1]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("page", "x", "is no page of the list"),
        ("page", "0", "is no page of the list"),
        ("page", "1_0", "is no page of the list"),
        ("known_by", "FY0001", "is not a date"),
        ("q", "a" * 201, "at most 200"),
    ],
)
def test_a_field_that_cannot_be_used_is_refused_in_words(client, field, value, words):
    answer = client.get("/facts", params={field: value})
    assert answer.status_code == 422 and words in answer.text and ids(answer.text) == []
    part = client.get("/facts", params={field: value}, headers=HTMX)
    assert part.status_code == 422 and f'data-key="{field}"' in part.text


def test_an_unknown_fact_is_not_there_and_the_nearest_are_named(client):
    for address in ("/facts/nvidia.inventory.h200", "/api/v1/facts/nvidia.inventory.h200"):
        answer = client.get(address)
        assert answer.status_code == 404 and STOCK in answer.text


@pytest.mark.parametrize(
    "query", ["<b>bold</b>", "'; drop table facts; --", "{{ 7 * 7 }}", "\0", "💡", "%2e%2e/"]
)
def test_odd_words_are_searched_and_shown_as_text(client, query):
    answer = client.get("/facts", params={"q": query})
    assert answer.status_code == 200 and "No fact has all of these words" in answer.text
    assert "<b>bold" not in answer.text and "49" not in answer.text.split("<main")[1].split("</form>")[0]


@pytest.mark.parametrize(
    ("address", "is_link"),
    [
        ("https://example.org/a?b=1&c=2", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data://x", False),
    ],
)
def test_only_addresses_of_the_web_become_links(address, is_link):
    template = '{% from "reference.html.j2" import outside %}{{ outside(address, "words") }}'
    shown = environment().from_string(template).render(address=address)
    assert ("<a href=" in shown) == is_link and "words" in shown


def test_the_interface_gives_what_the_command_gives_in_the_form_it_describes(client):
    found = client.get("/api/v1/facts", params={"q": "hbm", "known_by": "2025-12-31"}).json()
    assert found == [fact.content() for fact in BOOK.search("hbm", date(2025, 12, 31))]
    for document in client.get("/api/v1/facts").json():
        FactEntry.model_validate(document)
    for name in (STOCK, "export.rule_2023_10.header", "export.penalty.criminal"):
        document = client.get(f"/api/v1/facts/{name}").json()
        assert document == citation(BOOK, name, None, uses(name, DATA_DIR))
        Cited.model_validate(document)

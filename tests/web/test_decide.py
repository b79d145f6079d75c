"""The page Decide and its interface give what the command gives, and say all that is wrong with an order."""

from __future__ import annotations

import html
import json
import re
import shlex

import pytest
from tests.cli.helpers import dualtrack

from dualtrack.web.api.decide import DecisionDocument
from dualtrack.web.orders import MOST_FIELDS, question_of

ORDER = {"chip": "H200", "buyer": "bytedance", "units": "60000"}
ALL = {
    **ORDER,
    "destination": "hong_kong",
    "end_use": "research",
    "price": "25000",
    "on": "2026-01-20",
    "us_units": "2000000",
    "ratio": "0.5",
}
PART = {"hx-request": "true"}


def command(order: dict[str, str], *declared: str) -> dict:
    words = [word for name, text in order.items() for word in (f"--{name.replace('_', '-')}", text)]
    return dualtrack(
        "decide", *words, *(w for one in declared for w in ("--declare", one)), "--json"
    ).document


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("order", [ORDER, ALL], ids=["a short order", "every option"])
def test_the_interface_gives_the_document_of_the_command(client, order):
    wanted = command(order, "kyc=yes", "listed=no")
    by_address = client.get("/api/v1/decide", params={**order, "declare": ["kyc=yes", "listed=no"]})
    numbers = {name: float(order[name]) for name in ("price", "us_units", "ratio") if name in order}
    body = {**order, **numbers, "units": int(order["units"]), "declare": {"kyc": True, "listed": False}}
    assert by_address.json() == wanted
    assert client.post("/api/v1/decide", json=body).json() == wanted
    DecisionDocument.model_validate(wanted)


def test_the_page_shows_the_outcome_its_findings_and_what_is_missing(client):
    document = command(ORDER, "kyc=yes")
    page = client.get("/decide", params={**ORDER, "kyc": "yes"})
    assert page.status_code == 200
    said = text_of(page.text)
    assert "Needs more before it may ship" in said
    for gate in (document["us"], document["china"]):
        for finding in gate["findings"]:
            assert finding["text"] in said
            for fact in finding["facts"]:
                assert f'href="/facts/{fact}"' in page.text
        for rule in gate["rules"]:
            assert f'href="/rules/{rule}"' in page.text
    assert 'href="/rules/us.share_limit"' in page.text
    assert "405,000,000 USD" in said
    assert said.count("not declared") >= len(document["us"]["missing"])


def test_the_command_and_the_interface_shown_give_the_same(client):
    page = client.get("/decide", params={**ALL, "kyc": "yes"}).text
    shown = html.unescape(re.search(r'<pre id="command"[^>]*><code>(.*?)</code>', page).group(1))
    address = html.unescape(re.search(r'href="(/api/v1/decide[^"]*)"', page).group(1))
    words = shlex.split(shown)
    assert words[:2] == ["dualtrack", "decide"]
    assert dualtrack(*words[1:], "--json").document == client.get(address).json() == command(ALL, "kyc=yes")


def test_declaring_all_that_is_missing_lets_the_order_ship(client):
    page = client.get("/decide", params=ORDER).text
    address = html.unescape(
        re.search(r'<a href="([^"]*)">The answer with all of that declared', page).group(1)
    )
    assert "May ship" in text_of(client.get(address).text)


def test_in_a_gate_that_bars_a_finding_speaks_against_the_order(client):
    page = client.get("/decide", params={**ORDER, "chip": "B200"}).text
    assert 'class="badge no">May not ship' in page
    assert 'class="badge no">against it' in page


def test_the_form_holds_what_the_address_holds(client):
    page = client.get(
        "/decide", params={**ORDER, "licence": "no", "price": "27000", "end_use": "Research"}
    ).text
    for wanted in (
        '<option value="nvidia.h200_sxm" selected>',
        '<option value="bytedance" selected>',
        'name="price" value="27000"',
        '<option value="research" selected>',
    ):
        assert wanted in page
    # An alias stands at the field that it names.
    field = re.search(r'<select id="control-licence_granted".*?</select>', page, re.DOTALL).group()
    assert '<option value="no" selected>' in field


def test_every_fault_is_told_at_once_at_its_field(client):
    asked = {
        "chip": "h-200",
        "units": "many",
        "on": "2020-01-01",
        "kyc": "perhaps",
        "kycc": "yes",
        "price": "-1",
    }
    page = client.get("/decide", params=asked)
    assert page.status_code == 422
    faults = dict(re.findall(r'<li data-key="(\w+)">(.*?)</li>', page.text, re.DOTALL))
    assert set(faults) == {"chip", "buyer", "units", "on", "kyc", "declare", "price"}
    assert "Did you mean &#39;h200&#39;" in faults["chip"]
    assert "covered from 2022-01-01" in faults["on"]
    assert "Did you mean &#39;kyc&#39;" in faults["declare"]
    for name in ("chip", "buyer", "units", "on", "kyc", "price"):
        control = re.search(
            rf'<div class="control" data-key="{name}">.*?</div>', page.text, re.DOTALL
        ).group()
        assert 'aria-invalid="true"' in control
    part = client.get("/decide", params=asked, headers=PART)
    assert part.status_code == 422
    assert part.text.startswith('<div class="fault">')


def test_a_part_is_the_answer_alone(client):
    part = client.get("/decide", params=ORDER, headers=PART).text
    assert "<form" not in part
    assert 'id="status" hx-swap-oob' in part
    assert 'id="status" hx-swap-oob' not in client.get("/decide", params=ORDER).text


def test_what_is_typed_comes_back_as_text(client):
    sign = '"><script>alert(1)</script>'
    page = client.get("/decide", params={**ORDER, "chip": sign, "units": sign, sign: "yes", "kyc": sign})
    assert page.status_code == 422
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "asked",
    [
        {**ORDER, "units": "9" * 5_000},
        {**ORDER, "ratio": "nan"},
        {**ORDER, "price": "1e999"},
        {**ORDER, "on": "2026-02-30"},
        {**ORDER, "on": "9" * 300},
        {**ORDER, "end_use": "\0"},
        {**ORDER, **{f"x{n}": "1" for n in range(MOST_FIELDS)}},
        {**ORDER, "ledger": "/secret/words"},
        {**ORDER, "declare": "kyc=yes"},
    ],
    ids=["units", "nan", "inf", "no day", "long day", "null", "many fields", "a file of ours", "a list"],
)
def test_no_address_makes_the_page_fail(client, asked):
    assert client.get("/decide", params=asked).status_code == 422


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, "chip"),
        ({**ORDER, "units": 0}, "--units"),
        ({**ORDER, "units": 6, "ledger": "/secret/words"}, "ledger"),
        ({**ORDER, "units": 6, "declare": {"kycc": True}}, "Did you mean 'kyc'"),
        ({**ORDER, "units": 6, "price": -1}, "--price"),
    ],
    ids=["nothing", "no units", "a file of ours", "a declaration", "a price"],
)
def test_the_interface_says_what_is_wrong(client, body, wanted):
    answer = client.post("/api/v1/decide", json=body)
    assert answer.status_code == 422
    assert wanted in answer.json()["error"]


def test_the_same_order_has_one_answer_however_it_is_written():
    given = question_of([("chip", "H200"), ("units", " 5 "), ("price", ""), ("licence", "yes")])
    other = question_of([("units", "5"), ("licence_granted", "yes"), ("chip", "H200")])
    assert given == other
    assert given.key == other.key
    assert json.loads(json.dumps(given.options)) == {"chip": "H200", "units": "5"}

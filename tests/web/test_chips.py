"""The Chips pages and their part of the interface."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from dualtrack.decide.classify import classification_document, classify
from dualtrack.decide.question import law_on
from dualtrack.entities import find_chip, load_chips
from dualtrack.facts.book import load_book
from dualtrack.rules import load_rulebook
from dualtrack.web.api.chips import Classified

BOOK = load_book()
RULEBOOK = load_rulebook(BOOK)
HTMX = {"hx-request": "true"}


def row_of(page: str, name: str) -> str:
    """The table row of a chip, without its tags."""
    row = next(row for row in re.findall(r"<tr>.*?</tr>", page, flags=re.S) if f">{name}</a>" in row)
    return re.sub(r"<[^>]+>", " ", row)


def spec_of(page: str) -> str:
    return re.findall(r'<script type="application/json" class="spec">(.*?)</script>', page, flags=re.S)[0]


def test_every_chip_stands_in_the_table_with_a_link_and_in_the_picture(client):
    page = client.get("/chips").text
    for chip in load_chips().values():
        assert f'href="/chips/{chip.id}"' in page
    spec = json.loads(spec_of(page))
    texts = {row.get("text") for values in spec["datasets"].values() for row in values}
    assert {"H200 SXM", "Ascend 910C", "review window: below 21,000 TPP and 6,500 GB/s"} <= texts


def test_another_day_has_another_outcome_other_columns_and_other_lines(client):
    then, now = client.get("/chips?on=2025-06-01").text, client.get("/chips").text
    assert "presumption of denial" in row_of(then, "H200 SXM 141GB")
    assert "case by case" in row_of(now, "H200 SXM 141GB")
    assert "TPP to spare" in now and "TPP to spare" not in then
    assert "review window" in spec_of(now) and "review window" not in spec_of(then)
    # A link from the list keeps the day.
    assert 'href="/chips/nvidia.h200_sxm?on=2025-06-01"' in then
    assert "Law of 2025-06-01" in client.get("/chips/nvidia.h200_sxm?on=2025-06-01").text


def test_the_numbers_of_a_row_are_those_of_the_classification(client):
    document = classification_document(classify(find_chip("MI325X"), law_on(RULEBOOK, BOOK)))
    row = row_of(client.get("/chips").text, document["name"])
    for value in ("20,919.2", "80.8", "6,000", "500", "3A090.a", "case by case"):
        assert value in row
    assert document["window_margin"]["tpp"] == pytest.approx(80.8)


def test_a_chip_is_found_by_its_alias_with_its_sources_as_links_that_tell_nobody(client):
    page = client.get("/chips/h200").text
    assert "<h1>H200 SXM 141GB</h1>" in page and "5,168 TPP to spare" in page
    links = re.findall(r'<a href="(http[^"]+)"([^>]*)>', page)
    assert links and all('rel="noreferrer"' in rest for _, rest in links)


def test_a_part_is_a_part_and_names_the_address_that_shows_the_same(client):
    part = client.get("/chips?on=2025-06-01", headers=HTMX)
    assert "<html" not in part.text and "Law of 2025-06-01" in part.text
    assert part.headers["hx-replace-url"] == "/chips?on=2025-06-01"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2025Q4", "Wanted: one day"),
        ("soon", "is not a date"),
        ("2021-12-31", "covered from 2022-01-01"),
        ("0000", "is not a date"),
    ],
)
def test_a_day_that_cannot_be_used_is_told_beside_its_field(client, day, words):
    answer = client.get("/chips", params={"on": day})
    assert answer.status_code == 422
    field = re.search(r'id="on-error">(.*?)</p>', answer.text, flags=re.S)
    assert field is not None and words in field[1]
    assert "<table" not in answer.text
    part = client.get("/chips", params={"on": day}, headers=HTMX)
    assert part.status_code == 422 and 'data-key="on"' in part.text
    assert words in client.get("/api/v1/chips", params={"on": day}).json()["error"]


def test_an_unknown_chip_is_not_there_and_the_nearest_are_named(client):
    answer = client.get("/chips/H2O")
    assert answer.status_code == 404 and "Did you mean" in answer.text and "h20" in answer.text
    told = client.get("/api/v1/chips/H2O")
    assert told.status_code == 404 and "h20" in told.json()["error"]


def test_an_odd_name_is_shown_as_text(client):
    answer = client.get("/chips/<script>alert(1)<%2Fscript>")
    assert answer.status_code == 404 and "<script>alert" not in answer.text
    answer = client.get("/chips/%3Cscript%3E")
    assert answer.status_code == 404 and "<script>'" not in answer.text and "&lt;script&gt;" in answer.text


def test_the_interface_gives_what_the_command_gives_in_the_form_it_describes(client):
    answer = client.get("/api/v1/chips?on=2024-06-01").json()
    law = law_on(RULEBOOK, BOOK, date(2024, 6, 1))
    assert answer == [classification_document(classify(chip, law)) for chip in load_chips().values()]
    for document in answer:
        Classified.model_validate(document)
    one = client.get("/api/v1/chips/H200?on=2024-06-01").json()
    assert one in answer

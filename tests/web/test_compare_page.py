"""The page Compare and its part of the interface: the command's document, both settings in the address, faults by side."""

from __future__ import annotations

import html
import json
import re
import shlex
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.cli.helpers import dualtrack
from tests.web.long_tasks import API, FRAGMENT, ended, result, task_in

from dualtrack.settings.state import Limits, State
from dualtrack.web.comparison import LETTERS, compare_query, read_comparison

SMALL = {"paths": 20, "months": 6}
ADDRESS = "/compare?a.scenario=h200-truce&a.china.ratio=1&a.us.levy_rate=0.5&b.scenario=no-imports&paths=20&months=6"
SIDES = [{"scenario": "h200-truce", "set": ["china.ratio=1", "us.levy_rate=0.5"]}, {"scenario": "no-imports"}]


def compared(client: TestClient, **asked: Any) -> Any:
    answer = client.post("/api/v1/compare", json={**SMALL, "sides": SIDES, **asked})
    assert answer.status_code == 202, answer.text
    return result(client, answer.json()["id"])


def read(text: str, usual_paths: int = 100) -> Any:
    """A comparison of the parameters in an address."""
    query: dict[str, list[str]] = {}
    for pair in text.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        query.setdefault(name, []).append(value)
    return read_comparison(query, Limits(), usual_paths)


def test_the_interface_gives_the_document_of_the_command(client: TestClient) -> None:
    document = compared(client)
    words = ("h200-truce:us.levy_rate=0.5,china.ratio=1", "no-imports", "--paths", "20", "--months", "6")
    command = dualtrack("compare", *words, "--json")
    assert command.code == 0, command.err
    assert document == command.document
    again = dualtrack(*shlex.split(document["command"])[1:], "--json")
    assert again.document == document


def test_outcomes_and_more_than_two_sides(client: TestClient) -> None:
    sides = [*SIDES, {"scenario": "open-door", "set": []}]
    document = compared(client, sides=sides, outcomes=["h200_backlog@2026-05"])
    assert list(document["questions"]) == ["h200_backlog@2026-05"]
    assert [found["base"] for found in document["comparisons"]] == ["open-door", "open-door"]


def test_the_page_shows_the_progress_then_the_result(client: TestClient) -> None:
    address = f"{ADDRESS}&seed=11"
    first = client.get(address)
    assert first.status_code == 200
    task = task_in(first.text)
    assert ended(client, task)["state"] == "done"

    strip = client.get(f"/tasks/{task}", headers=FRAGMENT)
    shown = html.unescape(re.findall(r'hx-get="(/compare[^"]+)"', strip.text)[0])
    part = client.get(shown, headers=FRAGMENT)
    page = client.get(address)
    for answer in (part, page):
        assert answer.status_code == 200
        assert "In short: A against B" in answer.text
        assert "How often A is more than B" in answer.text
        assert "<code>china.ratio=1</code>" in answer.text
    assert "<html" in page.text and "<html" not in part.text
    document = client.get(f"{API}/{task}/result").json()
    assert html.escape(document["command"]) in page.text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    # Every chart is data that a browser draws: months of the run in it, no picture.
    specs = [json.loads(spec) for spec in re.findall(r'class="spec">(.*?)</script>', page.text, re.DOTALL)]
    assert len(specs) == 6
    assert all(spec["$schema"].startswith("https://vega.github.io/schema/vega-lite") for spec in specs)


def test_the_form_holds_both_settings_with_what_was_changed_first(client: TestClient) -> None:
    page = client.get(ADDRESS).text
    a, b = re.findall(r"<fieldset>.*?</fieldset>", page, re.DOTALL)
    assert '<option value="h200-truce" selected>' in a and '<option value="no-imports" selected>' in b
    assert re.search(r'name="a\.china\.ratio" value="1"', a)
    assert re.search(r'name="b\.china\.ratio" value=""', b)
    assert a.index("a.china.ratio") < a.index("a.us.share_limit")
    assert b.index("b.us.share_limit") < b.index("b.china.ratio")


def test_the_address_is_what_was_read_from_it() -> None:
    comparison = read(ADDRESS).checked()
    assert read(f"?{comparison.query_string()}").checked() == comparison
    # As many paths as the scenario's own file says are named too: the page's usual number is another.
    assert "paths=10000" in read("?paths=10000").checked().query_string()
    assert read("?").checked().paths == 100


def test_explore_links_to_a_comparison_with_the_scenario_as_it_is() -> None:
    state = State("open-door", (("china.ratio", "2"),), months=12)
    found = read(f"?{compare_query(state, State('open-door'))}").checked()
    assert found.texts == ["open-door:china.ratio=2", "open-door"]
    assert found.options == {"paths": 100, "seed": None, "months": 12}


def test_other_settings_are_another_comparison() -> None:
    base = read(ADDRESS).checked().digest()
    for more in ("&seed=5", "&b.china.ratio=2", "&outcome=h200_backlog", "&a.us.levy_rate=0.4"):
        assert read(ADDRESS + more).checked().digest() != base
    assert read(ADDRESS.replace("ratio=1", "ratio=1.0")).checked().digest() == base


WRONG = {
    "a.china.ratio=lots": ("a.china.ratio", "A, --set china.ratio=lots: "),
    "b.us.levy_rate=7": ("b.us.levy_rate", "B, --set us.levy_rate=7: "),
    "b.set=vendor.prize_usd=1": ("b.vendor.prize_usd", "Did you mean 'vendor.price_usd'"),
    "b.scenario=no-import": ("b.scenario", "Did you mean 'no-imports'"),
    "a.scenario=/secret/words.yaml": ("a.scenario", "There is no scenario"),
    "paths=30000": ("paths", "30,000 are more than the 20,000"),
    "months=300": ("months", "outside 1 to 60"),
    "outcome=h200_backlogs": ("outcome", "Did you mean 'h200_backlog'"),
    "outcome=h200_backlog@2031-01": ("outcome", "2031-01"),
    "b.scenario=h200-truce": ("a.scenario", "named twice"),
}


@pytest.mark.parametrize(("query", "wanted"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_told_by_side_and_key(
    client: TestClient, query: str, wanted: tuple[str, str]
) -> None:
    key, words = wanted
    for headers in ({}, FRAGMENT):
        answer = client.get(f"/compare?{query}", headers=headers)
        assert answer.status_code == 422
        text = html.unescape(answer.text)
        assert words in text
        if not headers:
            told = re.findall(r'<li data-key="([^"]*)">', text)
            assert told == [key]


def test_the_interface_refuses_in_words(client: TestClient) -> None:
    for asked, words in (
        (
            {"sides": [{"scenario": "h200-truce", "set": ["china.ratoi=1"]}, {}]},
            "A, --set china.ratoi=1: there is no key",
        ),
        ({"sides": [{}]}, "sides"),
        ({"sides": [{}, {"scenario": "no-imports"}], "paths": 0}, "paths"),
        ({"sides": [{}, {"scenario": "no-imports"}], "path": 10}, "path"),
        ({"sides": [{}, {"scenario": "no-imports"}], "seed": False}, "seed"),
        ({"sides": [{}, {}]}, "named twice"),
        (
            {"sides": [{}, {"scenario": "h200-truce", "set": ["china.ratio=1,paths=9000000"]}]},
            "B, --set china.ratio",
        ),
    ):
        answer = client.post("/api/v1/compare", json=asked)
        assert answer.status_code == 422
        assert words in answer.json()["error"]


def test_a_comparison_can_be_cancelled_and_asked_for_again(client: TestClient) -> None:
    sides = [{"scenario": name} for name in ("h200-truce", "open-door", "slow-freeze", "no-imports")]
    asked = {"sides": sides, "paths": 20_000}
    task = client.post("/api/v1/compare", json=asked).json()["id"]
    strip = client.post(f"/tasks/{task}/cancel", headers=FRAGMENT)
    assert "cancelled" in strip.text
    assert ended(client, task)["state"] == "cancelled"
    assert client.get(f"{API}/{task}/result").status_code == 404
    assert client.post(f"/studies/{task}/files").status_code == 404
    again = client.post("/api/v1/compare", json=asked).json()
    assert again["id"] != task
    client.delete(f"{API}/{again['id']}")


def test_the_files_are_those_of_the_command(client: TestClient, tmp_path: Any) -> None:
    asked = {**SMALL, "sides": SIDES, "outcomes": ["h200_backlog"]}
    study = client.post("/api/v1/compare", json=asked).json()["id"]
    document = result(client, study)
    strip = client.post(f"/studies/{study}/files", headers=FRAGMENT)
    task = ended(client, task_in(strip.text))
    out = tmp_path / "out"
    command = dualtrack(*shlex.split(document["command"])[1:], "--out", out)
    assert command.code == 0, command.err
    assert sorted(task["files"]) == sorted(path.name for path in out.iterdir())
    for name in ("compare.json", "compare.csv", "compare.html"):
        file = client.get(f"/tasks/{task['id']}/files/{name}")
        assert file.content == (out / name).read_bytes()
        assert "attachment" in file.headers["content-disposition"]


def test_there_are_as_many_letters_as_sides() -> None:
    assert len(set(LETTERS)) == 8

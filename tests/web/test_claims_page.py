"""The page Claims and its part of the interface: the command's document, verdicts in words, and files that users send."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from tests.cli.helpers import dualtrack
from tests.web.long_tasks import API, FRAGMENT, ended, result, task_in

from dualtrack.web.pages.claims import EXAMPLE

SMALL = {"paths": 20, "months": 14}
ADDRESS = "/claims?scenario=open-door&china.ratio=1&paths=20&months=14"
BROKEN = """\
title: Mine
claims:
  - id: one
    statement: S
    because: B
    about:
      - {name: a, outcome: h200_delivered_cum, test: '> 1', becuase: x}
  - id: two
    statement: S
    about: []
"""


def judged(client: TestClient, **asked: Any) -> Any:
    answer = client.post("/api/v1/claims", json={**SMALL, **asked})
    assert answer.status_code == 202, answer.text
    return result(client, answer.json()["id"])


def sent(client: TestClient, text: str | bytes, name: str = "mine.yaml", **fields: str) -> httpx2.Response:
    """The answer to a file sent from the page's form."""
    data = {"scenario": "h200-truce", "paths": "20", "months": "14", **fields}
    return client.post("/claims/own", data=data, files={"file": (name, text)})


def cards(page: str) -> list[str]:
    return re.findall(r'<article class="card.*?</article>', page, re.DOTALL)


def test_the_interface_gives_the_document_of_the_command(client: TestClient) -> None:
    document = judged(client, scenario="open-door", set=["china.ratio=1"])
    words = ("open-door", "--set", "china.ratio=1", "--paths", "20", "--months", "14")
    command = dualtrack("claims", *words, "--json")
    assert command.code == 0, command.err
    again = dualtrack(*shlex.split(document["command"])[1:], "--json")
    assert again.document == document
    assert command.document == {**document, "command": command.document["command"]}


def test_a_users_own_claims_give_the_document_of_the_command(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = judged(client, claims=EXAMPLE)
    (tmp_path / "claims.yaml").write_text(EXAMPLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    command = dualtrack(*shlex.split(document["command"])[1:], "--json")
    assert command.code == 0, command.err
    assert command.document == document
    assert document["claims"][0]["verdict"] in ("holds", "holds partly", "does not hold")


def test_the_page_shows_a_card_for_each_claim_with_its_verdict_in_words(client: TestClient) -> None:
    address = f"{ADDRESS}&seed=3"
    first = client.get(address)
    assert first.status_code == 200
    document = result(client, task_in(first.text))
    page = client.get(address).text
    assert page.count('id="status"') == 1
    assert len(cards(page)) == len(document["claims"]) == 14
    for claim, card in zip(document["claims"], cards(page), strict=True):
        text = html.unescape(card)
        assert claim["statement"] in text
        assert re.search(rf'<span class="badge \w+">{claim["verdict"]}</span>', text)
        for measure in claim["measures"]:
            assert measure["name"] in text
        for row in claim["sources"]:
            assert (row.get("address") or row["what"]) in text
    assert html.escape(document["command"]) in page
    part = client.get(address, headers=FRAGMENT)
    assert "<html" not in part.text and cards(part.text) == cards(page)


def test_the_list_can_be_cut_down_to_a_verdict(client: TestClient) -> None:
    document = result(client, task_in(client.get(f"{ADDRESS}&seed=4").text))
    assert sum(document["counts"].values()) == 14
    for verdict, count in document["counts"].items():
        page = client.get(f"{ADDRESS}&seed=4&verdict={verdict.replace(' ', '+')}").text
        assert len(cards(page)) == count
        assert all(f">{verdict}</span>" in card for card in cards(page))
        tab = re.findall(r'<a href="([^"]+)" aria-current="page" hx-get', page)
        assert len(tab) == 1 and tab[0].endswith(f"verdict={verdict.replace(' ', '+')}")
    wrong = client.get(f"{ADDRESS}&verdict=hold")
    assert wrong.status_code == 422 and "Did you mean" in wrong.text


def test_a_wrong_setting_is_told_beside_its_field(client: TestClient) -> None:
    answer = client.get("/claims?china.ratio=lots&paths=30000")
    assert answer.status_code == 422
    told = re.findall(r'<li data-key="([^"]*)">', answer.text)
    assert sorted(told) == ["china.ratio", "paths"]
    assert "30,000 are more than the 20,000" in answer.text
    assert client.get("/claims?china.ratio=lots", headers=FRAGMENT).status_code == 422


def test_a_file_is_judged_and_its_page_can_be_opened_again(client: TestClient) -> None:
    answer = sent(client, EXAMPLE)
    assert answer.status_code == 200
    assert answer.history[0].status_code == 303
    address = answer.url.path
    task = address.rpartition("/")[2]
    assert ended(client, task)["state"] == "done"
    page = client.get(address).text
    assert len(cards(page)) == 1
    assert "--claims mine.yaml" in html.unescape(page)
    # The same file on the same setting is judged once, on another setting anew.
    assert sent(client, EXAMPLE).url.path == address
    assert sent(client, EXAMPLE, **{"china.ratio": "2"}).url.path != address


def test_faults_of_a_file_come_with_their_lines_on_the_page_of_the_form(client: TestClient) -> None:
    answer = sent(client, BROKEN)
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    assert "mine.yaml cannot be used. (2 faults)" in text
    assert "mine.yaml, line 7, one, a, becuase: there is no field 'becuase'. Did you mean 'because'" in text
    assert "mine.yaml, line 10, two" in text
    assert '<input type="file"' in text


def test_a_test_that_names_nothing_is_told_by_the_task(client: TestClient) -> None:
    answer = sent(client, EXAMPLE.replace("h200_delivered_cum", "h200_deliverd_cum"))
    task = answer.url.path.rpartition("/")[2]
    state = ended(client, task)
    assert state["state"] == "failed"
    assert "mine.yaml, line 8, arrives, delivered by January 2027, outcome: the measure" in state["error"]
    assert "There is no outcome" in client.get(answer.url.path).text


LOLS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
UNUSABLE: dict[str, tuple[str | bytes, int, str]] = {
    "no YAML": ("claims: [", 422, "not YAML"),
    "empty": ("", 422, "is empty"),
    "no text": (b"\xff\xfe\x00", 422, "Save it as UTF-8"),
    "nested": ("[" * 90_000, 422, "nested more than 100 deep"),
    "aliases": (LOLS, 422, "aliases unfold to more than"),
    "another thing": ("title: T\nset: {}\n", 422, "there is no field 'set'"),
    "large": ("#" * 100_001, 413, "larger than 100 kB"),
}


@pytest.mark.parametrize(("text", "status", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_file_of_claims_is_refused(
    client: TestClient, text: str | bytes, status: int, words: str
) -> None:
    answer = sent(client, text)
    assert answer.status_code == status
    assert words in html.unescape(answer.text)
    if isinstance(text, str):
        told = client.post("/api/v1/claims", json={"claims": text})
        assert told.status_code == status
        assert words in told.json()["error"]


def test_no_file_at_all_is_told(client: TestClient) -> None:
    answer = client.post("/claims/own", data={"scenario": "h200-truce"})
    assert answer.status_code == 422 and "There is no file" in answer.text


def test_a_file_reads_no_other_file_and_its_name_is_no_path(client: TestClient, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("title: Other\ninherits: no-imports\n", encoding="utf-8")
    text = EXAMPLE.replace("test: '> 1000'", f"test: '> 1000'\n        against: {other}")
    answer = sent(client, text, name="../../etc/mine.yaml")
    state = ended(client, answer.url.path.rpartition("/")[2])
    assert state["state"] == "failed"
    assert "mine.yaml, line 8, arrives" in state["error"] and "There is no shipped scenario" in state["error"]
    assert "etc" not in state["error"]


def test_a_judgement_can_be_cancelled(client: TestClient) -> None:
    asked = {"paths": 20_000, "scenario": "slow-freeze"}
    task = client.post("/api/v1/claims", json=asked).json()["id"]
    assert client.delete(f"{API}/{task}").json()["state"] == "cancelled"
    assert ended(client, task)["state"] == "cancelled"


def test_only_claims_that_were_sent_have_such_a_page(client: TestClient) -> None:
    task = client.post("/api/v1/claims", json=SMALL).json()["id"]
    assert client.get(f"/claims/own/{task}").status_code == 404
    assert client.get("/claims/own/nothing").status_code == 404
    ended(client, task)

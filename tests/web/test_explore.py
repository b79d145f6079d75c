"""Explore, Downloads and runs by the interface: the numbers of the command, by address."""

from __future__ import annotations

import html
import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dualtrack import cli, run
from dualtrack.report.charts import make_chart, themed
from dualtrack.results.summary import summarise
from dualtrack.web.jobs.explore import FIGURES
from dualtrack.web.service.limits import Limits

PART = {"HX-Request": "true"}
LIMITS = Limits(workers=1)


def printed(command: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the command prints with --json, but for the time it took."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.argv", [*shlex.split(command), "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert not ended.value.code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found | {"seconds": 0.0}


def test_a_run_of_the_interface_is_the_commands(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "/api/v1/run?scenario=one-for-one&set=us.share_limit=0.3&set=us.revocation=2026-10&paths=40&months=18&seed=7"
    found = client.get(address).json() | {"seconds": 0.0}
    command = "dualtrack run one-for-one --paths 40 --seed 7 --months 18 --set us.share_limit=0.3 --set us.revocation=2026-10"
    wanted = printed(command, capsys)
    # The manifest has the changes in the order of the controls, the command in that typed.
    assert found.pop("manifest")["facts_sha256"] == wanted.pop("manifest")["facts_sha256"]
    assert found == wanted


def test_the_figures_are_those_of_the_whole_run_and_the_command_makes_it_again(
    client: TestClient, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shown = client.get("/api/v1/explore?set=china.ratio=2&set=us.buyer_cap=50000&paths=64").json()
    dataset = run("h200-truce", paths=64, changes=["china.ratio=2", "us.buyer_cap=50000"])
    before = summarise(run("h200-truce", paths=64))
    names = json.loads(dataset.attrs["buyer_names"])
    charts = [
        themed(make_chart(name, summarise(dataset), names, ghost=before), "page", title=False)
        for name in FIGURES
    ]
    assert [figure["spec"] for figure in shown["figures"]] == json.loads(json.dumps(charts))
    again = printed(shown["command"], capsys)
    file = tmp_path / "mine.yaml"
    file.write_text(shown["yaml"], encoding="utf-8")
    from_file = printed(f"dualtrack run {file}", capsys)
    assert (
        again["outcomes"] == from_file["outcomes"] == json.loads(json.dumps(summarise(dataset)["outcomes"]))
    )


def test_there_is_no_grey_without_a_change(client: TestClient) -> None:
    without = client.get("/api/v1/explore?paths=64").json()
    assert all(tile["before"] is None for tile in without["tiles"])
    changed = client.get("/api/v1/explore?set=us.share_limit=0&paths=64").json()
    assert [tile["before"] for tile in changed["tiles"]] == [tile["yours"] for tile in without["tiles"]]
    assert [tile["yours"] for tile in changed["tiles"]] != [tile["before"] for tile in changed["tiles"]]


def test_a_first_answer_comes_of_few_paths_and_is_refined(client: TestClient) -> None:
    asked = {"scenario": "h200-truce", "us.levy_rate": "0.123", "china.ratio": ""}
    first = client.get("/explore", params=asked, headers=PART)
    assert f'data-paths="{LIMITS.first_paths}"' in first.text and "refine=1" in first.text
    assert first.headers["HX-Replace-Url"] == "/explore?scenario=h200-truce&us.levy_rate=0.123"
    fine = client.get("/explore", params={**asked, "refine": "1"}, headers=PART)
    assert f'data-paths="{LIMITS.fine_paths}"' in fine.text and "refine=1" not in fine.text
    # From now on the better answer is given at once, to a whole page as well.
    assert f'data-paths="{LIMITS.fine_paths}"' in client.get("/explore", params=asked, headers=PART).text
    page = client.get("/explore", params=asked).text
    assert f'data-paths="{LIMITS.fine_paths}"' in page and 'value="0.123"' in page


def test_paths_that_are_asked_for_are_run(client: TestClient) -> None:
    asked = {"paths": "100", "us.levy_rate": "0.2"}
    first = client.get("/explore", params=asked, headers=PART).text
    assert 'data-paths="100"' in first and "refine=1" not in first
    assert "--paths 100" in html.unescape(first)


def test_a_page_without_an_answer_comes_at_once_and_asks_for_it(client: TestClient) -> None:
    page = client.get("/explore?us.levy_rate=0.777")
    assert page.status_code == 200 and "data-paths" not in page.text
    assert 'hx-get="/explore?scenario=h200-truce&amp;us.levy_rate=0.777" hx-trigger="load"' in page.text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("us.levy_rate=much", "much"),
        ("us.share_limit=-1", "outside"),
        ("scenario=../../secret/words", "There is no scenario"),
        ("set=us.share_limt=0.5", "us.share_limit"),
        ("paths=1e9", "not a whole number"),
        ("paths=20001", "20,000"),
        ("us.revocation=2040-01", "lies outside the run"),
        ("china.ratio=%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;"),
    ],
)
def test_what_cannot_be_run_is_told_on_page_part_and_interface(
    client: TestClient, address: str, words: str
) -> None:
    for asked, headers in (("/explore", {}), ("/explore", PART), ("/api/v1/explore", {})):
        told = client.get(f"{asked}?{address}", headers=headers)
        assert told.status_code == 422
        text = told.json()["error"] if asked.startswith("/api") else told.text
        assert (words if not asked.startswith("/api") else html.unescape(words)) in text
        assert "<script>alert" not in told.text or asked.startswith("/api")


def test_every_control_says_its_range_its_default_and_what_it_rests_on(client: TestClient) -> None:
    page = html.unescape(client.get("/explore").text)
    assert "As in the scenario: as the law says: 0.5." in page
    assert "The slider goes from 0 to 2:" in page
    assert '<a href="/facts/export.rule_2026_01.volume_cap">' in page
    assert page.count("Range and source") == page.count('class="control"') >= 28
    assert page.count("Assumption:") > 5


def test_more_than_an_answer_may_have_is_sent_to_the_files(client: TestClient) -> None:
    told = client.get("/api/v1/run?paths=10001")
    assert told.status_code == 413 and "/api/v1/files" in told.json()["error"]


def test_files_are_made_by_the_interface(client: TestClient) -> None:
    task = client.post("/api/v1/files?set=china.ratio=1&paths=30&months=14").json()
    while task["state"] in ("waiting", "running"):
        time.sleep(0.1)
        task = client.get(f"/api/v1/tasks/{task['id']}").json()
    assert task["state"] == "done"
    assert {"brief.html", "result.nc", "quarterly.csv", "scenario.yaml", "summary.json"} <= set(task["files"])
    summary = client.get(f"/api/v1/tasks/{task['id']}/files/summary.json").json()
    wanted = summarise(run("h200-truce", paths=30, months=14, changes=["china.ratio=1"]))
    assert summary["outcomes"] == json.loads(json.dumps(wanted["outcomes"]))
    assert client.get(f"/api/v1/tasks/{task['id']}/files/.result").status_code == 404
    assert client.get(f"/api/v1/tasks/{task['id']}/files/..%2Fx").status_code == 404
    assert client.get("/api/v1/tasks/unknown").status_code == 404


def test_the_scenario_file_is_to_be_had_at_once(client: TestClient) -> None:
    file = client.get("/downloads/scenario.yaml?china.ratio=2&us.levy_rate=0.1")
    assert file.headers["content-disposition"] == 'attachment; filename="scenario.yaml"'
    assert "inherits: h200-truce" in file.text and "china.ratio" in file.text

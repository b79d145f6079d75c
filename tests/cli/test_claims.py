"""`dualtrack claims` as a user calls it: its three forms, what it prints, what it writes, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.helpers import contents, dualtrack, expect_refusal

SMALL = ("--paths", "20", "--months", "12")
MINE = """\
title: Mine
scenario: open-door
claims:
  - id: arrives
    statement: Something arrives within a year.
    because: A thousand units are no more than a test order.
    about:
      - {name: within a year, outcome: h200_delivered_cum@2027-01, test: '> 1000'}
"""
SCENARIO = "title: Shut\ninherits: no-imports\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_a_file_of_ones_own_on_its_own_scenario(mine: Path) -> None:
    answer = dualtrack("claims", mine, *SMALL, "--json")
    assert answer.code == 0
    document = answer.document
    assert (document["scenario"], document["paths"], document["title"]) == ("open-door", 20, "Mine")
    (claim,) = document["claims"]
    for key in ("id", "statement", "verdict", "measures", "value", "interval", "sources"):
        assert key in claim
    assert claim["verdict"] == "holds"
    assert claim["interval"][0] <= claim["value"] <= claim["interval"][1]
    assert document["command"].startswith("dualtrack claims ")


def test_the_verdict_is_no_failure(mine: Path) -> None:
    answer = dualtrack("claims", "no-imports", "--claims", mine, *SMALL, "--json")
    assert answer.code == 0
    assert answer.document["scenario"] == "no-imports"
    assert answer.document["claims"][0]["verdict"] == "does not hold"


def test_the_press_on_a_scenario_file(tmp_path: Path) -> None:
    path = tmp_path / "shut.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    answer = dualtrack("claims", path, *SMALL, "--json")
    assert answer.code == 0
    assert answer.document["scenario"] == "shut"
    assert len(answer.document["claims"]) == 14


def test_the_terminal_shows_every_verdict(mine: Path) -> None:
    answer = dualtrack("claims", mine, *SMALL)
    assert answer.code == 0
    assert "arrives: holds" in answer.out
    assert "within a year (" in answer.out and "% of futures)" in answer.out


def test_the_folder_holds_document_table_page_and_picture(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "verdicts"
    assert dualtrack("claims", mine, *SMALL, "--out", out).code == 0
    found = contents(out)
    names = {"claims.json", "claims.html", "claims.md", "claims.csv"}
    assert set(found) == names | {"claims-verdicts.svg", "claims-verdicts.png"}
    page = (found["claims.html"] or b"").decode()
    assert "arrives: holds" in page and "<svg" in page
    assert (found["claims.csv"] or b"").decode().splitlines()[1].startswith("arrives,")


def test_a_change_is_judged_and_said(mine: Path) -> None:
    answer = dualtrack("claims", mine, *SMALL, "--set", "vendor.stock_units=0", "--json")
    document = answer.document
    assert document["changes"] == ["vendor.stock_units=0"]
    assert "--set vendor.stock_units=0" in document["command"]
    assert document["claims"][0]["probability"] < 1.0


def test_what_cannot_be_used_is_refused_with_exit_2(mine: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(MINE.replace("h200_delivered_cum", "h200_deliverd_cum"), encoding="utf-8")
    expect_refusal(tmp_path, lambda: dualtrack("claims", bad), "bad.yaml, line 8", "'h200_delivered_cum'")
    bad.write_text("", encoding="utf-8")
    expect_refusal(tmp_path, lambda: dualtrack("claims", bad), "is empty", "claims:")
    bad.write_text(MINE.replace("open-door", "open-dor"), encoding="utf-8")
    expect_refusal(tmp_path, lambda: dualtrack("claims", bad), "line 2", "'open-door'")
    expect_refusal(tmp_path, lambda: dualtrack("claims", "h200-trice"), "Did you mean 'h200-truce'")
    expect_refusal(tmp_path, lambda: dualtrack("claims", tmp_path / "none.yaml"), "There is no file")
    expect_refusal(tmp_path, lambda: dualtrack("claims", mine, "--claims", mine), "Give one")
    expect_refusal(tmp_path, lambda: dualtrack("claims", "--claims", "presse"), "There is no claims file")
    expect_refusal(tmp_path, lambda: dualtrack("claims", mine, "--paths", "many"), "not a whole number")
    expect_refusal(
        tmp_path, lambda: dualtrack("claims", mine, "--set", "china.ratoi=1"), "Did you mean 'china.ratio'"
    )
    expect_refusal(tmp_path, lambda: dualtrack("claims", mine, "--out", mine), "is a file")

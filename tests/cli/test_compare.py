"""`dualtrack compare` as a user meets it."""

import pytest
from tests.cli.helpers import dualtrack, expect_refusal

from dualtrack.results.dataset import save
from dualtrack.session import run

PAIR = ("compare", "h200-truce", "no-imports")
SMALL = ("--paths", "20", "--months", "3")


def test_it_prints_the_difference_both_sides_and_how_it_was_compared():
    answer = dualtrack(*PAIR, *SMALL, "--outcome", "h200_backlog", "--outcome", "h200_stock@2026-03")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0] == "In short: h200-truce against no-imports"
    for text in (
        "What h200-truce changes against no-imports",
        "Side by side",
        "H200 backlog, units: 2026-04",
    ):
        assert text in answer.out
    assert max(map(len, lines)) <= 100


def test_a_narrow_terminal_keeps_the_labels_whole():
    answer = dualtrack(*PAIR, *SMALL, columns=80)
    lines = [line for line in answer.out.splitlines() if line.startswith(" H200 backlog, units:")]
    assert len(lines) == 3


def test_json_is_one_document_and_its_command_makes_it_again():
    answer = dualtrack(*PAIR, *SMALL, "--json")
    assert answer.code == 0, answer.err
    again = dualtrack(*answer.document["command"].split()[1:], "--json")
    assert again.document == answer.document


def test_out_holds_document_page_tables_and_charts(tmp_path):
    out = tmp_path / "out"
    answer = dualtrack(*PAIR, *SMALL, "--outcome", "h200_backlog", "--out", out, "--json")
    assert answer.code == 0, answer.err
    assert {path.name for path in out.iterdir()} == {
        "compare.json",
        "compare.html",
        "compare.md",
        "compare.csv",
        "compare-by-month.csv",
        *(f"compare-{name}.{kind}" for name in ("how-often", "h200-backlog") for kind in ("svg", "png")),
    }


def test_a_scenario_beside_a_saved_run_differs_from_it_in_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    save(run("one-for-one", paths=20, months=3, seed=5), tmp_path / "out" / "result.nc")
    answer = dualtrack("compare", "out", "one-for-one", "--json")
    assert answer.code == 0, answer.err
    assert (answer.document["paths"], answer.document["seed"]) == (20, 5)
    values = answer.document["comparisons"][0]["values"].values()
    assert {value["p_equal"] for value in values} == {1.0}


def test_help_says_which_is_the_base():
    text = " ".join(dualtrack("compare", "--help").out.split())
    assert "Each is compared with the last" in text
    assert "Example: dualtrack compare h200-truce no-imports" in text


REFUSED = {
    "one alone": (("h200-truce",), ["1 to compare", "dualtrack compare h200-truce no-imports"]),
    "twice the same": (("no-imports", "no-imports"), ["named twice"]),
    "unknown scenario": (("h200-truse", "no-imports"), ["h200-truse", "Did you mean 'h200-truce'"]),
    "no such folder": (("./nowhere", "no-imports"), ["nowhere", "dualtrack run --out"]),
    "no such file": (("mine.yaml", "no-imports"), ["mine.yaml"]),
    "a folder without a result": (("empty", "no-imports"), ["empty/result.nc", "dualtrack run --out"]),
    "damaged result": (("broken.nc", "no-imports"), ["broken.nc", "damaged"]),
    "unknown key of one": (
        ("h200-truce:chian.ratio=2", "no-imports"),
        ["chian.ratio", "Did you mean 'china.ratio'"],
    ),
    "bad value of one": (("h200-truce:china.ratio=99", "no-imports"), ["china.ratio", "0 to 20"]),
    "change of a result": (("broken.nc:china.ratio=2", "no-imports"), ["cannot be changed"]),
    "unknown key of all": ((*PAIR[1:], "--set", "qqq=1"), ["qqq", "dualtrack run --keys"]),
    "other paths of one": (
        ("h200-truce:paths=30", "no-imports:paths=40"),
        ["paths 30", "paths 40", "--paths"],
    ),
    "other months of one": (
        ("few.yaml", "no-imports"),
        ["few.yaml has months 6", "no-imports has months 36", "--months"],
    ),
    "unknown outcome": ((*PAIR[1:], "--outcome", "h200_deliverd"), ["h200_deliverd", "h200_delivered_cum"]),
    "period past the run": ((*PAIR[1:], "--outcome", "h200_stock@2031-01"), ["2031-01", "--outcome"]),
    "no period": ((*PAIR[1:], "--outcome", "h200_stock@"), ["NAME@PERIOD"]),
    "unknown buyer": ((*PAIR[1:], "--buyer", "tencnet"), ["tencnet", "Did you mean 'tencent'"]),
    "paths as text": ((*PAIR[1:], "--paths", "many"), ["paths", "many"]),
    "no workers": ((*PAIR[1:], "--workers", "0"), ["workers", "0"]),
    "facts missing": ((*PAIR[1:], "--facts", "nowhere.yaml"), ["nowhere.yaml"]),
    "out is a file": ((*PAIR[1:], "--out", "broken.nc"), ["broken.nc", "is a file"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_input_is_refused_with_one_message(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.nc").write_bytes(b"not a result")
    (tmp_path / "few.yaml").write_text("title: Few\ninherits: h200-truce\nmonths: 6\n", encoding="utf-8")
    words, wanted = REFUSED[case]
    expect_refusal(tmp_path, lambda: dualtrack("compare", *words, "--json"), *wanted)

"""`dualtrack drivers` as a user meets it."""

from __future__ import annotations

import csv
import io
import shlex

import pytest

from .helpers import dualtrack

SMALL = ("--base", "4", "--paths", "300", "--months", "3")


def test_the_terminal_says_who_moves_what():
    answer = dualtrack("drivers", *SMALL, "--outcome", "domestic_packages", columns=120)
    assert (answer.code, answer.err) == (0, "")
    text = " ".join(answer.out.split())
    assert "event luck explains" in text
    assert "the uncertain inputs explain" in text
    assert "places of the order" in text or "place of the order" in text
    assert "domestic.other_units" in text
    assert "nan" not in text.lower().replace("finance", "")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("drivers") / "out"
    conclusion = "domestic_packages > 3e5"
    outcomes = ("--outcome", "compute_gap_ratio", "--outcome", "domestic_packages")
    answer = dualtrack("drivers", *SMALL, *outcomes, "--conclusion", conclusion, "--out", out, "--json")
    assert answer.code == 0, answer.err
    return out, answer.document


def test_the_folder_holds_document_page_tables_and_pictures(written):
    out, document = written
    names = {path.name for path in out.iterdir()}
    assert {
        "drivers.json",
        "drivers.html",
        "drivers.md",
        "drivers-indices.csv",
        "drivers-regional.csv",
    } <= names
    assert {
        "drivers-outcome-2-indices.png",
        "drivers-outcome-2-tornado.svg",
        "drivers-conclusion-1-regional.png",
    } <= names
    # Finished jobs are kept only until the results are written.
    assert not [name for name in names if name.startswith(".")]
    rows = list(csv.DictReader(io.StringIO((out / "drivers-indices.csv").read_text())))
    assert {row["input"] for row in rows} == {row["name"] for row in document["inputs"]}
    page = (out / "drivers.html").read_text()
    assert document["command"].replace(">", "&gt;").replace("'", "&#39;") in page


def test_the_command_in_the_document_makes_the_same_document(written):
    document = written[1]
    again = dualtrack(*shlex.split(document["command"])[1:], "--json")
    assert again.document == document


def test_morris_screens_in_few_rows(tmp_path):
    words = (
        "--method",
        "morris",
        "--base",
        "4",
        "--paths",
        "200",
        "--months",
        "2",
        "--outcome",
        "domestic_packages",
    )
    answer = dualtrack("drivers", *words, "--out", tmp_path / "out", columns=120)
    assert answer.code == 0, answer.err
    assert "one step of 60 %" in " ".join(answer.out.split())
    assert (tmp_path / "out" / "drivers-outcome-1-effects.png").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no-imports", "--outcome", "h200_delivered_cum"), "the same in every row: nothing moves it"),
        (
            ("--conclusion", "compute_gap_ratio > 0"),
            "in every one of 300 paths: nothing in the scenario flips it",
        ),
        (
            ("--conclusion", "compute_gap_ratio < 0"),
            "in none of 300 paths: nothing in the scenario brings it about",
        ),
    ],
)
def test_what_does_not_vary_is_said_in_words(words, said):
    answer = dualtrack("drivers", *words, *SMALL, columns=200)
    assert answer.code == 0, answer.err
    assert said in " ".join(answer.out.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--outcome", "h200_deliverd_cum"), "Did you mean 'h200_delivered_cum'"),
        (("--outcome", "compute_gap_ratio@2035-01"), "not a month"),
        (("--conclusion", "compute_gap_ratio"), "wanted OUTCOME[@PERIOD]"),
        (("--base", "1000"), "The nearest is 1024."),
        (("--base", "many"), "--base 'many' is not a whole number"),
        (("--method", "morris", "--base", "1"), "2 trajectories or more"),
        (("--method", "sobal"), "Wanted: sobol or morris"),
        (("--on", "logs"), "Wanted: values or ranks"),
        (("--paths", "500000"), "more than the 200,000"),
        (("--set", "china.ration=1"), "china.ratio"),
    ],
)
def test_wrong_input_is_told_at_once(words, message):
    answer = dualtrack("drivers", *words)
    assert answer.code == 2
    assert answer.out == ""
    assert message in answer.err
    assert "Traceback" not in answer.err

"""`dualtrack backtest` as a user calls it."""

from __future__ import annotations

import pytest
from tests.cli.helpers import dualtrack, strict_json

FEW = ("--paths", "40")


def test_one_document_and_nothing_else():
    answer = dualtrack("backtest", "2025-01", *FEW, "--json")
    assert answer.code == 0 and answer.err == ""
    document = answer.document
    assert document["command"] == "dualtrack backtest 2025-01 --paths 40"
    assert [origin["origin"] for origin in document["origins"]] == ["2025-01"]
    assert {case["target"] for case in document["cases"]} >= {"units", "revenue", "packages", "stock_ratio"}
    assert document["no_guidance"][0]["targets"] == ["units", "revenue", "domestic_units", "stock_ratio"]


def test_the_folder_holds_document_tables_page_and_charts(tmp_path):
    out = tmp_path / "out"
    answer = dualtrack("backtest", "2024-01", "2025-01", *FEW, "--out", out)
    assert answer.code == 0, answer.err
    names = {path.name for path in out.iterdir()}
    assert {
        "backtest.json",
        "backtest.html",
        "backtest.md",
        "backtest-cases.csv",
        "backtest-events.csv",
    } <= names
    assert {
        f"backtest-{name}.svg"
        for name in ("units", "revenue", "domestic", "stock-ratio", "coverage", "places")
    } <= names
    document = strict_json((out / "backtest.json").read_text(encoding="utf-8"))
    assert len((out / "backtest-events.csv").read_text(encoding="utf-8").splitlines()) == 1 + len(
        document["events"]
    )
    for words in ("How the model did", "Where it was badly wrong", "The stop of 9 April 2025"):
        assert words in (out / "backtest.html").read_text(encoding="utf-8") and words in answer.out


@pytest.mark.slow
def test_two_workers_give_the_numbers_of_one():
    one = dualtrack("backtest", "2025-01", *FEW, "--json").document
    assert dualtrack("backtest", "2025-01", *FEW, "--json", "--workers", "2").document == one


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2025-1",), ["2025-1", "'2025-01'", "Origins: 2023-01, 2024-01, 2025-01"]),
        (("--paths", "many"), ["--paths 'many'", "whole number"]),
        (("--paths", "0"), ["paths", "0"]),
        (("--seed", "-1"), ["seed", "-1"]),
        (("--workers", "0"), ["--workers 0"]),
        (("--facts", "none.yaml"), ["none.yaml"]),
    ],
)
def test_wrong_input_gets_one_message(words, said):
    answer = dualtrack("backtest", *words)
    assert answer.code == 2 and answer.out == ""
    assert "Traceback" not in answer.err
    for part in said:
        assert part in answer.err

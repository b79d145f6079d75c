"""Verdicts in words: numbers, months, what never comes about, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from dualtrack.report.claims_words import (
    claim_sentence,
    counts_words,
    holds_on_words,
    interval_words,
    measure_sentence,
    share_words,
    value_words,
)


def measure(**given: Any) -> dict[str, Any]:
    plain = {
        "name": "m",
        "kind": "outcome",
        "what": "what came",
        "test_words": "above 1",
        "verdict": "holds",
        "probability": 0.9,
        "close": False,
        "basis": "futures",
        "count": 100,
        "undefined": 0.0,
        "never": None,
        "value": 2.0,
        "interval": [1.0, 3.0],
        "mean": 2.0,
        "unit": "ratio",
        "missing": None,
        "notes": [],
    }
    return plain | given


@pytest.mark.parametrize(
    ("given", "value", "within"),
    [
        ({}, "2", "1 – 3"),
        ({"value": -0.033, "interval": [-0.12, -0.002], "unit": "fraction"}, "−3.3 %", "−12 – −0.2 %"),
        ({"value": "2027-03", "interval": ["2026-05", None], "unit": "month"}, "2027-03", "2026-05 – not in the run"),
        ({"value": None, "interval": [None, None], "unit": "month"}, "not in the run", "not in the run – not in the run"),
        ({"value": "may_not_ship", "interval": None, "unit": "word"}, "may not ship", ""),
        ({"value": 6.7, "interval": [6.7, 6.7]}, "6.7", ""),
        ({"value": 0.95, "interval": [0.0013, 5.8], "unit": "months"}, "0.95 months", "0 – 5.8"),
        (
            {"value": None, "interval": [None, 2.0], "unit": "months", "kind": "months_gained"},
            "not in the run",
            "not in the run – 2",
        ),
    ],
)  # fmt: skip
def test_numbers_as_a_reader_wants_them(given: dict[str, Any], value: str, within: str) -> None:
    assert value_words(measure(**given)) == value
    assert interval_words(measure(**given)) == within


def test_shares_are_of_futures_or_reports_or_none() -> None:
    assert share_words(measure()) == "90 % of futures"
    assert share_words(measure(basis="reports")) == "90 % of reports"
    assert share_words(measure(basis="rules", probability=1.0)) == "yes"
    assert share_words(measure(basis="figures", probability=0.0)) == "no"
    assert share_words(measure(probability=None)) == ""


def test_a_sentence_says_what_was_wanted_and_what_to_know() -> None:
    said = measure_sentence(measure(mean=9.0, undefined=0.25, close=True, notes=["So."]))
    for part in (
        "What came: 2 (80 % interval 1 – 3).",
        "The mean is 9.",
        "Wanted: above 1; 90 % of futures agree.",
        "25 % of futures, which are left out",
        "give it more --paths",
        "So.",
    ):
        assert part in said
    assert measure_sentence(measure(missing="a census")) == "Cannot be judged. Missing: a census."


def test_a_claim_says_on_what_it_holds() -> None:
    claim = {
        "verdict": "holds partly",
        "holds_on": ["one"],
        "partly_on": ["two"],
        "fails_on": ["three"],
        "missing": ["a census"],
        "measures": [measure(name=name) for name in ("one", "two", "three")],
    }
    assert holds_on_words(claim) == "holds partly (one)"
    assert holds_on_words(claim | {"holds_on": []}) == "holds partly (open on two)"
    assert claim_sentence(claim) == (
        "Holds on one (2, 90 % of futures). Open on two (2, 90 % of futures). "
        "Does not hold on three (2, 90 % of futures). Cannot be judged for want of a census."
    )


def test_counts() -> None:
    assert counts_words({"holds": 2, "does not hold": 1}) == "2 hold, 1 does not hold"

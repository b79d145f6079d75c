"""An outcome in a period: every form of a period, and what each gives."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.results.outputs import outputs_table
from dualtrack.results.questions import parse_question

MONTHS = ["2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08"]
STOCK, FLOW, FISCAL = "h200_delivered_cum", "domestic_packages", "nvidia_china_ai_revenue"
# Month n holds n in path 0 and 10 n in path 1.
VALUES = np.array([[n, 10 * n] for n in range(len(MONTHS))], dtype=np.float32)


def answer(text: str) -> list[float]:
    question = parse_question(text, MONTHS)
    return question.values({question.outcome.name: VALUES}).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STOCK, [6, 60]),  # a stock without a period: the last month
        (f"{STOCK}@2026-04", [2, 20]),
        (f"{STOCK}@2026Q2", [4, 40]),  # the last month of the quarter
        (f"{STOCK}@2026-02..2026-05", [3, 30]),
        (FLOW, [21, 210]),  # a flow without a period: the whole run
        (f"{FLOW}@2026-04", [2, 20]),
        (f"{FLOW}@2026Q2", [2 + 3 + 4, 90]),
        (f"{FLOW}@2026", [21, 210]),
        (f"{FLOW}@2026-03..2026-05", [1 + 2 + 3, 60]),
        (f"{FISCAL}@FY2027Q1", [0 + 1 + 2, 30]),  # Nvidia's first fiscal quarter: February to April
    ],
)
def test_a_period_gives_its_months(text, expected):
    assert answer(text) == expected


@pytest.mark.parametrize(
    ("text", "partial"), [("2026Q2", False), ("2026Q1", True), ("2026Q3", True), ("2026", True)]
)
def test_a_period_that_the_run_holds_in_part_says_so(text, partial):
    assert parse_question(f"{FLOW}@{text}", MONTHS).partial is partial


def test_every_outcome_can_be_asked_in_every_form():
    for name in outputs_table():
        for period in ("", "@2026-05", "@2026", "@2026-03..2026-04"):
            assert parse_question(name + period, MONTHS).values({name: VALUES}).shape == (2,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("h200_deliverd_cum", ["h200_delivered_cum"]),
        ("", ["NAME@PERIOD"]),
        (f"{STOCK}@", ["NAME@PERIOD"]),
        ("@2026-04", ["NAME@PERIOD"]),
        (f"{STOCK}@2031-01", ["2031-01", "2026-02 to 2026-08"]),
        (f"{STOCK}@FY2027Q1", ["calendar quarter"]),
        (f"{FISCAL}@2026Q2", ["fiscal quarter"]),
        (f"{STOCK}@2026-05..2026-03", ["comes after"]),
        (f"{STOCK}@2026-01..2026-03", ["2026-01"]),
    ],
)
def test_what_cannot_be_asked_is_told(text, words):
    with pytest.raises(ScenarioFault) as caught:
        parse_question(text, MONTHS, "--outcome")
    for word in ["--outcome", *words]:
        assert word in str(caught.value)

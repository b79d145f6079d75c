"""A test as it is written, on each side of its number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.months import parse_month
from dualtrack.study.claims.criterion import parse_test

NEAR = np.array([0.999, 1.0, 1.001, np.nan])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("> 1", [False, False, True]),
        (">= 1", [False, True, True]),
        ("< 1", [True, False, False]),
        ("<= 1", [True, True, False]),
        ("1 to 1.0005", [False, True, False]),
        ("> 100 %", [False, False, True]),
        ("0.9995 to 1.1", [False, True, True]),
    ],
)
def test_a_number_on_each_side_and_an_undefined_one(text: str, wanted: list[bool]) -> None:
    assert parse_test(text).satisfied(NEAR).tolist() == [*wanted, False]


def test_a_month_by_which_it_happens_or_not() -> None:
    months = np.array([parse_month("2026-11"), parse_month("2026-12"), parse_month("2027-01"), math.inf])
    assert parse_test("by 2026-12").satisfied(months).tolist() == [True, True, False, False]
    assert parse_test("not by 2026-12").satisfied(months).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("5 to 10 %", (0.05, 0.1)), ("> 2_000_000", (2e6,)), ("< -5 %", (-0.05,)), (">=1e9", (1e9,))],
)
def test_numbers_may_be_written_in_several_ways(text: str, bounds: tuple[float, ...]) -> None:
    assert parse_test(text).bounds == pytest.approx(bounds)


def test_words_of_the_rules() -> None:
    assert parse_test("is needs or may not ship").words == ("needs", "may_not_ship")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("200000", "cannot be read"),
        ("= 5", "cannot be read"),
        ("> many", "'many' is not a number"),
        ("> nan", "is not a number"),
        ("7 to 5", "ends below its start"),
        ("by summer", "is not a month"),
        ("<= 2026-12", "`by`"),
        ("is ", "cannot be read"),
        ("> 5 > 4", "is not a number"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(ScenarioFault, match=r"Wanted|Write") as refused:
        parse_test(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("> 2000000", "above 2M"),
        ("< -10 %", "below −10 %"),
        ("5 to 7", "5 to 7"),
        ("> 1e9", "above 1bn"),
        ("not by 2026-12", "not by 2026-12"),
        ("is may_not_ship", "is may not ship"),
    ],
)
def test_the_test_in_words(text: str, words: str) -> None:
    assert parse_test(text).in_words == words

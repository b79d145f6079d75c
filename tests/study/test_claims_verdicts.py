"""From shares to verdicts: each threshold from both sides, every way to combine, and how near is near."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.study.claims.verdicts import (
    FAILS,
    HOLDS,
    PARTLY,
    UNJUDGED,
    VERDICTS,
    combined,
    is_close,
    verdict_of,
)


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.0, FAILS), (0.2, FAILS), (0.2001, PARTLY), (0.7999, PARTLY), (0.8, HOLDS), (1.0, HOLDS)],
)
def test_each_threshold_from_both_sides(share: float, verdict: str) -> None:
    assert verdict_of(share) == verdict


def test_a_claim_may_ask_for_more_or_less() -> None:
    assert verdict_of(0.55, holds_at=0.5) == HOLDS
    assert verdict_of(0.85, holds_at=0.9) == PARTLY
    assert verdict_of(0.3, fails_at=0.4) == FAILS


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_agreement_never_makes_a_worse_verdict(one: float, other: float) -> None:
    order = [FAILS, PARTLY, HOLDS]
    low, high = sorted((one, other))
    assert order.index(verdict_of(low)) <= order.index(verdict_of(high))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_combination(size: int) -> None:
    for verdicts in itertools.product(VERDICTS, repeat=size):
        found = combined(verdicts)
        judged = set(verdicts) - {UNJUDGED}
        if not judged:
            assert found == UNJUDGED
        elif judged == {FAILS}:
            assert found == FAILS
        elif set(verdicts) == {HOLDS}:
            assert found == HOLDS
        else:
            assert found == PARTLY


def test_what_holds_but_cannot_all_be_judged_holds_partly() -> None:
    assert combined([HOLDS, UNJUDGED]) == PARTLY


def test_two_standard_errors_are_near() -> None:
    # At 0.8 of 10,000 a standard error is 0.004.
    assert is_close(0.8079, 10_000, 0.8, 0.2)
    assert not is_close(0.8081, 10_000, 0.8, 0.2)
    assert is_close(0.1921, 10_000, 0.8, 0.2)
    assert not is_close(0.5, 10_000, 0.8, 0.2)

"""Difference, ratio and shares of two columns of numbers, by hand and by property."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.study.contrast import contrast

NAN = math.nan
numbers = st.floats(-1e9, 1e9, allow_subnormal=False) | st.just(NAN) | st.just(0.0)
pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30)


def of(one, base):
    return contrast(np.array(one, dtype=float), np.array(base, dtype=float))


def test_a_small_case_by_hand():
    found = of([1.0, 5.0, 4.0, NAN, 2.0], [1.0, 2.0, 0.0, 7.0, 4.0])
    assert (found["paths"], found["undefined"]) == (4, 1)
    assert (found["p_more"], found["p_equal"], found["p_less"]) == (0.5, 0.25, 0.25)
    assert found["difference"]["mean"] == pytest.approx((0 + 3 + 4 - 2) / 4)
    assert found["standard_error"] == pytest.approx(np.std([0, 3, 4, -2], ddof=1) / 2)
    assert (found["ratio_paths"], found["ratio"]["p50"]) == (3, 1.0)
    assert found["pairing_gain"] == pytest.approx(
        (np.var([1, 5, 4, 2], ddof=1) + np.var([1, 2, 0, 4], ddof=1)) / np.var([0, 3, 4, -2], ddof=1)
    )


@pytest.mark.parametrize(
    ("one", "base", "equal"),
    [
        (1e6, 1e6 * (1 + 5e-7), True),
        (1e6, 1e6 * (1 + 2e-6), False),
        (0.0, 5e-7, True),
        (0.0, 2e-6, False),
        (-3.0, -3.0, True),
        (-3.0, 3.0, False),
    ],
)
def test_equal_is_what_rounding_can_explain(one, base, equal):
    found = of([one], [base])
    assert found["p_equal"] == float(equal)
    assert found["p_less"] == float(not equal and one < base)


def test_a_ratio_over_nought_is_left_out_and_counted():
    found = of([3.0, 0.0, 6.0], [0.0, 0.0, 3.0])
    assert (found["ratio_paths"], found["ratio"]["p50"], found["ratio"]["mean"]) == (1, 2.0, 2.0)
    assert of([3.0], [0.0])["ratio"]["p50"] is None


def test_nothing_to_compare_is_said_not_invented():
    found = of([NAN, 1.0], [2.0, NAN])
    assert (found["paths"], found["undefined"]) == (0, 2)
    for name in ("p_more", "p_equal", "p_less", "standard_error", "pairing_gain"):
        assert found[name] is None
    assert found["difference"]["p50"] is None


def test_one_path_has_no_standard_error():
    assert of([2.0], [1.0])["standard_error"] is None


def test_what_the_same_luck_is_worth():
    luck, apart = np.random.default_rng(7).normal(size=(2, 4000))
    assert of(luck + apart, luck)["pairing_gain"] == pytest.approx(3.0, rel=0.1)
    assert of(luck, apart)["pairing_gain"] == pytest.approx(1.0, rel=0.1)
    assert of(luck + 1.0, np.zeros(4000))["pairing_gain"] == pytest.approx(1.0)
    assert of(luck, luck)["pairing_gain"] is None


@given(pairs)
def test_shares_add_up_and_turn_round_with_the_sides(values):
    one, base = np.array(values).T
    found, turned = contrast(one, base), contrast(base, one)
    assert found["paths"] + found["undefined"] == len(values)
    if found["paths"]:
        assert found["p_more"] + found["p_equal"] + found["p_less"] == pytest.approx(1.0)
        assert (found["p_more"], found["p_less"]) == (turned["p_less"], turned["p_more"])
        assert found["difference"]["p10"] == pytest.approx(-turned["difference"]["p90"], rel=1e-9, abs=1e-9)
        assert found["difference"]["p05"] <= found["difference"]["p50"] <= found["difference"]["p95"]

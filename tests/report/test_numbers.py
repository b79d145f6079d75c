import doctest

import pytest

from dualtrack.report import marks, numbers
from dualtrack.report.numbers import in_words, median_and_interval, percent, quantity, setting, short


@pytest.mark.parametrize("module", [numbers, marks])
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0, "units", "0 units"),
        (999, "units", "1k units"),
        (994, "units", "990 units"),
        (1_234_567, "h100e", "1.2M H100e"),
        (999_999_999, "usd", "1bn USD"),
        (0.12, "fraction", "12 %"),
        (1e27, "flop", "1×10^27 FLOP"),
        (float("nan"), "usd", "undefined"),
        (float("inf"), "ratio", "undefined"),
        (None, "fraction", "undefined"),
    ],
)
def test_a_number_is_said_with_two_digits_and_its_unit(value, unit, said):
    assert quantity(value, unit) == said


def test_a_probability_that_is_not_certain_is_never_said_to_be():
    assert percent(1 - 1e-6) == ">99.9 %"
    assert percent(1e-6) == "<0.1 %"
    assert (percent(0.0), percent(1.0)) == ("0 %", "100 %")


def test_a_median_of_zero_does_not_hide_the_tail():
    found = {"p50": 0.0, "p10": 0.0, "p90": 5e4, "p95": 9e4, "mean": 7e3, "p_zero": 0.7}
    assert (
        in_words(found, "units")
        == "a median of 0 units (70 % of paths have 0), a mean of 7k units and 1 path in 10 above 50k units"
    )
    assert "1 path in 20 above 90k" in in_words(found | {"p90": 0.0}, "units")
    assert "0 up to the 95th percentile" in in_words(found | {"p90": 0.0, "p95": 0.0}, "units")
    assert in_words(found | {"mean": 0.0}, "units") == "0 units in every path"


def test_a_median_far_below_the_mean_comes_with_the_mean():
    found = {"p50": 10.0, "p10": 0.0, "p90": 5e4, "mean": 7e3}
    assert in_words(found, "units").endswith("a mean of 7k units")


def test_undefined_is_said_once():
    assert median_and_interval({"p50": None, "p10": None, "p90": None}, "ratio") == "undefined"
    assert in_words({"p50": None}, "ratio") == "undefined"


def test_an_input_is_shown_as_it_was_given():
    assert setting([0.0253, 0.5, 0.75], "fraction") == "50 % (2.53 % – 75 %)"
    assert (
        setting({"a": {"weight": 0.5, "value": 2e6}, "b": {"weight": 0.5, "value": 1e6}}, "units")
        == "50 %: 2M (a); 50 %: 1M (b)"
    )
    assert setting(1000.0, "months") == "1000"
    assert setting("2026-05..2027-10", "") == "2026-05 to 2027-10"
    assert short(123_456, digits=4) == "123.5k"

"""Lows and highs of an input, and distances of its distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from dualtrack.facts.ranges import Range
from dualtrack.scenarios.specs import Alternatives, Fixed, Origin, Spread
from dualtrack.study.factors import Member
from dualtrack.study.swings import distance_by_chance, ks_distance, shifts, swings

PATHS = 4000
RANGE = Member("x", "", "units", Spread(Range(10, 20, 30, "two_piece_normal"), Origin()))
NAMES = ("first", "second", "third")
REPORTS = Member(
    "r", "", "units", Alternatives(tuple(Fixed(float(n), Origin()) for n in range(3)), (1.0, 1.0, 2.0), NAMES)
)
IDLE = Member("idle", "", "units", RANGE.spec)
MEMBERS = (RANGE, REPORTS, IDLE)


@pytest.fixture(scope="module")
def uniforms():
    return np.random.default_rng(5).uniform(size=(3, PATHS))


def test_a_swing_is_the_difference_of_the_means_in_the_outer_tenths(uniforms):
    values = 100.0 * uniforms[0] + np.random.default_rng(1).normal(size=PATHS)
    found = {swing.key: swing for swing in swings(MEMBERS, uniforms, values)}
    low, high = uniforms[0] < 0.1, uniforms[0] > 0.9
    assert found["x"].change == pytest.approx(values[high].mean() - values[low].mean())
    assert found["x"].low.high == pytest.approx(10.0, abs=0.2) and found["x"].high.low == pytest.approx(
        30.0, abs=0.2
    )
    assert found["x"].clear and not found["idle"].clear
    assert next(iter(found)) == "x"


def test_reports_are_compared_by_their_means_whatever_their_order(uniforms):
    values = np.where((uniforms[1] >= 0.25) & (uniforms[1] < 0.5), -5.0, 0.0) + np.random.default_rng(
        1
    ).normal(size=PATHS)
    found = {swing.key: swing for swing in swings(MEMBERS, uniforms, values)}["r"]
    assert found.low.where == "second"
    assert found.low.paths == ((uniforms[1] >= 0.25) & (uniforms[1] < 0.5)).sum()
    assert found.low.low is None
    assert found.clear


def test_undefined_paths_are_left_out_and_too_few_give_no_swing(uniforms):
    values = np.where(uniforms[0] < 0.9, np.nan, 1.0)
    assert {swing.key for swing in swings(MEMBERS, uniforms, values)} == {"r", "idle"}


def test_the_distance_is_that_of_kolmogorov_and_smirnov(uniforms):
    holds = uniforms[2] ** 2 > uniforms[1]
    assert ks_distance(uniforms[2], holds) == pytest.approx(
        ks_2samp(uniforms[2][holds], uniforms[2][~holds]).statistic
    )


def test_chance_exceeds_the_threshold_in_at_most_a_twentieth_of_studies():
    generator = np.random.default_rng(9)
    studies, inputs, yes, no = 300, 5, 60, 140
    holds = np.arange(yes + no) < yes
    threshold = distance_by_chance(yes, no, inputs)
    worst = [
        max(ks_distance(row, holds) for row in generator.uniform(size=(inputs, yes + no)))
        for _ in range(studies)
    ]
    assert np.mean(np.array(worst) > threshold) <= 0.05
    # Not so wide that it never could.
    assert max(worst) > 0.7 * threshold


def test_a_conclusion_that_an_input_decides_shifts_that_input_alone(uniforms):
    found = shifts(MEMBERS, uniforms, uniforms[0] > 0.7)
    assert [shift.key for shift in found if shift.clear] == ["x"]
    assert found[0].distance == pytest.approx(1.0)
    assert found[0].median_if_holds is not None and found[0].median_if_not is not None
    assert found[0].median_if_holds > 25 > found[0].median_if_not


def test_reports_are_told_by_their_shares(uniforms):
    found = next(s for s in shifts(MEMBERS, uniforms, uniforms[1] > 0.5) if s.key == "r")
    assert found.shares_if_holds == {"first": 0.0, "second": 0.0, "third": 1.0}
    assert found.shares_if_not["third"] == pytest.approx(0.0, abs=1e-3)
    assert found.median_if_holds is None


def test_a_conclusion_that_always_or_never_holds_shifts_nothing(uniforms):
    assert shifts(MEMBERS, uniforms, np.ones(PATHS, dtype=bool)) == []
    assert shifts(MEMBERS, uniforms, np.zeros(PATHS, dtype=bool)) == []

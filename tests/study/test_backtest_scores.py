"""Scores of an ensemble against closed forms, and against truths drawn from the forecast itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import norm

from dualtrack.study.backtest.scores import (
    brier,
    chance_of_none,
    covered,
    crps_log,
    event_log_score,
    log_score,
    pit,
    point_error,
    smoothed,
)

MANY = 4000
SCORES = np.linspace(-2.0, 2.0, 5)


def lognormal(centre: float = 10.0, width: float = 0.5) -> np.ndarray:
    """An ensemble of the quantiles of a log-normal, so that closed forms hold up to its size."""
    return np.exp(centre + width * ndtri((np.arange(MANY) + 0.5) / MANY))


@pytest.mark.parametrize("score", SCORES)
def test_the_crps_of_an_ensemble_is_that_of_the_normal_it_stands_for(score):
    centre, width = 10.0, 0.5
    # Gneiting and Raftery 2007, equation 21.
    exact = width * (score * (2 * norm.cdf(score) - 1) + 2 * norm.pdf(score) - 1 / math.sqrt(math.pi))
    assert crps_log(lognormal(centre, width), math.exp(centre + width * score)) == pytest.approx(
        exact, abs=1e-3
    )


@pytest.mark.parametrize("score", SCORES)
def test_the_log_score_is_near_minus_the_log_of_the_density(score):
    centre, width = 10.0, 0.5
    exact = -norm.logpdf(centre + width * score, centre, width)
    # The kernel density is a little wider than the normal.
    assert log_score(lognormal(centre, width), math.exp(centre + width * score)) == pytest.approx(
        exact, abs=0.07
    )


def test_a_chance_of_none_costs_the_log_score_its_part_and_leaves_the_crps():
    some = lognormal()
    half = np.concatenate([some, np.zeros(MANY)])
    observed = math.exp(10.2)
    assert chance_of_none(half) == 0.5
    assert crps_log(half, observed) == pytest.approx(crps_log(some, observed))
    assert log_score(half, observed) - log_score(some, observed) == pytest.approx(math.log(2), abs=1e-3)


def test_nothing_observed_is_scored_by_the_chance_given_to_nothing_alone():
    half = np.concatenate([lognormal(), np.zeros(MANY)])
    assert crps_log(half, 0.0) is None
    assert log_score(half, 0.0) == pytest.approx(math.log(2))
    # Not even a forecast without zeros is infinitely wrong, but the more paths said so the worse.
    assert log_score(lognormal(), 0.0) == pytest.approx(math.log((MANY + 1) / 0.5))


def test_a_forecast_of_nothing_alone_has_no_score_on_the_log_scale():
    assert crps_log(np.zeros(10), 5.0) is None
    assert log_score(np.zeros(10), 5.0) is None


@given(observed=st.floats(0.5, 1e6), forecast=st.floats(0.5, 1e6))
def test_the_score_of_a_point_is_the_crps_of_an_ensemble_of_that_point(observed, forecast):
    ensemble = np.full(3, forecast)
    assert crps_log(ensemble, observed) == pytest.approx(point_error(forecast, observed), abs=1e-9)


def test_a_point_of_nothing_has_no_score():
    assert point_error(0.0, 5.0) is None
    assert point_error(5.0, 0.0) is None


@given(unit=st.floats(1e-3, 1e9), observed=st.floats(1.0, 1e5))
def test_the_unit_moves_no_score(unit, observed):
    ensemble = lognormal()
    assert crps_log(ensemble * unit, observed * unit) == pytest.approx(crps_log(ensemble, observed), rel=1e-6)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_intervals_cover_truths_drawn_from_the_forecast_as_often_as_they_say(level):
    generator = np.random.default_rng(7)
    held = []
    for _ in range(600):
        centre, width = generator.uniform(5, 15), generator.uniform(0.2, 2.0)
        ensemble = np.exp(generator.normal(centre, width, 400))
        held.append(covered(ensemble, math.exp(generator.normal(centre, width)), level))
    # Three standard errors of a share of 600.
    assert np.mean(held) == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / 600))


def test_outcomes_drawn_from_the_forecast_fall_evenly():
    generator = np.random.default_rng(11)
    ensemble = lognormal()
    found = np.sort([pit(ensemble, value) for value in generator.choice(ensemble, 500)])
    assert np.abs(found - (np.arange(500) + 0.5) / 500).max() < 1.36 / math.sqrt(500)  # Kolmogorov, 5 %


def test_outcomes_level_with_many_paths_fall_in_their_middle():
    ensemble = np.concatenate([np.zeros(60), np.full(40, 9.0)])
    assert pit(ensemble, 0.0) == pytest.approx(0.3)
    assert pit(ensemble, 9.0) == pytest.approx(0.8)
    assert pit(ensemble, 5.0) == pytest.approx(0.6)
    assert (pit(ensemble, -1.0), pit(ensemble, 10.0)) == (0.0, 1.0)


@pytest.mark.parametrize(("observed", "inside"), [(9.9, False), (10.0, True), (90.0, True), (90.1, False)])
def test_the_ends_of_an_interval_belong_to_it(observed, inside):
    assert covered(np.arange(101.0), observed, 0.8) is inside


@pytest.mark.parametrize(
    ("chance", "happened", "score"),
    [(1.0, True, 0.0), (1.0, False, 1.0), (0.5, True, 0.25), (0.2, False, 0.04)],
)
def test_the_brier_score(chance, happened, score):
    assert brier(chance, happened) == pytest.approx(score)


def test_a_certain_event_that_does_not_come_costs_what_so_few_paths_can_know():
    assert event_log_score(1.0, False, 999) == pytest.approx(math.log(2000))
    assert event_log_score(0.5, True, 999) == pytest.approx(math.log(2))
    assert smoothed(0.0, 999) == pytest.approx(0.5 / 1000)

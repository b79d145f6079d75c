"""Best replies, fixed points and the marks of the frontier, on tables whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from dualtrack.study.frontier import compute_peak, mean_stop, resampled_means, supply_stop
from dualtrack.study.game import best_replies, cycle

# Rows: the US value; columns: the Chinese value.
DILEMMA = {"us": [[3.0, 0.0], [5.0, 1.0]], "china": [[3.0, 5.0], [0.0, 1.0]]}
PENNIES = {"us": [[1.0, -1.0], [-1.0, 1.0]], "china": [[-1.0, 1.0], [1.0, -1.0]]}
MEETING = {"us": [[2.0, 0.0], [0.0, 1.0]], "china": [[1.0, 0.0], [0.0, 2.0]]}


def fixed_points(payoffs: dict[str, list[list[float]]]) -> list[list[int]]:
    best = {side: best_replies(np.array(payoffs[side]), side) for side in ("us", "china")}
    found: list[list[int]] = np.argwhere(best["us"] & best["china"]).tolist()
    return found


def test_fixed_points_of_known_games() -> None:
    assert fixed_points(DILEMMA) == [[1, 1]]
    assert fixed_points(MEETING) == [[0, 0], [1, 1]]
    assert fixed_points(PENNIES) == []


def test_replies_go_round_where_there_is_no_fixed_point() -> None:
    best = {side: best_replies(np.array(PENNIES[side]), side) for side in ("us", "china")}
    round_ = cycle(best)
    assert sorted(round_) == [(0, 1), (1, 0)]


def test_values_that_tie_are_all_best() -> None:
    assert best_replies(np.array([[2.0], [2.0], [1.0]]), "us").tolist() == [[True], [True], [False]]
    # One part in ten million is a difference, one in ten billion is rounding.
    assert best_replies(np.array([[2.0], [2.0 + 2e-7]]), "us").tolist() == [[False], [True]]
    assert best_replies(np.array([[2.0], [2.0 + 2e-10]]), "us").tolist() == [[True], [True]]


def test_best_replies_of_resamples_are_those_of_each() -> None:
    both = np.stack([np.array(DILEMMA["us"]), np.array(PENNIES["us"])], axis=-1)
    best = best_replies(both, "us")
    assert best[..., 0].tolist() == best_replies(np.array(DILEMMA["us"]), "us").tolist()
    assert best[..., 1].tolist() == best_replies(np.array(PENNIES["us"]), "us").tolist()


def test_resampled_means_spread_as_the_mean_does() -> None:
    values = np.random.default_rng(1).normal(size=(2, 400))
    values[1] = values[0] + 7.0
    means = resampled_means(values, 3)
    assert means[0].std() == pytest.approx(values[0].std() / 20.0, rel=0.15)
    # The same resamples for every row, so that differences are paired.
    assert np.allclose(means[1] - means[0], 7.0)
    assert (means == resampled_means(values, 3)).all()


RATIOS = [0.0, 1.0, 2.0, 3.0]


def paths(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=float).T


def test_supply_stops_each_path_where_its_makers_deliver_no_more() -> None:
    domestic = paths([10, 20, 20, 20], [10, 10, 10, 10], [10, 20, 30, 40], [5, 5, 5, 5]) * 100
    imports = paths([9, 8, 7, 6], [9, 8, 7, 6], [9, 8, 7, 6], [9, 9, 9, 9]) * 100
    stop = supply_stop(RATIOS, domestic, imports)
    # The last path loses no imports and is in no share.
    assert stop["p_bitten"] == 0.75
    assert stop["by_ratio"] == pytest.approx([1 / 3, 2 / 3, 2 / 3, 2 / 3])
    assert (stop["low"], stop["ratio"], stop["high"]) == (0.0, 1.0, None)
    assert stop["p_rising"] == pytest.approx(1 / 3)


def test_a_ratio_that_keeps_nothing_out_stops_nothing() -> None:
    flat = paths([9, 9, 9, 9], [5, 5, 5, 5])
    assert supply_stop(RATIOS, flat, flat)["ratio"] is None
    assert mean_stop(RATIOS, flat, flat) is None


def test_the_mean_stops_where_no_later_point_is_higher() -> None:
    noise = np.random.default_rng(0).normal(size=(4, 200))
    domestic = np.array([0.0, 100.0, 100.0, 100.0])[:, None] + noise
    imports = np.array([100.0, 90.0, 80.0, 70.0])[:, None] + noise
    found = mean_stop(RATIOS, domestic, imports)
    assert found is not None and found["ratio"] == 1.0
    rising = np.array([0.0, 100.0, 200.0, 300.0])[:, None] + noise
    assert mean_stop(RATIOS, rising, imports) is None
    assert mean_stop(RATIOS, domestic, imports * 0.0) is None


def test_the_peak_says_how_sure_it_is() -> None:
    luck = np.random.default_rng(0).normal(size=200)
    compute = np.array([0.0, 5.0, 9.0, 5.0])[:, None] + luck
    peak = compute_peak(RATIOS, compute, 1)
    assert (peak["ratio"], peak["low"], peak["high"], peak["share"]) == (2.0, 2.0, 2.0, 1.0)
    assert not peak["at_end"] and peak["gain"]["mean"] == pytest.approx(9.0)
    assert compute_peak(RATIOS, compute.cumsum(axis=0), 1)["at_end"]

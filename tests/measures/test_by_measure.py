from __future__ import annotations

import numpy as np
import pytest

import dualtrack
from dualtrack.measures.by_measure import surviving
from dualtrack.measures.weights import MEASURES

MONTHS = 24
KEPT = ("world.hard_loss=0", "world.economic_life=20")


@pytest.fixture(scope="module")
def run():
    return dualtrack.run("open-door", paths=60, months=MONTHS, changes=KEPT)


@pytest.mark.parametrize("measure", MEASURES[1:])
def test_without_losses_each_measure_rises_by_what_was_added_and_smuggled(run, measure):
    name = "china_bandwidth_h100" if measure == "bandwidth" else f"china_{measure}_h100e"
    rise = np.diff(run[name].values.astype(float), axis=0)
    added = run[f"imports_added_{measure}"].values + run[f"domestic_added_{measure}"].values.astype(float)
    added = added[1:] + np.diff(run["china_smuggled_h100e"].values.astype(float), axis=0)
    np.testing.assert_allclose(rise, added, rtol=1e-3, atol=2.0)  # single precision of stocks of millions


def test_imports_and_domestic_chips_add_what_the_older_outcomes_count(run):
    delivered = np.diff(run["h200_delivered_cum"].values.astype(float), axis=0)
    letter_only = run["imports_added_h100e"].values[1:] - delivered
    assert letter_only.min() > -1.0  # an H200 is one H100-equivalent
    official = np.diff(run["china_official_h100e"].values.astype(float), axis=0)
    both = (run["imports_added_h100e"].values + run["domestic_added_h100e"].values.astype(float))[1:]
    np.testing.assert_allclose(official, both, rtol=1e-3, atol=2.0)


def test_the_h20_makes_bandwidth_in_china_larger_than_its_arithmetic(run):
    """The known order: more than a third of the fleet's units are H20, 0.15 by arithmetic, 1.2 by memory."""
    arithmetic, bandwidth = run["china_compute_h100e"].values[0], run["china_bandwidth_h100"].values[0]
    serving = run["china_serving_h100e"].values[0]
    assert np.all(bandwidth > arithmetic)
    assert np.all((serving > arithmetic) & (serving < bandwidth))
    assert np.all(run["bandwidth_gap_ratio"].values[0] < run["compute_gap_ratio"].values[0])


def test_training_without_credit_for_8_bit_is_the_arithmetic_of_the_shipped_chips():
    plain = dualtrack.run("open-door", paths=20, months=6, changes=["training.fp8_gain=0"])
    credited = dualtrack.run("open-door", paths=20, months=6, changes=["training.fp8_gain=0.4"])
    np.testing.assert_allclose(
        plain["china_training_h100e"].values, plain["china_compute_h100e"].values, rtol=2e-3
    )
    assert np.all(credited["china_training_h100e"].values < plain["china_training_h100e"].values)
    assert np.all(credited["training_gap_ratio"].values > plain["training_gap_ratio"].values)


def test_what_survives_is_the_sum_of_each_months_remainder():
    flow = np.array([[100.0, 10.0], [50.0, 0.0], [0.0, 5.0]])
    kept = np.array([0.9, 1.0])
    np.testing.assert_allclose(surviving(flow, kept), [[100, 10], [140, 10], [126, 15]])

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualtrack
from dualtrack.errors import ScenarioFault
from dualtrack.measures.stop import STAGES, order_stop_cost, stage_costs

fractions = st.floats(0.0, 1.0)
terms = st.fixed_dictionaries(
    {
        "price_usd": st.floats(1.0, 1e6),
        "levy_usd": st.floats(0.0, 1e6),
        "levy_passed_on": fractions,
        "resale": fractions,
        "prepaid": fractions,
        "prepaid_kept": fractions,
        "acceptance": fractions,
    }
)


def cost(stage: str, given_terms: dict[str, float], units: float = 1.0) -> float:
    return float(order_stop_cost(stage, units, **given_terms).parties)


@given(terms=terms)
def test_the_cost_of_a_stop_rises_from_licence_to_customs_and_falls_to_nothing_once_delivered(terms):
    costs = [cost(stage, terms) for stage in STAGES]
    rounding = 1e-9 * (terms["price_usd"] + terms["levy_usd"])
    for before, after in pairwise(costs[:-1]):
        assert after >= before - rounding
    assert costs[-1] == 0.0


@given(terms=terms, units=st.floats(0.0, 1e6))
def test_twice_the_units_cost_twice_as_much_at_every_stage(terms, units):
    for stage in STAGES:
        one, two = (order_stop_cost(stage, n, **terms) for n in (units, 2 * units))
        for side, twice in zip(one, two, strict=True):
            assert twice == pytest.approx(2 * side, rel=1e-9, abs=1e-9)


def test_the_levy_is_foregone_before_the_test_and_sunk_after():
    parts = {"price_usd": 27_000.0, "levy_usd": 6_750.0, "levy_passed_on": 0.5, "resale": 0.7}
    firm, test = (order_stop_cost(stage, **parts) for stage in ("firm", "test"))
    assert (firm.treasury, test.treasury) == (6_750.0, 0.0)
    assert test.parties - firm.parties == pytest.approx(6_750.0)
    assert test.buyer == pytest.approx(3_375.0)
    # Price less resale; the vendor's half of the levy would have been paid in either case.
    assert test.vendor == pytest.approx(8_100.0)


def test_what_the_vendor_keeps_of_a_payment_in_advance_is_the_buyers_loss():
    parts = {"price_usd": 100.0, "levy_usd": 0.0, "levy_passed_on": 0.0, "resale": 0.8}
    plain = order_stop_cost("firm", **parts)
    kept = order_stop_cost("firm", **parts, prepaid=1.0, prepaid_kept=0.1)
    assert (plain.vendor, plain.buyer) == (pytest.approx(20.0), 0.0)
    assert (kept.vendor, kept.buyer) == (pytest.approx(10.0), pytest.approx(10.0))


@pytest.mark.parametrize("stage", ["tests", "shipped", ""])
def test_an_unknown_stage_is_refused_with_the_known_ones(stage):
    with pytest.raises(ScenarioFault, match="licence, firm, test, customs, delivered"):
        order_stop_cost(stage, price_usd=1.0, levy_usd=0.0, levy_passed_on=0.0, resale=0.0)


@pytest.fixture(scope="module")
def run():
    return dualtrack.run("open-door", paths=150, months=18)


def test_stage_costs_of_a_run_rise_on_every_path(run):
    costs = stage_costs(run)
    assert list(costs) == list(STAGES)
    for before, after in pairwise(STAGES[:-1]):
        assert np.all(costs[after] >= costs[before] - 1e-6)
    assert np.median(costs["customs"]) > np.median(costs["licence"])
    assert not costs["delivered"].any()
    with pytest.raises(ScenarioFault, match="Run the scenario again"):
        stage_costs(run.drop_vars("opening_order_stop_test_usd"))


def test_the_vendors_net_loss_is_never_above_its_exposure(run):
    """The exposure is at full price with the levy passed on left out; the loss is net of resale."""
    net, gross = run["stop_cost_vendor_usd"].values, run["stop_exposure_usd"].values
    assert np.all(net <= gross * (1 + 1e-5) + 1.0)
    assert net.max() > 0


def test_nothing_is_lost_to_a_stop_where_the_gate_is_barred_already():
    barred = dualtrack.run(
        "h200-truce", paths=20, months=6, changes=["us.gate_start=barred", "us.hazard.open=0"]
    )
    for name in ("vendor", "buyers", "treasury", "domestic"):
        assert not barred[f"stop_cost_{name}_usd"].values.any()
    assert not barred["stop_lost_compute_h100e"].values.any()


def test_dearer_resale_lowers_what_the_vendor_loses(run):
    changed = dualtrack.run("open-door", paths=150, months=18, changes=["stop.resale=1"])
    before, after = (r["stop_cost_vendor_usd"].values for r in (run, changed))
    assert np.all(after <= before * (1 + 1e-5) + 1.0)
    assert after.sum() < before.sum()
    # A measure moves no unit.
    np.testing.assert_array_equal(run["h200_shipped_cum"].values, changed["h200_shipped_cum"].values)

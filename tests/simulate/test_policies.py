from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dualtrack.errors import ScenarioFault
from dualtrack.simulate.policies import POLICIES, allocate

BUYERS, PATHS = 5, 6
units = st.one_of(st.just(0.0), st.floats(1e-3, 2e6))
wants = arrays(float, (BUYERS, PATHS), elements=units)
stocks = arrays(float, (PATHS,), elements=units)
orders = st.permutations(range(1, BUYERS + 1))


def shares(policy, stock, wanted, priority=(1, 2, 3, 4, 5), value=(5, 4, 3, 2, 1)):
    return allocate(np, policy, stock, wanted, list(map(float, priority)), list(map(float, value)))


@pytest.mark.parametrize("policy", POLICIES)
@given(stock=stocks, wanted=wants, priority=orders, value=orders)
def test_a_policy_gives_out_all_it_can_and_to_none_more_than_asked(policy, stock, wanted, priority, value):
    given_out = shares(policy, stock, wanted, priority, value)
    assert given_out.shape == wanted.shape
    assert (given_out >= 0.0).all()
    assert (given_out <= wanted * (1 + 1e-12)).all()
    np.testing.assert_allclose(given_out.sum(axis=0), np.minimum(stock, wanted.sum(axis=0)), rtol=1e-9)


@given(stock=stocks, wanted=wants)
def test_pro_rata_gives_every_buyer_the_same_part_of_what_it_asked(stock, wanted):
    given_out = shares("pro-rata", stock, wanted)
    for path in range(PATHS):
        asked = wanted[:, path] > 0
        part = given_out[asked, path] / wanted[asked, path]
        np.testing.assert_allclose(part, part[:1].repeat(part.size), rtol=1e-12)


def water_level(stock: float, wanted: np.ndarray) -> float:
    """The level to which all buyers rise together, by bisection."""
    low, high = 0.0, float(wanted.max())
    for _ in range(200):
        middle = (low + high) / 2
        if np.minimum(wanted, middle).sum() > stock:
            high = middle
        else:
            low = middle
    return high


@given(stock=stocks, wanted=wants)
def test_max_min_is_water_poured_over_the_buyers(stock, wanted):
    given_out = shares("max-min", stock, wanted)
    for path in range(PATHS):
        expected = np.minimum(wanted[:, path], water_level(stock[path], wanted[:, path]))
        np.testing.assert_allclose(given_out[:, path], expected, rtol=1e-9, atol=1e-6)


def in_order(stock: float, wanted: np.ndarray, order: list[int]) -> np.ndarray:
    out = np.zeros(len(wanted))
    for buyer in order:
        out[buyer] = min(wanted[buyer], stock)
        stock -= out[buyer]
    return out


@pytest.mark.parametrize("policy", ["priority", "value"])
@given(stock=stocks, wanted=wants, rank=orders)
def test_priority_and_value_serve_one_buyer_after_the_other(policy, stock, wanted, rank):
    if policy == "priority":
        given_out = shares(policy, stock, wanted, priority=rank)
        order = sorted(range(BUYERS), key=lambda buyer: rank[buyer])
    else:
        given_out = shares(policy, stock, wanted, value=rank)
        order = sorted(range(BUYERS), key=lambda buyer: -rank[buyer])
    for path in range(PATHS):
        np.testing.assert_allclose(
            given_out[:, path], in_order(stock[path], wanted[:, path], order), rtol=1e-9
        )


def test_an_unknown_policy_is_refused_with_the_nearest_name():
    with pytest.raises(ScenarioFault, match="max-min"):
        shares("maxmin", np.ones(1), np.ones((5, 1)))


@pytest.mark.parametrize("policy", POLICIES)
def test_a_run_under_every_policy_ships_as_much_and_the_policies_differ_by_buyer(traced, policy):
    base = ["china.gate_start=open", "gates.hazard_factor=0", "vendor.stock_units=50000", "china.ratio=0"]
    proportional = traced(base, paths=40, months=12)
    other = traced([*base, f"vendor.allocation={policy}"], paths=40, months=12)
    whole = [t.cumulative("shipped").sum(axis=1) for t in (proportional, other)]
    np.testing.assert_allclose(whole[1], whole[0], rtol=1e-6)
    if policy != "pro-rata":
        assert not np.allclose(*(t.cumulative("shipped")[-1] for t in (proportional, other)), rtol=0.01)

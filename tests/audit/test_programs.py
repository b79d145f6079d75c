"""The vectorised decisions of a month are the optimum of a program; where they are not, by how much."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.allocate.sample_books import asked, order_book, stock_of

from dualtrack.allocate import allocate as desk_allocate
from dualtrack.audit.programs import Rows, orders, orders_with_domestic, share_out, sharing
from dualtrack.audit.replay import open_month
from dualtrack.simulate.inputs import draw
from dualtrack.simulate.kernel import given_by_month
from dualtrack.simulate.policies import POLICIES
from dualtrack.simulate.policies import allocate as vectorised
from dualtrack.simulate.step import opening_state

BUYERS = 5
units = st.one_of(st.just(0.0), st.floats(0.5, 2e6))
amounts = arrays(float, (BUYERS,), elements=units)
ranks = st.permutations(range(1, BUYERS + 1))
TOLERANCE = 1e-3


def by_simulation(policy, stock, wanted, rank):
    value = [-float(number) for number in rank]
    return vectorised(np, policy, np.array([stock]), wanted[:, None], list(map(float, rank)), value)[:, 0]


def by_program(policy, stock, wanted, rank, firm=None):
    rows = Rows(len(wanted))
    rows.add("stock", stock, range(len(wanted)))
    return share_out(rows, wanted, policy, list(map(float, rank)), firm)


@pytest.mark.parametrize("policy", POLICIES)
@given(stock=units, wanted=amounts, rank=ranks)
def test_a_policy_shares_stock_as_its_program_does(policy, stock, wanted, rank):
    np.testing.assert_allclose(
        by_simulation(policy, stock, wanted, rank), by_program(policy, stock, wanted, rank), atol=TOLERANCE
    )


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=25, deadline=None)
@given(stock=units, wanted=arrays(float, (BUYERS,), elements=st.floats(0.5, 2e6)), rank=ranks)
def test_a_policy_shares_stock_as_the_desk_would(rulebook, policy, stock, wanted, rank):
    names = ["bytedance", "alibaba", "tencent", "next_tier", "research"]
    prices = 27_000 - 100 * np.array(rank)
    book = order_book(list(wanted), buyer=names, priority=rank, price=prices)
    question = asked(rulebook, book, stock_of(book, [stock]), limits=())
    desk = desk_allocate(*question, policy=policy, level="units")
    np.testing.assert_allclose(
        by_simulation(policy, stock, wanted, rank), desk.units[:, 0], rtol=1e-6, atol=TOLERANCE
    )


def test_pro_rata_goes_by_what_may_ship_and_the_desk_by_what_is_on_order():
    wanted, firm = np.array([10.0, 50.0]), np.array([100.0, 50.0])
    np.testing.assert_allclose(by_simulation("pro-rata", 40.0, wanted, (1, 2)), [40 / 6, 200 / 6])
    np.testing.assert_allclose(by_program("pro-rata", 40.0, wanted, (1, 2), firm), [10.0, 30.0])


# -- a month from any state

TIGHT = (
    "us.licence_delay_months=0:1:4",
    "us.licence_throughput=3000:100000:3000000",
    "us.share_limit=0.02:0.3:2",
    "us.buyer_cap=5000:100000:900000",
    "china.tranche_units=500:30000:300000",
    "china.batch_units=1000:60000:800000",
    "china.batch_interval=1:2:9",
    "china.ratio=0:1:8",
    "china.ratio_everywhere=yes",
    "us.narrow.buyer_cap=5000:100000:900000",
)
PATHS = 40


def anything(model, seed):
    """A month of the model decided from a state that no run need reach."""
    generator = np.random.default_rng(seed)
    buyers = len(model.buyers)
    drawn = draw(model, model.block(0, PATHS))
    number = int(generator.integers(model.scenario.months))
    given = {name: array[number] for name, array in given_by_month(model, drawn).items()}
    given["us"] = generator.choice([0, 1, 2, 2, 2], PATHS)
    given["china"] = generator.choice([0, 1, 1, 2, 2, 2, 3], PATHS)
    state = opening_state(np, model, drawn.values, drawn.law, given)

    def some(*shape, middle=2e4):
        size = np.minimum(np.exp(generator.normal(np.log(middle), 2.0, shape)), 2e6)
        return size * (generator.random(shape) < 0.7)

    for name in ("want", "valid", "clear", "firm", "issued", "credit", "refused", "cap_left"):
        state[name] = some(buyers, PATHS)
    for name in ("test", "shipped", "granted", "cleared_net"):
        state[name] = some(buyers, PATHS, middle=3e3)
    state["filed"] = np.cumsum(some(*state["filed"].shape), axis=0)
    state["cleared_history"] = tuple(some(buyers, PATHS, middle=3e3) for _ in state["cleared_history"])
    state["budget"] = some(buyers, PATHS) * 27_000
    state["stock"] = some(PATHS, middle=5e4)
    state["domestic_unsold"] = some(PATHS)
    state["batches_used"] = some(PATHS)
    state["batches_released"] = state["batches_used"] + some(PATHS)
    return open_month(model, drawn, given, state), number


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_any_month_orders_and_shares_out_as_much_as_the_limits_allow(model_for, policy, seed):
    model = model_for([*TIGHT, f"vendor.allocation={policy}"], paths=PATHS)
    opened, number = anything(model, seed)
    for place in range(PATHS):
        case = opened.case(place, number, place)
        papers, program = case.decided.papers, orders(case)
        decided = [case.by_buyer(units) for units in (papers.accepted, papers.cleared, papers.ordered)]
        most = program.most()
        assert abs(decided[2].sum() - most) < TOLERANCE, (seed, place, decided[2].sum(), most)
        beyond, row = program.rows.overrun(np.concatenate(decided))
        assert beyond < TOLERANCE, (seed, place, row, beyond)
        entered, stock = case.by_buyer(case.decided.sent.entered), sharing(case)
        np.testing.assert_allclose(
            entered, stock.by_policy(policy), atol=TOLERANCE, err_msg=f"seed {seed}, path {place}"
        )


def test_the_random_months_have_something_to_decide(model_for):
    """A test of nothing but idle months would hold whatever the step did."""
    model = model_for(TIGHT, paths=PATHS)
    ordered = short = 0
    for seed in range(3):
        opened, number = anything(model, seed)
        for place in range(PATHS):
            case = opened.case(place, number, place)
            entered = case.by_buyer(case.decided.sent.entered).sum()
            ordered += orders(case).most() > 1.0
            short += bool(1.0 < entered < sharing(case).wanted.sum() - 1.0)
    assert ordered > PATHS and short > PATHS / 4


@settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_domestic_chips_sent_elsewhere_can_only_let_more_be_ordered(model_for, seed):
    model = model_for([*TIGHT, "china.ratio_timing=with", "china.ratio=2:4:8"], paths=PATHS)
    opened, number = anything(model, seed)
    cases = [opened.case(place, number, place) for place in range(PATHS)]
    assert all(orders_with_domestic(case).most() >= orders(case).most() - TOLERANCE for case in cases)


def test_domestic_chips_go_by_what_is_asked_for_and_not_by_what_is_ordered(traced):
    """The gap that the page states: with chips due in the same month, some orders are missed."""
    changes = ["china.ratio_timing=with", "china.ratio=4", "china.gate_start=quota", "gates.hazard_factor=0"]
    trace = traced([*changes, "us.licence_delay_months=0"], paths=60, months=8)
    missed = []
    for number, month in enumerate(trace.months):
        opened = open_month(trace.model, trace.drawn, month.given, month.before)
        for path in range(60):
            case = opened.case(path, number, path)
            missed.append(orders_with_domestic(case).most() - orders(case).most())
    assert min(missed) > -TOLERANCE
    assert max(missed) > 1_000

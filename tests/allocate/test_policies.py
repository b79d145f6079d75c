from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.allocate.sample_books import H20, H200, Drawn, allocated, asked, order_book, problems, stock_of

from dualtrack.allocate import POLICIES, AllocationFault, allocate
from dualtrack.rules import Rulebook
from dualtrack.simulate import policies as simulated

NAMES = ("bytedance", "alibaba", "tencent", "next_tier", "research")


@pytest.mark.parametrize("policy", simulated.POLICIES)
@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(0, 10**6), min_size=5, max_size=5).filter(any),
    st.integers(0, 2 * 10**6),
    st.permutations(range(1, 6)),
    st.permutations(range(1, 6)),
)
def test_program_and_simulation_share_out_alike_where_only_the_stock_limits(
    rulebook: Rulebook, policy: str, wanted: list[int], available: int, priority: list[int], value: list[int]
):
    # The class in which ranked serving is the optimum: one chip, one month, no limit, one order per buyer.
    book = order_book(wanted, buyer=NAMES, priority=priority, price=value)
    found = allocated(rulebook, book, stock_of(book, [available]), limits=[], policy=policy, level="units")
    expected = simulated.allocate(
        np,
        policy,
        np.array([float(available)]),
        np.array(wanted, dtype=float)[:, None],
        np.array(priority),
        np.array(value),
    )
    np.testing.assert_allclose(found.units, expected, rtol=1e-9, atol=1e-5)


def test_pro_rata_gives_every_order_of_a_chip_the_same_part(rulebook: Rulebook):
    book = order_book([100, 200, 100], buyer=["bytedance", "alibaba", "alibaba"], chip=[H200, H200, H20])
    found = allocated(rulebook, book, stock_of(book, [150], [100]), policy="pro-rata")
    assert found.units[:, 0].tolist() == [50, 100, 100]
    assert found.objective.value == 0.5


def test_pro_rata_hands_on_what_a_stopped_order_leaves(rulebook: Rulebook):
    # By hand: 180 for 300 would be 60 % each; ByteDance stops at 30 by its cap, so 150 for 200 is 75 %.
    book = order_book([100, 120, 80], buyer=["bytedance", "alibaba", "tencent"])
    counted = {"buyer_committed": [70.0, 0.0, 0.0]}
    cap = {"us.buyer_cap.units": 100.0}
    found = allocated(rulebook, book, stock_of(book, [180]), cap, counted=counted, policy="pro-rata")
    assert found.units[:, 0].tolist() == [30, 90, 60]


def test_the_price_of_a_filling_is_the_rise_of_the_level_it_stops(rulebook: Rulebook):
    book = order_book([100, 300], buyer=["bytedance", "alibaba"], priority=[1, 2])
    for policy, worth in (("max-min", 1 / 400), ("pro-rata", 1 / 400), ("priority", 1 / 300)):
        stock = stock_of(book, [160.0])
        found = allocated(rulebook, book, stock, policy=policy)
        more = allocated(rulebook, book, replace(stock, units=stock.units + 1), policy=policy)
        (price,) = [one for one in found.shadow_prices if one.name == "stock"]
        assert price.price == pytest.approx(worth)
        assert more.served[1].share - found.served[1].share == pytest.approx(worth)
        assert price.unit.startswith("served share of the")


def test_a_promise_is_kept_before_the_rate_is_raised(rulebook: Rulebook):
    book = order_book([100, 100], buyer=["bytedance", "alibaba"], promised=[80, 0])
    found = allocated(rulebook, book, stock_of(book, [100]), policy="pro-rata")
    assert found.units[:, 0].tolist() == [80, 20]


def test_priority_serves_a_class_after_the_other_and_a_class_pro_rata(rulebook: Rulebook):
    book = order_book([100, 100, 200], buyer=["bytedance", "alibaba", "tencent"], priority=[1, 2, 2])
    found = allocated(rulebook, book, stock_of(book, [160]), policy="priority")
    assert found.units[:, 0].tolist() == [100, 20, 40]


def test_value_and_compute_choose_other_chips_for_one_cap(rulebook: Rulebook):
    # H200 is worth less money here and more compute; the batch lets 10 units of either in, since both count.
    book = order_book([10, 10], chip=[H200, "nvidia.h200_nvl"], price=[10, 20])
    batch = {"china_gate": "quota", "batches_released": 10.0, "ratio_credit": 100.0}
    ratio = {"china.ratio.required": 1.0}
    by_value, by_compute = (
        allocated(rulebook, book, stock_of(book, [10], [10]), ratio, counted=batch, policy=policy)
        for policy in ("value", "compute")
    )
    assert by_value.units[:, 0].tolist() == [0, 10]
    assert by_compute.h100e >= by_value.h100e
    assert by_value.usd == 200


def test_of_equal_value_the_lower_priority_number_is_served(rulebook: Rulebook):
    book = order_book([100, 100, 100], buyer=["bytedance", "alibaba", "tencent"], priority=[3, 1, 2])
    for policy in ("value", "compute"):
        found = allocated(rulebook, book, stock_of(book, [150]), policy=policy)
        assert found.units[:, 0].tolist() == [0, 100, 50]
        assert "lower priority number" in found.tie_break


def test_an_order_that_costs_nothing_is_served_where_nothing_stands_against_it(rulebook: Rulebook):
    book = order_book([10, 10], price=[0, 5], priority=[2, 1])
    assert allocated(rulebook, book, stock_of(book, [15])).units[:, 0].tolist() == [5, 10]


def test_of_equal_compute_the_dearer_order_is_served(rulebook: Rulebook):
    book = order_book([100, 100], buyer=["bytedance", "alibaba"], price=[10, 11], priority=[1, 2])
    found = allocated(rulebook, book, stock_of(book, [100]), policy="compute")
    assert found.units[:, 0].tolist() == [0, 100]


@pytest.mark.parametrize("policy", POLICIES)
def test_units_are_delivered_as_early_as_stock_and_limits_let_them(rulebook: Rulebook, policy: str):
    book = order_book([100], last=2)
    found = allocated(rulebook, book, stock_of(book, [30, 30, 30]), policy=policy)
    assert found.units.tolist() == [[30, 30, 30]]
    tranche = {"china.tranche.units": 20.0}
    rationed = {"china_gate": ["rationed", "rationed", "open"]}
    found = allocated(rulebook, book, stock_of(book, [30, 30, 30]), tranche, counted=rationed, policy=policy)
    assert found.units.tolist() == [[20, 20, 50]]


def test_orders_alike_are_served_by_priority_and_then_by_row(rulebook: Rulebook):
    book = order_book([10, 10, 10], priority=[2, 1, 2], last=1)
    found = allocated(rulebook, book, stock_of(book, [15, 10]))
    assert found.units.tolist() == [[5, 5], [10, 0], [0, 5]]


@settings(max_examples=4, deadline=None)
@given(problems())
def test_the_same_book_gives_the_same_units_again(rulebook: Rulebook, drawn: Drawn):
    first, again = drawn.compared(rulebook), drawn.compared(rulebook)
    for policy in POLICIES:
        np.testing.assert_array_equal(first[policy].units, again[policy].units)


def test_barred_orders_get_nothing_and_are_named(rulebook: Rulebook):
    book = order_book(
        [10, 10, 10], buyer=["bytedance", "bytedance", "tencent"], barred={0: "a.rule", 2: "b.rule"}
    )
    found = allocated(rulebook, book, stock_of(book, [100]))
    assert found.units[:, 0].tolist() == [0, 10, 0]
    assert found.barred == {"o1": "a.rule", "o3": "b.rule"}
    bytedance, tencent = found.served
    assert (bytedance.share, bytedance.barred) == (1.0, 10)
    assert [(one.kind, one.name, one.units) for one in tencent.binding] == [("rule", "b.rule", 10)]
    assert tencent.share == 0
    # Who has nothing but barred orders is no measure of how fair the rest was served.
    assert (found.jain, found.least_share) == (1.0, 1.0)


def test_a_book_of_barred_orders_only_gets_nothing(rulebook: Rulebook):
    book = order_book([10], barred={0: "a.rule"})
    for policy in POLICIES:
        for lot in (None, 8):
            assert allocated(rulebook, book, stock_of(book, [5]), policy=policy, lot=lot).units.sum() == 0


def test_fairness_of_a_book_by_hand(rulebook: Rulebook):
    book = order_book([100, 100], buyer=["bytedance", "alibaba"], price=[2, 1])
    found = allocated(rulebook, book, stock_of(book, [150]))
    assert found.least_share == 0.5
    assert found.jain == pytest.approx(1.5**2 / (2 * 1.25))


def test_lots_leave_out_the_remainder_and_say_so(rulebook: Rulebook):
    book = order_book([20, 7], buyer=["bytedance", "alibaba"])
    found = allocated(rulebook, book, stock_of(book, [100]), lot=8)
    assert found.units[:, 0].tolist() == [16, 0]
    assert [[(one.kind, one.units) for one in served.binding] for served in found.served] == [
        [("lot", 4)],
        [("lot", 7)],
    ]


@pytest.mark.parametrize("policy", ["max-min", "pro-rata", "priority"])
@settings(max_examples=6, deadline=None)
@given(problems(), st.sampled_from([2, 5]))
def test_in_lots_a_filling_stays_near_the_linear_one_and_leaves_no_lot_that_fits(
    rulebook: Rulebook, policy: str, drawn: Drawn, lot: int
):
    linear = drawn.allocated(rulebook, policy=policy)
    found = drawn.allocated(rulebook, policy=policy, lot=lot, seconds=20)
    below = np.floor(linear.units.sum(axis=1) / lot + 1e-6) * lot - found.units.sum(axis=1)
    assert (below > 0.5).sum() == 0 or any("rounded down" in note for note in found.notes)
    # With as many units promised as were given, and one lot more for one order, there must be no way.
    for order in range(len(drawn.book)):
        promised = found.units.sum(axis=1)
        promised[order] += lot
        if promised[order] > drawn.book.units[order]:
            continue
        with pytest.raises(AllocationFault):
            more = replace(drawn, book=replace(drawn.book, promised=promised))
            more.allocated(rulebook, lot=lot, seconds=20)


def test_unknown_options_are_refused_with_what_is_known(rulebook: Rulebook):
    book = order_book([10])
    stock = stock_of(book, [5])
    with pytest.raises(AllocationFault, match=r"maxmin.*max-min"):
        allocated(rulebook, book, stock, policy="maxmin")
    with pytest.raises(AllocationFault, match=r"level.*share, units"):
        allocated(rulebook, book, stock, policy="max-min", level="parts")
    with pytest.raises(AllocationFault, match="lot of 0"):
        allocated(rulebook, book, stock, lot=0)


def test_faults_of_a_book_are_told_together(rulebook: Rulebook):
    book = order_book([10, -1], promised=[20, 0], price=[1, float("nan")], first=[0, 1])
    with pytest.raises(AllocationFault, match="5 faults") as caught:
        allocated(rulebook, book, stock_of(book, [5]))
    for told in (
        "units: order o2 (row 3): -1 is no amount",
        "price: order o2 (row 3): nan is no amount",
        "promised: order o1 (row 2): 20 promised, but 10 asked for",
        "first_month: order o2 (row 3): months 1 to 0 are no window within 0 to 0",
    ):
        assert told in str(caught.value)


def test_counts_that_do_not_fit_are_named_together(rulebook: Rulebook):
    book, stock, rules, laws, counts = asked(rulebook, order_book([10]), stock_of(order_book([10]), [5]))
    wrong = replace(counts, us_domestic=np.zeros(1), shut={"a.rule": np.zeros((2, 1), dtype=bool)})
    with pytest.raises(AllocationFault, match=r"(?s)2 faults.*us_domestic.*wanted \(1, 1\).*shut\[a.rule\]"):
        allocate(book, stock, rules, laws, wrong)
    with pytest.raises(AllocationFault, match="rules are given for 0 months, the stock for 1"):
        allocate(book, stock, rules, [], counts)


def test_compute_needs_the_rate_of_every_chip(rulebook: Rulebook):
    book = order_book([10], chip="kunlunxin.m100", destination="hong_kong")
    found = allocated(rulebook, book, stock_of(book, [5]), limits=[])
    assert "kunlunxin.m100" in found.notes[-1]
    with pytest.raises(AllocationFault, match=r"kunlunxin\.m100: no 8-bit"):
        allocated(rulebook, book, stock_of(book, [5]), limits=[], policy="compute")

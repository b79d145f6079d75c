from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from tests.allocate.sample_books import (
    Drawn,
    allocated,
    order_book,
    plain_optimum,
    plain_rows,
    problems,
    stock_of,
)

from dualtrack.allocate import POLICIES, ShadowPrice
from dualtrack.allocate.linear import Linear, maximise, maximise_whole
from dualtrack.rules import Rulebook

FEW = settings(max_examples=12, deadline=None)


def h100e(drawn: Drawn) -> np.ndarray:
    return np.array([chip.h100e for chip in drawn.book.chips])[drawn.book.chip]


@FEW
@given(problems())
def test_no_policy_breaks_a_limit_gives_more_than_asked_or_leaves_a_window(rulebook: Rulebook, drawn: Drawn):
    matrix, room, names = plain_rows(drawn)
    for policy, found in drawn.compared(rulebook).items():
        assert (found.units >= 0).all()
        over = matrix @ found.units.ravel() - room
        assert over.max() < 1e-5, (policy, names[int(over.argmax())])


@FEW
@given(problems(promises=True))
def test_the_optimum_is_that_of_the_program_written_down_as_it_stands(rulebook: Rulebook, drawn: Drawn):
    best = plain_optimum(drawn, drawn.book.price)
    assume(best is not None)
    assert drawn.allocated(rulebook, policy="value").usd == pytest.approx(best, rel=1e-9, abs=1e-6)
    found = drawn.allocated(rulebook, policy="compute")
    assert found.h100e == pytest.approx(plain_optimum(drawn, h100e(drawn)), rel=1e-9, abs=1e-6)


@FEW
@given(problems())
def test_no_policy_is_worth_more_than_the_optimum(rulebook: Rulebook, drawn: Drawn):
    by_policy = drawn.compared(rulebook)
    for found in by_policy.values():
        assert found.usd <= by_policy["value"].usd * (1 + 1e-9) + 1e-6
        assert found.h100e <= by_policy["compute"].h100e * (1 + 1e-9) + 1e-6


@FEW
@given(problems(), st.integers(0, 3), st.integers(1, 20))
def test_more_stock_or_a_higher_limit_never_lowers_the_optimum(
    rulebook: Rulebook, drawn: Drawn, which: int, more: int
):
    before = drawn.allocated(rulebook).usd
    stock, parameters, counted = drawn.stock, dict(drawn.parameters), dict(drawn.counted)
    if which == 0:
        stock = replace(stock, units=stock.units + more)
    elif which == 1:
        parameters["us.buyer_cap.units"] += more
    elif which == 2:
        counted["batches_released"] = counted["batches_released"] + more
    else:
        counted["ratio_credit"] = np.array(counted["ratio_credit"]) + more
    after = Drawn(drawn.book, stock, parameters, counted).allocated(rulebook).usd
    assert after >= before * (1 - 1e-9) - 1e-6


@FEW
@given(problems())
def test_what_is_not_used_up_has_no_price(rulebook: Rulebook, drawn: Drawn):
    for price in drawn.allocated(rulebook).shadow_prices:
        # Room and use are those of the month in which the limit binds most.
        assert price.price == 0 or price.used == pytest.approx(price.room, abs=1e-5)


@FEW
@given(problems())
def test_every_order_that_lacks_units_has_something_that_stops_it(rulebook: Rulebook, drawn: Drawn):
    for found in drawn.compared(rulebook).values():
        for served in found.served:
            assert "none" not in {binding.kind for binding in served.binding}
            if served.units < served.asked - 1e-3:
                assert {binding.kind for binding in served.binding} & {"stock", "limit"}


def changed(drawn: Drawn, price: ShadowPrice, by: float) -> Drawn | None:
    """The same with so many units more under the limit that the price is about, from the first month on.

    None where there is no such unit, or where the limit cannot be moved in all months alike.
    """
    stock, counted = drawn.stock, {name: np.array(value) for name, value in drawn.counted.items()}
    if price.name == "stock":
        stock = replace(stock, units=stock.units.copy())
        moved = stock.units[[chip.id for chip in stock.chips].index(price.chip), :1]
    elif price.name == "us.share_limit":
        domestic = counted["us_domestic"] = counted["us_domestic"] * 1.0
        moved, by = domestic[[chip.id for chip in stock.chips].index(price.chip)], 2 * by
    elif price.name == "china.batch_quota":
        moved = counted["batches_released"] = counted["batches_released"] * 1.0
    elif price.name == "china.domestic_ratio":
        credit = counted["ratio_credit"] = counted["ratio_credit"] * 1.0
        moved = credit[drawn.book.buyers.index(price.buyer) :][:1]
    else:
        return None
    moved += by
    if (moved < 0).any():
        return None
    return Drawn(
        drawn.book, stock, drawn.parameters, {**counted, "ratio_basis": drawn.counted["ratio_basis"]}
    )


@settings(max_examples=8, deadline=None)
@given(problems(most_orders=4))
def test_a_price_lies_between_the_loss_of_a_unit_less_and_the_gain_of_a_unit_more(
    rulebook: Rulebook, drawn: Drawn
):
    # The optimum is concave in the room of a limit, so a price is a slope between those to either side; where
    # they agree the price is that very change.
    step = 1 / 64
    base = drawn.allocated(rulebook)
    for price in base.shadow_prices:
        worth = price.per_domestic_chip if price.name == "china.domestic_ratio" else price.price
        more, less = changed(drawn, price, step), changed(drawn, price, -step)
        if more is not None:
            assert more.allocated(rulebook).usd - base.usd <= worth * step + 1e-6, price
        if less is not None:
            assert base.usd - less.allocated(rulebook).usd >= worth * step - 1e-6, price


def test_where_nothing_ties_a_price_is_what_one_unit_more_is_worth(rulebook: Rulebook):
    book = order_book([100, 100, 100], buyer=["bytedance", "alibaba", "tencent"], price=[30, 20, 10], last=1)
    stock = stock_of(book, [120, 30])
    cap = {"us.buyer_cap.units": 80.0}
    base = allocated(rulebook, book, stock, cap)
    price = {(one.name, one.buyer): one.price for one in base.shadow_prices}
    one_more = allocated(rulebook, book, stock_of(book, [121, 30]), cap)
    assert price["stock", None] == one_more.usd - base.usd == 20
    for buyer, worth in (("bytedance", 10), ("alibaba", 0), ("tencent", 0)):
        returned = [-1.0 if name == buyer else 0.0 for name in book.buyers]
        higher = allocated(rulebook, book, stock, cap, counted={"buyer_committed": returned})
        assert price["us.buyer_cap", buyer] == higher.usd - base.usd == worth


def test_a_unit_of_stock_is_worth_more_the_earlier_it_comes(rulebook: Rulebook):
    book = order_book([50, 50], price=[30, 20], first=[0, 1], last=[0, 1])
    found = allocated(rulebook, book, stock_of(book, [20, 10]))
    (stock,) = [price for price in found.shadow_prices if price.name == "stock"]
    assert stock.by_month == {"2026-02": 30, "2026-03": 20}
    assert stock.price == 30


@settings(max_examples=12, deadline=None)
@given(problems(), st.sampled_from([2, 3, 8]), st.sampled_from(POLICIES))
def test_lots_are_whole_break_no_limit_and_are_worth_no_more_than_the_optimum(
    rulebook: Rulebook, drawn: Drawn, lot: int, policy: str
):
    found = drawn.allocated(rulebook, policy=policy, lot=lot, seconds=20)
    matrix, room, names = plain_rows(drawn)
    assert (found.units % lot == 0).all()
    over = matrix @ found.units.ravel() - room
    assert over.max() < 1e-5, names[int(over.argmax())]
    linear = drawn.allocated(rulebook, policy=policy)
    assert found.prices_of_relaxation
    assert not linear.prices_of_relaxation
    if policy in ("value", "compute"):
        assert found.objective.value <= linear.objective.value * (1 + 1e-9) + 1e-6
        assert found.gap == 0
    assert found.usd <= drawn.allocated(rulebook, policy="value").usd * (1 + 1e-9) + 1e-6


@settings(max_examples=10, deadline=None)
@given(problems(most_orders=3), st.sampled_from([5, 8]))
def test_lots_are_the_best_there_are(rulebook: Rulebook, drawn: Drawn, lot: int):
    found = drawn.allocated(rulebook, lot=lot, seconds=20)
    best = 0.0
    matrix, room, _ = plain_rows(drawn)
    most = np.floor(drawn.book.units / lot).astype(int)
    months = len(drawn.stock.months)
    assume(np.prod([n * months + 1 for n in most]) <= 300)
    for lots in np.ndindex(*(n + 1 for n in most)):
        if lot * float(np.dot(lots, drawn.book.price)) > best and any(
            (matrix @ (lot * timing.ravel()) <= room + 1e-9).all() for timing in timings(lots, months)
        ):
            best = lot * float(np.dot(lots, drawn.book.price))
    assert found.usd == pytest.approx(best)


def timings(lots: tuple[int, ...], months: int):
    """Every way to spread each order's lots over the months."""
    if not lots:
        yield np.zeros((0, months))
        return
    for rest in timings(lots[1:], months):
        for split in np.ndindex(*[lots[0] + 1] * months):
            if sum(split) == lots[0]:
                yield np.vstack([np.array(split)[None], rest])


def test_the_gap_that_is_stated_holds_the_optimum():
    # A program with whole numbers that takes the solver some time; stopped early or late, value / (1 - gap) is
    # never below what is possible.
    random = np.random.default_rng(7)
    count = 60
    rows = random.integers(10, 99, (8, count)).astype(float)
    linear = Linear(
        sparse.csr_matrix(rows),
        np.floor(rows.sum(axis=1) * 0.4),
        sparse.csr_matrix((0, count)),
        np.zeros(0),
        np.zeros(count),
        np.ones(count),
    )
    gain = random.integers(10, 99, count).astype(float)
    hurried, patient = (maximise_whole(linear, gain, np.ones(count, dtype=bool), n) for n in (0.3, 1.5))
    assert 0 <= patient.gap <= hurried.gap
    assert hurried.value / (1 - hurried.gap) >= patient.value
    assert patient.value <= maximise(linear, gain).value
    assert (linear.matrix @ patient.x <= linear.room + 1e-6).all()

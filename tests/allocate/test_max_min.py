from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog
from tests.allocate.sample_books import Drawn, allocated, order_book, plain_rows, problems, stock_of

from dualtrack.allocate.linear import Linear
from dualtrack.allocate.max_min import fill
from dualtrack.rules import Rulebook

FEW = settings(max_examples=15, deadline=None)


def levels_one_by_one(drawn: Drawn, groups: list[np.ndarray], size: np.ndarray) -> np.ndarray | None:
    """Lexicographic max-min levels, found without prices: who can rise is asked of each claimant alone.

    Args:
        groups: The orders of each claimant.
        size: Units of each claimant at level 1.
    """
    matrix, room, _ = plain_rows(drawn)
    months = len(drawn.stock.months)
    claims = np.zeros((len(groups), matrix.shape[1]))
    for claimant, orders in enumerate(groups):
        claims[claimant] = np.repeat(np.isin(np.arange(len(drawn.book)), orders), months)
    level, done = np.zeros(len(groups)), np.zeros(len(groups), dtype=bool)
    while not done.all():
        # The last variable is the common level.
        rising = np.column_stack([-claims, np.where(done, 0.0, size)])
        floor = np.where(done, -level * size, 0.0)
        a = np.vstack([np.column_stack([matrix, np.zeros(len(matrix))]), rising])
        b = np.concatenate([room, floor + 1e-9])
        cost = np.zeros(a.shape[1])
        cost[-1] = -1.0
        found = linprog(cost, A_ub=a, b_ub=b, method="highs")
        if found.status == 2:
            return None
        common = found.x[-1]
        least = np.where(done, level, common)
        stuck = []
        for claimant in np.flatnonzero(~done):
            alone = linprog(
                -claims[claimant],
                A_ub=np.vstack([matrix, -claims]),
                b_ub=np.concatenate([room, -least * size + 1e-7]),
                method="highs",
            )
            if -alone.fun <= common * size[claimant] + 1e-4:
                stuck.append(claimant)
        assert stuck
        level[stuck], done[stuck] = common, True
    return level


@FEW
@given(problems(promises=True, most_orders=5), st.sampled_from(["share", "units"]))
def test_max_min_over_buyers_is_that_of_raising_each_alone(rulebook: Rulebook, drawn: Drawn, level: str):
    book = drawn.book
    groups = [np.flatnonzero(book.buyer == n) for n in range(len(book.buyers))]
    asked = np.array([book.units[mine].sum() for mine in groups])
    expected = levels_one_by_one(drawn, groups, asked if level == "share" else np.ones(len(asked)))
    assume(expected is not None)
    found = drawn.allocated(rulebook, policy="max-min", level=level).served
    got = [served.share if level == "share" else served.units for served in found]
    # Tolerance of the search beside, which asks whether a claimant rises by 1e-4 units.
    np.testing.assert_allclose(got, expected, atol=1e-3)


@FEW
@given(problems(most_orders=5))
def test_pro_rata_is_max_min_over_the_orders(rulebook: Rulebook, drawn: Drawn):
    groups = [np.array([n]) for n in range(len(drawn.book))]
    expected = levels_one_by_one(drawn, groups, drawn.book.units)
    got = drawn.allocated(rulebook, policy="pro-rata").units.sum(axis=1) / drawn.book.units
    np.testing.assert_allclose(got, expected, atol=1e-3)


def test_the_least_served_rise_first_and_the_others_take_what_they_cannot_have(rulebook: Rulebook):
    # By hand: 90 units for 100 + 100 asked would be 45 % each; ByteDance stops at its cap of 30 %,
    # so Alibaba takes the other 60.
    book = order_book([100, 100], buyer=["bytedance", "alibaba"])
    capped = {"counted": {"buyer_committed": [20.0, 0.0]}, "parameters": {"us.buyer_cap.units": 50.0}}
    found = allocated(rulebook, book, stock_of(book, [75]), policy="max-min", **capped)
    assert [served.units for served in found.served] == [30, 45]
    assert found.objective.value == pytest.approx(0.3)
    assert [binding.name for binding in found.served[0].binding] == ["us.buyer_cap"]
    assert [binding.name for binding in found.served[1].binding] == ["stock"]


def test_share_and_units_are_two_levels(rulebook: Rulebook):
    book = order_book([100, 300], buyer=["bytedance", "alibaba"])
    by_share = allocated(rulebook, book, stock_of(book, [100]), policy="max-min")
    by_units = allocated(rulebook, book, stock_of(book, [100]), policy="max-min", level="units")
    assert [served.units for served in by_share.served] == [25, 75]
    assert [served.units for served in by_units.served] == [50, 50]


def test_many_claimants_stuck_at_one_level_are_found_together():
    # One row without room and a hundred claimants in it: were they found one by one, this took a hundred rounds.
    count = 100
    none = sparse.csr_matrix((0, count))
    linear = Linear(
        sparse.csr_matrix(np.ones((1, count))),
        np.zeros(1),
        none,
        np.zeros(0),
        np.zeros(count),
        np.full(count, 10.0),
    )
    found = fill(linear, sparse.eye(count, format="csr"), np.full(count, 10.0), [np.arange(count)])
    assert (found.level == 0).all()
    assert found.rounds <= 3
    assert all(rows.tolist() == [0] for rows in found.stopped)


def test_turns_go_one_after_the_other():
    none = sparse.csr_matrix((0, 3))
    linear = Linear(
        sparse.csr_matrix(np.ones((1, 3))), np.array([15.0]), none, np.zeros(0), np.zeros(3), np.full(3, 10.0)
    )
    turns = [np.array([2]), np.array([0, 1])]
    found = fill(linear, sparse.eye(3, format="csr"), np.full(3, 10.0), turns)
    np.testing.assert_allclose(found.level, [0.25, 0.25, 1.0])

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.allocate.sample_books import Drawn, allocated, order_book, plain_rows, problems, stock_of

from dualtrack.allocate import AllocationConflict
from dualtrack.allocate.conflicts import smallest
from dualtrack.rules import Rulebook


def conflict(rulebook: Rulebook, *parts, **options) -> AllocationConflict:
    with pytest.raises(AllocationConflict) as caught:
        allocated(rulebook, *parts, **options)
    return caught.value


def told(found: AllocationConflict) -> list[tuple[str, str]]:
    return [(clash.kind, clash.name) for clash in found.clashes]


def test_a_promise_above_a_cap_names_both_with_their_numbers(rulebook: Rulebook):
    book = order_book([100, 100], buyer=["bytedance", "alibaba"], promised=[60, 10])
    found = conflict(rulebook, book, stock_of(book, [500]), {"us.buyer_cap.units": 50.0})
    promise, cap = found.clashes
    assert told(found) == [("promise", "o1"), ("limit", "us.buyer_cap")]
    assert (promise.amount, promise.line, promise.buyer) == (60, 2, "bytedance")
    assert (cap.amount, cap.buyer, cap.month) == (50, "bytedance", "2026-02")
    assert "order o1 (row 2): 60 units of nvidia.h200_sxm promised to bytedance by 2026-02" in str(found)
    assert "us.buyer_cap for bytedance up to 2026-02: room for 50 units" in str(found)


def test_promises_above_the_stock_name_the_greatest_that_suffice(rulebook: Rulebook):
    book = order_book([50, 50, 50, 50], promised=[10, 30, 5, 40])
    found = conflict(rulebook, book, stock_of(book, [60]))
    assert told(found) == [("promise", "o4"), ("promise", "o2"), ("stock", "stock")]
    assert "stock of nvidia.h200_sxm up to 2026-02: 60 units" in str(found)


def test_months_take_part_in_a_conflict(rulebook: Rulebook):
    # 40 in two months under a tranche of 15 a month: both months' tranches are needed to contradict it.
    book = order_book([50], promised=[40], last=1)
    found = conflict(
        rulebook,
        book,
        stock_of(book, [500, 0]),
        {"china.tranche.units": 15.0},
        counted={"china_gate": "rationed"},
    )
    assert told(found) == [("promise", "o1"), ("limit", "china.tranche"), ("limit", "china.tranche")]
    assert [clash.month for clash in found.clashes[1:]] == ["2026-02", "2026-03"]


def test_a_promise_on_a_barred_order_names_the_rule(rulebook: Rulebook):
    book = order_book([10, 10], promised=[0, 4], barred={1: "china.state_funded"})
    found = conflict(rulebook, book, stock_of(book, [100]))
    assert told(found) == [("promise", "o2"), ("rule", "china.state_funded")]


def test_a_promise_in_months_that_a_rule_shuts_names_the_rule(rulebook: Rulebook):
    book = order_book([10], promised=[4], last=1)
    shut = {"china.customs_hold": np.array([[True, True]])}
    found = conflict(rulebook, book, stock_of(book, [100, 0]), counted={"shut": shut})
    assert told(found) == [("promise", "o1"), ("rule", "china.customs_hold"), ("rule", "china.customs_hold")]
    assert "china.customs_hold in 2026-02: nothing may be delivered" in str(found)


def test_a_promise_of_a_chip_without_stock_names_the_stock(rulebook: Rulebook):
    book = order_book([10], promised=[4])
    assert told(conflict(rulebook, book, stock_of(book, [0]))) == [("promise", "o1"), ("stock", "stock")]


def test_a_promise_that_does_not_fit_into_whole_lots(rulebook: Rulebook):
    book = order_book([10], promised=[9])
    found = conflict(rulebook, book, stock_of(book, [100]), lot=8)
    assert told(found) == [("promise", "o1"), ("lot", "lot")]
    assert "gets at most 8" in str(found)


def test_promises_that_whole_lots_alone_make_impossible(rulebook: Rulebook):
    # 9 + 9 fit into 30, but not rounded up to 16 + 16.
    book = order_book([20, 20], promised=[9, 9])
    stock = stock_of(book, [30])
    allocated(rulebook, book, stock)
    found = conflict(rulebook, book, stock, lot=8)
    assert told(found) == [("promise", "o1"), ("promise", "o2"), ("stock", "stock")]
    assert [clash.amount for clash in found.clashes] == [16, 16, 30]


def can_be_met(drawn: Drawn, members: list[tuple]) -> bool:
    """Whether these members of a conflict and nothing else leave a way to deliver, by the plain rows."""
    matrix, room, names = plain_rows(drawn)
    months = drawn.stock.months
    kept = []
    count = len(drawn.book)
    for row, name in enumerate(names):
        if name in ("order", "window"):
            kept.append(row)
        elif name == "promise":
            order = int(np.flatnonzero(matrix[row] < 0)[0]) // len(months) if (matrix[row] < 0).any() else -1
            if order >= 0 and ("promise", f"o{order + 1}") in [member[:2] for member in members]:
                kept.append(row)
        else:
            held = np.flatnonzero(matrix[row]) // len(months)
            when = np.flatnonzero(matrix[row].reshape(count, -1).any(axis=0))
            if not held.size:
                continue
            buyers = {drawn.book.buyers[drawn.book.buyer[order]] for order in held}
            chips = {drawn.book.chips[drawn.book.chip[order]].id for order in held}
            for _, wanted, buyer, chip, month in members:
                if (
                    wanted == name
                    and month == months[when[-1]]
                    and (buyer is None or buyers == {buyer})
                    and (chip is None or chips == {chip})
                ):
                    kept.append(row)
    found = linprog(np.zeros(matrix.shape[1]), A_ub=matrix[kept], b_ub=room[kept], method="highs")
    return found.status == 0


@settings(max_examples=20, deadline=None)
@given(problems(promises=True, most_orders=5))
def test_a_conflict_holds_and_without_any_member_it_does_not(rulebook: Rulebook, drawn: Drawn):
    try:
        drawn.allocated(rulebook)
    except AllocationConflict as error:
        clashes = error.clashes
    else:
        assume(False)
    members = [(clash.kind, clash.name, clash.buyer, clash.chip, clash.month) for clash in clashes]
    assert not can_be_met(drawn, members)
    for place in range(len(members)):
        assert can_be_met(drawn, members[:place] + members[place + 1 :])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(1, 40))
def test_the_smallest_conflict_loses_its_point_without_any_member(sizes: list[int], ceiling: int):
    assume(sum(sizes) > ceiling)
    places = list(range(len(sizes)))

    def conflicts(some) -> bool:
        return sum(sizes[n] for n in some) > ceiling

    found = smallest(places, conflicts)
    assert conflicts(found)
    assert not any(conflicts([n for n in found if n != left_out]) for left_out in found)


def test_without_the_promises_the_same_book_can_be_served(rulebook: Rulebook):
    book = order_book([100], promised=[60])
    cap = {"us.buyer_cap.units": 50.0}
    conflict(rulebook, book, stock_of(book, [500]), cap)
    free = replace(book, promised=np.zeros(1))
    assert allocated(rulebook, free, stock_of(book, [500]), cap).units.sum() == 50

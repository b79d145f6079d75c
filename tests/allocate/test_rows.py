from __future__ import annotations

import numpy as np
import pytest
from tests.allocate.sample_books import H20, H200, allocated, asked, order_book, stock_of

from dualtrack.allocate import AllocationFault
from dualtrack.allocate.counts import Counted
from dualtrack.allocate.rows import build_rows
from dualtrack.errors import DataFault
from dualtrack.rules import Limit, Rulebook, constant, field, param

TPP_H200 = 15_832.0
RATIO = {"china.ratio.required": 1.0}


def totals(found) -> list[float]:
    return found.units.sum(axis=1).tolist()


def priced(found, name: str):
    (price,) = [one for one in found.shadow_prices if one.name == name and one.price > 0]
    return price


def test_stock_that_is_left_over_carries_on(rulebook: Rulebook):
    book = order_book([10, 100], price=[2, 1], first=[0, 2], last=[0, 2])
    found = allocated(rulebook, book, stock_of(book, [30, 0, 40]))
    assert found.units.tolist() == [[10, 0, 0], [0, 0, 60]]


def test_a_chip_without_stock_is_served_to_nobody(rulebook: Rulebook):
    book = order_book([10, 10], chip=[H200, H20])
    stock = stock_of(order_book([1]), [50])
    found = allocated(rulebook, book, stock)
    assert totals(found) == [10, 0]
    assert [(one.kind, one.chip) for one in found.served[0].binding] == [("stock", H20), ("order", None)]


def test_share_limit_counts_china_with_hong_kong_and_each_product_by_itself(rulebook: Rulebook):
    # By hand: half of 100 US units of H200 is 50, of which 10 are committed; H200 NVL has its own 40.
    book = order_book(
        [100, 100, 100, 100],
        chip=[H200, H200, H200, "nvidia.h200_nvl"],
        destination=["mainland", "hong_kong", "offshore", "mainland"],
        price=[1, 2, 3, 4],
    )
    counted = {"us_domestic": [[100.0], [80.0]], "us_committed": [10.0, 0.0]}
    found = allocated(rulebook, book, stock_of(book, [1000], [1000]), counted=counted)
    assert totals(found) == [0, 40, 100, 40]
    prices = {one.chip: one for one in found.shadow_prices if one.name == "us.share_limit"}
    # Counted in TPP; the price is told for a unit, since all units of a row weigh alike.
    assert (prices[H200].price, prices[H200].unit, prices[H200].room) == (2, "USD per unit", 40)
    assert prices["nvidia.h200_nvl"].price == 4


def test_share_limit_grows_with_the_units_shipped_in_the_united_states(rulebook: Rulebook):
    book = order_book([100], last=2)
    counted = {"us_domestic": [[20.0, 40.0, 100.0]]}
    found = allocated(rulebook, book, stock_of(book, [500, 0, 0]), counted=counted)
    assert found.units.tolist() == [[10, 10, 30]]


def test_share_limit_is_not_about_chips_below_its_class(rulebook: Rulebook):
    book = order_book([100], chip=H20)
    found = allocated(rulebook, book, stock_of(book, [500]), counted={"us_domestic": 0.0})
    assert totals(found) == [100]


def test_a_base_that_is_not_known_leaves_the_share_limit_out_and_names_it(rulebook: Rulebook):
    book = order_book([100, 100], chip=[H200, "nvidia.h200_nvl"])
    counted = {"us_domestic": [[float("nan")], [80.0]]}
    found = allocated(rulebook, book, stock_of(book, [500], [500]), counted=counted)
    assert totals(found) == [100, 40]
    assert list(found.not_published) == ["us.share_limit"]
    assert H200 in found.not_published["us.share_limit"]
    assert "h200_nvl" not in found.not_published["us.share_limit"]


def test_buyer_cap_counts_all_destinations_and_products_of_its_class_together(rulebook: Rulebook):
    book = order_book(
        [50, 50, 50, 50],
        chip=[H200, "nvidia.h200_nvl", H200, H20],
        destination=["mainland", "offshore", "hong_kong", "mainland"],
        price=[3, 2, 1, 1],
    )
    cap = {"us.buyer_cap.units": 90.0}
    found = allocated(rulebook, book, stock_of(book, *[[500]] * 3), cap, counted={"buyer_committed": [20.0]})
    assert totals(found) == [50, 20, 0, 50]
    assert (priced(found, "us.buyer_cap").price, priced(found, "us.buyer_cap").buyer) == (2, "bytedance")


def test_tranche_binds_each_buyer_in_each_month_in_which_the_gate_rations(rulebook: Rulebook):
    book = order_book([100, 100], buyer=["bytedance", "alibaba"], last=2)
    gate = {"china_gate": ["rationed", "open", "rationed"], "cleared_this_month": [4.0, 0.0]}
    tranche = {"china.tranche.units": 10.0}
    found = allocated(rulebook, book, stock_of(book, [20, 30, 500]), tranche, counted=gate)
    # By hand: 6 and 10 in the first month, all the stock of the second one, 10 each in the third.
    assert found.units.sum(axis=0).tolist() == [16, 34, 20]
    assert found.units[:, 0].tolist() == [6, 10]
    assert found.units[:, 2].tolist() == [10, 10]


def test_tranche_leaves_alone_what_does_not_enter_the_mainland(rulebook: Rulebook):
    book = order_book([100, 100], destination=["hong_kong", "mainland"])
    tranche = {"china.tranche.units": 10.0}
    found = allocated(rulebook, book, stock_of(book, [500]), tranche, counted={"china_gate": "rationed"})
    assert totals(found) == [100, 10]


def test_batches_count_what_is_cleared_while_the_gate_is_in_quota_only(rulebook: Rulebook):
    # By hand: an open month lets 50 through beside the batches; 60 were released, 20 of them used before.
    book = order_book([200], last=1)
    counted = {
        "china_gate": ["open", "quota"],
        "batches_released": [60.0, 60.0],
        "cleared_of_batches": 20.0,
        "ratio_credit": 1e6,
    }
    found = allocated(rulebook, book, stock_of(book, [50, 500]), RATIO, counted=counted)
    assert found.units.tolist() == [[50, 40]]


def test_batches_are_released_over_time_and_add_up(rulebook: Rulebook):
    book = order_book([200], last=2)
    counted = {"china_gate": "quota", "batches_released": [10.0, 10.0, 70.0], "ratio_credit": 1e6}
    found = allocated(rulebook, book, stock_of(book, [500, 0, 0]), RATIO, counted=counted)
    assert found.units.tolist() == [[10, 0, 60]]
    assert priced(found, "china.batch_quota").by_month["2026-02"] == 27_000


@pytest.mark.parametrize(
    ("basis", "domestic_weight", "weight", "served"),
    [
        # 30 domestic chips in all, 6 imports cleared before, two domestic chips asked for each import.
        ("units", 1.0, 1.0, 9.0),
        # By money: a domestic chip of 15 against an import of 30 counts half.
        ("spend", 15.0, 30.0, 1.5),
        ("compute", TPP_H200 / 2, TPP_H200, 1.5),
    ],
)
def test_the_ratio_lets_in_what_domestic_chips_cover(
    rulebook: Rulebook, basis: str, domestic_weight: float, weight: float, served: float
):
    book = order_book([100, 5], price=30, domestic=[10, 0], destination=["mainland", "hong_kong"])
    counted = {
        "china_gate": "quota",
        "ratio_basis": basis,
        "domestic_weight": domestic_weight,
        "ratio_credit": 20 * domestic_weight,
        "ratio_cleared": 6 * weight,
    }
    found = allocated(rulebook, book, stock_of(book, [500]), {"china.ratio.required": 2.0}, counted=counted)
    if basis == "units":
        assert totals(found) == [9, 5]
    else:
        # What was cleared before has used up 6 × 2 × 2 = 24 of 30.
        assert totals(found) == [pytest.approx(served), 5]
    (buyer,) = found.served
    assert buyer.domestic_bought == pytest.approx(30)
    assert buyer.domestic_due == pytest.approx(30)
    price = priced(found, "china.domestic_ratio")
    assert price.price == pytest.approx(30)
    assert price.per_domestic_chip == pytest.approx(30 * served / (30 - 6 * 2 * weight / domestic_weight))


def test_by_money_the_ratio_weighs_every_order_by_its_own_price(rulebook: Rulebook):
    # By hand: 100 USD of domestic chips; the order at 10 gives 10 USD for 10, the one at 20 as much for 20.
    book = order_book([4, 100], price=[10, 20], priority=[1, 2])
    counted = {"china_gate": "quota", "ratio_basis": "spend", "domestic_weight": 50.0, "ratio_credit": 100.0}
    found = allocated(rulebook, book, stock_of(book, [500]), RATIO, counted=counted)
    assert found.usd == pytest.approx(100)
    price = priced(found, "china.domestic_ratio")
    assert price.unit == "USD per USD of domestic chips"
    assert (price.price, price.per_domestic_chip) == (pytest.approx(1), pytest.approx(50))


def test_nothing_is_owed_where_the_ratio_is_not_in_force_and_nobody_knows_where_it_was_not_published(
    rulebook: Rulebook,
):
    book = order_book([10], domestic=[3])
    stock = stock_of(book, [500])
    assert allocated(rulebook, book, stock).served[0].domestic_due == 0
    quota = {"china_gate": "quota"}
    found = allocated(rulebook, book, stock, counted=quota)
    assert found.served[0].domestic_due is None
    assert found.served[0].domestic_bought == 3
    assert "was never published" in found.not_published["china.domestic_ratio"]
    assert totals(found) == [10]


def test_a_barred_order_brings_no_domestic_chips(rulebook: Rulebook):
    book = order_book([10, 10], domestic=[3, 4], barred={1: "a.rule"})
    found = allocated(rulebook, book, stock_of(book, [500]), RATIO, counted={"china_gate": "quota"})
    assert totals(found) == [3, 0]


def test_months_that_a_rule_shuts_deliver_nothing_and_have_a_price(rulebook: Rulebook):
    book = order_book([10, 10], first=[0, 0], last=[0, 1], price=[5, 7])
    shut = {"china.customs_hold": np.array([[True, False], [True, False]])}
    found = allocated(rulebook, book, stock_of(book, [100, 0]), counted={"shut": shut})
    assert found.units.tolist() == [[0, 0], [0, 10]]
    price = priced(found, "china.customs_hold")
    assert (price.kind, price.price, price.by_month["2026-02"]) == ("rule", 5, 5)
    (buyer,) = found.served
    first = buyer.binding[0]
    assert (first.kind, first.name, first.units) == ("rule", "china.customs_hold", 10)


def test_a_ceiling_below_what_is_used_calls_nothing_back_and_lets_nothing_more_through(rulebook: Rulebook):
    book = order_book([10])
    cap = {"us.buyer_cap.units": 5.0}
    found = allocated(rulebook, book, stock_of(book, [100]), cap, counted={"buyer_committed": [8.0]})
    assert totals(found) == [0]


def made_up(**changes) -> Limit:
    parts = {
        "id": "made.up",
        "what": "a limit of the test",
        "subject": "us",
        "scope": "total",
        "per": "cumulative",
        "weight": constant(1),
        "used": field("test.used"),
        "ceiling": constant(30),
        **changes,
    }
    return Limit(**parts)


NOTHING_USED = {"more": {"test.used": Counted(0.0)}}


def test_a_limit_over_all_in_a_month(rulebook: Rulebook):
    book = order_book([50, 50], buyer=["bytedance", "alibaba"], last=2)
    found = allocated(
        rulebook, book, stock_of(book, [100, 0, 0]), limits=[made_up(per="month")], counted=NOTHING_USED
    )
    assert found.units.sum(axis=0).tolist() == [30, 30, 30]


def test_a_limit_over_all_chips_that_weighs_them_by_compute(rulebook: Rulebook):
    # 30 H200 of TPP; an H20 weighs 2368 / 15832 of one.
    limit = made_up(weight=field("chip.tpp"), ceiling=constant(30 * TPP_H200))
    book = order_book([100, 10], chip=[H200, H20], price=[1, 9])
    found = allocated(rulebook, book, stock_of(book, [500], [500]), limits=[limit], counted=NOTHING_USED)
    assert totals(found) == pytest.approx([30 - 10 * 2368 / TPP_H200, 10])
    price = priced(found, "made.up")
    assert (price.unit, price.price) == ("USD per unit of the limit's measure", pytest.approx(1 / TPP_H200))


def test_a_limit_for_each_buyer_in_a_month_of_a_chinese_gate(rulebook: Rulebook):
    limit = made_up(subject="china", scope="buyer", per="month")
    book = order_book(
        [50, 50, 50], buyer=["bytedance", "alibaba", "alibaba"], destination=["mainland"] * 2 + ["offshore"]
    )
    found = allocated(rulebook, book, stock_of(book, [500]), limits=[limit], counted=NOTHING_USED)
    assert totals(found) == [30, 30, 50]


def test_a_ceiling_that_differs_by_buyer_and_by_month(rulebook: Rulebook):
    rooms = Counted(np.array([[5.0, 20.0], [10.0, 10.0]]), ("buyer", "month"))
    limit = made_up(scope="buyer", ceiling=field("test.room"))
    book = order_book([50, 50], buyer=["bytedance", "alibaba"], last=1)
    counted = {"more": {"test.used": Counted(0.0), "test.room": rooms}}
    found = allocated(rulebook, book, stock_of(book, [500, 0]), limits=[limit], counted=counted)
    assert found.units.tolist() == [[5, 15], [10, 0]]


def test_a_weight_that_rises_later_weighs_what_was_delivered_before(rulebook: Rulebook):
    # In the second month each unit uses up two, and so do those of the first month.
    limit = made_up(weight=field("test.weight"))
    counted = {"more": {"test.used": Counted(0.0), "test.weight": Counted(np.array([1.0, 2.0]), ("month",))}}
    book = order_book([50], last=1)
    found = allocated(rulebook, book, stock_of(book, [500, 0]), limits=[limit], counted=counted)
    assert found.units.tolist() == [[15, 0]]
    only_now = order_book([50])
    counted["more"]["test.weight"] = Counted(np.array([1.0]), ("month",))
    assert totals(
        allocated(rulebook, only_now, stock_of(only_now, [500]), limits=[limit], counted=counted)
    ) == [30]


def test_limits_that_are_unsound_are_refused(rulebook: Rulebook):
    book = order_book([50, 50], buyer=["bytedance", "alibaba"])
    stock = stock_of(book, [500])
    with pytest.raises(DataFault, match=r"made\.up counts over all buyers, but reads a field of one"):
        allocated(rulebook, book, stock, limits=[made_up(used=field("buyer.committed_units"))])
    with pytest.raises(DataFault, match="different room for orders that it counts together"):
        by_order = {"more": {"test.used": Counted(np.array([1.0, 2.0]), ("order",))}}
        allocated(rulebook, book, stock, limits=[made_up()], counted=by_order)
    with pytest.raises(DataFault, match="weighs a unit below zero"):
        allocated(rulebook, book, stock, limits=[made_up(weight=constant(-1))], counted=NOTHING_USED)


def test_a_chip_without_the_figure_that_a_limit_weighs_by_is_named(rulebook: Rulebook):
    book = order_book([5], chip="kunlunxin.m100")
    limit = made_up(weight=field("chip.tpp"))
    with pytest.raises(AllocationFault, match=r"made\.up weighs kunlunxin\.m100.*chip\.tpp"):
        allocated(rulebook, book, stock_of(book, [5]), limits=[limit], counted=NOTHING_USED)


def test_a_chip_whose_figures_leave_open_whether_a_limit_is_about_it_is_taken_in_and_named(
    rulebook: Rulebook,
):
    limit = made_up(applies=field("chip.tpp") > constant(1000))
    book = order_book([50], chip="kunlunxin.m100")
    found = allocated(rulebook, book, stock_of(book, [500]), limits=[limit], counted=NOTHING_USED)
    assert totals(found) == [30]
    assert any("kunlunxin.m100" in note and "leave that open" in note for note in found.notes)


def test_a_parameter_that_was_never_published_leaves_its_limit_out_and_names_it(rulebook: Rulebook):
    book = order_book([50])
    limit = made_up(ceiling=param("china.tranche.units"))
    found = allocated(rulebook, book, stock_of(book, [500]), limits=[limit], counted=NOTHING_USED)
    assert totals(found) == [50]
    assert list(found.not_published) == ["made.up"]
    assert not [price for price in found.shadow_prices if price.name == "made.up"]


def rows_of(rulebook: Rulebook, book, stock, **options):
    return build_rows(*asked(rulebook, book, stock, **options)).rows


def test_rows_that_others_imply_or_that_nothing_can_reach_are_not_built(rulebook: Rulebook):
    book = order_book([50], last=3)
    # The cap stays the same, so only its last month can bind; all stock comes first, so its last month too.
    rows = rows_of(rulebook, book, stock_of(book, [40, 0, 0, 0]), parameters={"us.buyer_cap.units": 30.0})
    assert list(zip(rows.name, rows.month.tolist(), strict=True)) == [("stock", 3), ("us.buyer_cap", 3)]
    rows = rows_of(rulebook, book, stock_of(book, [10, 10, 0, 10]), parameters={"us.buyer_cap.units": 50.0})
    assert list(zip(rows.name, rows.month.tolist(), strict=True)) == [
        ("stock", 0),
        ("stock", 2),
        ("stock", 3),
    ]


def test_a_limit_that_cannot_bind_is_still_told_with_its_room(rulebook: Rulebook):
    book = order_book([50])
    found = allocated(rulebook, book, stock_of(book, [40]), {"us.buyer_cap.units": 80.0})
    (cap,) = [one for one in found.shadow_prices if one.name == "us.buyer_cap"]
    assert (cap.price, cap.room, cap.used) == (0, 80, 40)

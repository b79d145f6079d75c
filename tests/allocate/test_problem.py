"""What an allocation is asked about: law and gates by month, bars, counts, and where each number comes from."""

from datetime import date

import numpy as np
import pytest

from dualtrack.allocate.book import AllocationFault
from dualtrack.allocate.problem import BATCH_FACT, US_CEILING_CHIP, US_CEILING_FACT, read_problem
from dualtrack.entities import find_chip
from dualtrack.rules import CHINA_STATES, NoValueInForce

HEAD = "order,buyer,chip,units,destination,end_use\n"
H200 = "a,bytedance,H200,100,,\n"
STOCK = "chip,month,units\nH200,2026-02,50\nH200,2026-04,50\n"


@pytest.fixture
def asked(tmp_path):
    """A function: rows of orders, stock, limits, day -> Problem."""

    def read(rows=H200, stock=STOCK, limits=None, on=None):
        (tmp_path / "orders.csv").write_text(HEAD + rows, encoding="utf-8")
        (tmp_path / "stock.csv").write_text(stock, encoding="utf-8")
        path = None
        if limits is not None:
            path = tmp_path / "limits.yaml"
            path.write_text(limits, encoding="utf-8")
        return read_problem(tmp_path / "orders.csv", tmp_path / "stock.csv", path, on)

    return read


def given(problem, key):
    return next(one for one in problem.given if one.key == key)


def test_without_a_limits_file_the_facts_and_reports_stand_for_it(asked, book):
    problem = asked()
    assert problem.on == problem.law_on == book.last_date
    base = given(problem, f"counts.us_units.{US_CEILING_CHIP}")
    ceiling = book.get(US_CEILING_FACT).number
    assert base.value * problem.laws[0]["us.share.limit"] == ceiling
    assert (base.fact, base.by) == (US_CEILING_FACT, "default")
    assert problem.counts.us_domestic[0].tolist() == [base.value] * 3
    assert given(problem, "gates.china").value == "quota"
    assert given(problem, "counts.batches").fact == BATCH_FACT
    assert problem.counts.batches_released.tolist() == [book.get(BATCH_FACT).number] * 3
    assert {US_CEILING_FACT, BATCH_FACT, "export.rule_2026_01.volume_cap"} <= set(problem.facts)


def test_a_product_without_a_count_in_the_united_states_is_not_taken_as_none(asked):
    problem = asked("a,bytedance,nvidia.h100_sxm,5,,\n", "chip,month,units\nH100,2026-02,5\n")
    assert np.isnan(problem.counts.us_domestic).all()


def test_before_a_report_its_figure_is_not_known(asked):
    problem = asked(on=date(2026, 1, 15), limits="gates: {china: quota}\n")
    assert np.isnan(problem.counts.us_domestic).all()
    assert np.isnan(problem.counts.batches_released).all()


def test_the_law_of_the_day_holds_in_every_month(asked):
    early = asked(on=date(2026, 1, 14))
    assert early.book.barred == ("us.control.presumption_of_denial",)
    assert asked(on=date(2026, 1, 15)).book.barred != early.book.barred
    later = asked(on=date(2026, 2, 20))
    assert later.law_on == date(2026, 1, 31)
    assert "2026-02-20 lies after the last law that is known" in later.notes[0]


def test_a_day_before_the_law_is_refused(asked):
    with pytest.raises(NoValueInForce, match="2021-12-31"):
        asked(on=date(2021, 12, 31), stock="chip,month,units\nH200,2021-12,5\n")


def test_each_order_is_barred_by_the_rule_that_decides_it(asked):
    problem = asked(
        "a,bytedance,H200,1,mainland,\n"
        "b,bytedance,H200,1,offshore,\n"
        "c,state,H200,1,mainland,\n"
        "d,state,H200,1,hong_kong,\n"
        "e,research,H200,1,mainland,\n"
        "f,bytedance,H200,1,mainland,military\n"
        "g,bytedance,B30A,1,mainland,\n"
    )
    assert problem.book.barred == (
        None,
        "us.review.presumption_of_denial",
        "china.barred_class",
        None,
        "china.customs_hold",
        "us.end_user.military",
        "us.review.presumption_of_denial",
    )
    assert problem.counts.shut == {}
    assert "import.h200.customs_block" in problem.facts


def test_a_gate_that_moves_shuts_orders_out_in_its_months(asked):
    problem = asked(limits="gates: {china: {2026-02: quota, 2026-03: blocked, 2026-04: open}}\n")
    states = [CHINA_STATES[state] for state in problem.counts.china_gate]
    assert states == ["quota", "blocked", "open"]
    assert problem.book.barred == (None,)
    assert {name: shut.tolist() for name, shut in problem.counts.shut.items()} == {
        "china.customs_hold": [[False, True, False]]
    }


def test_a_given_state_of_the_gate_lifts_the_customs_hold(asked):
    rows = "a,research,H200,1,mainland,\n"
    assert asked(rows).book.barred == ("china.customs_hold",)
    assert asked(rows, limits="gates: {china: quota}\n").book.barred == (None,)
    assert asked(rows, limits="gates: {us: barred}\n").book.barred == ("us.control.presumption_of_denial",)


def test_the_limits_file_changes_the_law(asked):
    problem = asked(limits="set: {us.buyer_cap.units: 7, china.ratio.required: 0.5}\n")
    assert all(law["us.buyer_cap.units"] == 7 for law in problem.laws)
    assert all(law["china.ratio.required"] == 0.5 for law in problem.laws)


def test_a_narrow_gate_wants_the_numbers_of_that_state(asked):
    with pytest.raises(AllocationFault, match=r"us\.narrow\.share_factor.*\n.*`set:`"):
        asked(limits="gates: {us: narrow}\n")
    said = "set: {us.narrow.share_factor: 0.5, us.narrow.buyer_cap: 9}\ngates: {us: narrow}\n"
    law = asked(limits=said).laws[0]
    assert (float(law["us.share.limit"]), float(law["us.buyer_cap.units"])) == (0.25, 9)


def test_counts_stand_in_the_order_of_the_book(asked):
    problem = asked(
        "a,tencent,H200,1,,\nb,bytedance,H20,1,,\n",
        "chip,month,units\nH200,2026-02,50\nH20,2026-03,50\n",
        "counts:\n"
        "  us_units: {H200: {so_far: 100, per_month: 10}}\n"
        "  sent_to_china: {H20: 3}\n"
        "  sent_to_buyer: {bytedance: 4}\n"
        "  cleared_this_month: {tencent: 5}\n"
        "  cleared_of_batches: 6\n"
        "  batches: {2026-01: 1, 2026-03: 20}\n"
        "  cleared_for_ratio: {tencent: 8}\n"
        "  domestic_chips: {tencent: 9}\n",
    )
    counts = problem.counts
    assert problem.book.buyers == ("tencent", "bytedance")
    assert counts.us_domestic[0].tolist() == [110, 120]
    assert np.isnan(counts.us_domestic[1]).all()
    assert counts.us_committed.tolist() == [0, 3]
    assert counts.buyer_committed.tolist() == [0, 4]
    assert counts.cleared_this_month.tolist() == [5, 0]
    assert counts.cleared_of_batches == 6
    assert counts.batches_released.tolist() == [1, 21]
    assert (counts.ratio_cleared.tolist(), counts.ratio_credit.tolist()) == ([8, 0], [9, 0])


def test_on_another_basis_a_domestic_chip_weighs_its_price_or_performance(asked):
    chip = find_chip("huawei.ascend_910b")
    said = "ratio: {{basis: {}, domestic_chip: huawei.ascend_910b}}\ncounts: {{domestic_chips: {{bytedance: 2}}}}\n"
    by_money = asked(limits=said.format("spend")).counts
    assert by_money.domestic_weight == chip.price_usd.mid
    assert by_money.ratio_credit.tolist() == [2 * chip.price_usd.mid]
    assert asked(limits=said.format("compute")).counts.domestic_weight == chip.tpp


def test_what_was_taken_for_granted_is_said(asked):
    problem = asked(
        "a,acme,H200,1,,\nb,bytedance,H20,60,,\n",
        "chip,month,units\nH200,2026-02,50\n",
        "buyers: {acme: {headquarters: CN}}\n",
    )
    notes = " ".join(problem.notes)
    assert "Of acme nothing is said on military_links" in notes
    assert "There is no stock of nvidia.h20_96gb: none of 60 units" in notes
    assert "taken to be in hand" in notes
    price = given(problem, "price.nvidia.h200_sxm")
    assert price.value == problem.book.price[0]
    assert "catalogue" in price.assumption

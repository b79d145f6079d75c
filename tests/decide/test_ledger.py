from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decide.orders import decided, entry, ledger_of, room

from dualtrack.decide.ledger import Ledger, read_ledger
from dualtrack.tables import TableFault

H200, H20 = "nvidia.h200_sxm", "nvidia.h20_96gb"
HEADER = "date,buyer,chip,units,stage,destination\n"
JANUARY = "2026-01-20"


def licensed(units, buyer="bytedance", chip=H200, destination="mainland", on=JANUARY):
    return entry(on, buyer, chip, units, "licensed", destination)


def shipped(units, buyer="bytedance", chip=H200, destination="mainland", on=JANUARY):
    return entry(on, buyer, chip, units, "shipped", destination)


def covers(ledger, buyer="bytedance"):
    """The most units that a decision takes for licensed by the ledger, from 200 down."""
    sizes = [n for n in (200, 130, 101, 100, 60, 41, 40, 1) if fits_licence(ledger, buyer, n)]
    return max(sizes, default=0)


def fits_licence(ledger, buyer, units):
    return "licence_granted" not in decided(buyer=buyer, units=units, ledger=ledger).needs


def test_a_licensed_unit_that_was_shipped_counts_once():
    ledger = ledger_of(licensed(100), shipped(60))
    assert ledger.committed(H200) == 100
    assert covers(ledger) == 40


def test_a_licence_of_one_buyer_does_not_cover_the_shipments_of_another():
    ledger = ledger_of(licensed(100, "alibaba"), shipped(60, "tencent"))
    assert ledger.committed(H200) == 160
    assert covers(ledger, "tencent") == 0
    assert covers(ledger, "alibaba") == 100


def test_shipped_beyond_the_licence_counts_as_shipped():
    ledger = ledger_of(licensed(100), shipped(130))
    assert ledger.committed(H200) == 130
    assert covers(ledger) == 0


def test_other_chips_and_other_places_do_not_count():
    ledger = ledger_of(shipped(5, chip=H20), shipped(7, destination="offshore"), shipped(11))
    assert ledger.committed(H200) == 11
    assert ledger.committed(H200, "alibaba") == 0
    assert ledger_of(shipped(3, destination="hong_kong")).committed(H200) == 3


@given(
    st.lists(st.tuples(st.sampled_from(["licensed", "shipped"]), st.integers(0, 10**6)), max_size=8),
    st.integers(0, 10**6),
)
def test_one_more_entry_never_lowers_what_is_committed(pairs, units):
    entries = [entry(JANUARY, "bytedance", H200, amount, stage) for stage, amount in pairs]
    before = Ledger(tuple(entries)).committed(H200)
    for stage in ("licensed", "shipped"):
        after = Ledger((*entries, entry(JANUARY, "bytedance", H200, units, stage)))
        assert before <= after.committed(H200) <= before + units
        assert after.committed(H200) >= sum(e.units for e in after.entries if e.stage == "shipped")


def test_a_licence_in_the_ledger_covers_the_order_without_being_declared():
    covered = decided(units=100, ledger=ledger_of(licensed(100)))
    assert "licence_granted" not in covered.needs
    assert any("a licence still covers 100 units" in note for note in covered.notes)
    assert "licence_granted" in decided(units=101, ledger=ledger_of(licensed(100))).needs
    assert "licence_granted" in decided(units=100, ledger=ledger_of(licensed(100), shipped(1))).needs


def test_a_licence_for_another_buyer_or_chip_covers_nothing():
    for other in (licensed(100, "alibaba"), licensed(100, chip=H20)):
        assert "licence_granted" in decided(units=100, ledger=ledger_of(other)).needs


def test_a_licence_for_a_site_abroad_does_not_cover_the_mainland():
    decision = decided(units=100, ledger=ledger_of(licensed(100, destination="offshore")))
    assert "licence_granted" in decision.needs


def test_what_the_order_declares_holds_over_the_ledger():
    decision = decided(units=100, ledger=ledger_of(licensed(100)), declare={"licence": False})
    assert "licence_granted" in decision.needs


def test_units_under_a_licence_are_not_counted_twice_under_the_share_limit():
    """All 100 of the ceiling are reserved by the licence under which the order ships."""
    covered = decided(
        units=100,
        us_units=200,
        ledger=ledger_of(licensed(100)),
        declare="everything",
    )
    assert room(covered, "us.share_limit").units == 0
    assert covered.together == "may_ship"
    more = decided(units=101, us_units=200, ledger=ledger_of(licensed(100)), declare="everything")
    assert more.together == "may_not_ship"


def test_entries_after_the_day_are_left_out_and_said_to_be(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(
        HEADER + "2026-01-20,ByteDance,H200,5,shipped,mainland\n"
        "2026-01-21,bytedance,nvidia.h200_sxm,7,shipped,hong-kong\n",
        encoding="utf-8",
    )
    assert read_ledger(path, date(2026, 1, 19)).later == 2
    early = read_ledger(path, date(2026, 1, 20))
    assert (early.committed(H200), early.later) == (5, 1)
    assert read_ledger(path, date(2026, 1, 21)).committed(H200) == 12
    decision = decided(on="2026-01-20", ledger=early)
    assert any("1 ledger entr" in note and "left out" in note for note in decision.notes)


def test_an_empty_ledger_is_a_ledger(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(HEADER, encoding="utf-8")
    assert read_ledger(path, date(2026, 1, 31)) == Ledger()


def test_every_fault_is_told_with_row_and_column(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(
        HEADER + "2026-01-40,bitedance,H2000,-1,sold,moon\n,bytedance,H200,1.5,shipped,mainland\n",
        encoding="utf-8",
    )
    with pytest.raises(TableFault) as refused:
        read_ledger(path, date(2026, 1, 31))
    text = str(refused.value)
    assert "(8 faults)" in text
    for place in (
        *("row 2, date", "row 2, buyer", "row 2, chip", "row 2, units", "row 2, stage"),
        *("row 2, destination", "row 3, date", "row 3, units"),
    ):
        assert place in text, place
    assert "'bytedance'" in text
    assert "'h200'" in text

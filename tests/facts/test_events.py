from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.errors import DataFault
from dualtrack.facts.book import DATA_DIR
from dualtrack.facts.events import as_gate, gate_record, load_events, read_events
from dualtrack.months import DAYS_PER_MONTH

ORIGIN = date(2026, 1, 31)
some_day = st.dates(date(2022, 1, 1), date(2027, 12, 31))
gates = st.sampled_from(["us", "china"])


def test_the_record_of_the_us_gate_counted_by_hand():
    record = gate_record("us", ORIGIN)
    # A800 and H800 350 days, H20 433 days, H20 again and H200 with it 201 days; 1,212 days of cover.
    assert record.close_months * DAYS_PER_MONTH == pytest.approx(350 + 433 + 201)
    assert record.open_months * DAYS_PER_MONTH == pytest.approx(25 + 107 + 96)
    assert record.step_months * DAYS_PER_MONTH == pytest.approx(1212)
    assert (record.close_count, record.closed_to) == (2, {"barred": 2})
    assert (record.open_count, record.opened_to) == (1, {"narrow": 1})
    assert (record.tighten_steps, record.loosen_steps) == (3, 2)
    assert len(record.event_ids) == 14


def test_the_record_of_the_china_gate_counted_by_hand():
    record = gate_record("china", ORIGIN)
    # Open 1 July to 12 August 2025 and from 23 January 2026: 42 and 8 of 214 days.
    assert record.close_months * DAYS_PER_MONTH == pytest.approx(50)
    assert record.open_months * DAYS_PER_MONTH == pytest.approx(164)
    assert (record.close_count, record.closed_to) == (1, {"blocked": 1})
    assert (record.open_count, record.opened_to) == (1, {"quota": 1})
    assert (record.tighten_steps, record.loosen_steps) == (0, 0)
    assert len(record.event_ids) == 12


def test_before_the_cover_there_is_nothing_to_count():
    china = gate_record("china", date(2023, 1, 1))
    assert (china.close_count, china.open_count, china.step_months) == (0, 0, 0)
    assert (china.close_months, china.open_months, china.event_ids) == (0, 0, ())
    us = gate_record("us", date(2023, 1, 1))
    assert (us.close_count, us.open_count) == (0, 0)
    assert us.close_months * DAYS_PER_MONTH == pytest.approx(61)


@pytest.mark.parametrize(
    ("gate", "day"), [("us", date(2023, 10, 17)), ("us", date(2025, 4, 9)), ("china", date(2025, 8, 12))]
)
def test_a_closing_counts_from_its_own_day_on(gate, day):
    before = gate_record(gate, day - timedelta(days=1)).close_count
    assert gate_record(gate, day).close_count == before + 1


def test_the_perimeter_event_in_july_does_not_yet_close_the_china_gate():
    record = gate_record("china", date(2025, 8, 11))
    assert (record.event_ids, record.close_count) == (("china.2025_07_31",), 0)


def test_the_first_rule_starts_the_cover_and_is_no_closing():
    events = load_events()
    assert events.count("us", "base", known_by=ORIGIN) == 1
    assert events.count("us", "close", known_by=date(2023, 10, 16)) == 0


@given(gates, some_day)
def test_open_and_shut_months_make_up_the_cover(gate, day):
    record = gate_record(gate, day)
    assert record.close_months + record.open_months == pytest.approx(record.step_months)
    assert record.close_months >= 0
    assert record.open_months >= 0


@given(gates, some_day, some_day)
def test_what_was_counted_stays_counted(gate, one, other):
    early, late = (gate_record(gate, day) for day in sorted([one, other]))
    assert set(early.event_ids) <= set(late.event_ids)
    for count in (
        "close_count",
        "open_count",
        "tighten_steps",
        "loosen_steps",
        "close_months",
        "open_months",
    ):
        assert getattr(early, count) <= getattr(late, count) + 1e-9


def test_an_episode_shows_only_the_events_known_by_the_day():
    episodes = {episode.id: episode for episode in load_events().episodes("us", date(2025, 1, 15))}
    assert episodes["us.tighten.2024_12"].events == ("us.2024_12_02", "us.2025_01_15")


def changed(tmp_path, *swaps):
    text = (DATA_DIR / "events.yaml").read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "events.yaml"
    path.write_text(text, encoding="utf-8")
    return path


SPLIT = ("episode: us.loosen.2025_07\n    why: 28 days", "episode: us.loosen.2025_05\n    why: 28 days")


def test_events_within_45_days_are_one_episode(tmp_path):
    with pytest.raises(DataFault, match=r"us\.2025_08_11: 28 days after us\.2025_07_14.*one episode"):
        read_events(changed(tmp_path, SPLIT))


def test_events_further_apart_are_two_episodes(tmp_path):
    first = "    why: First of two loosenings"
    joined = (f"episode: us.loosen.2025_07\n{first}", f"episode: us.loosen.2025_05\n{first}")
    with pytest.raises(DataFault, match=r"us\.2025_07_14: 62 days after.*two episodes"):
        read_events(changed(tmp_path, joined))


def test_an_event_may_say_why_it_stands_apart(tmp_path):
    why = "    why: 28 days after the assurance"
    reason = (why, f"    apart: a test\n{why}")
    assert read_events(changed(tmp_path, SPLIT, reason)).count("us", "open", known_by=ORIGIN) == 1


def test_all_faults_of_the_events_are_listed_with_their_lines(tmp_path):
    path = changed(
        tmp_path,
        ("  us.2022_10_07:\n    date: 2022-10-07", "  us.2022_10_07:\n    date: autumn"),
        ("scope: base", "scope: core"),
        ("    episode: us.tighten.2023_10\n", "    episode: us.tighten.2023_11\n"),
    )
    with pytest.raises(DataFault) as raised:
        read_events(path)
    said = str(raised.value)
    assert "3 faults" in said
    assert "date: 'autumn' is not a day" in said
    assert "scope: 'core'; wanted one of base, channel, perimeter" in said
    assert "unknown episode. Did you mean 'us.tighten.2023_10'" in said
    assert "line " in said


def test_an_episode_that_moves_a_gate_says_to_which_of_its_states(tmp_path):
    with pytest.raises(DataFault, match="unknown state 'shut'; this gate has blocked, rationed, quota, open"):
        read_events(changed(tmp_path, ("to_state: blocked", "to_state: shut")))
    with pytest.raises(DataFault, match="needs a to_state"):
        read_events(changed(tmp_path, ("    to_state: narrow\n", "")))


def test_there_are_two_gates():
    assert as_gate("us") == "us"
    with pytest.raises(DataFault, match="us or china"):
        as_gate("eu")

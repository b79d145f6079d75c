from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from dualtrack.facts.events import gate_record
from dualtrack.futures.draws import Block
from dualtrack.futures.gates import drawn_rate, drawn_shares
from dualtrack.months import parse_month

DAYS = 30.4375  # mean days of a month
MANY = 20_000
ORIGIN = date(2026, 1, 31)
COVER = {"us": date(2022, 10, 7), "china": date(2025, 7, 1)}

# The events written out once more, apart from the data: when a gate closed, opened, stepped, and when some
# channel could be bought through it.
CLOSED = {"us": [date(2023, 10, 17), date(2025, 4, 9)], "china": [date(2025, 8, 12)]}
OPENED = {"us": [date(2025, 7, 14)], "china": [date(2026, 1, 23)]}
TIGHTENED = {"us": [date(2024, 4, 4), date(2024, 12, 2), date(2025, 9, 29)], "china": []}
LOOSENED = {"us": [date(2025, 5, 13), date(2025, 11, 10)], "china": []}
OPEN = {
    "us": [
        (date(2022, 11, 1), date(2023, 10, 17)),
        (date(2024, 2, 1), date(2025, 4, 9)),
        (date(2025, 7, 14), date.max),
    ],
    "china": [(date(2025, 7, 1), date(2025, 8, 12)), (date(2026, 1, 23), date.max)],
}


def by_hand(gate: str, kind: str, known_by: date) -> tuple[int, float]:
    """Events and months of exposure of a hazard, from the dates above."""
    count = sum(
        day <= known_by
        for day in {"close": CLOSED, "open": OPENED, "tighten": TIGHTENED, "loosen": LOOSENED}[kind][gate]
    )
    covered = max((known_by - COVER[gate]).days, 0)
    open_days = sum(max((min(end, known_by) - start).days, 0) for start, end in OPEN[gate])
    days = {"close": open_days, "open": covered - open_days}.get(kind, covered)
    return count, days / DAYS


def test_the_us_gate_closed_twice_in_984_open_days():
    assert by_hand("us", "close", ORIGIN) == (2, pytest.approx((350 + 433 + 201) / DAYS))


@pytest.mark.parametrize("gate", ["us", "china"])
@pytest.mark.parametrize("kind", ["close", "open", "tighten", "loosen"])
def test_a_rate_is_the_gamma_quantile_of_what_the_dated_events_give(drawn_for, gate, kind):
    rates = drawn_for(paths=MANY, months=1).gates.rates[f"{gate}.{kind}"]
    events, months = by_hand(gate, kind, ORIGIN)
    expected = gamma(a=events + 0.5, scale=1.0 / months)
    for level in (0.1, 0.5, 0.9):
        # The share of draws below the quantile, within four standard errors.
        error = 4.0 * np.sqrt(level * (1.0 - level) / MANY)
        assert np.mean(rates < expected.ppf(level)) == pytest.approx(level, abs=error), level
    # Path by path: the same quantile as of the uniform behind it.
    uniform = Block(20260131, 0, MANY).uniform(f"rate:{gate}.{kind}")
    np.testing.assert_allclose(rates, expected.ppf(uniform), rtol=1e-9)


@pytest.mark.parametrize(
    ("known_by", "closings", "days"),
    [
        (date(2023, 1, 31), 0, 91),
        (date(2023, 10, 16), 0, 349),
        (date(2023, 10, 17), 1, 350),
        (date(2024, 1, 31), 1, 350),
        (date(2025, 1, 31), 1, 350 + 365),
    ],
)
def test_a_scenario_of_an_earlier_day_counts_only_what_had_happened(known_by, closings, days):
    record = gate_record("us", known_by)
    assert record.close_count == closings
    assert record.close_months == pytest.approx(days / DAYS)
    assert (record.close_count, record.close_months) == pytest.approx(by_hand("us", "close", known_by))
    rates = drawn_rate(Block(1, 0, MANY), "x", record.close_count, record.close_months)
    assert np.median(rates) == pytest.approx(gamma(closings + 0.5).ppf(0.5) * DAYS / days, rel=0.05)


def test_a_gate_that_was_never_exposed_has_no_rate():
    assert not drawn_rate(Block(1, 0, 10), "x", 0, 0.0).any()


ONLY_CLOSING = [
    "us.hazard.open=0",
    "us.hazard.tighten=0",
    "us.hazard.loosen=0",
    "china.hazard.close=0",
    "china.hazard.open=0",
    "china.hazard.tighten=0",
    "china.hazard.loosen=0",
    "gates.tension_rate=0",
]


@pytest.mark.parametrize("rate", [0.01, 0.2, 1.5])
def test_the_chance_of_a_move_in_a_month_is_one_less_exp_of_the_rate(drawn_for, rate):
    gates = drawn_for([*ONLY_CLOSING, f"us.hazard.close={rate}"], paths=MANY, months=3).gates
    chance = 1.0 - np.exp(-rate)
    uniform = Block(20260131, 0, MANY).uniform("us.move:2026-02")
    # What happens in February binds from March.
    assert (gates.us[0] == 2).all()
    assert np.array_equal(gates.us[1] < 2, uniform < chance)
    assert np.mean(gates.us[1] < 2) == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / MANY))


def test_over_many_months_closings_come_as_often_as_the_rate_says(drawn_for):
    gates = drawn_for([*ONLY_CLOSING, "us.hazard.close=0.05"], paths=MANY, months=25).gates
    still_open = np.mean(gates.us[24] == 2)
    assert still_open == pytest.approx(np.exp(-0.05 * 24), abs=4 * np.sqrt(0.25 / MANY))


@settings(max_examples=15, deadline=None)
@given(
    us=st.sampled_from(["barred", "narrow", "review"]),
    china=st.sampled_from(["blocked", "rationed", "quota", "open"]),
    seed=st.integers(0, 2**32),
)
def test_with_no_hazard_the_gates_never_move(drawn_for, us, china, seed):
    changes = ["gates.hazard_factor=0", f"us.gate_start={us}", f"china.gate_start={china}"]
    gates = drawn_for(changes, paths=50, months=60, seed=seed).gates
    assert (gates.us == gates.us[0]).all() and (gates.china == gates.china[0]).all()


def test_in_the_first_month_the_gates_stand_where_the_scenario_starts_them(drawn_for):
    drawn = drawn_for(["gates.hazard_factor=100"], paths=500, months=2)
    assert (drawn.gates.us[0] == 2).all()
    assert np.array_equal(drawn.gates.china[0], drawn.values["china.gate_start"])
    assert set(np.unique(drawn.gates.china[0])) == {0, 1, 2}


def shut_months(states: np.ndarray) -> list[int]:
    """The months after the first in which all paths are shut; no path may be shut in the others."""
    shut = states == 0
    assert (shut.all(axis=1) | ~shut.any(axis=1)).all()
    return [int(n) for n in np.flatnonzero(shut[:, 0])]


@pytest.mark.parametrize("gate", ["us", "china"])
@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        (["{gate}.revocation=2026-10"], "2026-11", "2029-01"),
        (["{gate}.revocation=2026-10", "{gate}.notice_months=2"], "2027-01", "2029-01"),
        (["{gate}.revocation=2026-10", "{gate}.revocation_months=3"], "2026-11", "2027-01"),
        (
            ["{gate}.revocation=2026-10", "{gate}.notice_months=1", "{gate}.revocation_months=1"],
            "2026-12",
            "2026-12",
        ),
        (["{gate}.revocation=2026-01", "{gate}.revocation_months=1"], "2026-02", "2026-02"),
    ],
    ids=["no notice", "two months' notice", "for three months", "notice and end", "before the start"],
)
def test_a_decreed_closing_binds_from_the_month_after_and_for_as_long_as_said(
    drawn_for, gate, changes, first, last
):
    decree = [change.format(gate=gate) for change in changes]
    start = ["gates.hazard_factor=0", "us.gate_start=review", "china.gate_start=quota"]
    gates = drawn_for([*start, *decree], paths=20, months=36).gates
    begin = parse_month("2026-02")
    expected = list(range(parse_month(first) - begin, parse_month(last) - begin + 1))
    assert shut_months(getattr(gates, gate)) == expected
    assert shut_months(getattr(gates, "china" if gate == "us" else "us")) == []


def test_while_a_decree_of_china_lasts_no_batch_is_released(drawn_for):
    changes = ["gates.hazard_factor=0", "china.gate_start=quota", "china.revocation=2026-10"]
    gates = drawn_for([*changes, "china.batch_interval=1"], paths=20, months=24).gates
    assert (gates.batch_units[:9] > 0).all()
    assert not gates.batch_units[9:].any()


def test_an_uncertain_revocation_falls_evenly_within_its_months(drawn_for):
    drawn = drawn_for(["gates.hazard_factor=0"], paths=6000, months=36, scenario="sudden-stop")
    shut = drawn.gates.us == 0
    first_shut = np.argmax(shut, axis=0)
    begin = parse_month("2026-02")
    months = np.arange(parse_month("2026-05"), parse_month("2027-10") + 1)
    share = [np.mean(first_shut == month + 1 - begin) for month in months]
    expected = 1.0 / len(months)
    assert sum(share) == pytest.approx(1.0)
    assert share == pytest.approx([expected] * len(months), abs=4 * np.sqrt(expected / 6000))


TENSE = ["gates.tension_rate=10", "gates.tension_factor=4", "gates.tension_months=6"]


def test_tension_closes_every_gate_that_would_have_closed_and_more(drawn_for):
    hazards = ["us.hazard.close=0.1", "china.hazard.close=0.1", "us.hazard.tighten=0", "us.hazard.loosen=0"]
    hazards += ["china.hazard.tighten=0", "china.hazard.loosen=0", "china.gate_start=quota"]
    calm = drawn_for([*hazards, "gates.tension_rate=0"], paths=4000, months=2).gates
    tense = drawn_for([*hazards, *TENSE], paths=4000, months=2).gates
    assert not calm.tension.any() and tense.tension.mean() > 0.99
    for gate, start in (("us", 2), ("china", 2)):
        closed_calm = getattr(calm, gate)[1] < start
        closed_tense = getattr(tense, gate)[1] < start
        assert (closed_tense | ~closed_calm).all()
        # Of rate 0.1 and of four times that.
        assert closed_calm.mean() == pytest.approx(1 - np.exp(-0.1), abs=0.02)
        assert closed_tense.mean() == pytest.approx(1 - np.exp(-0.4), abs=0.03)


def test_tension_lasts_as_many_months_as_drawn(drawn_for):
    # A shock in some month and none after it: the runs of tension are no shorter than what was drawn.
    drawn = drawn_for(["gates.tension_rate=0.02", "gates.tension_months=5"], paths=2000, months=36)
    tense = np.concatenate([np.zeros((1, 2000), bool), drawn.gates.tension, np.zeros((1, 2000), bool)])
    rises, falls = np.argwhere(tense[1:] & ~tense[:-1]), np.argwhere(~tense[1:] & tense[:-1])
    order = np.lexsort((rises[:, 0], rises[:, 1])), np.lexsort((falls[:, 0], falls[:, 1]))
    lengths = falls[order[1], 0] - rises[order[0], 0]
    whole = falls[order[1], 0] < 36
    assert lengths[whole].min() == 5
    # Without a second shock on top it is exactly five: so in most of them.
    assert np.mean(lengths[whole] == 5) > 0.8


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_closing_leads_strictly_down_and_an_opening_out_of_the_shut_state(drawn_for, seed):
    hazards = [f"{gate}.hazard.{kind}=0.4" for gate in ("us", "china") for kind in ("close", "open")]
    still = [f"{gate}.hazard.{kind}=0" for gate in ("us", "china") for kind in ("tighten", "loosen")]
    gates = drawn_for([*hazards, *still], paths=300, months=36, seed=seed).gates
    for states, top in ((gates.us, 2), (gates.china, 3)):
        before, after = states[:-1], states[1:]
        # Without steps an open gate only closes, and a shut one only opens.
        assert (after[before > 0] <= before[before > 0]).all()
        assert states.max() <= top and states.min() >= 0
        assert (after[before == 0] > 0).any() and (after[before > 0] < before[before > 0]).any()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_steps_move_by_one_state_and_never_shut_a_gate(drawn_for, seed):
    steps = [f"{gate}.hazard.{kind}=0.4" for gate in ("us", "china") for kind in ("tighten", "loosen")]
    still = [f"{gate}.hazard.{kind}=0" for gate in ("us", "china") for kind in ("close", "open")]
    gates = drawn_for([*steps, *still, "china.gate_start=quota"], paths=300, months=36, seed=seed).gates
    for states in (gates.us, gates.china):
        assert states.min() == 1
        assert set(np.unique(np.diff(states, axis=0))) == {-1, 0, 1}


def test_destinations_are_drawn_around_what_was_seen():
    # Two closings to `barred`, none to `narrow`: Dirichlet of 2.5 and 0.5, so 5/6 on average.
    shares = drawn_shares(Block(3, 0, MANY), "x", {"barred": 2}, ("barred", "narrow"))
    np.testing.assert_allclose(shares.sum(axis=0), 1.0)
    assert shares[0].mean() == pytest.approx(5 / 6, abs=0.01)
    assert shares[0].var() == pytest.approx(5 / 6 * 1 / 6 / 4, rel=0.1)


def test_the_first_opening_of_china_leads_where_the_record_and_the_prior_say(drawn_for):
    changes = ["china.gate_start=blocked", "china.hazard.open=10", "china.hazard.close=0"]
    changes += ["china.hazard.tighten=0", "china.hazard.loosen=0"]
    after = drawn_for(changes, paths=MANY, months=2).gates.china[1]
    # One opening to `quota` seen: 0.5, 1.5 and 0.5 of 2.5.
    found = [np.mean(after == state) for state in (1, 2, 3)]
    assert found == pytest.approx([0.2, 0.6, 0.2], abs=4 * np.sqrt(0.25 / MANY))


@pytest.mark.parametrize("interval", [1, 2, 5])
def test_in_quota_a_batch_comes_at_once_and_then_at_the_interval(drawn_for, interval):
    changes = ["gates.hazard_factor=0", "china.gate_start=quota", f"china.batch_interval={interval}"]
    drawn = drawn_for(changes, paths=200, months=24)
    released = drawn.gates.batch_units > 0
    assert released.all(axis=1).tolist() == [month % interval == 0 for month in range(24)]
    assert released.any(axis=1).tolist() == released.all(axis=1).tolist()
    sizes = drawn.gates.batch_units[::interval] / drawn.values["china.batch_units"]
    assert sizes.min() >= np.exp(-0.5) and sizes.max() <= np.exp(0.5)
    assert np.median(sizes) == pytest.approx(1.0, abs=0.05)


def test_batches_come_in_state_quota_only(drawn_for):
    gates = drawn_for(["gates.hazard_factor=3"], paths=500, months=36).gates
    assert not gates.batch_units[gates.china != 2].any()
    assert gates.batch_units[gates.china == 2].any()

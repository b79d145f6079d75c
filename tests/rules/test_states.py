from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest
from sample_orders import order_fields

from dualtrack.rules import (
    CHINA_STATES,
    US_STATES,
    Environment,
    Rulebook,
    Unpublished,
    gate_amendments,
    state_parameters,
)

FEBRUARY = date(2026, 2, 1)
GIVEN = {"us.narrow.share_factor": 0.4, "us.narrow.buyer_cap": 60_000.0}
US_GATE, CHINA_GATE = (gate.ravel() for gate in np.meshgrid(np.arange(3), np.arange(4)))


def on_paths(rulebook: Rulebook, given: Mapping[str, object] = GIVEN) -> Mapping[str, object]:
    return state_parameters({**rulebook.parameters_on(FEBRUARY), **given}, US_GATE, CHINA_GATE, np.where)


def test_each_state_has_one_amendment():
    amendments = gate_amendments()
    assert [amendment.id for amendment in amendments["us"]] == [f"us.{state}" for state in US_STATES]
    assert [amendment.id for amendment in amendments["china"]] == [f"china.{state}" for state in CHINA_STATES]


def test_parameters_on_paths_are_those_of_the_amended_rulebook(rulebook: Rulebook):
    values = on_paths(rulebook)
    for path, (us_state, china_state) in enumerate(zip(US_GATE, CHINA_GATE, strict=True)):
        expected = {**rulebook.parameters_on(FEBRUARY), **GIVEN}
        for gate, state in (("us", us_state), ("china", china_state)):
            expected |= gate_amendments()[gate][state].values(expected)
        for name, value in expected.items():
            assert np.broadcast_to(values[name], US_GATE.shape)[path] == value, (name, path)


def test_a_barred_gate_denies_what_review_lets_through(rulebook: Rulebook):
    ranks = rulebook.outcome("us.export", Environment(order_fields(), on_paths(rulebook)))
    outcomes = rulebook.subject("us.export").outcomes
    for state, rank in zip(US_GATE, ranks, strict=True):
        assert outcomes[rank] == ("presumption_of_denial" if US_STATES[state] == "barred" else "case_by_case")


def test_the_chinese_outcome_follows_its_gate(rulebook: Rulebook):
    fields = order_fields(china__gate=CHINA_GATE)
    ranks = rulebook.outcome("china.import", Environment(fields, on_paths(rulebook)))
    outcomes = rulebook.subject("china.import").outcomes
    expected = dict(zip(CHINA_STATES, ("held", "conditional", "conditional", "no_restriction"), strict=True))
    for state, rank in zip(CHINA_GATE, ranks, strict=True):
        assert outcomes[rank] == expected[CHINA_STATES[state]]


def test_the_narrow_state_lowers_the_share_and_caps_each_buyer(rulebook: Rulebook):
    units = {"us.committed_units": 0.0, "us.domestic_units": 1000.0, "buyer.committed_units": 0.0}
    environment = Environment(order_fields() | units, on_paths(rulebook))
    share = rulebook.limit("us.share_limit").headroom(environment)
    cap = rulebook.limit("us.buyer_cap").headroom(environment)
    narrow, review = US_GATE == 1, US_GATE == 2
    assert share[narrow] == pytest.approx(200)
    assert share[review] == pytest.approx(500)
    assert set(cap[narrow]) == {60_000}
    assert set(cap[review]) == {np.inf}


def test_the_narrow_values_are_asked_for_only_where_a_path_is_narrow(rulebook: Rulebook):
    day = rulebook.parameters_on(FEBRUARY)
    state_parameters(day, np.array([0, 2]), np.array([0, 3]), np.where)
    with pytest.raises(Unpublished, match=r"us\.narrow\.share_factor"):
        state_parameters(day, np.array([1]), np.array([0]), np.where)


def test_the_values_of_the_day_stay_as_they_are(rulebook: Rulebook):
    day = {**rulebook.parameters_on(FEBRUARY), **GIVEN}
    before = dict(day)
    values = state_parameters(day, US_GATE, CHINA_GATE, np.where)
    assert day == before
    assert values["us.control.a1.tpp_min"] == 4800

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sample_orders import asked, order_fields, outcome

from dualtrack.rules import Environment, Rulebook
from dualtrack.rules.us_export import CERTIFICATIONS, COVERED, US_CASE_BY_CASE

FEBRUARY = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("tpp", "bandwidth", "inside"),
    [
        (20_999, 4800, True),
        (21_000, 4800, False),
        (21_001, 4800, False),
        (15_832, 6499.9, True),
        (15_832, 6500, False),
        (15_832, 6500.1, False),
    ],
)
def test_the_window_of_january_2026_excludes_its_edges(rulebook: Rulebook, tpp, bandwidth, inside):
    changes = {"chip__tpp": tpp, "chip__dram_bandwidth_gbps": bandwidth}
    assert bool(US_CASE_BY_CASE.holds(asked(rulebook, FEBRUARY, **changes))) is inside
    expected = "case_by_case" if inside else "presumption_of_denial"
    assert outcome(rulebook, "us.export", FEBRUARY, **changes) == expected


@pytest.mark.parametrize("name", CERTIFICATIONS.fields())
def test_each_missing_certification_brings_back_the_presumption_of_denial(rulebook: Rulebook, name: str):
    changes = {name.replace(".", "__"): False}
    assert outcome(rulebook, "us.export", FEBRUARY, **changes) == "presumption_of_denial"
    environment = asked(rulebook, FEBRUARY, **{name.replace(".", "__"): None})
    rule = rulebook.rule("us.review.case_by_case")
    assert rule.bounds(environment).truth is None
    assert [each.fields for each in rule.findings(environment) if each.holds is None] == [(name,)]


@pytest.mark.parametrize(
    ("tpp", "density", "expected"),
    [
        (4799, 1.0, "not_controlled"),
        (4799, 5.0, "exception_nac"),
        (4800, 1.0, "presumption_of_denial"),
        (4801, 1.0, "presumption_of_denial"),
        (1600, 5.92, "presumption_of_denial"),
        (1600, 5.93, "presumption_of_denial"),
        (1600, 5.91, "exception_nac"),
        (1599, 5.92, "not_controlled"),
        (1600, 3.2, "exception_nac"),
        (1600, 3.19, "not_controlled"),
        (2400, 1.6, "exception_nac"),
        (2399, 1.6, "not_controlled"),
        (2400, 1.59, "not_controlled"),
    ],
)
def test_the_bands_of_october_2023_include_their_lower_edges(rulebook: Rulebook, tpp, density, expected):
    changes = {
        "chip__tpp": tpp,
        "chip__performance_density": density,
        "chip__dram_bandwidth_gbps": 1000,
        "chip__interconnect_gbps": 64,
    }
    assert outcome(rulebook, "us.export", date(2024, 1, 1), **changes) == expected


@pytest.mark.parametrize(
    ("bandwidth", "interconnect", "expected"),
    [
        (3999, 899, "not_controlled"),
        (4000, 0, "licence_required"),
        (0, 900, "licence_required"),
        (3999, 900, "licence_required"),
        (4001, 898, "licence_required"),
    ],
)
def test_the_letter_asks_for_a_licence_from_the_bandwidth_of_h20(
    rulebook: Rulebook, bandwidth, interconnect, expected
):
    changes = {"chip__dram_bandwidth_gbps": bandwidth, "chip__interconnect_gbps": interconnect}
    assert outcome(rulebook, "us.export", FEBRUARY, chip="nvidia.l20", **changes) == expected


def test_the_case_by_case_condition_reads_what_the_simulation_feeds():
    assert set(US_CASE_BY_CASE.fields()) == {
        "chip.tpp",
        "chip.dram_bandwidth_gbps",
        "order.destination_is_china",
        *CERTIFICATIONS.fields(),
    }


def test_every_order_has_an_outcome_on_every_date_on_which_anything_changes(rulebook: Rulebook):
    grid = np.meshgrid(
        [0, 1599, 1600, 2399, 2400, 4799, 4800, 20_999, 21_000],
        [0, 1.59, 1.6, 3.19, 3.2, 5.91, 5.92, 9],
        [0, 3999, 4000, 6499, 6500],
        [0, 599, 600, 899, 900],
        [False, True],
        [False, True],
        [False, True],
        [False, True],
        indexing="ij",
    )
    names = (
        "chip.tpp",
        "chip.performance_density",
        "chip.dram_bandwidth_gbps",
        "chip.interconnect_gbps",
        "chip.designed_for_data_centre",
        "order.destination_is_china",
        "buyer.headquartered_in_d5",
        "order.kyc",
    )
    fields = order_fields() | dict(zip(names, grid, strict=True))
    for day in rulebook.dates:
        environment = Environment(fields, rulebook.parameters_on(day))
        assert rulebook.outcome("us.export", environment).min() >= 0
        rules = [rule for rule in rulebook.rules_of("us.export") if not rule.overlay]
        reached = sum(rule.holds(environment).astype(int) for rule in rules)
        assert (np.broadcast_to(reached, grid[0].shape) == 1).all(), day


def test_a_firm_of_d5_is_covered_wherever_it_is(rulebook: Rulebook):
    abroad = {"order__destination_is_china": False}
    assert bool(COVERED.holds(asked(rulebook, FEBRUARY, **abroad)))
    assert outcome(rulebook, "us.export", FEBRUARY, **abroad) == "presumption_of_denial"
    elsewhere = abroad | {"buyer__headquartered_in_d5": False}
    assert outcome(rulebook, "us.export", FEBRUARY, **elsewhere) == "licence_required"


def test_the_share_limit_is_half_of_the_units_in_the_us(rulebook: Rulebook):
    counted = {"us.committed_units": np.array([0.0, 400.0, 500.0, 900.0]), "us.domestic_units": 1000.0}
    environment = Environment(order_fields() | counted, rulebook.parameters_on(FEBRUARY))
    assert rulebook.limit("us.share_limit").headroom(environment) == pytest.approx([500, 100, 0, 0])


def test_no_buyer_is_capped_until_an_amendment_says_so(rulebook: Rulebook):
    environment = Environment({"buyer.committed_units": 1e9}, rulebook.parameters_on(FEBRUARY))
    assert rulebook.limit("us.buyer_cap").headroom(environment) == np.inf

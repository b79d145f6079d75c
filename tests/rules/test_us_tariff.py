from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sample_orders import asked, order_fields

from dualtrack.rules import Environment, Rulebook, levy_rate

FEBRUARY = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("tpp", "bandwidth", "due"),
    [
        (14_000, 4800, False),
        (14_001, 4800, True),
        (17_499, 4800, True),
        (17_500, 4800, False),
        (15_832, 4500, False),
        (15_832, 4501, True),
        (15_832, 4999, True),
        (15_832, 5000, False),
        (20_800, 6000, False),
        (20_801, 6000, True),
        (21_099, 6000, True),
        (21_100, 6000, False),
        (20_919, 5800, False),
        (20_919, 5801, True),
        (20_919, 6199, True),
        (20_919, 6200, False),
        (15_832, 3350, False),
    ],
)
def test_both_bands_exclude_their_edges(rulebook: Rulebook, tpp, bandwidth, due):
    environment = asked(rulebook, FEBRUARY, chip__tpp=tpp, chip__dram_bandwidth_gbps=bandwidth)
    assert levy_rate(environment) == (0.25 if due else 0)
    assert rulebook.outcome("us.tariff", environment) == int(due)


def test_the_rate_of_many_chips_is_an_array(rulebook: Rulebook):
    fields = order_fields(chip__tpp=np.array([15_832, 28_000]))
    assert levy_rate(Environment(fields, rulebook.parameters_on(FEBRUARY))).tolist() == [0.25, 0]


def test_no_duty_is_due_the_day_before(rulebook: Rulebook):
    assert levy_rate(asked(rulebook, date(2026, 1, 14))) == 0
    assert levy_rate(asked(rulebook, date(2026, 1, 15))) == 0.25

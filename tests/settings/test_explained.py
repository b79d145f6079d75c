"""Each control moves what its sentence says, and in that direction, on paths with the same luck."""

import functools
from itertools import pairwise

import pytest

from dualtrack.session import run
from dualtrack.settings.controls import control_keys

LICENSED, DELIVERED, MADE, BOUGHT = (
    "h200_licensed_cum",
    "h200_delivered_cum",
    "huawei_packages",
    "domestic_bought",
)
REVENUE = "nvidia_china_ai_revenue"

# The values from the one that gives least to the one that gives most of an outcome, by the month named.
SENTENCES = [
    ("us.gate_start", ("barred", "narrow", "review"), LICENSED, "2027-01"),
    ("us.share_limit", ("0", "0.1", "2"), LICENSED, "2028-01"),
    ("us.buyer_cap", ("1000", "50000", "1000000"), LICENSED, "2028-01"),
    ("us.levy_rate", ("1", "0"), DELIVERED, "2028-01"),
    ("china.gate_start", ("blocked", "rationed", "quota", "open"), DELIVERED, "2026-06"),
    ("china.ratio", ("5", "1", "0"), DELIVERED, "2028-01"),
    ("china.ratio", ("0", "1", "5"), BOUGHT, None),
    ("china.ratio_basis", ("compute", "spend", "units"), DELIVERED, "2028-01"),
    ("china.ratio_timing", ("before", "with", "within"), DELIVERED, "2028-01"),
    ("china.ratio_everywhere", ("yes", "no"), DELIVERED, "2028-01"),
    ("china.batch_units", ("0", "100000", "1000000"), DELIVERED, "2028-01"),
    ("china.batch_interval", ("18", "4", "1"), DELIVERED, "2028-01"),
    ("china.tranche_units", ("100", "5000", "100000"), DELIVERED, "2028-01"),
    ("us.revocation", ("2026-06", "2027-06", "none"), DELIVERED, "2028-01"),
    ("china.revocation", ("2026-06", "2027-06", "none"), DELIVERED, "2028-01"),
    ("us.hazard.close", ("1", "0.1", "0"), DELIVERED, "2028-01"),
    ("us.hazard.open", ("0", "0.1", "1"), DELIVERED, "2028-01"),
    ("china.hazard.close", ("1", "0.1", "0"), DELIVERED, "2028-01"),
    ("china.hazard.open", ("0", "0.1", "1"), DELIVERED, "2028-01"),
    ("vendor.stock_units", ("0", "500000", "1500000"), DELIVERED, "2028-01"),
    ("vendor.restart_month", ("none", "2027-06", "2026-06"), DELIVERED, "2028-01"),
    ("vendor.lead_time_months", ("12", "6", "0"), DELIVERED, "2028-01"),
    ("vendor.price_usd", ("50000", "5000"), DELIVERED, "2028-01"),
    ("vendor.price_usd", ("5000", "50000"), REVENUE, None),
    ("domestic.yield_start", ("0.05", "0.45", "0.95"), MADE, None),
    ("domestic.wafer_capacity_factor", ("0.2", "1", "2"), MADE, None),
    ("domestic.memory_stock", ("0", "5000000", "20000000"), MADE, None),
    ("demand.stated_orders", ("0", "1000000", "4000000"), DELIVERED, "2028-01"),
    ("demand.realism", ("0", "0.5", "1"), DELIVERED, "2028-01"),
    ("demand.capex_growth", ("0.8", "1.25", "2"), DELIVERED, "2028-01"),
    ("demand.capex_growth", ("0.8", "1.25", "2"), BOUGHT, None),
]


@functools.cache
def mean(key, text, outcome, month):
    """Mean of a stock at the end of a month, or of a flow over the run."""
    months = 6 if month == "2026-06" else 24
    found = run("h200-truce", changes=[f"{key}={text}"], paths=400, months=months)[outcome]
    return float((found.sum("month") if month is None else found.sel(month=month)).mean())


@pytest.mark.parametrize(
    "key, texts, outcome, month", SENTENCES, ids=[f"{key}-{outcome}" for key, _, outcome, _ in SENTENCES]
)
def test_a_control_pulls_the_way_it_says(key, texts, outcome, month):
    means = [mean(key, text, outcome, month) for text in texts]
    assert all(low < high for low, high in pairwise(means)), means


def test_every_control_is_tried():
    assert {key for key, *_ in SENTENCES} == set(control_keys())

"""The whole chain against what can be worked out without it, and each main input against its outcome."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualtrack.months import parse_month
from dualtrack.session import run

# Both gates open for good and nothing in the way of goods but how many there are.
FREE = [
    "us.gate_start=review",
    "china.gate_start=open",
    "gates.hazard_factor=0",
    "us.share_limit=100",
    "us.share_base_units=1000000000",
    "us.licence_delay_months=0",
    "us.licence_throughput=100000000",
    "us.test_days=0",
    "china.customs_days=0",
    "china.ratio=0",
    "demand.acceptance=1",
    "demand.decay=0",
    "demand.budget_limit=false",
    # State-funded sites are refused by China at any gate.
    "buyer.state.appetite=0",
]
MIDDLE_OF_2026 = parse_month("2026-07")


def appetite(values, start: int, months: int) -> np.ndarray:
    """Units wanted up to each month: stated orders at once, and from 2027 a twelfth a month, growing."""
    stated = values["demand.stated_orders"] * values["demand.realism"]
    out, wanted = [], stated
    for number in range(start, start + months):
        if number >= parse_month("2027-01"):
            growth = values["demand.capex_growth"] ** ((number - MIDDLE_OF_2026) / 12)
            wanted = wanted + stated * growth / 12
        out.append(wanted)
    return np.stack(out)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    stock=st.sampled_from([0, 5_000, 700_000, 100_000_000]),
    lead=st.integers(0, 12),
    policy=st.sampled_from(["pro-rata", "priority", "max-min", "value"]),
)
def test_with_nothing_in_the_way_deliveries_are_the_lesser_of_appetite_and_supply(
    traced, seed, stock, lead, policy
):
    changes = [*FREE, f"vendor.stock_units={stock}", f"vendor.lead_time_months={lead}"]
    trace = traced([*changes, f"vendor.allocation={policy}"], paths=60, months=36, seed=seed)
    wanted = appetite(trace.values, trace.model.scenario.start, 36)
    supply = stock + trace.cumulative("produced")
    delivered = trace.cumulative("delivered").sum(axis=1)
    # What is produced later cannot be delivered earlier: the lesser of the two, at the best month so far.
    np.testing.assert_allclose(delivered, np.minimum(wanted, supply), rtol=1e-9, atol=1e-3)


def test_a_line_that_never_catches_up_delivers_stock_and_full_capacity_after_its_lead_time(traced):
    changes = [*FREE, "vendor.stock_units=100000", "vendor.line_capacity_units=10000"]
    changes += ["vendor.restart_month=2026-05", "vendor.lead_time_months=6", "demand.stated_orders=100000000"]
    trace = traced(changes, paths=20, months=24)
    delivered = trace.cumulative("delivered").sum(axis=1)
    # Wafers of May are modules of November, the tenth month of the run.
    expected = [100_000 + 10_000 * max(0, n - 8) for n in range(24)]
    np.testing.assert_allclose(delivered, np.array(expected)[:, None] * np.ones(20), rtol=1e-9)


@settings(max_examples=8, deadline=None)
@given(customs=st.sampled_from([0.0, 15.21875, 30.4375]), test=st.sampled_from([0.0, 15.21875, 30.4375]))
def test_a_month_of_test_or_customs_delays_by_a_month_and_half_a_month_by_half(traced, test, customs):
    changes = [change for change in FREE if not change.startswith(("us.test_days", "china.customs_days"))]
    changes += [f"us.test_days={test}", f"china.customs_days={customs}", "vendor.line_capacity_units=0"]
    changes += ["vendor.stock_units=1000", "demand.stated_orders=1000000"]
    trace = traced(changes, paths=5, months=4)
    late = test / 30.4375, customs / 30.4375
    # Each stage holds a part of what enters it for one month.
    parts = np.convolve([1 - late[0], late[0]], [1 - late[1], late[1]])
    delivered = np.array([month.out["delivered"].sum(axis=0) for month in trace.months])
    np.testing.assert_allclose(delivered[:3], 1000 * parts[:, None] * np.ones(5), atol=1e-6)
    assert (delivered[3] < 1e-6).all()


def test_where_imports_are_barred_none_is_delivered():
    twin = run("no-imports", paths=200)
    for name in ("ordered", "shipped", "delivered", "powered"):
        assert not twin[f"h200_{name}_cum"].values.any(), name
    for name in ("nvidia_china_ai_revenue", "levy_paid"):
        assert not twin[name].values.any(), name
    assert not twin["paths_any_delivery"].values.any()


@pytest.mark.parametrize("scenario", ["no-imports", "slow-freeze"])
def test_imports_never_take_compute_away_from_china(scenario):
    """Path by path the truce, with the luck of its twin, leaves China no smaller for imports alone."""
    free = [
        "demand.budget_limit=false",
        "domestic.response_elasticity=0",
        "china.ratio=0",
        "demand.substitution=0",
    ]
    truce, twin = (
        run(s, paths=100, changes=free)["china_compute_h100e"].values for s in ("h200-truce", scenario)
    )
    assert (truce >= twin * (1 - 1e-6)).all()


LAST = -1
FREE_TO_FLOW = ("china.gate_start=quota",)
RATIO = (*FREE_TO_FLOW, "china.ratio_timing=before")
# What is set, from which value to which, the outcome that moves, which way, and what else is fixed.
HEADLINE = [
    ("us.share_limit", 0.05, 1.0, "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("china.ratio", 0.2, 4.0, "h200_delivered_cum", -1, RATIO),
    ("china.ratio", 0.0, 3.0, "ratio_obligation", +1, RATIO),
    ("us.revocation", "2026-06", "2028-06", "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("us.notice_months", 0, 12, "h200_delivered_cum", +1, ("us.revocation=2026-06", *FREE_TO_FLOW)),
    ("china.revocation", "2026-06", "2028-06", "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("us.hazard.close", 0.0, 0.3, "h200_delivered_cum", -1, FREE_TO_FLOW),
    ("us.buyer_cap", 5_000, 500_000, "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("us.levy_rate", 0.0, 1.0, "levy_paid", +1, FREE_TO_FLOW),
    ("us.licence_delay_months", 0, 12, "h200_delivered_cum", -1, FREE_TO_FLOW),
    ("us.licence_throughput", 2_000, 400_000, "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("demand.realism", 0.2, 0.95, "h200_backlog", +1, ()),
    ("demand.realism", 0.05, 0.95, "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("demand.acceptance", 0.05, 0.95, "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("vendor.stock_units", 10_000, 1_000_000, "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("vendor.stock_units", 10_000, 1_000_000, "nvidia_write_down", +1, ("us.revocation=2028-12",)),
    ("domestic.yield_start", 0.15, 0.5, "domestic_packages", +1, ("domestic.memory_stock=90000000",)),
    ("domestic.memory_stock", 500_000, 9_000_000, "huawei_packages", +1, ()),
    ("domestic.die_bank", 0, 3_000_000, "huawei_packages", +1, ("domestic.memory_stock=90000000",)),
    ("world.flow_growth", 1.2, 2.5, "us_compute_h100e", +1, ()),
    ("world.flow_growth", 1.2, 2.5, "compute_gap_ratio", +1, ()),
    ("vendor.price_usd", 12_000, 60_000, "h200_delivered_cum", -1, FREE_TO_FLOW),
    ("power.usd_bn_per_gw", 10, 300, "h200_powered_cum", -1, FREE_TO_FLOW),
    ("power.usd_bn_per_gw", 10, 300, "china_waiting_power_mw", +1, FREE_TO_FLOW),
    ("china.batch_units", 10_000, 2_000_000, "h200_delivered_cum", +1, FREE_TO_FLOW),
    ("china.tranche_units", 200, 50_000, "h200_delivered_cum", +1, ("china.gate_start=rationed",)),
    ("routes.smuggled_units", 0, 50_000, "china_smuggled_h100e", +1, ()),
]


@pytest.mark.parametrize(("key", "low", "high", "outcome", "way", "fixed"), HEADLINE)
def test_an_input_that_matters_moves_its_outcome_the_right_way(key, low, high, outcome, way, fixed):
    means = []
    for value in (low, high):
        found = run(paths=120, months=36, changes=[*fixed, f"{key}={value}"])[outcome].values
        # Flows over the run, stocks at its end or, where a stop empties them, on the way.
        means.append(float(np.nanmean(found.sum(axis=0))))
    assert (means[1] - means[0]) * way > 0.02 * max(map(abs, means)), f"{means[0]:g} became {means[1]:g}"


def test_behind_an_open_door_every_chip_comes_that_comes_in_the_truce_and_more():
    truce, door = run(paths=300, months=24), run("open-door", paths=300, months=24)
    both = [d["h200_delivered_cum"].values[-1].astype(float).mean() for d in (truce, door)]
    assert both[1] > 1.3 * both[0] > 0


def test_without_a_ratio_more_is_cleared_than_with_a_ratio_of_three():
    changes = ["china.gate_start=quota", "gates.hazard_factor=0"]
    none, three = (
        run("open-door", paths=200, months=24, changes=[*changes, f"china.ratio={r}"])[
            "h200_cleared_cum"
        ].values
        for r in (0, 3)
    )
    assert none[-1].mean() > 1.2 * three[-1].mean()
    assert (none[-1] >= three[-1] * (1 - 1e-6)).mean() > 0.95

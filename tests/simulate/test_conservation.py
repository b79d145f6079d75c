"""What holds in every month of every path: units and money are neither made nor lost, nothing is negative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dualtrack.months import parse_month
from dualtrack.scenarios.scenario import shipped_scenarios

STAGES = ("entered", "shipped", "delivered", "powered")
FIRST_NEW_APPETITE = parse_month("2027-01")
MIDDLE_OF_2026 = parse_month("2026-07")


def one_of(key: str, *options: object) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{key}={option}" for option in options])


# Each key is left alone or set, to ordinary values and to the ends of what may be set.
CHANGES = [
    one_of("china.ratio", 0, 0.5, 1, 3, 20),
    one_of("china.ratio_basis", "units", "spend", "compute"),
    one_of("china.ratio_timing", "before", "with", "within"),
    one_of("china.ratio_everywhere", "true"),
    one_of("china.gate_start", "blocked", "rationed", "quota", "open"),
    one_of("china.tranche_units", 0, 700, 50_000),
    one_of("china.batch_units", 0, 10_000, 2_000_000),
    one_of("china.batch_interval", 1, 6),
    one_of("china.customs_days", 0, 12, 60),
    one_of("china.revocation", "2026-09"),
    one_of("us.gate_start", "barred", "narrow", "review"),
    one_of("us.share_limit", 0, 0.1, 0.9, 50),
    one_of("us.buyer_cap", 0, 3_000, 150_000),
    one_of("us.licence_delay_months", 0, 1, 12),
    one_of("us.licence_throughput", 0, 5_000, 10_000_000),
    one_of("us.licence_validity_months", 1, 4),
    one_of("us.test_days", 0, 20, 60),
    one_of("us.revocation", "2026-08"),
    one_of("us.revocation_months", 3),
    one_of("us.hazard.close", 0, 0.2),
    one_of("china.hazard.close", 0, 0.2),
    one_of("us.hazard.open", 0.3),
    one_of("china.hazard.open", 0.3),
    one_of("vendor.allocation", "pro-rata", "priority", "max-min", "value"),
    one_of("vendor.stock_units", 0, 40_000, 3_000_000),
    one_of("vendor.line_capacity_units", 0, 200_000),
    one_of("vendor.lead_time_months", 0, 12),
    one_of("vendor.restart_month", "2026-02"),
    one_of("vendor.price_usd", 3_000, 90_000),
    one_of("demand.acceptance", 0, 0.05, 1),
    one_of("demand.realism", 0, 1),
    one_of("demand.decay", 0, 0.5),
    one_of("demand.substitution", 0, 1),
    one_of("demand.budget_limit", "false"),
    one_of("domestic.serve_obligations_first", "false"),
    one_of("domestic.other_units", 0, 10_000_000),
    one_of("power.usd_bn_per_gw", 5, 900),
]
changes = st.lists(st.sampled_from(CHANGES), max_size=12, unique=True).flatmap(lambda some: st.tuples(*some))
seeds = st.integers(0, 2**32)
any_run = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def close(found, expected, scale) -> None:
    """Equal up to rounding beside the size of what is handled."""
    gap = np.abs(found - expected)
    assert (gap <= 1e-9 * (1.0 + scale)).all(), f"off by up to {gap.max():g}"


def assert_units_are_conserved(trace) -> None:
    values = trace.values
    weights = values["buyer.appetite"]
    stated = weights / weights.sum(axis=0) * values["demand.stated_orders"] * values["demand.realism"]
    close(trace.months[0].before["want"], stated, stated)
    for month in trace.months:
        before, after, out = month.before, month.after, month.out
        number = month.given["number"]
        growth = values["demand.capex_growth"] ** ((number - MIDDLE_OF_2026) / 12)
        new = stated * growth / 12 if number >= FIRST_NEW_APPETITE else 0.0
        scale = stated + values["vendor.stock_units"] + after["shipped"]
        passing = before["want"] + out["returned"] - out["decayed"] + new - out["refused"] - out["ordered"]
        close(after["want"], passing, scale)
        close(after["firm"], before["firm"] - out["returned"] + out["ordered"] - out["entered"], scale)
        close(after["test"], before["test"] + out["entered"] - out["shipped"], scale)
        close(after["customs"], before["customs"] + out["shipped"] - out["delivered"], scale)
        close(after["import_wait"], before["import_wait"] + out["delivered"] - out["powered"], scale)
        close(after["shipped"], before["shipped"] + out["shipped"], scale)
        close(out["backlog"], after["want"] + after["firm"] + after["test"] + after["customs"], scale)
        entered = out["entered"].sum(axis=0)
        moved = before["stock"] + out["produced"] - out["sold_elsewhere"] - entered
        close(after["stock"], moved, scale.sum(axis=0))
        close(
            after["in_process"],
            before["in_process"] + after["starts"][-1] - out["produced"],
            scale.sum(axis=0),
        )
    # Over the run: what was ever wanted is delivered, still waited for, or gone.
    months = np.arange(trace.model.scenario.start, trace.model.scenario.start + len(trace.months))
    later = values["demand.capex_growth"] ** ((months[:, None] - MIDDLE_OF_2026) / 12)
    wanted = stated * (1 + (later * (months[:, None] >= FIRST_NEW_APPETITE)).sum(axis=0) / 12)
    gone = trace.cumulative("decayed")[-1] + trace.cumulative("refused")[-1]
    left = trace.months[-1].out["backlog"]
    close(trace.cumulative("delivered")[-1] + left + gone, wanted, wanted)


def assert_stages_are_in_order(trace) -> None:
    passed = trace.cumulative("ordered") - trace.cumulative("returned")
    for stage in STAGES:
        reached = trace.cumulative(stage)
        assert (reached <= passed * (1 + 1e-9) + 1e-6).all(), stage
        passed = reached
    supplied = trace.values["vendor.stock_units"] + trace.cumulative("produced")
    assert (trace.cumulative("entered").sum(axis=1) <= supplied * (1 + 1e-9) + 1e-6).all()


def assert_nothing_is_negative(trace) -> None:
    for n, month in enumerate(trace.months):
        for numbers in (month.after, month.out):
            for name, array in numbers.items():
                array = np.asarray(array)
                assert np.isfinite(array).all(), (n, name)
                # Net clearances are a running difference; what rounding leaves of it is no unit.
                least = -1e-6 if name in ("cleared_net", "cleared_history") else 0.0
                assert (array >= least).all(), (n, name, array.min())


def assert_money_suffices(trace) -> None:
    """No buyer spends more in a month than it had kept, got back, and was given."""
    values = trace.values
    yearly = values["buyer.ai_capex"] * 1e9 / values["money.rmb_per_usd"]
    for month in trace.months:
        growth = values["demand.capex_growth"] ** ((month.given["number"] - MIDDLE_OF_2026) / 12)
        income = yearly / 12 * values["demand.chip_share"] * (1 - values["demand.rental_share"]) * growth
        out = month.out
        # The law of the H200: a quarter of the customs value, of which the buyer bears its part.
        price = values["vendor.price_usd"] * (1 + values["vendor.levy_passed_on"] * 0.25)
        had = month.before["budget"] + out["returned"] * price + income
        spent = out["import_spend"] + out["domestic_spend"]
        limited = values["demand.budget_limit"] > 0
        assert (spent <= np.where(limited, had, np.inf) * (1 + 1e-9) + 1.0).all()
        close(out["import_spend"], out["ordered"] * price, out["import_spend"])


def assert_all(trace) -> None:
    assert_units_are_conserved(trace)
    assert_stages_are_in_order(trace)
    assert_nothing_is_negative(trace)
    assert_money_suffices(trace)


@pytest.mark.parametrize("scenario", [s for s in shipped_scenarios() if s != "second-generation"])
def test_a_shipped_scenario_conserves_units_and_money(traced, scenario):
    assert_all(traced(scenario=scenario, paths=150))


def test_the_second_generation_conserves_units(traced):
    trace = traced(scenario="second-generation", paths=150)
    assert_units_are_conserved(trace)
    assert_stages_are_in_order(trace)
    assert_nothing_is_negative(trace)


@any_run
@given(changes=changes, seed=seeds)
def test_any_run_conserves_units_and_money(traced, changes, seed):
    assert_all(traced(changes, paths=24, months=20, seed=seed))


@any_run
@given(changes=changes, seed=seeds)
def test_any_run_conserves_domestic_chips(traced, changes, seed):
    trace = traced(changes, paths=24, months=14, seed=seed)
    values = trace.values
    for month in trace.months:
        before, after, out = month.before, month.after, month.out
        made = out["huawei"] + out["other"]
        bought = out["domestic_bought"].sum(axis=0)
        ready = before["domestic_unsold"] + made
        close(after["domestic_unsold"], ready - bought, ready)
        # Credit grows by what is delivered, whatever the basis weighs it with.
        gained = after["credit"] - before["credit"]
        units_count = values["china.ratio_basis"] == 0
        close(np.where(units_count, gained, 0), np.where(units_count, out["domestic_bought"], 0), ready)
        # Packages started use up dies and memory of the banks, whether they survive packaging or not.
        started = out["huawei"] / values["domestic.packaging_yield"]
        fed = after["memory"] - before["memory"] + started * values["domestic.memory_stacks"]
        yearly = values["domestic.memory_ramp"] + values["domestic.memory_rise"] * (
            (month.given["number"] - MIDDLE_OF_2026) / 12
        )
        close(fed, np.maximum(yearly, 0) / 12 * values["domestic.memory_stacks"], before["memory"])

"""A tighter limit never lets more through: within a month from one state, and over a run without feedbacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dualtrack.simulate.step import step

TOLERANCE = 1e-9

# Wide ranges, so that the 200 paths of a run differ in all that could turn the answer round.
VARIED = [
    "us.share_limit=0.01:0.15:1",
    "us.buyer_cap=500:40000:400000",
    "us.narrow.buyer_cap=500:20000:200000",
    "us.licence_delay_months=0:1:5",
    "us.licence_throughput=3000:100000:2000000",
    "us.test_days=0:20:60",
    "china.customs_days=0:15:60",
    "china.tranche_units=100:4000:80000",
    "china.batch_units=2000:100000:2000000",
    "china.batch_interval=1:2:5",
    "china.ratio=0.05:0.8:6",
    "demand.acceptance=0.2:0.7:0.98",
    "demand.stated_orders=200000:1500000:6000000",
    "demand.chip_share=0.02:0.2:0.8",
    "domestic.other_units=2000:100000:4000000",
    "domestic.memory_stock=1000:300000:5000000",
    "domestic.memory_ramp=100:30000:300000",
    "vendor.stock_units=20000:400000:2000000",
    "vendor.price_usd=9000:27000:80000",
]
RESTLESS = [f"{gate}.hazard.{kind}=0.08" for gate in ("us", "china") for kind in ("close", "open")]
RESTLESS += [f"{gate}.hazard.{kind}=0.12" for gate in ("us", "china") for kind in ("tighten", "loosen")]

# What is tightened: where its number stands, and whether more of it is tighter.
LIMITS = {
    "share limit": ("law", "us.share.limit", False),
    "buyer cap": ("law", "us.buyer_cap.units", False),
    "tranche": ("values", "china.tranche_units", False),
    "batch": ("given", "batch_units", False),
    "ratio": ("values", "china.ratio", True),
}
OPTIONS = [
    [],
    ["china.ratio_everywhere=true"],
    ["demand.budget_limit=false"],
    ["domestic.serve_obligations_first=false"],
    ["vendor.allocation=max-min"],
    ["vendor.allocation=priority"],
    ["vendor.lead_time_months=0", "vendor.restart_month=2026-02"],
]
seeded = settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@pytest.mark.parametrize("limit", LIMITS)
@seeded
@given(
    seed=st.integers(0, 2**32),
    months=st.integers(1, 20),
    factor=st.sampled_from([0.0, 0.5, 0.9, 0.999]),
    option=st.sampled_from(OPTIONS),
)
def test_from_the_same_state_a_tighter_limit_never_raises_what_is_shipped_in_the_month(
    traced, limit, seed, months, factor, option
):
    trace = traced([*VARIED, *RESTLESS, *option], paths=200, months=months, seed=seed)
    last = trace.months[-1]
    held = {"law": trace.drawn.law, "values": trace.values, "given": last.given}
    where, name, more_is_tighter = LIMITS[limit]
    number = held[where][name]
    tightened = number / max(factor, 0.01) if more_is_tighter else number * factor
    changed = {**held, where: {**held[where], name: tightened}}
    _, out = step(np, trace.model, changed["values"], changed["law"], last.before, changed["given"])
    for flow in ("ordered", "shipped"):
        loose, tight = last.out[flow].sum(axis=0), out[flow].sum(axis=0)
        worse = np.flatnonzero(tight > loose * (1 + TOLERANCE) + 1e-6)
        assert worse.size == 0, (
            f"{flow}: {worse.size} of 200 paths; path {worse[0]}: {loose[worse[0]]} became {tight[worse[0]]}"
        )


# Gates fixed open, feedbacks off, one chip, lags that are the same for all. The line is a feedback too: it
# starts wafers for whoever waits, so a limit that keeps buyers waiting would be answered with more supply.
CALM = [
    "gates.hazard_factor=0",
    "us.gate_start=review",
    "demand.decay=0",
    "demand.substitution=0",
    "domestic.learning=0",
    "domestic.response_elasticity=0",
    "vendor.ageing_rate=0",
    "vendor.stop_write_down=0",
    "vendor.diversion_rate=0",
    "vendor.sold_elsewhere_rate=0",
    "vendor.line_capacity_units=0",
]
OVER_A_RUN = {
    "share limit": ("open", "us.share_limit", 0.8),
    "buyer cap": ("open", "us.buyer_cap", 0.8),
    "tranche": ("rationed", "china.tranche_units", 0.8),
    "batch": ("quota", "china.batch_units", 0.8),
    "ratio": ("quota", "china.ratio", 1.25),
}
QUANTITIES = [limit for limit in OVER_A_RUN if limit != "ratio"]
NOT_BINDING = {
    "us.share_limit": "us.share_limit=100",
    "us.buyer_cap": "us.buyer_cap=1000000000",
    "china.tranche_units": "china.tranche_units=100000000",
    "china.batch_units": "china.batch_units=100000000",
    "china.ratio": "china.ratio=0",
}
OTHER_BUYERS = [f"buyer.{b}.appetite=0" for b in ("alibaba", "tencent", "next_tier", "state", "research")]
NO_BUDGET = ["demand.budget_limit=false"]
# Under `within` what was cleared a year ago is a debt: more let in early can mean less later, by the rule itself.
AT_ONCE = [["china.ratio_timing=before"], ["china.ratio_timing=with"]]
a_few_seeds = settings(seeded, max_examples=4)


def deliveries_of(model, drawn, trace, limit):
    """Cumulative deliveries of a run and of the same run under a tighter limit, shape (month, path) each."""
    _, key, factor = OVER_A_RUN[limit]
    law, values, gates = dict(drawn.law), dict(drawn.values), drawn.gates
    if key == "china.batch_units":
        gates = replace(gates, batch_units=gates.batch_units * factor)
    elif key.startswith("us."):
        name = {"us.share_limit": "us.share.limit", "us.buyer_cap": "us.buyer_cap.units"}[key]
        law[name] = law[name] * factor
    else:
        values[key] = values[key] * factor
    tightened = replace(drawn, law=law, values=values, gates=gates)
    return [trace(model, d).cumulative("delivered").sum(axis=1) for d in (drawn, tightened)]


def assert_tighter_never_delivers_more(model, drawn, trace, limit) -> None:
    """Hold it month by month and path by path."""
    loose, tight = deliveries_of(model, drawn, trace, limit)
    worse = np.argwhere(tight > loose * (1 + TOLERANCE) + 1e-3)
    assert worse.size == 0, (
        f"{np.unique(worse[:, 1]).size} of {loose.shape[1]} paths; month {worse[0][0]}, path {worse[0][1]}: "
        f"{loose[tuple(worse[0])]} became {tight[tuple(worse[0])]}"
    )
    assert tight[-1].sum() < loose[-1].sum()


def run_of(model_for, drawn_for, limit, changes, seed):
    state, _, _ = OVER_A_RUN[limit]
    chosen = [*VARIED, *CALM, f"china.gate_start={state}", *changes]
    options = {"paths": 150, "months": 30, "seed": seed}
    return model_for(chosen, **options), drawn_for(chosen, **options)


@pytest.mark.parametrize("limit", QUANTITIES)
@a_few_seeds
@given(seed=st.integers(0, 2**32))
def test_over_a_run_a_tighter_quantity_alone_never_raises_deliveries(
    model_for, drawn_for, trace, limit, seed
):
    others = [change for key, change in NOT_BINDING.items() if key != OVER_A_RUN[limit][1]]
    model, drawn = run_of(model_for, drawn_for, limit, [*others, *NO_BUDGET], seed)
    assert_tighter_never_delivers_more(model, drawn, trace, limit)


@pytest.mark.parametrize("buyers", [OTHER_BUYERS, []], ids=["one buyer", "all buyers"])
@pytest.mark.parametrize("limit", QUANTITIES)
@a_few_seeds
@given(seed=st.integers(0, 2**32), timing=st.sampled_from(AT_ONCE))
def test_over_a_run_a_tighter_quantity_among_others_never_raises_deliveries(
    model_for, drawn_for, trace, limit, buyers, seed, timing
):
    model, drawn = run_of(model_for, drawn_for, limit, [*buyers, *NO_BUDGET, *timing], seed)
    assert_tighter_never_delivers_more(model, drawn, trace, limit)


@pytest.mark.parametrize("money", [NO_BUDGET, []], ids=["without budgets", "with budgets"])
@pytest.mark.parametrize("limit", OVER_A_RUN)
@pytest.mark.parametrize("timing", ["before", "with"])
def test_over_a_run_few_paths_go_the_other_way_where_money_or_domestic_chips_are_shared_anew(
    model_for, drawn_for, trace, limit, money, timing
):
    """Domestic chips that serve one buyer's ratio are missing to another, and money not spent now is spent later.

    So a stricter ratio, and with budgets any limit, can turn single paths. The mean and their share are held.
    """
    model, drawn = run_of(model_for, drawn_for, limit, [*money, f"china.ratio_timing={timing}"], 20260131)
    loose, tight = deliveries_of(model, drawn, trace, limit)
    assert tight[-1].mean() < loose[-1].mean()
    assert np.mean(tight[-1] > loose[-1] * (1.0 + TOLERANCE) + 1e-3) <= 0.03


def test_a_buyer_that_china_refuses_takes_no_licence_from_the_others(traced):
    """It could never import with it, and every licence held counts against the share limit of all."""
    trace = traced(["china.gate_start=open", "gates.hazard_factor=0", "demand.acceptance=1"], paths=50)
    row = [buyer.id for buyer in trace.model.buyers].index("state")
    held = trace.months[-1].after["valid"]
    assert not held[row].any(), f"{held[row].mean():.0f} units on average"


def test_a_buyer_at_its_us_cap_takes_no_clearance_of_a_batch_from_the_others(traced):
    """What the United States will not license cannot be imported, so a clearance for it is of no use."""
    changes = ["china.gate_start=quota", "china.ratio=0", "gates.hazard_factor=0", "us.buyer_cap=10000"]
    trace = traced([*changes, "china.batch_units=400000"], paths=50, months=12)
    most = max(month.after["cleared_net"].max() for month in trace.months)
    assert most <= 10_000 * (1 + 1e-9)

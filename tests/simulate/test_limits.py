"""Nothing passes a gate that is shut, a limit that is full, or a ratio that is not met."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dualtrack.errors import ScenarioFault
from dualtrack.scenarios.scenario import shipped_scenarios
from dualtrack.simulate.binding import REASONS

US_BARRED, US_NARROW, US_REVIEW = range(3)
BLOCKED, RATIONED, QUOTA, OPEN = range(4)
H100_TPP = 15832.0

# Gates that move often, so that every state and every passage is seen on some path.
RESTLESS = [f"{gate}.hazard.{kind}=0.1" for gate in ("us", "china") for kind in ("close", "open")]
RESTLESS += [f"{gate}.hazard.{kind}=0.15" for gate in ("us", "china") for kind in ("tighten", "loosen")]
# Papers that come soon and stock that lasts, so that the limits are what binds.
EAGER = [
    "us.licence_delay_months=0:1:4",
    "us.licence_throughput=30000:300000:3000000",
    "demand.acceptance=0.9",
    "vendor.stock_units=100000:700000:3000000",
]
TIGHT = [
    *EAGER,
    "us.share_limit=0.002:0.05:0.4",
    "us.buyer_cap=200:20000:200000",
    "china.tranche_units=50:3000:40000",
    "china.batch_units=1000:60000:800000",
    "china.batch_interval=1:2:9",
    "china.ratio=0.1:1:8",
    "us.narrow.buyer_cap=500:20000:100000",
]
# A smaller seed is no simpler case, so nothing is gained by shrinking.
several_seeds = settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
seeds = st.integers(0, 2**32)
TOLERANCE = 1e-6


def within(used, room) -> None:
    """No more used than there was room for, a millionth of a unit and rounding aside."""
    over = used - np.maximum(room, 0.0) * (1 + 1e-9)
    assert (over <= TOLERANCE).all(), f"over by {over.max():g}"


def assert_shut_gates_let_nothing_through(trace) -> None:
    for month in trace.months:
        us, china, out = month.given["us"], month.given["china"], month.out
        for name in ("entered", "shipped", "ordered"):
            assert not out[name][:, (us == US_BARRED) | (china == BLOCKED)].any(), name
        assert not out["licensed"][:, us == US_BARRED].any()
        assert not out["cleared"][:, china == BLOCKED].any()
        assert not out["delivered"][:, china == BLOCKED].any()
        assert not out["letter_units"][(us == US_BARRED) | (china == BLOCKED)].any()


def share_limit(trace, month) -> np.ndarray:
    limit = trace.law("us.share.limit", month) * np.ones(len(month.given["us"]))
    return np.where(month.given["us"] == US_NARROW, limit * trace.values["us.narrow.share_factor"], limit)


def assert_share_limit_holds(trace) -> None:
    values = trace.values
    for n, month in enumerate(trace.months):
        us_units = values["us.share_base_units"] + values["us.share_base_flow"] * n
        ceiling = share_limit(trace, month) * us_units
        within(month.out["shipped"].sum(axis=0), ceiling - month.before["shipped"].sum(axis=0))


def buyer_cap(trace, month) -> np.ndarray:
    """The cap of each path: by law, and in state narrow no more than the cap of that state."""
    try:
        cap = trace.law("us.buyer_cap.units", month) * np.ones(len(month.given["us"]))
    except KeyError:
        cap = np.full(len(month.given["us"]), np.inf)
    narrow = month.given["us"] == US_NARROW
    return np.where(narrow, np.minimum(cap, trace.values["us.narrow.buyer_cap"]), cap)


def assert_buyer_cap_holds(trace) -> None:
    for month in trace.months:
        within(month.out["shipped"], buyer_cap(trace, month) - month.before["shipped"])


def assert_tranche_holds(trace) -> None:
    tranche = trace.values["china.tranche_units"]
    for month in trace.months:
        room = np.where(month.given["china"] == RATIONED, tranche, np.inf)
        within(month.out["cleared"], room)
        within(month.out["shipped"], room)


def assert_batches_hold(trace) -> None:
    """What is cleared in a stay in quota never exceeds the batches released in that stay."""
    released = used = np.zeros(trace.values["china.ratio"].shape)
    for month in trace.months:
        quota = month.given["china"] == QUOTA
        released = np.where(quota, released + month.given["batch_units"], 0.0)
        used = np.where(quota, used + month.out["cleared"].sum(axis=0), 0.0)
        within(used, released)


def weights(trace, month) -> tuple[np.ndarray, np.ndarray]:
    """What an import and a domestic chip count, by the basis of each path."""
    values, out = trace.values, month.out
    basis = values["china.ratio_basis"]
    bought = out["domestic_bought"].sum(axis=0)
    price = np.divide(out["domestic_spend"].sum(axis=0), bought, out=np.ones_like(bought), where=bought > 0)
    chip = trace.model.chip
    imports = np.select([basis == 0, basis == 1], [1.0, values["vendor.price_usd"]], chip.tpp)
    domestic = np.select([basis == 0, basis == 1], [1.0, price], out["domestic_unit_h100e"] * H100_TPP)
    return imports, domestic


def assert_ratio_holds(trace) -> None:
    values = trace.values
    everywhere = values["china.ratio_everywhere"] > 0
    timing = values["china.ratio_timing"]
    shape = trace.months[0].before["clear"].shape
    credit, net, history = np.zeros(shape), np.zeros(shape), [np.zeros(shape)] * 12
    for month in trace.months:
        china, out = month.given["china"], month.out
        imports, domestic = weights(trace, month)
        credit_before = credit
        credit = credit + out["domestic_bought"] * domestic
        # Clearances that lapse: with the gate, or because the buyer no longer wants the units.
        net = month.after["cleared_net"]
        year_ago = history[-12]
        history.append(net)
        applies = (china == QUOTA) | (everywhere & (china == RATIONED))
        new = applies & (out["cleared"] > TOLERANCE)
        slack = TOLERANCE * imports + 1e-9 * credit
        owed = values["china.ratio"] * imports * net
        for late, covered in ((0, credit_before), (1, credit)):
            binds = new & (timing == late)
            assert (owed <= covered + slack)[binds].all(), ("before", "with")[late]
        owed_by_now = values["china.ratio"] * imports * year_ago
        assert (owed_by_now <= credit + 2 * slack)[new & (timing == 2)].all(), "within"


def assert_every_limit_holds(trace) -> None:
    assert_shut_gates_let_nothing_through(trace)
    assert_share_limit_holds(trace)
    assert_buyer_cap_holds(trace)
    assert_tranche_holds(trace)
    assert_batches_hold(trace)
    assert_ratio_holds(trace)


@pytest.mark.parametrize("scenario", shipped_scenarios())
def test_every_limit_holds_in_a_shipped_scenario(traced, scenario):
    assert_every_limit_holds(traced(scenario=scenario, paths=150))


@several_seeds
@given(seed=seeds)
def test_shut_gates_let_nothing_through(traced, seed):
    assert_shut_gates_let_nothing_through(traced([*EAGER, *RESTLESS], paths=150, months=24, seed=seed))


@several_seeds
@given(seed=seeds)
def test_units_shipped_never_exceed_the_headroom_of_the_share_limit(traced, seed):
    assert_share_limit_holds(traced([*TIGHT, *RESTLESS], paths=150, months=24, seed=seed))


@several_seeds
@given(seed=seeds)
def test_no_buyer_is_shipped_more_than_its_cap_in_any_state_of_the_gate(traced, seed):
    assert_buyer_cap_holds(traced([*TIGHT, *RESTLESS], paths=150, months=24, seed=seed))


@several_seeds
@given(seed=seeds)
def test_in_rationed_no_buyer_is_cleared_or_shipped_more_than_a_tranche(traced, seed):
    assert_tranche_holds(traced([*TIGHT, *RESTLESS], paths=150, months=24, seed=seed))


@several_seeds
@given(seed=seeds)
def test_no_more_is_cleared_than_the_batches_of_the_stay_in_quota(traced, seed):
    assert_batches_hold(traced([*TIGHT, *RESTLESS], paths=150, months=24, seed=seed))


@pytest.mark.parametrize("timing", ["before", "with", "within"])
@pytest.mark.parametrize("basis", ["units", "spend", "compute"])
def test_what_is_cleared_is_covered_by_domestic_chips(traced, timing, basis):
    chosen = [f"china.ratio_timing={timing}", f"china.ratio_basis={basis}", "china.ratio_everywhere=true"]
    trace = traced([*TIGHT, *RESTLESS, *chosen, "china.batch_units=3000000"], paths=200, months=36)
    assert_ratio_holds(trace)
    assert sum(month.out["cleared"].sum() for month in trace.months) > 0


def test_the_tests_above_meet_limits_that_bind(traced):
    """Every limit holds imports back on some path, or the tests above would show nothing."""
    trace = traced([*TIGHT, *RESTLESS], paths=300, months=24)
    reasons = np.concatenate([month.out["binding"] for month in trace.months]).astype(int)
    found = {REASONS[n] for n in np.unique(reasons)}
    assert found >= {"us_gate", "china_gate", "share_limit", "buyer_cap", "tranche", "batch_quota", "ratio"}
    shares = [
        m.out["shipped"].sum(axis=0) / np.maximum(m.before["shipped"].sum(axis=0), 1) for m in trace.months
    ]
    assert np.max(shares) > 0


def test_a_state_funded_buyer_is_never_cleared(traced):
    row = [buyer.id for buyer in traced(paths=1, months=1).model.buyers].index("state")
    trace = traced([*EAGER, "china.gate_start=open", "gates.hazard_factor=0"], paths=100, months=18)
    assert not trace.cumulative("cleared")[:, row].any()
    assert not trace.cumulative("delivered")[:, row].any()
    assert trace.cumulative("delivered")[-1, :3].all()


def test_a_buyer_that_just_bought_what_it_owed_is_not_in_arrears(traced):
    changes = [
        "china.ratio=1",
        "china.ratio_timing=within",
        "china.ratio_basis=units",
        "china.gate_start=quota",
    ]
    changes += ["gates.hazard_factor=0", "china.batch_interval=1", "domestic.other_units=9000000"]
    # Nobody buys domestic chips without being made to, and there are enough of them.
    changes += [f"buyer.{b.id}.domestic_share=0" for b in traced(paths=1, months=1).model.buyers]
    trace = traced(
        [*changes, *EAGER, "demand.substitution=0", "demand.budget_limit=false"], paths=60, months=36
    )
    for month in trace.months[13:]:
        assert not month.out["in_arrears"].any()
    assert trace.cumulative("domestic_bought")[-1].any()


@pytest.mark.parametrize("chip", ["nvidia.h20_96gb", "huawei.ascend_910c"])
def test_a_chip_outside_the_reviewed_class_cannot_be_the_channels(traced, chip):
    """15 CFR 748 supp. 2 (dd) is about chips of 3A090.a; H20 lies below it, Ascend is no export of the US."""
    with pytest.raises(ScenarioFault, match=chip):
        traced([f"vendor.chip={chip}"], paths=5, months=2)


def test_where_nobody_accepts_the_terms_nothing_is_ordered(traced):
    trace = traced(["demand.acceptance=0", "china.gate_start=open", "china.ratio=0"], paths=50, months=18)
    assert trace.cumulative("licensed")[-1].sum() > 0
    assert not trace.cumulative("ordered")[-1].any()


def test_a_licence_lapses_after_its_months(traced):
    """China clears nothing, so licences lie unused: those of the first month are gone in the fourth."""
    changes = ["us.licence_validity_months=3", "us.licence_delay_months=0", "us.licence_throughput=1000"]
    changes += ["china.gate_start=blocked", "gates.hazard_factor=0", "demand.acceptance=1", "demand.decay=0"]
    trace = traced(changes, paths=20, months=10)
    held = [month.after["valid"].sum(axis=0) for month in trace.months]
    for n, units in enumerate(held):
        np.testing.assert_allclose(units, 1000.0 * min(n + 1, 3))


def test_a_closing_voids_the_papers_of_its_own_side_only(traced):
    open_gates = ["china.gate_start=quota", "gates.hazard_factor=0", "us.licence_delay_months=0"]
    us = traced([*open_gates, "us.revocation=2026-08"], paths=100, months=12)
    after = us.months[7]
    assert us.months[6].after["valid"].any() and us.months[6].after["clear"].any()
    assert not after.after["valid"].any() and not after.after["firm"].any()
    assert (after.after["clear"] >= us.months[6].after["clear"] - 1e-6).all() or after.after["clear"].any()
    china = traced([*open_gates, "china.revocation=2026-08"], paths=100, months=12)
    assert not china.months[7].after["clear"].any() and not china.months[7].after["firm"].any()
    assert china.months[7].after["valid"].any()


def test_what_stands_in_test_when_a_gate_shuts_is_stranded_and_leaves_when_it_opens(traced):
    changes = [*EAGER, "china.gate_start=open", "china.ratio=0", "gates.hazard_factor=0", "us.test_days=30"]
    changes += ["us.revocation=2026-08", "us.revocation_months=4"]
    trace = traced(changes, paths=60, months=14)
    shut = range(7, 11)
    waiting = trace.months[6].after["test"]
    assert waiting.any()
    for n in shut:
        assert np.array_equal(trace.months[n].after["test"], waiting)
        assert (trace.months[n].out["stranded"] >= waiting - TOLERANCE).all()
    opened = trace.months[11]
    assert not opened.out["stranded"].any()
    room = (share_limit(trace, opened) > 0.0).all()
    assert room and opened.out["shipped"].any()

"""Steps 4 and 5: what Chinese makers can deliver, and who buys it."""

from __future__ import annotations

from typing import NamedTuple

from dualtrack.simulate import dated
from dualtrack.simulate.arrays import Array, Values, lagged, part_of, positive, pushed, total
from dualtrack.simulate.demand import Demand
from dualtrack.simulate.model import H100_TPP
from dualtrack.simulate.month import Month

MONTHS_TO_FULL_SHARE = 12.0
NEWEST_SHARE = 0.5
FEWEST_WAFERS = 5000.0


class Supply(NamedTuple):
    """Packages and units that became ready this month, and what limits them, shape (path,)."""

    huawei: Array
    other: Array
    die_bank: Array
    memory: Array
    memory_binds: Array
    dies_bind: Array
    cost: Array
    h100e: Array
    training: Array
    power_kw: Array


class Purchases(NamedTuple):
    """Domestic chips delivered to each buyer, shape (buyer, path), and what is left unsold.

    `for_ratio`: those that nobody would have bought without the ratio, shape (path,).
    """

    units: Array
    owed: Array
    left: Array
    spent: Array
    set_aside: Array
    credit: Array
    push_history: Array
    for_ratio: Array


def wafer_capacity(month: Month, number: Array) -> Array:
    """Advanced wafers a month at some month, on straight lines through the year-end figures."""
    xp, values = month.xp, month.values
    last_year_end, first_year_end = month.at(dated.LAST_YEAR_END), month.at(dated.FIRST_YEAR_END)
    before, first, second = (values[f"domestic.wafers_{end}"] for end in ("at_start", "year_1", "year_2"))
    early = before + (first - before) * (number - last_year_end) / 12.0
    late = first + (second - first) * (number - first_year_end) / 12.0
    central = xp.where(number < first_year_end, early, late)
    return xp.maximum(central * values["domestic.wafer_capacity_factor"], FEWEST_WAFERS)


def die_yield(month: Month, number: Array, volume_ratio: Array) -> Array:
    """Part of dies that are good: the logit rises with time and with volume above the baseline."""
    xp, values = month.xp, month.values
    start, before = values["domestic.yield_start"], values["domestic.yield_year_before"]
    logit = xp.log(start / (1.0 - start))
    # Before the first year the logit lies on the line between the two dated estimates.
    rise_months = dated.FIRST_YEAR_BEGIN - dated.YEAR_BEFORE
    past = (logit - xp.log(before / (1.0 - before))) / rise_months
    since = number - month.at(dated.FIRST_YEAR_BEGIN)
    logit = logit + xp.where(since > 0.0, values["domestic.yield_trend"], past) * since
    logit = logit + values["domestic.learning"] * xp.log(volume_ratio)
    risen = 1.0 / (1.0 + xp.exp(-logit))
    # A start above the ceiling stays where it is; it does not fall back to the ceiling.
    return xp.minimum(risen, xp.maximum(values["domestic.yield_ceiling"], start))


def huawei_generation(month: Month) -> tuple[Array, Array]:
    """Compute and training weight of the mean Ascend package: new generations enter over a year."""
    xp, model = month.xp, month.model
    h100e, training = model.first_generation.h100e, model.first_generation.training_weight
    for generation in model.generations:
        age = (month.number - generation.first_month) / MONTHS_TO_FULL_SHARE
        share = NEWEST_SHARE * xp.clip(age, 0.0, 1.0)
        h100e = h100e + share * (generation.h100e - h100e)
        training = training + share * (generation.training_weight - training)
    return xp.asarray(h100e), xp.asarray(training)


def supply(month: Month, state: Values) -> Supply:
    """Dies, memory and packaging give packages; the other makers follow a simple ramp."""
    xp, values = month.xp, month.values
    wafers_at = month.number - values["domestic.wafer_to_sale_months"]
    lag = xp.rint(values["domestic.wafer_to_sale_months"] + values["domestic.response_months"])
    ratio = 1.0 + values["domestic.response_elasticity"] * lagged(xp, state["push"], lag.astype(int))
    good = (
        wafer_capacity(month, wafers_at)
        * ratio
        * values["domestic.ascend_wafer_share"]
        * values["domestic.dies_per_wafer"]
        * die_yield(month, wafers_at, ratio)
    )
    dies = state["die_bank"] + good
    yearly = values["domestic.memory_ramp"] + values["domestic.memory_rise"] * month.years
    fed = positive(xp, yearly) / 12.0
    memory = state["memory"] + fed * values["domestic.memory_stacks"]
    from_dies = dies / values["domestic.dies_per_package"]
    from_memory = memory / values["domestic.memory_stacks"]
    capacity = values["domestic.packaging_capacity"] * (
        wafer_capacity(month, month.number)
        / wafer_capacity(month, xp.asarray(float(month.at(dated.PACKAGING))))
    )
    started = xp.minimum(xp.minimum(from_dies, from_memory), capacity)
    huawei = started * values["domestic.packaging_yield"]
    other = values["domestic.other_units"] / 12.0 * month.growth("domestic.other_growth")
    both = huawei + other
    part = huawei / xp.maximum(both, 1e-9)
    h_h100e, h_training = huawei_generation(month)

    def mixed(of_huawei: Array, of_other: Array) -> Array:
        return part * of_huawei + (1.0 - part) * of_other

    return Supply(
        huawei,
        other,
        dies - started * values["domestic.dies_per_package"],
        memory - started * values["domestic.memory_stacks"],
        (from_memory <= from_dies) & (from_memory < capacity),
        (from_dies < from_memory) & (from_dies < capacity),
        mixed(values["domestic.huawei_price_usd"], values["domestic.other_price_usd"]),
        mixed(h_h100e, values["domestic.other_h100e"]),
        mixed(h_training, values["domestic.other_h100e"]),
        mixed(values["power.domestic_kw"], values["power.other_kw"]),
    )


def purchases(
    month: Month, state: Values, asked: Demand, made: Supply, refused: Array, cap: Array
) -> Purchases:
    """Serve what the ratio asks for, then what buyers want anyway; credit what is delivered.

    Args:
        refused: Units of appetite that turned away from the channel last month, shape (buyer, path).
        cap: Units each buyer may still be licensed under its US cap, same shape.
    """
    xp, values = month.xp, month.values
    import_weight, basis = month.ratio_weights
    weight = xp.where(basis == 0, 1.0, xp.where(basis == 1, made.cost, made.h100e * H100_TPP))
    affordable = positive(xp, asked.budget) / made.cost
    chip_h100e = float(month.model.chip.h100e or 0.0)
    turned = (asked.decayed + refused) * values["demand.substitution"] * chip_h100e / made.h100e
    wanted = values["buyer.domestic_share"] * asked.budget_of_month / made.cost + turned
    owed = obligations(month, state, asked, import_weight, weight, made.cost, cap)
    owed = xp.minimum(owed, affordable)
    total_wanted = xp.minimum(xp.maximum(wanted, owed), affordable)
    ready = state["domestic_unsold"] + made.huawei + made.other
    first = owed * values["domestic.serve_obligations_first"]
    units = first * part_of(xp, ready, total(first))
    rest = total_wanted - first
    units = units + rest * part_of(xp, positive(xp, ready - total(units)), total(rest))
    extra = total(positive(xp, owed - xp.minimum(wanted, affordable)))
    return Purchases(
        units,
        owed,
        positive(xp, ready - total(units)),
        units * made.cost,
        # Money is set aside for what a buyer means to take, so that a shortage of domestic chips frees
        # none for imports in the same month.
        total_wanted * made.cost,
        state["credit"] + units * weight,
        pushed(xp, state["push"], extra / xp.maximum(made.huawei + made.other, 1.0)),
        # Where makers sell all they have anyway, the ratio moves chips between buyers and sells none more.
        positive(xp, total(units) - positive(xp, total(total_wanted) - extra)),
    )


def obligations(
    month: Month,
    state: Values,
    asked: Demand,
    import_weight: Array,
    weight: Array,
    cost: Array,
    cap: Array,
) -> Array:
    """Domestic chips each buyer still has to buy to clear what it can pay for, shape (buyer, path).

    Under `before` and `with` it buys for the imports it wishes to clear next; under `within` only for
    what was cleared a year ago. A chip bought for the ratio costs money that then buys no import.
    """
    xp, values = month.xp, month.values
    ratio = values["china.ratio"] * ratio_applies(month)
    per_import = ratio * import_weight / weight
    pair_cost = values["vendor.price_usd"] * (1.0 + values["vendor.levy_passed_on"] * month.levy_rate)
    pair_cost = pair_cost + per_import * cost
    wish = xp.minimum(positive(xp, asked.want - state["clear"]), positive(xp, asked.budget) / pair_cost)
    wish = xp.minimum(wish, clearable(month, state, cap))
    wish = wish * (1.0 - month.refused)
    ahead = ratio * import_weight * (state["cleared_net"] + wish)
    later = ratio * import_weight * lagged_clearances(state)
    within = values["china.ratio_timing"] == 2
    return positive(xp, xp.where(within, later, ahead) - state["credit"]) / weight


def clearable(month: Month, state: Values, cap: Array) -> Array:
    """Units a buyer has use for a clearance for: those it holds or may still get a US licence for."""
    return positive(month.xp, cap + state["valid"] - state["clear"])


def ratio_applies(month: Month) -> Array:
    """1 where the gate's state asks for the ratio, else 0."""
    everywhere = month.values["china.ratio_everywhere"] > 0.0
    applies = (month.china == 2) | (everywhere & (month.china == 1))
    return applies * 1.0


def lagged_clearances(state: Values) -> Array:
    """Clearances, net of lapsed, as they stood twelve months ago."""
    return state["cleared_history"][0]

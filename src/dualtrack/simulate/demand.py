"""Step 2: what buyers want of the channel's chip, and the money they have for chips."""

from __future__ import annotations

from typing import NamedTuple

from dualtrack.simulate import dated
from dualtrack.simulate.arrays import Array, Values, total
from dualtrack.simulate.month import Month

MOST_MONTHS_SAVED = 12.0
NO_LIMIT = 1e18  # USD; stands for "no budget" without infinities in the arithmetic


class Demand(NamedTuple):
    """What changed this month, shape (buyer, path)."""

    want: Array
    decayed: Array
    budget: Array
    budget_of_month: Array


def appetite_shares(values: Values) -> Array:
    """Each buyer's part of stated orders, adding to 1."""
    weights = values["buyer.appetite"]
    return weights / total(weights)


def opening_want(values: Values) -> Array:
    """The orders stated for the first year, as far as they are real and stand at the start."""
    real = values["demand.stated_orders"] * values["demand.realism"]
    return appetite_shares(values) * (real * values["demand.standing_share"])


def chip_budget(month: Month) -> Array:
    """What each buyer can spend on chips in a month, in USD, without what it rents abroad."""
    values = month.values
    usd = values["buyer.ai_capex"] * (1e9 / 12.0) / values["money.rmb_per_usd"]
    share = values["demand.chip_share"] * (1.0 - values["demand.rental_share"])
    return usd * (share * month.growth("demand.capex_growth"))


def demand(month: Month, state: Values) -> Demand:
    """Orders for the first year stand at the start or come evenly over it; from the second month by month.

    It grows with capex. What has no firm order decays. Unspent budget is kept for a year at most.
    """
    xp, values = month.xp, month.values
    real = values["demand.stated_orders"] * values["demand.realism"]
    yearly = real * month.growth("demand.capex_growth")
    still_to_come = real * (1.0 - values["demand.standing_share"]) / dated.SECOND_YEAR_BEGIN
    later = month.number >= month.at(dated.SECOND_YEAR_BEGIN)
    new = appetite_shares(values) * xp.where(later, yearly / 12.0, still_to_come)
    decayed = state["want"] * values["demand.decay"]
    of_month = chip_budget(month)
    kept = xp.minimum(state["budget"] + of_month, MOST_MONTHS_SAVED * of_month)
    budget = xp.where(values["demand.budget_limit"] > 0.0, kept, NO_LIMIT)
    return Demand(state["want"] - decayed + new, decayed, budget, of_month)

"""Steps 3, 6 and 7: licences from one gate, clearances from the other, and the orders both allow.

A unit needs both papers. Where a limit holds for all buyers together, papers go first to units that can
be ordered with them this month; so a tighter limit can never raise the total that is ordered.
"""

from __future__ import annotations

from typing import NamedTuple

from dualtrack.simulate.arrays import Array, Values, lagged, part_of, positive, pushed, total
from dualtrack.simulate.domestic import Purchases, clearable, lagged_clearances
from dualtrack.simulate.month import Month

HARDLY_A_UNIT = 1e-6  # buyers buy just enough, so arrears are told from rounding errors by this much
MANY = 1e15  # units; stands for "no limit" without infinities in the arithmetic
LEAST_ACCEPTANCE = 0.01  # keeps the licences that an accepted unit takes finite


class Permits(NamedTuple):
    """What was granted, cleared, ordered and turned down this month, shape (buyer, path)."""

    licensed: Array
    accepted: Array
    refused: Array
    cleared: Array
    ordered: Array
    lapsed_clearances: Array
    want: Array
    valid: Array
    clear: Array
    filed: Array
    issued: Array
    left_share: Array
    left_batch: Array
    left_cap: Array
    in_arrears: Array


def permits(
    month: Month,
    state: Values,
    want: Array,
    budget: Array,
    bought: Purchases,
    price: Array,
    most: Array,
    cap: Array,
) -> Permits:
    """Decide licences and clearances, then order what has both and can be paid.

    Args:
        want: Appetite without a firm order, shape (buyer, path).
        budget: USD each buyer has left, same shape.
        price: What a unit costs the buyer, shape (path,).
        most: Units each buyer may be shipped this month, shape (buyer, path).
        cap: Units each buyer may still be licensed under its US cap, same shape.
    """
    xp, values = month.xp, month.values
    valid, clear = state["valid"], state["clear"]
    acceptance = xp.maximum(values["demand.acceptance"], LEAST_ACCEPTANCE)
    willing = (values["demand.acceptance"] > 0.0) * 1.0

    # US: what is due for decision, within each buyer's cap, in units that will be accepted.
    filed = xp.maximum(state["filed"][-1], state["granted"] + positive(xp, want - valid))
    history = pushed(xp, state["filed"], filed)
    slower = xp.where(month.us == 1, 1.0 / values["us.narrow.delay_factor"], 1.0)
    waiting = lagged(xp, history, xp.rint(values["us.licence_delay_months"]).astype(int)) - state["granted"]
    due = positive(xp, xp.minimum(waiting, want - valid)) * slower * month.may_be_reviewed
    # Who is refused at the other gate has no use for a licence and takes none from the others.
    due = due * (1.0 - month.refused)
    committed = valid + state["firm"] + state["test"] + state["shipped"]
    due = xp.minimum(due * acceptance, cap)
    share = month.headroom(
        "us.share_limit", us__committed_units=total(committed), us__domestic_units=month.us_units
    )
    decided = values["us.licence_throughput"] * slower * acceptance
    licences = xp.minimum(decided, share)

    # China: what each buyer may be cleared for, and what a batch leaves for all.
    entitled, in_arrears = entitlement(month, state, bought)
    asked = positive(xp, want - clear) * (1.0 - month.refused) * (month.china > 0)
    asked = xp.minimum(xp.minimum(asked, entitled), clearable(month, state, cap))
    batches = month.headroom(
        "china.batch_quota",
        china__cleared_of_batches=state["batches_used"],
        china__batches_released_units=state["batches_released"] + month.batch_units,
    )
    batches = xp.minimum(batches, MANY)

    # Orders, in the order that leaves the total as high as the limits allow: units with both papers,
    # with a licence only, with a clearance only, with neither.
    room = xp.minimum(want, positive(xp, budget) / price)
    room = xp.minimum(room, positive(xp, most - state["firm"] - state["test"]))
    both = xp.minimum(xp.minimum(valid, clear), room)
    room = room - both
    needs_clearance = xp.minimum(xp.minimum(valid - both, asked), room)
    needs_clearance = needs_clearance * part_of(xp, batches, total(needs_clearance))
    batches = positive(xp, batches - total(needs_clearance))
    room, asked = room - needs_clearance, asked - needs_clearance
    usable = due * willing
    needs_licence = xp.minimum(xp.minimum(clear - both, usable), room)
    needs_both = positive(xp, xp.minimum(xp.minimum(usable - needs_licence, asked), room - needs_licence))
    needs_both = needs_both * part_of(xp, batches, total(needs_both))
    with_new = needs_licence + needs_both
    new = with_new * part_of(xp, licences, total(with_new))
    left_licences = positive(xp, licences - total(with_new))
    accepted = new + (due - with_new) * part_of(xp, left_licences, total(due - with_new))
    left_batch = positive(xp, batches - total(needs_both))
    spare = asked - needs_both
    cleared = needs_clearance + needs_both + spare * part_of(xp, left_batch, total(spare))
    ordered = both + needs_clearance + new

    licensed = accepted / acceptance
    accepted = accepted * willing
    refused = licensed - accepted
    want = positive(xp, want - ordered - refused)
    valid = positive(xp, valid + accepted - ordered)
    unlimited = positive(xp, clear + cleared - ordered)
    clear = xp.minimum(unlimited, want)
    return Permits(
        licensed,
        accepted,
        refused,
        cleared,
        ordered,
        unlimited - clear,
        want,
        valid,
        clear,
        history,
        state["issued"] + accepted,
        positive(xp, share - total(accepted)),
        positive(xp, left_batch - total(spare)),
        positive(xp, cap - accepted),
        in_arrears,
    )


def entitlement(month: Month, state: Values, bought: Purchases) -> tuple[Array, Array]:
    """Units each buyer may be cleared for this month by tranche and ratio, and whether it is in arrears."""
    xp, values = month.xp, month.values
    weight, _ = month.ratio_weights
    timing = values["china.ratio_timing"]
    within = timing == 2
    tranche = month.headroom("china.tranche", buyer__cleared_this_month=xp.zeros_like(state["clear"]))
    counted = xp.where(within, lagged_clearances(state), state["cleared_net"])
    room, unit = month.row(
        "china.domestic_ratio",
        order__ratio_weight=weight,
        buyer__ratio_cleared=counted * weight,
        buyer__ratio_credit=xp.where(timing == 0, state["credit"], bought.credit),
    )
    # Within a year: nothing new while what was cleared a year ago is not covered, no bound otherwise.
    # Where no path asks for the ratio the limit answers with one number for all.
    room = room + xp.zeros_like(state["clear"])
    in_arrears = within & (room < -HARDLY_A_UNIT * weight)
    asks = unit > 0.0
    ahead = xp.where(asks, positive(xp, room) / xp.where(asks, unit, 1.0), MANY)
    ratio = xp.where(within, xp.where(in_arrears, 0.0, MANY), ahead)
    return xp.minimum(tranche, ratio), in_arrears


def buyer_headroom(month: Month, state: Values) -> Array:
    """Units each buyer may still be licensed under its US cap, shape (buyer, path)."""
    committed = state["valid"] + state["firm"] + state["test"] + state["shipped"]
    cap = month.headroom("us.buyer_cap", buyer__committed_units=committed)
    return month.xp.minimum(cap + month.xp.zeros_like(committed), MANY)


def exportable(month: Month, state: Values) -> Array:
    """Units each buyer may still be shipped this month under tranche and cap, shape (buyer, path)."""
    nothing = month.xp.zeros_like(state["shipped"])
    tranche = month.headroom("china.tranche", buyer__cleared_this_month=nothing)
    cap = month.headroom("us.buyer_cap", buyer__committed_units=state["shipped"])
    return month.xp.minimum(month.xp.minimum(tranche, cap) + nothing, MANY)

"""Steps 8 to 10: the vendor's line and stock, its allocation, and the way through the US laboratory."""

from __future__ import annotations

from typing import NamedTuple

from dualtrack.simulate.arrays import Array, Values, lagged, part_of, positive, pushed, total
from dualtrack.simulate.month import Month
from dualtrack.simulate.policies import allocate

DAYS_IN_MONTH = 365.25 / 12.0


class Inventory(NamedTuple):
    """The vendor's stock after production and sales elsewhere, shape (path,)."""

    stock: Array
    produced: Array
    sold_elsewhere: Array
    line: Array
    starts: Array
    book: Array
    written_down: Array


class Shipped(NamedTuple):
    """Units on their way, shape (buyer, path)."""

    firm: Array
    entered: Array
    test: Array
    left: Array
    stock: Array


def inventory(month: Month, state: Values, waiting: Array) -> Inventory:
    """Restart, lead time, diversion while shut, ageing and write-down.

    Args:
        waiting: Units wanted or ordered that stock and started wafers could still serve, shape (path,).
    """
    xp, values = month.xp, month.values
    flows = (month.us > 0) & (month.china > 0)
    may_start = (month.number >= values["vendor.restart_month"]) & flows
    # The line starts full; while a gate is shut it is given away part by part, and won back after.
    line = xp.where(
        flows,
        state["line"] + (1.0 - state["line"]) * values["vendor.resume_rate"],
        state["line"] * (1.0 - values["vendor.diversion_rate"]),
    )
    needed = positive(xp, waiting - state["stock"] - state["in_process"])
    begun = xp.minimum(values["vendor.line_capacity_units"] * line * may_start, needed)
    starts = pushed(xp, state["starts"], begun)
    lead = xp.rint(values["vendor.lead_time_months"]).astype(int)
    produced = lagged(xp, starts, lead)
    shut = 1.0 - flows
    elsewhere = state["stock"] * values["vendor.sold_elsewhere_rate"] * shut
    stock = state["stock"] + produced - elsewhere
    stopped = ((month.us == 0) & (state["us_before"] > 0)) * values["vendor.stop_write_down"]
    part = 1.0 - (1.0 - stopped) * (1.0 - values["vendor.ageing_rate"] * shut)
    book = xp.minimum(state["book"] + produced, stock)
    written = book * part
    return Inventory(
        stock, produced, elsewhere, line, starts, book - written, written * values["vendor.unit_cost_usd"]
    )


def ship(month: Month, state: Values, firm: Array, stock: Array, most: Array) -> Shipped:
    """Allocate stock to firm orders, send it for test, and let out what both gates let pass.

    Args:
        firm: Firm orders of each buyer, this month's included, shape (buyer, path).
        stock: Units the vendor has, shape (path,).
        most: Units each buyer may be shipped this month, shape (buyer, path).
    """
    xp, model = month.xp, month.model
    flows = ((month.us > 0) & (month.china > 0)) * 1.0
    share = month.headroom(
        "us.share_limit", us__committed_units=total(state["shipped"]), us__domestic_units=month.us_units
    )
    in_test = total(state["test"])
    wanted = xp.minimum(firm, positive(xp, most - state["test"])) * flows
    entered = allocate(
        xp,
        model.policy,
        xp.minimum(stock, positive(xp, share - in_test)),
        wanted,
        [float(buyer.priority) for buyer in model.buyers],
        [-float(buyer.priority) for buyer in model.buyers],
    )
    at_once = xp.clip(1.0 - month.values["us.test_days"] / DAYS_IN_MONTH, 0.0, 1.0)
    ready = xp.minimum(state["test"] + entered * at_once, most) * flows
    left = ready * part_of(xp, share, total(ready))
    # Differences of sums may fall below nothing by a rounding error.
    return Shipped(
        positive(xp, firm - entered),
        entered,
        positive(xp, state["test"] + entered - left),
        left,
        positive(xp, stock - total(entered)),
    )

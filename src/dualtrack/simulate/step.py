"""One month: from a state to the next, and what happened. Pure array code for numpy and jax."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dualtrack.simulate.arrays import Array, Values, positive, pushed, total
from dualtrack.simulate.arrival import KW_PER_MW, arrive, new_power_mw, switch_on
from dualtrack.simulate.binding import binding
from dualtrack.simulate.closings import Closed, close_gates
from dualtrack.simulate.demand import Demand, chip_budget, demand, opening_want
from dualtrack.simulate.domestic import Purchases, Supply, purchases, supply
from dualtrack.simulate.model import Model
from dualtrack.simulate.month import Month, month_of
from dualtrack.simulate.permits import MANY, Permits, buyer_headroom, exportable, permits
from dualtrack.simulate.vendor import Inventory, Shipped, inventory, ship

FILED_MONTHS = 14
START_MONTHS = 13
PUSH_MONTHS = 37
CLEARED_MONTHS = 12


class Decided(NamedTuple):
    """What a month decided, step by step, and the state it decided from: that after the gates' effects."""

    state: Values
    levy: Array
    price: Array
    closed: Closed
    asked: Demand
    made: Supply
    bought: Purchases
    for_imports: Array
    papers: Permits
    firm: Array
    stocked: Inventory
    sent: Shipped


def opening_state(xp: Any, model: Model, values: Values, law: Values, given: Values) -> Values:
    """The state at the end of the month before the first.

    Applications of January 2026 are on file; nothing is licensed, cleared, ordered or delivered.
    """
    month = month_of(xp, model, values, law, given)
    want = opening_want(values)
    none, zero = xp.zeros_like(want), xp.zeros_like(values["vendor.stock_units"])
    filed = xp.concatenate([xp.zeros((FILED_MONTHS - 1, *want.shape)), want[None]])
    spare = values["power.spare_months"] * new_power_mw(month)
    state: Values = dict.fromkeys(
        (
            "valid",
            "clear",
            "firm",
            "test",
            "customs",
            "shipped",
            "granted",
            "issued",
            "cleared_net",
            "credit",
            "import_wait",
            "domestic_wait_mw",
            "refused",
        ),
        none,
    )
    state |= {
        "want": want,
        "cap_left": none + MANY,
        "filed": filed,
        # A tuple, since only its oldest entry is read: nothing is copied when it moves on.
        "cleared_history": (none,) * CLEARED_MONTHS,
        "budget": chip_budget(month) * 0.0,
        "spare_mw": spare,
        "stock": values["vendor.stock_units"] + zero,
        "book": values["vendor.stock_units"] + zero,
        "line": zero + 1.0,
        "in_process": zero,
        "starts": xp.zeros((START_MONTHS, *zero.shape)),
        "us_before": values["us.gate_start"] + zero,
        "die_bank": values["domestic.die_bank"] + zero,
        "memory": values["domestic.memory_stock"] + zero,
        "domestic_unsold": zero,
        "push": xp.zeros((PUSH_MONTHS, *zero.shape)),
        "batches_released": zero,
        "batches_used": zero,
    }
    validity = model.scenario.settings["us.licence_validity_months"]
    if getattr(validity, "value", 0.0) < model.scenario.months:
        depth = 121
        state["issued_history"] = xp.zeros((depth, *want.shape))
    return state


def step(
    xp: Any, model: Model, values: Values, law: Values, state: Values, given: Values
) -> tuple[Values, Values]:
    """Simulate one month.

    Args:
        xp: numpy or jax.numpy.
        values: Drawn inputs, shape (path,) or (buyer, path).
        law: Law parameters the scenario amends, shape (path,).
        state: The state at the end of the month before.
        given: `number`, `us`, `china`, `batch_units` and `law.*` of this month.

    Returns:
        The new state, and the month's outputs by name, shape (path,) or (buyer, path).
    """
    month = month_of(xp, model, values, law, given)
    return month_end(month, decide(month, state))


def decide(month: Month, state: Values) -> Decided:
    """Steps 1 to 10: who may have, order and get what, from the state at the end of the month before."""
    xp, values = month.xp, month.values
    levy = month.levy_rate
    price = values["vendor.price_usd"] * (1.0 + values["vendor.levy_passed_on"] * levy)

    closed = close_gates(month, state, price)
    state = {
        **state,
        "want": closed.want,
        "valid": closed.valid,
        "clear": closed.clear,
        "firm": closed.firm,
        "cleared_net": closed.cleared_net,
        "budget": state["budget"] + closed.refunded,
        "batches_released": closed.batches_released,
        "batches_used": closed.batches_used,
    }
    asked = demand(month, state)
    made = supply(month, state)
    cap = buyer_headroom(month, state)
    # Buyers plan what they owe on the cap as it stood a month ago: a cap lowered now moves no domestic chips
    # from one buyer to another in the same month.
    bought = purchases(month, state, asked, made, state["refused"], state["cap_left"])
    for_imports = positive(xp, asked.budget - bought.set_aside)
    most = exportable(month, state)
    given_papers = permits(month, state, asked.want, for_imports, bought, price, most, cap)
    firm = state["firm"] + given_papers.ordered

    waiting = total(given_papers.want + firm)
    stocked = inventory(month, state, waiting)
    sent = ship(month, state, firm, stocked.stock, most)
    return Decided(
        state, levy, price, closed, asked, made, bought, for_imports, given_papers, firm, stocked, sent
    )


def month_end(month: Month, decided: Decided) -> tuple[Values, Values]:
    """Step 11, then the new state and the month's outputs, as `step` gives them."""
    xp, values = month.xp, month.values
    state, levy, price, closed, asked, made, bought, _, given_papers, _, stocked, sent = decided
    budget = positive(xp, asked.budget - bought.spent - given_papers.ordered * price)
    arrived = arrive(month, state, sent.left)
    powered = switch_on(month, state, arrived.delivered, bought.units, made.power_kw)

    cleared_net = state["cleared_net"] + given_papers.cleared - given_papers.lapsed_clearances
    new_state: Values = {
        "want": given_papers.want,
        "valid": given_papers.valid,
        "clear": given_papers.clear,
        "firm": sent.firm,
        "test": sent.test,
        "customs": arrived.customs,
        "shipped": state["shipped"] + sent.left,
        "filed": given_papers.filed,
        "granted": state["granted"] + given_papers.licensed,
        "issued": given_papers.issued,
        "cleared_net": cleared_net,
        "cleared_history": (*state["cleared_history"][1:], cleared_net),
        "credit": bought.credit,
        "budget": budget,
        "refused": given_papers.refused,
        "cap_left": given_papers.left_cap,
        "stock": sent.stock,
        "book": xp.minimum(stocked.book, sent.stock),
        "line": stocked.line,
        "in_process": positive(xp, state["in_process"] + stocked.starts[-1] - stocked.produced),
        "starts": stocked.starts,
        "us_before": month.us * 1.0,
        "die_bank": made.die_bank,
        "memory": made.memory,
        "domestic_unsold": bought.left,
        "push": bought.push_history,
        "batches_released": state["batches_released"] + month.batch_units,
        "batches_used": state["batches_used"] + total(given_papers.cleared) * (month.china == 2),
        "import_wait": powered.import_wait,
        "domestic_wait_mw": powered.domestic_wait_mw,
        "spare_mw": powered.spare_mw,
    }
    if "issued_history" in state:
        new_state["issued_history"] = pushed(xp, state["issued_history"], given_papers.issued)
    stranded = _stranded(month, sent.test, arrived.customs)
    letter = values["vendor.letter_chip_units"] * ((month.us > 0) & (month.china > 0))
    outputs: Values = {
        "licensed": given_papers.licensed,
        "accepted": given_papers.accepted,
        "refused": given_papers.refused,
        "cleared": given_papers.cleared,
        "ordered": given_papers.ordered,
        "returned": closed.returned,
        "decayed": asked.decayed,
        "entered": sent.entered,
        "shipped": sent.left,
        "delivered": arrived.delivered,
        "powered": powered.imports,
        "stranded": stranded,
        "backlog": given_papers.want + sent.firm + sent.test + arrived.customs,
        "firm": sent.firm,
        "test": sent.test,
        "customs": arrived.customs,
        "domestic_bought": bought.units,
        "obligation": bought.owed,
        "ratio_gap": positive(xp, bought.owed - bought.units),
        "bought_for_ratio": bought.for_ratio,
        "domestic_h100e": bought.units * made.h100e,
        "domestic_on_h100e": powered.domestic_mw * (made.h100e * KW_PER_MW / made.power_kw),
        "domestic_training": bought.units * made.training,
        "import_spend": given_papers.ordered * price,
        "domestic_spend": bought.spent,
        "added_mw": powered.imports * values["power.import_kw"] / 1000.0 + powered.domestic_mw,
        "waiting_mw": powered.import_wait * values["power.import_kw"] / 1000.0 + powered.domestic_wait_mw,
        "stock": sent.stock,
        "book": xp.minimum(stocked.book, sent.stock),
        "produced": stocked.produced,
        "sold_elsewhere": stocked.sold_elsewhere,
        "write_down": stocked.written_down,
        "huawei": made.huawei,
        "other": made.other,
        "domestic_unit_h100e": made.h100e,
        "letter_units": letter,
        "levy_per_unit": values["vendor.price_usd"] * levy,
        "levy": total(sent.entered) * values["vendor.price_usd"] * levy,
        "revenue": total(sent.left) * price,
        "in_arrears": total(given_papers.in_arrears * 1.0),
        "binding": binding(month, state, given_papers, sent.firm, sent.stock, budget, price),
        "power_binds": (total(powered.import_wait) > 1.0) * 1.0,
        "memory_binds": made.memory_binds * 1.0,
        "dies_bind": made.dies_bind * 1.0,
    }
    return new_state, outputs


def _stranded(month: Month, test: Array, customs: Array) -> Array:
    """Units that stand in the United States after the levy, or at Chinese customs, and cannot move."""
    shut = ((month.us == 0) | (month.china == 0)) * 1.0
    blocked = (month.china == 0) * 1.0
    return test * shut + customs * blocked


def law_arrays(model: Model) -> dict[str, np.ndarray[Any, Any]]:
    """The published law by month as the step reads it."""
    return {f"law.{name}": numbers for name, numbers in model.law.items()}

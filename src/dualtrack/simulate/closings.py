"""Step 1: what a gate that has shut takes away. An approval is an option that can be revoked."""

from __future__ import annotations

from typing import NamedTuple

from dualtrack.simulate.arrays import Array, Values, lagged, positive
from dualtrack.simulate.month import Month


class Closed(NamedTuple):
    """State after the gates' effects, and what lapsed, shape (buyer, path)."""

    want: Array
    valid: Array
    clear: Array
    firm: Array
    cleared_net: Array
    refunded: Array
    returned: Array
    batches_released: Array
    batches_used: Array


def close_gates(month: Month, state: Values, price: Array) -> Closed:
    """Void what a shut gate voids; firm orders that can no longer ship go back to appetite.

    A US revocation voids unused licences, a Chinese hold voids unused clearances. The paper of the other
    side stays valid, and is freed when its order falls away. Unused licences also lapse with age.
    """
    barred = (month.us == 0) * 1.0
    blocked = (month.china == 0) * 1.0
    either = month.xp.maximum(barred, blocked)
    returned = state["firm"] * either
    valid = (state["valid"] + returned) * (1.0 - barred)
    held = state["clear"] + returned
    lapsed = held * blocked
    clear = held - lapsed
    if "issued_history" in state:
        validity = month.xp.rint(month.values["us.licence_validity_months"]).astype(int)
        used = state["issued"] - valid
        old = positive(month.xp, lagged(month.xp, state["issued_history"], validity - 1) - used)
        valid = valid - month.xp.minimum(old, valid)
    # A batch's unused part does not outlive the state that released it.
    kept = (month.china == 2) * 1.0
    return Closed(
        state["want"] + returned,
        valid,
        clear,
        state["firm"] - returned,
        state["cleared_net"] - lapsed,
        returned * price,
        returned,
        state["batches_released"] * kept,
        state["batches_used"] * kept,
    )

"""Step 11: through Chinese customs, then into racks as power comes on. Delivered is not switched on."""

from __future__ import annotations

from typing import NamedTuple

from dualtrack.simulate.arrays import Array, Values, positive
from dualtrack.simulate.month import Month
from dualtrack.simulate.vendor import DAYS_IN_MONTH

KW_PER_MW = 1000.0


class Arrived(NamedTuple):
    """Units at customs and delivered this month, shape (buyer, path)."""

    customs: Array
    delivered: Array


class Powered(NamedTuple):
    """What was switched on this month, and the power left over, shape (buyer, path)."""

    imports: Array
    domestic_mw: Array
    import_wait: Array
    domestic_wait_mw: Array
    spare_mw: Array


def arrive(month: Month, state: Values, left_us: Array) -> Arrived:
    """Customs lets goods in only while the gate is not blocked; what is inside then stays there."""
    xp = month.xp
    at_once = xp.clip(1.0 - month.values["china.customs_days"] / DAYS_IN_MONTH, 0.0, 1.0)
    lets_in = (month.china > 0) * 1.0
    delivered = (state["customs"] + left_us * at_once) * lets_in
    return Arrived(positive(xp, state["customs"] + left_us - delivered), delivered)


def new_power_mw(month: Month) -> Array:
    """Megawatts each buyer brings on in a month, from its AI capital expenditure."""
    values = month.values
    usd_bn = values["buyer.ai_capex"] / (12.0 * values["money.rmb_per_usd"])
    return usd_bn * (KW_PER_MW / values["power.usd_bn_per_gw"] * month.growth("demand.capex_growth"))


def switch_on(
    month: Month, state: Values, delivered: Array, domestic_units: Array, domestic_kw: Array
) -> Powered:
    """Imports are switched on before domestic chips; both wait for megawatts."""
    xp, values = month.xp, month.values
    added = new_power_mw(month)
    power = state["spare_mw"] + added
    import_mw = values["power.import_kw"] / KW_PER_MW
    waiting = state["import_wait"] + delivered
    imports = xp.minimum(waiting, power / import_mw)
    power = positive(xp, power - imports * import_mw)
    domestic_wait = state["domestic_wait_mw"] + domestic_units * domestic_kw / KW_PER_MW
    domestic = xp.minimum(domestic_wait, power)
    return Powered(imports, domestic, waiting - imports, domestic_wait - domestic, power - domestic)

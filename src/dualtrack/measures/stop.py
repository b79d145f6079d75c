"""What a stop costs and who bears it: an order by the stage it stands at, and the whole channel by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dualtrack.errors import ScenarioFault, nearest
from dualtrack.futures.draws import Array
from dualtrack.simulate.arrays import Values
from dualtrack.simulate.model import Model

if TYPE_CHECKING:
    import xarray as xr

STAGES = ("licence", "firm", "test", "customs", "delivered")


class Bearers(NamedTuple):
    """USD that each side loses; below nothing where it gains.

    `treasury` is the levy foregone: a transfer, so that it stands beside the order's cost.
    """

    vendor: Array
    buyer: Array
    treasury: Array

    @property
    def parties(self) -> Array:
        """What vendor and buyer lose together."""
        return self.vendor + self.buyer


def order_stop_cost(
    stage: str,
    units: float | Array = 1.0,
    *,
    price_usd: float | Array,
    levy_usd: float | Array,
    levy_passed_on: float | Array,
    resale: float | Array,
    prepaid: float | Array = 0.0,
    prepaid_kept: float | Array = 0.0,
    acceptance: float | Array = 1.0,
) -> Bearers:
    """What a stop costs an order, by who bears it, in USD.

    Args:
        stage: `licence` (granted, not ordered), `firm` (ordered), `test` (in the United States, levy paid),
            `customs` (at the Chinese border), `delivered`. The stop is that of the gate still ahead:
            a US revocation up to `test`, a Chinese hold at `customs`.
        price_usd: Price of a unit before any levy passed on.
        levy_usd: Levy due on a unit, and `levy_passed_on` the part of it that the buyer pays.
        resale: Part of the price that the unit brings elsewhere.
        prepaid: Part of a firm order's price paid in advance, and `prepaid_kept` what the vendor keeps of it.
        acceptance: Part of licensed units that would have been ordered.

    A licence is an option: its loss is that of a firm order times the chance to become one. Before the levy
    is paid the vendor loses price less its part of the levy less resale (nothing where resale brings more)
    and the treasury the levy. Once it is paid, the buyer's part of it is lost with the unit. At customs the
    buyer has paid and the unit can go nowhere. A delivered unit runs on; spare parts are not counted.

    Raises:
        ScenarioFault: There is no such stage.

    >>> parts = {"price_usd": 27000.0, "levy_usd": 6750.0, "levy_passed_on": 0.5, "resale": 0.7}
    >>> [round(float(order_stop_cost(stage, **parts).parties)) for stage in STAGES]
    [4725, 4725, 11475, 30375, 0]
    """
    if stage not in STAGES:
        raise ScenarioFault(
            f"There is no stage {stage!r}. Wanted: {', '.join(STAGES)}.{nearest(stage, STAGES)}"
        )
    units = np.asarray(units)
    nothing = units * price_usd * 0.0
    passed = levy_usd * np.asarray(levy_passed_on)
    if stage == "delivered":
        return Bearers(nothing, nothing, nothing)
    if stage == "customs":
        return Bearers(nothing, units * (price_usd + passed), nothing)
    kept = units * price_usd * np.asarray(prepaid) * prepaid_kept
    if stage == "test":
        return Bearers(units * price_usd * (1.0 - np.asarray(resale)) - kept, units * passed + kept, nothing)
    lost = np.maximum(price_usd * (1.0 - np.asarray(resale)) - (levy_usd - passed), 0.0)
    if stage == "licence":
        units = units * acceptance
        return Bearers(units * lost, nothing, units * levy_usd)
    return Bearers(units * lost - kept, kept, units * levy_usd)


def stop_terms(values: Mapping[str, Array]) -> dict[str, Array]:
    """The terms of a path's orders as `order_stop_cost` takes them, all but the levy, shape (path,)."""
    return {
        "price_usd": values["vendor.price_usd"],
        "levy_passed_on": values["vendor.levy_passed_on"],
        "resale": values["stop.resale"],
        "prepaid": values["stop.prepaid"],
        "prepaid_kept": values["stop.prepaid_kept"],
        "acceptance": values["demand.acceptance"],
    }


def stop_costs(model: Model, values: Values, sums: Values, can_stop: np.ndarray) -> dict[str, Array]:
    """What a US revocation next month would cost each side at month end, shape (month, path).

    Args:
        sums: The months' outputs, summed over buyers.
        can_stop: Whether the US gate is not barred already, same shape.

    Goods at Chinese customs have left the United States, so a US revocation costs them nothing. The
    write-down is on stock beyond firm orders, since the loss on those counts what they bring elsewhere.
    """
    terms, levy = stop_terms(values), sums["levy_per_unit"]
    firm = order_stop_cost("firm", sums["firm"], levy_usd=levy, **terms)
    test = order_stop_cost("test", sums["test"], levy_usd=levy, **terms)
    price = sums["domestic_spend"] / np.maximum(sums["domestic_bought"], 1e-9)
    free = np.maximum(sums["book"] - sums["firm"], 0.0)
    written = free * values["vendor.stop_write_down"] * values["vendor.unit_cost_usd"]
    return {
        "stop_cost_vendor_usd": (firm.vendor + test.vendor + written) * can_stop,
        "stop_cost_buyers_usd": (firm.buyer + test.buyer) * can_stop,
        "stop_cost_treasury_usd": firm.treasury * can_stop,
        "stop_cost_domestic_usd": sums["bought_for_ratio"] * price * can_stop,
        "stop_lost_compute_h100e": (sums["firm"] + sums["test"]) * float(model.chip.h100e or 0.0) * can_stop,
    }


def opening_stop_costs(values: Values, levy_per_unit: Array) -> dict[str, Array]:
    """What a stop costs vendor and buyer for one unit at each stage, on the terms of the first month."""
    terms = stop_terms(values)
    return {
        f"order_stop_{stage}_usd": np.asarray(order_stop_cost(stage, levy_usd=levy_per_unit, **terms).parties)
        for stage in STAGES
    }


def stage_costs(dataset: xr.Dataset) -> dict[str, Array]:
    """A saved run's cost of a stop for one unit by stage, in USD, shape (path,): vendor and buyer together.

    Raises:
        ScenarioFault: The result was made before this measure came.
    """
    names = {stage: f"opening_order_stop_{stage}_usd" for stage in STAGES}
    if any(name not in dataset for name in names.values()):
        raise ScenarioFault("The result has no cost of a stop by stage. Run the scenario again.")
    return {stage: np.asarray(dataset[name].values) for stage, name in names.items()}

"""The outcomes of a block of paths, from the outputs of its months: one array for each row of the table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dualtrack.futures.draws import Array
from dualtrack.measures.by_measure import added_compute, measured_compute
from dualtrack.measures.compute import Compute, compute_stocks
from dualtrack.measures.gap import gap_months
from dualtrack.measures.history import History
from dualtrack.measures.sectors import opening_sectors, sector_compute, sector_shares
from dualtrack.measures.stop import opening_stop_costs, stop_costs
from dualtrack.months import month_label
from dualtrack.simulate import dated
from dualtrack.simulate.arrays import Values, total
from dualtrack.simulate.binding import REASONS
from dualtrack.simulate.inputs import Drawn
from dualtrack.simulate.model import Model

H100_16_BIT_FLOPS = 989.5e12
RUN_SECONDS = 90 * 86400.0


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of a block.

    Attributes:
        totals: By name, shape (month, path).
        buyers: By name, shape (month, buyer, path).
        opening: By name, shape (path,).
        shares: Path-months by month and reason, counts, shape (month, reason), and other counts by month.
    """

    totals: dict[str, Array]
    buyers: dict[str, Array]
    opening: dict[str, Array]
    counts: dict[str, Array]


def outcomes(model: Model, history: History, drawn: Drawn, outputs: Values) -> Outcomes:
    """Turn the months' outputs into outcomes.

    Args:
        outputs: By name, shape (month, path) or (month, buyer, path).
    """
    values = drawn.values
    chip = model.chip
    sums = {name: _over_buyers(array) for name, array in outputs.items()}
    compute = compute_stocks(
        values,
        history,
        model.scenario.start,
        sums["delivered"] * float(chip.h100e or 0.0),
        sums["letter_units"] * float(model.letter_chip.h100e or 0.0),
        sums["domestic_h100e"],
    )
    mainland = 1.0 - values["demand.hong_kong_share"]
    cumulative = {
        name: running_sum(sums[name])
        for name in ("licensed", "cleared", "ordered", "shipped", "delivered", "powered", "refused")
    }
    totals: dict[str, Array] = {f"h200_{name}_cum": array for name, array in cumulative.items()}
    totals |= {
        "h200_delivered_mainland_cum": cumulative["delivered"] * mainland,
        "h200_stranded": sums["stranded"],
        "h200_backlog": sums["backlog"],
        "h200_stock": sums["stock"],
    }
    totals |= _money(values, sums)
    totals |= {
        "domestic_packages": sums["huawei"] + sums["other"],
        "huawei_packages": sums["huawei"],
        "domestic_bought": sums["domestic_bought"],
        "ratio_obligation": sums["obligation"],
        "ratio_shortfall": sums["ratio_gap"],
        "china_added_power_mw": sums["added_mw"],
        "china_waiting_power_mw": sums["waiting_mw"],
        "china_ai_capex": _capex(model, values, sums),
        "largest_run_flop": _largest_run(model, values, outputs, compute),
    }
    totals |= _stop(values, sums, drawn.gates.us > 0)
    totals |= stop_costs(model, values, sums, drawn.gates.us > 0)
    totals |= _stocks(compute, history)
    added = added_compute(model, values, sums)
    totals |= measured_compute(model, values, compute, added)
    shares = sector_shares(values)
    delivered = added.imports["h100e"] + added.domestic["h100e"]
    totals |= sector_compute(model, values, sums, compute, delivered, shares)
    return Outcomes(
        totals,
        _by_buyer(values, outputs),
        _opening(compute, values, month_label(model.scenario.start + dated.LAST_YEAR_END))
        | opening_stop_costs(values, sums["levy_per_unit"][0])
        | opening_sectors(compute, shares),
        _counts(drawn, sums, totals),
    )


def running_sum(flow: Array) -> Array:
    """The sum up to each month, month by month: much faster along the first axis than numpy's own."""
    out = np.empty_like(flow)
    out[0] = flow[0]
    for month in range(1, len(flow)):
        np.add(out[month - 1], flow[month], out=out[month])
    return out


def _over_buyers(array: Array) -> Array:
    return np.stack([total(month) for month in array]) if array.ndim == 3 else array


def _money(values: Values, sums: Values) -> dict[str, Array]:
    letter = sums["letter_units"] * values["vendor.letter_chip_price_usd"]
    return {
        "nvidia_china_ai_revenue": sums["revenue"] + letter,
        "levy_paid": sums["levy"],
        "levy_borne_by_vendor": sums["levy"] * (1.0 - values["vendor.levy_passed_on"]),
        "nvidia_write_down": sums["write_down"],
        "domestic_revenue": sums["domestic_spend"],
    }


def _stop(values: Values, sums: Values, can_stop: np.ndarray) -> dict[str, Array]:
    """What a revocation without notice would cost at month end; nothing while barred."""
    on_the_way = sums["firm"] + sums["test"]
    written = sums["book"] * values["vendor.stop_write_down"] * values["vendor.unit_cost_usd"]
    return {
        "stop_exposure_units": (on_the_way + sums["customs"]) * can_stop,
        "stop_exposure_usd": (on_the_way * values["vendor.price_usd"] + written) * can_stop,
    }


def _capex(model: Model, values: Values, sums: Values) -> Array:
    """Planned spending on everything but chips, and what was in fact spent on chips."""
    months = np.arange(sums["domestic_spend"].shape[0], dtype=float)[:, None]
    growth = values["demand.capex_growth"] ** ((months - dated.FIRST_YEAR_MIDDLE) / 12.0)
    planned = total(values["buyer.ai_capex"]) * (1e9 / 12.0) / values["money.rmb_per_usd"]
    rest: Array = planned * growth * (1.0 - values["demand.chip_share"])
    capex: Array = rest + sums["import_spend"] + sums["domestic_spend"]
    return capex


def _largest_run(model: Model, values: Values, outputs: Values, compute: Compute) -> Array:
    """FLOP of the largest training run that one buyer could do in 90 days with chips in China."""
    shares = values["buyer.fleet_share"]
    opening = shares / np.maximum(total(shares), 1.0) * compute.opening["china"]
    bought = running_sum(outputs["powered"]) * float(model.chip.training_weight or 0.0)
    fleet = opening + bought + running_sum(outputs["domestic_training"])
    largest = fleet[:, 0]
    for buyer in range(1, fleet.shape[1]):
        largest = np.maximum(largest, fleet[:, buyer])
    rate = values["compute.run_fleet_share"] * values["compute.run_utilisation"] * H100_16_BIT_FLOPS
    run: Array = largest * rate * RUN_SECONDS
    return run


def _stocks(compute: Compute, history: History) -> dict[str, Array]:
    return {
        "china_compute_h100e": compute.china,
        "china_official_h100e": compute.china_official,
        "china_smuggled_h100e": compute.china_smuggled,
        "china_rented_h100e": compute.china_rented,
        "us_compute_h100e": compute.us5,
        "world_compute_h100e": compute.world,
        "compute_gap_ratio": compute.us5 / np.maximum(compute.china, 1.0),
        "compute_gap_months": gap_months(
            compute.china, compute.us5, compute.us_scale, compute.opening["us5"], history
        ),
        "china_share_of_world": compute.china / np.maximum(compute.world, 1.0),
        "domestic_share_of_compute_added": compute.domestic_share_added,
    }


def _by_buyer(values: Values, outputs: Values) -> dict[str, Array]:
    return {
        "h200_delivered_cum": running_sum(outputs["delivered"]),
        "h200_powered_cum": running_sum(outputs["powered"]),
        "h200_backlog": outputs["backlog"],
        "domestic_bought_cum": running_sum(outputs["domestic_bought"]),
        "ratio_obligation": outputs["obligation"],
        "added_power_mw_cum": running_sum(outputs["added_mw"]),
    }


def _opening(compute: Compute, values: Values, dated_stocks: str) -> dict[str, Array]:
    suffix = dated_stocks.replace("-", "_")
    return {
        "china_compute_h100e": compute.opening["china"],
        "china_official_h100e": compute.opening["china_official"],
        "china_smuggled_h100e": compute.opening["china_smuggled"],
        "us_compute_h100e": compute.opening["us5"],
        "world_compute_h100e": compute.opening["total"],
        "compute_gap_ratio": compute.opening["us5"] / compute.opening["china"],
        "h200_stock": values["vendor.stock_units"],
        "h200_delivered_cum": np.zeros_like(values["vendor.stock_units"]),
        "h200_stated_orders": values["demand.stated_orders"],
        "h200_backlog": values["demand.stated_orders"] * values["demand.realism"],
        "h200_price_usd": values["vendor.price_usd"],
        f"china_official_h100e_{suffix}": values["world.china_official"],
        f"china_smuggled_h100e_{suffix}": values["world.china_smuggled"],
        f"us_compute_h100e_{suffix}": values["world.us5"],
        f"world_compute_h100e_{suffix}": values["world.total"],
    }


def _counts(drawn: Drawn, sums: Values, totals: dict[str, Array]) -> dict[str, Array]:
    """Numbers of paths by month; they add up over blocks."""

    def by_state(states: np.ndarray, count: int) -> Array:
        return np.stack([(states == state).sum(axis=1) for state in range(count)], axis=1)

    return {
        "us_gate": by_state(drawn.gates.us, 3),
        "china_gate": by_state(drawn.gates.china, 4),
        "binding": by_state(sums["binding"], len(REASONS)),
        "any_delivery": (totals["h200_delivered_cum"] >= 1.0).sum(axis=1),
        "power_binds": sums["power_binds"].sum(axis=1),
        "memory_binds": sums["memory_binds"].sum(axis=1),
        "dies_bind": sums["dies_bind"].sum(axis=1),
        "in_arrears": (sums["in_arrears"] > 0).sum(axis=1),
        "tension": drawn.gates.tension.sum(axis=1),
    }

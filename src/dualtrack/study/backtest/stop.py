"""The stop of April 2025: what the model's measure of a stop says of the state before it, and what the vendor reported."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualtrack.facts.book import FactBook
from dualtrack.futures.draws import Array
from dualtrack.months import parse_month
from dualtrack.results.summary import spread
from dualtrack.study.backtest.cases import SCALES, StopFile
from dualtrack.study.backtest.forecasts import Forecast, Job

ROUNDING = 1e-6  # outcomes are kept in single precision


def stop_jobs(stop: StopFile, book: FactBook) -> list[Job]:
    """The stop and its twin without it; then the stop with the orders that were reported after it."""
    orders, price = book.get(stop.orders.fact), book.get(stop.orders.over).number
    points = [orders.number if end is None else end for end in (orders.low, orders.mid, orders.high)]
    units = ":".join(f"{point * SCALES[orders.unit] / price:.0f}" for point in points)
    reported = (f"{stop.orders.key}={units}", "demand.realism=1", "demand.standing_share=1")
    # The last of a key holds.
    twin = ("us.revocation=none",)
    return [
        Job(stop.scenario),
        Job(stop.scenario, twin),
        Job(stop.scenario, reported),
        Job(stop.scenario, (*reported, *twin)),
    ]


def stop_document(stop: StopFile, book: FactBook, runs: list[Forecast]) -> dict[str, Any]:
    """Exposure before the stop, and what stopped and twin differ by, beside the vendor's figures."""
    reported = _reported(stop, book)
    return {
        "scenario": stop.scenario,
        "before": stop.before,
        "reported": reported,
        "as_known_in_january": _compared(stop, runs[0], runs[1], reported),
        "with_reported_orders": _compared(stop, runs[2], runs[3], reported),
        "orders_fact": stop.orders.fact,
        "why_orders": stop.orders.why,
    }


def _reported(stop: StopFile, book: FactBook) -> dict[str, Any]:
    lost: dict[str, dict[str, Any]] = {
        name: {"usd": _usd(book, quarter.fact), "fact": quarter.fact, "what": quarter.what}
        for name, quarter in stop.quarters.items()
    }
    orders = sum(found["usd"] for found in lost.values())
    charge = _usd(book, stop.charge.fact)
    return {
        **lost,
        "orders": {"usd": orders, "fact": None, "what": "both together: orders that could not be shipped"},
        "charge": {"usd": charge, "fact": stop.charge.fact, "what": stop.charge.what},
        "all": {"usd": orders + charge, "fact": None, "what": "orders and charge together"},
    }


def _usd(book: FactBook, fact_id: str) -> float:
    fact = book.get(fact_id)
    return fact.number * SCALES[fact.unit]


def _compared(stop: StopFile, run: Forecast, twin: Forecast, reported: dict[str, Any]) -> dict[str, Any]:
    place = run.months.index(stop.before)
    exposure = run.outcomes["stop_exposure_usd"][place]
    orders = run.outcomes["stop_exposure_units"][place] * run.price_usd
    after = slice(place + 1, None)
    found = {
        "orders": orders,
        "charge": np.where(exposure - orders > ROUNDING * exposure, exposure - orders, 0.0),
        "all": exposure,
        **{name: _lost(run, twin, quarter.months) for name, quarter in stop.quarters.items()},
        "charge_booked": run.outcomes["nvidia_write_down"][after].sum(axis=0),
    }
    against = {**{name: name for name in found}, "charge_booked": "charge"}
    return {name: _beside(values, reported[against[name]]["usd"]) for name, values in found.items()}


def _lost(run: Forecast, twin: Forecast, months: tuple[str, str]) -> Array:
    """Revenue that the twin has and the stopped run has not, path by path."""
    first, last = (parse_month(month) for month in months)
    inside = [n for n, month in enumerate(run.months) if first <= parse_month(month) <= last]
    name = "nvidia_china_ai_revenue"
    return np.asarray((twin.outcomes[name][inside] - run.outcomes[name][inside]).sum(axis=0))


def _beside(values: Array, reported: float) -> dict[str, Any]:
    return {**spread(values), "reported": reported, "below_reported": float(np.mean(values < reported))}

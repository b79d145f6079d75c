"""The engine's forecasts from each origin: the scenario of that date, run as any scenario is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dualtrack.facts.book import FactBook, load_book
from dualtrack.futures.draws import Array
from dualtrack.months import calendar_quarter, fiscal_quarter, parse_month
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.session import run_prepared
from dualtrack.simulate.inputs import draw
from dualtrack.simulate.run import prepare
from dualtrack.study.backtest.cases import Target
from dualtrack.study.backtest.scores import LEAST
from dualtrack.study.jobs import Arrays

OUTCOMES = (
    "h200_shipped_cum",
    "nvidia_china_ai_revenue",
    "huawei_packages",
    "domestic_packages",
    "compute_gap_ratio",
    "nvidia_write_down",
    "stop_exposure_units",
    "stop_exposure_usd",
)
SHUT = 0


@dataclass(frozen=True)
class Options:
    """What all runs of a back-test share."""

    paths: int | None
    seed: int | None
    facts: tuple[Path, ...]


@dataclass(frozen=True)
class Job:
    """One run: a scenario, and what is changed in it."""

    scenario: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """One run's outcomes.

    Attributes:
        months: Labels of the months.
        outcomes: By name, shape (month, path).
        us, china: Gate states, same shape.
        price_usd: Price of a unit, shape (path,).
        sources: The facts it stands on.
    """

    months: tuple[str, ...]
    outcomes: dict[str, Array]
    us: np.ndarray
    china: np.ndarray
    price_usd: Array
    sources: list[dict[str, object]]

    @property
    def paths(self) -> int:
        return int(self.price_usd.size)

    @property
    def units(self) -> Array:
        """Units shipped by month, shape (month, path)."""
        shipped = self.outcomes["h200_shipped_cum"]
        return np.diff(shipped, axis=0, prepend=np.zeros((1, shipped.shape[1])))

    def of(self, target: Target, period: str) -> Array:
        """What the run says of a period of a target, shape (path,)."""
        flow = self.units if target.outcome == "h200_shipped_cum" else self.outcomes[target.outcome]
        if target.over == "month":
            return np.asarray(flow[self.months.index(period)])
        if target.over == "year":
            return np.asarray(flow.sum(axis=0))
        quarter_of = fiscal_quarter if period.startswith("FY") else calendar_quarter
        inside = [n for n, month in enumerate(self.months) if quarter_of(parse_month(month)) == period]
        return np.asarray(flow[inside].sum(axis=0))

    def chances(self) -> dict[str, float]:
        """The chance of each event within the horizon."""
        shut = self.us == SHUT
        # Open again: some month open after a month shut.
        was_shut = np.logical_or.accumulate(shut, axis=0)
        found = {
            "us_closed": shut.any(axis=0),
            "us_reopened": (was_shut & ~shut).any(axis=0),
            "china_closed": (self.china == SHUT).any(axis=0),
            "zero_month": (self.units < LEAST).any(axis=0),
        }
        return {name: float(np.mean(happened)) for name, happened in found.items()}


def simulate_job(options: Options, job: Job) -> Arrays:
    """Run one job; a worker can import this."""
    book = load_book(options.facts)
    scenario = load_scenario(
        job.scenario, book, changes=job.changes, run={"paths": options.paths, "seed": options.seed}
    )
    task = prepare(scenario, book)
    dataset = run_prepared(task, book)
    # The same draws once more: a dataset counts the states of the gates, events ask for them path by path.
    gates = draw(task.model, task.model.block(0, scenario.paths)).gates
    return {
        **{name: dataset[name].values.astype(np.float64) for name in OUTCOMES},
        "us": gates.us.astype(np.int8),
        "china": gates.china.astype(np.int8),
        "price_usd": dataset["opening_h200_price_usd"].values.astype(np.float64),
        "months": np.array(scenario.month_labels),
        "sources": np.array(dataset.attrs["sources"]),
    }


def forecast_of(arrays: Arrays) -> Forecast:
    """A job's arrays by name."""
    return Forecast(
        months=tuple(str(month) for month in arrays["months"]),
        outcomes={name: arrays[name] for name in OUTCOMES},
        us=arrays["us"],
        china=arrays["china"],
        price_usd=arrays["price_usd"],
        sources=json.loads(str(arrays["sources"])),
    )


def known_by_of(scenario: str, book: FactBook) -> str:
    """The date up to which a scenario sees facts."""
    return load_scenario(scenario, book).known_by.isoformat()

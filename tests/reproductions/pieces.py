"""Computed figures, and the names of the public pieces that make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .cases import Answer, Case

TPP = "dualtrack.entities.Chip.tpp"
DENSITY = "dualtrack.entities.Chip.performance_density"
H100E = "dualtrack.entities.Chip.h100e"
TRAINING = "dualtrack.entities.Chip.training_weight"
DECODE = "dualtrack.entities.Chip.decode_weight"
POWER = "dualtrack.entities.Chip.tdp_w"
RATES = "dualtrack.entities.Chip.dense_tflops"
PRICE_PERFORMANCE = "dualtrack.entities.Chip.usd_per_tflops"
OUTCOME = "dualtrack.rules.Rulebook.outcome"
PARAMETERS = "dualtrack.rules.Rulebook.parameters_on"
ALLOCATE = "dualtrack.simulate.policies.allocate"
FACTS = "dualtrack.facts.book.FactBook.get"
INTERVAL = "dualtrack.facts.ranges.range_of_interval"
QUANTILE = "dualtrack.facts.ranges.Range.quantile"
DRAWS = "dualtrack.futures.draws.draw_ranges"
EQUAL = "dualtrack.futures.draws.Copula.equal"
STOCK = "dualtrack.measures.compute.stock_levels"
PACKAGES = "run:huawei_packages"
RENTED = "run:china_rented_h100e"
LEAD = "run:compute_gap_ratio"
CHINA = "run:china_compute_h100e"
US = "run:us_compute_h100e"
# No piece of the library: the author's own numbers, set against each other.
ARITHMETIC = "arithmetic"


class Figure(NamedTuple):
    """A computed figure and the public pieces that made it.

    `said` is what else there is to know of it; `draws` is how many it is a percentile of.
    """

    value: Answer
    by: tuple[str, ...]
    said: str = ""
    draws: int = 0


Computation = Callable[[Case], Mapping[str, Figure]]


class Computations(dict[str, Computation]):
    """Computations by the id of their case."""

    def reproduces(self, case_id: str) -> Callable[[Computation], Computation]:
        def enter(computation: Computation) -> Computation:
            self[case_id] = computation
            return computation

        return enter


def figure(value: float | None, *by: str, said: str = "", draws: int = 0) -> Figure:
    """A figure that has to be there: a chip without one of its rates would give None."""
    assert value is not None
    return Figure(float(value), by, said, draws)


def ratio(over: float | None, under: float | None) -> float:
    assert over is not None and under is not None
    return over / under

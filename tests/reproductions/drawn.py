"""Cases computed from draws, from recursions, and from runs set against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

import dualtrack
from dualtrack.entities import Chip
from dualtrack.facts.ranges import Range
from dualtrack.futures.draws import Array, Block, Copula, draw_ranges, rank_from_pearson
from dualtrack.measures.compute import stock_levels
from dualtrack.results.summary import LEVELS, spread

from .cases import Case
from .computations import GB300_MEASURES, grown
from .pieces import (
    ARITHMETIC,
    CHINA,
    DRAWS,
    EQUAL,
    FACTS,
    H100E,
    INTERVAL,
    LEAD,
    QUANTILE,
    RENTED,
    STOCK,
    TPP,
    US,
    Computations,
    Figure,
    figure,
    ratio,
)

if TYPE_CHECKING:
    import xarray as xr

COMPUTATIONS = Computations()
reproduces = COMPUTATIONS.reproduces

DRAWN = Block(seed=20260131, start=0, count=50_000)
PATHS, MONTHS = 1_000, 36
# The second generation through gates that stand open, as the H200 has it in `open-door`.
B30A_SOLD = ("second-generation", "china.gate_start=open", "gates.hazard_factor=0", "china.ratio=0")


def ranges_of(case: Case, *names: str) -> dict[str, Range]:
    return {name: case.intervals[name].range() for name in names or case.intervals}


def percentiles(name: str, values: Array, levels: tuple[str, ...], *by: str) -> dict[str, Figure]:
    """Percentiles of draws, under names such as `h20.p5`."""
    found = spread(values)
    return {
        f"{name}.{level}": figure(found[f"p{int(level[1:]):02d}"], *by, draws=values.size) for level in levels
    }


# Draws


@reproduces("epoch.nvidia_units.fy26q1")
@reproduces("epoch.nvidia_units.fy26q3")
def units_of_a_quarter(case: Case) -> Mapping[str, Figure]:
    drawn = draw_ranges(DRAWN, ranges_of(case))
    revenue = case.number("compute_revenue_usd_bn") * 1e9
    found: dict[str, Figure] = {}
    for name in (key.removesuffix("_revenue_share") for key in case.inputs if key.endswith("_revenue_share")):
        price = drawn[f"{name}_price_usd"] * case.number(f"{name}_price_factor")
        units = revenue * case.number(f"{name}_revenue_share") * drawn["hardware_share"] / price
        found |= percentiles(name, units, ("p5", "p50", "p95"), INTERVAL, DRAWS)
    return found


def fleet(case: Case, correlation: float) -> Array:
    """Compute of all chips of a case by draw, in h100e, where every two of them correlate alike."""
    ranges = ranges_of(case)
    copula = Copula.equal(ranges, rank_from_pearson(correlation)) if correlation else None
    drawn = draw_ranges(DRAWN, ranges, copula)
    weights = {name: case.chip(name).h100e or 0.0 for name in case.chips}
    total: Array = sum((drawn[f"{name}_units"] * weight for name, weight in weights.items()), np.zeros(1))
    return total


@reproduces("epoch.nvidia_cumulative_h100e.correlation_a")
def sum_over_chips(case: Case) -> Mapping[str, Figure]:
    levels = ("p5", "p50", "p95")
    apart, together = fleet(case, 0.0), fleet(case, case.number("correlation"))
    return percentiles("uncorrelated", apart, levels, INTERVAL, DRAWS, H100E) | percentiles(
        "correlated", together, levels, INTERVAL, DRAWS, EQUAL, H100E
    )


@reproduces("pilz.owner_gb300e.coreweave")
@reproduces("pilz.owner_gb300e.amazon")
def owned_in_gb300e(case: Case) -> Mapping[str, Figure]:
    ranges = ranges_of(case)
    drawn = draw_ranges(DRAWN, ranges, Copula.equal(ranges, rank_from_pearson(case.number("correlation"))))
    owned = _owned(case)
    found: dict[str, Figure] = {}
    for measure, (weight, by) in GB300_MEASURES.items():
        weights = {
            f"{name}_units": ratio(weight(chip), weight(owned["b300"])) for name, chip in owned.items()
        }
        total = sum((drawn[name] * each for name, each in weights.items()), np.zeros(1))
        medians = sum(float(ranges[name].quantile(0.5)) * each for name, each in weights.items())
        found[f"{measure}.median"] = figure(medians, INTERVAL, QUANTILE, by)
        found |= percentiles(measure, total, ("p10", "p90"), INTERVAL, DRAWS, EQUAL, by)
    return found


def _owned(case: Case) -> dict[str, Chip]:
    """The case's chips by name; the first Trainium, which the catalogue lacks, by the author's figures."""
    owned = {name: case.chip(name) for name in case.chips}
    if "trainium1_units" in case.intervals:
        owned["trainium1"] = replace(
            owned["trainium2"],
            dense_tflops={"fp8": case.number("trainium1_fp8_tflops")},
            memory_bandwidth_gbps=case.number("trainium1_bandwidth_gbps"),
        )
    return owned


@reproduces("cnas2023.pathway2_lognormal")
def median_of_an_interval(case: Case) -> Mapping[str, Figure]:
    median = figure(float(case.intervals["chips_a_year"].range().quantile(0.5)), INTERVAL, QUANTILE)
    return {"median_of_the_ends": median, "published_median": median}


# Recursions


@reproduces("ai2027.world_stock.2025_2027")
def stock_of_the_world(case: Case) -> Mapping[str, Figure]:
    years = (2025, 2026, 2027)
    added = [[case.number(f"dies_{year}") * case.number(f"h100e_per_die_{year}")] for year in years]
    levels = stock_levels(np.array([case.number("stock_2024_h100e")]), np.array(added))
    return {f"stock_{year}": figure(level, STOCK) for year, level in zip(years, levels[:, 0], strict=True)}


@reproduces("dark_compute.prc_stock_2028")
def stock_after_three_years(case: Case) -> Mapping[str, Figure]:
    # More growth is more compute, so a percentile of one is that of the other.
    growth = case.intervals["growth_per_year"].range()
    return {
        level: figure(
            grown(
                case.number("stock_2025_h100e"), float(growth.quantile(LEVELS[level])), case.number("years")
            ),
            INTERVAL,
            QUANTILE,
            RENTED,
        )
        for level in ("p10", "p50", "p90")
    }


# One publisher's units, another's claim


@reproduces("cfr.huawei_share_of_nvidia_2025")
def huawei_over_nvidia(case: Case) -> Mapping[str, Figure]:
    units = {name: case.number(f"{name}_units") for name in case.chips}
    performance = {name: units[name] * ratio(case.chip(name).tpp, 1.0) for name in units}
    nvidia = [name for name in units if name != "ascend_910c"]
    share = performance["ascend_910c"] / sum(performance[name] for name in nvidia)
    return {
        "nvidia_units": figure(sum(units[name] for name in nvidia), FACTS),
        "share": figure(share, TPP, FACTS),
    }


# Brackets: not all inputs are known, so that order and range are what can be tested


@cache
def simulated(scenario: str, *changes: str) -> xr.Dataset:
    return dualtrack.run(scenario, changes=changes, paths=PATHS, months=MONTHS)


def leads(result: xr.Dataset, months: int = MONTHS) -> Array:
    """Stock of five US firms over that of China after the months, by path."""
    found: Array = result["compute_gap_ratio"].values[months - 1]
    return found


def lead_in_compute_added(result: xr.Dataset, months: int = 11) -> Array:
    """What the five US firms added in the months to the end of 2026, over what China added, by path."""
    added = {
        side: result[f"{side}_compute_h100e"].values[months - 1]
        - result[f"opening_{side}_compute_h100e"].values
        for side in ("us", "china")
    }
    # Where China loses more than it gains, nothing was added and the lead has no bound.
    return np.where(
        added["china"] > 0, added["us"] / np.where(added["china"] > 0, added["china"], 1.0), np.inf
    )


def added_lead_without_imports() -> Figure:
    values = lead_in_compute_added(simulated("no-imports"))
    found = spread(values)
    low, high = found["p10"], found["p90"]
    return figure(found["p50"], US, CHINA, said=f"80 % interval {low:.3g} to {high:.3g}", draws=PATHS)


def is_smaller(before: Array, after: Array) -> Figure:
    """Whether the median lead falls from one scenario to the other."""
    medians = float(np.median(before)), float(np.median(after))
    said = (
        f"median {medians[1]:.3g} against {medians[0]:.3g}; smaller in {100 * np.mean(after < before):.0f} % "
        f"of {PATHS:,} paths"
    )
    return Figure(medians[1] < medians[0], (LEAD,), said)


@reproduces("ifp.hopper_gap_bracket")
def compute_behind_a_lead(case: Case) -> Mapping[str, Figure]:
    us = case.number("us_b300e_2026")
    nothing, opened = simulated("no-imports"), simulated("open-door")
    return {
        **{
            f"china_at_{name}": figure(us / case.number(name), ARITHMETIC)
            for name in ("lead_high", "lead_low", "lead_with_h200")
        },
        "lead_without_exports": added_lead_without_imports(),
        "smaller_with_h200": is_smaller(leads(nothing), leads(opened)),
    }


@reproduces("ifp.b30a_gap_bracket")
def order_of_leads(case: Case) -> Mapping[str, Figure]:
    us = case.number("us_b300e_2026")
    without, with_b30a = case.number("lead_without_exports"), case.number("lead_with_b30a_at_most")
    nothing, reviewed, sold = simulated("no-imports"), simulated("h200-truce"), simulated(*B30A_SOLD)
    return {
        "china_without_exports": figure(us / without, ARITHMETIC),
        "china_with_b30a_at_least": figure(us / with_b30a, ARITHMETIC),
        "china_grows_at_least": figure(without / with_b30a, ARITHMETIC),
        "lead_without_exports": added_lead_without_imports(),
        "smaller_case_by_case": is_smaller(leads(nothing), leads(reviewed)),
        "smaller_still_with_b30a": is_smaller(leads(reviewed), leads(sold)),
    }


@reproduces("cnas2025.smuggled_2024")
def total_behind_a_share(case: Case) -> Mapping[str, Figure]:
    chips = case.number("smuggled_chips")
    low, high = (chips / case.number(f"share_{end}_pct") / 1e4 for end in ("high", "low"))
    return {
        "implied_total": figure(
            100.0 * chips / case.number("share_of_training_pct"),
            FACTS,
            said=f"{low:.2g} to {high:.2g} million over the published range of the share",
        )
    }

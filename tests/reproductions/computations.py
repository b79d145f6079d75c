"""How each published figure is computed again: by a piece of the library, from figures that it holds.

A computation gives, for every output of its case, the figure and the public pieces that made it: a name to import,
`run:NAME` for an outcome of a run, or the fact book where the library has no such measure and facts are set against
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np

import dualtrack
from dualtrack.decide.question import law_on, order_question
from dualtrack.entities import Chip, Order, Price, find_buyer
from dualtrack.facts.book import load_book
from dualtrack.rules import Environment, us_export
from dualtrack.simulate.policies import allocate

from .cases import Case, rulebook
from .pieces import (
    ALLOCATE,
    DECODE,
    DENSITY,
    FACTS,
    H100E,
    OUTCOME,
    PACKAGES,
    PARAMETERS,
    POWER,
    PRICE_PERFORMANCE,
    RATES,
    RENTED,
    TPP,
    TRAINING,
    Computations,
    Figure,
    figure,
    ratio,
)

COMPUTATIONS = Computations()
reproduces = COMPUTATIONS.reproduces

# The top of the bounds of the keys that are given it.
NO_LIMIT = 1e8


# Chips and what they weigh


@reproduces("tpp.basic_a")
def performance(case: Case) -> Mapping[str, Figure]:
    found = {name: figure(case.chip(name).tpp, TPP) for name in ("a100", "h200", "h20")}
    return {**found, "h20_density": figure(case.chip("h20").performance_density, DENSITY)}


@reproduces("epoch.china_stock.h100e_a")
def stock_in_h100e(case: Case) -> Mapping[str, Figure]:
    found = {}
    for name in case.chips:
        weight = case.chip(name).h100e
        assert weight is not None
        found[name] = figure(case.number(f"{name}_units") * weight, H100E)
    megawatts = case.number("h20_units") * ratio(case.chip("h20").tdp_w, 1e6)
    return {**found, "h20_power": figure(megawatts, POWER)}


# Weights of a chip against a GB300.
GB300_MEASURES: Mapping[str, tuple[Callable[[Chip], float | None], str]] = {
    "fp8": (lambda chip: chip.h100e, H100E),
    "fp4": (lambda chip: chip.dense_tflops.get("fp4", chip.rate_8bit), RATES),
    "bandwidth": (lambda chip: chip.decode_weight, DECODE),
}


@reproduces("pilz.owner_gb300e.xai")
def stock_in_gb300e(case: Case) -> Mapping[str, Figure]:
    return {
        name: figure(
            sum(
                case.number(f"{owned}_units") * ratio(weight(case.chip(owned)), weight(case.chip("gb300")))
                for owned in ("b200", "hopper")
            ),
            by,
        )
        for name, (weight, by) in GB300_MEASURES.items()
    }


@reproduces("h200_vs_h20.tpp_and_price")
def performance_and_price(case: Case) -> Mapping[str, Figure]:
    prices = {
        name: case.number(f"{name}_module_rmb") / case.number("chips_per_module") for name in case.chips
    }
    # Yuan stand in for dollars on both sides, so the currency falls out.
    priced = {
        name: replace(case.chip(name), price_usd=Price(price, price, price, case.as_of, "yuan"))
        for name, price in prices.items()
    }
    return {
        "tpp_multiple": figure(ratio(priced["h200"].tpp, priced["h20"].tpp), TPP),
        "price_multiple": figure(prices["h200"] / prices["h20"], FACTS),
        "tpp_per_rmb_multiple": figure(
            ratio(priced["h20"].usd_per_tflops, priced["h200"].usd_per_tflops), PRICE_PERFORMANCE, FACTS
        ),
        "h200_rmb_per_chip": figure(prices["h200"], FACTS),
    }


@reproduces("reuters.ascend_vs_h200_specs")
def ascend_over_h200(case: Case) -> Mapping[str, Figure]:
    ascend, h200 = case.chip("ascend_910c"), case.chip("h200")
    return {
        "tpp_ratio": figure(ratio(ascend.tpp, h200.tpp), TPP),
        "bandwidth_ratio": figure(ratio(ascend.decode_weight, h200.decode_weight), DECODE),
    }


@reproduces("ifp.b30a_vs_h20")
def half_a_flagship(case: Case) -> Mapping[str, Figure]:
    b30a, h20 = case.chip("b30a"), case.chip("h20")
    return {"b30a": figure(b30a.tpp, TPP), "multiple_of_h20": figure(ratio(b30a.tpp, h20.tpp), TPP)}


# Rules


def review_of(chip: Chip, day: date, **declared: bool) -> str:
    """The US outcome for an order of the chip to the mainland that meets every condition of the review."""
    return _outcome("us.export", chip, day, declared)


def levy_due(chip: Chip, day: date) -> bool:
    """Whether the duty falls on such an order."""
    return _outcome("us.tariff", chip, day, {}) == "levy_due"


def _outcome(subject: str, chip: Chip, day: date, declared: Mapping[str, bool]) -> str:
    law = law_on(rulebook(), load_book(), day)
    question = order_question(Order(chip, find_buyer("bytedance"), 1, "mainland", "commercial"), law)
    fields = {
        **question.helped(),
        **dict.fromkeys(us_export.CERTIFICATIONS.fields(), True),
        **{name.replace("__", "."): answer for name, answer in declared.items()},
    }
    rank = rulebook().outcome(subject, Environment(fields, law.parameters))
    return rulebook().subject(subject).outcomes[int(rank)]


@reproduces("rule_2026_01.china_a")
def review_and_levy(case: Case) -> Mapping[str, Figure]:
    day = date.fromisoformat(case.as_of)
    reviews = {f"{name}.review": Figure(review_of(case.chip(name), day), (OUTCOME,)) for name in case.chips}
    levies = {f"{name}.levy": Figure(levy_due(case.chip(name), day), (OUTCOME,)) for name in case.chips}
    return reviews | levies


@reproduces("cfr.power_multiple_of_rule")
def ceiling_over_earlier_line(case: Case) -> Mapping[str, Figure]:
    return {"multiple": figure(case.number("new_ceiling") / case.number("earlier_line"), PARAMETERS)}


# Dies, memory, packages


@cache
def packages(
    dies: float = NO_LIMIT,
    dies_per_package: float = 2.0,
    stacks: float = NO_LIMIT,
    stacks_per_package: float = 8.0,
    packaging_yield: float = 1.0,
) -> float:
    """Packages that the first month of a run finishes, from a bank of dies and of memory and nothing new."""
    given = {
        "die_bank": dies,
        "dies_per_package": dies_per_package,
        "memory_stock": stacks,
        "memory_stacks": stacks_per_package,
        "packaging_yield": packaging_yield,
        "packaging_capacity": NO_LIMIT,
        "ascend_wafer_share": 0,
        "memory_ramp": 0,
        "memory_rise": 0,
    }
    result = dualtrack.run(
        changes=[f"domestic.{key}={value}" for key, value in given.items()], paths=1, months=1
    )
    return float(result["huawei_packages"].values.item())


@reproduces("csis.die_bank_to_chips")
def packages_of_a_die_bank(case: Case) -> Mapping[str, Figure]:
    dies, per_package = case.number("dies"), case.number("dies_per_package")
    finished = packages(dies, per_package, packaging_yield=case.number("packaging_yield"))
    return {
        "started": figure(packages(dies, per_package), PACKAGES),
        "finished": figure(finished, PACKAGES),
    }


@reproduces("semianalysis.hbm_stockpile_2025")
def packages_of_a_memory_stock(case: Case) -> Mapping[str, Figure]:
    per_package = case.number("stacks_per_package")
    by_dies, by_memory = case.number("packages_by_dies"), case.number("packages_by_memory")
    fed = packages(stacks=case.number("stacks"), stacks_per_package=per_package)
    free = packages(dies=2 * by_dies, dies_per_package=2)
    bound = packages(
        dies=2 * by_dies, dies_per_package=2, stacks=per_package * by_memory, stacks_per_package=per_package
    )
    return {
        "packages_from_stockpile": figure(fed, PACKAGES),
        "share_lost_to_memory": figure(1 - bound / free, PACKAGES),
    }


@reproduces("lesswrong.910c_vs_gb200")
def packages_in_gb200(case: Case) -> Mapping[str, Figure]:
    made = packages(case.number("dies"), case.number("dies_per_package"))
    weight = ratio(case.chip("ascend_910c").training_weight, case.chip("gb200").training_weight)
    return {"gb200_equivalents": figure(made * weight, PACKAGES, TRAINING)}


@reproduces("rand.tsmc_dies_to_h100")
def packages_in_h100(case: Case) -> Mapping[str, Figure]:
    made = packages(case.number("dies"), case.number("dies_per_package"))
    weight = ratio(case.chip("ascend_910c").tpp, case.chip("h100").tpp)
    return {"h100_equivalents": figure(made * weight, PACKAGES, TPP)}


# Orders, stock, stops, shares


@reproduces("h200.orders_2026.gross")
def orders_against_stock(case: Case) -> Mapping[str, Figure]:
    wanted = np.array([[case.number("units_ordered")]])
    stock = np.array([case.number("stock_units")])
    served = allocate(np, "pro-rata", stock, wanted, [1.0], [1.0])
    return {
        "gross_value": figure(case.number("units_ordered") * case.number("price_usd") / 1e9, FACTS),
        "units_short": figure((wanted - served).sum(), ALLOCATE, FACTS),
    }


@reproduces("nvidia.h20_revocation_2025")
def cost_of_a_stop(case: Case) -> Mapping[str, Figure]:
    charge, unshipped = case.number("charge_usd_bn"), case.number("unshipped_usd_bn")
    quarter = case.number("sold_before_usd_bn") + unshipped
    lost = unshipped + case.number("lost_next_quarter_usd_bn")
    return {
        "quarter_without_stop": figure(quarter, FACTS),
        "revenue_lost": figure(lost, FACTS),
        "charge_and_revenue_lost": figure(charge + lost, FACTS),
        "charge_over_quarter": figure(charge / quarter, FACTS),
    }


@reproduces("bernstein_dec2025.local_supply")
def local_supply(case: Case) -> Mapping[str, Figure]:
    shares = {
        f"supply_over_demand_{year}": figure(
            case.number(f"supply_{year}") / case.number(f"demand_{year}"), FACTS
        )
        for year in (2025, 2027, 2028)
    }
    return {
        **shares,
        "local_share_of_sales_2028": figure(
            case.number("local_sales_2028") / case.number("demand_2028"), FACTS
        ),
        "supply_growth": figure(case.number("supply_2028") / case.number("supply_2025"), FACTS),
    }


@reproduces("idc.china_units_2025")
def shares_of_cards(case: Case) -> Mapping[str, Figure]:
    shares = {
        f"{maker}_share": figure(case.number(maker) / case.number("total"), FACTS)
        for maker in ("nvidia", "domestic", "amd")
    }
    of_domestic = case.number("huawei") / case.number("domestic")
    return {**shares, "huawei_share_of_domestic": figure(of_domestic, FACTS)}


@reproduces("epoch.ownership_share.china")
def share_of_the_world(case: Case) -> Mapping[str, Figure]:
    return {"china_share": figure(case.number("china_h100e") / case.number("world_h100e"), FACTS)}


@cache
def grown(start: float, growth: float, years: float) -> float:
    """A stock of rented compute, h100e, after years of a run at one yearly factor."""
    result = dualtrack.run(
        changes=[f"routes.rented_h100e={start}", f"routes.rented_growth={growth}"],
        paths=1,
        months=round(12 * years),
    )
    return float(result["china_rented_h100e"].values[-1].item())


@reproduces("ai2027.growth_headline")
def compound_growth(case: Case) -> Mapping[str, Figure]:
    start = case.number("start_h100e")
    end = grown(start, case.number("growth_per_year"), case.number("years"))
    return {"factor": figure(end / start, RENTED), "end_stock": figure(end, RENTED)}

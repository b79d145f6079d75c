"""A scenario made ready to simulate: numbers of law by month, buyers, chips, what the events counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from dualtrack.entities import Buyer, Chip, load_buyers, load_chips
from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import FactBook
from dualtrack.facts.events import GateRecord, gate_record
from dualtrack.futures.draws import Array, Block
from dualtrack.months import first_day, parse_month
from dualtrack.rules.environment import Environment
from dualtrack.rules.fields import chip_fields, destination_fields, end_use_fields
from dualtrack.rules.rulebook import Rulebook
from dualtrack.rules.us_export import CONTROLLED_A, REVIEW_IN_FORCE, SUBJECT
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import Scenario
from dualtrack.scenarios.specs import Spec
from dualtrack.simulate.policies import POLICIES

H100_TPP = 15832.0  # 1,979 dense 8-bit TFLOPS x 8 bits
HUAWEI_GENERATIONS = (
    "huawei.ascend_910",
    "huawei.ascend_910b",
    "huawei.ascend_910c",
    "huawei.ascend_950pr",
    "huawei.ascend_960",
    "huawei.ascend_970",
)
LETTER_CHIP = "nvidia.h20_96gb"
# What stood in China at the start, by the key that counts it.
OPENING_CHIPS = {
    "opening_mix.a800": "nvidia.a800",
    "opening_mix.h800": "nvidia.h800_sxm",
    "opening_mix.h20": LETTER_CHIP,
    "opening_mix.ascend_910b": "huawei.ascend_910b",
    "opening_mix.ascend_910c": "huawei.ascend_910c",
}

# A run asks what the gates and limits do, so every order is taken to meet the conditions that its
# parties control; `dualtrack decide` asks about them one by one.
ORDINARY_ORDER = {
    "order.exported_from_us": True,
    "order.us_units_disclosed": True,
    "order.us_supply_sufficient": True,
    "order.no_foundry_diversion": True,
    "order.end_use_permitted": True,
    "order.kyc": True,
    "order.remote_users_disclosed": True,
    "order.no_weight_transfer": True,
    "order.no_algorithm_access": True,
    "order.third_party_test": True,
    "order.need_unmet_at_home": True,
    **destination_fields("mainland"),
    **end_use_fields("commercial"),
}
ORDINARY_BUYER = {
    "order.end_use_barred": False,
    "buyer.headquartered_in_d5": True,
    "buyer.military_links": False,
    "buyer.listed": False,
    "buyer.listed_owner_share": 0.0,
}


@dataclass(frozen=True)
class Generation:
    """An Ascend generation, as the roadmap known by the scenario's date has it."""

    first_month: int
    h100e: float
    training_weight: float
    decode_weight: float
    has_fp8: bool


@dataclass(frozen=True)
class Model:
    """What the step needs and no draw changes. It can be pickled, so that workers need no files.

    Attributes:
        law: Parameter id to its value in each month, shape (month,), as the law was known by the scenario's
            date; unpublished ones are left out.
        licence_free: Whether the United States let the chip go to China without a licence: the China-spec chips
            before the rule of January 2026. The gate then is whether that still holds.
        amended: Keys that amend a law parameter, and which; they are drawn like any input.
        opening_chips: Chips that stood in China at the start, by the key that counts them.
    """

    scenario: Scenario
    rulebook: Rulebook
    law: dict[str, Array]
    licence_free: bool
    amended: dict[str, str]
    buyers: tuple[Buyer, ...]
    records: dict[str, GateRecord]
    first_generation: Generation
    generations: tuple[Generation, ...]
    letter_chip: Chip
    opening_chips: dict[str, Chip]
    policy: str

    @property
    def chip(self) -> Chip:
        return self.scenario.chip

    def block(self, start: int, count: int) -> Block:
        return Block(self.scenario.seed, start, count)


def build_model(scenario: Scenario, book: FactBook, rulebook: Rulebook) -> Model:
    """Make a scenario ready to simulate."""
    keys = load_keys()
    amended = {key: str(keys[key].entry.law) for key in scenario.settings if keys[key].entry.law is not None}
    chips = load_chips()
    _check_figures(scenario.chip)
    licence_free = _needs_no_licence(scenario.chip, rulebook, scenario)
    if not licence_free:
        _check_class(scenario.chip, rulebook, scenario)
    known = [_generation(chips[n]) for n in HUAWEI_GENERATIONS if chips[n].known_by <= scenario.known_by]
    shipped = [one for one in known if one.first_month <= scenario.start]
    return Model(
        scenario=scenario,
        rulebook=rulebook,
        law=_law(rulebook, scenario),
        licence_free=licence_free,
        amended=amended,
        buyers=load_buyers(),
        records={gate: gate_record(gate, scenario.known_by) for gate in ("us", "china")},
        first_generation=shipped[-1],
        generations=tuple(one for one in known if one.first_month > scenario.start),
        letter_chip=chips[LETTER_CHIP],
        opening_chips={key: chips[name] for key, name in OPENING_CHIPS.items()},
        policy=_policy(scenario.settings),
    )


def vary(model: Model, changed: Mapping[str, Spec]) -> Model:
    """The model with other values of some keys that its scenario has set; the chip stays."""
    settings = {**model.scenario.settings, **changed}
    assert len(settings) == len(model.scenario.settings) and "vendor.chip" not in changed
    return replace(model, scenario=replace(model.scenario, settings=settings), policy=_policy(settings))


def _policy(settings: Mapping[str, Spec]) -> str:
    options = load_keys()["vendor.allocation"].entry.options
    assert set(options) == set(POLICIES)
    return options[int(getattr(settings["vendor.allocation"], "value", 0.0))]


def _law(rulebook: Rulebook, scenario: Scenario) -> dict[str, Array]:
    """Every published parameter's value on the first day of each month, as far as it was known."""
    days = [law_day(scenario, n) for n in range(scenario.months)]
    values = [rulebook.parameters_on(day) for day in days]
    return {name: np.array([float(value[name]) for value in values]) for name in values[0]}


def last_law_day(scenario: Scenario) -> date:
    """The day after which a run reads no law."""
    return law_day(scenario, scenario.months - 1)


def law_day(scenario: Scenario, months: int) -> date:
    """The day whose law a month has: its first, but no day after the one on which the scenario was made."""
    return min(first_day(scenario.start + months), scenario.known_by + timedelta(days=1))


def _needs_no_licence(chip: Chip, rulebook: Rulebook, scenario: Scenario) -> bool:
    """Whether the rules of the start let the chip go without a licence, in the time before any review rule."""
    law = rulebook.parameters_on(law_day(scenario, 0))
    fields = {name: value for name, value in chip_fields(chip).items() if value is not None}
    environment = Environment({**fields, **ORDINARY_ORDER, **ORDINARY_BUYER}, law)
    if REVIEW_IN_FORCE.truth(environment) is not False:
        return False
    return int(rulebook.outcome(SUBJECT.id, environment)) == SUBJECT.rank("not_controlled")


def _check_figures(chip: Chip) -> None:
    """Refuse a chip of which a figure that a run needs is not published."""
    missing = [
        name
        for name in ("tpp", "h100e", "training_weight", "memory_bandwidth_gbps")
        if getattr(chip, name) is None
    ]
    if missing:
        raise ScenarioFault(
            f"vendor.chip: {chip.id} has no {', '.join(missing)} in the catalogue, so it cannot be traded in a run."
        )


def _check_class(chip: Chip, rulebook: Rulebook, scenario: Scenario) -> None:
    """Refuse a chip outside the class that is reviewed."""
    law = rulebook.parameters_on(law_day(scenario, 0))
    if chip.country != "US" or CONTROLLED_A.truth(Environment(chip_fields(chip), law)) is False:
        raise ScenarioFault(
            f"vendor.chip: {chip.id} is no chip that the United States reviews under ECCN 3A090.a, so the channel "
            "cannot trade it.\n  Chips below that line are simulated beside it: vendor.letter_chip_units."
        )


def _generation(chip: Chip) -> Generation:
    assert chip.h100e is not None and chip.training_weight is not None and chip.first_shipped is not None
    assert chip.decode_weight is not None
    return Generation(
        parse_month(chip.first_shipped), chip.h100e, chip.training_weight, chip.decode_weight, chip.has_fp8
    )

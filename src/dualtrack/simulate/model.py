"""A scenario made ready to simulate: numbers of law by month, buyers, chips, what the events counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dualtrack.entities import Buyer, Chip, load_buyers, load_chips
from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import FactBook
from dualtrack.facts.events import GateRecord, gate_record
from dualtrack.futures.draws import Array, Block
from dualtrack.months import first_day, parse_month
from dualtrack.rules.environment import Environment
from dualtrack.rules.fields import chip_fields
from dualtrack.rules.rulebook import Rulebook
from dualtrack.rules.us_export import CONTROLLED_A
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import Scenario
from dualtrack.scenarios.specs import Spec
from dualtrack.simulate.policies import POLICIES

H100_TPP = 15832.0  # 1,979 dense 8-bit TFLOPS x 8 bits
HUAWEI_GENERATIONS = ("huawei.ascend_950pr", "huawei.ascend_960", "huawei.ascend_970")
HUAWEI_FIRST = "huawei.ascend_910c"
LETTER_CHIP = "nvidia.h20_96gb"
# What stood in China at the start, by the key that counts it.
OPENING_CHIPS = {
    "opening_mix.a800": "nvidia.a800",
    "opening_mix.h800": "nvidia.h800_sxm",
    "opening_mix.h20": LETTER_CHIP,
    "opening_mix.ascend_910b": "huawei.ascend_910b",
    "opening_mix.ascend_910c": HUAWEI_FIRST,
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
        law: Parameter id to its value in each month, shape (month,); unpublished ones are left out.
        amended: Keys that amend a law parameter, and which; they are drawn like any input.
        opening_chips: Chips that stood in China at the start, by the key that counts them.
    """

    scenario: Scenario
    rulebook: Rulebook
    law: dict[str, Array]
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
    _check_chip(scenario.chip, rulebook, scenario)
    return Model(
        scenario=scenario,
        rulebook=rulebook,
        law=_law(rulebook, scenario),
        amended=amended,
        buyers=load_buyers(),
        records={gate: gate_record(gate, scenario.known_by) for gate in ("us", "china")},
        first_generation=_generation(chips[HUAWEI_FIRST]),
        generations=tuple(
            _generation(chips[name])
            for name in HUAWEI_GENERATIONS
            if chips[name].known_by <= scenario.known_by
        ),
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
    """Every published parameter's value on the first day of each month."""
    days = [first_day(scenario.start + n) for n in range(scenario.months)]
    values = [rulebook.parameters_on(day) for day in days]
    return {name: np.array([float(value[name]) for value in values]) for name in values[0]}


def _check_chip(chip: Chip, rulebook: Rulebook, scenario: Scenario) -> None:
    """Refuse a chip that a run cannot trade: one without figures, or outside the class that is reviewed."""
    missing = [
        name
        for name in ("tpp", "h100e", "training_weight", "memory_bandwidth_gbps")
        if getattr(chip, name) is None
    ]
    if missing:
        raise ScenarioFault(
            f"vendor.chip: {chip.id} has no {', '.join(missing)} in the catalogue, so it cannot be traded in a run."
        )
    law = rulebook.parameters_on(first_day(scenario.start))
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

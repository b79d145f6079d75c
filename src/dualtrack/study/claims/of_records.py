"""Measures that need no run: chips against each other, what the rules decide, numbers of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from dualtrack.decide.decision import decide
from dualtrack.decide.declarations import declarable, find_declaration, unknown_declaration
from dualtrack.decide.document import decision_document
from dualtrack.decide.question import Law
from dualtrack.decide.reading import usual_end_use
from dualtrack.entities import Chip, Order, find_buyer, find_chip
from dualtrack.errors import DataFault, ScenarioFault, nearest
from dualtrack.measures.weights import chip_weights
from dualtrack.rules import CHINA_STATES, US_STATES, ParameterValues, gate_amendments, load_rulebook
from dualtrack.rules.fields import DESTINATIONS, END_USES
from dualtrack.rules.labels import label_of
from dualtrack.study.claims.entries import ALL, MeasureEntry, OrderEntry
from dualtrack.study.claims.runs import JUDGED, CannotBeJudged, Ground, Plan
from dualtrack.study.claims.sample import Sample

# How two chips can be compared: what is read of each, what it is called, and the chip's fields behind it.
FIGURES: Mapping[str, tuple[Callable[[Chip], float | None], str, str]] = {
    "arithmetic": (lambda chip: chip.h100e, "dense 8-bit rate", "dense_tflops"),
    "bandwidth": (lambda chip: chip.memory_bandwidth_gbps, "memory bandwidth", "memory_bandwidth_gbps"),
    "memory": (lambda chip: chip.memory_gb, "memory size", "memory_gb"),
    "power": (lambda chip: chip.tdp_w, "rated power", "tdp_w"),
    "tpp": (lambda chip: chip.tpp, "total processing performance", "dense_tflops"),
    "price": (lambda chip: chip.price_usd.mid if chip.price_usd else None, "middle price", "price_usd"),
}
# These depend on the mix of work, which is drawn for each future.
WEIGHTS = {"training": "training weight", "serving": "serving weight (roofline of arithmetic and memory)"}
GATE_STATES = {"us": US_STATES, "china": CHINA_STATES}


@dataclass(frozen=True)
class Chips:
    """One chip over another on one measure."""

    one: Chip
    other: Chip
    by: str
    answers: ClassVar[str] = "number"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Chips:
        names = entry.chips or []
        if len(names) != 2:
            raise ScenarioFault(f"`chips:` wants two chips, for example [H200, H20] (seen: {len(names)})")
        known = [*FIGURES, *WEIGHTS]
        if entry.by not in known:
            seen = "none" if entry.by is None else repr(entry.by)
            hint = nearest(entry.by or "", known)
            raise ScenarioFault(f"`by:` wants one of {', '.join(known)} (seen: {seen}).{hint}")
        if entry.by in WEIGHTS:
            plan.draws(JUDGED)
        return cls(find_chip(names[0]), find_chip(names[1]), entry.by)

    def evaluate(self, ground: Ground) -> Sample:
        for chip in (self.one, self.other):
            if chip.known_by > ground.known_by:
                raise CannotBeJudged(f"figures of {chip.name}: they were not known on {ground.known_by}")
        if self.by in WEIGHTS:
            values = self._weight(ground, self.one) / self._weight(ground, self.other)
            words, fields = WEIGHTS[self.by], {"dense_tflops", "memory_bandwidth_gbps"}
        else:
            read, words, behind = FIGURES[self.by]
            fields = {behind}
            values = np.atleast_1d(self._figure(read, self.one) / self._figure(read, self.other))
        return Sample(
            values,
            "ratio",
            "futures" if self.by in WEIGHTS else "figures",
            f"{self.one.name} over {self.other.name}: {words}",
            cited=tuple(row for chip in (self.one, self.other) for row in _chip_rows(chip, fields)),
        )

    def _figure(self, read: Callable[[Chip], float | None], chip: Chip) -> float:
        found = read(chip)
        if not found:
            raise CannotBeJudged(f"{self.by} of {chip.name}: not published")
        return float(found)

    def _weight(self, ground: Ground, chip: Chip) -> np.ndarray:
        for figure in (chip.h100e, chip.training_weight, chip.decode_weight):
            if figure is None:
                raise CannotBeJudged(f"rates and bandwidth of {chip.name}: not all are published")
        return np.asarray(chip_weights(ground.lived(JUDGED).values, chip)[self.by], dtype=np.float64)


def _chip_rows(chip: Chip, fields: Set[str]) -> list[dict[str, Any]]:
    """The sources of the figures that were read."""
    return [
        {
            "fact": None,
            "chip": chip.id,
            "what": f"{chip.name}: {', '.join(name for name in part.fields if name in fields)}",
            "publisher": part.source.publisher,
            "title": part.source.title,
            "address": part.source.address,
            "published": part.source.published,
            "confidence": part.confidence,
        }
        for part in chip.sources
        if fields & set(part.fields)
    ]


@dataclass(frozen=True)
class Decided:
    """What the rules answer to an order, under the law of the day and states of both gates."""

    order: Order
    us_gate: str | None
    china_gate: str | None
    us_units: float | None
    ratio: float | None
    read: str

    @property
    def answers(self) -> str:
        return "number" if self.read == "levy_rate" else "word"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Decided:
        asked = entry.decide
        assert asked is not None
        for gate, state in (("us", asked.us_gate), ("china", asked.china_gate)):
            known = GATE_STATES[gate]
            if state is not None and state not in known:
                raise ScenarioFault(
                    f"{gate}_gate has no state {state!r}.{nearest(state, known)} Known: {', '.join(known)}"
                )
        buyer = find_buyer(asked.buyer)
        order = Order(
            find_chip(asked.chip),
            buyer,
            asked.units,
            _one_of("destination", asked.destination, DESTINATIONS),
            _one_of("end_use", asked.end_use or usual_end_use(buyer), END_USES),
            None,
            _declarations(asked),
        )
        return cls(order, asked.us_gate, asked.china_gate, asked.us_units, asked.ratio, entry.read)

    def evaluate(self, ground: Ground) -> Sample:
        law = self._law(ground)
        try:
            decision = decide(self.order, law, us_units=self.us_units, ratio=self.ratio)
            document = decision_document(decision)
        except DataFault as error:
            raise CannotBeJudged(str(error).splitlines()[0].rstrip(".")) from None
        states = ", ".join(
            f"{name} gate {state}"
            for name, state in (("US", self.us_gate), ("Chinese", self.china_gate))
            if state is not None
        )
        what = f"{self.order.units:,} {self.order.chip.name} for {self.order.buyer.name}" + (
            f"; {states}" if states else f"; under the law of {law.on}"
        )
        cited = tuple(dict(row) for row in document["sources"])
        if self.read == "levy_rate":
            rate = np.array([float(document["levy"]["rate"])])
            return Sample(rate, "fraction", "rules", f"levy rate on {what}", cited=cited)
        word = str(document[self.read]["outcome"])
        return Sample(np.array([1.0]), "word", "rules", what, cited=cited, word=word)

    def _law(self, ground: Ground) -> Law:
        law = ground.law
        amended: dict[str, Any] = {}
        for gate, state in (("us", self.us_gate), ("china", self.china_gate)):
            if state is None:
                continue
            place = GATE_STATES[gate].index(state)
            try:
                amended |= gate_amendments()[gate][place].values(law.parameters)
            except DataFault as error:
                raise CannotBeJudged(str(error).splitlines()[0].rstrip(".")) from None
            if gate == "china":
                amended["china.gate.reported"] = place
        return replace(law, parameters=ParameterValues(law.on, law.rulebook.parameters, amended))


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    word = value.strip().lower().replace("-", "_")
    if word not in known:
        raise ScenarioFault(f"{name} {value!r} is not known.{nearest(word, known)} Known: {', '.join(known)}")
    return word


def _declarations(asked: OrderEntry) -> dict[str, bool]:
    """Every answer as it helps the order for `all`, with the others over them."""
    given = {**asked.declare, **asked.except_}
    out = {name: bool(label_of(name).wanted) for name in declarable()} if given.pop(ALL, False) else {}
    for name, answer in given.items():
        field = find_declaration(name)
        if field is None:
            raise ScenarioFault(unknown_declaration(name))
        out[field] = answer
    return out


@dataclass(frozen=True)
class RuleNumber:
    """A number of the rules on the day up to which facts are seen."""

    parameter: str
    answers: ClassVar[str] = "number"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> RuleNumber:
        name = str(entry.parameter)
        known = load_rulebook(plan.book).parameters
        if name not in known:
            raise ScenarioFault(f"the rules have no parameter {name!r}.{nearest(name, known)}")
        return cls(name)

    def evaluate(self, ground: Ground) -> Sample:
        law = ground.law
        parameter = law.rulebook.parameters[self.parameter]
        try:
            value = parameter.value_on(law.on)
        except DataFault:
            if not parameter.unpublished:
                raise CannotBeJudged(f"a value of {self.parameter} in force on {law.on}") from None
            raise CannotBeJudged(f"a published value of {self.parameter}: {parameter.unpublished}") from None
        facts = tuple(f for dated in parameter.history if dated.covers(law.on) for f in dated.facts)
        return Sample(np.array([value]), parameter.unit, "rules", parameter.what, facts)


@dataclass(frozen=True)
class Missing:
    """Something that nothing here can measure, said so that nobody takes the rest for all of it."""

    what: str
    answers: ClassVar[str] = "any"

    @classmethod
    def of(cls, entry: MeasureEntry, plan: Plan) -> Missing:
        return cls(str(entry.missing))

    def evaluate(self, ground: Ground) -> Sample:
        raise CannotBeJudged(self.what)

"""A chip against every threshold of a day: paragraph, exception, window, duty band, letters, and the lines it is near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dualtrack.decide.answer import outcome_name
from dualtrack.decide.gates import SHARES, Question, gate_outcomes
from dualtrack.decide.question import Law, open_fields
from dualtrack.entities import BITS, Chip
from dualtrack.rules import Bounds, Condition, Environment
from dualtrack.rules.conditions import Comparison
from dualtrack.rules.environment import Tree
from dualtrack.rules.fields import (
    CHIP_FIGURES,
    chip_fields,
    chip_spans,
    destination_fields,
    end_use_fields,
)
from dualtrack.rules.labels import label_of
from dualtrack.rules.terms import Field, Param
from dualtrack.rules.us_export import (
    CONTROLLED_2022,
    CONTROLLED_A,
    CONTROLLED_B,
    EXCEPTION_NAC,
    LETTER_REACHED,
    NOTE_2,
    SUBJECT,
    WINDOW,
)
from dualtrack.rules.us_tariff import BANDS

PARAGRAPH_A, PARAGRAPH_B, UNDETERMINED = "3A090.a", "3A090.b", "undetermined"

# What is asked of a chip, each with the switch that puts it in force.
_TESTS: Final[Mapping[str, tuple[str, Condition]]] = {
    "paragraph_2022": ("us.control_2022.in_force", CONTROLLED_2022),
    "paragraph_a": ("us.control.in_force", CONTROLLED_A & ~NOTE_2),
    "paragraph_b": ("us.control.in_force", ~CONTROLLED_A & CONTROLLED_B & ~NOTE_2),
    "exception_nac": ("us.control.in_force", EXCEPTION_NAC),
    "review_window": ("us.review.in_force", WINDOW),
    "tariff_band_1": ("us.levy.in_force", BANDS[1]),
    "tariff_band_2": ("us.levy.in_force", BANDS[2]),
    "letter_2025": ("us.letter.in_force", LETTER_REACHED),
}


@dataclass(frozen=True)
class Line:
    """A threshold that, were it crossed, would change how the chip is classified.

    Attributes:
        margin: What the chip has less the line: below zero where it is below.
    """

    parameter: str
    field: str
    line: float
    seen: float
    changes: tuple[str, ...]

    @property
    def margin(self) -> float:
        return self.seen - self.line


@dataclass(frozen=True)
class Classification:
    """What a chip is on a day. None: not in force, or not known; `undetermined` names the second kind.

    Attributes:
        review_window: The two axes alone; the review has more conditions.
        letter_2025: Whether it reaches the letters' measure, be it controlled by its performance too or not.
        outcome: Of the US rules, for an order to the mainland that declares all that helps; None for a chip made in China.
        by_precision: TPP and window of each precision taken alone.
        undetermined: Tests that hang on figures, with the fields they hang on.
        lines: Thresholds near which it stands, the nearest first.
    """

    chip: Chip
    law: Law
    eccn: str | None
    exception_nac: bool | None
    review_window: bool | None
    tariff_band: int | None
    letter_2025: bool | None
    outcome: str | None
    window_margin: Mapping[str, float | None]
    by_precision: Mapping[str, Mapping[str, Any]]
    undetermined: Mapping[str, tuple[str, ...]]
    lines: tuple[Line, ...]


def classify(chip: Chip, law: Law) -> Classification:
    """Hold a chip against every threshold in force."""
    environment = Environment({**chip_fields(chip), **chip_spans(chip)}, law.parameters)
    found = {name: _bounds(name, environment) for name in _TESTS}
    truths = {name: None if bounds is None else bounds.truth for name, bounds in found.items()}
    return Classification(
        chip,
        law,
        _eccn(truths, found),
        truths["exception_nac"],
        truths["review_window"],
        next((band for band in BANDS if truths[f"tariff_band_{band}"]), None),
        truths["letter_2025"],
        _outcome(chip, law),
        _window_margin(chip, law),
        _by_precision(chip, law),
        {
            name: _hangs_on(_TESTS[name][1], environment)
            for name, bounds in found.items()
            if bounds is not None and bounds.truth is None
        },
        tuple(_lines(chip, law)),
    )


def _bounds(name: str, environment: Environment) -> Bounds | None:
    switch, condition = _TESTS[name]
    return condition.bounds(environment) if environment.parameter(switch) else None


def _eccn(truths: Mapping[str, bool | None], found: Mapping[str, Bounds | None]) -> str | None:
    asked = {"paragraph_2022": PARAGRAPH_A, "paragraph_a": PARAGRAPH_A, "paragraph_b": PARAGRAPH_B}
    for name, paragraph in asked.items():
        if truths[name]:
            return paragraph
    is_open = any(bounds is not None and bounds.truth is None for bounds in (found[name] for name in asked))
    return UNDETERMINED if is_open else None


def _hangs_on(condition: Condition, environment: Environment) -> tuple[str, ...]:
    spans = {name: environment.fields[name] for name in CHIP_FIGURES}
    return tuple(name for name in condition.fields() if name in spans and spans[name].low < spans[name].high)


def _outcome(chip: Chip, law: Law) -> str | None:
    """What `dualtrack decide` would say at the US gate of a buyer and a use with nothing against them."""
    if chip.country == "CN":
        return None
    use = {**destination_fields("mainland"), **end_use_fields("commercial"), "order.end_use_barred": False}
    question = Question(
        {**open_fields(law), **chip_fields(chip), **dict.fromkeys(SHARES), **use},
        chip_spans(chip),
        law.parameters,
    )
    return outcome_name(law, SUBJECT.id, gate_outcomes(law.rulebook, SUBJECT.id, question))


def _window_margin(chip: Chip, law: Law) -> dict[str, float | None]:
    """Ceiling less figure on both axes, above zero inside; None where the window is not in force."""
    ceilings = {
        "tpp": ("us.review.tpp_ceiling", chip.tpp),
        "bandwidth_gbps": ("us.review.dram_bandwidth_ceiling", chip.memory_bandwidth_gbps),
    }
    if not law.parameters["us.review.in_force"]:
        return dict.fromkeys(ceilings)
    return {
        name: None if seen is None else round(law.parameters[ceiling] - seen, 6)
        for name, (ceiling, seen) in ceilings.items()
    }


def _by_precision(chip: Chip, law: Law) -> dict[str, dict[str, Any]]:
    rates = {name: chip.dense_tflops[name] * bits for name, bits in BITS.items() if name in chip.dense_tflops}
    return {name: {"tpp": tpp, "review_window": _window_alone(chip, tpp, law)} for name, tpp in rates.items()}


def _window_alone(chip: Chip, tpp: float, law: Law) -> bool | None:
    if not law.parameters["us.review.in_force"]:
        return None
    fields = {"chip.tpp": tpp, "chip.dram_bandwidth_gbps": chip_spans(chip)["chip.dram_bandwidth_gbps"]}
    return WINDOW.truth(Environment(fields, law.parameters))


def _lines(chip: Chip, law: Law) -> Iterator[Line]:
    """The lines that change something when only they are crossed, by their distance in parts of the line."""
    middle = chip_fields(chip)
    tried: list[tuple[str, str, float]] = []
    for switch, condition in _TESTS.values():
        if law.parameters[switch]:
            tried += [place for place in _thresholds(condition, law) if middle[place[1]] is not None]
    tried = list(dict.fromkeys(tried))
    if not tried:
        return
    lines = np.array([line for *_, line in tried])
    # Just below, on, and just above each line, with the chip's other figures as they are.
    sides = [np.nextafter(lines, -np.inf), lines, np.nextafter(lines, np.inf)]
    codes = [_codes(_moved(middle, tried, values), law) for values in sides]
    found = []
    for place, (parameter, field, line) in enumerate(tried):
        changes = tuple(name for name in codes[0] if len({_at(side[name], place) for side in codes}) > 1)
        if changes:
            found.append(Line(parameter, field, line, float(middle[field]), changes))
    yield from sorted(found, key=lambda each: abs(each.margin) / each.line)


def _moved(middle: Mapping[str, Any], tried: Sequence[tuple[str, str, float]], values: Any) -> dict[str, Any]:
    """The chip once for each line, with the figure that the line is about moved to a value."""
    moved = dict(middle)
    for name in CHIP_FIGURES:
        own = float("nan") if middle[name] is None else float(middle[name])
        moved[name] = np.where([field == name for _, field, _ in tried], values, own)
    return moved


def _at(holds: Any, place: int) -> bool:
    return bool(holds if np.ndim(holds) == 0 else holds[place])


def _codes(fields: Mapping[str, Any], law: Law) -> dict[str, Any]:
    """Which tests hold for sure, with figures that are not published as NaN."""
    environment = Environment(fields, law.parameters)
    found = {name: _bounds(name, environment) for name in _TESTS}
    return {name: bounds.certain for name, bounds in found.items() if bounds is not None}


def _thresholds(condition: Tree, law: Law) -> Iterator[tuple[str, str, float]]:
    if isinstance(condition, Comparison):
        if isinstance(condition.left, Field) and isinstance(condition.right, Param):
            name = condition.right.name
            yield name, condition.left.name, float(law.parameters[name])
        return
    for child in condition.children():
        yield from _thresholds(child, law)


def classification_document(found: Classification) -> dict[str, Any]:
    """The classification as plain data: one entry of what `dualtrack classify --json` prints."""
    chip = found.chip
    return {
        "chip": chip.id,
        "name": chip.name,
        "vendor": chip.vendor,
        "country": chip.country,
        "announced": chip.announced,
        "known_by": chip.known_by.isoformat(),
        "on": found.law.asked_on.isoformat(),
        "law_on": found.law.on.isoformat(),
        "note": found.law.note,
        "tpp": chip.tpp,
        "tpp_range": _range(chip.tpp_span),
        "set_by": chip.tpp_set_by,
        "performance_density": chip.performance_density,
        "density_range": _range(chip.performance_density_span),
        "memory_bandwidth_gbps": chip.memory_bandwidth_gbps,
        "interconnect_gbps": chip.interconnect_gbps,
        "outcome": found.outcome,
        "eccn": found.eccn,
        "exception_nac": found.exception_nac,
        "review_window": found.review_window,
        "us_availability": chip.commercially_available_us,
        "window_margin": dict(found.window_margin),
        "tariff_band": found.tariff_band,
        "letter_2025": found.letter_2025,
        "by_precision": {name: dict(row) for name, row in found.by_precision.items()},
        "undetermined": {
            name: [_missing(chip, field) for field in fields] for name, fields in found.undetermined.items()
        },
        "lines": [
            {
                "parameter": line.parameter,
                "field": line.field,
                "line": line.line,
                "seen": line.seen,
                "margin": round(line.margin, 6),
                "changes": list(line.changes),
            }
            for line in found.lines
        ],
        "estimated": list(chip.estimated_fields),
        "sources": [
            {
                "fields": list(part.fields),
                "publisher": part.source.publisher,
                "title": part.source.title,
                "address": part.source.address,
                "published": part.source.published,
                "confidence": part.confidence,
            }
            for part in chip.sources
        ],
    }


def _range(span: tuple[float, float] | None) -> list[float] | None:
    return list(span) if span is not None and span[0] < span[1] else None


def _missing(chip: Chip, field: str) -> str:
    span, label = chip_spans(chip)[field], label_of(field)
    if chip_fields(chip)[field] is None:
        return f"{label.label} is not published"
    return f"{label.label} is an estimate, {span.low:,.6g} to {span.high:,.6g}, across a line"

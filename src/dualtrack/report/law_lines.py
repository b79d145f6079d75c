"""The lines that the law of a day draws between chips, by performance and memory bandwidth, in values and in pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dualtrack.report.label_places import Box
from dualtrack.report.marks import Rows, spaced
from dualtrack.rules import ParameterValues
from dualtrack.rules.labels import number_text

Axis = Literal["tpp", "bandwidth"]

WIDE, HIGH = 770, 600
MARGIN = 1.18  # room beyond the outermost chips, as a factor
FONT_SIZE = 11
CHARACTER = 0.6  # mean width of a letter, in parts of the font size
LINE_HEIGHT = 13


@dataclass(frozen=True)
class Line:
    """A threshold on one axis, right across the picture.

    Attributes:
        says: Its name, with the numbers of `parameter` and of `more` in their places.
    """

    switch: str
    axis: Axis
    parameter: str
    says: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Region:
    """A rectangle from the first to the second parameter of each axis; None: without that end."""

    switch: str
    says: str
    tpp: tuple[str | None, str]
    bandwidth: tuple[str | None, str]
    more: tuple[str, ...] = ()


_LINES = (
    Line(
        "us.letter_2022.in_force",
        "tpp",
        "us.letter_2022.operations_min",
        "letters of 2022 from {0}, interconnect {1} GB/s",
        ("us.letter_2022.interconnect_min",),
    ),
    Line(
        "us.control_2022.in_force",
        "tpp",
        "us.control_2022.operations_min",
        "3A090 from {0}, interconnect {1} GB/s",
        ("us.control_2022.interconnect_min",),
    ),
    Line("us.control.in_force", "tpp", "us.control.a1.tpp_min", "3A090.a from {0}"),
    Line(
        "us.control.in_force",
        "tpp",
        "us.control.b1.tpp_min",
        "3A090.b from {0}, density {1} to {2}",
        ("us.control.b1.density_min", "us.control.b1.density_max"),
    ),
    Line(
        "us.control.in_force",
        "tpp",
        "us.control.a2.tpp_min",
        "3A090.a from {0}, density {1}",
        ("us.control.a2.density_min",),
    ),
    Line(
        "us.control.in_force",
        "tpp",
        "us.control.b2.tpp_min",
        "3A090.b from {0}, density {1} to {2}",
        ("us.control.b2.density_min", "us.control.b2.density_max"),
    ),
    Line("us.letter.in_force", "bandwidth", "us.letter.dram_bandwidth_min", "letters of 2025 from {0} GB/s"),
)
WINDOW = Region(
    "us.review.in_force",
    "review window: below {0} TPP and {1} GB/s",
    (None, "us.review.tpp_ceiling"),
    (None, "us.review.dram_bandwidth_ceiling"),
)
BANDS = tuple(
    Region(
        "us.levy.in_force",
        f"duty band {band}",
        (f"us.levy.band_{band}.tpp_above", f"us.levy.band_{band}.tpp_below"),
        (f"us.levy.band_{band}.dram_bandwidth_above", f"us.levy.band_{band}.dram_bandwidth_below"),
    )
    for band in (1, 2)
)


@dataclass(frozen=True)
class Scale:
    """A logarithmic axis: values to pixels and back."""

    low: float
    high: float
    length: float

    def pixel(self, value: float) -> float:
        return self.length * math.log(value / self.low) / math.log(self.high / self.low)

    def value(self, pixel: float) -> float:
        return float(self.low * (self.high / self.low) ** (pixel / self.length))

    @property
    def domain(self) -> list[float]:
        return [self.low, self.high]


def scale_of(values: Sequence[float], length: float) -> Scale:
    return Scale(min(values) / MARGIN, max(values) * MARGIN, length)


def ticks(scale: Scale) -> list[int]:
    """Ones, twos and fives of every power of ten."""
    powers = range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)
    values = [digit * 10**power for power in powers for digit in (1, 2, 5)]
    return [value for value in values if scale.low <= value <= scale.high]


def law_lines(parameters: ParameterValues, x_scale: Scale, y_scale: Scale) -> tuple[Rows, Rows, list[Box]]:
    """The segments of the lines in force, their names, and the room that they take within the picture."""
    lines: Rows = []
    across: list[tuple[float, str]] = []
    names: Rows = []
    taken: list[Box] = []
    for line in _LINES:
        if not parameters[line.switch]:
            continue
        value = float(parameters[line.parameter])
        text = line.says.format(*(number_text(parameters[name]) for name in (line.parameter, *line.more)))
        if line.axis == "tpp":
            lines.append(_segment(x_scale.low, value, x_scale.high, value))
            across.append((y_scale.pixel(value), text))
        else:
            lines.append(_segment(value, y_scale.low, value, y_scale.high))
            names.append(_name(text, value, y_scale.value(HIGH + 10), "center"))
    # At the right, outside the picture; lines with the same value have their names below each other.
    across.sort()
    for place, (_, text) in zip(
        spaced([pixel for pixel, _ in across], least=LINE_HEIGHT, top=HIGH), across, strict=True
    ):
        names.append(_name(text, x_scale.value(WIDE + 6), y_scale.value(place), "left"))
    for region in (WINDOW, *BANDS):
        if parameters[region.switch]:
            lines += _edges(region, parameters, x_scale, y_scale)
    if parameters[WINDOW.switch]:
        text, box = _window_name(parameters, y_scale)
        names.append(_name(text, x_scale.value(4), y_scale.value(HIGH - (box.top + box.bottom) / 2), "left"))
        taken.append(box)
    return lines, names, [*taken, *(_line_box(segment, x_scale, y_scale) for segment in lines)]


def _window_name(parameters: ParameterValues, y_scale: Scale) -> tuple[str, Box]:
    ceilings = (WINDOW.tpp[1], WINDOW.bandwidth[1])
    text = WINDOW.says.format(*(number_text(parameters[name]) for name in ceilings))
    middle = HIGH - y_scale.pixel(parameters[WINDOW.tpp[1]]) - LINE_HEIGHT / 2 - 2
    return text, Box(0, middle - LINE_HEIGHT / 2, 8 + text_width(text), middle + LINE_HEIGHT / 2)


def _edges(region: Region, parameters: ParameterValues, x_scale: Scale, y_scale: Scale) -> Rows:
    left, right = (None if name is None else float(parameters[name]) for name in region.bandwidth)
    bottom, top = (None if name is None else float(parameters[name]) for name in region.tpp)
    assert right is not None and top is not None
    first, floor = left or x_scale.low, bottom or y_scale.low
    edges = [_segment(first, top, right, top), _segment(right, floor, right, top)]
    if bottom is not None:
        edges.append(_segment(first, bottom, right, bottom))
    if left is not None:
        edges.append(_segment(left, floor, left, top))
    return edges


def _segment(bandwidth: float, tpp: float, bandwidth_to: float, tpp_to: float) -> dict[str, Any]:
    return {"bandwidth": bandwidth, "tpp": tpp, "bandwidth_to": bandwidth_to, "tpp_to": tpp_to}


def _name(text: str, bandwidth: float, tpp: float, align: str) -> dict[str, Any]:
    return {"text": text, "bandwidth": bandwidth, "tpp": tpp, "align": align}


def _line_box(segment: Mapping[str, float], x_scale: Scale, y_scale: Scale) -> Box:
    x, to_x = sorted(x_scale.pixel(segment[name]) for name in ("bandwidth", "bandwidth_to"))
    y, to_y = sorted(HIGH - y_scale.pixel(segment[name]) for name in ("tpp", "tpp_to"))
    return Box(x - 1, y - 1, to_x + 1, to_y + 1)


def text_width(text: str) -> float:
    return CHARACTER * FONT_SIZE * len(text)

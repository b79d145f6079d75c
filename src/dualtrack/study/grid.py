"""The grid of a sweep: one or two keys with their values, as they are typed after `--over`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dualtrack.errors import DualtrackError, Fault, ScenarioFault, nearest
from dualtrack.facts.book import FactBook
from dualtrack.months import month_label, parse_month
from dualtrack.scenarios.keys import Key, load_keys
from dualtrack.scenarios.resolve import resolve_text
from dualtrack.scenarios.scenario import RUN_KEYS, load_scenario
from dualtrack.scenarios.specs import Spec

FORM = "KEY=FROM:TO:HOW MANY, for example --over china.ratio=0:3:13, or KEY=VALUE,VALUE,..."
MOST_KEYS = 2
MOST_POINTS = 20_000
MOST_HOURS = 12.0
PART_OF_MEMORY = 0.5
# Measured on one core of the machine of docs/performance.md; an estimate needs no more than its size.
SECONDS_PER_PATH_MONTH = 8e-6
SECONDS_PER_POINT = 0.02
COPIES = 3  # a grid's numbers are held as they come in, put together, and compared


@dataclass(frozen=True)
class Axis:
    """A key and the values it runs through.

    Attributes:
        labels: The values as they would be typed after `--set`.
        specs: What they mean.
    """

    key: Key
    labels: tuple[str, ...]
    specs: tuple[Spec, ...]

    @property
    def numbers(self) -> list[float] | None:
        """The values as numbers; None where they are names, months or ranges."""
        if self.key.kind not in ("number", "integer"):
            return None
        try:
            return [float(label.replace("_", "")) for label in self.labels]
        except ValueError:
            return None


@dataclass(frozen=True)
class Grid:
    """Every combination of the values of one or two keys; the first key changes slowest."""

    axes: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis.labels) for axis in self.axes)

    @property
    def points(self) -> int:
        return math.prod(self.shape)

    def places(self, point: int) -> tuple[int, ...]:
        """The position of a point on each axis."""
        found: list[int] = []
        for count in reversed(self.shape):
            point, place = divmod(point, count)
            found.append(place)
        return tuple(reversed(found))

    def changes(self, point: int) -> dict[str, Spec]:
        """The values of a point by key."""
        return {
            axis.key.id: axis.specs[place] for axis, place in zip(self.axes, self.places(point), strict=True)
        }

    def labels(self, point: int) -> dict[str, str]:
        """The values of a point by key, as typed."""
        return {
            axis.key.id: axis.labels[place] for axis, place in zip(self.axes, self.places(point), strict=True)
        }


def parse_grid(texts: Sequence[str], faults: list[Fault]) -> Grid | None:
    """The grid of the texts after `--over`; what is wrong with them is added to `faults`."""
    if not texts:
        faults.append(Fault(f"names the key to sweep: {FORM}", key="--over"))
        return None
    if len(texts) > MOST_KEYS:
        faults.append(
            Fault(
                f"is given {len(texts)} times; a sweep runs over one key or two. Fix the others with --set",
                key="--over",
            )
        )
    before = len(faults)
    axes: list[Axis] = []
    for text in texts:
        axis = _axis(text, faults)
        if axis is not None and axis.key.id in (one.key.id for one in axes):
            faults.append(
                Fault(f"{axis.key.id} is swept twice; give all its values in one", key=f"--over {text}")
            )
        elif axis is not None:
            axes.append(axis)
    return Grid(tuple(axes)) if len(faults) == before and len(texts) <= MOST_KEYS else None


def _axis(text: str, faults: list[Fault]) -> Axis | None:
    name, equals, values = (part.strip() for part in text.partition("="))

    def fault(what: str) -> None:
        faults.append(Fault(what, key=f"--over {text}"))

    if not name or not equals or not values:
        fault(f"wants {FORM}")
        return None
    keys = load_keys()
    if name in RUN_KEYS:
        fault(
            f"{name} is the same at every point and cannot be swept. Give it once, as an option or with --set"
        )
        return None
    if name not in keys:
        fault(f"there is no key {name!r}.{nearest(name, keys) or ' See them all: dualtrack run --keys.'}")
        return None
    key = keys[name]
    if key.kind == "chip":
        fault(f"{name} cannot be swept: another chip is another law and another market. Run it with --set")
        return None
    try:
        labels = _labels(key, values)
    except DualtrackError as error:
        fault(str(error))
        return None
    specs: list[Spec] = []
    for label in labels:
        try:
            specs.append(resolve_text(key, label))
        except DualtrackError as error:
            fault(str(error))
    if len(set(labels)) < len(labels):
        again = sorted({label for label in labels if labels.count(label) > 1})
        fault(f"{', '.join(again)} stands there more than once")
        return None
    return Axis(key, tuple(labels), tuple(specs)) if len(specs) == len(labels) else None


def _labels(key: Key, values: str) -> list[str]:
    if "," in values:
        labels = [part.strip() for part in values.split(",")]
        if not all(labels):
            raise ScenarioFault("a value between two commas is missing")
        return labels
    if ":" not in values:
        return [values]
    parts = [part.strip() for part in values.split(":")]
    if len(parts) != 3 or key.kind not in ("number", "integer", "month"):
        raise ScenarioFault(f"{values!r} is no row of values for {key.id}. Wanted: {FORM}")
    count = _count(parts[2])
    if key.kind == "month":
        first, last = parse_month(parts[0]), parse_month(parts[1])
        return [month_label(round(month)) for month in _row(first, last, count, "months")]
    low, high = _number(parts[0]), _number(parts[1])
    # Twelve digits, so that a label typed after --set is the very same number.
    return [f"{value:.12g}" for value in _row(low, high, count, "values")]


def _row(low: float, high: float, count: int, what: str) -> list[float]:
    if low > high:
        raise ScenarioFault(f"the {what} run downwards. Put the lower end first")
    if count > 1 and low == high:
        raise ScenarioFault(f"all {count} {what} would be the same")
    if count == 1 and low < high:
        raise ScenarioFault("one value is no row from one end to the other. Wanted: 2 or more, or KEY=VALUE")
    step = (high - low) / max(count - 1, 1)
    values = [low + step * n for n in range(count - 1)] + [high]
    if what == "months" and any(value != round(value) for value in values):
        raise ScenarioFault(
            f"{count} months do not lie evenly between the ends. Wanted: {int(high - low) + 1}, say"
        )
    return values


def _count(text: str) -> int:
    try:
        count = int(text.replace("_", ""))
    except ValueError:
        raise ScenarioFault(f"how many: {text!r} is not a whole number") from None
    if count < 1:
        raise ScenarioFault(f"{count} values are an empty grid. Wanted: 2 or more")
    if count > MOST_POINTS:
        raise ScenarioFault(f"{count:,} values are too many. Wanted: at most {MOST_POINTS:,} points in all")
    return count


def _number(text: str) -> float:
    try:
        number = float(text.replace("_", ""))
        if not math.isfinite(number):
            raise ValueError
    except ValueError:
        raise ScenarioFault(f"{text!r} is not a number") from None
    return number


def month_faults(grid: Grid, scenario: str, book: FactBook, options: dict[str, object]) -> list[Fault]:
    """Decreed months that lie outside the run, where they would do nothing."""
    faults = []
    for axis in grid.axes:
        if axis.key.kind != "month":
            continue
        for label in axis.labels:
            try:
                load_scenario(scenario, book, changes=[f"{axis.key.id}={label}"], run=options)
            except ScenarioFault as error:
                faults.append(Fault(str(error).splitlines()[-1].strip(), key=f"--over {axis.key.id}"))
    return faults


@dataclass(frozen=True)
class Size:
    """How large a sweep is, before it is run.

    Attributes:
        seconds: Estimated, on all processes; of a cluster, on one core.
    """

    grid: Grid
    paths: int
    months: int
    seconds: float
    bytes: int

    def in_words(self) -> str:
        side = " x ".join(map(str, self.grid.shape))
        points = f"{self.grid.points:,} points" + (f" ({side})" if len(self.grid.shape) > 1 else "")
        return (
            f"{points} x {self.paths:,} paths x {self.months} months: about {duration(self.seconds)} "
            f"and {max(self.bytes / 1e6, 1):,.0f} MB of memory"
        )


def size_of(grid: Grid, paths: int, months: int, *, numbers: int, workers: int) -> Size:
    """Estimate a sweep.

    Args:
        numbers: How many numbers of each path and point are kept.
    """
    each = SECONDS_PER_POINT + paths * months * SECONDS_PER_PATH_MONTH
    return Size(
        grid,
        paths,
        months,
        (grid.points + 1) * each / workers,
        COPIES * 8 * (grid.points + 1) * paths * numbers,
    )


def size_fault(size: Size, memory: int | None) -> Fault | None:
    """Why a sweep is too large to start, and how to make it smaller."""
    most_bytes = math.inf if memory is None else PART_OF_MEMORY * memory
    over = max(
        size.grid.points / MOST_POINTS, size.seconds / 3600 / MOST_HOURS, size.bytes / max(most_bytes, 1.0)
    )
    if over <= 1.0:
        return None
    memory_words = "" if memory is None else f" and {most_bytes / 1e6:,.0f} MB here"
    side = len(size.grid.shape)
    fewer = " x ".join(str(max(int(count / over ** (1 / side)), 1)) for count in size.grid.shape)
    return Fault(
        f"the grid is too large: {size.in_words()}. Wanted: at most {MOST_POINTS:,} points, {MOST_HOURS:g} hours{memory_words}.\n"
        f"     Take fewer values ({fewer} would do), fewer --paths or --outcome, or more --workers",
        key="--over",
    )


def duration(seconds: float) -> str:
    """A time in words.

    >>> duration(4), duration(95), duration(5400), duration(200_000)
    ('4 s', '95 s', '90 min', '56 h')
    """
    if seconds < 120:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"

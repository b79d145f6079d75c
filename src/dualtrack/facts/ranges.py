"""Ranges: three numbers (10th, 50th and 90th percentile) read as a quantile function."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from dualtrack.errors import DataFault
from dualtrack.facts.units import whole

Family = Literal[
    "point",
    "two_piece_lognormal",
    "two_piece_normal",
    "two_piece_logit",
    "lognormal",
    "normal",
    "uniform",
    "log_uniform",
    "triangular",
]
Array = npt.NDArray[np.float64]

FAMILIES: tuple[str, ...] = get_args(Family)
_THREE_POINTS = ("point", "two_piece_lognormal", "two_piece_normal", "two_piece_logit")
_ALL_POSITIVE = ("two_piece_lognormal", "lognormal", "log_uniform")
_BY_TWO_ENDS = ("lognormal", "normal")
_WITH_TAILS = (*_BY_TWO_ENDS, "two_piece_lognormal", "two_piece_normal", "two_piece_logit")

# The two ends by the same function as the draws, so that the three points are met exactly.
_Z10 = float(ndtri(0.1))
_Z90 = float(ndtri(0.9))


@dataclass(frozen=True)
class Range:
    """A range of one number and the shape it is drawn from.

    `low`, `mid` and `high` are the 10th, 50th and 90th percentile; for `uniform`, `log_uniform` and
    `triangular` low and high are the ends, and mid is the mode of the triangle. `lognormal` and `normal`
    use low and high only. A two-piece family has its own width on each side of the median. `floor` and
    `ceiling` cut the quantile; for `two_piece_logit` they are the open ends of the scale (0 and 1 if absent).
    """

    low: float
    mid: float
    high: float
    family: Family
    floor: float | None = None
    ceiling: float | None = None

    def __post_init__(self) -> None:
        if faults := self._faults():
            numbers = f"{self.low}, {self.mid}, {self.high}"
            raise DataFault(f"Range {numbers} ({self.family}): {'; '.join(faults)}.")

    def _faults(self) -> list[str]:
        numbers = (self.low, self.mid, self.high)
        if self.family not in FAMILIES:
            return [f"unknown family; known are {', '.join(FAMILIES)}"]
        if not all(math.isfinite(number) for number in numbers):
            return ["low, mid and high must be finite numbers"]
        if not self.low <= self.mid <= self.high:
            return ["wanted low <= mid <= high"]
        faults = []
        if self.family == "point" and self.low != self.high:
            faults.append("a point has one value; choose another family")
        if self.family in _ALL_POSITIVE and self.low <= 0:
            faults.append("this family needs numbers above 0; use two_piece_normal")
        if self.floor is not None and self.floor > self.low:
            faults.append(f"the floor {self.floor} lies above low")
        if self.ceiling is not None and self.ceiling < self.high:
            faults.append(f"the ceiling {self.ceiling} lies below high")
        if self.family == "two_piece_logit":
            start, end = self._scale
            if not start < self.low <= self.high < end:
                faults.append(f"this family needs numbers between {start:g} and {end:g}, ends excluded")
        return faults

    @property
    def _scale(self) -> tuple[float, float]:
        return (
            0.0 if self.floor is None else self.floor,
            1.0 if self.ceiling is None else self.ceiling,
        )

    def quantile(self, u: npt.ArrayLike) -> Array:
        """The value below which a draw falls with probability `u`; same shape as `u`, float64.

        Each element is computed by itself, so an array gives the same bits however it is cut up.

        Raises:
            DataFault: A probability is outside 0..1, or is not a number.

        >>> Range(40, 70, 120, "two_piece_lognormal").quantile([0.1, 0.5, 0.9]).tolist()
        [40.0, 70.0, 120.0]
        """
        given = np.asarray(u, dtype=np.float64)
        # Contiguous: numpy may take another code path, with other last bits, for strided input.
        p = np.ascontiguousarray(given).reshape(-1)
        if not bool(((p >= 0) & (p <= 1)).all()):
            raise DataFault("A quantile was asked for outside the probabilities 0..1.")
        with np.errstate(over="ignore"):  # far out in a tail, infinity is the answer
            values = self._cut(self._values(p))
        return values.reshape(given.shape)

    def _cut(self, values: Array) -> Array:
        floor = self.floor
        if floor is None and self.family in ("normal", "two_piece_normal") and self.low >= 0:
            floor = 0.0
        if floor is not None:
            values = np.maximum(values, floor)
        return values if self.ceiling is None else np.minimum(values, self.ceiling)

    def _values(self, p: Array) -> Array:
        low, mid, high = self.low, self.mid, self.high
        match self.family:
            case "point":
                return np.full(p.shape, float(mid))
            case "uniform":
                return low + p * (high - low)
            case "log_uniform":
                return np.asarray(np.clip(low * np.exp(p * math.log(high / low)), low, high))
            case "triangular":
                return _triangle(p, low, mid, high)
            case "normal":
                centre, width = (low + high) / 2, (high - low) / (_Z90 - _Z10)
                return centre + _times(ndtri(p), width)
            case "lognormal":
                centre = (math.log(low) + math.log(high)) / 2
                width = (math.log(high) - math.log(low)) / (_Z90 - _Z10)
                return np.asarray(np.exp(centre + _times(ndtri(p), width)))
            case "two_piece_normal":
                return self._two_pieces(p, mid - low, high - mid, lambda t: mid + t)
            case "two_piece_lognormal":
                return self._two_pieces(
                    p, math.log(mid / low), math.log(high / mid), lambda t: mid * np.exp(t)
                )
            case "two_piece_logit":
                return self._logit(p)

    def _two_pieces(self, p: Array, below: float, above: float, back: Callable[[Array], Array]) -> Array:
        """Move from the median by the standard normal score, scaled to the side; `back` leaves the scale."""
        z = ndtri(p)
        lower = _pinned(back(-_times(np.maximum(z / _Z10, 0.0), below)), z <= _Z10, z == _Z10, self.low)
        upper = _pinned(back(_times(np.maximum(z / _Z90, 0.0), above)), z < _Z90, z == _Z90, self.high)
        lower, upper = np.minimum(lower, self.mid), np.maximum(upper, self.mid)
        return np.asarray(np.where(z < 0, lower, np.where(z == 0, self.mid, upper)))

    def _logit(self, p: Array) -> Array:
        start, end = self._scale
        odds = (self.mid - start) / (end - self.mid)
        below = math.log(odds * (end - self.low) / (self.low - start))
        above = math.log((self.high - start) / (end - self.high) / odds)
        return self._two_pieces(p, below, above, lambda t: start + (end - start) / (1.0 + np.exp(-t) / odds))


def _pinned(values: Array, under: npt.NDArray[np.bool_], at: npt.NDArray[np.bool_], point: float) -> Array:
    """Exactly `point` at the percentile, never on its wrong side next to it."""
    sided = np.where(under, np.minimum(values, point), np.maximum(values, point))
    return np.asarray(np.where(at, point, sided))


def _times(z: Array, width: float) -> Array:
    # At the ends of the scale z is infinite, and infinity times no width is no number.
    return z * width if width else np.zeros_like(z)


def _triangle(p: Array, low: float, mode: float, high: float) -> Array:
    if high == low:
        return np.full(p.shape, float(low))
    turn = (mode - low) / (high - low)
    rising = low + np.sqrt(p * ((high - low) * (mode - low)))
    falling = high - np.sqrt((1.0 - p) * ((high - low) * (high - mode)))
    return np.asarray(np.where(p < turn, rising, falling))


def choose_family(low: float, mid: float, high: float, unit: str) -> Family:
    """The family for three numbers in a unit.

    A share strictly inside its whole stays inside it; positive numbers are scaled, so that they stay
    positive whichever side is longer; with a zero or a negative number the pieces are normal.

    >>> choose_family(0.2, 0.4, 0.45, "fraction"), choose_family(0, 200, 400, "packages")
    ('two_piece_logit', 'two_piece_normal')
    """
    if low == high:
        return "point"
    limit = whole(unit)
    if limit is not None and low > 0 and high < limit:
        return "two_piece_logit"
    return "two_piece_lognormal" if low > 0 else "two_piece_normal"


def range_of(low: float, mid: float, high: float, unit: str) -> Range:
    """The range of three numbers in a unit, with the family chosen and the whole as its ceiling."""
    family = choose_family(low, mid, high, unit)
    limit = whole(unit)
    if limit is None or high > limit or family == "point":
        return Range(low, mid, high, family)
    floor = 0.0 if low >= 0 else None
    return Range(low, mid, high, family, floor=floor, ceiling=limit)


def range_of_interval(
    low: float,
    high: float,
    *,
    mass: float,
    family: Family,
    mid: float | None = None,
    floor: float | None = None,
    ceiling: float | None = None,
) -> Range:
    """The range in whose middle a published interval lies, whatever part of the draws that holds.

    Args:
        mass: Probability between the ends: 0.9 reads them as 5th and 95th percentile.
        family: One with tails: lognormal, normal, or a two-piece family.
        mid: The median; None for lognormal and normal, whose two ends set it.
        floor: As for a Range.
        ceiling: As for a Range.

    Raises:
        DataFault: The numbers, the mass or the family do not make a range.

    >>> range_of_interval(1600, 200000, mass=0.95, family="lognormal").quantile([0.025, 0.5, 0.975]).round().tolist()
    [1600.0, 17889.0, 200000.0]
    """
    given = f"Interval {low} to {high} ({family})"
    if family not in _WITH_TAILS:
        raise DataFault(
            f"{given}: the ends of this family are no percentiles; wanted {', '.join(_WITH_TAILS)}."
        )
    if not 0.0 < mass < 1.0:
        raise DataFault(f"{given}: a mass of {mass} was given; wanted a probability, such as 0.9.")
    if (mid is None) is not (family in _BY_TWO_ENDS):
        wanted = "the two ends set the median; leave mid out" if mid is not None else "wanted the median, mid"
        raise DataFault(f"{given}: {wanted}.")
    # Read first as the 80 % interval that it may not be, so that unsound numbers are refused in the same words.
    read = Range(low, low if mid is None else mid, high, family, floor=floor, ceiling=ceiling)
    there, back = _scale_of(read)
    middle = back((there(low) + there(high)) / 2.0) if mid is None else mid
    share = _Z90 / float(ndtri((1.0 + mass) / 2.0))
    ends = [
        # A side without width stays so, which logarithm and back would not see to.
        end if end == middle else back(there(middle) + share * (there(end) - there(middle)))
        for end in (low, high)
    ]
    below, above = min(ends[0], middle), max(ends[1], middle)
    return Range(below, middle, above, family, floor=floor, ceiling=ceiling)


def _scale_of(of: Range) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """To the scale on which the family's pieces are normal, and back."""
    if of.family in _ALL_POSITIVE:
        return math.log, math.exp
    if of.family != "two_piece_logit":
        return float, float
    start, end = of._scale
    return (
        lambda number: math.log((number - start) / (end - number)),
        lambda score: start + (end - start) / (1.0 + math.exp(-score)),
    )

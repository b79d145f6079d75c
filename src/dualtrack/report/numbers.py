"""Numbers as a reader wants them: few digits, a unit, and the word where there is no number.

The model's intervals span factors, so two digits are as much as a number can carry.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

UNDEFINED = "undefined"
SCALES = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
LEAST_POWER_OF_TEN = 1e15
UNIT_WORDS = {
    "usd": "USD",
    "h100e": "H100e",
    "mw": "MW",
    "flop": "FLOP",
    "ratio": "",
    "fraction": "",
    "rmb_bn/year": "bn RMB/year",
    "usd_bn/gw": "bn USD/GW",
    "rmb/usd": "RMB/USD",
    "h100e/unit": "H100e/unit",
    "h100e/month": "H100e/month",
    "kw": "kW",
    "ratio/year": "per year",
    "1/month": "per month",
    "1/year": "per year",
}
PERCENT_UNITS = ("fraction", "share", "probability")
SKEWED = 0.5
# Inputs below this are shown in full: 1000 months, not 1k months.
LEAST_SCALED = 1e4
Number = float | int | None


def unit_words(unit: str) -> str:
    """The unit in words, empty where the number says it.

    >>> unit_words("usd"), unit_words("units"), unit_words("fraction")
    ('USD', 'units', '')
    """
    return UNIT_WORDS.get(unit, unit)


def is_defined(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def short(value: Number, digits: int = 2) -> str:
    """A bare number with a scale letter, never more digits before the point than it has.

    >>> [short(v) for v in (0, 0.04, 8.22, 41.3, 640, 12_345, 1_234_567, 3.4e9, -2_500)]
    ['0', '0.04', '8.2', '41', '640', '12k', '1.2M', '3.4bn', '−2.5k']
    >>> short(12_345, digits=3), short(999_700), short(None), short(6.6e26)
    ('12.3k', '1M', 'undefined', '6.6×10^26')
    """
    if not is_defined(value):
        return UNDEFINED
    assert value is not None
    if value < 0:
        return "−" + short(-value, digits)
    if value == 0:
        return "0"
    # Rounded first, so that 999.7k becomes 1M and not 1000k.
    rounded = _significant(float(value), digits)
    if rounded >= LEAST_POWER_OF_TEN:
        power = math.floor(math.log10(rounded))
        return f"{_plain(rounded / 10**power, digits)}×10^{power}"
    for scale, letter in SCALES:
        if rounded >= scale:
            return _plain(rounded / scale, digits) + letter
    return _plain(rounded, digits)


def plain(value: object) -> str:
    """A value of an input in full: a number with its thousands apart, to six digits where it is no whole one.

    >>> plain(1_400_000.0), plain(0.25), plain("counted")
    ('1,400,000', '0.25', 'counted')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if math.isfinite(value) and value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.6g}"


def percent(value: Number) -> str:
    """A share or probability in percent.

    >>> [percent(v) for v in (0, 0.0003, 0.004, 0.0714, 0.12, 0.914, 0.9997, 1, None)]
    ['0 %', '<0.1 %', '0.4 %', '7.1 %', '12 %', '91 %', '>99.9 %', '100 %', 'undefined']
    """
    if not is_defined(value):
        return UNDEFINED
    assert value is not None
    share = 100.0 * float(value)
    if 0 < share < 0.05:
        return "<0.1 %"
    if 99.95 <= share < 100:
        return ">99.9 %"
    if share < 9.95 or 99 < share < 100:
        return f"{share:.1f}".removesuffix(".0") + " %"
    return f"{share:.0f} %"


def quantity(value: Number, unit: str, *, digits: int = 2, with_unit: bool = True) -> str:
    """A number and its unit.

    >>> quantity(12_345, "units"), quantity(3.4e9, "usd"), quantity(0.12, "fraction")
    ('12k units', '3.4bn USD', '12 %')
    >>> quantity(20.53, "ratio"), quantity(6.6e26, "flop"), quantity(None, "months")
    ('20.5', '6.6×10^26 FLOP', 'undefined')
    >>> quantity(1234, "mw")
    '1200 MW'
    """
    if not is_defined(value):
        return UNDEFINED
    if unit in PERCENT_UNITS:
        return percent(value)
    if unit in ("ratio", "months"):
        digits = max(digits, 3 if abs(value or 0.0) >= 10 else 2)
    words = unit_words(unit)
    # Power is compared in MW throughout; 1.2k MW would be a unit of its own.
    text = (
        f"{_significant(float(value or 0), digits):.0f}"
        if unit == "mw" and abs(value or 0) >= 1e3
        else short(value, digits)
    )
    return text + (f" {words}" if with_unit and words else "")


def interval(found: Mapping[str, Any], unit: str, low: str = "p10", high: str = "p90") -> str:
    """The ends of an interval, without the unit.

    >>> interval({"p10": 0.0, "p90": 126_000.0}, "units"), interval({"p10": 0.46, "p90": 0.9}, "fraction")
    ('0 – 130k', '46 – 90 %')
    """
    ends = [quantity(found.get(end), unit, with_unit=False) for end in (low, high)]
    return UNDEFINED if UNDEFINED in ends else f"{ends[0].removesuffix(' %')} – {ends[1]}"


def signed(value: Number, unit: str, *, digits: int = 2) -> str:
    """A difference with its sign, without the unit; of shares in percentage points.

    >>> signed(152_400, "h100e"), signed(-0.3024, "ratio"), signed(0.0, "usd"), signed(-0.0478, "fraction")
    ('+150k', '−0.3', '0', '−4.8 pp')
    >>> signed(0.00004, "fraction"), signed(None, "units")
    ('+0.004 pp', 'undefined')
    """
    if not is_defined(value):
        return UNDEFINED
    assert value is not None
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if unit in PERCENT_UNITS:
        return f"{sign}{short(100 * abs(value), digits)} pp"
    return sign + quantity(abs(value), unit, digits=digits, with_unit=False)


def signed_interval(found: Mapping[str, Any], unit: str) -> str:
    """The ends of a difference's 80 % interval, without the unit.

    >>> signed_interval({"p10": -1200.0, "p90": 560_000.0}, "h100e"), signed_interval({"p10": -0.12, "p90": 0.0}, "share")
    ('−1.2k to +560k', '−12 to 0 pp')
    """
    low, high = signed(found.get("p10"), unit), signed(found.get("p90"), unit)
    return UNDEFINED if UNDEFINED in (low, high) else f"{low.removesuffix(' pp')} to {high}"


def with_unit_words(label: str, unit: str, *more: str) -> str:
    """A label and its unit, unless the label says the unit itself.

    >>> with_unit_words("Compute in China", "h100e"), with_unit_words("Compute gap in months", "months")
    ('Compute in China, H100e', 'Compute gap in months')
    """
    words = unit_words(unit)
    return ", ".join(
        [label, *([words] if words and words.lower() not in label.lower() else []), *(m for m in more if m)]
    )


def is_zero(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) < 1e-6


def median_and_interval(found: Mapping[str, Any], unit: str, *, separator: str = " ") -> str:
    """`6.3k (0 – 130k)`: the median and, in brackets, the 80 % interval."""
    middle = quantity(found.get("p50"), unit, with_unit=False)
    return middle if middle == UNDEFINED else f"{middle}{separator}({interval(found, unit)})"


def in_words(found: Mapping[str, Any], unit: str, words: str | None = None) -> str:
    """Median and interval for a sentence; where the median is zero, the mean and the tail as well.

    Args:
        words: Said after the numbers instead of the unit.

    >>> in_words({"p50": 20.5, "p10": 10.9, "p90": 43.9}, "ratio", "times")
    'a median of 20.5 times (80 % interval 10.9 – 43.9)'
    """

    def said(value: Number) -> str:
        tail = unit_words(unit) if words is None else words
        return quantity(value, unit, with_unit=False) + (f" {tail}" if tail else "")

    if not is_defined(found.get("p50")):
        return UNDEFINED
    if not is_zero(found["p50"]):
        # A median far below the mean hides a tail, as a median of zero does.
        skewed = abs(found["p50"]) < SKEWED * abs(found.get("mean") or 0.0)
        mean = f", a mean of {said(found['mean'])}" if skewed else ""
        return f"a median of {said(found['p50'])} (80 % interval {interval(found, unit)}){mean}"
    if is_zero(found.get("mean")):
        return f"{said(0)} in every path"
    name, level = ("p90", "1 path in 10") if not is_zero(found["p90"]) else ("p95", "1 path in 20")
    end = (
        f"{level} above {said(found.get(name))}"
        if not is_zero(found.get(name))
        else "0 up to the 95th percentile"
    )
    return f"a median of {said(0)} ({percent(found.get('p_zero'))} of paths have 0), a mean of {said(found.get('mean'))} and {end}"


def setting(value: Any, unit: str) -> str:
    """An assumption's value: a number, a name, a range, or weighted alternatives.

    >>> setting([0.3, 1.0, 2.5], "ratio"), setting(None, ""), setting(False, "")
    ('1 (0.3 – 2.5)', 'unset', 'no')
    """
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return _exact(value, unit)
    if isinstance(value, str):
        return value.replace("..", " to ")
    if isinstance(value, Mapping):
        if "beta" in value:
            return f"Beta({', '.join(f'{float(part):.3g}' for part in value['beta'])})"
        return "; ".join(
            f"{percent(part['weight'])}: {setting(part['value'], unit)} ({name})"
            for name, part in value.items()
        )
    if isinstance(value, Sequence):
        low, mid, high = (_exact(part, unit) for part in value)
        return f"{mid} ({low} – {high})"
    return str(value)


def _exact(value: float, unit: str) -> str:
    # An input is shown as it was given, to four digits: rounding it to two could change it.
    if unit in PERCENT_UNITS:
        return f"{100 * value:.4g} %"
    return short(value, digits=4) if abs(value) >= LEAST_SCALED else f"{value:.4g}".replace("-", "−")


def _significant(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _plain(value: float, digits: int) -> str:
    places = max(digits - 1 - math.floor(math.log10(value)), 0)
    text = f"{value:.{places}f}"
    return re.sub(r"\.?0+$", "", text) if "." in text else text

"""A fact's value and day of knowledge as a reader wants them, in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualtrack.report.numbers import plain, unit_words

# Units of the fact book beside those of the model's outcomes.
_UNITS: Mapping[str, str] = {
    "pct": "%",
    "pct_of_revenue": "% of revenue",
    "usd_bn": "bn USD",
    "usd_mn": "M USD",
    "rmb": "RMB",
    "rmb_bn": "bn RMB",
    "rmb_mn": "M RMB",
    "usd_per_chip": "USD per chip",
    "usd_per_kwh": "USD per kWh",
    "usd_per_tflops": "USD per TFLOPS",
    "tpp": "TPP",
    "tpp/mm2": "TPP/mm²",
    "GB/s/mm2": "GB/s per mm²",
    "w": "W",
    "gw": "GW",
    "eflops": "EFLOPS",
    "eflops_fp16": "EFLOPS at 16 bit",
}


def amount(low: object, value: object, high: object) -> str:
    """A value, or the middle of a range with its ends.

    >>> amount(None, 1200, None), amount(0.5, 1.5, 4), amount(None, ["us_hq", 20], None), amount(None, True, None)
    ('1,200', '1.5 (0.5 – 4)', 'us_hq, 20', 'yes')
    """
    if low is not None:
        return f"{plain(value)} ({plain(low)} – {plain(high)})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(amount(None, part, None) for part in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {amount(None, part, None)}" for name, part in value.items())
    return plain(value)


def amount_with_unit(fact: Mapping[str, Any]) -> str:
    """A fact's value or range with its unit; what is no number has none.

    Args:
        fact: Its `unit`, and a `value` or `low`, `mid` and `high`.

    >>> amount_with_unit({"value": 24.6, "unit": "rmb_bn"}), amount_with_unit({"value": "announced", "unit": "event"})
    ('24.6 bn RMB', 'announced')
    >>> amount_with_unit({"low": 2, "mid": 3, "high": 5, "unit": "wafers_per_month"}), amount_with_unit({"value": 0.5, "unit": "ratio"})
    ('3 (2 – 5) wafers per month', '0.5')
    """
    low = fact.get("low")
    value = fact.get("value") if low is None else fact.get("mid", fact.get("value"))
    text = amount(low, value, fact.get("high"))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text
    unit = fact["unit"]
    return f"{text} {_UNITS.get(unit) or unit_words(unit).replace('_', ' ')}".rstrip()


def known_by_text(shown: Mapping[str, Any]) -> str:
    """The day from which a fact was known, on what that rests, and whether it looks back."""
    basis = shown.get("known_by_basis")
    text = str(shown["known_by"]) + (f" ({basis})" if basis else "")
    return text + (", hindsight: may set a starting stock only" if shown.get("hindsight") else "")

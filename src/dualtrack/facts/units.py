"""Every unit a fact may have, and what it means. A fact with another unit is refused."""

from __future__ import annotations

from types import MappingProxyType

_MEANINGS = {
    # money
    "usd": "US dollars",
    "usd_mn": "million US dollars",
    "usd_bn": "billion US dollars",
    "rmb": "yuan",
    "rmb_mn": "million yuan",
    "rmb_bn": "billion yuan",
    "usd_per_chip": "US dollars for one accelerator",
    "usd_per_tflops": "US dollars for one dense BF16 TFLOPS",
    "usd_per_kwh": "US dollars for one kilowatt-hour",
    "usd_and_years": "list: a fine in US dollars, a prison term in years",
    # counts
    "units": "accelerators as sold",
    "packages": "accelerator packages (an Ascend 910C is one package of two dies)",
    "cards": "accelerator cards of every class, as IDC counts them",
    "dies": "compute dies",
    "stacks": "stacks of high-bandwidth memory",
    "wafers_per_month": "300 mm wafers in a month",
    "clusters": "computing clusters",
    "entities": "names on a list",
    "firms": "firms",
    "events": "events counted in the period the text names",
    # compute and power
    "tpp": "total processing performance: dense TOPS or TFLOPS times bit length",
    "bit_tops": "bit length times TOPS (the form of 2022)",
    "tpp/mm2": "performance density: TPP by die area",
    "GB/s": "gigabytes in a second",
    "GB/s/mm2": "gigabytes in a second by package or stack area",
    "h100e": "H100 equivalents, by dense 8-bit operations",
    "eflops": "EFLOPS, as the maker states them",
    "eflops_fp16": "EFLOPS at 16 bit",
    "tokens": "tokens of text",
    "tokens/s": "tokens of text in a second, on a server of eight accelerators",
    "kw": "kilowatts",
    "w": "watts",
    "gw": "gigawatts",
    # shares and ratios
    "fraction": "share of one",
    "fraction_of_revenue": "share of one, of revenue",
    "fraction_of_customs_value": "share of one, of customs value",
    "domestic_fraction_of_chips": "domestic share of one, by number of chips",
    "domestic_fraction_of_equipment": "domestic share of one, of equipment",
    "pct": "percent",
    "pct_of_revenue": "percent of revenue",
    "ratio": "one quantity over another, as the text says",
    "ratio_of_aggregate_tpp": "aggregate TPP over aggregate TPP",
    "domestic_per_imported": "domestic chips for one imported chip",
    "per_year": "events for one unit in a year",
    # time
    "days": "calendar days",
    "months": "months",
    "years": "years",
    "date": "a day, month, quarter, or a list of them in words",
    "dates": "list of days",
    "date_end_inclusive": "last day on which it holds",
    # words
    "text": "a sentence or a word",
    "status": "state of an instrument",
    "event": "what happened",
    "policy": "how an authority decides",
    "predicate": "a condition in words",
    "formula": "a formula in words",
    "required": "true: the rule demands it",
    "bool": "true or false",
    "list": "list of names",
    "map": "names under headings",
    "one_of": "list of possibilities; which one holds is unknown",
    "citation": "place in a legal text",
    "rule": "a rule in a word",
    "products": "names of products",
}

UNITS = MappingProxyType(_MEANINGS)

# Shares of one whole: a range of them stays inside the whole.
_WHOLES = {
    "fraction": 1.0,
    "fraction_of_revenue": 1.0,
    "fraction_of_customs_value": 1.0,
    "domestic_fraction_of_chips": 1.0,
    "domestic_fraction_of_equipment": 1.0,
    "pct": 100.0,
    "pct_of_revenue": 100.0,
}


def whole(unit: str) -> float | None:
    """The most a share in this unit can be: 1 or 100; None where the unit is no share.

    >>> whole("pct"), whole("usd")
    (100.0, None)
    """
    return _WHOLES.get(unit)

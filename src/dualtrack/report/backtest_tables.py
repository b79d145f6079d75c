"""The tables of the back-test: every case, events, the stop, rivals and what was tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dualtrack.report.numbers import is_zero, percent, quantity
from dualtrack.report.sections import Section

Document = Mapping[str, Any]

COIN = 0.25
NO_SCORE = "—"
OUTER = 0.1
MISSED = 0.1  # of what was reported: below this a figure is missed whole
STOP_ROWS = (
    ("orders", "orders not shipped, at their price"),
    ("charge", "write-down of stock, by the measure"),
    ("charge_booked", "write-down booked after the stop"),
    ("stopped", "revenue lost in the quarter of the stop"),
    ("next", "revenue lost in the next quarter"),
    ("all", "stop measure, in all"),
)


def signed(skill: float) -> str:
    """A skill with its sign.

    >>> signed(0.237), signed(-1.02), signed(0.001)
    ('+0.24', '−1.02', '0.00')
    """
    text = f"{skill:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", "−")


def score(value: float | None) -> str:
    return NO_SCORE if value is None else f"{value:.2f}".replace("-", "−")


def median_and_ends(case: Mapping[str, Any], unit: str) -> str:
    forecast = case["forecast"]
    middle, low, high = (quantity(forecast[end], unit, with_unit=False) for end in ("p50", "p10", "p90"))
    return f"{middle} ({low} – {high})"


def event_section(document: Document) -> Section:
    rows = tuple(
        (
            event["what"],
            event["origin"],
            percent(event["chance"]),
            "yes" if event["happened"] else "no",
            score(event["brier"]),
            score(event["brier_of_no_change"]),
            event["why"],
        )
        for event in document["events"]
    )
    whole = next(row for row in document["event_scores"] if row["event"] == "all")
    return Section(
        "Events",
        (
            f"Mean Brier score {score(whole['brier'])} over {whole['cases']} events, against {score(whole['brier_of_no_change'])} for the "
            f"forecast that nothing changes and {COIN} for a coin; mean log score {score(whole['log_score'])} (a coin: 0.69).",
        ),
        ("event", "origin", "chance", "happened", "Brier", "no change", "why"),
        rows,
        numeric=(2, 4, 5),
        whole=(1,),
    )


def stop_section(document: Document) -> Section:
    """The stop of April 2025: the model's measure beside what the vendor reported."""
    stop = document["stop"]
    january, later = stop["as_known_in_january"], stop["with_reported_orders"]
    rows = [
        (words, _usd(january[name]), _usd(later[name]), _reported(january[name])) for name, words in STOP_ROWS
    ]
    return Section(
        "The stop of 9 April 2025",
        (
            f"The model's measure of a stop at the end of {stop['before']}, and what the stopped run lacks against its twin, in USD: median "
            "and 80 % interval. The decree binds from the first of April, nine days before the letters did.",
            f"The measure adds orders at their price and the write-down of stock. {stop['why_orders']} With them its part for orders comes to "
            f"{_usd(later['orders'])}; the vendor reported {_reported(later['orders'])} over two quarters. {_of_january(january)}",
            _of_charge(later),
        ),
        ("what", "as known in January", "with the orders reported after it", "the vendor reported"),
        tuple(rows),
        numeric=(1, 2, 3),
    )


def _of_january(january: Mapping[str, Any]) -> str:
    if january["orders"]["below_reported"] < 1.0 - OUTER:
        return "From what was known in January the reported figure lies within the forecast."
    return (
        f"From what was known in January {percent(january['orders']['below_reported'])} of the paths lie below that: the rush of orders "
        "ahead of the stop was not foreseen."
    )


def _of_charge(later: Mapping[str, Any]) -> str:
    booked = later["charge_booked"]
    if booked["p90"] >= MISSED * booked["reported"]:
        return f"Of the charge of {_reported(booked)} the model books {_usd(booked)}."
    return (
        f"The charge of {_reported(booked)} is missed whole: the vendor wrote off goods in process and purchases it could not call off. The "
        "model writes off stock on the shelf, and here its line delivers as ordered, so there is hardly any. The measure leaves work in "
        "process out in every scenario: read it as a lower bound."
    )


def _reported(found: Mapping[str, Any]) -> str:
    return quantity(found["reported"], "usd", digits=3, with_unit=False)


def _usd(found: Mapping[str, Any]) -> str:
    ends = [0.0 if is_zero(found[end]) else found[end] for end in ("p50", "p10", "p90")]
    middle, low, high = (quantity(end, "usd", with_unit=False) for end in ends)
    return middle if low == high else f"{middle} ({low} – {high})"


def case_sections(document: Document) -> Iterable[Section]:
    for name, target in document["targets"].items():
        rows = [
            row
            for case in document["cases"]
            if case["target"] == name
            for row in _case_rows(case, target["unit"])
        ]
        if rows:
            yield Section(
                f"Cases: {target['name']}",
                (f"{target['title']}. {target['note']}",),
                ("period", "origin", "forecast, 80 %", "none", "what happened", "by", "CRPS", "paths below"),
                tuple(rows),
                numeric=(3, 6, 7),
                whole=(0, 1),
            )


def _case_rows(case: Mapping[str, Any], unit: str) -> Iterable[tuple[str, ...]]:
    forecast = case["forecast"]
    for place, reading in enumerate(case["readings"]):
        first = place == 0
        yield (
            case["period"] if first else "",
            case["origin"] if first else "",
            median_and_ends(case, unit) if first else "",
            percent(forecast["p_zero"]) if first and forecast["p_zero"] else "",
            _observed_and_range(reading, unit),
            reading["name"],
            score(reading["crps_log"]),
            percent(reading["pit"]),
        )


def _observed_and_range(reading: Mapping[str, Any], unit: str) -> str:
    middle = quantity(reading["observed"], unit, with_unit=False)
    low, high = reading["observed_low"], reading["observed_high"]
    if low == high:
        return middle
    return f"{middle} ({quantity(low, unit, with_unit=False)} – {quantity(high, unit, with_unit=False)})"


def rival_section(document: Document) -> Section:
    none = [
        f"{row['origin']}: {', '.join(document['targets'][name]['name'] for name in row['targets'])}"
        for row in document["no_guidance"]
        if row["targets"]
    ]
    given = {
        (case["origin"], case["target"]): case["guidance"] for case in document["cases"] if case["guidance"]
    }
    said = [
        f"{origin}, {document['targets'][target]['name']}: "
        f"{quantity(found['forecast'], document['targets'][target]['unit'])} a period, from {', '.join(f'`{f}`' for f in found['facts'])}. "
        f"{found['note']}"
        for (origin, target), found in given.items()
    ]
    return Section(
        "The rival forecasts",
        (
            "Last year repeated: the year before, its sum spread evenly over the quarters; of a stock, the last quarter end. It knows that "
            "year as it is estimated now, which nobody knew at the time: a stronger rival than there was.",
            "Guidance: what the vendor, or analysts of its plans, had said of the year by the origin.",
            *said,
            f"No guidance was known by the origin for: {'; '.join(none)}.",
        ),
    )


def method_section(document: Document) -> Section:
    rows = tuple(
        (
            origin["origin"],
            origin["known_by"],
            f"{origin['months'][0]} to {origin['months'][1]}",
            str(origin["facts"]),
            str(origin["facts_with_hindsight"]),
            f"`{origin['scenario']}`",
        )
        for origin in document["origins"]
    )
    return Section(
        "What was tested",
        (
            "The same draws, gates, months and measures as any run, on a scenario of that date: `dualtrack run backtests/2025-01` runs one. "
            "Hazards are counted from the events known by the origin, the law is that of the day, later facts are refused by date. Estimates "
            "made later of a stock at the origin set the starting stocks and are counted apart; no flow, trend or hazard rests on them.",
            "Not tested: the licence, the batches, the ratio, the levy and the share limit, since none of them existed; single buyers; power.",
            "Where no fact known by the origin gave an input, a wide assumption stands in its place, with a reason that could be given at "
            "that date. They were written by people who knew what followed; that cannot be undone, only be read in the scenario files. The day "
            "on which a new Ascend generation first shipped is taken from the chip catalogue.",
        ),
        ("origin", "facts known by", "months", "facts", "with hindsight", "scenario"),
        rows,
        numeric=(3, 4),
        whole=(0, 1),
    )

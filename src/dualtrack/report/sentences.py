"""What a run says, in sentences: the answer in five, and a reading beside every chart.

Every number is taken from the document; a sentence whose numbers are undefined says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from dualtrack.report.headline import REASON_WORDS, Document, marks, mean_share_of_months, run_months
from dualtrack.report.numbers import in_words, interval, is_defined, is_zero, percent, quantity

YEAR = 12


def _outcome(document: Document, name: str, month: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document["outcomes"][name]["by_month"][month]
    return found


def _unit(document: Document, name: str) -> str:
    return str(document["outcomes"][name]["unit"])


def _ends(document: Document) -> tuple[str, str]:
    """The month a year in (or the last), and the last month."""
    months = run_months(document)
    return months[min(YEAR, len(months)) - 1], months[-1]


def the_answer(document: Document) -> list[tuple[str, str]]:
    """Five answers: a short heading and a sentence or two each."""
    return [
        ("Does anything arrive?", arrives(document)),
        ("How much?", how_much(document)),
        ("What does it do to the compute gap?", gap(document)),
        ("What is in it for the vendors?", vendors(document)),
        ("What does a stop cost?", stop(document)),
    ]


def arrives(document: Document) -> str:
    found = document["probabilities"]["any_delivery_by"]
    parts = [f"{percent(found[month])} by {month}" for _, month in marks(document)]
    first = f"The probability that at least one unit has been delivered is {_listed(parts)}."
    if is_zero(max(found.values())):
        return "Nothing is delivered in any path: the probability of any delivery is 0 % in every month."
    reasons = [
        f"{REASON_WORDS[name]} ({percent(share)} of all months of all paths)"
        for name, share in list(mean_share_of_months(document, "binding_limit").items())[:2]
    ]
    return f"{first} What holds imports back most often: {_listed(reasons)}."


def how_much(document: Document) -> str:
    year, last = _ends(document)
    unit = _unit(document, "h200_delivered_cum")
    parts = [
        f"{in_words(_outcome(document, 'h200_delivered_cum', month), unit)} by {month}"
        for month in dict.fromkeys((year, last))
    ]
    stock = document["opening"].get("h200_stock", {})
    orders = document["opening"].get("h200_stated_orders", {})
    return (
        f"Delivered since the start: {'; '.join(parts)}. At the start, orders stated by buyers are put at "
        f"{interval(orders, unit)} {unit} and the vendor's stock at {interval(stock, unit)}."
    )


def gap(document: Document) -> str:
    _, last = _ends(document)
    now = document["opening"]["compute_gap_ratio"]
    then = _outcome(document, "compute_gap_ratio", last)
    behind = _outcome(document, "compute_gap_months", last)
    share = _outcome(document, "china_share_of_world", last)
    return (
        f"Five US hyperscalers hold {quantity(now.get('p50'), 'ratio')} times the compute in China at the start (80 "
        "% interval "
        f"{interval(now, 'ratio')}), and {in_words(then, 'ratio', 'times')} by {last}; China then stands "
        f"{in_words(behind, 'months')} behind them, with {in_words(share, 'fraction')} of the world's compute."
    )


def vendors(document: Document) -> str:
    quarters = document["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"]
    first = list(quarters.items())[:4]
    means = [found["mean"] for _, found in first]
    total = sum(means) if all(is_defined(mean) for mean in means) else None
    # Quantiles of quarters do not add up to those of a year; means do.
    name, widest = max(first, key=lambda item: item[1]["p90"] or 0.0)
    ending = f"{first[0][0]} to {first[-1][0]}" if len(first) > 1 else first[0][0]
    text = f"Nvidia books a mean of {quantity(total, 'usd')} from AI chips for China over {ending}"
    if is_zero(total):
        text += " (0 in every path)"
    else:
        text += f"; the widest of these quarters, {name}, has {in_words(widest, 'usd')}"
    _, last = _ends(document)
    packages = _outcome(document, "domestic_packages", last)
    ascend = _outcome(document, "huawei_packages", last)
    return (
        f"{text}. Domestic makers finish {in_words(packages, 'units')} in the month of {last}, of which Ascend "
        f"{in_words(ascend, 'packages')}."
    )


def stop(document: Document) -> str:
    year, _ = _ends(document)
    money = _outcome(document, "stop_exposure_usd", year)
    units = _outcome(document, "stop_exposure_units", year)
    if is_zero(money["mean"]) and is_zero(units["mean"]):
        return f"A US revocation after {year} would cost the vendor nothing: nothing is on order, under way or at risk in stock."
    return (
        f"A US revocation in the month after {year} would cost the vendor a mean of {quantity(money['mean'], 'usd')} "
        f"(median {quantity(money['p50'], 'usd')}, 1 path in 10 above {quantity(money['p90'], 'usd')}): "
        "orders that cannot be shipped, at their price, and the write-down of its stock. Units that fall away or "
        f"strand: {in_words(units, 'units')}."
    )


def readings(document: Document, names: Iterable[str] | None = None) -> dict[str, str]:
    """One or two sentences beside each chart, by the chart's name; all charts' if no names are given."""
    return {name: READINGS[name](document) for name in (READINGS if names is None else names)}


def _reads_any_delivery(document: Document) -> str:
    return arrives(document).split(" What holds")[0]


def _reads_delivered(document: Document) -> str:
    _, last = _ends(document)
    found = _outcome(document, "h200_delivered_cum", last)
    if is_zero(found["mean"]):
        return f"By {last} nothing has arrived in any path."
    return (
        f"By {last} nothing has arrived in {percent(found['p_zero'])} of paths; half of the paths end above "
        f"{quantity(found['p50'], 'units')}, one in ten above {quantity(found['p90'], 'units')}, and the mean is "
        f"{quantity(found['mean'], 'units')}."
    )


def _reads_channel(document: Document) -> str:
    _, last = _ends(document)
    means = {
        name: _outcome(document, f"h200_{name}_cum", last)["mean"]
        for name in ("licensed", "refused", "cleared", "ordered", "delivered")
    }
    if is_zero(sum(mean or 0.0 for mean in means.values())):
        return f"Nothing is licensed, cleared or ordered in any path by {last}."
    said = {name: quantity(mean, "units") for name, mean in means.items()}
    return (
        f"On average {said['licensed']} are licensed by {last}, of which buyers refuse the terms of "
        f"{said['refused']}; "
        f"{said['cleared']} are cleared, some of which lapse, {said['ordered']} become firm orders and "
        f"{said['delivered']} "
        "arrive. Licences and clearances are two separate papers: neither is a part of the other, and an order needs "
        "both."
    )


def _reads_gates(document: Document) -> str:
    year, last = _ends(document)
    parts = []
    for gate, name in (("us_gate", "US"), ("china_gate", "Chinese")):
        by_month = document["probabilities"][gate]
        shut = next(iter(by_month[year]))
        parts.append(
            f"the {name} gate is {shut} in {percent(by_month[year][shut])} of paths at {year} and in "
            f"{percent(by_month[last][shut])} at {last}"
        )
    return f"{parts[0][0].upper()}{parts[0][1:]}; {parts[1]}. Goods move only where both are open."


def _reads_binding(document: Document) -> str:
    shares = mean_share_of_months(document, "binding_limit")
    top = [f"{REASON_WORDS[name]} {percent(share)}" for name, share in list(shares.items())[:3] if share > 0]
    return (
        f"Over all months of all paths: {_listed(top)}; the domestic ratio {percent(shares.get('ratio', 0.0))}, the "
        "vendor's stock "
        f"{percent(shares.get('stock', 0.0))}. Where several limits hold at once, the one nearest to the goods is "
        "counted."
    )


def _reads_buyers(document: Document) -> str:
    _, last = _ends(document)
    means = {b: found["h200_delivered_cum"][last]["mean"] or 0.0 for b, found in document["by_buyer"].items()}
    total = sum(means.values())
    if not total:
        return f"No buyer has received anything by {last}."
    three = sum(sorted(means.values(), reverse=True)[:3]) / total
    return f"Of what arrives by {last}, {percent(three)} goes to the three buyers who receive most, by the means."


def _reads_revenue(document: Document) -> str:
    quarters = document["outcomes"]["nvidia_china_ai_revenue"]["by_quarter"]
    zeros = [found["p_zero"] for found in quarters.values() if found["p_zero"] is not None]
    means = [found["mean"] for found in quarters.values() if found["mean"] is not None]
    if not zeros:
        return "Revenue is undefined in every quarter."
    if is_zero(max(means)):
        return "Revenue is 0 in every path and quarter."
    return (
        f"Revenue is 0 in {percent(min(zeros))} to {percent(max(zeros))} of paths, depending on the quarter, so a "
        "median alone hides the tail; "
        f"the mean is {quantity(min(means), 'usd')} to {quantity(max(means), 'usd')} a quarter."
    )


def _reads_fan(document: Document, name: str, text: str) -> str:
    year, last = _ends(document)
    unit = _unit(document, name)
    words = "times" if unit == "ratio" else None
    said = [in_words(_outcome(document, name, month), unit, words) for month in (year, last)]
    out = text.format(said[0], year, said[1], last)
    undefined = _outcome(document, name, last).get("p_undefined")
    return f"{out} It is undefined in {percent(undefined)} of paths at {last}." if undefined else out


def _reads_domestic(document: Document) -> str:
    months = run_months(document)
    year, last = _ends(document)
    packages = document["outcomes"]["domestic_packages"]["by_month"]
    ascend = document["outcomes"]["huawei_packages"]["by_month"]
    memory, dies = (document["probabilities"][name] for name in ("memory_binds", "dies_bind"))
    return (
        f"All makers: a median of {quantity(packages[months[0]]['p50'], 'units')} in {months[0]}, "
        f"{in_words(packages[last], 'units')} in {last}; "
        f"Ascend: {quantity(ascend[months[0]]['p50'], 'packages')}, then {in_words(ascend[last], 'packages')}. What "
        f"holds Ascend back at {year} is "
        f"memory in {percent(memory[year])} of paths and dies in {percent(dies[year])}."
    )


def reads_obligations(document: Document) -> str:
    _, last = _ends(document)
    owed = _outcome(document, "ratio_obligation", last)
    missing = _outcome(document, "ratio_shortfall", last)
    made = _outcome(document, "domestic_packages", last)
    if is_zero(owed["mean"]):
        return f"In {last} nothing is owed in any path, while makers finish a mean of {quantity(made['mean'], 'units')}."
    part = missing["mean"] / owed["mean"]
    where_owed = owed["mean"] / (1 - owed["p_zero"])
    return (
        f"In {last} nothing is owed in {percent(owed['p_zero'])} of paths. In the others it is a mean of "
        f"{quantity(where_owed, 'units')}, beside a mean "
        f"of {quantity(made['mean'], 'units')} that makers finish over all paths; {percent(part)} of what is owed "
        "cannot be had in that month."
    )


def _reads_owed_share(document: Document) -> str:
    months = run_months(document)
    outcomes = document["outcomes"]
    owed = [1 - outcomes["ratio_obligation"]["by_month"][m]["p_zero"] for m in months]
    missing = [1 - outcomes["ratio_shortfall"]["by_month"][m]["p_zero"] for m in months]
    return (
        f"Something is owed in {percent(sum(owed) / len(owed))} of all months of all paths, and cannot be had in "
        "full in "
        f"{percent(sum(missing) / len(missing))}."
    )


def _reads_stop(document: Document, name: str, subject: str) -> str:
    months = run_months(document)
    unit = _unit(document, name)
    by_month = document["outcomes"][name]["by_month"]
    worst = max(months, key=lambda month: by_month[month]["p90"] or 0.0)
    found = by_month[worst]
    if is_zero(found["p90"]) and is_zero(found["mean"]):
        return f"{subject} is 0 in every path and month."
    none = "" if is_zero(found["p_zero"]) else f"; it is 0 in {percent(found['p_zero'])} of paths"
    return (
        f"{subject} has its heaviest tail after {worst}: mean {quantity(found['mean'], unit)}, median "
        f"{quantity(found['p50'], unit)}, one path in ten "
        f"above {quantity(found['p90'], unit)}{none}."
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "nothing"


READINGS: Mapping[str, Callable[[Document], str]] = {
    "any_delivery": _reads_any_delivery,
    "delivered": _reads_delivered,
    "channel": _reads_channel,
    "gates": _reads_gates,
    "binding": _reads_binding,
    "buyers": _reads_buyers,
    "revenue": _reads_revenue,
    "gap_ratio": partial(_reads_fan, name="compute_gap_ratio", text="The gap has {0} at {1} and {2} at {3}."),
    "gap_months": partial(
        _reads_fan, name="compute_gap_months", text="China stands behind by {0} at {1} and {2} at {3}."
    ),
    "domestic": _reads_domestic,
    "obligations": reads_obligations,
    "owed_share": _reads_owed_share,
    "stop_usd": partial(_reads_stop, name="stop_exposure_usd", subject="The vendor's loss"),
    "stop_units": partial(_reads_stop, name="stop_exposure_units", subject="The loss in units"),
}

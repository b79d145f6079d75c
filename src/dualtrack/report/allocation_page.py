"""The page of an allocation, from its document: who gets what, what binds whom, and what one more unit is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualtrack.report.numbers import percent, short
from dualtrack.report.sections import Section
from dualtrack.rules.labels import number_text

Document = Mapping[str, Any]

MOST_ORDERS = 20
MOST_PRICES = 12
MOST_BARRED = 10
# A price in shares is too small to read for one unit.
PER_PRICE = 1000
MOST_BUYERS = 20
MOST_BOUNDS = 4


def allocation_sections(document: Document, rest: str = "--json or --out") -> list[Section]:
    """The page: what is served, by buyer and order, limits and prices, domestic chips owed, other policies, sources.

    Args:
        rest: Where a reader finds what a page has no room for.
    """
    sections = [
        _head(document),
        _buyers(document, rest),
        _binding(document),
        _prices(document, rest),
        _domestic(document),
        _policies(document),
        _served(document),
        _orders(document, rest),
        _left_out(document),
        _given(document),
        Section("Notes", tuple(document["notes"])),
        _sources(document),
    ]
    return [section for section in sections if section.text or section.rows]


def conflict_sections(document: Document) -> list[Section]:
    """The page where the promises cannot all be kept."""
    rows = tuple((str(n), clash["text"]) for n, clash in enumerate(document["conflict"], 1))
    text = (
        "These contradict each other; without any one of them the others can be met.",
        "Lower a promise, or raise a ceiling.",
    )
    return [Section("The promised units cannot all be delivered", text, rows=rows)]


def _head(document: Document) -> Section:
    asked = sum(buyer["asked"] for buyer in document["buyers"].values())
    months = document["months"]
    objective = document["objective"]
    worth = [f"{objective['name'].capitalize()} {_objective_text(objective)}"]
    worth += [f"worth {_usd(document['usd'])}"] if objective["unit"] != "USD" else []
    worth += [f"{short(document['h100e'], 3)} H100e"] if objective["unit"] != "H100e" else []
    text = [
        f"{', '.join(worth)}. Law of {document['law_on']}, facts known by {document['known_by']}, "
        f"{_span(months)}.",
        f"Fairness over buyers: least share {percent(document['fairness']['least_share'])}, "
        f"Jain's index {_figure(document['fairness']['jain'])}.",
    ]
    if document["lot"]:
        text.append(
            f"In lots of {document['lot']:,}, to a gap of {percent(document['gap'])}; prices are those of the "
            "problem without lots."
        )
    if not document["whole_units"]:
        text.append("Some deliveries are not whole units; a lot of 1 makes them so.")
    if document["tie_break"]:
        text.append(document["tie_break"].replace("None is needed", "No tie-break is needed"))
    title = f"{_units(document['units'])} of {number_text(asked)} units, by policy {document['policy']}"
    return Section(title, tuple(text))


def _objective_text(objective: Mapping[str, Any]) -> str:
    if objective["unit"] in ("share", "fraction"):
        return percent(objective["value"])
    return f"{short(objective['value'], 4)} {objective['unit']}".rstrip()


def _buyers(document: Document, rest: str) -> Section:
    rows = tuple(
        (
            name,
            number_text(buyer["asked"]),
            number_text(buyer["barred"]),
            _units(buyer["units"]),
            percent(buyer["share"]),
            _usd(buyer["usd"]),
        )
        for name, buyer in document["buyers"].items()
        if name in _shown_buyers(document)
    )
    header = ("buyer", "asked", "barred", "served", "share", "worth")
    return Section("Buyers", _cut(document, rest), header, rows, (1, 2, 3, 4, 5))


def _shown_buyers(document: Document) -> set[str]:
    """The buyers that a page has room for: those that asked for most."""
    buyers = document["buyers"]
    return set(sorted(buyers, key=lambda name: -buyers[name]["asked"])[:MOST_BUYERS])


def _cut(document: Document, rest: str) -> tuple[str, ...]:
    left_out = len(document["buyers"]) - MOST_BUYERS
    return (f"{left_out} smaller buyers are left out here and below: {rest}.",) if left_out > 0 else ()


def _binding(document: Document) -> Section:
    rows = []
    for buyer, found in document["binding"].items():
        if buyer not in _shown_buyers(document):
            continue
        for n, one in enumerate(found[:MOST_BOUNDS]):
            chip = f" ({one['chip']})" if one["chip"] else ""
            units = _units(one["units"])
            who = "" if n else buyer
            if one["kind"] == "order":
                rows.append((who, f"{units} units served in full{chip}", "", ""))
            else:
                rows.append((who, f"{_bound_by(one)}{chip}", units, _span(one["months"])))
        if len(found) > MOST_BOUNDS:
            rows.append(("", f"and {len(found) - MOST_BOUNDS} more", "", ""))
    header = ("buyer", "what binds", "not served", "months")
    return Section("What binds whom", (), header, tuple(rows), (2,))


def _bound_by(one: Mapping[str, Any]) -> str:
    words = {
        "stock": "stock",
        "lot": "less than a lot is left",
        "none": "the objective gains nothing from more",
    }
    return words.get(one["kind"], f"{'barred by ' if one['kind'] == 'rule' else ''}{one['name']}")


def _span(months: list[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}" if months else ""


def _prices(document: Document, rest: str) -> Section:
    said = [
        (place["price"], _price_sentence(name, place))
        for name, rule in document["shadow_prices"].items()
        for place in rule["places"]
        if place["price"]
    ]
    said.sort(key=lambda entry: -entry[0])
    text = [sentence for _, sentence in said[:MOST_PRICES]]
    if len(said) > MOST_PRICES:
        text.append(f"{len(said) - MOST_PRICES} more prices: {rest}.")
    free = [name for name, rule in document["shadow_prices"].items() if not rule["price"]]
    if free:
        text.append(f"Worth nothing, as something else binds first: {', '.join(free)}.")
    relaxed = ", without lots" if document["prices_of_relaxation"] else ""
    return Section(f"What one more unit is worth{relaxed}", tuple(text))


def _price_sentence(name: str, place: Mapping[str, Any]) -> str:
    objective, _, measure = place["unit"].rpartition(" per ")
    price = place["price"]
    under = "in stock" if name == "stock" else f"under {name}"
    of = f" of {place['chip']}" if place["chip"] else ""
    whom = f" for {place['buyer']}" if place["buyer"] else ""
    one, many = f"{measure}{of} {under}{whom}", f"{measure}s{of} {under}{whom}"
    used = "" if place["room"] is None else f" ({short(place['used'], 3)} of {short(place['room'], 3)} used)"
    if place["per_domestic_chip"] is not None:
        price, used = place["per_domestic_chip"], f" ({name})"
        one, many = (f"domestic chip{end} bought by {place['buyer']}" for end in ("", "s"))
    if objective in ("USD", "H100e"):
        return f"One more {one} is worth {number_text(_rounded(price, 6), objective)}{used}."
    if objective.startswith("served share"):
        points = f"{PER_PRICE * price * 100:.3g} percentage points"
        return f"{PER_PRICE:,} more {many} raise the {objective} by {points}{used}."
    return f"One more {one} raises the {objective} by {_rounded(price, 6):g}{used}."


def _domestic(document: Document) -> Section:
    rows = [
        (
            buyer,
            "unknown" if found["due"] is None else _units(found["due"]),
            _units(found["bought"]),
            "" if found["missing"] is None else _units(found["missing"]),
        )
        for buyer, found in document["domestic_due"].items()
        if (found["due"] or found["bought"]) and buyer in _shown_buyers(document)
    ]
    text: tuple[str, ...] = ()
    if rows and all(found["due"] is None for found in document["domestic_due"].values()):
        text = ("No ratio was published, and none was given: what is owed is unknown.",)
    header = ("buyer", "due", "bought or promised", "missing")
    return Section("Domestic chips for the ratio", text, header, tuple(rows), (1, 2, 3))


def _policies(document: Document) -> Section:
    rows = tuple(
        (
            f"{name}{' *' if name == document['policy'] else ''}",
            _units(found["units"]),
            _usd(found["usd"]),
            short(found["h100e"], 3),
            percent(found["least_share"]),
            _figure(found["jain"]),
        )
        for name, found in document["policies"].items()
    )
    header = ("policy", "units", "worth", "H100e", "least share", "Jain")
    return Section("The same book by every policy", (), header, rows, (1, 2, 3, 4, 5))


def _served(document: Document) -> Section:
    policies = document["policies"]
    rows = tuple(
        (buyer, *(percent(found["served"][buyer]) for found in policies.values()))
        for buyer in document["buyers"]
        if buyer in _shown_buyers(document)
    )
    return Section(
        "Share served, by policy", (), ("buyer", *policies), rows, tuple(range(1, len(policies) + 1))
    )


def _orders(document: Document, rest: str) -> Section:
    found = document["allocation"]
    rows = tuple(
        (row["order"], row["buyer"], row["chip"], row["month"], _units(row["units"]))
        for row in found[:MOST_ORDERS]
    )
    more = (f"The first {MOST_ORDERS} of {len(found):,} deliveries; all of them: {rest}.",)
    header = ("order", "buyer", "chip", "month", "units")
    return Section("Deliveries", more if len(found) > MOST_ORDERS else (), header, rows, (4,))


def _left_out(document: Document) -> Section:
    by_rule: dict[str, list[str]] = {}
    for order, rule in document["barred"].items():
        by_rule.setdefault(rule, []).append(order)
    text = [f"Barred by {rule}: {_some(orders)}." for rule, orders in by_rule.items()]
    text += [
        f"Left out, {name}: {_without_name(name, why)}" for name, why in document["not_published"].items()
    ]
    return Section("Barred and left out", tuple(text))


def _without_name(name: str, why: str) -> str:
    return why.removeprefix(f"{name} ")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_BARRED} more" if len(names) > MOST_BARRED else ""
    return ", ".join(names[:MOST_BARRED]) + more


def _given(document: Document) -> Section:
    return Section("Numbers beside the law", tuple(_given_sentence(one) for one in document["given"]))


def _given_sentence(one: Mapping[str, Any]) -> str:
    value = one["value"] if isinstance(one["value"], str) else number_text(_rounded(one["value"], 6))
    reasons = [one["fact"] or "", f"assumption: {one['assumption']}" if one["assumption"] else ""]
    origin = "; ".join(reason for reason in reasons if reason)
    said = f"{one['key']} = {value}{' (default)' if one['by'] == 'default' else ''}"
    return f"{said}: {origin}" if origin else said


def _sources(document: Document) -> Section:
    rows = tuple((row["fact"], row["publisher"]) for row in document["sources"])
    text = ("`dualtrack cite FACT` gives each in full.",)
    return Section("Sources", text, ("fact", "publisher"), rows, whole=(0,))


def _usd(value: float) -> str:
    return f"{short(value, 4)} USD"


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def _units(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _rounded(value: float, digits: int = 8) -> float:
    """To so many digits: what a solver leaves beyond them says nothing."""
    return float(f"{value:.{digits}g}")

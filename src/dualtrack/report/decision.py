"""The page of one decision, from its document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dualtrack.decide.declarations import find_declaration, short_name
from dualtrack.decide.document import CONFIDENCES
from dualtrack.report.sections import FINDING_MARKS, Section, words
from dualtrack.rules.labels import label_of, number_text

VERDICTS = {"may_ship": "May ship", "needs": "Needs more before it may ship", "may_not_ship": "May not ship"}
GATES = {"us": "United States", "china": "China"}
# In a gate that lets nothing through a finding that holds speaks against the order.
BARRED_MARKS = {True: "•", False: "·", None: "?"}
BARRED = ("presumption_of_denial", "prohibited", "held", "refused")
PLACES = {"mainland": "the mainland", "hong_kong": "Hong Kong", "offshore": "a site abroad"}
RATIO = "china.domestic_ratio"


@dataclass(frozen=True)
class FindingRow:
    """A finding as a reader is shown it; or a declaration that is missing, with the answer that would help.

    Attributes:
        holds: None: not declared, or not known.
        waits_for: The declaration that is missing; empty where none is.
    """

    holds: bool | None
    text: str
    seen: str
    margin: str
    waits_for: str = ""
    facts: tuple[str, ...] = ()


def decision_sections(document: dict[str, Any]) -> list[Section]:
    """The page: verdict, both gates, headroom, money, what would change it, sources."""
    return [
        verdict(document),
        *_sentences("What would change the answer", document["what_would_change"]),
        *(_gate(name, document[key]) for key, name in GATES.items()),
        *consequences(document),
    ]


def consequences(document: dict[str, Any]) -> list[Section]:
    """What follows for units and money, with the notes and the sources."""
    return [
        _headroom(document["headroom"]),
        _money(document["levy"], "exported_from_us" in document["us"]["missing"]),
        *([_domestic(document["domestic_due"])] if RATIO in document["headroom"] else []),
        *_sentences("Notes", document["notes"]),
        _sources(document["sources"]),
    ]


def verdict(document: dict[str, Any]) -> Section:
    """Whether the order may ship, with what was asked."""
    order = document["order"]
    asked = (
        f"{order['units']:,} × {order['chip_name']} for {order['buyer_name']}, to {PLACES[order['destination']]}, "
        f"{order['end_use']} use; law of {document['law_on']}, facts known by {document['known_by']}."
    )
    text = [asked]
    if order["declarations"]:
        said = (
            f"{words(name)} {'yes' if answer else 'no'}" for name, answer in order["declarations"].items()
        )
        text.append(f"Declared: {', '.join(said)}.")
    return Section(VERDICTS[document["together"]["outcome"]], tuple(text))


def _gate(name: str, gate: dict[str, Any]) -> Section:
    rules = ", ".join(gate["rules"])
    text = [f"By {rules}."]
    marks = BARRED_MARKS if is_barred(gate) else FINDING_MARKS
    rows = [(marks[row.holds], row.text, row.seen, row.margin) for row in finding_rows(gate)]
    text += citations(gate)
    title = f"{name}: {words(gate['outcome'])}"
    return Section(title, tuple(text), ("", "finding", "seen", "margin"), tuple(rows), (2, 3))


def is_barred(gate: dict[str, Any]) -> bool:
    """Whether the gate lets nothing through, so that a finding that holds speaks against the order."""
    return gate["outcome"] in BARRED


def finding_rows(gate: dict[str, Any]) -> list[FindingRow]:
    """The findings of a gate, then the declarations that are missing and that no finding waits for."""
    rows = [
        FindingRow(
            found["holds"],
            found["text"],
            _seen(found),
            _margin(found["margin"]),
            _waits_for(found) if found["holds"] is None else "",
            tuple(found["facts"]),
        )
        for found in gate["findings"]
    ]
    shown = {
        short_name(name) for found in gate["findings"] for name in found["fields"] if found["holds"] is None
    }
    steps = [name for name in gate["missing"] if name not in shown and find_declaration(name)]
    return [*rows, *(FindingRow(None, _wanted(name), f"declare {name}", "", name) for name in steps)]


def citations(gate: dict[str, Any]) -> list[str]:
    """Where the findings of a gate are from, and how far they are trusted."""
    trust: dict[str, list[str]] = {}
    for found in gate["findings"]:
        trust.setdefault(found["citation"], []).append(found["confidence"])
    return [f"{citation} ({_confidence(confidences)})." for citation, confidences in trust.items()]


def _wanted(name: str) -> str:
    """The answer that would help the order, as a sentence."""
    label = label_of(find_declaration(name) or "")
    return label.yes if label.wanted else label.no


def _confidence(confidences: list[str]) -> str:
    """The least and the most trusted finding."""
    least, most = min(confidences, key=CONFIDENCES.index), max(confidences, key=CONFIDENCES.index)
    return f"confidence: {most}" if least == most else f"confidence: {least} to {most}, by finding"


def _headroom(rooms: dict[str, Any]) -> Section:
    if not rooms:
        return Section("Headroom", ("No limit on quantity applies.",))
    rows = tuple(
        (name, _units(room), {True: "yes", False: "no", None: "open"}[room["fits"]], room["basis"])
        for name, room in rooms.items()
    )
    return Section("Headroom, units", (), ("limit", "left", "fits", "counted"), rows, (1,))


def _units(room: dict[str, Any]) -> str:
    if room["unlimited"]:
        return "no limit"
    if room["units"] is None:
        return "unknown"
    if room["high"] is None:
        return f"at least {room['low']:,.0f}"
    if room["low"] != room["high"]:
        return f"{room['units']:,.0f} ({room['low']:,.0f} – {room['high']:,.0f})"
    return f"{room['units']:,.0f}"


def _money(levy: dict[str, Any], is_open: bool) -> Section:
    due, base = _usd(levy["due_usd"]), _usd(levy["base_usd"])
    if levy["outcome"] == "levy_due":
        condition = ", if the chips are exported from the United States" if is_open else ""
        text = [f"{due}{condition}: {levy['rate']:.0%} of a customs value of {base}."]
    elif levy["outcome"] == "no_levy":
        text = ["No duty is due."]
    else:
        text = ["Whether a duty is due hangs on a figure of the chip that is not published."]
    if levy["revenue_share"]["rate"]:
        share = levy["revenue_share"]
        text.append(
            f"Revenue share expected since August 2025: {share['rate']:.0%}, {_usd(share['due_usd'])}."
        )
    price = levy["price_usd"]
    text.append(
        f"Price: {_usd(price)} a unit ({levy['price_basis']})."
        if price is not None
        else f"{levy['price_basis']}.".capitalize()
    )
    return Section("Duty", tuple(text))


def _domestic(due: dict[str, Any]) -> Section:
    ratio = due["ratio"]
    rows = tuple(
        (basis, *(_count(due[basis], point) for point in ("low", "mid", "high")))
        for basis in ("units", "spend", "compute")
    )
    spread = (
        f"{ratio['mid']:g} ({ratio['low']:g} – {ratio['high']:g})"
        if ratio["low"] != ratio["high"]
        else f"{ratio['mid']:g}"
    )
    text = (f"At {spread} domestic per imported chip ({due['source']}), counted in {due['domestic_chip']}:",)
    return Section("Domestic chips to be bought", text, ("basis", "low", "middle", "high"), rows, (1, 2, 3))


def _count(points: dict[str, float] | None, point: str) -> str:
    return "unknown" if points is None else f"{points[point]:,.0f}"


def _sentences(title: str, sentences: list[str]) -> list[Section]:
    return [Section(title, tuple(sentences))] if sentences else []


def _sources(sources: list[dict[str, Any]]) -> Section:
    rows = tuple((row["fact"], str(row["publisher"]), row["confidence"]) for row in sources)
    return Section(
        "Sources",
        ("`dualtrack cite FACT` gives each in full.",),
        ("fact", "publisher", "confidence"),
        rows,
        whole=(0,),
    )


def _usd(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.0f} USD"


def _waits_for(finding: dict[str, Any]) -> str:
    """The first declaration that the finding reads; empty where it reads none."""
    return next((short_name(name) for name in finding["fields"] if find_declaration(name)), "")


def _seen(finding: dict[str, Any]) -> str:
    value, fields = finding["seen"], finding["fields"]
    if value is None:
        name = _waits_for(finding)
        return f"declare {name}" if name else "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    named = label_of(fields[0]).values if fields else {}
    return named.get(float(value), number_text(round(float(value), 2)))


def _margin(value: float | None) -> str:
    return "" if value is None else number_text(round(value, 2) + 0.0)

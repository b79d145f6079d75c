"""The tables of an allocation, from its document: tidy rows for CSV and for the sheets of a workbook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from dualtrack.report.workbook import workbook

TABLE_FORMATS = (".csv", ".xlsx", ".json")

Document = Mapping[str, Any]
Rows = list[dict[str, Any]]

DELIVERY = ("order", "buyer", "chip", "month", "units")


def allocation_file(suffix: str, document: Document) -> bytes:
    """The allocation as a file of TABLE_FORMATS: deliveries, all tables, or the document. A workbook needs XlsxWriter."""
    if suffix == ".json":
        return (json.dumps(document, allow_nan=False, ensure_ascii=False, indent=1) + "\n").encode()
    if suffix == ".csv":
        return delivery_lines(document).encode()
    return workbook(allocation_tables(document), "Allocation", document["law_on"])


def allocation_tables(document: Document) -> dict[str, Rows]:
    """Every table of an allocation by the name of its sheet."""
    return {
        "allocation": [dict(row) for row in document["allocation"]],
        "buyers": _buyers(document),
        "binding": _binding(document),
        "prices": _prices(document),
        "policies": _policies(document),
        "barred": [{"order": order, "rule": rule} for order, rule in document["barred"].items()],
        "given": [dict(row) for row in document["given"]],
        "about": _about(document),
        "sources": [dict(row) for row in document["sources"]],
    }


def delivery_lines(document: Document) -> str:
    """The deliveries as CSV, with a header even where there are none."""
    text = io.StringIO()
    writer = csv.DictWriter(text, DELIVERY, lineterminator="\n")
    writer.writeheader()
    writer.writerows(document["allocation"])
    return text.getvalue()


def _buyers(document: Document) -> Rows:
    rows = []
    for buyer, found in document["buyers"].items():
        own = {name: value for name, value in found.items() if name != "by_chip"}
        owed = {f"domestic_{name}": value for name, value in document["domestic_due"][buyer].items()}
        rows.append({"buyer": buyer, **own, **owed})
    return rows


def _binding(document: Document) -> Rows:
    return [
        {"buyer": buyer, **one, "months": ", ".join(one["months"])}
        for buyer, found in document["binding"].items()
        for one in found
    ]


def _prices(document: Document) -> Rows:
    return [
        {
            "limit": name,
            "buyer": place["buyer"],
            "chip": place["chip"],
            "price": place["price"],
            "unit": rule["unit"],
            **{f"from {month}": place["by_month"].get(month) for month in document["months"]},
            "room": place["room"],
            "used": place["used"],
            "per_domestic_chip": place["per_domestic_chip"],
        }
        for name, rule in document["shadow_prices"].items()
        for place in rule["places"]
    ]


def _policies(document: Document) -> Rows:
    return [
        {
            "policy": name,
            "objective": found["objective"]["name"],
            "value": found["objective"]["value"],
            "unit": found["objective"]["unit"],
            **{key: found[key] for key in ("units", "usd", "h100e", "least_share", "jain", "gap")},
            **{f"share of {buyer}": share for buyer, share in found["served"].items()},
        }
        for name, found in document["policies"].items()
    ]


def _about(document: Document) -> Rows:
    names = (
        "on",
        "law_on",
        "known_by",
        "policy",
        "level",
        "lot",
        "gap",
        "prices_of_relaxation",
        "whole_units",
    )
    rows = [{"what": name, "text": document[name]} for name in (*names, "tie_break")]
    rows += [{"what": "note", "text": note} for note in document["notes"]]
    rows += [
        {"what": "left out", "text": f"{name}: {why}"} for name, why in document["not_published"].items()
    ]
    return rows

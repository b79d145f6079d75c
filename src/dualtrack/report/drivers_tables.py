"""The tables of a study of drivers, one row for each input of each outcome or conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]
Row = dict[str, Any]


def drivers_tables(document: Document) -> dict[str, list[Row]]:
    """Rows by the stem of their file; a table without rows is left out."""
    explained = [*document["outcomes"], *document["conclusions"]]
    tables = {
        "drivers-indices": [row for found in explained for row in _strengths(found)],
        "drivers-tornado": [row for found in document["outcomes"] for row in _swings(found)],
        "drivers-regional": [row for found in document["conclusions"] for row in _shifts(found)],
        "drivers-boxes": [row for found in document["conclusions"] for row in _limits(found)],
    }
    return {name: rows for name, rows in tables.items() if rows}


def _strengths(found: Document) -> list[Row]:
    kind = found["indices"] or found["effects"]
    return [{"of": _of(found), **_flat(row)} for row in (kind["inputs"] if kind else ())]


def _flat(row: Document) -> Row:
    """Estimates as three columns each."""
    flat: Row = {}
    for part, value in row.items():
        if part == "name":
            flat["input"] = value
        elif isinstance(value, Mapping):
            flat |= {part: value["value"], f"{part}_low": value["low"], f"{part}_high": value["high"]}
        else:
            flat[part] = value
    return flat


def _swings(found: Document) -> list[Row]:
    return [
        {
            "of": _of(found),
            "key": row["key"],
            "low": row["low"]["where"],
            "mean_low": row["low"]["mean"],
            "median_low": row["low"]["median"],
            "high": row["high"]["where"],
            "mean_high": row["high"]["mean"],
            "median_high": row["high"]["median"],
            "change": row["change"],
            "change_low": row["interval"][0],
            "change_high": row["interval"][1],
            "beyond_chance": row["clear"],
        }
        for row in found["tornado"]
    ]


def _shifts(found: Document) -> list[Row]:
    return [
        {"of": _of(found), **{name: value for name, value in row.items() if not isinstance(value, Mapping)}}
        for row in found["regional"]
    ]


def _limits(found: Document) -> list[Row]:
    return [
        {
            "of": _of(found),
            "box": number,
            "looked_for": found["looked_for"],
            **limit,
            "reports": "; ".join(limit["reports"]),
            **{f"checked_{name}": value for name, value in box["checked"].items()},
        }
        for number, box in enumerate(found["boxes"], 1)
        for limit in box["limits"]
    ]


def _of(found: Document) -> str:
    return str(found.get("text", found["name"]))

"""`dualtrack facts`, `dualtrack cite`, and the list of keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dualtrack.commands.output import console, print_json
from dualtrack.facts.book import DATA_DIR, FactBook, load_book
from dualtrack.facts.cite import citation, uses
from dualtrack.facts.fact import Fact
from dualtrack.months import parse_date
from dualtrack.report.numbers import plain
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import RUN_KEYS

MOST_ROWS = 60


def amount(low: object, value: object, high: object) -> str:
    """A value or a range as a reader wants it."""
    if low is not None:
        return f"{plain(value)}  ({plain(low)} – {plain(high)})"
    return plain(value)


def search_facts(query: str, known_by: str | None, overlays: Sequence[Path], as_json: bool) -> None:
    """Facts whose id, meaning, publisher or note has all the words."""
    book = load_book(tuple(overlays))
    day = parse_date(known_by) if known_by else None
    found = book.search(query, day) if query else _all_known(book, day)
    if as_json:
        print_json([fact.content() for fact in found])
        return
    if not found:
        console().print(f"No fact has all of: {query!r}. Try fewer or other words.")
        return
    screen = console()
    for fact in found[:MOST_ROWS]:
        value = amount(fact.low, fact.mid if fact.is_range else fact.value, fact.high)
        screen.print(Text(fact.id, style="bold"), Text(f"{value} {fact.unit}"), soft_wrap=True)
        about = f"about {fact.on}, known by {fact.known_by}, {fact.confidence}"
        screen.print(Padding(Text(f"{fact.what} ({about})", style="dim"), (0, 0, 0, 4)))
    if len(found) > MOST_ROWS:
        console().print(f"{len(found) - MOST_ROWS} more; add a word, or use --json.")


def _all_known(book: FactBook, day: date | None) -> list[Fact]:
    """Every fact in the version of the day; those not yet known are left out."""
    found = []
    for name in book:
        versions = [fact for fact in book.versions(name) if day is None or fact.known_by <= day]
        if versions:
            found.append(max(versions, key=lambda fact: fact.known_by))
    return found


def cite(fact_id: str, known_by: str | None, overlays: Sequence[Path], as_json: bool) -> None:
    """Everything about one fact."""
    book = load_book(tuple(overlays))
    day = parse_date(known_by) if known_by else None
    shown = citation(book, fact_id, day, uses(fact_id, DATA_DIR))
    if as_json:
        print_json(shown)
        return
    screen = console()
    screen.print(Text(shown["id"], style="bold"))
    screen.print(Text(str(shown["what"])))
    low, high = shown.get("low"), shown.get("high")
    value = shown.get("mid") if low is not None else shown.get("value")
    rows = {
        "value": f"{amount(low, value, high)} {shown['unit']}",
        "about": shown["on"],
        "known by": _known_by_text(shown),
        "confidence": shown["confidence"],
        **_source_rows(shown["source"]),
        "note": shown.get("note"),
        "stands in": f"{shown['file']}, line {shown['line']}",
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for heading, text in rows.items():
        if text:
            table.add_row(heading, Text(str(text)))
    screen.print(table)
    for heading, key in (("versions", "versions"), ("other periods", "series"), ("conflicting", "conflicts")):
        others = [other for other in shown[key] if key == "versions" or other["id"] != fact_id]
        if len(others) > (1 if key == "versions" else 0):
            _print_others(heading, others)
    screen.print(Text("used by", style="bold"))
    for place in shown["used_by"] or ["nothing in the model"]:
        screen.print(Text(f"  {place}"), soft_wrap=True)


def _known_by_text(shown: dict[str, Any]) -> str:
    basis = shown.get("known_by_basis")
    text = str(shown["known_by"]) + (f" ({basis})" if basis else "")
    return text + (", hindsight: may set a starting stock only" if shown.get("hindsight") else "")


def _source_rows(source: dict[str, Any]) -> dict[str, Any]:
    return {
        "publisher": source.get("publisher"),
        "title": source.get("title"),
        "address": source.get("address"),
        "published": source.get("published"),
    }


def _print_others(heading: str, others: list[dict[str, Any]]) -> None:
    screen = console()
    screen.print(Text(heading, style="bold"))
    table = Table(box=None, show_header=False)
    for other in others:
        value = amount(other.get("low"), other.get("value"), other.get("high"))
        table.add_row(str(other["period"]), Text(value), other["unit"], other["known_by"], other["publisher"])
    screen.print(table)


def list_keys(as_json: bool) -> None:
    """Every key that `--set` takes."""
    rows = [key_row(name) for name in load_keys()]
    run_rows = [{"key": key, "what": what} for key, what in RUN_KEYS.items()]
    if as_json:
        print_json([*run_rows, *rows])
        return
    screen = console()
    for run_row in run_rows:
        screen.print(Text(run_row["key"], style="bold"), Text(f"({run_row['what']}; as the scenario says)"))
    for row in rows:
        source = ", ".join(row["facts"]) or ("assumption" if row["assumption"] else "law in force")
        if row["bounds"]:
            within = " to ".join(f"{bound:g}" for bound in row["bounds"])
        else:
            within = " | ".join(row["options"]) or row["kind"]
        screen.print(Text(row["key"], style="bold"), Text(f"= {default_text(row['default'])} {row['unit']}"))
        about = Text(f"{row['what']}. Takes: {within}. From: {source}.", style="dim")
        screen.print(Padding(about, (0, 0, 0, 4)))


def default_text(default: Any) -> str:
    if isinstance(default, list):
        return " : ".join(plain(part) for part in default)
    return str(default)


def key_row(name: str) -> dict[str, Any]:
    entry = load_keys()[name].entry
    book = load_book()
    default: Any = entry.value
    if entry.law:
        default = f"law in force ({entry.law})"
    elif entry.fact:
        fact = book.get(entry.fact)
        points = [fact.low, fact.mid, fact.high] if fact.is_range and not entry.middle else [fact.number]
        scaled = [float(point or 0.0) * entry.scale for point in points]
        default = scaled if len(scaled) > 1 else scaled[0]
    elif entry.range:
        default = list(entry.range)
    elif entry.alternatives:
        default = "one of: " + "; ".join(part.name for part in entry.alternatives)
    elif entry.trials:
        default = "Beta from cases seen"
    named = [entry.fact] if entry.fact else []
    named += [part.fact for part in entry.alternatives or [] if part.fact]
    named += [name for case in entry.trials or [] for name in case.facts()]
    named += [name for part in entry.alternatives or [] for name in (*part.facts, *part.basis)]
    return {
        "key": name,
        "what": entry.what,
        "unit": entry.unit,
        "kind": entry.kind,
        "default": default,
        "bounds": list(entry.bounds) if entry.bounds else None,
        "options": entry.options,
        "facts": list(dict.fromkeys([*named, *entry.facts, *entry.basis])),
        "assumption": entry.assumption,
        "note": entry.note,
        "law": entry.law,
    }

"""Rules and limits that hold every word of a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dualtrack.facts.book import FactBook, KnownFacts
from dualtrack.report.sections import words
from dualtrack.rules import Rulebook
from dualtrack.rules.citing import facts_of, names_in


def found_rules(
    rows: Sequence[dict[str, Any]], query: str, rulebook: Rulebook, book: FactBook | KnownFacts
) -> list[dict[str, Any]]:
    """Those of `explanation.listed` with every word in id, outcome, sentence, citation, parameters or sources."""
    asked = query.lower().split()
    items = {item.id: item for item in rulebook.items}

    def text(row: dict[str, Any]) -> str:
        item = items[row["id"]]
        parameters = [rulebook.parameters[name] for name in names_in(item, "parameters")]
        sources = [book.get(name).source for name in facts_of(item, rulebook)]
        parts = [row["id"], row["subject"], words(row["outcome"] or ""), row["sentence"], row["citation"]]
        parts += [part for each in parameters for part in (each.id, each.what)]
        parts += [part for source in sources for part in (source.publisher, source.title)]
        parts += facts_of(item, rulebook)
        return " ".join(parts).lower()

    return [row for row in rows if all(word in text(row) for word in asked)] if asked else list(rows)

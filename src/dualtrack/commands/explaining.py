"""`dualtrack explain`: the rules as sentences, with their numbers, dates and sources."""

from __future__ import annotations

from dualtrack.commands.output import console, print_json
from dualtrack.facts.book import load_book
from dualtrack.report.explanation import explanation, listed
from dualtrack.report.rule_page import list_sections, rule_sections
from dualtrack.report.sections import markdown, print_sections
from dualtrack.rules import load_rulebook


def explain(rule: str | None, as_markdown: bool, as_json: bool) -> None:
    """Print one rule or limit in full, or the list of all."""
    book = load_book()
    rulebook = load_rulebook(book)
    document = listed(rulebook, book) if rule is None else explanation(rule, rulebook, book)
    if as_json:
        print_json(document)
        return
    sections = list_sections(document) if isinstance(document, list) else rule_sections(document)
    if as_markdown:
        console().print(markdown(sections), soft_wrap=True, markup=False, end="")
    else:
        print_sections(sections, console())

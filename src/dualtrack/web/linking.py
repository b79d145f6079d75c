"""Ids of rules and facts in a text, made into links to their pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import markupsafe

from dualtrack.report.sections import Section

_ID = re.compile(r"[a-z]\w*(?:\.\w+)+")


def addresses(rules: Iterable[str], facts: Iterable[str]) -> dict[str, str]:
    """The page of each rule, limit and fact, by id."""
    return {name: f"/facts/{name}" for name in facts} | {name: f"/rules/{name}" for name in rules}


def linked(text: str, links: Mapping[str, str]) -> markupsafe.Markup:
    """The text, escaped, with a link on every id that has an address.

    >>> linked("By us.levy.due & so.on.", {"us.levy.due": "/rules/us.levy.due"})
    Markup('By <a href="/rules/us.levy.due">us.levy.due</a> &amp; so.on.')
    """

    def link(found: re.Match[str]) -> str:
        name = found.group()
        return f'<a href="{links[name]}">{name}</a>' if name in links else name

    return markupsafe.Markup(_ID.sub(link, str(markupsafe.escape(text))))


def linked_sections(sections: Iterable[Section], links: Mapping[str, str]) -> list[Section]:
    """Sections with links in their sentences and cells."""
    return [
        replace(
            section,
            text=tuple(linked(sentence, links) for sentence in section.text),
            rows=tuple(tuple(linked(cell, links) for cell in row) for row in section.rows),
        )
        for section in sections
    ]

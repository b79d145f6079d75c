from __future__ import annotations

import pytest

from dualtrack.facts.book import FactBook, load_book
from dualtrack.rules import Rulebook, load_rulebook


@pytest.fixture(scope="session")
def book() -> FactBook:
    return load_book()


@pytest.fixture(scope="session")
def rulebook(book: FactBook) -> Rulebook:
    return load_rulebook(book)

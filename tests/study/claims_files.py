"""Claims files of the tests: written, read and judged on a small plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dualtrack.facts.book import load_book
from dualtrack.parallel import Where
from dualtrack.study.claims.files import read_claims
from dualtrack.study.claims.judging import judge
from dualtrack.study.claims.runs import Plan
from dualtrack.yaml_files import load_document

SMALL = {"paths": "40", "months": "14"}


def plan_for(
    *changes: str, scenario: str = "h200-truce", facts: tuple[Path, ...] = (), **options: str
) -> Plan:
    return Plan(scenario, load_book(facts), changes, {**SMALL, **options})


def judged(text: str, folder: Path, plan: Plan | None = None) -> Any:
    """The document of claims written as YAML."""
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return judge(read_claims(load_document(path)), plan or plan_for(), command="", where=Where())


def one_measure(measure: str, folder: Path, plan: Plan | None = None) -> Any:
    """The document of one measure, written as the fields of a YAML flow mapping."""
    text = f"title: T\nclaims:\n  - {{id: a, statement: S, because: B, about: [{{name: m, {measure}}}]}}\n"
    return judged(text, folder, plan)["claims"][0]["measures"][0]

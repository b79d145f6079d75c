"""`dualtrack brief --with`: studies saved beside a result, or made for it."""

from __future__ import annotations

import json
import re

import pytest
from tests.cli.helpers import SMALL, dualtrack, expect_refusal


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    out = tmp_path_factory.mktemp("brief") / "out"
    answer = dualtrack("run", *SMALL, "--set", "china.ratio=2", "--out", out, "--json")
    assert answer.code == 0, answer.err
    return out


def brief(saved, *words):
    answer = dualtrack("brief", saved, *words, "--json")
    assert answer.code == 0, answer.err
    return (saved / "brief.html").read_text(encoding="utf-8"), (saved / "brief.md").read_text(
        encoding="utf-8"
    )


def test_a_study_that_is_not_there_is_made_for_the_run(saved):
    page, text = brief(saved, "--with", "compare")
    made = json.loads((saved / "compare.json").read_text(encoding="utf-8"))
    assert made["base"] == "no-imports" and made["paths"] == 20
    # What was changed in the run is changed in both, so that they differ by the imports alone.
    assert [one["changes"] for one in made["scenarios"].values()] == [["china.ratio=2"]] * 2
    assert 'id="study-compare"' in page and "h200-truce against no-imports" in text
    assert page.index('id="study-compare"') < page.index('id="assumptions"')
    (saved / "compare.json").unlink()


def test_a_study_saved_beside_the_run_is_taken(saved):
    answer = dualtrack(
        "compare",
        "h200-truce",
        "one-for-one",
        *SMALL,
        "--outcome",
        "h200_delivered_cum",
        "--out",
        saved,
        "--json",
    )
    assert answer.code == 0, answer.err
    page, _ = brief(saved, "--with", "compare")
    assert "h200-truce against one-for-one" in page
    (saved / "compare.json").unlink()


def test_a_brief_without_studies_has_none(saved):
    page, _ = brief(saved)
    assert not re.search(r'id="study-', page)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--with", "compar"), ["compar", "'compare'", "drivers"]),
        (("--with", "sweep"), ["dualtrack sweep h200-truce", "--out"]),
        (("--with", "claims", "--seal-buyers"), ["--seal-buyers"]),
    ],
)
def test_what_cannot_be_taken_in_is_told(saved, words, wanted):
    expect_refusal(saved, lambda: dualtrack("brief", saved, *words), *wanted)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("nothing", ["no study of dualtrack's"]),
        ('{"study": "compare", "version": "0.0.1"}', ["version 0.0.1"]),
        (
            '{"study": "compare", "version": "0.1.0", "scenarios": {"a": {"scenario": "open-door"}}}',
            ["open-door"],
        ),
        ('{"study": "compare", "version": "0.1.0", "scenario": "h200-truce", "seed": 5}', ["seed 5"]),
    ],
)
def test_a_file_of_another_study_or_run_is_not_taken(saved, content, wanted):
    (saved / "compare.json").write_text(content, encoding="utf-8")
    expect_refusal(saved, lambda: dualtrack("brief", saved, "--with", "compare"), "compare.json", *wanted)
    (saved / "compare.json").unlink()


def test_studies_stand_on_the_facts_of_the_run(saved, tmp_path):
    facts = tmp_path / "facts.yaml"
    facts.write_text(
        "nvidia.inventory.h200.2025_12:\n"
        "  what: H200 in stock at the end of December 2025\n"
        "  value: 550000\n"
        "  unit: units\n"
        "  on: 2025-12-31\n"
        "  confidence: medium\n"
        "  source: {publisher: Ours, title: Note, address: null, published: 2026-01-20}\n",
        encoding="utf-8",
    )
    expect_refusal(
        saved, lambda: dualtrack("brief", saved, "--with", "compare", "--facts", facts), "facts", "hash"
    )

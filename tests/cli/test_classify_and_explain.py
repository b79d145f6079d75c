"""`dualtrack classify` and `dualtrack explain` as a user types them."""

from __future__ import annotations

import pytest
from tests.cli.helpers import dualtrack, expect_refusal

from dualtrack.entities import load_chips
from dualtrack.facts.book import load_book
from dualtrack.rules import load_rulebook

RULEBOOK = load_rulebook(load_book())
KEYS = {
    *("chip", "tpp", "set_by", "performance_density", "eccn", "exception_nac", "review_window"),
    *("us_availability", "window_margin", "tariff_band", "letter_2025", "sources"),
}


def test_the_document_lists_every_chip_with_the_keys_of_the_contract():
    document = dualtrack("classify", "--json").document
    assert [row["chip"] for row in document] == list(load_chips())
    assert all(set(row) >= KEYS for row in document)


def test_a_file_of_ones_own_is_classified_and_its_faults_are_told_together(tmp_path):
    path = tmp_path / "chips.yaml"
    path.write_text("mine: {dense_tflops: {fp8: 700}, memory_bandwidth_gbps: 3000, interconnect_gbps: 400}\n")
    (row,) = dualtrack("classify", str(path), "--json").document
    assert (row["chip"], row["tpp"], row["eccn"]) == ("mine", 5600, "3A090.a")
    path.write_text("mine: {dense_tflops: {fp9: 700}}\nother: {memory_bandwidth: 1}\n")
    said = ("fp9", "memory_bandwidth", "line 1", "line 2")
    expect_refusal(tmp_path, lambda: dualtrack("classify", str(path)), *said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("classify", "H2O"), ("Unknown chip 'H2O'", "h20")),
        (("classify", "H20", "--on", "2021-12-31"), ("covered from 2022-01-01",)),
        (("classify", "H20", "--on", "2025Q4"), ("one day",)),
        (("explain", "us.review.case"), ("Did you mean 'us.review.case_by_case'",)),
        (("explain", "us.review.tpp_ceiling"), ("is a parameter", "us.review.case_by_case")),
    ],
)
def test_wrong_input_is_answered_with_a_way_on(tmp_path, words, said):
    expect_refusal(tmp_path, lambda: dualtrack(*words), *said)


@pytest.mark.parametrize("columns", [80, 200])
def test_pages_fit_the_screen(columns):
    for words in (
        ("classify",),
        ("classify", "H20", "MI308X"),
        ("explain",),
        ("explain", "china.conditional"),
    ):
        out = dualtrack(*words, columns=columns).out
        assert out and all(len(line) <= columns for line in out.splitlines()), words


@pytest.mark.parametrize("name", [item.id for item in (*RULEBOOK.rules, *RULEBOOK.limits)])
def test_every_rule_has_sentence_dates_sources_and_a_worked_example(name):
    document = dualtrack("explain", name, "--json").document
    assert document["sentence"].endswith(".")
    assert document["citation"] and document["sources"] and document["example"]
    if document["kind"] == "rule":
        assert document["example"]["outcome"] == document["outcome"]
        assert document["in_force"]

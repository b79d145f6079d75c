from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from dualtrack.errors import DataFault
from dualtrack.facts.book import FactBook
from dualtrack.rules import Rulebook
from dualtrack.rules.labels import read_labels
from dualtrack.rules.load import load_parameters

BAD = """\
cover_from: yesterday
parameters:
  one:
    what: a number
    unit: units
    history:
      - {from: 2026-01-15, fact: export.rule_2026_01.tpp_maxx}
      - {from: 2026-02-01}
  two:
    unit: units
    unpublished: nobody knows
    historie: []
  three:
    what: overlapping
    unit: units
    history:
      - {from: 2026-01-15, to: 2026-03-01, value: 1, assumption: a test}
      - {from: 2026-02-01, value: 2, assumption: a test}
  four: 21000
  five:
    what: a status is no number
    unit: switch
    history:
      - {from: 2026-01-15, fact: export.rule_2026_01.header}
"""


def test_the_faults_of_a_file_are_listed_together_with_their_lines(tmp_path: Path, book: FactBook):
    (tmp_path / "bad.yaml").write_text(BAD)
    with pytest.raises(DataFault) as refused:
        load_parameters(book, tmp_path)
    text = str(refused.value)
    for line, words in {
        1: "'yesterday' is not a date",
        7: "Unknown fact 'export.rule_2026_01.tpp_maxx'",
        8: "has no source",
        9: "has no `what:`",
        12: "unknown key 'historie'. Did you mean 'history'?",
        16: "the value from 2026-01-15 overlaps the one from 2026-02-01",
        19: "is 21000. Wanted: what, unit and history.",
        24: "Write `value:` beside the fact",
    }.items():
        assert any(re.search(rf"line {line}[,:]", said) and words in said for said in text.split("\n")), text


def test_a_number_comes_from_its_fact(rulebook: Rulebook, book: FactBook):
    for parameter in rulebook.parameters.values():
        for entry in parameter.history:
            assert entry.facts or entry.assumption, parameter.id
            for name in entry.facts:
                if book.get(name).is_numeric:
                    assert entry.value == book.get(name).number, parameter.id


def test_a_value_without_an_end_lasts_until_the_next(rulebook: Rulebook):
    first, second = rulebook.parameters["us.control_2022.in_force"].history
    assert (first.last, second.first, second.last) == (date(2023, 11, 16), date(2023, 11, 17), None)


def test_no_value_is_in_force_before_its_fact_was_known(rulebook: Rulebook, book: FactBook):
    for parameter in rulebook.parameters.values():
        for entry in parameter.history:
            for name in entry.facts:
                # A press report of a state comes days after it, a rule is published before it binds.
                assert (book.get(name).known_by - entry.first).days <= 7, (parameter.id, name)


def test_a_folder_without_cover_is_refused(tmp_path: Path, book: FactBook):
    with pytest.raises(DataFault, match="from when law is covered"):
        load_parameters(book, tmp_path)


def test_labels_without_words_are_refused(tmp_path: Path):
    path = tmp_path / "labels.yaml"
    path.write_text("a: {yes: so}\nb: {label: b, units: x}\n")
    with pytest.raises(DataFault) as refused:
        read_labels(path)
    assert "line 1, a: has no words" in str(refused.value)
    assert "line 2, b: unknown units" in str(refused.value)

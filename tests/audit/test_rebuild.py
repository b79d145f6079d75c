"""From the manifest of a result back to its scenario, or a refusal that says why not."""

from __future__ import annotations

import pytest

from dualtrack.audit.rebuild import scenario_of_text, split_text
from dualtrack.errors import ResultFault
from dualtrack.scenarios.scenario import load_scenario, shipped_scenarios

MINE = """\
# mine.yaml
# data/scenarios/h200-truce.yaml
title: A ratio of two
inherits: {inherits}
set:
  china.ratio: {{value: 2, assumption: What if it were twice the analogue?}}
"""
OURS = """\
title: Ours
inherits: one-for-one
months: 7
keep_buyers: false
set:
  vendor.stock_units: {value: 500000, assumption: Ours.}
"""


def same(one, other):
    for name in ("settings", "known_by", "start", "months", "paths", "seed", "keep_buyers", "chip", "copula"):
        first, second = getattr(one, name), getattr(other, name)
        assert str(first) == str(second), name
    assert one.text == other.text


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_shipped_scenario_comes_back_with_its_changes(book, name):
    run = {"paths": 12, "months": 20, "seed": 5}
    scenario = load_scenario(name, book, changes=["china.ratio=0.5:1:2", "us.share_limit=0.4"], run=run)
    same(scenario_of_text(scenario.text, book), scenario)


@pytest.mark.parametrize("below", ["ours.yaml", "../ours.yaml", "../base/ours.yaml"])
def test_files_of_the_user_come_back_though_they_are_gone(book, tmp_path, below):
    folder = tmp_path / "deep" / "base"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(MINE.format(inherits=below), encoding="utf-8")
    ours = folder / below
    ours.write_text(OURS, encoding="utf-8")
    scenario = load_scenario(str(folder / "mine.yaml"), book, changes=["seed=9"])
    ours.unlink()
    (folder / "mine.yaml").unlink()
    again = scenario_of_text(scenario.text, book)
    same(again, scenario)
    assert again.settings["china.ratio"].value == 2.0
    assert (again.months, again.seed, again.keep_buyers) == (7, 9, False)


def test_a_comment_that_looks_like_a_heading_is_part_of_its_file(book, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(MINE.format(inherits="h200-truce"), encoding="utf-8")
    files, changes = split_text(load_scenario(str(path), book).text)
    assert [file.label for file in files] == [str(path), "data/scenarios/h200-truce.yaml"]
    assert files[0].text.rstrip("\n") == path.read_text(encoding="utf-8").rstrip("\n")
    assert changes == []


def test_a_shipped_file_that_reads_otherwise_today_is_refused(book):
    text = load_scenario("one-for-one", book).text
    with pytest.raises(ResultFault, match="changed since"):
        scenario_of_text(text.replace("One for one", "One for each"), book)


@pytest.mark.parametrize("text", ["", "title: x", "# mine.yaml\n- a\n- b\n", "# changes\na=1\n"])
def test_a_text_that_is_no_scenario_is_refused(book, text):
    with pytest.raises(ResultFault, match="damaged"):
        scenario_of_text(text, book)


def test_a_missing_file_of_the_user_is_named_as_it_was_called(book, tmp_path):
    ours = tmp_path / "ours.yaml"
    ours.write_text(OURS, encoding="utf-8")
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE.format(inherits=ours), encoding="utf-8")
    text = load_scenario(str(mine), book).text
    same(scenario_of_text(text, book), load_scenario(str(mine), book))
    ours.write_text(OURS.replace("500000", "400000"), encoding="utf-8")
    with pytest.raises(ResultFault, match="changed since"):
        scenario_of_text(text, book)
    ours.unlink()
    with pytest.raises(ResultFault, match=str(ours)):
        scenario_of_text(text, book)

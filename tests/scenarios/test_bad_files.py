"""A scenario file that cannot be used is refused with its file and line, and all its faults at once."""

import pytest
from tests.cli.helpers import dualtrack, expect_refusal

from dualtrack.facts.book import load_book

HEAD = "title: Mine\ninherits: h200-truce\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(place, text, *wanted):
    (place / "mine.yaml").write_text(text, encoding="utf-8")
    words = ("run", "mine.yaml", "--json", "--out", "out", "--paths", "20", "--months", "3")
    return expect_refusal(place, lambda: dualtrack(*words), *wanted)


FAULTY = {
    "an unknown field": (HEAD + "titel: Other\n", ["mine.yaml, line 3", "titel"]),
    "a field of the wrong kind": (HEAD + "months: many\n", ["mine.yaml, line 3", "months", "many"]),
    "a key twice": (HEAD + "title: Other\n", ["mine.yaml, line 3", "title", "twice"]),
    "a setting twice": (
        HEAD + "set:\n  china.ratio: {value: 1, assumption: a}\n  china.ratio: {value: 2, assumption: b}\n",
        ["mine.yaml, line 5", "china.ratio", "twice"],
    ),
    "not YAML": ("title: Mine\n  set: [1\n", ["mine.yaml, line 2", "not YAML"]),
    "empty": ("", ["mine.yaml"]),
    "a list": ("- title\n", ["mine.yaml"]),
    "no title": ("inherits: h200-truce\n", ["mine.yaml", "title"]),
    "its own ancestor": (
        "title: Mine\ninherits: mine.yaml\n",
        ["mine.yaml", "line 2", "inherits from itself"],
    ),
    "no such ancestor": ("title: Mine\ninherits: h200-truse\n", ["mine.yaml", "line 2", "'h200-truce'"]),
    "a number without a source": (
        HEAD + "set:\n  china.ratio: {value: 1}\n",
        ["mine.yaml, line 4", "china.ratio", "source", "assumption"],
    ),
    "a bare number": (HEAD + "set:\n  china.ratio: 1\n", ["mine.yaml, line 4", "china.ratio", "assumption"]),
    "an entry without a value": (
        HEAD + "set:\n  china.ratio: {assumption: none}\n",
        ["mine.yaml, line 4", "china.ratio", "value"],
    ),
    "two values in one entry": (
        HEAD + "set:\n  china.ratio: {value: 1, range: [1, 2, 3], assumption: none}\n",
        ["mine.yaml, line 4", "china.ratio", "value", "range"],
    ),
    "an unknown field of an entry": (
        HEAD + "set:\n  china.ratio: {vaule: 1, assumption: none}\n",
        ["mine.yaml, line 4", "vaule"],
    ),
    "an unknown key": (
        HEAD + "set:\n  chian.ratio: {value: 1, assumption: none}\n",
        ["mine.yaml, line 4", "'china.ratio'"],
    ),
    "an unknown chip": (
        HEAD + "set:\n  vendor.chip: {value: h-200, assumption: none}\n",
        ["mine.yaml, line 4", "h-200", "'h200'"],
    ),
    "an unknown fact": (
        HEAD + "set:\n  china.ratio: {fact: import.ratio.model_prio}\n",
        ["mine.yaml, line 4", "import.ratio.model_prio", "'import.ratio.model_prior'"],
    ),
    "a fact that is no number": (
        HEAD + "set:\n  china.ratio: {fact: import.ratio.official}\n",
        ["mine.yaml, line 4", "import.ratio.official", "no number"],
    ),
    "a range out of order": (
        HEAD + "set:\n  china.ratio: {range: [2, 1, 3], assumption: none}\n",
        ["mine.yaml, line 4", "2, 1, 3"],
    ),
    "a range of two": (
        HEAD + "set:\n  china.ratio: {range: [1, 2], assumption: none}\n",
        ["mine.yaml, line 4", "low, mid and high"],
    ),
    "a share above 1": (
        HEAD + "set:\n  demand.realism: {value: 1.4, assumption: none}\n",
        ["mine.yaml, line 4", "demand.realism", "1.4", "0 to 1"],
    ),
    "an unknown family": (
        HEAD + "set:\n  china.ratio: {range: [1, 2, 3], family: bogus, assumption: none}\n",
        ["mine.yaml, line 4", "bogus", "uniform"],
    ),
    "a trial of nothing": (
        HEAD + "set:\n  demand.realism: {trials: [{got: 0, of: 0}], assumption: none}\n",
        ["mine.yaml, line 4", "demand.realism"],
    ),
    "start after the data": (
        HEAD + "start: 2027-01\n",
        ["mine.yaml", "line 3", "start", "2027-01", "2026-02"],
    ),
    "a revocation outside the run": (
        HEAD + "set:\n  us.revocation: {value: 2031-01, assumption: none}\n",
        ["us.revocation", "2031-01"],
    ),
    "an unknown input in a correlation": (
        HEAD + "correlations:\n  - {between: [china.ratio, demand.realsm], rank: 0.2, assumption: none}\n",
        ["mine.yaml", "line 4", "demand.realsm", "'demand.realism'"],
    ),
    "a rank above 1": (
        HEAD + "correlations:\n  - {between: [china.ratio, demand.realism], rank: 1.2, assumption: none}\n",
        ["mine.yaml", "line 4", "1.2", "-1 to 1"],
    ),
    "a rank below -1": (
        HEAD + "correlations:\n  - {between: [china.ratio, demand.realism], rank: -1.2, assumption: none}\n",
        ["mine.yaml", "line 4", "-1.2", "-1 to 1"],
    ),
    "a correlation of three": (
        HEAD
        + "correlations:\n  - {between: [china.ratio, demand.realism, us.test_days], rank: 0, assumption: n}\n",
        ["mine.yaml, line 4", "between"],
    ),
    "a correlation without a reason": (
        HEAD + "correlations:\n  - {between: [china.ratio, demand.realism], rank: 0.2}\n",
        ["mine.yaml, line 4", "assumption"],
    ),
    "an input correlated with itself": (
        HEAD + "correlations:\n  - {between: [china.ratio, china.ratio], rank: 0.5, assumption: none}\n",
        ["china.ratio", "itself"],
    ),
    "a pair twice": (
        HEAD
        + "correlations:\n"
        + "  - {between: [china.ratio, demand.realism], rank: 0.5, assumption: none}\n"
        + "  - {between: [demand.realism, china.ratio], rank: -0.5, assumption: none}\n",
        ["china.ratio", "demand.realism", "twice"],
    ),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_scenario_file_is_refused_with_its_place(place, case):
    text, wanted = FAULTY[case]
    refused(place, text, *wanted)


def test_a_horizon_past_the_data_is_refused_with_its_line(place):
    (place / "mine.yaml").write_text(HEAD + "months: 61\n", encoding="utf-8")
    words = ("run", "mine.yaml", "--json", "--paths", "20")
    expect_refusal(place, lambda: dualtrack(*words), "months", "61", "1 to 60", "mine.yaml", "line 3")


def test_correlations_that_contradict_each_other_are_named(place):
    text = (
        HEAD
        + "correlations:\n"
        + "  - {between: [china.ratio, demand.realism], rank: 0.9, assumption: none}\n"
        + "  - {between: [demand.realism, us.test_days], rank: 0.9, assumption: none}\n"
        + "  - {between: [china.ratio, us.test_days], rank: -0.9, assumption: none}\n"
    )
    refused(place, text, "china.ratio", "demand.realism", "us.test_days", "correlation matrix", "-0.9")


def test_correlations_that_just_agree_are_taken(place):
    (place / "mine.yaml").write_text(
        HEAD
        + "correlations:\n"
        + "  - {between: [china.ratio, demand.realism], rank: 0.9, assumption: none}\n"
        + "  - {between: [demand.realism, us.test_days], rank: 0.9, assumption: none}\n"
        + "  - {between: [china.ratio, us.test_days], rank: 0.9, assumption: none}\n",
        encoding="utf-8",
    )
    answer = dualtrack("run", "mine.yaml", "--json", "--paths", "20", "--months", "2")
    assert answer.code == 0, answer.err


def test_all_faults_of_a_file_come_at_once(place):
    text = (
        HEAD
        + "set:\n"
        + "  chian.ratio: {value: 1, assumption: none}\n"
        + "  china.ratio: {value: one, assumption: none}\n"
        + "  demand.realism: {value: 1.4}\n"
    )
    # Out of bounds and without a source are two faults of one entry.
    refused(place, text, "4 faults", "line 4", "line 5", "line 6", "1.4", "assumption")


def test_facts_not_known_on_the_date_are_all_named_with_the_day_they_became_known(place):
    text = refused(place, HEAD + "known_by: 2023-01-01\n", "2023-01-01", "faults")
    for fact in (
        "nvidia.inventory.h200.2025_12",
        "nvidia.price.h200.china_2025_12",
        "china.h200.first_approval_2026_01",
    ):
        after = text.split(f"Fact {fact} was not known on 2023-01-01", 1)
        assert len(after) == 2, fact
        assert f"could be known from {load_book().get(fact).known_by}" in after[1][:200]


def test_a_missing_fact_gives_no_second_fault_about_the_input_it_stood_for(place):
    text = refused(place, HEAD + "known_by: 2025-06-30\n", "not known on 2025-06-30")
    assert "there is no input" not in text


def test_a_known_by_that_is_no_date_is_refused_with_its_line(place):
    refused(place, HEAD + "known_by: some day\n", "mine.yaml, line 3", "known_by", "some day")


def test_a_circle_of_two_files_is_found(place):
    (place / "other.yaml").write_text("title: Other\ninherits: mine.yaml\n", encoding="utf-8")
    refused(place, "title: Mine\ninherits: other.yaml\n", "inherits from itself", "mine.yaml")


def test_a_file_inherits_from_the_file_beside_it_wherever_it_is_run_from(place, tmp_path):
    folder = place / "folder"
    folder.mkdir()
    (folder / "base.yaml").write_text("title: Base\ninherits: h200-truce\nmonths: 2\n", encoding="utf-8")
    (folder / "mine.yaml").write_text("title: Mine\ninherits: base.yaml\n", encoding="utf-8")
    answer = dualtrack("run", folder / "mine.yaml", "--json", "--paths", "20")
    assert answer.code == 0, answer.err
    assert len(answer.document["probabilities"]["any_delivery_by"]) == 2


def test_a_file_that_is_not_text_is_refused(place):
    (place / "mine.yaml").write_bytes(b"\xff\xfe\x00\x80title")
    expect_refusal(place, lambda: dualtrack("run", "mine.yaml", "--json"), "mine.yaml")

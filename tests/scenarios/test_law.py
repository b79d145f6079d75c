"""A scenario file may take back an amendment of the one it inherits from, as `--set KEY=law` does."""

import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import load_book
from dualtrack.scenarios.scenario import load_scenario


@pytest.fixture
def written(tmp_path):
    def write(value, key="us.tpp_ceiling"):
        path = tmp_path / "mine.yaml"
        text = f"title: Mine\ninherits: second-generation\nset:\n  {key}: {{value: {value}, assumption: a test}}\n"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_word_law_in_a_file_takes_an_amendment_back(written):
    assert "us.tpp_ceiling" in load_scenario("second-generation", load_book()).settings
    assert "us.tpp_ceiling" not in load_scenario(written("law"), load_book()).settings


def test_it_gives_the_settings_of_the_command_line(written):
    typed = load_scenario("second-generation", load_book(), changes=["us.tpp_ceiling=law"])
    assert load_scenario(written("law"), load_book()).settings == typed.settings


def test_a_key_that_amends_no_law_does_not_take_it(written):
    with pytest.raises(ScenarioFault, match=r"mine.yaml, line 4, china.ratio: 'law' is not a number"):
        load_scenario(written("law", "china.ratio"), load_book())


def test_every_fault_names_the_key_or_the_option_it_is_about():
    changes = ["china.ratio=x", "chian.ratio=1", "us.revocation=2040-01", "vendor.chip=h-200"]
    with pytest.raises(ScenarioFault) as caught:
        load_scenario("h200-truce", load_book(), changes=changes, run={"paths": 0, "seed": "many"})
    about = [fault.about for fault in caught.value.faults]
    wanted = ["paths", "seed", "china.ratio", "chian.ratio", "vendor.chip", "us.revocation"]
    assert sorted(map(str, about)) == sorted(wanted)
    for fault in caught.value.faults:
        assert str(fault) in str(caught.value)

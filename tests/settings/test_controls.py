"""The controls of the explorer: what the file may say, and that every position of a slider can be run."""

import re

import numpy as np
import pytest
from slider_texts import text_at

from dualtrack.errors import DataFault
from dualtrack.facts.book import load_book
from dualtrack.facts.events import gate_record
from dualtrack.futures.draws import Block
from dualtrack.futures.gates import drawn_rate
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import load_scenario, shipped_scenarios
from dualtrack.scenarios.specs import Alternatives, Spread
from dualtrack.settings.controls import control_keys, load_controls, read_controls
from dualtrack.settings.defaults import defaults
from dualtrack.settings.state import base_scenario

CONTROLS = {control.key: control for group in load_controls() for control in group.controls}
NUMBERS = [control for control in CONTROLS.values() if control.kind == "number"]


def texts(control):
    """What a control can send at its ends."""
    if control.kind == "number":
        low, high, _ = control.slider
        return [text_at(control, low), text_at(control, high)]
    return [control.options[0].value, control.options[-1].value]


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_control_runs_at_both_ends_and_at_its_default(name):
    for key, default in defaults(base_scenario(name)).items():
        for text in [*texts(CONTROLS[key]), *([default.value] if default.value else [])]:
            scenario = load_scenario(name, load_book(), changes=[f"{key}={text}"])
            assert scenario.changed[key] == "set on the command line", (key, text)


@pytest.mark.parametrize("control", CONTROLS.values(), ids=lambda control: control.key)
def test_every_option_is_taken_and_is_said_in_words(control):
    assert bool(control.options) is (control.kind != "number")
    for option in control.options:
        load_scenario("h200-truce", load_book(), changes=[f"{control.key}={option.value}"])
        assert option.words.strip()


@pytest.mark.parametrize("control", NUMBERS, ids=lambda control: control.key)
def test_a_slider_is_wider_than_what_the_default_scenario_draws(control):
    spec = base_scenario("h200-truce").settings.get(control.key)
    parts = spec.specs if isinstance(spec, Alternatives) else [spec]
    for part in parts:
        if isinstance(part, Spread):
            assert control.low <= part.range.low and part.range.high <= control.high
    default = defaults(base_scenario("h200-truce"))[control.key]
    assert control.slider[0] <= default.position <= control.slider[1]
    bounds = load_keys()[control.key].bounds
    assert bounds[0] <= control.low < control.high <= bounds[1]


@pytest.mark.parametrize("control", NUMBERS, ids=lambda control: control.key)
def test_a_position_and_its_text_lead_back_to_each_other(control):
    low, high, step = control.slider
    for n in range(round((high - low) / step) + 1):
        position = low + n * step
        assert control.position(float(text_at(control, position))) == pytest.approx(position, abs=step / 4)


def test_a_logarithmic_slider_reads_to_three_digits():
    cap = CONTROLS["us.buyer_cap"]
    assert cap.slider == (3.0, 6.0, 0.05)
    assert [text_at(cap, position) for position in (3.0, 3.05, 6.0)] == ["1000", "1120", "1000000"]
    assert cap.position(5e7) == 6.0 and cap.position(0.0) == 3.0


def test_the_default_scenario_is_said_in_words():
    found = defaults(base_scenario("h200-truce"))
    said = {key: default.text for key, default in found.items()}
    assert said["us.share_limit"] == "as the law says: 0.5"
    assert said["us.buyer_cap"] == "as the law says: none"
    assert said["china.ratio"] == "1 (80 % of draws from 0.3 to 2.5)"
    assert said["us.revocation"] == "no decree"
    assert said["vendor.restart_month"] == "drawn from 2026-04 to 2026-06"
    assert said["china.ratio_basis"] == "one of: chips; money; total processing performance"
    assert said["demand.stated_orders"] == "one of: Reuters: 2,000,000; Financial Times: 1,000,000"
    assert said["us.hazard.close"].endswith("counted from the events")
    assert found["demand.stated_orders"].position == 1_500_000
    assert found["us.buyer_cap"].value is None and found["us.buyer_cap"].position == 6.0
    assert found["us.share_limit"].position == 0.5
    assert found["us.hazard.close"].is_drawn and found["us.hazard.close"].value == "counted"


@pytest.mark.parametrize("gate", ["us", "china"])
@pytest.mark.parametrize("kind", ["close", "open"])
def test_a_counted_rate_is_said_as_runs_draw_it(gate, kind):
    scenario = base_scenario("h200-truce")
    events, months = gate_record(gate, scenario.known_by).counted(kind)
    rates = drawn_rate(Block(1, 0, 40_000), "any", events, months)
    said = re.findall(r"[0-9.]+", defaults(scenario)[f"{gate}.hazard.{kind}"].text.replace("80 %", ""))
    middle, low, high = (float(number) for number in said)
    assert [low, middle, high] == pytest.approx(np.quantile(rates, [0.1, 0.5, 0.9]), rel=0.06)


def test_a_counted_rate_follows_the_factor_of_the_scenario():
    assert defaults(base_scenario("open-door"))["us.hazard.close"].text == "0, counted from the events"


def test_every_default_names_its_facts_or_its_reason():
    for name in shipped_scenarios():
        for key, default in defaults(base_scenario(name)).items():
            assert default.sources or default.assumption, (name, key)
            for row in default.sources:
                assert row["publisher"] and row["title"], (name, key)


def test_the_sources_are_those_of_the_scenario():
    ratio = defaults(base_scenario("one-for-one"))["china.ratio"]
    assert ratio.text == "1" and not ratio.is_drawn
    wanted = {"import.ratio.analogue.public_dc", "import.ratio.report.buy_one_get_one"}
    assert {row["fact"] for row in ratio.sources} == wanted


def test_a_law_key_set_by_a_scenario_is_the_scenarios():
    scenario = load_scenario("h200-truce", load_book(), changes=["us.share_limit=0.1:0.2:0.4"])
    default = defaults(scenario)["us.share_limit"]
    assert default.text == "0.2 (80 % of draws from 0.1 to 0.4)"
    assert default.assumption == "set on the command line"


def test_the_keys_stand_in_the_order_of_the_groups():
    assert control_keys() == tuple(CONTROLS)
    assert [group.title for group in load_controls()] == [
        "United States",
        "China",
        "The truce",
        "The vendor",
        "Domestic makers",
        "Demand",
    ]
    assert 20 <= len(CONTROLS) <= 28


NUMBER = "{label: Ratio, explain: A ratio., range: [0, 5], step: 0.1, range_reason: a test}"
FAULTY = {
    "an unknown key": ("chian.ratio: " + NUMBER, ["line 4", "'chian.ratio'", "'china.ratio'"]),
    "an unknown field": (
        "china.ratio: {label: R, explain: R., rang: [0, 1]}",
        ["line 4", "'rang'", "'range'"],
    ),
    "no label": ("china.ratio: {explain: R.}", ["line 4", "label is missing"]),
    "no range": (
        "china.ratio: {label: R, explain: R.}",
        ["range is missing", "step is missing", "range_reason"],
    ),
    "a range outside the bounds": (
        "china.ratio: " + NUMBER.replace("5]", "50]"),
        ["line 4", "0 to 50 leaves the bounds of the key, 0 to 20"],
    ),
    "a range the wrong way round": (
        "china.ratio: " + NUMBER.replace("[0, 5]", "[5, 0]"),
        ["lower end first"],
    ),
    "a range of words": ("china.ratio: " + NUMBER.replace("[0, 5]", "[a, b]"), ["two numbers"]),
    "no step": ("china.ratio: " + NUMBER.replace("0.1", "0"), ["above zero", "seen: 0"]),
    "a step that misses the end": (
        "china.ratio: " + NUMBER.replace("0.1", "0.3"),
        ["no whole number of steps"],
    ),
    "a logarithm of zero": (
        "china.ratio: " + NUMBER.replace("step", "scale: log, step"),
        ["starts above zero"],
    ),
    "an unknown scale": (
        "china.ratio: " + NUMBER.replace("step", "scale: root, step"),
        ["'linear' or 'log'"],
    ),
    "half a whole number": (
        "us.licence_validity_months: " + NUMBER.replace("[0, 5]", "[1, 5]").replace("0.1", "0.5"),
        ["whole numbers"],
    ),
    "a slider for a choice": (
        "us.gate_start: {label: R, explain: R., range: [0, 1], step: 1}",
        ["takes no range", "takes no step"],
    ),
    "an option without words": (
        "china.ratio_basis: {label: R, explain: R., words: {units: chips, spend: money}}",
        ["no words for 'compute'"],
    ),
    "words for no option": (
        "us.gate_start: {label: R, explain: R., words: {ajar: half open}}",
        ["'ajar' is no option"],
    ),
    "months that are none": (
        "us.revocation: {label: R, explain: R., range: ['2026-13', '2027-01'], range_reason: a test}",
        ["'2026-13' is not a month"],
    ),
    "months the wrong way round": (
        "us.revocation: {label: R, explain: R., range: ['2027-01', '2026-02'], range_reason: a test}",
        ["last month comes before"],
    ),
    "a chip": ("vendor.chip: {label: R, explain: R.}", ["no control"]),
}


def faults_of(tmp_path, text):
    path = tmp_path / "controls.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFault) as caught:
        read_controls(path)
    return caught.value


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_control_is_refused_with_its_line(tmp_path, case):
    text, wanted = FAULTY[case]
    error = faults_of(tmp_path, f"china:\n  title: China\n  controls:\n    {text}\n")
    for words in ["controls.yaml, line 4", *wanted]:
        assert words in str(error)


def test_all_faults_are_told_at_once(tmp_path):
    text = (
        "china:\n  title: China\n  controls:\n"
        "    chian.ratio: {label: R, explain: R.}\n"
        "    us.gate_start: {label: R, explain: R., step: 1}\n"
        f"    china.ratio: {NUMBER.replace('0.1', '-1')}\n"
        "vendor:\n  titel: The vendor\n  controls: {}\n"
    )
    error = faults_of(tmp_path, text)
    assert sorted((fault.line, fault.key) for fault in error.faults) == [
        (4, "chian.ratio"),
        (5, "us.gate_start"),
        (6, "china.ratio"),
        (7, "vendor.title"),
        (8, "vendor.titel"),
    ]


def test_a_key_in_two_groups_is_refused(tmp_path):
    group = "  title: A\n  controls:\n    china.ratio: " + NUMBER + "\n"
    error = faults_of(tmp_path, f"one:\n{group}two:\n{group}")
    assert "line 8" in str(error) and "stands twice" in str(error)


@pytest.mark.parametrize(
    "text", ["- a\n", "", "one: 1\n", "one: {title: A}\n", "one: {title: A, controls: {china.ratio: 1}}\n"]
)
def test_a_file_that_is_no_list_of_groups_is_refused(tmp_path, text):
    assert "controls.yaml" in str(faults_of(tmp_path, text))

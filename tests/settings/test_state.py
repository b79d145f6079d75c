"""The state in the address: what it takes, what it refuses, and that link, command and file give the same run."""

import json
import shlex
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slider_texts import text_at
from tests.cli.helpers import dualtrack

from dualtrack.errors import ScenarioFault
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import shipped_scenarios
from dualtrack.settings.controls import control_keys, load_controls
from dualtrack.settings.state import Limits, State, base_scenario, faults_by_key, read_query

CONTROLS = [control for group in load_controls() for control in group.controls]


def query_of(text):
    return parse_qs(text, keep_blank_values=True)


def read(text, **limits):
    return read_query(query_of(text), Limits(**limits))


def changes(text):
    return dict(read(text).checked().changes)


def test_an_empty_address_is_the_default_scenario():
    assert read("").checked() == State("h200-truce")
    assert read("scenario=&us.share_limit=&set=&paths=&seed=&months=").checked() == State("h200-truce")


def test_controls_free_keys_and_options_are_read():
    state = read(
        "months=12&set=vendor.allocation=priority&china.ratio=1&us.share_limit=0.3&seed=7&paths=500"
    ).checked()
    assert state.changes == (
        ("us.share_limit", "0.3"),
        ("china.ratio", "1"),
        ("vendor.allocation", "priority"),
    )
    assert (state.paths, state.seed, state.months) == (500, 7, 12)


def test_a_free_entry_for_a_control_becomes_the_control():
    text = "scenario=h200-truce&china.ratio=1"
    assert (
        read("set=china.ratio=1").checked().query_string()
        == text
        == read("china.ratio=1").checked().query_string()
    )


def test_a_key_without_a_control_may_be_named_like_one():
    assert read("vendor.allocation=priority").checked().query()[-1] == ("set", "vendor.allocation=priority")


def test_the_query_is_in_the_order_of_the_controls_and_then_of_the_key_files():
    names = [*control_keys(), *(name for name in load_keys() if name not in control_keys())]
    typed = ["vendor.unit_cost_usd=1", "buyer.bytedance.appetite=1", "demand.realism=0.5", "us.levy_rate=0"]
    state = read("&".join(f"set={text}" for text in typed)).checked()
    keys = [key for key, _ in state.changes]
    assert len(keys) == 4 and keys == sorted(keys, key=names.index)


def test_paths_that_are_asked_for_are_kept_though_the_scenario_has_as_many():
    assert read("paths=10000").checked().paths == 10_000


@pytest.mark.parametrize(
    "text",
    ["scenario=one-for-one&china.ratio=1.0", "us.gate_start=review", "us.revocation=none", "china.ratio=0.3:1:2.5",
     "us.share_limit=law", "us.hazard.close=Counted", "set=vendor.chip=h200", "china.ratio_everywhere=off",
     "set=demand.budget_limit=true", "vendor.restart_month=2026-04..2026-06", "seed=20260131", "months=36"],
)  # fmt: skip
def test_what_the_scenario_has_anyhow_is_left_out(text):
    state = read(text).checked()
    assert (state.changes, state.paths, state.seed, state.months) == ((), None, None, None)


@pytest.mark.parametrize(
    "text",
    ["us.share_limit=0.5", "scenario=second-generation&set=us.tpp_ceiling=law", "china.ratio=1", "us.hazard.close=0.067",
     "set=vendor.chip=h20", "set=vendor.levy_passed_on=0:0.5:1", "vendor.restart_month=none", "scenario=sudden-stop&us.revocation=none"],
)  # fmt: skip
def test_what_differs_is_kept(text):
    """A law may change in the months of a run, and three points are drawn from another shape than a uniform range."""
    assert len(read(text).checked().changes) == 1


@pytest.mark.parametrize(
    "one, other",
    [("china.ratio=1.50", "china.ratio=15e-1"), ("demand.stated_orders=500_000", "demand.stated_orders=500000"),
     ("china.ratio_everywhere=true", "china.ratio_everywhere=Yes"), ("set=us.levy_rate= 0.30", "us.levy_rate=0.3"),
     ("china.ratio=0.5:1:2", "china.ratio=0.50:1.0:2"), ("set=vendor.chip=b30a", "set=vendor.chip=nvidia.b30a")],
)  # fmt: skip
def test_one_value_has_one_spelling_and_one_digest(one, other):
    assert read(one).checked() == read(other).checked()
    assert read(one).checked().digest() == read(other).checked().digest()


def test_of_a_parameter_given_several_times_the_last_holds():
    # As a hidden field before a tick box sends them.
    assert changes("china.ratio_everywhere=no&china.ratio_everywhere=yes") == {
        "china.ratio_everywhere": "yes"
    }
    assert changes("set=china.ratio=1&set=china.ratio=2") == {"china.ratio": "2"}


def test_parameters_of_the_page_are_let_pass():
    assert read("view=table&page=2").checked() == State("h200-truce")


PATHS = ["../../secret/words", "/secret/words", "x.yaml", "mine.yml", "h200-truce.yaml", "../scenarios/h200-truce",
         "backtests/2025-01", "./h200-truce", "H200-TRUCE", "h200-truce\0", "\\\\host\\share\\x.yaml", ".", "a" * 5000]  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_a_scenario_is_named_and_never_a_path(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in ("x.yaml", "mine.yml", "h200-truce.yaml"):
        (tmp_path / file).write_text("title: X\ninherits: h200-truce\n", encoding="utf-8")
    reading = read_query({"scenario": [name]})
    assert list(reading.by_key()) == ["scenario"] and reading.scenario is None
    assert reading.state == State("h200-truce")
    with pytest.raises(ScenarioFault, match="There is no scenario") as caught:
        reading.checked()
    assert len(str(caught.value)) < 600
    for make in (State, base_scenario):
        with pytest.raises(ScenarioFault, match="There is no scenario"):
            make(name)


REFUSED = {
    "china.ratio=x": ("china.ratio", "'x' is not a number."),
    "china.ratio=30": ("china.ratio", "outside 0 to 20"),
    "china.ratio=1:2": ("china.ratio", "not a range"),
    "china.ratio=nan": ("china.ratio", "not a number"),
    "china.ratio_basis=chips": ("china.ratio_basis", "not one of units, spend, compute"),
    "china.ratio_everywhere=maybe": ("china.ratio_everywhere", "neither yes nor no"),
    "us.revocation=2026-13": ("us.revocation", "not a month"),
    "us.revocation=2031-01": ("us.revocation", "outside the run"),
    "us.revocation=2028-01&months=12": ("us.revocation", "outside the run"),
    "chian.ratio=1": ("chian.ratio", "'china.ratio'"),
    "set=chian.ratio=1": ("chian.ratio", "'china.ratio'"),
    "set=ratio=1": ("ratio", "there is no key"),
    "set=china.ratio": ("set", "KEY=VALUE"),
    "set==1": ("set", "KEY=VALUE"),
    "set=china.ratio=": ("set", "KEY=VALUE"),
    "set=paths=5": ("set", "paths=5"),
    "set=start=2025-02": ("start", "Choose another scenario"),
    "known_by=2025-01-31": ("known_by", "Choose another scenario"),
    "china.ratio=1&set=china.ratio=2": ("china.ratio", "given twice"),
    "set=vendor.chip=h-200": ("vendor.chip", "'h200'"),
    "paths=many": ("paths", "not a whole number"),
    "paths=0": ("paths", "outside 1"),
    "paths=20001": ("paths", "20,000"),
    "paths=" + "9" * 199: ("paths", "outside 1"),
    "months=61": ("months", "outside 1 to 60"),
    "seed=-1": ("seed", "outside 0"),
    "seed=" + "9" * 201: ("seed", "longer than 200"),
    "china.ratio=" + "1" * 201: ("china.ratio", "longer than 200"),
    "set=" + "a" * 201 + "=1": ("a" * 60, "longer than 200"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_used_is_told_beside_its_control(text):
    about, wanted = REFUSED[text]
    reading = read(text)
    assert list(reading.by_key()) == [about] and len(reading.faults) == 1
    assert wanted in reading.by_key()[about][0]
    assert reading.scenario is None
    with pytest.raises(ScenarioFault) as caught:
        reading.checked()
    assert faults_by_key(caught.value) == reading.by_key()


def test_all_faults_are_told_at_once_and_what_was_typed_is_kept():
    reading = read("scenario=h200-truse&china.ratio=x&us.levy_rate=9&paths=0&set=foo&months=12")
    assert set(reading.by_key()) == {"scenario", "china.ratio", "us.levy_rate", "paths", "set"}
    assert dict(reading.state.changes) == {"us.levy_rate": "9", "china.ratio": "x"}
    assert reading.state.months == 12


def test_an_error_without_faults_is_about_no_key():
    assert faults_by_key(ScenarioFault("no")) == {"": ["no"]}


def test_the_number_of_changes_is_limited():
    numbers = [
        name
        for name, key in load_keys().items()
        if key.kind == "number" and key.bounds[0] <= 1 <= key.bounds[1]
    ]
    text = "&".join(f"set={name}=1" for name in numbers)
    assert len(numbers) > 60
    assert "at most 60" in " ".join(read(text).by_key()["set"])
    assert len(read(text).state.changes) == 60
    assert "at most 2" in read("us.levy_rate=0&china.ratio=1&us.share_limit=1", changes=2).by_key()["set"][0]


def test_a_smaller_explorer_runs_fewer_paths_and_its_command_says_so():
    state = read("", paths=1000, months=24).checked()
    assert (state.paths, state.months) == (1000, 24)
    assert state.command() == "dualtrack run h200-truce --paths 1000 --months 24"
    assert read("paths=1001", paths=1000).by_key()["paths"] and read(
        "paths=1000", paths=1000
    ).checked() == State("h200-truce", paths=1000)


def test_the_command_can_be_pasted_into_a_shell():
    assert read("").checked().command() == "dualtrack run h200-truce"
    state = read("vendor.restart_month=2026-05..2026-08&us.share_limit=0.3&paths=64").checked()
    assert shlex.split(state.command())[3:] == [
        "--paths", "64", "--set", "us.share_limit=0.3", "--set", "vendor.restart_month=2026-05..2026-08",
    ]  # fmt: skip
    odd = State("h200-truce", (("china.ratio", "1; rm -r ~ $(date)"),)).command()
    assert shlex.split(odd)[-1] == "china.ratio=1; rm -r ~ $(date)"


RUNS = {
    "a number, a choice, a month and a switch": (
        "us.share_limit=0.3&china.gate_start=quota&us.revocation=2026-09&china.ratio_everywhere=yes&seed=5"
    ),
    "ranges, a word and a chip": (
        "scenario=second-generation&china.ratio=0.5:1:2&vendor.restart_month=2026-05..2026-08"
        "&us.hazard.close=0.0001&set=us.tpp_ceiling=30000.5&set=vendor.chip=nvidia.b30a"
    ),
    "the law and the count taken back": (
        "scenario=slow-freeze&us.hazard.close=counted&us.buyer_cap=law&vendor.restart_month=none"
    ),
    "an amendment of the scenario taken back": "scenario=second-generation&set=us.levy_band_2_tpp_below=law",
    "nothing": "",
}


@pytest.mark.parametrize("case", RUNS)
def test_link_command_and_file_give_the_same_numbers(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state = read(f"{RUNS[case]}&paths=64&months=18").checked()
    (tmp_path / "mine.yaml").write_text(state.yaml(), encoding="utf-8")
    by_command = dualtrack(*shlex.split(state.command())[1:], "--json").document
    by_file = dualtrack("run", "mine.yaml", "--json").document
    for document in (by_command, by_file):
        # All else is numbers, and what they rest on.
        for words in ("scenario", "title", "why", "manifest", "seconds"):
            document.pop(words, None)
    assert json.dumps(by_command) == json.dumps(by_file)
    if state.changes:
        plain = dualtrack("run", state.scenario, "--json", "--paths", "64", "--months", "18").document
        assert json.dumps(plain["outcomes"]) != json.dumps(by_command["outcomes"])


def test_the_file_says_where_it_comes_from():
    text = read("us.share_limit=0.3&scenario=one-for-one").checked().yaml()
    assert "inherits: one-for-one\n" in text
    assert "title: One for one, as set in the explorer\n" in text
    assert "us.share_limit:\n    value: 0.3\n    assumption: Set in the explorer.\n" in text


def test_a_file_of_a_faulty_state_is_refused():
    with pytest.raises(ScenarioFault, match=r"there is no key 'a\.b'"):
        State("h200-truce", (("a.b", "1"),)).yaml()


def test_the_digest_follows_from_all_that_moves_a_number():
    states = [
        State("h200-truce"),
        State("one-for-one"),
        State("h200-truce", (("china.ratio", "1"),)),
        State("h200-truce", (("china.ratio", "2"),)),
        State("h200-truce", paths=64),
        State("h200-truce", seed=0),
        State("h200-truce", seed=64),
        State("h200-truce", months=12),
    ]
    assert len({state.digest() for state in states}) == len(states)
    assert State("h200-truce", paths=10_000).digest() == State("h200-truce").digest()


def _texts(control):
    """Values that a control can send, and values that a reader may type."""
    if control.kind != "number":
        return st.sampled_from([option.value for option in control.options])
    low, high, step = control.slider
    positions = st.integers(0, round((high - low) / step)).map(lambda n: text_at(control, low + n * step))
    typed = st.floats(control.low, control.high).map(repr)
    ranges = st.lists(st.floats(control.low, control.high), min_size=3, max_size=3).map(
        lambda points: ":".join(map(repr, sorted(points)))
    )
    return st.one_of(positions, typed, ranges)


ADDRESSES = st.fixed_dictionaries(
    {"scenario": st.sampled_from(shipped_scenarios()).map(lambda name: [name])},
    optional={
        **{
            control.key: st.one_of(st.just(""), _texts(control)).map(lambda text: [text])
            for control in CONTROLS
        },
        "paths": st.integers(1, 20_000).map(lambda n: [str(n)]),
        "seed": st.integers(0, 2**63 - 1).map(lambda n: [str(n)]),
        "set": st.lists(
            st.sampled_from(["vendor.allocation=value", "us.tpp_ceiling=law", "demand.acceptance=0.25"])
        ),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ADDRESSES)
def test_a_link_reproduces_the_state_and_the_scenario(query):
    first = read_query(query)
    state = first.checked()
    again = read_query(query_of(state.query_string()))
    assert again.checked() == state
    assert again.state.query_string() == state.query_string() and again.state.digest() == state.digest()
    assert again.scenario.text == first.scenario.text
    assert {key for key, values in query.items() if values[-1:] == [""]}.isdisjoint(dict(state.changes))


ANYTHING = st.text(max_size=250)
NAMES = st.one_of(
    st.sampled_from([*control_keys(), "scenario", "set", "paths", "seed", "months", "start"]), ANYTHING
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, st.lists(ANYTHING, max_size=3), max_size=6))
def test_whatever_is_sent_gives_a_state_or_faults(query):
    reading = read_query(query)
    assert (reading.scenario is None) is bool(reading.faults)
    assert all(fault.what for fault in reading.faults)
    again = read_query(query_of(reading.state.query_string()))
    assert again.state == reading.state
    if not reading.faults:
        assert again.checked() == reading.state

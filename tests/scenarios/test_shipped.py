"""The shipped scenarios load, run, inherit as stated, and name a source for every number; so does every key."""

import numpy as np
import pytest
import yaml
from tests.cli.helpers import small_run

from dualtrack.facts.book import load_book
from dualtrack.scenarios.files import SCENARIOS
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import load_scenario, origins, shipped_scenarios
from dualtrack.scenarios.specs import Alternatives, Fixed, Months, Spread
from dualtrack.session import run

NAMES = shipped_scenarios()
KEYS = load_keys()


@pytest.fixture(scope="module")
def book():
    return load_book()


def written(name):
    return yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8"))


def test_the_scenarios_of_the_contract_are_shipped():
    assert {"h200-truce", "no-imports", "one-for-one", "open-door", "sudden-stop"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_runs(name):
    shown = small_run(name)
    assert shown["scenario"] == name
    assert shown["known_by"] == "2026-01-31"
    assert shown["title"] == written(name)["title"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "h200-truce"])
def test_a_scenario_differs_from_its_ancestor_in_what_it_says_and_in_nothing_else(name, book):
    said = written(name)
    mine = load_scenario(name, book)
    base = load_scenario(said["inherits"], book)
    assert mine.changed == dict.fromkeys(said["set"], name)
    for key in {*mine.settings, *base.settings} - set(said["set"]):
        assert mine.settings[key] == base.settings[key], key
    for field in ("known_by", "start", "months", "paths", "seed", "correlations"):
        if field not in said:
            assert getattr(mine, field) == getattr(base, field), field


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_of_a_shipped_scenario_has_a_source_or_is_an_assumption(name, book):
    said = written(name)
    for key, entry in (said.get("set") or {}).items():
        assert entry.get("fact") or entry.get("facts") or entry.get("assumption"), key
    for entry in said.get("correlations") or []:
        assert entry["assumption"].strip()
    for key, spec in load_scenario(name, book).settings.items():
        found = origins(spec)
        assert any(origin.facts or origin.assumption for origin in found), key
        for origin in found:
            assert all(fact in book for fact in origin.facts), key


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_meaning_a_unit_and_a_source(key, book):
    entry = KEYS[key].entry
    parts = [entry, *(entry.alternatives or [])]
    assert entry.what.strip()
    assert any(part.fact or part.facts or part.trials or part.assumption for part in parts) or entry.law, key
    named = [fact for part in parts for fact in [part.fact, *part.facts, *part.basis] if fact]
    assert all(fact in book for fact in named), key
    if entry.kind in ("number", "integer"):
        assert entry.unit, key
        assert entry.bounds[0] < entry.bounds[1], key


def a_value(key):
    """A text that the key takes: in the lower part of its bounds, its last option, a month of the run."""
    entry = KEYS[key].entry
    if entry.kind in ("number", "integer"):
        low, high = entry.bounds
        value = max(low, 0.0) + min(high - max(low, 0.0), 2.0) / 2
        return f"{value:g}"
    return {
        "choice": entry.options[-1] if entry.options else "",
        "month": "2026-06",
        "switch": "yes",
        "chip": "h20",
    }[entry.kind]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_can_be_set(key, book):
    text = a_value(key)
    scenario = load_scenario("h200-truce", book, changes=[f"{key}={text}"])
    spec = scenario.settings[key]
    assert isinstance(spec, Fixed)
    assert not spec.is_uncertain
    assert spec.origin.assumption == "set on the command line"
    assert scenario.changed == {key: "set on the command line"}
    if KEYS[key].kind in ("number", "integer"):
        assert spec.value == float(text)


@pytest.mark.parametrize("key", [key for key in KEYS if KEYS[key].kind == "number"])
def test_every_number_takes_a_range_and_is_drawn_within_its_bounds(key, book):
    floor, ceiling = KEYS[key].bounds
    step = (ceiling - max(floor, 0.0)) / 64  # some families want their points within, not on, the bounds
    low, high = max(floor, 0.0) + step, ceiling - step
    mid = (low + high) / 2
    text = f"{low!r}:{mid!r}:{high!r}"
    spec = load_scenario("h200-truce", book, changes=[f"{key}={text}"]).settings[key]
    assert isinstance(spec, Spread)
    assert (spec.range.low, spec.range.mid, spec.range.high) == (low, mid, high)
    drawn = spec.sample(np.linspace(0.001, 0.999, 99))
    # -1 has a meaning of its own for a hazard; no range of rates may reach below zero.
    assert max(floor, 0.0) <= drawn.min()
    assert drawn.max() <= ceiling


def test_every_key_set_at_once_still_runs(book):
    changes = [f"{key}={a_value(key)}" for key in KEYS if KEYS[key].kind != "chip"]
    dataset = run("h200-truce", changes=changes, paths=10, months=6)
    scenario = load_scenario("h200-truce", book, changes=changes)
    settings = [name for name, spec in scenario.settings.items() if spec.is_uncertain]
    assert settings == []
    for name, array in dataset.data_vars.items():
        assert not np.isinf(array.values.astype(float)).any(), name


# -- twins


@pytest.fixture(scope="module")
def twins():
    return {name: run(name, paths=40, months=12) for name in ("h200-truce", "no-imports", "sudden-stop")}


def test_what_the_channel_does_not_touch_is_the_same_path_by_path_in_the_twin(twins):
    with_, without = twins["h200-truce"], twins["no-imports"]
    for name in ("us_compute_h100e", "china_smuggled_h100e"):
        assert np.array_equal(with_[name], without[name]), name
    for name in with_.data_vars:
        if str(name).startswith("opening_"):
            assert np.array_equal(with_[name], without[name]), name


def test_nothing_enters_in_the_twin_without_imports(twins):
    assert float(np.abs(twins["no-imports"]["h200_delivered_cum"]).max()) == 0.0
    assert float(np.abs(twins["no-imports"]["levy_paid"]).max()) == 0.0
    assert float(twins["h200-truce"]["h200_delivered_cum"].max()) > 0.0


def test_a_stop_changes_nothing_before_its_first_month(twins):
    # The decree falls in May 2026 at the earliest and binds from June.
    with_, stopped = twins["h200-truce"], twins["sudden-stop"]
    early = slice("2026-02", "2026-05")
    for name in ("h200_licensed_cum", "h200_delivered_cum", "china_compute_h100e", "domestic_packages"):
        assert np.array_equal(with_[name].sel(month=early), stopped[name].sel(month=early)), name
    assert not np.array_equal(with_["h200_licensed_cum"], stopped["h200_licensed_cum"])


def test_a_change_of_one_input_disturbs_no_other_draw(book):
    base = run("h200-truce", paths=30, months=3)
    changed = run("h200-truce", changes=["china.ratio=1"], paths=30, months=3)
    for name in ("us_compute_h100e", "china_smuggled_h100e", "paths_us_gate", "paths_china_gate"):
        assert np.array_equal(base[name], changed[name]), name


# -- as typed


def test_a_window_of_months_is_drawn_evenly(book):
    chosen = load_scenario("h200-truce", book, changes=["us.revocation=2026-05..2026-12"])
    spec = chosen.settings["us.revocation"]
    assert isinstance(spec, Months)
    drawn = spec.sample((np.arange(800) + 0.5) / 800)
    first = 2026 * 12 + 4
    assert {int(month) - first: int((drawn == month).sum()) for month in set(drawn)} == dict.fromkeys(
        range(8), 100
    )


def test_a_law_key_set_to_law_is_the_law_in_force(book):
    assert "us.share_limit" not in load_scenario("h200-truce", book, changes=["us.share_limit=law"]).settings
    amended = load_scenario("h200-truce", book, changes=["us.share_limit=0.3"])
    assert amended.settings["us.share_limit"].value == 0.3
    # Over a scenario that amends it, `law` takes the amendment back.
    assert "us.tpp_ceiling" in load_scenario("second-generation", book).settings
    again = load_scenario("second-generation", book, changes=["us.tpp_ceiling=law"])
    assert "us.tpp_ceiling" not in again.settings


def test_the_china_gate_at_the_start_is_drawn_between_the_reports_that_conflict(book):
    spec = load_scenario("h200-truce", book).settings["china.gate_start"]
    assert isinstance(spec, Alternatives)
    assert len(spec.weights) == 3
    assert len(set(spec.weights)) == 1

"""The summary's numbers in bulk are those of one row at a time, and a run that holds little gives a document of that."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualtrack.errors import ScenarioFault
from dualtrack.results.summary import LEVELS, NOTHING, spread, spreads, summarise
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.session import run_prepared
from dualtrack.simulate.run import prepare


def one_by_one(values):
    """The spread of one row in plain Python."""
    defined = sorted(values[~np.isnan(values)].tolist())
    if not defined:
        return {"mean": None, "p_zero": None, **dict.fromkeys(LEVELS)}
    mean = float(np.mean(np.sort(values[~np.isnan(values)]), dtype=np.float64))
    out = {"mean": mean, "p_zero": sum(abs(value) < NOTHING for value in defined) / len(defined)}
    for name, level in LEVELS.items():
        place = level * (len(defined) - 1)
        below, above = defined[int(place)], defined[min(int(place) + 1, len(defined) - 1)]
        out[name] = below + (place - int(place)) * (above - below)
    out = {name: value if math.isfinite(value) else None for name, value in out.items()}
    return out | ({"p_undefined": 1 - len(defined) / len(values)} if len(defined) < len(values) else {})


@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 12),
    # Above 8192 paths numpy adds float32 up in pieces.
    paths=st.one_of(st.integers(1, 300), st.integers(8190, 8195)),
    undefined=st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=12, max_size=12),
    infinite=st.booleans(),
    single=st.booleans(),
)
def test_spreads_of_many_rows_are_those_of_each_row_to_the_last_bit(
    seed, rows, paths, undefined, infinite, single
):
    rng = np.random.default_rng(seed)
    values = rng.lognormal(10, 3, (rows, paths))
    values[rng.random(values.shape) < 0.2] = 0.0
    if infinite:
        values[rng.random(values.shape) < 0.05] = np.inf
    values[rng.random(values.shape) < np.array(undefined[:rows])[:, np.newaxis]] = np.nan
    values = values.astype(np.float32 if single else np.float64)
    assert spreads(values) == [one_by_one(row) for row in values]
    assert spreads(values) == [spread(row) for row in values]


@pytest.fixture(scope="module")
def task(book):
    changes = ["us.revocation=2026-07"]
    return prepare(load_scenario("h200-truce", book, changes=changes, run={"paths": 50, "months": 8}), book)


@pytest.fixture(scope="module")
def full(task, book):
    return summarise(run_prepared(task, book))


@pytest.mark.parametrize(
    ("outcomes", "buyers"),
    [
        ((), ()),
        (("compute_gap_ratio",), ()),
        (("h200_delivered_cum", "nvidia_china_ai_revenue"), ("h200_backlog",)),
        (("h200_delivered_cum", "h200_delivered_mainland_cum"), None),
        (None, ("h200_delivered_cum",)),
    ],
)
def test_a_run_of_some_outcomes_has_the_numbers_of_the_full_run(task, book, full, outcomes, buyers):
    found = summarise(run_prepared(task, book, outcomes=outcomes, buyers=buyers))
    assert set(found) == set(full)
    wanted = set(full["outcomes"] if outcomes is None else outcomes)
    assert found["outcomes"] == {name: full["outcomes"][name] for name in full["outcomes"] if name in wanted}
    for buyer, held in full["by_buyer"].items():
        of_buyer = {name: by_month for name, by_month in held.items() if buyers is None or name in buyers}
        assert found["by_buyer"][buyer] == of_buyer
    both = {"h200_delivered_cum", "h200_delivered_mainland_cum"} <= wanted
    assert found["by_place"] == (full["by_place"] if both else {})
    for name in ("probabilities", "opening", "sources", "manifest"):
        assert found[name] == full[name]


def test_an_outcome_that_there_is_not_is_refused(task, book):
    with pytest.raises(ScenarioFault, match="h200_delivered_cum"):
        run_prepared(task, book, outcomes=["h200_delivered"])
    with pytest.raises(ScenarioFault, match="By buyer there are"):
        run_prepared(task, book, buyers=["nvidia_china_ai_revenue"])


def test_a_scenario_that_keeps_no_buyers_keeps_none_though_they_are_named(tmp_path, book):
    path = tmp_path / "totals.yaml"
    path.write_text("title: Totals only\ninherits: h200-truce\nkeep_buyers: false\n", encoding="utf-8")
    task = prepare(load_scenario(str(path), book, run={"paths": 10, "months": 3}), book)
    found = summarise(run_prepared(task, book, buyers=["h200_delivered_cum"]))
    assert set(map(len, found["by_buyer"].values())) == {0}

"""Runs kept together are the runs themselves: path by path, whatever the blocks, the workers, or where they come from."""

import numpy as np
import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.parallel import Where
from dualtrack.results.dataset import BUYER, OPENING
from dualtrack.results.questions import parse_question
from dualtrack.scenarios.scenario import load_scenario
from dualtrack.session import run_prepared
from dualtrack.simulate.run import prepare
from dualtrack.study.jobs import Store
from dualtrack.study.paired import Asked, kept_of, run_paired

RUN = {"paths": 150, "months": 14}


def task_of(book, name="h200-truce", changes=(), **run):
    return prepare(load_scenario(name, book, changes=changes, run={**RUN, **run}), book)


@pytest.fixture(scope="module")
def tasks(book):
    return [task_of(book), task_of(book, "open-door")]


@pytest.fixture(scope="module")
def asked(tasks):
    months = tasks[0].model.scenario.month_labels
    questions = [
        parse_question(text, months)
        for text in ("h200_delivered_cum@2026-12", "nvidia_china_ai_revenue", "compute_gap_months")
    ]
    questions.append(parse_question("domestic_bought_cum", months, buyer="tencent"))
    return Asked(tuple(questions), ("china_compute_h100e", "levy_paid"), ("h200_stock",))


@pytest.fixture(scope="module")
def kept(tasks, asked):
    return run_paired(tasks, asked)


def same(one, other):
    for kind in ("values", "monthly", "opening"):
        here, there = getattr(one, kind), getattr(other, kind)
        assert list(here) == list(there)
        for name in here:
            np.testing.assert_array_equal(here[name], there[name], err_msg=name)
            assert here[name].dtype == there[name].dtype, name


def test_what_is_kept_is_what_a_saved_run_holds_to_the_bit(book, tasks, asked, kept):
    for task, found in zip(tasks, kept, strict=True):
        dataset = run_prepared(task, book)
        same(found, kept_of(dataset, asked))
        revenue = dataset["nvidia_china_ai_revenue"].values.sum(axis=0)
        np.testing.assert_array_equal(found.values["nvidia_china_ai_revenue@2026-02..2027-03"], revenue)
        bought = dataset[BUYER + "domestic_bought_cum"].sel(buyer="tencent", month="2027-03").values
        np.testing.assert_array_equal(found.values["tencent/domestic_bought_cum@2027-03"], bought)
        np.testing.assert_array_equal(found.opening["h200_stock"], dataset[OPENING + "h200_stock"].values)


@pytest.mark.parametrize("options", [{"chunk": 37}, {"chunk": 1000}, {"where": Where(2), "chunk": 100}])
def test_blocks_and_workers_change_nothing(tasks, asked, kept, options):
    for one, other in zip(kept, run_paired(tasks, asked, **options), strict=True):
        same(one, other)


def test_opening_luck_is_the_same_in_both(kept):
    np.testing.assert_array_equal(kept[0].opening["h200_stock"], kept[1].opening["h200_stock"])
    assert (
        kept[0].values["h200_delivered_cum@2026-12"] != kept[1].values["h200_delivered_cum@2026-12"]
    ).any()


def test_finished_blocks_are_not_run_again(tasks, asked, kept, tmp_path):
    store = Store(tmp_path, "paired", ["a key"])
    run_paired(tasks, asked, chunk=50, store=store)
    seen = []
    again = run_paired(tasks, asked, chunk=50, store=store, progress=lambda *done: seen.append(done))
    assert seen == [(6, 6)]
    for one, other in zip(kept, again, strict=True):
        same(one, other)


@pytest.mark.parametrize("what", ["seed", "paths", "months"])
def test_runs_of_other_draws_are_refused(book, tasks, asked, what):
    other = task_of(book, "open-door", **{what: 9})
    with pytest.raises(ScenarioFault, match=f"(?s)open-door has {what} 9.*the same {what}, with --{what}"):
        run_paired([tasks[0], other], asked)


def test_a_buyer_is_asked_only_what_is_kept_by_buyer(tasks):
    months = tasks[0].model.scenario.month_labels
    with pytest.raises(ScenarioFault, match=r"(?s)no outcome by buyer 'levy_paid'.*h200_delivered_cum"):
        parse_question("levy_paid", months, buyer="tencent")

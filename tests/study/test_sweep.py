"""A sweep is the same run many times: each point to the bit, wherever and however often it was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dualtrack
from dualtrack.errors import ScenarioFault
from dualtrack.facts.book import FactBook
from dualtrack.parallel import Where
from dualtrack.results.questions import parse_question
from dualtrack.simulate.inputs import Draws, draw
from dualtrack.simulate.model import Model, vary
from dualtrack.study import points as points_module
from dualtrack.study import sweep as sweep_module
from dualtrack.study.points import run_points
from dualtrack.study.sweep import Sweep, clear_stores, plan_sweep, run_sweep

SMALL = {"paths": 40, "months": 12}
OPEN = ("china.gate_start=quota", "gates.hazard_factor=0")


def plan(book: FactBook, *over: str, **more: Any) -> Sweep:
    run = {**SMALL, **more.pop("run", {})}
    return plan_sweep("h200-truce", book, over=over, run=run, **more)


@pytest.mark.parametrize(
    ("over", "changes"),
    [
        (["china.ratio=0,1.5"], OPEN),
        (["us.share_limit=0.1,0.3", "china.hazard.close=counted,0.4"], ()),
        (["us.revocation=none,2026-05,2026-04..2026-09"], ()),
        (["vendor.allocation=priority,value", "china.batch_units=10000,50000"], OPEN),
        (["demand.realism=0.2:0.4:0.8,0.5", "demand.acceptance=0.2:0.5:0.9,0.7"], ()),
    ],
)
def test_a_point_is_the_run_with_its_settings_to_the_bit(
    book: FactBook, over: list[str], changes: tuple[str, ...]
) -> None:
    sweep = plan(
        book, *over, changes=changes, outcomes=["h200_delivered_cum", "china_ai_capex", "levy_paid@2026"]
    )
    at = run_points(sweep.points, [sweep.grid.changes(n) for n in range(sweep.grid.points)], where=Where())
    for point in range(sweep.grid.points):
        typed = [f"{key}={value}" for key, value in sweep.grid.labels(point).items()]
        run = dualtrack.run("h200-truce", changes=[*changes, *typed], **SMALL)
        for question in sweep.questions:
            wanted = question.values({question.outcome.name: run[question.outcome.name].values})
            assert (at[question.name][point] == wanted).all(), (typed, question.name)


def test_draws_that_are_kept_are_the_draws_that_would_be_made(model_for: Callable[..., Model]) -> None:
    model = model_for(["us.share_limit=0.4", "china.hazard.close=0.1"], months=12, paths=30)
    other = model_for(["us.share_limit=0.2", "china.hazard.close=0.3"], months=12, paths=30)
    changed = {key: other.scenario.settings[key] for key in ("us.share_limit", "china.hazard.close")}
    block = model.block(5, 20)
    kept = Draws(model, block)
    for keys in ([], ["us.share_limit"], ["china.hazard.close"], list(changed), []):
        some = {key: changed[key] for key in keys}
        one, two = kept.drawn(some), draw(other if len(some) == 2 else vary(model, some), block)
        for part in ("values", "law", "uniforms"):
            assert getattr(one, part).keys() == getattr(two, part).keys()
            assert all(
                np.array_equal(getattr(one, part)[k], getattr(two, part)[k], equal_nan=True)
                for k in getattr(one, part)
            )
        assert (one.gates.china == two.gates.china).all() and (one.gates.us == two.gates.us).all()


def test_two_processes_and_small_blocks_give_the_same_document(
    book: FactBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = plan(book, "us.share_limit=0,0.5", "china.ratio=0,2", run={"months": 6})
    whole = run_sweep(sweep)
    monkeypatch.setattr(points_module, "BLOCK", 15)
    assert run_sweep(sweep, Where(2)) == whole


def test_a_killed_sweep_goes_on_and_gives_the_same_document(
    book: FactBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = plan(book, "china.ratio=0:3:4", run={"months": 4})
    whole = run_sweep(sweep)
    monkeypatch.setattr(points_module, "TOGETHER", 40)  # a job for each point

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(sweep, out=tmp_path, progress=stop)
    kept = sorted(path.name for path in sweep.store(tmp_path).folder.iterdir())
    assert len(kept) == 3
    done_again: list[Any] = []
    run_job = points_module.run_job
    monkeypatch.setattr(points_module, "run_job", lambda *job: done_again.append(job) or run_job(*job))
    assert run_sweep(plan(book, "china.ratio=0:3:4", run={"months": 4}), out=tmp_path) == whole
    assert len(done_again) == 2
    clear_stores(sweep, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_questions_never_take_kept_points(book: FactBook, tmp_path: Path) -> None:
    one, two = plan(book, "china.ratio=0,1"), plan(book, "china.ratio=0,1", outcomes=["levy_paid"])
    assert one.store(tmp_path).folder != two.store(tmp_path).folder
    assert (
        one.store(tmp_path).folder != plan(book, "china.ratio=0,1", run={"paths": 41}).store(tmp_path).folder
    )


def test_a_stricter_ratio_never_raises_mean_imports_and_supply_is_what_makers_have(book: FactBook) -> None:
    """Domestic deliveries of the first year end at what is in stock and made; the ratio moves them no further."""
    sweep = plan(
        book,
        "china.ratio=0,1,2,4,8,16,20",
        changes=[*OPEN, "china.gate_start=quota", "us.licence_delay_months=1", "demand.realism=1"],
        outcomes=["domestic_packages"],
        run={"paths": 80, "months": 11},
    )
    document = run_sweep(sweep)
    frontier = document["frontier"]
    imports = [point["imports"]["mean"] for point in frontier["points"]]
    assert all(later <= before + 1e-6 for before, later in pairwise(imports))
    assert imports[-1] < 0.9 * imports[0]
    # Nothing that is bought within the year can have raised what is made in it.
    made = [point["outcomes"]["domestic_packages@2026-02..2026-12"]["mean"] for point in document["points"]]
    assert made == pytest.approx([made[0]] * len(made), rel=1e-9)
    stop = frontier["supply_stop"]
    assert stop["p_bitten"] > 0.2 and stop["ratio"] is not None
    missing = [point["months_missing"] for point in frontier["points"]]
    assert missing == sorted(missing) and missing[0] == 0.0


def test_where_supply_binds_a_stricter_ratio_does_not_raise_domestic_volume(book: FactBook) -> None:
    """With next to nothing made, the year's deliveries stop while imports go on falling."""
    sweep = plan(
        book,
        "china.ratio=0,2,4,8",
        changes=[
            *OPEN,
            "demand.realism=1",
            "domestic.other_units=1000",
            "domestic.die_bank=0",
            "domestic.memory_stock=0",
        ],
        run={"paths": 80, "months": 11},
    )
    frontier = run_sweep(sweep)["frontier"]
    assert frontier["mean_stop"] is not None
    steps = [point["step"] for point in frontier["points"] if point["ratio"] > frontier["mean_stop"]["ratio"]]
    assert steps and all(step["domestic_same_year"]["low"] <= 0.0 for step in steps)
    assert frontier["points"][-1]["imports"]["mean"] < frontier["points"][0]["imports"]["mean"]


def test_differences_are_paired_with_the_own_setting(book: FactBook) -> None:
    sweep = plan(book, "us.share_limit=0,0.5", outcomes=["h200_delivered_cum"])
    document = run_sweep(sweep)
    name = "h200_delivered_cum@2027-01"
    nothing, law = (point["outcomes"][name] for point in document["points"])
    own = document["outcomes"][0]["own"]
    assert nothing["mean"] == 0.0 and nothing["p_zero"] == 1.0
    assert nothing["difference"]["mean"] == pytest.approx(-own["mean"])
    # The law's own share limit is 0.5, so the second point is the scenario itself.
    assert law["difference"] == {**law["difference"], "mean": 0.0, "se": 0.0, "p_above": 0.0, "p_below": 0.0}


def test_what_the_closed_gate_is_worth_is_the_run_with_that_gate_shut(book: FactBook) -> None:
    sweep = plan(
        book,
        "us.levy_rate=0,0.5",
        "china.ratio=0,2",
        changes=OPEN,
        objectives=["us=levy_paid", "china=h200_delivered_cum - domestic_bought"],
    )
    game = run_sweep(sweep)["game"]
    assert game["sides"]["us"]["assumption"] is None
    at = game["chip"]["at"]
    assert at == game["fixed_points"][0]["at"]
    us, china = game["chip"]["sides"]["us"], game["chip"]["sides"]["china"]
    # With China's gate shut nothing is shipped and no levy falls due.
    assert us["closed"] == 0.0 and us["open"] > 0.0 and us["loss"]["mean"] == pytest.approx(us["open"])
    shut = [*OPEN, *(f"{key}={value}" for key, value in at.items()), "us.revocation=2026-01"]
    run = dualtrack.run("h200-truce", changes=shut, **SMALL)
    months = sweep.scenario.month_labels
    bought = parse_question("domestic_bought", months)
    assert float(run["h200_delivered_cum"].values.max()) == 0.0
    assert china["closed"] == pytest.approx(
        -bought.values({"domestic_bought": run["domestic_bought"].values}).mean()
    )


def test_one_path_and_one_month_are_a_sweep_too(book: FactBook) -> None:
    document = run_sweep(plan(book, "china.ratio=0:3:4", run={"paths": 1, "months": 1}))
    assert document["outcomes"][0]["own"]["se"] is None
    assert document["frontier"]["mean_stop"] is None


def test_everything_wrong_is_told_at_once(book: FactBook) -> None:
    with pytest.raises(ScenarioFault) as told:
        plan(
            book,
            "chian.ratio=0:3:4",
            outcomes=["h200_deliverd_cum"],
            objectives=["us=levy_piad"],
        )
    for text in ("(3 faults)", "'china.ratio'", "'h200_delivered_cum'", "'levy_paid'"):
        assert text in str(told.value)


@pytest.mark.parametrize(
    ("over", "more", "wanted"),
    [
        (["china.ratio=0,1"], {"game": True}, "one of each side"),
        (["china.ratio=0,1", "china.batch_units=1000,2000"], {"game": True}, "one of each side"),
        (["china.ratio=0,1", "demand.realism=0.5,1"], {"objectives": ["us=levy_paid"]}, "one of each side"),
        (["us.revocation=2035-01,2026-05"], {}, "2035-01 lies outside the run"),
        (["china.ratio=0,1"], {"changes": ["chian.ratio=1"]}, "Did you mean 'china.ratio'"),
        (["china.ratio=0,1"], {"run": {"paths": 0}}, "1 to 10,000,000"),
        (["china.ratio=0:3:20000"], {"run": {"paths": 100_000, "months": 36}}, "too large"),
    ],
)
def test_a_sweep_that_cannot_be_run_is_refused(
    book: FactBook, over: list[str], more: dict[str, Any], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "prepare", lambda *_: pytest.fail("something was prepared"))
    with pytest.raises(ScenarioFault) as told:
        plan(book, *over, **more)
    assert wanted in str(told.value)


def test_the_sweep_keeps_its_numbers_finite(book: FactBook) -> None:
    document = run_sweep(plan(book, "china.ratio=0,1", outcomes=["compute_gap_months"]))
    assert all(
        np.isfinite(point["outcomes"]["compute_gap_months@2027-01"]["mean"]) for point in document["points"]
    )

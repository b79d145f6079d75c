"""The audit passes a result that is what it says, and finds what is wrong with one that is not."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import xarray as xr
from tests.cli.helpers import contents

from dualtrack.audit import audit
from dualtrack.audit.gaps import relative
from dualtrack.errors import ResultFault
from dualtrack.results.dataset import open_result, save, set_attribute
from dualtrack.session import run
from dualtrack.simulate import step as step_module

PATHS, MONTHS = 24, 8


@pytest.fixture(scope="module")
def made():
    return run(
        "one-for-one",
        changes=["vendor.allocation=max-min", "vendor.stock_units=30000"],
        paths=PATHS,
        months=MONTHS,
    )


@pytest.fixture
def result(made, tmp_path):
    save(made, tmp_path / "result.nc")
    return tmp_path / "result.nc"


def tampered(made, tmp_path, change):
    """The file of the result with one number changed."""
    dataset = made.copy(deep=True)
    change(dataset)
    save(dataset, tmp_path / "result.nc")
    return audit(tmp_path, sample=10)


def test_a_result_agrees_with_itself_to_the_bit_and_with_programs_to_rounding(result):
    found = audit(result, sample=100)
    assert found.within
    assert (found.paths, found.sample, found.policy) == (PATHS, 100, "max-min")
    assert found.shared > 10 and found.short > 3 and found.ordered > 10
    assert found.not_compared == ()
    for name, gap in found.gaps.items():
        assert gap.cases, name
        if name.startswith("saved."):
            assert gap.largest == 0.0, name
        elif gap.tolerance is not None:
            assert gap.largest < 1e-6, name


def test_the_gaps_stand_in_the_result_and_nothing_else_has_changed(made, result):
    found = audit(result, sample=20, seed=3)
    again = open_result(result)
    said = json.loads(again.attrs.pop("audit"))
    assert said == json.loads(json.dumps(found.document()))
    assert set(said["gaps"]) >= {"saved.single", "stock.by_buyer", "orders.units", "headroom.us.share_limit"}
    xr.testing.assert_identical(again, made)
    assert [path.name for path in result.parent.iterdir()] == ["result.nc"]
    audit(result, sample=20, seed=3)
    assert json.loads(open_result(result).attrs["audit"]) == said


def test_an_audit_that_is_not_to_write_leaves_the_file(result):
    before = contents(result.parent)
    audit(result, sample=5, write=False)
    assert contents(result.parent) == before


@pytest.mark.filterwarnings("ignore::zarr.errors.UnstableSpecificationWarning")
def test_a_zarr_result_takes_the_gaps_too(made, tmp_path):
    save(made, tmp_path / "result.zarr")
    audit(tmp_path, sample=5)
    again = open_result(tmp_path)
    assert json.loads(again.attrs.pop("audit"))["within"]
    xr.testing.assert_identical(again, made)
    assert [path.name for path in tmp_path.iterdir()] == ["result.zarr"]


def raised(name, month, path, by=1.001):
    def change(dataset):
        value = dataset[name].values
        value[month, ..., path] = value[month, ..., path] * by + (1.0 if by else 0.0)

    return change


@pytest.mark.parametrize(
    ("gap", "outcome", "month"),
    [
        ("saved.single", "h200_delivered_cum", 5),
        ("saved.single", "compute_gap_ratio", 0),
        ("saved.double", "nvidia_china_ai_revenue", 7),
        ("saved.single", "buyer_h200_backlog", 3),
    ],
)
def test_one_changed_value_of_one_path_is_found(made, tmp_path, gap, outcome, month):
    found = tampered(made, tmp_path, raised(outcome, month, PATHS - 1))
    assert not found.within
    assert found.gaps[gap].apart >= 1
    where = found.gaps[gap].where
    assert (where["outcome"], where["path"]) == (outcome, PATHS - 1)
    assert where["month"] == str(made.month.values[month])
    assert found.gaps["orders.units"].within
    assert json.loads(open_result(tmp_path).attrs["audit"])["within"] is False


def test_a_changed_opening_value_is_found(made, tmp_path):
    def change(dataset):
        dataset["opening_h200_stock"].values[3] += 1.0

    where = tampered(made, tmp_path, change).gaps["saved.double"].where
    assert where == {"outcome": "opening_h200_stock", "path": 3}


def test_a_changed_count_is_found(made, tmp_path):
    def change(dataset):
        dataset["paths_binding"].values[4, 0] += 1

    found = tampered(made, tmp_path, change)
    assert not found.within
    assert found.gaps["saved.counts"].where == {
        "outcome": "paths_binding",
        "month": str(made.month.values[4]),
    }


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_became_none_is_found(made, tmp_path, value):
    def change(dataset):
        dataset["us_compute_h100e"].values[2, 4] = value

    found = tampered(made, tmp_path, change)
    assert found.gaps["saved.single"].largest == 1.0
    assert found.gaps["saved.single"].where["outcome"] == "us_compute_h100e"


def test_a_quick_audit_holds_only_the_sampled_paths_and_says_so(made, tmp_path):
    save(made, tmp_path / "result.nc")
    found = audit(tmp_path, sample=4, quick=True)
    assert found.paths <= 4
    assert any("--quick" in sentence for sentence in found.not_compared)


def test_what_the_run_did_not_keep_is_named(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "title: Totals only\ninherits: one-for-one\nkeep_buyers: false\n", encoding="utf-8"
    )
    save(run(str(tmp_path / "mine.yaml"), paths=10, months=5), tmp_path / "result.nc")
    (tmp_path / "mine.yaml").unlink()
    found = audit(tmp_path, sample=10)
    assert found.within
    assert any("keep_buyers" in sentence for sentence in found.not_compared)


# -- a simulation that does not do what its program does


def wrong(monkeypatch, name, change):
    """Put a mistake into the step."""
    real = getattr(step_module, name)
    monkeypatch.setattr(step_module, name, lambda *given: change(real(*given)))


@pytest.mark.parametrize(
    ("name", "change", "gap"),
    [
        ("permits", lambda made: made._replace(ordered=made.ordered * 0.99), "orders.units"),
        ("permits", lambda made: made._replace(cleared=made.cleared * 1.5), "limits.exceeded"),
        ("permits", lambda made: made._replace(accepted=made.accepted + 5_000.0), "limits.exceeded"),
        ("ship", lambda made: made._replace(entered=made.entered[::-1]), "stock.by_buyer"),
        ("ship", lambda made: made._replace(entered=made.entered * 0.9), "stock.total"),
    ],
)
def test_a_mistake_in_the_simulation_is_found(monkeypatch, tmp_path, name, change, gap):
    wrong(monkeypatch, name, change)
    save(run("one-for-one", paths=PATHS, months=MONTHS), tmp_path / "result.nc")
    found = audit(tmp_path, sample=60)
    assert not found.within
    assert not found.gaps[gap].within
    assert all(found.gaps[name].largest == 0.0 for name in ("saved.single", "saved.double", "saved.counts"))


# -- results that cannot be made again


def test_all_that_keeps_a_result_from_being_made_again_is_said_at_once(made, tmp_path):
    manifest = json.loads(made.attrs["manifest"]) | {"version": "0.0.1", "facts_sha256": "0" * 64}
    save(made.assign_attrs(manifest=json.dumps(manifest), backend="jax"), tmp_path / "result.nc")
    with pytest.raises(ResultFault, match="3 faults") as refused:
        audit(tmp_path)
    for text in ("version 0.0.1", "--facts", "jax"):
        assert text in str(refused.value)


def test_a_setting_that_is_not_that_of_the_text_is_named(made, tmp_path):
    settings = json.loads(made.attrs["settings"])
    next(row for row in settings if row["key"] == "china.ratio")["value"] = 2.0
    save(made.assign_attrs(settings=json.dumps(settings)), tmp_path / "result.nc")
    with pytest.raises(ResultFault, match=r"china\.ratio"):
        audit(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.isel(path=slice(0, 20)),
        lambda made: made.isel(month=slice(0, 5)),
        lambda made: made.drop_vars("h200_stock"),
        lambda made: made.drop_vars("opening_h200_stock"),
        lambda made: made.drop_vars("paths_binding"),
        lambda made: made.assign_coords(month=made.month.values[::-1]),
        lambda made: made.assign_attrs(settings="[]"),
        lambda made: xr.Dataset(
            made.data_vars, made.coords, {k: v for k, v in made.attrs.items() if k != "backend"}
        ),
    ],
    ids=[
        "paths cut off",
        "months cut off",
        "an outcome taken out",
        "an opening",
        "a count",
        "months reversed",
        "no settings",
        "no backend",
    ],
)
def test_a_result_that_is_not_whole_is_refused(made, tmp_path, change):
    save(change(made), tmp_path / "result.nc")
    before = contents(tmp_path)
    with pytest.raises(ResultFault, match=r"Run (it|the scenario) again|its scenario has"):
        audit(tmp_path)
    assert contents(tmp_path) == before


def test_the_order_of_dimensions_does_not_matter(made, tmp_path):
    save(made.transpose(), tmp_path / "result.nc")
    assert audit(tmp_path, sample=5).within


# -- small parts


def test_differences_are_parts_of_the_largest_of_the_path():
    saved = np.array([[1.0, 0.0, np.nan, np.inf], [4.0, 0.0, 2.0, 1.0]])
    made = np.array([[1.5, 0.0, np.nan, np.inf], [5.0, 0.0, 2.0, np.nan]])
    np.testing.assert_array_equal(relative(saved, made), [[0.1, 0, 0, 0], [0.2, 0, 0, 1]])


def test_an_attribute_is_set_or_the_file_is_as_it_was(result, monkeypatch):
    before = contents(result.parent)

    def full(source, place):
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(ResultFault, match="No space left"):
        set_attribute(result, "audit", "{}")
    assert contents(result.parent) == before


def test_a_long_attribute_comes_back(result):
    text = "x" * 200_000
    set_attribute(result, "audit", text)
    assert open_result(result).attrs["audit"] == text

"""A saved result is the result: nothing lost, nothing half written, nothing of it left behind."""

import json

import numpy as np
import pytest
import xarray as xr
from tests.cli.helpers import contents, dualtrack, strict_json

from dualtrack.errors import ResultFault
from dualtrack.results.dataset import open_result, save
from dualtrack.results.folder import staging, write_all
from dualtrack.results.summary import summarise
from dualtrack.session import run

pytestmark = pytest.mark.filterwarnings("ignore::zarr.errors.UnstableSpecificationWarning")

OVERLAY = """\
nvidia.inventory.h200.2025_12:
  what: H200 in stock at the end of December 2025, by our own count
  unit: units
  value: 123000
  on: 2025-12-31
  known_by: 2026-01-15
  source: {publisher: Our desk, title: Count of January, published: 2026-01-15}
  confidence: high
"""


@pytest.fixture(scope="module")
def dataset():
    return run("one-for-one", changes=["us.revocation=2026-05..2026-06"], paths=300, months=6)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder as `run --out` writes it."""
    out = tmp_path_factory.mktemp("saved") / "out"
    answer = dualtrack("run", "one-for-one", "--paths", "40", "--months", "6", "--out", out, "--json")
    assert answer.code == 0, answer.err
    return out, answer.document


# -- round trips


@pytest.mark.parametrize("name", ["result.nc", "result.zarr"])
def test_a_result_comes_back_without_loss(dataset, tmp_path, name):
    save(dataset, tmp_path / name)
    again = open_result(tmp_path / name)
    xr.testing.assert_identical(again, dataset)
    assert again.attrs == dataset.attrs
    for variable in dataset.data_vars:
        assert again[variable].dtype == dataset[variable].dtype, variable
    assert summarise(again) | {"seconds": 0} == summarise(dataset) | {"seconds": 0}


def test_undefined_stays_undefined(dataset, tmp_path):
    changed = dataset.copy(deep=True)
    changed["compute_gap_months"][2, :5] = np.nan
    save(changed, tmp_path / "result.nc")
    xr.testing.assert_identical(open_result(tmp_path / "result.nc"), changed)


def test_the_attributes_hold_all_that_is_needed_to_run_it_again(dataset, tmp_path):
    save(dataset, tmp_path / "result.nc")
    attributes = open_result(tmp_path / "result.nc").attrs
    manifest = strict_json(attributes["manifest"])
    assert "us.revocation=2026-05..2026-06" in manifest["scenario_text"]
    assert "inherits: h200-truce" in manifest["scenario_text"]
    assert len(manifest["facts_sha256"]) == 64
    assert {row["key"] for row in strict_json(attributes["settings"])} >= {"china.ratio", "us.revocation"}


def test_a_folder_opens_like_the_file_in_it(saved):
    out, _ = saved
    xr.testing.assert_identical(open_result(out), open_result(out / "result.nc"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_damaged(dataset, tmp_path, share):
    path = tmp_path / "result.nc"
    save(dataset, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ResultFault, match="damaged"):
        open_result(path)


def test_a_netcdf_file_of_something_else_is_no_result(tmp_path):
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    with pytest.raises(ResultFault, match=r"other\.nc"):
        open_result(tmp_path / "other.nc")


def test_a_result_of_another_format_says_so(dataset, tmp_path):
    save(dataset.assign_attrs(format=99), tmp_path / "result.nc")
    with pytest.raises(ResultFault, match="format 99"):
        open_result(tmp_path / "result.nc")


# -- the folder that `run --out` writes


def test_the_folder_has_dataset_summary_tables_and_brief(saved):
    out, document = saved
    names = {path.name for path in out.iterdir()}
    assert names >= {"result.nc", "summary.json", "quarterly.csv", "brief.html", "brief.md"}
    assert strict_json((out / "summary.json").read_text(encoding="utf-8")) == document
    assert open_result(out).attrs["scenario"] == "one-for-one"
    assert [path for path in out.parent.iterdir() if path != out] == []


def test_a_run_replaces_the_files_of_an_earlier_one_and_keeps_what_is_not_its_own(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for name in ("result.nc", "summary.json", "notes.txt"):
        (out / name).write_text("from before", encoding="utf-8")
    answer = dualtrack("run", "--paths", "20", "--months", "3", "--seed", "2", "--out", out, "--json")
    assert answer.code == 0, answer.err
    assert answer.err == ""
    assert open_result(out).attrs["seed"] == 2
    assert strict_json((out / "summary.json").read_text(encoding="utf-8"))["seed"] == 2
    assert (out / "notes.txt").read_text(encoding="utf-8") == "from before"


def test_brief_writes_the_report_of_a_saved_folder(saved, tmp_path):
    out, _ = saved
    for source in (out, out / "result.nc"):
        target = tmp_path / source.name
        answer = dualtrack("brief", source, "--out", target, "--json")
        assert answer.code == 0, answer.err
        assert set(answer.document["files"]) == {"brief.html", "brief.md"}
        assert {path.name for path in target.iterdir()} == {"brief.html", "brief.md"}
        html = (target / "brief.html").read_text(encoding="utf-8")
        assert "One for one" in html
        assert (target / "brief.md").read_text(encoding="utf-8") == (out / "brief.md").read_text(
            encoding="utf-8"
        )


@pytest.fixture(scope="module")
def zarr_after_nc(tmp_path_factory):
    """A folder of two runs: the first left result.nc, the second result.zarr."""
    out = tmp_path_factory.mktemp("zarr") / "out"
    out.mkdir()
    save(run("h200-truce", seed=1, paths=20, months=3), out / "result.nc")
    words = ("--paths", "20", "--months", "3", "--seed", "2", "--format", "zarr", "--out", out, "--json")
    answer = dualtrack("run", *words)
    assert answer.code == 0, answer.err
    return out


def test_a_zarr_result_is_written_and_opens(zarr_after_nc):
    assert open_result(zarr_after_nc / "result.zarr").attrs["seed"] == 2


def test_a_folder_never_gives_the_result_of_an_earlier_run(zarr_after_nc):
    assert open_result(zarr_after_nc).attrs["seed"] == 2


def test_a_folder_with_a_zarr_result_alone_opens(dataset, tmp_path):
    save(dataset, tmp_path / "result.zarr")
    assert open_result(tmp_path).attrs["scenario"] == "one-for-one"


def test_sealed_buyers_are_named_nowhere_in_the_brief(saved, tmp_path):
    out, _ = saved
    answer = dualtrack("brief", out, "--seal-buyers", "--out", tmp_path / "sealed")
    assert answer.code == 0, answer.err
    for name in ("brief.html", "brief.md"):
        text = (tmp_path / "sealed" / name).read_text(encoding="utf-8").lower()
        for buyer in ("bytedance", "alibaba", "tencent"):
            assert buyer not in text, (name, buyer)


# -- whole or untouched


def test_a_writer_that_fails_leaves_the_folder_as_it_was(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.txt").write_text("old", encoding="utf-8")

    def full(path):
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    before = contents(tmp_path)
    writers = {"a.txt": lambda path: path.write_text("new", encoding="utf-8"), "b.txt": full}
    with pytest.raises(ResultFault, match="No space left"), staging(out) as place:
        write_all(out, place, writers)
    assert contents(tmp_path) == before


def test_a_move_that_fails_half_way_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    for name in ("a.txt", "b.txt"):
        (out / name).write_text("old", encoding="utf-8")
    before = contents(tmp_path)
    moved = []
    kind = type(out)
    real = kind.replace

    def breaking(self, target):
        moved.append(self)
        if len(moved) == 2:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(kind, "replace", breaking)
    writers = dict.fromkeys(("a.txt", "b.txt"), lambda path: path.write_text("new", encoding="utf-8"))
    with pytest.raises(ResultFault) as refused, staging(out) as place:
        write_all(out, place, writers)
    assert len(moved) >= 2
    assert contents(tmp_path) == before, refused.value


def test_a_folder_of_the_user_in_the_way_of_a_file_is_not_deleted(tmp_path):
    out = tmp_path / "out"
    (out / "brief.md").mkdir(parents=True)
    (out / "brief.md" / "mine.txt").write_text("precious", encoding="utf-8")
    before = contents(tmp_path)
    writers = {"brief.md": lambda path: path.write_text("new", encoding="utf-8")}
    with pytest.raises(ResultFault, match=r"brief\.md"), staging(out) as place:
        write_all(out, place, writers)
    assert contents(tmp_path) == before


# -- the user's own facts


def test_a_fact_of_ones_own_moves_the_result_and_is_named(tmp_path):
    (tmp_path / "mine.yaml").write_text(OVERLAY, encoding="utf-8")
    words = ("run", "--paths", "40", "--months", "3", "--set", "vendor.ageing_rate=0.02", "--json")
    base = dualtrack(*words).document
    mine = dualtrack(*words, "--facts", tmp_path / "mine.yaml").document
    assert base["opening"]["h200_stock"]["p90"] == 700_000
    assert mine["opening"]["h200_stock"]["p10"] == 123_000
    assert mine["opening"]["h200_stock"]["p90"] == 600_000  # the other reading, without Grace Hopper
    (source,) = [row for row in mine["sources"] if row["fact"] == "nvidia.inventory.h200.2025_12"]
    assert (source["publisher"], source["known_by"]) == ("Our desk", "2026-01-15")
    assert mine["manifest"]["facts_sha256"] != base["manifest"]["facts_sha256"]
    again = dualtrack(*words).document
    assert again["manifest"] == base["manifest"]


def test_a_fact_of_ones_own_is_the_median_when_it_stands_alone(tmp_path):
    (tmp_path / "mine.yaml").write_text(OVERLAY, encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(
        "title: Our count\ninherits: h200-truce\n"
        "set:\n  vendor.stock_units: {fact: nvidia.inventory.h200.2025_12}\n",
        encoding="utf-8",
    )
    words = ("run", tmp_path / "scenario.yaml", "--paths", "20", "--months", "2", "--json")
    assert dualtrack(*words).document["opening"]["h200_stock"]["p50"] == 700_000
    mine = dualtrack(*words, "--facts", tmp_path / "mine.yaml").document
    assert mine["opening"]["h200_stock"]["p50"] == 123_000


def test_a_fact_of_ones_own_from_after_the_date_is_not_seen(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        OVERLAY.replace("known_by: 2026-01-15", "known_by: 2026-03-01").replace(
            "published: 2026-01-15", "published: 2026-03-01"
        ),
        encoding="utf-8",
    )
    words = ("run", "--paths", "40", "--months", "3", "--json")
    mine = dualtrack(*words, "--facts", tmp_path / "mine.yaml").document
    assert mine["opening"] == dualtrack(*words).document["opening"]
    (source,) = [row for row in mine["sources"] if row["fact"] == "nvidia.inventory.h200.2025_12"]
    assert source["known_by"] <= "2026-01-31"


def test_the_settings_of_a_saved_result_name_their_facts(saved):
    out, _ = saved
    for row in json.loads(open_result(out).attrs["settings"]):
        assert row["facts"] or row["assumption"], row["key"]

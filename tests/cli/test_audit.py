"""`dualtrack audit` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xarray as xr
from tests.cli.helpers import contents, dualtrack, expect_refusal

from dualtrack.results.dataset import open_result, save

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
def saved(tmp_path_factory):
    out = tmp_path_factory.mktemp("audit") / "out"
    words = ("--paths", "20", "--months", "6", "--set", "us.revocation=2026-06", "--out", out, "--json")
    answer = dualtrack("run", "one-for-one", *words)
    assert answer.code == 0, answer.err
    return out


@pytest.fixture
def out(saved, tmp_path) -> Path:
    """A folder of its own with the result."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.nc").write_bytes((saved / "result.nc").read_bytes())
    return tmp_path / "out"


def test_a_sound_result_passes_and_the_gaps_are_saved(out):
    answer = dualtrack("audit", out, "--sample", "60", columns=80)
    assert answer.code == 0, answer.err
    assert answer.err == ""
    assert "nothing differs by more than rounding" in answer.out
    assert "All of the 20 paths" in answer.out
    assert max(len(line) for line in answer.out.splitlines()) <= 80
    assert json.loads(open_result(out).attrs["audit"])["sample"] == 60


def test_json_is_what_is_saved(out):
    answer = dualtrack("audit", out, "--sample", "30", "--seed", "4", "--json")
    assert answer.code == 0 and answer.err == ""
    document = answer.document
    assert document == json.loads(open_result(out).attrs["audit"])
    assert (document["sample"], document["seed"], document["within"]) == (30, 4, True)
    for gap in document["gaps"].values():
        assert set(gap) == {
            "what", "unit", "largest", "mean", "cases", "apart", "tolerance", "within", "where",
        }  # fmt: skip
    assert dualtrack("audit", out, "--sample", "30", "--seed", "4", "--json").out == answer.out


def test_without_a_size_a_run_smaller_than_the_sample_is_solved_whole(out):
    assert dualtrack("audit", out, "--json").document["sample"] == 120


def test_a_tampered_result_exits_1_and_says_where(out):
    dataset = open_result(out)
    dataset["h200_licensed_cum"].values[4, 7] += 2.0
    save(dataset, out / "result.nc")
    answer = dualtrack("audit", out, "--sample", "10", columns=80)
    assert answer.code == 1, answer.err
    assert "NOT the same" in answer.out
    assert "h200_licensed_cum" in answer.out and "path 7" in answer.out and "2026-06" in answer.out
    assert dualtrack("audit", out, "--sample", "10", "--json").document["within"] is False


def test_a_run_on_facts_of_ones_own_wants_them_again(tmp_path):
    facts = tmp_path / "facts.yaml"
    facts.write_text(OVERLAY, encoding="utf-8")
    words = ("run", "--paths", "10", "--months", "3", "--facts", facts, "--out", tmp_path / "out", "--json")
    assert dualtrack(*words).code == 0
    expect_refusal(tmp_path / "out", lambda: dualtrack("audit", tmp_path / "out"), "facts_sha256", "--facts")
    answer = dualtrack("audit", tmp_path / "out", "--facts", facts, "--sample", "5")
    assert answer.code == 0, answer.err


# -- wrong input: exit 2, one message, the file as it was


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--sample", "0"), ("--sample 0", "1 to 120")),
        (("--sample", "121"), ("--sample 121", "20 paths of 6 months")),
        (("--sample", "many"), ("--sample 'many'", "whole number")),
        (("--sample", "1.5"), ("--sample '1.5'",)),
        (("--seed", "-1"), ("--seed -1",)),
        (("--seed", "x"), ("--seed 'x'",)),
        (("--facts", "nowhere.yaml"), ("nowhere.yaml",)),
    ],
)
def test_wrong_options_are_refused(out, words, wanted):
    expect_refusal(out, lambda: dualtrack("audit", out, *words), *wanted)


def test_what_is_no_result_is_refused(tmp_path):
    text, other, empty = tmp_path / "notes.txt", tmp_path / "other.nc", tmp_path / "empty"
    text.write_text("no result", encoding="utf-8")
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(other, engine="h5netcdf")
    empty.mkdir()
    for path in (text, other):
        expect_refusal(
            tmp_path, lambda path=path: dualtrack("audit", path), path.name, "not a dualtrack result"
        )
    for path in (tmp_path / "nowhere.nc", empty):
        expect_refusal(tmp_path, lambda path=path: dualtrack("audit", path), path.name, "dualtrack run --out")


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"version": "0.0.9"}, ("version 0.0.9", "run the scenario again")),
        ({"facts_sha256": "f" * 64}, ("ffffffffffff", "--facts")),
        ({"scenario_text": "# mine.yaml\nnothing here\n"}, ("scenario text is damaged",)),
    ],
)
def test_a_result_of_another_make_is_refused(out, changed, wanted):
    dataset = open_result(out)
    manifest = json.loads(dataset.attrs["manifest"]) | changed
    save(dataset.assign_attrs(manifest=json.dumps(manifest)), out / "result.nc")
    expect_refusal(out, lambda: dualtrack("audit", out), "result.nc", *wanted)


def test_a_jax_result_is_refused_with_the_way_on(out):
    save(open_result(out).assign_attrs(backend="jax"), out / "result.nc")
    expect_refusal(out, lambda: dualtrack("audit", out), "jax", "without --backend")


def test_a_folder_that_cannot_be_written_keeps_its_result(out, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    before = contents(out)
    answer = dualtrack("audit", out, "--sample", "5", "--quick")
    assert (answer.code, answer.out) == (2, "")
    assert "No space left on device" in answer.err
    assert contents(out) == before

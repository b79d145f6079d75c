"""A study's jobs are kept as they are done: after a kill it goes on, and gives what it would have given."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests import parallel_work

from dualtrack.errors import ResultFault
from dualtrack.parallel import Where
from dualtrack.study.jobs import Store, run_study

ROOT = Path(__file__).parents[2]
JOBS = list(range(8))


def computed(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "computed").read_text(encoding="utf-8").split()]


def test_results_come_in_the_order_of_the_jobs(tmp_path):
    for workers in (1, 2):
        found = run_study(parallel_work.arrays, str(tmp_path), JOBS, where=Where(workers=workers))
        assert [arrays["values"][0] for arrays in found] == JOBS


def test_what_is_kept_is_not_computed_again(tmp_path):
    store = Store(tmp_path / "out", "sweep", ["key"])
    first = run_study(parallel_work.arrays, str(tmp_path), JOBS[:5], where=Where(), store=store)
    reports: list[tuple[int, int]] = []
    again = run_study(
        parallel_work.arrays,
        str(tmp_path),
        JOBS,
        where=Where(),
        store=store,
        progress=lambda done, whole: reports.append((done, whole)),
    )
    assert computed(tmp_path) == JOBS
    assert reports[0] == (5, 8) and reports[-1] == (8, 8)
    for one, other in zip(first, again, strict=False):
        np.testing.assert_array_equal(one["values"], other["values"])


def test_jobs_of_another_key_are_not_taken(tmp_path):
    run_study(parallel_work.arrays, str(tmp_path), JOBS, where=Where(), store=Store(tmp_path, "sweep", ["a"]))
    run_study(parallel_work.arrays, str(tmp_path), JOBS, where=Where(), store=Store(tmp_path, "sweep", ["b"]))
    assert computed(tmp_path) == JOBS * 2


def test_a_damaged_file_is_computed_again(tmp_path):
    store = Store(tmp_path / "out", "sweep", ["key"])
    run_study(parallel_work.arrays, str(tmp_path), JOBS, where=Where(), store=store)
    victim = sorted(store.folder.glob("*.npz"))[2]
    victim.write_bytes(victim.read_bytes()[:40])
    found = run_study(parallel_work.arrays, str(tmp_path), JOBS, where=Where(), store=store)
    assert computed(tmp_path) == [*JOBS, 2]
    assert found[2]["values"][0] == 2


def test_a_killed_study_goes_on_where_it_stopped(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tests import parallel_work\n"
        "from dualtrack.parallel import Where; from dualtrack.study.jobs import Store, run_study\n"
        f"run_study(parallel_work.arrays_or_death, {str(tmp_path)!r}, list(range(8)), where=Where(),"
        f" store=Store(Path({str(tmp_path / 'out')!r}), 'sweep', ['key']))"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert killed.returncode != 0
    assert computed(tmp_path) == [0, 1, 2, 3]
    store = Store(tmp_path / "out", "sweep", ["key"])
    found = run_study(parallel_work.arrays, str(tmp_path), JOBS, where=Where(), store=store)
    assert computed(tmp_path) == JOBS
    assert [arrays["values"][0] for arrays in found] == JOBS
    store.clear()
    assert not store.folder.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ResultFault, match="cannot be written"):
        Store(tmp_path / "file", "sweep", ["key"]).put(0, {"values": np.zeros(1)})

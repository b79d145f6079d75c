"""Jobs give the same results here, in worker processes and on a cluster, and a lost worker loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests import parallel_work

from dualtrack.errors import ScenarioFault
from dualtrack.parallel import Where, WorkersLost, run_jobs
from dualtrack.session import run

POSIX = pytest.mark.skipif(os.name != "posix", reason="kills processes")


def in_order(work, context, jobs, where):
    found = dict(run_jobs(work, context, jobs, where))
    return [found[position] for position in range(len(jobs))]


def test_processes_give_what_one_process_gives():
    jobs = list(range(40))
    here = in_order(parallel_work.square, 5, jobs, Where())
    assert here == [job * job + 5 for job in jobs]
    assert in_order(parallel_work.square, 5, jobs, Where(workers=2)) == here


def test_no_jobs_are_no_work():
    assert list(run_jobs(parallel_work.square, 5, [], Where(workers=2))) == []


@POSIX
def test_a_worker_killed_on_the_way_costs_no_result(tmp_path):
    found = in_order(parallel_work.die_once, str(tmp_path), list(range(12)), Where(workers=2))
    assert found == list(range(12))
    assert (tmp_path / "died").exists()


@POSIX
def test_workers_that_always_die_are_told_not_tried_for_ever():
    with pytest.raises(WorkersLost, match="out of memory"):
        list(run_jobs(parallel_work.die_always, None, [1, 2], Where(workers=2)))


def test_what_a_job_refuses_reaches_the_caller():
    with pytest.raises(ScenarioFault, match=r"job [12] is refused"):
        list(run_jobs(parallel_work.refuse, None, [1, 2], Where(workers=2)))


@pytest.mark.parametrize("workers", [0, 257])
def test_a_number_of_workers_out_of_range_is_refused(workers):
    with pytest.raises(ScenarioFault, match=f"--workers {workers} is outside 1 to 256"):
        Where(workers=workers)


def test_workers_and_a_cluster_exclude_each_other():
    with pytest.raises(ScenarioFault, match="exclude each other"):
        Where(workers=2, cluster="tcp://127.0.0.1:1")


# A real cluster: a scheduler and two workers, each a process of its own.


class Cluster:
    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.file = folder / "scheduler.json"
        self.processes = [self._start("dask_scheduler", "--port", "0", "--no-show", "--no-dashboard")]
        while not self.file.exists():
            time.sleep(0.05)
        self.workers = [self.start_worker() for _ in range(workers)]

    @property
    def address(self) -> str:
        import json

        return str(json.loads(self.file.read_text(encoding="utf-8"))["address"])

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = self._start("dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.processes.append(worker)
        return worker

    def _start(self, module: str, *options: str) -> subprocess.Popen[bytes]:
        words = [
            sys.executable,
            "-m",
            f"distributed.cli.{module}",
            "--scheduler-file",
            str(self.file),
            *options,
        ]
        # Workers import the jobs of the tests by their module's name.
        paths = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        return subprocess.Popen(
            words,
            cwd=self.file.parent,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_for_workers(self, count: int) -> None:
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=60)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.wait_for_workers(2)
    yield made
    made.stop()


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@POSIX
@pytest.mark.slow
def test_a_cluster_gives_what_one_process_gives(cluster):
    jobs = list(range(30))
    where = Where(cluster=cluster.address)
    assert in_order(parallel_work.square, 5, jobs, where) == [job * job + 5 for job in jobs]
    plain = run(paths=64, months=4, chunk=16)
    spread = run(paths=64, months=4, chunk=16, cluster=cluster.address)
    for name in plain.data_vars:
        np.testing.assert_array_equal(plain[name].values, spread[name].values, err_msg=str(name))


@POSIX
@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_mid_run_loses_no_result(cluster):
    cluster.wait_for_workers(2)
    plain = run(paths=240, months=12, chunk=8)
    victim = cluster.workers.pop()
    done: list[int] = []
    second = threading.Event()

    def progress(count: int, _: int) -> None:
        done.append(count)
        if len(done) == 3:
            victim.send_signal(signal.SIGKILL)
            second.set()

    spread = run(paths=240, months=12, chunk=8, cluster=cluster.address, progress=progress)
    assert second.is_set() and victim.wait(timeout=20) == -signal.SIGKILL
    assert done[-1] == 240
    for name in plain.data_vars:
        np.testing.assert_array_equal(plain[name].values, spread[name].values, err_msg=str(name))
    cluster.workers.append(cluster.start_worker())


@POSIX
@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_told(tmp_path):
    pytest.importorskip("distributed")
    own = Cluster(tmp_path, workers=1)
    own.wait_for_workers(1)
    try:
        with pytest.raises(WorkersLost, match="went away"):
            for position, _ in run_jobs(
                parallel_work.square, 5, list(range(200)), Where(cluster=own.address)
            ):
                if position == 3:
                    own.processes[0].kill()
                    own.processes[0].wait()
    finally:
        own.stop()


@POSIX
@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_told():
    with pytest.raises(ScenarioFault, match="no Dask scheduler answers there"):
        list(run_jobs(parallel_work.square, 5, [1], Where(cluster="nonsense")))

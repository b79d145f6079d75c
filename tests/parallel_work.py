"""Jobs that a worker process can import, some of them deadly."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from dualtrack.errors import ScenarioFault


def square(add: int, job: int) -> int:
    return job * job + add


def die_once(folder: str, job: int) -> int:
    """Kill the worker on job 3, the first time that it is tried."""
    mark = Path(folder) / "died"
    if job == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def die_always(_: None, job: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return job


def refuse(_: None, job: int) -> int:
    raise ScenarioFault(f"job {job} is refused")


def arrays(folder: str, job: int) -> dict[str, np.ndarray]:
    """Arrays of a job, and a trace that it was computed."""
    with (Path(folder) / "computed").open("a", encoding="utf-8") as file:
        file.write(f"{job}\n")
    return {"values": np.arange(job, job + 3, dtype=float), "path": np.array([os.getpid()])}


def arrays_or_death(folder: str, job: int) -> dict[str, np.ndarray]:
    """The same, in a process that is killed at job 4."""
    if job == 4:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    return arrays(folder, job)

"""Work for the tests of the service; a worker process imports it from here."""

from __future__ import annotations

import os
import time
from pathlib import Path

from dualtrack.errors import ScenarioFault
from dualtrack.web.service.tasks import Report


def said(text: str) -> bytes:
    return text.encode()


def slowly(text: str, seconds: float) -> bytes:
    time.sleep(seconds)
    return text.encode()


def process(_: str) -> bytes:
    return str(os.getpid()).encode()


def niceness(_: str) -> bytes:
    return str(os.nice(0)).encode()


def noted(path: str, line: str, seconds: float) -> bytes:
    """Write a line when it begins: the order of lines is the order of the work."""
    with Path(path).open("a") as file:
        file.write(line + "\n")
    time.sleep(seconds)
    return line.encode()


def refuse(text: str) -> bytes:
    raise ScenarioFault(f"{text} cannot be used.")


def fail() -> bytes:
    raise KeyError("a fault of ours")


def die() -> bytes:
    os._exit(1)


def long_work(report: Report, folder: Path, steps: int, seconds: float) -> bytes:
    for step in range(steps):
        report(step, steps)
        time.sleep(seconds)
    (folder / "made.txt").write_text("made")
    report(steps, steps)
    return b'{"made": 1}'


def long_refusal(report: Report, folder: Path) -> bytes:
    raise ScenarioFault("It cannot be used.")


def long_fault(report: Report, folder: Path) -> bytes:
    raise KeyError("a fault of ours")

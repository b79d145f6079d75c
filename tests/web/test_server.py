"""`dualtrack serve` as a user starts and stops it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from browser import START_SECONDS

from dualtrack.web.server import _is_loopback

SERVE = [sys.executable, "-m", "dualtrack", "serve"]


def test_it_says_where_it_is_and_stops_on_ctrl_c_with_nothing_left_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*SERVE, "--port", "0", "--workers", "1"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said = line
        if "The explorer is at" in line:
            break
    address = said.split()[4].rstrip(".")
    with urllib.request.urlopen(f"{address}/explore", timeout=START_SECONDS) as response:
        assert b"dualtrack" in response.read()
    # As a terminal does: to the whole group.
    os.killpg(process.pid, signal.SIGINT)
    rest = process.stderr.read()
    assert process.wait(START_SECONDS) == 0
    assert "Stopped." in rest and "Traceback" not in rest
    process.stderr.close()
    end = time.monotonic() + 10
    while _group_lives(process.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _group_lives(process.pid)
    assert list(tmp_path.glob("dualtrack-serve-*")) == []


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_port_in_use_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert subprocess.run([*SERVE, "--port", str(port)], check=False).returncode == 2
    told = capfd.readouterr().err
    assert f"cannot listen on 127.0.0.1, port {port}" in told and "--port 0" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--port", "http"], "--port 'http' is not a whole number."),
        (["--port", "70000"], "--port 70000 is outside 0 to 65,535."),
        (["--workers", "0"], "--workers 0 is outside 1 to 64."),
        (["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid"),
    ],
)
def test_wrong_options_are_told(words: list[str], told: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert subprocess.run([*SERVE, *words], check=False).returncode == 2
    assert told in capfd.readouterr().err


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.7", False),
        ("server.example", False),
    ],
)
def test_which_addresses_are_of_this_machine_alone(host: str, alone: bool) -> None:
    assert _is_loopback(host) is alone


def test_listening_for_others_says_what_that_means() -> None:
    process = subprocess.Popen(
        [*SERVE, "--host", "0.0.0.0", "--port", "0", "--workers", "1"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "The explorer is at" in line:
            break
    process.send_signal(signal.SIGTERM)
    process.stderr.read()
    assert process.wait(START_SECONDS) == 0
    process.stderr.close()
    told = "".join(lines)
    assert "not on this machine alone" in told and "no login" in told

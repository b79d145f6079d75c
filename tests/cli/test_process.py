"""What only a process of its own can show: imports, signals, pipes, a full disk, too little memory."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from importlib.metadata import requires

import pytest
from tests.cli.helpers import COMMAND, contents

from dualtrack.results.dataset import save
from dualtrack.session import run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of POSIX")

SMALL = ("--paths", "60", "--months", "6")


def call(*words, cwd, limits=None, **options):
    return subprocess.run(
        [COMMAND, *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limits,
        **options,
    )


def test_the_command_line_starts_without_the_heavy_libraries():
    # Help and errors in the words come before any of them is needed.
    code = (
        "import sys, dualtrack.cli\n"
        "heavy = {'numpy', 'scipy', 'xarray', 'altair', 'jax', 'pandas', 'h5py', 'pydantic'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_every_import_of_the_command_line_is_a_dependency_of_the_package():
    # typer carries its own copy of click; one that happens to be installed has other exceptions.
    code = "import sys, dualtrack.cli; print('click' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    declared = any(line.split(">")[0].strip() == "click" for line in requires("dualtrack") or [])
    assert done.stdout.strip() == "False" or declared


def interrupted(tmp_path, *words, after):
    process = subprocess.Popen(
        [COMMAND, "run", "--paths", "200000", "--json", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(after)
    assert process.poll() is None, "the run ended before the signal"
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: the whole group
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["one process", "two workers"])
def test_ctrl_c_says_so_and_leaves_nothing(tmp_path, words):
    code, out, err = interrupted(tmp_path, "--out", "deep/out", *words, after=2.5)
    assert code == 130, (code, err[-1000:])
    assert out == ""
    assert "Traceback" not in err, err[-1500:]
    assert "Interrupted" in err
    assert contents(tmp_path) == {}


def test_ctrl_c_leaves_an_existing_folder_as_it_was(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.nc").write_bytes(b"an earlier result")
    before = contents(tmp_path)
    code, out, _ = interrupted(tmp_path, "--out", "out", after=2.5)
    assert code == 130
    assert out == ""
    assert contents(tmp_path) == before


def test_a_reader_that_stops_early_is_no_error(tmp_path):
    for words in (("run", *SMALL, "--json"), ("run", "--keys"), ("facts", "--json")):
        line = f"'{COMMAND}' {' '.join(words)} | head -c 10; echo \" ${{PIPESTATUS[0]}}\""
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stderr, words
        # 1 would say that the answer is no.
        assert done.stdout.split()[-1] in ("0", "141"), (words, done.stdout)


def full_disk(most):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


# Nothing fits; or small files do and the dataset does not.
@pytest.mark.parametrize(("form", "most"), [("nc", 0), ("nc", 20_000), ("zarr", 20_000)])
def test_a_full_disk_changes_nothing(tmp_path, form, most):
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_text("an earlier summary", encoding="utf-8")
    (out / "result.nc").write_bytes(b"an earlier result")
    before = contents(tmp_path)
    words = ("run", *SMALL, "--out", "out", "--format", form, "--json")
    done = call(*words, cwd=tmp_path, limits=full_disk(most))
    assert done.returncode == 2, done.stderr[-1500:]
    assert done.stdout == ""
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert "--out" in done.stderr
    assert len(done.stderr.splitlines()) <= 4, done.stderr
    assert contents(tmp_path) == before


def test_a_brief_on_a_full_disk_changes_nothing(tmp_path):
    (tmp_path / "out").mkdir()
    save(run("h200-truce", paths=20, months=3), tmp_path / "out" / "result.nc")
    before = contents(tmp_path)
    done = call("brief", "out", cwd=tmp_path, limits=full_disk(5_000))
    assert done.returncode == 2, done.stderr[-1500:]
    assert "Traceback" not in done.stderr
    assert contents(tmp_path) == before


def test_too_little_memory_is_told_as_such(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))

    words = ("run", "--paths", "10_000_000", "--out", "out", "--json")
    done = call(*words, cwd=tmp_path, limits=limit)
    assert done.returncode == 2, done.stderr[-500:]
    assert "Traceback" not in done.stderr
    assert "memory" in done.stderr
    assert contents(tmp_path) == {}


def test_progress_and_notes_stay_off_standard_output(tmp_path):
    done = call("run", *SMALL, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    assert done.stderr == ""


def test_the_bar_of_a_run_at_a_terminal_is_on_standard_error(tmp_path):
    import pty

    leader, follower = pty.openpty()
    words = [COMMAND, "run", "--paths", "3000", "--months", "6", "--json"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=follower) as process:
        os.close(follower)
        out = process.stdout.read()
        seen = b""
        try:
            while block := os.read(leader, 4096):
                seen += block
        except OSError:  # the other end is closed
            pass
    os.close(leader)
    assert process.returncode == 0
    json.loads(out)
    assert b"simulating" in seen

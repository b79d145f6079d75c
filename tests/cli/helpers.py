"""Call the command line as a user does, in this process, and see all that a user sees."""

from __future__ import annotations

import functools
import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dualtrack.cli import main

COMMAND = Path(sys.executable).parent / "dualtrack"
SMALL = ("--paths", "20", "--months", "3")


@dataclass(frozen=True)
class Answer:
    """What one command gave: its exit status, and the text on both outputs."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return strict_json(self.out)


def strict_json(text: str) -> Any:
    """The document of a JSON text; NaN and infinity are refused."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def dualtrack(*words: object, columns: int = 100) -> Answer:
    """Run a command in this process; what escapes from it is shown as Python would show it."""
    out, err = _stream(), _stream()
    code: object = 0
    with (
        patch.object(sys, "argv", ["dualtrack", *map(str, words)]),
        patch.dict(os.environ, {"COLUMNS": str(columns), "TERM": "dumb"}),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
        except Exception:
            traceback.print_exc()
            code = 1
    return Answer(code if isinstance(code, int) else int(code is not None), _text(out), _text(err))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


@functools.cache
def small_run(*words: str) -> Any:
    """The document of a small run; do not change what comes back."""
    answer = dualtrack("run", *words, *SMALL, "--json")
    assert answer.code == 0, answer.err
    return answer.document


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below a folder, with the bytes of the files."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def expect_refusal(folder: Path, call: Callable[[], Answer], *wanted: str) -> str:
    """Check that a call is refused with one message, and that the folder is as it was; give the message."""
    before = contents(folder)
    answer = call()
    assert "Traceback" not in answer.err, answer.err[-2000:]
    assert answer.code == 2, (answer.code, answer.err)
    assert answer.out == "", answer.out[:500]
    for text in wanted:
        assert text in answer.err, f"{text!r} is not in: {answer.err}"
    assert answer.err.count("Error:") == 1, answer.err
    assert contents(folder) == before
    return answer.err

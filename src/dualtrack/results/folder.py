"""Write a folder of results so that it is whole or untouched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dualtrack.errors import ResultFault

Writer = Callable[[Path], None]


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A private folder beside `out`, made before the work begins and gone after it.

    Raises:
        ResultFault: `out` cannot be written, now or later; what stood there is as it was.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.exists() and not out.is_dir():
            raise ResultFault(f"--out {out} is a file. Wanted: a folder, new or existing.")
        if out.exists() and not os.access(out, os.W_OK):
            raise ResultFault(f"--out {out} cannot be written: read-only. Choose another folder.")
        place = Path(tempfile.mkdtemp(prefix=f".{out.name}.partial-", dir=out.parent))
    except OSError as error:
        raise ResultFault(
            f"--out {out} cannot be written: {error.strerror}. Choose another folder."
        ) from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def write_all(out: Path, place: Path, writers: Mapping[str, Writer]) -> dict[str, Path]:
    """Write every file in the staging folder, then move them into `out` together.

    Raises:
        ResultFault: A file could not be written; `out` is as it was.
    """
    written: dict[str, Path] = {}
    try:
        for name, write in writers.items():
            write(place / name)
        out.mkdir(exist_ok=True)
        for name in writers:
            target = out / name
            if target.is_dir():
                shutil.rmtree(target)
            (place / name).replace(target)
            written[name] = target
    except OSError as error:
        raise ResultFault(
            f"--out {out} could not be written: {error.strerror or error}. Nothing there was changed.\n"
            "  Free some room or choose another folder."
        ) from error
    return written
